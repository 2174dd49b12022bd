//! Certificates of completed classes, and the evidence a completion proposes.

use chrono::{DateTime, NaiveDate, Utc};
use kernel::{
    AgencyId, AssessmentResultId, CertificateId, ClassId, Code, CompetencyId, EmployeeId, EnrolmentId,
    EvidenceProposalId, Hundredths, Level, LongText, Name, ProgrammeId, Version, Violation, ViolationCode,
    wire_enum,
};
use serde::{Deserialize, Serialize};

use crate::form::{Form, JpBasis};

/// What somebody types to have a certificate verified: 26 digits of Crockford's base 32, 128 bits that nobody guesses.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct VerifyCode(String);

impl VerifyCode {
    /// How many characters it has.
    pub const LENGTH: usize = 26;

    /// Digits and letters without I, L, O and U, which people take for others.
    const DIGITS: &'static [u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";

    /// The code of 128 random bits.
    #[must_use]
    pub fn of(bits: u128) -> Self {
        let digit = |place: u32| {
            let digit = usize::try_from((bits >> (5 * place)) & 31).unwrap_or(0);
            char::from(Self::DIGITS.get(digit).copied().unwrap_or(b'0'))
        };
        Self((0..26).rev().map(digit).collect())
    }

    /// Reads what somebody typed: in any case, with hyphens or blanks, with the letters people take for digits.
    ///
    /// # Errors
    /// `InvalidFormat`, with an empty pointer.
    pub fn parse(text: &str) -> Result<Self, Violation> {
        let refused = || Violation::new("", ViolationCode::InvalidFormat);
        let mut code = String::with_capacity(Self::LENGTH);
        for c in text.chars().filter(|c| !matches!(c, '-' | ' ')) {
            let c = match c.to_ascii_uppercase() {
                'I' | 'L' => '1',
                'O' => '0',
                other => other,
            };
            if !u8::try_from(c).is_ok_and(|byte| Self::DIGITS.contains(&byte)) || code.len() == Self::LENGTH {
                return Err(refused());
            }
            code.push(c);
        }
        // The first digit stands for three bits only.
        let fits = code.len() == Self::LENGTH && code.as_bytes().first().is_some_and(|first| *first <= b'7');
        if fits { Ok(Self(code)) } else { Err(refused()) }
    }

    /// A code that was checked before it was stored.
    #[must_use]
    pub const fn stored(text: String) -> Self {
        Self(text)
    }

    /// The code without hyphens.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The code in groups, as people read it aloud.
    #[must_use]
    pub fn grouped(&self) -> String {
        let mut grouped = String::with_capacity(32);
        for (index, c) in self.0.chars().enumerate() {
            if index > 0 && index % 5 == 0 && index < 25 {
                grouped.push('-');
            }
            grouped.push(c);
        }
        grouped
    }
}

wire_enum! {
    /// Whether a certificate counts.
    pub enum CertificateStatus {
        /// It counts.
        Valid = "VALID",
        /// Its last day is over.
        Expired = "EXPIRED",
        /// It was taken back.
        Revoked = "REVOKED",
    }
}

wire_enum! {
    /// What can be done with a certificate.
    pub enum CertificateAction {
        /// Take it back.
        Revoke = "REVOKE",
    }
}

/// That a certificate was taken back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Revocation {
    /// When.
    pub at: DateTime<Utc>,
    /// Why.
    pub reason: LongText,
}

/// A certificate as issued: it keeps what was true then, whatever becomes of the programme.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IssuedCertificate {
    /// Its identifier.
    pub id: CertificateId,
    /// The enrolment it crowns.
    pub enrolment: EnrolmentId,
    /// The class.
    pub class: ClassId,
    /// The programme.
    pub programme: ProgrammeId,
    /// Who.
    pub employee: EmployeeId,
    /// Their name then.
    pub holder: Name,
    /// Its number, once in the agency.
    pub number: Name,
    /// What it is verified by.
    pub code: VerifyCode,
    /// The programme's name then.
    pub title: Name,
    /// The provider's name then.
    pub provider: Name,
    /// The form of development.
    pub form: Code,
    /// Learning hours; none where neither the programme nor its form says how many.
    pub jp: Option<Hundredths>,
    /// Where they come from.
    pub jp_basis: JpBasis,
    /// The first day of the class.
    pub held_from: NaiveDate,
    /// The last day of the class: the hours were earned on it.
    pub held_until: NaiveDate,
    /// When it was issued.
    pub issued_on: NaiveDate,
    /// The last day it counts; for ever without.
    pub valid_until: Option<NaiveDate>,
    /// Whether it was taken back.
    pub revoked: Option<Revocation>,
    /// How often it has been written.
    pub version: Version,
}

/// Why a certificate is not changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CertificateError {
    /// It was taken back before.
    #[error("the certificate was revoked before")]
    Revoked,
}

