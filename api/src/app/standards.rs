//! Competency standards of positions.

use access::{Action, Pass};
use chrono::NaiveDate;
use competency::{Requirement, Standard, StandardAction, StandardDraft};
use kernel::{CompetencyId, Event, Page, PositionId, Resource, StandardId, Violations};
use serde_json::json;
use store::{PageRequest, Reader, Reply, StandardFilter, StandardRow, Tx, Written};

use crate::app::competencies::{Lookup, unknown_competency};
use crate::app::{AppError, Ctx};
use crate::dto::enums::Wire;
use crate::dto::standards::{StandardAsk, StandardCreate, StandardPut, StandardQuery, StandardView};
use crate::dto::{created, day, gone, replaced};
use crate::problems::Problem;

/// Who may do something with a standard: those who draft, those who verify, or those who put in force.
const fn needs(action: StandardAction) -> Action {
    match action {
        StandardAction::Edit | StandardAction::Delete => Action::StandardWrite,
        StandardAction::Verify | StandardAction::ReturnToDraft => Action::StandardVerify,
        StandardAction::Enact | StandardAction::Revoke => Action::StandardEnact,
    }
}

/// What the caller may do with a standard now.
fn allowed(ctx: &Ctx, standard: &Standard) -> Vec<StandardAction> {
    let own_verification = standard.verified_by == Some(ctx.actor.user);
    let mut actions = standard.allowed_actions().to_vec();
    actions.retain(|action| {
        ctx.actor.can(needs(*action)) && !(*action == StandardAction::Enact && own_verification)
    });
    actions
}

/// A standard as this caller sees it.
#[must_use]
pub fn view(ctx: &Ctx, row: StandardRow) -> StandardView {
    let allowed = allowed(ctx, &row.standard);
    StandardView::new(row, allowed)
}

/// Standards of the agency's positions.
///
/// # Errors
/// The store's.
pub async fn list(
    ctx: &Ctx,
    query: StandardQuery,
    page: &PageRequest,
) -> Result<Page<StandardRow>, AppError> {
    let scope = ctx.scope(Action::CatalogueRead)?;
    let StandardQuery { position_id, state, in_force_on, competency_id, cursor: _, limit: _ } = query;
    let in_force_on = in_force_on.map(|on| day("/query/in_force_on", on)).transpose()?;
    let filter = StandardFilter {
        position: position_id.map(PositionId::from),
        state: state.map(|Wire(state)| state),
        in_force_on,
        competency: competency_id.map(CompetencyId::from),
    };
    Ok(ctx.read(&scope).standards(&filter, page).await?)
}

/// One standard.
///
/// # Errors
/// `NOT_FOUND`.
pub async fn get(ctx: &Ctx, id: StandardId) -> Result<StandardRow, AppError> {
    let scope = ctx.scope(Action::CatalogueRead)?;
    Ok(ctx.read(&scope).standard(id).await?.ok_or(Problem::NotFound)?)
}

/// The draft an input describes, its competencies found in the versions of their dictionaries in use.
async fn draft(reader: &Reader<'_>, input: StandardPut) -> Result<StandardDraft, AppError> {
    let mut found = Violations::new();
    let ask = input.into_domain(&mut found);
    let Some(StandardAsk { valid_from, decree, requirements }) = ask else {
        return Err(found.into_sorted().into());
    };
    let mut lookup = Lookup::new(reader);
    let mut known = Vec::with_capacity(requirements.len());
    for (index, ask) in requirements.into_iter().enumerate() {
        match lookup.in_use(&ask.competency).await? {
            Some((competency, version)) => known.push(Requirement {
                competency: competency.id,
                competency_agency: competency.agency,
                dictionary_version: version.id,
                level: ask.level,
                weight: ask.weight,
                importance: ask.importance,
            }),
            None => found.push(unknown_competency(&format!("/requirements/{index}"), &ask.competency)),
        }
    }
    found.finish()?;
    Ok(StandardDraft { valid_from, decree, requirements: known })
}

/// What a reply and the audit trail say of a standard after it was written.
async fn written_view(ctx: &Ctx, reader: &Reader<'_>, id: StandardId) -> Result<StandardView, AppError> {
    Ok(view(ctx, reader.standard(id).await?.ok_or(Problem::NotFound)?))
}

/// Drafts a standard of a position.
///
/// # Errors
/// `FORBIDDEN`, `INVALID`.
pub async fn create(ctx: &Ctx, input: StandardCreate) -> Result<Written, AppError> {
    let scope = ctx.scope(Action::CatalogueRead)?;
    let pass = ctx.actor.allow(Action::StandardWrite)?;
    let position = PositionId::from(input.position_id);
    ctx.write(async |tx| {
        let reader = ctx.read_in(tx, &scope);
        let draft = draft(&reader, input.clone().into()).await?;
        let standard = Standard::draft(StandardId::new(), position, 1, draft)?;
        let standard = tx.standard_insert(&pass, &standard).await?;
        let view = written_view(ctx, &reader, standard.id).await?;
        let event = Event::new(Resource::Standard, standard.id, "CREATED");
        let reply = created(&view, standard.version, format!("/v1/standards/{}", standard.id));
        Ok(tx.record(&pass, &event, Some(json!(view))).with(reply))
    })
    .await
}

