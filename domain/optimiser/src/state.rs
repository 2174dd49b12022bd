//! A plan while it is being made: who is enrolled where, and what is left of everything. Changes can be taken back.
#![expect(
    clippy::indexing_slicing,
    clippy::as_conversions,
    reason = "places are those of the model; counts of people fit 32 bits"
)]

use crate::model::{Model, NONE};

/// See the module.
#[derive(Clone)]
pub(crate) struct State {
    /// Offers of each person beside the required ones, and the place among the members of each.
    sets: Vec<Vec<(u32, u32)>>,
    /// What each person earns beyond the required enrolments.
    pub(crate) worth: Vec<f64>,
    pub(crate) members: Vec<Vec<u32>>,
    pub(crate) spent: i64,
    pub(crate) of_unit: Vec<i64>,
    pub(crate) of_source: Vec<i64>,
    pub(crate) value: f64,
    /// Changed people with what they had, since the last [`State::keep`].
    journal: Vec<(u32, Vec<u32>)>,
    /// How many people count for each floor, now and when it was kept.
    pub(crate) served: Vec<usize>,
    served_before: Vec<usize>,
}

impl State {
    pub(crate) fn empty(model: &Model) -> Self {
        Self {
            sets: vec![Vec::new(); model.people],
            worth: vec![0.0; model.people],
            members: vec![Vec::new(); model.offers],
            spent: 0,
            of_unit: vec![0; model.units.len()],
            of_source: vec![0; model.sources.len()],
            value: 0.0,
            journal: Vec::new(),
            served: vec![0; model.floors.len()],
            served_before: vec![0; model.floors.len()],
        }
    }

