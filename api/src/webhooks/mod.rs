//! Telling others what happens: which addresses may be told, how it is signed, how it is sent.

mod address;
mod sender;
mod signature;

pub use address::{LONGEST, endpoint, is_public};
pub use sender::{Sender, Sent};
pub use signature::{new_secret, shown, sign};
