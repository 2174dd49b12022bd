//! What holds for every plan, small or large.

use std::sync::atomic::{AtomicU64, Ordering};

use optimiser::draft::{
    Draft, FloorDraft, LimitsDraft, NeedDraft, OfferDraft, PairDraft, PersonDraft, StepDraft,
};
use optimiser::{Breach, Budget, Instance, NoPlan, Options, Reason, Solution, solve, verify};

use crate::brute_force::instance;
use crate::generate::{STYLES, generate};

fn checked(draft: &Draft) -> Instance {
    Instance::new(draft.clone()).unwrap()
}

fn pairs(plan: &Solution) -> Vec<(String, String)> {
    plan.enrolments.iter().map(|one| (one.person.clone(), one.offer.clone())).collect()
}

fn best(draft: &Draft) -> Solution {
    solve(&checked(draft), Options::default(), &Budget::unlimited()).unwrap()
}

#[test]
fn plans_of_every_style_keep_every_limit_and_come_close_to_their_bound() {
    for style in STYLES {
        for seed in 1..=3 {
            let draft = generate(600, seed, style);
            let plan = best(&draft);
            let audit = verify(&checked(&draft), &pairs(&plan));
            assert_eq!(audit.breaches, [], "{} {seed}", style.name);
            assert!((audit.objective - plan.objective).abs() < 1e-6);
            assert!(plan.upper_bound >= plan.objective);
            assert!(plan.gap_percent < 1.0, "{} {seed}: {}", style.name, plan.gap_percent);
            let needs: usize = draft.people.iter().map(|person| person.needs.len()).sum();
            assert!(plan.unserved.len() < needs);
        }
    }
}

#[test]
fn the_plan_is_the_same_on_any_number_of_threads_and_every_time() {
    for style in STYLES {
        let instance = checked(&generate(700, 5, style));
        let on = |threads| solve(&instance, Options { seed: 3, threads }, &Budget::unlimited()).unwrap();
        let one = on(1);
        assert_eq!(one, on(1), "{}", style.name);
        assert_eq!(one, on(2), "{}", style.name);
        assert_eq!(one, on(5), "{}", style.name);
    }
}

#[test]
fn a_search_that_is_called_off_keeps_the_best_plan() {
    let draft = generate(1_500, 2, &STYLES[0]);
    let instance = checked(&draft);
    let mut first = 0.0;
    for most in [0, 3, 40, 400, 4_000] {
        let asked = AtomicU64::new(0);
        let used = || if asked.fetch_add(1, Ordering::Relaxed) >= most { 1.0 } else { 0.0 };
        let plan = solve(&instance, Options::default(), &Budget { used: &used }).unwrap();
        assert_eq!(verify(&instance, &pairs(&plan)).breaches, []);
        assert!(plan.objective > 0.0 && plan.upper_bound >= plan.objective);
        if most == 0 {
            first = plan.objective;
        }
        assert!(plan.objective >= first, "{most}: {} after {first}", plan.objective);
    }
}

#[test]
fn more_budget_never_earns_less() {
    for seed in 0..300 {
        let mut draft = instance(seed, true);
        let mut before = 0.0;
        for budget in [0, 2, 4, 7, 11, 16, 30] {
            draft.budget = Some(budget);
            let plan = best(&draft);
            assert_eq!(plan.gap_percent, 0.0);
            assert!(plan.objective >= before - 1e-9, "seed {seed}: {} after {before}", plan.objective);
            before = plan.objective;
        }
    }
}

#[test]
fn money_has_a_price_only_where_it_is_short() {
    let mut draft = generate(600, 1, &STYLES[0]);
    let short = best(&draft);
    assert!(short.shadow_price > 0.0);
    // A million more earns about that much.
    draft.budget = draft.budget.map(|budget| budget + 20_000_000);
    let more = best(&draft);
    let earned = (more.upper_bound - short.upper_bound) / 20.0;
    assert!(earned <= short.shadow_price + 1e-6 && earned > 0.5 * short.shadow_price, "{earned}");
    draft.budget = None;
    draft.unit_budgets.clear();
    assert_eq!(best(&draft).shadow_price, 0.0);
}

