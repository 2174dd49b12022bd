//! Work that can outlast a request.

use access::Pass;
use chrono::{DateTime, TimeDelta, Utc};
use entities::operations::{self, Column};
use kernel::{
    AgencyId, OperationId, OperationKind, OperationPhase, OperationState, Page, UserId, Version, WorkerId,
};
use sea_orm::ActiveValue::Set;
use sea_orm::{
    ColumnTrait as _, ConnectionTrait as _, EntityTrait as _, FromQueryResult as _, QueryFilter as _,
    QueryOrder as _, QuerySelect as _, raw_sql,
};
use serde_json::{Value, json};

use crate::rows::known;
use crate::{PageRequest, Reader, Store, StoreError, Tx};

/// A piece of work.
#[derive(Clone, Debug, PartialEq)]
pub struct OperationRow {
    /// Its id.
    pub id: OperationId,
    /// What it does.
    pub kind: OperationKind,
    /// Whether it goes on, and how it ended.
    pub state: OperationState,
    /// The part of it that is under way, or was when it ended; none before somebody begins with it.
    pub phase: Option<OperationPhase>,
    /// Items of that part done.
    pub done: i64,
    /// Items of it in all, once that is known.
    pub total: Option<i64>,
    /// What it was asked to do.
    pub input: Value,
    /// What it came to.
    pub result: Option<Value>,
    /// Why it failed.
    pub error: Option<Value>,
    /// Who asked for it.
    pub requested_by: UserId,
    /// When.
    pub created_at: DateTime<Utc>,
    /// When it ended.
    pub finished_at: Option<DateTime<Utc>>,
    /// How often the row has been written.
    pub version: Version,
    /// Who does it, a name for each attempt; nobody when it waits for somebody to.
    pub worker: Option<WorkerId>,
    /// How often somebody began with it.
    pub attempts: i32,
}

/// How far work has come.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct OperationProgress {
    /// The part of it that is under way.
    pub phase: Option<OperationPhase>,
    /// Items of that part done.
    pub done: i64,
    /// Items of it in all, once that is known.
    pub total: Option<i64>,
}

/// Work that was taken over.
#[derive(Clone, Debug, PartialEq)]
pub struct ClaimedOperation {
    /// Whose it is.
    pub agency: AgencyId,
    /// The work.
    pub operation: OperationRow,
}

impl OperationRow {
    /// Work that `worker` begins at `now`.
    #[must_use]
    pub fn begun(
        id: OperationId,
        kind: OperationKind,
        input: Value,
        requested_by: UserId,
        worker: WorkerId,
        now: DateTime<Utc>,
    ) -> Self {
        Self {
            id,
            kind,
            state: OperationState::Running,
            phase: None,
            done: 0,
            total: None,
            input,
            result: None,
            error: None,
            requested_by,
            created_at: now,
            finished_at: None,
            version: Version::FIRST,
            worker: Some(worker),
            attempts: 1,
        }
    }
}

pub(crate) fn domain(row: operations::Model) -> Result<OperationRow, StoreError> {
    let phase =
        row.phase.map(|phase| known(OperationPhase::parse(&phase), "operations.phase")).transpose()?;
    Ok(OperationRow {
        id: OperationId::from(row.id),
        kind: known(OperationKind::parse(&row.kind), "operations.kind")?,
        state: known(OperationState::parse(&row.state), "operations.state")?,
        phase,
        done: row.done,
        total: row.total,
        input: row.input,
        result: row.result,
        error: row.error,
        requested_by: UserId::from(row.requested_by),
        created_at: row.created_at,
        finished_at: row.finished_at,
        version: Version::new(row.version),
        worker: row.worker.map(WorkerId::from),
        attempts: row.attempts,
    })
}

impl Reader<'_> {
    /// One piece of work of the agency.
    ///
    /// # Errors
    /// The database's.
    pub async fn operation(&self, id: OperationId) -> Result<Option<OperationRow>, StoreError> {
        let row = operations::Entity::find_by_id((self.agency(), id.uuid())).one(&self.db).await?;
        row.map(domain).transpose()
    }

    /// The agency's work, newest first.
    ///
    /// # Errors
    /// The database's.
    pub async fn operations(&self, page: &PageRequest) -> Result<Page<OperationRow>, StoreError> {
        let mut query = operations::Entity::find()
            .filter(Column::AgencyId.eq(self.agency()))
            .order_by_desc(Column::Id)
            .limit(page.limit.probe());
        if let Some(before) = page.id(0) {
            query = query.filter(Column::Id.lt(before));
        }
        let rows = query.all(&self.db).await?;
        let rows = rows.into_iter().map(domain).collect::<Result<_, _>>()?;
        Ok(Page::cut(rows, page.limit, |row: &OperationRow| vec![row.id.to_string()]))
    }
}

