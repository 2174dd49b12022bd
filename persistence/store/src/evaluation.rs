//! What evaluation found of classes and programmes, in sums.

use chrono::{DateTime, NaiveDate, Utc};
use development::{AnswerSum, EvaluationInstrument, EvaluationTaskState, EvaluationVoid};
use kernel::{ClassId, Code, CompetencyId, Level, LongText, Name, PolicyId, ProgrammeId};
use sea_orm::{ConnectionTrait as _, QueryResult, raw_sql};
use uuid::Uuid;

use crate::evaluation_tasks::{FOUND, STATE, instrument, void};
use crate::rows::{code, known, long_text, name};
use crate::sentence::Sentence;
use crate::{Reader, StoreError};

/// What an evaluation is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EvaluationSubject {
    /// One class.
    Class(ClassId),
    /// Every class of a programme.
    Programme(ProgrammeId),
}

impl EvaluationSubject {
    /// The condition on a class `k`.
    const fn condition(self) -> &'static str {
        match self {
            Self::Class(_) => " AND k.id = {}",
            Self::Programme(_) => " AND k.programme_id = {}",
        }
    }

    const fn uuid(self) -> Uuid {
        match self {
            Self::Class(id) => id.uuid(),
            Self::Programme(id) => id.uuid(),
        }
    }
}

/// How many tasks of an instrument stand where.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EvaluationCount {
    /// The instrument.
    pub instrument: EvaluationInstrument,
    /// Where they stand.
    pub state: EvaluationTaskState,
    /// Why nobody is asked, where nobody is.
    pub void: Option<EvaluationVoid>,
    /// How many.
    pub tasks: u64,
    /// How many of them were answered when they were overdue.
    pub late: u64,
}

/// What a question was answered with in one class.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EvaluationMarkSum {
    /// The instrument.
    pub instrument: EvaluationInstrument,
    /// The question.
    pub question: Code,
    /// The version of the rubric it was asked by; none stands for what applied on the last day.
    pub policy: Option<PolicyId>,
    /// The class.
    pub class: ClassId,
    /// Its last day.
    pub held_until: Option<NaiveDate>,
    /// The marks.
    pub sum: AnswerSum,
}

/// Scores of tests before and after, in hundredths.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct EvaluationTests {
    /// How many were to be tested.
    pub participants: u64,
    /// Scores before.
    pub before: AnswerSum,
    /// Scores afterwards.
    pub after: AnswerSum,
    /// Scores before, of those who have both.
    pub both_before: AnswerSum,
    /// Scores afterwards, of those who have both.
    pub both_after: AnswerSum,
}

/// Levels of a competency that was taught, assessed before and after.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EvaluationLevels {
    /// The competency.
    pub competency: CompetencyId,
    /// Code of its dictionary.
    pub dictionary: Code,
    /// Its code.
    pub code: Code,
    /// Its name.
    pub name: Name,
    /// The level the programme leads to.
    pub level_to: Level,
    /// How often somebody took part.
    pub participants: u64,
    /// With a level that was valid when the class began.
    pub with_before: u64,
    /// With an assessment after the class.
    pub with_after: u64,
    /// With both.
    pub compared: u64,
    /// Of these, higher afterwards.
    pub raised: u64,
    /// Of these, the same.
    pub unchanged: u64,
    /// Of these, lower afterwards.
    pub lowered: u64,
    /// Of these, afterwards at the level the programme leads to or above.
    pub reached: u64,
    /// Of these, the levels before.
    pub before: AnswerSum,
    /// Of these, the levels afterwards.
    pub after: AnswerSum,
}

fn count(row: &QueryResult, column: &str) -> Result<u64, StoreError> {
    known(u64::try_from(row.try_get::<i64>("", column)?).ok(), "evaluation_tasks")
}

fn sum(row: &QueryResult, of: &str) -> Result<AnswerSum, StoreError> {
    Ok(AnswerSum { count: count(row, of)?, sum: count(row, &format!("{of}_sum"))? })
}

