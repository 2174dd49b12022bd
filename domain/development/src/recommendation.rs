//! Recommendations: which programmes of the catalogue take a person further, in what order, and why.
//!
//! There is no score. The criteria of a named, versioned rubric are asked one after the other, and the next one only decides
//! between programmes that are equal in all before it; every recommendation carries what was asked of it. What was left
//! out carries the reason.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, NaiveDate, Utc};
use competency::{
    Category, CompetencyGap, GapProfile, GapState, JpmOutcome, JpmRubric, Percent, PolicyKind, Purpose,
    Rubric, Severity, match_if,
};
use kernel::{
    AgencyId, ClassId, Code, CompetencyId, Hundredths, Level, ProgrammeId, Violation, ViolationCode,
    Violations, wire_enum,
};
use serde::{Deserialize, Serialize};
use workforce::JobClass;

use crate::activity::ActivityKind;
use crate::form::{ConversionUnit, FormsRubric, Share};
use crate::jp_ledger::JpRooms;
use crate::mentor::MentorRule;
use crate::programme::{Audience, Prerequisite, Price};

/// The name of the rubric of recommendations.
pub const RECOMMENDATION_POLICY: &str = "RECOMMENDATION";

wire_enum! {
    /// What decides between programmes.
    pub enum RankingCriterion {
        /// How many prerequisites are not met: fewer first.
        Prerequisites = "PREREQUISITES",
        /// The gravest gap it works on: graver first.
        Severity = "SEVERITY",
        /// How far the job person match for the goal rises: farther first.
        MatchGain = "MATCH_GAIN",
        /// Levels it closes, of all gaps together: more first.
        LevelsClosed = "LEVELS_CLOSED",
        /// Gaps it works on: more first.
        GapsAddressed = "GAPS_ADDRESSED",
        /// Learning hours that count towards the year's floor: more first.
        JpTowardsFloor = "JP_TOWARDS_FLOOR",
        /// The price for a participant: cheaper first, unknown last.
        Price = "PRICE",
        /// The next class with a free seat: sooner first, none last.
        NextClass = "NEXT_CLASS",
    }
}

/// The rubric of recommendations.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RankingRubric {
    /// The criteria, the first one deciding first. Between programmes equal in all of them the code decides.
    pub order: Vec<RankingCriterion>,
    /// Activities outside classes that are proposed, the first one first.
    #[serde(default)]
    pub activities: Vec<ActivityAdvice>,
    /// Who is a mentor, and who before whom.
    #[serde(default)]
    pub mentors: MentorRule,
}

/// An activity outside classes, and for which gaps it is proposed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ActivityAdvice {
    /// What kind of activity.
    pub kind: ActivityKind,
    /// The fewest missing levels of a gap it is proposed for.
    pub min_shortfall: u8,
    /// The most levels it is taken to raise.
    pub raises: u8,
}

impl Rubric for RankingRubric {
    const KIND: PolicyKind = PolicyKind::Recommendation;

    fn check(&self) -> Result<(), Vec<Violation>> {
        let mut found = Violations::new();
        found.check(self.order.is_empty(), || Violation::new("/order", ViolationCode::TooFew).with("min", 1));
        let mut seen = BTreeSet::new();
        for (index, criterion) in self.order.iter().enumerate() {
            found.check(!seen.insert(criterion), || {
                Violation::new(format!("/order/{index}"), ViolationCode::Duplicate)
            });
        }
        let mut kinds = BTreeSet::new();
        for (index, advice) in self.activities.iter().enumerate() {
            let at = |property: &str| format!("/activities/{index}/{property}");
            found.check(!kinds.insert(advice.kind), || Violation::new(at("kind"), ViolationCode::Duplicate));
            // What has no form earns no hours and binds for years: nothing to be proposed for a gap.
            found.check(advice.kind.usual_form().is_none(), || {
                Violation::new(at("kind"), ViolationCode::NotAllowedValue)
            });
            for (property, levels) in [("min_shortfall", advice.min_shortfall), ("raises", advice.raises)] {
                found.check(!(1..=4).contains(&levels), || {
                    Violation::new(at(property), ViolationCode::OutOfRange).with("min", 1).with("max", 4)
                });
            }
        }
        self.mentors.check("/mentors", &mut found);
        found.finish()
    }
}

