//! `/v1/agency-plans/{agency_plan_id}/scenarios`.

use std::collections::BTreeSet;

use access::Role;
use api::app::{imports, scenario_work};
use kernel::{OperationKind, WorkerId};
use optimiser::draft::Draft;
use optimiser::{Instance, verify};
use sea_orm::{ConnectionTrait as _, TransactionTrait as _};
use serde_json::{Value, json};
use support::{Agency, Answer, Caller, TestApp};

use crate::given;
use crate::pictures::told_by;

const PLANS: &str = "/v1/agency-plans";

/// Six people who lack levels, two in each of three units, one unit under the first; a class that teaches one step, a programme
/// without a class that teaches the other, and one whose price nobody knows.
pub(crate) struct Office<'a> {
    agency: Agency<'a>,
    pub(crate) admin: Caller<'a>,
    pub(crate) planner: Caller<'a>,
    pub(crate) unit: String,
    below: String,
    beside: String,
    pub(crate) people: Vec<String>,
    first: String,
    pub(crate) class: String,
    pub(crate) programme: String,
}

impl<'a> Office<'a> {
    pub(crate) async fn new(app: &'a TestApp) -> Self {
        keep_instances(app).await;
        let agency = app.agency("KOTA").await;
        let admin = agency.admin().await;
        let unit = given::unit(&admin, "DINKES", None).await;
        let below = given::unit(&admin, "PUSKESMAS", Some(&unit)).await;
        let beside = given::unit(&admin, "DISDIK", None).await;
        let (first, second) =
            (given::competency(&admin, "M.1").await, given::competency(&admin, "M.2").await);
        let mut people = Vec::new();
        for (number, of) in (0_u16..).zip([&unit, &below, &beside]) {
            let position = given::position(&admin, &format!("STAF-{number}"), of).await;
            let required =
                json!([{"competency_id": first, "level": 3}, {"competency_id": second, "level": 3}]);
            given::standard(&agency, &position, "2020-01-01", required).await;
            for serial in 1..=2 {
                people.push(given::person_in(&admin, number * 2 + serial, &position).await);
            }
        }
        let assessor = agency.role(Role::Assessor).await;
        let found: Vec<_> = people.iter().map(|person| (person.as_str(), first.as_str(), 2)).collect();
        given::assessed(&assessor, "2026-01-10", &found).await;
        let found: Vec<_> =
            people.iter().take(3).map(|person| (person.as_str(), second.as_str(), 1)).collect();
        given::assessed(&assessor, "2026-01-10", &found).await;
        let partner = given::partner(&admin, "BPSDM").await;
        let mut programmes = Vec::new();
        for (code, competency, from, more) in [
            ("P1", &first, 2, json!({"price_per_participant": 1_000_000, "jp": 12})),
            (
                "P2",
                &second,
                1,
                json!({"price_per_participant": 2_000_000, "price_per_class": 500_000, "jp": 20}),
            ),
            ("P3", &first, 2, json!({"jp": 8})),
        ] {
            let mut more = more;
            more["steps"] = json!([{"competency_id": competency, "level_from": from, "level_to": 3}]);
            let body = given::programme_body(code, &partner, more);
            let id = admin.post("/v1/programmes", body).await.expect(201).id();
            admin.transition(&format!("/v1/programmes/{id}/publication"), "*").await.expect(200);
            programmes.push(id);
        }
        let class = given::open_class(&admin, "K1", &programmes[0], json!({"seats": 4, "waitlist": 0})).await;
        let planner = agency.role(Role::Planner).await;
        let programme = programmes.swap_remove(1);
        Self { agency, admin, planner, unit, below, beside, people, first, class, programme }
    }

    /// A draft of this year with a line of so many rupiah.
    pub(crate) async fn draft(&self, amount: i64) -> String {
        let plan = json!({"year": 2026, "name": "Rencana 2026"});
        let path = format!("{PLANS}/{}", self.planner.post(PLANS, plan).await.expect(201).id());
        let line = json!({"code": "5.1", "name": "Belanja kursus", "source": "APBD", "amount": amount});
        self.planner.put(&format!("{path}/budget-lines"), "*", json!({"items": [line]})).await.expect(200);
        path
    }
}

/// A scenario that came to its end, read.
pub(crate) async fn solved(caller: &Caller<'_>, plan: &str, body: Value) -> (String, Value) {
    let begun = caller.post(&format!("{plan}/scenarios"), body).await.expect(202);
    ended(caller, &begun, "SUCCEEDED").await;
    let path = format!("{plan}/scenarios/{}", begun.json["id"].as_str().unwrap());
    let read = caller.get(&path).await.expect(200).json;
    assert_eq!(read["state"], "SOLVED");
    (path, read)
}

async fn ended(caller: &Caller<'_>, begun: &Answer, state: &str) -> Value {
    let operation = caller.with("prefer", "wait=20").get(begun.header("location")).await.expect(200);
    assert_eq!(operation.json["state"], state, "{}", operation.text);
    operation.json
}

pub(crate) async fn enrolled(caller: &Caller<'_>, path: &str) -> Vec<(String, String)> {
    let list = caller.get(&format!("{path}/enrolments?limit=200")).await.expect(200);
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    list.items().iter().map(|one| (text(&one["employee_id"]), text(&one["offer_id"]))).collect()
}

/// What is solved from goes when it is solved: here it is kept aside.
async fn keep_instances(app: &TestApp) {
    app.sql(
        "CREATE TABLE kept_instances (id uuid PRIMARY KEY, instance bytea NOT NULL);
         CREATE FUNCTION keep_instance() RETURNS trigger LANGUAGE plpgsql AS $$
         BEGIN
            INSERT INTO kept_instances VALUES (NEW.id, NEW.instance) ON CONFLICT DO NOTHING;
            RETURN NEW;
         END
         $$;
         CREATE TRIGGER tr_keep_instance BEFORE UPDATE ON scenarios FOR EACH ROW WHEN (NEW.instance IS NOT NULL)
         EXECUTE FUNCTION keep_instance()",
    )
    .await;
}

/// The instance that was solved from, as it was kept.
pub(crate) async fn kept(app: &TestApp, path: &str) -> Value {
    let id = path.rsplit('/').next().unwrap();
    let sql = format!("SELECT convert_from(instance, 'UTF8') AS text FROM kept_instances WHERE id = '{id}'");
    let statement = sea_orm::Statement::from_string(sea_orm::DbBackend::Postgres, sql);
    let row = app.db.query_one_raw(statement).await.unwrap().unwrap();
    serde_json::from_str(&row.try_get::<String>("", "text").unwrap()).unwrap()
}

fn breaches(kept: &Value, plan: &[(String, String)]) -> (f64, i64, usize) {
    let draft: Draft = serde_json::from_value(kept["draft"].clone()).unwrap();
    let audit = verify(&Instance::new(draft).unwrap(), plan);
    (audit.objective, audit.cost, audit.breaches.len())
}

fn number(value: &Value) -> f64 {
    value.as_f64().unwrap()
}

