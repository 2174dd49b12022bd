//! `/v1/needs-analyses/{needs_analysis_id}/needs`: what is gathered, brought, dropped and put before the rest.

use access::Role;
use serde_json::{Value, json};
use support::{Agency, Answer, Caller, TestApp};

use crate::given;

pub(crate) const ANALYSES: &str = "/v1/needs-analyses";

/// A unit with a head and some staff, whose position requires two competencies.
pub(crate) struct Office<'a> {
    pub(crate) app: &'a TestApp,
    pub(crate) agency: Agency<'a>,
    pub(crate) admin: Caller<'a>,
    pub(crate) unit: String,
    pub(crate) staff: String,
    pub(crate) boss: String,
    pub(crate) people: Vec<String>,
    pub(crate) first: String,
    pub(crate) second: String,
}

impl<'a> Office<'a> {
    pub(crate) async fn new(app: &'a TestApp, people: u16) -> Self {
        let agency = app.agency("KOTA").await;
        let admin = agency.admin().await;
        let unit = given::unit(&admin, "DINKES", None).await;
        let (head, staff) =
            (given::head(&admin, "KADIS", &unit).await, given::position(&admin, "STAF", &unit).await);
        let boss = given::person_in(&admin, 900, &head).await;
        let mut all = Vec::new();
        for serial in 1..=people {
            all.push(given::person_in(&admin, serial, &staff).await);
        }
        let first = given::competency(&admin, "M.1").await;
        let second = given::competency(&admin, "M.2").await;
        let required = json!([
            {"competency_id": first, "level": 3, "weight": 1.5, "importance": "MUTLAK"},
            {"competency_id": second, "level": 2, "importance": "PERLU"}
        ]);
        given::standard(&agency, &staff, "2020-01-01", required).await;
        Self { app, agency, admin, unit, staff, boss, people: all, first, second }
    }

    /// Final results of January 2026.
    pub(crate) async fn assessed(&self, found: &[(&str, &str, i64)]) {
        given::assessed(&self.agency.role(Role::Assessor).await, "2026-01-10", found).await;
    }

    pub(crate) async fn superior(&self) -> Caller<'a> {
        self.agency.employee(Role::Supervisor, &self.boss).await
    }

    pub(crate) async fn oneself(&self, index: usize) -> Caller<'a> {
        self.agency.employee(Role::Employee, &self.people[index]).await
    }

    pub(crate) async fn planner(&self) -> Caller<'a> {
        self.agency.role(Role::Planner).await
    }

    pub(crate) async fn begun(&self) -> String {
        begin(&self.admin, &self.unit).await.expect(201).id()
    }
}

pub(crate) async fn begin(caller: &Caller<'_>, unit: &str) -> Answer {
    caller.post(ANALYSES, json!({"unit_id": unit, "year": 2026})).await
}

pub(crate) async fn step(caller: &Caller<'_>, id: &str, what: &str) -> Answer {
    caller.transition(&format!("{ANALYSES}/{id}/{what}"), "*").await
}

pub(crate) async fn reasoned(caller: &Caller<'_>, path: &str) -> Answer {
    caller.put(path, "*", json!({"reason": "Alasan"})).await
}

pub(crate) async fn needs(caller: &Caller<'_>, id: &str) -> Vec<Value> {
    caller.get(&format!("{ANALYSES}/{id}/needs")).await.expect(200).items().clone()
}

pub(crate) async fn propose(
    caller: &Caller<'_>,
    id: &str,
    people: &[&str],
    competency: &str,
    more: Value,
) -> Answer {
    let mut body = json!({"employee_ids": people, "competency_id": competency, "level_to": 4,
        "origin": "OWN_PROPOSAL", "reason": "Layanan baru"});
    if let (Value::Object(body), Value::Object(more)) = (&mut body, more) {
        body.extend(more);
    }
    caller.post(&format!("{ANALYSES}/{id}/needs"), body).await
}

fn of<'v>(needs: &'v [Value], employee: &str, competency: &str) -> Option<&'v Value> {
    needs.iter().find(|need| need["employee_id"] == employee && need["competency_id"] == competency)
}

