//! The rules of needs analyses.

use std::collections::BTreeSet;

use chrono::NaiveDate;
use competency::Rubric as _;
use kernel::{NATIONAL, UserId};
use proptest::prelude::*;
use workforce::JobClass;

use super::*;

fn level(value: u8) -> Level {
    Level::new(i64::from(value)).unwrap()
}

fn text(text: &str) -> LongText {
    LongText::parse(text).unwrap()
}

fn key() -> NeedKey {
    NeedKey { employee: EmployeeId::new(), competency_agency: NATIONAL, competency: CompetencyId::new() }
}

fn claim(key: NeedKey, origin: NeedOrigin, from: Option<u8>, to: u8) -> NeedClaim {
    NeedClaim {
        key,
        origin,
        speaker: if origin.is_gathered() { NeedSpeaker::Assessment } else { NeedSpeaker::Agency },
        from: from.map(level),
        to: level(to),
        weight: None,
        importance: None,
        reason: (!origin.is_gathered()).then(|| text("Target layanan tidak tercapai")),
    }
}

#[test]
fn claims_about_one_person_and_competency_are_one_need_that_keeps_its_origins() {
    let (one, other) = (key(), key());
    let heavy = NeedClaim {
        weight: Some(Hundredths::from_count(250)),
        importance: Some(Importance::Penting),
        ..claim(one, NeedOrigin::HeldGap, Some(2), 3)
    };
    let grave =
        NeedClaim { importance: Some(Importance::Mutlak), ..claim(one, NeedOrigin::TargetGap, Some(2), 5) };
    let said = claim(one, NeedOrigin::OwnProposal, None, 4);
    let needs = merged([heavy, claim(other, NeedOrigin::HeldGap, None, 2), grave, said]);
    assert_eq!(needs.len(), 2);
    let need = needs.iter().find(|need| need.key == one).unwrap();
    assert_eq!((need.from, need.to, need.missing()), (Some(level(2)), level(5), Some(3)));
    assert_eq!((need.weight, need.importance), (Some(Hundredths::from_count(250)), Some(Importance::Mutlak)));
    let origins: Vec<_> = need.origins.iter().map(|((origin, _), word)| (*origin, word.to.get())).collect();
    assert_eq!(origins, [(NeedOrigin::HeldGap, 3), (NeedOrigin::TargetGap, 5), (NeedOrigin::OwnProposal, 4)]);
    assert_eq!(needs.iter().find(|need| need.key == other).unwrap().missing(), None, "not known is not zero");
}

#[test]
fn of_two_words_of_one_side_the_one_that_asks_for_more_counts() {
    let one = key();
    let words =
        [claim(one, NeedOrigin::OwnProposal, Some(1), 5), claim(one, NeedOrigin::OwnProposal, Some(1), 3)];
    let [forth, back] = [words.clone(), [words[1].clone(), words[0].clone()]].map(merged);
    assert_eq!((forth.len(), forth[0].to), (1, level(5)));
    assert_eq!(forth, back);
}

#[test]
fn what_was_learned_meanwhile_is_no_need() {
    let one = key();
    assert!(merged([claim(one, NeedOrigin::OwnProposal, Some(3), 3)]).is_empty());
    let more = merged([
        claim(one, NeedOrigin::OwnProposal, Some(3), 3),
        claim(one, NeedOrigin::TargetGap, Some(3), 4),
    ]);
    assert_eq!((more.len(), more[0].origins.len(), more[0].missing()), (1, 2, Some(1)));
}

