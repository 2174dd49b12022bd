//! How the columns of a file become ours: by their names, by an agency's mapping, or because SIASN names them so.

use std::collections::BTreeSet;

use kernel::{Violation, ViolationCode};

use super::cells::Cell;
use super::columns::fold;
use super::mapping::{MappedColumn, Mapping};
use super::siasn::{Fields, Filled, SiasnList};
use super::table::{Place, excerpt, letters};
use super::{Column, ImportKind, SheetError, cell_pointer, columns};

kernel::wire_enum! {
    /// By what a column was recognised.
    pub enum RecognisedBy {
        /// By its name in the contract, or another it goes by.
        Name = "NAME",
        /// By the agency's mapping.
        Mapping = "MAPPING",
        /// By the mapping's default: the file has no such column.
        Default = "DEFAULT",
        /// Because SIASN names it so.
        Siasn = "SIASN",
    }
}

/// Which columns of a file were recognised, and how.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Recognition {
    /// The list of SIASN it was recognised as.
    pub siasn: Option<SiasnList>,
    /// Our columns it has, in our order.
    pub columns: Vec<RecognisedColumn>,
    /// Headers of columns that are not taken in, and need not be.
    pub ignored: Vec<String>,
    /// Headers nobody knows, with what they may mean.
    pub unknown: Vec<UnknownHeader>,
}

/// One of our columns in a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RecognisedColumn {
    /// Its name in the contract.
    pub column: &'static str,
    /// What it is called there; none where SIASN spells it in several, or the mapping gives it.
    pub header: Option<String>,
    /// By what it was recognised.
    pub by: RecognisedBy,
}

/// A header nobody knows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnknownHeader {
    /// As it is written.
    pub header: String,
    /// Our columns it may mean, the likeliest first; only those the file lacks.
    pub suggestions: Vec<&'static str>,
}

/// Where a column of ours is filled from.
#[derive(Debug, Default)]
struct Source<'m> {
    /// The column of the sheet.
    at: Option<usize>,
    /// Whether the agency's mapping says so, which goes before what SIASN says.
    mapped: bool,
    /// What the mapping says of its values.
    rule: Option<&'m MappedColumn>,
}

/// How the columns of a file become ours.
#[derive(Debug)]
pub(super) struct Layout<'m> {
    sources: Vec<Source<'m>>,
    fields: Option<Fields>,
    /// By column of the sheet: whether its content may be anything.
    ignored: Vec<bool>,
    /// Whether the agency's mapping says of columns that they are not taken in.
    ignores: bool,
    refused: BTreeSet<usize>,
    /// What is wrong with the header.
    pub(super) findings: Vec<Violation>,
    pub(super) recognition: Recognition,
}

impl<'m> Layout<'m> {
    /// How the columns with these headers become those of `kind`.
    ///
    /// # Errors
    /// A list of SIASN that has no such rows; a header that names nothing.
    pub(super) fn of(
        kind: ImportKind,
        row: u32,
        headers: &[Cell],
        mapping: Option<&'m Mapping>,
    ) -> Result<Self, SheetError> {
        let known = columns(kind);
        let shown: Vec<String> = headers.iter().map(|header| header.shown().into_owned()).collect();
        let siasn = SiasnList::recognise(shown.iter().map(String::as_str));
        let wrong = siasn.filter(|list| !list.kinds().contains(&kind));
        // An agency whose own files happen to look alike has said what its columns mean.
        if let (Some(list), None) = (wrong, mapping) {
            return Err(SheetError::Siasn { list, kinds: list.kinds() });
        }
        let siasn = siasn.filter(|list| list.kinds().contains(&kind));
        let mut layout = Self {
            sources: Vec::new(),
            fields: siasn.map(|list| Fields::new(list, kind, shown.iter().map(String::as_str))),
            ignored: vec![siasn.is_some(); headers.len()],
            ignores: mapping.is_some_and(|mapping| !mapping.ignored.is_empty()),
            refused: BTreeSet::new(),
            findings: Vec::new(),
            recognition: Recognition { siasn, ..Recognition::default() },
        };
        let taken = layout.find(known, row, &shown, mapping);
        layout.tell(known, siasn, kind, &shown);
        layout.judge(known, row, &shown, &taken, mapping, siasn);
        if layout.recognition.columns.iter().all(|one| one.by == RecognisedBy::Default) {
            return Err(SheetError::NoHeader { row, expected: names(known) });
        }
        Ok(layout)
    }

