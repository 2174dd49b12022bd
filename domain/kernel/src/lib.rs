//! The vocabulary every other crate shares: identifiers, numbers and texts that cannot hold a wrong value,
//! and the way a rule says no.
//!
//! Nothing here reads a clock, a file or the network.

mod days;
mod event;
mod hundredths;
mod ids;
mod level;
mod nip;
mod operation;
mod page;
mod rupiah;
mod text;
mod version;
mod violation;
mod webhook;
mod wire;

pub use days::{AgencyZone, Period, add_years, micros};
pub use event::{Event, Resource};
pub use hundredths::Hundredths;
pub use ids::{
    ActivityId, AgencyId, AgencyPlanId, AgencyPlanItemId, AssessmentEventId, AssessmentResultId,
    AuditEventId, BudgetLineId, CertificateId, ClassId, CompetencyId, DictionaryId, DictionaryVersionId,
    EmployeeId, EnrolmentId, EvaluationTaskId, EvidenceProposalId, GrantId, JpEntryId, NATIONAL,
    NATIONAL_DICTIONARY, NeedId, NeedsAnalysisId, NoticeId, OperationId, OwnLearningId, PartnerId,
    PlacementId, PlanCommentId, PlanId, PlanItemId, PlanTemplateId, PolicyId, PositionId, ProgrammeId,
    RequestId, ScenarioId, StandardId, TrainerId, TrainingRecordId, UnitId, UserId, WebhookDeliveryId,
    WebhookEndpointId, WorkerId,
};
pub use level::Level;
pub use nip::{Nip, NipReading, NipWarning, ServiceKind, Sex};
pub use operation::{OperationAction, OperationKind, OperationPhase, OperationState};
pub use page::{Limit, Page};
pub use rupiah::Rupiah;
pub use text::{Code, LongText, Name};
pub use version::Version;
pub use violation::{Violation, ViolationCode, Violations};
pub use webhook::{
    DeliveryFailure, DeliveryState, WebhookAction, WebhookReason, WebhookState, webhook_filter,
    webhook_pause, webhook_tells, webhook_wants,
};
