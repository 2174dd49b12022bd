//! What an agency has, as an instance for the optimiser, and what the optimiser found, as figures of the agency. Values in, values
//! out.
//!
//! Identifiers stand for names, learning hours are counted in hundredths. What the optimiser has no word for is said in its own:
//! prerequisites are levels in competencies of their own, audiences and floors are groups, and money that only some may
//! spend is the budget of a unit (see [`Purses`]).

use std::collections::{BTreeMap, BTreeSet};

use development::{
    AgencyPlanItem, BudgetLine, JobFamily, Prerequisite, ScenarioAsk, ScenarioFigures, ScenarioFloor,
    ScenarioFloorReached, ScenarioNeed, ScenarioNeeds, ScenarioOffer, ScenarioPerson, ScenarioPoint,
    ScenarioUnit, ScenarioWhose, UnitCeiling,
};
use kernel::{
    AgencyId, ClassId, Code, CompetencyId, EmployeeId, Name, ProgrammeId, UnitId, Violation, ViolationCode,
};
use optimiser::Solution;
use optimiser::draft::{
    AudienceDraft, Draft, FloorDraft, HeldDraft, LimitsDraft, NeedDraft, OfferDraft, PairDraft, PersonDraft,
    StepDraft,
};
use serde::{Deserialize, Serialize};
use store::{ScenarioEnrolment, ScenarioTaken, ScenarioUnserved};
use workforce::JobClass;

/// What there is to plan with.
#[derive(Debug)]
pub(crate) struct Ground {
    /// Everybody the plan may be for.
    pub people: Vec<ScenarioPerson>,
    /// What they lack.
    pub needs: Vec<ScenarioNeed>,
    /// Where that is known from.
    pub source: ScenarioNeeds,
    /// What can be offered.
    pub offers: Vec<ScenarioOffer>,
    /// What they have learned or are in already.
    pub taken: ScenarioTaken,
    /// The levels they hold in competencies that offers build on.
    pub levels: BTreeMap<EmployeeId, Vec<(CompetencyId, u8)>>,
    /// The plan's budget.
    pub lines: Vec<BudgetLine>,
    /// The most the plan spends on the people of units.
    pub ceilings: Vec<UnitCeiling>,
    /// Items of the plan that stay, as no scenario chose them.
    pub items: Vec<AgencyPlanItem>,
    /// Each unit with itself and those above it.
    pub above: BTreeMap<UnitId, BTreeSet<UnitId>>,
    /// What units are called.
    pub units: BTreeMap<UnitId, (Code, Name)>,
}

/// An instance as it is kept, with what the agency calls its parts.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Frozen {
    /// The instance.
    pub draft: Draft,
    /// Where its needs come from.
    pub source: ScenarioNeeds,
    /// Offers that were left out, as what they cost is not known.
    pub unpriced: u64,
    /// Units with people in it.
    pub units: Vec<(UnitId, String, String)>,
    /// For each person the place of their unit.
    pub serving: Vec<usize>,
    /// Whose dictionary each competency comes from.
    pub competencies: BTreeMap<CompetencyId, AgencyId>,
    /// For each offer the programme and the class.
    pub offers: Vec<(ProgrammeId, Option<ClassId>)>,
}

/// Money that only some may spend, as the optimiser knows it: a person belongs to one unit, and a unit has one budget for what
/// its people cost per head.
///
/// A ceiling holds for a unit and those under it, less what ceilings further down set aside; where those are more than there is,
/// they shrink in proportion. Lines of the budget for a unit alone are spent on its people first; what the lines for everybody
/// hold is shared out by what needs are worth. So no plan spends what it may not, at the price that money does not move between units.
struct Purses {
    /// What each may spend.
    left: BTreeMap<UnitId, i64>,
    /// What everybody else may spend.
    rest: Option<i64>,
}

/// The most rupiah an instance can count: more than any agency has.
const MOST_MONEY: i64 = 1_000_000_000_000_000;

/// The purse of whoever has none of their own.
const REST: &str = "rest";

