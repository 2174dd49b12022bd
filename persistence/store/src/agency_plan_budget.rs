//! The lines of an agency plan's budget.

use access::Pass;
use development::{BudgetLine, FundSource};
use kernel::{AgencyPlanId, Code, Name, Rupiah, UnitId};
use sea_orm::{ConnectionTrait as _, FromQueryResult, raw_sql};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::agency_plans::pair;
use crate::rows::{code, known, name};
use crate::{Reader, StoreError, Tx};

/// A line of a budget with the names a reader needs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BudgetLineRow {
    /// The line.
    pub line: BudgetLine,
    /// Code and name of its unit.
    pub unit: Option<(Code, Name)>,
}

#[derive(FromQueryResult)]
struct LineRow {
    id: Uuid,
    code: String,
    name: String,
    source: String,
    unit_id: Option<Uuid>,
    amount: i64,
    unit_code: Option<String>,
    unit_name: Option<String>,
}

fn line_row(row: LineRow) -> Result<BudgetLineRow, StoreError> {
    Ok(BudgetLineRow {
        line: BudgetLine {
            id: row.id.into(),
            code: code(row.code),
            name: name(row.name),
            source: known(FundSource::parse(&row.source), "agency_plan_budget_lines.source")?,
            unit: row.unit_id.map(UnitId::from),
            amount: Rupiah::stored(row.amount),
        },
        unit: pair(row.unit_code, row.unit_name),
    })
}

impl Reader<'_> {
    /// The lines of a plan's budget, in order. The caller has found the plan.
    ///
    /// # Errors
    /// The database's.
    pub async fn agency_plan_lines(&self, id: AgencyPlanId) -> Result<Vec<BudgetLineRow>, StoreError> {
        let (agency, id) = (self.agency(), id.uuid());
        let statement = raw_sql!(
            Postgres,
            "SELECT l.id, l.code, l.name, l.source, l.unit_id, l.amount, u.code AS unit_code, u.name AS unit_name
             FROM agency_plan_budget_lines l
             LEFT JOIN units u ON u.agency_id = l.agency_id AND u.id = l.unit_id
             WHERE l.agency_id = {agency} AND l.plan_id = {id}
             ORDER BY l.ordinal"
        );
        LineRow::find_by_statement(statement).all(&self.db).await?.into_iter().map(line_row).collect()
    }
}

impl Tx<'_> {
    /// Replaces the lines of a draft's budget; a line that is named stays what items refer to.
    ///
    /// # Errors
    /// `Missing("/items")` of a unit; `StillReferenced` when an item takes from a line that is gone.
    pub async fn agency_plan_lines_replace(
        &self,
        pass: &Pass,
        plan: AgencyPlanId,
        lines: &[BudgetLine],
    ) -> Result<(), StoreError> {
        let (agency, plan) = (pass.agency().uuid(), plan.uuid());
        let kept: Vec<Uuid> = lines.iter().map(|line| line.id.uuid()).collect();
        let gone = raw_sql!(
            Postgres,
            "DELETE FROM agency_plan_budget_lines
             WHERE agency_id = {agency} AND plan_id = {plan} AND NOT id = ANY ({kept})"
        );
        self.db.execute_raw(gone).await?;
        let row = |(ordinal, line): (i32, &BudgetLine)| {
            let BudgetLine { id, code, name, source, unit, amount } = line;
            json!({"id": id, "ordinal": ordinal, "code": code, "name": name, "source": source, "unit_id": unit,
                "amount": amount})
        };
        let rows: Value = (1..).zip(lines).map(row).collect();
        let statement = raw_sql!(
            Postgres,
            "INSERT INTO agency_plan_budget_lines (agency_id, plan_id, id, ordinal, code, name, source, unit_id, amount)
             SELECT {agency}, {plan}, l.id, l.ordinal, l.code, l.name, l.source, l.unit_id, l.amount
             FROM jsonb_to_recordset({rows}::jsonb) AS l(id uuid, ordinal integer, code text, name text, source text,
                unit_id uuid, amount bigint)
             ON CONFLICT ON CONSTRAINT pk_agency_plan_budget_lines DO UPDATE
             SET ordinal = excluded.ordinal, code = excluded.code, name = excluded.name, source = excluded.source,
                 unit_id = excluded.unit_id, amount = excluded.amount"
        );
        self.db.execute_raw(statement).await?;
        Ok(())
    }
}
