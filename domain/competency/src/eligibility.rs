//! Who may be appointed to a position: rules of status, education, age, career and match, per job class, as versioned data.
//!
//! The law has more rules than are on record here: rank, discipline, appraisal, health. A rubric names those too, for a
//! person to check; nothing is made up about them.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{Datelike, NaiveDate};
use kernel::{
    EmployeeId, LongText, Name, PositionId, Violation, ViolationCode, Violations, add_years, wire_enum,
};
use serde::{Deserialize, Serialize};
use workforce::{Education, EmployeeStatus, JobClass};

use crate::assessment::Purpose;
use crate::jpm::{Category, JpmOutcome};
use crate::policy::{PolicyKind, Rubric};

wire_enum! {
    /// How sure a rule or a number of the reference data is.
    pub enum Confidence {
        /// Found in a regulation or in use, nothing speaks against it.
        Found = "FOUND",
        /// Sources or memories disagree; an agency should check it before relying on it.
        Disputed = "DISPUTED",
    }
}

wire_enum! {
    /// What a rule of eligibility is about.
    pub enum RuleKind {
        /// They serve in some position on the day.
        Service = "SERVICE",
        /// Their standing (status kepegawaian).
        Status = "STATUS",
        /// Their highest education.
        Education = "EDUCATION",
        /// Their age.
        Age = "AGE",
        /// How long they served in positions of certain job classes (sedang atau pernah menduduki).
        Experience = "EXPERIENCE",
        /// How long they have held their present position.
        Tenure = "TENURE",
        /// Their job person match.
        Match = "MATCH",
    }
}

/// One way to have enough experience.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CareerPath {
    /// Time in positions of these classes counts, added up.
    pub job_classes: Vec<JobClass>,
    /// Years of it, of 365 days; 0 asks for a day.
    pub years: u8,
}

impl CareerPath {
    /// Days of it that are asked for.
    #[must_use]
    pub fn days(&self) -> i64 {
        (i64::from(self.years) * YEAR).max(1)
    }
}

/// The days of a year, where time served is added up: over broken service no calendar year begins or ends.
const YEAR: i64 = 365;

/// The most years a rule may ask for.
pub const MAX_YEARS: u8 = 99;

/// What a rule demands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE", deny_unknown_fields)]
pub enum Demand {
    /// To serve in some position.
    Service,
    /// One of these.
    Status(Vec<EmployeeStatus>),
    /// One of these.
    Education(Vec<Education>),
    /// At most this many years old: up to and including the birthday.
    Age(u8),
    /// One of these ways.
    Experience(Vec<CareerPath>),
    /// At least this many years, of 365 days, in the present position.
    Tenure(u8),
    /// This category for filling a position, or a better one.
    Match(Category),
}

impl Demand {
    /// What it is about.
    #[must_use]
    pub const fn kind(&self) -> RuleKind {
        match self {
            Self::Service => RuleKind::Service,
            Self::Status(_) => RuleKind::Status,
            Self::Education(_) => RuleKind::Education,
            Self::Age(_) => RuleKind::Age,
            Self::Experience(_) => RuleKind::Experience,
            Self::Tenure(_) => RuleKind::Tenure,
            Self::Match(_) => RuleKind::Match,
        }
    }
}

/// One rule.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EligibilityRule {
    /// What it demands.
    pub demand: Demand,
    /// Whether failing it makes somebody ineligible; otherwise it is shown and decides nothing.
    pub binding: bool,
    /// How sure it is.
    pub confidence: Confidence,
    /// Where it comes from.
    pub source: LongText,
}

/// The rules for one job class.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ClassRules {
    /// What is decided from what is on record.
    pub rules: Vec<EligibilityRule>,
    /// What is not on record and has to be checked by hand.
    pub by_hand: Vec<LongText>,
}

/// The rubric of eligibility.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EligibilityRubric {
    /// The rules by the job class of the position to be filled.
    pub classes: BTreeMap<JobClass, ClassRules>,
}

impl Rubric for EligibilityRubric {
    const KIND: PolicyKind = PolicyKind::Eligibility;

