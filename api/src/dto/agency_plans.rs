//! Agency plans.

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDate, Utc};
use development::{
    AgencyPlan, AgencyPlanAction, AgencyPlanDraft, AgencyPlanItemDraft, AgencyPlanOrigin, AgencyPlanParty,
    BudgetLine, Completeness, Fund, Lack, Overdrawn, PlanOutturn, PlanTarget, Price, Realisation, Setting,
    UnitCeiling,
};
use kernel::{
    AgencyPlanId, BudgetLineId, ClassId, Code, EmployeeId, EnrolmentId, Level, LongText, Name, PartnerId,
    PlanItemId, ProgrammeId, Rupiah, UnitId, UserId, Violation, ViolationCode, Violations,
};
use serde::{Deserialize, Serialize};
use store::{
    AgencyPlanFilter, AgencyPlanItemRow, AgencyPlanRow, AgencyPlanTransitionRow, BudgetLineRow,
    ItemOutturnRow, PlaceRow, PlanTargetName,
};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;
use validator::Validate;

use crate::dto::enums::{Wire, wire};
use crate::dto::values::{
    CodeText, CompetencyName, Decimal, code, competency_name, level, name, optional_long_text, optional_name,
};
use crate::dto::{day, jp_ledger};

/// Reads an amount of rupiah at `at`.
fn rupiah(found: &mut Violations, at: &str, amount: i64) -> Option<Rupiah> {
    let refused = || Violation::new(at, ViolationCode::OutOfRange).with("min", 0).with("max", Rupiah::MAX);
    found.take(Rupiah::new(amount).ok_or_else(refused))
}

/// Reads an amount of rupiah at `at` that may be absent.
fn optional_rupiah(found: &mut Violations, at: &str, amount: Option<i64>) -> Option<Option<Rupiah>> {
    amount.map_or(Some(None), |amount| rupiah(found, at, amount).map(Some))
}

/// A sum of learning hours, in hundredths: those of a whole nation are more than a [`Decimal`] holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HoursSum(pub i64);

impl Serialize for HoursSum {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let (whole, part) = (self.0 / 100, self.0 % 100);
        if part == 0 {
            return serializer.serialize_i64(whole);
        }
        // The shortest decimal that means this double is the sum: exact up to ten million million hours.
        let text = format!("{whole}.{:02}", part.unsigned_abs());
        serializer.serialize_f64(text.parse().unwrap_or_default())
    }
}

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

fn texts(pair: Option<(Code, Name)>) -> (Option<String>, Option<String>) {
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

/// Somebody an item is for.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct PlanTargetView {
    /// Who.
    pub employee_id: Uuid,
    /// Identity number.
    #[schema(example = "198609262015051001", min_length = 18, max_length = 18)]
    pub nip: String,
    /// Name.
    #[schema(example = "Contoh Pegawai", max_length = 200)]
    pub name: String,
    /// What their place is for; what the programme teaches where there are none.
    #[schema(max_items = 20)]
    pub steps: Vec<PlanTargetStepView>,
}

/// A step somebody's place is for.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct PlanTargetStepView {
    /// The competency.
    pub competency_id: Uuid,
    /// Level now; null where nothing valid is known.
    #[schema(example = 2, minimum = 1, maximum = 5)]
    pub level_from: Option<u8>,
    /// Level aimed at.
    #[schema(example = 3, minimum = 1, maximum = 5)]
    pub level_to: u8,
}

