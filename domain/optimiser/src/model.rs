//! An instance laid out for searching: flat lists of the enrolments that could earn something, once the required ones are
//! made.
#![expect(
    clippy::indexing_slicing,
    clippy::as_conversions,
    reason = "the places are made here and never leave the crate; lists are indexed millions of times a second, and counts \
              of people, offers and needs fit 32 bits"
)]

use std::collections::HashMap;

use crate::instance::Instance;
use crate::value::{eligible, offer_cover};

/// Nobody, nothing: a unit or source that is not there.
pub(crate) const NONE: u32 = u32::MAX;
/// In place of the only need an enrolment serves: it serves several.
pub(crate) const SEVERAL: u32 = u32::MAX;

/// The largest gain there may be beside tolerances of a billionth.
const LARGEST: f64 = 65_536.0;

/// See the module.
pub(crate) struct Model {
    pub(crate) people: usize,
    pub(crate) offers: usize,
    /// Candidates of person `p` are `start[p]..start[p + 1]`, by offer.
    pub(crate) start: Vec<usize>,
    pub(crate) offer: Vec<u32>,
    /// What values are multiplied by here, a power of two, so that they are neither so small nor so large that rounding shows.
    pub(crate) scale: f64,
    /// What the candidate alone would earn.
    pub(crate) gain: Vec<f64>,
    /// The only need it serves, by place among the person's, or [`SEVERAL`].
    pub(crate) only: Vec<u32>,
    /// Needs of person `p` are `need_start[p]..need_start[p + 1]`.
    pub(crate) need_start: Vec<usize>,
    pub(crate) need_value: Vec<f64>,
    need_kind: Vec<u32>,
    /// The part that required enrolments close already.
    pub(crate) need_base: Vec<f64>,
    /// Offers that close part of a kind of need, by offer, with the part.
    kinds: Vec<Vec<(u32, f64)>>,
    pub(crate) unit: Vec<u32>,
    /// Hours and enrolments a person may still have.
    pub(crate) jp_room: Vec<i64>,
    pub(crate) room: Vec<u32>,
    /// Money in whole rupiah, and the same as it is calculated with.
    pub(crate) price: Vec<i64>,
    pub(crate) price_f: Vec<f64>,
    pub(crate) fixed: Vec<i64>,
    pub(crate) fixed_f: Vec<f64>,
    pub(crate) source: Vec<u32>,
    /// Seats left, and how many must still come.
    pub(crate) seats: Vec<u32>,
    pub(crate) min: Vec<u32>,
    /// Required enrolments have opened it.
    pub(crate) open: Vec<bool>,
    pub(crate) jp: Vec<i64>,
    clash: Vec<u64>,
    words: usize,
    /// What is left of the budgets after the required enrolments.
    pub(crate) budget: Option<i64>,
    pub(crate) units: Vec<Option<i64>>,
    pub(crate) sources: Vec<Option<i64>>,
    /// Required enrolments of each person.
    pub(crate) forced: HashMap<usize, Vec<u32>>,
    pub(crate) forced_value: f64,
    pub(crate) forced_cost: i64,
    /// For each floor how many more must be served, and for each person the floors they count for.
    pub(crate) floors: Vec<usize>,
    pub(crate) floors_of: Vec<Vec<u32>>,
    /// Whether the required enrolments serve the person already.
    pub(crate) served: Vec<bool>,
}

/// Required enrolments that contradict a limit, or each other.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Conflict {
    /// Id of the person, where one is concerned.
    pub person: Option<String>,
    /// Id of the offer, where one is concerned.
    pub offer: Option<String>,
    /// What stands against it, in English.
    pub detail: String,
}

