//! Evaluation of classes: the tasks of participants, what was answered, and sums of it.

use std::collections::BTreeMap;

use access::Pass;
use chrono::{DateTime, NaiveDate, Utc};
use development::{
    AnswerSum, ClassState, EvaluatedClass, EvaluationAnswer, EvaluationChange, EvaluationInstrument,
    EvaluationTaskState, EvaluationVoid, Participation, StandingTask,
};
use entities::{evaluation_marks, evaluation_tasks, evaluations};
use kernel::{
    AgencyId, AgencyZone, ClassId, Code, CompetencyId, EmployeeId, EnrolmentId, EvaluationTaskId, Hundredths,
    Level, LongText, Name, Nip, Page, PolicyId, ProgrammeId, UserId, Version,
};
use sea_orm::ActiveValue::Set;
use sea_orm::sea_query::OnConflict;
use sea_orm::{ConnectionTrait as _, EntityTrait as _, FromQueryResult, QueryResult, raw_sql};
use uuid::Uuid;

use crate::read::PeopleFilter;
use crate::rows::{code, known, long_text, name};
use crate::sentence::Sentence;
use crate::{PageRequest, Reader, Store, StoreError, Tx};

/// Which tasks a list holds; everything that is given must hold.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct EvaluationTaskFilter {
    /// Of this class.
    pub class: Option<ClassId>,
    /// Of classes of this programme.
    pub programme: Option<ProgrammeId>,
    /// About this person's part.
    pub employee: Option<EmployeeId>,
    /// By this instrument.
    pub instrument: Option<EvaluationInstrument>,
    /// In one of these states.
    pub states: Vec<EvaluationTaskState>,
}

/// A task with what a reader needs to know of the person and the class.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EvaluationTaskRow {
    /// The task.
    pub id: EvaluationTaskId,
    /// By what.
    pub instrument: EvaluationInstrument,
    /// Where it stands.
    pub state: EvaluationTaskState,
    /// Why nobody is asked, where nobody is.
    pub void: Option<EvaluationVoid>,
    /// The class.
    pub class: ClassId,
    /// Its code.
    pub class_code: Code,
    /// The last day of the class.
    pub held_until: Option<NaiveDate>,
    /// The programme.
    pub programme: ProgrammeId,
    /// Its name.
    pub programme_name: Name,
    /// The part in the class it is about.
    pub enrolment: EnrolmentId,
    /// Who took part.
    pub employee: EmployeeId,
    /// Their identity number.
    pub nip: Nip,
    /// Their name.
    pub name: Name,
    /// When it opens.
    pub opens_at: DateTime<Utc>,
    /// From when on it is overdue.
    pub due_at: DateTime<Utc>,
    /// When it was answered, for the first time.
    pub answered_at: Option<DateTime<Utc>>,
    /// Who answered; nobody where an assessment did.
    pub answered_by: Option<UserId>,
    /// The score of a test, of 100.
    pub score: Option<Hundredths>,
    /// In the respondent's own words.
    pub comment: Option<LongText>,
    /// Whether the person counts as having been there, and the class as held, at this moment.
    pub stands: bool,
    /// The version of the rubric the class is evaluated by; none stands for what applied on its last day.
    pub policy: Option<PolicyId>,
    /// How often it has been written.
    pub version: Version,
}

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

/// A class as the making of its tasks finds it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EvaluationLook {
    /// The class.
    pub class: EvaluatedClass,
    /// The clock of its agency.
    pub zone: AgencyZone,
    /// The version of the rubric it is evaluated by, once that is decided.
    pub policy: Option<PolicyId>,
    /// Whether it was looked at for the last time.
    pub settled: bool,
    /// Who takes part.
    pub people: Vec<Participation>,
    /// The tasks that are there.
    pub tasks: Vec<StandingTask>,
    /// Whether it was looked at as it stands.
    pub seen_before: bool,
    /// What was seen of it, as a sum of versions.
    seen: i64,
}

/// A task that has just opened, or fallen overdue.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EvaluationTold {
    /// The task.
    pub id: EvaluationTaskId,
    /// By what.
    pub instrument: EvaluationInstrument,
    /// The class.
    pub class: ClassId,
    /// About whose part.
    pub employee: EmployeeId,
    /// Why nobody is asked after all.
    pub void: Option<EvaluationVoid>,
    /// Whether it was answered meanwhile.
    pub answered: bool,
}