/// The same item in a list and by itself.
macro_rules! item_views {
    ($($(#[$doc:meta])* $name:ident { $($(#[$more:meta])* $field:ident: $type:ty,)? })+) => {$(
        $(#[$doc])*
        #[derive(Debug, Serialize, ToSchema)]
        pub struct $name {
            /// Identifier, the same in every version of the plan.
            pub id: Uuid,
            /// The plan.
            pub plan_id: Uuid,
            /// What is to be done: the item's own title or the programme's name.
            #[schema(example = "Pelatihan manajemen puskesmas", max_length = 200)]
            pub title: String,
            /// The programme of the catalogue; null for something else.
            pub programme_id: Option<Uuid>,
            /// Its code.
            #[schema(example = "LAT-PKM", max_length = 64)]
            pub programme_code: Option<String>,
            /// Its name.
            #[schema(example = "Pelatihan manajemen puskesmas", max_length = 200)]
            pub programme_name: Option<String>,
            /// The class of that programme.
            pub class_id: Option<Uuid>,
            /// Its code.
            #[schema(example = "PKM-2027-1", max_length = 64)]
            pub class_code: Option<String>,
            /// Types of competency (jenis kompetensi): codes of families, from the programme and from what places are for.
            #[schema(max_items = 20)]
            pub competency_types: Vec<CodeText>,
            /// Code of the form with its path (bentuk dan jalur).
            #[schema(example = "KL03", max_length = 64)]
            pub form: Option<String>,
            /// Where that form takes place, by the agency's policy.
            pub setting: Option<wire::FormSetting>,
            /// Who provides it (penyelenggara).
            pub provider_id: Option<Uuid>,
            /// What they are called.
            #[schema(example = "BPSDM Provinsi", max_length = 200)]
            pub provider_name: Option<String>,
            /// First day.
            pub starts_on: Option<NaiveDate>,
            /// Last day.
            pub ends_on: Option<NaiveDate>,
            /// The competent agency whose curriculum it follows (instansi pembina).
            pub curriculum_owner_id: Option<Uuid>,
            /// What it is called.
            #[schema(example = "Kementerian Kesehatan", max_length = 200)]
            pub curriculum_owner_name: Option<String>,
            /// In which way it conforms with that curriculum.
            #[schema(example = "Kurikulum pelatihan manajemen puskesmas Kementerian Kesehatan", max_length = 4000)]
            pub curriculum: Option<String>,
            /// Learning hours for each person.
            #[schema(value_type = Option<f64>, example = 40, minimum = 0, maximum = 2000)]
            pub jp: Option<Decimal>,
            /// Price for each person, in rupiah; null where none is known.
            #[schema(example = 2500000, minimum = 0, maximum = 9007199254740991_i64)]
            pub price_per_participant: Option<i64>,
            /// Price of the class, in rupiah; null where none is known.
            #[schema(example = 10000000, minimum = 0, maximum = 9007199254740991_i64)]
            pub price_per_class: Option<i64>,
            /// How many people it is for.
            #[schema(example = 30, minimum = 0, maximum = 1000)]
            pub places: u32,
            /// What it costs for all of them, in rupiah; null where no price is known.
            #[schema(example = 85000000, minimum = 0, maximum = 9007199254740991_i64)]
            pub cost: Option<i64>,
            /// From which lines that is paid.
            #[schema(max_items = 20)]
            pub funds: Vec<FundView>,
            /// Properties in which the plan differs from the programme and the class, or says what those do not.
            #[schema(max_items = 10, example = json!(["starts_on"]))]
            pub overrides: Vec<CodeText>,
            /// More on it.
            #[schema(example = "Bersama Dinas Kesehatan provinsi", max_length = 4000)]
            pub note: Option<String>,
            /// Where it came from.
            pub origin: wire::AgencyPlanOrigin,
            /// The scenario that chose it.
            pub scenario_id: Option<Uuid>,
            /// The plan of the year before it was carried over from.
            pub carried_from_plan_id: Option<Uuid>,
            /// The item of that plan.
            pub carried_from_item_id: Option<Uuid>,
            $($(#[$more])* pub $field: $type,)?
        }

        impl $name {
            /// The item, with the setting of its form.
            #[must_use]
            pub fn new(row: AgencyPlanItemRow, settings: &BTreeMap<Code, Setting> $(, $field: $type)?) -> Self {
                let AgencyPlanItemRow {
                    plan, item, ordinal: _, programme, class_code, provider, curriculum_owner, families,
                } = row;
                let (programme_code, programme_name) = texts(programme);
                let (scenario_id, carried) = match item.origin {
                    AgencyPlanOrigin::Manual => (None, None),
                    AgencyPlanOrigin::Scenario(id) => (Some(id), None),
                    AgencyPlanOrigin::CarriedOver { plan, item } => (None, Some((plan.uuid(), item.uuid()))),
                };
                let (carried_from_plan_id, carried_from_item_id) = carried.unzip();
                let (price, days) = (item.price(), item.days());
                let amount = |amount: Option<Rupiah>| amount.map(Rupiah::amount);
                let fund = |fund: &Fund| FundView { budget_line_id: fund.line.uuid(), amount: amount(fund.amount) };
                Self {
                    id: item.id.uuid(),
                    plan_id: plan.uuid(),
                    title: item.title().map(ToString::to_string).unwrap_or_default(),
                    programme_id: item.said.programme.map(ProgrammeId::uuid),
                    programme_code,
                    programme_name,
                    class_id: item.said.class.map(ClassId::uuid),
                    class_code: class_code.map(Code::into_string),
                    competency_types: families.into_iter().map(CodeText::from).collect(),
                    form: item.form().map(ToString::to_string),
                    setting: item.form().and_then(|form| settings.get(form)).copied().map(Wire),
                    provider_id: item.provider().map(PartnerId::uuid),
                    provider_name: provider.map(Name::into_string),
                    starts_on: days.map(|(first, _)| first),
                    ends_on: days.map(|(_, last)| last),
                    curriculum_owner_id: item.curriculum_owner().map(PartnerId::uuid),
                    curriculum_owner_name: curriculum_owner.map(Name::into_string),
                    curriculum: item.said.curriculum.as_ref().map(ToString::to_string),
                    jp: item.jp().map(Decimal),
                    price_per_participant: amount(price.per_participant),
                    price_per_class: amount(price.per_class),
                    places: item.places(),
                    cost: amount(item.cost()),
                    funds: item.said.funds.iter().map(fund).collect(),
                    overrides: overrides(&item.said),
                    note: item.said.note.as_ref().map(ToString::to_string),
                    origin: Wire(item.origin.kind()),
                    scenario_id,
                    carried_from_plan_id,
                    carried_from_item_id,
                    $($field,)?
                }
            }
        }
    )+};
}

item_views! {
    /// An item of an agency's plan in a list: with the seven contents the law asks for (PP 11/2017 article 207), each its own or
    /// the programme's and the class's.
    AgencyPlanItemSummaryView {}
    /// An item of an agency's plan: the seven contents the law asks for (PP 11/2017 article 207), each its own or the programme's
    /// and the class's, and whom it is for.
    AgencyPlanItemView {
        /// Whom it is for, in order.
        #[schema(max_items = 1000)]
        targets: Vec<PlanTargetView>,
    }
}

/// What an item says by itself, by property.
fn overrides(said: &AgencyPlanItemDraft) -> Vec<CodeText> {
    let all = [
        ("title", said.title.is_some()),
        ("form", said.form.is_some()),
        ("provider_id", said.provider.is_some()),
        ("starts_on", said.days.is_some()),
        ("ends_on", said.days.is_some()),
        ("curriculum_owner_id", said.curriculum_owner.is_some()),
        ("jp", said.jp.is_some()),
        ("price_per_participant", said.price.per_participant.is_some()),
        ("price_per_class", said.price.per_class.is_some()),
    ];
    let own = all.into_iter().filter(|(_, own)| *own);
    own.map(|(property, _)| CodeText(property.to_owned())).collect()
}

/// Whom an item is for, by name.
#[must_use]
pub fn targets_view(
    targets: &[PlanTarget],
    names: &BTreeMap<EmployeeId, PlanTargetName>,
) -> Vec<PlanTargetView> {
    let view = |target: &PlanTarget| {
        let PlanTargetName { employee, nip, name } = names.get(&target.employee)?;
        let step = |step: &development::PlanStepTaken| PlanTargetStepView {
            competency_id: step.competency.uuid(),
            level_from: step.from.map(Level::get),
            level_to: step.to.get(),
        };
        Some(PlanTargetView {
            employee_id: employee.uuid(),
            nip: nip.as_str().to_owned(),
            name: name.to_string(),
            steps: target.steps.iter().map(step).collect(),
        })
    };
    targets.iter().filter_map(view).collect()
}

/// What an item says. What the programme and the class say is left out, unless the plan differs.
#[derive(Clone, Debug, Deserialize, Serialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"title": "Magang di rumah sakit provinsi", "form": "NKL12", "starts_on": "2027-03-01",
    "ends_on": "2027-03-31", "price_per_participant": 1500000, "targets": [
        {"employee_id": "01931d5e-7c1f-7d7a-9a7e-3f1f3f0e4a11", "steps": [
            {"dictionary": "NASIONAL-38-2017", "competency_code": "M.1", "level_from": 2, "level_to": 3}]}]}))]
