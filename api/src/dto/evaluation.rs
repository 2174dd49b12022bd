//! Evaluation of classes and programmes: tasks, answers, what came of it, and the rubric it goes by.

use chrono::{DateTime, NaiveDate, Utc};
use competency::{PolicyRef, SMALLEST_GROUP, coarse_count, share};
use development::{
    AnswerSum, BehaviourRule, EvaluationAnswer, EvaluationForm, EvaluationInstrument, EvaluationQuestion,
    EvaluationRubric, EvaluationTaskAction, EvaluationTaskState, Outcome, ReactionRule, ResultRule, TestRule,
};
use kernel::{
    ClassId, Code, EmployeeId, EnrolmentId, Hundredths, LongText, ProgrammeId, Violation, ViolationCode,
    Violations,
};
use serde::{Deserialize, Serialize};
use store::{EvaluationCount, EvaluationLevels, EvaluationTaskFilter, EvaluationTaskRow, EvaluationTests};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;
use validator::Validate;

use crate::dto::calculators::percent;
use crate::dto::enums::{Wire, wire};
use crate::dto::values::{Decimal, PolicyRefView, code, long_text, optional_long_text, several};

/// Something asked about somebody's part in a class, as a list shows it. What was answered is told in sums.
#[derive(Debug, Serialize, ToSchema)]
pub struct EvaluationTaskView {
    /// Identifier.
    pub id: Uuid,
    /// Where it stands.
    pub state: wire::EvaluationTaskState,
    /// By what.
    pub instrument: wire::EvaluationInstrument,
    /// The level it belongs to.
    #[schema(example = 1, minimum = 1, maximum = 4)]
    pub level: u8,
    /// The class.
    pub class_id: Uuid,
    /// The class's code.
    #[schema(example = "PT-LAYANAN-01-2026-1", max_length = 64)]
    pub class_code: String,
    /// The last day of the class.
    pub held_until: Option<NaiveDate>,
    /// The programme.
    pub programme_id: Uuid,
    /// The programme's name.
    #[schema(example = "Pelatihan Teknis Pelayanan Publik", max_length = 200)]
    pub programme_name: String,
    /// The part in the class it is about.
    pub enrolment_id: Uuid,
    /// Who took part.
    pub employee_id: Uuid,
    /// Identity number.
    #[schema(example = "199001012015031001", max_length = 18)]
    pub nip: String,
    /// Name.
    #[schema(example = "Wening Puspitarini", max_length = 200)]
    pub employee_name: String,
    /// When it opens.
    pub opens_at: DateTime<Utc>,
    /// From when on it is overdue; it may still be answered.
    pub due_at: DateTime<Utc>,
    /// When it was answered for the first time, or an assessment answered it; null until then.
    pub answered_at: Option<DateTime<Utc>>,
    /// Score of a test, of 100; null unless it is one and was entered.
    #[schema(value_type = Option<f64>, example = 72.5, minimum = 0, maximum = 100)]
    pub score: Option<Decimal>,
    /// Why nobody is asked; null unless it is void.
    pub void: Option<wire::EvaluationVoid>,
    /// What the caller may do with it now.
    #[schema(max_items = 10)]
    pub allowed_actions: Vec<wire::EvaluationTaskAction>,
}

impl EvaluationTaskView {
    /// The task, of which the caller may do `allowed`.
    #[must_use]
    pub fn new(row: EvaluationTaskRow, allowed: Vec<EvaluationTaskAction>) -> Self {
        let EvaluationTaskRow {
            id,
            instrument,
            state,
            void,
            class,
            class_code,
            held_until,
            programme,
            programme_name,
            enrolment,
            employee,
            nip,
            name,
            opens_at,
            due_at,
            answered_at,
            answered_by: _,
            score,
            comment: _,
            stands: _,
            policy: _,
            version: _,
        } = row;
        Self {
            id: id.uuid(),
            state: Wire(state),
            instrument: Wire(instrument),
            level: instrument.level(),
            class_id: class.uuid(),
            class_code: class_code.into_string(),
            held_until,
            programme_id: programme.uuid(),
            programme_name: programme_name.into_string(),
            enrolment_id: enrolment.uuid(),
            employee_id: employee.uuid(),
            nip: nip.as_str().to_owned(),
            employee_name: name.into_string(),
            opens_at,
            due_at,
            answered_at,
            score: score.map(Decimal),
            void: void.map(Wire),
            allowed_actions: allowed.into_iter().map(Wire).collect(),
        }
    }
}

