//! Webhooks: endpoints, secrets, deliveries.

use chrono::{DateTime, TimeDelta, Utc};
use kernel::{
    LongText, Version, Violation, ViolationCode, Violations, WebhookAction, WebhookEndpointId, WebhookState,
    webhook_filter,
};
use serde::{Deserialize, Serialize};
use store::{WebhookAttemptRow, WebhookDeliveryRow, WebhookEndpointRow};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;
use validator::Validate;

use crate::dto::enums::{Wire, wire};
use crate::dto::instant;
use crate::webhooks::endpoint;

/// Most kinds of event an endpoint may list.
const MOST_EVENTS: usize = 100;

/// The longest overlap of two secrets, in hours.
const LONGEST_OVERLAP: u16 = 168;

/// An endpoint that is told what happens.
#[derive(Debug, Serialize, ToSchema)]
pub struct WebhookEndpointView {
    /// Identifier.
    pub id: Uuid,
    /// Its address.
    #[schema(example = "https://hooks.example.go.id/bangkom", max_length = 2000)]
    pub url: String,
    /// What it is for.
    #[schema(example = "Sinkronisasi SIMPEG", max_length = 4000)]
    pub description: Option<String>,
    /// Kinds of event it asks for, `class.cancelled` or all of a resource, `class.*`; everything when empty.
    #[schema(example = json!(["class.*", "plan.approved"]), max_items = 100)]
    pub events: Vec<EventFilterText>,
    /// Where it stands.
    pub state: wire::WebhookState,
    /// Why it is not active.
    pub reason: Option<wire::WebhookReason>,
    /// How many deliveries wait.
    #[schema(example = 0, minimum = 0, maximum = 9007199254740991_i64)]
    pub pending: i64,
    /// How many secrets it is signed with: two while one takes over from another.
    #[schema(example = 1, minimum = 0, maximum = 1000)]
    pub secrets: i64,
    /// When it was registered.
    pub created_at: DateTime<Utc>,
    /// What the caller may do with it.
    #[schema(max_items = 10)]
    pub allowed_actions: Vec<wire::WebhookAction>,
}

/// A kind of event, or all of a resource.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
#[serde(transparent)]
#[schema(example = "class.cancelled", min_length = 3, max_length = 129)]
pub struct EventFilterText(pub String);

impl WebhookEndpointView {
    /// An endpoint, and what the caller may do with it.
    #[must_use]
    pub fn new(row: WebhookEndpointRow, allowed: &[WebhookAction]) -> Self {
        let WebhookEndpointRow {
            id,
            url,
            description,
            events,
            state,
            reason,
            pending,
            secrets,
            version: _,
            created_at,
        } = row;
        Self {
            id: id.uuid(),
            url,
            description: description.map(LongText::into_string),
            events: events.into_iter().map(EventFilterText).collect(),
            state: Wire(state),
            reason: reason.map(Wire),
            pending,
            secrets,
            created_at,
            allowed_actions: allowed.iter().copied().map(Wire).collect(),
        }
    }
}

/// An endpoint that was registered, with its secret.
#[derive(Debug, Serialize, ToSchema)]
pub struct WebhookEndpointMadeView {
    /// Identifier.
    pub id: Uuid,
    /// What it checks signatures with; it is not shown again.
    #[schema(example = "whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=", max_length = 100)]
    pub secret: String,
    /// The endpoint.
    pub endpoint: WebhookEndpointView,
}

/// An endpoint, as it is registered or changed.
#[derive(Clone, Debug, Deserialize, Serialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"url": "https://hooks.example.go.id/bangkom", "description": "Sinkronisasi SIMPEG",
    "events": ["class.*", "plan.approved"]}))]