    /// Every job class has its rules (which may be none); a rule of a kind at most once per class, demanding something.
    fn check(&self) -> Result<(), Vec<Violation>> {
        let mut violations = Violations::new();
        for class in JobClass::ALL {
            let Some(ClassRules { rules, .. }) = self.classes.get(&class) else {
                violations.push(Violation::new(format!("/classes/{class}"), ViolationCode::Required));
                continue;
            };
            let mut seen = BTreeSet::new();
            for (index, rule) in rules.iter().enumerate() {
                let at = format!("/classes/{class}/rules/{index}");
                violations.check(!seen.insert(rule.demand.kind()), || {
                    Violation::new(&at, ViolationCode::Duplicate)
                });
                rule.demand.check(&at, &mut violations);
            }
        }
        violations.finish()
    }
}

impl Demand {
    fn check(&self, at: &str, violations: &mut Violations) {
        let few = |part: &str| Violation::new(format!("{at}/{part}"), ViolationCode::TooFew).with("min", 1);
        let years = |part: &str, min: u8| {
            let refused = Violation::new(format!("{at}/{part}"), ViolationCode::OutOfRange);
            refused.with("min", min).with("max", MAX_YEARS)
        };
        match self {
            Self::Service => {}
            Self::Status(any) => {
                violations.check(any.is_empty(), || few("statuses"));
                once(&format!("{at}/statuses"), any, violations);
            }
            Self::Education(any) => {
                violations.check(any.is_empty(), || few("education"));
                once(&format!("{at}/education"), any, violations);
            }
            Self::Age(most) => violations.check(!(1..=MAX_YEARS).contains(most), || years("years", 1)),
            Self::Tenure(least) => violations.check(!(1..=MAX_YEARS).contains(least), || years("years", 1)),
            Self::Experience(paths) => {
                violations.check(paths.is_empty(), || few("paths"));
                for (index, path) in paths.iter().enumerate() {
                    let classes = format!("paths/{index}/job_classes");
                    violations.check(path.job_classes.is_empty(), || few(&classes));
                    once(&format!("{at}/{classes}"), &path.job_classes, violations);
                    violations.check(path.years > MAX_YEARS, || years(&format!("paths/{index}/years"), 0));
                }
            }
            Self::Match(category) => violations.check(category.purpose() != Purpose::Filling, || {
                Violation::new(format!("{at}/category"), ViolationCode::NotAllowedValue)
            }),
        }
    }
}

/// What is named twice is a slip, and whoever adds up what is named would count it twice.
fn once<T: PartialEq>(at: &str, named: &[T], violations: &mut Violations) {
    for (index, one) in named.iter().enumerate() {
        violations.check(named.iter().take(index).any(|earlier| earlier == one), || {
            Violation::new(format!("{at}/{index}"), ViolationCode::Duplicate)
        });
    }
}

impl EligibilityRubric {
    /// The rules for positions of a class.
    #[must_use]
    pub fn rules_for(&self, job_class: JobClass) -> ClassRules {
        self.classes.get(&job_class).cloned().unwrap_or_default()
    }
}

/// A stay in a position, or out of any.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Spell {
    /// The position; none when they were released from any.
    pub position: Option<PositionId>,
    /// Its job class.
    pub job_class: Option<JobClass>,
    /// The first day.
    pub from: NaiveDate,
    /// The day after the last one; at most the day after the one asked about.
    pub until: NaiveDate,
}

impl Spell {
    const fn days(&self) -> i64 {
        self.until.signed_duration_since(self.from).num_days()
    }
}

/// What the rules look at in a person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PersonFacts {
    /// Who.
    pub employee: EmployeeId,
    /// Their name, which settles ties.
    pub name: Name,
    /// Their standing.
    pub status: EmployeeStatus,
    /// Their highest education, if on record.
    pub education: Option<Education>,
    /// Their birthday, as their number has it.
    pub born_on: Option<NaiveDate>,
    /// Since when they serve.
    pub appointed_on: Option<NaiveDate>,
    /// Their stays up to the day asked about, earliest first, as known.
    pub career: Vec<Spell>,
}

