//! Sums over people: how a group stands in what its positions require.

use std::collections::BTreeMap;

use crate::jpm::{Category, Fraction, Percent};

/// What the figures of a group are rounded to where the caller may see no person.
const ROUNDED_TO: u64 = 5;

/// Figures that can be told so that the step one person makes rarely shows.
pub trait Coarse {
    /// The same with every count told to the nearest multiple of five, each by itself, so that parts need not add up
    /// to their whole; means and shares are those of the counts that are told.
    #[must_use]
    fn coarse(self) -> Self;
}

/// How a count is told.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Told {
    #[default]
    Exactly,
    Rounded,
}

impl Told {
    const fn count(self, people: u64) -> u64 {
        match self {
            Self::Exactly => people,
            Self::Rounded => coarse_count(people),
        }
    }
}

/// A count as it is told to somebody who may see no person: the nearest multiple of five.
#[must_use]
pub const fn coarse_count(count: u64) -> u64 {
    count.saturating_add(ROUNDED_TO / 2) / ROUNDED_TO * ROUNDED_TO
}

/// How one person stands in one required competency, as sums count it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum GapOutcome {
    /// Assessed: achieved less required, -4 to 4.
    Gap(i8),
    /// Assessed, but too long ago.
    Expired,
    /// Never assessed in a way that counts.
    Missing,
}

/// How many people stand how in a competency, or how many pairs of a person and a competency in several.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Standings {
    gaps: BTreeMap<i8, u64>,
    expired: u64,
    missing: u64,
    told: Told,
}

impl Coarse for Standings {
    fn coarse(self) -> Self {
        Self { told: Told::Rounded, ..self }
    }
}

/// The mean of gaps in hundredths of a level, rounded half away from zero. Negative is short.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct MeanGap(i32);

impl MeanGap {
    /// The number for a JSON reply: -0.25 for a quarter of a level short.
    #[must_use]
    pub fn to_f64(self) -> f64 {
        f64::from(self.0) / 100.0
    }
}

/// Always with two decimals: `-0.25`, `0.00`.
impl std::fmt::Display for MeanGap {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let sign = if self.0 < 0 { "-" } else { "" };
        let hundredths = self.0.unsigned_abs();
        write!(f, "{sign}{}.{:02}", hundredths / 100, hundredths % 100)
    }
}

impl Standings {
    /// Counts `people` more who stand like this.
    pub fn add(&mut self, standing: GapOutcome, people: u64) {
        match standing {
            GapOutcome::Gap(gap) => *self.gaps.entry(gap).or_default() += people,
            GapOutcome::Expired => self.expired += people,
            GapOutcome::Missing => self.missing += people,
        }
    }

    /// Counts everybody of another group, too; told as coarsely as either.
    pub fn merge(&mut self, other: &Self) {
        for (gap, people) in &other.gaps {
            self.add(GapOutcome::Gap(*gap), *people);
        }
        self.expired += other.expired;
        self.missing += other.missing;
        if other.told == Told::Rounded {
            self.told = Told::Rounded;
        }
    }

    fn exactly(&self, counted: impl Fn(i8) -> bool) -> u64 {
        self.gaps.iter().filter(|(gap, _)| counted(**gap)).map(|(_, people)| people).sum()
    }

    fn sum(&self, counted: impl Fn(i8) -> bool) -> u64 {
        self.told.count(self.exactly(counted))
    }

    /// Everybody of whom the competency is required.
    #[must_use]
    pub fn required(&self) -> u64 {
        self.told.count(self.exactly(|_| true) + self.expired + self.missing)
    }

    /// Those with valid evidence.
    #[must_use]
    pub fn assessed(&self) -> u64 {
        self.sum(|_| true)
    }

    /// Those below the required level.
    #[must_use]
    pub fn below(&self) -> u64 {
        self.sum(|gap| gap < 0)
    }

    /// Those exactly at it.
    #[must_use]
    pub fn met(&self) -> u64 {
        self.sum(|gap| gap == 0)
    }

    /// Those above it.
    #[must_use]
    pub fn exceeding(&self) -> u64 {
        self.sum(|gap| gap > 0)
    }

    /// Those whose evidence has expired.
    #[must_use]
    pub const fn expired(&self) -> u64 {
        self.told.count(self.expired)
    }

