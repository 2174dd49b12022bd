//! Scenarios of an agency's plan: what a budget would buy at best, under which limits.

use std::collections::BTreeSet;

use chrono::NaiveDate;
use kernel::{
    AgencyId, ClassId, Code, CompetencyId, EmployeeId, Hundredths, Level, Name, Nip, ProgrammeId, Rupiah,
    UnitId, Violation, ViolationCode, Violations, wire_enum,
};
use serde::{Deserialize, Serialize};
use uuid::Uuid;
use workforce::{EmployeeStatus, JobClass};

use crate::jp_ledger::MOST_JP;
use crate::programme::{Audience, Prerequisite, Price};

wire_enum! {
    /// How far a scenario has come.
    pub enum ScenarioState {
        /// It is being worked on.
        Solving = "SOLVING",
        /// There is a plan, and the search came to its own end.
        Solved = "SOLVED",
        /// The search was called off; the best plan so far is kept.
        Stopped = "STOPPED",
        /// It was called off before there was a plan.
        Cancelled = "CANCELLED",
        /// There is no plan.
        Failed = "FAILED",
    }
}

wire_enum! {
    /// Where the needs of a scenario come from.
    pub enum ScenarioNeeds {
        /// Validated analyses of the year.
        Validated = "VALIDATED_NEEDS",
        /// Open gaps of today, as no analysis of the year is validated.
        Gaps = "OPEN_GAPS",
        /// Validated analyses for the units that have one, open gaps of today for the others.
        Mixed = "MIXED",
    }
}

/// A person and an offer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct ScenarioPair {
    /// The person.
    pub employee: EmployeeId,
    /// The class; the programme, where it has none in the year.
    pub offer: Uuid,
}

/// What needs a weight or a floor is about; everything that is given must hold.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ScenarioWhose {
    /// People of this unit and of those under it.
    pub unit: Option<UnitId>,
    /// People of this group: a job class, a standing such as `PPPK`, or `WOMEN`.
    pub group: Option<String>,
    /// Needs of this competency.
    pub competency: Option<CompetencyId>,
}

/// A factor to what needs are worth.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ScenarioWeight {
    /// Which needs.
    pub whose: ScenarioWhose,
    /// By how much.
    pub weight: Hundredths,
}

/// A share of people with needs that must be served.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ScenarioFloor {
    /// Of whom: a unit with those under it, or a group.
    pub whose: ScenarioWhose,
    /// In percent.
    pub percent: u8,
}

/// Learning hours that people are brought to, for as little money as possible.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ScenarioGoal {
    /// Of the people of this unit and of those under it; of everybody the plan is for without.
    pub unit: Option<UnitId>,
    /// So many for each of them, as far as their ceiling lets them; the floor the policy has for them without.
    pub jp: Option<Hundredths>,
}

/// What is asked of a scenario. What is absent is no limit.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ScenarioAsk {
    /// Learning hours to reach, instead of needs to close: then money has no limit, and what needs are worth plays no part.
    pub goal: Option<ScenarioGoal>,
    /// The budget; what the plan's lines leave beside its other items without.
    pub budget: Option<i64>,
    /// The most enrolments of one person.
    pub max_activities: Option<u8>,
    /// Whether nobody may learn the same step twice.
    pub one_offer_per_step: bool,
    /// Seats of a class that is not scheduled yet and costs something as a class.
    pub class_seats: Option<u32>,
    /// Ceilings of units, with those under them, beside those of the plan; the lower counts.
    pub unit_budgets: Vec<(UnitId, i64)>,
    /// Classes and programmes that are left out.
    pub excluded: BTreeSet<Uuid>,
    /// Factors; those that apply to a need are multiplied.
    pub weights: Vec<ScenarioWeight>,
    /// Shares that must be served.
    pub floors: Vec<ScenarioFloor>,
    /// Enrolments every plan must have.
    pub required: BTreeSet<ScenarioPair>,
    /// Enrolments no plan may have.
    pub forbidden: BTreeSet<ScenarioPair>,
    /// Seconds for the search.
    pub seconds: u32,
    /// The same instance and seed give the same plan, unless time runs out.
    pub seed: u64,
    /// Whether to solve at ten budgets, too.
    pub curve: bool,
}

