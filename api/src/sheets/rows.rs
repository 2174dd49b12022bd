//! The rows of each kind, with the values the domain works with.
//!
//! Names of closed lists (job class, status, education, family, importance, purpose, method) stay text here: what
//! they may be called is known to the crates that own them.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::hash::{BuildHasher, RandomState};
use std::sync::atomic::Ordering;

use chrono::NaiveDate;
use kernel::{Code, Hundredths, Level, LongText, Name, Nip, Violation, ViolationCode};

use super::{
    ImportKind, Recognition, Wants, cell_pointer,
    cells::{self, Cell},
    columns,
    findings::Findings,
    table::{Halt, Header, Row, Sink, as_written, excerpt},
};

/// What a file held, or a part of it.
#[derive(Debug)]
pub struct Reading<R> {
    /// The rows that could be read, with their numbers as the spreadsheet shows them.
    pub rows: Vec<(u32, R)>,
    /// What could not: columns first, then row by row. Not empty: the file must not be imported.
    pub findings: Findings,
    /// How many rows there are that are not blank, read or not.
    pub total: usize,
    /// The columns the file has, of those of its kind.
    pub columns: Vec<&'static str>,
    /// Which columns of the file were recognised, and how.
    pub recognition: Recognition,
    /// The names of the file's columns, in the first part: their row, and a JSON list of texts.
    pub heading: Option<(u32, Box<str>)>,
    /// All rows as they are written, each a JSON list of texts; none where they are not wanted.
    pub written: Vec<(u32, Box<str>)>,
}

impl<R> Reading<R> {
    /// Whether the file has `column`: a blank cell says something else than no column at all.
    #[must_use]
    pub fn has(&self, column: &str) -> bool {
        self.columns.contains(&column)
    }

    fn of(columns: Vec<&'static str>, recognition: Recognition) -> Self {
        Self {
            recognition,
            rows: Vec::new(),
            findings: Findings::every(),
            total: 0,
            columns,
            heading: None,
            written: Vec::new(),
        }
    }
}

/// A row of one kind.
pub trait FromRow: Sized {
    /// The kind.
    const KIND: ImportKind;

    /// The columns that tell its rows apart.
    const KEY: &'static [&'static str];

    /// Reads a row; `None` once a violation was noted.
    fn from_row(row: &mut RowReader<'_>) -> Option<Self>;

    /// The values of [`Self::KEY`].
    fn key(&self) -> Vec<String>;
}

/// Reads the cells of one row by column, and notes what it cannot read.
#[derive(Debug)]
pub struct RowReader<'a> {
    kind: ImportKind,
    /// Which cell of a row each column of the kind is.
    places: &'a [Option<usize>],
    number: u32,
    cells: &'a [Cell],
    today: NaiveDate,
    findings: &'a mut Findings,
}

impl RowReader<'_> {
    /// The cell in `column`; `None` where the file has no such column.
    fn cell(&self, column: &str) -> Option<&Cell> {
        let index = columns(self.kind).iter().position(|known| known.name == column)?;
        let place = self.places.get(index).copied().flatten()?;
        Some(self.cells.get(place).unwrap_or(&Cell::Empty))
    }

    /// What `read` makes of a cell that is not blank.
    pub(super) fn optional<T>(
        &mut self,
        column: &str,
        read: impl FnOnce(&Cell) -> Result<T, Violation>,
    ) -> Option<Option<T>> {
        let cell = match self.cell(column) {
            None | Some(Cell::Empty) => return Some(None),
            Some(cell) => cell,
        };
        let seen = excerpt(&cell.shown());
        let reading = match cell {
            Cell::Error(_) => Err(Violation::new("", ViolationCode::InvalidFormat)),
            cell => read(cell),
        };
        let mut violation = match reading {
            Ok(value) => return Some(Some(value)),
            Err(violation) => violation.under(&cell_pointer(self.number, column)),
        };
        if !violation.args.iter().any(|(name, _)| *name == "value") {
            violation = violation.with("value", seen);
        }
        self.findings.push(violation);
        None
    }

    /// The same for a cell that must be filled.
    pub(super) fn required<T>(
        &mut self,
        column: &str,
        read: impl FnOnce(&Cell) -> Result<T, Violation>,
    ) -> Option<T> {
        match self.optional(column, read)? {
            Some(value) => Some(value),
            None => {
                // A column that is missing was refused with the header, once and not in every row.
                if self.cell(column).is_some() {
                    let pointer = cell_pointer(self.number, column);
                    self.findings.push(Violation::new(pointer, ViolationCode::Required));
                }
                None
            }
        }
    }

    /// Notes that a cell has to be filled because of others.
    pub(super) fn missing(&mut self, column: &str) {
        self.findings.push(Violation::new(cell_pointer(self.number, column), ViolationCode::Required));
    }

    pub(super) fn nip(&mut self) -> Option<Nip> {
        let today = self.today;
        // An apostrophe is how people make a spreadsheet keep all 18 digits; some exports write it out.
        self.required("nip", text(|nip| Nip::parse(nip.trim_start_matches('\''), today)))
    }
}

