//! Rubrics as versioned data: every number a regulation may replace lives here with its dates, and whatever is
//! computed names the version used.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, NaiveDate, Utc};
use kernel::{
    AgencyId, Code, Hundredths, Level, LongText, NATIONAL, PolicyId, Violation, ViolationCode, Violations,
    add_years, wire_enum,
};
use serde::{Deserialize, Serialize};
use workforce::JobClass;

use crate::assessment::Purpose;
use crate::jpm::Category;

wire_enum! {
    /// What a rubric is about.
    pub enum PolicyKind {
        /// How the job person match is computed and graded.
        Jpm = "JPM",
        /// How long an assessment result is valid.
        Validity = "VALIDITY",
        /// Which level a job class requires where a position has no standard.
        DefaultLevels = "DEFAULT_LEVELS",
        /// Who may be appointed to a position of a job class.
        Eligibility = "ELIGIBILITY",
        /// Forms of development and what they are worth in learning hours.
        Forms = "FORMS",
        /// How many learning hours a year asks for, and how many it allows.
        JpTarget = "JP_TARGET",
        /// How development plans are drawn up and approved.
        DevelopmentPlan = "DEVELOPMENT_PLAN",
        /// What decides between programmes that are recommended.
        Recommendation = "RECOMMENDATION",
        /// How long before something is due people are reminded of it.
        Reminders = "REMINDERS",
        /// How classes are evaluated: what is asked of whom, and when.
        Evaluation = "EVALUATION",
        /// Which needs of development go before which.
        NeedPriority = "NEED_PRIORITY",
    }
}

/// A rubric: the document stored with a [`PolicyVersion`].
pub trait Rubric {
    /// The kind it belongs to.
    const KIND: PolicyKind;

    /// Whether the document makes sense.
    ///
    /// # Errors
    /// What does not, with pointers into the document.
    fn check(&self) -> Result<(), Vec<Violation>>;
}

/// One version of a named rubric.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PolicyVersion<T> {
    /// Its identifier.
    pub id: PolicyId,
    /// Whose it is; an agency's own goes before the national one.
    pub agency: AgencyId,
    /// Its name: `RATIO_OF_SUMS`, `CAPPED_MEAN`.
    pub name: Code,
    /// Its number among the versions of that name and agency, from 1.
    pub number: i32,
    /// The first day it applies to.
    pub valid_from: NaiveDate,
    /// When it was recorded.
    pub recorded_at: DateTime<Utc>,
    /// Where its numbers come from: the regulation, the agency's decree.
    pub source: LongText,
    /// The document.
    pub rubric: T,
}

/// A version of a rubric, as a computed number cites it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PolicyRef {
    /// Its identifier.
    pub id: PolicyId,
    /// Whose it is.
    pub agency: AgencyId,
    /// Its name.
    pub name: Code,
    /// Its number.
    pub number: i32,
    /// The first day it applies to.
    pub valid_from: NaiveDate,
    /// Where its numbers come from.
    pub source: LongText,
}

impl<T> PolicyVersion<T> {
    /// How a computed number cites it.
    #[must_use]
    pub fn cite(&self) -> PolicyRef {
        PolicyRef {
            id: self.id,
            agency: self.agency,
            name: self.name.clone(),
            number: self.number,
            valid_from: self.valid_from,
            source: self.source.clone(),
        }
    }

    /// The same version with its document read as another type.
    ///
    /// # Errors
    /// Those of `read`.
    pub fn try_map<U, E>(self, read: impl FnOnce(T) -> Result<U, E>) -> Result<PolicyVersion<U>, E> {
        Ok(PolicyVersion {
            id: self.id,
            agency: self.agency,
            name: self.name,
            number: self.number,
            valid_from: self.valid_from,
            recorded_at: self.recorded_at,
            source: self.source,
            rubric: read(self.rubric)?,
        })
    }
}

