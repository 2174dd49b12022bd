//! `/v1/me`.

use access::Role;
use api::app::Looks;
use kernel::{AgencyId, AuditEventId, RequestId};
use serde_json::{Value, json};
use store::Look;
use support::TestApp;

use crate::given;

fn reach<'a>(me: &'a Value, action: &str) -> &'a Value {
    let all = me["permissions"].as_array().unwrap();
    all.iter().find(|one| one["action"] == action).map_or(&Value::Null, |one| &one["reach"])
}

#[tokio::test]
async fn a_caller_is_told_who_they_are_and_how_far_they_reach() {
    let app = TestApp::start().await;
    let agency = app.agency("KOTA").await;
    let admin = agency.admin().await;
    let unit = given::unit(&admin, "DINKES", None).await;
    let position = given::position(&admin, "STAF", &unit).await;
    let employee = given::person_in(&admin, 1, &position).await;

    let me = agency.employee(Role::Supervisor, &employee).await.get("/v1/me").await.expect(200).json;
    assert_eq!((&me["agency"]["code"], &me["today"]), (&json!("KOTA"), &json!("2026-07-01")));
    assert_eq!((&me["user"]["name"], &me["roles"][0]["role"]), (&json!("SUPERVISOR"), &json!("SUPERVISOR")));
    assert_eq!(me["employees"][0]["held"]["position_code"], "STAF");
    assert_eq!(
        (reach(&me, "GAP_READ"), reach(&me, "CATALOGUE_READ")),
        (&json!(["BELOW"]), &json!(["AGENCY"]))
    );
    assert_eq!(reach(&me, "EMPLOYEE_WRITE"), &Value::Null);

    let me = agency.machine(&["gaps:read"]).await.get("/v1/me").await.expect(200).json;
    assert_eq!(me["permissions"], json!([{"action": "GAP_READ", "reach": ["AGENCY"]}]));
    assert_eq!(me["employees"], json!([]));
}

#[tokio::test]
async fn people_see_who_looked_at_them_and_not_their_own_looks() {
    let app = TestApp::start().await;
    let agency = app.agency("KOTA").await;
    let admin = agency.admin().await;
    let (one, other) = (given::person(&admin, 1).await, given::person(&admin, 2).await);
    let me = agency.employee(Role::Employee, &one).await;
    me.get(&format!("/v1/employees/{one}")).await.expect(200);
    me.get("/v1/me").await.expect(200);
    let entered = me.get("/v1/me/access-records").await.expect(200);
    assert_eq!((entered.items().len(), &entered.items()[0]["operation"]), (1, &json!("employee_create")));

    let auditor = agency.role(Role::Auditor).await;
    let look = auditor.get(&format!("/v1/employees/by-nip/{}", given::nip(1))).await.expect(200);
    auditor.get("/v1/employees").await.expect(200);
    auditor.get(&format!("/v1/employees/{other}")).await.expect(200);
    // Nobody was shown anything here.
    auditor.get("/v1/employees?search=nobody").await.expect(200);
    admin.get("/v1/me/access-records").await.expect(200);

    let records = me.get("/v1/me/access-records").await.expect(200);
    let operations: Vec<_> = records.items().iter().map(|record| &record["operation"]).collect();
    assert_eq!(operations, ["employee_list", "employee_get_by_nip", "employee_create"]);
    let first = &records.items()[1];
    assert_eq!((&first["user_name"], &first["employee_id"]), (&json!("AUDITOR"), &json!(one)));
    assert_eq!(first["request_id"], look.header("x-request-id"));

    let page = me.get("/v1/me/access-records?limit=2").await.expect(200);
    let next = page.json["next"].as_str().unwrap();
    let rest = me.get(&format!("/v1/me/access-records?limit=2&cursor={next}")).await.expect(200);
    assert_eq!(
        (&rest.items()[0]["operation"], &rest.json["next"]),
        (&json!("employee_create"), &Value::Null)
    );
}

#[tokio::test]
async fn replies_to_writes_and_the_trail_are_looks_too() {
    let app = TestApp::start().await;
    let agency = app.agency("KOTA").await;
    let admin = agency.admin().await;
    let one = given::person(&admin, 1).await;
    let path = format!("/v1/employees/{one}");
    admin.put(&path, "\"1\"", given::person_body(1)).await.expect(200);
    admin.put(&path, "\"1\"", given::person_body(1)).await.expect(412);
    let entry = given::place(&admin, &one, None, "2026-01-01").await.expect(201);
    let retraction = format!("{}/retraction", entry.header("location"));
    admin.transition(&retraction, &entry.etag()).await.expect(200);
    let auditor = agency.role(Role::Auditor).await;
    auditor.get("/v1/audit-events?resource=PLACEMENT").await.expect(200);
    auditor.get("/v1/audit-events?resource=EMPLOYEE").await.expect(200);
    auditor.get("/v1/audit-events?resource=UNIT").await.expect(200);
    // What somebody does with their own record is no look at it.
    agency
        .employee(Role::AgencyAdmin, &one)
        .await
        .put(&path, "\"2\"", given::person_body(1))
        .await
        .expect(200);

    let me = agency.employee(Role::Employee, &one).await;
    let records = me.get("/v1/me/access-records").await.expect(200);
    let operations: Vec<_> = records.items().iter().map(|record| &record["operation"]).collect();
    assert_eq!(
        operations,
        [
            "audit_event_list",
            "audit_event_list",
            "placement_retract",
            "placement_create",
            "employee_replace",
            "employee_create"
        ]
    );
}

