//! Endpoints of others that are told what happens: registered by the agency, signed for, tried again, replayed.

use access::{Action, Pass};
use chrono::{SecondsFormat, TimeDelta};
use futures_util::future::join_all;
use kernel::{
    DeliveryState, Event, Page, Resource, Version, Violation, ViolationCode, WebhookAction,
    WebhookDeliveryId, WebhookEndpointId, WebhookReason, WebhookState, webhook_pause,
};
use serde_json::{Value, json};
use store::{
    ClaimedDelivery, MOST_REPLAYED, PageRequest, StoreError, Tx, WebhookAttemptRow, WebhookDeliveryRow,
    WebhookEndpointRow, WebhookOutcome, Written,
};

use crate::app::{AppError, Ctx, Services};
use crate::dto::enums::Wire;
use crate::dto::webhooks::{
    WebhookDeliveryQuery, WebhookDeliveryView, WebhookEndpointMadeView, WebhookEndpointPut,
    WebhookEndpointView, WebhookReplay, WebhookReplayView, WebhookSecretCreate, WebhookSecretView,
};
use crate::dto::{created, gone, replaced};
use crate::problems::Problem;
use crate::webhooks::{Sent, new_secret, shown, sign};

/// An endpoint as this caller sees it.
#[must_use]
pub fn view(ctx: &Ctx, row: WebhookEndpointRow) -> WebhookEndpointView {
    let may = ctx.actor.can(Action::WebhookWrite);
    let allowed = if may { row.state.allowed_actions() } else { &[] };
    WebhookEndpointView::new(row, allowed)
}

/// What may stand in the trail for good: the address without what may be a secret in it.
fn trail(row: &WebhookEndpointRow) -> Value {
    let host = reqwest::Url::parse(&row.url).ok().and_then(|url| url.host_str().map(ToOwned::to_owned));
    json!({"host": host, "events": row.events, "state": row.state, "reason": row.reason})
}

/// The agency's endpoints.
///
/// # Errors
/// `FORBIDDEN`.
pub async fn list(ctx: &Ctx, page: &PageRequest) -> Result<Page<WebhookEndpointRow>, AppError> {
    let scope = ctx.scope(Action::WebhookRead)?;
    Ok(ctx.read(&scope).webhook_endpoints(ctx.now, page).await?)
}

/// One of them.
///
/// # Errors
/// `FORBIDDEN`, `NOT_FOUND`.
pub async fn get(ctx: &Ctx, id: WebhookEndpointId) -> Result<WebhookEndpointRow, AppError> {
    let scope = ctx.scope(Action::WebhookRead)?;
    Ok(ctx.read(&scope).webhook_endpoint(id, ctx.now).await?.ok_or(Problem::NotFound)?)
}

/// Registers an endpoint. Its secret is in the reply and nowhere else.
///
/// # Errors
/// `FORBIDDEN`, `INVALID`.
pub async fn create(ctx: &Ctx, input: WebhookEndpointPut) -> Result<Written, AppError> {
    let scope = ctx.scope(Action::WebhookRead)?;
    let pass = ctx.actor.allow(Action::WebhookWrite)?;
    let row = input.into_row(WebhookEndpointId::new(), ctx.now, ctx.services.sender.is_open())?;
    let secret = new_secret().ok_or(Problem::Internal)?;
    ctx.write(async |tx| {
        tx.webhook_endpoint_insert(&pass, &row).await?;
        tx.webhook_secret_insert(&pass, (row.id, WebhookDeliveryId::new().uuid()), &secret, ctx.now).await?;
        let made = ctx.read_in(tx, &scope).webhook_endpoint(row.id, ctx.now).await?;
        let made = made.ok_or(Problem::NotFound)?;
        let changes = trail(&made);
        let view =
            WebhookEndpointMadeView { id: row.id.uuid(), secret: shown(&secret), endpoint: view(ctx, made) };
        let event = Event::new(Resource::WebhookEndpoint, row.id, "CREATED");
        let reply = created(&view, Version::FIRST, format!("/v1/webhook-endpoints/{}", row.id));
        Ok(tx.record(&pass, &event, Some(changes)).with(reply))
    })
    .await
}

