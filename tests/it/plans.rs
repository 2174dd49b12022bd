//! `/v1/development-plans`.

use access::Role;
use serde_json::{Value, json};
use support::{Agency, Answer, Caller, TestApp};

use crate::given;

pub(crate) const PLANS: &str = "/v1/development-plans";

/// A unit with a head, somebody who works there, and a competency of which one level is missing.
pub(crate) struct Office<'a> {
    pub(crate) agency: Agency<'a>,
    pub(crate) admin: Caller<'a>,
    pub(crate) unit: String,
    pub(crate) staff: String,
    pub(crate) boss: String,
    pub(crate) me: String,
    pub(crate) competency: String,
}

impl<'a> Office<'a> {
    pub(crate) async fn new(app: &'a TestApp) -> Self {
        let agency = app.agency("KOTA").await;
        let admin = agency.admin().await;
        let unit = given::unit(&admin, "DINKES", None).await;
        let (head, staff) =
            (given::head(&admin, "KADIS", &unit).await, given::position(&admin, "STAF", &unit).await);
        let boss = given::person_in(&admin, 1, &head).await;
        let me = given::person_in(&admin, 2, &staff).await;
        let competency = given::competency(&admin, "M.1").await;
        let other = given::competency(&admin, "M.2").await;
        let required =
            json!([{"competency_id": competency, "level": 3}, {"competency_id": other, "level": 2}]);
        given::standard(&agency, &staff, "2020-01-01", required).await;
        let assessor = agency.role(Role::Assessor).await;
        given::assessed(&assessor, "2026-01-10", &[(&me, &competency, 2)]).await;
        Self { agency, admin, unit, staff, boss, me, competency }
    }

    pub(crate) async fn owner(&self) -> Caller<'a> {
        self.agency.employee(Role::Employee, &self.me).await
    }

    pub(crate) async fn superior(&self) -> Caller<'a> {
        self.agency.employee(Role::Supervisor, &self.boss).await
    }

    pub(crate) async fn planner(&self) -> Caller<'a> {
        self.agency.role(Role::Planner).await
    }

    /// A published programme that teaches the competency from 2 to 3.
    pub(crate) async fn programme(&self) -> String {
        let partner = json!({"code": "BPSDM", "name": "BPSDM", "kind": "OWN"});
        let partner = self.admin.post("/v1/partners", partner).await.expect(201).id();
        let programme = json!({"code": "INT-3", "name": "Pelatihan Integritas", "objectives": "x", "form": "KL03",
            "partner_id": partner, "mode": "ONLINE", "jp": 24, "price_per_participant": 2_500_000,
            "steps": [{"competency_id": self.competency, "level_from": 2, "level_to": 3}]});
        let id = self.admin.post("/v1/programmes", programme).await.expect(201).id();
        self.admin.transition(&format!("/v1/programmes/{id}/publication"), "*").await.expect(200);
        id
    }

    /// A draft with one free item.
    pub(crate) async fn draft(&self, owner: &Caller<'_>) -> Answer {
        let plan =
            json!({"employee_id": self.me, "year": 2026, "items": [item("Coaching", Some("2026-09-30"))]});
        owner.post(PLANS, plan).await.expect(201)
    }

    /// A plan that has come as far as an endorsement.
    pub(crate) async fn endorsed(&self) -> String {
        let (owner, superior) = (self.owner().await, self.superior().await);
        let path = format!("{PLANS}/{}", self.draft(&owner).await.id());
        step(&owner, &path, "submission").await.expect(200);
        step(&superior, &path, "review").await.expect(200);
        step(&superior, &path, "endorsement").await.expect(200);
        path
    }

    /// A plan that is carried out.
    pub(crate) async fn active(&self) -> String {
        let path = self.endorsed().await;
        step(&self.planner().await, &path, "approval").await.expect(200);
        step(&self.owner().await, &path, "activation").await.expect(200);
        path
    }
}

pub(crate) fn item(title: &str, due_on: Option<&str>) -> Value {
    json!({"form": "NKL01", "title": title, "jp": 4, "due_on": due_on, "origin": "OWN_WISH"})
}

pub(crate) async fn step(caller: &Caller<'_>, path: &str, what: &str) -> Answer {
    caller.transition(&format!("{path}/{what}"), "*").await
}

