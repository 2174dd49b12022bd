//! Fictional instances of the planning problem, and how fast and how close they are solved.
//!
//! ```sh
//! cargo run --release -p optimiser --example plans -- write 2000 common 1 > instance.json
//! cargo run --release -p optimiser --example plans -- measure 2000,10000,100000 common,tight,wide,dear 1,2
//! cargo run --release -p optimiser --example plans -- hours 2000,10000,100000 common,tight,wide,dear 1,2
//! cargo run --release -p optimiser --example plans -- floors 2000,10000,100000 common,tight,wide,dear 1,2 0.5
//! ```
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::as_conversions,
    reason = "what cannot be measured ends the run"
)]

mod generate;

use std::time::Instant;

use generate::{STYLES, Style, generate};
use optimiser::draft::FloorDraft;
use optimiser::{Breach, Budget, Instance, Options, reach_hours, solve, verify, verify_hours};

fn main() {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let list = |at: usize, default: &str| -> Vec<String> {
        words.get(at).map_or(default, String::as_str).split(',').map(str::to_owned).collect()
    };
    let style = |name: &String| -> &'static Style { STYLES.iter().find(|one| one.name == name).unwrap() };
    let (sizes, styles, seeds) = (list(1, "2000"), list(2, "common"), list(3, "1"));
    if words.first().is_some_and(|word| word == "write") {
        let draft = generate(sizes[0].parse().unwrap(), seeds[0].parse().unwrap(), style(&styles[0]));
        println!("{}", serde_json::to_string(&draft).unwrap());
        return;
    }
    if words.first().is_some_and(|word| word == "hours") {
        println!("| people | style | seed | limit | took | short | reached | at most | cost | bound | gap |");
        println!("| ---: | --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |");
        for size in &sizes {
            for name in &styles {
                for seed in &seeds {
                    hours(size.parse().unwrap(), style(name), seed.parse().unwrap());
                }
            }
        }
        return;
    }
    if words.first().is_some_and(|word| word == "floors") {
        println!("| people | style | seed | limit | took | objective | bound | gap | required | served |");
        println!("| ---: | --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |");
        let share: f64 = list(4, "0.5")[0].parse().unwrap();
        for size in &sizes {
            for name in &styles {
                for seed in &seeds {
                    floors(size.parse().unwrap(), style(name), seed.parse().unwrap(), share);
                }
            }
        }
        return;
    }
    println!("| people | style | seed | limit | took | objective | bound | gap | target | reached |");
    println!("| ---: | --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | --- |");
    for size in &sizes {
        for name in &styles {
            for seed in &seeds {
                measure(size.parse().unwrap(), style(name), seed.parse().unwrap());
            }
        }
    }
}

/// How long a size may take, and how close it is to be solved in that time.
fn target(people: usize) -> (f64, f64) {
    match people {
        0..=2_000 => (10.0, 0.5),
        2_001..=10_000 => (20.0, 1.0),
        _ => (60.0, 1.5),
    }
}

/// One row: at what price everybody is brought to 20 learning hours.
fn hours(people: usize, style: &Style, seed: u64) {
    let (limit, _) = target(people);
    let mut draft = generate(people, seed, style);
    draft.people.iter_mut().for_each(|person| person.jp_min = Some(20));
    let start = Instant::now();
    let instance = Instance::new(draft).unwrap();
    let used = || start.elapsed().as_secs_f64() / limit;
    let plan = reach_hours(&instance, Options::default(), &Budget { used: &used }).unwrap();
    let took = start.elapsed().as_secs_f64();
    let pairs: Vec<_> = plan.enrolments.iter().map(|one| (one.person.clone(), one.offer.clone())).collect();
    assert_eq!(verify_hours(&instance, &pairs).breaches, []);
    println!(
        "| {people} | {} | {seed} | {limit} s | {took:.1} s | {} | {} | {} | {} | {} | {:.3} % |",
        style.name,
        plan.short,
        plan.reached,
        plan.most_reachable,
        plan.cost,
        plan.lower_bound,
        plan.gap_percent
    );
}

/// One row: what is planned where a `share` of a group must be served for whom hardly anything is worth it.
fn floors(people: usize, style: &Style, seed: u64, share: f64) {
    let (limit, _) = target(people);
    let mut draft = generate(people, seed, style);
    for person in draft.people.iter_mut().step_by(5) {
        person.groups.push("PPPK".to_owned());
        person.needs.iter_mut().for_each(|need| need.value /= 100.0);
    }
    draft.equity_floors = vec![FloorDraft { unit: None, group: Some("PPPK".to_owned()), share }];
    let start = Instant::now();
    let instance = Instance::new(draft).unwrap();
    let used = || start.elapsed().as_secs_f64() / limit;
    let plan = solve(&instance, Options::default(), &Budget { used: &used }).unwrap();
    let took = start.elapsed().as_secs_f64();
    let pairs: Vec<_> = plan.enrolments.iter().map(|one| (one.person.clone(), one.offer.clone())).collect();
    let breaches = verify(&instance, &pairs).breaches;
    assert!(breaches.iter().all(|breach| matches!(breach, Breach::Floor { .. })));
    println!(
        "| {people} | {} | {seed} | {limit} s | {took:.1} s | {:.2} | {:.2} | {:.3} % | {} | {} |",
        style.name,
        plan.objective,
        plan.upper_bound,
        plan.gap_percent,
        plan.floors[0].required,
        plan.floors[0].served
    );
}

/// One row: how close an instance is solved within the time its size has.
fn measure(people: usize, style: &Style, seed: u64) {
    let (limit, target) = target(people);
    let draft = generate(people, seed, style);
    let start = Instant::now();
    let instance = Instance::new(draft).unwrap();
    let used = || start.elapsed().as_secs_f64() / limit;
    let plan = solve(&instance, Options::default(), &Budget { used: &used }).unwrap();
    let took = start.elapsed().as_secs_f64();
    let pairs: Vec<_> = plan.enrolments.iter().map(|one| (one.person.clone(), one.offer.clone())).collect();
    assert_eq!(verify(&instance, &pairs).breaches, []);
    let reached = if plan.gap_percent <= target && took <= limit { "yes" } else { "**no**" };
    println!(
        "| {people} | {} | {seed} | {limit} s | {took:.1} s | {:.2} | {:.2} | {:.3} % | {target} % | {reached} |",
        style.name, plan.objective, plan.upper_bound, plan.gap_percent
    );
}
