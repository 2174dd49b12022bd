//! The life of a plan, every state by every action by every party, and what it refuses.

use std::fmt::Write as _;

use competency::{GapState, Importance, Severity};
use kernel::{AgencyId, Code, CompetencyId, Level, Period};
use proptest::prelude::*;
use workforce::JobClass;

use super::*;
use crate::enrolment::ParticipantFacts;
use crate::programme::Audience;

fn day(y: i32, m: u32, d: u32) -> NaiveDate {
    NaiveDate::from_ymd_opt(y, m, d).unwrap()
}

fn now() -> (DateTime<Utc>, NaiveDate) {
    (DateTime::UNIX_EPOCH, day(2026, 7, 1))
}

fn item(due_on: Option<NaiveDate>) -> PlanItem {
    PlanItem {
        id: PlanItemId::new(),
        line: new_line(),
        said: PlanItemDraft {
            step: None,
            programme: None,
            class: None,
            form: Code::parse("NKL01").unwrap(),
            title: Name::parse("Coaching").unwrap(),
            jp: Hundredths::from_count(400),
            cost: 0,
            budget: None,
            starts_on: None,
            due_on,
            mentor: None,
            evidence: None,
            origin: PlanOrigin::OwnWish,
        },
        carried_from: None,
        template_item: None,
        progress: ItemProgress::NONE,
    }
}

fn plan(state: PlanState) -> Plan {
    let items = vec![item(Some(day(2026, 9, 1)))];
    let said = PlanDraft { target: None, goal: None, items, attachments: vec![] };
    Plan { state, ..Plan::draft(PlanId::new(), EmployeeId::new(), 2026, 1, said).unwrap() }
}

fn caller(parties: &[PlanParty], oneself: bool) -> PlanCaller {
    let parties = parties.iter().copied().collect();
    PlanCaller { user: UserId::new(), oneself, machine: false, stands_in: false, parties }
}

fn reason() -> LongText {
    LongText::parse("Alasan").unwrap()
}

/// What an action comes to, whatever it is made of.
fn done(
    plan: &Plan,
    action: PlanAction,
    caller: &PlanCaller,
    authority: bool,
) -> Result<PlanState, PlanError> {
    plan.after(action, caller, authority, Some(&reason()), now()).map(|plan| plan.state)
}

#[test]
fn every_state_by_every_action_by_every_party_is_what_the_reviewed_file_says() {
    let mut table = String::new();
    for state in PlanState::ALL {
        for action in PlanAction::ALL {
            let plan = plan(state);
            let of = |party: PlanParty, oneself, authority| {
                done(&plan, action, &caller(&[party], oneself), authority).ok()
            };
            let may: Vec<_> =
                PlanParty::ALL.into_iter().filter(|party| of(*party, false, true).is_some()).collect();
            let Some(first) = may.first() else { continue };
            let (with, without) = (of(*first, false, true).unwrap(), of(*first, false, false).unwrap());
            let next = if with == without { with.to_string() } else { format!("{with} or {without}") };
            let names: Vec<_> = may.iter().map(|party| party.as_str()).collect();
            let own = may.iter().any(|party| of(*party, true, true).is_some());
            let not = if own { "" } else { " (not one's own)" };
            writeln!(table, "{state} {action} -> {next}: {}{not}", names.join(" ")).unwrap();
        }
    }
    assert_eq!(table, include_str!("machine.txt"));
}

#[test]
fn a_pair_of_state_and_action_has_one_row_and_what_is_offered_is_what_is_done() {
    for state in PlanState::ALL {
        for action in PlanAction::ALL {
            let rows =
                PLAN_TABLE.iter().filter(|rule| rule.action == action && rule.from.contains(&state)).count();
            assert!(rows <= 1, "{state} {action}");
            for party in PlanParty::ALL {
                let (plan, caller) = (plan(state), caller(&[party], party == PlanParty::Owner));
                let offered = plan.allowed_actions(&caller).contains(&action);
                assert_eq!(done(&plan, action, &caller, true).is_ok(), offered, "{state} {action} {party}");
            }
        }
    }
}

