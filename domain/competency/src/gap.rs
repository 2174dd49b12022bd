//! The competency gap profile: what a position requires, what a person can do, and what lies between, on any day
//! and by what was known at any instant.

use chrono::{DateTime, NaiveDate, Utc};
use kernel::{
    AgencyId, AssessmentEventId, AssessmentResultId, Code, CompetencyId, EmployeeId, Hundredths, Level, Name,
    PositionId, StandardId, wire_enum,
};
use workforce::JobClass;

use crate::assessment::{AssessmentResult, Method, Purpose};
use crate::dictionary::{Content, DictionaryVersion};
use crate::jpm::{self, JpmItem, JpmOutcome};
use crate::policy::{DefaultLevelsRubric, JpmRubric, PolicyRef, PolicyVersion};
use crate::standard::{Importance, Requirement, Standard};

wire_enum! {
    /// How a person stands in one competency.
    pub enum GapState {
        /// Exactly at the required level.
        Met = "MET",
        /// Below it.
        Gap = "GAP",
        /// Above it.
        Exceeds = "EXCEEDS",
        /// Never assessed in a way that counts.
        Missing = "MISSING",
        /// Assessed, but too long ago.
        Expired = "EXPIRED",
    }
}

wire_enum! {
    /// How much a gap matters; the order is the order of urgency.
    pub enum Severity {
        /// Nothing to do.
        None = "NONE",
        /// May wait.
        Low = "LOW",
        /// To be planned.
        Medium = "MEDIUM",
        /// To be planned first.
        High = "HIGH",
        /// To be closed now.
        Critical = "CRITICAL",
    }
}

impl Severity {
    /// The severity of a competency.
    ///
    /// | levels short | PERLU | PENTING | MUTLAK |
    /// |---|---|---|---|
    /// | none | `NONE` | `NONE` | `NONE` |
    /// | 1 | `LOW` | `MEDIUM` | `HIGH` |
    /// | 2 | `MEDIUM` | `HIGH` | `CRITICAL` |
    /// | 3 | `HIGH` | `CRITICAL` | `CRITICAL` |
    /// | 4 | `CRITICAL` | `CRITICAL` | `CRITICAL` |
    /// | unknown (`MISSING`, `EXPIRED`) | `LOW` | `MEDIUM` | `HIGH` |
    ///
    /// Unknown ranks by importance alone: it calls for an assessment, and is never `CRITICAL`, because nobody has
    /// shown a gap. No regulation sets this scale.
    #[must_use]
    pub fn of(importance: Importance, gap: Option<i8>) -> Self {
        let short = match gap {
            Some(gap) if gap >= 0 => return Self::None,
            Some(gap) => gap.unsigned_abs(),
            None => 1,
        };
        let rank = short
            + match importance {
                Importance::Perlu => 0,
                Importance::Penting => 1,
                Importance::Mutlak => 2,
            };
        match rank {
            0 => Self::None,
            1 => Self::Low,
            2 => Self::Medium,
            3 => Self::High,
            _ => Self::Critical,
        }
    }
}

/// What is known of a person's level in one competency.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Evidence<'a> {
    /// A result valid on the day asked about.
    Valid(&'a AssessmentResult),
    /// Only results whose validity had ended; the latest of them.
    Expired(&'a AssessmentResult),
    /// No result that counts.
    Missing,
}

/// The evidence for a competency on `as_of` by what was known at `known_at`, among one person's results.
///
/// Counted are results by a method that counts, final and not corrected at `known_at`, of `as_of` or earlier. Of
/// those still valid the latest is used (of two of one day the one recorded later); when none is valid, the latest
/// of the expired ones is named and none is used.
#[must_use]
pub fn evidence_on<'a>(
    results: impl IntoIterator<Item = &'a AssessmentResult>,
    competency_agency: AgencyId,
    competency: CompetencyId,
    as_of: NaiveDate,
    known_at: DateTime<Utc>,
) -> Evidence<'a> {
    let latest = results
        .into_iter()
        .filter(|result| (result.competency_agency, result.competency) == (competency_agency, competency))
        .filter(|result| result.method.counts() && result.live_at(known_at) && result.assessed_on <= as_of)
        .max_by_key(|result| {
            (result.valid_until >= as_of, result.assessed_on, result.recorded_at, result.id)
        });
    match latest {
        Some(result) if result.valid_until >= as_of => Evidence::Valid(result),
        Some(result) => Evidence::Expired(result),
        None => Evidence::Missing,
    }
}

