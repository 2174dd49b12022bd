//! Rows that were refused, kept for whoever mends them.

use chrono::{DateTime, Utc};
use entities::rejected_rows::{self, Column};
use kernel::{AgencyId, OperationId};
use sea_orm::{
    ColumnTrait as _, ConnectionTrait as _, EntityTrait as _, QueryFilter as _, QueryOrder as _,
    QuerySelect as _, raw_sql,
};
use serde_json::Value;

use crate::{Reader, Store, StoreError};

/// A row of a file that was refused, or the row that names its columns.
#[derive(Clone, Debug, PartialEq)]
pub struct RejectedRow {
    /// Its number as the spreadsheet shows it.
    pub row: u32,
    /// Whether it names the columns.
    pub is_heading: bool,
    /// Its cells as they were written: a JSON list of texts.
    pub cells: Value,
    /// Why it was refused: a JSON list.
    pub reasons: Value,
}

impl Store {
    /// Keeps rows that work refused. A statement of its own: the work's transaction leaves nothing.
    ///
    /// # Errors
    /// The database's.
    pub async fn rejected_rows_add(
        &self,
        agency: AgencyId,
        id: OperationId,
        rows: &[RejectedRow],
    ) -> Result<(), StoreError> {
        let (agency, id) = (agency.uuid(), id.uuid());
        let numbers: Vec<i64> = rows.iter().map(|row| i64::from(row.row)).collect();
        let headings: Vec<bool> = rows.iter().map(|row| row.is_heading).collect();
        let cells: Vec<String> = rows.iter().map(|row| row.cells.to_string()).collect();
        let reasons: Vec<String> = rows.iter().map(|row| row.reasons.to_string()).collect();
        let statement = raw_sql!(
            Postgres,
            "INSERT INTO rejected_rows (agency_id, operation_id, row_number, is_heading, cells, reasons)
             SELECT {agency}::uuid, {id}::uuid, r.number, r.heading, r.cells::jsonb, r.reasons::jsonb
             FROM unnest({numbers}::bigint[], {headings}::boolean[], {cells}::text[], {reasons}::text[])
                AS r(number, heading, cells, reasons)
             ON CONFLICT ON CONSTRAINT pk_rejected_rows DO NOTHING"
        );
        self.db.execute_raw(statement).await?;
        Ok(())
    }

    /// Forgets the rows that an earlier attempt at the work refused.
    ///
    /// # Errors
    /// The database's.
    pub async fn rejected_rows_forget(&self, agency: AgencyId, id: OperationId) -> Result<(), StoreError> {
        rejected_rows::Entity::delete_many()
            .filter(Column::AgencyId.eq(agency.uuid()))
            .filter(Column::OperationId.eq(id.uuid()))
            .exec(&self.db)
            .await?;
        Ok(())
    }

    /// Forgets the rows refused by work, of every agency, that ended before `before`. Returns how many.
    ///
    /// # Errors
    /// The database's.
    pub async fn rejected_rows_sweep(&self, before: DateTime<Utc>) -> Result<u64, StoreError> {
        let statement = raw_sql!(
            Postgres,
            "DELETE FROM rejected_rows r
             USING (SELECT o.agency_id, o.id FROM operations o
                    WHERE o.state <> 'RUNNING' AND o.finished_at < {before}
                      AND EXISTS (SELECT 1 FROM rejected_rows w
                                  WHERE w.agency_id = o.agency_id AND w.operation_id = o.id)) old
             WHERE r.agency_id = old.agency_id AND r.operation_id = old.id"
        );
        Ok(self.db.execute_raw(statement).await?.rows_affected())
    }
}

impl Reader<'_> {
    /// Rows that work refused, in the order of the file, `limit` of them after row number `after`.
    ///
    /// # Errors
    /// The database's.
    pub async fn rejected_rows(
        &self,
        id: OperationId,
        after: u32,
        limit: u64,
    ) -> Result<Vec<RejectedRow>, StoreError> {
        let rows = rejected_rows::Entity::find()
            .filter(Column::AgencyId.eq(self.agency()))
            .filter(Column::OperationId.eq(id.uuid()))
            .filter(Column::RowNumber.gt(i64::from(after)))
            .order_by_asc(Column::RowNumber)
            .limit(limit)
            .all(&self.db)
            .await?;
        Ok(rows
            .into_iter()
            .map(|row| RejectedRow {
                row: u32::try_from(row.row_number).unwrap_or(u32::MAX),
                is_heading: row.is_heading,
                cells: row.cells,
                reasons: row.reasons,
            })
            .collect())
    }
}
