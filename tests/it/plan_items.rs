//! The items of `/v1/development-plans`: what they name, who helps, and the hours they bring.

use access::Role;
use serde_json::{Value, json};
use support::{Caller, TestApp};

use crate::given;
use crate::plans::{Office, PLANS, again, begun, item, reasoned, step};

#[tokio::test]
async fn what_an_item_refers_to_has_to_be_there() {
    let app = TestApp::start().await;
    let office = Office::new(&app).await;
    let owner = office.owner().await;
    let path = format!("{PLANS}/{}", office.draft(&owner).await.id());
    let ghost = "01931d5e-7c1f-7d7a-9a7e-3f1f3f0e4a11";
    let put = json!({"items": [
        {"form": "GAIB", "title": "x", "origin": "OWN_WISH"},
        {"programme_id": ghost, "origin": "OWN_WISH"},
        {"competency_id": ghost, "level_to": 3, "form": "NKL01", "title": "x", "origin": "HELD_GAP"},
        {"id": ghost, "form": "NKL01", "title": "x", "origin": "OWN_WISH"},
    ]});
    let refused = owner.put(&path, "*", put).await.expect(400);
    for (at, code) in [
        ("/items/0/form", "NOT_FOUND"),
        ("/items/1/programme_id", "NOT_FOUND"),
        ("/items/2/competency_id", "NOT_FOUND"),
        ("/items/3/id", "NOT_FOUND"),
    ] {
        assert!(
            refused.json["errors"]
                .as_array()
                .unwrap()
                .iter()
                .any(|one| one["pointer"] == at && one["code"] == code),
            "{at}: {}",
            refused.text
        );
    }
    let put = json!({"items": [{"competency_id": office.competency, "level_from": 3, "level_to": 3, "form": "NKL01",
        "title": "x", "origin": "HELD_GAP", "starts_on": "2026-09-02", "due_on": "2026-09-01"}]});
    let refused =
        owner.put(&path, "*", put).await.expect(400).expect_error("/items/0/due_on", "PERIOD_REVERSED");
    refused.expect_error("/items/0/level_to", "INCONSISTENT");
    let mentor =
        json!({"items": [{"form": "NKL01", "title": "x", "origin": "OWN_WISH", "mentor_id": ghost}]});
    owner.put(&path, "*", mentor).await.expect(400).expect_error("/items", "NOT_FOUND");
}

#[tokio::test]
async fn a_ceiling_bounds_the_contract_year_an_item_is_due_in() {
    let app = TestApp::start().await;
    let office = Office::new(&app).await;
    app.sql(&format!(
        "UPDATE employees SET status = 'PPPK', appointed_on = '2024-10-01' WHERE id = '{}'",
        office.me
    ))
    .await;
    let policy = json!({"name": "JP_TARGET", "valid_from": "2020-01-01", "source": "Keputusan", "jp_target": {"rules": [
        {"statuses": ["PPPK"], "bound": "AT_MOST", "jp": 24, "span": "CONTRACT_YEAR", "enforcement": "STOP",
            "part_year": "FULL", "exempt": [], "source": "PP 49/2018", "confidence": "FOUND"}]}});
    office.admin.post("/v1/policies", policy).await.expect(201);
    let own = json!({"employee_id": office.me, "title": "Pelatihan", "form": "NKL03", "started_on": "2026-05-01",
        "ended_on": "2026-05-01", "certificate_jp": 22, "document": "berkas/1",
        "certificate": {"number": "B/1", "issued_on": "2026-05-01"}});
    let own = office.admin.post("/v1/own-learnings", own).await.expect(201).id();
    office.admin.transition(&format!("/v1/own-learnings/{own}/verification"), "*").await.expect(200);

    let owner = office.owner().await;
    let items = [item("Coaching", Some("2026-12-31")), item("Magang", Some("2026-09-30"))];
    let plan = json!({"employee_id": office.me, "year": 2026, "items": items});
    let path = format!("{PLANS}/{}", owner.post(PLANS, plan).await.expect(201).id());
    begun(&office, &path).await.expect(409).expect_problem("JP_CEILING");
    // The day after another contract year begins.
    reasoned(&office.admin, &path, "cancellation").await.expect(200);
    let reopened = reasoned(&owner, &path, "reopening").await.expect(200);
    let items = again(&reopened, "2026-10-01");
    owner.put(&path, "*", json!({"items": items})).await.expect(200);
    begun(&office, &path).await.expect(200);
}

