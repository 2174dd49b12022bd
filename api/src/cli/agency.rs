//! `bangkom agency`: agencies come from here, and from the demo.

use access::{Action, Pass, Scope};
use clap::Subcommand;
use clap::builder::{PossibleValuesParser, TypedValueParser as _};
use kernel::{AgencyId, AgencyZone, Code, Event, Limit, NATIONAL, Name, RequestId, Resource, Version};
use serde_json::json;
use store::{PageRequest, WriteContext};
use workforce::Agency;

use crate::app::{AppError, Services};
use crate::cli::{CliError, output, roles};

#[derive(Debug, Subcommand)]
pub(super) enum AgencyCommand {
    /// Add an agency
    Create {
        /// The code its people know it by
        #[arg(long, value_parser = roles::code)]
        code: Code,
        /// Its name
        #[arg(long, value_parser = roles::name)]
        name: Name,
        /// Its time zone, which decides what day it is there
        #[arg(long, ignore_case = true, value_parser = zones())]
        zone: AgencyZone,
    },
    /// List the agencies
    List,
    /// Throw what is kept of an agency's gaps away and compute it anew from the facts; the server may be running
    Rebuild {
        /// Its code
        #[arg(value_parser = roles::code)]
        code: Code,
    },
}

fn zones() -> impl clap::builder::TypedValueParser<Value = AgencyZone> {
    PossibleValuesParser::new(AgencyZone::ALL.map(AgencyZone::as_str))
        .try_map(|text| AgencyZone::parse(&text.to_uppercase()).ok_or("not a time zone"))
}

pub(super) async fn agency(services: &Services, command: AgencyCommand) -> Result<(), CliError> {
    match command {
        AgencyCommand::Create { code, name, zone } => {
            let agency = Agency { id: AgencyId::new(), code, name, zone, version: Version::FIRST };
            create(services, &agency).await?;
            output::print_line(&agency.id.to_string())
        }
        AgencyCommand::List => {
            let lines: Vec<_> = all(services).await?.iter().map(line).collect();
            output::print_line(&lines.join("\n"))
        }
        AgencyCommand::Rebuild { code } => {
            let people = rebuild(services, &find(services, &code).await?).await?;
            output::print_line(&format!("The gaps of {people} people were computed anew."))
        }
    }
}

/// Computes the gap model of an agency anew; returns of how many people.
async fn rebuild(services: &Services, agency: &Agency) -> Result<usize, AppError> {
    let (store, mut people) = (&services.store, 0);
    store.gap_model_reset(&context(services, agency.id, "agency_rebuild")).await?;
    let pass = Pass::system(agency.id, Action::AgencyWrite, "an operator makes kept sums anew");
    store
        .write(&context(services, agency.id, "agency_rebuild"), async |tx| {
            tx.jp_sums_rebuild(&pass).await?;
            let event = Event::new(Resource::Agency, agency.id, "JP_SUMS_REBUILT");
            Ok::<_, AppError>(tx.record(&pass, &event, None))
        })
        .await?;
    for due in store.gap_models_due(Some(agency.id), services.clock.now()).await? {
        store.gap_model_catch_up(due, |count| people += count).await?;
    }
    Ok(people)
}

fn line(agency: &Agency) -> String {
    format!("{}\t{}\t{}\t{}", agency.id, agency.code, agency.zone, agency.name)
}

/// Adds `agency`.
///
/// # Errors
/// `ALREADY_EXISTS` where its code is taken.
pub(crate) async fn create(services: &Services, agency: &Agency) -> Result<(), AppError> {
    let pass = Pass::system(agency.id, Action::AgencyWrite, "an operator adds agencies by command");
    services
        .store
        .write(&context(services, agency.id, "agency_create"), async |tx| {
            tx.agency_insert(agency).await?;
            let event = Event::new(Resource::Agency, agency.id, "CREATED");
            let changes = json!({"code": agency.code, "name": agency.name, "zone": agency.zone});
            Ok(tx.record(&pass, &event, Some(changes)))
        })
        .await
}

/// Every agency, the nation included.
pub(crate) async fn all(services: &Services) -> Result<Vec<Agency>, CliError> {
    let scope = Scope::system(NATIONAL, "an operator sees which agencies there are");
    let today = AgencyZone::Wib.day(services.clock.now());
    let (mut agencies, mut page) = (Vec::new(), PageRequest::first(Limit::DEFAULT));
    loop {
        let part = services.store.read(&scope, today).agencies(&page).await?;
        agencies.extend(part.items);
        match part.next {
            Some(after) => page.after = Some(after),
            None => return Ok(agencies),
        }
    }
}

/// The agency with this code.
pub(super) async fn find(services: &Services, code: &Code) -> Result<Agency, CliError> {
    let found = services.store.agency_by_code(code).await?;
    found.ok_or_else(|| {
        CliError::Refused(format!("there is no agency {code}; `bangkom agency list` lists those there are"))
    })
}

/// Who writes when a command does.
pub(crate) fn context(services: &Services, agency: AgencyId, operation: &'static str) -> WriteContext {
    WriteContext {
        user: None,
        agency,
        request: RequestId::new(),
        operation,
        now: services.clock.now(),
        idempotency: None,
    }
}