#[test]
fn nobody_decides_on_their_own_plan_whatever_else_they_are() {
    let all = caller(&PlanParty::ALL, true);
    for state in PlanState::ALL {
        for action in plan(state).allowed_actions(&all) {
            let deciding = [
                PlanAction::Review,
                PlanAction::Endorse,
                PlanAction::Approve,
                PlanAction::Enact,
                PlanAction::Return,
            ];
            assert!(!deciding.contains(&action), "{state} {action}");
        }
    }
    assert_eq!(done(&plan(PlanState::InReview), PlanAction::Endorse, &all, true), Err(PlanError::Oneself));
}

#[test]
fn a_machine_keeps_plans_and_decides_on_none() {
    let machine = PlanCaller { machine: true, ..caller(&[PlanParty::Keeper], false) };
    assert_eq!(
        plan(PlanState::Active).allowed_actions(&machine),
        [PlanAction::Progress, PlanAction::Revise, PlanAction::CarryOver, PlanAction::Comment]
    );
    assert_eq!(
        done(&plan(PlanState::Active), PlanAction::Complete, &machine, true),
        Err(PlanError::NotParty)
    );
}

#[test]
fn every_step_needs_another_officer() {
    let many = caller(&[PlanParty::Superior, PlanParty::Planner, PlanParty::Authority], false);
    let other = caller(&[PlanParty::Planner], false);
    let step = |plan: &Plan, action, by: &PlanCaller| plan.after(action, by, true, None, now());
    let endorsed = step(&plan(PlanState::InReview), PlanAction::Endorse, &many).unwrap();
    assert_eq!(step(&endorsed, PlanAction::Approve, &many), Err(PlanError::SameOfficer));
    let confirmed = step(&endorsed, PlanAction::Approve, &other).unwrap();
    assert_eq!(confirmed.state, PlanState::Confirmed);
    assert_eq!(confirmed.approved_at, None);
    assert_eq!(step(&confirmed, PlanAction::Enact, &many), Err(PlanError::SameOfficer));
    let authority = caller(&[PlanParty::Authority], false);
    let approved = step(&confirmed, PlanAction::Enact, &authority).unwrap();
    assert_eq!(approved.approved_at, Some(now().0));
    // Whoever agreed has to agree again to what was taken back.
    let owner = caller(&[PlanParty::Owner], true);
    let back = step(&confirmed, PlanAction::Withdraw, &owner).unwrap();
    assert_eq!((back.state, back.endorsed_by, back.confirmed_by), (PlanState::Draft, None, None));
}

#[test]
fn reasons_are_asked_for_and_an_empty_plan_is_not_submitted() {
    let superior = caller(&[PlanParty::Superior], false);
    let refused = plan(PlanState::InReview).after(PlanAction::Return, &superior, true, None, now());
    let violation = Violation::new("/reason", ViolationCode::Required);
    assert_eq!(refused, Err(PlanError::Invalid(vec![violation])));
    let owner = caller(&[PlanParty::Owner], true);
    let mut empty = plan(PlanState::Draft);
    empty.said.items.clear();
    assert_eq!(done(&empty, PlanAction::Submit, &owner, true), Err(PlanError::Empty));
    let mut dear = plan(PlanState::Draft);
    dear.said.items[0].said.cost = 1;
    let Err(PlanError::Invalid(found)) = done(&dear, PlanAction::Submit, &owner, true) else { panic!() };
    assert_eq!(found[0].pointer, "/items/0/budget");
}

#[test]
fn a_day_may_lie_in_the_past_until_the_plan_begins() {
    let owner = caller(&[PlanParty::Owner], true);
    let begin = |due_on, state| {
        let mut plan = plan(PlanState::Approved);
        plan.said.items[0].said.due_on = due_on;
        plan.said.items[0].progress.state = state;
        assert_eq!(plan.said.check(), Ok(()), "it never blocks an edit");
        done(&plan, PlanAction::Activate, &owner, true).is_ok()
    };
    assert!(begin(Some(day(2026, 7, 2)), ItemState::Planned));
    assert!(begin(Some(day(2026, 12, 31)), ItemState::Planned));
    for due_on in [None, Some(day(2026, 7, 1)), Some(day(2025, 1, 1)), Some(day(2027, 1, 1))] {
        assert!(!begin(due_on, ItemState::Planned), "{due_on:?}");
        assert!(begin(due_on, ItemState::Done), "what is done needs no day");
    }
}

