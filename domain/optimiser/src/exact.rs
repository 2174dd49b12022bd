//! Small instances to the end: classes are decided upon one after the other, each time with the bound that remains, and where all
//! are decided people choose one after the other, as long as what is lost against the bound may still be made good.
#![expect(
    clippy::indexing_slicing,
    clippy::as_conversions,
    reason = "places are those of the model; counts are far below 2^53"
)]

use crate::Budget;
use crate::dual::{Door, Dual, Lots, Prices};
use crate::instance::Instance;
use crate::model::{Model, NONE};

/// Differences below this part of the value are none.
pub(crate) const TOLERANCE: f64 = 1e-9;
/// People and offers up to which it is tried, choices of one person, and steps in all.
const PEOPLE: usize = 80;
const OFFERS: usize = 24;
const CHOICES: usize = 3_000;
const STEPS: u64 = 4_000_000;
const NODES: u32 = 4_000;

/// What a person may choose.
struct Choice {
    offers: Vec<u32>,
    value: f64,
    /// What it loses against the person's best at the prices.
    loss: f64,
}

/// See the module.
pub(crate) struct Exact<'a> {
    instance: &'a Instance,
    model: &'a Model,
    dual: Dual<'a>,
    best: f64,
    found: Option<Vec<Vec<u32>>>,
    steps: u64,
    nodes: u32,
    /// The highest bound of what was not searched to the end.
    open: f64,
}

/// How far the search came.
pub(crate) struct Outcome {
    /// A better plan than the one known, if there is one.
    pub(crate) plan: Option<Vec<Vec<u32>>>,
    /// No plan is better than this, and than the best known.
    pub(crate) bound: f64,
}

/// Whether it is tried at all.
pub(crate) const fn is_small(model: &Model) -> bool {
    model.people <= PEOPLE && model.offers <= OFFERS
}

/// Searches for a plan above `best`; `None` where the instance is too big for it.
pub(crate) fn search(instance: &Instance, model: &Model, budget: &Budget<'_>, best: f64) -> Option<Outcome> {
    if !is_small(model) {
        return None;
    }
    let mut dual = Dual::new(model, 1);
    dual.lower(budget, 400, 1.0);
    let mut exact =
        Exact { instance, model, dual, best, found: None, steps: 0, nodes: 0, open: f64::NEG_INFINITY };
    exact.decide(budget);
    Some(Outcome { plan: exact.found, bound: exact.open })
}

