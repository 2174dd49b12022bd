//! `/v1/agency-plans/{agency_plan_id}/publications`, and the places it fills.

use access::Role;
use serde_json::{Value, json};
use support::{Answer, Caller, TestApp};

use crate::agency_plans::{Office, PLANS, reasoned, step};
use crate::given;

async fn ended(caller: &Caller<'_>, begun: &Answer) -> Value {
    let ended = caller.with("prefer", "wait=20").get(begun.header("location")).await.expect(200);
    assert_eq!(ended.json["state"], "SUCCEEDED", "{}", ended.text);
    ended.json["result"].clone()
}

pub(crate) async fn published(caller: &Caller<'_>, path: &str) -> Value {
    let begun = caller.send("POST", &format!("{path}/publications"), None).await.expect(202);
    ended(caller, &begun).await
}

/// What publication made of each place, by person.
async fn places(caller: &Caller<'_>, path: &str) -> std::collections::BTreeMap<String, (String, String)> {
    let list = caller.get(&format!("{path}/places?limit=200")).await.expect(200);
    let text = |value: &Value| value.as_str().unwrap_or("-").to_owned();
    let of =
        |place: &Value| (text(&place["employee_id"]), (text(&place["nomination"]), text(&place["entry"])));
    list.items().iter().map(of).collect()
}

fn both(nomination: &str, entry: &str) -> (String, String) {
    (nomination.to_owned(), entry.to_owned())
}