impl PersonFacts {
    /// The stay of the day asked about.
    #[must_use]
    pub fn present(&self) -> Option<&Spell> {
        self.career.last()
    }

    fn served(&self, path: &CareerPath) -> i64 {
        let counts = |spell: &&Spell| spell.job_class.is_some_and(|class| path.job_classes.contains(&class));
        self.career.iter().filter(counts).map(Spell::days).sum()
    }

    /// Days of service before the first stay on record; nothing is known of them. None when it is not known how many.
    fn unrecorded(&self, day: NaiveDate) -> Option<i64> {
        let first = self.career.first().map_or_else(|| after(day), |spell| spell.from);
        self.appointed_on.map(|appointed| (first - appointed).num_days().max(0))
    }
}

/// The day after.
fn after(day: NaiveDate) -> NaiveDate {
    day.succ_opt().unwrap_or(day)
}

wire_enum! {
    /// What a rule says of somebody.
    pub enum Verdict {
        /// It is met.
        Passed = "PASSED",
        /// It is not.
        Failed = "FAILED",
        /// What is on record does not tell.
        Unknown = "UNKNOWN",
    }
}

wire_enum! {
    /// Why a rule says so, beyond the figures.
    pub enum Reason {
        /// The figures tell.
        Compared = "COMPARED",
        /// What it looks at is not on record.
        NotRecorded = "NOT_RECORDED",
        /// They were released from any position.
        Released = "RELEASED",
        /// What is on record is too little, and service before the history begins could make up for it.
        HistoryIncomplete = "HISTORY_INCOMPLETE",
        /// A competency has no valid evidence, so there is no match to compare.
        MatchIncomplete = "MATCH_INCOMPLETE",
    }
}

/// What a rule saw.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Seen {
    /// Their standing.
    pub status: Option<EmployeeStatus>,
    /// Their education.
    pub education: Option<Education>,
    /// Their age in full years.
    pub age: Option<i32>,
    /// Days served: on the best way, or in the present position.
    pub days: Option<i64>,
    /// Days asked for: on that way, or in the present position.
    pub days_required: Option<i64>,
    /// Days of service before the history on record begins.
    pub days_unrecorded: Option<i64>,
    /// Their category.
    pub category: Option<Category>,
}

/// What one rule says of one person, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RuleTerm {
    /// Which rule.
    pub kind: RuleKind,
    /// Whether it decides.
    pub binding: bool,
    /// What it says.
    pub verdict: Verdict,
    /// Why.
    pub reason: Reason,
    /// From what.
    pub seen: Seen,
}

/// The earliest birthday of those who are at most `years` old on `day`.
pub(crate) fn born_from(day: NaiveDate, years: u8) -> NaiveDate {
    let year = day.year() - i32::from(years);
    // 29 February in a year that has none: who was born on the 28th is already older.
    day.with_year(year).or_else(|| NaiveDate::from_ymd_opt(year, 3, 1)).unwrap_or(NaiveDate::MIN)
}

fn compared(pass: bool) -> (Verdict, Reason) {
    (if pass { Verdict::Passed } else { Verdict::Failed }, Reason::Compared)
}

const NOT_RECORDED: (Verdict, Reason) = (Verdict::Unknown, Reason::NotRecorded);

