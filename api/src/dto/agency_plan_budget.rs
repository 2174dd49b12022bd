//! The budget of an agency plan.

use development::{AgencyPlan, BudgetLine};
use kernel::{BudgetLineId, Rupiah, UnitId, Violation, ViolationCode, Violations};
use serde::{Deserialize, Serialize};
use store::BudgetLineRow;
use utoipa::ToSchema;
use uuid::Uuid;
use validator::Validate;

use crate::dto::agency_plans::texts;
use crate::dto::enums::{Wire, wire};
use crate::dto::values::{code, name, rupiah};

/// A line of a plan's budget.
#[derive(Debug, Serialize, ToSchema)]
pub struct BudgetLineView {
    /// Identifier, the same in every version of the plan.
    pub id: Uuid,
    /// Its code in the work plan and budget (RKA, kode rekening).
    #[schema(example = "5.1.02.02.12.0001", max_length = 64)]
    pub code: String,
    /// What it is for.
    #[schema(example = "Belanja kursus singkat dan pelatihan", max_length = 200)]
    pub name: String,
    /// Where the money comes from.
    pub source: wire::FundSource,
    /// For the people of this unit and of those under it; null for the whole plan.
    pub unit_id: Option<Uuid>,
    /// Its code.
    #[schema(example = "DINKES", max_length = 64)]
    pub unit_code: Option<String>,
    /// Its name.
    #[schema(example = "Dinas Kesehatan", max_length = 200)]
    pub unit_name: Option<String>,
    /// How much there is, in rupiah.
    #[schema(example = 500000000, minimum = 0, maximum = 9007199254740991_i64)]
    pub amount: i64,
}

impl From<BudgetLineRow> for BudgetLineView {
    fn from(row: BudgetLineRow) -> Self {
        let BudgetLineRow { line, unit: called } = row;
        let BudgetLine { id, code, name, source, unit, amount } = line;
        let (unit_code, unit_name) = texts(called);
        Self {
            id: id.uuid(),
            code: code.into_string(),
            name: name.into_string(),
            source: Wire(source),
            unit_id: unit.map(UnitId::uuid),
            unit_code,
            unit_name,
            amount: amount.amount(),
        }
    }
}

/// A plan's budget.
#[derive(Debug, Serialize, ToSchema)]
pub struct BudgetLinesView {
    /// Its lines, in order.
    #[schema(max_items = 1000)]
    pub items: Vec<BudgetLineView>,
}

/// A plan's budget, to be replaced.
#[derive(Clone, Debug, Deserialize, Serialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"items": [{"code": "5.1.02.02.12.0001", "name": "Belanja kursus singkat dan pelatihan",
    "source": "APBD", "amount": 500000000}]}))]
pub struct BudgetLinesPut {
    /// Its lines, in order.
    #[schema(max_items = 1000)]
    pub items: Vec<BudgetLinePut>,
}

/// A line of a plan's budget.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct BudgetLinePut {
    /// The line it replaces; a new one when absent.
    pub id: Option<Uuid>,
    /// Its code in the work plan and budget (RKA, kode rekening).
    #[schema(example = "5.1.02.02.12.0001", min_length = 1, max_length = 64)]
    pub code: String,
    /// What it is for.
    #[schema(example = "Belanja kursus singkat dan pelatihan", min_length = 1, max_length = 200)]
    pub name: String,
    /// Where the money comes from.
    pub source: wire::FundSource,
    /// For the people of this unit and of those under it; for the whole plan when absent.
    pub unit_id: Option<Uuid>,
    /// How much there is, in rupiah.
    #[schema(example = 500000000, minimum = 0, maximum = 9007199254740991_i64)]
    pub amount: i64,
}

impl BudgetLinesPut {
    /// The lines; those that are named are among `before`.
    ///
    /// # Errors
    /// Every value that cannot stand; more than one counts.
    pub fn into_domain(self, before: &[BudgetLineRow]) -> Result<Vec<BudgetLine>, Vec<Violation>> {
        let most = AgencyPlan::MOST_LINES;
        if self.items.len() > most {
            return Err(vec![Violation::new("/items", ViolationCode::TooMany).with("max", most)]);
        }
        let mut found = Violations::new();
        let mut named = std::collections::BTreeSet::new();
        let mut lines = Vec::with_capacity(self.items.len());
        for (index, put) in self.items.into_iter().enumerate() {
            let at = format!("/items/{index}");
            let id = put.id.map(BudgetLineId::from);
            let known = id.is_none_or(|id| before.iter().any(|row| row.line.id == id) && named.insert(id));
            found.check(!known, || Violation::new(format!("{at}/id"), ViolationCode::NotFound));
            let code = code(&mut found, &format!("{at}/code"), &put.code);
            let name = name(&mut found, &format!("{at}/name"), &put.name);
            let amount = rupiah(&mut found, &format!("{at}/amount"), put.amount);
            let (Some(code), Some(name), Some(amount)) = (code, name, amount) else { continue };
            let id = id.unwrap_or_else(BudgetLineId::new);
            let unit = put.unit_id.map(UnitId::from);
            lines.push(BudgetLine { id, code, name, source: put.source.0, unit, amount });
        }
        let all = development::rupiah_sum(lines.iter().map(|line| line.amount));
        found.check(all.is_none(), || {
            Violation::new("/items", ViolationCode::OutOfRange).with("min", 0).with("max", Rupiah::MAX)
        });
        found.finish()?;
        Ok(lines)
    }
}

/// What an item takes from a line of the budget.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct FundView {
    /// The line.
    pub budget_line_id: Uuid,
    /// How much, in rupiah; what the other lines leave of the cost when absent.
    #[schema(example = 25000000, minimum = 0, maximum = 9007199254740991_i64)]
    pub amount: Option<i64>,
}