/// The result a profile rests on, or the expired one it names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EvidenceUsed {
    /// The result.
    pub result: AssessmentResultId,
    /// The event it was found at.
    pub event: AssessmentEventId,
    /// The level found.
    pub level: Level,
    /// How it was found.
    pub method: Method,
    /// What the assessment was for.
    pub purpose: Purpose,
    /// The day it was found.
    pub assessed_on: NaiveDate,
    /// The last day it is valid.
    pub valid_until: NaiveDate,
    /// Since when it is final.
    pub recorded_at: Option<DateTime<Utc>>,
}

impl EvidenceUsed {
    fn of(result: &AssessmentResult) -> Self {
        Self {
            result: result.id,
            event: result.event,
            level: result.level,
            method: result.method,
            purpose: result.purpose,
            assessed_on: result.assessed_on,
            valid_until: result.valid_until,
            recorded_at: result.recorded_at,
        }
    }
}

/// A requirement with the names a reader needs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NamedRequirement {
    /// What is required.
    pub requirement: Requirement,
    /// The competency's code.
    pub code: Code,
    /// The competency's name.
    pub name: Name,
    /// The competency's family.
    pub family: Code,
}

/// What the requirements rest on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StandardBasis {
    /// The position's own standard.
    Standard {
        /// The standard.
        id: StandardId,
        /// Its number among the position's standards.
        number: i32,
        /// The first day it applies to.
        valid_from: NaiveDate,
    },
    /// The default levels of its job class, because no standard of its own was in force.
    DefaultLevels {
        /// The rubric that sets them.
        policy: PolicyRef,
        /// The class.
        job_class: JobClass,
    },
}

impl StandardBasis {
    /// The name as sent.
    #[must_use]
    pub const fn as_str(&self) -> &'static str {
        match self {
            Self::Standard { .. } => "STANDARD",
            Self::DefaultLevels { .. } => "DEFAULT_LEVELS",
        }
    }

    /// The basis that is `standard`.
    #[must_use]
    pub const fn of(standard: &Standard) -> Self {
        Self::Standard { id: standard.id, number: standard.number, valid_from: standard.valid_from }
    }
}

/// What a job class requires by default: every competency of `contents` (of `version`, the national dictionary's) in
/// the rubric's families at the class's level, with weight 1 and importance `PENTING`, in the order of `contents`.
/// Empty where the rubric gives the class no level.
#[must_use]
pub fn default_requirements(
    job_class: JobClass,
    rubric: &DefaultLevelsRubric,
    version: &DictionaryVersion,
    contents: &[Content],
) -> Vec<NamedRequirement> {
    let Some(level) = rubric.levels.get(&job_class).copied() else { return Vec::new() };
    contents
        .iter()
        .filter(|content| rubric.families.contains(&content.family))
        .map(|content| NamedRequirement {
            requirement: Requirement {
                competency: content.competency,
                competency_agency: version.agency,
                dictionary_version: version.id,
                level,
                weight: Hundredths::ONE,
                importance: Importance::Penting,
            },
            code: content.code.clone(),
            name: content.name.clone(),
            family: content.family.clone(),
        })
        .collect()
}

/// Everything a profile is computed from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GapFacts {
    /// Whose profile.
    pub employee: EmployeeId,
    /// Against which position.
    pub position: PositionId,
    /// On which day.
    pub as_of: NaiveDate,
    /// By what was known at which instant.
    pub known_at: DateTime<Utc>,
    /// Graded for which purpose.
    pub purpose: Purpose,
    /// What the requirements rest on.
    pub basis: StandardBasis,
    /// What the position requires, in order.
    pub requirements: Vec<NamedRequirement>,
    /// The person's results; more than the position asks for do no harm.
    pub results: Vec<AssessmentResult>,
    /// How the job person match is computed.
    pub policy: PolicyVersion<JpmRubric>,
}

