//! `bangkom migrate`, and what `serve` does of it.

use std::time::Duration;

use clap::Subcommand;
use kernel::NATIONAL;
use migrations::{MigrationError, Runner, SchemaState};

use crate::app::{Clock, Services};
use crate::cli::database::Database;
use crate::cli::{CliError, output};
use crate::config::Config;

/// How often a server looks whether somebody has brought the schema up.
const LOOK: Duration = Duration::from_secs(3);

#[derive(Clone, Copy, Debug, Subcommand)]
pub(super) enum MigrateCommand {
    /// Run the steps that are missing, and add missing reference data
    Up,
    /// Take back the last steps, with all the data they hold
    Down {
        /// How many steps
        #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..))]
        steps: u32,
    },
    /// List the steps, and which have run
    Status,
}

pub(super) async fn migrate(config: Config, command: MigrateCommand) -> Result<(), CliError> {
    let database = Database::reach(&config).await?;
    let outcome = run(config, &database, command).await;
    database.close().await?;
    outcome
}

async fn run(config: Config, database: &Database, command: MigrateCommand) -> Result<(), CliError> {
    match command {
        MigrateCommand::Up => {
            let services = Services::open(config, &database.url, Clock::system()).await?;
            bring_up(&database.url, &services).await?;
            services.close().await;
        }
        MigrateCommand::Down { steps } => {
            on(&database.url, async |runner| runner.down(steps).await).await?;
        }
        MigrateCommand::Status => {}
    }
    let steps = on(&database.url, Runner::status).await?;
    let line = |step: &migrations::StepState| {
        format!("{:8} {}", if step.applied { "applied" } else { "pending" }, step.name)
    };
    output::print_line(&steps.iter().map(line).collect::<Vec<_>>().join("\n"))
}

/// Does `work` on a connection of its own.
async fn on<T>(
    url: &str,
    work: impl AsyncFnOnce(&Runner) -> Result<T, MigrationError>,
) -> Result<T, MigrationError> {
    let runner = Runner::connect(url).await?;
    let outcome = work(&runner).await;
    runner.close().await;
    outcome
}

/// Whether the schema fits this program.
pub(super) async fn state(url: &str) -> Result<SchemaState, MigrationError> {
    on(url, Runner::state).await
}

/// Runs the steps that are missing and adds missing reference data. Other processes at it are waited for.
pub(super) async fn bring_up(url: &str, services: &Services) -> Result<(), CliError> {
    match state(url).await? {
        SchemaState::Current => {}
        SchemaState::Behind => on(url, Runner::up).await?,
        ahead @ SchemaState::Ahead => return Err(CliError::Schema(ahead)),
    }
    Ok(services.store.reference_install(services.clock.now()).await?)
}

/// Waits until somebody has run `bangkom migrate up`, and says so in the log when it is waiting.
pub(super) async fn wait_until_current(url: &str, services: &Services) {
    let mut told = None;
    loop {
        let reason = match is_current(url, services).await {
            Ok(None) => return,
            Ok(Some(reason)) => reason.to_string(),
            Err(error) => output::chain(&error),
        };
        if told.as_ref() != Some(&reason) {
            log::warn!("not ready: {reason}");
            told = Some(reason);
        }
        tokio::time::sleep(LOOK).await;
    }
}

/// What is missing; `None` when nothing is.
async fn is_current(url: &str, services: &Services) -> Result<Option<CliError>, CliError> {
    match state(url).await? {
        // The reference data comes last in `migrate up`.
        SchemaState::Current if services.store.agency(NATIONAL).await?.is_some() => Ok(None),
        SchemaState::Current => Ok(Some(CliError::Schema(SchemaState::Behind))),
        other => Ok(Some(CliError::Schema(other))),
    }
}