impl Exact<'_> {
    fn enough(&self) -> f64 {
        self.best + TOLERANCE * self.best.abs().max(1.0)
    }

    /// Branches on the class that is least clear.
    fn decide(&mut self, budget: &Budget<'_>) {
        let total = self.dual.total;
        if total <= self.enough() {
            return;
        }
        self.nodes += 1;
        if (budget.used)() >= 1.0 || self.nodes > NODES || self.steps > STEPS {
            self.open = self.open.max(total);
            return;
        }
        let model = self.model;
        let undecided = (0..model.offers).filter(|offer| {
            self.dual.doors[*offer] == Door::Free
                && !model.open[*offer]
                && (model.fixed[*offer] > 0 || model.min[*offer] > 1)
        });
        let unclear = |offer: &usize| (self.dual.ajar[*offer] - 0.5).abs();
        let next = undecided.min_by(|one, other| unclear(one).total_cmp(&unclear(other)));
        let Some(offer) = next else {
            self.choose(budget);
            return;
        };
        let likely = self.dual.ajar[offer] >= 0.5;
        let prices = self.dual.prices.clone();
        let ajar = self.dual.ajar.clone();
        for open in [likely, !likely] {
            self.dual.doors[offer] = if open { Door::Open } else { Door::Closed };
            self.dual.prices = prices.clone();
            self.dual.restart();
            self.dual.lower(budget, 150, 1.0);
            self.dual.total = self.dual.total.min(total);
            self.decide(budget);
        }
        self.dual.doors[offer] = Door::Free;
        self.dual.prices = prices;
        self.dual.ajar = ajar;
        self.dual.total = total;
    }

    /// All classes are decided: people choose.
    fn choose(&mut self, budget: &Budget<'_>) {
        let total = self.dual.total;
        let prices = self.dual.prices.clone();
        let lots = self.dual.lots.clone();
        let mut choices = Vec::with_capacity(self.model.people);
        for person in 0..self.model.people {
            match self.choices(person, &prices, &lots) {
                Some(of_person) => choices.push(of_person),
                None => {
                    self.open = self.open.max(total);
                    return;
                }
            }
        }
        // Who has most to lose first.
        let spread = |all: &Vec<Choice>| all.get(1).map_or(f64::INFINITY, |second| second.loss);
        let mut order: Vec<usize> = (0..choices.len()).collect();
        order.sort_by(|one, other| {
            spread(&choices[*other]).total_cmp(&spread(&choices[*one])).then(one.cmp(other))
        });
        let mut walk = Walk {
            model: self.model,
            doors: self.dual.doors.clone(),
            choices: &choices,
            order: &order,
            picks: vec![0; choices.len()],
            heads: vec![0; self.model.offers],
            spent: 0,
            of_unit: vec![0; self.model.units.len()],
            of_source: vec![0; self.model.sources.len()],
            served: vec![0; self.model.floors.len()],
            best: self.best,
            found: None,
            steps: self.steps,
            stopped: false,
        };
        // Classes that are to be open are paid for at once, so the bound never has to ask.
        for offer in 0..self.model.offers {
            if walk.doors[offer] == Door::Open && !self.model.open[offer] {
                walk.pay(offer, self.model.fixed[offer]);
            }
        }
        if walk.affordable() {
            walk.descend(0, total, 0.0, budget);
        }
        self.steps = walk.steps;
        if walk.stopped {
            self.open = self.open.max(total);
        }
        if let Some(picks) = walk.found {
            self.best = walk.best;
            let sets = picks.iter().enumerate().map(|(person, pick)| choices[person][*pick].offers.clone());
            self.found = Some(sets.collect());
        }
    }

    /// Everything a person may choose that makes sense, what loses least first.
    fn choices(&self, person: usize, prices: &Prices, lots: &Lots) -> Option<Vec<Choice>> {
        let model = self.model;
        let open: Vec<u32> = (0..model.offers)
            .filter(|offer| {
                self.dual.doors[*offer] != Door::Closed
                    && model.may(self.instance, person, *offer)
                    && (model.min[*offer] > 0 || model.find(person, *offer as u32).is_some())
            })
            .map(|offer| offer as u32)
            .collect();
        let mut sets: Vec<Vec<u32>> = vec![Vec::new()];
        let mut at = 0;
        while at < sets.len() {
            let set = sets[at].clone();
            at += 1;
            if set.len() >= model.room[person] as usize {
                continue;
            }
            let jp: i64 = set.iter().map(|one| model.jp[*one as usize]).sum();
            for offer in open.iter().filter(|offer| set.last().is_none_or(|last| last < *offer)) {
                let to = *offer as usize;
                if jp + model.jp[to] <= model.jp_room[person]
                    && set.iter().all(|one| !model.clash(*one as usize, to))
                {
                    let mut more = set.clone();
                    more.push(*offer);
                    sets.push(more);
                }
            }
            if sets.len() > CHOICES {
                return None;
            }
        }
        let unit = model.unit[person];
        let rate = if unit == NONE { 0.0 } else { prices.unit[unit as usize] };
        let bonus: f64 = match model.floors_of.get(person) {
            Some(floors) if !model.served[person] => {
                floors.iter().map(|floor| prices.floor[*floor as usize]).sum()
            }
            _ => 0.0,
        };
        let mut choices: Vec<Choice> = sets
            .into_iter()
            .map(|offers| {
                let value = model.value(person, &offers);
                let cost: f64 = offers
                    .iter()
                    .map(|offer| {
                        let to = *offer as usize;
                        let money = Dual::money(model, prices, to);
                        // Who only fills a class is counted with the class, but for their unit's money.
                        match model.find(person, *offer) {
                            Some(place) => {
                                (money + rate) * model.price_f[to] + prices.seat[lots.of[place] as usize]
                            }
                            None => rate * model.price_f[to],
                        }
                    })
                    .sum();
                let bonus = if value > 0.0 { bonus } else { 0.0 };
                Choice { offers, value, loss: value + bonus - cost }
            })
            .collect();
        let top = choices.iter().map(|choice| choice.loss).fold(f64::NEG_INFINITY, f64::max);
        choices.iter_mut().for_each(|choice| choice.loss = top - choice.loss);
        choices.sort_by(|one, other| one.loss.total_cmp(&other.loss).then(one.offers.cmp(&other.offers)));
        Some(choices)
    }
}

