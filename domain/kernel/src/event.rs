//! What happened: the sentence that goes into the audit trail and onto the change feed.

use uuid::Uuid;

crate::wire_enum! {
    /// The kinds of thing an event can be about.
    pub enum Resource {
        /// An agency.
        Agency = "AGENCY",
        /// An organisational unit.
        Unit = "UNIT",
        /// A position.
        Position = "POSITION",
        /// A civil servant.
        Employee = "EMPLOYEE",
        /// An entry of a position history.
        Placement = "PLACEMENT",
        /// A family of competencies.
        Family = "FAMILY",
        /// A competency dictionary.
        Dictionary = "DICTIONARY",
        /// A version of a dictionary.
        DictionaryVersion = "DICTIONARY_VERSION",
        /// A competency.
        Competency = "COMPETENCY",
        /// A position standard.
        Standard = "STANDARD",
        /// An assessment event.
        AssessmentEvent = "ASSESSMENT_EVENT",
        /// An assessment result.
        AssessmentResult = "ASSESSMENT_RESULT",
        /// A versioned rubric.
        Policy = "POLICY",
        /// A partner that provides development.
        Partner = "PARTNER",
        /// An instructor or mentor.
        Trainer = "TRAINER",
        /// A programme of development.
        Programme = "PROGRAMME",
        /// A class of a programme.
        Class = "CLASS",
        /// Somebody's place in a class.
        Enrolment = "ENROLMENT",
        /// A certificate.
        Certificate = "CERTIFICATE",
        /// Something one person does to develop, outside a class.
        Activity = "ACTIVITY",
        /// Evidence that a completion proposes.
        EvidenceProposal = "EVIDENCE_PROPOSAL",
        /// One thing asked about somebody's part in a class.
        EvaluationTask = "EVALUATION_TASK",
        /// A user.
        User = "USER",
        /// A role given to a user.
        Grant = "GRANT",
        /// What an agency's spreadsheets call our columns.
        ImportMapping = "IMPORT_MAPPING",
        /// An entry of a ledger of learning hours.
        JpEntry = "JP_ENTRY",
        /// Learning that somebody logged themselves.
        OwnLearning = "OWN_LEARNING",
        /// A development plan.
        Plan = "PLAN",
        /// What many people's plans have in common.
        PlanTemplate = "PLAN_TEMPLATE",
        /// An agency's plan of development.
        AgencyPlan = "AGENCY_PLAN",
        /// A unit's needs analysis for a year.
        NeedsAnalysis = "NEEDS_ANALYSIS",
        /// A notice in somebody's inbox.
        Notice = "NOTICE",
        /// What somebody wants to be told, and how often.
        InboxSettings = "INBOX_SETTINGS",
        /// An endpoint of others that is told what happens.
        WebhookEndpoint = "WEBHOOK_ENDPOINT",
        /// Long-running work, an import for instance.
        Operation = "OPERATION",
    }
}

/// One change of one resource.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event {
    /// What kind of thing changed.
    pub resource: Resource,
    /// Which one.
    pub id: Uuid,
    /// What happened, in the past tense, UPPER_SNAKE_CASE: `CREATED`, `ENACTED`, `SUPERSEDED`.
    pub what: &'static str,
}

impl Event {
    /// An event about `id`.
    #[must_use]
    pub fn new(resource: Resource, id: impl Into<Uuid>, what: &'static str) -> Self {
        Self { resource, id: id.into(), what }
    }

    /// How the change feed calls it: `class.cancelled`.
    #[must_use]
    pub fn kind(&self) -> String {
        format!("{}.{}", self.resource, self.what).to_lowercase()
    }
}