    /// Finds the column of the sheet each of ours is; returns those that are found.
    fn find(
        &mut self,
        known: &[Column],
        row: u32,
        shown: &[String],
        mapping: Option<&'m Mapping>,
    ) -> BTreeSet<usize> {
        let rule = |column: &Column| mapping.and_then(|mapping| mapping.column(column.name));
        let called = |header: &str, name: &str| !header.is_empty() && fold(header) == fold(name);
        let mut taken = BTreeSet::new();
        for column in known {
            let rule = rule(column);
            let named = rule.and_then(|rule| rule.header.as_deref());
            let at = named.and_then(|named| shown.iter().position(|header| called(header, named)));
            taken.extend(at);
            self.sources.push(Source { at, mapped: at.is_some(), rule });
        }
        for (column, source) in known.iter().zip(&mut self.sources).filter(|(_, source)| source.at.is_none())
        {
            let fits = |(index, header): &(usize, &String)| {
                let ignored = mapping.is_some_and(|mapping| mapping.ignores(header));
                !taken.contains(index) && !ignored && column.answers_to(header)
            };
            source.at = shown.iter().enumerate().find(fits).map(|(index, _)| index);
            taken.extend(source.at);
        }
        // A second column of the same name would overwrite the first, so it is refused.
        for (index, header) in shown.iter().enumerate().filter(|(index, _)| !taken.contains(index)) {
            let ignored = mapping.is_some_and(|mapping| mapping.ignores(header));
            let again = known.iter().find(|column| column.answers_to(header));
            if let (Some(column), false, false) = (again, ignored, self.ignored.get(index) == Some(&true)) {
                let violation = Violation::new(cell_pointer(row, column.name), ViolationCode::Duplicate);
                self.findings.push(violation.with("value", excerpt(header)));
                self.refused.insert(index);
            }
        }
        taken
    }

    /// Notes which of our columns there are, and by what.
    fn tell(&mut self, known: &[Column], siasn: Option<SiasnList>, kind: ImportKind, shown: &[String]) {
        let fills = siasn.map(|list| list.fills(kind)).unwrap_or_default();
        for (column, source) in known.iter().zip(&self.sources) {
            let header = source.at.and_then(|at| shown.get(at)).cloned();
            let by = match source {
                Source { mapped: true, .. } => RecognisedBy::Mapping,
                _ if fills.contains(&column.name) => RecognisedBy::Siasn,
                Source { at: Some(_), .. } => RecognisedBy::Name,
                Source { rule: Some(rule), .. } if rule.default.is_some() => RecognisedBy::Default,
                Source { .. } => continue,
            };
            let header = header.filter(|_| by != RecognisedBy::Siasn);
            self.recognition.columns.push(RecognisedColumn { column: column.name, header, by });
        }
    }

    /// Refuses headers nobody knows and columns that must be there, and says what may be meant.
    fn judge(
        &mut self,
        known: &[Column],
        row: u32,
        shown: &[String],
        taken: &BTreeSet<usize>,
        mapping: Option<&Mapping>,
        siasn: Option<SiasnList>,
    ) {
        let present: BTreeSet<&str> = self.recognition.columns.iter().map(|one| one.column).collect();
        let missing: Vec<&Column> = known.iter().filter(|column| !present.contains(column.name)).collect();
        for (index, header) in shown.iter().enumerate().filter(|(index, _)| !taken.contains(index)) {
            if header.is_empty() || self.refused.contains(&index) {
                continue;
            }
            let ignored = siasn.is_some() || mapping.is_some_and(|mapping| mapping.ignores(header));
            if ignored || header.starts_with('#') {
                if let Some(place) = self.ignored.get_mut(index) {
                    *place = true;
                }
                self.recognition.ignored.push(excerpt(header));
                continue;
            }
            let seen = excerpt(header);
            let violation =
                Violation::new(cell_pointer(row, &seen), ViolationCode::Unknown).with("value", &seen);
            self.findings.push(violation.with("allowed", names(known)));
            self.refused.insert(index);
            self.recognition
                .unknown
                .push(UnknownHeader { suggestions: suggestions(header, &missing), header: seen });
        }
        for column in known.iter().filter(|column| column.required && !present.contains(column.name)) {
            self.findings.push(Violation::new(cell_pointer(row, column.name), ViolationCode::Required));
        }
    }

