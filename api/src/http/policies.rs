//! `/v1/policies`.

use actix_web::{HttpRequest, get, post};
use kernel::Version;
use store::PageRequest;
use uuid::Uuid;

use crate::app::{self, Ctx};
use crate::dto::PageView;
use crate::dto::policies::{PolicyCreate, PolicyQuery, PolicyView};
use crate::http::extract::{Json, Path, Query};
use crate::http::negotiate::Accepted;
use crate::http::reply::{Answer, resource, written};
use crate::http::table::answer;

/// List policies
///
/// Versions of rubrics by kind, name and number: the national ones and the agency's own. With `as_of`, only those that
/// apply on that day.
#[utoipa::path(operation_id = "policy_list", tag = "Policies", params(PolicyQuery),
    responses((status = 200, description = "A page of policies.", body = PageView<PolicyView>)))]
#[get("/policies")]
pub(crate) async fn policy_list(
    ctx: Ctx,
    request: HttpRequest,
    Query(query): Query<PolicyQuery>,
    accepted: Accepted,
) -> Answer {
    let asked = query.clone();
    let fetch =
        async move |ctx: &Ctx, page: &PageRequest| app::policies::list(ctx, asked.clone(), page).await;
    let part = (query.cursor.as_deref(), query.limit);
    answer((ctx, &request, accepted), part, fetch, |_, policy| PolicyView::from(policy)).await
}

/// Read a policy
///
/// One version of a rubric. It never changes.
#[utoipa::path(operation_id = "policy_get", tag = "Policies", params(("policy_id" = Uuid, Path, description = "The policy.")),
    responses((status = 200, description = "The policy.", body = PolicyView)))]
#[get("/policies/{policy_id}")]
pub(crate) async fn policy_get(ctx: Ctx, request: HttpRequest, Path(id): Path<Uuid>) -> Answer {
    let policy = app::policies::get(&ctx, id.into()).await?;
    Ok(resource(&request, Version::FIRST, &PolicyView::from(policy)))
}

/// Create a policy
///
/// Records a version of a rubric for the agency. From its first day on it goes before the national one and before the
/// agency's earlier versions of the same name; answers for a `known_at` before this moment do not change.
#[utoipa::path(operation_id = "policy_create", tag = "Policies", request_body = PolicyCreate,
    responses((status = 201, description = "The new policy.", body = PolicyView)))]
#[post("/policies")]
pub(crate) async fn policy_create(ctx: Ctx, Json(input): Json<PolicyCreate>) -> Answer {
    Ok(written(app::policies::create(&ctx, input).await?))
}
