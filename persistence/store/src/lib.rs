//! The only crate that speaks SQL. Its public signatures speak domain types.
//!
//! * Reading begins with a [`access::Scope`]: [`Store::read`] gives a [`Reader`], whose every statement is bounded by it.
//! * Writing happens in [`Store::write`]: one transaction that holds the business rows, the audit row, the change-feed
//!   row and the idempotency row. Its closure must return a [`Recorded`], which only [`Tx::record`] makes.

mod agencies;
mod audit;
mod employees;
mod error;
mod operations;
mod placements;
mod positions;
mod read;
mod rows;
mod tx;
mod units;
mod users;

pub use audit::{AccessRecord, AuditFilter, AuditRow};
pub use employees::{EmployeeFilter, EmployeeRow, NamedSuperior, SuperiorChain};
pub use error::{Broken, StoreError};
pub use operations::OperationRow;
pub use placements::{HeldPosition, PlacementRow};
pub use positions::PositionFilter;
pub use read::{PageRequest, Reader};
pub use tx::{AsStoreError, Idempotency, Recorded, Reply, Settings, Store, Tx, WriteContext, Written};
pub use units::UnitFilter;
pub use users::{GrantRow, UserRow};
