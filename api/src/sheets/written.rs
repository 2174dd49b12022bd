//! Spreadsheets out, row by row: what people open, mend and send back.

use rust_xlsxwriter::{Format, Workbook, Worksheet};

use super::template::TEXT_FORMAT;
use super::{MAX_ROWS, TemplateError, neutralise};

/// Without it Excel takes UTF-8 for Windows-1252.
pub const BYTE_ORDER_MARK: &[u8] = "\u{feff}".as_bytes();

/// One line of CSV, with the separator by which an Excel set to Indonesian splits columns, and nothing in it that a
/// spreadsheet would run.
#[must_use]
pub fn csv_line(cells: &[String]) -> Vec<u8> {
    let mut line = Vec::new();
    for (at, cell) in cells.iter().enumerate() {
        if at > 0 {
            line.push(b';');
        }
        let cell = neutralise(cell);
        if cell.contains([';', ',', '"', '\t', '\n', '\r']) {
            line.push(b'"');
            line.extend(cell.replace('"', "\"\"").into_bytes());
            line.push(b'"');
        } else {
            line.extend_from_slice(cell.as_bytes());
        }
    }
    line.extend_from_slice(b"\r\n");
    line
}

/// Writes a workbook of one sheet whose cells are texts. Rows that are written leave memory for a temporary file.
pub struct SheetWriter {
    workbook: Workbook,
    text: Format,
    rows: u32,
}

impl SheetWriter {
    /// A workbook without rows.
    ///
    /// # Errors
    /// No temporary file.
    pub fn new() -> Result<Self, TemplateError> {
        let mut workbook = Workbook::new();
        workbook.add_worksheet_with_constant_memory()?;
        Ok(Self { workbook, text: Format::new().set_num_format_index(TEXT_FORMAT), rows: 0 })
    }

    /// Adds a row.
    ///
    /// # Errors
    /// What a workbook cannot hold.
    pub fn row(&mut self, cells: &[String]) -> Result<(), TemplateError> {
        let sheet: &mut Worksheet = self.workbook.worksheet_from_index(0)?;
        for (column, cell) in (0..).zip(cells) {
            sheet.write_string_with_format(self.rows, column, neutralise(cell), &self.text)?;
        }
        self.rows = self.rows.saturating_add(1);
        Ok(())
    }

    /// Whether it has more rows below its header than a workbook that is sent in may have.
    #[must_use]
    pub fn is_full(&self) -> bool {
        usize::try_from(self.rows).map_or(true, |rows| rows > MAX_ROWS + 1)
    }

    /// The workbook.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn finish(mut self) -> Result<Vec<u8>, TemplateError> {
        Ok(self.workbook.save_to_buffer()?)
    }
}