/// `draft` without the limits of a reason.
pub(crate) fn without(draft: &Draft, reason: Reason) -> Draft {
    let mut draft = draft.clone();
    match reason {
        Reason::Budget => draft.budget = None,
        Reason::UnitBudget => draft.unit_budgets.clear(),
        Reason::SourceBudget => draft.source_budgets.clear(),
        Reason::Seats => draft.offers.iter_mut().for_each(|offer| offer.seats = None),
        Reason::MinSeats => draft.offers.iter_mut().for_each(|offer| offer.min_seats = 0),
        Reason::JpCeiling => draft.people.iter_mut().for_each(|person| person.jp_max = None),
        Reason::ActivityLimit => draft.limits.max_activities_per_person = None,
        Reason::Dates => draft.offers.iter_mut().for_each(|offer| offer.dates.clear()),
        Reason::SameStep => draft.limits.one_offer_per_step = false,
        Reason::Forbidden => draft.forbidden.clear(),
        Reason::Audience => draft.offers.iter_mut().for_each(|offer| offer.audience = None),
        Reason::Prerequisite => draft.offers.iter_mut().for_each(|offer| offer.prerequisites.clear()),
        Reason::NoOffer | Reason::NoValue | Reason::TimeLimit => {}
    }
    draft
}

/// Whether some offer that closes a part of the need can be added to the plan.
fn addable(draft: &Draft, plan: &Solution, person: &str, competency: &str) -> bool {
    let instance = checked(draft);
    let who = draft.people.iter().find(|one| one.id == person).unwrap();
    let needs: Vec<_> = who.needs.iter().filter(|need| need.competency == competency).collect();
    draft.offers.iter().any(|offer| {
        let closes = offer.teaches.iter().any(|step| {
            step.competency == competency
                && needs.iter().any(|need| step.from <= need.from && step.to > need.from && need.value > 0.0)
        });
        let mut with = pairs(plan);
        with.push((person.to_owned(), offer.id.clone()));
        let before = verify(&instance, &pairs(plan)).objective;
        let audit = verify(&instance, &with);
        let floors_only = audit.breaches.iter().all(|one| matches!(one, Breach::Floor { .. }));
        closes && floors_only && audit.objective > before - 1e-9
    })
}

#[test]
fn without_the_limit_that_is_named_a_need_could_be_served() {
    let mut told = std::collections::BTreeMap::new();
    for seed in 0..2_500 {
        let draft = instance(seed, seed % 2 == 0);
        let plan = match solve(&checked(&draft), Options::default(), &Budget::unlimited()) {
            Ok(plan) => plan,
            Err(NoPlan::Conflicts(_) | NoPlan::TooFew { .. }) => continue,
        };
        for unserved in &plan.unserved {
            // Two needs in one competency cannot be told apart in the answer.
            let who = draft.people.iter().find(|one| one.id == unserved.person).unwrap();
            if who.needs.iter().filter(|need| need.competency == unserved.competency).count() > 1 {
                continue;
            }
            let can =
                |reason| addable(&without(&draft, reason), &plan, &unserved.person, &unserved.competency);
            *told.entry(unserved.reason).or_insert(0) += 1;
            match unserved.reason {
                Reason::NoOffer | Reason::NoValue => {
                    assert!(!can(unserved.reason), "seed {seed}: {unserved:?}")
                }
                Reason::TimeLimit => panic!(
                    "seed {seed}: {unserved:?} in a plan that is the best: {} {plan:?}",
                    serde_json::to_string(&draft).unwrap()
                ),
                reason if can(reason) => {}
                // Then no limit alone would do.
                _ => {
                    let alone: Vec<_> = Reason::ALL.iter().filter(|reason| can(**reason)).collect();
                    assert!(
                        alone.is_empty(),
                        "seed {seed}: {unserved:?}, but {alone:?}: {}",
                        serde_json::to_string(&draft).unwrap()
                    );
                }
            }
        }
    }
    let never: Vec<_> =
        Reason::ALL.iter().filter(|one| **one != Reason::TimeLimit && !told.contains_key(one)).collect();
    assert!(never.is_empty(), "never seen: {never:?}");
}

