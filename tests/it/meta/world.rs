//! One of everything, made once through the API and copied for each operation that is tried.

use std::collections::BTreeMap;

use access::{Action, Role};
use kernel::{
    AgencyId, AgencyPlanId, AgencyPlanItemId, CertificateId, EmployeeId, EnrolmentId, EvaluationTaskId,
    EvidenceProposalId, NATIONAL, NoticeId, OperationId, PlanId, PlanItemId, ScenarioId, UnitId, UserId,
    WebhookDeliveryId,
};
use serde_json::json;
use support::{Agency, Caller, TestApp, TestDatabase};

/// What exists in the world, by the name entries use.
#[derive(Debug)]
pub(super) struct World {
    database: TestDatabase,
    /// The agency everything belongs to.
    pub(super) agency: AgencyId,
    /// An agency with callers of its own and nothing else.
    pub(super) elsewhere: AgencyId,
    /// A user per role, in each of the two and in the nation's.
    pub(super) users: BTreeMap<(AgencyId, Role), UserId>,
    /// A user nobody gave a role.
    pub(super) nobody: UserId,
    /// Ids and codes of what exists.
    pub(super) things: BTreeMap<&'static str, String>,
}

impl World {
    /// Makes it.
    pub(super) async fn new() -> Self {
        let app = TestApp::start().await;
        let (agency, elsewhere) = (app.agency("KOTA").await, app.agency("KABUPATEN").await);
        let mut made = Maker {
            admin: agency.admin().await,
            authority: agency.role(Role::Authority).await,
            things: BTreeMap::new(),
        };
        made.workforce().await;
        made.dictionary().await;
        made.standards().await;
        made.assessments().await;
        made.catalogue().await;
        made.learning_hours().await;
        made.classes(&agency).await;
        let mut things = made.things;
        let mut users = BTreeMap::new();
        let unit = things["unit"].parse().unwrap();
        let (boss, worker) = (things["boss"].parse().unwrap(), things["employee"].parse().unwrap());
        roles(&agency, &mut users, Some((unit, boss, worker))).await;
        roles(&elsewhere, &mut users, None).await;
        roles(&Agency { app: &app, id: NATIONAL }, &mut users, None).await;
        let nobody = agency.user(Role::Mentor, None, None, &[]).await;
        app.sql(&format!("UPDATE grants SET revoked_at = now() WHERE user_id = '{nobody}'")).await;
        // Imports finish too soon to be caught running, so these are put there.
        let states =
            [("operation", "SUCCEEDED"), ("running_operation", "RUNNING"), ("failed_operation", "FAILED")];
        for (name, state) in states {
            let id = OperationId::new();
            let admin = users[&(agency.id, Role::AgencyAdmin)];
            app.sql(&format!(
                "INSERT INTO operations (agency_id, id, kind, state, input, requested_by, created_at, heartbeat_at)
                 VALUES ('{}', '{id}', 'IMPORT', '{state}', '{{}}', '{admin}', now(), now())",
                agency.id
            ))
            .await;
            things.insert(name, id.to_string());
        }
        app.sql(&format!(
            "INSERT INTO rejected_rows (agency_id, operation_id, row_number, is_heading, cells, reasons)
             VALUES ('{0}', '{1}', 1, true, '[\"kode\"]', '[]'), ('{0}', '{1}', 2, false, '[\"A\"]', '[]')",
            agency.id, things["failed_operation"]
        ))
        .await;
        plans(&app, &agency, &mut things).await;
        agency_plans(&agency, &mut things).await;
        scenario(&agency, &mut things).await;
        needs(&app, &agency, nobody, &mut things).await;
        let admin = agency.admin().await;
        for name in ["webhook", "paused_webhook"] {
            let endpoint = json!({"url": "https://hooks.example.go.id/x", "events": ["unit.created"]});
            let made = admin.post("/v1/webhook-endpoints", endpoint).await.expect(201);
            things.insert(name, made.id());
        }
        let paused = format!("/v1/webhook-endpoints/{}/pause", things["paused_webhook"]);
        admin.transition(&paused, "*").await.expect(200);
        let delivery = WebhookDeliveryId::new();
        app.sql(&format!(
            "INSERT INTO webhook_deliveries (agency_id, id, endpoint_id, event_id, type, resource_id, event_at, state, next_at,
                created_at)
             VALUES ('{}', '{delivery}', '{}', gen_random_uuid(), 'unit.created', gen_random_uuid(), now(), 'PENDING', now(),
                now())",
            agency.id, things["webhook"]
        ))
        .await;
        things.insert("delivery", delivery.to_string());
        let notice = NoticeId::new();
        app.sql(&format!(
            "INSERT INTO notices (agency_id, id, employee_id, kind, subject, subject_id, told_at, due_on, figures)
             VALUES ('{}', '{notice}', '{worker}', 'PLAN_DUE', 'EMPLOYEE', '{worker}', now(), '2026-12-31', '{{\"year\": 2026}}')",
            agency.id
        ))
        .await;
        things.insert("notice", notice.to_string());
        let (agency, elsewhere) = (agency.id, elsewhere.id);
        Self { database: app.into_database().await, agency, elsewhere, users, nobody, things }
    }

    /// A server on a copy of it.
    pub(super) async fn app(&self) -> TestApp {
        TestApp::start_on(self.database.copy().await, |config| config).await
    }

    /// The caller with this role in an agency.
    pub(super) fn caller<'a>(&self, app: &'a TestApp, agency: AgencyId, role: Role) -> Caller<'a> {
        app.caller(self.users[&(agency, role)], agency)
    }
}

