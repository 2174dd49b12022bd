//! Who may do what: one policy, and the proofs it hands out.
//!
//! A read takes a [`Scope`]: what this caller may see. A write takes a [`Pass`]: that this caller was allowed to do it.
//! Neither can be made anywhere else, so code that forgot to ask does not compile.

mod actor;
mod policy;
mod role;

pub use actor::{Actor, Denied, Grant, GrantAction, GrantError, Pass, People, Scope};
pub use policy::{Action, Reach, reach};
pub use role::Role;
