//! The ledger of learning hours (jam pelajaran, JP): what was credited to a person, what was taken back, and how that
//! stands against the floor and the ceiling of a year.
//!
//! Nothing in a ledger is ever changed. A wrong entry is taken back by a counter-entry, and a right one follows it.

use std::collections::BTreeSet;

use chrono::{DateTime, Datelike, NaiveDate, Utc};
use competency::{Confidence, PolicyKind, PolicyRef, PolicyVersion, Rubric};
use kernel::{
    Code, EmployeeId, Hundredths, JpEntryId, LongText, Name, Period, UserId, Violation, ViolationCode,
    Violations, add_years, wire_enum,
};
use serde::{Deserialize, Serialize};
use uuid::Uuid;
use workforce::{EmployeeStatus, JobClass};

mod rooms;

pub use rooms::JpRooms;

/// The name of the policy of floors and ceilings.
pub const JP_TARGET_POLICY: &str = "JP_TARGET";

/// The most hours one entry may hold: a year of further study has fewer.
pub const MOST_JP: Hundredths = Hundredths::from_count(200_000);

wire_enum! {
    /// What an entry does.
    pub enum JpEntryKind {
        /// Hours earned.
        Credit = "CREDIT",
        /// Takes a wrong entry back: the same hours below zero.
        Reversal = "REVERSAL",
        /// What the wrong entry should have said.
        Replacement = "REPLACEMENT",
    }
}

wire_enum! {
    /// Where hours come from.
    pub enum JpSource {
        /// A class or an activity that was completed.
        Completion = "COMPLETION",
        /// Learning that somebody logged themselves, once verified.
        OwnLearning = "OWN_LEARNING",
        /// Training that was held, and verified, before it was recorded here.
        TrainingRecord = "TRAINING_RECORD",
    }
}

wire_enum! {
    /// By what the hours were counted.
    pub enum JpEntryBasis {
        /// The certificate states them, and wins.
        Certificate = "CERTIFICATE",
        /// By the conversion of the form (konversi JP).
        Conversion = "CONVERSION",
        /// The record it was taken over from states them, without a certificate.
        Record = "RECORD",
        /// By whoever corrected the entry, with a reason.
        Correction = "CORRECTION",
    }
}

/// Hours that may be below zero, in hundredths.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct JpSum(i64);

impl JpSum {
    /// None.
    pub const ZERO: Self = Self(0);

    /// From a count of hundredths.
    #[must_use]
    pub const fn from_count(count: i64) -> Self {
        Self(count)
    }

    /// The count of hundredths.
    #[must_use]
    pub const fn count(self) -> i64 {
        self.0
    }

    /// The same below zero.
    #[must_use]
    pub const fn taken_back(self) -> Self {
        Self(self.0.saturating_neg())
    }

    /// What is missing to `target`, if anything.
    #[must_use]
    pub fn short_of(self, target: Hundredths) -> Hundredths {
        let missing = i64::from(target.count()).saturating_sub(self.0);
        Hundredths::from_count(u32::try_from(missing.max(0)).unwrap_or(u32::MAX))
    }

    /// What lies above `limit`, if anything.
    #[must_use]
    pub fn over(self, limit: Hundredths) -> Hundredths {
        let more = self.0.saturating_sub(i64::from(limit.count()));
        Hundredths::from_count(u32::try_from(more.max(0)).unwrap_or(u32::MAX))
    }

    /// The number for a JSON reply.
    #[must_use]
    #[expect(
        clippy::as_conversions,
        clippy::cast_precision_loss,
        reason = "a ledger holds far fewer hours than a double has digits for"
    )]
    pub fn to_f64(self) -> f64 {
        self.0 as f64 / 100.0
    }
}

impl From<Hundredths> for JpSum {
    fn from(jp: Hundredths) -> Self {
        Self(i64::from(jp.count()))
    }
}

impl std::ops::Add for JpSum {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self(self.0.saturating_add(other.0))
    }
}

