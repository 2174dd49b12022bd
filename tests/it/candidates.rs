//! `/v1/positions/{id}/candidates`.

use access::Role;
use serde_json::{Value, json};
use support::{Agency, Caller, TestApp};

use crate::given;

/// Every candidate of a list, page by page of `limit`.
async fn walk(caller: &Caller<'_>, path: &str, limit: usize) -> Vec<Value> {
    let (mut all, mut cursor) = (Vec::new(), String::new());
    let mark = if path.contains('?') { '&' } else { '?' };
    loop {
        let page = caller.get(&format!("{path}{mark}limit={limit}{cursor}")).await.expect(200);
        all.extend(page.items().iter().cloned());
        match page.json["next"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => return all,
        }
    }
}

fn names(candidates: &[Value]) -> Vec<&str> {
    candidates.iter().map(|one| one["person"]["name"].as_str().unwrap()).collect()
}

/// What a rule says of a candidate, and why.
fn verdict<'a>(candidate: &'a Value, rule: &str) -> (&'a str, &'a str) {
    let rules = candidate["rules"].as_array().unwrap().iter();
    let term = rules.into_iter().find(|term| term["rule"] == rule).unwrap();
    (term["verdict"].as_str().unwrap(), term["reason"].as_str().unwrap())
}

async fn position_of(admin: &Caller<'_>, code: &str, unit: &str, job_class: &str) -> String {
    admin.post("/v1/positions", given::position_body(code, unit, job_class, false)).await.expect(201).id()
}

/// The same numbers each time: a multiplicative generator is enough to scatter facts.
struct Dice(u64);

impl Dice {
    fn below(&mut self, end: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % end
    }

    fn index(&mut self, end: usize) -> usize {
        usize::try_from(self.below(end.try_into().unwrap())).unwrap()
    }

    fn of<'a>(&mut self, all: &[&'a str]) -> &'a str {
        all[self.index(all.len())]
    }
}

/// People with careers, education and results of all kinds; the positions to be filled, and two units.
struct Crowd {
    positions: Vec<String>,
    units: [String; 2],
}