/// Something asked, with its form. Whoever answered reads their own answer, and nobody else does.
#[derive(Debug, Serialize, ToSchema)]
pub struct EvaluationTaskDetailView {
    /// The task.
    pub task: EvaluationTaskView,
    /// The version of the rubric the class is evaluated by; null where none applies.
    pub policy: Option<PolicyRefView>,
    /// The form; null where there is none to fill in.
    pub form: Option<EvaluationFormView>,
    /// What the caller answered, by question; empty unless they did.
    #[schema(max_items = 50)]
    pub marks: Vec<EvaluationMarkView>,
    /// What the caller said in their own words; null unless they did.
    #[schema(example = "Perlu lebih banyak praktik.", max_length = 4000)]
    pub comment: Option<String>,
}

/// A task with what a reader of it alone is shown.
#[derive(Debug)]
pub struct AskedTask {
    /// The task.
    pub row: EvaluationTaskRow,
    /// The version of the rubric.
    pub policy: Option<PolicyRef>,
    /// The form.
    pub form: Option<EvaluationForm>,
    /// The caller's own answer.
    pub answer: EvaluationAnswer,
    /// What the caller may do.
    pub allowed: Vec<EvaluationTaskAction>,
}

impl From<AskedTask> for EvaluationTaskDetailView {
    fn from(asked: AskedTask) -> Self {
        let AskedTask { row, policy, form, answer: EvaluationAnswer { marks, comment }, allowed } = asked;
        let mark =
            |(question, mark): (Code, u8)| EvaluationMarkView { question: question.into_string(), mark };
        Self {
            task: EvaluationTaskView::new(row, allowed),
            policy: policy.map(PolicyRefView::from),
            form: form.map(EvaluationFormView::from),
            marks: marks.into_iter().map(mark).collect(),
            comment: comment.map(LongText::into_string),
        }
    }
}

/// A question and its mark.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct EvaluationMarkView {
    /// Code of the question.
    #[schema(example = "CONTENT", min_length = 1, max_length = 64)]
    pub question: String,
    /// From 1 (bad) to the form's scale (good).
    #[schema(example = 4, minimum = 1, maximum = 10)]
    pub mark: u8,
}

/// An answer to a form; a question that is left out is not answered, which is not the middle of the scale.
#[derive(Clone, Debug, Deserialize, Serialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"marks": [{"question": "CONTENT", "mark": 4}, {"question": "USEFULNESS", "mark": 5}],
    "comment": "Perlu lebih banyak praktik."}))]
pub struct EvaluationAnswerPut {
    /// Questions and their marks, each at most once.
    #[schema(max_items = 50)]
    pub marks: Vec<EvaluationMarkView>,
    /// In the caller's own words.
    #[schema(example = "Perlu lebih banyak praktik.", max_length = 4000)]
    pub comment: Option<String>,
}

impl EvaluationAnswerPut {
    /// The answer these values are.
    ///
    /// # Errors
    /// Every value that cannot stand.
    pub fn into_domain(self) -> Result<EvaluationAnswer, Vec<Violation>> {
        let Self { marks, comment } = self;
        let (most, asked) = (EvaluationForm::MAX_QUESTIONS, marks.len());
        if asked > most {
            return Err(vec![Violation::new("/marks", ViolationCode::TooMany).with("max", most)]);
        }
        let mut found = Violations::new();
        let comment = optional_long_text(&mut found, "/comment", comment.as_deref());
        let read = |(index, EvaluationMarkView { question, mark }): (usize, EvaluationMarkView)| {
            code(&mut found, &format!("/marks/{index}/question"), &question).map(|question| (question, mark))
        };
        let marks = marks.into_iter().enumerate().filter_map(read).collect();
        found.finish()?;
        Ok(EvaluationAnswer { marks, comment: comment.flatten() })
    }
}

/// Scores of tests of a class; whoever is left out keeps what was entered before.
#[derive(Clone, Debug, Deserialize, Serialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"items": [
    {"enrolment_id": "01931d5e-7c1f-7d7a-9a7e-3f1f3f0e4a11", "before": 55, "after": 82.5}]}))]
pub struct TestScoresPut {
    /// One entry per participant.
    #[schema(max_items = 2000)]
    pub items: Vec<TestScorePut>,
}

/// Scores of one participant, of 100.
#[derive(Clone, Copy, Debug, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TestScorePut {
    /// The enrolment.
    pub enrolment_id: Uuid,
    /// Before the class; left as it is when absent.
    #[schema(value_type = Option<f64>, example = 55, minimum = 0, maximum = 100)]
    pub before: Option<Decimal>,
    /// After the class; left as it is when absent.
    #[schema(value_type = Option<f64>, example = 82.5, minimum = 0, maximum = 100)]
    pub after: Option<Decimal>,
}

