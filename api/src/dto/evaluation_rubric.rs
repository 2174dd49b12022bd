//! How classes are evaluated: the policy, with its forms.

use development::{
    BehaviourRule, EvaluationForm, EvaluationQuestion, EvaluationRubric, ReactionRule, ResultRule, TestRule,
};
use kernel::{Violation, ViolationCode, Violations};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::dto::values::{code, long_text};

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
