//! Units and positions of a regional government, as many as its people fill.

use chrono::NaiveDate;
use kernel::{AgencyZone, PositionId, UnitId, Version};
use workforce::{JobClass, Position, Unit};

use super::{code, day, name};
use crate::app::AppError;

/// The three governments of the demo.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Region {
    Kota,
    Kabupaten,
    Provinsi,
}

impl Region {
    pub(super) const ALL: [Self; 3] = [Self::Kota, Self::Kabupaten, Self::Provinsi];

    pub(super) const fn code(self) -> &'static str {
        match self {
            Self::Kota => "DEMO-KOTA",
            Self::Kabupaten => "DEMO-KABUPATEN",
            Self::Provinsi => "DEMO-PROVINSI",
        }
    }

    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Kota => "Pemerintah Kota Demo",
            Self::Kabupaten => "Pemerintah Kabupaten Demo",
            Self::Provinsi => "Pemerintah Provinsi Demo",
        }
    }

    pub(super) const fn zone(self) -> AgencyZone {
        match self {
            Self::Kota => AgencyZone::Wib,
            Self::Kabupaten => AgencyZone::Wita,
            Self::Provinsi => AgencyZone::Wit,
        }
    }

    /// Its place among the streams of chance, and among the serials of identity numbers.
    pub(super) const fn number(self) -> u32 {
        match self {
            Self::Kota => 0,
            Self::Kabupaten => 1,
            Self::Provinsi => 2,
        }
    }

    /// How many of `people` work here: 35, 35 and 30 of a hundred, and nobody is lost to rounding.
    pub(super) const fn share(self, people: u32) -> u32 {
        let most = people / 20 * 7 + people % 20 * 7 / 20;
        match self {
            Self::Kota | Self::Kabupaten => most,
            Self::Provinsi => people - 2 * most,
        }
    }
}

/// A functional profession: its name, and whether it has rungs of skill below those of expertise.
#[derive(Clone, Copy, Debug)]
struct Career {
    name: &'static str,
    skilled: bool,
}

const fn expert(name: &'static str) -> Career {
    Career { name, skilled: false }
}

const fn skilled(name: &'static str) -> Career {
    Career { name, skilled: true }
}

/// A department: what it is called, its divisions, its profession and the technical competencies it lives by.
#[derive(Clone, Copy, Debug)]
struct Department {
    code: &'static str,
    kind: &'static str,
    name: &'static str,
    divisions: &'static [&'static str],
    career: Career,
    technical: [&'static str; 2],
}

const fn department(
    code: &'static str,
    kind: &'static str,
    name: &'static str,
    divisions: &'static [&'static str],
    career: Career,
    technical: [&'static str; 2],
) -> Department {
    Department { code, kind, name, divisions, career, technical }
}

