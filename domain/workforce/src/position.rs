//! Positions and their job classes.

use chrono::NaiveDate;
use kernel::{Code, Name, PositionId, UnitId, Version, wire_enum};

use crate::read::{squeeze, two_digits};

wire_enum! {
    /// The job class of a position (kelompok jabatan): leadership and administrative positions, then functional
    /// positions (JF) of skill and of expertise.
    pub enum JobClass {
        /// JPT Utama: head of a non-ministerial national agency.
        JptUtama = "JPT_UTAMA",
        /// JPT Madya: secretary general, director general, provincial secretary.
        JptMadya = "JPT_MADYA",
        /// JPT Pratama: director, head of a regional office.
        JptPratama = "JPT_PRATAMA",
        /// Jabatan Administrator.
        Administrator = "ADMINISTRATOR",
        /// Jabatan Pengawas.
        Pengawas = "PENGAWAS",
        /// Jabatan Pelaksana.
        Pelaksana = "PELAKSANA",
        /// JF keterampilan, first rung.
        JfPemula = "JF_PEMULA",
        /// JF keterampilan, second rung.
        JfTerampil = "JF_TERAMPIL",
        /// JF keterampilan, third rung.
        JfMahir = "JF_MAHIR",
        /// JF keterampilan, highest rung.
        JfPenyelia = "JF_PENYELIA",
        /// JF keahlian, first rung.
        JfAhliPertama = "JF_AHLI_PERTAMA",
        /// JF keahlian, second rung.
        JfAhliMuda = "JF_AHLI_MUDA",
        /// JF keahlian, third rung.
        JfAhliMadya = "JF_AHLI_MADYA",
        /// JF keahlian, highest rung.
        JfAhliUtama = "JF_AHLI_UTAMA",
    }
}

impl JobClass {
    /// The code of SIASN's list of rungs (jenjang jabatan).
    #[must_use]
    pub const fn siasn_code(self) -> &'static str {
        match self {
            Self::JptUtama => "01",
            Self::JptMadya => "02",
            Self::JptPratama => "03",
            Self::Administrator => "04",
            Self::Pengawas => "05",
            Self::Pelaksana => "06",
            Self::JfPemula => "11",
            Self::JfTerampil => "12",
            Self::JfMahir => "13",
            Self::JfPenyelia => "14",
            Self::JfAhliPertama => "21",
            Self::JfAhliMuda => "22",
            Self::JfAhliMadya => "23",
            Self::JfAhliUtama => "24",
        }
    }

    /// The class a SIASN code names.
    #[must_use]
    pub fn from_siasn_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|class| class.siasn_code() == code)
    }

    /// The Indonesian name people read.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::JptUtama => "JPT Utama",
            Self::JptMadya => "JPT Madya",
            Self::JptPratama => "JPT Pratama",
            Self::Administrator => "Administrator",
            Self::Pengawas => "Pengawas",
            Self::Pelaksana => "Pelaksana",
            Self::JfPemula => "JF Pemula",
            Self::JfTerampil => "JF Terampil",
            Self::JfMahir => "JF Mahir",
            Self::JfPenyelia => "JF Penyelia",
            Self::JfAhliPertama => "JF Ahli Pertama",
            Self::JfAhliMuda => "JF Ahli Muda",
            Self::JfAhliMadya => "JF Ahli Madya",
            Self::JfAhliUtama => "JF Ahli Utama",
        }
    }

    /// Reads what a spreadsheet may hold: the code, SIASN's code (with or without its leading zero), the Indonesian
    /// name, short or in full, in any case and punctuation.
    #[must_use]
    pub fn read(text: &str) -> Option<Self> {
        if let Some(class) = Self::from_siasn_code(&two_digits(text)) {
            return Some(class);
        }
        let squeezed = squeeze(text);
        let short = squeezed
            .replace("jabatanpimpinantinggi", "jpt")
            .replace("pimpinantinggi", "jpt")
            .replace("jabatanfungsional", "jf");
        let short = short.strip_prefix("jabatan").unwrap_or(&short);
        Self::ALL.into_iter().find(|class| {
            let label = squeeze(class.label());
            // "Ahli Muda" names a functional rung without saying so; "Madya" alone would be ambiguous.
            short == label || label.strip_prefix("jf") == Some(short)
        })
    }
}

/// A position (jabatan) in a unit. Several people may hold one, as with pelaksana positions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Position {
    /// Its identifier.
    pub id: PositionId,
    /// Its code, unique in the agency.
    pub code: Code,
    /// Its name.
    pub name: Name,
    /// The unit it belongs to.
    pub unit: UnitId,
    /// Its job class.
    pub job_class: JobClass,
    /// Whether its holder heads the unit.
    pub is_head: bool,
    /// The first day it no longer exists.
    pub abolished_on: Option<NaiveDate>,
    /// How often it has been written.
    pub version: Version,
}

