//! CSV: text that agencies export from spreadsheets and payroll systems.
//!
//! The splitting is done here and not by the `csv` crate for two reasons: that one drops blank lines without
//! counting them, so a row's number would not be the one the spreadsheet shows, and it takes a quotation mark that is
//! never closed for a field that runs to the end of the file.

use super::{
    ImportKind, Mapping, SheetError,
    cells::Cell,
    table::{Builder, Table},
};

/// Reads a text file; `None` when it is blank.
pub(super) fn read(
    kind: ImportKind,
    bytes: &[u8],
    mapping: Option<&Mapping>,
) -> Result<Option<Table>, SheetError> {
    let text = utf8(bytes)?;
    let separator = separator(text);
    let mut builder = Builder::new(kind, mapping);
    let (mut row, mut column, mut field) = (1_u32, 0_usize, String::new());
    let mut state = State::Start;
    let mut after_return = false;
    for character in text.chars() {
        let is_feed_of_pair = std::mem::replace(&mut after_return, false) && character == '\n';
        match (state, character) {
            (State::Quoted { .. }, '"') => state = State::Closed,
            (State::Quoted { .. }, other) => field.push(other),
            (_, '\n') if is_feed_of_pair => {}
            (State::Start, '"') => state = State::Quoted { since: row },
            (State::Closed, '"') => {
                field.push('"');
                state = State::Quoted { since: row };
            }
            (_, '\n' | '\r') => {
                builder.cell(row, column, Cell::text(&field))?;
                builder.end_row(row)?;
                field.clear();
                (row, column, state) = (row.saturating_add(1), 0, State::Start);
                after_return = character == '\r';
            }
            (_, other) if other == separator => {
                builder.cell(row, column, Cell::text(&field))?;
                field.clear();
                (column, state) = (column + 1, State::Start);
            }
            (_, other) => {
                field.push(other);
                state = State::Plain;
            }
        }
    }
    if let State::Quoted { since } = state {
        return Err(SheetError::UnclosedQuote { row: since });
    }
    builder.cell(row, column, Cell::text(&field))?;
    builder.end_row(row)?;
    Ok(builder.finish())
}

/// Where in a field the reader stands.
#[derive(Clone, Copy)]
enum State {
    /// Before its first character.
    Start,
    /// In one without quotation marks, where they mean nothing.
    Plain,
    /// Inside quotation marks.
    Quoted {
        /// The row they were opened in.
        since: u32,
    },
    /// After a quotation mark that closes, or is the first of a doubled one.
    Closed,
}

/// The text without its byte order mark.
fn utf8(bytes: &[u8]) -> Result<&str, SheetError> {
    const UTF_16: SheetError = SheetError::NotUtf8 { guess: "UTF-16" };
    if bytes.starts_with(&[0xFF, 0xFE]) || bytes.starts_with(&[0xFE, 0xFF]) {
        return Err(UTF_16);
    }
    let bytes = bytes.strip_prefix(&[0xEF, 0xBB, 0xBF]).unwrap_or(bytes);
    // Latin letters in UTF-16 have a NUL each; without a byte order mark they pass for UTF-8.
    let sample = bytes.get(..1_000).unwrap_or(bytes);
    if sample.iter().filter(|byte| **byte == 0).count() * 3 > sample.len() {
        return Err(UTF_16);
    }
    std::str::from_utf8(bytes).map_err(|_invalid| SheetError::NotUtf8 { guess: "Windows-1252" })
}

/// Comma, semicolon (what Excel writes where the comma is the decimal sign) or tab: whichever the first line has most
/// of outside quotation marks.
fn separator(text: &str) -> char {
    let line = text.split(['\n', '\r']).find(|line| !line.trim().is_empty()).unwrap_or_default();
    let outside: String = line.split('"').step_by(2).collect();
    // Of equals the last wins.
    [';', '\t', ','].into_iter().max_by_key(|separator| outside.matches(*separator).count()).unwrap_or(',')
}
