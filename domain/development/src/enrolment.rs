//! Enrolment: from a nomination or an own wish to a seat, a place in line, and a result.

use chrono::{DateTime, Utc};
use kernel::{
    ClassId, EmployeeId, EnrolmentId, Hundredths, LongText, ProgrammeId, UserId, Version, wire_enum,
};
use workforce::JobClass;

use crate::class::{ClassHours, TrainingClass};
use crate::programme::{Prerequisite, ProgrammeContent};

wire_enum! {
    /// How somebody came to be enrolled.
    pub enum EnrolmentOrigin {
        /// By their superior or an administrator.
        Nominated = "NOMINATED",
        /// By themself, with the consent of their superior.
        Own = "OWN",
    }
}

wire_enum! {
    /// Where an enrolment stands.
    pub enum EnrolmentState {
        /// Waits for the superior's consent; holds no seat.
        Requested = "REQUESTED",
        /// Waits for a seat.
        Waitlisted = "WAITLISTED",
        /// Has a seat.
        Enrolled = "ENROLLED",
        /// The superior did not consent.
        Refused = "REFUSED",
        /// Given up or called off.
        Cancelled = "CANCELLED",
        /// Passed.
        Passed = "PASSED",
        /// Did not pass.
        Failed = "FAILED",
    }
}

impl EnrolmentState {
    /// Whether it may still become something else.
    #[must_use]
    pub const fn is_live(self) -> bool {
        matches!(self, Self::Requested | Self::Waitlisted | Self::Enrolled)
    }
}

wire_enum! {
    /// What can be done with an enrolment.
    pub enum EnrolmentAction {
        /// Consent to it, as the superior.
        Consent = "CONSENT",
        /// Refuse it, as the superior.
        Refuse = "REFUSE",
        /// Give it up.
        Cancel = "CANCEL",
    }
}

wire_enum! {
    /// Why an enrolment ended without a result.
    pub enum CancelCause {
        /// Somebody gave it up, and says why.
        Withdrawn = "WITHDRAWN",
        /// The class was called off.
        ClassCancelled = "CLASS_CANCELLED",
        /// The class was held, and there was no seat or no consent by then.
        ClassHeld = "CLASS_HELD",
    }
}

/// What somebody achieved in a class.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Outcome {
    /// Whether they passed.
    pub passed: bool,
    /// Their score of 100, where there is one.
    pub score: Option<Hundredths>,
}

impl Outcome {
    /// The best score.
    pub const BEST: Hundredths = Hundredths::from_count(10_000);
}

/// Somebody's enrolment in a class.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Enrolment {
    /// Its identifier.
    pub id: EnrolmentId,
    /// The class.
    pub class: ClassId,
    /// Who.
    pub employee: EmployeeId,
    /// How it came about.
    pub origin: EnrolmentOrigin,
    /// Where it stands.
    pub state: EnrolmentState,
    /// Its place in the order in which people registered for the class, from 1. Whoever waits is promoted in this order.
    pub ticket: i64,
    /// When it was asked for.
    pub requested_at: DateTime<Utc>,
    /// Who consented or refused.
    pub decided_by: Option<UserId>,
    /// When.
    pub decided_at: Option<DateTime<Utc>>,
    /// Why it was refused or given up.
    pub reason: Option<LongText>,
    /// Why it ended without a result.
    pub cause: Option<CancelCause>,
    /// Why a requirement of the programme was waived.
    pub exception: Option<LongText>,
    /// What came of it; final once the class is completed.
    pub outcome: Option<Outcome>,
    /// How often it has been written.
    pub version: Version,
}

/// How a class is filled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Seats {
    /// Seats taken.
    pub taken: u32,
    /// People who wait for one.
    pub waiting: u32,
}

/// What somebody lacks for a programme.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unmet {
    /// They hold no position, or one the programme is not for.
    Audience,
    /// The prerequisite of this index is not met.
    Prerequisite(usize),
}

