//! Forms of development (bentuk pengembangan kompetensi) and what they are worth in learning hours, as versioned data.
//!
//! The 25 forms follow Peraturan LAN 10/2018; their codes, their share in 70:20:10 and the hours per unit are conventions of
//! regional systems. So everything here is a document an agency can replace, each part with its source and how sure it is.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{Datelike as _, NaiveDate};
use competency::{Confidence, PolicyKind, Rubric};
use kernel::{Code, Hundredths, LongText, Name, Violation, ViolationCode, Violations, wire_enum};
use serde::{Deserialize, Serialize};
use workforce::squeeze;

wire_enum! {
    /// Where a form takes place.
    pub enum Setting {
        /// Face to face in class.
        Klasikal = "KLASIKAL",
        /// At work or outside a class.
        Nonklasikal = "NONKLASIKAL",
    }
}

wire_enum! {
    /// The part of 70:20:10 a form belongs to.
    pub enum Share {
        /// Learning by experience.
        Seventy = "70",
        /// Learning with and from others.
        Twenty = "20",
        /// Formal learning.
        Ten = "10",
    }
}

wire_enum! {
    /// What hours are given for.
    pub enum ConversionUnit {
        /// Each day with at least one session.
        Day = "DAY",
        /// Each session.
        Session = "SESSION",
        /// Each activity, however long.
        Activity = "ACTIVITY",
    }
}

wire_enum! {
    /// The time within which a cap holds.
    pub enum CapPeriod {
        /// A calendar day.
        Day = "DAY",
        /// A calendar month.
        Month = "MONTH",
        /// A calendar year.
        Year = "YEAR",
    }
}

wire_enum! {
    /// Where a number of learning hours comes from.
    pub enum JpBasis {
        /// The certificate says so.
        Stated = "STATED",
        /// Units of the form, converted.
        Converted = "CONVERTED",
        /// Neither: the certificate is silent and the form is not converted.
        Unknown = "UNKNOWN",
    }
}

/// The most hours a form credits within a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Cap {
    /// Learning hours.
    pub jp: Hundredths,
    /// Within which time.
    pub per: CapPeriod,
}

impl Cap {
    /// The period a day lies in; days of one period have the same key.
    fn period(self, day: NaiveDate) -> (i32, u32) {
        match self.per {
            CapPeriod::Day => (day.year(), day.ordinal()),
            CapPeriod::Month => (day.year(), day.month()),
            CapPeriod::Year => (day.year(), 0),
        }
    }
}

/// How units of a form become learning hours.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Conversion {
    /// What the hours are given for.
    pub unit: ConversionUnit,
    /// Learning hours per unit.
    pub jp: Hundredths,
    /// Learning hours per unit of an international event, where that differs.
    pub jp_international: Option<Hundredths>,
    /// The most that counts.
    pub cap: Option<Cap>,
    /// How sure it is.
    pub confidence: Confidence,
    /// Where it comes from.
    pub source: LongText,
}

/// A form of development.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Form {
    /// Its code: `KL01`, `NKL12`.
    pub code: Code,
    /// Its Indonesian name.
    pub name: Name,
    /// An English gloss.
    pub name_en: Name,
    /// In class or not (bentuk).
    pub setting: Setting,
    /// Its part of 70:20:10 (porsi).
    pub share: Share,
    /// SIASN's `jenisDiklat`, 1 to 25.
    pub siasn_type: Option<u8>,
    /// How sure the setting, the share and SIASN's type are.
    pub confidence: Confidence,
    /// Where they come from.
    pub source: LongText,
    /// What a unit of it is worth; nothing where the curriculum alone says so.
    pub conversion: Option<Conversion>,
}

/// A number of learning hours with where it comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct JpCredit {
    /// Learning hours; nothing is known where there are none.
    pub jp: Option<Hundredths>,
    /// Where they come from.
    pub basis: JpBasis,
    /// Units counted, where units were.
    pub units: u32,
    /// Hours that a cap took away.
    pub capped: Hundredths,
}

impl Form {
    /// The highest `jenisDiklat` of SIASN.
    pub const SIASN_TYPES: u8 = 25;

    /// The learning hours of something done in this form.
    ///
    /// What the certificate states wins. Otherwise each unit counts: `units` has the day of every session or activity (two
    /// on one day are one [`ConversionUnit::Day`]).
    #[must_use]
    pub fn credit(&self, stated: Option<Hundredths>, units: &[NaiveDate], international: bool) -> JpCredit {
        if let Some(jp) = stated {
            return JpCredit {
                jp: Some(jp),
                basis: JpBasis::Stated,
                units: 0,
                capped: Hundredths::from_count(0),
            };
        }
        match &self.conversion {
            Some(conversion) => conversion.credit(units.iter().map(|day| (*day, international))),
            None => {
                JpCredit { jp: None, basis: JpBasis::Unknown, units: 0, capped: Hundredths::from_count(0) }
            }
        }
    }