impl std::iter::Sum for JpSum {
    fn sum<I: Iterator<Item = Self>>(all: I) -> Self {
        all.fold(Self::ZERO, std::ops::Add::add)
    }
}

/// A certificate as it was shown: its number, and the same without what people write differently.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UsedCertificate {
    /// The number as written.
    pub number: Name,
    /// The day on it.
    pub issued_on: NaiveDate,
    /// The last day it is valid; none when it does not expire.
    pub valid_until: Option<NaiveDate>,
}

impl UsedCertificate {
    /// What two writings of one number have in common: letters in capitals, and digits; blanks, dots, dashes and strokes are
    /// dropped.
    ///
    /// # Errors
    /// `InvalidFormat` with an empty pointer for a number without any letter or digit.
    pub fn key(&self) -> Result<String, Violation> {
        certificate_key(&self.number)
    }
}

/// See [`UsedCertificate::key`].
///
/// # Errors
/// `InvalidFormat` with an empty pointer.
pub fn certificate_key(number: &Name) -> Result<String, Violation> {
    let kept = number.as_str().chars().filter(|c| c.is_alphanumeric());
    let key: String = kept.flat_map(char::to_uppercase).collect();
    if key.is_empty() { Err(Violation::new("", ViolationCode::InvalidFormat)) } else { Ok(key) }
}

/// One entry of somebody's ledger.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JpEntry {
    /// The identifier.
    pub id: JpEntryId,
    /// Whose.
    pub employee: EmployeeId,
    /// What it does.
    pub kind: JpEntryKind,
    /// Where the hours come from.
    pub source: JpSource,
    /// The completion (an enrolment, an activity), the own learning or the record of training.
    pub source_id: Uuid,
    /// The day the learning ended, in the agency; its year is the ledger's.
    pub earned_on: NaiveDate,
    /// The hours; below zero in a counter-entry.
    pub jp: JpSum,
    /// By what they were counted.
    pub basis: JpEntryBasis,
    /// What was learned.
    pub title: Name,
    /// Code of the form (bentuk pengembangan), where it is known.
    pub form: Option<Code>,
    /// The certificate.
    pub certificate: Option<UsedCertificate>,
    /// The entry this one takes back or replaces.
    pub corrects: Option<JpEntryId>,
    /// Why it was corrected.
    pub reason: Option<LongText>,
    /// When it was recorded.
    pub recorded_at: DateTime<Utc>,
    /// By whom; none for the system's own work.
    pub recorded_by: Option<UserId>,
}

/// Why an entry cannot be corrected.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum JpLedgerError {
    /// It was taken back before.
    #[error("the entry was taken back before")]
    Reversed,
    /// A counter-entry takes back another one, and stands.
    #[error("a counter-entry is not taken back itself")]
    CounterEntry,
    /// It says so already.
    #[error("the entry has these hours already")]
    Unchanged,
    /// Whoever asks is the person.
    #[error("nobody decides on their own hours")]
    Oneself,
    /// A ceiling that stops would be passed.
    #[error("the ceiling of the contract year would be passed")]
    Ceiling {
        /// By how much.
        over: Hundredths,
    },
}

impl JpLedgerError {
    /// The code clients see.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Reversed => "JP_ENTRY_REVERSED",
            Self::CounterEntry => "JP_ENTRY_COUNTER",
            Self::Unchanged => "JP_ENTRY_UNCHANGED",
            Self::Oneself => "JP_OWN_HOURS",
            Self::Ceiling { .. } => "JP_CEILING",
        }
    }
}

impl JpEntry {
    /// The year whose ledger it stands in.
    #[must_use]
    pub fn year(&self) -> i32 {
        self.earned_on.year()
    }

    /// Whether its hours count on `day`: what rests on a certificate that has expired does not.
    #[must_use]
    pub fn counts_on(&self, day: NaiveDate) -> bool {
        let valid_until = self.certificate.as_ref().and_then(|certificate| certificate.valid_until);
        valid_until.is_none_or(|last| day <= last)
    }

