//! `/v1/employees/{employee_id}/placements`.

use access::Role;
use sea_orm::{ConnectionTrait as _, TransactionTrait as _};
use serde_json::{Value, json};
use support::{Answer, TestApp};

use crate::given;

fn days(history: &Answer) -> Vec<(String, Value)> {
    let day = |stay: &Value| (stay["starts_on"].as_str().unwrap().to_owned(), stay["ends_on"].clone());
    history.items().iter().map(day).collect()
}

fn stay(starts_on: &str, ends_on: Value) -> (String, Value) {
    (starts_on.to_owned(), ends_on)
}

#[tokio::test]
async fn an_entry_lasts_until_the_next_one_begins() {
    let app = TestApp::start().await;
    let agency = app.agency("KOTA").await;
    let admin = agency.admin().await;
    let unit = given::unit(&admin, "A", None).await;
    let position = given::position(&admin, "STAF", &unit).await;
    let employee = given::person(&admin, 1).await;
    let path = format!("/v1/employees/{employee}/placements");
    let body = json!({"position_id": position, "starts_on": "2024-01-01", "decree": " SK 1/2024 "});
    let made = admin.post(&path, body).await.expect(201);
    assert_eq!((&made.json["decree"], &made.json["ends_on"]), (&json!("SK 1/2024"), &Value::Null));
    assert_eq!(made.json["position"]["position_code"], "STAF");
    assert_eq!(made.header("location"), format!("{path}/{}", made.id()));

    // Released from the middle of 2026 on, and one entry that comes to light late.
    given::place(&admin, &employee, None, "2026-06-15").await.expect(201);
    given::place(&admin, &employee, Some(&position), "2022-02-01").await.expect(201);
    let history = admin.get(&path).await.expect(200);
    assert_eq!(
        days(&history),
        [
            stay("2022-02-01", json!("2023-12-31")),
            stay("2024-01-01", json!("2026-06-14")),
            stay("2026-06-15", Value::Null)
        ]
    );
    assert_eq!(admin.get(&format!("/v1/employees/{employee}")).await.json["held"], Value::Null);
    let read = admin.get(made.header("location")).await.expect(200);
    assert_eq!(read.json["ends_on"], "2026-06-14");
    assert_eq!(history.items()[1], read.json);

    let page = admin.get(&format!("{path}?limit=2")).await.expect(200);
    let next = page.json["next"].as_str().unwrap();
    let rest = admin.get(&format!("{path}?limit=2&cursor={next}")).await.expect(200);
    assert_eq!((days(&rest), &rest.json["next"]), (vec![stay("2026-06-15", Value::Null)], &Value::Null));
    let own = agency.employee(Role::Employee, &employee).await.get(&path).await.expect(200);
    assert!(own.items().iter().all(|stay| stay["allowed_actions"] == json!([])));
}

#[tokio::test]
async fn a_wrong_entry_is_retracted_and_what_was_known_stays_known() {
    let app = TestApp::start().await;
    let agency = app.agency("KOTA").await;
    let admin = agency.admin().await;
    let unit = given::unit(&admin, "A", None).await;
    let position = given::position(&admin, "STAF", &unit).await;
    let employee = given::person_in(&admin, 1, &position).await;
    let path = format!("/v1/employees/{employee}/placements");
    let wrong = given::place(&admin, &employee, None, "2026-01-01").await.expect(201);
    let recorded: chrono::DateTime<chrono::Utc> =
        wrong.json["recorded_at"].as_str().unwrap().parse().unwrap();
    let retraction = format!("{path}/{}/retraction", wrong.id());
    admin.send("PUT", &retraction, None).await.expect(428);
    let retracted = admin.transition(&retraction, &wrong.etag()).await.expect(200);
    assert_eq!((&retracted.json["ends_on"], &retracted.json["allowed_actions"]), (&Value::Null, &json!([])));
    admin.transition(&retraction, &wrong.etag()).await.expect(412);
    let again = admin.transition(&retraction, &retracted.etag()).await.expect(409);
    again.expect_problem("PLACEMENT_RETRACTED");

    assert_eq!(days(&admin.get(&path).await.expect(200)), [stay("2020-01-01", Value::Null)]);
    assert_eq!(admin.get(&format!("{path}/{}", wrong.id())).await.expect(200).json, retracted.json);
    let known = async |at: chrono::DateTime<chrono::Utc>| {
        let at = at.to_rfc3339_opts(chrono::SecondsFormat::Micros, true);
        days(&admin.get(&format!("{path}?known_at={at}")).await.expect(200))
    };
    let both = [stay("2020-01-01", json!("2025-12-31")), stay("2026-01-01", Value::Null)];
    assert_eq!(known(recorded).await, both);
    let just_before = recorded - chrono::TimeDelta::microseconds(1);
    assert_eq!(known(just_before).await, [stay("2020-01-01", Value::Null)]);
    let at = recorded.to_rfc3339_opts(chrono::SecondsFormat::Micros, true);
    let then = admin.get(&format!("{path}?known_at={at}")).await.expect(200).items()[1].clone();
    assert_eq!((&then["id"], &then["retracted_at"]), (&wrong.json["id"], &Value::Null));
    assert_eq!(then["allowed_actions"], json!([]), "the past cannot be acted on");
    // The day is free again for the right entry.
    given::place(&admin, &employee, Some(&position), "2026-01-01").await.expect(201);
    assert_eq!(known(recorded).await, both);

    // Stamps are the database's, so its clock says what the future is.
    let refused = admin.get(&format!("{path}?known_at={}", ahead(&app).await)).await.expect(400);
    refused.expect_problem("KNOWN_AT_IN_FUTURE");
    let ages_ago = admin.get(&format!("{path}?known_at=0001-01-01T00:00:00Z")).await.expect(400);
    ages_ago.expect_error("/query/known_at", "OUT_OF_RANGE");
}

