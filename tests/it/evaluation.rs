//! Evaluation of classes: who is asked what and when, what they answer, and what comes of it.

use access::Role;
use api::app::evaluation::{Tended, tend};
use futures_util::future::join_all;
use migrations::Runner;
use serde_json::{Value, json};
use support::{Agency, Answer, Caller, TestApp};

use crate::given;

/// A class of two days in July that teaches M.1, of people in a unit with a head, who is under the head of all.
struct Held {
    unit: String,
    programme: String,
    class: String,
    people: Vec<String>,
    enrolments: Vec<String>,
    competency: String,
    head: String,
    top: String,
}

/// The day after the class, 09:00 in Jakarta.
const AFTER: &str = "2026-07-22T02:00:00Z";

/// When behaviour is asked for: midnight in Jakarta, three months after the last day.
const THREE_MONTHS: &str = "2026-10-20T17:00:00Z";

/// When that is overdue.
const SIX_MONTHS: &str = "2027-01-20T17:00:00Z";

async fn enrolled(agency: &Agency<'_>, count: u16) -> Held {
    let admin = agency.admin().await;
    let city = given::unit(&admin, "KOTA", None).await;
    let unit = given::unit(&admin, "DINAS", Some(&city)).await;
    let mut leaders = Vec::new();
    for (serial, (code, of)) in (900..).zip([("WALI", &city), ("KADIS", &unit)]) {
        let position = given::head(&admin, code, of).await;
        leaders.push(given::person_in(&admin, serial, &position).await);
    }
    let position = given::position(&admin, "STAF", &unit).await;
    let competency = given::competency(&admin, "M.1").await;
    let partner = given::partner(&admin, "BPSDM").await;
    let mut body = given::programme_body("P1", &partner, json!({}));
    body["steps"] = json!([{"competency_id": competency, "level_from": 1, "level_to": 3}]);
    let programme = admin.post("/v1/programmes", body).await.expect(201).id();
    admin.transition(&format!("/v1/programmes/{programme}/publication"), "*").await.expect(200);
    let mut held = Held {
        unit,
        class: String::new(),
        people: Vec::new(),
        enrolments: Vec::new(),
        competency,
        head: leaders.remove(1),
        top: leaders.remove(0),
        programme,
    };
    for serial in 1..=count {
        held.people.push(given::person_in(&admin, serial, &position).await);
    }
    held.class = given::open_class(&admin, "K1", &held.programme, json!({})).await;
    for person in &held.people {
        let path = format!("/v1/classes/{}/enrolments", held.class);
        let enrolled = admin.post(&path, json!({"employee_id": person})).await.expect(201);
        held.enrolments.push(enrolled.id());
    }
    held
}

/// Records that those of these numbers were at the first session, and the others were not.
async fn attend(caller: &Caller<'_>, held: &Held, there: &[usize]) {
    let presence = |n: &usize| if there.contains(n) { "PRESENT" } else { "ABSENT" };
    let items: Vec<_> = (0..held.enrolments.len())
        .map(|n| json!({"enrolment_id": held.enrolments[n], "presence": presence(&n)}))
        .collect();
    let path = format!("/v1/classes/{}/sessions/1/attendance", held.class);
    caller.put(&path, "*", json!({"items": items})).await.expect(200);
}

/// A class that was held, on the day after, its tasks made and told.
async fn held(app: &TestApp, agency: &Agency<'_>, count: u16, there: &[usize]) -> Held {
    let held = enrolled(agency, count).await;
    app.set_now(AFTER);
    attend(&agency.role(Role::Provider).await, &held, there).await;
    tend(&app.services).await.unwrap();
    held
}

async fn complete(provider: &Caller<'_>, held: &Held) {
    let passed = |id: &String| json!({"enrolment_id": id, "passed": false});
    let results: Vec<_> = held.enrolments.iter().map(passed).collect();
    let path = format!("/v1/classes/{}", held.class);
    provider.put(&format!("{path}/results"), "*", json!({"items": results})).await.expect(200);
    provider.transition(&format!("{path}/completion"), "*").await.expect(200);
}

/// What these callers are asked, as pairs of instrument and employee.
fn asked(answer: &Answer) -> Vec<(String, String)> {
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    answer.items().iter().map(|one| (text(&one["instrument"]), text(&one["employee_id"]))).collect()
}

async fn mine(caller: &Caller<'_>) -> Answer {
    caller.get("/v1/me/evaluation-tasks").await.expect(200)
}

/// The path of the task about one's part, by an instrument.
async fn task(app: &TestApp, held: &Held, n: usize, instrument: &str) -> String {
    let admin = Agency { app, id: agency_of(app).await }.admin().await;
    let path = format!("/v1/evaluation-tasks?employee_id={}&instrument={instrument}", held.people[n]);
    let list = admin.get(&path).await.expect(200);
    format!("/v1/evaluation-tasks/{}", list.items()[0]["id"].as_str().unwrap())
}