    /// The learning hours something adds to what was done in this form before: a cap holds over all of it, whatever kind of
    /// record it stands in and whichever is decided first. None where the form is not converted.
    #[must_use]
    pub fn adds(&self, new: &FormUse, before: &[FormUse]) -> Option<Hundredths> {
        let conversion = self.conversion.as_ref()?;
        let units = |uses: &mut dyn Iterator<Item = &FormUse>| {
            let units: Vec<_> =
                uses.flat_map(|one| one.units.iter().map(|day| (*day, one.international))).collect();
            conversion.credit(units.into_iter()).jp
        };
        let had = units(&mut before.iter())?;
        let has = units(&mut before.iter().chain([new]))?;
        Some(Hundredths::from_count(has.count().saturating_sub(had.count())))
    }

    /// The same by calendar year, each with the last day that counts in it: what goes on over New Year is earned in both. No
    /// cap reaches beyond a year, so that one year takes nothing from another.
    #[must_use]
    pub fn adds_by_year(&self, new: &FormUse, before: &[FormUse]) -> Option<Vec<(NaiveDate, Hundredths)>> {
        let mut years: BTreeMap<i32, Vec<NaiveDate>> = BTreeMap::new();
        for day in &new.units {
            years.entry(day.year()).or_default().push(*day);
        }
        let credited = |units: Vec<NaiveDate>| {
            let last = units.iter().max().copied()?;
            Some((last, self.adds(&FormUse { units, international: new.international }, before)?))
        };
        self.conversion.as_ref()?;
        years.into_values().map(credited).collect()
    }
}

/// What somebody did in a form, as far as it is converted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FormUse {
    /// The day of every session or activity.
    pub units: Vec<NaiveDate>,
    /// Whether it was international.
    pub international: bool,
}

impl Conversion {
    /// What units are worth, each a day and whether it was international.
    fn credit(&self, units: impl Iterator<Item = (NaiveDate, bool)>) -> JpCredit {
        let mut units: Vec<_> = units.collect();
        // Of two on one day the international one counts where a day counts once.
        units.sort_unstable_by_key(|(day, international)| (*day, !international));
        if self.unit == ConversionUnit::Day {
            units.dedup_by_key(|(day, _)| *day);
        }
        let (mut given, mut lost) = (0_u32, 0_u32);
        let mut used: BTreeMap<(i32, u32), u32> = BTreeMap::new();
        for (day, international) in &units {
            let each = self.jp_international.filter(|_| *international).unwrap_or(self.jp).count();
            let counts = self.cap.map_or(each, |cap| {
                let used = used.entry(cap.period(*day)).or_default();
                let counts = each.min(cap.jp.count().saturating_sub(*used));
                *used = used.saturating_add(counts);
                counts
            });
            given = given.saturating_add(counts);
            lost = lost.saturating_add(each.saturating_sub(counts));
        }
        JpCredit {
            jp: Some(Hundredths::from_count(given)),
            basis: JpBasis::Converted,
            units: u32::try_from(units.len()).unwrap_or(u32::MAX),
            capped: Hundredths::from_count(lost),
        }
    }
}

/// The rubric of forms: every form an agency develops its people in.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FormsRubric {
    /// The forms, in the order they are shown.
    pub forms: Vec<Form>,
}

impl FormsRubric {
    /// The most forms a rubric may have.
    pub const MAX: usize = 100;

    /// The most learning hours a unit may be worth, and a cap may allow.
    pub const MAX_JP: Hundredths = Hundredths::from_count(100_000);

    /// The form with this code.
    #[must_use]
    pub fn form(&self, code: &str) -> Option<&Form> {
        self.forms.iter().find(|form| form.code.as_str() == code)
    }

    /// The form a spreadsheet may mean: by its code, SIASN's `jenisDiklat` or a name, in any case and punctuation. Of two
    /// forms that share a type of SIASN neither is meant.
    #[must_use]
    pub fn read(&self, text: &str) -> Option<&Form> {
        let wanted = squeeze(text);
        if wanted.is_empty() {
            return None;
        }
        let one = |is: &dyn Fn(&&Form) -> bool| {
            let mut found = self.forms.iter().filter(is);
            found.next().filter(|_| found.next().is_none())
        };
        let number: Option<u8> = text.trim().parse().ok();
        one(&|form| squeeze(form.code.as_str()) == wanted)
            .or_else(|| one(&|form| number.is_some() && form.siasn_type == number))
            .or_else(|| one(&|form| squeeze(form.name.as_str()) == wanted))
            .or_else(|| one(&|form| squeeze(form.name_en.as_str()) == wanted))
    }
}