pub struct AgencyPlanItemPut {
    /// The programme of the catalogue; without one a title is needed.
    pub programme_id: Option<Uuid>,
    /// A class of that programme.
    pub class_id: Option<Uuid>,
    /// What is to be done; the programme's name when absent.
    #[schema(example = "Magang di rumah sakit provinsi", min_length = 1, max_length = 200)]
    pub title: Option<String>,
    /// Code of the form; the programme's when absent.
    #[schema(example = "NKL12", min_length = 1, max_length = 64)]
    pub form: Option<String>,
    /// Who provides it; the programme's provider when absent.
    pub provider_id: Option<Uuid>,
    /// First day; the class's when absent.
    pub starts_on: Option<NaiveDate>,
    /// Last day; the class's when absent. With `starts_on`, or neither.
    pub ends_on: Option<NaiveDate>,
    /// The competent agency whose curriculum it follows; when absent who owns the programme's, or its provider where that is an
    /// agency.
    pub curriculum_owner_id: Option<Uuid>,
    /// In which way it conforms with that curriculum.
    #[schema(
        example = "Kurikulum pelatihan manajemen puskesmas Kementerian Kesehatan",
        min_length = 1,
        max_length = 4000
    )]
    pub curriculum: Option<String>,
    /// Learning hours for each person; the programme's when absent.
    #[schema(value_type = Option<f64>, example = 40, minimum = 0, maximum = 2000)]
    pub jp: Option<Decimal>,
    /// Price for each person, in rupiah; the programme's when absent.
    #[schema(example = 1500000, minimum = 0, maximum = 9007199254740991_i64)]
    pub price_per_participant: Option<i64>,
    /// Price of the class, in rupiah; the programme's when absent.
    #[schema(example = 0, minimum = 0, maximum = 9007199254740991_i64)]
    pub price_per_class: Option<i64>,
    /// From which lines it is paid.
    #[serde(default)]
    #[schema(max_items = 20)]
    pub funds: Vec<FundView>,
    /// Whom it is for.
    #[serde(default)]
    #[schema(max_items = 1000)]
    pub targets: Vec<PlanTargetPut>,
    /// More on it.
    #[schema(example = "Bersama Dinas Kesehatan provinsi", min_length = 1, max_length = 4000)]
    pub note: Option<String>,
}

