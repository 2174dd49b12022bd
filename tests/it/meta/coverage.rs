//! Every operation of the contract, tried by everybody: without a token, with bad ones, by each role, from another agency,
//! with a wrong method. An operation without an entry fails.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use access::Role;
use api::auth::{KeyRing, TokenIdentity, TokenRequest};
use chrono::TimeDelta;
use futures_util::future::join_all;
use kernel::NATIONAL;
use serde_json::{Value, json};
use support::{Answer, Caller, TestApp, operations};

use super::world::World;

/// How one operation is tried.
pub(super) struct Entry {
    pub(super) id: &'static str,
    pub(super) path: String,
    body: Option<Value>,
    /// A body that is no JSON: its media type and text.
    file: Option<(&'static str, &'static str)>,
    /// Whether it is done by whoever acts for the nation, and by nobody else.
    national: bool,
}

fn entry(id: &'static str, path: impl Into<String>) -> Entry {
    Entry { id, path: path.into(), body: None, file: None, national: false }
}

impl Entry {
    fn with(self, body: Value) -> Self {
        Self { body: Some(body), ..self }
    }

    fn with_file(self, kind: &'static str, text: &'static str) -> Self {
        Self { file: Some((kind, text)), ..self }
    }

    fn by_the_nation(self) -> Self {
        Self { national: true, ..self }
    }

    async fn send(&self, caller: &Caller<'_>, method: &str) -> Answer {
        let body = match (&self.body, self.file) {
            (Some(body), _) => Some(("application/json", body.to_string().into_bytes())),
            (None, Some((kind, text))) => Some((kind, text.as_bytes().to_vec())),
            (None, None) => None,
        };
        // Whatever the version is: who may do it is the question here.
        let caller =
            if matches!(method, "PUT" | "DELETE") { caller.with("if-match", "*") } else { caller.clone() };
        caller.send(method, &self.path, body).await
    }
}

