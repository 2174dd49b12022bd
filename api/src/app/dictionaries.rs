//! Dictionaries and their versions. An agency reads its own and the nation's, and writes its own.

use access::{Action, Pass};
use competency::{Dictionary, DictionaryAction, DictionaryVersion};
use kernel::{AgencyId, DictionaryId, DictionaryVersionId, Event, Limit, NATIONAL, Page, Resource, Version};
use serde_json::json;
use store::{DictionaryFilter, PageRequest, Reader, Written};

use crate::app::{AppError, Ctx};
use crate::dto::dictionaries::{
    DictionaryPut, DictionaryQuery, DictionaryVersionQuery, DictionaryVersionView, DictionaryView,
};
use crate::dto::enums::Wire;
use crate::dto::{created, gone, replaced};
use crate::problems::Problem;

/// Who may do something with a version: those who write it, or those who put it to use and out of it.
const fn needs(action: DictionaryAction) -> Action {
    match action {
        DictionaryAction::Edit | DictionaryAction::Delete => Action::DictionaryWrite,
        DictionaryAction::Publish | DictionaryAction::Retire => Action::DictionaryPublish,
    }
}

/// Leave to do something with a dictionary of `owner`: an agency changes its own.
pub(crate) fn leave(ctx: &Ctx, owner: AgencyId, action: DictionaryAction) -> Result<Pass, AppError> {
    let pass = ctx.actor.allow(needs(action))?;
    if pass.agency() == owner { Ok(pass) } else { Err(Problem::Forbidden.into()) }
}

/// What the caller may do with a version now.
fn allowed(ctx: &Ctx, version: &DictionaryVersion) -> Vec<DictionaryAction> {
    let mut actions = version.allowed_actions().to_vec();
    actions.retain(|action| leave(ctx, version.agency, *action).is_ok());
    actions
}

/// A version as this caller sees it.
#[must_use]
pub fn version_view(ctx: &Ctx, version: DictionaryVersion) -> DictionaryVersionView {
    let allowed = allowed(ctx, &version);
    DictionaryVersionView::new(version, allowed)
}

/// Dictionaries of the caller's agency and of the nation.
///
/// # Errors
/// The store's.
pub async fn list(
    ctx: &Ctx,
    query: DictionaryQuery,
    page: &PageRequest,
) -> Result<Page<Dictionary>, AppError> {
    let scope = ctx.scope(Action::CatalogueRead)?;
    let DictionaryQuery { code, national, search, cursor: _, limit: _ } = query;
    let agency = national.map(|national| if national { NATIONAL } else { scope.agency() });
    Ok(ctx.read(&scope).dictionaries(&DictionaryFilter { code, agency, search }, page).await?)
}

/// One dictionary.
///
/// # Errors
/// `NOT_FOUND`.
pub async fn get(ctx: &Ctx, id: DictionaryId) -> Result<Dictionary, AppError> {
    let scope = ctx.scope(Action::CatalogueRead)?;
    Ok(ctx.read(&scope).dictionary(id).await?.ok_or(Problem::NotFound)?)
}

/// Adds a dictionary to the caller's agency.
///
/// # Errors
/// `FORBIDDEN`, `INVALID`, `ALREADY_EXISTS`.
pub async fn create(ctx: &Ctx, input: DictionaryPut) -> Result<Written, AppError> {
    let pass = ctx.actor.allow(Action::DictionaryWrite)?;
    let dictionary = input.into_domain(DictionaryId::new(), pass.agency(), Version::FIRST)?;
    ctx.write(async |tx| {
        tx.dictionary_insert(&pass, &dictionary).await?;
        let event = Event::new(Resource::Dictionary, dictionary.id, "CREATED");
        let changes = json!({"code": dictionary.code, "name": dictionary.name});
        let location = format!("/v1/dictionaries/{}", dictionary.id);
        let reply = created(&DictionaryView::from(dictionary.clone()), dictionary.version, location);
        Ok(tx.record(&pass, &event, Some(changes)).with(reply))
    })
    .await
}

/// Replaces what a dictionary says of itself; its versions stay as they are.
///
/// # Errors
/// `NOT_FOUND`, `FORBIDDEN`, `STALE`, `INVALID`, `ALREADY_EXISTS`.
pub async fn replace(ctx: &Ctx, id: DictionaryId, input: DictionaryPut) -> Result<Written, AppError> {
    let scope = ctx.scope(Action::CatalogueRead)?;
    ctx.write(async |tx| {
        let before = ctx.read_in(tx, &scope).dictionary(id).await?.ok_or(Problem::NotFound)?;
        let pass = leave(ctx, before.agency, DictionaryAction::Edit)?;
        let version = ctx.expect_version(before.version)?;
        let after =
            tx.dictionary_update(&pass, &input.clone().into_domain(id, before.agency, version)?).await?;
        let version = after.version;
        let (before, after) = (DictionaryView::from(before), DictionaryView::from(after));
        let event = Event::new(Resource::Dictionary, id, "REPLACED");
        let changes = json!({"before": before, "after": after});
        Ok(tx.record(&pass, &event, Some(changes)).with(replaced(&after, version)))
    })
    .await
}

/// The versions of a dictionary.
///
/// # Errors
/// `NOT_FOUND`.
pub async fn versions(
    ctx: &Ctx,
    id: DictionaryId,
    query: &DictionaryVersionQuery,
    page: &PageRequest,
) -> Result<Page<DictionaryVersion>, AppError> {
    let scope = ctx.scope(Action::CatalogueRead)?;
    let reader = ctx.read(&scope);
    let dictionary = reader.dictionary(id).await?.ok_or(Problem::NotFound)?;
    Ok(reader.dictionary_versions(dictionary.id, query.state.map(|Wire(state)| state), page).await?)
}

