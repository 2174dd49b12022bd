//! The cheapest enrolments that bring people to the learning hours they should have.
//!
//! As many people as possible get there, and that for as little money as possible. Budgets, equity floors and what needs are worth
//! play no part: the answer is what it would cost. Everything else holds: who may take an offer, forbidden and required pairs,
//! seats, the fewest people of a class, days, ceilings, the most enrolments of one person. Nobody is enrolled, beside what is
//! required, who does not need it: who lacks nothing or cannot get there gets nothing, and of what somebody takes nothing could be
//! left out.
//!
//! # How it is searched
//! People in the same situation are one group ([`market`]). The bound sells seats at prices and lets each group take what is
//! cheapest, exactly but for days that collide ([`cover`], [`bound`]). A plan is made at those prices and improved ([`roster`]);
//! small instances are searched to the end ([`exact`]).

mod bound;
mod cover;
mod exact;
mod market;
mod reasons;
mod roster;

use crate::Budget;
use crate::hours::bound::{Aim, Bound, Choices};
use crate::hours::market::Market;
use crate::hours::reasons::Grounds;
use crate::hours::roster::{Measure, Roster, Sets, Worth};
use crate::instance::Instance;
use crate::model::Model;
use crate::reasons::Reason;
use crate::solve::{NoPlan, Options};
use crate::value::earned;

/// The cheapest enrolments that are found with which the most people have the learning hours they should.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct HoursPlan {
    /// Who is enrolled where, required enrolments included, by person and offer as in the instance.
    pub enrolments: Vec<HoursEnrolment>,
    /// Offers somebody is enrolled in, as in the instance.
    pub opened: Vec<String>,
    /// Whole rupiah, fixed and per head, required enrolments included.
    pub cost: i64,
    /// Whole rupiah: no plan costs less with which as many people get there.
    pub lower_bound: i64,
    /// The most that could be saved, in percent of the cost.
    pub gap_percent: f64,
    /// People who have fewer hours than they should, before anything is planned.
    pub short: usize,
    /// Those of them who have as many as they should with this plan.
    pub reached: usize,
    /// No plan brings more people there.
    pub most_reachable: usize,
    /// Those who still have fewer, as in the instance.
    pub unreached: Vec<NotThere>,
    /// Whether the search was broken off before it ended.
    pub stopped: bool,
}

/// A person in a class.
#[derive(Clone, Debug, PartialEq)]
pub struct HoursEnrolment {
    /// Id of the person.
    pub person: String,
    /// Id of the offer.
    pub offer: String,
    /// Whole rupiah per head.
    pub price: i64,
    /// What it closes of the person's needs, though nobody is enrolled for that; counted as [`solve`](crate::solve) counts it.
    pub value: f64,
}

/// A person who still has fewer hours than they should.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NotThere {
    /// Id of the person.
    pub person: String,
    /// Learning hours (JP) still lacking, with the required enrolments.
    pub hours: i64,
    /// The limit without which they would not lack them. Where several stand in the way, the first, in the order of [`Reason`], with
    /// which, and those before it, they cannot get there. [`Reason::NoOffer`]: all offers together have too few hours.
    pub reason: Reason,
}

/// The cheapest enrolments with which the most people have the learning hours they should; see the module.
///
/// # Errors
/// Where the required enrolments cannot all be, or a class they open cannot have the people it needs.
pub fn reach_hours(instance: &Instance, options: Options, budget: &Budget<'_>) -> Result<HoursPlan, NoPlan> {
    let free = without_money(instance);
    let model = Model::new(&free).map_err(NoPlan::Conflicts)?;
    let market = Market::new(&free, &model)?;
    let choices = all_choices(&market);
    let mut search = Search {
        market: &market,
        choices: choices.as_ref(),
        options,
        known: None,
        least_missing: 0,
        floor: 0,
        impossible: false,
        stopped: false,
    };
    search.run(budget);
    search.finish(instance)
}

/// `instance` without what plays no part.
fn without_money(instance: &Instance) -> Instance {
    let mut free = instance.clone();
    free.budget = None;
    free.units.iter_mut().chain(&mut free.sources).for_each(|unit| unit.budget = None);
    free.people.iter_mut().for_each(|person| person.needs.clear());
    free.floors.clear();
    free
}

