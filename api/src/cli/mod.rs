//! The program's commands: serving, and what an operator does besides.

mod agency;
mod bar;
mod case_package;
mod database;
mod doctor;
mod error;
mod health;
mod import;
mod logging;
mod migrate;
mod output;
mod plan;
mod roles;
mod serve;
pub mod token;
mod user;

use std::process::ExitCode;
use std::time::Duration;

use clap::{Args, Parser, Subcommand};

pub(crate) use agency::context as write_context;
pub use error::CliError;
pub use roles::RoleArgs;
pub(crate) use roles::Wanted;

use crate::app::Services;
use crate::config::{Config, SETTINGS};
use database::Session;

/// The backend for competency gaps and development plans of civil servants.
#[derive(Debug, Parser)]
#[command(name = "bangkom", version, args_conflicts_with_subcommands = true, after_long_help = settings_help())]
pub struct Cli {
    #[command(subcommand)]
    command: Option<Command>,
    #[command(flatten)]
    serve: serve::ServeArgs,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Serve the API (what happens without a command)
    Serve(serve::ServeArgs),
    /// Bring the database schema up, take it down, or look at it
    #[command(subcommand)]
    Migrate(migrate::MigrateCommand),
    /// Fill the database with three fictional agencies
    Demo(DemoArgs),
    /// Take a spreadsheet in, all of it or nothing
    Import(import::ImportArgs),
    /// Frameworks in 1EdTech CASE, in and out
    #[command(subcommand)]
    CasePackage(case_package::CasePackageCommand),
    /// The best use of a budget, by an instance in a file; no database is needed
    #[command(subcommand)]
    Plan(plan::PlanCommand),
    /// Print an access token of the built-in issuer, and nothing else
    Token(token::TokenArgs),
    /// Users and their roles
    #[command(subcommand)]
    User(user::UserCommand),
    /// Agencies
    #[command(subcommand)]
    Agency(agency::AgencyCommand),
    /// Print the contract (OpenAPI)
    Openapi,
    /// Check this installation and say how to mend what is wrong
    Doctor,
    /// Ask the server that runs here whether it is alive (for containers)
    Healthcheck(HealthArgs),
}

#[derive(Debug, Args)]
struct DemoArgs {
    /// How many people the three have together, 600 to 150000: a hundred thousand take some minutes
    #[arg(long, value_name = "PEOPLE", default_value_t = crate::demo::PEOPLE,
        value_parser = clap::value_parser!(u32).range(SIZES))]
    size: u32,
}

/// The sizes of a demo: with fewer people not every state occurs, and with more their identity numbers run out.
const SIZES: std::ops::RangeInclusive<i64> = 600..=150_000;

#[derive(Debug, Args)]
struct HealthArgs {
    /// Also ask whether it is ready: database reached, schema up to date
    #[arg(long)]
    ready: bool,
}

/// How long threads that are still busy when everything has ended may go on.
const LAST_WORDS: Duration = Duration::from_secs(10);

/// Runs the program.
#[must_use]
pub fn main() -> ExitCode {
    let cli = Cli::parse();
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build();
    let outcome = runtime.map_err(|source| CliError::io("start the runtime", source)).and_then(|runtime| {
        let outcome = runtime.block_on(Box::pin(cli.run()));
        // What still keeps a thread busy is not waited for without end.
        runtime.shutdown_timeout(LAST_WORDS);
        outcome
    });
    match outcome {
        Ok(code) => code,
        Err(error) => {
            output::complain(&error);
            ExitCode::FAILURE
        }
    }
}

impl Cli {
    async fn run(self) -> Result<ExitCode, CliError> {
        let command = self.command.unwrap_or(Command::Serve(self.serve));
        if let Command::Openapi = command {
            output::print(&crate::http::document().text)?;
            return Ok(ExitCode::SUCCESS);
        }
        if let Command::Plan(command) = &command {
            plan::plan(command)?;
            return Ok(ExitCode::SUCCESS);
        }
        let config = Config::from_environment();
        if let Command::Doctor = command {
            return Box::pin(doctor::doctor(config)).await;
        }
        let config = config?;
        logging::start(&config.log);
        match command {
            Command::Serve(args) => Box::pin(serve::serve(config, &args)).await?,
            Command::Migrate(command) => Box::pin(migrate::migrate(config, command)).await?,
            Command::Healthcheck(args) => health::ask(config.listen, args.ready)?,
            other => {
                let session = Box::pin(Session::open(config)).await?;
                let outcome = Box::pin(other.on(&session.services)).await;
                session.close().await?;
                outcome?;
            }
        }
        Ok(ExitCode::SUCCESS)
    }
}