    /// Those never assessed in a way that counts.
    #[must_use]
    pub const fn missing(&self) -> u64 {
        self.told.count(self.missing)
    }

    /// How many have each gap, from -4 to 4.
    #[must_use]
    pub fn distribution(&self) -> [u64; 9] {
        [-4, -3, -2, -1, 0, 1, 2, 3, 4].map(|of: i8| self.sum(|gap| gap == of))
    }

    /// The mean gap of those with valid evidence; none where there is nobody. What is unknown is not in it.
    #[must_use]
    pub fn mean_gap(&self) -> Option<MeanGap> {
        let told = || (-4_i128..).zip(self.distribution().map(i128::from));
        let assessed: i128 = told().map(|(_, people)| people).sum();
        let levels: i128 = told().map(|(gap, people)| gap * people).sum();
        let doubled = (levels.abs() * 200 + assessed).checked_div(assessed * 2)?;
        Some(MeanGap(i32::try_from(doubled * levels.signum()).unwrap_or_default()))
    }

    /// The share with valid evidence; none where nothing is required.
    #[must_use]
    pub fn coverage(&self) -> Option<Percent> {
        share(self.assessed(), self.required())
    }
}

/// How many people have each category of the job person match.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Categories {
    graded: BTreeMap<Category, u64>,
    incomplete: u64,
    unmeasured: u64,
    told: Told,
}

impl Coarse for Categories {
    fn coarse(self) -> Self {
        Self { told: Told::Rounded, ..self }
    }
}

/// How one person's match came out, as sums count it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Grade {
    /// Complete, with this category.
    Graded(Category),
    /// At least one competency has no valid evidence.
    Incomplete,
    /// Nothing is required of the position, or there was no rubric yet.
    Unmeasured,
}

impl Categories {
    /// Counts `people` more whose match came out like this.
    pub fn add(&mut self, grade: Grade, people: u64) {
        match grade {
            Grade::Graded(category) => *self.graded.entry(category).or_default() += people,
            Grade::Incomplete => self.incomplete += people,
            Grade::Unmeasured => self.unmeasured += people,
        }
    }

    /// Counts everybody of another group, too; told as coarsely as either.
    pub fn merge(&mut self, other: &Self) {
        for (category, people) in &other.graded {
            self.add(Grade::Graded(*category), *people);
        }
        self.incomplete += other.incomplete;
        self.unmeasured += other.unmeasured;
        if other.told == Told::Rounded {
            self.told = Told::Rounded;
        }
    }

    fn graded(&self) -> u64 {
        self.graded.values().sum()
    }

    /// Everybody counted.
    #[must_use]
    pub fn people(&self) -> u64 {
        self.told.count(self.graded() + self.incomplete + self.unmeasured)
    }

    /// Those of whom something is required.
    #[must_use]
    pub fn measured(&self) -> u64 {
        self.told.count(self.graded() + self.incomplete)
    }

    /// Those with valid evidence for everything that is required.
    #[must_use]
    pub fn complete(&self) -> u64 {
        self.told.count(self.graded())
    }

    /// Those lacking some of it.
    #[must_use]
    pub const fn incomplete(&self) -> u64 {
        self.told.count(self.incomplete)
    }

    /// Those of whom nothing is required.
    #[must_use]
    pub const fn unmeasured(&self) -> u64 {
        self.told.count(self.unmeasured)
    }

    /// Those of a category.
    #[must_use]
    pub fn of(&self, category: Category) -> u64 {
        self.told.count(self.graded.get(&category).copied().unwrap_or_default())
    }

    /// The share with complete evidence of those of whom something is required; none where there is nobody.
    #[must_use]
    pub fn coverage(&self) -> Option<Percent> {
        share(self.complete(), self.measured())
    }
}

