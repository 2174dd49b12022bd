//! Learning that somebody logs themselves, with a document, and that somebody else verifies.

use chrono::{DateTime, NaiveDate, Utc};
use kernel::{
    Code, EmployeeId, Hundredths, LongText, Name, OwnLearningId, UserId, Version, Violation, ViolationCode,
    Violations, wire_enum,
};

use crate::form::FormUse;
use crate::jp_ledger::{JpEntryBasis, MOST_JP, UsedCertificate};

wire_enum! {
    /// Where own learning stands.
    pub enum OwnLearningState {
        /// It waits to be verified.
        Submitted = "SUBMITTED",
        /// It was verified, and its hours are in the ledger.
        Verified = "VERIFIED",
        /// It was refused; mended, it can be submitted again.
        Refused = "REFUSED",
        /// The person took it back.
        Withdrawn = "WITHDRAWN",
    }
}

wire_enum! {
    /// What can be done with own learning.
    pub enum OwnLearningAction {
        /// Change what it says; what was refused is submitted anew by that.
        Edit = "EDIT",
        /// Take it back.
        Withdraw = "WITHDRAW",
        /// Confirm it: its hours go into the ledger.
        Verify = "VERIFY",
        /// Refuse it, with a reason.
        Refuse = "REFUSE",
    }
}

impl OwnLearningState {
    /// What can be done in this state.
    #[must_use]
    pub const fn allowed_actions(self) -> &'static [OwnLearningAction] {
        use OwnLearningAction as A;
        match self {
            Self::Submitted => &[A::Edit, A::Withdraw, A::Verify, A::Refuse],
            Self::Refused => &[A::Edit, A::Withdraw],
            Self::Verified | Self::Withdrawn => &[],
        }
    }
}

/// What somebody says they learned.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OwnLearningDraft {
    /// What.
    pub title: Name,
    /// Who gave it, or where it was found.
    pub provider: Option<Name>,
    /// Code of the form (bentuk pengembangan).
    pub form: Code,
    /// The first day.
    pub started_on: NaiveDate,
    /// The last day; the year of the ledger is this day's.
    pub ended_on: NaiveDate,
    /// The day of every session or activity, which the form's conversion counts where no certificate states hours.
    pub units: Vec<NaiveDate>,
    /// Whether it was an international event, which some forms convert otherwise.
    pub international: bool,
    /// The hours the certificate states.
    pub certificate_jp: Option<Hundredths>,
    /// The certificate.
    pub certificate: Option<UsedCertificate>,
    /// Where the document is: a file's reference or an address.
    pub document: Name,
    /// More on it.
    pub note: Option<LongText>,
}

impl OwnLearningDraft {
    /// The most sessions or activities one record may tell of.
    pub const MOST_UNITS: usize = 366;

    /// What of it is converted; nothing where the certificate states the hours.
    #[must_use]
    pub fn form_use(&self) -> Option<FormUse> {
        let counted = self.certificate_jp.is_none();
        counted.then(|| FormUse { units: self.units.clone(), international: self.international })
    }

    /// Whether it agrees with itself on the day `today`.
    ///
    /// # Errors
    /// `/ended_on` before `/started_on` or in the future; `/certificate` with a number that says nothing, issued before the
    /// learning began, in the future, or valid until a day before; `/certificate_jp` without a certificate, or out of range; neither
    /// hours nor `/units`, and units outside the learning.
    pub fn check(&self, today: NaiveDate) -> Result<(), Vec<Violation>> {
        let mut found = Violations::new();
        let at = |pointer: &str, code| Violation::new(pointer, code);
        found.check(self.ended_on < self.started_on, || at("/ended_on", ViolationCode::PeriodReversed));
        found.check(self.ended_on > today, || at("/ended_on", ViolationCode::InFuture));
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
        let out_of_range = |jp: Hundredths| jp.count() == 0 || jp > MOST_JP;
        let range =
            |pointer: &str| at(pointer, ViolationCode::OutOfRange).with("min", "0.01").with("max", MOST_JP);
        found.check(self.certificate_jp.is_some_and(out_of_range), || range("/certificate_jp"));
        found.check(self.units.len() > Self::MOST_UNITS, || {
            at("/units", ViolationCode::TooMany).with("max", Self::MOST_UNITS)
        });
        for (index, unit) in self.units.iter().enumerate().take(Self::MOST_UNITS) {
            found.check(!(self.started_on..=self.ended_on).contains(unit), || {
                Violation::new(format!("/units/{index}"), ViolationCode::Inconsistent)
            });
        }
        found.check(self.certificate_jp.is_some() && self.certificate.is_none(), || {
            at("/certificate", ViolationCode::Required)
        });
        found.check(self.certificate_jp.is_none() && self.units.is_empty(), || {
            at("/units", ViolationCode::Required)
        });
        found.finish()
    }
}

