//! `/v1/agency-plans`.

use access::Role;
use serde_json::{Value, json};
use support::{Agency, Answer, Caller, TestApp};

use crate::given;

const PLANS: &str = "/v1/agency-plans";

/// A unit with one under it and one beside it, people in each, a programme that teaches a step, and a class of it.
struct Office<'a> {
    agency: Agency<'a>,
    admin: Caller<'a>,
    planner: Caller<'a>,
    authority: Caller<'a>,
    unit: String,
    below: String,
    beside: String,
    staff: String,
    people: Vec<String>,
    competency: String,
    programme: String,
    class: String,
}

impl<'a> Office<'a> {
    /// Four people: two in the unit, one below, one beside.
    async fn new(app: &'a TestApp) -> Self {
        let agency = app.agency("KOTA").await;
        let admin = agency.admin().await;
        let unit = given::unit(&admin, "DINKES", None).await;
        let below = given::unit(&admin, "PUSKESMAS", Some(&unit)).await;
        let beside = given::unit(&admin, "DISDIK", None).await;
        let staff = given::position(&admin, "STAF", &unit).await;
        let nurse = given::position(&admin, "PERAWAT", &below).await;
        let teacher = given::position(&admin, "GURU", &beside).await;
        let mut people = Vec::new();
        for (serial, position) in [(1, &staff), (2, &staff), (3, &nurse), (4, &teacher)] {
            people.push(given::person_in(&admin, serial, position).await);
        }
        let competency = given::competency(&admin, "M.1").await;
        let provider = given::partner(&admin, "BPSDM").await;
        let owner = given::partner(&admin, "LAN").await;
        let taught = json!({"steps": [{"competency_id": competency, "level_from": 2, "level_to": 3}], "jp": 24,
            "price_per_participant": 2_500_000, "price_per_class": 1_000_000, "curriculum_owner_id": owner});
        let programme = given::programme_body("INT-3", &provider, taught);
        let programme = admin.post("/v1/programmes", programme).await.expect(201).id();
        admin.transition(&format!("/v1/programmes/{programme}/publication"), "*").await.expect(200);
        let class = given::open_class(&admin, "K1", &programme, json!({"seats": 3, "waitlist": 0})).await;
        let (planner, authority) = (agency.role(Role::Planner).await, agency.role(Role::Authority).await);
        Self {
            agency,
            admin,
            planner,
            authority,
            unit,
            below,
            beside,
            staff,
            people,
            competency,
            programme,
            class,
        }
    }

    /// A draft of this year with a line of so many rupiah; its path, and the line.
    async fn draft(&self, amount: i64) -> (String, String) {
        let plan = json!({"year": 2026, "name": "Rencana 2026", "objective": "Layanan setara"});
        let path = format!("{PLANS}/{}", self.planner.post(PLANS, plan).await.expect(201).id());
        let lines =
            budget(&self.planner, &path, json!([line("5.1.02.02.12.0001", amount)])).await.expect(200);
        (path, lines.json["items"][0]["id"].as_str().unwrap().to_owned())
    }

    /// An item of the class for these people.
    fn item(&self, people: &[usize], line: &str) -> Value {
        let target = |index: &usize| {
            json!({"employee_id": self.people[*index], "steps": [
            {"competency_id": self.competency, "level_from": 2, "level_to": 3}]})
        };
        json!({"programme_id": self.programme, "class_id": self.class, "funds": [{"budget_line_id": line}],
            "targets": people.iter().map(target).collect::<Vec<_>>()})
    }

    /// A plan in force with an item of the class for these people; its path, and the item.
    async fn set(&self, people: &[usize]) -> (String, String) {
        let (path, line) = self.draft(100_000_000).await;
        let item =
            self.planner.post(&format!("{path}/items"), self.item(people, &line)).await.expect(201).id();
        step(&self.planner, &path, "submission").await.expect(200);
        step(&self.authority, &path, "enactment").await.expect(200);
        (path, item)
    }
}

fn line(code: &str, amount: i64) -> Value {
    json!({"code": code, "name": "Belanja kursus", "source": "APBD", "amount": amount})
}

async fn budget(caller: &Caller<'_>, path: &str, items: Value) -> Answer {
    caller.put(&format!("{path}/budget-lines"), "*", json!({"items": items})).await
}

async fn step(caller: &Caller<'_>, path: &str, what: &str) -> Answer {
    caller.transition(&format!("{path}/{what}"), "*").await
}

async fn reasoned(caller: &Caller<'_>, path: &str, what: &str) -> Answer {
    caller.put(&format!("{path}/{what}"), "*", json!({"reason": "Pergeseran anggaran"})).await
}

fn texts(list: &Value) -> Vec<&str> {
    list.as_array().unwrap().iter().map(|one| one.as_str().unwrap()).collect()
}

