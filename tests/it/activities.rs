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
        "degree": "S2", "funding": "SCHOLARSHIP", "months": 24, "bond_months": 48, "released": true});
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
    let coach = json!({"name": "Coach Tamu", "roles": ["COACH"]});
    let coach = admin.post("/v1/trainers", coach).await.expect(201).id();
    let mut paths = Vec::new();
    for _ in 0..3 {
        let coaching = json!({"kind": "COACHING", "trainer_id": coach});
        let made = admin.post("/v1/activities", activity(&people[0], coaching)).await.expect(201);
        let path = format!("/v1/activities/{}", made.id());
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
    let path = format!("/v1/activities/{}", own.post("/v1/activities", study).await.expect(201).id());
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
