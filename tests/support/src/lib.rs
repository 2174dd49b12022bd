//! What tests stand on: a real server on a port of its own, a real PostgreSQL database made from a template, callers with
//! roles, and a checker that holds every answer against the contract and the audit trail.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "what tests stand on fails as a test does")]

mod answer;
mod app;
mod contract;
mod database;
mod world;

pub use answer::Answer;
pub use app::{Caller, TestApp};
pub use contract::{check_answer, operations};
pub use database::TestDatabase;
pub use world::Agency;

/// The day and the hour it is in tests unless one says otherwise: 1 July 2026, 09:00 in Jakarta.
pub const NOW: &str = "2026-07-01T02:00:00Z";
