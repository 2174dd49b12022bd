//! The tasks of evaluation: who is asked what, what they answered, and what they were told of.

use access::Pass;
use chrono::{DateTime, NaiveDate, Utc};
use development::{EvaluationAnswer, EvaluationInstrument, EvaluationTaskState, EvaluationVoid};
use entities::{evaluation_marks, evaluation_tasks};
use kernel::{
    AgencyId, ClassId, Code, EmployeeId, EnrolmentId, EvaluationTaskId, Hundredths, LongText, Name, Nip,
    Page, PolicyId, ProgrammeId, UserId, Version,
};
use sea_orm::ActiveValue::Set;
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

pub(crate) fn instrument(text: &str) -> Result<EvaluationInstrument, StoreError> {
    known(EvaluationInstrument::parse(text), "evaluation_tasks.instrument")
}

pub(crate) fn void(text: Option<String>) -> Result<Option<EvaluationVoid>, StoreError> {
    text.map(|text| known(EvaluationVoid::parse(&text), "evaluation_tasks.void")).transpose()
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
pub(crate) const STATE: &str = "CASE WHEN t.void IS NOT NULL THEN 'VOID'
    WHEN coalesce(t.answered_at, f.found_at) IS NOT NULL THEN 'ANSWERED'
    WHEN t.opens_at > $3 THEN 'SCHEDULED' WHEN t.due_at <= $3 THEN 'OVERDUE' ELSE 'OPEN' END";

/// Assessments answer what asks for a result.
pub(crate) const FOUND: &str = "LEFT JOIN LATERAL (
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
}

impl Store {
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
