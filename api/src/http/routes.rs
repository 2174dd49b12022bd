//! Every route, in one place.

use std::sync::atomic::AtomicBool;
use std::sync::{Arc, OnceLock};

use actix_web::middleware::from_fn;
use actix_web::web::{self, Data, ServiceConfig};
use actix_web::{HttpRequest, HttpResponse};
use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusHandle};
use utoipa::OpenApi as _;
use utoipa_actix_web::scope;

use crate::app::{AppError, Services};
use crate::http::document::{Contract, Document, document};
use crate::http::middleware::{Draining, authenticate};
use crate::http::{
    activities, agencies, agency_plans, aggregates, assessments, audit, calculators, candidates,
    case_packages, certificates, classes, competencies, dictionaries, docs, employees, enrolments,
    evaluation, exports, families, gaps, grants, import_mappings, imports, inbox, jp_ledger, me, mentors,
    needs, operations, own_learnings, partners, placements, plan_templates, plans, policies, positions,
    programmes, recommendations, scenarios, standards, system, units, webhooks,
};
use crate::problems::Problem;

/// What handlers and middleware share.
#[derive(Clone)]
pub struct AppState {
    /// The services.
    pub services: Services,
    /// The contract.
    pub document: &'static Document,
    /// Whether the server is stopping.
    pub draining: Draining,
    /// What `/metrics` shows.
    pub metrics: Arc<PrometheusHandle>,
    /// Whether the schema was found to be the one this program was built for.
    pub ready: Arc<AtomicBool>,
}

impl AppState {
    /// State for `services`, not ready until somebody found the schema to fit.
    #[must_use]
    pub fn new(services: Services) -> Self {
        Self {
            services,
            document: document(),
            draining: Draining::default(),
            metrics: recorder(),
            ready: Arc::default(),
        }
    }

    pub(crate) fn of(request: &HttpRequest) -> Option<&Data<Self>> {
        request.app_data::<Data<Self>>()
    }
}

/// The process's recorder of figures, installed once however many servers run in it.
fn recorder() -> Arc<PrometheusHandle> {
    static RECORDER: OnceLock<Arc<PrometheusHandle>> = OnceLock::new();
    let install = || {
        let recorder = PrometheusBuilder::new().build_recorder();
        let handle = Arc::new(recorder.handle());
        if metrics::set_global_recorder(recorder).is_err() {
            log::warn!("another recorder of figures is installed; /metrics stays empty");
        }
        handle
    };
    RECORDER.get_or_init(install).clone()
}

