//! The lower bound: seats are sold at prices, everybody takes what is cheapest for them, each class opens where that pays, and
//! the total is never above what any plan costs. The prices are those at which the total is highest, as far as found.
//!
//! Who does not get there pays a fine: it is the price of the condition that no more people are left behind than in the plan.
#![expect(
    clippy::indexing_slicing,
    clippy::as_conversions,
    reason = "places are those of the market; counts are far below 2^53"
)]

use crate::Budget;
use crate::dual::Door;
use crate::hours::cover::{Clerk, Costs, money};
use crate::hours::market::{Group, Market};
use crate::parallel::in_parts;

/// Parts of a person.
const PARTS: u64 = 4096;
/// Groups in a part of the work.
const PART: usize = 64;

/// What is to be as little as possible.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Aim {
    /// How many people do not get there.
    Missing,
    /// Money, where at most so many do not get there.
    Money { missing: u64 },
}

/// All choices of each group, where they are few.
pub(crate) type Choices = Vec<Vec<Vec<u32>>>;

/// What people and classes do at some prices.
#[derive(Default)]
struct Reply {
    total: f64,
    /// The sum of everything in it, whatever its sign: what rounding is measured by.
    size: f64,
    /// Wanted beyond what is there, by class, and people who do not get there beyond those who need not.
    over: Vec<f64>,
    open: Vec<bool>,
    /// How much of each class is wanted, all of it at most.
    ajar: Vec<f64>,
}

#[derive(Default)]
struct Hand {
    clerk: Clerk,
    /// In parts of a person, so that sums do not depend on their order.
    heads: Vec<u64>,
}

/// See the module.
pub(crate) struct Bound<'a> {
    market: &'a Market<'a>,
    choices: Option<&'a Choices>,
    aim: Aim,
    price: Vec<f64>,
    fixed: Vec<f64>,
    /// What it costs those for whom it costs most, as long as there are seats.
    dearest: f64,
    pub(crate) doors: Vec<Door>,
    hands: Vec<Hand>,
    /// The best prices of seats, the fine, and their total.
    pub(crate) seat: Vec<f64>,
    pub(crate) fine: f64,
    pub(crate) total: f64,
    size: f64,
    /// Averages over the replies: what is wanted beyond what is there, and how far each class is open.
    over: Vec<f64>,
    pub(crate) ajar: Vec<f64>,
    stride: f64,
    blend: f64,
    /// Classes of a length that cost this much more than the one that is cheapest are thought to be taken as well, where a group has
    /// more people than that has seats: otherwise they would all ask for one. The total is not touched by it.
    near: f64,
}

impl<'a> Bound<'a> {
    pub(crate) fn new(
        market: &'a Market<'a>,
        choices: Option<&'a Choices>,
        aim: Aim,
        threads: usize,
    ) -> Self {
        let offers = market.offers();
        let counted = |list: &[i64]| -> Vec<f64> {
            list.iter().map(|rupiah| if aim == Aim::Missing { 0.0 } else { money(*rupiah) }).collect()
        };
        let mut bound = Self {
            market,
            choices,
            aim,
            price: counted(&market.price),
            fixed: counted(&market.fixed),
            dearest: 1.0,
            doors: vec![Door::Free; offers],
            hands: (0..threads.max(1)).map(|_| Hand::default()).collect(),
            seat: vec![0.0; offers],
            fine: 0.0,
            total: f64::NEG_INFINITY,
            size: 0.0,
            over: Vec::new(),
            ajar: Vec::new(),
            stride: 0.0,
            blend: 0.0,
            near: 0.0,
        };
        if aim != Aim::Missing {
            // Far above what anybody would cost.
            let costs = Costs::new(market, bound.price.clone());
            let mut clerk = Clerk::default();
            let dearest = market.groups.iter().map(|group| clerk.cheapest(market, &costs, group));
            let dearest = dearest.filter(|cost| cost.is_finite()).fold(0.0, f64::max);
            bound.dearest = dearest;
            bound.fine = 4.0 * dearest + bound.fixed.iter().copied().fold(0.0, f64::max) + 1.0;
        }
        bound.restart();
        bound
    }

    /// What `aim` may leave behind.
    pub(crate) fn aim(&mut self, aim: Aim) {
        if self.aim != aim {
            self.aim = aim;
            self.restart();
        }
    }

    /// Other doors, or another aim: what was found no longer holds, the prices are a beginning.
    pub(crate) fn restart(&mut self) {
        self.total = f64::NEG_INFINITY;
        self.over.clear();
        self.stride();
    }

    /// Long steps again.
    pub(crate) fn stride(&mut self) {
        self.stride = 0.4;
        self.blend = 0.15;
    }

