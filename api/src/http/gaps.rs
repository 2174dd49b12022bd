//! `/v1/employees/{id}/gap-profile` and `/v1/units/{id}/gaps`.

use actix_web::{HttpRequest, get};
use store::PageRequest;
use uuid::Uuid;

use crate::app::{self, Ctx};
use crate::dto::FileBody;
use crate::dto::PageView;
use crate::dto::gaps::{GapProfileQuery, GapProfileView, UnitGapQuery, UnitGapView};
use crate::http::extract::{Path, Query};
use crate::http::negotiate::{Accepted, Format};
use crate::http::pictures;
use crate::http::reply::{Answer, computed, pdf, svg};
use crate::http::table::{answer, whole};

/// Read a gap profile
///
/// What a position requires of a person, what they were found able to do, and what lies between, on any day, with the job
/// person match (JPM) and everything both rest on. A missing or expired result makes the match `INCOMPLETE`, with the list
/// and without a percentage.
///
/// As `image/svg+xml` it is a radar, as `application/pdf` one page of A4 with everything on it, in the language of
/// `Accept-Language`.
///
/// To get the same answer forever, ask with `known_at`: an instant not ahead of the server's `Date`. What is recorded later,
/// corrections of what was known then included, does not change that answer. Without it everything recorded so far is
/// used, `known_at` in the answer is null, and the `ETag` changes when the facts do. As a table it is its competencies.
#[utoipa::path(operation_id = "gap_profile_get", tag = "Gaps",
    params(("employee_id" = Uuid, Path, description = "The person."), GapProfileQuery),
    responses((status = 200, description = "The profile, its radar, or a page to print.", content(
        (GapProfileView = "application/json"), (FileBody = "image/svg+xml"), (FileBody = "application/pdf")))),
    extensions(("x-problems" = json!([409])), ("x-table" = json!(true))))]
#[get("/employees/{employee_id}/gap-profile")]
pub(crate) async fn gap_profile_get(
    ctx: Ctx,
    request: HttpRequest,
    Path(id): Path<Uuid>,
    Query(query): Query<GapProfileQuery>,
    accepted: Accepted,
) -> Answer {
    let (ctx, Accepted { format, lang }) = (accepted.context(ctx), accepted);
    if format == Format::Json || format.sheet().is_some() {
        let profile = GapProfileView::from(app::gaps::profile(&ctx, id.into(), query).await?);
        return match format.sheet() {
            Some(sheet) => whole(ctx, &request, sheet, &profile.competencies).await,
            None => Ok(computed(&request, &profile)),
        };
    }
    let (profiled, surroundings) = app::gaps::profile_to_draw(&ctx, id.into(), query).await?;
    let drawn = pictures::profile(profiled, surroundings);
    match format {
        Format::Pdf => {
            let page = || pictures::page(&drawn, &ctx, lang);
            pdf(&request, lang, format!("gap-profile-{}-{}.pdf", drawn.nip, drawn.as_of), &drawn, page)
        }
        _ => Ok(svg(&request, lang, ::pictures::radar(&drawn, lang.into()))),
    }
}

/// List gaps of a unit
///
/// How the people who serve in the unit or under it on the day, as far as the caller may see them, stand in each
/// competency their position requires, by name and competency code. The states are those of the gap profile.
#[utoipa::path(operation_id = "unit_gap_list", tag = "Gaps",
    params(("unit_id" = Uuid, Path, description = "The unit at the top."), UnitGapQuery),
    responses((status = 200, description = "A page of gaps.", body = PageView<UnitGapView>)))]
#[get("/units/{unit_id}/gaps")]
pub(crate) async fn unit_gap_list(
    ctx: Ctx,
    request: HttpRequest,
    Path(id): Path<Uuid>,
    Query(query): Query<UnitGapQuery>,
    accepted: Accepted,
) -> Answer {
    let asked = query.clone();
    let fetch = async move |ctx: &Ctx, page: &PageRequest| {
        let (gaps, day) = app::gaps::of_unit(ctx, id.into(), asked.clone(), page).await?;
        Ok(gaps.map(|row| UnitGapView::new(row, day)))
    };
    let part = (query.cursor.as_deref(), query.limit);
    answer((ctx, &request, accepted), part, fetch, |_, gap| gap).await
}
