//! `/v1/operations`.

use actix_web::http::header;
use actix_web::{HttpRequest, get, put};
use futures_util::TryStreamExt as _;
use store::{OperationRow, PageRequest};
use uuid::Uuid;

use crate::app::{self, Ctx};
use crate::dto::operations::OperationView;
use crate::dto::{FileBody, PageQuery, PageView};
use crate::http::extract::{Path, Query};
use crate::http::negotiate::Accepted;
use crate::http::prefer::Prefer;
use crate::http::problem::{Audience, kept};
use crate::http::reply::{Answer, composed, sheet, written};
use crate::http::table::answer;

/// The work, as this caller is told of it.
fn view(ctx: &Ctx, request: &HttpRequest, row: OperationRow) -> OperationView {
    let audience = Audience::new(request.headers().get(header::ACCEPT_LANGUAGE), ctx.request);
    let error = row.error.as_ref().map(|failure| kept(failure, audience));
    OperationView::seen_by(&ctx.actor, row, error)
}

/// List operations
///
/// The agency's long-running work, newest first.
#[utoipa::path(operation_id = "operation_list", tag = "Imports", params(PageQuery),
    responses((status = 200, description = "A page of work.", body = PageView<OperationView>)))]
#[get("/operations")]
pub(crate) async fn operation_list(
    ctx: Ctx,
    request: HttpRequest,
    Query(query): Query<PageQuery>,
    accepted: Accepted,
) -> Answer {
    let fetch = async |ctx: &Ctx, page: &PageRequest| app::operations::list(ctx, page).await;
    let part = (query.cursor.as_deref(), query.limit);
    let asked = request.clone();
    let view = move |ctx: &Ctx, row| view(ctx, &asked, row);
    answer((ctx, &request, accepted), part, fetch, view).await
}

/// Read an operation
///
/// How far a piece of work has come, what it came to, or why it failed. With `Prefer: wait=N` the answer comes as soon as
/// the work has ended, or after N seconds (at most 30); or ask again with `If-None-Match` while it runs.
#[utoipa::path(operation_id = "operation_get", tag = "Imports", extensions(("x-waits" = json!(true))),
    params(("operation_id" = Uuid, Path, description = "The operation.")),
    responses((status = 200, description = "The work.", body = OperationView)))]
#[get("/operations/{operation_id}")]
pub(crate) async fn operation_get(
    ctx: Ctx,
    request: HttpRequest,
    Path(id): Path<Uuid>,
    prefer: Prefer,
) -> Answer {
    let row = match prefer.wait() {
        None => app::operations::get(&ctx, id.into()).await?,
        Some(patience) => app::operations::await_end(&ctx, id.into(), patience).await?,
    };
    Ok(prefer.applied(composed(&request, row.version, &view(&ctx, &request, row))))
}

/// Download rejected rows
///
/// The rows of a failed import that were refused, all of them, as they were written in the file; before them two columns
/// say the row's number there and every reason, in the caller's language. Mend the rows and send the file as it is:
/// columns whose name begins with `#` are not read. Texts that a spreadsheet would run as formulas are disarmed. Kept
/// for seven days; before that, and when nothing was refused, 404.
#[utoipa::path(operation_id = "operation_rejected_rows", tag = "Imports",
    params(("operation_id" = Uuid, Path, description = "The operation.")),
    responses((status = 200, description = "The rows.", content(
        (FileBody = "text/csv"),
        (FileBody = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet")))),
    extensions(("x-problems" = json!([413]))))]
#[get("/operations/{operation_id}/rejected-rows")]
pub(crate) async fn operation_rejected_rows(
    ctx: Ctx,
    request: HttpRequest,
    Path(id): Path<Uuid>,
    accepted: Accepted,
) -> Answer {
    let (version, rows) = app::imports::rejected_rows(&ctx, id.into()).await?;
    let rows = rows.map_ok(move |row| row.annotated(accepted.lang));
    sheet(&request, accepted, version, &format!("rejected-{id}"), rows).await
}

/// Cancel an operation
///
/// Calls running work off: it stops where it is. Of an import nothing is kept; work that is done in parts keeps the parts that are
/// done; a scenario keeps the best plan so far, if there is one, a moment later. Its version counts up as it proceeds, so
/// `If-Match: *` is the practical condition.
#[utoipa::path(operation_id = "operation_cancel", tag = "Imports",
    params(("operation_id" = Uuid, Path, description = "The operation.")),
    responses((status = 200, description = "The work as it stands now.", body = OperationView)))]
#[put("/operations/{operation_id}/cancellation")]
pub(crate) async fn operation_cancel(ctx: Ctx, Path(id): Path<Uuid>) -> Answer {
    Ok(written(app::operations::cancel(&ctx, id.into()).await?))
}