    /// The entries that make this one say `jp`: one that takes it back, and unless nothing is left one that replaces it.
    /// `reversed` is whether another one took it back before.
    ///
    /// # Errors
    /// [`JpLedgerError`].
    pub fn correct(
        &self,
        reversed: bool,
        jp: Hundredths,
        reason: &LongText,
        by: UserId,
        at: DateTime<Utc>,
    ) -> Result<Vec<Self>, JpLedgerError> {
        if self.kind == JpEntryKind::Reversal {
            return Err(JpLedgerError::CounterEntry);
        }
        if reversed {
            return Err(JpLedgerError::Reversed);
        }
        if self.jp == JpSum::from(jp) {
            return Err(JpLedgerError::Unchanged);
        }
        let next = |kind, jp, basis| Self {
            id: JpEntryId::new(),
            kind,
            jp,
            basis,
            corrects: Some(self.id),
            reason: Some(reason.clone()),
            recorded_at: at,
            recorded_by: Some(by),
            ..self.clone()
        };
        let back = next(JpEntryKind::Reversal, self.jp.taken_back(), self.basis);
        let right =
            (jp.count() > 0).then(|| next(JpEntryKind::Replacement, jp.into(), JpEntryBasis::Correction));
        Ok([back].into_iter().chain(right).collect())
    }
}

wire_enum! {
    /// Whether a rule asks for hours or bounds them.
    pub enum JpBound {
        /// At least so many: a floor.
        AtLeast = "AT_LEAST",
        /// At most so many: a ceiling.
        AtMost = "AT_MOST",
    }
}

wire_enum! {
    /// What a rule's hours are counted over.
    pub enum JpSpan {
        /// January to December.
        CalendarYear = "CALENDAR_YEAR",
        /// Twelve months from the day the contract began, and so on.
        ContractYear = "CONTRACT_YEAR",
    }
}

wire_enum! {
    /// What happens when a ceiling is passed.
    pub enum JpEnforcement {
        /// It is shown.
        Warn = "WARN",
        /// What would pass it is refused where somebody decides: verifying own learning, completing an activity, raising an
        /// entry, activating a plan.
        Stop = "STOP",
    }
}

wire_enum! {
    /// What a floor asks of somebody who has the standing for a part of the year.
    pub enum JpPartYear {
        /// All of it.
        Full = "FULL",
        /// The share of their days in it.
        ProRata = "PRO_RATA",
    }
}

/// One floor or ceiling.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct JpRule {
    /// Whom it is about.
    pub statuses: Vec<EmployeeStatus>,
    /// Floor or ceiling.
    pub bound: JpBound,
    /// The hours.
    pub jp: Hundredths,
    /// What they are counted over.
    pub span: JpSpan,
    /// What happens when a ceiling is passed; a floor only warns.
    pub enforcement: JpEnforcement,
    /// What is asked for a part of a year.
    pub part_year: JpPartYear,
    /// Job classes it is not about.
    pub exempt: Vec<JobClass>,
    /// Where it comes from.
    pub source: LongText,
    /// How sure that is.
    pub confidence: Confidence,
}

/// The rubric of floors and ceilings.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct JpTargetRubric {
    /// The rules, in the order they are shown.
    pub rules: Vec<JpRule>,
}

impl JpTargetRubric {
    /// The most rules a rubric may have.
    pub const MOST_RULES: usize = 20;

    /// The rule of one bound and span for somebody of this standing and job class.
    #[must_use]
    pub fn rule(&self, bound: JpBound, status: EmployeeStatus, class: Option<JobClass>) -> Option<&JpRule> {
        self.rules.iter().find(|rule| rule.bound == bound && rule.is_about(status, class))
    }
}

impl JpRule {
    /// Whether it is about somebody of this standing and job class.
    #[must_use]
    pub fn is_about(&self, status: EmployeeStatus, class: Option<JobClass>) -> bool {
        self.statuses.contains(&status) && class.is_none_or(|class| !self.exempt.contains(&class))
    }
}

impl Rubric for JpTargetRubric {
    const KIND: PolicyKind = PolicyKind::JpTarget;