/// The operations below `/v1`.
fn operations(api: &mut utoipa_actix_web::service_config::ServiceConfig<'_>) {
    // A path is held against one pattern after the other: what is asked most often comes first.
    api.service(gaps::gap_profile_get).service(gaps::unit_gap_list);
    api.service(employees::employee_list)
        .service(employees::employee_get_by_nip)
        .service(employees::employee_get)
        .service(employees::employee_superior_get)
        .service(employees::employee_create)
        .service(employees::employee_replace)
        .service(employees::employee_delete);
    api.service(me::me_get).service(me::access_record_list);
    api.service(inbox::notice_list)
        .service(inbox::notice_get)
        .service(inbox::notice_mark)
        .service(inbox::inbox_read)
        .service(inbox::inbox_digest_get)
        .service(inbox::inbox_settings_get)
        .service(inbox::inbox_settings_put);
    api.service(webhooks::webhook_endpoint_list)
        .service(webhooks::webhook_endpoint_get)
        .service(webhooks::webhook_endpoint_create)
        .service(webhooks::webhook_endpoint_replace)
        .service(webhooks::webhook_endpoint_delete)
        .service(webhooks::webhook_endpoint_pause)
        .service(webhooks::webhook_endpoint_resume)
        .service(webhooks::webhook_secret_create)
        .service(webhooks::webhook_delivery_list)
        .service(webhooks::webhook_delivery_get)
        .service(webhooks::webhook_delivery_replay)
        .service(webhooks::webhook_replay_create);
    api.service(agencies::agency_list).service(agencies::agency_get).service(agencies::agency_replace);
    api.service(grants::grant_list)
        .service(grants::grant_get)
        .service(grants::grant_create)
        .service(grants::grant_revoke);
    api.service(units::unit_list)
        .service(units::unit_get)
        .service(units::unit_create)
        .service(units::unit_replace)
        .service(units::unit_delete);
    api.service(positions::position_list)
        .service(positions::position_get)
        .service(positions::position_create)
        .service(positions::position_replace)
        .service(positions::position_abolish)
        .service(positions::position_delete)
        .service(candidates::candidate_list);
    api.service(placements::placement_list)
        .service(placements::placement_get)
        .service(placements::placement_create)
        .service(placements::placement_retract);
    api.service(families::family_list)
        .service(families::family_get)
        .service(families::family_create)
        .service(families::family_replace);
    api.service(dictionaries::dictionary_list)
        .service(dictionaries::dictionary_get)
        .service(dictionaries::dictionary_create)
        .service(dictionaries::dictionary_replace)
        .service(dictionaries::dictionary_version_list)
        .service(dictionaries::dictionary_version_get)
        .service(dictionaries::dictionary_version_create)
        .service(dictionaries::dictionary_version_publish)
        .service(dictionaries::dictionary_version_retire)
        .service(dictionaries::dictionary_version_delete);
    api.service(competencies::dictionary_competency_list)
        .service(competencies::dictionary_competency_get)
        .service(competencies::dictionary_competency_put)
        .service(competencies::dictionary_competency_delete)
        .service(competencies::competency_list)
        .service(competencies::competency_get);
    api.service(case_packages::case_package_import).service(case_packages::case_package_get);
    api.service(policies::policy_list).service(policies::policy_get).service(policies::policy_create);
    api.service(standards::standard_list)
        .service(standards::standard_get)
        .service(standards::standard_create)
        .service(standards::standard_replace)
        .service(standards::standard_delete)
        .service(standards::standard_verify)
        .service(standards::standard_return)
        .service(standards::standard_enact)
        .service(standards::standard_revoke);
    api.service(assessments::assessment_event_list)
        .service(assessments::assessment_event_get)
        .service(assessments::assessment_event_create)
        .service(assessments::assessment_event_replace)
        .service(assessments::assessment_results_put)
        .service(assessments::assessment_event_sign_off)
        .service(assessments::assessment_event_cancel)
        .service(assessments::assessment_result_list)
        .service(assessments::assessment_result_get)
        .service(assessments::assessment_result_delete)
        .service(assessments::assessment_result_supersede);
    api.service(partners::partner_list)
        .service(partners::partner_get)
        .service(partners::partner_create)
        .service(partners::partner_replace)
        .service(partners::partner_delete)
        .service(partners::trainer_list)
        .service(partners::trainer_get)
        .service(partners::trainer_create)
        .service(partners::trainer_replace)
        .service(partners::trainer_delete);
    api.service(programmes::programme_list)
        .service(programmes::programme_get)
        .service(programmes::programme_create)
        .service(programmes::programme_replace)
        .service(programmes::programme_delete)
        .service(programmes::programme_publish)
        .service(programmes::programme_retire);
    api.service(classes::class_list)
        .service(classes::class_get)
        .service(classes::class_create)
        .service(classes::class_series_create)
        .service(classes::class_replace)
        .service(classes::class_delete)
        .service(classes::class_open)
        .service(classes::class_cancel)
        .service(classes::session_attendance_get)
        .service(classes::session_attendance_put)
        .service(classes::schedule_get);
    api.service(enrolments::enrolment_list)
        .service(enrolments::enrolment_get)
        .service(enrolments::enrolment_create)
        .service(enrolments::enrolment_consent)
        .service(enrolments::enrolment_refuse)
        .service(enrolments::enrolment_cancel);
    api.service(activities::activity_list)
        .service(activities::activity_get)
        .service(activities::activity_create)
        .service(activities::activity_replace)
        .service(activities::activity_log)
        .service(activities::activity_complete)
        .service(activities::activity_cancel);
    api.service(certificates::class_results_put)
        .service(certificates::class_complete)
        .service(certificates::certificate_list)
        .service(certificates::certificate_get)
        .service(certificates::certificate_revoke)
        .service(certificates::evidence_proposal_list)
        .service(certificates::evidence_proposal_get)
        .service(certificates::evidence_proposal_take_up)
        .service(certificates::evidence_proposal_dismiss);
    api.service(evaluation::evaluation_task_list)
        .service(evaluation::evaluation_task_get)
        .service(evaluation::evaluation_task_answer)
        .service(evaluation::own_evaluation_task_list)
        .service(evaluation::class_test_scores_put)
        .service(evaluation::class_evaluation_get)
        .service(evaluation::programme_evaluation_get);
    api.service(recommendations::recommendation_get).service(mentors::mentor_get);
    api.service(aggregates::gap_heatmap_get).service(aggregates::gap_summary_get);
    api.service(aggregates::gap_trend_get).service(aggregates::expiry_forecast_get);
    api.service(calculators::job_person_match_calculate);
    api.service(needs::needs_analysis_list)
        .service(needs::needs_analysis_get)
        .service(needs::needs_analysis_create)
        .service(needs::needs_analysis_gather)
        .service(needs::needs_analysis_verify)
        .service(needs::needs_analysis_withdraw)
        .service(needs::needs_analysis_return)
        .service(needs::needs_analysis_validate)
        .service(needs::needs_analysis_reopen)
        .service(needs::needs_transition_list)
        .service(needs::need_list)
        .service(needs::need_get)
        .service(needs::need_propose)
        .service(needs::need_prioritise)
        .service(needs::need_drop)
        .service(needs::need_restore)
        .service(needs::needs_deadlines_get)
        .service(needs::needs_deadlines_put)
        .service(needs::needs_coverage_get);
    api.service(jp_ledger::jp_ledger_get)
        .service(jp_ledger::jp_entry_get)
        .service(jp_ledger::jp_entry_correct)
        .service(jp_ledger::jp_standing_list)
        .service(jp_ledger::jp_compliance_get);
    api.service(plans::plan_list)
        .service(plans::plan_get)
        .service(plans::plan_create)
        .service(plans::plan_replace)
        .service(plans::plan_submit)
        .service(plans::plan_withdraw)
        .service(plans::plan_review)
        .service(plans::plan_return)
        .service(plans::plan_endorse)
        .service(plans::plan_approve)
        .service(plans::plan_enact)
        .service(plans::plan_activate)
        .service(plans::plan_complete)
        .service(plans::plan_cancel)
        .service(plans::plan_reopen)
        .service(plans::plan_revise)
        .service(plans::plan_carry_over)
        .service(plans::plan_progress_put)
        .service(plans::plan_snapshots_get)
        .service(plans::plan_transition_list)
        .service(plans::plan_comment_list)
        .service(plans::plan_comment_create);
    api.service(plan_templates::plan_template_list)
        .service(plan_templates::plan_template_get)
        .service(plan_templates::plan_template_create)
        .service(plan_templates::plan_template_replace)
        .service(plan_templates::plan_template_retire)
        .service(plan_templates::plan_template_apply)
        .service(plan_templates::plan_generate);
    api.service(agency_plans::agency_plan_list)
        .service(agency_plans::agency_plan_get)
        .service(agency_plans::agency_plan_create)
        .service(agency_plans::agency_plan_replace)
        .service(agency_plans::agency_plan_budget_get)
        .service(agency_plans::agency_plan_budget_replace)
        .service(agency_plans::agency_plan_item_list)
        .service(agency_plans::agency_plan_item_create)
        .service(agency_plans::agency_plan_item_get)
        .service(agency_plans::agency_plan_item_replace)
        .service(agency_plans::agency_plan_item_delete)
        .service(agency_plans::agency_plan_completeness_get)
        .service(agency_plans::agency_plan_submit)
        .service(agency_plans::agency_plan_withdraw)
        .service(agency_plans::agency_plan_return)
        .service(agency_plans::agency_plan_enact)
        .service(agency_plans::agency_plan_cancel)
        .service(agency_plans::agency_plan_revise)
        .service(agency_plans::agency_plan_publish)
        .service(agency_plans::agency_plan_place_list)
        .service(agency_plans::agency_plan_report_get)
        .service(agency_plans::agency_plan_realisation_put)
        .service(agency_plans::agency_plan_carry_over)
        .service(agency_plans::agency_plan_sums_get)
        .service(agency_plans::agency_plan_transition_list);
    api.service(scenarios::scenario_list)
        .service(scenarios::scenario_get)
        .service(scenarios::scenario_create)
        .service(scenarios::scenario_delete)
        .service(scenarios::scenario_unit_list)
        .service(scenarios::scenario_enrolment_list)
        .service(scenarios::scenario_unserved_list)
        .service(scenarios::scenario_unreached_list)
        .service(scenarios::scenario_comparison_get)
        .service(scenarios::scenario_budget_curve_get)
        .service(scenarios::scenario_adopt);
    api.service(own_learnings::own_learning_list)
        .service(own_learnings::own_learning_get)
        .service(own_learnings::own_learning_create)
        .service(own_learnings::own_learning_replace)
        .service(own_learnings::own_learning_withdraw)
        .service(own_learnings::own_learning_verify)
        .service(own_learnings::own_learning_refuse);
    api.service(audit::audit_event_list);
    api.service(imports::import_create).service(imports::import_template_get).service(exports::export_get);
    api.service(import_mappings::import_mapping_list)
        .service(import_mappings::import_mapping_get)
        .service(import_mappings::import_mapping_put)
        .service(import_mappings::import_mapping_delete);
    api.service(operations::operation_list)
        .service(operations::operation_get)
        .service(operations::operation_rejected_rows)
        .service(operations::operation_cancel);
}