pub(crate) async fn reasoned(caller: &Caller<'_>, path: &str, what: &str) -> Answer {
    caller.put(&format!("{path}/{what}"), "*", json!({"reason": "Alasan"})).await
}

fn texts(list: &Value) -> Vec<&str> {
    list.as_array().unwrap().iter().map(|one| one.as_str().unwrap()).collect()
}

#[tokio::test]
async fn a_plan_goes_from_gaps_to_a_frozen_record() {
    let app = TestApp::start().await;
    let office = Office::new(&app).await;
    let programme = office.programme().await;
    let (owner, superior, planner) = (office.owner().await, office.superior().await, office.planner().await);
    let create =
        json!({"employee_id": office.me, "year": 2026, "generate": true, "goal": "Menjadi kepala bidang"});
    let made = owner.post(PLANS, create.clone()).await.expect(201);
    let path = format!("{PLANS}/{}", made.id());
    let one = &made.json["items"][0];
    assert_eq!(
        (
            &one["programme_id"],
            &one["level_from"],
            &one["level_to"],
            &one["jp"],
            &one["cost"],
            &one["origin"]
        ),
        (&json!(programme), &json!(2), &json!(3), &json!(24), &json!(2_500_000), &json!("HELD_GAP"))
    );
    assert_eq!(texts(&made.json["allowed_actions"]), ["EDIT", "SUBMIT", "CANCEL", "COMMENT"]);
    let snapshots = owner.get(&format!("{path}/snapshots")).await.expect(200);
    let reasons: Vec<_> = snapshots.json["items"][0]["competencies"]
        .as_array()
        .unwrap()
        .iter()
        .map(|line| (line["code"].clone(), line["state"].clone(), line["unplanned"].clone()))
        .collect();
    assert_eq!(
        reasons.iter().find(|line| line.0 == "M.2").unwrap(),
        &(json!("M.2"), json!("MISSING"), json!("NEVER_ASSESSED"))
    );
    assert_eq!(reasons.iter().find(|line| line.0 == "M.1").unwrap().2, Value::Null);
    owner.post(PLANS, create).await.expect(409).expect_error("/year", "TAKEN");

    // What costs money says where that comes from before anybody is asked.
    let submission = format!("{path}/submission");
    owner.transition(&submission, &made.etag()).await.expect(400).expect_error("/items/0/budget", "REQUIRED");
    let mut put = json!({"goal": "Menjadi kepala bidang", "items": [{"id": one["id"], "competency_id": office.competency,
        "level_from": 2, "level_to": 3, "programme_id": programme, "budget": "APBD", "due_on": "2026-06-30",
        "origin": "HELD_GAP"}], "attachments": [{"title": "Nota dinas", "reference": "berkas/9"}]});
    let edited = owner.put(&path, &made.etag(), put.clone()).await.expect(200);
    assert_eq!(edited.json["items"][0]["line_id"], one["line_id"], "the item keeps its line");
    owner.put(&path, &made.etag(), put.clone()).await.expect(412);
    owner.transition(&submission, &edited.etag()).await.expect(200);
    superior.get(&path).await.expect(200);
    step(&superior, &path, "endorsement").await.expect(409).expect_problem("PLAN_STATE");
    step(&superior, &path, "review").await.expect(200);
    superior
        .put(&format!("{path}/return"), "*", json!({"reason": ""}))
        .await
        .expect(400)
        .expect_error("/reason", "REQUIRED");
    let returned = reasoned(&superior, &path, "return").await.expect(200);
    assert_eq!(returned.json["state"], "RETURNED");
    let remark = json!({"text": "Tambahkan praktik"});
    superior.post(&format!("{path}/comments"), remark).await.expect(201);
    step(&owner, &path, "submission").await.expect(200);
    step(&superior, &path, "review").await.expect(200);
    step(&superior, &path, "endorsement").await.expect(200);
    let approved = step(&planner, &path, "approval").await.expect(200);
    assert_eq!(
        (&approved.json["state"], approved.json["approved_at"].is_string()),
        (&json!("APPROVED"), true)
    );
    // The day lies in the past: no edit was kept from it, and now it has to lie ahead.
    step(&owner, &path, "activation").await.expect(400).expect_error("/items/0/due_on", "OUT_OF_RANGE");
    reasoned(&office.admin, &path, "cancellation").await.expect(200);
    reasoned(&owner, &path, "reopening").await.expect(200);
    put["items"][0]["due_on"] = json!("2026-12-31");
    owner.put(&path, "*", put).await.expect(200);
    for (who, what) in [
        (&owner, "submission"),
        (&superior, "review"),
        (&superior, "endorsement"),
        (&planner, "approval"),
        (&owner, "activation"),
    ] {
        step(who, &path, what).await.expect(200);
    }
    let active = owner.get(&path).await.expect(200);
    let told = format!("{path}/items/{}/progress", active.json["items"][0]["id"].as_str().unwrap());
    let done =
        json!({"state": "DONE", "percent": 100, "jp": 24, "committed": 2_500_000, "realised": 2_400_000});
    owner.put(&told, "*", done.clone()).await.expect(400).expect_error("/evidence", "REQUIRED");
    let mut done = done;
    done["evidence"] = json!("berkas/sertifikat");
    let after = owner.put(&told, &active.etag(), done.clone()).await.expect(200);
    let figures = &after.json["figures"];
    assert_eq!(
        (&figures["percent"], &figures["jp_earned"], &figures["cost_planned"], &figures["cost_realised"]),
        (&json!(100), &json!(24), &json!(2_500_000), &json!(2_400_000))
    );
    owner.transition(&format!("{path}/completion"), "*").await.expect(403);
    let completed = step(&superior, &path, "completion").await.expect(200);
    assert_eq!(
        (&completed.json["state"], texts(&completed.json["allowed_actions"])),
        (&json!("COMPLETED"), vec!["CARRY_OVER"])
    );

    // Frozen, with the gaps of both moments, whatever is recorded later.
    let before = owner.get(&format!("{path}/snapshots")).await.expect(200);
    assert_eq!(before.json["items"].as_array().unwrap().len(), 2);
    let assessor = office.agency.role(Role::Assessor).await;
    given::assessed(&assessor, "2026-06-30", &[(&office.me, &office.competency, 3)]).await;
    assert_eq!(owner.get(&format!("{path}/snapshots")).await.expect(200).json, before.json);
    owner.put(&told, "*", done).await.expect(409).expect_problem("PLAN_STATE");
    let item = active.json["items"][0]["id"].as_str().unwrap();
    let change = format!("UPDATE plan_items SET percent = 1 WHERE id = '{item}'");
    let refused = sea_orm::ConnectionTrait::execute_unprepared(&app.db, &change).await;
    assert!(refused.is_err(), "the table itself keeps it");

    let steps = owner.get(&format!("{path}/transitions?limit=200")).await.expect(200);
    let actions: Vec<_> = steps.items().iter().map(|one| one["action"].as_str().unwrap()).collect();
    assert_eq!(
        actions,
        [
            "CREATE", "EDIT", "SUBMIT", "REVIEW", "RETURN", "SUBMIT", "REVIEW", "ENDORSE", "APPROVE",
            "CANCEL", "REOPEN", "EDIT", "SUBMIT", "REVIEW", "ENDORSE", "APPROVE", "ACTIVATE", "PROGRESS",
            "COMPLETE"
        ]
    );
    let sent_back = &steps.items()[4];
    assert_eq!(
        (&sent_back["reason"], &sent_back["superior_basis"], &sent_back["parties"]),
        (&json!("Alasan"), &json!("UNIT_HEAD"), &json!(["SUPERIOR"]))
    );
    let comments = owner.get(&format!("{path}/comments")).await.expect(200);
    assert_eq!(comments.items()[0]["text"], "Tambahkan praktik");
    let list =
        planner.get(&format!("{PLANS}?state=COMPLETED&year=2026&unit_id={}", office.unit)).await.expect(200);
    assert_eq!((list.items().len(), &list.items()[0]["figures"]["done"]), (1, &json!(1)));
}