#[tokio::test]
async fn what_is_loaded_is_what_gaps_classes_and_the_plan_say() {
    let app = TestApp::start().await;
    let office = Office::new(&app).await;
    let plan = office.draft(20_000_000).await;
    let ceilings = json!({"name": "Rencana 2026", "ceilings": [
        {"unit_id": office.unit, "amount": 5_000_000}, {"unit_id": office.below, "amount": 2_000_000}]});
    office.planner.put(&plan, "*", ceilings).await.expect(200);
    let (path, read) = solved(&office.planner, &plan, json!({"name": "Dasar", "curve": false})).await;
    let kept = kept(&app, &path).await;
    let draft = &kept["draft"];

    let people = draft["people"].as_array().unwrap();
    let ids: BTreeSet<_> = people.iter().map(|one| one["id"].as_str().unwrap().to_owned()).collect();
    assert_eq!(ids, office.people.iter().cloned().collect());
    for (index, person) in office.people.iter().enumerate() {
        let profile = office.admin.get(&format!("/v1/employees/{person}/gap-profile")).await.expect(200).json;
        let open: BTreeSet<(String, i64, i64)> = profile["competencies"]
            .as_array()
            .unwrap()
            .iter()
            .filter(|line| line["gap"].as_i64().is_some_and(|gap| gap < 0))
            .map(|line| {
                let competency = line["competency_id"].as_str().unwrap().to_owned();
                let required = line["required"].as_i64().unwrap();
                (competency, line["achieved"].as_i64().unwrap(), required)
            })
            .collect();
        let own = people.iter().find(|one| one["id"] == json!(person)).unwrap();
        let needs = own["needs"].as_array().unwrap();
        let loaded: BTreeSet<_> = needs
            .iter()
            .map(|need| {
                let competency = need["competency"].as_str().unwrap().to_owned();
                (competency, need["from"].as_i64().unwrap(), need["to"].as_i64().unwrap())
            })
            .collect();
        assert_eq!(loaded, open, "person {index}");
        assert_eq!(needs.len(), if index < 3 { 2 } else { 1 });
        // Whoever has a ceiling below is paid from it, whoever is beside from none.
        let purse = [Some(&office.unit), Some(&office.below), None][index / 2];
        assert_eq!(own["unit"].as_str(), purse.map(String::as_str));
    }
    // Each may spend up to its own; that both together stay within the upper one is seen to.
    assert_eq!(draft["unit_budgets"], json!({&office.unit: 5_000_000, &office.below: 2_000_000}));
    assert_eq!(draft["budget"], 20_000_000);

    let offers = draft["offers"].as_array().unwrap();
    assert_eq!(offers.len(), 2);
    let class = offers.iter().find(|one| one["id"] == json!(office.class)).unwrap();
    assert_eq!(
        (&class["price"], &class["seats"], &class["jp"], &class["dates"]),
        (&json!(1_000_000), &json!(4), &json!(1200), &json!(["2026-07-20", "2026-07-21"]))
    );
    let undated = offers.iter().find(|one| one["id"] == json!(office.programme)).unwrap();
    assert_eq!(
        (&undated["price"], &undated["fixed_price"], &undated["dates"]),
        (&json!(2_000_000), &json!(500_000), &json!([]))
    );
    let figures = &read["figures"];
    assert_eq!(figures["needs_source"], "OPEN_GAPS");
    assert_eq!((&figures["people"], &figures["needs"]), (&json!(6), &json!(9)));
    assert_eq!((&figures["offers"], &figures["offers_without_price"]), (&json!(2), &json!(1)));
    let plan = enrolled(&office.planner, &path).await;
    let (objective, cost, breaches) = breaches(&kept, &plan);
    assert_eq!((cost, breaches), (figures["cost"].as_i64().unwrap(), 0));
    assert!((objective - number(&figures["objective"])).abs() < 1e-9);
    let of_unit: Vec<_> = plan.iter().filter(|(person, _)| office.people[..4].contains(person)).collect();
    let heads = of_unit.iter().map(|(_, offer)| if *offer == office.class { 1 } else { 2 });
    assert!(heads.sum::<i64>() <= 5 && of_unit.len() >= 2, "{plan:?}");
    // What is solved keeps nothing of what it was solved from.
    assert_eq!(app.count("SELECT count(*) FROM scenarios WHERE instance IS NOT NULL").await, 0);
}

#[tokio::test]
async fn validated_needs_go_before_gaps_where_an_analysis_speaks() {
    let app = TestApp::start().await;
    let office = Office::new(&app).await;
    let plan = office.draft(20_000_000).await;
    let analysis = json!({"unit_id": office.unit, "year": 2026});
    let id = office.admin.post("/v1/needs-analyses", analysis).await.expect(201).id();
    for step in ["verification", "validation"] {
        let caller = if step == "validation" { &office.planner } else { &office.admin };
        caller.transition(&format!("/v1/needs-analyses/{id}/{step}"), "*").await.expect(200);
    }
    let needs = office.admin.get(&format!("/v1/needs-analyses/{id}/needs?limit=200")).await.expect(200);
    let worth: f64 = needs.items().iter().map(|need| number(&need["priority"])).sum();
    let (_, read) = solved(&office.planner, &plan, json!({"name": "Dasar", "curve": false})).await;
    let figures = &read["figures"];
    // Four people serve in the unit and below it; for those beside, no analysis speaks.
    assert_eq!(figures["needs_source"], "MIXED");
    assert_eq!((&figures["people"], &figures["needs"]), (&json!(6), &json!(needs.items().len() + 2)));
    assert!(number(&figures["worth"]) > worth);
    // A need that was dropped does not come back as a gap.
    app.sql("UPDATE needs SET dropped_at = now(), dropped_for = 'x' WHERE employee_id = (SELECT min(employee_id::text)::uuid FROM needs)")
        .await;
    let (_, read) = solved(&office.planner, &plan, json!({"name": "Tanpa", "curve": false})).await;
    assert_eq!(read["figures"]["people"], json!(5));
    let whole = json!({"year": 2026, "unit_id": office.unit, "name": "Dinas"});
    let whole = format!("{PLANS}/{}", office.planner.post(PLANS, whole).await.expect(201).id());
    let (_, read) = solved(&office.planner, &whole, json!({"name": "Dinas", "curve": false})).await;
    assert_eq!(read["figures"]["needs_source"], "VALIDATED_NEEDS");
}

