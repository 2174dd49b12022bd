//! The unit tree.

use access::Action;
use kernel::{Event, Page, Resource, UnitId, Version};
use serde_json::json;
use store::{PageRequest, Reply, UnitFilter, Written};
use workforce::Unit;

use crate::app::{AppError, Ctx};
use crate::dto::units::{UnitPut, UnitView};
use crate::dto::{created, gone, replaced};
use crate::problems::Problem;
use kernel::{Violation, ViolationCode};

/// Units of the caller's agency.
///
/// # Errors
/// The store's.
pub async fn list(ctx: &Ctx, filter: &UnitFilter, page: &PageRequest) -> Result<Page<Unit>, AppError> {
    let scope = ctx.scope(Action::CatalogueRead)?;
    Ok(ctx.read(&scope).units(filter, page).await?)
}

/// One unit.
///
/// # Errors
/// `NOT_FOUND`.
pub async fn get(ctx: &Ctx, id: UnitId) -> Result<Unit, AppError> {
    let scope = ctx.scope(Action::CatalogueRead)?;
    Ok(ctx.read(&scope).unit(id).await?.ok_or(Problem::NotFound)?)
}

/// Adds a unit.
///
/// # Errors
/// `FORBIDDEN`, `INVALID`, `ALREADY_EXISTS`.
pub async fn create(ctx: &Ctx, input: UnitPut) -> Result<Written, AppError> {
    let pass = ctx.actor.allow(Action::StructureWrite)?;
    let unit = input.into_domain(UnitId::new(), Version::FIRST)?;
    ctx.write(async |tx| {
        tx.unit_tree_lock(&pass).await?;
        tx.unit_insert(&pass, &unit).await?;
        let event = Event::new(Resource::Unit, unit.id, "CREATED");
        let changes = json!({"code": unit.code, "name": unit.name, "parent_id": unit.parent});
        let location = format!("/v1/units/{}", unit.id);
        Ok(tx.record(&pass, &event, Some(changes)).with(created(
            &UnitView::from(unit.clone()),
            unit.version,
            location,
        )))
    })
    .await
}

/// Replaces what a unit says of itself; with another parent its whole subtree moves.
///
/// # Errors
/// `NOT_FOUND`, `FORBIDDEN`, `STALE`, `INVALID` (a parent below the unit itself), `ALREADY_EXISTS`.
pub async fn replace(ctx: &Ctx, id: UnitId, input: UnitPut) -> Result<Written, AppError> {
    let scope = ctx.scope(Action::CatalogueRead)?;
    ctx.write(async |tx| {
        let reader = ctx.read_in(tx, &scope);
        let before = reader.unit(id).await?.ok_or(Problem::NotFound)?;
        let pass = ctx.actor.allow(Action::StructureWrite)?;
        let unit = input.clone().into_domain(id, ctx.expect_version(before.version)?)?;
        tx.unit_tree_lock(&pass).await?;
        if let Some(parent) = unit.parent
            && reader.unit_is_within(parent, id).await?
        {
            return Err(Violation::new("/parent_id", ViolationCode::Cycle).into());
        }
        let after = tx.unit_update(&pass, &unit).await?;
        let changes = json!({"before": UnitView::from(before), "after": UnitView::from(after.clone())});
        let event = Event::new(Resource::Unit, id, "REPLACED");
        let version = after.version;
        Ok(tx.record(&pass, &event, Some(changes)).with(replaced(&UnitView::from(after), version)))
    })
    .await
}

/// Removes a unit nothing refers to.
///
/// # Errors
/// `NOT_FOUND`, `FORBIDDEN`, `STALE`, `STILL_REFERENCED`.
pub async fn delete(ctx: &Ctx, id: UnitId) -> Result<Written, AppError> {
    let scope = ctx.scope(Action::CatalogueRead)?;
    ctx.write(async |tx| {
        let unit = ctx.read_in(tx, &scope).unit(id).await?.ok_or(Problem::NotFound)?;
        let pass = ctx.actor.allow(Action::StructureWrite)?;
        tx.unit_delete(&pass, id, ctx.expect_version(unit.version)?).await?;
        let event = Event::new(Resource::Unit, id, "DELETED");
        let reply: Reply = gone();
        Ok(tx.record(&pass, &event, Some(json!({"code": unit.code}))).with(reply))
    })
    .await
}