#[tokio::test]
async fn the_authority_speaks_where_the_policy_asks_and_no_officer_twice() {
    let app = TestApp::start().await;
    let office = Office::new(&app).await;
    let policy = json!({"name": "DEVELOPMENT_PLAN", "valid_from": "2026-01-01", "source": "Keputusan",
        "development_plan": {"authority": true, "most_items": 10}});
    office.admin.post("/v1/policies", policy).await.expect(201);
    let path = office.endorsed().await;
    let (planner, authority) = (office.planner().await, office.agency.role(Role::Authority).await);
    step(&authority, &path, "enactment").await.expect(409).expect_problem("PLAN_STATE");
    assert_eq!(step(&planner, &path, "approval").await.expect(200).json["state"], "CONFIRMED");
    step(&office.owner().await, &path, "activation").await.expect(409).expect_problem("PLAN_STATE");
    // The planner's is a right of its own; somebody who also is the authority does not agree twice.
    let user = app.count("SELECT count(*) FROM plans WHERE confirmed_by IS NOT NULL").await;
    assert_eq!(user, 1);
    app.sql(&format!(
        "INSERT INTO grants (agency_id, id, user_id, name, role, scopes, granted_at)
         SELECT '{}', gen_random_uuid(), confirmed_by, 'Dua Peran', 'AUTHORITY', '{{}}', now() FROM plans
         WHERE confirmed_by IS NOT NULL",
        office.agency.id
    ))
    .await;
    step(&planner, &path, "enactment").await.expect(409).expect_problem("PLAN_SAME_OFFICER");
    assert!(!texts(&planner.get(&path).await.json["allowed_actions"]).contains(&"ENACT"));
    assert_eq!(step(&authority, &path, "enactment").await.expect(200).json["state"], "APPROVED");
}