#[tokio::test]
async fn a_plan_keeps_budget_and_seats_and_tells_why_needs_stay_open() {
    let app = TestApp::start().await;
    let office = Office::new(&app).await;
    let plan = office.draft(7_500_000).await;
    let (path, whole) = solved(&office.planner, &plan, json!({"name": "Seluruhnya"})).await;
    let chosen = enrolled(&office.planner, &path).await;
    let (_, cost, broken) = breaches(&kept(&app, &path).await, &chosen);
    assert!(cost <= 7_500_000 && broken == 0);
    assert!(chosen.iter().filter(|(_, offer)| *offer == office.class).count() <= 4);
    assert_eq!(whole["figures"]["gap_percent"], json!(0.0));

    let unserved = office.planner.get(&format!("{path}/unserved?limit=200")).await.expect(200);
    let reasons: Vec<_> = unserved.items().iter().map(|one| one["reason"].as_str().unwrap()).collect();
    let served = whole["figures"]["needs_served"].as_u64().unwrap();
    assert_eq!(u64::try_from(reasons.len()).unwrap() + served, 9);
    assert!(
        !reasons.is_empty() && reasons.iter().all(|reason| ["BUDGET", "SEATS"].contains(reason)),
        "{reasons:?}"
    );
    let counted: u64 = whole["figures"]["unserved"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| one["needs"].as_u64().unwrap())
        .sum();
    assert_eq!(usize::try_from(counted).unwrap(), reasons.len());
    let page = office.planner.get(&format!("{path}/unserved?limit=200&reason=BUDGET")).await.expect(200);
    assert_eq!(page.items().len(), reasons.iter().filter(|reason| **reason == "BUDGET").count());
    assert!(!page.items().is_empty() && page.items().iter().all(|one| one["reason"] == "BUDGET"));

    // Half of it never buys more, and the curve between never falls.
    let half = json!({"name": "Separuh", "budget": 3_750_000, "based_on_id": whole["id"]});
    let (_, half) = solved(&office.planner, &plan, half).await;
    assert!(number(&half["figures"]["objective"]) < number(&whole["figures"]["objective"]));
    assert!(half["figures"]["cost"].as_i64().unwrap() <= 3_750_000);
    let curve = office.planner.get(&format!("{path}/budget-curve")).await.expect(200);
    let points: Vec<_> = curve.items().iter().map(|point| number(&point["objective"])).collect();
    assert_eq!(points.len(), 10);
    assert!(points.is_sorted(), "{points:?}");
    assert_eq!(points[9], number(&whole["figures"]["objective"]));
    assert_eq!(curve.items()[4]["objective"], half["figures"]["objective"]);
    let drawn = office.planner.get(&format!("{path}/budget-curve?format=svg")).await.expect(200);
    assert_eq!(drawn.header("content-type"), "image/svg+xml; charset=utf-8");
    let name = whole["name"].as_str().unwrap();
    assert!(drawn.text.contains(&format!("Kurva Anggaran: {name}")), "{}", drawn.text);
    let page =
        office.planner.with("accept-language", "en").get(&format!("{path}?format=pdf")).await.expect(200);
    assert_eq!(page.header("content-type"), "application/pdf");
    if let Some(text) = told_by("pdftotext", &["-layout", "-"], &page.bytes) {
        for told in
            [name, "People served", "of 6 with needs", "Why needs stay open", "Budget spent", "By unit"]
        {
            assert!(text.contains(told), "{told}: {text}");
        }
    }

    // Units are a list of their own, page by page.
    assert_eq!(whole.get("units"), None);
    let first = office.planner.get(&format!("{path}/units?limit=2")).await.expect(200);
    let next = first.json["next"].as_str().unwrap();
    let second = office.planner.get(&format!("{path}/units?limit=2&cursor={next}")).await.expect(200);
    let units = [first.items().clone(), second.items().clone()].concat();
    let codes: Vec<_> = units.iter().map(|unit| unit["code"].as_str().unwrap()).collect();
    assert_eq!(codes, ["DINKES", "DISDIK", "PUSKESMAS"]);
    let sheet = office.planner.with("accept", "text/csv").get(&format!("{path}/units")).await.expect(200);
    assert_eq!(sheet.text.lines().count(), 4, "{}", sheet.text);
    let stored = "SELECT count(*) FROM scenarios WHERE jsonb_array_length(figures->'units') = 3";
    assert_eq!(app.count(stored).await, 2);
    let sum = |name: &str| units.iter().map(|unit| number(&unit[name])).sum::<f64>();
    assert_eq!((sum("people"), sum("needs")), (6.0, 9.0));
    assert!((sum("objective") - number(&whole["figures"]["objective"])).abs() < 1e-9);
    let both = format!(
        "{plan}/scenario-comparison?ids={},{}",
        half["id"].as_str().unwrap(),
        whole["id"].as_str().unwrap()
    );
    let both = office.planner.get(&both).await.expect(200);
    assert_eq!(both.items()[0]["id"], half["id"]);
    assert_eq!(both.items()[1]["figures"], whole["figures"]);
    let none = office.planner.get(&format!("{plan}/scenario-comparison?ids=")).await;
    none.expect(400).expect_error("/query/ids", "REQUIRED");
}

#[tokio::test]
async fn what_is_pinned_stays_and_what_is_forbidden_never_comes() {
    let app = TestApp::start().await;
    let office = Office::new(&app).await;
    let plan = office.draft(3_000_000).await;
    let pair = |person: usize, offer: &str| json!({"employee_id": office.people[person], "offer_id": offer});
    let (first, _) = solved(&office.planner, &plan, json!({"name": "Bebas", "curve": false})).await;
    let free = enrolled(&office.planner, &first).await;
    // The last to be served without a pin, and of those that were somebody else.
    let outside = (0..office.people.len())
        .map(|person| (office.people[person].clone(), office.class.clone()))
        .find(|spot| !free.contains(spot))
        .unwrap();
    let person = office.people.iter().position(|one| *one == outside.0).unwrap();
    let (spot, barred) = (outside, free[0].clone());
    let asked = json!({"name": "Pin", "curve": false, "required": [pair(person, &office.class)],
        "forbidden": [{"employee_id": barred.0, "offer_id": barred.1}]});
    let (pinned, read) = solved(&office.planner, &plan, asked).await;
    let chosen = enrolled(&office.planner, &pinned).await;
    assert!(chosen.contains(&spot) && !chosen.contains(&barred));

    // Made anew from it with less money, the pin still holds; turned into its opposite, it never comes.
    let next = json!({"name": "Lagi", "based_on_id": read["id"], "budget": 1_000_000});
    let (next, _) = solved(&office.planner, &plan, next).await;
    assert_eq!(enrolled(&office.planner, &next).await, std::slice::from_ref(&spot));
    let turned =
        json!({"name": "Balik", "based_on_id": read["id"], "forbidden": [pair(person, &office.class)]});
    let (turned, read) = solved(&office.planner, &plan, turned).await;
    assert!(!enrolled(&office.planner, &turned).await.contains(&spot));
    assert_eq!(read["ask"]["required"], json!([]));
    let released =
        json!({"name": "Lepas", "based_on_id": read["id"], "released": [pair(person, &office.class)]});
    let (_, released) = solved(&office.planner, &plan, released).await;
    let left: Vec<_> = released["ask"]["forbidden"].as_array().unwrap().iter().collect();
    assert!(!left.contains(&&pair(person, &office.class)));

    // Pins nobody can pay for: there is no plan, and the operation says why.
    let broke = json!({"name": "Kurang", "budget": 500_000, "required": [pair(5, &office.class)]});
    let begun = office.planner.post(&format!("{plan}/scenarios"), broke).await.expect(202);
    let failed = ended(&office.planner, &begun, "FAILED").await;
    assert_eq!(failed["error"]["code"], "SCENARIO_INFEASIBLE");
    let path = format!("{plan}/scenarios/{}", begun.json["id"].as_str().unwrap());
    let read = office.planner.get(&path).await.expect(200);
    assert_eq!((&read.json["state"], &read.json["figures"]), (&json!("FAILED"), &Value::Null));
    let curve = office.planner.get(&format!("{path}/budget-curve")).await.expect(200);
    assert!(curve.items().is_empty());
    for drawn in ["?format=pdf", "/budget-curve?format=svg"] {
        office.planner.get(&format!("{path}{drawn}")).await.expect(409).expect_problem("SCENARIO_UNSOLVED");
    }
    let adopted = office.planner.send("POST", &format!("{path}/adoption"), None).await;
    adopted.expect(409).expect_problem("SCENARIO_UNSOLVED");
    // Places are those of the list that was sent, whatever order it is in.
    let scenarios = format!("{plan}/scenarios");
    let pins = json!([pair(5, &office.class), pair(3, &office.class), pair(0, &office.class)]);
    for at in 0..3 {
        let both = json!({"name": "x", "required": pins, "forbidden": [pins[at]]});
        let refused = office.planner.post(&scenarios, both).await;
        refused.expect(400).expect_error(&format!("/required/{at}"), "INCONSISTENT");
        let mut nobody = pins.clone();
        nobody[at]["employee_id"] = json!(office.unit);
        let refused = office.planner.post(&scenarios, json!({"name": "x", "required": nobody})).await;
        refused.expect(400).expect_error(&format!("/required/{at}/employee_id"), "NOT_FOUND");
    }
    // What is no offer, or no competency, would change nothing and nobody would know.
    let strange = json!({"name": "x", "required": [pair(3, &office.unit)], "excluded_offers": [office.class, office.people[0]],
        "weights": [{"competency_id": office.class, "weight": 2}]});
    let mut refused = office.planner.post(&scenarios, strange).await.expect(400);
    for at in ["/required/0/offer_id", "/excluded_offers/1", "/weights/0/competency_id"] {
        refused = refused.expect_error(at, "NOT_FOUND");
    }
    let gone = json!({"name": "x", "based_on_id": read.json["id"], "excluded_offers": [office.class]});
    let refused = office.planner.post(&scenarios, gone).await;
    refused.expect(400).expect_error("/excluded_offers", "INCONSISTENT");
    let seats = json!({"name": "x", "class_seats": 0});
    office.planner.post(&scenarios, seats).await.expect(400).expect_error("/class_seats", "OUT_OF_RANGE");
}