/// Departments, those no government goes without first.
const DEPARTMENTS: [Department; 15] = [
    department(
        "DISDIK",
        "Dinas",
        "Dinas Pendidikan",
        &["Pembinaan Satuan Pendidikan", "Pembinaan Ketenagaan"],
        expert("Pamong Belajar"),
        ["T.08", "T.05"],
    ),
    department(
        "DINKES",
        "Dinas",
        "Dinas Kesehatan",
        &["Kesehatan Masyarakat", "Pencegahan dan Pengendalian Penyakit", "Pelayanan Kesehatan"],
        skilled("Epidemiolog Kesehatan"),
        ["T.07", "T.05"],
    ),
    department(
        "BKPSDM",
        "Badan",
        "Badan Kepegawaian dan Pengembangan Sumber Daya Manusia",
        &["Pengadaan dan Mutasi", "Penilaian dan Pengembangan Kompetensi"],
        expert("Asesor SDM Aparatur"),
        ["T.04", "T.01"],
    ),
    department(
        "BAPPEDA",
        "Badan",
        "Badan Perencanaan Pembangunan Daerah",
        &["Perencanaan dan Evaluasi", "Riset dan Inovasi"],
        expert("Perencana"),
        ["T.02", "T.01"],
    ),
    department(
        "DISKOMINFO",
        "Dinas",
        "Dinas Komunikasi dan Informatika",
        &["Aplikasi Informatika", "Statistik dan Persandian"],
        skilled("Pranata Komputer"),
        ["T.06", "T.05"],
    ),
    department(
        "BPKAD",
        "Badan",
        "Badan Pengelolaan Keuangan dan Aset Daerah",
        &["Anggaran", "Akuntansi dan Pelaporan", "Pengelolaan Aset"],
        expert("Analis Keuangan Pusat dan Daerah"),
        ["T.03", "T.02"],
    ),
    department(
        "DPUPR",
        "Dinas",
        "Dinas Pekerjaan Umum dan Penataan Ruang",
        &["Bina Marga", "Sumber Daya Air", "Tata Ruang"],
        skilled("Penata Kelola Jalan dan Jembatan"),
        ["T.09", "T.02"],
    ),
    department(
        "DISDUKCAPIL",
        "Dinas",
        "Dinas Kependudukan dan Pencatatan Sipil",
        &["Pelayanan Pendaftaran Penduduk", "Pelayanan Pencatatan Sipil"],
        skilled("Administrator Database Kependudukan"),
        ["T.11", "T.05"],
    ),
    department(
        "DPMPTSP",
        "Dinas",
        "Dinas Penanaman Modal dan Pelayanan Terpadu Satu Pintu",
        &["Penanaman Modal", "Pelayanan Perizinan"],
        expert("Penata Perizinan"),
        ["T.11", "T.01"],
    ),
    department(
        "DINSOS",
        "Dinas",
        "Dinas Sosial",
        &["Rehabilitasi Sosial", "Perlindungan dan Jaminan Sosial"],
        skilled("Pekerja Sosial"),
        ["T.01", "T.05"],
    ),
    department(
        "DLH",
        "Dinas",
        "Dinas Lingkungan Hidup",
        &["Tata Lingkungan", "Pengelolaan Sampah"],
        skilled("Pengawas Lingkungan Hidup"),
        ["T.09", "T.01"],
    ),
    department(
        "SATPOLPP",
        "Satuan",
        "Satuan Polisi Pamong Praja",
        &["Penegakan Peraturan Daerah", "Ketertiban Umum"],
        skilled("Polisi Pamong Praja"),
        ["T.01", "T.12"],
    ),
    department(
        "DISHUB",
        "Dinas",
        "Dinas Perhubungan",
        &["Lalu Lintas", "Angkutan"],
        skilled("Penguji Kendaraan Bermotor"),
        ["T.09", "T.11"],
    ),
    department(
        "DISPERTAN",
        "Dinas",
        "Dinas Pertanian dan Ketahanan Pangan",
        &["Tanaman Pangan", "Peternakan"],
        skilled("Penyuluh Pertanian"),
        ["T.05", "T.02"],
    ),
    department(
        "BAPENDA",
        "Badan",
        "Badan Pendapatan Daerah",
        &["Pajak Daerah", "Retribusi dan Pendapatan Lain"],
        expert("Penilai Pajak"),
        ["T.03", "T.11"],
    ),
];

const PLACES: [&str; 12] = [
    "Melati",
    "Kenanga",
    "Cempaka",
    "Mawar",
    "Anggrek",
    "Teratai",
    "Dahlia",
    "Seroja",
    "Flamboyan",
    "Kamboja",
    "Bougenvil",
    "Wijaya Kusuma",
];

const QUARTERS: [&str; 6] = ["", " Utara", " Selatan", " Timur", " Barat", " Tengah"];

/// The name of the place with this number, no two alike.
fn place(number: u32) -> String {
    let count = |names: usize| u32::try_from(names).unwrap_or(1);
    let at = |names: &[&'static str], index: u32| {
        usize::try_from(index).ok().and_then(|index| names.get(index)).copied().unwrap_or_default()
    };
    let (quarter, round) = (number / count(PLACES.len()), number / count(PLACES.len() * QUARTERS.len()));
    let base = at(&PLACES, number % count(PLACES.len()));
    let quarter = at(&QUARTERS, quarter % count(QUARTERS.len()));
    if round == 0 { format!("{base}{quarter}") } else { format!("{base}{quarter} {}", round + 1) }
}