#[tokio::test]
async fn nobody_decides_on_their_own_plan() {
    let app = TestApp::start().await;
    let office = Office::new(&app).await;
    let path = office.endorsed().await;
    let me_as_planner = office.agency.employee(Role::Planner, &office.me).await;
    step(&me_as_planner, &path, "approval").await.expect(409).expect_problem("PLAN_OWN");
    // The personnel agency keeps plans and approves none.
    step(&office.admin, &path, "approval").await.expect(403);
    let stranger = office.agency.employee(Role::Employee, &office.boss).await;
    stranger.get(&path).await.expect(404);
}

#[tokio::test]
async fn of_many_approvals_at_once_one_counts() {
    let app = TestApp::start().await;
    let office = Office::new(&app).await;
    let path = office.endorsed().await;
    let (one, two) = (office.planner().await, office.planner().await);
    let approval = format!("{path}/approval");
    let tag = one.get(&path).await.expect(200).etag();
    let tries = (0..10)
        .map(|n| if n % 2 == 0 { one.transition(&approval, &tag) } else { two.transition(&approval, "*") });
    let answers = futures_util::future::join_all(tries).await;
    let statuses: Vec<_> = answers.iter().map(|answer| answer.status).collect();
    assert_eq!(statuses.iter().filter(|status| **status == 200).count(), 1, "{statuses:?}");
    assert!(statuses.iter().all(|status| matches!(status, 200 | 409 | 412)), "{statuses:?}");
    assert_eq!(app.count("SELECT count(*) FROM plan_transitions WHERE action = 'APPROVE'").await, 1);
}

#[tokio::test]
async fn a_person_has_one_plan_a_year_however_many_ask_at_once() {
    let app = TestApp::start().await;
    let office = Office::new(&app).await;
    let (owner, superior) = (office.owner().await, office.superior().await);
    let plan = json!({"employee_id": office.me, "year": 2026, "items": [item("Coaching", None)]});
    let tries = (0..8).map(|n| {
        if n % 2 == 0 { owner.post(PLANS, plan.clone()) } else { superior.post(PLANS, plan.clone()) }
    });
    let statuses: Vec<_> =
        futures_util::future::join_all(tries).await.iter().map(|answer| answer.status).collect();
    assert_eq!(statuses.iter().filter(|status| **status == 201).count(), 1, "{statuses:?}");
    assert!(statuses.iter().all(|status| matches!(status, 201 | 409)), "{statuses:?}");
    for year in [2025, 2028] {
        let plan = json!({"employee_id": office.me, "year": year, "items": []});
        owner.post(PLANS, plan).await.expect(400).expect_error("/year", "OUT_OF_RANGE");
    }
    owner.post(PLANS, json!({"employee_id": office.me, "year": 2027, "items": []})).await.expect(201);
    let foreign = json!({"employee_id": office.boss, "year": 2026, "items": []});
    owner.post(PLANS, foreign).await.expect(400).expect_error("/employee_id", "NOT_FOUND");
}

