//! From an instance to a plan with its bound.

use crate::Budget;
use crate::dual::{Door, Dual, Lots, Prices};
use crate::exact::{self, TOLERANCE};
use crate::instance::Instance;
use crate::model::{Conflict, Model};
use crate::primal::Primal;
use crate::reasons::{Reason, Standing};
use crate::value::earned;
use crate::verify::{Breach, verify};

/// How to search.
#[derive(Clone, Copy, Debug)]
pub struct Options {
    /// The same instance and seed give the same plan, if the search is not broken off.
    pub seed: u64,
    /// Threads to use; the plan does not depend on it.
    pub threads: usize,
}

impl Default for Options {
    fn default() -> Self {
        Self { seed: 1, threads: 2 }
    }
}

/// A plan, how good it is, and what it leaves out.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Solution {
    /// What it is worth.
    pub objective: f64,
    /// No plan is worth more that reaches the equity floors as far as this one.
    pub upper_bound: f64,
    /// The most that could be missing, in percent of the bound.
    pub gap_percent: f64,
    /// Whole rupiah.
    pub cost: i64,
    /// Who is enrolled where, by person as in the instance.
    pub enrolments: Vec<Enrolment>,
    /// Offers somebody is enrolled in, as in the instance.
    pub opened: Vec<String>,
    /// Needs that are not served, each with the reason.
    pub unserved: Vec<Unserved>,
    /// What one more million rupiah of the budget would add at the margin, by the prices of the bound; zero when the budget does not
    /// bind.
    pub shadow_price: f64,
    /// How far each equity floor is reached.
    pub floors: Vec<FloorReached>,
    /// How many people have the learning hours they should; `None` where nobody should have any. The plan is not made for it:
    /// [`reach_hours`](crate::reach_hours) is.
    pub wishes: Option<Wishes>,
}

/// People who should have learning hours (`jp_min`), and those of them who have them with the plan.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Wishes {
    /// People with a wish.
    pub people: usize,
    /// Those who have as many hours, those done included.
    pub met: usize,
}

/// A person in a class.
#[derive(Clone, Debug, PartialEq)]
pub struct Enrolment {
    /// Id of the person.
    pub person: String,
    /// Id of the offer.
    pub offer: String,
    /// What it earns: each need counts for the enrolment that closes most of it.
    pub value: f64,
}

/// A need nothing of which is closed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unserved {
    /// Id of the person.
    pub person: String,
    /// Competency.
    pub competency: String,
    /// Why.
    pub reason: Reason,
}

/// An equity floor, and how far it is reached.
#[derive(Clone, Debug, PartialEq)]
pub struct FloorReached {
    /// The unit it is for.
    pub unit: Option<String>,
    /// The group it is for.
    pub group: Option<String>,
    /// The share that must be served.
    pub share: f64,
    /// How many people that is.
    pub required: usize,
    /// How many are served.
    pub served: usize,
    /// Whether that is enough. Where it is not, no plan that reaches it was found.
    pub met: bool,
}

impl Solution {
    /// Whether every equity floor is reached as far as in another solution of the same people.
    #[must_use]
    pub fn is_as_fair_as(&self, other: &Self) -> bool {
        let reached = |floor: &FloorReached| floor.served.min(floor.required);
        self.floors.iter().zip(&other.floors).all(|(own, other)| reached(own) >= reached(other))
    }
}

/// Why there is no plan.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NoPlan {
    /// The required enrolments contradict a limit, or each other.
    Conflicts(Vec<Conflict>),
    /// A class that required enrolments open needs more people than could be found for it.
    TooFew {
        /// Ids of the classes.
        offers: Vec<String>,
        /// Whether it is proven that there is no plan.
        proven: bool,
    },
}

/// The best plan that is found, with a bound that holds for every plan.
///
/// # Errors
/// Where the required enrolments cannot all be.
pub fn solve(instance: &Instance, options: Options, budget: &Budget<'_>) -> Result<Solution, NoPlan> {
    let mut model = Model::new(instance).map_err(NoPlan::Conflicts)?;
    let mut search = Search::new(instance, &model, options);
    search.run(budget);
    let missed = search.known.clone().filter(|known| known.lacking > 0);
    let Some(known) = missed else {
        search.price_money(budget);
        return search.finish();
    };
    // Floors that were not reached are asked for as far as they were, and the best plan of those is looked for in the time that is
    // left.
    let (prices, lots) = (search.best.0, search.best.1);
    for (least, served) in model.floors.iter_mut().zip(&known.served) {
        *least = *served.min(least);
    }
    let spent = (budget.used)();
    let used = || if spent < END { ((budget.used)() - spent) / (1.0 - spent) } else { 1.0 };
    let mut search = Search::new(instance, &model, options);
    search.known = Some(Known { lacking: 0, ..known });
    search.dual.begin(prices, lots);
    search.run(&Budget { used: &used });
    search.price_money(&Budget { used: &used });
    search.finish()
}

