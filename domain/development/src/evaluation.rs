//! Evaluation of what people took part in, on the four levels of Kirkpatrick that LAN uses: reaction, learning, behaviour,
//! result.
//!
//! What is asked of whom and when follows from a rubric; each participant of a class gets one task per instrument. Who does
//! not answer is missing: nothing is ever taken for neutral.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Months, NaiveTime, TimeDelta, Utc};
use competency::{PolicyKind, Rubric, SMALLEST_GROUP};
use kernel::{
    AgencyZone, Code, EmployeeId, EnrolmentId, EvaluationTaskId, Hundredths, LongText, Violation,
    ViolationCode, Violations, wire_enum,
};
use serde::{Deserialize, Serialize};

use crate::class::{ClassState, last_day};

/// The name of the rubric of evaluation.
pub const EVALUATION_POLICY: &str = "EVALUATION";

wire_enum! {
    /// What a participation is evaluated by.
    pub enum EvaluationInstrument {
        /// How the participant found the class (level 1).
        Reaction = "REACTION",
        /// What the participant could before (level 2).
        PreTest = "PRE_TEST",
        /// What the participant could afterwards (level 2).
        PostTest = "POST_TEST",
        /// What the participant does differently at work, as they say themself (level 3).
        BehaviourSelf = "BEHAVIOUR_SELF",
        /// What the participant does differently at work, as their direct superior says (level 3).
        BehaviourSuperior = "BEHAVIOUR_SUPERIOR",
        /// What a later assessment of the competencies taught finds (level 4).
        Result = "RESULT",
    }
}

impl EvaluationInstrument {
    /// The level it belongs to, 1 to 4.
    #[must_use]
    pub const fn level(self) -> u8 {
        match self {
            Self::Reaction => 1,
            Self::PreTest | Self::PostTest => 2,
            Self::BehaviourSelf | Self::BehaviourSuperior => 3,
            Self::Result => 4,
        }
    }

    /// Whether somebody fills in a form. Scores are entered by who runs the class, and results by an assessment.
    #[must_use]
    pub const fn is_form(self) -> bool {
        matches!(self, Self::Reaction | Self::BehaviourSelf | Self::BehaviourSuperior)
    }
}

wire_enum! {
    /// Where a task of an evaluation stands.
    pub enum EvaluationTaskState {
        /// Its time has not come.
        Scheduled = "SCHEDULED",
        /// It waits for an answer.
        Open = "OPEN",
        /// It should have been answered; it still may.
        Overdue = "OVERDUE",
        /// It was answered.
        Answered = "ANSWERED",
        /// Nobody is asked.
        Void = "VOID",
    }
}

wire_enum! {
    /// Why nobody is asked. What is void is in no figure, whatever was answered before.
    pub enum EvaluationVoid {
        /// The person was at no session.
        NotAttended = "NOT_ATTENDED",
        /// The class was called off.
        ClassCancelled = "CLASS_CANCELLED",
        /// The person held no position when it opened: there is no work to look at.
        Left = "LEFT",
        /// The person had no superior when it opened.
        NoSuperior = "NO_SUPERIOR",
    }
}

wire_enum! {
    /// What can be done with a task.
    pub enum EvaluationTaskAction {
        /// Answer its form, for the first time or anew.
        Answer = "ANSWER",
    }
}

/// Why a task is not answered.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EvaluationError {
    /// Its time has not come, nobody is asked, or it has no form.
    #[error("the task cannot be answered in state {0}")]
    WrongState(EvaluationTaskState),
    /// Only those who were there say how it was.
    #[error("only participants who attended are asked")]
    NotAttended,
}

impl EvaluationError {
    /// The code clients see.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::WrongState(_) => "EVALUATION_TASK_STATE",
            Self::NotAttended => "FEEDBACK_NOT_ATTENDED",
        }
    }
}

/// A question that is answered by a mark.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EvaluationQuestion {
    /// Its code: answers to the same one add up, whatever version of the form they were given on.
    pub code: Code,
    /// What is asked.
    pub text: LongText,
}

