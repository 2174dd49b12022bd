//! `/v1/plan-templates` and `/v1/development-plan-drafts`: many plans at once.

use access::Role;
use api::app::imports;
use serde_json::{Value, json};
use support::{Answer, Caller, TestApp};

use crate::given;

const PLANS: &str = "/v1/development-plans";

async fn ended(caller: &Caller<'_>, begun: &Answer) -> Value {
    let path = begun.header("location").to_owned();
    let ended = caller.with("prefer", "wait=20").get(&path).await.expect(200);
    assert_eq!(ended.json["state"], "SUCCEEDED", "{}", ended.text);
    ended.json
}

async fn plans(caller: &Caller<'_>) -> Vec<Value> {
    caller.get(&format!("{PLANS}?limit=200")).await.expect(200).items().clone()
}

fn coaching(more: Value) -> Value {
    let mut item = json!({"form": "NKL01", "title": "Coaching", "jp": 4, "due_month": 9, "due_day": 30, "origin": "OWN_WISH"});
    for (name, value) in more.as_object().unwrap() {
        item[name] = value.clone();
    }
    item
}

#[tokio::test]
async fn everybody_without_a_plan_gets_one_and_every_gap_an_item_or_a_reason() {
    let app = TestApp::start().await;
    let agency = app.agency("KOTA").await;
    let admin = agency.admin().await;
    let unit = given::unit(&admin, "DINKES", None).await;
    let staff = given::position(&admin, "STAF", &unit).await;
    let (taught, other) = (given::competency(&admin, "M.1").await, given::competency(&admin, "M.2").await);
    let required = json!([{"competency_id": taught, "level": 3}, {"competency_id": other, "level": 3}]);
    given::standard(&agency, &staff, "2020-01-01", required).await;
    let partner = given::partner(&admin, "BPSDM").await;
    let steps = json!({"steps": [{"competency_id": taught, "level_from": 2, "level_to": 3}], "jp": 24});
    let programme =
        admin.post("/v1/programmes", given::programme_body("P1", &partner, steps)).await.expect(201).id();
    admin.transition(&format!("/v1/programmes/{programme}/publication"), "*").await.expect(200);
    let mut people = Vec::new();
    for serial in 1..=4 {
        people.push(given::person_in(&admin, serial, &staff).await);
    }
    let assessor = agency.role(Role::Assessor).await;
    let found: Vec<_> = people.iter().map(|person| (person.as_str(), taught.as_str(), 2)).collect();
    given::assessed(&assessor, "2026-01-10", &found).await;
    given::assessed(&assessor, "2026-01-10", &[(&people[0], &other, 2)]).await;
    let own = json!({"employee_id": people[3], "year": 2026, "items": []});
    admin.post(PLANS, own).await.expect(201);

    let begun =
        admin.post("/v1/development-plan-drafts", json!({"year": 2026, "unit_id": unit})).await.expect(202);
    let operation = ended(&admin, &begun).await;
    assert_eq!(
        operation["result"],
        json!({"plans": 3, "items": 3, "unplanned": {"NO_PROGRAMME": 1, "NEVER_ASSESSED": 2}})
    );
    let made = plans(&admin).await;
    assert_eq!(made.len(), 4);
    let of = |person: &str| made.iter().find(|plan| plan["employee_id"] == person).unwrap().clone();
    assert_eq!(
        (&of(&people[0])["figures"]["items"], &of(&people[3])["figures"]["items"]),
        (&json!(1), &json!(0))
    );
    let plan = admin.get(&format!("{PLANS}/{}", of(&people[0])["id"].as_str().unwrap())).await.expect(200);
    assert_eq!(
        (&plan.json["items"][0]["programme_id"], &plan.json["state"]),
        (&json!(programme), &json!("DRAFT"))
    );

    // A server died over it: whoever takes the work over gives plans to those who have none, and to nobody twice.
    let late = given::person_in(&admin, 5, &staff).await;
    let id = operation["id"].as_str().unwrap();
    app.sql(&format!(
        "UPDATE operations SET state = 'RUNNING', worker = gen_random_uuid(), heartbeat_at = '2000-01-01', result = NULL,
            finished_at = NULL WHERE id = '{id}'"
    ))
    .await;
    let (one, two) = tokio::join!(imports::resume(&app.services), imports::resume(&app.services));
    assert_eq!(one.unwrap() + two.unwrap(), 1, "one of two takes it up");
    let operation = ended(&admin, &begun).await;
    assert_eq!((&operation["result"]["plans"], &operation["done"]), (&json!(4), &json!(1)));
    let made = plans(&admin).await;
    assert_eq!(made.len(), 5);
    assert!(made.iter().any(|plan| plan["employee_id"] == late.as_str()));
}