#[tokio::test]
async fn a_look_at_somebody_who_is_gone_meanwhile_is_no_failure() {
    let app = TestApp::start().await;
    let agency = app.agency("KOTA").await;
    let (admin, auditor) = (agency.admin().await, agency.role(Role::Auditor).await);
    let (stays, goes) = (given::person(&admin, 1).await, given::person(&admin, 2).await);
    let before = app.count("SELECT count(*) FROM access_records").await;
    auditor.get("/v1/employees").await.expect(200);
    admin.delete(&format!("/v1/employees/{goes}"), "\"1\"").await.expect(204);
    // The look at the one who stays; what was noted of the other is gone with their record.
    assert_eq!(app.count("SELECT count(*) FROM access_records").await, before);
    let kept = format!("SELECT count(*) FROM access_records WHERE employee_id = '{stays}'");
    assert_eq!(app.count(&kept).await, before);
}

/// A look of somebody at somebody.
fn look(agency: AgencyId, user: &str, employee: &str) -> Look {
    Look {
        id: AuditEventId::new(),
        agency,
        at: support::NOW.parse().unwrap(),
        user: user.parse().unwrap(),
        employee: employee.parse().unwrap(),
        operation: "employee_get",
        request: RequestId::new(),
    }
}

#[tokio::test]
async fn while_the_database_is_away_looks_wait_and_are_noted_once() {
    let app = TestApp::start().await;
    let agency = app.agency("KOTA").await;
    let admin = agency.admin().await;
    let person = given::person(&admin, 1).await;
    let user = admin.get("/v1/me").await.json["user"]["id"].as_str().unwrap().to_owned();
    let [one, two, three] = std::array::from_fn(|_| look(agency.id, &user, &person));
    let store = &app.services.store;
    let line = Looks::start(store.clone(), 2);

    app.admit(false).await;
    app.count(
        "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity
               WHERE datname = current_database() AND application_name = 'bangkom'",
    )
    .await;
    line.note(&[one, two]).await.unwrap();
    line.flush().await.unwrap_err();
    assert_eq!(line.waiting(), 2);
    line.note(&[three]).await.unwrap_err();

    app.admit(true).await;
    // The pool meets each of its dead connections once.
    while store.ping().await.is_err() {}
    line.note(&[three]).await.unwrap();
    let noted = |look: Look| format!("SELECT count(*) FROM access_records WHERE id = '{}'", look.id);
    assert_eq!(app.count(&noted(one)).await, 1, "the line was full, so room was made");
    line.flush().await.unwrap();
    assert_eq!(line.waiting(), 0);
    line.note(&[one, two, three]).await.unwrap();
    assert_eq!(line.waiting(), 0, "more than ever find room are written at once");
    store.looks_write(&[one, two, three]).await.unwrap();
    for look in [one, two, three] {
        assert_eq!(app.count(&noted(look)).await, 1);
    }
}

#[tokio::test]
async fn a_crowd_is_written_in_batches() {
    let app = TestApp::start().await;
    let agency = app.agency("KOTA").await;
    let admin = agency.admin().await;
    let person = given::person(&admin, 1).await;
    let user = admin.get("/v1/me").await.json["user"]["id"].as_str().unwrap().to_owned();
    let looks: Vec<_> = (0..5_000).map(|_| look(agency.id, &user, &person)).collect();
    for some in looks.chunks(1_000) {
        app.services.looks.note(some).await.unwrap();
    }
    let before = "SELECT count(*) FROM access_records WHERE operation <> 'employee_get'";
    assert_eq!(app.count("SELECT count(*) FROM access_records").await, 5_000 + app.count(before).await);
}

#[tokio::test]
async fn a_look_that_comes_while_others_are_written_is_written_next() {
    let app = TestApp::start().await;
    let agency = app.agency("KOTA").await;
    let admin = agency.admin().await;
    let person = given::person(&admin, 1).await;
    let user = admin.get("/v1/me").await.json["user"]["id"].as_str().unwrap().to_owned();
    let line = Looks::start(app.services.store.clone(), 10);
    app.sql("BEGIN; LOCK TABLE access_records IN SHARE MODE").await;
    line.note(&[look(agency.id, &user, &person)]).await.unwrap();
    let held = "SELECT count(*) FROM pg_locks WHERE relation = 'access_records'::regclass AND NOT granted";
    while app.count_as_it_is(held).await == 0 {}
    line.note(&[look(agency.id, &user, &person)]).await.unwrap();
    assert_eq!(line.waiting(), 2);
    app.sql("COMMIT").await;
    while line.waiting() > 0 {
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn a_role_taken_back_ends_with_the_next_request() {
    let app = TestApp::start().await;
    let agency = app.agency("KOTA").await;
    let (admin, auditor) = (agency.admin().await, agency.role(Role::Auditor).await);
    let me = auditor.get("/v1/me").await.expect(200).json;
    let grant = format!("/v1/grants/{}", me["roles"][0]["grant_id"].as_str().unwrap());
    admin.transition(&format!("{grant}/revocation"), "\"1\"").await.expect(200);
    auditor.get("/v1/me").await.expect(403).expect_problem("NO_ROLE");
}
