//! Lists and histories as SIASN, BKN's civil service information system, names their columns.
//!
//! They are recognised by their own column names, in any case and punctuation, and become rows of ours: what SIASN writes
//! in codes is read by [`workforce::siasn`]. What a list says beyond that is ignored.

use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap, HashSet};

use workforce::siasn::{PositionKind, echelon, has_left, leadership_training, rung};

use super::ImportKind;
use super::cells::Cell;
use super::columns::fold;

kernel::wire_enum! {
    /// A list or history of SIASN, by the name of its resource.
    pub enum SiasnList {
        /// Units (unit organisasi) with the positions that head them.
        RefUnor = "ref-unor",
        /// The main data of people.
        DataUtama = "data-utama",
        /// Histories of positions.
        RwJabatan = "rw-jabatan",
        /// Results of the nine generic competencies.
        Kompetensi = "kompetensi",
        /// Histories of leadership training.
        RwDiklat = "rw-diklat",
        /// Histories of courses.
        RwKursus = "rw-kursus",
    }
}

/// The nine generic competencies: SIASN's name, and the code in the national dictionary.
const NINE: [(&str, &str); 9] = [
    ("integritas", "M.1"),
    ("kerjasama", "M.2"),
    ("komunikasi", "M.3"),
    ("orientasipadahasil", "M.4"),
    ("pelayananpublik", "M.5"),
    ("pengembangandiridanorla", "M.6"),
    ("mengelolaperubahan", "M.7"),
    ("pengambilankeputusan", "M.8"),
    ("perekatbangsa", "SK.1"),
];

/// What a history of training calls its columns.
struct TrainingNames {
    title: &'static str,
    started_on: &'static str,
    ended_on: &'static str,
    /// The likeliest first.
    number: &'static [&'static str],
}

const COURSE: TrainingNames = TrainingNames {
    title: "namakursus",
    started_on: "tanggalkursus",
    ended_on: "tanggalselesaikursus",
    number: &["nosertipikat", "nomorsertipikat", "nosertifikat", "nomorsertifikat"],
};

const LEADERSHIP: TrainingNames = TrainingNames {
    title: "latihanstrukturalnama",
    started_on: "tanggal",
    ended_on: "tanggalselesai",
    number: &["nomor", "nosertipikat", "nomorsertipikat"],
};

/// SIASN's `jenisDiklat` of structural leadership training, whose history says no type.
const STRUCTURAL: &str = "1";

/// The code of the national dictionary.
const NATIONAL: &str = "NASIONAL-38-2017";

/// The most characters of a code of ours.
const MAX_CODE: usize = 64;

impl SiasnList {
    /// The list that has these headers.
    #[must_use]
    pub fn recognise<'a>(headers: impl Iterator<Item = &'a str>) -> Option<Self> {
        let headers: HashSet<String> = headers.map(fold).collect();
        let all = |names: &[&str]| names.iter().all(|name| headers.contains(*name));
        let any = |names: &[&str]| names.iter().any(|name| headers.contains(*name));
        // Each by what no other list and no agency's own file has.
        if all(&["id", "diatasanid", "namaunor"]) {
            Some(Self::RefUnor)
        } else if NINE.iter().all(|(name, _)| headers.contains(*name)) {
            Some(Self::Kompetensi)
        } else if all(&["latihanstrukturalid"]) && any(&["jumlahjam", "nomor", "tanggal"]) {
            Some(Self::RwDiklat)
        } else if any(&["jeniskursusid", "jeniskursus", "namakursus"]) && any(&["jumlahjam", "tanggalkursus"])
        {
            Some(Self::RwKursus)
        } else if all(&["tmtjabatan", "unorid", "nomorsk"]) && any(&["nipbaru", "idpns", "pnsid"]) {
            Some(Self::RwJabatan)
        } else if all(&["nipbaru", "nama"])
            && any(&[
                "jenisjabatanid",
                "kedudukanpnsid",
                "tkpendidikanterakhirid",
                "unorid",
                "instansikerjaid",
            ])
        {
            Some(Self::DataUtama)
        } else {
            None
        }
    }

    /// The kinds its rows can be taken in as.
    #[must_use]
    pub const fn kinds(self) -> &'static [ImportKind] {
        match self {
            Self::RefUnor => &[ImportKind::Units, ImportKind::Positions],
            Self::DataUtama => &[ImportKind::Positions, ImportKind::Employees],
            Self::RwJabatan => &[ImportKind::Positions],
            Self::Kompetensi => &[ImportKind::Assessments],
            Self::RwDiklat | Self::RwKursus => &[ImportKind::TrainingRecords],
        }
    }

    /// The columns of `kind` that it fills.
    pub(super) const fn fills(self, kind: ImportKind) -> &'static [&'static str] {
        match (self, kind) {
            (Self::RefUnor, ImportKind::Units) => &["code", "name", "parent_code"],
            (Self::RefUnor | Self::DataUtama | Self::RwJabatan, ImportKind::Positions) => {
                &["code", "name", "unit_code", "job_class", "is_head"]
            }
            (Self::DataUtama, ImportKind::Employees) => {
                &["nip", "name", "status", "position_code", "unit_code", "appointed_on", "education"]
            }
            (Self::Kompetensi, ImportKind::Assessments) => &["dictionary", "competency_code", "level"],
            (Self::RwDiklat | Self::RwKursus, ImportKind::TrainingRecords) => &[
                "nip",
                "title",
                "provider",
                "form",
                "started_on",
                "ended_on",
                "jp",
                "certificate_number",
                "document",
            ],
            _ => &[],
        }
    }
}