async fn crowd(app: &TestApp, agency: &Agency<'_>, people: u16) -> Crowd {
    let (admin, mut dice) = (agency.admin().await, Dice(20_261_121));
    let root = given::unit(&admin, "PEMKOT", None).await;
    let below = given::unit(&admin, "DINKES", Some(&root)).await;
    let mut positions = Vec::new();
    for class in ["PELAKSANA", "PENGAWAS", "ADMINISTRATOR", "JPT_PRATAMA", "JF_AHLI_MUDA"] {
        for unit in [&root, &below] {
            positions.push(position_of(&admin, &format!("{class}-{}", positions.len()), unit, class).await);
        }
    }
    let competencies = given::national(&admin).await;
    // Two with a standard of their own, the rest by the default levels of their class.
    for position in [&positions[1], &positions[4]] {
        let requirement = |(index, (_, id)): (usize, &(String, String))| {
            let (weight, importance) =
                ([0.5, 1.0, 2.25, 3.5, 10.0][index], ["MUTLAK", "PENTING", "PERLU"][index % 3]);
            json!({"competency_id": id, "level": 1 + index % 4, "weight": weight, "importance": importance})
        };
        let requirements = competencies.iter().take(5).enumerate().map(requirement).collect();
        given::standard(agency, position, "2025-01-01", requirements).await;
    }
    let mut sql = String::new();
    let agency_id = agency.id;
    let events = [("2022-03-01", 1), ("2024-05-01", 2), ("2026-02-01", 3)];
    for (day, event) in events {
        sql += &format!(
            "INSERT INTO assessment_events (agency_id, id, purpose, method, provider, assessed_on, state, signed_off_at,
                created_at, updated_at, version)
             VALUES ('{agency_id}', '00000000-0000-7000-8000-00000000000{event}', 'MAPPING', 'INTERVIEW', 'UPT', '{day}',
                'SIGNED_OFF', '{day}', '{day}', '{day}', 1);"
        );
    }
    for serial in 1..=people {
        let (status, education) =
            (dice.of(&["PNS", "PNS", "PNS", "CPNS", "PPPK"]), dice.of(&["S1", "S2", "D3", "SLTA", "SD", ""]));
        let id = uuid(1, serial);
        let born = format!("{}{:02}{:02}", 1962 + dice.below(40), 1 + dice.below(12), 1 + dice.below(28));
        let appointed = 2005 + dice.below(20);
        let quoted = |text: &str| if text.is_empty() { "NULL".to_owned() } else { format!("'{text}'") };
        let appointed_on =
            if dice.below(5) == 0 { "NULL".to_owned() } else { format!("'{appointed}-01-01'") };
        sql += &format!(
            "INSERT INTO employees (agency_id, id, nip, name, status, education, appointed_on, created_at, updated_at)
             VALUES ('{agency_id}', '{id}', '{born}{appointed}01{}{serial:03}', 'Pegawai {:02}', '{status}', {},
                {appointed_on}, now(), now());",
            1 + serial % 2,
            serial % 40,
            quoted(education),
        );
        let mut year = appointed + dice.below(3);
        for step in 0..dice.below(4) {
            let held = if dice.below(8) == 0 {
                "NULL".to_owned()
            } else {
                let place = dice.index(positions.len());
                format!("'{}'", positions[place])
            };
            let retracted =
                if dice.below(9) == 0 { "timestamptz '2026-05-01'".to_owned() } else { "NULL".to_owned() };
            sql += &format!(
                "INSERT INTO placements (agency_id, id, employee_id, position_id, starts_on, recorded_at, retracted_at)
                 VALUES ('{agency_id}', '{}', '{id}', {held}, '{year}-0{}-01', '2025-01-01', {retracted});",
                uuid(10 + step, serial),
                1 + dice.below(9),
            );
            year += 1 + dice.below(6);
        }
        for (index, (_, competency)) in competencies.iter().enumerate() {
            for (day, event) in events {
                // Most have everything, some nothing, the rest a part.
                let have = match serial % 4 {
                    0 => 9,
                    1 => 5,
                    _ => 10,
                };
                if dice.below(10) < have && (event == 3 || dice.below(2) == 0) && serial % 13 != 0 {
                    sql += &format!(
                        "INSERT INTO assessment_results (agency_id, id, event_id, employee_id, competency_id,
                            competency_agency_id, level, assessed_on, valid_until, counts, recorded_at)
                         VALUES ('{agency_id}', '{}', '00000000-0000-7000-8000-00000000000{event}', '{id}', '{competency}',
                            '00000000-0000-7000-8000-000000000001', {}, '{day}', date '{day}' + {}, {}, '{day}');",
                        uuid(100 + 10 * u64::try_from(index).unwrap() + event, serial),
                        1 + dice.below(5),
                        300 + dice.below(1200),
                        dice.below(12) > 0,
                    );
                }
            }
        }
    }
    app.sql(&sql).await;
    Crowd { positions, units: [root, below] }
}

fn uuid(kind: u64, serial: u16) -> String {
    format!("01900000-{kind:04x}-7000-8000-{serial:012x}")
}

/// The order the contract promises, worked out from what was sent alone.
fn key(candidate: &Value) -> (usize, bool, usize, i128, usize, String, String) {
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let standings = ["ELIGIBLE", "UNDECIDED", "INELIGIBLE"];
    let standing = standings.iter().position(|one| candidate["standing"] == *one).unwrap();
    let rules = candidate["rules"].as_array().unwrap();
    let failed = |rule: &&Value| rule["binding"] == true && rule["verdict"] == "FAILED";
    let barred = rules.iter().filter(failed).any(|rule| rule["rule"] != "MATCH");
    let (name, id) = (text(&candidate["person"]["name"]), text(&candidate["person"]["id"]));
    if barred {
        return (standing, true, 0, 0, 0, name, id);
    }
    let found = &candidate["job_person_match"];
    // Fractions of one denominator: scaled far enough to tell any two apart.
    let share = found["share"].as_str().map_or(0, |share| {
        let (above, below) = share.split_once('/').unwrap_or((share, "1"));
        above.parse::<i128>().unwrap() * 1_000_000_000_000 / below.parse::<i128>().unwrap()
    });
    let gaps = candidate["competencies"].as_array().unwrap().iter();
    let essential = gaps.filter(|gap| gap["state"] == "GAP" && gap["importance"] == "MUTLAK").count();
    let missing = found["missing"].as_array().unwrap().len();
    (standing, false, missing, -share, essential, name, id)
}