#[derive(FromQueryResult)]
struct Row {
    #[sea_orm(nested)]
    task: evaluation_tasks::Model,
    state: String,
    found_at: Option<DateTime<Utc>>,
    nip: String,
    employee_name: String,
    class_code: String,
    held_until: Option<NaiveDate>,
    programme_id: Uuid,
    programme_name: String,
    policy_id: Option<Uuid>,
    stands: bool,
}

fn instrument(text: &str) -> Result<EvaluationInstrument, StoreError> {
    known(EvaluationInstrument::parse(text), "evaluation_tasks.instrument")
}

fn void(text: Option<String>) -> Result<Option<EvaluationVoid>, StoreError> {
    text.map(|text| known(EvaluationVoid::parse(&text), "evaluation_tasks.void")).transpose()
}

fn count(row: &QueryResult, column: &str) -> Result<u64, StoreError> {
    known(u64::try_from(row.try_get::<i64>("", column)?).ok(), "evaluation_tasks")
}

fn sum(row: &QueryResult, of: &str) -> Result<AnswerSum, StoreError> {
    Ok(AnswerSum { count: count(row, of)?, sum: count(row, &format!("{of}_sum"))? })
}

impl Row {
    fn domain(self) -> Result<EvaluationTaskRow, StoreError> {
        let Self {
            task,
            state,
            found_at,
            nip,
            employee_name,
            class_code,
            held_until,
            programme_id,
            programme_name,
            policy_id,
            stands,
        } = self;
        let score = task.score.map(|score| known(u32::try_from(score).ok(), "evaluation_tasks.score"));
        Ok(EvaluationTaskRow {
            id: task.id.into(),
            instrument: instrument(&task.instrument)?,
            state: known(EvaluationTaskState::parse(&state), "evaluation_tasks.state")?,
            void: void(task.void)?,
            class: task.class_id.into(),
            class_code: code(class_code),
            held_until,
            programme: programme_id.into(),
            programme_name: name(programme_name),
            enrolment: task.enrolment_id.into(),
            employee: task.employee_id.into(),
            nip: Nip::stored(nip),
            name: name(employee_name),
            opens_at: task.opens_at,
            due_at: task.due_at,
            answered_at: task.answered_at.or(found_at),
            answered_by: task.answered_by.map(UserId::from),
            score: score.transpose()?.map(Hundredths::from_count),
            comment: task.comment.map(long_text),
            stands,
            policy: policy_id.map(PolicyId::from),
            version: Version::new(task.version),
        })
    }
}

/// Where a task `t` stands at `$3`; `f` says whether an assessment answered it. What is void is nothing else.
const STATE: &str = "CASE WHEN t.void IS NOT NULL THEN 'VOID'
    WHEN coalesce(t.answered_at, f.found_at) IS NOT NULL THEN 'ANSWERED'
    WHEN t.opens_at > $3 THEN 'SCHEDULED' WHEN t.due_at <= $3 THEN 'OVERDUE' ELSE 'OPEN' END";

/// Assessments answer what asks for a result.
const FOUND: &str = "LEFT JOIN LATERAL (
    SELECT evaluation_result_at(t.agency_id, t.class_id, t.employee_id) AS found_at
    WHERE t.instrument = 'RESULT' AND t.void IS NULL) f ON true";