/// The agency of the only class there is.
async fn agency_of(app: &TestApp) -> kernel::AgencyId {
    use sea_orm::{ConnectionTrait as _, Statement};
    let sql = "SELECT agency_id FROM classes LIMIT 1";
    let row = app.db.query_one_raw(Statement::from_string(app.db.get_database_backend(), sql)).await.unwrap();
    row.unwrap().try_get_by_index::<uuid::Uuid>(0).unwrap().into()
}

fn marks(marks: &[(&str, u8)]) -> Value {
    let one = |(question, mark): &(&str, u8)| json!({"question": question, "mark": mark});
    json!({"marks": marks.iter().map(one).collect::<Vec<_>>()})
}

async fn told(app: &TestApp, what: &str) -> i64 {
    app.count(&format!("SELECT count(*) FROM outbox WHERE type = 'evaluation_task.{what}'")).await
}

#[tokio::test]
async fn who_was_there_is_asked_when_the_class_closes_and_again_after_three_months() {
    let app = TestApp::start().await;
    let agency = app.agency("KOTA").await;
    let held = enrolled(&agency, 3).await;
    assert_eq!(tend(&app.services).await.unwrap(), Tended::default(), "it has not begun");
    app.set_now("2026-07-20T01:00:00Z");
    assert_eq!(tend(&app.services).await.unwrap(), Tended { classes: 1, opened: 3, overdue: 0 });
    let admin = agency.admin().await;
    let list = admin.get("/v1/evaluation-tasks").await.expect(200);
    assert_eq!(asked(&list).len(), 3, "{}", list.text);
    assert!(asked(&list).iter().all(|(instrument, _)| instrument == "PRE_TEST"), "{}", list.text);

    app.set_now(AFTER);
    let provider = agency.role(Role::Provider).await;
    attend(&provider, &held, &[0, 1]).await;
    // Reaction, the test afterwards and the wait for a result of two people each.
    assert_eq!(tend(&app.services).await.unwrap(), Tended { classes: 1, opened: 6, overdue: 0 });
    assert_eq!(tend(&app.services).await.unwrap(), Tended::default(), "done again there is nothing to do");
    let own = agency.employee(Role::Employee, &held.people[0]).await;
    assert_eq!(asked(&mine(&own).await), [("REACTION".to_owned(), held.people[0].clone())]);
    let absent = agency.employee(Role::Employee, &held.people[2]).await;
    assert_eq!(asked(&mine(&absent).await), []);
    let first = &mine(&own).await.items()[0].clone();
    assert_eq!(
        (&first["opens_at"], &first["due_at"]),
        (&json!("2026-07-21T09:00:00Z"), &json!("2026-07-28T09:00:00Z"))
    );
    assert_eq!((&first["state"], &first["allowed_actions"]), (&json!("OPEN"), &json!(["ANSWER"])));

    app.set_now(THREE_MONTHS);
    assert_eq!(tend(&app.services).await.unwrap(), Tended { classes: 0, opened: 4, overdue: 6 });
    let own = agency.employee(Role::Employee, &held.people[0]).await;
    let of = |instrument: &str, n: usize| (instrument.to_owned(), held.people[n].clone());
    assert_eq!(asked(&mine(&own).await), [of("REACTION", 0), of("BEHAVIOUR_SELF", 0)]);
    // The direct superior is asked about each; whoever is above them is not.
    let head = agency.employee(Role::Supervisor, &held.head).await;
    let mut below = asked(&mine(&head).await);
    below.sort();
    let mut expected = [of("BEHAVIOUR_SUPERIOR", 0), of("BEHAVIOUR_SUPERIOR", 1)];
    expected.sort();
    assert_eq!(below, expected);
    let top = agency.employee(Role::Supervisor, &held.top).await;
    assert_eq!(asked(&mine(&top).await), []);
    app.set_now(SIX_MONTHS);
    assert_eq!(tend(&app.services).await.unwrap(), Tended { classes: 0, opened: 0, overdue: 4 });
    assert_eq!(tend(&app.services).await.unwrap(), Tended::default());
    assert_eq!((told(&app, "opened").await, told(&app, "overdue").await), (13, 10));
}

