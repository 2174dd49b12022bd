//! `/v1/competency-families`.

use actix_web::{HttpRequest, get, post, put};
use store::PageRequest;

use crate::app::{self, Ctx};
use crate::dto::families::{FamilyCreate, FamilyPut, FamilyView};
use crate::dto::{PageView, fingerprint};
use crate::http::extract::{Json, Path};
use crate::http::negotiate::Accepted;
use crate::http::reply::{Answer, resource, written};
use crate::http::table::answer;

/// List competency families
///
/// Every family (jenis kompetensi), in order. There are a handful, so it is one page.
#[utoipa::path(operation_id = "family_list", tag = "Dictionaries",
    responses((status = 200, description = "All families.", body = PageView<FamilyView>)))]
#[get("/competency-families")]
pub(crate) async fn family_list(ctx: Ctx, request: HttpRequest, accepted: Accepted) -> Answer {
    let fetch = async |ctx: &Ctx, _: &PageRequest| app::families::list(ctx).await;
    answer((ctx, &request, accepted), (None, None), fetch, |_, family| FamilyView::from(family)).await
}

/// Read a competency family
///
/// One family.
#[utoipa::path(operation_id = "family_get", tag = "Dictionaries",
    params(("code" = String, Path, description = "The family's code.", example = "MANAJERIAL", max_length = 64)),
    responses((status = 200, description = "The family.", body = FamilyView)))]
#[get("/competency-families/{code}")]
pub(crate) async fn family_get(ctx: Ctx, request: HttpRequest, Path(code): Path<String>) -> Answer {
    let view = FamilyView::from(app::families::get(&ctx, &code).await?);
    Ok(resource(&request, fingerprint(&view), &view))
}

/// Create a competency family
///
/// Adds a family for all agencies. Only a caller who acts for the national agency may.
#[utoipa::path(operation_id = "family_create", tag = "Dictionaries", request_body = FamilyCreate,
    responses((status = 201, description = "The new family.", body = FamilyView)))]
#[post("/competency-families")]
pub(crate) async fn family_create(ctx: Ctx, Json(input): Json<FamilyCreate>) -> Answer {
    Ok(written(app::families::create(&ctx, input).await?))
}

/// Replace a competency family
///
/// Replaces names and place of a family for all agencies. Only a caller who acts for the national agency may.
#[utoipa::path(operation_id = "family_replace", tag = "Dictionaries", request_body = FamilyPut,
    params(("code" = String, Path, description = "The family's code.", example = "MANAJERIAL", max_length = 64)),
    responses((status = 200, description = "The family as it stands now.", body = FamilyView)))]
#[put("/competency-families/{code}")]
pub(crate) async fn family_replace(
    ctx: Ctx,
    Path(code): Path<String>,
    Json(input): Json<FamilyPut>,
) -> Answer {
    Ok(written(app::families::replace(&ctx, &code, input).await?))
}
