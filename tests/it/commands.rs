//! What an operator does by command, and what a server does beside answering.

use std::sync::atomic::Ordering;

use access::Role;
use api::cli::{CliError, RoleArgs, token};
use api::http::AppState;
use api::worker::{self, Tidied};
use chrono::TimeDelta;
use kernel::Code;
use sea_orm::{ConnectOptions, ConnectionTrait as _, Database};
use serde_json::json;
use support::TestApp;

fn role(role: Role) -> RoleArgs {
    RoleArgs { agency: Code::parse("KOTA").unwrap(), role, nip: None, unit: None, scopes: Vec::new() }
}

const HOUR: TimeDelta = TimeDelta::hours(1);

#[tokio::test]
async fn a_token_is_for_one_user_with_one_role_however_often_it_is_asked_for() {
    let app = TestApp::start().await;
    app.agency("KOTA").await;
    let admin = role(Role::AgencyAdmin);
    let (one, two) =
        tokio::join!(token::issue(&app.services, &admin, HOUR), token::issue(&app.services, &admin, HOUR));
    let third = token::issue(&app.services, &admin, HOUR).await.unwrap();
    for token in [one.unwrap(), two.unwrap(), third] {
        app.bearer(&token).post("/v1/units", json!({"code": "A", "name": "A"})).await;
        app.bearer(&token).get("/v1/units").await.expect(200);
    }
    assert_eq!(app.count("SELECT count(*) FROM users WHERE subject = id::text").await, 1);
    assert_eq!(app.count("SELECT count(*) FROM grants").await, 1);
    let granted = app.count("SELECT count(*) FROM audit_events WHERE operation = 'token'").await;
    assert_eq!(granted, 1);

    let auditor = token::issue(&app.services, &role(Role::Auditor), HOUR).await.unwrap();
    app.bearer(&auditor).post("/v1/units", json!({"code": "B", "name": "B"})).await.expect(403);
    assert_eq!(app.count("SELECT count(*) FROM users").await, 2);
}

#[tokio::test]
async fn a_token_asked_for_again_after_its_role_was_taken_back_gives_the_role_again() {
    let app = TestApp::start().await;
    app.agency("KOTA").await;
    let first = token::issue(&app.services, &role(Role::Auditor), HOUR).await.unwrap();
    app.sql("UPDATE grants SET revoked_at = now()").await;
    app.bearer(&first).get("/v1/units").await.expect(403);
    token::issue(&app.services, &role(Role::Auditor), HOUR).await.unwrap();
    app.bearer(&first).get("/v1/units").await.expect(200);
    assert_eq!(app.count("SELECT count(*) FROM users").await, 1);
    assert_eq!(app.count("SELECT count(*) FROM grants").await, 2);
}

#[tokio::test]
async fn a_token_for_what_is_not_there_is_refused_and_leaves_nothing() {
    let app = TestApp::start().await;
    app.agency("KOTA").await;
    let nip = Some("198609262015051001".to_owned());
    for wrong in [
        RoleArgs { agency: Code::parse("NOWHERE").unwrap(), ..role(Role::Auditor) },
        RoleArgs { nip: nip.clone(), ..role(Role::Employee) },
        RoleArgs { nip: Some("1.98E+17".to_owned()), ..role(Role::Employee) },
        RoleArgs { unit: Some(Code::parse("DINKES").unwrap()), ..role(Role::UnitAdmin) },
        role(Role::Employee),
        role(Role::Integration),
    ] {
        let refused = token::issue(&app.services, &wrong, HOUR).await;
        assert!(matches!(refused, Err(CliError::Refused(_))), "{wrong:?}: {refused:?}");
    }
    assert_eq!(app.count("SELECT count(*) FROM users").await, 0);
}

