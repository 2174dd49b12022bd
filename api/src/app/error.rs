//! One error for every use case: a problem of the table, the values it is about, and, for the log alone, the cause.

use access::{Denied, GrantError};
use competency::{AssessmentError, DictionaryError, GapError, StandardError};
use development::{
    ActivityError, AgencyPlanError, CertificateError, ClassError, EnrolmentError, EvaluationError,
    GuideError, JpLedgerError, NeedsError, OwnLearningError, PlanError, ProgrammeError, ProposalError, Unmet,
};
use kernel::{Level, Violation, ViolationCode};
use serde::{Deserialize, Serialize};
use store::{AsStoreError, Broken, StoreError};
use workforce::{PlacementError, PositionError};

use crate::problems::Problem;
use crate::sheets::SheetError;

/// Why a use case did not do what was asked. It has no `Display`: what clients read is made from the table.
#[derive(Debug)]
pub struct AppError {
    /// The row of the table.
    pub problem: Problem,
    /// The values it is about.
    pub violations: Vec<Violation>,
    /// More on this occurrence.
    pub detail: Option<Box<Detail>>,
    /// The store's failure underneath, for the log and for running a transaction again.
    pub cause: Option<StoreError>,
}

/// A sentence in both languages.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Detail {
    /// In Indonesian.
    pub id: String,
    /// In English.
    pub en: String,
}

impl AppError {
    /// A problem about values.
    #[must_use]
    pub fn about(problem: Problem, violations: Vec<Violation>) -> Self {
        Self { problem, violations, detail: None, cause: None }
    }

    /// The same with more on this occurrence, in Indonesian and English.
    #[must_use]
    pub fn explained(self, id: String, en: String) -> Self {
        Self { detail: Some(Box::new(Detail { id, en })), ..self }
    }

    /// 400 for one value.
    #[must_use]
    pub fn invalid(pointer: &str, code: ViolationCode) -> Self {
        Self::about(Problem::Invalid, vec![Violation::new(pointer, code)])
    }
}

impl From<Problem> for AppError {
    fn from(problem: Problem) -> Self {
        Self::about(problem, Vec::new())
    }
}

impl From<Vec<Violation>> for AppError {
    fn from(violations: Vec<Violation>) -> Self {
        Self::about(Problem::Invalid, violations)
    }
}

impl From<Violation> for AppError {
    fn from(violation: Violation) -> Self {
        vec![violation].into()
    }
}

impl From<Denied> for AppError {
    fn from(_: Denied) -> Self {
        Problem::Forbidden.into()
    }
}

impl From<StoreError> for AppError {
    fn from(error: StoreError) -> Self {
        let (problem, violations) = match &error {
            StoreError::Broken { meaning, .. } => match meaning {
                Broken::Taken(pointer) => {
                    (Problem::AlreadyExists, vec![Violation::new(*pointer, ViolationCode::Taken)])
                }
                Broken::Missing(pointer) => {
                    (Problem::Invalid, vec![Violation::new(*pointer, ViolationCode::NotFound)])
                }
                Broken::StillReferenced => (Problem::StillReferenced, vec![]),
                Broken::Defect => (Problem::Internal, vec![]),
            },
            StoreError::Stale => (Problem::Stale, vec![]),
            StoreError::Unstorable => {
                (Problem::Invalid, vec![Violation::new("", ViolationCode::InvalidFormat)])
            }
            StoreError::Unavailable(_) => (Problem::Unavailable, vec![]),
            StoreError::Internal(_) | StoreError::Corrupt(_) => (Problem::Internal, vec![]),
        };
        Self { problem, violations, detail: None, cause: Some(error) }
    }
}

impl AsStoreError for AppError {
    fn as_store_error(&self) -> Option<&StoreError> {
        self.cause.as_ref()
    }
}

impl From<SheetError> for AppError {
    fn from(error: SheetError) -> Self {
        let problem = match &error {
            SheetError::Format(_) => Problem::SheetFormat,
            SheetError::Encrypted => Problem::SheetEncrypted,
            SheetError::TooLarge => Problem::SheetTooLarge,
            SheetError::NotUtf8 { .. } => Problem::SheetNotUtf8,
            SheetError::Nul { .. } => Problem::SheetNul,
            SheetError::UnclosedQuote { .. } => Problem::SheetUnclosedQuote,
            SheetError::Empty => Problem::SheetEmpty,
            SheetError::NoHeader { .. } => Problem::SheetNoHeader,
            SheetError::Siasn { .. } => Problem::SheetSiasn,
            SheetError::TooManyRows { .. } => Problem::SheetTooManyRows,
            SheetError::TooManyColumns { .. } => Problem::SheetTooManyColumns,
            SheetError::CellTooLong { .. } => Problem::SheetCellTooLong,
        };
        Self::from(problem).explained(error.indonesian(), error.to_string())
    }
}

