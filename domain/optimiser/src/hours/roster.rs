//! Who gets there by what, while it is being made: of each group so many take the same offers. Made at the prices of the bound,
//! then improved: whoever would do better takes a seat in a full class when whom it costs least goes elsewhere, and so on for a few
//! steps; classes are closed where what their people cost elsewhere is less, and opened where that saves more than it costs.
#![expect(
    clippy::indexing_slicing,
    clippy::as_conversions,
    reason = "places are those of the market; counts of people fit 32 bits"
)]

use crate::Budget;
use crate::dice::Dice;
use crate::hours::bound::Bound;
use crate::hours::cover::{Answer, Clerk, Costs, Question, Wish, answer, money};
use crate::hours::market::Market;

/// Offers, sorted; none for those who do not get there.
type Set = Vec<u32>;
/// Sets of each group, with how many take them.
pub(crate) type Sets = Vec<Vec<(Set, u32)>>;

/// The most people a seat is passed on by.
const DEPTH: u32 = 10;
/// How often what freeing a seat costs is found out anew from what it cost before.
const ROUNDS: u32 = 4;
/// Classes that are tried to be opened at a time.
const TRIALS: usize = 60;
/// What leaving somebody behind counts for, where moves are looked for.
const BEHIND: f64 = 1e17;

/// What a plan is measured by, the first first: people its classes lack, people left behind, whole rupiah.
pub(crate) type Measure = (u64, u64, i64);

/// So many of a group go from one set to another.
struct Step {
    group: usize,
    from: Set,
    to: Set,
    many: u32,
}

/// Who leaves a full class at least cost, and for what.
#[derive(Clone)]
struct Way {
    group: usize,
    from: Set,
    to: Set,
}

/// What offers cost while a plan is made, and what leaving somebody behind does.
pub(crate) struct Worth {
    pub(crate) of: Vec<f64>,
    pub(crate) penalty: f64,
}

impl Worth {
    /// At the prices of a bound of money.
    pub(crate) fn of(market: &Market<'_>, bound: &Bound<'_>) -> Self {
        Self { of: (0..market.offers()).map(|offer| bound.cost(offer)).collect(), penalty: bound.penalty() }
    }

    /// People first, at the prices of a bound of them; money decides between what is the same for them.
    pub(crate) fn people(market: &Market<'_>, bound: &Bound<'_>) -> Self {
        let dearest = market.price.iter().copied().max().unwrap_or_default().max(1);
        let much = 1e3 * money(dearest);
        Self {
            of: bound
                .seat
                .iter()
                .zip(&market.price)
                .map(|(seat, price)| much * seat + money(*price))
                .collect(),
            penalty: much * bound.penalty(),
        }
    }
}

/// See the module.
pub(crate) struct Roster<'a> {
    market: &'a Market<'a>,
    clerk: Clerk,
    dice: Dice,
    pub(crate) sets: Sets,
    heads: Vec<u32>,
    lacking: u64,
    behind: u64,
    /// More than can be spent while people make room for each other.
    cost: i128,
    journal: Vec<Step>,
    /// Classes that are closed until they are tried.
    closed: Vec<bool>,
    toll: Vec<f64>,
    ways: Vec<Option<Way>>,
}

impl<'a> Roster<'a> {
    pub(crate) fn new(market: &'a Market<'a>, seed: u64) -> Self {
        let offers = market.offers();
        let mut roster = Self {
            market,
            clerk: Clerk::default(),
            dice: Dice(seed),
            sets: Vec::new(),
            heads: vec![0; offers],
            lacking: 0,
            behind: 0,
            cost: 0,
            journal: Vec::new(),
            closed: vec![false; offers],
            toll: vec![0.0; offers],
            ways: vec![None; offers],
        };
        roster.clear();
        roster
    }

