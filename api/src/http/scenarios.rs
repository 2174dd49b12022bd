//! `/v1/agency-plans/{agency_plan_id}/scenarios`.

use actix_web::{HttpRequest, delete, get, post};
use store::PageRequest;
use uuid::Uuid;

use crate::app::{self, Ctx};
use crate::dto::scenario_asks::ScenarioCreate;
use crate::dto::scenarios::{
    BudgetCurveView, ScenarioAdoptionView, ScenarioComparisonQuery, ScenarioComparisonView,
    ScenarioEnrolmentView, ScenarioSummaryView, ScenarioUnitView, ScenarioUnreachedView,
    ScenarioUnservedQuery, ScenarioUnservedView, ScenarioView, ScenarioWorkView,
};
use crate::dto::{FileBody, PageQuery, PageView};
use crate::http::extract::{Json, Path, Query};
use crate::http::negotiate::{Accepted, Format};
use crate::http::pictures;
use crate::http::reply::{Answer, composed, computed, pdf, svg, written};
use crate::http::table::answer;

/// List an agency plan's scenarios
///
/// Scenarios in the order they were asked for, with what their plans come to.
#[utoipa::path(operation_id = "scenario_list", tag = "Agency plans",
    params(("agency_plan_id" = Uuid, Path, description = "The plan."), PageQuery),
    responses((status = 200, description = "A page of scenarios.", body = PageView<ScenarioSummaryView>)))]
#[get("/agency-plans/{agency_plan_id}/scenarios")]
pub(crate) async fn scenario_list(
    ctx: Ctx,
    request: HttpRequest,
    Path(id): Path<Uuid>,
    Query(query): Query<PageQuery>,
    accepted: Accepted,
) -> Answer {
    let fetch = async move |ctx: &Ctx, page: &PageRequest| app::scenarios::list(ctx, id.into(), page).await;
    let part = (query.cursor.as_deref(), query.limit);
    answer((ctx, &request, accepted), part, fetch, |_, row| ScenarioSummaryView::from(row)).await
}

/// Create a scenario
///
/// Looks for the enrolments that close the most weighted need under the budget and every other limit, as an operation; the plan is
/// a draft, or was returned. For the people of units with a validated analysis of the plan's year needs are those it found; for the
/// others their open gaps, valued by the agency's policy of priorities as an analysis would. A level nobody knows counts as one level
/// missing. Offers are the published programmes: each of their classes of the year one can still register for, with the seats that
/// are free, and the programme itself where it has no class in the year. What has no known price is left out, and counted.
///
/// What people are bound to is kept: what they have a certificate of, have a seat in or wait for, or have another item of the plan
/// for, they are not planned for again, nor for another class on one of its days; its learning hours and its seats count. Items that
/// publication has begun with stay, whoever chose them. The limit of enrolments of one person is one of those a scenario adds.
///
/// What the plan's lines hold for units alone is spent on their people, and a ceiling of a unit holds for all those under it.
/// Nobody is planned beyond their ceiling of learning hours, whether it stops or warns; what has no known hours counts none.
///
/// With `learning_hours` it looks instead for the cheapest enrolments that bring people to their learning hours of the plan's year:
/// first as many people as possible, then for as little money as possible. Money has no limit then; everything else holds, and
/// what has hours is offered whether it teaches a competency or not.
///
/// The operation tells how many of its searches are done. Called off, it keeps the best plan so far, and the scenario is STOPPED; a
/// server that dies is followed by another, which solves the same: what was found in the agency is kept when work begins.
#[utoipa::path(operation_id = "scenario_create", tag = "Agency plans", request_body = ScenarioCreate,
    params(("agency_plan_id" = Uuid, Path, description = "The plan.")),
    responses((status = 202, description = "It was begun; `Location` names the operation.", body = ScenarioWorkView)))]
#[post("/agency-plans/{agency_plan_id}/scenarios")]
pub(crate) async fn scenario_create(
    ctx: Ctx,
    Path(id): Path<Uuid>,
    Json(input): Json<ScenarioCreate>,
) -> Answer {
    Ok(written(app::scenarios::create(&ctx, id.into(), input).await?))
}

/// Read a scenario
///
/// What was asked, how far it has come, and once there is a plan: its value, a bound that no plan exceeds which reaches the equity
/// floors as far, its cost, what one more million rupiah would add, and why needs stay open. As `application/pdf` a summary on one
/// page of A4, with its charts, in the language of `Accept-Language`, once there is a plan.
#[utoipa::path(operation_id = "scenario_get", tag = "Agency plans",
    params(("agency_plan_id" = Uuid, Path, description = "The plan."),
        ("scenario_id" = Uuid, Path, description = "The scenario.")),
    responses((status = 200, description = "The scenario, or a page to print.", content(
        (ScenarioView = "application/json"), (FileBody = "application/pdf")))),
    extensions(("x-problems" = json!([409]))))]
