//! `bangkom case-package`: frameworks in 1EdTech CASE, in and out.

use std::path::PathBuf;

use clap::Subcommand;
use kernel::Code;

use crate::app::Services;
use crate::app::case_packages::{CaseImport, CaseSummary, export_by_command, import_by_command};
use crate::cli::{CliError, agency, import, output, roles};
use crate::dto::case_packages::CaseImportQuery;

#[derive(Debug, Subcommand)]
pub(super) enum CasePackageCommand {
    /// Take a framework in as a version of a dictionary
    Import {
        /// The package, as JSON
        file: PathBuf,
        /// Code of the agency
        #[arg(long, value_parser = roles::code)]
        agency: Code,
        /// Code of the dictionary it is another adoption of, or of the one to be made
        #[arg(long)]
        dictionary: Option<String>,
        /// Family of the competencies that name none
        #[arg(long)]
        family: Option<String>,
        /// Say what would be done and what is wrong, and write nothing
        #[arg(long)]
        dry_run: bool,
    },
    /// Print a version of a dictionary as a package
    Export {
        /// Code of the dictionary, the agency's own or a national one
        #[arg(value_parser = roles::code)]
        dictionary: Code,
        /// Code of the agency
        #[arg(long, value_parser = roles::code)]
        agency: Code,
        /// Number of the version; without it the one in use
        #[arg(long)]
        number: Option<i32>,
    },
}

pub(super) async fn case_package(services: &Services, command: CasePackageCommand) -> Result<(), CliError> {
    match command {
        CasePackageCommand::Import { file, agency: code, dictionary, family, dry_run } => {
            let agency = agency::find(services, &code).await?;
            let bytes = import::read(&file, services.config.document_limit())?;
            let query = CaseImportQuery { dictionary, family, dry_run: Some(dry_run) };
            let import = CaseImport::of(bytes, &query).await?;
            let context = agency::context(services, agency.id, "case_package_import");
            let summary = Box::pin(import_by_command(services, &context, &agency, &import, dry_run)).await?;
            output::print_line(&report(&summary, dry_run))
        }
        CasePackageCommand::Export { dictionary, agency: code, number } => {
            let agency = agency::find(services, &code).await?;
            let package = Box::pin(export_by_command(services, &agency, &dictionary, number)).await?;
            output::print_line(&package.to_text())
        }
    }
}

fn report(summary: &CaseSummary, dry_run: bool) -> String {
    let CaseSummary { outcome, dictionary, number, state, items, competencies, incomplete, .. } = summary;
    let [created, updated, unchanged, removed] = competencies;
    let would = if dry_run { "would be " } else { "" };
    let mut text = format!(
        "{}, version {number}: {would}{outcome}, {state}; {items} items; of the competencies {created} {would}new, \
         {updated} {would}changed, {unchanged} as on record, {removed} {would}removed",
        dictionary.code
    );
    if !incomplete.is_empty() {
        text.push_str(&format!(
            "\n  {} competencies lack levels or indicators, so the version stays a draft until they are written",
            incomplete.len()
        ));
    }
    text
}
