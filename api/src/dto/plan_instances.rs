//! What `bangkom plan solve` reads and writes: an instance of the planning problem, and a plan with its bound.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use kernel::Violation;
use optimiser::draft::{
    AudienceDraft, Draft, FloorDraft, HeldDraft, LimitsDraft, NeedDraft, OfferDraft, PairDraft, PersonDraft,
    StepDraft,
};
use optimiser::{
    Conflict, Enrolment, FloorReached, HoursEnrolment, HoursPlan, Instance, NotThere, Reason, Solution,
    Unserved, Wishes,
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// What is to be planned: people with needs, offers, and the limits of both. What is absent is no limit.
///
/// Offer `o` closes of need `n` the part `c = 0` when `o.from > n.from`, else `max(0, min(o.to, n.to) - n.from) / (n.to - n.from)`. A
/// need earns `value` times the largest `c` among the person's chosen offers: covers do not add up, steps are not chained. A plan
/// is worth the sum. An opened class pays `fixed_price` once and has between `min_seats` and `seats` people; some may be there only
/// to fill it. `jp_done` plus the chosen JP may not exceed `jp_max`; two chosen offers of a person may not share a date. `budget`
/// pays fixed and per-head prices, a unit's budget the per-head prices of its own people.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"budget": 1_000_000,
    "people": [{"id": "p1", "unit": "u1", "jp_done": 4, "jp_max": 24,
        "needs": [{"competency": "c1", "from": 2, "to": 3, "value": 1.5}]}],
    "offers": [{"id": "o1", "price": 250_000, "fixed_price": 0, "seats": 30, "min_seats": 0, "jp": 12,
        "dates": ["2027-02-01", "2027-02-03"], "teaches": [{"competency": "c1", "from": 2, "to": 3}]}],
    "limits": {"max_activities_per_person": 3}, "unit_budgets": {"u1": 500_000}}))]
pub struct PlanInstance {
    /// Whole rupiah for everything together.
    #[schema(example = 1_000_000, minimum = 0, maximum = 1_000_000_000_000_000_i64)]
    pub budget: Option<i64>,
    /// The people.
    #[schema(max_items = 1_000_000)]
    pub people: Vec<PlanPerson>,
    /// What they may be enrolled in.
    #[schema(max_items = 100_000)]
    pub offers: Vec<PlanOffer>,
    /// Limits that hold for everybody.
    pub limits: Option<PlanLimits>,
    /// Whole rupiah for the per-head prices of a unit's own people, by unit.
    #[schema(value_type = Option<BTreeMap<PlanName, PlanRupiah>>, example = json!({"u1": 500_000}))]
    pub unit_budgets: Option<BTreeMap<String, i64>>,
    /// Whole rupiah for the fixed and per-head prices of the offers that are paid from a source, by source.
    #[schema(value_type = Option<BTreeMap<PlanName, PlanRupiah>>, example = json!({"APBD": 800_000}))]
    pub source_budgets: Option<BTreeMap<String, i64>>,
    /// Enrolments every plan must have. Where they cannot all be, the command says which and why, and makes no plan.
    #[schema(max_items = 1_000_000)]
    pub required: Option<Vec<PlanPair>>,
    /// Enrolments no plan may have.
    #[schema(max_items = 1_000_000)]
    pub forbidden: Option<Vec<PlanPair>>,
    /// Shares of units and groups that must be served, as far as that can be done; `equity` of the plan says how far it was.
    #[schema(max_items = 10_000)]
    pub equity_floors: Option<Vec<PlanFloor>>,
}