pub(crate) fn texts(list: &Value) -> Vec<&str> {
    list.as_array().unwrap().iter().map(|one| one.as_str().unwrap()).collect()
}

fn origins(need: &Value) -> Vec<(&str, i64)> {
    let origin = |one: &'_ Value| one["level_to"].as_i64().unwrap();
    need["origins"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| (one["origin"].as_str().unwrap(), origin(one)))
        .collect()
}

/// Every gap of everybody's profile is a need, and nothing else is: what was never assessed or has expired is not known.
#[tokio::test]
async fn an_analysis_gathers_what_profiles_say() {
    let app = TestApp::start().await;
    let office = Office::new(&app, 4).await;
    let [a, b, c, d] = [0, 1, 2, 3].map(|index| office.people[index].as_str());
    office
        .assessed(&[
            (a, &office.first, 1),
            (a, &office.second, 1),
            (b, &office.first, 2),
            (b, &office.second, 4),
        ])
        .await;
    // Of the head no standard says anything: default levels of the class do.
    office.assessed(&[(&office.boss, &office.first, 1)]).await;
    let assessor = office.agency.role(Role::Assessor).await;
    given::assessed(&assessor, "2021-01-10", &[(c, &office.first, 1)]).await;
    for tended in [false, true] {
        if tended {
            // From the facts, and from the model once it was made.
            app.sql("UPDATE gap_profiles SET holds_until = '-infinity'").await;
        }
        let id = office.begun().await;
        let found = needs(&office.admin, &id).await;
        let mut expected = Vec::new();
        for person in [a, b, c, d, office.boss.as_str()] {
            let profile = office.admin.get(&format!("/v1/employees/{person}/gap-profile")).await.expect(200);
            for gap in profile.json["competencies"].as_array().unwrap() {
                if gap["state"] == "GAP" {
                    let of = &gap["competency_id"];
                    let (weight, importance) = (gap["weight"].as_f64(), &gap["importance"]);
                    expected.push(json!([person, of, gap["achieved"], gap["required"], weight, importance]));
                }
            }
        }
        let mut told: Vec<Value> = found
            .iter()
            .map(|need| {
                let origin = &need["origins"][0];
                assert_eq!(origins(need), [("HELD_GAP", need["level_to"].as_i64().unwrap())]);
                let weight = origin["weight"].as_f64();
                json!([
                    need["employee_id"],
                    need["competency_id"],
                    need["level_from"],
                    need["level_to"],
                    weight,
                    origin["importance"]
                ])
            })
            .collect();
        expected.sort_by_key(Value::to_string);
        told.sort_by_key(Value::to_string);
        assert_eq!(told, expected);
        assert_eq!(expected.len(), 4, "two of one, one of another, one of the head: {expected:?}");
        let priorities: Vec<_> = found.iter().map(|need| need["priority"].as_f64().unwrap()).collect();
        assert!(priorities.is_sorted_by(|one, other| one >= other), "{priorities:?}");
        app.sql("DELETE FROM needs; ALTER TABLE needs_transitions DISABLE TRIGGER USER; DELETE FROM needs_transitions; DELETE FROM needs_analyses").await;
    }
}

