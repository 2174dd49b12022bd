//! `/v1/partners` and `/v1/trainers`.

use actix_web::{HttpRequest, delete, get, post, put};
use kernel::{EmployeeId, PartnerId};
use store::{PageRequest, PartnerFilter, TrainerFilter};
use uuid::Uuid;

use crate::app::{self, Ctx};
use crate::dto::PageView;
use crate::dto::enums::Wire;
use crate::dto::partners::{PartnerPut, PartnerQuery, PartnerView, TrainerPut, TrainerQuery, TrainerView};
use crate::http::extract::{Json, Path, Query};
use crate::http::negotiate::Accepted;
use crate::http::reply::{Answer, composed, written};
use crate::http::table::answer;

/// List partners
///
/// Who provides development for the agency (mitra penyelenggara), by code.
#[utoipa::path(operation_id = "partner_list", tag = "Catalogue", params(PartnerQuery),
    responses((status = 200, description = "A page of partners.", body = PageView<PartnerView>)))]
#[get("/partners")]
pub(crate) async fn partner_list(
    ctx: Ctx,
    request: HttpRequest,
    Query(query): Query<PartnerQuery>,
    accepted: Accepted,
) -> Answer {
    let filter = PartnerFilter {
        kind: query.kind.map(|Wire(kind)| kind),
        agreement_on: query.agreement_on,
        search: query.search,
    };
    let fetch = async move |ctx: &Ctx, page: &PageRequest| app::partners::list(ctx, &filter, page).await;
    let part = (query.cursor.as_deref(), query.limit);
    answer((ctx, &request, accepted), part, fetch, |ctx, partner| PartnerView::new(partner, ctx.today()))
        .await
}

/// Read a partner
///
/// One partner with its agreements.
#[utoipa::path(operation_id = "partner_get", tag = "Catalogue",
    params(("partner_id" = Uuid, Path, description = "The partner.")),
    responses((status = 200, description = "The partner.", body = PartnerView)))]
#[get("/partners/{partner_id}")]
pub(crate) async fn partner_get(ctx: Ctx, request: HttpRequest, Path(id): Path<Uuid>) -> Answer {
    let partner = app::partners::get(&ctx, id.into()).await?;
    Ok(composed(&request, partner.version, &PartnerView::new(partner, ctx.today())))
}

/// Create a partner
///
/// Adds a partner with its agreements.
#[utoipa::path(operation_id = "partner_create", tag = "Catalogue", request_body = PartnerPut,
    responses((status = 201, description = "The new partner.", body = PartnerView)))]
#[post("/partners")]
pub(crate) async fn partner_create(ctx: Ctx, Json(input): Json<PartnerPut>) -> Answer {
    Ok(written(app::partners::create(&ctx, input).await?))
}

/// Replace a partner
///
/// Replaces what the partner says of itself and all its agreements.
#[utoipa::path(operation_id = "partner_replace", tag = "Catalogue", request_body = PartnerPut,
    params(("partner_id" = Uuid, Path, description = "The partner.")),
    responses((status = 200, description = "The partner as it stands now.", body = PartnerView)))]
#[put("/partners/{partner_id}")]
pub(crate) async fn partner_replace(ctx: Ctx, Path(id): Path<Uuid>, Json(input): Json<PartnerPut>) -> Answer {
    Ok(written(app::partners::replace(&ctx, id.into(), input).await?))
}

/// Delete a partner
///
/// Removes a partner that nothing refers to.
#[utoipa::path(operation_id = "partner_delete", tag = "Catalogue",
    params(("partner_id" = Uuid, Path, description = "The partner.")),
    responses((status = 204, description = "It is gone.")))]
#[delete("/partners/{partner_id}")]
pub(crate) async fn partner_delete(ctx: Ctx, Path(id): Path<Uuid>) -> Answer {
    Ok(written(app::partners::delete(&ctx, id.into()).await?))
}

/// List trainers
///
/// Instructors, mentors and coaches, with or without a NIP, by name.
#[utoipa::path(operation_id = "trainer_list", tag = "Catalogue", params(TrainerQuery),
    responses((status = 200, description = "A page of instructors and mentors.", body = PageView<TrainerView>)))]
#[get("/trainers")]
pub(crate) async fn trainer_list(
    ctx: Ctx,
    request: HttpRequest,
    Query(query): Query<TrainerQuery>,
    accepted: Accepted,
) -> Answer {
    let filter = TrainerFilter {
        role: query.role.map(|Wire(role)| role),
        partner: query.partner_id.map(PartnerId::from),
        employee: query.employee_id.map(EmployeeId::from),
        search: query.search,
    };
    let fetch = async move |ctx: &Ctx, page: &PageRequest| app::partners::trainers(ctx, &filter, page).await;
    let part = (query.cursor.as_deref(), query.limit);
    answer((ctx, &request, accepted), part, fetch, |_, row| TrainerView::from(row)).await
}

/// Read a trainer
///
/// One instructor, mentor or coach.
#[utoipa::path(operation_id = "trainer_get", tag = "Catalogue",
    params(("trainer_id" = Uuid, Path, description = "The trainer.")),
    responses((status = 200, description = "The trainer.", body = TrainerView)))]
#[get("/trainers/{trainer_id}")]
pub(crate) async fn trainer_get(ctx: Ctx, request: HttpRequest, Path(id): Path<Uuid>) -> Answer {
    let row = app::partners::trainer(&ctx, id.into()).await?;
    Ok(composed(&request, row.trainer.version, &TrainerView::from(row)))
}

/// Create a trainer
///
/// Adds an instructor, mentor or coach: a civil servant of the agency by `employee_id`, anybody else by `name`.
#[utoipa::path(operation_id = "trainer_create", tag = "Catalogue", request_body = TrainerPut,
    responses((status = 201, description = "The new trainer.", body = TrainerView)))]
#[post("/trainers")]
pub(crate) async fn trainer_create(ctx: Ctx, Json(input): Json<TrainerPut>) -> Answer {
    Ok(written(app::partners::trainer_create(&ctx, input).await?))
}

/// Replace a trainer
///
/// Replaces what is known of an instructor, mentor or coach.
#[utoipa::path(operation_id = "trainer_replace", tag = "Catalogue", request_body = TrainerPut,
    params(("trainer_id" = Uuid, Path, description = "The trainer.")),
    responses((status = 200, description = "The trainer as it stands now.", body = TrainerView)))]
#[put("/trainers/{trainer_id}")]
pub(crate) async fn trainer_replace(ctx: Ctx, Path(id): Path<Uuid>, Json(input): Json<TrainerPut>) -> Answer {
    Ok(written(app::partners::trainer_replace(&ctx, id.into(), input).await?))
}

/// Delete a trainer
///
/// Removes an instructor, mentor or coach whom nothing refers to.
#[utoipa::path(operation_id = "trainer_delete", tag = "Catalogue",
    params(("trainer_id" = Uuid, Path, description = "The trainer.")),
    responses((status = 204, description = "They are gone.")))]
#[delete("/trainers/{trainer_id}")]
pub(crate) async fn trainer_delete(ctx: Ctx, Path(id): Path<Uuid>) -> Answer {
    Ok(written(app::partners::trainer_delete(&ctx, id.into()).await?))
}
