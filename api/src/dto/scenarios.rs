//! Scenarios of agency plans.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use development::{
    ScenarioAsk, ScenarioFigures, ScenarioFloor, ScenarioFloorReached, ScenarioPair, ScenarioPoint,
    ScenarioUnit, ScenarioWeight, ScenarioWhose,
};
use kernel::{ClassId, CompetencyId, Name, Rupiah, ScenarioId, UnitId, Violation, ViolationCode, Violations};
use optimiser::Reason;
use serde::{Deserialize, Serialize};
use store::{ScenarioEnrolmentRow, ScenarioRow, ScenarioUnservedRow};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;
use validator::Validate;

use crate::dto::enums::{Wire, wire};
use crate::dto::plan_instances::UnservedReason;
use crate::dto::values::{Decimal, name};

/// A person and an offer.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ScenarioPairView {
    /// The person.
    pub employee_id: Uuid,
    /// The class; the programme, where it has no class in the year.
    pub offer_id: Uuid,
}

/// The most that is spent, per head, on the people of a unit and of those under it.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ScenarioUnitBudgetView {
    /// The unit.
    pub unit_id: Uuid,
    /// The most, in rupiah.
    #[schema(example = 250_000_000, minimum = 0, maximum = 9_007_199_254_740_991_i64)]
    pub amount: i64,
}

/// A factor to what needs are worth. What is given must hold; factors that apply to the same need are multiplied.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ScenarioWeightView {
    /// Of the people of this unit and of those under it.
    pub unit_id: Option<Uuid>,
    /// Of people of this group: a job class, a standing such as `PPPK`, or `WOMEN`.
    #[schema(example = "WOMEN", min_length = 1, max_length = 64)]
    pub group: Option<String>,
    /// Of this competency.
    pub competency_id: Option<Uuid>,
    /// By how much.
    #[schema(value_type = f64, example = 1.5, minimum = 0, maximum = 100)]
    pub weight: Decimal,
}

/// A share of those with needs that must be served. Exactly one of unit and group is named.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ScenarioFloorView {
    /// The people of this unit and of those under it.
    pub unit_id: Option<Uuid>,
    /// The people of this group: a job class, a standing such as `PPPK`, or `WOMEN`.
    #[schema(example = "PPPK", min_length = 1, max_length = 64)]
    pub group: Option<String>,
    /// The share, in percent.
    #[schema(example = 40, minimum = 0, maximum = 100)]
    pub percent: u8,
}

/// A scenario to be solved. What is absent is no limit; made from another one, what is absent is as it is there.
#[derive(Clone, Debug, Deserialize, Serialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"name": "Setengah anggaran", "budget": 250_000_000, "max_activities_per_person": 2}))]
pub struct ScenarioCreate {
    /// What it is called.
    #[schema(example = "Setengah anggaran", min_length = 1, max_length = 200)]
    pub name: String,
    /// Another scenario of the plan it is made from: its limits, and what was pinned and forbidden there, hold here too.
    pub based_on_id: Option<Uuid>,
    /// Rupiah there are. Without it, what the lines of the plan's budget leave beside items that no scenario chose; without lines,
    /// no limit.
    #[schema(example = 250_000_000, minimum = 0, maximum = 9_007_199_254_740_991_i64)]
    pub budget: Option<i64>,
    /// The most enrolments of one person.
    #[schema(example = 2, minimum = 0, maximum = 100)]
    pub max_activities_per_person: Option<u8>,
    /// Whether nobody may learn a step twice.
    pub one_offer_per_step: Option<bool>,
    /// Seats a class is reckoned with that is not scheduled yet and costs something as a class: one class is paid for, and it holds
    /// no more. 30 when absent.
    #[schema(example = 30, minimum = 1, maximum = 10000)]
    pub class_seats: Option<u32>,
    /// Ceilings of units beside those of the plan; the lower one counts. What people of a unit inside another cost counts for both.
    #[schema(max_items = 1000)]
    pub unit_budgets: Option<Vec<ScenarioUnitBudgetView>>,
    /// Classes and programmes that are left out.
    #[schema(max_items = 10000)]
    pub excluded_offers: Option<Vec<Uuid>>,
    /// Factors to what needs are worth.
    #[schema(max_items = 1000)]
    pub weights: Option<Vec<ScenarioWeightView>>,
    /// Shares of units and groups that must be served. One that cannot be reached is told, and the rest planned.
    #[schema(max_items = 1000)]
    pub equity_floors: Option<Vec<ScenarioFloorView>>,
    /// Enrolments every plan must have (pinned), beside those of the scenario it is made from.
    #[schema(max_items = 10000)]
    pub required: Option<Vec<ScenarioPairView>>,
    /// Enrolments no plan may have, beside those of the scenario it is made from.
    #[schema(max_items = 10000)]
    pub forbidden: Option<Vec<ScenarioPairView>>,
    /// Pairs that are neither pinned nor forbidden any more.
    #[schema(max_items = 10000)]
    pub released: Option<Vec<ScenarioPairView>>,
    /// Seconds for the search; it ends sooner where the plan is proven to be the best. 60 when absent.
    #[schema(example = 60, minimum = 1, maximum = 3600)]
    pub time_limit: Option<u32>,
    /// The same instance and seed give the same plan, unless time runs out. 1 when absent.
    #[schema(example = 1, minimum = 0, maximum = 9_007_199_254_740_991_i64)]
    pub seed: Option<u64>,
    /// Whether to solve at tenths of the budget, too, each within a tenth of the time; true when absent.
    pub curve: Option<bool>,
}