#[test]
fn a_revision_keeps_lines_and_progress_and_goes_through_the_same_approvals() {
    let superior = caller(&[PlanParty::Superior], false);
    let mut active = plan(PlanState::Active);
    active.endorsed_by = Some(UserId::new());
    active.said.items[0].progress.percent = 40;
    let next = active.revise(&superior, Some(&reason()), PlanId::new(), 2).unwrap();
    assert_eq!((next.state, next.number, next.revises), (PlanState::Draft, 2, Some(active.id)));
    assert_eq!(next.endorsed_by, None);
    let (old, new) = (&active.said.items[0], &next.said.items[0]);
    assert_eq!((old.line, 40), (new.line, new.progress.percent));
    assert_ne!(old.id, new.id);
    assert!(active.revise(&superior, None, PlanId::new(), 2).is_err());
    let state = plan(PlanState::Approved).revise(&superior, Some(&reason()), PlanId::new(), 2);
    assert!(matches!(state, Err(PlanError::WrongState { .. })));
}

#[test]
fn what_is_unfinished_goes_into_the_next_year_and_nothing_else() {
    let owner = caller(&[PlanParty::Owner], true);
    let mut old = plan(PlanState::Completed);
    old.said.items.push(item(None));
    old.said.items[0].progress.state = ItemState::Done;
    let carried = old.carry_over(&owner).unwrap();
    assert_eq!(carried.len(), 1);
    assert_eq!(
        (carried[0].carried_from, carried[0].said.origin),
        (Some(old.said.items[1].id), PlanOrigin::CarriedOver)
    );
    assert_ne!(carried[0].line, old.said.items[1].line);
    old.said.items[1].progress.state = ItemState::Dropped;
    assert_eq!(old.carry_over(&owner), Err(PlanError::Empty));
}

#[test]
fn progress_agrees_with_itself_and_adds_up() {
    let fine = ItemProgress { state: ItemState::Started, percent: 50, ..ItemProgress::NONE };
    assert_eq!(fine.check(), Ok(()));
    let at = |progress: ItemProgress| progress.check().unwrap_err()[0].pointer.clone();
    assert_eq!(at(ItemProgress { percent: 100, ..fine.clone() }), "/percent");
    assert_eq!(at(ItemProgress { state: ItemState::Done, percent: 100, ..fine.clone() }), "/evidence");
    assert_eq!(at(ItemProgress { state: ItemState::Dropped, ..fine.clone() }), "/note");
    let mut whole = plan(PlanState::Active);
    whole.said.items.extend([item(None), item(None)]);
    whole.said.items[0].said.cost = 5_000_000;
    whole.said.items[1].progress = ItemProgress { committed: 7, realised: 3, ..fine.clone() };
    whole.said.items[2].progress.state = ItemState::Dropped;
    let figures = whole.figures();
    assert_eq!((figures.items, figures.done, figures.dropped, figures.percent), (3, 0, 1, Some(25)));
    assert_eq!((figures.planned, figures.committed, figures.realised), (5_000_000, 7, 3));
    assert_eq!(figures.jp_planned.count(), 1200);
    let owner = caller(&[PlanParty::Owner], true);
    let told = whole.tell(whole.said.items[0].id, fine, &owner).unwrap().unwrap();
    assert_eq!(told.figures().percent, Some(50));
    assert_eq!(whole.tell(PlanItemId::new(), ItemProgress::NONE, &owner), Ok(None));
}

fn line(state: GapState, required: i64, achieved: Option<i64>, severity: Severity) -> SnapshotLine {
    let level = |level| Level::new(level).unwrap();
    SnapshotLine {
        competency_agency: kernel::NATIONAL,
        competency: CompetencyId::new(),
        code: Code::parse("M.1").unwrap(),
        name: Name::parse("Integritas").unwrap(),
        required: level(required),
        achieved: achieved.map(level),
        state,
        severity,
        importance: Importance::Penting,
        unplanned: None,
    }
}

fn offer(line: &SnapshotLine, code: &str, from: Option<i64>, to: i64, jp: u32, price: Option<i64>) -> Offer {
    Offer {
        programme: new_line(),
        code: Code::parse(code).unwrap(),
        name: Name::parse(code).unwrap(),
        form: Code::parse("KL03").unwrap(),
        jp: Some(Hundredths::from_count(jp * 100)),
        price,
        competency_agency: line.competency_agency,
        competency: line.competency,
        from: from.map(|from| Level::new(from).unwrap()),
        to: Level::new(to).unwrap(),
        audience: Audience::default(),
    }
}

