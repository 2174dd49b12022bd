//! `/v1/programmes`.

use actix_web::{HttpRequest, delete, get, post, put};
use store::PageRequest;
use uuid::Uuid;

use crate::app::{self, Ctx};
use crate::dto::PageView;
use crate::dto::programmes::{ProgrammePut, ProgrammeQuery, ProgrammeView};
use crate::http::extract::{Json, Path, Query};
use crate::http::negotiate::Accepted;
use crate::http::reply::{Answer, composed, written};
use crate::http::table::answer;

/// List programmes
///
/// The agency's catalogue of development, by code: what is taught, in which form, by whom, to whom, and what it costs.
#[utoipa::path(operation_id = "programme_list", tag = "Catalogue", params(ProgrammeQuery),
    responses((status = 200, description = "A page of programmes.", body = PageView<ProgrammeView>)))]
#[get("/programmes")]
pub(crate) async fn programme_list(
    ctx: Ctx,
    request: HttpRequest,
    Query(query): Query<ProgrammeQuery>,
    accepted: Accepted,
) -> Answer {
    let asked = query.clone();
    let fetch =
        async move |ctx: &Ctx, page: &PageRequest| app::programmes::list(ctx, asked.clone(), page).await;
    let part = (query.cursor.as_deref(), query.limit);
    answer((ctx, &request, accepted), part, fetch, app::programmes::view).await
}

/// Read a programme
///
/// One programme with the steps it teaches.
#[utoipa::path(operation_id = "programme_get", tag = "Catalogue",
    params(("programme_id" = Uuid, Path, description = "The programme.")),
    responses((status = 200, description = "The programme.", body = ProgrammeView)))]
#[get("/programmes/{programme_id}")]
pub(crate) async fn programme_get(ctx: Ctx, request: HttpRequest, Path(id): Path<Uuid>) -> Answer {
    let row = app::programmes::get(&ctx, id.into()).await?;
    Ok(composed(&request, row.programme.version, &app::programmes::view(&ctx, row)))
}

/// Create a programme
///
/// Drafts a programme; nobody is offered it before it is published.
#[utoipa::path(operation_id = "programme_create", tag = "Catalogue", request_body = ProgrammePut,
    responses((status = 201, description = "The draft.", body = ProgrammeView)))]
#[post("/programmes")]
pub(crate) async fn programme_create(ctx: Ctx, Json(input): Json<ProgrammePut>) -> Answer {
    Ok(written(app::programmes::create(&ctx, input).await?))
}

/// Replace a programme
///
/// Replaces what a draft or a published programme says. Certificates keep what they were issued with.
#[utoipa::path(operation_id = "programme_replace", tag = "Catalogue", request_body = ProgrammePut,
    params(("programme_id" = Uuid, Path, description = "The programme.")),
    responses((status = 200, description = "The programme as it stands now.", body = ProgrammeView)))]
#[put("/programmes/{programme_id}")]
pub(crate) async fn programme_replace(
    ctx: Ctx,
    Path(id): Path<Uuid>,
    Json(input): Json<ProgrammePut>,
) -> Answer {
    Ok(written(app::programmes::replace(&ctx, id.into(), input).await?))
}

/// Delete a programme
///
/// Throws a draft away.
#[utoipa::path(operation_id = "programme_delete", tag = "Catalogue",
    params(("programme_id" = Uuid, Path, description = "The programme.")),
    responses((status = 204, description = "It is gone.")))]
#[delete("/programmes/{programme_id}")]
pub(crate) async fn programme_delete(ctx: Ctx, Path(id): Path<Uuid>) -> Answer {
    Ok(written(app::programmes::delete(&ctx, id.into()).await?))
}

/// Publish a programme
///
/// Puts a draft on offer, or a retired programme on offer again.
#[utoipa::path(operation_id = "programme_publish", tag = "Catalogue",
    params(("programme_id" = Uuid, Path, description = "The programme.")),
    responses((status = 200, description = "The programme as it stands now.", body = ProgrammeView)))]
#[put("/programmes/{programme_id}/publication")]
pub(crate) async fn programme_publish(ctx: Ctx, Path(id): Path<Uuid>) -> Answer {
    Ok(written(app::programmes::publish(&ctx, id.into()).await?))
}

/// Retire a programme
///
/// Takes a programme off offer: no more classes of it are planned. Those under way go on.
#[utoipa::path(operation_id = "programme_retire", tag = "Catalogue",
    params(("programme_id" = Uuid, Path, description = "The programme.")),
    responses((status = 200, description = "The programme as it stands now.", body = ProgrammeView)))]
#[put("/programmes/{programme_id}/retirement")]
pub(crate) async fn programme_retire(ctx: Ctx, Path(id): Path<Uuid>) -> Answer {
    Ok(written(app::programmes::retire(&ctx, id.into()).await?))
}