impl Purses {
    fn new(ground: &Ground, ask: &ScenarioAsk, budget: Option<i64>, worth: &BTreeMap<UnitId, u128>) -> Self {
        let mut left: BTreeMap<UnitId, i64> = BTreeMap::new();
        let ceilings = ground.ceilings.iter().map(|one| (one.unit, one.amount.amount()));
        for (unit, amount) in ceilings.chain(ask.unit_budgets.iter().copied()) {
            let least = left.get(&unit).map_or(amount, |before| amount.min(*before));
            left.insert(unit, least);
        }
        let mut order: Vec<UnitId> = left.keys().copied().collect();
        order.sort_by_key(|unit| ground.depth(*unit));
        let capped: BTreeSet<UnitId> = order.iter().copied().collect();
        for unit in &order {
            let inner: Vec<UnitId> = order
                .iter()
                .copied()
                .filter(|one| ground.nearest(*one, &capped, true) == Some(*unit))
                .collect();
            let all = left.get(unit).copied().unwrap_or_default();
            let aside: i64 = inner.iter().filter_map(|one| left.get(one)).sum();
            if aside > all {
                for one in &inner {
                    left.entry(*one).and_modify(|amount| {
                        *amount = share(all, amount.unsigned_abs().into(), aside.unsigned_abs().into());
                    });
                }
            }
            left.insert(*unit, all - aside.min(all));
        }
        let mut purses = Self { left, rest: None };
        purses.earmarked(ground, ask, budget, (&capped, worth));
        purses
    }

    /// Lines for units alone.
    fn earmarked(
        &mut self,
        ground: &Ground,
        ask: &ScenarioAsk,
        budget: Option<i64>,
        (capped, worth): (&BTreeSet<UnitId>, &BTreeMap<UnitId, u128>),
    ) {
        // Who says how much there is asks what if, and not from which line.
        let (None, Some(budget)) = (ask.budget, budget) else { return };
        let mut own: BTreeMap<UnitId, i64> = BTreeMap::new();
        for line in &ground.lines {
            let Some(unit) = line.unit else { continue };
            // Below a ceiling it is that ceiling's money.
            let purse = ground.nearest(unit, capped, false).unwrap_or(unit);
            *own.entry(purse).or_default() += line.amount.amount();
        }
        if own.is_empty() {
            return;
        }
        let purses: BTreeSet<UnitId> = capped.iter().chain(own.keys()).copied().collect();
        let mut worths: BTreeMap<Option<UnitId>, u128> = BTreeMap::new();
        for (unit, worth) in worth {
            *worths.entry(ground.nearest(*unit, &purses, false)).or_default() += worth;
        }
        let all: u128 = worths.values().sum();
        let free = (budget - own.values().sum::<i64>()).max(0);
        let part = |purse: Option<UnitId>| share(free, worths.get(&purse).copied().unwrap_or_default(), all);
        for purse in purses {
            let money = own.get(&purse).copied().unwrap_or_default() + part(Some(purse));
            let ceiling = self.left.get(&purse).copied().unwrap_or(i64::MAX);
            self.left.insert(purse, money.min(ceiling));
        }
        self.rest = Some(part(None));
    }

    /// The budgets of those that somebody has.
    fn budgets(&self, people: &[PersonDraft]) -> BTreeMap<String, i64> {
        let used: BTreeSet<&str> = people.iter().filter_map(|person| person.unit.as_deref()).collect();
        let own = self.left.iter().map(|(unit, amount)| (unit.to_string(), (*amount).clamp(0, MOST_MONEY)));
        let rest = self.rest.map(|amount| (REST.to_owned(), amount.clamp(0, MOST_MONEY)));
        own.chain(rest).filter(|(unit, _)| used.contains(unit.as_str())).collect()
    }

    /// The purse somebody of a unit is paid from.
    fn of(&self, ground: &Ground, unit: UnitId) -> Option<UnitId> {
        let purses: BTreeSet<UnitId> = self.left.keys().copied().collect();
        ground.nearest(unit, &purses, false)
    }
}

