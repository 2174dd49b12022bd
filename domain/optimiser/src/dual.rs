//! The upper bound: money and seats are sold at prices, each person chooses best by themself, each class decides whether it
//! pays, and the total is never below the best plan. The prices are those at which the total is lowest, as far as found.
//!
//! The seats of a class with a fixed price are sold in several lots, by how much their candidates gain: otherwise a class that
//! is half full would pay half its fixed price.
#![expect(
    clippy::indexing_slicing,
    clippy::as_conversions,
    reason = "places are those of the model; counts are far below 2^53"
)]

use crate::Budget;
use crate::model::{Model, NONE};
use crate::oracle::Oracle;
use crate::parallel::in_parts;

/// People in a part of the work.
const PART: usize = 256;

/// Whether a class is decided upon.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Door {
    Free,
    Open,
    Closed,
}

/// Prices, each in value: per rupiah, per person served, per seat.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Prices {
    pub(crate) budget: f64,
    pub(crate) source: Vec<f64>,
    pub(crate) unit: Vec<f64>,
    pub(crate) floor: Vec<f64>,
    /// By lot.
    pub(crate) seat: Vec<f64>,
}

/// Lots of seats: the candidates of an offer in groups.
#[derive(Clone)]
pub(crate) struct Lots {
    /// Lot of each candidate.
    pub(crate) of: Vec<u32>,
    /// Lots of offer `o` are `start[o]..start[o + 1]`.
    pub(crate) start: Vec<usize>,
    pub(crate) offer: Vec<u32>,
    /// The most seats that can be sold in it.
    pub(crate) most: Vec<u32>,
}

impl Lots {
    /// One for each offer.
    pub(crate) fn whole(model: &Model) -> Self {
        let mut most = vec![0_u32; model.offers];
        for offer in &model.offer {
            most[*offer as usize] += 1;
        }
        for (most, seats) in most.iter_mut().zip(&model.seats) {
            *most = (*most).min(*seats);
        }
        Self {
            of: model.offer.clone(),
            start: (0..=model.offers).collect(),
            offer: (0..model.offers as u32).collect(),
            most,
        }
    }
}

/// What the people and classes do at some prices.
#[derive(Clone, Debug, Default)]
struct Reply {
    /// The total: an upper bound.
    total: f64,
    /// Left over (or, negative, short) of everything that has a price, in the order of [`Dual::flat`].
    left: Vec<f64>,
    /// Which classes open.
    open: Vec<bool>,
}

#[derive(Default)]
struct Hand {
    oracle: Oracle,
    sold: Vec<u32>,
    /// Everybody may want what only some can have.
    spent: Vec<i128>,
    served: Vec<u32>,
}

/// See the module.
pub(crate) struct Dual<'a> {
    model: &'a Model,
    pub(crate) lots: Lots,
    pub(crate) doors: Vec<Door>,
    hands: Vec<Hand>,
    /// The best prices and their total.
    pub(crate) prices: Prices,
    pub(crate) total: f64,
    /// Averages over the replies: what is left over, and how far each class is open.
    left: Vec<f64>,
    pub(crate) ajar: Vec<f64>,
    /// How far the next step aims below the best total, as a part of it.
    ambition: f64,
    idle: u32,
    /// One of so many people is asked; the others are thought to be like them.
    stride: usize,
}

impl<'a> Dual<'a> {
    pub(crate) fn new(model: &'a Model, threads: usize) -> Self {
        let lots = Lots::whole(model);
        let seat = vec![0.0; lots.offer.len()];
        let prices = Prices {
            budget: 0.0,
            source: vec![0.0; model.sources.len()],
            unit: vec![0.0; model.units.len()],
            floor: vec![0.0; model.floors.len()],
            seat,
        };
        Self {
            model,
            lots,
            doors: vec![Door::Free; model.offers],
            hands: (0..threads.max(1)).map(|_| Hand::default()).collect(),
            prices,
            total: f64::INFINITY,
            left: Vec::new(),
            ajar: Vec::new(),
            ambition: 0.05,
            idle: 0,
            stride: 1,
        }
    }

