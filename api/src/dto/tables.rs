//! Lists as tables: which properties of an item are columns, and in which order. A column is named by its property's path,
//! with `_` for the dots.

use chrono::NaiveDate;
use serde::Serialize;
use serde_json::Value;

use crate::dto::activities::ActivityView;
use crate::dto::agencies::AgencyView;
use crate::dto::agency_plan_items::AgencyPlanItemSummaryView;
use crate::dto::agency_plan_reports::PlaceView;
use crate::dto::agency_plans::{AgencyPlanSummaryView, AgencyPlanTransitionView};
use crate::dto::aggregates::{
    ExpiryForecastView, GapHeatMapView, GapTrendView, GroupFiguresView, GroupSummaryView, MatchesView,
    MonthLapsesView, StandingsView, SummedCompetencyView, SummedUnitView,
};
use crate::dto::assessments::{AssessmentEventView, AssessmentResultView};
use crate::dto::audit::AuditEventView;
use crate::dto::candidates::CandidateView;
use crate::dto::certificates::{CertificateView, EvidenceProposalView};
use crate::dto::classes::ClassView;
use crate::dto::dictionaries::{CompetencyView, ContentView, DictionaryVersionView, DictionaryView};
use crate::dto::employees::EmployeeView;
use crate::dto::enrolments::EnrolmentView;
use crate::dto::enums::wire;
use crate::dto::evaluation_tasks::EvaluationTaskView;
use crate::dto::families::FamilyView;
use crate::dto::gaps::{CompetencyGapView, UnitGapView};
use crate::dto::grants::GrantView;
use crate::dto::import_mappings::ImportMappingView;
use crate::dto::inbox::NoticeView;
use crate::dto::jp_ledger::{JpComplianceLine, JpEntryView, JpStandingView};
use crate::dto::me::AccessRecordView;
use crate::dto::needs::NeedView;
use crate::dto::needs_analyses::{NeedsAnalysisSummaryView, NeedsTransitionView};
use crate::dto::operations::OperationView;
use crate::dto::own_learnings::OwnLearningView;
use crate::dto::partners::{PartnerView, TrainerView};
use crate::dto::placements::PlacementView;
use crate::dto::plan_templates::PlanTemplateView;
use crate::dto::plans::{PlanCommentView, PlanSummaryView, PlanTransitionView};
use crate::dto::policies::PolicyView;
use crate::dto::positions::PositionView;
use crate::dto::programmes::ProgrammeView;
use crate::dto::scenarios::{
    ScenarioEnrolmentView, ScenarioSummaryView, ScenarioUnitView, ScenarioUnreachedView, ScenarioUnservedView,
};
use crate::dto::standards::StandardView;
use crate::dto::units::UnitView;
use crate::dto::webhooks::{WebhookDeliveryView, WebhookEndpointView};
use crate::sheets::{CellKind, Heading};

/// An item of a list that is a row of a table.
pub trait Tabular: Serialize {
    /// The path of each column's property, in order.
    const COLUMNS: &'static [&'static str];

    /// The columns.
    #[must_use]
    fn headings() -> Vec<Heading> {
        let heading =
            |path: &&str| Heading { name: path.replace('.', "_"), cells: CellKind::Text, whole: false };
        Self::COLUMNS.iter().map(heading).collect()
    }

    /// The item as a row: a value per column, null where the item has none.
    fn row(&self) -> Vec<Value> {
        let item = serde_json::to_value(self).unwrap_or_default();
        let value = |path: &&str| path.split('.').try_fold(&item, |at, name| at.get(name)).cloned();
        Self::COLUMNS.iter().map(|path| value(path).unwrap_or_default()).collect()
    }
}

macro_rules! tables {
    ($($view:ty: [$($path:literal),+ $(,)?];)+) => {$(
        impl Tabular for $view {
            const COLUMNS: &'static [&'static str] = &[$($path),+];
        }
    )+};
}