impl Store {
    /// Tells how far work has come, and that its worker is alive. A statement of its own: progress shows while the
    /// work's transaction is still open. False when the work is no longer this worker's, because it was cancelled or
    /// somebody took it over: the worker stops.
    ///
    /// # Errors
    /// The database's.
    pub async fn operation_progress(
        &self,
        agency: AgencyId,
        id: OperationId,
        worker: WorkerId,
        progress: OperationProgress,
        now: DateTime<Utc>,
    ) -> Result<bool, StoreError> {
        let (agency, id, worker, running) =
            (agency.uuid(), id.uuid(), worker.uuid(), OperationState::Running.as_str());
        let OperationProgress { phase, done, total } = progress;
        let phase = phase.map(OperationPhase::as_str);
        let statement = raw_sql!(
            Postgres,
            "UPDATE operations
             SET phase = {phase}, done = {done}, total = {total}, heartbeat_at = {now}, version = version + 1
             WHERE agency_id = {agency} AND id = {id} AND state = {running} AND worker = {worker}"
        );
        Ok(self.db.execute_raw(statement).await?.rows_affected() > 0)
    }

    /// Takes over the oldest work of these kinds, of any agency, that nobody does: it was handed over, or its worker has given no sign
    /// for `stale_after`. An import's file must be there, and fewer than `most` may have begun with it, unless its rows are
    /// written already. Of several who ask at once, one gets it.
    ///
    /// # Errors
    /// The database's.
    pub async fn operation_claim(
        &self,
        worker: WorkerId,
        kinds: &[OperationKind],
        now: DateTime<Utc>,
        stale_after: TimeDelta,
        most: i32,
    ) -> Result<Option<ClaimedOperation>, StoreError> {
        let (worker, last_sign) = (worker.uuid(), now - stale_after);
        let kinds: Vec<String> = kinds.iter().map(ToString::to_string).collect();
        let (running, import) = (OperationState::Running.as_str(), OperationKind::Import.as_str());
        let statement = raw_sql!(
            Postgres,
            "UPDATE operations o
             SET worker = {worker}, attempts = o.attempts + 1, heartbeat_at = {now}, done = 0, total = NULL,
                 phase = CASE WHEN o.result IS NOT NULL THEN o.phase END, version = o.version + 1
             FROM (SELECT p.agency_id, p.id FROM operations p
                   WHERE p.state = {running} AND p.kind = ANY ({kinds})
                     AND (p.worker IS NULL OR p.heartbeat_at < {last_sign})
                     AND (p.result IS NOT NULL OR p.attempts < {most} AND (p.kind <> {import} OR EXISTS (
                        SELECT 1 FROM import_files f WHERE f.agency_id = p.agency_id AND f.id = p.id)))
                   ORDER BY p.created_at, p.id LIMIT 1
                   FOR UPDATE OF p SKIP LOCKED) free
             WHERE o.agency_id = free.agency_id AND o.id = free.id
             RETURNING o.*"
        );
        let row = operations::Model::find_by_statement(statement).one(&self.db).await?;
        row.map(|row| Ok(ClaimedOperation { agency: row.agency_id.into(), operation: domain(row)? }))
            .transpose()
    }

    /// Hands work over: whoever asks next for work gets it, and the attempt does not count.
    ///
    /// # Errors
    /// The database's.
    pub async fn operation_hand_over(
        &self,
        agency: AgencyId,
        id: OperationId,
        worker: WorkerId,
    ) -> Result<(), StoreError> {
        let (agency, id, worker, running) =
            (agency.uuid(), id.uuid(), worker.uuid(), OperationState::Running.as_str());
        let statement = raw_sql!(
            Postgres,
            "UPDATE operations
             SET worker = NULL, attempts = attempts - 1, done = 0, total = NULL,
                 phase = CASE WHEN result IS NOT NULL THEN phase END, version = version + 1
             WHERE agency_id = {agency} AND id = {id} AND state = {running} AND worker = {worker}"
        );
        self.db.execute_raw(statement).await?;
        Ok(())
    }

