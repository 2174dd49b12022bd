//! Small instances to the end: classes are decided upon one after the other, each time with the bound that remains, and where all
//! are decided people choose one after the other, as long as what is lost against the bound may still be made good.
#![expect(
    clippy::indexing_slicing,
    clippy::as_conversions,
    reason = "places are those of the market; counts are far below 2^53"
)]

use crate::Budget;
use crate::dual::Door;
use crate::hours::bound::{Aim, Bound, Choices};
use crate::hours::market::Market;
use crate::hours::roster::Sets;

/// People and offers up to which it is tried, and steps in all.
const PEOPLE: u64 = 80;
const OFFERS: usize = 24;
const STEPS: u64 = 4_000_000;
const NODES: u32 = 4_000;

/// How far the search came.
pub(crate) struct Outcome {
    /// A better plan than the one known, if there is one.
    pub(crate) sets: Option<Sets>,
    /// No plan has less than this, or than the best known.
    pub(crate) floor: i64,
}

struct Exact<'a> {
    market: &'a Market<'a>,
    choices: &'a Choices,
    aim: Aim,
    bound: Bound<'a>,
    best: i64,
    found: Option<Sets>,
    steps: u64,
    nodes: u32,
    /// The lowest bound of what was not searched to the end.
    open: i64,
}

/// Searches for a plan with less than `best`; `None` where the instance is too big for it.
pub(crate) fn search(
    market: &Market<'_>,
    choices: Option<&Choices>,
    aim: Aim,
    budget: &Budget<'_>,
    best: i64,
) -> Option<Outcome> {
    let choices = choices?;
    if market.people() > PEOPLE || market.offers() > OFFERS {
        return None;
    }
    let bound = Bound::new(market, Some(choices), aim, 1);
    let mut exact =
        Exact { market, choices, aim, bound, best, found: None, steps: 0, nodes: 0, open: i64::MAX };
    exact.raise(budget, 400);
    exact.decide(budget);
    Some(Outcome { floor: exact.open.min(exact.best), sets: exact.found })
}

impl Exact<'_> {
    fn raise(&mut self, budget: &Budget<'_>, rounds: u32) {
        // Where nothing is known, a little above what is.
        let target = if self.best == i64::MAX { self.bound.total.max(1.0) * 1.2 } else { self.best as f64 };
        self.bound.raise(budget, rounds, 1.0, target);
    }

    /// Branches on the class that is least clear.
    fn decide(&mut self, budget: &Budget<'_>) {
        let floor = self.bound.floor();
        if floor >= self.best {
            return;
        }
        self.nodes += 1;
        if (budget.used)() >= 1.0 || self.nodes > NODES || self.steps > STEPS {
            self.open = self.open.min(floor);
            return;
        }
        let undecided = (0..self.market.offers()).filter(|offer| {
            self.bound.doors[*offer] == Door::Free
                && self.market.hinges(*offer)
                && self.market.seats[*offer] > 0
        });
        let unclear = |offer: &usize| (self.bound.ajar[*offer] - 0.5).abs();
        let next = undecided.min_by(|one, other| unclear(one).total_cmp(&unclear(other)));
        let Some(offer) = next else {
            self.choose(budget, floor);
            return;
        };
        let likely = self.bound.ajar[offer] >= 0.5;
        let (seat, fine) = (self.bound.seat.clone(), self.bound.fine);
        for open in [likely, !likely] {
            self.bound.doors[offer] = if open { Door::Open } else { Door::Closed };
            self.bound.seat.clone_from(&seat);
            self.bound.fine = fine;
            self.bound.restart();
            self.raise(budget, 120);
            self.decide(budget);
        }
        self.bound.doors[offer] = Door::Free;
    }

    /// All classes are decided: people choose.
    fn choose(&mut self, budget: &Budget<'_>, floor: i64) {
        let market = self.market;
        let mut options: Vec<Vec<Pick>> = Vec::with_capacity(market.groups.len());
        for choices in self.choices {
            let mut picks = vec![Pick {
                offers: Vec::new(),
                value: i64::from(self.aim == Aim::Missing),
                loss: self.bound.penalty(),
            }];
            for choice in choices {
                let loss: f64 = choice.iter().map(|offer| self.bound.cost(*offer as usize)).sum();
                if loss < f64::INFINITY {
                    let value = match self.aim {
                        Aim::Missing => 0,
                        Aim::Money { .. } => choice.iter().map(|offer| market.price[*offer as usize]).sum(),
                    };
                    picks.push(Pick { offers: choice.clone(), value, loss });
                }
            }
            let least = picks.iter().map(|pick| pick.loss).fold(f64::INFINITY, f64::min);
            picks.iter_mut().for_each(|pick| pick.loss -= least);
            picks.sort_by(|one, other| {
                one.loss.total_cmp(&other.loss).then_with(|| one.offers.cmp(&other.offers))
            });
            options.push(picks);
        }
        // Who has most to lose first; those of a group after one another.
        let spread = |group: usize| options[group].get(1).map_or(f64::INFINITY, |second| second.loss);
        let mut order: Vec<usize> = (0..options.len()).collect();
        order.sort_by(|one, other| spread(*other).total_cmp(&spread(*one)).then(one.cmp(other)));
        let people: Vec<usize> = order
            .into_iter()
            .flat_map(|group| std::iter::repeat_n(group, market.groups[group].people.len()))
            .collect();
        let must = |offer: &usize| self.bound.doors[*offer] == Door::Open || market.model.open[*offer];
        let must: Vec<usize> = (0..market.offers()).filter(must).collect();
        let paid: i64 = match self.aim {
            Aim::Missing => 0,
            Aim::Money { .. } => must.iter().map(|offer| market.fixed[*offer]).sum(),
        };
        let mut walk = Walk {
            market,
            options: &options,
            people: &people,
            must: &must,
            picks: vec![0; people.len()],
            heads: vec![0; market.offers()],
            allowed: match self.aim {
                Aim::Missing => u64::MAX,
                Aim::Money { missing } => missing,
            },
            doubt: self.bound.doubt(),
            coin: self.bound.coin(),
            best: self.best,
            found: None,
            steps: self.steps,
            stopped: false,
        };
        walk.descend(0, self.bound.total, paid, budget);
        self.steps = walk.steps;
        self.best = walk.best;
        let (stopped, found) = (walk.stopped, walk.found.take());
        if stopped {
            self.open = self.open.min(floor);
        }
        if let Some(picks) = found {
            let mut sets: Sets = vec![Vec::new(); market.groups.len()];
            for (group, pick) in people.iter().zip(picks) {
                let offers = &options[*group][pick].offers;
                match sets[*group].iter_mut().find(|(set, _)| set == offers) {
                    Some((_, many)) => *many += 1,
                    None => sets[*group].push((offers.clone(), 1)),
                }
            }
            self.found = Some(sets);
        }
    }
}

