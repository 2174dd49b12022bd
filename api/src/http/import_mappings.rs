//! `/v1/import-mappings`.

use actix_web::{HttpRequest, delete, get, put};
use kernel::Page;
use store::PageRequest;

use crate::app::{self, AppError, Ctx};
use crate::dto::PageView;
use crate::dto::enums::{Wire, wire};
use crate::dto::import_mappings::{ImportMappingPut, ImportMappingQuery, ImportMappingView};
use crate::http::extract::{Json, Path, Query};
use crate::http::negotiate::Accepted;
use crate::http::reply::{Answer, resource, written};
use crate::http::table::answer;
use crate::sheets::ImportKind;

/// List column mappings
///
/// What the agency's own spreadsheets call our columns, by kind and name.
#[utoipa::path(operation_id = "import_mapping_list", tag = "Imports", params(ImportMappingQuery),
    responses((status = 200, description = "A page of mappings.", body = PageView<ImportMappingView>)))]
#[get("/import-mappings")]
pub(crate) async fn import_mapping_list(
    ctx: Ctx,
    request: HttpRequest,
    Query(query): Query<ImportMappingQuery>,
    accepted: Accepted,
) -> Answer {
    let kind = query.kind.map(|Wire(kind)| kind);
    let fetch = async move |ctx: &Ctx, page: &PageRequest| {
        let rows = app::import_mappings::list(ctx, kind, page).await?;
        let views = rows.items.iter().map(ImportMappingView::of).collect::<Result<_, AppError>>()?;
        Ok(Page { items: views, next: rows.next })
    };
    let part = (query.cursor.as_deref(), query.limit);
    answer((ctx, &request, accepted), part, fetch, |_, view| view).await
}

/// Read a column mapping
///
/// One mapping.
#[utoipa::path(operation_id = "import_mapping_get", tag = "Imports",
    params(("kind" = wire::ImportKind, Path, description = "What the rows are."),
        ("name" = String, Path, description = "The mapping's name, percent-encoded.", example = "DEFAULT", max_length = 192)),
    responses((status = 200, description = "The mapping.", body = ImportMappingView)))]
#[get("/import-mappings/{kind}/{name}")]
pub(crate) async fn import_mapping_get(
    ctx: Ctx,
    request: HttpRequest,
    Path((kind, name)): Path<(Wire<ImportKind>, String)>,
) -> Answer {
    let row = app::import_mappings::get(&ctx, kind.0, &name).await?;
    Ok(resource(&request, row.version, &ImportMappingView::of(&row)?))
}

/// Create or replace a column mapping
///
/// Says what the agency's own spreadsheets of a kind call our columns, what they write for our values, and what a blank cell
/// means. The one called `DEFAULT` is applied to every import of its kind that names no other. A new one is made without
/// `If-Match`; one that is there is replaced only with it (428 without).
#[utoipa::path(operation_id = "import_mapping_put", tag = "Imports", request_body = ImportMappingPut,
    params(("kind" = wire::ImportKind, Path, description = "What the rows are."),
        ("name" = String, Path, description = "The mapping's name, percent-encoded.", example = "DEFAULT", max_length = 192)),
    responses((status = 200, description = "The mapping as it stands now.", body = ImportMappingView),
        (status = 201, description = "The new mapping.", body = ImportMappingView)))]
#[put("/import-mappings/{kind}/{name}")]
pub(crate) async fn import_mapping_put(
    ctx: Ctx,
    Path((kind, name)): Path<(Wire<ImportKind>, String)>,
    Json(input): Json<ImportMappingPut>,
) -> Answer {
    Ok(written(app::import_mappings::put(&ctx, kind.0, &name, input).await?))
}

/// Delete a column mapping
///
/// Removes a mapping. What was imported with it stays.
#[utoipa::path(operation_id = "import_mapping_delete", tag = "Imports",
    params(("kind" = wire::ImportKind, Path, description = "What the rows are."),
        ("name" = String, Path, description = "The mapping's name, percent-encoded.", example = "DEFAULT", max_length = 192)),
    responses((status = 204, description = "It is gone.")))]
#[delete("/import-mappings/{kind}/{name}")]
pub(crate) async fn import_mapping_delete(
    ctx: Ctx,
    Path((kind, name)): Path<(Wire<ImportKind>, String)>,
) -> Answer {
    Ok(written(app::import_mappings::delete(&ctx, kind.0, &name).await?))
}
