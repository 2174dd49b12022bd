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
mod learning_columns;
mod learning_rows;
mod mapping;
mod moments;
mod package;
mod rows;
mod siasn;
mod table;
mod template;
#[cfg(test)]
mod tests;
mod written;
mod xlsx;

use std::io::{Cursor, Read};
use std::sync::atomic::AtomicBool;

use chrono::NaiveDate;
use competency::LevelText;
use kernel::LongText;

pub use cells::{join_list, neutralise};
pub use columns::{CellKind, Column, columns};
pub use error::SheetError;
pub use export::{CsvSheet, ExportError, Heading, XlsxSheet};
pub use findings::{Findings, cell_pointer};
pub use layout::{RecognisedBy, RecognisedColumn, Recognition, UnknownHeader};
pub use learning_rows::{
    CertificateCells, ClassRow, OwnLearningRow, ProgrammeRow, ProgrammeStepRow, SessionCells,
    TrainingRecordRow,
};
pub use mapping::{MappedColumn, MappedValue, Mapping};
pub use moments::Moment;
pub use rows::{
    AssessmentRow, CompetencyRow, EmployeeRow, FromRow, LevelRow, PositionRow, Reading, RowReader,
    StandardRow, UnitRow,
};
pub use siasn::SiasnList;
pub use table::Halt;
pub use template::{TemplateError, template_csv, template_xlsx};

pub use written::{BYTE_ORDER_MARK, SheetWriter, csv_line};

use table::NOTE;
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
        /// Programmes of the catalogue.
        Programmes = "programmes",
        /// What programmes teach: steps from one level of a competency to another.
        ProgrammeSteps = "programme-steps",
        /// Classes with their sessions.
        Classes = "classes",
        /// Learning that people log themselves.
        OwnLearnings = "own-learnings",
        /// Training that was held and recorded elsewhere.
        TrainingRecords = "training-records",
    }
}

/// The most rows of a workbook, and of a file whose rows are looked at together.
const MAX_ROWS: usize = 200_000;
/// The most rows of a CSV file whose rows stand each for itself.
const MAX_STREAMED_ROWS: usize = 3_000_000;
/// The most bytes of a workbook, which is read in memory.
const MAX_WORKBOOK: u64 = 32 << 20;
/// The most bytes of text in a file whose rows are looked at together: it is in memory more than once.
const MAX_WHOLE_TEXT: usize = 64 << 20;
/// The most bytes of text a workbook comes to. It may refer to one long text from every cell, so that its own size is no
/// bound.
const MAX_WORKBOOK_TEXT: usize = 128 << 20;
/// The most characters of a cell: a workbook's own limit.
const MAX_CHARACTERS: usize = 32_767;
/// The most characters of a list of indicators: as many as a level may have, each as long as one may be, and each
/// character of them with a backslash in front.
const MAX_LIST: usize = LevelText::MAX_INDICATORS * (2 * LongText::MAX + 1) + 1;

impl ImportKind {
    /// Whether its rows come one by one: people, their results and what they learned are as many as an agency has. Of the
    /// others no agency has so many, and they are looked at together.
    const fn is_streamed(self) -> bool {
        matches!(self, Self::Employees | Self::Assessments | Self::OwnLearnings | Self::TrainingRecords)
    }

    /// The most rows of a file.
    #[must_use]
    pub const fn most_rows(self, format: Format) -> usize {
        match (self.is_streamed(), format) {
            (true, Format::Csv) => MAX_STREAMED_ROWS,
            _ => MAX_ROWS,
        }
    }

    /// The most bytes of text of a file.
    const fn most_text(self, format: Format) -> usize {
        match (self.is_streamed(), format) {
            // Text that comes once through a file is bounded by the file.
            (true, Format::Csv) => usize::MAX,
            (true, Format::Xlsx) => MAX_WORKBOOK_TEXT,
            (false, _) => MAX_WHOLE_TEXT,
        }
    }