/// A user for every role; employees and units only where there are some.
async fn roles(
    agency: &Agency<'_>,
    users: &mut BTreeMap<(AgencyId, Role), UserId>,
    people: Option<(UnitId, EmployeeId, EmployeeId)>,
) {
    let scopes: Vec<_> = Action::ALL.into_iter().filter_map(Action::scope_name).collect();
    for role in Role::ALL {
        let (unit, employee) = match (role, people) {
            (Role::Employee, Some((_, _, worker))) => (None, Some(worker)),
            (Role::Supervisor, Some((_, boss, _))) => (None, Some(boss)),
            (Role::UnitAdmin, Some((unit, _, _))) => (Some(unit), None),
            _ => (None, None),
        };
        let scopes = if role == Role::Integration { scopes.as_slice() } else { &[] };
        users.insert((agency.id, role), agency.user(role, employee, unit, scopes).await);
    }
}

/// A plan of the employee in every state, each of another year: reaching them all takes more officers than there are.
async fn plans(app: &TestApp, agency: &Agency<'_>, things: &mut BTreeMap<&'static str, String>) {
    let states = [
        ("plan", "DRAFT"),
        ("submitted_plan", "SUBMITTED"),
        ("reviewed_plan", "IN_REVIEW"),
        ("endorsed_plan", "ENDORSED"),
        ("confirmed_plan", "CONFIRMED"),
        ("approved_plan", "APPROVED"),
        ("active_plan", "ACTIVE"),
        ("completed_plan", "COMPLETED"),
        ("cancelled_plan", "CANCELLED"),
    ];
    for (index, (name, state)) in states.into_iter().enumerate() {
        // What is over is carried into the year that runs; each of the others has a year of its own.
        let year = if name == "completed_plan" { 2025 } else { 2030 + 2 * index };
        let (plan, item) = (PlanId::new(), PlanItemId::new());
        app.sql(&format!(
            "INSERT INTO plans (agency_id, id, employee_id, year, number, state, attachments, approved_at, activated_at,
                completed_at, created_at, updated_at)
             VALUES ('{0}', '{plan}', '{1}', {year}, 1, '{state}', '[]', now(), now(), now(), now(), now());
             INSERT INTO plan_items (agency_id, id, plan_id, line_id, ordinal, form, title, jp, cost, due_on, origin, state,
                percent, jp_earned, committed, realised)
             VALUES ('{0}', '{item}', '{plan}', '{item}', 1, 'NKL01', 'Coaching', 400, 0, '{year}-06-30', 'OWN_WISH',
                'PLANNED', 0, 0, 0, 0)",
            agency.id, things["employee"]
        ))
        .await;
        things.insert(name, plan.to_string());
        if name == "active_plan" {
            things.insert("active_item", item.to_string());
        }
    }
}