#[tokio::test]
async fn work_that_was_called_off_or_taken_over_writes_no_further_part() {
    use kernel::{Event, OperationId, OperationKind, RequestId, Resource, WorkerId};
    use store::{OperationRow, StoreError, WriteContext};

    let app = TestApp::start().await;
    let agency = app.agency("KOTA").await;
    let admin = agency.admin().await;
    let user = agency.user(Role::AgencyAdmin, None, None, &[]).await;
    let (id, worker) = (OperationId::new(), WorkerId::new());
    let pass = access::Pass::system(agency.id, access::Action::PlanKeep, "a part in a test");
    let context = WriteContext {
        user: Some(user),
        agency: agency.id,
        request: RequestId::new(),
        operation: "test",
        now: app.now(),
        idempotency: None,
    };
    let operation =
        OperationRow::begun(id, OperationKind::PlanGeneration, json!({}), user, worker, app.now());
    let event = Event::new(Resource::Operation, id, "TESTED");
    let begun = app.services.store.write(&context, async |tx| {
        tx.operation_insert(&pass, &operation).await?;
        Ok::<_, StoreError>(tx.record(&pass, &event, None))
    });
    begun.await.unwrap();
    let part = async |worker: WorkerId| {
        let part = app.services.store.write(&context, async |tx| {
            tx.operation_part(&pass, id, worker, (1, app.now())).await?;
            Ok::<_, StoreError>(tx.record(&pass, &event, None))
        });
        part.await
    };
    part(worker).await.unwrap();
    assert!(matches!(part(WorkerId::new()).await, Err(StoreError::Stale)), "another worker's");
    let path = format!("/v1/operations/{id}");
    let seen = admin.get(&path).await.expect(200);
    assert_eq!((&seen.json["kind"], &seen.json["done"]), (&json!("PLAN_GENERATION"), &json!(1)));
    admin.transition(&format!("{path}/cancellation"), "*").await.expect(200);
    assert!(matches!(part(worker).await, Err(StoreError::Stale)), "called off");
}

