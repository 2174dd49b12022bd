//! `/v1/agencies`.

use actix_web::{HttpRequest, get, put};
use store::PageRequest;
use uuid::Uuid;

use crate::app::{self, Ctx};
use crate::dto::agencies::{AgencyPut, AgencyView};
use crate::dto::{PageQuery, PageView};
use crate::http::extract::{Json, Path, Query};
use crate::http::negotiate::Accepted;
use crate::http::reply::{Answer, resource, written};
use crate::http::table::answer;

/// List agencies
///
/// The caller's agency by itself; every one for a caller who acts for the nation.
#[utoipa::path(operation_id = "agency_list", tag = "Agencies", params(PageQuery),
    responses((status = 200, description = "A page of agencies.", body = PageView<AgencyView>)))]
#[get("/agencies")]
pub(crate) async fn agency_list(
    ctx: Ctx,
    request: HttpRequest,
    Query(query): Query<PageQuery>,
    accepted: Accepted,
) -> Answer {
    let fetch = async |ctx: &Ctx, page: &PageRequest| app::agencies::list(ctx, page).await;
    let part = (query.cursor.as_deref(), query.limit);
    answer((ctx, &request, accepted), part, fetch, |_, agency| AgencyView::from(agency)).await
}

/// Read an agency
///
/// One agency. Another one than the caller's does not exist for them, unless they act for the nation.
#[utoipa::path(operation_id = "agency_get", tag = "Agencies",
    params(("agency_id" = Uuid, Path, description = "The agency.")),
    responses((status = 200, description = "The agency.", body = AgencyView)))]
#[get("/agencies/{agency_id}")]
pub(crate) async fn agency_get(ctx: Ctx, request: HttpRequest, Path(id): Path<Uuid>) -> Answer {
    let agency = app::agencies::get(&ctx, id.into()).await?;
    Ok(resource(&request, agency.version, &AgencyView::from(agency)))
}

/// Replace an agency
///
/// Replaces the name and the time zone of the caller's agency. Its code stays.
#[utoipa::path(operation_id = "agency_replace", tag = "Agencies", request_body = AgencyPut,
    params(("agency_id" = Uuid, Path, description = "The agency.")),
    responses((status = 200, description = "The agency as it stands now.", body = AgencyView)))]
#[put("/agencies/{agency_id}")]
pub(crate) async fn agency_replace(ctx: Ctx, Path(id): Path<Uuid>, Json(input): Json<AgencyPut>) -> Answer {
    Ok(written(app::agencies::replace(&ctx, id.into(), input).await?))
}
