//! Units, many at once.

use access::Pass;
use sea_orm::{ConnectionTrait as _, raw_sql};
use serde_json::{Value, json};
use workforce::Unit;

use super::{all_of, text};
use crate::{StoreError, Tx};

impl Tx<'_> {
    /// Adds units. Their parents are among them, or stored before. [`Tx::unit_ancestors_rebuild`] follows.
    ///
    /// # Errors
    /// `Taken("/code")`, `Missing("/parent_id")`.
    pub async fn units_insert(&self, pass: &Pass, units: &[Unit]) -> Result<(), StoreError> {
        let (agency, now, rows) = (pass.agency().uuid(), self.now(), text(units.iter().map(unit_json)));
        let statement = raw_sql!(
            Postgres,
            "INSERT INTO units (agency_id, id, code, name, kind, parent_id, created_at, updated_at)
             SELECT {agency}::uuid, r.id, r.code, r.name, r.kind, r.parent_id, {now}::timestamptz, {now}
             FROM json_to_recordset({rows}::json) AS r(id uuid, code text, name text, kind text, parent_id uuid)"
        );
        self.db.execute_raw(statement).await?;
        Ok(())
    }

    /// Replaces what units say of themselves but their codes; each has the version that was read.
    /// [`Tx::unit_ancestors_rebuild`] follows where a parent changed.
    ///
    /// # Errors
    /// [`StoreError::Stale`], `Missing("/parent_id")`.
    pub async fn units_update(&self, pass: &Pass, units: &[Unit]) -> Result<(), StoreError> {
        let (agency, now, rows) = (pass.agency().uuid(), self.now(), text(units.iter().map(unit_json)));
        let statement = raw_sql!(
            Postgres,
            "UPDATE units u
             SET name = r.name, kind = r.kind, parent_id = r.parent_id, version = u.version + 1, updated_at = {now}
             FROM json_to_recordset({rows}::json) AS r(id uuid, name text, kind text, parent_id uuid, version bigint)
             WHERE u.agency_id = {agency} AND u.id = r.id AND u.version = r.version"
        );
        all_of(units.len(), self.db.execute_raw(statement).await?.rows_affected())
    }

    /// Writes down anew who stands above whom, after many parents changed at once.
    ///
    /// # Errors
    /// The database's.
    pub async fn unit_ancestors_rebuild(&self, pass: &Pass) -> Result<(), StoreError> {
        let agency = pass.agency().uuid();
        let forget = raw_sql!(Postgres, "DELETE FROM unit_ancestors WHERE agency_id = {agency}");
        self.db.execute_raw(forget).await?;
        let statement = raw_sql!(
            Postgres,
            "INSERT INTO unit_ancestors (agency_id, ancestor_id, unit_id, depth)
             WITH RECURSIVE up AS (
                SELECT id AS unit_id, id AS ancestor_id, parent_id, 0 AS depth FROM units WHERE agency_id = {agency}
                UNION ALL
                SELECT up.unit_id, u.id, u.parent_id, up.depth + 1
                FROM up JOIN units u ON u.agency_id = {agency} AND u.id = up.parent_id)
             SELECT {agency}::uuid, ancestor_id, unit_id, depth FROM up"
        );
        self.db.execute_raw(statement).await?;
        Ok(())
    }
}

fn unit_json(unit: &Unit) -> Value {
    let Unit { id, code, name, kind, parent, version } = unit;
    json!({"id": id, "code": code, "name": name, "kind": kind, "parent_id": parent, "version": version})
}