#[tokio::test]
async fn an_empty_post_is_passed_over_and_at_the_top_the_authority_stands_in() {
    let app = TestApp::start().await;
    let office = Office::new(&app).await;
    let top = given::unit(&office.admin, "SEKDA", None).await;
    let head = given::head(&office.admin, "SEKDA", &top).await;
    let chief = given::person_in(&office.admin, 3, &head).await;
    let unit = json!({"code": "DINKES", "name": "Dinas Kesehatan", "parent_id": top});
    office.admin.put(&format!("/v1/units/{}", office.unit), "*", unit).await.expect(200);
    let (owner, superior) = (office.owner().await, office.superior().await);
    let path = format!("{PLANS}/{}", office.draft(&owner).await.id());
    step(&owner, &path, "submission").await.expect(200);
    // The head leaves the post: whoever is above takes over, and the record says why.
    given::place(&office.admin, &office.boss, None, "2026-06-30").await.expect(201);
    step(&superior, &path, "review").await.expect(404);
    let above = office.agency.employee(Role::Supervisor, &chief).await;
    step(&above, &path, "review").await.expect(200);
    let basis = "SELECT count(*) FROM plan_transitions WHERE action = 'REVIEW' AND basis = 'ANCESTOR_HEAD'";
    assert_eq!(app.count(basis).await, 1);
    // Whom the record names goes before the tree.
    let deputy = given::person_in(&office.admin, 4, &office.staff).await;
    let mut me = given::person_body(2);
    me["superior_id"] = json!(deputy);
    office.admin.put(&format!("/v1/employees/{}", office.me), "*", me).await.expect(200);
    step(&above, &path, "endorsement").await.expect(403);
    step(&office.agency.employee(Role::Supervisor, &deputy).await, &path, "endorsement").await.expect(200);

    // Nobody is above the chief.
    let authority = office.agency.role(Role::Authority).await;
    let own = office.agency.employee(Role::Employee, &chief).await;
    let plan = json!({"employee_id": chief, "year": 2026, "items": [item("Coaching", Some("2026-09-30"))]});
    let path = format!("{PLANS}/{}", own.post(PLANS, plan).await.expect(201).id());
    step(&own, &path, "submission").await.expect(200);
    step(&authority, &path, "review").await.expect(200);
    step(&authority, &path, "endorsement").await.expect(200);
    assert_eq!(
        app.count("SELECT count(*) FROM plan_transitions WHERE basis = 'AUTHORITY_STANDS_IN'").await,
        2
    );
}

#[tokio::test]
async fn who_serves_nowhere_submits_nothing_and_who_moves_has_the_new_superior() {
    let app = TestApp::start().await;
    let office = Office::new(&app).await;
    let (owner, superior) = (office.owner().await, office.superior().await);
    let path = format!("{PLANS}/{}", office.draft(&owner).await.id());
    given::place(&office.admin, &office.me, None, "2026-06-01").await.expect(201);
    step(&owner, &path, "submission").await.expect(409).expect_problem("PLAN_NOT_SERVING");
    let other = given::unit(&office.admin, "DISDIK", None).await;
    let (head, staff) = (
        given::head(&office.admin, "KADIS-2", &other).await,
        given::position(&office.admin, "STAF-2", &other).await,
    );
    let new_boss = given::person_in(&office.admin, 5, &head).await;
    given::place(&office.admin, &office.me, Some(&staff), "2026-06-15").await.expect(201);
    step(&owner, &path, "submission").await.expect(200);
    step(&superior, &path, "review").await.expect(404);
    step(&office.agency.employee(Role::Supervisor, &new_boss).await, &path, "review").await.expect(200);
    // Whoever left for good: the agency gives the plan up.
    given::place(&office.admin, &office.me, None, "2026-06-30").await.expect(201);
    let keeper = office.admin.get(&path).await.expect(200);
    assert!(texts(&keeper.json["allowed_actions"]).contains(&"CANCEL"));
    reasoned(&office.admin, &path, "cancellation").await.expect(200);
}