/// A plan that is known: the sets of people beyond the required enrolments.
#[derive(Clone)]
struct Known {
    sets: Vec<Vec<u32>>,
    value: f64,
    /// How many people the floors lack, and how many count for each.
    lacking: usize,
    served: Vec<usize>,
}

struct Search<'a> {
    instance: &'a Instance,
    model: &'a Model,
    options: Options,
    dual: Dual<'a>,
    bound: f64,
    /// The prices that show it.
    best: (Prices, Lots),
    shadow: f64,
    known: Option<Known>,
    impossible: bool,
}

impl<'a> Search<'a> {
    fn new(instance: &'a Instance, model: &'a Model, options: Options) -> Self {
        let dual = Dual::new(model, options.threads);
        let best = (dual.prices.clone(), dual.lots.clone());
        Self {
            instance,
            model,
            options,
            dual,
            bound: f64::INFINITY,
            best,
            shadow: 0.0,
            known: None,
            impossible: false,
        }
    }

    fn done(&self) -> bool {
        let closed = |known: &Known| {
            known.lacking == 0 && self.bound <= known.value + TOLERANCE * known.value.abs().max(1.0)
        };
        self.known.as_ref().is_some_and(closed)
    }

    /// Notes a plan, if it is better than the one known.
    fn note(&mut self, primal: &Primal<'_>) {
        if !primal.runs() {
            return;
        }
        let (value, lacking) = (primal.state.value, primal.state.unfair(self.model));
        let better = self.known.as_ref().is_none_or(|known| {
            lacking < known.lacking || lacking == known.lacking && value > known.value + 1e-12
        });
        if better {
            let sets = primal.sets();
            let served = primal.state.served.clone();
            self.known = Some(Known { sets, value, lacking, served });
        }
    }

    /// Notes a bound that holds for every plan, with the prices that show it.
    fn lower_to(&mut self, bound: f64) {
        if bound < self.bound {
            self.bound = bound;
            self.best = (self.dual.prices.clone(), self.dual.lots.clone());
        }
    }

    /// Searches; from the prices of the bound on where a plan is known.
    fn run(&mut self, budget: &Budget<'_>) {
        let model = self.model;
        let seed = self.options.seed;
        let anew = self.known.is_none();
        if anew {
            // A first plan at prices that are roughly right, so that there is one.
            for stride in [64, 16, 4] {
                if model.people >= 1_000 * stride {
                    self.dual.sample(budget, stride, 150, 0.08);
                }
            }
            self.dual.lower(budget, 20, 0.1);
            self.lower_to(self.dual.total);
        }
        let mut primal = Primal::new(self.instance, model, seed, &self.dual.prices, &self.dual.lots);
        if anew {
            primal.construct(budget, 0.2);
            self.note(&primal);
        }
        self.dual.lower(budget, 900, 0.26);
        self.lower_to(self.dual.total);
        self.shadow = self.dual.prices.budget;
        if !anew && (budget.used)() >= END {
            return;
        }
        if anew && (budget.used)() < 0.25 {
            self.dual.split(MOST_LOTS);
            self.dual.lower(budget, 900, 0.36);
            self.lower_to(self.dual.total);
            self.shadow = self.dual.prices.budget;
        }
        self.dive(budget, 0.46);
        primal.price(&self.dual.prices, &self.dual.lots);
        primal.doors.clone_from(&self.dual.doors);
        primal.construct(budget, 0.6);
        self.note(&primal);
        // Where time was short the prices found on the way down are better than those before: they make a bound, too.
        let undecided = self.dual.undecided();
        self.lower_to(undecided);
        // Where floors are missed, time is left for the best plan that reaches them as far as can be.
        let missed = self.known.as_ref().is_some_and(|known| known.lacking > 0);
        let until = if missed { 0.7 } else { END };
        primal.improve(budget, until);
        self.note(&primal);
        if self.done() {
            return;
        }
        let best = self.known.as_ref().filter(|known| known.lacking == 0).map_or(-1.0, |known| known.value);
        if let Some(outcome) = exact::search(self.instance, model, budget, best) {
            if let Some(sets) = outcome.plan {
                primal.adopt(&sets);
                self.note(&primal);
            }
            let fair = self.known.as_ref().filter(|known| known.lacking == 0);
            match fair {
                Some(known) => {
                    self.bound = self.bound.min(outcome.bound.max(known.value));
                }
                None if self.known.is_none() && !self.instance.floors.is_empty() => {
                    self.plan_regardless(&mut primal, budget);
                }
                None => self.impossible = outcome.bound == f64::NEG_INFINITY,
            }
            if self.done() || self.impossible {
                return;
            }
        }
        let mut idle = 0;
        while idle < PATIENCE && (budget.used)() < until && !self.done() {
            idle = if primal.shake(budget, until) { 0 } else { idle + 1 };
            self.note(&primal);
        }
    }