/// A plan of the agency in each state that counts, each of another year: reaching them all takes three officers.
async fn agency_plans(agency: &Agency<'_>, things: &mut BTreeMap<&'static str, String>) {
    let planner = agency.user(Role::Planner, None, None, &[]).await;
    let authority = agency.user(Role::Authority, None, None, &[]).await;
    // What is set is carried into the year that runs.
    let states = [
        ("agency_plan", "DRAFT", 2028),
        ("submitted_agency_plan", "SUBMITTED", 2029),
        ("set_agency_plan", "SET", 2025),
    ];
    for (name, state, year) in states {
        let (plan, item) = (AgencyPlanId::new(), AgencyPlanItemId::new());
        agency
            .app
            .sql(&format!(
                "INSERT INTO agency_plans (agency_id, id, year, number, name, state, created_at, updated_at)
                 VALUES ('{0}', '{plan}', {year}, 1, 'Rencana', 'DRAFT', now(), now());
                 INSERT INTO agency_plan_items (agency_id, plan_id, id, ordinal, title, form, provider_id, starts_on, ends_on,
                    curriculum, price_per_class, origin)
                 VALUES ('{0}', '{plan}', '{item}', 1, 'Magang', 'NKL12', '{1}', '{year}-03-01', '{year}-03-31', 'LAN', 0,
                    'MANUAL');
                 INSERT INTO agency_plan_targets (agency_id, plan_id, item_id, employee_id, ordinal)
                 VALUES ('{0}', '{plan}', '{item}', '{2}', 1);
                 INSERT INTO agency_plan_steps (agency_id, plan_id, item_id, employee_id, competency_id, competency_agency_id,
                    ordinal, level_from, level_to)
                 VALUES ('{0}', '{plan}', '{item}', '{2}', '{3}', '{0}', 1, 2, 3);
                 UPDATE agency_plans SET state = '{state}', prepared_by = '{planner}', prepared_at = now(),
                    set_by = '{authority}', set_at = now()
                 WHERE id = '{plan}' AND '{state}' <> 'DRAFT'",
                agency.id, things["partner"], things["employee"], things["competency"]
            ))
            .await;
        things.insert(name, plan.to_string());
        match name {
            "agency_plan" => things.insert("agency_plan_item", item.to_string()),
            "set_agency_plan" => things.insert("set_agency_plan_item", item.to_string()),
            _ => None,
        };
    }
}

/// An analysis of the unit in every state, each of another year; one that is gathered has a need, and one that was dropped.
async fn needs(
    app: &TestApp,
    agency: &Agency<'_>,
    officer: UserId,
    things: &mut BTreeMap<&'static str, String>,
) {
    let admin = agency.admin().await;
    let unit = things["unit"].clone();
    let made =
        admin.post("/v1/needs-analyses", json!({"unit_id": unit, "year": 2026})).await.expect(201).id();
    let path = format!("/v1/needs-analyses/{made}/needs");
    let need = admin.get(&path).await.expect(200).items()[0]["id"].as_str().unwrap().to_owned();
    let proposal = json!({"employee_ids": [things["boss"]], "competency_id": things["competency"], "level_to": 3,
        "origin": "PERFORMANCE", "reason": "x"});
    let brought =
        admin.post(&path, proposal).await.expect(201).json["items"][0]["id"].as_str().unwrap().to_owned();
    admin.put(&format!("{path}/{brought}/removal"), "*", json!({"reason": "x"})).await.expect(200);
    things.extend([("needs_analysis", made), ("need", need), ("dropped_need", brought)]);
    for (name, state, year) in [("verified_needs", "VERIFIED", 2025), ("validated_needs", "VALIDATED", 2024)]
    {
        let id = kernel::NeedsAnalysisId::new();
        let validator = if state == "VALIDATED" {
            format!("'{}'", agency.user(Role::Mentor, None, None, &[]).await)
        } else {
            "NULL".to_owned()
        };
        app.sql(&format!(
            "INSERT INTO needs_analyses (agency_id, id, unit_id, year, state, policy_id, gathered_at, verified_by, verified_at,
                validated_by, validated_at, created_at, updated_at)
             SELECT '{}', '{id}', '{unit}', {year}, '{state}', p.id, now(), '{officer}', now(), {validator}, now(), now(), now()
             FROM policies p WHERE p.kind = 'NEED_PRIORITY'",
            agency.id
        ))
        .await;
        things.insert(name, id.to_string());
    }
    let days = json!({"collect_by": "2026-08-31", "verify_by": "2026-09-15", "validate_by": "2026-09-30"});
    let body = Some(("application/json", days.to_string().into_bytes()));
    admin.send("PUT", "/v1/needs-deadlines/2026", body).await.expect(201);
}

