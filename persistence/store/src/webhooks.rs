//! Endpoints of others that are told what happens: what they ask for, their secrets, and what became of each delivery.

use access::Pass;
use chrono::{DateTime, Utc};
use kernel::{
    AgencyId, DeliveryFailure, DeliveryState, LongText, Page, Version, WebhookDeliveryId, WebhookEndpointId,
    WebhookReason, WebhookState, webhook_wants,
};
use sea_orm::{ConnectionTrait as _, FromQueryResult, raw_sql};
use uuid::Uuid;

use crate::outbox::OutboxEvent;
use crate::rows::{known, long_text};
use crate::sentence::Sentence;
use crate::{PageRequest, Reader, Store, StoreError, Tx};

/// How long somebody has a delivery to send, in seconds: far longer than sending may take.
const CLAIMED: i64 = 60;

/// Deliveries that are taken at once, and of one endpoint.
const TAKEN: (i64, i64) = (32, 4);

/// Most deliveries of one replay.
pub const MOST_REPLAYED: i64 = 10_000;

/// An endpoint.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WebhookEndpointRow {
    /// Its id.
    pub id: WebhookEndpointId,
    /// Its address.
    pub url: String,
    /// What it is for.
    pub description: Option<LongText>,
    /// What it asks for; everything when empty.
    pub events: Vec<String>,
    /// Where it stands.
    pub state: WebhookState,
    /// Why it is not active.
    pub reason: Option<WebhookReason>,
    /// How many deliveries wait.
    pub pending: i64,
    /// How many secrets are good.
    pub secrets: i64,
    /// How often it was written.
    pub version: Version,
    /// When it was made.
    pub created_at: DateTime<Utc>,
}

/// A delivery.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WebhookDeliveryRow {
    /// Its id.
    pub id: WebhookDeliveryId,
    /// To which endpoint.
    pub endpoint: WebhookEndpointId,
    /// Of which event: the `webhook-id` it is sent with.
    pub event: Uuid,
    /// What happened.
    pub r#type: String,
    /// To which resource.
    pub resource: Uuid,
    /// When.
    pub event_at: DateTime<Utc>,
    /// Which delivery it repeats.
    pub replay_of: Option<Uuid>,
    /// Where it stands.
    pub state: DeliveryState,
    /// How often it was tried.
    pub attempts: i32,
    /// When it is tried next; none once it has ended.
    pub next_at: Option<DateTime<Utc>>,
    /// When it ended.
    pub ended_at: Option<DateTime<Utc>>,
    /// When it was noted.
    pub created_at: DateTime<Utc>,
}

/// An attempt at a delivery.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WebhookAttemptRow {
    /// Its number, from 1.
    pub number: i32,
    /// When.
    pub at: DateTime<Utc>,
    /// How long it took, in milliseconds.
    pub millis: i32,
    /// The status it was answered with.
    pub status: Option<i32>,
    /// Why there was no answer.
    pub failure: Option<DeliveryFailure>,
}

/// A delivery that is somebody's to send.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClaimedDelivery {
    /// The agency.
    pub agency: AgencyId,
    /// The delivery.
    pub delivery: WebhookDeliveryRow,
    /// The endpoint's address.
    pub url: String,
    /// Secrets that are good, the newest first.
    pub secrets: Vec<Vec<u8>>,
    claim: Uuid,
}

/// What came of an attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WebhookOutcome {
    /// When it was made.
    pub at: DateTime<Utc>,
    /// How long it took, in milliseconds.
    pub millis: i32,
    /// The status it was answered with, or why there was no answer.
    pub answer: Result<u16, DeliveryFailure>,
    /// Where the delivery stands now, and when it is tried again.
    pub state: DeliveryState,
    /// When it is tried again.
    pub next_at: DateTime<Utc>,
    /// What becomes of the endpoint.
    pub endpoint: Option<(WebhookState, WebhookReason)>,
}

#[derive(FromQueryResult)]
struct EndpointRecord {
    id: Uuid,
    url: String,
    description: Option<String>,
    events: Vec<String>,
    state: String,
    reason: Option<String>,
    pending: i64,
    secrets: i64,
    version: i64,
    created_at: DateTime<Utc>,
}

#[derive(FromQueryResult)]
struct DeliveryRecord {
    id: Uuid,
    endpoint_id: Uuid,
    event_id: Uuid,
    r#type: String,
    resource_id: Uuid,
    event_at: DateTime<Utc>,
    replay_of: Option<Uuid>,
    state: String,
    attempts: i32,
    next_at: DateTime<Utc>,
    ended_at: Option<DateTime<Utc>>,
    created_at: DateTime<Utc>,
}