    /// What a rupiah of an offer's source costs.
    pub(crate) fn money(model: &Model, prices: &Prices, offer: usize) -> f64 {
        let source = model.source[offer];
        prices.budget + if source == NONE { 0.0 } else { prices.source[source as usize] }
    }

    /// The total at `prices`.
    fn ask(&mut self, prices: &Prices) -> Reply {
        let model = self.model;
        let lots = &self.lots;
        let mut base = vec![0.0; lots.offer.len()];
        for (lot, offer) in lots.offer.iter().enumerate() {
            let offer = *offer as usize;
            base[lot] = match self.doors[offer] {
                Door::Closed => f64::INFINITY,
                _ => (Self::money(model, prices, offer) * model.price_f[offer] + prices.seat[lot]).max(0.0),
            };
        }
        for hand in &mut self.hands {
            hand.sold.clear();
            hand.sold.resize(lots.offer.len(), 0);
            hand.spent.clear();
            hand.spent.resize(model.units.len(), 0);
            hand.served.clear();
            hand.served.resize(model.floors.len(), 0);
        }
        let stride = self.stride;
        let sums = in_parts(&mut self.hands, model.people.div_ceil(PART), |hand, part| {
            let mut sum = 0.0;
            let people = part * PART..((part + 1) * PART).min(model.people);
            for person in people.filter(|person| person % stride == 0) {
                sum += Self::person(model, lots, prices, &base, hand, person);
            }
            sum
        });
        let mut reply = Reply { total: sums.iter().sum(), left: Vec::new(), open: vec![false; model.offers] };
        self.settle(prices, &mut reply);
        reply
    }

    fn person(
        model: &Model,
        lots: &Lots,
        prices: &Prices,
        base: &[f64],
        hand: &mut Hand,
        person: usize,
    ) -> f64 {
        let unit = model.unit[person];
        let rate = if unit == NONE { 0.0 } else { prices.unit[unit as usize] };
        let floors = model.floors_of.get(person).map_or(&[][..], Vec::as_slice);
        let bonus = if floors.is_empty() || model.served[person] {
            0.0
        } else {
            floors.iter().map(|floor| prices.floor[*floor as usize]).sum()
        };
        let profit = if rate == 0.0 {
            hand.oracle.solve(model, person, bonus, |place, _| base[lots.of[place] as usize])
        } else {
            hand.oracle.solve(model, person, bonus, |place, offer| {
                base[lots.of[place] as usize] + rate * model.price_f[offer as usize]
            })
        };
        for offer in &hand.oracle.chosen {
            if let Some(place) = model.find(person, *offer) {
                hand.sold[lots.of[place] as usize] += 1;
            }
            if unit != NONE {
                hand.spent[unit as usize] += i128::from(model.price[*offer as usize]);
            }
        }
        if !hand.oracle.chosen.is_empty() && !model.served[person] {
            for floor in floors {
                hand.served[*floor as usize] += 1;
            }
        }
        profit
    }