    /// Leaves work that met trouble which passes: whoever asks next for work tries again, and the attempt counts. False
    /// when `most` began with it already, or it is no longer this worker's.
    ///
    /// # Errors
    /// The database's.
    pub async fn operation_put_off(
        &self,
        agency: AgencyId,
        id: OperationId,
        worker: WorkerId,
        most: i32,
    ) -> Result<bool, StoreError> {
        let (agency, id, worker, running) =
            (agency.uuid(), id.uuid(), worker.uuid(), OperationState::Running.as_str());
        let statement = raw_sql!(
            Postgres,
            "UPDATE operations
             SET worker = NULL, done = 0, total = NULL, phase = CASE WHEN result IS NOT NULL THEN phase END,
                 version = version + 1
             WHERE agency_id = {agency} AND id = {id} AND state = {running} AND worker = {worker}
               AND attempts < {most}"
        );
        Ok(self.db.execute_raw(statement).await?.rows_affected() > 0)
    }

    /// Takes all running work, of every agency, from whoever does it: for whoever knows that all of them are gone.
    /// Returns how much that was.
    ///
    /// # Errors
    /// The database's.
    pub async fn operations_orphan(&self) -> Result<u64, StoreError> {
        let running = OperationState::Running.as_str();
        let statement = raw_sql!(
            Postgres,
            "UPDATE operations SET worker = NULL, version = version + 1 WHERE state = {running} AND worker IS NOT NULL"
        );
        Ok(self.db.execute_raw(statement).await?.rows_affected())
    }

    /// Fails the work, in every agency, that nobody does and nobody will: `most` began with it and gave no sign for
    /// `stale_after`, or its file is not there. No transaction of theirs committed, so nothing was written. Returns how
    /// much that was. Work that is finishing this moment is locked and left alone.
    ///
    /// # Errors
    /// The database's.
    pub async fn operations_reap(
        &self,
        now: DateTime<Utc>,
        stale_after: TimeDelta,
        most: i32,
    ) -> Result<u64, StoreError> {
        let (last_sign, error) = (now - stale_after, json!({ "code": "INTERRUPTED" }));
        let (running, failed) = (OperationState::Running.as_str(), OperationState::Failed.as_str());
        let import = OperationKind::Import.as_str();
        let statement = raw_sql!(
            Postgres,
            "WITH dead AS (
                SELECT p.agency_id, p.id FROM operations p
                WHERE p.state = {running} AND (p.worker IS NULL OR p.heartbeat_at < {last_sign})
                  AND p.result IS NULL AND (p.attempts >= {most} OR p.kind = {import} AND NOT EXISTS (
                        SELECT 1 FROM import_files f WHERE f.agency_id = p.agency_id AND f.id = p.id))
                FOR UPDATE OF p SKIP LOCKED),
             files AS (
                DELETE FROM import_files f USING dead WHERE f.agency_id = dead.agency_id AND f.id = dead.id)
             UPDATE operations o
             SET state = {failed}, error = {error}, finished_at = {now}, version = o.version + 1
             FROM dead WHERE o.agency_id = dead.agency_id AND o.id = dead.id"
        );
        Ok(self.db.execute_raw(statement).await?.rows_affected())
    }

    /// Ends work that came to nothing, and forgets its file. False when it had ended already, or was taken over.
    ///
    /// # Errors
    /// The database's.
    pub async fn operation_fail(
        &self,
        agency: AgencyId,
        id: OperationId,
        worker: WorkerId,
        error: Value,
        now: DateTime<Utc>,
    ) -> Result<bool, StoreError> {
        let (agency, id, worker) = (agency.uuid(), id.uuid(), worker.uuid());
        let (failed, running) = (OperationState::Failed.as_str(), OperationState::Running.as_str());
        let statement = raw_sql!(
            Postgres,
            "WITH ended AS (
                UPDATE operations
                SET state = {failed}, error = {error}, finished_at = {now}, heartbeat_at = {now},
                    version = version + 1
                WHERE agency_id = {agency} AND id = {id} AND state = {running} AND worker = {worker}
                  AND result IS NULL
                RETURNING agency_id, id),
             files AS (
                DELETE FROM import_files f USING ended WHERE f.agency_id = ended.agency_id AND f.id = ended.id)
             SELECT count(*) AS ended FROM ended"
        );
        let row = self.db.query_one_raw(statement).await?.ok_or(StoreError::Corrupt("operations"))?;
        Ok(row.try_get::<i64>("", "ended")? > 0)
    }
}