#[tokio::test]
async fn publication_nominates_once_and_says_of_each_place_why_it_could_not() {
    use api::app::imports;
    let app = TestApp::start().await;
    let office = Office::new(&app).await;
    let Office { planner, admin, people, .. } = &office;
    let (path, _) = office.set(&[0, 1, 2]).await;
    let draft = json!({"employee_id": people[0], "year": 2026, "items": []});
    let draft = format!(
        "/v1/development-plans/{}",
        admin.post("/v1/development-plans", draft).await.expect(201).id()
    );
    // One is busy at the time, one left after the plan was set.
    let other = given::programme(admin, "P2").await;
    let other = given::open_class(admin, "K2", &other, json!({})).await;
    let enrol = json!({"employee_id": people[1]});
    let busy = admin.post(&format!("/v1/classes/{other}/enrolments"), enrol).await.expect(201).id();
    given::place(admin, &people[2], None, "2026-06-15").await.expect(201);
    let before: Vec<_> = places(planner, &path).await.into_values().collect();
    assert_eq!(before, [(); 3].map(|()| both("-", "-")));

    let result = published(planner, &path).await;
    assert_eq!(
        result,
        json!({"places": 3, "nominations": {"NOMINATED": 1, "BUSY": 1, "LEFT": 1},
            "entries": {"ADDED": 1, "NO_PLAN": 1, "LEFT": 1}})
    );
    let told = places(planner, &path).await;
    assert_eq!(told[&people[0]], both("NOMINATED", "ADDED"));
    assert_eq!(told[&people[1]], both("BUSY", "NO_PLAN"));
    assert_eq!(told[&people[2]], both("LEFT", "LEFT"));
    let plan = admin.get(&draft).await.expect(200);
    let item = &plan.json["items"][0];
    assert_eq!(
        (&item["origin"], &item["class_id"], &item["cost"], &item["level_to"], &item["due_on"]),
        (&json!("AGENCY_PLAN"), &json!(office.class), &json!(2_500_000), &json!(3), &json!("2026-07-21"))
    );
    assert_eq!(item["budget"], "5.1.02.02.12.0001 Belanja kursus");
    let mine = json!({"items": [{"form": "NKL01", "title": "Coaching", "origin": "AGENCY_PLAN"}]});
    admin.put(&draft, "*", mine).await.expect(400).expect_error("/items/0/origin", "NOT_ALLOWED_VALUE");

    // Again: nothing is doubled, and what could not be done is tried.
    let give_up = json!({"reason": "Tugas lain"});
    admin.put(&format!("/v1/enrolments/{busy}/cancellation"), "*", give_up).await.expect(200);
    let late = json!({"employee_id": people[1], "year": 2026, "items": []});
    let late = admin.post("/v1/development-plans", late).await.expect(201);
    let late = format!("/v1/development-plans/{}", late.id());
    let begun = planner.send("POST", &format!("{path}/publications"), None).await.expect(202);
    ended(planner, &begun).await;
    assert_eq!(places(planner, &path).await[&people[1]], both("NOMINATED", "ADDED"));
    let enrolled = async || {
        let list =
            admin.get(&format!("/v1/enrolments?class_id={}&limit=200", office.class)).await.expect(200);
        list.items().len()
    };
    let planned = async || {
        let mut all = Vec::new();
        for plan in [&draft, &late] {
            all.push(admin.get(plan).await.expect(200).json["items"].as_array().unwrap().len());
        }
        all
    };
    assert_eq!((enrolled().await, planned().await), (2, vec![1, 1]));

    // A server died over it before the last part was written: whoever takes the work over does what is left, and that once.
    let operation = begun.header("location").rsplit('/').next().unwrap().to_owned();
    app.sql(&format!(
        "DELETE FROM agency_plan_outcomes WHERE employee_id = '{0}';
         DELETE FROM enrolments WHERE employee_id = '{0}' AND state = 'ENROLLED';
         DELETE FROM plan_items WHERE plan_id = (SELECT id FROM plans WHERE employee_id = '{0}');
         UPDATE operations SET state = 'RUNNING', worker = gen_random_uuid(), heartbeat_at = '2000-01-01', result = NULL,
            finished_at = NULL WHERE id = '{operation}'",
        people[1]
    ))
    .await;
    assert_eq!((enrolled().await, planned().await), (1, vec![1, 0]));
    let (one, two) = tokio::join!(imports::resume(&app.services), imports::resume(&app.services));
    assert_eq!(one.unwrap() + two.unwrap(), 1, "one of two takes it up");
    assert_eq!(ended(planner, &begun).await["places"], 3);
    assert_eq!((enrolled().await, planned().await), (2, vec![1, 1]));
    let (one, two) = tokio::join!(published(planner, &path), published(admin, &path));
    assert_eq!(
        (&one["places"], &two["places"]),
        (&json!(3), &json!(3)),
        "nobody's place is taken by another work"
    );
    assert_eq!((enrolled().await, planned().await), (2, vec![1, 1]));

    // Whose plan is past the draft, and whoever finds the class full.
    let fourth = json!({"employee_id": people[3]});
    admin.post(&format!("/v1/classes/{}/enrolments", office.class), fourth).await.expect(201);
    let fifth = given::person_in(admin, 5, &office.staff).await;
    let own = json!({"employee_id": fifth, "year": 2026, "items": [{"form": "NKL01", "title": "Coaching", "origin": "OWN_WISH"}]});
    let own = admin.post("/v1/development-plans", own).await.expect(201).id();
    admin.transition(&format!("/v1/development-plans/{own}/submission"), "*").await.expect(200);
    // The version in force is published: a draft is not, and what a version before it made is left and told.
    let next = planner.post(&format!("{path}/revisions"), json!({"reason": "Perubahan"})).await.expect(201);
    let second = format!("{PLANS}/{}", next.id());
    planner
        .send("POST", &format!("{second}/publications"), None)
        .await
        .expect(409)
        .expect_problem("AGENCY_PLAN_STATE");
    let lines = planner.get(&format!("{second}/budget-lines")).await.expect(200);
    let line_id = lines.json["items"][0]["id"].as_str().unwrap().to_owned();
    let items = planner.get(&format!("{second}/items")).await.expect(200);
    let item = items.items()[0]["id"].as_str().unwrap().to_owned();
    let mut changed = office.item(&[0], &line_id);
    changed["targets"].as_array_mut().unwrap().push(json!({"employee_id": fifth}));
    planner.put(&format!("{second}/items/{item}"), "*", changed).await.expect(200);
    step(planner, &second, "submission").await.expect(200);
    step(&office.authority, &second, "enactment").await.expect(200);
    planner
        .send("POST", &format!("{path}/publications"), None)
        .await
        .expect(409)
        .expect_problem("AGENCY_PLAN_STATE");
    let result = published(planner, &second).await;
    assert_eq!(
        result,
        json!({"places": 2, "nominations": {"NOMINATED": 1, "CLASS_FULL": 1},
            "entries": {"ADDED": 1, "PLAN_BEYOND_DRAFT": 1}})
    );
    assert_eq!((enrolled().await, planned().await), (3, vec![1, 1]));
    let list = planner.get(&format!("{second}/places")).await.expect(200);
    let left: Vec<_> = list.items().iter().filter(|place| place["planned"] == false).collect();
    assert_eq!(left.len(), 1, "nothing was made of the one who left");
    assert_eq!(
        (&left[0]["employee_id"], &left[0]["enrolment_state"]),
        (&json!(people[1]), &json!("ENROLLED"))
    );
    office
        .agency
        .role(Role::Authority)
        .await
        .send("POST", &format!("{second}/publications"), None)
        .await
        .expect(403);
    // Whoever keeps plans follows such work, whoever began it.
    office.agency.role(Role::Planner).await.get(begun.header("location")).await.expect(200);
    office.agency.role(Role::Observer).await.get(begun.header("location")).await.expect(403);
}

