//! Which columns each kind of file has, and by which names people call them.

use super::ImportKind;
use super::learning_columns::{CLASSES, OWN_LEARNINGS, PROGRAMME_STEPS, PROGRAMMES, TRAINING_RECORDS};

/// What the cells of a column are, which is how a template formats them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CellKind {
    /// Text, also where it looks like a number or a date: `001`, `1-2`, an 18-digit NIP.
    Text,
    /// A number.
    Number,
    /// A calendar day.
    Date,
}

/// One column of a file.
#[derive(Clone, Copy, Debug)]
pub struct Column {
    /// Its name in the contract.
    pub name: &'static str,
    /// Whether every file of the kind has it and every row fills it.
    pub required: bool,
    /// What its cells are.
    pub cells: CellKind,
    /// Other names it goes by in agencies' own files.
    pub aliases: &'static [&'static str],
    /// What belongs into it, in Indonesian.
    pub description_id: &'static str,
    /// What belongs into it, in English.
    pub description_en: &'static str,
    /// A value it could have.
    pub example: &'static str,
}

impl Column {
    /// Whether `header` is one of its names: case, spaces and punctuation do not count.
    #[must_use]
    pub fn answers_to(&self, header: &str) -> bool {
        let header = fold(header);
        std::iter::once(&self.name).chain(self.aliases).any(|name| fold(name) == header)
    }

    pub(super) const fn number(self) -> Self {
        Self { cells: CellKind::Number, ..self }
    }

    pub(super) const fn date(self) -> Self {
        Self { cells: CellKind::Date, ..self }
    }
}

/// Letters and digits only, in lower case: `Kode Unit`, `KODE_UNIT` and `kode.unit *` are one.
pub(super) fn fold(header: &str) -> String {
    header.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

pub(super) const fn required(
    name: &'static str,
    aliases: &'static [&'static str],
    description_id: &'static str,
    description_en: &'static str,
    example: &'static str,
) -> Column {
    Column { name, required: true, cells: CellKind::Text, aliases, description_id, description_en, example }
}

pub(super) const fn optional(
    name: &'static str,
    aliases: &'static [&'static str],
    description_id: &'static str,
    description_en: &'static str,
    example: &'static str,
) -> Column {
    Column { name, required: false, cells: CellKind::Text, aliases, description_id, description_en, example }
}

pub(super) const NIP: Column = required(
    "nip",
    &["nip_baru", "ni_pppk", "nip_ni_pppk", "nomor_induk_pegawai"],
    "NIP atau NI PPPK, 18 angka, disimpan sebagai teks agar tidak ada angka yang hilang",
    "NIP or NI PPPK, 18 digits, kept as text so that none is lost",
    "198609262015051001",
);

pub(super) const DICTIONARY: Column = required(
    "dictionary",
    &["kamus", "kode_kamus", "kamus_kompetensi"],
    "Kode kamus kompetensi, milik instansi atau kamus nasional",
    "Code of the competency dictionary, the agency's own or a national one",
    "KAMUS-TEKNIS",
);

pub(super) const COMPETENCY_CODE: Column = required(
    "competency_code",
    &["kode_kompetensi", "kompetensi"],
    "Kode kompetensi di dalam kamus tersebut",
    "Code of the competency in that dictionary",
    "T.1",
);

static UNITS: [Column; 4] = [
    required(
        "code",
        &["kode", "kode_unit", "kode_unor"],
        "Kode unit kerja, unik di instansi",
        "Code of the unit, unique in the agency",
        "DINKES-01",
    ),
    required(
        "name",
        &["nama", "nama_unit", "nama_unor", "unit_kerja", "nama_unit_kerja"],
        "Nama unit kerja",
        "Name of the unit",
        "Bidang Kesehatan Masyarakat",
    ),
    optional(
        "parent_code",
        &["kode_induk", "induk", "kode_unit_induk", "unit_induk", "kode_atasan", "parent"],
        "Kode unit induk; kosong untuk unit puncak",
        "Code of the unit above; blank for a top unit",
        "DINKES",
    ),
    optional(
        "kind",
        &["jenis", "jenis_unit", "tipe"],
        "Jenis unit, misalnya Dinas, Bidang, UPTD",
        "Kind of unit, such as Dinas, Bidang, UPTD",
        "Bidang",
    ),
];