    /// Nobody takes anything.
    fn clear(&mut self) {
        self.sets = self.market.groups.iter().map(|group| vec![(Set::new(), group.size())]).collect();
        self.heads.fill(0);
        self.behind = self.market.people();
        self.cost = 0;
        self.lacking = (0..self.market.offers()).map(|offer| self.lacks(offer)).sum();
        self.journal.clear();
    }

    /// Takes over `sets`.
    pub(crate) fn adopt(&mut self, sets: &Sets) {
        self.clear();
        for (group, of_group) in sets.iter().enumerate() {
            for (set, many) in of_group.iter().filter(|(set, _)| !set.is_empty()) {
                self.shift(group, &[], set, *many);
            }
        }
        self.journal.clear();
    }

    pub(crate) fn measure(&self) -> Measure {
        (self.lacking, self.behind, i64::try_from(self.cost).unwrap_or(i64::MAX))
    }

    /// How many people a class that runs lacks.
    fn lacks(&self, offer: usize) -> u64 {
        let runs = self.heads[offer] > 0 || self.market.model.open[offer];
        if runs { u64::from(self.market.model.min[offer].saturating_sub(self.heads[offer])) } else { 0 }
    }

    fn free(&self, offer: usize) -> u32 {
        self.market.seats[offer].saturating_sub(self.heads[offer])
    }

    /// Whether a class may be taken as one that runs.
    fn runs(&self, offer: usize) -> bool {
        self.heads[offer] > 0 || !self.market.hinges(offer)
    }

    fn count(&self, group: usize, set: &[u32]) -> u32 {
        self.sets[group].iter().find(|(one, _)| one == set).map_or(0, |(_, many)| *many)
    }

    /// Moves people, without looking at seats.
    fn shift(&mut self, group: usize, from: &[u32], to: &[u32], many: u32) {
        self.swap(group, from, to, many);
        self.journal.push(Step { group, from: from.to_vec(), to: to.to_vec(), many });
    }

    fn swap(&mut self, group: usize, from: &[u32], to: &[u32], many: u32) {
        let sets = &mut self.sets[group];
        if let Some(at) = sets.iter().position(|(set, _)| set == from) {
            sets[at].1 -= many;
            if sets[at].1 == 0 {
                sets.swap_remove(at);
            }
        }
        match sets.iter_mut().find(|(set, _)| set == to) {
            Some((_, count)) => *count += many,
            None => sets.push((to.to_vec(), many)),
        }
        for offer in from.iter().filter(|offer| !to.contains(offer)) {
            let at = *offer as usize;
            self.lacking -= self.lacks(at);
            self.heads[at] -= many;
            self.cost -= i128::from(self.market.price[at]) * i128::from(many);
            if self.heads[at] == 0 {
                self.cost -= i128::from(self.market.fixed[at]);
            }
            self.lacking += self.lacks(at);
        }
        for offer in to.iter().filter(|offer| !from.contains(offer)) {
            let at = *offer as usize;
            self.lacking -= self.lacks(at);
            if self.heads[at] == 0 {
                self.cost += i128::from(self.market.fixed[at]);
            }
            self.heads[at] += many;
            self.cost += i128::from(self.market.price[at]) * i128::from(many);
            self.lacking += self.lacks(at);
        }
        match (from.is_empty(), to.is_empty()) {
            (true, false) => self.behind -= u64::from(many),
            (false, true) => self.behind += u64::from(many),
            _ => {}
        }
    }

    /// Takes back what was changed since `mark`.
    fn back(&mut self, mark: usize) {
        while self.journal.len() > mark {
            let Some(step) = self.journal.pop() else { return };
            self.swap(step.group, &step.to, &step.from, step.many);
        }
    }