/// Where a score stands in the request, whose it is, of which test, and how high.
pub type TestScore = (String, EnrolmentId, EvaluationInstrument, Hundredths);

impl TestScoresPut {
    /// The scores.
    ///
    /// # Errors
    /// Too many, one named twice, a score beyond 100.
    pub fn into_domain(self) -> Result<Vec<TestScore>, Vec<Violation>> {
        let Self { items } = self;
        if items.len() > 2_000 {
            return Err(vec![Violation::new("/items", ViolationCode::TooMany).with("max", 2_000)]);
        }
        let (mut found, mut scores) = (Violations::new(), Vec::new());
        let mut seen = std::collections::BTreeSet::new();
        for (index, TestScorePut { enrolment_id, before, after }) in items.into_iter().enumerate() {
            let at = |property: &str| format!("/items/{index}/{property}");
            found.check(!seen.insert(enrolment_id), || {
                Violation::new(at("enrolment_id"), ViolationCode::Duplicate)
            });
            let tests = [
                ("before", EvaluationInstrument::PreTest, before),
                ("after", EvaluationInstrument::PostTest, after),
            ];
            for (property, instrument, score) in tests {
                let Some(Decimal(score)) = score else { continue };
                found.check(score > Outcome::BEST, || {
                    let outside = Violation::new(at(property), ViolationCode::OutOfRange);
                    outside.with("min", 0).with("max", Outcome::BEST)
                });
                scores.push((at(property), enrolment_id.into(), instrument, score));
            }
        }
        found.finish()?;
        Ok(scores)
    }
}

/// Which tasks a list holds.
#[derive(Clone, Debug, Deserialize, Serialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct EvaluationTaskQuery {
    /// Of this class.
    pub class_id: Option<Uuid>,
    /// Of classes of this programme.
    pub programme_id: Option<Uuid>,
    /// About this person's part.
    pub employee_id: Option<Uuid>,
    /// By this instrument.
    pub instrument: Option<wire::EvaluationInstrument>,
    /// In one of these states, separated by commas.
    #[serde(default, deserialize_with = "several")]
    #[param(value_type = Option<Vec<wire::EvaluationTaskState>>, example = json!(["OPEN", "OVERDUE"]), max_items = 5)]
    pub state: Vec<wire::EvaluationTaskState>,
    /// Where to continue: `next` of the page before.
    #[param(max_length = 2000)]
    pub cursor: Option<String>,
    /// Most items of a page.
    #[param(minimum = 1, maximum = 200, default = 50)]
    pub limit: Option<u16>,
}

impl EvaluationTaskQuery {
    /// The filter these values describe.
    #[must_use]
    pub fn into_filter(self) -> EvaluationTaskFilter {
        let Self { class_id, programme_id, employee_id, instrument, state, cursor: _, limit: _ } = self;
        EvaluationTaskFilter {
            class: class_id.map(ClassId::from),
            programme: programme_id.map(ProgrammeId::from),
            employee: employee_id.map(EmployeeId::from),
            instrument: instrument.map(|Wire(instrument)| instrument),
            states: state.into_iter().map(|Wire(state)| state).collect(),
        }
    }
}

/// A page of a list without a filter.
#[derive(Clone, Debug, Deserialize, Serialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct OwnEvaluationTaskQuery {
    /// Where to continue: `next` of the page before.
    #[param(max_length = 2000)]
    pub cursor: Option<String>,
    /// Most items of a page.
    #[param(minimum = 1, maximum = 200, default = 50)]
    pub limit: Option<u16>,
}

/// What an evaluation found.
#[derive(Debug)]
pub struct Evaluated {
    /// The class, where it is about one.
    pub class: Option<ClassId>,
    /// The programme.
    pub programme: ProgrammeId,
    /// How often somebody took part.
    pub participants: u64,
    /// How many tasks stand where.
    pub counts: Vec<EvaluationCount>,
    /// What was asked, and how it was answered.
    pub questions: Vec<AnsweredQuestion>,
    /// What participants said in their own words.
    pub comments: Vec<LongText>,
    /// Scores of tests.
    pub tests: EvaluationTests,
    /// Levels before and after.
    pub levels: Vec<EvaluationLevels>,
    /// How much the caller may see.
    pub sight: EvaluationSight,
}