/// Learning that somebody logged themselves.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OwnLearning {
    /// The identifier.
    pub id: OwnLearningId,
    /// Whose.
    pub employee: EmployeeId,
    /// What they say.
    pub said: OwnLearningDraft,
    /// Where it stands.
    pub state: OwnLearningState,
    /// When it was submitted last.
    pub submitted_at: DateTime<Utc>,
    /// Who verified or refused it last.
    pub decided_by: Option<UserId>,
    /// When.
    pub decided_at: Option<DateTime<Utc>>,
    /// Why it was refused.
    pub reason: Option<LongText>,
    /// How often the record has been written.
    pub version: Version,
}

/// Why something cannot be done with own learning.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum OwnLearningError {
    /// Its state does not allow it.
    #[error("{action} is not possible in state {state}")]
    WrongState {
        /// Where it stands.
        state: OwnLearningState,
        /// What was wanted.
        action: OwnLearningAction,
    },
    /// The hours follow from a form that has no conversion, and no certificate states any.
    #[error("the form has no conversion and no certificate states the hours")]
    NoHours,
}

impl OwnLearningError {
    /// The code clients see.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::WrongState { .. } => "OWN_LEARNING_STATE",
            Self::NoHours => "OWN_LEARNING_NO_HOURS",
        }
    }
}

impl OwnLearning {
    /// Something logged now.
    ///
    /// # Errors
    /// Those of [`OwnLearningDraft::check`].
    pub fn submit(
        id: OwnLearningId,
        employee: EmployeeId,
        said: OwnLearningDraft,
        today: NaiveDate,
        at: DateTime<Utc>,
    ) -> Result<Self, Vec<Violation>> {
        said.check(today)?;
        Ok(Self {
            id,
            employee,
            said,
            state: OwnLearningState::Submitted,
            submitted_at: at,
            decided_by: None,
            decided_at: None,
            reason: None,
            version: Version::FIRST,
        })
    }

    /// Whether `action` is possible now.
    ///
    /// # Errors
    /// [`OwnLearningError::WrongState`].
    pub fn require(&self, action: OwnLearningAction) -> Result<(), OwnLearningError> {
        let state = self.state;
        let possible = state.allowed_actions().contains(&action);
        if possible { Ok(()) } else { Err(OwnLearningError::WrongState { state, action }) }
    }

    /// The same saying something else, submitted now. The caller has [required](Self::require) `Edit` and checked what it
    /// says. A decision that stood is void.
    #[must_use]
    pub fn edit(self, said: OwnLearningDraft, at: DateTime<Utc>) -> Self {
        Self {
            said,
            state: OwnLearningState::Submitted,
            submitted_at: at,
            decided_by: None,
            decided_at: None,
            reason: None,
            ..self
        }
    }

    /// Takes it back.
    ///
    /// # Errors
    /// [`OwnLearningError::WrongState`].
    pub fn withdraw(self) -> Result<Self, OwnLearningError> {
        self.require(OwnLearningAction::Withdraw)?;
        Ok(Self { state: OwnLearningState::Withdrawn, ..self })
    }

    /// Confirms it.
    ///
    /// # Errors
    /// [`OwnLearningError::WrongState`].
    pub fn verify(self, by: UserId, at: DateTime<Utc>) -> Result<Self, OwnLearningError> {
        self.require(OwnLearningAction::Verify)?;
        let state = OwnLearningState::Verified;
        Ok(Self { state, decided_by: Some(by), decided_at: Some(at), reason: None, ..self })
    }

    /// Refuses it.
    ///
    /// # Errors
    /// [`OwnLearningError::WrongState`].
    pub fn refuse(self, reason: LongText, by: UserId, at: DateTime<Utc>) -> Result<Self, OwnLearningError> {
        self.require(OwnLearningAction::Refuse)?;
        let state = OwnLearningState::Refused;
        Ok(Self { state, decided_by: Some(by), decided_at: Some(at), reason: Some(reason), ..self })
    }