impl CertificateError {
    /// The code clients see.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Revoked => "CERTIFICATE_REVOKED",
        }
    }
}

impl IssuedCertificate {
    /// Whether it counts on `day`: up to and including its last day, unless it was taken back.
    #[must_use]
    pub fn status(&self, day: NaiveDate) -> CertificateStatus {
        if self.revoked.is_some() {
            CertificateStatus::Revoked
        } else if self.valid_until.is_some_and(|last| last < day) {
            CertificateStatus::Expired
        } else {
            CertificateStatus::Valid
        }
    }

    /// What may be done with it.
    #[must_use]
    pub fn allowed_actions(&self) -> &'static [CertificateAction] {
        if self.revoked.is_none() { &[CertificateAction::Revoke] } else { &[] }
    }

    /// The certificate, taken back.
    ///
    /// # Errors
    /// [`CertificateError::Revoked`].
    pub fn revoke(self, reason: LongText, now: DateTime<Utc>) -> Result<Self, CertificateError> {
        if self.revoked.is_some() {
            return Err(CertificateError::Revoked);
        }
        Ok(Self { revoked: Some(Revocation { at: now, reason }), ..self })
    }
}

/// The learning hours of a certificate: what the programme states, else what the days somebody was there are worth in its
/// form.
#[must_use]
pub fn completion_jp(
    stated: Option<Hundredths>,
    form: Option<&Form>,
    present_on: &[NaiveDate],
) -> (Option<Hundredths>, JpBasis) {
    match (stated, form) {
        (Some(jp), _) => (Some(jp), JpBasis::Stated),
        (None, Some(form)) => {
            let credit = form.credit(None, present_on, false);
            (credit.jp, credit.basis)
        }
        (None, None) => (None, JpBasis::Unknown),
    }
}

wire_enum! {
    /// What became of proposed evidence.
    pub enum ProposalState {
        /// Nobody has looked at it yet.
        Proposed = "PROPOSED",
        /// An assessment took it up: its result says which level there is.
        TakenUp = "TAKEN_UP",
        /// It was found not to be evidence.
        Dismissed = "DISMISSED",
        /// Its certificate was taken back.
        Void = "VOID",
    }
}

wire_enum! {
    /// What can be done with proposed evidence.
    pub enum ProposalAction {
        /// Say which assessment took it up.
        TakeUp = "TAKE_UP",
        /// Find that it is no evidence.
        Dismiss = "DISMISS",
    }
}

/// Evidence that a completion proposes for a competency. It never raises a level: an assessment may.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EvidenceProposal {
    /// Its identifier.
    pub id: EvidenceProposalId,
    /// Whose.
    pub employee: EmployeeId,
    /// The competency.
    pub competency: CompetencyId,
    /// Whose dictionary it comes from.
    pub competency_agency: AgencyId,
    /// The level the programme leads to.
    pub level: Level,
    /// What it rests on.
    pub certificate: CertificateId,
    /// When it was proposed.
    pub proposed_at: DateTime<Utc>,
    /// What became of it.
    pub state: ProposalState,
    /// The assessment result that took it up.
    pub result: Option<AssessmentResultId>,
    /// Why it was dismissed.
    pub reason: Option<LongText>,
    /// How often it has been written.
    pub version: Version,
}

/// Why nothing is decided about proposed evidence.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ProposalError {
    /// It was decided on before.
    #[error("the proposal is in state {0}")]
    WrongState(ProposalState),
    /// The result is another person's, in another competency, or from before the training ended.
    #[error("the result is not about what was proposed")]
    OtherResult,
}

impl ProposalError {
    /// The code clients see.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::WrongState(_) => "EVIDENCE_PROPOSAL_STATE",
            Self::OtherResult => "EVIDENCE_PROPOSAL_OTHER_RESULT",
        }
    }
}

