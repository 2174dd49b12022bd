//! Competency standards of positions (standar kompetensi jabatan, SKJ).

use std::collections::BTreeSet;

use chrono::{DateTime, NaiveDate, Utc};
use kernel::{
    AgencyId, CompetencyId, DictionaryVersionId, Hundredths, Level, Name, PositionId, StandardId, UserId,
    Version, Violation, ViolationCode, Violations, wire_enum,
};

wire_enum! {
    /// How much a position depends on a requirement (PermenPANRB 38/2017).
    pub enum Importance {
        /// Indispensable.
        Mutlak = "MUTLAK",
        /// Important.
        Penting = "PENTING",
        /// Needed.
        Perlu = "PERLU",
    }
}

/// One competency a position requires.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Requirement {
    /// The competency.
    pub competency: CompetencyId,
    /// Whose dictionary it comes from: the agency's own or [`kernel::NATIONAL`].
    pub competency_agency: AgencyId,
    /// The version of the dictionary whose levels are meant.
    pub dictionary_version: DictionaryVersionId,
    /// The required level.
    pub level: Level,
    /// Its weight in the job person match.
    pub weight: Hundredths,
    /// How much the position depends on it.
    pub importance: Importance,
}

wire_enum! {
    /// Where a standard stands.
    pub enum StandardState {
        /// Being written.
        Draft = "DRAFT",
        /// Checked (diverifikasi); waits to be enacted.
        Verified = "VERIFIED",
        /// Enacted (ditetapkan); never changes again.
        InForce = "IN_FORCE",
        /// Revoked (dicabut) from a day on.
        Revoked = "REVOKED",
    }
}

wire_enum! {
    /// What can be done with a standard.
    pub enum StandardAction {
        /// Change its requirements, dates or decree.
        Edit = "EDIT",
        /// Throw it away.
        Delete = "DELETE",
        /// Confirm that it is right.
        Verify = "VERIFY",
        /// Send it back to be changed.
        ReturnToDraft = "RETURN_TO_DRAFT",
        /// Put it in force.
        Enact = "ENACT",
        /// End it.
        Revoke = "REVOKE",
    }
}

impl StandardState {
    /// What a standard in this state allows.
    #[must_use]
    pub const fn allowed_actions(self) -> &'static [StandardAction] {
        match self {
            Self::Draft => &[StandardAction::Edit, StandardAction::Delete, StandardAction::Verify],
            Self::Verified => &[StandardAction::ReturnToDraft, StandardAction::Enact],
            Self::InForce => &[StandardAction::Revoke],
            Self::Revoked => &[],
        }
    }
}

/// One version of a position's competency standard.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Standard {
    /// Its identifier.
    pub id: StandardId,
    /// The position.
    pub position: PositionId,
    /// Its number among the position's standards, from 1.
    pub number: i32,
    /// Where it stands.
    pub state: StandardState,
    /// The first day it applies to.
    pub valid_from: NaiveDate,
    /// The decree (SK) that sets it.
    pub decree: Option<Name>,
    /// What it requires, in order.
    pub requirements: Vec<Requirement>,
    /// Who verified it.
    pub verified_by: Option<UserId>,
    /// When it was verified.
    pub verified_at: Option<DateTime<Utc>>,
    /// Who enacted it.
    pub enacted_by: Option<UserId>,
    /// When it was enacted; from this instant on it is known.
    pub enacted_at: Option<DateTime<Utc>>,
    /// The first day it no longer applies to.
    pub revoked_on: Option<NaiveDate>,
    /// When the revocation was recorded; from this instant on it is known.
    pub revoked_at: Option<DateTime<Utc>>,
    /// How often it has been written.
    pub version: Version,
}

/// What an edit sets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StandardDraft {
    /// The first day it is to apply to.
    pub valid_from: NaiveDate,
    /// The decree (SK) that sets it.
    pub decree: Option<Name>,
    /// What it requires, in order.
    pub requirements: Vec<Requirement>,
}

/// Why a change of a standard is refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum StandardError {
    /// The standard's state does not allow it.
    #[error("{action} is not possible for a standard in state {state}")]
    WrongState {
        /// What was asked for.
        action: StandardAction,
        /// Where the standard stands.
        state: StandardState,
    },
    /// Values that cannot stand, with pointers into the draft.
    #[error("{} values are invalid", .0.len())]
    Invalid(Vec<Violation>),
    /// There is no requirement to verify.
    #[error("a standard without requirements cannot be verified")]
    Empty,
    /// Whoever verified a standard may not enact it as well.
    #[error("a standard is enacted by somebody other than its verifier")]
    SameOfficer,
    /// The revocation would reach back before the standard's first day.
    #[error("a standard valid from {valid_from} cannot be revoked from an earlier day")]
    RevokedBeforeValid {
        /// The first day it applies to.
        valid_from: NaiveDate,
    },
}

impl StandardError {
    /// The code clients see.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::WrongState { .. } => "STANDARD_STATE",
            Self::Invalid(_) => "STANDARD_INVALID",
            Self::Empty => "STANDARD_EMPTY",
            Self::SameOfficer => "STANDARD_SAME_OFFICER",
            Self::RevokedBeforeValid { .. } => "STANDARD_REVOKED_BEFORE_VALID",
        }
    }
}

impl StandardDraft {
    /// The most requirements of one standard.
    pub const MAX_REQUIREMENTS: usize = crate::jpm::MAX_ITEMS;

