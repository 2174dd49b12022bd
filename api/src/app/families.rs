//! Families of competencies: shared by all agencies, written by the nation's.

use access::{Action, Pass};
use competency::Family;
use kernel::{Code, Event, NATIONAL, Page, Resource};
use serde_json::json;
use store::Written;

use crate::app::{AppError, Ctx};
use crate::dto::families::{FamilyCreate, FamilyPut, FamilyView};
use crate::dto::{created, fingerprint, fingerprint_id, replaced, segment};
use crate::problems::Problem;

/// Every family, in order.
///
/// # Errors
/// The store's.
pub async fn list(ctx: &Ctx) -> Result<Page<Family>, AppError> {
    let scope = ctx.scope(Action::CatalogueRead)?;
    Ok(Page { items: ctx.read(&scope).families().await?, next: None })
}

/// One family.
///
/// # Errors
/// `NOT_FOUND`.
pub async fn get(ctx: &Ctx, code: &str) -> Result<Family, AppError> {
    let scope = ctx.scope(Action::CatalogueRead)?;
    let code = Code::parse(code).map_err(|_no_code| Problem::NotFound)?;
    Ok(ctx.read(&scope).family(&code).await?.ok_or(Problem::NotFound)?)
}

/// Leave to change what every agency shares: only somebody who acts for the nation has it.
fn national(ctx: &Ctx) -> Result<Pass, AppError> {
    let pass = ctx.actor.allow(Action::DictionaryWrite)?;
    if pass.agency() == NATIONAL { Ok(pass) } else { Err(Problem::Forbidden.into()) }
}

/// The event of a family, which has a code where others have an id.
fn event(family: &Family, what: &'static str) -> Event {
    Event::new(Resource::Family, fingerprint_id(family.code.as_str()), what)
}

/// Adds a family.
///
/// # Errors
/// `FORBIDDEN`, `INVALID`, `ALREADY_EXISTS`.
pub async fn create(ctx: &Ctx, input: FamilyCreate) -> Result<Written, AppError> {
    let pass = national(ctx)?;
    let family = input.into_domain()?;
    ctx.write(async |tx| {
        tx.family_insert(&pass, &family).await?;
        let view = FamilyView::from(family.clone());
        let location = format!("/v1/competency-families/{}", segment(family.code.as_str()));
        let reply = created(&view, fingerprint(&view), location);
        Ok(tx.record(&pass, &event(&family, "CREATED"), Some(json!(view))).with(reply))
    })
    .await
}

/// Replaces what a family says of itself.
///
/// # Errors
/// `NOT_FOUND`, `FORBIDDEN`, `STALE`, `INVALID`, `ALREADY_EXISTS`.
pub async fn replace(ctx: &Ctx, code: &str, input: FamilyPut) -> Result<Written, AppError> {
    let scope = ctx.scope(Action::CatalogueRead)?;
    let code = Code::parse(code).map_err(|_no_code| Problem::NotFound)?;
    ctx.write(async |tx| {
        let before = ctx.read_in(tx, &scope).family(&code).await?.ok_or(Problem::NotFound)?;
        let pass = national(ctx)?;
        let old = FamilyView::from(before.clone());
        ctx.expect_version(fingerprint(&old))?;
        let after = tx.family_update(&pass, &before, &input.clone().into_domain(code.as_str())?).await?;
        let view = FamilyView::from(after.clone());
        let reply = replaced(&view, fingerprint(&view));
        let changes = json!({"before": old, "after": view});
        Ok(tx.record(&pass, &event(&after, "REPLACED"), Some(changes)).with(reply))
    })
    .await
}
