//! Settings: read from the environment in one place, all problems reported at once.

use std::net::SocketAddr;
use std::path::PathBuf;

use crate::auth::IssuerSettings;

/// What the server runs with.
#[derive(Clone, Debug)]
pub struct Config {
    /// Where it listens.
    pub listen: SocketAddr,
    /// The database; none means a private cluster in `data_dir`.
    pub database_url: Option<String>,
    /// Keys, and the private cluster.
    pub data_dir: PathBuf,
    /// Name of the built-in issuer in its tokens.
    pub issuer: String,
    /// Audience the built-in issuer's tokens are for.
    pub audience: String,
    /// PEM of the built-in issuer's key, when it is given and not kept in `data_dir`.
    pub signing_key: Option<String>,
    /// External issuers.
    pub issuers: Vec<IssuerSettings>,
    /// Most connections to the database.
    pub database_connections: u32,
    /// Most bytes of an uploaded file.
    pub upload_limit: usize,
    /// Threads that serve requests.
    pub workers: usize,
}

impl Config {
    /// What holds where nothing is set.
    #[must_use]
    pub fn defaults() -> Self {
        Self {
            listen: SocketAddr::from(([127, 0, 0, 1], 8080)),
            database_url: None,
            data_dir: PathBuf::from(".bangkom"),
            issuer: "urn:bangkom".to_owned(),
            audience: "bangkom".to_owned(),
            signing_key: None,
            issuers: Vec::new(),
            database_connections: 16,
            upload_limit: 20 * 1024 * 1024,
            workers: std::thread::available_parallelism().map_or(2, usize::from),
        }
    }
}
