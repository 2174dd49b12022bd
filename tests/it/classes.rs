//! `/v1/classes`, series of them, attendance, and calendars.

use access::Role;
use serde_json::{Value, json};
use support::{Caller, TestApp};

use crate::given;

/// Enrols somebody as the personnel agency; the enrolment's id.
async fn enrol(admin: &Caller<'_>, class: &str, employee: &str) -> String {
    let path = format!("/v1/classes/{class}/enrolments");
    admin.post(&path, json!({"employee_id": employee})).await.expect(201).id()
}

#[tokio::test]
async fn a_class_is_planned_announced_changed_and_called_off() {
    let app = TestApp::start().await;
    let agency = app.agency("KOTA").await;
    let admin = agency.admin().await;
    let programme = given::programme(&admin, "P1").await;
    let made = admin.post("/v1/classes", given::class_body("K1", &programme, json!({}))).await.expect(201);
    let path = format!("/v1/classes/{}", made.id());
    assert_eq!((&made.json["state"], &made.json["phase"]), (&json!("PLANNED"), &json!("PLANNED")));
    assert_eq!(made.json["starts_at"], "2026-07-20T01:00:00Z");
    let open = admin.transition(&format!("{path}/opening"), &made.etag()).await.expect(200);
    assert_eq!(open.json["phase"], "REGISTRATION");
    assert_eq!(open.json["allowed_actions"], json!(["EDIT", "CANCEL", "ENROL"]));
    let seen = agency.role(Role::Auditor).await.get(&path).await.expect(200);
    assert_eq!(seen.json["allowed_actions"], json!([]));
    admin.delete(&path, "*").await.expect(409).expect_problem("CLASS_STATE");

    let mut body = given::class_body("K1", &programme, json!({"seats": 5, "sessions": []}));
    body.as_object_mut().unwrap().remove("programme_id");
    admin.put(&path, &open.etag(), body.clone()).await.expect(409).expect_problem("CLASS_EMPTY");
    body["sessions"] = json!([{"starts_at": "2026-07-21T01:00:00Z", "ends_at": "2026-07-21T00:00:00Z",
        "url": "javascript:alert(1)"}]);
    admin
        .put(&path, &open.etag(), body.clone())
        .await
        .expect(400)
        .expect_error("/sessions/0/url", "INVALID_FORMAT");
    body["sessions"][0]["url"] = json!("https://rapat.example.go.id/a");
    admin
        .put(&path, &open.etag(), body.clone())
        .await
        .expect(400)
        .expect_error("/sessions/0/ends_at", "PERIOD_REVERSED");
    body["sessions"][0]["ends_at"] = json!("2026-07-21T09:00:00Z");
    body["min_participants"] = json!(6);
    admin
        .put(&path, &open.etag(), body.clone())
        .await
        .expect(400)
        .expect_error("/min_participants", "OUT_OF_RANGE");
    body["min_participants"] = json!(5);
    let changed = admin.put(&path, &open.etag(), body).await.expect(200);
    assert_eq!(changed.json["min_participants"], 5);
    assert_eq!(changed.json["sessions"][0]["url"], "https://rapat.example.go.id/a");
    let reason = json!({"reason": "Pengajar berhalangan"});
    let off = admin.put(&format!("{path}/cancellation"), &changed.etag(), reason.clone()).await.expect(200);
    assert_eq!((&off.json["phase"], &off.json["allowed_actions"]), (&json!("CANCELLED"), &json!([])));
    admin.put(&format!("{path}/cancellation"), "*", reason).await.expect(409).expect_problem("CLASS_STATE");
}

#[tokio::test]
async fn classes_are_planned_of_what_is_on_offer() {
    let app = TestApp::start().await;
    let admin = app.agency("KOTA").await.admin().await;
    let partner = given::partner(&admin, "BPSDM").await;
    let draft =
        admin.post("/v1/programmes", given::programme_body("P1", &partner, json!({}))).await.expect(201).id();
    let class = given::class_body("K1", &draft, json!({}));
    admin.post("/v1/classes", class.clone()).await.expect(409).expect_problem("PROGRAMME_STATE");
    let path = format!("/v1/programmes/{draft}");
    admin.transition(&format!("{path}/publication"), "*").await.expect(200);
    admin.post("/v1/classes", class.clone()).await.expect(201);
    admin.post("/v1/classes", class).await.expect(409).expect_error("/code", "TAKEN");
    let nowhere = given::class_body("K2", &partner, json!({}));
    admin.post("/v1/classes", nowhere).await.expect(400).expect_error("/programme_id", "NOT_FOUND");
}

