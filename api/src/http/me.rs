//! `/v1/me`.

use actix_web::{HttpRequest, get};
use store::PageRequest;

use crate::app::{self, Ctx};
use crate::dto::me::{AccessRecordView, MeView};
use crate::dto::{PageQuery, PageView};
use crate::http::extract::Query;
use crate::http::negotiate::Accepted;
use crate::http::reply::{Answer, computed};
use crate::http::table::answer;

/// Read the caller
///
/// Who is calling, for which agency, in which roles, and what these permit and how far: what a client draws its menu from.
#[utoipa::path(operation_id = "me_get", tag = "Caller",
    responses((status = 200, description = "The caller.", body = MeView)))]
#[get("/me")]
pub(crate) async fn me_get(ctx: Ctx, request: HttpRequest) -> Answer {
    let me = app::me::get(&ctx).await?;
    Ok(computed(&request, &MeView::of(&ctx.actor, me)))
}

/// List who looked at the caller
///
/// Every look of others at the caller's data, newest first (UU 27/2022). Empty for a caller who is no employee.
#[utoipa::path(operation_id = "access_record_list", tag = "Caller", params(PageQuery),
    responses((status = 200, description = "A page of looks.", body = PageView<AccessRecordView>)))]
#[get("/me/access-records")]
pub(crate) async fn access_record_list(
    ctx: Ctx,
    request: HttpRequest,
    Query(query): Query<PageQuery>,
    accepted: Accepted,
) -> Answer {
    let fetch = async |ctx: &Ctx, page: &PageRequest| app::me::access_records(ctx, page).await;
    let part = (query.cursor.as_deref(), query.limit);
    answer((ctx, &request, accepted), part, fetch, |_, record| AccessRecordView::from(record)).await
}