#[tokio::test]
async fn a_priority_is_told_with_its_terms_and_follows_the_policy() {
    let app = TestApp::start().await;
    let office = Office::new(&app, 2).await;
    let [a, b] = [0, 1].map(|index| office.people[index].as_str());
    office.assessed(&[(a, &office.first, 1), (b, &office.first, 1)]).await;
    // One of them learned enough in the year that is over.
    let learned = json!({"employee_id": b, "title": "Diklat", "form": "NKL03", "started_on": "2025-03-01",
        "ended_on": "2025-03-04", "certificate_jp": 30, "document": "berkas/1",
        "certificate": {"number": "893/0123/BPSDM/2025", "issued_on": "2025-03-05"}});
    let learned = office.admin.post("/v1/own-learnings", learned).await.expect(201).id();
    let path = format!("/v1/own-learnings/{learned}/verification");
    office.planner().await.transition(&path, "*").await.expect(200);
    let id = office.begun().await;
    let found = needs(&office.admin, &id).await;
    let terms = |need: &Value| -> Vec<f64> {
        need["terms"].as_array().unwrap().iter().map(|term| term["factor"].as_f64().unwrap()).collect()
    };
    let (late, learned) = (of(&found, a, &office.first).unwrap(), of(&found, b, &office.first).unwrap());
    // Levels missing, weight, importance, criticality, learning hours overdue, signal.
    assert_eq!(terms(late), [2.0, 1.5, 1.5, 1.0, 1.25, 1.0]);
    assert_eq!(terms(learned), [2.0, 1.5, 1.5, 1.0, 1.0, 1.0]);
    assert_eq!((&late["computed_priority"], &learned["priority"]), (&json!(5.63), &json!(4.5)));
    assert_eq!((&late["jp_overdue"], &learned["jp_overdue"]), (&json!(true), &json!(false)));

    // Another version applies once the analysis is gathered anew.
    let policy = |factor: f64| {
        json!({"name": "NEED_PRIORITY", "valid_from": "2026-01-01", "source": "SK Sekda",
            "need_priority": {"importance": [{"importance": "MUTLAK", "factor": factor}], "criticality": [], "signal": []}})
    };
    office
        .admin
        .post("/v1/policies", policy(0.0))
        .await
        .expect(400)
        .expect_error("/need_priority/importance/MUTLAK", "OUT_OF_RANGE");
    let mut twice = policy(2.0);
    twice["need_priority"]["importance"] =
        json!([{"importance": "MUTLAK", "factor": 2}, {"importance": "MUTLAK", "factor": 3}]);
    office
        .admin
        .post("/v1/policies", twice)
        .await
        .expect(400)
        .expect_error("/need_priority/importance/1", "DUPLICATE");
    let own = office.admin.post("/v1/policies", policy(2.0)).await.expect(201).id();
    assert_eq!(
        needs(&office.admin, &id).await[0]["priority"],
        5.63,
        "what was gathered stands by its version"
    );
    let gathered = step(&office.admin, &id, "gathering").await.expect(200);
    assert_eq!(gathered.json["policy"]["id"], own.as_str());
    let found = needs(&office.admin, &id).await;
    assert_eq!(terms(of(&found, a, &office.first).unwrap()), [2.0, 1.5, 2.0, 1.0, 1.0, 1.0]);
    assert_eq!(of(&found, a, &office.first).unwrap()["priority"], 6);
}

#[tokio::test]
async fn the_goal_of_a_plan_is_a_side_of_a_need() {
    let app = TestApp::start().await;
    let office = Office::new(&app, 1).await;
    let a = office.people[0].as_str();
    let aim = office
        .admin
        .post("/v1/positions", given::position_body("AHLI", &office.unit, "PELAKSANA", false))
        .await;
    let aim = aim.expect(201).id();
    let third = given::competency(&office.admin, "M.3").await;
    let fourth = given::competency(&office.admin, "M.4").await;
    let required = json!([{"competency_id": office.first, "level": 4, "weight": 2}, {"competency_id": third, "level": 2},
        {"competency_id": fourth, "level": 2}]);
    given::standard(&office.agency, &aim, "2020-01-01", required).await;
    office.assessed(&[(a, &office.first, 2), (a, &office.second, 2), (a, &third, 1)]).await;
    let id = office.begun().await;
    assert_eq!(needs(&office.admin, &id).await.len(), 1);
    let plan = json!({"employee_id": a, "year": 2026, "target_position_id": aim, "goal": "Ahli"});
    office.oneself(0).await.post("/v1/development-plans", plan).await.expect(201);
    step(&office.admin, &id, "gathering").await.expect(200);
    let found = needs(&office.admin, &id).await;
    assert_eq!(found.len(), 2, "of the fourth nothing is known");
    let both = of(&found, a, &office.first).unwrap();
    assert_eq!(origins(both), [("HELD_GAP", 3), ("TARGET_GAP", 4)]);
    assert_eq!((&both["level_from"], &both["level_to"]), (&json!(2), &json!(4)));
    assert_eq!(both["terms"][1]["factor"], 2, "the heavier of the two requirements");
    assert_eq!(origins(of(&found, a, &third).unwrap()), [("TARGET_GAP", 2)]);
}

