//! Small instances, against trying everything.

use std::collections::BTreeMap;

use chrono::{Days, NaiveDate};
use optimiser::draft::{
    AudienceDraft, Draft, FloorDraft, HeldDraft, LimitsDraft, NeedDraft, OfferDraft, PairDraft, PersonDraft,
    StepDraft,
};
use optimiser::{Breach, Budget, Instance, NoPlan, Options, Reason, solve, verify};

pub(crate) struct Dice(pub(crate) u64);

impl Dice {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    pub(crate) fn between(&mut self, first: i64, last: i64) -> i64 {
        first + (self.next() % (last - first + 1) as u64) as i64
    }

    pub(crate) fn one_in(&mut self, many: i64) -> bool {
        self.between(1, many) == 1
    }
}

fn name(prefix: &str, number: i64) -> String {
    format!("{prefix}{number}")
}

/// Anything that can be said, small. Plain instances have what the command's example has; others everything.
pub(crate) fn instance(seed: u64, plain: bool) -> Draft {
    let dice = &mut Dice(seed);
    let day = |offset: i64| NaiveDate::from_ymd_opt(2027, 2, 1).unwrap() + Days::new(offset.unsigned_abs());
    let (people, offers) = (dice.between(1, 5), dice.between(1, 4));
    let competencies = dice.between(1, 3);
    let step = |dice: &mut Dice| {
        let from = dice.between(1, 3);
        (name("c", dice.between(1, competencies)), from, from + dice.between(1, 2))
    };
    let offers: Vec<OfferDraft> = (0..offers)
        .map(|number| {
            let seats = (!dice.one_in(3)).then(|| dice.between(0, 3));
            let min_seats = if dice.one_in(2) { dice.between(0, seats.unwrap_or(3)) } else { 0 };
            let dates = (0..dice.between(0, 2)).map(|_| day(dice.between(0, 3))).collect();
            let teaches = (0..dice.between(1, 2))
                .map(|_| {
                    let (competency, from, to) = step(dice);
                    StepDraft { competency, from, to }
                })
                .collect();
            let audience = (!plain && dice.one_in(5)).then(|| AudienceDraft {
                people: vec![name("p", dice.between(0, people - 1))],
                units: Vec::new(),
                groups: Vec::new(),
            });
            let prerequisites = if !plain && dice.one_in(6) {
                vec![HeldDraft {
                    competency: name("c", dice.between(1, competencies)),
                    level: dice.between(1, 2),
                }]
            } else {
                Vec::new()
            };
            OfferDraft {
                id: name("o", number),
                price: dice.between(0, 5),
                fixed_price: if dice.one_in(2) { dice.between(0, 8) } else { 0 },
                seats,
                min_seats,
                jp: dice.between(0, 3) * 4,
                dates,
                teaches,
                source: (!plain && dice.one_in(3)).then(|| "APBD".to_owned()),
                audience,
                prerequisites,
            }
        })
        .collect();
    let people: Vec<PersonDraft> = (0..people)
        .map(|number| {
            let needs = (0..dice.between(0, 3))
                .map(|_| {
                    let (competency, from, to) = step(dice);
                    NeedDraft { competency, from, to, value: dice.between(0, 8) as f64 / 3.0 }
                })
                .collect();
            PersonDraft {
                id: name("p", number),
                unit: (!dice.one_in(4)).then(|| name("u", dice.between(0, 1))),
                groups: if !plain && dice.one_in(2) { vec!["WOMEN".to_owned()] } else { Vec::new() },
                jp_done: dice.between(0, 3) * 4,
                jp_min: None,
                jp_max: dice.one_in(2).then(|| dice.between(0, 6) * 4),
                needs,
                holds: Vec::new(),
            }
        })
        .collect();
    let mut draft = Draft {
        budget: (!dice.one_in(5)).then(|| dice.between(0, 30)),
        limits: LimitsDraft {
            max_activities_per_person: (!dice.one_in(3)).then(|| dice.between(0, 3)),
            one_offer_per_step: !plain && dice.one_in(3),
        },
        ..Draft::default()
    };
    if dice.one_in(2) {
        draft.unit_budgets.insert("u0".to_owned(), dice.between(0, 10));
    }
    if !plain {
        if dice.one_in(3) {
            draft.source_budgets.insert("APBD".to_owned(), dice.between(0, 12));
        }
        let pair = |dice: &mut Dice| PairDraft {
            person: people[dice.between(0, people.len() as i64 - 1) as usize].id.clone(),
            offer: offers[dice.between(0, offers.len() as i64 - 1) as usize].id.clone(),
        };
        draft.forbidden = (0..dice.between(0, 2)).map(|_| pair(dice)).collect();
        draft.required =
            (0..if dice.one_in(3) { dice.between(0, 2) } else { 0 }).map(|_| pair(dice)).collect();
        let women = people.iter().any(|person| !person.groups.is_empty());
        if women && dice.one_in(3) {
            let share = dice.between(1, 4) as f64 / 4.0;
            draft.equity_floors = vec![FloorDraft { unit: None, group: Some("WOMEN".to_owned()), share }];
        }
    }
    draft.people = people;
    draft.offers = offers;
    draft
}

