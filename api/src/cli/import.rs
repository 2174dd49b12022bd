//! `bangkom import`: a spreadsheet on this machine into an agency.

use std::fs::File;
use std::io::{BufWriter, Write as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::Args;
use clap::builder::{PossibleValuesParser, TypedValueParser as _};
use kernel::Code;
use tokio::sync::mpsc::{Receiver, channel};

use crate::app::import_mappings::MappingChoice;
use crate::app::imports::{ImportFile, Progress, Rejected, Summary, run_file};
use crate::app::{AppError, Services};
use crate::cli::{CliError, agency, bar, output, roles};
use crate::messages::Lang;
use crate::sheets::{BYTE_ORDER_MARK, Format, ImportKind, Recognition, SheetWriter, UnknownHeader, csv_line};

#[derive(Debug, Args)]
pub(super) struct ImportArgs {
    /// What the rows of the file are
    #[arg(value_parser = kinds())]
    kind: ImportKind,
    /// The file, CSV or XLSX
    file: PathBuf,
    /// Code of the agency
    #[arg(long, value_parser = roles::code)]
    agency: Code,
    /// The agency's column mapping to go by: a name, or NONE; without it DEFAULT where there is one
    #[arg(long)]
    mapping: Option<String>,
    /// Say what would be done and what is wrong, and write nothing
    #[arg(long)]
    dry_run: bool,
    /// Where to write the rows that are refused, with the reasons, to be mended (.csv or .xlsx)
    #[arg(long, value_name = "FILE")]
    rejected: Option<PathBuf>,
}

fn kinds() -> impl clap::builder::TypedValueParser<Value = ImportKind> {
    PossibleValuesParser::new(ImportKind::ALL.map(ImportKind::as_str))
        .try_map(|text| ImportKind::parse(&text).ok_or("not a kind of file"))
}

pub(super) async fn import(services: &Services, args: &ImportArgs) -> Result<(), CliError> {
    let agency = agency::find(services, &args.agency).await?;
    let mapping = MappingChoice::of(args.mapping.as_deref()).map_err(AppError::from)?;
    let file = open(&args.file, args.kind, mapping, services.config.upload_limit)?;
    if let Some(rejected) = &args.rejected {
        apart(&args.file, rejected)?;
    }
    let (progress, size) = (Arc::new(Progress::default()), file.size());
    let (sender, refused) = channel(WAITING);
    let rejected = args.rejected.as_ref().map(|_| sender);
    let work = run_file(services, &agency, file, args.dry_run, progress.clone(), rejected);
    let keeping = keep(args.rejected.as_deref(), refused);
    let (outcome, kept) = tokio::select! {
        both = async { tokio::join!(Box::pin(work), keeping) } => both,
        never = bar::tell(&progress, size) => match never {},
    };
    let (kept, outcome) = (kept?, outcome);
    if let Some(path) = &args.rejected {
        kept.tell(path);
    }
    let summary = outcome?;
    output::print_line(&report(&summary, args.dry_run))?;
    // A dry run that found something is no success, so that a script stops before the real one.
    if summary.findings.is_empty() { Ok(()) } else { Err(AppError::from(summary).into()) }
}

/// The whole file, if it is not larger than what is read in memory.
pub(super) fn read(path: &Path, limit: usize) -> Result<Vec<u8>, CliError> {
    let io = |source| CliError::io(format!("read {}", path.display()), source);
    let size = std::fs::metadata(path).map_err(io)?.len();
    if usize::try_from(size).map_or(true, |size| size > limit) {
        let text = format!("{} is larger than BANGKOM_UPLOAD_LIMIT_MIB lets in", path.display());
        return Err(CliError::Refused(text));
    }
    std::fs::read(path).map_err(io)
}

/// The file, if it is not larger than one that may be uploaded.
fn open(path: &Path, kind: ImportKind, mapping: MappingChoice, limit: usize) -> Result<ImportFile, CliError> {
    let io = |source| CliError::io(format!("read {}", path.display()), source);
    let size = std::fs::metadata(path).map_err(io)?.len();
    if usize::try_from(size).map_or(true, |size| size > limit) {
        let text = format!("{} is larger than BANGKOM_UPLOAD_LIMIT_MIB lets in", path.display());
        return Err(CliError::Refused(text));
    }
    ImportFile::local(path, kind, mapping).map_err(io)
}

/// Refused rows that wait to be written.
const WAITING: usize = 1_000;

/// That refused rows are not written over the file they come from.
fn apart(file: &Path, rejected: &Path) -> Result<(), CliError> {
    // What is not there yet is no file of ours.
    match (file.canonicalize(), rejected.canonicalize()) {
        (Ok(file), Ok(rejected)) if file == rejected => {
            let text = format!("--rejected names {} itself, which would be lost", file.display());
            Err(CliError::Refused(text))
        }
        _ => Ok(()),
    }
}

/// How many rows were refused, and how many of them had room.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Refused {
    rows: usize,
    written: usize,
}