/// All choices of each group, where they are few.
fn all_choices(market: &Market<'_>) -> Option<Choices> {
    let mut left = MOST_CHOICES;
    let mut all = Vec::with_capacity(market.groups.len());
    for group in &market.groups {
        let choices = cover::choices(market, group, left)?;
        left -= choices.len().min(left);
        all.push(choices);
    }
    Some(all)
}

/// Choices up to which they are listed.
const MOST_CHOICES: usize = 12_000;
/// The part of the time after which only what is found is written up.
const END: f64 = 0.94;
/// How often prices are raised anew from the best that were found.
const AGAIN: i32 = 7;
/// What is thought to be as cheap, at first, as a part of what it costs those for whom it costs most.
const NEAR: f64 = 0.02;
/// How often in a row shaking may be in vain.
const PATIENCE: u32 = 30;

/// A plan that is known.
struct Known {
    sets: Sets,
    measure: Measure,
}

struct Search<'a> {
    market: &'a Market<'a>,
    choices: Option<&'a Choices>,
    options: Options,
    known: Option<Known>,
    /// In no plan fewer people of the groups do not get there.
    least_missing: i64,
    /// No plan in which as many get there costs less, beside the required enrolments.
    floor: i64,
    impossible: bool,
    stopped: bool,
}

impl<'a> Search<'a> {
    fn note(&mut self, roster: &Roster<'_>) {
        let measure = roster.measure();
        if measure.0 == 0 && self.known.as_ref().is_none_or(|known| measure < known.measure) {
            if self.known.as_ref().is_none_or(|known| measure.1 < known.measure.1) {
                // What was found holds for plans that leave as many behind.
                self.floor = 0;
            }
            self.known = Some(Known { sets: roster.sets.clone(), measure });
        }
    }

    fn behind(&self) -> u64 {
        self.known.as_ref().map_or(0, |known| known.measure.1)
    }

    /// Whether it is proven that nothing is better.
    fn done(&self) -> bool {
        self.all_there() && self.known.as_ref().is_some_and(|known| known.measure.2 <= self.floor)
    }

    /// What prices are raised towards: the best that is known.
    fn target(&self, bound: &Bound<'_>) -> f64 {
        match &self.known {
            Some(known) => cover::money(known.measure.2),
            None => bound.total.max(1.0) * 1.3,
        }
    }

    fn run(&mut self, budget: &Budget<'_>) {
        let market = self.market;
        let Options { seed, threads } = self.options;
        let mut roster = Roster::new(market, seed);
        if market.groups.is_empty() {
            self.note(&roster);
            self.impossible = self.known.is_none();
            return;
        }
        let mut bound = Bound::new(market, self.choices, Aim::Money { missing: 0 }, threads);
        // A first plan at prices that are roughly right, so that there is one.
        bound.raise(budget, 1, 0.1, 1.0);
        for _round in 0..30 {
            let before = bound.total;
            let target = self.target(&bound);
            bound.level(budget, 100, 0.1, target);
            if bound.total <= before {
                break;
            }
        }
        let target = self.target(&bound);
        bound.near(NEAR / 4.0);
        bound.raise(budget, 200, 0.1, target);
        roster.construct(&bound, &Worth::of(market, &bound), budget, 0.2);
        self.note(&roster);
        roster.improve(&bound, budget, 0.2);
        self.note(&roster);
        if let Some(reach) = self.count_reachable(budget) {
            if !self.all_there() {
                roster.construct(&bound, &Worth::people(market, &reach), budget, 0.25);
                self.note(&roster);
                roster.improve(&bound, budget, 0.25);
                self.note(&roster);
            }
            self.compete(&mut bound, &reach, &mut roster, budget);
        }
        bound.aim(Aim::Money { missing: self.behind() });
        bound.learn(&roster.seats());
        self.raise(&mut bound, budget, 1_500, 0.4);
        roster.construct(&bound, &Worth::of(market, &bound), budget, 0.5);
        self.note(&roster);
        roster.improve(&bound, budget, 0.7);
        self.note(&roster);
        if !self.done() {
            self.raise(&mut bound, budget, 1_500, 0.75);
        }
        self.search(budget);
        if let Some(known) = &self.known {
            roster.adopt(&known.sets);
        }
        let mut idle = 0;
        while idle < PATIENCE && (budget.used)() < END && !self.done() && self.known.is_some() {
            idle = if roster.shake(&bound, budget, END) { 0 } else { idle + 1 };
            self.note(&roster);
        }
        if self.floor == 0 {
            self.raise(&mut bound, budget, 600, 0.99);
        }
        self.stopped = !self.done() && (budget.used)() >= END;
    }

