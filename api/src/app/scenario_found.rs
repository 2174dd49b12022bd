//! What the optimiser found, as figures of the agency. Values in, values out.

use std::collections::{BTreeMap, BTreeSet};

use development::{
    ScenarioAsk, ScenarioFigures, ScenarioFloor, ScenarioFloorReached, ScenarioPoint, ScenarioReach,
    ScenarioUnit,
};
use kernel::{CompetencyId, Hundredths, UnitId};
use optimiser::draft::{OfferDraft, PersonDraft};
use optimiser::{HoursPlan, Reason, Solution};
use store::{ScenarioEnrolment, ScenarioUnreached, ScenarioUnserved};

use crate::app::scenario_instance::{Frozen, count, floor_group};
use crate::app::scenario_money::REST;

/// What the optimiser found, as it is kept.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Found {
    /// What it comes to.
    pub figures: ScenarioFigures,
    /// Who is enrolled where.
    pub enrolments: Vec<ScenarioEnrolment>,
    /// What stays open.
    pub unserved: Vec<ScenarioUnserved>,
    /// Who still lacks learning hours that were to be reached.
    pub unreached: Vec<ScenarioUnreached>,
}

/// How many people earn something.
pub(crate) fn served(solution: &Solution) -> u64 {
    let served: BTreeSet<&str> =
        solution.enrolments.iter().filter(|one| one.value > 0.0).map(|one| one.person.as_str()).collect();
    count(served.len())
}

/// What a plan with a budget comes to.
pub(crate) fn point(budget: i64, solution: &Solution) -> ScenarioPoint {
    ScenarioPoint {
        budget,
        objective: solution.objective,
        upper_bound: solution.upper_bound,
        served: served(solution),
        cost: solution.cost,
    }
}

impl Frozen {
    /// A reason in the agency's terms.
    fn reason(&self, person: &PersonDraft, (reason, competency): (Reason, &str)) -> Reason {
        let teaches = |offer: &&OfferDraft| offer.teaches.iter().any(|step| step.competency == competency);
        let away = |offer: &OfferDraft| self.busy.contains(&(person.id.clone(), offer.id.clone()));
        match reason {
            // Forbidden by what they are bound to.
            Reason::Forbidden if self.draft.offers.iter().filter(teaches).any(away) => Reason::Dates,
            // What is free of the budget is for whoever has no purse of their own.
            Reason::UnitBudget if person.unit.as_deref() == Some(REST) => Reason::Budget,
            told => told,
        }
    }

    /// What the optimiser found in the agency's terms; none where it names what the instance does not.
    pub(crate) fn found(
        &self,
        ask: &ScenarioAsk,
        solution: &Solution,
        stopped: bool,
        curve: Vec<ScenarioPoint>,
    ) -> Option<Found> {
        let mut all = Gathering::new(self)?;
        for one in &solution.enrolments {
            all.enrol(&one.person, &one.offer, one.value)?;
        }
        for unit in &mut all.units {
            unit.needs_served = unit.needs;
        }
        let mut reasons: BTreeMap<&'static str, u64> = BTreeMap::new();
        let mut unserved = Vec::with_capacity(solution.unserved.len());
        for one in &solution.unserved {
            let (person, place) = all.person(&one.person)?;
            let need = person.needs.iter().find(|need| need.competency == one.competency)?;
            let unit = all.unit(place)?;
            unit.needs_served -= 1;
            let competency = CompetencyId::from(one.competency.parse::<uuid::Uuid>().ok()?);
            let reason = self.reason(person, (one.reason, &need.competency));
            *reasons.entry(reason.code()).or_default() += 1;
            unserved.push(ScenarioUnserved {
                employee: one.person.parse::<uuid::Uuid>().ok()?.into(),
                unit: unit.unit,
                competency_agency: *self.competencies.get(&competency)?,
                competency,
                from: u8::try_from(need.from).ok()?,
                to: u8::try_from(need.to).ok()?,
                value: need.value,
                reason: reason.code().to_owned(),
            });
        }
        let (figures, enrolments) = all.finish();
        let figures = ScenarioFigures {
            stopped,
            objective: solution.objective,
            upper_bound: solution.upper_bound,
            gap_percent: solution.gap_percent,
            cost: solution.cost,
            shadow_price: solution.shadow_price,
            opened: count(solution.opened.len()),
            unserved: words(reasons),
            floors: ask.floors.iter().map(|floor| reached(floor, solution)).collect(),
            curve,
            ..figures
        };
        Some(Found { figures, enrolments, unserved, unreached: Vec::new() })
    }