    /// Sets what is thought to be as cheap, as a part of what it costs those for whom it costs most.
    pub(crate) fn near(&mut self, part: f64) {
        self.near = part * self.dearest;
    }

    /// Takes over what seats are worth in a plan, where that is better than what was found.
    pub(crate) fn learn(&mut self, worth: &[f64]) {
        let market = self.market;
        let seat = |offer: usize| {
            // Below its part of the fixed price a seat earns nothing.
            let least = self.fixed[offer] / f64::from(market.seats[offer].max(1));
            let worth = worth[offer];
            if worth.is_finite() { worth.min(self.fine).max(least) } else { self.fine }
        };
        let seat: Vec<f64> = (0..market.offers()).map(seat).collect();
        self.begin();
        let fine = self.fine;
        let reply = self.ask(&seat, fine);
        if reply.total > self.total {
            (self.total, self.size, self.over, self.seat) = (reply.total, reply.size, reply.over, seat);
            self.stride();
        }
    }

    /// Takes over what seats are worth where people compete for them: a part of the fine, which is so many times what it costs those
    /// for whom it costs most.
    pub(crate) fn scarce(&mut self, people: &Self, times: f64) {
        self.fine = times * self.dearest.max(1.0);
        self.seat = people.seat.iter().map(|seat| seat * self.fine).collect();
        self.restart();
    }

    /// No plan has less: whole people, or whole rupiah.
    pub(crate) fn floor(&self) -> i64 {
        let coin = self.coin();
        let floor = ((self.total - self.doubt()) / coin).ceil().max(0.0);
        if floor.is_finite() { (floor as i64).saturating_mul(coin as i64) } else { 0 }
    }

    /// What every plan has a whole number of.
    pub(crate) fn coin(&self) -> f64 {
        if self.aim == Aim::Missing { 1.0 } else { money(self.market.coin) }
    }

    /// By how much rounding may have made the total too high.
    pub(crate) fn doubt(&self) -> f64 {
        1e-6 + 1e-11 * self.size
    }

    /// What one who does not get there costs.
    pub(crate) fn penalty(&self) -> f64 {
        self.fine + if self.aim == Aim::Missing { 1.0 } else { 0.0 }
    }

    /// Whether a class earns its fixed price, where all seats are sold.
    pub(crate) fn pays(&self, offer: usize) -> bool {
        let earns = f64::from(self.market.seats[offer]) * self.seat[offer];
        earns >= self.fixed[offer] * (1.0 - 1e-3)
    }

    /// What an offer costs one who takes it.
    pub(crate) fn cost(&self, offer: usize) -> f64 {
        Self::cost_at(self, &self.seat, offer)
    }

    fn cost_at(&self, seat: &[f64], offer: usize) -> f64 {
        if self.doors[offer] == Door::Closed { f64::INFINITY } else { self.price[offer] + seat[offer] }
    }

    fn ask(&mut self, seat: &[f64], fine: f64) -> Reply {
        let market = self.market;
        let offers = market.offers();
        let costs = Costs::new(market, (0..offers).map(|offer| self.cost_at(seat, offer)).collect());
        let penalty = fine + if self.aim == Aim::Missing { 1.0 } else { 0.0 };
        let (choices, near) = (self.choices, self.near);
        for hand in &mut self.hands {
            hand.heads.clear();
            hand.heads.resize(offers, 0);
        }
        let parts = in_parts(&mut self.hands, market.groups.len().div_ceil(PART), |hand, part| {
            let (mut total, mut missing) = (0.0, 0_u64);
            let range = part * PART..((part + 1) * PART).min(market.groups.len());
            for (place, group) in market.groups.iter().enumerate().take(range.end).skip(range.start) {
                let many = group.size();
                let (cost, chosen): (f64, &[u32]) = match choices {
                    Some(choices) => cheapest(&choices[place], &costs.of),
                    None => {
                        let cost = hand.clerk.cheapest(market, &costs, group);
                        (cost, &hand.clerk.chosen)
                    }
                };
                if cost < penalty {
                    total += cost * f64::from(many);
                    for offer in chosen {
                        spread(market, &costs, group, *offer, near, &mut hand.heads);
                    }
                } else {
                    total += penalty * f64::from(many);
                    missing += u64::from(many);
                }
            }
            (total, missing)
        });
        let mut reply = Reply {
            over: vec![0.0; offers + 1],
            open: vec![false; offers],
            ajar: vec![0.0; offers],
            ..Reply::default()
        };
        let mut missing = 0;
        for (total, more) in parts {
            reply.total += total;
            missing += more;
        }
        reply.size = reply.total;
        for (offer, seat) in seat.iter().enumerate() {
            let heads: u64 = self.hands.iter().map(|hand| hand.heads[offer]).sum();
            let heads = heads as f64 / PARTS as f64;
            let seats = f64::from(market.seats[offer]);
            let earns = seats * seat - self.fixed[offer];
            let opens = match self.doors[offer] {
                Door::Free => earns >= 0.0 || market.model.open[offer],
                Door::Open => true,
                Door::Closed => false,
            };
            reply.open[offer] = opens;
            reply.over[offer] = heads;
            reply.ajar[offer] = (heads / seats.max(1.0)).min(1.0);
            if opens {
                reply.total -= earns;
                reply.size += earns.abs();
                reply.over[offer] -= seats;
            }
        }
        if let Aim::Money { missing: allowed } = self.aim {
            reply.total -= fine * allowed as f64;
            reply.size += fine * allowed as f64;
            reply.over[offers] = missing as f64 - allowed as f64;
        }
        reply
    }