impl Rubric for FormsRubric {
    const KIND: PolicyKind = PolicyKind::Forms;

    /// At least one form, each code once; SIASN's types are from its list; hours are more than none, and a cap lets at least
    /// one unit through.
    fn check(&self) -> Result<(), Vec<Violation>> {
        let mut found = Violations::new();
        found.check(self.forms.is_empty(), || Violation::new("/forms", ViolationCode::TooFew).with("min", 1));
        found.check(self.forms.len() > Self::MAX, || {
            Violation::new("/forms", ViolationCode::TooMany).with("max", Self::MAX)
        });
        let mut seen = BTreeSet::new();
        for (index, form) in self.forms.iter().enumerate() {
            let at = format!("/forms/{index}");
            found.check(!seen.insert(&form.code), || {
                Violation::new(format!("{at}/code"), ViolationCode::Duplicate)
            });
            found.check(form.siasn_type.is_some_and(|kind| !(1..=Form::SIASN_TYPES).contains(&kind)), || {
                let at = format!("{at}/siasn_type");
                Violation::new(at, ViolationCode::OutOfRange).with("min", 1).with("max", Form::SIASN_TYPES)
            });
            if let Some(conversion) = &form.conversion {
                conversion.check(&format!("{at}/conversion"), &mut found);
            }
        }
        found.finish()
    }
}