#[tokio::test]
async fn only_who_was_there_answers_and_nobody_reads_what_others_said() {
    let app = TestApp::start().await;
    let agency = app.agency("KOTA").await;
    let held = held(&app, &agency, 3, &[0, 1]).await;
    let path = task(&app, &held, 0, "REACTION").await;
    let answer = format!("{path}/answer");
    let own = agency.employee(Role::Employee, &held.people[0]).await;
    let other = agency.employee(Role::Employee, &held.people[1]).await;
    let read = own.get(&path).await.expect(200);
    assert_eq!(read.json["form"]["scale"], 5);
    let questions = read.json["form"]["questions"].as_array().unwrap();
    assert_eq!((questions.len(), &questions[0]["code"]), (4, &json!("CONTENT")));
    other.get(&path).await.expect(404);
    other.put(&answer, "*", marks(&[("CONTENT", 4)])).await.expect(404);
    agency.admin().await.put(&answer, "*", marks(&[("CONTENT", 4)])).await.expect(403);
    let head = agency.employee(Role::Supervisor, &held.head).await;
    head.put(&answer, "*", marks(&[("CONTENT", 4)])).await.expect(403);
    own.put(&answer, "*", json!({"marks": []})).await.expect(400).expect_error("/marks", "REQUIRED");
    let wrong = own.put(&answer, "*", marks(&[("CONTENT", 6), ("OTHER", 3)])).await.expect(400);
    wrong.expect_error("/marks/0/mark", "OUT_OF_RANGE").expect_error("/marks/1/question", "NOT_FOUND");
    own.put(&answer, "\"99\"", marks(&[("CONTENT", 4)])).await.expect(412);
    let mut body = marks(&[("CONTENT", 4)]);
    body["comment"] = json!("Ruangan panas");
    let given = own.put(&answer, &read.etag(), body).await.expect(200);
    assert_eq!(given.json["task"]["state"], "ANSWERED");
    assert_eq!(given.json["marks"], json!([{"question": "CONTENT", "mark": 4}]));
    // Said again it replaces what was said; when it was said first stays.
    app.set_now("2026-07-30T02:00:00Z");
    let own = agency.employee(Role::Employee, &held.people[0]).await;
    let again = own.put(&answer, "*", marks(&[("TRAINERS", 2)])).await.expect(200);
    assert_eq!(again.json["marks"], json!([{"question": "TRAINERS", "mark": 2}]));
    assert_eq!(again.json["comment"], Value::Null);
    assert_eq!(again.json["task"]["answered_at"], given.json["task"]["answered_at"]);
    let admin = agency.admin().await;
    let shown = admin.get(&path).await.expect(200);
    assert_eq!((&shown.json["marks"], &shown.json["comment"]), (&json!([]), &Value::Null));
    assert_eq!(app.count("SELECT count(*) FROM audit_events WHERE changes::text LIKE '%panas%'").await, 0);
    // Overdue is not too late, and whoever was not there is not asked.
    tend(&app.services).await.unwrap();
    let late = task(&app, &held, 1, "REACTION").await + "/answer";
    let second = agency.employee(Role::Employee, &held.people[1]).await;
    second.put(&late, "*", marks(&[("CONTENT", 1)])).await.expect(200);
    attend(&agency.role(Role::Provider).await, &held, &[0]).await;
    let refused = second.put(&late, "*", marks(&[("CONTENT", 1)])).await.expect(409);
    refused.expect_problem("EVALUATION_TASK_STATE");
    tend(&app.services).await.unwrap();
    let refused = second.put(&late, "*", marks(&[("CONTENT", 1)])).await.expect(409);
    refused.expect_problem("FEEDBACK_NOT_ATTENDED");
    let scheduled = task(&app, &held, 0, "BEHAVIOUR_SELF").await + "/answer";
    let early = own.put(&scheduled, "*", marks(&[("APPLIED", 4)])).await.expect(409);
    early.expect_problem("EVALUATION_TASK_STATE");
}

#[tokio::test]
async fn behaviour_is_told_by_the_direct_superior_of_the_day() {
    let app = TestApp::start().await;
    let agency = app.agency("KOTA").await;
    let held = held(&app, &agency, 2, &[0, 1]).await;
    app.set_now(THREE_MONTHS);
    tend(&app.services).await.unwrap();
    let answer = task(&app, &held, 0, "BEHAVIOUR_SUPERIOR").await + "/answer";
    let said = marks(&[("APPLIED", 4)]);
    let top = agency.employee(Role::Supervisor, &held.top).await;
    top.put(&answer, "*", said.clone()).await.expect(403);
    agency.employee(Role::Employee, &held.people[0]).await.put(&answer, "*", said.clone()).await.expect(403);
    // Whoever they are put under meanwhile is the one who is asked.
    let admin = agency.admin().await;
    let person = admin.get(&format!("/v1/employees/{}", held.people[0])).await.expect(200);
    let mut body = given::person_body(1);
    body["superior_id"] = json!(held.people[1]);
    admin.put(&format!("/v1/employees/{}", held.people[0]), &person.etag(), body).await.expect(200);
    let head = agency.employee(Role::Supervisor, &held.head).await;
    head.put(&answer, "*", said.clone()).await.expect(403);
    let now = agency.employee(Role::Supervisor, &held.people[1]).await;
    assert!(asked(&mine(&now).await).contains(&("BEHAVIOUR_SUPERIOR".to_owned(), held.people[0].clone())));
    now.put(&answer, "*", said).await.expect(200);
    assert!(!asked(&mine(&now).await).contains(&("BEHAVIOUR_SUPERIOR".to_owned(), held.people[0].clone())));
}

