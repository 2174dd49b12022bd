//! Agencies. Each sees itself; whoever acts for the nation sees all of them, and changes none but the nation's own.

use access::Action;
use kernel::{AgencyId, Event, NATIONAL, Page, Resource};
use serde_json::json;
use store::{PageRequest, Reader, Written};
use workforce::Agency;

use crate::app::{AppError, Ctx};
use crate::dto::agencies::{AgencyPut, AgencyView};
use crate::dto::replaced;
use crate::problems::Problem;

/// The caller's agency; every one for the nation.
///
/// # Errors
/// `FORBIDDEN`.
pub async fn list(ctx: &Ctx, page: &PageRequest) -> Result<Page<Agency>, AppError> {
    let scope = ctx.scope(Action::CatalogueRead)?;
    Ok(ctx.read(&scope).agencies(page).await?)
}

/// One agency.
///
/// # Errors
/// `NOT_FOUND`.
pub async fn get(ctx: &Ctx, id: AgencyId) -> Result<Agency, AppError> {
    let scope = ctx.scope(Action::CatalogueRead)?;
    find(ctx, &ctx.read(&scope), id).await
}

async fn find(ctx: &Ctx, reader: &Reader<'_>, id: AgencyId) -> Result<Agency, AppError> {
    if id == ctx.actor.agency {
        return Ok(reader.own_agency().await?);
    }
    let visible = ctx.actor.agency == NATIONAL;
    let found = if visible { ctx.services.store.agency(id).await? } else { None };
    Ok(found.ok_or(Problem::NotFound)?)
}

/// Replaces what the caller's agency says of itself.
///
/// # Errors
/// `NOT_FOUND`, `FORBIDDEN` (also for another agency that the nation sees), `STALE`, `INVALID`.
pub async fn replace(ctx: &Ctx, id: AgencyId, input: AgencyPut) -> Result<Written, AppError> {
    let scope = ctx.scope(Action::CatalogueRead)?;
    ctx.write(async |tx| {
        let before = find(ctx, &ctx.read_in(tx, &scope), id).await?;
        let pass = ctx.actor.allow(Action::AgencyWrite)?;
        if before.id != pass.agency() {
            return Err(Problem::Forbidden.into());
        }
        let expected = ctx.expect_version(before.version)?;
        let (name, zone) = input.clone().into_domain()?;
        let after = tx.agency_update(&pass, expected, &name, zone).await?;
        let version = after.version;
        let view = AgencyView::from(after);
        let changes = json!({"before": AgencyView::from(before), "after": view});
        let event = Event::new(Resource::Agency, id, "REPLACED");
        Ok(tx.record(&pass, &event, Some(changes)).with(replaced(&view, version)))
    })
    .await
}
