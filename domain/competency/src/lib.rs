//! What positions require, what people can do, and what lies between: dictionaries, position standards,
//! assessments, rubrics, the job person match and the gap profile.
//!
//! Pure rules: the present, the database and the network belong to the caller. Transitions never touch a row's
//! `version`; the layer that writes the row counts it up. Every answer for a day (`as_of`) and an instant of
//! knowledge (`known_at`) stays the same whatever is recorded later.

mod aggregate;
mod assessment;
mod candidate;
mod case;
mod dictionary;
mod disclosure;
mod eligibility;
mod gap;
mod jpm;
mod policy;
pub mod reference;
mod standard;

pub use aggregate::{Categories, Coarse, GapOutcome, Grade, MeanGap, Standings, coarse_count, share};
pub use assessment::{
    AssessmentError, AssessmentEvent, AssessmentResult, Correction, EventAction, EventState, Method, Purpose,
    ResultAction, ResultState,
};
pub use candidate::{Candidate, CandidateRank, Opening, PointTerm, Sieve, Standing, candidate};
pub use case::{
    Adoption, CASE_MAX_ASSOCIATIONS, CASE_MAX_ITEMS, CASE_MAX_VERSION, CaseEntry, CaseIdentity, CasePackage,
    CaseReading, CaseSource, case_identifier, case_json,
};
pub use dictionary::{
    Content, Dictionary, DictionaryAction, DictionaryError, DictionaryState, DictionaryVersion, Family,
    Incomplete, LevelText, version_at,
};
pub use disclosure::{Disclosure, SMALLEST_GROUP, shown};
pub use eligibility::{
    CareerPath, ClassRules, Confidence, Demand, EligibilityRubric, EligibilityRule, MAX_YEARS, PersonFacts,
    Reason, RuleKind, RuleTerm, Seen, Spell, Verdict,
};
pub use gap::{
    CompetencyGap, Evidence, EvidenceUsed, GapError, GapFacts, GapProfile, GapState, NamedRequirement,
    Severity, StandardBasis, default_requirements, evidence_on, gap_profile, match_if,
};
pub use jpm::{
    Category, Fraction, JpmItem, JpmOutcome, JpmStatus, MAX_ITEMS, Percent, Term, job_person_match,
};
pub use policy::{
    Cutoff, DefaultLevelsRubric, JpmMethod, JpmRubric, PolicyKind, PolicyRef, PolicyVersion, Rubric,
    ValidityRubric, policy_on,
};
pub use standard::{
    Importance, Requirement, Standard, StandardAction, StandardDraft, StandardError, StandardState,
    standard_on,
};
