//! XLSX workbooks: one sheet, cell by cell, so that a sheet's own idea of its size never allocates anything.

use std::{
    io::Cursor,
    panic::{AssertUnwindSafe, catch_unwind},
};

use calamine::{Dimensions, Reader, SheetType, SheetVisible, Xlsx};
use kernel::{Violation, ViolationCode};

use super::{
    ImportKind, Mapping, SheetError, cell_pointer,
    cells::Cell,
    columns,
    columns::fold,
    package,
    table::{Builder, Place, Table, letters},
};

/// How many sheets are looked at for one that has content. Many names may stand for one large sheet.
const MAX_SHEETS: usize = 32;

type Workbook<'a> = Xlsx<Cursor<&'a [u8]>>;

/// Reads the sheet named like the kind, or else the first with content; `None` when there is none.
pub(super) fn read(
    kind: ImportKind,
    bytes: &[u8],
    mapping: Option<&Mapping>,
) -> Result<Option<Table>, SheetError> {
    package::inspect(bytes)?;
    // The parser computes cell references without checks, which panics in a build that has them.
    catch_unwind(AssertUnwindSafe(|| workbook(kind, bytes, mapping)))
        .unwrap_or_else(|_panic| Err(SheetError::format("the workbook's parser gave up")))
}

fn workbook(kind: ImportKind, bytes: &[u8], mapping: Option<&Mapping>) -> Result<Option<Table>, SheetError> {
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
        if let Some(mut table) = sheet(kind, &mut workbook, name, mapping)? {
            let merged = workbook.merge_cells_by_sheet_name(name).map_err(SheetError::format)?;
            for range in merged {
                note_merged(&mut table, range);
            }
            return Ok(Some(table));
        }
    }
    Ok(None)
}

fn sheet(
    kind: ImportKind,
    workbook: &mut Workbook<'_>,
    name: &str,
    mapping: Option<&Mapping>,
) -> Result<Option<Table>, SheetError> {
    let mut cells = workbook.worksheet_cells_reader(name).map_err(SheetError::format)?;
    let mut builder = Builder::new(kind, mapping);
    let mut current = 0;
    while let Some(cell) = cells.next_cell().map_err(SheetError::format)? {
        let (row, column) = cell.get_position();
        if row < current {
            return Err(SheetError::format("the rows of the sheet are out of order"));
        }
        if row > current {
            builder.end_row(current.saturating_add(1))?;
            current = row;
        }
        let column = usize::try_from(column).unwrap_or(usize::MAX);
        builder.cell(row.saturating_add(1), column, Cell::value(cell.get_value()))?;
    }
    builder.end_row(current.saturating_add(1))?;
    Ok(builder.finish())
}

/// Refuses merged cells among the rows. Only the first of them has a value: the others would silently be read as
/// blank, which for a parent unit means something.
fn note_merged(table: &mut Table, range: Dimensions) {
    let ((top, left), (bottom, right)) = (range.start, range.end);
    let (first, last) = (top.saturating_add(1), bottom.saturating_add(1));
    let from = table.rows.partition_point(|row| row.number < first);
    let Some(row) = table.rows.get(from).filter(|row| row.number <= last) else { return };
    let covers = |column: usize| u32::try_from(column).is_ok_and(|column| (left..=right).contains(&column));
    let covered =
        table.sheet.as_ref().unwrap_or(&table.places).iter().enumerate().find_map(|(column, place)| {
            match place {
                Place::Known(index) if covers(column) => columns(table.kind).get(*index),
                _ => None,
            }
        });
    if let Some(column) = covered {
        let corner = |row, column| format!("{}{row}", letters(usize::try_from(column).unwrap_or(usize::MAX)));
        let cells = format!("{}:{} (merged)", corner(first, left), corner(last, right));
        table.findings.push(
            Violation::new(cell_pointer(row.number, column.name), ViolationCode::InvalidFormat)
                .with("value", cells),
        );
    }
}