    /// At least one rule; each standing has at most one floor and one ceiling; a floor only warns; hours above zero.
    fn check(&self) -> Result<(), Vec<Violation>> {
        let mut found = Violations::new();
        found.check(self.rules.is_empty(), || Violation::new("/rules", ViolationCode::TooFew).with("min", 1));
        found.check(self.rules.len() > Self::MOST_RULES, || {
            Violation::new("/rules", ViolationCode::TooMany).with("max", Self::MOST_RULES)
        });
        let mut seen = BTreeSet::new();
        for (index, rule) in self.rules.iter().enumerate() {
            let at = format!("/rules/{index}");
            found.check(rule.statuses.is_empty(), || {
                Violation::new(format!("{at}/statuses"), ViolationCode::TooFew).with("min", 1)
            });
            for (place, status) in rule.statuses.iter().enumerate() {
                found.check(!seen.insert((rule.bound, *status)), || {
                    Violation::new(format!("{at}/statuses/{place}"), ViolationCode::Duplicate)
                });
            }
            found.check(rule.jp.count() == 0 || rule.jp > MOST_JP, || {
                Violation::new(format!("{at}/jp"), ViolationCode::OutOfRange)
                    .with("min", "0.01")
                    .with("max", MOST_JP)
            });
            found.check(rule.bound == JpBound::AtLeast && rule.enforcement == JpEnforcement::Stop, || {
                Violation::new(format!("{at}/enforcement"), ViolationCode::Inconsistent)
            });
        }
        found.finish()
    }
}

/// The national rubric of floors and ceilings.
#[must_use]
pub fn jp_target_policy() -> competency::reference::ReferencePolicy<JpTargetRubric> {
    let text = |text: &str| LongText::stored(text.to_owned());
    let rule = |statuses: &[EmployeeStatus], bound, jp: u32, span, exempt: &[JobClass]| JpRule {
        statuses: statuses.to_vec(),
        bound,
        jp: Hundredths::from_count(jp * 100),
        span,
        enforcement: JpEnforcement::Warn,
        part_year: JpPartYear::Full,
        exempt: exempt.to_vec(),
        source: text("PP 11/2017 Pasal 203(4)"),
        confidence: Confidence::Found,
    };
    let ceiling = |statuses: &[EmployeeStatus]| JpRule {
        source: text("PP 49/2018 Pasal 39-40"),
        ..rule(statuses, JpBound::AtMost, 24, JpSpan::ContractYear, &[JobClass::JptUtama, JobClass::JptMadya])
    };
    competency::reference::ReferencePolicy {
        name: JP_TARGET_POLICY,
        rubric: JpTargetRubric {
            rules: vec![
                rule(&[EmployeeStatus::Pns], JpBound::AtLeast, 20, JpSpan::CalendarYear, &[]),
                JpRule {
                    source: text(
                        "PP 11/2017 Pasal 203(4), which names PNS; that it holds on probation is inferred",
                    ),
                    confidence: Confidence::Disputed,
                    part_year: JpPartYear::ProRata,
                    ..rule(&[EmployeeStatus::Cpns], JpBound::AtLeast, 20, JpSpan::CalendarYear, &[])
                },
                ceiling(&[EmployeeStatus::Pppk]),
                JpRule {
                    source: text("PP 49/2018 Pasal 39-40; that it holds for part-time contracts is inferred"),
                    confidence: Confidence::Disputed,
                    ..ceiling(&[EmployeeStatus::PppkParuhWaktu])
                },
            ],
        },
        source: "PP 11/2017 Pasal 203(4); PP 49/2018 Pasal 39-40",
    }
}

/// A time somebody had one standing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ServiceSpell {
    /// The standing.
    pub status: EmployeeStatus,
    /// The day the appointment took effect (TMT), where it is on record: contract years count from it.
    pub appointed_on: Option<NaiveDate>,
    /// The last day; none while it lasts.
    pub last: Option<NaiveDate>,
}