#[tokio::test]
async fn what_assessments_do_not_tell_is_brought_with_a_reason_and_joins_the_rest() {
    let app = TestApp::start().await;
    let office = Office::new(&app, 3).await;
    let [a, b, c] = [0, 1, 2].map(|index| office.people[index].as_str());
    office.assessed(&[(a, &office.first, 2), (b, &office.first, 4), (a, &office.second, 2)]).await;
    let id = office.begun().await;
    let oneself = office.oneself(0).await;
    let own = propose(&oneself, &id, &[a], &office.first, json!({})).await.expect(201);
    let need = &own.json["items"][0];
    assert_eq!(origins(need), [("HELD_GAP", 3), ("OWN_PROPOSAL", 4)]);
    assert_eq!((&need["level_from"], &need["level_to"]), (&json!(2), &json!(4)));
    assert_eq!(need["origins"][1]["reason"], "Layanan baru");
    assert_eq!(need["terms"][0]["factor"], 2);
    assert_eq!(need["allowed_actions"], json!([]), "whoever proposes decides nothing");
    assert_eq!(
        texts(&oneself.get(&format!("{ANALYSES}/{id}")).await.expect(200).json["allowed_actions"]),
        ["PROPOSE"]
    );
    let shown = needs(&oneself, &id).await;
    assert!(
        !shown.is_empty() && shown.iter().all(|need| need["employee_id"] == a),
        "of others nothing is shown"
    );

    // A side that speaks again takes its word back.
    let again = propose(&oneself, &id, &[a], &office.first, json!({"level_to": 5})).await.expect(201);
    assert_eq!(again.json["items"][0]["id"], need["id"]);
    assert_eq!(origins(&again.json["items"][0]), [("HELD_GAP", 3), ("OWN_PROPOSAL", 5)]);

    // A machine brings what citizens said, for many at once; of whom nothing is known the policy says what stands for it.
    let machine = office.agency.machine(&["needs:read", "needs:write"]).await;
    let signal = json!({"origin": "SERVICE_SIGNAL", "reason": "Indeks kepuasan 68", "level_to": 3});
    let brought = propose(&machine, &id, &[a, c], &office.second, signal.clone()).await.expect(201);
    assert_eq!(brought.json["items"].as_array().unwrap().len(), 2);
    let unknown = of(brought.json["items"].as_array().unwrap(), c, &office.second).unwrap();
    assert_eq!((&unknown["level_from"], &unknown["terms"][0]["factor"]), (&Value::Null, &json!(1)));
    assert_eq!(unknown["terms"][5]["factor"], 1.5, "the strongest signal");
    step(&machine, &id, "verification").await.expect(403);

    // What cannot stand, each told at its place, and nothing is written.
    let before = needs(&office.admin, &id).await.len();
    propose(&oneself, &id, &[b], &office.first, json!({"level_to": 5}))
        .await
        .expect(400)
        .expect_error("/employee_ids/0", "NOT_FOUND");
    let met = propose(&office.admin, &id, &[c, b], &office.first, json!({})).await.expect(400);
    met.expect_error("/employee_ids/1", "INCONSISTENT");
    for (more, at, code) in [
        (json!({"reason": " "}), "/reason", "REQUIRED"),
        (json!({"origin": "HELD_GAP"}), "/origin", "NOT_ALLOWED_VALUE"),
        (json!({"level_to": 6}), "/level_to", "OUT_OF_RANGE"),
        (json!({"employee_ids": [c, c]}), "/employee_ids/1", "DUPLICATE"),
        (json!({"competency_id": a}), "/competency_id", "NOT_FOUND"),
    ] {
        propose(&office.admin, &id, &[c], &office.first, more).await.expect(400).expect_error(at, code);
    }
    let stranger = given::person(&office.admin, 500).await;
    propose(&office.admin, &id, &[&stranger], &office.first, json!({}))
        .await
        .expect(400)
        .expect_error("/employee_ids/0", "NOT_FOUND");
    assert_eq!(needs(&office.admin, &id).await.len(), before);

    // What was brought stays when gathered anew, and goes once it is met.
    step(&office.admin, &id, "gathering").await.expect(200);
    assert_eq!(origins(of(&needs(&office.admin, &id).await, a, &office.first).unwrap()).len(), 2);
    let assessor = office.agency.role(Role::Assessor).await;
    given::assessed(&assessor, "2026-06-20", &[(a, &office.second, 3)]).await;
    step(&office.admin, &id, "gathering").await.expect(200);
    let found = needs(&office.admin, &id).await;
    assert!(of(&found, a, &office.second).is_none() && of(&found, c, &office.second).is_some());
}

