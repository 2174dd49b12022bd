//! `/v1/employees/{id}/gap-profile` and `/v1/units/{id}/gaps`.

use std::collections::BTreeMap;

use access::Role;
use serde_json::{Value, json};
use support::{Agency, Caller, TestApp};

use crate::given;

/// A unit with a position that requires the nine national competencies at level 3.
struct Nine {
    unit: String,
    position: String,
    competencies: Vec<(String, String)>,
}

async fn nine(agency: &Agency<'_>, admin: &Caller<'_>) -> Nine {
    let unit = given::unit(admin, "DINKES", None).await;
    let position = given::position(admin, "STAF", &unit).await;
    let competencies = given::national(admin).await;
    let requirements = competencies.iter().map(|(_, id)| json!({"competency_id": id, "level": 3}));
    given::standard(agency, &position, "2026-01-01", requirements.collect()).await;
    Nine { unit, position, competencies }
}

fn states(profile: &Value) -> Vec<(&str, &str, Value)> {
    let all = profile["competencies"].as_array().unwrap().iter();
    all.map(|one| (one["code"].as_str().unwrap(), one["state"].as_str().unwrap(), one["gap"].clone()))
        .collect()
}

#[tokio::test]
async fn the_four_published_vectors_through_real_people() {
    let app = TestApp::start().await;
    let agency = app.agency("KOTA").await;
    let (admin, assessor) = (agency.admin().await, agency.role(Role::Assessor).await);
    let Nine { position, competencies, .. } = nine(&agency, &admin).await;
    for (serial, (achieved, jpm, filling, mapping)) in (1..).zip([
        ([3, 3, 3, 2, 3, 3, 2, 2, 3], json!(88.89), "MS", "CUKUP_OPTIMAL"),
        ([3, 3, 3, 3, 3, 3, 3, 3, 3], json!(100), "MS", "OPTIMAL"),
        ([2, 2, 2, 2, 2, 2, 2, 2, 3], json!(70.37), "MMS", "KURANG_OPTIMAL"),
        ([2, 2, 2, 2, 2, 2, 2, 2, 2], json!(66.67), "KMS", "KURANG_OPTIMAL"),
    ]) {
        let person = given::person_in(&admin, serial, &position).await;
        let found: Vec<_> = competencies
            .iter()
            .zip(achieved)
            .map(|((_, id), level)| (person.as_str(), id.as_str(), level))
            .collect();
        given::assessed(&assessor, "2026-05-15", &found).await;
        for (purpose, category) in [("FILLING", filling), ("MAPPING", mapping)] {
            let path = format!("/v1/employees/{person}/gap-profile?purpose={purpose}");
            let profile = admin.get(&path).await.expect(200).json;
            let found = &profile["job_person_match"];
            assert_eq!((&found["jpm"], &found["status"]), (&jpm, &json!("COMPLETE")));
            assert_eq!((&found["category"], &found["full"]), (&json!(category), &json!("27")));
            assert_eq!(
                (&found["policy"]["name"], &found["policy"]["number"]),
                (&json!("RATIO_OF_SUMS"), &json!(1))
            );
            let gaps: Vec<_> = states(&profile).iter().map(|(_, _, gap)| gap.as_i64().unwrap() + 3).collect();
            assert_eq!(gaps, achieved);
        }
    }
}

