//! `/v1/audit-events`.

use access::Role;
use serde_json::json;
use support::TestApp;

use crate::given;

#[tokio::test]
async fn the_trail_is_narrowed_by_everything_that_is_given() {
    let app = TestApp::start().await;
    let agency = app.agency("KOTA").await;
    let (admin, auditor) = (agency.admin().await, agency.role(Role::Auditor).await);
    let me = admin.get("/v1/me").await.json["user"]["id"].as_str().unwrap().to_owned();
    let unit = given::unit(&admin, "A", None).await;
    app.set_now("2026-07-01T02:30:00Z");
    let renamed = json!({"code": "A", "name": "Baru"});
    let change = admin.put(&format!("/v1/units/{unit}"), "\"1\"", renamed).await.expect(200);
    given::person(&admin, 1).await;

    let what = async |query: &str| {
        let list = auditor.get(&format!("/v1/audit-events?{query}")).await.expect(200);
        let of = |one: &serde_json::Value| format!("{} {}", one["resource"], one["what"]).replace('"', "");
        list.items().iter().map(of).collect::<Vec<_>>().join(", ")
    };
    assert_eq!(what(&format!("resource_id={unit}")).await, "UNIT REPLACED, UNIT CREATED");
    assert_eq!(what("resource=EMPLOYEE").await, "EMPLOYEE CREATED");
    assert_eq!(what(&format!("user_id={me}")).await, "EMPLOYEE CREATED, UNIT REPLACED, UNIT CREATED");
    assert_eq!(what("since=2026-07-01T02:15:00Z").await, "EMPLOYEE CREATED, UNIT REPLACED");
    let first_part = format!("user_id={me}&until=2026-07-01T02:30:00Z");
    assert_eq!(what(&first_part).await, "UNIT CREATED", "`until` itself is outside");
    assert_eq!(what("resource=UNIT&since=2026-07-01T02:15:00Z").await, "UNIT REPLACED");

    let page = auditor.get(&format!("/v1/audit-events?limit=1&resource_id={unit}")).await.expect(200);
    let entry = &page.items()[0];
    assert_eq!((&entry["operation"], &entry["user_id"]), (&json!("unit_replace"), &json!(me)));
    assert_eq!(entry["request_id"], change.header("x-request-id"));
    assert_eq!(entry["changes"]["after"]["name"], "Baru");
    let next = page.json["next"].as_str().unwrap();
    let rest = format!("/v1/audit-events?limit=1&resource_id={unit}&cursor={next}");
    assert_eq!(auditor.get(&rest).await.expect(200).items()[0]["what"], "CREATED");

    let reversed = "/v1/audit-events?since=2026-07-01T02:15:00Z&until=2026-07-01T02:00:00Z";
    auditor.get(reversed).await.expect(400).expect_error("/query/until", "PERIOD_REVERSED");
    auditor.get("/v1/audit-events?resource=DRAGON").await.expect(400);
}

#[tokio::test]
async fn the_trail_names_nobody_and_is_for_its_readers() {
    let app = TestApp::start().await;
    let (agency, other) = (app.agency("KOTA").await, app.agency("KABUPATEN").await);
    let admin = agency.admin().await;
    let employee = given::person(&admin, 1).await;
    let mut renamed = given::person_body(2);
    renamed["name"] = json!("Nama Baru");
    admin.put(&format!("/v1/employees/{employee}"), "\"1\"", renamed).await.expect(200);
    let trail = admin.get(&format!("/v1/audit-events?resource_id={employee}")).await.expect(200);
    assert_eq!(trail.items()[0]["changes"]["identity_changed"], json!(["nip", "name"]));
    for secret in [given::nip(1), given::nip(2), "Pegawai 001".to_owned(), "Nama Baru".to_owned()] {
        assert!(!trail.text.contains(&secret), "{secret} in {}", trail.text);
    }
    agency.role(Role::Planner).await.get("/v1/audit-events").await.expect(403);
    agency.machine(&["employees:read"]).await.get("/v1/audit-events").await.expect(403);
    let theirs = other.role(Role::Auditor).await.get("/v1/audit-events").await.expect(200);
    assert!(theirs.items().iter().all(|entry| entry["resource_id"] != employee));
}
