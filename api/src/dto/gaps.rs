//! What people cannot do yet that their position requires.

use std::collections::BTreeMap;
use std::str::FromStr;

use chrono::{DateTime, NaiveDate, Utc};
use competency::{
    CompetencyGap, EvidenceUsed, GapProfile, GapState, NamedRequirement, Requirement, StandardBasis,
};
use kernel::{Level, NATIONAL, PositionId};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use store::{GapPerson, GapPosition, UnitGapRow};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use crate::dto::calculators::JobPersonMatchView;
use crate::dto::enums::{Wire, wire};
use crate::dto::values::{Decimal, PolicyRefView, several};

/// Against what a profile is drawn.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Against {
    /// The position held on the day.
    #[default]
    Held,
    /// A target position.
    Position(PositionId),
}

impl Against {
    /// The target position, if it is one.
    #[must_use]
    pub const fn position(self) -> Option<PositionId> {
        match self {
            Self::Held => None,
            Self::Position(id) => Some(id),
        }
    }
}

impl FromStr for Against {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "held" => Ok(Self::Held),
            id => id.parse().map(Self::Position).map_err(|_no_id| "neither `held` nor an identifier"),
        }
    }
}

impl<'de> Deserialize<'de> for Against {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

impl Serialize for Against {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Held => serializer.serialize_str("held"),
            Self::Position(id) => serializer.collect_str(id),
        }
    }
}

/// Which profile is asked for.
#[derive(Clone, Debug, Deserialize, Serialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct GapProfileQuery {
    /// `held` (the position held on the day) or the identifier of a target position.
    #[serde(default)]
    #[param(value_type = Option<String>, example = "held", max_length = 36, default = "held")]
    pub against: Against,
    /// The day: what was in force and valid then. Today in the agency when absent.
    pub as_of: Option<NaiveDate>,
    /// The instant: what had been recorded by then, and nothing later. An answer for an instant never changes. Everything
    /// recorded so far when absent.
    pub known_at: Option<DateTime<Utc>>,
    /// Name of the policy of the job person match.
    #[param(example = "RATIO_OF_SUMS", max_length = 64, default = "RATIO_OF_SUMS")]
    pub policy: Option<String>,
    /// What the job person match is graded for; `FILLING` when absent.
    pub purpose: Option<wire::Purpose>,
}

/// A person's gaps against a position (kesenjangan kompetensi), with everything they rest on.
#[derive(Debug, Serialize, ToSchema)]
pub struct GapProfileView {
    /// Whose.
    pub person: GapPersonView,
    /// Against which position.
    pub position: GapPositionView,
    /// `held`, or the identifier of the target position, as asked.
    #[schema(example = "held", max_length = 36)]
    pub against: String,
    /// On which day.
    pub as_of: NaiveDate,
    /// By what was known at which instant; null when everything recorded so far was used, which later records change.
    pub known_at: Option<DateTime<Utc>>,
    /// What the requirements rest on.
    pub basis: GapBasisView,
    /// Every required competency, in the order of the requirements; the terms of the match have the same order.
    #[schema(max_items = 1000, example = json!([
        {"competency_id": "01931d5e-7c1f-7d7a-9a7e-3f1f3f0e4a11", "code": "M.1", "name": "Integritas",
            "family": "MANAJERIAL", "national": true, "dictionary_version_id": "01931d5e-7c1f-7d7a-9a7e-3f1f3f0e4a20",
            "required": 3, "achieved": 3, "gap": 0, "state": "MET", "severity": "NONE", "weight": 1,
            "importance": "MUTLAK", "evidence": {"result_id": "01931d5e-7c1f-7d7a-9a7e-3f1f3f0e4a31",
                "event_id": "01931d5e-7c1f-7d7a-9a7e-3f1f3f0e4a30", "level": 3, "method": "ASSESSMENT_CENTER",
                "purpose": "FILLING", "assessed_on": "2025-06-17", "valid_until": "2027-06-17",
                "recorded_at": "2025-06-23T02:15:00Z"}, "days_to_expiry": 351},
        {"competency_id": "01931d5e-7c1f-7d7a-9a7e-3f1f3f0e4a12", "code": "M.2", "name": "Kerja Sama",
            "family": "MANAJERIAL", "national": true, "dictionary_version_id": "01931d5e-7c1f-7d7a-9a7e-3f1f3f0e4a20",
            "required": 3, "achieved": 2, "gap": -1, "state": "GAP", "severity": "MEDIUM", "weight": 1,
            "importance": "PENTING", "evidence": {"result_id": "01931d5e-7c1f-7d7a-9a7e-3f1f3f0e4a32",
                "event_id": "01931d5e-7c1f-7d7a-9a7e-3f1f3f0e4a30", "level": 2, "method": "ASSESSMENT_CENTER",
                "purpose": "FILLING", "assessed_on": "2025-06-17", "valid_until": "2027-06-17",
                "recorded_at": "2025-06-23T02:15:00Z"}, "days_to_expiry": 351}]))]
    pub competencies: Vec<CompetencyGapView>,
    /// How many competencies are in each state.
    pub summary: GapSummaryView,
    /// The job person match, and how it came about.
    pub job_person_match: JobPersonMatchView,
}

