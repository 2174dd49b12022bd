//! `/v1/me/inbox` and what belongs to it.

use actix_web::{HttpRequest, get, post, put};
use store::PageRequest;
use uuid::Uuid;

use crate::app::{self, Ctx};
use crate::dto::PageView;
use crate::dto::inbox::{
    DigestQuery, InboxDigestView, InboxReading, InboxReadingView, InboxSettingsPut, InboxSettingsView,
    NoticePut, NoticeQuery, NoticeView,
};
use crate::http::extract::{Json, Path, Query};
use crate::http::negotiate::Accepted;
use crate::http::reply::{Answer, composed, computed, resource, written};
use crate::http::table::answer;

/// List the caller's notices
///
/// What the caller is told, the last told first, in the language of `Accept-Language`: one notice for each kind and subject, as
/// long as its reason holds. Without `state` those that were neither put off nor withdrawn; without `kind` those that are not
/// muted. Empty for a caller who is no employee.
#[utoipa::path(operation_id = "notice_list", tag = "Inbox", params(NoticeQuery),
    responses((status = 200, description = "A page of notices.", body = PageView<NoticeView>)))]
#[get("/me/inbox")]
pub(crate) async fn notice_list(
    ctx: Ctx,
    request: HttpRequest,
    Query(query): Query<NoticeQuery>,
    accepted: Accepted,
) -> Answer {
    let asked = query.clone();
    let lang = accepted.lang;
    let fetch = async move |ctx: &Ctx, page: &PageRequest| app::inbox::list(ctx, asked.clone(), page).await;
    let part = (query.cursor.as_deref(), query.limit);
    answer((ctx, &request, accepted), part, fetch, move |ctx, row| NoticeView::new(row, ctx.now, lang)).await
}

/// Read a notice
///
/// One of the caller's notices. Reading it here does not mark it as read.
#[utoipa::path(operation_id = "notice_get", tag = "Inbox",
    params(("notice_id" = Uuid, Path, description = "The notice.")),
    responses((status = 200, description = "The notice.", body = NoticeView)))]
#[get("/me/inbox/{notice_id}")]
pub(crate) async fn notice_get(
    ctx: Ctx,
    request: HttpRequest,
    Path(id): Path<Uuid>,
    accepted: Accepted,
) -> Answer {
    let row = app::inbox::get(&ctx, id.into()).await?;
    Ok(composed(&request, row.version, &NoticeView::new(row, ctx.now, accepted.lang)))
}

/// Mark a notice
///
/// Marks a notice as read or unread, and puts it off until an instant, or no longer.
#[utoipa::path(operation_id = "notice_mark", tag = "Inbox", request_body = NoticePut,
    params(("notice_id" = Uuid, Path, description = "The notice.")),
    responses((status = 200, description = "The notice as it stands now.", body = NoticeView)))]
#[put("/me/inbox/{notice_id}")]
pub(crate) async fn notice_mark(
    ctx: Ctx,
    Path(id): Path<Uuid>,
    Json(input): Json<NoticePut>,
    accepted: Accepted,
) -> Answer {
    Ok(written(app::inbox::mark(&ctx, id.into(), input, accepted.lang).await?))
}

/// Mark all notices as read
///
/// Marks every notice that was told by an instant as read: that of the newest one the reader has seen, so that what came
/// meanwhile stays unread.
#[utoipa::path(operation_id = "inbox_read", tag = "Inbox", request_body = InboxReading,
    responses((status = 200, description = "How many were unread.", body = InboxReadingView)))]
#[post("/me/inbox-readings")]
pub(crate) async fn inbox_read(ctx: Ctx, Json(input): Json<InboxReading>) -> Answer {
    Ok(written(app::inbox::read(&ctx, input).await?))
}

/// Read the caller's digest
///
/// What the caller was told the day before, or in the week before, and has neither read nor put off: what a mail or a mobile
/// application sends. The same for every day until the next one is made, as far as nothing is read meanwhile.
#[utoipa::path(operation_id = "inbox_digest_get", tag = "Inbox", params(DigestQuery),
    responses((status = 200, description = "The digest.", body = InboxDigestView)))]
#[get("/me/inbox-digest")]
pub(crate) async fn inbox_digest_get(
    ctx: Ctx,
    request: HttpRequest,
    Query(query): Query<DigestQuery>,
    accepted: Accepted,
) -> Answer {
    let digest = app::inbox::digest(&ctx, query.on).await?;
    Ok(computed(&request, &InboxDigestView::new(digest, ctx.now, accepted.lang)))
}

/// Read the inbox's settings
///
/// How often the caller wants a digest, and which kinds of notice they do not want.
#[utoipa::path(operation_id = "inbox_settings_get", tag = "Inbox",
    responses((status = 200, description = "The settings.", body = InboxSettingsView)))]
#[get("/me/inbox-settings")]
pub(crate) async fn inbox_settings_get(ctx: Ctx, request: HttpRequest) -> Answer {
    let (settings, version) = app::inbox::settings(&ctx).await?;
    Ok(resource(&request, version, &InboxSettingsView::from(settings)))
}

/// Replace the inbox's settings
///
/// Says how often the caller wants a digest, and which kinds of notice they do not want.
#[utoipa::path(operation_id = "inbox_settings_put", tag = "Inbox", request_body = InboxSettingsPut,
    responses((status = 200, description = "The settings as they stand now.", body = InboxSettingsView)))]
#[put("/me/inbox-settings")]
pub(crate) async fn inbox_settings_put(ctx: Ctx, Json(input): Json<InboxSettingsPut>) -> Answer {
    Ok(written(app::inbox::settings_put(&ctx, input).await?))
}
