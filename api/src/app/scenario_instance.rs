//! What an agency has, as an instance for the optimiser. Values in, values out.
//!
//! Identifiers stand for names, learning hours are counted in hundredths. What the optimiser has no word for is said in its own:
//! prerequisites are levels in competencies of their own, audiences and floors are groups, and money that only some may
//! spend is the budget of a unit (see [`scenario_money`](crate::app::scenario_money)).

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;
use development::{
    AgencyPlanItem, BudgetLine, JobFamily, Prerequisite, ScenarioAsk, ScenarioFloor, ScenarioGoal,
    ScenarioNeed, ScenarioNeeds, ScenarioOffer, ScenarioPair, ScenarioPerson, ScenarioWhose, UnitCeiling,
};
use kernel::{
    AgencyId, ClassId, Code, CompetencyId, EmployeeId, Name, ProgrammeId, UnitId, Violation, ViolationCode,
};
use optimiser::draft::{
    AudienceDraft, Draft, FloorDraft, HeldDraft, LimitsDraft, NeedDraft, OfferDraft, PairDraft, PersonDraft,
    StepDraft,
};
use serde::{Deserialize, Serialize};
use store::ScenarioTaken;
use workforce::JobClass;

use crate::app::scenario_money::{Above, Means, Purse};

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
    pub above: Above,
    /// What units are called.
    pub units: BTreeMap<UnitId, (Code, Name)>,
}

/// What somebody is bound to already.
#[derive(Debug, Default)]
struct Commitment {
    /// Days of classes.
    days: BTreeSet<NaiveDate>,
    /// Learning hours of the year that are not credited yet, in hundredths.
    jp: i64,
    /// Programmes they will have learned.
    programmes: BTreeSet<ProgrammeId>,
    /// Classes they cannot join again.
    classes: BTreeSet<ClassId>,
}

/// An instance as it is kept, with what the agency calls its parts.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Frozen {
    /// The instance.
    pub draft: Draft,
    /// Where its needs come from.
    pub source: ScenarioNeeds,
    /// Of how many people learning hours are asked, where they are to be reached.
    #[serde(default)]
    pub asked: Option<u64>,
    /// Offers that were left out, as what they cost is not known or beyond planning.
    pub unpriced: u64,
    /// What lines and ceilings say that the instance does not.
    #[serde(default)]
    pub means: Means,
    /// People and offers that are ruled out as they are somewhere else on one of the days.
    #[serde(default)]
    pub busy: BTreeSet<(String, String)>,
    /// Units with people in it.
    pub units: Vec<(UnitId, String, String)>,
    /// For each person the place of their unit.
    pub serving: Vec<usize>,
    /// Whose dictionary each competency comes from.
    pub competencies: BTreeMap<CompetencyId, AgencyId>,
    /// For each offer the programme and the class.
    pub offers: Vec<(ProgrammeId, Option<ClassId>)>,
}

/// The most rupiah an instance can count: more than any agency has.
const MOST_MONEY: i64 = 1_000_000_000_000_000;

/// The highest price that can be planned with: sums over everybody stay within 64 bits.
const MOST_PRICE: i64 = 1_000_000_000_000;

/// The most that weights multiply a need by, and the most it is worth with them.
const MOST_VALUE: f64 = 1e9;

impl Ground {
    fn within(&self, unit: UnitId, top: UnitId) -> bool {
        self.above.get(&unit).is_some_and(|above| above.contains(&top))
    }

    /// Where everybody serves.
    fn serves(&self) -> BTreeMap<EmployeeId, UnitId> {
        self.people.iter().map(|person| (person.employee, person.unit)).collect()
    }