#[tokio::test]
async fn a_revision_takes_the_place_of_the_active_plan_with_what_was_done_meanwhile() {
    let app = TestApp::start().await;
    let office = Office::new(&app).await;
    let path = office.active().await;
    let (owner, superior, planner) = (office.owner().await, office.superior().await, office.planner().await);
    let old = owner.get(&path).await.expect(200);
    let reason = json!({"reason": "Kegiatan baru"});
    let revisions = format!("{path}/revisions");
    let tries = (0..6).map(|_| owner.post(&revisions, reason.clone()));
    let answers = futures_util::future::join_all(tries).await;
    let next = answers.iter().find(|answer| answer.status == 201).unwrap();
    assert_eq!(answers.iter().filter(|answer| answer.status == 201).count(), 1);
    assert!(answers.iter().all(|answer| matches!(answer.status, 201 | 409)));
    assert_eq!((&next.json["number"], &next.json["revises_id"]), (&json!(2), &old.json["id"]));
    let new = format!("{PLANS}/{}", next.id());
    step(&superior, &path, "completion").await.expect(409).expect_problem("PLAN_REVISION_OPEN");

    // The active one goes on until the new one begins.
    let told = format!("{path}/items/{}/progress", old.json["items"][0]["id"].as_str().unwrap());
    owner.put(&told, "*", json!({"state": "STARTED", "percent": 60})).await.expect(200);
    let kept = json!({"id": next.json["items"][0]["id"], "form": "NKL01", "title": "Coaching", "jp": 4,
        "due_on": "2026-11-30", "origin": "OWN_WISH"});
    owner.put(&new, "*", json!({"items": [kept, item("Magang", Some("2026-12-01"))]})).await.expect(200);
    for (who, what) in [
        (&owner, "submission"),
        (&superior, "review"),
        (&superior, "endorsement"),
        (&planner, "approval"),
        (&owner, "activation"),
    ] {
        step(who, &new, what).await.expect(200);
    }
    assert_eq!(owner.get(&path).await.expect(200).json["state"], "SUPERSEDED");
    let begun = owner.get(&new).await.expect(200);
    assert_eq!(
        (&begun.json["state"], &begun.json["items"][0]["progress"]["percent"]),
        (&json!("ACTIVE"), &json!(60))
    );
    owner
        .put(&told, "*", json!({"state": "STARTED", "percent": 70}))
        .await
        .expect(409)
        .expect_problem("PLAN_STATE");
    assert_eq!(app.count("SELECT count(*) FROM plan_transitions WHERE action = 'SUPERSEDE'").await, 1);
}

#[tokio::test]
async fn what_is_unfinished_is_carried_over_once() {
    let app = TestApp::start().await;
    let office = Office::new(&app).await;
    let path = office.active().await;
    let (owner, superior) = (office.owner().await, office.superior().await);
    let carry = format!("{path}/carry-over");
    let next = owner.post(&carry, Value::Null).await.expect(201);
    assert_eq!(
        (&next.json["year"], &next.json["items"][0]["origin"]),
        (&json!(2027), &json!("CARRIED_OVER"))
    );
    assert_eq!(next.json["items"][0]["due_on"], "2026-09-30", "the day stays until somebody sets it anew");
    step(&superior, &path, "completion").await.expect(200);
    let again = superior.post(&carry, Value::Null).await.expect(200);
    assert_eq!(
        (again.json["id"].clone(), again.json["items"].as_array().unwrap().len()),
        (next.json["id"].clone(), 1)
    );
    // An old day never blocks an edit of the rest.
    let old = &next.json["items"][0];
    let kept = json!({"id": old["id"], "form": "NKL01", "title": "Coaching", "jp": 4, "due_on": old["due_on"], "origin": "CARRIED_OVER"});
    let put = json!({"items": [kept, item("Magang", Some("2027-03-01"))]});
    let edited = owner.put(&format!("{PLANS}/{}", next.id()), "*", put).await.expect(200);
    assert_eq!(edited.json["items"][0]["carried_from_id"], old["carried_from_id"]);
}

/// The items of a plan as a draft would say them again.
pub(crate) fn again(plan: &Answer, due_on: &str) -> Vec<Value> {
    let said = |one: &Value| {
        json!({"id": one["id"], "form": one["form"], "title": one["title"], "jp": one["jp"], "due_on": due_on,
            "origin": one["origin"]})
    };
    plan.json["items"].as_array().unwrap().iter().map(said).collect()
}

