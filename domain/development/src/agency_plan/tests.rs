//! The life of an agency's plan, every state by every action by every party; what is missing of one; sums.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use chrono::NaiveDate;
use kernel::{
    AgencyId, AgencyPlanItemId, BudgetLineId, ClassId, Code, CompetencyId, EmployeeId, Hundredths, Level,
    PartnerId, ProgrammeId, Rupiah,
};
use proptest::prelude::*;

use super::*;
use crate::plan::PlanStepTaken;
use crate::programme::Price;

fn day(y: i32, m: u32, d: u32) -> NaiveDate {
    NaiveDate::from_ymd_opt(y, m, d).unwrap()
}

fn rupiah(amount: i64) -> Rupiah {
    Rupiah::new(amount).unwrap()
}

fn said() -> AgencyPlanDraft {
    AgencyPlanDraft { name: Name::parse("Rencana 2027").unwrap(), objective: None, ceilings: vec![] }
}

fn plan(state: AgencyPlanState) -> AgencyPlan {
    let made = AgencyPlan::draft(AgencyPlanId::new(), (2027, None), 1, said()).unwrap();
    AgencyPlan { state, ..made }
}

fn caller(parties: &[AgencyPlanParty]) -> AgencyPlanCaller {
    AgencyPlanCaller {
        user: UserId::new(),
        machine: false,
        wrote: false,
        parties: parties.iter().copied().collect(),
    }
}

fn done(
    plan: &AgencyPlan,
    action: AgencyPlanAction,
    caller: &AgencyPlanCaller,
) -> Result<AgencyPlanState, AgencyPlanError> {
    let reason = LongText::parse("Alasan").unwrap();
    plan.after(action, caller, Some(&reason), None, DateTime::UNIX_EPOCH).map(|plan| plan.state)
}

#[test]
fn every_state_by_every_action_by_every_party_is_what_the_reviewed_file_says() {
    let mut table = String::new();
    for state in AgencyPlanState::ALL {
        for action in AgencyPlanAction::ALL {
            let plan = plan(state);
            let of = |party| done(&plan, action, &caller(&[party])).ok();
            let may: Vec<_> = AgencyPlanParty::ALL.into_iter().filter(|party| of(*party).is_some()).collect();
            let Some(first) = may.first() else { continue };
            let names: Vec<_> = may.iter().map(|party| party.as_str()).collect();
            writeln!(table, "{state} {action} -> {}: {}", of(*first).unwrap(), names.join(" ")).unwrap();
        }
    }
    assert_eq!(table, include_str!("machine.txt"));
}

#[test]
fn what_is_offered_is_what_is_done_and_a_pair_has_one_row() {
    for state in AgencyPlanState::ALL {
        for action in AgencyPlanAction::ALL {
            let row = |rule: &&AgencyPlanRule| rule.action == action && rule.from.contains(&state);
            assert!(AGENCY_PLAN_TABLE.iter().filter(row).count() <= 1, "{state} {action}");
            for party in AgencyPlanParty::ALL {
                let (plan, caller) = (plan(state), caller(&[party]));
                let offered = plan.allowed_actions(&caller).contains(&action);
                assert_eq!(done(&plan, action, &caller).is_ok(), offered, "{state} {action} {party}");
            }
        }
    }
}

#[test]
fn whoever_prepared_a_plan_does_not_set_it() {
    use AgencyPlanAction as A;
    let all = caller(&AgencyPlanParty::ALL);
    let submitted =
        plan(AgencyPlanState::Draft).after(A::Submit, &all, None, None, DateTime::UNIX_EPOCH).unwrap();
    assert_eq!(done(&submitted, A::Enact, &all), Err(AgencyPlanError::SameOfficer));
    assert!(!submitted.allowed_actions(&all).contains(&A::Enact));
    let wrote = AgencyPlanCaller { wrote: true, ..caller(&AgencyPlanParty::ALL) };
    assert_eq!(done(&submitted, A::Enact, &wrote), Err(AgencyPlanError::SameOfficer));
    assert_eq!(done(&submitted, A::Enact, &caller(&[AgencyPlanParty::Authority])), Ok(AgencyPlanState::Set));
}

