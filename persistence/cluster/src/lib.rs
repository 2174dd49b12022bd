//! Finds PostgreSQL's programs and runs a private cluster with them: a lasting one for `bangkom serve`, a fleeting
//! one for tests.
//!
//! *Nobody else gets in.* The server listens on a Unix socket only, in a directory that only its account may enter,
//! and the kernel vouches for who connects (`peer`): there is no password to keep, leak or rotate.
//!
//! *Nothing is left running.* A supervisor of a few lines of shell (`supervise.sh`) is the server's parent. The
//! processes that use the cluster hold the writing end of a FIFO; when the last of them has closed it, for whatever
//! reason, `kill -9` included, the supervisor stops the server. The supervisor has a process group of its own, so a
//! Ctrl-C in the terminal reaches the owner alone, which drains before it lets go.
//!
//! *Root works too.* PostgreSQL refuses to run as root, so everything it runs is run under an unprivileged account,
//! and the directory moves to where that account can reach it if need be.

mod account;
mod binaries;
mod cluster;
mod error;
mod server;
mod site;
mod temporary;

pub use binaries::Binaries;
pub use cluster::{Cluster, Durability, Settings};
pub use error::ClusterError;
