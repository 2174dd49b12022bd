//! `/v1/activities`.

use access::Role;
use serde_json::{Value, json};
use support::{Agency, Caller, TestApp};

use crate::given;

/// A head, their office, and people in it.
async fn office(agency: &Agency<'_>, people: u16) -> (String, Vec<String>) {
    let admin = agency.admin().await;
    let unit = given::unit(&admin, "DINAS", None).await;
    let (head, staff) =
        (given::head(&admin, "KADIS", &unit).await, given::position(&admin, "STAF", &unit).await);
    let boss = given::person_in(&admin, 900, &head).await;
    let mut all = Vec::new();
    for serial in 1..=people {
        all.push(given::person_in(&admin, serial, &staff).await);
    }
    (boss, all)
}

fn activity(employee: &str, details: Value) -> Value {
    json!({"employee_id": employee, "goal": "Mampu menyusun survei", "starts_on": "2026-06-01", "ends_on": "2026-09-30",
        "details": details})
}

fn study() -> Value {
    json!({"kind": "SELF_STUDY", "material": "Modul survei"})
}

/// Registers a guest who guides as this; the trainer's id.
async fn guest(admin: &Caller<'_>, role: &str) -> String {
    let trainer = json!({"name": "Tamu", "roles": [role]});
    admin.post("/v1/trainers", trainer).await.expect(201).id()
}

/// Plans an activity; its path.
async fn planned(caller: &Caller<'_>, activity: Value) -> String {
    format!("/v1/activities/{}", caller.post("/v1/activities", activity).await.expect(201).id())
}

/// Registers somebody who guides; the trainer's id.
async fn registered(admin: &Caller<'_>, employee: &str, roles: Value, max_mentees: Option<u8>) -> String {
    let trainer = json!({"employee_id": employee, "roles": roles, "max_mentees": max_mentees});
    admin.post("/v1/trainers", trainer).await.expect(201).id()
}

fn guided(kind: &str, trainer: &str) -> Value {
    json!({"kind": kind, "trainer_id": trainer})
}

async fn log(caller: &Caller<'_>, path: &str, on: &str) {
    let entry = json!({"on": on, "note": "Sesi"});
    caller.put(&format!("{path}/log"), "*", entry).await.expect(200);
}

#[tokio::test]
async fn an_activity_is_planned_logged_and_completed_by_the_superior() {
    let app = TestApp::start().await;
    let agency = app.agency("KOTA").await;
    let (boss, people) = office(&agency, 2).await;
    let own = agency.employee(Role::Employee, &people[0]).await;
    let chief = agency.employee(Role::Supervisor, &boss).await;
    let details = json!({"kind": "INTERNSHIP", "host": "Kantor Contoh", "supervisor": "Pembimbing"});
    let made = own.post("/v1/activities", activity(&people[0], details.clone())).await.expect(201);
    let path = format!("/v1/activities/{}", made.id());
    assert_eq!((&made.json["form"], &made.json["details"]), (&json!("NKL12"), &details));
    assert_eq!(made.json["allowed_actions"], json!(["EDIT", "LOG", "CANCEL"]));
    own.post("/v1/activities", activity(&people[1], study()))
        .await
        .expect(400)
        .expect_error("/employee_id", "NOT_FOUND");
    let outcome = json!({"outcome": "Menyusun survei"});
    chief
        .put(&format!("{path}/completion"), "*", outcome.clone())
        .await
        .expect(409)
        .expect_problem("ACTIVITY_EMPTY");
    let ahead = json!({"on": "2026-07-02", "note": "Besok"});
    own.put(&format!("{path}/log"), "*", ahead).await.expect(400).expect_error("/on", "IN_FUTURE");
    let outside = json!({"on": "2026-05-31", "note": "Dulu"});
    own.put(&format!("{path}/log"), "*", outside).await.expect(400).expect_error("/on", "INCONSISTENT");
    log(&own, &path, "2026-06-30").await;
    own.put(&format!("{path}/completion"), "*", outcome.clone()).await.expect(403);
    let done = chief.put(&format!("{path}/completion"), "*", outcome.clone()).await.expect(200);
    assert_eq!((&done.json["state"], &done.json["jp"]), (&json!("COMPLETED"), &json!(20)));
    chief.put(&format!("{path}/completion"), "*", outcome).await.expect(409).expect_problem("ACTIVITY_STATE");
    let ledger = format!(
        "SELECT sum(hundredths)::bigint FROM jp_entries WHERE employee_id = '{}' AND earned_on = '2026-06-30'",
        people[0]
    );
    assert_eq!(app.count(&ledger).await, 2000);
    assert_eq!(
        app.count("SELECT count(*) FROM audit_events WHERE changes::text LIKE '%Menyusun survei%'").await,
        0
    );
    // A head's own activity is completed by somebody else.
    let both = agency.employee(Role::Employee, &boss).await;
    let theirs = both.post("/v1/activities", activity(&boss, study())).await.expect(201);
    let theirs = format!("/v1/activities/{}", theirs.id());
    log(&both, &theirs, "2026-06-30").await;
    let done = json!({"outcome": "Selesai"});
    chief
        .put(&format!("{theirs}/completion"), "*", done)
        .await
        .expect(409)
        .expect_problem("ACTIVITY_OWN_COMPLETION");
}

