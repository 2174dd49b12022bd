//! `/v1/agency-plans`.

use actix_web::{HttpRequest, delete, get, post, put};
use development::AgencyPlanAction;
use store::PageRequest;
use uuid::Uuid;

use crate::app::{self, Ctx};
use crate::dto::agency_plan_budget::{BudgetLineView, BudgetLinesPut, BudgetLinesView};
use crate::dto::agency_plan_completeness::CompletenessView;
use crate::dto::agency_plan_items::{AgencyPlanItemPut, AgencyPlanItemSummaryView, AgencyPlanItemView};
use crate::dto::agency_plan_reports::{
    AgencyPlanReportView, AgencyPlanSumsQuery, AgencyPlanSumsView, ItemOutturnView, PlaceQuery, PlaceView,
    PlanOutturnView, RealisationPut,
};
use crate::dto::agency_plans::{
    AgencyPlanCreate, AgencyPlanPut, AgencyPlanQuery, AgencyPlanSummaryView, AgencyPlanTransitionView,
    AgencyPlanView,
};
use crate::dto::enums::Wire;
use crate::dto::plan_templates::PlanWorkView;
use crate::dto::plans::PlanReason;
use crate::dto::{PageQuery, PageView};
use crate::http::extract::{Json, Path, Query};
use crate::http::negotiate::Accepted;
use crate::http::reply::{Answer, composed, computed, written};
use crate::http::table::answer;

/// List agency plans
///
/// Plans of the agency and of its units, every version of each, oldest first.
#[utoipa::path(operation_id = "agency_plan_list", tag = "Agency plans", params(AgencyPlanQuery),
    responses((status = 200, description = "A page of plans.", body = PageView<AgencyPlanSummaryView>)))]
#[get("/agency-plans")]
pub(crate) async fn agency_plan_list(
    ctx: Ctx,
    request: HttpRequest,
    Query(query): Query<AgencyPlanQuery>,
    accepted: Accepted,
) -> Answer {
    let asked = query.clone();
    let fetch =
        async move |ctx: &Ctx, page: &PageRequest| app::agency_plans::list(ctx, asked.clone(), page).await;
    let part = (query.cursor.as_deref(), query.limit);
    answer((ctx, &request, accepted), part, fetch, |_, row| AgencyPlanSummaryView::from(row)).await
}

/// Read an agency plan
///
/// One version of the plan of development of the agency or a unit for a year (rencana pengembangan kompetensi, HCDP; PP 11/2017
/// articles 205 to 207), what the caller is to it and may do with it.
#[utoipa::path(operation_id = "agency_plan_get", tag = "Agency plans",
    params(("agency_plan_id" = Uuid, Path, description = "The plan.")),
    responses((status = 200, description = "The plan.", body = AgencyPlanView)))]
#[get("/agency-plans/{agency_plan_id}")]
pub(crate) async fn agency_plan_get(ctx: Ctx, request: HttpRequest, Path(id): Path<Uuid>) -> Answer {
    let (row, parties, allowed) = app::agency_plans::get(&ctx, id.into()).await?;
    Ok(composed(&request, row.plan.version, &AgencyPlanView::new(row, parties, allowed)))
}

/// Create an agency plan
///
/// Draws up a plan of the present or the next year, for the agency or for a unit with those under it. There is one for each;
/// what comes later is a revision.
#[utoipa::path(operation_id = "agency_plan_create", tag = "Agency plans", request_body = AgencyPlanCreate,
    responses((status = 201, description = "The draft.", body = AgencyPlanView)))]
#[post("/agency-plans")]
pub(crate) async fn agency_plan_create(ctx: Ctx, Json(input): Json<AgencyPlanCreate>) -> Answer {
    Ok(written(app::agency_plans::create(&ctx, input).await?))
}

/// Replace an agency plan
///
/// Replaces what a draft or a returned plan says of itself: its name, its objective, what may be spent on the people of units.
#[utoipa::path(operation_id = "agency_plan_replace", tag = "Agency plans", request_body = AgencyPlanPut,
    params(("agency_plan_id" = Uuid, Path, description = "The plan.")),
    responses((status = 200, description = "The plan as it stands now.", body = AgencyPlanView)))]
#[put("/agency-plans/{agency_plan_id}")]
pub(crate) async fn agency_plan_replace(
    ctx: Ctx,
    Path(id): Path<Uuid>,
    Json(input): Json<AgencyPlanPut>,
) -> Answer {
    Ok(written(app::agency_plans::replace(&ctx, id.into(), input).await?))
}