/// A part of a whole; none of nothing.
#[must_use]
pub fn share(part: u64, whole: u64) -> Option<Percent> {
    (whole > 0).then(|| Percent::of(Fraction::new(part.into(), whole.into())))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn standings(rows: &[(GapOutcome, u64)]) -> Standings {
        let mut standings = Standings::default();
        for (standing, people) in rows {
            standings.add(*standing, *people);
        }
        standings
    }

    #[test]
    fn every_figure_of_a_group() {
        let group = standings(&[
            (GapOutcome::Gap(-2), 1),
            (GapOutcome::Gap(-1), 2),
            (GapOutcome::Gap(0), 4),
            (GapOutcome::Gap(1), 1),
            (GapOutcome::Expired, 3),
            (GapOutcome::Missing, 5),
        ]);
        assert_eq!((group.required(), group.assessed(), group.below()), (16, 8, 3));
        assert_eq!((group.met(), group.exceeding(), group.expired(), group.missing()), (4, 1, 3, 5));
        assert_eq!(group.distribution(), [0, 0, 1, 2, 4, 1, 0, 0, 0]);
        // Three levels short among eight people: -0.375, rounded away from zero.
        assert_eq!(group.mean_gap().unwrap().to_string(), "-0.38");
        assert_eq!(group.coverage().unwrap().to_string(), "50.00");
    }

    #[test]
    fn figures_told_coarsely_are_rounded_each_by_itself() {
        let exact = standings(&[
            (GapOutcome::Gap(-2), 3),
            (GapOutcome::Gap(0), 8),
            (GapOutcome::Gap(1), 2),
            (GapOutcome::Expired, 2),
            (GapOutcome::Missing, 7),
        ]);
        let told = exact.clone().coarse();
        assert_eq!((told.required(), told.assessed(), told.below(), told.met()), (20, 15, 5, 10));
        assert_eq!((told.exceeding(), told.expired(), told.missing()), (0, 0, 5));
        assert_eq!(told.distribution(), [0, 0, 5, 0, 10, 0, 0, 0, 0]);
        // Of what is told: ten levels short among fifteen, and fifteen of twenty.
        assert_eq!(told.mean_gap().unwrap().to_string(), "-0.67");
        assert_eq!(told.coverage().unwrap().to_string(), "75.00");
        let mut family = Standings::default();
        family.merge(&told);
        family.merge(&exact);
        assert_eq!(family.required(), 45, "44 of both, still told coarsely");

        let mut people = Categories::default();
        people.add(Grade::Graded(Category::Ms), 6);
        people.add(Grade::Graded(Category::Kms), 2);
        let told = people.coarse();
        assert_eq!((told.people(), told.of(Category::Ms), told.of(Category::Kms)), (10, 5, 0));
    }

    #[test]
    fn the_unknown_is_neither_a_gap_nor_none() {
        let unknown = standings(&[(GapOutcome::Expired, 3), (GapOutcome::Missing, 5)]);
        assert_eq!((unknown.mean_gap(), unknown.coverage().unwrap().to_string()), (None, "0.00".to_owned()));
        assert_eq!((Standings::default().mean_gap(), Standings::default().coverage()), (None, None));
        assert_eq!(
            standings(&[(GapOutcome::Gap(1), 1), (GapOutcome::Gap(-1), 1)]).mean_gap(),
            Some(MeanGap(0))
        );
    }

    #[test]
    fn people_by_category() {
        let mut categories = Categories::default();
        for (grade, people) in [
            (Grade::Graded(Category::Ms), 3),
            (Grade::Graded(Category::Kms), 1),
            (Grade::Incomplete, 4),
            (Grade::Unmeasured, 2),
        ] {
            categories.add(grade, people);
        }
        assert_eq!((categories.people(), categories.measured(), categories.complete()), (10, 8, 4));
        assert_eq!((categories.of(Category::Ms), categories.of(Category::Mms)), (3, 0));
        assert_eq!(categories.coverage().unwrap().to_string(), "50.00");
        assert_eq!(Categories::default().coverage(), None);
    }

    fn some_standings() -> impl Strategy<Value = Vec<(GapOutcome, u64)>> {
        let standing = prop_oneof![
            (-4_i8..=4).prop_map(GapOutcome::Gap),
            Just(GapOutcome::Expired),
            Just(GapOutcome::Missing),
        ];
        prop::collection::vec((standing, 0_u64..1000), 0..20)
    }

    proptest! {
        #[test]
        fn two_groups_together_are_one(one in some_standings(), other in some_standings()) {
            let together = standings(&[one.clone(), other.clone()].concat());
            let mut merged = standings(&one);
            merged.merge(&standings(&other));
            prop_assert_eq!(&merged, &together);
            prop_assert_eq!(together.assessed(), together.below() + together.met() + together.exceeding());
            prop_assert_eq!(together.distribution().iter().sum::<u64>(), together.assessed());
        }
    }
}