#[tokio::test]
async fn every_state_with_what_it_rests_on() {
    let app = TestApp::start().await;
    let agency = app.agency("KOTA").await;
    let (admin, assessor) = (agency.admin().await, agency.role(Role::Assessor).await);
    let unit = given::unit(&admin, "DINKES", None).await;
    let position = given::position(&admin, "STAF", &unit).await;
    let (_, own) = given::dictionary(&admin, "KOTA", &["A", "B", "C", "D", "E"]).await;
    let requirement =
        |id: &String| json!({"competency_id": id, "level": 3, "importance": "MUTLAK", "weight": 0.5});
    let standard =
        given::standard(&agency, &position, "2026-01-01", own.iter().map(requirement).collect()).await;
    let person = given::person_in(&admin, 1, &position).await;
    let found =
        [(&own[0], 3), (&own[1], 1), (&own[2], 5)].map(|(id, level)| (person.as_str(), id.as_str(), level));
    let results = given::assessed(&assessor, "2026-05-15", &found).await;
    let lapsed = given::assessed(&assessor, "2023-06-30", &[(&person, &own[3], 4)]).await;
    let path = format!("/v1/employees/{person}/gap-profile");
    let profile = admin.get(&format!("{path}?as_of=2026-07-01")).await.expect(200).json;
    assert_eq!(
        states(&profile),
        [
            ("A", "MET", json!(0)),
            ("B", "GAP", json!(-2)),
            ("C", "EXCEEDS", json!(2)),
            ("D", "EXPIRED", Value::Null),
            ("E", "MISSING", Value::Null),
        ]
    );
    let row = |index: usize, name: &str| profile["competencies"][index][name].clone();
    assert_eq!(
        (row(1, "severity"), row(1, "achieved"), row(1, "weight")),
        (json!("CRITICAL"), json!(1), json!(0.5))
    );
    assert_eq!((row(3, "severity"), row(3, "days_to_expiry")), (json!("HIGH"), json!(-1)));
    assert_eq!((row(0, "days_to_expiry"), row(4, "evidence")), (json!(1049), Value::Null));
    assert_eq!(row(0, "evidence")["result_id"], results[0]);
    assert_eq!((&row(3, "evidence")["result_id"], &row(3, "achieved")), (&json!(lapsed[0]), &Value::Null));
    assert_eq!(profile["summary"], json!({"met": 1, "gap": 1, "exceeds": 1, "missing": 1, "expired": 1}));
    assert_eq!(profile["basis"]["standard"]["id"], standard);
    assert_eq!((&profile["as_of"], &profile["known_at"]), (&json!("2026-07-01"), &Value::Null));
    let found = &profile["job_person_match"];
    assert_eq!((&found["status"], &found["missing"]), (&json!("INCOMPLETE"), &json!(["D", "E"])));
    assert_eq!((&found["jpm"], &found["category"]), (&Value::Null, &Value::Null));
    // A day earlier the one that lapsed was still valid.
    let before = admin.get(&format!("{path}?as_of=2026-06-30")).await.expect(200).json;
    assert_eq!(states(&before)[3], ("D", "EXCEEDS", json!(1)));
    // Before the standard there were the defaults of the job class, and before the assessment no result.
    let earlier = admin.get(&format!("{path}?as_of=2025-12-31")).await.expect(200).json;
    let basis = &earlier["basis"]["default_levels"];
    assert_eq!(
        (&basis["job_class"], &basis["policy"]["name"]),
        (&json!("PELAKSANA"), &json!("DEFAULT_LEVELS"))
    );
    assert_eq!(earlier["summary"]["missing"], 9);
    assert!(earlier["competencies"].as_array().unwrap().iter().all(|one| one["required"] == 1));
}