fn proposed(lines: &[SnapshotLine], offers: &[Offer], most_items: u8, room: Option<u32>) -> Proposal {
    proposed_to(&ParticipantFacts::default(), lines, offers, most_items, room)
}

fn proposed_to(
    learner: &ParticipantFacts,
    lines: &[SnapshotLine],
    offers: &[Offer],
    most_items: u8,
    room: Option<u32>,
) -> Proposal {
    let snapshot =
        GapSnapshot { as_of: now().1, known_at: now().0, position: PositionId::new(), lines: lines.to_vec() };
    let rubric = PlanRubric { authority: false, most_items };
    let year = Period { from: now().1, last: None };
    let mut rooms = room.map(|jp| JpRooms::of(&[(year, jp)])).unwrap_or_default();
    propose(snapshot, (offers, learner), PlanOrigin::HeldGap, &rubric, &mut rooms)
}

#[test]
fn every_open_gap_has_an_item_or_a_reason() {
    let lines = [
        line(GapState::Met, 3, Some(3), Severity::None),
        line(GapState::Gap, 3, Some(2), Severity::Medium),
        line(GapState::Missing, 3, None, Severity::Medium),
        line(GapState::Expired, 3, None, Severity::High),
        line(GapState::Gap, 4, Some(1), Severity::Critical),
        line(GapState::Gap, 2, Some(1), Severity::Low),
    ];
    let offers = [
        offer(&lines[1], "B", Some(2), 3, 10, Some(9)),
        offer(&lines[1], "A", None, 3, 10, Some(9)),
        offer(&lines[1], "DEARER", None, 3, 10, Some(10)),
        offer(&lines[1], "FURTHER", None, 5, 10, Some(1)),
        offer(&lines[4], "SHORT", None, 3, 20, None),
        offer(&lines[4], "TOO-HIGH", Some(2), 4, 20, None),
    ];
    let found = proposed(&lines, &offers, 10, None);
    let titles: Vec<_> = found.items.iter().map(|item| item.said.title.as_str()).collect();
    assert_eq!(titles, ["SHORT", "A"], "the most severe first; what starts above them does not fit");
    let reasons: Vec<_> = found.snapshot.lines.iter().map(|line| line.unplanned).collect();
    use UnplannedReason as R;
    assert_eq!(
        reasons,
        [None, None, Some(R::NeverAssessed), Some(R::AssessmentExpired), None, Some(R::NoProgramme)]
    );
    let one = proposed(&lines, &offers, 1, None);
    assert_eq!(one.snapshot.lines[1].unplanned, Some(R::BeyondMostItems));
    let room = proposed(&lines, &offers, 10, Some(25));
    assert_eq!(room.snapshot.lines[1].unplanned, Some(R::BeyondCeiling));
}

/// What somebody tries: the action, what they are, whether it is their plan, and what the policy asks.
fn tries() -> impl Strategy<Value = Vec<(usize, Vec<usize>, bool, bool, u8)>> {
    let one = (
        0..PlanAction::ALL.len(),
        proptest::collection::vec(0..PlanParty::ALL.len(), 0..3),
        any::<bool>(),
        any::<bool>(),
        0_u8..4,
    );
    proptest::collection::vec(one, 0..40)
}