    /// What the optimiser found for learning hours, in the agency's terms; none where it names what the instance does not.
    pub(crate) fn found_hours(&self, plan: &HoursPlan, stopped: bool) -> Option<Found> {
        let mut all = Gathering::new(self)?;
        let mut closed: BTreeSet<(usize, usize)> = BTreeSet::new();
        for one in &plan.enrolments {
            all.enrol(&one.person, &one.offer, one.value)?;
            let (person, place) = all.person(&one.person)?;
            let offer = self.draft.offers.get(*all.offers.get(one.offer.as_str())?)?;
            for (at, need) in person.needs.iter().enumerate() {
                if offer.teaches.iter().any(|step| step.closes(need)) && closed.insert((place, at)) {
                    all.unit(place)?.needs_served += 1;
                }
            }
        }
        for (place, person) in self.draft.people.iter().enumerate() {
            let short = u64::from(person.jp_min.is_some());
            let (before, reached) = all.unit(place)?.hours.unwrap_or_default();
            all.unit(place)?.hours = Some((before + short, reached + short));
        }
        let mut reasons: BTreeMap<&'static str, u64> = BTreeMap::new();
        let mut unreached = Vec::with_capacity(plan.unreached.len());
        let busy: BTreeSet<&str> = self.busy.iter().map(|(person, _)| person.as_str()).collect();
        for one in &plan.unreached {
            let (person, place) = all.person(&one.person)?;
            let away = one.reason == Reason::Forbidden && busy.contains(person.id.as_str());
            let reason = if away { Reason::Dates } else { one.reason };
            *reasons.entry(reason.code()).or_default() += 1;
            let unit = all.unit(place)?;
            if let Some((_, reached)) = &mut unit.hours {
                *reached -= 1;
            }
            unreached.push(ScenarioUnreached {
                employee: one.person.parse::<uuid::Uuid>().ok()?.into(),
                unit: unit.unit,
                jp: Hundredths::from_count(u32::try_from(one.hours).ok()?),
                reason: reason.code().to_owned(),
            });
        }
        let (figures, enrolments) = all.finish();
        let objective: f64 = plan.enrolments.iter().map(|one| one.value).sum();
        let missing = (figures.worth - objective).max(0.0);
        let figures = ScenarioFigures {
            stopped,
            objective,
            // Sums of the same values in another order may differ in the last place.
            upper_bound: figures.worth.max(objective),
            gap_percent: if figures.worth > 0.0 { missing / figures.worth * 100.0 } else { 0.0 },
            cost: plan.cost,
            opened: count(plan.opened.len()),
            hours: Some(ScenarioReach {
                people: self.asked.unwrap_or_default(),
                short: count(plan.short),
                reached: count(plan.reached),
                most_reachable: count(plan.most_reachable),
                least_cost: plan.lower_bound,
                gap_percent: plan.gap_percent,
                unreached: words(reasons),
            }),
            ..figures
        };
        Some(Found { figures, enrolments, unserved: Vec::new(), unreached })
    }
}

/// What was found of an instance, as it is gathered.
struct Gathering<'a> {
    frozen: &'a Frozen,
    people: BTreeMap<&'a str, usize>,
    offers: BTreeMap<&'a str, usize>,
    units: Vec<ScenarioUnit>,
    enrolments: Vec<ScenarioEnrolment>,
    earning: BTreeSet<usize>,
}

