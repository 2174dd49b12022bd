//! `/v1/imports` and `/v1/import-templates`.

use actix_web::http::header::{self, ContentDisposition, DispositionParam, DispositionType};
use actix_web::{HttpRequest, HttpResponse, get, post};
use kernel::Name;

use crate::app::import_mappings::MappingChoice;
use crate::app::imports::{Described, PATIENCE};
use crate::app::{self, AppError, Ctx};
use crate::dto::FileBody;
use crate::dto::enums::{Wire, wire};
use crate::dto::imports::{ImportQuery, ImportView};
use crate::http::extract::{Path, Query, Upload};
use crate::http::negotiate::Accepted;
use crate::http::prefer::Prefer;
use crate::http::problem::Audience;
use crate::http::reply::{Answer, file, written};
use crate::sheets::{Format, ImportKind};

/// Import a file
///
/// Takes in one of the agency's spreadsheets (CSV or XLSX), whole or not at all. Columns go by their names or by their
/// Indonesian aliases; `GET /v1/import-templates/{kind}` has a form. The same file again changes nothing.
///
/// With `dry_run=true` the answer is 200 with a report of what would happen, errors included, and nothing is written.
/// Otherwise any error is 400 with every value that cannot stand (the first 1,000), also kept as a failed operation, and
/// nothing is written; `GET /v1/operations/{operation_id}/rejected-rows` then has all refused rows. What takes longer than
/// `Prefer: wait=N` says, or two seconds, goes on by itself: 202 with `Location`, the operation to ask.
///
/// The agency's column mapping called `DEFAULT` is applied where there is one, another with `mapping`. Lists of SIASN
/// (`ref-unor`, `data-utama`, `rw-jabatan`, `kompetensi`, `rw-diklat`, `rw-kursus`) are recognised by their own column names; `report.recognition`
/// says which columns were recognised, how, and what unknown ones may mean.
///
/// Blank cells of optional columns leave what is on record, except `parent_code` (the unit is at the top) and `is_head`
/// (no). Somebody whose position differs serves there from today. Standards come in force, results are final and the hours of
/// training records are in the ledger at once: they were decreed, signed and verified elsewhere.
#[utoipa::path(operation_id = "import_create", tag = "Imports", params(ImportQuery),
    extensions(("x-waits" = json!(true))),
    request_body(description = "The file.", content(
        (FileBody = "text/csv"),
        (FileBody = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
        (FileBody = "application/octet-stream"))),
    responses(
        (status = 200, description = "What the file came to, or would come to.", body = ImportView),
        (status = 202, description = "The work goes on.", body = ImportView)))]
#[post("/imports")]
pub(crate) async fn import_create(
    ctx: Ctx,
    request: HttpRequest,
    Query(query): Query<ImportQuery>,
    prefer: Prefer,
    upload: Upload,
) -> Answer {
    let described = described(&query, &upload)?;
    let upload = app::imports::receive(&ctx, described, upload.body).await?;
    if query.dry_run == Some(true) {
        let audience = Audience::new(request.headers().get(header::ACCEPT_LANGUAGE), ctx.request);
        let view = ImportView::tried(&app::imports::try_out(upload).await?, audience.lang);
        return Ok(HttpResponse::Ok().insert_header((header::CACHE_CONTROL, "no-store")).json(view));
    }
    let patience = prefer.wait().unwrap_or(PATIENCE);
    Ok(prefer.applied(written(app::imports::begin(&ctx, upload, patience).await?)))
}

/// What name and media type of a request's file promise.
fn described(query: &ImportQuery, upload: &Upload) -> Result<Described, AppError> {
    let name = query.filename.as_deref().map(Name::parse).transpose();
    let name = name.map_err(|violation| violation.under("/query/filename"))?.map(Name::into_string);
    let promised = upload.promised.or_else(|| name.as_deref().and_then(Format::promised));
    let mapping = MappingChoice::of(query.mapping.as_deref())?;
    Ok(Described { kind: query.kind.0, promised, name, mapping })
}

/// Get a form
///
/// An empty form for a kind of import, with one example row to be replaced.
#[utoipa::path(operation_id = "import_template_get", tag = "Imports", params(
        ("kind" = wire::ImportKind, Path, description = "What the rows are.")),
    responses((status = 200, description = "The form.", content(
        (FileBody = "text/csv"),
        (FileBody = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet")))))]
#[get("/import-templates/{kind}")]
pub(crate) async fn import_template_get(
    ctx: Ctx,
    request: HttpRequest,
    Path(Wire(kind)): Path<Wire<ImportKind>>,
    Accepted { format, .. }: Accepted,
) -> Answer {
    let form = app::imports::template(&ctx, kind, format.sheet().unwrap_or(Format::Csv))?;
    let disposition = ContentDisposition {
        disposition: DispositionType::Attachment,
        parameters: vec![DispositionParam::Filename(format!("{kind}.{}", format.name()))],
    };
    Ok(file(&request, format.content_type(), disposition, form))
}