#[test]
fn a_claim_that_is_brought_goes_up_and_says_why() {
    assert_eq!(claim(key(), NeedOrigin::Performance, Some(3), 4).check_brought(), Ok(()));
    let down = claim(key(), NeedOrigin::OwnProposal, Some(3), 3).check_brought().unwrap_err();
    assert_eq!((down[0].pointer.as_str(), down[0].code), ("/level_to", ViolationCode::OutOfRange));
    let mute = NeedClaim { reason: None, ..claim(key(), NeedOrigin::Performance, Some(3), 4) };
    assert_eq!(mute.check_brought().unwrap_err()[0].pointer, "/reason");
    let gathered = NeedClaim { reason: Some(text("x")), ..claim(key(), NeedOrigin::HeldGap, Some(3), 4) };
    assert_eq!(gathered.check_brought().unwrap_err()[0].pointer, "/origin");
}

#[test]
fn nobody_speaks_for_a_side_that_is_not_theirs_and_each_speaker_keeps_their_word() {
    use NeedOrigin as O;
    use NeedSpeaker as S;
    let brought = |speaker| {
        let may = |origin: &NeedOrigin| {
            let said = NeedClaim { speaker, reason: Some(text("x")), ..claim(key(), *origin, Some(1), 2) };
            said.check_brought().is_ok()
        };
        NeedOrigin::ALL.into_iter().filter(may).collect::<Vec<_>>()
    };
    assert_eq!(brought(S::Assessment), []);
    assert_eq!(brought(S::Person), [O::OwnProposal]);
    assert_eq!(brought(S::Superior), [O::Performance, O::ServiceSignal, O::OwnProposal]);
    assert_eq!(brought(S::Unit), brought(S::Superior));
    assert_eq!(brought(S::Agency), [O::Performance, O::ServiceSignal, O::PolicyPriority, O::OwnProposal]);
    for origin in NeedOrigin::ALL {
        assert!(S::ALL.into_iter().any(|speaker| speaker.origins().contains(&origin)), "{origin}");
    }
    let one = key();
    let own = NeedClaim { speaker: S::Person, ..claim(one, O::OwnProposal, Some(1), 5) };
    let need = merged([claim(one, O::OwnProposal, Some(1), 3), own]).remove(0);
    let words: Vec<_> = need.origins.iter().map(|((_, speaker), word)| (*speaker, word.to.get())).collect();
    assert_eq!((words, need.to), (vec![(S::Person, 5), (S::Agency, 3)], level(5)));
}

#[test]
fn after_the_last_day_to_collect_the_unit_and_the_agency_alone_propose() {
    let late = |party| NeedsCaller { late: true, ..caller(&[party]) };
    let propose = |party| NeedsState::Collecting.permit(NeedsAction::Propose, &late(party), None).map(drop);
    assert_eq!(propose(NeedsParty::Proposer), Err(NeedsError::Late));
    assert_eq!((propose(NeedsParty::Unit), propose(NeedsParty::Agency)), (Ok(()), Ok(())));
    assert_eq!(NeedsState::Collecting.allowed_actions(&late(NeedsParty::Proposer), None), []);
}

#[test]
fn a_second_account_does_not_validate_what_the_first_verified() {
    let first = UserId::new();
    let second = NeedsCaller { accounts: [first].into(), ..caller(&[NeedsParty::Agency]) };
    let validate = |by| NeedsState::Verified.permit(NeedsAction::Validate, &second, Some(by)).map(drop);
    assert_eq!(validate(first), Err(NeedsError::SameOfficer));
    assert_eq!(validate(UserId::new()), Ok(()));
}