pub(super) fn entries(world: &World) -> Vec<Entry> {
    let id = |name: &str| world.things[name].as_str();
    let at = |path: &str, name: &str| format!("/v1/{path}/{}", id(name));
    let unit = json!({"code": "BARU", "name": "Baru"});
    let position = json!({
        "code": "BARU", "name": "Baru", "unit_id": id("unit"), "job_class": "PELAKSANA", "is_head": false
    });
    let employee = json!({"nip": "198106222006041003", "name": "Damar Prasetyanto", "status": "PNS"});
    let placements = format!("/v1/employees/{}/placements", id("employee"));
    let placement = format!("{placements}/{}", id("placement"));
    let family = json!({"name": "Digital", "name_en": "Digital", "ordinal": 9});
    let new_family = json!({"code": "DIGITAL", "name": "Digital", "name_en": "Digital", "ordinal": 9});
    let dictionary = json!({"code": "BARU", "name": "Kamus Baru"});
    let versions = at("dictionaries", "dictionary") + "/versions";
    let (published, draft) = (format!("{versions}/1"), format!("{versions}/2"));
    let content = json!({"name": "Baru", "family": "TEKNIS", "definition": "Baru", "levels": []});
    let standard = json!({"valid_from": "2026-09-01", "requirements": []});
    let new_standard = json!({"position_id": id("position"), "valid_from": "2026-09-01", "requirements": []});
    let event =
        json!({"purpose": "MAPPING", "method": "INTERVIEW", "provider": "UPT", "assessed_on": "2026-05-01"});
    let result = json!({"employee_id": id("employee"), "competency_id": id("competency"), "level": 2});
    let assessment = at("assessment-events", "event");
    let class = json!({"code": "BARU", "seats": 20, "registration_opens_at": "2026-06-01T00:00:00Z",
        "registration_closes_at": "2026-07-05T00:00:00Z", "sessions": [
            {"starts_at": "2026-06-30T01:00:00Z", "ends_at": "2026-06-30T09:00:00Z"},
            {"starts_at": "2026-07-10T01:00:00Z", "ends_at": "2026-07-10T09:00:00Z"}]});
    let mut new_class = class.clone();
    new_class["programme_id"] = json!(id("programme"));
    let series = json!({"code": "SERI", "first_on": "2026-09-01", "every": "WEEKLY", "interval": 1, "count": 2,
        "seats": 20, "registration_days": 14, "closing_days": 3,
        "sessions": [{"day": 0, "starts": "08:00", "ends": "16:00"}]});
    let webhook = json!({"url": "https://hooks.example.go.id/x", "events": ["class.*"]});
    let partner = json!({"code": "BARU", "name": "Mitra Baru", "kind": "PRIVATE"});
    let trainer = json!({"name": "Pengajar Baru", "roles": ["INSTRUCTOR"]});
    let programme = json!({"code": "BARU", "name": "Program Baru", "objectives": "x", "form": "KL03",
        "partner_id": id("partner"), "mode": "ONLINE"});
    let plan_item =
        json!({"form": "NKL01", "title": "Coaching", "origin": "OWN_WISH", "due_on": "2027-06-30"});
    let reason = json!({"reason": "Alasan"});
    let needs = at("needs-analyses", "needs_analysis") + "/needs";
    let template = json!({"name": "Pelaksana", "job_class": "PELAKSANA",
        "items": [{"form": "NKL01", "title": "Coaching", "origin": "OWN_WISH"}]});
    let mut new_template = template.clone();
    new_template["name"] = json!("Lain");
    let scenario = format!("{}/scenarios/{}", at("agency-plans", "agency_plan"), id("scenario"));
    let planned = format!("{}/items/{}", at("agency-plans", "agency_plan"), id("agency_plan_item"));
    let activity = json!({"goal": "x", "starts_on": "2026-06-01", "ends_on": "2026-09-30",
        "details": {"kind": "SELF_STUDY", "material": "Modul"}});
    let mut new_activity = activity.clone();
    new_activity["employee_id"] = json!(id("employee"));
    let own_learning = json!({"title": "Analisis Data", "form": "NKL03", "started_on": "2026-03-01",
        "ended_on": "2026-03-04", "units": ["2026-03-01"], "document": "berkas/2"});
    let mut new_own_learning = own_learning.clone();
    new_own_learning["employee_id"] = json!(id("employee"));
    vec![
        entry("livez", "/livez"),
        entry("readyz", "/readyz"),
        entry("metrics", "/metrics"),
        entry("jwks", "/.well-known/jwks.json"),
        entry("me_get", "/v1/me"),
        entry("access_record_list", "/v1/me/access-records"),
        entry("notice_list", "/v1/me/inbox"),
        entry("notice_get", at("me/inbox", "notice")),
        entry("notice_mark", at("me/inbox", "notice")).with(json!({"read": true})),
        entry("inbox_read", "/v1/me/inbox-readings").with(json!({"until": "2026-07-01T00:00:00Z"})),
        entry("inbox_digest_get", "/v1/me/inbox-digest"),
        entry("inbox_settings_get", "/v1/me/inbox-settings"),
        entry("inbox_settings_put", "/v1/me/inbox-settings")
            .with(json!({"digest": "DAILY", "weekday": 1, "muted": []})),
        entry("webhook_endpoint_list", "/v1/webhook-endpoints"),
        entry("webhook_endpoint_get", at("webhook-endpoints", "webhook")),
        entry("webhook_endpoint_create", "/v1/webhook-endpoints").with(webhook.clone()),
        entry("webhook_endpoint_replace", at("webhook-endpoints", "webhook")).with(webhook),
        entry("webhook_endpoint_delete", at("webhook-endpoints", "webhook")),
        entry("webhook_endpoint_pause", at("webhook-endpoints", "webhook") + "/pause"),
        entry("webhook_endpoint_resume", at("webhook-endpoints", "paused_webhook") + "/resumption"),
        entry("webhook_secret_create", at("webhook-endpoints", "webhook") + "/secrets")
            .with(json!({"overlap_hours": 1})),
        entry("webhook_delivery_list", at("webhook-endpoints", "webhook") + "/deliveries"),
        entry("webhook_delivery_get", at("webhook-deliveries", "delivery")),
        entry("webhook_delivery_replay", at("webhook-deliveries", "delivery") + "/replays"),
        entry("webhook_replay_create", at("webhook-endpoints", "webhook") + "/replays")
            .with(json!({"since": "2026-06-30T00:00:00Z"})),
        entry("agency_list", "/v1/agencies"),
        entry("agency_get", format!("/v1/agencies/{}", world.agency)),
        entry("agency_replace", format!("/v1/agencies/{}", world.agency))
            .with(json!({"name": "Pemerintah Kota", "time_zone": "WITA"})),
        entry("grant_list", "/v1/grants"),
        entry("grant_get", at("grants", "grant")),
        entry("grant_create", "/v1/grants").with(json!({
            "name": "Orang Baru", "role": "AUDITOR"
        })),
        entry("grant_revoke", at("grants", "grant") + "/revocation"),
        entry("unit_list", "/v1/units"),
        entry("unit_get", at("units", "unit")),
        entry("unit_create", "/v1/units").with(unit.clone()),
        entry("unit_replace", at("units", "unit")).with(unit),
        entry("unit_delete", at("units", "spare_unit")),
        entry("position_list", "/v1/positions"),
        entry("position_get", at("positions", "position")),
        entry("position_create", "/v1/positions").with(position.clone()),
        entry("position_replace", at("positions", "position")).with(position),
        entry("position_abolish", at("positions", "spare_position") + "/abolition")
            .with(json!({"abolished_on": "2026-08-01"})),
        entry("position_delete", at("positions", "spare_position")),
        entry("candidate_list", at("positions", "position") + "/candidates"),
        entry("employee_list", "/v1/employees"),
        entry("employee_get", at("employees", "employee")),
        entry("employee_get_by_nip", "/v1/employees/by-nip/199608092022032006"),
        entry("employee_superior_get", at("employees", "employee") + "/superior"),
        entry("employee_create", "/v1/employees").with(employee.clone()),
        entry("employee_replace", at("employees", "employee")).with(employee),
        entry("employee_delete", at("employees", "spare_employee")),
        entry("placement_list", placements.clone()),
        entry("placement_get", placement.clone()),
        entry("placement_create", placements).with(json!({"position_id": null, "starts_on": "2026-06-01"})),
        entry("placement_retract", placement + "/retraction"),
        entry("family_list", "/v1/competency-families"),
        entry("family_get", "/v1/competency-families/TEKNIS"),
        entry("family_create", "/v1/competency-families").with(new_family).by_the_nation(),
        entry("family_replace", "/v1/competency-families/TEKNIS").with(family).by_the_nation(),
        entry("dictionary_list", "/v1/dictionaries"),
        entry("dictionary_get", at("dictionaries", "dictionary")),
        entry("dictionary_create", "/v1/dictionaries").with(dictionary.clone()),
        entry("dictionary_replace", at("dictionaries", "dictionary")).with(dictionary),
        entry("dictionary_version_list", versions),
        entry("dictionary_version_get", published.clone()),
        entry("dictionary_version_create", at("dictionaries", "spare_dictionary") + "/versions"),
        entry("dictionary_version_publish", format!("{draft}/publication")),
        entry("dictionary_version_retire", format!("{published}/retirement")),
        entry("dictionary_version_delete", draft.clone()),
        entry("dictionary_competency_list", format!("{published}/competencies")),
        entry("dictionary_competency_get", format!("{published}/competencies/T.1")),
        entry("dictionary_competency_put", format!("{draft}/competencies/T.1")).with(content),
        entry("dictionary_competency_delete", format!("{draft}/competencies/T.1")),
        entry("case_package_import", "/v1/case-packages").with(json!({"CFDocument": {
            "identifier": "0e3a8b54-6a2c-4d38-9a52-5f2a0d5a7c11", "uri": "urn:x", "title": "Kerangka", "creator": "B",
            "lastChangeDateTime": "2026-01-01T00:00:00Z"}})),
        entry("case_package_get", format!("{published}/case-package")),
        entry("competency_list", "/v1/competencies?dictionary=KOTA-TEKNIS"),
        entry("competency_get", at("competencies", "competency")),
        entry("policy_list", "/v1/policies"),
        entry("policy_get", at("policies", "policy")),
        entry("policy_create", "/v1/policies").with(json!({
            "name": "VALIDITY", "valid_from": "2026-09-01", "source": "Keputusan", "validity": {"years": 2}
        })),
        entry("partner_list", "/v1/partners"),
        entry("partner_get", at("partners", "partner")),
        entry("partner_create", "/v1/partners").with(partner.clone()),
        entry("partner_replace", at("partners", "partner")).with(partner),
        entry("partner_delete", at("partners", "spare_partner")),
        entry("trainer_list", "/v1/trainers"),
        entry("trainer_get", at("trainers", "trainer")),
        entry("trainer_create", "/v1/trainers").with(trainer.clone()),
        entry("trainer_replace", at("trainers", "trainer")).with(trainer),
        entry("trainer_delete", at("trainers", "spare_trainer")),
        entry("programme_list", "/v1/programmes"),
        entry("programme_get", at("programmes", "programme")),
        entry("programme_create", "/v1/programmes").with(programme.clone()),
        entry("programme_replace", at("programmes", "programme")).with(programme),
        entry("programme_delete", at("programmes", "draft_programme")),
        entry("programme_publish", at("programmes", "draft_programme") + "/publication"),
        entry("programme_retire", at("programmes", "programme") + "/retirement"),
        entry("class_list", "/v1/classes"),
        entry("class_get", at("classes", "class")),
        entry("class_create", "/v1/classes").with(new_class),
        entry("class_series_create", at("programmes", "programme") + "/class-series").with(series),
        entry("class_replace", at("classes", "class")).with(class),
        entry("class_delete", at("classes", "planned_class")),
        entry("class_open", at("classes", "planned_class") + "/opening"),
        entry("class_cancel", at("classes", "class") + "/cancellation").with(reason.clone()),
        entry("session_attendance_get", at("classes", "class") + "/sessions/1/attendance"),
        entry("session_attendance_put", at("classes", "class") + "/sessions/1/attendance")
            .with(json!({"items": []})),
        entry("schedule_get", at("employees", "employee") + "/schedule"),
        entry("enrolment_list", "/v1/enrolments"),
        entry("enrolment_get", at("enrolments", "enrolment")),
        entry("enrolment_create", at("classes", "class") + "/enrolments")
            .with(json!({"employee_id": id("employee")})),
        entry("enrolment_consent", at("enrolments", "enrolment") + "/consent"),
        entry("enrolment_refuse", at("enrolments", "enrolment") + "/refusal").with(reason.clone()),
        entry("enrolment_cancel", at("enrolments", "enrolment") + "/cancellation").with(reason.clone()),
        entry("activity_list", "/v1/activities"),
        entry("activity_get", at("activities", "activity")),
        entry("activity_create", "/v1/activities").with(new_activity),
        entry("activity_replace", at("activities", "activity")).with(activity),
        entry("activity_log", at("activities", "activity") + "/log")
            .with(json!({"on": "2026-06-30", "note": "Sesi"})),
        entry("activity_complete", at("activities", "activity") + "/completion")
            .with(json!({"outcome": "Selesai"})),
        entry("activity_cancel", at("activities", "activity") + "/cancellation").with(reason.clone()),
        entry("class_results_put", at("classes", "ended_class") + "/results").with(json!({"items": []})),
        entry("class_complete", at("classes", "ended_class") + "/completion"),
        entry("evaluation_task_list", "/v1/evaluation-tasks"),
        entry("evaluation_task_get", at("evaluation-tasks", "evaluation_task")),
        entry("evaluation_task_answer", at("evaluation-tasks", "evaluation_task") + "/answer")
            .with(json!({"marks": [{"question": "CONTENT", "mark": 4}]})),
        entry("own_evaluation_task_list", "/v1/me/evaluation-tasks"),
        entry("class_test_scores_put", at("classes", "ended_class") + "/test-scores").with(json!({"items": []})),
        entry("class_evaluation_get", at("classes", "ended_class") + "/evaluation"),
        entry("programme_evaluation_get", at("programmes", "programme") + "/evaluation"),
        entry("certificate_list", "/v1/certificates"),
        entry("certificate_get", at("certificates", "certificate")),
        entry("certificate_revoke", at("certificates", "certificate") + "/revocation").with(reason.clone()),
        entry("certificate_verify", "/verify/0000000000000000000000000A"),
        entry("evidence_proposal_list", "/v1/evidence-proposals"),
        entry("evidence_proposal_get", at("evidence-proposals", "proposal")),
        entry("evidence_proposal_take_up", at("evidence-proposals", "proposal") + "/uptake")
            .with(json!({"result_id": id("result")})),
        entry("evidence_proposal_dismiss", at("evidence-proposals", "proposal") + "/dismissal").with(reason.clone()),
        entry("standard_list", "/v1/standards"),
        entry("standard_get", at("standards", "standard")),
        entry("standard_create", "/v1/standards").with(new_standard),
        entry("standard_replace", at("standards", "draft_standard")).with(standard),
        entry("standard_delete", at("standards", "draft_standard")),
        entry("standard_verify", at("standards", "draft_standard") + "/verification"),
        entry("standard_return", at("standards", "verified_standard") + "/return"),
        entry("standard_enact", at("standards", "verified_standard") + "/enactment"),
        entry("standard_revoke", at("standards", "standard") + "/revocation")
            .with(json!({"revoked_on": "2026-09-01"})),
        entry("assessment_event_list", "/v1/assessment-events"),
        entry("assessment_event_get", assessment.clone()),
        entry("assessment_event_create", "/v1/assessment-events").with(event.clone()),
        entry("assessment_event_replace", assessment.clone()).with(event),
        entry("assessment_results_put", assessment.clone() + "/results").with(json!({"items": [result]})),
        entry("assessment_event_sign_off", assessment.clone() + "/sign-off"),
        entry("assessment_event_cancel", assessment + "/cancellation"),
        entry("assessment_result_list", "/v1/assessment-results"),
        entry("assessment_result_get", at("assessment-results", "result")),
        entry("assessment_result_delete", at("assessment-results", "draft_result")),
        entry("assessment_result_supersede", at("assessment-results", "result") + "/supersession")
            .with(json!({"level": 3, "reason": "Salah ketik"})),
        entry("gap_profile_get", at("employees", "employee") + "/gap-profile"),
        entry("unit_gap_list", at("units", "unit") + "/gaps"),
        entry("gap_heatmap_get", at("units", "unit") + "/gap-heatmap"),
        entry("gap_summary_get", "/v1/gap-summary"),
        entry("gap_trend_get", "/v1/gap-trend?months=3"),
        entry("expiry_forecast_get", "/v1/expiry-forecast"),
        entry("job_person_match_calculate", "/v1/calculators/job-person-match")
            .with(json!({"items": [{"code": "M.1", "required": 3, "achieved": 2}]})),
        entry("plan_list", "/v1/development-plans"),
        entry("plan_get", at("development-plans", "plan")),
        entry("plan_create", "/v1/development-plans")
            .with(json!({"employee_id": id("employee"), "year": 2027, "items": [plan_item]})),
        entry("plan_replace", at("development-plans", "plan")).with(json!({"items": [plan_item]})),
        entry("plan_submit", at("development-plans", "plan") + "/submission"),
        entry("plan_withdraw", at("development-plans", "submitted_plan") + "/withdrawal"),
        entry("plan_review", at("development-plans", "submitted_plan") + "/review"),
        entry("plan_return", at("development-plans", "reviewed_plan") + "/return").with(reason.clone()),
        entry("plan_endorse", at("development-plans", "reviewed_plan") + "/endorsement"),
        entry("plan_approve", at("development-plans", "endorsed_plan") + "/approval"),
        entry("plan_enact", at("development-plans", "confirmed_plan") + "/enactment"),
        entry("plan_activate", at("development-plans", "approved_plan") + "/activation"),
        entry("plan_complete", at("development-plans", "active_plan") + "/completion"),
        entry("plan_cancel", at("development-plans", "plan") + "/cancellation").with(reason.clone()),
        entry("plan_reopen", at("development-plans", "cancelled_plan") + "/reopening").with(reason.clone()),
        entry("plan_revise", at("development-plans", "active_plan") + "/revisions").with(reason.clone()),
        entry("plan_carry_over", at("development-plans", "completed_plan") + "/carry-over"),
        entry(
            "plan_progress_put",
            format!("{}/items/{}/progress", at("development-plans", "active_plan"), id("active_item")),
        )
        .with(json!({"state": "STARTED", "percent": 50})),
        entry("plan_snapshots_get", at("development-plans", "plan") + "/snapshots"),
        entry("plan_transition_list", at("development-plans", "plan") + "/transitions"),
        entry("plan_comment_list", at("development-plans", "plan") + "/comments"),
        entry("plan_comment_create", at("development-plans", "plan") + "/comments")
            .with(json!({"text": "Baik"})),
        entry("needs_analysis_list", "/v1/needs-analyses"),
        entry("needs_analysis_get", at("needs-analyses", "needs_analysis")),
        entry("needs_analysis_create", "/v1/needs-analyses").with(json!({"unit_id": id("unit"), "year": 2027})),
        entry("needs_analysis_gather", at("needs-analyses", "needs_analysis") + "/gathering"),
        entry("needs_analysis_verify", at("needs-analyses", "needs_analysis") + "/verification"),
        entry("needs_analysis_withdraw", at("needs-analyses", "verified_needs") + "/withdrawal"),
        entry("needs_analysis_return", at("needs-analyses", "verified_needs") + "/return").with(reason.clone()),
        entry("needs_analysis_validate", at("needs-analyses", "verified_needs") + "/validation"),
        entry("needs_analysis_reopen", at("needs-analyses", "validated_needs") + "/reopening").with(reason.clone()),
        entry("needs_transition_list", at("needs-analyses", "needs_analysis") + "/transitions"),
        entry("need_list", at("needs-analyses", "needs_analysis") + "/needs"),
        entry("need_get", format!("{needs}/{}", id("need"))),
        entry("need_propose", needs.clone()).with(json!({"employee_ids": [id("employee")],
            "competency_id": id("competency"), "level_to": 4, "origin": "OWN_PROPOSAL", "reason": "Alasan"})),
        entry("need_prioritise", format!("{needs}/{}/priority", id("need")))
            .with(json!({"priority": 9.5, "reason": "Alasan"})),
        entry("need_drop", format!("{needs}/{}/removal", id("need"))).with(reason.clone()),
        entry("need_restore", format!("{needs}/{}/restoration", id("dropped_need"))),
        entry("needs_deadlines_get", "/v1/needs-deadlines/2026"),
        entry("needs_deadlines_put", "/v1/needs-deadlines/2026").with(json!({"collect_by": "2026-08-31",
            "verify_by": "2026-09-15", "validate_by": "2026-09-30"})),
        entry("needs_coverage_get", "/v1/needs-coverage?year=2026"),
        entry("recommendation_get", at("employees", "employee") + "/recommendations"),
        entry(
            "mentor_get",
            format!("{}/mentors?competency_id={}", at("employees", "employee"), id("competency")),
        ),
        entry("plan_template_list", "/v1/plan-templates"),
        entry("plan_template_get", at("plan-templates", "plan_template")),
        entry("plan_template_create", "/v1/plan-templates").with(new_template),
        entry("plan_template_replace", at("plan-templates", "plan_template")).with(template),
        entry("plan_template_retire", at("plan-templates", "plan_template") + "/retirement"),
        entry("plan_template_apply", at("plan-templates", "plan_template") + "/applications")
            .with(json!({"year": 2026, "unit_id": id("unit")})),
        entry("plan_generate", "/v1/development-plan-drafts").with(json!({"year": 2026, "unit_id": id("unit")})),
        entry("agency_plan_list", "/v1/agency-plans"),
        entry("agency_plan_get", at("agency-plans", "agency_plan")),
        entry("agency_plan_create", "/v1/agency-plans").with(json!({"year": 2027, "name": "Rencana 2027"})),
        entry("agency_plan_replace", at("agency-plans", "agency_plan")).with(json!({"name": "Rencana"})),
        entry("agency_plan_budget_get", at("agency-plans", "agency_plan") + "/budget-lines"),
        entry("agency_plan_budget_replace", at("agency-plans", "agency_plan") + "/budget-lines")
            .with(json!({"items": [{"code": "5.1", "name": "Belanja", "source": "APBD", "amount": 1}]})),
        entry("agency_plan_item_list", at("agency-plans", "agency_plan") + "/items"),
        entry("agency_plan_item_create", at("agency-plans", "agency_plan") + "/items").with(json!({"title": "Magang"})),
        entry("agency_plan_item_get", planned.clone()),
        entry("agency_plan_item_replace", planned.clone()).with(json!({"title": "Magang"})),
        entry("agency_plan_item_delete", planned),
        entry("agency_plan_completeness_get", at("agency-plans", "agency_plan") + "/completeness"),
        entry("agency_plan_submit", at("agency-plans", "agency_plan") + "/submission"),
        entry("agency_plan_withdraw", at("agency-plans", "submitted_agency_plan") + "/withdrawal"),
        entry("agency_plan_return", at("agency-plans", "submitted_agency_plan") + "/return").with(reason.clone()),
        entry("agency_plan_enact", at("agency-plans", "submitted_agency_plan") + "/enactment"),
        entry("agency_plan_cancel", at("agency-plans", "agency_plan") + "/cancellation").with(reason.clone()),
        entry("agency_plan_revise", at("agency-plans", "set_agency_plan") + "/revisions").with(reason),
        entry("agency_plan_publish", at("agency-plans", "set_agency_plan") + "/publications"),
        entry("agency_plan_place_list", at("agency-plans", "set_agency_plan") + "/places"),
        entry("agency_plan_report_get", at("agency-plans", "set_agency_plan") + "/report"),
        entry("agency_plan_realisation_put", format!(
            "{}/items/{}/realisation", at("agency-plans", "set_agency_plan"), id("set_agency_plan_item")
        ))
        .with(json!({"committed": 1, "realised": 1})),
        entry("agency_plan_carry_over", at("agency-plans", "set_agency_plan") + "/carry-over"),
        entry("agency_plan_sums_get", "/v1/agency-plan-sums"),
        entry("scenario_list", at("agency-plans", "agency_plan") + "/scenarios"),
        entry("scenario_get", scenario.clone()),
        entry("scenario_create", at("agency-plans", "agency_plan") + "/scenarios").with(json!({"name": "Separuh", "budget": 1})),
        entry("scenario_delete", scenario.clone()),
        entry("scenario_unit_list", scenario.clone() + "/units"),
        entry("scenario_enrolment_list", scenario.clone() + "/enrolments"),
        entry("scenario_unserved_list", scenario.clone() + "/unserved"),
        entry("scenario_unreached_list", scenario.clone() + "/unreached"),
        entry("scenario_comparison_get", format!(
            "{}/scenario-comparison?ids={}", at("agency-plans", "agency_plan"), id("scenario")
        )),
        entry("scenario_budget_curve_get", scenario.clone() + "/budget-curve"),
        entry("scenario_adopt", scenario + "/adoption"),
        entry("agency_plan_transition_list", at("agency-plans", "agency_plan") + "/transitions"),
        entry("jp_ledger_get", at("employees", "employee") + "/jp-ledger"),
        entry("jp_entry_get", at("jp-entries", "jp_entry")),
        entry("jp_entry_correct", at("jp-entries", "jp_entry") + "/correction")
            .with(json!({"jp": 2, "reason": "Salah ketik"})),
        entry("jp_standing_list", "/v1/jp-standings"),
        entry("jp_compliance_get", "/v1/jp-compliance"),
        entry("own_learning_list", "/v1/own-learnings"),
        entry("own_learning_get", at("own-learnings", "own_learning")),
        entry("own_learning_create", "/v1/own-learnings").with(new_own_learning),
        entry("own_learning_replace", at("own-learnings", "own_learning")).with(own_learning),
        entry("own_learning_withdraw", at("own-learnings", "own_learning") + "/withdrawal"),
        entry("own_learning_verify", at("own-learnings", "own_learning") + "/verification"),
        entry("own_learning_refuse", at("own-learnings", "own_learning") + "/refusal")
            .with(json!({"reason": "Dokumen tidak terbaca"})),
        entry("audit_event_list", "/v1/audit-events"),
        entry("import_create", "/v1/imports?kind=units").with_file("text/csv", "code,name\nIMPOR,Impor\n"),
        entry("export_get", "/v1/exports/units"),
        entry("import_template_get", "/v1/import-templates/units"),
        entry("import_mapping_list", "/v1/import-mappings"),
        entry("import_mapping_get", "/v1/import-mappings/units/SIMPEG"),
        entry("import_mapping_put", "/v1/import-mappings/units/SIMPEG")
            .with(json!({"columns": [{"column": "code", "header": "Sandi"}]})),
        entry("import_mapping_delete", "/v1/import-mappings/units/SIMPEG"),
        entry("operation_list", "/v1/operations"),
        entry("operation_get", at("operations", "operation")),
        entry("operation_rejected_rows", at("operations", "failed_operation") + "/rejected-rows"),
        entry("operation_cancel", at("operations", "running_operation") + "/cancellation"),
    ]
}