#[tokio::test]
async fn a_recurring_programme_makes_its_classes_by_the_agencys_clock_all_or_none() {
    let app = TestApp::start().await;
    let agency = app.agency("KOTA").await;
    let admin = agency.admin().await;
    let programme = given::programme(&admin, "P1").await;
    let body = json!({"name": "Pemerintah", "time_zone": "WIT"});
    admin.put(&format!("/v1/agencies/{}", agency.id), "*", body).await.expect(200);
    let series = json!({"code": "K", "first_on": "2026-08-31", "every": "MONTHLY", "interval": 1, "count": 3, "seats": 20,
        "registration_days": 14, "closing_days": 3, "sessions": [{"day": 0, "starts": "08:00", "ends": "16:00"}]});
    let path = format!("/v1/programmes/{programme}/class-series");
    admin.post("/v1/classes", given::class_body("K-02", &programme, json!({}))).await.expect(201);
    admin.post(&path, series.clone()).await.expect(409).expect_error("/code", "TAKEN");
    assert_eq!(admin.get("/v1/classes").await.expect(200).items().len(), 1, "nothing of it was kept");
    let mut series = series;
    series["code"] = json!("L");
    let made = admin.post(&path, series.clone()).await.expect(201);
    let starts: Vec<_> =
        made.json["items"].as_array().unwrap().iter().map(|one| one["starts_at"].as_str().unwrap()).collect();
    assert_eq!(starts, ["2026-08-30T23:00:00Z", "2026-09-29T23:00:00Z", "2026-10-30T23:00:00Z"]);
    assert_eq!(made.json["items"][1]["code"], "L-02");
    series["sessions"][0]["starts"] = json!("25:00");
    admin.post(&path, series).await.expect(400).expect_error("/sessions/0/starts", "INVALID_FORMAT");
    let found = admin.get("/v1/classes?starts_from=2026-08-31&starts_until=2026-08-31").await.expect(200);
    assert_eq!(found.items().len(), 1, "days are the agency's");
}

#[tokio::test]
async fn attendance_is_recorded_in_one_call_once_a_session_has_begun() {
    let app = TestApp::start().await;
    let agency = app.agency("KOTA").await;
    let admin = agency.admin().await;
    let (unit, programme) = (given::unit(&admin, "U", None).await, given::programme(&admin, "P1").await);
    let position = given::position(&admin, "STAF", &unit).await;
    let class = given::open_class(&admin, "K1", &programme, json!({})).await;
    let mut enrolments = Vec::new();
    for serial in 1..=3 {
        let employee = given::person_in(&admin, serial, &position).await;
        enrolments.push(enrol(&admin, &class, &employee).await);
    }
    let path = format!("/v1/classes/{class}/sessions/1/attendance");
    let item = |n: usize, presence: &str| json!({"enrolment_id": enrolments[n], "presence": presence});
    let all = json!({"items": [item(0, "PRESENT"), item(1, "EXCUSED")]});
    admin.put(&path, "*", all.clone()).await.expect(409).expect_problem("CLASS_STATE");
    app.set_now("2026-07-20T01:00:00Z");
    let provider = agency.role(Role::Provider).await;
    let admin = agency.admin().await;
    let class_path = format!("/v1/classes/{class}");
    let seen = provider.get(&class_path).await.expect(200);
    let twice = json!({"items": [item(0, "PRESENT"), item(0, "ABSENT")]});
    provider.put(&path, "*", twice).await.expect(400).expect_error("/items/1/enrolment_id", "DUPLICATE");
    let stranger = json!({"items": [{"enrolment_id": class, "presence": "PRESENT"}]});
    provider.put(&path, "*", stranger).await.expect(400).expect_error("/items/0/enrolment_id", "NOT_FOUND");
    let put = provider.put(&path, &seen.etag(), all.clone()).await.expect(200);
    let presences: Vec<_> =
        put.json["participants"].as_array().unwrap().iter().map(|one| one["presence"].clone()).collect();
    assert_eq!(
        presences,
        [json!("PRESENT"), json!("EXCUSED"), Value::Null],
        "nobody recorded is nobody absent"
    );
    provider.put(&path, &seen.etag(), all.clone()).await.expect(412);
    assert_eq!(provider.get(&path).await.expect(200).json, put.json);
    let later = format!("/v1/classes/{class}/sessions/2/attendance");
    provider.put(&later, "*", all).await.expect(409).expect_problem("CLASS_STATE");
    provider.get(&format!("/v1/classes/{class}/sessions/3/attendance")).await.expect(404);

    // The session that was attended stays where it is; the other may move.
    let mut body = given::class_body("K1", &programme, json!({}));
    body.as_object_mut().unwrap().remove("programme_id");
    body["sessions"][1]["starts_at"] = json!("2026-07-22T01:00:00Z");
    body["sessions"][1]["ends_at"] = json!("2026-07-22T09:00:00Z");
    admin.put(&class_path, "*", body.clone()).await.expect(200);
    body["sessions"][0]["starts_at"] = json!("2026-07-20T02:00:00Z");
    admin.put(&class_path, "*", body).await.expect(400).expect_error("/sessions/0", "IMMUTABLE");

    // A class called off after attendance keeps it.
    let off = format!("{class_path}/cancellation");
    admin.put(&off, "*", json!({"reason": "Banjir"})).await.expect(200);
    let ended = admin.get(&format!("/v1/enrolments?class_id={class}")).await.expect(200);
    let told: Vec<_> = ended.items().iter().map(|one| (&one["state"], &one["cause"])).collect();
    assert_eq!(told, [(&json!("CANCELLED"), &json!("CLASS_CANCELLED")); 3]);
    assert_eq!(app.count("SELECT count(*) FROM attendances").await, 2);
}