/// Read an agency plan's budget
///
/// The lines of the budget, in order, with their codes in the work plan and budget (RKA).
#[utoipa::path(operation_id = "agency_plan_budget_get", tag = "Agency plans",
    params(("agency_plan_id" = Uuid, Path, description = "The plan.")),
    responses((status = 200, description = "The lines.", body = BudgetLinesView)))]
#[get("/agency-plans/{agency_plan_id}/budget-lines")]
pub(crate) async fn agency_plan_budget_get(ctx: Ctx, request: HttpRequest, Path(id): Path<Uuid>) -> Answer {
    let (version, rows) = app::agency_plans::lines(&ctx, id.into()).await?;
    let items = rows.into_iter().map(BudgetLineView::from).collect();
    Ok(composed(&request, version, &BudgetLinesView { items }))
}

/// Replace an agency plan's budget
///
/// Replaces the lines of a draft's budget. A line that an item takes from stays; name it by its id to change it.
#[utoipa::path(operation_id = "agency_plan_budget_replace", tag = "Agency plans", request_body = BudgetLinesPut,
    params(("agency_plan_id" = Uuid, Path, description = "The plan.")),
    responses((status = 200, description = "The lines as they stand now.", body = BudgetLinesView)))]
#[put("/agency-plans/{agency_plan_id}/budget-lines")]
pub(crate) async fn agency_plan_budget_replace(
    ctx: Ctx,
    Path(id): Path<Uuid>,
    Json(input): Json<BudgetLinesPut>,
) -> Answer {
    Ok(written(app::agency_plans::lines_replace(&ctx, id.into(), input).await?))
}

/// List an agency plan's items
///
/// Items in order, each with the seven contents the law asks for: what the plan does not say itself, the programme and the
/// class say. Read an item for the people it is for.
#[utoipa::path(operation_id = "agency_plan_item_list", tag = "Agency plans",
    params(("agency_plan_id" = Uuid, Path, description = "The plan."), PageQuery),
    responses((status = 200, description = "A page of items.", body = PageView<AgencyPlanItemSummaryView>)))]
#[get("/agency-plans/{agency_plan_id}/items")]
pub(crate) async fn agency_plan_item_list(
    ctx: Ctx,
    request: HttpRequest,
    Path(id): Path<Uuid>,
    Query(query): Query<PageQuery>,
    accepted: Accepted,
) -> Answer {
    let fetch =
        async move |ctx: &Ctx, page: &PageRequest| app::agency_plans::items(ctx, id.into(), page).await;
    let part = (query.cursor.as_deref(), query.limit);
    let view = |_: &Ctx, (row, settings)| AgencyPlanItemSummaryView::new(row, &settings);
    answer((ctx, &request, accepted), part, fetch, view).await
}

/// Create an item of an agency plan
///
/// Adds an item to a draft: a programme or a class of the catalogue, or something else with a title of its own. Form, provider,
/// schedule, curriculum and prices follow from the programme and the class; say only what differs.
#[utoipa::path(operation_id = "agency_plan_item_create", tag = "Agency plans", request_body = AgencyPlanItemPut,
    params(("agency_plan_id" = Uuid, Path, description = "The plan.")),
    responses((status = 201, description = "The item.", body = AgencyPlanItemView)))]
#[post("/agency-plans/{agency_plan_id}/items")]
pub(crate) async fn agency_plan_item_create(
    ctx: Ctx,
    Path(id): Path<Uuid>,
    Json(input): Json<AgencyPlanItemPut>,
) -> Answer {
    Ok(written(app::agency_plans::item_create(&ctx, id.into(), input).await?))
}

/// Read an item of an agency plan
///
/// One item with the people it is for, and for which step each has a place.
#[utoipa::path(operation_id = "agency_plan_item_get", tag = "Agency plans",
    params(("agency_plan_id" = Uuid, Path, description = "The plan."), ("item_id" = Uuid, Path, description = "The item.")),
    responses((status = 200, description = "The item.", body = AgencyPlanItemView)))]
#[get("/agency-plans/{agency_plan_id}/items/{item_id}")]
pub(crate) async fn agency_plan_item_get(
    ctx: Ctx,
    request: HttpRequest,
    Path((id, item)): Path<(Uuid, Uuid)>,
) -> Answer {
    let (version, view) = app::agency_plans::item(&ctx, id.into(), item.into()).await?;
    Ok(composed(&request, version, &view))
}

/// Replace an item of an agency plan
///
/// Replaces what an item of a draft says. `If-Match` names the version of the plan.
#[utoipa::path(operation_id = "agency_plan_item_replace", tag = "Agency plans", request_body = AgencyPlanItemPut,
    params(("agency_plan_id" = Uuid, Path, description = "The plan."), ("item_id" = Uuid, Path, description = "The item.")),
    responses((status = 200, description = "The item as it stands now.", body = AgencyPlanItemView)))]