impl Reader<'_> {
    /// One task about somebody the scope reaches.
    ///
    /// # Errors
    /// The database's.
    pub async fn evaluation_task(
        &self,
        id: EvaluationTaskId,
        now: DateTime<Utc>,
    ) -> Result<Option<EvaluationTaskRow>, StoreError> {
        let mut sentence = self.evaluation_sentence(now);
        sentence.within("t.employee_id", self.people());
        sentence.push(" AND t.id = {}", [id.uuid().into()]);
        Row::find_by_statement(sentence.finish()).one(&self.db).await?.map(Row::domain).transpose()
    }

    /// Tasks about people the scope reaches, by due date.
    ///
    /// # Errors
    /// The database's.
    pub async fn evaluation_tasks(
        &self,
        filter: &EvaluationTaskFilter,
        page: &PageRequest,
        now: DateTime<Utc>,
    ) -> Result<Page<EvaluationTaskRow>, StoreError> {
        let EvaluationTaskFilter { class, programme, employee, instrument, states } = filter.clone();
        let mut sentence = self.evaluation_sentence(now);
        sentence.within("t.employee_id", self.people());
        sentence.maybe(" AND t.class_id = {}", class.map(ClassId::uuid));
        sentence.maybe(" AND k.programme_id = {}", programme.map(ProgrammeId::uuid));
        sentence.maybe(" AND t.employee_id = {}", employee.map(EmployeeId::uuid));
        sentence.maybe(" AND t.instrument = {}", instrument.map(EvaluationInstrument::as_str));
        if !states.is_empty() {
            let states: Vec<String> = states.iter().map(ToString::to_string).collect();
            sentence.push(&format!(" AND {STATE} = ANY ({{}})"), [states.into()]);
        }
        self.evaluation_page(sentence, page).await
    }

    /// What those the scope calls its own are asked now, about themselves and, where they are the direct superior today, about
    /// the people below them; by due date.
    ///
    /// # Errors
    /// The database's.
    pub async fn evaluation_tasks_asked(
        &self,
        page: &PageRequest,
        now: DateTime<Utc>,
    ) -> Result<Page<EvaluationTaskRow>, StoreError> {
        let PeopleFilter { all: _, own, below, units: _ } = self.people();
        let mut sentence = self.evaluation_sentence(now);
        sentence.push(
            " AND t.void IS NULL AND t.answered_at IS NULL AND t.opens_at <= $3
              AND (t.instrument IN ('REACTION', 'BEHAVIOUR_SELF') AND t.employee_id = ANY ({})
                OR t.instrument = 'BEHAVIOUR_SUPERIOR'
                   AND t.employee_id IN (SELECT people_within($1, $2, ARRAY[]::uuid[], {}, ARRAY[]::uuid[]))
                   AND direct_superior_on($1, t.employee_id, $2) = ANY ({}))",
            [own.into(), below.clone().into(), below.into()],
        );
        self.evaluation_page(sentence, page).await
    }

    async fn evaluation_page(
        &self,
        mut sentence: Sentence,
        page: &PageRequest,
    ) -> Result<Page<EvaluationTaskRow>, StoreError> {
        if let (Some(due), Some(id)) = (page.key(0), page.id(1)) {
            let due: Option<DateTime<Utc>> = due.parse().ok();
            sentence.push(" AND (t.due_at, t.id) > ({}, {})", [due.into(), id.into()]);
        }
        sentence.push(" ORDER BY t.due_at, t.id LIMIT {}", [page.probe().into()]);
        let rows = Row::find_by_statement(sentence.finish()).all(&self.db).await?;
        let rows = rows.into_iter().map(Row::domain).collect::<Result<_, _>>()?;
        Ok(Page::cut(rows, page.limit, |row: &EvaluationTaskRow| {
            vec![row.due_at.to_rfc3339(), row.id.to_string()]
        }))
    }

    fn evaluation_sentence(&self, now: DateTime<Utc>) -> Sentence {
        Sentence::new(
            &format!(
                "SELECT t.*, {STATE} AS state, f.found_at, e.nip, e.name AS employee_name, k.code AS class_code,
                        day_in(a.zone, k.ends_at - interval '1 microsecond') AS held_until, k.programme_id,
                        p.name AS programme_name, v.policy_id,
                        k.state <> 'CANCELLED' AND EXISTS (
                            SELECT FROM attendances x WHERE x.agency_id = t.agency_id AND x.enrolment_id = t.enrolment_id
                                AND x.presence = 'PRESENT') AS stands
                 FROM evaluation_tasks t
                 JOIN employees e ON e.agency_id = t.agency_id AND e.id = t.employee_id
                 JOIN classes k ON k.agency_id = t.agency_id AND k.id = t.class_id
                 JOIN programmes p ON p.agency_id = k.agency_id AND p.id = k.programme_id
                 JOIN agencies a ON a.id = t.agency_id
                 JOIN evaluations v ON v.agency_id = t.agency_id AND v.class_id = t.class_id
                 {FOUND}
                 WHERE t.agency_id = $1 AND $2::date IS NOT NULL"
            ),
            [self.agency().into(), self.today.into(), now.into()],
        )
    }

    /// What a task was marked with, by question.
    ///
    /// # Errors
    /// The database's.
    pub async fn evaluation_marks(&self, task: EvaluationTaskId) -> Result<Vec<(Code, u8)>, StoreError> {
        let (agency, task) = (self.agency(), task.uuid());
        let statement = raw_sql!(
            Postgres,
            "SELECT question, mark FROM evaluation_marks WHERE agency_id = {agency} AND task_id = {task}
             ORDER BY question"
        );
        let read = |row: &QueryResult| {
            let mark = u8::try_from(row.try_get::<i16>("", "mark")?).ok();
            Ok((code(row.try_get("", "question")?), known(mark, "evaluation_marks.mark")?))
        };
        self.db.query_all_raw(statement).await?.iter().map(read).collect()
    }

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

