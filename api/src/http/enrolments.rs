//! `/v1/classes/{id}/enrolments` and `/v1/enrolments`.

use actix_web::{HttpRequest, get, post, put};
use store::PageRequest;
use uuid::Uuid;

use crate::app::{self, Ctx};
use crate::dto::PageView;
use crate::dto::classes::ReasonPut;
use crate::dto::enrolments::{EnrolmentCreate, EnrolmentQuery, EnrolmentView};
use crate::http::extract::{Json, Path, Query};
use crate::http::negotiate::Accepted;
use crate::http::reply::{Answer, composed, written};
use crate::http::table::answer;

/// List enrolments
///
/// Enrolments of the people the caller may see, class by class in the order in which they registered.
#[utoipa::path(operation_id = "enrolment_list", tag = "Classes", params(EnrolmentQuery),
    responses((status = 200, description = "A page of enrolments.", body = PageView<EnrolmentView>)))]
#[get("/enrolments")]
pub(crate) async fn enrolment_list(
    ctx: Ctx,
    request: HttpRequest,
    Query(query): Query<EnrolmentQuery>,
    accepted: Accepted,
) -> Answer {
    let asked = query.clone();
    let fetch =
        async move |ctx: &Ctx, page: &PageRequest| app::enrolments::list(ctx, asked.clone(), page).await;
    let part = (query.cursor.as_deref(), query.limit);
    answer((ctx, &request, accepted), part, fetch, app::enrolments::view).await
}

/// Read an enrolment
///
/// Somebody's enrolment in a class: a seat, a place in line, a result.
#[utoipa::path(operation_id = "enrolment_get", tag = "Classes",
    params(("enrolment_id" = Uuid, Path, description = "The enrolment.")),
    responses((status = 200, description = "The enrolment.", body = EnrolmentView)))]
#[get("/enrolments/{enrolment_id}")]
pub(crate) async fn enrolment_get(ctx: Ctx, request: HttpRequest, Path(id): Path<Uuid>) -> Answer {
    let row = app::enrolments::get(&ctx, id.into()).await?;
    Ok(composed(&request, row.enrolment.version, &app::enrolments::view(&ctx, row)))
}

/// Enrol somebody
///
/// Within the registration window. Whoever nominates somebody gives them a seat, or a place in line while there is none; who
/// asks for themself waits for the superior's consent (`REQUESTED`) and keeps the ticket of this moment. The person has to be
/// whom the programme is for, to have what it builds on, to serve when the class begins, and to be free at the time.
#[utoipa::path(operation_id = "enrolment_create", tag = "Classes", request_body = EnrolmentCreate,
    params(("class_id" = Uuid, Path, description = "The class.")),
    responses((status = 201, description = "The new enrolment.", body = EnrolmentView)))]
#[post("/classes/{class_id}/enrolments")]
pub(crate) async fn enrolment_create(
    ctx: Ctx,
    Path(id): Path<Uuid>,
    Json(input): Json<EnrolmentCreate>,
) -> Answer {
    Ok(written(app::enrolments::create(&ctx, id.into(), input).await?))
}

/// Consent to an enrolment
///
/// As the superior of somebody who asked for themself: they get a seat, or a place in line by the ticket they took when they
/// asked. Nobody consents to their own.
#[utoipa::path(operation_id = "enrolment_consent", tag = "Classes",
    params(("enrolment_id" = Uuid, Path, description = "The enrolment.")),
    responses((status = 200, description = "The enrolment as it stands now.", body = EnrolmentView)))]
#[put("/enrolments/{enrolment_id}/consent")]
pub(crate) async fn enrolment_consent(ctx: Ctx, Path(id): Path<Uuid>) -> Answer {
    Ok(written(app::enrolments::consent(&ctx, id.into()).await?))
}

/// Refuse an enrolment
///
/// As the superior of somebody who asked for themself, with the reason.
#[utoipa::path(operation_id = "enrolment_refuse", tag = "Classes", request_body = ReasonPut,
    params(("enrolment_id" = Uuid, Path, description = "The enrolment.")),
    responses((status = 200, description = "The enrolment as it stands now.", body = EnrolmentView)))]
#[put("/enrolments/{enrolment_id}/refusal")]
pub(crate) async fn enrolment_refuse(ctx: Ctx, Path(id): Path<Uuid>, Json(input): Json<ReasonPut>) -> Answer {
    Ok(written(app::enrolments::refuse(&ctx, id.into(), input).await?))
}

/// Cancel an enrolment
///
/// Gives an enrolment up, with the reason. Until the class begins, the seat goes to whoever waits longest and can take it, at once;
/// so does a seat of another class at the same hours to the person, if they wait for one that is free.
#[utoipa::path(operation_id = "enrolment_cancel", tag = "Classes", request_body = ReasonPut,
    params(("enrolment_id" = Uuid, Path, description = "The enrolment.")),
    responses((status = 200, description = "The enrolment as it stands now.", body = EnrolmentView)))]
#[put("/enrolments/{enrolment_id}/cancellation")]
pub(crate) async fn enrolment_cancel(ctx: Ctx, Path(id): Path<Uuid>, Json(input): Json<ReasonPut>) -> Answer {
    Ok(written(app::enrolments::cancel(&ctx, id.into(), input).await?))
}
