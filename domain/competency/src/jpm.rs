//! The job person match (JPM): how much of what a position requires somebody brings, as a percentage and a category.
//!
//! All arithmetic is exact, on fractions of integers; a number is rounded only where it is shown, and the category
//! is decided before that.

use std::collections::BTreeSet;

use kernel::{Code, Hundredths, Level, Violation, ViolationCode, Violations, wire_enum};
use serde::{Deserialize, Serialize};

use crate::assessment::Purpose;
use crate::policy::{Cutoff, JpmMethod, JpmRubric};

/// The most items of one calculation.
pub const MAX_ITEMS: usize = 200;

wire_enum! {
    /// How well a person matches a position.
    pub enum Category {
        /// Memenuhi syarat: meets the requirements (filling).
        Ms = "MS",
        /// Masih memenuhi syarat: still meets them (filling).
        Mms = "MMS",
        /// Kurang memenuhi syarat: falls short of them (filling).
        Kms = "KMS",
        /// Optimal (mapping).
        Optimal = "OPTIMAL",
        /// Cukup optimal: fairly optimal (mapping).
        CukupOptimal = "CUKUP_OPTIMAL",
        /// Kurang optimal: less than optimal (mapping).
        KurangOptimal = "KURANG_OPTIMAL",
    }
}

impl Category {
    /// The purpose it grades.
    #[must_use]
    pub const fn purpose(self) -> Purpose {
        match self {
            Self::Ms | Self::Mms | Self::Kms => Purpose::Filling,
            Self::Optimal | Self::CukupOptimal | Self::KurangOptimal => Purpose::Mapping,
        }
    }
}

/// A non-negative fraction in lowest terms.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Fraction {
    numerator: u128,
    denominator: u128,
}

impl Fraction {
    /// Nothing.
    pub const ZERO: Self = Self { numerator: 0, denominator: 1 };

    /// `numerator / denominator`. A denominator of nothing is a slip of this crate, never of its caller, and reads
    /// as 1.
    pub(crate) fn new(numerator: u128, denominator: u128) -> Self {
        let divisor = gcd(numerator, denominator).max(1);
        Self { numerator: numerator / divisor, denominator: (denominator / divisor).max(1) }
    }

    /// The part above the line.
    #[must_use]
    pub const fn numerator(self) -> u128 {
        self.numerator
    }

    /// The part below the line, at least 1.
    #[must_use]
    pub const fn denominator(self) -> u128 {
        self.denominator
    }

    fn plus(self, other: Self) -> Self {
        Self::new(
            self.numerator * other.denominator + other.numerator * self.denominator,
            self.denominator * other.denominator,
        )
    }

    /// `self / other`; `other` is above nothing wherever this is used.
    fn over(self, other: Self) -> Self {
        Self::new(self.numerator * other.denominator, self.denominator * other.numerator)
    }

    /// Whether the fraction is at least `percent` hundredths of a percent.
    fn reaches(self, percent: Hundredths) -> bool {
        self.numerator * 10_000 >= u128::from(percent.count()) * self.denominator
    }
}

/// As a reader writes it by hand: `3/4`, or `9` for a whole number.
impl std::fmt::Display for Fraction {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if self.denominator == 1 {
            self.numerator.fmt(f)
        } else {
            write!(f, "{}/{}", self.numerator, self.denominator)
        }
    }
}

fn gcd(mut a: u128, mut b: u128) -> u128 {
    while b != 0 {
        (a, b) = (b, a % b);
    }
    a
}

/// A percentage rounded half up to two decimals, counted in hundredths of a percent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Percent(u32);

impl Percent {
    /// The whole.
    pub const FULL: Self = Self(10_000);

    /// The count of hundredths of a percent.
    #[must_use]
    pub const fn count(self) -> u32 {
        self.0
    }

    /// The number for a JSON reply: 88.89 for 88.89 %.
    #[must_use]
    pub fn to_f64(self) -> f64 {
        f64::from(self.0) / 100.0
    }

    fn of(share: Fraction) -> Self {
        let rounded = (share.numerator * 20_000 + share.denominator) / (share.denominator * 2);
        // No level is more than five times another, so the count ends at 50,000.
        Self(u32::try_from(rounded).unwrap_or(u32::MAX))
    }
}

/// Always with two decimals: `88.89`, `100.00`.
impl std::fmt::Display for Percent {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}.{:02}", self.0 / 100, self.0 % 100)
    }
}

/// One competency of a calculation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct JpmItem {
    /// The competency's code.
    pub code: Code,
    /// The required level.
    pub required: Level,
    /// The level found; none where nothing valid is known.
    pub achieved: Option<Level>,
    /// Its weight.
    pub weight: Hundredths,
}

/// One competency's part in the result, with all its figures.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Term {
    /// The competency's code.
    pub code: Code,
    /// The required level.
    pub required: Level,
    /// The level found.
    pub achieved: Option<Level>,
    /// Its weight.
    pub weight: Hundredths,
    /// Achieved less required; negative is a need for development.
    pub gap: Option<i8>,
    /// What it adds above the line: weight x achieved for `RATIO_OF_SUMS`, weight x min(achieved / required, 1) for
    /// `CAPPED_MEAN`.
    pub earned: Option<Fraction>,
    /// What it adds below the line: weight x required for `RATIO_OF_SUMS`, weight for `CAPPED_MEAN`.
    pub full: Fraction,
}

