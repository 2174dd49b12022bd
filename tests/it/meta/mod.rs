//! Tests made from the contract, the catalogue and the workspace itself.

mod architecture;
mod catalogue;
mod coverage;
mod problem_codes;
pub(crate) mod tables;
mod world;