/// So many parts of `of`, rounded down.
fn share(amount: i64, parts: u128, of: u128) -> i64 {
    let Some(amount) = u128::try_from(amount).ok().filter(|_| of > 0) else { return 0 };
    i64::try_from(amount.saturating_mul(parts) / of).unwrap_or(i64::MAX)
}

impl Ground {
    fn depth(&self, unit: UnitId) -> usize {
        self.above.get(&unit).map_or(0, BTreeSet::len)
    }

    /// The nearest of `among` that a unit is or lies under.
    fn nearest(&self, unit: UnitId, among: &BTreeSet<UnitId>, strictly: bool) -> Option<UnitId> {
        let above = self.above.get(&unit)?.iter().copied();
        above
            .filter(|one| among.contains(one) && !(strictly && *one == unit))
            .max_by_key(|one| self.depth(*one))
    }

    fn within(&self, unit: UnitId, top: UnitId) -> bool {
        self.above.get(&unit).is_some_and(|above| above.contains(&top))
    }

    /// Rupiah there are: what was asked for, or what the lines hold less what other items cost.
    fn budget(&self, ask: &ScenarioAsk) -> Option<i64> {
        if ask.budget.is_some() {
            return ask.budget;
        }
        let lines: i64 = self.lines.iter().map(|line| line.amount.amount()).sum();
        let spent: i64 = self.items.iter().filter_map(AgencyPlanItem::cost).map(kernel::Rupiah::amount).sum();
        (!self.lines.is_empty()).then(|| (lines - spent).max(0))
    }

    fn is(&self, whose: &ScenarioWhose, person: &ScenarioPerson, groups: &[String]) -> bool {
        whose.unit.is_none_or(|unit| self.within(person.unit, unit))
            && whose.group.as_ref().is_none_or(|group| groups.contains(group))
    }

    /// The instance of a scenario.
    ///
    /// # Errors
    /// Required enrolments of people and offers that are not there.
    pub(crate) fn frozen(self, ask: &ScenarioAsk) -> Result<Frozen, Vec<Violation>> {
        let budget = self.budget(ask);
        let mut needs: BTreeMap<EmployeeId, Vec<ScenarioNeed>> = BTreeMap::new();
        for need in &self.needs {
            needs.entry(need.employee).or_default().push(*need);
        }
        let pinned: BTreeSet<EmployeeId> = ask.required.iter().map(|pair| pair.employee).collect();
        let people: Vec<&ScenarioPerson> = self
            .people
            .iter()
            .filter(|person| needs.contains_key(&person.employee) || pinned.contains(&person.employee))
            .collect();
        let mut worth: BTreeMap<UnitId, u128> = BTreeMap::new();
        for person in &people {
            let all = needs.get(&person.employee).into_iter().flatten();
            *worth.entry(person.unit).or_default() +=
                all.map(|need| u128::from(need.priority.count())).sum::<u128>();
        }
        let mut purses = Purses::new(&self, ask, budget, &worth);
        self.spent(&mut purses);
        let (offers, unpriced) = self.offered(ask);
        required(ask, &people, &offers)?;
        let mut places: BTreeMap<UnitId, usize> = BTreeMap::new();
        let mut units = Vec::new();
        let mut serving = Vec::with_capacity(people.len());
        for person in &people {
            let place = *places.entry(person.unit).or_insert_with(|| {
                let (code, name) = self
                    .units
                    .get(&person.unit)
                    .map(|(code, name)| (code.to_string(), name.to_string()))
                    .unzip();
                units.push((person.unit, code.unwrap_or_default(), name.unwrap_or_default()));
                units.len() - 1
            });
            serving.push(place);
        }
        let of_purse: BTreeMap<UnitId, Option<UnitId>> =
            places.keys().map(|unit| (*unit, purses.of(&self, *unit))).collect();
        let learned = prerequisites(&offers);
        let drafts: Vec<PersonDraft> = people
            .iter()
            .map(|person| {
                let own = needs.get(&person.employee).map(Vec::as_slice).unwrap_or_default();
                let purse = of_purse.get(&person.unit).copied().flatten();
                self.person(ask, person, own, (purse, purses.rest.is_some()), &learned)
            })
            .collect();
        let groups: BTreeSet<&str> =
            drafts.iter().flat_map(|person| &person.groups).map(String::as_str).collect();
        let draft = Draft {
            budget: budget.map(|budget| budget.min(MOST_MONEY)),
            offers: offers.iter().map(|offer| offered(offer, &groups)).collect(),
            limits: LimitsDraft {
                max_activities_per_person: ask.max_activities.map(i64::from),
                one_offer_per_step: ask.one_offer_per_step,
            },
            unit_budgets: purses.budgets(&drafts),
            source_budgets: BTreeMap::new(),
            required: ask.required.iter().map(|pair| draft_pair(pair.employee, pair.offer)).collect(),
            forbidden: self.forbidden(ask, &people, &needs, &offers),
            equity_floors: ask
                .floors
                .iter()
                .filter_map(|floor| {
                    Some((floor, floor_group(floor).filter(|group| groups.contains(group.as_str()))?))
                })
                .map(|(floor, group)| FloorDraft {
                    unit: None,
                    group: Some(group),
                    share: f64::from(floor.percent) / 100.0,
                })
                .collect(),
            people: Vec::new(),
        };
        Ok(Frozen {
            draft: Draft { people: drafts, ..draft },
            source: self.source,
            unpriced,
            units,
            serving,
            competencies: self.needs.iter().map(|need| (need.competency, need.competency_agency)).collect(),
            offers: offers.iter().map(|offer| (offer.programme, offer.class)).collect(),
        })
    }