    /// Raises the total, by so many rounds at most, towards `target`.
    pub(crate) fn raise(&mut self, budget: &Budget<'_>, rounds: u32, until: f64, target: f64) {
        self.begin();
        let offers = self.market.offers();
        let mut vain = 0;
        let (mut mark, mut since) = (self.total, 0);
        for _round in 0..rounds {
            if (budget.used)() >= until || self.stride < 1e-5 {
                return;
            }
            let at = |place: usize| if place < offers { self.seat[place] } else { self.fine };
            let scale = |place: usize| {
                let over = self.over[place];
                let stuck =
                    at(place) <= 0.0 && over < 0.0 || place < offers && self.doors[place] == Door::Closed;
                if stuck { 0.0 } else { over }
            };
            let norm: f64 = (0..=offers).map(|place| scale(place) * scale(place)).sum();
            let missing = (target - self.total).max(1e-4 * target.abs()).max(1e-3);
            if norm <= 1e-12 {
                return;
            }
            let step = self.stride * missing / norm;
            let seat: Vec<f64> =
                (0..offers).map(|offer| (self.seat[offer] + step * scale(offer)).max(0.0)).collect();
            let fine = (self.fine + step * scale(offers)).max(0.0);
            let reply = self.ask(&seat, fine);
            let agrees: f64 = self.over.iter().zip(&reply.over).map(|(one, other)| one * other).sum();
            let blend = blended(&self.over, &reply.over, self.blend);
            for (over, new) in self.over.iter_mut().zip(&reply.over) {
                *over += blend * (new - *over);
            }
            for (ajar, new) in self.ajar.iter_mut().zip(&reply.ajar) {
                *ajar += blend * (new - *ajar);
            }
            if reply.total > self.total {
                self.take(&reply, &seat, fine);
                vain = 0;
                if agrees > 0.0 {
                    self.stride = (self.stride * 1.1).min(2.0);
                }
            } else {
                vain += 1;
                if vain >= 15 {
                    vain = 0;
                    self.stride *= 0.66;
                }
            }
            since += 1;
            if since >= 60 {
                if self.total - mark < 1e-3 * (target - self.total).abs() {
                    self.stride *= 0.7;
                }
                if self.total - mark < 0.01 * (target - self.total).abs() {
                    self.blend = (self.blend * 0.7).max(0.01);
                }
                (mark, since) = (self.total, 0);
            }
        }
    }

    /// Asks at the prices there are, where that was not done.
    fn begin(&mut self) {
        if self.total == f64::NEG_INFINITY {
            let (seat, fine) = (self.seat.clone(), self.fine);
            let reply = self.ask(&seat, fine);
            if self.ajar.is_empty() {
                self.ajar.clone_from(&reply.ajar);
            }
            self.take(&reply, &seat, fine);
            self.over = reply.over;
        }
    }

    fn take(&mut self, reply: &Reply, seat: &[f64], fine: f64) {
        self.total = reply.total;
        self.size = reply.size;
        self.seat = seat.to_vec();
        self.fine = fine;
    }