/// Takes a scenario back to where its instance is kept and nobody works on it.
async fn unsolved(app: &TestApp, path: &str) {
    let id = path.rsplit('/').next().unwrap();
    app.sql(&format!(
        "UPDATE scenarios s SET figures = NULL, solved_at = NULL, instance = k.instance
         FROM kept_instances k WHERE s.id = '{id}' AND k.id = s.id;
         DELETE FROM scenario_enrolments WHERE scenario_id = '{id}';
         DELETE FROM scenario_unserved WHERE scenario_id = '{id}';
         UPDATE operations SET state = 'RUNNING', result = NULL, finished_at = NULL, worker = NULL, attempts = 0
         WHERE id = (SELECT operation_id FROM scenarios WHERE id = '{id}')"
    ))
    .await;
}

#[tokio::test]
async fn whoever_takes_the_work_over_solves_the_same() {
    let app = TestApp::start().await;
    let office = Office::new(&app).await;
    let plan = office.draft(7_500_000).await;
    let (path, read) = solved(&office.planner, &plan, json!({"name": "Dasar"})).await;
    let chosen = enrolled(&office.planner, &path).await;
    unsolved(&app, &path).await;
    // A server begins with it and is never heard of again; meanwhile seats and prices change.
    let store = &app.services.store;
    let (kinds, patience) = ([OperationKind::Scenario], imports::STALE_AFTER);
    let claimed = store.operation_claim(WorkerId::new(), &kinds, app.now(), patience, imports::MOST_ATTEMPTS);
    assert!(claimed.await.unwrap().is_some());
    app.sql("UPDATE programmes SET price_per_participant = 9000000; UPDATE classes SET seats = 1").await;
    let waiting = office.planner.get(&path).await.expect(200);
    assert_eq!((&waiting.json["state"], &waiting.json["figures"]), (&json!("SOLVING"), &Value::Null));
    let later = app.now() + imports::STALE_AFTER * 2;
    app.set_now(&later.to_rfc3339());
    assert_eq!(imports::resume(&app.services).await.unwrap(), 1);
    app.services.imports.idle().await;
    let again = office.planner.get(&path).await.expect(200);
    assert_eq!((&again.json["state"], &again.json["figures"]), (&json!("SOLVED"), &read["figures"]));
    assert_eq!(enrolled(&office.planner, &path).await, chosen);
    // One that died between the plan and the end leaves nothing to solve.
    app.sql("UPDATE operations SET state = 'RUNNING', result = NULL, finished_at = NULL, worker = NULL")
        .await;
    assert_eq!(imports::resume(&app.services).await.unwrap(), 1);
    app.services.imports.idle().await;
    let operation = format!("/v1/operations/{}", read["operation_id"].as_str().unwrap());
    assert_eq!(office.planner.get(&operation).await.expect(200).json["state"], "SUCCEEDED");
}

#[tokio::test]
async fn work_that_is_called_off_keeps_the_best_plan_so_far() {
    let app = TestApp::start().await;
    let office = Office::new(&app).await;
    let plan = office.draft(7_500_000).await;
    let (path, read) = solved(&office.planner, &plan, json!({"name": "Dasar"})).await;
    unsolved(&app, &path).await;
    let (store, worker) = (&app.services.store, WorkerId::new());
    let (kinds, patience) = ([OperationKind::Scenario], imports::STALE_AFTER);
    let claimed = store.operation_claim(worker, &kinds, app.now(), patience, imports::MOST_ATTEMPTS);
    let claimed = claimed.await.unwrap().unwrap();
    let operation = format!("/v1/operations/{}", read["operation_id"].as_str().unwrap());
    office.planner.transition(&format!("{operation}/cancellation"), "*").await.expect(200);
    let cancelled = office.planner.get(&path).await.expect(200);
    assert_eq!(cancelled.json["state"], "CANCELLED");
    scenario_work::work(&app.services, claimed, worker).await;
    let stopped = office.planner.get(&path).await.expect(200).json;
    assert_eq!(stopped["state"], "STOPPED");
    let figures = &stopped["figures"];
    let chosen = enrolled(&office.planner, &path).await;
    let (objective, _, broken) = breaches(&kept(&app, &path).await, &chosen);
    assert!((objective - number(&figures["objective"])).abs() < 1e-9 && broken == 0);
    assert!(number(&figures["objective"]) <= number(&figures["upper_bound"]) + 1e-9);
    assert_eq!(office.planner.get(&operation).await.expect(200).json["state"], "CANCELLED");
    // What is called off before anybody begins has no plan.
    unsolved(&app, &path).await;
    office.planner.transition(&format!("{operation}/cancellation"), "*").await.expect(200);
    assert_eq!(imports::resume(&app.services).await.unwrap(), 0);
    assert_eq!(office.planner.get(&path).await.expect(200).json["state"], "CANCELLED");
}

