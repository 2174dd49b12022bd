//! What one person would take: the cheapest offers with the hours that are lacking, none too many.
#![expect(
    clippy::indexing_slicing,
    reason = "places are those of the market; lists are indexed millions of times a second"
)]

use crate::hours::market::{Group, Market};
use crate::model::NONE;

/// Offers looked at beyond the cheapest ones where days collide, by length.
const SPARE: usize = 6;
/// Steps of the search for offers whose days do not collide.
const STEPS: u32 = 2_000;
/// Steps of the search for any offers that would do.
const PROOF: u32 = 50_000;

/// What an offer costs somebody who looks for hours; infinite where it is not to be had.
pub(crate) struct Costs {
    pub(crate) of: Vec<f64>,
    /// The offers of each shelf that are to be had, the cheapest first.
    sorted: Vec<Vec<u32>>,
}

impl Costs {
    pub(crate) fn new(market: &Market<'_>, of: Vec<f64>) -> Self {
        let mut costs = Self { of, sorted: Vec::new() };
        costs.sort(market);
        costs
    }

    /// The offers of a shelf that are to be had, the cheapest first.
    pub(crate) fn shelf(&self, shelf: usize) -> &[u32] {
        &self.sorted[shelf]
    }

    pub(crate) fn sort(&mut self, market: &Market<'_>) {
        let of = &self.of;
        let at = |offer: &u32| usize::try_from(*offer).map_or(f64::INFINITY, |offer| of[offer]);
        self.sorted.resize(market.shelves.len(), Vec::new());
        for ((_, offers), sorted) in market.shelves.iter().zip(&mut self.sorted) {
            sorted.clear();
            sorted.extend(offers.iter().copied().filter(|offer| at(offer) < f64::INFINITY));
            sorted.sort_unstable_by(|one, other| at(one).total_cmp(&at(other)).then(one.cmp(other)));
        }
    }
}

/// What is asked beside the costs.
#[derive(Clone, Copy, Default)]
pub(crate) struct Wish<'a> {
    /// Offers the person has already, at what they cost alone.
    pub(crate) own: &'a [u32],
    /// Not this one.
    pub(crate) without: Option<u32>,
    /// This one in any case.
    pub(crate) with: Option<u32>,
}

#[derive(Clone, Copy)]
struct Item {
    offer: u32,
    hours: usize,
    cost: f64,
}

/// Finds what people would take.
#[derive(Default)]
pub(crate) struct Clerk {
    items: Vec<Item>,
    table: Vec<f64>,
    /// The last link of the offers behind each place of the table.
    last: Vec<u32>,
    links: Vec<(u32, u32)>,
    /// What was found.
    pub(crate) chosen: Vec<u32>,
    path: Vec<usize>,
    best: f64,
    steps: u32,
}

impl Clerk {
    /// The lowest cost at which somebody of `group` gets there, whether or not days collide: what is `chosen` may not fit together.
    /// Infinite where it cannot be.
    pub(crate) fn cheapest(&mut self, market: &Market<'_>, costs: &Costs, group: &Group) -> f64 {
        self.pick(market, costs, group, Wish::default(), 0);
        self.fill(group.lack, group.room, group.most)
    }