#[tokio::test]
async fn who_has_left_or_has_nobody_above_is_not_asked_about_work() {
    let app = TestApp::start().await;
    let agency = app.agency("KOTA").await;
    let held = held(&app, &agency, 3, &[0, 1, 2]).await;
    let admin = agency.admin().await;
    given::place(&admin, &held.people[0], None, "2026-09-01").await.expect(201);
    // The second now heads everything.
    given::place(&admin, &held.top, None, "2026-09-01").await.expect(201);
    given::place(&admin, &held.head, None, "2026-09-01").await.expect(201);
    app.set_now(THREE_MONTHS);
    assert_eq!(tend(&app.services).await.unwrap().opened, 2, "the second and the third, about themselves");
    let admin = agency.admin().await;
    let void = admin.get("/v1/evaluation-tasks?state=VOID").await.expect(200);
    let why = |reason: &str| {
        let of = void.items().iter().filter(|one| one["void"] == reason);
        of.map(|one| one["employee_id"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(why("LEFT"), [held.people[0].clone(), held.people[0].clone()]);
    let mut alone = why("NO_SUPERIOR");
    alone.sort();
    assert_eq!(alone, held.people[1..]);
    assert_eq!(told(&app, "voided").await, 4);
    assert_eq!(tend(&app.services).await.unwrap(), Tended::default());
}

#[tokio::test]
async fn tasks_are_made_and_told_once_by_several_servers_while_the_class_is_decided() {
    let app = TestApp::start().await;
    let agency = app.agency("KOTA").await;
    let held = enrolled(&agency, 6).await;
    app.set_now(AFTER);
    let provider = agency.role(Role::Provider).await;
    attend(&provider, &held, &[0, 1, 2, 3, 4, 5]).await;
    let servers = join_all((0..6).map(|_| tend(&app.services)));
    let (tended, ()) = tokio::join!(servers, complete(&provider, &held));
    assert!(tended.iter().all(Result::is_ok), "{tended:?}");
    for _ in 0..2 {
        let tended = join_all((0..4).map(|_| tend(&app.services))).await;
        assert!(tended.iter().all(Result::is_ok), "{tended:?}");
    }
    assert_eq!(app.count("SELECT count(*) FROM evaluation_tasks WHERE void IS NULL").await, 36);
    // Of each person the two behaviours are still to come.
    assert_eq!(told(&app, "opened").await, 24);
    let twice = "SELECT count(*) FROM (SELECT FROM outbox WHERE type LIKE 'evaluation_task.%'
        GROUP BY resource_id, type HAVING count(*) > 1) x";
    assert_eq!(app.count(twice).await, 0);
    assert_eq!(app.count("SELECT count(*) FROM evaluations WHERE settled_at IS NOT NULL").await, 1);
}

#[tokio::test]
async fn a_server_that_dies_halfway_leaves_nothing_half_done() {
    let app = TestApp::start().await;
    let agency = app.agency("KOTA").await;
    let held = enrolled(&agency, 3).await;
    app.set_now(AFTER);
    attend(&agency.role(Role::Provider).await, &held, &[0, 1, 2]).await;
    // The last statement before the commit fails, as it does when the connection goes.
    app.sql(
        "CREATE FUNCTION broken() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'gone'; END $$;
         CREATE TRIGGER tr_broken BEFORE INSERT ON outbox FOR EACH ROW EXECUTE FUNCTION broken()",
    )
    .await;
    assert_eq!(tend(&app.services).await.unwrap(), Tended::default(), "the next round tries again");
    assert_eq!(app.count("SELECT count(*) FROM evaluation_tasks").await, 0);
    app.sql(
        "DROP TRIGGER tr_broken ON outbox;
         CREATE TRIGGER tr_broken BEFORE INSERT ON outbox FOR EACH ROW WHEN (NEW.type = 'evaluation_task.opened')
            EXECUTE FUNCTION broken()",
    )
    .await;
    assert_eq!(tend(&app.services).await.unwrap(), Tended { classes: 1, opened: 0, overdue: 0 });
    assert_eq!(app.count("SELECT count(*) FROM evaluation_tasks").await, 18, "the class was done before");
    assert_eq!(app.count("SELECT count(*) FROM evaluation_tasks WHERE opened_at IS NOT NULL").await, 0);
    app.sql("DROP TRIGGER tr_broken ON outbox; DROP FUNCTION broken").await;
    assert_eq!(tend(&app.services).await.unwrap(), Tended { classes: 0, opened: 12, overdue: 0 });
    assert_eq!(told(&app, "opened").await, 12);
}

#[tokio::test]
async fn a_class_called_off_after_attendance_asks_nobody_and_a_correction_is_followed() {
    let app = TestApp::start().await;
    let agency = app.agency("KOTA").await;
    let held = held(&app, &agency, 3, &[0, 1]).await;
    let provider = agency.role(Role::Provider).await;
    let live = "SELECT count(*) FROM evaluation_tasks WHERE void IS NULL";
    assert_eq!(app.count(live).await, 12);
    attend(&provider, &held, &[1, 2]).await;
    tend(&app.services).await.unwrap();
    assert_eq!(app.count(live).await, 12);
    let of_first = format!("SELECT count(*) FROM evaluation_tasks WHERE employee_id = '{}'", held.people[0]);
    assert_eq!(app.count(&format!("{of_first} AND void = 'NOT_ATTENDED'")).await, 6);
    attend(&provider, &held, &[0, 1]).await;
    tend(&app.services).await.unwrap();
    assert_eq!(app.count(&of_first).await, 6, "what is asked again is the same task");
    assert_eq!(app.count(&format!("{of_first} AND void IS NULL")).await, 6);
    let answer = task(&app, &held, 0, "REACTION").await + "/answer";
    let own = agency.employee(Role::Employee, &held.people[0]).await;
    own.put(&answer, "*", marks(&[("CONTENT", 5)])).await.expect(200);
    let path = format!("/v1/classes/{}/cancellation", held.class);
    provider.put(&path, "*", json!({"reason": "Gempa"})).await.expect(200);
    // Before anybody has looked the class is not held any more.
    own.put(&answer, "*", marks(&[("CONTENT", 5)])).await.expect(409).expect_problem("EVALUATION_TASK_STATE");
    tend(&app.services).await.unwrap();
    assert_eq!(app.count(live).await, 0);
    assert_eq!(asked(&mine(&own).await), []);
    let found = provider.get(&format!("/v1/classes/{}/evaluation", held.class)).await.expect(200);
    assert_eq!(found.json["participants"], 0);
    assert!(found.json["questions"].as_array().unwrap().is_empty(), "what is void is in no figure");
    app.set_now(SIX_MONTHS);
    assert_eq!(tend(&app.services).await.unwrap(), Tended::default());
}

/// Answers the reactions of these people with these marks for what was taught; none says something else.
async fn react(app: &TestApp, agency: &Agency<'_>, held: &Held, given: &[(usize, Option<u8>)]) {
    for (n, mark) in given {
        let path = task(app, held, *n, "REACTION").await + "/answer";
        let body = marks(&[mark.map_or(("TRAINERS", 5), |mark| ("CONTENT", mark))]);
        let own = agency.employee(Role::Employee, &held.people[*n]).await;
        own.put(&path, "*", body).await.expect(200);
    }
}

fn instrument<'a>(answer: &'a Answer, name: &str) -> &'a Value {
    let all = answer.json["instruments"].as_array().unwrap();
    all.iter().find(|one| one["instrument"] == name).unwrap()
}

