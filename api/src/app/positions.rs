//! Positions.

use access::Action;
use kernel::{Event, Page, PositionId, Resource, Version};
use serde_json::json;
use store::{PageRequest, PositionFilter, Written};
use workforce::Position;

use crate::app::{AppError, Ctx};
use crate::dto::positions::{PositionAbolition, PositionPut, PositionView};
use crate::dto::{created, gone, replaced};
use crate::problems::Problem;

/// Positions of the caller's agency.
///
/// # Errors
/// `FORBIDDEN`.
pub async fn list(
    ctx: &Ctx,
    filter: &PositionFilter,
    page: &PageRequest,
) -> Result<Page<Position>, AppError> {
    let scope = ctx.scope(Action::CatalogueRead)?;
    Ok(ctx.read(&scope).positions(filter, page).await?)
}

/// One position.
///
/// # Errors
/// `NOT_FOUND`.
pub async fn get(ctx: &Ctx, id: PositionId) -> Result<Position, AppError> {
    let scope = ctx.scope(Action::CatalogueRead)?;
    Ok(ctx.read(&scope).position(id).await?.ok_or(Problem::NotFound)?)
}

/// Adds a position to its unit.
///
/// # Errors
/// `FORBIDDEN`, `INVALID`, `ALREADY_EXISTS` (the code, or a second head of the unit).
pub async fn create(ctx: &Ctx, input: PositionPut) -> Result<Written, AppError> {
    let pass = ctx.actor.allow(Action::StructureWrite)?;
    let position = input.into_domain(PositionId::new(), Version::FIRST)?;
    ctx.write(async |tx| {
        tx.position_insert(&pass, &position).await?;
        let event = Event::new(Resource::Position, position.id, "CREATED");
        let location = format!("/v1/positions/{}", position.id);
        let view = PositionView::seen_by(&ctx.actor, position.clone());
        let reply = created(&view, position.version, location);
        Ok(tx.record(&pass, &event, Some(json!({"after": view}))).with(reply))
    })
    .await
}

/// Replaces what a position says of itself. Its job class stays once somebody served in it or a standard exists for it.
///
/// # Errors
/// `NOT_FOUND`, `FORBIDDEN`, `STALE`, `INVALID`, `ALREADY_EXISTS`, `POSITION_JOB_CLASS_IN_USE`, `POSITION_ABOLISHED`.
pub async fn replace(ctx: &Ctx, id: PositionId, input: PositionPut) -> Result<Written, AppError> {
    let scope = ctx.scope(Action::CatalogueRead)?;
    ctx.write(async |tx| {
        let reader = ctx.read_in(tx, &scope);
        reader.position(id).await?.ok_or(Problem::NotFound)?;
        let pass = ctx.actor.allow(Action::StructureWrite)?;
        let before = tx.position_lock(&pass, id).await?.ok_or(Problem::NotFound)?;
        let wanted = input.clone().into_domain(id, ctx.expect_version(before.version)?)?;
        let used = reader.position_is_used(id).await?;
        let Position { job_class, abolished_on, .. } = before.clone().reclassify(wanted.job_class, used)?;
        let after = tx.position_update(&pass, &Position { job_class, abolished_on, ..wanted }).await?;
        let version = after.version;
        let view = PositionView::seen_by(&ctx.actor, after);
        let changes = json!({"before": PositionView::seen_by(&ctx.actor, before), "after": view});
        let event = Event::new(Resource::Position, id, "REPLACED");
        Ok(tx.record(&pass, &event, Some(changes)).with(replaced(&view, version)))
    })
    .await
}

/// Closes a position from a day on. Whoever holds it stays on record until they are placed elsewhere.
///
/// # Errors
/// `NOT_FOUND`, `FORBIDDEN`, `STALE`, `INVALID`, `POSITION_ABOLISHED`.
pub async fn abolish(ctx: &Ctx, id: PositionId, input: PositionAbolition) -> Result<Written, AppError> {
    let scope = ctx.scope(Action::CatalogueRead)?;
    ctx.write(async |tx| {
        ctx.read_in(tx, &scope).position(id).await?.ok_or(Problem::NotFound)?;
        let pass = ctx.actor.allow(Action::StructureWrite)?;
        // Locked, so that nobody is placed in it by somebody who read it as standing.
        let before = tx.position_lock(&pass, id).await?.ok_or(Problem::NotFound)?;
        ctx.expect_version(before.version)?;
        let day = input.clone().into_domain()?;
        let after = tx.position_update(&pass, &before.abolish(day)?).await?;
        let version = after.version;
        let reply = replaced(&PositionView::seen_by(&ctx.actor, after), version);
        let event = Event::new(Resource::Position, id, "ABOLISHED");
        Ok(tx.record(&pass, &event, Some(json!({"abolished_on": day}))).with(reply))
    })
    .await
}

/// Removes a position nothing refers to.
///
/// # Errors
/// `NOT_FOUND`, `FORBIDDEN`, `STALE`, `STILL_REFERENCED`.
pub async fn delete(ctx: &Ctx, id: PositionId) -> Result<Written, AppError> {
    let scope = ctx.scope(Action::CatalogueRead)?;
    ctx.write(async |tx| {
        let position = ctx.read_in(tx, &scope).position(id).await?.ok_or(Problem::NotFound)?;
        let pass = ctx.actor.allow(Action::StructureWrite)?;
        tx.position_delete(&pass, id, ctx.expect_version(position.version)?).await?;
        let event = Event::new(Resource::Position, id, "DELETED");
        Ok(tx.record(&pass, &event, Some(json!({"code": position.code}))).with(gone()))
    })
    .await
}