    /// Looks for a plan whether or not it reaches the floors: they never keep what is required from being.
    fn plan_regardless(&mut self, primal: &mut Primal<'_>, budget: &Budget<'_>) {
        let instance = Instance { floors: Vec::new(), ..self.instance.clone() };
        let Ok(model) = Model::new(&instance) else { return };
        let Some(outcome) = exact::search(&instance, &model, budget, -1.0) else { return };
        match outcome.plan {
            Some(sets) => {
                primal.adopt(&sets);
                self.note(primal);
            }
            None => self.impossible = outcome.bound == f64::NEG_INFINITY,
        }
    }

    /// Finds out whether more money would buy anything, where the plan is the best one and small enough for that: the prices that
    /// show the bound need not be those of the plan.
    fn price_money(&mut self, budget: &Budget<'_>) {
        let Some(known) = self.known.as_ref().filter(|_| self.shadow > 0.0 && self.done()) else { return };
        if !exact::is_small(self.model) {
            return;
        }
        let instance = Instance { budget: None, ..self.instance.clone() };
        let Ok(model) = Model::new(&instance) else { return };
        let value = known.value / self.model.scale * model.scale;
        let found = exact::search(&instance, &model, budget, value);
        let enough = value + TOLERANCE * value.abs().max(1.0);
        if found.is_some_and(|outcome| outcome.plan.is_none() && outcome.bound <= enough) {
            self.shadow = 0.0;
        }
    }

    /// Decides which classes open, the clear ones first, each time with prices that follow.
    fn dive(&mut self, budget: &Budget<'_>, until: f64) {
        let model = self.model;
        let dual = &mut self.dual;
        loop {
            let mut undecided: Vec<(f64, usize)> = (0..model.offers)
                .zip(model.fixed.iter().zip(&model.min))
                .zip(&dual.doors)
                .filter(|((_, (fixed, min)), door)| **door == Door::Free && (**fixed > 0 || **min > 1))
                .map(|((offer, _), _)| offer)
                .zip(0_usize..)
                .map(|(offer, _)| (dual.ajar.get(offer).map_or(0.5, |ajar| (ajar - 0.5).abs()), offer))
                .collect();
            if undecided.is_empty() {
                break;
            }
            undecided.sort_by(|one, other| other.0.total_cmp(&one.0).then(one.1.cmp(&other.1)));
            let late = (budget.used)() >= until;
            let quota = if late { undecided.len() } else { undecided.len().div_ceil(6) };
            for (nth, (clear, offer)) in undecided.into_iter().enumerate() {
                if nth < quota || clear > 0.48 {
                    let open = dual.ajar.get(offer).is_some_and(|ajar| *ajar >= 0.5);
                    if let Some(door) = dual.doors.get_mut(offer) {
                        *door = if open { Door::Open } else { Door::Closed };
                    }
                }
            }
            dual.restart();
            dual.lower(budget, 60, until);
        }
        dual.restart();
        dual.lower(budget, 500, until + 0.05);
    }

    /// Adds to the plan what nothing stands in the way of, and which is too little to be looked for or was not come to.
    fn complete(&mut self) {
        let Some(known) = &self.known else { return };
        let (prices, lots) = (&self.dual.prices, &self.dual.lots);
        let mut primal = Primal::new(self.instance, self.model, self.options.seed, prices, lots);
        primal.adopt(&known.sets);
        self.known = Some(Known { sets: primal.sets(), ..known.clone() });
    }

