//! `/v1/needs-analyses` and the stages of their lives, `/v1/needs-deadlines` and `/v1/needs-coverage`.

use access::{Role, Scope};
use api::worker::{hand_on, remind};
use serde_json::{Value, json};
use support::{Answer, TestApp};

use crate::given;
use crate::needs::{ANALYSES, Office, begin, needs, propose, reasoned, step, texts};

#[tokio::test]
async fn the_unit_verifies_and_somebody_else_validates() {
    let app = TestApp::start().await;
    let office = Office::new(&app, 2).await;
    let a = office.people[0].as_str();
    office.assessed(&[(a, &office.first, 1)]).await;
    let (superior, planner, oneself) =
        (office.superior().await, office.planner().await, office.oneself(0).await);
    let id = begin(&superior, &office.unit).await.expect(201);
    assert_eq!(texts(&id.json["parties"]), ["PROPOSER", "UNIT"]);
    assert_eq!(texts(&id.json["allowed_actions"]), ["GATHER", "PROPOSE", "EDIT", "VERIFY"]);
    let (id, etag) = (id.id(), id.etag());
    let path = format!("{ANALYSES}/{id}");
    for (who, what) in [(&oneself, "verification"), (&planner, "verification"), (&superior, "validation")] {
        step(who, &id, what).await.expect(403);
    }
    step(&planner, &id, "validation").await.expect(409).expect_problem("NEEDS_STATE");
    // Whoever verifies stands behind what they read: a need that was proposed meanwhile is another analysis.
    propose(&oneself, &id, &[a], &office.second, json!({})).await.expect(201);
    superior.transition(&format!("{path}/verification"), &etag).await.expect(412);
    let verified = step(&superior, &id, "verification").await.expect(200);
    assert_eq!(
        (&verified.json["state"], texts(&verified.json["allowed_actions"])),
        (&json!("VERIFIED"), vec!["WITHDRAW"])
    );
    let need = needs(&office.admin, &id).await.remove(0);
    assert_eq!(need["allowed_actions"], json!([]));
    let removal = format!("{path}/needs/{}/removal", need["id"].as_str().unwrap());
    reasoned(&office.admin, &removal).await.expect(409).expect_problem("NEEDS_STATE");
    propose(&oneself, &id, &[a], &office.second, json!({})).await.expect(409).expect_problem("NEEDS_STATE");
    step(&superior, &id, "gathering").await.expect(409).expect_problem("NEEDS_STATE");

    let back = format!("{path}/return");
    planner.put(&back, "*", json!({"reason": ""})).await.expect(400).expect_error("/reason", "REQUIRED");
    let returned =
        planner.put(&back, "*", json!({"reason": "Usulan bidang P2P belum masuk"})).await.expect(200);
    assert_eq!((&returned.json["state"], &returned.json["verified_by"]), (&json!("RETURNED"), &Value::Null));
    assert_eq!(superior.get(&path).await.expect(200).json["returned_for"], "Usulan bidang P2P belum masuk");
    // The personnel agency may keep a unit's analysis; then it does not validate it.
    step(&office.admin, &id, "verification").await.expect(200);
    step(&office.admin, &id, "validation").await.expect(409).expect_problem("NEEDS_SAME_OFFICER");
    let mine = office.admin.get(&path).await.expect(200);
    assert!(!texts(&mine.json["allowed_actions"]).contains(&"VALIDATE"));
    step(&superior, &id, "withdrawal").await.expect(200);
    let verified = step(&superior, &id, "verification").await.expect(200);
    // Two at once.
    let validation = format!("{path}/validation");
    let seen = verified.etag();
    let (one, other) = tokio::join!(
        planner.transition(&validation, &seen),
        planner.put(&back, &seen, json!({"reason": "Tunggu"}))
    );
    let mut statuses = [one.status, other.status];
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 412]);
    if one.status != 200 {
        step(&superior, &id, "verification").await.expect(200);
        step(&planner, &id, "validation").await.expect(200);
    }
    let validated = planner.get(&path).await.expect(200);
    assert_eq!(
        (&validated.json["state"], texts(&validated.json["allowed_actions"])),
        (&json!("VALIDATED"), vec!["REOPEN"])
    );

    // What the agency stands behind is what its plan is made from.
    let scope = Scope::system(office.agency.id, "a test reads what a plan is made from");
    let today = "2026-07-01".parse().unwrap();
    let read = async || app.services.store.read(&scope, today).needs_validated(2026).await.unwrap();
    let validated = read().await;
    assert_eq!(validated.len(), 2);
    let first = validated.iter().find(|need| need.competency.to_string() == office.first).unwrap();
    assert_eq!((first.employee.to_string(), first.unit.to_string()), (a.to_owned(), office.unit.clone()));
    assert_eq!(
        (first.from.map(|level| level.get()), first.to.get(), first.priority.count()),
        (Some(1), 3, 563)
    );
    reasoned(&planner, &format!("{path}/reopening")).await.expect(200);
    assert!(read().await.is_empty());

    let steps = planner.get(&format!("{path}/transitions")).await.expect(200);
    let told: Vec<_> = steps.items().iter().map(|step| step["action"].as_str().unwrap()).collect();
    assert_eq!(told[..6], ["BEGIN", "VERIFY", "RETURN", "VERIFY", "WITHDRAW", "VERIFY"]);
    assert_eq!(*told.last().unwrap(), "REOPEN");
    assert_eq!(
        (&steps.items()[2]["reason"], &steps.items()[2]["parties"]),
        (&json!("Usulan bidang P2P belum masuk"), &json!(["AGENCY"]))
    );

    // Another agency's planner finds nothing.
    let elsewhere = app.agency("KABUPATEN").await.role(Role::Planner).await;
    elsewhere.get(&path).await.expect(404);
    elsewhere.get(&format!("{path}/needs")).await.expect(404);
    step(&elsewhere, &id, "validation").await.expect(404);
}