tables! {
    AgencyView: ["id", "code", "name", "time_zone"];
    AccessRecordView: ["id", "at", "employee_id", "user_id", "user_name", "operation", "request_id"];
    WebhookEndpointView:
        ["id", "url", "description", "events", "state", "reason", "pending", "secrets", "created_at"];
    WebhookDeliveryView: [
        "id", "endpoint_id", "event_id", "type", "resource_id", "event_at", "replay_of", "state", "attempts", "next_at",
        "ended_at", "created_at", "log",
    ];
    NoticeView: [
        "id", "kind", "state", "title", "text", "subject_type", "subject_id", "subject_title", "link", "about_employee_id",
        "about_employee_name", "told_at", "due_at", "due_on", "year", "short", "read_at", "snoozed_until", "withdrawn_at",
    ];
    AuditEventView:
        ["id", "at", "user_id", "operation", "what", "resource", "resource_id", "changes", "request_id"];
    GrantView: [
        "id", "role", "user.id", "user.name", "user.issuer", "user.subject", "employee_id", "unit_id", "scopes",
        "granted_at", "revoked_at",
    ];
    UnitView: ["id", "code", "name", "parent_id", "kind"];
    PositionView: ["id", "code", "name", "unit_id", "job_class", "siasn_code", "is_head", "abolished_on"];
    EmployeeView: [
        "id", "nip", "name", "status", "education", "appointed_on", "superior_id", "held.position_id",
        "held.position_code", "held.position_name", "held.job_class", "held.is_head", "held.since",
        "held.placement_id", "held.unit_id", "held.unit_code", "held.unit_name", "nip_reading.born_on",
        "nip_reading.sex", "warnings",
    ];
    PlacementView: [
        "id", "employee_id", "starts_on", "ends_on", "position.position_id", "position.position_code",
        "position.position_name", "position.job_class", "position.is_head", "position.unit_id", "position.unit_code",
        "position.unit_name", "decree", "recorded_at", "retracted_at",
    ];
    FamilyView: ["code", "name", "name_en", "ordinal"];
    DictionaryView: ["id", "code", "name", "national"];
    DictionaryVersionView: ["id", "dictionary_id", "number", "state", "published_at", "retired_at"];
    ContentView: ["competency_id", "code", "name", "family", "definition", "levels"];
    CompetencyView: [
        "id", "dictionary_id", "dictionary", "national", "version_number", "code", "name", "family", "definition",
        "levels",
    ];
    PolicyView: [
        "id", "kind", "national", "name", "number", "valid_from", "recorded_at", "source", "jpm.method",
        "jpm.cutoffs.filling", "jpm.cutoffs.mapping", "validity.years", "default_levels.levels",
        "default_levels.families", "eligibility.classes", "forms.forms", "jp_target.rules",
        "development_plan.authority", "development_plan.most_items", "recommendation.order", "recommendation.activities",
        "recommendation.mentors.order", "recommendation.mentors.max_mentees", "recommendation.mentors.ahead",
        "reminders.class_starting", "reminders.certificate_expiring", "reminders.jp_short", "reminders.plan_item_due",
        "reminders.plan_due.month", "reminders.plan_due.day", "reminders.plan_due.days",
        "evaluation.reaction.due_days", "evaluation.reaction.form.scale", "evaluation.reaction.form.questions",
        "evaluation.tests.due_days", "evaluation.behaviour.opens_months", "evaluation.behaviour.due_months",
        "evaluation.behaviour.participant.scale", "evaluation.behaviour.participant.questions",
        "evaluation.behaviour.superior.scale", "evaluation.behaviour.superior.questions",
        "evaluation.result.due_months", "need_priority.unassessed", "need_priority.importance", "need_priority.criticality",
        "need_priority.head", "need_priority.overdue", "need_priority.signal",
    ];
    StandardView: [
        "id", "position_id", "position_code", "position_name", "number", "state", "valid_from", "decree", "requirements",
        "verified_by", "verified_at", "enacted_by", "enacted_at", "revoked_on", "revoked_at",
    ];
    AssessmentEventView: [
        "id", "state", "purpose", "method", "counts", "provider", "accreditation", "assessed_on", "reference",
        "signed_off_by", "signed_off_at",
    ];
    AssessmentResultView: [
        "id", "state", "employee_id", "nip", "employee_name", "competency_id", "dictionary", "competency_code",
        "competency_name", "level", "counts", "purpose", "method", "assessed_on", "valid_until", "evidence", "assessor",
        "event_id", "recorded_at", "supersedes_id", "superseded_at", "reason",
    ];
    PartnerView: ["id", "code", "name", "kind", "contact", "standing", "agreements"];
    TrainerView: [
        "id", "name", "employee_id", "roles", "partner_id", "partner_name", "expertise", "max_mentees",
    ];
    ProgrammeView: [
        "id", "state", "code", "name", "objectives", "form", "partner_id", "partner_name", "curriculum_owner_id",
        "curriculum_owner_name", "mode", "jp", "price_per_participant", "price_per_class", "accreditation",
        "certificate_months", "steps", "prerequisites", "audience.job_classes", "audience.job_families",
    ];
    ClassView: [
        "id", "programme_id", "programme_code", "programme_name", "code", "state", "phase", "seats", "min_participants", "waitlist", "taken",
        "waiting", "registration_opens_at", "registration_closes_at", "starts_at", "ends_at", "note", "cancelled_for",
        "completed_at", "sessions",
    ];
    EnrolmentView: [
        "id", "state", "class_id", "class_code", "programme_id", "programme_name", "starts_at", "ends_at", "employee_id",
        "nip", "employee_name", "origin", "ticket", "ahead", "requested_at", "decided_by", "decided_at", "reason", "cause",
        "exception", "present", "passed", "score",
    ];
    EvaluationTaskView: [
        "id", "state", "instrument", "level", "class_id", "class_code", "held_until", "programme_id", "programme_name",
        "enrolment_id", "employee_id", "nip", "employee_name", "opens_at", "due_at", "answered_at", "score", "void",
    ];
    ActivityView: [
        "id", "state", "employee_id", "nip", "employee_name", "goal", "form", "starts_on", "ends_on", "details.kind",
        "details.host", "details.supervisor", "details.assignment", "details.counterpart", "details.topic",
        "details.trainer_id", "details.community", "details.facilitator", "details.material", "details.institution",
        "details.study", "details.degree", "details.funding", "details.months", "details.bond_months",
        "details.released", "trainer_name", "log", "outcome", "reason", "jp", "decided_by", "decided_at",
    ];
    CertificateView: [
        "id", "status", "number", "code", "verify_url", "employee_id", "holder", "enrolment_id", "class_id",
        "programme_id", "title", "provider", "form", "jp", "jp_basis", "held_from", "held_until", "issued_on",
        "valid_until", "revoked_at", "revoked_for",
    ];
    EvidenceProposalView: [
        "id", "state", "employee_id", "nip", "employee_name", "competency_id", "dictionary", "competency_code", "level",
        "certificate_id", "certificate_number", "title", "proposed_at", "result_id", "reason",
    ];
    CompetencyGapView: [
        "competency_id", "code", "name", "family", "national", "dictionary_version_id", "required", "achieved", "gap",
        "state", "severity", "weight", "importance", "evidence.level", "evidence.method", "evidence.purpose",
        "evidence.assessed_on", "evidence.valid_until", "evidence.recorded_at", "evidence.result_id",
        "evidence.event_id", "days_to_expiry",
    ];
    UnitGapView: [
        "person.id", "person.nip", "person.name", "position.id", "position.code", "position.name", "position.unit_id",
        "position.job_class", "standard_id", "competency.competency_id", "competency.code", "competency.name",
        "competency.family", "competency.national", "competency.dictionary_version_id", "competency.required",
        "competency.achieved", "competency.gap", "competency.state", "competency.severity", "competency.weight",
        "competency.importance", "competency.evidence.level", "competency.evidence.method",
        "competency.evidence.purpose", "competency.evidence.assessed_on", "competency.evidence.valid_until",
        "competency.evidence.recorded_at", "competency.evidence.result_id", "competency.evidence.event_id",
        "competency.days_to_expiry",
    ];
    CandidateView: [
        "rank", "person.id", "person.nip", "person.name", "standing", "incumbent", "held.id", "held.code", "held.name",
        "held.unit_id", "held.job_class", "held_since", "job_person_match.status", "job_person_match.category",
        "job_person_match.jpm", "job_person_match.jpm_capped", "job_person_match.share", "job_person_match.earned",
        "job_person_match.full", "job_person_match.missing", "job_person_match.method", "job_person_match.policy.name",
        "job_person_match.policy.number", "summary.met", "summary.gap", "summary.exceeds", "summary.missing",
        "summary.expired", "rules", "competencies",
    ];
    JpEntryView: [
        "id", "employee_id", "earned_on", "kind", "jp", "counts", "basis", "title", "form", "certificate.number",
        "certificate.issued_on", "certificate.valid_until", "source", "source_id", "reversed", "corrects_id", "reason",
        "recorded_at", "recorded_by",
    ];
    JpStandingView: [
        "employee_id", "nip", "employee_name", "status", "unit_id", "unit_code", "unit_name", "state", "counted", "floor",
        "short", "ceiling", "counted_to_ceiling", "over",
    ];
    JpComplianceLine<'_>: [
        "group", "status", "unit_id", "unit_code", "unit_name", "figures.people", "figures.with_floor", "figures.met",
        "figures.short", "figures.short_by_half", "figures.nothing_yet", "figures.short_jp", "figures.with_ceiling",
        "figures.over", "figures.over_jp",
    ];
    NeedsAnalysisSummaryView: [
        "id", "unit_id", "unit_code", "unit_name", "year", "state", "needs", "dropped", "gathered_at", "verified_by", "verified_at",
        "validated_by", "validated_at", "overdue",
    ];
    NeedsTransitionView: [
        "id", "analysis_id", "at", "user_id", "action", "from_state", "to_state", "parties", "reason",
    ];
    NeedView: [
        "id", "analysis_id", "employee_id", "nip", "employee_name", "serves", "competency_id", "competency_code",
        "competency_name", "national", "level_from", "level_to", "origins", "priority", "computed_priority", "terms",
        "job_class", "is_head", "jp_overdue", "set.reason", "set.user_id", "set.at", "dropped.reason", "dropped.user_id",
        "dropped.at",
    ];
    PlanSummaryView: [
        "id", "employee_id", "nip", "employee_name", "year", "number", "state", "revises_id", "target_position_id",
        "figures.items", "figures.done", "figures.dropped", "figures.percent", "figures.jp_planned", "figures.jp_earned",
        "figures.cost_planned", "figures.cost_committed", "figures.cost_realised", "approved_at", "activated_at",
        "completed_at",
    ];
    PlanTransitionView: [
        "id", "plan_id", "at", "user_id", "action", "from_state", "to_state", "parties", "superior_basis", "reason",
    ];
    AgencyPlanSummaryView: [
        "id", "year", "unit_id", "unit_code", "unit_name", "number", "state", "revises_id", "name", "figures.lines",
        "figures.budget", "figures.items", "figures.places", "figures.people", "prepared_at", "set_at",
    ];
    AgencyPlanItemSummaryView: [
        "id", "plan_id", "title", "programme_id", "programme_code", "programme_name", "class_id", "class_code",
        "competency_types", "form", "setting", "provider_id", "provider_name", "starts_on", "ends_on",
        "curriculum_owner_id", "curriculum_owner_name", "curriculum", "jp", "price_per_participant", "price_per_class",
        "places", "cost", "funds", "overrides", "note", "origin", "scenario_id", "carried_from_plan_id",
        "carried_from_item_id",
    ];
    ScenarioSummaryView: [
        "id", "plan_id", "name", "state", "operation_id", "based_on_id", "solved_at", "figures.needs_source", "figures.budget",
        "figures.cost", "figures.objective", "figures.upper_bound", "figures.gap_percent", "figures.learning_hours.people",
        "figures.learning_hours.short", "figures.learning_hours.reached", "figures.learning_hours.most_reachable",
        "figures.learning_hours.least_cost", "figures.learning_hours.gap_percent", "figures.learning_hours.unreached",
        "figures.shadow_price",
        "figures.worth", "figures.people", "figures.people_served", "figures.needs", "figures.needs_served",
        "figures.enrolments", "figures.opened", "figures.offers", "figures.offers_without_price", "figures.unserved",
        "figures.equity", "adopted_at", "created_at",
    ];
    ScenarioEnrolmentView: [
        "employee_id", "nip", "name", "unit_id", "unit_code", "offer_id", "programme_id", "programme_code", "programme_name",
        "class_id", "class_code", "value", "price",
    ];
    ScenarioUnitView: [
        "unit_id", "code", "name", "people", "people_served", "needs", "needs_served", "worth", "objective", "cost",
        "people_short", "people_reached",
    ];
    ScenarioUnservedView: [
        "employee_id", "nip", "name", "unit_id", "unit_code", "competency_id", "competency_code", "competency_name",
        "level_from", "level_to", "value", "reason",
    ];
    ScenarioUnreachedView: ["employee_id", "nip", "name", "unit_id", "unit_code", "jp", "reason"];
    PlaceView: [
        "item_id", "title", "employee_id", "nip", "name", "planned", "nomination", "enrolment_id", "enrolment_state",
        "entry", "plan_item_id", "published_at",
    ];
    AgencyPlanTransitionView: ["id", "plan_id", "at", "user_id", "action", "from_state", "to_state", "parties", "reason"];
    PlanTemplateView: ["id", "name", "job_class", "position_id", "items", "retired"];
    PlanCommentView: ["id", "plan_id", "at", "user_id", "user_name", "text"];
    OwnLearningView: [
        "id", "employee_id", "nip", "employee_name", "state", "title", "provider", "form", "started_on", "ended_on", "units",
        "international", "certificate_jp", "certificate.number", "certificate.issued_on", "certificate.valid_until",
        "same_certificate", "document", "note", "submitted_at", "decided_by", "decided_at", "reason",
    ];
    ImportMappingView: ["kind", "name", "columns", "ignored"];
    OperationView: [
        "id", "kind", "state", "phase", "created_at", "finished_at", "requested_by", "done", "total", "error.status",
        "error.code", "error.title", "error.detail",
    ];
}