proptest! {
    /// No sequence of calls reaches a state the table does not lead to, skips an approval, or leaves a plan that nobody
    /// agreed to active.
    #[test]
    fn no_sequence_of_calls_reaches_an_undeclared_state(tries in tries()) {
        let users = [UserId::new(), UserId::new(), UserId::new(), UserId::new()];
        let mut plan = plan(PlanState::Draft);
        let mut authority_asked = false;
        for (action, parties, oneself, authority, user) in tries {
            let action = PlanAction::ALL[action];
            let parties = parties.into_iter().map(|party| PlanParty::ALL[party]).collect();
            let user = users[usize::from(user)];
            let caller = PlanCaller { user, oneself, machine: false, stands_in: false, parties };
            let before = plan.clone();
            match plan.after(action, &caller, authority, Some(&reason()), now()) {
                Ok(after) => {
                    let rule = plan_rule(before.state, action).unwrap();
                    prop_assert!(rule.parties.iter().any(|party| caller.parties.contains(party)));
                    prop_assert!(!(rule.decides && caller.oneself));
                    prop_assert_eq!(after.state, rule.step.from(before.state, authority));
                    if action == PlanAction::Approve { authority_asked = authority }
                    if after.state == PlanState::Approved && before.state != PlanState::Approved {
                        prop_assert!(after.endorsed_by.is_some() && after.confirmed_by.is_some());
                        prop_assert_ne!(after.endorsed_by, after.confirmed_by);
                        prop_assert_eq!(authority_asked, before.state == PlanState::Confirmed);
                    }
                    if after.state == PlanState::Active {
                        prop_assert!(after.approved_at.is_some() && after.activated_at.is_some());
                    }
                    plan = after;
                }
                Err(_) => prop_assert_eq!(&plan, &before),
            }
        }
    }

    /// However gaps and programmes lie, each open gap ends with exactly one of the two.
    #[test]
    fn a_proposal_leaves_no_gap_unanswered(
        lines in proptest::collection::vec((0_usize..5, 1_i64..6, 1_i64..6), 0..12),
        teaches in proptest::collection::vec((0_usize..12, 0_i64..5, 1_i64..6, 1_u32..30), 0..30),
        most in 1_u8..6,
        room in proptest::option::of(0_u32..60),
    ) {
        let lines: Vec<_> = lines.into_iter().map(|(state, required, achieved)| {
            let state = GapState::ALL[state];
            let achieved = (!matches!(state, GapState::Missing | GapState::Expired)).then_some(achieved);
            line(state, required, achieved, Severity::ALL[usize::try_from(required % 5).unwrap()])
        }).collect();
        let offers: Vec<_> = teaches.into_iter().filter_map(|(index, from, to, jp)| {
            Some(offer(lines.get(index)?, &format!("P{index}{from}{to}{jp}"), (from > 0).then_some(from), to, jp, None))
        }).collect();
        let found = proposed(&lines, &offers, most, room);
        prop_assert!(found.items.len() <= usize::from(most));
        for line in &found.snapshot.lines {
            let items = found.items.iter().filter(|item| item.said.step.is_some_and(|step| step.competency == line.competency)).count();
            let answers = items + usize::from(line.unplanned.is_some());
            prop_assert_eq!(answers, usize::from(line.is_open()), "{:?}", line);
        }
        if let Some(room) = room {
            let jp: u32 = found.items.iter().map(|item| item.said.jp.count()).sum();
            prop_assert!(jp <= room * 100);
        }
    }
}

#[test]
fn what_is_for_others_or_was_learned_is_not_planned() {
    let gap = line(GapState::Gap, 3, Some(2), Severity::High);
    let clerks = Audience { job_classes: vec![JobClass::Pelaksana], job_families: Vec::new() };
    let cheap = Offer { audience: clerks, ..offer(&gap, "A", None, 3, 10, Some(1)) };
    let dear = offer(&gap, "B", None, 3, 10, Some(9));
    let offers = [cheap.clone(), dear.clone()];
    let of = |learner: &ParticipantFacts| {
        let found = proposed_to(learner, std::slice::from_ref(&gap), &offers, 10, None);
        (found.items.first().and_then(|item| item.said.programme), found.snapshot.lines[0].unplanned)
    };
    let clerk = ParticipantFacts { job_class: Some(JobClass::Pelaksana), ..ParticipantFacts::default() };
    assert_eq!(of(&clerk), (Some(cheap.programme), None));
    let chief = ParticipantFacts { job_class: Some(JobClass::Pengawas), ..ParticipantFacts::default() };
    assert_eq!(of(&chief), (Some(dear.programme), None));
    let learned = ParticipantFacts { certified: vec![dear.programme.into()], ..chief };
    assert_eq!(of(&learned), (None, Some(UnplannedReason::NoProgramme)));
}

#[test]
fn other_agencies_competencies_are_not_mistaken_for_ours() {
    let gap = line(GapState::Gap, 3, Some(2), Severity::Medium);
    let foreign = Offer { competency_agency: AgencyId::new(), ..offer(&gap, "A", None, 3, 10, None) };
    let found = proposed(&[gap], &[foreign], 10, None);
    assert_eq!(found.snapshot.lines[0].unplanned, Some(UnplannedReason::NoProgramme));
}