/// The version of the rubric called `name` that applies in `own` agency on `day`, as known at `known_at`: the
/// agency's own before the national one, then the greatest `valid_from`, then the one recorded last.
#[must_use]
pub fn policy_on<'a, T>(
    versions: &'a [PolicyVersion<T>],
    name: &str,
    own: AgencyId,
    day: NaiveDate,
    known_at: DateTime<Utc>,
) -> Option<&'a PolicyVersion<T>> {
    versions
        .iter()
        .filter(|version| version.name.as_str() == name && [own, NATIONAL].contains(&version.agency))
        .filter(|version| version.valid_from <= day && version.recorded_at <= known_at)
        .max_by_key(|version| (version.agency == own, version.valid_from, version.recorded_at, version.id))
}

wire_enum! {
    /// How the job person match is computed. Each is also the name of the policy that ships with it.
    pub enum JpmMethod {
        /// Sum of weighted achieved levels over sum of weighted required levels; may exceed 100 %.
        RatioOfSums = "RATIO_OF_SUMS",
        /// Weighted mean of achieved over required, each capped at 1: strength in one competency does not make up
        /// for a gap in another.
        CappedMean = "CAPPED_MEAN",
    }
}

/// From which percentage on a category is given.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Cutoff {
    /// The lowest percentage, itself included, in hundredths of a percent (8000 is 80 %).
    pub at_least: Hundredths,
    /// The category.
    pub category: Category,
}

/// The rubric of the job person match.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct JpmRubric {
    /// How the percentage is computed.
    pub method: JpmMethod,
    /// Per purpose the cut-offs, highest first, the last at 0.
    pub cutoffs: BTreeMap<Purpose, Vec<Cutoff>>,
}

impl Rubric for JpmRubric {
    const KIND: PolicyKind = PolicyKind::Jpm;

    /// Every purpose has cut-offs, strictly falling down to 0 so that no percentage is left without a category;
    /// categories belong to the purpose and occur once.
    fn check(&self) -> Result<(), Vec<Violation>> {
        let mut violations = Violations::new();
        for purpose in Purpose::ALL {
            let at = format!("/cutoffs/{purpose}");
            let Some(cutoffs) = self.cutoffs.get(&purpose).filter(|cutoffs| !cutoffs.is_empty()) else {
                violations.push(Violation::new(at, ViolationCode::Required));
                continue;
            };
            let mut above: Option<Hundredths> = None;
            let mut seen = BTreeSet::new();
            for (index, cutoff) in cutoffs.iter().enumerate() {
                violations.check(above.is_some_and(|above| above <= cutoff.at_least), || {
                    Violation::new(format!("{at}/{index}/at_least"), ViolationCode::Inconsistent)
                });
                violations.check(cutoff.category.purpose() != purpose, || {
                    Violation::new(format!("{at}/{index}/category"), ViolationCode::NotAllowedValue)
                });
                violations.check(!seen.insert(cutoff.category), || {
                    Violation::new(format!("{at}/{index}/category"), ViolationCode::Duplicate)
                });
                above = Some(cutoff.at_least);
            }
            let last = cutoffs.len().saturating_sub(1);
            violations.check(above.is_some_and(|lowest| lowest.count() > 0), || {
                Violation::new(format!("{at}/{last}/at_least"), ViolationCode::OutOfRange)
                    .with("min", 0)
                    .with("max", 0)
            });
        }
        violations.finish()
    }
}

impl JpmRubric {
    /// The cut-offs for a purpose, highest first.
    #[must_use]
    pub fn cutoffs_for(&self, purpose: Purpose) -> &[Cutoff] {
        self.cutoffs.get(&purpose).map_or(&[], Vec::as_slice)
    }
}

/// The rubric of validity.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ValidityRubric {
    /// Years an assessment result is valid (Peraturan BKN 26/2019 Pasal 29(4): three).
    pub years: u8,
}

impl ValidityRubric {
    /// The longest validity a rubric may give.
    pub const MAX_YEARS: u8 = 10;

