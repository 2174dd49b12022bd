//! What is kept of the gaps, where several are at it at once and where the past is written anew.

use kernel::AgencyZone;
use serde_json::{Value, json};
use support::{Agency, TestApp};

use crate::given;

/// Statements of this database that wait for a lock.
const WAITING: &str = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()
    AND application_name = 'bangkom' AND wait_event_type = 'Lock'";

async fn requires(agency: &Agency<'_>, position: &str, valid_from: &str) {
    let requirement = json!([{"dictionary": "NASIONAL-38-2017", "competency_code": "M.1", "level": 3,
        "importance": "PENTING"}]);
    given::standard(agency, position, valid_from, requirement).await;
}

/// How many statements wait for a lock. In a transaction activity is what it was at the first look, unless told otherwise.
async fn waiting(app: &TestApp) -> i64 {
    app.count_as_it_is("SELECT count(*) FROM (SELECT pg_stat_clear_snapshot() OFFSET 0) c").await;
    app.count_as_it_is(WAITING).await
}

/// Waits until so many do.
async fn blocked(app: &TestApp, statements: i64) {
    while waiting(app).await < statements {}
}

#[tokio::test]
async fn a_result_marks_the_past_of_a_position_that_somebody_just_gave_the_person() {
    let app = TestApp::start().await;
    let agency = app.agency("KOTA").await;
    let admin = agency.admin().await;
    let unit = given::unit(&admin, "DINAS", None).await;
    let (old, new) = (given::position(&admin, "A", &unit).await, given::position(&admin, "B", &unit).await);
    let person = given::person_in(&admin, 1, &old).await;
    let result =
        given::assessed(&admin, "2026-01-15", &[(&person, &given::competency(&admin, "M.1").await, 3)]).await;
    app.sql("DELETE FROM gap_marks").await;

    // Somebody has placed the person anew and has not committed yet; the result waits for them.
    app.sql(&format!(
        "BEGIN;
         SELECT FROM employees WHERE id = '{person}' FOR NO KEY UPDATE;
         INSERT INTO placements SELECT (jsonb_populate_record(p, jsonb_build_object(
            'id', gen_random_uuid(), 'position_id', '{new}'::uuid, 'starts_on', '2026-02-01'))).*
         FROM placements p WHERE p.employee_id = '{person}'"
    ))
    .await;
    let path = format!("/v1/assessment-results/{}/supersession", result[0]);
    let correction = json!({"level": 4, "reason": "Salah ketik."});
    let (answer, ()) = tokio::join!(admin.put(&path, "*", correction), async {
        blocked(&app, 1).await;
        app.sql("COMMIT").await;
    });
    answer.expect(200);
    let marked =
        format!("SELECT count(*) FROM gap_marks WHERE position_id = '{new}' AND since = '2026-01-15'");
    assert_eq!(app.count(&marked).await, 1);
}

#[tokio::test]
async fn sums_that_are_being_folded_do_not_outlive_their_model() {
    let app = TestApp::start().await;
    let agency = app.agency("KOTA").await;
    let admin = agency.admin().await;
    let unit = given::unit(&admin, "DINAS", None).await;
    let position = given::position(&admin, "A", &unit).await;
    given::person_in(&admin, 1, &position).await;
    app.sql("BEGIN; SELECT gaps_fold(1000)").await;
    let context = app.write_context(agency.id);
    let (reset, ()) = tokio::join!(app.services.store.gap_model_reset(&context), async {
        blocked(&app, 1).await;
        app.sql("COMMIT").await;
    });
    reset.unwrap();
    assert_eq!(app.count("SELECT count(*) FROM gap_sums").await, 0);
}

#[tokio::test]
async fn a_past_that_is_kept_and_not_what_it_was_is_noticed() {
    let app = TestApp::start().await;
    app.set_now("2026-06-15T10:00:00Z");
    let agency = app.agency("KOTA").await;
    let admin = agency.admin().await;
    let unit = given::unit(&admin, "DINAS", None).await;
    let position = given::position(&admin, "A", &unit).await;
    requires(&agency, &position, "2020-01-01").await;
    given::person_in(&admin, 1, &position).await;
    admin.get("/v1/gap-summary?as_of=2026-05-31").await.expect(200);
    let today = AgencyZone::Wib.day(app.services.clock.now());
    let check = async || app.services.store.gap_model_check(agency.id, today).await.unwrap();
    assert!(check().await.is_well());
    app.sql("UPDATE gap_kept SET people_people = ARRAY[2] WHERE people_people = ARRAY[1]").await;
    let found = check().await;
    assert_eq!((found.kept, found.is_well()), (1, false), "{found:?}");
    // What no longer holds is not read, and nothing can be wrong with it.
    app.sql(&format!("INSERT INTO gap_marks (agency_id, since) VALUES ('{}', '2020-01-01')", agency.id))
        .await;
    assert!(check().await.is_well());
}

