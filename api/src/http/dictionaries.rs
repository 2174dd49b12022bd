//! `/v1/dictionaries` and their versions.

use actix_web::{HttpRequest, delete, get, post, put};
use store::PageRequest;
use uuid::Uuid;

use crate::app::{self, Ctx};
use crate::dto::PageView;
use crate::dto::dictionaries::{
    DictionaryPut, DictionaryQuery, DictionaryVersionQuery, DictionaryVersionView, DictionaryView,
};
use crate::http::extract::{Json, Path, Query};
use crate::http::negotiate::Accepted;
use crate::http::reply::{Answer, composed, resource, written};
use crate::http::table::answer;

/// List dictionaries
///
/// The agency's own dictionaries and the national ones, by code.
#[utoipa::path(operation_id = "dictionary_list", tag = "Dictionaries", params(DictionaryQuery),
    responses((status = 200, description = "A page of dictionaries.", body = PageView<DictionaryView>)))]
#[get("/dictionaries")]
pub(crate) async fn dictionary_list(
    ctx: Ctx,
    request: HttpRequest,
    Query(query): Query<DictionaryQuery>,
    accepted: Accepted,
) -> Answer {
    let asked = query.clone();
    let fetch =
        async move |ctx: &Ctx, page: &PageRequest| app::dictionaries::list(ctx, asked.clone(), page).await;
    let part = (query.cursor.as_deref(), query.limit);
    answer((ctx, &request, accepted), part, fetch, |_, one| DictionaryView::from(one)).await
}

/// Read a dictionary
///
/// One dictionary (kamus kompetensi).
#[utoipa::path(operation_id = "dictionary_get", tag = "Dictionaries",
    params(("dictionary_id" = Uuid, Path, description = "The dictionary.")),
    responses((status = 200, description = "The dictionary.", body = DictionaryView)))]
#[get("/dictionaries/{dictionary_id}")]
pub(crate) async fn dictionary_get(ctx: Ctx, request: HttpRequest, Path(id): Path<Uuid>) -> Answer {
    let dictionary = app::dictionaries::get(&ctx, id.into()).await?;
    Ok(resource(&request, dictionary.version, &DictionaryView::from(dictionary)))
}

/// Create a dictionary
///
/// Adds a dictionary to the agency. Its content is written into a version: create one next.
///
/// Within an agency a code means its own dictionary before the nation's, so no dictionary gets a code that one of the
/// nation's has (409). One that had a code before the nation took it keeps it and its meaning, until it is given another.
#[utoipa::path(operation_id = "dictionary_create", tag = "Dictionaries", request_body = DictionaryPut,
    responses((status = 201, description = "The new dictionary.", body = DictionaryView)))]
#[post("/dictionaries")]
pub(crate) async fn dictionary_create(ctx: Ctx, Json(input): Json<DictionaryPut>) -> Answer {
    Ok(written(app::dictionaries::create(&ctx, input).await?))
}

/// Replace a dictionary
///
/// Replaces code and name of one of the agency's own dictionaries.
#[utoipa::path(operation_id = "dictionary_replace", tag = "Dictionaries", request_body = DictionaryPut,
    params(("dictionary_id" = Uuid, Path, description = "The dictionary.")),
    responses((status = 200, description = "The dictionary as it stands now.", body = DictionaryView)))]
#[put("/dictionaries/{dictionary_id}")]
pub(crate) async fn dictionary_replace(
    ctx: Ctx,
    Path(id): Path<Uuid>,
    Json(input): Json<DictionaryPut>,
) -> Answer {
    Ok(written(app::dictionaries::replace(&ctx, id.into(), input).await?))
}

/// List versions of a dictionary
///
/// The versions of a dictionary by number.
#[utoipa::path(operation_id = "dictionary_version_list", tag = "Dictionaries",
    params(("dictionary_id" = Uuid, Path, description = "The dictionary."), DictionaryVersionQuery),
    responses((status = 200, description = "A page of versions.", body = PageView<DictionaryVersionView>)))]