    /// The hours it is worth, and by what: the certificate's own win; `converted` is what the form's conversion makes of
    /// the units.
    ///
    /// # Errors
    /// [`OwnLearningError::NoHours`].
    pub fn hours(
        &self,
        converted: Option<Hundredths>,
    ) -> Result<(Hundredths, JpEntryBasis), OwnLearningError> {
        let stated = self.said.certificate_jp.map(|jp| (jp, JpEntryBasis::Certificate));
        let converted = converted.filter(|jp| jp.count() > 0).map(|jp| (jp, JpEntryBasis::Conversion));
        stated.or(converted).ok_or(OwnLearningError::NoHours)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(month: u32, day: u32) -> NaiveDate {
        NaiveDate::from_ymd_opt(2026, month, day).unwrap()
    }

    fn said() -> OwnLearningDraft {
        OwnLearningDraft {
            title: Name::parse("Analisis Data").unwrap(),
            provider: None,
            form: Code::parse("NKL03").unwrap(),
            started_on: day(3, 1),
            ended_on: day(3, 4),
            units: vec![],
            international: false,
            certificate_jp: Some(Hundredths::from_count(1250)),
            certificate: Some(UsedCertificate {
                number: Name::parse("B/12.3-2026").unwrap(),
                issued_on: day(3, 4),
                valid_until: None,
            }),
            document: Name::parse("berkas/1").unwrap(),
            note: None,
        }
    }

    fn places(said: &OwnLearningDraft) -> Vec<(String, ViolationCode)> {
        let found = said.check(day(7, 1)).err().unwrap_or_default().into_iter();
        found.map(|one| (one.pointer, one.code)).collect()
    }

    #[test]
    fn what_contradicts_itself_is_refused_at_its_place() {
        assert_eq!(places(&said()), []);
        let at = |pointer: &str, code| vec![(pointer.to_owned(), code)];
        let reversed = OwnLearningDraft { ended_on: day(2, 28), ..said() };
        assert_eq!(places(&reversed), at("/ended_on", ViolationCode::PeriodReversed));
        let future = OwnLearningDraft { ended_on: day(7, 2), ..said() };
        assert_eq!(places(&future), at("/ended_on", ViolationCode::InFuture));
        assert_eq!(places(&OwnLearningDraft { ended_on: day(7, 1), ..said() }), []);
        let bare = OwnLearningDraft { certificate: None, ..said() };
        assert_eq!(places(&bare), at("/certificate", ViolationCode::Required));
        let nothing = OwnLearningDraft { certificate: None, certificate_jp: None, ..said() };
        assert_eq!(places(&nothing), at("/units", ViolationCode::Required));
        let outside = OwnLearningDraft { units: vec![day(3, 4), day(3, 5)], ..said() };
        assert_eq!(places(&outside), at("/units/1", ViolationCode::Inconsistent));
        let certificate = |number: &str, issued_on, valid_until| {
            let number = Name::parse(number).unwrap();
            OwnLearningDraft {
                certificate: Some(UsedCertificate { number, issued_on, valid_until }),
                ..said()
            }
        };
        let number = at("/certificate/number", ViolationCode::InvalidFormat);
        assert_eq!(places(&certificate("-/-", day(3, 4), None)), number);
        let early = at("/certificate/issued_on", ViolationCode::Inconsistent);
        assert_eq!(places(&certificate("1", day(2, 28), None)), early);
        let short = at("/certificate/valid_until", ViolationCode::PeriodReversed);
        assert_eq!(places(&certificate("1", day(3, 4), Some(day(3, 3)))), short);
    }

    #[test]
    fn the_certificates_hours_win_over_conversion() {
        let learned = |said| {
            OwnLearning::submit(
                OwnLearningId::new(),
                EmployeeId::new(),
                said,
                day(7, 1),
                DateTime::UNIX_EPOCH,
            )
            .unwrap()
        };
        let converted = Some(Hundredths::from_count(900));
        let stated = learned(said());
        assert_eq!(stated.hours(converted), Ok((Hundredths::from_count(1250), JpEntryBasis::Certificate)));
        let counted = learned(OwnLearningDraft { certificate_jp: None, units: vec![day(3, 1)], ..said() });
        assert_eq!(counted.hours(converted), Ok((Hundredths::from_count(900), JpEntryBasis::Conversion)));
        assert_eq!(counted.hours(None), Err(OwnLearningError::NoHours));
    }

    #[test]
    fn every_state_and_action() {
        use OwnLearningAction as A;
        use OwnLearningState as S;
        let start = OwnLearning::submit(
            OwnLearningId::new(),
            EmployeeId::new(),
            said(),
            day(7, 1),
            DateTime::UNIX_EPOCH,
        );
        let start = start.unwrap();
        let reason = LongText::parse("Dokumen tidak terbaca").unwrap();
        let after = |state, action| {
            let own = OwnLearning { state, ..start.clone() };
            let done = match action {
                A::Edit => own.require(A::Edit).map(|()| own.clone().edit(said(), DateTime::UNIX_EPOCH)),
                A::Withdraw => own.withdraw(),
                A::Verify => own.verify(UserId::new(), DateTime::UNIX_EPOCH),
                A::Refuse => own.refuse(reason.clone(), UserId::new(), DateTime::UNIX_EPOCH),
            };
            done.ok().map(|own| own.state)
        };
        for (state, expected) in [
            (S::Submitted, [Some(S::Submitted), Some(S::Withdrawn), Some(S::Verified), Some(S::Refused)]),
            (S::Verified, [None; 4]),
            (S::Refused, [Some(S::Submitted), Some(S::Withdrawn), None, None]),
            (S::Withdrawn, [None; 4]),
        ] {
            assert_eq!(A::ALL.map(|action| after(state, action)), expected, "{state}");
        }
    }
}
