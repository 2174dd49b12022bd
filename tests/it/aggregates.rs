//! Sums over people: always what the profiles of these people say, whatever happens meanwhile.

use std::collections::BTreeMap;

use access::Role;
use api::worker;
use serde_json::{Value, json};
use support::{Agency, Answer, Caller, TestApp};

use crate::given;

/// What is required of two positions, and people who serve there.
struct Office {
    units: Vec<String>,
    positions: Vec<String>,
    people: Vec<String>,
}

fn requirement(code: &str, level: i64) -> Value {
    json!({"dictionary": "NASIONAL-38-2017", "competency_code": code, "level": level, "importance": "PENTING"})
}

/// Two units under a third; a position with a standard in each of the lower ones, and one without above.
async fn office(agency: &Agency<'_>, admin: &Caller<'_>, count: u16) -> Office {
    let top = given::unit(admin, "DINAS", None).await;
    let (one, two) =
        (given::unit(admin, "BID-1", Some(&top)).await, given::unit(admin, "BID-2", Some(&top)).await);
    let positions = vec![
        given::position(admin, "STAF-0", &top).await,
        given::position(admin, "STAF-1", &one).await,
        given::position(admin, "STAF-2", &two).await,
    ];
    given::standard(
        agency,
        &positions[1],
        "2020-01-01",
        json!([requirement("M.1", 3), requirement("M.2", 2)]),
    )
    .await;
    given::standard(agency, &positions[2], "2020-01-01", json!([requirement("M.1", 4)])).await;
    let mut people = Vec::new();
    for serial in 1..=count {
        people.push(given::person_in(admin, serial, &positions[usize::from(serial % 3)]).await);
    }
    Office { units: vec![top, one, two], positions, people }
}

/// The person was found at a level of a national competency on a day.
async fn found(admin: &Caller<'_>, person: &str, code: &str, level: i64, on: &str) {
    let competency = given::competency(admin, code).await;
    given::assessed(admin, on, &[(person, &competency, level)]).await;
}

/// The model says what the facts say, and the sums what the rows say.
async fn well(app: &TestApp, agency: &Agency<'_>) {
    let today = kernel::AgencyZone::Wib.day(app.services.clock.now());
    let check = app.services.store.gap_model_check(agency.id, today).await.unwrap();
    assert!(check.is_well(), "{check:?}");
}

/// The profile from the facts alone, which is the domain's: that for an instant never comes from the model.
async fn profile_of_facts(caller: &Caller<'_>, person: &str, now: &str) -> Option<Value> {
    let answer = caller.get(&format!("/v1/employees/{person}/gap-profile?known_at={now}")).await;
    (answer.status == 200).then(|| {
        let mut json = answer.json.clone();
        json["known_at"] = Value::Null;
        json
    })
}

/// How the people of an office stand, summed up from their profiles: by state, and by category.
async fn summed(
    caller: &Caller<'_>,
    people: &[String],
    now: &str,
) -> (BTreeMap<String, u64>, BTreeMap<String, u64>) {
    let (mut states, mut categories) = (BTreeMap::new(), BTreeMap::new());
    for person in people {
        let of_facts = profile_of_facts(caller, person, now).await;
        let kept = caller.get(&format!("/v1/employees/{person}/gap-profile")).await;
        let kept = (kept.status == 200).then(|| kept.json.clone());
        assert_eq!(kept, of_facts, "the profile of {person}");
        let Some(profile) = of_facts else { continue };
        for competency in profile["competencies"].as_array().unwrap() {
            *states.entry(competency["state"].as_str().unwrap().to_owned()).or_default() += 1;
        }
        let category = profile["job_person_match"]["category"].as_str().unwrap_or("INCOMPLETE");
        *categories.entry(category.to_owned()).or_default() += 1;
    }
    (states, categories)
}