#[tokio::test]
async fn a_plan_is_prepared_by_the_planner_set_by_the_authority_and_revised_through_both() {
    let app = TestApp::start().await;
    let office = Office::new(&app).await;
    let Office { planner, authority, admin, .. } = &office;
    let (path, line_id) = office.draft(6_000_000).await;
    let made = admin.post(&format!("{path}/items"), office.item(&[0, 1], &line_id)).await.expect(201);
    assert_eq!(
        (&made.json["form"], &made.json["setting"], &made.json["starts_on"], &made.json["ends_on"]),
        (&json!("KL03"), &json!("KLASIKAL"), &json!("2026-07-20"), &json!("2026-07-21")),
        "the class and the programme say so"
    );
    assert_eq!(
        (&made.json["cost"], &made.json["jp"], &made.json["places"], &made.json["competency_types"]),
        (&json!(6_000_000), &json!(24), &json!(2), &json!(["MANAJERIAL"]))
    );
    assert_eq!(
        (&made.json["provider_name"], &made.json["curriculum_owner_name"]),
        (&json!("Mitra BPSDM"), &json!("Mitra LAN"))
    );
    assert_eq!((&made.json["overrides"], &made.json["origin"]), (&json!([]), &json!("MANUAL")));
    let item = format!("{path}/items/{}", made.id());
    let whole = planner.get(&format!("{path}/completeness")).await.expect(200);
    assert_eq!((&whole.json["complete"], &whole.json["missing"]), (&json!(true), &json!([])));

    // The personnel agency draws up and does not submit; nobody decides twice.
    step(admin, &path, "submission").await.expect(403);
    step(authority, &path, "submission").await.expect(403);
    let stale = planner.get(&path).await.expect(200).etag();
    let submitted = step(planner, &path, "submission").await.expect(200);
    assert_eq!(texts(&submitted.json["allowed_actions"]), ["WITHDRAW"]);
    assert_eq!(texts(&authority.get(&path).await.expect(200).json["allowed_actions"]), ["RETURN", "ENACT"]);
    authority.transition(&format!("{path}/enactment"), &stale).await.expect(412);
    authority.put(&format!("{path}/return"), "*", json!({"reason": " "})).await.expect(400);
    reasoned(authority, &path, "return").await.expect(200);
    // Whoever prepares it is also the authority now: that does not help.
    app.sql(
        "INSERT INTO grants SELECT (jsonb_populate_record(g, jsonb_build_object('id', gen_random_uuid(), 'role', 'AUTHORITY'))).*
         FROM grants g WHERE g.role = 'PLANNER'",
    )
    .await;
    let both = step(planner, &path, "submission").await.expect(200);
    assert!(!texts(&both.json["allowed_actions"]).contains(&"ENACT"));
    step(planner, &path, "enactment").await.expect(409).expect_problem("AGENCY_PLAN_SAME_OFFICER");
    let set = step(authority, &path, "enactment").await.expect(200);
    assert_eq!(set.json["state"], "SET");
    assert_ne!(set.json["set_by"], set.json["prepared_by"]);

    // What is set stays as it is, also behind the server's back.
    planner
        .put(&item, "*", office.item(&[0], &line_id))
        .await
        .expect(409)
        .expect_problem("AGENCY_PLAN_STATE");
    planner.delete(&item, "*").await.expect(409).expect_problem("AGENCY_PLAN_STATE");
    use sea_orm::ConnectionTrait as _;
    for change in [
        "UPDATE agency_plan_items SET title = 'x'",
        "DELETE FROM agency_plan_targets",
        "UPDATE agency_plan_budget_lines SET amount = 0",
        "DELETE FROM agency_plan_transitions",
    ] {
        app.db.execute_unprepared(change).await.unwrap_err();
    }

    // A new version goes the same way, and takes its place.
    planner.post(PLANS, json!({"year": 2026, "name": "x"})).await.expect(409).expect_error("/year", "TAKEN");
    let revision = json!({"reason": "Pergeseran anggaran"});
    let next = planner.post(&format!("{path}/revisions"), revision.clone()).await.expect(201);
    planner.post(&format!("{path}/revisions"), revision).await.expect(409).expect_error("/year", "TAKEN");
    let second = format!("{PLANS}/{}", next.id());
    assert_eq!((&next.json["number"], &next.json["figures"]["places"]), (&json!(2), &json!(2)));
    let same = format!("{second}/items/{}", made.id());
    let mut changed = office.item(&[0, 1, 2], &line_id);
    changed["starts_on"] = json!("2026-08-03");
    changed["ends_on"] = json!("2026-08-04");
    let put = planner.put(&same, "*", changed).await.expect(200);
    assert_eq!(
        (texts(&put.json["overrides"]), &put.json["starts_on"]),
        (vec!["starts_on", "ends_on"], &json!("2026-08-03"))
    );
    step(planner, &second, "submission").await.expect(409).expect_problem("AGENCY_PLAN_INCOMPLETE");
    let mut richer = line("5.1.02.02.12.0001", 8_500_000);
    richer["id"] = json!(line_id);
    budget(planner, &second, json!([richer])).await.expect(200);
    step(planner, &second, "submission").await.expect(200);
    step(authority, &second, "enactment").await.expect(200);
    let old = planner.get(&path).await.expect(200);
    assert_eq!((&old.json["state"], &old.json["figures"]["places"]), (&json!("SUPERSEDED"), &json!(2)));
    assert_eq!(planner.get(&item).await.expect(200).json["targets"].as_array().unwrap().len(), 2);
    let steps = planner.get(&format!("{path}/transitions")).await.expect(200);
    let told: Vec<_> = steps.items().iter().map(|one| one["action"].as_str().unwrap()).collect();
    assert_eq!(told, ["CREATE", "EDIT", "EDIT", "SUBMIT", "RETURN", "SUBMIT", "ENACT", "SUPERSEDE"]);
    assert_eq!(steps.items()[4]["reason"], "Pergeseran anggaran");
    let of_year = planner.get(&format!("{PLANS}?year=2026&state=SET")).await.expect(200);
    assert_eq!(of_year.items().len(), 1);
}