    /// Takes off the purses what other items of the plan cost per head.
    fn spent(&self, purses: &mut Purses) {
        let units: BTreeMap<EmployeeId, UnitId> =
            self.people.iter().map(|person| (person.employee, person.unit)).collect();
        for item in &self.items {
            let Some(each) = item.price().per_participant else { continue };
            for target in &item.said.targets {
                let purse = units.get(&target.employee).and_then(|unit| purses.of(self, *unit));
                match purse {
                    Some(purse) => {
                        purses.left.entry(purse).and_modify(|left| *left = (*left - each.amount()).max(0));
                    }
                    None => purses.rest = purses.rest.map(|left| (left - each.amount()).max(0)),
                }
            }
        }
    }

    /// What is offered, and how much of it was left out, as what it costs is not known.
    fn offered(&self, ask: &ScenarioAsk) -> (Vec<&ScenarioOffer>, u64) {
        let wanted = self.offers.iter().filter(|offer| {
            !ask.excluded.contains(&offer.id()) && !ask.excluded.contains(&offer.programme.uuid())
        });
        let (priced, unpriced): (Vec<_>, Vec<_>) = wanted.partition(|offer| offer.is_priced());
        (priced, u64::try_from(unpriced.len()).unwrap_or(u64::MAX))
    }

