//! `/v1/case-packages`, and versions of dictionaries as packages.

use actix_web::http::header;
use actix_web::{HttpRequest, HttpResponse, get, post};
use uuid::Uuid;

use crate::app::case_packages::CaseImport;
use crate::app::{self, Ctx};
use crate::dto::case_packages::{CaseImportQuery, CaseImportView, CasePackageBody};
use crate::http::extract::{JsonUpload, Path, Query};
use crate::http::reply::{Answer, computed, written};

/// Import a framework
///
/// Takes a framework in 1EdTech CASE 1.1 JSON in as a version of one of the agency's own dictionaries, whole or not at all.
/// The package is kept as it came, with every identifier, and goes out again the same.
///
/// Items of the type `Competency` are the competencies, or where there are none the lowest ones; `Level` and `Indicator`
/// items below them, or levels of rubrics, are theirs. `adoptionStatus` decides: `Adopted` is published (which needs the
/// right to publish), `Deprecated` retired, anything else a draft; what lacks levels stays a draft until they are written.
///
/// The same package again changes nothing. `CFDocument.identifier` and `version` name an adoption, and one that is in use
/// never changes (409); another `version` becomes the next version of the dictionary. A draft is replaced by what comes.
#[utoipa::path(operation_id = "case_package_import", tag = "Dictionaries", params(CaseImportQuery),
    request_body(description = "The package.", content((CasePackageBody = "application/json"))),
    responses((status = 200, description = "What it came to, or would come to.", body = CaseImportView),
        (status = 201, description = "The new version.", body = CaseImportView)))]
#[post("/case-packages")]
pub(crate) async fn case_package_import(
    ctx: Ctx,
    Query(query): Query<CaseImportQuery>,
    JsonUpload(bytes): JsonUpload,
) -> Answer {
    let import = CaseImport::sent(&ctx, bytes.into(), &query).await?;
    if query.dry_run == Some(true) {
        let view = CaseImportView::of(&app::case_packages::try_out(&ctx, &import).await?, true);
        return Ok(HttpResponse::Ok().insert_header((header::CACHE_CONTROL, "no-store")).json(view));
    }
    Ok(written(app::case_packages::import(&ctx, &import).await?))
}

/// Export a version of a dictionary
///
/// A version of a dictionary in 1EdTech CASE 1.1 JSON. One that came as a package goes out as that package, with what was
/// changed here since; identifiers of any other follow from its own and never change.
#[utoipa::path(operation_id = "case_package_get", tag = "Dictionaries",
    params(("dictionary_id" = Uuid, Path, description = "The dictionary."),
        ("number" = i32, Path, description = "The version's number.", example = 1, minimum = 1, maximum = 2147483647)),
    responses((status = 200, description = "The package.", body = CasePackageBody)))]
#[get("/dictionaries/{dictionary_id}/versions/{number}/case-package")]
pub(crate) async fn case_package_get(
    ctx: Ctx,
    request: HttpRequest,
    Path((id, number)): Path<(Uuid, i32)>,
) -> Answer {
    let package = app::case_packages::export(&ctx, id.into(), number).await?;
    Ok(computed(&request, &package))
}
