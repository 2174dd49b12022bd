//! The agency's own dictionary of technical competencies, in four versions.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use competency::{Content, Dictionary, DictionaryState, DictionaryVersion, LevelText, version_at};
use kernel::{AgencyId, CompetencyId, DictionaryId, DictionaryVersionId, Level, Version};

use super::{Calendar, code, day, long_text, name};
use store::FoundingDictionary;

use crate::app::AppError;

/// Code and name of the dictionary.
const DICTIONARY: (&str, &str) = ("KAMUS-TEKNIS", "Kamus Kompetensi Teknis");

/// Competencies: code, name, and how the subject reads within a sentence.
const TECHNICAL: [(&str, &str, &str); 13] = [
    ("T.01", "Penyusunan Kebijakan Publik", "penyusunan kebijakan publik"),
    ("T.02", "Perencanaan dan Penganggaran", "perencanaan dan penganggaran berbasis kinerja"),
    ("T.03", "Pengelolaan Keuangan Daerah", "pengelolaan keuangan daerah"),
    ("T.04", "Manajemen Aparatur Sipil Negara", "manajemen aparatur sipil negara"),
    ("T.05", "Pengelolaan Data Sektoral", "pengelolaan data dan statistik sektoral"),
    ("T.06", "Pemerintahan Berbasis Elektronik", "penyelenggaraan layanan pemerintahan berbasis elektronik"),
    ("T.07", "Pelayanan Kesehatan Masyarakat", "pelayanan kesehatan masyarakat"),
    ("T.08", "Pembelajaran dan Asesmen", "pembelajaran dan asesmen peserta didik"),
    ("T.09", "Penataan Ruang dan Infrastruktur", "penataan ruang dan pembangunan infrastruktur"),
    ("T.10", "Pengawasan Intern", "pengawasan intern pemerintah"),
    ("T.11", "Pelayanan Perizinan dan Kependudukan", "pelayanan perizinan dan administrasi kependudukan"),
    ("T.12", "Pengelolaan Arsip Dinamis", "pengelolaan arsip dinamis"),
    ("T.13", "Mitigasi Risiko Bencana", "mitigasi risiko bencana"),
];

/// A version: how many of the competencies it has, when it was published and when retired.
type Edition = (usize, Option<(i32, u32, u32)>, Option<(i32, u32, u32)>);

/// The first was retired, two are in use beside each other, the last is being written.
const EDITIONS: [Edition; 4] = [
    (8, Some((2021, 2, 1)), Some((2023, 12, 1))),
    (10, Some((2023, 6, 1)), None),
    (12, Some((2025, 2, 3)), None),
    (13, None, None),
];

/// A version of a dictionary and what it says.
pub(super) type Written = (DictionaryVersion, Vec<Content>);

/// Every dictionary that standards and assessments may name.
#[derive(Clone, Debug)]
pub(super) struct Catalogue {
    /// The national one.
    pub(super) national: Written,
    /// The agency's own.
    pub(super) own: FoundingDictionary,
}

impl Catalogue {
    pub(super) fn new(agency: AgencyId, national: Written, calendar: &Calendar) -> Result<Self, AppError> {
        Ok(Self { national, own: own(agency, calendar)? })
    }

    /// The version of the agency's own dictionary that was in use at `at`.
    pub(super) fn technical_at(&self, at: DateTime<Utc>) -> Option<&Written> {
        let versions: Vec<DictionaryVersion> =
            self.own.versions.iter().map(|(version, _)| version.clone()).collect();
        let found = version_at(&versions, at)?.id;
        self.own.versions.iter().find(|(version, _)| version.id == found)
    }
}