    /// Ceilings of units with those under them, less what other items of the plan cost their people per head.
    fn ceilings(&self, ask: &ScenarioAsk, serves: &BTreeMap<EmployeeId, UnitId>) -> BTreeMap<UnitId, i64> {
        let mut left: BTreeMap<UnitId, i64> = BTreeMap::new();
        let ceilings = self.ceilings.iter().map(|one| (one.unit, one.amount.amount()));
        for (unit, amount) in ceilings.chain(ask.unit_budgets.iter().copied()) {
            let least = left.get(&unit).map_or(amount, |before| amount.min(*before));
            left.insert(unit, least);
        }
        for item in &self.items {
            let Some(each) = item.price().per_participant else { continue };
            for target in &item.said.targets {
                let above = serves.get(&target.employee).and_then(|unit| self.above.get(unit));
                let theirs =
                    left.iter_mut().filter(|(top, _)| above.is_some_and(|above| above.contains(top)));
                theirs.for_each(|(_, left)| *left = left.saturating_sub(each.amount()));
            }
        }
        left.values_mut().for_each(|left| *left = (*left).clamp(0, MOST_MONEY));
        left
    }

    /// What people are bound to already, by seats they have or wait for and by other items of the plan.
    fn commitments(&self) -> BTreeMap<EmployeeId, Commitment> {
        let mut all: BTreeMap<EmployeeId, Commitment> = BTreeMap::new();
        for seat in &self.taken.seats {
            let own = all.entry(seat.employee).or_default();
            own.classes.insert(seat.class);
            if !seat.is_coming {
                continue;
            }
            own.programmes.insert(seat.programme);
            own.days.extend(self.taken.days.get(&seat.class).into_iter().flatten());
            own.jp += if seat.in_year { seat.jp.map_or(0, |jp| i64::from(jp.count())) } else { 0 };
        }
        for item in &self.items {
            for target in &item.said.targets {
                let own = all.entry(target.employee).or_default();
                let programme = item.said.programme;
                let learned = programme
                    .is_some_and(|programme| self.taken.learned.contains(&(target.employee, programme)));
                let seated = item.said.class.is_some_and(|class| own.classes.contains(&class))
                    || programme.is_some_and(|programme| own.programmes.contains(&programme));
                own.programmes.extend(programme);
                if learned || seated {
                    continue;
                }
                own.jp += item.jp().map_or(0, |jp| i64::from(jp.count()));
                if let Some(class) = item.said.class {
                    own.classes.insert(class);
                    own.days.extend(self.taken.days.get(&class).into_iter().flatten());
                }
            }
        }
        all
    }

    /// Seats of classes that other items of the plan are for, beside those that are taken.
    fn promised(&self) -> BTreeMap<ClassId, u32> {
        let seated: BTreeSet<(EmployeeId, ClassId)> =
            self.taken.seats.iter().map(|seat| (seat.employee, seat.class)).collect();
        let mut promised: BTreeMap<ClassId, BTreeSet<EmployeeId>> = BTreeMap::new();
        for item in &self.items {
            let Some(class) = item.said.class else { continue };
            let people = item.said.targets.iter().map(|target| target.employee);
            promised.entry(class).or_default().extend(people.filter(|one| !seated.contains(&(*one, class))));
        }
        let count = |people: BTreeSet<EmployeeId>| u32::try_from(people.len()).unwrap_or(u32::MAX);
        promised.into_iter().map(|(class, people)| (class, count(people))).collect()
    }

    fn is(&self, whose: &ScenarioWhose, person: &ScenarioPerson, groups: &[String]) -> bool {
        whose.unit.is_none_or(|unit| self.within(person.unit, unit))
            && whose.group.as_ref().is_none_or(|group| groups.contains(group))
    }

    /// What somebody has a certificate of.
    fn learned(&self, who: EmployeeId) -> impl Iterator<Item = ProgrammeId> {
        let (least, most) = (uuid::Uuid::nil(), uuid::Uuid::max());
        self.taken.learned.range((who, least.into())..=(who, most.into())).map(|(_, programme)| *programme)
    }

    /// The learning hours somebody is to reach, where they are asked of them and lack some.
    fn wanted(&self, ask: &ScenarioAsk, person: &ScenarioPerson, pending: i64) -> Option<i64> {
        let goal = ask.goal.filter(|goal| self.is_meant(goal, person))?;
        person.hours.wanted(&goal, pending)
    }

