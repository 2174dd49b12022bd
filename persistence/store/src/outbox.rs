//! Handing events on: each once, in order, by whoever holds the agency's row.

use chrono::{DateTime, Utc};
use kernel::AgencyId;
use sea_orm::{ConnectionTrait as _, FromQueryResult, raw_sql};
use uuid::Uuid;

use crate::sentence::Sentence;
use crate::tx::AsStoreError;
use crate::{Store, StoreError, Tx, WriteContext};

/// How many events are handed on in one transaction.
const BATCH: i64 = 500;

/// Something that happened.
#[derive(Clone, Debug, PartialEq, Eq, FromQueryResult)]
pub struct OutboxEvent {
    /// Its id, that of the trail's entry where it has one.
    pub id: Uuid,
    /// When.
    pub at: DateTime<Utc>,
    /// What, as the feed calls it: `class.cancelled`.
    pub r#type: String,
    /// To which resource.
    pub resource_id: Uuid,
}

impl Store {
    /// Agencies with events that nobody has handed on.
    ///
    /// # Errors
    /// The database's.
    pub async fn outbox_waiting(&self) -> Result<Vec<AgencyId>, StoreError> {
        let statement = raw_sql!(
            Postgres,
            "SELECT a.id FROM agencies a
             WHERE EXISTS (SELECT FROM outbox o WHERE o.agency_id = a.id AND o.position IS NULL)
             ORDER BY a.id"
        );
        let rows = self.db.query_all_raw(statement).await?;
        rows.iter().map(|row| Ok(AgencyId::from(row.try_get::<Uuid>("", "id")?))).collect()
    }

    /// Hands the next events of an agency on to `work`, in the order in which they happened to each resource; returns how
    /// many, none while somebody else does it. What `work` writes and that they were handed on is one transaction: an event
    /// is never lost, and never handed on twice.
    ///
    /// # Errors
    /// What `work` returns, or the store's own failure. Then nothing was handed on.
    pub async fn outbox_hand_on<E>(
        &self,
        context: &WriteContext,
        work: impl AsyncFn(&Tx<'_>, &[OutboxEvent]) -> Result<(), E>,
    ) -> Result<usize, E>
    where
        E: From<StoreError> + AsStoreError,
    {
        self.transact(context, async |tx| {
            let Some(last) = tx.outbox_take(context.agency).await? else { return Ok(0) };
            let events = tx.outbox_next(context.agency).await?;
            if !events.is_empty() {
                work(tx, &events).await?;
                tx.outbox_handed_on(context.agency, last, &events).await?;
            }
            Ok(events.len())
        })
        .await
    }
}

impl Tx<'_> {
    /// Takes the agency's turn until the end of the transaction; the last position given. None while another holds it.
    async fn outbox_take(&self, agency: AgencyId) -> Result<Option<i64>, StoreError> {
        let agency = agency.uuid();
        let begin = raw_sql!(
            Postgres,
            "INSERT INTO outbox_positions (agency_id, last) VALUES ({agency}, 0)
             ON CONFLICT ON CONSTRAINT pk_outbox_positions DO NOTHING"
        );
        self.db.execute_raw(begin).await?;
        let take = raw_sql!(
            Postgres,
            "SELECT last FROM outbox_positions WHERE agency_id = {agency} FOR UPDATE SKIP LOCKED"
        );
        let row = self.db.query_one_raw(take).await?;
        Ok(row.map(|row| row.try_get("", "last")).transpose()?)
    }

    /// A statement of its own, after the turn was taken: it sees what the holder before handed on.
    async fn outbox_next(&self, agency: AgencyId) -> Result<Vec<OutboxEvent>, StoreError> {
        let (agency, most) = (agency.uuid(), BATCH);
        let statement = raw_sql!(
            Postgres,
            "SELECT id, at, type, resource_id FROM outbox
             WHERE agency_id = {agency} AND position IS NULL ORDER BY seq LIMIT {most}"
        );
        Ok(OutboxEvent::find_by_statement(statement).all(&self.db).await?)
    }

    async fn outbox_handed_on(
        &self,
        agency: AgencyId,
        last: i64,
        events: &[OutboxEvent],
    ) -> Result<(), StoreError> {
        let ids: Vec<Uuid> = events.iter().map(|event| event.id).collect();
        let sentence = Sentence::new(
            "WITH given AS (
                UPDATE outbox o SET position = $2 + e.number
                FROM unnest($3::uuid[]) WITH ORDINALITY AS e(id, number)
                WHERE o.agency_id = $1 AND o.id = e.id
                RETURNING o.position)
             UPDATE outbox_positions SET last = (SELECT max(position) FROM given) WHERE agency_id = $1",
            [agency.uuid().into(), last.into(), ids.into()],
        );
        self.db.execute_raw(sentence.finish()).await?;
        Ok(())
    }
}