#[tokio::test]
async fn who_left_a_unit_is_not_in_what_its_administrator_sees_of_its_past() {
    let app = TestApp::start().await;
    app.set_now("2026-06-15T10:00:00Z");
    let agency = app.agency("KOTA").await;
    let admin = agency.admin().await;
    let (here, there) = (given::unit(&admin, "A", None).await, given::unit(&admin, "B", None).await);
    let (staff, elsewhere) =
        (given::position(&admin, "A1", &here).await, given::position(&admin, "B1", &there).await);
    requires(&agency, &staff, "2020-01-01").await;
    let (stays, leaves) =
        (given::person_in(&admin, 1, &staff).await, given::person_in(&admin, 2, &staff).await);
    let competency = given::competency(&admin, "M.1").await;
    given::assessed(&admin, "2026-01-15", &[(&stays, &competency, 2), (&leaves, &competency, 5)]).await;
    given::place(&admin, &leaves, Some(&elsewhere), "2026-06-01").await.expect(201);
    let unit_admin = agency.unit_admin(&here).await;
    let heat = format!("/v1/units/{here}/gap-heatmap?as_of=2026-05-31");
    let totals =
        |map: &Value| (map["people"]["people"].clone(), map["rows"][0]["total"]["distribution"].clone());
    let all = admin.get(&heat).await.expect(200);
    assert_eq!(totals(&all.json), (json!(2), json!([0, 0, 0, 1, 0, 0, 1, 0, 0])));
    let seen = unit_admin.get(&heat).await.expect(200);
    assert_eq!(totals(&seen.json), (json!(1), json!([0, 0, 0, 1, 0, 0, 0, 0, 0])));
    let trend = unit_admin.get(&format!("/v1/gap-trend?unit_id={here}&months=2")).await.expect(200);
    let points = trend.json["points"].as_array().unwrap();
    assert_eq!(
        points.iter().map(|point| &point["figures"]["people"]["people"]).collect::<Vec<_>>(),
        [&json!(1), &json!(1)]
    );
    let forecast = format!("/v1/expiry-forecast?unit_id={here}&as_of=2026-05-31&months=36");
    let lapsing = |json: &Value| {
        json["months"].as_array().unwrap().iter().map(|month| month["lapsing"].as_u64().unwrap()).sum::<u64>()
    };
    assert_eq!(lapsing(&admin.get(&forecast).await.expect(200).json), 2);
    assert_eq!(lapsing(&unit_admin.get(&forecast).await.expect(200).json), 1);
}

#[tokio::test]
async fn before_there_was_a_rubric_nobody_is_graded() {
    let app = TestApp::start().await;
    app.set_now("2026-06-15T10:00:00Z");
    let agency = app.agency("KOTA").await;
    let admin = agency.admin().await;
    let unit = given::unit(&admin, "DINAS", None).await;
    let position = given::position(&admin, "A", &unit).await;
    requires(&agency, &position, "2015-01-01").await;
    let validity =
        json!({"name": "VALIDITY", "valid_from": "2015-01-01", "source": "SK", "validity": {"years": 3}});
    admin.post("/v1/policies", validity).await.expect(201);
    let person = given::person(&admin, 1).await;
    given::place(&admin, &person, Some(&position), "2015-06-01").await.expect(201);
    given::assessed(&admin, "2016-01-15", &[(&person, &given::competency(&admin, "M.1").await, 3)]).await;
    let trend = admin.get("/v1/gap-trend?as_of=2017-06-30&months=24").await.expect(200);
    let people = |month: usize| trend.json["points"][month]["figures"]["people"].clone();
    let (before, after) = (people(11), people(18));
    assert_eq!((&before["unmeasured"], &before["complete"]), (&json!(1), &json!(0)), "June 2016");
    assert_eq!((&after["unmeasured"], &after["complete"]), (&json!(0), &json!(1)), "January 2017");
    for path in
        [format!("/v1/units/{unit}/gap-heatmap?"), "/v1/gap-summary?".to_owned(), "/v1/gap-trend?".to_owned()]
    {
        let none = admin.get(&format!("{path}as_of=2016-06-30")).await.expect(400);
        assert_eq!(none.json["errors"][0]["pointer"], "/query/as_of");
    }
}

#[tokio::test]
async fn writers_that_wait_for_each_other_leave_readers_room() {
    let app = TestApp::start().await;
    let agency = app.agency("KOTA").await;
    let admin = agency.admin().await;
    let person = given::person(&admin, 1).await;
    let path = format!("/v1/employees/{person}");
    app.sql(&format!("BEGIN; SELECT FROM employees WHERE id = '{person}' FOR UPDATE")).await;
    // More of them than the server has connections.
    let writers =
        futures_util::future::join_all((0..12).map(|_| admin.put(&path, "*", given::person_body(1))));
    let (written, read) = tokio::join!(writers, async {
        // Three in four of its eight.
        blocked(&app, 6).await;
        let read = admin.get("/v1/units").await;
        (read, waiting(&app).await)
    });
    read.0.expect(200);
    assert_eq!(read.1, 6, "they wait still");
    for answer in written {
        answer.expect(503).expect_problem("UNAVAILABLE");
    }
    app.sql("ROLLBACK").await;
    admin.put(&path, "*", given::person_body(1)).await.expect(200);
}