#[test]
fn what_is_required_is_there_or_the_reason_is_told() {
    let mut draft = generate(400, 4, &STYLES[0]);
    let plan = best(&draft);
    let absent = draft.people.iter().find(|one| pairs(&plan).iter().all(|(person, _)| *person != one.id));
    let pair = PairDraft { person: absent.unwrap().id.clone(), offer: draft.offers[0].id.clone() };
    draft.people.iter_mut().for_each(|person| person.jp_max = None);
    draft.required = vec![pair.clone()];
    let plan = best(&draft);
    assert!(pairs(&plan).contains(&(pair.person.clone(), pair.offer.clone())));
    assert_eq!(verify(&checked(&draft), &pairs(&plan)).breaches, []);
    draft.forbidden = vec![pair.clone()];
    let Err(NoPlan::Conflicts(conflicts)) = solve(&checked(&draft), Options::default(), &Budget::unlimited())
    else {
        panic!("a forbidden pair was required");
    };
    assert_eq!(conflicts[0].person.as_ref(), Some(&pair.person));
    assert_eq!(conflicts[0].offer.as_ref(), Some(&pair.offer));
}

/// Somebody required in a class that is held for two, and another who would rather learn something else and may do one thing.
fn company(others: usize) -> Draft {
    let teaches = vec![StepDraft { competency: "c".into(), from: 0, to: 1 }];
    let offer = |id: String| OfferDraft { id, ..OfferDraft::default() };
    let required = OfferDraft { min_seats: 2, ..offer("r".into()) };
    let wanted = OfferDraft { teaches, ..offer("x".into()) };
    let person = |id: &str| PersonDraft { id: id.into(), ..PersonDraft::default() };
    let need = NeedDraft { competency: "c".into(), from: 0, to: 1, value: 1.0 };
    Draft {
        people: vec![person("p1"), PersonDraft { unit: Some("u".into()), needs: vec![need], ..person("p2") }],
        offers: [required, wanted]
            .into_iter()
            .chain((0..others).map(|other| offer(other.to_string())))
            .collect(),
        limits: LimitsDraft { max_activities_per_person: Some(1), ..LimitsDraft::default() },
        required: vec![PairDraft { person: "p1".into(), offer: "r".into() }],
        ..Draft::default()
    }
}

#[test]
fn a_class_somebody_is_required_in_gets_its_people_before_they_choose() {
    // Small enough to be searched to the end, and not.
    for others in [0, 30] {
        let plan = best(&company(others));
        let all = [("p1", "r"), ("p2", "r")].map(|(person, offer)| (person.to_owned(), offer.to_owned()));
        assert_eq!((pairs(&plan), plan.objective), (all.to_vec(), 0.0));
    }
}

#[test]
fn a_floor_out_of_reach_keeps_nothing_required_from_being() {
    let floor = FloorDraft { unit: Some("u".into()), group: None, share: 1.0 };
    let plan = best(&Draft { equity_floors: vec![floor], ..company(0) });
    assert_eq!((plan.enrolments.len(), plan.floors[0].served, plan.floors[0].met), (2, 0, false));
}

#[test]
fn money_has_no_price_where_more_of_it_buys_nothing() {
    let need = |value: f64| NeedDraft { competency: "c".into(), from: 0, to: 1, value };
    let person = |(place, value): (usize, &f64)| PersonDraft {
        id: place.to_string(),
        needs: vec![need(*value)],
        ..PersonDraft::default()
    };
    let teaches = vec![StepDraft { competency: "c".into(), from: 0, to: 1 }];
    let offer =
        OfferDraft { id: "o".into(), price: 100_000, seats: Some(1), teaches, ..OfferDraft::default() };
    // One seat, and money for it and a little more, or for it alone.
    for budget in [110_000, 100_000] {
        let people = [4.5, 3.0, 4.5, 2.0, 4.5].iter().enumerate().map(person).collect();
        let plan =
            best(&Draft { budget: Some(budget), people, offers: vec![offer.clone()], ..Draft::default() });
        assert_eq!((plan.objective, plan.gap_percent, plan.shadow_price), (4.5, 0.0, 0.0));
    }
}