    /// The most characters of a cell. A workbook cannot hold what a level may say.
    const fn most_characters(self, format: Format) -> usize {
        match (self, format) {
            (Self::Levels, Format::Csv) => MAX_LIST,
            _ => MAX_CHARACTERS,
        }
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

    /// How names of such files end.
    #[must_use]
    pub const fn extension(self) -> &'static str {
        match self {
            Self::Csv => "csv",
            Self::Xlsx => "xlsx",
        }
    }

    /// The format the first bytes show: a workbook is a zip archive, anything else is taken for text.
    fn shown(bytes: &[u8]) -> Self {
        if bytes.starts_with(b"PK") { Self::Xlsx } else { Self::Csv }
    }
}

/// How a file is to be read.
#[derive(Clone, Copy, Debug)]
pub struct Wants<'m> {
    /// The present day: it bounds the dates inside identity numbers.
    pub today: NaiveDate,
    /// How many rows are handed on at once.
    pub rows_at_once: usize,
    /// The file was read before, and all of it can stand: nothing is kept for telling what is wrong.
    pub again: bool,
    /// What the agency says of the columns of its files.
    pub mapping: Option<&'m Mapping>,
    /// Set when nobody wants the rest any more.
    pub stop: Option<&'m AtomicBool>,
}

/// Reads the rows of one kind out of a file as it comes and hands them to `give`, some at a time, in their order.
/// `promised` is what its name or media type says, if anything. A CSV file is never in memory as a whole.
///
/// # Errors
/// When the file is no table at all, or cannot be read on; and what `give` returns. A table with unreadable cells is no
/// error: see [`Reading::findings`].
pub fn read_parts<R: FromRow>(
    mut file: &mut dyn Read,
    promised: Option<Format>,
    wants: Wants<'_>,
    give: &mut dyn FnMut(Reading<R>) -> Result<(), Halt>,
) -> Result<(), Halt> {
    let mut head = Vec::new();
    Read::by_ref(&mut file).take(8).read_to_end(&mut head)?;
    // What Excel wrote until 2003, and the envelope it still puts around a workbook with a password.
    if head.starts_with(&[0xD0, 0xCF, 0x11, 0xE0]) {
        return Err(SheetError::Encrypted.into());
    }
    let shown = Format::shown(&head);
    if promised.is_some_and(|promised| promised != shown) {
        let what = "the content is not what the file's name or type promises";
        return Err(SheetError::format(what).into());
    }
    let mut file = Cursor::new(head).chain(file);
    let mut typing = rows::Typing::new(wants, give);
    let is_there = match shown {
        Format::Csv => csv::read(R::KIND, &mut file, wants.mapping, &mut typing)?,
        Format::Xlsx => {
            let mut bytes = Vec::new();
            file.take(MAX_WORKBOOK + 1).read_to_end(&mut bytes)?;
            if u64::try_from(bytes.len()).is_ok_and(|length| length > MAX_WORKBOOK) {
                return Err(SheetError::TooLarge.into());
            }
            xlsx::read(R::KIND, &bytes, wants.mapping, &mut typing)?
        }
    };
    if typing.finish()? && is_there { Ok(()) } else { Err(SheetError::Empty.into()) }
}

/// The name of the column in which rejected rows are told their row in the file they come from. It begins with what
/// makes a column a note: rejected rows that were mended can be sent as they are.
#[must_use]
pub fn note_column(name: &str) -> String {
    format!("{NOTE}{name}")
}

/// Everything a small file holds, at once.
#[cfg(test)]
pub(crate) fn read<R: FromRow>(
    mut bytes: &[u8],
    promised: Option<Format>,
    today: NaiveDate,
    mapping: Option<&Mapping>,
) -> Result<Reading<R>, SheetError> {
    let mut whole = None;
    let wants = Wants { today, rows_at_once: usize::MAX, again: false, mapping, stop: None };
    let read = read_parts(&mut bytes, promised, wants, &mut |part| {
        whole = Some(part);
        Ok(())
    });
    match read {
        Ok(()) => {
            let whole: Reading<R> = whole.unwrap();
            let findings = Findings::default().join(whole.findings);
            Ok(Reading { findings, ..whole })
        }
        Err(Halt::Sheet(error)) => Err(error),
        Err(other) => panic!("{other}"),
    }
}