impl Reader<'_> {
    /// How many tasks stand where, whoever they are about.
    ///
    /// # Errors
    /// The database's.
    pub async fn evaluation_counts(
        &self,
        subject: EvaluationSubject,
        now: DateTime<Utc>,
    ) -> Result<Vec<EvaluationCount>, StoreError> {
        let mut sentence = Sentence::new(
            &format!(
                "SELECT instrument, state, void, count(*) AS tasks, count(*) FILTER (WHERE late) AS late
                 FROM (SELECT t.instrument, t.void, {STATE} AS state,
                              coalesce(t.answered_at, f.found_at) >= t.due_at AS late
                    FROM evaluation_tasks t
                    JOIN classes k ON k.agency_id = t.agency_id AND k.id = t.class_id
                    {FOUND}
                    WHERE t.agency_id = $1 AND $2::date IS NOT NULL"
            ),
            [self.agency().into(), self.today.into(), now.into()],
        );
        sentence.push(subject.condition(), [subject.uuid().into()]);
        sentence.push(") t GROUP BY instrument, state, void", []);
        let read = |row: &QueryResult| {
            let state: String = row.try_get("", "state")?;
            Ok(EvaluationCount {
                instrument: instrument(&row.try_get::<String>("", "instrument")?)?,
                state: known(EvaluationTaskState::parse(&state), "evaluation_tasks.state")?,
                void: void(row.try_get("", "void")?)?,
                tasks: count(row, "tasks")?,
                late: count(row, "late")?,
            })
        };
        self.db.query_all_raw(sentence.finish()).await?.iter().map(read).collect()
    }

    /// How often somebody took part in what is evaluated.
    ///
    /// # Errors
    /// The database's.
    pub async fn evaluation_participants(&self, subject: EvaluationSubject) -> Result<u64, StoreError> {
        let mut sentence = Sentence::new(
            "SELECT count(DISTINCT t.enrolment_id) AS people FROM evaluation_tasks t
             JOIN classes k ON k.agency_id = t.agency_id AND k.id = t.class_id
             WHERE t.agency_id = $1 AND t.void IS NULL",
            [self.agency().into()],
        );
        sentence.push(subject.condition(), [subject.uuid().into()]);
        let row = self.db.query_one_raw(sentence.finish()).await?;
        count(&known(row, "evaluation_tasks")?, "people")
    }

    /// What each question was answered with, class by class.
    ///
    /// # Errors
    /// The database's.
    pub async fn evaluation_mark_sums(
        &self,
        subject: EvaluationSubject,
    ) -> Result<Vec<EvaluationMarkSum>, StoreError> {
        let mut sentence = Sentence::new(
            "SELECT t.instrument, m.question, v.policy_id, t.class_id,
                    day_in(a.zone, k.ends_at - interval '1 microsecond') AS held_until,
                    count(*) AS marks, sum(m.mark)::bigint AS marks_sum
             FROM evaluation_tasks t
             JOIN classes k ON k.agency_id = t.agency_id AND k.id = t.class_id
             JOIN agencies a ON a.id = k.agency_id
             JOIN evaluations v ON v.agency_id = t.agency_id AND v.class_id = t.class_id
             JOIN evaluation_marks m ON m.agency_id = t.agency_id AND m.task_id = t.id
             WHERE t.agency_id = $1 AND t.void IS NULL",
            [self.agency().into()],
        );
        sentence.push(subject.condition(), [subject.uuid().into()]);
        sentence.push(" GROUP BY t.instrument, m.question, v.policy_id, t.class_id, a.zone, k.ends_at", []);
        let read = |row: &QueryResult| {
            Ok(EvaluationMarkSum {
                instrument: instrument(&row.try_get::<String>("", "instrument")?)?,
                question: code(row.try_get("", "question")?),
                policy: row.try_get::<Option<Uuid>>("", "policy_id")?.map(PolicyId::from),
                class: row.try_get::<Uuid>("", "class_id")?.into(),
                held_until: row.try_get("", "held_until")?,
                sum: sum(row, "marks")?,
            })
        };
        self.db.query_all_raw(sentence.finish()).await?.iter().map(read).collect()
    }

    /// What participants of a class said of it in their own words, in alphabetical order.
    ///
    /// # Errors
    /// The database's.
    pub async fn evaluation_comments(&self, class: ClassId) -> Result<Vec<LongText>, StoreError> {
        let (agency, class) = (self.agency(), class.uuid());
        let statement = raw_sql!(
            Postgres,
            "SELECT comment FROM evaluation_tasks
             WHERE agency_id = {agency} AND class_id = {class} AND instrument = 'REACTION' AND void IS NULL
               AND comment IS NOT NULL
             ORDER BY comment"
        );
        let rows = self.db.query_all_raw(statement).await?;
        rows.iter().map(|row| Ok(long_text(row.try_get("", "comment")?))).collect()
    }

    /// Scores of tests before and after.
    ///
    /// # Errors
    /// The database's.
    pub async fn evaluation_tests(&self, subject: EvaluationSubject) -> Result<EvaluationTests, StoreError> {
        let mut sentence = Sentence::new(
            "SELECT count(*) AS participants,
                    count(pre) AS before, coalesce(sum(pre), 0)::bigint AS before_sum,
                    count(post) AS after, coalesce(sum(post), 0)::bigint AS after_sum,
                    count(pre + post) AS both, coalesce(sum(pre) FILTER (WHERE post IS NOT NULL), 0)::bigint AS both_pre,
                    coalesce(sum(post) FILTER (WHERE pre IS NOT NULL), 0)::bigint AS both_post
             FROM (SELECT max(t.score) FILTER (WHERE t.instrument = 'PRE_TEST') AS pre,
                          max(t.score) FILTER (WHERE t.instrument = 'POST_TEST') AS post
                FROM evaluation_tasks t
                JOIN classes k ON k.agency_id = t.agency_id AND k.id = t.class_id
                WHERE t.agency_id = $1 AND t.void IS NULL AND t.instrument IN ('PRE_TEST', 'POST_TEST')",
            [self.agency().into()],
        );
        sentence.push(subject.condition(), [subject.uuid().into()]);
        sentence.push(" GROUP BY t.enrolment_id) t", []);
        let row = known(self.db.query_one_raw(sentence.finish()).await?, "evaluation_tasks")?;
        let both = count(&row, "both")?;
        Ok(EvaluationTests {
            participants: count(&row, "participants")?,
            before: sum(&row, "before")?,
            after: sum(&row, "after")?,
            both_before: AnswerSum { count: both, sum: count(&row, "both_pre")? },
            both_after: AnswerSum { count: both, sum: count(&row, "both_post")? },
        })
    }

    /// Levels before and after in each competency that was taught: the last one found before the first day that was valid on
    /// it, and the first one found after the last day.
    ///
    /// # Errors
    /// The database's.
    pub async fn evaluation_levels(
        &self,
        subject: EvaluationSubject,
    ) -> Result<Vec<EvaluationLevels>, StoreError> {
        let mut sentence = Sentence::new(
            "WITH parts AS (
                SELECT t.employee_id, k.programme_id, day_in(a.zone, k.starts_at) AS first_on,
                       day_in(a.zone, k.ends_at - interval '1 microsecond') AS last_on
                FROM evaluation_tasks t
                JOIN classes k ON k.agency_id = t.agency_id AND k.id = t.class_id
                JOIN agencies a ON a.id = k.agency_id
                WHERE t.agency_id = $1 AND t.instrument = 'RESULT' AND t.void IS NULL",
            [self.agency().into()],
        );
        sentence.push(subject.condition(), [subject.uuid().into()]);
        sentence.push(
            ")
             SELECT s.competency_id, d.code AS dictionary, c.code, n.name, s.level_to, count(*) AS participants,
                    count(b.level) AS with_before, count(f.level) AS with_after, count(b.level + f.level) AS compared,
                    count(*) FILTER (WHERE f.level > b.level) AS raised,
                    count(*) FILTER (WHERE f.level = b.level) AS unchanged,
                    count(*) FILTER (WHERE f.level < b.level) AS lowered,
                    count(*) FILTER (WHERE b.level IS NOT NULL AND f.level >= s.level_to) AS reached,
                    coalesce(sum(b.level) FILTER (WHERE f.level IS NOT NULL), 0)::bigint AS before,
                    coalesce(sum(f.level) FILTER (WHERE b.level IS NOT NULL), 0)::bigint AS after
             FROM parts w
             JOIN programme_steps s ON s.agency_id = $1 AND s.programme_id = w.programme_id
             JOIN competencies c ON c.agency_id = s.competency_agency_id AND c.id = s.competency_id
             JOIN dictionaries d ON d.agency_id = c.agency_id AND d.id = c.dictionary_id
             JOIN competency_contents n ON n.agency_id = s.competency_agency_id
                AND n.dictionary_version_id = s.dictionary_version_id AND n.competency_id = s.competency_id
             LEFT JOIN LATERAL (
                SELECT r.level FROM assessment_results r
                WHERE r.agency_id = $1 AND r.employee_id = w.employee_id AND r.competency_id = s.competency_id
                  AND r.competency_agency_id = s.competency_agency_id AND r.counts AND r.recorded_at IS NOT NULL
                  AND r.superseded_at IS NULL AND r.assessed_on < w.first_on AND r.valid_until >= w.first_on
                ORDER BY r.assessed_on DESC, r.recorded_at DESC, r.id DESC LIMIT 1) b ON true
             LEFT JOIN LATERAL (
                SELECT r.level FROM assessment_results r
                WHERE r.agency_id = $1 AND r.employee_id = w.employee_id AND r.competency_id = s.competency_id
                  AND r.competency_agency_id = s.competency_agency_id AND r.counts AND r.recorded_at IS NOT NULL
                  AND r.superseded_at IS NULL AND r.assessed_on > w.last_on
                ORDER BY r.assessed_on, r.recorded_at DESC, r.id DESC LIMIT 1) f ON true
             GROUP BY s.ordinal, s.competency_id, d.code, c.code, n.name, s.level_to
             ORDER BY s.ordinal, s.competency_id",
            [],
        );
        let read = |row: &QueryResult| {
            let compared = count(row, "compared")?;
            let level = Level::new(i64::from(row.try_get::<i16>("", "level_to")?));
            Ok(EvaluationLevels {
                competency: row.try_get::<Uuid>("", "competency_id")?.into(),
                dictionary: code(row.try_get("", "dictionary")?),
                code: code(row.try_get("", "code")?),
                name: name(row.try_get("", "name")?),
                level_to: known(level, "programme_steps.level_to")?,
                participants: count(row, "participants")?,
                with_before: count(row, "with_before")?,
                with_after: count(row, "with_after")?,
                compared,
                raised: count(row, "raised")?,
                unchanged: count(row, "unchanged")?,
                lowered: count(row, "lowered")?,
                reached: count(row, "reached")?,
                before: AnswerSum { count: compared, sum: count(row, "before")? },
                after: AnswerSum { count: compared, sum: count(row, "after")? },
            })
        };
        self.db.query_all_raw(sentence.finish()).await?.iter().map(read).collect()
    }
}