    /// Where seats are scarce they are worth what they are to those who do not get there. How much that is in money is tried out.
    fn compete(
        &mut self,
        bound: &mut Bound<'a>,
        reach: &Bound<'a>,
        roster: &mut Roster<'_>,
        budget: &Budget<'_>,
    ) {
        let mut best: Option<(f64, Vec<f64>, f64)> = None;
        for times in [2.0, 6.0, 20.0] {
            bound.aim(Aim::Money { missing: self.behind() });
            bound.scarce(reach, times);
            let target = self.target(bound);
            bound.raise(budget, 800, 0.3, target);
            self.floor = self.floor.max(bound.floor());
            if best.as_ref().is_none_or(|(total, _, _)| bound.total > *total) {
                best = Some((bound.total, bound.seat.clone(), bound.fine));
            }
            if (budget.used)() < 0.3 {
                roster.construct(bound, &Worth::of(self.market, bound), budget, 0.35);
                self.note(roster);
                roster.improve(bound, budget, 0.35);
                self.note(roster);
            }
        }
        if let Some((_, seat, fine)) = best {
            (bound.seat, bound.fine) = (seat, fine);
            bound.restart();
        }
    }

    /// Raises the bound of money for plans that leave as many behind as the one known.
    fn raise(&mut self, bound: &mut Bound<'a>, budget: &Budget<'_>, rounds: u32, until: f64) {
        bound.aim(Aim::Money { missing: self.behind() });
        let target = self.target(bound);
        for again in 0..AGAIN {
            let before = bound.total;
            bound.near(NEAR * 0.25_f64.powi(again));
            bound.raise(budget, rounds, until, target);
            bound.stride();
            if again > 2 && bound.total - before < 1e-5 * target {
                break;
            }
        }
        self.floor = self.floor.max(bound.floor());
    }

