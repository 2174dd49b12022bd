//! Training that was held, and verified, before it was recorded here: what a person's histories elsewhere say of it
//! (riwayat diklat, riwayat kursus).

use chrono::{DateTime, NaiveDate, Utc};
use kernel::{
    Code, EmployeeId, Hundredths, JpEntryId, Name, TrainingRecordId, UserId, Violation, ViolationCode,
    Violations,
};

use crate::jp_ledger::{JpEntry, JpEntryBasis, JpEntryKind, JpSource, MOST_JP, UsedCertificate};
use crate::own_learning::OwnLearningDraft;

/// By what two records of one person are the same learning.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum LearnedKey {
    /// The certificate: its number without what people write differently, and its day.
    Certificate(String, NaiveDate),
    /// Where there is none: what, in small letters, from when until when.
    Days(String, NaiveDate, NaiveDate),
}

impl LearnedKey {
    /// Of something learned.
    #[must_use]
    pub fn of(
        certificate: Option<&UsedCertificate>,
        title: &Name,
        (started_on, ended_on): (NaiveDate, NaiveDate),
    ) -> Self {
        // A number without letters and digits tells nothing apart.
        let key = certificate.and_then(|one| Some((one.key().ok()?, one.issued_on)));
        match key {
            Some((key, issued_on)) => Self::Certificate(key, issued_on),
            None => Self::Days(title.as_str().to_lowercase(), started_on, ended_on),
        }
    }
}

impl OwnLearningDraft {
    /// By what it is the same as another record of the person.
    #[must_use]
    pub fn key(&self) -> LearnedKey {
        LearnedKey::of(self.certificate.as_ref(), &self.title, (self.started_on, self.ended_on))
    }
}

/// What a history says of a training.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TrainingRecordDraft {
    /// What was learned.
    pub title: Name,
    /// Who held it.
    pub provider: Option<Name>,
    /// Code of the form (bentuk pengembangan).
    pub form: Code,
    /// The first day.
    pub started_on: NaiveDate,
    /// The last day; the year of the ledger is this day's.
    pub ended_on: NaiveDate,
    /// The hours; none where the history says none, and then nothing is credited.
    pub jp: Option<Hundredths>,
    /// The certificate.
    pub certificate: Option<UsedCertificate>,
    /// Where it is to be found: the record's identifier there, a file's reference.
    pub document: Option<Name>,
}

impl TrainingRecordDraft {
    /// By what it is the same as another record of the person.
    #[must_use]
    pub fn key(&self) -> LearnedKey {
        LearnedKey::of(self.certificate.as_ref(), &self.title, (self.started_on, self.ended_on))
    }

    /// Whether it agrees with itself on the day `today`.
    ///
    /// # Errors
    /// `/ended_on` before `/started_on` or in the future; `/jp` out of range; `/certificate` with a number that says nothing,
    /// issued before the training began, in the future, or valid until a day before.
    pub fn check(&self, today: NaiveDate) -> Result<(), Vec<Violation>> {
        let mut found = Violations::new();
        let at = |pointer: &str, code| Violation::new(pointer, code);
        found.check(self.ended_on < self.started_on, || at("/ended_on", ViolationCode::PeriodReversed));
        found.check(self.ended_on > today, || at("/ended_on", ViolationCode::InFuture));
        found.check(self.jp.is_some_and(|jp| jp.count() == 0 || jp > MOST_JP), || {
            at("/jp", ViolationCode::OutOfRange).with("min", "0.01").with("max", MOST_JP)
        });
        if let Some(certificate) = &self.certificate {
            if let Err(violation) = certificate.key() {
                found.push(violation.under("/certificate/number"));
            }
            found.check(certificate.issued_on < self.started_on, || {
                at("/certificate/issued_on", ViolationCode::Inconsistent)
            });
            found.check(certificate.issued_on > today, || {
                at("/certificate/issued_on", ViolationCode::InFuture)
            });
            found.check(certificate.valid_until.is_some_and(|last| last < certificate.issued_on), || {
                at("/certificate/valid_until", ViolationCode::PeriodReversed)
            });
        }
        found.finish()
    }
}

/// Training that was held and recorded elsewhere. It was verified there; whoever takes it over stands for that.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TrainingRecord {
    /// The identifier.
    pub id: TrainingRecordId,
    /// Whose.
    pub employee: EmployeeId,
    /// What the history says.
    pub said: TrainingRecordDraft,
}

