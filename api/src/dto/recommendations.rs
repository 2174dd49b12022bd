//! Which programmes take a person further, in what order, and why.

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDate, Utc};
use competency::{Category, CompetencyGap, Percent, PolicyRef};
use development::{
    ActivityAdvice, ActivityProposal, Exclusion, GapAnswer, MatchEffect, MentorRule, NextClass,
    PrerequisiteStanding, RankingRubric, Recommendation, StepTowards,
};
use kernel::{Hundredths, ProgrammeId, Rupiah};
use serde::{Deserialize, Serialize};
use store::{GapPerson, GapPosition, NamedPrerequisite, ProgrammeRow};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use crate::dto::enums::{Wire, wire};
use crate::dto::gaps::{Against, GapPersonView, GapPositionView};
use crate::dto::programmes::PrerequisiteView;
use crate::dto::values::{Decimal, PolicyRefView};

/// Which recommendations are asked for.
#[derive(Clone, Debug, Deserialize, Serialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct RecommendationQuery {
    /// `held` (the position held today) or the identifier of a target position: whose gaps are to be closed.
    #[serde(default)]
    #[param(value_type = Option<String>, example = "held", max_length = 36, default = "held")]
    pub goal: Against,
    /// Name of the policy of the job person match.
    #[param(example = "RATIO_OF_SUMS", max_length = 64, default = "RATIO_OF_SUMS")]
    pub policy: Option<String>,
    /// What the job person match is graded for; `FILLING` when absent.
    pub purpose: Option<wire::Purpose>,
    /// The most recommendations, and the most exclusions, to tell; all are counted.
    #[param(minimum = 1, maximum = 200, default = 20, example = 20)]
    pub limit: Option<u16>,
}

/// What is recommended, with everything that decided.
#[derive(Debug)]
pub struct Recommended {
    /// To whom.
    pub person: GapPerson,
    /// The goal.
    pub position: GapPosition,
    /// The goal as asked for.
    pub goal: Against,
    /// The day.
    pub as_of: NaiveDate,
    /// What decided.
    pub ranking: (PolicyRef, RankingRubric),
    /// How the match was computed.
    pub policy: PolicyRef,
    /// Hours short of this year's floor; none when the caller may not see the ledger.
    pub jp_short: Option<Hundredths>,
    /// The recommendations that are told, with how many there are.
    pub recommended: (Vec<Recommendation>, usize),
    /// The exclusions that are told, with how many there are.
    pub excluded: (Vec<Exclusion>, usize),
    /// The activities that are told, with how many there are.
    pub activities: (Vec<ActivityProposal>, usize),
    /// The open gaps.
    pub gaps: Vec<GapAnswer>,
    /// The programmes that are told.
    pub programmes: BTreeMap<ProgrammeId, ProgrammeRow>,
}

