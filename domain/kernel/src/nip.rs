//! The identity number of a civil servant: NIP of a PNS, NI PPPK of a contract employee.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use crate::{Violation, ViolationCode};

/// An 18-digit NIP (nomor induk pegawai; Perka BKN 22/2007) or NI PPPK whose parts make sense.
///
/// It is text: as a number, a spreadsheet loses its last digits.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Nip(String);

crate::wire_enum! {
    /// What a number says of its holder's service.
    pub enum ServiceKind {
        /// Permanent civil servant: digits 13-14 name the month of first appointment (TMT CPNS).
        Pns = "PNS",
        /// Contract civil servant: digits 13-14 hold a work-agreement code above 12.
        Pppk = "PPPK",
    }
}

crate::wire_enum! {
    /// Sex as digit 15 gives it.
    pub enum Sex {
        /// Digit 1.
        Male = "MALE",
        /// Digit 2.
        Female = "FEMALE",
    }
}

/// A NIP taken apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NipReading {
    /// Digits 1-8.
    pub born_on: NaiveDate,
    /// PNS or PPPK, told by digits 13-14 (an inference: SIASN's own status decides).
    pub kind: ServiceKind,
    /// Digits 9-12.
    pub appointment_year: i32,
    /// Digits 13-14 of a PNS.
    pub appointment_month: Option<u32>,
    /// Digits 13-14 of a PPPK: number or frequency of the work agreement.
    pub agreement_code: Option<u32>,
    /// Digit 15.
    pub sex: Sex,
    /// Digits 16-18, from 1.
    pub serial: u32,
}

crate::wire_enum! {
    /// A fact that does not agree with the number. Real records hold corrected birth dates while the number is never
    /// reissued, so these warn and never refuse.
    pub enum NipWarning {
        /// The date of appointment on record lies in another month than the number's.
        AppointmentDiffers = "APPOINTMENT_DIFFERS",
        /// The number reads as PNS, the record says PPPK, or the other way round.
        StatusDiffers = "STATUS_DIFFERS",
        /// The holder would have been younger than 18 at appointment.
        AppointedUnderAge = "APPOINTED_UNDER_AGE",
    }
}

impl Nip {
    /// Digits of a NIP.
    pub const LENGTH: usize = 18;

    /// Reads a number as people write it (`19860926 201505 1 001`); spaces and dots are dropped.
    ///
    /// # Errors
    /// Which part is wrong, with an empty pointer and the value seen. `today` bounds the birth date.
    pub fn parse(text: &str, today: NaiveDate) -> Result<Self, Violation> {
        let no =
            |code| Err(Violation::new("", code).with("value", text.chars().take(40).collect::<String>()));
        let trimmed = text.trim();
        if trimmed.is_empty() {
            return Err(Violation::new("", ViolationCode::Required));
        }
        if is_scientific(trimmed) {
            return no(ViolationCode::NipScientific);
        }
        let digits: String = trimmed.chars().filter(|c| !matches!(c, ' ' | '.' | '\u{a0}')).collect();
        if digits.len() != Self::LENGTH || !digits.bytes().all(|b| b.is_ascii_digit()) {
            return no(ViolationCode::NipLength);
        }
        let nip = Self(digits);
        match nip.reading() {
            Ok(reading) if reading.born_on > today => no(ViolationCode::NipBirthDate),
            Ok(_) => Ok(nip),
            Err(code) => no(code),
        }
    }

    /// A number that was checked before it was stored.
    #[must_use]
    pub fn stored(text: String) -> Self {
        Self(text)
    }

    /// The 18 digits.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The display form, `19860926 201505 1 001`.
    #[must_use]
    pub fn display(&self) -> String {
        [0..8, 8..14, 14..15, 15..18].map(|part| self.0.get(part).unwrap_or_default()).join(" ")
    }

    /// The number taken apart.
    ///
    /// # Errors
    /// The part that makes no sense.
    pub fn reading(&self) -> Result<NipReading, ViolationCode> {
        let part = |range: std::ops::Range<usize>| {
            self.0.get(range).and_then(|digits| digits.parse::<u32>().ok()).unwrap_or(0)
        };
        let year = |range| i32::try_from(part(range)).unwrap_or(0);
        let born_on = NaiveDate::from_ymd_opt(year(0..4), part(4..6), part(6..8))
            .filter(|day| *day >= NaiveDate::from_ymd_opt(1900, 1, 1).unwrap_or(NaiveDate::MIN))
            .ok_or(ViolationCode::NipBirthDate)?;
        let (appointment_year, code) = (year(8..12), part(12..14));
        let born_year = year(0..4);
        if code == 0 || appointment_year <= born_year || appointment_year > born_year + 120 {
            return Err(ViolationCode::NipAppointment);
        }
        let sex = match part(14..15) {
            1 => Sex::Male,
            2 => Sex::Female,
            _ => return Err(ViolationCode::NipSex),
        };
        let serial = part(15..18);
        if serial == 0 {
            return Err(ViolationCode::NipSerial);
        }
        let kind = if code <= 12 { ServiceKind::Pns } else { ServiceKind::Pppk };
        Ok(NipReading {
            born_on,
            kind,
            appointment_year,
            appointment_month: (kind == ServiceKind::Pns).then_some(code),
            agreement_code: (kind == ServiceKind::Pppk).then_some(code),
            sex,
            serial,
        })
    }

