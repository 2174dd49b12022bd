//! `/v1/grants`.

use actix_web::{HttpRequest, get, post, put};
use store::PageRequest;
use uuid::Uuid;

use crate::app::{self, Ctx};
use crate::dto::PageView;
use crate::dto::grants::{GrantCreate, GrantQuery, GrantView};
use crate::http::extract::{Json, Path, Query};
use crate::http::negotiate::Accepted;
use crate::http::reply::{Answer, composed, written};
use crate::http::table::answer;

/// List grants
///
/// Roles given in the agency, newest first.
#[utoipa::path(operation_id = "grant_list", tag = "Agencies", params(GrantQuery),
    responses((status = 200, description = "A page of grants.", body = PageView<GrantView>)))]
#[get("/grants")]
pub(crate) async fn grant_list(
    ctx: Ctx,
    request: HttpRequest,
    Query(query): Query<GrantQuery>,
    accepted: Accepted,
) -> Answer {
    let live = query.live.unwrap_or(false);
    let fetch = async move |ctx: &Ctx, page: &PageRequest| app::grants::list(ctx, live, page).await;
    let part = (query.cursor.as_deref(), query.limit);
    answer((ctx, &request, accepted), part, fetch, |ctx, row| GrantView::seen_by(&ctx.actor, row)).await
}

/// Read a grant
///
/// One role given in the agency.
#[utoipa::path(operation_id = "grant_get", tag = "Agencies",
    params(("grant_id" = Uuid, Path, description = "The grant.")),
    responses((status = 200, description = "The grant.", body = GrantView)))]
#[get("/grants/{grant_id}")]
pub(crate) async fn grant_get(ctx: Ctx, request: HttpRequest, Path(id): Path<Uuid>) -> Answer {
    let row = app::grants::get(&ctx, id.into()).await?;
    Ok(composed(&request, app::grants::version(&row), &GrantView::seen_by(&ctx.actor, row)))
}

/// Give a role
///
/// Gives a user a role in the agency; a user nobody heard of before is made. It works with the user's next request.
/// Nobody gives a role to themselves.
#[utoipa::path(operation_id = "grant_create", tag = "Agencies", request_body = GrantCreate,
    responses((status = 201, description = "The new grant.", body = GrantView)))]
#[post("/grants")]
pub(crate) async fn grant_create(ctx: Ctx, Json(input): Json<GrantCreate>) -> Answer {
    Ok(written(app::grants::create(&ctx, input).await?))
}

/// Take a role back
///
/// Ends a role with the user's next request. It is taken back once, and the last administrator's stays. The version in
/// the entity tag is 1 while the role is live and 2 afterwards.
#[utoipa::path(operation_id = "grant_revoke", tag = "Agencies",
    params(("grant_id" = Uuid, Path, description = "The grant.")),
    responses((status = 200, description = "The grant as it stands now.", body = GrantView)))]
#[put("/grants/{grant_id}/revocation")]
pub(crate) async fn grant_revoke(ctx: Ctx, Path(id): Path<Uuid>) -> Answer {
    Ok(written(app::grants::revoke(&ctx, id.into()).await?))
}