#[tokio::test]
async fn every_kind_has_its_own_fields() {
    let app = TestApp::start().await;
    let agency = app.agency("KOTA").await;
    let (_, people) = office(&agency, 1).await;
    let admin = agency.admin().await;
    let post = async |details: Value| admin.post("/v1/activities", activity(&people[0], details)).await;
    post(json!({"kind": "SECONDMENT", "host": "Kantor", "topic": "x"}))
        .await
        .expect(400)
        .expect_error("/details/supervisor", "REQUIRED")
        .expect_error("/details/assignment", "REQUIRED")
        .expect_error("/details/topic", "INCONSISTENT");
    let further = json!({"kind": "FURTHER_STUDY", "institution": "Universitas Contoh", "study": "Kebijakan Publik",
        "degree": "S2", "funding": "SCHOLARSHIP", "months": 4, "bond_months": 48, "released": true});
    let mut longer = further.clone();
    longer["months"] = json!(24);
    post(longer).await.expect(400).expect_error("/details/months", "INCONSISTENT");
    let made = post(further.clone()).await.expect(201);
    assert_eq!((&made.json["form"], &made.json["details"]), (&Value::Null, &further));
    let mut formed = activity(&people[0], further);
    formed["form"] = json!("NKL12");
    admin.post("/v1/activities", formed).await.expect(400).expect_error("/form", "INCONSISTENT");
    let mut unknown = activity(&people[0], study());
    unknown["form"] = json!("NKL99");
    admin.post("/v1/activities", unknown).await.expect(400).expect_error("/form", "NOT_FOUND");
    let list = admin.get("/v1/activities?kind=FURTHER_STUDY&on=2026-07-01").await.expect(200);
    assert_eq!(list.items().len(), 1);
}

#[tokio::test]
async fn a_mentor_guides_no_more_people_than_they_may() {
    let app = TestApp::start().await;
    let agency = app.agency("KOTA").await;
    let (_, people) = office(&agency, 6).await;
    let admin = agency.admin().await;
    let mentor = json!({"name": "Mentor Tamu", "roles": ["MENTOR"], "max_mentees": 2});
    let mentor = admin.post("/v1/trainers", mentor).await.expect(201).id();
    let mentoring = json!({"kind": "MENTORING", "trainer_id": mentor});
    let tries = people.iter().map(|person| admin.post("/v1/activities", activity(person, mentoring.clone())));
    let answers = futures_util::future::join_all(tries).await;
    let mut statuses: Vec<_> = answers.iter().map(|answer| answer.status).collect();
    statuses.sort_unstable();
    assert_eq!(statuses, [201, 201, 409, 409, 409, 409]);
    assert!(answers.iter().filter(|one| one.status == 409).all(|one| one.json["code"] == "TRAINER_FULL"));
    // Who mentors does not coach, and nobody is removed whom people are guided by.
    let coaching = json!({"kind": "COACHING", "trainer_id": mentor});
    let refused = admin.post("/v1/activities", activity(&people[0], coaching)).await.expect(400);
    refused.expect_error("/details/trainer_id", "INCONSISTENT");
    admin.delete(&format!("/v1/trainers/{mentor}"), "*").await.expect(409).expect_problem("STILL_REFERENCED");
    // A place that becomes free can be taken.
    let one = answers.iter().find(|one| one.status == 201).unwrap();
    let path = format!("/v1/activities/{}/cancellation", one.id());
    admin.put(&path, "*", json!({"reason": "Mutasi"})).await.expect(200);
    admin.post("/v1/activities", activity(&people[5], mentoring)).await.expect(201);
}