/// A person.
#[derive(Debug, Serialize, ToSchema)]
pub struct GapPersonView {
    /// Identifier.
    pub id: Uuid,
    /// NIP or NI PPPK.
    #[schema(example = "198501012010012001", max_length = 18)]
    pub nip: String,
    /// Name.
    #[schema(example = "Siti Rahmawati", max_length = 200)]
    pub name: String,
}

impl From<GapPerson> for GapPersonView {
    fn from(person: GapPerson) -> Self {
        let GapPerson { id, nip, name } = person;
        Self { id: id.uuid(), nip: nip.as_str().to_owned(), name: name.into_string() }
    }
}

/// A position.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({"id": "01931d5e-7c1f-7d7a-9a7e-3f1f3f0e4a11", "code": "KADIS-KES", "name": "Kepala Dinas Kesehatan",
    "unit_id": "01931d5e-7c1f-7d7a-9a7e-3f1f3f0e4a11", "job_class": "JPT_PRATAMA"}))]
pub struct GapPositionView {
    /// Identifier.
    pub id: Uuid,
    /// Code.
    #[schema(example = "KADIS-KES", max_length = 64)]
    pub code: String,
    /// Name.
    #[schema(example = "Kepala Dinas Kesehatan", max_length = 200)]
    pub name: String,
    /// Its unit.
    pub unit_id: Uuid,
    /// Its job class.
    pub job_class: wire::JobClass,
}

impl From<GapPosition> for GapPositionView {
    fn from(position: GapPosition) -> Self {
        let GapPosition { id, code, name, unit, job_class } = position;
        Self {
            id: id.uuid(),
            code: code.into_string(),
            name: name.into_string(),
            unit_id: unit.uuid(),
            job_class: Wire(job_class),
        }
    }
}

/// What requirements rest on: the position's own standard, or the default levels of its job class where none was in
/// force. Exactly one of the two is there.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({"standard": {"id": "01931d5e-7c1f-7d7a-9a7e-3f1f3f0e4a11", "number": 1,
    "valid_from": "2025-01-01"}, "default_levels": null}))]
pub struct GapBasisView {
    /// The position's own standard.
    pub standard: Option<BasisStandardView>,
    /// The default levels.
    pub default_levels: Option<BasisDefaultView>,
}

/// The standard requirements rest on.
#[derive(Debug, Serialize, ToSchema)]
pub struct BasisStandardView {
    /// Identifier.
    pub id: Uuid,
    /// Number among the position's standards.
    #[schema(example = 1, minimum = 1, maximum = 2147483647)]
    pub number: i32,
    /// First day it applies to.
    pub valid_from: NaiveDate,
}

/// The default levels requirements rest on.
#[derive(Debug, Serialize, ToSchema)]
pub struct BasisDefaultView {
    /// The job class.
    pub job_class: wire::JobClass,
    /// The policy that sets its level.
    pub policy: PolicyRefView,
}

impl From<StandardBasis> for GapBasisView {
    fn from(basis: StandardBasis) -> Self {
        match basis {
            StandardBasis::Standard { id, number, valid_from } => Self {
                standard: Some(BasisStandardView { id: id.uuid(), number, valid_from }),
                default_levels: None,
            },
            StandardBasis::DefaultLevels { policy, job_class } => Self {
                standard: None,
                default_levels: Some(BasisDefaultView { job_class: Wire(job_class), policy: policy.into() }),
            },
        }
    }
}

/// How a person stands in one competency.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({"competency_id": "01931d5e-7c1f-7d7a-9a7e-3f1f3f0e4a11", "code": "M.2", "name": "Kerja Sama",
    "family": "MANAJERIAL", "national": true, "dictionary_version_id": "01931d5e-7c1f-7d7a-9a7e-3f1f3f0e4a11",
    "required": 3, "achieved": 2, "gap": -1, "state": "GAP", "severity": "MEDIUM", "weight": 1, "importance": "PENTING",
    "evidence": {"result_id": "01931d5e-7c1f-7d7a-9a7e-3f1f3f0e4a11", "event_id": "01931d5e-7c1f-7d7a-9a7e-3f1f3f0e4a11",
        "level": 2, "method": "ASSESSMENT_CENTER", "purpose": "FILLING", "assessed_on": "2025-06-17",
        "valid_until": "2027-06-17", "recorded_at": "2025-06-23T02:15:00Z"},
    "days_to_expiry": 351}))]