#[derive(FromQueryResult)]
struct AttemptRecord {
    number: i32,
    at: DateTime<Utc>,
    millis: i32,
    status: Option<i32>,
    failure: Option<String>,
}

#[derive(FromQueryResult)]
struct ClaimRecord {
    agency_id: Uuid,
    url: String,
    #[sea_orm(nested)]
    delivery: DeliveryRecord,
}

fn endpoint(row: EndpointRecord) -> Result<WebhookEndpointRow, StoreError> {
    let reason = row.reason.map(|text| known(WebhookReason::parse(&text), "webhook_endpoints.reason"));
    Ok(WebhookEndpointRow {
        id: row.id.into(),
        url: row.url,
        description: row.description.map(long_text),
        events: row.events,
        state: known(WebhookState::parse(&row.state), "webhook_endpoints.state")?,
        reason: reason.transpose()?,
        pending: row.pending,
        secrets: row.secrets,
        version: Version::new(row.version),
        created_at: row.created_at,
    })
}

fn delivery(row: DeliveryRecord) -> Result<WebhookDeliveryRow, StoreError> {
    let state = known(DeliveryState::parse(&row.state), "webhook_deliveries.state")?;
    Ok(WebhookDeliveryRow {
        id: row.id.into(),
        endpoint: row.endpoint_id.into(),
        event: row.event_id,
        r#type: row.r#type,
        resource: row.resource_id,
        event_at: row.event_at,
        replay_of: row.replay_of,
        state,
        attempts: row.attempts,
        next_at: (state == DeliveryState::Pending).then_some(row.next_at),
        ended_at: row.ended_at,
        created_at: row.created_at,
    })
}

const DELIVERY: &str =
    "d.id, d.endpoint_id, d.event_id, d.type, d.resource_id, d.event_at, d.replay_of, d.state, d.attempts,
    d.next_at, d.ended_at, d.created_at";