    /// Whether everything is as the file has it: one row is one row, cell by cell.
    pub(super) fn is_plain(&self) -> bool {
        self.fields.is_none() && !self.ignores && self.sources.iter().all(|source| source.rule.is_none())
    }

    /// Whether the file has a column of ours, or something in its place.
    pub(super) fn has(&self, column: &str) -> bool {
        self.recognition.columns.iter().any(|one| one.column == column)
    }

    /// What stands in each column of the sheet.
    pub(super) fn places(&self) -> Vec<Place> {
        let ours = |at: usize| self.sources.iter().position(|source| source.at == Some(at));
        (0..self.ignored.len()).map(|at| ours(at).map_or(Place::Refused, Place::Known)).collect()
    }

    /// What is wrong beside the columns: content below no header.
    pub(super) fn strays(&mut self, row: u32, cells: &[Cell]) -> Vec<Violation> {
        let mut found = Vec::new();
        for (index, cell) in cells.iter().enumerate().filter(|(_, cell)| **cell != Cell::Empty) {
            let known = self.sources.iter().any(|source| source.at == Some(index));
            let ignored = self.ignored.get(index).copied().unwrap_or(self.fields.is_some());
            // Said once, at its first content.
            if !known && !ignored && self.refused.insert(index) {
                let violation = Violation::new(cell_pointer(row, &letters(index)), ViolationCode::Unknown);
                found.push(violation.with("value", excerpt(&cell.shown())));
            }
        }
        found
    }

    /// The rows of ours that a row of the file comes to: a cell per column of the kind. Blank ones are left out, whatever
    /// blank cells mean.
    pub(super) fn rows(&mut self, kind: ImportKind, cells: &[Cell]) -> Vec<Vec<Cell>> {
        let filled: Vec<Filled> = match &mut self.fields {
            Some(fields) => fields.rows(cells),
            None => vec![Filled::new()],
        };
        filled.into_iter().filter_map(|filled| self.row(kind, cells, filled)).collect()
    }

    /// Whether a cell says nothing. In an export of SIASN a JSON null that became a cell does not.
    fn is_blank(&self, cell: &Cell) -> bool {
        let is_null = |text: &str| self.fields.is_some() && text.eq_ignore_ascii_case("null");
        match cell {
            Cell::Empty => true,
            Cell::Text(text) => is_null(text),
            Cell::Date(_) | Cell::Error(_) => false,
        }
    }

    fn row(&self, kind: ImportKind, cells: &[Cell], mut filled: Filled) -> Option<Vec<Cell>> {
        let mut blank = true;
        let made = columns(kind).iter().zip(&self.sources).map(|(column, source)| {
            let own = || source.at.and_then(|at| cells.get(at)).cloned().filter(|cell| !self.is_blank(cell));
            let listed = filled.remove(column.name);
            let cell = if source.mapped { own().or(listed) } else { listed.or_else(own) };
            let cell = cell.unwrap_or(Cell::Empty);
            blank &= cell == Cell::Empty;
            match source.rule {
                Some(rule) => ruled(rule, cell),
                None => cell,
            }
        });
        let cells = made.collect();
        (!blank).then_some(cells)
    }
}

/// A cell as the mapping has it.
fn ruled(rule: &MappedColumn, cell: Cell) -> Cell {
    match &cell {
        Cell::Empty => rule.default.as_deref().map_or(Cell::Empty, Cell::text),
        Cell::Text(text) => rule.value(text).map_or(cell.clone(), Cell::text),
        Cell::Date(_) | Cell::Error(_) => cell,
    }
}

fn names(columns: &[Column]) -> String {
    columns.iter().map(|column| column.name).collect::<Vec<_>>().join(", ")
}

/// From how much alike two names must be to be suggested.
const ALIKE: f64 = 0.45;

/// Our columns a header may mean, the likeliest first.
fn suggestions(header: &str, missing: &[&Column]) -> Vec<&'static str> {
    let header = fold(header);
    let alike = |column: &Column| {
        let names = std::iter::once(&column.name).chain(column.aliases);
        names.map(|name| likeness(&header, &fold(name))).fold(0.0, f64::max)
    };
    let mut found: Vec<(f64, &'static str)> = missing
        .iter()
        .map(|column| (alike(column), column.name))
        .filter(|(alike, _)| *alike >= ALIKE)
        .collect();
    found.sort_by(|one, other| other.0.total_cmp(&one.0));
    found.into_iter().take(3).map(|(_, name)| name).collect()
}

