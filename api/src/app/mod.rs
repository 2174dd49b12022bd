//! Use cases, one file per resource: open a transaction, call the domain, record, return. Nothing here knows HTTP.

pub mod agencies;
pub mod audit;
mod context;
pub mod employees;
mod error;
pub mod grants;
pub mod me;
pub mod operations;
pub mod placements;
pub mod positions;
pub mod units;

pub use context::{Clock, Ctx, IdempotencyKey, IfMatch, OpenError, Services};
pub use error::AppError;
