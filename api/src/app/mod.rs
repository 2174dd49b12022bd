//! Use cases, one file per resource: open a transaction, call the domain, record, return. Nothing here knows HTTP.

mod context;
mod error;
pub mod units;

pub use context::{Clock, Ctx, IdempotencyKey, IfMatch, OpenError, Services};
pub use error::AppError;