/// A question with its answers.
#[derive(Debug)]
pub struct AnsweredQuestion {
    /// By what.
    pub instrument: EvaluationInstrument,
    /// Its code.
    pub code: Code,
    /// What is asked, where a version of the rubric still says so.
    pub text: Option<LongText>,
    /// The best mark.
    pub scale: u8,
    /// What may be told of the marks.
    pub told: AnswerSum,
}

/// How much of an evaluation somebody may see. Nobody is told what single people answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EvaluationSight {
    /// Whether they may see who took part: otherwise counts are rounded, and nothing is told of few.
    pub people: bool,
    /// Whether they may see people's levels, too.
    pub levels: bool,
}

/// What the evaluation of a class, or of all classes of a programme, found. Whoever did not answer is missing and is in no
/// mean. Fewer than five answers to a question are not told to anybody.
#[derive(Debug, Serialize, ToSchema)]
pub struct EvaluationView {
    /// The class; null where it is about all classes of the programme.
    pub class_id: Option<Uuid>,
    /// The programme.
    pub programme_id: Uuid,
    /// Whether counts are rounded to multiples of five, because the caller may see no person.
    #[schema(example = false)]
    pub rounded: bool,
    /// How often somebody took part; null where they are too few to be told.
    #[schema(example = 28, minimum = 0, maximum = 9007199254740991_i64)]
    pub participants: Option<u64>,
    /// How much was answered, by instrument; empty where the participants are too few to be told.
    #[schema(max_items = 6)]
    pub instruments: Vec<EvaluationCompletionView>,
    /// How questions were answered: levels 1 and 3.
    #[schema(max_items = 1000)]
    pub questions: Vec<EvaluationQuestionResultView>,
    /// What participants of a class said in their own words, in alphabetical order; empty where fewer than five did.
    #[schema(example = json!(["Perlu lebih banyak praktik."]), max_items = 2000)]
    pub comments: Vec<CommentText>,
    /// Scores before and after: level 2.
    pub tests: EvaluationTestsView,
    /// Levels of the competencies taught, assessed before and after: level 4. What else happened meanwhile is not known, so
    /// nothing says that the class is the cause.
    #[schema(max_items = 50)]
    pub levels: Vec<EvaluationLevelsView>,
}

/// A comment.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(transparent)]
#[schema(example = "Perlu lebih banyak praktik.", max_length = 4000)]
pub struct CommentText(pub String);

/// How much of what was asked by an instrument was answered. `asked` is `answered`, `open` and `missing` together.
#[derive(Debug, Serialize, ToSchema)]
pub struct EvaluationCompletionView {
    /// By what.
    pub instrument: wire::EvaluationInstrument,
    /// The level it belongs to.
    #[schema(example = 1, minimum = 1, maximum = 4)]
    pub level: u8,
    /// How many were asked so far.
    #[schema(example = 28, minimum = 0, maximum = 9007199254740991_i64)]
    pub asked: u64,
    /// How many answered.
    #[schema(example = 21, minimum = 0, maximum = 9007199254740991_i64)]
    pub answered: u64,
    /// How many of them answered when it was overdue.
    #[schema(example = 2, minimum = 0, maximum = 9007199254740991_i64)]
    pub late: u64,
    /// How many may still answer in time.
    #[schema(example = 0, minimum = 0, maximum = 9007199254740991_i64)]
    pub open: u64,
    /// How many did not answer in time.
    #[schema(example = 7, minimum = 0, maximum = 9007199254740991_i64)]
    pub missing: u64,
    /// How many will be asked later.
    #[schema(example = 0, minimum = 0, maximum = 9007199254740991_i64)]
    pub scheduled: u64,
    /// Of how many nobody is asked: they were not there, have left, or the class was called off. They are in no other figure.
    #[schema(example = 1, minimum = 0, maximum = 9007199254740991_i64)]
    pub not_asked: u64,
    /// Answered of asked, in percent; null where nobody was asked.
    #[schema(value_type = Option<f64>, example = 75, minimum = 0, maximum = 100)]
    pub completion: Option<Decimal>,
}

