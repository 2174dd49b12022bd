//! The best use of a limited budget: which enrolments close the most weighted gap under every limit, how far from the best
//! possible that may be, and why each thing was left out.
//!
//! A [`Draft`](draft::Draft) is what is written down, an [`Instance`] what was checked, [`solve`] makes a [`Solution`] of it, and
//! [`verify`] holds any plan against the definitions without sharing anything with the search. Nothing here reads a clock: how
//! much of the time is used up is asked of the caller ([`Budget`]).
//!
//! # What a plan is worth
//! Offer `o` closes of need `n` the part `c = 0` when `o.from > n.from`, else `max(0, min(o.to, n.to) - n.from) / (n.to -
//! n.from)`. A need earns its value times the largest `c` among the person's offers; the plan is worth the sum. An opened class
//! pays its fixed price once and has between `min_seats` and `seats` people, some of whom may be there only to fill it. Two plans
//! are told apart, and a bound is said to be reached, to a billionth of what they are worth.
//!
//! # How it is searched
//! The bound sells money and seats at prices ([`dual`]): each person then chooses by themself, exactly, and each class decides
//! whether it pays. Where the total is lowest, it lies a few hundredths of a percent above the best plan. Classes are decided
//! upon one after the other with those prices; people choose at the prices that follow, and seats, money and places on the way
//! between classes are moved along the routes that lose least ([`primal`]). Small instances are searched to the end ([`exact`]).
//!
//! # Learning hours
//! [`reach_hours`] answers another question about the same instance: which enrolments bring the most people to the learning hours
//! they should have, and of those which cost least ([`hours`]). [`verify_hours`] holds its plans against the definitions.

mod dice;
pub mod draft;
mod dual;
mod exact;
mod hours;
mod instance;
mod model;
mod oracle;
mod parallel;
mod primal;
mod reasons;
mod solve;
mod state;
mod value;
mod verify;

pub use hours::{HoursEnrolment, HoursPlan, NotThere, reach_hours};
pub use instance::Instance;
pub use model::Conflict;
pub use reasons::Reason;
pub use solve::{Enrolment, FloorReached, NoPlan, Options, Solution, Unserved, Wishes, solve};
pub use verify::{Audit, Breach, HoursAudit, verify, verify_hours};

/// What the caller allows.
pub struct Budget<'a> {
    /// How much of the time is used up: 0 at the start, 1 or more when it is time to stop, with the best plan so far. Always 0
    /// where there is no limit: then the search ends by itself, and always with the same plan.
    pub used: &'a (dyn Fn() -> f64 + Sync),
}

impl Budget<'static> {
    /// As long as it takes.
    #[must_use]
    pub fn unlimited() -> Self {
        Self { used: &|| 0.0 }
    }
}
