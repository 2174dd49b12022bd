//! What tests of several resources begin with.

use serde_json::{Value, json};
use support::{Answer, Caller};

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