/// An instant the database has not reached yet.
async fn ahead(app: &TestApp) -> String {
    let epoch = app.count("SELECT extract(epoch FROM clock_timestamp())::bigint").await;
    let ahead = chrono::DateTime::from_timestamp(epoch + 3600, 0).unwrap();
    ahead.to_rfc3339_opts(chrono::SecondsFormat::Secs, true)
}

#[tokio::test]
async fn the_servers_clock_does_not_decide_what_the_future_is() {
    let app = TestApp::start().await;
    let agency = app.agency("KOTA").await;
    let employee = given::person(&agency.admin().await, 1).await;
    let ahead = ahead(&app).await;
    // A server whose clock is ahead must not promise an answer that a stamp of a moment from now would change.
    app.set_now("2100-01-01T00:00:00Z");
    let path = format!("/v1/employees/{employee}/placements?known_at={ahead}");
    agency.admin().await.get(&path).await.expect(400).expect_problem("KNOWN_AT_IN_FUTURE");
}

#[tokio::test]
#[expect(clippy::disallowed_methods, reason = "the test holds a transaction open in the server's way")]
async fn a_question_about_the_past_does_not_wait_for_a_writer_for_ever() {
    let app = TestApp::start().await;
    let agency = app.agency("KOTA").await;
    let admin = agency.admin().await;
    let employee = given::person(&admin, 1).await;
    let url = app.services.config.database_url.clone().unwrap();
    let writer = sea_orm::Database::connect(url).await.unwrap().begin().await.unwrap();
    let stamped = format!("SELECT pg_advisory_xact_lock_shared(hashtextextended('{}', 1))", agency.id);
    writer.execute_unprepared(&stamped).await.unwrap();
    let path = format!("/v1/employees/{employee}/placements?known_at=2020-01-01T00:00:00Z");
    // More of them than the pool has connections, and others are still served.
    let questions = futures_util::future::join_all((0..12).map(|_| admin.get(&path)));
    let (answers, plain) = tokio::join!(questions, admin.get("/v1/units"));
    plain.expect(200);
    for answer in answers {
        answer.expect(503).expect_problem("UNAVAILABLE");
    }
    writer.rollback().await.unwrap();
    admin.get(&path).await.expect(200);
}

