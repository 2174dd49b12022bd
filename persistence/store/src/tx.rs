//! The one place where transactions begin and end.

use std::cell::{Cell, RefCell};
use std::sync::Arc;
use std::time::Duration;

use access::Scope;
use chrono::{DateTime, NaiveDate, Utc};
use entities::idempotency_keys;
use kernel::{AgencyId, NATIONAL, RequestId, UserId};
use sea_orm::ActiveValue::Set;
use sea_orm::sea_query::OnConflict;
use sea_orm::sqlx::postgres::PgConnectOptions;
use sea_orm::{
    AccessMode, ColumnTrait as _, ConnAcquireErr, ConnectOptions, ConnectionTrait, Database,
    DatabaseConnection, DatabaseTransaction, DbErr, EntityTrait, IsolationLevel, QueryFilter as _, Statement,
    TransactionTrait, raw_sql,
};
use serde_json::Value;
use tokio::sync::Semaphore;
use tokio::time::timeout;

use crate::closing::{Closing, Recorded};
use crate::directory::{self, Directory};
use crate::gap_model::Moves;
use crate::memory::Memory;
use crate::{Reader, StoreError};

/// How to reach the database.
#[derive(Clone, Debug)]
pub struct Settings {
    /// `postgres://..`
    pub url: String,
    /// The most connections the pool opens.
    pub max_connections: u32,
    /// How long a request waits for a connection before it is told to come back.
    pub acquire_timeout: Duration,
    /// How long one statement may run.
    pub statement_timeout: Duration,
}

impl Settings {
    /// Settings for `url` with the defaults of the server.
    #[must_use]
    pub fn new(url: impl Into<String>) -> Self {
        Self {
            url: url.into(),
            max_connections: 16,
            acquire_timeout: Duration::from_secs(2),
            statement_timeout: Duration::from_secs(30),
        }
    }
}

/// The database.
#[derive(Clone, Debug)]
pub struct Store {
    pub(crate) db: DatabaseConnection,
    /// Users, roles and agencies, as every request needs them.
    pub(crate) directory: Arc<Directory>,
    /// How to connect for hearing of their changes.
    pub(crate) listener: Arc<PgConnectOptions>,
    pub(crate) memory: Arc<Memory>,
    /// Some connections are left to readers, however many writers wait for each other.
    writers: Arc<Semaphore>,
    acquire_timeout: Duration,
}

/// Who writes, for which request, and whether a repetition must be recognised.
#[derive(Clone, Debug)]
pub struct WriteContext {
    /// The user; nobody for the system's own work.
    pub user: Option<UserId>,
    /// The agency the caller acts in.
    pub agency: AgencyId,
    /// The request.
    pub request: RequestId,
    /// The operation id of the contract, or the command's name.
    pub operation: &'static str,
    /// The present.
    pub now: DateTime<Utc>,
    /// The caller's idempotency key.
    pub idempotency: Option<Idempotency>,
}

/// An `Idempotency-Key` and what it was sent with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Idempotency {
    /// The key, 1 to 255 characters.
    pub key: String,
    /// Digest of method, path, query and body.
    pub request_hash: Vec<u8>,
}

/// The answer to a write, as it is sent and as it is kept for a repetition.
#[derive(Clone, Debug, PartialEq)]
pub struct Reply {
    /// HTTP status.
    pub status: u16,
    /// Entity tag, without quotes.
    pub etag: Option<String>,
    /// Path of what was made.
    pub location: Option<String>,
    /// JSON body.
    pub body: Option<Value>,
}

/// How a write ended.
#[derive(Clone, Debug, PartialEq)]
pub enum Written {
    /// It was done now.
    Done(Reply),
    /// It had been done before; this is the answer given then.
    Replayed(Reply),
    /// The key was used before for something else.
    KeyReused,
}

/// An open transaction.
#[derive(Debug)]
pub struct Tx<'a> {
    pub(crate) db: DatabaseTransaction,
    pub(crate) context: &'a WriteContext,
    stamp: Cell<Option<DateTime<Utc>>>,
    /// Whether users, roles or agencies were changed.
    directory: Cell<bool>,
    pub(crate) moves: RefCell<Moves>,
    pub(crate) closing: RefCell<Closing>,
    memory: &'a Memory,
}

/// How long a statement waits for a lock that another transaction holds, unless it says otherwise.
const LOCK_TIMEOUT: &str = "2s";

/// How often a transaction that lost against another one is run again.
const ATTEMPTS: u32 = 3;