impl Store {
    /// Classes that have begun and of which something changed since their tasks were made, at most so many.
    ///
    /// # Errors
    /// The database's.
    pub async fn evaluations_due(
        &self,
        now: DateTime<Utc>,
        most: i64,
    ) -> Result<Vec<(AgencyId, ClassId)>, StoreError> {
        let statement = raw_sql!(
            Postgres,
            "SELECT k.agency_id, k.id
             FROM classes k
             LEFT JOIN evaluations v ON v.agency_id = k.agency_id AND v.class_id = k.id
             WHERE k.state <> 'PLANNED' AND k.starts_at <= {now} AND v.settled_at IS NULL
               AND (v.class_id IS NULL OR v.is_over <> (k.ends_at <= {now}) OR v.seen <> k.version + (
                    SELECT coalesce(sum(n.version), 0)::bigint FROM enrolments n
                    WHERE n.agency_id = k.agency_id AND n.class_id = k.id))
             ORDER BY k.starts_at, k.id
             LIMIT {most}"
        );
        let rows = self.db.query_all_raw(statement).await?;
        let due = |row: &QueryResult| -> Result<_, StoreError> {
            let (agency, class): (Uuid, Uuid) = (row.try_get("", "agency_id")?, row.try_get("", "id")?);
            Ok((agency.into(), class.into()))
        };
        rows.iter().map(due).collect()
    }

    /// Agencies with tasks that have opened or fallen overdue and were not told, each with its day.
    ///
    /// # Errors
    /// The database's.
    pub async fn evaluations_untold(
        &self,
        now: DateTime<Utc>,
    ) -> Result<Vec<(AgencyId, NaiveDate)>, StoreError> {
        let statement = raw_sql!(
            Postgres,
            "SELECT a.id, day_in(a.zone, {now}) AS today FROM agencies a WHERE a.id IN (
                SELECT t.agency_id FROM evaluation_tasks t
                WHERE t.opened_at IS NULL AND t.void IS NULL AND t.opens_at <= {now}
                UNION
                SELECT t.agency_id FROM evaluation_tasks t
                WHERE t.overdue_at IS NULL AND t.void IS NULL AND t.answered_at IS NULL AND t.due_at <= {now})
             ORDER BY a.id"
        );
        let rows = self.db.query_all_raw(statement).await?;
        let due = |row: &QueryResult| -> Result<_, StoreError> {
            Ok((AgencyId::from(row.try_get::<Uuid>("", "id")?), row.try_get("", "today")?))
        };
        rows.iter().map(due).collect()
    }
}

