//! Who could fill a position.

use chrono::{DateTime, NaiveDate, Utc};
use competency::{Candidate, ClassRules, GapProfile, PolicyRef, StandardBasis};
use serde::{Deserialize, Serialize};
use store::{GapPerson, GapPosition};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use crate::dto::calculators::JobPersonMatchView;
use crate::dto::eligibility::{ByHandText, ClassRulesView, EligibilityRuleView, RuleTermView};
use crate::dto::enums::{Wire, wire};
use crate::dto::gaps::{CompetencyGapView, GapBasisView, GapPersonView, GapPositionView, GapSummaryView};
use crate::dto::values::PolicyRefView;

/// Which candidates are asked for.
#[derive(Clone, Debug, Deserialize, Serialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct CandidateQuery {
    /// The day: what was in force and valid then, and who served where. Today in the agency when absent.
    pub as_of: Option<NaiveDate>,
    /// The instant: what had been recorded by then, and nothing later. Everything recorded so far when absent.
    pub known_at: Option<DateTime<Utc>>,
    /// Name of the policy of the job person match.
    #[param(example = "RATIO_OF_SUMS", max_length = 64, default = "RATIO_OF_SUMS")]
    pub policy: Option<String>,
    /// Name of the policy of eligibility.
    #[param(example = "ELIGIBILITY", max_length = 64, default = "ELIGIBILITY")]
    pub eligibility: Option<String>,
    /// Only those who may be appointed.
    #[serde(default)]
    #[param(value_type = Option<bool>, example = true, default = false)]
    pub eligible_only: bool,
    /// Only those with a complete match of this category for filling a position.
    pub category: Option<wire::JobPersonMatchCategory>,
    /// Only those who serve in this unit or under it on the day.
    pub unit_id: Option<Uuid>,
    /// Where to continue: `next` of the page before.
    #[param(max_length = 2000)]
    pub cursor: Option<String>,
    /// Most items of a page.
    #[param(minimum = 1, maximum = 200, default = 50)]
    pub limit: Option<u16>,
}

/// One page of the candidates for a position, best first, and what all of them are measured by.
#[derive(Debug, Serialize, ToSchema)]
pub struct CandidatePageView {
    /// The position.
    pub position: GapPositionView,
    /// On which day.
    pub as_of: NaiveDate,
    /// By what was known at which instant; null when everything recorded so far was used.
    pub known_at: Option<DateTime<Utc>>,
    /// What the requirements rest on.
    pub basis: GapBasisView,
    /// How the job person match is computed.
    pub policy: PolicyRefView,
    /// Who may be appointed.
    pub eligibility: EligibilityView,
    /// The candidates.
    #[schema(max_items = 200)]
    pub items: Vec<CandidateView>,
    /// Cursor of the next page, to be sent back as `cursor`; null on the last page.
    #[schema(example = json!(null), max_length = 2000)]
    pub next: Option<String>,
}

/// The rules candidates are judged by.
#[derive(Debug, Serialize, ToSchema)]
pub struct EligibilityView {
    /// The version of the policy they come from.
    pub policy: PolicyRefView,
    /// The rules for the position's job class; the terms of a candidate have the same order.
    #[schema(max_items = 7)]
    pub rules: Vec<EligibilityRuleView>,
    /// What is not on record and has to be checked by hand: no standing here says anything about it.
    #[schema(example = json!(["Tidak sedang menjalani hukuman disiplin"]), max_items = 50)]
    pub by_hand: Vec<ByHandText>,
}

/// A person as a candidate.
#[derive(Debug, Serialize, ToSchema)]
pub struct CandidateView {
    /// Rank within the list as filtered and as far as the caller may see, from 1. Those whom only their names tell apart
    /// share one; so do all whom a rule about themselves bars, because they are not compared.
    #[schema(example = 1, minimum = 1, maximum = 9223372036854775807_i64)]
    pub rank: i64,
    /// The person.
    pub person: GapPersonView,
    /// The position they hold on the day.
    pub held: Option<GapPositionView>,
    /// Since when they hold it.
    pub held_since: Option<NaiveDate>,
    /// Whether it is the position asked about.
    #[schema(example = false)]
    pub incumbent: bool,
    /// Whether they may be appointed, as far as the rules on record tell.
    pub standing: wire::CandidateStanding,
    /// What each rule says of them, in the order of `eligibility.rules`.
    #[schema(max_items = 7)]
    pub rules: Vec<RuleTermView>,
    /// How they stand in each competency the position requires, in the order of the requirements.
    #[schema(max_items = 1000)]
    pub competencies: Vec<CompetencyGapView>,
    /// How many competencies are in each state.
    pub summary: GapSummaryView,
    /// The job person match, for filling a position; the same as in the person's gap profile against it.
    pub job_person_match: JobPersonMatchView,
}

/// A candidate with who they are.
#[derive(Clone, Debug)]
pub struct Ranked {
    /// Their rank.
    pub rank: i64,
    /// The person.
    pub person: GapPerson,
    /// The position they hold on the day, and since when.
    pub held: Option<(GapPosition, NaiveDate)>,
    /// How they stand.
    pub candidate: Candidate,
}

/// What all candidates are measured by.
#[derive(Clone, Debug)]
pub struct Measured {
    /// The position.
    pub position: GapPosition,
    /// On which day.
    pub as_of: NaiveDate,
    /// The instant asked for, if one was.
    pub known_at: Option<DateTime<Utc>>,
    /// What the requirements rest on.
    pub basis: StandardBasis,
    /// How the match is computed.
    pub policy: PolicyRef,
    /// Where the rules come from.
    pub eligibility: PolicyRef,
    /// The rules.
    pub rules: ClassRules,
}

impl CandidatePageView {
    /// The page of these candidates.
    #[must_use]
    pub fn new(measured: Measured, items: Vec<CandidateView>, next: Option<String>) -> Self {
        let Measured { position, as_of, known_at, basis, policy, eligibility, rules } = measured;
        let ClassRulesView { rules, by_hand } = rules.into();
        Self {
            position: position.into(),
            as_of,
            known_at,
            basis: basis.into(),
            policy: policy.into(),
            eligibility: EligibilityView { policy: eligibility.into(), rules, by_hand },
            items,
            next,
        }
    }
}

impl From<Ranked> for CandidateView {
    fn from(ranked: Ranked) -> Self {
        let Ranked { rank, person, held, candidate } = ranked;
        let Candidate { standing, rules, profile, incumbent, rank: _ } = candidate;
        let GapProfile { employee: _, position: _, as_of: _, known_at: _, basis: _, gaps, jpm, policy } =
            profile;
        let (held, held_since) = held.unzip();
        Self {
            rank,
            person: person.into(),
            held: held.map(GapPositionView::from),
            held_since,
            incumbent,
            standing: Wire(standing),
            rules: rules.into_iter().map(RuleTermView::from).collect(),
            summary: GapSummaryView::of(&gaps),
            competencies: gaps.into_iter().map(CompetencyGapView::from).collect(),
            job_person_match: JobPersonMatchView::new(jpm, policy),
        }
    }
}