#[tokio::test]
async fn candidates_are_ranked_and_shown_as_their_gap_profiles_are() {
    let app = TestApp::start().await;
    let agency = app.agency("KOTA").await;
    let Crowd { positions, units } = crowd(&app, &agency, 36).await;
    let planner = agency.role(Role::Planner).await;
    let mut standings = std::collections::BTreeSet::new();
    for (index, position) in positions.iter().enumerate() {
        let day = ["2026-07-01", "2025-07-01"][index % 2];
        let known = ["", "&known_at=2026-04-01T00:00:00Z"][index / 2 % 2];
        let policy = ["RATIO_OF_SUMS", "CAPPED_MEAN"][index % 2];
        let query = format!("as_of={day}&policy={policy}{known}");
        let path = format!("/v1/positions/{position}/candidates?{query}");
        let all = walk(&planner, &path, 7).await;
        assert_eq!(all.len(), 36, "everybody is told where they stand");
        let keys: Vec<_> = all.iter().map(key).collect();
        let mut sorted = keys.clone();
        sorted.sort();
        assert_eq!(keys, sorted, "{path}");
        for candidate in &all {
            standings.insert((
                candidate["standing"].as_str().unwrap().to_owned(),
                candidate["job_person_match"]["status"] == "COMPLETE",
            ));
            let ahead = keys.iter().filter(|one| {
                let mine = key(candidate);
                (one.0, one.1, one.2, one.3, one.4) < (mine.0, mine.1, mine.2, mine.3, mine.4)
            });
            assert_eq!(candidate["rank"], ahead.count() + 1);
            let person = candidate["person"]["id"].as_str().unwrap();
            let profile = format!("/v1/employees/{person}/gap-profile?against={position}&{query}");
            let profile = planner.get(&profile).await.expect(200).json;
            for part in ["person", "competencies", "summary", "job_person_match"] {
                assert_eq!(
                    candidate[part], profile[part],
                    "{part} of {person} against {position} by {query}"
                );
            }
            let binding = |verdict: &str| {
                let rules = candidate["rules"].as_array().unwrap().iter();
                rules.filter(|rule| rule["binding"] == true && rule["verdict"] == verdict).count()
            };
            let standing = match (binding("FAILED"), binding("UNKNOWN")) {
                (0, 0) => "ELIGIBLE",
                (0, _) => "UNDECIDED",
                _ => "INELIGIBLE",
            };
            assert_eq!(candidate["standing"], standing);
        }
        let only = |kept: &dyn Fn(&Value) -> bool| -> Vec<Value> {
            all.iter().filter(|one| kept(one)).map(|one| one["person"].clone()).collect()
        };
        let people =
            |list: Vec<Value>| -> Vec<Value> { list.into_iter().map(|one| one["person"].clone()).collect() };
        let eligible = walk(&planner, &format!("{path}&eligible_only=true"), 9).await;
        assert_eq!(people(eligible), only(&|one| one["standing"] == "ELIGIBLE"));
        for category in ["MS", "MMS", "KMS"] {
            let graded = walk(&planner, &format!("{path}&category={category}"), 9).await;
            assert_eq!(people(graded), only(&|one| one["job_person_match"]["category"] == category));
        }
        let within = walk(&planner, &format!("{path}&unit_id={}", units[1]), 9).await;
        assert_eq!(people(within), only(&|one| one["held"]["unit_id"] == units[1]));
    }
    // The crowd has everything there is to tell apart.
    assert_eq!(standings.len(), 5, "{standings:?}");
}

/// A position of the class `PENGAWAS`, one competency required, and people with a career that leads there.
async fn supervisors(agency: &Agency<'_>, admin: &Caller<'_>) -> (String, String, String, String) {
    let unit = given::unit(admin, "DINKES", None).await;
    let target = position_of(admin, "KASI", &unit, "PENGAWAS").await;
    let staff = given::position(admin, "STAF", &unit).await;
    let (_, own) = given::dictionary(admin, "KOTA", &["A"]).await;
    let requirements = json!([{"competency_id": own[0], "level": 4, "importance": "MUTLAK"}]);
    given::standard(agency, &target, "2026-01-01", requirements).await;
    (unit, target, staff, own[0].clone())
}

/// A person who has held `position` since a day, with this beside what makes a person.
async fn hired(admin: &Caller<'_>, serial: u16, position: &str, since: &str, more: Value) -> String {
    let mut body = given::person_body(serial);
    body["education"] = json!("S1");
    for (name, value) in more.as_object().unwrap() {
        body[name] = value.clone();
    }
    let person = admin.post("/v1/employees", body).await.expect(201).id();
    given::place(admin, &person, Some(position), since).await.expect(201);
    person
}