#[tokio::test]
async fn a_need_is_dropped_and_given_another_priority_with_a_reason() {
    let app = TestApp::start().await;
    let office = Office::new(&app, 2).await;
    let [a, b] = [0, 1].map(|index| office.people[index].as_str());
    office.assessed(&[(a, &office.first, 1), (b, &office.second, 1)]).await;
    let (superior, id) = (office.superior().await, office.begun().await);
    let found = needs(&superior, &id).await;
    assert_eq!(found[0]["employee_id"], a, "the more urgent one first");
    let path = |need: &Value| format!("{ANALYSES}/{id}/needs/{}", need["id"].as_str().unwrap());
    let (grave, light) = (path(&found[0]), path(&found[1]));
    let read = superior.get(&light).await.expect(200);
    assert_eq!(texts(&read.json["allowed_actions"]), ["PRIORITISE", "DROP"]);
    let set = json!({"priority": 99.5, "reason": "Layanan unggulan"});
    let priority = format!("{light}/priority");
    superior
        .put(&priority, "*", json!({"priority": 99.5, "reason": ""}))
        .await
        .expect(400)
        .expect_error("/reason", "REQUIRED");
    superior
        .put(&priority, "*", json!({"priority": 0, "reason": "x"}))
        .await
        .expect(400)
        .expect_error("/priority", "OUT_OF_RANGE");
    given::put_new(&superior, &priority, &set).await.expect(428);
    // Two at once: one of them has not seen what the other did.
    let (seen, removal) = (read.etag(), format!("{light}/removal"));
    let (one, other) = tokio::join!(
        superior.put(&priority, &seen, set.clone()),
        office.admin.put(&removal, &seen, json!({"reason": "Sudah cukup"}))
    );
    let mut statuses = [one.status, other.status];
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 412]);
    if other.status == 200 {
        office.admin.transition(&format!("{light}/restoration"), "*").await.expect(200);
        superior.put(&priority, "*", set).await.expect(200);
    }
    let first = needs(&superior, &id).await.remove(0);
    assert_eq!((&first["employee_id"], &first["priority"]), (&json!(b), &json!(99.5)));
    assert_eq!(
        (&first["computed_priority"], &first["set"]["reason"]),
        (&json!(1.25), &json!("Layanan unggulan"))
    );
    let back = superior.put(&priority, "*", json!({"priority": null, "reason": "Salah"})).await.expect(200);
    assert_eq!((&back.json["priority"], &back.json["set"]), (&json!(1.25), &Value::Null));
    let told =
        "SELECT count(*) FROM audit_events WHERE what = 'PRIORITISED' AND changes ->> 'reason' = 'Salah'";
    assert_eq!(app.count(told).await, 1);

    // What was dropped stays so when gathered anew, with the reason, and counts nowhere.
    let dropped =
        superior.put(&format!("{grave}/removal"), "*", json!({"reason": "Segera pensiun"})).await.expect(200);
    assert_eq!(texts(&dropped.json["allowed_actions"]), ["RESTORE"]);
    reasoned(&superior, &format!("{grave}/removal")).await.expect(409).expect_problem("NEEDS_STATE");
    let analysis = step(&superior, &id, "gathering").await.expect(200);
    assert_eq!((&analysis.json["needs"], &analysis.json["dropped"]), (&json!(1), &json!(1)));
    assert_eq!(analysis.json["coverage"]["needing"], 1);
    let kept = superior.get(&grave).await.expect(200);
    assert_eq!(kept.json["dropped"]["reason"], "Segera pensiun");
    let only = superior.get(&format!("{ANALYSES}/{id}/needs?dropped=true&employee_id={a}")).await.expect(200);
    assert_eq!(only.items().len(), 1);
    // Even while nothing speaks for it.
    let assessor = office.agency.role(Role::Assessor).await;
    given::assessed(&assessor, "2026-06-20", &[(a, &office.first, 3)]).await;
    step(&superior, &id, "gathering").await.expect(200);
    assert_eq!(superior.get(&grave).await.expect(200).json["origins"], json!([]));
    given::assessed(&assessor, "2026-06-21", &[(a, &office.first, 2)]).await;
    step(&superior, &id, "gathering").await.expect(200);
    let again = superior.get(&grave).await.expect(200);
    assert_eq!(
        (&again.json["dropped"]["reason"], &again.json["level_from"]),
        (&json!("Segera pensiun"), &json!(2))
    );
    let restored = superior.transition(&format!("{grave}/restoration"), &again.etag()).await.expect(200);
    assert_eq!(restored.json["dropped"], Value::Null);
}

