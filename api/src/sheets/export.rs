//! Spreadsheets out: rows of any table as CSV, piece by piece, or as one XLSX workbook on disk. No more than the rows at
//! hand are ever in memory.

use std::borrow::Cow;
use std::fs::File;
use std::io::{Seek as _, SeekFrom};

use rust_xlsxwriter::{ExcelDateTime, Format, Workbook, Worksheet, XlsxError};
use serde_json::Value;

use super::{CellKind, join_list, neutralise};

/// The built-in number format by which a spreadsheet keeps what is typed as text.
const TEXT_FORMAT: u8 = 49;

/// The most rows of a sheet, its header included: the format's own limit.
const MAX_ROWS: u32 = 1_048_576;

/// The most UTF-16 units of a cell: the format's own limit.
const MAX_CELL: usize = 32_767;

/// What stands at the end of a cell that does not hold all there is.
const CUT: &str = " … [dipotong; minta csv | cut; ask for csv]";

/// A table that could not be written.
#[derive(Debug, thiserror::Error)]
pub enum ExportError {
    /// As CSV.
    #[error("the CSV file could not be written")]
    Csv(#[from] csv::Error),
    /// As XLSX.
    #[error("the XLSX file could not be written")]
    Xlsx(#[from] XlsxError),
    /// The file on disk.
    #[error("the file could not be kept")]
    Io(#[from] std::io::Error),
    /// More rows than a sheet holds.
    #[error("a sheet holds {MAX_ROWS} rows")]
    TooManyRows,
    /// A text longer than a cell holds, where nothing may be missing.
    #[error("a cell holds {MAX_CELL} characters")]
    CellTooLong,
}

/// A column of a table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Heading {
    /// Its name.
    pub name: String,
    /// What its cells are.
    pub cells: CellKind,
    /// Whether they are read again by a program, so that none may be cut.
    pub whole: bool,
}

/// A value as text: blank when there is none, a list with `|` between its parts, and what has a shape of its own as JSON.
fn text(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::Bool(flag) => flag.to_string(),
        Value::Number(number) => number.to_string(),
        Value::String(text) => text.clone(),
        Value::Array(parts) if parts.iter().all(|part| !part.is_object() && !part.is_array()) => {
            let parts: Vec<String> = parts.iter().map(text).collect();
            join_list(parts.iter().map(String::as_str))
        }
        Value::Array(_) | Value::Object(_) => value.to_string(),
    }
}

/// A table as CSV. It starts with a byte order mark, without which Excel takes UTF-8 for Windows-1252, and its separator
/// is the semicolon, by which an Excel set to Indonesian splits columns.
#[derive(Debug)]
pub struct CsvSheet {
    writer: csv::Writer<Vec<u8>>,
}

impl CsvSheet {
    /// A table of these columns.
    ///
    /// # Errors
    /// When it cannot be written, which would be a defect.
    pub fn new(headings: &[Heading]) -> Result<Self, ExportError> {
        let start = "\u{feff}".as_bytes().to_vec();
        let mut writer =
            csv::WriterBuilder::new().delimiter(b';').terminator(csv::Terminator::CRLF).from_writer(start);
        writer.write_record(headings.iter().map(|heading| heading.name.as_str()))?;
        Ok(Self { writer })
    }

    /// Adds a row: a value per column.
    ///
    /// # Errors
    /// When it cannot be written, which would be a defect.
    pub fn push(&mut self, row: &[Value]) -> Result<(), ExportError> {
        for value in row {
            let text = text(value);
            // A number is no formula, whatever its sign.
            if value.is_number() {
                self.writer.write_field(text)?;
            } else {
                self.writer.write_field(neutralise(&text).as_bytes())?;
            }
        }
        Ok(self.writer.write_record(None::<&[u8]>)?)
    }

    /// What was written since the last time.
    ///
    /// # Errors
    /// When it cannot be written, which would be a defect.
    pub fn take(&mut self) -> Result<Vec<u8>, ExportError> {
        self.writer.flush()?;
        let next = csv::WriterBuilder::new()
            .delimiter(b';')
            .terminator(csv::Terminator::CRLF)
            .from_writer(Vec::new());
        let written = std::mem::replace(&mut self.writer, next);
        written.into_inner().map_err(|error| ExportError::Io(std::io::Error::other(error.to_string())))
    }
}

/// A table as XLSX, kept on disk while it grows. Text is text, whatever it looks like: no cell is a formula.
pub struct XlsxSheet {
    workbook: Workbook,
    headings: Vec<Heading>,
    formats: Vec<Format>,
    rows: u32,
}

impl std::fmt::Debug for XlsxSheet {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("XlsxSheet").field("rows", &self.rows).finish_non_exhaustive()
    }
}