#[tokio::test]
async fn a_template_reaches_drafts_and_a_change_of_it_no_plan_beyond() {
    let app = TestApp::start().await;
    let agency = app.agency("KOTA").await;
    let admin = agency.admin().await;
    let unit = given::unit(&admin, "DINKES", None).await;
    let (head, staff) =
        (given::head(&admin, "KADIS", &unit).await, given::position(&admin, "STAF", &unit).await);
    given::person_in(&admin, 1, &head).await;
    let mut people = Vec::new();
    for serial in 2..=4 {
        people.push(given::person_in(&admin, serial, &staff).await);
    }
    let own =
        json!({"form": "NKL09", "title": "Belajar", "jp": 2, "due_on": "2026-10-01", "origin": "OWN_WISH"});
    let plan = json!({"employee_id": people[0], "year": 2026, "items": [own]});
    admin.post(PLANS, plan).await.expect(201);
    let template = json!({"name": "Pelaksana", "job_class": "PELAKSANA", "items": [coaching(json!({})), coaching(json!({"title": "Magang", "form": "NKL12"}))]});
    let made = admin.post("/v1/plan-templates", template.clone()).await.expect(201);
    admin.post("/v1/plan-templates", template).await.expect(409).expect_error("/name", "TAKEN");
    let path = format!("/v1/plan-templates/{}", made.id());
    let apply = format!("{path}/applications");
    let begun = admin.post(&apply, json!({"year": 2026})).await.expect(202);
    let operation = ended(&admin, &begun).await;
    assert_eq!(
        (&operation["kind"], &operation["result"]["plans"]),
        (&json!("PLAN_TEMPLATE"), &json!(3)),
        "the head is of another class"
    );
    let items = async || {
        let mut all = std::collections::BTreeMap::new();
        for plan in plans(&admin).await {
            let full = admin.get(&format!("{PLANS}/{}", plan["id"].as_str().unwrap())).await.expect(200).json;
            let titles: Vec<_> = full["items"]
                .as_array()
                .unwrap()
                .iter()
                .map(|item| item["title"].as_str().unwrap().to_owned())
                .collect();
            all.insert(plan["employee_id"].as_str().unwrap().to_owned(), (titles, full));
        }
        all
    };
    let first = items().await;
    assert_eq!(first[&people[0]].0, ["Belajar", "Coaching", "Magang"]);
    assert_eq!(first[&people[1]].0, ["Coaching", "Magang"]);
    assert_eq!(first[&people[1]].1["items"][0]["due_on"], "2026-09-30");
    let again = admin.post(&apply, json!({"year": 2026})).await.expect(202);
    assert_eq!(ended(&admin, &again).await["result"]["plans"], 0, "nothing to change");

    // One submits; the template changes while that waits.
    let submitted = format!("{PLANS}/{}", first[&people[2]].1["id"].as_str().unwrap());
    admin.transition(&format!("{submitted}/submission"), "*").await.expect(200);
    let draft = format!("{PLANS}/{}", first[&people[1]].1["id"].as_str().unwrap());
    let tag = admin.get(&draft).await.expect(200).etag();
    let kept = made.json["items"][0]["id"].clone();
    let changed = json!({"name": "Pelaksana", "job_class": "PELAKSANA", "items": [
        coaching(json!({"id": kept, "title": "Coaching berkala"})), coaching(json!({"title": "Mentoring", "form": "NKL02"}))]});
    admin.put(&path, &made.etag(), changed).await.expect(200);
    let second = items().await;
    assert_eq!(second[&people[0]].0, ["Belajar", "Coaching berkala", "Mentoring"]);
    assert_eq!(second[&people[1]].0, ["Coaching berkala", "Mentoring"]);
    assert_eq!(second[&people[2]].0, ["Coaching", "Magang"], "it waits for its approval as it was");
    let stale = json!({"items": [{"form": "NKL01", "title": "x", "origin": "OWN_WISH"}]});
    admin.put(&draft, &tag, stale).await.expect(412);
    let begun = admin.post(&apply, json!({"year": 2026})).await.expect(202);
    assert_eq!(ended(&admin, &begun).await["result"]["plans"], 0);
    assert_eq!(items().await[&people[2]].0, ["Coaching", "Magang"]);

    let ghost = json!({"name": "x", "job_class": "PELAKSANA", "items": [coaching(json!({"id": kept}))]});
    admin.post("/v1/plan-templates", ghost).await.expect(400).expect_error("/items/0/id", "NOT_FOUND");
    let both =
        json!({"name": "x", "job_class": "PELAKSANA", "position_id": staff, "items": [coaching(json!({}))]});
    admin.post("/v1/plan-templates", both).await.expect(400).expect_error("/position_id", "INCONSISTENT");
    let never = json!({"name": "x", "job_class": "PELAKSANA", "items": [coaching(json!({"due_month": 2, "due_day": 30}))]});
    admin
        .post("/v1/plan-templates", never)
        .await
        .expect(400)
        .expect_error("/items/0/due_day", "INVALID_DATE");
    admin.transition(&format!("{path}/retirement"), "*").await.expect(200);
    admin.post(&apply, json!({"year": 2026})).await.expect(409).expect_problem("PLAN_TEMPLATE_RETIRED");
}

