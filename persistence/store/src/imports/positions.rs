//! Positions, many at once.

use std::collections::BTreeSet;

use access::Pass;
use kernel::PositionId;
use sea_orm::{ConnectionTrait as _, FromQueryResult, raw_sql};
use serde_json::{Value, json};
use uuid::Uuid;
use workforce::Position;

use super::{all_of, text, uuids};
use crate::{Reader, StoreError, Tx};

#[derive(FromQueryResult)]
struct IdRow {
    id: Uuid,
}

impl Reader<'_> {
    /// Which of `positions` a placement or a standard was ever made for.
    ///
    /// # Errors
    /// The database's.
    pub async fn positions_used(&self, positions: &[PositionId]) -> Result<BTreeSet<PositionId>, StoreError> {
        let (agency, ids) = (self.agency(), uuids(positions));
        let statement = raw_sql!(
            Postgres,
            "SELECT q.id FROM unnest({ids}::uuid[]) AS q(id)
             WHERE EXISTS (SELECT 1 FROM placements WHERE agency_id = {agency} AND position_id = q.id)
                OR EXISTS (SELECT 1 FROM standards WHERE agency_id = {agency} AND position_id = q.id)"
        );
        let rows = IdRow::find_by_statement(statement).all(&self.db).await?;
        Ok(rows.into_iter().map(|row| row.id.into()).collect())
    }
}

impl Tx<'_> {
    /// Keeps positions from change, and new placements and standards for them waiting, until this transaction ends.
    ///
    /// # Errors
    /// The database's.
    pub async fn positions_lock(&self, pass: &Pass, positions: &[PositionId]) -> Result<(), StoreError> {
        let (agency, ids) = (pass.agency().uuid(), uuids(positions));
        let statement = raw_sql!(
            Postgres,
            "SELECT id FROM positions WHERE agency_id = {agency} AND id = ANY ({ids}::uuid[]) ORDER BY id FOR UPDATE"
        );
        self.db.query_all_raw(statement).await?;
        Ok(())
    }

    /// Takes the head flag off positions whose update follows: two positions can trade it only when neither has it in
    /// between.
    ///
    /// # Errors
    /// The database's.
    pub async fn positions_unhead(&self, pass: &Pass, positions: &[PositionId]) -> Result<(), StoreError> {
        let (agency, ids) = (pass.agency().uuid(), uuids(positions));
        let statement = raw_sql!(
            Postgres,
            "UPDATE positions SET is_head = false WHERE agency_id = {agency} AND id = ANY ({ids}::uuid[]) AND is_head"
        );
        self.db.execute_raw(statement).await?;
        Ok(())
    }

    /// Adds positions to their units.
    ///
    /// # Errors
    /// `Taken("/code")`, `Taken("/is_head")`, `Missing("/unit_id")`.
    pub async fn positions_insert(&self, pass: &Pass, positions: &[Position]) -> Result<(), StoreError> {
        let (agency, now) = (pass.agency().uuid(), self.now());
        let rows = text(positions.iter().map(position_json));
        let statement = raw_sql!(
            Postgres,
            "INSERT INTO positions (agency_id, id, code, name, unit_id, job_class, is_head, created_at, updated_at)
             SELECT {agency}::uuid, r.id, r.code, r.name, r.unit_id, r.job_class, r.is_head, {now}::timestamptz, {now}
             FROM json_to_recordset({rows}::json)
                AS r(id uuid, code text, name text, unit_id uuid, job_class text, is_head boolean)"
        );
        self.db.execute_raw(statement).await?;
        Ok(())
    }

    /// Replaces what positions say of themselves but their codes; each has the version that was read.
    ///
    /// # Errors
    /// [`StoreError::Stale`], `Taken("/is_head")`, `Missing("/unit_id")`.
    pub async fn positions_update(&self, pass: &Pass, positions: &[Position]) -> Result<(), StoreError> {
        let (agency, now) = (pass.agency().uuid(), self.now());
        let rows = text(positions.iter().map(position_json));
        let statement = raw_sql!(
            Postgres,
            "UPDATE positions p
             SET name = r.name, unit_id = r.unit_id, job_class = r.job_class, is_head = r.is_head,
                 version = p.version + 1, updated_at = {now}
             FROM json_to_recordset({rows}::json)
                AS r(id uuid, name text, unit_id uuid, job_class text, is_head boolean, version bigint)
             WHERE p.agency_id = {agency} AND p.id = r.id AND p.version = r.version"
        );
        all_of(positions.len(), self.db.execute_raw(statement).await?.rows_affected())
    }
}

fn position_json(position: &Position) -> Value {
    let Position { id, code, name, unit, job_class, is_head, abolished_on: _, version } = position;
    json!({
        "id": id, "code": code, "name": name, "unit_id": unit, "job_class": job_class, "is_head": is_head,
        "version": version,
    })
}
