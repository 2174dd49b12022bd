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

use crate::Budget;
use crate::dual::{Door, Lots, Prices};
use crate::instance::Instance;
use crate::model::{Model, NONE};
use crate::oracle::Oracle;
use crate::state::State;

/// Improvements below this are none.
const BETTER: f64 = 1e-9;

/// Pseudo-random numbers (SplitMix64): the same for the same seed.
pub(crate) struct Dice(pub(crate) u64);

impl Dice {
    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    pub(crate) fn below(&mut self, end: usize) -> usize {
        (self.next() % end.max(1) as u64) as usize
    }

    pub(crate) fn shuffle<T>(&mut self, list: &mut [T]) {
        for at in (1..list.len()).rev() {
            list.swap(at, self.below(at + 1));
        }
    }
}

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

/// Ways kept out of a class.
const WAYS: usize = 24;

/// A person who can go from one class to another.
struct Way {
    to: u32,
    loses: f64,
    who: u32,
}

/// A change that goes through several people.
struct Move {
    /// By how much the plan is better so far.
    delta: f64,
    moved: Vec<u32>,
    /// Classes that may be too full.
    full: Vec<u32>,
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

    /// Makes a plan from nothing: everybody in turn takes what is best at the prices, then what is left. When the time is up, floors
    /// stay where they are.
    pub(crate) fn construct(&mut self, budget: &Budget<'_>, until: f64) {
        self.state = State::empty(self.model);
        let mut order: Vec<usize> = (0..self.model.people).collect();
        self.dice.shuffle(&mut order);
        // Whom it serves most comes first.
        let profits: Vec<f64> =
            (0..self.model.people).map(|person| self.best(person, Seats::Priced, NONE)).collect();
        order.sort_by(|one, other| profits[*other].total_cmp(&profits[*one]));
        for person in &order {
            self.best(*person, Seats::Priced, NONE);
            let wanted = std::mem::take(&mut self.oracle.chosen);
            self.state.assign(self.model, *person, &wanted);
            self.oracle.chosen = wanted;
        }
        self.afford();
        self.close_short();
        self.state.keep();
        for person in &order {
            self.take(*person, Seats::Free);
        }
        self.fill_required();
        self.serve_floors(budget, until);
        self.fill(false);
        self.state.add_up();
        self.state.keep();
    }