#[put("/agency-plans/{agency_plan_id}/items/{item_id}")]
pub(crate) async fn agency_plan_item_replace(
    ctx: Ctx,
    Path((id, item)): Path<(Uuid, Uuid)>,
    Json(input): Json<AgencyPlanItemPut>,
) -> Answer {
    Ok(written(app::agency_plans::item_replace(&ctx, id.into(), item.into(), input).await?))
}

/// Delete an item of an agency plan
///
/// Takes an item out of a draft. `If-Match` names the version of the plan. What an item was told to have cost in a version before stays
/// in the report: such an item cannot be taken out.
#[utoipa::path(operation_id = "agency_plan_item_delete", tag = "Agency plans",
    params(("agency_plan_id" = Uuid, Path, description = "The plan."), ("item_id" = Uuid, Path, description = "The item.")),
    responses((status = 204, description = "It is gone.")))]
#[delete("/agency-plans/{agency_plan_id}/items/{item_id}")]
pub(crate) async fn agency_plan_item_delete(ctx: Ctx, Path((id, item)): Path<(Uuid, Uuid)>) -> Answer {
    Ok(written(app::agency_plans::item_delete(&ctx, id.into(), item.into()).await?))
}

/// Read what an agency plan lacks
///
/// Exactly what stands between a plan and its submission: of each item which of the seven contents is missing and why, lines of
/// the budget that are overdrawn, units for whose people more is spent than may be.
#[utoipa::path(operation_id = "agency_plan_completeness_get", tag = "Agency plans",
    params(("agency_plan_id" = Uuid, Path, description = "The plan.")),
    responses((status = 200, description = "What is missing.", body = CompletenessView)))]
#[get("/agency-plans/{agency_plan_id}/completeness")]
pub(crate) async fn agency_plan_completeness_get(
    ctx: Ctx,
    request: HttpRequest,
    Path(id): Path<Uuid>,
) -> Answer {
    let found = app::agency_plans::completeness(&ctx, id.into()).await?;
    Ok(computed(&request, &CompletenessView::from(found)))
}

/// Submit an agency plan
///
/// The planner (PyB) submits a plan that lacks nothing to the authority (pengajuan).
#[utoipa::path(operation_id = "agency_plan_submit", tag = "Agency plans",
    params(("agency_plan_id" = Uuid, Path, description = "The plan.")),
    responses((status = 200, description = "The plan as it stands now.", body = AgencyPlanView)))]
#[put("/agency-plans/{agency_plan_id}/submission")]
pub(crate) async fn agency_plan_submit(ctx: Ctx, Path(id): Path<Uuid>) -> Answer {
    Ok(written(app::agency_plans::transition(&ctx, id.into(), AgencyPlanAction::Submit, None).await?))
}

/// Withdraw an agency plan
///
/// The planner takes a plan back to the draft before the authority has decided.
#[utoipa::path(operation_id = "agency_plan_withdraw", tag = "Agency plans",
    params(("agency_plan_id" = Uuid, Path, description = "The plan.")),
    responses((status = 200, description = "The plan as it stands now.", body = AgencyPlanView)))]
#[put("/agency-plans/{agency_plan_id}/withdrawal")]
pub(crate) async fn agency_plan_withdraw(ctx: Ctx, Path(id): Path<Uuid>) -> Answer {
    Ok(written(app::agency_plans::transition(&ctx, id.into(), AgencyPlanAction::Withdraw, None).await?))
}

/// Return an agency plan
///
/// The authority sends a submitted plan back with the reasons.
#[utoipa::path(operation_id = "agency_plan_return", tag = "Agency plans", request_body = PlanReason,
    params(("agency_plan_id" = Uuid, Path, description = "The plan.")),
    responses((status = 200, description = "The plan as it stands now.", body = AgencyPlanView)))]
#[put("/agency-plans/{agency_plan_id}/return")]
pub(crate) async fn agency_plan_return(
    ctx: Ctx,
    Path(id): Path<Uuid>,
    Json(input): Json<PlanReason>,
) -> Answer {
    Ok(written(app::agency_plans::transition(&ctx, id.into(), AgencyPlanAction::Return, Some(input)).await?))
}

/// Enact an agency plan
///
/// The authority (PPK) sets a submitted plan (penetapan). It takes the place of the version it revises, which stays readable.
/// Whoever prepared a version, or one it comes from, does not set it, under no account of theirs. What programmes and classes said
/// when it was submitted stays what the plan says; what is missing by now stops it, as it does a submission.
#[utoipa::path(operation_id = "agency_plan_enact", tag = "Agency plans",
    params(("agency_plan_id" = Uuid, Path, description = "The plan.")),
    responses((status = 200, description = "The plan as it stands now.", body = AgencyPlanView)))]
