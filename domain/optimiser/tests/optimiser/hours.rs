//! Plans that bring people to their learning hours: against trying everything, and what holds for all of them.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};

use optimiser::draft::{Draft, LimitsDraft, OfferDraft, PairDraft, PersonDraft};
use optimiser::{
    Breach, Budget, HoursEnrolment, HoursPlan, Instance, NoPlan, Options, Reason, reach_hours, verify,
    verify_hours,
};

use crate::brute_force::{Dice, allowed, instance};
use crate::generate::{STYLES, Style, generate};
use crate::promises::without;

fn checked(draft: &Draft) -> Instance {
    Instance::new(draft.clone()).unwrap()
}

fn pairs(plan: &HoursPlan) -> Vec<(String, String)> {
    plan.enrolments.iter().map(|one| (one.person.clone(), one.offer.clone())).collect()
}

fn reached(draft: &Draft) -> Result<HoursPlan, NoPlan> {
    reach_hours(&checked(draft), Options::default(), &Budget::unlimited())
}

fn text(draft: &Draft) -> String {
    serde_json::to_string(draft).unwrap()
}

/// A small instance in which most people should have some hours.
fn small(seed: u64, plain: bool) -> Draft {
    let mut draft = instance(seed, plain);
    let dice = &mut Dice(seed ^ 0x5eed);
    for person in &mut draft.people {
        if !dice.one_in(5) {
            let least = dice.between(1, 24);
            person.jp_min = Some(person.jp_max.map_or(least, |most| most.min(least)));
        }
    }
    for offer in &mut draft.offers {
        if dice.one_in(2) {
            offer.jp = dice.between(0, 14);
        }
    }
    draft
}

fn large(people: usize, seed: u64, style: &Style) -> Draft {
    let mut draft = generate(people, seed, style);
    draft.people.iter_mut().for_each(|person| person.jp_min = Some(20));
    draft
}

/// The most people that get there and the least that costs, by trying all, from the draft alone.
struct Trial<'a> {
    draft: &'a Draft,
    options: Vec<Vec<(Vec<usize>, bool)>>,
    best: Option<(usize, i64)>,
}

impl Trial<'_> {
    fn descend(&mut self, at: usize, heads: &mut Vec<i64>, behind: usize) {
        let draft = self.draft;
        if at == draft.people.len() {
            let open = draft.offers.iter().zip(heads.iter()).filter(|(_, heads)| **heads > 0);
            let fits = open.clone().all(|(offer, heads)| {
                *heads >= offer.min_seats && offer.seats.is_none_or(|seats| *heads <= seats)
            });
            let cost: i64 = open.map(|(offer, heads)| offer.fixed_price + offer.price * heads).sum();
            if fits && self.best.is_none_or(|best| (behind, cost) < best) {
                self.best = Some((behind, cost));
            }
            return;
        }
        for pick in 0..self.options[at].len() {
            let (set, there) = self.options[at][pick].clone();
            set.iter().for_each(|at| heads[*at] += 1);
            self.descend(at + 1, heads, behind + usize::from(!there));
            set.iter().for_each(|at| heads[*at] -= 1);
        }
    }
}

/// How many people are left behind and what it costs; `None` where the required enrolments cannot be.
fn brute_force(draft: &Draft) -> Option<(usize, i64)> {
    let options = draft.people.iter().map(|person| {
        let lack = person.jp_min.unwrap_or_default() - person.jp_done;
        let required = |at: &usize| {
            let pair = PairDraft { person: person.id.clone(), offer: draft.offers[*at].id.clone() };
            draft.required.contains(&pair)
        };
        let all = 0..1_u32 << draft.offers.len();
        let sets =
            all.map(|bits| (0..draft.offers.len()).filter(|at| bits >> at & 1 == 1).collect::<Vec<_>>());
        let sets = sets.filter(|set| allowed(draft, person, set)).filter_map(|set| {
            let hours: i64 = set.iter().map(|at| draft.offers[*at].jp).sum();
            let there = hours >= lack;
            let needed = |at: &usize| lack > 0 && there && hours - draft.offers[*at].jp < lack;
            set.iter().all(|at| required(at) || needed(at)).then_some((set, there))
        });
        sets.collect()
    });
    let mut trial = Trial { draft, options: options.collect(), best: None };
    trial.descend(0, &mut vec![0; draft.offers.len()], 0);
    trial.best
}