fn done() -> Value {
    json!({"state": "DONE", "percent": 100, "jp": 4, "committed": 0, "realised": 0, "evidence": "berkas/1"})
}

async fn tell(caller: &Caller<'_>, path: &str, progress: Value) {
    let plan = caller.get(path).await.expect(200);
    let item = plan.json["items"][0]["id"].as_str().unwrap();
    caller.put(&format!("{path}/items/{item}/progress"), "*", progress).await.expect(200);
}

#[tokio::test]
async fn a_plan_that_was_under_way_is_taken_up_again_with_what_was_told() {
    let app = TestApp::start().await;
    let office = Office::new(&app).await;
    let path = office.active().await;
    let owner = office.owner().await;
    let started = json!({"state": "STARTED", "percent": 50, "jp": 0, "committed": 0, "realised": 0});
    tell(&owner, &path, started).await;
    reasoned(&office.admin, &path, "cancellation").await.expect(200);
    let reopened = reasoned(&owner, &path, "reopening").await.expect(200);
    let mut items = again(&reopened, "2026-11-30");
    items.insert(0, item("Membaca", Some("2026-12-31")));
    let after = owner.put(&path, "*", json!({"items": items})).await.expect(200);
    assert_eq!(
        (&after.json["items"][1]["progress"]["percent"], &after.json["items"][1]["due_on"]),
        (&json!(50), &json!("2026-11-30"))
    );
    // What was told of is not thrown away.
    let none = json!({"items": [item("Membaca", Some("2026-12-31"))]});
    owner.put(&path, "*", none).await.expect(409).expect_problem("STILL_REFERENCED");
}

#[tokio::test]
async fn a_version_begins_with_what_was_done_while_it_was_drawn_up() {
    let app = TestApp::start().await;
    let office = Office::new(&app).await;
    let path = office.active().await;
    let owner = office.owner().await;
    let reason = json!({"reason": "Sasaran berubah"});
    let next = owner.post(&format!("{path}/revisions"), reason).await.expect(201);
    let next = format!("{PLANS}/{}", next.id());
    // A version that is drawn up needs what it is to take the place of.
    reasoned(&office.admin, &path, "cancellation").await.expect(409).expect_problem("PLAN_REVISION_OPEN");
    tell(&owner, &path, done()).await;
    app.set_now("2026-10-05T02:00:00Z");
    let (owner, superior, planner) = (office.owner().await, office.superior().await, office.planner().await);
    for (who, what) in [
        (&owner, "submission"),
        (&superior, "review"),
        (&superior, "endorsement"),
        (&planner, "approval"),
        (&owner, "activation"),
    ] {
        step(who, &next, what).await.expect(200);
    }
    let active = owner.get(&next).await.expect(200);
    assert_eq!(active.json["items"][0]["progress"]["state"], "DONE");
}

#[tokio::test]
async fn what_is_carried_over_is_carried_over_once_through_every_version() {
    let app = TestApp::start().await;
    let office = Office::new(&app).await;
    let path = office.active().await;
    let (owner, superior, planner) = (office.owner().await, office.superior().await, office.planner().await);
    let carried = owner.post(&format!("{path}/carry-over"), Value::Null).await;
    assert!(carried.status < 300, "{}", carried.text);
    let next =
        owner.post(&format!("{path}/revisions"), json!({"reason": "Sasaran berubah"})).await.expect(201);
    let next = format!("{PLANS}/{}", next.id());
    for (who, what) in [
        (&owner, "submission"),
        (&superior, "review"),
        (&superior, "endorsement"),
        (&planner, "approval"),
        (&owner, "activation"),
    ] {
        step(who, &next, what).await.expect(200);
    }
    let again = owner.post(&format!("{next}/carry-over"), Value::Null).await;
    assert!(again.status < 300, "{}", again.text);
    assert_eq!(again.json["items"].as_array().unwrap().len(), 1);
}

/// Takes a draft as far as its beginning.
pub(crate) async fn begun(office: &Office<'_>, path: &str) -> Answer {
    let (owner, superior, planner) = (office.owner().await, office.superior().await, office.planner().await);
    for (who, what) in
        [(&owner, "submission"), (&superior, "review"), (&superior, "endorsement"), (&planner, "approval")]
    {
        step(who, path, what).await.expect(200);
    }
    step(&owner, path, "activation").await
}

