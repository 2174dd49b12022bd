//! Partners: who provides development, under which agreements, and the people who teach for them.

use std::collections::BTreeSet;

use chrono::NaiveDate;
use kernel::{
    Code, EmployeeId, LongText, Name, PartnerId, Period, TrainerId, Version, Violation, ViolationCode,
    Violations, wire_enum,
};

wire_enum! {
    /// What a partner is.
    pub enum PartnerKind {
        /// A university.
        University = "UNIVERSITY",
        /// Another government agency.
        Agency = "AGENCY",
        /// A professional body.
        ProfessionalBody = "PROFESSIONAL_BODY",
        /// A private company.
        Private = "PRIVATE",
        /// The agency's own training centre (BPSDM).
        Own = "OWN",
    }
}

wire_enum! {
    /// Whether something a partner provides stands on an agreement.
    pub enum AgreementStanding {
        /// The agency's own training centre needs none.
        NotNeeded = "NOT_NEEDED",
        /// One is in force and covers it.
        InForce = "IN_FORCE",
        /// None is.
        Missing = "MISSING",
    }
}

/// An agreement with a partner (perjanjian kerja sama).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Agreement {
    /// Its number, once per partner.
    pub number: Name,
    /// What it is about.
    pub subject: LongText,
    /// Codes of the forms of development it covers; every form when empty.
    pub forms: Vec<Code>,
    /// The days it is in force, both included.
    pub period: Period,
}

impl Agreement {
    /// Whether it is in force on `day` and covers this form; any form without one.
    #[must_use]
    pub fn covers(&self, form: Option<&Code>, day: NaiveDate) -> bool {
        let formed = form.is_none_or(|form| self.forms.is_empty() || self.forms.contains(form));
        formed && self.period.contains(day)
    }
}

/// A partner (mitra penyelenggara).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Partner {
    /// Its identifier.
    pub id: PartnerId,
    /// Its code in the agency.
    pub code: Code,
    /// Its name.
    pub name: Name,
    /// What it is.
    pub kind: PartnerKind,
    /// How it is reached.
    pub contact: Option<LongText>,
    /// Its agreements, in the order they are shown.
    pub agreements: Vec<Agreement>,
    /// How often it has been written.
    pub version: Version,
}

impl Partner {
    /// The most agreements of one partner.
    pub const MAX_AGREEMENTS: usize = 100;

    /// Whether its values can stand.
    ///
    /// # Errors
    /// `/agreements` too many, `/agreements/N/number` twice, `/agreements/N/valid_until` before the first day,
    /// `/agreements/N/forms/M` twice.
    pub fn check(&self) -> Result<(), Vec<Violation>> {
        let mut found = Violations::new();
        found.check(self.agreements.len() > Self::MAX_AGREEMENTS, || {
            Violation::new("/agreements", ViolationCode::TooMany).with("max", Self::MAX_AGREEMENTS)
        });
        let mut numbers = BTreeSet::new();
        for (index, agreement) in self.agreements.iter().enumerate() {
            let at = |property: &str| format!("/agreements/{index}/{property}");
            found.check(!numbers.insert(&agreement.number), || {
                Violation::new(at("number"), ViolationCode::Duplicate)
            });
            found.check(agreement.period.last.is_some_and(|last| last < agreement.period.from), || {
                Violation::new(at("valid_until"), ViolationCode::PeriodReversed)
            });
            once(&mut found, &at("forms"), &agreement.forms);
        }
        found.finish()
    }

    /// Whether what it provides in this form on `day` stands on an agreement.
    #[must_use]
    pub fn standing(&self, form: Option<&Code>, day: NaiveDate) -> AgreementStanding {
        match self.kind {
            PartnerKind::Own => AgreementStanding::NotNeeded,
            _ if self.agreements.iter().any(|agreement| agreement.covers(form, day)) => {
                AgreementStanding::InForce
            }
            _ => AgreementStanding::Missing,
        }
    }
}

/// Notes each value of a list that occurred before.
pub(crate) fn once<T: Ord>(found: &mut Violations, at: &str, values: &[T]) {
    let mut seen = BTreeSet::new();
    for (index, value) in values.iter().enumerate() {
        found
            .check(!seen.insert(value), || Violation::new(format!("{at}/{index}"), ViolationCode::Duplicate));
    }
}

wire_enum! {
    /// What somebody does for the development of others.
    pub enum TrainerRole {
        /// Teaches classes (pengajar, widyaiswara, narasumber).
        Instructor = "INSTRUCTOR",
        /// Guides somebody over time with their own experience (mentor).
        Mentor = "MENTOR",
        /// Helps somebody find their own answers (coach).
        Coach = "COACH",
    }
}

/// Who a trainer is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TrainerIdentity {
    /// A civil servant of the agency.
    Employee(EmployeeId),
    /// Somebody without a NIP here, by name.
    Named(Name),
}

/// An instructor or mentor.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trainer {
    /// Its identifier.
    pub id: TrainerId,
    /// Who it is.
    pub identity: TrainerIdentity,
    /// What they do.
    pub roles: Vec<TrainerRole>,
    /// Whom they come from.
    pub partner: Option<PartnerId>,
    /// What they know.
    pub expertise: Option<LongText>,
    /// How many people they guide at once at most; as many as the policy of mentors says without one.
    pub max_mentees: Option<u8>,
    /// How often it has been written.
    pub version: Version,
}

