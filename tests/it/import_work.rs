//! The work of an import: it goes on without its caller, is taken over by another server, called off, tried again.

use std::time::Duration;

use api::app::imports;
use api::worker;
use kernel::{OperationKind, WorkerId};
use serde_json::{Value, json};
use support::TestApp;

use crate::imports::{SAMPLES, another, counts, ended, hold, import, nothing_is_left, post, release};

/// Locks of this test's own database: the server is shared.
const HERE: &str = "database = (SELECT oid FROM pg_database WHERE datname = current_database())";

#[tokio::test]
async fn a_long_import_goes_on_and_a_repeated_request_finds_it() {
    let app = TestApp::start().await;
    let agency = app.agency("KOTA").await;
    let admin = agency.admin().await;
    let keyed = admin.with("idempotency-key", "01-units");
    let sheet = SAMPLES[0].1;
    hold(&agency).await;
    let accepted = post(&keyed, "units", sheet).await.expect(202);
    assert_eq!((&accepted.json["state"], &accepted.json["report"]), (&json!("RUNNING"), &Value::Null));
    let location = accepted.header("location").to_owned();
    let repeated = post(&keyed, "units", sheet).await.expect(202);
    assert_eq!(repeated.header("idempotency-replayed"), "true");
    assert_eq!(repeated.header("location"), location);
    release(&agency).await;
    let done = ended(&admin, &location).await;
    assert_eq!((&done.json["state"], &done.json["result"]["created"]), (&json!("SUCCEEDED"), &json!(4)));
    assert_eq!(app.count("SELECT count(*) FROM audit_events WHERE what = 'IMPORTED'").await, 1);

    let repeated = import(&keyed, "units", sheet).await.expect(200);
    assert_eq!(repeated.header("idempotency-replayed"), "true");
    assert_eq!(counts(&repeated), [4, 4, 0, 0]);
    assert_eq!(app.count("SELECT count(*) FROM operations").await, 1);
    import(&keyed, "units", "code,name\nX,Y\n").await.expect(409).expect_problem("IDEMPOTENCY_KEY_REUSED");
}

#[tokio::test]
async fn a_key_stands_for_what_happened_and_not_for_what_failed() {
    let app = TestApp::start().await;
    let admin = app.agency("KOTA").await.admin().await;
    let keyed = admin.with("idempotency-key", "01-positions");
    let positions = "code,name,unit_code,job_class\nP,Jabatan,A,06\n";
    import(&keyed, "positions", positions).await.expect(400);
    import(&admin, "units", "code,name\nA,Dinas\n").await.expect(200);
    let tries = (0..4).map(|_| import(&keyed, "positions", positions));
    let answers = futures_util::future::join_all(tries).await;
    let replayed = answers.iter().filter(|answer| answer.header("idempotency-replayed") == "true").count();
    assert_eq!(replayed, 3);
    assert_eq!(app.count("SELECT count(*) FROM audit_events WHERE what = 'IMPORTED'").await, 2);
    assert_eq!(app.count("SELECT count(*) FROM operations").await, 3);
}

#[tokio::test]
async fn an_import_that_is_called_off_leaves_nothing() {
    let app = TestApp::start().await;
    let agency = app.agency("KOTA").await;
    let admin = agency.admin().await;
    hold(&agency).await;
    let accepted = post(&admin, "units", SAMPLES[0].1).await.expect(202);
    let location = accepted.header("location").to_owned();
    admin.transition(&format!("{location}/cancellation"), "*").await.expect(200);
    release(&agency).await;
    app.services.imports.idle().await;
    assert_eq!(ended(&admin, &location).await.json["state"], "CANCELLED");
    assert_eq!(app.count("SELECT count(*) FROM units").await, 0);
    assert_eq!(app.count("SELECT count(*) FROM audit_events WHERE what = 'IMPORTED'").await, 0);
}

#[tokio::test]
async fn calling_off_ends_even_a_statement_that_waits() {
    let app = TestApp::start().await;
    let agency = app.agency("KOTA").await;
    let admin = agency.admin().await;
    hold(&agency).await;
    let accepted = post(&admin, "units", SAMPLES[0].1).await.expect(202);
    admin.transition(&format!("{}/cancellation", accepted.header("location")), "*").await.expect(200);
    // Nobody lets go of what it waits for, and yet it ends.
    app.services.imports.idle().await;
    nothing_is_left(&app).await;
    release(&agency).await;
    assert_eq!(app.count("SELECT count(*) FROM units").await, 0);
}