pub struct WebhookEndpointPut {
    /// Its address: one of the public internet, over TLS, without a user.
    #[schema(example = "https://hooks.example.go.id/bangkom", min_length = 1, max_length = 2000)]
    pub url: String,
    /// What it is for.
    #[schema(example = "Sinkronisasi SIMPEG", max_length = 4000)]
    pub description: Option<String>,
    /// Kinds of event it asks for, `class.cancelled` or all of a resource, `class.*`; everything when empty.
    #[serde(default)]
    #[schema(example = json!(["class.*", "plan.approved"]), max_items = 100)]
    pub events: Vec<EventFilterText>,
}

impl WebhookEndpointPut {
    /// The endpoint these values describe, as it is when it is new; `open` lets it be any address.
    ///
    /// # Errors
    /// Every value that cannot stand.
    pub fn into_row(
        self,
        id: WebhookEndpointId,
        created_at: DateTime<Utc>,
        open: bool,
    ) -> Result<WebhookEndpointRow, Vec<Violation>> {
        let Self { url, description, events } = self;
        let mut found = Violations::new();
        found.check(endpoint(&url, open).is_none(), || {
            Violation::new("/url", ViolationCode::NotAllowedValue)
                .with("allowed", "https://, a public name or address")
        });
        let description = description.filter(|text| !text.trim().is_empty()).and_then(|text| {
            found.take(LongText::parse(&text).map_err(|violation| violation.under("/description")))
        });
        found.check(events.len() > MOST_EVENTS, || {
            Violation::new("/events", ViolationCode::TooMany).with("max", MOST_EVENTS)
        });
        let mut asked: Vec<String> = Vec::new();
        for (index, EventFilterText(text)) in events.into_iter().take(MOST_EVENTS).enumerate() {
            let at = format!("/events/{index}");
            found.check(asked.contains(&text), || Violation::new(&at, ViolationCode::Duplicate));
            asked.extend(found.take(webhook_filter(&text).map_err(|violation| violation.under(&at))));
        }
        found.finish()?;
        Ok(WebhookEndpointRow {
            id,
            url,
            description,
            events: asked,
            state: WebhookState::Active,
            reason: None,
            pending: 0,
            secrets: 1,
            version: Version::FIRST,
            created_at,
        })
    }
}

/// How a secret takes over.
#[derive(Clone, Copy, Debug, Deserialize, Serialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"overlap_hours": 24}))]
pub struct WebhookSecretCreate {
    /// How many hours the former secret is good for beside the new one; 24 without it.
    #[schema(example = 24, minimum = 0, maximum = 168)]
    pub overlap_hours: Option<u16>,
}

impl WebhookSecretCreate {
    /// The hours.
    ///
    /// # Errors
    /// More than a week.
    pub fn overlap(&self) -> Result<u16, Violation> {
        let hours = self.overlap_hours.unwrap_or(24);
        if hours <= LONGEST_OVERLAP {
            return Ok(hours);
        }
        let violation = Violation::new("/overlap_hours", ViolationCode::OutOfRange);
        Err(violation.with("min", 0).with("max", LONGEST_OVERLAP))
    }
}

/// A new secret.
#[derive(Debug, Serialize, ToSchema)]
pub struct WebhookSecretView {
    /// The secret; it is not shown again.
    #[schema(example = "whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=", max_length = 100)]
    pub secret: String,
    /// Until when the former one is good.
    pub former_until: DateTime<Utc>,
}

/// An event on its way to an endpoint.
#[derive(Debug, Serialize, ToSchema)]
pub struct WebhookDeliveryView {
    /// Identifier.
    pub id: Uuid,
    /// To which endpoint.
    pub endpoint_id: Uuid,
    /// The event: the `webhook-id` it is sent with, the same for every attempt and replay.
    pub event_id: Uuid,
    /// What happened.
    #[schema(example = "class.cancelled", max_length = 200)]
    pub r#type: String,
    /// To which resource.
    pub resource_id: Uuid,
    /// When it happened.
    pub event_at: DateTime<Utc>,
    /// Which delivery it repeats.
    pub replay_of: Option<Uuid>,
    /// Where it stands.
    pub state: wire::DeliveryState,
    /// How often it was tried.
    #[schema(example = 1, minimum = 0, maximum = 100)]
    pub attempts: i32,
    /// When it is tried next, if the endpoint is active.
    pub next_at: Option<DateTime<Utc>>,
    /// When it ended.
    pub ended_at: Option<DateTime<Utc>>,
    /// When it was noted.
    pub created_at: DateTime<Utc>,
    /// Each attempt; in lists left out.
    #[schema(max_items = 100)]
    pub log: Vec<WebhookAttemptView>,
}

