//! Scenarios that bring people to their learning hours.

use optimiser::draft::Draft;
use optimiser::{Instance, verify_hours};
use serde_json::{Value, json};
use support::{Answer, Caller, TestApp};

use crate::given;
use crate::pictures::told_by;
use crate::scenarios::{Office, enrolled, kept, solved};

/// A programme of eight hours that teaches no competency, for 300,000 rupiah each.
async fn short_one(office: &Office<'_>) -> String {
    let partner = given::partner(&office.admin, "MITRA").await;
    let more = json!({"jp": 8, "price_per_participant": 300_000, "steps": []});
    let body = given::programme_body("P4", &partner, more);
    let id = office.admin.post("/v1/programmes", body).await.expect(201).id();
    office.admin.transition(&format!("/v1/programmes/{id}/publication"), "*").await.expect(200);
    id
}

/// What the independent check says of a plan: who is reached, the cost, limits that are not kept.
async fn audit(app: &TestApp, caller: &Caller<'_>, path: &str) -> (u64, i64, usize) {
    let draft: Draft = serde_json::from_value(kept(app, path).await["draft"].clone()).unwrap();
    let audit = verify_hours(&Instance::new(draft).unwrap(), &enrolled(caller, path).await);
    (u64::try_from(audit.reached).unwrap(), audit.cost, audit.breaches.len())
}

fn reach(read: &Value) -> [u64; 4] {
    ["people", "short", "reached", "most_reachable"]
        .map(|figure| read["figures"]["learning_hours"][figure].as_u64().unwrap())
}

fn costs(read: &Value) -> (i64, i64) {
    let figures = &read["figures"];
    (figures["cost"].as_i64().unwrap(), figures["learning_hours"]["least_cost"].as_i64().unwrap())
}

#[tokio::test]
async fn as_many_as_can_reach_their_hours_for_the_least_money() {
    let app = TestApp::start().await;
    let office = Office::new(&app).await;
    let short = short_one(&office).await;
    // Money has no limit: neither the lines nor ceilings of units count.
    let plan = office.draft(1_000_000).await;
    let ceilings = json!({"name": "Rencana 2026", "ceilings": [{"unit_id": office.unit, "amount": 0}]});
    office.planner.put(&plan, "*", ceilings).await.expect(200);
    let ask = json!({"name": "JP semua", "learning_hours": {}});
    let (path, read) = solved(&office.planner, &plan, ask).await;
    // Twelve and eight hours for the four the class has room for, twenty for the others.
    assert_eq!((reach(&read), costs(&read)), ([6, 6, 6, 6], (9_700_000, 9_700_000)));
    assert_eq!(audit(&app, &office.planner, &path).await, (6, 9_700_000, 0));
    let figures = &read["figures"];
    assert_eq!(
        (&figures["budget"], &figures["enrolments"], &figures["opened"]),
        (&Value::Null, &json!(10), &json!(3))
    );
    assert_eq!(
        (&read["ask"]["learning_hours"], &read["ask"]["curve"]),
        (&json!({"unit_id": null, "jp": null}), &json!(false))
    );
    // Nobody is enrolled for what they need, and still it closes some of it.
    assert!(
        figures["objective"].as_f64().unwrap() > 0.0 && figures["needs_served"].as_u64().unwrap() >= 4,
        "{figures}"
    );
    let units = office.planner.get(&format!("{path}/units?limit=200")).await.expect(200);
    let told: Vec<_> =
        units.items().iter().map(|unit| (&unit["people_short"], &unit["people_reached"])).collect();
    assert_eq!(told, [(&json!(2), &json!(2)); 3]);
    assert_eq!(office.planner.get(&format!("{path}/unreached")).await.expect(200).items().len(), 0);

    // Those of one unit and of the one under it all have a seat.
    let ask = json!({"name": "JP dinas", "learning_hours": {"unit_id": office.unit}});
    let (path, read) = solved(&office.planner, &plan, ask).await;
    assert_eq!((reach(&read), costs(&read)), ([4, 4, 4, 4], (5_200_000, 5_200_000)));
    let chosen = enrolled(&office.planner, &path).await;
    assert!(
        chosen
            .iter()
            .all(|(person, offer)| office.people[..4].contains(person) && *offer != office.programme)
    );
    assert_eq!(chosen.iter().filter(|(_, offer)| *offer == short).count(), 4);

    // Fewer hours than the law asks of them.
    let ask = json!({"name": "JP 12", "learning_hours": {"jp": 12}});
    let (path, read) = solved(&office.planner, &plan, ask).await;
    assert_eq!((reach(&read), costs(&read)), ([6, 6, 6, 6], (8_500_000, 8_500_000)));
    assert_eq!(audit(&app, &office.planner, &path).await, (6, 8_500_000, 0));

    // What is found is taken over like any other plan.
    let adopted = office.planner.send("POST", &format!("{path}/adoption"), None).await.expect(200);
    assert_eq!(adopted.json["items"], json!(2));
    let id = |path: &str| path.rsplit('/').next().unwrap().to_owned();
    let compared =
        office.planner.get(&format!("{plan}/scenario-comparison?ids={}", id(&path))).await.expect(200);
    assert_eq!(compared.json["items"][0]["figures"]["learning_hours"], read["figures"]["learning_hours"]);
}