fn pair(view: &ScenarioPairView) -> ScenarioPair {
    ScenarioPair { employee: view.employee_id.into(), offer: view.offer_id }
}

fn pairs(views: Option<&[ScenarioPairView]>) -> BTreeSet<ScenarioPair> {
    views.unwrap_or_default().iter().map(pair).collect()
}

fn whose(unit: Option<Uuid>, group: Option<String>, competency: Option<Uuid>) -> ScenarioWhose {
    ScenarioWhose { unit: unit.map(UnitId::from), group, competency: competency.map(CompetencyId::from) }
}

impl ScenarioCreate {
    /// The name, and what is asked; `basis` is what was asked of the scenario it is made from.
    ///
    /// # Errors
    /// Every value that cannot stand.
    pub fn into_domain(self, basis: Option<&ScenarioAsk>) -> Result<(Name, ScenarioAsk), Vec<Violation>> {
        let Self {
            name: text,
            based_on_id: _,
            budget,
            max_activities_per_person,
            one_offer_per_step,
            class_seats,
            unit_budgets,
            excluded_offers,
            weights,
            equity_floors,
            required,
            forbidden,
            released,
            time_limit,
            seed,
            curve,
        } = self;
        let mut found = Violations::new();
        let called = name(&mut found, "/name", &text);
        let amounts = unit_budgets.iter().flatten().enumerate();
        let amounts = amounts.map(|(index, one)| (format!("/unit_budgets/{index}/amount"), one.amount));
        for (at, amount) in budget.map(|budget| ("/budget".to_owned(), budget)).into_iter().chain(amounts) {
            found.check(Rupiah::new(amount).is_none(), || {
                Violation::new(at, ViolationCode::OutOfRange).with("min", 0).with("max", Rupiah::MAX)
            });
        }
        for (at, list) in [("required", &required), ("forbidden", &forbidden), ("released", &released)] {
            found.check(list.as_ref().is_some_and(|list| list.len() > ScenarioAsk::MOST_PAIRS), || {
                Violation::new(format!("/{at}"), ViolationCode::TooMany).with("max", ScenarioAsk::MOST_PAIRS)
            });
        }
        let asked: Vec<ScenarioPair> = required.iter().flatten().map(pair).collect();
        let fresh = ScenarioAsk { seconds: 60, seed: 1, curve: true, ..ScenarioAsk::default() };
        let before = basis.cloned().unwrap_or(fresh);
        let (required, forbidden) = (pairs(required.as_deref()), pairs(forbidden.as_deref()));
        let released = pairs(released.as_deref());
        // What is said now goes before what was said then.
        let kept = |list: &BTreeSet<ScenarioPair>,
                    other: &BTreeSet<ScenarioPair>|
         -> BTreeSet<ScenarioPair> {
            list.iter().filter(|pair| !released.contains(pair) && !other.contains(pair)).copied().collect()
        };
        let floor = |view: ScenarioFloorView| ScenarioFloor {
            whose: whose(view.unit_id, view.group, None),
            percent: view.percent,
        };
        let weight = |view: ScenarioWeightView| ScenarioWeight {
            whose: whose(view.unit_id, view.group, view.competency_id),
            weight: view.weight.0,
        };
        let ask = ScenarioAsk {
            budget: budget.or(before.budget),
            max_activities: max_activities_per_person.or(before.max_activities),
            one_offer_per_step: one_offer_per_step.unwrap_or(before.one_offer_per_step),
            class_seats: class_seats.or(before.class_seats),
            unit_budgets: unit_budgets.map_or(before.unit_budgets, |all| {
                all.into_iter().map(|one| (one.unit_id.into(), one.amount)).collect()
            }),
            excluded: excluded_offers.map_or(before.excluded, |all| all.into_iter().collect()),
            weights: weights.map_or(before.weights, |all| all.into_iter().map(weight).collect()),
            floors: equity_floors.map_or(before.floors, |all| all.into_iter().map(floor).collect()),
            required: kept(&before.required, &forbidden)
                .into_iter()
                .chain(required.iter().copied())
                .collect(),
            forbidden: kept(&before.forbidden, &required)
                .into_iter()
                .chain(forbidden.iter().copied())
                .collect(),
            seconds: time_limit.unwrap_or(before.seconds),
            seed: seed.unwrap_or(before.seed),
            curve: curve.unwrap_or(before.curve),
        };
        for (index, pair) in asked.iter().enumerate() {
            found.check(ask.forbidden.contains(pair) || ask.excluded.contains(&pair.offer), || {
                Violation::new(format!("/required/{index}"), ViolationCode::Inconsistent)
            });
        }
        let before = ask.required.iter().filter(|pair| !asked.contains(pair));
        // What was pinned in the scenario it is made from is left out now.
        found.check(before.into_iter().any(|pair| ask.excluded.contains(&pair.offer)), || {
            Violation::new("/excluded_offers", ViolationCode::Inconsistent)
        });
        let refused = found.into_sorted();
        match called {
            Some(called) if refused.is_empty() => Ok((called, ask)),
            _ => Err(refused),
        }
    }
}