/// A name, as the caller gives it.
#[derive(ToSchema)]
#[schema(value_type = String, example = "u1", min_length = 1, max_length = 200)]
pub struct PlanName(#[expect(dead_code, reason = "only its schema is used")] String);

/// Whole rupiah.
#[derive(ToSchema)]
#[schema(value_type = i64, example = 500_000, minimum = 0, maximum = 1_000_000_000_000_000_i64)]
pub struct PlanRupiah(#[expect(dead_code, reason = "only its schema is used")] i64);

/// A person.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"id": "p1", "unit": "u1", "jp_done": 4, "jp_max": 24, "needs": [{"competency": "c1", "from": 2, "to": 3, "value": 1.5}]}))]
pub struct PlanPerson {
    /// Unique among the people.
    #[schema(example = "p1", min_length = 1, max_length = 200)]
    pub id: String,
    /// Unit whose budget pays the per-head prices.
    #[schema(example = "u1", min_length = 1, max_length = 200)]
    pub unit: Option<String>,
    /// Groups the person belongs to, for audiences and equity floors: a job class, `WOMEN`, `PPPK`.
    #[schema(value_type = Option<Vec<PlanName>>, max_items = 100)]
    pub groups: Option<Vec<String>>,
    /// Learning hours (JP) done already; 0 when absent.
    #[schema(example = 4, minimum = 0, maximum = 1000000)]
    pub jp_done: Option<i64>,
    /// Learning hours (JP) the person should reach, those done included; at most `jp_max`. A wish: it rules no plan out.
    #[schema(example = 20, minimum = 0, maximum = 1000000)]
    pub jp_min: Option<i64>,
    /// The most learning hours (JP), those done included.
    #[schema(example = 24, minimum = 0, maximum = 1000000)]
    pub jp_max: Option<i64>,
    /// What the person needs.
    #[schema(max_items = 1_000)]
    pub needs: Option<Vec<PlanNeed>>,
    /// Levels held, for prerequisites. The `from` of a need counts as held, too.
    #[schema(max_items = 1_000)]
    pub holds: Option<Vec<PlanHeld>>,
}

/// A need: a step in a competency, and what it is worth.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"competency": "c1", "from": 2, "to": 3, "value": 1.5}))]
pub struct PlanNeed {
    /// Competency.
    #[schema(example = "c1", min_length = 1, max_length = 200)]
    pub competency: String,
    /// Level held.
    #[schema(example = 2, minimum = 0, maximum = 1000)]
    pub from: i64,
    /// Level required; above `from`.
    #[schema(example = 3, minimum = 0, maximum = 1000)]
    pub to: i64,
    /// What closing the whole step is worth.
    #[schema(example = 1.5, minimum = 0, maximum = 1e12)]
    pub value: f64,
}

/// A level in a competency.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"competency": "c2", "level": 2}))]
pub struct PlanHeld {
    /// Competency.
    #[schema(example = "c2", min_length = 1, max_length = 200)]
    pub competency: String,
    /// Level.
    #[schema(example = 2, minimum = 0, maximum = 1000)]
    pub level: i64,
}

/// A class that may be opened.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"id": "o1", "price": 250_000, "fixed_price": 0, "seats": 30, "min_seats": 0, "jp": 12, "dates": ["2027-02-01"], "teaches": [{"competency": "c1", "from": 2, "to": 3}]}))]
pub struct PlanOffer {
    /// Unique among the offers.
    #[schema(example = "o1", min_length = 1, max_length = 200)]
    pub id: String,
    /// Whole rupiah per head; 0 when absent.
    #[schema(example = 250_000, minimum = 0, maximum = 1_000_000_000_000_000_i64)]
    pub price: Option<i64>,
    /// Whole rupiah once, when the class is opened; 0 when absent.
    #[schema(example = 0, minimum = 0, maximum = 1_000_000_000_000_000_i64)]
    pub fixed_price: Option<i64>,
    /// The most people.
    #[schema(example = 30, minimum = 0, maximum = 1000000000)]
    pub seats: Option<i64>,
    /// The fewest people, if it is opened; 0 when absent.
    #[schema(example = 0, minimum = 0, maximum = 1000000000)]
    pub min_seats: Option<i64>,
    /// Learning hours (JP); 0 when absent.
    #[schema(example = 12, minimum = 0, maximum = 1000000)]
    pub jp: Option<i64>,
    /// Every day of the class.
    #[schema(max_items = 1_000)]
    pub dates: Option<Vec<NaiveDate>>,
    /// What it teaches.
    #[schema(max_items = 1_000)]
    pub teaches: Option<Vec<PlanStep>>,
    /// Source that pays it, for `source_budgets`.
    #[schema(example = "APBD", min_length = 1, max_length = 200)]
    pub source: Option<String>,
    /// Whom it is for; everybody when absent.
    pub audience: Option<PlanAudience>,
    /// Levels a person must hold before. What the same plan teaches does not count.
    #[schema(max_items = 1_000)]
    pub prerequisites: Option<Vec<PlanHeld>>,
}

/// A step an offer teaches.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"competency": "c1", "from": 2, "to": 3}))]
pub struct PlanStep {
    /// Competency.
    #[schema(example = "c1", min_length = 1, max_length = 200)]
    pub competency: String,
    /// Level it begins at.
    #[schema(example = 2, minimum = 0, maximum = 1000)]
    pub from: i64,
    /// Level it leads to; above `from`.
    #[schema(example = 3, minimum = 0, maximum = 1000)]
    pub to: i64,
}

/// Whom an offer is for: whoever is named, or belongs to a unit or group that is.
#[derive(Clone, Debug, Default, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"people": [], "units": ["u1"], "groups": ["PPPK"]}))]
pub struct PlanAudience {
    /// People by id.
    #[schema(value_type = Option<Vec<PlanName>>, max_items = 1_000_000)]
    pub people: Option<Vec<String>>,
    /// Units.
    #[schema(value_type = Option<Vec<PlanName>>, max_items = 100_000)]
    pub units: Option<Vec<String>>,
    /// Groups.
    #[schema(value_type = Option<Vec<PlanName>>, max_items = 10_000)]
    pub groups: Option<Vec<String>>,
}

/// Limits that hold for everybody.
#[derive(Clone, Debug, Default, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"max_activities_per_person": 3}))]
pub struct PlanLimits {
    /// The most enrolments of one person.
    #[schema(example = 3, minimum = 0, maximum = 1000000000)]
    pub max_activities_per_person: Option<i64>,
    /// Whether nobody may take two offers that teach an overlapping step of the same competency; false when
    /// absent.
    pub one_offer_per_step: Option<bool>,
}

/// A person and an offer.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"person": "p1", "offer": "o1"}))]
pub struct PlanPair {
    /// Id of the person.
    #[schema(example = "p1", min_length = 1, max_length = 200)]
    pub person: String,
    /// Id of the offer.
    #[schema(example = "o1", min_length = 1, max_length = 200)]
    pub offer: String,
}

/// A share of a unit or of a group that must be served. Served is who earns some value; the share is of
/// those who have a need, rounded up to whole people. Exactly one of `unit` and `group` is named.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"group": "WOMEN", "share": 0.4}))]
pub struct PlanFloor {
    /// The unit.
    #[schema(example = "u1", min_length = 1, max_length = 200)]
    pub unit: Option<String>,
    /// The group.
    #[schema(example = "WOMEN", min_length = 1, max_length = 200)]
    pub group: Option<String>,
    /// The share.
    #[schema(example = 0.4, minimum = 0, maximum = 1)]
    pub share: f64,
}

impl From<PlanPerson> for PersonDraft {
    fn from(of: PlanPerson) -> Self {
        let PlanPerson { id, unit, groups, jp_done, jp_min, jp_max, needs, holds } = of;
        Self {
            id,
            unit,
            groups: groups.unwrap_or_default(),
            jp_done: jp_done.unwrap_or_default(),
            jp_min,
            jp_max,
            needs: all(needs),
            holds: all(holds),
        }
    }
}

impl From<PlanNeed> for NeedDraft {
    fn from(of: PlanNeed) -> Self {
        let PlanNeed { competency, from, to, value } = of;
        Self { competency, from, to, value }
    }
}

impl From<PlanHeld> for HeldDraft {
    fn from(of: PlanHeld) -> Self {
        let PlanHeld { competency, level } = of;
        Self { competency, level }
    }
}

impl From<PlanOffer> for OfferDraft {
    fn from(of: PlanOffer) -> Self {
        let PlanOffer {
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
        } = of;
        Self {
            id,
            price: price.unwrap_or_default(),
            fixed_price: fixed_price.unwrap_or_default(),
            seats,
            min_seats: min_seats.unwrap_or_default(),
            jp: jp.unwrap_or_default(),
            dates: dates.unwrap_or_default(),
            teaches: all(teaches),
            source,
            audience: audience.map(Into::into),
            prerequisites: all(prerequisites),
        }
    }
}

impl From<PlanStep> for StepDraft {
    fn from(of: PlanStep) -> Self {
        let PlanStep { competency, from, to } = of;
        Self { competency, from, to }
    }
}

impl From<PlanAudience> for AudienceDraft {
    fn from(of: PlanAudience) -> Self {
        let PlanAudience { people, units, groups } = of;
        Self {
            people: people.unwrap_or_default(),
            units: units.unwrap_or_default(),
            groups: groups.unwrap_or_default(),
        }
    }
}

impl From<PlanLimits> for LimitsDraft {
    fn from(of: PlanLimits) -> Self {
        let PlanLimits { max_activities_per_person, one_offer_per_step } = of;
        Self { max_activities_per_person, one_offer_per_step: one_offer_per_step.unwrap_or_default() }
    }
}

impl From<PlanPair> for PairDraft {
    fn from(of: PlanPair) -> Self {
        let PlanPair { person, offer } = of;
        Self { person, offer }
    }
}

impl From<PlanFloor> for FloorDraft {
    fn from(of: PlanFloor) -> Self {
        let PlanFloor { unit, group, share } = of;
        Self { unit, group, share }
    }
}

/// A list, or nothing where it is absent.
fn all<D, T: From<D>>(list: Option<Vec<D>>) -> Vec<T> {
    list.unwrap_or_default().into_iter().map(Into::into).collect()
}

impl PlanInstance {
    /// The instance these values describe.
    ///
    /// # Errors
    /// Every value that cannot stand.
    pub fn into_domain(self) -> Result<Instance, Vec<Violation>> {
        let Self {
            budget,
            people,
            offers,
            limits,
            unit_budgets,
            source_budgets,
            required,
            forbidden,
            equity_floors,
        } = self;
        Instance::new(Draft {
            budget,
            people: all(Some(people)),
            offers: all(Some(offers)),
            limits: limits.unwrap_or_default().into(),
            unit_budgets: unit_budgets.unwrap_or_default(),
            source_budgets: source_budgets.unwrap_or_default(),
            required: all(required),
            forbidden: all(forbidden),
            equity_floors: all(equity_floors),
        })
    }
}

/// A plan, how good it is, and what it leaves out.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(example = json!({"objective": 1.5, "upper_bound": 1.5, "gap_percent": 0.0, "cost": 250_000,
    "enrolments": [{"person": "p1", "offer": "o1", "value": 1.5}], "opened": ["o1"],
    "unserved": [{"person": "p2", "competency": "c1", "reason": "BUDGET"}], "shadow_price": 0.0}))]
