//! Roles: given to a user, and taken back once. Nobody gives one to themselves, and an agency keeps an administrator.

use access::{Action, Grant, GrantError, Role};
use kernel::{Event, GrantId, Page, Resource, Version, ViolationCode};
use serde_json::{Value, json};
use store::{GrantRow, PageRequest, Written};

use crate::app::{AppError, Ctx};
use crate::dto::grants::{GrantCreate, GrantView};
use crate::dto::{created, replaced};
use crate::problems::Problem;

/// Grants of the caller's agency, newest first.
///
/// # Errors
/// `FORBIDDEN`.
pub async fn list(ctx: &Ctx, live: bool, page: &PageRequest) -> Result<Page<GrantRow>, AppError> {
    let scope = ctx.scope(Action::GrantRead)?;
    Ok(ctx.read(&scope).grants(live, page).await?)
}

/// One grant.
///
/// # Errors
/// `FORBIDDEN`, `NOT_FOUND`.
pub async fn get(ctx: &Ctx, id: GrantId) -> Result<GrantRow, AppError> {
    let scope = ctx.scope(Action::GrantRead)?;
    Ok(ctx.read(&scope).grant(id).await?.ok_or(Problem::NotFound)?)
}

/// A grant is written twice at most: when it is given and when it is taken back.
#[must_use]
pub fn version(row: &GrantRow) -> Version {
    if row.revoked_at.is_none() { Version::FIRST } else { Version::FIRST.next() }
}

/// Gives a role. A user nobody heard of before is made.
///
/// # Errors
/// `FORBIDDEN`, `INVALID`, `GRANT_TO_SELF`, `ALREADY_EXISTS` when the user has it.
pub async fn create(ctx: &Ctx, input: GrantCreate) -> Result<Written, AppError> {
    let pass = ctx.actor.allow(Action::GrantWrite)?;
    let (holder, grant) = input.into_domain(GrantId::new())?;
    let issuer = trusted_issuer(ctx, holder.issuer)?;
    ctx.write(async |tx| {
        let user = tx.user_ensure(&issuer, holder.subject.as_deref(), &holder.name).await?;
        if user.id == ctx.actor.user {
            return Err(GrantError::ToSelf.into());
        }
        // The built-in issuer makes its users itself: a subject it never gave out is nobody's, and one that only another
        // agency knows must not look different.
        let made_before = issuer == ctx.services.keys.identity().issuer && holder.subject.is_some();
        if made_before && !tx.user_is_known(&pass, user.id).await? {
            return Err(AppError::invalid("/subject", ViolationCode::NotFound));
        }
        tx.grant_insert(&pass, &user, &grant).await?;
        let event = Event::new(Resource::Grant, grant.id, "CREATED");
        let row = GrantRow { grant: grant.clone(), user, granted_at: tx.now(), revoked_at: None };
        let location = format!("/v1/grants/{}", grant.id);
        let (changes, version) = (changes(&row), version(&row));
        let reply = created(&GrantView::seen_by(&ctx.actor, row), version, location);
        Ok(tx.record(&pass, &event, Some(changes)).with(reply))
    })
    .await
}

/// The issuer a role is given under. A name that nobody signs tokens by would give the role to nobody.
fn trusted_issuer(ctx: &Ctx, named: Option<String>) -> Result<String, AppError> {
    let built_in = &ctx.services.keys.identity().issuer;
    let issuer = named.unwrap_or_else(|| built_in.clone());
    let mut trusted = ctx.services.config.issuers.iter().map(|external| &external.issuer).chain([built_in]);
    if trusted.any(|trusted| *trusted == issuer) {
        Ok(issuer)
    } else {
        Err(AppError::invalid("/issuer", ViolationCode::Unknown))
    }
}

/// Takes a role back. It ends with the next request of its holder.
///
/// # Errors
/// `NOT_FOUND`, `FORBIDDEN`, `STALE`, `GRANT_REVOKED`, `GRANT_LAST_ADMIN`.
pub async fn revoke(ctx: &Ctx, id: GrantId) -> Result<Written, AppError> {
    let scope = ctx.scope(Action::GrantRead)?;
    ctx.write(async |tx| {
        let row = ctx.read_in(tx, &scope).grant(id).await?.ok_or(Problem::NotFound)?;
        let pass = ctx.actor.allow(Action::GrantWrite)?;
        ctx.expect_version(version(&row))?;
        if row.revoked_at.is_some() {
            return Err(GrantError::Revoked.into());
        }
        let administers = row.grant.role == Role::AgencyAdmin;
        let admins = if administers { tx.grants_lock(&pass, Role::AgencyAdmin).await? } else { Vec::new() };
        row.grant.check_revocable(&admins)?;
        tx.grant_revoke(&pass, id).await?;
        let row = GrantRow { revoked_at: Some(tx.now()), ..row };
        let event = Event::new(Resource::Grant, id, "REVOKED");
        let (changes, version) = (changes(&row), version(&row));
        let reply = replaced(&GrantView::seen_by(&ctx.actor, row), version);
        Ok(tx.record(&pass, &event, Some(changes)).with(reply))
    })
    .await
}

fn changes(row: &GrantRow) -> Value {
    let Grant { id: _, role, employee, unit, scopes } = &row.grant;
    json!({"user_id": row.user.id, "role": role, "employee_id": employee, "unit_id": unit, "scopes": scopes})
}
