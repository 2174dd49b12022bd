//! What tests of several resources begin with.

use access::Role;
use chrono::{DateTime, SecondsFormat};
use serde_json::{Value, json};
use support::{Agency, Answer, Caller, TestApp};

/// An identity number of a fictional person; `serial` from 1 to 999 tells them apart.
pub(crate) fn nip(serial: u16) -> String {
    format!("199001012015031{serial:03}")
}

/// A unit, under `parent` if there is one.
pub(crate) async fn unit(admin: &Caller<'_>, code: &str, parent: Option<&str>) -> String {
    let unit = json!({"code": code, "name": format!("Unit {code}"), "parent_id": parent});
    admin.post("/v1/units", unit).await.expect(201).id()
}

/// What makes a position.
pub(crate) fn position_body(code: &str, unit: &str, job_class: &str, is_head: bool) -> Value {
    json!({
        "code": code, "name": format!("Jabatan {code}"), "unit_id": unit, "job_class": job_class, "is_head": is_head
    })
}

/// A position of the class `PELAKSANA`, which several people may hold.
pub(crate) async fn position(admin: &Caller<'_>, code: &str, unit: &str) -> String {
    admin.post("/v1/positions", position_body(code, unit, "PELAKSANA", false)).await.expect(201).id()
}

/// The position that heads a unit.
pub(crate) async fn head(admin: &Caller<'_>, code: &str, unit: &str) -> String {
    admin.post("/v1/positions", position_body(code, unit, "PENGAWAS", true)).await.expect(201).id()
}

/// What makes a person.
pub(crate) fn person_body(serial: u16) -> Value {
    json!({
        "nip": nip(serial), "name": format!("Pegawai {serial:03}"), "status": "PNS", "appointed_on": "2015-03-01"
    })
}

/// A person who serves nowhere yet.
pub(crate) async fn person(admin: &Caller<'_>, serial: u16) -> String {
    admin.post("/v1/employees", person_body(serial)).await.expect(201).id()
}

/// Tries to place a person from a day on.
pub(crate) async fn place(
    admin: &Caller<'_>,
    employee: &str,
    position: Option<&str>,
    starts_on: &str,
) -> Answer {
    let placement = json!({"position_id": position, "starts_on": starts_on});
    admin.post(&format!("/v1/employees/{employee}/placements"), placement).await
}

/// A person who has held `position` since the beginning of 2020.
pub(crate) async fn person_in(admin: &Caller<'_>, serial: u16, position: &str) -> String {
    let employee = person(admin, serial).await;
    place(admin, &employee, Some(position), "2020-01-01").await.expect(201);
    employee
}

/// The database's present becomes the server's, so that what was stamped up to now can be asked for. Tokens last an hour:
/// callers are made after the first of these.
pub(crate) async fn synchronise(app: &TestApp) -> String {
    let micros = app.count("SELECT (extract(epoch FROM clock_timestamp()) * 1000000)::bigint").await;
    let now = DateTime::from_timestamp_micros(micros).unwrap().to_rfc3339_opts(SecondsFormat::Micros, true);
    app.set_now(&now);
    now
}

/// What a draft says of a competency, all five levels complete.
pub(crate) fn content(name: &str, family: &str) -> Value {
    let level = |level: i64| json!({"level": level, "description": "Uraian", "indicators": ["Perilaku"]});
    json!({"name": name, "family": family, "definition": "Definisi", "levels": (1..=5).map(level).collect::<Vec<_>>()})
}

/// Sends a PUT without `If-Match`.
pub(crate) async fn put_new(caller: &Caller<'_>, path: &str, body: &Value) -> Answer {
    caller.send("PUT", path, Some(("application/json", body.to_string().into_bytes()))).await
}

/// A dictionary of the agency with a published version of competencies of these codes; their ids, in that order.
pub(crate) async fn dictionary(
    admin: &Caller<'_>,
    code: &str,
    competencies: &[&str],
) -> (String, Vec<String>) {
    let id = admin.post("/v1/dictionaries", json!({"code": code, "name": code})).await.expect(201).id();
    let versions = format!("/v1/dictionaries/{id}/versions");
    admin.post(&versions, json!(null)).await.expect(201);
    let mut ids = Vec::new();
    for competency in competencies {
        let path = format!("{versions}/1/competencies/{}", competency.replace('/', "%2F"));
        let written = put_new(admin, &path, &content(competency, "TEKNIS")).await.expect(201);
        ids.push(written.json["competency_id"].as_str().unwrap().to_owned());
    }
    admin.transition(&format!("{versions}/1/publication"), "*").await.expect(200);
    (id, ids)
}

/// A standard in force from a day on, verified by the personnel agency and enacted by the authority.
pub(crate) async fn standard(
    agency: &Agency<'_>,
    position: &str,
    valid_from: &str,
    requirements: Value,
) -> String {
    let (admin, authority) = (agency.admin().await, agency.role(Role::Authority).await);
    let standard = json!({"position_id": position, "valid_from": valid_from, "requirements": requirements});
    let id = admin.post("/v1/standards", standard).await.expect(201).id();
    admin.transition(&format!("/v1/standards/{id}/verification"), "*").await.expect(200);
    authority.transition(&format!("/v1/standards/{id}/enactment"), "*").await.expect(200);
    id
}

