//! Why a command did not do what was asked, for the operator who typed it.

use cluster::ClusterError;
use migrations::{MigrationError, SchemaState};
use store::StoreError;

use crate::app::{AppError, OpenError};
use crate::auth::KeyError;
use crate::config::ConfigError;
use crate::messages::{self, Lang};
use crate::problems::Problem;

/// Failure of a command.
#[derive(Debug, thiserror::Error)]
pub enum CliError {
    /// Settings that cannot be used.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// The private PostgreSQL cannot be run.
    #[error(transparent)]
    Cluster(#[from] ClusterError),
    /// The schema cannot be read or changed.
    #[error(transparent)]
    Migration(#[from] MigrationError),
    /// The schema is not the one this program was built for.
    #[error("{}", match .0 {
        SchemaState::Ahead => "a newer version of this program has changed the database; use that version",
        _ => "the database schema is not up to date; run `bangkom migrate up`",
    })]
    Schema(SchemaState),
    /// Keys, issuers or the pool.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// The signing key.
    #[error(transparent)]
    Keys(#[from] KeyError),
    /// What a use case refused.
    #[error("{}", explain(.0))]
    App(AppError),
    /// What was asked makes no sense here.
    #[error("{0}")]
    Refused(String),
    /// A file, a socket or a signal.
    #[error("cannot {action}")]
    Io {
        /// What was attempted.
        action: String,
        /// What the operating system said.
        source: std::io::Error,
    },
}

impl CliError {
    /// An I/O error with what was attempted.
    pub(super) fn io(action: impl Into<String>, source: std::io::Error) -> Self {
        Self::Io { action: action.into(), source }
    }
}

impl From<AppError> for CliError {
    fn from(error: AppError) -> Self {
        Self::App(error)
    }
}

impl From<StoreError> for CliError {
    fn from(error: StoreError) -> Self {
        Self::App(error.into())
    }
}

/// The problem in English, every refused value, and the cause where the fault is on this side.
fn explain(error: &AppError) -> String {
    let mut text = error.problem.spec().en.to_owned();
    if let Some(detail) = &error.detail {
        text.push_str(&format!(": {}", detail.en));
    }
    for violation in &error.violations {
        text.push_str(&format!("\n  {}: {}", violation.pointer, messages::detail(violation, Lang::En)));
        let seen = violation.args.iter().find(|(name, _)| *name == "value");
        text.extend(seen.map(|(_, value)| format!(" Seen: {value:?}.")));
    }
    if let Some(cause) = &error.cause
        && matches!(error.problem, Problem::Internal | Problem::Unavailable)
    {
        text.push_str(&format!("\n  {}", super::output::chain(cause)));
    }
    text
}

#[cfg(test)]
mod tests {
    use kernel::{Violation, ViolationCode};

    use super::*;

    #[test]
    fn a_refusal_names_the_value_and_the_reason() {
        let error = CliError::from(AppError::invalid("/code", ViolationCode::Taken));
        assert_eq!(
            error.to_string(),
            "The request holds values that cannot be accepted\n  /code: This value is taken."
        );
        let seen = Violation::new("/rows/2/nip", ViolationCode::NipLength).with("value", "12\u{1b}");
        let text = CliError::from(AppError::from(seen)).to_string();
        assert!(text.ends_with("\n  /rows/2/nip: A NIP has 18 digits. Seen: \"12\\u{1b}\"."), "{text}");
    }
}