/// A form: marks from 1, the worst, to `scale`, and a comment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EvaluationForm {
    /// The best mark.
    pub scale: u8,
    /// What is asked, in order.
    pub questions: Vec<EvaluationQuestion>,
}

/// Level 1: asked when the class closes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReactionRule {
    /// Days from the close of the class to the due date.
    pub due_days: u16,
    /// What is asked.
    pub form: EvaluationForm,
}

/// Level 2: scores of a test before and one after.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TestRule {
    /// Days to the due date, of the first test from the beginning of the class, of the second from its close.
    pub due_days: u16,
}

/// Level 3: asked some months after the class.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BehaviourRule {
    /// Months after the last day from which it is asked.
    pub opens_months: u8,
    /// Months after the last day by which it is due.
    pub due_months: u8,
    /// What the participant is asked.
    pub participant: EvaluationForm,
    /// What the superior is asked.
    pub superior: EvaluationForm,
}

/// Level 4: an assessment that comes later.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ResultRule {
    /// Months after the last day by which an assessment of what was taught is due.
    pub due_months: u8,
}

/// How classes are evaluated; a level that is left out is not evaluated.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EvaluationRubric {
    /// Level 1.
    pub reaction: Option<ReactionRule>,
    /// Level 2.
    pub tests: Option<TestRule>,
    /// Level 3.
    pub behaviour: Option<BehaviourRule>,
    /// Level 4.
    pub result: Option<ResultRule>,
}

impl EvaluationForm {
    /// The best mark a scale may have.
    pub const MAX_SCALE: u8 = 10;

    /// The most questions of a form.
    pub const MAX_QUESTIONS: usize = 50;

    fn check(&self, at: &str, found: &mut Violations) {
        found.check(!(2..=Self::MAX_SCALE).contains(&self.scale), || {
            Violation::new(format!("{at}/scale"), ViolationCode::OutOfRange)
                .with("min", 2)
                .with("max", Self::MAX_SCALE)
        });
        found.check(self.questions.is_empty(), || {
            Violation::new(format!("{at}/questions"), ViolationCode::TooFew).with("min", 1)
        });
        found.check(self.questions.len() > Self::MAX_QUESTIONS, || {
            Violation::new(format!("{at}/questions"), ViolationCode::TooMany).with("max", Self::MAX_QUESTIONS)
        });
        let mut seen = BTreeSet::new();
        for (index, question) in self.questions.iter().enumerate() {
            found.check(!seen.insert(&question.code), || {
                Violation::new(format!("{at}/questions/{index}/code"), ViolationCode::Duplicate)
            });
        }
    }
}

impl Rubric for EvaluationRubric {
    const KIND: PolicyKind = PolicyKind::Evaluation;

    fn check(&self) -> Result<(), Vec<Violation>> {
        let mut found = Violations::new();
        let mut within = |at: &str, value: u16, min: u16, max: u16| {
            found.check(!(min..=max).contains(&value), || {
                Violation::new(at, ViolationCode::OutOfRange).with("min", min).with("max", max)
            });
        };
        if let Some(ReactionRule { due_days, form: _ }) = &self.reaction {
            within("/reaction/due_days", *due_days, 1, 366);
        }
        if let Some(TestRule { due_days }) = &self.tests {
            within("/tests/due_days", *due_days, 1, 366);
        }
        if let Some(BehaviourRule { opens_months, due_months, .. }) = &self.behaviour {
            within("/behaviour/opens_months", u16::from(*opens_months), 1, 24);
            within("/behaviour/due_months", u16::from(*due_months), u16::from(*opens_months) + 1, 36);
        }
        if let Some(ResultRule { due_months }) = &self.result {
            within("/result/due_months", u16::from(*due_months), 1, 60);
        }
        if let Some(rule) = &self.reaction {
            rule.form.check("/reaction/form", &mut found);
        }
        if let Some(rule) = &self.behaviour {
            rule.participant.check("/behaviour/participant", &mut found);
            rule.superior.check("/behaviour/superior", &mut found);
        }
        found.finish()
    }
}