/// A position, and what the people who hold it have to do with.
#[derive(Clone, Debug)]
pub(super) struct Post {
    pub(super) position: Position,
    /// Number of the department: the unit right below the top it belongs to.
    pub(super) office: usize,
    /// How many more people serve here than elsewhere; none for what one person or nobody holds.
    pub(super) seats: u32,
    pub(super) technical: [&'static str; 2],
}

/// The units of an agency, each after its parent, and their positions.
#[derive(Clone, Debug)]
pub(super) struct Structure {
    pub(super) units: Vec<Unit>,
    pub(super) posts: Vec<Post>,
    /// The unit at the top of each department, by its number.
    pub(super) offices: Vec<UnitId>,
}

/// A unit that positions are being added to.
struct Open {
    id: UnitId,
    code: String,
    posts: u32,
}

struct Builder {
    structure: Structure,
    technical: [&'static str; 2],
}

impl Builder {
    fn unit(
        &mut self,
        unit_code: impl Into<String>,
        unit_name: &str,
        kind: &str,
        parent: Option<&Open>,
    ) -> Result<Open, AppError> {
        let open = Open { id: UnitId::new(), code: unit_code.into(), posts: 0 };
        self.structure.units.push(Unit {
            id: open.id,
            code: code(&open.code)?,
            name: name(unit_name)?,
            kind: Some(name(kind)?),
            parent: parent.map(|parent| parent.id),
            version: Version::FIRST,
        });
        Ok(open)
    }

    /// A unit right below the top, or the top itself: what follows belongs to it.
    fn office(
        &mut self,
        unit_code: &str,
        unit_name: &str,
        kind: &str,
        parent: Option<&Open>,
    ) -> Result<Open, AppError> {
        let open = self.unit(unit_code, unit_name, kind, parent)?;
        self.structure.offices.push(open.id);
        Ok(open)
    }

    fn post(
        &mut self,
        unit: &mut Open,
        title: &str,
        job_class: JobClass,
        is_head: bool,
        seats: u32,
    ) -> Result<(), AppError> {
        let position = Position {
            id: PositionId::new(),
            code: code(&format!("{}-{:02}", unit.code, unit.posts))?,
            name: name(title)?,
            unit: unit.id,
            job_class,
            is_head,
            abolished_on: None,
            version: Version::FIRST,
        };
        unit.posts += 1;
        let office = self.structure.offices.len().saturating_sub(1);
        let post = Post { position, office, seats, technical: self.technical };
        self.structure.posts.push(post);
        Ok(())
    }

    fn head(&mut self, unit: &mut Open, title: &str, job_class: JobClass) -> Result<(), AppError> {
        self.post(unit, title, job_class, true, 0)
    }

    fn staff(
        &mut self,
        unit: &mut Open,
        title: &str,
        job_class: JobClass,
        seats: u32,
    ) -> Result<(), AppError> {
        self.post(unit, title, job_class, false, seats)
    }

