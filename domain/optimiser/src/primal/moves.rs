//! Changes that go through several people: a seat is passed on along the ways that lose least, and money is made where too much
//! is spent.
#![expect(
    clippy::indexing_slicing,
    clippy::as_conversions,
    reason = "places are those of the model; counts of people fit 32 bits"
)]

use crate::Budget;
use crate::dual::Door;
use crate::model::NONE;
use crate::primal::{BETTER, Primal, Seats};

/// Ways kept out of a class.
const WAYS: usize = 24;

/// A person who can go from one class to another.
pub(super) struct Way {
    to: u32,
    loses: f64,
    who: u32,
}

/// A change that goes through several people.
#[derive(Default)]
pub(super) struct Move {
    /// By how much the plan is better so far.
    pub(super) delta: f64,
    pub(super) moved: Vec<u32>,
    /// Classes that may be too full.
    pub(super) full: Vec<u32>,
}

impl Primal<'_> {
    /// Everybody who would gain by it gets a seat along the ways that lose least; how many did.
    pub(super) fn reroute(&mut self, budget: &Budget<'_>, until: f64) -> usize {
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
        let mut move_ = Move::default();
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

    /// One person's part of a move.
    pub(super) fn step(&mut self, move_: &mut Move, person: usize, wanted: &[u32]) {
        move_.delta -= self.merit(person);
        self.state.assign(self.model, person, wanted);
        move_.delta += self.merit(person);
        move_.moved.push(person as u32);
        move_.full.extend_from_slice(wanted);
    }

    pub(super) fn follow_ways(&mut self, move_: &mut Move) -> bool {
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

    /// Takes enrolments away where more is spent than there is, those that lose least for their price.
    pub(super) fn make_money(&mut self, move_: &mut Move, depth: usize) -> bool {
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
    pub(super) fn loss(&self, person: usize, offer: u32) -> f64 {
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
    pub(super) fn list_cheap(&mut self) {
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

    pub(super) fn prepare_ways(&mut self) {
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
    pub(super) fn count_tolls(&mut self) {
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
                let mut move_ = Move::default();
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
    pub(super) fn accept(&mut self) {
        let mut touched: Vec<u32> = self.state.left().collect();
        touched.extend(self.state.changes().flat_map(|person| self.state.set(person)));
        touched.sort_unstable();
        touched.dedup();
        self.state.keep();
        for offer in touched {
            self.find_ways(offer as usize);
        }
    }
}