    /// Makes a plan from nothing: everybody takes what is cheapest at the prices of the bound as long as there are seats.
    pub(crate) fn construct(&mut self, bound: &Bound<'_>, worth: &Worth, budget: &Budget<'_>, until: f64) {
        let market = self.market;
        self.clear();
        for offer in 0..market.offers() {
            self.closed[offer] = market.hinges(offer) && !bound.pays(offer);
        }
        let costs = self.left(worth);
        // Whom it costs most has least to choose from, and comes first.
        let mut order: Vec<(f64, usize)> = (0..market.groups.len())
            .map(|group| (self.clerk.cheapest(market, &costs, &market.groups[group]), group))
            .collect();
        order.sort_by(|one, other| other.0.total_cmp(&one.0).then(one.1.cmp(&other.1)));
        // First what is as good as the best at these prices, with others making room, then what is nearly so. Who costs more than
        // leaving them behind would has what the others leave.
        for more in [0.001, 0.02, f64::INFINITY] {
            let mut costs = self.left(worth);
            let worthy = order.iter().filter(|(cost, _)| more.is_infinite() || *cost <= worth.penalty);
            let waiting = worthy.map(|(cost, group)| (cost + cost * more, *group)).collect();
            self.seat(&mut costs, waiting);
            self.journal.clear();
            if more.is_finite() && (budget.used)() < until {
                self.make_room(budget, until);
            }
        }
        self.journal.clear();
        self.mend();
        self.rescue(budget, until);
    }

    /// What offers cost that have seats left.
    fn left(&self, worth: &Worth) -> Costs {
        let shut = |offer: usize| self.closed[offer] || self.free(offer) == 0;
        let of =
            (0..self.market.offers()).map(|offer| if shut(offer) { f64::INFINITY } else { worth.of[offer] });
        Costs::new(self.market, of.collect())
    }

    /// Seats the people of the groups `waiting` for what each may cost, in turns so that no group takes everything.
    fn seat(&mut self, costs: &mut Costs, mut waiting: Vec<(f64, usize)>) {
        let market = self.market;
        while !waiting.is_empty() {
            waiting.retain(|(most, group)| {
                let mut left = market.groups[*group].size().div_ceil(12).min(self.count(*group, &[]));
                while left > 0 {
                    let cost = self.clerk.choose(market, costs, &market.groups[*group], Wish::default());
                    let set = std::mem::take(&mut self.clerk.chosen);
                    if set.is_empty() || cost > *most {
                        return false;
                    }
                    let free = set.iter().map(|offer| self.free(*offer as usize)).min().unwrap_or_default();
                    let many = left.min(free);
                    self.shift(*group, &[], &set, many);
                    left -= many;
                    let mut full = false;
                    for offer in &set {
                        if self.free(*offer as usize) == 0 {
                            costs.of[*offer as usize] = f64::INFINITY;
                            full = true;
                        }
                    }
                    if full {
                        costs.sort(market);
                    }
                }
                self.count(*group, &[]) > 0
            });
        }
    }

    /// Classes with too few people get more, or are closed, whichever is better.
    fn mend(&mut self) {
        let mut last = u64::MAX;
        while self.lacking > 0 && self.lacking < last {
            last = self.lacking;
            let mut short: Vec<(u64, usize)> = (0..self.market.offers())
                .map(|offer| (self.lacks(offer), offer))
                .filter(|(lacks, _)| *lacks > 0)
                .collect();
            short.sort_unstable();
            for (_, offer) in short {
                if self.lacks(offer) == 0 {
                    continue;
                }
                self.tolls();
                let mark = self.journal.len();
                let before = self.measure();
                self.fill(offer);
                let filled = self.measure();
                let done = self.lacks(offer) == 0 && filled < before;
                if self.market.model.open[offer] {
                    if !done {
                        self.back(mark);
                    }
                    continue;
                }
                self.back(mark);
                self.close(offer);
                if done && filled < self.measure() || self.measure() >= before {
                    self.back(mark);
                    if done {
                        self.fill(offer);
                    }
                }
            }
        }
        self.journal.clear();
    }

