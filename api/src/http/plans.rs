//! `/v1/development-plans`.

use actix_web::{HttpRequest, get, post, put};
use development::PlanAction;
use kernel::Version;
use store::PageRequest;
use uuid::Uuid;

use crate::app::{self, Ctx};
use crate::dto::plan_items::PlanProgressPut;
use crate::dto::plan_snapshots::{PlanSnapshotView, PlanSnapshotsView};
use crate::dto::plans::{
    PlanCommentCreate, PlanCommentView, PlanCreate, PlanPut, PlanQuery, PlanReason, PlanSummaryView,
    PlanTransitionView, PlanView,
};
use crate::dto::{PageQuery, PageView};
use crate::http::extract::{Json, Path, Query};
use crate::http::negotiate::Accepted;
use crate::http::reply::{Answer, composed, resource, written};
use crate::http::table::answer;

/// List development plans
///
/// Plans of the people the caller may see, oldest first, with how far each has come. Read a plan for its items and for what
/// may be done with it.
#[utoipa::path(operation_id = "plan_list", tag = "Development plans", params(PlanQuery),
    responses((status = 200, description = "A page of plans.", body = PageView<PlanSummaryView>)))]
#[get("/development-plans")]
pub(crate) async fn plan_list(
    ctx: Ctx,
    request: HttpRequest,
    Query(query): Query<PlanQuery>,
    accepted: Accepted,
) -> Answer {
    let asked = query.clone();
    let fetch = async move |ctx: &Ctx, page: &PageRequest| app::plans::list(ctx, asked.clone(), page).await;
    let part = (query.cursor.as_deref(), query.limit);
    answer((ctx, &request, accepted), part, fetch, |_, row| PlanSummaryView::from(row)).await
}

/// Read a development plan
///
/// One version of somebody's plan for a year (rencana pengembangan individu), what the caller is to it and may do with it.
#[utoipa::path(operation_id = "plan_get", tag = "Development plans",
    params(("plan_id" = Uuid, Path, description = "The plan.")),
    responses((status = 200, description = "The plan.", body = PlanView)))]
#[get("/development-plans/{plan_id}")]
pub(crate) async fn plan_get(ctx: Ctx, request: HttpRequest, Path(id): Path<Uuid>) -> Answer {
    let (row, parties, allowed) = app::plans::get(&ctx, id.into()).await?;
    Ok(composed(&request, row.plan.version, &PlanView::new(row, parties, allowed)))
}

/// Create a development plan
///
/// Draws up a plan of the present or the next year, for oneself, for somebody one leads, or for the people one keeps plans
/// for. With `generate` every open gap gets a programme of the catalogue or a reason why not; the gaps it was made from are
/// kept with it. A person has one plan a year; what comes later is a revision.
#[utoipa::path(operation_id = "plan_create", tag = "Development plans", request_body = PlanCreate,
    responses((status = 201, description = "The draft.", body = PlanView)))]
#[post("/development-plans")]
pub(crate) async fn plan_create(ctx: Ctx, Json(input): Json<PlanCreate>) -> Answer {
    Ok(written(app::plans::create(&ctx, input).await?))
}

/// Replace a development plan
///
/// Replaces what a draft or a returned plan says: its goal, its items, its documents. The gaps to a position it comes to aim at
/// are kept with it.
#[utoipa::path(operation_id = "plan_replace", tag = "Development plans", request_body = PlanPut,
    params(("plan_id" = Uuid, Path, description = "The plan.")),
    responses((status = 200, description = "The plan as it stands now.", body = PlanView)))]
#[put("/development-plans/{plan_id}")]
pub(crate) async fn plan_replace(ctx: Ctx, Path(id): Path<Uuid>, Json(input): Json<PlanPut>) -> Answer {
    Ok(written(app::plans::replace(&ctx, id.into(), input).await?))
}

/// Submit a development plan
///
/// Submits a draft to the superior (pengajuan). It needs at least one item, and of what costs money where that comes from. Of
/// somebody who serves nowhere nobody could review it.
#[utoipa::path(operation_id = "plan_submit", tag = "Development plans",
    params(("plan_id" = Uuid, Path, description = "The plan.")),
    responses((status = 200, description = "The plan as it stands now.", body = PlanView)))]
