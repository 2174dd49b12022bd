//! Competency assessments (penilaian kompetensi): events, the results found there, and their correction.

use std::collections::BTreeSet;

use chrono::{DateTime, NaiveDate, Utc};
use kernel::{
    AgencyId, AssessmentEventId, AssessmentResultId, CompetencyId, EmployeeId, Level, LongText, Name, UserId,
    Version, Violation, ViolationCode, Violations, wire_enum,
};

use crate::policy::ValidityRubric;

wire_enum! {
    /// What an assessment is for (Peraturan BKN 26/2019 Pasal 26(2)).
    pub enum Purpose {
        /// Filling a position (pengisian jabatan): promotion or transfer.
        Filling = "FILLING",
        /// Mapping competencies (pemetaan).
        Mapping = "MAPPING",
    }
}

wire_enum! {
    /// How an assessment is done.
    pub enum Method {
        /// Assessment center: several simulations, several assessors.
        AssessmentCenter = "ASSESSMENT_CENTER",
        /// Computer-assisted competency test of BKN (Peraturan BKN 4/2024).
        Cact = "CACT",
        /// Simple method (metode sederhana).
        Simple = "SIMPLE",
        /// Moderate method (metode sedang).
        Moderate = "MODERATE",
        /// Complex method (metode kompleks).
        Complex = "COMPLEX",
        /// Competency-based interview (wawancara kompetensi).
        Interview = "INTERVIEW",
        /// Competency test of a functional position (uji kompetensi).
        Test = "TEST",
        /// Self-assessment: kept, and never counted.
        SelfAssessment = "SELF",
    }
}

impl Method {
    /// Whether a result found this way counts as evidence.
    #[must_use]
    pub const fn counts(self) -> bool {
        !matches!(self, Self::SelfAssessment)
    }
}

wire_enum! {
    /// Where an assessment event stands.
    pub enum EventState {
        /// Results are being entered; none of them counts yet.
        Draft = "DRAFT",
        /// Its results are final.
        SignedOff = "SIGNED_OFF",
        /// Called off; its results never count.
        Cancelled = "CANCELLED",
    }
}

wire_enum! {
    /// What can be done with an assessment event.
    pub enum EventAction {
        /// Change the event or its results.
        Edit = "EDIT",
        /// Make its results final.
        SignOff = "SIGN_OFF",
        /// Call it off.
        Cancel = "CANCEL",
    }
}

impl EventState {
    /// What an event in this state allows.
    #[must_use]
    pub const fn allowed_actions(self) -> &'static [EventAction] {
        match self {
            Self::Draft => &EventAction::ALL,
            Self::SignedOff | Self::Cancelled => &[],
        }
    }
}

/// An assessment event (kegiatan penilaian kompetensi).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AssessmentEvent {
    /// Its identifier.
    pub id: AssessmentEventId,
    /// What it is for.
    pub purpose: Purpose,
    /// How it is done.
    pub method: Method,
    /// Who does it.
    pub provider: Name,
    /// The provider's accreditation by BKN.
    pub accreditation: Option<Name>,
    /// The day its results are dated.
    pub assessed_on: NaiveDate,
    /// The number of the report or letter.
    pub reference: Option<Name>,
    /// Where it stands.
    pub state: EventState,
    /// Who made its results final.
    pub signed_off_by: Option<UserId>,
    /// When its results became final.
    pub signed_off_at: Option<DateTime<Utc>>,
    /// How often it has been written.
    pub version: Version,
}

wire_enum! {
    /// Where a result stands.
    pub enum ResultState {
        /// Its event is not signed off: it does not count.
        Draft = "DRAFT",
        /// Final.
        Final = "FINAL",
        /// Corrected by another result.
        Superseded = "SUPERSEDED",
    }
}

wire_enum! {
    /// What can be done with a result.
    pub enum ResultAction {
        /// Change it.
        Edit = "EDIT",
        /// Throw it away.
        Delete = "DELETE",
        /// Correct it by another result.
        Supersede = "SUPERSEDE",
    }
}

impl ResultState {
    /// What a result in this state allows.
    #[must_use]
    pub const fn allowed_actions(self) -> &'static [ResultAction] {
        match self {
            Self::Draft => &[ResultAction::Edit, ResultAction::Delete],
            Self::Final => &[ResultAction::Supersede],
            Self::Superseded => &[],
        }
    }
}