const fn advice(kind: ActivityKind, min_shortfall: u8) -> ActivityAdvice {
    ActivityAdvice { kind, min_shortfall, raises: 1 }
}

/// The rubric every agency begins with: what can be begun, then what is gravest, then what changes most.
#[must_use]
pub fn recommendation_policy() -> competency::reference::ReferencePolicy<RankingRubric> {
    competency::reference::ReferencePolicy {
        name: RECOMMENDATION_POLICY,
        rubric: RankingRubric {
            order: vec![
                RankingCriterion::Prerequisites,
                RankingCriterion::Severity,
                RankingCriterion::MatchGain,
                RankingCriterion::LevelsClosed,
                RankingCriterion::JpTowardsFloor,
                RankingCriterion::NextClass,
                RankingCriterion::Price,
            ],
            activities: vec![
                advice(ActivityKind::Coaching, 1),
                advice(ActivityKind::Mentoring, 1),
                advice(ActivityKind::SelfStudy, 1),
                advice(ActivityKind::Community, 1),
                advice(ActivityKind::Internship, 2),
                advice(ActivityKind::Secondment, 2),
            ],
            mentors: MentorRule::default(),
        },
        source: "No regulation ranks offers; PP 11/2017 Pasal 203 and 206 ask for regard to assessment results and gaps; \
                 SE BKN 3/2022 puts coaching, mentoring and self-study first; which gap takes which activity, and how far it \
                 leads, no regulation says",
    }
}

/// A step of a programme in a competency the goal requires.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OfferedStep {
    /// Whose dictionary the competency comes from.
    pub competency_agency: AgencyId,
    /// The competency.
    pub competency: CompetencyId,
    /// The level it starts from; any where none.
    pub from: Option<Level>,
    /// The level it leads to.
    pub to: Level,
}

/// A class that still takes people.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NextClass {
    /// The class.
    pub id: ClassId,
    /// When its first session begins.
    pub starts_at: DateTime<Utc>,
    /// The day that is in the agency.
    pub starts_on: NaiveDate,
    /// Seats nobody has or waits for.
    pub seats_left: u32,
}

/// A programme on offer that teaches something the goal requires.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProgrammeOffer {
    /// The programme.
    pub programme: ProgrammeId,
    /// Its code.
    pub code: Code,
    /// Learning hours of a certificate of it, where it states them.
    pub jp: Option<Hundredths>,
    /// What it costs.
    pub price: Price,
    /// Whom it is for.
    pub audience: Audience,
    /// What it teaches of what the goal requires.
    pub steps: Vec<OfferedStep>,
    /// What it builds on.
    pub prerequisites: Vec<Prerequisite>,
    /// The next class with a free seat.
    pub next_class: Option<NextClass>,
}

/// What recommendations are made from.
#[derive(Clone, Copy, Debug)]
pub struct RecommendationFacts<'a> {
    /// The gaps that are to be closed: against the position held, or the target.
    pub goal: &'a GapProfile,
    /// The gaps against the position held, where that is not the goal.
    pub held: Option<&'a GapProfile>,
    /// How the match is graded.
    pub rubric: &'a JpmRubric,
    /// For what.
    pub purpose: Purpose,
    /// The class of the position held.
    pub job_class: Option<JobClass>,
    /// Learning hours the person is short of this year's floor.
    pub jp_short: Hundredths,
    /// Programmes the person has a certificate of that still counts.
    pub certified: &'a BTreeSet<ProgrammeId>,
    /// What the person is about to learn already.
    pub under_way: &'a UnderWay,
    /// What ceilings that stop leave the person.
    pub stops: &'a JpRooms,
    /// What ceilings that warn leave the person.
    pub warns: &'a JpRooms,
    /// Levels of the person that are valid today, by competency.
    pub levels: &'a BTreeMap<CompetencyId, Level>,
    /// Forms of development, for what activities are worth.
    pub forms: &'a FormsRubric,
}

/// What a programme does about a gap.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StepTowards {
    /// The step.
    pub step: OfferedStep,
    /// The level found.
    pub achieved: Level,
    /// The level required.
    pub required: Level,
    /// Levels of the gap it closes.
    pub closes: u8,
    /// Levels of the gap that stay open.
    pub leaves: u8,
    /// How much the gap matters.
    pub severity: Severity,
}