    pub(crate) fn set(&self, person: usize) -> impl Iterator<Item = u32> + Clone + '_ {
        self.sets[person].iter().map(|(offer, _)| *offer)
    }

    pub(crate) fn has(&self, person: usize, offer: u32) -> bool {
        self.sets[person].iter().any(|(one, _)| *one == offer)
    }

    pub(crate) fn busy(&self, person: usize) -> usize {
        self.sets[person].len()
    }

    /// Whether a class runs: required enrolments may have opened it.
    pub(crate) fn runs(&self, model: &Model, offer: usize) -> bool {
        model.open[offer] || !self.members[offer].is_empty()
    }

    pub(crate) fn free(&self, model: &Model, offer: usize) -> i64 {
        i64::from(model.seats[offer]) - self.members[offer].len() as i64
    }

    /// Gives `person` exactly `offers`.
    pub(crate) fn assign(&mut self, model: &Model, person: usize, offers: &[u32]) {
        let before: Vec<u32> = self.set(person).collect();
        if before.len() == offers.len() && before.iter().all(|one| offers.contains(one)) {
            return;
        }
        self.swap(model, person, offers);
        self.journal.push((person as u32, before));
    }

    fn swap(&mut self, model: &Model, person: usize, offers: &[u32]) {
        for place in (0..self.sets[person].len()).rev() {
            if !offers.contains(&self.sets[person][place].0) {
                self.leave(model, person, place);
            }
        }
        for offer in offers {
            if !self.has(person, *offer) {
                self.join(model, person, *offer);
            }
        }
        let worth = if offers.is_empty() { 0.0 } else { model.value(person, offers) };
        self.value += worth - self.worth[person];
        if !self.served.is_empty() && !model.served[person] && (worth > 0.0) != (self.worth[person] > 0.0) {
            for floor in &model.floors_of[person] {
                let served = &mut self.served[*floor as usize];
                *served = if worth > 0.0 { *served + 1 } else { *served - 1 };
            }
        }
        self.worth[person] = worth;
    }

    fn pay(&mut self, model: &Model, offer: usize, cost: i64) {
        self.spent += cost;
        if model.source[offer] != NONE {
            self.of_source[model.source[offer] as usize] += cost;
        }
    }

    fn join(&mut self, model: &Model, person: usize, offer: u32) {
        let at = offer as usize;
        if !self.runs(model, at) {
            self.pay(model, at, model.fixed[at]);
        }
        self.pay(model, at, model.price[at]);
        if model.unit[person] != NONE {
            self.of_unit[model.unit[person] as usize] += model.price[at];
        }
        self.sets[person].push((offer, self.members[at].len() as u32));
        self.members[at].push(person as u32);
    }

    fn leave(&mut self, model: &Model, person: usize, place: usize) {
        let (offer, seat) = self.sets[person].swap_remove(place);
        let at = offer as usize;
        self.members[at].swap_remove(seat as usize);
        if let Some(moved) = self.members[at].get(seat as usize) {
            for entry in &mut self.sets[*moved as usize] {
                if entry.0 == offer {
                    entry.1 = seat;
                }
            }
        }
        self.pay(model, at, -model.price[at]);
        if model.unit[person] != NONE {
            self.of_unit[model.unit[person] as usize] -= model.price[at];
        }
        if !self.runs(model, at) {
            self.pay(model, at, -model.fixed[at]);
        }
    }

    /// Makes what was changed the state to return to.
    pub(crate) fn keep(&mut self) {
        self.journal.clear();
        self.served_before.clone_from(&self.served);
    }

    /// Whether no floor is missed by more than before.
    pub(crate) fn as_fair(&self, model: &Model) -> bool {
        let counts = model.floors.iter().zip(&self.served).zip(&self.served_before);
        counts.into_iter().all(|((least, now), before)| now >= least || now >= before)
    }

    /// How many people the floors lack.
    pub(crate) fn unfair(&self, model: &Model) -> usize {
        model.floors.iter().zip(&self.served).map(|(least, served)| least.saturating_sub(*served)).sum()
    }

    /// Whether anything changed since.
    pub(crate) fn changed(&self) -> bool {
        !self.journal.is_empty()
    }

    /// People changed since.
    pub(crate) fn changes(&self) -> impl Iterator<Item = usize> + '_ {
        self.journal.iter().map(|(person, _)| *person as usize)
    }

    /// Offers of the changed people before.
    pub(crate) fn left(&self) -> impl Iterator<Item = u32> + '_ {
        self.journal.iter().flat_map(|(_, before)| before.iter().copied())
    }

    /// Takes back what was changed.
    pub(crate) fn back(&mut self, model: &Model) {
        while let Some((person, before)) = self.journal.pop() {
            self.swap(model, person as usize, &before);
        }
    }

    /// The value anew, without what rounding has added up to.
    pub(crate) fn add_up(&mut self) {
        self.value = self.worth.iter().sum();
    }

    /// Whether every budget holds.
    pub(crate) fn affordable(&self, model: &Model) -> bool {
        let within = |budget: &Option<i64>, spent: i64| budget.is_none_or(|budget| spent <= budget);
        within(&model.budget, self.spent)
            && model.sources.iter().zip(&self.of_source).all(|(budget, spent)| within(budget, *spent))
            && self.journal.iter().all(|(person, _)| self.unit_holds(model, *person as usize))
    }

    /// Whether the budget of a person's unit holds.
    pub(crate) fn unit_holds(&self, model: &Model, person: usize) -> bool {
        let unit = model.unit[person];
        unit == NONE || {
            let unit = unit as usize;
            model.units[unit].is_none_or(|budget| self.of_unit[unit] <= budget)
        }
    }

    /// Whether a person's enrolling in `offer`, which they lack, would be paid for.
    pub(crate) fn can_pay(&self, model: &Model, person: usize, offer: usize) -> bool {
        let within = |budget: Option<i64>, spent: i64| budget.is_none_or(|budget| spent <= budget);
        let cost = model.price[offer] + if self.runs(model, offer) { 0 } else { model.fixed[offer] };
        let (source, unit) = (model.source[offer], model.unit[person]);
        within(model.budget, self.spent + cost)
            && (source == NONE
                || within(model.sources[source as usize], self.of_source[source as usize] + cost))
            && (unit == NONE
                || within(model.units[unit as usize], self.of_unit[unit as usize] + model.price[offer]))
    }
}
