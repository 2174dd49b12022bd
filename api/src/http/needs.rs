//! `/v1/needs-analyses`, `/v1/needs-deadlines` and `/v1/needs-coverage`.

use actix_web::{HttpRequest, get, post, put};
use development::NeedsAction;
use store::PageRequest;
use uuid::Uuid;

use crate::app::{self, Ctx};
use crate::dto::needs::{NeedPriorityPut, NeedQuery, NeedView, NeedsPropose, NeedsView};
use crate::dto::needs_analyses::{
    NeedsAnalysisCreate, NeedsAnalysisQuery, NeedsAnalysisSummaryView, NeedsAnalysisView, NeedsDeadlinesPut,
    NeedsDeadlinesView, NeedsReason, NeedsTransitionView,
};
use crate::dto::needs_coverage::{NeedsCoverageQuery, NeedsCoverageView};
use crate::dto::{PageQuery, PageView};
use crate::http::extract::{Json, Path, Query};
use crate::http::negotiate::Accepted;
use crate::http::reply::{Answer, composed, computed, resource, written};
use crate::http::table::answer;

/// List needs analyses
///
/// Needs analyses (AKPK) of units the caller keeps, or in which they may see somebody, oldest first. Read one for whom it
/// covers and for what may be done with it.
#[utoipa::path(operation_id = "needs_analysis_list", tag = "Needs analyses", params(NeedsAnalysisQuery),
    responses((status = 200, description = "A page of analyses.", body = PageView<NeedsAnalysisSummaryView>)))]
#[get("/needs-analyses")]
pub(crate) async fn needs_analysis_list(
    ctx: Ctx,
    request: HttpRequest,
    Query(query): Query<NeedsAnalysisQuery>,
    accepted: Accepted,
) -> Answer {
    let asked = query.clone();
    let fetch = async move |ctx: &Ctx, page: &PageRequest| app::needs::list(ctx, asked.clone(), page).await;
    let part = (query.cursor.as_deref(), query.limit);
    let view = |ctx: &Ctx, row| NeedsAnalysisSummaryView::new(row, ctx.today());
    answer((ctx, &request, accepted), part, fetch, view).await
}

/// Read a needs analysis
///
/// What the people of a unit and of every unit under it need to learn in a year: where it stands, whom it covers, what is
/// overdue, and what the caller may do with it.
#[utoipa::path(operation_id = "needs_analysis_get", tag = "Needs analyses",
    params(("needs_analysis_id" = Uuid, Path, description = "The analysis.")),
    responses((status = 200, description = "The analysis.", body = NeedsAnalysisView)))]
#[get("/needs-analyses/{needs_analysis_id}")]
pub(crate) async fn needs_analysis_get(ctx: Ctx, request: HttpRequest, Path(id): Path<Uuid>) -> Answer {
    let analysed = app::needs::get(&ctx, id.into()).await?;
    let version = analysed.row.analysis.version;
    Ok(composed(&request, version, &NeedsAnalysisView::new(analysed, ctx.today())))
}

/// Begin a needs analysis
///
/// Begins the analysis of a unit for the present or the next year, and gathers it: every gap valid evidence shows against the
/// position held, and against the one aimed at by the person's plan of that year or of the year before. It covers every unit
/// under the unit, so of units one above the other one begins. Who was never assessed, or too long ago, lacks nothing by
/// itself; the coverage tells how many those are.
#[utoipa::path(operation_id = "needs_analysis_create", tag = "Needs analyses", request_body = NeedsAnalysisCreate,
    responses((status = 201, description = "The analysis.", body = NeedsAnalysisView)))]
#[post("/needs-analyses")]
pub(crate) async fn needs_analysis_create(ctx: Ctx, Json(input): Json<NeedsAnalysisCreate>) -> Answer {
    Ok(written(app::needs::create(&ctx, input).await?))
}

/// Gather a needs analysis anew
///
/// Brings an analysis up to date with assessments, positions, plans and the policy of today. What people brought stays until it
/// is met; a need that was dropped stays dropped; who has moved here brings theirs along, unless the analysis they stand in is
/// verified.
#[utoipa::path(operation_id = "needs_analysis_gather", tag = "Needs analyses",
    params(("needs_analysis_id" = Uuid, Path, description = "The analysis.")),
    responses((status = 200, description = "The analysis as it stands now.", body = NeedsAnalysisView)))]
