//! One error for every use case: a problem of the table, the values it is about, and, for the log alone, the cause.

use access::{Denied, GrantError};
use competency::{AssessmentError, DictionaryError, GapError, StandardError};
use kernel::{Level, Violation, ViolationCode};
use store::{AsStoreError, Broken, StoreError};
use workforce::{PlacementError, PositionError};

use crate::problems::Problem;

/// Why a use case did not do what was asked. It has no `Display`: what clients read is made from the table.
#[derive(Debug)]
pub struct AppError {
    /// The row of the table.
    pub problem: Problem,
    /// The values it is about.
    pub violations: Vec<Violation>,
    /// The store's failure underneath, for the log and for running a transaction again.
    pub cause: Option<StoreError>,
}

impl AppError {
    /// A problem about values.
    #[must_use]
    pub fn about(problem: Problem, violations: Vec<Violation>) -> Self {
        Self { problem, violations, cause: None }
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
            StoreError::BadText => {
                (Problem::Invalid, vec![Violation::new("", ViolationCode::ControlCharacter)])
            }
            StoreError::Unavailable(_) => (Problem::Unavailable, vec![]),
            StoreError::Internal(_) | StoreError::Corrupt(_) => (Problem::Internal, vec![]),
        };
        Self { problem, violations, cause: Some(error) }
    }
}

impl AsStoreError for AppError {
    fn as_store_error(&self) -> Option<&StoreError> {
        self.cause.as_ref()
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