/// What is known of somebody who wants to take part.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ParticipantFacts {
    /// The class of the position they hold.
    pub job_class: Option<JobClass>,
    /// Programmes of which they have a certificate that counts today.
    pub certified: Vec<ProgrammeId>,
    /// Competencies for which they have valid evidence, with the level.
    pub levels: Vec<(kernel::CompetencyId, kernel::Level)>,
}

impl ParticipantFacts {
    /// What they lack, in the programme's order; nothing known is nothing met.
    #[must_use]
    pub fn unmet(&self, programme: &ProgrammeContent) -> Vec<Unmet> {
        let mut unmet = Vec::new();
        if !programme.audience.includes(self.job_class) {
            unmet.push(Unmet::Audience);
        }
        for (index, prerequisite) in programme.prerequisites.iter().enumerate() {
            let met = match prerequisite {
                Prerequisite::Programme(other) => self.certified.contains(other),
                Prerequisite::Competency { competency, level, .. } => {
                    self.levels.iter().any(|(one, has)| one == competency && has >= level)
                }
            };
            if !met {
                unmet.push(Unmet::Prerequisite(index));
            }
        }
        unmet
    }
}

/// Why an enrolment is refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EnrolmentError {
    /// Its state does not allow it.
    #[error("{action} is not possible for an enrolment in state {state}")]
    WrongState {
        /// What was asked for.
        action: EnrolmentAction,
        /// Where it stands.
        state: EnrolmentState,
    },
    /// One cannot register for the class now.
    #[error("registration is closed")]
    Closed,
    /// Every seat and every place in line is taken.
    #[error("the class is full")]
    Full,
    /// Nobody consents to their own wish.
    #[error("nobody consents to their own enrolment")]
    OwnConsent,
    /// They are not whom the programme is for, or lack what it builds on.
    #[error("requirements of the programme are not met")]
    Unmet(Vec<Unmet>),
    /// They take part in something else at the same time.
    #[error("another class is at the same time")]
    Busy,
    /// They serve nowhere when the class begins: no exception makes a participant of whoever has left.
    #[error("the person does not serve when the class begins")]
    NotServing,
}

impl EnrolmentError {
    /// The code clients see.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::WrongState { .. } => "ENROLMENT_STATE",
            Self::Closed => "CLASS_REGISTRATION_CLOSED",
            Self::Full => "CLASS_FULL",
            Self::OwnConsent => "ENROLMENT_OWN_CONSENT",
            Self::Unmet(_) => "ENROLMENT_UNMET",
            Self::Busy => "ENROLMENT_BUSY",
            Self::NotServing => "ENROLMENT_NOT_SERVING",
        }
    }
}

impl Seats {
    /// Where whoever comes next goes: a seat only while nobody waits who could take it, so that nobody overtakes. Of those
    /// who wait `ready` could; the others have a seat elsewhere at its hours, or have left, and keep nobody from one.
    ///
    /// # Errors
    /// [`EnrolmentError::Full`].
    pub fn next(self, class: &TrainingClass, ready: u32) -> Result<EnrolmentState, EnrolmentError> {
        if ready == 0 && self.taken < u32::from(class.content.seats) {
            return Ok(EnrolmentState::Enrolled);
        }
        if class.content.waitlist.is_some_and(|most| self.waiting >= u32::from(most)) {
            return Err(EnrolmentError::Full);
        }
        Ok(EnrolmentState::Waitlisted)
    }

    /// How many of those who wait get a seat now.
    #[must_use]
    pub fn promotable(self, class: &TrainingClass, now: DateTime<Utc>) -> u32 {
        if class.promotes(now) {
            u32::from(class.content.seats).saturating_sub(self.taken).min(self.waiting)
        } else {
            0
        }
    }
}

impl Enrolment {
    /// What may be done with it at `now`.
    #[must_use]
    pub fn allowed_actions(&self, class: ClassHours, now: DateTime<Utc>) -> Vec<EnrolmentAction> {
        use EnrolmentAction as A;
        let begun = class.starts_at.is_some_and(|start| start <= now);
        let over = class.ends_at.is_some_and(|end| end <= now);
        match self.state {
            EnrolmentState::Requested if !begun => vec![A::Consent, A::Refuse, A::Cancel],
            EnrolmentState::Requested => vec![A::Refuse, A::Cancel],
            EnrolmentState::Waitlisted => vec![A::Cancel],
            EnrolmentState::Enrolled if !over => vec![A::Cancel],
            _ => Vec::new(),
        }
    }

