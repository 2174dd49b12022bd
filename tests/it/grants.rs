//! `/v1/grants`.

use access::Role;
use serde_json::{Value, json};
use support::{Caller, TestApp};

use crate::given;

async fn own_grant(caller: &Caller<'_>) -> String {
    let me = caller.get("/v1/me").await.expect(200).json;
    format!("/v1/grants/{}", me["roles"][0]["grant_id"].as_str().unwrap())
}

#[tokio::test]
async fn a_role_is_given_and_taken_back_once() {
    let app = TestApp::start().await;
    let agency = app.agency("KOTA").await;
    let admin = agency.admin().await;
    let employee = given::person(&admin, 1).await;
    let role = json!({"name": "Pegawai 001", "role": "EMPLOYEE", "employee_id": employee});
    let given = admin.post("/v1/grants", role).await.expect(201);
    assert_eq!(
        (&given.json["revoked_at"], &given.json["allowed_actions"]),
        (&Value::Null, &json!(["REVOKE"]))
    );

    let user: kernel::UserId = given.json["user"]["id"].as_str().unwrap().parse().unwrap();
    let caller = app.caller(user, agency.id);
    assert_eq!(caller.get("/v1/me").await.expect(200).json["employees"][0]["id"], employee);

    // A second role for the same user, and the same one again.
    let subject = &given.json["user"]["subject"];
    let mentor = json!({"subject": subject, "name": "Mentor 001", "role": "MENTOR"});
    let second = admin.post("/v1/grants", mentor.clone()).await.expect(201);
    assert_eq!(
        (&second.json["user"]["id"], &second.json["user"]["name"]),
        (&given.json["user"]["id"], &json!("Mentor 001"))
    );
    assert_eq!(admin.get(given.header("location")).await.json["user"]["name"], "Pegawai 001");
    let twice = admin.post("/v1/grants", mentor).await.expect(409);
    twice.expect_problem("ALREADY_EXISTS").expect_error("/role", "TAKEN");
    assert_eq!(caller.get("/v1/me").await.json["roles"].as_array().unwrap().len(), 2);
    assert_eq!(caller.get("/v1/me").await.json["user"]["name"], "Pegawai 001");

    let path = given.header("location").to_owned();
    let revocation = format!("{path}/revocation");
    admin.send("PUT", &revocation, None).await.expect(428);
    let revoked = admin.transition(&revocation, &given.etag()).await.expect(200);
    assert_eq!(
        (&revoked.json["revoked_at"], &revoked.json["allowed_actions"]),
        (&json!(support::NOW), &json!([]))
    );
    admin.transition(&revocation, &given.etag()).await.expect(412);
    admin.transition(&revocation, &revoked.etag()).await.expect(409).expect_problem("GRANT_REVOKED");

    let live = admin.get("/v1/grants?live=true").await.expect(200);
    let all = admin.get("/v1/grants").await.expect(200);
    assert_eq!((live.items().len(), all.items().len()), (2, 3));
    assert!(live.items().iter().all(|grant| grant["id"] != given.id()));
}

#[tokio::test]
async fn what_a_role_is_about_must_fit_and_exist() {
    let app = TestApp::start().await;
    let (agency, other) = (app.agency("KOTA").await, app.agency("KABUPATEN").await);
    let admin = agency.admin().await;
    let theirs = given::unit(&other.admin().await, "A", None).await;
    let post = async |body: Value| admin.post("/v1/grants", body).await.expect(400);
    post(json!({"name": "", "role": "UNIT_ADMIN"}))
        .await
        .expect_error("/name", "REQUIRED")
        .expect_error("/unit_id", "REQUIRED");
    post(json!({"name": "x", "role": "UNIT_ADMIN", "unit_id": theirs}))
        .await
        .expect_error("/unit_id", "NOT_FOUND");
    post(json!({"name": "x", "role": "KING"})).await.expect_error("/role", "NOT_ALLOWED_VALUE");
    post(json!({"name": "x", "role": "INTEGRATION", "scopes": ["audit:read"]}))
        .await
        .expect_error("/scopes/0", "NOT_ALLOWED_VALUE");
    post(json!({"name": "x", "role": "AUDITOR", "issuer": "https://sso.example.go.id", "subject": "1"}))
        .await
        .expect_error("/issuer", "UNKNOWN");
    post(json!({"name": "x", "role": "AUDITOR", "subject": "01931d5e-7c1f-7d7a-9a7e-3f1f3f0e4a11"}))
        .await
        .expect_error("/subject", "NOT_FOUND");
    assert_eq!(
        app.count("SELECT count(*) FROM users WHERE name = 'x'").await,
        0,
        "a refused role leaves no user"
    );
}