/// The spells of a career with the days each covers: from the day after the one before, or from the appointment where that is
/// later.
fn spells_with_days(spells: &[ServiceSpell]) -> Vec<(ServiceSpell, Period)> {
    let mut before: Option<NaiveDate> = None;
    let mut days = Vec::with_capacity(spells.len());
    for spell in spells {
        let follows = before.and_then(|last| last.succ_opt());
        let from = spell.appointed_on.into_iter().chain(follows).max().unwrap_or(NaiveDate::MIN);
        days.push((*spell, Period { from, last: spell.last }));
        before = spell.last;
    }
    days
}

/// The contract year that holds `day`, of a contract that began on `began`; none before it.
#[must_use]
pub fn contract_year(began: NaiveDate, day: NaiveDate) -> Option<Period> {
    if day < began {
        return None;
    }
    let years = u8::try_from(day.year() - began.year()).ok()?;
    let at = |years: u8| add_years(began, years);
    let nth = if at(years) <= day { years } else { years.checked_sub(1)? };
    Some(Period { from: at(nth), last: at(nth.checked_add(1)?).pred_opt() })
}

/// January to December.
#[must_use]
pub fn calendar_year(year: i32) -> Period {
    let day = |month, day| NaiveDate::from_ymd_opt(year, month, day);
    Period { from: day(1, 1).unwrap_or(NaiveDate::MIN), last: day(12, 31) }
}

/// What both cover, if anything.
fn common(one: Period, other: Period) -> Option<Period> {
    let last = match (one.last, other.last) {
        (Some(one), Some(other)) => Some(one.min(other)),
        (one, other) => one.or(other),
    };
    let from = one.from.max(other.from);
    last.is_none_or(|last| from <= last).then_some(Period { from, last })
}

/// Days of a period that ends.
fn length(period: Period) -> i64 {
    period.last.map_or(0, |last| (last - period.from).num_days() + 1)
}

/// Everything a ledger is made from.
#[derive(Clone, Debug)]
pub struct LedgerFacts<'a> {
    /// The year.
    pub year: i32,
    /// The day in the agency.
    pub today: NaiveDate,
    /// The person's standings, earliest first; the last one lasts.
    pub spells: &'a [ServiceSpell],
    /// The class of the position held, where one is.
    pub job_class: Option<JobClass>,
    /// The entries of the year, and those of contract years that reach into it.
    pub entries: &'a [JpEntry],
    /// The floors and ceilings.
    pub policy: &'a PolicyVersion<JpTargetRubric>,
}

/// How hours stand against one rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JpTerm {
    /// The rule.
    pub rule: JpRule,
    /// The standing it follows from.
    pub status: EmployeeStatus,
    /// The days whose hours are counted.
    pub period: Period,
    /// The hours asked for or allowed: the rule's, or for a part of a year its share.
    pub jp: Hundredths,
    /// The hours counted.
    pub counted: JpSum,
    /// What is missing to a floor.
    pub short: Hundredths,
    /// What lies above a ceiling.
    pub over: Hundredths,
    /// Days left to earn in, today included; none once the period is over.
    pub days_left: i64,
}

/// A year of somebody's ledger.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JpLedger {
    /// The year.
    pub year: i32,
    /// The day by which it was counted: today, or the last day of a year that is over.
    pub as_of: NaiveDate,
    /// The year's hours that count on that day.
    pub counted: JpSum,
    /// The year's hours that rest on certificates that have expired.
    pub expired: JpSum,
    /// How they stand against the rules.
    pub terms: Vec<JpTerm>,
    /// The rubric.
    pub policy: PolicyRef,
}

/// The day by which a year is counted: today, but never a day outside it.
#[must_use]
pub fn counted_as_of(year: i32, today: NaiveDate) -> NaiveDate {
    let Period { from, last } = calendar_year(year);
    today.clamp(from, last.unwrap_or(from).max(from))
}