impl Reader<'_> {
    /// The agency's endpoints, oldest first; `now` decides which secrets are good.
    ///
    /// # Errors
    /// The database's.
    pub async fn webhook_endpoints(
        &self,
        now: DateTime<Utc>,
        page: &PageRequest,
    ) -> Result<Page<WebhookEndpointRow>, StoreError> {
        let mut sentence = self.endpoint_sentence(now);
        sentence.maybe(" AND e.id > {}", page.id(0));
        sentence.push(" ORDER BY e.id LIMIT {}", [page.probe().into()]);
        let rows = EndpointRecord::find_by_statement(sentence.finish()).all(&self.db).await?;
        let rows = rows.into_iter().map(endpoint).collect::<Result<_, _>>()?;
        Ok(Page::cut(rows, page.limit, |row: &WebhookEndpointRow| vec![row.id.to_string()]))
    }

    /// One of them.
    ///
    /// # Errors
    /// The database's.
    pub async fn webhook_endpoint(
        &self,
        id: WebhookEndpointId,
        now: DateTime<Utc>,
    ) -> Result<Option<WebhookEndpointRow>, StoreError> {
        let mut sentence = self.endpoint_sentence(now);
        sentence.push(" AND e.id = {}", [id.uuid().into()]);
        EndpointRecord::find_by_statement(sentence.finish()).one(&self.db).await?.map(endpoint).transpose()
    }

    fn endpoint_sentence(&self, now: DateTime<Utc>) -> Sentence {
        Sentence::new(
            "SELECT e.id, e.url, e.description, e.events, e.state, e.reason, e.version, e.created_at,
                    (SELECT count(*) FROM webhook_deliveries d
                     WHERE d.agency_id = e.agency_id AND d.endpoint_id = e.id AND d.state = 'PENDING') AS pending,
                    (SELECT count(*) FROM webhook_secrets s
                     WHERE s.agency_id = e.agency_id AND s.endpoint_id = e.id
                       AND (s.expires_at IS NULL OR s.expires_at > $2)) AS secrets
             FROM webhook_endpoints e
             WHERE e.agency_id = $1",
            [self.agency().into(), now.into()],
        )
    }

    /// Deliveries to an endpoint, newest first.
    ///
    /// # Errors
    /// The database's.
    pub async fn webhook_deliveries(
        &self,
        endpoint: WebhookEndpointId,
        state: Option<DeliveryState>,
        page: &PageRequest,
    ) -> Result<Page<WebhookDeliveryRow>, StoreError> {
        let mut sentence = Sentence::new(
            &format!(
                "SELECT {DELIVERY} FROM webhook_deliveries d WHERE d.agency_id = $1 AND d.endpoint_id = $2"
            ),
            [self.agency().into(), endpoint.uuid().into()],
        );
        sentence.maybe(" AND d.state = {}", state.map(DeliveryState::as_str));
        sentence.maybe(" AND d.id < {}", page.id(0));
        sentence.push(" ORDER BY d.id DESC LIMIT {}", [page.probe().into()]);
        let rows = DeliveryRecord::find_by_statement(sentence.finish()).all(&self.db).await?;
        let rows = rows.into_iter().map(delivery).collect::<Result<_, _>>()?;
        Ok(Page::cut(rows, page.limit, |row: &WebhookDeliveryRow| vec![row.id.to_string()]))
    }

    /// One delivery, with its attempts.
    ///
    /// # Errors
    /// The database's.
    pub async fn webhook_delivery(
        &self,
        id: WebhookDeliveryId,
    ) -> Result<Option<(WebhookDeliveryRow, Vec<WebhookAttemptRow>)>, StoreError> {
        let sentence = Sentence::new(
            &format!("SELECT {DELIVERY} FROM webhook_deliveries d WHERE d.agency_id = $1 AND d.id = $2"),
            [self.agency().into(), id.uuid().into()],
        );
        let found = DeliveryRecord::find_by_statement(sentence.finish()).one(&self.db).await?;
        let Some(row) = found else { return Ok(None) };
        let (agency, id) = (self.agency(), id.uuid());
        let statement = raw_sql!(
            Postgres,
            "SELECT number, at, millis, status, failure FROM webhook_attempts
             WHERE agency_id = {agency} AND delivery_id = {id} ORDER BY number"
        );
        let attempt = |row: AttemptRecord| {
            let failure =
                row.failure.map(|text| known(DeliveryFailure::parse(&text), "webhook_attempts.failure"));
            Ok(WebhookAttemptRow {
                number: row.number,
                at: row.at,
                millis: row.millis,
                status: row.status,
                failure: failure.transpose()?,
            })
        };
        let attempts = AttemptRecord::find_by_statement(statement).all(&self.db).await?;
        let attempts = attempts.into_iter().map(attempt).collect::<Result<_, StoreError>>()?;
        Ok(Some((delivery(row)?, attempts)))
    }
}