    /// Prices as they are with this plan: of a class that is full what freeing a seat costs, of one that does not run none.
    fn costs(&self) -> Costs {
        let market = self.market;
        let of = (0..market.offers()).map(|offer| {
            if !self.runs(offer) || self.closed[offer] && self.heads[offer] == 0 {
                f64::INFINITY
            } else if self.free(offer) == 0 {
                money(market.price[offer]) + self.toll[offer]
            } else {
                money(market.price[offer])
            }
        });
        Costs::new(market, of.collect())
    }

    fn price(&self, set: &[u32]) -> f64 {
        if set.is_empty() {
            BEHIND
        } else {
            set.iter().map(|offer| money(self.market.price[*offer as usize])).sum()
        }
    }

    /// Finds out what freeing a seat costs in each class that is full, and how it is done.
    fn tolls(&mut self) {
        let market = self.market;
        for offer in 0..market.offers() {
            self.toll[offer] = if self.free(offer) == 0 { f64::INFINITY } else { 0.0 };
            self.ways[offer] = None;
        }
        for _round in 0..ROUNDS {
            let costs = self.costs();
            let mut better: Vec<(usize, f64, Way)> = Vec::new();
            let mut known: Vec<f64> = self.toll.clone();
            for group in 0..market.groups.len() {
                for (set, _) in &self.sets[group] {
                    let price = self.price(set);
                    for offer in set {
                        if self.free(*offer as usize) > 0 {
                            continue;
                        }
                        let wish = Wish { own: set, without: Some(*offer), with: None };
                        let at = *offer as usize;
                        let cost = self.clerk.choose(market, &costs, &market.groups[group], wish);
                        if cost - price < known[at] - 1e-6 {
                            known[at] = cost - price;
                            let way = Way { group, from: set.clone(), to: self.clerk.chosen.clone() };
                            better.push((at, cost - price, way));
                        }
                    }
                }
            }
            if better.is_empty() {
                return;
            }
            for (offer, toll, way) in better {
                // What costs less than nothing would have been done before; it is not counted twice.
                self.toll[offer] = toll.max(0.0);
                self.ways[offer] = Some(way);
            }
        }
    }

    /// What a seat of each class is worth in this plan: what freeing one costs, infinite where it cannot be done.
    pub(crate) fn seats(&mut self) -> Vec<f64> {
        self.tolls();
        self.toll.clone()
    }

    /// Moves `many` people, and whoever has to make room. Whether that could be done.
    fn travel(&mut self, group: usize, from: &[u32], to: &[u32], many: u32, depth: u32) -> bool {
        if self.count(group, from) < many {
            return false;
        }
        self.shift(group, from, to, many);
        for offer in to.iter().filter(|offer| !from.contains(offer)) {
            let at = *offer as usize;
            while self.heads[at] > self.market.seats[at] {
                let over = self.heads[at] - self.market.seats[at];
                let Some(way) = self.ways[at].clone().filter(|_| depth > 0) else { return false };
                let many = over.min(self.count(way.group, &way.from));
                if many == 0 || !self.travel(way.group, &way.from, &way.to, many, depth - 1) {
                    return false;
                }
            }
        }
        true
    }

    /// Moves as many people as it is better for, `most` at most; how many. Nobody where it is not.
    fn attempt(&mut self, group: usize, from: &[u32], to: &[u32], most: u32) -> u32 {
        let mut done = 0;
        let mut many = most.min(self.count(group, from));
        while many > 0 && done < most {
            many = many.min(most - done).min(self.count(group, from));
            let mark = self.journal.len();
            let before = self.measure();
            if many > 0 && self.travel(group, from, to, many, DEPTH) && self.measure() < before {
                done += many;
            } else {
                self.back(mark);
                many /= 2;
            }
        }
        done
    }

    /// Everybody who has nothing gets a seat where others make room, as far as it goes.
    fn make_room(&mut self, budget: &Budget<'_>, until: f64) {
        self.go(budget, until, true);
    }

    /// Everybody who would do better goes where they would; how many did.
    fn reroute(&mut self, budget: &Budget<'_>, until: f64) -> u32 {
        self.go(budget, until, false)
    }