/// Changes an endpoint in a state that lets it.
async fn change(
    ctx: &Ctx,
    id: WebhookEndpointId,
    (action, what): (WebhookAction, &'static str),
    work: impl AsyncFn(&Tx<'_>, &Pass, WebhookEndpointRow) -> Result<WebhookEndpointRow, AppError>,
) -> Result<Written, AppError> {
    let scope = ctx.scope(Action::WebhookRead)?;
    ctx.write(async |tx| {
        let reader = ctx.read_in(tx, &scope);
        let row = reader.webhook_endpoint(id, ctx.now).await?.ok_or(Problem::NotFound)?;
        let pass = ctx.actor.allow(Action::WebhookWrite)?;
        ctx.expect_version(row.version)?;
        if !row.state.allowed_actions().contains(&action) {
            return Err(Problem::WebhookState.into());
        }
        let before = trail(&row);
        let after = work(tx, &pass, row).await?;
        tx.webhook_endpoint_update(&pass, &after).await?;
        let after = reader.webhook_endpoint(id, ctx.now).await?.ok_or(Problem::NotFound)?;
        let version = after.version;
        let changes = json!({"before": before, "after": trail(&after)});
        let event = Event::new(Resource::WebhookEndpoint, id, what);
        Ok(tx.record(&pass, &event, Some(changes)).with(replaced(&view(ctx, after), version)))
    })
    .await
}

/// Replaces its address and what it asks for.
///
/// # Errors
/// `NOT_FOUND`, `FORBIDDEN`, `STALE`, `INVALID`.
pub async fn replace(
    ctx: &Ctx,
    id: WebhookEndpointId,
    input: WebhookEndpointPut,
) -> Result<Written, AppError> {
    change(ctx, id, (WebhookAction::Edit, "REPLACED"), async |_, _, row| {
        let said = input.clone().into_row(id, row.created_at, ctx.services.sender.is_open())?;
        let WebhookEndpointRow { url, description, events, .. } = said;
        Ok(WebhookEndpointRow { url, description, events, ..row })
    })
    .await
}

/// Sends it nothing until it goes on.
///
/// # Errors
/// `NOT_FOUND`, `FORBIDDEN`, `STALE`, `WEBHOOK_STATE`.
pub async fn pause(ctx: &Ctx, id: WebhookEndpointId) -> Result<Written, AppError> {
    change(ctx, id, (WebhookAction::Pause, "PAUSED"), async |_, _, row| {
        Ok(WebhookEndpointRow { state: WebhookState::Paused, reason: Some(WebhookReason::Requested), ..row })
    })
    .await
}

/// Goes on, with what waits first.
///
/// # Errors
/// `NOT_FOUND`, `FORBIDDEN`, `STALE`, `WEBHOOK_STATE`.
pub async fn resume(ctx: &Ctx, id: WebhookEndpointId) -> Result<Written, AppError> {
    change(ctx, id, (WebhookAction::Resume, "RESUMED"), async |_, _, row| {
        Ok(WebhookEndpointRow { state: WebhookState::Active, reason: None, ..row })
    })
    .await
}

/// Removes an endpoint and everything that was noted for it.
///
/// # Errors
/// `NOT_FOUND`, `FORBIDDEN`, `STALE`.
pub async fn delete(ctx: &Ctx, id: WebhookEndpointId) -> Result<Written, AppError> {
    let scope = ctx.scope(Action::WebhookRead)?;
    ctx.write(async |tx| {
        let found = ctx.read_in(tx, &scope).webhook_endpoint(id, ctx.now).await?;
        let row = found.ok_or(Problem::NotFound)?;
        let pass = ctx.actor.allow(Action::WebhookWrite)?;
        let version = ctx.expect_version(row.version)?;
        tx.webhook_endpoint_delete(&pass, id, version).await?;
        let event = Event::new(Resource::WebhookEndpoint, id, "DELETED");
        Ok(tx.record(&pass, &event, Some(trail(&row))).with(gone()))
    })
    .await
}

/// Gives an endpoint a new secret; what is sent is signed with the one before, too, for as long as both are good.
///
/// # Errors
/// `NOT_FOUND`, `FORBIDDEN`, `INVALID`.
pub async fn rotate(
    ctx: &Ctx,
    id: WebhookEndpointId,
    input: WebhookSecretCreate,
) -> Result<Written, AppError> {
    let scope = ctx.scope(Action::WebhookRead)?;
    let secret = new_secret().ok_or(Problem::Internal)?;
    ctx.write(async |tx| {
        let found = ctx.read_in(tx, &scope).webhook_endpoint(id, ctx.now).await?;
        found.ok_or(Problem::NotFound)?;
        let pass = ctx.actor.allow(Action::WebhookWrite)?;
        let until = ctx.now + TimeDelta::hours(i64::from(input.overlap()?));
        tx.webhook_secret_insert(&pass, (id, WebhookDeliveryId::new().uuid()), &secret, until).await?;
        let view = WebhookSecretView { secret: shown(&secret), former_until: until };
        let event = Event::new(Resource::WebhookEndpoint, id, "SECRET_ROTATED");
        let reply = created(&view, Version::FIRST, format!("/v1/webhook-endpoints/{id}"));
        Ok(tx.record(&pass, &event, Some(json!({"former_until": until}))).with(reply))
    })
    .await
}

/// What was sent to an endpoint, and what is to be.
///
/// # Errors
/// `FORBIDDEN`, `NOT_FOUND`.
pub async fn deliveries(
    ctx: &Ctx,
    id: WebhookEndpointId,
    query: WebhookDeliveryQuery,
    page: &PageRequest,
) -> Result<Page<WebhookDeliveryRow>, AppError> {
    let scope = ctx.scope(Action::WebhookRead)?;
    let reader = ctx.read(&scope);
    reader.webhook_endpoint(id, ctx.now).await?.ok_or(Problem::NotFound)?;
    Ok(reader.webhook_deliveries(id, query.state.map(|Wire(state)| state), page).await?)
}

/// One delivery with its attempts.
///
/// # Errors
/// `FORBIDDEN`, `NOT_FOUND`.
pub async fn delivery(
    ctx: &Ctx,
    id: WebhookDeliveryId,
) -> Result<(WebhookDeliveryRow, Vec<WebhookAttemptRow>), AppError> {
    let scope = ctx.scope(Action::WebhookRead)?;
    Ok(ctx.read(&scope).webhook_delivery(id).await?.ok_or(Problem::NotFound)?)
}

/// Sends one event once more, with the same `webhook-id`.
///
/// # Errors
/// `NOT_FOUND`, `FORBIDDEN`, `WEBHOOK_STATE` for an endpoint that was stopped.
pub async fn replay(ctx: &Ctx, of: WebhookDeliveryId) -> Result<Written, AppError> {
    let scope = ctx.scope(Action::WebhookRead)?;
    ctx.write(async |tx| {
        let reader = ctx.read_in(tx, &scope);
        let (row, _) = reader.webhook_delivery(of).await?.ok_or(Problem::NotFound)?;
        let endpoint = reader.webhook_endpoint(row.endpoint, ctx.now).await?.ok_or(Problem::NotFound)?;
        let pass = ctx.actor.allow(Action::WebhookWrite)?;
        if !endpoint.state.allowed_actions().contains(&WebhookAction::Replay) {
            return Err(Problem::WebhookState.into());
        }
        let id = WebhookDeliveryId::new();
        tx.webhook_delivery_replay(&pass, of, id).await?;
        let (made, attempts) = reader.webhook_delivery(id).await?.ok_or(Problem::NotFound)?;
        let event = Event::new(Resource::WebhookEndpoint, row.endpoint, "REPLAYED");
        let view = WebhookDeliveryView::new(made, attempts);
        let reply = created(&view, Version::FIRST, format!("/v1/webhook-deliveries/{id}"));
        Ok(tx.record(&pass, &event, Some(json!({"delivery_id": of, "replay_id": id}))).with(reply))
    })
    .await
}

/// Sends everything an endpoint asks for once more that was recorded from an instant on.
///
/// # Errors
/// `NOT_FOUND`, `FORBIDDEN`, `INVALID`, `WEBHOOK_STATE` for an endpoint that was stopped.
pub async fn replay_since(
    ctx: &Ctx,
    id: WebhookEndpointId,
    input: WebhookReplay,
) -> Result<Written, AppError> {
    let scope = ctx.scope(Action::WebhookRead)?;
    ctx.write(async |tx| {
        let found = ctx.read_in(tx, &scope).webhook_endpoint(id, ctx.now).await?;
        let row = found.ok_or(Problem::NotFound)?;
        let pass = ctx.actor.allow(Action::WebhookWrite)?;
        if !row.state.allowed_actions().contains(&WebhookAction::Replay) {
            return Err(Problem::WebhookState.into());
        }
        let since = input.since(ctx.now)?;
        let count = tx.webhook_replay(&pass, &row, since).await?;
        let count = count
            .ok_or_else(|| Violation::new("/since", ViolationCode::TooMany).with("max", MOST_REPLAYED))?;
        let event = Event::new(Resource::WebhookEndpoint, id, "REPLAYED");
        let location = format!("/v1/webhook-endpoints/{id}/deliveries?state=PENDING");
        let reply = created(&WebhookReplayView { deliveries: count }, Version::FIRST, location);
        Ok(tx.record(&pass, &event, Some(json!({"since": since, "deliveries": count}))).with(reply))
    })
    .await
}

/// What is sent: what happened, when, and which thing; whoever wants to know more asks for it, as far as they may.
fn payload(delivery: &WebhookDeliveryRow) -> String {
    let resource = delivery.r#type.split_once('.').map_or("", |(resource, _)| resource);
    let at = delivery.event_at.to_rfc3339_opts(SecondsFormat::Micros, true);
    json!({
        "type": delivery.r#type,
        "timestamp": at,
        "data": {"resource": resource.to_uppercase(), "id": delivery.resource},
    })
    .to_string()
}

/// Sends what is due; how many were tried. An endpoint may be told twice of one event, and knows it by its `webhook-id`.
///
/// # Errors
/// The store's, when it cannot be asked what is due.
pub async fn deliver(services: &Services) -> Result<usize, StoreError> {
    let mut all = 0;
    loop {
        let now = services.clock.now();
        let claimed = services.store.webhook_deliveries_take(now, WebhookDeliveryId::new().uuid()).await?;
        if claimed.is_empty() {
            return Ok(all);
        }
        all += claimed.len();
        for told in join_all(claimed.iter().map(|one| attempt(services, one))).await {
            if let Err(error) = told {
                log::warn!("what came of a delivery could not be noted, it is sent again: {error}");
            }
        }
    }
}

async fn attempt(services: &Services, claimed: &ClaimedDelivery) -> Result<(), StoreError> {
    let (delivery, at) = (&claimed.delivery, services.clock.now());
    let (id, payload) = (delivery.event.to_string(), payload(delivery));
    let headers = [
        ("webhook-id", id.clone()),
        ("webhook-timestamp", at.timestamp().to_string()),
        ("webhook-signature", sign(&claimed.secrets, &id, at, &payload)),
    ];
    let begun = std::time::Instant::now();
    let sent = services.sender.send(&claimed.url, headers, payload).await;
    let millis = i32::try_from(begun.elapsed().as_millis()).unwrap_or(i32::MAX);
    let outcome = outcome(sent, delivery.attempts, (at, millis));
    services.store.webhook_attempt(claimed, &outcome).await?;
    if let Some((state, reason)) = outcome.endpoint {
        log::warn!(agency_id:% = claimed.agency, endpoint_id:% = delivery.endpoint, state:%, reason:%; "an endpoint is not told any more");
    }
    Ok(())
}

/// What follows from an attempt after so many before it.
fn outcome(sent: Sent, before: i32, (at, millis): (chrono::DateTime<chrono::Utc>, i32)) -> WebhookOutcome {
    let attempts = u32::try_from(before).unwrap_or_default() + 1;
    let (answer, asked) = match sent {
        Sent::Answered(status, wait) => (Ok(status), wait),
        Sent::Failed(failure) => (Err(failure), None),
    };
    let ended = |state, endpoint| WebhookOutcome { at, millis, answer, state, next_at: at, endpoint };
    match answer {
        Ok(200..=299) => ended(DeliveryState::Delivered, None),
        Ok(410) => ended(DeliveryState::Failed, Some((WebhookState::Stopped, WebhookReason::Gone))),
        _ => match webhook_pause(attempts, fastrand::f64()) {
            Some(pause) => {
                let next_at = at + asked.map_or(pause, |asked| asked.max(pause));
                WebhookOutcome { at, millis, answer, state: DeliveryState::Pending, next_at, endpoint: None }
            }
            None => ended(DeliveryState::Failed, Some((WebhookState::Paused, WebhookReason::Failing))),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use kernel::DeliveryFailure;
    use uuid::Uuid;

    #[test]
    fn what_follows_from_an_attempt() {
        let at: chrono::DateTime<chrono::Utc> = "2026-07-01T00:00:00Z".parse().unwrap();
        let of = |sent, before| {
            let told = outcome(sent, before, (at, 7));
            (told.state, told.next_at - at, told.endpoint)
        };
        let answered = |status| Sent::Answered(status, None);
        let zero = TimeDelta::zero();
        assert_eq!(of(answered(204), 3), (DeliveryState::Delivered, zero, None));
        let gone = Some((WebhookState::Stopped, WebhookReason::Gone));
        assert_eq!(of(answered(410), 0), (DeliveryState::Failed, zero, gone));
        for failed in [answered(302), answered(404), answered(500), Sent::Failed(DeliveryFailure::TimedOut)] {
            let (state, wait, endpoint) = of(failed, 0);
            assert_eq!((state, endpoint), (DeliveryState::Pending, None), "{failed:?}");
            assert!(wait >= TimeDelta::seconds(4) && wait <= TimeDelta::seconds(6), "{wait}");
            let failing = Some((WebhookState::Paused, WebhookReason::Failing));
            assert_eq!(of(failed, 9), (DeliveryState::Failed, zero, failing), "{failed:?}");
        }
        let later = Sent::Answered(429, TimeDelta::try_seconds(3_600));
        assert_eq!(of(later, 0).1, TimeDelta::seconds(3_600), "as long as it asks");
        let sooner = Sent::Answered(429, TimeDelta::try_seconds(1));
        assert!(of(sooner, 2).1 > TimeDelta::minutes(20), "and no sooner than ours");
    }

    #[test]
    fn nothing_personal_is_sent() {
        let delivery = WebhookDeliveryRow {
            id: WebhookDeliveryId::new(),
            endpoint: WebhookEndpointId::new(),
            event: Uuid::nil(),
            r#type: "own_learning.verified".to_owned(),
            resource: Uuid::nil(),
            event_at: "2026-07-01T02:00:00Z".parse().unwrap(),
            replay_of: None,
            state: DeliveryState::Pending,
            attempts: 0,
            next_at: None,
            ended_at: None,
            created_at: "2026-07-01T02:00:00Z".parse().unwrap(),
        };
        let sent: Value = serde_json::from_str(&payload(&delivery)).unwrap();
        let expected = json!({"type": "own_learning.verified", "timestamp": "2026-07-01T02:00:00.000000Z",
            "data": {"resource": "OWN_LEARNING", "id": Uuid::nil()}});
        assert_eq!(sent, expected);
    }
}