/// The best plan by trying all, from the draft alone; `None` when there is none.
struct Trial<'a> {
    draft: &'a Draft,
    options: Vec<Vec<(Vec<usize>, f64)>>,
    best: Option<f64>,
}

fn covered(offer: &OfferDraft, need: &NeedDraft) -> f64 {
    let parts = offer.teaches.iter().filter(|step| step.competency == need.competency).map(|step| {
        if step.from > need.from {
            0.0
        } else {
            ((step.to.min(need.to) - need.from).max(0)) as f64 / (need.to - need.from) as f64
        }
    });
    parts.fold(0.0, f64::max)
}

fn worth(draft: &Draft, person: &PersonDraft, set: &[usize]) -> f64 {
    let need = |need: &NeedDraft| {
        need.value * set.iter().map(|at| covered(&draft.offers[*at], need)).fold(0.0, f64::max)
    };
    person.needs.iter().map(need).sum()
}

/// Whether a person may have a set of offers, as far as that depends on the person alone.
pub(crate) fn allowed(draft: &Draft, person: &PersonDraft, set: &[usize]) -> bool {
    let offers: Vec<&OfferDraft> = set.iter().map(|at| &draft.offers[*at]).collect();
    let jp = person.jp_done + offers.iter().map(|offer| offer.jp).sum::<i64>();
    let mut pairs =
        offers.iter().enumerate().flat_map(|(at, one)| offers[..at].iter().map(move |other| (*one, *other)));
    let apart = pairs.all(|(one, other)| {
        let same_day = one.dates.iter().any(|day| other.dates.contains(day));
        let same_step = one.teaches.iter().any(|a| {
            other.teaches.iter().any(|b| a.competency == b.competency && a.from < b.to && b.from < a.to)
        });
        !(same_day || draft.limits.one_offer_per_step && same_step)
    });
    let held = |asked: &HeldDraft| {
        person.needs.iter().any(|need| need.competency == asked.competency && need.from >= asked.level)
    };
    let pair = |list: &[PairDraft], offer: &OfferDraft| {
        list.iter().any(|pair| pair.person == person.id && pair.offer == offer.id)
    };
    let single = |offer: &&OfferDraft| {
        offer.audience.as_ref().is_none_or(|audience| audience.people.contains(&person.id))
            && offer.prerequisites.iter().all(held)
            && !pair(&draft.forbidden, offer)
    };
    let has = |pair: &&PairDraft| set.iter().any(|at| draft.offers[*at].id == pair.offer);
    (set.is_empty() || person.jp_max.is_none_or(|most| jp <= most))
        && draft.limits.max_activities_per_person.is_none_or(|most| set.len() as i64 <= most)
        && apart
        && offers.iter().all(single)
        && draft.required.iter().filter(|pair| pair.person == person.id).all(|pair| has(&pair))
}

