//! Agency plans.

use chrono::{DateTime, NaiveDate, Utc};
use development::{AgencyPlan, AgencyPlanAction, AgencyPlanDraft, AgencyPlanParty, UnitCeiling};
use kernel::{AgencyPlanId, Code, LongText, Name, UnitId, UserId, Violation, Violations};
use serde::{Deserialize, Serialize};
use store::{AgencyPlanFilter, AgencyPlanRow, AgencyPlanTransitionRow};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;
use validator::Validate;

use crate::dto::enums::{Wire, wire};
use crate::dto::jp_ledger;
use crate::dto::values::{name, optional_long_text, rupiah};

/// What a plan comes to.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
pub struct AgencyPlanFiguresView {
    /// Lines of its budget.
    #[schema(example = 3, minimum = 0, maximum = 1000)]
    pub lines: i64,
    /// What they come to, in rupiah.
    #[schema(example = 1500000000, minimum = 0, maximum = 9007199254740991_i64)]
    pub budget: i64,
    /// Its items.
    #[schema(example = 12, minimum = 0, maximum = 5000)]
    pub items: i64,
    /// Places in them: somebody who has two counts twice.
    #[schema(example = 310, minimum = 0, maximum = 5000000)]
    pub places: i64,
    /// People who have one or more.
    #[schema(example = 280, minimum = 0, maximum = 5000000)]
    pub people: i64,
}

/// An agency's plan of development (rencana pengembangan kompetensi, HCDP): one version of it for a year.
#[derive(Debug, Serialize, ToSchema)]
pub struct AgencyPlanView {
    /// Identifier.
    pub id: Uuid,
    /// The year.
    #[schema(example = 2027, minimum = 1900, maximum = 2199)]
    pub year: i32,
    /// The unit it is for, with those under it; null for the whole agency.
    pub unit_id: Option<Uuid>,
    /// Its code.
    #[schema(example = "DINKES", max_length = 64)]
    pub unit_code: Option<String>,
    /// Its name.
    #[schema(example = "Dinas Kesehatan", max_length = 200)]
    pub unit_name: Option<String>,
    /// Number among the versions of the year and scope, from 1.
    #[schema(example = 1, minimum = 1, maximum = 2147483647)]
    pub number: i32,
    /// Where it stands.
    pub state: wire::AgencyPlanState,
    /// The version in force whose place it is to take.
    pub revises_id: Option<Uuid>,
    /// What it is called.
    #[schema(example = "Rencana pengembangan kompetensi 2027", max_length = 200)]
    pub name: String,
    /// What it is to achieve.
    #[schema(example = "Layanan kesehatan dasar yang setara di semua puskesmas", max_length = 4000)]
    pub objective: Option<String>,
    /// The most that is spent, per head, on the people of units.
    #[schema(max_items = 1000)]
    pub ceilings: Vec<UnitCeilingView>,
    /// What it comes to.
    pub figures: AgencyPlanFiguresView,
    /// Who submitted it (PyB): the user's id.
    pub prepared_by: Option<Uuid>,
    /// When.
    pub prepared_at: Option<DateTime<Utc>>,
    /// Who set it (PPK): the user's id.
    pub set_by: Option<Uuid>,
    /// When.
    pub set_at: Option<DateTime<Utc>>,
    /// What the caller is to the plan.
    #[schema(max_items = 3)]
    pub parties: Vec<wire::AgencyPlanParty>,
    /// What the caller may do with it now.
    #[schema(max_items = 10)]
    pub allowed_actions: Vec<wire::AgencyPlanAction>,
}

/// An agency's plan in a list.
#[derive(Debug, Serialize, ToSchema)]
pub struct AgencyPlanSummaryView {
    /// Identifier.
    pub id: Uuid,
    /// The year.
    #[schema(example = 2027, minimum = 1900, maximum = 2199)]
    pub year: i32,
    /// The unit it is for, with those under it; null for the whole agency.
    pub unit_id: Option<Uuid>,
    /// Its code.
    #[schema(example = "DINKES", max_length = 64)]
    pub unit_code: Option<String>,
    /// Its name.
    #[schema(example = "Dinas Kesehatan", max_length = 200)]
    pub unit_name: Option<String>,
    /// Number among the versions of the year and scope, from 1.
    #[schema(example = 1, minimum = 1, maximum = 2147483647)]
    pub number: i32,
    /// Where it stands.
    pub state: wire::AgencyPlanState,
    /// The version in force whose place it is to take.
    pub revises_id: Option<Uuid>,
    /// What it is called.
    #[schema(example = "Rencana pengembangan kompetensi 2027", max_length = 200)]
    pub name: String,
    /// What it comes to.
    pub figures: AgencyPlanFiguresView,
    /// When it was submitted.
    pub prepared_at: Option<DateTime<Utc>>,
    /// When it was set.
    pub set_at: Option<DateTime<Utc>>,
}

