//! An instance that was checked: names are places in lists, and every place exists.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use chrono::{Datelike as _, NaiveDate};
use kernel::{Violation, ViolationCode, Violations};

use crate::draft::{
    AudienceDraft, Draft, FloorDraft, HeldDraft, LimitsDraft, NeedDraft, OfferDraft, PairDraft, PersonDraft,
    StepDraft,
};

/// The highest price and budget.
const MAX_RUPIAH: i64 = 1_000_000_000_000_000;
/// The most that could be spent: what is summed while a plan is made, where a class may be too full by one for a moment, stays
/// inside 64 bits.
const MAX_SPENT: i64 = 4_000_000_000_000_000_000;
/// The highest level, number of learning hours and number of seats.
const MAX_LEVEL: i64 = 1_000;
const MAX_JP: i64 = 1_000_000;
const MAX_SEATS: i64 = 1_000_000_000;
/// The highest value of a need.
const MAX_VALUE: f64 = 1e12;

/// What can be planned: every rule of its parts holds.
#[derive(Clone, Debug)]
pub struct Instance {
    pub(crate) budget: Option<i64>,
    pub(crate) people: Vec<Person>,
    pub(crate) offers: Vec<Offer>,
    pub(crate) max_activities: Option<usize>,
    pub(crate) one_offer_per_step: bool,
    /// Names of the units somebody belongs to, and what they may spend.
    pub(crate) units: Vec<Unit>,
    /// Names of the sources some offer is paid from, and what they may spend.
    pub(crate) sources: Vec<Unit>,
    pub(crate) competencies: Vec<String>,
    /// Person and offer, by place; sorted, each once.
    pub(crate) required: Vec<(usize, usize)>,
    pub(crate) forbidden: HashSet<(usize, usize)>,
    pub(crate) floors: Vec<Floor>,
}

#[derive(Clone, Debug)]
pub(crate) struct Unit {
    pub(crate) name: String,
    pub(crate) budget: Option<i64>,
}

#[derive(Clone, Debug)]
pub(crate) struct Person {
    pub(crate) id: String,
    pub(crate) unit: Option<usize>,
    /// Hours between those done and those wished for, not above 0 where they are reached; `None` without a wish.
    pub(crate) jp_wish: Option<i64>,
    /// Hours left below the ceiling; `None` without one.
    pub(crate) jp_room: Option<i64>,
    pub(crate) needs: Vec<Need>,
    /// Competency and highest level held.
    pub(crate) holds: BTreeMap<usize, i64>,
    pub(crate) groups: BTreeSet<usize>,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Need {
    pub(crate) competency: usize,
    pub(crate) from: i64,
    pub(crate) to: i64,
    pub(crate) value: f64,
}

#[derive(Clone, Debug)]
pub(crate) struct Offer {
    pub(crate) id: String,
    pub(crate) price: i64,
    pub(crate) fixed_price: i64,
    pub(crate) seats: Option<usize>,
    pub(crate) min_seats: usize,
    pub(crate) jp: i64,
    /// Days, sorted, each once.
    pub(crate) dates: Vec<i32>,
    pub(crate) teaches: Vec<Step>,
    pub(crate) source: Option<usize>,
    pub(crate) audience: Option<Audience>,
    pub(crate) prerequisites: Vec<(usize, i64)>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Step {
    pub(crate) competency: usize,
    pub(crate) from: i64,
    pub(crate) to: i64,
}

#[derive(Clone, Debug)]
pub(crate) struct Audience {
    pub(crate) people: HashSet<usize>,
    pub(crate) units: HashSet<usize>,
    pub(crate) groups: BTreeSet<usize>,
}

/// A floor: at least `least` of `members` are served.
#[derive(Clone, Debug)]
pub(crate) struct Floor {
    pub(crate) unit: Option<String>,
    pub(crate) group: Option<String>,
    pub(crate) share: f64,
    pub(crate) members: Vec<usize>,
    pub(crate) least: usize,
}

/// Names and the places they were given.
#[derive(Default)]
struct Names(HashMap<String, usize>, Vec<String>);

impl Names {
    fn place(&mut self, name: &str) -> usize {
        if let Some(place) = self.0.get(name) {
            return *place;
        }
        let place = self.1.len();
        self.1.push(name.to_owned());
        self.0.insert(name.to_owned(), place);
        place
    }

