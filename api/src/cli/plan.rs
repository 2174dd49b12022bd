//! `bangkom plan`: the best use of a budget, without a database.

use std::path::{Path, PathBuf};
use std::time::Instant;

use clap::{Args, Subcommand, ValueEnum};
use optimiser::{Budget, NoPlan, Options, reach_hours, solve};
use serde::Serialize;

use crate::app::AppError;
use crate::cli::{CliError, output};
use crate::dto::plan_instances::{PlanHours, PlanInstance, PlanSolution, conflict};
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
    /// What the plan is made for
    #[arg(long, value_enum, default_value_t = Aim::Value)]
    aim: Aim,
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

/// What a plan is made for.
#[derive(Clone, Copy, Debug, ValueEnum)]
enum Aim {
    /// The most value within the budgets (schema PlanSolution)
    Value,
    /// The most people at the learning hours they should have (jp_min), for the least money (schema PlanHours)
    LearningHours,
}

/// What is printed.
#[derive(Debug, Serialize)]
#[serde(untagged)]
enum Solved {
    Value(PlanSolution),
    LearningHours(PlanHours),
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

fn solved(args: &SolveArgs) -> Result<Solved, CliError> {
    let start = Instant::now();
    let instance = read(&args.instance)?.into_domain().map_err(AppError::from)?;
    let used = || start.elapsed().as_secs_f64() / args.time_limit;
    let options = Options { seed: args.seed, threads: usize::from(args.threads) };
    let budget = Budget { used: &used };
    let solved = match args.aim {
        Aim::Value => solve(&instance, options, &budget).map(|plan| Solved::Value(plan.into())),
        Aim::LearningHours => {
            reach_hours(&instance, options, &budget).map(|plan| Solved::LearningHours(plan.into()))
        }
    };
    solved.map_err(|no_plan| CliError::Refused(explain(&no_plan)))
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
        run_for(Aim::Value, instance)
    }

    fn run_for(aim: Aim, instance: &str) -> Result<Value, String> {
        let mut file = tempfile::NamedTempFile::new().unwrap();
        file.write_all(instance.as_bytes()).unwrap();
        let instance = file.path().to_owned();
        let args = SolveArgs { instance, aim, time_limit: 5.0, threads: 2, seed: 1 };
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
    fn learning_hours_are_reached_for_the_least_money_whatever_the_budgets() {
        let mut instance = example();
        instance["people"][0]["jp_min"] = json!(20);
        instance["people"][1]["jp_min"] = json!(12);
        let short = json!({"id": "o2", "price": 100_000, "fixed_price": 50_000, "jp": 4});
        instance["offers"].as_array_mut().unwrap().push(short);
        instance["budget"] = json!(0);
        assert_eq!(
            run_for(Aim::LearningHours, &instance.to_string()).unwrap(),
            json!({"enrolments": [
                    {"person": "p1", "offer": "o1", "price": 250_000, "value": 1.5},
                    {"person": "p1", "offer": "o2", "price": 100_000, "value": 0.0},
                    {"person": "p2", "offer": "o1", "price": 250_000, "value": 1.0}],
                "opened": ["o1", "o2"], "cost": 650_000, "lower_bound": 650_000, "gap_percent": 0.0, "short": 2,
                "reached": 2, "most_reachable": 2, "unreached": [], "stopped": false})
        );
        instance["offers"][1]["seats"] = json!(0);
        let plan = run_for(Aim::LearningHours, &instance.to_string()).unwrap();
        assert_eq!(plan["unreached"], json!([{"person": "p1", "hours": 16, "reason": "SEATS"}]));
        // The best plan within the budgets only says how many have them.
        instance["budget"] = json!(1_000_000);
        assert_eq!(run(&instance.to_string()).unwrap()["learning_hours"], json!({"people": 2, "met": 0}));
        instance["people"][0]["jp_min"] = json!(25);
        assert!(run(&instance.to_string()).unwrap_err().contains("/people/0/jp_min"));
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