#[get("/agency-plans/{agency_plan_id}/scenarios/{scenario_id}")]
pub(crate) async fn scenario_get(
    ctx: Ctx,
    request: HttpRequest,
    Path(id): Path<(Uuid, Uuid)>,
    accepted: Accepted,
) -> Answer {
    if accepted.format == Format::Pdf {
        let (row, figures, year) = app::scenarios::to_draw(&ctx, of(id)).await?;
        let agency = app::certificates::agency_name(&ctx).await?;
        let drawn = pictures::plan_summary(&row, figures, (agency, year), accepted.lang);
        let page = || pictures::plan_summary_page(&drawn, &ctx, accepted.lang);
        return pdf(&request, accepted.lang, format!("scenario-{}.pdf", id.1), &drawn, page);
    }
    let row = app::scenarios::get(&ctx, of(id)).await?;
    Ok(composed(&request, row.version, &ScenarioView::from(row.clone())))
}

/// Delete a scenario
///
/// Takes a scenario off the plan with all that was found; work on it that goes on is called off. Where items of a version of the
/// plan came from it, it stays.
#[utoipa::path(operation_id = "scenario_delete", tag = "Agency plans",
    params(("agency_plan_id" = Uuid, Path, description = "The plan."),
        ("scenario_id" = Uuid, Path, description = "The scenario.")),
    responses((status = 204, description = "It is gone.")))]
#[delete("/agency-plans/{agency_plan_id}/scenarios/{scenario_id}")]
pub(crate) async fn scenario_delete(ctx: Ctx, Path(id): Path<(Uuid, Uuid)>) -> Answer {
    Ok(written(app::scenarios::delete(&ctx, of(id)).await?))
}

/// List how units fare in a scenario
///
/// By code, each unit with the people who serve in it, without those under it.
#[utoipa::path(operation_id = "scenario_unit_list", tag = "Agency plans",
    params(("agency_plan_id" = Uuid, Path, description = "The plan."),
        ("scenario_id" = Uuid, Path, description = "The scenario."), PageQuery),
    responses((status = 200, description = "A page of units.", body = PageView<ScenarioUnitView>)))]
#[get("/agency-plans/{agency_plan_id}/scenarios/{scenario_id}/units")]
pub(crate) async fn scenario_unit_list(
    ctx: Ctx,
    request: HttpRequest,
    Path(id): Path<(Uuid, Uuid)>,
    Query(query): Query<PageQuery>,
    accepted: Accepted,
) -> Answer {
    let fetch = async move |ctx: &Ctx, page: &PageRequest| app::scenarios::units(ctx, of(id), page).await;
    let part = (query.cursor.as_deref(), query.limit);
    answer((ctx, &request, accepted), part, fetch, |_, unit| ScenarioUnitView::from(unit)).await
}

fn of((plan, scenario): (Uuid, Uuid)) -> (kernel::AgencyPlanId, kernel::ScenarioId) {
    (plan.into(), scenario.into())
}

/// List a scenario's enrolments
///
/// Who would be enrolled where, and what that earns: the funded part of the plan.
#[utoipa::path(operation_id = "scenario_enrolment_list", tag = "Agency plans",
    params(("agency_plan_id" = Uuid, Path, description = "The plan."),
        ("scenario_id" = Uuid, Path, description = "The scenario."), PageQuery),
    responses((status = 200, description = "A page of enrolments.", body = PageView<ScenarioEnrolmentView>)))]
#[get("/agency-plans/{agency_plan_id}/scenarios/{scenario_id}/enrolments")]
pub(crate) async fn scenario_enrolment_list(
    ctx: Ctx,
    request: HttpRequest,
    Path(id): Path<(Uuid, Uuid)>,
    Query(query): Query<PageQuery>,
    accepted: Accepted,
) -> Answer {
    let fetch =
        async move |ctx: &Ctx, page: &PageRequest| app::scenarios::enrolments(ctx, of(id), page).await;
    let part = (query.cursor.as_deref(), query.limit);
    answer((ctx, &request, accepted), part, fetch, |_, row| ScenarioEnrolmentView::from(row)).await
}

/// List what a scenario leaves open
///
/// Needs nothing of which is closed, each with the limit without which it would be. Whoever reads them may read needs, too.
#[utoipa::path(operation_id = "scenario_unserved_list", tag = "Agency plans",
    params(("agency_plan_id" = Uuid, Path, description = "The plan."),
        ("scenario_id" = Uuid, Path, description = "The scenario."), ScenarioUnservedQuery),
    responses((status = 200, description = "A page of needs.", body = PageView<ScenarioUnservedView>)))]
#[get("/agency-plans/{agency_plan_id}/scenarios/{scenario_id}/unserved")]
pub(crate) async fn scenario_unserved_list(
    ctx: Ctx,
    request: HttpRequest,
    Path(id): Path<(Uuid, Uuid)>,
    Query(query): Query<ScenarioUnservedQuery>,
    accepted: Accepted,
) -> Answer {
    let asked = query.clone();
    let fetch = async move |ctx: &Ctx, page: &PageRequest| {
        app::scenarios::unserved(ctx, of(id), asked.clone(), page).await
    };
    let part = (query.cursor.as_deref(), query.limit);
    answer((ctx, &request, accepted), part, fetch, |_, row| ScenarioUnservedView::from(row)).await
}

