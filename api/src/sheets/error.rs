//! Why a file could not be read as a table at all.

use super::table::MAX_COLUMNS;
use super::{ImportKind, SiasnList};

/// A file that is refused as a whole. `Display` is the English message, [`SheetError::indonesian`] the other one; both
/// say what to do about it.
#[derive(Debug, thiserror::Error)]
pub enum SheetError {
    /// Neither text nor a workbook that can be read, or not what its name promised.
    #[error(
        "This is not a CSV or XLSX file that can be read. Open it in a spreadsheet and save it again as XLSX or as \
         CSV UTF-8."
    )]
    Format(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// An old `.xls` workbook or one behind a password.
    #[error(
        "This workbook is protected by a password or was written by an Excel older than 2007. Remove the password \
         and save it as XLSX."
    )]
    Encrypted,
    /// More than is allowed once unpacked.
    #[error(
        "Unpacked, this file is larger than allowed. Remove pictures, formatting, merged cells and unused sheets, or split it \
         into several files."
    )]
    TooLarge,
    /// Text in another encoding.
    #[error("This file is written in {guess}, not in UTF-8. In Excel choose Save As, type \"CSV UTF-8\".")]
    NotUtf8 {
        /// What it probably is.
        guess: &'static str,
    },
    /// A NUL character, which no text has.
    #[error("Row {row} holds a NUL character. The file is damaged or not a text file.")]
    Nul {
        /// Where.
        row: u32,
    },
    /// A quoted CSV field without its end.
    #[error("The quotation mark opened in row {row} is never closed.")]
    UnclosedQuote {
        /// Where it was opened.
        row: u32,
    },
    /// No rows.
    #[error("This file holds no rows below its header.")]
    Empty,
    /// No column that is known.
    #[error("Row {row} should name the columns, but none of its names is known. Expected: {expected}.")]
    NoHeader {
        /// The first row that is not blank.
        row: u32,
        /// The columns of the kind asked for.
        expected: String,
    },
    /// A list of SIASN that has no rows of the kind asked for.
    #[error("{}", siasn(*list, kinds))]
    Siasn {
        /// The list.
        list: SiasnList,
        /// The kinds its rows can be taken in as.
        kinds: &'static [ImportKind],
    },
    /// More rows than a file of its kind and format may have.
    #[error("This file has more than {max} rows. Split it into several files, or save it as CSV.")]
    TooManyRows {
        /// How many it may have.
        max: usize,
    },
    /// Content beyond column [`MAX_COLUMNS`].
    #[error("Row {row} has content beyond column {max}.", max = MAX_COLUMNS)]
    TooManyColumns {
        /// Where.
        row: u32,
    },
    /// A cell with more characters than one may have.
    #[error(
        "Cell {column}{row} has more than {max} characters. In a CSV file, look for a quotation mark that is never \
         closed."
    )]
    CellTooLong {
        /// Where.
        row: u32,
        /// The letters of its column.
        column: String,
        /// How many it may have.
        max: usize,
    },
}

fn kinds_named(kinds: &[ImportKind]) -> String {
    kinds.iter().map(|kind| kind.as_str()).collect::<Vec<_>>().join(", ")
}

fn siasn(list: SiasnList, kinds: &[ImportKind]) -> String {
    let named = kinds_named(kinds);
    format!(
        "This file was recognised as SIASN's {list}, which has no rows of this kind. Import it as: {named}."
    )
}

impl SheetError {
    /// Wraps what a library, or this module, had to say.
    pub(super) fn format(source: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        Self::Format(source.into())
    }

    /// The code clients act on.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Format(_) => "SHEET_FORMAT",
            Self::Encrypted => "SHEET_ENCRYPTED",
            Self::TooLarge => "SHEET_TOO_LARGE",
            Self::NotUtf8 { .. } => "SHEET_NOT_UTF8",
            Self::Nul { .. } => "SHEET_NUL",
            Self::UnclosedQuote { .. } => "SHEET_UNCLOSED_QUOTE",
            Self::Empty => "SHEET_EMPTY",
            Self::NoHeader { .. } => "SHEET_NO_HEADER",
            Self::Siasn { .. } => "SHEET_SIASN",
            Self::TooManyRows { .. } => "SHEET_TOO_MANY_ROWS",
            Self::TooManyColumns { .. } => "SHEET_TOO_MANY_COLUMNS",
            Self::CellTooLong { .. } => "SHEET_CELL_TOO_LONG",
        }
    }

    /// The Indonesian message.
    #[must_use]
    pub fn indonesian(&self) -> String {
        match self {
            Self::Format(_) => {
                "Berkas ini bukan CSV atau XLSX yang dapat dibaca. Buka di aplikasi spreadsheet, \
                                lalu simpan ulang sebagai XLSX atau CSV UTF-8."
                    .to_owned()
            }
            Self::Encrypted => {
                "Berkas ini dilindungi kata sandi atau dibuat dengan Excel sebelum 2007. Hapus kata \
                                sandinya dan simpan sebagai XLSX."
                    .to_owned()
            }
            Self::TooLarge => {
                "Setelah dibuka, isi berkas ini melebihi batas. Hapus gambar, format, sel gabungan, dan lembar \
                               yang tidak dipakai, atau pecah menjadi beberapa berkas."
                    .to_owned()
            }
            Self::NotUtf8 { guess } => format!(
                "Berkas ini ditulis dalam {guess}, bukan UTF-8. Di Excel pilih Simpan Sebagai, jenis \"CSV UTF-8\"."
            ),
            Self::Nul { row } => {
                format!("Baris {row} memuat karakter NUL. Berkas rusak atau bukan berkas teks.")
            }
            Self::UnclosedQuote { row } => {
                format!("Tanda kutip yang dibuka di baris {row} tidak pernah ditutup.")
            }
            Self::Empty => "Berkas ini tidak memuat baris di bawah judul kolom.".to_owned(),
            Self::NoHeader { row, expected } => format!(
                "Baris {row} seharusnya memuat nama kolom, tetapi tidak ada nama yang dikenal. Yang diharapkan: \
                 {expected}."
            ),
            Self::Siasn { list, kinds } => format!(
                "Berkas ini dikenali sebagai {list} dari SIASN, yang tidak memuat baris jenis ini. Impor sebagai: {}.",
                kinds_named(kinds)
            ),
            Self::TooManyRows { max } => format!(
                "Berkas ini memiliki lebih dari {max} baris. Pecah menjadi beberapa berkas, atau simpan sebagai CSV."
            ),
            Self::TooManyColumns { row } => {
                format!("Baris {row} berisi data melewati kolom ke-{MAX_COLUMNS}.")
            }
            Self::CellTooLong { row, column, max } => format!(
                "Sel {column}{row} memuat lebih dari {max} karakter. Pada berkas CSV, periksa tanda \
                 kutip yang tidak ditutup."
            ),
        }
    }
}