    /// Finds one price for each length of class: to who may take all, classes of a length are the same but for their prices, so
    /// that what a seat is worth is what is left of that price. A beginning where there are many classes.
    pub(crate) fn level(&mut self, budget: &Budget<'_>, rounds: u32, until: f64, target: f64) {
        let market = self.market;
        // A seat at a level, and whether the class has any at it.
        let least = |of: &Self, offer: usize| of.fixed[offer] / f64::from(market.seats[offer].max(1));
        let seats = |of: &Self, levels: &[f64]| {
            let mut seat = vec![0.0; market.offers()];
            for ((_, offers), level) in market.shelves.iter().zip(levels) {
                for offer in offers.iter().map(|offer| *offer as usize) {
                    seat[offer] = (level - of.price[offer]).max(least(of, offer));
                }
            }
            seat
        };
        let lacks = |of: &Self, levels: &[f64], reply: &Reply| -> Vec<f64> {
            let mut lacks = Vec::with_capacity(levels.len() + 1);
            for ((_, offers), level) in market.shelves.iter().zip(levels) {
                let wanted = |offer: &u32| {
                    let offer = *offer as usize;
                    let sold = level - of.price[offer] >= least(of, offer) && of.doors[offer] != Door::Closed;
                    // Heads are what is over where no seats are sold.
                    let there = if reply.open[offer] { f64::from(market.seats[offer]) } else { 0.0 };
                    reply.over[offer] + there - if sold { f64::from(market.seats[offer]) } else { 0.0 }
                };
                lacks.push(offers.iter().map(wanted).sum());
            }
            lacks.push(reply.over[market.offers()]);
            lacks
        };
        let cheapest = |offers: &[u32]| {
            offers.iter().map(|offer| self.price[*offer as usize]).fold(f64::INFINITY, f64::min)
        };
        let mut levels: Vec<f64> = market.shelves.iter().map(|(_, offers)| cheapest(offers)).collect();
        let mut fine = self.fine;
        let mut reply = self.ask(&seats(self, &levels), fine);
        let mut best = reply.total;
        let mut over = lacks(self, &levels, &reply);
        let (mut stride, mut vain) = (0.5, 0);
        for _round in 0..rounds {
            if (budget.used)() >= until || stride < 1e-4 {
                break;
            }
            let norm: f64 = over.iter().map(|over| over * over).sum();
            if norm <= 1e-12 {
                break;
            }
            let step = stride * (target - best).max(1e-4 * target.abs()).max(1e-3) / norm;
            let next: Vec<f64> =
                levels.iter().zip(&over).map(|(level, over)| (level + step * over).max(0.0)).collect();
            let next_fine = (fine + step * over.last().copied().unwrap_or_default()).max(0.0);
            reply = self.ask(&seats(self, &next), next_fine);
            let new = lacks(self, &next, &reply);
            let blend = blended(&over, &new, 0.2);
            for (over, new) in over.iter_mut().zip(new) {
                *over += blend * (new - *over);
            }
            if reply.total > best {
                best = reply.total;
                (levels, fine) = (next, next_fine);
                (stride, vain) = (f64::min(stride * 1.1, 2.0), 0);
            } else {
                vain += 1;
                if vain >= 6 {
                    (stride, vain) = (stride * 0.66, 0);
                }
            }
        }
        self.begin();
        if best > self.total {
            self.seat = seats(self, &levels);
            self.fine = fine;
            self.restart();
            self.begin();
        }
    }
}

/// How much of a reply goes into the averages, `most` at most: as much as makes what is over least.
fn blended(old: &[f64], new: &[f64], most: f64) -> f64 {
    let (mut along, mut length) = (0.0, 0.0);
    for (old, new) in old.iter().zip(new) {
        along += old * (old - new);
        length += (old - new) * (old - new);
    }
    if length <= 0.0 { most } else { (along / length).clamp(most / 10.0, most) }
}

/// Counts the people of a group who take `offer`, or others that cost nearly the same.
fn spread(market: &Market<'_>, costs: &Costs, group: &Group, offer: u32, near: f64, heads: &mut [u64]) {
    let many = u64::from(group.size()) * PARTS;
    let at = offer as usize;
    if near <= 0.0 || group.size() <= market.seats[at] {
        heads[at] += many;
        return;
    }
    let menu = &market.menus[group.menu];
    let most = costs.of[at] + near;
    let others = || {
        let shelf = costs.shelf(market.shelf[at]).iter();
        shelf
            .take_while(|other| costs.of[**other as usize] <= most)
            .filter(|other| menu.has(**other))
            .map(|other| *other as usize)
    };
    let seats: u64 = others().map(|other| u64::from(market.seats[other])).sum();
    let mut left = many;
    for other in others() {
        let part = (many / seats.max(1) * u64::from(market.seats[other])).min(left);
        heads[other] += part;
        left -= part;
    }
    heads[at] += left;
}

/// The cheapest of a group's choices.
pub(crate) fn cheapest<'c>(choices: &'c [Vec<u32>], cost: &[f64]) -> (f64, &'c [u32]) {
    let mut best = (f64::INFINITY, &[][..]);
    for choice in choices {
        let sum: f64 = choice.iter().map(|offer| cost[*offer as usize]).sum();
        if sum < best.0 {
            best = (sum, choice.as_slice());
        }
    }
    best
}