#[tokio::test]
async fn who_keeps_a_units_plans_draws_up_those_and_follows_the_work() {
    let app = TestApp::start().await;
    let agency = app.agency("KOTA").await;
    let admin = agency.admin().await;
    let [here, there] = [given::unit(&admin, "A", None).await, given::unit(&admin, "B", None).await];
    let below = given::unit(&admin, "A-1", Some(&here)).await;
    for (serial, unit) in [(1, &here), (2, &below), (3, &there)] {
        let position = given::position(&admin, &format!("P{serial}"), unit).await;
        given::person_in(&admin, serial, &position).await;
    }
    let keeper = agency.unit_admin(&here).await;
    let drafts = "/v1/development-plan-drafts";
    keeper.post(drafts, json!({"year": 2026})).await.expect(403);
    keeper.post(drafts, json!({"year": 2026, "unit_id": there})).await.expect(403);
    keeper
        .post(drafts, json!({"year": 2030, "unit_id": here}))
        .await
        .expect(400)
        .expect_error("/year", "OUT_OF_RANGE");
    let begun = keeper.post(drafts, json!({"year": 2026, "unit_id": below})).await.expect(202);
    assert_eq!(ended(&keeper, &begun).await["result"]["plans"], 1);
    let begun = keeper.post(drafts, json!({"year": 2026, "unit_id": here})).await.expect(202);
    assert_eq!(ended(&keeper, &begun).await["result"]["plans"], 1);
    assert_eq!(plans(&admin).await.len(), 2);
    let other = agency.unit_admin(&there).await;
    other.get(begun.header("location")).await.expect(404);
    agency.role(Role::Planner).await.post(drafts, json!({"year": 2026})).await.expect(403);
}

#[tokio::test]
async fn drafts_for_many_plan_no_more_hours_than_a_ceiling_that_stops_leaves() {
    let app = TestApp::start().await;
    let agency = app.agency("KOTA").await;
    let admin = agency.admin().await;
    let unit = given::unit(&admin, "DINKES", None).await;
    let staff = given::position(&admin, "STAF", &unit).await;
    let taught = given::competency(&admin, "M.1").await;
    given::standard(&agency, &staff, "2020-01-01", json!([{"competency_id": taught, "level": 3}])).await;
    let partner = given::partner(&admin, "BPSDM").await;
    let steps = json!({"steps": [{"competency_id": taught, "level_from": 2, "level_to": 3}], "jp": 24});
    let programme =
        admin.post("/v1/programmes", given::programme_body("P1", &partner, steps)).await.expect(201).id();
    admin.transition(&format!("/v1/programmes/{programme}/publication"), "*").await.expect(200);
    let contract = given::person_in(&admin, 1, &staff).await;
    let permanent = given::person_in(&admin, 2, &staff).await;
    app.sql(&format!("UPDATE employees SET status = 'PPPK' WHERE id = '{contract}'")).await;
    let assessor = agency.role(Role::Assessor).await;
    let found = [contract.as_str(), permanent.as_str()].map(|person| (person, taught.as_str(), 2));
    given::assessed(&assessor, "2026-01-10", &found).await;
    let rule = |jp: u32| {
        json!({"name": "JP_TARGET", "valid_from": "2020-01-01", "source": "Keputusan", "jp_target": {"rules": [
            {"statuses": ["PPPK"], "bound": "AT_MOST", "jp": jp, "span": "CALENDAR_YEAR", "enforcement": "STOP",
                "part_year": "FULL", "exempt": [], "source": "PP 49/2018", "confidence": "FOUND"}]}})
    };
    admin.post("/v1/policies", rule(23)).await.expect(201);
    let begun =
        admin.post("/v1/development-plan-drafts", json!({"year": 2026, "unit_id": unit})).await.expect(202);
    let operation = ended(&admin, &begun).await;
    assert_eq!(operation["result"], json!({"plans": 2, "items": 1, "unplanned": {"BEYOND_CEILING": 1}}));
}

