//! The database a command works on: the one that was named, or the private one.

use std::time::Duration;

use cluster::{Cluster, ClusterError, Durability, Settings};
use migrations::SchemaState;

use crate::app::{Clock, Services};
use crate::cli::{CliError, migrate};
use crate::config::Config;

/// The private cluster's database.
const NAME: &str = "bangkom";

/// How long a command waits for the server that is just starting the private cluster.
const PATIENCE: u32 = 120;
const GLANCE: Duration = Duration::from_millis(500);

/// Connections beside the pool's: migrations, an operator's `psql`, other commands.
const SPARE_CONNECTIONS: u32 = 32;

/// A database that can be connected to as long as this lives.
#[derive(Debug)]
pub(super) struct Database {
    /// How to connect.
    pub(super) url: String,
    /// Who runs it.
    keeper: Keeper,
}

#[derive(Debug)]
enum Keeper {
    /// Somebody else: it was named by `DATABASE_URL`.
    External,
    /// This process.
    Own(Cluster),
    /// A server or another command on this machine, which this process has joined.
    Joined(Cluster),
}

impl Database {
    /// The database of a server, which alone runs its private cluster.
    pub(super) async fn own(config: &Config) -> Result<Self, CliError> {
        match &config.database_url {
            Some(url) => Ok(Self::external(url)),
            None => Ok(Self::private(Keeper::Own, Cluster::start(settings(config)).await?)),
        }
    }

    /// The database of a command, which joins a cluster that runs already.
    pub(super) async fn reach(config: &Config) -> Result<Self, CliError> {
        if let Some(url) = &config.database_url {
            return Ok(Self::external(url));
        }
        let settings = settings(config);
        let mut looks = 0;
        loop {
            match Cluster::start(settings.clone()).await {
                Err(in_use @ ClusterError::InUse { .. }) => {
                    if let Some(cluster) = Cluster::join(&settings.directory).await? {
                        return Ok(Self::private(Keeper::Joined, cluster));
                    }
                    // Its owner is starting it, or stopping it.
                    looks += 1;
                    if looks > PATIENCE {
                        return Err(in_use.into());
                    }
                    tokio::time::sleep(GLANCE).await;
                }
                started => return Ok(Self::private(Keeper::Own, started?)),
            }
        }
    }

    fn external(url: &str) -> Self {
        Self { url: url.to_owned(), keeper: Keeper::External }
    }

    fn private(keeper: fn(Cluster) -> Keeper, cluster: Cluster) -> Self {
        Self { url: cluster.url(NAME), keeper: keeper(cluster) }
    }

    /// Whether it is the private one.
    pub(super) const fn is_private(&self) -> bool {
        !matches!(self.keeper, Keeper::External)
    }

    /// Whether no other process works on it, as far as can be known.
    pub(super) const fn is_own(&self) -> bool {
        matches!(self.keeper, Keeper::Own(_))
    }

    /// Lets it go; a private cluster nobody else holds is stopped.
    pub(super) async fn close(self) -> Result<(), CliError> {
        match self.keeper {
            Keeper::External => Ok(()),
            Keeper::Own(cluster) | Keeper::Joined(cluster) => Ok(cluster.stop().await?),
        }
    }
}

/// Whether a private cluster has been made.
pub(super) fn private_exists(config: &Config) -> bool {
    settings(config).directory.join("data").exists()
}

fn settings(config: &Config) -> Settings {
    Settings {
        directory: config.data_dir.join("postgres"),
        database: NAME.to_owned(),
        durability: Durability::Full,
        max_connections: u16::try_from(config.database_connections + SPARE_CONNECTIONS).unwrap_or(u16::MAX),
    }
}

/// The services on a database whose schema fits, for one command.
#[derive(Debug)]
pub(super) struct Session {
    pub(super) services: Services,
    database: Database,
}

impl Session {
    /// Opens the services. The private cluster's schema is brought up to date, as `serve` does it.
    pub(super) async fn open(config: Config) -> Result<Self, CliError> {
        let database = Database::reach(&config).await?;
        match Self::ready(config, &database).await {
            Ok(services) => Ok(Self { services, database }),
            Err(error) => {
                database.close().await?;
                Err(error)
            }
        }
    }

    async fn ready(config: Config, database: &Database) -> Result<Services, CliError> {
        let services = Services::open(config, &database.url, Clock::system()).await?;
        if database.is_own() {
            migrate::bring_up(&database.url, &services).await?;
        } else {
            match migrate::state(&database.url).await? {
                SchemaState::Current => {}
                other => return Err(CliError::Schema(other)),
            }
        }
        Ok(services)
    }

    /// Ends the session.
    pub(super) async fn close(self) -> Result<(), CliError> {
        self.services.close().await;
        self.database.close().await
    }
}