    /// The best choice that is found whose days do not collide, without a class that could be left out. Infinite, and nothing
    /// chosen, where there is none.
    pub(crate) fn choose(
        &mut self,
        market: &Market<'_>,
        costs: &Costs,
        group: &Group,
        wish: Wish<'_>,
    ) -> f64 {
        let unit = market.menus[group.menu].unit;
        let (mut lack, mut room, mut most, mut base) = (group.lack, group.room, group.most, 0.0);
        if let Some(with) = wish.with {
            let at = index(with);
            let hours = units(market.model.jp[at], unit).unwrap_or(usize::MAX);
            if hours > room || most == 0 || !market.menus[group.menu].has(with) {
                self.chosen.clear();
                return f64::INFINITY;
            }
            base = costs.of[at];
            if hours >= lack {
                self.chosen.clear();
                self.chosen.push(with);
                return base;
            }
            (lack, room, most) = (lack - hours, room - hours, most - 1);
        }
        self.pick(market, costs, group, wish, 0);
        let mut cost = self.fill(lack, room, most);
        if cost == f64::INFINITY {
            self.chosen.clear();
            return cost;
        }
        if self.collides(market) {
            self.pick(market, costs, group, wish, SPARE);
            cost = self.search(market, lack, room, most);
        }
        if cost == f64::INFINITY {
            return cost;
        }
        if let Some(with) = wish.with {
            // Where the others do without it, it is not needed.
            let hours = |offer: &u32| units(market.model.jp[index(*offer)], unit).unwrap_or_default();
            if self.chosen.iter().map(hours).sum::<usize>() >= group.lack {
                self.chosen.clear();
                return f64::INFINITY;
            }
            self.chosen.push(with);
        }
        cost -= self.thin(market, costs, group, wish);
        self.chosen.sort_unstable();
        base + cost
    }

    /// Takes out what is not needed; what that saves.
    fn thin(&mut self, market: &Market<'_>, costs: &Costs, group: &Group, wish: Wish<'_>) -> f64 {
        let unit = market.menus[group.menu].unit;
        let hours = |offer: u32| units(market.model.jp[index(offer)], unit).unwrap_or_default();
        let mut sum: usize = self.chosen.iter().map(|offer| hours(*offer)).sum();
        let mut saved = 0.0;
        let mut at = 0;
        while let Some(offer) = self.chosen.get(at).copied() {
            if sum - hours(offer) >= group.lack && wish.with != Some(offer) {
                sum -= hours(offer);
                saved += Self::cost(market, costs, wish, offer);
                self.chosen.remove(at);
                at = 0;
            } else {
                at += 1;
            }
        }
        saved
    }

    fn cost(market: &Market<'_>, costs: &Costs, wish: Wish<'_>, offer: u32) -> f64 {
        if wish.own.contains(&offer) { money(market.price[index(offer)]) } else { costs.of[index(offer)] }
    }

    /// Lists the offers of which the cheapest choice consists: of each length no more than could be used.
    fn pick(&mut self, market: &Market<'_>, costs: &Costs, group: &Group, wish: Wish<'_>, spare: usize) {
        self.items.clear();
        let menu = &market.menus[group.menu];
        let apart = |offer: u32| {
            wish.with.is_none_or(|with| with != offer && !market.model.clash(index(with), index(offer)))
        };
        for offer in wish.own {
            let hours = units(market.model.jp[index(*offer)], menu.unit).unwrap_or(usize::MAX);
            if wish.without != Some(*offer) && hours <= group.room && menu.has(*offer) && apart(*offer) {
                self.items.push(Item { offer: *offer, hours, cost: money(market.price[index(*offer)]) });
            }
        }
        for ((hours, _), sorted) in market.shelves.iter().zip(&costs.sorted) {
            let Some(hours) = units(*hours, menu.unit) else { continue };
            if hours > group.room {
                break;
            }
            let mut left = group.most.min(group.lack.div_ceil(hours)) + spare;
            for offer in sorted {
                if left == 0 {
                    break;
                }
                let new = wish.without != Some(*offer) && !wish.own.contains(offer);
                if new && menu.has(*offer) && apart(*offer) {
                    self.items.push(Item { offer: *offer, hours, cost: costs.of[index(*offer)] });
                    left -= 1;
                }
            }
        }
    }

