//! Tasks of evaluation: what is asked about somebody's part in a class, and answers.

use chrono::{DateTime, NaiveDate, Utc};
use competency::PolicyRef;
use development::{EvaluationAnswer, EvaluationForm, EvaluationInstrument, EvaluationTaskAction, Outcome};
use kernel::{
    ClassId, Code, EmployeeId, EnrolmentId, Hundredths, LongText, ProgrammeId, Violation, ViolationCode,
    Violations,
};
use serde::{Deserialize, Serialize};
use store::{EvaluationTaskFilter, EvaluationTaskRow};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;
use validator::Validate;

use crate::dto::enums::{Wire, wire};
use crate::dto::evaluation_rubric::EvaluationFormView;
use crate::dto::values::{Decimal, PolicyRefView, code, optional_long_text, several};

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