#[tokio::test]
#[expect(clippy::disallowed_methods, reason = "the test holds a transaction open in the server's way")]
async fn searches_have_a_turn_of_their_own_and_say_while_they_load_that_they_live() {
    let app = TestApp::start().await;
    let office = Office::new(&app).await;
    let plan = office.draft(7_500_000).await;
    let (first, _) = solved(&office.planner, &plan, json!({"name": "Satu", "curve": false})).await;
    let (second, _) = solved(&office.planner, &plan, json!({"name": "Dua", "curve": false})).await;
    unsolved(&app, &first).await;
    unsolved(&app, &second).await;
    // Who looks for other work does not get them, and of those who look for them one at a time does.
    let (store, patience) = (&app.services.store, imports::STALE_AFTER);
    let others: Vec<_> =
        OperationKind::ALL.into_iter().filter(|kind| *kind != OperationKind::Scenario).collect();
    let none = store.operation_claim(WorkerId::new(), &others, app.now(), patience, imports::MOST_ATTEMPTS);
    assert!(none.await.unwrap().is_none());
    // Nobody can read what the search is about; yet it gives a sign of life before it gives up waiting.
    app.sql("UPDATE scenarios SET instance = NULL, loaded_at = NULL").await;
    let held = app.db.begin().await.unwrap();
    held.execute_unprepared("LOCK TABLE programme_steps IN ACCESS EXCLUSIVE MODE").await.unwrap();
    assert_eq!(imports::resume(&app.services).await.unwrap(), 1);
    assert_eq!(imports::resume(&app.services).await.unwrap(), 0);
    let signs = async || -> i64 {
        let sql = "SELECT coalesce(max(version), 0) FROM operations WHERE phase = 'LOADING'";
        let statement = sea_orm::Statement::from_string(sea_orm::DbBackend::Postgres, sql);
        held.query_one_raw(statement).await.unwrap().unwrap().try_get_by_index(0).unwrap()
    };
    let mut begun = 0;
    while begun == 0 {
        begun = signs().await;
    }
    while signs().await == begun {}
    held.commit().await.unwrap();
    app.services.imports.idle().await;
    assert_eq!(imports::resume(&app.services).await.unwrap(), 1);
    app.services.imports.idle().await;
    for path in [first, second] {
        assert_eq!(office.planner.get(&path).await.expect(200).json["state"], "SOLVED");
    }
}

#[tokio::test]
async fn a_scenario_is_deleted_unless_the_plan_has_items_of_it() {
    let app = TestApp::start().await;
    let office = Office::new(&app).await;
    let plan = office.draft(7_500_000).await;
    let (path, read) = solved(&office.planner, &plan, json!({"name": "Dasar", "curve": false})).await;
    let next = json!({"name": "Lagi", "curve": false, "based_on_id": read["id"]});
    let (next, _) = solved(&office.planner, &plan, next).await;
    office.planner.send("DELETE", &path, None).await.expect(428);
    let authority = office.agency.role(Role::Authority).await;
    authority.delete(&path, "*").await.expect(403);
    office.planner.delete(&path, "*").await.expect(204);
    office.planner.get(&path).await.expect(404);
    assert_eq!(office.planner.get(&next).await.expect(200).json["based_on_id"], Value::Null);
    office.planner.send("POST", &format!("{next}/adoption"), None).await.expect(200);
    office.planner.delete(&next, "*").await.expect(409).expect_problem("STILL_REFERENCED");
    // Work that goes on is called off with it, and finds nothing to write to.
    let begun = office.planner.post(&format!("{plan}/scenarios"), json!({"name": "Tiga"})).await.expect(202);
    let third = format!("{plan}/scenarios/{}", begun.json["id"].as_str().unwrap());
    app.services.imports.idle().await;
    app.sql("UPDATE agency_plan_items SET origin = 'MANUAL', scenario_id = NULL").await;
    unsolved(&app, &third).await;
    let worker = WorkerId::new();
    let (kinds, patience) = ([OperationKind::Scenario], imports::STALE_AFTER);
    let store = &app.services.store;
    let claimed = store.operation_claim(worker, &kinds, app.now(), patience, imports::MOST_ATTEMPTS);
    let claimed = claimed.await.unwrap().unwrap();
    office.planner.delete(&third, "*").await.expect(204);
    scenario_work::work(&app.services, claimed, worker).await;
    let operation = office.planner.get(begun.header("location")).await.expect(200);
    assert_eq!(operation.json["state"], "CANCELLED");
    office.planner.get(&third).await.expect(404);
}

#[tokio::test]
async fn lines_for_units_alone_pay_for_their_people_and_adoption_finds_the_same_money() {
    let app = TestApp::start().await;
    let office = Office::new(&app).await;
    let plan = office.draft(0).await;
    let line = |code: &str, unit: Option<&str>, amount: i64| {
        json!({"code": code, "name": "Belanja", "source": "APBD",
        "amount": amount, "unit_id": unit})
    };
    let lines = async |items: Value| {
        office.planner.put(&format!("{plan}/budget-lines"), "*", json!({"items": items})).await.expect(200)
    };
    // Two of each unit in one class, each unit paying from its own line.
    lines(json!([line("1", Some(&office.unit), 2_000_000), line("2", Some(&office.beside), 2_000_000)]))
        .await;
    let only = json!({"name": "Dua dinas", "curve": false, "excluded_offers": [office.programme]});
    let (path, read) = solved(&office.planner, &plan, only).await;
    let figures = &read["figures"];
    assert_eq!((&figures["cost"], &figures["gap_percent"]), (&json!(4_000_000), &json!(0.0)));
    let chosen = enrolled(&office.planner, &path).await;
    let beside = chosen.iter().filter(|(person, _)| office.people[4..].contains(person)).count();
    assert_eq!((chosen.len(), beside), (4, 2));
    office.planner.send("POST", &format!("{path}/adoption"), None).await.expect(200);
    let items = office.planner.get(&format!("{plan}/items?limit=200")).await.expect(200);
    let funds = items.items()[0]["funds"].as_array().unwrap();
    let amounts: Vec<_> = funds.iter().map(|fund| fund["amount"].as_i64().unwrap()).collect();
    assert_eq!(amounts, [2_000_000, 2_000_000]);
    let missing = office.planner.get(&format!("{plan}/completeness")).await.expect(200);
    let lacks = missing.json["missing"].as_array().unwrap();
    assert!(lacks.iter().all(|lack| lack["content"] != "BUDGET"), "{}", missing.text);

    // What another item draws from a unit's line is gone from it once, not twice.
    let bought = items.items()[0]["id"].as_str().unwrap();
    office.planner.delete(&format!("{plan}/items/{bought}"), "*").await.expect(204);
    lines(json!([line("3", None, 3_000_000), line("4", Some(&office.unit), 3_000_000)])).await;
    let kept = office.planner.get(&format!("{plan}/budget-lines")).await.expect(200);
    let own = kept.json["items"][1]["id"].clone();
    let item = json!({"title": "Magang", "price_per_participant": 1_000_000,
        "targets": [{"employee_id": office.people[0]}, {"employee_id": office.people[1]}],
        "funds": [{"budget_line_id": own, "amount": 2_000_000}]});
    office.planner.post(&format!("{plan}/items"), item).await.expect(201);
    let only = json!({"name": "Sisa", "curve": false, "excluded_offers": [office.programme]});
    let (path, read) = solved(&office.planner, &plan, only).await;
    let figures = &read["figures"];
    // One more of the unit from what is left, three of anybody from what is free.
    assert_eq!((&figures["budget"], &figures["cost"]), (&json!(4_000_000), &json!(4_000_000)));
    assert_eq!(figures["gap_percent"], json!(0.0));
    office.planner.send("POST", &format!("{path}/adoption"), None).await.expect(200);
    let missing = office.planner.get(&format!("{plan}/completeness")).await.expect(200);
    assert_eq!(missing.json["overdrawn_lines"].as_array().unwrap().len(), 0, "{}", missing.text);
}