impl EvidenceProposal {
    /// What may be done with it.
    #[must_use]
    pub const fn allowed_actions(&self) -> &'static [ProposalAction] {
        match self.state {
            ProposalState::Proposed => &[ProposalAction::TakeUp, ProposalAction::Dismiss],
            ProposalState::TakenUp | ProposalState::Dismissed | ProposalState::Void => &[],
        }
    }

    fn open(self) -> Result<Self, ProposalError> {
        if self.allowed_actions().is_empty() { Err(ProposalError::WrongState(self.state)) } else { Ok(self) }
    }

    /// The proposal, taken up by an assessment: `result` is about `employee` and `competency`, found on `assessed_on`, when
    /// what was learned until `held_until` could be seen.
    ///
    /// # Errors
    /// [`ProposalError`].
    pub fn take_up(
        self,
        result: AssessmentResultId,
        (employee, competency): (EmployeeId, CompetencyId),
        assessed_on: NaiveDate,
        held_until: NaiveDate,
    ) -> Result<Self, ProposalError> {
        let one = self.open()?;
        if (one.employee, one.competency) != (employee, competency) || assessed_on < held_until {
            return Err(ProposalError::OtherResult);
        }
        Ok(Self { state: ProposalState::TakenUp, result: Some(result), ..one })
    }

    /// The proposal, found to be no evidence.
    ///
    /// # Errors
    /// [`ProposalError::WrongState`].
    pub fn dismiss(self, reason: LongText) -> Result<Self, ProposalError> {
        let one = self.open()?;
        Ok(Self { state: ProposalState::Dismissed, reason: Some(reason), ..one })
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

    fn certificate(valid_until: Option<NaiveDate>) -> IssuedCertificate {
        IssuedCertificate {
            id: CertificateId::new(),
            enrolment: EnrolmentId::new(),
            class: ClassId::new(),
            programme: ProgrammeId::new(),
            employee: EmployeeId::new(),
            holder: Name::parse("Contoh").unwrap(),
            number: Name::parse("P/K/001").unwrap(),
            code: VerifyCode::of(7),
            title: Name::parse("P").unwrap(),
            provider: Name::parse("BPSDM").unwrap(),
            form: Code::parse("KL03").unwrap(),
            jp: None,
            jp_basis: JpBasis::Unknown,
            held_from: day(6, 1),
            held_until: day(6, 2),
            issued_on: day(6, 3),
            valid_until,
            revoked: None,
            version: Version::FIRST,
        }
    }

    #[test]
    fn a_certificate_counts_to_its_last_day_and_no_longer() {
        let some = certificate(Some(day(7, 1)));
        assert_eq!(some.status(day(7, 1)), CertificateStatus::Valid);
        assert_eq!(some.status(day(7, 2)), CertificateStatus::Expired);
        assert_eq!(certificate(None).status(NaiveDate::MAX), CertificateStatus::Valid);
        let reason = LongText::parse("Keliru").unwrap();
        let revoked = some.revoke(reason.clone(), DateTime::UNIX_EPOCH).unwrap();
        assert_eq!(revoked.status(day(7, 1)), CertificateStatus::Revoked);
        assert!(revoked.allowed_actions().is_empty());
        assert_eq!(revoked.revoke(reason, DateTime::UNIX_EPOCH).unwrap_err().code(), "CERTIFICATE_REVOKED");
    }

    #[test]
    fn hours_are_what_the_programme_states_and_else_what_the_days_are_worth() {
        let rubric = reference::forms_policy().rubric;
        let days = [day(6, 1), day(6, 2), day(6, 2)];
        let jp = |hours: u32| Some(Hundredths::from_count(hours * 100));
        assert_eq!(completion_jp(jp(24), rubric.form("KL03"), &days), (jp(24), JpBasis::Stated));
        assert_eq!(completion_jp(None, rubric.form("KL03"), &days), (jp(8), JpBasis::Converted));
        assert_eq!(completion_jp(None, rubric.form("KL01"), &days), (None, JpBasis::Unknown));
        assert_eq!(completion_jp(None, None, &days), (None, JpBasis::Unknown));
    }

    #[test]
    fn a_code_is_read_as_people_write_it() {
        let code = VerifyCode::of(u128::MAX);
        assert_eq!(code.as_str().len(), VerifyCode::LENGTH);
        assert_eq!(code.grouped(), "7ZZZZ-ZZZZZ-ZZZZZ-ZZZZZ-ZZZZZZ");
        assert_eq!(VerifyCode::parse("7zzzz zzzzz-zzzzz zzzzz zzzzzz"), Ok(code));
        let typed = "OOOOO-OOOOO-OOOOO-OOOOO-OOOOOl";
        assert_eq!(VerifyCode::parse(typed), Ok(VerifyCode::of(1)));
        for wrong in [
            "",
            "0",
            "7ZZZZ-ZZZZZ-ZZZZZ-ZZZZZ-ZZZZZ",
            "8ZZZZZZZZZZZZZZZZZZZZZZZZZ",
            "7ZZZZZZZZZZZZZZZZZZZZZZZZZZ",
            "UUUUUUUUUUUUUUUUUUUUUUUUUU",
            "éZZZZZZZZZZZZZZZZZZZZZZZZZ",
        ] {
            assert!(VerifyCode::parse(wrong).is_err(), "{wrong}");
        }
    }

    proptest! {
        #[test]
        fn a_code_reads_back_whole_and_in_groups(bits in any::<u128>()) {
            let code = VerifyCode::of(bits);
            prop_assert_eq!(&VerifyCode::parse(code.as_str()).unwrap(), &code);
            prop_assert_eq!(&VerifyCode::parse(&code.grouped().to_lowercase()).unwrap(), &code);
        }

        #[test]
        fn other_bits_are_another_code(one in any::<u128>(), other in any::<u128>()) {
            prop_assert_eq!(VerifyCode::of(one) == VerifyCode::of(other), one == other);
        }
    }
}