/// What changes for the job person match with a position if every step is reached: assessed, not only attended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MatchEffect {
    /// The match today; none while a competency has no valid level.
    pub before: Option<Percent>,
    /// The match then.
    pub after: Option<Percent>,
    /// The category today.
    pub category_before: Option<Category>,
    /// The category then.
    pub category_after: Option<Category>,
    /// The share of full marks earned so far, with or without a match.
    pub earned_before: Percent,
    /// The share earned then.
    pub earned_after: Percent,
}

/// An activity outside classes that takes a person further in one competency. What it costs is not known before it is
/// planned.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ActivityProposal {
    /// What kind of activity.
    pub kind: ActivityKind,
    /// The code of its form.
    pub form: Code,
    /// The form's part of 70:20:10.
    pub share: Share,
    /// What hours are given for, and how many of them; nothing where the form is not converted.
    pub worth: Option<(ConversionUnit, Hundredths)>,
    /// Hours of one such unit that count towards the year's floor.
    pub jp_towards_floor: Option<Hundredths>,
    /// What it does about the gap.
    pub step: StepTowards,
    /// What changes for the goal.
    pub effect: MatchEffect,
    /// What changes for the position held, where that is not the goal.
    pub effect_held: Option<MatchEffect>,
}

/// Whether a prerequisite is met.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PrerequisiteStanding {
    /// The prerequisite.
    pub prerequisite: Prerequisite,
    /// Whether it is met today.
    pub met: bool,
}

/// A programme that takes a person further.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recommendation {
    /// The programme.
    pub offer: ProgrammeOffer,
    /// What it does about which gap.
    pub steps: Vec<StepTowards>,
    /// Learning hours of it that count towards the year's floor; none where it states no hours.
    pub jp_towards_floor: Option<Hundredths>,
    /// Hours by which it would pass a ceiling that only warns; none where it passes none.
    pub jp_over_ceiling: Option<Hundredths>,
    /// What it builds on, and whether that is there.
    pub prerequisites: Vec<PrerequisiteStanding>,
    /// What changes for the goal.
    pub effect: MatchEffect,
    /// What changes for the position held, where that is not the goal.
    pub effect_held: Option<MatchEffect>,
}

wire_enum! {
    /// Why a programme that teaches what a gap is in is not recommended.
    pub enum ExclusionReason {
        /// The person has a certificate of it that still counts.
        Certified = "CERTIFIED",
        /// It is for people in positions of other classes.
        Audience = "AUDIENCE",
        /// It begins above the level found.
        BeginsAbove = "BEGINS_ABOVE",
        /// It leads no further than the level found.
        LeadsNowhere = "LEADS_NOWHERE",
        /// The level is not known: an assessment comes first.
        LevelUnknown = "LEVEL_UNKNOWN",
        /// The person is enrolled in a class of it, or waits for that.
        Enrolled = "ENROLLED",
        /// This year's plan has it, and it is not done yet.
        Planned = "PLANNED",
        /// Its hours would pass a ceiling that stops.
        BeyondCeiling = "BEYOND_CEILING",
    }
}

/// What somebody is about to learn already.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct UnderWay {
    /// Programmes of classes they are enrolled in, wait for, or wish for.
    pub enrolled: BTreeSet<ProgrammeId>,
    /// Programmes of open items of their plan of the year.
    pub planned: BTreeSet<ProgrammeId>,
}

/// A programme that was left out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Exclusion {
    /// The programme.
    pub programme: ProgrammeId,
    /// Its code.
    pub code: Code,
    /// Why; at least one reason.
    pub reasons: BTreeSet<ExclusionReason>,
}

wire_enum! {
    /// Why nothing is recommended for a gap.
    pub enum UnansweredReason {
        /// It was never assessed: an assessment comes first.
        NeverAssessed = "NEVER_ASSESSED",
        /// The assessment has expired: another one comes first.
        AssessmentExpired = "ASSESSMENT_EXPIRED",
        /// No programme on offer teaches the competency.
        NoProgramme = "NO_PROGRAMME",
        /// Programmes teach it, and all were left out.
        AllExcluded = "ALL_EXCLUDED",
    }
}

/// A gap, and how many recommendations work on it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GapAnswer {
    /// The gap.
    pub gap: CompetencyGap,
    /// How many recommendations work on it.
    pub recommended: u32,
    /// Why there is none.
    pub unanswered: Option<UnansweredReason>,
}