#[tokio::test]
async fn an_item_is_paid_from_as_many_lines_as_it_takes() {
    let app = TestApp::start().await;
    let office = Office::new(&app).await;
    let plan = office.draft(0).await;
    let line = |number: usize| json!({"code": number.to_string(), "name": "Belanja", "source": "APBD", "amount": 160_000});
    let lines = json!({"items": (1..=25).map(line).collect::<Vec<_>>()});
    office.planner.put(&format!("{plan}/budget-lines"), "*", lines).await.expect(200);
    let only = json!({"name": "Banyak", "curve": false, "excluded_offers": [office.programme]});
    let (path, read) = solved(&office.planner, &plan, only).await;
    assert_eq!(read["figures"]["cost"], 4_000_000);
    office.planner.send("POST", &format!("{path}/adoption"), None).await.expect(200);
    let items = office.planner.get(&format!("{plan}/items?limit=200")).await.expect(200);
    assert_eq!(items.items()[0]["funds"].as_array().unwrap().len(), 25);
    let missing = office.planner.get(&format!("{plan}/completeness")).await.expect(200);
    let lacks = missing.json["missing"].as_array().unwrap();
    assert!(lacks.iter().all(|lack| lack["content"] != "BUDGET"), "{}", missing.text);
}

#[tokio::test]
async fn what_people_are_bound_to_already_is_kept() {
    let app = TestApp::start().await;
    let office = Office::new(&app).await;
    let plan = office.draft(50_000_000).await;
    let session =
        |day: &str| json!([{"starts_at": format!("{day}T01:00:00Z"), "ends_at": format!("{day}T09:00:00Z")}]);
    let of = |class: &str| {
        let sql = format!("SELECT programme_id::text AS id FROM classes WHERE id = '{class}'");
        sea_orm::Statement::from_string(sea_orm::DbBackend::Postgres, sql)
    };
    let row = app.db.query_one_raw(of(&office.class)).await.unwrap().unwrap();
    let first: String = row.try_get("", "id").unwrap();
    let later = json!({"seats": 4, "sessions": session("2026-09-07")});
    let later = given::open_class(&office.admin, "K2", &first, later).await;
    // A seat in the first class, for which nobody can register any more: not for the second one either.
    let there = json!({"employee_id": office.people[0]});
    office.admin.post(&format!("/v1/classes/{}/enrolments", office.class), there).await.expect(201);
    app.sql(&format!(
        "UPDATE classes SET registration_closes_at = '2026-07-01T01:00:00Z' WHERE id = '{}'",
        office.class
    ))
    .await;
    // Another item of the plan takes two of the four seats of the second class.
    let funds = json!({"programme_id": first, "class_id": later,
        "targets": [{"employee_id": office.people[1]}, {"employee_id": office.people[2]}]});
    office.planner.post(&format!("{plan}/items"), funds).await.expect(201);
    // A class of the other programme on the day of the first one.
    let busy = json!({"seats": 9, "sessions": session("2026-07-20")});
    let busy = given::open_class(&office.admin, "K3", &office.programme, busy).await;
    let (path, _) = solved(&office.planner, &plan, json!({"name": "Terikat", "curve": false})).await;
    let chosen = enrolled(&office.planner, &path).await;
    let of = |person: usize| -> Vec<&str> {
        let own = chosen.iter().filter(|(one, _)| *one == office.people[person]);
        own.map(|(_, offer)| offer.as_str()).collect()
    };
    assert!(of(0).is_empty(), "{chosen:?}");
    assert_eq!((of(1), of(2)), (vec![busy.as_str()], vec![busy.as_str()]));
    assert_eq!(chosen.iter().filter(|(_, offer)| *offer == later).count(), 2, "{chosen:?}");
    let open = office.planner.get(&format!("{path}/unserved?limit=200")).await.expect(200);
    let own = |one: &&Value| one["employee_id"] == json!(office.people[0]);
    let mut why: Vec<_> =
        open.items().iter().filter(own).map(|one| one["reason"].as_str().unwrap().to_owned()).collect();
    why.sort();
    assert_eq!(why, ["DATES", "FORBIDDEN"]);
    let seats = open.items().iter().filter(|one| one["reason"] == "SEATS").count();
    assert_eq!(seats, 1, "{}", open.text);
}

#[tokio::test]
async fn hours_still_to_come_count_for_the_ceiling() {
    let app = TestApp::start().await;
    let office = Office::new(&app).await;
    let plan = office.draft(50_000_000).await;
    let policy = json!({"name": "JP_TARGET", "valid_from": "2020-01-01", "source": "Keputusan", "jp_target": {"rules": [
        {"statuses": ["PNS"], "bound": "AT_MOST", "jp": 24, "span": "CALENDAR_YEAR", "enforcement": "STOP",
            "part_year": "FULL", "exempt": [], "source": "Keputusan", "confidence": "FOUND"}]}});
    office.admin.post("/v1/policies", policy).await.expect(201);
    let dated = json!({"seats": 9, "sessions": [{"starts_at": "2026-09-07T01:00:00Z", "ends_at": "2026-09-07T09:00:00Z"}]});
    let dated = given::open_class(&office.admin, "K3", &office.programme, dated).await;
    let (path, _) = solved(&office.planner, &plan, json!({"name": "Bebas", "curve": false})).await;
    // 12 and 20 hours are more than 24: one of both.
    let per = |chosen: &[(String, String)], person: usize| {
        chosen.iter().filter(|(one, _)| *one == office.people[person]).count()
    };
    let chosen = enrolled(&office.planner, &path).await;
    assert!((0..3).all(|person| per(&chosen, person) <= 1), "{chosen:?}");
    // Who sits in the class of 12 hours has 12 left, which is less than 20.
    let there = json!({"employee_id": office.people[0]});
    office.admin.post(&format!("/v1/classes/{}/enrolments", office.class), there).await.expect(201);
    let (path, _) = solved(&office.planner, &plan, json!({"name": "Duduk", "curve": false})).await;
    let chosen = enrolled(&office.planner, &path).await;
    assert_eq!(per(&chosen, 0), 0, "{chosen:?}");
    let open = office.planner.get(&format!("{path}/unserved?limit=200&reason=JP_CEILING")).await.expect(200);
    assert!(open.items().iter().any(|one| one["employee_id"] == json!(office.people[0])), "{}", open.text);
    assert!(chosen.iter().any(|(_, offer)| *offer == dated || *offer == office.class));
}