/// Every operation with its entry.
fn tried(world: &World) -> Vec<(Entry, String)> {
    let mut methods: BTreeMap<_, _> = operations().into_iter().map(|one| (one.id, one.method)).collect();
    let entries = entries(world);
    let known: BTreeSet<_> = entries.iter().map(|entry| entry.id.to_owned()).collect();
    assert_eq!(known.len(), entries.len(), "an operation has two entries");
    let missing: Vec<_> = methods.keys().filter(|id| !known.contains(*id)).collect();
    assert!(missing.is_empty(), "operations without an entry: {missing:?}");
    entries
        .into_iter()
        .map(|entry| {
            let method = methods.remove(entry.id).unwrap_or_else(|| panic!("{} is no operation", entry.id));
            (entry, method)
        })
        .collect()
}

fn protected(entry: &Entry) -> bool {
    entry.path.starts_with("/v1/")
}

#[tokio::test]
async fn nobody_gets_in_without_a_good_token() {
    let world = World::new().await;
    let app = world.app().await;
    let admin = world.users[&(world.agency, Role::AgencyAdmin)];
    let request = TokenRequest { subject: admin, agency: world.agency, lifetime: TimeDelta::hours(1) };
    let expired = app.services.keys.issue(&request, app.now() - TimeDelta::hours(2)).unwrap();
    let identity = TokenIdentity { issuer: "urn:bangkom".to_owned(), audience: "another".to_owned() };
    let elsewhere = KeyRing::open(None, &app.services.config.data_dir, identity).unwrap();
    let misdirected = elsewhere.issue(&request, app.now()).unwrap();
    for (entry, method) in tried(&world) {
        if !protected(&entry) {
            entry.send(&app.anonymous(), &method).await.expect(200);
            continue;
        }
        entry.send(&app.anonymous(), &method).await.expect(401).expect_problem("TOKEN_MISSING");
        entry.send(&app.bearer("nonsense"), &method).await.expect(401).expect_problem("TOKEN_INVALID");
        entry.send(&app.bearer(&expired), &method).await.expect(401).expect_problem("TOKEN_EXPIRED");
        entry.send(&app.bearer(&misdirected), &method).await.expect(401).expect_problem("TOKEN_INVALID");
        let nobody = app.caller(world.nobody, world.agency);
        entry.send(&nobody, &method).await.expect(403).expect_problem("NO_ROLE");
    }
}

