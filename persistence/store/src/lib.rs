//! The only crate that speaks SQL. Its public signatures speak domain types.
//!
//! * Reading begins with a [`access::Scope`]: [`Store::read`] gives a [`Reader`], whose every statement is bounded by it.
//! * Writing happens in [`Store::write`]: one transaction that holds the business rows, the audit row, the change-feed
//!   row and the idempotency row. Its closure must return a [`Recorded`], which only [`Tx::record`] makes.

mod activities;
mod agencies;
mod agency_plan_budget;
mod agency_plan_items;
mod agency_plan_outcomes;
mod agency_plan_reports;
mod agency_plan_transitions;
mod agency_plans;
mod assessments;
mod audit;
mod candidates;
mod case_packages;
mod certificates;
mod checks;
mod classes;
mod closing;
mod dictionaries;
mod directory;
mod employees;
mod enrolments;
mod error;
mod evaluation;
mod evaluation_making;
mod evaluation_tasks;
mod evidence;
mod families;
mod forms;
mod forms_learning;
mod founding;
mod gap_ask;
mod gap_model;
mod gap_sums;
mod gaps;
mod import_mappings;
mod imports;
mod jp_compliance;
mod jp_ledger;
mod jp_standings;
mod memory;
mod mentors;
mod needs;
mod notices;
mod operations;
mod outbox;
mod own_learnings;
mod partners;
mod placements;
mod plan_comments;
mod plan_items;
mod plan_snapshots;
mod plan_templates;
mod plan_transitions;
mod plans;
mod policies;
mod positions;
mod programmes;
mod read;
mod recent;
mod recommendations;
mod reference;
mod reminders;
mod rows;
mod scenario_ground;
mod scenarios;
mod sentence;
mod standards;
mod transitions;
mod tx;
mod units;
mod users;
mod webhooks;

pub use activities::{ActivityFilter, ActivityRow};
pub use agency_plan_budget::BudgetLineRow;
pub use agency_plan_items::{AgencyPlanItemRow, PlanTargetName};
pub use agency_plan_outcomes::{PlaceBefore, PlaceOutcome, PlaceRow};
pub use agency_plan_reports::{AgencyOutturnRow, ItemOutturnRow};
pub use agency_plan_transitions::{AgencyPlanStepDraft, AgencyPlanTransitionRow};
pub use agency_plans::{AgencyPlanFilter, AgencyPlanRow};
pub use assessments::{EventFilter, ResultFilter, ResultRow};
pub use audit::{AccessRecord, AuditFilter, AuditRow, Look};
pub use candidates::{CandidateFilter, CandidatePerson, CandidateRow, OpeningFacts};
pub use case_packages::CasePackageRow;
pub use certificates::{CertificateFilter, ProposalFilter, ProposalRow, VerifiedCertificate};
pub use checks::ModelCheck;
pub use classes::{ClassFilter, ClassRow, NamedTrainer};
pub use closing::Recorded;
pub use dictionaries::{CompetencyRow, ContentFilter, ContentRow, DictionaryFilter};
pub use directory::{KnownAgency, KnownUser};
pub use employees::{EmployeeFilter, EmployeeRow, NamedSuperior, SuperiorChain};
pub use enrolments::{AttendanceRow, EnrolmentFilter, EnrolmentRow, ScheduledSession, Seated};
pub use error::{Broken, StoreError};
pub use evaluation::{
    EvaluationCount, EvaluationLevels, EvaluationMarkSum, EvaluationSubject, EvaluationTests,
};
pub use evaluation_making::EvaluationLook;
pub use evaluation_tasks::{EvaluationTaskFilter, EvaluationTaskRow, EvaluationTold};
pub use forms::{FormRow, ListFormRow};
pub use founding::{Founding, FoundingAssessment, FoundingDictionary};
pub use gap_model::ModelDue;
pub use gap_sums::{
    ByUnit, ExpirySum, Grades, Groups, HeatSums, SumGround, SummarySums, Summed, SummedCompetency,
    SummedUnit, TrendSums,
};
pub use gaps::{GapFilter, GapPerson, GapPosition, ProfileFacts, UnitGapRow};
pub use import_mappings::ImportMappingRow;
pub use imports::{
    Begun, CertificateInUse, DictionaryInUse, FinalResult, KnownCompetency, PersonOnRecord, RejectedRow,
    ResultKey, UploadedFile,
};
pub use jp_compliance::JpComplianceRow;
pub use jp_ledger::{JpCreditDraft, JpCredited, JpEntryRow, JpLedgerRows};
pub use jp_standings::{JpStanding, JpStandingFilter, JpStandingState};
pub use mentors::{
    Guide, Mentee, MentorCandidate, MentorDetail, MentorPerson, MentorPosition, MentoredCompetency,
};
pub use needs::{
    KnownNeed, NeedDecision, NeedDraft, NeedFilter, NeedGround, NeedOriginRow, NeedRow, NeedsAnalysisFilter,
    NeedsAnalysisRow, NeedsCoverageLine, NeedsGroup, NeedsPerson, NeedsReach, NeedsStepDraft,
    NeedsTransitionRow, ValidatedNeed,
};
pub use notices::{NoticeDraft, NoticeFigures, NoticeFilter, NoticeRow};
pub use operations::{ClaimedOperation, OperationProgress, OperationRow};
pub use outbox::OutboxEvent;
pub use own_learnings::{OwnLearningFilter, OwnLearningRow};
pub use partners::{PartnerFilter, TrainerFilter, TrainerRow};
pub use placements::{HeldPosition, PlacementRow};
pub use plan_comments::PlanCommentRow;
pub use plan_items::PlanItemNames;
pub use plan_snapshots::{PlanSnapshotRow, SnapshotAgainst, SnapshotMoment};
pub use plan_templates::PlanPopulation;
pub use plan_transitions::{PlanStepDraft, PlanTransitionRow};
pub use plans::{PlanFilter, PlanRow};
pub use policies::{PolicyDraft, RubricDocument};
pub use positions::PositionFilter;
pub use programmes::{NamedCompetency, NamedPrerequisite, ProgrammeFilter, ProgrammeRow};
pub use read::{PageRequest, Reader};
pub use recent::Recent;
pub use scenario_ground::{ScenarioSeat, ScenarioTaken};
pub use scenarios::{
    ScenarioDraft, ScenarioEnrolment, ScenarioEnrolmentRow, ScenarioRow, ScenarioUnreached,
    ScenarioUnreachedRow, ScenarioUnserved, ScenarioUnservedRow,
};
pub use standards::{RequirementRow, StandardFilter, StandardRow};
pub use tx::{AsStoreError, Idempotency, Reply, Settings, Store, Tx, Unwritten, WriteContext, Written};
pub use units::UnitFilter;
pub use users::{GrantRow, UserRow};
pub use webhooks::{
    ClaimedDelivery, MOST_REPLAYED, WebhookAttemptRow, WebhookDeliveryRow, WebhookEndpointRow, WebhookOutcome,
};