#[test]
fn a_priority_is_the_product_of_terms_that_are_all_told() {
    let rubric = need_priority_policy().rubric;
    assert_eq!(rubric.check(), Ok(()));
    let mut need = Need::new(NeedClaim {
        weight: Some(Hundredths::from_count(150)),
        importance: Some(Importance::Mutlak),
        ..claim(key(), NeedOrigin::HeldGap, Some(2), 4)
    });
    need.merge(claim(need.key, NeedOrigin::ServiceSignal, None, 3));
    let facts = NeedFacts { job_class: Some(JobClass::Pelaksana), is_head: false, jp_overdue: true };
    let priority = Priority::of(&need, &facts, &rubric);
    let told: Vec<_> = priority.terms.iter().map(|(term, by)| (*term, by.to_f64())).collect();
    assert_eq!(
        told,
        [
            (PriorityTerm::GapSize, 2.0),
            (PriorityTerm::Weight, 1.5),
            (PriorityTerm::Importance, 1.5),
            (PriorityTerm::Criticality, 1.0),
            (PriorityTerm::JpOverdue, 1.25),
            (PriorityTerm::Signal, 1.5),
        ]
    );
    // 2 x 1.5 x 1.5 x 1.25 x 1.5 = 8.4375.
    assert_eq!(priority.value(), Hundredths::from_count(844));
    assert_eq!(priority.exact(), 8_437_500_000_000, "in millionths of millionths");
    // Leading a unit and its class do not add up: the greater counts.
    let chief = NeedFacts { job_class: Some(JobClass::JptPratama), is_head: true, jp_overdue: false };
    let terms = Priority::of(&need, &chief, &rubric).terms;
    assert_eq!(terms[3], (PriorityTerm::Criticality, Hundredths::from_count(140)));
    // Of whom no evidence tells the level, the policy says what stands for the levels missing.
    let unknown = Need { from: None, ..need.clone() };
    let rubric = PriorityRubric { unassessed: Some(Hundredths::from_count(50)), ..rubric };
    let terms = Priority::of(&unknown, &facts, &rubric).terms;
    assert_eq!(terms[0], (PriorityTerm::GapSize, Hundredths::from_count(50)));
    // An empty rubric leaves the gap and the weight.
    let bare = Priority::of(&need, &facts, &PriorityRubric::default());
    assert_eq!(bare.value(), Hundredths::from_count(300));
}

#[test]
fn nothing_multiplies_by_zero() {
    let zero = PriorityRubric {
        signal: [(NeedOrigin::HeldGap, Hundredths::from_count(0))].into(),
        overdue: Some(Hundredths::from_count(10_001)),
        ..PriorityRubric::default()
    };
    let places: BTreeSet<_> = zero.check().unwrap_err().into_iter().map(|found| found.pointer).collect();
    assert_eq!(places, ["/overdue".to_owned(), "/signal/HELD_GAP".to_owned()].into());
}

fn caller(parties: &[NeedsParty]) -> NeedsCaller {
    let parties = parties.iter().copied().collect();
    NeedsCaller { user: UserId::new(), accounts: BTreeSet::new(), late: false, parties, machine: false }
}

#[test]
fn every_state_and_action_by_every_party_is_as_the_table_says() {
    let mut table = String::new();
    for state in NeedsState::ALL {
        for action in NeedsAction::ALL {
            let by =
                |party: NeedsParty| match state.after(action, &caller(&[party]), None, Some(&text("Alasan")))
                {
                    Ok(next) => next.as_str(),
                    Err(NeedsError::NotParty) => "-",
                    Err(_) => ".",
                };
            let [proposer, unit, agency] = NeedsParty::ALL.map(by);
            table.push_str(&format!("{state} {action} {proposer} {unit} {agency}\n"));
        }
    }
    let golden = "\
COLLECTING GATHER - COLLECTING COLLECTING
COLLECTING PROPOSE COLLECTING COLLECTING COLLECTING
COLLECTING EDIT - COLLECTING COLLECTING
COLLECTING VERIFY - VERIFIED -
COLLECTING WITHDRAW - . -
COLLECTING RETURN - - .
COLLECTING VALIDATE - - .
COLLECTING REOPEN - - .
VERIFIED GATHER - . .
VERIFIED PROPOSE . . .
VERIFIED EDIT - . .
VERIFIED VERIFY - . -
VERIFIED WITHDRAW - COLLECTING -
VERIFIED RETURN - - RETURNED
VERIFIED VALIDATE - - VALIDATED
VERIFIED REOPEN - - .
RETURNED GATHER - RETURNED RETURNED
RETURNED PROPOSE RETURNED RETURNED RETURNED
RETURNED EDIT - RETURNED RETURNED
RETURNED VERIFY - VERIFIED -
RETURNED WITHDRAW - . -
RETURNED RETURN - - .
RETURNED VALIDATE - - .
RETURNED REOPEN - - .
VALIDATED GATHER - . .
VALIDATED PROPOSE . . .
VALIDATED EDIT - . .
VALIDATED VERIFY - . -
VALIDATED WITHDRAW - . -
VALIDATED RETURN - - .
VALIDATED VALIDATE - - .
VALIDATED REOPEN - - RETURNED
";
    assert_eq!(table, golden);
}