impl Store {
    /// Ends work whose rows are written, once what is kept of so many people is up to date. False when it had
    /// ended already, or was taken over.
    ///
    /// # Errors
    /// The database's.
    pub async fn operation_succeed(
        &self,
        agency: AgencyId,
        id: OperationId,
        worker: WorkerId,
        people: i64,
        now: DateTime<Utc>,
    ) -> Result<bool, StoreError> {
        let (agency, id, worker) = (agency.uuid(), id.uuid(), worker.uuid());
        let (succeeded, running) = (OperationState::Succeeded.as_str(), OperationState::Running.as_str());
        let statement = raw_sql!(
            Postgres,
            "UPDATE operations
             SET state = {succeeded}, finished_at = {now}, heartbeat_at = {now}, done = {people}, total = {people},
                 version = version + 1
             WHERE agency_id = {agency} AND id = {id} AND state = {running} AND worker = {worker}
               AND result IS NOT NULL"
        );
        Ok(self.db.execute_raw(statement).await?.rows_affected() > 0)
    }
}

impl Tx<'_> {
    /// Adds work that begins now.
    ///
    /// # Errors
    /// The database's.
    pub async fn operation_insert(&self, pass: &Pass, operation: &OperationRow) -> Result<(), StoreError> {
        operations::Entity::insert(operations::ActiveModel {
            agency_id: Set(pass.agency().uuid()),
            id: Set(operation.id.uuid()),
            kind: Set(operation.kind.as_str().to_owned()),
            state: Set(operation.state.as_str().to_owned()),
            done: Set(operation.done),
            total: Set(operation.total),
            input: Set(operation.input.clone()),
            result: Set(operation.result.clone()),
            error: Set(operation.error.clone()),
            requested_by: Set(operation.requested_by.uuid()),
            created_at: Set(operation.created_at),
            heartbeat_at: Set(operation.created_at),
            finished_at: Set(operation.finished_at),
            version: Set(operation.version.get()),
            phase: Set(operation.phase.map(|phase| phase.as_str().to_owned())),
            worker: Set(operation.worker.map(WorkerId::uuid)),
            attempts: Set(operation.attempts),
        })
        .exec_without_returning(&self.db)
        .await?;
        Ok(())
    }

    /// Says what work of `worker` came to, in the transaction of the work's own rows: they commit together, and when the
    /// work was cancelled or taken over meanwhile, neither does. From here on it cannot be called off, and its file is
    /// gone; [`Store::operation_succeed`] ends it.
    ///
    /// # Errors
    /// [`StoreError::Stale`] when it had ended already, its rows are written, or it is another worker's.
    pub async fn operation_written(
        &self,
        pass: &Pass,
        id: OperationId,
        worker: WorkerId,
        result: Value,
        at: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        let (agency, uuid, worker) = (pass.agency().uuid(), id.uuid(), worker.uuid());
        let (running, phase) = (OperationState::Running.as_str(), OperationPhase::Aggregating.as_str());
        let statement = raw_sql!(
            Postgres,
            "UPDATE operations
             SET result = {result}, phase = {phase}, done = 0, total = NULL, heartbeat_at = {at}, version = version + 1
             WHERE agency_id = {agency} AND id = {uuid} AND state = {running} AND worker = {worker} AND result IS NULL"
        );
        if self.db.execute_raw(statement).await?.rows_affected() == 0 {
            return Err(StoreError::Stale);
        }
        self.import_file_done(pass, id).await
    }

    /// Calls work off.
    ///
    /// # Errors
    /// [`StoreError::Stale`] when it had ended already, or its rows are written.
    pub async fn operation_cancel(&self, pass: &Pass, id: OperationId) -> Result<OperationRow, StoreError> {
        let (agency, uuid, now) = (pass.agency().uuid(), id.uuid(), self.now());
        let (cancelled, running) = (OperationState::Cancelled.as_str(), OperationState::Running.as_str());
        // Not by version: progress counts it up all the time.
        let statement = raw_sql!(
            Postgres,
            "UPDATE operations
             SET state = {cancelled}, finished_at = {now}, heartbeat_at = {now}, version = version + 1
             WHERE agency_id = {agency} AND id = {uuid} AND state = {running} AND result IS NULL
             RETURNING *"
        );
        let row = operations::Model::find_by_statement(statement).one(&self.db).await?;
        let row = row.ok_or(StoreError::Stale)?;
        self.import_file_done(pass, id).await?;
        domain(row)
    }
}
