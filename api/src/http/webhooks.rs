//! `/v1/webhook-endpoints` and `/v1/webhook-deliveries`.

use actix_web::{HttpRequest, delete, get, post, put};
use store::PageRequest;
use uuid::Uuid;

use crate::app::{self, Ctx};
use crate::dto::webhooks::{
    WebhookDeliveryQuery, WebhookDeliveryView, WebhookEndpointMadeView, WebhookEndpointPut,
    WebhookEndpointView, WebhookReplay, WebhookReplayView, WebhookSecretCreate, WebhookSecretView,
};
use crate::dto::{PageQuery, PageView};
use crate::http::extract::{Json, Path, Query};
use crate::http::negotiate::Accepted;
use crate::http::reply::{Answer, composed, computed, written};
use crate::http::table::answer;

/// List webhook endpoints
///
/// The agency's endpoints that are told what happens, oldest first.
#[utoipa::path(operation_id = "webhook_endpoint_list", tag = "Webhooks", params(PageQuery),
    responses((status = 200, description = "A page of endpoints.", body = PageView<WebhookEndpointView>)))]
#[get("/webhook-endpoints")]
pub(crate) async fn webhook_endpoint_list(
    ctx: Ctx,
    request: HttpRequest,
    Query(query): Query<PageQuery>,
    accepted: Accepted,
) -> Answer {
    let fetch = async |ctx: &Ctx, page: &PageRequest| app::webhooks::list(ctx, page).await;
    let part = (query.cursor.as_deref(), query.limit);
    answer((ctx, &request, accepted), part, fetch, app::webhooks::view).await
}

/// Read a webhook endpoint
///
/// One endpoint. No answer holds a secret that was made before.
#[utoipa::path(operation_id = "webhook_endpoint_get", tag = "Webhooks",
    params(("webhook_endpoint_id" = Uuid, Path, description = "The endpoint.")),
    responses((status = 200, description = "The endpoint.", body = WebhookEndpointView)))]
#[get("/webhook-endpoints/{webhook_endpoint_id}")]
pub(crate) async fn webhook_endpoint_get(ctx: Ctx, request: HttpRequest, Path(id): Path<Uuid>) -> Answer {
    let row = app::webhooks::get(&ctx, id.into()).await?;
    Ok(composed(&request, row.version, &app::webhooks::view(&ctx, row)))
}

/// Register a webhook endpoint
///
/// What happens in the agency from now on is sent to this address, signed as Standard Webhooks describes: `webhook-id`,
/// `webhook-timestamp` and `webhook-signature`, an HMAC-SHA256 over `id.timestamp.payload`. A payload says what happened, when,
/// and to which resource, and nothing of anybody. The secret is in this reply and in no other.
///
/// The address has to be one of the public internet and use TLS; redirects are not followed. What is not taken (an answer from 200
/// to 299 within 15 seconds) is tried ten times within about three days; then the endpoint is paused. 410 stops it.
#[utoipa::path(operation_id = "webhook_endpoint_create", tag = "Webhooks", request_body = WebhookEndpointPut,
    responses((status = 201, description = "The endpoint, with its secret.", body = WebhookEndpointMadeView)))]
#[post("/webhook-endpoints")]
pub(crate) async fn webhook_endpoint_create(ctx: Ctx, Json(input): Json<WebhookEndpointPut>) -> Answer {
    Ok(written(app::webhooks::create(&ctx, input).await?))
}

/// Replace a webhook endpoint
///
/// Changes its address and what it asks for. What waits is sent to the new address.
#[utoipa::path(operation_id = "webhook_endpoint_replace", tag = "Webhooks", request_body = WebhookEndpointPut,
    params(("webhook_endpoint_id" = Uuid, Path, description = "The endpoint.")),
    responses((status = 200, description = "The endpoint as it stands now.", body = WebhookEndpointView)))]
#[put("/webhook-endpoints/{webhook_endpoint_id}")]
pub(crate) async fn webhook_endpoint_replace(
    ctx: Ctx,
    Path(id): Path<Uuid>,
    Json(input): Json<WebhookEndpointPut>,
) -> Answer {
    Ok(written(app::webhooks::replace(&ctx, id.into(), input).await?))
}

/// Delete a webhook endpoint
///
/// Removes an endpoint, with its secrets, what waits for it and the log of what was sent.
#[utoipa::path(operation_id = "webhook_endpoint_delete", tag = "Webhooks",
    params(("webhook_endpoint_id" = Uuid, Path, description = "The endpoint.")),
    responses((status = 204, description = "It is gone.")))]
#[delete("/webhook-endpoints/{webhook_endpoint_id}")]
pub(crate) async fn webhook_endpoint_delete(ctx: Ctx, Path(id): Path<Uuid>) -> Answer {
    Ok(written(app::webhooks::delete(&ctx, id.into()).await?))
}

/// Pause a webhook endpoint
///
/// Sends nothing until it goes on. What happens meanwhile waits.
#[utoipa::path(operation_id = "webhook_endpoint_pause", tag = "Webhooks",
    params(("webhook_endpoint_id" = Uuid, Path, description = "The endpoint.")),
    responses((status = 200, description = "The endpoint as it stands now.", body = WebhookEndpointView)))]