impl ScenarioAsk {
    /// The most seconds a search may take.
    pub const MOST_SECONDS: u32 = 3_600;
    /// The most pairs of a kind, and the most offers that are left out.
    pub const MOST_PAIRS: usize = 10_000;
    /// The most weights, floors and units of a kind.
    pub const MOST_RULES: usize = 1_000;
    /// The most a weight multiplies by.
    pub const MOST_WEIGHT: Hundredths = Hundredths::from_count(10_000);
    /// The most enrolments of one person that can be asked for.
    pub const MOST_ACTIVITIES: u8 = 100;
    /// The most seats of a class.
    pub const MOST_SEATS: u32 = 10_000;
    /// Seats of a class that is not scheduled yet, unless it is said otherwise.
    pub const USUAL_SEATS: u32 = 30;
    /// The greatest seed: what every client can count to.
    pub const MOST_SEED: u64 = 9_007_199_254_740_991;
    /// The group of women.
    pub const WOMEN: &str = "WOMEN";

    /// The groups somebody belongs to.
    #[must_use]
    pub fn groups(job_class: JobClass, status: EmployeeStatus, nip: &Nip) -> Vec<String> {
        let woman = nip.reading().is_ok_and(|read| read.sex == kernel::Sex::Female);
        let mut groups = vec![job_class.as_str().to_owned(), status.as_str().to_owned()];
        groups.extend(woman.then(|| Self::WOMEN.to_owned()));
        groups
    }

    /// Whether a group of this name can have members.
    #[must_use]
    pub fn is_group(name: &str) -> bool {
        name == Self::WOMEN || JobClass::parse(name).is_some() || EmployeeStatus::parse(name).is_some()
    }

    /// The same without what is said of money and of what needs are worth.
    #[must_use]
    pub fn without_money(self) -> Self {
        Self {
            budget: None,
            unit_budgets: Vec::new(),
            weights: Vec::new(),
            floors: Vec::new(),
            curve: false,
            ..self
        }
    }

