//! `/v1/employees/{employee_id}/placements`.

use actix_web::{HttpRequest, get, post, put};
use store::PageRequest;
use uuid::Uuid;

use crate::app::{self, Ctx};
use crate::dto::PageView;
use crate::dto::placements::{PlacementCreate, PlacementQuery, PlacementView};
use crate::http::extract::{Json, Path, Query};
use crate::http::negotiate::Accepted;
use crate::http::reply::{Answer, composed, written};
use crate::http::table::answer;

/// List a person's placements
///
/// Where a person served and serves, earliest first, each entry until the day before the next begins. With `known_at`, as
/// it was known at that instant: entries recorded later are left out, and those retracted later are back.
#[utoipa::path(operation_id = "placement_list", tag = "Workforce",
    params(("employee_id" = Uuid, Path, description = "The employee."), PlacementQuery),
    responses((status = 200, description = "A page of the history.", body = PageView<PlacementView>)))]
#[get("/employees/{employee_id}/placements")]
pub(crate) async fn placement_list(
    ctx: Ctx,
    request: HttpRequest,
    Path(employee): Path<Uuid>,
    Query(query): Query<PlacementQuery>,
    accepted: Accepted,
) -> Answer {
    let known_at = query.known_at()?;
    let fetch = async move |ctx: &Ctx, page: &PageRequest| {
        app::placements::list(ctx, employee.into(), known_at, page).await
    };
    let view = move |ctx: &Ctx, stay| match known_at {
        Some(_) => PlacementView::of_the_past(stay),
        None => PlacementView::seen_by(&ctx.actor, stay),
    };
    let part = (query.cursor.as_deref(), query.limit);
    answer((ctx, &request, accepted), part, fetch, view).await
}

/// Read a placement
///
/// One entry of a person's history, also when it was retracted.
#[utoipa::path(operation_id = "placement_get", tag = "Workforce",
    params(
        ("employee_id" = Uuid, Path, description = "The employee."),
        ("placement_id" = Uuid, Path, description = "The entry.")
    ),
    responses((status = 200, description = "The entry.", body = PlacementView)))]
#[get("/employees/{employee_id}/placements/{placement_id}")]
pub(crate) async fn placement_get(
    ctx: Ctx,
    request: HttpRequest,
    Path((employee, id)): Path<(Uuid, Uuid)>,
) -> Answer {
    let stay = app::placements::get(&ctx, employee.into(), id.into()).await?;
    let version = app::placements::version(&stay.row.placement);
    Ok(composed(&request, version, &PlacementView::seen_by(&ctx.actor, stay)))
}

/// Place a person
///
/// Records that a person holds a position from a day on, or with a null position that they were released from any. The
/// entry before it ends the day before. The position must be there on that day.
#[utoipa::path(operation_id = "placement_create", tag = "Workforce", request_body = PlacementCreate,
    params(("employee_id" = Uuid, Path, description = "The employee.")),
    responses((status = 201, description = "The new entry.", body = PlacementView)))]
#[post("/employees/{employee_id}/placements")]
pub(crate) async fn placement_create(
    ctx: Ctx,
    Path(employee): Path<Uuid>,
    Json(input): Json<PlacementCreate>,
) -> Answer {
    Ok(written(app::placements::create(&ctx, employee.into(), input).await?))
}

/// Retract a placement
///
/// Declares an entry wrong, once. The entry before it lasts again until the next; an earlier `known_at` still shows it. The
/// version in the entity tag is 1 while the entry counts and 2 afterwards.
#[utoipa::path(operation_id = "placement_retract", tag = "Workforce",
    params(
        ("employee_id" = Uuid, Path, description = "The employee."),
        ("placement_id" = Uuid, Path, description = "The entry.")
    ),
    responses((status = 200, description = "The entry as it stands now.", body = PlacementView)))]
#[put("/employees/{employee_id}/placements/{placement_id}/retraction")]
pub(crate) async fn placement_retract(ctx: Ctx, Path((employee, id)): Path<(Uuid, Uuid)>) -> Answer {
    Ok(written(app::placements::retract(&ctx, employee.into(), id.into()).await?))
}
