//! A file as rows of cells under the columns of its kind.

use kernel::{Violation, ViolationCode};

use super::layout::Layout;
use super::{
    Column, Format, ImportKind, Mapping, Recognition, SheetError, cell_pointer, cells::Cell, columns, csv,
    findings::Findings, xlsx,
};

/// The most rows below the header.
pub(super) const MAX_ROWS: usize = 200_000;
/// The rightmost column that may have content. An export of SIASN has more than a hundred.
pub(super) const MAX_COLUMNS: usize = 256;
/// The most characters of a cell: a workbook's own limit.
pub(super) const MAX_CHARACTERS: usize = 32_767;
/// The most bytes of text kept. A workbook may refer to one long text from every cell, so that its own size is no
/// bound.
const MAX_TEXT: usize = 128 << 20;

/// One row that is not blank.
#[derive(Debug)]
pub(super) struct Row {
    /// Its number as the spreadsheet shows it.
    pub(super) number: u32,
    /// A cell per column of the kind, in the order of [`columns`].
    pub(super) cells: Box<[Cell]>,
}

/// What a column of the sheet is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    /// The column of the kind at this index of [`columns`].
    Known(usize),
    /// Refused with its header, its content ignored.
    Refused,
    /// Without a name, so it must have no content.
    Nameless,
}

/// A file read under the columns of a kind.
#[derive(Debug)]
pub(super) struct Table {
    pub(super) kind: ImportKind,
    /// What stands in each column of the sheet.
    pub(super) places: Vec<Place>,
    /// The same where rows are laid out anew, and `places` are those of the kind.
    pub(super) sheet: Option<Vec<Place>>,
    pub(super) rows: Vec<Row>,
    /// What is wrong with the header and with cells outside it.
    pub(super) findings: Findings,
    /// Which columns were recognised, and how.
    pub(super) recognition: Recognition,
}

impl Table {
    /// Reads a file whose name promised a format, or none.
    pub(super) fn read(
        kind: ImportKind,
        bytes: &[u8],
        promised: Option<Format>,
        mapping: Option<&Mapping>,
    ) -> Result<Self, SheetError> {
        // What Excel wrote until 2003, and the envelope it still puts around a workbook with a password.
        if bytes.starts_with(&[0xD0, 0xCF, 0x11, 0xE0]) {
            return Err(SheetError::Encrypted);
        }
        let shown = Format::shown(bytes);
        if promised.is_some_and(|promised| promised != shown) {
            return Err(SheetError::format("the content is not what the file's name or type promises"));
        }
        let table = match shown {
            Format::Csv => csv::read(kind, bytes, mapping)?,
            Format::Xlsx => xlsx::read(kind, bytes, mapping)?,
        };
        table.filter(|table| !table.rows.is_empty() || !table.findings.is_empty()).ok_or(SheetError::Empty)
    }

    /// Whether the file has the column at `index` of the kind.
    pub(super) fn has(&self, index: usize) -> bool {
        self.places.contains(&Place::Known(index))
    }
}

/// Puts a table together from cells as they come, left to right and top to bottom.
#[derive(Debug)]
pub(super) struct Builder<'m> {
    kind: ImportKind,
    mapping: Option<&'m Mapping>,
    /// How its columns become ours, where that takes more than finding them.
    layout: Option<Layout<'m>>,
    /// The row being filled, by column of the sheet.
    current: Vec<Cell>,
    table: Option<Table>,
    text: usize,
}

impl<'m> Builder<'m> {
    pub(super) fn new(kind: ImportKind, mapping: Option<&'m Mapping>) -> Self {
        Self { kind, mapping, layout: None, current: Vec::new(), table: None, text: 0 }
    }

    /// Fills a cell of the current row; `row` is the number it is going to have.
    pub(super) fn cell(&mut self, row: u32, column: usize, cell: Cell) -> Result<(), SheetError> {
        let characters = match &cell {
            Cell::Empty => return Ok(()),
            Cell::Text(text) if text.contains('\0') => return Err(SheetError::Nul { row }),
            // Counting is for the few that could be too long.
            Cell::Text(text) if text.len() > MAX_CHARACTERS => text.chars().count(),
            Cell::Text(_) | Cell::Date(_) | Cell::Error(_) => 0,
        };
        if column >= MAX_COLUMNS {
            return Err(SheetError::TooManyColumns { row });
        }
        if characters > MAX_CHARACTERS {
            return Err(SheetError::CellTooLong { row, column: letters(column) });
        }
        if self.current.len() <= column {
            self.current.resize(column + 1, Cell::Empty);
        }
        if let Some(place) = self.current.get_mut(column) {
            *place = cell;
        }
        Ok(())
    }