    /// What on record does not agree with the number; empty when all does.
    #[must_use]
    pub fn warnings(&self, recorded: ServiceKind, appointed_on: Option<NaiveDate>) -> Vec<NipWarning> {
        use chrono::Datelike;
        let Ok(reading) = self.reading() else { return Vec::new() };
        let mut warnings = Vec::new();
        let month_differs = |day: NaiveDate| {
            day.year() != reading.appointment_year
                || reading.appointment_month.is_some_and(|month| month != day.month())
        };
        if appointed_on.is_some_and(month_differs) {
            warnings.push(NipWarning::AppointmentDiffers);
        }
        if reading.kind != recorded {
            warnings.push(NipWarning::StatusDiffers);
        }
        if reading.appointment_year < reading.born_on.year() + 18 {
            warnings.push(NipWarning::AppointedUnderAge);
        }
        warnings
    }
}

/// `1.98E+17` and its kin: what a spreadsheet shows for a number too long for it.
fn is_scientific(text: &str) -> bool {
    text.split_once(['e', 'E']).is_some_and(|(mantissa, exponent)| {
        let number = |part: &str| {
            !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit() || matches!(b, b'.' | b',' | b'+'))
        };
        number(mantissa) && number(exponent)
    })
}

/// Never prints the number: it is personal data and ends up in logs.
impl std::fmt::Debug for Nip {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Nip(..)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn today() -> NaiveDate {
        NaiveDate::from_ymd_opt(2026, 7, 1).unwrap()
    }

    fn refused(text: &str) -> ViolationCode {
        Nip::parse(text, today()).unwrap_err().code
    }

    #[test]
    fn the_published_pns_example_reads_as_printed() {
        let nip = Nip::parse("19860926 201505 1 001", today()).unwrap();
        let reading = nip.reading().unwrap();
        assert_eq!(nip.display(), "19860926 201505 1 001");
        assert_eq!(reading.born_on, NaiveDate::from_ymd_opt(1986, 9, 26).unwrap());
        assert_eq!((reading.kind, reading.sex, reading.serial), (ServiceKind::Pns, Sex::Male, 1));
        assert_eq!((reading.appointment_year, reading.appointment_month), (2015, Some(5)));
    }

    #[test]
    fn the_published_pppk_example_reads_as_printed() {
        let reading = Nip::parse("199009132025242014", today()).unwrap().reading().unwrap();
        assert_eq!((reading.kind, reading.agreement_code), (ServiceKind::Pppk, Some(24)));
        assert_eq!((reading.sex, reading.serial), (Sex::Female, 14));
        assert_eq!(reading.appointment_month, None);
    }

    #[test]
    fn each_wrong_part_is_named() {
        assert_eq!(refused(""), ViolationCode::Required);
        assert_eq!(refused("1.98E+17"), ViolationCode::NipScientific);
        assert_eq!(refused("1,98609E+17"), ViolationCode::NipScientific);
        assert_eq!(refused("19860926201505100"), ViolationCode::NipLength);
        assert_eq!(refused("19860926201505100A"), ViolationCode::NipLength);
        assert_eq!(refused("\u{661}9860926201505100"), ViolationCode::NipLength);
        assert_eq!(refused("198602302015051001"), ViolationCode::NipBirthDate);
        assert_eq!(refused("202609262045051001"), ViolationCode::NipBirthDate);
        assert_eq!(refused("198609262015001001"), ViolationCode::NipAppointment);
        assert_eq!(refused("198609261985051001"), ViolationCode::NipAppointment);
        assert_eq!(refused("198609262015053001"), ViolationCode::NipSex);
        assert_eq!(refused("198609262015051000"), ViolationCode::NipSerial);
    }

    #[test]
    fn what_disagrees_with_the_number_warns() {
        let nip = Nip::parse("198609262015051001", today()).unwrap();
        let may = NaiveDate::from_ymd_opt(2015, 5, 31);
        assert_eq!(nip.warnings(ServiceKind::Pns, may), []);
        assert_eq!(nip.warnings(ServiceKind::Pns, None), []);
        assert_eq!(
            nip.warnings(ServiceKind::Pppk, NaiveDate::from_ymd_opt(2016, 5, 1)),
            [NipWarning::AppointmentDiffers, NipWarning::StatusDiffers]
        );
        let young = Nip::parse("199909262015051001", today()).unwrap();
        assert_eq!(young.warnings(ServiceKind::Pns, None), [NipWarning::AppointedUnderAge]);
    }

    #[test]
    fn a_log_never_shows_the_number() {
        let nip = Nip::parse("198609262015051001", today()).unwrap();
        assert!(!format!("{nip:?}").contains("1986"));
    }

    proptest! {
        #[test]
        fn whatever_is_read_displays_and_reads_again(text in "\\PC{0,30}|[0-9. ]{16,24}|19[5-9][0-9]0[1-9]1[0-9]20[0-2][0-9][0-2][1-9][12][0-9]{3}") {
            if let Ok(nip) = Nip::parse(&text, today()) {
                prop_assert_eq!(nip.as_str().len(), 18);
                prop_assert_eq!(Nip::parse(&nip.display(), today()), Ok(nip));
            }
        }
    }
}