    /// Whether it agrees with itself.
    ///
    /// # Errors
    /// Every value that cannot stand.
    pub fn check(&self) -> Result<(), Vec<Violation>> {
        let mut found = Violations::new();
        let lengths = [
            ("/unit_budgets", self.unit_budgets.len(), Self::MOST_RULES),
            ("/weights", self.weights.len(), Self::MOST_RULES),
            ("/equity_floors", self.floors.len(), Self::MOST_RULES),
            ("/excluded_offers", self.excluded.len(), Self::MOST_PAIRS),
            ("/required", self.required.len(), Self::MOST_PAIRS),
            ("/forbidden", self.forbidden.len(), Self::MOST_PAIRS),
        ];
        for (at, count, most) in lengths {
            found.check(count > most, || Violation::new(at, ViolationCode::TooMany).with("max", most));
        }
        found.check(self.seconds == 0 || self.seconds > Self::MOST_SECONDS, || {
            Violation::new("/time_limit", ViolationCode::OutOfRange)
                .with("min", 1)
                .with("max", Self::MOST_SECONDS)
        });
        found.check(self.max_activities.is_some_and(|most| most > Self::MOST_ACTIVITIES), || {
            Violation::new("/max_activities_per_person", ViolationCode::OutOfRange)
                .with("min", 0)
                .with("max", Self::MOST_ACTIVITIES)
        });
        let seats = 1..=Self::MOST_SEATS;
        found.check(self.class_seats.is_some_and(|one| !seats.contains(&one)), || {
            Violation::new("/class_seats", ViolationCode::OutOfRange)
                .with("min", 1)
                .with("max", Self::MOST_SEATS)
        });
        found.check(self.seed > Self::MOST_SEED, || {
            Violation::new("/seed", ViolationCode::OutOfRange).with("min", 0).with("max", Self::MOST_SEED)
        });
        let unknown =
            |whose: &ScenarioWhose| whose.group.as_ref().is_some_and(|group| !Self::is_group(group));
        for (index, weight) in self.weights.iter().enumerate() {
            found.check(unknown(&weight.whose), || {
                Violation::new(format!("/weights/{index}/group"), ViolationCode::NotFound)
            });
            found.check(weight.weight > Self::MOST_WEIGHT, || {
                Violation::new(format!("/weights/{index}/weight"), ViolationCode::OutOfRange)
                    .with("min", 0)
                    .with("max", Self::MOST_WEIGHT)
            });
        }
        for (index, floor) in self.floors.iter().enumerate() {
            found.check(unknown(&floor.whose), || {
                Violation::new(format!("/equity_floors/{index}/group"), ViolationCode::NotFound)
            });
            found.check(floor.whose.unit.is_some() == floor.whose.group.is_some(), || {
                Violation::new(format!("/equity_floors/{index}"), ViolationCode::Inconsistent)
            });
            found.check(floor.percent > 100, || {
                Violation::new(format!("/equity_floors/{index}/percent"), ViolationCode::OutOfRange)
                    .with("min", 0)
                    .with("max", 100)
            });
        }
        if let Some(goal) = self.goal {
            found.check(goal.jp.is_some_and(|jp| jp.count() == 0 || jp > MOST_JP), || {
                Violation::new("/learning_hours/jp", ViolationCode::OutOfRange)
                    .with("min", "0.01")
                    .with("max", MOST_JP)
            });
            let idle = [
                ("/budget", self.budget.is_some()),
                ("/unit_budgets", !self.unit_budgets.is_empty()),
                ("/weights", !self.weights.is_empty()),
                ("/equity_floors", !self.floors.is_empty()),
                ("/curve", self.curve),
            ];
            for (at, said) in idle {
                found.check(said, || Violation::new(at, ViolationCode::Inconsistent));
            }
        }
        let mut units = BTreeSet::new();
        for (index, (unit, _)) in self.unit_budgets.iter().enumerate() {
            found.check(!units.insert(*unit), || {
                Violation::new(format!("/unit_budgets/{index}/unit_id"), ViolationCode::Duplicate)
            });
        }
        found.finish()
    }
}

/// Somebody a plan may be for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ScenarioPerson {
    /// Who.
    pub employee: EmployeeId,
    /// The unit of the position they hold.
    pub unit: UnitId,
    /// Its class.
    pub job_class: JobClass,
    /// Their standing.
    pub status: EmployeeStatus,
    /// Identity number.
    pub nip: Nip,
    /// How their learning hours stand.
    pub hours: ScenarioHours,
}

/// How somebody's learning hours of a year stand, in hundredths.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ScenarioHours {
    /// Those that count for the floor; where there is none, those of the calendar year.
    pub counted: i64,
    /// The floor.
    pub floor: Option<i64>,
    /// Those that count for the ceiling.
    pub counted_to_ceiling: i64,
    /// The ceiling.
    pub ceiling: Option<i64>,
}

impl ScenarioHours {
    /// Hours the optimiser counts on from, and how many those may become: of the ceiling where there is one. `pending` are those of
    /// what is planned already. Who is past the ceiling has no room.
    #[must_use]
    pub fn room(&self, pending: i64) -> (i64, Option<i64>) {
        let counted = if self.ceiling.is_some() { self.counted_to_ceiling } else { self.counted };
        let done = counted.max(0).saturating_add(pending);
        (self.ceiling.map_or(done, |ceiling| done.min(ceiling)), self.ceiling)
    }