pub struct PlanSolution {
    /// What it is worth: the sum of the enrolments' values.
    #[schema(example = 1.5, minimum = 0)]
    pub objective: f64,
    /// No plan is worth more; equal to `objective` where the plan is proven to be the best.
    #[schema(example = 1.5, minimum = 0)]
    pub upper_bound: f64,
    /// The most that could be missing, in percent of the bound.
    #[schema(example = 0.0, minimum = 0, maximum = 100)]
    pub gap_percent: f64,
    /// Whole rupiah, fixed and per head.
    #[schema(example = 250_000, minimum = 0, maximum = 1_000_000_000_000_000_i64)]
    pub cost: i64,
    /// Who is enrolled where, in the order of people and offers in the instance.
    #[schema(max_items = 10_000_000)]
    pub enrolments: Vec<PlanEnrolment>,
    /// Ids of the offers somebody is enrolled in.
    #[schema(value_type = Vec<PlanName>, max_items = 100_000)]
    pub opened: Vec<String>,
    /// Needs nothing of which is closed, each with the reason.
    #[schema(max_items = 10_000_000)]
    pub unserved: Vec<PlanUnserved>,
    /// Value that one more million rupiah of `budget` would add at the margin, by the prices of the bound; 0 when the budget does not
    /// bind.
    #[schema(example = 0.0, minimum = 0)]
    pub shadow_price: f64,
    /// How far each equity floor is reached; absent where the instance has none.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(max_items = 10_000)]
    pub equity: Vec<PlanEquity>,
    /// How many people have the learning hours they should (`jp_min`), for whom the plan is not made; absent where nobody should
    /// have any.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub learning_hours: Option<PlanWishes>,
}

