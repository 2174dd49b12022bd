//! `/v1/classes`, `/v1/programmes/{id}/class-series` and `/v1/employees/{id}/schedule`.

use actix_web::{HttpRequest, delete, get, post, put};
use development::{ClassState, Session};
use store::{ClassRow, PageRequest, ScheduledSession};
use uuid::Uuid;

use crate::app::{self, Ctx};
use crate::calendar;
use crate::dto::classes::{
    AttendancePut, AttendanceView, ClassCreate, ClassPut, ClassQuery, ClassSeriesCreate, ClassSeriesView,
    ClassView, ReasonPut, ScheduleQuery, ScheduleView, ScheduledSessionView,
};
use crate::dto::{FileBody, PageView};
use crate::http::extract::{Json, Path, Query};
use crate::http::negotiate::{Accepted, Format};
use crate::http::reply::{Answer, composed, computed, ical, written};
use crate::http::table::answer;

/// List classes
///
/// Classes of the agency's programmes, by their beginning; those without a session come last.
#[utoipa::path(operation_id = "class_list", tag = "Classes", params(ClassQuery),
    responses((status = 200, description = "A page of classes.", body = PageView<ClassView>)))]
#[get("/classes")]
pub(crate) async fn class_list(
    ctx: Ctx,
    request: HttpRequest,
    Query(query): Query<ClassQuery>,
    accepted: Accepted,
) -> Answer {
    let asked = query.clone();
    let fetch = async move |ctx: &Ctx, page: &PageRequest| app::classes::list(ctx, asked.clone(), page).await;
    let part = (query.cursor.as_deref(), query.limit);
    answer((ctx, &request, accepted), part, fetch, app::classes::view).await
}

/// Read a class
///
/// One class with its sessions and how it is filled. As `text/calendar` it is an event per session (RFC 5545).
#[utoipa::path(operation_id = "class_get", tag = "Classes",
    params(("class_id" = Uuid, Path, description = "The class.")),
    responses((status = 200, description = "The class, or its sessions as a calendar.", content(
        (ClassView = "application/json"), (FileBody = "text/calendar")))))]
#[get("/classes/{class_id}")]
pub(crate) async fn class_get(
    ctx: Ctx,
    request: HttpRequest,
    Path(id): Path<Uuid>,
    accepted: Accepted,
) -> Answer {
    let row = app::classes::get(&ctx, id.into()).await?;
    if accepted.format == Format::Ical {
        let events = (1..).zip(&row.class.content.sessions).map(|(number, one)| event(&row, number, one));
        let events: Vec<_> = events.collect();
        return Ok(ical(&request, "class", &calendar::write(row.programme_name.as_str(), &events)));
    }
    Ok(composed(&request, row.class.version, &app::classes::view(&ctx, row)))
}

fn joined(parts: &[Option<&str>]) -> Option<String> {
    let parts: Vec<_> = parts.iter().copied().flatten().collect();
    (!parts.is_empty()).then(|| parts.join("\n"))
}

fn event(row: &ClassRow, number: i32, session: &Session) -> calendar::Event {
    let class = &row.class;
    let topic = session.topic.as_ref().map(kernel::Name::as_str);
    let note = class.content.note.as_ref().map(kernel::LongText::as_str);
    calendar::Event {
        uid: format!("{}-{number}@bangkom", class.id),
        sequence: class.version.get(),
        changed_at: row.updated_at,
        starts_at: session.starts_at,
        ends_at: session.ends_at,
        summary: row.programme_name.to_string(),
        description: joined(&[Some(class.content.code.as_str()), topic, note]),
        location: session.place.as_ref().map(ToString::to_string),
        url: session.url.as_ref().map(ToString::to_string),
        cancelled: class.state == ClassState::Cancelled,
    }
}

fn scheduled_event(session: &ScheduledSession) -> calendar::Event {
    calendar::Event {
        uid: format!("{}-{}@bangkom", session.class, session.number),
        sequence: session.class_version.get(),
        changed_at: session.updated_at,
        starts_at: session.starts_at,
        ends_at: session.ends_at,
        summary: session.programme_name.to_string(),
        description: joined(&[
            Some(session.class_code.as_str()),
            session.topic.as_ref().map(kernel::Name::as_str),
        ]),
        location: session.place.as_ref().map(ToString::to_string),
        url: session.url.as_ref().map(ToString::to_string),
        cancelled: false,
    }
}

/// Create a class
///
/// Plans a class of a published programme; nobody registers before it is announced.
#[utoipa::path(operation_id = "class_create", tag = "Classes", request_body = ClassCreate,
    responses((status = 201, description = "The new class.", body = ClassView)))]
#[post("/classes")]
pub(crate) async fn class_create(ctx: Ctx, Json(input): Json<ClassCreate>) -> Answer {
    Ok(written(app::classes::create(&ctx, input).await?))
}

/// Plan a series of classes
///
/// Plans the classes of a programme that is held again and again, all of them or none. Hours are those of the agency's clocks;
/// a class that falls on a day its month does not have is held on the month's last.
#[utoipa::path(operation_id = "class_series_create", tag = "Classes", request_body = ClassSeriesCreate,
    params(("programme_id" = Uuid, Path, description = "The programme.")),
    responses((status = 201, description = "The new classes.", body = ClassSeriesView)))]