/// Somebody an item is for.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PlanTargetPut {
    /// Who.
    pub employee_id: Uuid,
    /// What their place is for; what the programme teaches when empty.
    #[serde(default)]
    #[schema(max_items = 20)]
    pub steps: Vec<PlanTargetStepPut>,
}

/// A step somebody's place is for. Its competency is named by id, or by dictionary and code.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PlanTargetStepPut {
    /// The competency, by id.
    pub competency_id: Option<Uuid>,
    /// Code of the competency's dictionary.
    #[schema(example = "NASIONAL-38-2017", min_length = 1, max_length = 64)]
    pub dictionary: Option<String>,
    /// The competency's code.
    #[schema(example = "M.1", min_length = 1, max_length = 64)]
    pub competency_code: Option<String>,
    /// Level now; absent where nothing valid is known.
    #[schema(example = 2, minimum = 1, maximum = 5)]
    pub level_from: Option<i64>,
    /// Level aimed at.
    #[schema(example = 3, minimum = 1, maximum = 5)]
    pub level_to: i64,
}

/// A step whose competency has yet to be found.
pub type StepAsk = (CompetencyName, Option<Level>, Level);

/// An item whose competencies have yet to be found.
#[derive(Clone, Debug)]
pub struct AgencyPlanItemAsk {
    /// What it says, with nobody it is for.
    pub said: AgencyPlanItemDraft,
    /// Whom it is for, and for what.
    pub targets: Vec<(EmployeeId, Vec<StepAsk>)>,
}