/// What is recommended to a person for a goal. There is no score: `order` is asked criterion by criterion, and each item
/// carries what was asked of it. A level rises when an assessment says so, never by attendance; `effect` tells what would
/// change if every step were reached.
#[derive(Debug, Serialize, ToSchema)]
pub struct RecommendationsView {
    /// To whom.
    pub person: GapPersonView,
    /// The position whose gaps are to be closed.
    pub position: GapPositionView,
    /// `held`, or the identifier of the target position, as asked.
    #[schema(example = "held", max_length = 36)]
    pub goal: String,
    /// The day in the agency it was found out on.
    pub as_of: NaiveDate,
    /// The policy that decides between programmes.
    pub ranking: PolicyRefView,
    /// Its criteria, the first one deciding first; between programmes equal in all of them the code decides.
    #[schema(min_items = 1, max_items = 8)]
    pub order: Vec<wire::RankingCriterion>,
    /// Which activities outside classes it proposes for which gaps.
    #[schema(max_items = 20)]
    pub advice: Vec<ActivityAdviceView>,
    /// The policy of the job person match.
    pub match_policy: PolicyRefView,
    /// Learning hours (JP) short of this year's floor; null when the caller may not see the ledger.
    #[schema(value_type = Option<f64>, example = 12, minimum = 0, maximum = 10000)]
    pub jp_short: Option<Decimal>,
    /// Every open gap of the goal, in the order of the requirements.
    #[schema(max_items = 1000)]
    pub gaps: Vec<GapAnswerView>,
    /// The recommendations, in that order.
    #[schema(max_items = 200)]
    pub items: Vec<RecommendationView>,
    /// How many there are, those not told included.
    #[schema(example = 7, minimum = 0, maximum = 2147483647)]
    pub items_total: usize,
    /// Activities outside classes: for the gravest gap first, then for what changes most; those for one gap as `advice` has
    /// them.
    #[schema(max_items = 200)]
    pub activities: Vec<ActivityProposalView>,
    /// How many there are, those not told included.
    #[schema(example = 8, minimum = 0, maximum = 2147483647)]
    pub activities_total: usize,
    /// Programmes that teach what a gap is in and are not recommended, by code.
    #[schema(max_items = 200)]
    pub excluded: Vec<ExclusionView>,
    /// How many there are, those not told included.
    #[schema(example = 3, minimum = 0, maximum = 2147483647)]
    pub excluded_total: usize,
}

/// An open gap, and how many recommendations work on it.
#[derive(Debug, Serialize, ToSchema)]
pub struct GapAnswerView {
    /// The competency.
    pub competency_id: Uuid,
    /// Its code.
    #[schema(example = "M.7", max_length = 64)]
    pub code: String,
    /// Its name.
    #[schema(example = "Pelayanan Publik", max_length = 200)]
    pub name: String,
    /// The required level.
    #[schema(example = 4, minimum = 1, maximum = 5)]
    pub required: u8,
    /// The level found by valid evidence.
    #[schema(example = 2, minimum = 1, maximum = 5)]
    pub achieved: Option<u8>,
    /// How the person stands.
    pub state: wire::GapState,
    /// How much it matters.
    pub severity: wire::Severity,
    /// How many recommendations work on it.
    #[schema(example = 3, minimum = 0, maximum = 2147483647)]
    pub recommended: u32,
    /// Why there is none.
    pub unanswered: Option<wire::UnansweredReason>,
}

/// A programme that takes the person further.
#[derive(Debug, Serialize, ToSchema)]
pub struct RecommendationView {
    /// Its place, from 1.
    #[schema(example = 1, minimum = 1, maximum = 2147483647)]
    pub place: usize,
    /// The programme.
    pub programme: RecommendedProgrammeView,
    /// What it does about which gap.
    #[schema(min_items = 1, max_items = 50)]
    pub steps: Vec<StepTowardsView>,
    /// Learning hours of it that count towards this year's floor; null when it states none, or the caller may not see
    /// the ledger.
    #[schema(value_type = Option<f64>, example = 12, minimum = 0, maximum = 10000)]
    pub jp_towards_floor: Option<Decimal>,
    /// Learning hours by which it would pass a ceiling that warns (PPPK), counted over the contract year of the next class's
    /// first day, or of the day of this year that leaves most; null when it passes none, or the caller may not see the ledger.
    #[schema(value_type = Option<f64>, example = 6, minimum = 0.01, maximum = 10000)]
    pub jp_over_ceiling: Option<Decimal>,
    /// What it builds on, and whether that is there today.
    #[schema(max_items = 50)]
    pub prerequisites: Vec<PrerequisiteStandingView>,
    /// The next class that takes registrations and has a free seat.
    pub next_class: Option<NextClassView>,
    /// What changes for the goal if every step is reached.
    pub effect: MatchEffectView,
    /// What changes for the position held, where that is another one.
    pub effect_held: Option<MatchEffectView>,
}