    /// What they should become by `goal`, counted as [`room`](Self::room) does, and never more than the ceiling; none where nothing
    /// is asked of them, or they have it.
    #[must_use]
    pub fn wanted(&self, goal: &ScenarioGoal, pending: i64) -> Option<i64> {
        let wanted = goal.jp.map(|jp| i64::from(jp.count())).or(self.floor)?;
        let missing = wanted - self.counted.max(0).saturating_add(pending);
        let (done, most) = self.room(pending);
        let goal = done.saturating_add(missing);
        let goal = most.map_or(goal, |most| goal.min(most));
        (goal > done).then_some(goal)
    }

    /// Whether `goal` asks anything of them at all.
    #[must_use]
    pub fn is_asked(&self, goal: &ScenarioGoal) -> bool {
        goal.jp.is_some() || self.floor.is_some()
    }
}

/// A step somebody lacks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ScenarioNeed {
    /// Who.
    pub employee: EmployeeId,
    /// Whose dictionary the competency comes from.
    pub competency_agency: AgencyId,
    /// The competency.
    pub competency: CompetencyId,
    /// The level found by valid evidence; none where it is not known.
    pub from: Option<Level>,
    /// The level that is needed.
    pub to: Level,
    /// What it is worth to close it.
    pub priority: Hundredths,
}

impl ScenarioNeed {
    /// The level it begins at. Where none is known it counts as one level, as the policy of priorities counts it.
    #[must_use]
    pub fn begins(&self) -> u8 {
        self.from.map_or(self.to.get().saturating_sub(1), Level::get)
    }
}

/// A class that somebody can be nominated for, or a programme without one in the year.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ScenarioOffer {
    /// The programme.
    pub programme: ProgrammeId,
    /// The class.
    pub class: Option<ClassId>,
    /// The programme's code.
    pub code: Code,
    /// The programme's name.
    pub name: Name,
    /// What it costs.
    pub price: Price,
    /// Seats that are free; none without a class.
    pub seats: Option<u32>,
    /// Participants it lacks to be held.
    pub lacking: u32,
    /// Its learning hours.
    pub jp: Option<Hundredths>,
    /// Every day of it; none while it is not scheduled.
    pub dates: Vec<NaiveDate>,
    /// What it teaches.
    pub steps: Vec<ScenarioStep>,
    /// Whom it is for.
    pub audience: Audience,
    /// What it builds on.
    pub prerequisites: Vec<Prerequisite>,
}

/// A step an offer teaches.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ScenarioStep {
    /// The competency.
    pub competency: CompetencyId,
    /// The level it begins at; any where none.
    pub from: Option<Level>,
    /// The level it leads to.
    pub to: Level,
}

impl ScenarioOffer {
    /// Its identifier among offers: the class, or the programme where it has none in the year.
    #[must_use]
    pub fn id(&self) -> Uuid {
        self.class.map_or_else(|| self.programme.uuid(), ClassId::uuid)
    }

    /// Whether what it costs is known: what is not known is not free.
    #[must_use]
    pub const fn is_priced(&self) -> bool {
        self.price.per_participant.is_some() || self.price.per_class.is_some()
    }

    /// Seats somebody can be planned for, `promised` of those that are free being planned for already. A class that is not
    /// scheduled yet has as many as are reckoned with, where it costs something as a class: so many are paid for.
    #[must_use]
    pub fn open_seats(&self, ask: &ScenarioAsk, promised: Option<u32>) -> Option<i64> {
        let left = |seats: u32| i64::from(seats.saturating_sub(promised.unwrap_or_default()));
        match self.class {
            Some(_) => self.seats.map(left),
            None if self.whole() > 0 => Some(left(ask.class_seats.unwrap_or(ScenarioAsk::USUAL_SEATS))),
            None => None,
        }
    }

    /// The fewest people who must be planned for it, if any is, `promised` of those it lacks being planned for already.
    #[must_use]
    pub fn fewest(&self, promised: Option<u32>) -> i64 {
        self.lacking.saturating_sub(promised.unwrap_or_default()).into()
    }