#[tokio::test]
async fn no_response_is_never_counted_as_neutral() {
    let app = TestApp::start().await;
    let agency = app.agency("KOTA").await;
    let there: Vec<usize> = (0..8).collect();
    let held = held(&app, &agency, 9, &there).await;
    let given = [(0, Some(1)), (1, Some(1)), (2, Some(2)), (3, Some(1)), (4, None)];
    react(&app, &agency, &held, &given).await;
    let provider = agency.role(Role::Provider).await;
    let path = format!("/v1/classes/{}/evaluation", held.class);
    let found = provider.get(&path).await.expect(200);
    let reaction = instrument(&found, "REACTION");
    let figures =
        ["asked", "answered", "open", "missing", "not_asked"].map(|name| reaction[name].as_i64().unwrap());
    assert_eq!(figures, [8, 5, 3, 0, 0]);
    assert_eq!(reaction["completion"], 62.5);
    // Four marked what was taught: too few to be told.
    let of = |answer: &Answer, code: &str| {
        let all = answer.json["questions"].as_array().unwrap().clone();
        all.into_iter().find(|one| one["question"] == code).unwrap_or_default()
    };
    assert_eq!(
        (&of(&found, "CONTENT")["answers"], &of(&found, "CONTENT")["mean"]),
        (&Value::Null, &Value::Null)
    );
    react(&app, &agency, &held, &[(5, Some(2))]).await;
    app.set_now("2026-08-01T00:00:00Z");
    let provider = agency.role(Role::Provider).await;
    let found = provider.get(&path).await.expect(200);
    // 1, 1, 2, 1 and 2; the three who said nothing of it are in no mean, or it would be 2.
    assert_eq!((&of(&found, "CONTENT")["answers"], &of(&found, "CONTENT")["mean"]), (&json!(5), &json!(1.4)));
    let reaction = instrument(&found, "REACTION");
    let figures = ["asked", "answered", "open", "missing"].map(|name| reaction[name].as_i64().unwrap());
    assert_eq!(figures, [8, 6, 0, 2]);
    let programme = format!("/v1/programmes/{}/evaluation", held.programme);
    let all = provider.get(&programme).await.expect(200);
    assert_eq!((&all.json["participants"], &of(&all, "CONTENT")["mean"]), (&json!(8), &json!(1.4)));
    let observer = agency.role(Role::Observer).await;
    observer.get(&path).await.expect(403);
    let coarse = observer.get(&programme).await.expect(200);
    assert_eq!((&coarse.json["rounded"], &coarse.json["participants"]), (&json!(true), &json!(10)));
    assert_eq!(instrument(&coarse, "REACTION")["answered"], 5);
    agency.employee(Role::Employee, &held.people[0]).await.get(&path).await.expect(403);
    agency.employee(Role::Supervisor, &held.head).await.get(&programme).await.expect(403);
}

