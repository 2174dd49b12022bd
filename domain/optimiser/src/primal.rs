//! Plans: made at the prices of the bound, then improved person by person and class by class.
//!
//! Who wants a seat in a full class gets it when whoever it costs least gives it up, and so on for a few steps; what comes of
//! it is kept when it is better. Money counts at its price, so that what is saved is worth something; so does whoever a floor
//! lacks.
#![expect(
    clippy::indexing_slicing,
    clippy::as_conversions,
    reason = "places are those of the model; counts of people fit 32 bits"
)]

mod making;
mod moves;

use crate::Budget;
use crate::dice::Dice;
use crate::dual::{Door, Lots, Prices};
use crate::instance::Instance;
use crate::model::{Model, NONE};
use crate::oracle::Oracle;
use crate::primal::moves::Way;
use crate::state::State;

/// Improvements below this are none.
const BETTER: f64 = 1e-9;

/// How seats are priced to a person who looks for a set.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Seats {
    /// All at the prices of the bound.
    Priced,
    /// Free where there are any; none where not.
    Free,
    /// Free where there are any; where not, what freeing one loses.
    Tolled,
}

/// See the module.
pub(crate) struct Primal<'a> {
    instance: &'a Instance,
    model: &'a Model,
    oracle: Oracle,
    pub(crate) dice: Dice,
    /// Prices per rupiah by offer and unit, and per seat by candidate's lot.
    prices: Prices,
    rate: Vec<f64>,
    lots: Lots,
    pub(crate) doors: Vec<Door>,
    pub(crate) state: State,
    of_unit: Vec<Vec<u32>>,
    /// Enrolments that give least for their money.
    cheap: Vec<(u32, u32)>,
    toll: Vec<f64>,
    next: Vec<Option<(u32, u32)>>,
    ways: Vec<Vec<Way>>,
    scratch: Vec<(f64, u32)>,
    turned: usize,
    stale: usize,
    thrift: f64,
}

impl<'a> Primal<'a> {
    pub(crate) fn new(
        instance: &'a Instance,
        model: &'a Model,
        seed: u64,
        prices: &Prices,
        lots: &Lots,
    ) -> Self {
        let mut primal = Self {
            instance,
            model,
            oracle: Oracle::default(),
            dice: Dice(seed),
            prices: prices.clone(),
            rate: Vec::new(),
            lots: lots.clone(),
            doors: vec![Door::Open; model.offers],
            state: State::empty(model),
            of_unit: vec![Vec::new(); model.units.len()],
            cheap: Vec::new(),
            toll: Vec::new(),
            next: Vec::new(),
            ways: Vec::new(),
            scratch: Vec::new(),
            turned: 0,
            stale: 0,
            thrift: 1.0,
        };
        for (person, unit) in model.unit.iter().enumerate() {
            if let Some(people) = primal.of_unit.get_mut(*unit as usize) {
                people.push(person as u32);
            }
        }
        primal.price(prices, lots);
        primal
    }

    /// Takes other prices.
    pub(crate) fn price(&mut self, prices: &Prices, lots: &Lots) {
        self.prices = prices.clone();
        self.lots = lots.clone();
        self.thrift(1.0);
    }

    /// Counts money at `part` of its price.
    fn thrift(&mut self, part: f64) {
        let (model, prices) = (self.model, &self.prices);
        let rate = |offer: usize| {
            let source = model.source[offer];
            part * (prices.budget + if source == NONE { 0.0 } else { prices.source[source as usize] })
        };
        self.rate = (0..model.offers).map(rate).collect();
        self.thrift = part;
    }

    /// Improves the plan until nothing is found, or the time is up. Money that is left over is worth nothing in the end, so it
    /// counts for less and less.
    pub(crate) fn improve(&mut self, budget: &Budget<'_>, until: f64) {
        let mut best = self.state.clone();
        for part in [1.0, 0.97, 0.93, 0.85, 0.7, 0.5, 0.2, 0.0] {
            self.thrift(part);
            for _pass in 0..12 {
                if (budget.used)() >= until {
                    break;
                }
                let better = self.reroute(budget, until);
                self.fill(false);
                self.state.keep();
                let before = best.value;
                let fairer = self.state.unfair(self.model).cmp(&best.unfair(self.model));
                if fairer.is_lt() || fairer.is_eq() && self.state.value > best.value + BETTER {
                    best = self.state.clone();
                }
                if better == 0 || self.state.value < before + BETTER {
                    break;
                }
            }
        }
        self.state = best;
        self.state.add_up();
        self.thrift(1.0);
    }