impl From<DictionaryError> for AppError {
    fn from(error: DictionaryError) -> Self {
        match error {
            DictionaryError::WrongState { .. } => Problem::DictionaryState.into(),
            DictionaryError::Empty => Problem::DictionaryEmpty.into(),
            DictionaryError::Incomplete(incomplete) => {
                let violations = incomplete.iter().flat_map(|one| {
                    let at = format!("/competencies/{}/levels", one.code);
                    let missing = |levels: &[Level], what: &'static str| {
                        let at = at.clone();
                        let pointers: Vec<_> =
                            levels.iter().map(|level| format!("{at}/{level}/{what}")).collect();
                        pointers.into_iter().map(|at| Violation::new(at, ViolationCode::Required))
                    };
                    missing(&one.undescribed, "description").chain(missing(&one.unindicated, "indicators"))
                });
                Self::about(Problem::DictionaryIncomplete, violations.collect())
            }
            DictionaryError::Duplicate(code) => Self::about(
                Problem::DictionaryDuplicateCode,
                vec![Violation::new(format!("/competencies/{code}"), ViolationCode::Duplicate)],
            ),
        }
    }
}

impl From<StandardError> for AppError {
    fn from(error: StandardError) -> Self {
        match error {
            StandardError::WrongState { .. } => Problem::StandardState.into(),
            StandardError::Invalid(violations) => violations.into(),
            StandardError::Empty => Problem::StandardEmpty.into(),
            StandardError::SameOfficer => Problem::StandardSameOfficer.into(),
            StandardError::RevokedBeforeValid { .. } => Problem::StandardRevokedBeforeValid.into(),
        }
    }
}

impl From<AssessmentError> for AppError {
    fn from(error: AssessmentError) -> Self {
        match error {
            AssessmentError::WrongState { .. } => Problem::AssessmentState.into(),
            AssessmentError::WrongResultState { .. } => Problem::AssessmentResultState.into(),
            AssessmentError::Invalid(violations) => violations.into(),
            AssessmentError::Empty => Problem::AssessmentEmpty.into(),
        }
    }
}

impl From<ProgrammeError> for AppError {
    fn from(error: ProgrammeError) -> Self {
        match error {
            ProgrammeError::WrongState { .. } => Problem::ProgrammeState.into(),
            ProgrammeError::Invalid(violations) => violations.into(),
        }
    }
}

impl From<ClassError> for AppError {
    fn from(error: ClassError) -> Self {
        match error {
            ClassError::WrongPhase { .. } => Problem::ClassState.into(),
            ClassError::Invalid(violations) => violations.into(),
            ClassError::SeatsTaken { .. } => Problem::ClassSeatsTaken.into(),
            ClassError::Empty => Problem::ClassEmpty.into(),
        }
    }
}

impl From<ActivityError> for AppError {
    fn from(error: ActivityError) -> Self {
        match error {
            ActivityError::WrongState { .. } => Problem::ActivityState.into(),
            ActivityError::Invalid(violations) => violations.into(),
            ActivityError::Empty => Problem::ActivityEmpty.into(),
        }
    }
}

impl From<CertificateError> for AppError {
    fn from(error: CertificateError) -> Self {
        match error {
            CertificateError::Revoked => Problem::CertificateRevoked.into(),
        }
    }
}

impl From<ProposalError> for AppError {
    fn from(error: ProposalError) -> Self {
        match error {
            ProposalError::WrongState(_) => Problem::EvidenceProposalState.into(),
            ProposalError::OtherResult => Problem::EvidenceProposalOtherResult.into(),
        }
    }
}

impl From<EnrolmentError> for AppError {
    fn from(error: EnrolmentError) -> Self {
        match error {
            EnrolmentError::WrongState { .. } => Problem::EnrolmentState.into(),
            EnrolmentError::Closed => Problem::ClassRegistrationClosed.into(),
            EnrolmentError::Full => Problem::ClassFull.into(),
            EnrolmentError::OwnConsent => Problem::EnrolmentOwnConsent.into(),
            EnrolmentError::Busy => Problem::EnrolmentBusy.into(),
            EnrolmentError::NotServing => Problem::EnrolmentNotServing.into(),
            EnrolmentError::Unmet(unmet) => {
                let place = |one: &Unmet| match one {
                    Unmet::Audience => "/audience".to_owned(),
                    Unmet::Prerequisite(index) => format!("/prerequisites/{index}"),
                };
                let violations = unmet.iter().map(|one| Violation::new(place(one), ViolationCode::Required));
                Self::about(Problem::EnrolmentUnmet, violations.collect())
            }
        }
    }
}

impl From<GuideError> for AppError {
    fn from(error: GuideError) -> Self {
        match error {
            GuideError::InLine => Problem::TrainerInLine.into(),
            GuideError::Full => Problem::TrainerFull.into(),
        }
    }
}