impl<'a> Gathering<'a> {
    fn new(frozen: &'a Frozen) -> Option<Self> {
        let draft = &frozen.draft;
        let mut units: Vec<ScenarioUnit> = frozen.units.iter().map(unit).collect();
        for (person, serving) in draft.people.iter().zip(&frozen.serving) {
            let unit = units.get_mut(*serving)?;
            unit.people += u64::from(!person.needs.is_empty());
            unit.needs += count(person.needs.len());
            unit.worth += person.needs.iter().map(|need| need.value).sum::<f64>();
        }
        Some(Self {
            frozen,
            people: draft.people.iter().enumerate().map(|(place, one)| (one.id.as_str(), place)).collect(),
            offers: draft.offers.iter().enumerate().map(|(place, one)| (one.id.as_str(), place)).collect(),
            units,
            enrolments: Vec::new(),
            earning: BTreeSet::new(),
        })
    }

    fn person(&self, id: &str) -> Option<(&'a PersonDraft, usize)> {
        let place = *self.people.get(id)?;
        Some((self.frozen.draft.people.get(place)?, place))
    }

    /// The unit of the person at this place.
    fn unit(&mut self, place: usize) -> Option<&mut ScenarioUnit> {
        self.units.get_mut(*self.frozen.serving.get(place)?)
    }

    fn enrol(&mut self, person: &str, offer: &str, value: f64) -> Option<()> {
        let (_, place) = self.person(person)?;
        let offer = *self.offers.get(offer)?;
        let price = self.frozen.draft.offers.get(offer)?.price;
        let served = value > 0.0 && self.earning.insert(place);
        let unit = self.unit(place)?;
        unit.objective += value;
        unit.cost += price;
        unit.served += u64::from(served);
        let unit = unit.unit;
        let (programme, class) = *self.frozen.offers.get(offer)?;
        let employee = person.parse::<uuid::Uuid>().ok()?.into();
        self.enrolments.push(ScenarioEnrolment { employee, unit, programme, class, value, price });
        Some(())
    }

    /// The figures that follow from what was gathered; the others are nothing.
    fn finish(mut self) -> (ScenarioFigures, Vec<ScenarioEnrolment>) {
        let of_use = |unit: &ScenarioUnit| {
            unit.people > 0 || unit.cost > 0 || unit.hours.is_some_and(|(short, _)| short > 0)
        };
        self.units.retain(of_use);
        self.units.sort_by(|one, other| one.code.cmp(&other.code));
        let units = self.units;
        let sum = |of: fn(&ScenarioUnit) -> u64| units.iter().map(of).sum();
        let figures = ScenarioFigures {
            source: self.frozen.source,
            budget: self.frozen.draft.budget,
            stopped: false,
            objective: 0.0,
            upper_bound: 0.0,
            gap_percent: 0.0,
            cost: 0,
            shadow_price: 0.0,
            people: sum(|unit| unit.people),
            served: sum(|unit| unit.served),
            needs: sum(|unit| unit.needs),
            needs_served: sum(|unit| unit.needs_served),
            worth: units.iter().map(|unit| unit.worth).sum(),
            enrolments: count(self.enrolments.len()),
            opened: 0,
            offers: count(self.frozen.draft.offers.len()),
            unpriced: self.frozen.unpriced,
            unserved: Vec::new(),
            floors: Vec::new(),
            hours: None,
            units,
            curve: Vec::new(),
        };
        (figures, self.enrolments)
    }
}

/// Reasons as they are kept.
fn words(reasons: BTreeMap<&'static str, u64>) -> Vec<(String, u64)> {
    reasons.into_iter().map(|(reason, number)| (reason.to_owned(), number)).collect()
}

fn unit((unit, code, name): &(UnitId, String, String)) -> ScenarioUnit {
    ScenarioUnit {
        unit: *unit,
        code: code.clone(),
        name: name.clone(),
        people: 0,
        served: 0,
        needs: 0,
        needs_served: 0,
        worth: 0.0,
        objective: 0.0,
        cost: 0,
        hours: None,
    }
}

/// How far a floor is reached; of nobody all are served.
fn reached(floor: &ScenarioFloor, solution: &Solution) -> ScenarioFloorReached {
    let group = floor_group(floor);
    let found = solution.floors.iter().find(|one| one.group == group);
    ScenarioFloorReached {
        whose: floor.whose.clone(),
        percent: floor.percent,
        required: found.map_or(0, |one| count(one.required)),
        served: found.map_or(0, |one| count(one.served)),
        met: found.is_none_or(|one| one.met),
    }
}
