//! A running cluster and what is asked of it.

use crate::{
    binaries::Binaries,
    error::ClusterError,
    server::{ROLE, Run, Server, create_database},
    site::{Lock, PORT, Site},
    temporary::Nursery,
};
use std::{
    panic::resume_unwind,
    path::{Path, PathBuf},
};

/// The database every cluster has, from which others are created.
const MAINTENANCE: &str = "postgres";

/// For how many seconds a shared cluster waits for the next test process.
const LINGER: u8 = 3;

/// What a crash of the machine may cost.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Durability {
    /// Nothing that was committed.
    Full,
    /// Everything. For tests: nothing waits for the disk, and stopping is not tidy either.
    None,
}

impl Durability {
    /// The signal that stops a server.
    pub(crate) const fn signal(self) -> &'static str {
        match self {
            Self::Full => "INT",
            Self::None => "QUIT",
        }
    }

    /// The same for `pg_ctl`.
    pub(crate) const fn mode(self) -> &'static str {
        match self {
            Self::Full => "fast",
            Self::None => "immediate",
        }
    }
}

/// Which cluster to run, and how.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Where the cluster is kept; made if absent. Nothing else should be kept there.
    pub directory: PathBuf,
    /// The database to create if absent.
    pub database: String,
    /// What a crash of the machine may cost.
    pub durability: Durability,
    /// How many connections the server takes.
    pub max_connections: u16,
}

/// A running cluster, which runs until it is stopped or dropped.
///
/// Dropping waits for the server's end, as [`stop`](Self::stop) does, but blocks the thread. A process that is killed
/// lets go of its cluster too.
#[derive(Debug)]
pub struct Cluster {
    directory: PathBuf,
    socket: PathBuf,
    server: Option<Server>,
    /// Held until the server is gone; none where another process runs the cluster.
    _lock: Option<Lock>,
}

impl Cluster {
    /// Starts the cluster in `settings.directory`, which is made if absent and recovered if it was not stopped
    /// cleanly, and waits until it takes connections. PostgreSQL is fetched if it is not installed.
    ///
    /// # Errors
    /// [`ClusterError::InUse`] if another process runs it; other kinds if it cannot be run at all.
    pub async fn start(settings: Settings) -> Result<Self, ClusterError> {
        let requested = settings.directory.clone();
        let (site, lock) = blocking(move || {
            let site = Site::settle(&requested)?;
            let lock = site.claim()?;
            Ok((site, lock))
        })
        .await?;
        let binaries = Binaries::for_data(&site.account, &site.cache(), site.data_major()).await?;
        blocking(move || {
            let Settings { directory: _, database, durability, max_connections } = settings;
            let run = Run {
                site: &site,
                binaries: &binaries,
                durability,
                max_connections,
                linger: 0,
                fleeting: false,
            };
            let server = Server::start(&run)?;
            let cluster = Self::new(&site, server, lock);
            create_database(&site, &binaries, &cluster.url(MAINTENANCE), &database)?;
            Ok(cluster)
        })
        .await
    }

    /// Joins the cluster that another process runs in `directory`: it goes on until both have let it go. `None` if no
    /// process does, or if it is not up yet.
    ///
    /// # Errors
    /// If the directory cannot be used.
    pub async fn join(directory: &Path) -> Result<Option<Self>, ClusterError> {
        let requested = directory.to_owned();
        blocking(move || {
            let site = Site::settle(&requested)?;
            Ok(Server::join(&site).map(|server| Self::new(&site, server, None)))
        })
        .await
    }

    /// Starts a cluster of its own for a test. It goes with the value, or with the process.
    ///
    /// # Errors
    /// If it cannot be run.
    pub async fn temporary() -> Result<Self, ClusterError> {
        let nursery = blocking(Nursery::open).await?;
        let binaries = nursery.binaries().await?;
        blocking(move || {
            let (site, lock) = nursery.site(None, &binaries)?;
            let server = Server::start(&fleeting(&site, &binaries, 0))?;
            Ok(Self::new(&site, server, lock))
        })
        .await
    }

    /// The temporary cluster that all processes share which ask for `name` (that of a checkout, its path for
    /// example) at about the same time. The first starts it; it goes a few seconds after the last.
    ///
    /// # Errors
    /// If it cannot be run.
    pub async fn shared(name: &str) -> Result<Self, ClusterError> {
        let name = name.to_owned();
        let nursery = blocking(Nursery::open).await?;
        let binaries = nursery.binaries().await?;
        blocking(move || {
            let _turn = nursery.turn()?;
            if let Some((site, server, lock)) = nursery.join(&name)? {
                return Ok(Self::new(&site, server, lock));
            }
            let (site, lock) = nursery.site(Some(&name), &binaries)?;
            let server = Server::start(&fleeting(&site, &binaries, LINGER))?;
            Ok(Self::new(&site, server.share(), lock))
        })
        .await
    }

    fn new(site: &Site, server: Server, lock: impl Into<Option<Lock>>) -> Self {
        Self {
            directory: site.directory.clone(),
            socket: server.socket.clone(),
            server: Some(server),
            _lock: lock.into(),
        }
    }

    /// Where the cluster is kept; not always where it was asked for, see [`Settings::directory`] and the log.
    #[must_use]
    pub fn directory(&self) -> &Path {
        &self.directory
    }

    /// The address of `database`, for sqlx and for libpq's programs. It holds no secret.
    #[must_use]
    pub fn url(&self, database: &str) -> String {
        format!(
            "postgres:///{}?host={}&port={PORT}&user={ROLE}&sslmode=disable",
            percent_encoded(database),
            percent_encoded(&self.socket.to_string_lossy())
        )
    }

    /// Stops the cluster and waits for its end, and for that of those who joined it: connections are cut, what was
    /// committed is kept. A shared or joined cluster is only let go.
    ///
    /// # Errors
    /// [`ClusterError::TimedOut`] if it does not end.
    pub async fn stop(mut self) -> Result<(), ClusterError> {
        blocking(move || self.server.take().map_or(Ok(()), Server::stop)).await
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        if let Some(Err(error)) = self.server.take().map(Server::stop) {
            log::warn!("{error}");
        }
    }
}

/// How a test's cluster is run.
fn fleeting<'a>(site: &'a Site, binaries: &'a Binaries, linger: u8) -> Run<'a> {
    Run { site, binaries, durability: Durability::None, max_connections: 200, linger, fleeting: true }
}

/// Everything but letters and digits is encoded, so that nobody reads a sign in another way.
fn percent_encoded(text: &str) -> String {
    text.bytes().fold(String::new(), |mut url, byte| {
        if byte.is_ascii_alphanumeric() {
            url.push(char::from(byte));
        } else {
            url.push_str(&format!("%{byte:02X}"));
        }
        url
    })
}

/// Does what waits for programs and locks away from the threads that must not wait.
pub(crate) async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, ClusterError> + Send + 'static,
) -> Result<T, ClusterError> {
    match tokio::task::spawn_blocking(work).await {
        Ok(result) => result,
        Err(error) => match error.try_into_panic() {
            Ok(panic) => resume_unwind(panic),
            Err(error) => {
                Err(ClusterError::Failed { step: "running the database", output: error.to_string() })
            }
        },
    }
}