    /// Rupiah for each participant.
    #[must_use]
    pub fn each(&self) -> i64 {
        self.price.per_participant.unwrap_or(Rupiah::ZERO).amount()
    }

    /// Rupiah for the class.
    #[must_use]
    pub fn whole(&self) -> i64 {
        self.price.per_class.unwrap_or(Rupiah::ZERO).amount()
    }
}

/// How a unit fares in a plan: of the people who serve in it, not of those under it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ScenarioUnit {
    /// The unit.
    pub unit: UnitId,
    /// Its code when the instance was loaded.
    pub code: String,
    /// Its name then.
    pub name: String,
    /// People with needs.
    pub people: u64,
    /// Of them, served with something.
    pub served: u64,
    /// Their needs.
    pub needs: u64,
    /// Of them, served.
    pub needs_served: u64,
    /// What the needs are worth.
    pub worth: f64,
    /// What the plan earns of it.
    pub objective: f64,
    /// Rupiah per head.
    pub cost: i64,
    /// Where hours were to be reached, how many lacked some, and how many of them reach them.
    #[serde(default)]
    pub hours: Option<(u64, u64)>,
}

/// What a budget buys.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ScenarioPoint {
    /// Rupiah there are.
    pub budget: i64,
    /// What the plan is worth.
    pub objective: f64,
    /// What no plan is worth more than.
    pub upper_bound: f64,
    /// People served.
    pub served: u64,
    /// Rupiah spent.
    pub cost: i64,
}

/// How far a floor is reached.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ScenarioFloorReached {
    /// Of whom.
    pub whose: ScenarioWhose,
    /// The share, in percent.
    pub percent: u8,
    /// People that is.
    pub required: u64,
    /// People served.
    pub served: u64,
    /// Whether that is enough.
    pub met: bool,
}

/// How many reach their learning hours, for the least money that was found.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ScenarioReach {
    /// People of whom hours are asked.
    pub people: u64,
    /// Of them, those who lack some.
    pub short: u64,
    /// Of those, who reaches them with the plan.
    pub reached: u64,
    /// No plan brings more people there.
    pub most_reachable: u64,
    /// Rupiah: no plan costs less with which as many people get there.
    pub least_cost: i64,
    /// What could be saved at most, in percent of the cost.
    pub gap_percent: f64,
    /// Who still lacks hours, by reason.
    pub unreached: Vec<(String, u64)>,
}