/// Reads a cell as text. A date is refused: the spreadsheet has made one of what somebody typed (`1-2`), and what
/// that was is lost.
pub(super) fn text<T>(
    parse: impl FnOnce(&str) -> Result<T, Violation>,
) -> impl FnOnce(&Cell) -> Result<T, Violation> {
    |cell| match cell {
        Cell::Date(_) => Err(Violation::new("", ViolationCode::InvalidFormat)),
        other => parse(&other.shown()),
    }
}

/// A number of at most two decimals.
pub(super) fn hundredths(text: &str) -> Result<Hundredths, Violation> {
    Hundredths::parse(text).ok_or_else(|| Violation::new("", ViolationCode::InvalidFormat))
}

/// Keys seen in a file, as digests that nobody can foresee: of millions of rows the keys themselves would not fit.
struct Keys {
    first: RandomState,
    second: RandomState,
    rows: HashMap<[u64; 2], u32>,
}

impl Keys {
    fn new() -> Self {
        Self { first: RandomState::new(), second: RandomState::new(), rows: HashMap::new() }
    }

    /// The row that had this key first, if one had.
    fn note(&mut self, key: &[String], row: u32) -> Option<u32> {
        match self.rows.entry([self.first.hash_one(key), self.second.hash_one(key)]) {
            Entry::Occupied(first) => Some(*first.get()),
            Entry::Vacant(place) => {
                place.insert(row);
                None
            }
        }
    }
}

/// From how many bytes of text on a part is handed on though it has few rows: several are in memory at once.
const PART_TEXT: usize = 8 << 20;

/// Makes typed rows of a file's and hands them on a part at a time.
pub(super) struct Typing<'m, 'g, R> {
    wants: Wants<'m>,
    places: Vec<Option<usize>>,
    keys: Keys,
    part: Reading<R>,
    /// Bytes of the rows of the part as they are written.
    text: usize,
    all: usize,
    give: &'g mut dyn FnMut(Reading<R>) -> Result<(), Halt>,
}

impl<'m, 'g, R: FromRow> Typing<'m, 'g, R> {
    pub(super) fn new(wants: Wants<'m>, give: &'g mut dyn FnMut(Reading<R>) -> Result<(), Halt>) -> Self {
        Self {
            wants,
            places: Vec::new(),
            keys: Keys::new(),
            part: Reading::of(Vec::new(), Recognition::default()),
            text: 0,
            all: 0,
            give,
        }
    }

    /// Hands on what is left. False when there was nothing at all.
    pub(super) fn finish(mut self) -> Result<bool, Halt> {
        let nothing = self.all == 0 && self.part.findings.is_empty();
        if self.part.total > 0 || !self.part.findings.is_empty() {
            self.hand_on()?;
        }
        Ok(!nothing)
    }

    fn hand_on(&mut self) -> Result<(), Halt> {
        let next = Reading::of(self.part.columns.clone(), self.part.recognition.clone());
        self.text = 0;
        (self.give)(std::mem::replace(&mut self.part, next))
    }