#[tokio::test]
async fn of_units_one_above_the_other_one_begins() {
    let app = TestApp::start().await;
    let office = Office::new(&app, 0).await;
    let below = given::unit(&office.admin, "P2P", Some(&office.unit)).await;
    let beside = given::unit(&office.admin, "DISDIK", None).await;
    let tries = [&office.unit, &below].map(|unit| begin(&office.admin, unit));
    let mut statuses: Vec<_> =
        futures_util::future::join_all(tries).await.iter().map(|answer| answer.status).collect();
    statuses.sort_unstable();
    assert_eq!(statuses, [201, 409]);
    for unit in [&office.unit, &below] {
        begin(&office.admin, unit).await.expect(409).expect_error("/unit_id", "TAKEN");
    }
    begin(&office.admin, &beside).await.expect(201);
    let year = |year: i32| json!({"unit_id": office.unit, "year": year});
    office.admin.post(ANALYSES, year(2028)).await.expect(400).expect_error("/year", "OUT_OF_RANGE");
    office.admin.post(ANALYSES, year(2027)).await.expect(201);
    begin(&office.admin, &office.boss).await.expect(400).expect_error("/unit_id", "NOT_FOUND");
    let officer = office.agency.unit_admin(&beside).await;
    officer.post(ANALYSES, year(2026)).await.expect(403);
    let list = officer.get(&format!("{ANALYSES}?year=2026")).await.expect(200);
    assert_eq!(list.items().len(), 1, "of other units it sees nothing");
    let list = office.admin.get(&format!("{ANALYSES}?unit_id={beside}&state=COLLECTING")).await.expect(200);
    assert_eq!(list.items()[0]["unit_code"], "DISDIK");
}