    /// Whether `action` is possible.
    ///
    /// # Errors
    /// [`EnrolmentError::WrongState`].
    pub fn require(
        &self,
        action: EnrolmentAction,
        class: ClassHours,
        now: DateTime<Utc>,
    ) -> Result<(), EnrolmentError> {
        if self.allowed_actions(class, now).contains(&action) {
            Ok(())
        } else {
            Err(EnrolmentError::WrongState { action, state: self.state })
        }
    }

    /// The enrolment with the superior's consent: with a seat, or in line for one; `ready` as for [`Seats::next`].
    ///
    /// # Errors
    /// [`EnrolmentError::WrongState`], [`EnrolmentError::Full`].
    pub fn consent(
        self,
        class: &TrainingClass,
        (seats, ready): (Seats, u32),
        by: UserId,
        now: DateTime<Utc>,
    ) -> Result<Self, EnrolmentError> {
        self.require(EnrolmentAction::Consent, class.content.hours(), now)?;
        let state = seats.next(class, ready)?;
        Ok(Self { state, decided_by: Some(by), decided_at: Some(now), ..self })
    }

    /// The enrolment the superior did not consent to.
    ///
    /// # Errors
    /// [`EnrolmentError::WrongState`].
    pub fn refuse(
        self,
        class: ClassHours,
        reason: LongText,
        by: UserId,
        now: DateTime<Utc>,
    ) -> Result<Self, EnrolmentError> {
        self.require(EnrolmentAction::Refuse, class, now)?;
        let state = EnrolmentState::Refused;
        Ok(Self { state, decided_by: Some(by), decided_at: Some(now), reason: Some(reason), ..self })
    }

    /// The enrolment, given up.
    ///
    /// # Errors
    /// [`EnrolmentError::WrongState`].
    pub fn cancel(
        self,
        class: ClassHours,
        reason: LongText,
        now: DateTime<Utc>,
    ) -> Result<Self, EnrolmentError> {
        self.require(EnrolmentAction::Cancel, class, now)?;
        let (state, cause) = (EnrolmentState::Cancelled, Some(CancelCause::Withdrawn));
        Ok(Self { state, cause, reason: Some(reason), ..self })
    }
}

