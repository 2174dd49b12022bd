//! What can go wrong, said so that a person can act on it.

use std::{
    io,
    path::{Path, PathBuf},
};

/// Why there is no cluster.
#[derive(Debug, thiserror::Error)]
pub enum ClusterError {
    /// There is no PostgreSQL on this machine and none could be fetched.
    #[error(
        "PostgreSQL {major} was not found on this machine and could not be fetched ({reason}). Three ways out: install \
         the package (`apt-get install postgresql`), use `docker compose up`, or set DATABASE_URL to a database that \
         runs already"
    )]
    NotInstalled {
        /// The release looked for: `15 or newer`, or the very one that wrote the data directory.
        major: String,
        /// Why it could not be fetched.
        reason: String,
    },
    /// Another process runs this cluster.
    #[error(
        "the database in {} is in use by {}: stop that process first, or choose another data directory",
        directory.display(),
        owner.map_or_else(|| "another process".to_owned(), |pid| format!("process {pid}"))
    )]
    InUse {
        /// The cluster's directory.
        directory: PathBuf,
        /// The process that owns it.
        owner: Option<u32>,
    },
    /// PostgreSQL looks its account up by name, and there is none it could run under.
    #[error(
        "PostgreSQL cannot run as user id {uid}{}: add an account (`useradd --system postgres`) or set DATABASE_URL to \
         a database that runs already",
        if *uid == 0 { ", and there is neither an account `postgres` nor `nobody`" } else { ", which has no name here" }
    )]
    NoAccount {
        /// The user id at hand.
        uid: u32,
    },
    /// The data exists where the account that runs PostgreSQL cannot reach it.
    #[error(
        "account `{account}`, under which PostgreSQL must run, cannot enter {}: open the directories above it \
         (`chmod o+x`) or choose another data directory",
        directory.display()
    )]
    Unreachable {
        /// The cluster's directory.
        directory: PathBuf,
        /// The account's name.
        account: String,
    },
    /// One of PostgreSQL's programs failed.
    #[error("{step} failed; its last words:\n{output}")]
    Failed {
        /// What was being done.
        step: &'static str,
        /// The end of the program's output or of the server's log.
        output: String,
    },
    /// Something took too long.
    #[error("{step} was given up after {seconds} s; the last words:\n{output}")]
    TimedOut {
        /// What was being done.
        step: &'static str,
        /// How long it was waited for, in seconds.
        seconds: u64,
        /// The end of the program's output or of the server's log.
        output: String,
    },
    /// A file or a program could not be used.
    #[error("cannot {action} {}", path.display())]
    Io {
        /// What was attempted.
        action: &'static str,
        /// On which file.
        path: PathBuf,
        /// What the operating system said.
        source: io::Error,
    },
}

/// Adds to an I/O error what was attempted, on which path.
pub(crate) trait At<T> {
    /// The same result with `action` and `path` in its error.
    fn at(self, action: &'static str, path: &Path) -> Result<T, ClusterError>;
}

impl<T, E: Into<io::Error>> At<T> for Result<T, E> {
    fn at(self, action: &'static str, path: &Path) -> Result<T, ClusterError> {
        self.map_err(|source| ClusterError::Io { action, path: path.to_owned(), source: source.into() })
    }
}
