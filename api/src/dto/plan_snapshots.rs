//! The gaps a development plan was made from, and those at its completion.

use chrono::{DateTime, NaiveDate, Utc};
use development::{GapSnapshot, SnapshotLine};
use serde::Serialize;
use store::PlanSnapshotRow;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::dto::enums::{Wire, wire};

/// The gaps a plan was made from, and those at its completion.
#[derive(Debug, Serialize, ToSchema)]
pub struct PlanSnapshotsView {
    /// One for the position held and one for the position aimed at, when the plan was made and when it was completed.
    #[schema(max_items = 4)]
    pub items: Vec<PlanSnapshotView>,
}

/// The gaps at a moment of a plan's life, kept whatever is recorded later.
#[derive(Debug, Serialize, ToSchema)]
pub struct PlanSnapshotView {
    /// When they were looked at.
    pub moment: wire::PlanSnapshotMoment,
    /// Against what they were measured.
    pub against: wire::PlanSnapshotAgainst,
    /// On which day.
    pub as_of: NaiveDate,
    /// By what was known when.
    pub known_at: DateTime<Utc>,
    /// The position.
    pub position_id: Uuid,
    /// Every required competency.
    #[schema(max_items = 200)]
    pub competencies: Vec<PlanSnapshotLineView>,
}

/// One competency of a snapshot.
#[derive(Debug, Serialize, ToSchema)]
pub struct PlanSnapshotLineView {
    /// The competency.
    pub competency_id: Uuid,
    /// Its code.
    #[schema(example = "M.1", max_length = 64)]
    pub code: String,
    /// Its name.
    #[schema(example = "Integritas", max_length = 200)]
    pub name: String,
    /// Required level.
    #[schema(example = 3, minimum = 1, maximum = 5)]
    pub required: u8,
    /// Level found by valid evidence.
    #[schema(example = 2, minimum = 1, maximum = 5)]
    pub achieved: Option<u8>,
    /// How the person stood.
    pub state: wire::GapState,
    /// How much it mattered.
    pub severity: wire::Severity,
    /// How much the position depends on it.
    pub importance: wire::Importance,
    /// Why an open gap has no item; null where it has one, or is no gap.
    pub unplanned: Option<wire::UnplannedReason>,
}

impl From<PlanSnapshotRow> for PlanSnapshotView {
    fn from(row: PlanSnapshotRow) -> Self {
        let PlanSnapshotRow { moment, against, snapshot } = row;
        let GapSnapshot { as_of, known_at, position, lines } = snapshot;
        let line = |line: SnapshotLine| {
            let SnapshotLine {
                competency_agency: _,
                competency,
                code,
                name,
                required,
                achieved,
                state,
                severity,
                importance,
                unplanned,
            } = line;
            PlanSnapshotLineView {
                competency_id: competency.uuid(),
                code: code.into_string(),
                name: name.into_string(),
                required: required.get(),
                achieved: achieved.map(kernel::Level::get),
                state: Wire(state),
                severity: Wire(severity),
                importance: Wire(importance),
                unplanned: unplanned.map(Wire),
            }
        };
        Self {
            moment: Wire(moment),
            against: Wire(against),
            as_of,
            known_at,
            position_id: position.uuid(),
            competencies: lines.into_iter().map(line).collect(),
        }
    }
}