impl Trial<'_> {
    fn descend(
        &mut self,
        at: usize,
        heads: &mut Vec<i64>,
        units: &mut BTreeMap<String, i64>,
        value: f64,
        served: i64,
    ) {
        let draft = self.draft;
        if at == draft.people.len() {
            let opens = |offer: &(usize, &i64)| *offer.1 > 0;
            let open: Vec<_> = heads.iter().enumerate().filter(opens).collect();
            let fits = open.iter().all(|(at, heads)| {
                let offer = &draft.offers[*at];
                **heads >= offer.min_seats && offer.seats.is_none_or(|seats| **heads <= seats)
            });
            let cost = |only: Option<&str>| -> i64 {
                open.iter()
                    .filter(|(at, _)| only.is_none() || draft.offers[*at].source.as_deref() == only)
                    .map(|(at, heads)| draft.offers[*at].fixed_price + draft.offers[*at].price * **heads)
                    .sum()
            };
            let paid = draft.budget.is_none_or(|budget| cost(None) <= budget)
                && draft.source_budgets.iter().all(|(source, budget)| cost(Some(source)) <= *budget)
                && draft
                    .unit_budgets
                    .iter()
                    .all(|(unit, budget)| units.get(unit).is_none_or(|spent| spent <= budget));
            let fair = draft.equity_floors.iter().all(|floor| {
                let women = draft.people.iter().filter(|one| !one.groups.is_empty() && !one.needs.is_empty());
                served as f64 + 1e-9 >= floor.share * women.count() as f64
            });
            if fits && paid && fair && self.best.is_none_or(|best| value > best) {
                self.best = Some(value);
            }
            return;
        }
        let person = &draft.people[at];
        for pick in 0..self.options[at].len() {
            let (set, worth) = self.options[at][pick].clone();
            let price: i64 = set.iter().map(|at| draft.offers[*at].price).sum();
            set.iter().for_each(|at| heads[*at] += 1);
            if let Some(unit) = &person.unit {
                *units.entry(unit.clone()).or_default() += price;
            }
            let counts = i64::from(worth > 0.0 && !person.groups.is_empty());
            self.descend(at + 1, heads, units, value + worth, served + counts);
            set.iter().for_each(|at| heads[*at] -= 1);
            if let Some(unit) = &person.unit {
                *units.entry(unit.clone()).or_default() -= price;
            }
        }
    }
}

fn brute_force(draft: &Draft) -> Option<f64> {
    let all: Vec<Vec<usize>> = (0..1_u32 << draft.offers.len())
        .map(|bits| (0..draft.offers.len()).filter(|at| bits >> at & 1 == 1).collect())
        .collect();
    let options = draft.people.iter().map(|person| {
        let sets = all.iter().filter(|set| allowed(draft, person, set));
        sets.map(|set| (set.clone(), worth(draft, person, set))).collect()
    });
    let mut trial = Trial { draft, options: options.collect(), best: None };
    trial.descend(0, &mut vec![0; draft.offers.len()], &mut BTreeMap::new(), 0.0, 0);
    trial.best
}

fn combinations(draft: &Draft) -> f64 {
    (draft.people.len() as f64) * (draft.offers.len() as f64)
}

fn compare(seed: u64, plain: bool) {
    solved(seed, &instance(seed, plain), 1.0);
}