#[test]
fn what_is_not_whole_is_neither_submitted_nor_set() {
    use AgencyPlanAction as A;
    let (planner, authority) = (caller(&[AgencyPlanParty::Planner]), caller(&[AgencyPlanParty::Authority]));
    let (at, empty) = (DateTime::UNIX_EPOCH, Completeness { empty: true, ..Completeness::default() });
    for (state, action, by) in
        [(AgencyPlanState::Draft, A::Submit, &planner), (AgencyPlanState::Submitted, A::Enact, &authority)]
    {
        let refused = plan(state).after(action, by, None, Some(&empty), at).unwrap_err();
        assert_eq!(refused.code(), "AGENCY_PLAN_INCOMPLETE", "{action}");
        plan(state).after(action, by, None, Some(&Completeness::default()), at).unwrap();
    }
}

#[test]
fn a_class_of_a_programme_that_was_retired_is_held_all_the_same() {
    assert_eq!(Whole::changed(|one| one.item.offer.withdrawn = true), []);
}

#[test]
fn a_machine_drafts_and_neither_submits_nor_sets() {
    use AgencyPlanAction as A;
    let machine = AgencyPlanCaller { machine: true, ..caller(&AgencyPlanParty::ALL) };
    assert_eq!(plan(AgencyPlanState::Draft).allowed_actions(&machine), [A::Edit, A::Cancel]);
    assert_eq!(plan(AgencyPlanState::Submitted).allowed_actions(&machine), []);
}

#[test]
fn a_return_and_a_revision_need_their_reason() {
    let authority = caller(&[AgencyPlanParty::Authority]);
    let (submitted, at) = (plan(AgencyPlanState::Submitted), DateTime::UNIX_EPOCH);
    let refused = submitted.after(AgencyPlanAction::Return, &authority, None, None, at).unwrap_err();
    assert_eq!(refused.code(), "INVALID");
    let keeper = caller(&[AgencyPlanParty::Keeper]);
    assert_eq!(
        plan(AgencyPlanState::Set).revise(&keeper, None, AgencyPlanId::new(), 2).unwrap_err().code(),
        "INVALID"
    );
    let (set, reason) = (plan(AgencyPlanState::Set), LongText::parse("Pergeseran anggaran").unwrap());
    let next = set.revise(&keeper, Some(&reason), AgencyPlanId::new(), 2).unwrap();
    assert_eq!((next.revises, next.state, next.number), (Some(set.id), AgencyPlanState::Draft, 2));
}

/// A plan of one item that lacks nothing: two people, a programme, a line that suffices.
struct Whole {
    item: AgencyPlanItem,
    lines: Vec<BudgetLine>,
    ground: PlanGround,
    people: [EmployeeId; 2],
    unit: UnitId,
}

fn step(competency: CompetencyId, to: i64) -> PlanStepTaken {
    let level = |value| Level::new(value).unwrap();
    PlanStepTaken { competency_agency: AgencyId::new(), competency, from: Some(level(to - 1)), to: level(to) }
}

