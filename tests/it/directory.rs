//! Roles kept in memory: what is kept, and that it is never older than what the server heard.

use access::Role;
use api::config::Config;
use support::TestApp;

/// Changes of this table are announced to nobody.
async fn mute(app: &TestApp, table: &str) {
    app.sql(&format!("ALTER TABLE {table} DISABLE TRIGGER tr_{table}_directory")).await;
}

#[tokio::test]
async fn roles_are_asked_for_once_and_again_when_a_change_is_announced() {
    let app = TestApp::start().await;
    let caller = app.agency("KOTA").await.admin().await;
    mute(&app, "grants").await;
    app.services.store.directory_followed(true).await;
    caller.get("/v1/units").await.expect(200);
    app.sql("UPDATE grants SET revoked_at = now()").await;
    caller.get("/v1/units").await.expect(200);
    app.sql("NOTIFY bangkom_directory").await;
    caller.get("/v1/units").await.expect(403).expect_problem("NO_ROLE");
}

#[tokio::test]
async fn what_somebody_else_changes_is_heard() {
    let app = TestApp::start().await;
    let agency = app.agency("KOTA").await;
    let (auditor, admin) = (agency.role(Role::Auditor).await, agency.admin().await);
    app.services.store.directory_followed(true).await;
    let auditor = auditor.with("bangkom-agency", "KOTA");
    for caller in [&admin, &auditor] {
        caller.get("/v1/me").await.expect(200);
    }
    app.sql("UPDATE agencies SET code = 'LAIN' WHERE code = 'KOTA'").await;
    auditor.get("/v1/me").await.expect(403).expect_problem("NO_ROLE");
    admin.get("/v1/me").await.expect(200);
    app.sql("UPDATE users SET subject = 'somebody else' WHERE name = 'AGENCY_ADMIN'").await;
    admin.get("/v1/me").await.expect(403).expect_problem("NO_ROLE");
    let renamed = auditor.with("bangkom-agency", "LAIN");
    app.sql("DELETE FROM grants").await;
    renamed.get("/v1/me").await.expect(403).expect_problem("NO_ROLE");
}

#[tokio::test]
async fn what_this_server_changes_is_known_before_the_reply() {
    let app = TestApp::start().await;
    let agency = app.agency("KOTA").await;
    let (admin, auditor) = (agency.admin().await, agency.role(Role::Auditor).await);
    mute(&app, "grants").await;
    app.services.store.directory_followed(true).await;
    let me = auditor.get("/v1/me").await.expect(200).json;
    let grant = format!("/v1/grants/{}", me["roles"][0]["grant_id"].as_str().unwrap());
    admin.transition(&format!("{grant}/revocation"), "\"1\"").await.expect(200);
    auditor.get("/v1/me").await.expect(403).expect_problem("NO_ROLE");
}

#[tokio::test]
async fn a_server_that_cannot_hear_asks_the_database() {
    // One connection that stays open: another would be refused below.
    let app = TestApp::start_with(|config| Config { database_connections: 1, ..config }).await;
    let caller = app.agency("KOTA").await.admin().await;
    let store = &app.services.store;
    mute(&app, "grants").await;
    store.directory_followed(true).await;
    caller.get("/v1/units").await.expect(200);

    app.admit(false).await;
    let ended = "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity
                 WHERE datname = current_database() AND application_name = 'bangkom directory'";
    assert_eq!(app.count(ended).await, 1);
    store.directory_followed(false).await;
    app.sql("UPDATE grants SET revoked_at = now()").await;
    caller.get("/v1/units").await.expect(403).expect_problem("NO_ROLE");
    app.sql("UPDATE grants SET revoked_at = NULL").await;
    caller.get("/v1/units").await.expect(200);

    app.admit(true).await;
    store.directory_followed(true).await;
    caller.get("/v1/units").await.expect(200);
    app.sql("UPDATE grants SET revoked_at = now()").await;
    caller.get("/v1/units").await.expect(200);
    app.sql("NOTIFY bangkom_directory").await;
    caller.get("/v1/units").await.expect(403).expect_problem("NO_ROLE");
}