/// Holds the plan for an instance whose values are thought to be about `unit` against trying everything.
fn solved(seed: u64, draft: &Draft, unit: f64) {
    if combinations(draft) > 16.0 {
        return;
    }
    let expected = brute_force(draft);
    let text = || serde_json::to_string(draft).unwrap();
    let instance = Instance::new(draft.clone()).unwrap_or_else(|found| panic!("{found:?}: {}", text()));
    match (solve(&instance, Options::default(), &Budget::unlimited()), expected) {
        (Ok(plan), expected) => {
            let pairs: Vec<_> =
                plan.enrolments.iter().map(|one| (one.person.clone(), one.offer.clone())).collect();
            let audit = verify(&instance, &pairs);
            if plan.floors.iter().all(|floor| floor.met) {
                let best =
                    expected.unwrap_or_else(|| panic!("seed {seed}: a plan where there is none: {}", text()));
                assert_eq!(audit.breaches, [], "seed {seed}: {}", text());
                assert_eq!(audit.cost, plan.cost);
                assert!((audit.objective - plan.objective).abs() < 1e-9 * unit);
                assert!(
                    (plan.objective - best).abs() < 1e-7 * unit,
                    "seed {seed}: {} of {best}: {}",
                    plan.objective,
                    text()
                );
                assert!(
                    plan.upper_bound >= best - 1e-9 * unit,
                    "seed {seed}: bound {} below {best}",
                    plan.upper_bound
                );
                assert_eq!(plan.gap_percent, 0.0, "seed {seed}: bound {}: {}", plan.upper_bound, text());
                let sum: f64 = plan.enrolments.iter().map(|one| one.value).sum();
                assert!((sum - plan.objective).abs() < 1e-9 * unit);
            } else {
                assert_eq!(expected, None, "seed {seed}: floors could be met: {}", text());
                let other = |breach: &Breach| !matches!(breach, Breach::Floor { .. });
                assert!(!audit.breaches.iter().any(other), "seed {seed}: {:?}", audit.breaches);
                // The best of those that reach the floors as far.
                let mut lower = draft.clone();
                let all = draft.people.iter().filter(|one| !one.groups.is_empty() && !one.needs.is_empty());
                let all = all.count() as f64;
                for (floor, reached) in lower.equity_floors.iter_mut().zip(&plan.floors) {
                    floor.share = reached.served as f64 / all;
                }
                let best = brute_force(&lower).unwrap();
                assert!(
                    (plan.objective - best).abs() < 1e-7 * unit,
                    "seed {seed}: {} of {best}",
                    plan.objective
                );
            }
        }
        (Err(NoPlan::Conflicts(_)), expected) => assert_eq!(expected, None, "seed {seed}: {}", text()),
        (Err(NoPlan::TooFew { proven, .. }), expected) => {
            assert_eq!(expected, None, "seed {seed}: {}", text());
            assert!(proven, "seed {seed}: {}", text());
        }
    }
}

#[test]
fn plain_instances_are_solved_as_by_trying_everything() {
    (0..3_000).for_each(|seed| compare(seed, true));
}

#[test]
fn instances_with_everything_are_solved_as_by_trying_everything() {
    (10_000..13_000).for_each(|seed| compare(seed, false));
}

#[test]
fn values_may_be_as_huge_or_as_tiny_as_one_likes() {
    for seed in 0..500 {
        for unit in [1e-200, 1e-13, 1e-9, 1e6, 3e11] {
            let mut draft = instance(seed, seed % 2 == 0);
            draft.people.iter_mut().flat_map(|person| &mut person.needs).for_each(|need| need.value *= unit);
            solved(seed, &draft, unit);
        }
    }
}

#[test]
fn the_tiny_beside_the_huge_is_not_forgotten() {
    for seed in 0..2_000 {
        let mut draft = instance(seed, seed % 2 == 0);
        for (at, need) in draft.people.iter_mut().flat_map(|person| &mut person.needs).enumerate() {
            need.value *= if at % 2 == 0 { 1e9 } else { 1e-6 };
        }
        solved(seed, &draft, 1e9);
        let Ok(plan) =
            solve(&Instance::new(draft.clone()).unwrap(), Options::default(), &Budget::unlimited())
        else {
            continue;
        };
        let forgotten = plan.unserved.iter().find(|one| one.reason == Reason::TimeLimit);
        assert_eq!(forgotten, None, "seed {seed}: {}", serde_json::to_string(&draft).unwrap());
    }
}