/// People who should have learning hours, and those of them who have them with the plan.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
#[schema(example = json!({"people": 40, "met": 25}))]
pub struct PlanWishes {
    /// People with `jp_min`.
    #[schema(example = 40, minimum = 0, maximum = 1_000_000_i64)]
    pub people: usize,
    /// Those who have as many hours, those done included.
    #[schema(example = 25, minimum = 0, maximum = 1_000_000_i64)]
    pub met: usize,
}

/// A person in a class.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(example = json!({"person": "p1", "offer": "o1", "value": 1.5}))]
pub struct PlanEnrolment {
    /// Id of the person.
    #[schema(example = "p1", min_length = 1, max_length = 200)]
    pub person: String,
    /// Id of the offer.
    #[schema(example = "o1", min_length = 1, max_length = 200)]
    pub offer: String,
    /// What it earns. Each need counts for the enrolment that closes most of it, so the values add up to the objective; who is there
    /// only to fill a class earns 0.
    #[schema(example = 1.5, minimum = 0)]
    pub value: f64,
}

/// A need nothing of which is closed.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(example = json!({"person": "p2", "competency": "c1", "reason": "BUDGET"}))]
pub struct PlanUnserved {
    /// Id of the person.
    #[schema(example = "p2", min_length = 1, max_length = 200)]
    pub person: String,
    /// Competency.
    #[schema(example = "c1", min_length = 1, max_length = 200)]
    pub competency: String,
    /// The limit without which it would be served.
    pub reason: UnservedReason,
}