/// List who a scenario leaves short of learning hours
///
/// Where a scenario is to bring people to their learning hours: those who still lack some, each with the limit without which they
/// would not. Whoever reads them may read the ledger of learning hours, too.
#[utoipa::path(operation_id = "scenario_unreached_list", tag = "Agency plans",
    params(("agency_plan_id" = Uuid, Path, description = "The plan."),
        ("scenario_id" = Uuid, Path, description = "The scenario."), ScenarioUnservedQuery),
    responses((status = 200, description = "A page of people.", body = PageView<ScenarioUnreachedView>)))]
#[get("/agency-plans/{agency_plan_id}/scenarios/{scenario_id}/unreached")]
pub(crate) async fn scenario_unreached_list(
    ctx: Ctx,
    request: HttpRequest,
    Path(id): Path<(Uuid, Uuid)>,
    Query(query): Query<ScenarioUnservedQuery>,
    accepted: Accepted,
) -> Answer {
    let asked = query.clone();
    let fetch = async move |ctx: &Ctx, page: &PageRequest| {
        app::scenarios::unreached(ctx, of(id), asked.clone(), page).await
    };
    let part = (query.cursor.as_deref(), query.limit);
    answer((ctx, &request, accepted), part, fetch, |_, row| ScenarioUnreachedView::from(row)).await
}

/// Compare scenarios
///
/// Up to ten scenarios of a plan side by side, in the order they are named.
#[utoipa::path(operation_id = "scenario_comparison_get", tag = "Agency plans",
    params(("agency_plan_id" = Uuid, Path, description = "The plan."), ScenarioComparisonQuery),
    responses((status = 200, description = "The scenarios.", body = ScenarioComparisonView)))]
#[get("/agency-plans/{agency_plan_id}/scenario-comparison")]
pub(crate) async fn scenario_comparison_get(
    ctx: Ctx,
    request: HttpRequest,
    Path(id): Path<Uuid>,
    Query(query): Query<ScenarioComparisonQuery>,
) -> Answer {
    let rows = app::scenarios::comparison(&ctx, id.into(), &query.into_domain()?).await?;
    let items = rows.into_iter().map(ScenarioView::from).collect();
    Ok(computed(&request, &ScenarioComparisonView { items }))
}

/// Read a scenario's budget curve
///
/// What tenths of its budget would buy: the value of the best plan that was found for each, a bound, and the people served. It never
/// falls, unless more money reaches an equity floor further: floors come before value. As `image/svg+xml` the curve itself, once there
/// is a plan.
#[utoipa::path(operation_id = "scenario_budget_curve_get", tag = "Agency plans",
    params(("agency_plan_id" = Uuid, Path, description = "The plan."),
        ("scenario_id" = Uuid, Path, description = "The scenario.")),
    responses((status = 200, description = "The curve, as figures or as a picture.", content(
        (BudgetCurveView = "application/json"), (FileBody = "image/svg+xml")))),
    extensions(("x-problems" = json!([409]))))]
#[get("/agency-plans/{agency_plan_id}/scenarios/{scenario_id}/budget-curve")]
pub(crate) async fn scenario_budget_curve_get(
    ctx: Ctx,
    request: HttpRequest,
    Path(id): Path<(Uuid, Uuid)>,
    accepted: Accepted,
) -> Answer {
    if accepted.format == Format::Svg {
        let (row, figures, year) = app::scenarios::to_draw(&ctx, of(id)).await?;
        return Ok(svg(&request, accepted.lang, pictures::budget_curve(&row, &figures, year, accepted.lang)));
    }
    let curve = app::scenarios::curve(&ctx, of(id)).await?;
    Ok(computed(&request, &BudgetCurveView::new(curve)))
}

/// Adopt a scenario
///
/// Takes a scenario's enrolments over into the plan's draft: an item for each class or programme, paid from the plan's lines as far
/// as they reach, those for units alone first. Items of other scenarios go, unless publication has begun with them; all else stays.
/// Done again it changes nothing.
#[utoipa::path(operation_id = "scenario_adopt", tag = "Agency plans",
    params(("agency_plan_id" = Uuid, Path, description = "The plan."),
        ("scenario_id" = Uuid, Path, description = "The scenario.")),
    responses((status = 200, description = "What the plan has of it.", body = ScenarioAdoptionView)))]
#[post("/agency-plans/{agency_plan_id}/scenarios/{scenario_id}/adoption")]
pub(crate) async fn scenario_adopt(ctx: Ctx, Path(id): Path<(Uuid, Uuid)>) -> Answer {
    Ok(written(app::scenarios::adopt(&ctx, of(id)).await?))
}