pub struct CompetencyGapView {
    /// The competency.
    pub competency_id: Uuid,
    /// Its code.
    #[schema(example = "M.1", max_length = 64)]
    pub code: String,
    /// Its name.
    #[schema(example = "Integritas", max_length = 200)]
    pub name: String,
    /// Code of its family.
    #[schema(example = "MANAJERIAL", max_length = 64)]
    pub family: String,
    /// Whether it belongs to a national dictionary.
    #[schema(example = true)]
    pub national: bool,
    /// The version of its dictionary whose levels are meant.
    pub dictionary_version_id: Uuid,
    /// Required level.
    #[schema(example = 3, minimum = 1, maximum = 5)]
    pub required: u8,
    /// Level found by evidence valid on the day.
    #[schema(example = 2, minimum = 1, maximum = 5)]
    pub achieved: Option<u8>,
    /// Achieved less required; negative is a need for development.
    #[schema(example = -1, minimum = -4, maximum = 4)]
    pub gap: Option<i8>,
    /// How the person stands.
    pub state: wire::GapState,
    /// How much it matters.
    pub severity: wire::Severity,
    /// Weight in the job person match.
    #[schema(value_type = f64, example = 1, minimum = 0.01, maximum = 999999.99)]
    pub weight: Decimal,
    /// How much the position depends on it.
    pub importance: wire::Importance,
    /// The result used; for `EXPIRED` the latest one that was valid once.
    pub evidence: Option<EvidenceView>,
    /// Days until the evidence expires: 0 on its last valid day, negative once it has.
    #[schema(example = 351, minimum = -1000000, maximum = 1000000)]
    pub days_to_expiry: Option<i64>,
}

/// The assessment result a gap rests on.
#[derive(Debug, Serialize, ToSchema)]
pub struct EvidenceView {
    /// The result.
    pub result_id: Uuid,
    /// The event it was found at.
    pub event_id: Uuid,
    /// The level found.
    #[schema(example = 2, minimum = 1, maximum = 5)]
    pub level: u8,
    /// How it was found.
    pub method: wire::AssessmentMethod,
    /// What the assessment was for.
    pub purpose: wire::Purpose,
    /// The day it was found.
    pub assessed_on: NaiveDate,
    /// The last day it is valid.
    pub valid_until: NaiveDate,
    /// Since when it is final.
    pub recorded_at: Option<DateTime<Utc>>,
}

impl From<EvidenceUsed> for EvidenceView {
    fn from(evidence: EvidenceUsed) -> Self {
        let EvidenceUsed { result, event, level, method, purpose, assessed_on, valid_until, recorded_at } =
            evidence;
        Self {
            result_id: result.uuid(),
            event_id: event.uuid(),
            level: level.get(),
            method: Wire(method),
            purpose: Wire(purpose),
            assessed_on,
            valid_until,
            recorded_at,
        }
    }
}

impl From<CompetencyGap> for CompetencyGapView {
    fn from(gap: CompetencyGap) -> Self {
        let CompetencyGap {
            required: NamedRequirement { requirement, code, name, family },
            achieved,
            gap,
            state,
            severity,
            evidence,
            days_to_expiry,
        } = gap;
        let Requirement { competency, competency_agency, dictionary_version, level, weight, importance } =
            requirement;
        Self {
            competency_id: competency.uuid(),
            code: code.into_string(),
            name: name.into_string(),
            family: family.into_string(),
            national: competency_agency == NATIONAL,
            dictionary_version_id: dictionary_version.uuid(),
            required: level.get(),
            achieved: achieved.map(Level::get),
            gap,
            state: Wire(state),
            severity: Wire(severity),
            weight: Decimal(weight),
            importance: Wire(importance),
            evidence: evidence.map(EvidenceView::from),
            days_to_expiry,
        }
    }
}

/// How many competencies are in each state.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct GapSummaryView {
    /// Exactly at the required level.
    #[schema(example = 1, minimum = 0, maximum = 1000)]
    pub met: usize,
    /// Below it.
    #[schema(example = 1, minimum = 0, maximum = 1000)]
    pub gap: usize,
    /// Above it.
    #[schema(example = 0, minimum = 0, maximum = 1000)]
    pub exceeds: usize,
    /// Never assessed in a way that counts.
    #[schema(example = 0, minimum = 0, maximum = 1000)]
    pub missing: usize,
    /// Assessed, but too long ago.
    #[schema(example = 0, minimum = 0, maximum = 1000)]
    pub expired: usize,
}