/// What was asked of a scenario.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ScenarioAskView {
    /// Rupiah there are, if that was said.
    #[schema(example = 250_000_000, minimum = 0, maximum = 9_007_199_254_740_991_i64)]
    pub budget: Option<i64>,
    /// The most enrolments of one person.
    #[schema(example = 2, minimum = 0, maximum = 100)]
    pub max_activities_per_person: Option<u8>,
    /// Whether nobody may learn a step twice.
    pub one_offer_per_step: bool,
    /// Seats a class is reckoned with that is not scheduled yet and costs something as a class; 30 where null.
    #[schema(example = 30, minimum = 1, maximum = 10000)]
    pub class_seats: Option<u32>,
    /// Ceilings of units beside those of the plan.
    #[schema(max_items = 1000)]
    pub unit_budgets: Vec<ScenarioUnitBudgetView>,
    /// Classes and programmes that are left out.
    #[schema(max_items = 10000)]
    pub excluded_offers: Vec<Uuid>,
    /// Factors to what needs are worth.
    #[schema(max_items = 1000)]
    pub weights: Vec<ScenarioWeightView>,
    /// Shares that must be served.
    #[schema(max_items = 1000)]
    pub equity_floors: Vec<ScenarioFloorView>,
    /// Enrolments that are pinned.
    #[schema(max_items = 20000)]
    pub required: Vec<ScenarioPairView>,
    /// Enrolments that are forbidden.
    #[schema(max_items = 20000)]
    pub forbidden: Vec<ScenarioPairView>,
    /// Seconds for the search.
    #[schema(example = 60, minimum = 1, maximum = 3600)]
    pub time_limit: u32,
    /// Where the search begins.
    #[schema(example = 1, minimum = 0, maximum = 9_007_199_254_740_991_i64)]
    pub seed: u64,
    /// Whether it is solved at tenths of the budget, too.
    pub curve: bool,
}