    fn finish(mut self) -> Result<Solution, NoPlan> {
        self.complete();
        let Some(known) = self.known else {
            let short = self.instance.offers.iter().zip(&self.model.open).zip(&self.model.min);
            let short = short.filter(|((_, open), min)| **open && **min > 0);
            let offers = short.map(|((offer, _), _)| offer.id.clone()).collect();
            return Err(NoPlan::TooFew { offers, proven: self.impossible });
        };
        let mut sets: Vec<Vec<usize>> = known
            .sets
            .iter()
            .map(|set| set.iter().filter_map(|offer| usize::try_from(*offer).ok()).collect())
            .collect();
        for (person, offers) in &self.model.forced {
            if let Some(set) = sets.get_mut(*person) {
                set.extend(offers.iter().filter_map(|offer| usize::try_from(*offer).ok()));
            }
        }
        sets.iter_mut().for_each(|set| set.sort_unstable());
        let mut solution = describe(self.instance, &sets);
        let scale = self.model.scale;
        let bound = (self.bound + self.model.forced_value) / scale;
        let near = TOLERANCE * solution.objective.abs().max(1.0 / scale);
        solution.upper_bound =
            if bound <= solution.objective + near { solution.objective } else { bound * (1.0 + TOLERANCE) };
        let missing = solution.upper_bound - solution.objective;
        solution.gap_percent =
            if solution.upper_bound > 0.0 { missing / solution.upper_bound * 100.0 } else { 0.0 };
        solution.shadow_price = self.shadow * 1e6 / scale;
        Ok(solution)
    }
}

/// The part of the time after which only what is found is written up.
const END: f64 = 0.94;
/// How often in a row shaking may be in vain.
const PATIENCE: u32 = 12;
/// The most lots of seats.
const MOST_LOTS: usize = 40_000;

/// Everything a plan says but its bound.
fn describe(instance: &Instance, sets: &[Vec<usize>]) -> Solution {
    let mut solution = Solution::default();
    let mut pairs = Vec::new();
    let mut opened = vec![false; instance.offers.len()];
    for (who, (person, set)) in instance.people.iter().zip(sets).enumerate() {
        for (place, value) in set.iter().zip(earned(instance, who, set.iter())) {
            let Some(offer) = instance.offers.get(*place) else { continue };
            if let Some(opened) = opened.get_mut(*place) {
                *opened = true;
            }
            pairs.push((person.id.clone(), offer.id.clone()));
            solution.enrolments.push(Enrolment { person: person.id.clone(), offer: offer.id.clone(), value });
        }
    }
    let audit = verify(instance, &pairs);
    solution.objective = audit.objective;
    solution.cost = audit.cost;
    let short: Vec<(usize, usize)> = audit
        .breaches
        .iter()
        .filter_map(|breach| match breach {
            Breach::Floor { floor, served } => Some((*floor, *served)),
            _ => None,
        })
        .collect();
    let open = instance.offers.iter().zip(opened).filter(|(_, opened)| *opened);
    solution.opened = open.map(|(offer, _)| offer.id.clone()).collect();
    let standing = Standing::new(instance, sets);
    let name = |who: usize| instance.people.get(who).map(|person| person.id.clone()).unwrap_or_default();
    for (who, at, reason) in standing.unserved() {
        let need = instance.people.get(who).and_then(|person| person.needs.get(at));
        let competency = need.and_then(|need| instance.competencies.get(need.competency));
        solution.unserved.push(Unserved {
            person: name(who),
            competency: competency.cloned().unwrap_or_default(),
            reason,
        });
    }
    solution.wishes = wishes(instance, sets);
    let served = |member: &usize| {
        let set = sets.get(*member).map(Vec::as_slice).unwrap_or_default();
        earned(instance, *member, set.iter()).iter().sum::<f64>() > 0.0
    };
    for (place, floor) in instance.floors.iter().enumerate() {
        solution.floors.push(FloorReached {
            unit: floor.unit.clone(),
            group: floor.group.clone(),
            share: floor.share,
            required: floor.least,
            served: floor.members.iter().filter(|member| served(member)).count(),
            met: !short.iter().any(|(missed, _)| *missed == place),
        });
    }
    solution
}

/// How many people should have learning hours, and have them.
fn wishes(instance: &Instance, sets: &[Vec<usize>]) -> Option<Wishes> {
    let mut wishes = Wishes { people: 0, met: 0 };
    for (person, set) in instance.people.iter().zip(sets) {
        let Some(lack) = person.jp_wish else { continue };
        let hours: i64 =
            set.iter().filter_map(|offer| instance.offers.get(*offer)).map(|offer| offer.jp).sum();
        wishes.people += 1;
        wishes.met += usize::from(hours >= lack);
    }
    (wishes.people > 0).then_some(wishes)
}
