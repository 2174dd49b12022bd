//! Whether an agency plan is complete, and what it lacks.

use development::{Completeness, Lack, Overdrawn};
use kernel::{BudgetLineId, EmployeeId, Rupiah, UnitId};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::dto::enums::{Wire, wire};

/// Whether a plan may be submitted, and exactly what is missing.
#[derive(Debug, Serialize, ToSchema)]
pub struct CompletenessView {
    /// Whether nothing is missing: it may be submitted.
    #[schema(example = false)]
    pub complete: bool,
    /// Whether nothing is planned at all.
    #[schema(example = false)]
    pub empty: bool,
    /// What items lack, in the order of items and contents.
    #[schema(max_items = 100000)]
    pub missing: Vec<LackView>,
    /// Lines of the budget of which more is taken than there is.
    #[schema(max_items = 1000)]
    pub overdrawn_lines: Vec<OverdrawnLineView>,
    /// Units for whose people more is spent than may be.
    #[schema(max_items = 1000)]
    pub overdrawn_units: Vec<OverdrawnUnitView>,
}

/// What an item lacks.
#[derive(Debug, Serialize, ToSchema)]
pub struct LackView {
    /// The item.
    pub item_id: Uuid,
    /// Which content.
    pub content: wire::PlanContent,
    /// What is wrong with it.
    pub reason: wire::LackReason,
    /// Whom it is about, where it is about somebody.
    #[schema(max_items = 1000)]
    pub employee_ids: Vec<Uuid>,
}

/// A line of which more is taken than there is.
#[derive(Debug, Serialize, ToSchema)]
pub struct OverdrawnLineView {
    /// The line.
    pub budget_line_id: Uuid,
    /// What there is, in rupiah.
    #[schema(example = 500000000, minimum = 0, maximum = 9007199254740991_i64)]
    pub amount: i64,
    /// What is taken, in rupiah; null beyond counting.
    #[schema(example = 520000000, minimum = 0, maximum = 9007199254740991_i64)]
    pub drawn: Option<i64>,
}

/// A unit for whose people more is spent than may be.
#[derive(Debug, Serialize, ToSchema)]
pub struct OverdrawnUnitView {
    /// The unit.
    pub unit_id: Uuid,
    /// What may be spent, in rupiah.
    #[schema(example = 250000000, minimum = 0, maximum = 9007199254740991_i64)]
    pub amount: i64,
    /// What is, in rupiah; null beyond counting.
    #[schema(example = 262500000, minimum = 0, maximum = 9007199254740991_i64)]
    pub drawn: Option<i64>,
}

impl From<Completeness> for CompletenessView {
    fn from(found: Completeness) -> Self {
        let complete = found.is_whole();
        let Completeness { empty, lacks, lines, units } = found;
        let lack = |Lack { item, content, reason, people }: Lack| LackView {
            item_id: item.uuid(),
            content: Wire(content),
            reason: Wire(reason),
            employee_ids: people.into_iter().map(EmployeeId::uuid).collect(),
        };
        let line = |Overdrawn { of, amount, drawn }: Overdrawn<BudgetLineId>| OverdrawnLineView {
            budget_line_id: of.uuid(),
            amount: amount.amount(),
            drawn: drawn.map(Rupiah::amount),
        };
        let unit = |Overdrawn { of, amount, drawn }: Overdrawn<UnitId>| OverdrawnUnitView {
            unit_id: of.uuid(),
            amount: amount.amount(),
            drawn: drawn.map(Rupiah::amount),
        };
        Self {
            complete,
            empty,
            missing: lacks.into_iter().map(lack).collect(),
            overdrawn_lines: lines.into_iter().map(line).collect(),
            overdrawn_units: units.into_iter().map(unit).collect(),
        }
    }
}