impl Store {
    /// Opens a pool. The first connection is made when it is needed, so a server can start before its database.
    ///
    /// # Errors
    /// A URL that cannot be read.
    pub async fn connect(settings: Settings) -> Result<Self, StoreError> {
        let mut options = ConnectOptions::new(&settings.url);
        options
            .max_connections(settings.max_connections)
            .acquire_timeout(settings.acquire_timeout)
            .connect_timeout(settings.acquire_timeout)
            .statement_timeout(settings.statement_timeout)
            .set_application_name("bangkom")
            // Compiling a plan takes longer than running any of ours.
            // Whoever waits for another's lock holds a connection, which the rest of the world needs.
            .map_sqlx_postgres_opts(|options| {
                options.options([("jit", "off"), ("lock_timeout", LOCK_TIMEOUT)])
            })
            .sqlx_logging(false)
            // A ping before every use costs a fifth of a short read; a broken connection is reported once instead.
            .test_before_acquire(false)
            .connect_lazy(true);
        let listener = Arc::new(directory::listener(&settings.url)?);
        let Settings { url: _, max_connections, acquire_timeout, statement_timeout: _ } = settings;
        let writers = usize::try_from(max_connections).unwrap_or(1) * 3 / 4;
        let db = Database::connect(options).await?;
        Ok(Self {
            db,
            directory: Arc::default(),
            listener,
            memory: Arc::default(),
            writers: Arc::new(Semaphore::new(writers.max(1))),
            acquire_timeout,
        })
    }

    /// Reads within `scope`; `today` is the calendar day in the agency.
    #[must_use]
    pub fn read<'a>(&'a self, scope: &'a Scope, today: NaiveDate) -> Reader<'a> {
        Reader::new((&self.db).into(), scope, today, &self.memory)
    }