/// The version of a dictionary with this number.
///
/// # Errors
/// `NOT_FOUND`.
pub(crate) async fn version_numbered(
    reader: &Reader<'_>,
    dictionary: DictionaryId,
    number: i32,
) -> Result<DictionaryVersion, AppError> {
    // The list by number, from just before it, one long.
    let before = vec![number.saturating_sub(1).to_string()];
    let page =
        PageRequest { after: Some(before), ..PageRequest::first(Limit::new(1).unwrap_or(Limit::DEFAULT)) };
    let found = reader.dictionary_versions(dictionary, None, &page).await?.items.into_iter().next();
    Ok(found.filter(|version| version.number == number).ok_or(Problem::NotFound)?)
}

/// One version of a dictionary.
///
/// # Errors
/// `NOT_FOUND`.
pub async fn version(ctx: &Ctx, id: DictionaryId, number: i32) -> Result<DictionaryVersion, AppError> {
    let scope = ctx.scope(Action::CatalogueRead)?;
    version_numbered(&ctx.read(&scope), id, number).await
}

/// Begins the next version of a dictionary as a draft with everything the latest one says.
///
/// # Errors
/// `NOT_FOUND`, `FORBIDDEN`, `ALREADY_EXISTS` when there is a draft.
pub async fn version_create(ctx: &Ctx, id: DictionaryId) -> Result<Written, AppError> {
    let scope = ctx.scope(Action::CatalogueRead)?;
    ctx.write(async |tx| {
        let dictionary = ctx.read_in(tx, &scope).dictionary(id).await?.ok_or(Problem::NotFound)?;
        let pass = leave(ctx, dictionary.agency, DictionaryAction::Edit)?;
        let draft = tx.dictionary_version_insert(&pass, DictionaryVersionId::new(), id).await?;
        let event = Event::new(Resource::DictionaryVersion, draft.id, "CREATED");
        let changes = json!({"dictionary_id": id, "number": draft.number});
        let location = format!("/v1/dictionaries/{id}/versions/{}", draft.number);
        let version = draft.version;
        let reply = created(&version_view(ctx, draft), version, location);
        Ok(tx.record(&pass, &event, Some(changes)).with(reply))
    })
    .await
}

/// Puts a draft to use, if every competency in it is complete.
///
/// # Errors
/// `NOT_FOUND`, `FORBIDDEN`, `STALE`, `DICTIONARY_STATE`, `DICTIONARY_EMPTY`, `DICTIONARY_INCOMPLETE`.
pub async fn version_publish(ctx: &Ctx, id: DictionaryId, number: i32) -> Result<Written, AppError> {
    let scope = ctx.scope(Action::CatalogueRead)?;
    ctx.write(async |tx| {
        let reader = ctx.read_in(tx, &scope);
        let seen = version_numbered(&reader, id, number).await?;
        let pass = leave(ctx, seen.agency, DictionaryAction::Publish)?;
        // Held from here on, so that nothing is written into what is being checked.
        let version = tx.dictionary_version_lock(&pass, seen.id).await?.ok_or(Problem::NotFound)?;
        ctx.expect_version(version.version)?;
        let contents = reader.contents_all(version.id).await?;
        let published = tx.dictionary_version_update(&pass, &version.publish(&contents, tx.now())?).await?;
        let event = Event::new(Resource::DictionaryVersion, published.id, "PUBLISHED");
        let changes = json!({"dictionary_id": id, "number": number, "competencies": contents.len()});
        let version = published.version;
        let reply = replaced(&version_view(ctx, published), version);
        Ok(tx.record(&pass, &event, Some(changes)).with(reply))
    })
    .await
}

/// Takes a published version out of use.
///
/// # Errors
/// `NOT_FOUND`, `FORBIDDEN`, `STALE`, `DICTIONARY_STATE`.
pub async fn version_retire(ctx: &Ctx, id: DictionaryId, number: i32) -> Result<Written, AppError> {
    let scope = ctx.scope(Action::CatalogueRead)?;
    ctx.write(async |tx| {
        let version = version_numbered(&ctx.read_in(tx, &scope), id, number).await?;
        let pass = leave(ctx, version.agency, DictionaryAction::Retire)?;
        ctx.expect_version(version.version)?;
        let retired = tx.dictionary_version_update(&pass, &version.retire(tx.now())?).await?;
        let event = Event::new(Resource::DictionaryVersion, retired.id, "RETIRED");
        let changes = json!({"dictionary_id": id, "number": number});
        let version = retired.version;
        let reply = replaced(&version_view(ctx, retired), version);
        Ok(tx.record(&pass, &event, Some(changes)).with(reply))
    })
    .await
}

/// Throws a draft away.
///
/// # Errors
/// `NOT_FOUND`, `FORBIDDEN`, `STALE`, `DICTIONARY_STATE`.
pub async fn version_delete(ctx: &Ctx, id: DictionaryId, number: i32) -> Result<Written, AppError> {
    let scope = ctx.scope(Action::CatalogueRead)?;
    ctx.write(async |tx| {
        let version = version_numbered(&ctx.read_in(tx, &scope), id, number).await?;
        let pass = leave(ctx, version.agency, DictionaryAction::Delete)?;
        let expected = ctx.expect_version(version.version)?;
        version.require(DictionaryAction::Delete)?;
        tx.dictionary_version_delete(&pass, version.id, expected).await?;
        let event = Event::new(Resource::DictionaryVersion, version.id, "DELETED");
        let changes = json!({"dictionary_id": id, "number": number});
        Ok(tx.record(&pass, &event, Some(changes)).with(gone()))
    })
    .await
}
