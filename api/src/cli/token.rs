//! `bangkom token`: an access token of the built-in issuer.

use access::{Action, Grant, Pass};
use aws_lc_rs::digest::{SHA256, digest};
use chrono::TimeDelta;
use clap::Args;
use kernel::{AgencyId, Event, Name, Resource, UserId};
use serde_json::json;

use crate::app::{AppError, Services};
use crate::auth::TokenRequest;
use crate::cli::roles::Wanted;
use crate::cli::{CliError, RoleArgs, agency};
use crate::config;
use crate::problems::Problem;

/// Whose token, and for how long.
#[derive(Debug, Args)]
pub struct TokenArgs {
    #[command(flatten)]
    role: RoleArgs,
    /// How long it is good, such as 30m, 12h or 7d [default: BANGKOM_TOKEN_LIFETIME]
    #[arg(long, value_parser = config::lifetime)]
    lifetime: Option<TimeDelta>,
}

pub(super) async fn token(services: &Services, args: &TokenArgs) -> Result<String, CliError> {
    issue(services, &args.role, args.lifetime.unwrap_or(services.config.token_lifetime)).await
}

/// A token for a user who has this one role and no other. The user and the grant are made when they are first asked for.
///
/// # Errors
/// An agency, a person or a unit that does not exist; the store's.
pub async fn issue(services: &Services, role: &RoleArgs, lifetime: TimeDelta) -> Result<String, CliError> {
    let wanted = role.find(services).await?;
    let (user, _) = holder(services, &wanted).await?;
    let request = TokenRequest { subject: user, agency: wanted.agency.id, lifetime };
    Ok(services.keys.issue(&request, services.clock.now())?)
}

/// The user who has this one role and no other, and the role as it is given to them. Both are made when they are first
/// asked for.
///
/// # Errors
/// The store's.
pub(crate) async fn holder(services: &Services, wanted: &Wanted) -> Result<(UserId, Grant), AppError> {
    let user = user(wanted);
    let held = async || -> Result<Option<Grant>, AppError> {
        let known = services.store.user_with_grants(issuer(services), &user.to_string()).await?;
        let grants = known.into_iter().flat_map(|(_, grants)| grants);
        let here = |(agency, grant): (AgencyId, Grant)| {
            (agency == wanted.agency.id && wanted.is(&grant)).then_some(grant)
        };
        Ok(grants.filter_map(here).next())
    };
    if let Some(grant) = held().await? {
        return Ok((user, grant));
    }
    match give(services, wanted, user).await {
        Ok(grant) => Ok((user, grant)),
        // Another process asked for the same user at the same moment.
        Err(error) if error.problem == Problem::AlreadyExists => {
            Ok((user, held().await?.ok_or(Problem::NotFound)?))
        }
        Err(error) => Err(error),
    }
}

fn issuer(services: &Services) -> &str {
    &services.keys.identity().issuer
}

/// The same role of the same person in the same place is the same user, whichever process asks first.
fn user(wanted: &Wanted) -> UserId {
    let mut text = format!("{} {}", wanted.agency.id, wanted.role.as_str());
    for part in
        [wanted.employee.as_ref().map(|(id, _)| id.uuid()), wanted.unit.as_ref().map(|(id, _)| id.uuid())]
    {
        text.push(' ');
        text.extend(part.map(|id| id.to_string()));
    }
    for scope in &wanted.scopes {
        text.push(' ');
        text.push_str(scope);
    }
    let mut bytes = [0; 16];
    bytes.iter_mut().zip(digest(&SHA256, text.as_bytes()).as_ref()).for_each(|(to, from)| *to = *from);
    UserId::from(uuid::Builder::from_custom_bytes(bytes).into_uuid())
}

async fn give(services: &Services, wanted: &Wanted, user: UserId) -> Result<Grant, AppError> {
    let pass = Pass::system(wanted.agency.id, Action::GrantWrite, "an operator gives roles by command");
    let (grant, name) = (wanted.grant(), name(wanted));
    services
        .store
        .write(&agency::context(services, wanted.agency.id, "token"), async |tx| {
            let user = tx.user_ensure_own(issuer(services), user, &name).await?;
            tx.grant_insert(&pass, &user, &grant).await?;
            let event = Event::new(Resource::Grant, grant.id, "CREATED");
            let changes = json!({"user_id": user.id, "role": grant.role});
            Ok(tx.record(&pass, &event, Some(changes)).with(grant.clone()))
        })
        .await
}

/// A name for lists of users: the person's, or what the user is there for.
fn name(wanted: &Wanted) -> Name {
    match &wanted.employee {
        Some((_, name)) => name.clone(),
        None => {
            let unit = wanted.unit.as_ref().map_or_else(String::new, |(_, code)| format!(" {code}"));
            Name::stored(format!("{} {}{unit}", wanted.role.as_str(), wanted.agency.code))
        }
    }
}

#[cfg(test)]
mod tests {
    use access::Role;
    use kernel::{AgencyZone, Code, EmployeeId, UnitId, Version};
    use workforce::Agency;

    use super::*;

    fn wanted() -> Wanted {
        let agency = Agency {
            id: AgencyId::new(),
            code: Code::parse("DEMO-KOTA").unwrap(),
            name: Name::parse("Kota").unwrap(),
            zone: AgencyZone::Wib,
            version: Version::FIRST,
        };
        Wanted { agency, role: Role::UnitAdmin, employee: None, unit: None, scopes: Vec::new() }
    }

    #[test]
    fn another_role_person_unit_or_scope_is_another_user() {
        let first = wanted();
        let (id, name) = (uuid::Uuid::from_u128(7), Name::parse("Sari").unwrap());
        let mut all = vec![
            first.clone(),
            Wanted { role: Role::Auditor, ..first.clone() },
            Wanted { employee: Some((EmployeeId::from(id), name)), ..first.clone() },
            Wanted { unit: Some((UnitId::from(id), Code::parse("X").unwrap())), ..first.clone() },
            Wanted { scopes: vec!["gaps:read".to_owned()], ..first.clone() },
            wanted(),
        ];
        assert_eq!(user(&first), user(&first.clone()));
        let count = all.len();
        all.sort_by_key(user);
        all.dedup_by_key(|wanted| user(wanted));
        assert_eq!(all.len(), count);
    }

    #[test]
    fn users_without_a_person_are_named_after_their_purpose() {
        let unit = Some((UnitId::new(), Code::parse("DINKES").unwrap()));
        assert_eq!(name(&wanted()).as_str(), "UNIT_ADMIN DEMO-KOTA");
        assert_eq!(name(&Wanted { unit, ..wanted() }).as_str(), "UNIT_ADMIN DEMO-KOTA DINKES");
    }
}
