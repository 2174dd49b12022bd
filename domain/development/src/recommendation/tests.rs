//! The rules of recommendations.

use super::*;
use crate::reference::forms_policy;
use chrono::TimeZone as _;
use competency::{
    Evidence, Importance, JpmMethod, NamedRequirement, PolicyVersion, Requirement, StandardBasis, reference,
};
use kernel::{DictionaryVersionId, EmployeeId, LongText, NATIONAL, Name, PolicyId, PositionId, StandardId};
use proptest::prelude::*;

fn day(n: u64) -> NaiveDate {
    NaiveDate::from_ymd_opt(2026, 3, 1).unwrap() + chrono::Days::new(n)
}

fn level(value: u8) -> Level {
    Level::new(i64::from(value)).unwrap()
}

fn required(code: &str, value: u8, importance: Importance) -> NamedRequirement {
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

/// A gap of which so much was found; nothing was where there is none.
fn gap(required: &NamedRequirement, achieved: Option<u8>) -> CompetencyGap {
    let mut gap = CompetencyGap::new(required.clone(), Evidence::Missing, day(0));
    if let Some(achieved) = achieved.map(level) {
        let by = required.requirement.level.gap_to(achieved);
        gap.achieved = Some(achieved);
        gap.gap = Some(by);
        gap.state = match by {
            0 => GapState::Met,
            by if by < 0 => GapState::Gap,
            _ => GapState::Exceeds,
        };
        gap.severity = Severity::of(required.requirement.importance, Some(by));
    }
    gap
}

fn jpm_rubric() -> PolicyVersion<JpmRubric> {
    let policy =
        reference::jpm_policies().into_iter().find(|one| one.name == JpmMethod::RatioOfSums.as_str());
    let policy = policy.unwrap();
    PolicyVersion {
        id: PolicyId::new(),
        agency: NATIONAL,
        name: Code::parse(policy.name).unwrap(),
        number: 1,
        valid_from: day(0),
        recorded_at: Utc.timestamp_opt(0, 0).unwrap(),
        source: LongText::parse(policy.source).unwrap(),
        rubric: policy.rubric,
    }
}

fn profile(gaps: Vec<CompetencyGap>) -> GapProfile {
    let policy = jpm_rubric();
    GapProfile {
        employee: EmployeeId::new(),
        position: PositionId::new(),
        as_of: day(0),
        known_at: Utc.timestamp_opt(0, 0).unwrap(),
        basis: StandardBasis::Standard { id: StandardId::new(), number: 1, valid_from: day(0) },
        jpm: match_if(&gaps, &policy.rubric, Purpose::Filling, &BTreeMap::new()),
        gaps,
        policy: policy.cite(),
    }
}

fn offer(code: &str, steps: &[(&NamedRequirement, Option<u8>, u8)]) -> ProgrammeOffer {
    ProgrammeOffer {
        programme: ProgrammeId::new(),
        code: Code::parse(code).unwrap(),
        jp: None,
        price: Price::default(),
        audience: Audience::default(),
        steps: steps
            .iter()
            .map(|(of, from, to)| OfferedStep {
                competency_agency: of.requirement.competency_agency,
                competency: of.requirement.competency,
                from: from.map(level),
                to: level(*to),
            })
            .collect(),
        prerequisites: Vec::new(),
        next_class: None,
    }
}

/// Who asks: what is known of them beside the gaps.
#[derive(Default)]
struct Asking {
    held: Option<GapProfile>,
    job_class: Option<JobClass>,
    jp_short: u32,
    certified: BTreeSet<ProgrammeId>,
    under_way: UnderWay,
    stops: JpRooms,
    warns: JpRooms,
}

fn ask(
    goal: &GapProfile,
    offers: Vec<ProgrammeOffer>,
    asking: &Asking,
    order: &[RankingCriterion],
) -> Recommendations {
    let gaps = goal.gaps.iter().chain(asking.held.iter().flat_map(|held| &held.gaps));
    let levels = gaps
        .filter_map(|gap| {
            let required = &gap.required.requirement;
            Some((required.competency, gap.achieved?))
        })
        .collect();
    let facts = RecommendationFacts {
        goal,
        held: asking.held.as_ref(),
        rubric: &jpm_rubric().rubric,
        purpose: Purpose::Filling,
        job_class: asking.job_class,
        jp_short: Hundredths::from_count(asking.jp_short),
        certified: &asking.certified,
        under_way: &asking.under_way,
        stops: &asking.stops,
        warns: &asking.warns,
        levels: &levels,
        forms: &forms_policy().rubric,
    };
    let activities = recommendation_policy().rubric.activities;
    recommend(
        &facts,
        offers,
        &RankingRubric { order: order.to_vec(), activities, mentors: MentorRule::default() },
    )
}

fn codes(found: &Recommendations) -> Vec<&str> {
    found.recommended.iter().map(|one| one.offer.code.as_str()).collect()
}

#[test]
fn a_programme_is_recommended_for_the_levels_it_closes() {
    let one = required("M.1", 4, Importance::Mutlak);
    let goal = profile(vec![gap(&one, Some(2))]);
    let found = ask(
        &goal,
        vec![offer("UP", &[(&one, Some(2), 3)]), offer("OVER", &[(&one, None, 5)])],
        &Asking::default(),
        &[RankingCriterion::LevelsClosed],
    );
    assert_eq!(codes(&found), ["OVER", "UP"]);
    let closes: Vec<(u8, u8)> =
        found.recommended.iter().map(|one| (one.steps[0].closes, one.steps[0].leaves)).collect();
    assert_eq!(closes, [(2, 0), (1, 1)]);
    assert_eq!((found.gaps[0].recommended, found.gaps[0].unanswered), (2, None));
}

#[test]
fn what_is_left_out_says_why() {
    let (one, two) = (required("M.1", 3, Importance::Mutlak), required("M.2", 3, Importance::Penting));
    let goal = profile(vec![gap(&one, Some(2)), gap(&two, None)]);
    let mut reserved = offer("RESERVED", &[(&one, None, 3)]);
    reserved.audience.job_classes = vec![JobClass::JptUtama];
    let done = offer("DONE", &[(&one, None, 3)]);
    let asking = Asking {
        job_class: Some(JobClass::Pelaksana),
        certified: BTreeSet::from([done.programme]),
        ..Asking::default()
    };
    let offers = vec![
        offer("HIGH", &[(&one, Some(3), 4)]),
        offer("LOW", &[(&one, Some(1), 2)]),
        offer("UNKNOWN", &[(&two, None, 3)]),
        offer("OTHER", &[(&required("M.9", 3, Importance::Penting), None, 3)]),
        reserved,
        done,
    ];
    let found = ask(&goal, offers, &asking, &[RankingCriterion::Severity]);
    assert_eq!(codes(&found), Vec::<&str>::new());
    let why: Vec<(&str, Vec<ExclusionReason>)> =
        found.excluded.iter().map(|one| (one.code.as_str(), one.reasons.iter().copied().collect())).collect();
    assert_eq!(
        why,
        [
            ("DONE", vec![ExclusionReason::Certified]),
            ("HIGH", vec![ExclusionReason::BeginsAbove]),
            ("LOW", vec![ExclusionReason::LeadsNowhere]),
            ("RESERVED", vec![ExclusionReason::Audience]),
            ("UNKNOWN", vec![ExclusionReason::LevelUnknown]),
        ]
    );
    let unanswered: Vec<_> = found.gaps.iter().map(|gap| gap.unanswered).collect();
    assert_eq!(unanswered, [Some(UnansweredReason::AllExcluded), Some(UnansweredReason::NeverAssessed)]);
}

#[test]
fn a_gap_nothing_teaches_says_so_and_a_met_one_is_no_gap() {
    let (one, two) = (required("M.1", 3, Importance::Mutlak), required("M.2", 3, Importance::Penting));
    let goal = profile(vec![gap(&one, Some(2)), gap(&two, Some(3))]);
    let found =
        ask(&goal, vec![offer("MET", &[(&two, None, 5)])], &Asking::default(), &[RankingCriterion::Price]);
    assert!(found.recommended.is_empty() && found.excluded.is_empty());
    assert_eq!(found.gaps.len(), 1);
    assert_eq!(found.gaps[0].unanswered, Some(UnansweredReason::NoProgramme));
}

#[test]
fn the_effect_is_the_match_computed_again() {
    let (one, two) = (required("M.1", 4, Importance::Mutlak), required("M.2", 4, Importance::Mutlak));
    let goal = profile(vec![gap(&one, Some(2)), gap(&two, Some(4))]);
    let held = profile(vec![gap(&one, Some(2))]);
    let asking = Asking { held: Some(held), ..Asking::default() };
    let found = ask(&goal, vec![offer("UP", &[(&one, None, 3)])], &asking, &[RankingCriterion::MatchGain]);
    let Recommendation { effect, effect_held, .. } = &found.recommended[0];
    assert_eq!(effect.before.map(Percent::count), Some(7500));
    assert_eq!(effect.after.map(Percent::count), Some(8750));
    assert_eq!(effect_held.map(|effect| effect.after.map(Percent::count)), Some(Some(7500)));
}

#[test]
fn without_a_match_the_share_earned_tells_what_changes() {
    let (one, two) = (required("M.1", 4, Importance::Mutlak), required("M.2", 4, Importance::Mutlak));
    let goal = profile(vec![gap(&one, Some(2)), gap(&two, None)]);
    let found =
        ask(&goal, vec![offer("UP", &[(&one, None, 4)])], &Asking::default(), &[RankingCriterion::MatchGain]);
    let effect = found.recommended[0].effect;
    assert_eq!((effect.before, effect.after, effect.category_after), (None, None, None));
    assert_eq!((effect.earned_before.count(), effect.earned_after.count()), (2500, 5000));
}

#[test]
fn each_criterion_decides_alone_and_what_is_unknown_comes_last() {
    let (one, two) = (required("M.1", 5, Importance::Mutlak), required("M.2", 5, Importance::Penting));
    let goal = profile(vec![gap(&one, Some(2)), gap(&two, Some(4))]);
    let class = |at: i64| NextClass {
        id: ClassId::new(),
        starts_at: Utc.timestamp_opt(at, 0).unwrap(),
        starts_on: day(1),
        seats_left: 3,
    };
    let first = ProgrammeOffer {
        price: Price { per_participant: kernel::Rupiah::new(5), per_class: None },
        jp: Some(Hundredths::from_count(400)),
        next_class: Some(class(20)),
        ..offer("A", &[(&two, None, 5)])
    };
    let second = ProgrammeOffer {
        price: Price { per_participant: kernel::Rupiah::new(9), per_class: None },
        jp: Some(Hundredths::from_count(900)),
        next_class: Some(class(10)),
        prerequisites: vec![Prerequisite::Programme(ProgrammeId::new())],
        ..offer("B", &[(&one, None, 4), (&two, None, 5)])
    };
    let third = offer("C", &[(&one, None, 5)]);
    let asking = Asking { jp_short: 2000, ..Asking::default() };
    for (criterion, expected) in [
        (RankingCriterion::Prerequisites, ["A", "C", "B"]),
        (RankingCriterion::Severity, ["B", "C", "A"]),
        (RankingCriterion::MatchGain, ["B", "C", "A"]),
        (RankingCriterion::LevelsClosed, ["B", "C", "A"]),
        (RankingCriterion::GapsAddressed, ["B", "A", "C"]),
        (RankingCriterion::JpTowardsFloor, ["B", "A", "C"]),
        (RankingCriterion::Price, ["A", "B", "C"]),
        (RankingCriterion::NextClass, ["B", "A", "C"]),
    ] {
        let offers = vec![third.clone(), second.clone(), first.clone()];
        assert_eq!(codes(&ask(&goal, offers, &asking, &[criterion])), expected, "{criterion}");
    }
}

#[test]
fn hours_beyond_the_floor_do_not_count_towards_it() {
    let one = required("M.1", 5, Importance::Mutlak);
    let goal = profile(vec![gap(&one, Some(2))]);
    let long = ProgrammeOffer { jp: Some(Hundredths::from_count(4000)), ..offer("LONG", &[(&one, None, 3)]) };
    let asking = Asking { jp_short: 300, ..Asking::default() };
    let found = ask(&goal, vec![long], &asking, &[RankingCriterion::JpTowardsFloor]);
    assert_eq!(found.recommended[0].jp_towards_floor, Some(Hundredths::from_count(300)));
}

#[test]
fn prerequisites_are_told_met_or_not() {
    let (one, two) = (required("M.1", 5, Importance::Mutlak), required("M.2", 2, Importance::Mutlak));
    let goal = profile(vec![gap(&one, Some(2)), gap(&two, Some(3))]);
    let before = ProgrammeId::new();
    let needs = |value: u8| Prerequisite::Competency {
        competency: two.requirement.competency,
        competency_agency: NATIONAL,
        dictionary_version: DictionaryVersionId::new(),
        level: level(value),
    };
    let built = ProgrammeOffer {
        prerequisites: vec![Prerequisite::Programme(before), needs(3), needs(4)],
        ..offer("BUILT", &[(&one, None, 3)])
    };
    let asking = Asking { certified: BTreeSet::from([before]), ..Asking::default() };
    let found = ask(&goal, vec![built], &asking, &[RankingCriterion::Prerequisites]);
    let met: Vec<bool> = found.recommended[0].prerequisites.iter().map(|standing| standing.met).collect();
    assert_eq!(met, [true, true, false]);
}

#[test]
fn a_rubric_names_each_criterion_once() {
    assert!(recommendation_policy().rubric.check().is_ok());
    let with = |order: &[RankingCriterion], activities: &[ActivityAdvice]| {
        RankingRubric {
            order: order.to_vec(),
            activities: activities.to_vec(),
            mentors: MentorRule::default(),
        }
        .check()
    };
    assert!(with(&[], &[]).is_err());
    let price = RankingCriterion::Price;
    assert_eq!(with(&[price, price], &[]).unwrap_err()[0].pointer, "/order/1");
    let coaching = advice(ActivityKind::Coaching, 1);
    assert_eq!(with(&[price], &[coaching, coaching]).unwrap_err()[0].pointer, "/activities/1/kind");
    let study = advice(ActivityKind::FurtherStudy, 1);
    assert_eq!(with(&[price], &[study]).unwrap_err()[0].pointer, "/activities/0/kind");
    let never = advice(ActivityKind::Coaching, 5);
    assert_eq!(with(&[price], &[never]).unwrap_err()[0].pointer, "/activities/0/min_shortfall");
}

#[test]
fn activities_outside_classes_answer_gaps_of_a_known_level() {
    let worst = required("M.1", 5, Importance::Mutlak);
    let small = required("M.2", 3, Importance::Perlu);
    let unknown = required("M.3", 3, Importance::Mutlak);
    let met = required("M.4", 3, Importance::Mutlak);
    let goal =
        profile(vec![gap(&small, Some(2)), gap(&unknown, None), gap(&met, Some(3)), gap(&worst, Some(2))]);
    let found =
        ask(&goal, Vec::new(), &Asking { jp_short: 150, ..Asking::default() }, &[RankingCriterion::Price]);
    let told: Vec<_> = found.activities.iter().map(|one| (one.step.step.competency, one.kind)).collect();
    let (worst, small) = (worst.requirement.competency, small.requirement.competency);
    use ActivityKind::{Coaching, Community, Internship, Mentoring, Secondment, SelfStudy};
    let grave = [Coaching, Mentoring, SelfStudy, Community, Internship, Secondment].map(|kind| (worst, kind));
    let light = [Coaching, Mentoring, SelfStudy, Community].map(|kind| (small, kind));
    assert_eq!(told, [grave.as_slice(), &light].concat());
    let first = &found.activities[0];
    assert_eq!((first.step.closes, first.step.leaves, first.form.as_str()), (1, 2, "NKL01"));
    let (_, jp) = first.worth.unwrap();
    assert_eq!(first.jp_towards_floor, Some(jp.min(Hundredths::from_count(150))));
    assert!(first.effect.earned_after > first.effect.earned_before);
}

proptest! {
    /// Asking only for the classes of contenders gives the same first ones as asking for those of all.
    #[test]
    fn contenders_are_all_whose_class_matters(
        taught in prop::collection::vec((2_u8..=5, 0_u32..3, prop::option::of(0_i64..4)), 0..25),
        limit in 1_usize..8,
        at in 0_usize..3,
    ) {
        let one = required("M.1", 5, Importance::Mutlak);
        let goal = profile(vec![gap(&one, Some(1))]);
        let offers: Vec<ProgrammeOffer> = taught
            .iter()
            .enumerate()
            .map(|(index, (to, jp, _))| ProgrammeOffer {
                jp: Some(Hundredths::from_count(*jp)),
                ..offer(&format!("P{index}"), &[(&one, None, *to)])
            })
            .collect();
        let classes: BTreeMap<ProgrammeId, NextClass> = offers
            .iter()
            .zip(&taught)
            .filter_map(|(offer, (_, _, begins))| {
                let starts_at = Utc.timestamp_opt((*begins)?, 0).unwrap();
                Some((offer.programme, NextClass { id: ClassId::new(), starts_at, starts_on: day(1), seats_left: 1 }))
            })
            .collect();
        let mut order = vec![RankingCriterion::LevelsClosed, RankingCriterion::JpTowardsFloor];
        order.insert(at, RankingCriterion::NextClass);
        let rubric = RankingRubric { order: order.clone(), activities: Vec::new(), mentors: MentorRule::default() };
        let asking = Asking { jp_short: 2, ..Asking::default() };
        let mut some = ask(&goal, offers, &asking, &order);
        let mut all = some.clone();
        all.settle(&rubric, classes.clone());
        let contenders = some.contenders(&rubric, limit);
        some.settle(&rubric, classes.into_iter().filter(|(id, _)| contenders.contains(id)).collect());
        let first = |found: &Recommendations| found.recommended.iter().take(limit).cloned().collect::<Vec<_>>();
        prop_assert_eq!(first(&some), first(&all));
    }

    /// The order of the offers changes nothing, every programme about an open gap is either recommended or left out with a
    /// reason, and every gap is answered or says why not.
    #[test]
    fn nothing_is_lost_and_nothing_depends_on_the_order(
        achieved in prop::collection::vec(prop::option::of(1_u8..=5), 1..5),
        taught in prop::collection::vec((0_usize..5, prop::option::of(1_u8..=4), 1_u8..=5), 0..12),
    ) {
        let requirements: Vec<NamedRequirement> =
            (0..achieved.len()).map(|index| required(&format!("M.{index}"), 4, Importance::Mutlak)).collect();
        let goal = profile(requirements.iter().zip(&achieved).map(|(one, found)| gap(one, *found)).collect());
        let offers: Vec<ProgrammeOffer> = taught
            .iter()
            .enumerate()
            .filter_map(|(index, (of, from, to))| {
                Some(offer(&format!("P{index}"), &[(requirements.get(*of)?, *from, *to)]))
            })
            .collect();
        let order = [RankingCriterion::LevelsClosed, RankingCriterion::Severity];
        let found = ask(&goal, offers.clone(), &Asking::default(), &order);
        let turned = ask(&goal, offers.iter().rev().cloned().collect(), &Asking::default(), &order);
        prop_assert_eq!(&found, &turned);
        let open = |one: &ProgrammeOffer| {
            let about = one.steps[0].competency;
            goal.gaps.iter().any(|gap| gap.required.requirement.competency == about && gap.state.is_open())
        };
        let about = offers.iter().filter(|one| open(one)).count();
        prop_assert_eq!(found.recommended.len() + found.excluded.len(), about);
        prop_assert!(found.excluded.iter().all(|one| !one.reasons.is_empty()));
        for answer in &found.gaps {
            prop_assert_eq!(answer.recommended == 0, answer.unanswered.is_some());
        }
    }
}

#[test]
fn what_is_under_way_or_beyond_a_ceiling_is_left_out() {
    let wanted = required("M.1", 4, Importance::Penting);
    let goal = profile(vec![gap(&wanted, Some(2))]);
    let offer = |code: &str, jp| ProgrammeOffer {
        jp: Some(Hundredths::from_count(jp)),
        ..offer(code, &[(&wanted, None, 4)])
    };
    let offers = [offer("FREE", 600), offer("LARGE", 601), offer("PLANNED", 600), offer("SEATED", 600)];
    let contract = |last| kernel::Period { from: day(1), last };
    let room = JpRooms::of(&[(contract(Some(day(9))), 6)]);
    let under_way = UnderWay {
        planned: BTreeSet::from([offers[2].programme]),
        enrolled: BTreeSet::from([offers[3].programme]),
    };
    let asking = Asking { under_way, stops: room.clone(), ..Asking::default() };
    let found = ask(&goal, offers.to_vec(), &asking, &[RankingCriterion::Price]);
    assert_eq!(codes(&found), ["FREE"]);
    use ExclusionReason as E;
    let why: Vec<_> =
        found.excluded.iter().map(|one| (one.code.as_str(), one.reasons.iter().copied().collect())).collect();
    let expected =
        [("LARGE", vec![E::BeyondCeiling]), ("PLANNED", vec![E::Planned]), ("SEATED", vec![E::Enrolled])];
    assert_eq!(why, expected);
    // One that warns is told; a class that begins in the next contract year passes nothing of this one.
    let class =
        |on| NextClass { id: ClassId::new(), starts_at: DateTime::UNIX_EPOCH, starts_on: on, seats_left: 1 };
    let mut later = offers[1].clone();
    later.next_class = Some(class(day(10)));
    let asking = Asking { warns: room, ..Asking::default() };
    let over = |offer: &ProgrammeOffer| {
        ask(&goal, vec![offer.clone()], &asking, &[RankingCriterion::Price]).recommended[0].jp_over_ceiling
    };
    assert_eq!(
        [over(&offers[0]), over(&offers[1]), over(&later)],
        [None, Some(Hundredths::from_count(1)), None]
    );
}
