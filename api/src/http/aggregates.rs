//! `/v1/units/{id}/gap-heatmap`, `/v1/gap-summary`, `/v1/gap-trend` and `/v1/expiry-forecast`.

use actix_web::{HttpRequest, get};
use competency::Purpose;
use uuid::Uuid;

use crate::app::{self, Ctx};
use crate::dto::FileBody;
use crate::dto::aggregates::{
    ExpiryForecastQuery, ExpiryForecastView, GapHeatMapQuery, GapHeatMapView, GapSummaryQuery, GapTrendQuery,
    GapTrendView, GroupSummaryView,
};
use crate::dto::enums::Wire;
use crate::http::extract::{Path, Query};
use crate::http::negotiate::{Accepted, Format};
use crate::http::pictures;
use crate::http::reply::{Answer, computed, svg};
use crate::http::table::whole;

/// Read a heat map of gaps
///
/// How the people of a unit stand in each competency their positions require, by the units directly under it (peta
/// kesenjangan kompetensi). Figures are kept in the transaction of every change, so they hold for the moment of the answer.
///
/// Needs a role that reaches the whole unit; on another day than today, those who served there and are out of the caller's
/// sight today are left out.
///
/// Who sees groups only gets no group of fewer than five people, and none that would give one away by subtraction: beneath each
/// group that is shown, what is hidden is nobody or at least five people again. Every count is told to the nearest five, each by
/// itself, so that parts need not add up, and means and shares are those of what is told; they ask about the last days of
/// months that are over. So a change of one person rarely shows, and when it does, not whose.
///
/// As `image/svg+xml` each cell shows the share of those below among those assessed.
#[utoipa::path(operation_id = "gap_heatmap_get", tag = "Gaps",
    params(("unit_id" = Uuid, Path, description = "The unit at the top."), GapHeatMapQuery),
    responses((status = 200, description = "The heat map.", content(
        (GapHeatMapView = "application/json"), (FileBody = "image/svg+xml")))),
    extensions(("x-table" = json!(true))))]
#[get("/units/{unit_id}/gap-heatmap")]
pub(crate) async fn gap_heatmap_get(
    ctx: Ctx,
    request: HttpRequest,
    Path(id): Path<Uuid>,
    Query(query): Query<GapHeatMapQuery>,
    Accepted { format, lang }: Accepted,
) -> Answer {
    let purpose = query.purpose.map_or(Purpose::Filling, |Wire(purpose)| purpose);
    let map = app::aggregates::heat_map(&ctx, id.into(), query).await?;
    let view = GapHeatMapView::new(map, purpose);
    match (format, format.sheet()) {
        (Format::Svg, _) => Ok(svg(&request, lang, pictures::heat_map(&view, lang))),
        (_, Some(sheet)) => whole(ctx, &request, sheet, &view.table()).await,
        _ => Ok(computed(&request, &view)),
    }
}

/// Read a summary of gaps
///
/// How the people of a unit or of the agency stand in what their positions require, and how well they match: in all, by
/// family and competency, by the units directly under it and by job class, each with the population it is about. Those with
/// incomplete evidence have no category and are counted as such.
///
/// Without a unit it needs a role that reaches the whole agency. Small groups are left out as in the heat map; job classes
/// are then given for the whole agency only.
///
/// As `image/svg+xml` it is the distribution: categories by job class, and levels short or above.
#[utoipa::path(operation_id = "gap_summary_get", tag = "Gaps", params(GapSummaryQuery),
    responses((status = 200, description = "The summary.", content(
        (GroupSummaryView = "application/json"), (FileBody = "image/svg+xml")))),
    extensions(("x-table" = json!(true))))]
#[get("/gap-summary")]
pub(crate) async fn gap_summary_get(
    ctx: Ctx,
    request: HttpRequest,
    Query(query): Query<GapSummaryQuery>,
    Accepted { format, lang }: Accepted,
) -> Answer {
    let summary = app::aggregates::summary(&ctx, query).await?;
    let view = GroupSummaryView::from(summary);
    match (format, format.sheet()) {
        (Format::Svg, _) => Ok(svg(&request, lang, pictures::distribution(&view, lang))),
        (_, Some(sheet)) => whole(ctx, &request, sheet, &view.table()).await,
        _ => Ok(computed(&request, &view)),
    }
}

/// Read a trend of gaps
///
/// How the people of a unit or of the agency stood at the end of each month and on the day asked about: who served there then,
/// what their positions required then, what evidence was valid then, by all that is known now. A correction of the past
/// changes the points it is about.
///
/// The first question about a month may take a while; its figures are kept from then on.
///
/// As `image/svg+xml` it is three lines: valid results, below requirement, best category.
#[utoipa::path(operation_id = "gap_trend_get", tag = "Gaps", params(GapTrendQuery),
    responses((status = 200, description = "The trend.", content(
        (GapTrendView = "application/json"), (FileBody = "image/svg+xml")))),
    extensions(("x-table" = json!(true))))]
#[get("/gap-trend")]
pub(crate) async fn gap_trend_get(
    ctx: Ctx,
    request: HttpRequest,
    Query(query): Query<GapTrendQuery>,
    Accepted { format, lang }: Accepted,
) -> Answer {
    let trend = app::aggregates::trend(&ctx, query).await?;
    let view = GapTrendView::from(trend);
    match (format, format.sheet()) {
        (Format::Svg, _) => Ok(svg(&request, lang, pictures::trend(&view, lang))),
        (_, Some(sheet)) => whole(ctx, &request, sheet, &view.table()).await,
        _ => Ok(computed(&request, &view)),
    }
}

/// Read a forecast of expiring evidence
///
/// The assessment results in use that lapse in the months to come, and the gaps that reopen with them, in all and by
/// competency: whom to assess again, and when. Nobody who sees groups only may ask, as what lapses in a month concerns few
/// people nearly always.
#[utoipa::path(operation_id = "expiry_forecast_get", tag = "Gaps", params(ExpiryForecastQuery),
    responses((status = 200, description = "The forecast.", body = ExpiryForecastView)),
    extensions(("x-table" = json!(true))))]
#[get("/expiry-forecast")]
pub(crate) async fn expiry_forecast_get(
    ctx: Ctx,
    request: HttpRequest,
    Query(query): Query<ExpiryForecastQuery>,
    accepted: Accepted,
) -> Answer {
    let forecast = ExpiryForecastView::from(app::aggregates::expiry_forecast(&ctx, query).await?);
    match accepted.format.sheet() {
        Some(format) => whole(ctx, &request, format, &forecast.table()).await,
        None => Ok(computed(&request, &forecast)),
    }
}