#[tokio::test]
async fn a_cap_holds_over_everything_done_in_a_form_also_at_once() {
    let app = TestApp::start().await;
    let agency = app.agency("KOTA").await;
    let (_, people) = office(&agency, 1).await;
    let admin = agency.admin().await;
    let coach = guest(&admin, "COACH").await;
    let mut paths = Vec::new();
    for _ in 0..3 {
        let path = planned(&admin, activity(&people[0], guided("COACHING", &coach))).await;
        // Two hours a session, four a month.
        log(&admin, &path, "2026-06-10").await;
        paths.push(path);
    }
    let completions =
        paths.iter().map(|path| {
            let (admin, path) = (&admin, format!("{path}/completion"));
            async move {
                admin.put(&path, "*", json!({"outcome": "Selesai"})).await.expect(200).json["jp"].clone()
            }
        });
    let mut hours: Vec<_> =
        futures_util::future::join_all(completions).await.iter().map(|jp| jp.as_i64().unwrap()).collect();
    hours.sort_unstable();
    assert_eq!(hours, [0, 2, 2]);
    assert_eq!(app.count("SELECT sum(hundredths)::bigint FROM jp_entries").await, 400);
    // What people log themselves counts under the same cap, month by month.
    let own = |units: Value| {
        json!({"employee_id": people[0], "title": "Coaching", "form": "NKL01", "started_on": "2026-05-01",
            "ended_on": "2026-06-30", "units": units, "document": "berkas/1"})
    };
    let verify = async |units: Value| {
        let made = admin.post("/v1/own-learnings", own(units)).await.expect(201).id();
        admin.transition(&format!("/v1/own-learnings/{made}/verification"), "*").await
    };
    verify(json!(["2026-06-11"])).await.expect(409).expect_problem("OWN_LEARNING_NO_HOURS");
    verify(json!(["2026-05-06", "2026-06-12"])).await.expect(200);
    assert_eq!(app.count("SELECT sum(hundredths)::bigint FROM jp_entries").await, 600);
    verify(json!(["2026-05-07", "2026-05-08"])).await.expect(200);
    assert_eq!(app.count("SELECT sum(hundredths)::bigint FROM jp_entries").await, 800);
}

#[tokio::test]
async fn a_form_that_counts_an_activity_once_counts_it_once() {
    let app = TestApp::start().await;
    let agency = app.agency("KOTA").await;
    let (boss, people) = office(&agency, 1).await;
    let own = agency.employee(Role::Employee, &people[0]).await;
    let mut study = activity(&people[0], study());
    study["form"] = json!("NKL12");
    let path = planned(&own, study).await;
    for on in ["2026-06-28", "2026-06-29", "2026-06-30"] {
        log(&own, &path, on).await;
    }
    let chief = agency.employee(Role::Supervisor, &boss).await;
    let done = chief.put(&format!("{path}/completion"), "*", json!({"outcome": "Selesai"})).await.expect(200);
    assert_eq!(done.json["jp"], 20);
    // Goals, logs and outcomes are not for those who only run classes or assess.
    for role in [Role::Provider, Role::Assessor] {
        agency.role(role).await.get("/v1/activities").await.expect(403);
    }
}

#[tokio::test]
async fn what_goes_on_over_new_year_is_credited_in_both_years() {
    let app = TestApp::start().await;
    let agency = app.agency("KOTA").await;
    let (_, people) = office(&agency, 1).await;
    let admin = agency.admin().await;
    let coach = guest(&admin, "COACH").await;
    let mut coaching = activity(&people[0], guided("COACHING", &coach));
    (coaching["starts_on"], coaching["ends_on"]) = (json!("2025-11-01"), json!("2026-02-28"));
    let path = planned(&admin, coaching).await;
    // Two hours a session, four a month.
    for on in ["2025-11-10", "2025-12-01", "2025-12-08", "2025-12-15", "2026-01-12"] {
        log(&admin, &path, on).await;
    }
    let done = admin.put(&format!("{path}/completion"), "*", json!({"outcome": "Selesai"})).await.expect(200);
    assert_eq!(done.json["jp"], 8);
    let ledger = async |year: i32| {
        let path = format!("/v1/employees/{}/jp-ledger?year={year}", people[0]);
        admin.get(&path).await.expect(200).json
    };
    let (before, after) = (ledger(2025).await, ledger(2026).await);
    assert_eq!((&before["counted"], &after["counted"]), (&json!(6), &json!(2)));
    let entry = &before["entries"][0];
    assert_eq!((&entry["earned_on"], &entry["source_id"]), (&json!("2025-12-15"), &json!(done.id())));
    // Each is corrected for itself.
    let path = format!("/v1/jp-entries/{}/correction", entry["id"].as_str().unwrap());
    admin.put(&path, "*", json!({"jp": 2, "reason": "Dua sesi batal"})).await.expect(200);
    assert_eq!(
        (ledger(2025).await["counted"].clone(), ledger(2026).await["counted"].clone()),
        (json!(2), json!(2))
    );
    assert_eq!(app.services.store.jp_sums_check(agency.id).await.unwrap(), 0);
}