#[tokio::test]
async fn work_of_a_server_that_died_is_done_by_one_other_and_once() {
    let app = TestApp::start().await;
    let agency = app.agency("KOTA").await;
    let admin = agency.admin().await;
    hold(&agency).await;
    let accepted = post(&admin.with("prefer", "wait=0"), "units", SAMPLES[0].1).await.expect(202);
    let (one, two) = (another(&app).await, another(&app).await);
    // It is alive, as far as anybody can tell.
    assert_eq!(imports::resume(&one).await.unwrap(), 0);
    app.set_now("2026-07-01T02:01:00Z");
    let (first, second) = tokio::join!(imports::resume(&one), imports::resume(&two));
    assert_eq!(first.unwrap() + second.unwrap(), 1);
    release(&agency).await;
    let done = ended(&admin, accepted.header("location")).await;
    assert_eq!((&done.json["state"], &done.json["result"]["created"]), (&json!("SUCCEEDED"), &json!(4)));
    // The one that was thought dead wakes up, and what it did is void.
    app.services.imports.idle().await;
    one.imports.idle().await;
    two.imports.idle().await;
    assert_eq!(app.count("SELECT count(*) FROM units").await, 4);
    assert_eq!(app.count("SELECT count(*) FROM audit_events WHERE what = 'IMPORTED'").await, 1);
    assert_eq!(app.count("SELECT count(*) FROM operations WHERE attempts = 2").await, 1);
    // The trail names the request that brought the file, whoever did the work.
    let request = accepted.header("x-request-id");
    let trail =
        format!("SELECT count(*) FROM audit_events WHERE what = 'IMPORTED' AND request_id = '{request}'");
    assert_eq!(app.count(&trail).await, 1);
    nothing_is_left(&app).await;
}

#[tokio::test]
async fn a_server_that_stops_hands_its_work_over_at_once() {
    let app = TestApp::start().await;
    let agency = app.agency("KOTA").await;
    let admin = agency.admin().await;
    hold(&agency).await;
    let accepted = post(&admin.with("prefer", "wait=0"), "units", SAMPLES[0].1).await.expect(202);
    app.services.imports.hand_over().await;
    app.services.imports.idle().await;
    let waiting = admin.get(accepted.header("location")).await.expect(200);
    assert_eq!((&waiting.json["state"], &waiting.json["phase"]), (&json!("RUNNING"), &Value::Null));
    post(&admin, "units", SAMPLES[0].1).await.expect(503);
    release(&agency).await;
    let other = another(&app).await;
    assert_eq!(imports::resume(&other).await.unwrap(), 1);
    let done = ended(&admin, accepted.header("location")).await;
    assert_eq!((&done.json["state"], &done.json["result"]["created"]), (&json!("SUCCEEDED"), &json!(4)));
    assert_eq!(app.count("SELECT count(*) FROM operations WHERE attempts = 1").await, 1);
}

#[tokio::test]
async fn work_whose_rows_are_written_is_ended_by_another_and_not_called_off() {
    let app = TestApp::start().await;
    let agency = app.agency("KOTA").await;
    let admin = agency.admin().await;
    let taken = import(&admin, "units", SAMPLES[0].1).await.expect(200);
    let location = taken.header("location");
    // As a server leaves it that is killed after its rows were committed.
    app.sql(
        "UPDATE operations SET state = 'RUNNING', worker = NULL, finished_at = NULL, phase = 'AGGREGATING'",
    )
    .await;
    let cancelled = admin.transition(&format!("{location}/cancellation"), "*").await;
    cancelled.expect(409).expect_problem("OPERATION_FINISHED");
    assert_eq!(worker::tidy(&app.services).await.unwrap().operations, 0);
    let other = another(&app).await;
    assert_eq!(imports::resume(&other).await.unwrap(), 1);
    let done = ended(&admin, location).await;
    assert_eq!((&done.json["state"], &done.json["result"]["created"]), (&json!("SUCCEEDED"), &json!(4)));
    assert_eq!(app.count("SELECT count(*) FROM audit_events WHERE what = 'IMPORTED'").await, 1);
}

