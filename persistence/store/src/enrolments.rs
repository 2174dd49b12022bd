//! Enrolments: seats, the line for them, attendance and results.

use std::collections::{BTreeMap, BTreeSet};

use access::Pass;
use chrono::{DateTime, Utc};
use development::{
    CancelCause, ClassHours, ClassState, Enrolment, EnrolmentOrigin, EnrolmentState, Outcome,
    ParticipantFacts, Presence,
};
use entities::{attendances, enrolments};
use kernel::{
    ClassId, Code, CompetencyId, EmployeeId, EnrolmentId, Hundredths, Level, Name, Nip, Page, ProgrammeId,
    UserId, Version,
};
use sea_orm::ActiveValue::Set;
use sea_orm::{ConnectionTrait as _, EntityTrait as _, FromQueryResult, raw_sql};
use uuid::Uuid;
use workforce::JobClass;

use crate::rows::{code, known, long_text, name};
use crate::sentence::Sentence;
use crate::{PageRequest, Reader, StoreError, Tx};

/// Which enrolments a list holds; everything that is given must hold.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct EnrolmentFilter {
    /// In this class.
    pub class: Option<ClassId>,
    /// Of this person.
    pub employee: Option<EmployeeId>,
    /// In one of these states.
    pub states: Vec<EnrolmentState>,
}

/// An enrolment with what a reader needs to know of the person and the class.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EnrolmentRow {
    /// The enrolment.
    pub enrolment: Enrolment,
    /// The person's identity number.
    pub nip: Nip,
    /// The person's name.
    pub name: Name,
    /// The class's code.
    pub class_code: Code,
    /// When the class begins and ends.
    pub hours: ClassHours,
    /// Where the class stands.
    pub class_state: ClassState,
    /// The programme.
    pub programme: ProgrammeId,
    /// The programme's name.
    pub programme_name: Name,
    /// How many wait before it; nothing unless it waits.
    pub ahead: Option<i64>,
    /// Sessions they were at.
    pub present: i64,
}

/// Somebody's presence at a session, where it was recorded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AttendanceRow {
    /// The enrolment.
    pub enrolment: EnrolmentId,
    /// Who.
    pub employee: EmployeeId,
    /// Their identity number.
    pub nip: Nip,
    /// Their name.
    pub name: Name,
    /// Whether they were there; nothing while nobody recorded it.
    pub presence: Option<Presence>,
}

/// Somebody with a seat.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Seated {
    /// The enrolment.
    pub enrolment: Enrolment,
    /// Their name.
    pub name: Name,
    /// When the sessions they were at began.
    pub present: Vec<DateTime<Utc>>,
}

#[derive(FromQueryResult)]
struct SeatedRow {
    #[sea_orm(nested)]
    enrolment: enrolments::Model,
    employee_name: String,
}

/// A session somebody takes part in or teaches.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ScheduledSession {
    /// The class.
    pub class: ClassId,
    /// Its code.
    pub class_code: Code,
    /// Its programme's name.
    pub programme_name: Name,
    /// The session's number.
    pub number: i32,
    /// When it begins.
    pub starts_at: DateTime<Utc>,
    /// When it ends.
    pub ends_at: DateTime<Utc>,
    /// Where.
    pub place: Option<Name>,
    /// The address at which it is joined online.
    pub url: Option<Name>,
    /// What it is about.
    pub topic: Option<Name>,
    /// Whether they teach it; otherwise they take part.
    pub teaches: bool,
    /// How often the class was written: what calendars call the sequence of an event.
    pub class_version: Version,
    /// When the class was written last.
    pub updated_at: DateTime<Utc>,
}

#[derive(FromQueryResult)]
struct Row {
    #[sea_orm(nested)]
    enrolment: enrolments::Model,
    nip: String,
    employee_name: String,
    class_code: String,
    class_state: String,
    starts_at: Option<DateTime<Utc>>,
    ends_at: Option<DateTime<Utc>>,
    programme_id: Uuid,
    programme_name: String,
    ahead: Option<i64>,
    present: i64,
}

#[derive(FromQueryResult)]
struct PresenceRow {
    enrolment_id: Uuid,
    employee_id: Uuid,
    nip: String,
    employee_name: String,
    presence: Option<String>,
}