    /// The classes' side: which open, what they earn, and what is left of everything. Where a part of the people was asked, a part
    /// of everything is there for them.
    fn settle(&mut self, prices: &Prices, reply: &mut Reply) {
        let model = self.model;
        let lots = &self.lots;
        let part = 1.0 / self.stride as f64;
        let mut sold: Vec<f64> = vec![0.0; lots.offer.len()];
        for hand in &self.hands {
            for (all, sold) in sold.iter_mut().zip(&hand.sold) {
                *all += f64::from(*sold);
            }
        }
        let mut spent = 0.0;
        let mut of_source = vec![0.0; model.sources.len()];
        let mut seats = Vec::with_capacity(lots.offer.len());
        let mut order: Vec<usize> = Vec::new();
        let mut taken: Vec<f64> = Vec::new();
        for offer in 0..model.offers {
            let range = lots.start[offer]..lots.start[offer + 1];
            let heads: f64 = sold[range.clone()].iter().sum();
            let money = Self::money(model, prices, offer);
            let mut cost = heads * model.price_f[offer];
            taken.clear();
            taken.resize(range.len(), 0.0);
            if self.doors[offer] != Door::Closed {
                order.clear();
                order.extend(range.clone());
                if order.len() > 1 {
                    order.sort_unstable_by(|one, other| {
                        prices.seat[*other].total_cmp(&prices.seat[*one]).then(one.cmp(other))
                    });
                }
                let (mut left, mut missing) =
                    (f64::from(model.seats[offer]) * part, f64::from(model.min[offer]) * part);
                let mut earns = -money * model.fixed_f[offer] * part;
                for lot in &order {
                    let price = prices.seat[*lot];
                    if price <= 0.0 && missing <= 0.0 || left <= 0.0 {
                        break;
                    }
                    let most = (f64::from(lots.most[*lot]) * part).min(left);
                    let many = if price > 0.0 { most } else { most.min(missing) };
                    taken[*lot - range.start] = many;
                    left -= many;
                    missing = (missing - many).max(0.0);
                    earns += price * many;
                }
                // Who has nothing to learn may still fill a class, at the price of a seat.
                let fill = missing * model.price_f[offer];
                earns -= money * fill;
                let opens = earns > 0.0 || self.doors[offer] == Door::Open || model.open[offer];
                if opens {
                    reply.open[offer] = true;
                    reply.total += earns;
                    cost += model.fixed_f[offer] * part + fill;
                } else {
                    taken.iter_mut().for_each(|many| *many = 0.0);
                }
            }
            for lot in range.clone() {
                seats.push(taken[lot - range.start] - sold[lot]);
            }
            spent += cost;
            if model.source[offer] != NONE {
                of_source[model.source[offer] as usize] += cost;
            }
        }
        let mut sell = |budget: Option<i64>, price: f64, spent: f64| match budget {
            Some(budget) => {
                reply.total += price * budget as f64 * part;
                reply.left.push(budget as f64 * part - spent);
            }
            None => reply.left.push(0.0),
        };
        sell(model.budget, prices.budget, spent);
        for ((budget, price), spent) in model.sources.iter().zip(&prices.source).zip(of_source) {
            sell(*budget, *price, spent);
        }
        for (unit, (budget, price)) in model.units.iter().zip(&prices.unit).enumerate() {
            let spent: i128 = self.hands.iter().map(|hand| hand.spent[unit]).sum();
            sell(*budget, *price, spent as f64);
        }
        for (floor, (least, price)) in model.floors.iter().zip(&prices.floor).enumerate() {
            let served: u32 = self.hands.iter().map(|hand| hand.served[floor]).sum();
            let least = *least as f64 * part;
            reply.total -= price * least;
            reply.left.push(f64::from(served) - least);
        }
        reply.left.extend(seats);
    }

    /// How much a price moves for what is short by all there is of it.
    fn scales(&self) -> Vec<f64> {
        let model = self.model;
        let candidates = model.gain.len().max(1) as f64;
        let value = model.gain.iter().sum::<f64>() / candidates;
        let price = model.offer.iter().map(|offer| model.price_f[*offer as usize]).sum::<f64>() / candidates;
        let price = price.max(1.0);
        let money =
            |budget: &Option<i64>| budget.map_or(0.0, |budget| value / price / (budget as f64).max(price));
        let mut scales = vec![money(&model.budget)];
        scales.extend(model.sources.iter().map(money));
        scales.extend(model.units.iter().map(money));
        scales.extend(model.floors.iter().map(|least| value / (*least as f64).max(1.0)));
        scales.extend(self.lots.most.iter().map(|most| value / f64::from((*most).max(1))));
        scales
    }