    /// The last valid day of a result found on `assessed_on`: the anniversary, itself included.
    #[must_use]
    pub fn last_day(self, assessed_on: NaiveDate) -> NaiveDate {
        add_years(assessed_on, self.years)
    }
}

impl Rubric for ValidityRubric {
    const KIND: PolicyKind = PolicyKind::Validity;

    fn check(&self) -> Result<(), Vec<Violation>> {
        let mut violations = Violations::new();
        violations.check(!(1..=Self::MAX_YEARS).contains(&self.years), || {
            Violation::new("/years", ViolationCode::OutOfRange).with("min", 1).with("max", Self::MAX_YEARS)
        });
        violations.finish()
    }
}

/// The rubric of default levels: what a job class requires where a position has no standard in force.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DefaultLevelsRubric {
    /// The level per job class.
    pub levels: BTreeMap<JobClass, Level>,
    /// The families whose competencies are required at that level.
    pub families: Vec<Code>,
}

impl Rubric for DefaultLevelsRubric {
    const KIND: PolicyKind = PolicyKind::DefaultLevels;

    /// Every job class has a level; at least one family, each once.
    fn check(&self) -> Result<(), Vec<Violation>> {
        let mut violations = Violations::new();
        for class in JobClass::ALL {
            violations.check(!self.levels.contains_key(&class), || {
                Violation::new(format!("/levels/{class}"), ViolationCode::Required)
            });
        }
        violations.check(self.families.is_empty(), || {
            Violation::new("/families", ViolationCode::TooFew).with("min", 1)
        });
        let mut seen = BTreeSet::new();
        for (index, family) in self.families.iter().enumerate() {
            violations.check(!seen.insert(family), || {
                Violation::new(format!("/families/{index}"), ViolationCode::Duplicate)
            });
        }
        violations.finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::reference;
    use chrono::TimeZone;

    fn day(y: i32, m: u32, d: u32) -> NaiveDate {
        NaiveDate::from_ymd_opt(y, m, d).unwrap()
    }

    fn at(n: i64) -> DateTime<Utc> {
        Utc.timestamp_opt(1_800_000_000 + n, 0).unwrap()
    }

    fn version(agency: AgencyId, number: i32, year: i32, recorded: i64) -> PolicyVersion<ValidityRubric> {
        PolicyVersion {
            id: PolicyId::new(),
            agency,
            name: Code::parse(reference::VALIDITY_POLICY).unwrap(),
            number,
            valid_from: day(year, 1, 1),
            recorded_at: at(recorded),
            source: LongText::parse("SK").unwrap(),
            rubric: ValidityRubric { years: 3 },
        }
    }

    #[test]
    fn an_agencys_own_rubric_goes_before_the_national_one_from_its_first_day() {
        let [own, other] = [AgencyId::new(), AgencyId::new()];
        let all = [version(NATIONAL, 1, 2017, 0), version(NATIONAL, 2, 2026, 0), version(own, 1, 2024, 5)];
        let which = |agency, on, known| {
            policy_on(&all, reference::VALIDITY_POLICY, agency, on, at(known))
                .map(|version| (version.agency == NATIONAL, version.number))
        };
        assert_eq!(which(own, day(2023, 12, 31), 9), Some((true, 1)));
        assert_eq!(which(own, day(2024, 1, 1), 9), Some((false, 1)));
        assert_eq!(which(own, day(2026, 7, 1), 9), Some((false, 1)));
        assert_eq!(which(own, day(2026, 7, 1), 4), Some((true, 2)));
        assert_eq!(which(other, day(2026, 7, 1), 9), Some((true, 2)));
        assert_eq!(which(other, day(2016, 12, 31), 9), None);
        assert_eq!(policy_on(&all, "OTHER", own, day(2026, 7, 1), at(9)), None);
    }

    #[test]
    fn of_two_with_one_first_day_the_one_recorded_later_counts() {
        let all = [version(NATIONAL, 2, 2017, 7), version(NATIONAL, 1, 2017, 0)];
        let number = |known| {
            let found = policy_on(&all, reference::VALIDITY_POLICY, NATIONAL, day(2026, 1, 1), at(known));
            found.map(|version| version.number)
        };
        assert_eq!([number(6), number(7)], [Some(1), Some(2)]);
    }

    #[test]
    fn validity_ends_with_the_anniversary() {
        let validity = reference::validity_policy().rubric;
        assert_eq!(validity.last_day(day(2023, 7, 1)), day(2026, 7, 1));
        assert_eq!(validity.last_day(day(2024, 2, 29)), day(2027, 2, 28));
    }

    fn codes<T: Rubric>(rubric: &T) -> Vec<(String, ViolationCode)> {
        let violations = rubric.check().unwrap_err().into_iter();
        violations.map(|violation| (violation.pointer, violation.code)).collect()
    }

    #[test]
    fn cut_offs_fall_to_nothing_without_a_hole() {
        let [good, _] = reference::jpm_policies().map(|policy| policy.rubric);
        let mut equal = good.clone();
        equal.cutoffs.get_mut(&Purpose::Filling).unwrap()[1].at_least = Hundredths::from_count(8000);
        assert_eq!(codes(&equal), [("/cutoffs/FILLING/1/at_least".to_owned(), ViolationCode::Inconsistent)]);
        let mut hole = good.clone();
        hole.cutoffs.get_mut(&Purpose::Mapping).unwrap().pop();
        assert_eq!(codes(&hole), [("/cutoffs/MAPPING/1/at_least".to_owned(), ViolationCode::OutOfRange)]);
        let mut absent = good.clone();
        absent.cutoffs.remove(&Purpose::Mapping);
        assert_eq!(codes(&absent), [("/cutoffs/MAPPING".to_owned(), ViolationCode::Required)]);
        let mut mixed = good;
        let filling = mixed.cutoffs.get_mut(&Purpose::Filling).unwrap();
        filling[0].category = Category::Optimal;
        filling[1].category = Category::Kms;
        assert_eq!(
            codes(&mixed),
            [
                ("/cutoffs/FILLING/0/category".to_owned(), ViolationCode::NotAllowedValue),
                ("/cutoffs/FILLING/2/category".to_owned(), ViolationCode::Duplicate),
            ]
        );
    }

    #[test]
    fn validity_and_default_levels_are_checked_too() {
        assert_eq!(codes(&ValidityRubric { years: 0 }), [("/years".to_owned(), ViolationCode::OutOfRange)]);
        assert_eq!(ValidityRubric { years: ValidityRubric::MAX_YEARS }.check(), Ok(()));
        let mut defaults = reference::default_levels_policy().rubric;
        defaults.levels.remove(&JobClass::Pengawas);
        defaults.families.push(defaults.families[0].clone());
        assert_eq!(
            codes(&defaults),
            [
                ("/families/2".to_owned(), ViolationCode::Duplicate),
                ("/levels/PENGAWAS".to_owned(), ViolationCode::Required),
            ]
        );
    }

    #[test]
    fn documents_are_stored_by_name_and_refuse_what_they_do_not_know() {
        let [ratio, _] = reference::jpm_policies().map(|policy| policy.rubric);
        let document = serde_json::to_value(&ratio).unwrap();
        assert_eq!(document["method"], "RATIO_OF_SUMS");
        assert_eq!(
            document["cutoffs"]["FILLING"][0],
            serde_json::json!({"at_least": 8000, "category": "MS"})
        );
        assert_eq!(serde_json::from_value::<JpmRubric>(document).unwrap(), ratio);
        let defaults = reference::default_levels_policy().rubric;
        let document = serde_json::to_value(&defaults).unwrap();
        assert_eq!(document["levels"]["JPT_MADYA"], 4);
        assert_eq!(serde_json::from_value::<DefaultLevelsRubric>(document).unwrap(), defaults);
        let odd = serde_json::json!({"years": 3, "months": 6});
        assert!(serde_json::from_value::<ValidityRubric>(odd).is_err());
    }
}
