//! What an import reads and writes: many rows at once, no statement per row.
//!
//! Rows travel as one JSON text per statement, or, where they come in millions, as an array per column: a parameter per
//! value would take many times as long. The caller holds [`Tx::import_lock`], so that two imports into one agency never
//! compare with the same state; other writers are held off by versions and by the constraints.

mod assessments;
mod begin;
mod classes;
mod dictionaries;
mod employees;
mod files;
mod own_learnings;
mod positions;
mod programmes;
mod rejected;
mod standards;
mod training_records;
mod units;

use access::Pass;
use sea_orm::{ConnectionTrait as _, raw_sql};
use serde_json::Value;
use uuid::Uuid;

pub use assessments::{FinalResult, ResultKey};
pub use begin::Begun;
pub use dictionaries::{DictionaryInUse, KnownCompetency};
pub use employees::PersonOnRecord;
pub use files::UploadedFile;
pub use rejected::RejectedRow;
pub use training_records::CertificateInUse;

use crate::{Store, StoreError, Tx};

fn uuids<T: Copy + Into<Uuid>>(ids: &[T]) -> Vec<Uuid> {
    ids.iter().map(|id| (*id).into()).collect()
}

/// Rows as one parameter.
fn text(rows: impl Iterator<Item = Value>) -> String {
    Value::Array(rows.collect()).to_string()
}

/// Fails unless every one of `wanted` rows was written: the others were changed meanwhile.
fn all_of(wanted: usize, done: u64) -> Result<(), StoreError> {
    if u64::try_from(wanted) == Ok(done) { Ok(()) } else { Err(StoreError::Stale) }
}

impl Tx<'_> {
    /// Keeps other imports into the agency waiting until this transaction ends: each compares with what the one before
    /// it left. That may take longer than a statement may elsewhere.
    ///
    /// # Errors
    /// The database's.
    pub async fn import_lock(&self, pass: &Pass) -> Result<(), StoreError> {
        let agency = pass.agency().uuid();
        // Imports stand in line for minutes; there are too few of them at once to take everybody's connections.
        let patience = "SET LOCAL statement_timeout = '10min'; SET LOCAL lock_timeout = 0";
        self.db.execute_unprepared(patience).await?;
        let statement =
            raw_sql!(Postgres, "SELECT pg_advisory_xact_lock(hashtextextended({agency}::uuid::text, 4))");
        self.db.query_one_raw(statement).await?;
        Ok(())
    }

    /// What [`Store::backend_interrupt`] knows this transaction's connection by.
    ///
    /// # Errors
    /// The database's.
    pub async fn backend(&self) -> Result<i32, StoreError> {
        let row = self.db.query_one_raw(raw_sql!(Postgres, "SELECT pg_backend_pid() AS pid")).await?;
        Ok(row.ok_or(StoreError::Corrupt("pg_backend_pid"))?.try_get("", "pid")?)
    }
}

impl Store {
    /// Ends the statement that a transaction is at, however long it would go on; the statement fails with
    /// [`StoreError::Unavailable`]. The caller sees to it that the connection still belongs to that transaction.
    ///
    /// # Errors
    /// The database's.
    pub async fn backend_interrupt(&self, backend: i32) -> Result<(), StoreError> {
        self.db.query_one_raw(raw_sql!(Postgres, "SELECT pg_cancel_backend({backend})")).await?;
        Ok(())
    }
}
