//! `bangkom user`: who may sign in, and what they may do.

use access::{Action, Pass, Scope};
use clap::Subcommand;
use kernel::{Code, Event, GrantId, Limit, NATIONAL, Name, Resource};
use serde_json::json;
use store::{GrantRow, PageRequest};

use crate::app::{AppError, Services};
use crate::cli::{CliError, RoleArgs, agency, output, roles};
use crate::problems::Problem;

#[derive(Debug, Subcommand)]
pub(super) enum UserCommand {
    /// Make somebody known who signs in elsewhere; prints the user's id
    Create {
        /// A name for people to read
        #[arg(long, value_parser = roles::name)]
        name: Name,
        /// The issuer of their tokens, exactly as it writes itself
        #[arg(long)]
        issuer: String,
        /// The subject their tokens name
        #[arg(long)]
        subject: String,
    },
    /// Give a known user a role; prints the grant's id
    Grant {
        #[command(flatten)]
        role: RoleArgs,
        /// The issuer of the user's tokens [default: the built-in one]
        #[arg(long)]
        issuer: Option<String>,
        /// The subject the user's tokens name
        #[arg(long)]
        subject: String,
    },
    /// Take a role back; it ends at once
    Revoke {
        /// Code of the agency
        #[arg(long, value_parser = roles::code)]
        agency: Code,
        /// Id of the grant, as `user list` shows it
        #[arg(long)]
        grant: GrantId,
    },
    /// List the roles people have in an agency
    List {
        /// Code of the agency
        #[arg(long, value_parser = roles::code)]
        agency: Code,
        /// Also those taken back
        #[arg(long)]
        all: bool,
    },
}

pub(super) async fn user(services: &Services, command: UserCommand) -> Result<(), CliError> {
    match command {
        UserCommand::Create { name, issuer, subject } => {
            output::print_line(&create(services, &name, &issuer, &subject).await?)
        }
        UserCommand::Grant { role, issuer, subject } => {
            let issuer = issuer.unwrap_or_else(|| services.keys.identity().issuer.clone());
            output::print_line(&grant(services, &role, &issuer, &subject).await?.to_string())
        }
        UserCommand::Revoke { agency, grant } => revoke(services, &agency, grant).await,
        UserCommand::List { agency, all } => list(services, &agency, all).await,
    }
}

/// Users belong to no agency, so their making is recorded where the whole nation's things are.
async fn create(services: &Services, name: &Name, issuer: &str, subject: &str) -> Result<String, CliError> {
    let trusted: Vec<_> = services.config.issuers.iter().map(|external| external.issuer.as_str()).collect();
    if !trusted.contains(&issuer) {
        // A name that nobody signs tokens by would be nobody's. The built-in issuer's users are made with their tokens.
        return Err(CliError::Refused(format!(
            "{issuer} is not among the issuers of BANGKOM_OIDC_ISSUERS ({})",
            if trusted.is_empty() { "none".to_owned() } else { trusted.join(", ") }
        )));
    }
    if services.store.user_with_grants(issuer, subject).await?.is_some() {
        return Err(CliError::Refused(format!("{issuer} has a user {subject} already")));
    }
    let pass = Pass::system(NATIONAL, Action::GrantWrite, "an operator makes users known by command");
    let made: Result<_, AppError> = services
        .store
        .write(&agency::context(services, NATIONAL, "user_create"), async |tx| {
            let user = tx.user_ensure(issuer, Some(subject), name).await?;
            let event = Event::new(Resource::User, user.id, "CREATED");
            let changes = json!({"issuer": issuer, "subject": subject});
            Ok(tx.record(&pass, &event, Some(changes)).with(user.id))
        })
        .await;
    Ok(made?.to_string())
}

async fn grant(
    services: &Services,
    role: &RoleArgs,
    issuer: &str,
    subject: &str,
) -> Result<GrantId, CliError> {
    let wanted = role.find(services).await?;
    let (user, _) = services.store.user_with_grants(issuer, subject).await?.ok_or_else(|| {
        CliError::Refused(format!(
            "{issuer} has no user {subject} here; `bangkom user create` makes one known"
        ))
    })?;
    let pass = Pass::system(wanted.agency.id, Action::GrantWrite, "an operator gives roles by command");
    let grant = wanted.grant();
    let written: Result<(), AppError> = services
        .store
        .write(&agency::context(services, wanted.agency.id, "user_grant"), async |tx| {
            tx.grant_insert(&pass, &user, &grant).await?;
            let event = Event::new(Resource::Grant, grant.id, "CREATED");
            let changes = json!({"user_id": user.id, "role": grant.role});
            Ok(tx.record(&pass, &event, Some(changes)))
        })
        .await;
    written?;
    Ok(grant.id)
}

async fn revoke(services: &Services, agency: &Code, grant: GrantId) -> Result<(), CliError> {
    let agency = agency::find(services, agency).await?;
    let scope = Scope::system(agency.id, "an operator takes roles back by command");
    let pass = Pass::system(agency.id, Action::GrantWrite, "an operator takes roles back by command");
    let today = agency.zone.day(services.clock.now());
    let written: Result<(), AppError> = services
        .store
        .write(&agency::context(services, agency.id, "user_revoke"), async |tx| {
            let row = tx.read(&scope, today).grant(grant).await?.ok_or(Problem::NotFound)?;
            tx.grant_revoke(&pass, grant).await?;
            let event = Event::new(Resource::Grant, grant, "REVOKED");
            let changes = json!({"user_id": row.user.id, "role": row.grant.role});
            Ok(tx.record(&pass, &event, Some(changes)))
        })
        .await;
    match written {
        Err(error) if error.problem == Problem::Stale => {
            Err(CliError::Refused(format!("the grant {grant} has been taken back already")))
        }
        other => Ok(other?),
    }
}

async fn list(services: &Services, agency: &Code, all: bool) -> Result<(), CliError> {
    let agency = agency::find(services, agency).await?;
    let scope = Scope::system(agency.id, "an operator sees which roles were given");
    let reader = services.store.read(&scope, agency.zone.day(services.clock.now()));
    let mut page = PageRequest::first(Limit::DEFAULT);
    loop {
        let part = reader.grants(!all, &page).await?;
        for row in &part.items {
            output::print_line(&line(row))?;
        }
        match part.next {
            Some(after) => page.after = Some(after),
            None => return Ok(()),
        }
    }
}

fn line(row: &GrantRow) -> String {
    let GrantRow { grant, user, granted_at, revoked_at } = row;
    let since = granted_at.format("%Y-%m-%dT%H:%M:%SZ");
    let until = revoked_at.map_or_else(String::new, |at| at.format("%Y-%m-%dT%H:%M:%SZ").to_string());
    let role = grant.role.as_str();
    format!("{}\t{role}\t{}\t{}\t{}\t{since}\t{until}", grant.id, user.name, user.issuer, user.subject)
}
