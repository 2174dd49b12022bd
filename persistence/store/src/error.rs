//! What can go wrong in the database, told by constraint name and SQLSTATE, never by message text.

use sea_orm::{DbErr, RuntimeErr, SqlxError};

/// A broken constraint, in the terms of the contract.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Broken {
    /// The value at this pointer is taken by another row.
    Taken(&'static str),
    /// What this pointer refers to does not exist (or was removed a moment ago).
    Missing(&'static str),
    /// The row is still referred to.
    StillReferenced,
    /// A rule the code should have checked before: a defect.
    Defect,
}

/// Failure of a read or a write.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// A constraint refused the row.
    #[error("a constraint refused the row")]
    Broken {
        /// The constraint's name.
        constraint: String,
        /// What that means.
        meaning: Broken,
    },
    /// The row was changed since the caller read it.
    #[error("the row was changed meanwhile")]
    Stale,
    /// A value PostgreSQL cannot hold: a text with a NUL, a day or a number beyond its range.
    #[error("a value is not one the database can store")]
    Unstorable,
    /// No connection, no answer in time, or the server is shutting down: worth trying again.
    #[error("the database is not available")]
    Unavailable(#[source] DbErr),
    /// Anything else.
    #[error("the database refused a statement")]
    Internal(#[source] DbErr),
    /// A stored value the domain does not know: the schema and the code disagree.
    #[error("a stored value is not one the domain knows: {0}")]
    Corrupt(&'static str),
}

/// What each constraint protects. A test compares these names with the catalogue.
pub(crate) const CONSTRAINTS: &[(&str, Broken)] = &[
    ("pk_agencies", Broken::Defect),
    ("uq_agencies_code", Broken::Taken("/code")),
    ("ck_agencies_zone", Broken::Defect),
    ("pk_users", Broken::Defect),
    ("uq_users_subject", Broken::Taken("/subject")),
    ("pk_audit_events", Broken::Defect),
    ("fk_audit_events_agency", Broken::Defect),
    ("pk_outbox", Broken::Defect),
    ("fk_outbox_agency", Broken::Defect),
    ("uq_outbox_position", Broken::Defect),
    ("pk_outbox_positions", Broken::Defect),
    ("fk_outbox_positions_agency", Broken::Defect),
    ("pk_reminders", Broken::Defect),
    ("fk_reminders_agency", Broken::Defect),
    ("pk_reminder_rounds", Broken::Defect),
    ("fk_reminder_rounds_agency", Broken::Defect),
    ("pk_notices", Broken::Defect),
    ("fk_notices_employee", Broken::Defect),
    ("fk_notices_about", Broken::Defect),
    ("uq_notices_live", Broken::Defect),
    ("pk_inbox_settings", Broken::Defect),
    ("fk_inbox_settings_agency", Broken::Defect),
    ("fk_inbox_settings_user", Broken::Defect),
    ("ck_inbox_settings_digest", Broken::Defect),
    ("pk_webhook_endpoints", Broken::Defect),
    ("fk_webhook_endpoints_agency", Broken::Defect),
    ("ck_webhook_endpoints_state", Broken::Defect),
    ("pk_webhook_secrets", Broken::Defect),
    ("fk_webhook_secrets_endpoint", Broken::Defect),
    ("pk_webhook_deliveries", Broken::Defect),
    ("fk_webhook_deliveries_endpoint", Broken::Defect),
    ("ck_webhook_deliveries_state", Broken::Defect),
    ("uq_webhook_deliveries_event", Broken::Defect),
    ("pk_webhook_attempts", Broken::Defect),
    ("fk_webhook_attempts_delivery", Broken::Defect),
    ("ck_webhook_attempts_outcome", Broken::Defect),
    ("pk_idempotency_keys", Broken::Defect),
    ("fk_idempotency_keys_agency", Broken::Defect),
    ("fk_idempotency_keys_user", Broken::Defect),
    ("pk_operations", Broken::Defect),
    ("fk_operations_agency", Broken::Defect),
    ("fk_operations_user", Broken::Defect),
    ("ck_operations_state", Broken::Defect),
    ("ck_operations_phase", Broken::Defect),
    ("pk_import_files", Broken::Defect),
    ("fk_import_files_agency", Broken::Defect),
    ("pk_import_chunks", Broken::Defect),
    ("fk_import_chunks_file", Broken::Defect),
    ("pk_rejected_rows", Broken::Defect),
    ("fk_rejected_rows_operation", Broken::Defect),
    ("pk_units", Broken::Defect),
    ("uq_units_code", Broken::Taken("/code")),
    ("fk_units_agency", Broken::Defect),
    ("fk_units_parent", Broken::Missing("/parent_id")),
    ("ck_units_parent", Broken::Defect),
    ("pk_unit_ancestors", Broken::Defect),
    ("fk_unit_ancestors_ancestor", Broken::Defect),
    ("fk_unit_ancestors_unit", Broken::Defect),
    ("pk_positions", Broken::Defect),
    ("uq_positions_code", Broken::Taken("/code")),
    ("fk_positions_unit", Broken::Missing("/unit_id")),
    ("uq_positions_head", Broken::Taken("/is_head")),
    ("pk_employees", Broken::Defect),
    ("uq_employees_nip", Broken::Taken("/nip")),
    ("fk_employees_agency", Broken::Defect),
    ("fk_employees_superior", Broken::Missing("/superior_id")),
    ("ck_employees_superior", Broken::Defect),
    ("ck_employees_nip", Broken::Defect),
    ("pk_placements", Broken::Defect),
    ("fk_placements_employee", Broken::Missing("/employee_id")),
    ("fk_placements_position", Broken::Missing("/position_id")),
    ("uq_placements_start", Broken::Taken("/starts_on")),
    ("pk_grants", Broken::Defect),
    ("fk_grants_agency", Broken::Defect),
    ("fk_grants_user", Broken::Missing("/user_id")),
    ("fk_grants_employee", Broken::Missing("/employee_id")),
    ("fk_grants_unit", Broken::Missing("/unit_id")),
    ("uq_grants_live", Broken::Taken("/role")),
    ("pk_access_records", Broken::Defect),
    ("pk_competency_families", Broken::Taken("/code")),
    ("uq_competency_families_ordinal", Broken::Taken("/ordinal")),
    ("pk_dictionaries", Broken::Defect),
    ("uq_dictionaries_code", Broken::Taken("/code")),
    ("fk_dictionaries_agency", Broken::Defect),
    ("pk_dictionary_versions", Broken::Defect),
    ("uq_dictionary_versions_number", Broken::Taken("/number")),
    ("fk_dictionary_versions_dictionary", Broken::Defect),
    ("ck_dictionary_versions_state", Broken::Defect),
    ("uq_dictionary_versions_draft", Broken::Taken("/state")),
    ("pk_competencies", Broken::Defect),
    ("uq_competencies_code", Broken::Taken("/code")),
    ("fk_competencies_dictionary", Broken::Defect),
    ("pk_competency_contents", Broken::Taken("/code")),
    ("fk_competency_contents_version", Broken::Defect),
    ("fk_competency_contents_competency", Broken::Defect),
    ("fk_competency_contents_family", Broken::Missing("/family")),
    ("pk_competency_levels", Broken::Defect),
    ("fk_competency_levels_content", Broken::Defect),
    ("ck_competency_levels_level", Broken::Defect),
    ("pk_policies", Broken::Defect),
    ("uq_policies_number", Broken::Taken("/number")),
    ("fk_policies_agency", Broken::Defect),
    ("ck_policies_kind", Broken::Defect),
    ("pk_standards", Broken::Defect),
    ("uq_standards_number", Broken::Taken("/number")),
    ("fk_standards_position", Broken::Missing("/position_id")),
    ("fk_standards_verifier", Broken::Defect),
    ("fk_standards_enactor", Broken::Defect),
    ("ck_standards_state", Broken::Defect),
    ("uq_standards_in_force", Broken::Taken("/valid_from")),
    ("pk_standard_requirements", Broken::Taken("/requirements")),
    ("fk_standard_requirements_standard", Broken::Defect),
    ("fk_standard_requirements_content", Broken::Missing("/requirements")),
    ("ck_standard_requirements_owner", Broken::Defect),
    ("ck_standard_requirements_level", Broken::Defect),
    ("ck_standard_requirements_weight", Broken::Defect),
    ("pk_assessment_events", Broken::Defect),
    ("fk_assessment_events_agency", Broken::Defect),
    ("fk_assessment_events_creator", Broken::Defect),
    ("fk_assessment_events_signer", Broken::Defect),
    ("ck_assessment_events_state", Broken::Defect),
    ("pk_assessment_results", Broken::Defect),
    ("fk_assessment_results_event", Broken::Missing("/event_id")),
    ("fk_assessment_results_employee", Broken::Missing("/employee_id")),
    ("fk_assessment_results_competency", Broken::Missing("/competency_id")),
    ("fk_assessment_results_supersedes", Broken::Defect),
    ("ck_assessment_results_owner", Broken::Defect),
    ("ck_assessment_results_level", Broken::Defect),
    ("ck_assessment_results_validity", Broken::Defect),
    ("ck_assessment_results_reason", Broken::Defect),
    ("uq_assessment_results_live", Broken::Taken("/competency_id")),
    ("uq_assessment_results_supersedes", Broken::Taken("/supersedes_id")),
    ("pk_case_packages", Broken::Defect),
    ("uq_case_packages_document", Broken::Taken("/CFDocument/identifier")),
    ("fk_case_packages_version", Broken::Defect),
    ("fk_case_packages_dictionary", Broken::Defect),
    ("fk_case_packages_family", Broken::Missing("/query/family")),
    ("pk_import_mappings", Broken::Taken("/name")),
    ("fk_import_mappings_agency", Broken::Defect),
    ("pk_partners", Broken::Defect),
    ("uq_partners_code", Broken::Taken("/code")),
    ("fk_partners_agency", Broken::Defect),
    ("ck_partners_kind", Broken::Defect),
    ("pk_partner_agreements", Broken::Taken("/agreements")),
    ("fk_partner_agreements_partner", Broken::Defect),
    ("ck_partner_agreements_period", Broken::Defect),
    ("pk_trainers", Broken::Defect),
    ("uq_trainers_employee", Broken::Taken("/employee_id")),
    ("fk_trainers_agency", Broken::Defect),
    ("fk_trainers_employee", Broken::Missing("/employee_id")),
    ("fk_trainers_partner", Broken::Missing("/partner_id")),
    ("ck_trainers_identity", Broken::Defect),
    ("pk_programmes", Broken::Defect),
    ("uq_programmes_code", Broken::Taken("/code")),
    ("fk_programmes_agency", Broken::Defect),
    ("fk_programmes_partner", Broken::Missing("/partner_id")),
    ("fk_programmes_owner", Broken::Missing("/curriculum_owner_id")),
    ("ck_programmes_mode", Broken::Defect),
    ("ck_programmes_state", Broken::Defect),
    ("ck_programmes_figures", Broken::Defect),
    ("pk_programme_steps", Broken::Taken("/steps")),
    ("fk_programme_steps_programme", Broken::Defect),
    ("fk_programme_steps_content", Broken::Missing("/steps")),
    ("ck_programme_steps_owner", Broken::Defect),
    ("ck_programme_steps_levels", Broken::Defect),
    ("pk_programme_prerequisites", Broken::Defect),
    ("fk_programme_prerequisites_programme", Broken::Defect),
    ("fk_programme_prerequisites_required", Broken::Missing("/prerequisites")),
    ("fk_programme_prerequisites_content", Broken::Missing("/prerequisites")),
    ("ck_programme_prerequisites_owner", Broken::Defect),
    ("ck_programme_prerequisites_one", Broken::Defect),
    ("pk_classes", Broken::Defect),
    ("uq_classes_code", Broken::Taken("/code")),
    ("fk_classes_programme", Broken::Missing("/programme_id")),
    ("ck_classes_seats", Broken::Defect),
    ("ck_classes_registration", Broken::Defect),
    ("ck_classes_state", Broken::Defect),
    ("pk_class_sessions", Broken::Defect),
    ("fk_class_sessions_class", Broken::Defect),
    ("ck_class_sessions_hours", Broken::Defect),
    ("pk_class_session_trainers", Broken::Taken("/sessions")),
    ("fk_class_session_trainers_session", Broken::Defect),
    ("fk_class_session_trainers_trainer", Broken::Missing("/sessions")),
    ("pk_enrolments", Broken::Defect),
    ("uq_enrolments_class", Broken::Defect),
    ("uq_enrolments_ticket", Broken::Defect),
    ("uq_enrolments_live", Broken::Taken("/employee_id")),
    ("fk_enrolments_class", Broken::Defect),
    ("fk_enrolments_employee", Broken::Missing("/employee_id")),
    ("fk_enrolments_decider", Broken::Defect),
    ("ck_enrolments_origin", Broken::Defect),
    ("ck_enrolments_state", Broken::Defect),
    ("ck_enrolments_score", Broken::Defect),
    ("pk_attendances", Broken::Defect),
    ("fk_attendances_session", Broken::Defect),
    ("fk_attendances_enrolment", Broken::Defect),
    ("ck_attendances_presence", Broken::Defect),
    ("pk_evaluations", Broken::Defect),
    ("fk_evaluations_class", Broken::Defect),
    ("pk_evaluation_tasks", Broken::Defect),
    ("uq_evaluation_tasks_instrument", Broken::Defect),
    ("fk_evaluation_tasks_enrolment", Broken::Defect),
    ("fk_evaluation_tasks_employee", Broken::Defect),
    ("fk_evaluation_tasks_respondent", Broken::Defect),
    ("ck_evaluation_tasks_instrument", Broken::Defect),
    ("ck_evaluation_tasks_window", Broken::Defect),
    ("ck_evaluation_tasks_void", Broken::Defect),
    ("ck_evaluation_tasks_answer", Broken::Defect),
    ("pk_evaluation_marks", Broken::Defect),
    ("fk_evaluation_marks_task", Broken::Defect),
    ("ck_evaluation_marks_mark", Broken::Defect),
    ("pk_activities", Broken::Defect),
    ("fk_activities_employee", Broken::Missing("/employee_id")),
    ("fk_activities_trainer", Broken::Missing("/details/trainer_id")),
    ("fk_activities_decider", Broken::Defect),
    ("ck_activities_days", Broken::Defect),
    ("ck_activities_kind", Broken::Defect),
    ("ck_activities_state", Broken::Defect),
    ("pk_certificates", Broken::Defect),
    ("uq_certificates_enrolment", Broken::Defect),
    ("uq_certificates_number", Broken::Taken("/number")),
    ("uq_certificates_code", Broken::Defect),
    ("fk_certificates_enrolment", Broken::Defect),
    ("fk_certificates_programme", Broken::Defect),
    ("fk_certificates_employee", Broken::Defect),
    ("ck_certificates_basis", Broken::Defect),
    ("ck_certificates_revoked", Broken::Defect),
    ("pk_evidence_proposals", Broken::Defect),
    ("uq_evidence_proposals_certificate", Broken::Defect),
    ("fk_evidence_proposals_employee", Broken::Defect),
    ("fk_evidence_proposals_competency", Broken::Defect),
    ("fk_evidence_proposals_certificate", Broken::Defect),
    ("fk_evidence_proposals_result", Broken::Missing("/result_id")),
    ("fk_evidence_proposals_decider", Broken::Defect),
    ("ck_evidence_proposals_owner", Broken::Defect),
    ("ck_evidence_proposals_level", Broken::Defect),
    ("ck_evidence_proposals_state", Broken::Defect),
    ("pk_gap_models", Broken::Defect),
    ("fk_gap_models_agency", Broken::Defect),
    ("pk_gap_profiles", Broken::Defect),
    ("fk_gap_profiles_employee", Broken::Defect),
    ("pk_gap_sums", Broken::Defect),
    ("fk_gap_sums_position", Broken::Defect),
    ("pk_gap_kept", Broken::Defect),
    ("fk_gap_kept_position", Broken::Defect),
    ("pk_gap_marks", Broken::Defect),
    ("fk_gap_marks_agency", Broken::Defect),
    ("pk_former_standings", Broken::Defect),
    ("fk_former_standings_employee", Broken::Defect),
    ("pk_jp_entries", Broken::Defect),
    ("fk_jp_entries_employee", Broken::Missing("/employee_id")),
    ("fk_jp_entries_corrects", Broken::Defect),
    ("fk_jp_entries_recorder", Broken::Defect),
    ("ck_jp_entries_source", Broken::Defect),
    ("ck_jp_entries_basis", Broken::Defect),
    ("ck_jp_entries_certificate", Broken::Defect),
    ("ck_jp_entries_kind", Broken::Defect),
    ("uq_jp_entries_source", Broken::Taken("/source_id")),
    ("uq_jp_entries_reversal", Broken::Taken("/corrects_id")),
    ("pk_jp_certificates", Broken::Taken("/certificate/number")),
    ("fk_jp_certificates_employee", Broken::Missing("/employee_id")),
    ("pk_own_learnings", Broken::Defect),
    ("fk_own_learnings_employee", Broken::Missing("/employee_id")),
    ("fk_own_learnings_decider", Broken::Defect),
    ("ck_own_learnings_days", Broken::Defect),
    ("ck_own_learnings_hours", Broken::Defect),
    ("ck_own_learnings_state", Broken::Defect),
    ("pk_training_records", Broken::Defect),
    ("fk_training_records_employee", Broken::Missing("/employee_id")),
    ("fk_training_records_recorder", Broken::Defect),
    ("ck_training_records_days", Broken::Defect),
    ("ck_training_records_hours", Broken::Defect),
    ("ck_training_records_certificate", Broken::Defect),
    ("pk_jp_years", Broken::Defect),
    ("fk_jp_years_employee", Broken::Defect),
    ("pk_jp_contract_years", Broken::Defect),
    ("pk_jp_standings", Broken::Defect),
    ("fk_jp_standings_employee", Broken::Defect),
    ("fk_jp_contract_years_employee", Broken::Defect),
    ("pk_agency_plans", Broken::Defect),
    ("uq_agency_plans_number", Broken::Defect),
    ("fk_agency_plans_agency", Broken::Defect),
    ("fk_agency_plans_unit", Broken::Missing("/unit_id")),
    ("fk_agency_plans_revises", Broken::Defect),
    ("fk_agency_plans_preparer", Broken::Defect),
    ("fk_agency_plans_setter", Broken::Defect),
    ("ck_agency_plans_year", Broken::Defect),
    ("ck_agency_plans_officers", Broken::Defect),
    ("ck_agency_plans_state", Broken::Defect),
    ("pk_agency_plan_ceilings", Broken::Defect),
    ("fk_agency_plan_ceilings_plan", Broken::Defect),
    ("fk_agency_plan_ceilings_unit", Broken::Missing("/ceilings")),
    ("ck_agency_plan_ceilings_amount", Broken::Defect),
    ("pk_agency_plan_budget_lines", Broken::Defect),
    ("fk_agency_plan_budget_lines_plan", Broken::Defect),
    ("fk_agency_plan_budget_lines_unit", Broken::Missing("/items")),
    ("ck_agency_plan_budget_lines_source", Broken::Defect),
    ("ck_agency_plan_budget_lines_amount", Broken::Defect),
    ("pk_agency_plan_items", Broken::Defect),
    ("fk_agency_plan_items_plan", Broken::Defect),
    ("fk_agency_plan_items_programme", Broken::Missing("/programme_id")),
    ("fk_agency_plan_items_class", Broken::Missing("/class_id")),
    ("fk_agency_plan_items_provider", Broken::Missing("/provider_id")),
    ("fk_agency_plan_items_owner", Broken::Missing("/curriculum_owner_id")),
    ("fk_agency_plan_items_carried", Broken::StillReferenced),
    ("ck_agency_plan_items_class", Broken::Defect),
    ("ck_agency_plan_items_title", Broken::Defect),
    ("ck_agency_plan_items_days", Broken::Defect),
    ("ck_agency_plan_items_figures", Broken::Defect),
    ("ck_agency_plan_items_origin", Broken::Defect),
    ("pk_agency_plan_funds", Broken::Defect),
    ("fk_agency_plan_funds_item", Broken::Defect),
    ("fk_agency_plan_funds_line", Broken::StillReferenced),
    ("ck_agency_plan_funds_amount", Broken::Defect),
    ("pk_agency_plan_targets", Broken::Defect),
    ("fk_agency_plan_targets_item", Broken::Defect),
    ("fk_agency_plan_targets_employee", Broken::Missing("/targets")),
    ("pk_agency_plan_steps", Broken::Defect),
    ("fk_agency_plan_steps_target", Broken::Defect),
    ("fk_agency_plan_steps_competency", Broken::Missing("/targets")),
    ("ck_agency_plan_steps_owner", Broken::Defect),
    ("ck_agency_plan_steps_levels", Broken::Defect),
    ("pk_agency_plan_transitions", Broken::Defect),
    ("fk_agency_plan_transitions_plan", Broken::Defect),
    ("fk_agency_plan_transitions_user", Broken::Defect),
    ("pk_agency_plan_outcomes", Broken::Defect),
    ("fk_agency_plan_outcomes_plan", Broken::Defect),
    ("fk_agency_plan_outcomes_employee", Broken::Defect),
    ("fk_agency_plan_outcomes_operation", Broken::Defect),
    ("fk_agency_plan_outcomes_enrolment", Broken::Defect),
    ("fk_agency_plan_outcomes_entry", Broken::Defect),
    ("ck_agency_plan_outcomes_nomination", Broken::Defect),
    ("ck_agency_plan_outcomes_entry", Broken::Defect),
    ("pk_agency_plan_realisations", Broken::Defect),
    ("fk_agency_plan_realisations_item", Broken::StillReferenced),
    ("fk_agency_plan_realisations_user", Broken::Defect),
    ("ck_agency_plan_realisations_amounts", Broken::Defect),
    ("uq_agency_plans_open", Broken::Taken("/year")),
    ("uq_agency_plans_set", Broken::Taken("/year")),
    ("uq_agency_plan_funds_rest", Broken::Defect),
    ("pk_plan_work", Broken::Defect),
    ("fk_plan_work_operation", Broken::Defect),
    ("fk_plan_work_plan", Broken::Defect),
    ("pk_plan_templates", Broken::Defect),
    ("uq_plan_templates_name", Broken::Taken("/name")),
    ("fk_plan_templates_agency", Broken::Defect),
    ("fk_plan_templates_position", Broken::Missing("/position_id")),
    ("ck_plan_templates_for", Broken::Defect),
    ("pk_plans", Broken::Defect),
    ("uq_plans_number", Broken::Defect),
    ("fk_plans_employee", Broken::Missing("/employee_id")),
    ("fk_plans_revises", Broken::Defect),
    ("fk_plans_target", Broken::Missing("/target_position_id")),
    ("fk_plans_endorser", Broken::Defect),
    ("fk_plans_confirmer", Broken::Defect),
    ("ck_plans_year", Broken::Defect),
    ("ck_plans_officers", Broken::Defect),
    ("ck_plans_state", Broken::Defect),
    ("uq_plans_open", Broken::Taken("/year")),
    ("uq_plans_active", Broken::Taken("/year")),
    ("pk_plan_items", Broken::Defect),
    ("uq_plan_items_ordinal", Broken::Defect),
    ("uq_plan_items_line", Broken::Defect),
    ("fk_plan_items_plan", Broken::Defect),
    ("fk_plan_items_competency", Broken::Missing("/items")),
    ("fk_plan_items_programme", Broken::Missing("/items")),
    ("fk_plan_items_class", Broken::Missing("/items")),
    ("fk_plan_items_mentor", Broken::Missing("/items")),
    ("fk_plan_items_carried", Broken::StillReferenced),
    ("ck_plan_items_owner", Broken::Defect),
    ("ck_plan_items_step", Broken::Defect),
    ("ck_plan_items_state", Broken::Defect),
    ("ck_plan_items_origin", Broken::Defect),
    ("ck_plan_items_figures", Broken::Defect),
    ("pk_plan_transitions", Broken::Defect),
    ("fk_plan_transitions_plan", Broken::Defect),
    ("fk_plan_transitions_user", Broken::Defect),
    ("pk_plan_progress", Broken::Defect),
    ("fk_plan_progress_item", Broken::StillReferenced),
    ("fk_plan_progress_user", Broken::Defect),
    ("pk_plan_comments", Broken::Defect),
    ("fk_plan_comments_plan", Broken::Defect),
    ("fk_plan_comments_user", Broken::Defect),
    ("pk_plan_snapshots", Broken::Defect),
    ("fk_plan_snapshots_plan", Broken::Defect),
    ("ck_plan_snapshots_moment", Broken::Defect),
    ("ck_plan_snapshots_against", Broken::Defect),
];

impl StoreError {
    /// The constraints this crate knows by name, for the test over the catalogue.
    #[must_use]
    pub fn known_constraints() -> Vec<&'static str> {
        CONSTRAINTS.iter().map(|(name, _)| *name).collect()
    }

    /// The same failure, met while removing a row: a foreign key then means that something still refers to it.
    pub(crate) fn removing(error: DbErr) -> Self {
        match Self::from(error) {
            Self::Broken { constraint, .. } if constraint.starts_with("fk_") => {
                Self::Broken { constraint, meaning: Broken::StillReferenced }
            }
            other => other,
        }
    }

    /// Whether the transaction may succeed when simply run again.
    pub(crate) fn is_serialization_failure(&self) -> bool {
        matches!(self, Self::Internal(error) if matches!(sqlstate(error).as_deref(), Some("40001" | "40P01")))
    }
}

impl From<DbErr> for StoreError {
    fn from(error: DbErr) -> Self {
        match &error {
            DbErr::ConnectionAcquire(_) | DbErr::Conn(_) => return Self::Unavailable(error),
            DbErr::Query(RuntimeErr::SqlxError(inner)) | DbErr::Exec(RuntimeErr::SqlxError(inner)) => {
                match inner.as_ref() {
                    SqlxError::Io(_)
                    | SqlxError::Tls(_)
                    | SqlxError::PoolTimedOut
                    | SqlxError::PoolClosed
                    | SqlxError::WorkerCrashed => return Self::Unavailable(error),
                    SqlxError::Database(database) => {
                        if let Some(constraint) = database.constraint().map(ToOwned::to_owned) {
                            let known = CONSTRAINTS.iter().find(|(name, _)| *name == constraint);
                            let meaning = known.map_or(Broken::Defect, |(_, meaning)| *meaning);
                            return Self::Broken { constraint, meaning };
                        }
                    }
                    _ => {}
                }
            }
            _ => {}
        }
        match sqlstate(&error).as_deref() {
            // Connection exceptions, out of resources, operator intervention (shutdown, cancelled by timeout),
            // lock not available.
            Some(code)
                if ["08", "53", "57"].iter().any(|class| code.starts_with(class)) || code == "55P03" =>
            {
                Self::Unavailable(error)
            }
            // Character not in repertoire; invalid datetime format, datetime field overflow, numeric value out of range.
            Some("22021" | "22007" | "22008" | "22003") => Self::Unstorable,
            _ => Self::Internal(error),
        }
    }
}

/// The SQLSTATE of a database error.
fn sqlstate(error: &DbErr) -> Option<String> {
    match error {
        DbErr::Query(RuntimeErr::SqlxError(inner)) | DbErr::Exec(RuntimeErr::SqlxError(inner)) => {
            match inner.as_ref() {
                SqlxError::Database(database) => database.code().map(|code| code.into_owned()),
                _ => None,
            }
        }
        _ => None,
    }
}