#[tokio::test]
async fn nobody_guides_themself_and_a_superior_coaches_but_does_not_mentor() {
    let app = TestApp::start().await;
    let agency = app.agency("KOTA").await;
    let (boss, people) = office(&agency, 2).await;
    let admin = agency.admin().await;
    let both = || json!(["MENTOR", "COACH"]);
    let plan = async |person: &str, kind: &str, trainer: &str| {
        admin.post("/v1/activities", activity(person, guided(kind, trainer))).await
    };
    let superior = registered(&admin, &boss, both(), None).await;
    plan(&people[0], "MENTORING", &superior).await.expect(409).expect_problem("TRAINER_IN_LINE");
    let coaching = plan(&people[0], "COACHING", &superior).await.expect(201);
    let own = registered(&admin, &people[0], both(), None).await;
    for kind in ["MENTORING", "COACHING"] {
        plan(&people[0], kind, &own).await.expect(409).expect_problem("TRAINER_IN_LINE");
    }
    // Nor is somebody the mentor of whoever directs them; colleagues are.
    plan(&boss, "MENTORING", &own).await.expect(409).expect_problem("TRAINER_IN_LINE");
    plan(&people[1], "MENTORING", &own).await.expect(201);
    // Also by a change of what was planned.
    let path = format!("/v1/activities/{}", coaching.id());
    let mut changed = activity(&people[0], guided("MENTORING", &superior));
    changed.as_object_mut().unwrap().remove("employee_id");
    admin.put(&path, "*", changed).await.expect(409).expect_problem("TRAINER_IN_LINE");
}

#[tokio::test]
async fn who_set_no_limit_guides_as_many_as_the_policy_says_and_plans_count() {
    let app = TestApp::start().await;
    let agency = app.agency("KOTA").await;
    let (_, people) = office(&agency, 7).await;
    let admin = agency.admin().await;
    let guest = guest(&admin, "MENTOR").await;
    let plan = async |person: &str, trainer: &str| {
        admin.post("/v1/activities", activity(person, guided("MENTORING", trainer))).await
    };
    let mut first = String::new();
    for person in &people[..3] {
        first = plan(person, &guest).await.expect(201).id();
    }
    plan(&people[3], &guest).await.expect(409).expect_problem("TRAINER_FULL");
    // Whom they guide already takes no other place, and what is planned may be changed.
    plan(&people[2], &guest).await.expect(201);
    let mut longer = activity(&people[2], guided("MENTORING", &guest));
    longer.as_object_mut().unwrap().remove("employee_id");
    longer["ends_on"] = json!("2026-10-31");
    admin.put(&format!("/v1/activities/{first}"), "*", longer).await.expect(200);
    // A plan that names a mentor takes a place of theirs.
    let one = registered(&admin, &people[4], json!(["MENTOR"]), Some(1)).await;
    let own = agency.employee(Role::Employee, &people[5]).await;
    let item = json!({"form": "NKL02", "title": "Mentoring", "origin": "OWN_WISH", "mentor_id": people[4]});
    let named = json!({"employee_id": people[5], "year": 2026, "items": [item]});
    own.post("/v1/development-plans", named).await.expect(201);
    plan(&people[6], &one).await.expect(409).expect_problem("TRAINER_FULL");
    plan(&people[5], &one).await.expect(201);
}