    /// How few can be left behind, where anybody is; the prices that show it.
    fn count_reachable(&mut self, budget: &Budget<'_>) -> Option<Bound<'a>> {
        let behind = self.behind();
        if behind == 0 {
            return None;
        }
        let mut bound = Bound::new(self.market, self.choices, Aim::Missing, self.options.threads);
        let target = cover::money(i64::try_from(behind).unwrap_or(i64::MAX));
        for again in 0..AGAIN {
            bound.near(NEAR * 0.25_f64.powi(again));
            bound.raise(budget, 2_000, 0.3, target);
            bound.stride();
        }
        self.least_missing = self.least_missing.max(bound.floor());
        Some(bound)
    }

    /// Whether it is proven that no more people can get there.
    fn all_there(&self) -> bool {
        i64::try_from(self.behind()).is_ok_and(|behind| behind <= self.least_missing)
    }

    /// Searches small instances to the end: first for the most people, then for the least money.
    fn search(&mut self, budget: &Budget<'_>) {
        let (market, choices) = (self.market, self.choices);
        let all = i64::try_from(market.people()).unwrap_or(i64::MAX);
        let behind =
            self.known.as_ref().map_or(all + 1, |known| i64::try_from(known.measure.1).unwrap_or(all));
        if behind > self.least_missing {
            let Some(found) = exact::search(market, choices, Aim::Missing, budget, behind) else { return };
            self.take(found.sets);
            self.impossible = self.known.is_none() && found.floor > all;
            self.least_missing = self.least_missing.max(found.floor);
        }
        let Some(known) = &self.known else { return };
        if known.measure.2 > self.floor {
            let aim = Aim::Money { missing: known.measure.1 };
            let Some(found) = exact::search(market, choices, aim, budget, known.measure.2) else { return };
            self.take(found.sets);
            self.floor = self.floor.max(found.floor);
        }
    }

    fn take(&mut self, sets: Option<Sets>) {
        if let Some(sets) = sets {
            let mut roster = Roster::new(self.market, self.options.seed);
            roster.adopt(&sets);
            self.note(&roster);
        }
    }

    fn finish(self, instance: &Instance) -> Result<HoursPlan, NoPlan> {
        let model = self.market.model;
        let Some(known) = &self.known else {
            let short = instance.offers.iter().zip(&model.open).zip(&model.min);
            let short = short.filter(|((_, open), min)| **open && **min > 0);
            let offers = short.map(|((offer, _), _)| offer.id.clone()).collect();
            return Err(NoPlan::TooFew { offers, proven: self.impossible });
        };
        let mut sets: Vec<Vec<u32>> = vec![Vec::new(); instance.people.len()];
        for (group, of_group) in self.market.groups.iter().zip(&known.sets) {
            let mut people = group.people.iter();
            // Those who come first in the instance take the sets that come first, so that nothing depends on how they were found.
            let mut of_group: Vec<&(Vec<u32>, u32)> =
                of_group.iter().filter(|(set, _)| !set.is_empty()).collect();
            of_group.sort();
            for (set, many) in of_group {
                for person in people.by_ref().take(cover::index(*many)) {
                    if let Some(of_person) = sets.get_mut(cover::index(*person)) {
                        of_person.clone_from(set);
                    }
                }
            }
        }
        let mut heads = vec![0_u32; instance.offers.len()];
        for offer in sets.iter().flatten() {
            if let Some(heads) = heads.get_mut(cover::index(*offer)) {
                *heads += 1;
            }
        }
        let mut plan = HoursPlan {
            cost: known.measure.2 + model.forced_cost,
            short: self.market.at_start,
            stopped: self.stopped,
            ..HoursPlan::default()
        };
        let mut grounds = Grounds::new(self.market, heads);
        for short in &self.market.short {
            if sets.get(short.person).is_some_and(Vec::is_empty) {
                let reason = grounds.reason(short);
                let person = instance.people.get(short.person).map(|one| one.id.clone()).unwrap_or_default();
                plan.unreached.push(NotThere { person, hours: short.hours, reason });
            }
        }
        plan.reached = plan.short - plan.unreached.len();
        let behind = i64::try_from(known.measure.1).unwrap_or(i64::MAX);
        let more = usize::try_from(behind - self.least_missing.min(behind)).unwrap_or_default();
        plan.most_reachable = plan.reached + more;
        plan.lower_bound = self.floor.saturating_add(model.forced_cost).min(plan.cost);
        plan.gap_percent = if plan.cost > 0 {
            cover::money(plan.cost - plan.lower_bound) / cover::money(plan.cost) * 100.0
        } else {
            0.0
        };
        for (person, offers) in &model.forced {
            if let Some(set) = sets.get_mut(*person) {
                set.extend(offers);
            }
        }
        let mut opened = vec![false; instance.offers.len()];
        for (who, (person, set)) in instance.people.iter().zip(&mut sets).enumerate() {
            set.sort_unstable();
            let chosen: Vec<usize> = set.iter().map(|offer| cover::index(*offer)).collect();
            let values = earned(instance, who, chosen.iter());
            for (offer, value) in chosen.into_iter().zip(values) {
                let Some(of) = instance.offers.get(offer) else { continue };
                if let Some(opened) = opened.get_mut(offer) {
                    *opened = true;
                }
                let (person, offer) = (person.id.clone(), of.id.clone());
                plan.enrolments.push(HoursEnrolment { person, offer, price: of.price, value });
            }
        }
        let open = instance.offers.iter().zip(opened).filter(|(_, opened)| *opened);
        plan.opened = open.map(|(offer, _)| offer.id.clone()).collect();
        Ok(plan)
    }
}
