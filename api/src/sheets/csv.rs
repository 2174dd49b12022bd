//! CSV: text that agencies export from spreadsheets and payroll systems, read as it comes.
//!
//! The splitting is done here and not by the `csv` crate for two reasons: that one drops blank lines without
//! counting them, so a row's number would not be the one the spreadsheet shows, and it takes a quotation mark that is
//! never closed for a field that runs to the end of the file.

use std::io::Read;

use super::{
    Format, ImportKind, Mapping, SheetError,
    cells::Cell,
    table::{Builder, Halt, Sink},
};

/// Bytes read at once; the first of them decide the separator.
const BUFFER: usize = 64 << 10;

/// Reads a text file. False when it is blank.
pub(super) fn read(
    kind: ImportKind,
    file: &mut dyn Read,
    mapping: Option<&Mapping>,
    sink: &mut dyn Sink,
) -> Result<bool, Halt> {
    let mut buffer = vec![0; BUFFER];
    let mut filled = fill(file, &mut buffer)?;
    let start = text_start(buffer.get(..filled).unwrap_or_default())?;
    let mut splitter = Splitter {
        separator: separator(buffer.get(start..filled).unwrap_or_default()),
        builder: Builder::new(kind, Format::Csv, mapping, sink),
        row: 1,
        column: 0,
        field: Vec::new(),
        state: State::Start,
        after_return: false,
    };
    let mut from = start;
    while filled > 0 {
        for byte in buffer.get(from..filled).unwrap_or_default() {
            splitter.take(*byte)?;
        }
        from = 0;
        filled = fill(file, &mut buffer)?;
    }
    splitter.finish()
}

/// Fills the buffer as far as the file goes.
fn fill(file: &mut dyn Read, buffer: &mut [u8]) -> Result<usize, Halt> {
    let mut filled = 0;
    while let Some(rest @ [_, ..]) = buffer.get_mut(filled..) {
        match file.read(rest) {
            Ok(0) => break,
            Ok(read) => filled += read,
            Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error.into()),
        }
    }
    Ok(filled)
}

/// Splits bytes into fields. Everything that separates is ASCII, which in UTF-8 is never part of another character.
struct Splitter<'m, 's> {
    separator: u8,
    builder: Builder<'m, 's>,
    row: u32,
    column: usize,
    field: Vec<u8>,
    state: State,
    after_return: bool,
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

impl Splitter<'_, '_> {
    fn take(&mut self, byte: u8) -> Result<(), Halt> {
        let is_feed_of_pair = std::mem::replace(&mut self.after_return, false) && byte == b'\n';
        match (self.state, byte) {
            (State::Quoted { .. }, b'"') => self.state = State::Closed,
            (State::Quoted { .. }, other) => self.push(other)?,
            (_, b'\n') if is_feed_of_pair => {}
            (State::Start, b'"') => self.state = State::Quoted { since: self.row },
            (State::Closed, b'"') => {
                self.push(b'"')?;
                self.state = State::Quoted { since: self.row };
            }
            (_, b'\n' | b'\r') => {
                self.end_field()?;
                self.builder.end_row(self.row)?;
                (self.row, self.column) = (self.row.saturating_add(1), 0);
                self.after_return = byte == b'\r';
            }
            (_, other) if other == self.separator => {
                self.end_field()?;
                self.column += 1;
            }
            (_, other) => {
                self.push(other)?;
                self.state = State::Plain;
            }
        }
        Ok(())
    }

    /// A field is kept in memory, so it ends somewhere whatever the file says.
    fn push(&mut self, byte: u8) -> Result<(), Halt> {
        // A character has up to four bytes.
        if self.field.len() > 4 * self.builder.most_characters() {
            return Err(self.builder.too_long(self.row, self.column).into());
        }
        self.field.push(byte);
        Ok(())
    }

    fn end_field(&mut self) -> Result<(), Halt> {
        let text = std::str::from_utf8(&self.field)
            .map_err(|_invalid| SheetError::NotUtf8 { guess: "Windows-1252" })?;
        self.builder.cell(self.row, self.column, Cell::text(text))?;
        self.field.clear();
        self.state = State::Start;
        Ok(())
    }

    fn finish(mut self) -> Result<bool, Halt> {
        if let State::Quoted { since } = self.state {
            return Err(SheetError::UnclosedQuote { row: since }.into());
        }
        self.end_field()?;
        self.builder.end_row(self.row)?;
        Ok(self.builder.has_content())
    }
}

/// Where the text begins: after its byte order mark.
fn text_start(bytes: &[u8]) -> Result<usize, SheetError> {
    const UTF_16: SheetError = SheetError::NotUtf8 { guess: "UTF-16" };
    if bytes.starts_with(&[0xFF, 0xFE]) || bytes.starts_with(&[0xFE, 0xFF]) {
        return Err(UTF_16);
    }
    let start = if bytes.starts_with(&[0xEF, 0xBB, 0xBF]) { 3 } else { 0 };
    // Latin letters in UTF-16 have a NUL each; without a byte order mark they pass for UTF-8.
    let sample = bytes.get(start..bytes.len().min(start + 1_000)).unwrap_or_default();
    if sample.iter().filter(|byte| **byte == 0).count() * 3 > sample.len() {
        return Err(UTF_16);
    }
    Ok(start)
}

/// Comma, semicolon (what Excel writes where the comma is the decimal sign) or tab: whichever the first line has most
/// of outside quotation marks.
fn separator(bytes: &[u8]) -> u8 {
    let mut lines = bytes.split(|byte| matches!(byte, b'\n' | b'\r'));
    let line = lines.find(|line| !line.trim_ascii().is_empty()).unwrap_or_default();
    let outside: Vec<u8> = line.split(|byte| *byte == b'"').step_by(2).flatten().copied().collect();
    let count = |separator: &u8| outside.iter().filter(|byte| *byte == separator).count();
    // Of equals the last wins.
    [b';', b'\t', b','].into_iter().max_by_key(count).unwrap_or(b',')
}