/// A solved scenario of the plan that is drawn up, with somebody in it and a need that stays open.
async fn scenario(agency: &Agency<'_>, things: &mut BTreeMap<&'static str, String>) {
    let planner = agency.user(Role::Planner, None, None, &[]).await;
    let (scenario, operation) = (ScenarioId::new(), OperationId::new());
    let figures = json!({"source": "OPEN_GAPS", "budget": 1_000_000, "stopped": false, "objective": 1.5, "upper_bound": 1.5,
        "gap_percent": 0.0, "cost": 1_000_000, "shadow_price": 0.0, "people": 2, "served": 1, "needs": 2, "needs_served": 1,
        "worth": 3.0, "enrolments": 1, "opened": 1, "offers": 1, "unpriced": 0, "unserved": [["BUDGET", 1]], "floors": [],
        "units": [], "curve": []});
    agency
        .app
        .sql(&format!(
            "INSERT INTO operations (agency_id, id, kind, state, input, result, requested_by, created_at, heartbeat_at,
                finished_at)
             VALUES ('{0}', '{operation}', 'SCENARIO', 'SUCCEEDED', '{{}}', '{{}}', '{planner}', now(), now(), now());
             INSERT INTO scenarios (agency_id, id, plan_id, operation_id, name, ask, figures, solved_at, created_by, created_at)
             VALUES ('{0}', '{scenario}', '{1}', '{operation}', 'Dasar', '{{\"seconds\": 60}}', '{figures}', now(), '{planner}', now());
             INSERT INTO scenario_enrolments (agency_id, scenario_id, ordinal, employee_id, unit_id, programme_id, value, price)
             VALUES ('{0}', '{scenario}', 1, '{2}', '{3}', '{4}', 1.5, 1000000);
             INSERT INTO scenario_unserved (agency_id, scenario_id, ordinal, employee_id, unit_id, competency_id,
                competency_agency_id, level_from, level_to, value, reason)
             VALUES ('{0}', '{scenario}', 1, '{2}', '{3}', '{5}', '{0}', 2, 3, 1.5, 'BUDGET')",
            agency.id,
            things["agency_plan"],
            things["employee"],
            things["unit"],
            things["programme"],
            things["competency"]
        ))
        .await;
    things.insert("scenario", scenario.to_string());
}

/// Makes things through the API, as the personnel agency; what takes a second officer, as the authority.
struct Maker<'a> {
    admin: Caller<'a>,
    authority: Caller<'a>,
    things: BTreeMap<&'static str, String>,
}

