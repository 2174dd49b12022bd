//! `/v1/units`.

use actix_web::{HttpRequest, delete, get, post, put};
use kernel::UnitId;
use store::{PageRequest, UnitFilter};
use uuid::Uuid;

use crate::app::{self, Ctx};
use crate::dto::PageView;
use crate::dto::units::{UnitPut, UnitQuery, UnitView};
use crate::http::extract::{Json, Path, Query};
use crate::http::negotiate::Accepted;
use crate::http::reply::{Answer, resource, written};
use crate::http::table::answer;

/// List units
///
/// The agency's units by code.
#[utoipa::path(operation_id = "unit_list", tag = "Workforce", params(UnitQuery),
    responses((status = 200, description = "A page of units.", body = PageView<UnitView>)))]
#[get("/units")]
pub(crate) async fn unit_list(
    ctx: Ctx,
    request: HttpRequest,
    Query(query): Query<UnitQuery>,
    accepted: Accepted,
) -> Answer {
    let filter = UnitFilter {
        code: query.code,
        parent: query.parent_id.map(UnitId::from),
        within: query.within.map(UnitId::from),
        search: query.search,
    };
    let fetch = async move |ctx: &Ctx, page: &PageRequest| app::units::list(ctx, &filter, page).await;
    let part = (query.cursor.as_deref(), query.limit);
    answer((ctx, &request, accepted), part, fetch, |_, unit| UnitView::from(unit)).await
}

/// Read a unit
///
/// One unit of the agency.
#[utoipa::path(operation_id = "unit_get", tag = "Workforce", params(("unit_id" = Uuid, Path, description = "The unit.")),
    responses((status = 200, description = "The unit.", body = UnitView)))]
#[get("/units/{unit_id}")]
pub(crate) async fn unit_get(ctx: Ctx, request: HttpRequest, Path(id): Path<Uuid>) -> Answer {
    let unit = app::units::get(&ctx, id.into()).await?;
    Ok(resource(&request, unit.version, &UnitView::from(unit)))
}

/// Create a unit
///
/// Adds a unit under its parent, or at the top of the tree.
#[utoipa::path(operation_id = "unit_create", tag = "Workforce", request_body = UnitPut,
    responses((status = 201, description = "The new unit.", body = UnitView)))]
#[post("/units")]
pub(crate) async fn unit_create(ctx: Ctx, Json(input): Json<UnitPut>) -> Answer {
    Ok(written(app::units::create(&ctx, input).await?))
}

/// Replace a unit
///
/// Replaces what the unit says of itself. With another parent, its whole subtree moves.
#[utoipa::path(operation_id = "unit_replace", tag = "Workforce", request_body = UnitPut,
    params(("unit_id" = Uuid, Path, description = "The unit.")),
    responses((status = 200, description = "The unit as it stands now.", body = UnitView)))]
#[put("/units/{unit_id}")]
pub(crate) async fn unit_replace(ctx: Ctx, Path(id): Path<Uuid>, Json(input): Json<UnitPut>) -> Answer {
    Ok(written(app::units::replace(&ctx, id.into(), input).await?))
}

/// Delete a unit
///
/// Removes a unit that nothing refers to: no unit below it, no position in it, no role for it.
#[utoipa::path(operation_id = "unit_delete", tag = "Workforce", params(("unit_id" = Uuid, Path, description = "The unit.")),
    responses((status = 204, description = "It is gone.")))]
#[delete("/units/{unit_id}")]
pub(crate) async fn unit_delete(ctx: Ctx, Path(id): Path<Uuid>) -> Answer {
    Ok(written(app::units::delete(&ctx, id.into()).await?))
}