    fn go(&mut self, budget: &Budget<'_>, until: f64, only_behind: bool) -> u32 {
        let market = self.market;
        self.tolls();
        let mut costs = self.costs();
        let mut order: Vec<(f64, usize, Set)> = Vec::new();
        for group in 0..market.groups.len() {
            for (set, _) in self.sets[group].iter().filter(|(set, _)| !only_behind || set.is_empty()) {
                let wish = Wish { own: set, ..Wish::default() };
                let cost = self.clerk.choose(market, &costs, &market.groups[group], wish);
                let gain = self.price(set) - cost;
                if gain > 0.5 {
                    order.push((gain, group, set.clone()));
                }
            }
        }
        order.sort_by(|one, other| {
            other.0.total_cmp(&one.0).then(one.1.cmp(&other.1)).then_with(|| one.2.cmp(&other.2))
        });
        // What freeing seats costs is found out anew now and then: it takes as long as there are sets.
        let wait = 8 + self.sets.iter().map(Vec::len).sum::<usize>() / 8;
        let mut moved = 0;
        let mut stale = 0;
        for (nth, (_, group, set)) in order.into_iter().enumerate() {
            if nth % 64 == 0 && (budget.used)() >= until {
                break;
            }
            let mut last = u32::MAX;
            while self.count(group, &set) > 0 && self.count(group, &set) < last {
                last = self.count(group, &set);
                let wish = Wish { own: &set, ..Wish::default() };
                let cost = self.clerk.choose(market, &costs, &market.groups[group], wish);
                if self.price(&set) - cost <= 0.5 {
                    break;
                }
                let to = std::mem::take(&mut self.clerk.chosen);
                let done = self.attempt(group, &set, &to, last);
                moved += done;
                stale += 1;
                if done > 0 {
                    costs = self.costs();
                }
                if stale >= wait {
                    stale = 0;
                    self.tolls();
                    costs = self.costs();
                }
            }
        }
        self.journal.clear();
        moved
    }

    /// Who has nothing yet opens what it takes.
    fn rescue(&mut self, budget: &Budget<'_>, until: f64) {
        let market = self.market;
        if self.behind == 0 {
            return;
        }
        self.reroute(budget, until);
        for (nth, group) in (0..market.groups.len()).enumerate() {
            if nth % 64 == 63 && (budget.used)() >= until {
                return;
            }
            let mut last = u32::MAX;
            while self.count(group, &[]) > 0 && self.count(group, &[]) < last {
                last = self.count(group, &[]);
                let of = (0..market.offers()).map(|offer| {
                    if self.free(offer) == 0 {
                        return f64::INFINITY;
                    }
                    let opening = if self.heads[offer] == 0 { market.fixed[offer] } else { 0 };
                    // Part of it is for those who come after.
                    let part = f64::from(last.min(self.free(offer)).max(1));
                    money(market.price[offer]) + money(opening) / part
                });
                let costs = Costs::new(market, of.collect());
                self.clerk.choose(market, &costs, &market.groups[group], Wish::default());
                let mut set = std::mem::take(&mut self.clerk.chosen);
                if set.is_empty() {
                    set = self.any(group);
                }
                if set.is_empty() {
                    break;
                }
                let free = set.iter().map(|offer| self.free(*offer as usize)).min().unwrap_or_default();
                let mark = self.journal.len();
                let before = self.measure();
                self.shift(group, &[], &set, last.min(free));
                for offer in &set {
                    if self.lacks(*offer as usize) > 0 {
                        self.tolls();
                        self.fill(*offer as usize);
                    }
                }
                if self.measure() >= before {
                    self.back(mark);
                    break;
                }
            }
        }
        self.journal.clear();
    }