#[tokio::test]
async fn work_that_ends_every_server_is_given_up() {
    let app = TestApp::start().await;
    let agency = app.agency("KOTA").await;
    let admin = agency.admin().await;
    hold(&agency).await;
    let accepted = post(&admin.with("prefer", "wait=0"), "units", SAMPLES[0].1).await.expect(202);
    // A worker that lives locks the row whenever it says so, and whoever looks for work passes by what is locked. This one
    // finds the work somebody else's, and lets go of it.
    app.sql("UPDATE operations SET worker = gen_random_uuid()").await;
    app.services.imports.idle().await;
    let store = &app.services.store;
    let (mut now, patience) = (app.now(), imports::STALE_AFTER);
    for _ in 1..imports::MOST_ATTEMPTS {
        now += patience * 2;
        let taken = store
            .operation_claim(WorkerId::new(), &OperationKind::ALL, now, patience, imports::MOST_ATTEMPTS)
            .await;
        assert!(taken.unwrap().is_some());
        assert_eq!(store.operations_reap(now, patience, imports::MOST_ATTEMPTS).await.unwrap(), 0);
    }
    now += patience * 2;
    let taken = store
        .operation_claim(WorkerId::new(), &OperationKind::ALL, now, patience, imports::MOST_ATTEMPTS)
        .await;
    assert_eq!(taken.unwrap(), None);
    assert_eq!(store.operations_reap(now, patience, imports::MOST_ATTEMPTS).await.unwrap(), 1);
    release(&agency).await;
    app.services.imports.idle().await;
    let dead = ended(&admin, accepted.header("location")).await;
    assert_eq!((&dead.json["state"], &dead.json["error"]["code"]), (&json!("FAILED"), &json!("INTERRUPTED")));
    assert_eq!(app.count("SELECT count(*) FROM units").await, 0);
    nothing_is_left(&app).await;
    // The same file comes in as if nothing had been.
    assert_eq!(counts(&import(&admin, "units", SAMPLES[0].1).await.expect(200)), [4, 4, 0, 0]);
}

#[tokio::test]
async fn who_may_no_longer_decide_does_not_by_work_that_goes_on() {
    let app = TestApp::start().await;
    let agency = app.agency("KOTA").await;
    let admin = agency.admin().await;
    hold(&agency).await;
    let accepted = post(&admin.with("prefer", "wait=0"), "units", SAMPLES[0].1).await.expect(202);
    app.services.imports.hand_over().await;
    app.services.imports.idle().await;
    release(&agency).await;
    let other = agency.admin().await;
    app.sql("UPDATE grants SET revoked_at = now() WHERE user_id = (SELECT requested_by FROM operations)")
        .await;
    let server = another(&app).await;
    assert_eq!(imports::resume(&server).await.unwrap(), 1);
    let failed = ended(&other, accepted.header("location")).await;
    assert_eq!(
        (&failed.json["state"], &failed.json["error"]["code"]),
        (&json!("FAILED"), &json!("FORBIDDEN"))
    );
    assert_eq!(app.count("SELECT count(*) FROM units").await, 0);
    nothing_is_left(&app).await;
}

#[tokio::test]
async fn a_caller_waits_as_long_as_it_prefers() {
    let app = TestApp::start().await;
    let agency = app.agency("KOTA").await;
    let admin = agency.admin().await;
    let patient = admin.with("prefer", "wait=30");
    let quick = post(&patient, "units", SAMPLES[0].1).await.expect(200);
    assert_eq!(quick.header("preference-applied"), "wait=30");
    let ended = patient.get(quick.header("location")).await.expect(200);
    assert_eq!((&ended.json["state"], ended.header("preference-applied")), (&json!("SUCCEEDED"), "wait=30"));

    hold(&agency).await;
    let accepted = post(&admin.with("prefer", "wait=0"), "units", SAMPLES[0].1).await.expect(202);
    assert_eq!(accepted.header("preference-applied"), "wait=0");
    let location = accepted.header("location").to_owned();
    let now = admin.with("prefer", "wait=0").get(&location).await.expect(200);
    assert_eq!(now.json["state"], "RUNNING");
    let waiting = patient.get(&location);
    let (answer, ()) = tokio::join!(waiting, release(&agency));
    assert_eq!(answer.expect(200).json["state"], "SUCCEEDED");
}

