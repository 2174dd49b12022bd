//! The competency gap profile: what a position requires, what a person can do, and what lies between, on any day
//! and by what was known at any instant.

use std::collections::BTreeMap;

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

impl GapState {
    /// Whether something is to be done about it: too low, or not known.
    #[must_use]
    pub const fn is_open(self) -> bool {
        matches!(self, Self::Gap | Self::Missing | Self::Expired)
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
    let jpm = match_if(&gaps, &policy.rubric, purpose, &BTreeMap::new());
    Ok(GapProfile { employee, position, as_of, known_at, basis, gaps, jpm, policy: policy.cite() })
}

/// The job person match of these gaps if assessments found the levels in `reached`. What is found higher today stays.
#[must_use]
pub fn match_if(
    gaps: &[CompetencyGap],
    rubric: &JpmRubric,
    purpose: Purpose,
    reached: &BTreeMap<(AgencyId, CompetencyId), Level>,
) -> JpmOutcome {
    let items: Vec<JpmItem> = gaps
        .iter()
        .map(|gap| {
            let Requirement { competency_agency, competency, level, weight, .. } = gap.required.requirement;
            let reached = reached.get(&(competency_agency, competency)).copied();
            JpmItem {
                code: gap.required.code.clone(),
                required: level,
                achieved: gap.achieved.max(reached),
                weight,
            }
        })
        .collect();
    jpm::outcome(rubric, purpose, &items)
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::{Days, TimeZone};
    use kernel::{DictionaryId, DictionaryVersionId, NATIONAL, PolicyId, Version};
    use proptest::prelude::*;

    use crate::dictionary::DictionaryState;
    use crate::jpm::JpmStatus;
    use crate::reference;

    fn day(n: u64) -> NaiveDate {
        NaiveDate::from_ymd_opt(2026, 1, 1).unwrap() + Days::new(n)
    }

    fn at(n: i64) -> DateTime<Utc> {
        Utc.timestamp_opt(1_800_000_000 + n, 0).unwrap()
    }

    fn level(value: i64) -> Level {
        Level::new(value).unwrap()
    }

    fn required(code: &str, value: i64, importance: Importance) -> NamedRequirement {
        NamedRequirement {
            requirement: Requirement {
                competency: CompetencyId::new(),
                competency_agency: NATIONAL,
                dictionary_version: DictionaryVersionId::new(),
                level: level(value),
                weight: Hundredths::ONE,
                importance,
            },
            code: Code::parse(code).unwrap(),
            name: Name::parse("Integritas").unwrap(),
            family: Code::parse("MANAJERIAL").unwrap(),
        }
    }

    /// A final result of level 2 found on `assessed`, valid for ten days more and recorded at `recorded`.
    fn found(employee: EmployeeId, of: &NamedRequirement, assessed: u64, recorded: i64) -> AssessmentResult {
        AssessmentResult {
            id: AssessmentResultId::new(),
            event: AssessmentEventId::new(),
            employee,
            competency: of.requirement.competency,
            competency_agency: of.requirement.competency_agency,
            level: level(2),
            evidence: None,
            assessor: None,
            assessed_on: day(assessed),
            valid_until: day(assessed + 10),
            recorded_at: Some(at(recorded)),
            superseded_at: None,
            supersedes: None,
            reason: None,
            method: Method::AssessmentCenter,
            purpose: Purpose::Mapping,
        }
    }

    fn facts(requirements: Vec<NamedRequirement>, employee: EmployeeId) -> GapFacts {
        let [shipped, _] = reference::jpm_policies();
        GapFacts {
            employee,
            position: PositionId::new(),
            as_of: day(10),
            known_at: at(100),
            purpose: Purpose::Filling,
            basis: StandardBasis::Standard { id: StandardId::new(), number: 1, valid_from: day(0) },
            requirements,
            results: vec![],
            policy: PolicyVersion {
                id: PolicyId::new(),
                agency: NATIONAL,
                name: Code::parse(shipped.name).unwrap(),
                number: 1,
                valid_from: reference::policies_valid_from(),
                recorded_at: at(0),
                source: kernel::LongText::parse(shipped.source).unwrap(),
                rubric: shipped.rubric,
            },
        }
    }

    #[test]
    fn every_state_with_its_figures() {
        let employee = EmployeeId::new();
        let requirements: Vec<NamedRequirement> =
            [("MET", 2), ("GAP", 4), ("EXCEEDS", 1), ("MISSING", 3), ("EXPIRED", 3)]
                .map(|(code, value)| required(code, value, Importance::Penting))
                .to_vec();
        let mut facts = facts(requirements.clone(), employee);
        facts.as_of = day(20);
        facts.results = vec![
            found(employee, &requirements[0], 10, 1),
            found(employee, &requirements[1], 15, 1),
            found(employee, &requirements[2], 20, 1),
            found(EmployeeId::new(), &requirements[3], 15, 1),
            found(employee, &requirements[4], 5, 1),
            found(employee, &requirements[4], 9, 1),
        ];
        let expired = facts.results[5].id;
        let profile = gap_profile(facts).unwrap();
        let rows: Vec<_> = profile
            .gaps
            .iter()
            .map(|one| {
                (one.state.as_str(), one.achieved.map(Level::get), one.gap, one.severity, one.days_to_expiry)
            })
            .collect();
        assert_eq!(
            rows,
            [
                ("MET", Some(2), Some(0), Severity::None, Some(0)),
                ("GAP", Some(2), Some(-2), Severity::High, Some(5)),
                ("EXCEEDS", Some(2), Some(1), Severity::None, Some(10)),
                ("MISSING", None, None, Severity::Medium, None),
                ("EXPIRED", None, None, Severity::Medium, Some(-1)),
            ]
        );
        for gap in &profile.gaps {
            assert_eq!(gap.required.code.as_str(), gap.state.as_str());
        }
        assert_eq!(profile.gaps[4].evidence.as_ref().map(|used| used.result), Some(expired));
        assert_eq!(profile.gaps[3].evidence, None);
        assert_eq!((profile.jpm.status, profile.jpm.jpm), (JpmStatus::Incomplete, None));
        let missing: Vec<&str> = profile.jpm.missing.iter().map(Code::as_str).collect();
        assert_eq!(missing, ["MISSING", "EXPIRED"]);
    }

    #[test]
    fn a_complete_profile_carries_its_total_and_names_its_rubric() {
        let employee = EmployeeId::new();
        let requirements =
            vec![required("M.1", 2, Importance::Mutlak), required("M.2", 3, Importance::Perlu)];
        let results = requirements.iter().map(|one| found(employee, one, 5, 1)).collect();
        let facts = GapFacts { results, ..facts(requirements, employee) };
        let profile = gap_profile(facts).unwrap();
        assert_eq!(profile.jpm.jpm.unwrap().to_string(), "80.00");
        assert_eq!(profile.jpm.category, Some(crate::jpm::Category::Ms));
        assert_eq!((profile.policy.name.as_str(), profile.policy.number), ("RATIO_OF_SUMS", 1));
        assert_eq!(profile.gaps[1].severity, Severity::Low);
    }

    #[test]
    fn codes_of_two_dictionaries_may_be_alike() {
        let employee = EmployeeId::new();
        let requirements =
            vec![required("M.1", 2, Importance::Mutlak), required("M.1", 2, Importance::Mutlak)];
        let results = vec![found(employee, &requirements[0], 5, 1)];
        let profile = gap_profile(GapFacts { results, ..facts(requirements, employee) }).unwrap();
        let states: Vec<GapState> = profile.gaps.iter().map(|gap| gap.state).collect();
        assert_eq!(states, [GapState::Met, GapState::Missing]);
    }

    #[test]
    fn a_position_of_which_nothing_is_required_has_no_profile() {
        assert_eq!(gap_profile(facts(vec![], EmployeeId::new())), Err(GapError::NoRequirements));
    }

    /// The place in `results` of the evidence on day 10 as known at 100, and whether it is valid.
    fn evidence(of: &NamedRequirement, results: &[AssessmentResult]) -> Option<(usize, bool)> {
        let Requirement { competency_agency, competency, .. } = of.requirement;
        let (result, valid) = match evidence_on(results, competency_agency, competency, day(10), at(100)) {
            Evidence::Valid(result) => (result, true),
            Evidence::Expired(result) => (result, false),
            Evidence::Missing => return None,
        };
        results.iter().position(|one| one.id == result.id).map(|place| (place, valid))
    }

    #[test]
    fn what_does_not_count_is_passed_over() {
        let (employee, of) = (EmployeeId::new(), required("M.1", 3, Importance::Penting));
        let counts = found(employee, &of, 5, 1);
        let passed_over = [
            AssessmentResult { method: Method::SelfAssessment, ..found(employee, &of, 9, 1) },
            AssessmentResult { recorded_at: None, ..found(employee, &of, 9, 1) },
            found(employee, &of, 9, 101),
            found(employee, &of, 11, 1),
            AssessmentResult { superseded_at: Some(at(100)), ..found(employee, &of, 9, 1) },
            AssessmentResult { competency: CompetencyId::new(), ..found(employee, &of, 9, 1) },
            AssessmentResult { competency_agency: AgencyId::new(), ..found(employee, &of, 9, 1) },
        ];
        for other in passed_over {
            assert_eq!(evidence(&of, std::slice::from_ref(&other)), None, "{other:?}");
            assert_eq!(evidence(&of, &[other, counts.clone()]), Some((1, true)));
        }
        let corrected_later = AssessmentResult { superseded_at: Some(at(101)), ..found(employee, &of, 9, 1) };
        assert_eq!(evidence(&of, &[counts, corrected_later]), Some((1, true)));
    }

    #[test]
    fn the_latest_valid_result_is_used_and_an_expired_one_only_named() {
        let (employee, of) = (EmployeeId::new(), required("M.1", 3, Importance::Penting));
        let lapsed = AssessmentResult { valid_until: day(9), ..found(employee, &of, 8, 1) };
        let last_day = AssessmentResult { valid_until: day(10), ..found(employee, &of, 5, 1) };
        assert_eq!(evidence(&of, &[lapsed.clone(), last_day]), Some((1, true)));
        let older = AssessmentResult { valid_until: day(9), ..found(employee, &of, 3, 1) };
        assert_eq!(evidence(&of, &[older, lapsed]), Some((1, false)));
        let two_of_one_day = [found(employee, &of, 5, 3), found(employee, &of, 5, 2)];
        assert_eq!(evidence(&of, &two_of_one_day), Some((0, true)));
    }

    #[test]
    fn severity_follows_its_table() {
        use Severity::{Critical, High, Low, Medium, None as Nothing};
        for (gap, perlu, penting, mutlak) in [
            (Some(4), Nothing, Nothing, Nothing),
            (Some(0), Nothing, Nothing, Nothing),
            (Some(-1), Low, Medium, High),
            (Some(-2), Medium, High, Critical),
            (Some(-3), High, Critical, Critical),
            (Some(-4), Critical, Critical, Critical),
            (None, Low, Medium, High),
        ] {
            let row = [Importance::Perlu, Importance::Penting, Importance::Mutlak]
                .map(|importance| Severity::of(importance, gap));
            assert_eq!(row, [perlu, penting, mutlak], "{gap:?}");
        }
        assert!(Nothing < Low && Low < Medium && Medium < High && High < Critical);
    }

    #[test]
    fn a_job_class_requires_the_national_competencies_at_its_default_level() {
        let version = DictionaryVersion {
            id: DictionaryVersionId::new(),
            agency: NATIONAL,
            dictionary: DictionaryId::new(),
            number: 1,
            state: DictionaryState::Published,
            published_at: Some(at(0)),
            retired_at: None,
            version: Version::FIRST,
        };
        let mut contents: Vec<Content> =
            reference::COMPETENCIES.iter().map(|one| one.content(CompetencyId::new())).collect();
        let technical = Content { family: Code::parse("TEKNIS").unwrap(), ..contents[0].clone() };
        contents.push(technical);
        let rubric = reference::default_levels_policy().rubric;
        for (class, expected) in
            [(JobClass::Administrator, 3), (JobClass::JptMadya, 4), (JobClass::JfAhliUtama, 5)]
        {
            let requirements = default_requirements(class, &rubric, &version, &contents);
            assert_eq!(requirements.len(), 9);
            for (named, content) in requirements.iter().zip(&contents) {
                assert_eq!((&named.code, named.requirement.competency), (&content.code, content.competency));
                assert_eq!(named.requirement.level, level(expected));
                assert_eq!(named.requirement.importance, Importance::Penting);
                assert_eq!(named.requirement.dictionary_version, version.id);
            }
        }
    }

    fn some_results() -> impl Strategy<Value = Vec<(i64, u64, u64, i64, Option<i64>, bool)>> {
        let superseded = prop::option::of(1_i64..20);
        prop::collection::vec((1_i64..=5, 0_u64..20, 0_u64..12, 0_i64..20, superseded, any::<bool>()), 0..12)
    }

    proptest! {
        #[test]
        fn what_is_recorded_later_never_changes_an_earlier_profile(
            rows in some_results(), asked in 0_u64..32, known in 0_i64..40,
        ) {
            let (employee, then) = (EmployeeId::new(), at(known));
            let requirements = vec![required("M.1", 3, Importance::Penting), required("M.2", 2, Importance::Mutlak)];
            let all: Vec<AssessmentResult> = rows
                .into_iter()
                .map(|(value, assessed, valid, recorded, superseded, first)| AssessmentResult {
                    level: level(value),
                    valid_until: day(assessed + valid),
                    superseded_at: superseded.map(|later| at(recorded + later)),
                    ..found(employee, &requirements[usize::from(!first)], assessed, recorded)
                })
                .collect();
            let by_then: Vec<AssessmentResult> = all
                .iter()
                .filter(|result| result.recorded_at <= Some(then))
                .cloned()
                .map(|result| AssessmentResult {
                    superseded_at: result.superseded_at.filter(|superseded| *superseded <= then),
                    ..result
                })
                .collect();
            let asked = GapFacts { as_of: day(asked), known_at: then, ..facts(requirements, employee) };
            let now = gap_profile(GapFacts { results: all, ..asked.clone() }).unwrap();
            prop_assert_eq!(now, gap_profile(GapFacts { results: by_then, ..asked }).unwrap());
        }

        #[test]
        fn the_order_of_the_results_does_not_matter(
            rows in some_results(), order in Just((0..12).collect::<Vec<usize>>()).prop_shuffle(),
        ) {
            let (employee, of) = (EmployeeId::new(), required("M.1", 3, Importance::Penting));
            let results: Vec<AssessmentResult> = rows
                .into_iter()
                .map(|(value, assessed, valid, recorded, ..)| AssessmentResult {
                    level: level(value),
                    valid_until: day(assessed + valid),
                    ..found(employee, &of, assessed, recorded)
                })
                .collect();
            let shuffled = order.into_iter().filter_map(|place| results.get(place).cloned()).collect();
            let facts = facts(vec![of], employee);
            let profile = |results| gap_profile(GapFacts { results, ..facts.clone() }).unwrap();
            prop_assert_eq!(profile(shuffled), profile(results.clone()));
        }
    }
}