    /// Any set of a group that has seats, whatever it costs.
    fn any(&self, group: usize) -> Set {
        let market = self.market;
        let of = &market.groups[group];
        let menu = &market.menus[of.menu];
        let question =
            Question { lack: of.lack as i64 * menu.unit, room: of.room as i64 * menu.unit, most: of.most };
        let items = market.shelves.iter().rev().flat_map(|(hours, offers)| {
            let here = offers.iter().filter(|offer| menu.has(**offer) && self.free(**offer as usize) > 0);
            here.map(|offer| (*hours, *offer as usize))
        });
        match answer(question, items, |one, other| market.model.clash(one, other)) {
            Answer::These(mut offers) => {
                offers.sort_unstable();
                offers.into_iter().map(|offer| offer as u32).collect()
            }
            Answer::Nothing | Answer::Unknown => Set::new(),
        }
    }

    /// Gives a class people until it has as many as it needs, and then as long as each saves something; those it costs least first.
    fn fill(&mut self, offer: usize) {
        let market = self.market;
        let mut costs = self.costs();
        costs.of[offer] = money(market.price[offer]);
        costs.sort(market);
        let mut order: Vec<(f64, usize, Set, Set)> = Vec::new();
        for group in 0..market.groups.len() {
            if !market.menus[market.groups[group].menu].has(offer as u32) {
                continue;
            }
            for (set, _) in self.sets[group].iter().filter(|(set, _)| !set.contains(&(offer as u32))) {
                let wish = Wish { own: set, without: None, with: Some(offer as u32) };
                let cost = self.clerk.choose(market, &costs, &market.groups[group], wish);
                if cost < f64::INFINITY {
                    order.push((cost - self.price(set), group, set.clone(), self.clerk.chosen.clone()));
                }
            }
        }
        order.sort_by(|one, other| {
            one.0.total_cmp(&other.0).then(one.1.cmp(&other.1)).then_with(|| one.2.cmp(&other.2))
        });
        for (cost, group, from, to) in order {
            let left = self.free(offer);
            let wanted = if cost < -0.5 {
                left
            } else {
                left.min(market.model.min[offer].saturating_sub(self.heads[offer]))
            };
            let mut many = wanted.min(self.count(group, &from));
            while many > 0 {
                let mark = self.journal.len();
                if self.travel(group, &from, &to, many, DEPTH) {
                    break;
                }
                self.back(mark);
                many /= 2;
            }
        }
    }

    /// Everybody leaves a class, and goes where it costs least.
    fn close(&mut self, offer: usize) {
        let market = self.market;
        let mut out: Vec<(usize, Set, u32)> = Vec::new();
        for (group, sets) in self.sets.iter().enumerate() {
            for (set, many) in sets.iter().filter(|(set, _)| set.contains(&(offer as u32))) {
                out.push((group, set.clone(), *many));
            }
        }
        for (group, set, many) in &out {
            self.shift(*group, set, &[], *many);
        }
        let shut = std::mem::replace(&mut self.closed[offer], true);
        let mut costs = self.costs();
        costs.of[offer] = f64::INFINITY;
        costs.sort(market);
        for (group, set, _) in out {
            let mut last = u32::MAX;
            while self.count(group, &[]) > 0 && self.count(group, &[]) < last {
                last = self.count(group, &[]);
                // What the person has beside stays, if it can.
                let wish = Wish { own: &set, without: Some(offer as u32), with: None };
                self.clerk.choose(market, &costs, &market.groups[group], wish);
                let to = std::mem::take(&mut self.clerk.chosen);
                if to.is_empty() {
                    break;
                }
                let mut many = last;
                while many > 0 {
                    let mark = self.journal.len();
                    if self.travel(group, &[], &to, many, DEPTH) {
                        break;
                    }
                    self.back(mark);
                    many /= 2;
                }
                if many > 0 {
                    costs = self.costs();
                    costs.of[offer] = f64::INFINITY;
                    costs.sort(market);
                }
            }
        }
        self.closed[offer] = shut;
    }

