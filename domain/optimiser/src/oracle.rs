//! The best choice of one person at given prices, exactly.
//!
//! Covers do not add up, so an offer never earns more beside others than alone: what does not pay alone never pays, and a
//! set is bounded by the best offer for each need, its price spread over the needs it serves.
#![expect(
    clippy::indexing_slicing,
    clippy::as_conversions,
    reason = "places are those of the model, and lists are indexed millions of times a second"
)]

use crate::model::{Model, SEVERAL};

/// Differences below this are none.
pub(crate) const HAIR: f64 = 1e-12;
/// Steps of the search for one person after which the bound is taken for the value. Hardly ever reached.
const PATIENCE: u32 = 20_000;

/// An offer that pays alone.
#[derive(Clone, Copy)]
struct Paying {
    net: f64,
    price: f64,
    offer: u32,
    /// The candidate.
    place: u32,
    only: u32,
}

/// Searches; keeps its memory between people.
#[derive(Default)]
pub(crate) struct Oracle {
    paying: Vec<Paying>,
    /// What each paying offer earns of each need.
    parts: Vec<f64>,
    /// Levels of the search: what is left at each, with what it adds there.
    levels: Vec<Vec<(f64, u32)>>,
    covered: Vec<Vec<f64>>,
    path: Vec<u32>,
    best: f64,
    /// The best set: offers.
    pub(crate) chosen: Vec<u32>,
    found: Vec<u32>,
    needs: usize,
    steps: u32,
    tops: Vec<f64>,
}

impl Oracle {
    /// The highest profit (value less prices) of `person`, where `price` says what a candidate costs: infinite where it is not
    /// to be had, and never negative. The set is in `chosen`. A `bonus` is earned once by any set that is not empty.
    ///
    /// The answer is never below the true maximum.
    pub(crate) fn solve(
        &mut self,
        model: &Model,
        person: usize,
        bonus: f64,
        price: impl Fn(usize, u32) -> f64,
    ) -> f64 {
        self.chosen.clear();
        self.paying.clear();
        let range = model.candidates(person);
        let mut several = false;
        let mut single = (f64::NEG_INFINITY, 0_u32);
        for place in range {
            let offer = model.offer[place];
            let price = price(place, offer);
            let net = model.gain[place] - price;
            if net > HAIR {
                several |= model.only[place] == SEVERAL;
                self.paying.push(Paying { net, price, offer, place: place as u32, only: model.only[place] });
            } else if net > single.0 {
                single = (net, offer);
            }
        }
        match self.paying.as_slice() {
            [] => {
                if single.0 + bonus > 0.0 && bonus > 0.0 {
                    self.chosen.push(single.1);
                    return single.0 + bonus;
                }
                return 0.0;
            }
            [only] => {
                self.chosen.push(only.offer);
                return only.net + bonus;
            }
            _ => {}
        }
        let room = model.room[person] as usize;
        self.needs = model.needs(person).len();
        if room == 1 || self.needs == 1 {
            let mut best = self.paying[0];
            for one in &self.paying {
                if one.net > best.net {
                    best = *one;
                }
            }
            self.chosen.push(best.offer);
            return best.net + bonus;
        }
        if !several && self.apart(model, person, room) {
            let sum: f64 = self.tops.iter().sum();
            return sum + bonus;
        }
        self.search(model, person, room) + bonus
    }

    /// Where every offer serves one need: the best for each of the best needs, if they go together.
    fn apart(&mut self, model: &Model, person: usize, room: usize) -> bool {
        self.found.clear();
        self.found.resize(self.needs, u32::MAX);
        for (at, one) in self.paying.iter().enumerate() {
            let best = &mut self.found[one.only as usize];
            if *best == u32::MAX || one.net > self.paying[*best as usize].net {
                *best = at as u32;
            }
        }
        self.found.retain(|at| *at != u32::MAX);
        if self.found.len() > room {
            let paying = &self.paying;
            self.found
                .sort_by(|one, other| paying[*other as usize].net.total_cmp(&paying[*one as usize].net));
            self.found.truncate(room);
        }
        let mut jp = 0;
        for (nth, at) in self.found.iter().enumerate() {
            let offer = self.paying[*at as usize].offer as usize;
            jp += model.jp[offer];
            let earlier = &self.found[..nth];
            if earlier.iter().any(|other| model.clash(self.paying[*other as usize].offer as usize, offer)) {
                return false;
            }
        }
        if jp > model.jp_room[person] {
            return false;
        }
        self.tops.clear();
        for at in &self.found {
            let one = self.paying[*at as usize];
            self.chosen.push(one.offer);
            self.tops.push(one.net);
        }
        true
    }