/// A line of a sum over people: whose, about what, and the figures. A figure that is held back is blank, and
/// `..._suppressed` says so.
#[derive(Debug, Default, Serialize)]
pub struct SumRow<'a> {
    /// What the line sums up: `TOTAL`, `UNIT` with what is under it, `UNIT_ITSELF`, `JOB_CLASS`, `FAMILY` or `COMPETENCY`.
    group: &'static str,
    /// On which day, where a table has several.
    as_of: Option<NaiveDate>,
    unit: Option<&'a SummedUnitView>,
    job_class: Option<wire::JobClass>,
    family: Option<&'a str>,
    competency: Option<&'a SummedCompetencyView>,
    people: Option<&'a MatchesView>,
    standings: Option<&'a StandingsView>,
}

impl Tabular for SumRow<'_> {
    const COLUMNS: &'static [&'static str] = &[
        "group",
        "as_of",
        "unit.id",
        "unit.code",
        "unit.name",
        "job_class",
        "family",
        "competency.id",
        "competency.code",
        "competency.name",
        "competency.family",
        "people.suppressed",
        "people.people",
        "people.measured",
        "people.unmeasured",
        "people.complete",
        "people.incomplete",
        "people.coverage_percent",
        "people.categories",
        "standings.suppressed",
        "standings.required",
        "standings.assessed",
        "standings.met",
        "standings.below",
        "standings.exceeds",
        "standings.expired",
        "standings.missing",
        "standings.coverage_percent",
        "standings.mean_gap",
        "standings.distribution",
    ];
}