impl From<ScenarioAsk> for ScenarioAskView {
    fn from(ask: ScenarioAsk) -> Self {
        let ScenarioAsk {
            budget,
            max_activities,
            one_offer_per_step,
            class_seats,
            unit_budgets,
            excluded,
            weights,
            floors,
            required,
            forbidden,
            seconds,
            seed,
            curve,
        } = ask;
        let pairs = |all: BTreeSet<ScenarioPair>| {
            all.into_iter()
                .map(|pair| ScenarioPairView { employee_id: pair.employee.uuid(), offer_id: pair.offer })
                .collect()
        };
        Self {
            budget,
            max_activities_per_person: max_activities,
            one_offer_per_step,
            class_seats,
            unit_budgets: unit_budgets
                .into_iter()
                .map(|(unit, amount)| ScenarioUnitBudgetView { unit_id: unit.uuid(), amount })
                .collect(),
            excluded_offers: excluded.into_iter().collect(),
            weights: weights
                .into_iter()
                .map(|ScenarioWeight { whose, weight }| ScenarioWeightView {
                    unit_id: whose.unit.map(UnitId::uuid),
                    group: whose.group,
                    competency_id: whose.competency.map(CompetencyId::uuid),
                    weight: Decimal(weight),
                })
                .collect(),
            equity_floors: floors
                .into_iter()
                .map(|ScenarioFloor { whose, percent }| ScenarioFloorView {
                    unit_id: whose.unit.map(UnitId::uuid),
                    group: whose.group,
                    percent,
                })
                .collect(),
            required: pairs(required),
            forbidden: pairs(forbidden),
            time_limit: seconds,
            seed,
            curve,
        }
    }
}

/// Work on a scenario that was begun.
#[derive(Debug, Serialize, ToSchema)]
pub struct ScenarioWorkView {
    /// The scenario.
    pub id: Uuid,
    /// The operation; `Location` names it too.
    pub operation_id: Uuid,
}

/// How many needs are left open for a reason.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ScenarioReasonView {
    /// The reason.
    pub reason: UnservedReason,
    /// Needs.
    #[schema(example = 12, minimum = 0, maximum = 100_000_000)]
    pub needs: u64,
}

/// How far an equity floor is reached.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ScenarioFloorReachedView {
    /// The unit it is for, with those under it.
    pub unit_id: Option<Uuid>,
    /// The group it is for.
    #[schema(example = "PPPK", max_length = 64)]
    pub group: Option<String>,
    /// The share, in percent.
    #[schema(example = 40, minimum = 0, maximum = 100)]
    pub percent: u8,
    /// People that is, of those with needs.
    #[schema(example = 8, minimum = 0, maximum = 100_000_000)]
    pub required: u64,
    /// People served.
    #[schema(example = 9, minimum = 0, maximum = 100_000_000)]
    pub served: u64,
    /// Whether that is enough; where it is not, no plan that reaches it was found.
    pub met: bool,
}

/// What the plan that was found comes to. Values are sums of the priorities of needs, weighted as asked.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ScenarioFiguresView {
    /// Where the needs come from.
    pub needs_source: wire::ScenarioNeeds,
    /// Rupiah there were; null without a limit.
    #[schema(example = 250_000_000, minimum = 0, maximum = 9_007_199_254_740_991_i64)]
    pub budget: Option<i64>,
    /// Rupiah the plan costs, fixed and per head.
    #[schema(example = 248_500_000, minimum = 0, maximum = 9_007_199_254_740_991_i64)]
    pub cost: i64,
    /// What the plan is worth.
    #[schema(example = 412.5, minimum = 0)]
    pub objective: f64,
    /// What no plan is worth more than that reaches the equity floors as far as this one.
    #[schema(example = 413.1, minimum = 0)]
    pub upper_bound: f64,
    /// What could be missing at most, in percent of the bound; 0 where the plan is proven to be the best.
    #[schema(example = 0.15, minimum = 0, maximum = 100)]
    pub gap_percent: f64,
    /// What one more million rupiah would add at the margin, to what anybody may spend; 0 when the budget does not bind.
    #[schema(example = 1.2, minimum = 0)]
    pub shadow_price: f64,
    /// What all needs are worth.
    #[schema(example = 903.0, minimum = 0)]
    pub worth: f64,
    /// People with needs.
    #[schema(example = 310, minimum = 0, maximum = 100_000_000)]
    pub people: u64,
    /// Of them, served with something.
    #[schema(example = 180, minimum = 0, maximum = 100_000_000)]
    pub people_served: u64,
    /// Needs.
    #[schema(example = 640, minimum = 0, maximum = 100_000_000)]
    pub needs: u64,
    /// Of them, closed in part or whole.
    #[schema(example = 290, minimum = 0, maximum = 100_000_000)]
    pub needs_served: u64,
    /// Enrolments.
    #[schema(example = 210, minimum = 0, maximum = 100_000_000)]
    pub enrolments: u64,
    /// Classes and programmes somebody is enrolled in.
    #[schema(example = 14, minimum = 0, maximum = 1_000_000)]
    pub opened: u64,
    /// Classes and programmes there were to choose from.
    #[schema(example = 22, minimum = 0, maximum = 1_000_000)]
    pub offers: u64,
    /// Classes and programmes that were left out, as what they cost is not known, or is more than a trillion rupiah.
    #[schema(example = 1, minimum = 0, maximum = 1_000_000)]
    pub offers_without_price: u64,
    /// Needs left open, by reason.
    #[schema(max_items = 20)]
    pub unserved: Vec<ScenarioReasonView>,
    /// How far equity floors are reached.
    #[schema(max_items = 1000)]
    pub equity: Vec<ScenarioFloorReachedView>,
}