/// A programme, as recommendations show it.
#[derive(Debug, Serialize, ToSchema)]
pub struct RecommendedProgrammeView {
    /// Identifier.
    pub id: Uuid,
    /// Code.
    #[schema(example = "PT-LAYANAN-01", max_length = 64)]
    pub code: String,
    /// Name.
    #[schema(example = "Pelatihan Teknis Pelayanan Publik", max_length = 200)]
    pub name: String,
    /// Code of its form of development (bentuk).
    #[schema(example = "KL03", max_length = 64)]
    pub form: String,
    /// How it reaches its participants.
    pub mode: wire::DeliveryMode,
    /// The provider's name.
    #[schema(example = "BPSDM Contoh", max_length = 200)]
    pub partner_name: String,
    /// Learning hours (JP) its certificates state; null where they follow from the form.
    #[schema(value_type = Option<f64>, example = 24, minimum = 0.01, maximum = 10000)]
    pub jp: Option<Decimal>,
    /// Price for each participant in rupiah; 0 is free, null is not known.
    #[schema(example = 1500000, minimum = 0, maximum = 9007199254740991_i64)]
    pub price_per_participant: Option<i64>,
    /// Price of each class in rupiah, however many come; 0 is free, null is not known.
    #[schema(example = 20000000, minimum = 0, maximum = 9007199254740991_i64)]
    pub price_per_class: Option<i64>,
}

/// An activity outside classes that takes the person further in one competency. What it costs is not known before it is
/// planned.
#[derive(Debug, Serialize, ToSchema)]
pub struct ActivityProposalView {
    /// What kind of activity.
    pub kind: wire::ActivityKind,
    /// Code of its form of development (bentuk).
    #[schema(example = "NKL01", max_length = 64)]
    pub form: String,
    /// The form's part of 70:20:10 (porsi).
    pub share: wire::FormShare,
    /// What its learning hours are given for; null where the form has none.
    pub unit: Option<wire::ConversionUnit>,
    /// Learning hours (JP) of one such unit; null where the form has none.
    #[schema(value_type = Option<f64>, example = 2, minimum = 0.01, maximum = 1000)]
    pub jp: Option<Decimal>,
    /// Those of them that count towards this year's floor; null where there are none, or the caller may not see the ledger.
    #[schema(value_type = Option<f64>, example = 2, minimum = 0, maximum = 1000)]
    pub jp_towards_floor: Option<Decimal>,
    /// What it does about the gap.
    pub step: StepTowardsView,
    /// What changes for the goal if the step is reached.
    pub effect: MatchEffectView,
    /// What changes for the position held, where that is another one.
    pub effect_held: Option<MatchEffectView>,
}

/// What a programme does about a gap.
#[derive(Debug, Serialize, ToSchema)]
pub struct StepTowardsView {
    /// The competency.
    pub competency_id: Uuid,
    /// The level the programme starts from; null for any.
    #[schema(example = 2, minimum = 1, maximum = 5)]
    pub from: Option<u8>,
    /// The level it leads to.
    #[schema(example = 3, minimum = 1, maximum = 5)]
    pub to: u8,
    /// The level found.
    #[schema(example = 2, minimum = 1, maximum = 5)]
    pub achieved: u8,
    /// The level required.
    #[schema(example = 4, minimum = 1, maximum = 5)]
    pub required: u8,
    /// Levels of the gap it closes.
    #[schema(example = 1, minimum = 1, maximum = 4)]
    pub closes: u8,
    /// Levels of the gap that stay open.
    #[schema(example = 1, minimum = 0, maximum = 4)]
    pub leaves: u8,
    /// How much the gap matters.
    pub severity: wire::Severity,
}

/// A prerequisite, and whether it is met.
#[derive(Debug, Serialize, ToSchema)]
pub struct PrerequisiteStandingView {
    /// Whether it is met today.
    #[schema(example = true)]
    pub met: bool,
    /// The prerequisite.
    pub prerequisite: PrerequisiteView,
}