    /// Takes over `sets`, with what still fits beside them, in classes that are opened for it, too.
    pub(crate) fn adopt(&mut self, sets: &[Vec<u32>]) {
        self.state = State::empty(self.model);
        for (person, set) in sets.iter().enumerate() {
            self.state.assign(self.model, person, set);
        }
        self.state.keep();
        self.fill(true);
        self.state.add_up();
        self.state.keep();
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

    /// Classes that required enrolments have opened get the people they need.
    fn fill_required(&mut self) {
        for offer in 0..self.model.offers {
            if self.model.open[offer] && self.state.members[offer].len() < self.model.min[offer] as usize {
                self.fill_up(offer, f64::INFINITY);
                self.state.keep();
            }
        }
    }

    /// Adds people to a class until it has enough, those for whom it does most first, whether or not they need it; what that
    /// loses must stay below `most`. Whether it was done.
    fn fill_up(&mut self, offer: usize, most: f64) -> bool {
        let model = self.model;
        let mut order: Vec<(f64, usize)> = (0..model.people)
            .filter(|person| self.joins(*person, offer))
            .map(|person| {
                let unit = self.unit_rate(person);
                (self.adds(person, offer as u32) - unit * model.price_f[offer], person)
            })
            .collect();
        order.sort_by(|one, other| other.0.total_cmp(&one.0).then(one.1.cmp(&other.1)));
        let mut loses = 0.0;
        for (_, person) in order {
            if self.state.members[offer].len() >= model.min[offer] as usize {
                break;
            }
            if self.joins(person, offer) {
                let merit = self.merit(person);
                let mut set: Vec<u32> = self.state.set(person).collect();
                set.push(offer as u32);
                self.state.assign(model, person, &set);
                loses += merit - self.merit(person);
            }
        }
        self.state.members[offer].len() >= model.min[offer] as usize && loses <= most
    }

    /// Whether a person may join a class that runs beside what they have, even if only to fill it.
    fn joins(&self, person: usize, offer: usize) -> bool {
        let model = self.model;
        let jp: i64 = self.state.set(person).map(|one| model.jp[one as usize]).sum();
        !self.state.has(person, offer as u32)
            && self.state.free(model, offer) > 0
            && self.state.busy(person) < model.room[person] as usize
            && jp + model.jp[offer] <= model.jp_room[person]
            && self.state.set(person).all(|one| !model.clash(one as usize, offer))
            && self.state.can_pay(model, person, offer)
            && model.may(self.instance, person, offer)
    }

    /// Serves people until the floors are reached, as far as that can be done, or the time is up; those it costs least first.
    fn serve_floors(&mut self, budget: &Budget<'_>, until: f64) {
        let model = self.model;
        if self.state.unfair(model) == 0 || (budget.used)() >= until {
            return;
        }
        self.prepare_ways();
        // How many were served since tolls were counted, and since what is cheap was listed.
        let (mut stale, mut passed) = (0, 0);
        for floor in 0..model.floors.len() {
            if self.state.served[floor] >= model.floors[floor] {
                continue;
            }
            let mut order: Vec<(f64, usize)> = Vec::new();
            for (person, floors) in model.floors_of.iter().enumerate() {
                let waits = self.state.worth[person] <= 0.0 && !model.served[person];
                if waits && floors.iter().any(|one| *one as usize == floor) {
                    order.push((-self.best_served(person), person));
                }
            }
            order.sort_by(|one, other| one.0.total_cmp(&other.0).then(one.1.cmp(&other.1)));
            for (_, person) in order {
                if self.state.served[floor] >= model.floors[floor] || (budget.used)() >= until {
                    break;
                }
                let mut done = self.serve(person);
                if !done && passed > model.people / 4096 {
                    // What was thought to be cheap is gone, or ways lead nowhere any more.
                    self.list_cheap();
                    self.count_tolls();
                    (stale, passed) = (0, 0);
                    done = self.serve(person);
                }
                if done {
                    (stale, passed) = (stale + 1, passed + 1);
                    if stale > model.offers / 200 {
                        self.count_tolls();
                        stale = 0;
                    }
                }
            }
        }
    }

    /// Serves a person, whatever it costs others who do not count for a floor. Whether it was done.
    fn serve(&mut self, person: usize) -> bool {
        let model = self.model;
        if self.best_served(person) == f64::NEG_INFINITY {
            return false;
        }
        let wanted = self.oracle.chosen.clone();
        let unfair = self.state.unfair(model);
        let mut move_ = Move { delta: 0.0, moved: Vec::new(), full: Vec::new() };
        self.step(&mut move_, person, &wanted);
        let done = self.follow_ways(&mut move_) && self.make_money(&mut move_, 16);
        let done = done && self.filled() && self.state.unfair(model) < unfair;
        if done {
            self.accept();
        } else {
            self.state.back(model);
        }
        done
    }

    /// The best single offer of a person who must be served, left in the oracle; minus infinity when there is none.
    fn best_served(&mut self, person: usize) -> f64 {
        let mut best = (f64::NEG_INFINITY, NONE);
        for place in self.model.candidates(person) {
            let offer = self.model.offer[place];
            let price = self.cost(person, place, offer, Seats::Tolled, NONE);
            if self.model.gain[place] - price > best.0 {
                best = (self.model.gain[place] - price, offer);
            }
        }
        self.oracle.chosen.clear();
        if best.1 != NONE {
            self.oracle.chosen.push(best.1);
        }
        best.0
    }

    /// Lets a person take what is best, as far as it is paid for.
    fn take(&mut self, person: usize, seats: Seats) {
        self.best(person, seats, NONE);
        let mut wanted: Vec<u32> = self.oracle.chosen.clone();
        let merit = self.merit(person);
        self.state.keep();
        loop {
            self.state.assign(self.model, person, &wanted);
            if self.state.affordable(self.model) {
                break;
            }
            self.state.back(self.model);
            if wanted.is_empty() {
                break;
            }
            // The dearest goes first.
            let dearest = wanted.iter().copied().max_by_key(|offer| self.model.price[*offer as usize]);
            wanted.retain(|offer| Some(*offer) != dearest);
        }
        if self.merit(person) < merit || !self.filled() {
            self.state.back(self.model);
        }
        self.state.keep();
    }

    /// Closes classes that have too few people; they look for something else.
    pub(crate) fn close_short(&mut self) {
        for offer in 0..self.model.offers {
            let here = self.state.members[offer].len();
            if here > 0 && here < self.model.min[offer] as usize {
                self.state.keep();
                let members: Vec<u32> = self.state.members[offer].clone();
                let worth: f64 = members.iter().map(|who| self.loss(*who as usize, offer as u32)).sum();
                if !self.fill_up(offer, worth) {
                    self.state.back(self.model);
                    self.close(offer);
                }
            }
        }
    }

    /// Sends everybody out of a class. They take what else is free.
    fn close(&mut self, offer: usize) {
        let out = self.state.members[offer].clone();
        let door = std::mem::replace(&mut self.doors[offer], Door::Closed);
        for person in &out {
            let person = *person as usize;
            let left: Vec<u32> = self.state.set(person).filter(|one| *one as usize != offer).collect();
            self.state.assign(self.model, person, &left);
        }
        self.doors[offer] = door;
    }

    /// One person's part of a move.
    fn step(&mut self, move_: &mut Move, person: usize, wanted: &[u32]) {
        move_.delta -= self.merit(person);
        self.state.assign(self.model, person, wanted);
        move_.delta += self.merit(person);
        move_.moved.push(person as u32);
        move_.full.extend_from_slice(wanted);
    }

    /// Takes enrolments away where more is spent than there is, those that lose least for their price.
    fn make_money(&mut self, move_: &mut Move, depth: usize) -> bool {
        let mut left = depth;
        let mut nth = 0;
        while nth < move_.moved.len() {
            let person = move_.moved[nth] as usize;
            nth += 1;
            while !self.state.unit_holds(self.model, person) {
                if left == 0 {
                    return false;
                }
                left -= 1;
                let unit = self.model.unit[person] as usize;
                let excess = self.state.of_unit[unit] - self.model.units[unit].unwrap_or(i64::MAX);
                let mut least: Option<(f64, u32, u32)> = None;
                for other in &self.of_unit[unit] {
                    if move_.moved.contains(other) {
                        continue;
                    }
                    for offer in self.state.set(*other as usize) {
                        let price = self.model.price[offer as usize];
                        if price == 0 {
                            continue;
                        }
                        let loss = self.loss(*other as usize, offer)
                            - self.rate[offer as usize] * self.model.price_f[offer as usize];
                        let relief = price.min(excess) as f64;
                        let loss = loss / relief;
                        if least.is_none_or(|(least, _, _)| loss < least) {
                            least = Some((loss, *other, offer));
                        }
                    }
                }
                let Some((_, other, offer)) = least else { return false };
                self.drop_one(move_, other, offer);
            }
        }
        let mut at = 0;
        while !self.state.affordable(self.model) {
            if left == 0 {
                return false;
            }
            let Some((person, offer)) = self.cheap.get(at).copied() else { return false };
            at += 1;
            if move_.moved.contains(&person) || !self.state.has(person as usize, offer) {
                continue;
            }
            left -= 1;
            self.drop_one(move_, person, offer);
        }
        true
    }

    fn drop_one(&mut self, move_: &mut Move, person: u32, offer: u32) {
        let rest: Vec<u32> = self.state.set(person as usize).filter(|one| *one != offer).collect();
        self.step(move_, person as usize, &rest);
    }

    /// What the plan loses when a person goes without `offer`.
    fn loss(&self, person: usize, offer: u32) -> f64 {
        let mut rest = [0_u32; 16];
        let mut many = 0;
        for one in self.state.set(person).filter(|one| *one != offer).take(16) {
            rest[many] = one;
            many += 1;
        }
        let bonus = self.bonus(person);
        let worth = |worth: f64| Self::counts(worth, bonus);
        worth(self.state.worth[person]) - worth(self.model.value(person, &rest[..many]))
    }

    /// Lists the enrolments that give least for their money.
    fn list_cheap(&mut self) {
        let mut cheap: Vec<(f64, u32, u32)> = Vec::new();
        for person in 0..self.model.people {
            for offer in self.state.set(person) {
                let price = self.model.price_f[offer as usize];
                if price > 0.0 {
                    let loss = self.loss(person, offer) - self.unit_rate(person) * price;
                    cheap.push((loss / price, person as u32, offer));
                }
            }
        }
        let order = |one: &(f64, u32, u32), other: &(f64, u32, u32)| {
            one.0.total_cmp(&other.0).then((one.1, one.2).cmp(&(other.1, other.2)))
        };
        if cheap.len() > 400 {
            cheap.select_nth_unstable_by(400, order);
            cheap.truncate(400);
        }
        cheap.sort_by(order);
        self.cheap = cheap.into_iter().map(|(_, person, offer)| (person, offer)).collect();
    }

    /// Takes enrolments away until every budget holds.
    fn afford(&mut self) {
        let mut all: Vec<(f64, u32, u32)> = Vec::new();
        for person in 0..self.model.people {
            for offer in self.state.set(person) {
                let price = self.model.price_f[offer as usize];
                if price > 0.0 {
                    all.push((self.loss(person, offer) / price, person as u32, offer));
                }
            }
        }
        all.sort_by(|one, other| one.0.total_cmp(&other.0).then((one.1, one.2).cmp(&(other.1, other.2))));
        let model = self.model;
        let over = |budget: Option<i64>, spent: i64| budget.is_some_and(|budget| spent > budget);
        for (_, person, offer) in all {
            let at = offer as usize;
            let source = model.source[at];
            if over(model.budget, self.state.spent)
                || source != NONE
                    && over(model.sources[source as usize], self.state.of_source[source as usize])
                || !self.state.unit_holds(model, person as usize)
            {
                let rest: Vec<u32> = self.state.set(person as usize).filter(|one| *one != offer).collect();
                self.state.assign(model, person as usize, &rest);
            }
        }
        // What is left are classes that cost something to open: those with fewest people for it go.
        let mut open: Vec<usize> = (0..model.offers)
            .filter(|offer| model.fixed[*offer] > 0 && !self.state.members[*offer].is_empty())
            .collect();
        open.sort_by(|one, other| {
            let cost = |offer: usize| model.fixed_f[offer] / self.state.members[offer].len().max(1) as f64;
            cost(*other).total_cmp(&cost(*one)).then(one.cmp(other))
        });
        for offer in open {
            let source = model.source[offer];
            if over(model.budget, self.state.spent)
                || source != NONE
                    && over(model.sources[source as usize], self.state.of_source[source as usize])
            {
                self.close(offer);
            }
        }
    }

    /// Adds what still fits, however little it is worth, the most value for its price first; by `opening` classes where that is paid
    /// for, or in those that run or cost nothing to open.
    fn fill(&mut self, opening: bool) {
        let model = self.model;
        loop {
            let mut all: Vec<(f64, u32, u32)> = Vec::new();
            for person in 0..model.people {
                if self.state.busy(person) >= model.room[person] as usize {
                    continue;
                }
                for place in model.candidates(person) {
                    let offer = model.offer[place];
                    if self.fits(person, offer, opening) {
                        let adds = self.adds(person, offer);
                        if adds > 0.0 {
                            all.push((adds / model.price_f[offer as usize].max(1.0), person as u32, offer));
                        }
                    }
                }
            }
            all.sort_by(|one, other| other.0.total_cmp(&one.0).then((one.1, one.2).cmp(&(other.1, other.2))));
            let mut added = false;
            for (_, person, offer) in all {
                if self.fits(person as usize, offer, opening) && self.adds(person as usize, offer) > 0.0 {
                    let mut set: Vec<u32> = self.state.set(person as usize).collect();
                    set.push(offer);
                    self.state.assign(model, person as usize, &set);
                    added = true;
                }
            }
            if !added {
                return;
            }
        }
    }

    fn adds(&self, person: usize, offer: u32) -> f64 {
        let mut set: Vec<u32> = self.state.set(person).collect();
        set.push(offer);
        let bonus = self.bonus(person);
        Self::counts(self.model.value(person, &set), bonus) - Self::counts(self.state.worth[person], bonus)
    }

    /// Whether `offer` can be added to what a person has, in a class that runs or may be opened.
    fn fits(&self, person: usize, offer: u32, opening: bool) -> bool {
        let (model, at) = (self.model, offer as usize);
        let opens = self.state.runs(model, at)
            || model.min[at] <= 1 && (opening || self.doors[at] != Door::Closed && model.fixed[at] == 0);
        let jp: i64 = self.state.set(person).map(|one| model.jp[one as usize]).sum();
        opens
            && !self.state.has(person, offer)
            && self.state.free(model, at) > 0
            && self.state.busy(person) < model.room[person] as usize
            && jp + model.jp[at] <= model.jp_room[person]
            && self.state.set(person).all(|one| !model.clash(one as usize, at))
            && self.state.can_pay(model, person, at)
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

    /// For a full class: who could go where, and what that loses. Those that lose least at the prices of the bound are kept.
    fn find_ways(&mut self, offer: usize) {
        let model = self.model;
        let mut ways = std::mem::take(&mut self.ways[offer]);
        ways.clear();
        if self.state.free(model, offer) <= 0 {
            let mut best = std::mem::take(&mut self.scratch);
            let mut met: Vec<u32> = Vec::new();
            let mut leaves = (f64::INFINITY, 0);
            for at in 0..self.state.members[offer].len() {
                let who = self.state.members[offer][at];
                let person = who as usize;
                let mut set: Vec<u32> = self.state.set(person).filter(|one| *one as usize != offer).collect();
                let merit = self.merit(person);
                let bonus = self.bonus(person);
                let unit = self.unit_rate(person);
                let money = |one: u32| (self.rate[one as usize] + unit) * model.price_f[one as usize];
                let kept: f64 = set.iter().map(|one| money(*one)).sum();
                let loses = merit - (Self::counts(model.value(person, &set), bonus) - kept);
                if loses < leaves.0 {
                    leaves = (loses, who);
                }
                let jp = model.jp_room[person] - set.iter().map(|one| model.jp[*one as usize]).sum::<i64>();
                set.push(NONE);
                let last = set.len() - 1;
                for place in model.candidates(person) {
                    let other = model.offer[place];
                    let to = other as usize;
                    if to == offer
                        || self.doors[to] == Door::Closed
                        || model.jp[to] > jp
                        || !self.state.runs(model, to) && (model.fixed[to] > 0 || model.min[to] > 1)
                        || set[..last].iter().any(|one| *one == other || model.clash(*one as usize, to))
                    {
                        continue;
                    }
                    set[last] = other;
                    let worth = if last == 0 { model.gain[place] } else { model.value(person, &set) };
                    let loses = merit - (Self::counts(worth, bonus) - kept - money(other));
                    if loses < best[to].0 {
                        if best[to].0 == f64::INFINITY {
                            met.push(other);
                        }
                        best[to] = (loses, who);
                    }
                }
            }
            if leaves.0 < f64::INFINITY {
                ways.push(Way { to: NONE, loses: leaves.0, who: leaves.1 });
            }
            for to in met {
                let (loses, who) = std::mem::replace(&mut best[to as usize], (f64::INFINITY, 0));
                ways.push(Way { to, loses, who });
            }
            self.scratch = best;
            let price = |way: &Way| {
                let full = way.to != NONE && self.state.free(model, way.to as usize) <= 0;
                way.loses
                    + if full { self.prices.seat[self.lots.start[way.to as usize]].max(0.0) } else { 0.0 }
            };
            if ways.len() > WAYS {
                ways.sort_by(|one, other| price(one).total_cmp(&price(other)).then(one.to.cmp(&other.to)));
                ways.truncate(WAYS);
            }
        }
        self.ways[offer] = ways;
    }

    /// What freeing a seat loses in each class, and the way that is found by: who leaves, and for which class, where the same
    /// is asked again.
    fn count_tolls(&mut self) {
        let model = self.model;
        for offer in 0..model.offers {
            let full = self.state.free(model, offer) <= 0;
            self.toll[offer] = if full { f64::INFINITY } else { 0.0 };
            self.next[offer] = None;
        }
        for _round in 0..30 {
            let mut moved = false;
            for (from, ways) in self.ways.iter().enumerate() {
                let before = self.toll[from];
                let mut least = before;
                for way in ways {
                    let through = way.loses + if way.to == NONE { 0.0 } else { self.toll[way.to as usize] };
                    if through < least - BETTER {
                        least = through;
                        self.next[from] = Some((way.who, way.to));
                    }
                }
                if least < before {
                    self.toll[from] = least;
                    moved = true;
                }
            }
            if !moved {
                return;
            }
        }
    }

    /// Where ways lead in a circle, everybody on it moves at once: nobody needs a free seat.
    fn turn_circles(&mut self, budget: &Budget<'_>, until: f64) -> usize {
        let mut turned = 0;
        loop {
            self.count_tolls();
            let circles = self.circles();
            if circles.is_empty() || (budget.used)() >= until {
                return turned;
            }
            for circle in circles {
                let mut move_ = Move { delta: 0.0, moved: Vec::new(), full: Vec::new() };
                let mut done = true;
                for from in &circle {
                    let Some((who, to)) = self.next[*from as usize] else { continue };
                    done = done && !move_.moved.contains(&who) && self.transfer(&mut move_, who, *from, to);
                }
                done = done
                    && self.follow_ways(&mut move_)
                    && self.make_money(&mut move_, 8)
                    && move_.delta > BETTER
                    && self.filled();
                if done {
                    self.accept();
                    turned += 1;
                } else {
                    self.state.back(self.model);
                    // It leads nowhere: one of its ways is forgotten.
                    if let Some((from, (_, to))) =
                        circle.first().and_then(|from| Some((*from, self.next[*from as usize]?)))
                    {
                        self.ways[from as usize].retain(|way| way.to != to);
                    }
                }
            }
        }
    }

    /// Circles the ways lead in.
    fn circles(&self) -> Vec<Vec<u32>> {
        let mut seen = vec![0_u32; self.model.offers];
        let mut circles = Vec::new();
        for start in 0..self.model.offers {
            let walk = start as u32 + 1;
            let mut at = start as u32;
            while seen[at as usize] == 0 {
                seen[at as usize] = walk;
                match self.next[at as usize] {
                    Some((_, to)) if to != NONE => at = to,
                    _ => break,
                }
            }
            if seen[at as usize] == walk && self.next[at as usize].is_some_and(|(_, to)| to != NONE) {
                let mut circle = vec![at];
                let mut on = at;
                while let Some((_, to)) = self.next[on as usize] {
                    if to == NONE || to == at || circle.len() > self.model.offers {
                        break;
                    }
                    circle.push(to);
                    on = to;
                }
                if self.next[on as usize].is_some_and(|(_, to)| to == at) {
                    circles.push(circle);
                }
            }
        }
        circles
    }

    /// Keeps what was changed, and finds the ways anew where it was.
    fn accept(&mut self) {
        let mut touched: Vec<u32> = self.state.left().collect();
        touched.extend(self.state.changes().flat_map(|person| self.state.set(person)));
        touched.sort_unstable();
        touched.dedup();
        self.state.keep();
        for offer in touched {
            self.find_ways(offer as usize);
        }
    }

    /// One person goes from a class to another, or out.
    fn transfer(&mut self, move_: &mut Move, who: u32, from: u32, to: u32) -> bool {
        let (model, person) = (self.model, who as usize);
        if !self.state.has(person, from) {
            return false;
        }
        let mut set: Vec<u32> = self.state.set(person).filter(|one| *one != from).collect();
        if to != NONE {
            let jp: i64 = set.iter().map(|one| model.jp[*one as usize]).sum();
            if set.iter().any(|one| *one == to || model.clash(*one as usize, to as usize))
                || jp + model.jp[to as usize] > model.jp_room[person]
            {
                return false;
            }
            set.push(to);
        }
        self.step(move_, person, &set);
        true
    }

    fn prepare_ways(&mut self) {
        let offers = self.model.offers;
        self.scratch = vec![(f64::INFINITY, 0); offers];
        self.toll = vec![0.0; offers];
        self.next = vec![None; offers];
        self.ways = (0..offers).map(|_| Vec::new()).collect();
        for offer in 0..offers {
            self.find_ways(offer);
        }
        self.count_tolls();
        self.list_cheap();
    }

    /// Everybody who would gain by it gets a seat along the ways that lose least; how many did.
    pub(crate) fn reroute(&mut self, budget: &Budget<'_>, until: f64) -> usize {
        let model = self.model;
        self.prepare_ways();
        self.turned = self.turn_circles(budget, until);
        let mut order: Vec<(f64, usize)> = (0..model.people)
            .filter(|person| !model.candidates(*person).is_empty())
            .map(|person| (self.best(person, Seats::Tolled, NONE) - self.merit(person), person))
            .filter(|(more, _)| *more > BETTER)
            .collect();
        order.sort_by(|one, other| other.0.total_cmp(&one.0).then(one.1.cmp(&other.1)));
        let mut better = 0;
        for (nth, (_, person)) in order.into_iter().enumerate() {
            if nth % 64 == 0 && (budget.used)() >= until {
                break;
            }
            let more = self.best(person, Seats::Tolled, NONE) - self.merit(person);
            if more <= BETTER {
                continue;
            }
            let wanted = self.oracle.chosen.clone();
            if self.travel(person, &wanted, budget, until) {
                better += 1;
                if better % 50 == 0 {
                    self.list_cheap();
                }
            }
        }
        better + self.turned
    }

    fn travel(&mut self, person: usize, wanted: &[u32], budget: &Budget<'_>, until: f64) -> bool {
        let mut move_ = Move { delta: 0.0, moved: Vec::new(), full: Vec::new() };
        self.step(&mut move_, person, wanted);
        if !self.state.changed() {
            return false;
        }
        let done = self.follow_ways(&mut move_) && self.make_money(&mut move_, 8);
        if done && move_.delta > BETTER && self.filled() {
            self.accept();
            // Finding all tolls anew takes longer the more classes there are; what is out of date fails and is taken back.
            self.stale += 1;
            if self.stale > self.model.offers / 200 {
                self.stale = 0;
                self.turned += self.turn_circles(budget, until);
            }
            return true;
        }
        self.state.back(self.model);
        false
    }

    fn follow_ways(&mut self, move_: &mut Move) -> bool {
        let model = self.model;
        while let Some(offer) = move_.full.pop() {
            if self.state.free(model, offer as usize) >= 0 {
                continue;
            }
            let Some((who, to)) = self.next[offer as usize] else { return false };
            if move_.moved.contains(&who) || !self.transfer(move_, who, offer, to) {
                return false;
            }
        }
        true
    }
}