    /// The cheapest of the items with `lack` hours, at most `room`, at most `most` of them. Costs are not negative.
    fn fill(&mut self, lack: usize, room: usize, most: usize) -> f64 {
        self.chosen.clear();
        self.links.clear();
        let shortest = self.items.iter().map(|item| item.hours).min().unwrap_or(1).max(1);
        // Where as many as are needed, or as there are, are allowed in any case, they need not be counted.
        let counted = most < lack.div_ceil(shortest).min(self.items.len());
        let layers = if counted { most } else { 1 };
        if layers == 0 {
            return f64::INFINITY;
        }
        self.table.clear();
        self.table.resize(layers * lack, f64::INFINITY);
        self.last.clear();
        self.last.resize(layers * lack, NONE);
        self.table[0] = 0.0;
        let (mut best, mut end) = (f64::INFINITY, (NONE, NONE));
        for (at, item) in (0_u32..).zip(&self.items) {
            for layer in (0..layers).rev() {
                for hours in (0..lack).rev() {
                    let from = layer * lack + hours;
                    let cost = self.table[from] + item.cost;
                    if cost >= best {
                        continue;
                    }
                    let sum = hours + item.hours;
                    if sum >= lack {
                        if sum <= room {
                            best = cost;
                            end = (at, self.last[from]);
                        }
                        continue;
                    }
                    let to = if counted { (layer + 1) * lack + sum } else { sum };
                    if to < self.table.len() && cost < self.table[to] {
                        self.table[to] = cost;
                        let link = (at, self.last[from]);
                        self.last[to] = u32::try_from(self.links.len()).unwrap_or(NONE);
                        self.links.push(link);
                    }
                }
            }
        }
        let (mut at, mut next) = end;
        while at != NONE {
            self.chosen.push(self.items[index(at)].offer);
            (at, next) = if next == NONE { (NONE, NONE) } else { self.links[index(next)] };
        }
        best
    }

    fn collides(&self, market: &Market<'_>) -> bool {
        self.chosen.iter().enumerate().any(|(at, one)| {
            self.chosen[..at].iter().any(|other| market.model.clash(index(*one), index(*other)))
        })
    }

    /// As [`Clerk::fill`], with days that do not collide, as far as it is found in so many steps.
    fn search(&mut self, market: &Market<'_>, lack: usize, room: usize, most: usize) -> f64 {
        self.chosen.clear();
        let ratio = |item: &Item| item.cost / float(item.hours);
        self.items
            .sort_by(|one, other| ratio(one).total_cmp(&ratio(other)).then(one.offer.cmp(&other.offer)));
        self.best = f64::INFINITY;
        self.steps = 0;
        self.path.clear();
        self.descend(market, 0, (lack, room, most), 0.0);
        self.best
    }

    fn descend(&mut self, market: &Market<'_>, at: usize, left: (usize, usize, usize), cost: f64) {
        let (lack, room, most) = left;
        for place in at..self.items.len() {
            self.steps += 1;
            let item = self.items[place];
            if self.steps > STEPS
                || most == 0
                || cost + item.cost / float(item.hours) * float(lack) >= self.best
            {
                return;
            }
            let total = cost + item.cost;
            let free =
                |other: &usize| !market.model.clash(index(self.items[*other].offer), index(item.offer));
            if item.hours > room || total >= self.best || !self.path.iter().all(free) {
                continue;
            }
            self.path.push(place);
            if item.hours >= lack {
                self.best = total;
                self.chosen.clear();
                self.chosen.extend(self.path.iter().map(|place| self.items[*place].offer));
            } else {
                self.descend(market, place + 1, (lack - item.hours, room - item.hours, most - 1), total);
            }
            self.path.pop();
        }
    }
}