/// A head, and people under them who have no plan yet.
async fn office(agency: &support::Agency<'_>, people: u16) -> (String, Vec<String>, String) {
    let admin = agency.admin().await;
    let unit = given::unit(&admin, "DINKES", None).await;
    let (head, staff) =
        (given::head(&admin, "KADIS", &unit).await, given::position(&admin, "STAF", &unit).await);
    let boss = given::person_in(&admin, 900, &head).await;
    let mut all = Vec::new();
    for serial in 1..=people {
        all.push(given::person_in(&admin, serial, &staff).await);
    }
    (boss, all, staff)
}

fn template(items: Vec<Value>) -> Value {
    json!({"name": "Pelaksana", "job_class": "PELAKSANA", "items": items})
}

/// The plan of somebody, whole.
async fn plan_of(caller: &Caller<'_>, employee: &str) -> Answer {
    let made = plans(caller).await;
    let id = made.iter().find(|plan| plan["employee_id"] == employee).unwrap()["id"].clone();
    caller.get(&format!("{PLANS}/{}", id.as_str().unwrap())).await.expect(200)
}

#[tokio::test]
async fn a_change_of_a_template_changes_what_it_says_otherwise_and_nothing_else() {
    let app = TestApp::start().await;
    let agency = app.agency("KOTA").await;
    let (_, people, staff) = office(&agency, 1).await;
    let admin = agency.admin().await;
    let competency = given::competency(&admin, "M.1").await;
    given::standard(&agency, &staff, "2020-01-01", json!([{"competency_id": competency, "level": 3}])).await;
    let one = |title: &str, more: Value| {
        let mut item = coaching(json!({"title": title, "competency_id": competency, "level_to": 3}));
        for (name, value) in more.as_object().unwrap() {
            item[name] = value.clone();
        }
        item
    };
    let made = admin.post("/v1/plan-templates", template(vec![one("Coaching", json!({}))])).await.expect(201);
    let path = format!("/v1/plan-templates/{}", made.id());
    let apply = async || {
        let begun = admin.post(&format!("{path}/applications"), json!({"year": 2026})).await.expect(202);
        ended(&admin, &begun).await["result"]["plans"].clone()
    };
    assert_eq!(apply().await, 1);
    let plan = plan_of(&admin, &people[0]).await;
    let plan_path = format!("{PLANS}/{}", plan.id());
    // A plan that begins with a template keeps the gaps it began with, as every other does.
    let snapshots = admin.get(&format!("{plan_path}/snapshots")).await.expect(200).json["items"].clone();
    assert_eq!(
        (&snapshots[0]["moment"], &snapshots[0]["against"], &snapshots[0]["competencies"][0]["unplanned"]),
        (&json!("MADE"), &json!("HELD"), &Value::Null)
    );
    let item = &plan.json["items"][0];
    let filled = json!({"id": item["id"], "competency_id": competency, "level_from": 2, "level_to": 3, "form": "NKL01",
        "title": "Coaching", "jp": 4, "cost": 500_000, "budget": "APBD", "starts_on": "2026-08-01", "due_on": "2026-08-31",
        "origin": "OWN_WISH"});
    let filled =
        admin.put(&plan_path, "*", json!({"items": [filled]})).await.expect(200).json["items"][0].clone();
    let after = |changes: Value| {
        let mut after = filled.clone();
        for (name, value) in changes.as_object().unwrap() {
            after[name] = value.clone();
        }
        after
    };
    let id = made.json["items"][0]["id"].clone();
    let renamed = template(vec![one("Coaching berkala", json!({"id": id}))]);
    admin.put(&path, "*", renamed).await.expect(200);
    let now = async || plan_of(&admin, &people[0]).await.json["items"][0].clone();
    assert_eq!(now().await, after(json!({"title": "Coaching berkala"})));
    // A day before the first one takes that along; a higher level leaves the one it starts from.
    let earlier = one("Coaching berkala", json!({"id": id, "due_month": 7, "level_to": 4}));
    admin.put(&path, "*", template(vec![earlier])).await.expect(200);
    let changed =
        json!({"title": "Coaching berkala", "due_on": "2026-07-30", "starts_on": null, "level_to": 4});
    assert_eq!(now().await, after(changed.clone()));
    assert_eq!(apply().await, 0, "what it leaves open is for others to fill in");
    assert_eq!(now().await, after(changed));
}