    /// Reads several times in one snapshot, so that the answers fit together.
    #[expect(clippy::disallowed_methods, reason = "this is the one place where transactions begin")]
    pub(crate) async fn snapshot<T>(
        &self,
        scope: &Scope,
        today: NaiveDate,
        work: impl AsyncFn(&Reader<'_>) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        let isolation = Some(IsolationLevel::RepeatableRead);
        let db = self.db.begin_with_config(isolation, Some(AccessMode::ReadOnly)).await?;
        let read = work(&Reader::new((&db).into(), scope, today, &self.memory)).await;
        // Nothing was written: ending it either way only gives the connection back.
        let ended = db.commit().await;
        let value = read?;
        ended?;
        Ok(value)
    }

    /// Runs a statement that only makes kept sums anew, under a lock that is held before the statement looks; how many rows it
    /// wrote.
    #[expect(clippy::disallowed_methods, reason = "this is the one place where transactions begin")]
    pub(crate) async fn upkeep(&self, lock: &str, statement: Statement) -> Result<u64, StoreError> {
        let db = self.db.begin().await?;
        let worked = async {
            db.execute_raw(raw_sql!(Postgres, "SELECT pg_advisory_xact_lock(hashtextextended({lock}, 0))"))
                .await?;
            Ok::<_, StoreError>(db.execute_raw(statement).await?.rows_affected())
        }
        .await;
        // Dropping an open transaction would block a thread.
        match worked {
            Ok(rows) => {
                db.commit().await?;
                Ok(rows)
            }
            Err(error) => {
                db.rollback().await?;
                Err(error)
            }
        }
    }

    /// Waits until everything that was ever stamped in `agency`, or in the nation's data that it sees, has been committed;
    /// see [`Tx::stamp`]. An answer for a `known_at` before the returned instant never changes. The instant is the
    /// database's, as stamps are.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`] when a writer takes longer than two seconds: later writers stand in line behind the
    /// question, so it gives up first. It holds a connection all the while; the caller bounds how many do.
    pub async fn settle(&self, agency: AgencyId) -> Result<DateTime<Utc>, StoreError> {
        let nation = self.settle_one(NATIONAL).await?;
        // The nation's writers go on while the agency's are waited for, so the earlier of the two counts.
        Ok(nation.min(self.settle_one(agency).await?))
    }

    /// The statement is a transaction of its own: time limit and lock end with it.
    pub(crate) async fn settle_one(&self, agency: AgencyId) -> Result<DateTime<Utc>, StoreError> {
        let agency = agency.uuid();
        let statement = raw_sql!(
            Postgres,
            "SELECT clock_timestamp() AS settled
             FROM (SELECT set_config('lock_timeout', '2s', true),
                          pg_advisory_xact_lock(hashtextextended({agency}::uuid::text, 1)) OFFSET 0) locked"
        );
        let row = self.db.query_one_raw(statement).await?.ok_or(StoreError::Corrupt("clock"))?;
        Ok(row.try_get("", "settled")?)
    }

    /// Whether the database answers.
    ///
    /// # Errors
    /// It does not.
    pub async fn ping(&self) -> Result<(), StoreError> {
        Ok(self.db.execute_unprepared("SELECT 1").await.map(drop)?)
    }

    /// Forgets the replies kept for requests made before `before`; returns how many.
    ///
    /// # Errors
    /// The database's.
    pub async fn idempotency_sweep(&self, before: DateTime<Utc>) -> Result<u64, StoreError> {
        let gone = idempotency_keys::Entity::delete_many()
            .filter(idempotency_keys::Column::CreatedAt.lt(before))
            .exec(&self.db)
            .await?;
        Ok(gone.rows_affected)
    }

    /// Closes the pool, waiting for what is under way.
    pub async fn close(self) {
        self.directory.close().await;
        // Nothing is lost when this fails: the server closes the connections of a process that ends.
        let _ = self.db.close().await;
    }

    /// Runs `work` in one transaction and commits what it recorded; anything else is rolled back. A transaction that
    /// lost against a concurrent one runs again, so `work` must not act outside it.
    ///
    /// # Errors
    /// What `work` returns, or the store's own failure.
    pub async fn write<T, E>(
        &self,
        context: &WriteContext,
        work: impl AsyncFn(&Tx<'_>) -> Result<Recorded<T>, E>,
    ) -> Result<T, E>
    where
        E: From<StoreError> + AsStoreError,
    {
        self.transact(context, async |tx| work(tx).await.map(Recorded::into_inner)).await
    }

    /// The same for a request whose reply must be repeatable: with an idempotency key, a second request with the same
    /// key waits for the first and gets its reply.
    ///
    /// # Errors
    /// What `work` returns, or the store's own failure.
    pub async fn write_reply<E>(
        &self,
        context: &WriteContext,
        work: impl AsyncFn(&Tx<'_>) -> Result<Recorded<Reply>, E>,
    ) -> Result<Written, E>
    where
        E: From<StoreError> + AsStoreError,
    {
        self.transact(context, async |tx| {
            if let Some(earlier) = tx.claim_key().await? {
                return Ok(earlier);
            }
            let reply = work(tx).await?.into_inner();
            tx.keep_reply(&reply).await?;
            Ok(Written::Done(reply))
        })
        .await
    }

    pub(crate) async fn transact<T, E>(
        &self,
        context: &WriteContext,
        work: impl AsyncFn(&Tx<'_>) -> Result<T, E>,
    ) -> Result<T, E>
    where
        E: From<StoreError> + AsStoreError,
    {
        let mut attempt = 1;
        loop {
            match self.attempt(context, &work).await {
                Err(error) if error.as_store_error().is_some_and(StoreError::is_serialization_failure) => {
                    if attempt >= ATTEMPTS {
                        // Nothing is wrong with it: whoever asks again later is answered.
                        let busy = DbErr::Custom("others were in the way each time".to_owned());
                        return Err(StoreError::Unavailable(busy).into());
                    }
                    attempt += 1;
                }
                other => return other,
            }
        }
    }

    #[expect(clippy::disallowed_methods, reason = "this is the one place where transactions begin")]
    async fn attempt<T, E>(
        &self,
        context: &WriteContext,
        work: &impl AsyncFn(&Tx<'_>) -> Result<T, E>,
    ) -> Result<T, E>
    where
        E: From<StoreError>,
    {
        let turn = timeout(self.acquire_timeout, self.writers.acquire());
        let _turn = turn
            .await
            .map_err(|_elapsed| StoreError::Unavailable(DbErr::ConnectionAcquire(ConnAcquireErr::Timeout)))?;
        let db = self.db.begin().await.map_err(StoreError::from)?;
        let tx = Tx {
            db,
            context,
            stamp: Cell::new(None),
            directory: Cell::new(false),
            moves: RefCell::default(),
            closing: RefCell::default(),
            memory: &self.memory,
        };
        // The transaction is finished explicitly either way: dropping an open one would block a thread.
        let worked = match work(&tx).await {
            Ok(value) => tx.close().await.map(|()| value).map_err(E::from),
            Err(error) => Err(error),
        };
        match worked {
            Ok(value) => {
                let committed = tx.db.commit().await.map_err(StoreError::from);
                if tx.directory.get() {
                    // Also after a failure: the commit may have happened before the connection was lost.
                    self.directory.forget();
                }
                committed?;
                Ok(value)
            }
            Err(error) => {
                if let Err(rollback) = tx.db.rollback().await {
                    log::warn!("rollback failed, the connection is given up: {rollback}");
                }
                Err(error)
            }
        }
    }
}

/// Lets [`Store::write`] see whether a failure is one that running again may mend.
pub trait AsStoreError {
    /// The store's failure inside, if there is one.
    fn as_store_error(&self) -> Option<&StoreError>;
}

impl AsStoreError for StoreError {
    fn as_store_error(&self) -> Option<&StoreError> {
        Some(self)
    }
}

/// How a transaction ends that found nothing to write: what it did is undone, and no trail tells of it.
#[derive(Debug)]
pub enum Unwritten {
    /// There was nothing to write.
    Nothing,
    /// The store's failure.
    Failed(StoreError),
}

impl From<StoreError> for Unwritten {
    fn from(error: StoreError) -> Self {
        Self::Failed(error)
    }
}

impl AsStoreError for Unwritten {
    fn as_store_error(&self) -> Option<&StoreError> {
        match self {
            Self::Nothing => None,
            Self::Failed(error) => Some(error),
        }
    }
}

impl Unwritten {
    /// What was written, or that nothing was.
    ///
    /// # Errors
    /// The store's.
    pub fn unless_nothing<T>(written: Result<T, Self>) -> Result<Option<T>, StoreError> {
        match written {
            Ok(value) => Ok(Some(value)),
            Err(Self::Nothing) => Ok(None),
            Err(Self::Failed(error)) => Err(error),
        }
    }
}

impl Tx<'_> {
    /// Reads inside the transaction, within `scope`.
    #[must_use]
    pub fn read<'a>(&'a self, scope: &'a Scope, today: NaiveDate) -> Reader<'a> {
        Reader::new((&self.db).into(), scope, today, self.memory)
    }

    /// The present, as the request has it.
    #[must_use]
    pub const fn now(&self) -> DateTime<Utc> {
        self.context.now
    }

    /// Whoever changes users, roles or agencies says so here, and the next request in this process knows of it.
    pub(crate) fn directory_changes(&self) {
        self.directory.set(true);
    }

    /// The instant at which facts written by this transaction count as recorded.
    ///
    /// Writers hold a shared lock from the stamp to the commit, and [`Store::settle`] waits for it: an answer for a
    /// `known_at` that has been given once never changes because an older stamp commits later.
    ///
    /// # Errors
    /// The database's.
    pub async fn stamp(&self) -> Result<DateTime<Utc>, StoreError> {
        if let Some(stamp) = self.stamp.get() {
            return Ok(stamp);
        }
        let agency = self.context.agency.uuid();
        let statement = raw_sql!(
            Postgres,
            "SELECT clock_timestamp() AS stamp
             FROM (SELECT pg_advisory_xact_lock_shared(hashtextextended({agency}::uuid::text, 1)) OFFSET 0) locked"
        );
        let row = self.db.query_one_raw(statement).await?.ok_or(StoreError::Corrupt("clock"))?;
        let stamp: DateTime<Utc> = row.try_get("", "stamp")?;
        self.stamp.set(Some(stamp));
        Ok(stamp)
    }

    /// Takes the request's idempotency key. A concurrent holder is waited for; an earlier one's reply is returned.
    pub(crate) async fn claim_key(&self) -> Result<Option<Written>, StoreError> {
        let (Some(idempotency), Some(user)) = (&self.context.idempotency, self.context.user) else {
            return Ok(None);
        };
        let key = (self.context.agency.uuid(), user.uuid(), idempotency.key.clone());
        let row = idempotency_keys::ActiveModel {
            agency_id: Set(key.0),
            user_id: Set(key.1),
            key: Set(key.2.clone()),
            request_hash: Set(idempotency.request_hash.clone()),
            created_at: Set(self.context.now),
            ..Default::default()
        };
        let inserted = idempotency_keys::Entity::insert(row)
            .on_conflict(OnConflict::new().do_nothing().to_owned())
            .exec_without_returning(&self.db)
            .await?;
        if inserted == 1 {
            return Ok(None);
        }
        let kept = idempotency_keys::Entity::find_by_id(key)
            .one(&self.db)
            .await?
            .ok_or(StoreError::Corrupt("idempotency_keys"))?;
        if kept.request_hash != idempotency.request_hash {
            return Ok(Some(Written::KeyReused));
        }
        let status = kept.status.and_then(|status| u16::try_from(status).ok());
        let status = status.ok_or(StoreError::Corrupt("idempotency_keys.status"))?;
        let reply = Reply { status, etag: kept.etag, location: kept.location, body: kept.body };
        Ok(Some(Written::Replayed(reply)))
    }

    /// Keeps the reply beside the key, in the same transaction as what it tells of.
    pub(crate) async fn keep_reply(&self, reply: &Reply) -> Result<(), StoreError> {
        let (Some(idempotency), Some(user)) = (&self.context.idempotency, self.context.user) else {
            return Ok(());
        };
        let row = idempotency_keys::ActiveModel {
            agency_id: Set(self.context.agency.uuid()),
            user_id: Set(user.uuid()),
            key: Set(idempotency.key.clone()),
            status: Set(i16::try_from(reply.status).ok()),
            etag: Set(reply.etag.clone()),
            location: Set(reply.location.clone()),
            body: Set(reply.body.clone()),
            ..Default::default()
        };
        idempotency_keys::Entity::update(row).exec(&self.db).await?;
        Ok(())
    }
}