impl AgencyPlanItemPut {
    /// What these values ask for.
    ///
    /// # Errors
    /// Every value that cannot stand.
    pub fn ask(self) -> Result<AgencyPlanItemAsk, Vec<Violation>> {
        let mut found = Violations::new();
        for (at, count, most) in [
            ("/targets", self.targets.len(), AgencyPlanItemDraft::MOST_TARGETS),
            ("/funds", self.funds.len(), AgencyPlanItemDraft::MOST_FUNDS),
        ] {
            found.check(count > most, || Violation::new(at, ViolationCode::TooMany).with("max", most));
        }
        found.finish()?;
        let mut found = Violations::new();
        let title = optional_name(&mut found, "/title", self.title.as_deref());
        let form = self.form.as_deref().map_or(Some(None), |text| code(&mut found, "/form", text).map(Some));
        let curriculum = optional_long_text(&mut found, "/curriculum", self.curriculum.as_deref());
        let note = optional_long_text(&mut found, "/note", self.note.as_deref());
        for (at, on) in [("/starts_on", self.starts_on), ("/ends_on", self.ends_on)] {
            found.take(on.map(|on| day(at, on)).transpose());
        }
        found.check(self.starts_on.is_some() != self.ends_on.is_some(), || {
            let missing = if self.ends_on.is_none() { "/ends_on" } else { "/starts_on" };
            Violation::new(missing, ViolationCode::Required)
        });
        let each = optional_rupiah(&mut found, "/price_per_participant", self.price_per_participant);
        let whole = optional_rupiah(&mut found, "/price_per_class", self.price_per_class);
        let mut funds = Vec::with_capacity(self.funds.len());
        for (index, fund) in self.funds.iter().enumerate() {
            let amount = optional_rupiah(&mut found, &format!("/funds/{index}/amount"), fund.amount);
            funds.extend(amount.map(|amount| Fund { line: fund.budget_line_id.into(), amount }));
        }
        let mut targets = Vec::with_capacity(self.targets.len());
        for (index, target) in self.targets.iter().enumerate() {
            let step = |(number, step): (usize, &PlanTargetStepPut)| {
                step.ask(&format!("/targets/{index}/steps/{number}"), &mut found)
            };
            let steps = target.steps.iter().enumerate().filter_map(step).collect();
            targets.push((EmployeeId::from(target.employee_id), steps));
        }
        found.finish()?;
        let (Some(title), Some(form), Some(curriculum), Some(note)) = (title, form, curriculum, note) else {
            return Err(Vec::new());
        };
        let said = AgencyPlanItemDraft {
            programme: self.programme_id.map(ProgrammeId::from),
            class: self.class_id.map(ClassId::from),
            title,
            form,
            provider: self.provider_id.map(PartnerId::from),
            days: self.starts_on.zip(self.ends_on),
            curriculum_owner: self.curriculum_owner_id.map(PartnerId::from),
            curriculum,
            jp: self.jp.map(|Decimal(jp)| jp),
            price: Price { per_participant: each.flatten(), per_class: whole.flatten() },
            funds,
            targets: Vec::new(),
            note,
        };
        Ok(AgencyPlanItemAsk { said, targets })
    }
}

impl PlanTargetStepPut {
    fn ask(&self, at: &str, found: &mut Violations) -> Option<StepAsk> {
        let (dictionary, text) = (self.dictionary.as_deref(), self.competency_code.as_deref());
        let named = competency_name(found, at, self.competency_id, dictionary, text);
        let from = self
            .level_from
            .map_or(Some(None), |value| level(found, &format!("{at}/level_from"), value).map(Some));
        let to = level(found, &format!("{at}/level_to"), self.level_to);
        Some((named?, from?, to?))
    }
}

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