#[tokio::test]
async fn a_class_that_ends_next_year_is_due_on_the_last_day_of_a_persons_plan() {
    let app = TestApp::start().await;
    let office = Office::new(&app).await;
    let (admin, planner) = (&office.admin, &office.planner);
    let session =
        |day: &str| json!({"starts_at": format!("{day}T01:00:00Z"), "ends_at": format!("{day}T09:00:00Z")});
    let long = json!({"seats": 3, "waitlist": 0, "sessions": [session("2026-12-20"), session("2027-01-10")]});
    let long = given::open_class(admin, "K9", &office.programme, long).await;
    let (path, line) = office.draft(100_000_000).await;
    let mut item = office.item(&[0], &line);
    item["class_id"] = json!(long);
    planner.post(&format!("{path}/items"), item).await.expect(201);
    step(planner, &path, "submission").await.expect(200);
    step(&office.authority, &path, "enactment").await.expect(200);
    let draft = json!({"employee_id": office.people[0], "year": 2026, "items": []});
    let draft = admin.post("/v1/development-plans", draft).await.expect(201).id();
    published(planner, &path).await;
    let plan = admin.get(&format!("/v1/development-plans/{draft}")).await.expect(200);
    let item = &plan.json["items"][0];
    assert_eq!((&item["starts_on"], &item["due_on"]), (&json!("2026-12-20"), &json!("2026-12-31")));
}

#[tokio::test]
async fn whoever_publishes_may_call_it_off_and_nothing_more_is_written() {
    let app = TestApp::start().await;
    let office = Office::new(&app).await;
    let (path, _) = office.set(&[0]).await;
    let begun = office.planner.send("POST", &format!("{path}/publications"), None).await.expect(202);
    let at = begun.header("location").to_owned();
    ended(&office.planner, &begun).await;
    let id = at.rsplit('/').next().unwrap();
    app.sql(&format!(
        "DELETE FROM agency_plan_outcomes; DELETE FROM enrolments;
         UPDATE operations SET state = 'RUNNING', worker = gen_random_uuid(), heartbeat_at = '2026-07-01T02:00:00Z', result = NULL,
            finished_at = NULL WHERE id = '{id}'"
    ))
    .await;
    office.planner.transition(&format!("{at}/cancellation"), "*").await.expect(200);
    api::app::imports::resume(&app.services).await.unwrap();
    let kept = office.planner.get(&at).await.expect(200);
    assert_eq!(kept.json["state"], "CANCELLED");
    assert_eq!(app.count("SELECT count(*) FROM enrolments").await, 0);
}

/// Work on a plan of several parts, and another beside it as an earlier release could leave it: neither takes back what the other
/// did. Who asks while one is under way follows it.
#[tokio::test]
async fn of_two_who_publish_at_once_both_follow_one_work_to_its_end() {
    let app = TestApp::start().await;
    let office = Office::new(&app).await;
    let Office { planner, admin, .. } = &office;
    let (path, line_id) = office.draft(100_000_000).await;
    let items = format!("{path}/items");
    planner.post(&items, office.item(&[0, 1], &line_id)).await.expect(201);
    let mut beside = office.item(&[2], &line_id);
    beside["class_id"] = json!(given::open_class(admin, "K2", &office.programme, json!({})).await);
    planner.post(&items, beside).await.expect(201);
    step(planner, &path, "submission").await.expect(200);
    step(&office.authority, &path, "enactment").await.expect(200);
    let begun = planner.send("POST", &format!("{path}/publications"), None).await.expect(202);
    assert_eq!(ended(planner, &begun).await["places"], 3);
    let id = begun.header("location").rsplit('/').next().unwrap().to_owned();
    app.sql(&format!(
        "DELETE FROM agency_plan_outcomes;
         UPDATE operations SET state = 'RUNNING', result = NULL, finished_at = NULL, heartbeat_at = '2100-01-01' WHERE id = '{id}'"
    ))
    .await;
    let joined = admin.send("POST", &format!("{path}/publications"), None).await.expect(202);
    assert_eq!(joined.header("location"), begun.header("location"));
    assert_eq!(app.count("SELECT count(*) FROM operations WHERE kind = 'AGENCY_PLAN_PUBLICATION'").await, 1);
    assert_eq!(app.count("SELECT count(*) FROM agency_plan_transitions WHERE action = 'PUBLISH'").await, 1);
    app.sql(&format!(
        "UPDATE operations SET worker = NULL WHERE id = '{id}';
         INSERT INTO operations SELECT (jsonb_populate_record(o, jsonb_build_object('id',
            'f' || substr('{id}', 2)))).* FROM operations o WHERE id = '{id}'"
    ))
    .await;
    let (one, two) =
        tokio::join!(api::app::imports::resume(&app.services), api::app::imports::resume(&app.services));
    assert_eq!(one.unwrap() + two.unwrap(), 2);
    let later = format!("/v1/operations/f{}", &id[1..]);
    let of_later = admin.with("prefer", "wait=20").get(&later).await.expect(200);
    assert_eq!(
        (&of_later.json["state"], &of_later.json["result"]["places"]),
        (&json!("SUCCEEDED"), &json!(3))
    );
    ended(planner, &begun).await;
    assert_eq!(app.count("SELECT count(*) FROM enrolments").await, 3);
}