fn compare(seed: u64, plain: bool) {
    let draft = small(seed, plain);
    if draft.people.len() * draft.offers.len() > 16 {
        return;
    }
    let best = brute_force(&draft);
    match reached(&draft) {
        Ok(plan) => {
            let (behind, cost) = best.unwrap_or_else(|| panic!("seed {seed}: a plan where there is none"));
            let audit = verify_hours(&checked(&draft), &pairs(&plan));
            assert_eq!(audit.breaches, [], "seed {seed}: {}", text(&draft));
            assert_eq!((audit.reached, audit.cost), (plan.reached, plan.cost), "seed {seed}");
            assert_eq!(plan.unreached.len(), behind, "seed {seed}: {}", text(&draft));
            assert_eq!(plan.short, plan.reached + behind, "seed {seed}");
            assert_eq!(plan.cost, cost, "seed {seed}: {}", text(&draft));
            // And it is known to be the best.
            assert_eq!(plan.most_reachable, plan.reached, "seed {seed}: {}", text(&draft));
            assert_eq!(plan.lower_bound, cost, "seed {seed}: {}", text(&draft));
            assert_eq!((plan.gap_percent, plan.stopped), (0.0, false), "seed {seed}");
        }
        Err(NoPlan::Conflicts(_)) => assert_eq!(best, None, "seed {seed}: {}", text(&draft)),
        Err(NoPlan::TooFew { proven, .. }) => {
            assert_eq!(best, None, "seed {seed}: {}", text(&draft));
            assert!(proven, "seed {seed}: {}", text(&draft));
        }
    }
}

#[test]
fn plain_instances_are_solved_as_by_trying_everything() {
    (0..4_000).for_each(|seed| compare(seed, true));
}

#[test]
fn instances_with_everything_are_solved_as_by_trying_everything() {
    (10_000..14_000).for_each(|seed| compare(seed, false));
}

#[test]
fn a_search_that_is_called_off_claims_nothing_that_is_not_so() {
    for seed in 0..600 {
        let draft = small(seed, seed % 2 == 0);
        if draft.people.len() * draft.offers.len() > 16 {
            continue;
        }
        let Some((behind, cost)) = brute_force(&draft) else { continue };
        for most in [0, 1, 5, 20, 100] {
            let asked = AtomicU64::new(0);
            let used = || if asked.fetch_add(1, Ordering::Relaxed) >= most { 1.0 } else { 0.0 };
            let plan = match reach_hours(&checked(&draft), Options::default(), &Budget { used: &used }) {
                Ok(plan) => plan,
                Err(NoPlan::TooFew { proven, .. }) => {
                    assert!(!proven, "seed {seed}: a plan there is was said to be impossible");
                    continue;
                }
                Err(NoPlan::Conflicts(found)) => panic!("seed {seed}: {found:?}"),
            };
            assert_eq!(verify_hours(&checked(&draft), &pairs(&plan)).breaches, []);
            assert!(plan.unreached.len() >= behind && plan.most_reachable >= plan.short - behind);
            if plan.unreached.len() == behind {
                assert!(plan.lower_bound <= cost && cost <= plan.cost, "seed {seed}: {}", text(&draft));
            }
            let best = plan.unreached.len() == behind && plan.cost == cost;
            let proven = plan.most_reachable == plan.reached && plan.lower_bound == plan.cost;
            assert!(best || !proven, "seed {seed}: {}", text(&draft));
        }
    }
}