#[derive(FromQueryResult)]
struct ScheduleRow {
    class_id: Uuid,
    class_code: String,
    programme_name: String,
    number: i32,
    starts_at: DateTime<Utc>,
    ends_at: DateTime<Utc>,
    place: Option<String>,
    url: Option<String>,
    topic: Option<String>,
    teaches: bool,
    version: i64,
    updated_at: DateTime<Utc>,
}

fn domain(row: enrolments::Model) -> Result<Enrolment, StoreError> {
    let cause = row.cause.map(|cause| known(CancelCause::parse(&cause), "enrolments.cause")).transpose()?;
    let score = row.score.map(|score| known(u32::try_from(score).ok(), "enrolments.score")).transpose()?;
    Ok(Enrolment {
        id: EnrolmentId::from(row.id),
        class: ClassId::from(row.class_id),
        employee: EmployeeId::from(row.employee_id),
        origin: known(EnrolmentOrigin::parse(&row.origin), "enrolments.origin")?,
        state: known(EnrolmentState::parse(&row.state), "enrolments.state")?,
        ticket: row.ticket,
        requested_at: row.requested_at,
        decided_by: row.decided_by.map(UserId::from),
        decided_at: row.decided_at,
        reason: row.reason.map(long_text),
        cause,
        exception: row.exception.map(long_text),
        outcome: row.passed.map(|passed| Outcome { passed, score: score.map(Hundredths::from_count) }),
        version: Version::new(row.version),
    })
}

fn enrolment_row(row: Row) -> Result<EnrolmentRow, StoreError> {
    Ok(EnrolmentRow {
        enrolment: domain(row.enrolment)?,
        nip: Nip::stored(row.nip),
        name: name(row.employee_name),
        class_code: code(row.class_code),
        hours: ClassHours { starts_at: row.starts_at, ends_at: row.ends_at },
        class_state: known(ClassState::parse(&row.class_state), "classes.state")?,
        programme: ProgrammeId::from(row.programme_id),
        programme_name: name(row.programme_name),
        ahead: row.ahead,
        present: row.present,
    })
}