/// The people directly in the unit at the top stand beside the units under it, without a name.
const fn unit_group(unit: Option<&SummedUnitView>) -> &'static str {
    if unit.is_some() { "UNIT" } else { "UNIT_ITSELF" }
}

impl GapHeatMapView {
    /// The map as lines: all people, each unit's, then each competency in all and by unit; none where it concerns nobody.
    #[must_use]
    pub fn table(&self) -> Vec<SumRow<'_>> {
        let mut rows = vec![SumRow { group: "TOTAL", people: Some(&self.people), ..SumRow::default() }];
        rows.extend(self.columns.iter().map(|column| SumRow {
            group: unit_group(column.unit.as_ref()),
            unit: column.unit.as_ref(),
            people: Some(&column.people),
            ..SumRow::default()
        }));
        for row in &self.rows {
            let line = |group, unit, standings| SumRow {
                group,
                unit,
                competency: Some(&row.competency),
                standings: Some(standings),
                ..SumRow::default()
            };
            rows.push(line("COMPETENCY", None, &row.total));
            let cells = self.columns.iter().zip(&row.cells);
            rows.extend(cells.filter_map(|(column, cell)| {
                Some(line(unit_group(column.unit.as_ref()), column.unit.as_ref(), cell.as_ref()?))
            }));
        }
        rows
    }
}

