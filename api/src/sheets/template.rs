//! Empty forms: the columns of a kind with one example row.

use rust_xlsxwriter::{DocProperties, ExcelDateTime, Format, Note, Workbook, XlsxError};

use super::{CellKind, Column, ImportKind, columns, neutralise};

/// The built-in number format by which a spreadsheet keeps what is typed as text.
pub(super) const TEXT_FORMAT: u8 = 49;

/// A form that could not be written; nothing a caller did.
#[derive(Debug, thiserror::Error)]
pub enum TemplateError {
    /// As CSV.
    #[error("the CSV form could not be written")]
    Csv(#[from] csv::Error),
    /// As XLSX.
    #[error("the XLSX form could not be written")]
    Xlsx(#[from] XlsxError),
}

/// The form as CSV. It starts with a byte order mark, without which Excel takes UTF-8 for Windows-1252, and its
/// separator is the semicolon, by which an Excel set to Indonesian splits columns.
///
/// # Errors
/// When it cannot be written, which would be a defect.
pub fn template_csv(kind: ImportKind) -> Result<Vec<u8>, TemplateError> {
    let mut bytes = "\u{feff}".as_bytes().to_vec();
    let mut writer =
        csv::WriterBuilder::new().delimiter(b';').terminator(csv::Terminator::CRLF).from_writer(&mut bytes);
    writer.write_record(columns(kind).iter().map(|column| column.name))?;
    let example: Vec<_> = columns(kind).iter().map(|column| neutralise(column.example)).collect();
    writer.write_record(example.iter().map(|cell| cell.as_bytes()))?;
    writer.flush().map_err(csv::Error::from)?;
    drop(writer);
    Ok(bytes)
}

/// The form as XLSX: text columns are formatted as text, so that a NIP keeps its 18 digits and a code its leading
/// zeros; date columns as dates; a note on each header says what belongs there.
///
/// # Errors
/// When it cannot be written, which would be a defect.
pub fn template_xlsx(kind: ImportKind) -> Result<Vec<u8>, TemplateError> {
    let mut workbook = Workbook::new();
    // A form is the same bytes each time, whenever it is made.
    workbook
        .set_properties(&DocProperties::new().set_creation_datetime(&ExcelDateTime::from_ymd(2026, 1, 1)?));
    let sheet = workbook.add_worksheet();
    sheet.set_name(kind.as_str())?;
    sheet.set_freeze_panes(1, 0)?;
    let bold = Format::new().set_bold();
    for (at, column) in (0..).zip(columns(kind)) {
        let format = match column.cells {
            CellKind::Text => Format::new().set_num_format_index(TEXT_FORMAT),
            CellKind::Date => Format::new().set_num_format("yyyy-mm-dd"),
            CellKind::Number => Format::new(),
        };
        sheet.set_column_format(at, &format)?;
        sheet.set_column_width(at, 22)?;
        sheet.write_string_with_format(0, at, column.name, &bold)?;
        sheet.insert_note(0, at, &note(column))?;
        match (column.cells, column.example.parse::<f64>()) {
            (CellKind::Number, Ok(number)) => sheet.write_number_with_format(1, at, number, &format)?,
            (CellKind::Date, _) => {
                let day = ExcelDateTime::parse_from_str(column.example)?;
                sheet.write_datetime_with_format(1, at, &day, &format)?
            }
            _ => sheet.write_string_with_format(1, at, column.example, &format)?,
        };
    }
    Ok(workbook.save_to_buffer()?)
}

fn note(column: &Column) -> Note {
    let must = if column.required { "Wajib." } else { "Opsional." };
    let text = format!(
        "{}. {must} Contoh: {}. Baris 2 hanya contoh: ganti dengan data Anda.",
        column.description_id, column.example
    );
    Note::new(text).add_author_prefix(false).set_width(260).set_height(110)
}