/// From when on something is asked, and when it is due.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EvaluationWindow {
    /// When it opens.
    pub opens_at: DateTime<Utc>,
    /// From when on it is overdue.
    pub due_at: DateTime<Utc>,
}

impl EvaluationRubric {
    /// The form of an instrument, where it has one.
    #[must_use]
    pub fn form(&self, instrument: EvaluationInstrument) -> Option<&EvaluationForm> {
        use EvaluationInstrument as I;
        match instrument {
            I::Reaction => self.reaction.as_ref().map(|rule| &rule.form),
            I::BehaviourSelf => self.behaviour.as_ref().map(|rule| &rule.participant),
            I::BehaviourSuperior => self.behaviour.as_ref().map(|rule| &rule.superior),
            I::PreTest | I::PostTest | I::Result => None,
        }
    }

    /// When an instrument is asked for of a class, by the calendar of the agency; not at all where its level is left out.
    #[must_use]
    pub fn window(
        &self,
        instrument: EvaluationInstrument,
        class: &EvaluatedClass,
        zone: AgencyZone,
    ) -> Option<EvaluationWindow> {
        use EvaluationInstrument as I;
        let days = |from: DateTime<Utc>, days: u16| EvaluationWindow {
            opens_at: from,
            due_at: from + TimeDelta::days(i64::from(days)),
        };
        let last = last_day(class.ends_at, zone);
        let later = |months: u8| {
            let day = last.checked_add_months(Months::new(u32::from(months)))?;
            Some(zone.instant(day, NaiveTime::MIN))
        };
        match instrument {
            I::Reaction => self.reaction.as_ref().map(|rule| days(class.ends_at, rule.due_days)),
            I::PreTest => self.tests.as_ref().map(|rule| days(class.starts_at, rule.due_days)),
            I::PostTest => self.tests.as_ref().map(|rule| days(class.ends_at, rule.due_days)),
            I::BehaviourSelf | I::BehaviourSuperior => {
                let rule = self.behaviour.as_ref()?;
                Some(EvaluationWindow {
                    opens_at: later(rule.opens_months)?,
                    due_at: later(rule.due_months)?,
                })
            }
            I::Result => {
                let rule = self.result.as_ref().filter(|_| class.teaches)?;
                Some(EvaluationWindow { opens_at: class.ends_at, due_at: later(rule.due_months)? })
            }
        }
    }
}

/// A class as its evaluation sees it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EvaluatedClass {
    /// Where it stands by decision.
    pub state: ClassState,
    /// When its first session begins.
    pub starts_at: DateTime<Utc>,
    /// When its last session ends.
    pub ends_at: DateTime<Utc>,
    /// Whether its programme teaches a competency.
    pub teaches: bool,
}

impl EvaluatedClass {
    /// Whether nothing about who took part changes any more.
    #[must_use]
    pub const fn is_settled(&self) -> bool {
        matches!(self.state, ClassState::Completed | ClassState::Cancelled)
    }
}

/// Somebody's part in a class.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Participation {
    /// The enrolment.
    pub enrolment: EnrolmentId,
    /// Who.
    pub employee: EmployeeId,
    /// Whether they have or had a seat.
    pub seated: bool,
    /// Whether they were at a session.
    pub attended: bool,
}

/// A task that is there already.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StandingTask {
    /// The task.
    pub id: EvaluationTaskId,
    /// About whose part.
    pub enrolment: EnrolmentId,
    /// By what.
    pub instrument: EvaluationInstrument,
    /// Why nobody is asked, where nobody is.
    pub void: Option<EvaluationVoid>,
}

/// What has to be done so that the tasks are those of the participants.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EvaluationChange {
    /// Make a task.
    Make {
        /// About whose part.
        enrolment: EnrolmentId,
        /// Who took part.
        employee: EmployeeId,
        /// By what.
        instrument: EvaluationInstrument,
        /// When.
        window: EvaluationWindow,
    },
    /// Ask nobody any more.
    Void(EvaluationTaskId, EvaluationVoid),
    /// Ask again after all.
    Revive(EvaluationTaskId),
}