    fn search(&mut self, model: &Model, person: usize, room: usize) -> f64 {
        self.paying.sort_by(|one, other| other.net.total_cmp(&one.net).then(one.offer.cmp(&other.offer)));
        let needs = self.needs;
        self.parts.clear();
        let first = model.needs(person).start;
        for one in &self.paying {
            for at in 0..needs {
                let part = if one.only == SEVERAL {
                    let base = model.need_base[first + at];
                    let covered = model.cover(first + at, one.offer).max(base);
                    model.need_value[first + at] * (covered - base)
                } else if one.only as usize == at {
                    model.gain[one.place as usize]
                } else {
                    0.0
                };
                self.parts.push(part);
            }
        }
        let depth = room.min(self.paying.len());
        while self.levels.len() < depth + 2 {
            self.levels.push(Vec::new());
            self.covered.push(Vec::new());
        }
        let mut all = std::mem::take(&mut self.levels[0]);
        all.clear();
        all.extend(self.paying.iter().enumerate().map(|(at, one)| (one.net, at as u32)));
        self.levels[0] = all;
        self.covered[0].clear();
        self.covered[0].resize(needs, 0.0);
        self.best = 0.0;
        self.path.clear();
        self.found.clear();
        self.steps = 0;
        let upper = self.upper(0, 0, room);
        self.descend(model, 0, 0.0, model.jp_room[person], room);
        self.chosen.clear();
        let paying = &self.paying;
        self.chosen.extend(self.found.iter().map(|at| paying[*at as usize].offer));
        if self.steps >= PATIENCE { upper } else { self.best }
    }

    /// No more can be added by at most `room` of the offers left at `level` from place `from` on.
    fn upper(&mut self, level: usize, from: usize, room: usize) -> f64 {
        let needs = self.needs;
        self.tops.clear();
        self.tops.resize(needs, 0.0);
        let covered = &self.covered[level];
        let mut several = 0.0_f64;
        let mut many = 0_usize;
        let mut single = [0.0_f64; 8];
        for (adds, at) in &self.levels[level][from..] {
            let at = *at as usize;
            let one = &self.paying[at];
            if one.only != SEVERAL {
                let only = one.only as usize;
                self.tops[only] = self.tops[only].max(*adds);
                if only < 8 {
                    single[only] = single[only].max(*adds);
                }
                continue;
            }
            several = several.max(*adds);
            many += 1;
            let parts = &self.parts[at * needs..(at + 1) * needs];
            // What it adds is what it earns less its price; spread in proportion to what it earns.
            let share = *adds / (*adds + one.price);
            for ((top, part), covered) in self.tops.iter_mut().zip(parts).zip(covered) {
                let earns = part - covered;
                if earns > 0.0 {
                    *top = top.max(earns * share);
                }
            }
        }
        let by_need: f64 = self.tops.iter().sum();
        if room >= needs || needs > 8 {
            return by_need;
        }
        // At most `room` offers, of those that serve one need one each.
        let mut best = single;
        best.sort_by(|one, other| other.total_cmp(one));
        let mut by_offer = f64::INFINITY;
        for joint in 0..=many.min(room) {
            let rest: f64 = best[..room - joint].iter().sum();
            let sum = several * joint as f64 + rest;
            by_offer = if joint == 0 { sum } else { by_offer.max(sum) };
        }
        by_need.min(by_offer)
    }

    fn descend(&mut self, model: &Model, level: usize, sum: f64, jp: i64, room: usize) {
        if sum > self.best + HAIR {
            self.best = sum;
            self.found.clear();
            self.found.extend_from_slice(&self.path);
        }
        if room == 0 {
            return;
        }
        let needs = self.needs;
        for from in 0..self.levels[level].len() {
            self.steps += 1;
            if self.steps >= PATIENCE || sum + self.upper(level, from, room) <= self.best + HAIR {
                return;
            }
            let (adds, at) = self.levels[level][from];
            let taken = self.paying[at as usize];
            let offer = taken.offer as usize;
            if model.jp[offer] > jp {
                continue;
            }
            let left = jp - model.jp[offer];
            let (before, after) = self.covered.split_at_mut(level + 1);
            let covered = &mut after[0];
            covered.clear();
            let parts = &self.parts[at as usize * needs..(at as usize + 1) * needs];
            covered.extend(before[level].iter().zip(parts).map(|(covered, part)| covered.max(*part)));
            let (before, after) = self.levels.split_at_mut(level + 1);
            let next = &mut after[0];
            next.clear();
            for (_, other) in &before[level][from + 1..] {
                let one = &self.paying[*other as usize];
                if model.clash(offer, one.offer as usize) || model.jp[one.offer as usize] > left {
                    continue;
                }
                let parts = &self.parts[*other as usize * needs..(*other as usize + 1) * needs];
                let earns: f64 =
                    parts.iter().zip(covered.iter()).map(|(part, covered)| (part - covered).max(0.0)).sum();
                if earns - one.price > HAIR {
                    next.push((earns - one.price, *other));
                }
            }
            next.sort_by(|one, other| other.0.total_cmp(&one.0).then(one.1.cmp(&other.1)));
            self.path.push(at);
            self.descend(model, level + 1, sum + adds, left, room - 1);
            self.path.pop();
        }
    }
}