/// People choosing one after the other.
struct Walk<'a> {
    model: &'a Model,
    doors: Vec<Door>,
    choices: &'a [Vec<Choice>],
    order: &'a [usize],
    picks: Vec<usize>,
    heads: Vec<u32>,
    spent: i64,
    of_unit: Vec<i64>,
    of_source: Vec<i64>,
    served: Vec<usize>,
    best: f64,
    found: Option<Vec<usize>>,
    steps: u64,
    stopped: bool,
}

impl Walk<'_> {
    fn pay(&mut self, offer: usize, cost: i64) {
        self.spent += cost;
        if self.model.source[offer] != NONE {
            self.of_source[self.model.source[offer] as usize] += cost;
        }
    }

    fn affordable(&self) -> bool {
        let within = |(budget, spent): (&Option<i64>, &i64)| budget.is_none_or(|budget| *spent <= budget);
        within((&self.model.budget, &self.spent))
            && self.model.sources.iter().zip(&self.of_source).all(within)
            && self.model.units.iter().zip(&self.of_unit).all(within)
    }

    fn put(&mut self, person: usize, pick: usize, sign: i64) {
        let model = self.model;
        let choices = self.choices;
        let choice = &choices[person][pick];
        for offer in &choice.offers {
            let at = *offer as usize;
            if sign > 0 {
                self.heads[at] += 1;
            } else {
                self.heads[at] -= 1;
            }
            self.pay(at, sign * model.price[at]);
            if model.unit[person] != NONE {
                self.of_unit[model.unit[person] as usize] += sign * model.price[at];
            }
        }
        if choice.value > 0.0 && !model.served[person] {
            for floor in model.floors_of.get(person).map_or(&[][..], Vec::as_slice) {
                let served = &mut self.served[*floor as usize];
                *served = if sign > 0 { *served + 1 } else { *served - 1 };
            }
        }
    }

    /// Whether too few are left for classes and floors that need them.
    fn hopeless(&self, left: usize) -> bool {
        let model = self.model;
        let must = |offer: usize| self.doors[offer] == Door::Open || model.open[offer];
        (0..model.offers)
            .any(|offer| must(offer) && self.heads[offer] as usize + left < model.min[offer] as usize)
            || model.floors.iter().zip(&self.served).any(|(least, served)| served + left < *least)
    }

    /// `bound` is what can still be reached: the bound of the whole less what the choices made lose.
    fn descend(&mut self, depth: usize, bound: f64, value: f64, budget: &Budget<'_>) {
        self.steps += 1;
        if self.steps > STEPS || self.steps.is_multiple_of(4096) && (budget.used)() >= 1.0 {
            self.stopped = true;
        }
        if self.stopped || self.hopeless(self.order.len() - depth) {
            return;
        }
        let Some(person) = self.order.get(depth).copied() else {
            if value > self.best + TOLERANCE * self.best.abs().max(1.0) {
                self.best = value;
                self.found = Some(self.picks.clone());
            }
            return;
        };
        let choices = self.choices;
        for (pick, choice) in choices[person].iter().enumerate() {
            let bound = bound - choice.loss;
            if bound <= self.best + TOLERANCE * self.best.abs().max(1.0) {
                return;
            }
            if choice
                .offers
                .iter()
                .any(|offer| self.heads[*offer as usize] >= self.model.seats[*offer as usize])
            {
                continue;
            }
            self.put(person, pick, 1);
            if self.affordable() {
                self.picks[person] = pick;
                self.descend(depth + 1, bound, value + choice.value, budget);
            }
            self.put(person, pick, -1);
        }
    }
}