impl Command {
    /// The commands that work on a database whose schema fits.
    async fn on(self, services: &Services) -> Result<(), CliError> {
        match self {
            Self::Demo(DemoArgs { size }) => {
                let installed = crate::demo::install_people(services, size).await?;
                let added: Vec<_> = installed.agencies.iter().map(kernel::Code::as_str).collect();
                output::print_line(&if added.is_empty() {
                    "The demo agencies are there already; nothing was changed.".to_owned()
                } else {
                    format!("Added {}, with {} people in all.", added.join(", "), installed.people)
                })
            }
            Self::Import(args) => import::import(services, &args).await,
            Self::CasePackage(command) => case_package::case_package(services, command).await,
            Self::Token(args) => output::print_line(&token::token(services, &args).await?),
            Self::User(command) => user::user(services, command).await,
            Self::Agency(command) => agency::agency(services, command).await,
            Self::Serve(_)
            | Self::Migrate(_)
            | Self::Openapi
            | Self::Plan(_)
            | Self::Doctor
            | Self::Healthcheck(_) => Ok(()),
        }
    }
}

fn settings_help() -> String {
    let mut help = String::from("Settings, by environment variable:\n");
    for setting in SETTINGS {
        let default = setting.default.map_or_else(String::new, |value| format!(" [default: {value}]"));
        help.push_str(&format!("  {}{default}\n      {}\n", setting.name, setting.meaning));
    }
    help
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::*;

    fn parse(words: &str) -> Result<Cli, clap::Error> {
        Cli::try_parse_from(std::iter::once("bangkom").chain(words.split_whitespace()))
    }

    #[test]
    fn the_definitions_agree_with_each_other() {
        Cli::command().debug_assert();
    }

    #[test]
    fn serving_needs_no_word() {
        assert!(parse("").unwrap().command.is_none());
        assert!(parse("--migrate").unwrap().serve.migrate);
        assert!(matches!(parse("serve --listen [::1]:80").unwrap().command, Some(Command::Serve(_))));
        assert!(parse("--listen 8080").is_err());
    }

    #[test]
    fn every_command_of_the_manual_is_understood() {
        for words in [
            "migrate up",
            "migrate down",
            "migrate down --steps 2",
            "migrate status",
            "demo",
            "demo --size 100000",
            "import units units.csv --agency DEMO-KOTA",
            "import assessments hasil.xlsx --agency DEMO-KOTA --dry-run --rejected ditolak.csv",
            "token --agency DEMO-KOTA --role AGENCY_ADMIN",
            "token --agency DEMO-KOTA --role employee --nip 198609262015051001 --lifetime 30m",
            "token --agency DEMO-KOTA --role UNIT_ADMIN --unit DINKES",
            "token --agency DEMO-KOTA --role INTEGRATION --scope gaps:read --scope employees:read",
            "user create --name Portal --subject portal --issuer https://sso.example",
            "user grant --agency DEMO-KOTA --role AUDITOR --subject portal",
            "user revoke --agency DEMO-KOTA --grant 01931d5e-7c1f-7d7a-9a7e-3f1f3f0e4a11",
            "user list --agency DEMO-KOTA --all",
            "agency create --code KOTA-X --name Pemkot --zone WITA",
            "agency list",
            "plan solve instance.json",
            "plan solve instance.json --time-limit 10 --threads 2 --seed 7",
            "plan solve instance.json --aim learning-hours",
            "openapi",
            "doctor",
            "healthcheck --ready",
        ] {
            assert!(parse(words).is_ok(), "{words}: {}", parse(words).unwrap_err());
        }
    }

    #[test]
    fn what_makes_no_sense_is_refused_before_anything_starts() {
        for words in [
            "import people people.csv --agency DEMO-KOTA",
            "import units --agency DEMO-KOTA",
            "demo --size 599",
            "token --agency DEMO-KOTA",
            "token --agency DEMO-KOTA --role KING",
            "token --agency DEMO-KOTA --role AUDITOR --lifetime 1y",
            "token --agency DEMO-KOTA --role INTEGRATION --scope everything",
            "agency create --code A --name B --zone CET",
            "migrate down --steps 0",
            "user revoke --agency DEMO-KOTA --grant 7",
            "--migrate doctor",
            "plan solve",
            "plan solve instance.json --time-limit 0",
            "plan solve instance.json --threads 0",
            "plan solve instance.json --aim people",
        ] {
            assert!(parse(words).is_err(), "{words}");
        }
    }

    #[test]
    fn the_long_help_lists_every_setting() {
        let help = Cli::command().render_long_help().to_string();
        assert!(SETTINGS.iter().all(|setting| help.contains(setting.name)), "{help}");
    }
}