impl Model {
    /// Lays `instance` out.
    ///
    /// # Errors
    /// Where the required enrolments cannot all be.
    pub(crate) fn new(instance: &Instance) -> Result<Self, Vec<Conflict>> {
        let (people, offers) = (instance.people.len(), instance.offers.len());
        let words = offers.div_ceil(64);
        let clash = clashes(instance, words);
        let heads = u32::try_from(people).unwrap_or(u32::MAX);
        let seats = |offer: &crate::instance::Offer| {
            offer.seats.map_or(heads, |seats| u32::try_from(seats).unwrap_or(u32::MAX).min(heads))
        };
        let count = |count: usize| u32::try_from(count).unwrap_or(u32::MAX);
        let mut model = Self {
            people,
            offers,
            start: vec![0],
            offer: Vec::new(),
            scale: 1.0,
            gain: Vec::new(),
            only: Vec::new(),
            need_start: vec![0],
            need_value: Vec::new(),
            need_kind: Vec::new(),
            need_base: Vec::new(),
            kinds: Vec::new(),
            unit: instance.people.iter().map(|one| one.unit.map_or(NONE, count)).collect(),
            jp_room: instance.people.iter().map(|one| one.jp_room.unwrap_or(i64::MAX / 4)).collect(),
            room: vec![count(instance.max_activities.unwrap_or(usize::MAX)); people],
            price: instance.offers.iter().map(|one| one.price).collect(),
            price_f: instance.offers.iter().map(|one| one.price as f64).collect(),
            fixed: instance.offers.iter().map(|one| one.fixed_price).collect(),
            fixed_f: Vec::new(),
            source: instance.offers.iter().map(|one| one.source.map_or(NONE, count)).collect(),
            seats: instance.offers.iter().map(seats).collect(),
            min: instance.offers.iter().map(|one| count(one.min_seats)).collect(),
            open: vec![false; offers],
            jp: instance.offers.iter().map(|one| one.jp).collect(),
            clash,
            words,
            budget: instance.budget,
            units: instance.units.iter().map(|unit| unit.budget).collect(),
            sources: instance.sources.iter().map(|source| source.budget).collect(),
            forced: HashMap::new(),
            forced_value: 0.0,
            forced_cost: 0,
            floors: Vec::new(),
            floors_of: Vec::new(),
            served: vec![false; people],
        };
        model.force(instance)?;
        model.fixed_f = model.fixed.iter().map(|fixed| *fixed as f64).collect();
        model.list(instance);
        model.weigh();
        model.count_floors(instance);
        Ok(model)
    }

    /// Makes the required enrolments.
    fn force(&mut self, instance: &Instance) -> Result<(), Vec<Conflict>> {
        let mut conflicts = Vec::new();
        let name = |person: usize| instance.people.get(person).map(|one| one.id.clone());
        let title = |offer: usize| instance.offers.get(offer).map(|one| one.id.clone());
        for (person, offer) in &instance.required {
            let (person, offer) = (*person, *offer);
            let mut refuse = |detail: &str| {
                let (person, offer) = (name(person), title(offer));
                conflicts.push(Conflict { person, offer, detail: detail.to_owned() });
            };
            if let Err(barred) = eligible(instance, person, offer) {
                refuse(&barred.to_string());
            }
            let before = self.forced.entry(person).or_default();
            let apart = before.iter().all(|other| !clashing(&self.clash, self.words, *other as usize, offer));
            before.push(offer as u32);
            if !apart {
                refuse("it shares a day or a step with another required enrolment of the person");
            }
            if self.room[person] == 0 {
                refuse("the person would have more activities than the limit");
            }
            self.room[person] = self.room[person].saturating_sub(1);
            self.jp_room[person] -= self.jp[offer];
            if self.jp_room[person] < 0 {
                refuse("the person would have more learning hours than jp_max");
            }
            if self.seats[offer] == 0 {
                refuse("the class has no seat left");
            }
            self.seats[offer] = self.seats[offer].saturating_sub(1);
            self.min[offer] = self.min[offer].saturating_sub(1);
            let mut cost = self.price[offer];
            if !self.open[offer] {
                self.open[offer] = true;
                cost += std::mem::take(&mut self.fixed[offer]);
            }
            // Where more is required than there are seats, the sums may be beyond counting; then there is a conflict already.
            self.forced_cost = self.forced_cost.saturating_add(cost);
            self.budget = self.budget.map(|budget| budget.saturating_sub(cost));
            if self.source[offer] != NONE {
                let budget = &mut self.sources[self.source[offer] as usize];
                *budget = budget.map(|budget| budget.saturating_sub(cost));
            }
            if self.unit[person] != NONE {
                let budget = &mut self.units[self.unit[person] as usize];
                *budget = budget.map(|budget| budget.saturating_sub(self.price[offer]));
            }
        }
        let mut short = |what: String| {
            conflicts.push(Conflict {
                person: None,
                offer: None,
                detail: format!("the required enrolments cost more than {what}"),
            });
        };
        let negative = |budget: Option<i64>| budget.is_some_and(|budget| budget < 0);
        if negative(self.budget) {
            short("the budget".to_owned());
        }
        for (unit, budget) in instance.units.iter().zip(&self.units) {
            if negative(*budget) {
                short(format!("the budget of unit {}", unit.name));
            }
        }
        for (source, budget) in instance.sources.iter().zip(&self.sources) {
            if negative(*budget) {
                short(format!("the budget of source {}", source.name));
            }
        }
        if conflicts.is_empty() {
            return Ok(());
        }
        conflicts.sort();
        conflicts.dedup();
        Err(conflicts)
    }

