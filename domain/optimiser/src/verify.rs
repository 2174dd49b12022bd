//! Holds a plan against every limit of its instance, from the definitions alone: nothing here is shared with the search.

use std::collections::{BTreeMap, BTreeSet};

use crate::instance::Instance;
use crate::value::{Barred, earned, eligible};

/// A limit a plan does not keep.
#[derive(Clone, Debug, PartialEq)]
pub enum Breach {
    /// The same enrolment twice.
    Twice {
        /// Id of the person.
        person: String,
        /// Id of the offer.
        offer: String,
    },
    /// An enrolment that names nobody, or nothing.
    Unknown {
        /// What it says of the person.
        person: String,
        /// What it says of the offer.
        offer: String,
    },
    /// More, or fewer, people than a class has.
    Seats {
        /// Id of the offer.
        offer: String,
        /// How many there are.
        people: usize,
    },
    /// More money than there is.
    Money {
        /// The budget: `budget`, `unit NAME` or `source NAME`.
        budget: String,
        /// Whole rupiah spent.
        spent: i64,
    },
    /// More learning hours than a person's ceiling.
    JpCeiling {
        /// Id of the person.
        person: String,
    },
    /// More enrolments than one person may have.
    Activities {
        /// Id of the person.
        person: String,
    },
    /// Two offers of a person on one day.
    Dates {
        /// Id of the person.
        person: String,
    },
    /// Two offers of a person for one step, where that is ruled out.
    SameStep {
        /// Id of the person.
        person: String,
    },
    /// A pair that is forbidden, or an offer that is not for this person.
    Barred {
        /// Id of the person.
        person: String,
        /// Id of the offer.
        offer: String,
    },
    /// A required pair is missing.
    Missing {
        /// Id of the person.
        person: String,
        /// Id of the offer.
        offer: String,
    },
    /// In a plan for learning hours: neither required, nor needed for the person to reach what they should.
    Superfluous {
        /// Id of the person.
        person: String,
        /// Id of the offer.
        offer: String,
    },
    /// Fewer people of a group are served than its floor says.
    Floor {
        /// Place among the floors.
        floor: usize,
        /// How many are served.
        served: usize,
    },
}

/// What a plan comes to.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Audit {
    /// Value, summed in the order of people and their needs.
    pub objective: f64,
    /// Whole rupiah.
    pub cost: i64,
    /// Limits that are not kept; none for a plan that can be carried out.
    pub breaches: Vec<Breach>,
}

/// Checks the plan that consists of `enrolments` (ids of person and offer) and adds it up.
#[must_use]
pub fn verify(instance: &Instance, enrolments: &[(String, String)]) -> Audit {
    let (of_person, of_offer, mut breaches) = arranged(instance, enrolments);
    let mut objective = 0.0;
    let mut served = BTreeSet::new();
    for (who, chosen) in &of_person {
        let value: f64 = earned(instance, *who, chosen.iter()).into_iter().sum();
        objective += value;
        if value > 0.0 {
            served.insert(*who);
        }
        breaches.extend(person_breaches(instance, *who, chosen));
    }
    let cost = money(instance, &of_offer, &mut breaches);
    breaches.extend(class_breaches(instance, &of_person, &of_offer));
    for (place, floor) in instance.floors.iter().enumerate() {
        let served = floor.members.iter().filter(|member| served.contains(*member)).count();
        if served < floor.least {
            breaches.push(Breach::Floor { floor: place, served });
        }
    }
    Audit { objective, cost, breaches }
}

/// What a plan for learning hours comes to.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct HoursAudit {
    /// People who lacked hours and have them with this plan.
    pub reached: usize,
    /// Whole rupiah.
    pub cost: i64,
    /// Limits that are not kept; none for a plan that can be carried out.
    pub breaches: Vec<Breach>,
}

/// Checks `enrolments` (ids of person and offer) as a plan that brings people to their learning hours, and adds it up. Money has
/// no limit; nobody is in a class, unless it is required, who does not need it to reach what they should.
#[must_use]
pub fn verify_hours(instance: &Instance, enrolments: &[(String, String)]) -> HoursAudit {
    let (of_person, of_offer, mut breaches) = arranged(instance, enrolments);
    let mut reached = 0;
    for (who, person) in instance.people.iter().enumerate() {
        let none = BTreeSet::new();
        let chosen = of_person.get(&who).unwrap_or(&none);
        let hours = |offer: &usize| instance.offers.get(*offer).map_or(0, |offer| offer.jp);
        let sum: i64 = chosen.iter().map(hours).sum();
        let lack = person.jp_wish.unwrap_or_default();
        let there = sum >= lack;
        if lack > 0 && there {
            reached += 1;
        }
        for offer in chosen.iter().filter(|offer| instance.required.binary_search(&(who, **offer)).is_err()) {
            if lack <= 0 || !there || sum - hours(offer) >= lack {
                let name = instance.offers.get(*offer).map(|one| one.id.clone());
                let (person, offer) = (person.id.clone(), name.unwrap_or_default());
                breaches.push(Breach::Superfluous { person, offer });
            }
        }
        breaches.extend(person_breaches(instance, who, chosen));
    }
    let mut unlimited = Vec::new();
    let cost = money(instance, &of_offer, &mut unlimited);
    breaches.extend(class_breaches(instance, &of_person, &of_offer));
    HoursAudit { reached, cost, breaches }
}

/// Offers of people, and people of offers.
type Places = BTreeMap<usize, BTreeSet<usize>>;