static POSITIONS: [Column; 5] = [
    required(
        "code",
        &["kode", "kode_jabatan"],
        "Kode jabatan, unik di instansi",
        "Code of the position, unique in the agency",
        "JAB-001",
    ),
    required(
        "name",
        &["nama", "nama_jabatan", "jabatan"],
        "Nama jabatan",
        "Name of the position",
        "Kepala Bidang Kesehatan Masyarakat",
    ),
    required(
        "unit_code",
        &["kode_unit", "kode_unor", "unit_kerja", "unit", "unor", "kode_unit_kerja"],
        "Kode unit kerja tempat jabatan berada",
        "Code of the unit the position belongs to",
        "DINKES-01",
    ),
    required(
        "job_class",
        &["kelompok_jabatan", "jenjang_jabatan", "jenjang", "kode_jenjang"],
        "Kelompok jabatan: nama, misalnya Administrator atau Ahli Muda, atau kode jenjang SIASN",
        "Job class: a name such as Administrator or Ahli Muda, or SIASN's code",
        "Administrator",
    ),
    optional(
        "is_head",
        &["pimpinan", "kepala_unit", "kepala", "pimpinan_unit"],
        "Apakah jabatan ini memimpin unitnya: ya atau tidak; kosong berarti tidak",
        "Whether the position heads its unit: ya or tidak; blank means no",
        "ya",
    ),
];

static EMPLOYEES: [Column; 7] = [
    NIP,
    required(
        "name",
        &["nama", "nama_lengkap", "nama_pegawai"],
        "Nama lengkap",
        "Full name",
        "Pegawai Contoh",
    ),
    required(
        "status",
        &["status_kepegawaian", "status_pegawai", "jenis_pegawai"],
        "Status kepegawaian: PNS, CPNS, PPPK, atau PPPK Paruh Waktu",
        "Standing: PNS, CPNS, PPPK or PPPK Paruh Waktu",
        "PNS",
    ),
    optional(
        "position_code",
        &["kode_jabatan", "jabatan"],
        "Kode jabatan yang diduduki; kosong bila belum ada",
        "Code of the position held; blank for none",
        "JAB-001",
    ),
    optional(
        "unit_code",
        &["kode_unit", "kode_unor", "unit_kerja", "unit", "unor", "kode_unit_kerja"],
        "Kode unit kerja; harus unit dari jabatannya",
        "Code of the unit; must be that of the position",
        "DINKES-01",
    ),
    optional(
        "appointed_on",
        &["tmt_cpns", "tmt", "tmt_pengangkatan", "tanggal_pengangkatan"],
        "Tanggal mulai pengangkatan pertama (TMT CPNS)",
        "Day of first appointment (TMT CPNS)",
        "2015-05-01",
    )
    .date(),
    optional(
        "education",
        &["pendidikan", "pendidikan_terakhir", "tingkat_pendidikan"],
        "Pendidikan terakhir: nama tingkat, misalnya S1 atau D-III, atau kode SIASN",
        "Highest education: a level such as S1 or D-III, or SIASN's code",
        "S1",
    ),
];

static COMPETENCIES: [Column; 5] = [
    DICTIONARY,
    required(
        "code",
        &["kode", "kode_kompetensi"],
        "Kode kompetensi, unik di dalam kamus",
        "Code of the competency, unique in the dictionary",
        "T.1",
    ),
    required(
        "name",
        &["nama", "nama_kompetensi", "kompetensi"],
        "Nama kompetensi",
        "Name of the competency",
        "Penyelidikan Wabah",
    ),
    required(
        "family",
        &["jenis", "jenis_kompetensi", "rumpun", "kelompok"],
        "Jenis kompetensi: MANAJERIAL, SOSIAL_KULTURAL, atau TEKNIS",
        "Family of the competency: MANAJERIAL, SOSIAL_KULTURAL or TEKNIS",
        "TEKNIS",
    ),
    required(
        "definition",
        &["definisi", "uraian", "pengertian"],
        "Definisi kompetensi",
        "Definition of the competency",
        "Kemampuan menyelidiki kejadian luar biasa penyakit dan menyusun rekomendasinya.",
    ),
];