fn own(agency: AgencyId, calendar: &Calendar) -> Result<FoundingDictionary, AppError> {
    let dictionary = Dictionary {
        id: DictionaryId::new(),
        agency,
        code: code(DICTIONARY.0)?,
        name: name(DICTIONARY.1)?,
        version: Version::FIRST,
    };
    let ids: BTreeMap<&str, CompetencyId> =
        TECHNICAL.iter().map(|(code, ..)| (*code, CompetencyId::new())).collect();
    let mut versions = Vec::new();
    for (number, (count, published, retired)) in (1..).zip(EDITIONS) {
        let draft = DictionaryVersion {
            id: DictionaryVersionId::new(),
            agency,
            dictionary: dictionary.id,
            number,
            state: DictionaryState::Draft,
            published_at: None,
            retired_at: None,
            version: Version::FIRST,
        };
        let contents = TECHNICAL
            .iter()
            .take(count)
            .filter_map(|(code, title, subject)| Some((ids.get(code)?, code, title, subject)))
            .map(|(id, code, title, subject)| content(*id, code, title, subject))
            .collect::<Result<Vec<_>, _>>()?;
        let at = |(year, month, on)| calendar.instant(day(year, month, on));
        let mut version = draft;
        if let Some(date) = published {
            version = DictionaryVersion {
                version: version.version.next(),
                ..version.publish(&contents, at(date))?
            };
        }
        if let Some(date) = retired {
            version = DictionaryVersion { version: version.version.next(), ..version.retire(at(date))? };
        }
        versions.push((version, contents));
    }
    Ok(FoundingDictionary { dictionary, versions })
}

/// What the dictionary says of a competency. Of the one that is being written the upper levels are still missing.
fn content(id: CompetencyId, number: &str, title: &str, subject: &str) -> Result<Content, AppError> {
    let written = if number == "T.13" { 2 } else { 5 };
    let levels = Level::ALL
        .into_iter()
        .zip(levels(subject))
        .take(written)
        .map(|(level, (description, indicators))| {
            Ok(LevelText {
                level,
                description: long_text(&description)?,
                indicators: indicators.iter().map(|text| long_text(text)).collect::<Result<_, _>>()?,
            })
        })
        .collect::<Result<_, AppError>>()?;
    Ok(Content {
        competency: id,
        code: code(number)?,
        name: name(title)?,
        family: code("TEKNIS")?,
        definition: long_text(&format!(
            "Pengetahuan, keterampilan, dan sikap kerja yang diperlukan dalam {subject}."
        ))?,
        levels,
    })
}

/// Description and indicators of levels 1 to 5.
fn levels(subject: &str) -> [(String, [String; 2]); 5] {
    [
        (
            format!("Memahami dasar {subject} dan mengerjakan tugas sederhana dengan bimbingan."),
            [
                format!("Menjelaskan istilah dan ketentuan pokok {subject}."),
                "Mengikuti langkah kerja menurut petunjuk dan menanyakan yang belum jelas.".to_owned(),
            ],
        ),
        (
            format!("Menerapkan {subject} secara mandiri dalam pekerjaan sehari-hari."),
            [
                format!("Menyelesaikan tugas {subject} sesuai prosedur tanpa pendampingan."),
                "Menemukan dan memperbaiki kesalahan pada hasil kerja sendiri.".to_owned(),
            ],
        ),
        (
            format!("Menganalisis persoalan {subject} dan membimbing pelaksanaannya di unit kerja."),
            [
                format!("Menguraikan sebab persoalan {subject} dan menawarkan pilihan penyelesaian."),
                "Membimbing rekan kerja sampai mampu mengerjakan tugas serupa.".to_owned(),
            ],
        ),
        (
            format!("Mengevaluasi dan menyempurnakan {subject} lintas unit kerja."),
            [
                format!("Menilai hasil {subject} dengan ukuran yang disepakati."),
                "Menyempurnakan prosedur bersama unit kerja lain yang terlibat.".to_owned(),
            ],
        ),
        (
            format!("Mengembangkan konsep {subject} dan menjadi rujukan bagi instansi lain."),
            [
                format!("Merumuskan arah kebijakan {subject} untuk jangka panjang."),
                "Dimintai pendapat oleh instansi lain ketika persoalan belum ada contohnya.".to_owned(),
            ],
        ),
    ]
}
