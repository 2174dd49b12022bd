//! Running the steps under a lock.

use std::time::Duration;

use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::{ConnectOptions, Database, DatabaseConnection, Statement};

use crate::Migrator;

/// Whether one step has run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StepState {
    /// Its name.
    pub name: String,
    /// Whether it has run here.
    pub applied: bool,
}

/// Whether the schema is the one this program was built for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SchemaState {
    /// It is.
    Current,
    /// Steps are missing: `bangkom migrate up`.
    Behind,
    /// A newer program has been here.
    Ahead,
}

/// Steps could not be run or looked up.
#[derive(Debug, thiserror::Error)]
#[error("the schema could not be read or brought up to date: {0}")]
pub struct MigrationError(#[from] DbErr);

/// The lock's key: any constant that nothing else in the database uses.
const LOCK: i64 = 0x0062_616e_676b_6f6d;

/// One connection of its own, on which steps are run.
#[derive(Debug)]
pub struct Runner {
    db: DatabaseConnection,
}

impl Runner {
    /// Connects to `url`.
    ///
    /// # Errors
    /// No connection within ten seconds.
    pub async fn connect(url: &str) -> Result<Self, MigrationError> {
        let mut options = ConnectOptions::new(url);
        options
            .max_connections(1)
            .min_connections(1)
            .acquire_timeout(Duration::from_secs(10))
            .idle_timeout(None::<Duration>)
            .max_lifetime(None::<Duration>)
            .set_application_name("bangkom migrate")
            .sqlx_logging(false);
        Ok(Self { db: Database::connect(options).await? })
    }

    /// Closes the connection. A runner that is merely dropped leaves the server to notice.
    pub async fn close(self) {
        // Nothing is lost when this fails: the server closes the connections of a process that ends.
        let _ = self.db.close().await;
    }

    /// Runs what is missing. Another process at the same work is waited for.
    ///
    /// # Errors
    /// The first step that fails; steps before it stay.
    pub async fn up(&self) -> Result<(), MigrationError> {
        self.lock().await?;
        let done = Migrator::up(&self.db, None).await;
        self.unlock().await?;
        Ok(done?)
    }

    /// Takes back the last `steps`, with all the data they hold.
    ///
    /// # Errors
    /// The first step that fails.
    pub async fn down(&self, steps: u32) -> Result<(), MigrationError> {
        self.lock().await?;
        let done = Migrator::down(&self.db, Some(steps)).await;
        self.unlock().await?;
        Ok(done?)
    }

    /// Every step this program knows, and whether it has run.
    ///
    /// # Errors
    /// The database's.
    pub async fn status(&self) -> Result<Vec<StepState>, MigrationError> {
        let applied = self.applied().await?;
        let state =
            |name: &str| StepState { name: name.to_owned(), applied: applied.iter().any(|one| one == name) };
        Ok(Migrator::migrations().iter().map(|step| state(step.name())).collect())
    }

    /// Whether the schema fits this program.
    ///
    /// # Errors
    /// The database's.
    pub async fn state(&self) -> Result<SchemaState, MigrationError> {
        let applied = self.applied().await?;
        let known = Migrator::migrations();
        if applied.iter().any(|name| known.iter().all(|step| step.name() != name)) {
            return Ok(SchemaState::Ahead);
        }
        Ok(if applied.len() == known.len() { SchemaState::Current } else { SchemaState::Behind })
    }

    /// Names of the steps that have run; none where no step ever did. Looking leaves no trace.
    async fn applied(&self) -> Result<Vec<String>, DbErr> {
        let statement = |sql: &str| Statement::from_string(self.db.get_database_backend(), sql);
        let made = "SELECT to_regclass('seaql_migrations') IS NOT NULL AS made";
        let made = self.db.query_one_raw(statement(made)).await?;
        if !made.map_or(Ok(false), |row| row.try_get::<bool>("", "made"))? {
            return Ok(Vec::new());
        }
        let names = "SELECT version FROM seaql_migrations ORDER BY version";
        let rows = self.db.query_all_raw(statement(names)).await?;
        rows.iter().map(|row| row.try_get("", "version")).collect()
    }

    /// The lock belongs to the connection, so a kill leaves nothing locked.
    async fn lock(&self) -> Result<(), DbErr> {
        self.db.execute_unprepared(&format!("SELECT pg_advisory_lock({LOCK})")).await.map(drop)
    }

    async fn unlock(&self) -> Result<(), DbErr> {
        self.db.execute_unprepared(&format!("SELECT pg_advisory_unlock({LOCK})")).await.map(drop)
    }
}
