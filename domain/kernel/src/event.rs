//! What happened: the sentence that goes into the audit trail and onto the change feed.

use serde::Serialize;
use uuid::Uuid;

/// The kinds of thing an event can be about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Resource {
    /// An agency.
    Agency,
    /// An organisational unit.
    Unit,
    /// A position.
    Position,
    /// A civil servant.
    Employee,
    /// An entry of a position history.
    Placement,
    /// A family of competencies.
    Family,
    /// A competency dictionary.
    Dictionary,
    /// A version of a dictionary.
    DictionaryVersion,
    /// A competency.
    Competency,
    /// A position standard.
    Standard,
    /// An assessment event.
    AssessmentEvent,
    /// An assessment result.
    AssessmentResult,
    /// A versioned rubric.
    Policy,
    /// A user.
    User,
    /// A role given to a user.
    Grant,
    /// Long-running work, an import for instance.
    Operation,
}

impl Resource {
    /// Every kind.
    pub const ALL: [Self; 16] = [
        Self::Agency,
        Self::Unit,
        Self::Position,
        Self::Employee,
        Self::Placement,
        Self::Family,
        Self::Dictionary,
        Self::DictionaryVersion,
        Self::Competency,
        Self::Standard,
        Self::AssessmentEvent,
        Self::AssessmentResult,
        Self::Policy,
        Self::User,
        Self::Grant,
        Self::Operation,
    ];

    /// The name as stored and sent.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Agency => "AGENCY",
            Self::Unit => "UNIT",
            Self::Position => "POSITION",
            Self::Employee => "EMPLOYEE",
            Self::Placement => "PLACEMENT",
            Self::Family => "FAMILY",
            Self::Dictionary => "DICTIONARY",
            Self::DictionaryVersion => "DICTIONARY_VERSION",
            Self::Competency => "COMPETENCY",
            Self::Standard => "STANDARD",
            Self::AssessmentEvent => "ASSESSMENT_EVENT",
            Self::AssessmentResult => "ASSESSMENT_RESULT",
            Self::Policy => "POLICY",
            Self::User => "USER",
            Self::Grant => "GRANT",
            Self::Operation => "OPERATION",
        }
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
}