    fn person(
        &self,
        ask: &ScenarioAsk,
        person: &ScenarioPerson,
        needs: &[ScenarioNeed],
        (purse, rest): (Option<UnitId>, bool),
        learned: &(BTreeSet<ProgrammeId>, BTreeSet<CompetencyId>),
    ) -> PersonDraft {
        let mut groups = ScenarioAsk::groups(person.job_class, person.status, &person.nip);
        let factor = |need: &ScenarioNeed| -> f64 {
            let applies = |whose: &ScenarioWhose| {
                self.is(whose, person, &groups) && whose.competency.is_none_or(|one| one == need.competency)
            };
            let all = ask.weights.iter().filter(|weight| applies(&weight.whose));
            all.map(|weight| weight.weight.to_f64()).product()
        };
        let needs: Vec<NeedDraft> = needs
            .iter()
            .map(|need| NeedDraft {
                competency: need.competency.to_string(),
                from: need.begins().into(),
                to: need.to.get().into(),
                value: need.priority.to_f64() * factor(need),
            })
            .collect();
        let floors: BTreeSet<UnitId> = ask.floors.iter().filter_map(|floor| floor.whose.unit).collect();
        let within = floors.into_iter().filter(|unit| self.within(person.unit, *unit));
        groups.extend(within.map(unit_group));
        let (programmes, competencies) = learned;
        let certified =
            programmes.iter().filter(|one| self.taken.learned.contains(&(person.employee, **one)));
        let held = self.levels.get(&person.employee).into_iter().flatten();
        let held = held.filter(|(competency, _)| competencies.contains(competency));
        let (jp_done, jp_max) = person.room.unzip();
        // Who is past the ceiling has no room, and is not refused for it.
        let jp_done = jp_done.unwrap_or_default().max(0).min(jp_max.unwrap_or(i64::MAX));
        PersonDraft {
            id: person.employee.to_string(),
            unit: purse.map(|unit| unit.to_string()).or_else(|| rest.then(|| REST.to_owned())),
            groups,
            jp_done,
            jp_min: None,
            jp_max,
            needs,
            holds: certified
                .map(|programme| HeldDraft { competency: certificate(*programme), level: 1 })
                .chain(held.map(|(competency, level)| HeldDraft {
                    competency: evidence(*competency),
                    level: (*level).into(),
                }))
                .collect(),
        }
    }

    /// Pairs that are ruled out: by hand, as they have learned it, or as they are in the class; or as another item plans it.
    fn forbidden(
        &self,
        ask: &ScenarioAsk,
        people: &[&ScenarioPerson],
        needs: &BTreeMap<EmployeeId, Vec<ScenarioNeed>>,
        offers: &[&ScenarioOffer],
    ) -> Vec<PairDraft> {
        let mut planned: BTreeSet<(EmployeeId, ProgrammeId)> = BTreeSet::new();
        for item in &self.items {
            let Some(programme) = item.said.programme else { continue };
            planned.extend(item.said.targets.iter().map(|target| (target.employee, programme)));
        }
        let mut teaching: BTreeMap<CompetencyId, Vec<&ScenarioOffer>> = BTreeMap::new();
        for offer in offers {
            for step in &offer.steps {
                teaching.entry(step.competency).or_default().push(offer);
            }
        }
        let there: BTreeSet<_> = offers.iter().map(|offer| offer.id()).collect();
        let known: BTreeSet<EmployeeId> = people.iter().map(|person| person.employee).collect();
        let mut pairs: BTreeSet<PairDraft> = ask
            .forbidden
            .iter()
            .filter(|pair| known.contains(&pair.employee) && there.contains(&pair.offer))
            .map(|pair| draft_pair(pair.employee, pair.offer))
            .collect();
        let ordered: BTreeSet<_> = ask.required.iter().copied().collect();
        for person in people {
            let who = person.employee;
            let own = needs.get(&who).into_iter().flatten();
            for offer in own.filter_map(|need| teaching.get(&need.competency)).flatten() {
                let done = self.taken.learned.contains(&(who, offer.programme))
                    || planned.contains(&(who, offer.programme))
                    || offer.class.is_some_and(|class| self.taken.enrolled.contains(&(who, class)));
                let pair = development::ScenarioPair { employee: who, offer: offer.id() };
                if done && !ordered.contains(&pair) {
                    pairs.insert(draft_pair(who, offer.id()));
                }
            }
        }
        pairs.into_iter().collect()
    }
}

fn draft_pair(employee: EmployeeId, offer: uuid::Uuid) -> PairDraft {
    PairDraft { person: employee.to_string(), offer: offer.to_string() }
}