/// How much two folded names are alike, from 0 to 1: the pairs of letters they share (Dice's coefficient), or all of the
/// shorter one being in the longer one.
fn likeness(one: &str, other: &str) -> f64 {
    let pairs = |text: &str| -> Vec<(char, char)> { text.chars().zip(text.chars().skip(1)).collect() };
    let (first, mut second) = (pairs(one), pairs(other));
    let count = |pairs: usize| u32::try_from(pairs).map_or(f64::INFINITY, f64::from);
    let all = count(first.len() + second.len());
    if all == 0.0 {
        return 0.0;
    }
    let mut shared = 0;
    for pair in first {
        if let Some(at) = second.iter().position(|other| *other == pair) {
            second.swap_remove(at);
            shared += 1;
        }
    }
    let inside = one.len().min(other.len()) >= 3 && (one.contains(other) || other.contains(one));
    let dice = 2.0 * count(shared) / all;
    if inside { dice.max(0.6) } else { dice }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sheets::mapping::MappedValue;

    fn cells(text: &str) -> Vec<Cell> {
        text.split(';').map(Cell::text).collect()
    }

    fn layout<'m>(kind: ImportKind, headers: &str, mapping: Option<&'m Mapping>) -> Layout<'m> {
        Layout::of(kind, 1, &cells(headers), mapping).unwrap()
    }

    fn rows(layout: &mut Layout<'_>, kind: ImportKind, row: &str) -> Vec<Vec<String>> {
        let present: Vec<bool> = columns(kind).iter().map(|column| layout.has(column.name)).collect();
        let shown = |row: Vec<Cell>| {
            let cells = row.iter().zip(&present).filter(|(_, present)| **present);
            cells.map(|(cell, _)| cell.shown().into_owned()).collect()
        };
        layout.rows(kind, &cells(row)).into_iter().map(shown).collect()
    }

    fn names(layout: &Layout<'_>) -> String {
        layout.recognition.columns.iter().map(|one| one.column).collect::<Vec<_>>().join(";")
    }

    fn findings(layout: &Layout<'_>) -> Vec<String> {
        layout.findings.iter().map(|one| format!("{} {:?}", one.pointer, one.code)).collect()
    }

    fn mapped(
        column: &str,
        header: Option<&str>,
        values: &[(&str, &str)],
        default: Option<&str>,
    ) -> MappedColumn {
        MappedColumn {
            column: column.to_owned(),
            header: header.map(ToOwned::to_owned),
            values: values
                .iter()
                .map(|(from, to)| MappedValue { from: (*from).to_owned(), to: (*to).to_owned() })
                .collect(),
            default: default.map(ToOwned::to_owned),
        }
    }

    #[test]
    fn an_agencys_own_names_values_and_defaults_go_before_ours() {
        let mapping = Mapping {
            columns: vec![
                mapped("nip", Some("No. Induk"), &[], None),
                mapped(
                    "status",
                    Some("Golongan Pegawai"),
                    &[("Tetap", "PNS"), ("Kontrak", "PPPK")],
                    Some("PNS"),
                ),
                mapped("education", None, &[], Some("S1")),
            ],
            ignored: vec!["Keterangan".to_owned()],
        };
        let kind = ImportKind::Employees;
        let mut layout = layout(kind, "NO INDUK;Nama;golongan pegawai;keterangan", Some(&mapping));
        assert_eq!((names(&layout), findings(&layout)), ("nip;name;status;education".to_owned(), vec![]));
        assert_eq!(rows(&mut layout, kind, "198;Sari;kontrak;x"), [["198", "Sari", "PPPK", "S1"]]);
        assert_eq!(rows(&mut layout, kind, "198;Sari;;x"), [["198", "Sari", "PNS", "S1"]]);
        assert_eq!(rows(&mut layout, kind, "198;Sari;CPNS"), [["198", "Sari", "CPNS", "S1"]]);
        let by: Vec<_> = layout.recognition.columns.iter().map(|one| one.by).collect();
        use RecognisedBy::{Default, Mapping as M, Name};
        assert_eq!(by, [M, Name, M, Default]);
        assert_eq!(layout.recognition.ignored, ["keterangan"]);
        assert!(layout.strays(2, &cells("198;Sari;;x;;tanpa nama")).len() == 1);
        assert!(layout.strays(3, &cells("198;Sari;;x;;tanpa nama")).is_empty());
    }

    #[test]
    fn what_nobody_knows_is_refused_with_what_it_may_mean() {
        let layout =
            layout(ImportKind::Employees, "No Induk Pegawai;nama;Pendidikan Akhir;Warna;Nama Pegawai", None);
        assert_eq!(
            findings(&layout),
            [
                "/rows/1/name Duplicate",
                "/rows/1/No Induk Pegawai Unknown",
                "/rows/1/Pendidikan Akhir Unknown",
                "/rows/1/Warna Unknown",
                "/rows/1/nip Required",
                "/rows/1/status Required",
            ]
        );
        let suggested: Vec<_> =
            layout.recognition.unknown.iter().map(|one| one.suggestions.first().copied()).collect();
        assert_eq!(suggested, [Some("nip"), Some("education"), None]);
        let nothing = Layout::of(ImportKind::Units, 1, &cells("a;b"), None).unwrap_err();
        assert!(matches!(nothing, SheetError::NoHeader { .. }));
    }

    #[test]
    fn lists_of_siasn_are_known_by_their_columns_however_they_are_spelt() {
        let list = |headers: &str| SiasnList::recognise(headers.split(';'));
        for (headers, expected) in [
            ("Id;InstansiId;DiatasanId;EselonId;NamaUnor;NamaJabatan", Some(SiasnList::RefUnor)),
            ("id;diatasan_id;nama_unor", Some(SiasnList::RefUnor)),
            ("nipBaru;nama;gelarDepan;unorId;jabatanNama", Some(SiasnList::DataUtama)),
            ("NIP_BARU;NAMA;KEDUDUKAN_PNS_ID", Some(SiasnList::DataUtama)),
            ("idPns;nipBaru;unorId;tmtJabatan;nomorSk;eselonId", Some(SiasnList::RwJabatan)),
            ("nipBaru;latihanStrukturalId;tanggal;jumlahJam", Some(SiasnList::RwDiklat)),
            ("nipBaru;namaKursus;jumlahJam;tanggalKursus", Some(SiasnList::RwKursus)),
            ("nip_baru;nama;status;kode_jabatan", None),
            ("kode;nama;kode_induk", None),
        ] {
            assert_eq!(list(headers), expected, "{headers}");
        }
        let nine = "pnsId;integritas;kerjasama;komunikasi;orientasiPadaHasil;pelayananPublik;\
            pengembanganDiriDanOrla;mengelolaPerubahan;pengambilanKeputusan;perekatBangsa";
        assert_eq!(list(nine), Some(SiasnList::Kompetensi));
        let wrong =
            Layout::of(ImportKind::Units, 1, &cells("nipBaru;namaKursus;jumlahJam"), None).unwrap_err();
        assert!(wrong.to_string().contains("rw-kursus"), "{wrong}");
        let wrong = Layout::of(ImportKind::Employees, 1, &cells("Id;DiatasanId;NamaUnor"), None).unwrap_err();
        assert!(wrong.to_string().contains("units"), "{wrong}");
    }

    #[test]
    fn ref_unor_is_units_and_the_positions_that_head_them() {
        let headers = "Id;InstansiId;DiatasanId;EselonId;NamaUnor;NamaJabatan;CepatKode";
        let mut units = layout(ImportKind::Units, headers, None);
        assert_eq!((names(&units), findings(&units)), ("code;name;parent_code".to_owned(), vec![]));
        assert_eq!(
            rows(&mut units, ImportKind::Units, "8ae1;A5EB;NULL;22;Dinas Contoh;Kepala Dinas;x"),
            [["8ae1", "Dinas Contoh", ""]]
        );
        let mut heads = layout(ImportKind::Positions, headers, None);
        assert_eq!(names(&heads), "code;name;unit_code;job_class;is_head");
        assert_eq!(
            rows(&mut heads, ImportKind::Positions, "8ae1;A5EB;;22;Dinas Contoh;Kepala Dinas;x"),
            [["8ae1", "Kepala Dinas", "8ae1", "JPT Pratama", "ya"]]
        );
        assert!(rows(&mut heads, ImportKind::Positions, "8ae2;A5EB;8ae1;;Subbagian;;x").is_empty());
    }

    #[test]
    fn data_utama_is_people_and_the_positions_they_hold() {
        let headers = "nipBaru;nama;gelarDepan;gelarBelakang;tkPendidikanTerakhirId;tmtCpns;unorId;jabatanNama;\
            jenisJabatanId;jabatanFungsionalId;jabatanFungsionalUmumId;eselonId;tmtJabatan;statusPegawai;kedudukanPnsId";
        let expert = "198609262015051001;SRI RAHAYU;Dr.;M.M.;45;01-05-2015;u1;Arsiparis Ahli Muda;2;jf7;;;01-01-2020;PNS;01";
        let retired = "196009261985051001;BUDI;;;40;01-05-1985;u1;Kepala Dinas;1;;;22;;PNS;99";
        let mut people = layout(ImportKind::Employees, headers, None);
        assert_eq!(
            rows(&mut people, ImportKind::Employees, expert),
            [["198609262015051001", "Dr. SRI RAHAYU, M.M.", "PNS", "jf7@u1", "u1", "01-05-2015", "45"]]
        );
        assert_eq!(rows(&mut people, ImportKind::Employees, retired)[0][3..5], ["", ""]);
        let mut positions = layout(ImportKind::Positions, headers, None);
        let kind = ImportKind::Positions;
        assert_eq!(
            rows(&mut positions, kind, expert),
            [["jf7@u1", "Arsiparis Ahli Muda", "u1", "JF Ahli Muda", "tidak"]]
        );
        assert!(rows(&mut positions, kind, expert).is_empty(), "a second holder adds no position");
        assert_eq!(rows(&mut positions, kind, retired), [["u1", "Kepala Dinas", "u1", "JPT Pratama", "ya"]]);
        let long = expert.replace("jf7", &"7".repeat(40)).replace("u1", &"9".repeat(36));
        assert_eq!(rows(&mut positions, kind, &long)[0][0].chars().count(), 16 + 1 + 36);
    }

    #[test]
    fn a_whole_export_has_room() {
        let more: Vec<String> = (0..110).map(|n| format!("kolomLain{n}")).collect();
        let sheet = format!(
            "nipBaru;nama;statusPegawai;unorId;{}\n198609262015051001;SARI;PNS;u1;{}\n",
            more.join(";"),
            vec!["x"; 110].join(";")
        );
        let today = chrono::NaiveDate::from_ymd_opt(2026, 7, 1).unwrap();
        let read =
            crate::sheets::read::<crate::sheets::EmployeeRow>(sheet.as_bytes(), None, today, None).unwrap();
        assert_eq!((read.rows.len(), read.findings.total()), (1, 0));
        assert_eq!(read.recognition.ignored.len(), 111);
    }

    #[test]
    fn the_nine_generic_competencies_are_as_many_results() {
        let mapping = Mapping {
            columns: vec![
                mapped("purpose", None, &[], Some("MAPPING")),
                mapped("method", None, &[], Some("CACT")),
                mapped("provider", None, &[], Some("BKN")),
                mapped("assessed_on", Some("Tanggal Tes"), &[], None),
            ],
            ignored: vec![],
        };
        let headers = "nipBaru;pnsId;integritas;kerjasama;komunikasi;orientasiPadaHasil;pelayananPublik;\
            pengembanganDiriDanOrla;mengelolaPerubahan;pengambilanKeputusan;perekatBangsa;tanggal tes";
        let kind = ImportKind::Assessments;
        let mut results = layout(kind, headers, Some(&mapping));
        assert_eq!(findings(&results), Vec::<String>::new());
        assert_eq!(
            names(&results),
            "nip;dictionary;competency_code;level;purpose;method;provider;assessed_on"
        );
        let rows = rows(&mut results, kind, "198;p1;3;2;;3;3;3;3;3;4;10-02-2026");
        assert_eq!(rows.len(), 8, "what is blank was not assessed");
        assert_eq!(rows[0], ["198", "NASIONAL-38-2017", "M.1", "3", "MAPPING", "CACT", "BKN", "10-02-2026"]);
        assert_eq!(rows[7][2..4], ["SK.1", "4"]);
        let bare = layout(kind, headers, None);
        assert_eq!(
            findings(&bare),
            [
                "/rows/1/purpose Required",
                "/rows/1/method Required",
                "/rows/1/provider Required",
                "/rows/1/assessed_on Required"
            ]
        );
    }
}