/// A class that takes registrations.
#[derive(Debug, Serialize, ToSchema)]
pub struct NextClassView {
    /// Identifier.
    pub id: Uuid,
    /// When its first session begins.
    pub starts_at: DateTime<Utc>,
    /// The day that is in the agency.
    pub starts_on: NaiveDate,
    /// Seats nobody has or waits for.
    #[schema(example = 12, minimum = 1, maximum = 2147483647)]
    pub seats_left: u32,
}

/// What changes for the job person match with a position if every step is reached.
#[derive(Debug, Serialize, ToSchema)]
pub struct MatchEffectView {
    /// The match today in percent; null while a competency has no valid level.
    #[schema(example = 75, minimum = 0, maximum = 500)]
    pub before: Option<f64>,
    /// The match then.
    #[schema(example = 87.5, minimum = 0, maximum = 500)]
    pub after: Option<f64>,
    /// The category today.
    pub category_before: Option<wire::JobPersonMatchCategory>,
    /// The category then.
    pub category_after: Option<wire::JobPersonMatchCategory>,
    /// The share of full marks earned so far, in percent, with or without a match.
    #[schema(example = 75, minimum = 0, maximum = 500)]
    pub earned_before: f64,
    /// The share earned then.
    #[schema(example = 87.5, minimum = 0, maximum = 500)]
    pub earned_after: f64,
}

/// A programme that was left out.
#[derive(Debug, Serialize, ToSchema)]
pub struct ExclusionView {
    /// The programme.
    pub programme_id: Uuid,
    /// Its code.
    #[schema(example = "PT-LAYANAN-02", max_length = 64)]
    pub code: String,
    /// Why.
    #[schema(min_items = 1, max_items = 8)]
    pub reasons: Vec<wire::ExclusionReason>,
}

/// What decides between programmes that are recommended.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"order": ["PREREQUISITES", "SEVERITY", "MATCH_GAIN", "PRICE"],
    "activities": [{"kind": "COACHING", "min_shortfall": 1, "raises": 1}],
    "mentors": {"ahead": 1, "max_mentees": 3, "order": ["REGISTERED", "LOAD", "LEVEL", "RECENCY"]}}))]
pub struct RankingRubricView {
    /// The criteria, the first one deciding first; each at most once.
    #[schema(min_items = 1, max_items = 8)]
    pub order: Vec<wire::RankingCriterion>,
    /// Activities outside classes that are proposed, the first one first; each kind at most once, and only kinds that have a
    /// form.
    #[serde(default)]
    #[schema(max_items = 20)]
    pub activities: Vec<ActivityAdviceView>,
    /// Who is a mentor, and who before whom; as in the example when absent.
    #[serde(default)]
    pub mentors: MentorRuleView,
}

/// Who is a mentor, and who before whom.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct MentorRuleView {
    /// How many levels a mentor is ahead at least.
    #[schema(example = 1, minimum = 1, maximum = 4)]
    pub ahead: u8,
    /// How many people somebody guides at most who has set no limit of their own.
    #[schema(example = 3, minimum = 1, maximum = 50)]
    pub max_mentees: u8,
    /// The criteria, the first one deciding first; each at most once.
    #[schema(min_items = 1, max_items = 4)]
    pub order: Vec<wire::MentorCriterion>,
}

impl Default for MentorRuleView {
    fn default() -> Self {
        MentorRule::default().into()
    }
}

impl From<MentorRule> for MentorRuleView {
    fn from(rule: MentorRule) -> Self {
        let MentorRule { ahead, max_mentees, order } = rule;
        Self { ahead, max_mentees, order: order.into_iter().map(Wire).collect() }
    }
}

impl From<MentorRuleView> for MentorRule {
    fn from(view: MentorRuleView) -> Self {
        let MentorRuleView { ahead, max_mentees, order } = view;
        Self { ahead, max_mentees, order: order.into_iter().map(|Wire(criterion)| criterion).collect() }
    }
}