#[tokio::test]
async fn few_answers_of_one_class_are_not_had_by_taking_the_others_off() {
    let app = TestApp::start().await;
    let agency = app.agency("KOTA").await;
    let there: Vec<usize> = (0..6).collect();
    let held = held(&app, &agency, 6, &there).await;
    react(&app, &agency, &held, &[(0, Some(4)), (1, Some(4)), (2, Some(4)), (3, Some(4)), (4, Some(4))])
        .await;
    // A second class of the same programme, which one person attended and disliked.
    app.set_now("2026-07-01T02:00:00Z");
    let admin = agency.admin().await;
    let second = given::open_class(&admin, "K2", &held.programme, json!({})).await;
    let extra = given::person(&admin, 50).await;
    given::place(&admin, &extra, Some(&position_of(&admin, &held).await), "2020-01-01").await.expect(201);
    let path = format!("/v1/classes/{second}/enrolments");
    let enrolment = admin.post(&path, json!({"employee_id": extra})).await.expect(201).id();
    app.set_now(AFTER);
    let small = Held { class: second, people: vec![extra], enrolments: vec![enrolment], ..held };
    let provider = agency.role(Role::Provider).await;
    attend(&provider, &small, &[0]).await;
    tend(&app.services).await.unwrap();
    react(&app, &agency, &small, &[(0, Some(1))]).await;
    let all = provider.get(&format!("/v1/programmes/{}/evaluation", small.programme)).await.expect(200);
    let content = all.json["questions"].as_array().unwrap()[0].clone();
    assert_eq!((&content["answers"], &content["mean"]), (&json!(5), &json!(4)));
    assert_eq!(instrument(&all, "REACTION")["answered"], 6, "that somebody answered is no secret");
}