/// Whether everybody and everything that required enrolments name is there.
fn required(
    ask: &ScenarioAsk,
    people: &[&ScenarioPerson],
    offers: &[&ScenarioOffer],
) -> Result<(), Vec<Violation>> {
    let known: BTreeSet<EmployeeId> = people.iter().map(|person| person.employee).collect();
    let there: BTreeSet<_> = offers.iter().map(|offer| offer.id()).collect();
    let mut found = kernel::Violations::new();
    for (index, pair) in ask.required.iter().enumerate() {
        found.check(!known.contains(&pair.employee), || {
            Violation::new(format!("/required/{index}/employee_id"), ViolationCode::NotFound)
                .with("value", pair.employee)
        });
        found.check(!there.contains(&pair.offer), || {
            Violation::new(format!("/required/{index}/offer_id"), ViolationCode::NotFound)
                .with("value", pair.offer)
        });
    }
    found.finish()
}

/// What offers build on: programmes somebody is certified in, and levels of competencies.
fn prerequisites(offers: &[&ScenarioOffer]) -> (BTreeSet<ProgrammeId>, BTreeSet<CompetencyId>) {
    let (mut programmes, mut competencies) = (BTreeSet::new(), BTreeSet::new());
    for one in offers.iter().flat_map(|offer| &offer.prerequisites) {
        match one {
            Prerequisite::Programme(programme) => programmes.insert(*programme),
            Prerequisite::Competency { competency, .. } => competencies.insert(*competency),
        };
    }
    (programmes, competencies)
}

/// A certificate of a programme, as a competency somebody holds.
fn certificate(programme: ProgrammeId) -> String {
    format!("certificate {programme}")
}

/// A level that evidence finds: what a need begins at is no evidence.
fn evidence(competency: CompetencyId) -> String {
    format!("evidence {competency}")
}

fn unit_group(unit: UnitId) -> String {
    format!("unit {unit}")
}

fn floor_group(floor: &ScenarioFloor) -> Option<String> {
    floor.whose.unit.map(unit_group).or_else(|| floor.whose.group.clone())
}

fn offered(offer: &ScenarioOffer, groups: &BTreeSet<&str>) -> OfferDraft {
    let audience = &offer.audience;
    let all = audience.job_classes.is_empty() && audience.job_families.is_empty();
    let meant = |class: &JobClass| {
        audience.job_classes.contains(class) || audience.job_families.contains(&JobFamily::of(*class))
    };
    let classes = JobClass::ALL.into_iter().filter(meant).map(|class| class.as_str().to_owned());
    OfferDraft {
        id: offer.id().to_string(),
        price: offer.each(),
        fixed_price: offer.whole(),
        seats: offer.seats.map(i64::from),
        min_seats: 0,
        jp: offer.jp.map_or(0, |jp| jp.count().into()),
        dates: offer.dates.clone(),
        teaches: offer
            .steps
            .iter()
            .map(|step| StepDraft {
                competency: step.competency.to_string(),
                from: step.from.map_or(0, |from| from.get().into()),
                to: step.to.get().into(),
            })
            .collect(),
        source: None,
        audience: (!all).then(|| AudienceDraft {
            groups: classes.filter(|class| groups.contains(class.as_str())).collect(),
            ..AudienceDraft::default()
        }),
        prerequisites: offer
            .prerequisites
            .iter()
            .map(|one| match one {
                Prerequisite::Programme(programme) => {
                    HeldDraft { competency: certificate(*programme), level: 1 }
                }
                Prerequisite::Competency { competency, level, .. } => {
                    HeldDraft { competency: evidence(*competency), level: level.get().into() }
                }
            })
            .collect(),
    }
}

/// What the optimiser found, as it is kept.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Found {
    /// What it comes to.
    pub figures: ScenarioFigures,
    /// Who is enrolled where.
    pub enrolments: Vec<ScenarioEnrolment>,
    /// What stays open.
    pub unserved: Vec<ScenarioUnserved>,
}