/// One competency of a profile.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CompetencyGap {
    /// What is required, and of what name.
    pub required: NamedRequirement,
    /// The level found by valid evidence.
    pub achieved: Option<Level>,
    /// Achieved less required.
    pub gap: Option<i8>,
    /// How the person stands.
    pub state: GapState,
    /// How much it matters.
    pub severity: Severity,
    /// The result used, or the expired one.
    pub evidence: Option<EvidenceUsed>,
    /// Days until the evidence expires: 0 on its last valid day, negative once it has.
    pub days_to_expiry: Option<i64>,
}

/// A person's gaps against a position.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GapProfile {
    /// Whose.
    pub employee: EmployeeId,
    /// Against which position.
    pub position: PositionId,
    /// On which day.
    pub as_of: NaiveDate,
    /// By what was known at which instant.
    pub known_at: DateTime<Utc>,
    /// What the requirements rest on.
    pub basis: StandardBasis,
    /// Every required competency, in the requirements' order; the terms of `jpm` have the same order.
    pub gaps: Vec<CompetencyGap>,
    /// The job person match.
    pub jpm: JpmOutcome,
    /// The rubric it was computed by.
    pub policy: PolicyRef,
}

/// Why there is no profile.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum GapError {
    /// Neither a standard nor default levels require anything of the position on that day.
    #[error("nothing is required of the position on that day")]
    NoRequirements,
}

impl GapError {
    /// The code clients see.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::NoRequirements => "GAP_NO_REQUIREMENTS",
        }
    }
}

impl CompetencyGap {
    /// How `evidence` stands against `required` on `as_of`.
    #[must_use]
    pub fn new(required: NamedRequirement, evidence: Evidence<'_>, as_of: NaiveDate) -> Self {
        let (achieved, result) = match evidence {
            Evidence::Valid(result) => (Some(result.level), Some(result)),
            Evidence::Expired(result) => (None, Some(result)),
            Evidence::Missing => (None, None),
        };
        let gap = achieved.map(|achieved| required.requirement.level.gap_to(achieved));
        let state = match (gap, result) {
            (Some(0), _) => GapState::Met,
            (Some(gap), _) if gap < 0 => GapState::Gap,
            (Some(_), _) => GapState::Exceeds,
            (None, Some(_)) => GapState::Expired,
            (None, None) => GapState::Missing,
        };
        Self {
            achieved,
            gap,
            state,
            severity: Severity::of(required.requirement.importance, gap),
            evidence: result.map(EvidenceUsed::of),
            days_to_expiry: result.map(|result| (result.valid_until - as_of).num_days()),
            required,
        }
    }
}

/// The profile that follows from `facts`.
///
/// # Errors
/// [`GapError::NoRequirements`].
pub fn gap_profile(facts: GapFacts) -> Result<GapProfile, GapError> {
    let GapFacts { employee, position, as_of, known_at, purpose, basis, requirements, results, policy } =
        facts;
    if requirements.is_empty() {
        return Err(GapError::NoRequirements);
    }
    let gaps: Vec<CompetencyGap> = requirements
        .into_iter()
        .map(|required| {
            let Requirement { competency_agency, competency, .. } = required.requirement;
            let own = results.iter().filter(|result| result.employee == employee);
            let evidence = evidence_on(own, competency_agency, competency, as_of, known_at);
            CompetencyGap::new(required, evidence, as_of)
        })
        .collect();
    let items: Vec<JpmItem> = gaps
        .iter()
        .map(|gap| JpmItem {
            code: gap.required.code.clone(),
            required: gap.required.requirement.level,
            achieved: gap.achieved,
            weight: gap.required.requirement.weight,
        })
        .collect();
    let jpm = jpm::outcome(&policy.rubric, purpose, &items);
    Ok(GapProfile { employee, position, as_of, known_at, basis, gaps, jpm, policy: policy.cite() })
}