#[tokio::test]
async fn every_rule_says_what_it_saw_and_what_is_not_on_record_is_unknown() {
    let app = TestApp::start().await;
    let agency = app.agency("KOTA").await;
    let (admin, assessor) = (agency.admin().await, agency.role(Role::Assessor).await);
    let (_, target, staff, competency) = supervisors(&agency, &admin).await;
    let since = "2015-03-01";
    let fine = hired(&admin, 1, &staff, since, json!({})).await;
    let contract = hired(&admin, 2, &staff, since, json!({"status": "PPPK"})).await;
    let school = hired(&admin, 3, &staff, since, json!({"education": "SLTA"})).await;
    let unknown = hired(&admin, 4, &staff, since, json!({"education": null})).await;
    let novice = hired(&admin, 5, &staff, "2024-03-01", json!({"appointed_on": "2024-03-01"})).await;
    let undocumented = hired(&admin, 6, &staff, "2024-03-01", json!({})).await;
    let weak = hired(&admin, 7, &staff, since, json!({})).await;
    let holder = hired(&admin, 8, &target, "2025-01-01", json!({})).await;
    let left = hired(&admin, 9, &staff, since, json!({})).await;
    given::place(&admin, &left, None, "2026-01-01").await.expect(201);
    let unassessed = hired(&admin, 10, &staff, since, json!({})).await;
    let lapsed = hired(&admin, 11, &staff, since, json!({})).await;
    let everybody = [&fine, &contract, &school, &unknown, &novice, &undocumented, &holder, &left];
    let mut found: Vec<_> = everybody.map(|person| (person.as_str(), competency.as_str(), 4)).to_vec();
    found.push((&weak, &competency, 2));
    given::assessed(&assessor, "2026-05-15", &found).await;
    given::assessed(&assessor, "2023-06-30", &[(&lapsed, &competency, 5)]).await;

    let path = format!("/v1/positions/{target}/candidates");
    let page = admin.get(&path).await.expect(200).json;
    let all = page["items"].as_array().unwrap();
    let of = |person: &str| all.iter().find(|one| one["person"]["id"] == person).unwrap();
    let told =
        |person: &str, rule: &str| (of(person)["standing"].as_str().unwrap(), verdict(of(person), rule));
    assert_eq!(told(&fine, "EXPERIENCE"), ("ELIGIBLE", ("PASSED", "COMPARED")));
    assert_eq!(told(&contract, "STATUS"), ("INELIGIBLE", ("FAILED", "COMPARED")));
    assert_eq!(told(&school, "EDUCATION"), ("INELIGIBLE", ("FAILED", "COMPARED")));
    assert_eq!(told(&unknown, "EDUCATION"), ("UNDECIDED", ("UNKNOWN", "NOT_RECORDED")));
    assert_eq!(told(&novice, "EXPERIENCE"), ("INELIGIBLE", ("FAILED", "COMPARED")));
    assert_eq!(told(&undocumented, "EXPERIENCE"), ("UNDECIDED", ("UNKNOWN", "HISTORY_INCOMPLETE")));
    assert_eq!(told(&weak, "MATCH"), ("INELIGIBLE", ("FAILED", "COMPARED")));
    assert_eq!(told(&holder, "EXPERIENCE"), ("ELIGIBLE", ("PASSED", "COMPARED")));
    assert_eq!(told(&left, "SERVICE"), ("INELIGIBLE", ("FAILED", "RELEASED")));
    assert_eq!(told(&unassessed, "MATCH"), ("UNDECIDED", ("UNKNOWN", "MATCH_INCOMPLETE")));
    assert_eq!(told(&lapsed, "MATCH"), ("UNDECIDED", ("UNKNOWN", "MATCH_INCOMPLETE")));
    assert_eq!(
        (&of(&lapsed)["competencies"][0]["state"], &of(&unassessed)["competencies"][0]["state"]),
        (&json!("EXPIRED"), &json!("MISSING"))
    );
    assert_eq!(
        (&of(&lapsed)["job_person_match"]["jpm"], &of(&lapsed)["job_person_match"]["missing"]),
        (&Value::Null, &json!(["A"]))
    );
    // The tenure of the incumbent is short of two years: shown, and nothing follows from it.
    assert_eq!(
        (of(&holder)["incumbent"].clone(), verdict(of(&holder), "TENURE")),
        (json!(true), ("FAILED", "COMPARED"))
    );
    assert_eq!((of(&fine)["incumbent"].clone(), of(&left)["held"].clone()), (json!(false), Value::Null));
    let seen =
        of(&novice)["rules"].as_array().unwrap().iter().find(|term| term["rule"] == "EXPERIENCE").unwrap();
    assert_eq!(
        (&seen["seen"]["days"], &seen["seen"]["days_required"], &seen["seen"]["days_unrecorded"]),
        (&json!(853), &json!(1460), &json!(0))
    );
    // Ties share a rank, and the name settles who comes first.
    assert_eq!(names(&all[..2]), ["Pegawai 001", "Pegawai 008"]);
    assert_eq!((&all[0]["rank"], &all[1]["rank"], &all[2]["rank"]), (&json!(1), &json!(1), &json!(3)));
    // The page names what it was measured by, and what nobody here can check.
    assert_eq!(
        (&page["eligibility"]["policy"]["name"], &page["policy"]["name"]),
        (&json!("ELIGIBILITY"), &json!("RATIO_OF_SUMS"))
    );
    let rules: Vec<&Value> =
        page["eligibility"]["rules"].as_array().unwrap().iter().map(|rule| &rule["rule"]).collect();
    let terms: Vec<&Value> = all[0]["rules"].as_array().unwrap().iter().map(|rule| &rule["rule"]).collect();
    assert_eq!(rules, terms);
    assert!(page["eligibility"]["by_hand"].as_array().is_some_and(|texts| !texts.is_empty()));
    // Everybody shown can see who looked.
    assert_eq!(app.count("SELECT count(*) FROM access_records WHERE operation = 'candidate_list'").await, 11);
}