static LEVELS: [Column; 5] = [
    DICTIONARY,
    required(
        "code",
        &["kode", "kode_kompetensi", "competency_code"],
        "Kode kompetensi di dalam kamus",
        "Code of the competency in the dictionary",
        "T.1",
    ),
    required("level", &["tingkat", "level_kompetensi"], "Level, 1 sampai 5", "Level, 1 to 5", "1").number(),
    required(
        "description",
        &["deskripsi", "uraian", "deskripsi_level"],
        "Deskripsi level",
        "Description of the level",
        "Memahami langkah dasar penyelidikan wabah.",
    ),
    optional(
        "indicators",
        &["indikator", "indikator_perilaku", "indikator_kompetensi"],
        "Indikator perilaku, dipisahkan tanda |",
        "Behavioural indicators, with | between them",
        "Menjelaskan langkah penyelidikan|Mencatat kasus pada formulir baku",
    ),
];

static STANDARDS: [Column; 7] = [
    required(
        "position_code",
        &["kode_jabatan", "jabatan"],
        "Kode jabatan yang memiliki standar ini",
        "Code of the position the standard is for",
        "JAB-001",
    ),
    DICTIONARY,
    COMPETENCY_CODE,
    required(
        "required_level",
        &["level_syarat", "level", "level_dipersyaratkan", "tingkat"],
        "Level yang dipersyaratkan, 1 sampai 5",
        "Required level, 1 to 5",
        "3",
    )
    .number(),
    optional(
        "weight",
        &["bobot"],
        "Bobot, paling banyak dua desimal; kosong berarti 1",
        "Weight, at most two decimals; blank means 1",
        "1",
    )
    .number(),
    optional(
        "importance",
        &["kepentingan", "tingkat_kepentingan"],
        "Tingkat kepentingan: MUTLAK, PENTING, atau PERLU",
        "Importance: MUTLAK, PENTING or PERLU",
        "PENTING",
    ),
    required(
        "valid_from",
        &["berlaku_mulai", "mulai_berlaku", "tmt_berlaku", "berlaku_sejak"],
        "Tanggal standar mulai berlaku",
        "Day from which the standard is in force",
        "2026-01-01",
    )
    .date(),
];

static ASSESSMENTS: [Column; 10] = [
    NIP,
    DICTIONARY,
    COMPETENCY_CODE,
    required(
        "level",
        &["level_capaian", "tingkat", "hasil", "level_hasil"],
        "Level yang dicapai, 1 sampai 5",
        "Level achieved, 1 to 5",
        "2",
    )
    .number(),
    required(
        "purpose",
        &["tujuan", "tujuan_penilaian"],
        "Tujuan penilaian: FILLING (pengisian jabatan) atau MAPPING (pemetaan)",
        "Purpose of the assessment: FILLING (of a position) or MAPPING",
        "MAPPING",
    ),
    required(
        "method",
        &["metode", "metode_penilaian"],
        "Metode penilaian: ASSESSMENT_CENTER, CACT, SIMPLE, MODERATE, COMPLEX, INTERVIEW, TEST, atau SELF",
        "Method of the assessment: ASSESSMENT_CENTER, CACT, SIMPLE, MODERATE, COMPLEX, INTERVIEW, TEST or SELF",
        "ASSESSMENT_CENTER",
    ),
    required(
        "provider",
        &["penyelenggara", "lembaga", "penyelenggara_penilaian"],
        "Penyelenggara penilaian",
        "Who ran the assessment",
        "UPT Penilaian Kompetensi",
    ),
    required(
        "assessed_on",
        &["tanggal_penilaian", "tanggal", "tgl_penilaian"],
        "Tanggal penilaian",
        "Day of the assessment",
        "2026-02-10",
    )
    .date(),
    optional(
        "valid_until",
        &["berlaku_sampai", "berlaku_hingga", "masa_berlaku"],
        "Hari terakhir hasil berlaku; kosong berarti menurut kebijakan masa berlaku",
        "Last day the result is valid; blank means as the validity policy says",
        "2029-02-10",
    )
    .date(),
    optional(
        "reference",
        &["nomor", "nomor_laporan", "no_laporan", "referensi"],
        "Nomor laporan atau berita acara",
        "Number of the report",
        "LHP/01/2026",
    ),
];