impl Maker<'_> {
    async fn make(&mut self, name: &'static str, path: &str, body: serde_json::Value) {
        let id = self.admin.post(path, body).await.expect(201).id();
        self.things.insert(name, id);
    }

    fn id(&self, name: &str) -> String {
        self.things[name].clone()
    }

    async fn workforce(&mut self) {
        self.make("unit", "/v1/units", json!({"code": "DINKES", "name": "Dinas Kesehatan"})).await;
        self.make("spare_unit", "/v1/units", json!({"code": "LAMA", "name": "Unit Lama"})).await;
        let position = |unit: String, code: &str, class: &str, head: bool| json!({"code": code, "name": code, "unit_id": unit, "job_class": class, "is_head": head});
        let unit = self.id("unit");
        self.make("head", "/v1/positions", position(unit.clone(), "KADIS", "JPT_PRATAMA", true)).await;
        self.make("position", "/v1/positions", position(unit.clone(), "STAF", "PELAKSANA", false)).await;
        self.make("spare_position", "/v1/positions", position(unit, "KOSONG", "PELAKSANA", false)).await;
        let person = |nip: &str, name: &str| json!({"nip": nip, "name": name, "status": "PNS"});
        self.make("boss", "/v1/employees", person("197203041998031001", "Bagas Wirayuda")).await;
        self.make("employee", "/v1/employees", person("199608092022032006", "Wening Puspitarini")).await;
        self.make("spare_employee", "/v1/employees", person("199305172019031005", "Galih Nurcahya")).await;
        let place = |position: String| json!({"position_id": position, "starts_on": "2024-01-01"});
        for (name, employee, position) in
            [("boss_placement", "boss", "head"), ("placement", "employee", "position")]
        {
            let path = format!("/v1/employees/{}/placements", self.id(employee));
            let body = place(self.id(position));
            self.make(name, &path, body).await;
        }
        let mapping = json!({"columns": [{"column": "code", "header": "Sandi"}]}).to_string().into_bytes();
        let path = "/v1/import-mappings/units/SIMPEG";
        self.admin.send("PUT", path, Some(("application/json", mapping))).await.expect(201);
        let grant = json!({"name": "Orang Lain", "role": "MENTOR"});
        self.make("grant", "/v1/grants", grant).await;
    }

    async fn dictionary(&mut self) {
        let dictionary = |code: &str| json!({"code": code, "name": code});
        self.make("dictionary", "/v1/dictionaries", dictionary("KOTA-TEKNIS")).await;
        self.make("spare_dictionary", "/v1/dictionaries", dictionary("KOTA-LAIN")).await;
        let versions = format!("/v1/dictionaries/{}/versions", self.id("dictionary"));
        self.admin.post(&versions, json!(null)).await.expect(201);
        let levels: Vec<_> =
            (1..=5).map(|level| json!({"level": level, "description": "x", "indicators": ["x"]})).collect();
        let content = json!({"name": "Penyusunan", "family": "TEKNIS", "definition": "x", "levels": levels});
        let body = Some(("application/json", content.to_string().into_bytes()));
        let path = format!("{versions}/1/competencies/T.1");
        let written = self.admin.send("PUT", &path, body).await.expect(201);
        self.things.insert("competency", written.json["competency_id"].as_str().unwrap().to_owned());
        self.admin.transition(&format!("{versions}/1/publication"), "*").await.expect(200);
        self.admin.post(&versions, json!(null)).await.expect(201);
        let policy =
            json!({"name": "VALIDITY", "valid_from": "2026-01-01", "source": "SK", "validity": {"years": 3}});
        self.make("policy", "/v1/policies", policy).await;
    }

    async fn standards(&mut self) {
        let (position, competency) = (self.id("position"), self.id("competency"));
        for (name, day) in [
            ("standard", "2026-01-01"),
            ("verified_standard", "2026-02-01"),
            ("draft_standard", "2026-03-01"),
        ] {
            let requirements = json!([{"competency_id": competency, "level": 3}]);
            let standard = json!({"position_id": position, "valid_from": day, "requirements": requirements});
            self.make(name, "/v1/standards", standard).await;
        }
        for name in ["standard", "verified_standard"] {
            let path = format!("/v1/standards/{}/verification", self.id(name));
            self.admin.transition(&path, "*").await.expect(200);
        }
        let path = format!("/v1/standards/{}/enactment", self.id("standard"));
        self.authority.transition(&path, "*").await.expect(200);
    }

    async fn learning_hours(&mut self) {
        // A day counts once in a form, so each record has its own.
        for (name, day) in [("verified_own_learning", "2026-03-01"), ("own_learning", "2026-03-02")] {
            let body = json!({"employee_id": self.id("employee"), "title": "Analisis Data", "form": "NKL03",
                "started_on": "2026-03-01", "ended_on": "2026-03-04", "units": [day], "document": "berkas/1"});
            self.make(name, "/v1/own-learnings", body).await;
        }
        let template = json!({"name": "Pelaksana", "job_class": "PELAKSANA",
            "items": [{"form": "NKL01", "title": "Coaching", "origin": "OWN_WISH"}]});
        self.make("plan_template", "/v1/plan-templates", template).await;
        let path = format!("/v1/own-learnings/{}/verification", self.id("verified_own_learning"));
        self.admin.transition(&path, "*").await.expect(200);
        let path = format!("/v1/employees/{}/jp-ledger", self.id("employee"));
        let ledger = self.admin.get(&path).await.expect(200);
        let entry = ledger.json["entries"][0]["id"].as_str().unwrap().to_owned();
        self.things.insert("jp_entry", entry);
    }

    async fn assessments(&mut self) {
        let items = json!({"items": [{
            "employee_id": self.id("employee"), "competency_id": self.id("competency"), "level": 2
        }]});
        for (event, result) in [("signed_event", "result"), ("event", "draft_result")] {
            let body = json!({
                "purpose": "MAPPING", "method": "INTERVIEW", "provider": "UPT", "assessed_on": "2026-05-01"
            });
            self.make(event, "/v1/assessment-events", body).await;
            let path = format!("/v1/assessment-events/{}/results", self.id(event));
            let put = self.admin.put(&path, "*", items.clone()).await.expect(200);
            self.things.insert(result, put.json["items"][0]["result_id"].as_str().unwrap().to_owned());
        }
        let path = format!("/v1/assessment-events/{}/sign-off", self.id("signed_event"));
        self.admin.transition(&path, "*").await.expect(200);
    }

    async fn catalogue(&mut self) {
        let partner = |code: &str| json!({"code": code, "name": code, "kind": "OWN"});
        self.make("partner", "/v1/partners", partner("BPSDM")).await;
        self.make("spare_partner", "/v1/partners", partner("LAMA")).await;
        let trainer = |name: &str| json!({"name": name, "roles": ["INSTRUCTOR"]});
        self.make("trainer", "/v1/trainers", trainer("Pengajar Tamu")).await;
        self.make("spare_trainer", "/v1/trainers", trainer("Pengajar Lama")).await;
        let programme = |partner: String, code: &str| {
            json!({"code": code, "name": code, "objectives": "x",
            "form": "KL03", "partner_id": partner, "mode": "OFFLINE", "jp": 20})
        };
        for (name, code) in [("programme", "PT-1"), ("draft_programme", "PT-2")] {
            let body = programme(self.id("partner"), code);
            self.make(name, "/v1/programmes", body).await;
        }
        let path = format!("/v1/programmes/{}/publication", self.id("programme"));
        self.admin.transition(&path, "*").await.expect(200);
    }

    /// A class that has begun and can still be registered for, one that is only planned, and a wish for a third.
    async fn classes(&mut self, agency: &Agency<'_>) {
        let programme = self.id("programme");
        let class = |code: &str, first: &str, last: &str| {
            let session = |day: &str| json!({"starts_at": format!("{day}T01:00:00Z"), "ends_at": format!("{day}T09:00:00Z")});
            json!({"programme_id": programme, "code": code, "seats": 20, "registration_opens_at": "2026-06-01T00:00:00Z",
                "registration_closes_at": "2026-07-05T00:00:00Z", "sessions": [session(first), session(last)]})
        };
        let ended = |code: &str, day: &str| {
            let session =
                json!({"starts_at": format!("{day}T01:00:00Z"), "ends_at": format!("{day}T09:00:00Z")});
            json!({"programme_id": programme, "code": code, "seats": 20, "registration_opens_at": "2026-06-01T00:00:00Z",
                "registration_closes_at": "2026-06-10T00:00:00Z", "sessions": [session]})
        };
        let classes = [
            ("class", class("K-1", "2026-06-30", "2026-07-10")),
            ("planned_class", class("K-2", "2026-07-13", "2026-07-14")),
            ("later_class", class("K-3", "2026-07-20", "2026-07-21")),
            ("ended_class", ended("K-4", "2026-06-15")),
            ("held_class", ended("K-5", "2026-06-22")),
        ];
        for (name, body) in classes {
            self.make(name, "/v1/classes", body).await;
        }
        for name in ["class", "later_class", "ended_class", "held_class"] {
            let path = format!("/v1/classes/{}/opening", self.id(name));
            self.admin.transition(&path, "*").await.expect(200);
        }
        let employee = self.id("employee");
        let own = agency.employee(Role::Employee, &employee).await;
        let path = format!("/v1/classes/{}/enrolments", self.id("later_class"));
        let wish = own.post(&path, json!({"employee_id": employee})).await.expect(201).id();
        self.things.insert("enrolment", wish);
        let activity = json!({"employee_id": employee, "goal": "x", "starts_on": "2026-06-01", "ends_on": "2026-09-30",
            "details": {"kind": "SELF_STUDY", "material": "Modul"}});
        self.make("activity", "/v1/activities", activity).await;
        let path = format!("/v1/activities/{}/log", self.id("activity"));
        let entry = json!({"on": "2026-06-15", "note": "Sesi"});
        self.admin.put(&path, "*", entry).await.expect(200);
        // Nobody registers for what is over, so these are put there.
        let (attended, certificate, proposal) =
            (EnrolmentId::new(), CertificateId::new(), EvidenceProposalId::new());
        let task = EvaluationTaskId::new();
        for (name, id) in [
            ("attended", attended.to_string()),
            ("evaluation_task", task.to_string()),
            ("certificate", certificate.to_string()),
            ("proposal", proposal.to_string()),
        ] {
            self.things.insert(name, id);
        }
        let sql = format!(
            "INSERT INTO enrolments (agency_id, id, class_id, employee_id, origin, state, ticket, requested_at, passed, updated_at)
             VALUES ('{agency}', '{attended}', '{ended}', '{employee}', 'NOMINATED', 'ENROLLED', 1, now(), true, now()),
                    ('{agency}', '{crowned}', '{held}', '{employee}', 'NOMINATED', 'PASSED', 1, now(), true, now());
             UPDATE classes SET state = 'COMPLETED', completed_at = now() WHERE id = '{held}';
             INSERT INTO attendances VALUES ('{agency}', '{ended}', 1, '{attended}', 'PRESENT');
             INSERT INTO evaluations (agency_id, class_id, seen, is_over) VALUES ('{agency}', '{ended}', -1, true);
             INSERT INTO evaluation_tasks (agency_id, id, class_id, enrolment_id, employee_id, instrument, opens_at, due_at,
                created_at, updated_at)
             VALUES ('{agency}', '{task}', '{ended}', '{attended}', '{employee}', 'REACTION', '2026-06-15T09:00:00Z',
                '2026-06-22T09:00:00Z', now(), now());
             INSERT INTO certificates (agency_id, id, enrolment_id, class_id, programme_id, employee_id, holder, number, code,
                title, provider, form, jp_basis, held_from, held_until, issued_on, created_at, updated_at)
             VALUES ('{agency}', '{certificate}', '{crowned}', '{held}', '{programme}', '{employee}', 'Orang', 'S/1',
                '0000000000000000000000000A', 'Program', 'Mitra', 'KL03', 'UNKNOWN', '2026-04-22', '2026-04-22',
                '2026-04-23', now(), now());
             INSERT INTO evidence_proposals (agency_id, id, employee_id, competency_id, competency_agency_id, level,
                certificate_id, proposed_at, state, updated_at)
             VALUES ('{agency}', '{proposal}', '{employee}', '{competency}', '{agency}', 2, '{certificate}', now(),
                'PROPOSED', now())",
            agency = agency.id,
            crowned = EnrolmentId::new(),
            ended = self.id("ended_class"),
            held = self.id("held_class"),
            competency = self.id("competency"),
        );
        agency.app.sql(&sql).await;
    }
}