#[tokio::test]
async fn an_agencys_own_rules_take_over_from_their_first_day_by_their_name() {
    let app = TestApp::start().await;
    let agency = app.agency("KOTA").await;
    let (admin, assessor) = (agency.admin().await, agency.role(Role::Assessor).await);
    let (_, target, staff, competency) = supervisors(&agency, &admin).await;
    let person = hired(&admin, 1, &staff, "2015-03-01", json!({"status": "PPPK"})).await;
    given::assessed(&assessor, "2026-05-15", &[(&person, &competency, 4)]).await;
    let standing = async |query: &str| {
        let page = admin.get(&format!("/v1/positions/{target}/candidates?{query}")).await.expect(200).json;
        page["items"][0]["standing"].as_str().unwrap().to_owned()
    };
    assert_eq!(standing("").await, "INELIGIBLE");
    let kind = admin.get("/v1/policies?kind=ELIGIBILITY").await.expect(200);
    let mut own = kind.items()[0]["eligibility"].clone();
    let rules = own["classes"]["PENGAWAS"]["rules"].as_array_mut().unwrap();
    rules.iter_mut().find(|rule| rule["rule"] == "STATUS").unwrap()["binding"] = json!(false);
    let policy = |name: &str, from: &str, rubric: &Value| json!({"name": name, "valid_from": from, "source": "SK", "eligibility": rubric});
    admin.post("/v1/policies", policy("ELIGIBILITY", "2026-06-01", &own)).await.expect(201);
    assert_eq!(standing("").await, "ELIGIBLE");
    assert_eq!(standing("as_of=2026-05-31").await, "INELIGIBLE");
    let mut strict = own.clone();
    strict["classes"]["PENGAWAS"]["rules"] =
        json!([{"rule": "TENURE", "binding": true, "confidence": "FOUND", "source": "SK", "years": 20}]);
    admin.post("/v1/policies", policy("KETAT", "2026-06-01", &strict)).await.expect(201);
    assert_eq!(standing("eligibility=KETAT").await, "INELIGIBLE");
    let wrong = format!("/v1/positions/{target}/candidates?eligibility=TIDAK-ADA");
    admin.get(&wrong).await.expect(400).expect_error("/query/eligibility", "NOT_FOUND");
    strict["classes"]["PENGAWAS"]["rules"] =
        json!([{"rule": "AGE", "binding": true, "confidence": "FOUND", "source": "SK", "paths": []}]);
    let refused = admin.post("/v1/policies", policy("SALAH", "2026-06-01", &strict)).await.expect(400);
    let refused = refused.expect_error("/eligibility/classes/PENGAWAS/rules/0/years", "REQUIRED");
    refused.expect_error("/eligibility/classes/PENGAWAS/rules/0/paths", "INCONSISTENT");
}