    /// Lists needs and candidates.
    fn list(&mut self, instance: &Instance) {
        let mut teaching: Vec<Vec<usize>> = vec![Vec::new(); instance.competencies.len()];
        for (place, offer) in instance.offers.iter().enumerate() {
            for step in &offer.teaches {
                if teaching[step.competency].last() != Some(&place) {
                    teaching[step.competency].push(place);
                }
            }
        }
        let mut known: HashMap<(usize, i64, i64), u32> = HashMap::new();
        let mut sums = vec![0.0; self.offers];
        let mut only = vec![0_u32; self.offers];
        let mut met: Vec<u32> = Vec::new();
        for (place, person) in instance.people.iter().enumerate() {
            let forced: &[u32] = self.forced.get(&place).map_or(&[], Vec::as_slice);
            for (at, need) in person.needs.iter().enumerate() {
                let kind = *known.entry((need.competency, need.from, need.to)).or_insert_with(|| {
                    let covers = teaching[need.competency]
                        .iter()
                        .map(|offer| (*offer as u32, offer_cover(&instance.offers[*offer], need)));
                    self.kinds.push(covers.filter(|(_, covered)| *covered > 0.0).collect());
                    (self.kinds.len() - 1) as u32
                });
                let covers = &self.kinds[kind as usize];
                let base = forced.iter().map(|offer| part(covers, *offer)).fold(0.0, f64::max);
                if base * need.value > 0.0 {
                    self.served[place] = true;
                    self.forced_value += base * need.value;
                }
                self.need_value.push(need.value);
                self.need_kind.push(kind);
                self.need_base.push(base);
                for (offer, covered) in covers {
                    let gain = need.value * (covered - base);
                    if gain > 0.0 {
                        let at_offer = *offer as usize;
                        if sums[at_offer] == 0.0 {
                            met.push(*offer);
                            only[at_offer] = at as u32;
                        } else {
                            only[at_offer] = SEVERAL;
                        }
                        sums[at_offer] += gain;
                    }
                }
            }
            self.need_start.push(self.need_value.len());
            met.sort_unstable();
            for offer in met.drain(..) {
                let at = offer as usize;
                let gain = std::mem::take(&mut sums[at]);
                if self.may(instance, place, at) {
                    self.offer.push(offer);
                    self.gain.push(gain);
                    self.only.push(only[at]);
                }
            }
            self.start.push(self.offer.len());
        }
        self.offer.shrink_to_fit();
        self.gain.shrink_to_fit();
        self.only.shrink_to_fit();
    }

    /// Brings values to where differences of a billionth can be told apart: the largest gain between 1 and 65536.
    fn weigh(&mut self) {
        let top = self.gain.iter().copied().fold(0.0, f64::max);
        if top <= 0.0 {
            return;
        }
        while top * self.scale > LARGEST {
            self.scale /= 2.0;
        }
        while top * self.scale < 1.0 && self.scale < f64::MAX / 4.0 {
            self.scale *= 2.0;
        }
        let scale = self.scale;
        self.gain.iter_mut().chain(&mut self.need_value).for_each(|value| *value *= scale);
        self.forced_value *= scale;
    }

    /// Whether a person may take an offer at all, beside the required enrolments, and as far as money goes alone.
    pub(crate) fn may(&self, instance: &Instance, person: usize, offer: usize) -> bool {
        let within = |budget: Option<i64>, cost: i64| budget.is_none_or(|budget| cost <= budget);
        // What is beyond counting is beyond every budget.
        let heads = self.price[offer].saturating_mul(i64::from(self.min[offer].max(1)));
        let whole = heads.saturating_add(self.fixed[offer]);
        let fits = self.room[person] > 0
            && self.seats[offer] > 0
            && self.seats[offer] >= self.min[offer]
            && self.jp[offer] <= self.jp_room[person]
            && within(self.budget, whole)
            && (self.source[offer] == NONE || within(self.sources[self.source[offer] as usize], whole))
            && (self.unit[person] == NONE
                || within(self.units[self.unit[person] as usize], self.price[offer]));
        let apart = self.forced.get(&person).is_none_or(|forced| {
            forced.iter().all(|other| *other as usize != offer && !self.clash(*other as usize, offer))
        });
        fits && apart && eligible(instance, person, offer).is_ok()
    }

