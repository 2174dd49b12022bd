//! Scenarios of agency plans.

use chrono::{DateTime, Utc};
use development::{ScenarioFigures, ScenarioFloorReached, ScenarioPoint, ScenarioReach, ScenarioUnit};
use kernel::{ClassId, ScenarioId, UnitId, Violation, ViolationCode};
use optimiser::Reason;
use serde::{Deserialize, Serialize};
use store::{ScenarioEnrolmentRow, ScenarioRow, ScenarioUnreachedRow, ScenarioUnservedRow};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use crate::dto::enums::{Wire, wire};
use crate::dto::plan_instances::UnservedReason;
use crate::dto::scenario_asks::ScenarioAskView;
use crate::dto::values::Decimal;

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

/// How many people still lack learning hours for a reason.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ScenarioUnreachedReasonView {
    /// The reason.
    pub reason: UnservedReason,
    /// People.
    #[schema(example = 4, minimum = 0, maximum = 100_000_000)]
    pub people: u64,
}

/// How many people reach their learning hours, for the least money that was found.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ScenarioReachView {
    /// People of whom hours are asked.
    #[schema(example = 310, minimum = 0, maximum = 100_000_000)]
    pub people: u64,
    /// Of them, those who lack some with what is on record and planned already.
    #[schema(example = 120, minimum = 0, maximum = 100_000_000)]
    pub short: u64,
    /// Of those, who reaches them with the plan.
    #[schema(example = 116, minimum = 0, maximum = 100_000_000)]
    pub reached: u64,
    /// No plan brings more people there; equal to `reached` where that is proven to be the most.
    #[schema(example = 116, minimum = 0, maximum = 100_000_000)]
    pub most_reachable: u64,
    /// Rupiah: no plan costs less with which as many people get there; equal to the cost where that is proven to be the least.
    #[schema(example = 87_000_000, minimum = 0, maximum = 9_007_199_254_740_991_i64)]
    pub least_cost: i64,
    /// What could be saved at most, in percent of the cost.
    #[schema(example = 0.4, minimum = 0, maximum = 100)]
    pub gap_percent: f64,
    /// Who still lacks hours, by reason.
    #[schema(max_items = 20)]
    pub unreached: Vec<ScenarioUnreachedReasonView>,
}

impl From<ScenarioReach> for ScenarioReachView {
    fn from(reach: ScenarioReach) -> Self {
        let ScenarioReach { people, short, reached, most_reachable, least_cost, gap_percent, unreached } =
            reach;
        Self {
            people,
            short,
            reached,
            most_reachable,
            least_cost,
            gap_percent,
            unreached: unreached
                .into_iter()
                .map(|(word, people)| ScenarioUnreachedReasonView { reason: reason(&word), people })
                .collect(),
        }
    }
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
    /// What no plan is worth more than that reaches the equity floors as far as this one. Where hours are to be reached, what the
    /// needs of those who lack some are worth.
    #[schema(example = 413.1, minimum = 0)]
    pub upper_bound: f64,
    /// What could be missing at most, in percent of the bound; 0 where the plan is proven to be the best.
    #[schema(example = 0.15, minimum = 0, maximum = 100)]
    pub gap_percent: f64,
    /// How many people reach their learning hours, where the scenario is to bring them there.
    pub learning_hours: Option<ScenarioReachView>,
    /// What one more million rupiah would add at the margin, to what anybody may spend; 0 when the budget does not bind.
    #[schema(example = 1.2, minimum = 0)]
    pub shadow_price: f64,
    /// What all needs are worth.
    #[schema(example = 903.0, minimum = 0)]
    pub worth: f64,
    /// People with needs; where hours are to be reached, of those who lack some.
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
    /// Needs left open, by reason; empty where hours are to be reached.
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
    /// People who lack learning hours, where the scenario is to bring them there.
    #[schema(example = 12, minimum = 0, maximum = 100_000_000)]
    pub people_short: Option<u64>,
    /// Of them, who reaches them.
    #[schema(example = 11, minimum = 0, maximum = 100_000_000)]
    pub people_reached: Option<u64>,
}

impl From<ScenarioUnit> for ScenarioUnitView {
    fn from(unit: ScenarioUnit) -> Self {
        let ScenarioUnit {
            unit,
            code,
            name,
            people,
            served,
            needs,
            needs_served,
            worth,
            objective,
            cost,
            hours,
        } = unit;
        let (people_short, people_reached) = hours.unzip();
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
            people_short,
            people_reached,
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
        hours,
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
        learning_hours: hours.map(ScenarioReachView::from),
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

/// Which part of what a scenario leaves a list holds.
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

/// Somebody who still lacks learning hours.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ScenarioUnreachedView {
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
    /// Learning hours (JP) still lacking, with what is pinned.
    #[schema(value_type = f64, example = 8, minimum = 0.01, maximum = 2000)]
    pub jp: Decimal,
    /// The limit without which they would not lack them, as the plan stands; money is never one.
    pub reason: UnservedReason,
}

impl From<ScenarioUnreachedRow> for ScenarioUnreachedView {
    fn from(row: ScenarioUnreachedRow) -> Self {
        let ScenarioUnreachedRow { ordinal: _, unreached, nip, name, unit_code } = row;
        Self {
            employee_id: unreached.employee.uuid(),
            nip: nip.as_str().to_owned(),
            name: name.into_string(),
            unit_id: unreached.unit.uuid(),
            unit_code: unit_code.to_string(),
            jp: Decimal(unreached.jp),
            reason: reason(&unreached.reason),
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