/// The same, as the summary has it.
fn told(summary: &Value) -> (BTreeMap<String, u64>, BTreeMap<String, u64>) {
    let standings = &summary["total"]["standings"];
    let states = [
        ("MET", "met"),
        ("GAP", "below"),
        ("EXCEEDS", "exceeds"),
        ("MISSING", "missing"),
        ("EXPIRED", "expired"),
    ]
    .into_iter()
    .map(|(state, property)| (state.to_owned(), standings[property].as_u64().unwrap()))
    .filter(|(_, count)| *count > 0)
    .collect();
    let people = &summary["total"]["people"];
    let mut categories: BTreeMap<String, u64> = people["categories"]
        .as_array()
        .unwrap()
        .iter()
        .map(|row| (row["category"].as_str().unwrap().to_owned(), row["people"].as_u64().unwrap()))
        .chain([("INCOMPLETE".to_owned(), people["incomplete"].as_u64().unwrap())])
        .collect();
    categories.retain(|_, count| *count > 0);
    (states, categories)
}

/// A generator of the same numbers at every run.
struct Dice(u64);

impl Dice {
    fn below(&mut self, bound: usize) -> usize {
        // Constants of a common 64-bit linear congruential generator.
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from((self.0 >> 33) % u64::try_from(bound).unwrap()).unwrap()
    }

    fn pick<'a, T>(&mut self, all: &'a [T]) -> &'a T {
        &all[self.below(all.len())]
    }
}

#[tokio::test]
async fn after_any_history_sums_are_those_of_the_profiles() {
    let app = TestApp::start().await;
    let agency = app.agency("KOTA").await;
    given::synchronise(&app).await;
    let (admin, authority) = (agency.admin().await, agency.role(Role::Authority).await);
    let office = office(&agency, &admin, 9).await;
    let days = ["2021-03-01", "2023-11-30", "2024-02-29", "2025-06-15", "2026-01-31"];
    for seed in 1..=3_u64 {
        let mut dice = Dice(seed);
        for _ in 0..12 {
            let (person, day) = (dice.pick(&office.people).clone(), *dice.pick(&days));
            match dice.below(5) {
                0 => {
                    let position = (dice.below(4) > 0).then(|| dice.pick(&office.positions).clone());
                    // Refused where the person has a placement of that day already.
                    given::place(&admin, &person, position.as_deref(), day).await;
                }
                1 => {
                    let list = admin.get(&format!("/v1/employees/{person}/placements")).await.expect(200);
                    let placements = list.json["items"].as_array().unwrap().clone();
                    if placements.is_empty() {
                        continue;
                    }
                    let placement = dice.pick(&placements)["id"].as_str().unwrap().to_owned();
                    // Refused where it had been declared wrong before.
                    admin
                        .transition(&format!("/v1/employees/{person}/placements/{placement}/retraction"), "*")
                        .await;
                }
                2 => {
                    let position = dice.pick(&office.positions[1..]).clone();
                    let level = i64::try_from(dice.below(4)).unwrap() + 1;
                    let body = json!({"position_id": position, "valid_from": day, "requirements": [requirement("M.3", level)]});
                    let id = admin.post("/v1/standards", body).await.expect(201).id();
                    admin.transition(&format!("/v1/standards/{id}/verification"), "*").await.expect(200);
                    // Refused where one is in force from that day already.
                    authority.transition(&format!("/v1/standards/{id}/enactment"), "*").await;
                }
                _ => {
                    let code = *dice.pick(&["M.1", "M.2", "M.3"]);
                    let level = i64::try_from(dice.below(5)).unwrap() + 1;
                    found(&admin, &person, code, level, day).await;
                }
            }
            well(&app, &agency).await;
        }
        let now = given::synchronise(&app).await;
        let (states, categories) = summed(&admin, &office.people, &now).await;
        let summary = admin.get("/v1/gap-summary").await.expect(200);
        assert_eq!(told(&summary.json), (states, categories), "seed {seed}");
        let map = admin.get(&format!("/v1/units/{}/gap-heatmap", office.units[0])).await.expect(200);
        let rows = map.json["rows"].as_array().unwrap();
        let total =
            |property: &str| rows.iter().map(|row| row["total"][property].as_u64().unwrap()).sum::<u64>();
        for property in ["required", "assessed", "below", "met", "exceeds", "expired", "missing"] {
            assert_eq!(
                Some(total(property)),
                summary.json["total"]["standings"][property].as_u64(),
                "{property}"
            );
            let cells = rows.iter().flat_map(|row| row["cells"].as_array().unwrap());
            let cells: u64 = cells.filter_map(|cell| cell[property].as_u64()).sum();
            assert_eq!(cells, total(property), "{property}");
        }
    }
}

