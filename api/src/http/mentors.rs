//! `/v1/employees/{id}/mentors`.

use actix_web::{HttpRequest, get};
use uuid::Uuid;

use crate::app::{self, Ctx};
use crate::dto::mentors::{MentorQuery, MentorsView};
use crate::http::extract::{Path, Query};
use crate::http::reply::{Answer, computed};

/// Find mentors for a person
///
/// Who could guide the person in a competency: people who hold a position today and whose valid level is ahead by as many levels
/// as the policy of recommendations says, ranked by its `rule`. Whoever directs the person's work, or whose work the person
/// directs, directly or over others, is no mentor of theirs; nor is who guides as many others as they may. Somebody counts once
/// however many activities under way and open items of plans in use name the same mentor.
///
/// Listed are the people whose gaps the caller may read, and everybody else who is registered as a mentor (`/v1/trainers`, by
/// `employee_id`). Of the latter the name, the load and what they are registered as are told: no NIP, position, level or day
/// of assessment, though the order follows from what is known. Who is left out, and why, is told of the former alone.
#[utoipa::path(operation_id = "mentor_get", tag = "Recommendations",
    params(("employee_id" = Uuid, Path, description = "The person to be guided."), MentorQuery),
    responses((status = 200, description = "The mentors.", body = MentorsView)))]
#[get("/employees/{employee_id}/mentors")]
pub(crate) async fn mentor_get(
    ctx: Ctx,
    request: HttpRequest,
    Path(id): Path<Uuid>,
    Query(query): Query<MentorQuery>,
) -> Answer {
    let found = app::mentors::of_employee(&ctx, id.into(), query).await?;
    Ok(computed(&request, &MentorsView::from(found)))
}
