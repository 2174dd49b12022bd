//! `bangkom import`: a spreadsheet on this machine into an agency.

use std::convert::Infallible;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use clap::Args;
use clap::builder::{PossibleValuesParser, TypedValueParser as _};
use kernel::Code;

use crate::app::import_mappings::MappingChoice;
use crate::app::imports::{ImportFile, Progress, Summary, run_file};
use crate::app::{AppError, Services};
use crate::cli::{CliError, agency, output, roles};
use crate::sheets::{Format, ImportKind, Recognition, UnknownHeader};

/// How often somebody who waits is told how far the work has come.
const TELLING: Duration = Duration::from_secs(2);

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
}

fn kinds() -> impl clap::builder::TypedValueParser<Value = ImportKind> {
    PossibleValuesParser::new(ImportKind::ALL.map(ImportKind::as_str))
        .try_map(|text| ImportKind::parse(&text).ok_or("not a kind of file"))
}

pub(super) async fn import(services: &Services, args: &ImportArgs) -> Result<(), CliError> {
    let agency = agency::find(services, &args.agency).await?;
    let name = args.file.file_name().map(|name| name.to_string_lossy().into_owned());
    let file = ImportFile {
        kind: args.kind,
        bytes: read(&args.file, services.config.upload_limit)?,
        promised: name.as_deref().and_then(Format::promised),
        name,
        mapping: MappingChoice::of(args.mapping.as_deref()).map_err(AppError::from)?,
    };
    let progress = Arc::new(Progress::default());
    let work = run_file(services, &agency, file, args.dry_run, progress.clone());
    let summary = tokio::select! {
        summary = Box::pin(work) => summary?,
        never = tell(&progress) => match never {},
    };
    output::print_line(&report(&summary, args.dry_run))?;
    // A dry run that found something is no success, so that a script stops before the real one.
    if summary.findings.is_empty() { Ok(()) } else { Err(AppError::from(summary).into()) }
}

/// The whole file, if it is not larger than one that may be uploaded.
pub(super) fn read(path: &Path, limit: usize) -> Result<Vec<u8>, CliError> {
    let io = |source| CliError::io(format!("read {}", path.display()), source);
    let size = std::fs::metadata(path).map_err(io)?.len();
    if usize::try_from(size).map_or(true, |size| size > limit) {
        let text = format!("{} is larger than BANGKOM_UPLOAD_LIMIT_MIB lets in", path.display());
        return Err(CliError::Refused(text));
    }
    std::fs::read(path).map_err(io)
}

/// Tells how far the work has come until it is dropped.
async fn tell(progress: &Progress) -> Infallible {
    let mut ticks = tokio::time::interval(TELLING);
    loop {
        ticks.tick().await;
        if let Some(total) = progress.total() {
            log::info!("{} of {total} rows written", progress.done());
        }
    }
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
        assert_eq!(read(&path, 5).unwrap(), b"12345");
        assert!(read(&path, 4).unwrap_err().to_string().contains("BANGKOM_UPLOAD_LIMIT_MIB"));
        assert!(matches!(read(&directory.path().join("none.csv"), 5), Err(CliError::Io { .. })));
    }
}