#[tokio::test]
async fn an_item_names_a_class_of_its_programme_that_is_held() {
    let app = TestApp::start().await;
    let office = Office::new(&app).await;
    let programme = office.programme().await;
    let class = given::open_class(&office.admin, "K1", &programme, json!({})).await;
    let gone = given::open_class(&office.admin, "K2", &programme, json!({})).await;
    let other = given::programme(&office.admin, "LAIN").await;
    let foreign = given::open_class(&office.admin, "K3", &other, json!({})).await;
    let reason = json!({"reason": "Batal"});
    office.admin.put(&format!("/v1/classes/{gone}/cancellation"), "*", reason.clone()).await.expect(200);
    let owner = office.owner().await;
    let path = format!("{PLANS}/{}", office.draft(&owner).await.id());
    let naming = |class: &str| json!({"programme_id": programme, "class_id": class, "origin": "OWN_WISH"});
    let ghost = "01931d5e-7c1f-7d7a-9a7e-3f1f3f0e4a11";
    let refused =
        owner.put(&path, "*", json!({"items": [naming(&foreign), naming(&gone), naming(ghost)]})).await;
    let refused = refused.expect(400).expect_error("/items/0/class_id", "INCONSISTENT");
    let refused = refused.expect_error("/items/1/class_id", "INCONSISTENT");
    refused.expect_error("/items/2/class_id", "NOT_FOUND");
    let kept = owner.put(&path, "*", json!({"items": [naming(&class)]})).await.expect(200);
    // What is called off after it was named does not stop whoever edits the rest.
    office.admin.put(&format!("/v1/classes/{class}/cancellation"), "*", reason).await.expect(200);
    let mut again = naming(&class);
    again["id"] = kept.json["items"][0]["id"].clone();
    again["due_on"] = json!("2026-12-01");
    owner.put(&path, "*", json!({"items": [again]})).await.expect(200);
    owner.put(&path, "*", json!({"items": [naming(&class)]})).await.expect(400);
}

#[tokio::test]
async fn what_was_completed_brings_the_hours_of_the_ledger_until_the_plan_is_over() {
    let app = TestApp::start().await;
    let office = Office::new(&app).await;
    let programme = office.programme().await;
    let class = given::open_class(&office.admin, "K1", &programme, json!({})).await;
    let (owner, superior) = (office.owner().await, office.superior().await);
    let step_of = json!({"programme_id": programme, "class_id": class, "budget": "APBD", "due_on": "2026-12-31", "origin": "OWN_WISH"});
    let plan = json!({"employee_id": office.me, "year": 2026, "items": [step_of, item("Coaching", Some("2026-12-31"))]});
    let path = format!("{PLANS}/{}", owner.post(PLANS, plan).await.expect(201).id());
    let active = begun(&office, &path).await.expect(200);
    let enrolments = format!("/v1/classes/{class}/enrolments");
    let enrolment = office.admin.post(&enrolments, json!({"employee_id": office.me})).await.expect(201).id();
    let told = json!({"state": "DONE", "percent": 100, "jp": 30, "evidence": "berkas/1"});
    let place = |index: usize| {
        format!("{path}/items/{}/progress", active.json["items"][index]["id"].as_str().unwrap())
    };
    for index in 0..2 {
        owner.put(&place(index), "*", told.clone()).await.expect(200);
    }
    superior.get(&path).await.expect(200);
    let earned = async |caller: &Caller<'_>| {
        let plan = caller.get(&path).await.expect(200).json;
        let of = |index: usize| {
            let progress = &plan["items"][index]["progress"];
            (progress["jp"].clone(), progress["jp_by"].clone())
        };
        (of(0), of(1), plan["figures"]["jp_earned"].clone())
    };
    let own = (json!(30), json!("TOLD"));
    assert_eq!(earned(&owner).await, (own.clone(), own.clone(), json!(60)));

    app.set_now("2026-07-22T02:00:00Z");
    let (provider, admin) = (office.agency.role(Role::Provider).await, office.agency.admin().await);
    let superior = office.superior().await;
    for number in 1..=2 {
        let present = json!({"items": [{"enrolment_id": enrolment, "presence": "PRESENT"}]});
        let path = format!("/v1/classes/{class}/sessions/{number}/attendance");
        provider.put(&path, "*", present).await.expect(200);
    }
    let passed = json!({"items": [{"enrolment_id": enrolment, "passed": true}]});
    provider.put(&format!("/v1/classes/{class}/results"), "*", passed).await.expect(200);
    provider.transition(&format!("/v1/classes/{class}/completion"), "*").await.expect(200);
    let by_ledger = |jp: u32| (json!(jp), json!("LEDGER"));
    assert_eq!(earned(&superior).await, (by_ledger(24), own.clone(), json!(54)));
    let correct = async |jp: u32| {
        let ledger = format!("/v1/employees/{}/jp-ledger?year=2026", office.me);
        let ledger = admin.get(&ledger).await.expect(200).json;
        let stands = |one: &&Value| one["reversed"] == false && one["kind"] != "REVERSAL";
        let entry = ledger["entries"].as_array().unwrap().iter().find(stands).unwrap()["id"].clone();
        let path = format!("/v1/jp-entries/{}/correction", entry.as_str().unwrap());
        admin.put(&path, "*", json!({"jp": jp, "reason": "Salah hitung"})).await.expect(200);
    };
    correct(20).await;
    assert_eq!(earned(&superior).await, (by_ledger(20), own.clone(), json!(50)));
    step(&superior, &path, "completion").await.expect(200);
    correct(8).await;
    assert_eq!(earned(&superior).await, (by_ledger(20), own, json!(50)), "what is over stays as it was");
}