    /// Whether its values can stand. A draft may be empty; a verified standard may not.
    ///
    /// # Errors
    /// `/requirements` too many, `/requirements/N/competency_id` named twice, `/requirements/N/weight` zero.
    pub fn check(&self) -> Result<(), Vec<Violation>> {
        let mut violations = Violations::new();
        violations.check(self.requirements.len() > Self::MAX_REQUIREMENTS, || {
            Violation::new("/requirements", ViolationCode::TooMany).with("max", Self::MAX_REQUIREMENTS)
        });
        let mut seen = BTreeSet::new();
        for (index, requirement) in self.requirements.iter().enumerate() {
            violations.check(!seen.insert((requirement.competency_agency, requirement.competency)), || {
                Violation::new(format!("/requirements/{index}/competency_id"), ViolationCode::Duplicate)
            });
            violations.check(requirement.weight.count() == 0, || {
                crate::jpm::weight_out_of_range(format!("/requirements/{index}/weight"))
            });
        }
        violations.finish()
    }
}

impl Standard {
    /// A new draft.
    ///
    /// # Errors
    /// [`StandardError::Invalid`].
    pub fn draft(
        id: StandardId,
        position: PositionId,
        number: i32,
        draft: StandardDraft,
    ) -> Result<Self, StandardError> {
        draft.check().map_err(StandardError::Invalid)?;
        Ok(Self {
            id,
            position,
            number,
            state: StandardState::Draft,
            valid_from: draft.valid_from,
            decree: draft.decree,
            requirements: draft.requirements,
            verified_by: None,
            verified_at: None,
            enacted_by: None,
            enacted_at: None,
            revoked_on: None,
            revoked_at: None,
            version: Version::FIRST,
        })
    }

    /// What may be done with it as it stands.
    #[must_use]
    pub const fn allowed_actions(&self) -> &'static [StandardAction] {
        self.state.allowed_actions()
    }

    /// Whether `action` is possible as it stands.
    ///
    /// # Errors
    /// [`StandardError::WrongState`].
    pub fn require(&self, action: StandardAction) -> Result<(), StandardError> {
        if self.allowed_actions().contains(&action) {
            Ok(())
        } else {
            Err(StandardError::WrongState { action, state: self.state })
        }
    }

    /// The draft with new values.
    ///
    /// # Errors
    /// [`StandardError::WrongState`] outside a draft, [`StandardError::Invalid`].
    pub fn edit(self, draft: StandardDraft) -> Result<Self, StandardError> {
        self.require(StandardAction::Edit)?;
        draft.check().map_err(StandardError::Invalid)?;
        let StandardDraft { valid_from, decree, requirements } = draft;
        Ok(Self { valid_from, decree, requirements, ..self })
    }

    /// The standard, confirmed to be right.
    ///
    /// # Errors
    /// [`StandardError::WrongState`], [`StandardError::Empty`].
    pub fn verify(self, by: UserId, now: DateTime<Utc>) -> Result<Self, StandardError> {
        self.require(StandardAction::Verify)?;
        if self.requirements.is_empty() {
            return Err(StandardError::Empty);
        }
        Ok(Self { state: StandardState::Verified, verified_by: Some(by), verified_at: Some(now), ..self })
    }

    /// The standard, sent back to be changed; its verification is void.
    ///
    /// # Errors
    /// [`StandardError::WrongState`].
    pub fn return_to_draft(self) -> Result<Self, StandardError> {
        self.require(StandardAction::ReturnToDraft)?;
        Ok(Self { state: StandardState::Draft, verified_by: None, verified_at: None, ..self })
    }

    /// The standard, in force from its first day on.
    ///
    /// Two people stand behind every standard in force: the one who verified it may not enact it.
    ///
    /// # Errors
    /// [`StandardError::WrongState`], [`StandardError::SameOfficer`].
    pub fn enact(self, by: UserId, now: DateTime<Utc>) -> Result<Self, StandardError> {
        self.require(StandardAction::Enact)?;
        if self.verified_by == Some(by) {
            return Err(StandardError::SameOfficer);
        }
        Ok(Self { state: StandardState::InForce, enacted_by: Some(by), enacted_at: Some(now), ..self })
    }

    /// The standard, no longer applying from `on` on.
    ///
    /// # Errors
    /// [`StandardError::WrongState`], [`StandardError::RevokedBeforeValid`].
    pub fn revoke(self, on: NaiveDate, now: DateTime<Utc>) -> Result<Self, StandardError> {
        self.require(StandardAction::Revoke)?;
        if on < self.valid_from {
            return Err(StandardError::RevokedBeforeValid { valid_from: self.valid_from });
        }
        Ok(Self { state: StandardState::Revoked, revoked_on: Some(on), revoked_at: Some(now), ..self })
    }

    /// Whether it applies on `day` by what was known at `known_at`. Its present state does not count: a standard
    /// revoked since was in force then.
    #[must_use]
    pub fn applies(&self, day: NaiveDate, known_at: DateTime<Utc>) -> bool {
        let revoked =
            self.revoked_at.is_some_and(|at| at <= known_at) && self.revoked_on.is_some_and(|on| on <= day);
        self.enacted_at.is_some_and(|at| at <= known_at) && self.valid_from <= day && !revoked
    }
}

/// The standard in force on `day` by what was known at `known_at`, among those of one position: the greatest
/// `valid_from`, of two the one enacted later.
#[must_use]
pub fn standard_on(standards: &[Standard], day: NaiveDate, known_at: DateTime<Utc>) -> Option<&Standard> {
    standards
        .iter()
        .filter(|standard| standard.applies(day, known_at))
        .max_by_key(|standard| (standard.valid_from, standard.enacted_at, standard.id))
}
