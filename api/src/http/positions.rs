//! `/v1/positions`.

use actix_web::{HttpRequest, delete, get, post, put};
use store::PageRequest;
use uuid::Uuid;

use crate::app::{self, Ctx};
use crate::dto::PageView;
use crate::dto::positions::{PositionAbolition, PositionPut, PositionQuery, PositionView};
use crate::http::extract::{Json, Path, Query};
use crate::http::negotiate::Accepted;
use crate::http::reply::{Answer, composed, written};
use crate::http::table::answer;

/// List positions
///
/// The agency's positions by code, abolished ones included. Who holds them is told by employees.
#[utoipa::path(operation_id = "position_list", tag = "Workforce", params(PositionQuery),
    responses((status = 200, description = "A page of positions.", body = PageView<PositionView>)))]
#[get("/positions")]
pub(crate) async fn position_list(
    ctx: Ctx,
    request: HttpRequest,
    Query(query): Query<PositionQuery>,
    accepted: Accepted,
) -> Answer {
    let filter = query.clone().into();
    let fetch = async move |ctx: &Ctx, page: &PageRequest| app::positions::list(ctx, &filter, page).await;
    let part = (query.cursor.as_deref(), query.limit);
    let view = |ctx: &Ctx, position| PositionView::seen_by(&ctx.actor, position);
    answer((ctx, &request, accepted), part, fetch, view).await
}

/// Read a position
///
/// One position of the agency.
#[utoipa::path(operation_id = "position_get", tag = "Workforce",
    params(("position_id" = Uuid, Path, description = "The position.")),
    responses((status = 200, description = "The position.", body = PositionView)))]
#[get("/positions/{position_id}")]
pub(crate) async fn position_get(ctx: Ctx, request: HttpRequest, Path(id): Path<Uuid>) -> Answer {
    let position = app::positions::get(&ctx, id.into()).await?;
    Ok(composed(&request, position.version, &PositionView::seen_by(&ctx.actor, position)))
}

/// Create a position
///
/// Adds a position to its unit.
#[utoipa::path(operation_id = "position_create", tag = "Workforce", request_body = PositionPut,
    responses((status = 201, description = "The new position.", body = PositionView)))]
#[post("/positions")]
pub(crate) async fn position_create(ctx: Ctx, Json(input): Json<PositionPut>) -> Answer {
    Ok(written(app::positions::create(&ctx, input).await?))
}

/// Replace a position
///
/// Replaces what the position says of itself. The job class stays once somebody served in it or a standard exists for it.
#[utoipa::path(operation_id = "position_replace", tag = "Workforce", request_body = PositionPut,
    params(("position_id" = Uuid, Path, description = "The position.")),
    responses((status = 200, description = "The position as it stands now.", body = PositionView)))]
#[put("/positions/{position_id}")]
pub(crate) async fn position_replace(
    ctx: Ctx,
    Path(id): Path<Uuid>,
    Json(input): Json<PositionPut>,
) -> Answer {
    Ok(written(app::positions::replace(&ctx, id.into(), input).await?))
}

/// Abolish a position
///
/// Closes a position from a day on, for good: it takes nobody in from then, and does not change. Whoever holds it stays on
/// record until they are placed elsewhere.
#[utoipa::path(operation_id = "position_abolish", tag = "Workforce", request_body = PositionAbolition,
    params(("position_id" = Uuid, Path, description = "The position.")),
    responses((status = 200, description = "The position as it stands now.", body = PositionView)))]
#[put("/positions/{position_id}/abolition")]
pub(crate) async fn position_abolish(
    ctx: Ctx,
    Path(id): Path<Uuid>,
    Json(input): Json<PositionAbolition>,
) -> Answer {
    Ok(written(app::positions::abolish(&ctx, id.into(), input).await?))
}

/// Delete a position
///
/// Removes a position that nothing refers to: nobody ever served in it, and no standard was made for it.
#[utoipa::path(operation_id = "position_delete", tag = "Workforce",
    params(("position_id" = Uuid, Path, description = "The position.")),
    responses((status = 204, description = "It is gone.")))]
#[delete("/positions/{position_id}")]
pub(crate) async fn position_delete(ctx: Ctx, Path(id): Path<Uuid>) -> Answer {
    Ok(written(app::positions::delete(&ctx, id.into()).await?))
}