#[test]
fn a_floor_is_reached_where_it_can_be_and_told_where_not() {
    let mut draft = unequal(600, 6, 0.3);
    let floors = std::mem::take(&mut draft.equity_floors);
    let free = best(&draft);
    draft.equity_floors = floors;
    let fair = best(&draft);
    assert!(fair.floors[0].met, "{:?}", fair.floors);
    assert_eq!(verify(&checked(&draft), &pairs(&fair)).breaches, []);
    assert!(fair.upper_bound <= free.upper_bound + 1e-6);
    assert!(fair.gap_percent < 2.0, "{}", fair.gap_percent);
    draft.equity_floors[0].share = 1.0;
    let impossible = best(&draft);
    assert!(!impossible.floors[0].met && impossible.floors[0].served < impossible.floors[0].required);
}

/// An instance with a floor for one in five, for whom hardly anything is worth its price.
fn unequal(people: usize, seed: u64, share: f64) -> Draft {
    let mut draft = generate(people, seed, &STYLES[0]);
    for person in draft.people.iter_mut().step_by(5) {
        person.groups.push("PPPK".to_owned());
        person.needs.iter_mut().for_each(|need| need.value /= 100.0);
    }
    draft.equity_floors = vec![FloorDraft { unit: None, group: Some("PPPK".to_owned()), share }];
    draft
}

/// The plan of a search that is called off when it has asked `most` times how much of the time is used up; it must keep every limit
/// but the floors.
fn called_off(draft: &Draft, most: u64) -> Solution {
    let asked = AtomicU64::new(0);
    let used = || if asked.fetch_add(1, Ordering::Relaxed) >= most { 1.0 } else { 0.0 };
    let instance = checked(draft);
    let plan = solve(&instance, Options::default(), &Budget { used: &used }).unwrap();
    let breaches = verify(&instance, &pairs(&plan)).breaches;
    assert!(breaches.iter().all(|breach| matches!(breach, Breach::Floor { .. })), "{most}: {breaches:?}");
    assert!(plan.objective > 0.0 && plan.upper_bound >= plan.objective, "{most}: {plan:?}");
    plan
}

#[test]
fn a_floor_of_many_people_is_reached() {
    let plan = called_off(&unequal(4_000, 6, 0.5), 3_000);
    assert_eq!(plan.floors[0].required, 400);
    assert!(plan.floors[0].met, "{:?}", plan.floors);
    assert!(plan.gap_percent < 1.0, "{}", plan.gap_percent);
}

#[test]
fn a_search_that_is_called_off_stops_serving_floors() {
    let draft = unequal(1_500, 6, 0.6);
    let mut served = Vec::new();
    for most in [0, 60, 200, 3_000] {
        let floor = &called_off(&draft, most).floors[0];
        assert_eq!(floor.met, floor.served >= floor.required);
        served.push(floor.served.min(floor.required));
    }
    assert!(served[0] < served[1] && served.is_sorted(), "{served:?}");
    assert_eq!(served[3], 180);
}

#[test]
fn a_floor_out_of_reach_costs_neither_the_plan_nor_its_bound() {
    let draft = unequal(1_500, 6, 1.0);
    for most in [1_000, 2_000, 4_000] {
        let plan = called_off(&draft, most);
        assert!(!plan.floors[0].met && plan.floors[0].served > 60, "{most}: {:?}", plan.floors);
        assert!(plan.gap_percent < 3.0, "{most}: {}", plan.gap_percent);
    }
}