    /// Takes a few classes and a few people apart and puts them together again; keeps what is better. Whether it was.
    pub(crate) fn shake(&mut self, budget: &Budget<'_>, until: f64) -> bool {
        let model = self.model;
        let before = self.state.clone();
        let running: Vec<usize> =
            (0..model.offers).filter(|offer| !self.state.members[*offer].is_empty()).collect();
        if running.is_empty() {
            return false;
        }
        for _class in 0..(running.len() / 20).clamp(1, 8) {
            let offer = running[self.dice.below(running.len())];
            if model.min[offer] > 0 {
                continue;
            }
            for who in self.state.members[offer].clone() {
                if self.dice.below(2) == 0 {
                    self.state.assign(model, who as usize, &[]);
                }
            }
        }
        if !self.filled() {
            self.state.back(model);
            return false;
        }
        self.state.keep();
        self.improve(budget, until);
        if self.state.value > before.value + BETTER && self.state.unfair(model) <= before.unfair(model) {
            return true;
        }
        self.state = before;
        false
    }

    /// Offers of each person beside the required ones.
    pub(crate) fn sets(&self) -> Vec<Vec<u32>> {
        (0..self.model.people).map(|person| self.state.set(person).collect()).collect()
    }

    /// Whether every class that runs has enough people.
    pub(crate) fn runs(&self) -> bool {
        let model = self.model;
        let short = |offer: usize| {
            self.state.runs(model, offer) && self.state.members[offer].len() < model.min[offer] as usize
        };
        !(0..model.offers).any(short)
    }

    /// Whether the classes that people left have enough of them still.
    fn filled(&self) -> bool {
        let model = self.model;
        self.state.as_fair(model)
            && self.state.left().all(|offer| {
                let offer = offer as usize;
                model.min[offer] == 0
                    || !self.state.runs(model, offer)
                    || self.state.members[offer].len() >= model.min[offer] as usize
            })
    }

    /// What it counts for that a person is served at all: the prices of the floors that lack somebody without them.
    fn bonus(&self, person: usize) -> f64 {
        let model = self.model;
        let Some(floors) = model.floors_of.get(person).filter(|_| !model.served[person]) else { return 0.0 };
        let own = usize::from(self.state.worth[person] > 0.0);
        let lacks = |floor: usize| self.state.served[floor] < model.floors[floor] + own;
        let floors = floors.iter().map(|floor| *floor as usize);
        floors.filter(|floor| lacks(*floor)).map(|floor| self.prices.floor[floor]).sum()
    }

    fn unit_rate(&self, person: usize) -> f64 {
        let unit = self.model.unit[person];
        if unit == NONE { 0.0 } else { self.thrift * self.prices.unit[unit as usize] }
    }

    /// The price of money and, as `seats` says, of the seat; infinite where there is none.
    fn cost(&self, person: usize, place: usize, offer: u32, seats: Seats, without: u32) -> f64 {
        let at = offer as usize;
        if offer == without || self.doors[at] == Door::Closed {
            return f64::INFINITY;
        }
        let model = self.model;
        let money = (self.rate[at] + self.unit_rate(person)) * model.price_f[at];
        let seat = self.prices.seat[self.lots.of[place] as usize];
        match seats {
            Seats::Priced => {
                if self.state.free(model, at) <= 0 && !self.state.has(person, offer) {
                    return f64::INFINITY;
                }
                (money + seat).max(0.0)
            }
            Seats::Tolled => {
                if self.state.has(person, offer) {
                    return money;
                }
                if !self.state.runs(model, at) && (model.fixed[at] > 0 || model.min[at] > 1) {
                    return f64::INFINITY;
                }
                (money + self.toll[at]).max(0.0)
            }
            Seats::Free => {
                if self.state.free(model, at) <= 0 && !self.state.has(person, offer)
                    || !self.state.runs(model, at) && (model.fixed[at] > 0 || model.min[at] > 1)
                {
                    return f64::INFINITY;
                }
                money
            }
        }
    }

    /// The best set of a person without `without`; left in the oracle.
    fn best(&mut self, person: usize, seats: Seats, without: u32) -> f64 {
        let mut oracle = std::mem::take(&mut self.oracle);
        let profit = oracle.solve(self.model, person, self.bonus(person), |place, offer| {
            self.cost(person, place, offer, seats, without)
        });
        self.oracle = oracle;
        profit
    }

    /// What earning `worth` counts for, for a person for whom being served counts for `bonus`.
    fn counts(worth: f64, bonus: f64) -> f64 {
        if worth > 0.0 { worth + bonus } else { worth }
    }

    /// What a person's enrolments count for less the money they cost.
    fn merit(&self, person: usize) -> f64 {
        let unit = self.unit_rate(person);
        let money: f64 = self
            .state
            .set(person)
            .map(|offer| (self.rate[offer as usize] + unit) * self.model.price_f[offer as usize])
            .sum();
        Self::counts(self.state.worth[person], self.bonus(person)) - money
    }
}