/// The columns of a list in one file, and what was seen of it so far.
#[derive(Debug)]
pub(super) struct Fields {
    list: SiasnList,
    kind: ImportKind,
    at: HashMap<String, usize>,
    /// Codes of positions that were handed on: many people have one.
    positions: HashSet<String>,
}

/// A row of ours, by column.
pub(super) type Filled = BTreeMap<&'static str, Cell>;

impl Fields {
    pub(super) fn new<'a>(list: SiasnList, kind: ImportKind, headers: impl Iterator<Item = &'a str>) -> Self {
        let mut at = HashMap::new();
        for (index, header) in headers.enumerate() {
            at.entry(fold(header)).or_insert(index);
        }
        Self { list, kind, at, positions: HashSet::new() }
    }

    fn cell<'c>(&self, cells: &'c [Cell], name: &str) -> Option<&'c Cell> {
        cells.get(*self.at.get(name)?).filter(|cell| **cell != Cell::Empty)
    }

    fn text<'c>(&self, cells: &'c [Cell], name: &str) -> Option<Cow<'c, str>> {
        // A JSON null that became a cell.
        self.cell(cells, name).map(Cell::shown).filter(|text| !text.eq_ignore_ascii_case("null"))
    }

    fn first<'c>(&self, cells: &'c [Cell], names: &[&str]) -> Option<Cow<'c, str>> {
        names.iter().find_map(|name| self.text(cells, name))
    }

    /// The rows a row of the list comes to.
    pub(super) fn rows(&mut self, cells: &[Cell]) -> Vec<Filled> {
        match (self.list, self.kind) {
            (SiasnList::RefUnor, ImportKind::Units) => vec![self.unit(cells)],
            (SiasnList::RefUnor, _) => self.head(cells).into_iter().collect(),
            (SiasnList::DataUtama, ImportKind::Employees) => vec![self.person(cells)],
            (SiasnList::DataUtama | SiasnList::RwJabatan, _) => self.position(cells).into_iter().collect(),
            (SiasnList::Kompetensi, _) => self.results(cells),
            (SiasnList::RwDiklat, _) => self.leadership(cells).into_iter().collect(),
            (SiasnList::RwKursus, _) => self.course(cells).into_iter().collect(),
        }
    }

    fn copy(&self, filled: &mut Filled, column: &'static str, cells: &[Cell], name: &str) {
        if self.text(cells, name).is_some()
            && let Some(cell) = self.cell(cells, name)
        {
            filled.insert(column, cell.clone());
        }
    }

    fn unit(&self, cells: &[Cell]) -> Filled {
        let mut filled = Filled::new();
        self.copy(&mut filled, "code", cells, "id");
        self.copy(&mut filled, "name", cells, "namaunor");
        self.copy(&mut filled, "parent_code", cells, "diatasanid");
        filled
    }

    /// The position that heads a unit: it goes by the unit's own id.
    fn head(&self, cells: &[Cell]) -> Option<Filled> {
        let name = self.text(cells, "namajabatan")?;
        let mut filled = Filled::new();
        self.copy(&mut filled, "code", cells, "id");
        self.copy(&mut filled, "unit_code", cells, "id");
        filled.insert("name", Cell::Text(name.into_owned()));
        filled.insert("is_head", Cell::Text("ya".to_owned()));
        if let Some(class) = self.class(cells, Some(PositionKind::Structural)) {
            filled.insert("job_class", Cell::Text(class));
        }
        Some(filled)
    }

    fn kind_of_position(&self, cells: &[Cell]) -> Option<PositionKind> {
        let named =
            self.first(cells, &["jenisjabatanid", "jenisjabatan"]).and_then(|text| PositionKind::read(&text));
        named.or_else(|| {
            // A history names the kind only by which of the ids it has.
            let has = |name| self.text(cells, name).is_some();
            if has("jabatanfungsionalid") {
                Some(PositionKind::Functional)
            } else if has("jabatanfungsionalumumid") {
                Some(PositionKind::General)
            } else {
                has("unorid").then_some(PositionKind::Structural)
            }
        })
    }

    /// The job class, or what stands where it should be told.
    fn class(&self, cells: &[Cell], kind: Option<PositionKind>) -> Option<String> {
        let class = match kind? {
            PositionKind::Structural => {
                let code = self.text(cells, "eselonid")?;
                match echelon(&code) {
                    Some(echelon) => echelon.class,
                    None => return Some(format!("eselon {code}")),
                }
            }
            PositionKind::General => Some(workforce::JobClass::Pelaksana),
            PositionKind::Functional => {
                let fields = [
                    "jenjang",
                    "asnjenjangjabatan",
                    "leveljabatan",
                    "jabatanfungsionalnama",
                    "jabatannama",
                    "namajabatan",
                ];
                fields.into_iter().find_map(|field| rung(&self.text(cells, field)?))
            }
        };
        match class {
            Some(class) => Some(class.label().to_owned()),
            // Whoever reads the refusal sees what was there.
            None => self
                .first(cells, &["asnjenjangjabatan", "eselon", "eselonid", "jabatannama", "namajabatan"])
                .map(Cow::into_owned),
        }
    }

    /// The code of a position: a structural one goes by its unit, any other by its own id and the unit's, because SIASN
    /// counts functional positions for the whole nation.
    fn position_code(&self, cells: &[Cell]) -> Option<String> {
        let unit = self.text(cells, "unorid")?;
        let id = match self.kind_of_position(cells)? {
            PositionKind::Structural => return Some(unit.into_owned()),
            PositionKind::Functional => self.text(cells, "jabatanfungsionalid")?,
            PositionKind::General => self.text(cells, "jabatanfungsionalumumid")?,
        };
        let code = format!("{id}@{unit}");
        if code.chars().count() <= MAX_CODE { Some(code) } else { Some(format!("{:016x}@{unit}", fnv(&id))) }
    }

    fn position(&mut self, cells: &[Cell]) -> Option<Filled> {
        let mut filled = Filled::new();
        let kind = self.kind_of_position(cells);
        let code = self.position_code(cells);
        // Whoever holds no position has none to take in.
        let name = self.first(
            cells,
            &["jabatannama", "namajabatan", "jabatanfungsionalnama", "jabatanfungsionalumumnama"],
        );
        if code.is_none() && name.is_none() {
            return None;
        }
        if let Some(code) = code {
            if !self.positions.insert(code.clone()) {
                return None;
            }
            filled.insert("code", Cell::Text(code));
        }
        if let Some(name) = name {
            filled.insert("name", Cell::Text(name.into_owned()));
        }
        self.copy(&mut filled, "unit_code", cells, "unorid");
        if let Some(class) = self.class(cells, kind) {
            filled.insert("job_class", Cell::Text(class));
        }
        let heads = if kind == Some(PositionKind::Structural) { "ya" } else { "tidak" };
        filled.insert("is_head", Cell::Text(heads.to_owned()));
        Some(filled)
    }

    fn person(&self, cells: &[Cell]) -> Filled {
        let mut filled = Filled::new();
        self.copy(&mut filled, "nip", cells, "nipbaru");
        self.copy(&mut filled, "status", cells, "statuspegawai");
        self.copy(&mut filled, "appointed_on", cells, "tmtcpns");
        self.copy(&mut filled, "education", cells, "tkpendidikanterakhirid");
        if !filled.contains_key("education") {
            self.copy(&mut filled, "education", cells, "tkpendidikanterakhir");
        }
        if let Some(name) = self.name(cells) {
            filled.insert("name", Cell::Text(name));
        }
        let gone = self.text(cells, "kedudukanpnsid").is_some_and(|standing| has_left(&standing));
        if let Some(code) = self.position_code(cells).filter(|_| !gone) {
            filled.insert("position_code", Cell::Text(code));
            self.copy(&mut filled, "unit_code", cells, "unorid");
        }
        filled
    }

    /// A name with its titles, as people write it: `Dr. Sri Rahayu, S.T., M.M.`
    fn name(&self, cells: &[Cell]) -> Option<String> {
        let name = self.text(cells, "nama")?;
        let before = self.text(cells, "gelardepan").map(|title| format!("{title} ")).unwrap_or_default();
        let behind = self.text(cells, "gelarbelakang").map(|title| format!(", {title}")).unwrap_or_default();
        Some(format!("{before}{name}{behind}"))
    }

    /// A course, seminar or other training that is not structural.
    fn course(&self, cells: &[Cell]) -> Option<Filled> {
        let mut filled = self.training(cells, &COURSE)?;
        self.copy(&mut filled, "form", cells, "jenisdiklatid");
        if !filled.contains_key("form") {
            self.copy(&mut filled, "form", cells, "jenisdiklat");
        }
        Some(filled)
    }

    /// Structural leadership training.
    fn leadership(&self, cells: &[Cell]) -> Option<Filled> {
        let mut filled = self.training(cells, &LEADERSHIP)?;
        filled.insert("form", Cell::Text(STRUCTURAL.to_owned()));
        if !filled.contains_key("title")
            && let Some(name) =
                self.text(cells, "latihanstrukturalid").and_then(|id| leadership_training(&id))
        {
            filled.insert("title", Cell::Text(name.to_owned()));
        }
        Some(filled)
    }

    /// What both histories say under names of their own. None of a row that says nothing.
    fn training(&self, cells: &[Cell], names: &TrainingNames) -> Option<Filled> {
        let mut filled = Filled::new();
        self.copy(&mut filled, "nip", cells, "nipbaru");
        self.copy(&mut filled, "provider", cells, "institusipenyelenggara");
        self.copy(&mut filled, "jp", cells, "jumlahjam");
        self.copy(&mut filled, "title", cells, names.title);
        self.copy(&mut filled, "started_on", cells, names.started_on);
        self.copy(&mut filled, "ended_on", cells, names.ended_on);
        // They are spelt another way where they are read than where they are saved.
        for name in names.number.iter().rev() {
            self.copy(&mut filled, "certificate_number", cells, name);
        }
        if let Some(id) = self.text(cells, "id") {
            filled.insert("document", Cell::Text(format!("{}/{id}", self.list)));
        }
        (!filled.is_empty()).then_some(filled)
    }

    fn results(&self, cells: &[Cell]) -> Vec<Filled> {
        let mut rows = Vec::new();
        for (name, code) in NINE {
            let Some(level) = self.cell(cells, name).filter(|_| self.text(cells, name).is_some()) else {
                continue;
            };
            let mut filled = Filled::new();
            filled.insert("dictionary", Cell::Text(NATIONAL.to_owned()));
            filled.insert("competency_code", Cell::Text(code.to_owned()));
            filled.insert("level", level.clone());
            rows.push(filled);
        }
        rows
    }
}

/// FNV-1a of 64 bits: a short name that is the same in every file.
fn fnv(text: &str) -> u64 {
    let step = |hash: u64, byte: u8| (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3);
    text.bytes().fold(0xcbf2_9ce4_8422_2325, step)
}