/// An activity outside classes, and for which gaps it is proposed.
#[derive(Clone, Copy, Debug, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ActivityAdviceView {
    /// What kind of activity.
    pub kind: wire::ActivityKind,
    /// The fewest missing levels of a gap it is proposed for.
    #[schema(example = 1, minimum = 1, maximum = 4)]
    pub min_shortfall: u8,
    /// The most levels it is taken to raise.
    #[schema(example = 1, minimum = 1, maximum = 4)]
    pub raises: u8,
}

impl From<ActivityAdvice> for ActivityAdviceView {
    fn from(advice: ActivityAdvice) -> Self {
        let ActivityAdvice { kind, min_shortfall, raises } = advice;
        Self { kind: Wire(kind), min_shortfall, raises }
    }
}

impl From<ActivityAdviceView> for ActivityAdvice {
    fn from(view: ActivityAdviceView) -> Self {
        let ActivityAdviceView { kind: Wire(kind), min_shortfall, raises } = view;
        Self { kind, min_shortfall, raises }
    }
}

impl From<RankingRubric> for RankingRubricView {
    fn from(rubric: RankingRubric) -> Self {
        let RankingRubric { order, activities, mentors } = rubric;
        Self {
            order: order.into_iter().map(Wire).collect(),
            activities: activities.into_iter().map(ActivityAdviceView::from).collect(),
            mentors: mentors.into(),
        }
    }
}

impl From<RankingRubricView> for RankingRubric {
    fn from(view: RankingRubricView) -> Self {
        let RankingRubricView { order, activities, mentors } = view;
        Self {
            order: order.into_iter().map(|Wire(criterion)| criterion).collect(),
            activities: activities.into_iter().map(ActivityAdvice::from).collect(),
            mentors: mentors.into(),
        }
    }
}

impl From<GapAnswer> for GapAnswerView {
    fn from(answer: GapAnswer) -> Self {
        let GapAnswer { gap, recommended, unanswered } = answer;
        let CompetencyGap { required, achieved, state, severity, .. } = gap;
        Self {
            competency_id: required.requirement.competency.uuid(),
            code: required.code.into_string(),
            name: required.name.into_string(),
            required: required.requirement.level.get(),
            achieved: achieved.map(|level| level.get()),
            state: Wire(state),
            severity: Wire(severity),
            recommended,
            unanswered: unanswered.map(Wire),
        }
    }
}

impl From<StepTowards> for StepTowardsView {
    fn from(towards: StepTowards) -> Self {
        let StepTowards { step, achieved, required, closes, leaves, severity } = towards;
        Self {
            competency_id: step.competency.uuid(),
            from: step.from.map(|level| level.get()),
            to: step.to.get(),
            achieved: achieved.get(),
            required: required.get(),
            closes,
            leaves,
            severity: Wire(severity),
        }
    }
}

impl From<NextClass> for NextClassView {
    fn from(class: NextClass) -> Self {
        let NextClass { id, starts_at, starts_on, seats_left } = class;
        Self { id: id.uuid(), starts_at, starts_on, seats_left }
    }
}

impl From<MatchEffect> for MatchEffectView {
    fn from(effect: MatchEffect) -> Self {
        let MatchEffect { before, after, category_before, category_after, earned_before, earned_after } =
            effect;
        let category = |category: Option<Category>| category.map(Wire);
        Self {
            before: before.map(Percent::to_f64),
            after: after.map(Percent::to_f64),
            category_before: category(category_before),
            category_after: category(category_after),
            earned_before: earned_before.to_f64(),
            earned_after: earned_after.to_f64(),
        }
    }
}

impl From<Exclusion> for ExclusionView {
    fn from(exclusion: Exclusion) -> Self {
        let Exclusion { programme, code, reasons } = exclusion;
        Self {
            programme_id: programme.uuid(),
            code: code.into_string(),
            reasons: reasons.into_iter().map(Wire).collect(),
        }
    }
}