/// What `rule` says of a person on `day`.
pub(crate) fn judge(
    rule: &EligibilityRule,
    person: &PersonFacts,
    jpm: &JpmOutcome,
    day: NaiveDate,
) -> RuleTerm {
    let ((verdict, reason), seen) = match &rule.demand {
        Demand::Service => {
            let found = match person.present() {
                Some(spell) if spell.position.is_some() => compared(true),
                Some(_) => (Verdict::Failed, Reason::Released),
                None => NOT_RECORDED,
            };
            (found, Seen::default())
        }
        Demand::Status(any) => {
            (compared(any.contains(&person.status)), Seen { status: Some(person.status), ..Seen::default() })
        }
        Demand::Education(any) => {
            let found = person.education.map_or(NOT_RECORDED, |education| compared(any.contains(&education)));
            (found, Seen { education: person.education, ..Seen::default() })
        }
        Demand::Age(most) => {
            let found = person.born_on.map_or(NOT_RECORDED, |born| compared(add_years(born, *most) >= day));
            (found, Seen { age: person.born_on.map(|born| age(born, day)), ..Seen::default() })
        }
        Demand::Experience(paths) => experience(paths, person, day),
        Demand::Tenure(years) => {
            let required = i64::from(*years) * YEAR;
            let held = person.present().filter(|spell| spell.position.is_some()).map(Spell::days);
            let found = held.map_or(NOT_RECORDED, |days| compared(days >= required));
            (found, Seen { days: held, days_required: Some(required), ..Seen::default() })
        }
        Demand::Match(least) => {
            let found = match jpm.category {
                // Categories of one purpose are in falling order.
                Some(category) => compared(category <= *least),
                None => (Verdict::Unknown, Reason::MatchIncomplete),
            };
            (found, Seen { category: jpm.category, ..Seen::default() })
        }
    };
    RuleTerm { kind: rule.demand.kind(), binding: rule.binding, verdict, reason, seen }
}

fn experience(paths: &[CareerPath], person: &PersonFacts, day: NaiveDate) -> ((Verdict, Reason), Seen) {
    let ways: Vec<(i64, i64)> = paths.iter().map(|path| (path.days(), person.served(path))).collect();
    // The way shown is the one they have come farthest on, not the one that lacks the fewest days.
    let farthest =
        ways.iter().copied().reduce(|one, other| if other.1 * one.0 > one.1 * other.0 { other } else { one });
    let Some((required, served)) = farthest else { return (compared(true), Seen::default()) };
    let unrecorded = person.unrecorded(day);
    let met_with = |more: i64| ways.iter().any(|(required, served)| served + more >= *required);
    let found = if met_with(0) {
        compared(true)
    } else if unrecorded.is_none_or(met_with) {
        (Verdict::Unknown, Reason::HistoryIncomplete)
    } else {
        compared(false)
    };
    let seen = Seen {
        days: Some(served),
        days_required: Some(required),
        days_unrecorded: unrecorded,
        ..Seen::default()
    };
    (found, seen)
}