#[tokio::test]
async fn what_lapses_at_midnight_has_lapsed_before_anybody_tends_the_model() {
    let app = TestApp::start().await;
    app.set_now("2026-06-30T16:30:00Z");
    let agency = app.agency("KOTA").await;
    let admin = agency.admin().await;
    let office = office(&agency, &admin, 3).await;
    let person = &office.people[0];
    for code in ["M.1", "M.2"] {
        found(&admin, person, code, 3, "2023-06-30").await;
    }
    let category = async |admin: &Caller<'_>| {
        let summary = admin.get(&format!("/v1/gap-summary?unit_id={}", office.units[1])).await.expect(200);
        summary.json["total"]["people"]["complete"].as_u64().unwrap()
    };
    assert_eq!(category(&admin).await, 1);
    // Three years on, and WIB is seven hours ahead of UTC: the last valid day is over at 17:00 UTC.
    app.set_now("2026-06-30T16:59:59Z");
    assert_eq!(category(&admin).await, 1);
    app.set_now("2026-06-30T17:00:00Z");
    assert_eq!(category(&admin).await, 0);
    let profile = admin.get(&format!("/v1/employees/{person}/gap-profile")).await.expect(200);
    assert_eq!(profile.json["summary"]["expired"], 2);
    assert_eq!(worker::tend(&app.services).await.unwrap(), 1);
    assert_eq!(worker::tend(&app.services).await.unwrap(), 0);
    well(&app, &agency).await;
    assert_eq!(category(&admin).await, 0);
    // The clock set back: rows made for tomorrow are not believed today.
    app.set_now("2026-06-30T16:45:00Z");
    assert_eq!(category(&admin).await, 1);
}

/// Asks again as long as the server is too busy.
async fn patiently(ask: impl AsyncFn() -> Answer) -> Answer {
    loop {
        let answer = ask().await;
        if answer.status != 503 {
            return answer;
        }
    }
}

#[tokio::test]
async fn sixty_four_writers_leave_no_difference() {
    let app = TestApp::start().await;
    let agency = app.agency("KOTA").await;
    given::synchronise(&app).await;
    let admin = agency.admin().await;
    let office = office(&agency, &admin, 8).await;
    let competency = given::competency(&admin, "M.1").await;
    let mut events = Vec::new();
    for turn in 0..32_usize {
        let person = &office.people[turn % 4];
        let level = i64::try_from(turn % 5).unwrap() + 1;
        let event = given::event(&admin, "ASSESSMENT_CENTER", "2026-01-15").await;
        given::results(&admin, &event, &[(person, &competency, level)]).await;
        events.push(event);
    }
    let assessor = agency.role(Role::Assessor).await;
    let signing = events.iter().map(async |event| {
        let path = format!("/v1/assessment-events/{event}/sign-off");
        patiently(async || assessor.transition(&path, "*").await).await
    });
    let moving = (0..32_usize).map(async |turn| {
        let (person, position) = (&office.people[turn % 8], &office.positions[turn % 3]);
        let day = format!("2025-{:02}-{:02}", turn % 12 + 1, turn % 28 + 1);
        patiently(async || given::place(&admin, person, Some(position), &day).await).await
    });
    let (signed, moved) = futures_util::future::join(
        futures_util::future::join_all(signing),
        futures_util::future::join_all(moving),
    )
    .await;
    for answer in signed {
        answer.expect(200);
    }
    for answer in moved {
        answer.expect(201);
    }
    well(&app, &agency).await;
    worker::tend(&app.services).await.unwrap();
    well(&app, &agency).await;
    let now = given::synchronise(&app).await;
    let summary = admin.get("/v1/gap-summary").await.expect(200);
    assert_eq!(told(&summary.json), summed(&admin, &office.people, &now).await);
}