impl Tx<'_> {
    /// Adds an endpoint; what happens from now on is sent to it.
    ///
    /// # Errors
    /// The database's.
    pub async fn webhook_endpoint_insert(
        &self,
        pass: &Pass,
        row: &WebhookEndpointRow,
    ) -> Result<(), StoreError> {
        let sentence = Sentence::new(
            "INSERT INTO webhook_endpoints (agency_id, id, url, description, events, state, created_at, updated_at)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $7)",
            [
                pass.agency().uuid().into(),
                row.id.uuid().into(),
                row.url.clone().into(),
                row.description.as_ref().map(ToString::to_string).into(),
                row.events.clone().into(),
                row.state.as_str().into(),
                self.now().into(),
            ],
        );
        self.db.execute_raw(sentence.finish()).await?;
        Ok(())
    }

    /// Writes what an endpoint says and where it stands; `row.version` is the version that was read. One that goes on begins with
    /// what waits at once.
    ///
    /// # Errors
    /// [`StoreError::Stale`].
    pub async fn webhook_endpoint_update(
        &self,
        pass: &Pass,
        row: &WebhookEndpointRow,
    ) -> Result<(), StoreError> {
        let sentence = Sentence::new(
            "UPDATE webhook_endpoints
             SET url = $3, description = $4, events = $5, state = $6, reason = $7, version = version + 1, updated_at = $8
             WHERE agency_id = $1 AND id = $2 AND version = $9",
            [
                pass.agency().uuid().into(),
                row.id.uuid().into(),
                row.url.clone().into(),
                row.description.as_ref().map(ToString::to_string).into(),
                row.events.clone().into(),
                row.state.as_str().into(),
                row.reason.map(WebhookReason::as_str).into(),
                self.now().into(),
                row.version.get().into(),
            ],
        );
        if self.db.execute_raw(sentence.finish()).await?.rows_affected() == 0 {
            return Err(StoreError::Stale);
        }
        if row.state == WebhookState::Active {
            let (agency, id, now) = (pass.agency().uuid(), row.id.uuid(), self.now());
            let begin = raw_sql!(
                Postgres,
                "UPDATE webhook_deliveries SET next_at = {now}
                 WHERE agency_id = {agency} AND endpoint_id = {id} AND state = 'PENDING' AND next_at > {now}"
            );
            self.db.execute_raw(begin).await?;
        }
        Ok(())
    }

    /// Removes an endpoint with everything that was sent to it.
    ///
    /// # Errors
    /// [`StoreError::Stale`].
    pub async fn webhook_endpoint_delete(
        &self,
        pass: &Pass,
        id: WebhookEndpointId,
        version: Version,
    ) -> Result<(), StoreError> {
        let (agency, id, read) = (pass.agency().uuid(), id.uuid(), version.get());
        let statement = raw_sql!(
            Postgres,
            "DELETE FROM webhook_endpoints WHERE agency_id = {agency} AND id = {id} AND version = {read}"
        );
        let gone = self.db.execute_raw(statement).await?;
        if gone.rows_affected() == 0 { Err(StoreError::Stale) } else { Ok(()) }
    }

    /// Gives an endpoint a secret; those it had are good until `overlap`.
    ///
    /// # Errors
    /// The database's.
    pub async fn webhook_secret_insert(
        &self,
        pass: &Pass,
        (endpoint, id): (WebhookEndpointId, Uuid),
        secret: &[u8],
        overlap: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        let (agency, endpoint, now) = (pass.agency().uuid(), endpoint.uuid(), self.now());
        let secret = secret.to_vec();
        let expire = raw_sql!(
            Postgres,
            "UPDATE webhook_secrets SET expires_at = least(coalesce(expires_at, 'infinity'), {overlap})
             WHERE agency_id = {agency} AND endpoint_id = {endpoint}"
        );
        self.db.execute_raw(expire).await?;
        let forget = raw_sql!(
            Postgres,
            "DELETE FROM webhook_secrets WHERE agency_id = {agency} AND endpoint_id = {endpoint} AND expires_at <= {now}"
        );
        self.db.execute_raw(forget).await?;
        let insert = raw_sql!(
            Postgres,
            "INSERT INTO webhook_secrets (agency_id, endpoint_id, id, secret, made_at)
             VALUES ({agency}, {endpoint}, {id}, {secret}, {now})"
        );
        self.db.execute_raw(insert).await?;
        Ok(())
    }

    /// Notes a delivery of each event to each endpoint that asks for it, in the transaction in which the events are handed on.
    ///
    /// # Errors
    /// The database's.
    pub async fn webhook_deliveries_note(
        &self,
        pass: &Pass,
        events: &[OutboxEvent],
    ) -> Result<(), StoreError> {
        let agency = pass.agency().uuid();
        let statement = raw_sql!(
            Postgres,
            "SELECT id, events, created_at FROM webhook_endpoints
             WHERE agency_id = {agency} AND state <> 'STOPPED' ORDER BY id"
        );
        for row in self.db.query_all_raw(statement).await? {
            let (endpoint, asks): (Uuid, Vec<String>) = (row.try_get("", "id")?, row.try_get("", "events")?);
            let since: DateTime<Utc> = row.try_get("", "created_at")?;
            let wants = |event: &&OutboxEvent| event.at >= since && webhook_wants(&asks, &event.r#type);
            let wanted: Vec<&OutboxEvent> = events.iter().filter(wants).collect();
            if wanted.is_empty() {
                continue;
            }
            let ids: Vec<Uuid> = wanted.iter().map(|_| WebhookDeliveryId::new().uuid()).collect();
            let events: Vec<Uuid> = wanted.iter().map(|event| event.id).collect();
            let sentence = Sentence::new(
                "INSERT INTO webhook_deliveries (agency_id, id, endpoint_id, event_id, type, resource_id, event_at, state,
                    next_at, created_at)
                 SELECT $1, n.id, $2, o.id, o.type, o.resource_id, o.at, 'PENDING', $5, $5
                 FROM unnest($3::uuid[], $4::uuid[]) AS n(id, event_id)
                 JOIN outbox o ON o.agency_id = $1 AND o.id = n.event_id
                 ON CONFLICT (agency_id, endpoint_id, event_id) WHERE replay_of IS NULL DO NOTHING",
                [agency.into(), endpoint.into(), ids.into(), events.into(), self.now().into()],
            );
            self.db.execute_raw(sentence.finish()).await?;
        }
        Ok(())
    }

    /// Notes a delivery once more.
    ///
    /// # Errors
    /// The database's.
    pub async fn webhook_delivery_replay(
        &self,
        pass: &Pass,
        of: WebhookDeliveryId,
        id: WebhookDeliveryId,
    ) -> Result<(), StoreError> {
        let (agency, of, id, now) = (pass.agency().uuid(), of.uuid(), id.uuid(), self.now());
        let statement = raw_sql!(
            Postgres,
            "INSERT INTO webhook_deliveries (agency_id, id, endpoint_id, event_id, type, resource_id, event_at, replay_of,
                state, next_at, created_at)
             SELECT agency_id, {id}, endpoint_id, event_id, type, resource_id, event_at, id, 'PENDING', {now}, {now}
             FROM webhook_deliveries WHERE agency_id = {agency} AND id = {of}"
        );
        self.db.execute_raw(statement).await?;
        Ok(())
    }

    /// Notes deliveries of everything an endpoint asks for that was recorded from `since` on and handed on by now, in order; how
    /// many. Those with a delivery get another one, those from before the endpoint their first. None when it is more than
    /// [`MOST_REPLAYED`].
    ///
    /// # Errors
    /// The database's.
    pub async fn webhook_replay(
        &self,
        pass: &Pass,
        row: &WebhookEndpointRow,
        since: DateTime<Utc>,
    ) -> Result<Option<usize>, StoreError> {
        let (agency, endpoint) = (pass.agency().uuid(), row.id.uuid());
        let probe = MOST_REPLAYED * 4 + 1;
        let statement = raw_sql!(
            Postgres,
            "SELECT id, at, type, resource_id FROM outbox
             WHERE agency_id = {agency} AND at >= {since} AND position IS NOT NULL ORDER BY position LIMIT {probe}"
        );
        let events = OutboxEvent::find_by_statement(statement).all(&self.db).await?;
        let too_many = |count: usize, most: i64| i64::try_from(count).is_ok_and(|count| count > most);
        let read = events.len();
        let wanted: Vec<OutboxEvent> =
            events.into_iter().filter(|event| webhook_wants(&row.events, &event.r#type)).collect();
        if too_many(read, probe - 1) || too_many(wanted.len(), MOST_REPLAYED) {
            return Ok(None);
        }
        let ids: Vec<Uuid> = wanted.iter().map(|_| WebhookDeliveryId::new().uuid()).collect();
        let events: Vec<Uuid> = wanted.iter().map(|event| event.id).collect();
        let sentence = Sentence::new(
            "INSERT INTO webhook_deliveries (agency_id, id, endpoint_id, event_id, type, resource_id, event_at, replay_of, state,
                next_at, created_at)
             SELECT $1, n.id, $2, o.id, o.type, o.resource_id, o.at, d.id, 'PENDING', $5, $5
             FROM unnest($3::uuid[], $4::uuid[]) AS n(id, event_id)
             JOIN outbox o ON o.agency_id = $1 AND o.id = n.event_id
             LEFT JOIN webhook_deliveries d ON d.agency_id = $1 AND d.endpoint_id = $2 AND d.event_id = o.id
                AND d.replay_of IS NULL",
            [agency.into(), endpoint.into(), ids.into(), events.into(), self.now().into()],
        );
        self.db.execute_raw(sentence.finish()).await?;
        Ok(Some(wanted.len()))
    }
}