#[tokio::test]
async fn what_was_told_of_stays_when_a_template_lets_it_go() {
    let app = TestApp::start().await;
    let agency = app.agency("KOTA").await;
    let (boss, people, _) = office(&agency, 2).await;
    let admin = agency.admin().await;
    let items = vec![coaching(json!({})), coaching(json!({"title": "Magang", "form": "NKL12"}))];
    let made = admin.post("/v1/plan-templates", template(items)).await.expect(201);
    let path = format!("/v1/plan-templates/{}", made.id());
    let begun = admin.post(&format!("{path}/applications"), json!({"year": 2026})).await.expect(202);
    ended(&admin, &begun).await;
    let owner = agency.employee(Role::Employee, &people[0]).await;
    let (superior, planner) =
        (agency.employee(Role::Supervisor, &boss).await, agency.role(Role::Planner).await);
    let plan = plan_of(&owner, &people[0]).await;
    let of = format!("{PLANS}/{}", plan.id());
    for (who, what) in [
        (&owner, "submission"),
        (&superior, "review"),
        (&superior, "endorsement"),
        (&planner, "approval"),
        (&owner, "activation"),
    ] {
        who.transition(&format!("{of}/{what}"), "*").await.expect(200);
    }
    let told = plan.json["items"][1]["id"].as_str().unwrap().to_owned();
    let begun = json!({"state": "STARTED", "percent": 50});
    owner.put(&format!("{of}/items/{told}/progress"), "*", begun).await.expect(200);
    let reason = json!({"reason": "Alasan"});
    admin.put(&format!("{of}/cancellation"), "*", reason.clone()).await.expect(200);
    owner.put(&format!("{of}/reopening"), "*", reason).await.expect(200);

    let kept = coaching(json!({"id": made.json["items"][0]["id"]}));
    admin.put(&path, "*", template(vec![kept])).await.expect(200);
    let items = plan_of(&owner, &people[0]).await.json["items"].clone();
    assert_eq!(
        (&items[1]["title"], &items[1]["template_item_id"], &items[1]["progress"]["percent"]),
        (&json!("Magang"), &Value::Null, &json!(50))
    );
    assert_eq!(plan_of(&admin, &people[1]).await.json["items"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn what_a_template_adds_goes_where_there_is_room() {
    let app = TestApp::start().await;
    let agency = app.agency("KOTA").await;
    let (_, people, _) = office(&agency, 1).await;
    let admin = agency.admin().await;
    let own: Vec<_> = (0..36)
        .map(|n| json!({"form": "NKL09", "title": format!("Belajar {n}"), "origin": "OWN_WISH"}))
        .collect();
    admin.post(PLANS, json!({"employee_id": people[0], "year": 2026, "items": own})).await.expect(201);
    let titled = |n: usize| coaching(json!({"title": format!("Coaching {n}")}));
    let made = admin.post("/v1/plan-templates", template((0..9).map(titled).collect())).await.expect(201);
    let path = format!("/v1/plan-templates/{}", made.id());
    let begun = admin.post(&format!("{path}/applications"), json!({"year": 2026})).await.expect(202);
    ended(&admin, &begun).await;
    let count = async || plan_of(&admin, &people[0]).await.json["items"].as_array().unwrap().len();
    assert_eq!(count().await, 45);
    // The tenth of ten is the only one that is missing; of eight more five have room.
    let grown = |by: usize, before: &Value| {
        let kept = before["items"].as_array().unwrap().iter().enumerate();
        let kept = kept.map(|(n, one)| {
            let mut item = titled(n);
            item["id"] = one["id"].clone();
            item
        });
        let first = before["items"].as_array().unwrap().len();
        template(kept.chain((first..first + by).map(titled)).collect())
    };
    let more = admin.put(&path, "*", grown(1, &made.json)).await.expect(200);
    assert_eq!(count().await, 46);
    admin.put(&path, "*", grown(8, &more.json)).await.expect(200);
    assert_eq!(count().await, 50);
}
