//! `bangkom plan`: the best use of a budget, without a database.

use std::path::{Path, PathBuf};
use std::time::Instant;

use clap::{Args, Subcommand};
use optimiser::{Budget, NoPlan, Options, solve};

use crate::app::AppError;
use crate::cli::{CliError, output};
use crate::dto::plan_instances::{PlanInstance, PlanSolution, conflict};
use crate::http::read_json;

#[derive(Debug, Subcommand)]
pub(super) enum PlanCommand {
    /// Print the best plan for an instance and how far from the best possible it may be, as JSON
    Solve(SolveArgs),
}

#[derive(Debug, Args)]
pub(super) struct SolveArgs {
    /// The instance, as JSON (schema PlanInstance of the contract)
    instance: PathBuf,
    /// Stop after so many seconds, reading included, with the best plan so far; less when it is proven before
    #[arg(long, value_name = "SECONDS", default_value_t = 60.0, value_parser = seconds)]
    time_limit: f64,
    /// Threads to use; the plan does not depend on it
    #[arg(long, value_name = "N", default_value_t = 2, value_parser = clap::value_parser!(u16).range(1..=64))]
    threads: u16,
    /// Where the search begins: the same seed gives the same plan, unless the time runs out
    #[arg(long, value_name = "N", default_value_t = 1)]
    seed: u64,
}

fn seconds(text: &str) -> Result<f64, String> {
    let seconds = text.parse::<f64>().ok().filter(|seconds| *seconds > 0.0 && *seconds <= 86_400.0);
    seconds.ok_or_else(|| "seconds are a number above 0, at most 86400".to_owned())
}

pub(super) fn plan(command: &PlanCommand) -> Result<(), CliError> {
    let PlanCommand::Solve(args) = command;
    let solution = solved(args)?;
    let text = serde_json::to_string(&solution)
        .map_err(|error| CliError::io("write the plan", std::io::Error::other(error)))?;
    output::print_line(&text)
}

fn solved(args: &SolveArgs) -> Result<PlanSolution, CliError> {
    let start = Instant::now();
    let instance = read(&args.instance)?.into_domain().map_err(AppError::from)?;
    let used = || start.elapsed().as_secs_f64() / args.time_limit;
    let options = Options { seed: args.seed, threads: usize::from(args.threads) };
    let solution = solve(&instance, options, &Budget { used: &used });
    solution.map(Into::into).map_err(|no_plan| CliError::Refused(explain(&no_plan)))
}

fn read(path: &Path) -> Result<PlanInstance, CliError> {
    let bytes =
        std::fs::read(path).map_err(|source| CliError::io(format!("read {}", path.display()), source))?;
    Ok(read_json(&bytes)?)
}

fn explain(no_plan: &NoPlan) -> String {
    match no_plan {
        NoPlan::Conflicts(conflicts) => {
            let lines: Vec<String> = conflicts.iter().map(conflict).collect();
            format!("the required enrolments cannot all be\n  {}", lines.join("\n  "))
        }
        NoPlan::TooFew { offers, proven } => {
            let known = if *proven { "there is no plan with" } else { "no plan was found with" };
            let what =
                if offers.is_empty() { "every required enrolment".to_owned() } else { offers.join(", ") };
            format!("{known} enough people in every class that required enrolments open: {what}")
        }
    }
}
