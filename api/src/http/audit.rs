//! `/v1/audit-events`.

use actix_web::{HttpRequest, get};

use crate::app::{self, Ctx};
use crate::dto::PageView;
use crate::dto::audit::{AuditEventView, AuditQuery};
use crate::http::cursor::page_request;
use crate::http::extract::Query;
use crate::http::reply::{Answer, list};

/// List audit events
///
/// What was done in the agency and by whom, newest first: one entry for every successful write.
#[utoipa::path(operation_id = "audit_event_list", tag = "Audit", params(AuditQuery),
    responses((status = 200, description = "A page of the trail.", body = PageView<AuditEventView>)))]
#[get("/audit-events")]
pub(crate) async fn audit_event_list(
    ctx: Ctx,
    request: HttpRequest,
    Query(query): Query<AuditQuery>,
) -> Answer {
    let page = page_request(&request, query.cursor.as_deref(), query.limit)?;
    let events = app::audit::list(&ctx, &query.into_filter()?, &page).await?;
    Ok(list(&request, events, AuditEventView::from))
}