wire_enum! {
    /// What can be done with a position.
    pub enum PositionAction {
        /// Change its name, unit or head flag.
        Edit = "EDIT",
        /// Close it from a day on.
        Abolish = "ABOLISH",
    }
}

/// Why a change of a position is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PositionError {
    /// The position has standards or placements that were made for its present job class.
    #[error("the job class of a position in use may not change")]
    JobClassInUse,
    /// The position no longer exists.
    #[error("the position was abolished on {0}")]
    Abolished(NaiveDate),
}

impl PositionError {
    /// The code clients see.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::JobClassInUse => "POSITION_JOB_CLASS_IN_USE",
            Self::Abolished(_) => "POSITION_ABOLISHED",
        }
    }
}

impl Position {
    /// Whether the position exists on `day`.
    #[must_use]
    pub fn exists_on(&self, day: NaiveDate) -> bool {
        self.abolished_on.is_none_or(|abolished| day < abolished)
    }

    /// What may be done with it as things stand.
    #[must_use]
    pub fn allowed_actions(&self) -> &'static [PositionAction] {
        if self.abolished_on.is_none() { &PositionAction::ALL } else { &[] }
    }

    /// The same position in another job class. `used` says whether a placement or a standard refers to it: those
    /// were made for the class it has, so an agency creates a new position instead.
    ///
    /// # Errors
    /// [`PositionError::JobClassInUse`], [`PositionError::Abolished`].
    pub fn reclassify(self, job_class: JobClass, used: bool) -> Result<Self, PositionError> {
        let position = self.existing()?;
        if used && job_class != position.job_class {
            return Err(PositionError::JobClassInUse);
        }
        Ok(Self { job_class, ..position })
    }

    /// The same position, gone from `day` on.
    ///
    /// # Errors
    /// [`PositionError::Abolished`].
    pub fn abolish(self, day: NaiveDate) -> Result<Self, PositionError> {
        Ok(Self { abolished_on: Some(day), ..self.existing()? })
    }

    fn existing(self) -> Result<Self, PositionError> {
        match self.abolished_on {
            Some(day) => Err(PositionError::Abolished(day)),
            None => Ok(self),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(y: i32, m: u32, d: u32) -> NaiveDate {
        NaiveDate::from_ymd_opt(y, m, d).unwrap()
    }

    fn position() -> Position {
        Position {
            id: PositionId::new(),
            code: Code::parse("DINKES-01").unwrap(),
            name: Name::parse("Kepala Dinas Kesehatan").unwrap(),
            unit: UnitId::new(),
            job_class: JobClass::JptPratama,
            is_head: true,
            abolished_on: None,
            version: Version::FIRST,
        }
    }

    #[test]
    fn every_class_reads_from_its_code_its_siasn_code_and_its_label() {
        for class in JobClass::ALL {
            for text in [class.as_str(), class.siasn_code(), class.label(), &class.label().to_uppercase()] {
                assert_eq!(JobClass::read(text), Some(class), "{text}");
            }
            assert_eq!(JobClass::from_siasn_code(class.siasn_code()), Some(class));
        }
    }

    #[test]
    fn spreadsheet_spellings_read_and_ambiguous_ones_do_not() {
        for (text, class) in [
            ("2", JobClass::JptMadya),
            (" jabatan pimpinan tinggi pratama ", JobClass::JptPratama),
            ("Pimpinan Tinggi Utama", JobClass::JptUtama),
            ("Jabatan Fungsional Ahli Muda", JobClass::JfAhliMuda),
            ("ahli  pertama", JobClass::JfAhliPertama),
            ("Jabatan Pengawas", JobClass::Pengawas),
            ("penyelia", JobClass::JfPenyelia),
        ] {
            assert_eq!(JobClass::read(text), Some(class), "{text}");
        }
        for text in ["", "Madya", "Utama", "7", "99", "jf", "jpt", "Jabatan", "eselon II"] {
            assert_eq!(JobClass::read(text), None, "{text}");
        }
    }

    #[test]
    fn the_job_class_of_a_position_in_use_stays() {
        let moved = position().reclassify(JobClass::Administrator, false).unwrap();
        assert_eq!(moved.job_class, JobClass::Administrator);
        assert_eq!(position().reclassify(JobClass::Administrator, true), Err(PositionError::JobClassInUse));
        assert!(position().reclassify(JobClass::JptPratama, true).is_ok());
    }

    #[test]
    fn an_abolished_position_is_over_on_its_day_and_closed_to_change() {
        let gone = position().abolish(day(2026, 7, 1)).unwrap();
        assert!(gone.exists_on(day(2026, 6, 30)) && !gone.exists_on(day(2026, 7, 1)));
        assert_eq!(gone.allowed_actions(), []);
        let refusal = PositionError::Abolished(day(2026, 7, 1));
        assert_eq!(gone.clone().abolish(day(2027, 1, 1)), Err(refusal));
        assert_eq!(gone.reclassify(JobClass::Pelaksana, false), Err(refusal));
        assert_eq!(position().allowed_actions(), PositionAction::ALL);
    }
}