/// The most that is spent, per head, on the people of a unit and of those under it.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct UnitCeilingView {
    /// The unit.
    pub unit_id: Uuid,
    /// The most, in rupiah.
    #[schema(example = 250000000, minimum = 0, maximum = 9007199254740991_i64)]
    pub amount: i64,
}

fn figures(row: &AgencyPlanRow) -> AgencyPlanFiguresView {
    AgencyPlanFiguresView {
        lines: row.lines,
        budget: row.budget.amount(),
        items: row.items,
        places: row.places,
        people: row.people,
    }
}

pub(super) fn texts(pair: Option<(Code, Name)>) -> (Option<String>, Option<String>) {
    pair.map(|(code, name)| (code.into_string(), name.into_string())).unzip()
}

impl AgencyPlanView {
    /// The plan, of which the caller may do `allowed`.
    #[must_use]
    pub fn new(row: AgencyPlanRow, parties: Vec<AgencyPlanParty>, allowed: Vec<AgencyPlanAction>) -> Self {
        let figures = figures(&row);
        let AgencyPlanRow { plan, unit: called, lines: _, budget: _, items: _, places: _, people: _ } = row;
        let AgencyPlan { id, year, unit, number, revises, state, said, prepared, set, version: _ } = plan;
        let AgencyPlanDraft { name, objective, ceilings } = said;
        let (unit_code, unit_name) = texts(called);
        let (prepared_by, prepared_at) = prepared.map(|(by, at)| (by.uuid(), at)).unzip();
        let (set_by, set_at) = set.map(|(by, at)| (by.uuid(), at)).unzip();
        let ceiling = |UnitCeiling { unit, amount }: UnitCeiling| UnitCeilingView {
            unit_id: unit.uuid(),
            amount: amount.amount(),
        };
        Self {
            id: id.uuid(),
            year,
            unit_id: unit.map(UnitId::uuid),
            unit_code,
            unit_name,
            number,
            state: Wire(state),
            revises_id: revises.map(AgencyPlanId::uuid),
            name: name.into_string(),
            objective: objective.map(LongText::into_string),
            ceilings: ceilings.into_iter().map(ceiling).collect(),
            figures,
            prepared_by,
            prepared_at,
            set_by,
            set_at,
            parties: parties.into_iter().map(Wire).collect(),
            allowed_actions: allowed.into_iter().map(Wire).collect(),
        }
    }
}

impl From<AgencyPlanRow> for AgencyPlanSummaryView {
    fn from(row: AgencyPlanRow) -> Self {
        let AgencyPlanView {
            id,
            year,
            unit_id,
            unit_code,
            unit_name,
            number,
            state,
            revises_id,
            name,
            objective: _,
            ceilings: _,
            figures,
            prepared_by: _,
            prepared_at,
            set_by: _,
            set_at,
            parties: _,
            allowed_actions: _,
        } = AgencyPlanView::new(row, Vec::new(), Vec::new());
        Self {
            id,
            year,
            unit_id,
            unit_code,
            unit_name,
            number,
            state,
            revises_id,
            name,
            figures,
            prepared_at,
            set_at,
        }
    }
}

/// A plan to draw up.
#[derive(Clone, Debug, Deserialize, Serialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"year": 2027, "name": "Rencana pengembangan kompetensi 2027",
    "objective": "Layanan kesehatan dasar yang setara di semua puskesmas"}))]
pub struct AgencyPlanCreate {
    /// The year: the present one in the agency's time zone or the next.
    #[schema(example = 2027, minimum = 1900, maximum = 2199)]
    pub year: i32,
    /// The unit it is for, with those under it; the whole agency when absent.
    pub unit_id: Option<Uuid>,
    /// What it is called.
    #[schema(example = "Rencana pengembangan kompetensi 2027", min_length = 1, max_length = 200)]
    pub name: String,
    /// What it is to achieve.
    #[schema(
        example = "Layanan kesehatan dasar yang setara di semua puskesmas",
        min_length = 1,
        max_length = 4000
    )]
    pub objective: Option<String>,
    /// The most that is spent, per head, on the people of units; none when absent.
    #[serde(default)]
    #[schema(max_items = 1000)]
    pub ceilings: Vec<UnitCeilingView>,
}

/// What a plan says of itself.
#[derive(Clone, Debug, Deserialize, Serialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"name": "Rencana pengembangan kompetensi 2027",
    "ceilings": [{"unit_id": "01931d5e-7c1f-7d7a-9a7e-3f1f3f0e4a11", "amount": 250000000}]}))]