#[get("/dictionaries/{dictionary_id}/versions")]
pub(crate) async fn dictionary_version_list(
    ctx: Ctx,
    request: HttpRequest,
    Path(id): Path<Uuid>,
    Query(query): Query<DictionaryVersionQuery>,
    accepted: Accepted,
) -> Answer {
    let asked = query.clone();
    let fetch = async move |ctx: &Ctx, page: &PageRequest| {
        app::dictionaries::versions(ctx, id.into(), &asked, page).await
    };
    let part = (query.cursor.as_deref(), query.limit);
    answer((ctx, &request, accepted), part, fetch, app::dictionaries::version_view).await
}

/// Read a version of a dictionary
///
/// One version of a dictionary: its state, and what the caller may do with it.
#[utoipa::path(operation_id = "dictionary_version_get", tag = "Dictionaries",
    params(("dictionary_id" = Uuid, Path, description = "The dictionary."),
        ("number" = i32, Path, description = "The version's number.", example = 1, minimum = 1, maximum = 2147483647)),
    responses((status = 200, description = "The version.", body = DictionaryVersionView)))]
#[get("/dictionaries/{dictionary_id}/versions/{number}")]
pub(crate) async fn dictionary_version_get(
    ctx: Ctx,
    request: HttpRequest,
    Path((id, number)): Path<(Uuid, i32)>,
) -> Answer {
    let version = app::dictionaries::version(&ctx, id.into(), number).await?;
    Ok(composed(&request, version.version, &app::dictionaries::version_view(&ctx, version)))
}

/// Create a version of a dictionary
///
/// Begins the next version as a draft that says everything the latest version says. A dictionary has one draft at a time.
#[utoipa::path(operation_id = "dictionary_version_create", tag = "Dictionaries",
    params(("dictionary_id" = Uuid, Path, description = "The dictionary.")),
    responses((status = 201, description = "The draft.", body = DictionaryVersionView)))]
#[post("/dictionaries/{dictionary_id}/versions")]
pub(crate) async fn dictionary_version_create(ctx: Ctx, Path(id): Path<Uuid>) -> Answer {
    Ok(written(app::dictionaries::version_create(&ctx, id.into()).await?))
}

/// Publish a version of a dictionary
///
/// Puts a draft to use; its content never changes again. Every competency needs all five levels, each described and with
/// at least one behavioural indicator; `errors` lists what is missing.
#[utoipa::path(operation_id = "dictionary_version_publish", tag = "Dictionaries",
    params(("dictionary_id" = Uuid, Path, description = "The dictionary."),
        ("number" = i32, Path, description = "The version's number.", example = 1, minimum = 1, maximum = 2147483647)),
    responses((status = 200, description = "The version as it stands now.", body = DictionaryVersionView)))]
#[put("/dictionaries/{dictionary_id}/versions/{number}/publication")]
pub(crate) async fn dictionary_version_publish(ctx: Ctx, Path((id, number)): Path<(Uuid, i32)>) -> Answer {
    Ok(written(app::dictionaries::version_publish(&ctx, id.into(), number).await?))
}

/// Retire a version of a dictionary
///
/// Takes a published version out of use. What was built on it stays valid.
#[utoipa::path(operation_id = "dictionary_version_retire", tag = "Dictionaries",
    params(("dictionary_id" = Uuid, Path, description = "The dictionary."),
        ("number" = i32, Path, description = "The version's number.", example = 1, minimum = 1, maximum = 2147483647)),
    responses((status = 200, description = "The version as it stands now.", body = DictionaryVersionView)))]
#[put("/dictionaries/{dictionary_id}/versions/{number}/retirement")]
pub(crate) async fn dictionary_version_retire(ctx: Ctx, Path((id, number)): Path<(Uuid, i32)>) -> Answer {
    Ok(written(app::dictionaries::version_retire(&ctx, id.into(), number).await?))
}

/// Delete a draft of a dictionary
///
/// Throws a draft away with all it says.
#[utoipa::path(operation_id = "dictionary_version_delete", tag = "Dictionaries",
    params(("dictionary_id" = Uuid, Path, description = "The dictionary."),
        ("number" = i32, Path, description = "The version's number.", example = 1, minimum = 1, maximum = 2147483647)),
    responses((status = 204, description = "It is gone.")))]
#[delete("/dictionaries/{dictionary_id}/versions/{number}")]
pub(crate) async fn dictionary_version_delete(ctx: Ctx, Path((id, number)): Path<(Uuid, i32)>) -> Answer {
    Ok(written(app::dictionaries::version_delete(&ctx, id.into(), number).await?))
}
