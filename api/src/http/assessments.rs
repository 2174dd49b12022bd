//! `/v1/assessment-events` and `/v1/assessment-results`.

use actix_web::{HttpRequest, delete, get, post, put};
use store::PageRequest;
use uuid::Uuid;

use crate::app::{self, Ctx};
use crate::dto::PageView;
use crate::dto::assessments::{
    AssessmentEventPut, AssessmentEventQuery, AssessmentEventView, AssessmentResultQuery,
    AssessmentResultView, AssessmentResultsPut, AssessmentResultsQuery, AssessmentResultsView,
    ResultSupersession, result_version,
};
use crate::http::extract::{Json, Path, Query};
use crate::http::negotiate::Accepted;
use crate::http::reply::{Answer, composed, written};
use crate::http::table::answer;

/// List assessment events
///
/// Assessment events (kegiatan penilaian kompetensi), the latest day first: those with final results or self-assessments
/// of people the caller may see, and those the caller began as the person they are.
#[utoipa::path(operation_id = "assessment_event_list", tag = "Assessments", params(AssessmentEventQuery),
    responses((status = 200, description = "A page of events.", body = PageView<AssessmentEventView>)))]
#[get("/assessment-events")]
pub(crate) async fn assessment_event_list(
    ctx: Ctx,
    request: HttpRequest,
    Query(query): Query<AssessmentEventQuery>,
    accepted: Accepted,
) -> Answer {
    let asked = query.clone();
    let fetch =
        async move |ctx: &Ctx, page: &PageRequest| app::assessments::list(ctx, asked.clone(), page).await;
    let part = (query.cursor.as_deref(), query.limit);
    answer((ctx, &request, accepted), part, fetch, |_, event| event).await
}

/// Read an assessment event
///
/// One assessment event. Its results are in `/v1/assessment-results?event_id=`.
#[utoipa::path(operation_id = "assessment_event_get", tag = "Assessments",
    params(("event_id" = Uuid, Path, description = "The event.")),
    responses((status = 200, description = "The event.", body = AssessmentEventView)))]
#[get("/assessment-events/{event_id}")]
pub(crate) async fn assessment_event_get(ctx: Ctx, request: HttpRequest, Path(id): Path<Uuid>) -> Answer {
    let (version, view) = app::assessments::get(&ctx, id.into()).await?;
    Ok(composed(&request, version, &view))
}

/// Create an assessment event
///
/// Begins an event, to enter results into. A civil servant may begin one with the method `SELF`, for themself alone; its
/// results are kept and never count.
#[utoipa::path(operation_id = "assessment_event_create", tag = "Assessments", request_body = AssessmentEventPut,
    responses((status = 201, description = "The new event.", body = AssessmentEventView)))]
#[post("/assessment-events")]
pub(crate) async fn assessment_event_create(ctx: Ctx, Json(input): Json<AssessmentEventPut>) -> Answer {
    Ok(written(app::assessments::create(&ctx, input).await?))
}

/// Replace an assessment event
///
/// Replaces what a draft says of itself. Its results follow its day when it is signed off.
#[utoipa::path(operation_id = "assessment_event_replace", tag = "Assessments", request_body = AssessmentEventPut,
    params(("event_id" = Uuid, Path, description = "The event.")),
    responses((status = 200, description = "The event as it stands now.", body = AssessmentEventView)))]
#[put("/assessment-events/{event_id}")]
pub(crate) async fn assessment_event_replace(
    ctx: Ctx,
    Path(id): Path<Uuid>,
    Json(input): Json<AssessmentEventPut>,
) -> Answer {
    Ok(written(app::assessments::replace(&ctx, id.into(), input).await?))
}

/// Enter assessment results
///
/// Writes up to 1,000 results into a draft event. One that is there already for the same person and competency is
/// replaced; others stay. `If-Match` is the event's, and the answer's `ETag` is what the event has now: nobody signs off
/// results they have not seen. Nobody enters results of themself or of their direct superior, self-assessments aside.
#[utoipa::path(operation_id = "assessment_results_put", tag = "Assessments", request_body = AssessmentResultsPut,
    params(("event_id" = Uuid, Path, description = "The event."), AssessmentResultsQuery),
    responses((status = 200, description = "What became of each result, in the order sent.", body = AssessmentResultsView)))]
#[put("/assessment-events/{event_id}/results")]
pub(crate) async fn assessment_results_put(
    ctx: Ctx,
    Path(id): Path<Uuid>,
    Query(query): Query<AssessmentResultsQuery>,
    Json(input): Json<AssessmentResultsPut>,
) -> Answer {
    Ok(written(app::assessments::results_put(&ctx, id.into(), query, input).await?))
}