#[tokio::test]
async fn completeness_names_each_content_that_is_missing_and_stops_a_submission() {
    let app = TestApp::start().await;
    let office = Office::new(&app).await;
    let Office { planner, .. } = &office;
    let (path, line_id) = office.draft(5_999_999).await;
    let empty = planner.get(&format!("{path}/completeness")).await.expect(200);
    assert_eq!((&empty.json["complete"], &empty.json["empty"]), (&json!(false), &json!(true)));
    let bare = planner.post(&format!("{path}/items"), json!({"title": "Magang"})).await.expect(201).id();
    let missing = planner.get(&format!("{path}/completeness")).await.expect(200);
    let named: Vec<_> = missing.json["missing"]
        .as_array()
        .unwrap()
        .iter()
        .map(|lack| {
            assert_eq!(lack["item_id"], bare.as_str());
            (lack["content"].as_str().unwrap(), lack["reason"].as_str().unwrap())
        })
        .collect();
    assert_eq!(
        named,
        [
            ("COMPETENCY_TYPE", "NO_COMPETENCY"),
            ("TARGET_PERSONS", "NOBODY"),
            ("FORM_AND_PATH", "NO_FORM"),
            ("PROVIDER", "NO_PROVIDER"),
            ("SCHEDULE", "NO_DAYS"),
            ("CURRICULUM", "NO_CURRICULUM"),
            ("BUDGET", "NO_PRICE"),
        ]
    );
    let refused =
        step(planner, &path, "submission").await.expect(409).expect_problem("AGENCY_PLAN_INCOMPLETE");
    assert_eq!(refused.json["errors"].as_array().unwrap().len(), 7);
    refused.expect_error(&format!("/items/{bare}/curriculum"), "REQUIRED");
    planner.delete(&format!("{path}/items/{bare}"), "*").await.expect(204);

    // A line and a unit are overdrawn; somebody left; somebody serves elsewhere than the line that pays.
    let ceiling =
        json!({"name": "Rencana 2026", "ceilings": [{"unit_id": office.unit, "amount": 4_999_999}]});
    planner.put(&path, "*", ceiling).await.expect(200);
    let item = planner.post(&format!("{path}/items"), office.item(&[0, 2], &line_id)).await.expect(201).id();
    let found = planner.get(&format!("{path}/completeness")).await.expect(200).json;
    assert_eq!(
        found["overdrawn_lines"],
        json!([{"budget_line_id": line_id, "amount": 5_999_999, "drawn": 6_000_000}])
    );
    assert_eq!(
        found["overdrawn_units"],
        json!([{"unit_id": office.unit, "amount": 4_999_999, "drawn": 5_000_000}]),
        "who serves below counts"
    );
    assert_eq!(found["missing"], json!([]));
    let refused = step(planner, &path, "submission").await.expect(409);
    refused.expect_error(&format!("/budget_lines/{line_id}"), "OUT_OF_RANGE");
    let mut units = line("5.1.02.02.12.0001", 10_000_000);
    units["id"] = json!(line_id);
    units["unit_id"] = json!(office.below);
    budget(planner, &path, json!([units])).await.expect(200);
    given::place(&office.admin, &office.people[2], None, "2026-06-01").await.expect(201);
    let found = planner.get(&format!("{path}/completeness")).await.expect(200).json;
    assert_eq!(
        found["missing"],
        json!([
            {"item_id": item, "content": "TARGET_PERSONS", "reason": "LEFT", "employee_ids": [office.people[2]]},
            {"item_id": item, "content": "BUDGET", "reason": "OTHER_UNITS_LINE", "employee_ids": [office.people[0]]},
        ])
    );
    // A line an item takes from is not removed.
    budget(planner, &path, json!([])).await.expect(409).expect_problem("STILL_REFERENCED");
    let most = 9_007_199_254_740_991_i64;
    budget(planner, &path, json!([line("1", most), line("2", 1)]))
        .await
        .expect(400)
        .expect_error("/items", "OUT_OF_RANGE");
}

#[tokio::test]
async fn a_units_plan_is_for_its_people_and_those_below() {
    let app = TestApp::start().await;
    let office = Office::new(&app).await;
    let Office { planner, .. } = &office;
    let (_, _) = office.draft(0).await;
    let plan = json!({"year": 2026, "unit_id": office.unit, "name": "Rencana Dinkes"});
    let path = format!("{PLANS}/{}", planner.post(PLANS, plan).await.expect(201).id());
    let lines = budget(planner, &path, json!([line("1", 100_000_000)])).await.expect(200);
    let line_id = lines.json["items"][0]["id"].as_str().unwrap().to_owned();
    let item =
        planner.post(&format!("{path}/items"), office.item(&[0, 2, 3], &line_id)).await.expect(201).id();
    let found = planner.get(&format!("{path}/completeness")).await.expect(200).json;
    assert_eq!(
        found["missing"],
        json!([{"item_id": item, "content": "TARGET_PERSONS", "reason": "OUTSIDE_SCOPE", "employee_ids": [office.people[3]]}])
    );
    let ghost = json!({"year": 2026, "unit_id": office.people[0], "name": "x"});
    planner.post(PLANS, ghost).await.expect(400).expect_error("/unit_id", "NOT_FOUND");
    planner
        .post(PLANS, json!({"year": 2028, "name": "x"}))
        .await
        .expect(400)
        .expect_error("/year", "OUT_OF_RANGE");
    let ghosts = json!({"programme_id": office.programme, "class_id": office.class, "funds": [{"budget_line_id": item}],
        "targets": [{"employee_id": item}, {"employee_id": office.people[0], "steps": [{"competency_id": item, "level_to": 2}]}]});
    planner
        .post(&format!("{path}/items"), ghosts)
        .await
        .expect(400)
        .expect_error("/targets/0/employee_id", "NOT_FOUND")
        .expect_error("/targets/1/steps/0/competency_id", "NOT_FOUND")
        .expect_error("/funds/0/budget_line_id", "NOT_FOUND");
}