#[tokio::test]
async fn a_past_day_is_kept_until_its_past_is_written_anew() {
    let app = TestApp::start().await;
    app.set_now("2026-06-30T10:00:00Z");
    let agency = app.agency("KOTA").await;
    let admin = agency.admin().await;
    let office = office(&agency, &admin, 3).await;
    let person = &office.people[0];
    let trend = async |admin: &Caller<'_>| -> Vec<(String, u64)> {
        let trend = admin.get("/v1/gap-trend?months=4").await.expect(200);
        let points = trend.json["points"].as_array().unwrap().clone();
        let point = |point: &Value| {
            let assessed = point["figures"]["standings"]["assessed"].as_u64().unwrap();
            (point["as_of"].as_str().unwrap().to_owned(), assessed)
        };
        points.iter().map(point).collect()
    };
    let told = |assessed: [u64; 4]| -> Vec<(String, u64)> {
        ["2026-03-31", "2026-04-30", "2026-05-31", "2026-06-30"]
            .map(str::to_owned)
            .into_iter()
            .zip(assessed)
            .collect()
    };
    assert_eq!(trend(&admin).await, told([0, 0, 0, 0]));
    found(&admin, person, "M.1", 3, "2026-05-02").await;
    assert_eq!(trend(&admin).await, told([0, 0, 1, 1]));
    // Recorded later, of an earlier day.
    found(&admin, person, "M.2", 3, "2026-04-01").await;
    assert_eq!(trend(&admin).await, told([0, 1, 2, 2]));
    // Who served where is part of the past as well: the person was released for April.
    given::place(&admin, person, None, "2026-04-01").await.expect(201);
    given::place(&admin, person, Some(&office.positions[1]), "2026-05-01").await.expect(201);
    assert_eq!(trend(&admin).await, told([0, 0, 2, 2]));
    let kept = "SELECT count(*) FROM gap_kept";
    let before = app.count(kept).await;
    assert!(before > 0);
    worker::tidy(&app.services).await.unwrap();
    assert_eq!(trend(&admin).await, told([0, 0, 2, 2]));
    let summary = admin.get("/v1/gap-summary?as_of=2026-05-31").await.expect(200);
    assert_eq!(summary.json["total"]["standings"]["assessed"], 2);
    let years = admin.get("/v1/gap-trend?months=36").await.expect(200);
    assert_eq!(years.json["points"].as_array().unwrap().len(), 36);
}

#[tokio::test]
async fn a_forecast_counts_each_month_what_lapses_and_what_reopens() {
    let app = TestApp::start().await;
    app.set_now("2026-06-30T10:00:00Z");
    let agency = app.agency("KOTA").await;
    let admin = agency.admin().await;
    let office = office(&agency, &admin, 3).await;
    let person = &office.people[0];
    found(&admin, person, "M.1", 3, "2023-08-15").await;
    found(&admin, person, "M.2", 1, "2023-08-20").await;
    let forecast = admin.get("/v1/expiry-forecast?months=3").await.expect(200);
    let months = forecast.json["months"].clone();
    assert_eq!(
        months,
        json!([
            {"first_day": "2026-06-01", "lapsing": 0, "reopening": 0},
            {"first_day": "2026-07-01", "lapsing": 0, "reopening": 0},
            {"first_day": "2026-08-01", "lapsing": 2, "reopening": 2}])
    );
    assert_eq!(forecast.json["competencies"].as_array().unwrap().len(), 2);
    // From a day in the past one sees what was ahead then, by what is known now.
    let past = admin.get("/v1/expiry-forecast?months=2&as_of=2026-07-31").await.expect(200);
    assert_eq!(past.json["months"][1], json!({"first_day": "2026-08-01", "lapsing": 2, "reopening": 2}));
    // A later result that is valid for longer takes over.
    found(&admin, person, "M.1", 4, "2026-06-01").await;
    let forecast = admin.get("/v1/expiry-forecast?months=3").await.expect(200);
    assert_eq!(forecast.json["months"][2], json!({"first_day": "2026-08-01", "lapsing": 1, "reopening": 1}));
}