#[tokio::test]
async fn a_class_and_a_schedule_are_calendars_too() {
    let app = TestApp::start().await;
    let agency = app.agency("KOTA").await;
    let admin = agency.admin().await;
    let (unit, programme) = (given::unit(&admin, "U", None).await, given::programme(&admin, "P1").await);
    let position = given::position(&admin, "STAF", &unit).await;
    let class = given::open_class(&admin, "K1", &programme, json!({"note": "Bawa laptop; luring"})).await;
    let path = format!("/v1/classes/{class}");
    let calendar = admin.with("accept", "text/calendar").get(&path).await.expect(200);
    assert!(calendar.header("content-type").starts_with("text/calendar"));
    assert_eq!(calendar.text.matches("BEGIN:VEVENT\r\n").count(), 2);
    assert!(calendar.text.contains("DTSTART:20260720T010000Z\r\n"));
    assert!(calendar.text.contains("Bawa laptop\\; luring"));
    assert!(calendar.text.contains(&format!("UID:{class}-1@bangkom\r\n")));
    admin.with("if-none-match", &calendar.etag()).get(&format!("{path}?format=ics")).await.expect(304);

    let (student, teacher) =
        (given::person_in(&admin, 1, &position).await, given::person_in(&admin, 2, &position).await);
    let trainer = json!({"employee_id": teacher, "roles": ["INSTRUCTOR"]});
    let trainer = admin.post("/v1/trainers", trainer).await.expect(201).id();
    let mut body = given::class_body("K1", &programme, json!({}));
    body.as_object_mut().unwrap().remove("programme_id");
    body["sessions"][1]["trainers"] = json!([trainer]);
    let put = admin.put(&path, "*", body).await.expect(200);
    assert_eq!(put.json["sessions"][1]["trainers"][0]["name"], "Pegawai 002");
    enrol(&admin, &class, &student).await;
    let schedule = async |caller: &Caller<'_>, of: &str, more: &str| {
        caller.get(&format!("/v1/employees/{of}/schedule{more}")).await
    };
    let own = agency.employee(Role::Employee, &student).await;
    let seen = schedule(&own, &student, "").await.expect(200);
    assert_eq!(seen.json["sessions"].as_array().unwrap().len(), 2);
    let one = schedule(&own, &student, "?from=2026-07-21&until=2026-07-21").await.expect(200);
    assert_eq!(one.json["sessions"][0]["number"], 2);
    let taught = schedule(&admin, &teacher, "").await.expect(200);
    assert_eq!(
        (&taught.json["sessions"][0]["teaches"], taught.json["sessions"].as_array().unwrap().len()),
        (&json!(true), 1)
    );
    let calendar = schedule(&own, &student, "?format=ics").await.expect(200);
    assert_eq!(calendar.text.matches("BEGIN:VEVENT\r\n").count(), 2);
    schedule(&own, &teacher, "").await.expect(404);
    schedule(&own, &student, "?from=2026-07-21&until=2026-07-20")
        .await
        .expect(400)
        .expect_error("/query/until", "PERIOD_REVERSED");
    schedule(&own, &student, "?from=2026-07-21&until=2028-07-20")
        .await
        .expect(400)
        .expect_error("/query/until", "OUT_OF_RANGE");
}
