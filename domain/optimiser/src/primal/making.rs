//! A plan from nothing, or from one that is known: everybody takes what is best at the prices, what is too much is taken away
//! again, and what still fits is added; then floors are reached.
#![expect(
    clippy::indexing_slicing,
    clippy::as_conversions,
    reason = "places are those of the model; counts of people fit 32 bits"
)]

use crate::Budget;
use crate::dual::Door;
use crate::model::NONE;
use crate::primal::moves::Move;
use crate::primal::{Primal, Seats};
use crate::state::State;

impl Primal<'_> {
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
        if !self.runs() {
            self.begin_with_required(&order);
        }
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

    /// Makes a plan from nothing in which the classes that required enrolments have opened come first: others have taken the people
    /// or the money for them.
    fn begin_with_required(&mut self, order: &[usize]) {
        self.state = State::empty(self.model);
        self.fill_required();
        for person in order {
            self.take(*person, Seats::Free);
        }
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

    /// Lets a person take what is best, as far as it is paid for.
    pub(super) fn take(&mut self, person: usize, seats: Seats) {
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

    /// Closes classes that have too few people; they look for something else.
    fn close_short(&mut self) {
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

    /// Adds what still fits, however little it is worth, the most value for its price first; by `opening` classes where that is paid
    /// for, or in those that run or cost nothing to open.
    pub(super) fn fill(&mut self, opening: bool) {
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
        let mut move_ = Move::default();
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
}