    fn find(&self, name: &str) -> Option<usize> {
        self.0.get(name).copied()
    }
}

/// What is wrong, with the places.
struct Check {
    found: Violations,
}

impl Check {
    fn range(&mut self, at: impl FnOnce() -> String, value: i64, min: i64, max: i64) {
        self.found.check(value < min || value > max, || {
            Violation::new(at(), ViolationCode::OutOfRange)
                .with("min", min)
                .with("max", max)
                .with("value", value)
        });
    }

    fn name(&mut self, at: impl FnOnce() -> String, name: &str) {
        self.found.check(name.is_empty(), || Violation::new(at(), ViolationCode::Required));
    }

    fn refuse(&mut self, at: String, code: ViolationCode, value: impl ToString) {
        self.found.push(Violation::new(at, code).with("value", value));
    }

    fn rising(&mut self, at: &impl Fn(&str) -> String, from: i64, to: i64) {
        self.range(|| at("from"), from, 0, MAX_LEVEL);
        self.range(|| at("to"), to, 0, MAX_LEVEL);
        if to <= from {
            self.refuse(at("to"), ViolationCode::Inconsistent, to);
        }
    }
}

impl Instance {
    /// Checks `draft`.
    ///
    /// # Errors
    /// Every value that cannot stand, with its JSON Pointer: ids that are empty or occur twice, figures out of range, steps
    /// that do not lead upwards, `min_seats` above `seats`, names nobody has, and offers that could cost more in all than can be
    /// counted.
    pub fn new(draft: Draft) -> Result<Self, Vec<Violation>> {
        let Draft {
            budget,
            people,
            offers,
            limits,
            unit_budgets,
            source_budgets,
            required,
            forbidden,
            equity_floors,
        } = draft;
        let mut check = Check { found: Violations::new() };
        let mut competencies = Names::default();
        let mut groups = Names::default();
        let mut units = Names::default();
        let mut sources = Names::default();
        if let Some(budget) = budget {
            check.range(|| "/budget".to_owned(), budget, 0, MAX_RUPIAH);
        }
        let LimitsDraft { max_activities_per_person, one_offer_per_step } = limits;
        if let Some(most) = max_activities_per_person {
            check.range(|| "/limits/max_activities_per_person".to_owned(), most, 0, MAX_SEATS);
        }
        let mut person_ids = HashMap::with_capacity(people.len());
        let people: Vec<Person> = people
            .into_iter()
            .enumerate()
            .map(|(place, one)| {
                if person_ids.insert(one.id.clone(), place).is_some() {
                    check.refuse(format!("/people/{place}/id"), ViolationCode::Duplicate, &one.id);
                }
                person(&mut check, place, one, &mut competencies, &mut groups, &mut units)
            })
            .collect();
        for (name, budget) in &unit_budgets {
            check.range(|| format!("/unit_budgets/{}", escape(name)), *budget, 0, MAX_RUPIAH);
        }
        for (name, budget) in &source_budgets {
            check.range(|| format!("/source_budgets/{}", escape(name)), *budget, 0, MAX_RUPIAH);
        }
        let mut offer_ids = HashMap::with_capacity(offers.len());
        let offers: Vec<Offer> = offers
            .into_iter()
            .enumerate()
            .map(|(place, one)| {
                if offer_ids.insert(one.id.clone(), place).is_some() {
                    check.refuse(format!("/offers/{place}/id"), ViolationCode::Duplicate, &one.id);
                }
                let known = Known { people: &person_ids, units: &units, groups: &groups };
                offer(&mut check, place, one, &mut competencies, &mut sources, &known)
            })
            .collect();
        let most = dearest(&offers, people.len(), max_activities_per_person);
        check.found.check(most > i128::from(MAX_SPENT), || {
            Violation::new("/offers", ViolationCode::OutOfRange)
                .with("min", 0)
                .with("max", MAX_SPENT)
                .with("value", most)
        });
        let mut pairs = |list: Vec<PairDraft>, name: &str| -> Vec<(usize, usize)> {
            let mut found = Vec::with_capacity(list.len());
            for (place, PairDraft { person, offer }) in list.into_iter().enumerate() {
                let (of_person, of_offer) = (person_ids.get(&person), offer_ids.get(&offer));
                if of_person.is_none() {
                    check.refuse(format!("/{name}/{place}/person"), ViolationCode::NotFound, &person);
                }
                if of_offer.is_none() {
                    check.refuse(format!("/{name}/{place}/offer"), ViolationCode::NotFound, &offer);
                }
                found.extend(of_person.copied().zip(of_offer.copied()));
            }
            found.sort_unstable();
            found.dedup();
            found
        };
        let required = pairs(required, "required");
        let forbidden = pairs(forbidden, "forbidden").into_iter().collect();
        let floors = floors(&mut check, equity_floors, &people, &units, &groups);
        check.found.finish()?;
        let named = |names: Names, budgets: &BTreeMap<String, i64>| -> Vec<Unit> {
            names.1.into_iter().map(|name| Unit { budget: budgets.get(&name).copied(), name }).collect()
        };
        Ok(Self {
            budget,
            people,
            offers,
            max_activities: max_activities_per_person.map(|most| usize::try_from(most).unwrap_or(usize::MAX)),
            one_offer_per_step,
            units: named(units, &unit_budgets),
            sources: named(sources, &source_budgets),
            competencies: competencies.1,
            required,
            forbidden,
            floors,
        })
    }