#[tokio::test]
async fn a_file_whose_sender_hangs_up_leaves_nothing() {
    use tokio::io::AsyncWriteExt as _;
    let app = TestApp::start().await;
    let admin = app.agency("KOTA").await.admin().await;
    let address = app.base.trim_start_matches("http://").to_owned();
    let mut socket = tokio::net::TcpStream::connect(&address).await.unwrap();
    let head = format!(
        "POST /v1/imports?kind=units HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {}\r\n\
         Content-Type: text/csv\r\nContent-Length: 200000000\r\n\r\n",
        admin.token()
    );
    socket.write_all(head.as_bytes()).await.unwrap();
    let arriving = "SELECT count(*) FROM import_chunks";
    // Enough that a part of it is in the database, and then no more.
    while app.count(arriving).await == 0 {
        socket.write_all(&[b'x'; 300_000]).await.unwrap();
    }
    drop(socket);
    let gone = async {
        while app.count(arriving).await > 0 {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(Duration::from_secs(60), gone).await.expect("it is forgotten");
    nothing_is_left(&app).await;
    assert_eq!(app.count("SELECT count(*) FROM operations").await, 0);
}

#[tokio::test]
async fn a_connection_killed_after_the_rows_were_written_leaves_none_of_them_and_the_work_is_tried_again() {
    let app = TestApp::start().await;
    let admin = app.agency("KOTA").await.admin().await;
    // The last thing an import writes is the audit trail: it waits there with all its rows written.
    app.sql("BEGIN; LOCK TABLE audit_events IN SHARE MODE").await;
    let accepted = post(&admin, "units", SAMPLES[0].1).await.expect(202);
    let killed = app
        .count(&format!(
            "SELECT count(pg_terminate_backend(pid)) FROM pg_locks
             WHERE {HERE} AND relation = 'audit_events'::regclass AND NOT granted",
        ))
        .await;
    assert_eq!(killed, 1);
    app.sql("COMMIT").await;
    app.services.imports.idle().await;
    let waiting = admin.get(accepted.header("location")).await.expect(200);
    assert_eq!((&waiting.json["state"], &waiting.json["error"]), (&json!("RUNNING"), &Value::Null));
    assert_eq!(
        app.count("SELECT (SELECT count(*) FROM units) + (SELECT count(*) FROM unit_ancestors)").await,
        0
    );
    assert_eq!(app.count("SELECT count(*) FROM audit_events WHERE what = 'IMPORTED'").await, 0);
    assert_eq!(imports::resume(&app.services).await.unwrap(), 1);
    let done = ended(&admin, accepted.header("location")).await;
    assert_eq!((&done.json["state"], &done.json["result"]["created"]), (&json!("SUCCEEDED"), &json!(4)));
    assert_eq!(app.count("SELECT count(*) FROM operations WHERE attempts = 2").await, 1);
    nothing_is_left(&app).await;
}

#[tokio::test]
async fn rows_somebody_wrote_meanwhile_are_compared_with_anew() {
    let app = TestApp::start().await;
    let agency = app.agency("KOTA").await;
    let admin = agency.admin().await;
    // The file has been compared and waits to write; then another writer commits one of its codes.
    app.sql("BEGIN; LOCK TABLE units IN SHARE ROW EXCLUSIVE MODE").await;
    let accepted = post(&admin, "units", SAMPLES[0].1).await.expect(202);
    let unit = "'01931d5e-7c1f-7d7a-9a7e-3f1f3f0e4a11'";
    app.sql(&format!(
        "INSERT INTO units (agency_id, id, code, name, created_at, updated_at)
         VALUES ('{0}', {unit}, 'DISDUKCAPIL', 'Disdukcapil', now(), now());
         INSERT INTO unit_ancestors VALUES ('{0}', {unit}, {unit}, 0);
         COMMIT",
        agency.id
    ))
    .await;
    let done = ended(&admin, accepted.header("location")).await;
    assert_eq!(done.json["state"], "SUCCEEDED", "{}", done.text);
    let result = &done.json["result"];
    assert_eq!((&result["created"], &result["updated"]), (&json!(3), &json!(1)));
    assert_eq!(app.count("SELECT count(*) FROM unit_ancestors").await, 7);
}

#[tokio::test]
async fn a_client_that_hangs_up_does_not_take_its_file_back() {
    let app = TestApp::start().await;
    let agency = app.agency("KOTA").await;
    let admin = agency.admin().await;
    hold(&agency).await;
    let waiting =
        format!("SELECT count(*) FROM pg_locks WHERE {HERE} AND locktype = 'advisory' AND NOT granted");
    let begun = async {
        while app.count(&waiting).await == 0 {
            tokio::task::yield_now().await;
        }
    };
    tokio::select! {
        answer = post(&admin, "units", SAMPLES[0].1) => panic!("answered too early: {}", answer.text),
        () = begun => {}
    }
    release(&agency).await;
    let operation =
        admin.get("/v1/operations").await.expect(200).items()[0]["id"].as_str().unwrap().to_owned();
    let done = ended(&admin, &format!("/v1/operations/{operation}")).await;
    assert_eq!((&done.json["state"], &done.json["result"]["created"]), (&json!("SUCCEEDED"), &json!(4)));
}