/// Sign an assessment event off
///
/// Makes the event's results final. From now on they count, self-assessments aside, and change only by being superseded.
/// Nobody signs off results of themself or of their direct superior.
#[utoipa::path(operation_id = "assessment_event_sign_off", tag = "Assessments",
    params(("event_id" = Uuid, Path, description = "The event.")),
    responses((status = 200, description = "The event as it stands now.", body = AssessmentEventView)))]
#[put("/assessment-events/{event_id}/sign-off")]
pub(crate) async fn assessment_event_sign_off(ctx: Ctx, Path(id): Path<Uuid>) -> Answer {
    Ok(written(app::assessments::sign_off(&ctx, id.into()).await?))
}

/// Cancel an assessment event
///
/// Calls a draft off; its results never count. Nobody calls off results of themself or of their direct superior.
#[utoipa::path(operation_id = "assessment_event_cancel", tag = "Assessments",
    params(("event_id" = Uuid, Path, description = "The event.")),
    responses((status = 200, description = "The event as it stands now.", body = AssessmentEventView)))]
#[put("/assessment-events/{event_id}/cancellation")]
pub(crate) async fn assessment_event_cancel(ctx: Ctx, Path(id): Path<Uuid>) -> Answer {
    Ok(written(app::assessments::cancel(&ctx, id.into()).await?))
}

/// List assessment results
///
/// Results of the people the caller may see, the latest day first; corrected ones included unless left out. Drafts are
/// seen by those who assess or administer, and self-assessments by whoever sees the person.
#[utoipa::path(operation_id = "assessment_result_list", tag = "Assessments", params(AssessmentResultQuery),
    responses((status = 200, description = "A page of results.", body = PageView<AssessmentResultView>)))]
#[get("/assessment-results")]
pub(crate) async fn assessment_result_list(
    ctx: Ctx,
    request: HttpRequest,
    Query(query): Query<AssessmentResultQuery>,
    accepted: Accepted,
) -> Answer {
    let asked = query.clone();
    let fetch =
        async move |ctx: &Ctx, page: &PageRequest| app::assessments::results(ctx, asked.clone(), page).await;
    let part = (query.cursor.as_deref(), query.limit);
    answer((ctx, &request, accepted), part, fetch, app::assessments::result_view).await
}

/// Read an assessment result
///
/// The level found for one person and competency at one event.
#[utoipa::path(operation_id = "assessment_result_get", tag = "Assessments",
    params(("result_id" = Uuid, Path, description = "The result.")),
    responses((status = 200, description = "The result.", body = AssessmentResultView)))]
#[get("/assessment-results/{result_id}")]
pub(crate) async fn assessment_result_get(ctx: Ctx, request: HttpRequest, Path(id): Path<Uuid>) -> Answer {
    let row = app::assessments::result(&ctx, id.into()).await?;
    Ok(composed(&request, result_version(&row.result), &app::assessments::result_view(&ctx, row)))
}

/// Delete an assessment result
///
/// Throws a result of a draft event away. Nobody throws away results of themself or of their direct superior,
/// self-assessments aside.
#[utoipa::path(operation_id = "assessment_result_delete", tag = "Assessments",
    params(("result_id" = Uuid, Path, description = "The result.")),
    responses((status = 204, description = "It is gone.")))]
#[delete("/assessment-results/{result_id}")]
pub(crate) async fn assessment_result_delete(ctx: Ctx, Path(id): Path<Uuid>) -> Answer {
    Ok(written(app::assessments::result_delete(&ctx, id.into()).await?))
}

/// Supersede an assessment result
///
/// Puts a corrected result in the place of a final one: same event, person, competency and day. The answer is the new
/// result, and `Location` its path. Answers for a `known_at` before this moment still use the old one.
#[utoipa::path(operation_id = "assessment_result_supersede", tag = "Assessments", request_body = ResultSupersession,
    params(("result_id" = Uuid, Path, description = "The result to correct.")),
    responses((status = 200, description = "The result that stands now.", body = AssessmentResultView)))]
#[put("/assessment-results/{result_id}/supersession")]
pub(crate) async fn assessment_result_supersede(
    ctx: Ctx,
    Path(id): Path<Uuid>,
    Json(input): Json<ResultSupersession>,
) -> Answer {
    Ok(written(app::assessments::result_supersede(&ctx, id.into(), input).await?))
}
