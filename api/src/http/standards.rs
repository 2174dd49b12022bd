//! `/v1/standards`.

use actix_web::{HttpRequest, delete, get, post, put};
use store::PageRequest;
use uuid::Uuid;

use crate::app::{self, Ctx};
use crate::dto::PageView;
use crate::dto::standards::{StandardCreate, StandardPut, StandardQuery, StandardRevocation, StandardView};
use crate::http::extract::{Json, Path, Query};
use crate::http::negotiate::Accepted;
use crate::http::reply::{Answer, composed, written};
use crate::http::table::answer;

/// List standards
///
/// Competency standards of the agency's positions, by position code and number.
#[utoipa::path(operation_id = "standard_list", tag = "Standards", params(StandardQuery),
    responses((status = 200, description = "A page of standards.", body = PageView<StandardView>)))]
#[get("/standards")]
pub(crate) async fn standard_list(
    ctx: Ctx,
    request: HttpRequest,
    Query(query): Query<StandardQuery>,
    accepted: Accepted,
) -> Answer {
    let asked = query.clone();
    let fetch =
        async move |ctx: &Ctx, page: &PageRequest| app::standards::list(ctx, asked.clone(), page).await;
    let part = (query.cursor.as_deref(), query.limit);
    answer((ctx, &request, accepted), part, fetch, app::standards::view).await
}

/// Read a standard
///
/// One version of the competency standard of a position (standar kompetensi jabatan).
#[utoipa::path(operation_id = "standard_get", tag = "Standards",
    params(("standard_id" = Uuid, Path, description = "The standard.")),
    responses((status = 200, description = "The standard.", body = StandardView)))]
#[get("/standards/{standard_id}")]
pub(crate) async fn standard_get(ctx: Ctx, request: HttpRequest, Path(id): Path<Uuid>) -> Answer {
    let row = app::standards::get(&ctx, id.into()).await?;
    Ok(composed(&request, row.standard.version, &app::standards::view(&ctx, row)))
}

/// Create a standard
///
/// Drafts a standard of a position, with the position's next number.
#[utoipa::path(operation_id = "standard_create", tag = "Standards", request_body = StandardCreate,
    responses((status = 201, description = "The draft.", body = StandardView)))]
#[post("/standards")]
pub(crate) async fn standard_create(ctx: Ctx, Json(input): Json<StandardCreate>) -> Answer {
    Ok(written(app::standards::create(&ctx, input).await?))
}

/// Replace a standard
///
/// Replaces what a draft says: its first day, its decree, its requirements.
#[utoipa::path(operation_id = "standard_replace", tag = "Standards", request_body = StandardPut,
    params(("standard_id" = Uuid, Path, description = "The standard.")),
    responses((status = 200, description = "The draft as it stands now.", body = StandardView)))]
#[put("/standards/{standard_id}")]
pub(crate) async fn standard_replace(
    ctx: Ctx,
    Path(id): Path<Uuid>,
    Json(input): Json<StandardPut>,
) -> Answer {
    Ok(written(app::standards::replace(&ctx, id.into(), input).await?))
}

/// Delete a standard
///
/// Throws a draft away.
#[utoipa::path(operation_id = "standard_delete", tag = "Standards",
    params(("standard_id" = Uuid, Path, description = "The standard.")),
    responses((status = 204, description = "It is gone.")))]
#[delete("/standards/{standard_id}")]
pub(crate) async fn standard_delete(ctx: Ctx, Path(id): Path<Uuid>) -> Answer {
    Ok(written(app::standards::delete(&ctx, id.into()).await?))
}

/// Verify a standard
///
/// Confirms that a draft is right (verifikasi). It needs at least one requirement, and changes no more.
#[utoipa::path(operation_id = "standard_verify", tag = "Standards",
    params(("standard_id" = Uuid, Path, description = "The standard.")),
    responses((status = 200, description = "The standard as it stands now.", body = StandardView)))]
#[put("/standards/{standard_id}/verification")]
pub(crate) async fn standard_verify(ctx: Ctx, Path(id): Path<Uuid>) -> Answer {
    Ok(written(app::standards::verify(&ctx, id.into()).await?))
}

/// Return a standard
///
/// Sends a verified standard back to be changed; its verification is void.
#[utoipa::path(operation_id = "standard_return", tag = "Standards",
    params(("standard_id" = Uuid, Path, description = "The standard.")),
    responses((status = 200, description = "The draft as it stands now.", body = StandardView)))]
#[put("/standards/{standard_id}/return")]
pub(crate) async fn standard_return(ctx: Ctx, Path(id): Path<Uuid>) -> Answer {
    Ok(written(app::standards::return_to_draft(&ctx, id.into()).await?))
}

/// Enact a standard
///
/// Puts a verified standard in force from its first day on (penetapan). Whoever verified it may not enact it, and of one
/// position no two are in force from the same day.
#[utoipa::path(operation_id = "standard_enact", tag = "Standards",
    params(("standard_id" = Uuid, Path, description = "The standard.")),
    responses((status = 200, description = "The standard as it stands now.", body = StandardView)))]
#[put("/standards/{standard_id}/enactment")]
pub(crate) async fn standard_enact(ctx: Ctx, Path(id): Path<Uuid>) -> Answer {
    Ok(written(app::standards::enact(&ctx, id.into()).await?))
}

/// Revoke a standard
///
/// Ends a standard from a day on (pencabutan). Answers for days before, and for a `known_at` before this moment, still
/// use it.
#[utoipa::path(operation_id = "standard_revoke", tag = "Standards", request_body = StandardRevocation,
    params(("standard_id" = Uuid, Path, description = "The standard.")),
    responses((status = 200, description = "The standard as it stands now.", body = StandardView)))]
#[put("/standards/{standard_id}/revocation")]
pub(crate) async fn standard_revoke(
    ctx: Ctx,
    Path(id): Path<Uuid>,
    Json(input): Json<StandardRevocation>,
) -> Answer {
    Ok(written(app::standards::revoke(&ctx, id.into(), input.revoked_on).await?))
}
