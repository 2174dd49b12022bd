//! `/v1/competencies`, and the competencies of a version of a dictionary.

use actix_web::{HttpRequest, delete, get, put};
use store::PageRequest;
use uuid::Uuid;

use crate::app::{self, Ctx};
use crate::dto::PageView;
use crate::dto::dictionaries::{CompetencyQuery, CompetencyView, ContentPut, ContentQuery, ContentView};
use crate::http::extract::{Json, Path, Query};
use crate::http::negotiate::Accepted;
use crate::http::reply::{Answer, computed, resource, written};
use crate::http::table::answer;

/// List competencies of a version
///
/// What a version of a dictionary says of its competencies, by code.
#[utoipa::path(operation_id = "dictionary_competency_list", tag = "Dictionaries",
    params(("dictionary_id" = Uuid, Path, description = "The dictionary."),
        ("number" = i32, Path, description = "The version's number.", example = 1, minimum = 1, maximum = 2147483647),
        ContentQuery),
    responses((status = 200, description = "A page of competencies.", body = PageView<ContentView>)))]
#[get("/dictionaries/{dictionary_id}/versions/{number}/competencies")]
pub(crate) async fn dictionary_competency_list(
    ctx: Ctx,
    request: HttpRequest,
    Path((id, number)): Path<(Uuid, i32)>,
    Query(query): Query<ContentQuery>,
    accepted: Accepted,
) -> Answer {
    let asked = query.clone();
    let fetch = async move |ctx: &Ctx, page: &PageRequest| {
        app::competencies::contents(ctx, id.into(), number, asked.clone(), page).await
    };
    let part = (query.cursor.as_deref(), query.limit);
    answer((ctx, &request, accepted), part, fetch, |_, content| ContentView::from(content)).await
}

/// Read a competency of a version
///
/// What a version of a dictionary says of one competency. A slash in the code is written `%2F`.
#[utoipa::path(operation_id = "dictionary_competency_get", tag = "Dictionaries",
    params(("dictionary_id" = Uuid, Path, description = "The dictionary."),
        ("number" = i32, Path, description = "The version's number.", example = 1, minimum = 1, maximum = 2147483647),
        ("code" = String, Path, description = "The competency's code, percent-encoded.", example = "M.1", max_length = 192)),
    responses((status = 200, description = "The competency.", body = ContentView)))]
#[get("/dictionaries/{dictionary_id}/versions/{number}/competencies/{code}")]
pub(crate) async fn dictionary_competency_get(
    ctx: Ctx,
    request: HttpRequest,
    Path((id, number, code)): Path<(Uuid, i32, String)>,
) -> Answer {
    let row = app::competencies::content(&ctx, id.into(), number, &code).await?;
    Ok(resource(&request, row.version, &ContentView::from(row)))
}

/// Create or replace a competency of a draft
///
/// Writes what a draft says of the competency with this code. A new one is made without `If-Match`; one that is there is
/// replaced only with it (428 without), so that adding never overwrites. A slash in the code is written `%2F`.
#[utoipa::path(operation_id = "dictionary_competency_put", tag = "Dictionaries", request_body = ContentPut,
    params(("dictionary_id" = Uuid, Path, description = "The dictionary."),
        ("number" = i32, Path, description = "The version's number.", example = 1, minimum = 1, maximum = 2147483647),
        ("code" = String, Path, description = "The competency's code, percent-encoded.", example = "M.1", max_length = 192)),
    responses((status = 200, description = "The competency as it stands now.", body = ContentView),
        (status = 201, description = "The new competency.", body = ContentView)))]
#[put("/dictionaries/{dictionary_id}/versions/{number}/competencies/{code}")]
pub(crate) async fn dictionary_competency_put(
    ctx: Ctx,
    Path((id, number, code)): Path<(Uuid, i32, String)>,
    Json(input): Json<ContentPut>,
) -> Answer {
    Ok(written(app::competencies::content_put(&ctx, id.into(), number, &code, input).await?))
}

/// Remove a competency from a draft
///
/// Takes a competency out of a draft. Earlier versions keep it. A slash in the code is written `%2F`.
#[utoipa::path(operation_id = "dictionary_competency_delete", tag = "Dictionaries",
    params(("dictionary_id" = Uuid, Path, description = "The dictionary."),
        ("number" = i32, Path, description = "The version's number.", example = 1, minimum = 1, maximum = 2147483647),
        ("code" = String, Path, description = "The competency's code, percent-encoded.", example = "M.1", max_length = 192)),
    responses((status = 204, description = "It is gone.")))]
#[delete("/dictionaries/{dictionary_id}/versions/{number}/competencies/{code}")]
pub(crate) async fn dictionary_competency_delete(
    ctx: Ctx,
    Path((id, number, code)): Path<(Uuid, i32, String)>,
) -> Answer {
    Ok(written(app::competencies::content_delete(&ctx, id.into(), number, &code).await?))
}

/// List competencies
///
/// Competencies of a dictionary named by its code, as its version in use has them. With `code`, the one competency that
/// dictionary and code name.
#[utoipa::path(operation_id = "competency_list", tag = "Dictionaries", params(CompetencyQuery),
    responses((status = 200, description = "A page of competencies.", body = PageView<CompetencyView>)))]
#[get("/competencies")]
pub(crate) async fn competency_list(
    ctx: Ctx,
    request: HttpRequest,
    Query(query): Query<CompetencyQuery>,
    accepted: Accepted,
) -> Answer {
    let asked = query.clone();
    let fetch =
        async move |ctx: &Ctx, page: &PageRequest| app::competencies::list(ctx, asked.clone(), page).await;
    let part = (query.cursor.as_deref(), query.limit);
    answer((ctx, &request, accepted), part, fetch, |_, competency| competency).await
}

/// Read a competency
///
/// One competency as the version of its dictionary in use has it.
#[utoipa::path(operation_id = "competency_get", tag = "Dictionaries",
    params(("competency_id" = Uuid, Path, description = "The competency.")),
    responses((status = 200, description = "The competency.", body = CompetencyView)))]
#[get("/competencies/{competency_id}")]
pub(crate) async fn competency_get(ctx: Ctx, request: HttpRequest, Path(id): Path<Uuid>) -> Answer {
    Ok(computed(&request, &app::competencies::get(&ctx, id.into()).await?))
}