/// Replaces what a draft says of itself.
///
/// # Errors
/// `NOT_FOUND`, `FORBIDDEN`, `STALE`, `INVALID`, `STANDARD_STATE`.
pub async fn replace(ctx: &Ctx, id: StandardId, input: StandardPut) -> Result<Written, AppError> {
    let change = async |reader: &Reader<'_>, standard: Standard| {
        // A state that allows no change is told before anything is looked up.
        standard.require(StandardAction::Edit)?;
        Ok(standard.edit(draft(reader, input.clone()).await?)?)
    };
    transition(ctx, id, StandardAction::Edit, "REPLACED", change).await
}

/// Confirms that a draft is right.
///
/// # Errors
/// `NOT_FOUND`, `FORBIDDEN`, `STALE`, `STANDARD_STATE`, `STANDARD_EMPTY`.
pub async fn verify(ctx: &Ctx, id: StandardId) -> Result<Written, AppError> {
    let change = async |_: &Reader<'_>, standard: Standard| Ok(standard.verify(ctx.actor.user, ctx.now)?);
    transition(ctx, id, StandardAction::Verify, "VERIFIED", change).await
}

/// Sends a verified standard back to be changed.
///
/// # Errors
/// `NOT_FOUND`, `FORBIDDEN`, `STALE`, `STANDARD_STATE`.
pub async fn return_to_draft(ctx: &Ctx, id: StandardId) -> Result<Written, AppError> {
    let change = async |_: &Reader<'_>, standard: Standard| Ok(standard.return_to_draft()?);
    transition(ctx, id, StandardAction::ReturnToDraft, "RETURNED", change).await
}

/// Puts a verified standard in force.
///
/// # Errors
/// `NOT_FOUND`, `FORBIDDEN`, `STALE`, `STANDARD_STATE`, `STANDARD_SAME_OFFICER`, `ALREADY_EXISTS` when another of the
/// position is in force from the same day.
pub async fn enact(ctx: &Ctx, id: StandardId) -> Result<Written, AppError> {
    let change = async |_: &Reader<'_>, standard: Standard| Ok(standard.enact(ctx.actor.user, ctx.now)?);
    transition(ctx, id, StandardAction::Enact, "ENACTED", change).await
}

/// Ends a standard from a day on.
///
/// # Errors
/// `NOT_FOUND`, `FORBIDDEN`, `STALE`, `STANDARD_STATE`, `STANDARD_REVOKED_BEFORE_VALID`.
pub async fn revoke(ctx: &Ctx, id: StandardId, on: NaiveDate) -> Result<Written, AppError> {
    let on = day("/revoked_on", on)?;
    let change = async |_: &Reader<'_>, standard: Standard| Ok(standard.revoke(on, ctx.now)?);
    transition(ctx, id, StandardAction::Revoke, "REVOKED", change).await
}

/// Throws a draft away.
///
/// # Errors
/// `NOT_FOUND`, `FORBIDDEN`, `STALE`, `STANDARD_STATE`.
pub async fn delete(ctx: &Ctx, id: StandardId) -> Result<Written, AppError> {
    let scope = ctx.scope(Action::CatalogueRead)?;
    ctx.write(async |tx| {
        let reader = ctx.read_in(tx, &scope);
        let (pass, row) = found(ctx, &reader, id, StandardAction::Delete).await?;
        row.standard.require(StandardAction::Delete)?;
        tx.standard_delete(&pass, id, row.standard.version).await?;
        let event = Event::new(Resource::Standard, id, "DELETED");
        Ok(tx.record(&pass, &event, Some(json!(view(ctx, row)))).with(gone()))
    })
    .await
}

/// The standard to do `action` with, once the caller may and has seen it as it stands.
async fn found(
    ctx: &Ctx,
    reader: &Reader<'_>,
    id: StandardId,
    action: StandardAction,
) -> Result<(Pass, StandardRow), AppError> {
    let row = reader.standard(id).await?.ok_or(Problem::NotFound)?;
    let pass = ctx.actor.allow(needs(action))?;
    ctx.expect_version(row.standard.version)?;
    Ok((pass, row))
}

/// Takes a standard from one state to the next.
async fn transition(
    ctx: &Ctx,
    id: StandardId,
    action: StandardAction,
    what: &'static str,
    change: impl AsyncFn(&Reader<'_>, Standard) -> Result<Standard, AppError>,
) -> Result<Written, AppError> {
    let scope = ctx.scope(Action::CatalogueRead)?;
    ctx.write(async |tx: &Tx<'_>| {
        let reader = ctx.read_in(tx, &scope);
        let (pass, row) = found(ctx, &reader, id, action).await?;
        let after = change(&reader, row.standard.clone()).await?;
        let after = tx.standard_update(&pass, &after).await?;
        let (before, view) = (view(ctx, row), written_view(ctx, &reader, id).await?);
        let event = Event::new(Resource::Standard, id, what);
        let reply: Reply = replaced(&view, after.version);
        Ok(tx.record(&pass, &event, Some(json!({"before": before, "after": view}))).with(reply))
    })
    .await
}