/// What is recommended to a person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recommendations {
    /// The programmes, in the rubric's order.
    pub recommended: Vec<Recommendation>,
    /// Those left out, by code.
    pub excluded: Vec<Exclusion>,
    /// Activities outside classes: the gravest gap first, then what changes most; those for one gap in the rubric's order.
    pub activities: Vec<ActivityProposal>,
    /// Every open gap of the goal, in the requirements' order.
    pub gaps: Vec<GapAnswer>,
}

/// Levels that are reached, by competency.
type Reached = BTreeMap<(AgencyId, CompetencyId), Level>;

/// What changes for the goal and for the position held. Many programmes of a catalogue lead to the same levels.
type Effects = BTreeMap<Reached, (MatchEffect, Option<MatchEffect>)>;

impl Recommendations {
    /// The programmes that may be among the first `limit`, whatever classes they have: those of which the next class must be
    /// known.
    #[must_use]
    pub fn contenders(&self, order: &RankingRubric, limit: usize) -> Vec<ProgrammeId> {
        let before = order.order.iter().take_while(|criterion| **criterion != RankingCriterion::NextClass);
        let before: Vec<RankingCriterion> = before.copied().collect();
        if before.len() == order.order.len() {
            return self.recommended.iter().take(limit).map(|one| one.offer.programme).collect();
        }
        let places = |one: &Recommendation| before.iter().map(|criterion| criterion.place(one)).collect();
        let last: Option<Vec<_>> =
            limit.checked_sub(1).and_then(|place| self.recommended.get(place)).map(places);
        // What decides before the class decides between all that were ranked; who shares the last place is told apart by it.
        let among = |one: &&Recommendation| last.as_ref().is_none_or(|last| places(one) <= *last);
        self.recommended.iter().take_while(among).map(|one| one.offer.programme).collect()
    }

    /// Ranks again with the next classes of the contenders.
    pub fn settle(&mut self, order: &RankingRubric, mut classes: BTreeMap<ProgrammeId, NextClass>) {
        for one in &mut self.recommended {
            one.offer.next_class = classes.remove(&one.offer.programme);
        }
        order.rank(&mut self.recommended);
    }
}

/// What is recommended on these facts out of `offers`.
#[must_use]
pub fn recommend(
    facts: &RecommendationFacts<'_>,
    offers: Vec<ProgrammeOffer>,
    order: &RankingRubric,
) -> Recommendations {
    let open: BTreeMap<(AgencyId, CompetencyId), &CompetencyGap> = facts
        .goal
        .gaps
        .iter()
        .filter(|gap| gap.state.is_open())
        .map(|gap| {
            let required = &gap.required.requirement;
            ((required.competency_agency, required.competency), gap)
        })
        .collect();
    let mut taught: BTreeSet<(AgencyId, CompetencyId)> = BTreeSet::new();
    let mut counts: BTreeMap<(AgencyId, CompetencyId), u32> = BTreeMap::new();
    let (mut recommended, mut excluded) = (Vec::new(), Vec::new());
    let mut effects = Effects::default();
    for offer in offers {
        let about: Vec<(OfferedStep, &CompetencyGap)> = offer
            .steps
            .iter()
            .filter_map(|step| Some((*step, *open.get(&(step.competency_agency, step.competency))?)))
            .collect();
        if about.is_empty() {
            continue;
        }
        taught.extend(about.iter().map(|(step, _)| (step.competency_agency, step.competency)));
        match facts.consider(offer, &about, &mut effects) {
            Ok(one) => {
                for towards in &one.steps {
                    let key = (towards.step.competency_agency, towards.step.competency);
                    *counts.entry(key).or_default() += 1;
                }
                recommended.push(one);
            }
            Err(one) => excluded.push(one),
        }
    }
    order.rank(&mut recommended);
    excluded.sort_by(|one, other| (&one.code, one.programme).cmp(&(&other.code, other.programme)));
    let gaps = facts.goal.gaps.iter().filter(|gap| gap.state.is_open()).map(|gap| {
        let required = &gap.required.requirement;
        let key = (required.competency_agency, required.competency);
        let recommended = counts.get(&key).copied().unwrap_or_default();
        let unanswered = (recommended == 0).then(|| match gap.state {
            GapState::Missing => UnansweredReason::NeverAssessed,
            GapState::Expired => UnansweredReason::AssessmentExpired,
            _ if taught.contains(&key) => UnansweredReason::AllExcluded,
            _ => UnansweredReason::NoProgramme,
        });
        GapAnswer { gap: gap.clone(), recommended, unanswered }
    });
    let gaps = gaps.collect();
    Recommendations { recommended, excluded, activities: facts.activities(order), gaps }
}