#[test]
fn more_offers_never_leave_more_behind_nor_cost_more() {
    let mut cheaper = 0;
    for seed in 0..1_500 {
        let draft = small(seed, true);
        let Ok(all) = reached(&draft) else { continue };
        for without in 0..draft.offers.len() {
            let mut fewer = draft.clone();
            fewer.offers.remove(without);
            let Ok(some) = reached(&fewer) else { continue };
            let measure = |plan: &HoursPlan| (plan.unreached.len(), plan.cost);
            assert!(measure(&all) <= measure(&some), "seed {seed} without {without}: {}", text(&draft));
            cheaper += usize::from(measure(&all) < measure(&some));
        }
    }
    assert!(cheaper > 500, "{cheaper}");
}

#[test]
fn money_limits_and_values_play_no_part() {
    for seed in 0..400 {
        let draft = small(seed, false);
        let Ok(plan) = reached(&draft) else { continue };
        let mut other = draft.clone();
        other.budget = Some(0);
        other.equity_floors.clear();
        other.unit_budgets.values_mut().for_each(|budget| *budget = 0);
        other.source_budgets.values_mut().for_each(|budget| *budget = 0);
        other.people.iter_mut().flat_map(|person| &mut person.needs).for_each(|need| need.value += 1.0);
        // What is closed of needs is told, and decides nothing.
        let chosen = |plan: HoursPlan| {
            let enrolments = plan.enrolments.into_iter().map(|one| HoursEnrolment { value: 0.0, ..one });
            HoursPlan { enrolments: enrolments.collect(), ..plan }
        };
        assert_eq!(reached(&other).map(chosen), Ok(chosen(plan)), "seed {seed}");
    }
}

#[test]
fn what_is_closed_of_needs_is_told_as_it_is_counted() {
    let mut closed = 0;
    for seed in 0..400 {
        let draft = small(seed, false);
        let Ok(plan) = reached(&draft) else { continue };
        let pairs: Vec<_> =
            plan.enrolments.iter().map(|one| (one.person.clone(), one.offer.clone())).collect();
        let told: f64 = plan.enrolments.iter().map(|one| one.value).sum();
        let counted = verify(&checked(&draft), &pairs).objective;
        assert!((told - counted).abs() < 1e-9, "seed {seed}: {told} {counted}");
        closed += usize::from(counted > 0.0);
    }
    assert!(closed > 40, "{closed}");
}

#[test]
fn two_thousand_people_of_every_style_are_brought_there_close_to_the_bound() {
    for style in STYLES {
        let draft = large(2_000, 1, style);
        let plan = reached(&draft).unwrap();
        let audit = verify_hours(&checked(&draft), &pairs(&plan));
        assert_eq!(audit.breaches, [], "{}", style.name);
        assert_eq!((audit.reached, audit.cost), (plan.reached, plan.cost), "{}", style.name);
        assert!(plan.reached + plan.unreached.len() == plan.short && plan.short == 2_000);
        assert!(plan.lower_bound <= plan.cost && plan.reached <= plan.most_reachable);
        assert!(plan.gap_percent <= 2.0, "{}: {}", style.name, plan.gap_percent);
        let open = (plan.most_reachable - plan.reached) as f64 / plan.reached as f64;
        assert!(open <= 0.02, "{}: {} of {}", style.name, plan.reached, plan.most_reachable);
    }
}

#[test]
fn the_plan_is_the_same_on_any_number_of_threads_and_every_time() {
    for style in STYLES {
        let instance = checked(&large(500, 5, style));
        let on =
            |threads| reach_hours(&instance, Options { seed: 3, threads }, &Budget::unlimited()).unwrap();
        let one = on(1);
        assert_eq!(one, on(1), "{}", style.name);
        assert_eq!(one, on(2), "{}", style.name);
        assert_eq!(one, on(5), "{}", style.name);
    }
}