#[put("/development-plans/{plan_id}/submission")]
pub(crate) async fn plan_submit(ctx: Ctx, Path(id): Path<Uuid>) -> Answer {
    Ok(written(app::plans::transition(&ctx, id.into(), PlanAction::Submit, None).await?))
}

/// Withdraw a development plan
///
/// Takes a plan back to the draft before everybody has agreed; whoever agreed has to agree again.
#[utoipa::path(operation_id = "plan_withdraw", tag = "Development plans",
    params(("plan_id" = Uuid, Path, description = "The plan.")),
    responses((status = 200, description = "The plan as it stands now.", body = PlanView)))]
#[put("/development-plans/{plan_id}/withdrawal")]
pub(crate) async fn plan_withdraw(ctx: Ctx, Path(id): Path<Uuid>) -> Answer {
    Ok(written(app::plans::transition(&ctx, id.into(), PlanAction::Withdraw, None).await?))
}

/// Review a development plan
///
/// The direct superior takes a submitted plan up. A post above that is empty is passed over; where nobody is above, the
/// authority stands in.
#[utoipa::path(operation_id = "plan_review", tag = "Development plans",
    params(("plan_id" = Uuid, Path, description = "The plan.")),
    responses((status = 200, description = "The plan as it stands now.", body = PlanView)))]
#[put("/development-plans/{plan_id}/review")]
pub(crate) async fn plan_review(ctx: Ctx, Path(id): Path<Uuid>) -> Answer {
    Ok(written(app::plans::transition(&ctx, id.into(), PlanAction::Review, None).await?))
}

/// Return a development plan
///
/// Sends a plan back with the reasons: the superior one under review, the planner an endorsed one, the authority a confirmed
/// one.
#[utoipa::path(operation_id = "plan_return", tag = "Development plans", request_body = PlanReason,
    params(("plan_id" = Uuid, Path, description = "The plan.")),
    responses((status = 200, description = "The plan as it stands now.", body = PlanView)))]
#[put("/development-plans/{plan_id}/return")]
pub(crate) async fn plan_return(ctx: Ctx, Path(id): Path<Uuid>, Json(input): Json<PlanReason>) -> Answer {
    Ok(written(app::plans::transition(&ctx, id.into(), PlanAction::Return, Some(input)).await?))
}

/// Endorse a development plan
///
/// The direct superior agrees to a plan under review. Nobody endorses their own.
#[utoipa::path(operation_id = "plan_endorse", tag = "Development plans",
    params(("plan_id" = Uuid, Path, description = "The plan.")),
    responses((status = 200, description = "The plan as it stands now.", body = PlanView)))]
#[put("/development-plans/{plan_id}/endorsement")]
pub(crate) async fn plan_endorse(ctx: Ctx, Path(id): Path<Uuid>) -> Answer {
    Ok(written(app::plans::transition(&ctx, id.into(), PlanAction::Endorse, None).await?))
}

/// Approve a development plan
///
/// The planner (PyB) agrees to an endorsed plan. It is approved by that, or confirmed until the authority agrees, as the
/// policy `DEVELOPMENT_PLAN` says. Nobody agrees at two steps.
#[utoipa::path(operation_id = "plan_approve", tag = "Development plans",
    params(("plan_id" = Uuid, Path, description = "The plan.")),
    responses((status = 200, description = "The plan as it stands now.", body = PlanView)))]
#[put("/development-plans/{plan_id}/approval")]
pub(crate) async fn plan_approve(ctx: Ctx, Path(id): Path<Uuid>) -> Answer {
    Ok(written(app::plans::transition(&ctx, id.into(), PlanAction::Approve, None).await?))
}

/// Enact a development plan
///
/// The authority (PPK) agrees to a confirmed plan (penetapan): also one that endorsed it because nobody is above the person.
#[utoipa::path(operation_id = "plan_enact", tag = "Development plans",
    params(("plan_id" = Uuid, Path, description = "The plan.")),
    responses((status = 200, description = "The plan as it stands now.", body = PlanView)))]
#[put("/development-plans/{plan_id}/enactment")]
pub(crate) async fn plan_enact(ctx: Ctx, Path(id): Path<Uuid>) -> Answer {
    Ok(written(app::plans::transition(&ctx, id.into(), PlanAction::Enact, None).await?))
}