#[put("/needs-analyses/{needs_analysis_id}/gathering")]
pub(crate) async fn needs_analysis_gather(ctx: Ctx, Path(id): Path<Uuid>) -> Answer {
    Ok(written(app::needs::transition(&ctx, id.into(), NeedsAction::Gather, None).await?))
}

/// Verify a needs analysis
///
/// Says, for the unit, that it is complete (verifikasi).
#[utoipa::path(operation_id = "needs_analysis_verify", tag = "Needs analyses",
    params(("needs_analysis_id" = Uuid, Path, description = "The analysis.")),
    responses((status = 200, description = "The analysis as it stands now.", body = NeedsAnalysisView)))]
#[put("/needs-analyses/{needs_analysis_id}/verification")]
pub(crate) async fn needs_analysis_verify(ctx: Ctx, Path(id): Path<Uuid>) -> Answer {
    Ok(written(app::needs::transition(&ctx, id.into(), NeedsAction::Verify, None).await?))
}

/// Withdraw a needs analysis
///
/// Takes the unit's word back before the agency has validated.
#[utoipa::path(operation_id = "needs_analysis_withdraw", tag = "Needs analyses",
    params(("needs_analysis_id" = Uuid, Path, description = "The analysis.")),
    responses((status = 200, description = "The analysis as it stands now.", body = NeedsAnalysisView)))]
#[put("/needs-analyses/{needs_analysis_id}/withdrawal")]
pub(crate) async fn needs_analysis_withdraw(ctx: Ctx, Path(id): Path<Uuid>) -> Answer {
    Ok(written(app::needs::transition(&ctx, id.into(), NeedsAction::Withdraw, None).await?))
}

/// Return a needs analysis
///
/// Sends a verified analysis back to the unit, with the reasons.
#[utoipa::path(operation_id = "needs_analysis_return", tag = "Needs analyses", request_body = NeedsReason,
    params(("needs_analysis_id" = Uuid, Path, description = "The analysis.")),
    responses((status = 200, description = "The analysis as it stands now.", body = NeedsAnalysisView)))]
#[put("/needs-analyses/{needs_analysis_id}/return")]
pub(crate) async fn needs_analysis_return(
    ctx: Ctx,
    Path(id): Path<Uuid>,
    Json(input): Json<NeedsReason>,
) -> Answer {
    Ok(written(app::needs::transition(&ctx, id.into(), NeedsAction::Return, Some(input)).await?))
}

/// Validate a needs analysis
///
/// Says, for the agency, that a verified analysis holds (validasi). Whoever verified it does not validate it. From then on the
/// agency's plan may be made from it.
#[utoipa::path(operation_id = "needs_analysis_validate", tag = "Needs analyses",
    params(("needs_analysis_id" = Uuid, Path, description = "The analysis.")),
    responses((status = 200, description = "The analysis as it stands now.", body = NeedsAnalysisView)))]
#[put("/needs-analyses/{needs_analysis_id}/validation")]
pub(crate) async fn needs_analysis_validate(ctx: Ctx, Path(id): Path<Uuid>) -> Answer {
    Ok(written(app::needs::transition(&ctx, id.into(), NeedsAction::Validate, None).await?))
}

/// Reopen a needs analysis
///
/// Takes the agency's word back, with the reason; the unit goes on with it and verifies anew.
#[utoipa::path(operation_id = "needs_analysis_reopen", tag = "Needs analyses", request_body = NeedsReason,
    params(("needs_analysis_id" = Uuid, Path, description = "The analysis.")),
    responses((status = 200, description = "The analysis as it stands now.", body = NeedsAnalysisView)))]
#[put("/needs-analyses/{needs_analysis_id}/reopening")]
pub(crate) async fn needs_analysis_reopen(
    ctx: Ctx,
    Path(id): Path<Uuid>,
    Json(input): Json<NeedsReason>,
) -> Answer {
    Ok(written(app::needs::transition(&ctx, id.into(), NeedsAction::Reopen, Some(input)).await?))
}

/// List a needs analysis's transitions
///
/// Every step of its life, oldest first: who did it, as what, when and why.
#[utoipa::path(operation_id = "needs_transition_list", tag = "Needs analyses",
    params(("needs_analysis_id" = Uuid, Path, description = "The analysis."), PageQuery),
    responses((status = 200, description = "A page of steps.", body = PageView<NeedsTransitionView>)))]