#[tokio::test]
async fn rubrics_and_standards_move_everybody_they_concern() {
    let app = TestApp::start().await;
    let agency = app.agency("KOTA").await;
    given::synchronise(&app).await;
    let admin = agency.admin().await;
    let office = office(&agency, &admin, 6).await;
    for person in &office.people {
        found(&admin, person, "M.1", 3, "2026-01-15").await;
    }
    let check = async || {
        let now = given::synchronise(&app).await;
        let told = told(&admin.get("/v1/gap-summary").await.expect(200).json);
        assert_eq!(told, summed(&admin, &office.people, &now).await);
        well(&app, &agency).await;
    };
    check().await;
    let rubric = json!({"method": "RATIO_OF_SUMS", "cutoffs": {
        "filling": [{"at_least": 95, "category": "MS"}, {"at_least": 50, "category": "MMS"}, {"at_least": 0, "category": "KMS"}],
        "mapping": [{"at_least": 95, "category": "OPTIMAL"}, {"at_least": 50, "category": "CUKUP_OPTIMAL"},
            {"at_least": 0, "category": "KURANG_OPTIMAL"}]}});
    let policy =
        json!({"name": "RATIO_OF_SUMS", "valid_from": "2026-01-01", "source": "Keputusan", "jpm": rubric});
    admin.post("/v1/policies", policy).await.expect(201);
    check().await;
    assert!(worker::tend(&app.services).await.unwrap() > 0);
    check().await;
    given::standard(
        &agency,
        &office.positions[2],
        "2026-02-01",
        json!([requirement("M.1", 1), requirement("M.4", 2)]),
    )
    .await;
    check().await;
}

#[tokio::test]
async fn who_sees_groups_cannot_tell_people_apart() {
    let app = TestApp::start().await;
    app.set_now("2026-06-15T10:00:00Z");
    let agency = app.agency("KOTA").await;
    let (admin, observer) = (agency.admin().await, agency.role(Role::Observer).await);
    let office = office(&agency, &admin, 18).await;
    let path = format!("/v1/units/{}/gap-heatmap", office.units[0]);
    let map = observer.get(&path).await.expect(200);
    assert_eq!(
        (&map.json["of"]["as_of"], &map.json["of"]["smallest_group"]),
        (&json!("2026-05-31"), &json!(5))
    );
    assert_eq!(map.json["people"]["people"], 20, "18, to the nearest five");
    // Two people leave one unit: its four are hidden, and the next smallest group with them.
    for person in office.people.iter().step_by(3).take(2) {
        given::place(&admin, person, None, "2026-05-01").await.expect(201);
    }
    let map = observer.get(&path).await.expect(200);
    let shown: Vec<bool> = map.json["columns"]
        .as_array()
        .unwrap()
        .iter()
        .map(|column| !column["people"]["suppressed"].as_bool().unwrap())
        .collect();
    assert_eq!(shown.iter().filter(|shown| **shown).count(), 1, "{}", map.json);
    assert_eq!(map.json["people"]["people"], 15);
    for row in map.json["rows"].as_array().unwrap() {
        for cell in
            row["cells"].as_array().unwrap().iter().chain([&row["total"]]).filter(|cell| cell.is_object())
        {
            let required = cell["required"].as_u64();
            assert_eq!(required.is_none(), cell["suppressed"].as_bool().unwrap());
            assert!(required.is_none_or(|required| required >= 5 && required % 5 == 0), "{cell}");
        }
    }
    let hidden =
        map.json["columns"].as_array().unwrap().iter().find(|column| column["people"]["suppressed"] == true);
    let hidden = hidden.unwrap()["unit"]["id"].as_str().map(str::to_owned);
    if let Some(hidden) = hidden {
        let alone = observer.get(&format!("/v1/gap-summary?unit_id={hidden}")).await.expect(200);
        assert_eq!(alone.json["total"]["people"]["suppressed"], true);
        assert_eq!(alone.json["total"]["people"]["people"], Value::Null);
    }
    for query in ["?as_of=2026-05-30", "?as_of=2026-06-15", "?as_of=2026-06-30"] {
        let refused = observer.get(&format!("{path}{query}")).await.expect(400);
        assert_eq!(refused.json["errors"][0]["pointer"], "/query/as_of");
    }
    observer.get("/v1/expiry-forecast").await.expect(403);
    observer.get("/v1/gap-trend?months=3").await.expect(200);
}