#[test]
fn whoever_waits_for_the_end_gets_no_worse_a_plan_than_who_does_not() {
    for style in STYLES {
        let instance = checked(&large(800, 2, style));
        let measure = |plan: &HoursPlan| {
            assert_eq!(verify_hours(&instance, &pairs(plan)).breaches, []);
            (plan.unreached.len(), plan.cost)
        };
        let best = reach_hours(&instance, Options::default(), &Budget::unlimited()).unwrap();
        assert!(!best.stopped);
        for most in [0, 30, 300, 3_000] {
            let asked = AtomicU64::new(0);
            let used = || if asked.fetch_add(1, Ordering::Relaxed) >= most { 1.0 } else { 0.0 };
            let plan = reach_hours(&instance, Options::default(), &Budget { used: &used }).unwrap();
            assert!(plan.stopped || most > 30, "{} {most}", style.name);
            assert!(plan.reached > 0 && plan.lower_bound <= best.cost.max(plan.cost));
            assert!(measure(&best) <= measure(&plan), "{} {most}", style.name);
        }
    }
}

/// Whether a person left behind could be added to the plan by some offers.
fn addable(draft: &Draft, plan: &HoursPlan, person: &str) -> bool {
    let instance = checked(draft);
    (1..1_u32 << draft.offers.len()).any(|bits| {
        let mut with = pairs(plan);
        let more = draft.offers.iter().enumerate().filter(|(at, _)| bits >> at & 1 == 1);
        with.extend(more.map(|(_, offer)| (person.to_owned(), offer.id.clone())));
        let audit = verify_hours(&instance, &with);
        let lifted =
            |breach: &Breach| matches!(breach, Breach::Superfluous { person: other, .. } if other != person);
        audit.breaches.iter().all(lifted) && audit.reached > plan.reached
    })
}

#[test]
fn without_the_limit_that_is_named_one_would_get_there() {
    let mut told = BTreeMap::new();
    for seed in 0..3_000 {
        let draft = small(seed, seed % 2 == 0);
        let Ok(plan) = reached(&draft) else { continue };
        for left in &plan.unreached {
            let can = |reason| addable(&without(&draft, reason), &plan, &left.person);
            *told.entry(left.reason).or_insert(0) += 1;
            let person = draft.people.iter().find(|one| one.id == left.person).unwrap();
            assert!(left.hours > 0 && left.hours <= person.jp_min.unwrap() - person.jp_done);
            match left.reason {
                Reason::NoOffer => {
                    let all =
                        Reason::ALL.iter().fold(draft.clone(), |draft, reason| without(&draft, *reason));
                    assert!(!addable(&all, &plan, &left.person), "seed {seed}: {left:?}");
                }
                reason if can(reason) => {}
                reason => {
                    let alone: Vec<_> = Reason::ALL.iter().filter(|reason| can(**reason)).collect();
                    assert!(
                        alone.is_empty() && reason != Reason::TimeLimit,
                        "seed {seed}: {left:?}, but {alone:?}: {}",
                        text(&draft)
                    );
                }
            }
        }
    }
    for reason in [
        Reason::NoOffer,
        Reason::Forbidden,
        Reason::Audience,
        Reason::Prerequisite,
        Reason::JpCeiling,
        Reason::ActivityLimit,
        Reason::Dates,
        Reason::SameStep,
        Reason::Seats,
        Reason::MinSeats,
    ] {
        assert!(told.contains_key(&reason), "never seen: {reason:?}");
    }
}

fn person(id: &str, jp_min: Option<i64>) -> PersonDraft {
    PersonDraft { id: id.to_owned(), jp_min, ..PersonDraft::default() }
}

fn offer(id: &str, jp: i64, price: i64, fixed_price: i64) -> OfferDraft {
    OfferDraft { id: id.to_owned(), jp, price, fixed_price, ..OfferDraft::default() }
}

fn pair(person: &str, offer: &str) -> PairDraft {
    PairDraft { person: person.to_owned(), offer: offer.to_owned() }
}