#[tokio::test]
async fn of_two_who_change_a_plan_at_once_one_is_told() {
    let app = TestApp::start().await;
    let office = Office::new(&app).await;
    let Office { planner, admin, .. } = &office;
    let new = json!({"year": 2027, "name": "Rencana 2027"});
    let (one, two) = tokio::join!(planner.post(PLANS, new.clone()), admin.post(PLANS, new));
    let mut statuses = [one.status, two.status];
    statuses.sort_unstable();
    assert_eq!(statuses, [201, 409]);
    let made = if one.status == 201 { one } else { two };
    let (path, tag) = (format!("{PLANS}/{}", made.id()), made.etag());
    let put = |name: &str| json!({"name": name});
    let (one, two) = tokio::join!(planner.put(&path, &tag, put("A")), admin.put(&path, &tag, put("B")));
    let mut statuses = [one.status, two.status];
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 412]);
    // Items that are added at once are all there, each in a place of its own.
    let items = format!("{path}/items");
    let adds = (0..8).map(|number| {
        let caller = if number % 2 == 0 { planner } else { admin };
        let items = &items;
        async move { caller.post(items, json!({"title": format!("Magang {number}")})).await.expect(201).id() }
    });
    let added: std::collections::BTreeSet<_> =
        futures_util::future::join_all(adds).await.into_iter().collect();
    let mut seen = std::collections::BTreeSet::new();
    let mut at = format!("{items}?limit=3");
    loop {
        let page = planner.get(&at).await.expect(200);
        for item in page.items() {
            assert!(seen.insert(item["id"].as_str().unwrap().to_owned()), "shown twice");
        }
        match page.json["next"].as_str() {
            Some(next) => at = format!("{items}?limit=3&cursor={next}"),
            None => break,
        }
    }
    assert_eq!(seen, added);
    planner.with("if-match", "*").put(&items, "*", json!({})).await.expect(405);
    planner
        .send("PUT", &path, Some(("application/json", put("C").to_string().into_bytes())))
        .await
        .expect(428);
}

#[tokio::test]
async fn another_agency_and_whoever_sees_groups_only_find_no_plan() {
    let app = TestApp::start().await;
    let office = Office::new(&app).await;
    let (path, item) = office.set(&[0]).await;
    let elsewhere = app.agency("KABUPATEN").await;
    let stranger = elsewhere.role(Role::Planner).await;
    for at in [
        path.clone(),
        format!("{path}/items/{item}"),
        format!("{path}/completeness"),
        format!("{path}/transitions"),
    ] {
        stranger.get(&at).await.expect(404);
        office.agency.role(Role::Observer).await.get(&at).await.expect(403);
        office.agency.employee(Role::Employee, &office.people[0]).await.get(&at).await.expect(403);
    }
    stranger.put(&path, "*", json!({"name": "x"})).await.expect(404);
    step(&elsewhere.role(Role::Authority).await, &path, "enactment").await.expect(404);
    let machine = office.agency.machine(&["agency-plans:read", "agency-plans:write"]).await;
    let drafted = machine.post(PLANS, json!({"year": 2027, "name": "Rencana 2027"})).await.expect(201);
    assert_eq!(texts(&drafted.json["allowed_actions"]), ["EDIT", "CANCEL"]);
    let drafted = format!("{PLANS}/{}", drafted.id());
    step(&machine, &drafted, "submission").await.expect(403);
    reasoned(&machine, &drafted, "cancellation").await.expect(200);
    // The people of an item were looked at, and can list that.
    office.planner.get(&format!("{path}/items/{item}")).await.expect(200);
    let own = office.agency.employee(Role::Employee, &office.people[0]).await;
    app.services.looks.flush().await.unwrap();
    let looks = own.get("/v1/me/access-records").await.expect(200);
    assert!(looks.items().iter().any(|look| look["operation"] == "agency_plan_item_get"));
}

async fn ended(caller: &Caller<'_>, begun: &Answer) -> Value {
    let ended = caller.with("prefer", "wait=20").get(begun.header("location")).await.expect(200);
    assert_eq!(ended.json["state"], "SUCCEEDED", "{}", ended.text);
    ended.json["result"].clone()
}