/// How a question was answered.
#[derive(Debug, Serialize, ToSchema)]
pub struct EvaluationQuestionResultView {
    /// By what.
    pub instrument: wire::EvaluationInstrument,
    /// Its code.
    #[schema(example = "CONTENT", max_length = 64)]
    pub question: String,
    /// What is asked; null where no version of the rubric says so any more.
    #[schema(example = "Materi sesuai dengan tujuan pelatihan", max_length = 4000)]
    pub text: Option<String>,
    /// The best mark; 1 is the worst.
    #[schema(example = 5, minimum = 2, maximum = 10)]
    pub scale: u8,
    /// How many marked it; null where fewer than five did. Of a programme, classes with so few are left out unless they have
    /// five answers together.
    #[schema(example = 20, minimum = 5, maximum = 9007199254740991_i64)]
    pub answers: Option<u64>,
    /// Mean of their marks; null where held back.
    #[schema(value_type = Option<f64>, example = 4.25, minimum = 1, maximum = 10)]
    pub mean: Option<Decimal>,
}

/// Scores before and after, of 100. Means are of those who have both.
#[derive(Debug, Serialize, ToSchema)]
pub struct EvaluationTestsView {
    /// How many were to be tested; null where held back.
    #[schema(example = 28, minimum = 0, maximum = 9007199254740991_i64)]
    pub participants: Option<u64>,
    /// How many have no score before.
    #[schema(example = 2, minimum = 0, maximum = 9007199254740991_i64)]
    pub missing_before: Option<u64>,
    /// How many have no score afterwards.
    #[schema(example = 3, minimum = 0, maximum = 9007199254740991_i64)]
    pub missing_after: Option<u64>,
    /// How many have both.
    #[schema(example = 24, minimum = 0, maximum = 9007199254740991_i64)]
    pub compared: Option<u64>,
    /// Mean score before of those who have both; null where there is nobody, or too few to be told.
    #[schema(value_type = Option<f64>, example = 55.25, minimum = 0, maximum = 100)]
    pub mean_before: Option<Decimal>,
    /// Mean score afterwards of those who have both.
    #[schema(value_type = Option<f64>, example = 78.5, minimum = 0, maximum = 100)]
    pub mean_after: Option<Decimal>,
}

/// Levels of a competency, assessed before and after. Before is the last level found before the first day that was valid on it,
/// afterwards the first one found after the last day; who has both is compared.
#[derive(Debug, Serialize, ToSchema)]
pub struct EvaluationLevelsView {
    /// The competency.
    pub competency_id: Uuid,
    /// Code of its dictionary.
    #[schema(example = "NASIONAL-38-2017", max_length = 64)]
    pub dictionary: String,
    /// Its code.
    #[schema(example = "M.7", max_length = 64)]
    pub code: String,
    /// Its name.
    #[schema(example = "Pelayanan Publik", max_length = 200)]
    pub name: String,
    /// The level the programme leads to.
    #[schema(example = 3, minimum = 1, maximum = 5)]
    pub level_to: u8,
    /// How often somebody took part; null where held back.
    #[schema(example = 28, minimum = 0, maximum = 9007199254740991_i64)]
    pub participants: Option<u64>,
    /// Of these, without a level before.
    #[schema(example = 4, minimum = 0, maximum = 9007199254740991_i64)]
    pub missing_before: Option<u64>,
    /// Of these, not assessed afterwards.
    #[schema(example = 12, minimum = 0, maximum = 9007199254740991_i64)]
    pub missing_after: Option<u64>,
    /// Of these, with both: the people all figures below are of.
    #[schema(example = 14, minimum = 0, maximum = 9007199254740991_i64)]
    pub compared: Option<u64>,
    /// Higher afterwards.
    #[schema(example = 9, minimum = 0, maximum = 9007199254740991_i64)]
    pub raised: Option<u64>,
    /// The same.
    #[schema(example = 4, minimum = 0, maximum = 9007199254740991_i64)]
    pub unchanged: Option<u64>,
    /// Lower afterwards.
    #[schema(example = 1, minimum = 0, maximum = 9007199254740991_i64)]
    pub lowered: Option<u64>,
    /// Afterwards at the level the programme leads to, or above.
    #[schema(example = 8, minimum = 0, maximum = 9007199254740991_i64)]
    pub reached: Option<u64>,
    /// Mean level before; null where nobody is compared, or too few to be told.
    #[schema(value_type = Option<f64>, example = 2.14, minimum = 1, maximum = 5)]
    pub mean_before: Option<Decimal>,
    /// Mean level afterwards.
    #[schema(value_type = Option<f64>, example = 2.79, minimum = 1, maximum = 5)]
    pub mean_after: Option<Decimal>,
}

/// How a count is told: as it is, rounded, or not at all.
fn told(exact: bool, enough: bool, count: u64) -> Option<u64> {
    if exact { Some(count) } else { enough.then(|| coarse_count(count)) }
}