impl Reader<'_> {
    /// One enrolment of somebody the scope reaches.
    ///
    /// # Errors
    /// The database's.
    pub async fn enrolment(&self, id: EnrolmentId) -> Result<Option<EnrolmentRow>, StoreError> {
        let mut sentence = self.enrolment_sentence();
        sentence.push(" AND n.id = {}", [id.uuid().into()]);
        Row::find_by_statement(sentence.finish()).one(&self.db).await?.map(enrolment_row).transpose()
    }

    /// Enrolments of people the scope reaches, by the beginning of their class and the order of registration.
    ///
    /// # Errors
    /// The database's.
    pub async fn enrolments(
        &self,
        filter: &EnrolmentFilter,
        page: &PageRequest,
    ) -> Result<Page<EnrolmentRow>, StoreError> {
        let EnrolmentFilter { class, employee, states } = filter.clone();
        let mut sentence = self.enrolment_sentence();
        sentence.maybe(" AND n.class_id = {}", class.map(ClassId::uuid));
        sentence.maybe(" AND n.employee_id = {}", employee.map(EmployeeId::uuid));
        if !states.is_empty() {
            let states: Vec<String> = states.iter().map(ToString::to_string).collect();
            sentence.push(" AND n.state = ANY ({})", [states.into()]);
        }
        if let (Some(class), Some(ticket)) = (page.id(0), page.key(1)) {
            let ticket: Option<i64> = ticket.parse().ok();
            sentence.push(" AND (n.class_id, n.ticket) > ({}, {})", [class.into(), ticket.into()]);
        }
        sentence.push(" ORDER BY n.class_id, n.ticket LIMIT {}", [page.probe().into()]);
        let rows = Row::find_by_statement(sentence.finish()).all(&self.db).await?;
        let rows = rows.into_iter().map(enrolment_row).collect::<Result<_, _>>()?;
        Ok(Page::cut(rows, page.limit, |row: &EnrolmentRow| {
            vec![row.enrolment.class.to_string(), row.enrolment.ticket.to_string()]
        }))
    }

    fn enrolment_sentence(&self) -> Sentence {
        let mut sentence = Sentence::new(
            "SELECT n.*, e.nip, e.name AS employee_name, k.code AS class_code, k.state AS class_state, k.starts_at,
                    k.ends_at, k.programme_id, p.name AS programme_name,
                    CASE WHEN n.state = 'WAITLISTED' THEN (
                        SELECT count(*) FROM enrolments b WHERE b.agency_id = n.agency_id AND b.class_id = n.class_id
                            AND b.state = 'WAITLISTED' AND b.ticket < n.ticket) END AS ahead,
                    (SELECT count(*) FROM attendances a WHERE a.agency_id = n.agency_id AND a.enrolment_id = n.id
                        AND a.presence = 'PRESENT') AS present
             FROM enrolments n
             JOIN employees e ON e.agency_id = n.agency_id AND e.id = n.employee_id
             JOIN classes k ON k.agency_id = n.agency_id AND k.id = n.class_id
             JOIN programmes p ON p.agency_id = k.agency_id AND p.id = k.programme_id
             WHERE n.agency_id = $1 AND $2::date IS NOT NULL",
            [self.agency().into(), self.today.into()],
        );
        sentence.within("n.employee_id", self.people());
        sentence
    }

    /// What is known of people who want to take part, whether or not the scope reaches them; nothing of whom there is not.
    ///
    /// # Errors
    /// The database's.
    pub async fn participant_facts(
        &self,
        people: &[EmployeeId],
    ) -> Result<BTreeMap<EmployeeId, ParticipantFacts>, StoreError> {
        let (agency, today) = (self.agency(), self.today);
        let ids: Vec<Uuid> = people.iter().map(|id| id.uuid()).collect();
        let statement = raw_sql!(
            Postgres,
            "SELECT e.id, q.job_class,
                    ARRAY(SELECT DISTINCT c.programme_id FROM certificates c
                        WHERE c.agency_id = {agency} AND c.employee_id = e.id AND c.revoked_at IS NULL
                            AND (c.valid_until IS NULL OR c.valid_until >= {today}::date)) AS certified,
                    coalesce((SELECT jsonb_agg(jsonb_build_array(r.competency_id, r.level))
                        FROM evidence_on({agency}, {today}, 'infinity') r
                        WHERE r.employee_id = e.id AND r.valid_until >= {today}), '[]') AS levels
             FROM employees e
             LEFT JOIN placements_on({agency}, {today}, 'infinity') p ON p.employee_id = e.id
             LEFT JOIN positions q ON q.agency_id = p.agency_id AND q.id = p.position_id
             WHERE e.agency_id = {agency} AND e.id = ANY ({ids})"
        );
        let facts = |row: &sea_orm::QueryResult| -> Result<_, StoreError> {
            let job_class: Option<String> = row.try_get("", "job_class")?;
            let certified: Vec<Uuid> = row.try_get("", "certified")?;
            let levels: Option<Vec<(CompetencyId, Level)>> =
                serde_json::from_value(row.try_get("", "levels")?).ok();
            let facts = ParticipantFacts {
                job_class: job_class
                    .map(|text| known(JobClass::parse(&text), "positions.job_class"))
                    .transpose()?,
                certified: certified.into_iter().map(ProgrammeId::from).collect(),
                levels: known(levels, "assessment_results")?,
            };
            Ok((EmployeeId::from(row.try_get::<Uuid>("", "id")?), facts))
        };
        self.db.query_all_raw(statement).await?.iter().map(facts).collect()
    }

    /// Whether somebody is enrolled in a class, or has been to its end.
    ///
    /// # Errors
    /// The database's.
    pub async fn is_enrolled(&self, employee: EmployeeId, class: ClassId) -> Result<bool, StoreError> {
        let (agency, employee, class) = (self.agency(), employee.uuid(), class.uuid());
        let statement = raw_sql!(
            Postgres,
            "SELECT 1 FROM enrolments
             WHERE agency_id = {agency} AND class_id = {class} AND employee_id = {employee}
               AND state NOT IN ('REFUSED', 'CANCELLED')"
        );
        Ok(self.db.query_one_raw(statement).await?.is_some())
    }

    /// Whether somebody has a seat in another class while this one is held.
    ///
    /// # Errors
    /// The database's.
    pub async fn is_busy(&self, employee: EmployeeId, class: ClassId) -> Result<bool, StoreError> {
        let (agency, employee, class) = (self.agency(), employee.uuid(), class.uuid());
        let statement = raw_sql!(Postgres, "SELECT seated_elsewhere({agency}, {employee}, {class}) AS busy");
        let row = self.db.query_one_raw(statement).await?.ok_or(StoreError::Corrupt("enrolments"))?;
        Ok(row.try_get("", "busy")?)
    }

    /// Whether somebody serves on the first day of a class, or today where that is later.
    ///
    /// # Errors
    /// The database's.
    pub async fn serves_in(&self, employee: EmployeeId, class: ClassId) -> Result<bool, StoreError> {
        let (agency, today, employee, class) = (self.agency(), self.today, employee.uuid(), class.uuid());
        let statement = raw_sql!(
            Postgres,
            "SELECT serves_on({agency}, {employee}, greatest({today}::date, day_in(a.zone, k.starts_at))) AS serves
             FROM classes k JOIN agencies a ON a.id = k.agency_id
             WHERE k.agency_id = {agency} AND k.id = {class}"
        );
        let row = self.db.query_one_raw(statement).await?.ok_or(StoreError::Corrupt("classes"))?;
        Ok(row.try_get("", "serves")?)
    }

    /// How many of those who wait for a seat in a class could take one.
    ///
    /// # Errors
    /// The database's.
    pub async fn line_ready(&self, class: ClassId) -> Result<u32, StoreError> {
        let (agency, class) = (self.agency(), class.uuid());
        let statement = raw_sql!(
            Postgres,
            "SELECT count(*) AS ready FROM enrolments w
             WHERE w.agency_id = {agency} AND w.class_id = {class} AND w.state = 'WAITLISTED'
               AND seatable({agency}, w.employee_id, {class})"
        );
        let row = known(self.db.query_one_raw(statement).await?, "enrolments")?;
        known(u32::try_from(row.try_get::<i64>("", "ready")?).ok(), "enrolments")
    }

    /// The classes whose lines may move when somebody gives up a seat in one of these, or these meet at other hours:
    /// themselves, and wherever whoever has a seat in them waits. Of `employee` alone where one is given.
    ///
    /// # Errors
    /// The database's.
    pub async fn lines_behind(
        &self,
        classes: &[ClassId],
        employee: Option<EmployeeId>,
    ) -> Result<Vec<ClassId>, StoreError> {
        let mut all: BTreeSet<ClassId> = classes.iter().copied().collect();
        let classes: Vec<Uuid> = classes.iter().map(|id| id.uuid()).collect();
        let mut sentence = Sentence::new(
            "SELECT DISTINCT w.class_id FROM enrolments n
             JOIN enrolments w ON w.agency_id = n.agency_id AND w.employee_id = n.employee_id AND w.state = 'WAITLISTED'
             WHERE n.agency_id = $1 AND n.class_id = ANY ($2) AND n.state = 'ENROLLED'",
            [self.agency().into(), classes.into()],
        );
        sentence.maybe(" AND n.employee_id = {}", employee.map(EmployeeId::uuid));
        for row in self.db.query_all_raw(sentence.finish()).await? {
            all.insert(row.try_get::<Uuid>("", "class_id")?.into());
        }
        Ok(all.into_iter().collect())
    }

    /// Who has a seat in a class and whether they were at one of its sessions, of people the scope reaches, by name.
    ///
    /// # Errors
    /// The database's.
    pub async fn attendance(&self, class: ClassId, number: i32) -> Result<Vec<AttendanceRow>, StoreError> {
        let mut sentence = Sentence::new(
            "SELECT n.id AS enrolment_id, n.employee_id, e.nip, e.name AS employee_name, a.presence
             FROM enrolments n
             JOIN employees e ON e.agency_id = n.agency_id AND e.id = n.employee_id
             LEFT JOIN attendances a ON a.agency_id = n.agency_id AND a.class_id = n.class_id AND a.number = $4
                AND a.enrolment_id = n.id
             WHERE n.agency_id = $1 AND $2::date IS NOT NULL AND n.class_id = $3
               AND (n.state IN ('ENROLLED', 'PASSED', 'FAILED') OR a.presence IS NOT NULL)",
            [self.agency().into(), self.today.into(), class.uuid().into(), number.into()],
        );
        sentence.within("n.employee_id", self.people());
        sentence.push(" ORDER BY e.name, n.id", []);
        let rows = PresenceRow::find_by_statement(sentence.finish()).all(&self.db).await?;
        let read = |row: PresenceRow| {
            let presence = row.presence.map(|text| known(Presence::parse(&text), "attendances.presence"));
            Ok(AttendanceRow {
                enrolment: EnrolmentId::from(row.enrolment_id),
                employee: EmployeeId::from(row.employee_id),
                nip: Nip::stored(row.nip),
                name: name(row.employee_name),
                presence: presence.transpose()?,
            })
        };
        rows.into_iter().map(read).collect()
    }

    /// Everybody with a seat in a class, in the order of registration.
    ///
    /// # Errors
    /// The database's.
    pub async fn seated(&self, class: ClassId) -> Result<Vec<Seated>, StoreError> {
        let (agency, class) = (self.agency(), class.uuid());
        let statement = raw_sql!(
            Postgres,
            "SELECT n.*, e.name AS employee_name FROM enrolments n
             JOIN employees e ON e.agency_id = n.agency_id AND e.id = n.employee_id
             WHERE n.agency_id = {agency} AND n.class_id = {class} AND n.state IN ('ENROLLED', 'PASSED', 'FAILED')
             ORDER BY n.ticket"
        );
        let rows = SeatedRow::find_by_statement(statement).all(&self.db).await?;
        let statement = raw_sql!(
            Postgres,
            "SELECT a.enrolment_id, s.starts_at
             FROM attendances a
             JOIN class_sessions s ON s.agency_id = a.agency_id AND s.class_id = a.class_id AND s.number = a.number
             WHERE a.agency_id = {agency} AND a.class_id = {class} AND a.presence = 'PRESENT'
             ORDER BY s.number"
        );
        let mut present: BTreeMap<Uuid, Vec<DateTime<Utc>>> = BTreeMap::new();
        for row in self.db.query_all_raw(statement).await? {
            let enrolment: Uuid = row.try_get("", "enrolment_id")?;
            present.entry(enrolment).or_default().push(row.try_get("", "starts_at")?);
        }
        let with = |row: SeatedRow| {
            let present = present.remove(&row.enrolment.id).unwrap_or_default();
            Ok(Seated { enrolment: domain(row.enrolment)?, name: name(row.employee_name), present })
        };
        rows.into_iter().map(with).collect()
    }

    /// The sessions somebody the scope reaches has a seat in or teaches, from `from` to before `until`.
    ///
    /// # Errors
    /// The database's.
    pub async fn schedule(
        &self,
        employee: EmployeeId,
        from: DateTime<Utc>,
        until: DateTime<Utc>,
    ) -> Result<Vec<ScheduledSession>, StoreError> {
        let mut sentence = Sentence::new(
            "SELECT k.id AS class_id, k.code AS class_code, p.name AS programme_name, s.number, s.starts_at, s.ends_at,
                    s.place, s.url, s.topic, w.teaches, k.version, k.updated_at
             FROM (
                SELECT n.class_id, NULL::integer AS number, false AS teaches FROM enrolments n
                WHERE n.agency_id = $1 AND n.employee_id = $3 AND n.state IN ('ENROLLED', 'PASSED', 'FAILED')
                UNION ALL
                SELECT r.class_id, r.number, true FROM trainers t
                JOIN class_session_trainers r ON r.agency_id = t.agency_id AND r.trainer_id = t.id
                WHERE t.agency_id = $1 AND t.employee_id = $3) w
             JOIN classes k ON k.agency_id = $1 AND k.id = w.class_id AND k.state IN ('OPEN', 'COMPLETED')
             JOIN programmes p ON p.agency_id = $1 AND p.id = k.programme_id
             JOIN class_sessions s ON s.agency_id = $1 AND s.class_id = w.class_id
                AND (w.number IS NULL OR w.number = s.number)
             JOIN employees e ON e.agency_id = $1 AND e.id = $3
             WHERE $2::date IS NOT NULL AND s.starts_at >= $4 AND s.starts_at < $5",
            [
                self.agency().into(),
                self.today.into(),
                employee.uuid().into(),
                from.into(),
                until.into(),
            ],
        );
        sentence.within("e.id", self.people());
        sentence.push(" ORDER BY s.starts_at, k.id, s.number, w.teaches", []);
        let rows = ScheduleRow::find_by_statement(sentence.finish()).all(&self.db).await?;
        let read = |row: ScheduleRow| ScheduledSession {
            class: ClassId::from(row.class_id),
            class_code: code(row.class_code),
            programme_name: name(row.programme_name),
            number: row.number,
            starts_at: row.starts_at,
            ends_at: row.ends_at,
            place: row.place.map(name),
            url: row.url.map(name),
            topic: row.topic.map(name),
            teaches: row.teaches,
            class_version: Version::new(row.version),
            updated_at: row.updated_at,
        };
        Ok(rows.into_iter().map(read).collect())
    }
}