/// An attempt at a delivery.
#[derive(Debug, Serialize, ToSchema)]
pub struct WebhookAttemptView {
    /// Its number.
    #[schema(example = 1, minimum = 1, maximum = 100)]
    pub number: i32,
    /// When.
    pub at: DateTime<Utc>,
    /// How long it took, in milliseconds.
    #[schema(example = 120, minimum = 0, maximum = 2147483647)]
    pub millis: i32,
    /// The status it was answered with.
    #[schema(example = 204, minimum = 100, maximum = 999)]
    pub status: Option<i32>,
    /// Why there was no answer.
    pub failure: Option<wire::DeliveryFailure>,
}

impl WebhookDeliveryView {
    /// A delivery with its attempts.
    #[must_use]
    pub fn new(row: WebhookDeliveryRow, attempts: Vec<WebhookAttemptRow>) -> Self {
        let WebhookDeliveryRow {
            id,
            endpoint,
            event,
            r#type,
            resource,
            event_at,
            replay_of,
            state,
            attempts: tried,
            next_at,
            ended_at,
            created_at,
        } = row;
        let attempt = |row: WebhookAttemptRow| {
            let WebhookAttemptRow { number, at, millis, status, failure } = row;
            WebhookAttemptView { number, at, millis, status, failure: failure.map(Wire) }
        };
        Self {
            id: id.uuid(),
            endpoint_id: endpoint.uuid(),
            event_id: event,
            r#type,
            resource_id: resource,
            event_at,
            replay_of,
            state: Wire(state),
            attempts: tried,
            next_at,
            ended_at,
            created_at,
            log: attempts.into_iter().map(attempt).collect(),
        }
    }
}

/// From when on everything is sent once more.
#[derive(Clone, Copy, Debug, Deserialize, Serialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"since": "2026-06-30T00:00:00Z"}))]
pub struct WebhookReplay {
    /// Everything that was recorded from this instant on; at most 90 days back.
    pub since: DateTime<Utc>,
}

impl WebhookReplay {
    /// The instant.
    ///
    /// # Errors
    /// One in the future or more than 90 days back.
    pub fn since(&self, now: DateTime<Utc>) -> Result<DateTime<Utc>, Violation> {
        let since = instant("/since", self.since)?;
        let first = now - TimeDelta::days(90);
        if since >= first && since <= now {
            return Ok(since);
        }
        let violation = Violation::new("/since", ViolationCode::OutOfRange);
        Err(violation.with("min", first.to_rfc3339()).with("max", now.to_rfc3339()))
    }
}

/// What a replay came to.
#[derive(Debug, Serialize, ToSchema)]
pub struct WebhookReplayView {
    /// How many deliveries were noted.
    #[schema(example = 12, minimum = 0, maximum = 10000)]
    pub deliveries: usize,
}
/// Which deliveries a list holds.
#[derive(Clone, Debug, Deserialize, Serialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct WebhookDeliveryQuery {
    /// In this state.
    pub state: Option<wire::DeliveryState>,
    /// Where to continue: `next` of the page before.
    #[param(max_length = 2000)]
    pub cursor: Option<String>,
    /// Most items of a page.
    #[param(minimum = 1, maximum = 200, default = 50)]
    pub limit: Option<u16>,
}
