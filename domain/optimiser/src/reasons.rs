//! Why a need is not served: the limit without which it would be, found out by trying.

use crate::instance::{Instance, Offer, Step};
use crate::value::{Barred, eligible, offer_cover};

/// Why a need is not served. Where one limit alone stands in the way of an offer, it is that limit; of several such offers the one
/// that closes most of the need is told. Where each offer is ruled out by more than one limit, it is the first in this order of the
/// offer that is ruled out by fewest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Reason {
    /// No offer closes any of it.
    NoOffer,
    /// It is worth nothing.
    NoValue,
    /// The pair is forbidden.
    Forbidden,
    /// The offer is for others.
    Audience,
    /// The person does not hold the levels the offer asks for.
    Prerequisite,
    /// The person would have more learning hours than `jp_max`.
    JpCeiling,
    /// The person has as many activities as one may have.
    ActivityLimit,
    /// It shares a day with what the person is enrolled in.
    Dates,
    /// It teaches a step again that something the person is enrolled in teaches.
    SameStep,
    /// Every seat is taken by somebody for whom the plan gains more.
    Seats,
    /// The class is not opened: it would have fewer people than it needs.
    MinSeats,
    /// The budget of the person's unit is spent.
    UnitBudget,
    /// The budget of the source is spent.
    SourceBudget,
    /// The budget is spent, or what is left does not open the class.
    Budget,
    /// Nothing stands in the way: the search was broken off before it got there.
    TimeLimit,
}

impl Reason {
    /// Every reason.
    pub const ALL: &'static [Self] = &[
        Self::NoOffer,
        Self::NoValue,
        Self::Forbidden,
        Self::Audience,
        Self::Prerequisite,
        Self::JpCeiling,
        Self::ActivityLimit,
        Self::Dates,
        Self::SameStep,
        Self::Seats,
        Self::MinSeats,
        Self::UnitBudget,
        Self::SourceBudget,
        Self::Budget,
        Self::TimeLimit,
    ];

    /// Its name in the contract.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::NoOffer => "NO_OFFER",
            Self::NoValue => "NO_VALUE",
            Self::Forbidden => "FORBIDDEN",
            Self::Audience => "AUDIENCE",
            Self::Prerequisite => "PREREQUISITE",
            Self::JpCeiling => "JP_CEILING",
            Self::ActivityLimit => "ACTIVITY_LIMIT",
            Self::Dates => "DATES",
            Self::SameStep => "SAME_STEP",
            Self::Seats => "SEATS",
            Self::MinSeats => "MIN_SEATS",
            Self::UnitBudget => "UNIT_BUDGET",
            Self::SourceBudget => "SOURCE_BUDGET",
            Self::Budget => "BUDGET",
            Self::TimeLimit => "TIME_LIMIT",
        }
    }
}

/// Whether two offers share a day.
pub(crate) fn same_day(one: &Offer, other: &Offer) -> bool {
    one.dates.iter().any(|day| other.dates.binary_search(day).is_ok())
}

/// Whether two offers teach an overlapping step of the same competency.
pub(crate) fn same_step(one: &Offer, other: &Offer) -> bool {
    let overlap = |a: &Step, b: &Step| a.competency == b.competency && a.from < b.to && b.from < a.to;
    one.teaches.iter().any(|a| other.teaches.iter().any(|b| overlap(a, b)))
}

/// A plan as far as reasons need it.
pub(crate) struct Standing<'a> {
    pub(crate) instance: &'a Instance,
    /// Offers of each person, required ones included.
    pub(crate) sets: &'a [Vec<usize>],
    heads: Vec<usize>,
    spent: i64,
    of_unit: Vec<i64>,
    of_source: Vec<i64>,
    /// Offers that teach a competency.
    teaching: Vec<Vec<usize>>,
}

impl<'a> Standing<'a> {
    pub(crate) fn new(instance: &'a Instance, sets: &'a [Vec<usize>]) -> Self {
        let mut heads = vec![0; instance.offers.len()];
        let mut of_unit = vec![0; instance.units.len()];
        let mut of_source = vec![0; instance.sources.len()];
        let mut spent = 0;
        let add = |list: &mut [i64], place: Option<usize>, cost: i64| {
            if let Some(sum) = place.and_then(|place| list.get_mut(place)) {
                *sum += cost;
            }
        };
        for (person, set) in instance.people.iter().zip(sets) {
            for place in set {
                let Some(offer) = instance.offers.get(*place) else { continue };
                let mut cost = offer.price;
                add(&mut of_unit, person.unit, cost);
                if let Some(heads) = heads.get_mut(*place) {
                    if *heads == 0 {
                        cost += offer.fixed_price;
                    }
                    *heads += 1;
                }
                spent += cost;
                add(&mut of_source, offer.source, cost);
            }
        }
        let mut teaching = vec![Vec::new(); instance.competencies.len()];
        for (place, offer) in instance.offers.iter().enumerate() {
            for step in &offer.teaches {
                if let Some(of) = teaching.get_mut(step.competency)
                    && of.last() != Some(&place)
                {
                    of.push(place);
                }
            }
        }
        Self { instance, sets, heads, spent, of_unit, of_source, teaching }
    }