#[test]
fn whoever_verifies_does_not_validate_and_a_machine_decides_nothing() {
    let both = caller(&[NeedsParty::Unit, NeedsParty::Agency]);
    let after =
        |action, by: &NeedsCaller, verified_by| NeedsState::Verified.after(action, by, verified_by, None);
    assert_eq!(after(NeedsAction::Validate, &both, Some(both.user)), Err(NeedsError::SameOfficer));
    assert_eq!(after(NeedsAction::Validate, &both, Some(UserId::new())), Ok(NeedsState::Validated));
    let mute = after(NeedsAction::Return, &both, None).unwrap_err();
    assert_eq!(mute.code(), "INVALID");
    let machine = NeedsCaller { machine: true, ..both.clone() };
    assert_eq!(after(NeedsAction::Validate, &machine, None), Err(NeedsError::NotParty));
    assert_eq!(
        NeedsState::Verified.allowed_actions(&both, Some(both.user)),
        [NeedsAction::Withdraw, NeedsAction::Return]
    );
    assert_eq!(
        NeedsState::Collecting.allowed_actions(&machine, None),
        [NeedsAction::Gather, NeedsAction::Propose, NeedsAction::Edit]
    );
}

#[test]
fn what_is_sent_back_nobody_stands_behind() {
    let at = |text: &str| text.parse().unwrap();
    let (begun, later) = (at("2026-07-01T00:00:00Z"), at("2026-07-02T00:00:00Z"));
    let (unit, agency) = (caller(&[NeedsParty::Unit]), caller(&[NeedsParty::Agency]));
    let analysis =
        NeedsAnalysis::begin(NeedsAnalysisId::new(), (UnitId::new(), 2027), PolicyId::new(), begun);
    let verified = analysis.after(NeedsAction::Verify, &unit, None, later).unwrap();
    assert_eq!((verified.verified, verified.need_actions(&unit, false)), (Some((unit.user, later)), vec![]));
    let validated = verified.after(NeedsAction::Validate, &agency, None, later).unwrap();
    let why = text("Tambahkan usulan");
    for (before, action) in [(&verified, NeedsAction::Return), (&validated, NeedsAction::Reopen)] {
        let after = before.after(action, &agency, Some(&why), later).unwrap();
        assert_eq!((after.state, after.verified, after.validated), (NeedsState::Returned, None, None));
        assert_eq!(after.returned_for.as_ref(), Some(&why));
        assert_eq!(after.need_actions(&unit, true), [NeedAction::Restore]);
    }
    assert_eq!(verified.after(NeedsAction::Withdraw, &unit, None, later).unwrap().verified, None);
}