/// What a plan comes to, and what it was made from.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ScenarioFigures {
    /// Where the needs come from.
    pub source: ScenarioNeeds,
    /// Rupiah there were; none without a limit.
    pub budget: Option<i64>,
    /// Whether the search was called off.
    pub stopped: bool,
    /// What the plan is worth.
    pub objective: f64,
    /// What no plan is worth more than; where hours were to be reached, what the needs of those who lack some are worth.
    pub upper_bound: f64,
    /// What could be missing at most, in percent of the bound.
    pub gap_percent: f64,
    /// Rupiah spent.
    pub cost: i64,
    /// What one more million rupiah would add at the margin.
    pub shadow_price: f64,
    /// People with needs.
    pub people: u64,
    /// Of them, served with something.
    pub served: u64,
    /// Needs.
    pub needs: u64,
    /// Of them, served.
    pub needs_served: u64,
    /// What all needs are worth.
    pub worth: f64,
    /// Enrolments.
    pub enrolments: u64,
    /// Classes and programmes somebody is enrolled in.
    pub opened: u64,
    /// Classes and programmes there were.
    pub offers: u64,
    /// Those that were left out, as what they cost is not known or beyond planning.
    pub unpriced: u64,
    /// Needs left open, by reason.
    pub unserved: Vec<(String, u64)>,
    /// How far floors are reached.
    pub floors: Vec<ScenarioFloorReached>,
    /// How many reach their learning hours, where that was asked.
    #[serde(default)]
    pub hours: Option<ScenarioReach>,
    /// How units fare; not read with the rest.
    #[serde(default)]
    pub units: Vec<ScenarioUnit>,
    /// What budgets buy, the smallest first; not read with the rest.
    #[serde(default)]
    pub curve: Vec<ScenarioPoint>,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pns(counted: i64) -> ScenarioHours {
        ScenarioHours { counted, floor: Some(2_000), ..ScenarioHours::default() }
    }

    fn pppk(counted: i64) -> ScenarioHours {
        ScenarioHours {
            counted,
            counted_to_ceiling: counted,
            ceiling: Some(2_400),
            ..ScenarioHours::default()
        }
    }

    fn so_many(jp: u32) -> ScenarioGoal {
        ScenarioGoal { unit: None, jp: Some(Hundredths::from_count(jp)) }
    }

    #[test]
    fn the_floor_of_the_policy_is_what_is_wanted_unless_hours_are_named() {
        let policy = ScenarioGoal::default();
        assert_eq!(pns(500).wanted(&policy, 0), Some(2_000));
        assert_eq!(pns(500).wanted(&policy, 1_500), None);
        assert_eq!(pns(2_000).wanted(&policy, 0), None);
        // The law asks no hours of them, an agency may.
        assert_eq!((pppk(0).wanted(&policy, 0), pppk(0).is_asked(&policy)), (None, false));
        assert_eq!(
            (pppk(0).wanted(&so_many(2_000), 0), pppk(0).is_asked(&so_many(2_000))),
            (Some(2_000), true)
        );
    }

    #[test]
    fn nobody_is_brought_above_their_ceiling() {
        assert_eq!(pppk(500).wanted(&so_many(3_000), 0), Some(2_400));
        assert_eq!(pppk(2_400).wanted(&so_many(3_000), 0), None);
        assert_eq!(pppk(2_600).wanted(&so_many(3_000), 0), None);
        assert_eq!((pppk(2_600).room(100), pppk(500).room(100)), ((2_400, Some(2_400)), (600, Some(2_400))));
    }

    #[test]
    fn hours_that_count_for_the_ceiling_alone_do_not_count_for_the_floor() {
        let both = ScenarioHours { counted_to_ceiling: 1_000, ceiling: Some(2_400), ..pns(400) };
        // 1,600 are missing to the floor, 1,400 are left to the ceiling.
        assert_eq!(both.wanted(&ScenarioGoal::default(), 0), Some(2_400));
        // 1,200 more, on top of 1,400 of the ceiling's.
        let roomy = ScenarioHours { ceiling: Some(4_000), ..both };
        assert_eq!(roomy.wanted(&ScenarioGoal::default(), 400), Some(2_600));
    }

    #[test]
    fn what_is_asked_of_money_and_worth_does_not_go_with_hours() {
        let plain =
            ScenarioAsk { goal: Some(ScenarioGoal::default()), seconds: 60, ..ScenarioAsk::default() };
        assert_eq!(plain.check(), Ok(()));
        let whose = ScenarioWhose { group: Some(ScenarioAsk::WOMEN.to_owned()), ..ScenarioWhose::default() };
        let all = ScenarioAsk {
            budget: Some(1),
            unit_budgets: vec![(UnitId::new(), 1)],
            weights: vec![ScenarioWeight { whose: whose.clone(), weight: Hundredths::ONE }],
            floors: vec![ScenarioFloor { whose, percent: 40 }],
            curve: true,
            goal: Some(ScenarioGoal { unit: None, jp: Some(Hundredths::from_count(0)) }),
            ..plain
        };
        let refused = all.check().unwrap_err();
        let told: Vec<_> = refused.iter().map(|one| one.pointer.as_str()).collect();
        assert_eq!(
            told,
            ["/budget", "/curve", "/equity_floors", "/learning_hours/jp", "/unit_budgets", "/weights"]
        );
    }
}