impl From<EvaluationError> for AppError {
    fn from(error: EvaluationError) -> Self {
        match error {
            EvaluationError::WrongState(_) => Problem::EvaluationTaskState.into(),
            EvaluationError::NotAttended => Problem::FeedbackNotAttended.into(),
        }
    }
}

impl From<GapError> for AppError {
    fn from(error: GapError) -> Self {
        match error {
            GapError::NoRequirements => Problem::GapNoRequirements.into(),
        }
    }
}

impl From<GrantError> for AppError {
    fn from(error: GrantError) -> Self {
        match error {
            GrantError::ToSelf => Problem::GrantToSelf.into(),
            GrantError::Revoked => Problem::GrantRevoked.into(),
            GrantError::LastAdmin => Problem::GrantLastAdmin.into(),
        }
    }
}

impl From<JpLedgerError> for AppError {
    fn from(error: JpLedgerError) -> Self {
        match error {
            JpLedgerError::Reversed => Problem::JpEntryReversed.into(),
            JpLedgerError::CounterEntry => Problem::JpEntryCounter.into(),
            JpLedgerError::Unchanged => Problem::JpEntryUnchanged.into(),
            JpLedgerError::Oneself => Problem::JpOwnHours.into(),
            JpLedgerError::Ceiling { over } => Self::from(Problem::JpCeiling).explained(
                format!("Batas tahun kontrak akan terlampaui {over} JP."),
                format!("The ceiling of the contract year would be passed by {over} JP."),
            ),
        }
    }
}

impl From<OwnLearningError> for AppError {
    fn from(error: OwnLearningError) -> Self {
        match error {
            OwnLearningError::WrongState { .. } => Problem::OwnLearningState.into(),
            OwnLearningError::NoHours => Problem::OwnLearningNoHours.into(),
        }
    }
}

impl From<NeedsError> for AppError {
    fn from(error: NeedsError) -> Self {
        match error {
            NeedsError::WrongState { .. } => Problem::NeedsState.into(),
            NeedsError::NotParty => Problem::Forbidden.into(),
            NeedsError::Late => Problem::NeedsCollected.into(),
            NeedsError::SameOfficer => Problem::NeedsSameOfficer.into(),
            NeedsError::Invalid(violations) => violations.into(),
        }
    }
}

impl From<PlanError> for AppError {
    fn from(error: PlanError) -> Self {
        match error {
            PlanError::WrongState { .. } => Problem::PlanState.into(),
            PlanError::NotParty => Problem::Forbidden.into(),
            PlanError::Oneself => Problem::PlanOwn.into(),
            PlanError::SameOfficer => Problem::PlanSameOfficer.into(),
            PlanError::Empty => Problem::PlanEmpty.into(),
            PlanError::Invalid(violations) => violations.into(),
        }
    }
}

impl From<AgencyPlanError> for AppError {
    fn from(error: AgencyPlanError) -> Self {
        match error {
            AgencyPlanError::WrongState { .. } => Problem::AgencyPlanState.into(),
            AgencyPlanError::NotParty => Problem::Forbidden.into(),
            AgencyPlanError::SameOfficer => Problem::AgencyPlanSameOfficer.into(),
            AgencyPlanError::Incomplete(violations) => Self::about(Problem::AgencyPlanIncomplete, violations),
            AgencyPlanError::Invalid(violations) => violations.into(),
        }
    }
}

impl From<PlacementError> for AppError {
    fn from(error: PlacementError) -> Self {
        match error {
            PlacementError::Retracted(_) => Problem::PlacementRetracted.into(),
        }
    }
}

impl From<PositionError> for AppError {
    fn from(error: PositionError) -> Self {
        match error {
            PositionError::JobClassInUse => Problem::PositionJobClassInUse.into(),
            PositionError::Abolished(_) => Problem::PositionAbolished.into(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refused_file_keeps_its_code_and_says_what_to_do() {
        let broken = || "broken".into();
        let column = "A".to_owned();
        for error in [
            SheetError::Format(broken()),
            SheetError::Encrypted,
            SheetError::TooLarge,
            SheetError::NotUtf8 { guess: "Windows-1252" },
            SheetError::Nul { row: 2 },
            SheetError::UnclosedQuote { row: 2 },
            SheetError::Empty,
            SheetError::NoHeader { row: 1, expected: "code".to_owned() },
            SheetError::TooManyRows { max: 200_000 },
            SheetError::TooManyColumns { row: 2 },
            SheetError::CellTooLong { row: 2, column, max: 32_767 },
        ] {
            let (code, english) = (error.code(), error.to_string());
            let error = AppError::from(error);
            assert_eq!(error.problem.spec().code, code);
            assert_eq!(error.detail.unwrap().en, english);
        }
    }
}