impl RecommendationFacts<'_> {
    fn consider(
        &self,
        offer: ProgrammeOffer,
        about: &[(OfferedStep, &CompetencyGap)],
        effects: &mut Effects,
    ) -> Result<Recommendation, Exclusion> {
        let mut reasons = BTreeSet::new();
        let mut steps = Vec::new();
        for (step, gap) in about {
            match towards(*step, gap) {
                Ok(step) => steps.push(step),
                Err(reason) => {
                    reasons.insert(reason);
                }
            }
        }
        let mut barred = BTreeSet::new();
        if self.certified.contains(&offer.programme) {
            barred.insert(ExclusionReason::Certified);
        }
        if !offer.audience.includes(self.job_class) {
            barred.insert(ExclusionReason::Audience);
        }
        if self.under_way.enrolled.contains(&offer.programme) {
            barred.insert(ExclusionReason::Enrolled);
        }
        if self.under_way.planned.contains(&offer.programme) {
            barred.insert(ExclusionReason::Planned);
        }
        // Hours are earned once it is over: of a class that is planned the first day is what is known.
        let day = offer.next_class.map(|class| class.starts_on);
        let over = |rooms: &JpRooms| offer.jp.map(|jp| rooms.over(day, jp)).filter(|over| over.count() > 0);
        if over(self.stops).is_some() {
            barred.insert(ExclusionReason::BeyondCeiling);
        }
        let jp_over_ceiling = over(self.warns);
        if steps.is_empty() || !barred.is_empty() {
            if steps.is_empty() {
                barred.extend(reasons);
            }
            return Err(Exclusion { programme: offer.programme, code: offer.code, reasons: barred });
        }
        let reached: Reached = offer
            .steps
            .iter()
            .filter(|step| {
                let level = self.levels.get(&step.competency);
                level.is_some_and(|level| step.from.is_none_or(|from| from <= *level))
            })
            .map(|step| ((step.competency_agency, step.competency), step.to))
            .collect();
        let (effect, effect_held) = *effects.entry(reached).or_insert_with_key(|reached| {
            (self.effect(self.goal, reached), self.held.map(|held| self.effect(held, reached)))
        });
        Ok(Recommendation {
            jp_towards_floor: offer.jp.map(|jp| jp.min(self.jp_short)),
            jp_over_ceiling,
            prerequisites: offer.prerequisites.iter().map(|one| self.standing(one)).collect(),
            effect,
            effect_held,
            steps,
            offer,
        })
    }

    /// What the rubric proposes outside classes, for gaps of which the level is known.
    fn activities(&self, rubric: &RankingRubric) -> Vec<ActivityProposal> {
        let gaps = self.goal.gaps.iter().filter(|gap| gap.state == GapState::Gap);
        let mut all: Vec<ActivityProposal> = gaps
            .flat_map(|gap| rubric.activities.iter().filter_map(|advice| self.proposal(*advice, gap)))
            .collect();
        all.sort_by_key(|one| {
            let MatchEffect { earned_before, earned_after, .. } = one.effect;
            Reverse((one.step.severity, i64::from(earned_after.count()) - i64::from(earned_before.count())))
        });
        all
    }

    fn proposal(&self, advice: ActivityAdvice, gap: &CompetencyGap) -> Option<ActivityProposal> {
        let achieved = gap.achieved?;
        let required = &gap.required.requirement;
        if required.level.get().saturating_sub(achieved.get()) < advice.min_shortfall {
            return None;
        }
        let raised = Level::new(i64::from(achieved.get()) + i64::from(advice.raises));
        let (competency_agency, competency) = (required.competency_agency, required.competency);
        let to = raised.unwrap_or(required.level).min(required.level);
        let step = OfferedStep { competency_agency, competency, from: Some(achieved), to };
        let form = self.forms.form(advice.kind.usual_form()?)?;
        let worth = form.conversion.as_ref().map(|conversion| (conversion.unit, conversion.jp));
        let reached = Reached::from([((competency_agency, competency), to)]);
        Some(ActivityProposal {
            kind: advice.kind,
            form: form.code.clone(),
            share: form.share,
            worth,
            jp_towards_floor: worth.map(|(_, jp)| jp.min(self.jp_short)),
            step: towards(step, gap).ok()?,
            effect: self.effect(self.goal, &reached),
            effect_held: self.held.map(|held| self.effect(held, &reached)),
        })
    }

    fn standing(&self, prerequisite: &Prerequisite) -> PrerequisiteStanding {
        let met = match prerequisite {
            Prerequisite::Programme(programme) => self.certified.contains(programme),
            Prerequisite::Competency { competency, level, .. } => {
                self.levels.get(competency).is_some_and(|found| found >= level)
            }
        };
        PrerequisiteStanding { prerequisite: prerequisite.clone(), met }
    }

    fn effect(&self, profile: &GapProfile, reached: &Reached) -> MatchEffect {
        let JpmOutcome { jpm: before, category: category_before, .. } = profile.jpm;
        let then = match_if(&profile.gaps, self.rubric, self.purpose, reached);
        MatchEffect {
            before,
            after: then.jpm,
            category_before,
            category_after: then.category,
            earned_before: profile.jpm.earned_share(),
            earned_after: then.earned_share(),
        }
    }
}

