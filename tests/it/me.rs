//! `/v1/me`.

use access::Role;
use serde_json::{Value, json};
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
    assert_eq!(me.get("/v1/me/access-records").await.expect(200).items().len(), 0);

    let auditor = agency.role(Role::Auditor).await;
    let look = auditor.get(&format!("/v1/employees/by-nip/{}", given::nip(1))).await.expect(200);
    auditor.get("/v1/employees").await.expect(200);
    auditor.get(&format!("/v1/employees/{other}")).await.expect(200);
    // Nobody was shown anything here.
    auditor.get("/v1/employees?search=nobody").await.expect(200);
    admin.get("/v1/me/access-records").await.expect(200);

    let records = me.get("/v1/me/access-records").await.expect(200);
    let operations: Vec<_> = records.items().iter().map(|record| &record["operation"]).collect();
    assert_eq!(operations, ["employee_list", "employee_get_by_nip"]);
    let first = &records.items()[1];
    assert_eq!((&first["user_name"], &first["employee_id"]), (&json!("AUDITOR"), &json!(one)));
    assert_eq!(first["request_id"], look.header("x-request-id"));

    let page = me.get("/v1/me/access-records?limit=1").await.expect(200);
    let next = page.json["next"].as_str().unwrap();
    let rest = me.get(&format!("/v1/me/access-records?limit=1&cursor={next}")).await.expect(200);
    assert_eq!(
        (&rest.items()[0]["operation"], &rest.json["next"]),
        (&json!("employee_get_by_nip"), &Value::Null)
    );
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