#[tokio::test]
async fn who_moves_takes_their_needs_along_and_who_leaves_has_none() {
    let app = TestApp::start().await;
    let office = Office::new(&app, 3).await;
    let [a, b, c] = [0, 1, 2].map(|index| office.people[index].as_str());
    office.assessed(&[(a, &office.first, 1), (b, &office.first, 1), (c, &office.first, 1)]).await;
    let beside = given::unit(&office.admin, "DISDIK", None).await;
    let post = given::position(&office.admin, "GURU", &beside).await;
    let required = json!([{"competency_id": office.first, "level": 2}]);
    given::standard(&office.agency, &post, "2020-01-01", required).await;
    let (here, there) = (office.begun().await, begin(&office.admin, &beside).await.expect(201).id());
    propose(&office.admin, &here, &[a], &office.second, json!({})).await.expect(201);
    let dropped = needs(&office.admin, &here).await;
    let dropped = of(&dropped, b, &office.first).unwrap()["id"].as_str().unwrap().to_owned();
    reasoned(&office.admin, &format!("{ANALYSES}/{here}/needs/{dropped}/removal")).await.expect(200);
    for person in [a, b] {
        given::place(&office.admin, person, Some(&post), "2026-06-30").await.expect(201);
    }
    given::place(&office.admin, c, None, "2026-06-30").await.expect(201);
    let seen = office.admin.get(&format!("{ANALYSES}/{here}")).await.expect(200);
    let left: Vec<_> = needs(&office.admin, &here).await.iter().map(|need| need["serves"].clone()).collect();
    assert_eq!(left, [false; 4], "they stay where they are until they are gathered anew");

    // While the unit left stands behind its analysis nothing is taken out of it.
    step(&office.superior().await, &here, "verification").await.expect(200);
    step(&office.admin, &there, "gathering").await.expect(200);
    assert!(needs(&office.admin, &there).await.is_empty());
    propose(&office.admin, &there, &[a], &office.first, json!({}))
        .await
        .expect(400)
        .expect_error("/employee_ids/0", "TAKEN");
    step(&office.superior().await, &here, "withdrawal").await.expect(200);
    step(&office.admin, &there, "gathering").await.expect(200);
    let moved = needs(&office.admin, &there).await;
    assert_eq!(moved.len(), 3);
    let gap = of(&moved, a, &office.first).unwrap();
    assert_eq!(
        (&gap["level_to"], &gap["serves"]),
        (&json!(2), &json!(true)),
        "what the new position requires"
    );
    assert_eq!(origins(of(&moved, a, &office.second).unwrap()), [("OWN_PROPOSAL", 4)]);
    let still = of(&moved, b, &office.first).unwrap();
    assert_eq!((&still["id"], &still["dropped"]["reason"]), (&json!(dropped), &json!("Alasan")));
    let after = office.admin.get(&format!("{ANALYSES}/{here}")).await.expect(200);
    assert_ne!(seen.etag(), after.etag(), "it is another analysis without them");

    step(&office.admin, &here, "gathering").await.expect(200);
    assert!(needs(&office.admin, &here).await.is_empty(), "who left has none");
}