wire_enum! {
    /// Whether somebody was at a session.
    pub enum Presence {
        /// They were there.
        Present = "PRESENT",
        /// They were not, and had leave (izin, sakit, tugas).
        Excused = "EXCUSED",
        /// They were not.
        Absent = "ABSENT",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::class::{ClassContent, Session};
    use kernel::{Code, CompetencyId, DictionaryVersionId, Level, NATIONAL};

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    fn class(seats: u16, waitlist: Option<u16>) -> TrainingClass {
        let content = ClassContent {
            code: Code::parse("K-1").unwrap(),
            seats,
            min_participants: None,
            waitlist,
            registration_opens_at: at("2026-07-01T00:00:00Z"),
            registration_closes_at: at("2026-07-10T00:00:00Z"),
            sessions: vec![Session {
                starts_at: at("2026-07-13T01:00:00Z"),
                ends_at: at("2026-07-13T09:00:00Z"),
                place: None,
                url: None,
                topic: None,
                trainers: Vec::new(),
            }],
            note: None,
        };
        let class = TrainingClass::plan(ClassId::new(), ProgrammeId::new(), content).unwrap();
        class.open(at("2026-06-01T00:00:00Z")).unwrap()
    }

    fn enrolment(state: EnrolmentState) -> Enrolment {
        Enrolment {
            id: EnrolmentId::new(),
            class: ClassId::new(),
            employee: EmployeeId::new(),
            origin: EnrolmentOrigin::Own,
            state,
            ticket: 1,
            requested_at: at("2026-07-02T00:00:00Z"),
            decided_by: None,
            decided_at: None,
            reason: None,
            cause: None,
            exception: None,
            outcome: None,
            version: Version::FIRST,
        }
    }

    #[test]
    fn nobody_overtakes_those_who_wait() {
        let seats = |taken, waiting| Seats { taken, waiting };
        let class = class(2, Some(1));
        assert_eq!(seats(1, 0).next(&class, 0), Ok(EnrolmentState::Enrolled));
        assert_eq!(seats(2, 0).next(&class, 0), Ok(EnrolmentState::Waitlisted));
        assert_eq!(seats(1, 1).next(&class, 1), Err(EnrolmentError::Full), "the one who waits comes first");
        assert_eq!(seats(1, 1).next(&class, 0), Ok(EnrolmentState::Enrolled), "who waits cannot take it");
        assert_eq!(
            seats(2, 1).next(&class, 0),
            Err(EnrolmentError::Full),
            "the line is as long as it may be"
        );
        let now = at("2026-07-12T00:00:00Z");
        assert_eq!(seats(1, 3).promotable(&class, now), 1);
        assert_eq!(seats(2, 3).promotable(&class, now), 0);
        assert_eq!(seats(0, 1).promotable(&class, now), 1);
        assert_eq!(seats(0, 1).promotable(&class, at("2026-07-13T01:00:00Z")), 0, "it has begun");
    }

    #[test]
    fn every_state_allows_what_it_allows_and_nothing_else() {
        let (user, reason) = (UserId::new(), || LongText::parse("Tugas lain").unwrap());
        let seats = Seats { taken: 0, waiting: 0 };
        let class = class(1, None);
        let hours = class.content.hours();
        for now in ["2026-07-05", "2026-07-13", "2026-07-20"].map(|day| at(&format!("{day}T02:00:00Z"))) {
            for state in EnrolmentState::ALL {
                let one = || enrolment(state);
                let results = [
                    (EnrolmentAction::Consent, one().consent(&class, (seats, 0), user, now).is_ok()),
                    (EnrolmentAction::Refuse, one().refuse(hours, reason(), user, now).is_ok()),
                    (EnrolmentAction::Cancel, one().cancel(hours, reason(), now).is_ok()),
                ];
                for (action, done) in results {
                    let allowed = one().allowed_actions(hours, now).contains(&action);
                    assert_eq!(done, allowed, "{action} in {state} at {now}");
                    assert!(!done || state.is_live());
                }
            }
        }
    }

    #[test]
    fn what_is_not_known_of_somebody_is_not_met() {
        let (other, competency) = (ProgrammeId::new(), CompetencyId::new());
        let level = |value| Level::new(value).unwrap();
        let programme = ProgrammeContent {
            code: Code::parse("P").unwrap(),
            name: kernel::Name::parse("P").unwrap(),
            objectives: LongText::parse("O").unwrap(),
            form: Code::parse("KL03").unwrap(),
            partner: kernel::PartnerId::new(),
            curriculum_owner: None,
            mode: crate::programme::DeliveryMode::Online,
            jp: None,
            price: crate::programme::Price::default(),
            accreditation: None,
            certificate_months: None,
            steps: Vec::new(),
            prerequisites: vec![
                Prerequisite::Programme(other),
                Prerequisite::Competency {
                    competency,
                    competency_agency: NATIONAL,
                    dictionary_version: DictionaryVersionId::new(),
                    level: level(2),
                },
            ],
            audience: crate::programme::Audience {
                job_classes: vec![JobClass::Pelaksana],
                job_families: Vec::new(),
            },
        };
        let nothing = ParticipantFacts::default();
        assert_eq!(
            nothing.unmet(&programme),
            [Unmet::Audience, Unmet::Prerequisite(0), Unmet::Prerequisite(1)]
        );
        let some = ParticipantFacts {
            job_class: Some(JobClass::Pelaksana),
            certified: vec![other],
            levels: vec![(competency, level(1))],
        };
        assert_eq!(some.unmet(&programme), [Unmet::Prerequisite(1)]);
        let all = ParticipantFacts { levels: vec![(competency, level(3))], ..some };
        assert!(all.unmet(&programme).is_empty());
    }
}
