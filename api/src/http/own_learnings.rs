//! `/v1/own-learnings`.

use actix_web::{HttpRequest, get, post, put};
use store::PageRequest;
use uuid::Uuid;

use crate::app::{self, Ctx};
use crate::dto::PageView;
use crate::dto::own_learnings::{
    OwnLearningCreate, OwnLearningPut, OwnLearningQuery, OwnLearningRefusal, OwnLearningView,
};
use crate::http::extract::{Json, Path, Query};
use crate::http::negotiate::Accepted;
use crate::http::reply::{Answer, composed, written};
use crate::http::table::answer;

/// List own learning
///
/// Learning that people logged themselves, oldest first: what has waited longest to be verified comes first.
#[utoipa::path(operation_id = "own_learning_list", tag = "Learning hours", params(OwnLearningQuery),
    responses((status = 200, description = "A page of own learning.", body = PageView<OwnLearningView>)))]
#[get("/own-learnings")]
pub(crate) async fn own_learning_list(
    ctx: Ctx,
    request: HttpRequest,
    Query(query): Query<OwnLearningQuery>,
    accepted: Accepted,
) -> Answer {
    let asked = query.clone();
    let fetch =
        async move |ctx: &Ctx, page: &PageRequest| app::own_learnings::list(ctx, asked.clone(), page).await;
    let part = (query.cursor.as_deref(), query.limit);
    let view = |_: &Ctx, (row, allowed)| OwnLearningView::new(row, allowed);
    answer((ctx, &request, accepted), part, fetch, view).await
}

/// Read own learning
///
/// One record.
#[utoipa::path(operation_id = "own_learning_get", tag = "Learning hours",
    params(("own_learning_id" = Uuid, Path, description = "The record.")),
    responses((status = 200, description = "The record.", body = OwnLearningView)))]
#[get("/own-learnings/{own_learning_id}")]
pub(crate) async fn own_learning_get(ctx: Ctx, request: HttpRequest, Path(id): Path<Uuid>) -> Answer {
    let (row, allowed) = app::own_learnings::get(&ctx, id.into()).await?;
    Ok(composed(&request, row.own.version, &OwnLearningView::new(row, allowed)))
}

/// Log own learning
///
/// Logs learning with where its document is. It waits until somebody else verifies it; only then its hours count. A
/// certificate is used once by a person, whichever way its number is written and whatever brought it.
#[utoipa::path(operation_id = "own_learning_create", tag = "Learning hours", request_body = OwnLearningCreate,
    responses((status = 201, description = "The record.", body = OwnLearningView)))]
#[post("/own-learnings")]
pub(crate) async fn own_learning_create(ctx: Ctx, Json(input): Json<OwnLearningCreate>) -> Answer {
    Ok(written(app::own_learnings::create(&ctx, input).await?))
}

/// Replace own learning
///
/// Mends a record that waits or was refused; what was refused is submitted anew by that.
#[utoipa::path(operation_id = "own_learning_replace", tag = "Learning hours", request_body = OwnLearningPut,
    params(("own_learning_id" = Uuid, Path, description = "The record.")),
    responses((status = 200, description = "The record as it stands now.", body = OwnLearningView)))]
#[put("/own-learnings/{own_learning_id}")]
pub(crate) async fn own_learning_replace(
    ctx: Ctx,
    Path(id): Path<Uuid>,
    Json(input): Json<OwnLearningPut>,
) -> Answer {
    Ok(written(app::own_learnings::replace(&ctx, id.into(), input).await?))
}

/// Withdraw own learning
///
/// Takes a record back that waits or was refused; its certificate may be used again.
#[utoipa::path(operation_id = "own_learning_withdraw", tag = "Learning hours",
    params(("own_learning_id" = Uuid, Path, description = "The record.")),
    responses((status = 200, description = "The record as it stands now.", body = OwnLearningView)))]
#[put("/own-learnings/{own_learning_id}/withdrawal")]
pub(crate) async fn own_learning_withdraw(ctx: Ctx, Path(id): Path<Uuid>) -> Answer {
    Ok(written(app::own_learnings::withdraw(&ctx, id.into()).await?))
}

/// Verify own learning
///
/// Confirms a record; its hours are in the ledger from this moment. The hours a certificate states win over the conversion
/// of the form. Nobody verifies their own, and what would pass a ceiling that stops is refused.
#[utoipa::path(operation_id = "own_learning_verify", tag = "Learning hours",
    params(("own_learning_id" = Uuid, Path, description = "The record.")),
    responses((status = 200, description = "The record as it stands now.", body = OwnLearningView)))]
#[put("/own-learnings/{own_learning_id}/verification")]
pub(crate) async fn own_learning_verify(ctx: Ctx, Path(id): Path<Uuid>) -> Answer {
    Ok(written(app::own_learnings::verify(&ctx, id.into()).await?))
}

/// Refuse own learning
///
/// Refuses a record with a reason the person reads. Mended, it can be submitted again; its certificate may be used again.
#[utoipa::path(operation_id = "own_learning_refuse", tag = "Learning hours", request_body = OwnLearningRefusal,
    params(("own_learning_id" = Uuid, Path, description = "The record.")),
    responses((status = 200, description = "The record as it stands now.", body = OwnLearningView)))]
#[put("/own-learnings/{own_learning_id}/refusal")]
pub(crate) async fn own_learning_refuse(
    ctx: Ctx,
    Path(id): Path<Uuid>,
    Json(input): Json<OwnLearningRefusal>,
) -> Answer {
    Ok(written(app::own_learnings::refuse(&ctx, id.into(), input).await?))
}