#[tokio::test]
async fn a_wrong_method_is_told_the_right_ones() {
    let world = World::new().await;
    let app = world.app().await;
    let admin = world.caller(&app, world.agency, Role::AgencyAdmin);
    for (entry, method) in tried(&world) {
        let answer = admin.send("PATCH", &entry.path, None).await.expect(405);
        let allow: Vec<_> = answer.header("allow").split(", ").map(ToOwned::to_owned).collect();
        assert!(allow.contains(&method), "{}: {allow:?}", entry.id);
    }
}

#[tokio::test]
async fn an_unknown_query_parameter_is_refused_everywhere() {
    let world = World::new().await;
    let app = world.app().await;
    let admin = world.caller(&app, world.agency, Role::AgencyAdmin);
    for (entry, method) in tried(&world) {
        let more = if entry.path.contains('?') { '&' } else { '?' };
        let entry = Entry { path: format!("{}{more}surprise=1", entry.path), ..entry };
        entry.send(&admin, &method).await.expect(400).expect_error("/query/surprise", "UNKNOWN");
    }
}

#[tokio::test]
async fn another_agencys_roles_reach_nothing() {
    let world = World::new().await;
    let app = world.app().await;
    let ids: Vec<_> = world.things.values().filter(|id| id.len() == 36).cloned().collect();
    let before = footprint(&app).await;
    for (entry, method) in tried(&world).iter().filter(|(entry, _)| protected(entry)) {
        for role in Role::ALL {
            let stranger = world.caller(&app, world.elsewhere, role);
            let changes = method != "GET";
            let names_one = ids.iter().any(|id| {
                entry.path.contains(id)
                    || entry.body.as_ref().is_some_and(|body| body.to_string().contains(id.as_str()))
            }) || entry.path.contains("by-nip")
                || entry.path.contains(&world.agency.to_string());
            if changes && !names_one {
                continue;
            }
            let answer = entry.send(&stranger, method).await;
            if names_one {
                assert!(
                    matches!(answer.status, 400 | 403 | 404),
                    "{} by {role:?} of another agency: {} {}",
                    entry.id,
                    answer.status,
                    answer.text
                );
            }
            let leaked = ids.iter().find(|id| {
                // What the caller sent comes back in nothing but a pointer.
                answer.text.contains(id.as_str())
            });
            assert!(leaked.is_none(), "{} shows {leaked:?} to another agency", entry.id);
        }
    }
    assert_eq!(footprint(&app).await, before, "something was written for another agency");
}