    /// Ends the current row, numbered `row`. A blank one leaves no trace.
    pub(super) fn end_row(&mut self, row: u32) -> Result<(), SheetError> {
        if self.current.is_empty() {
            return Ok(());
        }
        let cells = std::mem::take(&mut self.current);
        let Some(table) = &mut self.table else {
            self.table = Some(self.header(row, &cells)?);
            return Ok(());
        };
        if table.rows.len() == MAX_ROWS {
            return Err(SheetError::TooManyRows);
        }
        if let Some(layout) = &mut self.layout {
            layout.strays(row, &cells).into_iter().for_each(|stray| table.findings.push(stray));
            for cells in layout.rows(self.kind, &cells) {
                let texts = cells.iter().map(|cell| if let Cell::Text(text) = cell { text.len() } else { 0 });
                self.text += texts.sum::<usize>();
                table.rows.push(Row { number: row, cells: cells.into_boxed_slice() });
            }
            return if self.text > MAX_TEXT { Err(SheetError::TooLarge) } else { Ok(()) };
        }
        let mut known = vec![Cell::Empty; columns(self.kind).len()].into_boxed_slice();
        let mut blank = true;
        for (column, cell) in cells.into_iter().enumerate().filter(|(_, cell)| *cell != Cell::Empty) {
            // The header may be shorter than the rows below it.
            if table.places.len() <= column {
                table.places.resize(column + 1, Place::Nameless);
            }
            let Some(place) = table.places.get_mut(column) else { continue };
            match *place {
                Place::Known(index) => {
                    if let Cell::Text(text) = &cell {
                        self.text += text.len();
                    }
                    if let Some(place) = known.get_mut(index) {
                        *place = cell;
                        blank = false;
                    }
                }
                Place::Refused => {}
                Place::Nameless => {
                    // Said once, at its first content.
                    *place = Place::Refused;
                    let pointer = cell_pointer(row, &letters(column));
                    table.findings.push(
                        Violation::new(pointer, ViolationCode::Unknown).with("value", excerpt(&cell.shown())),
                    );
                }
            }
        }
        if self.text > MAX_TEXT {
            return Err(SheetError::TooLarge);
        }
        if !blank {
            table.rows.push(Row { number: row, cells: known });
        }
        Ok(())
    }

    /// Reads the row that names the columns.
    fn header(&mut self, row: u32, cells: &[Cell]) -> Result<Table, SheetError> {
        let layout = Layout::of(self.kind, row, cells, self.mapping)?;
        if layout.is_plain() {
            let recognition = layout.recognition;
            return Ok(Table { recognition, ..header(self.kind, row, cells)? });
        }
        let place = |(index, column): (usize, &Column)| {
            if layout.has(column.name) { Place::Known(index) } else { Place::Refused }
        };
        let places = columns(self.kind).iter().enumerate().map(place).collect();
        let mut findings = Findings::default();
        layout.findings.iter().for_each(|finding| findings.push(finding.clone()));
        let (recognition, sheet) = (layout.recognition.clone(), Some(layout.places()));
        self.layout = Some(layout);
        Ok(Table { kind: self.kind, places, sheet, rows: Vec::new(), findings, recognition })
    }

    /// The table, or `None` when every row was blank.
    pub(super) fn finish(self) -> Option<Table> {
        self.table
    }
}

/// Reads the row that names the columns.
fn header(kind: ImportKind, row: u32, cells: &[Cell]) -> Result<Table, SheetError> {
    let known = columns(kind);
    let mut table = Table {
        kind,
        places: Vec::new(),
        sheet: None,
        rows: Vec::new(),
        findings: Findings::default(),
        recognition: Recognition::default(),
    };
    for cell in cells {
        let seen = cell.shown();
        let known_as = known.iter().enumerate().find(|(_, column)| column.answers_to(&seen));
        let place = match known_as {
            // Of two columns with one name the first counts, so that the second does not overwrite it.
            Some((index, column)) if table.has(index) => {
                let violation = Violation::new(cell_pointer(row, column.name), ViolationCode::Duplicate);
                table.findings.push(violation.with("value", excerpt(&seen)));
                Place::Refused
            }
            Some((index, _)) => Place::Known(index),
            None if *cell == Cell::Empty => Place::Nameless,
            None => {
                let seen = excerpt(&seen);
                let violation = Violation::new(cell_pointer(row, &seen), ViolationCode::Unknown);
                table.findings.push(violation.with("value", seen).with("allowed", names(known)));
                Place::Refused
            }
        };
        table.places.push(place);
    }
    if !table.places.iter().any(|place| matches!(place, Place::Known(_))) {
        return Err(SheetError::NoHeader { row, expected: names(known) });
    }
    for (index, column) in known.iter().enumerate().filter(|(_, column)| column.required) {
        if !table.has(index) {
            table.findings.push(Violation::new(cell_pointer(row, column.name), ViolationCode::Required));
        }
    }
    Ok(table)
}

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
