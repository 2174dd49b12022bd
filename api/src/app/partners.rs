//! Partners, and the people who teach for them.

use access::Action;
use development::{Partner, TrainerIdentity};
use kernel::{EmployeeId, Event, Page, PartnerId, Resource, TrainerId, Version, ViolationCode};
use serde_json::json;
use store::{PageRequest, PartnerFilter, Reader, TrainerFilter, TrainerRow, Tx, Written};

use crate::app::{AppError, Ctx};
use crate::dto::partners::{PartnerPut, PartnerView, TrainerPut, TrainerView};
use crate::dto::{created, gone, replaced};
use crate::problems::Problem;

/// Partners of the caller's agency.
///
/// # Errors
/// The store's.
pub async fn list(ctx: &Ctx, filter: &PartnerFilter, page: &PageRequest) -> Result<Page<Partner>, AppError> {
    let scope = ctx.scope(Action::CatalogueRead)?;
    Ok(ctx.read(&scope).partners(filter, page).await?)
}

/// One partner.
///
/// # Errors
/// `NOT_FOUND`.
pub async fn get(ctx: &Ctx, id: PartnerId) -> Result<Partner, AppError> {
    let scope = ctx.scope(Action::CatalogueRead)?;
    Ok(ctx.read(&scope).partner(id).await?.ok_or(Problem::NotFound)?)
}

/// Adds a partner.
///
/// # Errors
/// `FORBIDDEN`, `INVALID`, `ALREADY_EXISTS`.
pub async fn create(ctx: &Ctx, input: PartnerPut) -> Result<Written, AppError> {
    let pass = ctx.actor.allow(Action::ProgrammeWrite)?;
    let partner = input.into_domain(PartnerId::new(), Version::FIRST)?;
    ctx.write(async |tx| {
        tx.partner_insert(&pass, &partner).await?;
        let event = Event::new(Resource::Partner, partner.id, "CREATED");
        let view = PartnerView::new(partner.clone(), ctx.today());
        let reply = created(&view, partner.version, format!("/v1/partners/{}", partner.id));
        Ok(tx.record(&pass, &event, Some(json!(view))).with(reply))
    })
    .await
}

/// Replaces what a partner says of itself, its agreements included.
///
/// # Errors
/// `NOT_FOUND`, `FORBIDDEN`, `STALE`, `INVALID`, `ALREADY_EXISTS`.
pub async fn replace(ctx: &Ctx, id: PartnerId, input: PartnerPut) -> Result<Written, AppError> {
    let scope = ctx.scope(Action::CatalogueRead)?;
    ctx.write(async |tx| {
        let before = ctx.read_in(tx, &scope).partner(id).await?.ok_or(Problem::NotFound)?;
        let pass = ctx.actor.allow(Action::ProgrammeWrite)?;
        let partner = input.clone().into_domain(id, ctx.expect_version(before.version)?)?;
        let after = tx.partner_update(&pass, &partner).await?;
        let (version, today) = (after.version, ctx.today());
        let (before, view) = (PartnerView::new(before, today), PartnerView::new(after, today));
        let event = Event::new(Resource::Partner, id, "REPLACED");
        let changes = json!({"before": before, "after": view});
        Ok(tx.record(&pass, &event, Some(changes)).with(replaced(&view, version)))
    })
    .await
}

/// Removes a partner nothing refers to.
///
/// # Errors
/// `NOT_FOUND`, `FORBIDDEN`, `STALE`, `STILL_REFERENCED`.
pub async fn delete(ctx: &Ctx, id: PartnerId) -> Result<Written, AppError> {
    let scope = ctx.scope(Action::CatalogueRead)?;
    ctx.write(async |tx| {
        let partner = ctx.read_in(tx, &scope).partner(id).await?.ok_or(Problem::NotFound)?;
        let pass = ctx.actor.allow(Action::ProgrammeWrite)?;
        tx.partner_delete(&pass, id, ctx.expect_version(partner.version)?).await?;
        let event = Event::new(Resource::Partner, id, "DELETED");
        let changes = json!(PartnerView::new(partner, ctx.today()));
        Ok(tx.record(&pass, &event, Some(changes)).with(gone()))
    })
    .await
}

/// The civil servants among some trainers: to teach is public, and yet a look at them.
fn employees<'a>(rows: impl IntoIterator<Item = &'a TrainerRow>) -> Vec<EmployeeId> {
    let one = |row: &TrainerRow| match row.trainer.identity {
        TrainerIdentity::Employee(employee) => Some(employee),
        TrainerIdentity::Named(_) => None,
    };
    rows.into_iter().filter_map(one).collect()
}

/// Instructors and mentors of the caller's agency.
///
/// # Errors
/// The store's.
pub async fn trainers(
    ctx: &Ctx,
    filter: &TrainerFilter,
    page: &PageRequest,
) -> Result<Page<TrainerRow>, AppError> {
    let scope = ctx.scope(Action::CatalogueRead)?;
    let rows = ctx.read(&scope).trainers(filter, page).await?;
    ctx.note_access(&scope, employees(&rows.items)).await?;
    Ok(rows)
}