/// A place of an agency's plan: somebody on an item, and what publication made of it.
#[derive(Debug, Serialize, ToSchema)]
pub struct PlaceView {
    /// The item.
    pub item_id: Uuid,
    /// What is to be done.
    #[schema(example = "Pelatihan manajemen puskesmas", max_length = 200)]
    pub title: Option<String>,
    /// Who.
    pub employee_id: Uuid,
    /// Identity number.
    #[schema(example = "198609262015051001", min_length = 18, max_length = 18)]
    pub nip: String,
    /// Name.
    #[schema(example = "Contoh Pegawai", max_length = 200)]
    pub name: String,
    /// Whether this version has the place. Of a version before it, only places are listed that something was made of: they are
    /// left as they are, for somebody to decide.
    #[schema(example = true)]
    pub planned: bool,
    /// How it became a nomination, or why not; null before publication.
    pub nomination: Option<wire::NominationOutcome>,
    /// The enrolment it is.
    pub enrolment_id: Option<Uuid>,
    /// Where that stands now.
    pub enrolment_state: Option<wire::EnrolmentState>,
    /// How it became an item of the person's plan, or why not; null before publication.
    pub entry: Option<wire::EntryOutcome>,
    /// That item, while it is there.
    pub plan_item_id: Option<Uuid>,
    /// When publication came to it last.
    pub published_at: Option<DateTime<Utc>>,
}

impl From<PlaceRow> for PlaceView {
    fn from(row: PlaceRow) -> Self {
        let PlaceRow { item, title, employee, nip, name, planned, outcome, enrolment_state } = row;
        let (outcome, published_at) = outcome.unzip();
        Self {
            item_id: item.uuid(),
            title: title.map(Name::into_string),
            employee_id: employee.uuid(),
            nip: nip.as_str().to_owned(),
            name: name.into_string(),
            planned,
            nomination: outcome.map(|outcome| Wire(outcome.nomination)),
            enrolment_id: outcome.and_then(|outcome| outcome.enrolment).map(EnrolmentId::uuid),
            enrolment_state: enrolment_state.map(Wire),
            entry: outcome.map(|outcome| Wire(outcome.entry)),
            plan_item_id: outcome.and_then(|outcome| outcome.plan_item).map(PlanItemId::uuid),
            published_at,
        }
    }
}

/// Which places of a plan a list holds.
#[derive(Clone, Debug, Deserialize, Serialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct PlaceQuery {
    /// On this item.
    pub item_id: Option<Uuid>,
    /// Where to continue: `next` of the page before.
    #[param(max_length = 2000)]
    pub cursor: Option<String>,
    /// Most items of a page.
    #[param(minimum = 1, maximum = 200, default = 50)]
    pub limit: Option<u16>,
}

/// Planned and realised. Counts are of places: somebody who has two counts twice.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
pub struct PlanOutturnView {
    /// Places planned.
    #[schema(example = 30, minimum = 0, maximum = 9007199254740991_i64)]
    pub places: i64,
    /// Of them, nominated: with a seat or in line for one; without a programme, in the person's plan.
    #[schema(example = 28, minimum = 0, maximum = 9007199254740991_i64)]
    pub nominated: i64,
    /// Of them, were at one session at least.
    #[schema(example = 27, minimum = 0, maximum = 9007199254740991_i64)]
    pub attended: i64,
    /// Of them, completed it.
    #[schema(example = 25, minimum = 0, maximum = 9007199254740991_i64)]
    pub completed: i64,
    /// Learning hours planned; places whose hours are not known are in `jp_unknown`.
    #[schema(value_type = f64, example = 1200, minimum = 0, maximum = 90071992547409_i64)]
    pub jp_planned: HoursSum,
    /// Places whose hours are not known.
    #[schema(example = 0, minimum = 0, maximum = 9007199254740991_i64)]
    pub jp_unknown: i64,
    /// Learning hours certified.
    #[schema(value_type = f64, example = 1000, minimum = 0, maximum = 90071992547409_i64)]
    pub jp_realised: HoursSum,
    /// Cost planned, in rupiah; items whose cost is not known are in `cost_unknown`.
    #[schema(example = 85000000, minimum = 0, maximum = 9007199254740991_i64)]
    pub cost_planned: i64,
    /// Items whose cost is not known.
    #[schema(example = 0, minimum = 0, maximum = 9007199254740991_i64)]
    pub cost_unknown: i64,
    /// Cost committed, in rupiah.
    #[schema(example = 80000000, minimum = 0, maximum = 9007199254740991_i64)]
    pub cost_committed: i64,
    /// Cost spent, in rupiah.
    #[schema(example = 77500000, minimum = 0, maximum = 9007199254740991_i64)]
    pub cost_realised: i64,
    /// Steps the places are for.
    #[schema(example = 30, minimum = 0, maximum = 9007199254740991_i64)]
    pub steps_planned: i64,
    /// Of them, assessed after completion; null where so few people were that they would be told apart.
    #[schema(example = 20, minimum = 0, maximum = 9007199254740991_i64)]
    pub steps_assessed: Option<i64>,
    /// Of them, found at the level aimed at or above.
    #[schema(example = 16, minimum = 0, maximum = 9007199254740991_i64)]
    pub steps_reached: Option<i64>,
    /// Levels the steps are to gain, where the level before is known.
    #[schema(example = 32, minimum = 0, maximum = 9007199254740991_i64)]
    pub levels_planned: i64,
    /// Of them, gained by assessments after completion: how much of the gap was closed.
    #[schema(example = 17, minimum = 0, maximum = 9007199254740991_i64)]
    pub levels_gained: Option<i64>,
}

