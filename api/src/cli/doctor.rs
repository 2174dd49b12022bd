//! `bangkom doctor`: looks at everything an installation needs, changes nothing, and says how to mend what is wrong.

use std::process::ExitCode;

use cluster::Binaries;
use kernel::NATIONAL;
use migrations::SchemaState;
use workforce::Agency;

use crate::app::{Clock, Services, jp_standings};
use crate::cli::database::{self, Database};
use crate::cli::{CliError, migrate, output};
use crate::config::{Config, ConfigError};
use crate::worker;

/// What was found, line by line.
#[derive(Debug, Default)]
struct Findings {
    lines: Vec<String>,
    problems: usize,
}

impl Findings {
    fn ok(&mut self, what: &str, found: impl std::fmt::Display) {
        self.lines.push(format!("ok       {what}: {found}"));
    }

    fn problem(&mut self, what: &str, found: impl std::fmt::Display, mend: &str) {
        self.lines.push(format!("PROBLEM  {what}: {found}\n         -> {mend}"));
        self.problems += 1;
    }
}

pub(super) async fn doctor(config: Result<Config, ConfigError>) -> Result<ExitCode, CliError> {
    let mut findings = Findings::default();
    match config {
        Err(ConfigError(problems)) => {
            for problem in problems {
                findings.problem("settings", problem.name, &problem.expected);
            }
        }
        Ok(config) => {
            findings.ok("settings", "all can be used (`bangkom --help` lists them)");
            signing_key(&config, &mut findings);
            Box::pin(database(config, &mut findings)).await;
        }
    }
    findings.lines.push(match findings.problems {
        0 => "Nothing is wrong.".to_owned(),
        1 => "One problem.".to_owned(),
        count => format!("{count} problems."),
    });
    output::print_line(&findings.lines.join("\n"))?;
    Ok(if findings.problems == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Computes the gap model once more and compares.
async fn gap_model(
    services: &Services,
    agencies: &[Agency],
    findings: &mut Findings,
) -> Result<(), CliError> {
    let now = services.clock.now();
    let (mut people, mut due, mut well) = (0, 0, true);
    for agency in agencies {
        let check = services.store.gap_model_check(agency.id, agency.zone.day(now)).await?;
        people += check.people;
        due += check.due;
        if !check.is_well() {
            well = false;
            let named: Vec<String> = check.named.iter().map(ToString::to_string).collect();
            let named = if named.is_empty() { String::new() } else { format!(" ({}, ..)", named.join(", ")) };
            findings.problem(
                "gap model",
                format!(
                    "in {} the rows of {} people{named}, {} sums and {} sums of past days are not what the facts say",
                    agency.code, check.wrong, check.sums, check.kept
                ),
                &format!("run `bangkom agency rebuild {}`, and please report it", agency.code),
            );
        }
    }
    if well {
        findings
            .ok("gap model", format!("of {people} people, as the facts say; {due} of them to be made anew"));
    }
    Ok(())
}

/// Whether the kept sums of learning hours are those of the entries.
async fn learning_hours(
    services: &Services,
    agencies: &[Agency],
    findings: &mut Findings,
) -> Result<(), CliError> {
    let mut well = true;
    for agency in agencies {
        let today = agency.zone.day(services.clock.now());
        let wrong = services.store.jp_sums_check(agency.id).await?
            + jp_standings::differences(services, agency.id, today).await?;
        if wrong > 0 {
            well = false;
            findings.problem(
                "learning hours",
                format!("in {} {wrong} sums are not those of the entries", agency.code),
                &format!("run `bangkom agency rebuild {}`, and please report it", agency.code),
            );
        }
    }
    if well {
        findings.ok("learning hours", "every sum is that of its entries");
    }
    Ok(())
}

/// Where the key is; that it can be used shows when the services are opened.
fn signing_key(config: &Config, findings: &mut Findings) {
    let kept = config.data_dir.join(crate::auth::KEY_FILE);
    match &config.signing_key {
        Some(_) => findings.ok("signing key", "given by a setting"),
        None if kept.exists() => findings.ok("signing key", kept.display()),
        None => findings.ok("signing key", "none yet; the first start makes one"),
    }
}

async fn database(config: Config, findings: &mut Findings) {
    if config.database_url.is_none() {
        match Binaries::find() {
            Some(found) => findings
                .ok("PostgreSQL", format!("release {} in {}", found.major(), found.directory().display())),
            None => findings.problem(
                "PostgreSQL",
                "not installed; the first start tries to fetch it",
                "install the package (`apt-get install postgresql`), or set DATABASE_URL",
            ),
        }
        if !database::private_exists(&config) {
            findings.ok("database", "none yet; `bangkom` makes a private one at its first start");
            return;
        }
    }
    let database = match Database::reach(&config).await {
        Ok(database) => database,
        Err(error) => {
            findings.problem("database", output::chain(&error), "see the message");
            return;
        }
    };
    match Services::open(config, &database.url, Clock::system()).await {
        Ok(services) => {
            inside(&services, &database.url, findings).await;
            services.close().await;
        }
        Err(error) => findings.problem("services", output::chain(&error), "see the message"),
    }
    if let Err(error) = database.close().await {
        findings.problem("database", output::chain(&error), "see the message");
    }
}

/// What is wrong in a database that may not even be there.
async fn inside(services: &Services, url: &str, findings: &mut Findings) {
    let now = services.clock.now();
    match services.verifier.self_test(now) {
        Ok(()) => findings.ok("tokens", "one was signed and verified"),
        Err(error) => findings.problem("tokens", output::chain(&error), "give another key, or remove it"),
    }
    match migrate::state(url).await {
        Err(error) => {
            findings.problem("database", error, "is it running, and is DATABASE_URL right?");
            return;
        }
        Ok(SchemaState::Current) => findings.ok("schema", "up to date"),
        Ok(SchemaState::Behind) => {
            findings.problem("schema", "steps are missing", "run `bangkom migrate up`");
            return;
        }
        Ok(SchemaState::Ahead) => {
            findings.problem("schema", "a newer version of this program was here", "use that version");
            return;
        }
    }
    if let Err(error) = contents(services, findings).await {
        findings.problem("database", output::chain(&error), "see the message");
    }
}

async fn contents(services: &Services, findings: &mut Findings) -> Result<(), CliError> {
    let store = &services.store;
    match store.agency(NATIONAL).await? {
        Some(_) => findings.ok("reference data", "there"),
        None => findings.problem("reference data", "missing", "run `bangkom migrate up`"),
    }
    let agencies = crate::cli::agency::all(services).await?;
    let own = agencies.iter().filter(|agency| agency.id != NATIONAL).count();
    findings.ok("agencies", format!("{own}, besides the nation's"));

    gap_model(services, &agencies, findings).await?;
    learning_hours(services, &agencies, findings).await?;
    match store.operations_stale(services.clock.now(), worker::STALE_AFTER).await? {
        0 => findings.ok("long-running work", "none was left lying"),
        count => findings.problem(
            "long-running work",
            format!("{count} given up by a server that died"),
            "a running server fails it within minutes; start one",
        ),
    }
    let unknown = store.constraints_unknown().await?;
    if unknown.is_empty() {
        findings.ok("constraints", "all known to this program");
    } else {
        let names = unknown.join(", ");
        findings.problem(
            "constraints",
            format!("unknown to this program: {names}"),
            "undo the change to the schema",
        );
    }
    Ok(())
}