pub struct AgencyPlanPut {
    /// What it is called.
    #[schema(example = "Rencana pengembangan kompetensi 2027", min_length = 1, max_length = 200)]
    pub name: String,
    /// What it is to achieve.
    #[schema(
        example = "Layanan kesehatan dasar yang setara di semua puskesmas",
        min_length = 1,
        max_length = 4000
    )]
    pub objective: Option<String>,
    /// The most that is spent, per head, on the people of units; none when absent.
    #[serde(default)]
    #[schema(max_items = 1000)]
    pub ceilings: Vec<UnitCeilingView>,
}

impl AgencyPlanCreate {
    /// The year and scope, and what it says.
    #[must_use]
    pub fn parts(self) -> (i32, Option<UnitId>, AgencyPlanPut) {
        let Self { year, unit_id, name, objective, ceilings } = self;
        (year, unit_id.map(UnitId::from), AgencyPlanPut { name, objective, ceilings })
    }
}

impl AgencyPlanPut {
    /// What these values say.
    ///
    /// # Errors
    /// Every value that cannot stand.
    pub fn into_domain(self) -> Result<AgencyPlanDraft, Vec<Violation>> {
        let mut found = Violations::new();
        let called = name(&mut found, "/name", &self.name);
        let objective = optional_long_text(&mut found, "/objective", self.objective.as_deref());
        let ceiling = |(index, one): (usize, &UnitCeilingView)| {
            let amount = rupiah(&mut found, &format!("/ceilings/{index}/amount"), one.amount)?;
            Some(UnitCeiling { unit: one.unit_id.into(), amount })
        };
        let ceilings = self.ceilings.iter().enumerate().filter_map(ceiling).collect();
        found.finish()?;
        let (Some(name), Some(objective)) = (called, objective) else { return Err(Vec::new()) };
        let said = AgencyPlanDraft { name, objective, ceilings };
        said.check()?;
        Ok(said)
    }
}

/// A step of an agency plan's life. It never changes.
#[derive(Debug, Serialize, ToSchema)]
pub struct AgencyPlanTransitionView {
    /// Identifier.
    pub id: Uuid,
    /// The plan.
    pub plan_id: Uuid,
    /// When.
    pub at: DateTime<Utc>,
    /// Who: the user's id.
    pub user_id: Option<Uuid>,
    /// What was done: an action, `CREATE`, or `SUPERSEDE` when another version took its place.
    #[schema(example = "ENACT", max_length = 40)]
    pub action: String,
    /// From which state; null for the making.
    pub from_state: Option<wire::AgencyPlanState>,
    /// To which state.
    pub to_state: wire::AgencyPlanState,
    /// What they were to the plan.
    #[schema(max_items = 3)]
    pub parties: Vec<wire::AgencyPlanParty>,
    /// Why it was done.
    #[schema(example = "Pergeseran anggaran triwulan kedua", max_length = 4000)]
    pub reason: Option<String>,
}

impl From<AgencyPlanTransitionRow> for AgencyPlanTransitionView {
    fn from(row: AgencyPlanTransitionRow) -> Self {
        let AgencyPlanTransitionRow { id, plan, at, user, action, from, to, parties, reason } = row;
        Self {
            id,
            plan_id: plan.uuid(),
            at,
            user_id: user.map(UserId::uuid),
            action,
            from_state: from.map(Wire),
            to_state: Wire(to),
            parties: parties.into_iter().map(Wire).collect(),
            reason: reason.map(LongText::into_string),
        }
    }
}

/// Which agency plans a list holds.
#[derive(Clone, Debug, Deserialize, Serialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct AgencyPlanQuery {
    /// For this year.
    #[param(example = 2027, minimum = 1900, maximum = 2199)]
    pub year: Option<i32>,
    /// In this state.
    pub state: Option<wire::AgencyPlanState>,
    /// For this unit.
    pub unit_id: Option<Uuid>,
    /// Where to continue: `next` of the page before.
    #[param(max_length = 2000)]
    pub cursor: Option<String>,
    /// Most items of a page.
    #[param(minimum = 1, maximum = 200, default = 50)]
    pub limit: Option<u16>,
}

impl AgencyPlanQuery {
    /// The filter these values describe.
    ///
    /// # Errors
    /// A year beyond reason.
    pub fn into_filter(self) -> Result<AgencyPlanFilter, Violation> {
        let Self { year, state, unit_id, cursor: _, limit: _ } = self;
        let year = year.map(|asked| jp_ledger::year(Some(asked), NaiveDate::MIN)).transpose()?;
        Ok(AgencyPlanFilter { year, state: state.map(|Wire(state)| state), unit: unit_id.map(UnitId::from) })
    }
}
