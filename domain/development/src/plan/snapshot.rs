//! Gaps as they stood when a plan was made and when it was completed: kept with the plan, whatever is recorded later.

use chrono::{DateTime, NaiveDate, Utc};
use competency::{GapProfile, GapState, Importance, Severity};
use kernel::{AgencyId, Code, CompetencyId, Level, Name, PositionId, wire_enum};
use serde::{Deserialize, Serialize};

wire_enum! {
    /// Why a gap has no item.
    pub enum UnplannedReason {
        /// It was never assessed: an assessment comes first.
        NeverAssessed = "NEVER_ASSESSED",
        /// The assessment has expired: another one comes first.
        AssessmentExpired = "ASSESSMENT_EXPIRED",
        /// No published programme of the catalogue that is for them teaches the step, but what they have a certificate of.
        NoProgramme = "NO_PROGRAMME",
        /// More severe gaps have taken the places the policy gives.
        BeyondMostItems = "BEYOND_MOST_ITEMS",
        /// The hours would pass the ceiling that stops.
        BeyondCeiling = "BEYOND_CEILING",
        /// Whoever drew the plan up left it out.
        LeftOut = "LEFT_OUT",
    }
}

/// One competency of a snapshot.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SnapshotLine {
    /// Whose competency it is.
    pub competency_agency: AgencyId,
    /// The competency.
    pub competency: CompetencyId,
    /// Its code.
    pub code: Code,
    /// Its name.
    pub name: Name,
    /// The required level.
    pub required: Level,
    /// The level found by valid evidence.
    pub achieved: Option<Level>,
    /// How the person stood.
    pub state: GapState,
    /// How much it mattered.
    pub severity: Severity,
    /// How much the position depends on it.
    pub importance: Importance,
    /// Why it had no item in a plan that was drawn up by itself; none where it has one, or is no gap.
    pub unplanned: Option<UnplannedReason>,
}

/// The gaps of a person against a position, as they stood.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct GapSnapshot {
    /// On which day.
    pub as_of: NaiveDate,
    /// By what was known when.
    pub known_at: DateTime<Utc>,
    /// Against which position.
    pub position: PositionId,
    /// Every required competency.
    pub lines: Vec<SnapshotLine>,
}

impl From<&GapProfile> for GapSnapshot {
    fn from(profile: &GapProfile) -> Self {
        let line = |gap: &competency::CompetencyGap| SnapshotLine {
            competency_agency: gap.required.requirement.competency_agency,
            competency: gap.required.requirement.competency,
            code: gap.required.code.clone(),
            name: gap.required.name.clone(),
            required: gap.required.requirement.level,
            achieved: gap.achieved,
            state: gap.state,
            severity: gap.severity,
            importance: gap.required.requirement.importance,
            unplanned: None,
        };
        Self {
            as_of: profile.as_of,
            known_at: profile.known_at,
            position: profile.position,
            lines: profile.gaps.iter().map(line).collect(),
        }
    }
}

impl SnapshotLine {
    /// Whether something is to be done about it.
    #[must_use]
    pub const fn is_open(&self) -> bool {
        self.state.is_open()
    }
}