    fn read(&mut self, number: u32, cells: &[Cell]) {
        let (today, findings) = (self.wants.today, &mut self.part.findings);
        let mut reader = RowReader { kind: R::KIND, places: &self.places, number, cells, today, findings };
        let Some(read) = R::from_row(&mut reader) else { return };
        if self.wants.again {
            self.part.rows.push((number, read));
            return;
        }
        let key = read.key();
        if let Some(first) = self.keys.note(&key, number) {
            let column = R::KEY.first().copied().unwrap_or_default();
            let duplicate = Violation::new(cell_pointer(number, column), ViolationCode::Duplicate);
            self.part.findings.push(duplicate.with("value", excerpt(&key.join(" / "))).with("first", first));
            return;
        }
        self.part.rows.push((number, read));
    }

    /// Whether the part has as much as is handed on at once. A row of the sheet is never in two parts.
    fn is_full(&self) -> bool {
        let is_in_parts = self.wants.rows_at_once < usize::MAX;
        self.part.total >= self.wants.rows_at_once || is_in_parts && self.text > PART_TEXT
    }
}

impl<R: FromRow> Sink for Typing<'_, '_, R> {
    fn header(&mut self, header: &Header) -> Result<(), Halt> {
        let known = columns(R::KIND);
        self.places = header.at.clone();
        self.part.recognition = header.recognition.clone();
        let present = known.iter().zip(&self.places).filter(|(_, place)| place.is_some());
        self.part.columns = present.map(|(column, _)| column.name).collect();
        let names: Vec<Cell> = header.names.iter().map(|name| Cell::Text(name.clone())).collect();
        self.part.heading = Some((header.number, as_written(&names)));
        header.findings.iter().for_each(|finding| self.part.findings.push(finding.clone()));
        Ok(())
    }

    fn row(&mut self, row: Row) -> Result<(), Halt> {
        if self.wants.stop.is_some_and(|stop| stop.load(Ordering::Relaxed)) {
            return Err(Halt::Unwanted);
        }
        let Row { number, rows, sheet, findings } = row;
        findings.into_iter().for_each(|finding| self.part.findings.push(finding));
        for cells in &rows {
            self.read(number, cells);
        }
        if let Some(sheet) = sheet.as_ref().or(rows.first()).filter(|_| !self.wants.again) {
            let written = as_written(sheet);
            self.text += written.len();
            self.part.written.push((number, written));
        }
        // A row with nothing under a known name is blank.
        self.part.total += rows.len();
        self.all += rows.len();
        if self.is_full() { self.hand_on() } else { Ok(()) }
    }
}

/// A unit of the tree.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnitRow {
    /// Its code, unique in the agency.
    pub code: Code,
    /// Its name.
    pub name: Name,
    /// The code of the unit above; none for a top unit.
    pub parent_code: Option<Code>,
    /// What kind of unit it is called.
    pub kind: Option<Name>,
}

impl FromRow for UnitRow {
    const KIND: ImportKind = ImportKind::Units;
    const KEY: &'static [&'static str] = &["code"];

    fn from_row(row: &mut RowReader<'_>) -> Option<Self> {
        let code = row.required("code", text(Code::parse));
        let name = row.required("name", text(Name::parse));
        let parent_code = row.optional("parent_code", text(Code::parse));
        let kind = row.optional("kind", text(Name::parse));
        Some(Self { code: code?, name: name?, parent_code: parent_code?, kind: kind? })
    }

    fn key(&self) -> Vec<String> {
        vec![self.code.to_string()]
    }
}

/// A position.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PositionRow {
    /// Its code, unique in the agency.
    pub code: Code,
    /// Its name.
    pub name: Name,
    /// The code of the unit it belongs to.
    pub unit_code: Code,
    /// Its job class, as written.
    pub job_class: Name,
    /// Whether it heads the unit; blank means no.
    pub is_head: bool,
}