/// What a step does about a gap, or why it does nothing.
fn towards(step: OfferedStep, gap: &CompetencyGap) -> Result<StepTowards, ExclusionReason> {
    let required = gap.required.requirement.level;
    let achieved = gap.achieved.ok_or(ExclusionReason::LevelUnknown)?;
    if step.from.is_some_and(|from| from > achieved) {
        return Err(ExclusionReason::BeginsAbove);
    }
    if step.to <= achieved {
        return Err(ExclusionReason::LeadsNowhere);
    }
    let reached = step.to.min(required);
    Ok(StepTowards {
        step,
        achieved,
        required,
        closes: reached.get().saturating_sub(achieved.get()),
        leaves: required.get().saturating_sub(reached.get()),
        severity: gap.severity,
    })
}

impl RankingRubric {
    /// What each criterion says of a recommendation; of two the smaller comes first.
    fn places(&self, one: &Recommendation) -> Vec<(bool, i128)> {
        self.order.iter().map(|criterion| criterion.place(one)).collect()
    }

    fn rank(&self, all: &mut [Recommendation]) {
        all.sort_by_cached_key(|one| (self.places(one), one.offer.code.clone(), one.offer.programme));
    }
}

impl RankingCriterion {
    /// Whether nothing is known, which comes last, and the value, of which the smaller comes first.
    fn place(self, one: &Recommendation) -> (bool, i128) {
        let more = |value: Option<i128>| (value.is_none(), -value.unwrap_or_default());
        let fewer = |value: Option<i128>| (value.is_none(), value.unwrap_or_default());
        match self {
            Self::Prerequisites => {
                fewer(i128::try_from(one.prerequisites.iter().filter(|standing| !standing.met).count()).ok())
            }
            Self::Severity => {
                let gravest = one.steps.iter().map(|step| step.severity).max();
                let place = Severity::ALL.iter().position(|severity| Some(*severity) == gravest);
                more(place.and_then(|place| i128::try_from(place).ok()))
            }
            Self::MatchGain => {
                let MatchEffect { earned_before, earned_after, .. } = one.effect;
                more(Some(i128::from(earned_after.count()) - i128::from(earned_before.count())))
            }
            Self::LevelsClosed => more(Some(one.steps.iter().map(|step| i128::from(step.closes)).sum())),
            Self::GapsAddressed => more(i128::try_from(one.steps.len()).ok()),
            Self::JpTowardsFloor => more(one.jp_towards_floor.map(|jp| i128::from(jp.count()))),
            Self::Price => fewer(one.offer.price.per_participant.map(|price| i128::from(price.amount()))),
            Self::NextClass => {
                fewer(one.offer.next_class.map(|class| i128::from(class.starts_at.timestamp())))
            }
        }
    }
}

#[cfg(test)]
mod tests;