/// A draft event on a day.
pub(crate) async fn event(assessor: &Caller<'_>, method: &str, assessed_on: &str) -> String {
    let event = json!({"purpose": "MAPPING", "method": method, "provider": "UPT Penilaian", "assessed_on": assessed_on});
    assessor.post("/v1/assessment-events", event).await.expect(201).id()
}

/// Enters results (person, competency, level) into a draft event; their ids, in that order.
pub(crate) async fn results(
    assessor: &Caller<'_>,
    event: &str,
    results: &[(&str, &str, i64)],
) -> Vec<String> {
    let item = |(employee, competency, level): &(&str, &str, i64)| json!({"employee_id": employee, "competency_id": competency, "level": level});
    let items: Vec<_> = results.iter().map(item).collect();
    let path = format!("/v1/assessment-events/{event}/results");
    let put = assessor.put(&path, "*", json!({"items": items})).await.expect(200);
    let ids = put.json["items"].as_array().unwrap().iter();
    ids.map(|item| item["result_id"].as_str().unwrap().to_owned()).collect()
}

/// Final results (person, competency, level) of an assessment on a day; their ids, in that order.
pub(crate) async fn assessed(
    assessor: &Caller<'_>,
    assessed_on: &str,
    found: &[(&str, &str, i64)],
) -> Vec<String> {
    let event = event(assessor, "ASSESSMENT_CENTER", assessed_on).await;
    let ids = results(assessor, &event, found).await;
    assessor.transition(&format!("/v1/assessment-events/{event}/sign-off"), "*").await.expect(200);
    ids
}

/// The competencies of the national dictionary, by code.
pub(crate) async fn national(caller: &Caller<'_>) -> Vec<(String, String)> {
    let list = caller.get("/v1/competencies?dictionary=NASIONAL-38-2017").await.expect(200);
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    list.items().iter().map(|one| (text(&one["code"]), text(&one["id"]))).collect()
}

/// The national competency of this code.
pub(crate) async fn competency(caller: &Caller<'_>, code: &str) -> String {
    national(caller).await.into_iter().find(|(of, _)| of == code).unwrap().1
}

/// The agency's own training centre, which needs no agreement; its id.
pub(crate) async fn partner(admin: &Caller<'_>, code: &str) -> String {
    let partner = json!({"code": code, "name": format!("Mitra {code}"), "kind": "OWN"});
    admin.post("/v1/partners", partner).await.expect(201).id()
}

/// What makes a programme: technical training, with `more` over it.
pub(crate) fn programme_body(code: &str, partner: &str, more: Value) -> Value {
    let mut body = json!({"code": code, "name": format!("Program {code}"), "objectives": "Peserta mampu",
        "form": "KL03", "partner_id": partner, "mode": "OFFLINE"});
    if let (Value::Object(body), Value::Object(more)) = (&mut body, more) {
        body.extend(more);
    }
    body
}

/// A programme on offer, of a training centre of its own; its id.
pub(crate) async fn programme(admin: &Caller<'_>, code: &str) -> String {
    let partner = partner(admin, &format!("MITRA-{code}")).await;
    let id = admin.post("/v1/programmes", programme_body(code, &partner, json!({}))).await.expect(201).id();
    admin.transition(&format!("/v1/programmes/{id}/publication"), "*").await.expect(200);
    id
}

/// What makes a class of two days in July 2026, for which one may register now, with `more` over it.
pub(crate) fn class_body(code: &str, programme: &str, more: Value) -> Value {
    let session = |day: &str| json!({"starts_at": format!("{day}T01:00:00Z"), "ends_at": format!("{day}T09:00:00Z"), "place": "Aula"});
    let mut body = json!({"programme_id": programme, "code": code, "seats": 30,
        "registration_opens_at": "2026-07-01T00:00:00Z", "registration_closes_at": "2026-07-19T00:00:00Z",
        "sessions": [session("2026-07-20"), session("2026-07-21")]});
    if let (Value::Object(body), Value::Object(more)) = (&mut body, more) {
        body.extend(more);
    }
    body
}

/// An announced class; its id.
pub(crate) async fn open_class(admin: &Caller<'_>, code: &str, programme: &str, more: Value) -> String {
    let id = admin.post("/v1/classes", class_body(code, programme, more)).await.expect(201).id();
    admin.transition(&format!("/v1/classes/{id}/opening"), "*").await.expect(200);
    id
}

/// The answer to what is asked while a transaction that did `change` is open; it commits as soon as the server waits.
#[expect(clippy::disallowed_methods, reason = "the test holds a transaction open in the server's way")]
pub(crate) async fn while_changing(
    app: &TestApp,
    change: &str,
    asking: impl Future<Output = Answer>,
) -> Answer {
    let url = app.services.config.database_url.clone().unwrap();
    use sea_orm::{ConnectionTrait as _, TransactionTrait as _};
    let other = sea_orm::Database::connect(url).await.unwrap().begin().await.unwrap();
    other.execute_unprepared(change).await.unwrap();
    let answered = std::cell::Cell::new(false);
    let asking = async {
        let answer = asking.await;
        answered.set(true);
        answer
    };
    let committing = async {
        let waits = "SELECT count(*) FROM pg_locks WHERE NOT granted
                     AND pid IN (SELECT pid FROM pg_stat_activity WHERE datname = current_database())";
        while !answered.get() && app.count(waits).await == 0 {}
        other.commit().await.unwrap();
    };
    tokio::join!(asking, committing).0
}
