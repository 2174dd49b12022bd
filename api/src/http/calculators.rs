//! `/v1/calculators`.

use actix_web::{HttpResponse, post};

use crate::app::{self, Ctx};
use crate::dto::calculators::{JobPersonMatchRequest, JobPersonMatchView};
use crate::http::extract::Json;
use crate::http::reply::Answer;

/// Calculate a job person match
///
/// The job person match (JPM) of what the request says, with every step. Nothing is stored and nobody is looked up; only
/// the policy is the agency's. A competency without a level makes the result `INCOMPLETE`, with the list and without a
/// percentage.
#[utoipa::path(operation_id = "job_person_match_calculate", tag = "Gaps", request_body = JobPersonMatchRequest,
    responses((status = 200, description = "The match, and how it came about.", body = JobPersonMatchView)))]
#[post("/calculators/job-person-match")]
pub(crate) async fn job_person_match_calculate(ctx: Ctx, Json(input): Json<JobPersonMatchRequest>) -> Answer {
    let (outcome, policy) = app::calculators::job_person_match_of(&ctx, input).await?;
    Ok(HttpResponse::Ok().json(JobPersonMatchView::new(outcome, policy)))
}