/// Activate a development plan
///
/// Begins with an approved plan. Every item that is not settled needs a day that lies ahead, in the plan's year; no ceiling of
/// hours that stops may be passed by what is to come in its days. The version it revises goes out of use, and the progress told
/// of it meanwhile goes along.
#[utoipa::path(operation_id = "plan_activate", tag = "Development plans",
    params(("plan_id" = Uuid, Path, description = "The plan.")),
    responses((status = 200, description = "The plan as it stands now.", body = PlanView)))]
#[put("/development-plans/{plan_id}/activation")]
pub(crate) async fn plan_activate(ctx: Ctx, Path(id): Path<Uuid>) -> Answer {
    Ok(written(app::plans::transition(&ctx, id.into(), PlanAction::Activate, None).await?))
}

/// Complete a development plan
///
/// Ends an active plan. From then on it is frozen, with the gaps it was made from and those of this day.
#[utoipa::path(operation_id = "plan_complete", tag = "Development plans",
    params(("plan_id" = Uuid, Path, description = "The plan.")),
    responses((status = 200, description = "The plan as it stands now.", body = PlanView)))]
#[put("/development-plans/{plan_id}/completion")]
pub(crate) async fn plan_complete(ctx: Ctx, Path(id): Path<Uuid>) -> Answer {
    Ok(written(app::plans::transition(&ctx, id.into(), PlanAction::Complete, None).await?))
}

/// Cancel a development plan
///
/// Gives a plan up, with the reason. Once approved, only the agency does.
#[utoipa::path(operation_id = "plan_cancel", tag = "Development plans", request_body = PlanReason,
    params(("plan_id" = Uuid, Path, description = "The plan.")),
    responses((status = 200, description = "The plan as it stands now.", body = PlanView)))]
#[put("/development-plans/{plan_id}/cancellation")]
pub(crate) async fn plan_cancel(ctx: Ctx, Path(id): Path<Uuid>, Json(input): Json<PlanReason>) -> Answer {
    Ok(written(app::plans::transition(&ctx, id.into(), PlanAction::Cancel, Some(input)).await?))
}

/// Reopen a development plan
///
/// Takes a cancelled plan up again as a draft, unless there is another one of the year; beside one that is carried out only a
/// version of it is taken up.
#[utoipa::path(operation_id = "plan_reopen", tag = "Development plans", request_body = PlanReason,
    params(("plan_id" = Uuid, Path, description = "The plan.")),
    responses((status = 200, description = "The plan as it stands now.", body = PlanView)))]
#[put("/development-plans/{plan_id}/reopening")]
pub(crate) async fn plan_reopen(ctx: Ctx, Path(id): Path<Uuid>, Json(input): Json<PlanReason>) -> Answer {
    Ok(written(app::plans::transition(&ctx, id.into(), PlanAction::Reopen, Some(input)).await?))
}

/// Revise a development plan
///
/// Begins a new version of an active plan, with the reason. It goes through the same approvals, and takes the active one's
/// place when it is begun with; until then that goes on.
#[utoipa::path(operation_id = "plan_revise", tag = "Development plans", request_body = PlanReason,
    params(("plan_id" = Uuid, Path, description = "The active plan.")),
    responses((status = 201, description = "The new version, as a draft.", body = PlanView)))]
#[post("/development-plans/{plan_id}/revisions")]
pub(crate) async fn plan_revise(ctx: Ctx, Path(id): Path<Uuid>, Json(input): Json<PlanReason>) -> Answer {
    Ok(written(app::plans::revise(&ctx, id.into(), input).await?))
}

/// Carry a development plan over
///
/// Takes what is unfinished into next year's plan: into the one that is drawn up, each item once, or into a new draft. Days
/// stay as they were, and have to be set anew before that plan begins.
#[utoipa::path(operation_id = "plan_carry_over", tag = "Development plans",
    params(("plan_id" = Uuid, Path, description = "The active or completed plan.")),
    responses((status = 201, description = "Next year's draft.", body = PlanView),
        (status = 200, description = "Next year's draft, which was there.", body = PlanView)))]
#[post("/development-plans/{plan_id}/carry-over")]
pub(crate) async fn plan_carry_over(ctx: Ctx, Path(id): Path<Uuid>) -> Answer {
    Ok(written(app::plans::carry_over(&ctx, id.into()).await?))
}