/// What a person may choose.
struct Pick {
    offers: Vec<u32>,
    value: i64,
    /// What it loses against the person's best at the prices.
    loss: f64,
}

/// People choosing one after the other.
struct Walk<'a> {
    market: &'a Market<'a>,
    options: &'a [Vec<Pick>],
    /// The group of each.
    people: &'a [usize],
    /// Classes that run.
    must: &'a [usize],
    picks: Vec<usize>,
    heads: Vec<u32>,
    /// How many more may be left behind.
    allowed: u64,
    doubt: f64,
    coin: f64,
    best: i64,
    found: Option<Vec<usize>>,
    steps: u64,
    stopped: bool,
}

impl Walk<'_> {
    /// Whether too few are left for classes that need them.
    fn hopeless(&self, left: usize) -> bool {
        let lacks =
            |offer: &usize| self.heads[*offer] as usize + left < self.market.model.min[*offer] as usize;
        self.must.iter().any(lacks)
    }

    /// `bound` is what can still be reached: the bound of the whole and what the choices made lose.
    fn descend(&mut self, depth: usize, bound: f64, value: i64, budget: &Budget<'_>) {
        self.steps += 1;
        if self.steps > STEPS || self.steps.is_multiple_of(4096) && (budget.used)() >= 1.0 {
            self.stopped = true;
        }
        if self.stopped || self.hopeless(self.people.len() - depth) {
            return;
        }
        let Some(group) = self.people.get(depth).copied() else {
            if value < self.best {
                self.best = value;
                self.found = Some(self.picks.clone());
            }
            return;
        };
        // Those of a group may change places, so that each takes nothing before what the one before took.
        let first = match depth.checked_sub(1) {
            Some(before) if self.people[before] == group => self.picks[before],
            _ => 0,
        };
        let options = self.options;
        for (pick, choice) in options[group].iter().enumerate().skip(first) {
            let bound = bound + choice.loss;
            if ((bound - self.doubt) / self.coin).ceil() * self.coin >= self.best as f64 {
                return;
            }
            let behind = choice.offers.is_empty();
            let full = |offer: &u32| self.heads[*offer as usize] >= self.market.seats[*offer as usize];
            if behind && self.allowed == 0 || choice.offers.iter().any(full) {
                continue;
            }
            choice.offers.iter().for_each(|offer| self.heads[*offer as usize] += 1);
            self.allowed -= u64::from(behind);
            self.picks[depth] = pick;
            self.descend(depth + 1, bound, value + choice.value, budget);
            self.allowed += u64::from(behind);
            choice.offers.iter().for_each(|offer| self.heads[*offer as usize] -= 1);
        }
    }
}