wire_enum! {
    /// Whether a percentage can be given.
    pub enum JpmStatus {
        /// Every competency has a valid level.
        Complete = "COMPLETE",
        /// At least one has none; there is no percentage.
        Incomplete = "INCOMPLETE",
    }
}

/// A job person match with everything needed to redo it by hand: sum the terms' `earned`, sum their `full`, divide.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JpmOutcome {
    /// How it was computed.
    pub method: JpmMethod,
    /// For what it was graded.
    pub purpose: Purpose,
    /// Whether there is a percentage.
    pub status: JpmStatus,
    /// The percentage, rounded; may exceed 100.
    pub jpm: Option<Percent>,
    /// The percentage, at most 100.
    pub capped: Option<Percent>,
    /// The percentage as an exact share of 1.
    pub share: Option<Fraction>,
    /// The category, decided on the exact share.
    pub category: Option<Category>,
    /// The cut-off that gave the category.
    pub cutoff: Option<Cutoff>,
    /// The sum above the line, of the competencies that have a level.
    pub earned: Fraction,
    /// The sum below the line, of all competencies.
    pub full: Fraction,
    /// Every competency's part, in the order given.
    pub terms: Vec<Term>,
    /// The codes of the competencies without a valid level, in the order given.
    pub missing: Vec<Code>,
}

/// A weight of nothing at `pointer`.
pub(crate) fn weight_out_of_range(pointer: String) -> Violation {
    Violation::new(pointer, ViolationCode::OutOfRange).with("min", "0.01").with("max", "999999.99")
}

fn check(items: &[JpmItem]) -> Result<(), Vec<Violation>> {
    let mut violations = Violations::new();
    violations.check(items.is_empty(), || Violation::new("/items", ViolationCode::TooFew).with("min", 1));
    violations.check(items.len() > MAX_ITEMS, || {
        Violation::new("/items", ViolationCode::TooMany).with("max", MAX_ITEMS)
    });
    let mut seen = BTreeSet::new();
    for (index, item) in items.iter().enumerate() {
        violations.check(!seen.insert(&item.code), || {
            Violation::new(format!("/items/{index}/code"), ViolationCode::Duplicate)
        });
        violations.check(item.weight.count() == 0, || weight_out_of_range(format!("/items/{index}/weight")));
    }
    violations.finish()
}

/// The job person match of `items` under `rubric`, graded for `purpose`.
///
/// A competency without a level leaves the outcome `INCOMPLETE`; it is never counted as nothing or as any default.
///
/// # Errors
/// `/items` too few or too many, `/items/N/code` twice, `/items/N/weight` zero.
pub fn job_person_match(
    rubric: &JpmRubric,
    purpose: Purpose,
    items: &[JpmItem],
) -> Result<JpmOutcome, Vec<Violation>> {
    check(items)?;
    Ok(outcome(rubric, purpose, items))
}

/// As [`job_person_match`], of items known to be right: at least one, every weight above nothing. Codes may repeat,
/// because a position can require competencies of two dictionaries.
pub(crate) fn outcome(rubric: &JpmRubric, purpose: Purpose, items: &[JpmItem]) -> JpmOutcome {
    let terms: Vec<Term> = items.iter().map(|item| term(rubric.method, item)).collect();
    let sum = |part: &dyn Fn(&Term) -> Option<Fraction>| {
        terms.iter().filter_map(part).fold(Fraction::ZERO, Fraction::plus)
    };
    let (earned, full) = (sum(&|term| term.earned), sum(&|term| Some(term.full)));
    let missing: Vec<Code> =
        terms.iter().filter(|term| term.achieved.is_none()).map(|term| term.code.clone()).collect();
    let share = missing.is_empty().then(|| earned.over(full));
    let jpm = share.map(Percent::of);
    let cutoff = share.and_then(|share| {
        rubric.cutoffs_for(purpose).iter().find(|cutoff| share.reaches(cutoff.at_least)).copied()
    });
    JpmOutcome {
        method: rubric.method,
        purpose,
        status: if missing.is_empty() { JpmStatus::Complete } else { JpmStatus::Incomplete },
        jpm,
        capped: jpm.map(|jpm| jpm.min(Percent::FULL)),
        share,
        category: cutoff.map(|cutoff| cutoff.category),
        cutoff,
        earned,
        full,
        terms,
        missing,
    }
}

fn term(method: JpmMethod, item: &JpmItem) -> Term {
    let level = |level: Level| u128::from(level.get());
    let weight = u128::from(item.weight.count());
    let required = level(item.required);
    let (full, earned) = match method {
        JpmMethod::RatioOfSums => (
            Fraction::new(weight * required, 100),
            item.achieved.map(|achieved| Fraction::new(weight * level(achieved), 100)),
        ),
        JpmMethod::CappedMean => (
            Fraction::new(weight, 100),
            item.achieved
                .map(|achieved| Fraction::new(weight * level(achieved).min(required), 100 * required)),
        ),
    };
    Term {
        code: item.code.clone(),
        required: item.required,
        achieved: item.achieved,
        weight: item.weight,
        gap: item.achieved.map(|achieved| item.required.gap_to(achieved)),
        earned,
        full,
    }
}
