//! What became of an agency plan: its places, planned against realised, and the sums of agencies.

use chrono::{DateTime, Utc};
use development::{PlanOutturn, Realisation};
use kernel::{EnrolmentId, Name, PlanItemId, Violation, Violations};
use serde::{Deserialize, Serialize};
use store::{ItemOutturnRow, PlaceRow};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;
use validator::Validate;

use crate::dto::enums::{Wire, wire};
use crate::dto::values::{optional_name, rupiah};

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

/// Planned and realised. Counts are of places: somebody who has two counts twice, a seat that stands for both counts once, for the
/// first. Amounts beyond 9007199254740991 are told as that.
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
    /// Steps the places are for; without steps of their own, what the programme teaches above the level found before the plan
    /// was set.
    #[schema(example = 30, minimum = 0, maximum = 9007199254740991_i64)]
    pub steps_planned: i64,
    /// Of them, assessed after completion; null where so few people were that they would be told apart. In sums, whoever may see
    /// no person is told this and the two figures of what assessments found to the nearest five.
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
