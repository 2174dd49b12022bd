use super::*;
use EvaluationInstrument as I;

fn at(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

fn class(state: ClassState) -> EvaluatedClass {
    EvaluatedClass {
        state,
        starts_at: at("2026-07-20T01:00:00Z"),
        ends_at: at("2026-08-31T17:00:00Z"),
        teaches: true,
    }
}

fn rubric() -> EvaluationRubric {
    evaluation_policy().rubric
}

fn person(seated: bool, attended: bool) -> Participation {
    Participation { enrolment: EnrolmentId::new(), employee: EmployeeId::new(), seated, attended }
}

/// The tasks after the changes.
fn applied(mut tasks: Vec<StandingTask>, changes: &[EvaluationChange]) -> Vec<StandingTask> {
    for change in changes {
        match *change {
            EvaluationChange::Make { enrolment, instrument, .. } => {
                tasks.push(StandingTask { id: EvaluationTaskId::new(), enrolment, instrument, void: None });
            }
            EvaluationChange::Void(id, why) => {
                tasks.iter_mut().find(|task| task.id == id).unwrap().void = Some(why);
            }
            EvaluationChange::Revive(id) => tasks.iter_mut().find(|task| task.id == id).unwrap().void = None,
        }
    }
    tasks
}

fn changes(
    state: ClassState,
    people: &[Participation],
    tasks: &[StandingTask],
    now: &str,
) -> Vec<EvaluationChange> {
    evaluation_changes(&class(state), people, tasks, &rubric(), AgencyZone::Wib, at(now))
}

#[test]
fn whoever_has_a_seat_is_tested_and_whoever_was_there_is_asked() {
    let [there, absent, waiting] = [person(true, true), person(true, false), person(false, false)];
    let people = [there, absent, waiting];
    let (before, during) = ("2026-07-20T00:59:59Z", "2026-07-20T01:00:00Z");
    assert!(changes(ClassState::Open, &people, &[], before).is_empty());
    let begun = applied(Vec::new(), &changes(ClassState::Open, &people, &[], during));
    let told: Vec<_> = begun.iter().map(|task| (task.enrolment, task.instrument)).collect();
    assert_eq!(told, [(there.enrolment, I::PreTest), (absent.enrolment, I::PreTest)]);
    assert!(
        changes(ClassState::Open, &people, &begun, during).is_empty(),
        "done again there is nothing to do"
    );
}

/// The tests of a class that has begun.
fn begun_of(people: &[Participation]) -> Vec<StandingTask> {
    applied(Vec::new(), &changes(ClassState::Open, people, &[], "2026-07-20T01:00:00Z"))
}

#[test]
fn a_class_that_is_over_asks_all_of_who_attended_and_nothing_of_who_did_not() {
    let [there, absent] = [person(true, true), person(true, false)];
    let people = [there, absent];
    let (begun, after) = (begun_of(&people), "2026-08-31T17:00:00Z");
    let over = applied(begun.clone(), &changes(ClassState::Open, &people, &begun, after));
    let of = |one: &Participation| -> Vec<_> {
        let live = over.iter().filter(|task| task.enrolment == one.enrolment && task.void.is_none());
        live.map(|task| task.instrument).collect()
    };
    assert_eq!(of(&there).into_iter().collect::<BTreeSet<_>>(), I::ALL.into_iter().collect());
    assert_eq!(of(&there).len(), I::ALL.len());
    assert_eq!(of(&absent), []);
    let void = over.iter().find(|task| task.enrolment == absent.enrolment).unwrap();
    assert_eq!(void.void, Some(EvaluationVoid::NotAttended));
    for state in [ClassState::Open, ClassState::Completed] {
        assert!(changes(state, &people, &over, after).is_empty(), "closed twice asks once");
    }

    // Attendance was corrected: the one asked was not there, and the other one was.
    let swapped = [Participation { attended: false, ..there }, Participation { attended: true, ..absent }];
    let corrected = applied(over.clone(), &changes(ClassState::Open, &swapped, &over, after));
    let live =
        |id: EnrolmentId| corrected.iter().filter(|task| task.enrolment == id && task.void.is_none()).count();
    assert_eq!((live(there.enrolment), live(absent.enrolment)), (0, I::ALL.len()));
    let back = applied(corrected.clone(), &changes(ClassState::Open, &people, &corrected, after));
    assert_eq!(back.len(), 2 * I::ALL.len(), "what is asked again is the same task");
    assert!(back.iter().all(|task| task.void.is_none() == (task.enrolment == there.enrolment)));
}

#[test]
fn a_class_called_off_after_attendance_asks_nobody() {
    let people = [person(true, true), person(true, true)];
    let begun = begun_of(&people);
    let cancelled: Vec<_> = people.iter().map(|one| Participation { seated: false, ..*one }).collect();
    for now in ["2026-07-25T00:00:00Z", "2026-09-30T00:00:00Z"] {
        let after = applied(begun.clone(), &changes(ClassState::Cancelled, &cancelled, &begun, now));
        assert!(after.iter().all(|task| task.void == Some(EvaluationVoid::ClassCancelled)));
        assert_eq!(after.len(), 2);
    }
    assert!(changes(ClassState::Cancelled, &people, &[], "2026-09-30T00:00:00Z").is_empty());
}

#[test]
fn who_had_left_when_asked_is_not_asked_later() {
    let people = [person(true, true)];
    let mut over = applied(Vec::new(), &changes(ClassState::Open, &people, &[], "2026-09-01T00:00:00Z"));
    for (task, why) in over.iter_mut().zip([EvaluationVoid::Left, EvaluationVoid::NoSuperior]) {
        task.void = Some(why);
    }
    assert!(changes(ClassState::Completed, &people, &over, "2027-01-01T00:00:00Z").is_empty());
}

#[test]
fn months_are_those_of_the_agency_and_count_from_the_last_day() {
    // Midnight in Jakarta ends the 31st of August; November has thirty days.
    let window = |instrument| rubric().window(instrument, &class(ClassState::Open), AgencyZone::Wib).unwrap();
    let of = |opens: &str, due: &str| EvaluationWindow { opens_at: at(opens), due_at: at(due) };
    assert_eq!(window(I::Reaction), of("2026-08-31T17:00:00Z", "2026-09-07T17:00:00Z"));
    assert_eq!(window(I::PreTest), of("2026-07-20T01:00:00Z", "2026-07-27T01:00:00Z"));
    assert_eq!(window(I::BehaviourSelf), of("2026-11-29T17:00:00Z", "2027-02-27T17:00:00Z"));
    assert_eq!(window(I::BehaviourSuperior), window(I::BehaviourSelf));
    assert_eq!(window(I::Result), of("2026-08-31T17:00:00Z", "2027-08-30T17:00:00Z"));
    // In Jayapura that instant lies two hours into the first of September.
    let east = rubric().window(I::BehaviourSelf, &class(ClassState::Open), AgencyZone::Wit).unwrap();
    assert_eq!(east, of("2026-11-30T15:00:00Z", "2027-02-28T15:00:00Z"));
    let nothing = EvaluatedClass { teaches: false, ..class(ClassState::Open) };
    assert_eq!(rubric().window(I::Result, &nothing, AgencyZone::Wib), None);
    let only = EvaluationRubric { reaction: None, tests: None, behaviour: None, ..rubric() };
    let asked = I::ALL
        .into_iter()
        .filter(|one| only.window(*one, &class(ClassState::Open), AgencyZone::Wib).is_some());
    assert_eq!(asked.collect::<Vec<_>>(), [I::Result]);
}

#[test]
fn an_answer_marks_what_is_asked_on_the_scale_or_says_something() {
    let rubric = rubric();
    let form = rubric.form(I::Reaction).unwrap();
    let answer = |marks: &[(&str, u8)]| EvaluationAnswer {
        marks: marks.iter().map(|(code, mark)| (Code::parse(code).unwrap(), *mark)).collect(),
        comment: None,
    };
    assert!(answer(&[("CONTENT", 1)]).check(form).is_ok(), "what is left out is not known, and may be");
    let found = |answer: EvaluationAnswer| -> Vec<_> {
        let violations = answer.check(form).unwrap_err();
        violations.into_iter().map(|one| (one.pointer, one.code)).collect()
    };
    let of = |at: &str, code| (at.to_owned(), code);
    assert_eq!(
        found(answer(&[("CONTENT", 0), ("OTHER", 3), ("TRAINERS", 6), ("CONTENT", 3)])),
        [
            of("/marks/0/mark", ViolationCode::OutOfRange),
            of("/marks/1/question", ViolationCode::NotFound),
            of("/marks/2/mark", ViolationCode::OutOfRange),
            of("/marks/3/question", ViolationCode::Duplicate),
        ]
    );
    assert_eq!(found(answer(&[])), [of("/marks", ViolationCode::Required)]);
    let said = EvaluationAnswer { comment: Some(LongText::parse("Baik").unwrap()), ..answer(&[]) };
    assert!(said.check(form).is_ok());
}

#[test]
fn only_a_form_whose_time_has_come_is_answered() {
    use EvaluationTaskState as S;
    for instrument in I::ALL {
        for state in S::ALL {
            let may = instrument.is_form() && matches!(state, S::Open | S::Overdue | S::Answered);
            assert_eq!(!task_actions(instrument, state, true).is_empty(), may, "{instrument} {state}");
            assert!(task_actions(instrument, state, false).is_empty());
        }
    }
}

#[test]
fn who_says_nothing_counts_for_nothing_and_few_are_not_told() {
    let sum = |count, sum| AnswerSum { count, sum };
    assert_eq!(sum(0, 0).mean(), None);
    assert_eq!(sum(6, 25).mean().map(Hundredths::count), Some(417));
    assert_eq!(sum(3, 17_550).mean_of_hundredths().map(Hundredths::count), Some(5_850));
    // Two answers of a small class cannot be had by taking the large one off.
    assert_eq!(told_together([sum(20, 80), sum(2, 2)]), sum(20, 80));
    assert_eq!(told_together([sum(20, 80), sum(2, 2), sum(3, 15)]), sum(25, 97));
    assert_eq!(told_together([sum(2, 2), sum(2, 9)]), sum(0, 0));
}

#[test]
fn a_rubric_without_a_scale_or_with_a_question_twice_is_refused() {
    assert!(rubric().check().is_ok());
    let mut wrong = rubric();
    let reaction = wrong.reaction.as_mut().unwrap();
    reaction.due_days = 0;
    reaction.form.scale = 1;
    reaction.form.questions[3].code = reaction.form.questions[0].code.clone();
    let behaviour = wrong.behaviour.as_mut().unwrap();
    behaviour.due_months = behaviour.opens_months;
    behaviour.superior.questions.clear();
    let found: Vec<_> = wrong.check().unwrap_err().into_iter().map(|one| one.pointer).collect();
    assert_eq!(
        found,
        [
            "/behaviour/due_months",
            "/behaviour/superior/questions",
            "/reaction/due_days",
            "/reaction/form/questions/3/code",
            "/reaction/form/scale",
        ]
    );
    let stored = serde_json::to_value(rubric()).unwrap();
    assert_eq!(serde_json::from_value::<EvaluationRubric>(stored).unwrap(), rubric());
}