impl FromRow for PositionRow {
    const KIND: ImportKind = ImportKind::Positions;
    const KEY: &'static [&'static str] = &["code"];

    fn from_row(row: &mut RowReader<'_>) -> Option<Self> {
        let code = row.required("code", text(Code::parse));
        let name = row.required("name", text(Name::parse));
        let unit_code = row.required("unit_code", text(Code::parse));
        let job_class = row.required("job_class", text(Name::parse));
        let is_head = row.optional("is_head", text(cells::flag));
        Some(Self {
            code: code?,
            name: name?,
            unit_code: unit_code?,
            job_class: job_class?,
            is_head: is_head?.unwrap_or(false),
        })
    }

    fn key(&self) -> Vec<String> {
        vec![self.code.to_string()]
    }
}

/// A civil servant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EmployeeRow {
    /// The identity number.
    pub nip: Nip,
    /// The name.
    pub name: Name,
    /// The standing, as written.
    pub status: Name,
    /// The code of the position held.
    pub position_code: Option<Code>,
    /// The code of the unit served in.
    pub unit_code: Option<Code>,
    /// The day of first appointment.
    pub appointed_on: Option<NaiveDate>,
    /// The highest education, as written.
    pub education: Option<Name>,
}

impl FromRow for EmployeeRow {
    const KIND: ImportKind = ImportKind::Employees;
    const KEY: &'static [&'static str] = &["nip"];

    fn from_row(row: &mut RowReader<'_>) -> Option<Self> {
        let nip = row.nip();
        let name = row.required("name", text(Name::parse));
        let status = row.required("status", text(Name::parse));
        let position_code = row.optional("position_code", text(Code::parse));
        let unit_code = row.optional("unit_code", text(Code::parse));
        let appointed_on = row.optional("appointed_on", cells::date);
        let education = row.optional("education", text(Name::parse));
        Some(Self {
            nip: nip?,
            name: name?,
            status: status?,
            position_code: position_code?,
            unit_code: unit_code?,
            appointed_on: appointed_on?,
            education: education?,
        })
    }

    fn key(&self) -> Vec<String> {
        vec![self.nip.as_str().to_owned()]
    }
}

/// A competency of a dictionary.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CompetencyRow {
    /// The code of the dictionary.
    pub dictionary: Code,
    /// Its code, unique in the dictionary.
    pub code: Code,
    /// Its name.
    pub name: Name,
    /// Its family, as written.
    pub family: Name,
    /// Its definition.
    pub definition: LongText,
}

impl FromRow for CompetencyRow {
    const KIND: ImportKind = ImportKind::Competencies;
    const KEY: &'static [&'static str] = &["code", "dictionary"];

    fn from_row(row: &mut RowReader<'_>) -> Option<Self> {
        let dictionary = row.required("dictionary", text(Code::parse));
        let code = row.required("code", text(Code::parse));
        let name = row.required("name", text(Name::parse));
        let family = row.required("family", text(Name::parse));
        let definition = row.required("definition", text(LongText::parse));
        Some(Self {
            dictionary: dictionary?,
            code: code?,
            name: name?,
            family: family?,
            definition: definition?,
        })
    }

    fn key(&self) -> Vec<String> {
        vec![self.code.to_string(), self.dictionary.to_string()]
    }
}

/// A level of a competency.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LevelRow {
    /// The code of the dictionary.
    pub dictionary: Code,
    /// The code of the competency.
    pub code: Code,
    /// The level.
    pub level: Level,
    /// What it means.
    pub description: LongText,
    /// How one sees it, in order.
    pub indicators: Vec<LongText>,
}

impl FromRow for LevelRow {
    const KIND: ImportKind = ImportKind::Levels;
    const KEY: &'static [&'static str] = &["level", "code", "dictionary"];

    fn from_row(row: &mut RowReader<'_>) -> Option<Self> {
        let dictionary = row.required("dictionary", text(Code::parse));
        let code = row.required("code", text(Code::parse));
        let level = row.required("level", text(cells::level));
        let description = row.required("description", text(LongText::parse));
        let indicators = row.optional("indicators", text(cells::list(LongText::parse)));
        Some(Self {
            dictionary: dictionary?,
            code: code?,
            level: level?,
            description: description?,
            indicators: indicators?.unwrap_or_default(),
        })
    }

    fn key(&self) -> Vec<String> {
        vec![self.level.to_string(), self.code.to_string(), self.dictionary.to_string()]
    }
}