/// How much the agency's audit trail holds: what did not grow was not written to.
async fn footprint(app: &TestApp) -> i64 {
    app.count("SELECT count(*) FROM audit_events").await
}

/// How many copies of the world the policy is tried on at once.
const LANES: usize = 3;

/// What each role may do with an operation, and what was answered that says nothing of that. Leaves a world behind in which
/// nothing was changed.
async fn row(world: &World, app: &mut TestApp, entry: &Entry, method: &str) -> (String, Vec<String>) {
    let (agency, where_else) =
        if entry.national { (NATIONAL, " (for the nation)") } else { (world.agency, "") };
    let (mut row, mut unexpected) = (format!("| `{}`{where_else} |", entry.id), Vec::new());
    let mut anybody = false;
    for role in Role::ALL {
        let answer = entry.send(&world.caller(app, agency, role), method).await;
        let cell = match answer.status {
            200..300 => "yes",
            403 => "·",
            404 => "-",
            _ => {
                unexpected.push(format!("{} by {role:?}: {} {}", entry.id, answer.status, answer.text));
                "?"
            }
        };
        write!(row, " {cell} |").unwrap();
        if answer.status < 300 {
            anybody = true;
            if method != "GET" {
                *app = world.app().await;
            }
        }
    }
    if !anybody {
        unexpected.push(format!("{}: nobody may do it, so it was not tried", entry.id));
    }
    (row, unexpected)
}

