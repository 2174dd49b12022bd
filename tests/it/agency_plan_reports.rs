//! `/v1/agency-plans/{agency_plan_id}/report`, what is carried over, and `/v1/agency-plan-sums`.

use access::Role;
use serde_json::json;
use support::{Agency, TestApp};

use crate::agency_plan_work::published;
use crate::agency_plans::{Office, PLANS, budget, line, step};
use crate::given;

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
async fn a_place_that_is_lost_later_is_carried_over_later_and_what_was_told_to_cost_something_stays() {
    let app = TestApp::start().await;
    let office = Office::new(&app).await;
    let (path, line_id) = office.draft(100_000_000).await;
    let item = office
        .planner
        .post(&format!("{path}/items"), office.item(&[0, 1, 2], &line_id))
        .await
        .expect(201)
        .id();
    step(&office.planner, &path, "submission").await.expect(200);
    step(&office.authority, &path, "enactment").await.expect(200);
    // The second has a seat in the class, which is not over.
    let seat = json!({"employee_id": office.people[1]});
    office.admin.post(&format!("/v1/classes/{}/enrolments", office.class), seat).await.expect(201);
    let carry = format!("{path}/carry-over");
    let next = office.planner.send("POST", &carry, None).await.expect(201);
    assert_eq!(next.json["figures"]["places"], 2);
    published(&office.planner, &path).await;
    held(&app, &office).await;
    app.set_now("2026-09-02T02:00:00Z");
    let planner = office.agency.role(Role::Planner).await;
    let admin = office.agency.admin().await;
    for _again in 0..2 {
        let more = planner.send("POST", &carry, None).await.expect(200);
        assert_eq!((&more.json["figures"]["items"], &more.json["figures"]["places"]), (&json!(2), &json!(3)));
    }
    let list = admin.get(&format!("{PLANS}/{}/items", next.id())).await.expect(200);
    let class: Vec<_> = list.items().iter().map(|one| one["price_per_class"].clone()).collect();
    assert_eq!(class[1], 0, "what the class costs went with the others: {class:?}");

    let told = json!({"committed": 8_000_000, "realised": 7_999_999});
    planner.put(&format!("{path}/items/{item}/realisation"), "*", told).await.expect(200);
    let revised =
        planner.post(&format!("{path}/revisions"), json!({"reason": "Harga"})).await.expect(201).id();
    let held = format!("{PLANS}/{revised}/items/{item}");
    planner.delete(&held, "*").await.expect(409).expect_problem("STILL_REFERENCED");
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