/// The columns of a kind, in the order of its template.
#[must_use]
pub fn columns(kind: ImportKind) -> &'static [Column] {
    match kind {
        ImportKind::Units => &UNITS,
        ImportKind::Positions => &POSITIONS,
        ImportKind::Employees => &EMPLOYEES,
        ImportKind::Competencies => &COMPETENCIES,
        ImportKind::Levels => &LEVELS,
        ImportKind::Standards => &STANDARDS,
        ImportKind::Assessments => &ASSESSMENTS,
        ImportKind::Programmes => &PROGRAMMES,
        ImportKind::ProgrammeSteps => &PROGRAMME_STEPS,
        ImportKind::Classes => &CLASSES,
        ImportKind::OwnLearnings => &OWN_LEARNINGS,
        ImportKind::TrainingRecords => &TRAINING_RECORDS,
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    #[test]
    fn no_name_means_two_columns_of_a_kind() {
        for kind in ImportKind::ALL {
            let mut owners = BTreeMap::new();
            for column in columns(kind) {
                for name in std::iter::once(&column.name).chain(column.aliases) {
                    let before = owners.insert(fold(name), column.name);
                    assert_eq!(before, None, "{kind}: {name}");
                }
            }
        }
    }

    #[test]
    fn a_header_is_known_however_it_is_typed() {
        let [code, ..] = columns(ImportKind::Units) else { panic!("units have columns") };
        for header in
            ["code", "KODE", " Kode Unit ", "kode_unit", "Kode.Unit", "kode-unit*", "Kode\u{a0}Unit"]
        {
            assert!(code.answers_to(header), "{header}");
        }
        assert!(!code.answers_to("kode induk") && !code.answers_to(""));
    }

    #[test]
    fn the_columns_are_those_of_the_contract() {
        let names = ImportKind::ALL
            .map(|kind| columns(kind).iter().map(|column| column.name).collect::<Vec<_>>().join(","));
        assert_eq!(
            names,
            [
                "code,name,parent_code,kind",
                "code,name,unit_code,job_class,is_head",
                "nip,name,status,position_code,unit_code,appointed_on,education",
                "dictionary,code,name,family,definition",
                "dictionary,code,level,description,indicators",
                "position_code,dictionary,competency_code,required_level,weight,importance,valid_from",
                "nip,dictionary,competency_code,level,purpose,method,provider,assessed_on,valid_until,reference",
                "code,name,objectives,form,partner_code,curriculum_owner_code,mode,jp,price_per_participant,\
                 price_per_class,accreditation,certificate_months,audience_job_classes,audience_job_families,state,\
                 prerequisite_programmes",
                "programme_code,dictionary,competency_code,level_from,level_to",
                "code,programme_code,seats,min_participants,waitlist,registration_opens_at,registration_closes_at,\
                 session_starts_at,session_ends_at,session_place,session_url,session_topic,note,state",
                "nip,title,provider,form,started_on,ended_on,units,international,certificate_jp,certificate_number,\
                 certificate_issued_on,certificate_valid_until,document,note",
                "nip,title,provider,form,started_on,ended_on,jp,certificate_number,certificate_issued_on,\
                 certificate_valid_until,document",
            ]
        );
    }
}