/// What has to be done at `now`: who has a seat is tested when the class begins, and once it is over whoever was there is
/// asked everything the rubric asks. Done again it finds nothing to do.
#[must_use]
pub fn evaluation_changes(
    class: &EvaluatedClass,
    people: &[Participation],
    tasks: &[StandingTask],
    rubric: &EvaluationRubric,
    zone: AgencyZone,
    now: DateTime<Utc>,
) -> Vec<EvaluationChange> {
    use EvaluationInstrument as I;
    let (begun, over) = (class.starts_at <= now, class.ends_at <= now);
    let held = class.state != ClassState::Cancelled;
    let there: BTreeMap<_, _> = tasks.iter().map(|task| ((task.enrolment, task.instrument), task)).collect();
    let mut wanted = BTreeSet::new();
    let mut changes = Vec::new();
    for one in people.iter().filter(|one| held && begun && one.seated && (one.attended || !over)) {
        for instrument in I::ALL.into_iter().filter(|instrument| over || *instrument == I::PreTest) {
            let Some(window) = rubric.window(instrument, class, zone) else { continue };
            wanted.insert((one.enrolment, instrument));
            match there.get(&(one.enrolment, instrument)) {
                None => changes.push(EvaluationChange::Make {
                    enrolment: one.enrolment,
                    employee: one.employee,
                    instrument,
                    window,
                }),
                Some(task) => match task.void {
                    Some(EvaluationVoid::NotAttended | EvaluationVoid::ClassCancelled) => {
                        changes.push(EvaluationChange::Revive(task.id));
                    }
                    // Whoever had left or had no superior then is not asked later either.
                    Some(EvaluationVoid::Left | EvaluationVoid::NoSuperior) | None => {}
                },
            }
        }
    }
    let why = if held { EvaluationVoid::NotAttended } else { EvaluationVoid::ClassCancelled };
    let gone = tasks.iter().filter(|task| task.void.is_none());
    let gone = gone.filter(|task| !wanted.contains(&(task.enrolment, task.instrument)));
    changes.extend(gone.map(|task| EvaluationChange::Void(task.id, why)));
    changes
}

/// What may be done with a task; `stands` is whether the person still counts as having been there.
#[must_use]
pub fn task_actions(
    instrument: EvaluationInstrument,
    state: EvaluationTaskState,
    stands: bool,
) -> Vec<EvaluationTaskAction> {
    use EvaluationTaskState as S;
    let asks = matches!(state, S::Open | S::Overdue | S::Answered);
    if instrument.is_form() && asks && stands { vec![EvaluationTaskAction::Answer] } else { Vec::new() }
}

/// An answer to a form. What is not marked is not known.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct EvaluationAnswer {
    /// Questions and their marks.
    pub marks: Vec<(Code, u8)>,
    /// In the respondent's own words.
    pub comment: Option<LongText>,
}

impl EvaluationAnswer {
    /// Whether it says anything, and only what is asked.
    ///
    /// # Errors
    /// `/marks/N/mark` out of range; `/marks/N/question` that is none of the form, or is there twice; `/marks` when nothing is
    /// answered at all.
    pub fn check(&self, form: &EvaluationForm) -> Result<(), Vec<Violation>> {
        let mut found = Violations::new();
        let mut seen = BTreeSet::new();
        for (index, (code, mark)) in self.marks.iter().enumerate() {
            let at = |property: &str| format!("/marks/{index}/{property}");
            let asked = form.questions.iter().any(|question| question.code == *code);
            found.check(!asked, || Violation::new(at("question"), ViolationCode::NotFound));
            found.check(!seen.insert(code), || Violation::new(at("question"), ViolationCode::Duplicate));
            found.check(!(1..=form.scale).contains(mark), || {
                Violation::new(at("mark"), ViolationCode::OutOfRange).with("min", 1).with("max", form.scale)
            });
        }
        let silent = self.marks.is_empty() && self.comment.is_none();
        found.check(silent, || Violation::new("/marks", ViolationCode::Required));
        found.finish()
    }
}

/// How many gave a number, and the sum of what they gave.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct AnswerSum {
    /// How many.
    pub count: u64,
    /// Their sum, in whole marks or in hundredths of a score.
    pub sum: u64,
}