impl Refused {
    fn tell(self, path: &Path) {
        let (Self { rows, written }, path) = (self, path.display());
        if written < rows {
            log::warn!(
                "{rows} rows were refused; the first {written} are in {path}, which has no room for more: \
                 name a .csv file to have them all"
            );
        } else if rows > 0 {
            log::info!("{rows} rows were refused; they are in {path}");
        }
    }
}

/// Where refused rows are written.
enum Kept {
    Text(BufWriter<File>),
    Workbook(Box<SheetWriter>),
}

/// Writes refused rows as they are told, and says how many there were. Where there is none, no file is made.
async fn keep(path: Option<&Path>, mut refused: Receiver<Rejected>) -> Result<Refused, CliError> {
    let Some(path) = path else { return Ok(Refused::default()) };
    let io = |source| CliError::io(format!("write {}", path.display()), source);
    let unwritten = |error| CliError::io(format!("write {}", path.display()), std::io::Error::other(error));
    let (mut kept, mut count) = (None, Refused::default());
    while let Some(row) = refused.recv().await {
        let to = match &mut kept {
            Some(to) => to,
            none => none.insert(match Format::promised(&path.to_string_lossy()) {
                Some(Format::Xlsx) => Kept::Workbook(Box::new(SheetWriter::new().map_err(unwritten)?)),
                _ => {
                    let mut file = BufWriter::new(File::create(path).map_err(io)?);
                    file.write_all(BYTE_ORDER_MARK).map_err(io)?;
                    Kept::Text(file)
                }
            }),
        };
        let one = usize::from(!row.is_heading);
        count.rows += one;
        let cells = row.annotated(Lang::En);
        match to {
            Kept::Text(file) => file.write_all(&csv_line(&cells)).map_err(io)?,
            Kept::Workbook(book) if !book.is_full() => book.row(&cells).map_err(unwritten)?,
            Kept::Workbook(_) => continue,
        }
        count.written += one;
    }
    match kept {
        None => {}
        Some(Kept::Text(mut file)) => file.flush().map_err(io)?,
        Some(Kept::Workbook(book)) => {
            std::fs::write(path, book.finish().map_err(unwritten)?).map_err(io)?;
        }
    }
    Ok(count)
}

/// The counts, and what is odd.
fn report(summary: &Summary, dry_run: bool) -> String {
    let Summary {
        kind,
        rows,
        created,
        updated,
        unchanged,
        findings: _,
        warnings,
        warnings_total,
        recognition,
    } = summary;
    let would = if dry_run { "would be " } else { "" };
    let mut text = format!(
        "{kind}: {rows} rows; {created} {would}new, {updated} {would}changed, {unchanged} as on record"
    );
    text.push_str(&recognised(recognition));
    for warning in warnings {
        text.push_str(&format!("\n  odd: row {}, {}: {}", warning.row, warning.column, warning.code));
    }
    let more = warnings_total.saturating_sub(warnings.len());
    if more > 0 {
        text.push_str(&format!("\n  odd: {more} more"));
    }
    text
}

