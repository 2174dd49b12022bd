//! `/v1/positions/{id}/candidates`.

use actix_web::{HttpRequest, get};
use kernel::Limit;
use store::PageRequest;
use uuid::Uuid;

use crate::app::{self, Ctx};
use crate::dto::candidates::{CandidatePageView, CandidateQuery, CandidateView};
use crate::dto::tables::Tabular as _;
use crate::http::cursor::page_request;
use crate::http::extract::{Path, Query};
use crate::http::negotiate::Accepted;
use crate::http::reply::{Answer, list_within};
use crate::http::table::export;

/// List candidates for a position
///
/// Who could fill the position on a day, among the people the caller may see, best first, and why, term by term: what each
/// rule of eligibility says of them and from what, what they were found able to do in each competency the position
/// requires, and their job person match for filling a position, the same as in their gap profile against it.
///
/// The order: who may be appointed, then of whom a rule is unknown, then who may not. Within each a complete match before
/// an incomplete one (which has no percentage and is never counted as nothing; the fewest competencies without evidence
/// first), the higher exact match first, then the fewest gaps in what is rated `MUTLAK`, then the name. Whoever fails a
/// binding rule about themself comes last, by name: they are not compared. Those who hold the position already are
/// `incumbent`.
///
/// The rules come from a named, versioned policy of eligibility by the position's job class, each with its source and how
/// sure it is; one that does not bind is shown and decides nothing. What is not on record (rank, discipline, appraisal,
/// health) is named in `by_hand`. Standing, education and names are those of the present for any day. A machine needs
/// `gaps:read` and `employees:read`: it is told of both.
#[utoipa::path(operation_id = "candidate_list", tag = "Gaps",
    params(("position_id" = Uuid, Path, description = "The position to be filled."), CandidateQuery),
    responses((status = 200, description = "A page of candidates.", body = CandidatePageView)),
    extensions(("x-problems" = json!([409]))))]
#[get("/positions/{position_id}/candidates")]
pub(crate) async fn candidate_list(
    ctx: Ctx,
    request: HttpRequest,
    Path(id): Path<Uuid>,
    Query(query): Query<CandidateQuery>,
    accepted: Accepted,
) -> Answer {
    if let Some(format) = accepted.format.sheet() {
        let (asked, part) = (query.clone(), (query.cursor.as_deref(), query.limit));
        let rows = async move |ctx: &Ctx, page: &PageRequest| {
            let (candidates, _) = app::candidates::list(ctx, id.into(), asked.clone(), page).await?;
            Ok(candidates.map(|ranked| CandidateView::from(ranked).row()))
        };
        let headings = CandidateView::headings();
        return export(ctx, &request, format, part, Limit::LARGE_BATCH, headings, rows).await;
    }
    let page = page_request(&request, query.cursor.as_deref(), query.limit)?;
    let (candidates, measured) = app::candidates::list(&ctx, id.into(), query, &page).await?;
    Ok(list_within(&request, candidates.map(CandidateView::from), |items, next| {
        CandidatePageView::new(measured, items, next)
    }))
}