/// Why a need is not served, found out by trying to add each offer that closes some of it to the plan as it stands. Where one
/// limit alone stands in the way of an offer, it is that limit; of several such offers, the one that closes most is told. Where
/// several limits stand in the way of each, it is the first, in this order, of the offer that is ruled out by fewest.
///
/// `NO_OFFER`: no offer closes any of it. `NO_VALUE`: it is worth nothing. `FORBIDDEN`: the pair is forbidden. `AUDIENCE`: the offer is
/// for others. `PREREQUISITE`: the person does not hold the levels it asks for. `JP_CEILING`: more learning hours than `jp_max`.
/// `ACTIVITY_LIMIT`: more activities than one may have. `DATES`: it shares a day with another enrolment. `SAME_STEP`: it teaches a
/// step again, where that is ruled out. `SEATS`: every seat is taken. `MIN_SEATS`: the class is not opened, as it would have fewer
/// people than it needs. `UNIT_BUDGET`, `SOURCE_BUDGET`, `BUDGET`: what is left does not pay for it. `TIME_LIMIT`: nothing stands in
/// the way; the search was broken off.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum UnservedReason {
    /// No offer closes any of it.
    NoOffer,
    /// It is worth nothing.
    NoValue,
    /// The pair is forbidden.
    Forbidden,
    /// The offer is for others.
    Audience,
    /// Levels it asks for are not held.
    Prerequisite,
    /// More learning hours than `jp_max`.
    JpCeiling,
    /// More activities than one may have.
    ActivityLimit,
    /// It shares a day with another enrolment.
    Dates,
    /// It teaches a step again.
    SameStep,
    /// Every seat is taken.
    Seats,
    /// The class is not opened: too few people.
    MinSeats,
    /// The budget of the unit is spent.
    UnitBudget,
    /// The budget of the source is spent.
    SourceBudget,
    /// The budget is spent.
    Budget,
    /// No limit stands in the way: the search ended, by itself or as its time was up, before it found room for it.
    TimeLimit,
}