#[tokio::test]
async fn what_publication_began_with_stays_and_its_money_is_spent() {
    let app = TestApp::start().await;
    let office = Office::new(&app).await;
    let plan = office.draft(4_000_000).await;
    let only =
        json!({"name": "Satu", "curve": false, "budget": 2_000_000, "excluded_offers": [office.programme]});
    let (path, read) = solved(&office.planner, &plan, only).await;
    assert_eq!(read["figures"]["cost"], json!(2_000_000));
    office.planner.send("POST", &format!("{path}/adoption"), None).await.expect(200);
    // As a revision has it whose version before was published.
    app.sql(&format!(
        "INSERT INTO agency_plan_outcomes (agency_id, item_id, employee_id, plan_id, operation_id, nomination, entry, at)
         SELECT t.agency_id, t.item_id, t.employee_id, t.plan_id, '{}', 'LEFT', 'LEFT', now() FROM agency_plan_targets t",
        read["operation_id"].as_str().unwrap()
    ))
    .await;
    let began = office.planner.get(&format!("{plan}/items?limit=200")).await.expect(200).items()[0].clone();
    let more = json!({"name": "Dua", "curve": false, "excluded_offers": [office.programme]});
    let (next, read) = solved(&office.planner, &plan, more).await;
    assert_eq!(
        (&read["figures"]["budget"], &read["figures"]["cost"]),
        (&json!(2_000_000), &json!(2_000_000))
    );
    let (before, after) = (enrolled(&office.planner, &path).await, enrolled(&office.planner, &next).await);
    assert!(before.iter().all(|one| !after.contains(one)) && after.len() == 2, "{after:?}");
    office.planner.send("POST", &format!("{next}/adoption"), None).await.expect(200);
    let items = office.planner.get(&format!("{plan}/items?limit=200")).await.expect(200);
    assert_eq!(items.items().len(), 2);
    assert!(items.items().iter().any(|item| item["id"] == began["id"] && item["funds"] == began["funds"]));
    let missing = office.planner.get(&format!("{plan}/completeness")).await.expect(200);
    assert_eq!(missing.json["overdrawn_lines"].as_array().unwrap().len(), 0, "{}", missing.text);
    // What is no draft any more is not planned.
    app.sql("UPDATE agency_plans SET state = 'CANCELLED'").await;
    let refused = office.planner.post(&format!("{plan}/scenarios"), json!({"name": "x"})).await;
    refused.expect(409).expect_problem("AGENCY_PLAN_STATE");
}

#[tokio::test]
async fn one_class_is_paid_for_and_holds_no_more_and_what_cannot_be_counted_is_left_out() {
    let app = TestApp::start().await;
    let office = Office::new(&app).await;
    let plan = office.draft(50_000_000).await;
    let few =
        json!({"name": "Satu kursi", "curve": false, "class_seats": 1, "excluded_offers": [office.class]});
    let (path, read) = solved(&office.planner, &plan, few).await;
    assert_eq!((&read["figures"]["enrolments"], &read["ask"]["class_seats"]), (&json!(1), &json!(1)));
    let open = office.planner.get(&format!("{path}/unserved?limit=200&reason=SEATS")).await.expect(200);
    assert_eq!(open.items().len(), 2);
    // Beyond what can be planned with: left out and counted, and everything else goes on.
    app.sql(&format!(
        "UPDATE programmes SET price_per_participant = 9000000000000000 WHERE id = '{}'",
        office.programme
    ))
    .await;
    let weights: Vec<_> = (0..9).map(|_| json!({"weight": 100})).collect();
    let heavy = json!({"name": "Berat", "curve": false, "weights": weights});
    let (_, read) = solved(&office.planner, &plan, heavy).await;
    let figures = &read["figures"];
    assert_eq!((&figures["offers"], &figures["offers_without_price"]), (&json!(1), &json!(2)));
    assert_eq!(figures["enrolments"], json!(4));
}

#[tokio::test]
async fn no_class_is_planned_for_fewer_than_it_is_held_for() {
    let app = TestApp::start().await;
    let office = Office::new(&app).await;
    let plan = office.draft(50_000_000).await;
    // Three lack what it teaches, and six are there in all.
    let class = json!({"seats": 9, "min_participants": 7,
        "sessions": [{"starts_at": "2026-09-07T01:00:00Z", "ends_at": "2026-09-07T09:00:00Z"}]});
    let class = given::open_class(&office.admin, "K3", &office.programme, class).await;
    let (path, _) = solved(&office.planner, &plan, json!({"name": "Tujuh", "curve": false})).await;
    assert!(enrolled(&office.planner, &path).await.iter().all(|(_, offer)| *offer != class));
    let open = office.planner.get(&format!("{path}/unserved?limit=200&reason=MIN_SEATS")).await.expect(200);
    assert_eq!(open.items().len(), 3, "{}", open.text);
    // Who has a seat counts: three more are enough, and nobody is there only to fill it.
    app.sql(&format!("UPDATE classes SET min_participants = 4 WHERE id = '{class}'")).await;
    let there = json!({"employee_id": office.people[5]});
    office.admin.post(&format!("/v1/classes/{class}/enrolments"), there).await.expect(201);
    let (path, _) = solved(&office.planner, &plan, json!({"name": "Empat", "curve": false})).await;
    let chosen = enrolled(&office.planner, &path).await;
    let there: Vec<_> =
        chosen.iter().filter(|(_, offer)| *offer == class).map(|(person, _)| person).collect();
    assert_eq!(there, office.people[..3].iter().collect::<Vec<_>>());
}

#[tokio::test]
async fn whom_an_offer_is_for_and_what_it_builds_on_is_kept() {
    let app = TestApp::start().await;
    let office = Office::new(&app).await;
    let plan = office.draft(50_000_000).await;
    let reasons = async |path: &str| -> Vec<(String, u64)> {
        let read = office.planner.get(path).await.expect(200).json;
        let told = read["figures"]["unserved"].as_array().unwrap().clone();
        let one = |one: &Value| (one["reason"].as_str().unwrap().to_owned(), one["needs"].as_u64().unwrap());
        told.iter().map(one).collect()
    };
    app.sql(&format!("UPDATE programmes SET job_classes = '{{PENGAWAS}}' WHERE id = '{}'", office.programme))
        .await;
    let (path, read) = solved(&office.planner, &plan, json!({"name": "Sasaran", "curve": false})).await;
    assert_eq!(read["figures"]["enrolments"], json!(4));
    assert_eq!(reasons(&path).await, [("AUDIENCE".to_owned(), 3), ("SEATS".to_owned(), 2)]);
    // It builds on a certificate nobody has.
    app.sql(&format!(
        "UPDATE programmes SET job_classes = '{{}}' WHERE id = '{0}';
         INSERT INTO programme_prerequisites (agency_id, programme_id, ordinal, required_programme_id)
         SELECT agency_id, '{0}', 1, programme_id FROM classes WHERE id = '{1}'",
        office.programme, office.class
    ))
    .await;
    let (path, _) = solved(&office.planner, &plan, json!({"name": "Prasyarat", "curve": false})).await;
    assert_eq!(reasons(&path).await, [("PREREQUISITE".to_owned(), 3), ("SEATS".to_owned(), 2)]);
}

