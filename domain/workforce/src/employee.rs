//! Civil servants.

use chrono::NaiveDate;
use kernel::{
    EmployeeId, Name, Nip, NipWarning, ServiceKind, Version, Violation, ViolationCode, Violations, add_years,
    wire_enum,
};

use crate::read::{squeeze, two_digits};

wire_enum! {
    /// A civil servant's standing (status kepegawaian).
    pub enum EmployeeStatus {
        /// Permanent civil servant.
        Pns = "PNS",
        /// Candidate permanent civil servant, on probation.
        Cpns = "CPNS",
        /// Contract civil servant.
        Pppk = "PPPK",
        /// Part-time contract civil servant.
        PppkParuhWaktu = "PPPK_PARUH_WAKTU",
    }
}

impl EmployeeStatus {
    /// Whose kind of identity number this standing has.
    #[must_use]
    pub const fn service_kind(self) -> ServiceKind {
        match self {
            Self::Pns | Self::Cpns => ServiceKind::Pns,
            Self::Pppk | Self::PppkParuhWaktu => ServiceKind::Pppk,
        }
    }

    /// Reads what a spreadsheet may hold, in any case and punctuation.
    #[must_use]
    pub fn read(text: &str) -> Option<Self> {
        let text = squeeze(text);
        match text.as_str() {
            "pegawainegerisipil" => Some(Self::Pns),
            "calonpns" | "calonpegawainegerisipil" => Some(Self::Cpns),
            "pppkpw" => Some(Self::PppkParuhWaktu),
            _ => Self::ALL.into_iter().find(|status| squeeze(status.as_str()) == text),
        }
    }
}

wire_enum! {
    /// The highest education on record (SIASN `tingkatPendidikanId`).
    pub enum Education {
        /// Primary school.
        Sd = "SD",
        /// Lower secondary school.
        Sltp = "SLTP",
        /// Vocational lower secondary school.
        SltpKejuruan = "SLTP_KEJURUAN",
        /// Upper secondary school.
        Slta = "SLTA",
        /// Vocational upper secondary school.
        SltaKejuruan = "SLTA_KEJURUAN",
        /// Upper secondary school for teachers.
        SltaKeguruan = "SLTA_KEGURUAN",
        /// One-year diploma.
        D1 = "D1",
        /// Two-year diploma.
        D2 = "D2",
        /// Three-year diploma.
        D3 = "D3",
        /// Four-year diploma.
        D4 = "D4",
        /// Bachelor's degree.
        S1 = "S1",
        /// Professional qualification after a bachelor's degree.
        Profesi = "PROFESI",
        /// Master's degree.
        S2 = "S2",
        /// Specialist.
        Spesialis = "SPESIALIS",
        /// Subspecialist.
        Subspesialis = "SUBSPESIALIS",
        /// Doctorate.
        S3 = "S3",
    }
}

impl Education {
    /// SIASN's code.
    #[must_use]
    pub const fn siasn_code(self) -> &'static str {
        match self {
            Self::Sd => "05",
            Self::Sltp => "10",
            Self::SltpKejuruan => "12",
            Self::Slta => "15",
            Self::SltaKejuruan => "17",
            Self::SltaKeguruan => "18",
            Self::D1 => "20",
            Self::D2 => "25",
            Self::D3 => "30",
            Self::D4 => "35",
            Self::S1 => "40",
            Self::Profesi => "42",
            Self::S2 => "45",
            Self::Spesialis => "47",
            Self::Subspesialis => "49",
            Self::S3 => "50",
        }
    }

    /// The level a SIASN code names.
    #[must_use]
    pub fn from_siasn_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|level| level.siasn_code() == code)
    }

    /// The Indonesian name people read.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::Sd => "SD",
            Self::Sltp => "SLTP",
            Self::SltpKejuruan => "SLTP Kejuruan",
            Self::Slta => "SLTA",
            Self::SltaKejuruan => "SLTA Kejuruan",
            Self::SltaKeguruan => "SLTA Keguruan",
            Self::D1 => "D-I",
            Self::D2 => "D-II",
            Self::D3 => "D-III",
            Self::D4 => "D-IV",
            Self::S1 => "S-1",
            Self::Profesi => "Profesi",
            Self::S2 => "S-2",
            Self::Spesialis => "Spesialis",
            Self::Subspesialis => "Subspesialis",
            Self::S3 => "S-3",
        }
    }

    /// Reads what a spreadsheet may hold: the code, SIASN's code, the Indonesian name and common other names.
    #[must_use]
    pub fn read(text: &str) -> Option<Self> {
        if let Some(level) = Self::from_siasn_code(&two_digits(text)) {
            return Some(level);
        }
        let text = squeeze(text);
        match text.as_str() {
            "smp" => Some(Self::Sltp),
            "sma" => Some(Self::Slta),
            "smk" => Some(Self::SltaKejuruan),
            "sarjana" | "strata1" => Some(Self::S1),
            "magister" | "strata2" => Some(Self::S2),
            "doktor" | "strata3" => Some(Self::S3),
            _ => Self::ALL
                .into_iter()
                .find(|level| squeeze(level.as_str()) == text || squeeze(level.label()) == text),
        }
    }
}