    /// The needs nobody serves, by person and place among the needs, with the reason.
    pub(crate) fn unserved(&self) -> Vec<(usize, usize, Reason)> {
        let mut unserved = Vec::new();
        for (who, person) in self.instance.people.iter().enumerate() {
            for (at, need) in person.needs.iter().enumerate() {
                let set = self.sets.get(who).map(Vec::as_slice).unwrap_or_default();
                let served = set
                    .iter()
                    .filter_map(|offer| self.instance.offers.get(*offer))
                    .any(|offer| offer_cover(offer, need) > 0.0);
                if !served {
                    unserved.push((who, at, self.reason(who, at)));
                }
            }
        }
        unserved
    }

    fn reason(&self, who: usize, at: usize) -> Reason {
        let need = self.instance.people.get(who).and_then(|person| person.needs.get(at));
        let Some(need) = need else { return Reason::NoOffer };
        let mut best: Option<(usize, f64, Vec<Reason>)> = None;
        for place in self.teaching.get(need.competency).map(Vec::as_slice).unwrap_or_default() {
            let covered = self.instance.offers.get(*place).map_or(0.0, |offer| offer_cover(offer, need));
            if covered <= 0.0 {
                continue;
            }
            let against = self.against(who, *place);
            let (many, more) = best.as_ref().map_or((usize::MAX, 0.0), |(many, more, _)| (*many, *more));
            if against.len() < many || against.len() == many && covered > more {
                best = Some((against.len(), covered, against));
            }
        }
        match best {
            None => Reason::NoOffer,
            Some(_) if need.value <= 0.0 => Reason::NoValue,
            Some((_, _, against)) => against.first().copied().unwrap_or(Reason::TimeLimit),
        }
    }

    /// Every limit that keeps a person from joining an offer as the plan stands, in order.
    fn against(&self, who: usize, place: usize) -> Vec<Reason> {
        let mut against = Vec::new();
        let instance = self.instance;
        let (Some(person), Some(offer)) = (instance.people.get(who), instance.offers.get(place)) else {
            return against;
        };
        match eligible(instance, who, place) {
            Err(Barred::Forbidden) => against.push(Reason::Forbidden),
            Err(Barred::Audience) => against.push(Reason::Audience),
            Err(Barred::Prerequisite) => against.push(Reason::Prerequisite),
            Ok(()) => {}
        }
        let set = self.sets.get(who).map(Vec::as_slice).unwrap_or_default();
        let others: Vec<_> = set.iter().filter_map(|place| instance.offers.get(*place)).collect();
        let jp: i64 = others.iter().map(|other| other.jp).sum();
        if person.jp_room.is_some_and(|room| jp + offer.jp > room) {
            against.push(Reason::JpCeiling);
        }
        if instance.max_activities.is_some_and(|most| others.len() >= most) {
            against.push(Reason::ActivityLimit);
        }
        if others.iter().any(|other| same_day(offer, other)) {
            against.push(Reason::Dates);
        }
        if instance.one_offer_per_step && others.iter().any(|other| same_step(offer, other)) {
            against.push(Reason::SameStep);
        }
        let heads = self.heads.get(place).copied().unwrap_or_default();
        if offer.seats.is_some_and(|seats| heads >= seats) {
            against.push(Reason::Seats);
        }
        let runs = heads > 0;
        if !runs && offer.min_seats > 1 {
            against.push(Reason::MinSeats);
        }
        let cost = offer.price + if runs { 0 } else { offer.fixed_price };
        let over =
            |limit: Option<i64>, spent: i64, cost: i64| limit.is_some_and(|limit| spent + cost > limit);
        let at = |list: &[i64], place: usize| list.get(place).copied().unwrap_or_default();
        if let Some(unit) = person.unit
            && over(instance.units.get(unit).and_then(|one| one.budget), at(&self.of_unit, unit), offer.price)
        {
            against.push(Reason::UnitBudget);
        }
        if let Some(source) = offer.source
            && over(
                instance.sources.get(source).and_then(|one| one.budget),
                at(&self.of_source, source),
                cost,
            )
        {
            against.push(Reason::SourceBudget);
        }
        if over(instance.budget, self.spent, cost) {
            against.push(Reason::Budget);
        }
        against
    }
}
