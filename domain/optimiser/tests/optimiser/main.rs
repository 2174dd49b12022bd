//! What the optimiser promises.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::as_conversions,
    reason = "what helps tests fails as tests do; counts are small"
)]

mod brute_force;
#[path = "../../examples/plans/generate.rs"]
mod generate;
mod hours;
mod promises;
mod refusals;