#[tokio::test]
async fn a_scenario_becomes_items_of_the_draft_once() {
    let app = TestApp::start().await;
    let office = Office::new(&app).await;
    let plan = office.draft(7_500_000).await;
    let own = json!({"title": "Magang", "price_per_class": 1_000_000});
    let own = office.planner.post(&format!("{plan}/items"), own).await.expect(201).id();
    let (path, read) = solved(&office.planner, &plan, json!({"name": "Dasar", "curve": false})).await;
    // What another item costs is spent already.
    assert_eq!(read["figures"]["budget"], json!(6_500_000));
    let adoption = format!("{path}/adoption");
    let once = office.planner.send("POST", &adoption, None).await.expect(200);
    assert_eq!(once.json["items"], read["figures"]["opened"]);
    let items = || async {
        let list = office.planner.get(&format!("{plan}/items?limit=200")).await.expect(200);
        list.items().clone()
    };
    let before = items().await;
    let twice = office.planner.send("POST", &adoption, None).await.expect(200);
    assert_eq!(twice.json, once.json);
    assert_eq!(items().await, before);
    let chosen: Vec<_> = before.iter().filter(|item| item["origin"] == "SCENARIO").collect();
    assert_eq!(chosen.len() + 1, before.len());
    assert!(before.iter().any(|item| item["id"] == json!(own)));
    let places: i64 = chosen.iter().map(|item| item["places"].as_i64().unwrap()).sum();
    assert_eq!(places, read["figures"]["enrolments"].as_i64().unwrap());
    let cost: i64 = chosen.iter().map(|item| item["cost"].as_i64().unwrap()).sum();
    assert_eq!(cost, read["figures"]["cost"].as_i64().unwrap());
    for item in &chosen {
        assert_eq!(item["scenario_id"], read["id"]);
    }
    // Nothing of what the scenario chose lacks money, or takes more than there is.
    let missing = office.planner.get(&format!("{plan}/completeness")).await.expect(200);
    let lacks = missing.json["missing"].as_array().unwrap().iter();
    let broke = lacks.filter(|lack| lack["content"] == "BUDGET" && lack["item_id"] != json!(own)).count();
    assert_eq!(broke, 0, "{}", missing.text);
    // Another one takes its place.
    let less = json!({"name": "Separuh", "budget": 2_000_000, "curve": false});
    let (other, less) = solved(&office.planner, &plan, less).await;
    office.planner.send("POST", &format!("{other}/adoption"), None).await.expect(200);
    let after = items().await;
    assert!(after.iter().any(|item| item["id"] == json!(own)));
    assert!(after.iter().all(|item| item["scenario_id"] != read["id"]));
    assert_eq!(after.len(), 1 + usize::try_from(less["figures"]["opened"].as_u64().unwrap()).unwrap());
}

#[tokio::test]
async fn weights_floors_ceilings_and_what_is_left_out_change_the_plan() {
    let app = TestApp::start().await;
    let office = Office::new(&app).await;
    let plan = office.draft(20_000_000).await;
    let people = async |path: &str| -> BTreeSet<String> {
        enrolled(&office.planner, path).await.into_iter().map(|(person, _)| person).collect()
    };
    // One seat's money: whose need is worth more by a weight gets it.
    for index in [0, 4] {
        let unit = if index == 0 { &office.unit } else { &office.beside };
        let body = json!({"name": "Bobot", "curve": false, "budget": 1_000_000, "excluded_offers": [office.programme],
            "weights": [{"unit_id": unit, "weight": 3}, {"competency_id": office.first, "weight": 2}]});
        let (path, read) = solved(&office.planner, &plan, body).await;
        let chosen = people(&path).await;
        assert_eq!(chosen.len(), 1);
        let within = if index == 0 { &office.people[..4] } else { &office.people[4..] };
        assert!(within.contains(chosen.first().unwrap()), "{chosen:?}");
        assert_eq!(read["figures"]["offers"], json!(1));
    }
    let floor = json!({"name": "Pemerataan", "curve": false, "budget": 2_000_000, "weights": [{"unit_id": office.unit, "weight": 9}],
        "equity_floors": [{"unit_id": office.beside, "percent": 100}, {"group": "PNS", "percent": 50}]});
    let (path, read) = solved(&office.planner, &plan, floor).await;
    assert_eq!(people(&path).await, office.people[4..].iter().cloned().collect());
    let equity = &read["figures"]["equity"];
    assert_eq!(
        (&equity[0]["required"], &equity[0]["served"], &equity[0]["met"]),
        (&json!(2), &json!(2), &json!(true))
    );
    // Both cannot be: there is money for two, and half of all are three.
    assert_eq!(
        (&equity[1]["required"], &equity[1]["served"], &equity[1]["met"]),
        (&json!(3), &json!(2), &json!(false))
    );
    let capped =
        json!({"name": "Pagu", "curve": false, "unit_budgets": [{"unit_id": office.unit, "amount": 0}]});
    let (path, read) = solved(&office.planner, &plan, capped).await;
    assert!(people(&path).await.is_subset(&office.people[4..].iter().cloned().collect()));
    let reasons = read["figures"]["unserved"].as_array().unwrap();
    assert!(reasons.iter().any(|one| one["reason"] == "UNIT_BUDGET"), "{reasons:?}");
    let unknown = json!({"name": "x", "equity_floors": [{"group": "SIAPA", "percent": 5}]});
    let refused = office.planner.post(&format!("{plan}/scenarios"), unknown).await;
    refused.expect(400).expect_error("/equity_floors/0/group", "NOT_FOUND");
    // Who is in the class already is not planned for again.
    let there = json!({"employee_id": office.people[0]});
    office.admin.post(&format!("/v1/classes/{}/enrolments", office.class), there).await.expect(201);
    let (path, _) = solved(&office.planner, &plan, json!({"name": "Lagi", "curve": false})).await;
    let chosen = enrolled(&office.planner, &path).await;
    assert!(!chosen.contains(&(office.people[0].clone(), office.class.clone())));
    assert!(chosen.iter().filter(|(_, offer)| *offer == office.class).count() <= 3, "a seat is gone");
}

#[tokio::test]
async fn scenarios_are_the_agencys_and_who_keeps_its_plans_makes_them() {
    let app = TestApp::start().await;
    let office = Office::new(&app).await;
    let plan = office.draft(5_000_000).await;
    let (path, read) = solved(&office.planner, &plan, json!({"name": "Dasar", "curve": false})).await;
    let elsewhere = app.agency("KABUPATEN").await.role(Role::Planner).await;
    for tail in ["", "/enrolments", "/unserved", "/budget-curve", "/units"] {
        elsewhere.get(&format!("{path}{tail}")).await.expect(404);
    }
    elsewhere.get(&format!("{plan}/scenarios")).await.expect(404);
    elsewhere.post(&format!("{plan}/scenarios"), json!({"name": "x"})).await.expect(404);
    elsewhere.send("POST", &format!("{path}/adoption"), None).await.expect(404);
    let authority = office.agency.role(Role::Authority).await;
    authority.get(&path).await.expect(200);
    authority.post(&format!("{plan}/scenarios"), json!({"name": "x"})).await.expect(403);
    authority.send("POST", &format!("{path}/adoption"), None).await.expect(403);
    let employee = office.agency.employee(Role::Employee, &office.people[0]).await;
    employee.get(&path).await.expect(403);
    // What stays open says what people lack: a machine that may not read needs does not hear of it.
    let machine = office.agency.machine(&["agency-plans:read"]).await;
    machine.get(&format!("{path}/enrolments")).await.expect(200);
    machine.get(&format!("{path}/unserved")).await.expect(403);
    let machine = office.agency.machine(&["agency-plans:read", "needs:read"]).await;
    machine.get(&format!("{path}/unserved")).await.expect(200);
    let listed = office.planner.get(&format!("{plan}/scenarios")).await.expect(200);
    assert_eq!(listed.items().len(), 1);
    assert_eq!(listed.items()[0]["figures"], read["figures"]);
    // A scenario of another plan is not one of this.
    let next = json!({"year": 2027, "name": "Rencana 2027"});
    let next = office.planner.post(PLANS, next).await.expect(201).id();
    let lost = format!("{PLANS}/{next}/scenarios/{}", read["id"].as_str().unwrap());
    office.planner.get(&lost).await.expect(404);
    let basis = json!({"name": "x", "based_on_id": read["id"]});
    let refused = office.planner.post(&format!("{PLANS}/{next}/scenarios"), basis).await;
    refused.expect(400).expect_error("/based_on_id", "NOT_FOUND");
}