impl TrainingRecord {
    /// What it adds to the person's ledger; nothing without hours.
    #[must_use]
    pub fn credit(&self, by: Option<UserId>, at: DateTime<Utc>) -> Option<JpEntry> {
        let said = &self.said;
        let basis = if said.certificate.is_some() { JpEntryBasis::Certificate } else { JpEntryBasis::Record };
        Some(JpEntry {
            id: JpEntryId::new(),
            employee: self.employee,
            kind: JpEntryKind::Credit,
            source: JpSource::TrainingRecord,
            source_id: self.id.uuid(),
            earned_on: said.ended_on,
            jp: said.jp?.into(),
            basis,
            title: said.title.clone(),
            form: Some(said.form.clone()),
            certificate: said.certificate.clone(),
            corrects: None,
            reason: None,
            recorded_at: at,
            recorded_by: by,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(year: i32, month: u32, day: u32) -> NaiveDate {
        NaiveDate::from_ymd_opt(year, month, day).unwrap()
    }

    fn certificate(number: &str) -> UsedCertificate {
        UsedCertificate {
            number: Name::parse(number).unwrap(),
            issued_on: day(2019, 5, 4),
            valid_until: None,
        }
    }

    fn said() -> TrainingRecordDraft {
        TrainingRecordDraft {
            title: Name::parse("Diklat Prajabatan").unwrap(),
            provider: None,
            form: Code::parse("KL01").unwrap(),
            started_on: day(2019, 5, 1),
            ended_on: day(2019, 5, 4),
            jp: Some(Hundredths::from_count(3_200)),
            certificate: Some(certificate("800/12-A")),
            document: None,
        }
    }

    fn places(said: &TrainingRecordDraft) -> Vec<(String, ViolationCode)> {
        let found = said.check(day(2026, 7, 1)).err().unwrap_or_default().into_iter();
        found.map(|one| (one.pointer, one.code)).collect()
    }

    #[test]
    fn what_contradicts_itself_is_refused_at_its_place() {
        assert_eq!(places(&said()), []);
        let at = |pointer: &str, code| vec![(pointer.to_owned(), code)];
        let reversed = TrainingRecordDraft { ended_on: day(2019, 4, 30), ..said() };
        assert_eq!(places(&reversed), at("/ended_on", ViolationCode::PeriodReversed));
        let ends = |on| TrainingRecordDraft { ended_on: on, certificate: None, ..said() };
        assert_eq!(places(&ends(day(2026, 7, 2))), at("/ended_on", ViolationCode::InFuture));
        assert_eq!(places(&ends(day(2026, 7, 1))), []);
        let endless = TrainingRecordDraft { jp: Some(Hundredths::from_count(200_001)), ..said() };
        assert_eq!(places(&endless), at("/jp", ViolationCode::OutOfRange));
        let of = |change: fn(&mut UsedCertificate)| {
            let mut certificate = certificate("1");
            change(&mut certificate);
            places(&TrainingRecordDraft { certificate: Some(certificate), ..said() })
        };
        let early = of(|one| one.issued_on = day(2019, 4, 30));
        assert_eq!(early, at("/certificate/issued_on", ViolationCode::Inconsistent));
        let late = of(|one| one.issued_on = day(2026, 7, 2));
        assert_eq!(late, at("/certificate/issued_on", ViolationCode::InFuture));
        let lapsed = of(|one| one.valid_until = Some(day(2019, 5, 3)));
        assert_eq!(lapsed, at("/certificate/valid_until", ViolationCode::PeriodReversed));
        let nothing = of(|one| one.number = Name::parse("-").unwrap());
        assert_eq!(nothing, at("/certificate/number", ViolationCode::InvalidFormat));
    }

    #[test]
    fn hours_that_are_stated_are_credited_on_the_day_it_ended_and_none_otherwise() {
        let record = |said| TrainingRecord { id: TrainingRecordId::new(), employee: EmployeeId::new(), said };
        let one = record(said());
        let entry = one.credit(None, DateTime::UNIX_EPOCH).unwrap();
        assert_eq!((entry.earned_on, entry.jp.count()), (day(2019, 5, 4), 3_200));
        assert_eq!((entry.source, entry.source_id), (JpSource::TrainingRecord, one.id.uuid()));
        assert_eq!((entry.basis, entry.form), (JpEntryBasis::Certificate, Some(one.said.form.clone())));
        let bare = record(TrainingRecordDraft { certificate: None, ..said() });
        assert_eq!(bare.credit(None, DateTime::UNIX_EPOCH).unwrap().basis, JpEntryBasis::Record);
        let silent = record(TrainingRecordDraft { jp: None, ..said() });
        assert_eq!(silent.credit(None, DateTime::UNIX_EPOCH), None);
    }

    #[test]
    fn the_same_learning_is_known_by_its_certificate_or_its_days() {
        let same = TrainingRecordDraft { certificate: Some(certificate("800 / 12a")), ..said() };
        assert_eq!(same.key(), said().key());
        let other = TrainingRecordDraft { title: Name::parse("Lain").unwrap(), ..said() };
        assert_eq!(other.key(), said().key(), "the certificate decides");
        let bare = TrainingRecordDraft { certificate: None, ..said() };
        let small = TrainingRecordDraft { title: Name::parse("DIKLAT prajabatan").unwrap(), ..bare.clone() };
        assert_eq!(small.key(), bare.key());
        assert_ne!(bare.key(), said().key());
        assert_ne!(TrainingRecordDraft { ended_on: day(2019, 5, 5), ..bare.clone() }.key(), bare.key());
    }
}
