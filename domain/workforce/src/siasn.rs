//! Code lists of SIASN, BKN's civil service information system, as far as its exports speak in codes.
//!
//! BKN publishes no description of them. They are taken from public clients of its web service, so each carries how sure
//! that is, and all of them one version: a list that changes becomes another version here.

use crate::JobClass;
use crate::read::squeeze;

/// Which edition of the lists this is.
pub const VERSION: &str = "2026-11";

/// How sure a code's meaning is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Confidence {
    /// Two independent sources agree.
    Confirmed,
    /// One source says so.
    Single,
    /// It follows from other facts.
    Inferred,
}

/// An echelon (eselon) of a structural position.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Echelon {
    /// SIASN's `eselonId`.
    pub code: &'static str,
    /// What people call it.
    pub name: &'static str,
    /// The job class it stands for; none for what is no structural position.
    pub class: Option<JobClass>,
    /// How sure that is.
    pub confidence: Confidence,
}

const fn echelon_of(
    code: &'static str,
    name: &'static str,
    class: Option<JobClass>,
    confidence: Confidence,
) -> Echelon {
    Echelon { code, name, class, confidence }
}

/// SIASN's `referensi/eselon`. Echelon V has no class of its own any more; UU 5/2014 Pasal 131 puts it beside the
/// implementing positions.
pub const ECHELONS: [Echelon; 12] = [
    echelon_of("10", "I.a (JPT Utama)", Some(JobClass::JptUtama), Confidence::Single),
    echelon_of("11", "I.a", Some(JobClass::JptMadya), Confidence::Single),
    echelon_of("12", "I.b", Some(JobClass::JptMadya), Confidence::Single),
    echelon_of("21", "II.a", Some(JobClass::JptPratama), Confidence::Single),
    echelon_of("22", "II.b", Some(JobClass::JptPratama), Confidence::Single),
    echelon_of("31", "III.a", Some(JobClass::Administrator), Confidence::Single),
    echelon_of("32", "III.b", Some(JobClass::Administrator), Confidence::Single),
    echelon_of("41", "IV.a", Some(JobClass::Pengawas), Confidence::Single),
    echelon_of("42", "IV.b", Some(JobClass::Pengawas), Confidence::Single),
    echelon_of("51", "V.a", Some(JobClass::Pelaksana), Confidence::Inferred),
    echelon_of("52", "V.b", Some(JobClass::Pelaksana), Confidence::Inferred),
    echelon_of("99", "bukan jabatan struktural", None, Confidence::Single),
];

/// The echelon with this code.
#[must_use]
pub fn echelon(code: &str) -> Option<&'static Echelon> {
    ECHELONS.iter().find(|echelon| echelon.code == code.trim())
}

/// The letters by which SIASN tells the rungs (jenjang) of functional positions.
pub const RUNGS: [(&str, JobClass, Confidence); 8] = [
    ("PM", JobClass::JfPemula, Confidence::Single),
    ("TR", JobClass::JfTerampil, Confidence::Single),
    ("MH", JobClass::JfMahir, Confidence::Single),
    ("PY", JobClass::JfPenyelia, Confidence::Single),
    ("PT", JobClass::JfAhliPertama, Confidence::Single),
    ("MU", JobClass::JfAhliMuda, Confidence::Single),
    ("MA", JobClass::JfAhliMadya, Confidence::Single),
    ("UT", JobClass::JfAhliUtama, Confidence::Single),
];

/// The rung that letters or a name mean, or the last words of the name of a functional position: `Arsiparis Ahli Muda`.
/// Among functional positions `Madya` alone is `Ahli Madya`, as their names were before 2019.
#[must_use]
pub fn rung(text: &str) -> Option<JobClass> {
    let text = text.trim();
    if let Some((_, class, _)) = RUNGS.iter().find(|(letters, ..)| letters.eq_ignore_ascii_case(text)) {
        return Some(*class);
    }
    let words: Vec<&str> = text.split_whitespace().collect();
    let last =
        |count: usize| words.get(words.len().checked_sub(count)?..).map(|words| squeeze(&words.concat()));
    // A bare number would be read as a code of another list.
    let named =
        |text: String| text.bytes().any(|byte| byte.is_ascii_alphabetic()).then(|| JobClass::read(&text));
    let two = last(2).and_then(named).flatten();
    two.or_else(|| {
        let one = last(1)?;
        match one.as_str() {
            "pertama" => Some(JobClass::JfAhliPertama),
            "muda" => Some(JobClass::JfAhliMuda),
            "madya" => Some(JobClass::JfAhliMadya),
            "utama" => Some(JobClass::JfAhliUtama),
            "pemula" => Some(JobClass::JfPemula),
            "terampil" => Some(JobClass::JfTerampil),
            "mahir" => Some(JobClass::JfMahir),
            "penyelia" => Some(JobClass::JfPenyelia),
            _ => None,
        }
    })
}