#[test]
fn hours_that_are_to_come_go_by_the_contract_year_of_their_day() {
    let june = Period { from: day(2025, 7, 1), last: Some(day(2026, 6, 30)) };
    let next = Period { from: day(2026, 7, 1), last: Some(day(2027, 6, 30)) };
    let rooms = || JpRooms::of(&[(june, 0), (next, 6)]);
    let of = |items: Vec<PlanItem>| {
        let said = PlanDraft { target: None, goal: None, items, attachments: vec![] };
        Plan::draft(PlanId::new(), EmployeeId::new(), 2026, 1, said).unwrap()
    };
    let over = |items| of(items).beyond(rooms()).count();
    // Each is of four hours.
    assert_eq!(over(vec![item(Some(day(2026, 9, 1)))]), 0);
    assert_eq!(over(vec![item(Some(day(2026, 6, 30)))]), 400);
    assert_eq!(over(vec![item(Some(day(2026, 9, 1))), item(Some(day(2026, 12, 1)))]), 200);
    // Nothing more comes of what was given up, or done for less; of the rest what is not earned yet.
    let progress = |state, jp| PlanItem {
        progress: ItemProgress { state, jp: Hundredths::from_count(jp), ..ItemProgress::NONE },
        ..item(Some(day(2026, 12, 1)))
    };
    let (dropped, done) = (progress(ItemState::Dropped, 0), progress(ItemState::Done, 100));
    let begun = progress(ItemState::Started, 200);
    assert_eq!(over(vec![dropped, done, begun, item(Some(day(2026, 9, 1)))]), 0);
    assert_eq!(of(vec![item(Some(day(2026, 6, 30)))]).beyond(JpRooms::default()).count(), 0);
}

#[test]
fn what_was_completed_brings_the_ledgers_hours_once() {
    let (programme, class) = (new_line(), new_line());
    let naming = |class| {
        let mut item = item(None);
        (item.said.programme, item.said.class) = (Some(programme), class);
        item.progress.jp = Hundredths::from_count(900);
        item
    };
    let items = vec![item(None), naming(None), naming(None), naming(Some(class))];
    let said = PlanDraft { target: None, goal: None, items, attachments: vec![] };
    let plan = Plan::draft(PlanId::new(), EmployeeId::new(), 2026, 1, said).unwrap();
    let credited = |class, jp| CreditedClass { programme, class, jp: Hundredths::from_count(jp) };
    let other = CreditedClass { programme: new_line(), ..credited(new_line(), 7) };
    let held = [credited(class, 0), credited(new_line(), 100), credited(new_line(), 20), other];
    let plan = plan.with_ledger(&held);
    let earned: Vec<_> = plan
        .said
        .items
        .iter()
        .map(|item| (item.progress.earned().0.count(), item.progress.earned().1))
        .collect();
    use EarnedBy as E;
    assert_eq!(earned, [(0, E::Told), (120, E::Ledger), (900, E::Told), (0, E::Ledger)]);
    assert_eq!(plan.figures().jp_earned.count(), 1020);
    assert_eq!(plan.with_ledger(&[]).figures().jp_earned.count(), 2700);
}

#[test]
fn where_nobody_is_above_the_authority_agrees_for_the_superior_and_for_itself() {
    let chief = PlanCaller { stands_in: true, ..caller(&[PlanParty::Superior, PlanParty::Authority], false) };
    let planner = caller(&[PlanParty::Planner], false);
    let agreed = |by: &PlanCaller| {
        let endorsed = plan(PlanState::InReview).after(PlanAction::Endorse, by, true, None, now()).unwrap();
        endorsed.after(PlanAction::Approve, &planner, true, None, now()).unwrap()
    };
    let enacted = agreed(&chief).after(PlanAction::Enact, &chief, true, None, now()).unwrap();
    assert_eq!(enacted.state, PlanState::Approved);
    // Whoever is the superior in their own right does not agree twice, and nobody takes the planner's part as well.
    let superior = PlanCaller { stands_in: false, ..chief.clone() };
    assert_eq!(agreed(&superior).permit(PlanAction::Enact, &superior).unwrap_err(), PlanError::SameOfficer);
    let all = PlanCaller { parties: PlanParty::ALL.into_iter().collect(), ..chief };
    let endorsed = plan(PlanState::InReview).after(PlanAction::Endorse, &all, true, None, now()).unwrap();
    assert_eq!(endorsed.permit(PlanAction::Approve, &all).unwrap_err(), PlanError::SameOfficer);
}