impl Tx<'_> {
    /// Keeps these people's records from change until this transaction ends, taken in the order of their ids so that two who
    /// do so wait for each other.
    ///
    /// # Errors
    /// The database's.
    pub async fn employees_hold(&self, pass: &Pass, people: &[EmployeeId]) -> Result<(), StoreError> {
        let people: Vec<Uuid> = people.iter().map(|id| id.uuid()).collect();
        let mut sentence =
            Sentence::new("SELECT 1 FROM employees WHERE agency_id = $1", [pass.agency().uuid().into()]);
        sentence.push(" AND id = ANY ({}) ORDER BY id FOR NO KEY UPDATE", [people.into()]);
        self.db.query_all_raw(sentence.finish()).await?;
        Ok(())
    }

    /// Keeps these people and whoever waits for a seat in these classes from taking or giving up one elsewhere, and the
    /// classes from every other change, until this transaction ends: people before classes, each in the order of their ids.
    ///
    /// # Errors
    /// The database's.
    pub async fn lines_hold(
        &self,
        pass: &Pass,
        people: &[EmployeeId],
        classes: &[ClassId],
    ) -> Result<(), StoreError> {
        let agency = pass.agency().uuid();
        let people: Vec<Uuid> = people.iter().map(|id| id.uuid()).collect();
        let classes: Vec<Uuid> = classes.iter().map(|id| id.uuid()).collect();
        let lines = raw_sql!(
            Postgres,
            "SELECT 1 FROM employees e
             WHERE e.agency_id = {agency} AND (e.id = ANY ({people}) OR e.id IN (
                SELECT w.employee_id FROM enrolments w
                WHERE w.agency_id = {agency} AND w.class_id = ANY ({classes}) AND w.state = 'WAITLISTED'))
             ORDER BY e.id FOR NO KEY UPDATE"
        );
        self.db.query_all_raw(lines).await?;
        let held = raw_sql!(
            Postgres,
            "SELECT 1 FROM classes WHERE agency_id = {agency} AND id = ANY ({classes}) ORDER BY id FOR NO KEY UPDATE"
        );
        self.db.query_all_raw(held).await?;
        Ok(())
    }

    /// Adds an enrolment with the next ticket of its class, which the caller holds; `enrolment.ticket` is not looked at.
    ///
    /// # Errors
    /// `Taken("/employee_id")` when the person has one already, `Missing("/employee_id")`.
    pub async fn enrolment_insert(&self, pass: &Pass, enrolment: &Enrolment) -> Result<(), StoreError> {
        let (agency, class) = (pass.agency().uuid(), enrolment.class.uuid());
        let statement = raw_sql!(
            Postgres,
            "UPDATE classes SET next_ticket = next_ticket + 1 WHERE agency_id = {agency} AND id = {class}
             RETURNING next_ticket - 1 AS ticket"
        );
        let row = known(self.db.query_one_raw(statement).await?, "classes.next_ticket")?;
        let row = enrolments::ActiveModel {
            agency_id: Set(agency),
            id: Set(enrolment.id.uuid()),
            class_id: Set(class),
            employee_id: Set(enrolment.employee.uuid()),
            origin: Set(enrolment.origin.as_str().to_owned()),
            state: Set(enrolment.state.as_str().to_owned()),
            ticket: Set(row.try_get("", "ticket")?),
            requested_at: Set(enrolment.requested_at),
            decided_by: Set(enrolment.decided_by.map(UserId::uuid)),
            decided_at: Set(enrolment.decided_at),
            reason: Set(None),
            cause: Set(None),
            exception: Set(enrolment.exception.as_ref().map(ToString::to_string)),
            passed: Set(None),
            score: Set(None),
            version: Set(enrolment.version.get()),
            updated_at: Set(self.now()),
        };
        enrolments::Entity::insert(row).exec_without_returning(&self.db).await?;
        Ok(())
    }

    /// Writes where an enrolment stands; `enrolment.version` is the version that was read.
    ///
    /// # Errors
    /// [`StoreError::Stale`].
    pub async fn enrolment_update(&self, pass: &Pass, enrolment: &Enrolment) -> Result<(), StoreError> {
        let (agency, id, now) = (pass.agency().uuid(), enrolment.id.uuid(), self.now());
        let (read, next) = (enrolment.version.get(), enrolment.version.next().get());
        let state = enrolment.state.as_str();
        let (decided_by, decided_at) = (enrolment.decided_by.map(UserId::uuid), enrolment.decided_at);
        let reason = enrolment.reason.as_ref().map(ToString::to_string);
        let cause = enrolment.cause.map(CancelCause::as_str);
        let statement = raw_sql!(
            Postgres,
            "UPDATE enrolments
             SET state = {state}, decided_by = {decided_by}, decided_at = {decided_at}, reason = {reason},
                 cause = {cause}, version = {next}, updated_at = {now}
             WHERE agency_id = {agency} AND id = {id} AND version = {read}"
        );
        let written = self.db.execute_raw(statement).await?;
        if written.rows_affected() == 0 { Err(StoreError::Stale) } else { Ok(()) }
    }

    /// Gives seats to the `most` who have waited longest in a class, which the caller holds with those who wait
    /// ([`Tx::lines_hold`]), serve when it begins and are free at its hours; who they are. Whoever has a seat elsewhere keeps
    /// their place in line.
    ///
    /// # Errors
    /// The database's.
    pub async fn enrolments_promote(
        &self,
        pass: &Pass,
        class: ClassId,
        most: u32,
    ) -> Result<Vec<EnrolmentId>, StoreError> {
        if most == 0 {
            return Ok(Vec::new());
        }
        let (agency, class, now, most) = (pass.agency().uuid(), class.uuid(), self.now(), i64::from(most));
        // Whoever joined the line after it was held is held now. A class is never kept waiting for a person: one whom
        // somebody else holds at this very moment is passed over.
        let line = raw_sql!(
            Postgres,
            "SELECT e.id FROM enrolments w
             JOIN employees e ON e.agency_id = w.agency_id AND e.id = w.employee_id
             WHERE w.agency_id = {agency} AND w.class_id = {class} AND w.state = 'WAITLISTED'
             FOR NO KEY UPDATE OF e SKIP LOCKED"
        );
        let line = self.db.query_all_raw(line).await?;
        let line = line.iter().map(|row| row.try_get::<Uuid>("", "id")).collect::<Result<Vec<_>, _>>()?;
        // A statement of its own: it sees what whoever held them before has written.
        let statement = raw_sql!(
            Postgres,
            "UPDATE enrolments SET state = 'ENROLLED', version = version + 1, updated_at = {now}
             WHERE agency_id = {agency} AND id IN (
                SELECT w.id FROM enrolments w
                WHERE w.agency_id = {agency} AND w.class_id = {class} AND w.state = 'WAITLISTED'
                  AND w.employee_id = ANY ({line}) AND seatable({agency}, w.employee_id, {class})
                ORDER BY w.ticket LIMIT {most})
             RETURNING id"
        );
        let rows = self.db.query_all_raw(statement).await?;
        rows.iter().map(|row| Ok(EnrolmentId::from(row.try_get::<Uuid>("", "id")?))).collect()
    }

    /// Ends what is live of a class, which the caller holds: everything when it is called off, and who has no seat when it
    /// was held. How many.
    ///
    /// # Errors
    /// The database's.
    pub async fn enrolments_close(
        &self,
        pass: &Pass,
        class: ClassId,
        cause: CancelCause,
    ) -> Result<u64, StoreError> {
        let (agency, class, now) = (pass.agency().uuid(), class.uuid(), self.now());
        let (seats_too, cause) = (cause == CancelCause::ClassCancelled, cause.as_str());
        let statement = raw_sql!(
            Postgres,
            "UPDATE enrolments
             SET state = 'CANCELLED', cause = {cause}, version = version + 1, updated_at = {now}
             WHERE agency_id = {agency} AND class_id = {class}
               AND (state IN ('REQUESTED', 'WAITLISTED') OR ({seats_too} AND state = 'ENROLLED'))"
        );
        Ok(self.db.execute_raw(statement).await?.rows_affected())
    }

    /// Replaces who was at a session of a class, which the caller holds.
    ///
    /// # Errors
    /// The database's.
    pub async fn attendance_put(
        &self,
        pass: &Pass,
        class: ClassId,
        number: i32,
        presences: &[(EnrolmentId, Presence)],
    ) -> Result<(), StoreError> {
        let (agency, class_id) = (pass.agency().uuid(), class.uuid());
        let statement = raw_sql!(
            Postgres,
            "DELETE FROM attendances WHERE agency_id = {agency} AND class_id = {class_id} AND number = {number}"
        );
        self.db.execute_raw(statement).await?;
        if presences.is_empty() {
            return Ok(());
        }
        let rows = presences.iter().map(|(enrolment, presence)| attendances::ActiveModel {
            agency_id: Set(agency),
            class_id: Set(class_id),
            number: Set(number),
            enrolment_id: Set(enrolment.uuid()),
            presence: Set(presence.as_str().to_owned()),
        });
        attendances::Entity::insert_many(rows).exec_without_returning(&self.db).await?;
        Ok(())
    }

    /// Enters what people achieved in a class, which the caller holds.
    ///
    /// # Errors
    /// The database's.
    pub async fn outcomes_put(
        &self,
        pass: &Pass,
        class: ClassId,
        outcomes: &[(EnrolmentId, Outcome)],
    ) -> Result<(), StoreError> {
        let (agency, class, now) = (pass.agency().uuid(), class.uuid(), self.now());
        let ids: Vec<Uuid> = outcomes.iter().map(|(id, _)| id.uuid()).collect();
        let passed: Vec<bool> = outcomes.iter().map(|(_, outcome)| outcome.passed).collect();
        // A negative score stands for none: an array of the driver holds no nulls.
        let score = |outcome: &Outcome| outcome.score.and_then(|score| i32::try_from(score.count()).ok());
        let scores: Vec<i32> = outcomes.iter().map(|(_, outcome)| score(outcome).unwrap_or(-1)).collect();
        let sentence = Sentence::new(
            "UPDATE enrolments n
             SET passed = o.passed, score = nullif(o.score, -1), version = n.version + 1, updated_at = $3
             FROM unnest($4::uuid[], $5::boolean[], $6::integer[]) o (id, passed, score)
             WHERE n.agency_id = $1 AND n.class_id = $2 AND n.id = o.id",
            [agency.into(), class.into(), now.into(), ids.into(), passed.into(), scores.into()],
        );
        self.db.execute_raw(sentence.finish()).await?;
        Ok(())
    }

    /// Makes the results of a class final, which the caller holds.
    ///
    /// # Errors
    /// The database's.
    pub async fn outcomes_finish(&self, pass: &Pass, class: ClassId) -> Result<(), StoreError> {
        let (agency, class, now) = (pass.agency().uuid(), class.uuid(), self.now());
        let statement = raw_sql!(
            Postgres,
            "UPDATE enrolments
             SET state = CASE WHEN passed THEN 'PASSED' ELSE 'FAILED' END, version = version + 1, updated_at = {now}
             WHERE agency_id = {agency} AND class_id = {class} AND state = 'ENROLLED' AND passed IS NOT NULL"
        );
        self.db.execute_raw(statement).await?;
        Ok(())
    }
}