impl EvaluationTestsView {
    fn new(tests: EvaluationTests, exact: bool) -> Self {
        let EvaluationTests { participants, before, after, both_before, both_after } = tests;
        let enough = participants >= SMALLEST_GROUP;
        let tell = |count: u64| told(exact, enough, count);
        let mean = |sum: AnswerSum| (exact || sum.is_told()).then(|| sum.mean_of_hundredths()).flatten();
        Self {
            participants: tell(participants),
            missing_before: tell(participants.saturating_sub(before.count)),
            missing_after: tell(participants.saturating_sub(after.count)),
            compared: tell(both_before.count),
            mean_before: mean(both_before).map(Decimal),
            mean_after: mean(both_after).map(Decimal),
        }
    }
}

impl EvaluationLevelsView {
    fn new(levels: EvaluationLevels, exact: bool) -> Self {
        let EvaluationLevels {
            competency,
            dictionary,
            code,
            name,
            level_to,
            participants,
            with_before,
            with_after,
            compared,
            raised,
            unchanged,
            lowered,
            reached,
            before,
            after,
        } = levels;
        let tell = |count: u64| told(exact, participants >= SMALLEST_GROUP, count);
        let of_compared = |count: u64| told(exact, compared >= SMALLEST_GROUP, count);
        let mean = |sum: AnswerSum| (exact || sum.is_told()).then(|| sum.mean()).flatten();
        Self {
            competency_id: competency.uuid(),
            dictionary: dictionary.into_string(),
            code: code.into_string(),
            name: name.into_string(),
            level_to: level_to.get(),
            participants: tell(participants),
            missing_before: tell(participants.saturating_sub(with_before)),
            missing_after: tell(participants.saturating_sub(with_after)),
            compared: tell(compared),
            raised: of_compared(raised),
            unchanged: of_compared(unchanged),
            lowered: of_compared(lowered),
            reached: of_compared(reached),
            mean_before: mean(before).map(Decimal),
            mean_after: mean(after).map(Decimal),
        }
    }
}

impl EvaluationCompletionView {
    /// What the counts of one instrument say.
    fn new(instrument: EvaluationInstrument, counts: &[EvaluationCount], exact: bool) -> Self {
        use EvaluationTaskState as S;
        let tell = |count: u64| if exact { count } else { coarse_count(count) };
        let of = || counts.iter().filter(|one| one.instrument == instrument);
        let tasks = |state: S| tell(of().filter(|one| one.state == state).map(|one| one.tasks).sum());
        let (answered, open, missing) = (tasks(S::Answered), tasks(S::Open), tasks(S::Overdue));
        let late = of().filter(|one| one.state == S::Answered).map(|one| one.late).sum();
        let asked = answered + open + missing;
        Self {
            instrument: Wire(instrument),
            level: instrument.level(),
            asked,
            answered,
            late: tell(late),
            open,
            missing,
            scheduled: tasks(S::Scheduled),
            not_asked: tasks(S::Void),
            completion: share(answered, asked).map(percent),
        }
    }
}

impl From<Evaluated> for EvaluationView {
    fn from(evaluated: Evaluated) -> Self {
        let Evaluated { class, programme, participants, counts, questions, comments, tests, levels, sight } =
            evaluated;
        let exact = sight.people;
        let participants = told(exact, participants >= SMALLEST_GROUP, participants);
        let instruments: Vec<_> = EvaluationInstrument::ALL
            .into_iter()
            .filter(|instrument| counts.iter().any(|one| one.instrument == *instrument))
            .filter(|_| participants.is_some())
            .map(|instrument| EvaluationCompletionView::new(instrument, &counts, exact))
            .collect();
        let question = |one: AnsweredQuestion| {
            let AnsweredQuestion { instrument, code, text, scale, told } = one;
            let answers = if exact { told.count } else { coarse_count(told.count) };
            EvaluationQuestionResultView {
                instrument: Wire(instrument),
                question: code.into_string(),
                text: text.map(LongText::into_string),
                scale,
                answers: told.is_told().then_some(answers),
                mean: told.is_told().then(|| told.mean()).flatten().map(Decimal),
            }
        };
        // A comment alone could be anybody's; two could be told apart.
        let spoken = u64::try_from(comments.len()).is_ok_and(|count| count >= SMALLEST_GROUP);
        Self {
            class_id: class.map(ClassId::uuid),
            programme_id: programme.uuid(),
            rounded: !(exact && sight.levels),
            participants,
            instruments,
            questions: questions.into_iter().map(question).collect(),
            comments: comments
                .into_iter()
                .filter(|_| spoken)
                .map(|comment| CommentText(comment.into_string()))
                .collect(),
            tests: EvaluationTestsView::new(tests, exact),
            levels: levels
                .into_iter()
                .map(|levels| EvaluationLevelsView::new(levels, exact && sight.levels))
                .collect(),
        }
    }
}