#[test]
fn what_is_overdue_is_the_stage_that_should_be_over() {
    let day = |text: &str| text.parse::<NaiveDate>().unwrap();
    let deadlines = NeedsDeadlines {
        collect_by: day("2026-08-31"),
        verify_by: day("2026-09-15"),
        validate_by: day("2026-09-30"),
    };
    assert_eq!(deadlines.check(), Ok(()));
    let on = |state, text: &str| deadlines.overdue(state, day(text));
    assert_eq!(on(None, "2026-08-31"), None, "the last day is still one");
    assert_eq!(on(None, "2026-09-01"), Some(NeedsStage::Collect));
    assert_eq!(on(Some(NeedsState::Collecting), "2026-09-15"), None);
    assert_eq!(on(Some(NeedsState::Returned), "2026-09-16"), Some(NeedsStage::Verify));
    assert_eq!(on(Some(NeedsState::Verified), "2026-10-01"), Some(NeedsStage::Validate));
    assert_eq!(on(Some(NeedsState::Validated), "2027-10-01"), None);
    let reversed = NeedsDeadlines { validate_by: day("2026-01-01"), ..deadlines };
    assert_eq!(reversed.check().unwrap_err()[0].pointer, "/validate_by");
}

fn origin() -> impl Strategy<Value = NeedOrigin> {
    prop::sample::select(NeedOrigin::ALL.to_vec())
}

fn claims() -> impl Strategy<Value = Vec<(NeedOrigin, Option<u8>, u8, Option<u32>)>> {
    let weight = prop::option::of(1_u32..500);
    prop::collection::vec((origin(), prop::option::of(1_u8..=4), 2_u8..=5, weight), 1..8)
}

proptest! {
    /// Who speaks first, and how often, changes nothing; no side is lost; a need asks for what some side did.
    #[test]
    fn merging_does_not_depend_on_the_order(said in claims(), by in any::<prop::sample::Index>()) {
        let key = key();
        let one = |(origin, from, to, weight): &(NeedOrigin, Option<u8>, u8, Option<u32>)| {
            let reason = (!origin.is_gathered()).then(|| text(&format!("{to}")));
            let weight = weight.map(Hundredths::from_count);
            NeedClaim { weight, reason, ..claim(key, *origin, *from, *to) }
        };
        let forth: Vec<_> = said.iter().map(one).collect();
        let mut turned = forth.clone();
        turned.rotate_left(by.index(forth.len()));
        turned.reverse();
        let twice = [forth.clone(), turned.clone()].concat();
        let needs = merged(forth.clone());
        prop_assert_eq!(&needs, &merged(turned));
        prop_assert_eq!(&needs, &merged(twice));
        let (from, to) = (said.iter().filter_map(|one| one.1).max(), said.iter().map(|one| one.2).max().unwrap());
        prop_assert_eq!(needs.is_empty(), from.is_some_and(|from| from >= to));
        for need in &needs {
            let sides: BTreeSet<_> = said.iter().map(|one| one.0).collect();
            prop_assert_eq!(need.origins.keys().map(|(origin, _)| *origin).collect::<BTreeSet<_>>(), sides);
            prop_assert_eq!((need.from.map(Level::get), need.to.get()), (from, to));
        }
    }

    /// More of a term is never less urgent, and the value is the exact product, rounded.
    #[test]
    fn more_of_a_term_is_never_less_urgent(
        weight in 1_u32..5_000, from in 1_u8..4, factor in 1_u32..=10_000, origin in origin(),
    ) {
        let rubric = PriorityRubric { overdue: Some(Hundredths::from_count(factor)), ..need_priority_policy().rubric };
        let priority = |weight: u32, from: u8, jp_overdue| {
            let weight = Some(Hundredths::from_count(weight));
            let need = Need::new(NeedClaim { weight, ..claim(key(), origin, Some(from), 5) });
            Priority::of(&need, &NeedFacts { jp_overdue, ..NeedFacts::default() }, &rubric)
        };
        let one = priority(weight, from, false);
        prop_assert!(one.exact() < priority(weight + 1, from, false).exact());
        prop_assert!(one.exact() > priority(weight, from + 1, false).exact());
        prop_assert_eq!(factor >= 100, priority(weight, from, true).exact() >= one.exact());
        let (exact, shown) = (one.exact(), u128::from(one.value().count()) * 10_000_000_000);
        prop_assert!(shown <= exact + 5_000_000_000 && exact < shown + 5_000_000_000);
    }
}
