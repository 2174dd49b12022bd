//! A file as rows of cells under the columns of its kind, handed on one by one.

use std::fmt::Write as _;
use std::io;
use std::iter::Peekable;
use std::vec::IntoIter;

use calamine::Dimensions;
use kernel::{Violation, ViolationCode};

use super::layout::Layout;
use super::{
    Column, Format, ImportKind, Mapping, Recognition, SheetError, cell_pointer, cells::Cell, columns,
};

/// The rightmost column that may have content. An export of SIASN has more than a hundred.
pub(super) const MAX_COLUMNS: usize = 256;
/// The most ranges of merged cells of a sheet.
pub(super) const MAX_MERGED: usize = 100_000;

/// Why reading a file ended before the file did.
#[derive(Debug, thiserror::Error)]
pub enum Halt {
    /// It is no table.
    #[error(transparent)]
    Sheet(#[from] SheetError),
    /// It could not be read on.
    #[error("the file could not be read on")]
    Source(#[from] io::Error),
    /// Nobody wants the rest.
    #[error("nobody wants the rest of the file")]
    Unwanted,
}

/// One row that is not blank.
#[derive(Debug)]
pub(super) struct Row {
    /// Its number as the spreadsheet shows it.
    pub(super) number: u32,
    /// The rows of ours it came to. Their cells go by [`Header::at`]; those that are missing at the end are blank.
    pub(super) rows: Vec<Vec<Cell>>,
    /// Its cells by column of the sheet, where those of `rows` are others.
    pub(super) sheet: Option<Vec<Cell>>,
    /// What is wrong with it whatever its cells say.
    pub(super) findings: Vec<Violation>,
}

/// What a column of the sheet is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    /// The column of the kind at this index of [`columns`].
    Known(usize),
    /// Refused with its header, its content ignored.
    Refused,
    /// A note to people, its content ignored.
    Note,
    /// Without a name, so it must have no content.
    Nameless,
}

/// The row that names the columns.
#[derive(Debug)]
pub(super) struct Header {
    /// Its number as the spreadsheet shows it.
    pub(super) number: u32,
    /// Which cell of a row is which column of the kind.
    pub(super) at: Vec<Option<usize>>,
    /// The names as they are written.
    pub(super) names: Vec<String>,
    /// Which columns were recognised, and how.
    pub(super) recognition: Recognition,
    /// What is wrong with it.
    pub(super) findings: Vec<Violation>,
}

/// The column of the sheet that is the column at `index` of the kind.
fn place_of(places: &[Place], index: usize) -> Option<usize> {
    places.iter().position(|place| *place == Place::Known(index))
}

/// Who takes the rows as they come.
pub(super) trait Sink {
    /// The row that names the columns; it comes first, and once.
    fn header(&mut self, header: &Header) -> Result<(), Halt>;

    /// A row below it.
    fn row(&mut self, row: Row) -> Result<(), Halt>;
}

/// Puts rows together from cells as they come, left to right and top to bottom.
pub(super) struct Builder<'m, 's> {
    kind: ImportKind,
    mapping: Option<&'m Mapping>,
    /// How its columns become ours, where that takes more than finding them.
    layout: Option<Layout<'m>>,
    most_rows: usize,
    most_text: usize,
    most_characters: usize,
    /// The row being filled, by column of the sheet.
    current: Vec<Cell>,
    /// What stands in each column of the sheet, once its names were read.
    places: Option<Vec<Place>>,
    /// Ranges of merged cells that no row has met yet, the topmost first.
    merged: Peekable<IntoIter<Dimensions>>,
    rows: usize,
    text: usize,
    sink: &'s mut dyn Sink,
}

impl<'m, 's> Builder<'m, 's> {
    pub(super) fn new(
        kind: ImportKind,
        format: Format,
        mapping: Option<&'m Mapping>,
        sink: &'s mut dyn Sink,
    ) -> Self {
        Self {
            kind,
            mapping,
            layout: None,
            most_rows: kind.most_rows(format),
            most_text: kind.most_text(format),
            most_characters: kind.most_characters(format),
            current: Vec::new(),
            places: None,
            merged: Vec::new().into_iter().peekable(),
            rows: 0,
            text: 0,
            sink,
        }
    }

    /// Says which cells of the sheet are merged.
    pub(super) fn merged(&mut self, mut ranges: Vec<Dimensions>) -> Result<(), SheetError> {
        if ranges.len() > MAX_MERGED {
            return Err(SheetError::TooLarge);
        }
        ranges.sort_by_key(|range| range.start.0);
        self.merged = ranges.into_iter().peekable();
        Ok(())
    }