#[tokio::test]
async fn a_position_that_is_gone_requires_nothing_or_has_nobody_says_so() {
    let app = TestApp::start().await;
    let (agency, there) = (app.agency("KOTA").await, app.agency("KABUPATEN").await);
    let admin = agency.admin().await;
    let (unit, target, ..) = supervisors(&agency, &admin).await;
    let path = format!("/v1/positions/{target}/candidates");
    assert!(admin.get(&path).await.expect(200).items().is_empty(), "nobody is there yet");
    admin.get(&format!("{path}?as_of=2016-12-31")).await.expect(409).expect_problem("GAP_NO_REQUIREMENTS");
    admin
        .get(&format!("{path}?category=OPTIMAL"))
        .await
        .expect(400)
        .expect_error("/query/category", "NOT_ALLOWED_VALUE");
    admin.get(&format!("{path}?policy=NONE")).await.expect(400).expect_error("/query/policy", "NOT_FOUND");
    let nowhere = format!("{path}?unit_id={target}");
    admin.get(&nowhere).await.expect(400).expect_error("/query/unit_id", "NOT_FOUND");
    admin
        .get(&format!("{path}?known_at=2199-01-01T00:00:00Z"))
        .await
        .expect(400)
        .expect_problem("KNOWN_AT_IN_FUTURE");
    admin.get(&format!("/v1/positions/{unit}/candidates")).await.expect(404);
    there.admin().await.get(&path).await.expect(404);
    for role in [Role::Assessor, Role::Provider, Role::Observer] {
        agency.role(role).await.get(&path).await.expect(403);
    }
    let abolition = format!("/v1/positions/{target}/abolition");
    admin.put(&abolition, "*", json!({"abolished_on": "2026-06-01"})).await.expect(200);
    admin.get(&path).await.expect(409).expect_problem("POSITION_ABOLISHED");
    admin.get(&format!("{path}?as_of=2026-05-31")).await.expect(200);
}

#[tokio::test]
async fn candidates_are_those_within_reach_and_a_rank_is_among_them() {
    let app = TestApp::start().await;
    let agency = app.agency("KOTA").await;
    let (admin, assessor) = (agency.admin().await, agency.role(Role::Assessor).await);
    let (_, target, staff, competency) = supervisors(&agency, &admin).await;
    let other = given::unit(&admin, "DIKBUD", None).await;
    let teacher = given::position(&admin, "GURU", &other).await;
    let best = hired(&admin, 1, &staff, "2015-03-01", json!({})).await;
    let second = hired(&admin, 2, &teacher, "2015-03-01", json!({})).await;
    given::assessed(&assessor, "2026-05-15", &[(&best, &competency, 5), (&second, &competency, 4)]).await;
    let path = format!("/v1/positions/{target}/candidates");
    for (caller, seen) in [
        (agency.role(Role::Planner).await, vec![("Pegawai 001", 1), ("Pegawai 002", 2)]),
        (agency.employee(Role::Employee, &second).await, vec![("Pegawai 002", 1)]),
        (agency.unit_admin(&other).await, vec![("Pegawai 002", 1)]),
    ] {
        let list = walk(&caller, &path, 1).await;
        let found: Vec<(&str, i64)> =
            names(&list).into_iter().zip(list.iter().map(|one| one["rank"].as_i64().unwrap())).collect();
        assert_eq!(found, seen);
    }
    let first = admin.get(&format!("{path}?limit=1")).await.expect(200);
    let next = first.json["next"].as_str().unwrap();
    let mismatched = format!("{path}?limit=1&eligible_only=true&cursor={next}");
    admin.get(&mismatched).await.expect(400).expect_problem("CURSOR_MISMATCH");
}