/// Every choice of a group whose days do not collide and none of which could be left out; `None` where there are more than `limit`.
pub(crate) fn choices(market: &Market<'_>, group: &Group, limit: usize) -> Option<Vec<Vec<u32>>> {
    let menu = &market.menus[group.menu];
    // The longest first, so that the last one taken is the shortest: where it is needed, all are.
    let items: Vec<(usize, u32)> = market
        .shelves
        .iter()
        .rev()
        .filter_map(|(hours, offers)| Some((units(*hours, menu.unit)?, offers)))
        .flat_map(|(hours, offers)| {
            offers.iter().filter(|offer| menu.has(**offer)).map(move |offer| (hours, *offer))
        })
        .collect();
    let mut found = Vec::new();
    let mut open: Vec<(Vec<u32>, usize, usize)> = vec![(Vec::new(), 0, 0)];
    let mut steps = 0;
    while let Some((set, hours, from)) = open.pop() {
        for (at, (more, offer)) in items.iter().enumerate().skip(from) {
            steps += 1;
            let sum = hours + more;
            if sum > group.room || set.iter().any(|one| market.model.clash(index(*one), index(*offer))) {
                continue;
            }
            let mut longer = set.clone();
            longer.push(*offer);
            if sum >= group.lack {
                longer.sort_unstable();
                found.push(longer);
            } else if longer.len() < group.most {
                open.push((longer, sum, at + 1));
            }
        }
        if found.len() > limit || open.len() > limit || steps > 64 * limit {
            return None;
        }
    }
    found.sort();
    Some(found)
}

/// Hours lacking, hours below the ceiling, and enrolments left.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Question {
    pub(crate) lack: i64,
    pub(crate) room: i64,
    pub(crate) most: usize,
}

/// Whether anything answers a question.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Answer {
    /// These offers do, none of which could be left out.
    These(Vec<usize>),
    Nothing,
    /// Not found out in a bounded number of steps.
    Unknown,
}

/// Whether some of `items` (hours and offer) answer `question`, no two of which clash.
pub(crate) fn answer(
    question: Question,
    items: impl Iterator<Item = (i64, usize)>,
    clash: impl Fn(usize, usize) -> bool,
) -> Answer {
    let mut items: Vec<(i64, usize)> =
        items.filter(|(hours, _)| *hours > 0 && *hours <= question.room).collect();
    items.sort_by(|one, other| other.0.cmp(&one.0).then(one.1.cmp(&other.1)));
    // What those from each place on have together.
    let mut rest = vec![0_i64; items.len() + 1];
    for at in (0..items.len()).rev() {
        rest[at] = rest[at + 1].saturating_add(items[at].0);
    }
    let mut proof = Proof { items: &items, rest: &rest, clash: &clash, path: Vec::new(), steps: 0 };
    match proof.descend(0, question) {
        true if proof.steps > PROOF => Answer::Unknown,
        true => Answer::These(proof.path),
        false => Answer::Nothing,
    }
}

struct Proof<'a> {
    items: &'a [(i64, usize)],
    rest: &'a [i64],
    clash: &'a dyn Fn(usize, usize) -> bool,
    path: Vec<usize>,
    steps: u32,
}

impl Proof<'_> {
    fn descend(&mut self, at: usize, left: Question) -> bool {
        let Question { lack, room, most } = left;
        for place in at..self.items.len() {
            self.steps += 1;
            if self.steps > PROOF {
                return true;
            }
            let (hours, offer) = self.items[place];
            let count = i64::try_from(most).unwrap_or(i64::MAX);
            if self.rest[place] < lack || hours.saturating_mul(count) < lack {
                return false;
            }
            if hours > room || self.path.iter().any(|other| (self.clash)(*other, offer)) {
                continue;
            }
            self.path.push(offer);
            let left = Question { lack: lack - hours, room: room - hours, most: most.saturating_sub(1) };
            if hours >= lack || self.descend(place + 1, left) {
                return true;
            }
            self.path.pop();
        }
        false
    }
}

/// `hours` in units; `None` where they are not a whole number of them.
pub(crate) fn units(hours: i64, unit: i64) -> Option<usize> {
    if unit <= 0 || hours % unit != 0 { None } else { usize::try_from(hours / unit).ok() }
}

pub(crate) fn index(place: u32) -> usize {
    usize::try_from(place).unwrap_or(usize::MAX)
}

fn float(count: usize) -> f64 {
    u32::try_from(count).map_or(f64::MAX, f64::from)
}

/// Whole rupiah as they are calculated with.
#[expect(clippy::as_conversions, reason = "prices are below 2^53")]
pub(crate) fn money(rupiah: i64) -> f64 {
    rupiah as f64
}