/// How classes are evaluated, on four levels; a level that is left out is not.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"reaction": {"due_days": 7, "form": {"scale": 5, "questions": [
    {"code": "CONTENT", "text": "Materi sesuai dengan tujuan pelatihan"}]}}, "result": {"due_months": 12}}))]
pub struct EvaluationRubricView {
    /// Level 1: how participants found the class, asked when it closes.
    pub reaction: Option<ReactionRuleView>,
    /// Level 2: a test before and one after.
    pub tests: Option<TestRuleView>,
    /// Level 3: what changed at work, asked of the participant and of their direct superior.
    pub behaviour: Option<BehaviourRuleView>,
    /// Level 4: an assessment that comes later.
    pub result: Option<ResultRuleView>,
}

/// A form.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct EvaluationFormView {
    /// The best mark; 1 is the worst.
    #[schema(example = 5, minimum = 2, maximum = 10)]
    pub scale: u8,
    /// What is asked, in order.
    #[schema(min_items = 1, max_items = 50)]
    pub questions: Vec<EvaluationQuestionView>,
}

/// A question.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct EvaluationQuestionView {
    /// Its code, once in a form: answers to the same one add up over versions.
    #[schema(example = "CONTENT", min_length = 1, max_length = 64)]
    pub code: String,
    /// What is asked.
    #[schema(example = "Materi sesuai dengan tujuan pelatihan", min_length = 1, max_length = 4000)]
    pub text: String,
}

/// Level 1.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ReactionRuleView {
    /// Days from the close of the class to the due date.
    #[schema(example = 7, minimum = 1, maximum = 366)]
    pub due_days: u16,
    /// What is asked.
    pub form: EvaluationFormView,
}

/// Level 2.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TestRuleView {
    /// Days to the due date, of the first test from the beginning of the class, of the second from its close.
    #[schema(example = 7, minimum = 1, maximum = 366)]
    pub due_days: u16,
}

/// Level 3.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct BehaviourRuleView {
    /// Months after the last day from which it is asked.
    #[schema(example = 3, minimum = 1, maximum = 24)]
    pub opens_months: u8,
    /// Months after the last day by which it is due, more than the months to its opening.
    #[schema(example = 6, minimum = 2, maximum = 36)]
    pub due_months: u8,
    /// What the participant is asked.
    pub participant: EvaluationFormView,
    /// What the direct superior is asked.
    pub superior: EvaluationFormView,
}

/// Level 4.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ResultRuleView {
    /// Months after the last day by which an assessment of what was taught is due.
    #[schema(example = 12, minimum = 1, maximum = 60)]
    pub due_months: u8,
}

impl From<EvaluationForm> for EvaluationFormView {
    fn from(form: EvaluationForm) -> Self {
        let EvaluationForm { scale, questions } = form;
        let question = |EvaluationQuestion { code, text }: EvaluationQuestion| EvaluationQuestionView {
            code: code.into_string(),
            text: text.into_string(),
        };
        Self { scale, questions: questions.into_iter().map(question).collect() }
    }
}

impl From<EvaluationRubric> for EvaluationRubricView {
    fn from(rubric: EvaluationRubric) -> Self {
        let EvaluationRubric { reaction, tests, behaviour, result } = rubric;
        Self {
            reaction: reaction
                .map(|ReactionRule { due_days, form }| ReactionRuleView { due_days, form: form.into() }),
            tests: tests.map(|TestRule { due_days }| TestRuleView { due_days }),
            behaviour: behaviour.map(|rule| {
                let BehaviourRule { opens_months, due_months, participant, superior } = rule;
                let (participant, superior) = (participant.into(), superior.into());
                BehaviourRuleView { opens_months, due_months, participant, superior }
            }),
            result: result.map(|ResultRule { due_months }| ResultRuleView { due_months }),
        }
    }
}