/// A civil servant (pegawai ASN).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Employee {
    /// The identifier.
    pub id: EmployeeId,
    /// NIP or NI PPPK, unique in the agency.
    pub nip: Nip,
    /// The name.
    pub name: Name,
    /// The standing on record; it decides over what the number suggests.
    pub status: EmployeeStatus,
    /// The highest education on record.
    pub education: Option<Education>,
    /// The day the first appointment took effect (TMT CPNS, TMT PPPK).
    pub appointed_on: Option<NaiveDate>,
    /// The direct superior where it differs from what the unit tree says.
    pub superior: Option<EmployeeId>,
    /// How often the record has been written.
    pub version: Version,
}

impl Employee {
    /// An appointment before this age is a slip of the keyboard. Not a rule of law: under 18 warns
    /// ([`NipWarning::AppointedUnderAge`]), because birth dates in old numbers may be wrong by years.
    pub const YOUNGEST: u8 = 15;

    /// Whether the record agrees with itself.
    ///
    /// # Errors
    /// `/appointed_on` earlier than the birth date plus [`YOUNGEST`](Self::YOUNGEST) years, `/superior_id` naming
    /// the person themselves.
    pub fn check(&self) -> Result<(), Vec<Violation>> {
        let mut violations = Violations::new();
        let born_on = self.nip.reading().ok().map(|reading| reading.born_on);
        let earliest = born_on.map(|born| add_years(born, Self::YOUNGEST));
        violations.check(
            matches!((self.appointed_on, earliest), (Some(on), Some(earliest)) if on < earliest),
            || Violation::new("/appointed_on", ViolationCode::Inconsistent),
        );
        violations.check(self.superior == Some(self.id), || {
            Violation::new("/superior_id", ViolationCode::Inconsistent)
        });
        violations.finish()
    }

    /// What on record does not agree with the identity number; these never refuse.
    #[must_use]
    pub fn warnings(&self) -> Vec<NipWarning> {
        self.nip.warnings(self.status.service_kind(), self.appointed_on)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(y: i32, m: u32, d: u32) -> NaiveDate {
        NaiveDate::from_ymd_opt(y, m, d).unwrap()
    }

    fn employee() -> Employee {
        Employee {
            id: EmployeeId::new(),
            nip: Nip::parse("198609262015051001", day(2026, 7, 1)).unwrap(),
            name: Name::parse("Contoh Pegawai").unwrap(),
            status: EmployeeStatus::Pns,
            education: Some(Education::S1),
            appointed_on: Some(day(2015, 5, 1)),
            superior: None,
            version: Version::FIRST,
        }
    }

    #[test]
    fn statuses_read_from_spreadsheets() {
        for status in EmployeeStatus::ALL {
            assert_eq!(EmployeeStatus::read(&status.as_str().to_lowercase()), Some(status));
        }
        assert_eq!(EmployeeStatus::read("PPPK Paruh Waktu"), Some(EmployeeStatus::PppkParuhWaktu));
        assert_eq!(EmployeeStatus::read("Calon PNS"), Some(EmployeeStatus::Cpns));
        assert_eq!(EmployeeStatus::read("honorer"), None);
    }

    #[test]
    fn education_reads_from_spreadsheets() {
        for level in Education::ALL {
            for text in [level.as_str(), level.siasn_code(), level.label(), &level.label().to_lowercase()] {
                assert_eq!(Education::read(text), Some(level), "{text}");
            }
        }
        assert_eq!(Education::read("5"), Some(Education::Sd));
        assert_eq!(Education::read("D.IV"), Some(Education::D4));
        assert_eq!(Education::read("SMK"), Some(Education::SltaKejuruan));
        assert_eq!(Education::read("S4"), None);
    }

    #[test]
    fn a_record_that_contradicts_itself_is_refused_at_its_place() {
        assert_eq!(employee().check(), Ok(()));
        let child = Employee { appointed_on: Some(day(2001, 9, 25)), ..employee() };
        assert_eq!(child.check().unwrap_err()[0].pointer, "/appointed_on");
        let youngest = Employee { appointed_on: Some(day(2001, 9, 26)), ..employee() };
        assert_eq!(youngest.check(), Ok(()));
        let mut own = employee();
        own.superior = Some(own.id);
        assert_eq!(own.check().unwrap_err()[0].pointer, "/superior_id");
    }

    #[test]
    fn what_the_number_contradicts_only_warns() {
        let contract = Employee { status: EmployeeStatus::Pppk, ..employee() };
        assert_eq!(contract.check(), Ok(()));
        assert_eq!(contract.warnings(), [NipWarning::StatusDiffers]);
        let candidate = Employee { status: EmployeeStatus::Cpns, ..employee() };
        assert_eq!(candidate.warnings(), []);
    }
}