#[put("/agency-plans/{agency_plan_id}/enactment")]
pub(crate) async fn agency_plan_enact(ctx: Ctx, Path(id): Path<Uuid>) -> Answer {
    Ok(written(app::agency_plans::transition(&ctx, id.into(), AgencyPlanAction::Enact, None).await?))
}

/// Cancel an agency plan
///
/// Gives a draft or a returned plan up, with the reason.
#[utoipa::path(operation_id = "agency_plan_cancel", tag = "Agency plans", request_body = PlanReason,
    params(("agency_plan_id" = Uuid, Path, description = "The plan.")),
    responses((status = 200, description = "The plan as it stands now.", body = AgencyPlanView)))]
#[put("/agency-plans/{agency_plan_id}/cancellation")]
pub(crate) async fn agency_plan_cancel(
    ctx: Ctx,
    Path(id): Path<Uuid>,
    Json(input): Json<PlanReason>,
) -> Answer {
    Ok(written(app::agency_plans::transition(&ctx, id.into(), AgencyPlanAction::Cancel, Some(input)).await?))
}

/// Revise an agency plan
///
/// Begins a new version of a plan in force, with its lines and items and the reason. It goes through the same approvals, and
/// takes that plan's place once it is set.
#[utoipa::path(operation_id = "agency_plan_revise", tag = "Agency plans", request_body = PlanReason,
    params(("agency_plan_id" = Uuid, Path, description = "The plan in force.")),
    responses((status = 201, description = "The new version, as a draft.", body = AgencyPlanView)))]
#[post("/agency-plans/{agency_plan_id}/revisions")]
pub(crate) async fn agency_plan_revise(
    ctx: Ctx,
    Path(id): Path<Uuid>,
    Json(input): Json<PlanReason>,
) -> Answer {
    Ok(written(app::agency_plans::revise(&ctx, id.into(), input).await?))
}

/// Publish an agency plan
///
/// Begins to turn a plan in force into nominations for its classes and into items of the plans of the people concerned, by the
/// rules everybody is enrolled by. What cannot be done is told of each place with the reason. The operation goes on by itself,
/// in parts that stand once written; publishing again makes nothing twice, and tries what could not be done before: where the item
/// names another class by now, or the enrolment was refused or called off with its class. Who gave a seat up that they were
/// nominated for is left alone. What a version before it made is taken over where this one has the place too, for the same class
/// and programme, and else left as it is. Asked while the plan is being published, the operation under way is the answer.
#[utoipa::path(operation_id = "agency_plan_publish", tag = "Agency plans",
    params(("agency_plan_id" = Uuid, Path, description = "The plan in force.")),
    responses((status = 202, description = "It was begun; `Location` names the operation.", body = PlanWorkView)))]
#[post("/agency-plans/{agency_plan_id}/publications")]
pub(crate) async fn agency_plan_publish(ctx: Ctx, Path(id): Path<Uuid>) -> Answer {
    Ok(written(app::agency_plan_work::publish(&ctx, id.into()).await?))
}

/// List an agency plan's places
///
/// Who has a place on which item, and what publication made of it: the nomination, the item of the person's plan, or why not.
/// Places of a version before it that something was made of, and that this one has no more, are listed as not planned.
#[utoipa::path(operation_id = "agency_plan_place_list", tag = "Agency plans",
    params(("agency_plan_id" = Uuid, Path, description = "The plan."), PlaceQuery),
    responses((status = 200, description = "A page of places.", body = PageView<PlaceView>)))]
#[get("/agency-plans/{agency_plan_id}/places")]
pub(crate) async fn agency_plan_place_list(
    ctx: Ctx,
    request: HttpRequest,
    Path(id): Path<Uuid>,
    Query(query): Query<PlaceQuery>,
    accepted: Accepted,
) -> Answer {
    let asked = query.clone();
    let fetch = async move |ctx: &Ctx, page: &PageRequest| {
        app::agency_plan_work::places(ctx, id.into(), asked.clone(), page).await
    };
    let part = (query.cursor.as_deref(), query.limit);
    answer((ctx, &request, accepted), part, fetch, |_, row| PlaceView::from(row)).await
}