#[tokio::test]
async fn a_profile_is_drawn_against_any_position_and_says_why_it_cannot_be() {
    let app = TestApp::start().await;
    let (agency, there) = (app.agency("KOTA").await, app.agency("KABUPATEN").await);
    let admin = agency.admin().await;
    let Nine { unit, position, .. } = nine(&agency, &admin).await;
    let person = given::person(&admin, 1).await;
    let path = format!("/v1/employees/{person}/gap-profile");
    admin.get(&path).await.expect(409).expect_problem("GAP_NO_POSITION");
    let target = admin.get(&format!("{path}?against={position}")).await.expect(200);
    assert_eq!(
        (&target.json["position"]["id"], &target.json["against"]),
        (&json!(position), &json!(position))
    );
    assert_eq!(target.json["summary"]["missing"], 9);
    let cached = admin.with("if-none-match", &target.etag());
    cached.get(&format!("{path}?against={position}")).await.expect(304);
    let other = admin.get(&format!("{path}?against={position}&purpose=MAPPING")).await.expect(200);
    assert_ne!(other.etag(), target.etag());

    let refused = |query: &str| format!("{path}?{query}");
    for wrong in ["against=Held", "against=1", "against="] {
        admin.get(&refused(wrong)).await.expect(400).expect_error("/query/against", "INVALID_FORMAT");
    }
    let nowhere = refused(&format!("against={person}"));
    admin.get(&nowhere).await.expect(400).expect_error("/query/against", "NOT_FOUND");
    let unknown = refused(&format!("against={position}&policy=NONE"));
    admin.get(&unknown).await.expect(400).expect_error("/query/policy", "NOT_FOUND");
    let future = refused("known_at=2199-01-01T00:00:00Z");
    admin.get(&future).await.expect(400).expect_problem("KNOWN_AT_IN_FUTURE");
    admin
        .get(&refused("known_at=yesterday"))
        .await
        .expect(400)
        .expect_error("/query/known_at", "INVALID_FORMAT");
    admin.get(&refused("as_of=2026-02-30")).await.expect(400).expect_error("/query/as_of", "INVALID_FORMAT");
    admin.get(&refused("as_of=0001-01-01")).await.expect(400).expect_error("/query/as_of", "OUT_OF_RANGE");
    // Before the first rubric of default levels nothing is required of anybody.
    let too_early = refused(&format!("against={position}&as_of=2016-12-31"));
    admin.get(&too_early).await.expect(409).expect_problem("GAP_NO_REQUIREMENTS");
    there.admin().await.get(&format!("{path}?against={position}")).await.expect(404);
    there.admin().await.get(&format!("/v1/units/{unit}/gaps")).await.expect(404);
}

#[tokio::test]
async fn the_people_of_a_profile_are_those_within_reach_and_see_who_looked() {
    let app = TestApp::start().await;
    let agency = app.agency("KOTA").await;
    let admin = agency.admin().await;
    let root = given::unit(&admin, "PEMKOT", None).await;
    let (dinkes, dikbud) =
        (given::unit(&admin, "DINKES", Some(&root)).await, given::unit(&admin, "DIKBUD", Some(&root)).await);
    let head = given::head(&admin, "KADIS", &dinkes).await;
    let boss = given::person_in(&admin, 1, &head).await;
    let staff = given::position(&admin, "STAF", &dinkes).await;
    let below = given::person_in(&admin, 2, &staff).await;
    let teacher = given::position(&admin, "GURU", &dikbud).await;
    let away = given::person_in(&admin, 3, &teacher).await;
    let everybody = [&boss, &below, &away];
    for (caller, seen) in [
        (agency.role(Role::Planner).await, vec![&boss, &below, &away]),
        (agency.employee(Role::Supervisor, &boss).await, vec![&boss, &below]),
        (agency.employee(Role::Employee, &below).await, vec![&below]),
        (agency.unit_admin(&dikbud).await, vec![&away]),
    ] {
        for person in everybody {
            let status = if seen.contains(&person) { 200 } else { 404 };
            caller.get(&format!("/v1/employees/{person}/gap-profile")).await.expect(status);
        }
        let list = caller.get(&format!("/v1/units/{root}/gaps?limit=200")).await.expect(200);
        let mut people: Vec<_> =
            list.items().iter().map(|row| row["person"]["id"].as_str().unwrap().to_owned()).collect();
        people.dedup();
        assert_eq!(people.iter().collect::<Vec<_>>(), seen);
    }
    for role in [Role::Assessor, Role::Provider, Role::Observer] {
        let caller = agency.role(role).await;
        caller.get(&format!("/v1/employees/{below}/gap-profile")).await.expect(403);
        caller.get(&format!("/v1/units/{root}/gaps")).await.expect(403);
    }
    // Twice each: the profile and the list; nobody is noted for a look at themself.
    let looks = async |person: &str| {
        let looks = "SELECT count(*) FROM access_records WHERE operation LIKE '%gap%'";
        app.count(&format!("{looks} AND employee_id = '{person}'")).await
    };
    assert_eq!((looks(&boss).await, looks(&below).await, looks(&away).await), (2, 4, 4));
}

