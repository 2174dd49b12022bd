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

    pub(crate) fn of(share: Fraction) -> Self {
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

impl JpmOutcome {
    /// The share of full marks earned by the competencies that have a level: the match itself where all have one.
    #[must_use]
    pub fn earned_share(&self) -> Percent {
        Percent::of(self.earned.over(self.full))
    }
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

impl JpmRubric {
    /// What `achieved` earns where `required` is asked for with `weight`, as a whole number. Between people measured by the
    /// same requirements the sums compare as their exact matches do, so that a database can add them up; a match itself
    /// is always computed by [`job_person_match`].
    #[must_use]
    pub fn points(&self, required: Level, weight: Hundredths, achieved: Level) -> i64 {
        let (weight, required) = (i64::from(weight.count()), i64::from(required.get()));
        let achieved = i64::from(achieved.get());
        match self.method {
            JpmMethod::RatioOfSums => weight * achieved,
            // 60 is divisible by every level.
            JpmMethod::CappedMean => weight * (60 / required) * achieved.min(required),
        }
    }

    /// What the requirement adds below the line, in the same unit.
    #[must_use]
    pub fn points_full(&self, required: Level, weight: Hundredths) -> i64 {
        self.points(required, weight, required)
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::reference;
    use proptest::prelude::*;

    fn rubric(method: JpmMethod) -> JpmRubric {
        reference::jpm_policies().into_iter().find(|policy| policy.rubric.method == method).unwrap().rubric
    }

    fn level(value: i64) -> Level {
        Level::new(value).unwrap()
    }

    fn item(code: usize, required: i64, achieved: Option<i64>, weight: u32) -> JpmItem {
        JpmItem {
            code: Code::parse(&format!("K.{code}")).unwrap(),
            required: level(required),
            achieved: achieved.map(level),
            weight: Hundredths::from_count(weight),
        }
    }

    /// Items of weight 1 from (required, achieved).
    fn items(levels: &[(i64, i64)]) -> Vec<JpmItem> {
        levels
            .iter()
            .enumerate()
            .map(|(code, (required, achieved))| item(code, *required, Some(*achieved), 100))
            .collect()
    }

    fn match_of(method: JpmMethod, purpose: Purpose, items: &[JpmItem]) -> JpmOutcome {
        job_person_match(&rubric(method), purpose, items).unwrap()
    }

    #[test]
    fn the_four_published_vectors_under_both_purposes() {
        for (achieved, shown, filling, mapping) in [
            ([3, 3, 3, 2, 3, 3, 2, 2, 3], "88.89", Category::Ms, Category::CukupOptimal),
            ([3, 3, 3, 3, 3, 3, 3, 3, 3], "100.00", Category::Ms, Category::Optimal),
            ([2, 2, 2, 2, 2, 2, 2, 2, 3], "70.37", Category::Mms, Category::KurangOptimal),
            ([2, 2, 2, 2, 2, 2, 2, 2, 2], "66.67", Category::Kms, Category::KurangOptimal),
        ] {
            let items = items(&achieved.map(|achieved| (3, achieved)));
            for (purpose, category) in [(Purpose::Filling, filling), (Purpose::Mapping, mapping)] {
                let outcome = match_of(JpmMethod::RatioOfSums, purpose, &items);
                assert_eq!(outcome.jpm.unwrap().to_string(), shown);
                assert_eq!((outcome.status, outcome.category), (JpmStatus::Complete, Some(category)));
            }
        }
    }

    /// Two items that make `numerator / denominator` under `RATIO_OF_SUMS`: weights carry the precision.
    fn share_of(numerator: u32, denominator: u32) -> Vec<JpmItem> {
        // 1 of 2 with weight a, and 1 of 1 with weight b: (a + b) / (2a + b).
        let (a, b) = (denominator - numerator, 2 * numerator - denominator);
        vec![item(0, 2, Some(1), a), item(1, 1, Some(1), b)]
    }

    #[test]
    fn a_cut_off_belongs_to_the_category_above_it() {
        use Category::{CukupOptimal, Kms, KurangOptimal, Mms, Ms, Optimal};
        for (purpose, percent, at, below) in [
            (Purpose::Filling, 80, Ms, Mms),
            (Purpose::Filling, 68, Mms, Kms),
            (Purpose::Mapping, 90, Optimal, CukupOptimal),
            (Purpose::Mapping, 78, CukupOptimal, KurangOptimal),
        ] {
            let exact = match_of(JpmMethod::RatioOfSums, purpose, &share_of(percent, 100));
            assert_eq!(exact.category, Some(at));
            assert_eq!(exact.cutoff.unwrap().at_least.count(), percent * 100);
            let short = match_of(JpmMethod::RatioOfSums, purpose, &share_of(percent * 100 - 1, 10_000));
            assert_eq!(short.category, Some(below));
        }
    }

    #[test]
    fn the_category_is_decided_before_rounding() {
        let outcome = match_of(JpmMethod::RatioOfSums, Purpose::Filling, &share_of(7_999_999, 10_000_000));
        assert_eq!(outcome.share.unwrap().to_string(), "7999999/10000000");
        assert_eq!(outcome.jpm.unwrap().to_string(), "80.00");
        assert_eq!(outcome.category, Some(Category::Mms));
    }

    #[test]
    fn half_a_hundredth_rounds_up() {
        for (numerator, shown) in [(66_665, "66.67"), (66_664, "66.66"), (66_666, "66.67")] {
            let outcome = match_of(JpmMethod::RatioOfSums, Purpose::Filling, &share_of(numerator, 100_000));
            assert_eq!(outcome.jpm.unwrap().to_string(), shown);
        }
    }

    #[test]
    fn strength_makes_up_for_a_gap_in_one_policy_and_not_in_the_other() {
        let items = items(&[(2, 4), (4, 2)]);
        let ratio = match_of(JpmMethod::RatioOfSums, Purpose::Filling, &items);
        assert_eq!(ratio.jpm, Some(Percent::FULL));
        let capped = match_of(JpmMethod::CappedMean, Purpose::Filling, &items);
        assert_eq!(capped.jpm.unwrap().to_string(), "75.00");
    }

    #[test]
    fn more_than_asked_shows_raw_and_capped() {
        let outcome = match_of(JpmMethod::RatioOfSums, Purpose::Mapping, &items(&[(1, 5)]));
        assert_eq!(outcome.jpm.unwrap().to_string(), "500.00");
        assert_eq!((outcome.capped, outcome.category), (Some(Percent::FULL), Some(Category::Optimal)));
    }

    #[test]
    fn a_missing_level_leaves_no_total_and_no_category() {
        let items = [item(1, 3, Some(3), 100), item(2, 3, None, 50), item(3, 2, None, 100)];
        for method in JpmMethod::ALL {
            let outcome = match_of(method, Purpose::Filling, &items);
            assert_eq!(outcome.status, JpmStatus::Incomplete);
            assert_eq!((outcome.jpm, outcome.capped, outcome.share), (None, None, None));
            assert_eq!((outcome.category, outcome.cutoff), (None, None));
            let missing: Vec<&str> = outcome.missing.iter().map(Code::as_str).collect();
            assert_eq!(missing, ["K.2", "K.3"]);
            assert_eq!((outcome.terms[1].gap, outcome.terms[1].earned), (None, None));
        }
    }

    #[test]
    fn a_reader_can_redo_the_sum_from_the_terms() {
        let items = [item(1, 3, Some(2), 150), item(2, 2, Some(4), 75)];
        let outcome = match_of(JpmMethod::RatioOfSums, Purpose::Filling, &items);
        let figures = |term: &Term| (term.earned.unwrap().to_string(), term.full.to_string(), term.gap);
        assert_eq!(figures(&outcome.terms[0]), ("3".to_owned(), "9/2".to_owned(), Some(-1)));
        assert_eq!(figures(&outcome.terms[1]), ("3".to_owned(), "3/2".to_owned(), Some(2)));
        assert_eq!((outcome.earned.to_string(), outcome.full.to_string()), ("6".to_owned(), "6".to_owned()));
        let capped = match_of(JpmMethod::CappedMean, Purpose::Filling, &items);
        assert_eq!(figures(&capped.terms[0]), ("1".to_owned(), "3/2".to_owned(), Some(-1)));
        assert_eq!(figures(&capped.terms[1]), ("3/4".to_owned(), "3/4".to_owned(), Some(2)));
        assert_eq!(capped.share.unwrap().to_string(), "7/9");
    }

    #[test]
    fn what_cannot_be_computed_is_refused_at_its_place() {
        let refused = |items: &[JpmItem]| -> Vec<(String, ViolationCode)> {
            let refusal = job_person_match(&rubric(JpmMethod::RatioOfSums), Purpose::Filling, items);
            refusal.unwrap_err().into_iter().map(|violation| (violation.pointer, violation.code)).collect()
        };
        assert_eq!(refused(&[]), [("/items".to_owned(), ViolationCode::TooFew)]);
        let many: Vec<JpmItem> = (0..=MAX_ITEMS).map(|code| item(code, 1, Some(1), 100)).collect();
        assert_eq!(refused(&many), [("/items".to_owned(), ViolationCode::TooMany)]);
        assert!(job_person_match(&rubric(JpmMethod::CappedMean), Purpose::Filling, &many[1..]).is_ok());
        assert_eq!(
            refused(&[item(1, 1, Some(1), 0), item(1, 1, Some(1), 100)]),
            [
                ("/items/0/weight".to_owned(), ViolationCode::OutOfRange),
                ("/items/1/code".to_owned(), ViolationCode::Duplicate),
            ]
        );
    }

    #[test]
    fn the_heaviest_items_do_not_overflow() {
        let items: Vec<JpmItem> = (0..MAX_ITEMS)
            .map(|code| item(code, i64::try_from(code % 5).unwrap() + 1, Some(5), u32::MAX))
            .collect();
        for method in JpmMethod::ALL {
            assert!(match_of(method, Purpose::Mapping, &items).jpm.is_some());
        }
    }

    fn some_items() -> impl Strategy<Value = Vec<JpmItem>> {
        prop::collection::vec((1_i64..=5, 1_i64..=5, 1_u32..=99_999_999), 1..20).prop_map(|rows| {
            let rows = rows.into_iter().enumerate();
            rows.map(|(code, (required, achieved, weight))| item(code, required, Some(achieved), weight))
                .collect()
        })
    }

    /// The plain model: integers over one common denominator, no fractions. 60 is divisible by every level.
    fn plain(method: JpmMethod, items: &[JpmItem]) -> (u128, u128) {
        items.iter().fold((0, 0), |(above, below), item| {
            let (weight, required) = (u128::from(item.weight.count()), u128::from(item.required.get()));
            let achieved = u128::from(item.achieved.unwrap().get());
            match method {
                JpmMethod::RatioOfSums => (above + weight * achieved, below + weight * required),
                JpmMethod::CappedMean => {
                    (above + weight * (60 / required) * achieved.min(required), below + weight * 60)
                }
            }
        })
    }

    proptest! {
        #[test]
        fn agrees_with_plain_integer_arithmetic(items in some_items(), filling in any::<bool>()) {
            let purpose = if filling { Purpose::Filling } else { Purpose::Mapping };
            for method in JpmMethod::ALL {
                let outcome = match_of(method, purpose, &items);
                let (above, below) = plain(method, &items);
                let share = outcome.share.unwrap();
                prop_assert_eq!(share.numerator() * below, above * share.denominator());
                // shown - 1/200 % <= exact < shown + 1/200 %
                let shown = u128::from(outcome.jpm.unwrap().count());
                prop_assert!(2 * shown * below <= 20_000 * above + below);
                prop_assert!(20_000 * above < 2 * shown * below + below);
                let (high, middle) = if filling { (80, 68) } else { (90, 78) };
                let index = [high, middle].iter().filter(|percent| 100 * above < **percent * below).count();
                let names = if filling { ["MS", "MMS", "KMS"] } else { ["OPTIMAL", "CUKUP_OPTIMAL", "KURANG_OPTIMAL"] };
                prop_assert_eq!(outcome.category.unwrap().as_str(), names[index]);
                prop_assert!(method == JpmMethod::RatioOfSums || outcome.jpm == outcome.capped);
            }
        }

        #[test]
        fn points_are_the_match_over_one_denominator(items in some_items()) {
            for method in JpmMethod::ALL {
                let rubric = rubric(method);
                let share = match_of(method, Purpose::Filling, &items).share.unwrap();
                let sum = |of: &dyn Fn(&JpmItem) -> i64| u128::try_from(items.iter().map(of).sum::<i64>()).unwrap();
                let earned = sum(&|item| rubric.points(item.required, item.weight, item.achieved.unwrap()));
                let full = sum(&|item| rubric.points_full(item.required, item.weight));
                prop_assert_eq!(share.numerator() * full, earned * share.denominator());
            }
        }

        #[test]
        fn the_order_of_the_items_does_not_matter(
            (given, shuffled) in some_items().prop_flat_map(|items| (Just(items.clone()), Just(items).prop_shuffle())),
        ) {
            for method in JpmMethod::ALL {
                let [a, b] = [&given, &shuffled].map(|items| match_of(method, Purpose::Filling, items));
                prop_assert_eq!((a.share, a.jpm, a.category), (b.share, b.jpm, b.category));
            }
        }

        #[test]
        fn a_higher_level_never_lowers_the_match(items in some_items(), which in any::<prop::sample::Index>()) {
            let mut better = items.clone();
            let item = &mut better[which.index(items.len())];
            item.achieved = item.achieved.and_then(|level| Level::new(i64::from(level.get()) + 1)).or(item.achieved);
            for method in JpmMethod::ALL {
                let [before, after] = [&items, &better].map(|items| match_of(method, Purpose::Filling, items));
                prop_assert!(after.jpm >= before.jpm && after.category <= before.category);
            }
        }
    }
}