impl PlanOutturnView {
    /// The figures; `assessed` is whether what assessments found may be told.
    #[must_use]
    pub fn new(outturn: PlanOutturn, assessed: bool) -> Self {
        let PlanOutturn {
            places,
            nominated,
            attended,
            completed,
            jp_planned,
            jp_unknown,
            jp_realised,
            planned,
            cost_unknown,
            committed,
            realised,
            steps_planned,
            steps_assessed,
            steps_reached,
            levels_planned,
            levels_gained,
        } = outturn;
        Self {
            places,
            nominated,
            attended,
            completed,
            jp_planned: HoursSum(jp_planned),
            jp_unknown,
            jp_realised: HoursSum(jp_realised),
            cost_planned: planned,
            cost_unknown,
            cost_committed: committed,
            cost_realised: realised,
            steps_planned,
            steps_assessed: assessed.then_some(steps_assessed),
            steps_reached: assessed.then_some(steps_reached),
            levels_planned,
            levels_gained: assessed.then_some(levels_gained),
        }
    }
}

/// What became of an item.
#[derive(Debug, Serialize, ToSchema)]
pub struct ItemOutturnView {
    /// The item.
    pub item_id: Uuid,
    /// What is to be done.
    #[schema(example = "Pelatihan manajemen puskesmas", max_length = 200)]
    pub title: Option<String>,
    /// Planned and realised.
    pub outturn: PlanOutturnView,
    /// Where what was committed and spent is known from.
    pub spending_basis: wire::SpendingBasis,
    /// Where that is on record, as told.
    #[schema(example = "SPJ-112/2027", max_length = 200)]
    pub document: Option<String>,
    /// When it was told last.
    pub told_at: Option<DateTime<Utc>>,
}

impl From<ItemOutturnRow> for ItemOutturnView {
    fn from(row: ItemOutturnRow) -> Self {
        let ItemOutturnRow { item, title, outturn, basis, document, told_at } = row;
        Self {
            item_id: item.uuid(),
            title: title.map(Name::into_string),
            outturn: PlanOutturnView::new(outturn, true),
            spending_basis: Wire(basis),
            document: document.map(Name::into_string),
            told_at,
        }
    }
}

/// A plan against its realisation.
#[derive(Debug, Serialize, ToSchema)]
pub struct AgencyPlanReportView {
    /// The plan.
    pub plan_id: Uuid,
    /// The year.
    #[schema(example = 2027, minimum = 1900, maximum = 2199)]
    pub year: i32,
    /// Where the plan stands.
    pub state: wire::AgencyPlanState,
    /// Its budget, in rupiah.
    #[schema(example = 500000000, minimum = 0, maximum = 9007199254740991_i64)]
    pub budget: i64,
    /// People who have a place.
    #[schema(example = 280, minimum = 0, maximum = 5000000)]
    pub people: i64,
    /// In sum: what the items come to.
    pub total: PlanOutturnView,
    /// Item by item, in order.
    #[schema(max_items = 5000)]
    pub items: Vec<ItemOutturnView>,
}