#[tokio::test]
async fn coverage_adds_up_and_tells_who_has_not_begun() {
    let app = TestApp::start().await;
    let office = Office::new(&app, 6).await;
    let people: Vec<&str> = office.people.iter().map(String::as_str).collect();
    // Assessed in everything: two, of whom one lacks something; in one thing: one, who lacks something.
    office
        .assessed(&[
            (people[0], &office.first, 1),
            (people[0], &office.second, 2),
            (people[1], &office.first, 3),
            (people[1], &office.second, 2),
            (people[2], &office.first, 1),
        ])
        .await;
    let below = given::unit(&office.admin, "P2P", Some(&office.unit)).await;
    let beside = given::unit(&office.admin, "DISDIK", None).await;
    let school = given::unit(&office.admin, "SMP", Some(&beside)).await;
    let first = given::position(&office.admin, "P2P-1", &below).await;
    let (second, third) = (
        given::position(&office.admin, "D-1", &beside).await,
        given::position(&office.admin, "S-1", &school).await,
    );
    for (serial, position) in [(11, &first), (12, &second), (13, &third), (14, &third)] {
        given::person_in(&office.admin, serial, position).await;
    }
    let deadlines = "/v1/needs-deadlines/2026";
    office.admin.get(deadlines).await.expect(404);
    let days = json!({"collect_by": "2026-05-31", "verify_by": "2026-06-30", "validate_by": "2026-07-31"});
    let reversed =
        json!({"collect_by": "2026-05-31", "verify_by": "2026-04-30", "validate_by": "2026-07-31"});
    let planner = office.planner().await;
    given::put_new(&planner, deadlines, &reversed)
        .await
        .expect(400)
        .expect_error("/verify_by", "PERIOD_REVERSED");
    given::put_new(&office.superior().await, deadlines, &days).await.expect(403);
    given::put_new(&planner, deadlines, &days).await.expect(201);
    given::put_new(&planner, deadlines, &days).await.expect(428);

    let lines = |answer: &Answer| -> Vec<Value> {
        let line = |line: &Value| {
            let figures = &line["figures"];
            json!([
                line["unit_code"],
                line["directly"],
                line["state"],
                line["overdue"],
                figures["people"],
                figures["required"],
                figures["assessed"],
                figures["needing"]
            ])
        };
        answer.json["units"].as_array().unwrap().iter().map(line).collect()
    };
    let none = planner.get("/v1/needs-coverage?year=2026").await.expect(200);
    assert_eq!(
        lines(&none),
        [
            json!(["DINKES", false, null, "COLLECT", 8, 8, 2, null]),
            json!(["DISDIK", false, null, "COLLECT", 3, 3, 0, null]),
        ]
    );
    assert_eq!((&none.json["not_begun"], &none.json["total"]["needing"]), (&json!(2), &Value::Null));
    let id = office.begun().await;
    begin(&office.admin, &school).await.expect(201);
    let some = planner.get("/v1/needs-coverage?year=2026").await.expect(200);
    // Since a unit under it has begun, only the people directly in it are left.
    assert_eq!(
        lines(&some),
        [
            json!(["DINKES", false, "COLLECTING", "VERIFY", 8, 8, 2, 2]),
            json!(["DISDIK", true, null, "COLLECT", 1, 1, 0, null]),
            json!(["SMP", false, "COLLECTING", "VERIFY", 2, 2, 0, 0]),
        ]
    );
    let counts =
        ["collecting", "verified", "validated", "not_begun"].map(|name| some.json[name].as_i64().unwrap());
    assert_eq!(counts, [2, 0, 0, 1]);
    assert_eq!(some.json["total"], json!({"people": 11, "required": 11, "assessed": 2, "needing": 2}));
    let one = office.admin.get(&format!("{ANALYSES}/{id}")).await.expect(200);
    assert_eq!(one.json["coverage"], json!({"people": 8, "required": 8, "assessed": 2, "needing": 2}));
    assert_eq!(
        (&one.json["overdue"], &one.json["deadlines"]["validate_by"]),
        (&json!("VERIFY"), &json!("2026-07-31"))
    );
    step(&office.superior().await, &id, "verification").await.expect(200);
    let verified = office.admin.get(&format!("{ANALYSES}/{id}")).await.expect(200);
    assert_eq!(verified.json["overdue"], Value::Null);

    // A unit's officer sees the unit, and the unit alone.
    let officer = office.agency.unit_admin(&beside).await;
    let own = officer.get("/v1/needs-coverage?year=2026").await.expect(200);
    assert_eq!(lines(&own).len(), 2);
    let under = planner.get(&format!("/v1/needs-coverage?year=2026&unit_id={beside}")).await.expect(200);
    assert_eq!(lines(&under), lines(&own));
    planner
        .get(&format!("/v1/needs-coverage?unit_id={}", people[0]))
        .await
        .expect(400)
        .expect_error("/query/unit_id", "NOT_FOUND");

    // Who sees groups only is told no small one, none that would give one away, and nothing exactly.
    let observer = office.agency.role(Role::Observer).await;
    let coarse = observer.get("/v1/needs-coverage?year=2026").await.expect(200);
    assert_eq!((&coarse.json["rounded"], &coarse.json["total"]["people"]), (&json!(true), &json!(10)));
    let figures: Vec<_> =
        coarse.json["units"].as_array().unwrap().iter().map(|line| line["figures"].is_null()).collect();
    assert_eq!(figures, [true, true, true], "three people beside eight would be told apart");
    observer
        .get(&format!("/v1/needs-coverage?unit_id={beside}"))
        .await
        .expect(400)
        .expect_error("/query/unit_id", "INCONSISTENT");
    observer.get(ANALYSES).await.expect(403);
    office.oneself(0).await.get("/v1/needs-coverage").await.expect(403);
}