impl AnswerSum {
    /// This and another one.
    #[must_use]
    pub const fn and(self, other: Self) -> Self {
        Self { count: self.count + other.count, sum: self.sum + other.sum }
    }

    /// Whether so many gave it that nobody is told apart.
    #[must_use]
    pub const fn is_told(self) -> bool {
        self.count >= SMALLEST_GROUP
    }

    /// The mean of whole marks to two decimals, half up; none of nobody.
    #[must_use]
    pub fn mean(self) -> Option<Hundredths> {
        Self { sum: self.sum.checked_mul(100)?, ..self }.mean_of_hundredths()
    }

    /// The mean of hundredths, half up; none of nobody.
    #[must_use]
    pub fn mean_of_hundredths(self) -> Option<Hundredths> {
        let twice = self.sum.checked_mul(2)?.checked_add(self.count)?;
        let mean = twice.checked_div(self.count.checked_mul(2)?)?;
        u32::try_from(mean).ok().map(Hundredths::from_count)
    }
}

/// What may be told of several classes together, of each of which its own sum is told where it is large enough: the small
/// ones are in it only if they are large enough together, or one less the other would give them away.
#[must_use]
pub fn told_together(classes: impl IntoIterator<Item = AnswerSum>) -> AnswerSum {
    let (large, small): (Vec<_>, Vec<_>) = classes.into_iter().partition(|sum| sum.is_told());
    let all = |sums: Vec<AnswerSum>| sums.into_iter().fold(AnswerSum::default(), AnswerSum::and);
    let (large, small) = (all(large), all(small));
    if small.is_told() { large.and(small) } else { large }
}

/// The rubric every agency begins with. Marks are from 1 to 5; what was asked of participants before there were forms keeps
/// its codes.
#[must_use]
pub fn evaluation_policy() -> competency::reference::ReferencePolicy<EvaluationRubric> {
    let form = |questions: &[(&str, &str)]| EvaluationForm {
        scale: 5,
        questions: questions
            .iter()
            .map(|(code, text)| EvaluationQuestion {
                code: Code::stored((*code).to_owned()),
                text: LongText::stored((*text).to_owned()),
            })
            .collect(),
    };
    competency::reference::ReferencePolicy {
        name: EVALUATION_POLICY,
        rubric: EvaluationRubric {
            reaction: Some(ReactionRule {
                due_days: 7,
                form: form(&[
                    ("CONTENT", "Materi sesuai dengan tujuan pelatihan dan kebutuhan saya"),
                    ("TRAINERS", "Pengajar menguasai materi dan membimbing dengan baik"),
                    ("ORGANISATION", "Pelatihan diselenggarakan dengan baik"),
                    ("USEFULNESS", "Yang saya pelajari berguna dalam pekerjaan saya"),
                ]),
            }),
            tests: Some(TestRule { due_days: 7 }),
            behaviour: Some(BehaviourRule {
                opens_months: 3,
                due_months: 6,
                participant: form(&[
                    ("APPLIED", "Saya menerapkan yang saya pelajari dalam pekerjaan"),
                    ("IMPROVED", "Pekerjaan saya menjadi lebih baik karenanya"),
                    ("SUPPORTED", "Saya mendapat kesempatan dan dukungan untuk menerapkannya"),
                    ("SHARED", "Saya membagikan yang saya pelajari kepada rekan kerja"),
                ]),
                superior: form(&[
                    ("APPLIED", "Pegawai menerapkan yang dipelajari dalam pekerjaan"),
                    ("IMPROVED", "Kinerja pegawai menjadi lebih baik karenanya"),
                    ("SHARED", "Pegawai membagikan yang dipelajari kepada rekan kerja"),
                ]),
            }),
            result: Some(ResultRule { due_months: 12 }),
        },
        source: "Levels as LAN uses them (Kirkpatrick); no regulation at hand fixes questions, scale or days: three to six \
            months for behaviour follow guides on post-training evaluation",
    }
}

#[cfg(test)]
mod tests;
