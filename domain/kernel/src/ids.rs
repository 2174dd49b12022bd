//! Typed identifiers: a unit's id cannot be passed where an employee's is meant.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident,)+) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(Uuid);

        impl $name {
            /// A new identifier (UUIDv7: it sorts by the moment it was made).
            #[must_use]
            #[expect(clippy::new_without_default, reason = "a default identifier would differ at every call")]
            #[expect(clippy::disallowed_methods, reason = "typed ids are the one place that makes identifiers")]
            pub fn new() -> Self {
                Self(Uuid::now_v7())
            }

            /// The raw value, for the layers that store and print it.
            #[must_use]
            pub const fn uuid(self) -> Uuid {
                self.0
            }
        }

        impl From<$name> for Uuid {
            fn from(id: $name) -> Self {
                id.0
            }
        }

        impl From<Uuid> for $name {
            fn from(raw: Uuid) -> Self {
                Self(raw)
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                self.0.fmt(f)
            }
        }

        impl std::str::FromStr for $name {
            type Err = uuid::Error;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                Uuid::parse_str(text).map(Self)
            }
        }
    )+};
}

ids! {
    /// A process that does work which can outlast a request.
    WorkerId,
    /// A government agency (instansi).
    AgencyId,
    /// An organisational unit (unit organisasi, perangkat daerah).
    UnitId,
    /// A position (jabatan).
    PositionId,
    /// A civil servant (pegawai ASN).
    EmployeeId,
    /// One entry of an employee's position history.
    PlacementId,
    /// A competency dictionary (kamus kompetensi).
    DictionaryId,
    /// One version of a dictionary.
    DictionaryVersionId,
    /// A competency (kompetensi), the same in every version of its dictionary.
    CompetencyId,
    /// One version of a position's competency standard (standar kompetensi jabatan, SKJ).
    StandardId,
    /// An assessment event (kegiatan penilaian kompetensi).
    AssessmentEventId,
    /// One level found for one person and competency.
    AssessmentResultId,
    /// A version of a rubric: cut-offs, validity, default levels.
    PolicyId,
    /// Someone or something that can sign in.
    UserId,
    /// A role given to a user in an agency.
    GrantId,
    /// An entry of the audit trail.
    AuditEventId,
    /// A piece of long-running work.
    OperationId,
    /// An entry of a ledger of learning hours (jam pelajaran, JP).
    JpEntryId,
    /// Learning that somebody logged themselves.
    OwnLearningId,
    /// Training that was held and recorded elsewhere.
    TrainingRecordId,
    /// One version of somebody's development plan for a year (rencana pengembangan individu).
    PlanId,
    /// An item of a development plan.
    PlanItemId,
    /// A comment on a development plan.
    PlanCommentId,
    /// What many people's plans have in common.
    PlanTemplateId,
    /// One version of an agency's plan for a year (rencana pengembangan kompetensi).
    AgencyPlanId,
    /// An item of an agency's plan, the same in every version of it.
    AgencyPlanItemId,
    /// A line of an agency plan's budget, the same in every version of it.
    BudgetLineId,
    /// A plan an optimiser makes of an agency's needs under given limits.
    ScenarioId,
    /// One HTTP request or command.
    RequestId,
    /// A partner that provides development (mitra penyelenggara).
    PartnerId,
    /// An instructor or mentor.
    TrainerId,
    /// A programme of development.
    ProgrammeId,
    /// A class of a programme.
    ClassId,
    /// Somebody's place in a class, or in line for one.
    EnrolmentId,
    /// A certificate of a completed class.
    CertificateId,
    /// Something one person does to develop, outside a class.
    ActivityId,
    /// Evidence that a completion proposes for a competency.
    EvidenceProposalId,
    /// A notice in somebody's inbox.
    NoticeId,
    /// An endpoint of others that is told what happens.
    WebhookEndpointId,
    /// An event on its way to an endpoint.
    WebhookDeliveryId,
    /// One thing asked about somebody's part in a class.
    EvaluationTaskId,
    /// A unit's needs analysis for a year (analisis kebutuhan pengembangan kompetensi, AKPK).
    NeedsAnalysisId,
    /// What somebody needs to learn.
    NeedId,
}

/// The agency that stands for the nation: it owns the dictionary and the policies every agency shares.
pub const NATIONAL: AgencyId = AgencyId(Uuid::from_u128(0x0000_0000_0000_7000_8000_0000_0000_0001));

/// The dictionary the nation begins with, whatever it is called by now.
pub const NATIONAL_DICTIONARY: DictionaryId =
    DictionaryId(Uuid::from_u128(0x0000_0000_0000_7000_8000_0000_0000_0002));