#[tokio::test]
async fn abandoned_work_is_failed_and_old_replies_are_forgotten() {
    let app = TestApp::start().await;
    let caller = app.agency("KOTA").await.admin().await;
    for (key, code) in [("old", "A"), ("new", "B")] {
        let body = json!({"code": code, "name": code});
        caller.with("idempotency-key", key).post("/v1/units", body).await.expect(201);
    }
    app.sql(&format!(
        "UPDATE idempotency_keys SET created_at = '{now}'::timestamptz - interval '24 hours 1 second' WHERE key = 'old';
         UPDATE idempotency_keys SET created_at = '{now}'::timestamptz - interval '23 hours 59 minutes' WHERE key = 'new';
         INSERT INTO operations (agency_id, id, kind, state, input, requested_by, created_at, heartbeat_at, worker)
         SELECT agency_id, uuidv.id, 'IMPORT', uuidv.state, '{{}}', user_id, '{now}', '{now}'::timestamptz - uuidv.silent,
                uuidv.id
         FROM grants, (VALUES
            ('00000000-0000-7000-8000-00000000000a'::uuid, 'RUNNING', interval '31 seconds'),
            ('00000000-0000-7000-8000-00000000000b'::uuid, 'RUNNING', interval '29 seconds'),
            ('00000000-0000-7000-8000-00000000000c'::uuid, 'SUCCEEDED', interval '1 day')) uuidv (id, state, silent)",
        now = support::NOW
    ))
    .await;
    assert_eq!(app.services.store.operations_stale(app.now(), worker::STALE_AFTER).await.unwrap(), 1);

    let tidied = worker::tidy(&app.services).await.unwrap();
    assert_eq!(
        tidied,
        Tidied { operations: 1, replies: 1, sums: 0, leftovers: 0, deliveries: 0, notices: 0 }
    );
    assert_eq!(worker::tidy(&app.services).await.unwrap(), Tidied::default());
    let failed =
        "SELECT count(*) FROM operations WHERE state = 'FAILED' AND error ->> 'code' = 'INTERRUPTED'";
    assert_eq!(app.count(failed).await, 1);
    assert_eq!(app.count("SELECT count(*) FROM idempotency_keys WHERE key = 'new'").await, 1);
    assert_eq!(app.services.store.operations_stale(app.now(), worker::STALE_AFTER).await.unwrap(), 0);
}

#[tokio::test]
async fn a_constraint_the_program_does_not_know_is_found() {
    let app = TestApp::start().await;
    assert_eq!(app.services.store.constraints_unknown().await.unwrap(), Vec::<String>::new());
    app.sql("ALTER TABLE units ADD CONSTRAINT ck_odd CHECK (code <> 'odd')").await;
    app.sql("CREATE UNIQUE INDEX uq_odd ON units (agency_id, name)").await;
    assert_eq!(app.services.store.constraints_unknown().await.unwrap(), ["ck_odd", "uq_odd"]);
}

/// A second server on the same database, in the test's own hands.
fn another_server(app: &TestApp) -> (AppState, String, actix_web::dev::ServerHandle) {
    let state = AppState::new(app.services.clone());
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let base = format!("http://{}", listener.local_addr().unwrap());
    let server = api::server::start(listener, state.clone()).unwrap();
    let handle = server.handle();
    tokio::spawn(server);
    (state, base, handle)
}

#[tokio::test]
async fn what_is_under_way_when_the_server_stops_is_finished_and_answered() {
    let app = TestApp::start().await;
    let caller = app.agency("KOTA").await.admin().await;
    let (state, base, handle) = another_server(&app);
    state.ready.store(true, Ordering::SeqCst);
    let mut options = ConnectOptions::new(app.services.config.database_url.clone().unwrap());
    options.max_connections(1).sqlx_logging(false);
    let blocker = Database::connect(options).await.unwrap();
    blocker.execute_unprepared("BEGIN; LOCK TABLE units IN ACCESS EXCLUSIVE MODE").await.unwrap();
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let request = client
        .post(format!("{base}/v1/units"))
        .bearer_auth(caller.token())
        .header("content-type", "application/json")
        .body(json!({"code": "A", "name": "A"}).to_string());
    let answer = tokio::spawn(request.send());
    while app.count("SELECT count(*) FROM pg_locks WHERE relation = 'units'::regclass AND NOT granted").await
        == 0
    {
        assert!(!answer.is_finished(), "it waits for the lock");
    }

    state.draining.begin();
    let stopping = tokio::spawn(handle.stop(true));
    // The accepting thread is gone when nobody can connect any more; the request is still under way.
    while reqwest::Client::builder()
        .no_proxy()
        .build()
        .unwrap()
        .get(format!("{base}/livez"))
        .send()
        .await
        .is_ok()
    {}
    assert!(!answer.is_finished() && !stopping.is_finished());
    blocker.execute_unprepared("COMMIT").await.unwrap();
    let answer = answer.await.unwrap().unwrap();
    assert_eq!(answer.status().as_u16(), 201);
    assert_eq!(answer.headers()["connection"], "close");
    stopping.await.unwrap();
    assert_eq!(app.count("SELECT count(*) FROM units").await, 1);
}

#[tokio::test]
async fn a_server_whose_schema_was_not_found_to_fit_is_alive_and_not_ready() {
    let app = TestApp::start().await;
    let caller = app.agency("KOTA").await.admin().await;
    let (state, base, handle) = another_server(&app);
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let status = async |path: &str| {
        let answer = client.get(format!("{base}{path}")).bearer_auth(caller.token()).send().await.unwrap();
        answer.status().as_u16()
    };
    let statuses = async || [status("/livez").await, status("/readyz").await, status("/v1/units").await];
    assert_eq!(statuses().await, [200, 503, 503]);
    state.ready.store(true, Ordering::SeqCst);
    assert_eq!(statuses().await, [200, 200, 200]);
    state.draining.begin();
    assert_eq!(statuses().await, [200, 503, 200], "what comes while it stops is still answered");
    handle.stop(false).await;
}
