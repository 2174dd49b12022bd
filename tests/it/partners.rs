//! `/v1/partners` and `/v1/trainers`.

use access::Role;
use serde_json::{Value, json};
use support::TestApp;

use crate::given;

fn partner(code: &str, agreements: Value) -> Value {
    json!({"code": code, "name": format!("Mitra {code}"), "kind": "UNIVERSITY", "agreements": agreements})
}

fn agreement(number: &str, from: &str, until: Option<&str>) -> Value {
    json!({"number": number, "subject": "Pelatihan", "forms": ["KL03"], "valid_from": from, "valid_until": until})
}

#[tokio::test]
async fn a_partner_is_made_read_replaced_and_removed_with_its_agreements() {
    let app = TestApp::start().await;
    let agency = app.agency("KOTA").await;
    let admin = agency.admin().await;
    let body = partner(
        "UNI",
        json!([agreement("1", "2026-01-01", Some("2026-06-30")), agreement("2", "2026-07-01", None)]),
    );
    let made = admin.post("/v1/partners", body).await.expect(201);
    let path = format!("/v1/partners/{}", made.id());
    assert_eq!(made.header("location"), path);
    let in_force: Vec<_> =
        made.json["agreements"].as_array().unwrap().iter().map(|one| &one["in_force"]).collect();
    assert_eq!(in_force, [&json!(false), &json!(true)], "today is 1 July");
    assert_eq!(made.json["standing"], "IN_FORCE");

    let replaced = admin.put(&path, &made.etag(), partner("UNI", json!([]))).await.expect(200);
    assert_eq!((&replaced.json["agreements"], &replaced.json["standing"]), (&json!([]), &json!("MISSING")));
    admin.put(&path, &made.etag(), partner("UNI", json!([]))).await.expect(412);
    let read = agency.role(Role::Employee).await.get(&path).await.expect(200);
    assert_eq!(read.json, replaced.json);
    admin.post("/v1/partners", partner("UNI", json!([]))).await.expect(409).expect_error("/code", "TAKEN");
    agency.role(Role::Employee).await.delete(&path, "*").await.expect(403);
    admin.delete(&path, &replaced.etag()).await.expect(204);
    admin.get(&path).await.expect(404);
}

#[tokio::test]
async fn whether_an_agreement_is_in_force_is_told_by_the_agencys_day() {
    let app = TestApp::start().await;
    let agency = app.agency("KOTA").await;
    let admin = agency.admin().await;
    let body = partner("UNI", json!([agreement("1", "2026-01-01", Some("2026-07-01"))]));
    let path = format!("/v1/partners/{}", admin.post("/v1/partners", body).await.expect(201).id());
    // 23:59 in Jakarta, then midnight there.
    app.set_now("2026-07-01T16:59:59Z");
    let admin = agency.admin().await; // a token lasts an hour
    assert_eq!(admin.get(&path).await.expect(200).json["standing"], "IN_FORCE");
    app.set_now("2026-07-01T17:00:00Z");
    assert_eq!(admin.get(&path).await.expect(200).json["standing"], "MISSING");
    let on = async |day: &str| {
        admin.get(&format!("/v1/partners?agreement_on={day}")).await.expect(200).items().len()
    };
    assert_eq!([on("2026-07-01").await, on("2026-07-02").await], [1, 0]);
}

#[tokio::test]
async fn what_makes_no_sense_of_an_agreement_is_refused_at_its_place() {
    let app = TestApp::start().await;
    let admin = app.agency("KOTA").await.admin().await;
    let body = partner(
        "UNI",
        json!([agreement("1", "2026-07-01", Some("2026-06-30")), agreement("1", "2026-07-01", None)]),
    );
    admin
        .post("/v1/partners", body)
        .await
        .expect(400)
        .expect_error("/agreements/0/valid_until", "PERIOD_REVERSED")
        .expect_error("/agreements/1/number", "DUPLICATE");
}

#[tokio::test]
async fn a_mentor_may_have_no_nip_and_a_civil_servant_is_called_by_their_record() {
    let app = TestApp::start().await;
    let agency = app.agency("KOTA").await;
    let admin = agency.admin().await;
    let employee = given::person(&admin, 1).await;
    let guest = json!({"name": "Narasumber Tamu", "roles": ["MENTOR"], "max_mentees": 2});
    let guest = admin.post("/v1/trainers", guest).await.expect(201);
    assert_eq!((&guest.json["employee_id"], &guest.json["name"]), (&Value::Null, &json!("Narasumber Tamu")));
    let own = json!({"employee_id": employee, "roles": ["INSTRUCTOR"]});
    let made = admin.post("/v1/trainers", own.clone()).await.expect(201);
    assert_eq!(made.json["name"], "Pegawai 001");
    admin.post("/v1/trainers", own.clone()).await.expect(409).expect_error("/employee_id", "TAKEN");
    let both = json!({"employee_id": employee, "name": "Lain", "roles": ["INSTRUCTOR"]});
    admin.post("/v1/trainers", both).await.expect(400).expect_error("/name", "INCONSISTENT");
    let nobody = json!({"employee_id": "01931d5e-7c1f-7d7a-9a7e-3f1f3f0e4a11", "roles": ["INSTRUCTOR"]});
    admin.post("/v1/trainers", nobody).await.expect(400).expect_error("/employee_id", "NOT_FOUND");
    let limit = json!({"name": "Pengajar", "roles": ["INSTRUCTOR"], "max_mentees": 2});
    admin.post("/v1/trainers", limit).await.expect(400).expect_error("/max_mentees", "INCONSISTENT");

    let mentors = admin.get("/v1/trainers?role=MENTOR").await.expect(200);
    assert_eq!(mentors.items().len(), 1);
    // The person can see that they were looked at, by somebody who reads the catalogue.
    let path = format!("/v1/trainers/{}", made.id());
    agency.role(Role::Planner).await.get(&path).await.expect(200);
    let seen = format!(
        "SELECT count(*) FROM access_records WHERE employee_id = '{employee}' AND operation = 'trainer_get'"
    );
    assert_eq!(app.count(&seen).await, 1);
    // The trail outlives people: no names in it.
    assert_eq!(app.count("SELECT count(*) FROM audit_events WHERE resource = 'TRAINER' AND changes::text LIKE '%Narasumber%'").await, 0);
    admin.put(&path, &made.etag(), json!({"name": "Bukan ASN", "roles": ["COACH"]})).await.expect(200);
}

#[tokio::test]
async fn a_partner_somebody_comes_from_stays() {
    let app = TestApp::start().await;
    let admin = app.agency("KOTA").await.admin().await;
    let partner = admin.post("/v1/partners", partner("UNI", json!([]))).await.expect(201);
    let trainer = json!({"name": "Pengajar", "roles": ["INSTRUCTOR"], "partner_id": partner.id()});
    let trainer = admin.post("/v1/trainers", trainer).await.expect(201);
    assert_eq!(trainer.json["partner_name"], "Mitra UNI");
    let path = format!("/v1/partners/{}", partner.id());
    admin.delete(&path, "*").await.expect(409).expect_problem("STILL_REFERENCED");
    admin.delete(&format!("/v1/trainers/{}", trainer.id()), "*").await.expect(204);
    admin.delete(&path, "*").await.expect(204);
}