impl XlsxSheet {
    /// A workbook with one sheet of these columns.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn new(name: &str, headings: Vec<Heading>) -> Result<Self, ExportError> {
        let mut workbook = Workbook::new();
        let sheet = workbook.add_worksheet_with_constant_memory()?;
        // A sheet's name has at most 31 characters.
        sheet.set_name(name.chars().take(31).collect::<String>())?;
        sheet.set_freeze_panes(1, 0)?;
        let bold = Format::new().set_bold();
        let mut formats = Vec::new();
        for (at, heading) in (0..).zip(&headings) {
            let format = match heading.cells {
                CellKind::Text => Format::new().set_num_format_index(TEXT_FORMAT),
                CellKind::Date => Format::new().set_num_format("yyyy-mm-dd"),
                CellKind::Number => Format::new(),
            };
            sheet.set_column_format(at, &format)?;
            sheet.set_column_width(at, 22)?;
            sheet.write_string_with_format(0, at, &heading.name, &bold)?;
            formats.push(format);
        }
        Ok(Self { workbook, headings, formats, rows: 1 })
    }

    /// Adds a row: a value per column. A text beyond what a cell holds is cut, and says so, unless its column must be whole.
    ///
    /// # Errors
    /// [`ExportError::TooManyRows`], [`ExportError::CellTooLong`]; when it cannot be written.
    pub fn push(&mut self, row: &[Value]) -> Result<(), ExportError> {
        if self.rows >= MAX_ROWS {
            return Err(ExportError::TooManyRows);
        }
        let sheet = self.workbook.worksheet_from_index(0)?;
        for (at, (value, (heading, format))) in
            (0..).zip(row.iter().zip(self.headings.iter().zip(&self.formats)))
        {
            write(sheet, self.rows, at, value, heading, format)?;
        }
        self.rows += 1;
        Ok(())
    }

    /// The finished file, read from its beginning, and its length. It is gone once it is closed.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn finish(mut self) -> Result<(File, u64), ExportError> {
        let mut file = tempfile::tempfile()?;
        self.workbook.save_to_writer(&mut file)?;
        let length = file.seek(SeekFrom::End(0))?;
        file.seek(SeekFrom::Start(0))?;
        Ok((file, length))
    }
}

fn write(
    sheet: &mut Worksheet,
    row: u32,
    column: u16,
    value: &Value,
    heading: &Heading,
    format: &Format,
) -> Result<(), ExportError> {
    let (written, cells) = (text(value), heading.cells);
    if written.is_empty() {
        return Ok(());
    }
    let number =
        value.as_f64().or_else(|| (cells == CellKind::Number).then(|| written.parse().ok()).flatten());
    if let Some(number) = number.filter(|_| cells != CellKind::Text || value.is_number()) {
        sheet.write_number_with_format(row, column, number, format)?;
    } else if cells == CellKind::Date
        && let Ok(day) = ExcelDateTime::parse_from_str(&written)
    {
        sheet.write_datetime_with_format(row, column, &day, format)?;
    } else {
        // A cell of text runs nothing; with the apostrophe it stays so when it is saved as CSV.
        let text = neutralise(&written);
        let text = if heading.whole { fitting(&text)? } else { cut(text) };
        sheet.write_string_with_format(row, column, text, format)?;
    }
    Ok(())
}

fn is_long(text: &str) -> bool {
    // No character has more units of UTF-16 than bytes of UTF-8.
    text.len() > MAX_CELL && text.encode_utf16().count() > MAX_CELL
}

fn fitting<'a>(text: &'a str) -> Result<Cow<'a, str>, ExportError> {
    if is_long(text) { Err(ExportError::CellTooLong) } else { Ok(Cow::Borrowed(text)) }
}

fn cut(text: Cow<'_, str>) -> Cow<'_, str> {
    if !is_long(&text) {
        return text;
    }
    let mut room = MAX_CELL.saturating_sub(CUT.encode_utf16().count());
    let fits = |c: &char| {
        let left = room.checked_sub(c.len_utf16());
        room = left.unwrap_or(0);
        left.is_some()
    };
    let mut kept: String = text.chars().take_while(fits).collect();
    kept.push_str(CUT);
    Cow::Owned(kept)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn book(value: &Value, whole: bool) -> Result<String, ExportError> {
        let heading = Heading { name: "teks".to_owned(), cells: CellKind::Text, whole };
        let mut sheet = XlsxSheet::new("uji", vec![heading])?;
        sheet.push(std::slice::from_ref(value))?;
        let (file, _) = sheet.finish()?;
        let mut book: calamine::Xlsx<_> = calamine::Reader::new(file).unwrap();
        let range = calamine::Reader::worksheet_range(&mut book, "uji").unwrap();
        Ok(range.get((1, 0)).unwrap().to_string())
    }

    #[test]
    fn a_cell_holds_what_it_can_and_says_what_it_does_not() {
        // Excel counts units of UTF-16: this character has two.
        for (letter, units) in [("a", 1), ("é", 1), ("🙂", 2)] {
            let full = letter.repeat(MAX_CELL / units);
            assert_eq!(book(&json!(full), false).unwrap(), full);
            assert_eq!(book(&json!(full), true).unwrap(), full);
            let more = full + letter;
            let shown = book(&json!(more), false).unwrap();
            assert!(shown.ends_with(CUT) && shown.starts_with(letter), "{letter}");
            assert!((MAX_CELL - 1..=MAX_CELL).contains(&shown.encode_utf16().count()), "{letter}");
            assert!(matches!(book(&json!(more), true), Err(ExportError::CellTooLong)), "{letter}");
        }
        // The apostrophe in front of what looks like a formula counts, too.
        let live = format!("={}", "1".repeat(MAX_CELL - 1));
        assert!(book(&json!(live), false).unwrap().ends_with(CUT));
        assert!(matches!(book(&json!(live), true), Err(ExportError::CellTooLong)));
        assert!(book(&json!([{"text": "x".repeat(40_000)}]), false).unwrap().ends_with(CUT));
    }
}