#[tokio::test]
async fn whoever_leads_the_unit_finds_it_in_the_inbox() {
    let app = TestApp::start().await;
    let office = Office::new(&app, 1).await;
    let (superior, planner) = (office.superior().await, office.planner().await);
    let settle = async || {
        remind(&app.services).await.unwrap();
        hand_on(&app.services).await.unwrap();
    };
    let inbox = async || {
        let all = superior.get("/v1/me/inbox").await.expect(200);
        let of = |one: &Value| one["kind"].as_str().unwrap().starts_with("NEEDS");
        all.items().iter().filter(|one| of(one)).cloned().collect::<Vec<_>>()
    };
    let id = office.begun().await;
    settle().await;
    let told = inbox().await;
    assert_eq!(
        (told.len(), &told[0]["kind"], &told[0]["due_on"]),
        (1, &json!("NEEDS_AWAITED"), &Value::Null)
    );
    assert_eq!(told[0]["link"], format!("{ANALYSES}/{id}"));
    let days = json!({"collect_by": "2026-05-31", "verify_by": "2026-07-15", "validate_by": "2026-07-31"});
    given::put_new(&planner, "/v1/needs-deadlines/2026", &days).await.expect(201);
    settle().await;
    assert_eq!(inbox().await[0]["due_on"], "2026-07-15");
    step(&superior, &id, "verification").await.expect(200);
    settle().await;
    assert!(inbox().await.is_empty(), "its reason is gone");
    reasoned(&planner, &format!("{ANALYSES}/{id}/return")).await.expect(200);
    settle().await;
    assert_eq!(inbox().await[0]["kind"], "NEEDS_RETURNED");
    // Another one takes over the unit.
    given::place(&office.admin, &office.boss, Some(&office.staff), "2026-07-01").await.expect(201);
    settle().await;
    assert!(inbox().await.is_empty());
}

