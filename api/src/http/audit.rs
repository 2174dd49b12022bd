//! `/v1/audit-events`.

use actix_web::{HttpRequest, get};
use store::PageRequest;

use crate::app::{self, Ctx};
use crate::dto::PageView;
use crate::dto::audit::{AuditEventView, AuditQuery};
use crate::http::extract::Query;
use crate::http::negotiate::Accepted;
use crate::http::reply::Answer;
use crate::http::table::answer;

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
    accepted: Accepted,
) -> Answer {
    let filter = query.clone().into_filter()?;
    let fetch = async move |ctx: &Ctx, page: &PageRequest| app::audit::list(ctx, &filter, page).await;
    let part = (query.cursor.as_deref(), query.limit);
    answer((ctx, &request, accepted), part, fetch, |_, event| AuditEventView::from(event)).await
}