fn count(number: usize) -> u64 {
    u64::try_from(number).unwrap_or(u64::MAX)
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
    /// What the optimiser found in the agency's terms; none where it names what the instance does not.
    pub(crate) fn found(
        &self,
        ask: &ScenarioAsk,
        solution: &Solution,
        stopped: bool,
        curve: Vec<ScenarioPoint>,
    ) -> Option<Found> {
        let places: BTreeMap<&str, usize> =
            self.draft.people.iter().enumerate().map(|(place, person)| (person.id.as_str(), place)).collect();
        let offers: BTreeMap<&str, usize> =
            self.draft.offers.iter().enumerate().map(|(place, offer)| (offer.id.as_str(), place)).collect();
        let mut units: Vec<ScenarioUnit> = self.units.iter().map(unit).collect();
        for (person, serving) in self.draft.people.iter().zip(&self.serving) {
            let unit = units.get_mut(*serving)?;
            unit.people += u64::from(!person.needs.is_empty());
            unit.needs += count(person.needs.len());
            unit.worth += person.needs.iter().map(|need| need.value).sum::<f64>();
        }
        let mut enrolments = Vec::with_capacity(solution.enrolments.len());
        let mut earning: BTreeSet<usize> = BTreeSet::new();
        for one in &solution.enrolments {
            let (place, offer) = (*places.get(one.person.as_str())?, *offers.get(one.offer.as_str())?);
            let serving = *self.serving.get(place)?;
            let unit = units.get_mut(serving)?;
            let price = self.draft.offers.get(offer)?.price;
            unit.objective += one.value;
            unit.cost += price;
            unit.served += u64::from(one.value > 0.0 && earning.insert(place));
            let (programme, class) = *self.offers.get(offer)?;
            let employee = one.person.parse::<uuid::Uuid>().ok()?.into();
            enrolments.push(ScenarioEnrolment {
                employee,
                unit: unit.unit,
                programme,
                class,
                value: one.value,
                price,
            });
        }
        for unit in &mut units {
            unit.needs_served = unit.needs;
        }
        let mut reasons: BTreeMap<&'static str, u64> = BTreeMap::new();
        let mut unserved = Vec::with_capacity(solution.unserved.len());
        for one in &solution.unserved {
            let place = *places.get(one.person.as_str())?;
            let person = self.draft.people.get(place)?;
            let need = person.needs.iter().find(|need| need.competency == one.competency)?;
            let unit = units.get_mut(*self.serving.get(place)?)?;
            unit.needs_served -= 1;
            let competency = CompetencyId::from(one.competency.parse::<uuid::Uuid>().ok()?);
            *reasons.entry(one.reason.code()).or_default() += 1;
            unserved.push(ScenarioUnserved {
                employee: one.person.parse::<uuid::Uuid>().ok()?.into(),
                unit: unit.unit,
                competency_agency: *self.competencies.get(&competency)?,
                competency,
                from: u8::try_from(need.from).ok()?,
                to: u8::try_from(need.to).ok()?,
                value: need.value,
                reason: one.reason.code().to_owned(),
            });
        }
        units.retain(|unit| unit.people > 0 || unit.cost > 0);
        units.sort_by(|one, other| one.code.cmp(&other.code));
        let figures = ScenarioFigures {
            source: self.source,
            budget: self.draft.budget,
            stopped,
            objective: solution.objective,
            upper_bound: solution.upper_bound,
            gap_percent: solution.gap_percent,
            cost: solution.cost,
            shadow_price: solution.shadow_price,
            people: units.iter().map(|unit| unit.people).sum(),
            served: units.iter().map(|unit| unit.served).sum(),
            needs: units.iter().map(|unit| unit.needs).sum(),
            needs_served: units.iter().map(|unit| unit.needs_served).sum(),
            worth: units.iter().map(|unit| unit.worth).sum(),
            enrolments: count(enrolments.len()),
            opened: count(solution.opened.len()),
            offers: count(self.draft.offers.len()),
            unpriced: self.unpriced,
            unserved: reasons.into_iter().map(|(reason, number)| (reason.to_owned(), number)).collect(),
            floors: ask.floors.iter().map(|floor| reached(floor, solution)).collect(),
            units,
            curve,
        };
        Some(Found { figures, enrolments, unserved })
    }
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
