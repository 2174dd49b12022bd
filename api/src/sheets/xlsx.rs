//! XLSX workbooks: one sheet, cell by cell, so that a sheet's own idea of its size never allocates anything.

use std::{
    io::Cursor,
    panic::{AssertUnwindSafe, catch_unwind},
};

use calamine::{Reader, SheetType, SheetVisible, Xlsx};

use super::{
    Format, ImportKind, Mapping, SheetError,
    cells::Cell,
    columns::fold,
    package,
    table::{Builder, Halt, Sink},
};

/// How many sheets are looked at for one that has content. Many names may stand for one large sheet.
const MAX_SHEETS: usize = 32;

type Workbook<'a> = Xlsx<Cursor<&'a [u8]>>;

/// Reads the sheet named like the kind, or else the first with content. False when there is none.
pub(super) fn read(
    kind: ImportKind,
    bytes: &[u8],
    mapping: Option<&Mapping>,
    sink: &mut dyn Sink,
) -> Result<bool, Halt> {
    package::inspect(bytes)?;
    // The parser computes cell references without checks, which panics in a build that has them.
    catch_unwind(AssertUnwindSafe(|| workbook(kind, bytes, mapping, sink)))
        .unwrap_or_else(|_panic| Err(SheetError::format("the workbook's parser gave up").into()))
}

fn workbook(
    kind: ImportKind,
    bytes: &[u8],
    mapping: Option<&Mapping>,
    sink: &mut dyn Sink,
) -> Result<bool, Halt> {
    let mut workbook: Workbook<'_> = Xlsx::new(Cursor::new(bytes)).map_err(SheetError::format)?;
    let mut names: Vec<String> = workbook
        .sheets_metadata()
        .iter()
        .filter(|sheet| sheet.typ == SheetType::WorkSheet && sheet.visible == SheetVisible::Visible)
        .map(|sheet| sheet.name.clone())
        .collect();
    // Stable: the others keep their order.
    names.sort_by_key(|name| fold(name) != kind.as_str());
    for name in names.iter().take(MAX_SHEETS) {
        if sheet(kind, &mut workbook, name, mapping, sink)? {
            return Ok(true);
        }
    }
    Ok(false)
}

fn sheet(
    kind: ImportKind,
    workbook: &mut Workbook<'_>,
    name: &str,
    mapping: Option<&Mapping>,
    sink: &mut dyn Sink,
) -> Result<bool, Halt> {
    let merged = workbook.merge_cells_by_sheet_name(name).map_err(SheetError::format)?;
    let mut cells = workbook.worksheet_cells_reader(name).map_err(SheetError::format)?;
    let mut builder = Builder::new(kind, Format::Xlsx, mapping, sink);
    builder.merged(merged)?;
    let mut current = 0;
    while let Some(cell) = cells.next_cell().map_err(SheetError::format)? {
        let (row, column) = cell.get_position();
        if row < current {
            return Err(SheetError::format("the rows of the sheet are out of order").into());
        }
        if row > current {
            builder.end_row(current.saturating_add(1))?;
            current = row;
        }
        let column = usize::try_from(column).unwrap_or(usize::MAX);
        builder.cell(row.saturating_add(1), column, Cell::value(cell.get_value()))?;
    }
    builder.end_row(current.saturating_add(1))?;
    Ok(builder.has_content())
}