#[tokio::test]
async fn a_mentor_sees_what_they_guide_and_adds_to_its_log() {
    let app = TestApp::start().await;
    let agency = app.agency("KOTA").await;
    let (_, people) = office(&agency, 4).await;
    let admin = agency.admin().await;
    let trainer = registered(&admin, &people[0], json!(["MENTOR"]), None).await;
    let other = registered(&admin, &people[1], json!(["MENTOR"]), None).await;
    let made = async |person: &str, details: Value| planned(&admin, activity(person, details)).await;
    let mine = made(&people[2], guided("MENTORING", &trainer)).await;
    let theirs = made(&people[3], guided("MENTORING", &other)).await;
    let alone = made(&people[2], study()).await;
    let mentor = agency.employee(Role::Mentor, &people[0]).await;
    let list = mentor.get("/v1/activities").await.expect(200);
    assert_eq!(list.items().len(), 1, "{}", list.text);
    let seen = mentor.get(&mine).await.expect(200);
    assert_eq!(
        (&seen.json["allowed_actions"], &seen.json["details"]["trainer_id"]),
        (&json!(["LOG"]), &json!(trainer))
    );
    for hidden in [&theirs, &alone] {
        mentor.get(hidden).await.expect(404);
        let entry = json!({"on": "2026-06-30", "note": "Sesi"});
        mentor.put(&format!("{hidden}/log"), "*", entry).await.expect(404);
    }
    log(&mentor, &mine, "2026-06-30").await;
    let logged = admin.get(&mine).await.expect(200);
    assert_eq!(logged.json["log"], json!([{"on": "2026-06-30", "note": "Sesi"}]));
    // What it says, whether it goes on and whether it is done is for others.
    let reason = json!({"reason": "Alasan"});
    mentor.put(&format!("{mine}/cancellation"), "*", reason).await.expect(403);
    mentor.put(&format!("{mine}/completion"), "*", json!({"outcome": "Selesai"})).await.expect(403);
    let mut changed = activity(&people[2], guided("MENTORING", &trainer));
    changed.as_object_mut().unwrap().remove("employee_id");
    mentor.put(&mine, "*", changed).await.expect(403);
    mentor.get(&format!("/v1/employees/{}", people[2])).await.expect(403);
    // The person can tell who looked.
    let looks = format!(
        "SELECT count(*) FROM access_records WHERE operation = 'activity_get' AND employee_id = '{}'",
        people[2]
    );
    assert_eq!(app.count(&looks).await, 2, "the mentor's look and the personnel agency's");
    // A mentor who is nobody the agency knows sees nothing.
    agency.role(Role::Mentor).await.get("/v1/activities").await.expect(403);
}

#[tokio::test]
async fn an_activity_is_not_completed_beyond_a_ceiling_that_stops() {
    let app = TestApp::start().await;
    let agency = app.agency("KOTA").await;
    let (boss, people) = office(&agency, 1).await;
    let admin = agency.admin().await;
    app.sql(&format!(
        "UPDATE employees SET status = 'PPPK', appointed_on = '2024-04-01' WHERE id = '{}'",
        people[0]
    ))
    .await;
    let rule = |jp: u32| {
        json!({"name": "JP_TARGET", "valid_from": "2020-01-01", "source": "Keputusan", "jp_target": {"rules": [
            {"statuses": ["PPPK"], "bound": "AT_MOST", "jp": jp, "span": "CONTRACT_YEAR", "enforcement": "STOP",
                "part_year": "FULL", "exempt": [], "source": "PP 49/2018", "confidence": "FOUND"}]}})
    };
    let coach = guest(&admin, "COACH").await;
    let coaching = guided("COACHING", &coach);
    let path = format!(
        "/v1/activities/{}",
        admin.post("/v1/activities", activity(&people[0], coaching)).await.expect(201).id()
    );
    log(&admin, &path, "2026-06-10").await;
    let chief = agency.employee(Role::Supervisor, &boss).await;
    let outcome = json!({"outcome": "Selesai"});
    // Two hours a session.
    admin.post("/v1/policies", rule(1)).await.expect(201);
    let refused = chief.put(&format!("{path}/completion"), "*", outcome.clone()).await;
    refused.expect(409).expect_problem("JP_CEILING");
    admin.post("/v1/policies", rule(2)).await.expect(201);
    assert_eq!(chief.put(&format!("{path}/completion"), "*", outcome).await.expect(200).json["jp"], 2);
}
