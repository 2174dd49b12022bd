//! Who works where: agencies, the unit tree, positions, civil servants, their placements over time and the
//! superior that follows from all of these.
//!
//! Pure rules: the present, the database and the network belong to the caller. Transitions never touch a row's
//! `version`; the layer that writes the row counts it up.

mod agency;
mod employee;
mod placement;
mod position;
mod read;
pub mod siasn;
mod superior;
mod unit;

pub use agency::Agency;
pub use employee::{Education, Employee, EmployeeStatus};
pub use placement::{Placement, PlacementAction, PlacementError, Stay, history, placement_on};
pub use position::{JobClass, Position, PositionAction, PositionError};
pub use read::squeeze;
pub use superior::{ChainLink, Superior, SuperiorBasis, superior_of};
pub use unit::{Unit, UnitTree};