impl From<Reason> for UnservedReason {
    fn from(reason: Reason) -> Self {
        match reason {
            Reason::NoOffer => Self::NoOffer,
            Reason::NoValue => Self::NoValue,
            Reason::Forbidden => Self::Forbidden,
            Reason::Audience => Self::Audience,
            Reason::Prerequisite => Self::Prerequisite,
            Reason::JpCeiling => Self::JpCeiling,
            Reason::ActivityLimit => Self::ActivityLimit,
            Reason::Dates => Self::Dates,
            Reason::SameStep => Self::SameStep,
            Reason::Seats => Self::Seats,
            Reason::MinSeats => Self::MinSeats,
            Reason::UnitBudget => Self::UnitBudget,
            Reason::SourceBudget => Self::SourceBudget,
            Reason::Budget => Self::Budget,
            Reason::TimeLimit => Self::TimeLimit,
        }
    }
}

/// How far an equity floor is reached.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(example = json!({"unit": null, "group": "WOMEN", "share": 0.4, "required": 8, "served": 9, "met": true}))]
pub struct PlanEquity {
    /// The unit it is for.
    #[schema(example = "u1", min_length = 1, max_length = 200)]
    pub unit: Option<String>,
    /// The group it is for.
    #[schema(example = "WOMEN", min_length = 1, max_length = 200)]
    pub group: Option<String>,
    /// The share that must be served.
    #[schema(example = 0.4, minimum = 0, maximum = 1)]
    pub share: f64,
    /// How many people that is.
    #[schema(example = 8, minimum = 0, maximum = 1_000_000_i64)]
    pub required: usize,
    /// How many are served.
    #[schema(example = 9, minimum = 0, maximum = 1_000_000_i64)]
    pub served: usize,
    /// Whether that is enough. Where it is not, no plan that reaches it was found, and the bound holds for plans that reach it as far.
    pub met: bool,
}

impl From<Solution> for PlanSolution {
    fn from(solution: Solution) -> Self {
        let Solution {
            objective,
            upper_bound,
            gap_percent,
            cost,
            enrolments,
            opened,
            unserved,
            shadow_price,
            floors,
            wishes,
        } = solution;
        Self {
            objective,
            upper_bound,
            gap_percent,
            cost,
            enrolments: enrolments
                .into_iter()
                .map(|Enrolment { person, offer, value }| PlanEnrolment { person, offer, value })
                .collect(),
            opened,
            unserved: unserved
                .into_iter()
                .map(|Unserved { person, competency, reason }| PlanUnserved {
                    person,
                    competency,
                    reason: reason.into(),
                })
                .collect(),
            shadow_price,
            equity: floors
                .into_iter()
                .map(|FloorReached { unit, group, share, required, served, met }| PlanEquity {
                    unit,
                    group,
                    share,
                    required,
                    served,
                    met,
                })
                .collect(),
            learning_hours: wishes.map(|Wishes { people, met }| PlanWishes { people, met }),
        }
    }
}

/// The cheapest enrolments that are found with which the most people have the learning hours they should (`jp_min`).
///
/// First as many people as possible get there, then for as little money as possible. Budgets, equity floors and the values of needs
/// play no part; every other limit holds. Nobody is enrolled, beside what is required, who does not need it to get there.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(example = json!({"enrolments": [{"person": "p1", "offer": "o1", "price": 250_000, "value": 1.5}], "opened": ["o1"], "cost": 250_000,
    "lower_bound": 250_000, "gap_percent": 0.0, "short": 2, "reached": 1, "most_reachable": 1,
    "unreached": [{"person": "p2", "hours": 8, "reason": "NO_OFFER"}], "stopped": false}))]