/// A scenario: what was asked, how far it has come, and what was found.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ScenarioView {
    /// Identifier.
    pub id: Uuid,
    /// The plan it is for.
    pub plan_id: Uuid,
    /// What it is called.
    #[schema(example = "Setengah anggaran", max_length = 200)]
    pub name: String,
    /// How far it has come.
    pub state: wire::ScenarioState,
    /// The work that solves it: progress, and why there is no plan.
    pub operation_id: Uuid,
    /// The scenario it was made from.
    pub based_on_id: Option<Uuid>,
    /// What was asked.
    pub ask: ScenarioAskView,
    /// When its instance was loaded: what it says of the agency is as of then.
    pub loaded_at: Option<DateTime<Utc>>,
    /// When the plan was found.
    pub solved_at: Option<DateTime<Utc>>,
    /// What it comes to; null before.
    pub figures: Option<ScenarioFiguresView>,
    /// When it was taken over into the plan's draft last.
    pub adopted_at: Option<DateTime<Utc>>,
    /// Who asked for it: the user's id.
    pub created_by: Uuid,
    /// When.
    pub created_at: DateTime<Utc>,
}

/// A scenario in a list.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ScenarioSummaryView {
    /// Identifier.
    pub id: Uuid,
    /// The plan it is for.
    pub plan_id: Uuid,
    /// What it is called.
    #[schema(example = "Setengah anggaran", max_length = 200)]
    pub name: String,
    /// How far it has come.
    pub state: wire::ScenarioState,
    /// The work that solves it.
    pub operation_id: Uuid,
    /// The scenario it was made from.
    pub based_on_id: Option<Uuid>,
    /// When the plan was found.
    pub solved_at: Option<DateTime<Utc>>,
    /// What it comes to; null before.
    pub figures: Option<ScenarioFiguresView>,
    /// When it was taken over into the plan's draft last.
    pub adopted_at: Option<DateTime<Utc>>,
    /// When it was asked for.
    pub created_at: DateTime<Utc>,
}

/// How a unit fares in a scenario: the people who serve in it, not those under it.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ScenarioUnitView {
    /// The unit.
    pub unit_id: Uuid,
    /// Its code when the instance was loaded.
    #[schema(example = "DINKES", max_length = 64)]
    pub code: String,
    /// Its name then.
    #[schema(example = "Dinas Kesehatan", max_length = 200)]
    pub name: String,
    /// People with needs.
    #[schema(example = 31, minimum = 0, maximum = 100_000_000)]
    pub people: u64,
    /// Of them, served with something.
    #[schema(example = 18, minimum = 0, maximum = 100_000_000)]
    pub people_served: u64,
    /// Needs.
    #[schema(example = 64, minimum = 0, maximum = 100_000_000)]
    pub needs: u64,
    /// Of them, closed in part or whole.
    #[schema(example = 29, minimum = 0, maximum = 100_000_000)]
    pub needs_served: u64,
    /// What the needs are worth.
    #[schema(example = 90.0, minimum = 0)]
    pub worth: f64,
    /// What the plan earns of it.
    #[schema(example = 41.25, minimum = 0)]
    pub objective: f64,
    /// Rupiah per head.
    #[schema(example = 24_500_000, minimum = 0, maximum = 9_007_199_254_740_991_i64)]
    pub cost: i64,
}