#[get("/needs-analyses/{needs_analysis_id}/transitions")]
pub(crate) async fn needs_transition_list(
    ctx: Ctx,
    request: HttpRequest,
    Path(id): Path<Uuid>,
    Query(query): Query<PageQuery>,
    accepted: Accepted,
) -> Answer {
    let fetch =
        async move |ctx: &Ctx, page: &PageRequest| app::needs::transitions(ctx, id.into(), page).await;
    let part = (query.cursor.as_deref(), query.limit);
    answer((ctx, &request, accepted), part, fetch, |_, row| NeedsTransitionView::from(row)).await
}

/// List needs
///
/// Needs of an analysis, of the people the caller may see, the most urgent first: the sides each comes from, the factors of its
/// priority, and why it was given another one or left out.
#[utoipa::path(operation_id = "need_list", tag = "Needs analyses",
    params(("needs_analysis_id" = Uuid, Path, description = "The analysis."), NeedQuery),
    responses((status = 200, description = "A page of needs.", body = PageView<NeedView>)))]
#[get("/needs-analyses/{needs_analysis_id}/needs")]
pub(crate) async fn need_list(
    ctx: Ctx,
    request: HttpRequest,
    Path(id): Path<Uuid>,
    Query(query): Query<NeedQuery>,
    accepted: Accepted,
) -> Answer {
    let asked = query.clone();
    let fetch = async move |ctx: &Ctx, page: &PageRequest| {
        app::needs::needs(ctx, id.into(), asked.clone(), page).await
    };
    let part = (query.cursor.as_deref(), query.limit);
    answer((ctx, &request, accepted), part, fetch, |_, shown| NeedView::from(shown)).await
}

/// Read a need
///
/// What somebody needs to learn, from which sides, and what makes it urgent.
#[utoipa::path(operation_id = "need_get", tag = "Needs analyses",
    params(("needs_analysis_id" = Uuid, Path, description = "The analysis."),
        ("need_id" = Uuid, Path, description = "The need.")),
    responses((status = 200, description = "The need.", body = NeedView)))]
#[get("/needs-analyses/{needs_analysis_id}/needs/{need_id}")]
pub(crate) async fn need_get(ctx: Ctx, request: HttpRequest, Path((id, need)): Path<(Uuid, Uuid)>) -> Answer {
    let shown = app::needs::need(&ctx, id.into(), need.into()).await?;
    Ok(composed(&request, shown.row.version, &NeedView::from(shown)))
}

/// Propose needs
///
/// Brings what assessments do not tell, with the reason: results behind what was agreed, what citizens said of a service, a
/// priority of the agency, an own proposal; for up to a thousand people at once, all or none. Everybody proposes for themselves,
/// superiors for the people below, the unit and the agency for anybody in it. Of themself nobody brings more than an own proposal,
/// and a priority of the agency the agency alone. What is proposed joins what others say of the same person and competency;
/// whoever speaks again for the same side takes their own word back, and nobody else's. After the year's last day to collect
/// only the unit and the agency propose.
#[utoipa::path(operation_id = "need_propose", tag = "Needs analyses", request_body = NeedsPropose,
    params(("needs_analysis_id" = Uuid, Path, description = "The analysis.")),
    responses((status = 201, description = "The needs as they stand now.", body = NeedsView)))]
#[post("/needs-analyses/{needs_analysis_id}/needs")]
pub(crate) async fn need_propose(ctx: Ctx, Path(id): Path<Uuid>, Json(input): Json<NeedsPropose>) -> Answer {
    Ok(written(app::needs::propose(&ctx, id.into(), input).await?))
}

/// Give a need another priority
///
/// Puts a priority in the place of the computed one, with the reason, or takes it back; the computed one stays on record beside
/// it, and is kept up to date.
#[utoipa::path(operation_id = "need_prioritise", tag = "Needs analyses", request_body = NeedPriorityPut,
    params(("needs_analysis_id" = Uuid, Path, description = "The analysis."),
        ("need_id" = Uuid, Path, description = "The need.")),
    responses((status = 200, description = "The need as it stands now.", body = NeedView)))]
