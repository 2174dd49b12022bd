//! Use cases, one file per resource: open a transaction, call the domain, record, return. Nothing here knows HTTP.

pub mod agencies;
pub mod aggregates;
pub mod assessments;
pub mod audit;
pub mod calculators;
pub mod candidates;
pub mod case_packages;
pub mod competencies;
mod context;
pub mod dictionaries;
pub mod employees;
mod error;
pub mod exports;
pub mod families;
pub mod gaps;
pub mod grants;
pub mod import_mappings;
pub mod imports;
pub mod jp_ledger;
mod looks;
pub mod me;
pub mod operations;
pub mod own_learnings;
pub mod partners;
pub mod placements;
pub mod plans;
pub mod policies;
pub mod positions;
pub mod programmes;
pub mod standards;
pub mod units;

pub use context::{Clock, Ctx, IdempotencyKey, IfMatch, OpenError, Services};
pub use error::{AppError, Detail};
pub use looks::Looks;