impl Conversion {
    fn check(&self, at: &str, found: &mut Violations) {
        let hours = [("jp", Some(self.jp)), ("jp_international", self.jp_international)];
        let hours = hours.into_iter().chain([("cap/jp", self.cap.map(|cap| cap.jp))]);
        for (part, jp) in hours {
            found.check(jp.is_some_and(|jp| jp.count() == 0 || jp > FormsRubric::MAX_JP), || {
                Violation::new(format!("{at}/{part}"), ViolationCode::OutOfRange)
                    .with("min", Hundredths::from_count(1))
                    .with("max", FormsRubric::MAX_JP)
            });
        }
        found.check(self.cap.is_some_and(|cap| cap.jp < self.jp), || {
            Violation::new(format!("{at}/cap/jp"), ViolationCode::Inconsistent)
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::reference;
    use proptest::prelude::*;

    fn day(month: u32, day: u32) -> NaiveDate {
        NaiveDate::from_ymd_opt(2026, month, day).unwrap()
    }

    fn jp(hours: u32) -> Hundredths {
        Hundredths::from_count(hours * 100)
    }

    fn form(code: &str) -> Form {
        reference::forms_policy().rubric.form(code).unwrap().clone()
    }

    #[test]
    fn what_a_certificate_states_wins_over_conversion() {
        let credit = form("KL07").credit(Some(jp(24)), &[day(3, 1), day(3, 2)], false);
        assert_eq!((credit.jp, credit.basis), (Some(jp(24)), JpBasis::Stated));
        let credit = form("KL07").credit(None, &[day(3, 1), day(3, 2)], false);
        assert_eq!((credit.jp, credit.basis, credit.units), (Some(jp(10)), JpBasis::Converted, 2));
    }

    #[test]
    fn a_form_without_conversion_says_nothing_rather_than_none() {
        let credit = form("KL01").credit(None, &[day(3, 1)], false);
        assert_eq!((credit.jp, credit.basis), (None, JpBasis::Unknown));
    }

    #[test]
    fn days_count_once_and_sessions_each() {
        let twice = [day(3, 1), day(3, 1)];
        assert_eq!(form("KL03").credit(None, &twice, false).jp, Some(jp(4)));
        assert_eq!(form("NKL01").credit(None, &twice, false).jp, Some(jp(4)));
    }

    #[test]
    fn a_cap_holds_within_its_period_and_across_records() {
        // Coaching: two hours a session, four a month.
        let coaching = form("NKL01");
        let three = [day(3, 1), day(3, 9), day(3, 31)];
        let credit = coaching.credit(None, &three, false);
        assert_eq!((credit.jp, credit.units, credit.capped), (Some(jp(4)), 3, jp(2)));
        let of = |units: &[NaiveDate]| FormUse { units: units.to_vec(), international: false };
        // What spans two months has used the cap of the one only as far as it lay in it.
        let before = [of(&[day(3, 1), day(3, 9), day(4, 2)])];
        assert_eq!(coaching.adds(&of(&[day(3, 31), day(4, 9)]), &before), Some(jp(2)));
        assert_eq!(coaching.adds(&of(&[day(4, 9), day(4, 16)]), &before), Some(jp(2)));
        assert_eq!(coaching.adds(&of(&[day(5, 4)]), &before), Some(jp(2)));
        assert_eq!(form("KL01").adds(&of(&[day(3, 1)]), &[]), None, "it is not converted");
        let days = form("KL03");
        assert_eq!(
            days.adds(&of(&[day(3, 1), day(3, 2)]), &[of(&[day(3, 2)])]),
            Some(jp(4)),
            "a day counts once"
        );
    }

    #[test]
    fn what_goes_on_over_new_year_is_earned_in_both_years() {
        // Coaching: two hours a session, four a month.
        let coaching = form("NKL01");
        let next = |month, day| NaiveDate::from_ymd_opt(2027, month, day).unwrap();
        let of = |units: &[NaiveDate]| FormUse { units: units.to_vec(), international: false };
        let over = of(&[day(11, 9), day(12, 1), day(12, 8), day(12, 29), next(1, 5), next(2, 2)]);
        let before = [of(&[next(2, 9), next(2, 16)])];
        assert_eq!(
            coaching.adds_by_year(&over, &before),
            Some(vec![(day(12, 29), jp(6)), (next(2, 2), jp(2))])
        );
        assert_eq!(coaching.adds_by_year(&of(&[]), &before), Some(vec![]));
        assert_eq!(form("KL01").adds_by_year(&over, &[]), None, "it is not converted");
    }

    #[test]
    fn an_international_event_is_worth_its_own_hours_where_those_are_known() {
        let mut seminar = form("KL06");
        let days = [day(3, 1)];
        assert_eq!(seminar.credit(None, &days, true).jp, Some(jp(4)), "nothing else is known");
        seminar.conversion.as_mut().unwrap().jp_international = Some(jp(6));
        assert_eq!(seminar.credit(None, &days, true).jp, Some(jp(6)));
        assert_eq!(seminar.credit(None, &days, false).jp, Some(jp(4)));
    }

    #[test]
    fn a_form_is_known_by_its_code_its_type_of_siasn_and_its_names() {
        let mut rubric = reference::forms_policy().rubric;
        let read = |rubric: &FormsRubric, text: &str| rubric.read(text).map(|form| form.code.to_string());
        for text in
            ["KL10", "kl 10", "8", " 08 ", "Bimbingan Teknis", "bimbingan-teknis", "Technical guidance"]
        {
            assert_eq!(read(&rubric, text).as_deref(), Some("KL10"), "{text}");
        }
        for text in ["", "26", "0", "KL", "-8"] {
            assert_eq!(read(&rubric, text), None, "{text}");
        }
        rubric.forms[0].siasn_type = Some(8);
        assert_eq!(read(&rubric, "8"), None, "two forms are reported as one type");
    }

    #[test]
    fn what_makes_no_sense_is_refused_at_its_place() {
        let mut rubric = FormsRubric { forms: vec![form("KL03"), form("NKL01"), form("KL03")] };
        rubric.forms[0].siasn_type = Some(26);
        let conversion = rubric.forms[1].conversion.as_mut().unwrap();
        conversion.jp = jp(5);
        conversion.jp_international = Some(jp(0));
        let found = rubric.check().unwrap_err();
        let found: Vec<_> = found.into_iter().map(|one| (one.pointer, one.code)).collect();
        assert_eq!(
            found,
            [
                ("/forms/0/siasn_type".to_owned(), ViolationCode::OutOfRange),
                ("/forms/1/conversion/cap/jp".to_owned(), ViolationCode::Inconsistent),
                ("/forms/1/conversion/jp_international".to_owned(), ViolationCode::OutOfRange),
                ("/forms/2/code".to_owned(), ViolationCode::Duplicate),
            ]
        );
        assert_eq!(FormsRubric { forms: Vec::new() }.check().unwrap_err()[0].code, ViolationCode::TooFew);
    }

    proptest! {
        /// Nothing is lost: what counts and what a cap takes away are the units; no month has more than the cap.
        #[test]
        fn hours_given_and_hours_capped_are_all_hours(days in prop::collection::vec(0_i64..120, 0..40)) {
            let days: Vec<_> = days.iter().map(|&n| day(1, 1) + chrono::Duration::days(n)).collect();
            let coaching = form("NKL01");
            let credit = coaching.credit(None, &days, false);
            let given = credit.jp.unwrap().count();
            prop_assert_eq!(given + credit.capped.count(), 200 * credit.units);
            let months: BTreeSet<_> = days.iter().map(|day| day.month()).collect();
            prop_assert!(given <= 400 * u32::try_from(months.len()).unwrap());
        }
    }
}