/// Finds the people and offers that are named, and what is wrong with each enrolment alone.
fn arranged(instance: &Instance, enrolments: &[(String, String)]) -> (Places, Places, Vec<Breach>) {
    let people: BTreeMap<&str, usize> =
        instance.people.iter().enumerate().map(|(place, one)| (one.id.as_str(), place)).collect();
    let offers: BTreeMap<&str, usize> =
        instance.offers.iter().enumerate().map(|(place, one)| (one.id.as_str(), place)).collect();
    let mut breaches = Vec::new();
    let mut of_person: Places = BTreeMap::new();
    let mut of_offer: Places = BTreeMap::new();
    for (person, offer) in enrolments {
        let (Some(who), Some(what)) = (people.get(person.as_str()), offers.get(offer.as_str())) else {
            breaches.push(Breach::Unknown { person: person.clone(), offer: offer.clone() });
            continue;
        };
        if !of_person.entry(*who).or_default().insert(*what) {
            breaches.push(Breach::Twice { person: person.clone(), offer: offer.clone() });
        }
        of_offer.entry(*what).or_default().insert(*who);
        if eligible(instance, *who, *what).is_err() {
            breaches.push(Breach::Barred { person: person.clone(), offer: offer.clone() });
        }
    }
    (of_person, of_offer, breaches)
}

/// Classes with too many or too few people, and required enrolments that are missing.
fn class_breaches(instance: &Instance, of_person: &Places, of_offer: &Places) -> Vec<Breach> {
    let mut breaches = Vec::new();
    for (what, present) in of_offer {
        let Some(offer) = instance.offers.get(*what) else { continue };
        if present.len() < offer.min_seats || offer.seats.is_some_and(|seats| present.len() > seats) {
            breaches.push(Breach::Seats { offer: offer.id.clone(), people: present.len() });
        }
    }
    for (who, what) in &instance.required {
        if !of_person.get(who).is_some_and(|chosen| chosen.contains(what)) {
            let name = |place: &usize| instance.people.get(*place).map(|one| one.id.clone());
            let offer = instance.offers.get(*what).map(|one| one.id.clone());
            breaches.push(Breach::Missing {
                person: name(who).unwrap_or_default(),
                offer: offer.unwrap_or_default(),
            });
        }
    }
    breaches
}

fn person_breaches(instance: &Instance, who: usize, chosen: &BTreeSet<usize>) -> Vec<Breach> {
    let mut breaches = Vec::new();
    let Some(person) = instance.people.get(who) else { return breaches };
    let id = || person.id.clone();
    let offers: Vec<_> = chosen.iter().filter_map(|offer| instance.offers.get(*offer)).collect();
    let jp: i64 = offers.iter().map(|offer| offer.jp).sum();
    if !offers.is_empty() && person.jp_room.is_some_and(|room| jp > room) {
        breaches.push(Breach::JpCeiling { person: id() });
    }
    if instance.max_activities.is_some_and(|most| offers.len() > most) {
        breaches.push(Breach::Activities { person: id() });
    }
    let mut days = BTreeSet::new();
    if !offers.iter().flat_map(|offer| &offer.dates).all(|day| days.insert(*day)) {
        breaches.push(Breach::Dates { person: id() });
    }
    if instance.one_offer_per_step {
        let mut levels = BTreeSet::new();
        let taught = |offer: &crate::instance::Offer| -> BTreeSet<(usize, i64)> {
            offer
                .teaches
                .iter()
                .flat_map(|step| (step.from..step.to).map(|on| (step.competency, on)))
                .collect()
        };
        if !offers.iter().flat_map(|offer| taught(offer)).all(|level| levels.insert(level)) {
            breaches.push(Breach::SameStep { person: id() });
        }
    }
    breaches
}

/// Adds up what is spent, and holds it against every budget. A sum that is beyond counting is the largest number there is.
fn money(instance: &Instance, of_offer: &Places, breaches: &mut Vec<Breach>) -> i64 {
    let mut cost = 0;
    let mut of_unit: BTreeMap<usize, i128> = BTreeMap::new();
    let mut of_source: BTreeMap<usize, i128> = BTreeMap::new();
    for (what, present) in of_offer {
        let Some(offer) = instance.offers.get(*what) else { continue };
        let heads: i128 = present.iter().map(|_| i128::from(offer.price)).sum();
        let all = heads + i128::from(offer.fixed_price);
        cost += all;
        if let Some(source) = offer.source {
            *of_source.entry(source).or_default() += all;
        }
        for unit in present.iter().filter_map(|who| instance.people.get(*who)?.unit) {
            *of_unit.entry(unit).or_default() += i128::from(offer.price);
        }
    }
    let counted = |sum: i128| i64::try_from(sum).unwrap_or(i64::MAX);
    let mut hold = |budget: String, limit: Option<i64>, spent: i128| {
        if limit.is_some_and(|limit| spent > i128::from(limit)) {
            breaches.push(Breach::Money { budget, spent: counted(spent) });
        }
    };
    hold("budget".to_owned(), instance.budget, cost);
    for (unit, spent) in of_unit {
        let Some(unit) = instance.units.get(unit) else { continue };
        hold(format!("unit {}", unit.name), unit.budget, spent);
    }
    for (source, spent) in of_source {
        let Some(source) = instance.sources.get(source) else { continue };
        hold(format!("source {}", source.name), source.budget, spent);
    }
    counted(cost)
}

/// Why an enrolment is ruled out whatever else is planned, in words a planner reads.
impl std::fmt::Display for Barred {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str(match self {
            Self::Forbidden => "the pair is forbidden",
            Self::Audience => "the offer is not for this person",
            Self::Prerequisite => "the person does not hold the levels the offer asks for",
        })
    }
}