    /// How many people there are.
    #[must_use]
    pub fn people(&self) -> usize {
        self.people.len()
    }

    /// How many offers there are.
    #[must_use]
    pub fn offers(&self) -> usize {
        self.offers.len()
    }
}

/// A part of a JSON Pointer (RFC 6901).
fn escape(name: &str) -> String {
    name.replace('~', "~0").replace('/', "~1")
}

fn person(
    check: &mut Check,
    place: usize,
    draft: PersonDraft,
    competencies: &mut Names,
    groups: &mut Names,
    units: &mut Names,
) -> Person {
    let PersonDraft { id, unit, groups: of, jp_done, jp_min, jp_max, needs, holds } = draft;
    check.name(|| format!("/people/{place}/id"), &id);
    check.range(|| format!("/people/{place}/jp_done"), jp_done, 0, MAX_JP);
    if let Some(most) = jp_max {
        check.range(|| format!("/people/{place}/jp_max"), most, 0, MAX_JP);
    }
    if let Some(least) = jp_min {
        check.range(|| format!("/people/{place}/jp_min"), least, 0, MAX_JP);
        if jp_max.is_some_and(|most| most < least) {
            check.refuse(format!("/people/{place}/jp_min"), ViolationCode::Inconsistent, least);
        }
    }
    if let Some(unit) = &unit {
        check.name(|| format!("/people/{place}/unit"), unit);
    }
    let mut held: BTreeMap<usize, i64> = BTreeMap::new();
    let mut hold = |competency: usize, level: i64| {
        let known = held.entry(competency).or_insert(level);
        *known = level.max(*known);
    };
    let needs = needs
        .into_iter()
        .enumerate()
        .map(|(index, NeedDraft { competency, from, to, value })| {
            let at = |name: &str| format!("/people/{place}/needs/{index}/{name}");
            check.name(|| at("competency"), &competency);
            check.rising(&at, from, to);
            check.found.check(!(0.0..=MAX_VALUE).contains(&value), || {
                Violation::new(at("value"), ViolationCode::OutOfRange)
                    .with("min", 0)
                    .with("max", MAX_VALUE)
                    .with("value", value)
            });
            let competency = competencies.place(&competency);
            hold(competency, from);
            Need { competency, from, to, value }
        })
        .collect();
    for (index, HeldDraft { competency, level }) in holds.into_iter().enumerate() {
        check.name(|| format!("/people/{place}/holds/{index}/competency"), &competency);
        check.range(|| format!("/people/{place}/holds/{index}/level"), level, 0, MAX_LEVEL);
        hold(competencies.place(&competency), level);
    }
    for (index, group) in of.iter().enumerate() {
        check.name(|| format!("/people/{place}/groups/{index}"), group);
    }
    Person {
        id,
        unit: unit.map(|unit| units.place(&unit)),
        jp_wish: jp_min.map(|least| least - jp_done),
        jp_room: jp_max.map(|most| most - jp_done),
        needs,
        holds: held,
        groups: of.iter().map(|group| groups.place(group)).collect(),
    }
}

/// Names an offer may refer to.
struct Known<'a> {
    people: &'a HashMap<String, usize>,
    units: &'a Names,
    groups: &'a Names,
}

fn offer(
    check: &mut Check,
    place: usize,
    draft: OfferDraft,
    competencies: &mut Names,
    sources: &mut Names,
    known: &Known<'_>,
) -> Offer {
    let OfferDraft {
        id,
        price,
        fixed_price,
        seats,
        min_seats,
        jp,
        dates,
        teaches,
        source,
        audience,
        prerequisites,
    } = draft;
    let at = |name: &str| format!("/offers/{place}/{name}");
    check.name(|| at("id"), &id);
    check.range(|| at("price"), price, 0, MAX_RUPIAH);
    check.range(|| at("fixed_price"), fixed_price, 0, MAX_RUPIAH);
    check.range(|| at("min_seats"), min_seats, 0, MAX_SEATS);
    check.range(|| at("jp"), jp, 0, MAX_JP);
    if let Some(seats) = seats {
        check.range(|| at("seats"), seats, 0, MAX_SEATS);
        if min_seats > seats {
            check.refuse(at("min_seats"), ViolationCode::Inconsistent, min_seats);
        }
    }
    let mut days: Vec<i32> = dates.iter().map(NaiveDate::num_days_from_ce).collect();
    days.sort_unstable();
    days.dedup();
    let teaches = teaches
        .into_iter()
        .enumerate()
        .map(|(index, StepDraft { competency, from, to })| {
            let at = |name: &str| format!("/offers/{place}/teaches/{index}/{name}");
            check.name(|| at("competency"), &competency);
            check.rising(&at, from, to);
            Step { competency: competencies.place(&competency), from, to }
        })
        .collect();
    let prerequisites = prerequisites
        .into_iter()
        .enumerate()
        .map(|(index, HeldDraft { competency, level })| {
            let at = |name: &str| format!("/offers/{place}/prerequisites/{index}/{name}");
            check.name(|| at("competency"), &competency);
            check.range(|| at("level"), level, 0, MAX_LEVEL);
            (competencies.place(&competency), level)
        })
        .collect();
    if let Some(source) = &source {
        check.name(|| at("source"), source);
    }
    let audience = audience.map(|AudienceDraft { people, units, groups }| {
        let mut named = |list: &[String], name: &str, find: &dyn Fn(&str) -> Option<usize>| {
            let mut found = Vec::new();
            for (index, one) in list.iter().enumerate() {
                match find(one) {
                    Some(one) => found.push(one),
                    None => {
                        let at = format!("/offers/{place}/audience/{name}/{index}");
                        check.refuse(at, ViolationCode::NotFound, one);
                    }
                }
            }
            found
        };
        Audience {
            people: named(&people, "people", &|id| known.people.get(id).copied()).into_iter().collect(),
            units: named(&units, "units", &|name| known.units.find(name)).into_iter().collect(),
            groups: named(&groups, "groups", &|name| known.groups.find(name)).into_iter().collect(),
        }
    });
    Offer {
        id,
        price,
        fixed_price,
        seats: seats.map(|seats| usize::try_from(seats).unwrap_or_default()),
        min_seats: usize::try_from(min_seats).unwrap_or_default(),
        jp,
        dates: days,
        teaches,
        source: source.map(|source| sources.place(&source)),
        audience,
        prerequisites,
    }
}

/// What no plan costs more than: every class is opened, and everybody is in as many as seats, or else as the limit, allow.
fn dearest(offers: &[Offer], people: usize, activities: Option<i64>) -> i128 {
    let many = |count: usize| i128::try_from(count).unwrap_or(i128::MAX);
    let fixed: i128 = offers.iter().map(|offer| i128::from(offer.fixed_price)).sum();
    let heads = |offer: &Offer| many(offer.seats.map_or(people, |seats| seats.min(people)));
    let by_seats: i128 = offers.iter().map(|offer| i128::from(offer.price) * heads(offer)).sum();
    let mut prices: Vec<i64> = offers.iter().map(|offer| offer.price).collect();
    prices.sort_unstable_by(|one, other| other.cmp(one));
    let most = activities.map_or(usize::MAX, |most| usize::try_from(most).unwrap_or_default());
    let each: i128 = prices.into_iter().take(most).map(i128::from).sum();
    fixed + by_seats.min(many(people) * each)
}

fn floors(
    check: &mut Check,
    drafts: Vec<FloorDraft>,
    people: &[Person],
    units: &Names,
    groups: &Names,
) -> Vec<Floor> {
    let mut floors = Vec::with_capacity(drafts.len());
    for (place, FloorDraft { unit, group, share }) in drafts.into_iter().enumerate() {
        let at = |name: &str| format!("/equity_floors/{place}/{name}");
        check.found.check(!(0.0..=1.0).contains(&share), || {
            Violation::new(at("share"), ViolationCode::OutOfRange)
                .with("min", 0)
                .with("max", 1)
                .with("value", share)
        });
        let (of_unit, of_group) = match (&unit, &group) {
            (Some(name), None) => {
                let found = units.find(name);
                if found.is_none() {
                    check.refuse(at("unit"), ViolationCode::NotFound, name);
                }
                (found, None)
            }
            (None, Some(name)) => {
                let found = groups.find(name);
                if found.is_none() {
                    check.refuse(at("group"), ViolationCode::NotFound, name);
                }
                (None, found)
            }
            (Some(_), Some(_)) => {
                check.found.push(Violation::new(at("group"), ViolationCode::Inconsistent));
                continue;
            }
            (None, None) => {
                check.found.push(Violation::new(at("unit"), ViolationCode::Required));
                continue;
            }
        };
        let belongs = |person: &Person| {
            of_unit.is_some() && person.unit == of_unit
                || of_group.is_some_and(|group| person.groups.contains(&group))
        };
        let needy = people.iter().enumerate().filter(|(_, one)| !one.needs.is_empty() && belongs(one));
        let members: Vec<usize> = needy.map(|(place, _)| place).collect();
        let least = (1..=members.len()).find(|many| reaches(*many, members.len(), share));
        let least = if reaches(0, members.len(), share) { 0 } else { least.unwrap_or(members.len()) };
        floors.push(Floor { unit, group, share, members, least });
    }
    floors
}

/// Whether `many` of `all` are at least `share` of them; a hair of rounding is forgiven.
fn reaches(many: usize, all: usize, share: f64) -> bool {
    let float = |count: usize| u32::try_from(count).map_or(f64::MAX, f64::from);
    float(many) + 1e-9 >= share * float(all)
}