#[test]
fn a_limit_beyond_all_there_is_takes_no_room() {
    // Every hour by itself, and half a million activities: a table of all that would not fit any machine.
    let draft = Draft {
        people: vec![person("p", Some(1_000_000))],
        offers: vec![offer("a", 1_000_000, 1, 0), offer("b", 1, 1, 0)],
        limits: LimitsDraft { max_activities_per_person: Some(500_000), ..LimitsDraft::default() },
        ..Draft::default()
    };
    let plan = reached(&draft).unwrap();
    assert_eq!((pairs(&plan), plan.cost), (vec![("p".to_owned(), "a".to_owned())], 1));
}

#[test]
fn what_is_required_is_paid_and_counts_and_nothing_is_bought_without_need() {
    let mut draft = Draft {
        people: vec![person("done", Some(0)), person("none", None), person("p", Some(20))],
        offers: vec![offer("a", 12, 5, 0), offer("b", 10, 3, 0), offer("c", 8, 4, 0), offer("d", 20, 20, 0)],
        ..Draft::default()
    };
    let took = |plan: &HoursPlan| -> Vec<String> {
        plan.enrolments.iter().map(|one| format!("{} {}", one.person, one.offer)).collect()
    };
    let plan = reached(&draft).unwrap();
    assert_eq!((took(&plan), plan.cost), (vec!["p a".to_owned(), "p b".to_owned()], 8));
    draft.required = vec![pair("none", "d"), pair("p", "c")];
    let plan = reached(&draft).unwrap();
    assert_eq!(took(&plan), ["none d", "p a", "p c"]);
    assert_eq!((plan.cost, plan.lower_bound, plan.short, plan.reached), (29, 29, 1, 1));
    assert_eq!(plan.opened, ["a", "c", "d"]);
    // A class only one can use is not opened for two, nor filled with who lacks nothing.
    draft.required.clear();
    draft.offers.iter_mut().for_each(|offer| offer.min_seats = 2);
    let plan = reached(&draft).unwrap();
    assert_eq!((plan.cost, plan.enrolments.len(), plan.reached), (0, 0, 0));
    assert_eq!((plan.unreached[0].hours, plan.unreached[0].reason), (20, Reason::MinSeats));
    draft.required = vec![pair("none", "d")];
    // One that runs in any case is filled by who needs it, and by nobody else.
    let plan = reached(&draft).unwrap();
    assert_eq!(took(&plan), ["none d", "p d"]);
    draft.people[2].jp_min = None;
    let none = NoPlan::TooFew { offers: vec!["d".to_owned()], proven: true };
    assert_eq!(reached(&draft), Err(none));
}

#[test]
fn fixed_prices_are_weighed_against_prices_per_head() {
    let people = (0..10).map(|number| person(&format!("p{number}"), Some(20))).collect();
    let mut draft = Draft {
        people,
        offers: vec![offer("head", 20, 30, 0), offer("class", 20, 10, 150)],
        ..Draft::default()
    };
    let plan = reached(&draft).unwrap();
    assert_eq!((plan.cost, plan.opened), (250, vec!["class".to_owned()]));
    draft.people.truncate(7);
    let plan = reached(&draft).unwrap();
    assert_eq!((plan.cost, plan.opened), (210, vec!["head".to_owned()]));
}

#[test]
fn hours_out_of_reach_are_told_at_once() {
    let mut draft = large(300, 1, &STYLES[0]);
    draft.people.iter_mut().for_each(|person| (person.jp_max, person.jp_min) = (None, Some(1_000_000)));
    let plan = reached(&draft).unwrap();
    assert_eq!((plan.reached, plan.most_reachable, plan.cost, plan.lower_bound), (0, 0, 0, 0));
    assert!(plan.unreached.iter().all(|left| left.reason == Reason::NoOffer && left.hours > 999_000));
}
