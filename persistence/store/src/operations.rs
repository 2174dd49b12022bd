//! Work that can outlast a request.

use access::Pass;
use chrono::{DateTime, TimeDelta, Utc};
use entities::operations::{self, Column};
use kernel::{AgencyId, OperationId, OperationKind, OperationState, Page, UserId, Version};
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
    /// How far it has come.
    pub state: OperationState,
    /// Items done.
    pub done: i64,
    /// Items in all, once that is known.
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
}

impl OperationRow {
    /// Work that begins at `now`.
    #[must_use]
    pub fn begun(kind: OperationKind, input: Value, requested_by: UserId, now: DateTime<Utc>) -> Self {
        Self {
            id: OperationId::new(),
            kind,
            state: OperationState::Running,
            done: 0,
            total: None,
            input,
            result: None,
            error: None,
            requested_by,
            created_at: now,
            finished_at: None,
            version: Version::FIRST,
        }
    }
}

pub(crate) fn domain(row: operations::Model) -> Result<OperationRow, StoreError> {
    Ok(OperationRow {
        id: OperationId::from(row.id),
        kind: known(OperationKind::parse(&row.kind), "operations.kind")?,
        state: known(OperationState::parse(&row.state), "operations.state")?,
        done: row.done,
        total: row.total,
        input: row.input,
        result: row.result,
        error: row.error,
        requested_by: UserId::from(row.requested_by),
        created_at: row.created_at,
        finished_at: row.finished_at,
        version: Version::new(row.version),
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
    /// Tells how far work has come, and that whoever does it is alive. A statement of its own: progress shows while the
    /// work's transaction is still open. False when the work is no longer wanted, because it was cancelled or given up
    /// for dead: the worker stops.
    ///
    /// # Errors
    /// The database's.
    pub async fn operation_progress(
        &self,
        agency: AgencyId,
        id: OperationId,
        done: i64,
        total: Option<i64>,
        now: DateTime<Utc>,
    ) -> Result<bool, StoreError> {
        let (agency, id, running) = (agency.uuid(), id.uuid(), OperationState::Running.as_str());
        let statement = raw_sql!(
            Postgres,
            "UPDATE operations
             SET done = {done}, total = COALESCE({total}, total), heartbeat_at = {now}, version = version + 1
             WHERE agency_id = {agency} AND id = {id} AND state = {running}"
        );
        Ok(self.db.execute_raw(statement).await?.rows_affected() > 0)
    }

    /// Fails the work, in every agency, whose worker has given no sign for `stale_after`: its server died, its
    /// transaction never committed, so nothing was written. Returns how many. Work that is finishing this moment is
    /// locked and left alone.
    ///
    /// # Errors
    /// The database's.
    pub async fn operations_reap(
        &self,
        now: DateTime<Utc>,
        stale_after: TimeDelta,
    ) -> Result<u64, StoreError> {
        let (last_sign, error) = (now - stale_after, json!({ "code": "INTERRUPTED" }));
        let (running, failed) = (OperationState::Running.as_str(), OperationState::Failed.as_str());
        let statement = raw_sql!(
            Postgres,
            "UPDATE operations o
             SET state = {failed}, error = {error}, finished_at = {now}, version = version + 1
             FROM (SELECT agency_id, id FROM operations
                   WHERE state = {running} AND heartbeat_at < {last_sign}
                   FOR UPDATE SKIP LOCKED) dead
             WHERE o.agency_id = dead.agency_id AND o.id = dead.id"
        );
        Ok(self.db.execute_raw(statement).await?.rows_affected())
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
        })
        .exec_without_returning(&self.db)
        .await?;
        Ok(())
    }

    /// Ends work at `at`, with what it came to or why it failed. Success is told in the transaction of the work's own
    /// rows: they commit together, and when the work was cancelled or given up for dead meanwhile, neither does.
    ///
    /// # Errors
    /// [`StoreError::Stale`] when it had ended already.
    pub async fn operation_finish(
        &self,
        pass: &Pass,
        id: OperationId,
        outcome: Result<Value, Value>,
        at: DateTime<Utc>,
    ) -> Result<OperationRow, StoreError> {
        let (state, result, error) = match outcome {
            Ok(result) => (OperationState::Succeeded, Some(result), None),
            Err(error) => (OperationState::Failed, None, Some(error)),
        };
        self.operation_end(pass, id, state, result, error, at).await
    }

    /// Calls work off.
    ///
    /// # Errors
    /// [`StoreError::Stale`] when it had ended already.
    pub async fn operation_cancel(&self, pass: &Pass, id: OperationId) -> Result<OperationRow, StoreError> {
        self.operation_end(pass, id, OperationState::Cancelled, None, None, self.now()).await
    }

    /// Not by version: progress counts it up all the time, and only the state decides.
    async fn operation_end(
        &self,
        pass: &Pass,
        id: OperationId,
        state: OperationState,
        result: Option<Value>,
        error: Option<Value>,
        at: DateTime<Utc>,
    ) -> Result<OperationRow, StoreError> {
        let (agency, id) = (pass.agency().uuid(), id.uuid());
        let (state, running) = (state.as_str(), OperationState::Running.as_str());
        let statement = raw_sql!(
            Postgres,
            "UPDATE operations
             SET state = {state}, result = {result}, error = {error}, finished_at = {at}, heartbeat_at = {at},
                 done = CASE WHEN {result}::jsonb IS NULL THEN done ELSE COALESCE(total, done) END,
                 version = version + 1
             WHERE agency_id = {agency} AND id = {id} AND state = {running}
             RETURNING *"
        );
        let row = operations::Model::find_by_statement(statement).one(&self.db).await?;
        domain(row.ok_or(StoreError::Stale)?)
    }
}