/// Read what became of an agency plan
///
/// A plan against its realisation, item by item and in sum: places planned, nominated, attended and completed, learning hours,
/// rupiah planned, committed and spent, and how much of the gaps assessments after completion found closed.
#[utoipa::path(operation_id = "agency_plan_report_get", tag = "Agency plans",
    params(("agency_plan_id" = Uuid, Path, description = "The plan.")),
    responses((status = 200, description = "The report.", body = AgencyPlanReportView)))]
#[get("/agency-plans/{agency_plan_id}/report")]
pub(crate) async fn agency_plan_report_get(ctx: Ctx, request: HttpRequest, Path(id): Path<Uuid>) -> Answer {
    let (row, total, items) = app::agency_plan_reports::report(&ctx, id.into()).await?;
    let view = AgencyPlanReportView {
        plan_id: id,
        year: row.plan.year,
        state: Wire(row.plan.state),
        budget: row.budget.amount(),
        people: row.people,
        total: PlanOutturnView::new(total, true),
        items: items.into_iter().map(ItemOutturnView::from).collect(),
    };
    Ok(computed(&request, &view))
}

/// Tell what an item of an agency plan cost
///
/// Tells what was committed and spent on an item of a plan in force. It goes before what follows from seats and presence; what
/// was told before stays on record. `If-Match` names the version of the plan.
#[utoipa::path(operation_id = "agency_plan_realisation_put", tag = "Agency plans", request_body = RealisationPut,
    params(("agency_plan_id" = Uuid, Path, description = "The plan."), ("item_id" = Uuid, Path, description = "The item.")),
    responses((status = 200, description = "What became of the item.", body = ItemOutturnView)))]
#[put("/agency-plans/{agency_plan_id}/items/{item_id}/realisation")]
pub(crate) async fn agency_plan_realisation_put(
    ctx: Ctx,
    Path((id, item)): Path<(Uuid, Uuid)>,
    Json(input): Json<RealisationPut>,
) -> Answer {
    Ok(written(app::agency_plan_reports::realise(&ctx, id.into(), item.into(), input).await?))
}

/// Carry an agency plan over
///
/// Takes the places that were not realised into next year's plan: into the one that is drawn up, each place once, or into a new
/// draft. Class, days and lines are of this year, and have to be named anew. Who has a seat in a class that is not over stays.
#[utoipa::path(operation_id = "agency_plan_carry_over", tag = "Agency plans",
    params(("agency_plan_id" = Uuid, Path, description = "The plan in force.")),
    responses((status = 201, description = "Next year's draft.", body = AgencyPlanView),
        (status = 200, description = "Next year's draft, which was there.", body = AgencyPlanView)))]
#[post("/agency-plans/{agency_plan_id}/carry-over")]
pub(crate) async fn agency_plan_carry_over(ctx: Ctx, Path(id): Path<Uuid>) -> Answer {
    Ok(written(app::agency_plan_reports::carry_over(&ctx, id.into()).await?))
}

/// Read what agencies planned
///
/// Plans in force for a year against their realisation, by agency and in sum: of all agencies for who acts for the nation (BKN,
/// LAN), else of the caller's own. Sums, never a person: an agency in which fewer than five people have a place is left out, of
/// the sum too, which is exactly the sum of the agencies that are told.
#[utoipa::path(operation_id = "agency_plan_sums_get", tag = "Agency plans", params(AgencyPlanSumsQuery),
    responses((status = 200, description = "The sums.", body = AgencyPlanSumsView)))]
#[get("/agency-plan-sums")]
pub(crate) async fn agency_plan_sums_get(
    ctx: Ctx,
    request: HttpRequest,
    Query(query): Query<AgencyPlanSumsQuery>,
) -> Answer {
    Ok(computed(&request, &app::agency_plan_reports::sums(&ctx, query.year).await?))
}

/// List an agency plan's transitions
///
/// Every step of a plan's life, oldest first: who did it, as what, when and why.
#[utoipa::path(operation_id = "agency_plan_transition_list", tag = "Agency plans",
    params(("agency_plan_id" = Uuid, Path, description = "The plan."), PageQuery),
    responses((status = 200, description = "A page of steps.", body = PageView<AgencyPlanTransitionView>)))]
#[get("/agency-plans/{agency_plan_id}/transitions")]
pub(crate) async fn agency_plan_transition_list(
    ctx: Ctx,
    request: HttpRequest,
    Path(id): Path<Uuid>,
    Query(query): Query<PageQuery>,
    accepted: Accepted,
) -> Answer {
    let fetch =
        async move |ctx: &Ctx, page: &PageRequest| app::agency_plans::transitions(ctx, id.into(), page).await;
    let part = (query.cursor.as_deref(), query.limit);
    answer((ctx, &request, accepted), part, fetch, |_, row| AgencyPlanTransitionView::from(row)).await
}