/// The operations outside `/v1`, open to everybody.
fn open_operations(api: &mut utoipa_actix_web::service_config::ServiceConfig<'_>) {
    api.service(system::livez).service(system::readyz).service(system::metrics).service(system::jwks);
    api.service(certificates::certificate_verify);
}

/// The contract as the handlers alone give it.
pub(crate) fn generated() -> utoipa::openapi::OpenApi {
    use utoipa_actix_web::AppExt as _;
    let (_, api) = actix_web::App::new()
        .into_utoipa_app()
        .openapi(Contract::openapi())
        .configure(open_operations)
        .service(scope::scope("/v1").configure(operations))
        .split_for_parts();
    api
}

/// Puts every route into the server.
pub fn configure(state: &AppState) -> impl FnOnce(&mut ServiceConfig) + use<> {
    let state = Data::new(state.clone());
    move |server: &mut ServiceConfig| {
        server.app_data(state);
        docs::documentation(server);
        open_operations(&mut utoipa_actix_web::service_config::ServiceConfig::new(server));
        let v1 = web::scope("/v1")
            .configure(|v1| operations(&mut utoipa_actix_web::service_config::ServiceConfig::new(v1)))
            .default_service(web::to(no_such_route))
            .wrap(from_fn(authenticate));
        server.service(v1).default_service(web::to(no_such_route));
    }
}

/// Routes match path and method together, so a wrong method ends here like an unknown path; the contract tells which.
async fn no_such_route(request: HttpRequest) -> Result<HttpResponse, AppError> {
    let known = AppState::of(&request).is_some_and(|state| state.document.allow(request.path()).is_some());
    Err(if known { Problem::MethodNotAllowed } else { Problem::NotFound }.into())
}