/// A requirement of a position's standard.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StandardRow {
    /// The code of the position.
    pub position_code: Code,
    /// The code of the dictionary.
    pub dictionary: Code,
    /// The code of the competency.
    pub competency_code: Code,
    /// The level it asks for.
    pub required_level: Level,
    /// Its weight, if given.
    pub weight: Option<Hundredths>,
    /// Its importance, as written.
    pub importance: Option<Name>,
    /// The first day the standard is in force.
    pub valid_from: NaiveDate,
}

impl FromRow for StandardRow {
    const KIND: ImportKind = ImportKind::Standards;
    const KEY: &'static [&'static str] = &["competency_code", "dictionary", "position_code", "valid_from"];

    fn from_row(row: &mut RowReader<'_>) -> Option<Self> {
        let position_code = row.required("position_code", text(Code::parse));
        let dictionary = row.required("dictionary", text(Code::parse));
        let competency_code = row.required("competency_code", text(Code::parse));
        let required_level = row.required("required_level", text(cells::level));
        let weight = row.optional("weight", text(hundredths));
        let importance = row.optional("importance", text(Name::parse));
        let valid_from = row.required("valid_from", cells::date);
        Some(Self {
            position_code: position_code?,
            dictionary: dictionary?,
            competency_code: competency_code?,
            required_level: required_level?,
            weight: weight?,
            importance: importance?,
            valid_from: valid_from?,
        })
    }

    fn key(&self) -> Vec<String> {
        vec![
            self.competency_code.to_string(),
            self.dictionary.to_string(),
            self.position_code.to_string(),
            self.valid_from.to_string(),
        ]
    }
}

/// A result of an assessment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AssessmentRow {
    /// Who was assessed.
    pub nip: Nip,
    /// The code of the dictionary.
    pub dictionary: Code,
    /// The code of the competency.
    pub competency_code: Code,
    /// The level achieved.
    pub level: Level,
    /// What the assessment was for, as written.
    pub purpose: Name,
    /// How it was done, as written.
    pub method: Name,
    /// Who ran it.
    pub provider: Name,
    /// Its day.
    pub assessed_on: NaiveDate,
    /// The last day the result is valid, if the file says.
    pub valid_until: Option<NaiveDate>,
    /// The number of the report.
    pub reference: Option<Name>,
}

impl FromRow for AssessmentRow {
    const KIND: ImportKind = ImportKind::Assessments;
    const KEY: &'static [&'static str] = &["nip", "dictionary", "competency_code", "assessed_on"];

    fn from_row(row: &mut RowReader<'_>) -> Option<Self> {
        let nip = row.nip();
        let dictionary = row.required("dictionary", text(Code::parse));
        let competency_code = row.required("competency_code", text(Code::parse));
        let level = row.required("level", text(cells::level));
        let purpose = row.required("purpose", text(Name::parse));
        let method = row.required("method", text(Name::parse));
        let provider = row.required("provider", text(Name::parse));
        let assessed_on = row.required("assessed_on", cells::date);
        let valid_until = row.optional("valid_until", cells::date);
        let reference = row.optional("reference", text(Name::parse));
        Some(Self {
            nip: nip?,
            dictionary: dictionary?,
            competency_code: competency_code?,
            level: level?,
            purpose: purpose?,
            method: method?,
            provider: provider?,
            assessed_on: assessed_on?,
            valid_until: valid_until?,
            reference: reference?,
        })
    }

    fn key(&self) -> Vec<String> {
        vec![
            self.nip.as_str().to_owned(),
            self.dictionary.to_string(),
            self.competency_code.to_string(),
            self.assessed_on.to_string(),
        ]
    }
}
