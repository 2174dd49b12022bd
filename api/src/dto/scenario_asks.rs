//! What is asked of a scenario.

use std::collections::BTreeSet;

use development::{ScenarioAsk, ScenarioFloor, ScenarioGoal, ScenarioPair, ScenarioWeight, ScenarioWhose};
use kernel::{CompetencyId, Name, Rupiah, UnitId, Violation, ViolationCode, Violations};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;
use validator::Validate;

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

/// Learning hours that people are brought to, for as little money as possible: first as many people as possible reach them.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"unit_id": null, "jp": 20}))]
pub struct ScenarioGoalView {
    /// The people of this unit and of those under it; everybody the plan is for when absent.
    pub unit_id: Option<Uuid>,
    /// Learning hours (JP) of the year for each of them, as far as their ceiling lets them. When absent, the floor that the policy of
    /// learning hours has for them, and nothing for those it has none for.
    #[schema(value_type = Option<f64>, example = 20, minimum = 0.01, maximum = 2000)]
    pub jp: Option<Decimal>,
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
    /// Brings people to their learning hours for as little money as possible, instead of closing what needs are worth most. Money has
    /// no limit then: neither a budget nor ceilings of units, weights, equity floors or a curve go with it, and those of the
    /// scenario it is made from, and of the plan, play no part.
    pub learning_hours: Option<ScenarioGoalView>,
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
    /// Whether to solve at tenths of the budget, too, each within a tenth of the time; true when absent, unless hours are to be
    /// reached.
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
            learning_hours,
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
        let goal = learning_hours
            .map(|view| ScenarioGoal { unit: view.unit_id.map(UnitId::from), jp: view.jp.map(|jp| jp.0) });
        let goal = goal.or(before.goal);
        let before = if goal.is_some() { before.without_money() } else { before };
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
            goal,
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
    /// Learning hours that people are to reach, instead of needs to close.
    pub learning_hours: Option<ScenarioGoalView>,
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
            goal,
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
            learning_hours: goal.map(|goal| ScenarioGoalView {
                unit_id: goal.unit.map(UnitId::uuid),
                jp: goal.jp.map(Decimal),
            }),
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

    #[test]
    fn hours_based_on_a_budget_leave_what_was_said_of_money_behind() {
        let basis = ScenarioAsk {
            budget: Some(5),
            curve: true,
            max_activities: Some(2),
            seconds: 9,
            ..ScenarioAsk::default()
        };
        let made = |input: serde_json::Value| {
            let input: ScenarioCreate = serde_json::from_value(input).unwrap();
            input.into_domain(Some(&basis)).unwrap().1
        };
        let hours = made(serde_json::json!({"name": "x", "learning_hours": {"jp": 20}}));
        assert_eq!((hours.budget, hours.curve, hours.max_activities), (None, false, Some(2)));
        assert_eq!(hours.goal.unwrap().jp, Some(kernel::Hundredths::from_count(2_000)));
        assert_eq!(hours.check(), Ok(()));
        // What is said now is refused, not forgotten.
        let both = made(serde_json::json!({"name": "x", "learning_hours": {}, "budget": 7}));
        assert_eq!(both.check().unwrap_err()[0].pointer, "/budget");
        assert_eq!(made(serde_json::json!({"name": "x"})), basis);
    }
}