fn whole() -> Whole {
    let (competency, unit, form) = (CompetencyId::new(), UnitId::new(), Code::parse("KL03").unwrap());
    let people = [EmployeeId::new(), EmployeeId::new()];
    let line = BudgetLine {
        id: BudgetLineId::new(),
        code: Code::parse("5.1.02.02.12.0001").unwrap(),
        name: Name::parse("Belanja kursus").unwrap(),
        source: FundSource::Apbd,
        unit: None,
        amount: rupiah(7_000_000),
    };
    let said = AgencyPlanItemDraft {
        programme: Some(ProgrammeId::new()),
        class: Some(ClassId::new()),
        title: None,
        form: None,
        provider: None,
        days: None,
        curriculum_owner: None,
        curriculum: None,
        jp: None,
        price: Price::default(),
        funds: vec![Fund { line: line.id, amount: None }],
        targets: people.map(|employee| PlanTarget { employee, steps: vec![step(competency, 3)] }).to_vec(),
        note: None,
    };
    let offer = PlanOffer {
        name: Some(Name::parse("Pelatihan").unwrap()),
        form: Some(form.clone()),
        provider: Some(PartnerId::new()),
        curriculum_owner: Some(PartnerId::new()),
        jp: Some(Hundredths::from_count(2_400)),
        price: Price { per_participant: Some(rupiah(2_500_000)), per_class: Some(rupiah(2_000_000)) },
        steps: vec![OfferStep {
            competency_agency: AgencyId::new(),
            competency,
            from: None,
            to: Level::new(3).unwrap(),
        }],
        days: Some((day(2027, 2, 1), day(2027, 2, 3))),
        seats: Some(2),
        cancelled: false,
        withdrawn: false,
    };
    let ground = PlanGround {
        year: 2027,
        scope: None,
        forms: BTreeSet::from([form]),
        serves: people.iter().map(|one| (*one, unit)).collect(),
        above: BTreeMap::from([(unit, BTreeSet::from([unit]))]),
    };
    let item = AgencyPlanItem { id: AgencyPlanItemId::new(), said, offer, origin: AgencyPlanOrigin::Manual };
    Whole { item, lines: vec![line], ground, people, unit }
}

impl Whole {
    fn missing(&self) -> Completeness {
        completeness(std::slice::from_ref(&self.item), &self.lines, &[], &self.ground)
    }

    fn lacks(&self) -> Vec<(PlanContent, LackReason)> {
        self.missing().lacks.iter().map(|lack| (lack.content, lack.reason)).collect()
    }

    fn changed(change: impl FnOnce(&mut Self)) -> Vec<(PlanContent, LackReason)> {
        let mut whole = whole();
        change(&mut whole);
        whole.lacks()
    }
}

#[test]
fn what_the_programme_and_the_class_say_need_not_be_said_again() {
    let whole = whole();
    assert_eq!(whole.missing(), Completeness::default());
    assert_eq!(whole.item.cost(), Some(rupiah(7_000_000)), "two people and the class");
    assert_eq!(whole.item.drawn(), [(whole.lines[0].id, Some(rupiah(7_000_000)))]);
}

#[test]
fn each_of_the_seven_contents_is_named_when_it_is_missing_and_why() {
    use LackReason as R;
    use PlanContent as C;
    type Change = fn(&mut Whole);
    let cases: [(Change, C, R); 18] = [
        (
            |one| {
                one.item.offer.steps.clear();
                one.item.said.targets.iter_mut().for_each(|target| target.steps.clear());
            },
            C::CompetencyType,
            R::NoCompetency,
        ),
        (|one| one.item.offer.steps[0].to = Level::new(2).unwrap(), C::CompetencyType, R::NotTaught),
        (|one| one.item.said.targets.clear(), C::TargetPersons, R::Nobody),
        (|one| one.ground.serves.retain(|who, _| *who != one.people[1]), C::TargetPersons, R::Left),
        (|one| one.ground.scope = Some(UnitId::new()), C::TargetPersons, R::OutsideScope),
        (|one| one.item.offer.seats = Some(1), C::TargetPersons, R::BeyondSeats),
        (|one| one.item.offer.form = None, C::FormAndPath, R::NoForm),
        (|one| one.ground.forms.clear(), C::FormAndPath, R::UnknownForm),
        (|one| one.item.offer.provider = None, C::Provider, R::NoProvider),
        (
            |one| {
                one.item.offer.withdrawn = true;
                one.item.said.class = None;
            },
            C::Provider,
            R::NotOffered,
        ),
        (|one| one.item.offer.days = None, C::Schedule, R::NoDays),
        (|one| one.ground.year = 2028, C::Schedule, R::OutsideYear),
        (|one| one.item.offer.cancelled = true, C::Schedule, R::ClassCancelled),
        (|one| one.item.offer.curriculum_owner = None, C::Curriculum, R::NoCurriculum),
        (|one| one.item.offer.price = Price::default(), C::Budget, R::NoPrice),
        (|one| one.item.said.funds.clear(), C::Budget, R::NoLine),
        (|one| one.item.said.funds[0].amount = Some(rupiah(6_999_999)), C::Budget, R::AmountDiffers),
        (|one| one.lines[0].unit = Some(UnitId::new()), C::Budget, R::OtherUnitsLine),
    ];
    for (change, content, reason) in cases {
        let mut found = Whole::changed(change);
        // Who has no price has nothing to take from a line either; nobody pays for nobody.
        found.retain(|lack| lack.1 != R::AmountDiffers || reason == R::AmountDiffers);
        assert_eq!(found, [(content, reason)], "{content} {reason}");
    }
    let contents: BTreeSet<_> = cases.iter().map(|(_, content, _)| *content).collect();
    assert_eq!(contents.len(), PlanContent::ALL.len(), "all seven");
}