/// The kind of a position (`jenisJabatanId`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PositionKind {
    /// 1, structural: it heads a unit. Also 3, structural and functional at once.
    Structural,
    /// 2, functional.
    Functional,
    /// 4, general: pelaksana.
    General,
}

impl PositionKind {
    /// The kind with this code, or this name.
    #[must_use]
    pub fn read(text: &str) -> Option<Self> {
        match squeeze(text).as_str() {
            "1" | "3" | "struktural" | "jabatanstruktural" | "rangkap" => Some(Self::Structural),
            "2" | "fungsionaltertentu" | "fungsional" | "jabatanfungsional" | "jabatanfungsionaltertentu" => {
                Some(Self::Functional)
            }
            "4" | "fungsionalumum" | "jabatanfungsionalumum" | "pelaksana" | "jabatanpelaksana" => {
                Some(Self::General)
            }
            _ => None,
        }
    }
}

/// SIASN's `referensi/latihanStruktural`: structural leadership training as it was called before 2018. A single source; today's
/// names (PKP, PKA, PKN) are not on it.
pub const LEADERSHIP_TRAININGS: [(&str, &str); 8] = [
    ("1", "SEPADA"),
    ("2", "SEPALA/ADUM/PIM IV"),
    ("3", "SEPADYA/SPAMA/PIM III"),
    ("4", "SPAMEN/SESPA/PIM II"),
    ("5", "SEPATI/PIM I"),
    ("6", "SESPIM"),
    ("7", "SESPATI"),
    ("8", "Diklat struktural lainnya"),
];

/// What the structural leadership training of this code is called.
#[must_use]
pub fn leadership_training(code: &str) -> Option<&'static str> {
    LEADERSHIP_TRAININGS.iter().find(|(known, _)| *known == code.trim()).map(|(_, name)| *name)
}

/// Whether a legal standing (`kedudukanPnsId`) means that somebody serves no more: dismissed, at the age limit, retired.
#[must_use]
pub fn has_left(standing: &str) -> bool {
    matches!(standing.trim(), "66" | "98" | "99")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn leadership_training_is_named_by_its_code() {
        assert_eq!(leadership_training(" 4 "), Some("SPAMEN/SESPA/PIM II"));
        assert_eq!((leadership_training("9"), leadership_training("")), (None, None));
    }

    #[test]
    fn an_echelon_is_no_rung_though_their_codes_look_alike() {
        assert_eq!(echelon("21").unwrap().class, Some(JobClass::JptPratama));
        assert_eq!(JobClass::read("21"), Some(JobClass::JfAhliPertama));
        assert_eq!(echelon("99").unwrap().class, None);
        assert_eq!(echelon("7"), None);
        let mut codes: Vec<_> = ECHELONS.iter().map(|one| one.code).collect();
        codes.dedup();
        assert_eq!(codes.len(), ECHELONS.len());
    }

    #[test]
    fn a_rung_is_read_from_letters_and_from_the_end_of_a_name() {
        for (text, class) in [
            ("MU", Some(JobClass::JfAhliMuda)),
            ("ut", Some(JobClass::JfAhliUtama)),
            ("Analis Kepegawaian Ahli Muda", Some(JobClass::JfAhliMuda)),
            ("Arsiparis Terampil", Some(JobClass::JfTerampil)),
            ("Widyaiswara Madya", Some(JobClass::JfAhliMadya)),
            ("Ahli Pertama", Some(JobClass::JfAhliPertama)),
            ("Dokter", None),
            ("21", None),
            ("", None),
        ] {
            assert_eq!(rung(text), class, "{text}");
        }
    }

    #[test]
    fn kinds_of_positions_go_by_code_or_name() {
        assert_eq!(PositionKind::read("1"), Some(PositionKind::Structural));
        assert_eq!(PositionKind::read("Jabatan Fungsional Tertentu"), Some(PositionKind::Functional));
        assert_eq!(PositionKind::read("4"), Some(PositionKind::General));
        assert_eq!(PositionKind::read("9"), None);
        assert!(has_left("99") && !has_left("01"));
    }
}