/// Tell the progress of an item
///
/// Tells how far an item of an active plan has come: hours, cost committed and spent, and where the evidence is. What was
/// told before stays on record.
#[utoipa::path(operation_id = "plan_progress_put", tag = "Development plans", request_body = PlanProgressPut,
    params(("plan_id" = Uuid, Path, description = "The plan."), ("item_id" = Uuid, Path, description = "The item.")),
    responses((status = 200, description = "The plan as it stands now.", body = PlanView)))]
#[put("/development-plans/{plan_id}/items/{item_id}/progress")]
pub(crate) async fn plan_progress_put(
    ctx: Ctx,
    Path((id, item)): Path<(Uuid, Uuid)>,
    Json(input): Json<PlanProgressPut>,
) -> Answer {
    Ok(written(app::plans::progress(&ctx, id.into(), item.into(), input).await?))
}

/// Read a plan's snapshots
///
/// The gaps a plan was made from, and those at its completion, each against the position held then and the one aimed at,
/// with a reason for every open gap that got no item. They never change.
#[utoipa::path(operation_id = "plan_snapshots_get", tag = "Development plans",
    params(("plan_id" = Uuid, Path, description = "The plan.")),
    responses((status = 200, description = "The snapshots.", body = PlanSnapshotsView)))]
#[get("/development-plans/{plan_id}/snapshots")]
pub(crate) async fn plan_snapshots_get(ctx: Ctx, request: HttpRequest, Path(id): Path<Uuid>) -> Answer {
    let items = app::plans::snapshots(&ctx, id.into()).await?;
    let version = Version::new(i64::try_from(items.len()).unwrap_or_default());
    let items = items.into_iter().map(PlanSnapshotView::from).collect();
    Ok(resource(&request, version, &PlanSnapshotsView { items }))
}

/// List a plan's transitions
///
/// Every step of a plan's life, oldest first: who did it, as what, when and why.
#[utoipa::path(operation_id = "plan_transition_list", tag = "Development plans",
    params(("plan_id" = Uuid, Path, description = "The plan."), PageQuery),
    responses((status = 200, description = "A page of steps.", body = PageView<PlanTransitionView>)))]
#[get("/development-plans/{plan_id}/transitions")]
pub(crate) async fn plan_transition_list(
    ctx: Ctx,
    request: HttpRequest,
    Path(id): Path<Uuid>,
    Query(query): Query<PageQuery>,
    accepted: Accepted,
) -> Answer {
    let fetch =
        async move |ctx: &Ctx, page: &PageRequest| app::plans::transitions(ctx, id.into(), page).await;
    let part = (query.cursor.as_deref(), query.limit);
    answer((ctx, &request, accepted), part, fetch, |_, row| PlanTransitionView::from(row)).await
}

/// List a plan's comments
///
/// What was said about a plan, oldest first.
#[utoipa::path(operation_id = "plan_comment_list", tag = "Development plans",
    params(("plan_id" = Uuid, Path, description = "The plan."), PageQuery),
    responses((status = 200, description = "A page of comments.", body = PageView<PlanCommentView>)))]
#[get("/development-plans/{plan_id}/comments")]
pub(crate) async fn plan_comment_list(
    ctx: Ctx,
    request: HttpRequest,
    Path(id): Path<Uuid>,
    Query(query): Query<PageQuery>,
    accepted: Accepted,
) -> Answer {
    let fetch = async move |ctx: &Ctx, page: &PageRequest| app::plans::comments(ctx, id.into(), page).await;
    let part = (query.cursor.as_deref(), query.limit);
    answer((ctx, &request, accepted), part, fetch, |_, row| PlanCommentView::from(row)).await
}

/// Comment on a development plan
///
/// Says something about a plan that is not over. What was said stays.
#[utoipa::path(operation_id = "plan_comment_create", tag = "Development plans", request_body = PlanCommentCreate,
    params(("plan_id" = Uuid, Path, description = "The plan.")),
    responses((status = 201, description = "The comment.", body = PlanCommentView)))]
#[post("/development-plans/{plan_id}/comments")]
pub(crate) async fn plan_comment_create(
    ctx: Ctx,
    Path(id): Path<Uuid>,
    Json(input): Json<PlanCommentCreate>,
) -> Answer {
    Ok(written(app::plans::comment(&ctx, id.into(), input).await?))
}