impl RecommendationView {
    /// None of a programme that is gone since it was ranked.
    fn new(
        place: usize,
        one: Recommendation,
        programmes: &mut BTreeMap<ProgrammeId, ProgrammeRow>,
        hours_shown: bool,
    ) -> Option<Self> {
        let Recommendation {
            offer,
            steps,
            jp_towards_floor,
            jp_over_ceiling,
            prerequisites,
            effect,
            effect_held,
        } = one;
        let ProgrammeRow {
            programme,
            partner_name,
            curriculum_owner_name: _,
            steps: _,
            prerequisites: names,
        } = programmes.remove(&offer.programme)?;
        let standing = |(standing, named): (PrerequisiteStanding, NamedPrerequisite)| {
            let PrerequisiteStanding { prerequisite, met } = standing;
            PrerequisiteStandingView { met, prerequisite: PrerequisiteView::new(prerequisite, named) }
        };
        Some(Self {
            place,
            programme: RecommendedProgrammeView {
                id: offer.programme.uuid(),
                code: offer.code.into_string(),
                name: programme.content.name.into_string(),
                form: programme.content.form.into_string(),
                mode: Wire(programme.content.mode),
                partner_name: partner_name.into_string(),
                jp: offer.jp.map(Decimal),
                price_per_participant: offer.price.per_participant.map(Rupiah::amount),
                price_per_class: offer.price.per_class.map(Rupiah::amount),
            },
            steps: steps.into_iter().map(StepTowardsView::from).collect(),
            jp_towards_floor: jp_towards_floor.filter(|_| hours_shown).map(Decimal),
            jp_over_ceiling: jp_over_ceiling.map(Decimal),
            prerequisites: prerequisites.into_iter().zip(names).map(standing).collect(),
            next_class: offer.next_class.map(NextClassView::from),
            effect: effect.into(),
            effect_held: effect_held.map(MatchEffectView::from),
        })
    }
}

impl ActivityProposalView {
    fn new(proposal: ActivityProposal, hours_shown: bool) -> Self {
        let ActivityProposal { kind, form, share, worth, jp_towards_floor, step, effect, effect_held } =
            proposal;
        Self {
            kind: Wire(kind),
            form: form.into_string(),
            share: Wire(share),
            unit: worth.map(|(unit, _)| Wire(unit)),
            jp: worth.map(|(_, jp)| Decimal(jp)),
            jp_towards_floor: jp_towards_floor.filter(|_| hours_shown).map(Decimal),
            step: step.into(),
            effect: effect.into(),
            effect_held: effect_held.map(MatchEffectView::from),
        }
    }
}

impl From<Recommended> for RecommendationsView {
    fn from(recommended: Recommended) -> Self {
        let Recommended {
            person,
            position,
            goal,
            as_of,
            ranking: (ranking, RankingRubric { order, activities: advice, mentors: _ }),
            policy,
            jp_short,
            recommended: (items, items_total),
            excluded: (excluded, excluded_total),
            activities: (activities, activities_total),
            gaps,
            mut programmes,
        } = recommended;
        let items = items.into_iter().zip(1..);
        Self {
            person: person.into(),
            position: position.into(),
            goal: match goal {
                Against::Held => "held".to_owned(),
                Against::Position(id) => id.to_string(),
            },
            as_of,
            ranking: ranking.into(),
            order: order.into_iter().map(Wire).collect(),
            advice: advice.into_iter().map(ActivityAdviceView::from).collect(),
            match_policy: policy.into(),
            jp_short: jp_short.map(Decimal),
            gaps: gaps.into_iter().map(GapAnswerView::from).collect(),
            items: items
                .filter_map(|(one, place)| {
                    RecommendationView::new(place, one, &mut programmes, jp_short.is_some())
                })
                .collect(),
            items_total,
            activities: activities
                .into_iter()
                .map(|one| ActivityProposalView::new(one, jp_short.is_some()))
                .collect(),
            activities_total,
            excluded: excluded.into_iter().map(ExclusionView::from).collect(),
            excluded_total,
        }
    }
}