    fn is_meant(&self, goal: &ScenarioGoal, person: &ScenarioPerson) -> bool {
        goal.unit.is_none_or(|unit| self.within(person.unit, unit))
    }

    /// People the instance is about: those with needs, or who lack hours that are to be reached, and those who are pinned.
    fn concerned(
        &self,
        ask: &ScenarioAsk,
        needs: &BTreeMap<EmployeeId, Vec<ScenarioNeed>>,
        commitments: &BTreeMap<EmployeeId, Commitment>,
    ) -> Vec<&ScenarioPerson> {
        let pinned: BTreeSet<EmployeeId> = ask.required.iter().map(|pair| pair.employee).collect();
        let lacking = |person: &ScenarioPerson| match ask.goal {
            Some(_) => self.wanted(ask, person, pending(commitments, person)).is_some(),
            None => needs.contains_key(&person.employee),
        };
        let concerned = |person: &&ScenarioPerson| lacking(person) || pinned.contains(&person.employee);
        self.people.iter().filter(concerned).collect()
    }

    /// The instance of a scenario.
    ///
    /// # Errors
    /// Required enrolments of people and offers that are not there.
    pub(crate) fn frozen(self, ask: &ScenarioAsk) -> Result<Frozen, Vec<Violation>> {
        let serves = self.serves();
        // Who says how much there is asks what if, and not from which line. Hours are reached at any price.
        let planned = ask.budget.is_none() && ask.goal.is_none() && !self.lines.is_empty();
        let purse = planned.then(|| Purse::new(&self.lines, self.items.iter(), &serves, &self.above));
        let budget = ask.budget.or(purse.as_ref().map(Purse::total));
        let mut needs: BTreeMap<EmployeeId, Vec<ScenarioNeed>> = BTreeMap::new();
        for need in &self.needs {
            needs.entry(need.employee).or_default().push(*need);
        }
        let commitments = self.commitments();
        let people = self.concerned(ask, &needs, &commitments);
        let ceilings = if ask.goal.is_some() { BTreeMap::new() } else { self.ceilings(ask, &serves) };
        let means = Means::new(purse, ceilings, people.iter().map(|person| person.unit), &self.above);
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
        let of_purse: BTreeMap<UnitId, Option<String>> =
            places.keys().map(|unit| (*unit, means.purse_of(*unit))).collect();
        let budgets = means.budgets();
        let used: BTreeSet<&str> = of_purse.values().flatten().map(String::as_str).collect();
        let unit_budgets = budgets
            .into_iter()
            .filter(|(purse, _)| used.contains(purse.as_str()))
            .map(|(purse, left)| (purse, left.min(MOST_MONEY)))
            .collect();
        let learned = prerequisites(&offers);
        let drafts: Vec<PersonDraft> = people
            .iter()
            .map(|person| {
                let own = needs.get(&person.employee).map(Vec::as_slice).unwrap_or_default();
                let purse = of_purse.get(&person.unit).cloned().flatten();
                self.person(ask, person, own, (purse, pending(&commitments, person)), &learned)
            })
            .collect();
        let groups: BTreeSet<&str> =
            drafts.iter().flat_map(|person| &person.groups).map(String::as_str).collect();
        let (forbidden, busy) = self.forbidden(ask, (&people, &commitments), &needs, &offers);
        let promised = self.promised();
        let draft = Draft {
            budget: budget.map(|budget| budget.min(MOST_MONEY)),
            offers: offers.iter().map(|offer| offered(offer, (ask, &promised), &groups)).collect(),
            limits: LimitsDraft {
                max_activities_per_person: ask.max_activities.map(i64::from),
                one_offer_per_step: ask.one_offer_per_step,
            },
            unit_budgets,
            source_budgets: BTreeMap::new(),
            required: ask.required.iter().map(|pair| draft_pair(pair.employee, pair.offer)).collect(),
            forbidden,
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
            asked: ask.goal.map(|goal| {
                let asked = |one: &&ScenarioPerson| self.is_meant(&goal, one) && one.hours.is_asked(&goal);
                count(self.people.iter().filter(asked).count())
            }),
            unpriced,
            means,
            busy,
            units,
            serving,
            competencies: self.needs.iter().map(|need| (need.competency, need.competency_agency)).collect(),
            offers: offers.iter().map(|offer| (offer.programme, offer.class)).collect(),
        })
    }

    /// What is offered, and how much of it was left out, as what it costs is not known or beyond planning.
    fn offered(&self, ask: &ScenarioAsk) -> (Vec<&ScenarioOffer>, u64) {
        let pinned: BTreeSet<uuid::Uuid> = ask.required.iter().map(|pair| pair.offer).collect();
        // What has no hours brings nobody to them.
        let of_use = |offer: &ScenarioOffer| {
            ask.goal.is_none() || pinned.contains(&offer.id()) || offer.jp.is_some_and(|jp| jp.count() > 0)
        };
        let wanted = self.offers.iter().filter(|offer| {
            !ask.excluded.contains(&offer.id())
                && !ask.excluded.contains(&offer.programme.uuid())
                && of_use(offer)
        });
        let (priced, unpriced): (Vec<_>, Vec<_>) = wanted.partition(|offer| {
            offer.is_priced() && offer.each() <= MOST_PRICE && offer.whole() <= MOST_PRICE
        });
        (priced, u64::try_from(unpriced.len()).unwrap_or(u64::MAX))
    }

    fn person(
        &self,
        ask: &ScenarioAsk,
        person: &ScenarioPerson,
        needs: &[ScenarioNeed],
        (purse, pending): (Option<String>, i64),
        learned: &(BTreeSet<ProgrammeId>, BTreeSet<CompetencyId>),
    ) -> PersonDraft {
        let mut groups = ScenarioAsk::groups(person.job_class, person.status, &person.nip);
        let factor = |need: &ScenarioNeed| -> f64 {
            let applies = |whose: &ScenarioWhose| {
                self.is(whose, person, &groups) && whose.competency.is_none_or(|one| one == need.competency)
            };
            let all = ask.weights.iter().filter(|weight| applies(&weight.whose));
            all.map(|weight| weight.weight.to_f64()).product::<f64>().min(MOST_VALUE)
        };
        let needs: Vec<NeedDraft> = needs
            .iter()
            .map(|need| NeedDraft {
                competency: need.competency.to_string(),
                from: need.begins().into(),
                to: need.to.get().into(),
                value: (need.priority.to_f64() * factor(need)).min(MOST_VALUE),
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
        let (jp_done, jp_max) = person.hours.room(pending);
        PersonDraft {
            id: person.employee.to_string(),
            unit: purse,
            groups,
            jp_done,
            jp_min: self.wanted(ask, person, pending),
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

    /// Pairs that are ruled out: by hand; as they have learned it, are in the programme or in line for it, or another item plans
    /// it; or as they are somewhere else on one of the days. The last by themselves, too.
    fn forbidden(
        &self,
        ask: &ScenarioAsk,
        (people, commitments): (&[&ScenarioPerson], &BTreeMap<EmployeeId, Commitment>),
        needs: &BTreeMap<EmployeeId, Vec<ScenarioNeed>>,
        offers: &[&ScenarioOffer],
    ) -> (Vec<PairDraft>, BTreeSet<(String, String)>) {
        let index = Index::new(offers);
        let there: BTreeSet<_> = offers.iter().map(|offer| offer.id()).collect();
        let known: BTreeSet<EmployeeId> = people.iter().map(|person| person.employee).collect();
        let mut pairs: BTreeSet<PairDraft> = ask
            .forbidden
            .iter()
            .filter(|pair| known.contains(&pair.employee) && there.contains(&pair.offer))
            .map(|pair| draft_pair(pair.employee, pair.offer))
            .collect();
        let (mut busy, free) = (BTreeSet::new(), Commitment::default());
        for person in people {
            let who = person.employee;
            let bound = commitments.get(&who).unwrap_or(&free);
            let own = needs.get(&who).map(Vec::as_slice).unwrap_or_default();
            let of_use = |offer: &ScenarioOffer| {
                ask.goal.is_some()
                    || offer
                        .steps
                        .iter()
                        .any(|step| own.iter().any(|need| need.competency == step.competency))
            };
            for offer in index.touched(self.learned(who), bound).filter(|offer| of_use(offer)) {
                if ask.required.contains(&ScenarioPair { employee: who, offer: offer.id() }) {
                    continue;
                }
                let pair = draft_pair(who, offer.id());
                let done = self.taken.learned.contains(&(who, offer.programme))
                    || bound.programmes.contains(&offer.programme)
                    || offer.class.is_some_and(|class| bound.classes.contains(&class));
                let away = offer.dates.iter().any(|day| bound.days.contains(day));
                if away && !done && !pairs.contains(&pair) {
                    busy.insert((pair.person.clone(), pair.offer.clone()));
                }
                if done || away {
                    pairs.insert(pair);
                }
            }
        }
        (pairs.into_iter().collect(), busy)
    }
}

/// Offers by what may bind somebody.
#[derive(Default)]
struct Index<'a> {
    programmes: BTreeMap<ProgrammeId, Vec<&'a ScenarioOffer>>,
    classes: BTreeMap<ClassId, &'a ScenarioOffer>,
    days: BTreeMap<NaiveDate, Vec<&'a ScenarioOffer>>,
}

impl<'a> Index<'a> {
    fn new(offers: &[&'a ScenarioOffer]) -> Self {
        let mut index = Self::default();
        for offer in offers {
            index.programmes.entry(offer.programme).or_default().push(offer);
            index.classes.extend(offer.class.map(|class| (class, *offer)));
            for day in &offer.dates {
                index.days.entry(*day).or_default().push(offer);
            }
        }
        index
    }

    /// Offers that what somebody learned or is bound to has to do with, some more than once.
    fn touched<'b>(
        &'b self,
        learned: impl Iterator<Item = ProgrammeId> + 'b,
        bound: &'b Commitment,
    ) -> impl Iterator<Item = &'a ScenarioOffer> + 'b {
        let programmes = learned.chain(bound.programmes.iter().copied());
        let of_programmes = programmes.filter_map(|programme| self.programmes.get(&programme)).flatten();
        let of_classes = bound.classes.iter().filter_map(|class| self.classes.get(class));
        let of_days = bound.days.iter().filter_map(|day| self.days.get(day)).flatten();
        of_programmes.chain(of_classes).chain(of_days).copied()
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
    // Pins of the scenario this was made from are among them, so no place in a list is told.
    for pair in &ask.required {
        let missing =
            |value: String| Violation::new("/required", ViolationCode::NotFound).with("value", value);
        found.check(!known.contains(&pair.employee), || missing(pair.employee.to_string()));
        found.check(!there.contains(&pair.offer), || missing(pair.offer.to_string()));
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

/// Hours of the year somebody is bound to that are not credited yet.
fn pending(commitments: &BTreeMap<EmployeeId, Commitment>, person: &ScenarioPerson) -> i64 {
    commitments.get(&person.employee).map_or(0, |own| own.jp)
}

fn unit_group(unit: UnitId) -> String {
    format!("unit {unit}")
}

pub(crate) fn floor_group(floor: &ScenarioFloor) -> Option<String> {
    floor.whose.unit.map(unit_group).or_else(|| floor.whose.group.clone())
}

fn offered(
    offer: &ScenarioOffer,
    (ask, promised): (&ScenarioAsk, &BTreeMap<ClassId, u32>),
    groups: &BTreeSet<&str>,
) -> OfferDraft {
    let promised = offer.class.and_then(|class| promised.get(&class).copied());
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
        seats: offer.open_seats(ask, promised),
        min_seats: offer.fewest(promised),
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

impl Frozen {
    /// The units people serve in.
    pub(crate) fn serving(&self) -> impl Iterator<Item = UnitId> {
        self.serving.iter().filter_map(|place| self.units.get(*place)).map(|(unit, _, _)| *unit)
    }
}

pub(crate) fn count(number: usize) -> u64 {
    u64::try_from(number).unwrap_or(u64::MAX)
}
