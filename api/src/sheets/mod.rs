//! The agency's own spreadsheets: bytes in, typed rows out, and every cell that cannot be read named with its row,
//! its column and what was seen there.
//!
//! Nothing here knows a database or a request. [`read`] turns a CSV or XLSX file into the rows of one
//! [`ImportKind`]; what the rows mean (whether a unit exists, which job class a text names) is for the use case
//! that asked. [`template_csv`] and [`template_xlsx`] make the empty forms people fill in.

mod cells;
mod columns;
mod csv;
mod error;
mod export;
mod findings;
mod layout;
mod mapping;
mod package;
mod rows;
mod siasn;
mod table;
mod template;
#[cfg(test)]
mod tests;
mod xlsx;

use chrono::NaiveDate;

pub use cells::{join_list, neutralise};
pub use columns::{CellKind, Column, columns};
pub use error::SheetError;
pub use export::{CsvSheet, ExportError, Heading, XlsxSheet};
pub use findings::{Findings, cell_pointer};
pub use layout::{RecognisedBy, RecognisedColumn, Recognition, UnknownHeader};
pub use mapping::{MappedColumn, MappedValue, Mapping};
pub use rows::{
    AssessmentRow, CompetencyRow, EmployeeRow, FromRow, LevelRow, PositionRow, Reading, RowReader,
    StandardRow, UnitRow,
};
pub use siasn::SiasnList;
pub use template::{TemplateError, template_csv, template_xlsx};

use table::Table;

pub(crate) use table::excerpt;

kernel::wire_enum! {
    /// What a file holds. The name is that of the query parameter and of the command line.
    pub enum ImportKind {
        /// The unit tree.
        Units = "units",
        /// Positions and the units they belong to.
        Positions = "positions",
        /// Civil servants and where they serve.
        Employees = "employees",
        /// Competencies of a dictionary.
        Competencies = "competencies",
        /// Levels of competencies, with their indicators.
        Levels = "levels",
        /// Competency standards of positions.
        Standards = "standards",
        /// Results of competency assessments.
        Assessments = "assessments",
    }
}

/// How a file is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// Text, UTF-8, separated by comma, semicolon or tab.
    Csv,
    /// An Office Open XML workbook.
    Xlsx,
}

impl Format {
    /// The format a file's name or media type promises.
    #[must_use]
    pub fn promised(name_or_type: &str) -> Option<Self> {
        let text = name_or_type.to_ascii_lowercase();
        let media_type = text.split(';').next().unwrap_or_default().trim();
        match media_type {
            "text/csv" | "application/csv" => Some(Self::Csv),
            "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet" => Some(Self::Xlsx),
            _ if media_type.ends_with(".csv") => Some(Self::Csv),
            _ if media_type.ends_with(".xlsx") => Some(Self::Xlsx),
            _ => None,
        }
    }

    /// The format the first bytes show: a workbook is a zip archive, anything else is taken for text.
    fn shown(bytes: &[u8]) -> Self {
        if bytes.starts_with(b"PK") { Self::Xlsx } else { Self::Csv }
    }
}

/// Reads the rows of one kind out of a file. `promised` is what its name or media type says, if anything; `today`
/// bounds the dates inside identity numbers.
///
/// # Errors
/// When the file is no table at all. A table with unreadable cells is no error: see [`Reading::findings`].
pub fn read<R: FromRow>(
    bytes: &[u8],
    promised: Option<Format>,
    today: NaiveDate,
    mapping: Option<&Mapping>,
) -> Result<Reading<R>, SheetError> {
    Ok(rows::read_rows(Table::read(R::KIND, bytes, promised, mapping)?, today))
}