    /// Closes classes where that is better; how many.
    fn close_some(&mut self, budget: &Budget<'_>, until: f64) -> u32 {
        let market = self.market;
        // What a class saves by each of its people when it is closed.
        let mut order: Vec<(f64, usize)> = (0..market.offers())
            .filter(|offer| self.heads[*offer] > 0 && market.hinges(*offer))
            .map(|offer| (-money(market.fixed[offer]) / f64::from(self.heads[offer].max(1)), offer))
            .collect();
        order.sort_by(|one, other| one.0.total_cmp(&other.0).then(one.1.cmp(&other.1)));
        self.tolls();
        let mut closed = 0;
        for (_, offer) in order {
            if (budget.used)() >= until {
                break;
            }
            let mark = self.journal.len();
            let before = self.measure();
            self.close(offer);
            if self.measure() < before {
                closed += 1;
                self.closed[offer] = false;
                self.tolls();
            } else {
                self.back(mark);
            }
        }
        self.journal.clear();
        closed
    }

    /// Opens classes where that is better; how many.
    fn open_some(&mut self, bound: &Bound<'_>, budget: &Budget<'_>, until: f64) -> u32 {
        let market = self.market;
        let earns =
            |offer: usize| bound.seat[offer] * f64::from(market.seats[offer]) - money(market.fixed[offer]);
        let mut order: Vec<(f64, usize)> = (0..market.offers())
            .filter(|offer| self.heads[*offer] == 0 && market.seats[*offer] > 0)
            .filter(|offer| market.hinges(*offer) || self.closed[*offer])
            .map(|offer| (earns(offer), offer))
            .collect();
        order.sort_by(|one, other| other.0.total_cmp(&one.0).then(one.1.cmp(&other.1)));
        let mut opened = 0;
        self.tolls();
        for (_, offer) in order.into_iter().take(TRIALS) {
            if (budget.used)() >= until {
                break;
            }
            let mark = self.journal.len();
            let before = self.measure();
            self.fill(offer);
            if self.measure() < before {
                opened += 1;
                self.closed[offer] = false;
                self.tolls();
            } else {
                self.back(mark);
            }
        }
        self.journal.clear();
        opened
    }

    /// Improves the plan until nothing is found, or the time is up.
    pub(crate) fn improve(&mut self, bound: &Bound<'_>, budget: &Budget<'_>, until: f64) {
        if self.lacking > 0 {
            self.mend();
        }
        self.rescue(budget, until);
        for _pass in 0..20 {
            let before = self.measure();
            while (budget.used)() < until && self.reroute(budget, until) > 0 {
                if self.measure() >= before {
                    break;
                }
            }
            self.close_some(budget, until);
            self.open_some(bound, budget, until);
            self.rescue(budget, until);
            if (budget.used)() >= until || self.measure() >= before {
                return;
            }
        }
    }

    /// Takes a few classes and a few people apart and puts them together again; keeps what is better. Whether it was.
    pub(crate) fn shake(&mut self, bound: &Bound<'_>, budget: &Budget<'_>, until: f64) -> bool {
        let before = self.measure();
        let sets = self.sets.clone();
        let running: Vec<usize> = (0..self.market.offers()).filter(|offer| self.heads[*offer] > 0).collect();
        if running.is_empty() {
            return false;
        }
        for _class in 0..(running.len() / 20).clamp(1, 8) {
            let offer = running[self.dice.below(running.len())];
            for group in 0..self.sets.len() {
                let with: Vec<(Set, u32)> = self.sets[group]
                    .iter()
                    .filter(|(set, _)| set.contains(&(offer as u32)))
                    .cloned()
                    .collect();
                for (set, many) in with {
                    let many = many - self.dice.below(many as usize / 2 + 1) as u32;
                    self.shift(group, &set, &[], many);
                }
            }
            if self.market.hinges(offer) && self.heads[offer] == 0 {
                self.closed[offer] = self.dice.below(2) == 0;
            }
        }
        self.journal.clear();
        self.improve(bound, budget, until);
        if self.measure() < before {
            return true;
        }
        self.adopt(&sets);
        false
    }
}