/// Pages of a list whose rows have one priority neither repeat nor skip any, and it leaves the house as a file.
#[tokio::test]
async fn needs_are_paged_and_exported() {
    let app = TestApp::start().await;
    let office = Office::new(&app, 7).await;
    let people: Vec<&str> = office.people.iter().map(String::as_str).collect();
    let found: Vec<_> = people.iter().map(|person| (*person, office.first.as_str(), 1)).collect();
    office.assessed(&found).await;
    let id = office.begun().await;
    let (mut seen, mut next) = (Vec::new(), String::new());
    loop {
        let page = office.admin.get(&format!("{ANALYSES}/{id}/needs?limit=3{next}")).await.expect(200);
        seen.extend(page.items().iter().map(|need| need["id"].as_str().unwrap().to_owned()));
        match page.json["next"].as_str() {
            Some(cursor) => next = format!("&cursor={cursor}"),
            None => break,
        }
    }
    let count = seen.len();
    seen.sort_unstable();
    seen.dedup();
    assert_eq!((count, seen.len()), (7, 7));
    let csv = office.admin.get(&format!("{ANALYSES}/{id}/needs?format=csv")).await.expect(200);
    assert_eq!(csv.text.lines().count(), 8);
    let from = async |origin: &str| {
        let path = format!("{ANALYSES}/{id}/needs?origin={origin}");
        office.admin.get(&path).await.expect(200).items().len()
    };
    assert_eq!((from("HELD_GAP").await, from("SERVICE_SIGNAL").await), (7, 0));
    assert_eq!(office.app.count("SELECT count(*) FROM needs").await, 7);
}

fn speakers(need: &Value) -> Vec<(&str, &str, i64)> {
    let of = |one: &'_ Value| one["level_to"].as_i64().unwrap();
    let all = need["origins"].as_array().unwrap().iter();
    all.map(|one| (one["origin"].as_str().unwrap(), one["speaker"].as_str().unwrap(), of(one))).collect()
}

#[tokio::test]
async fn nobody_speaks_for_another_side_or_over_another_word() {
    let app = TestApp::start().await;
    let office = Office::new(&app, 2).await;
    let a = office.people[0].as_str();
    office.assessed(&[(a, &office.first, 1)]).await;
    let (oneself, superior, planner) =
        (office.oneself(0).await, office.superior().await, office.planner().await);
    let id = office.begun().await;
    let says = |origin: &str, to: i64| json!({"origin": origin, "level_to": to});
    for origin in ["SERVICE_SIGNAL", "PERFORMANCE", "POLICY_PRIORITY"] {
        propose(&oneself, &id, &[a], &office.first, says(origin, 5))
            .await
            .expect(400)
            .expect_error("/origin", "NOT_ALLOWED_VALUE");
    }
    propose(&superior, &id, &[a, &office.people[1]], &office.second, says("POLICY_PRIORITY", 5))
        .await
        .expect(400)
        .expect_error("/origin", "NOT_ALLOWED_VALUE");
    propose(&planner, &id, &[a], &office.first, says("POLICY_PRIORITY", 3)).await.expect(201);
    propose(&planner, &id, &[a], &office.first, says("OWN_PROPOSAL", 3)).await.expect(201);
    propose(&superior, &id, &[a], &office.first, says("PERFORMANCE", 4)).await.expect(201);
    propose(&oneself, &id, &[a], &office.first, says("OWN_PROPOSAL", 5)).await.expect(201);
    let again = propose(&oneself, &id, &[a], &office.first, says("OWN_PROPOSAL", 4)).await.expect(201);
    let expected = [
        ("HELD_GAP", "ASSESSMENT", 3),
        ("PERFORMANCE", "UNIT", 4),
        ("POLICY_PRIORITY", "AGENCY", 3),
        ("OWN_PROPOSAL", "PERSON", 4),
        ("OWN_PROPOSAL", "AGENCY", 3),
    ];
    assert_eq!(speakers(&again.json["items"][0]), expected);
    step(&office.admin, &id, "gathering").await.expect(200);
    let found = needs(&office.admin, &id).await;
    assert_eq!(speakers(of(&found, a, &office.first).unwrap()), expected);
    // Behind the server's back neither.
    use sea_orm::ConnectionTrait as _;
    app.db.execute_unprepared("UPDATE need_origins SET speaker = 'PERSON'").await.unwrap_err();
}