impl LedgerFacts<'_> {
    /// How the year stands.
    #[must_use]
    pub fn ledger(&self) -> JpLedger {
        let as_of = counted_as_of(self.year, self.today);
        let year = calendar_year(self.year);
        let of_year = || self.entries.iter().filter(|entry| year.contains(entry.earned_on));
        let sum = |counts: bool| {
            of_year().filter(|entry| entry.counts_on(as_of) == counts).map(|entry| entry.jp).sum()
        };
        JpLedger {
            year: self.year,
            as_of,
            counted: sum(true),
            expired: sum(false),
            terms: self.terms(as_of),
            policy: self.policy.cite(),
        }
    }

    fn terms(&self, as_of: NaiveDate) -> Vec<JpTerm> {
        let year = calendar_year(self.year);
        let spells = spells_with_days(self.spells);
        let mut terms = Vec::new();
        for rule in &self.policy.rubric.rules {
            let of_rule = spells.iter().filter(|(spell, _)| rule.is_about(spell.status, self.job_class));
            for (spell, days) in of_rule {
                let Some(served) = common(*days, year) else { continue };
                match rule.span {
                    // One who has another standing by now is not held to what this one asks of a year any more.
                    JpSpan::CalendarYear if !days.contains(as_of) => {}
                    JpSpan::CalendarYear => {
                        let share = match rule.part_year {
                            JpPartYear::Full => rule.jp,
                            JpPartYear::ProRata => part_of(rule.jp, length(served), length(year)),
                        };
                        terms.push(self.term(rule, spell.status, year, share, as_of));
                    }
                    JpSpan::ContractYear => {
                        // Without a day on record a contract is taken to begin with the year.
                        let began = spell.appointed_on.unwrap_or(year.from);
                        let mut day = Some(served.from.max(began));
                        while let Some(at) = day.filter(|at| served.contains(*at)) {
                            let Some(whole) = contract_year(began, at) else { break };
                            let Some(period) = common(whole, *days) else { break };
                            terms.push(self.term(rule, spell.status, period, rule.jp, as_of));
                            day = whole.last.and_then(|last| last.succ_opt());
                        }
                    }
                }
            }
        }
        terms
    }

    fn term(
        &self,
        rule: &JpRule,
        status: EmployeeStatus,
        period: Period,
        jp: Hundredths,
        as_of: NaiveDate,
    ) -> JpTerm {
        let counted: JpSum = self
            .entries
            .iter()
            .filter(|entry| period.contains(entry.earned_on) && entry.counts_on(as_of))
            .map(|entry| entry.jp)
            .sum();
        let none = Hundredths::from_count(0);
        let (short, over) = match rule.bound {
            JpBound::AtLeast => (counted.short_of(jp), none),
            JpBound::AtMost => (none, counted.over(jp)),
        };
        let days_left = period.last.map_or(0, |last| {
            let from = self.today.max(period.from);
            if from > last { 0 } else { (last - from).num_days() + 1 }
        });
        JpTerm { rule: rule.clone(), status, period, jp, counted, short, over, days_left }
    }

    /// Whether `jp` more hours earned on `day` stay below every ceiling that stops.
    ///
    /// # Errors
    /// [`JpLedgerError::Ceiling`].
    pub fn admits(&self, day: NaiveDate, jp: Hundredths) -> Result<(), JpLedgerError> {
        let as_of = counted_as_of(self.year, self.today);
        let stops = |term: &&JpTerm| {
            term.rule.bound == JpBound::AtMost
                && term.rule.enforcement == JpEnforcement::Stop
                && term.period.contains(day)
        };
        let terms = self.terms(as_of);
        let over = terms.iter().filter(stops).map(|term| (term.counted + jp.into()).over(term.jp)).max();
        match over {
            Some(over) if over.count() > 0 => Err(JpLedgerError::Ceiling { over }),
            _ => Ok(()),
        }
    }
}

/// `jp` for `days` of `of`, rounded up to a hundredth.
fn part_of(jp: Hundredths, days: i64, of: i64) -> Hundredths {
    let share = (i64::from(jp.count()) * days + of - 1).checked_div(of).unwrap_or_default();
    Hundredths::from_count(u32::try_from(share).unwrap_or(jp.count()).min(jp.count()))
}

#[cfg(test)]
mod tests;