impl From<ScenarioUnit> for ScenarioUnitView {
    fn from(unit: ScenarioUnit) -> Self {
        let ScenarioUnit { unit, code, name, people, served, needs, needs_served, worth, objective, cost } =
            unit;
        Self {
            unit_id: unit.uuid(),
            code,
            name,
            people,
            people_served: served,
            needs,
            needs_served,
            worth,
            objective,
            cost,
        }
    }
}

/// The reason of a stored word; the database knows the same words.
fn reason(word: &str) -> UnservedReason {
    Reason::ALL.iter().copied().find(|reason| reason.code() == word).unwrap_or(Reason::TimeLimit).into()
}

/// The figures, without how units fare and what budgets buy.
fn figures(figures: ScenarioFigures) -> ScenarioFiguresView {
    let ScenarioFigures {
        source,
        budget,
        stopped: _,
        objective,
        upper_bound,
        gap_percent,
        cost,
        shadow_price,
        people,
        served,
        needs,
        needs_served,
        worth,
        enrolments,
        opened,
        offers,
        unpriced,
        unserved,
        floors,
        units: _,
        curve: _,
    } = figures;
    let floor = |floor: ScenarioFloorReached| ScenarioFloorReachedView {
        unit_id: floor.whose.unit.map(UnitId::uuid),
        group: floor.whose.group,
        percent: floor.percent,
        required: floor.required,
        served: floor.served,
        met: floor.met,
    };
    ScenarioFiguresView {
        needs_source: Wire(source),
        budget,
        cost,
        objective,
        upper_bound,
        gap_percent,
        shadow_price,
        worth,
        people,
        people_served: served,
        needs,
        needs_served,
        enrolments,
        opened,
        offers,
        offers_without_price: unpriced,
        unserved: unserved
            .into_iter()
            .map(|(word, needs)| ScenarioReasonView { reason: reason(&word), needs })
            .collect(),
        equity: floors.into_iter().map(floor).collect(),
    }
}

impl From<ScenarioRow> for ScenarioView {
    fn from(row: ScenarioRow) -> Self {
        let ScenarioRow {
            id,
            plan,
            operation,
            based_on,
            name,
            ask,
            state,
            loaded_at,
            solved,
            adopted_at,
            created_by,
            created_at,
            version: _,
        } = row;
        let (found, solved_at) = solved.unzip();
        Self {
            id: id.uuid(),
            plan_id: plan.uuid(),
            name: name.into_string(),
            state: Wire(state),
            operation_id: operation.uuid(),
            based_on_id: based_on.map(ScenarioId::uuid),
            ask: ask.into(),
            loaded_at,
            solved_at,
            figures: found.map(figures),
            adopted_at,
            created_by: created_by.uuid(),
            created_at,
        }
    }
}

impl From<ScenarioRow> for ScenarioSummaryView {
    fn from(row: ScenarioRow) -> Self {
        let view = ScenarioView::from(row);
        Self {
            id: view.id,
            plan_id: view.plan_id,
            name: view.name,
            state: view.state,
            operation_id: view.operation_id,
            based_on_id: view.based_on_id,
            solved_at: view.solved_at,
            figures: view.figures,
            adopted_at: view.adopted_at,
            created_at: view.created_at,
        }
    }
}

/// Scenarios of a plan side by side.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ScenarioComparisonView {
    /// In the order they were asked for.
    #[schema(max_items = 10)]
    pub items: Vec<ScenarioView>,
}

/// Which scenarios are compared.
#[derive(Clone, Debug, Deserialize, Serialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ScenarioComparisonQuery {
    /// Their ids with commas between them, at most ten.
    #[param(
        max_length = 400,
        example = "01931d5e-7c1f-7d7a-9a7e-3f1f3f0e4a11,01931d5e-7c1f-7d7a-9a7e-3f1f3f0e4a12"
    )]
    pub ids: String,
}

impl ScenarioComparisonQuery {
    /// The ids.
    ///
    /// # Errors
    /// Something that is no id.
    pub fn into_domain(self) -> Result<Vec<ScenarioId>, Vec<Violation>> {
        let id = |text: &str| {
            Uuid::parse_str(text.trim()).map(ScenarioId::from).map_err(|_malformed| {
                vec![Violation::new("/query/ids", ViolationCode::InvalidId).with("value", text)]
            })
        };
        self.ids.split(',').filter(|text| !text.trim().is_empty()).map(id).collect()
    }
}