#[tokio::test]
async fn a_revised_class_is_nominated_for_and_what_was_decided_since_stands() {
    let app = TestApp::start().await;
    let office = Office::new(&app).await;
    let Office { planner, admin, people, .. } = &office;
    // One asked for a seat by themselves before.
    let asking = office.agency.employee(Role::Employee, &people[1]).await;
    let wish = asking
        .post(&format!("/v1/classes/{}/enrolments", office.class), json!({"employee_id": people[1]}))
        .await
        .expect(201);
    assert_eq!(wish.json["state"], "REQUESTED");
    let (path, item) = office.set(&[0, 1, 2]).await;
    let result = published(planner, &path).await;
    assert_eq!(result["nominations"], json!({"NOMINATED": 2, "ALREADY": 1}));
    let given_up = async |person: &str| {
        let list = admin.get(&format!("/v1/enrolments?class_id={}&employee_id={person}", office.class)).await;
        let id = list.expect(200).items()[0]["id"].as_str().unwrap().to_owned();
        format!("/v1/enrolments/{id}")
    };
    let sick = given_up(&people[2]).await;
    reasoned(admin, &sick, "cancellation").await.expect(200);
    reasoned(admin, &format!("/v1/enrolments/{}", wish.id()), "refusal").await.expect(200);
    published(planner, &path).await;
    let told = places(planner, &path).await;
    assert_eq!(told[&people[1]].0, "NOMINATED", "the wish was refused, the plan stands");
    assert_eq!(told[&people[2]].0, "NOMINATED");
    let live = "SELECT count(*) FROM enrolments WHERE state = 'ENROLLED'";
    assert_eq!(app.count(live).await, 2, "who gave the seat up is not put there again");

    // The class is called off, and the new version names another.
    reasoned(admin, &format!("/v1/classes/{}", office.class), "cancellation").await.expect(200);
    let other = given::open_class(admin, "K2", &office.programme, json!({})).await;
    let next = planner.post(&format!("{path}/revisions"), json!({"reason": "Kelas batal"})).await.expect(201);
    let second = format!("{PLANS}/{}", next.id());
    let lines = planner.get(&format!("{second}/budget-lines")).await.expect(200);
    let mut moved = office.item(&[0, 1, 2], lines.json["items"][0]["id"].as_str().unwrap());
    moved["class_id"] = json!(other);
    planner.put(&format!("{second}/items/{item}"), "*", moved).await.expect(200);
    step(planner, &second, "submission").await.expect(200);
    step(&office.authority, &second, "enactment").await.expect(200);
    assert_eq!(published(planner, &second).await["nominations"], json!({"NOMINATED": 3}));
    let list = admin.get(&format!("/v1/enrolments?class_id={other}")).await.expect(200);
    assert_eq!(list.items().len(), 3);
    // The trail tells of each nomination, by itself.
    let id = list.items()[0]["id"].as_str().unwrap();
    let told = format!(
        "SELECT count(*) FROM audit_events WHERE resource_id = '{id}' AND what = 'CREATED'
        AND changes ->> 'item_id' = '{item}'"
    );
    assert_eq!(app.count(&told).await, 1);
}