impl Trainer {
    /// The most people a trainer may be said to guide at once.
    pub const MAX_MENTEES: u8 = 50;

    /// Whether its values can stand.
    ///
    /// # Errors
    /// `/roles` none or one twice; `/max_mentees` out of range, or for somebody who guides nobody.
    pub fn check(&self) -> Result<(), Vec<Violation>> {
        let mut found = Violations::new();
        found.check(self.roles.is_empty(), || Violation::new("/roles", ViolationCode::TooFew).with("min", 1));
        once(&mut found, "/roles", &self.roles);
        let guides = self.roles.iter().any(|role| matches!(role, TrainerRole::Mentor | TrainerRole::Coach));
        found.check(self.max_mentees.is_some() && !guides, || {
            Violation::new("/max_mentees", ViolationCode::Inconsistent)
        });
        found.check(self.max_mentees.is_some_and(|most| !(1..=Self::MAX_MENTEES).contains(&most)), || {
            Violation::new("/max_mentees", ViolationCode::OutOfRange)
                .with("min", 1)
                .with("max", Self::MAX_MENTEES)
        });
        found.finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(month: u32) -> NaiveDate {
        NaiveDate::from_ymd_opt(2026, month, 1).unwrap()
    }

    fn code(text: &str) -> Code {
        Code::parse(text).unwrap()
    }

    fn agreement(number: &str, forms: &[&str], from: u32, last: Option<u32>) -> Agreement {
        Agreement {
            number: Name::parse(number).unwrap(),
            subject: LongText::parse("Pelatihan").unwrap(),
            forms: forms.iter().map(|form| code(form)).collect(),
            period: Period { from: day(from), last: last.map(day) },
        }
    }

    fn partner(kind: PartnerKind, agreements: Vec<Agreement>) -> Partner {
        Partner {
            id: PartnerId::new(),
            code: code("UNI"),
            name: Name::parse("Universitas").unwrap(),
            kind,
            contact: None,
            agreements,
            version: Version::FIRST,
        }
    }

    #[test]
    fn an_agreement_covers_its_forms_on_its_days() {
        let some = partner(PartnerKind::University, vec![agreement("1", &["KL03"], 2, Some(4))]);
        let standing = |form: Option<&str>, month| some.standing(form.map(code).as_ref(), day(month));
        assert_eq!(standing(Some("KL03"), 2), AgreementStanding::InForce);
        assert_eq!(standing(Some("KL03"), 4), AgreementStanding::InForce);
        assert_eq!(standing(Some("KL03"), 5), AgreementStanding::Missing);
        assert_eq!(standing(Some("KL04"), 3), AgreementStanding::Missing);
        assert_eq!(standing(None, 3), AgreementStanding::InForce);
        let every = partner(PartnerKind::Private, vec![agreement("1", &[], 2, None)]);
        assert_eq!(every.standing(Some(&code("KL04")), day(12)), AgreementStanding::InForce);
        let own = partner(PartnerKind::Own, Vec::new());
        assert_eq!(own.standing(Some(&code("KL04")), day(1)), AgreementStanding::NotNeeded);
    }

    #[test]
    fn agreements_are_told_apart_and_end_after_they_begin() {
        let wrong = vec![agreement("1", &["KL03", "KL03"], 4, Some(2)), agreement("1", &[], 2, Some(2))];
        let found = partner(PartnerKind::Agency, wrong).check().unwrap_err();
        let found: Vec<_> = found.into_iter().map(|one| (one.pointer, one.code)).collect();
        assert_eq!(
            found,
            [
                ("/agreements/0/forms/1".to_owned(), ViolationCode::Duplicate),
                ("/agreements/0/valid_until".to_owned(), ViolationCode::PeriodReversed),
                ("/agreements/1/number".to_owned(), ViolationCode::Duplicate),
            ]
        );
    }

    #[test]
    fn only_who_guides_people_has_a_limit_of_them() {
        let trainer = |roles: &[TrainerRole], max_mentees| Trainer {
            id: TrainerId::new(),
            identity: TrainerIdentity::Named(Name::parse("Narasumber").unwrap()),
            roles: roles.to_vec(),
            partner: None,
            expertise: None,
            max_mentees,
            version: Version::FIRST,
        };
        assert_eq!(trainer(&[TrainerRole::Mentor], Some(3)).check(), Ok(()));
        assert_eq!(trainer(&[TrainerRole::Instructor], None).check(), Ok(()));
        let code = |trainer: Trainer| trainer.check().unwrap_err()[0].code;
        assert_eq!(code(trainer(&[TrainerRole::Instructor], Some(3))), ViolationCode::Inconsistent);
        assert_eq!(code(trainer(&[TrainerRole::Coach], Some(0))), ViolationCode::OutOfRange);
        assert_eq!(code(trainer(&[], None)), ViolationCode::TooFew);
        assert_eq!(code(trainer(&[TrainerRole::Coach; 2], None)), ViolationCode::Duplicate);
    }
}