    /// `prices` less `by`, as far as prices may go.
    fn moved(&self, by: impl Fn(usize) -> f64) -> Prices {
        let model = self.model;
        let mut prices = self.prices.clone();
        let mut at = 0;
        let mut shift = |price: &mut f64| {
            *price = (*price - by(at)).max(0.0);
            at += 1;
        };
        shift(&mut prices.budget);
        prices.source.iter_mut().for_each(&mut shift);
        prices.unit.iter_mut().for_each(&mut shift);
        prices.floor.iter_mut().for_each(&mut shift);
        for (lot, offer) in self.lots.offer.iter().enumerate() {
            let offer = *offer as usize;
            // A class that needs people may pay for them, but never more than their seat costs: else anybody would come.
            let least = if model.min[offer] > 0 {
                -Self::money(model, &prices, offer) * model.price_f[offer]
            } else {
                0.0
            };
            prices.seat[lot] = (prices.seat[lot] - by(at)).max(least);
            at += 1;
        }
        prices
    }

    /// Lowers the bound: at most `rounds` rounds, or until it hardly moves, or the budget's `until` is used up.
    pub(crate) fn lower(&mut self, budget: &Budget<'_>, rounds: usize, until: f64) {
        let scales = self.scales();
        if self.left.len() != scales.len() {
            let reply = self.ask(&self.prices.clone());
            self.total = reply.total;
            self.left = reply.left;
            self.ajar = reply.open.iter().map(|open| f64::from(u8::from(*open))).collect();
        }
        let mut blend = 0.2;
        for _round in 0..rounds {
            if (budget.used)() >= until || self.ambition < 2e-6 {
                return;
            }
            let length: f64 = self.left.iter().zip(&scales).map(|(left, scale)| left * left * scale).sum();
            if length <= 0.0 {
                return;
            }
            let step = self.ambition * self.total.abs().max(1e-9) / length;
            let prices = self.moved(|at| step * self.left[at] * scales[at]);
            let reply = self.ask(&prices);
            let along: f64 = reply
                .left
                .iter()
                .zip(&self.left)
                .zip(&scales)
                .map(|((new, old), scale)| new * old * scale)
                .sum();
            if reply.total < self.total {
                self.idle = 0;
                if along > 0.0 {
                    self.ambition = (self.ambition * 1.2).min(0.2);
                }
                self.total = reply.total;
                self.prices = prices;
            } else {
                self.idle += 1;
                if self.idle >= 8 {
                    self.idle = 0;
                    self.ambition *= 0.6;
                    blend = (blend * 0.9_f64).max(0.03);
                }
            }
            for (old, new) in self.left.iter_mut().zip(&reply.left) {
                *old += blend * (new - *old);
            }
            for (old, new) in self.ajar.iter_mut().zip(&reply.open) {
                *old += blend * (f64::from(u8::from(*new)) - *old);
            }
        }
    }

    /// Begins anew at the best prices: what was decided has changed.
    pub(crate) fn restart(&mut self) {
        self.left.clear();
        self.ambition = 0.01;
        self.idle = 0;
    }

    /// Begins with `prices` that were found with other floors, those of the floors left out where that is better.
    pub(crate) fn begin(&mut self, prices: Prices, lots: Lots) {
        self.lots = lots;
        let bare = Prices { floor: vec![0.0; prices.floor.len()], ..prices.clone() };
        let better = self.ask(&prices).total < self.ask(&bare).total;
        self.prices = if better { prices } else { bare };
        self.restart();
    }

    /// The total at the best prices with no class decided upon.
    pub(crate) fn undecided(&mut self) -> f64 {
        let doors = std::mem::replace(&mut self.doors, vec![Door::Free; self.model.offers]);
        let reply = self.ask(&self.prices.clone());
        self.doors = doors;
        reply.total
    }

    /// Finds prices by asking one of `stride` people. The total is then no bound of anything.
    pub(crate) fn sample(&mut self, budget: &Budget<'_>, stride: usize, rounds: usize, until: f64) {
        self.stride = stride;
        self.restart();
        self.ambition = 0.05;
        self.lower(budget, rounds, until);
        self.stride = 1;
        self.restart();
        self.total = f64::INFINITY;
    }

