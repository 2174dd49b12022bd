//! What a check of an installation asks the database.

use chrono::{DateTime, TimeDelta, Utc};
use kernel::OperationState;
use sea_orm::{ConnectionTrait as _, raw_sql};

use crate::{Store, StoreError};

impl Store {
    /// Constraints and unique indexes of the database that this program does not know by name: breaking one would be
    /// told as a defect instead of as what it is.
    ///
    /// # Errors
    /// The database's.
    pub async fn constraints_unknown(&self) -> Result<Vec<String>, StoreError> {
        let known = StoreError::known_constraints();
        let statement = raw_sql!(
            Postgres,
            "SELECT x.name
             FROM (SELECT conname::text AS name, conrelid AS relation FROM pg_constraint
                   WHERE contype IN ('p', 'u', 'f', 'c', 'x')
                   UNION
                   SELECT i.relname::text, u.indrelid
                   FROM pg_index u JOIN pg_class i ON i.oid = u.indexrelid
                   WHERE u.indisunique) x
             JOIN pg_class r ON r.oid = x.relation
             WHERE r.relnamespace = current_schema()::regnamespace AND r.relname <> 'seaql_migrations'
             ORDER BY x.name"
        );
        let rows = self.db.query_all_raw(statement).await?;
        let names =
            rows.iter().map(|row| row.try_get::<String>("", "name")).collect::<Result<Vec<_>, _>>()?;
        Ok(names.into_iter().filter(|name| !known.contains(&name.as_str())).collect())
    }

    /// How much work counts as running although its worker has given no sign for `stale_after`.
    ///
    /// # Errors
    /// The database's.
    pub async fn operations_stale(
        &self,
        now: DateTime<Utc>,
        stale_after: TimeDelta,
    ) -> Result<i64, StoreError> {
        let (running, last_sign) = (OperationState::Running.as_str(), now - stale_after);
        let statement = raw_sql!(
            Postgres,
            "SELECT count(*) AS stale FROM operations WHERE state = {running} AND heartbeat_at < {last_sign}"
        );
        let row = self.db.query_one_raw(statement).await?.ok_or(StoreError::Corrupt("operations"))?;
        Ok(row.try_get("", "stale")?)
    }
}
