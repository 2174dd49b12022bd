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

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use serde_json::{Value, json};

    use super::*;

    fn run(instance: &str) -> Result<Value, String> {
        let mut file = tempfile::NamedTempFile::new().unwrap();
        file.write_all(instance.as_bytes()).unwrap();
        let instance = file.path().to_owned();
        let args = SolveArgs { instance, time_limit: 5.0, threads: 2, seed: 1 };
        solved(&args).map(|plan| serde_json::to_value(plan).unwrap()).map_err(|error| error.to_string())
    }

    fn example() -> Value {
        json!({"budget": 1_000_000,
            "people": [
                {"id": "p1", "unit": "u1", "jp_done": 4, "jp_max": 24,
                    "needs": [{"competency": "c1", "from": 2, "to": 3, "value": 1.5}]},
                {"id": "p2", "unit": "u1", "needs": [{"competency": "c1", "from": 2, "to": 3, "value": 1}]}],
            "offers": [{"id": "o1", "price": 250_000, "fixed_price": 0, "seats": 30, "min_seats": 0, "jp": 12,
                "dates": ["2027-02-01", "2027-02-03"], "teaches": [{"competency": "c1", "from": 2, "to": 3}]}],
            "limits": {"max_activities_per_person": 3},
            "unit_budgets": {"u1": 300_000}})
    }

    #[test]
    fn an_instance_becomes_a_plan_of_the_documented_shape() {
        assert_eq!(
            run(&example().to_string()).unwrap(),
            json!({"objective": 1.5, "upper_bound": 1.5, "gap_percent": 0.0, "cost": 250_000,
                "enrolments": [{"person": "p1", "offer": "o1", "value": 1.5}], "opened": ["o1"],
                "unserved": [{"person": "p2", "competency": "c1", "reason": "UNIT_BUDGET"}], "shadow_price": 0.0})
        );
    }

    #[test]
    fn what_cannot_be_planned_is_told_with_its_place() {
        let with = |pointer: &str, value: Value| {
            let mut instance = example();
            *instance.pointer_mut(pointer).unwrap() = value;
            run(&instance.to_string()).unwrap_err()
        };
        assert!(with("/offers/0/price", json!(-1)).contains("/offers/0/price"));
        assert!(with("/people/1/id", json!("p1")).contains("/people/1/id"));
        assert!(with("/limits", json!({"max": 3})).contains("/limits/max"));
        assert!(with("/offers/0/dates/1", json!("tomorrow")).contains("/offers/0/dates/1"));
        assert!(run("{").is_err());
        assert!(run("{}").unwrap_err().contains("/people"));
        let mut both = example();
        both["required"] = json!([{"person": "p1", "offer": "o1"}, {"person": "p2", "offer": "o1"}]);
        assert!(run(&both.to_string()).unwrap_err().contains("the budget of unit u1"));
    }
}
