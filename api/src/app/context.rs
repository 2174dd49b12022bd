//! What every use case is given: the services, the caller, the present.

use std::collections::BTreeSet;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use access::{Action, Actor, Scope};
use chrono::{DateTime, NaiveDate, Utc};
use kernel::{AgencyZone, AuditEventId, EmployeeId, RequestId, Version, micros};
use store::{Idempotency, Look, Reader, Recorded, Reply, Store, StoreError, Tx, WriteContext, Written};
use tokio::sync::Semaphore;

use crate::app::AppError;
use crate::app::imports::ImportQueue;
use crate::app::looks::{Looks, PLACES};
use crate::auth::{IssuerProblem, KeyError, KeyRing, TokenIdentity, Verifier};
use crate::config::Config;
use crate::problems::Problem;
use crate::webhooks::Sender;

/// Where the present comes from: the system's clock, or in tests one that is set.
#[derive(Clone)]
pub struct Clock(Arc<dyn Fn() -> DateTime<Utc> + Send + Sync>);

impl Clock {
    /// The system's clock.
    #[must_use]
    #[expect(clippy::disallowed_methods, reason = "this is the one place that reads the system's clock")]
    pub fn system() -> Self {
        Self(Arc::new(Utc::now))
    }

    /// A clock that answers what `now` does.
    #[must_use]
    pub fn of(now: impl Fn() -> DateTime<Utc> + Send + Sync + 'static) -> Self {
        Self(Arc::new(now))
    }

    /// The present, in microseconds.
    #[must_use]
    pub fn now(&self) -> DateTime<Utc> {
        micros((self.0)())
    }
}

impl std::fmt::Debug for Clock {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Clock(..)")
    }
}

/// What lives as long as the process.
#[derive(Clone)]
pub struct Services {
    /// The database.
    pub store: Store,
    /// The built-in issuer's keys.
    pub keys: Arc<KeyRing>,
    /// Checks tokens of every trusted issuer.
    pub verifier: Arc<Verifier>,
    /// The present.
    pub clock: Clock,
    /// Settings.
    pub config: Arc<Config>,
    /// Where imports wait their turn.
    pub imports: ImportQueue,
    /// Where looks at people's data wait to be noted.
    pub looks: Looks,
    /// Tells endpoints of others what happens.
    pub sender: Sender,
    /// Places for questions about the past that wait for writers: fewer than connections, to leave some for the others.
    settling: Arc<Semaphore>,
}

/// How long a question about the past waits for one of those places.
const SETTLING_PATIENCE: Duration = Duration::from_secs(2);

/// The services could not be put together.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The built-in issuer has no usable key.
    #[error(transparent)]
    Keys(#[from] KeyError),
    /// Settings of external issuers that cannot work.
    #[error("{}", .0.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"))]
    Issuers(Vec<IssuerProblem>),
    /// A database URL that cannot be read.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Services {
    /// The services for `config`, on the database at `database_url`. Neither the database nor an external issuer is
    /// asked for anything yet. Work that outlasts its request is done by the runtime this is called in.
    ///
    /// # Errors
    /// [`OpenError`].
    pub async fn open(config: Config, database_url: &str, clock: Clock) -> Result<Self, OpenError> {
        let identity = TokenIdentity { issuer: config.issuer.clone(), audience: config.audience.clone() };
        let keys = Arc::new(KeyRing::open(config.signing_key.as_deref(), &config.data_dir, identity)?);
        let verifier = Verifier::new(keys.clone(), config.issuers.clone()).map_err(OpenError::Issuers)?;
        let settings = store::Settings {
            max_connections: config.database_connections,
            ..store::Settings::new(database_url)
        };
        let places = usize::try_from(settings.max_connections / 2).unwrap_or(1).max(1);
        let store = Store::connect(settings).await?;
        let imports = ImportQueue::new(store.clone());
        let settling = Arc::new(Semaphore::new(places));
        Ok(Self {
            looks: Looks::start(store.clone(), PLACES),
            store,
            keys,
            verifier: Arc::new(verifier),
            sender: Sender::new(config.webhook_private),
            clock,
            config: Arc::new(config),
            imports,
            settling,
        })
    }
}

/// How long notes of who was shown whose data are tried to be written at the end.
const NOTING: Duration = Duration::from_secs(5);

impl Services {
    /// Ends what lives as long as the process: notes who was shown whose data, and closes the store.
    pub async fn close(&self) {
        let noted = async {
            while let Err(error) = self.looks.flush().await {
                log::warn!("who was shown whose data cannot be noted: {error}");
                tokio::time::sleep(Duration::from_millis(100)).await;
            }
        };
        if tokio::time::timeout(NOTING, noted).await.is_err() {
            log::error!(looks = self.looks.waiting(); "who was shown whose data was not noted: the database is away");
        }
        self.store.clone().close().await;
    }
}

/// Names nothing: keys and connection strings are in there.
impl std::fmt::Debug for Services {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Services(..)")
    }
}

/// One call: who, for which request, when.
#[derive(Clone, Debug)]
pub struct Ctx {
    /// The services.
    pub services: Services,
    /// The caller.
    pub actor: Actor,
    /// The time zone of the caller's agency.
    pub zone: AgencyZone,
    /// The request.
    pub request: RequestId,
    /// The operation id of the contract.
    pub operation: &'static str,
    /// The present.
    pub now: DateTime<Utc>,
    /// `If-Match`, read.
    pub if_match: Option<IfMatch>,
    /// `Idempotency-Key` with the request's digest.
    pub idempotency: Option<IdempotencyKey>,
    /// Whether what is shown leaves as a file: then looks are on record before it does.
    pub exporting: bool,
}