impl EvaluationFormView {
    fn into_domain(self, at: &str, found: &mut Violations) -> Option<EvaluationForm> {
        let Self { scale, questions } = self;
        let (asked, most) = (questions.len(), EvaluationForm::MAX_QUESTIONS);
        // Before anything is said of single questions: a list without end would be answered without end.
        if asked > most {
            found.push(Violation::new(format!("{at}/questions"), ViolationCode::TooMany).with("max", most));
            return None;
        }
        let read = |(index, question): (usize, EvaluationQuestionView)| {
            let at = |property: &str| format!("{at}/questions/{index}/{property}");
            let read_code = code(found, &at("code"), &question.code);
            let text = long_text(found, &at("text"), &question.text);
            Some(EvaluationQuestion { code: read_code?, text: text? })
        };
        let questions: Vec<_> = questions.into_iter().enumerate().filter_map(read).collect();
        (questions.len() == asked).then_some(EvaluationForm { scale, questions })
    }
}

impl EvaluationRubricView {
    /// The rubric these values describe; nothing when a part cannot stand.
    pub(crate) fn into_domain(self, at: &str, found: &mut Violations) -> Option<EvaluationRubric> {
        let Self { reaction, tests, behaviour, result } = self;
        let mut whole = true;
        let mut form = |at: String, form: EvaluationFormView| {
            let form = form.into_domain(&at, found);
            whole &= form.is_some();
            form
        };
        let reaction = reaction.and_then(|ReactionRuleView { due_days, form: asked }| {
            Some(ReactionRule { due_days, form: form(format!("{at}/reaction/form"), asked)? })
        });
        let behaviour = behaviour.and_then(|rule| {
            let BehaviourRuleView { opens_months, due_months, participant, superior } = rule;
            let participant = form(format!("{at}/behaviour/participant"), participant);
            let superior = form(format!("{at}/behaviour/superior"), superior);
            let (participant, superior) = (participant?, superior?);
            Some(BehaviourRule { opens_months, due_months, participant, superior })
        });
        whole.then(|| EvaluationRubric {
            reaction,
            tests: tests.map(|TestRuleView { due_days }| TestRule { due_days }),
            behaviour,
            result: result.map(|ResultRuleView { due_months }| ResultRule { due_months }),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sum(count: u64, sum: u64) -> AnswerSum {
        AnswerSum { count, sum }
    }

    fn counted(state: EvaluationTaskState, tasks: u64) -> EvaluationCount {
        EvaluationCount { instrument: EvaluationInstrument::Reaction, state, void: None, tasks, late: 0 }
    }

    fn evaluated(people: bool, participants: u64) -> EvaluationView {
        use EvaluationTaskState as S;
        let question = |told| AnsweredQuestion {
            instrument: EvaluationInstrument::Reaction,
            code: Code::parse("CONTENT").unwrap(),
            text: None,
            scale: 5,
            told,
        };
        EvaluationView::from(Evaluated {
            class: None,
            programme: ProgrammeId::new(),
            participants,
            counts: vec![counted(S::Answered, 3), counted(S::Overdue, 4), counted(S::Void, 1)],
            questions: vec![question(sum(4, 20)), question(sum(6, 25))],
            comments: vec![LongText::parse("a").unwrap()],
            tests: EvaluationTests {
                participants,
                before: sum(3, 15_000),
                after: sum(4, 30_000),
                both_before: sum(3, 15_000),
                both_after: sum(3, 22_500),
            },
            levels: Vec::new(),
            sight: EvaluationSight { people, levels: people },
        })
    }

    #[test]
    fn who_did_not_answer_is_missing_and_in_no_mean() {
        let view = evaluated(true, 7);
        let reaction = &view.instruments[0];
        assert_eq!((reaction.asked, reaction.answered, reaction.missing, reaction.not_asked), (7, 3, 4, 1));
        assert_eq!(reaction.completion.map(|percent| percent.0.count()), Some(4_286));
        assert_eq!((view.questions[0].answers, view.questions[1].answers), (None, Some(6)));
        assert_eq!(view.questions[1].mean.map(|mean| mean.0.count()), Some(417));
        assert!(view.comments.is_empty());
        assert_eq!((view.tests.missing_before, view.tests.compared), (Some(4), Some(3)));
        assert_eq!(view.tests.mean_after.map(|mean| mean.0.count()), Some(7_500));
    }

    #[test]
    fn whoever_sees_groups_only_is_told_of_no_small_one_and_nothing_exactly() {
        let view = evaluated(false, 7);
        assert_eq!((view.rounded, view.participants), (true, Some(5)));
        assert_eq!(view.questions[1].answers, Some(5));
        assert_eq!((view.tests.participants, view.tests.mean_after.is_some()), (Some(5), false));
        let few = evaluated(false, 4);
        assert_eq!((few.participants, few.instruments.len(), few.tests.compared), (None, 0, None));
    }
}