#[put("/needs-analyses/{needs_analysis_id}/needs/{need_id}/priority")]
pub(crate) async fn need_prioritise(
    ctx: Ctx,
    Path((id, need)): Path<(Uuid, Uuid)>,
    Json(input): Json<NeedPriorityPut>,
) -> Answer {
    Ok(written(app::needs::prioritise(&ctx, (id.into(), need.into()), input).await?))
}

/// Drop a need
///
/// Leaves a need out, with the reason. It stays on record, and gathering anew does not bring it back.
#[utoipa::path(operation_id = "need_drop", tag = "Needs analyses", request_body = NeedsReason,
    params(("needs_analysis_id" = Uuid, Path, description = "The analysis."),
        ("need_id" = Uuid, Path, description = "The need.")),
    responses((status = 200, description = "The need as it stands now.", body = NeedView)))]
#[put("/needs-analyses/{needs_analysis_id}/needs/{need_id}/removal")]
pub(crate) async fn need_drop(
    ctx: Ctx,
    Path((id, need)): Path<(Uuid, Uuid)>,
    Json(input): Json<NeedsReason>,
) -> Answer {
    Ok(written(app::needs::drop_need(&ctx, (id.into(), need.into()), input).await?))
}

/// Restore a need
///
/// Takes a need up again that was left out.
#[utoipa::path(operation_id = "need_restore", tag = "Needs analyses",
    params(("needs_analysis_id" = Uuid, Path, description = "The analysis."),
        ("need_id" = Uuid, Path, description = "The need.")),
    responses((status = 200, description = "The need as it stands now.", body = NeedView)))]
#[put("/needs-analyses/{needs_analysis_id}/needs/{need_id}/restoration")]
pub(crate) async fn need_restore(ctx: Ctx, Path((id, need)): Path<(Uuid, Uuid)>) -> Answer {
    Ok(written(app::needs::restore_need(&ctx, (id.into(), need.into())).await?))
}

/// Read deadlines of needs analyses
///
/// The last days of the stages of a year.
#[utoipa::path(operation_id = "needs_deadlines_get", tag = "Needs analyses",
    params(("year" = i32, Path, description = "The year.", example = 2027, minimum = 1900, maximum = 2199)),
    responses((status = 200, description = "The deadlines.", body = NeedsDeadlinesView)))]
#[get("/needs-deadlines/{year}")]
pub(crate) async fn needs_deadlines_get(ctx: Ctx, request: HttpRequest, Path(year): Path<i32>) -> Answer {
    let (days, version) = app::needs::deadlines(&ctx, year).await?;
    Ok(resource(&request, version, &NeedsDeadlinesView::new(year, days)))
}

/// Set deadlines of needs analyses
///
/// Sets by when the units of the agency begin and verify, and the agency validates, in a year. New ones are set without
/// `If-Match`; those that are there are replaced only with it (428 without).
#[utoipa::path(operation_id = "needs_deadlines_put", tag = "Needs analyses", request_body = NeedsDeadlinesPut,
    params(("year" = i32, Path, description = "The year.", example = 2027, minimum = 1900, maximum = 2199)),
    responses((status = 200, description = "The deadlines as they stand now.", body = NeedsDeadlinesView),
        (status = 201, description = "The new deadlines.", body = NeedsDeadlinesView)))]
#[put("/needs-deadlines/{year}")]
pub(crate) async fn needs_deadlines_put(
    ctx: Ctx,
    Path(year): Path<i32>,
    Json(input): Json<NeedsDeadlinesPut>,
) -> Answer {
    Ok(written(app::needs::set_deadlines(&ctx, year, input).await?))
}

/// Read the coverage of needs analyses
///
/// How far the analyses of a year have come, unit by unit, whom they cover, what is overdue, and which units have not begun. Who
/// sees groups only is told figures to the nearest five, and none of fewer than five people.
#[utoipa::path(operation_id = "needs_coverage_get", tag = "Needs analyses", params(NeedsCoverageQuery),
    responses((status = 200, description = "The coverage.", body = NeedsCoverageView)))]
#[get("/needs-coverage")]
pub(crate) async fn needs_coverage_get(
    ctx: Ctx,
    request: HttpRequest,
    Query(query): Query<NeedsCoverageQuery>,
) -> Answer {
    let found = app::needs::coverage(&ctx, query).await?;
    Ok(computed(&request, &NeedsCoverageView::from(found)))
}