async fn published(caller: &Caller<'_>, path: &str) -> Value {
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
    assert!(places(planner, &path).await.values().all(|place| *place == both("-", "-")));

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
async fn what_the_programme_says_is_kept_from_submission_on() {
    let app = TestApp::start().await;
    let office = Office::new(&app).await;
    let Office { planner, authority, admin, .. } = &office;
    let (path, line_id) = office.draft(6_000_000).await;
    let item = planner.post(&format!("{path}/items"), office.item(&[0, 1], &line_id)).await.expect(201);
    let item = format!("{path}/items/{}", item.id());
    let programme = format!("/v1/programmes/{}", office.programme);
    let mut said = admin.get(&programme).await.expect(200).json;
    let keep = ["code", "name", "objectives", "form", "partner_id", "curriculum_owner_id", "mode", "jp"];
    said.as_object_mut().unwrap().retain(|property, _| keep.contains(&property.as_str()));
    said["steps"] = json!([{"competency_id": office.competency, "level_from": 2, "level_to": 3}]);
    let costs = async |price: i64, jp: i64| {
        let mut body = said.clone();
        (body["price_per_participant"], body["price_per_class"], body["jp"]) =
            (json!(price), json!(1_000_000), json!(jp));
        body["name"] = json!(format!("Program {price}"));
        admin.put(&programme, "*", body).await.expect(200);
    };
    let seen = async |at: &str| {
        let seen = planner.get(at).await.expect(200).json;
        (seen["price_per_participant"].as_i64().unwrap(), seen["jp"].as_i64().unwrap(), seen["title"].clone())
    };
    costs(2_500_000, 24).await;
    step(planner, &path, "submission").await.expect(200);
    // After that the programme costs a hundred times as much, for an hour.
    costs(250_000_000, 1).await;
    let submitted = (2_500_000, 24, json!("Program 2500000"));
    let edited = (250_000_000, 1, json!("Program 250000000"));
    assert_eq!(seen(&item).await, submitted);
    reasoned(authority, &path, "return").await.expect(200);
    assert_eq!(seen(&item).await, edited, "who draws up sees what it costs now");
    costs(2_500_000, 24).await;
    step(planner, &path, "submission").await.expect(200);
    step(planner, &path, "withdrawal").await.expect(200);
    costs(250_000_000, 1).await;
    assert_eq!(seen(&item).await, edited);
    costs(2_500_000, 24).await;
    step(planner, &path, "submission").await.expect(200);
    costs(250_000_000, 1).await;
    step(authority, &path, "enactment").await.expect(200);
    assert_eq!(seen(&item).await, submitted);
    let report = planner.get(&format!("{path}/report")).await.expect(200).json;
    assert_eq!(
        (&report["total"]["cost_planned"], &report["total"]["jp_planned"], &report["items"][0]["title"]),
        (&json!(6_000_000), &json!(48), &json!("Program 2500000"))
    );
    let next = planner.post(&format!("{path}/revisions"), json!({"reason": "Harga"})).await.expect(201).id();
    let same = item.rsplit('/').next().unwrap();
    assert_eq!(
        seen(&format!("{PLANS}/{next}/items/{same}")).await,
        edited,
        "a new version begins from today"
    );
    assert_eq!(seen(&item).await, submitted);
    // Rows are not moved out of a frozen plan either.
    use sea_orm::ConnectionTrait as _;
    let moved = format!("UPDATE agency_plan_budget_lines SET plan_id = '{next}', id = gen_random_uuid()
        WHERE plan_id <> '{next}' AND NOT EXISTS (SELECT FROM agency_plan_funds f WHERE f.line_id = id AND f.plan_id = plan_id)");
    app.sql(&format!("ALTER TABLE agency_plan_budget_lines DISABLE TRIGGER USER;
        INSERT INTO agency_plan_budget_lines SELECT agency_id, plan_id, gen_random_uuid(), 9, 'X', 'X', 'APBD', NULL, 1
        FROM agency_plan_budget_lines WHERE plan_id <> '{next}';
        ALTER TABLE agency_plan_budget_lines ENABLE TRIGGER USER")).await;
    app.db.execute_unprepared(&moved).await.unwrap_err();
}

#[tokio::test]
async fn a_plan_that_is_whole_no_more_is_not_set() {
    let app = TestApp::start().await;
    let office = Office::new(&app).await;
    let (path, line_id) = office.draft(100_000_000).await;
    office.planner.post(&format!("{path}/items"), office.item(&[0, 1], &line_id)).await.expect(201);
    step(&office.planner, &path, "submission").await.expect(200);
    given::place(&office.admin, &office.people[1], None, "2026-06-15").await.expect(201);
    let refused = step(&office.authority, &path, "enactment").await.expect(409);
    refused.expect_problem("AGENCY_PLAN_INCOMPLETE");
    reasoned(&office.authority, &path, "return").await.expect(200);
}

#[tokio::test]
async fn a_second_account_is_no_second_pair_of_eyes() {
    let app = TestApp::start().await;
    let office = Office::new(&app).await;
    let planner = office.agency.employee(Role::Planner, &office.people[0]).await;
    let authority = office.agency.employee(Role::Authority, &office.people[0]).await;
    let made = planner.post(PLANS, json!({"year": 2026, "name": "Rencana 2026"})).await.expect(201);
    let path = format!("{PLANS}/{}", made.id());
    let lines = budget(&planner, &path, json!([line("1", 100_000_000)])).await.expect(200);
    let line_id = lines.json["items"][0]["id"].as_str().unwrap().to_owned();
    planner.post(&format!("{path}/items"), office.item(&[0], &line_id)).await.expect(201);
    step(&planner, &path, "submission").await.expect(200);
    let seen = authority.get(&path).await.expect(200);
    assert_eq!(texts(&seen.json["allowed_actions"]), ["RETURN"]);
    step(&authority, &path, "enactment").await.expect(409).expect_problem("AGENCY_PLAN_SAME_OFFICER");
    step(&office.authority, &path, "enactment").await.expect(200);
    // What a colleague copies unchanged is still what they wrote.
    let next = office.admin.post(&format!("{path}/revisions"), json!({"reason": "Pagu"})).await.expect(201);
    let second = format!("{PLANS}/{}", next.id());
    step(&office.planner, &second, "submission").await.expect(200);
    step(&authority, &second, "enactment").await.expect(409).expect_problem("AGENCY_PLAN_SAME_OFFICER");
    step(&office.authority, &second, "enactment").await.expect(200);
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

#[tokio::test]
async fn what_is_taken_out_meanwhile_does_not_come_back() {
    let app = TestApp::start().await;
    let office = Office::new(&app).await;
    let (path, line_id) = office.draft(100_000_000).await;
    let item =
        office.planner.post(&format!("{path}/items"), office.item(&[0], &line_id)).await.expect(201).id();
    let (at, body) = (format!("{path}/items/{item}"), office.item(&[0, 1], &line_id));
    let gone = format!(
        "UPDATE agency_plans SET version = version + 1; DELETE FROM agency_plan_items WHERE id = '{item}'"
    );
    given::while_changing(&app, &gone, office.planner.put(&at, "*", body)).await.expect(404);
    assert_eq!(app.count("SELECT count(*) FROM agency_plan_items").await, 0);
}

#[tokio::test]
async fn nothing_is_carried_into_a_plan_that_is_submitted_meanwhile_or_full() {
    let app = TestApp::start().await;
    let office = Office::new(&app).await;
    let (path, _) = office.set(&[0]).await;
    let next =
        office.planner.post(PLANS, json!({"year": 2027, "name": "Rencana 2027"})).await.expect(201).id();
    let carry = format!("{path}/carry-over");
    let submitted = format!(
        "UPDATE agency_plans SET state = 'SUBMITTED', prepared_by = (SELECT id FROM users LIMIT 1), prepared_at = now()
         WHERE id = '{next}'"
    );
    given::while_changing(&app, &submitted, office.planner.send("POST", &carry, None))
        .await
        .expect(409)
        .expect_problem("AGENCY_PLAN_STATE");
    app.sql(&format!(
        "UPDATE agency_plans SET state = 'DRAFT', prepared_by = NULL, prepared_at = NULL WHERE id = '{next}';
         INSERT INTO agency_plan_items (agency_id, plan_id, id, ordinal, title, origin)
         SELECT agency_id, id, gen_random_uuid(), n, 'Magang', 'MANUAL' FROM agency_plans, generate_series(1, 5000) n
         WHERE id = '{next}'"
    ))
    .await;
    office.planner.send("POST", &carry, None).await.expect(400).expect_error("/items", "TOO_MANY");
}

/// Holds the class for the first two of three nominated: both were there, the first passed.
async fn held(app: &TestApp, office: &Office<'_>) {
    app.set_now("2026-07-22T02:00:00Z");
    let provider = office.agency.role(Role::Provider).await;
    let seats =
        provider.get(&format!("/v1/enrolments?class_id={}&limit=200", office.class)).await.expect(200);
    let of = |person: usize| {
        let one = seats.items().iter().find(|one| one["employee_id"] == office.people[person].as_str());
        one.unwrap()["id"].clone()
    };
    for number in 1..=2 {
        let items: Vec<_> = [(0, "PRESENT"), (1, "PRESENT"), (2, "ABSENT")]
            .map(|(person, presence)| json!({"enrolment_id": of(person), "presence": presence}))
            .to_vec();
        let path = format!("/v1/classes/{}/sessions/{number}/attendance", office.class);
        provider.put(&path, "*", json!({"items": items})).await.expect(200);
    }
    let results = json!({"items": [{"enrolment_id": of(0), "passed": true}, {"enrolment_id": of(1), "passed": false},
        {"enrolment_id": of(2), "passed": false}]});
    provider.put(&format!("/v1/classes/{}/results", office.class), "*", results).await.expect(200);
    provider.transition(&format!("/v1/classes/{}/completion", office.class), "*").await.expect(200);
}

#[tokio::test]
async fn the_report_holds_the_plan_against_what_came_of_it_and_the_rest_is_carried_over() {
    let app = TestApp::start().await;
    let office = Office::new(&app).await;
    let (path, line_id) = office.draft(100_000_000).await;
    let items = format!("{path}/items");
    let item = office.planner.post(&items, office.item(&[0, 1, 2], &line_id)).await.expect(201).id();
    // Something outside the catalogue, for somebody whose plan tells how it goes.
    let partner = given::partner(&office.admin, "RSUD").await;
    let free = json!({"title": "Magang", "form": "NKL12", "provider_id": partner, "starts_on": "2026-07-06",
        "ends_on": "2026-07-31", "curriculum": "Tanpa kurikulum baku", "price_per_participant": 1_000_000, "jp": 20,
        "funds": [{"budget_line_id": line_id}],
        "targets": [{"employee_id": office.people[3], "steps": [{"competency_id": office.competency, "level_to": 2}]}]});
    let free = office.planner.post(&items, free).await.expect(201).id();
    step(&office.planner, &path, "submission").await.expect(200);
    step(&office.authority, &path, "enactment").await.expect(200);
    let empty = office.planner.get(&format!("{path}/report")).await.expect(200).json;
    assert_eq!(
        (
            &empty["total"]["places"],
            &empty["total"]["nominated"],
            &empty["total"]["cost_planned"],
            &empty["people"]
        ),
        (&json!(4), &json!(0), &json!(9_500_000), &json!(4))
    );
    published(&office.planner, &path).await;
    held(&app, &office).await;
    app.set_now("2026-09-02T02:00:00Z");
    // Tokens last an hour.
    let (planner, assessor) =
        (office.agency.role(Role::Planner).await, office.agency.role(Role::Assessor).await);
    // Up to its last day nothing counts, after it the latest does.
    given::assessed(&assessor, "2026-07-21", &[(&office.people[0], &office.competency, 5)]).await;
    let early = planner.get(&format!("{path}/report")).await.expect(200).json;
    assert_eq!((&early["total"]["completed"], &early["total"]["steps_assessed"]), (&json!(1), &json!(0)));
    given::assessed(&assessor, "2026-08-20", &[(&office.people[0], &office.competency, 2)]).await;
    given::assessed(&assessor, "2026-09-01", &[(&office.people[0], &office.competency, 4)]).await;
    let report = planner.get(&format!("{path}/report")).await.expect(200).json;
    let class = &report["items"][0];
    assert_eq!(class["item_id"], item.as_str());
    assert_eq!(
        class["outturn"],
        json!({"places": 3, "nominated": 3, "attended": 2, "completed": 1, "jp_planned": 72, "jp_unknown": 0,
            "jp_realised": 24, "cost_planned": 8_500_000, "cost_unknown": 0, "cost_committed": 8_500_000,
            "cost_realised": 6_000_000, "steps_planned": 3, "steps_assessed": 1, "steps_reached": 1, "levels_planned": 3,
            "levels_gained": 1})
    );
    assert_eq!(
        (&class["spending_basis"], &report["items"][1]["spending_basis"]),
        (&json!("DERIVED"), &json!("PEOPLE"))
    );
    // What is told goes before what follows, and the sum is the sum of the items.
    let told = json!({"committed": 8_000_000, "realised": 7_999_999, "document": "SPJ-1"});
    let realisation = format!("{items}/{item}/realisation");
    let seen = planner.put(&realisation, "*", told).await.expect(200);
    assert_eq!((&seen.json["spending_basis"], &seen.json["document"]), (&json!("TOLD"), &json!("SPJ-1")));
    let report = planner.get(&format!("{path}/report")).await.expect(200).json;
    for figure in report["total"].as_object().unwrap().keys() {
        let sum: f64 = report["items"]
            .as_array()
            .unwrap()
            .iter()
            .map(|one| one["outturn"][figure].as_f64().unwrap())
            .sum();
        assert_eq!(report["total"][figure].as_f64().unwrap(), sum, "{figure}");
    }
    assert_eq!(report["total"]["cost_realised"], 7_999_999);

    // What was not completed is carried into next year's plan, once.
    let admin = office.agency.admin().await;
    let next = planner.send("POST", &format!("{path}/carry-over"), None).await.expect(201);
    assert_eq!((&next.json["year"], &next.json["figures"]["places"]), (&json!(2027), &json!(3)));
    let draft = format!("{PLANS}/{}", next.id());
    let again = planner.send("POST", &format!("{path}/carry-over"), None).await.expect(200);
    assert_eq!(
        (again.json["id"].as_str(), &again.json["figures"]["items"]),
        (next.json["id"].as_str(), &json!(2))
    );
    let list = admin.get(&format!("{draft}/items")).await.expect(200);
    let origins: Vec<_> = list
        .items()
        .iter()
        .map(|one| {
            (
                one["origin"].as_str().unwrap(),
                one["carried_from_item_id"].as_str().unwrap().to_owned(),
                one["class_id"].clone(),
            )
        })
        .collect();
    assert_eq!(origins, [("CARRIED_OVER", item, json!(null)), ("CARRIED_OVER", free, json!(null))]);
    let lacks = admin.get(&format!("{draft}/completeness")).await.expect(200).json;
    assert!(lacks["missing"].as_array().unwrap().iter().any(|one| one["reason"] == "NO_DAYS"));
}

#[tokio::test]
async fn the_nation_sees_sums_that_add_up_exactly_and_no_group_of_fewer_than_five() {
    use kernel::NATIONAL;
    let app = TestApp::start().await;
    let office = Office::new(&app).await;
    office.set(&[0, 1, 2]).await;
    let mut budgets = vec![100_000_000_i64];
    // Two more agencies: of six people and of five, in prices that no rounding would keep.
    for (code, people, price) in [("KAB-A", 6_u16, 333_333_i64), ("KAB-B", 5, 999_999_999_999_i64)] {
        let agency = app.agency(code).await;
        let (planner, authority, admin) =
            (agency.role(Role::Planner).await, agency.role(Role::Authority).await, agency.admin().await);
        let unit = given::unit(&admin, "DINAS", None).await;
        let staff = given::position(&admin, "STAF", &unit).await;
        let partner = given::partner(&admin, "BPSDM").await;
        let mut targets = Vec::new();
        for serial in 1..=people {
            targets.push(json!({"employee_id": given::person_in(&admin, serial, &staff).await, "steps": [
                {"competency_id": office.competency, "level_from": 1, "level_to": 3}]}));
        }
        let plan = json!({"year": 2026, "name": "Rencana"});
        let path = format!("{PLANS}/{}", planner.post(PLANS, plan).await.expect(201).id());
        let amount = price * i64::from(people);
        let lines = budget(&planner, &path, json!([line("1", amount)])).await.expect(200);
        let item = json!({"title": "Magang", "form": "NKL12", "provider_id": partner, "starts_on": "2026-08-03",
            "ends_on": "2026-08-04", "curriculum": "LAN", "price_per_participant": price, "jp": 1.25, "targets": targets,
            "funds": [{"budget_line_id": lines.json["items"][0]["id"]}]});
        planner.post(&format!("{path}/items"), item).await.expect(201);
        step(&planner, &path, "submission").await.expect(200);
        step(&authority, &path, "enactment").await.expect(200);
        budgets.push(amount);
    }
    let nation = Agency { app: &app, id: NATIONAL };
    let observer = nation.role(Role::Observer).await;
    let sums = observer.get("/v1/agency-plan-sums?year=2026").await.expect(200).json;
    let rows = sums["agencies"].as_array().unwrap();
    let codes: Vec<_> =
        rows.iter().map(|row| (row["agency_code"].as_str().unwrap(), row["figures"].is_null())).collect();
    assert_eq!(codes, [("KAB-A", false), ("KAB-B", false), ("KOTA", true)], "three people are told apart");
    assert_eq!(sums["left_out"], 1);
    let total = &sums["total"];
    assert_eq!(
        total["budget"].as_i64(),
        Some(budgets[1] + budgets[2]),
        "nothing to subtract the small one from"
    );
    assert_eq!(total["outturn"]["cost_planned"].as_i64(), Some(6 * 333_333 + 5 * 999_999_999_999));
    assert_eq!((&total["people"], &total["outturn"]["jp_planned"]), (&json!(11), &json!(13.75)));
    for figure in ["plans", "items", "people", "budget"] {
        let sum: i64 = rows.iter().filter_map(|row| row["figures"][figure].as_i64()).sum();
        assert_eq!(total[figure].as_i64(), Some(sum), "{figure}");
    }
    for figure in ["places", "nominated", "cost_planned", "steps_planned", "levels_planned", "cost_committed"]
    {
        let sum: i64 = rows.iter().filter_map(|row| row["figures"]["outturn"][figure].as_i64()).sum();
        assert_eq!(total["outturn"][figure].as_i64(), Some(sum), "{figure}");
    }
    // An agency sees its own: the planner all of it, its observer no small group.
    let own = office.planner.get("/v1/agency-plan-sums?year=2026").await.expect(200).json;
    assert_eq!((own["agencies"].as_array().unwrap().len(), &own["total"]["people"]), (1, &json!(3)));
    let watched =
        office.agency.role(Role::Observer).await.get("/v1/agency-plan-sums?year=2026").await.expect(200).json;
    assert_eq!((&watched["agencies"][0]["figures"], &watched["left_out"]), (&json!(null), &json!(1)));
    let none = observer.get("/v1/agency-plan-sums?year=2025").await.expect(200).json;
    assert_eq!((&none["total"]["plans"], &none["left_out"]), (&json!(0), &json!(0)));
    observer.get(PLANS).await.expect(403);
    office.agency.unit_admin(&office.beside).await.get("/v1/agency-plan-sums").await.expect(403);
}

/// An agency's plan and a unit's have places for the same people in one class, some without steps of their own.
#[tokio::test]
async fn a_seat_two_plans_have_counts_once_and_what_is_taught_is_measured() {
    let app = TestApp::start().await;
    let office = Office::new(&app).await;
    let assessor = office.agency.role(Role::Assessor).await;
    let [a, _, c] = [0, 1, 2].map(|index| office.people[index].as_str());
    // Before the plan: one is a level short, one has it already, of one nothing is known.
    given::assessed(&assessor, "2026-05-02", &[(a, &office.competency, 2), (c, &office.competency, 3)]).await;
    let (path, line_id) = office.draft(100_000_000).await;
    let untold = |people: &[usize], line: &str| {
        let mut item = office.item(people, line);
        for target in item["targets"].as_array_mut().unwrap() {
            target["steps"] = json!([]);
        }
        item
    };
    let items = format!("{path}/items");
    office.planner.post(&items, untold(&[0, 1, 2], &line_id)).await.expect(201);
    step(&office.planner, &path, "submission").await.expect(200);
    step(&office.authority, &path, "enactment").await.expect(200);
    let plan = json!({"year": 2026, "unit_id": office.unit, "name": "Rencana Dinkes"});
    let below = format!("{PLANS}/{}", office.planner.post(PLANS, plan).await.expect(201).id());
    let lines = budget(&office.planner, &below, json!([line("1", 100_000_000)])).await.expect(200);
    let line_id = lines.json["items"][0]["id"].as_str().unwrap().to_owned();
    office.planner.post(&format!("{below}/items"), untold(&[0, 1], &line_id)).await.expect(201);
    step(&office.planner, &below, "submission").await.expect(200);
    step(&office.authority, &below, "enactment").await.expect(200);
    published(&office.planner, &path).await;
    published(&office.planner, &below).await;
    held(&app, &office).await;
    app.set_now("2026-09-02T02:00:00Z");
    let (planner, assessor) =
        (office.agency.role(Role::Planner).await, office.agency.role(Role::Assessor).await);
    given::assessed(&assessor, "2026-08-20", &[(a, &office.competency, 3)]).await;
    let told = async |at: String| planner.get(&at).await.expect(200).json["total"].clone();
    let own = told(format!("{path}/report")).await;
    assert_eq!(
        [
            &own["steps_planned"],
            &own["levels_planned"],
            &own["steps_assessed"],
            &own["steps_reached"],
            &own["levels_gained"]
        ],
        [2, 1, 1, 1, 1],
        "who has the level already gains none"
    );
    // Each plan says what became of it; in sum no seat, no hour and no rupiah is there twice.
    assert_eq!(told(format!("{below}/report")).await["completed"], 1);
    let sums = planner.get("/v1/agency-plan-sums?year=2026").await.expect(200).json;
    let sum = &sums["total"]["outturn"];
    assert_eq!(
        [&sum["places"], &sum["nominated"], &sum["attended"], &sum["completed"], &sum["jp_realised"]],
        [5, 3, 2, 1, 24]
    );
    assert_eq!([&sum["cost_committed"], &sum["cost_realised"]], [8_500_000, 6_000_000]);
    assert_eq!([&sum["steps_assessed"], &sum["steps_reached"], &sum["levels_gained"]], [1, 1, 1]);
    // Who completed it by another plan's item has nothing left to be carried over.
    let carried = planner.send("POST", &format!("{below}/carry-over"), None).await.expect(201);
    assert_eq!(carried.json["figures"]["places"], 1);
}

#[tokio::test]
async fn amounts_beyond_counting_stop_no_report() {
    let app = TestApp::start().await;
    let office = Office::new(&app).await;
    let (path, line_id) = office.draft(100_000_000).await;
    let items = format!("{path}/items");
    let mut all = Vec::new();
    for _ in 0..2 {
        all.push(office.planner.post(&items, office.item(&[0], &line_id)).await.expect(201).id());
    }
    step(&office.planner, &path, "submission").await.expect(200);
    step(&office.authority, &path, "enactment").await.expect(200);
    let most = 9_007_199_254_740_991_i64;
    for item in all {
        let told = json!({"committed": most, "realised": most});
        office.planner.put(&format!("{items}/{item}/realisation"), "*", told).await.expect(200);
    }
    let report = office.planner.get(&format!("{path}/report")).await.expect(200).json;
    assert_eq!(report["total"]["cost_realised"], most);
    let sums = office.planner.get("/v1/agency-plan-sums?year=2026").await.expect(200).json;
    assert_eq!(sums["total"]["outturn"]["cost_committed"], most);
}