#[put("/webhook-endpoints/{webhook_endpoint_id}/pause")]
pub(crate) async fn webhook_endpoint_pause(ctx: Ctx, Path(id): Path<Uuid>) -> Answer {
    Ok(written(app::webhooks::pause(&ctx, id.into()).await?))
}

/// Resume a webhook endpoint
///
/// Goes on sending, with what waits first. What happened while an endpoint was stopped was not noted: replay it.
#[utoipa::path(operation_id = "webhook_endpoint_resume", tag = "Webhooks",
    params(("webhook_endpoint_id" = Uuid, Path, description = "The endpoint.")),
    responses((status = 200, description = "The endpoint as it stands now.", body = WebhookEndpointView)))]
#[put("/webhook-endpoints/{webhook_endpoint_id}/resumption")]
pub(crate) async fn webhook_endpoint_resume(ctx: Ctx, Path(id): Path<Uuid>) -> Answer {
    Ok(written(app::webhooks::resume(&ctx, id.into()).await?))
}

/// Rotate the secret of a webhook endpoint
///
/// Makes a new secret, which is in this reply and in no other. Until the former one expires, what is sent bears a signature of each.
#[utoipa::path(operation_id = "webhook_secret_create", tag = "Webhooks", request_body = WebhookSecretCreate,
    params(("webhook_endpoint_id" = Uuid, Path, description = "The endpoint.")),
    responses((status = 201, description = "The secret.", body = WebhookSecretView)))]
#[post("/webhook-endpoints/{webhook_endpoint_id}/secrets")]
pub(crate) async fn webhook_secret_create(
    ctx: Ctx,
    Path(id): Path<Uuid>,
    Json(input): Json<WebhookSecretCreate>,
) -> Answer {
    Ok(written(app::webhooks::rotate(&ctx, id.into(), input).await?))
}

/// List deliveries to a webhook endpoint
///
/// What was sent and what is to be, newest first. What has ended is kept for 30 days.
#[utoipa::path(operation_id = "webhook_delivery_list", tag = "Webhooks",
    params(("webhook_endpoint_id" = Uuid, Path, description = "The endpoint."), WebhookDeliveryQuery),
    responses((status = 200, description = "A page of deliveries.", body = PageView<WebhookDeliveryView>)))]
#[get("/webhook-endpoints/{webhook_endpoint_id}/deliveries")]
pub(crate) async fn webhook_delivery_list(
    ctx: Ctx,
    request: HttpRequest,
    Path(id): Path<Uuid>,
    Query(query): Query<WebhookDeliveryQuery>,
    accepted: Accepted,
) -> Answer {
    let asked = query.clone();
    let fetch = async move |ctx: &Ctx, page: &PageRequest| {
        app::webhooks::deliveries(ctx, id.into(), asked.clone(), page).await
    };
    let part = (query.cursor.as_deref(), query.limit);
    answer((ctx, &request, accepted), part, fetch, |_, row| WebhookDeliveryView::new(row, Vec::new())).await
}

/// Read a delivery
///
/// One delivery, with every attempt: when, how long it took, and what was answered, or why nothing was.
#[utoipa::path(operation_id = "webhook_delivery_get", tag = "Webhooks",
    params(("webhook_delivery_id" = Uuid, Path, description = "The delivery.")),
    responses((status = 200, description = "The delivery.", body = WebhookDeliveryView)))]
#[get("/webhook-deliveries/{webhook_delivery_id}")]
pub(crate) async fn webhook_delivery_get(ctx: Ctx, request: HttpRequest, Path(id): Path<Uuid>) -> Answer {
    let (row, attempts) = app::webhooks::delivery(&ctx, id.into()).await?;
    Ok(computed(&request, &WebhookDeliveryView::new(row, attempts)))
}

/// Replay a delivery
///
/// Sends one event once more, whatever became of it, with the same `webhook-id`.
#[utoipa::path(operation_id = "webhook_delivery_replay", tag = "Webhooks",
    params(("webhook_delivery_id" = Uuid, Path, description = "The delivery.")),
    responses((status = 201, description = "The new delivery.", body = WebhookDeliveryView)))]
#[post("/webhook-deliveries/{webhook_delivery_id}/replays")]
pub(crate) async fn webhook_delivery_replay(ctx: Ctx, Path(id): Path<Uuid>) -> Answer {
    Ok(written(app::webhooks::replay(&ctx, id.into()).await?))
}

/// Replay what happened since an instant
///
/// Sends everything the endpoint asks for once more that was recorded from an instant on, up to 10,000 events: also what happened
/// before it was registered, or while it was stopped.
#[utoipa::path(operation_id = "webhook_replay_create", tag = "Webhooks", request_body = WebhookReplay,
    params(("webhook_endpoint_id" = Uuid, Path, description = "The endpoint.")),
    responses((status = 201, description = "How many deliveries were noted.", body = WebhookReplayView)))]
#[post("/webhook-endpoints/{webhook_endpoint_id}/replays")]
pub(crate) async fn webhook_replay_create(
    ctx: Ctx,
    Path(id): Path<Uuid>,
    Json(input): Json<WebhookReplay>,
) -> Answer {
    Ok(written(app::webhooks::replay_since(&ctx, id.into(), input).await?))
}