#[tokio::test]
async fn an_answer_for_an_instant_never_changes() {
    let app = TestApp::start().await;
    given::synchronise(&app).await;
    let agency = app.agency("KOTA").await;
    let (admin, assessor) = (agency.admin().await, agency.role(Role::Assessor).await);
    let authority = agency.role(Role::Authority).await;
    let Nine { unit, position, competencies } = nine(&agency, &admin).await;
    let person = given::person_in(&admin, 1, &position).await;
    let found: Vec<_> = competencies.iter().map(|(_, id)| (person.as_str(), id.as_str(), 2)).collect();
    let results = given::assessed(&assessor, "2026-05-15", &found).await;
    let known_at = given::synchronise(&app).await;
    let asked = [
        format!("/v1/employees/{person}/gap-profile?as_of=2026-06-01"),
        format!("/v1/employees/{person}/gap-profile?as_of=2026-03-01&purpose=MAPPING"),
        format!("/v1/employees/{person}/gap-profile?as_of=2026-06-01&against={position}"),
        format!("/v1/units/{unit}/gaps?as_of=2026-06-01"),
        format!("/v1/units/{unit}/gaps?as_of=2026-03-01"),
    ];
    let ask = async |known: &str| {
        let mut texts = Vec::new();
        for path in &asked {
            texts.push(admin.get(&format!("{path}{known}")).await.expect(200).text);
        }
        texts
    };
    let frozen = format!("&known_at={known_at}");
    let (then, now) = (ask(&frozen).await, ask("").await);

    // A correction, a result dated before, another standard, the end of the old one, another position, other rubrics.
    let supersession = format!("/v1/assessment-results/{}/supersession", results[0]);
    assessor.put(&supersession, "*", json!({"level": 5, "reason": "Salah ketik"})).await.expect(200);
    given::assessed(&assessor, "2026-02-01", &[(&person, &competencies[1].1, 4)]).await;
    let requirements = json!([{"competency_id": competencies[0].1, "level": 4}]);
    given::standard(&agency, &position, "2026-02-01", requirements).await;
    let old = admin.get(&format!("/v1/standards?position_id={position}")).await.expect(200);
    let old = format!("/v1/standards/{}/revocation", old.items()[0]["id"].as_str().unwrap());
    authority.put(&old, "*", json!({"revoked_on": "2026-02-01"})).await.expect(200);
    for policy in [
        json!({"name": "RATIO_OF_SUMS", "jpm": {"method": "RATIO_OF_SUMS", "cutoffs": {
            "filling": [{"at_least": 0, "category": "KMS"}], "mapping": [{"at_least": 0, "category": "OPTIMAL"}]}}}),
        json!({"name": "VALIDITY", "validity": {"years": 1}}),
    ] {
        let mut policy = policy;
        policy["valid_from"] = json!("2018-01-01");
        policy["source"] = json!("SK");
        admin.post("/v1/policies", policy).await.expect(201);
    }
    given::synchronise(&app).await;
    assert_eq!(ask(&frozen).await, then);
    let after = ask("").await;
    assert!(
        after.iter().zip(&now).all(|(after, now)| after != now),
        "what is recorded changes what is known now"
    );
    let elsewhere = given::position(&admin, "LAIN", &unit).await;
    given::place(&admin, &person, Some(&elsewhere), "2026-01-15").await.expect(201);
    given::synchronise(&app).await;
    assert_eq!(ask(&frozen).await, then, "the position held was another by what was known then");
    // Before anything was recorded the person served nowhere.
    let path = format!("{}&known_at=2026-01-01T00:00:00Z", asked[0]);
    admin.get(&path).await.expect(409).expect_problem("GAP_NO_POSITION");
}