impl Store {
    /// Takes deliveries that are due, the longest due first and few of one endpoint, so that a slow one holds up no other. Whoever
    /// does not say in time what came of one loses it to the next that asks.
    ///
    /// # Errors
    /// The database's.
    pub async fn webhook_deliveries_take(
        &self,
        now: DateTime<Utc>,
        claim: Uuid,
    ) -> Result<Vec<ClaimedDelivery>, StoreError> {
        let (most, of_one) = TAKEN;
        let until = now + chrono::TimeDelta::seconds(CLAIMED);
        let sentence = Sentence::new(
            &format!(
                "WITH ranked AS (
                    SELECT d.agency_id, d.id, d.next_at,
                           row_number() OVER (PARTITION BY d.endpoint_id ORDER BY d.next_at, d.id) AS rank
                    FROM webhook_deliveries d
                    JOIN webhook_endpoints e ON e.agency_id = d.agency_id AND e.id = d.endpoint_id AND e.state = 'ACTIVE'
                    WHERE d.state = 'PENDING' AND d.next_at <= $1
                      AND (d.claimed_until IS NULL OR d.claimed_until <= $1)),
                 taken AS (
                    SELECT w.agency_id, w.id FROM webhook_deliveries w
                    JOIN ranked r ON r.agency_id = w.agency_id AND r.id = w.id
                    WHERE r.rank <= $4 AND w.state = 'PENDING' AND (w.claimed_until IS NULL OR w.claimed_until <= $1)
                    ORDER BY r.next_at, r.id LIMIT $3
                    FOR UPDATE OF w SKIP LOCKED)
                 UPDATE webhook_deliveries d SET claim = $2, claimed_until = $5
                 FROM taken t, webhook_endpoints e
                 WHERE d.agency_id = t.agency_id AND d.id = t.id AND e.agency_id = d.agency_id AND e.id = d.endpoint_id
                 RETURNING d.agency_id, e.url, {DELIVERY}"
            ),
            [now.into(), claim.into(), most.into(), of_one.into(), until.into()],
        );
        let rows = ClaimRecord::find_by_statement(sentence.finish()).all(&self.db).await?;
        let mut claimed = Vec::with_capacity(rows.len());
        for row in rows {
            let (agency, endpoint) = (row.agency_id, row.delivery.endpoint_id);
            let statement = raw_sql!(
                Postgres,
                "SELECT secret FROM webhook_secrets
                 WHERE agency_id = {agency} AND endpoint_id = {endpoint} AND (expires_at IS NULL OR expires_at > {now})
                 ORDER BY made_at DESC, id DESC"
            );
            let secrets = self.db.query_all_raw(statement).await?;
            claimed.push(ClaimedDelivery {
                agency: AgencyId::from(agency),
                url: row.url,
                secrets: secrets.iter().map(|row| row.try_get("", "secret")).collect::<Result<_, _>>()?,
                delivery: delivery(row.delivery)?,
                claim,
            });
        }
        Ok(claimed)
    }

    /// Writes what came of an attempt; not when somebody else has the delivery by now, who will say so themself.
    ///
    /// # Errors
    /// The database's.
    pub async fn webhook_attempt(
        &self,
        claimed: &ClaimedDelivery,
        outcome: &WebhookOutcome,
    ) -> Result<bool, StoreError> {
        let WebhookOutcome { at, millis, answer, state, next_at, endpoint } = *outcome;
        let (status, failure) = match answer {
            Ok(status) => (Some(i32::from(status)), None),
            Err(failure) => (None, Some(failure.as_str())),
        };
        let ended = (state != DeliveryState::Pending).then_some(at);
        let (becomes, reason) = endpoint.unzip();
        let sentence = Sentence::new(
            "WITH told AS (
                UPDATE webhook_deliveries
                SET attempts = attempts + 1, state = $4, next_at = $5, ended_at = $6, claim = NULL, claimed_until = NULL
                WHERE agency_id = $1 AND id = $2 AND claim = $3 AND state = 'PENDING'
                RETURNING agency_id, id, endpoint_id, attempts),
             noted AS (
                INSERT INTO webhook_attempts (agency_id, delivery_id, number, at, millis, status, failure)
                SELECT agency_id, id, attempts, $7, $8, $9, $10 FROM told),
             moved AS (
                UPDATE webhook_endpoints e SET state = $11, reason = $12, version = e.version + 1, updated_at = $7
                FROM told t
                WHERE e.agency_id = t.agency_id AND e.id = t.endpoint_id AND $11::text IS NOT NULL AND e.state = 'ACTIVE')
             SELECT id FROM told",
            [
                claimed.agency.uuid().into(),
                claimed.delivery.id.uuid().into(),
                claimed.claim.into(),
                state.as_str().into(),
                next_at.into(),
                ended.into(),
                at.into(),
                millis.into(),
                status.into(),
                failure.into(),
                becomes.map(WebhookState::as_str).into(),
                reason.map(WebhookReason::as_str).into(),
            ],
        );
        Ok(!self.db.query_all_raw(sentence.finish()).await?.is_empty())
    }

    /// Forgets deliveries that were noted before `before` and have ended.
    ///
    /// # Errors
    /// The database's.
    pub async fn webhook_deliveries_sweep(&self, before: DateTime<Utc>) -> Result<u64, StoreError> {
        let statement = raw_sql!(
            Postgres,
            "DELETE FROM webhook_deliveries WHERE created_at < {before} AND state <> 'PENDING'"
        );
        Ok(self.db.execute_raw(statement).await?.rows_affected())
    }
}