#[tokio::test]
async fn what_they_are_bound_to_counts_and_who_cannot_get_there_is_told() {
    let app = TestApp::start().await;
    let office = Office::new(&app).await;
    short_one(&office).await;
    let plan = office.draft(1_000_000).await;
    let there = json!({"employee_id": office.people[0]});
    office.admin.post(&format!("/v1/classes/{}/enrolments", office.class), there).await.expect(201);
    let (path, read) = solved(&office.planner, &plan, json!({"name": "Duduk", "learning_hours": {}})).await;
    // Eight hours are missing to the one in the class; three seats are left.
    assert_eq!((reach(&read), costs(&read)), ([6, 6, 6, 6], (8_700_000, 8_700_000)));
    assert_eq!(audit(&app, &office.planner, &path).await, (6, 8_700_000, 0));

    let ask = json!({"name": "Tanpa P2", "learning_hours": {}, "excluded_offers": [office.programme]});
    let (path, read) = solved(&office.planner, &plan, ask).await;
    assert_eq!((reach(&read), costs(&read)), ([6, 6, 4, 4], (4_200_000, 4_200_000)));
    let left = office.planner.get(&format!("{path}/unreached?limit=200")).await.expect(200);
    let told: Vec<_> = left.items().iter().map(|one| (&one["jp"], &one["reason"])).collect();
    assert_eq!(told, [(&json!(20), &json!("SEATS")); 2], "{}", left.text);
    assert_eq!(read["figures"]["learning_hours"]["unreached"], json!([{"reason": "SEATS", "people": 2}]));
    let none = office.planner.get(&format!("{path}/unreached?reason=DATES")).await.expect(200);
    assert_eq!(none.items().len(), 0);
    let enrolled = enrolled(&office.planner, &path).await;
    let id = |one: &Value| one["employee_id"].as_str().unwrap().to_owned();
    assert!(left.items().iter().all(|one| enrolled.iter().all(|(person, _)| *person != id(one))));
    let sheet = office.planner.get(&format!("{path}/unreached?format=csv")).await.expect(200);
    assert_eq!(sheet.text.lines().count(), 3, "{}", sheet.text);

    let page =
        office.planner.with("accept-language", "en").get(&format!("{path}?format=pdf")).await.expect(200);
    if let Some(text) = told_by("pdftotext", &["-layout", "-"], &page.bytes) {
        for word in
            ["of 6 who lack some", "Could still be saved", "Rp 4.2 m", "No seat left", "Reach their hours"]
        {
            assert!(text.contains(word), "no {word} in {text}");
        }
    }
}

#[tokio::test]
async fn what_does_not_go_with_hours_is_refused_by_name() {
    let app = TestApp::start().await;
    let office = Office::new(&app).await;
    let plan = office.draft(1_000_000).await;
    let scenarios = format!("{plan}/scenarios");
    let refused = async |body: Value| -> Vec<(String, String)> {
        let answer: Answer = office.planner.post(&scenarios, body).await.expect(400);
        let told = |one: &Value| {
            (one["pointer"].as_str().unwrap().to_owned(), one["code"].as_str().unwrap().to_owned())
        };
        answer.json["errors"].as_array().unwrap().iter().map(told).collect()
    };
    let of = |pointer: &str, code: &str| vec![(pointer.to_owned(), code.to_owned())];
    for (field, value) in [
        ("budget", json!(5)),
        ("unit_budgets", json!([{"unit_id": office.unit, "amount": 5}])),
        ("weights", json!([{"group": "WOMEN", "weight": 2}])),
        ("equity_floors", json!([{"group": "WOMEN", "percent": 40}])),
        ("curve", json!(true)),
    ] {
        let told = refused(json!({"name": "x", "learning_hours": {}, field: value})).await;
        assert_eq!(told, of(&format!("/{field}"), "INCONSISTENT"));
    }
    let nowhere = json!({"unit_id": "01931d5e-7c1f-7d7a-9a7e-3f1f3f0e4a11"});
    let told = refused(json!({"name": "x", "learning_hours": nowhere})).await;
    assert_eq!(told, of("/learning_hours/unit_id", "NOT_FOUND"));
    let told = refused(json!({"name": "x", "learning_hours": {"jp": 2_000.01}})).await;
    assert_eq!(told, of("/learning_hours/jp", "OUT_OF_RANGE"));
    assert_eq!(
        app.count("SELECT count(*) FROM scenarios").await
            + app.count("SELECT count(*) FROM operations").await,
        0
    );
}