impl GapSummaryView {
    pub(crate) fn of(gaps: &[CompetencyGap]) -> Self {
        let mut counts = BTreeMap::new();
        for gap in gaps {
            *counts.entry(gap.state).or_default() += 1;
        }
        let count = |state| counts.get(&state).copied().unwrap_or_default();
        Self {
            met: count(GapState::Met),
            gap: count(GapState::Gap),
            exceeds: count(GapState::Exceeds),
            missing: count(GapState::Missing),
            expired: count(GapState::Expired),
        }
    }
}

/// A profile with who and what it is about.
#[derive(Clone, Debug)]
pub struct Profiled {
    /// The person.
    pub person: GapPerson,
    /// The position.
    pub position: GapPosition,
    /// What was asked for.
    pub against: Against,
    /// The instant asked for, if one was.
    pub known_at: Option<DateTime<Utc>>,
    /// The profile.
    pub profile: GapProfile,
}

impl From<Profiled> for GapProfileView {
    fn from(profiled: Profiled) -> Self {
        let Profiled { person, position, against, known_at, profile } = profiled;
        // Without an instant asked for, the moment of reading is left out: the same facts are the same answer.
        let GapProfile { employee: _, position: _, as_of, known_at: _, basis, gaps, jpm, policy } = profile;
        Self {
            person: person.into(),
            position: position.into(),
            against: match against {
                Against::Held => "held".to_owned(),
                Against::Position(id) => id.to_string(),
            },
            as_of,
            known_at,
            basis: basis.into(),
            summary: GapSummaryView::of(&gaps),
            competencies: gaps.into_iter().map(CompetencyGapView::from).collect(),
            job_person_match: JobPersonMatchView::new(jpm, policy),
        }
    }
}

/// Which gaps of a unit's people a list holds.
#[derive(Clone, Debug, Deserialize, Serialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct UnitGapQuery {
    /// In one of these states, separated by commas.
    #[serde(default, deserialize_with = "several")]
    #[param(value_type = Option<Vec<wire::GapState>>, example = json!(["GAP", "EXPIRED"]), max_items = 5)]
    pub state: Vec<wire::GapState>,
    /// In this competency.
    pub competency_id: Option<Uuid>,
    /// Of one of these severities, separated by commas.
    #[serde(default, deserialize_with = "several")]
    #[param(value_type = Option<Vec<wire::Severity>>, example = json!(["HIGH", "CRITICAL"]), max_items = 5)]
    pub severity: Vec<wire::Severity>,
    /// Of one of these importances, separated by commas.
    #[serde(default, deserialize_with = "several")]
    #[param(value_type = Option<Vec<wire::Importance>>, example = json!(["MUTLAK"]), max_items = 3)]
    pub importance: Vec<wire::Importance>,
    /// At least this many levels short. What is unknown is not short.
    #[param(minimum = 1, maximum = 4, example = 2)]
    pub min_shortfall: Option<u8>,
    /// The day: what was in force and valid then, and who served where. Today in the agency when absent.
    pub as_of: Option<NaiveDate>,
    /// The instant: what had been recorded by then, and nothing later. Everything recorded so far when absent.
    pub known_at: Option<DateTime<Utc>>,
    /// Where to continue: `next` of the page before.
    #[param(max_length = 2000)]
    pub cursor: Option<String>,
    /// Most items of a page.
    #[param(minimum = 1, maximum = 200, default = 50)]
    pub limit: Option<u16>,
}

/// How a person of a unit stands in one competency their position requires.
#[derive(Debug, Serialize, ToSchema)]
pub struct UnitGapView {
    /// The person.
    pub person: GapPersonView,
    /// The position they hold on the day.
    pub position: GapPositionView,
    /// The position's standard; null where default levels stand in.
    pub standard_id: Option<Uuid>,
    /// How they stand.
    pub competency: CompetencyGapView,
}

impl UnitGapView {
    /// The row on `day`.
    #[must_use]
    pub fn new(row: UnitGapRow, day: NaiveDate) -> Self {
        let competency = row.gap(day).into();
        let UnitGapRow { person, position, standard, required: _, result: _ } = row;
        Self {
            person: person.into(),
            position: position.into(),
            standard_id: standard.map(kernel::StandardId::uuid),
            competency,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_profile_is_drawn_against_the_position_held_or_one_named() {
        let read =
            |query: &str| serde_urlencoded::from_str::<GapProfileQuery>(query).map(|asked| asked.against);
        let id = "01931d5e-7c1f-7d7a-9a7e-3f1f3f0e4a11";
        assert_eq!(read("").unwrap(), Against::Held);
        assert_eq!(read("against=held").unwrap(), Against::Held);
        assert_eq!(read(&format!("against={id}")).unwrap(), Against::Position(id.parse().unwrap()));
        for wrong in ["against=", "against=HELD", "against=1", "against=held%20"] {
            assert!(read(wrong).is_err(), "{wrong}");
        }
    }
}