#[tokio::test]
async fn a_position_takes_in_only_while_it_is_there() {
    let app = TestApp::start().await;
    let (here, there) = (app.agency("KOTA").await.admin().await, app.agency("KABUPATEN").await.admin().await);
    let (unit, abroad) = (given::unit(&here, "A", None).await, given::unit(&there, "A", None).await);
    let position = given::position(&here, "STAF", &unit).await;
    let employee = given::person(&here, 1).await;
    let abolition = json!({"abolished_on": "2026-03-01"});
    here.put(&format!("/v1/positions/{position}/abolition"), "\"1\"", abolition).await.expect(200);
    let late = given::place(&here, &employee, Some(&position), "2026-03-01").await.expect(409);
    late.expect_problem("POSITION_ABOLISHED");
    given::place(&here, &employee, Some(&position), "2026-02-28").await.expect(201);

    let theirs = given::position(&there, "STAF", &abroad).await;
    let elsewhere = given::place(&here, &employee, Some(&theirs), "2026-05-01").await.expect(400);
    elsewhere.expect_error("/position_id", "NOT_FOUND");
    given::place(&there, &employee, Some(&theirs), "2026-05-01").await.expect(404);
    let far = given::place(&here, &employee, None, "9999-01-01").await.expect(400);
    far.expect_error("/starts_on", "OUT_OF_RANGE");
}

#[tokio::test]
async fn of_two_entries_for_one_day_at_once_one_stands() {
    let app = TestApp::start().await;
    let admin = app.agency("KOTA").await.admin().await;
    let unit = given::unit(&admin, "A", None).await;
    let position = given::position(&admin, "STAF", &unit).await;
    let employee = given::person(&admin, 1).await;
    let tries = (0..6).map(|_| given::place(&admin, &employee, Some(&position), "2026-01-01"));
    let answers = futures_util::future::join_all(tries).await;
    let (stands, refused): (Vec<_>, Vec<_>) = answers.into_iter().partition(|answer| answer.status == 201);
    assert_eq!((stands.len(), refused.len()), (1, 5));
    for answer in refused {
        answer.expect(409).expect_problem("ALREADY_EXISTS").expect_error("/starts_on", "TAKEN");
    }
    let path = format!("/v1/employees/{employee}/placements/{}/retraction", stands[0].id());
    let tries = (0..4).map(|_| admin.transition(&path, "\"1\""));
    let mut statuses: Vec<_> =
        futures_util::future::join_all(tries).await.iter().map(|answer| answer.status).collect();
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 412, 412, 412]);
}

#[tokio::test]
#[expect(clippy::disallowed_methods, reason = "the test holds a transaction open in the server's way")]
async fn nobody_is_placed_in_a_position_that_is_being_abolished() {
    let app = TestApp::start().await;
    let admin = app.agency("KOTA").await.admin().await;
    let unit = given::unit(&admin, "A", None).await;
    let position = given::position(&admin, "STAF", &unit).await;
    let employee = given::person(&admin, 1).await;
    let url = app.services.config.database_url.clone().unwrap();
    let abolition = sea_orm::Database::connect(url).await.unwrap().begin().await.unwrap();
    let abolish = format!("UPDATE positions SET abolished_on = '2026-01-01' WHERE id = '{position}'");
    abolition.execute_unprepared(&abolish).await.unwrap();

    let answered = std::cell::Cell::new(false);
    let placing = async {
        let answer = given::place(&admin, &employee, Some(&position), "2026-01-01").await;
        answered.set(true);
        answer
    };
    let committing = async {
        let waits = "SELECT count(*) FROM pg_locks WHERE NOT granted
                     AND pid IN (SELECT pid FROM pg_stat_activity WHERE datname = current_database())";
        while !answered.get() && app.count(waits).await == 0 {}
        abolition.commit().await.unwrap();
    };
    let (placed, ()) = tokio::join!(placing, committing);
    placed.expect(409).expect_problem("POSITION_ABOLISHED");
}

#[tokio::test]
async fn another_agencys_history_looks_like_none() {
    let app = TestApp::start().await;
    let (agency, other) = (app.agency("KOTA").await, app.agency("KABUPATEN").await);
    let (admin, stranger) = (agency.admin().await, other.admin().await);
    let employee = given::person(&admin, 1).await;
    let entry = given::place(&admin, &employee, None, "2026-01-01").await.expect(201);
    let path = entry.header("location").to_owned();
    stranger.get(&path).await.expect(404);
    stranger.transition(&format!("{path}/retraction"), "*").await.expect(404);
    stranger.get(&format!("/v1/employees/{employee}/placements")).await.expect(404);
    // An entry belongs to its person.
    let else_one = given::person(&admin, 2).await;
    admin.get(&format!("/v1/employees/{else_one}/placements/{}", entry.id())).await.expect(404);
    let auditor = agency.role(Role::Auditor).await;
    auditor.transition(&format!("{path}/retraction"), &entry.etag()).await.expect(403);
    given::place(&auditor, &employee, None, "2026-02-01").await.expect(403);
}