/// One instructor or mentor.
///
/// # Errors
/// `NOT_FOUND`.
pub async fn trainer(ctx: &Ctx, id: TrainerId) -> Result<TrainerRow, AppError> {
    let scope = ctx.scope(Action::CatalogueRead)?;
    let row = ctx.read(&scope).trainer(id).await?.ok_or(Problem::NotFound)?;
    ctx.note_access(&scope, employees([&row])).await?;
    Ok(row)
}

/// What may stand in the trail for good: nobody's name.
fn trail(view: &TrainerView) -> serde_json::Value {
    let TrainerView {
        id: _,
        name: _,
        employee_id,
        roles,
        partner_id,
        partner_name: _,
        expertise,
        max_mentees,
    } = view;
    json!({"employee_id": employee_id, "roles": roles, "partner_id": partner_id, "expertise": expertise,
        "max_mentees": max_mentees})
}

/// Whether the civil servant an input names is one the caller may see.
async fn known_employee(ctx: &Ctx, tx: &Tx<'_>, input: &TrainerPut) -> Result<(), AppError> {
    let Some(employee) = input.employee_id else { return Ok(()) };
    let scope = ctx.scope(Action::EmployeeRead)?;
    match ctx.read_in(tx, &scope).employee(employee.into()).await? {
        Some(_) => Ok(()),
        None => Err(AppError::invalid("/employee_id", ViolationCode::NotFound)),
    }
}

async fn written(reader: &Reader<'_>, id: TrainerId) -> Result<TrainerRow, AppError> {
    Ok(reader.trainer(id).await?.ok_or(Problem::NotFound)?)
}

/// Adds an instructor or mentor.
///
/// # Errors
/// `FORBIDDEN`, `INVALID`, `ALREADY_EXISTS` when the civil servant is one already.
pub async fn trainer_create(ctx: &Ctx, input: TrainerPut) -> Result<Written, AppError> {
    let scope = ctx.scope(Action::CatalogueRead)?;
    let pass = ctx.actor.allow(Action::ProgrammeWrite)?;
    let trainer = input.clone().into_domain(TrainerId::new(), Version::FIRST)?;
    ctx.write(async |tx| {
        known_employee(ctx, tx, &input).await?;
        tx.trainer_insert(&pass, &trainer).await?;
        let row = written(&ctx.read_in(tx, &scope), trainer.id).await?;
        ctx.note_access_in(tx, &scope, employees([&row]));
        let event = Event::new(Resource::Trainer, trainer.id, "CREATED");
        let view = TrainerView::from(row);
        let reply = created(&view, trainer.version, format!("/v1/trainers/{}", trainer.id));
        Ok(tx.record(&pass, &event, Some(trail(&view))).with(reply))
    })
    .await
}

/// Replaces what is known of an instructor or mentor.
///
/// # Errors
/// `NOT_FOUND`, `FORBIDDEN`, `STALE`, `INVALID`, `ALREADY_EXISTS`.
pub async fn trainer_replace(ctx: &Ctx, id: TrainerId, input: TrainerPut) -> Result<Written, AppError> {
    let scope = ctx.scope(Action::CatalogueRead)?;
    ctx.write(async |tx| {
        let reader = ctx.read_in(tx, &scope);
        let before = written(&reader, id).await?;
        let pass = ctx.actor.allow(Action::ProgrammeWrite)?;
        known_employee(ctx, tx, &input).await?;
        let trainer = input.clone().into_domain(id, ctx.expect_version(before.trainer.version)?)?;
        tx.trainer_update(&pass, &trainer).await?;
        let after = written(&reader, id).await?;
        ctx.note_access_in(tx, &scope, employees([&after]));
        let version = after.trainer.version;
        let (before, view) = (TrainerView::from(before), TrainerView::from(after));
        let event = Event::new(Resource::Trainer, id, "REPLACED");
        let changes = json!({"before": trail(&before), "after": trail(&view)});
        Ok(tx.record(&pass, &event, Some(changes)).with(replaced(&view, version)))
    })
    .await
}

/// Removes an instructor or mentor whom nothing refers to.
///
/// # Errors
/// `NOT_FOUND`, `FORBIDDEN`, `STALE`, `STILL_REFERENCED`.
pub async fn trainer_delete(ctx: &Ctx, id: TrainerId) -> Result<Written, AppError> {
    let scope = ctx.scope(Action::CatalogueRead)?;
    ctx.write(async |tx| {
        let row = written(&ctx.read_in(tx, &scope), id).await?;
        let pass = ctx.actor.allow(Action::ProgrammeWrite)?;
        tx.trainer_delete(&pass, id, ctx.expect_version(row.trainer.version)?).await?;
        let event = Event::new(Resource::Trainer, id, "DELETED");
        let changes = trail(&TrainerView::from(row));
        Ok(tx.record(&pass, &event, Some(changes)).with(gone()))
    })
    .await
}