#[tokio::test]
async fn a_plan_is_not_taken_up_again_beside_one_that_is_carried_out() {
    let app = TestApp::start().await;
    let office = Office::new(&app).await;
    let first = office.active().await;
    reasoned(&office.admin, &first, "cancellation").await.expect(200);
    let second = office.active().await;
    let owner = office.owner().await;
    let refused = reasoned(&owner, &first, "reopening").await.expect(409);
    refused.expect_problem("ALREADY_EXISTS").expect_error("/year", "TAKEN");
    // A version of the one that is carried out may be.
    let next = owner.post(&format!("{second}/revisions"), json!({"reason": "Alasan"})).await.expect(201);
    let next = format!("{PLANS}/{}", next.id());
    reasoned(&owner, &next, "cancellation").await.expect(200);
    reasoned(&owner, &next, "reopening").await.expect(200);
}

#[tokio::test]
async fn gaps_to_a_target_are_kept_as_they_are_when_it_is_chosen() {
    let app = TestApp::start().await;
    let office = Office::new(&app).await;
    let mut targets = Vec::new();
    for (code, level) in [("KABID", 4), ("SEKRETARIS", 5)] {
        let position = given::position(&office.admin, code, &office.unit).await;
        let required = json!([{"competency_id": office.competency, "level": level}]);
        given::standard(&office.agency, &position, "2020-01-01", required).await;
        targets.push(position);
    }
    let owner = office.owner().await;
    let draft = office.draft(&owner).await;
    let path = format!("{PLANS}/{}", draft.id());
    let aim = async |target: Option<&str>| {
        let items = again(&owner.get(&path).await.expect(200), "2026-09-30");
        owner.put(&path, "*", json!({"items": items, "target_position_id": target})).await.expect(200);
    };
    let seen = async || {
        let all = owner.get(&format!("{path}/snapshots")).await.expect(200);
        let line = |one: &Value| {
            let of = |name: &str| one[name].as_str().unwrap().to_owned();
            let first = &one["competencies"][0];
            (
                of("moment"),
                of("against"),
                of("position_id"),
                first["achieved"].clone(),
                first["unplanned"].clone(),
            )
        };
        all.json["items"]
            .as_array()
            .unwrap()
            .iter()
            .map(line)
            .filter(|one| one.1 == "TARGET")
            .collect::<Vec<_>>()
    };
    assert!(seen().await.is_empty());
    let made = |target: &str, achieved: u8| {
        vec![("MADE".to_owned(), "TARGET".to_owned(), target.to_owned(), json!(achieved), json!("LEFT_OUT"))]
    };
    aim(Some(&targets[0])).await;
    assert_eq!(seen().await, made(&targets[0], 2));
    let assessor = office.agency.role(Role::Assessor).await;
    given::assessed(&assessor, "2026-06-30", &[(&office.me, &office.competency, 3)]).await;
    aim(Some(&targets[1])).await;
    assert_eq!(seen().await, made(&targets[1], 3), "the one it aims at now");
    aim(None).await;
    assert!(seen().await.is_empty());
    aim(Some(&targets[0])).await;
    assert_eq!(seen().await, made(&targets[0], 2), "as it was when it was chosen first");
}

#[tokio::test]
async fn where_nobody_is_above_one_authority_agrees_for_the_superior_and_for_itself() {
    let app = TestApp::start().await;
    let office = Office::new(&app).await;
    let policy = json!({"name": "DEVELOPMENT_PLAN", "valid_from": "2026-01-01", "source": "Keputusan",
        "development_plan": {"authority": true, "most_items": 10}});
    office.admin.post("/v1/policies", policy).await.expect(201);
    let chief = office.agency.employee(Role::Employee, &office.boss).await;
    let plan =
        json!({"employee_id": office.boss, "year": 2026, "items": [item("Coaching", Some("2026-09-30"))]});
    let path = format!("{PLANS}/{}", chief.post(PLANS, plan).await.expect(201).id());
    let (planner, authority) = (office.planner().await, office.agency.role(Role::Authority).await);
    for (who, what) in [
        (&chief, "submission"),
        (&authority, "review"),
        (&authority, "endorsement"),
        (&planner, "approval"),
        (&authority, "enactment"),
        (&chief, "activation"),
    ] {
        step(who, &path, what).await.expect(200);
    }
}