pub struct PlanHours {
    /// Who is enrolled where, required enrolments included, in the order of people and offers in the instance.
    #[schema(max_items = 10_000_000)]
    pub enrolments: Vec<PlanHoursEnrolment>,
    /// Ids of the offers somebody is enrolled in.
    #[schema(value_type = Vec<PlanName>, max_items = 100_000)]
    pub opened: Vec<String>,
    /// Whole rupiah, fixed and per head, required enrolments included.
    #[schema(example = 250_000, minimum = 0, maximum = 1_000_000_000_000_000_i64)]
    pub cost: i64,
    /// Whole rupiah: no plan costs less with which as many people get there; equal to `cost` where that is proven to be the least.
    #[schema(example = 250_000, minimum = 0, maximum = 1_000_000_000_000_000_i64)]
    pub lower_bound: i64,
    /// The most that could be saved, in percent of the cost.
    #[schema(example = 0.0, minimum = 0, maximum = 100)]
    pub gap_percent: f64,
    /// People who have fewer hours than they should, before anything is planned.
    #[schema(example = 2, minimum = 0, maximum = 1_000_000_i64)]
    pub short: usize,
    /// Those of them who have as many as they should with this plan.
    #[schema(example = 1, minimum = 0, maximum = 1_000_000_i64)]
    pub reached: usize,
    /// No plan brings more people there; equal to `reached` where that is proven to be the most.
    #[schema(example = 1, minimum = 0, maximum = 1_000_000_i64)]
    pub most_reachable: usize,
    /// Those who still have fewer, each with the reason.
    #[schema(max_items = 1_000_000)]
    pub unreached: Vec<PlanUnreached>,
    /// Whether the time ran out before the search ended.
    pub stopped: bool,
}

/// A person in a class, for the learning hours.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(example = json!({"person": "p1", "offer": "o1", "price": 250_000, "value": 1.5}))]
pub struct PlanHoursEnrolment {
    /// Id of the person.
    #[schema(example = "p1", min_length = 1, max_length = 200)]
    pub person: String,
    /// Id of the offer.
    #[schema(example = "o1", min_length = 1, max_length = 200)]
    pub offer: String,
    /// Whole rupiah per head.
    #[schema(example = 250_000, minimum = 0, maximum = 1_000_000_000_000_000_i64)]
    pub price: i64,
    /// What it closes of the person's needs, though nobody is enrolled for that.
    #[schema(example = 1.5, minimum = 0)]
    pub value: f64,
}

/// A person who still has fewer learning hours than they should.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(example = json!({"person": "p2", "hours": 8, "reason": "NO_OFFER"}))]
pub struct PlanUnreached {
    /// Id of the person.
    #[schema(example = "p2", min_length = 1, max_length = 200)]
    pub person: String,
    /// Learning hours (JP) still lacking, with the required enrolments.
    #[schema(example = 8, minimum = 1, maximum = 1000000)]
    pub hours: i64,
    /// The limit without which they would not lack them, as the plan stands. Where several stand in the way, the first with which, and
    /// those before it, they cannot get there. `NO_OFFER`: all offers together have too few hours. Money is never a reason.
    pub reason: UnservedReason,
}

impl From<HoursPlan> for PlanHours {
    fn from(plan: HoursPlan) -> Self {
        let HoursPlan {
            enrolments,
            opened,
            cost,
            lower_bound,
            gap_percent,
            short,
            reached,
            most_reachable,
            unreached,
            stopped,
        } = plan;
        Self {
            enrolments: enrolments
                .into_iter()
                .map(|HoursEnrolment { person, offer, price, value }| PlanHoursEnrolment {
                    person,
                    offer,
                    price,
                    value,
                })
                .collect(),
            opened,
            cost,
            lower_bound,
            gap_percent,
            short,
            reached,
            most_reachable,
            unreached: unreached
                .into_iter()
                .map(|NotThere { person, hours, reason }| PlanUnreached {
                    person,
                    hours,
                    reason: reason.into(),
                })
                .collect(),
            stopped,
        }
    }
}

/// A required enrolment that cannot be, in a line.
#[must_use]
pub fn conflict(of: &Conflict) -> String {
    let Conflict { person, offer, detail } = of;
    let named = [("person", person), ("offer", offer)];
    let named: Vec<String> =
        named.iter().filter_map(|(what, id)| id.as_ref().map(|id| format!("{what} {id}"))).collect();
    if named.is_empty() { detail.clone() } else { format!("{}: {detail}", named.join(", ")) }
}
