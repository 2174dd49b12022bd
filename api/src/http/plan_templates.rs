//! `/v1/plan-templates` and `/v1/development-plan-drafts`.

use actix_web::{HttpRequest, get, post, put};
use store::PageRequest;
use uuid::Uuid;

use crate::app::{self, Ctx};
use crate::dto::plan_templates::{PlanTemplatePut, PlanTemplateView, PlanWorkCreate, PlanWorkView};
use crate::dto::{PageQuery, PageView};
use crate::http::extract::{Json, Path, Query};
use crate::http::negotiate::Accepted;
use crate::http::reply::{Answer, resource, written};
use crate::http::table::answer;

/// List plan templates
///
/// What many people's development plans have in common, by name.
#[utoipa::path(operation_id = "plan_template_list", tag = "Development plans", params(PageQuery),
    responses((status = 200, description = "A page of templates.", body = PageView<PlanTemplateView>)))]
#[get("/plan-templates")]
pub(crate) async fn plan_template_list(
    ctx: Ctx,
    request: HttpRequest,
    Query(query): Query<PageQuery>,
    accepted: Accepted,
) -> Answer {
    let fetch = async |ctx: &Ctx, page: &PageRequest| app::plan_templates::list(ctx, page).await;
    let part = (query.cursor.as_deref(), query.limit);
    answer((ctx, &request, accepted), part, fetch, |_, row| PlanTemplateView::from(row)).await
}

/// Read a plan template
///
/// One template: for whom it is, and its items.
#[utoipa::path(operation_id = "plan_template_get", tag = "Development plans",
    params(("plan_template_id" = Uuid, Path, description = "The template.")),
    responses((status = 200, description = "The template.", body = PlanTemplateView)))]
#[get("/plan-templates/{plan_template_id}")]
pub(crate) async fn plan_template_get(ctx: Ctx, request: HttpRequest, Path(id): Path<Uuid>) -> Answer {
    let template = app::plan_templates::get(&ctx, id.into()).await?;
    Ok(resource(&request, template.version, &PlanTemplateView::from(template)))
}

/// Create a plan template
///
/// Adds a template for a job class or a position. It reaches nobody until it is applied.
#[utoipa::path(operation_id = "plan_template_create", tag = "Development plans", request_body = PlanTemplatePut,
    responses((status = 201, description = "The new template.", body = PlanTemplateView)))]
#[post("/plan-templates")]
pub(crate) async fn plan_template_create(ctx: Ctx, Json(input): Json<PlanTemplatePut>) -> Answer {
    Ok(written(app::plan_templates::create(&ctx, input).await?))
}

/// Replace a plan template
///
/// Replaces what a template says. With the same commit every draft and returned plan that has items of it says so too: what
/// changed is changed, what is gone is taken out, what is new is added. No plan that was submitted or approved changes.
#[utoipa::path(operation_id = "plan_template_replace", tag = "Development plans", request_body = PlanTemplatePut,
    params(("plan_template_id" = Uuid, Path, description = "The template.")),
    responses((status = 200, description = "The template as it stands now.", body = PlanTemplateView)))]
#[put("/plan-templates/{plan_template_id}")]
pub(crate) async fn plan_template_replace(
    ctx: Ctx,
    Path(id): Path<Uuid>,
    Json(input): Json<PlanTemplatePut>,
) -> Answer {
    Ok(written(app::plan_templates::replace(&ctx, id.into(), input).await?))
}

/// Retire a plan template
///
/// Puts a template out of use. Plans keep their items.
#[utoipa::path(operation_id = "plan_template_retire", tag = "Development plans",
    params(("plan_template_id" = Uuid, Path, description = "The template.")),
    responses((status = 200, description = "The template as it stands now.", body = PlanTemplateView)))]
#[put("/plan-templates/{plan_template_id}/retirement")]
pub(crate) async fn plan_template_retire(ctx: Ctx, Path(id): Path<Uuid>) -> Answer {
    Ok(written(app::plan_templates::retire(&ctx, id.into()).await?))
}

/// Apply a plan template
///
/// Begins to bring a template's items into the plans of everybody it is for: into drafts and returned plans, and into a new
/// draft of whoever has no plan for the year. Plans beyond a draft stay as they are. The operation goes on by itself, in parts
/// that stand once written; applying again changes nothing that is so already, nor what the template leaves open.
#[utoipa::path(operation_id = "plan_template_apply", tag = "Development plans", request_body = PlanWorkCreate,
    params(("plan_template_id" = Uuid, Path, description = "The template.")),
    responses((status = 202, description = "It was begun; `Location` names the operation.", body = PlanWorkView)))]
#[post("/plan-templates/{plan_template_id}/applications")]
pub(crate) async fn plan_template_apply(
    ctx: Ctx,
    Path(id): Path<Uuid>,
    Json(input): Json<PlanWorkCreate>,
) -> Answer {
    Ok(written(app::plan_work::apply(&ctx, id.into(), input).await?))
}

/// Draw development plans up
///
/// Begins to draw a plan up for everybody of a unit or the agency who has none for the year: every open gap to the position
/// held gets a programme of the catalogue or a reason why not, which stands in the plan's snapshots. The operation goes on by
/// itself, in parts that stand once written; another server goes on where one died.
#[utoipa::path(operation_id = "plan_generate", tag = "Development plans", request_body = PlanWorkCreate,
    responses((status = 202, description = "It was begun; `Location` names the operation.", body = PlanWorkView)))]
#[post("/development-plan-drafts")]
pub(crate) async fn plan_generate(ctx: Ctx, Json(input): Json<PlanWorkCreate>) -> Answer {
    Ok(written(app::plan_work::generate(&ctx, input).await?))
}
