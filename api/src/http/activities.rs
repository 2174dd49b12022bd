//! `/v1/activities`.

use actix_web::{HttpRequest, get, post, put};
use store::PageRequest;
use uuid::Uuid;

use crate::app::{self, Ctx};
use crate::dto::PageView;
use crate::dto::activities::{
    ActivityCompletion, ActivityCreate, ActivityPut, ActivityQuery, ActivityView, LogEntryPost,
};
use crate::dto::classes::ReasonPut;
use crate::http::extract::{Json, Path, Query};
use crate::http::negotiate::Accepted;
use crate::http::reply::{Answer, composed, written};
use crate::http::table::answer;

/// List activities
///
/// What the people the caller may see do to develop outside classes, and what the caller guides as a coach or mentor, in the order
/// in which it was planned.
#[utoipa::path(operation_id = "activity_list", tag = "Activities", params(ActivityQuery),
    responses((status = 200, description = "A page of activities.", body = PageView<ActivityView>)))]
#[get("/activities")]
pub(crate) async fn activity_list(
    ctx: Ctx,
    request: HttpRequest,
    Query(query): Query<ActivityQuery>,
    accepted: Accepted,
) -> Answer {
    let asked = query.clone();
    let fetch =
        async move |ctx: &Ctx, page: &PageRequest| app::activities::list(ctx, asked.clone(), page).await;
    let part = (query.cursor.as_deref(), query.limit);
    answer((ctx, &request, accepted), part, fetch, app::activities::view).await
}

/// Read an activity
///
/// One activity with its log.
#[utoipa::path(operation_id = "activity_get", tag = "Activities",
    params(("activity_id" = Uuid, Path, description = "The activity.")),
    responses((status = 200, description = "The activity.", body = ActivityView)))]
#[get("/activities/{activity_id}")]
pub(crate) async fn activity_get(ctx: Ctx, request: HttpRequest, Path(id): Path<Uuid>) -> Answer {
    let row = app::activities::get(&ctx, id.into()).await?;
    Ok(composed(&request, row.activity.version, &app::activities::view(&ctx, row)))
}

/// Create an activity
///
/// Plans an internship, secondment, exchange, benchmarking, coaching, mentoring, community, self-study or further study (tugas
/// belajar), with what it cannot be understood without. A coach or mentor has to have room for one more, and is not the person; a
/// mentor is in no reporting line with them.
#[utoipa::path(operation_id = "activity_create", tag = "Activities", request_body = ActivityCreate,
    responses((status = 201, description = "The new activity.", body = ActivityView)))]
#[post("/activities")]
pub(crate) async fn activity_create(ctx: Ctx, Json(input): Json<ActivityCreate>) -> Answer {
    Ok(written(app::activities::create(&ctx, input).await?))
}

/// Replace an activity
///
/// Replaces what an activity says until it is completed or given up; days of its log stay within it.
#[utoipa::path(operation_id = "activity_replace", tag = "Activities", request_body = ActivityPut,
    params(("activity_id" = Uuid, Path, description = "The activity.")),
    responses((status = 200, description = "The activity as it stands now.", body = ActivityView)))]
#[put("/activities/{activity_id}")]
pub(crate) async fn activity_replace(
    ctx: Ctx,
    Path(id): Path<Uuid>,
    Json(input): Json<ActivityPut>,
) -> Answer {
    Ok(written(app::activities::replace(&ctx, id.into(), input).await?))
}

/// Log an activity
///
/// Adds what was done on a day, up to today; also as the coach or mentor who guides it.
#[utoipa::path(operation_id = "activity_log", tag = "Activities", request_body = LogEntryPost,
    params(("activity_id" = Uuid, Path, description = "The activity.")),
    responses((status = 200, description = "The activity as it stands now.", body = ActivityView)))]
#[put("/activities/{activity_id}/log")]
pub(crate) async fn activity_log(ctx: Ctx, Path(id): Path<Uuid>, Json(input): Json<LogEntryPost>) -> Answer {
    Ok(written(app::activities::log(&ctx, id.into(), input).await?))
}

/// Complete an activity
///
/// Says, as the superior, that it is done and what came of it. Its hours follow from its form, under the cap of everything done in
/// that form before, and go to the person's ledger, each year's into that year.
#[utoipa::path(operation_id = "activity_complete", tag = "Activities", request_body = ActivityCompletion,
    params(("activity_id" = Uuid, Path, description = "The activity.")),
    responses((status = 200, description = "The activity as it stands now.", body = ActivityView)))]
#[put("/activities/{activity_id}/completion")]
pub(crate) async fn activity_complete(
    ctx: Ctx,
    Path(id): Path<Uuid>,
    Json(input): Json<ActivityCompletion>,
) -> Answer {
    Ok(written(app::activities::complete(&ctx, id.into(), input).await?))
}

/// Cancel an activity
///
/// Gives an activity up, with the reason.
#[utoipa::path(operation_id = "activity_cancel", tag = "Activities", request_body = ReasonPut,
    params(("activity_id" = Uuid, Path, description = "The activity.")),
    responses((status = 200, description = "The activity as it stands now.", body = ActivityView)))]
#[put("/activities/{activity_id}/cancellation")]
pub(crate) async fn activity_cancel(ctx: Ctx, Path(id): Path<Uuid>, Json(input): Json<ReasonPut>) -> Answer {
    Ok(written(app::activities::cancel(&ctx, id.into(), input).await?))
}