    fn count_floors(&mut self, instance: &Instance) {
        if instance.floors.is_empty() {
            return;
        }
        self.floors_of = vec![Vec::new(); self.people];
        for (place, floor) in instance.floors.iter().enumerate() {
            let already = floor.members.iter().filter(|member| self.served[**member]).count();
            // Who can earn nothing cannot be served, so no more is asked than there are others.
            let could = |member: &&usize| !self.served[**member] && !self.candidates(**member).is_empty();
            let could = floor.members.iter().filter(could).count();
            self.floors.push(floor.least.saturating_sub(already).min(could));
            for member in &floor.members {
                self.floors_of[*member].push(place as u32);
            }
        }
    }

    /// Whether two offers cannot both be taken by one person.
    pub(crate) fn clash(&self, one: usize, other: usize) -> bool {
        clashing(&self.clash, self.words, one, other)
    }

    /// Places of the candidates of a person.
    pub(crate) fn candidates(&self, person: usize) -> std::ops::Range<usize> {
        self.start[person]..self.start[person + 1]
    }

    /// Places of the needs of a person.
    pub(crate) fn needs(&self, person: usize) -> std::ops::Range<usize> {
        self.need_start[person]..self.need_start[person + 1]
    }

    /// The part of a need (by its place) that `offer` closes.
    pub(crate) fn cover(&self, need: usize, offer: u32) -> f64 {
        part(&self.kinds[self.need_kind[need] as usize], offer)
    }

    /// The candidate of a person for an offer.
    pub(crate) fn find(&self, person: usize, offer: u32) -> Option<usize> {
        let range = self.candidates(person);
        let start = range.start;
        self.offer[range].binary_search(&offer).ok().map(|place| start + place)
    }

    /// What a person earns with `chosen` beyond the required enrolments.
    pub(crate) fn value(&self, person: usize, chosen: &[u32]) -> f64 {
        match chosen {
            [] => 0.0,
            [only] => self.find(person, *only).map_or(0.0, |place| self.gain[place]),
            _ => {
                let mut sum = 0.0;
                for need in self.needs(person) {
                    let best = chosen
                        .iter()
                        .map(|offer| self.cover(need, *offer))
                        .fold(self.need_base[need], f64::max);
                    sum += self.need_value[need] * (best - self.need_base[need]);
                }
                sum
            }
        }
    }
}

fn part(covers: &[(u32, f64)], offer: u32) -> f64 {
    let found = covers.binary_search_by_key(&offer, |(offer, _)| *offer);
    found.map_or(0.0, |place| covers[place].1)
}

fn clashing(clash: &[u64], words: usize, one: usize, other: usize) -> bool {
    clash[one * words + other / 64] >> (other % 64) & 1 == 1
}

/// Which offers share a day, or a step where that rules two out.
fn clashes(instance: &Instance, words: usize) -> Vec<u64> {
    let mut clash = vec![0_u64; words * instance.offers.len()];
    // A bit for each pair is small (a megabyte for 2,900 offers); what many share is put down a word at a time.
    let mut all = vec![0_u64; words];
    let mut meet = |together: &[usize]| {
        all.fill(0);
        together.iter().for_each(|one| all[one / 64] |= 1 << (one % 64));
        for one in together {
            let row = &mut clash[one * words..(one + 1) * words];
            row.iter_mut().zip(&all).for_each(|(row, all)| *row |= all);
        }
    };
    let mut by_day: HashMap<i32, Vec<usize>> = HashMap::new();
    let mut by_step: HashMap<(usize, i64), Vec<usize>> = HashMap::new();
    for (place, offer) in instance.offers.iter().enumerate() {
        for day in &offer.dates {
            by_day.entry(*day).or_default().push(place);
        }
        if instance.one_offer_per_step {
            for step in &offer.teaches {
                for level in step.from..step.to {
                    by_step.entry((step.competency, level)).or_default().push(place);
                }
            }
        }
    }
    by_day.values().for_each(|together| meet(together));
    by_step.values().for_each(|together| meet(together));
    // An offer does not clash with itself.
    (0..instance.offers.len()).for_each(|one| clash[one * words + one / 64] &= !(1 << (one % 64)));
    clash
}