/// The level found for one person and competency at one event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AssessmentResult {
    /// Its identifier.
    pub id: AssessmentResultId,
    /// The event it was found at.
    pub event: AssessmentEventId,
    /// Whose it is.
    pub employee: EmployeeId,
    /// The competency.
    pub competency: CompetencyId,
    /// Whose dictionary the competency comes from.
    pub competency_agency: AgencyId,
    /// The level found.
    pub level: Level,
    /// What was observed (bukti perilaku).
    pub evidence: Option<LongText>,
    /// Who assessed.
    pub assessor: Option<Name>,
    /// The event's day.
    pub assessed_on: NaiveDate,
    /// The last day it is valid, itself included.
    pub valid_until: NaiveDate,
    /// Since when it is final; none while its event is a draft.
    pub recorded_at: Option<DateTime<Utc>>,
    /// Since when another result stands in its place.
    pub superseded_at: Option<DateTime<Utc>>,
    /// The result it corrects.
    pub supersedes: Option<AssessmentResultId>,
    /// Why it corrects another.
    pub reason: Option<LongText>,
    /// The event's method.
    pub method: Method,
    /// The event's purpose.
    pub purpose: Purpose,
}

/// What a corrected result says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Correction {
    /// The identifier of the result that takes the place.
    pub id: AssessmentResultId,
    /// The right level.
    pub level: Level,
    /// What was observed.
    pub evidence: Option<LongText>,
    /// Who assessed.
    pub assessor: Option<Name>,
    /// The last valid day where that was wrong too.
    pub valid_until: Option<NaiveDate>,
    /// Why the correction.
    pub reason: LongText,
}

/// Why a change of an assessment is refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AssessmentError {
    /// The event's state does not allow it.
    #[error("{action} is not possible for an assessment event in state {state}")]
    WrongState {
        /// What was asked for.
        action: EventAction,
        /// Where the event stands.
        state: EventState,
    },
    /// The result's state does not allow it.
    #[error("{action} is not possible for an assessment result in state {state}")]
    WrongResultState {
        /// What was asked for.
        action: ResultAction,
        /// Where the result stands.
        state: ResultState,
    },
    /// Values that cannot stand, with pointers.
    #[error("{} values are invalid", .0.len())]
    Invalid(Vec<Violation>),
    /// There is no result to sign off.
    #[error("an assessment event without results cannot be signed off")]
    Empty,
}

impl AssessmentError {
    /// The code clients see.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::WrongState { .. } => "ASSESSMENT_STATE",
            Self::WrongResultState { .. } => "ASSESSMENT_RESULT_STATE",
            Self::Invalid(_) => "ASSESSMENT_INVALID",
            Self::Empty => "ASSESSMENT_EMPTY",
        }
    }
}

/// Whether `valid_until` can stand: not before the assessment, and not beyond what the policy gives. A shorter
/// validity is the provider's to say, a longer one is not.
fn check_validity(
    violations: &mut Violations,
    at: &str,
    assessed_on: NaiveDate,
    valid_until: NaiveDate,
    validity: ValidityRubric,
) {
    let last = validity.last_day(assessed_on);
    violations.check(!(assessed_on..=last).contains(&valid_until), || {
        Violation::new(format!("{at}/valid_until"), ViolationCode::OutOfRange)
            .with("min", assessed_on)
            .with("max", last)
    });
}