#[post("/programmes/{programme_id}/class-series")]
pub(crate) async fn class_series_create(
    ctx: Ctx,
    Path(id): Path<Uuid>,
    Json(input): Json<ClassSeriesCreate>,
) -> Answer {
    Ok(written(app::classes::create_series(&ctx, id.into(), input).await?))
}

/// Replace a class
///
/// Replaces what a class says until it has ended. Seats cannot become fewer than are taken; where they become more, those who
/// wait longest get them. A session whose attendance is on record stays where it is.
#[utoipa::path(operation_id = "class_replace", tag = "Classes", request_body = ClassPut,
    params(("class_id" = Uuid, Path, description = "The class.")),
    responses((status = 200, description = "The class as it stands now.", body = ClassView)))]
#[put("/classes/{class_id}")]
pub(crate) async fn class_replace(ctx: Ctx, Path(id): Path<Uuid>, Json(input): Json<ClassPut>) -> Answer {
    Ok(written(app::classes::replace(&ctx, id.into(), input).await?))
}

/// Delete a class
///
/// Throws a class away that was never announced.
#[utoipa::path(operation_id = "class_delete", tag = "Classes",
    params(("class_id" = Uuid, Path, description = "The class.")),
    responses((status = 204, description = "It is gone.")))]
#[delete("/classes/{class_id}")]
pub(crate) async fn class_delete(ctx: Ctx, Path(id): Path<Uuid>) -> Answer {
    Ok(written(app::classes::delete(&ctx, id.into()).await?))
}

/// Announce a class
///
/// Opens a planned class: within its registration window people may register. It needs a session.
#[utoipa::path(operation_id = "class_open", tag = "Classes",
    params(("class_id" = Uuid, Path, description = "The class.")),
    responses((status = 200, description = "The class as it stands now.", body = ClassView)))]
#[put("/classes/{class_id}/opening")]
pub(crate) async fn class_open(ctx: Ctx, Path(id): Path<Uuid>) -> Answer {
    Ok(written(app::classes::open(&ctx, id.into()).await?))
}

/// Cancel a class
///
/// Calls a class off, and with it every enrolment; attendance on record stays, and no certificate is issued.
#[utoipa::path(operation_id = "class_cancel", tag = "Classes", request_body = ReasonPut,
    params(("class_id" = Uuid, Path, description = "The class.")),
    responses((status = 200, description = "The class as it stands now.", body = ClassView)))]
#[put("/classes/{class_id}/cancellation")]
pub(crate) async fn class_cancel(ctx: Ctx, Path(id): Path<Uuid>, Json(input): Json<ReasonPut>) -> Answer {
    Ok(written(app::classes::cancel(&ctx, id.into(), input).await?))
}

/// Read attendance
///
/// Everybody with a seat whom the caller may see, and whether they were at a session.
#[utoipa::path(operation_id = "session_attendance_get", tag = "Classes",
    params(("class_id" = Uuid, Path, description = "The class."),
        ("number" = i32, Path, description = "The session's number.", minimum = 1, maximum = 200)),
    responses((status = 200, description = "Who was there.", body = AttendanceView)))]
#[get("/classes/{class_id}/sessions/{number}/attendance")]
pub(crate) async fn session_attendance_get(
    ctx: Ctx,
    request: HttpRequest,
    Path((id, number)): Path<(Uuid, i32)>,
) -> Answer {
    let (version, view) = app::classes::attendance(&ctx, id.into(), number).await?;
    Ok(composed(&request, version, &view))
}

/// Record attendance
///
/// Replaces who was at a session that has begun, in one call. `If-Match` is the class's, which counts up.
#[utoipa::path(operation_id = "session_attendance_put", tag = "Classes", request_body = AttendancePut,
    params(("class_id" = Uuid, Path, description = "The class."),
        ("number" = i32, Path, description = "The session's number.", minimum = 1, maximum = 200)),
    responses((status = 200, description = "Who was there.", body = AttendanceView)))]
#[put("/classes/{class_id}/sessions/{number}/attendance")]
pub(crate) async fn session_attendance_put(
    ctx: Ctx,
    Path((id, number)): Path<(Uuid, i32)>,
    Json(input): Json<AttendancePut>,
) -> Answer {
    Ok(written(app::classes::attendance_put(&ctx, id.into(), number, input).await?))
}

/// Read a schedule
///
/// The sessions somebody has a seat in or teaches, in some days of the agency. As `text/calendar` it is an event per session
/// (RFC 5545).
#[utoipa::path(operation_id = "schedule_get", tag = "Classes",
    params(("employee_id" = Uuid, Path, description = "The person."), ScheduleQuery),
    responses((status = 200, description = "The schedule, or a calendar.", content(
        (ScheduleView = "application/json"), (FileBody = "text/calendar")))))]
#[get("/employees/{employee_id}/schedule")]
pub(crate) async fn schedule_get(
    ctx: Ctx,
    request: HttpRequest,
    Path(id): Path<Uuid>,
    Query(query): Query<ScheduleQuery>,
    accepted: Accepted,
) -> Answer {
    let ctx = accepted.context(ctx);
    let (from, until, sessions) = app::classes::schedule(&ctx, id.into(), query).await?;
    if accepted.format == Format::Ical {
        let events: Vec<_> = sessions.iter().map(scheduled_event).collect();
        return Ok(ical(&request, "schedule", &calendar::write("Bangkom", &events)));
    }
    let sessions = sessions.iter().map(ScheduledSessionView::from).collect();
    Ok(computed(&request, &ScheduleView { employee_id: id, from, until, sessions }))
}