    /// Fills a cell of the current row; `row` is the number it is going to have.
    pub(super) fn cell(&mut self, row: u32, column: usize, cell: Cell) -> Result<(), SheetError> {
        let characters = match &cell {
            Cell::Empty => return Ok(()),
            Cell::Text(text) if text.contains('\0') => return Err(SheetError::Nul { row }),
            // Counting is for the few that could be too long.
            Cell::Text(text) if text.len() > self.most_characters => text.chars().count(),
            Cell::Text(_) | Cell::Date(_) | Cell::Error(_) => 0,
        };
        if column >= MAX_COLUMNS {
            return Err(SheetError::TooManyColumns { row });
        }
        if characters > self.most_characters {
            return Err(self.too_long(row, column));
        }
        if self.current.len() <= column {
            self.current.resize(column + 1, Cell::Empty);
        }
        if let Some(place) = self.current.get_mut(column) {
            *place = cell;
        }
        Ok(())
    }

    /// The most characters of a cell.
    pub(super) const fn most_characters(&self) -> usize {
        self.most_characters
    }

    /// A cell has more.
    pub(super) fn too_long(&self, row: u32, column: usize) -> SheetError {
        SheetError::CellTooLong { row, column: letters(column.min(MAX_COLUMNS)), max: self.most_characters }
    }

    /// Ends the current row, numbered `row`. A blank one leaves no trace.
    pub(super) fn end_row(&mut self, row: u32) -> Result<(), Halt> {
        if self.current.is_empty() {
            return Ok(());
        }
        let cells = std::mem::take(&mut self.current);
        let Some(places) = &mut self.places else { return self.header(row, &cells) };
        if let Some(layout) = &mut self.layout {
            let mut findings = layout.strays(row, &cells);
            let made = layout.rows(self.kind, &cells);
            if !made.is_empty() {
                findings.splice(0..0, merged_in(self.kind, places, &mut self.merged, row));
            }
            return self.hand_on(row, made, Some(cells), findings);
        }
        let (mut blank, mut findings) = (true, Vec::new());
        for (column, cell) in cells.iter().enumerate().filter(|(_, cell)| **cell != Cell::Empty) {
            // The header may be shorter than the rows below it.
            if places.len() <= column {
                places.resize(column + 1, Place::Nameless);
            }
            let Some(place) = places.get_mut(column) else { continue };
            match *place {
                Place::Known(_) => blank = false,
                Place::Refused | Place::Note => {}
                Place::Nameless => {
                    // Said once, at its first content.
                    *place = Place::Refused;
                    let pointer = cell_pointer(row, &letters(column));
                    findings.push(
                        Violation::new(pointer, ViolationCode::Unknown).with("value", excerpt(&cell.shown())),
                    );
                }
            }
        }
        if !blank {
            findings.splice(0..0, merged_in(self.kind, places, &mut self.merged, row));
        }
        let (rows, sheet) = if blank { (Vec::new(), Some(cells)) } else { (vec![cells], None) };
        self.hand_on(row, rows, sheet, findings)
    }

    /// Hands on the rows of ours that a row of the sheet came to, and what is wrong with it.
    fn hand_on(
        &mut self,
        number: u32,
        rows: Vec<Vec<Cell>>,
        sheet: Option<Vec<Cell>>,
        findings: Vec<Violation>,
    ) -> Result<(), Halt> {
        if rows.is_empty() && findings.is_empty() {
            return Ok(());
        }
        let texts = rows.iter().chain(&sheet).flatten();
        let texts = texts.map(|cell| if let Cell::Text(text) = cell { text.len() } else { 0 });
        self.text = self.text.saturating_add(texts.sum());
        self.rows += rows.len();
        if self.text > self.most_text {
            return Err(SheetError::TooLarge.into());
        }
        if self.rows > self.most_rows {
            return Err(SheetError::TooManyRows { max: self.most_rows }.into());
        }
        self.sink.row(Row { number, rows, sheet, findings })
    }

    /// Reads the row that names the columns.
    fn header(&mut self, number: u32, cells: &[Cell]) -> Result<(), Halt> {
        let layout = Layout::of(self.kind, number, cells, self.mapping)?;
        let names = cells.iter().map(|cell| cell.shown().into_owned()).collect();
        let known = columns(self.kind);
        if layout.is_plain() {
            let (places, findings) = read_header(self.kind, number, cells)?;
            let at = (0..known.len()).map(|index| place_of(&places, index)).collect();
            let recognition = layout.recognition;
            self.sink.header(&Header { number, at, names, recognition, findings })?;
            self.places = Some(places);
            return Ok(());
        }
        let at = known.iter().enumerate().map(|(index, column)| layout.has(column.name).then_some(index));
        let (recognition, findings) = (layout.recognition.clone(), layout.findings.clone());
        self.sink.header(&Header { number, at: at.collect(), names, recognition, findings })?;
        self.places = Some(layout.places());
        self.layout = Some(layout);
        Ok(())
    }