/// What an item cost.
#[derive(Clone, Debug, Deserialize, Serialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"committed": 80000000, "realised": 77500000, "document": "SPJ-112/2027"}))]
pub struct RealisationPut {
    /// What was committed, in rupiah.
    #[schema(example = 80000000, minimum = 0, maximum = 9007199254740991_i64)]
    pub committed: i64,
    /// What was spent, in rupiah.
    #[schema(example = 77500000, minimum = 0, maximum = 9007199254740991_i64)]
    pub realised: i64,
    /// Where that is on record.
    #[schema(example = "SPJ-112/2027", min_length = 1, max_length = 200)]
    pub document: Option<String>,
}

impl RealisationPut {
    /// What was told.
    ///
    /// # Errors
    /// Every value that cannot stand.
    pub fn into_domain(self) -> Result<Realisation, Vec<Violation>> {
        let mut found = Violations::new();
        let committed = rupiah(&mut found, "/committed", self.committed);
        let realised = rupiah(&mut found, "/realised", self.realised);
        let document = optional_name(&mut found, "/document", self.document.as_deref());
        found.finish()?;
        match (committed, realised, document) {
            (Some(committed), Some(realised), Some(document)) => {
                Ok(Realisation { committed, realised, document })
            }
            _ => Err(Vec::new()),
        }
    }
}

/// What agencies planned for a year, and what came of it.
#[derive(Debug, Serialize, ToSchema)]
pub struct AgencyPlanSumsView {
    /// The year.
    #[schema(example = 2027, minimum = 1900, maximum = 2199)]
    pub year: i32,
    /// Agencies whose figures are left out, here and in the sum: fewer than five people have a place.
    #[schema(example = 0, minimum = 0, maximum = 10000)]
    pub left_out: u32,
    /// The sum of the agencies whose figures are told.
    pub total: AgencyPlanSumView,
    /// By agency.
    #[schema(max_items = 10000)]
    pub agencies: Vec<AgencySumView>,
}

/// An agency's plans in force.
#[derive(Debug, Serialize, ToSchema)]
pub struct AgencySumView {
    /// The agency.
    pub agency_id: Uuid,
    /// Its code.
    #[schema(example = "KOTA-CONTOH", max_length = 64)]
    pub agency_code: String,
    /// Its name.
    #[schema(example = "Pemerintah Kota Contoh", max_length = 200)]
    pub agency_name: String,
    /// Its figures; null where fewer than five people have a place.
    pub figures: Option<AgencyPlanSumView>,
}

/// What plans in force come to.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
pub struct AgencyPlanSumView {
    /// Plans in force: of agencies and of their units.
    #[schema(example = 1, minimum = 0, maximum = 9007199254740991_i64)]
    pub plans: i64,
    /// Their items.
    #[schema(example = 12, minimum = 0, maximum = 9007199254740991_i64)]
    pub items: i64,
    /// People who have a place.
    #[schema(example = 280, minimum = 0, maximum = 9007199254740991_i64)]
    pub people: i64,
    /// Their budgets, in rupiah.
    #[schema(example = 500000000, minimum = 0, maximum = 9007199254740991_i64)]
    pub budget: i64,
    /// Planned and realised.
    pub outturn: PlanOutturnView,
}

impl From<PlanSums> for AgencyPlanSumView {
    fn from(sums: PlanSums) -> Self {
        let PlanSums { plans, items, people, budget, outturn, assessed } = sums;
        Self { plans, items, people, budget, outturn: PlanOutturnView::new(outturn, assessed) }
    }
}

/// Sums of plans in force.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PlanSums {
    /// Plans.
    pub plans: i64,
    /// Items.
    pub items: i64,
    /// People.
    pub people: i64,
    /// Budget in rupiah.
    pub budget: i64,
    /// Planned and realised.
    pub outturn: PlanOutturn,
    /// Whether what assessments found may be told.
    pub assessed: bool,
}

/// Of which year.
#[derive(Clone, Debug, Deserialize, Serialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct AgencyPlanSumsQuery {
    /// The year; the present one in the caller's time zone when absent.
    #[param(example = 2027, minimum = 1900, maximum = 2199)]
    pub year: Option<i32>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_hours_of_a_nation_are_told_exactly() {
        let written = |hundredths| serde_json::to_string(&HoursSum(hundredths)).unwrap();
        assert_eq!(
            [0, 100, 1_375, 9_400_000_000, 9_400_000_001].map(written),
            ["0", "1", "13.75", "94000000", "94000000.01"]
        );
    }
}
