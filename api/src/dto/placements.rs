//! Who serves where, and since when.

use access::{Action, Actor};
use chrono::{DateTime, NaiveDate, Utc};
use kernel::{EmployeeId, Name, PlacementId, PositionId, Violation, Violations};
use serde::{Deserialize, Serialize};
use store::{HeldPosition, PlacementRow};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;
use validator::Validate;
use workforce::Placement;

use crate::app::placements::Stay;
use crate::dto::enums::{Wire, wire};
use crate::dto::{day, instant};

/// A position somebody holds, as it is called now.
#[derive(Debug, Serialize, ToSchema)]
pub struct HeldPositionView {
    /// The placement that says so.
    pub placement_id: Uuid,
    /// The first day.
    pub since: NaiveDate,
    /// The position.
    pub position_id: Uuid,
    /// Its code.
    #[schema(example = "DINKES-01", max_length = 64)]
    pub position_code: String,
    /// Its name.
    #[schema(example = "Kepala Dinas Kesehatan", max_length = 200)]
    pub position_name: String,
    /// Its job class.
    pub job_class: wire::JobClass,
    /// Whether its holder heads the unit.
    #[schema(example = true)]
    pub is_head: bool,
    /// The unit it belongs to.
    pub unit_id: Uuid,
    /// The unit's code.
    #[schema(example = "DINKES", max_length = 64)]
    pub unit_code: String,
    /// The unit's name.
    #[schema(example = "Dinas Kesehatan", max_length = 200)]
    pub unit_name: String,
}

impl From<HeldPosition> for HeldPositionView {
    fn from(held: HeldPosition) -> Self {
        let HeldPosition {
            placement,
            since,
            position,
            code,
            name,
            job_class,
            is_head,
            unit,
            unit_code,
            unit_name,
        } = held;
        Self {
            placement_id: placement.uuid(),
            since,
            position_id: position.uuid(),
            position_code: code.into_string(),
            position_name: name.into_string(),
            job_class: Wire(job_class),
            is_head,
            unit_id: unit.uuid(),
            unit_code: unit_code.into_string(),
            unit_name: unit_name.into_string(),
        }
    }
}

/// An entry of a position history (riwayat jabatan). It lasts until the next one begins. It is never changed: a wrong one
/// is retracted and a right one recorded, and both stay on file.
#[derive(Debug, Serialize, ToSchema)]
pub struct PlacementView {
    /// Identifier.
    pub id: Uuid,
    /// Whose it is.
    pub employee_id: Uuid,
    /// The position held; null when the person was released from any.
    pub position: Option<HeldPositionView>,
    /// The first day (TMT jabatan).
    pub starts_on: NaiveDate,
    /// The last day, the one before the next entry begins; null while it lasts, and for a retracted entry.
    pub ends_on: Option<NaiveDate>,
    /// The decree (SK) it rests on.
    #[schema(example = "SK 821/123/2026", max_length = 200)]
    pub decree: Option<String>,
    /// When it was recorded.
    pub recorded_at: DateTime<Utc>,
    /// When it was declared wrong; asked with `known_at`, only what had been declared by then.
    pub retracted_at: Option<DateTime<Utc>>,
    /// What this caller may do with it now; asked with `known_at`, nothing, as the past cannot be acted on.
    #[schema(max_items = 1)]
    pub allowed_actions: Vec<wire::PlacementAction>,
}

impl PlacementView {
    /// The entry, as `actor` sees it.
    #[must_use]
    pub fn seen_by(actor: &Actor, stay: Stay) -> Self {
        let placement = &stay.row.placement;
        let actions =
            if actor.can(Action::EmployeeWrite) { placement.allowed_actions() } else { Default::default() };
        Self { allowed_actions: actions.iter().copied().map(Wire).collect(), ..Self::of_the_past(stay) }
    }

    /// The entry as it was once known: there is nothing to be done about that.
    #[must_use]
    pub fn of_the_past(stay: Stay) -> Self {
        let Stay { row: PlacementRow { placement, held }, ends_on } = stay;
        // The position stands in `held`, with its names.
        let Placement { id, employee, position: _, starts_on, decree, recorded_at, retracted_at } = placement;
        Self {
            id: id.uuid(),
            employee_id: employee.uuid(),
            position: held.map(HeldPositionView::from),
            starts_on,
            ends_on,
            decree: decree.map(Name::into_string),
            recorded_at,
            retracted_at,
            allowed_actions: Vec::new(),
        }
    }
}

/// Where a person serves from a day on.
#[derive(Clone, Debug, Deserialize, Serialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "position_id": "01931d5e-7c1f-7d7a-9a7e-3f1f3f0e4a11", "starts_on": "2026-07-01", "decree": "SK 821/123/2026"
}))]
pub struct PlacementCreate {
    /// The position; null releases the person from any.
    pub position_id: Option<Uuid>,
    /// The first day (TMT jabatan); it may lie in the past, before entries that exist, or ahead.
    pub starts_on: NaiveDate,
    /// The decree (SK) it rests on.
    #[schema(example = "SK 821/123/2026", max_length = 200)]
    pub decree: Option<String>,
}

impl PlacementCreate {
    /// The placement of `employee` these values describe.
    ///
    /// # Errors
    /// Every value that cannot stand.
    pub fn into_domain(
        self,
        id: PlacementId,
        employee: EmployeeId,
        recorded_at: DateTime<Utc>,
    ) -> Result<Placement, Vec<Violation>> {
        let Self { position_id, starts_on, decree } = self;
        let mut found = Violations::new();
        let starts_on = found.take(day("/starts_on", starts_on));
        let decree = decree.map(|decree| Name::parse(&decree)).transpose();
        let decree = found.take(decree.map_err(|violation| violation.under("/decree")));
        match (starts_on, decree) {
            (Some(starts_on), Some(decree)) => {
                let position = position_id.map(PositionId::from);
                Ok(Placement { id, employee, position, starts_on, decree, recorded_at, retracted_at: None })
            }
            _ => Err(found.into_sorted()),
        }
    }
}

/// Which history is asked for.
#[derive(Clone, Debug, Deserialize, Serialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct PlacementQuery {
    /// The history as it was known at this instant; as it is known now when absent.
    pub known_at: Option<DateTime<Utc>>,
    /// Where to continue: `next` of the page before.
    #[param(max_length = 2000)]
    pub cursor: Option<String>,
    /// Most items of a page.
    #[param(minimum = 1, maximum = 200, default = 50)]
    pub limit: Option<u16>,
}

impl PlacementQuery {
    /// The instant asked for.
    ///
    /// # Errors
    /// One outside the contract's days.
    pub fn known_at(&self) -> Result<Option<DateTime<Utc>>, Violation> {
        self.known_at.map(|at| instant("/query/known_at", at)).transpose()
    }
}