/// Full years on `day`.
fn age(born: NaiveDate, day: NaiveDate) -> i32 {
    let years = day.year() - born.year();
    let had = (day.month(), day.day()) >= (born.month(), born.day());
    if had { years } else { years - 1 }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::policy::JpmMethod;
    use crate::{JpmItem, job_person_match, reference};
    use chrono::Days;
    use kernel::{Code, Hundredths, Level};
    use proptest::prelude::*;

    fn day(y: i32, m: u32, d: u32) -> NaiveDate {
        NaiveDate::from_ymd_opt(y, m, d).unwrap()
    }

    fn rule(demand: Demand) -> EligibilityRule {
        let source = LongText::parse("SK").unwrap();
        EligibilityRule { demand, binding: true, confidence: Confidence::Found, source }
    }

    fn jpm(achieved: Option<i64>) -> JpmOutcome {
        let [ratio, _] = reference::jpm_policies();
        assert_eq!(ratio.rubric.method, JpmMethod::RatioOfSums);
        let item = JpmItem {
            code: Code::parse("A").unwrap(),
            required: Level::new(4).unwrap(),
            achieved: achieved.and_then(Level::new),
            weight: Hundredths::ONE,
        };
        job_person_match(&ratio.rubric, Purpose::Filling, &[item]).unwrap()
    }

    fn person() -> PersonFacts {
        PersonFacts {
            employee: EmployeeId::new(),
            name: Name::parse("Contoh").unwrap(),
            status: EmployeeStatus::Pns,
            education: Some(Education::S1),
            born_on: Some(day(1970, 2, 28)),
            appointed_on: Some(day(2020, 1, 1)),
            career: vec![spell(Some(JobClass::Pengawas), day(2020, 1, 1), day(2026, 7, 2))],
        }
    }

    fn spell(job_class: Option<JobClass>, from: NaiveDate, until: NaiveDate) -> Spell {
        Spell { position: job_class.map(|_| PositionId::new()), job_class, from, until }
    }

    fn verdict(demand: Demand, person: &PersonFacts, on: NaiveDate) -> (Verdict, Reason) {
        let term = judge(&rule(demand), person, &jpm(None), on);
        (term.verdict, term.reason)
    }

    const TODAY: (i32, u32, u32) = (2026, 7, 1);

    #[test]
    fn what_is_not_on_record_is_unknown_and_never_failed() {
        let today = day(TODAY.0, TODAY.1, TODAY.2);
        let nobody = PersonFacts {
            education: None,
            born_on: None,
            appointed_on: None,
            career: Vec::new(),
            ..person()
        };
        let path = CareerPath { job_classes: vec![JobClass::Pengawas], years: 3 };
        for demand in [
            Demand::Service,
            Demand::Education(vec![Education::S1]),
            Demand::Age(56),
            Demand::Experience(vec![path]),
            Demand::Tenure(2),
            Demand::Match(Category::Mms),
        ] {
            assert_eq!(verdict(demand.clone(), &nobody, today).0, Verdict::Unknown, "{demand:?}");
        }
    }

    #[test]
    fn whoever_was_released_serves_nowhere() {
        let today = day(TODAY.0, TODAY.1, TODAY.2);
        let mut left = person();
        left.career.push(spell(None, day(2026, 1, 1), day(2026, 7, 2)));
        assert_eq!(verdict(Demand::Service, &left, today), (Verdict::Failed, Reason::Released));
        assert_eq!(verdict(Demand::Tenure(1), &left, today), NOT_RECORDED);
        assert_eq!(verdict(Demand::Service, &person(), today), compared(true));
    }

    #[test]
    fn an_age_lasts_to_the_birthday() {
        let of = |on| verdict(Demand::Age(56), &person(), on).0;
        assert_eq!([of(day(2026, 2, 28)), of(day(2026, 3, 1))], [Verdict::Passed, Verdict::Failed]);
        let term = judge(&rule(Demand::Age(56)), &person(), &jpm(None), day(2026, 2, 27));
        assert_eq!(term.seen.age, Some(55));
    }

    #[test]
    fn experience_adds_up_over_a_path_and_the_best_path_counts() {
        let on = day(2026, 7, 1);
        let mut career = vec![
            spell(Some(JobClass::Pelaksana), day(2020, 1, 1), day(2021, 1, 1)),
            spell(Some(JobClass::Pengawas), day(2021, 1, 1), day(2022, 1, 1)),
            spell(Some(JobClass::JfAhliMuda), day(2022, 1, 1), day(2023, 1, 1)),
            spell(Some(JobClass::Pelaksana), day(2023, 1, 1), day(2026, 7, 2)),
        ];
        let person = |career: &[Spell]| PersonFacts { career: career.to_vec(), ..person() };
        let both = |years| CareerPath { job_classes: vec![JobClass::Pengawas, JobClass::JfAhliMuda], years };
        let of = |paths: Vec<CareerPath>, career: &[Spell]| {
            judge(&rule(Demand::Experience(paths)), &person(career), &jpm(None), on)
        };
        let enough = of(vec![both(2)], &career);
        assert_eq!(
            (enough.verdict, enough.seen.days, enough.seen.days_required),
            (Verdict::Passed, Some(730), Some(730))
        );
        let short = of(vec![both(3)], &career);
        assert_eq!((short.verdict, short.seen.days_unrecorded), (Verdict::Failed, Some(0)));
        let either =
            of(vec![both(3), CareerPath { job_classes: vec![JobClass::Pelaksana], years: 4 }], &career);
        assert_eq!((either.verdict, either.seen.days_required), (Verdict::Passed, Some(1460)));
        // A year of service nobody wrote down may have been spent in such a position.
        career.remove(0);
        let hidden = of(vec![both(3)], &career);
        assert_eq!((hidden.verdict, hidden.reason), (Verdict::Unknown, Reason::HistoryIncomplete));
        assert_eq!(hidden.seen.days_unrecorded, Some(366));
        assert_eq!(of(vec![both(4)], &career).verdict, Verdict::Failed);
        assert_eq!(of(vec![both(0)], &career).seen.days_required, Some(1));
    }

    #[test]
    fn a_match_needs_every_level_and_a_category_as_good_as_demanded() {
        let on = day(2026, 7, 1);
        let of = |achieved, least| {
            let term = judge(&rule(Demand::Match(least)), &person(), &jpm(achieved), on);
            (term.verdict, term.reason)
        };
        assert_eq!(of(Some(4), Category::Ms), compared(true));
        assert_eq!(of(Some(3), Category::Ms), compared(false));
        assert_eq!(of(Some(3), Category::Mms), compared(true));
        assert_eq!(of(Some(2), Category::Mms), compared(false));
        assert_eq!(of(None, Category::Kms), (Verdict::Unknown, Reason::MatchIncomplete));
    }

    #[test]
    fn a_rubric_has_every_class_and_each_kind_of_rule_once() {
        let mut rubric = reference::eligibility_policy().rubric;
        assert_eq!(rubric.check(), Ok(()));
        rubric.classes.remove(&JobClass::JptUtama);
        let rules = &mut rubric.classes.get_mut(&JobClass::Pengawas).unwrap().rules;
        *rules = vec![
            rule(Demand::Status(vec![])),
            rule(Demand::Status(vec![EmployeeStatus::Pns])),
            rule(Demand::Age(0)),
            rule(Demand::Experience(vec![CareerPath { job_classes: vec![], years: 100 }])),
            rule(Demand::Match(Category::Optimal)),
        ];
        let found: Vec<_> = rubric.check().unwrap_err().into_iter().map(|v| (v.pointer, v.code)).collect();
        let at = |part: &str| format!("/classes/PENGAWAS/rules/{part}");
        assert_eq!(
            found,
            [
                ("/classes/JPT_UTAMA".to_owned(), ViolationCode::Required),
                (at("0/statuses"), ViolationCode::TooFew),
                (at("1"), ViolationCode::Duplicate),
                (at("2/years"), ViolationCode::OutOfRange),
                (at("3/paths/0/job_classes"), ViolationCode::TooFew),
                (at("3/paths/0/years"), ViolationCode::OutOfRange),
                (at("4/category"), ViolationCode::NotAllowedValue),
            ]
        );
    }

    #[test]
    fn nothing_is_named_twice_in_a_rule() {
        let mut rubric = reference::eligibility_policy().rubric;
        let twice = vec![JobClass::Pelaksana, JobClass::Pengawas, JobClass::Pelaksana];
        rubric.classes.get_mut(&JobClass::Pengawas).unwrap().rules = vec![
            rule(Demand::Status(vec![EmployeeStatus::Pns; 2])),
            rule(Demand::Education(vec![Education::S1, Education::S2, Education::S1, Education::S1])),
            rule(Demand::Experience(vec![CareerPath { job_classes: twice, years: 22 }])),
        ];
        let found: Vec<_> = rubric.check().unwrap_err().into_iter().map(|v| (v.pointer, v.code)).collect();
        let at = ["0/statuses/1", "1/education/2", "1/education/3", "2/paths/0/job_classes/2"];
        assert_eq!(found, at.map(|at| (format!("/classes/PENGAWAS/rules/{at}"), ViolationCode::Duplicate)));
    }

    #[test]
    fn a_rubric_is_stored_by_name() {
        let rubric = reference::eligibility_policy().rubric;
        let document = serde_json::to_value(&rubric).unwrap();
        assert_eq!(document["classes"]["ADMINISTRATOR"]["rules"][1]["demand"]["STATUS"][0], "PNS");
        assert_eq!(serde_json::from_value::<EligibilityRubric>(document).unwrap(), rubric);
    }

    proptest! {
        #[test]
        fn the_earliest_birthday_is_where_the_rule_turns(offset in 0_u64..20_000, years in 1_u8..=99) {
            let on = day(1990, 1, 1) + Days::new(offset);
            let first = born_from(on, years);
            prop_assert!(add_years(first, years) >= on);
            prop_assert!(add_years(first.pred_opt().unwrap(), years) < on);
        }
    }
}