/// Which needs of a scenario a list holds.
#[derive(Clone, Debug, Deserialize, Serialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ScenarioUnservedQuery {
    /// Left open for this reason.
    pub reason: Option<UnservedReason>,
    /// Where to continue: `next` of the page before.
    #[param(max_length = 2000)]
    pub cursor: Option<String>,
    /// Most items of a page.
    #[param(minimum = 1, maximum = 200, default = 50)]
    pub limit: Option<u16>,
}

impl ScenarioUnservedQuery {
    /// The reason as it is stored.
    #[must_use]
    pub fn word(&self) -> Option<&'static str> {
        let wanted = self.reason?;
        Reason::ALL.iter().copied().find(|reason| UnservedReason::from(*reason) == wanted).map(Reason::code)
    }
}

/// Somebody in a class, or in a programme that has none in the year.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ScenarioEnrolmentView {
    /// Who.
    pub employee_id: Uuid,
    /// Identity number.
    #[schema(example = "198609262015051001", min_length = 18, max_length = 18)]
    pub nip: String,
    /// Name.
    #[schema(example = "Contoh Pegawai", max_length = 200)]
    pub name: String,
    /// Their unit when the instance was loaded.
    pub unit_id: Uuid,
    /// Its code.
    #[schema(example = "DINKES", max_length = 64)]
    pub unit_code: String,
    /// What pins and forbids name: the class, or the programme without one.
    pub offer_id: Uuid,
    /// The programme.
    pub programme_id: Uuid,
    /// Its code.
    #[schema(example = "INT-3", max_length = 64)]
    pub programme_code: String,
    /// Its name.
    #[schema(example = "Pelatihan integritas", max_length = 200)]
    pub programme_name: String,
    /// The class; null where the programme has none in the year.
    pub class_id: Option<Uuid>,
    /// Its code.
    #[schema(example = "INT-3-01", max_length = 64)]
    pub class_code: Option<String>,
    /// What it earns; 0 for who was pinned without a need.
    #[schema(example = 1.5, minimum = 0)]
    pub value: f64,
    /// Rupiah per head.
    #[schema(example = 2_500_000, minimum = 0, maximum = 9_007_199_254_740_991_i64)]
    pub price: i64,
}

impl From<ScenarioEnrolmentRow> for ScenarioEnrolmentView {
    fn from(row: ScenarioEnrolmentRow) -> Self {
        let ScenarioEnrolmentRow {
            ordinal: _,
            enrolment,
            nip,
            name,
            unit_code,
            programme_code,
            programme_name,
            class_code,
        } = row;
        let class_id = enrolment.class.map(ClassId::uuid);
        Self {
            employee_id: enrolment.employee.uuid(),
            nip: nip.as_str().to_owned(),
            name: name.into_string(),
            unit_id: enrolment.unit.uuid(),
            unit_code: unit_code.to_string(),
            offer_id: class_id.unwrap_or(enrolment.programme.uuid()),
            programme_id: enrolment.programme.uuid(),
            programme_code: programme_code.to_string(),
            programme_name: programme_name.into_string(),
            class_id,
            class_code: class_code.map(|code| code.to_string()),
            value: enrolment.value,
            price: enrolment.price,
        }
    }
}

/// A need nothing of which is closed.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ScenarioUnservedView {
    /// Who.
    pub employee_id: Uuid,
    /// Identity number.
    #[schema(example = "198609262015051001", min_length = 18, max_length = 18)]
    pub nip: String,
    /// Name.
    #[schema(example = "Contoh Pegawai", max_length = 200)]
    pub name: String,
    /// Their unit when the instance was loaded.
    pub unit_id: Uuid,
    /// Its code.
    #[schema(example = "DINKES", max_length = 64)]
    pub unit_code: String,
    /// The competency.
    pub competency_id: Uuid,
    /// Its code.
    #[schema(example = "M.1", max_length = 64)]
    pub competency_code: String,
    /// Its name.
    #[schema(example = "Integritas", max_length = 200)]
    pub competency_name: String,
    /// The level it begins at; one below `level_to` where no valid evidence tells it.
    #[schema(example = 2, minimum = 0, maximum = 5)]
    pub level_from: u8,
    /// The level it leads to.
    #[schema(example = 3, minimum = 1, maximum = 5)]
    pub level_to: u8,
    /// What it is worth.
    #[schema(example = 1.5, minimum = 0)]
    pub value: f64,
    /// The limit without which it would be served.
    pub reason: UnservedReason,
}