#[tokio::test]
async fn sums_are_for_those_who_reach_the_whole_unit() {
    let app = TestApp::start().await;
    let agency = app.agency("KOTA").await;
    let admin = agency.admin().await;
    let office = office(&agency, &admin, 3).await;
    let head = given::head(&admin, "KABID-1", &office.units[1]).await;
    let leader = given::person_in(&admin, 100, &head).await;
    let supervisor = agency.employee(Role::Supervisor, &leader).await;
    let unit_admin = agency.unit_admin(&office.units[2]).await;
    let heat = |unit: &str| format!("/v1/units/{unit}/gap-heatmap");
    supervisor.get(&heat(&office.units[1])).await.expect(200);
    supervisor.get(&heat(&office.units[2])).await.expect(403);
    supervisor.get(&heat(&office.units[0])).await.expect(403);
    unit_admin.get(&heat(&office.units[2])).await.expect(200);
    unit_admin.get(&heat(&office.units[0])).await.expect(403);
    unit_admin.get("/v1/gap-summary").await.expect(403);
    unit_admin.get(&format!("/v1/gap-summary?unit_id={}", office.units[2])).await.expect(200);
    let other = app.agency("KABUPATEN").await.admin().await;
    other.get(&heat(&office.units[1])).await.expect(404);
}

#[tokio::test]
async fn a_spoilt_model_is_noticed_and_made_anew() {
    let app = TestApp::start().await;
    let agency = app.agency("KOTA").await;
    given::synchronise(&app).await;
    let admin = agency.admin().await;
    let office = office(&agency, &admin, 3).await;
    well(&app, &agency).await;
    app.sql(
        "UPDATE gap_sums SET count_people[1] = count_people[1] + 1 WHERE id = (SELECT min(id::text)::uuid FROM gap_sums)",
    )
    .await;
    app.sql(&format!("UPDATE gap_profiles SET filling = 'MS' WHERE employee_id = '{}'", office.people[0]))
        .await;
    let today = kernel::AgencyZone::Wib.day(app.services.clock.now());
    let check = app.services.store.gap_model_check(agency.id, today).await.unwrap();
    assert_eq!((check.wrong, check.sums, check.named.len()), (1, 3, 1), "{check:?}");
    let context = app.write_context(agency.id);
    app.services.store.gap_model_reset(&context).await.unwrap();
    let summary = admin.get("/v1/gap-summary").await.expect(200);
    worker::tend(&app.services).await.unwrap();
    well(&app, &agency).await;
    assert_eq!(admin.get("/v1/gap-summary").await.expect(200).json, summary.json);
}