/// What a person must know of the columns: that they are SIASN's, and which nobody knows.
fn recognised(recognition: &Recognition) -> String {
    let Recognition { siasn, columns: _, ignored: _, unknown } = recognition;
    let mut text = siasn.map(|list| format!("\n  recognised as SIASN {list}")).unwrap_or_default();
    for UnknownHeader { header, suggestions } in unknown {
        let perhaps = if suggestions.is_empty() {
            String::new()
        } else {
            format!(" (perhaps {})", suggestions.join(", "))
        };
        text.push_str(&format!("\n  unknown column: {header}{perhaps}"));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_read_up_to_the_limit_and_no_further() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("units.csv");
        std::fs::write(&path, b"12345").unwrap();
        assert_eq!(open(&path, ImportKind::Units, MappingChoice::Usual, 5).unwrap().size(), 5);
        let refused = open(&path, ImportKind::Units, MappingChoice::Usual, 4).unwrap_err();
        assert!(refused.to_string().contains("BANGKOM_UPLOAD_LIMIT_MIB"));
        let missing = open(&directory.path().join("none.csv"), ImportKind::Units, MappingChoice::Usual, 5);
        assert!(matches!(missing, Err(CliError::Io { .. })));
    }

    fn refused() -> Receiver<Rejected> {
        let (sender, receiver) = channel(WAITING);
        let cells = |cells: &[&str]| cells.iter().map(|cell| (*cell).to_owned()).collect();
        let row = |row, is_heading, of| Rejected { row, is_heading, cells: cells(of), reasons: Vec::new() };
        sender.try_send(row(1, true, &["code", "name"])).unwrap();
        sender.try_send(row(3, false, &["=A1", "x;\"y\""])).unwrap();
        receiver
    }

    #[tokio::test]
    async fn refused_rows_are_kept_in_the_format_the_name_says_and_only_if_there_are_any() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("rejected.csv");
        // `_` lets the sender go at once: nothing more will come.
        let (_, nothing) = channel(WAITING);
        assert_eq!(keep(Some(&path), nothing).await.unwrap(), Refused::default());
        assert!(!path.exists());
        assert_eq!(keep(Some(&path), refused()).await.unwrap(), Refused { rows: 1, written: 1 });
        let text = std::fs::read_to_string(&path).unwrap();
        assert_eq!(text, "\u{feff}#row;#reasons;code;name\r\n3;;'=A1;\"x;\"\"y\"\"\"\r\n");
        let path = directory.path().join("rejected.xlsx");
        keep(Some(&path), refused()).await.unwrap();
        assert!(std::fs::read(&path).unwrap().starts_with(b"PK"));
    }

    #[tokio::test]
    async fn rows_a_workbook_has_no_room_for_are_counted_apart() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("many.xlsx");
        let (sender, receiver) = channel(WAITING);
        let sending = async move {
            for row in 0..200_010 {
                let row = Rejected { row, is_heading: row == 0, cells: Vec::new(), reasons: Vec::new() };
                sender.send(row).await.unwrap();
            }
        };
        let (kept, ()) = tokio::join!(keep(Some(&path), receiver), sending);
        assert_eq!(kept.unwrap(), Refused { rows: 200_009, written: 200_001 });
    }

    #[test]
    fn refused_rows_are_not_written_over_the_file_they_come_from() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("units.csv");
        std::fs::write(&path, b"code,name\n").unwrap();
        let same = directory.path().join(".").join("units.csv");
        assert!(apart(&path, &same).unwrap_err().to_string().contains("--rejected"));
        apart(&path, &directory.path().join("rejected.csv")).unwrap();
    }
}