impl From<ScenarioUnservedRow> for ScenarioUnservedView {
    fn from(row: ScenarioUnservedRow) -> Self {
        let ScenarioUnservedRow {
            ordinal: _,
            unserved,
            nip,
            name,
            unit_code,
            competency_code,
            competency_name,
        } = row;
        Self {
            employee_id: unserved.employee.uuid(),
            nip: nip.as_str().to_owned(),
            name: name.into_string(),
            unit_id: unserved.unit.uuid(),
            unit_code: unit_code.to_string(),
            competency_id: unserved.competency.uuid(),
            competency_code: competency_code.to_string(),
            competency_name: competency_name.into_string(),
            level_from: unserved.from,
            level_to: unserved.to,
            value: unserved.value,
            reason: reason(&unserved.reason),
        }
    }
}

/// What a budget buys.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct BudgetPointView {
    /// Rupiah there are.
    #[schema(example = 125_000_000, minimum = 0, maximum = 9_007_199_254_740_991_i64)]
    pub budget: i64,
    /// What the best plan that was found is worth; never less than with less.
    #[schema(example = 301.5, minimum = 0)]
    pub objective: f64,
    /// What no plan is worth more than.
    #[schema(example = 302.0, minimum = 0)]
    pub upper_bound: f64,
    /// People served.
    #[schema(example = 140, minimum = 0, maximum = 100_000_000)]
    pub people_served: u64,
    /// Rupiah the plan costs.
    #[schema(example = 124_900_000, minimum = 0, maximum = 9_007_199_254_740_991_i64)]
    pub cost: i64,
}

/// What budgets buy: tenths of the scenario's, the smallest first.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct BudgetCurveView {
    /// The scenario.
    pub scenario_id: Uuid,
    /// What it is called.
    #[schema(example = "Setengah anggaran", max_length = 200)]
    pub name: String,
    /// What all needs are worth.
    #[schema(example = 903.0, minimum = 0)]
    pub worth: f64,
    /// People with needs.
    #[schema(example = 310, minimum = 0, maximum = 100_000_000)]
    pub people: u64,
    /// The points; fewer than ten where the search was called off, or what is pinned costs more. The last is the scenario itself.
    #[schema(max_items = 10)]
    pub items: Vec<BudgetPointView>,
}

impl BudgetCurveView {
    /// The curve of a scenario; without points before it is solved.
    #[must_use]
    pub fn new((row, curve): (ScenarioRow, Vec<ScenarioPoint>)) -> Self {
        let point = |point: ScenarioPoint| BudgetPointView {
            budget: point.budget,
            objective: point.objective,
            upper_bound: point.upper_bound,
            people_served: point.served,
            cost: point.cost,
        };
        let figures = row.solved.map(|(figures, _)| (figures.worth, figures.people));
        let (worth, people) = figures.unwrap_or_default();
        Self {
            scenario_id: row.id.uuid(),
            name: row.name.into_string(),
            worth,
            people,
            items: curve.into_iter().map(point).collect(),
        }
    }
}

/// A scenario that was taken over.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ScenarioAdoptionView {
    /// The scenario.
    pub scenario_id: Uuid,
    /// The plan.
    pub plan_id: Uuid,
    /// Items of the plan that are the scenario's.
    #[schema(example = 14, minimum = 0, maximum = 5000)]
    pub items: i64,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_that_is_too_long_is_told_by_its_own_name() {
        let pair = serde_json::json!({"employee_id": Uuid::nil(), "offer_id": Uuid::nil()});
        for name in ["required", "forbidden", "released"] {
            let many = vec![pair.clone(); ScenarioAsk::MOST_PAIRS + 1];
            let input = serde_json::json!({"name": "x", name: many});
            let input: ScenarioCreate = serde_json::from_value(input).unwrap();
            let refused = input.into_domain(None).unwrap_err();
            let told: Vec<_> = refused.iter().map(|one| (one.pointer.as_str(), one.code)).collect();
            assert_eq!(told, [(format!("/{name}").as_str(), ViolationCode::TooMany)]);
        }
    }
}