#[tokio::test]
async fn whoever_is_listed_as_eligible_is() {
    let app = TestApp::start().await;
    let agency = app.agency("KOTA").await;
    let (admin, assessor) = (agency.admin().await, agency.role(Role::Assessor).await);
    let (_, target, staff, competency) = supervisors(&agency, &admin).await;
    let person = hired(&admin, 1, &staff, "2015-03-01", json!({"appointed_on": "2015-03-01"})).await;
    given::assessed(&assessor, "2026-05-15", &[(&person, &competency, 4)]).await;
    let mut own =
        admin.get("/v1/policies?kind=ELIGIBILITY").await.expect(200).items()[0]["eligibility"].clone();
    let rules = |classes: Value, years: i64| {
        json!([{"rule": "EXPERIENCE", "binding": true, "confidence": "FOUND",
        "source": "SK", "paths": [{"job_classes": classes, "years": years}]}])
    };
    let policy = |name: &str, rubric: &Value| json!({"name": name, "valid_from": "2026-06-01", "source": "SK", "eligibility": rubric});
    own["classes"]["PENGAWAS"]["rules"] = rules(json!(["PELAKSANA", "PELAKSANA"]), 22);
    let twice = "/eligibility/classes/PENGAWAS/rules/0/paths/0/job_classes/1";
    admin.post("/v1/policies", policy("GANDA", &own)).await.expect(400).expect_error(twice, "DUPLICATE");
    own["classes"]["PENGAWAS"]["rules"] = rules(json!(["PELAKSANA"]), 22);
    admin.post("/v1/policies", policy("GANDA", &own)).await.expect(201);
    // A rubric of the time before that was refused: eleven years stay eleven however often their class is named.
    app.sql(
        "UPDATE policies SET rubric = replace(rubric::text, '[\"PELAKSANA\"]', '[\"PELAKSANA\", \"PELAKSANA\"]')::jsonb
         WHERE name = 'GANDA'",
    )
    .await;
    let path = format!("/v1/positions/{target}/candidates?eligibility=GANDA");
    let all = admin.get(&path).await.expect(200);
    assert_eq!(
        (all.items()[0]["standing"].as_str(), verdict(&all.items()[0], "EXPERIENCE")),
        (Some("INELIGIBLE"), ("FAILED", "COMPARED"))
    );
    assert!(admin.get(&format!("{path}&eligible_only=true")).await.expect(200).items().is_empty());
}

#[tokio::test]
async fn careers_are_read_of_those_alone_who_can_be_in_the_list() {
    let app = TestApp::start().await;
    let agency = app.agency("KOTA").await;
    let admin = agency.admin().await;
    let (_, target, staff, _) = supervisors(&agency, &admin).await;
    let other = given::unit(&admin, "DIKBUD", None).await;
    let teacher = given::position(&admin, "GURU", &other).await;
    let here = hired(&admin, 1, &teacher, "2015-03-01", json!({})).await;
    let moved = hired(&admin, 2, &teacher, "2015-03-01", json!({})).await;
    given::place(&admin, &moved, Some(&staff), "2026-01-01").await.expect(201);
    let abroad = hired(&admin, 3, &staff, "2015-03-01", json!({})).await;
    // Nobody can count the days of a career without a beginning: whoever tries fails.
    let endless = format!(
        "UPDATE placements SET starts_on = '-infinity' WHERE agency_id = '{}' AND employee_id = '{abroad}'",
        agency.id
    );
    app.sql(&endless).await;
    let path = format!("/v1/positions/{target}/candidates");
    admin.get(&path).await.expect(400);
    let officer = agency.unit_admin(&other).await;
    let myself = agency.employee(Role::Employee, &moved).await;
    let within = format!("{path}?unit_id={other}");
    for (caller, path, seen) in [
        (&officer, &path, &here),
        (&myself, &path, &moved),
        (&admin, &within, &here),
        (&officer, &within, &here),
    ] {
        let list = walk(caller, path, 1).await;
        let people: Vec<_> = list.iter().map(|one| one["person"]["id"].as_str().unwrap()).collect();
        assert_eq!(people, [seen.as_str()], "{path}");
    }
}

#[tokio::test]
async fn a_machine_is_told_of_candidates_if_it_may_read_people_and_gaps() {
    let app = TestApp::start().await;
    let agency = app.agency("KOTA").await;
    let admin = agency.admin().await;
    let (_, target, ..) = supervisors(&agency, &admin).await;
    let path = format!("/v1/positions/{target}/candidates");
    for (scopes, status) in [
        (&["gaps:read"][..], 403),
        (&["employees:read"], 403),
        (&["catalogue:read", "assessments:read"], 403),
        (&["gaps:read", "employees:read"], 200),
    ] {
        agency.machine(scopes).await.get(&path).await.expect(status);
    }
}