    /// The rungs of a profession, each a position.
    fn rungs(&mut self, unit: &mut Open, career: Career, rungs: &[(JobClass, u32)]) -> Result<(), AppError> {
        for (class, seats) in rungs {
            let rung = class.label().trim_start_matches("JF ");
            self.staff(unit, &format!("{} {rung}", career.name), *class, *seats)?;
        }
        Ok(())
    }
}

/// The structure for `people` people.
pub(super) fn structure(region: Region, people: u32) -> Result<Structure, AppError> {
    let mut builder = Builder {
        structure: Structure { units: Vec::new(), posts: Vec::new(), offices: Vec::new() },
        technical: ["T.01", "T.02"],
    };
    let mut top = builder.office("PEMDA", region.name(), "Pemerintah Daerah", None)?;
    let secretary = if region == Region::Provinsi { JobClass::JptMadya } else { JobClass::JptPratama };
    builder.head(&mut top, "Sekretaris Daerah", secretary)?;
    secretariats(&mut builder, region, &top)?;
    let departments = usize::try_from((people / 80).clamp(5, 15)).unwrap_or_default();
    for department in DEPARTMENTS.iter().take(departments) {
        add_department(&mut builder, region, people, department, &top)?;
    }
    districts(&mut builder, region, people, &top)?;
    targets(&mut builder, &top)?;
    Ok(builder.structure)
}

/// The secretariat of the government, that of its council, and the inspectorate.
fn secretariats(builder: &mut Builder, region: Region, top: &Open) -> Result<(), AppError> {
    let setda = builder.office("SETDA", "Sekretariat Daerah", "Sekretariat", Some(top))?;
    let assistants = [
        ("Pemerintahan dan Kesejahteraan Rakyat", ["Pemerintahan", "Hukum"]),
        ("Perekonomian dan Pembangunan", ["Perekonomian", "Pengadaan Barang dan Jasa"]),
        ("Administrasi Umum", ["Organisasi", "Umum"]),
    ];
    for (number, (field, divisions)) in (1..).zip(assistants) {
        let title = format!("Asisten {field}");
        let mut assistant = builder.unit(format!("SETDA.{number}"), &title, "Asisten", Some(&setda))?;
        builder.head(&mut assistant, &title, JobClass::JptPratama)?;
        for (letter, division) in (1..).zip(divisions) {
            let (kind, class) = match region {
                Region::Provinsi => ("Biro", JobClass::JptPratama),
                Region::Kota | Region::Kabupaten => ("Bagian", JobClass::Administrator),
            };
            let title = format!("{kind} {division}");
            let mut unit =
                builder.unit(format!("SETDA.{number}.{letter}"), &title, kind, Some(&assistant))?;
            builder.head(&mut unit, &format!("Kepala {title}"), class)?;
            builder.staff(&mut unit, "Penelaah Teknis Kebijakan", JobClass::Pelaksana, 3)?;
            let analyst = expert("Analis Kebijakan");
            let rungs = [(JobClass::JfAhliPertama, 2), (JobClass::JfAhliMuda, 2), (JobClass::JfAhliUtama, 1)];
            builder.rungs(&mut unit, analyst, &rungs)?;
        }
    }
    builder.technical = ["T.12", "T.02"];
    let mut council = builder.office("SETWAN", "Sekretariat DPRD", "Sekretariat", Some(top))?;
    builder.head(&mut council, "Sekretaris DPRD", JobClass::JptPratama)?;
    builder.staff(&mut council, "Pengadministrasi Perkantoran", JobClass::Pelaksana, 4)?;
    let archivist = [(JobClass::JfTerampil, 2), (JobClass::JfMahir, 1), (JobClass::JfPenyelia, 1)];
    builder.rungs(&mut council, skilled("Arsiparis"), &archivist)?;
    builder.technical = ["T.10", "T.03"];
    let mut inspectorate = builder.office("INSPEKTORAT", "Inspektorat Daerah", "Inspektorat", Some(top))?;
    builder.head(&mut inspectorate, "Inspektur Daerah", JobClass::JptPratama)?;
    for number in 1..=2_u32 {
        let title = format!("Inspektur Pembantu Wilayah {number}");
        let unit_code = format!("INSPEKTORAT.{number}");
        let mut unit = builder.unit(unit_code, &title, "Inspektur Pembantu", Some(&inspectorate))?;
        builder.head(&mut unit, &title, JobClass::Administrator)?;
        let rungs = [
            (JobClass::JfTerampil, 2),
            (JobClass::JfPenyelia, 1),
            (JobClass::JfAhliPertama, 3),
            (JobClass::JfAhliMuda, 2),
            (JobClass::JfAhliMadya, 1),
        ];
        builder.rungs(&mut unit, skilled("Auditor"), &rungs)?;
    }
    Ok(())
}

/// A department with its secretariat, its divisions and the places it runs.
fn add_department(
    builder: &mut Builder,
    region: Region,
    people: u32,
    department: &Department,
    top: &Open,
) -> Result<(), AppError> {
    let Department { code, kind, name, divisions, career, technical } = *department;
    builder.technical = technical;
    let mut office = builder.office(code, name, kind, Some(top))?;
    builder.head(&mut office, &format!("Kepala {name}"), JobClass::JptPratama)?;
    let mut secretariat =
        builder.unit(format!("{code}.SEK"), &format!("Sekretariat {name}"), "Sekretariat", Some(&office))?;
    builder.head(&mut secretariat, &format!("Sekretaris {name}"), JobClass::Administrator)?;
    let subdivisions = [
        ("Umum dan Kepegawaian", ["T.04", "T.12"], skilled("Arsiparis"), "Pengadministrasi Perkantoran"),
        ("Keuangan", ["T.03", "T.02"], skilled("Pranata Keuangan APBN"), "Pengolah Data dan Informasi"),
    ];
    for (number, (field, technical, career, clerk)) in (1..).zip(subdivisions) {
        builder.technical = technical;
        let title = format!("Subbagian {field}");
        let unit_code = format!("{code}.SEK.{number}");
        let mut unit = builder.unit(unit_code, &title, "Subbagian", Some(&secretariat))?;
        builder.head(&mut unit, &format!("Kepala {title} {name}"), JobClass::Pengawas)?;
        builder.staff(&mut unit, clerk, JobClass::Pelaksana, 3)?;
        builder.rungs(&mut unit, career, &[(JobClass::JfTerampil, 1), (JobClass::JfMahir, 1)])?;
    }
    builder.technical = technical;
    for (number, division) in (1..).zip(divisions) {
        let title = format!("Bidang {division}");
        let mut unit = builder.unit(format!("{code}.{number}"), &title, "Bidang", Some(&office))?;
        builder.head(&mut unit, &format!("Kepala {title}"), JobClass::Administrator)?;
        let rungs = [(JobClass::JfAhliPertama, 3), (JobClass::JfAhliMuda, 3), (JobClass::JfAhliMadya, 1)];
        builder.rungs(&mut unit, career, &rungs)?;
        let title = format!("Seksi Pelaksanaan {division}");
        let mut section = builder.unit(format!("{code}.{number}.1"), &title, "Seksi", Some(&unit))?;
        builder.head(&mut section, &format!("Kepala {title}"), JobClass::Pengawas)?;
        builder.staff(&mut section, "Penelaah Teknis Kebijakan", JobClass::Pelaksana, 3)?;
        builder.staff(&mut section, "Operator Layanan Operasional", JobClass::Pelaksana, 2)?;
        if career.skilled {
            builder.rungs(&mut section, career, &[(JobClass::JfTerampil, 2), (JobClass::JfMahir, 1)])?;
        }
    }
    // A position that was given up when the divisions were cut anew.
    builder.post(&mut secretariat, "Pengelola Surat", JobClass::Pelaksana, false, 0)?;
    if let Some(Post { position, .. }) = builder.structure.posts.last_mut() {
        *position =
            Position { version: position.version.next(), ..position.clone().abolish(abolished_on())? };
    }
    match code {
        "DISDIK" => schools(builder, region, people, &office),
        "DINKES" => clinics(builder, people, &office),
        _ => Ok(()),
    }
}

/// Since when the positions that were given up are gone.
pub(super) fn abolished_on() -> NaiveDate {
    day(2023, 1, 1)
}

fn schools(builder: &mut Builder, region: Region, people: u32, office: &Open) -> Result<(), AppError> {
    let kinds = match region {
        Region::Provinsi => ["SMA Negeri", "SMK Negeri"],
        Region::Kota | Region::Kabupaten => ["SD Negeri", "SMP Negeri"],
    };
    for number in 1..=(people / 100).clamp(2, 1200) {
        let kind = if number % 2 == 1 { kinds.first() } else { kinds.last() };
        let title = format!("{} {} Demo", kind.copied().unwrap_or_default(), number.div_ceil(2));
        let unit_code = format!("SEKOLAH.{number:03}");
        let mut unit = builder.unit(unit_code, &title, "Satuan Pendidikan", Some(office))?;
        builder.head(&mut unit, &format!("Kepala {title}"), JobClass::JfAhliMadya)?;
        let rungs = [(JobClass::JfAhliPertama, 10), (JobClass::JfAhliMuda, 8), (JobClass::JfAhliMadya, 2)];
        builder.rungs(&mut unit, expert("Guru"), &rungs)?;
        builder.staff(&mut unit, "Pengadministrasi Perkantoran", JobClass::Pelaksana, 2)?;
    }
    Ok(())
}

fn clinics(builder: &mut Builder, people: u32, office: &Open) -> Result<(), AppError> {
    for number in 1..=(people / 200).clamp(1, 80) {
        let title = format!("Puskesmas {}", place(number));
        let unit_code = format!("PUSKESMAS.{number:02}");
        let mut unit = builder.unit(unit_code, &title, "UPTD", Some(office))?;
        builder.head(&mut unit, &format!("Kepala {title}"), JobClass::JfAhliMuda)?;
        let nurses = [
            (JobClass::JfPemula, 2),
            (JobClass::JfTerampil, 8),
            (JobClass::JfMahir, 4),
            (JobClass::JfPenyelia, 2),
            (JobClass::JfAhliPertama, 4),
        ];
        builder.rungs(&mut unit, skilled("Perawat"), &nurses)?;
        let doctors = [(JobClass::JfAhliPertama, 3), (JobClass::JfAhliMadya, 1), (JobClass::JfAhliUtama, 1)];
        builder.rungs(&mut unit, expert("Dokter"), &doctors)?;
        builder.staff(&mut unit, "Pengolah Data dan Informasi", JobClass::Pelaksana, 2)?;
    }
    Ok(())
}

/// Districts and their villages; a province has branch offices of its departments in their place.
fn districts(builder: &mut Builder, region: Region, people: u32, top: &Open) -> Result<(), AppError> {
    builder.technical = ["T.11", "T.01"];
    for number in 1..=(people / 150).clamp(2, 30) {
        let place = place(number - 1);
        let unit_code = format!("WILAYAH.{number:02}");
        if region == Region::Provinsi {
            let title = format!("Cabang Dinas Wilayah {place}");
            let mut branch = builder.office(&unit_code, &title, "Cabang Dinas", Some(top))?;
            builder.head(&mut branch, &format!("Kepala {title}"), JobClass::Administrator)?;
            let title = "Subbagian Tata Usaha";
            let mut unit = builder.unit(format!("{unit_code}.1"), title, "Subbagian", Some(&branch))?;
            builder.head(&mut unit, &format!("Kepala {title} Wilayah {place}"), JobClass::Pengawas)?;
            builder.staff(&mut unit, "Pengadministrasi Perkantoran", JobClass::Pelaksana, 4)?;
            builder.staff(&mut unit, "Penelaah Teknis Kebijakan", JobClass::Pelaksana, 3)?;
            continue;
        }
        let title = format!("Kecamatan {place}");
        let mut district = builder.office(&unit_code, &title, "Kecamatan", Some(top))?;
        builder.head(&mut district, &format!("Camat {place}"), JobClass::Administrator)?;
        for (number, field) in (1..).zip(["Pemerintahan", "Pelayanan Umum"]) {
            let title = format!("Seksi {field}");
            let mut unit = builder.unit(format!("{unit_code}.{number}"), &title, "Seksi", Some(&district))?;
            builder.head(&mut unit, &format!("Kepala {title} Kecamatan {place}"), JobClass::Pengawas)?;
            builder.staff(&mut unit, "Pengadministrasi Perkantoran", JobClass::Pelaksana, 3)?;
        }
        let villages = if region == Region::Kota { 2 } else { 1 };
        for village in 1..=villages + people / 8000 {
            let title = format!("Kelurahan {place} {village}");
            let unit_code = format!("{unit_code}.K{village}");
            let mut unit = builder.unit(unit_code, &title, "Kelurahan", Some(&district))?;
            builder.head(&mut unit, &format!("Lurah {place} {village}"), JobClass::Pengawas)?;
            builder.staff(&mut unit, "Operator Layanan Operasional", JobClass::Pelaksana, 3)?;
        }
    }
    Ok(())
}

/// Positions of the national government that nobody here holds: what a talent's profile can be held against.
fn targets(builder: &mut Builder, top: &Open) -> Result<(), AppError> {
    builder.technical = ["T.01", "T.02"];
    let title = "Kelompok Jabatan Sasaran Nasional";
    let mut unit = builder.office("SASARAN", title, "Kelompok Jabatan", Some(top))?;
    builder.staff(&mut unit, "Kepala Lembaga (jabatan sasaran)", JobClass::JptUtama, 0)?;
    builder.staff(&mut unit, "Deputi (jabatan sasaran)", JobClass::JptMadya, 0)
}