#[tokio::test]
async fn an_answer_for_an_instant_holds_while_others_write() {
    let app = TestApp::start().await;
    given::synchronise(&app).await;
    let agency = app.agency("KOTA").await;
    let (admin, assessor) = (agency.admin().await, agency.role(Role::Assessor).await);
    let Nine { position, competencies, .. } = nine(&agency, &admin).await;
    let person = given::person_in(&admin, 1, &position).await;
    let path = format!("/v1/employees/{person}/gap-profile?as_of=2026-06-01");
    let writes = futures_util::future::join_all(competencies.iter().map(|(_, id)| {
        let (assessor, person) = (&assessor, &person);
        async move {
            let mut last = given::assessed(assessor, "2026-05-15", &[(person, id, 1)]).await.remove(0);
            for level in 2..=4 {
                let path = format!("/v1/assessment-results/{last}/supersession");
                let right =
                    assessor.put(&path, "*", json!({"level": level, "reason": "x"})).await.expect(200);
                last = right.id();
            }
        }
    }));
    let asks = async {
        let mut answers = BTreeMap::new();
        for _ in 0..25 {
            let known_at = given::synchronise(&app).await;
            let answer = admin.get(&format!("{path}&known_at={known_at}")).await.expect(200);
            answers.insert(known_at, answer.text);
        }
        answers
    };
    let (_, answers) = tokio::join!(writes, asks);
    given::synchronise(&app).await;
    for (known_at, text) in answers {
        let again = admin.get(&format!("{path}&known_at={known_at}")).await.expect(200);
        assert_eq!(again.text, text, "{known_at}");
    }
}

/// Numbers that look random and are the same in every run.
struct Dice(u64);

impl Dice {
    fn below(&mut self, sides: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap() % sides
    }

    fn one_of<'a, T>(&mut self, all: &'a [T]) -> &'a T {
        &all[self.below(all.len())]
    }

    fn level(&mut self) -> i64 {
        *self.one_of(&[1, 2, 3, 4, 5])
    }
}

/// A list of gaps, all pages of it, as the profile of each person has them.
async fn unit_rows(caller: &Caller<'_>, path: &str) -> Vec<(String, Value)> {
    let mut rows = Vec::new();
    let mut cursor = String::new();
    loop {
        let page = caller.get(&format!("{path}&limit=7{cursor}")).await.expect(200);
        for row in page.items() {
            rows.push((row["person"]["id"].as_str().unwrap().to_owned(), row["competency"].clone()));
        }
        let Some(next) = page.json["next"].as_str() else { return rows };
        cursor = format!("&cursor={next}");
    }
}