    /// Whether anything was there at all.
    pub(super) const fn has_content(&self) -> bool {
        self.places.is_some()
    }
}

/// Refuses merged cells among the rows, at the first row of each. Only the first of them has a value: the others would
/// silently be read as blank, which for a parent unit means something.
fn merged_in(
    kind: ImportKind,
    places: &[Place],
    merged: &mut Peekable<IntoIter<Dimensions>>,
    number: u32,
) -> Vec<Violation> {
    let mut found = Vec::new();
    while let Some(range) = merged.next_if(|range| range.start.0 < number) {
        let ((top, left), (bottom, right)) = (range.start, range.end);
        let (first, last) = (top.saturating_add(1), bottom.saturating_add(1));
        let covers =
            |column: usize| u32::try_from(column).is_ok_and(|column| (left..=right).contains(&column));
        let covered = places.iter().enumerate().find_map(|(column, place)| match place {
            Place::Known(index) if covers(column) => columns(kind).get(*index),
            _ => None,
        });
        if let Some(column) = covered.filter(|_| number <= last) {
            let corner =
                |row, column| format!("{}{row}", letters(usize::try_from(column).unwrap_or(usize::MAX)));
            let cells = format!("{}:{} (merged)", corner(first, left), corner(last, right));
            let pointer = cell_pointer(number, column.name);
            found.push(Violation::new(pointer, ViolationCode::InvalidFormat).with("value", cells));
        }
    }
    found
}

/// What stands in each column of the sheet by its name alone, and what is wrong with the names.
fn read_header(
    kind: ImportKind,
    row: u32,
    cells: &[Cell],
) -> Result<(Vec<Place>, Vec<Violation>), SheetError> {
    let known = columns(kind);
    let (mut places, mut findings) = (Vec::new(), Vec::new());
    for cell in cells {
        let seen = cell.shown();
        let known_as = known.iter().enumerate().find(|(_, column)| column.answers_to(&seen));
        let place = match known_as {
            // Of two columns with one name the first counts, so that the second does not overwrite it.
            Some((index, column)) if place_of(&places, index).is_some() => {
                let violation = Violation::new(cell_pointer(row, column.name), ViolationCode::Duplicate);
                findings.push(violation.with("value", excerpt(&seen)));
                Place::Refused
            }
            Some((index, _)) => Place::Known(index),
            None if *cell == Cell::Empty => Place::Nameless,
            // What was wrong stands there when rejected rows are sent again.
            None if seen.starts_with(NOTE) => Place::Note,
            None => {
                let seen = excerpt(&seen);
                let violation = Violation::new(cell_pointer(row, &seen), ViolationCode::Unknown);
                findings.push(violation.with("value", seen).with("allowed", names(known)));
                Place::Refused
            }
        };
        places.push(place);
    }
    if !places.iter().any(|place| matches!(place, Place::Known(_))) {
        return Err(SheetError::NoHeader { row, expected: names(known) });
    }
    for (index, column) in known.iter().enumerate().filter(|(_, column)| column.required) {
        if place_of(&places, index).is_none() {
            findings.push(Violation::new(cell_pointer(row, column.name), ViolationCode::Required));
        }
    }
    Ok((places, findings))
}

/// With what the name of a column begins that is a note to people and no data.
pub(super) const NOTE: char = '#';

fn names(columns: &[Column]) -> String {
    columns.iter().map(|column| column.name).collect::<Vec<_>>().join(", ")
}

/// The letters a spreadsheet shows above a column, counted from 0.
pub(super) fn letters(column: usize) -> String {
    let mut letters = Vec::new();
    let mut left = Some(column);
    while let Some(column) = left {
        letters.push(char::from(b'A' + u8::try_from(column % 26).unwrap_or(0)));
        left = (column / 26).checked_sub(1);
    }
    letters.into_iter().rev().collect()
}

/// The value seen, as far as a message shows it.
pub(crate) fn excerpt(text: &str) -> String {
    text.chars().take(100).collect()
}

/// The cells of a row as they stand, as a JSON list of texts: of a file's very many rows the few that are refused are
/// given back as they were.
pub(super) fn as_written(cells: &[Cell]) -> Box<str> {
    let mut text = String::from("[");
    for (at, cell) in cells.iter().enumerate() {
        if at > 0 {
            text.push(',');
        }
        text.push('"');
        for character in cell.shown().chars() {
            match character {
                '"' => text.push_str("\\\""),
                '\\' => text.push_str("\\\\"),
                // Writing into a text cannot fail.
                control if u32::from(control) < 0x20 => {
                    let _ = write!(text, "\\u{:04x}", u32::from(control));
                }
                other => text.push(other),
            }
        }
        text.push('"');
    }
    text.push(']');
    text.into_boxed_str()
}