#[tokio::test]
async fn what_one_agency_calls_a_user_stays_with_it() {
    let issuer = "https://sso.example.go.id/realms/asn";
    let app = TestApp::start_with(|mut config| {
        config.issuers =
            serde_json::from_value(json!([{"issuer": issuer, "audiences": ["bangkom"]}])).unwrap();
        config
    })
    .await;
    let (here, there) = (app.agency("KOTA").await, app.agency("KABUPATEN").await);
    let (admin, stranger) = (here.admin().await, there.admin().await);
    let auditor = |name: &str| json!({"issuer": issuer, "subject": "7d0c", "name": name, "role": "AUDITOR"});
    let ours = admin.post("/v1/grants", auditor("Auditor Kota")).await.expect(201);
    let theirs = stranger.post("/v1/grants", auditor("Pemeriksa")).await.expect(201);
    assert_eq!(ours.json["user"]["id"], theirs.json["user"]["id"], "it is one person");
    assert_eq!(theirs.json["user"]["name"], "Pemeriksa");
    let name = async |caller: &Caller<'_>, grant: &support::Answer| {
        caller.get(grant.header("location")).await.expect(200).json["user"]["name"].clone()
    };
    assert_eq!(name(&stranger, &theirs).await, "Pemeriksa");
    assert_eq!(name(&admin, &ours).await, "Auditor Kota");

    // Of the built-in issuer's users an agency can name its own.
    let known = admin.post("/v1/grants", json!({"name": "x", "role": "PLANNER"})).await.expect(201);
    let again = json!({"subject": known.json["user"]["subject"], "name": "y", "role": "MENTOR"});
    let refused = stranger.post("/v1/grants", again.clone()).await.expect(400);
    refused.expect_error("/subject", "NOT_FOUND");
    let path = format!("{}/revocation", known.header("location"));
    admin.transition(&path, &known.etag()).await.expect(200);
    admin.post("/v1/grants", again).await.expect(201);
}

#[tokio::test]
async fn nobody_gives_a_role_to_themselves() {
    let app = TestApp::start().await;
    let agency = app.agency("KOTA").await;
    let admin = agency.admin().await;
    let me = admin.get("/v1/me").await.json;
    let role = json!({"subject": me["user"]["subject"], "name": "x", "role": "AUTHORITY"});
    admin.post("/v1/grants", role).await.expect(409).expect_problem("GRANT_TO_SELF");
}

#[tokio::test]
async fn the_last_administrator_stays_however_many_go_at_once() {
    let app = TestApp::start().await;
    let agency = app.agency("KOTA").await;
    let admins = [agency.admin().await, agency.admin().await, agency.admin().await];
    let mut grants = Vec::new();
    for admin in &admins {
        grants.push(own_grant(admin).await);
    }
    // Each takes back the next one's role, all at once.
    let tries = admins.iter().enumerate().map(|(at, admin)| {
        let target = format!("{}/revocation", grants[(at + 1) % admins.len()]);
        async move { admin.transition(&target, "*").await }
    });
    let answers = futures_util::future::join_all(tries).await;
    // One who lost the role before their request came in is told so; of those who kept it, the last one stays.
    assert!(answers.iter().all(|answer| matches!(answer.status, 200 | 403 | 409)), "{answers:?}");
    let live = "SELECT count(*) FROM grants WHERE role = 'AGENCY_ADMIN' AND revoked_at IS NULL";
    assert!(app.count(live).await >= 1);

    for (admin, grant) in admins.iter().zip(&grants) {
        let gone = admin.transition(&format!("{grant}/revocation"), "*").await;
        assert!(matches!(gone.status, 200 | 403 | 409), "{gone:?}");
    }
    assert_eq!(app.count(live).await, 1);
}

#[tokio::test]
async fn roles_are_the_personnel_agencys_to_give_and_its_readers_to_see() {
    let app = TestApp::start().await;
    let (agency, other) = (app.agency("KOTA").await, app.agency("KABUPATEN").await);
    let (admin, auditor, planner) =
        (agency.admin().await, agency.role(Role::Auditor).await, agency.role(Role::Planner).await);
    let grant = own_grant(&planner).await;
    let seen = auditor.get(&grant).await.expect(200);
    assert_eq!(seen.json["allowed_actions"], json!([]));
    auditor.transition(&format!("{grant}/revocation"), &seen.etag()).await.expect(403);
    auditor.post("/v1/grants", json!({"name": "x", "role": "MENTOR"})).await.expect(403);
    planner.get(&grant).await.expect(403);
    planner.get("/v1/grants").await.expect(403);
    let elsewhere = other.admin().await;
    elsewhere.get(&grant).await.expect(404);
    elsewhere.transition(&format!("{grant}/revocation"), "*").await.expect(404);
    // What the caller may do is part of what is shown: the same version has another tag for another caller.
    assert_ne!(admin.get(&grant).await.expect(200).etag(), seen.etag());
}