/// The policy as it is, tried and not read: who may do what in their own agency, or, where only the nation may, in its.
#[tokio::test]
async fn the_policy_is_what_the_golden_file_says() {
    let world = World::new().await;
    let mut table = String::from(
        "# Who may do what\n\nTried, not read: each role, in its own agency, on one of everything. `·` is 403, `-` is 404.\n\n",
    );
    let names: Vec<_> = Role::ALL.iter().map(|role| role.as_str()).collect();
    writeln!(table, "| operation | {} |\n| --- |{}", names.join(" | "), " --- |".repeat(names.len()))
        .unwrap();
    // Copies of the world are made side by side: each change that is allowed spoils one.
    let entries: Vec<_> = tried(&world).into_iter().filter(|(entry, _)| protected(entry)).collect();
    let lanes = (0..LANES).map(async |lane| {
        let (mut app, mut rows) = (world.app().await, Vec::new());
        for (place, (entry, method)) in entries.iter().enumerate().skip(lane).step_by(LANES) {
            rows.push((place, row(&world, &mut app, entry, method).await));
        }
        rows
    });
    let mut rows: Vec<_> = join_all(lanes).await.into_iter().flatten().collect();
    rows.sort_by_key(|(place, _)| *place);
    let mut unexpected = Vec::new();
    for (_, (row, surprises)) in rows {
        writeln!(table, "{row}").unwrap();
        unexpected.extend(surprises);
    }
    assert!(unexpected.is_empty(), "{}", unexpected.join("\n"));
    let golden = include_str!("policy.md");
    if table != golden {
        let fresh = concat!(env!("CARGO_MANIFEST_DIR"), "/../../target/policy.md");
        std::fs::write(fresh, &table).unwrap();
        panic!(
            "the policy changed: compare target/policy.md with tests/it/meta/policy.md, and copy it if it is right"
        );
    }
}
