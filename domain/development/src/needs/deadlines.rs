//! By when the needs analyses of a year are begun, verified and validated.

use chrono::NaiveDate;
use kernel::{Violation, ViolationCode, Violations, wire_enum};

use super::NeedsState;

wire_enum! {
    /// A stage of an agency's needs analysis.
    pub enum NeedsStage {
        /// Units begin, and gather.
        Collect = "COLLECT",
        /// Units say that theirs are complete.
        Verify = "VERIFY",
        /// The agency says that they hold.
        Validate = "VALIDATE",
    }
}

/// The last day of each stage of a year.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NeedsDeadlines {
    /// Every unit has begun.
    pub collect_by: NaiveDate,
    /// Every unit has verified.
    pub verify_by: NaiveDate,
    /// The agency has validated.
    pub validate_by: NaiveDate,
}

impl NeedsDeadlines {
    /// Whether the days follow each other.
    ///
    /// # Errors
    /// `/verify_by` before `/collect_by`, `/validate_by` before `/verify_by`.
    pub fn check(&self) -> Result<(), Vec<Violation>> {
        let mut found = Violations::new();
        let reversed = |at: &str| Violation::new(at, ViolationCode::PeriodReversed);
        found.check(self.verify_by < self.collect_by, || reversed("/verify_by"));
        found.check(self.validate_by < self.verify_by, || reversed("/validate_by"));
        found.finish()
    }

    /// The stage that should be over on `day` and is not; without a state nothing has begun.
    #[must_use]
    pub fn overdue(&self, state: Option<NeedsState>, day: NaiveDate) -> Option<NeedsStage> {
        let (stage, last) = match state {
            None => (NeedsStage::Collect, self.collect_by),
            Some(NeedsState::Collecting | NeedsState::Returned) => (NeedsStage::Verify, self.verify_by),
            Some(NeedsState::Verified) => (NeedsStage::Validate, self.validate_by),
            Some(NeedsState::Validated) => return None,
        };
        (day > last).then_some(stage)
    }
}