fn figures<'a>(group: &'static str, figures: &'a GroupFiguresView) -> SumRow<'a> {
    SumRow { group, people: Some(&figures.people), standings: Some(&figures.standings), ..SumRow::default() }
}

impl GroupSummaryView {
    /// The summary as lines.
    #[must_use]
    pub fn table(&self) -> Vec<SumRow<'_>> {
        let families = self.families.iter().map(|one| SumRow {
            group: "FAMILY",
            family: Some(&one.family),
            standings: Some(&one.standings),
            ..SumRow::default()
        });
        let competencies = self.competencies.iter().map(|one| SumRow {
            group: "COMPETENCY",
            competency: Some(&one.competency),
            standings: Some(&one.standings),
            ..SumRow::default()
        });
        let units = self.units.iter().map(|one| {
            let unit = one.unit.as_ref();
            SumRow { unit, ..figures(unit_group(unit), &one.figures) }
        });
        let classes = self
            .job_classes
            .iter()
            .map(|one| SumRow { job_class: Some(one.job_class), ..figures("JOB_CLASS", &one.figures) });
        let total = std::iter::once(figures("TOTAL", &self.total));
        total.chain(families).chain(competencies).chain(units).chain(classes).collect()
    }
}

impl GapTrendView {
    /// The trend as lines, a day each.
    #[must_use]
    pub fn table(&self) -> Vec<SumRow<'_>> {
        self.points
            .iter()
            .map(|one| SumRow { as_of: Some(one.as_of), ..figures("TOTAL", &one.figures) })
            .collect()
    }
}

/// What lapses in a month, in all or in one competency.
#[derive(Debug, Serialize)]
pub struct LapseRow<'a> {
    competency: Option<&'a SummedCompetencyView>,
    month: &'a MonthLapsesView,
}

impl Tabular for LapseRow<'_> {
    const COLUMNS: &'static [&'static str] = &[
        "competency.id",
        "competency.code",
        "competency.name",
        "competency.family",
        "month.first_day",
        "month.lapsing",
        "month.reopening",
    ];
}

impl ExpiryForecastView {
    /// The forecast as lines: the months in all, then those of each competency.
    #[must_use]
    pub fn table(&self) -> Vec<LapseRow<'_>> {
        let all = self.months.iter().map(|month| LapseRow { competency: None, month });
        let single = self.competencies.iter().flat_map(|one| {
            one.months.iter().map(|month| LapseRow { competency: Some(&one.competency), month })
        });
        all.chain(single).collect()
    }
}