#[tokio::test]
async fn who_helps_is_neither_the_person_nor_in_their_line_and_has_room() {
    let app = TestApp::start().await;
    let office = Office::new(&app).await;
    let owner = office.owner().await;
    let path = format!("{PLANS}/{}", office.draft(&owner).await.id());
    let naming = |form: &str, mentor: &str| json!({"form": form, "title": "Bimbingan", "origin": "OWN_WISH", "mentor_id": mentor});
    let put = async |items: Value| owner.put(&path, "*", json!({"items": items})).await;
    for (form, mentor) in [("NKL02", &office.me), ("NKL01", &office.me), ("NKL02", &office.boss)] {
        let refused = put(json!([item("Membaca", None), naming(form, mentor)])).await.expect(409);
        refused.expect_problem("TRAINER_IN_LINE").expect_error("/items/1/mentor_id", "INCONSISTENT");
    }
    put(json!([naming("NKL01", &office.boss)])).await.expect(200);
    // One who guides one person and no more guides nobody else; whom they guide already goes on.
    let mentor = given::person_in(&office.admin, 7, &office.staff).await;
    let trainer = json!({"employee_id": mentor, "roles": ["MENTOR"], "max_mentees": 1});
    office.admin.post("/v1/trainers", trainer).await.expect(201);
    let kept = put(json!([naming("NKL02", &mentor)])).await.expect(200);
    let mut same = naming("NKL02", &mentor);
    same["id"] = kept.json["items"][0]["id"].clone();
    put(json!([same, naming("NKL10", &mentor)])).await.expect(200);
    let mut tries = Vec::new();
    for serial in [8, 9] {
        let other = given::person_in(&office.admin, serial, &office.staff).await;
        let owner = office.agency.employee(Role::Employee, &other).await;
        let plan = json!({"employee_id": other, "year": 2026, "items": [naming("NKL02", &mentor)]});
        owner.post(PLANS, plan.clone()).await.expect(409).expect_problem("TRAINER_FULL");
        tries.push((owner, plan));
    }
    // Of two who ask at once for the only place one gets it.
    put(json!([item("Membaca", None)])).await.expect(200);
    let answers =
        futures_util::future::join_all(tries.iter().map(|(who, plan)| who.post(PLANS, plan.clone())));
    let mut statuses: Vec<_> = answers.await.iter().map(|answer| answer.status).collect();
    statuses.sort_unstable();
    assert_eq!(statuses, [201, 409]);
}
