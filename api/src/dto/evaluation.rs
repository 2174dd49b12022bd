//! What evaluation found of classes and programmes.

use competency::{SMALLEST_GROUP, coarse_count, share};
use development::{AnswerSum, EvaluationInstrument, EvaluationTaskState};
use kernel::{ClassId, Code, LongText, ProgrammeId};
use serde::Serialize;
use store::{EvaluationCount, EvaluationLevels, EvaluationTests};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::dto::calculators::percent;
use crate::dto::enums::{Wire, wire};
use crate::dto::values::Decimal;

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