/// An `Idempotency-Key`, and digests of what it was sent with. The body's arrives when it has been read.
#[derive(Clone, Debug)]
pub struct IdempotencyKey {
    /// The key.
    pub key: String,
    /// Digest of method, path and query.
    pub head: Vec<u8>,
    /// Digest of the body.
    pub body: Arc<OnceLock<Vec<u8>>>,
}

/// What a caller says the current version is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum IfMatch {
    /// `*`: whatever there is.
    Any,
    /// One of these.
    Versions(Vec<Version>),
}

impl Ctx {
    /// The calendar day in the caller's agency.
    #[must_use]
    pub fn today(&self) -> NaiveDate {
        self.zone.day(self.now)
    }

    /// What the caller may see for `action`.
    ///
    /// # Errors
    /// `FORBIDDEN`.
    pub fn scope(&self, action: Action) -> Result<Scope, AppError> {
        Ok(self.actor.scope(action)?)
    }

    /// Reads within `scope`.
    #[must_use]
    pub fn read<'a>(&'a self, scope: &'a Scope) -> Reader<'a> {
        self.services.store.read(scope, self.today())
    }

    /// Reads within `scope`, inside a transaction.
    #[must_use]
    pub fn read_in<'a>(&self, tx: &'a Tx<'_>, scope: &'a Scope) -> Reader<'a> {
        tx.read(scope, self.today())
    }

    /// Makes `known_at` fit to be asked for within `scope`: an answer for it, given once, never changes. Facts are stamped
    /// by the database's clock, so the future begins by that one too.
    ///
    /// # Errors
    /// `KNOWN_AT_IN_FUTURE`; `UNAVAILABLE` when writers take too long.
    pub async fn settle(&self, scope: &Scope, known_at: DateTime<Utc>) -> Result<(), AppError> {
        let place = tokio::time::timeout(SETTLING_PATIENCE, self.services.settling.acquire()).await;
        let Ok(Ok(_place)) = place else { return Err(Problem::Unavailable.into()) };
        let settled = self.services.store.settle(scope.agency()).await?;
        if known_at < settled { Ok(()) } else { Err(Problem::KnownAtInFuture.into()) }
    }

    /// The version to change, checked against what the caller has seen.
    ///
    /// # Errors
    /// `IF_MATCH_REQUIRED`, `STALE`.
    pub fn expect_version(&self, current: Version) -> Result<Version, AppError> {
        match &self.if_match {
            None => Err(Problem::IfMatchRequired.into()),
            Some(IfMatch::Any) => Ok(current),
            Some(IfMatch::Versions(seen)) if seen.contains(&current) => Ok(current),
            Some(IfMatch::Versions(_)) => Err(Problem::Stale.into()),
        }
    }

    /// Runs a write whose reply can be repeated.
    ///
    /// # Errors
    /// What `work` returns; `IDEMPOTENCY_KEY_REUSED`.
    pub async fn write(
        &self,
        work: impl AsyncFn(&Tx<'_>) -> Result<Recorded<Reply>, AppError>,
    ) -> Result<Written, AppError> {
        match self.services.store.write_reply(&self.write_context(), work).await? {
            Written::KeyReused => Err(Problem::IdempotencyKeyReused.into()),
            written => Ok(written),
        }
    }

    /// Who writes, for the store.
    #[must_use]
    pub fn write_context(&self) -> WriteContext {
        WriteContext {
            user: Some(self.actor.user),
            agency: self.actor.agency,
            request: self.request,
            operation: self.operation,
            now: self.now,
            idempotency: self.idempotency.as_ref().map(|sent| Idempotency {
                key: sent.key.clone(),
                request_hash: [sent.head.as_slice(), sent.body.get().map_or(&[][..], Vec::as_slice)].concat(),
            }),
        }
    }

    /// Notes that the caller was shown data of these people, within a second, or, when [exporting](Ctx::exporting), at once;
    /// a look at oneself is not noted.
    ///
    /// # Errors
    /// The store's, when so many wait that this had to be written at once.
    pub async fn note_access(
        &self,
        scope: &Scope,
        people: impl IntoIterator<Item = EmployeeId>,
    ) -> Result<(), AppError> {
        if self.exporting {
            return self.note_access_now(scope, people).await;
        }
        let looks = self.looks(scope, people);
        Ok(self.services.looks.note(&looks).await?)
    }

    /// The same, on record when this returns: for exports, which must not be served unrecorded.
    ///
    /// # Errors
    /// The store's.
    pub async fn note_access_now(
        &self,
        scope: &Scope,
        people: impl IntoIterator<Item = EmployeeId>,
    ) -> Result<(), AppError> {
        for looks in self.looks(scope, people).chunks(2_000) {
            self.services.store.looks_write(looks).await?;
        }
        Ok(())
    }

    /// The same in the transaction of a write whose reply shows them: a change that fails shows nobody.
    pub fn note_access_in(&self, tx: &Tx<'_>, scope: &Scope, people: impl IntoIterator<Item = EmployeeId>) {
        tx.note_looks(self.looks(scope, people));
    }

    /// A look at each of these people without the caller, each once.
    fn looks(&self, scope: &Scope, people: impl IntoIterator<Item = EmployeeId>) -> Vec<Look> {
        let oneself = |id: &EmployeeId| self.actor.employees().any(|own| own == *id);
        let others: BTreeSet<_> = people.into_iter().filter(|id| !oneself(id)).collect();
        let look = |employee| Look {
            id: AuditEventId::new(),
            agency: scope.agency(),
            at: self.now,
            user: self.actor.user,
            employee,
            operation: self.operation,
            request: self.request,
        };
        others.into_iter().map(look).collect()
    }
}