impl AssessmentEvent {
    /// What may be done with it as it stands.
    #[must_use]
    pub const fn allowed_actions(&self) -> &'static [EventAction] {
        self.state.allowed_actions()
    }

    /// Whether `action` is possible as it stands.
    ///
    /// # Errors
    /// [`AssessmentError::WrongState`].
    pub fn require(&self, action: EventAction) -> Result<(), AssessmentError> {
        if self.allowed_actions().contains(&action) {
            Ok(())
        } else {
            Err(AssessmentError::WrongState { action, state: self.state })
        }
    }

    /// The event with final `results`, which are all it has.
    ///
    /// Results take day, method and purpose from the event, and a validity that `validity` gave by default follows
    /// the event's day. No person has two results for one competency, none is valid longer than `validity` allows
    /// (Peraturan BKN 26/2019 Pasal 29(4)), and nothing is signed off before its day.
    ///
    /// # Errors
    /// [`AssessmentError`]; pointers are `/assessed_on` and `/results/N/..`.
    pub fn sign_off(
        self,
        by: UserId,
        results: Vec<AssessmentResult>,
        validity: ValidityRubric,
        today: NaiveDate,
        now: DateTime<Utc>,
    ) -> Result<(Self, Vec<AssessmentResult>), AssessmentError> {
        self.require(EventAction::SignOff)?;
        if results.is_empty() {
            return Err(AssessmentError::Empty);
        }
        let mut violations = Violations::new();
        violations
            .check(self.assessed_on > today, || Violation::new("/assessed_on", ViolationCode::InFuture));
        let mut seen = BTreeSet::new();
        let mut signed_off = Vec::with_capacity(results.len());
        for (index, result) in results.into_iter().enumerate() {
            let at = format!("/results/{index}");
            violations.check(result.event != self.id, || {
                Violation::new(format!("{at}/event_id"), ViolationCode::Inconsistent)
            });
            violations
                .check(!seen.insert((result.employee, result.competency_agency, result.competency)), || {
                    Violation::new(format!("{at}/competency_id"), ViolationCode::Duplicate)
                });
            let by_default = result.valid_until == validity.last_day(result.assessed_on);
            let valid_until =
                if by_default { validity.last_day(self.assessed_on) } else { result.valid_until };
            check_validity(&mut violations, &at, self.assessed_on, valid_until, validity);
            signed_off.push(AssessmentResult {
                assessed_on: self.assessed_on,
                valid_until,
                recorded_at: Some(now),
                method: self.method,
                purpose: self.purpose,
                ..result
            });
        }
        violations.finish().map_err(AssessmentError::Invalid)?;
        let event =
            Self { state: EventState::SignedOff, signed_off_by: Some(by), signed_off_at: Some(now), ..self };
        Ok((event, signed_off))
    }

    /// The event, called off.
    ///
    /// # Errors
    /// [`AssessmentError::WrongState`].
    pub fn cancel(self) -> Result<Self, AssessmentError> {
        self.require(EventAction::Cancel)?;
        Ok(Self { state: EventState::Cancelled, ..self })
    }
}

impl AssessmentResult {
    /// Where it stands.
    #[must_use]
    pub const fn state(&self) -> ResultState {
        match (self.recorded_at, self.superseded_at) {
            (None, _) => ResultState::Draft,
            (Some(_), None) => ResultState::Final,
            (Some(_), Some(_)) => ResultState::Superseded,
        }
    }

    /// What may be done with it as it stands.
    #[must_use]
    pub const fn allowed_actions(&self) -> &'static [ResultAction] {
        self.state().allowed_actions()
    }

    /// Whether `action` is possible as it stands.
    ///
    /// # Errors
    /// [`AssessmentError::WrongResultState`].
    pub fn require(&self, action: ResultAction) -> Result<(), AssessmentError> {
        if self.allowed_actions().contains(&action) {
            Ok(())
        } else {
            Err(AssessmentError::WrongResultState { action, state: self.state() })
        }
    }

    /// Whether it was final, and nothing stood in its place, at `known_at`.
    #[must_use]
    pub fn live_at(&self, known_at: DateTime<Utc>) -> bool {
        self.recorded_at.is_some_and(|recorded| recorded <= known_at)
            && self.superseded_at.is_none_or(|superseded| known_at < superseded)
    }

    /// The result marked as corrected, and the result that takes its place: same event, person, competency and
    /// day.
    ///
    /// # Errors
    /// [`AssessmentError::WrongResultState`] unless it is final and not corrected before;
    /// [`AssessmentError::Invalid`] with `/valid_until`.
    pub fn supersede(
        self,
        correction: Correction,
        validity: ValidityRubric,
        now: DateTime<Utc>,
    ) -> Result<(Self, Self), AssessmentError> {
        self.require(ResultAction::Supersede)?;
        let Correction { id, level, evidence, assessor, valid_until, reason } = correction;
        if let Some(valid_until) = valid_until {
            let mut violations = Violations::new();
            check_validity(&mut violations, "", self.assessed_on, valid_until, validity);
            violations.finish().map_err(AssessmentError::Invalid)?;
        }
        let right = Self {
            id,
            level,
            evidence,
            assessor,
            valid_until: valid_until.unwrap_or(self.valid_until),
            recorded_at: Some(now),
            superseded_at: None,
            supersedes: Some(self.id),
            reason: Some(reason),
            ..self.clone()
        };
        Ok((Self { superseded_at: Some(now), ..self }, right))
    }
}