#[test]
fn what_an_item_says_itself_goes_before_what_the_programme_says() {
    let mut one = whole();
    one.item.offer = PlanOffer::default();
    one.item.said.title = Some(Name::parse("Magang").unwrap());
    assert_eq!(one.lacks().len(), 5, "five contents the programme said; the places name their competency");
    let said = &mut one.item.said;
    said.form = Some(Code::parse("KL03").unwrap());
    said.provider = Some(PartnerId::new());
    said.days = Some((day(2027, 5, 1), day(2027, 5, 2)));
    said.curriculum = Some(LongText::parse("Mengikuti kurikulum LAN").unwrap());
    said.price.per_class = Some(rupiah(0));
    said.funds.clear();
    assert_eq!(one.lacks(), [], "what is free needs no line");
}

#[test]
fn lines_and_units_say_by_how_much_they_are_overdrawn() {
    let mut one = whole();
    one.lines[0].amount = rupiah(6_999_999);
    let missing = one.missing();
    let expected =
        Overdrawn { of: one.lines[0].id, amount: rupiah(6_999_999), drawn: Some(rupiah(7_000_000)) };
    assert_eq!((missing.lines, missing.lacks), (vec![expected], vec![]));
    let ceiling = |amount| [UnitCeiling { unit: one.unit, amount: rupiah(amount) }];
    let of = |amount| completeness(std::slice::from_ref(&one.item), &[], &ceiling(amount), &one.ground).units;
    assert_eq!(of(5_000_000), [], "the class's own price is nobody's");
    let over = Overdrawn { of: one.unit, amount: rupiah(4_999_999), drawn: Some(rupiah(5_000_000)) };
    assert_eq!(of(4_999_999), [over]);
    assert!(completeness(&[], &[], &[], &one.ground).empty);
}

#[test]
fn items_that_share_a_class_share_its_seats() {
    let mut one = whole();
    one.item.offer.seats = Some(3);
    let other = AgencyPlanItem { id: AgencyPlanItemId::new(), ..one.item.clone() };
    one.lines[0].amount = rupiah(14_000_000);
    let beyond = |items: &[AgencyPlanItem]| -> Vec<AgencyPlanItemId> {
        let missing = completeness(items, &one.lines, &[], &one.ground);
        let seats = missing.lacks.iter().filter(|lack| lack.reason == LackReason::BeyondSeats);
        seats.map(|lack| lack.item).collect()
    };
    assert_eq!(beyond(std::slice::from_ref(&one.item)), []);
    assert_eq!(
        beyond(&[one.item.clone(), other.clone()]),
        [one.item.id, other.id],
        "four places, three seats"
    );
    let elsewhere =
        AgencyPlanItem { said: AgencyPlanItemDraft { class: None, ..other.said.clone() }, ..other };
    assert_eq!(beyond(&[one.item.clone(), elsewhere]), []);
}