    /// Sells the seats of classes with a fixed price or a minimum in finer lots, by how much the candidates gain from a seat at the
    /// present prices: one for each candidate, or as fine as `most` lots in all allow.
    pub(crate) fn split(&mut self, most: usize) {
        let model = self.model;
        let split: Vec<bool> = (0..model.offers)
            .map(|offer| {
                self.doors[offer] == Door::Free
                    && !model.open[offer]
                    && (model.fixed[offer] > 0 || model.min[offer] > 1)
                    && self.ajar.get(offer).is_none_or(|ajar| *ajar > 0.005 && *ajar < 0.995)
            })
            .collect();
        let gains = self.gains(&split);
        let wanting = gains.iter().filter(|gain| **gain > 1e-9).count();
        let size = wanting.div_ceil(most.max(1)).max(1);
        let mut by_offer: Vec<Vec<(f64, u32)>> = vec![Vec::new(); model.offers];
        for (place, offer) in model.offer.iter().enumerate() {
            by_offer[*offer as usize].push((gains[place], place as u32));
        }
        let mut lots =
            Lots { of: vec![0; model.offer.len()], start: vec![0], offer: Vec::new(), most: Vec::new() };
        let mut seat = Vec::new();
        for (offer, mut candidates) in by_offer.into_iter().enumerate() {
            candidates.sort_by(|one, other| other.0.total_cmp(&one.0).then(one.1.cmp(&other.1)));
            let wanting = candidates.partition_point(|(gain, _)| *gain > 1e-9);
            let mut from = 0;
            while from < candidates.len() || from == 0 {
                let many = if !split[offer] {
                    candidates.len()
                } else if from < wanting {
                    size.min(wanting - from)
                } else {
                    candidates.len() - from
                };
                let lot = lots.offer.len() as u32;
                lots.offer.push(offer as u32);
                lots.most.push((many as u32).min(model.seats[offer]));
                let mut price = 0.0;
                for (_, place) in &candidates[from..from + many] {
                    price += self.prices.seat[self.lots.of[*place as usize] as usize];
                    lots.of[*place as usize] = lot;
                }
                seat.push(if many == 0 { 0.0 } else { price / many as f64 });
                from += many.max(1);
            }
            lots.start.push(lots.offer.len());
        }
        self.lots = lots;
        self.prices.seat = seat;
        self.left.clear();
        self.ambition = 0.01;
        self.idle = 0;
    }

    /// What a free seat in each of the `wanted` classes would add to its candidates at the present prices; zero for others.
    fn gains(&mut self, wanted: &[bool]) -> Vec<f64> {
        let model = self.model;
        let (lots, prices, doors) = (&self.lots, &self.prices, &self.doors);
        let money: Vec<f64> = (0..model.offers).map(|offer| Self::money(model, prices, offer)).collect();
        let parts = in_parts(&mut self.hands, model.people.div_ceil(PART), |hand, part| {
            let people = part * PART..((part + 1) * PART).min(model.people);
            let mut gains = Vec::new();
            for person in people {
                let unit = model.unit[person];
                let rate = if unit == NONE { 0.0 } else { prices.unit[unit as usize] };
                for place in model.candidates(person) {
                    let offer = model.offer[place];
                    if !wanted[offer as usize] {
                        gains.push(0.0);
                        continue;
                    }
                    let mut profit = |of_it: f64| {
                        hand.oracle.solve(model, person, 0.0, |place, other| {
                            let at = other as usize;
                            if other == offer {
                                return of_it;
                            }
                            if doors[at] == Door::Closed {
                                return f64::INFINITY;
                            }
                            let seat = prices.seat[lots.of[place] as usize];
                            (money[at] * model.price_f[at] + seat).max(0.0) + rate * model.price_f[at]
                        })
                    };
                    let at = offer as usize;
                    let with = profit((money[at] + rate) * model.price_f[at]);
                    gains.push(with - profit(f64::INFINITY));
                }
            }
            gains
        });
        parts.concat()
    }
}
