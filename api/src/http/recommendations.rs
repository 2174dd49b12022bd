//! `/v1/employees/{id}/recommendations`.

use actix_web::{HttpRequest, get};
use uuid::Uuid;

use crate::app::{self, Ctx};
use crate::dto::recommendations::{RecommendationQuery, RecommendationsView};
use crate::http::extract::{Path, Query};
use crate::http::reply::{Answer, computed};

/// Recommend programmes
///
/// Programmes on offer that take the person further towards what the goal requires, ranked by a named, versioned policy, each
/// with the gaps it works on, the levels it closes, its hours towards the year's floor, its price, the next class with a
/// free seat, its prerequisites, and what would change for the job person match with the goal and with the position held.
/// What was left out says why (also that the person is enrolled in it, plans it, or has no hours left for it), and so does every gap that nothing is recommended for: where the level is not known, an
/// assessment comes first. The same facts give the same answer.
#[utoipa::path(operation_id = "recommendation_get", tag = "Recommendations",
    params(("employee_id" = Uuid, Path, description = "The person."), RecommendationQuery),
    responses((status = 200, description = "The recommendations.", body = RecommendationsView)),
    extensions(("x-problems" = json!([409]))))]
#[get("/employees/{employee_id}/recommendations")]
pub(crate) async fn recommendation_get(
    ctx: Ctx,
    request: HttpRequest,
    Path(id): Path<Uuid>,
    Query(query): Query<RecommendationQuery>,
) -> Answer {
    let found = app::recommendations::of_employee(&ctx, id.into(), query).await?;
    Ok(computed(&request, &RecommendationsView::from(found)))
}