impl Tx<'_> {
    /// What there is to see of a class, which the caller holds; nothing of one without sessions.
    ///
    /// # Errors
    /// The database's.
    pub async fn evaluation_look(
        &self,
        pass: &Pass,
        class: ClassId,
    ) -> Result<Option<EvaluationLook>, StoreError> {
        let (agency, class) = (pass.agency().uuid(), class.uuid());
        let statement = raw_sql!(
            Postgres,
            "SELECT k.state, k.starts_at, k.ends_at, a.zone, v.policy_id, v.settled_at IS NOT NULL AS settled,
                    v.seen AS seen_before, v.is_over, k.version + (SELECT coalesce(sum(n.version), 0)::bigint FROM enrolments n
                        WHERE n.agency_id = k.agency_id AND n.class_id = k.id) AS seen,
                    EXISTS (SELECT FROM programme_steps s
                        WHERE s.agency_id = k.agency_id AND s.programme_id = k.programme_id) AS teaches
             FROM classes k
             JOIN agencies a ON a.id = k.agency_id
             LEFT JOIN evaluations v ON v.agency_id = k.agency_id AND v.class_id = k.id
             WHERE k.agency_id = {agency} AND k.id = {class} AND k.starts_at IS NOT NULL AND k.ends_at IS NOT NULL"
        );
        let Some(row) = self.db.query_one_raw(statement).await? else { return Ok(None) };
        let (state, zone): (String, String) = (row.try_get("", "state")?, row.try_get("", "zone")?);
        let statement = raw_sql!(
            Postgres,
            "SELECT n.id, n.employee_id, n.state IN ('ENROLLED', 'PASSED', 'FAILED') AS seated,
                    EXISTS (SELECT FROM attendances x WHERE x.agency_id = n.agency_id AND x.enrolment_id = n.id
                        AND x.presence = 'PRESENT') AS attended
             FROM enrolments n WHERE n.agency_id = {agency} AND n.class_id = {class}
             ORDER BY n.ticket"
        );
        let people = self.db.query_all_raw(statement).await?;
        let person = |row: &QueryResult| -> Result<_, StoreError> {
            Ok(Participation {
                enrolment: row.try_get::<Uuid>("", "id")?.into(),
                employee: row.try_get::<Uuid>("", "employee_id")?.into(),
                seated: row.try_get("", "seated")?,
                attended: row.try_get("", "attended")?,
            })
        };
        let statement = raw_sql!(
            Postgres,
            "SELECT t.id, t.enrolment_id, t.instrument, t.void FROM evaluation_tasks t
             WHERE t.agency_id = {agency} AND t.class_id = {class}"
        );
        let tasks = self.db.query_all_raw(statement).await?;
        let task = |row: &QueryResult| -> Result<_, StoreError> {
            Ok(StandingTask {
                id: row.try_get::<Uuid>("", "id")?.into(),
                enrolment: row.try_get::<Uuid>("", "enrolment_id")?.into(),
                instrument: instrument(&row.try_get::<String>("", "instrument")?)?,
                void: void(row.try_get("", "void")?)?,
            })
        };
        let class = EvaluatedClass {
            state: known(ClassState::parse(&state), "classes.state")?,
            starts_at: row.try_get("", "starts_at")?,
            ends_at: row.try_get("", "ends_at")?,
            teaches: row.try_get("", "teaches")?,
        };
        let seen: i64 = row.try_get("", "seen")?;
        let (before, over): (Option<i64>, Option<bool>) =
            (row.try_get("", "seen_before")?, row.try_get("", "is_over")?);
        Ok(Some(EvaluationLook {
            seen_before: before == Some(seen) && over == Some(class.ends_at <= self.now()),
            class,
            zone: known(AgencyZone::parse(&zone), "agencies.zone")?,
            policy: row.try_get::<Option<Uuid>>("", "policy_id")?.map(PolicyId::from),
            settled: row.try_get("", "settled")?,
            people: people.iter().map(person).collect::<Result<_, _>>()?,
            tasks: tasks.iter().map(task).collect::<Result<_, _>>()?,
            seen,
        }))
    }

    /// Makes the tasks of a class what they should be, and keeps that it was looked at. A task that is there already is never
    /// made again.
    ///
    /// # Errors
    /// The database's.
    pub async fn evaluation_write(
        &self,
        pass: &Pass,
        class: ClassId,
        look: &EvaluationLook,
        policy: Option<PolicyId>,
        changes: &[EvaluationChange],
    ) -> Result<(), StoreError> {
        let (agency, now) = (pass.agency().uuid(), self.now());
        let row = evaluations::ActiveModel {
            agency_id: Set(agency),
            class_id: Set(class.uuid()),
            policy_id: Set(policy.map(PolicyId::uuid)),
            seen: Set(look.seen),
            is_over: Set(look.class.ends_at <= now),
            settled_at: Set(look.class.is_settled().then_some(now)),
        };
        use evaluations::Column as C;
        let again = OnConflict::columns([C::AgencyId, C::ClassId])
            .update_columns([C::PolicyId, C::Seen, C::IsOver, C::SettledAt])
            .to_owned();
        evaluations::Entity::insert(row).on_conflict(again).exec_without_returning(&self.db).await?;
        let (mut made, mut revived) = (Vec::new(), Vec::new());
        let mut ended: BTreeMap<EvaluationVoid, Vec<Uuid>> = BTreeMap::new();
        for change in changes {
            match change {
                EvaluationChange::Make { enrolment, employee, instrument, window } => {
                    made.push(evaluation_tasks::ActiveModel {
                        agency_id: Set(agency),
                        id: Set(EvaluationTaskId::new().uuid()),
                        class_id: Set(class.uuid()),
                        enrolment_id: Set(enrolment.uuid()),
                        employee_id: Set(employee.uuid()),
                        instrument: Set(instrument.as_str().to_owned()),
                        opens_at: Set(window.opens_at),
                        due_at: Set(window.due_at),
                        version: Set(Version::FIRST.get()),
                        created_at: Set(now),
                        updated_at: Set(now),
                        ..Default::default()
                    });
                }
                EvaluationChange::Void(task, why) => ended.entry(*why).or_default().push(task.uuid()),
                EvaluationChange::Revive(task) => revived.push(task.uuid()),
            }
        }
        // A statement binds no more values than the protocol counts.
        for part in made.chunks(2_000) {
            evaluation_tasks::Entity::insert_many(part.to_vec())
                .on_conflict(OnConflict::new().do_nothing().to_owned())
                .exec_without_returning(&self.db)
                .await?;
        }
        let ended = ended.into_iter().map(|(why, tasks)| (Some(why.as_str()), tasks));
        for (why, tasks) in ended.chain([(None, revived)]).filter(|(_, tasks)| !tasks.is_empty()) {
            let statement = raw_sql!(
                Postgres,
                "UPDATE evaluation_tasks SET void = {why}, version = version + 1, updated_at = {now}
                 WHERE agency_id = {agency} AND id = ANY ({tasks})"
            );
            self.db.execute_raw(statement).await?;
        }
        Ok(())
    }

    /// Marks tasks whose time has come as told, at most so many; what nobody can say anything about is void from then on. Another
    /// server's are passed over.
    ///
    /// # Errors
    /// The database's.
    pub async fn evaluation_tasks_open(
        &self,
        pass: &Pass,
        today: NaiveDate,
        most: i64,
    ) -> Result<Vec<EvaluationTold>, StoreError> {
        let (agency, now) = (pass.agency().uuid(), self.now());
        let statement = raw_sql!(
            Postgres,
            "UPDATE evaluation_tasks t
             SET opened_at = {now}, void = w.void, version = t.version + CASE WHEN w.void IS NULL THEN 0 ELSE 1 END,
                 updated_at = {now}
             FROM (
                SELECT x.id, CASE
                    WHEN x.instrument NOT IN ('BEHAVIOUR_SELF', 'BEHAVIOUR_SUPERIOR') THEN NULL
                    WHEN NOT EXISTS (
                        SELECT FROM placements_on({agency}, {today}, 'infinity') p
                        WHERE p.employee_id = x.employee_id AND p.position_id IS NOT NULL) THEN 'LEFT'
                    WHEN x.instrument = 'BEHAVIOUR_SUPERIOR' AND direct_superior_on({agency}, x.employee_id, {today}) IS NULL
                        THEN 'NO_SUPERIOR' END AS void
                FROM evaluation_tasks x
                WHERE x.agency_id = {agency} AND x.opened_at IS NULL AND x.void IS NULL AND x.opens_at <= {now}
                ORDER BY x.opens_at, x.id
                LIMIT {most}
                FOR UPDATE SKIP LOCKED) w
             WHERE t.agency_id = {agency} AND t.id = w.id
             RETURNING t.id, t.instrument, t.class_id, t.employee_id, t.void, t.answered_at IS NOT NULL AS answered"
        );
        self.db.query_all_raw(statement).await?.iter().map(told).collect()
    }

    /// Marks tasks that have fallen overdue as told, at most so many. Another server's are passed over.
    ///
    /// # Errors
    /// The database's.
    pub async fn evaluation_tasks_overdue(
        &self,
        pass: &Pass,
        most: i64,
    ) -> Result<Vec<EvaluationTold>, StoreError> {
        let (agency, now) = (pass.agency().uuid(), self.now());
        let statement = raw_sql!(
            Postgres,
            "UPDATE evaluation_tasks t SET overdue_at = {now}, updated_at = {now}
             FROM (
                SELECT x.id FROM evaluation_tasks x
                WHERE x.agency_id = {agency} AND x.overdue_at IS NULL AND x.void IS NULL AND x.answered_at IS NULL
                  AND x.due_at <= {now}
                ORDER BY x.due_at, x.id
                LIMIT {most}
                FOR UPDATE SKIP LOCKED) w
             WHERE t.agency_id = {agency} AND t.id = w.id
             RETURNING t.id, t.instrument, t.class_id, t.employee_id, t.void,
                t.instrument = 'RESULT' AND evaluation_result_at(t.agency_id, t.class_id, t.employee_id) IS NOT NULL
                    AS answered"
        );
        self.db.query_all_raw(statement).await?.iter().map(told).collect()
    }

    /// Keeps what somebody answered; what was answered before is replaced, and when that was first stays. `read` is the version
    /// that was read.
    ///
    /// # Errors
    /// [`StoreError::Stale`], also when nobody is asked any more.
    pub async fn evaluation_answer(
        &self,
        pass: &Pass,
        task: EvaluationTaskId,
        read: Version,
        answer: &EvaluationAnswer,
    ) -> Result<(), StoreError> {
        let (agency, id, now) = (pass.agency().uuid(), task.uuid(), self.now());
        let (user, comment) =
            (pass.user().map(UserId::uuid), answer.comment.as_ref().map(LongText::to_string));
        let (read, next) = (read.get(), read.next().get());
        let statement = raw_sql!(
            Postgres,
            "UPDATE evaluation_tasks
             SET answered_at = coalesce(answered_at, {now}), answered_by = {user}, comment = {comment}, version = {next},
                 updated_at = {now}
             WHERE agency_id = {agency} AND id = {id} AND version = {read} AND void IS NULL"
        );
        if self.db.execute_raw(statement).await?.rows_affected() == 0 {
            return Err(StoreError::Stale);
        }
        let statement =
            raw_sql!(Postgres, "DELETE FROM evaluation_marks WHERE agency_id = {agency} AND task_id = {id}");
        self.db.execute_raw(statement).await?;
        if answer.marks.is_empty() {
            return Ok(());
        }
        let rows = answer.marks.iter().map(|(question, mark)| evaluation_marks::ActiveModel {
            agency_id: Set(agency),
            task_id: Set(id),
            question: Set(question.to_string()),
            mark: Set(i16::from(*mark)),
        });
        evaluation_marks::Entity::insert_many(rows).exec_without_returning(&self.db).await?;
        Ok(())
    }

    /// Enters scores of tests of a class, which the caller holds; how many were entered: those of whom nobody is asked are not.
    ///
    /// # Errors
    /// The database's.
    pub async fn test_scores_put(
        &self,
        pass: &Pass,
        class: ClassId,
        scores: &[(EnrolmentId, EvaluationInstrument, Hundredths)],
    ) -> Result<u64, StoreError> {
        let (agency, class, now) = (pass.agency().uuid(), class.uuid(), self.now());
        let enrolments: Vec<Uuid> = scores.iter().map(|(id, ..)| id.uuid()).collect();
        let instruments: Vec<String> = scores.iter().map(|(_, of, _)| of.to_string()).collect();
        let values: Vec<i32> =
            scores.iter().filter_map(|(.., score)| i32::try_from(score.count()).ok()).collect();
        let sentence = Sentence::new(
            "UPDATE evaluation_tasks t
             SET score = s.score, answered_at = coalesce(t.answered_at, $3), answered_by = $4, version = t.version + 1,
                 updated_at = $3
             FROM unnest($5::uuid[], $6::text[], $7::integer[]) s (enrolment_id, instrument, score)
             WHERE t.agency_id = $1 AND t.class_id = $2 AND t.enrolment_id = s.enrolment_id
               AND t.instrument = s.instrument AND t.void IS NULL",
            [
                agency.into(),
                class.into(),
                now.into(),
                pass.user().map(UserId::uuid).into(),
                enrolments.into(),
                instruments.into(),
                values.into(),
            ],
        );
        Ok(self.db.execute_raw(sentence.finish()).await?.rows_affected())
    }
}

fn told(row: &QueryResult) -> Result<EvaluationTold, StoreError> {
    Ok(EvaluationTold {
        id: row.try_get::<Uuid>("", "id")?.into(),
        instrument: instrument(&row.try_get::<String>("", "instrument")?)?,
        class: row.try_get::<Uuid>("", "class_id")?.into(),
        employee: row.try_get::<Uuid>("", "employee_id")?.into(),
        void: void(row.try_get("", "void")?)?,
        answered: row.try_get("", "answered")?,
    })
}
