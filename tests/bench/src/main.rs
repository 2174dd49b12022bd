//! `cargo run --release -p bench`: an agency of 100,000 people, and what it costs to ask about them.
//!
//! Everything is made in a private PostgreSQL cluster in a temporary directory and is gone afterwards. The server is the
//! release binary, a process of its own; load comes from `wrk` and `pgbench`. Each figure stands beside its reference, which
//! was measured in turn with it: on another machine, or a busy one, both move and the ratio stays.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "what cannot be measured ends the run, and says where"
)]

mod agency;
mod catalogue;
mod load;
mod place;
mod rows;
mod table;

use clap::Parser;

use crate::agency::Agency;
use crate::place::Place;
use crate::table::Table;

/// What to measure, and how long.
#[derive(Clone, Debug, Parser)]
#[command(about = "Measures the server against pgbench and against a peer, side by side in one run")]
pub(crate) struct Options {
    /// People in the agency; several sizes, separated by commas, are measured one after the other
    #[arg(long, default_value = "100000", value_delimiter = ',')]
    size: Vec<usize>,
    /// How often each row is measured
    #[arg(long, default_value_t = 5)]
    rounds: usize,
    /// Seconds of each measurement
    #[arg(long, default_value_t = 6)]
    seconds: u64,
    /// Connections of the load
    #[arg(long, default_value_t = 32)]
    connections: u32,
    /// Only rows whose name holds this
    #[arg(long)]
    only: Option<String>,
    /// Leave the peer out, for machines without Node
    #[arg(long)]
    no_peer: bool,
    /// The server's binary, instead of the one beside this program, which is then not built either
    #[arg(long)]
    server: Option<std::path::PathBuf>,
}

#[tokio::main]
async fn main() {
    let options = Options::parse();
    load::install_tools(!options.no_peer);
    let mut table = Table::default();
    for size in &options.size {
        let agency = Agency::of(*size);
        let mut place = Place::new(&options).await;
        rows::import(&mut place, &agency, &mut table).await;
        rows::measure(&mut place, &agency, &options, &mut table).await;
        place.end().await;
    }
    println!("\n{}", table.markdown(&options));
}