async fn position_of(admin: &Caller<'_>, held: &Held) -> String {
    let list = admin.get(&format!("/v1/positions?unit_id={}", held.unit)).await.expect(200);
    let staff = list.items().iter().find(|one| one["is_head"] == false).unwrap().clone();
    staff["id"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn tests_are_compared_for_who_has_both_scores() {
    let app = TestApp::start().await;
    let agency = app.agency("KOTA").await;
    let held = enrolled(&agency, 3).await;
    let provider = agency.role(Role::Provider).await;
    let path = format!("/v1/classes/{}/test-scores", held.class);
    let score = |n: usize, more: Value| {
        let mut one = json!({"enrolment_id": held.enrolments[n]});
        one.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        one
    };
    let before = json!({"items": [score(0, json!({"before": 40})), score(1, json!({"before": 60.5}))]});
    let early = provider.put(&path, "*", before.clone()).await.expect(400);
    early.expect_error("/items/0/before", "NOT_FOUND");
    // At the very beginning, before any server has looked.
    app.set_now("2026-07-20T01:00:00Z");
    let provider = agency.role(Role::Provider).await;
    provider.put(&path, "*", before).await.expect(200);
    app.set_now(AFTER);
    let provider = agency.role(Role::Provider).await;
    attend(&provider, &held, &[0, 1]).await;
    let after = json!({"items": [score(0, json!({"after": 80}))]});
    provider.put(&path, "*", after).await.expect(200);
    let absent = json!({"items": [score(2, json!({"after": 80}))]});
    provider.put(&path, "*", absent).await.expect(400).expect_error("/items/0/after", "NOT_FOUND");
    let beyond = json!({"items": [score(0, json!({"after": 100.5})), score(0, json!({}))]});
    let refused = provider.put(&path, "*", beyond).await.expect(400);
    refused.expect_error("/items/0/after", "OUT_OF_RANGE").expect_error("/items/1/enrolment_id", "DUPLICATE");
    agency
        .employee(Role::Employee, &held.people[0])
        .await
        .put(&path, "*", json!({"items": []}))
        .await
        .expect(403);
    tend(&app.services).await.unwrap();
    let found = provider.get(&format!("/v1/classes/{}/evaluation", held.class)).await.expect(200);
    assert_eq!(
        found.json["tests"],
        json!({"participants": 2, "missing_before": 0, "missing_after": 1, "compared": 1, "mean_before": 40,
            "mean_after": 80})
    );
    let listed = provider.get("/v1/evaluation-tasks?instrument=PRE_TEST&state=ANSWERED").await.expect(200);
    let mut scores: Vec<_> = listed.items().iter().map(|one| one["score"].as_f64().unwrap()).collect();
    scores.sort_by(f64::total_cmp);
    assert_eq!(scores, [40.0, 60.5]);
    assert_eq!(told(&app, "opened").await, 2 + 1 + 2, "what was scored before is not asked for");
}

#[tokio::test]
async fn levels_are_those_of_assessments_before_and_after_with_the_population_stated() {
    let app = TestApp::start().await;
    let agency = app.agency("KOTA").await;
    let held = enrolled(&agency, 6).await;
    let assessor = agency.role(Role::Assessor).await;
    let found = |levels: &[(usize, i64)]| -> Vec<(String, i64)> {
        levels.iter().map(|(n, level)| (held.people[*n].clone(), *level)).collect()
    };
    async fn assess(assessor: &Caller<'_>, held: &Held, on: &str, found: &[(String, i64)]) {
        let results: Vec<_> =
            found.iter().map(|(who, level)| (who.as_str(), held.competency.as_str(), *level)).collect();
        given::assessed(assessor, on, &results).await;
    }
    // The fifth had lapsed when the class began; the sixth is never assessed again.
    assess(&assessor, &held, "2023-01-10", &found(&[(4, 2)])).await;
    assess(&assessor, &held, "2025-03-01", &found(&[(0, 1), (1, 2), (2, 3), (3, 2), (5, 1)])).await;
    assess(&assessor, &held, "2026-06-01", &found(&[(0, 2)])).await;
    app.set_now(AFTER);
    let there: Vec<usize> = (0..6).collect();
    attend(&agency.role(Role::Provider).await, &held, &there).await;
    tend(&app.services).await.unwrap();
    app.set_now("2027-02-01T02:00:00Z");
    let assessor = agency.role(Role::Assessor).await;
    // On the last day is not after the class.
    assess(&assessor, &held, "2026-07-21", &found(&[(1, 5)])).await;
    assess(&assessor, &held, "2026-12-01", &found(&[(0, 3), (1, 2), (2, 2), (3, 4), (4, 3)])).await;
    assess(&assessor, &held, "2027-01-15", &found(&[(1, 5)])).await;
    let admin = agency.admin().await;
    let path = format!("/v1/programmes/{}/evaluation", held.programme);
    let answer = admin.get(&path).await.expect(200);
    let levels = &answer.json["levels"][0];
    for (name, value) in [
        ("participants", json!(6)),
        ("missing_before", json!(1)),
        ("missing_after", json!(1)),
        ("compared", json!(4)),
        ("raised", json!(2)),
        ("unchanged", json!(1)),
        ("lowered", json!(1)),
        ("reached", json!(2)),
        // 2, 2, 3, 2 before; 3, 2, 2, 4 after.
        ("mean_before", json!(2.25)),
        ("mean_after", json!(2.75)),
        ("level_to", json!(3)),
    ] {
        assert_eq!(levels[name], value, "{name}");
    }
    let result = instrument(&answer, "RESULT");
    assert_eq!((&result["asked"], &result["answered"]), (&json!(6), &json!(5)));
    // Who runs classes sees no levels of people: four are too few.
    let provider = agency.role(Role::Provider).await.get(&path).await.expect(200);
    let levels = &provider.json["levels"][0];
    assert_eq!((&levels["participants"], &levels["compared"]), (&json!(5), &json!(5)));
    assert_eq!((&levels["raised"], &levels["mean_after"]), (&Value::Null, &Value::Null));
    // A year after the class whoever was not assessed is overdue.
    app.set_now("2027-07-20T17:00:00Z");
    tend(&app.services).await.unwrap();
    let admin = agency.admin().await;
    let overdue = admin.get("/v1/evaluation-tasks?instrument=RESULT&state=OVERDUE").await.expect(200);
    assert_eq!(asked(&overdue), [("RESULT".to_owned(), held.people[5].clone())]);
    let sql = "SELECT count(*) FROM outbox o JOIN evaluation_tasks t ON t.id = o.resource_id
        WHERE o.type = 'evaluation_task.overdue' AND t.instrument = 'RESULT'";
    assert_eq!(app.count(sql).await, 1);
}

#[tokio::test]
async fn an_agencys_own_form_goes_before_the_nations_and_a_class_keeps_the_one_it_began_with() {
    let app = TestApp::start().await;
    let agency = app.agency("KOTA").await;
    let policy = |question: &str, day: &str| {
        let form = json!({"scale": 4, "questions": [{"code": question, "text": "Apa kabar?"}]});
        json!({"name": "EVALUATION", "valid_from": day, "source": "SK 1/2026",
            "evaluation": {"reaction": {"due_days": 3, "form": form}}})
    };
    let admin = agency.admin().await;
    admin.post("/v1/policies", policy("OWN", "2026-01-01")).await.expect(201);
    let mut wrong = policy("OWN", "2026-01-01");
    wrong["evaluation"]["reaction"]["form"]["scale"] = json!(1);
    wrong["evaluation"]["reaction"]["form"]["questions"] = json!([]);
    let refused = admin.post("/v1/policies", wrong).await.expect(400);
    refused
        .expect_error("/evaluation/reaction/form/scale", "OUT_OF_RANGE")
        .expect_error("/evaluation/reaction/form/questions", "TOO_FEW");
    let held = held(&app, &agency, 1, &[0]).await;
    let list = agency.admin().await.get("/v1/evaluation-tasks").await.expect(200);
    assert_eq!(
        asked(&list),
        [("REACTION".to_owned(), held.people[0].clone())],
        "the other levels are left out"
    );
    assert_eq!(list.items()[0]["due_at"], "2026-07-24T09:00:00Z");
    agency.admin().await.post("/v1/policies", policy("LATER", "2026-07-01")).await.expect(201);
    let path = task(&app, &held, 0, "REACTION").await;
    let own = agency.employee(Role::Employee, &held.people[0]).await;
    let read = own.get(&path).await.expect(200);
    assert_eq!(read.json["form"]["questions"][0]["code"], "OWN");
    assert_eq!(
        (&read.json["policy"]["national"], &read.json["policy"]["number"]),
        (&json!(false), &json!(1))
    );
    let answer = format!("{path}/answer");
    own.put(&answer, "*", marks(&[("OWN", 5)]))
        .await
        .expect(400)
        .expect_error("/marks/0/mark", "OUT_OF_RANGE");
    own.put(&answer, "*", marks(&[("OWN", 4)])).await.expect(200);
}

#[tokio::test]
async fn what_was_said_before_there_were_tasks_is_the_answer_to_the_first_of_them() {
    let app = TestApp::start().await;
    let agency = app.agency("KOTA").await;
    let held = enrolled(&agency, 2).await;
    let agency_id = agency.id;
    let database = app.into_database().await;
    let runner = Runner::connect(&database.url).await.unwrap();
    let all = runner.status().await.unwrap();
    let before = all.iter().position(|step| step.name == "0017_evaluation").unwrap();
    runner.down(u32::try_from(all.len() - before).unwrap()).await.unwrap();
    let db = database.connect().await;
    use sea_orm::ConnectionTrait as _;
    db.execute_unprepared(&format!(
        "INSERT INTO class_feedbacks (agency_id, class_id, enrolment_id, content, comment, given_at)
         VALUES ('{agency_id}', '{}', '{}', 4, 'Baik', '2026-07-21T10:00:00Z')",
        held.class, held.enrolments[0]
    ))
    .await
    .unwrap();
    runner.up().await.unwrap();
    db.close().await.unwrap();
    drop(runner);
    let app = TestApp::start_on(database, |config| config).await;
    app.services.store.reference_install(app.now()).await.unwrap();
    app.set_now(AFTER);
    let agency = Agency { app: &app, id: agency_id };
    attend(&agency.role(Role::Provider).await, &held, &[0, 1]).await;
    tend(&app.services).await.unwrap();
    assert_eq!(app.count("SELECT count(*) FROM evaluation_tasks WHERE instrument = 'REACTION'").await, 2);
    let found =
        agency.role(Role::Provider).await.get(&format!("/v1/classes/{}/evaluation", held.class)).await;
    assert_eq!(instrument(&found.expect(200), "REACTION")["answered"], 1);
    assert_eq!(
        app.count("SELECT count(*) FROM evaluation_marks WHERE question = 'CONTENT' AND mark = 4").await,
        1
    );
}
