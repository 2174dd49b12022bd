//! `/v1/exports/{kind}`.

use actix_web::{HttpRequest, get};
use kernel::Limit;
use store::PageRequest;

use crate::app::{self, Ctx};
use crate::dto::FileBody;
use crate::dto::enums::{Wire, wire};
use crate::http::extract::Path;
use crate::http::negotiate::Accepted;
use crate::http::reply::Answer;
use crate::http::table::export;
use crate::sheets::{Format, ImportKind};

/// Export in an import's form
///
/// Everything the agency has of a kind, as far as the caller may see it, in the columns of the kind's import form: importing
/// the file again changes nothing. Left out is what an import would not take as it is: positions that were abolished,
/// drafts, what was revoked or corrected, and the nation's dictionaries.
///
/// Rows are read while the file is written; those that come and go meanwhile neither repeat nor skip others. A CSV file whose
/// transfer breaks off is not whole. Everybody in it can see that they were looked at.
#[utoipa::path(operation_id = "export_get", tag = "Imports", params(
        ("kind" = wire::ImportKind, Path, description = "What the rows are.")),
    responses((status = 200, description = "The file.", content(
        (FileBody = "text/csv"),
        (FileBody = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet")))))]
#[get("/exports/{kind}")]
pub(crate) async fn export_get(
    ctx: Ctx,
    request: HttpRequest,
    Path(Wire(kind)): Path<Wire<ImportKind>>,
    accepted: Accepted,
) -> Answer {
    let format = accepted.format.sheet().unwrap_or(Format::Csv);
    let rows = async move |ctx: &Ctx, page: &PageRequest| app::exports::rows(ctx, kind, page).await;
    export(ctx, &request, format, (None, None), Limit::BATCH, app::exports::headings(kind), rows).await
}