#[tokio::test]
async fn the_gaps_of_a_unit_are_those_of_its_peoples_profiles() {
    let app = TestApp::start().await;
    given::synchronise(&app).await;
    let agency = app.agency("KOTA").await;
    let (admin, assessor) = (agency.admin().await, agency.role(Role::Assessor).await);
    let root = given::unit(&admin, "PEMKOT", None).await;
    let unit = given::unit(&admin, "DINKES", Some(&root)).await;
    let (_, own) = given::dictionary(&admin, "KOTA", &["M.1", "T.1", "T.2"]).await;
    let mut competencies: Vec<String> = own;
    competencies.extend(given::national(&admin).await.into_iter().map(|(_, id)| id));
    let mut dice = Dice(20_260_701);
    let mut positions = Vec::new();
    for (code, standards) in [("SATU", 2), ("DUA", 1), ("TIGA", 0)] {
        let position = given::position(&admin, code, if code == "DUA" { &root } else { &unit }).await;
        for n in 0..standards {
            let mut chosen = competencies.clone();
            chosen.retain(|_| dice.below(2) == 0);
            chosen.push(competencies[0].clone());
            chosen.sort();
            chosen.dedup();
            let importance = ["MUTLAK", "PENTING", "PERLU"];
            let requirements = chosen.iter().map(|id| {
                json!({"competency_id": id, "level": dice.level(), "importance": dice.one_of(&importance)})
            });
            let from = format!("2026-0{}-01", 1 + 3 * n);
            given::standard(&agency, &position, &from, requirements.collect()).await;
        }
        positions.push(position);
    }
    let mut people = Vec::new();
    for serial in 1..=6 {
        people.push(given::person_in(&admin, serial, dice.one_of::<String>(&positions)).await);
    }
    let mut instants = vec![given::synchronise(&app).await];
    for day in ["2023-03-01", "2025-06-01", "2026-02-15", "2026-05-15"] {
        let mut found: Vec<(&str, &str, i64)> = Vec::new();
        for person in &people {
            for competency in &competencies {
                if dice.below(3) == 0 {
                    found.push((person, competency, dice.level()));
                }
            }
        }
        let ids = given::assessed(&assessor, day, &found).await;
        for id in ids {
            if dice.below(6) > 0 {
                continue;
            }
            let correction = json!({"level": dice.level(), "reason": "x"});
            assessor
                .put(&format!("/v1/assessment-results/{id}/supersession"), "*", correction)
                .await
                .expect(200);
        }
        instants.push(given::synchronise(&app).await);
    }
    // Somebody moves; nobody sees it coming.
    given::place(&admin, &people[0], Some(&positions[1]), "2026-05-01").await.expect(201);
    instants.push(given::synchronise(&app).await);
    let latest = instants.last().cloned().unwrap();
    let midway = instants[instants.len() / 2].clone();

    for as_of in ["2026-01-01", "2026-03-01", "2026-03-02", "2026-05-15", "2026-07-01"] {
        for known_at in [&midway, &latest] {
            let asked = format!("?as_of={as_of}&known_at={known_at}");
            let mut expected = Vec::new();
            for person in &people {
                let path = format!("/v1/employees/{person}/gap-profile{asked}");
                let profile = admin.get(&path).await.expect(200).json;
                for one in profile["competencies"].as_array().unwrap() {
                    expected.push((person.clone(), one.clone()));
                }
            }
            let list = format!("/v1/units/{root}/gaps{asked}");
            let order = |rows: &mut Vec<(String, Value)>| {
                rows.sort_by_key(|(person, one)| (person.clone(), one["competency_id"].to_string()));
            };
            let compare = async |filter: &str, keep: &dyn Fn(&Value) -> bool| {
                let mut rows = unit_rows(&admin, &format!("{list}{filter}")).await;
                let mut wanted: Vec<_> = expected.iter().filter(|(_, one)| keep(one)).cloned().collect();
                order(&mut rows);
                order(&mut wanted);
                assert_eq!(rows, wanted, "{asked} {filter}");
            };
            compare("", &|_| true).await;
            for state in ["MET", "GAP", "EXCEEDS", "MISSING", "EXPIRED"] {
                compare(&format!("&state={state}"), &|one| one["state"] == state).await;
            }
            compare("&state=GAP,EXPIRED&severity=CRITICAL,HIGH", &|one| {
                ["GAP", "EXPIRED"].iter().any(|state| one["state"] == *state)
                    && ["CRITICAL", "HIGH"].iter().any(|severity| one["severity"] == *severity)
            })
            .await;
            for severity in ["NONE", "LOW", "MEDIUM", "HIGH", "CRITICAL"] {
                compare(&format!("&severity={severity}"), &|one| one["severity"] == severity).await;
            }
            compare("&importance=MUTLAK&min_shortfall=2", &|one| {
                one["importance"] == "MUTLAK" && one["gap"].as_i64().is_some_and(|gap| gap <= -2)
            })
            .await;
            let one_competency = format!("&competency_id={}", competencies[0]);
            compare(&one_competency, &|one| one["competency_id"] == json!(competencies[0])).await;
        }
    }
    let refused = format!("/v1/units/{root}/gaps?");
    for (query, at) in [("state=NONE", "state"), ("state=GAP,", "state"), ("severity=gap", "severity")] {
        let pointer = format!("/query/{at}");
        admin.get(&format!("{refused}{query}")).await.expect(400).expect_error(&pointer, "INVALID_FORMAT");
    }
    let query = format!("{refused}min_shortfall=5");
    admin.get(&query).await.expect(400).expect_error("/query/min_shortfall", "OUT_OF_RANGE");
    let future = format!("{refused}known_at=2999-01-01T00:00:00Z");
    assert_eq!(admin.get(&future).await.status, 400);
}