#[tokio::test]
async fn after_the_last_day_to_collect_the_unit_and_the_agency_alone_add() {
    let app = TestApp::start().await;
    let office = Office::new(&app, 1).await;
    let a = office.people[0].as_str();
    let (oneself, superior, planner) =
        (office.oneself(0).await, office.superior().await, office.planner().await);
    let id = office.begun().await;
    let days =
        |last: &str| json!({"collect_by": last, "verify_by": "2026-12-30", "validate_by": "2026-12-31"});
    let set = planner.send(
        "PUT",
        "/v1/needs-deadlines/2026",
        Some(("application/json", days("2026-07-01").to_string().into_bytes())),
    );
    set.await.expect(201);
    let at = format!("{ANALYSES}/{id}");
    propose(&oneself, &id, &[a], &office.first, json!({})).await.expect(201);
    planner.put("/v1/needs-deadlines/2026", "*", days("2026-06-30")).await.expect(200);
    propose(&oneself, &id, &[a], &office.second, json!({}))
        .await
        .expect(409)
        .expect_problem("NEEDS_COLLECTED");
    assert_eq!(oneself.get(&at).await.expect(200).json["allowed_actions"], json!([]));
    propose(&superior, &id, &[a], &office.second, json!({})).await.expect(201);
    propose(&planner, &id, &[a], &office.second, json!({"level_to": 5})).await.expect(201);
}

#[tokio::test]
async fn a_second_account_does_not_validate() {
    let app = TestApp::start().await;
    let office = Office::new(&app, 1).await;
    office.assessed(&[(&office.people[0], &office.first, 1)]).await;
    let (superior, same) =
        (office.superior().await, office.agency.employee(Role::Planner, &office.boss).await);
    let id = office.begun().await;
    step(&superior, &id, "verification").await.expect(200);
    step(&same, &id, "validation").await.expect(409).expect_problem("NEEDS_SAME_OFFICER");
    step(&office.planner().await, &id, "validation").await.expect(200);
}

#[tokio::test]
async fn an_analysis_of_a_unit_without_people_is_covered_too() {
    let app = TestApp::start().await;
    let office = Office::new(&app, 1).await;
    let empty = given::unit(&office.admin, "KOSONG", None).await;
    begin(&office.admin, &empty).await.expect(201);
    let found = office.planner().await.get("/v1/needs-coverage?year=2026").await.expect(200).json;
    let line =
        found["units"].as_array().unwrap().iter().find(|line| line["unit_id"] == empty.as_str()).unwrap();
    assert_eq!((&line["state"], &line["figures"]["people"]), (&json!("COLLECTING"), &json!(0)));
}

#[tokio::test]
async fn a_unit_that_is_moved_keeps_its_analysis_and_its_people() {
    let app = TestApp::start().await;
    let office = Office::new(&app, 2).await;
    let Office { admin, people, first, .. } = &office;
    let beside = given::unit(admin, "DISDIK", None).await;
    let teacher = given::position(admin, "GURU", &beside).await;
    let school = given::person_in(admin, 50, &teacher).await;
    office.assessed(&[(&people[0], first, 1)]).await;
    let (outer, inner) = (office.begun().await, begin(admin, &beside).await.expect(201).id());
    propose(admin, &inner, &[&school], first, json!({})).await.expect(201);
    let unit = admin.get(&format!("/v1/units/{beside}")).await.expect(200);
    let moved = json!({"code": unit.json["code"], "name": unit.json["name"], "parent_id": office.unit});
    admin.put(&format!("/v1/units/{beside}"), &unit.etag(), moved).await.expect(200);
    for id in [&outer, &inner, &outer] {
        step(admin, id, "gathering").await.expect(200);
    }
    let whose = async |id: &str| {
        let all = needs(admin, id).await;
        all.iter().map(|need| need["employee_id"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(whose(&inner).await, std::slice::from_ref(&school));
    assert_eq!(whose(&outer).await, [people[0].clone()]);
    let people_of = async |id: &str| {
        admin.get(&format!("{ANALYSES}/{id}")).await.expect(200).json["coverage"]["people"].clone()
    };
    assert_eq!((people_of(&outer).await, people_of(&inner).await), (json!(3), json!(1)));
    propose(admin, &outer, &[&school], first, json!({}))
        .await
        .expect(400)
        .expect_error("/employee_ids/0", "NOT_FOUND");
}
