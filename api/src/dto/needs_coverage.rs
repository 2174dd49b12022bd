//! Whom needs analyses cover.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use competency::coarse_count;
use development::{NeedsCoverage, NeedsDeadlines, NeedsStage, NeedsState};
use kernel::UnitId;
use serde::{Deserialize, Serialize};
use store::NeedsCoverageLine;
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use crate::app::needs::CoverageFound;
use crate::dto::enums::{Wire, wire};
use crate::dto::needs_analyses::NeedsDeadlinesView;

/// How many people of a group are looked at, and how many need something.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
pub struct NeedsCoverageFigures {
    /// People who serve in it today.
    #[schema(example = 240, minimum = 0, maximum = 9007199254740991_u64)]
    pub people: u64,
    /// Of them those whose position requires anything.
    #[schema(example = 238, minimum = 0, maximum = 9007199254740991_u64)]
    pub required: u64,
    /// Of these those with a valid level in everything required; of the others some needs cannot be known.
    #[schema(example = 180, minimum = 0, maximum = 9007199254740991_u64)]
    pub assessed: u64,
    /// People with at least one need that is not dropped; null where nobody has begun to gather any.
    #[schema(example = 97, minimum = 0, maximum = 9007199254740991_u64)]
    pub needing: Option<u64>,
}

impl NeedsCoverageFigures {
    /// The figures of a group; `begun` is whether its needs were gathered, `rounded` whether each is told to the nearest five.
    #[must_use]
    pub fn new(figures: NeedsCoverage, begun: bool, rounded: bool) -> Self {
        let NeedsCoverage { people, required, assessed, needing } = figures;
        let told = |count| if rounded { coarse_count(count) } else { count };
        Self {
            people: told(people),
            required: told(required),
            assessed: told(assessed),
            needing: begun.then(|| told(needing)),
        }
    }
}

/// Whom the needs analyses of a year cover.
#[derive(Clone, Copy, Debug, Deserialize, Serialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct NeedsCoverageQuery {
    /// The year; the present one when absent.
    #[param(example = 2027, minimum = 1900, maximum = 2199)]
    pub year: Option<i32>,
    /// Of this unit and those under it; the agency when absent. Who sees groups only asks about the agency.
    pub unit_id: Option<Uuid>,
}

/// A part of the agency.
#[derive(Debug, Serialize, ToSchema)]
pub struct NeedsCoverageLineView {
    /// The unit, with every unit under it unless `directly`.
    pub unit_id: Uuid,
    /// Its code.
    #[schema(example = "DINKES", max_length = 64)]
    pub unit_code: String,
    /// Its name.
    #[schema(example = "Dinas Kesehatan", max_length = 200)]
    pub unit_name: String,
    /// Whether only the people directly in it are meant, because a unit under it has begun.
    #[schema(example = false)]
    pub directly: bool,
    /// The analysis; null where the unit has not begun.
    pub analysis_id: Option<Uuid>,
    /// Where the analysis stands.
    pub state: Option<wire::NeedsState>,
    /// The stage that should be over by the year's deadlines and is not.
    pub overdue: Option<wire::NeedsStage>,
    /// Its figures; null where they would tell people apart.
    pub figures: Option<NeedsCoverageFigures>,
}

/// Whom the needs analyses of a year cover, and which units have not begun.
#[derive(Debug, Serialize, ToSchema)]
pub struct NeedsCoverageView {
    /// The year.
    #[schema(example = 2027, minimum = 1900, maximum = 2199)]
    pub year: i32,
    /// The unit it is about; null for the agency.
    pub unit_id: Option<Uuid>,
    /// The day on which people serve where they are counted.
    pub as_of: NaiveDate,
    /// Whether figures are told to the nearest five, and those of groups of fewer than five people not at all.
    #[schema(example = false)]
    pub rounded: bool,
    /// The year's deadlines; null while none are set.
    pub deadlines: Option<NeedsDeadlinesView>,
    /// Parts whose analysis is being collected, the first time or after it was sent back.
    #[schema(example = 4, minimum = 0, maximum = 9007199254740991_u64)]
    pub collecting: u64,
    /// Parts whose analysis the unit has verified.
    #[schema(example = 2, minimum = 0, maximum = 9007199254740991_u64)]
    pub verified: u64,
    /// Parts whose analysis the agency has validated.
    #[schema(example = 7, minimum = 0, maximum = 9007199254740991_u64)]
    pub validated: u64,
    /// Parts that have not begun.
    #[schema(example = 1, minimum = 0, maximum = 9007199254740991_u64)]
    pub not_begun: u64,
    /// Everybody; `needing` counts only people of parts that have begun.
    pub total: Option<NeedsCoverageFigures>,
    /// The parts, by the code of their unit: each analysis, and each unit that has not begun, as high up as nobody has.
    #[schema(max_items = 100000)]
    pub units: Vec<NeedsCoverageLineView>,
}

impl From<CoverageFound> for NeedsCoverageView {
    fn from(found: CoverageFound) -> Self {
        let CoverageFound { year, unit, as_of, rounded, deadlines, total, lines } = found;
        let mut counts: BTreeMap<Option<NeedsState>, u64> = BTreeMap::new();
        let line = |(line, shown): (NeedsCoverageLine, bool)| {
            let NeedsCoverageLine { unit, code, name, directly, analysis, figures } = line;
            let (analysis, state) = analysis.unzip();
            *counts.entry(state).or_default() += 1;
            let overdue: Option<NeedsStage> =
                deadlines.and_then(|days: NeedsDeadlines| days.overdue(state, as_of));
            NeedsCoverageLineView {
                unit_id: unit.uuid(),
                unit_code: code.into_string(),
                unit_name: name.into_string(),
                directly,
                analysis_id: analysis.map(kernel::NeedsAnalysisId::uuid),
                state: state.map(Wire),
                overdue: overdue.map(Wire),
                figures: shown.then(|| NeedsCoverageFigures::new(figures, state.is_some(), rounded)),
            }
        };
        let units: Vec<_> = lines.into_iter().map(line).collect();
        let of = |state: Option<NeedsState>| counts.get(&state).copied().unwrap_or_default();
        let begun = units.iter().any(|line| line.analysis_id.is_some());
        Self {
            year,
            unit_id: unit.map(UnitId::uuid),
            as_of,
            rounded,
            deadlines: deadlines.map(|days| NeedsDeadlinesView::new(year, days)),
            collecting: of(Some(NeedsState::Collecting)) + of(Some(NeedsState::Returned)),
            verified: of(Some(NeedsState::Verified)),
            validated: of(Some(NeedsState::Validated)),
            not_begun: of(None),
            total: total.map(|figures| NeedsCoverageFigures::new(figures, begun, rounded)),
            units,
        }
    }
}
