//! `/v1/agency-plans`.

use access::Role;
use serde_json::{Value, json};
use support::{Agency, Answer, Caller, TestApp};

use crate::given;

pub(crate) const PLANS: &str = "/v1/agency-plans";

/// A unit with one under it and one beside it, people in each, a programme that teaches a step, and a class of it.
pub(crate) struct Office<'a> {
    pub(crate) agency: Agency<'a>,
    pub(crate) admin: Caller<'a>,
    pub(crate) planner: Caller<'a>,
    pub(crate) authority: Caller<'a>,
    pub(crate) unit: String,
    pub(crate) below: String,
    pub(crate) beside: String,
    pub(crate) staff: String,
    pub(crate) people: Vec<String>,
    pub(crate) competency: String,
    pub(crate) programme: String,
    pub(crate) class: String,
}

impl<'a> Office<'a> {
    /// Four people: two in the unit, one below, one beside.
    pub(crate) async fn new(app: &'a TestApp) -> Self {
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
    pub(crate) async fn draft(&self, amount: i64) -> (String, String) {
        let plan = json!({"year": 2026, "name": "Rencana 2026", "objective": "Layanan setara"});
        let path = format!("{PLANS}/{}", self.planner.post(PLANS, plan).await.expect(201).id());
        let lines =
            budget(&self.planner, &path, json!([line("5.1.02.02.12.0001", amount)])).await.expect(200);
        (path, lines.json["items"][0]["id"].as_str().unwrap().to_owned())
    }

    /// An item of the class for these people.
    pub(crate) fn item(&self, people: &[usize], line: &str) -> Value {
        let target = |index: &usize| {
            json!({"employee_id": self.people[*index], "steps": [
            {"competency_id": self.competency, "level_from": 2, "level_to": 3}]})
        };
        json!({"programme_id": self.programme, "class_id": self.class, "funds": [{"budget_line_id": line}],
            "targets": people.iter().map(target).collect::<Vec<_>>()})
    }

    /// A plan in force with an item of the class for these people; its path, and the item.
    pub(crate) async fn set(&self, people: &[usize]) -> (String, String) {
        let (path, line) = self.draft(100_000_000).await;
        let item =
            self.planner.post(&format!("{path}/items"), self.item(people, &line)).await.expect(201).id();
        step(&self.planner, &path, "submission").await.expect(200);
        step(&self.authority, &path, "enactment").await.expect(200);
        (path, item)
    }
}

pub(crate) fn line(code: &str, amount: i64) -> Value {
    json!({"code": code, "name": "Belanja kursus", "source": "APBD", "amount": amount})
}

pub(crate) async fn budget(caller: &Caller<'_>, path: &str, items: Value) -> Answer {
    caller.put(&format!("{path}/budget-lines"), "*", json!({"items": items})).await
}

pub(crate) async fn step(caller: &Caller<'_>, path: &str, what: &str) -> Answer {
    caller.transition(&format!("{path}/{what}"), "*").await
}

pub(crate) async fn reasoned(caller: &Caller<'_>, path: &str, what: &str) -> Answer {
    caller.put(&format!("{path}/{what}"), "*", json!({"reason": "Pergeseran anggaran"})).await
}

pub(crate) fn texts(list: &Value) -> Vec<&str> {
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