#[test]
fn sums_beyond_counting_are_none_and_count_as_overdrawn() {
    let mut one = whole();
    one.item.said.price.per_participant = Some(Rupiah::MAX);
    assert_eq!(one.item.cost(), None);
    assert!(one.lacks().contains(&(PlanContent::Budget, LackReason::NoPrice)));
    let ceilings = [UnitCeiling { unit: one.unit, amount: Rupiah::MAX }];
    let missing = completeness(std::slice::from_ref(&one.item), &one.lines, &ceilings, &one.ground);
    assert_eq!(missing.units[0].drawn, None);
    assert_eq!(sum([Rupiah::MAX, rupiah(1)]), None);
    let most = Rupiah::MAX.amount();
    let full = PlanOutturn { planned: most, committed: most, realised: most, ..PlanOutturn::default() };
    assert_eq!(full.plus(full), Some(full), "the greatest amount there is");
    let full = PlanOutturn { places: i64::MAX, ..PlanOutturn::default() };
    assert_eq!(full.plus(PlanOutturn { places: 1, ..PlanOutturn::default() }), None);
}

#[test]
fn who_sees_no_person_is_told_no_single_assessment() {
    let figures = PlanOutturn {
        places: 13,
        completed: 11,
        steps_planned: 12,
        steps_assessed: 8,
        steps_reached: 7,
        levels_gained: 2,
        ..PlanOutturn::default()
    };
    let told = PlanOutturn { steps_assessed: 10, steps_reached: 5, levels_gained: 0, ..figures };
    assert_eq!(figures.coarse(), told);
}

#[test]
fn an_item_is_told_everything_that_cannot_stand() {
    let mut item = whole().item.said;
    item.programme = None;
    item.targets.push(item.targets[0].clone());
    let again = item.targets[1].steps[0];
    item.targets[1].steps.push(again);
    item.funds.push(item.funds[0]);
    item.days = Some((day(2027, 2, 2), day(2027, 2, 1)));
    let found: Vec<_> = item.check().unwrap_err().into_iter().map(|one| (one.pointer, one.code)).collect();
    let expected = [
        ("/ends_on", ViolationCode::PeriodReversed),
        ("/funds/1/amount", ViolationCode::Required),
        ("/funds/1/budget_line_id", ViolationCode::Duplicate),
        ("/programme_id", ViolationCode::Required),
        ("/targets/1/steps/1/competency_id", ViolationCode::Duplicate),
        ("/targets/2/employee_id", ViolationCode::Duplicate),
        ("/title", ViolationCode::Required),
    ];
    assert_eq!(found, expected.map(|(at, code)| (at.to_owned(), code)));
}

proptest! {
    /// A whole item takes from its lines what it costs, to the last rupiah, however that is divided.
    #[test]
    fn lines_pay_exactly_what_an_item_costs(each in 0_i64..10_000_000, class in 0_i64..50_000_000, given in 0_i64..60_000_000) {
        let mut one = whole();
        one.item.said.price = Price { per_participant: Some(rupiah(each)), per_class: Some(rupiah(class)) };
        let second = BudgetLine { id: BudgetLineId::new(), amount: Rupiah::MAX, ..one.lines[0].clone() };
        one.lines[0].amount = Rupiah::MAX;
        one.item.said.funds.push(Fund { line: second.id, amount: Some(rupiah(given)) });
        one.lines.push(second);
        let cost = one.item.cost().unwrap();
        prop_assert_eq!(cost, rupiah(2 * each + class));
        let drawn = sum(one.item.drawn().into_iter().filter_map(|(_, amount)| amount)).unwrap();
        prop_assert_eq!(drawn, cost.max(rupiah(given)));
        prop_assert_eq!(one.missing().is_whole(), given <= cost.amount());
    }
}
