//! Inboxes: who is told what, made from events, and what their readers did with it.

use std::collections::{BTreeMap, BTreeSet};

use access::Pass;
use chrono::{DateTime, NaiveDate, Utc, Weekday};
use development::{DigestFrequency, InboxSettings, JpTargetRubric, NoticeKind, NoticeMarks, NoticeState};
use kernel::{EmployeeId, Name, NoticeId, Page, Resource, UserId, Version};
use sea_orm::{ConnectionTrait as _, FromQueryResult, raw_sql};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::outbox::OutboxEvent;
use crate::read::PeopleFilter;
use crate::rows::{known, name};
use crate::sentence::Sentence;
use crate::{PageRequest, Reader, StoreError, Tx};

/// Subjects that are looked at in one statement.
const PART: usize = 1_000;

/// Figures a notice tells.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct NoticeFigures {
    /// The year it is about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub year: Option<i32>,
    /// Learning hours that are missing, in hundredths.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub short: Option<i64>,
    /// Whether there is a seat, or a place in line.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seat: Option<bool>,
    /// Whether somebody passed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub passed: Option<bool>,
}

/// A notice.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NoticeRow {
    /// Its id.
    pub id: NoticeId,
    /// To whom.
    pub employee: EmployeeId,
    /// About what.
    pub kind: NoticeKind,
    /// The kind of thing it is about.
    pub subject: Resource,
    /// Which one.
    pub subject_id: Uuid,
    /// Somebody else it is about.
    pub about: Option<(EmployeeId, Name)>,
    /// What the subject is called.
    pub title: Option<Name>,
    /// When they were told.
    pub told_at: DateTime<Utc>,
    /// The instant it is about.
    pub due_at: Option<DateTime<Utc>>,
    /// The day it is about.
    pub due_on: Option<NaiveDate>,
    /// Its figures.
    pub figures: NoticeFigures,
    /// What became of it.
    pub marks: NoticeMarks,
    /// How often it was written.
    pub version: Version,
}

/// Which notices a list holds; everything that is given must hold.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NoticeFilter {
    /// In one of these states; any when empty.
    pub states: Vec<NoticeState>,
    /// Of one of these kinds; any when empty.
    pub kinds: Vec<NoticeKind>,
    /// Of none of these kinds.
    pub without: Vec<NoticeKind>,
    /// Told from the first of these instants to before the second.
    pub told: Option<(DateTime<Utc>, DateTime<Utc>)>,
}

/// Why somebody should be told something.
#[derive(Clone, Debug, PartialEq, Eq, FromQueryResult, Serialize)]
pub struct NoticeDraft {
    /// To whom.
    pub employee_id: Uuid,
    /// About what.
    pub kind: String,
    /// The kind of thing it is about.
    pub subject: String,
    /// Which one.
    pub subject_id: Uuid,
    /// Somebody else it is about.
    pub about_id: Option<Uuid>,
    /// What the subject is called.
    pub title: Option<String>,
    /// The instant it is about.
    pub due_at: Option<DateTime<Utc>>,
    /// The day it is about.
    pub due_on: Option<NaiveDate>,
    /// Its figures.
    pub figures: Value,
    /// The events that give occasion to it; none where the state of things is the reason.
    pub moments: Option<Vec<String>>,
}

#[derive(FromQueryResult)]
struct Row {
    id: Uuid,
    employee_id: Uuid,
    kind: String,
    subject: String,
    subject_id: Uuid,
    about_id: Option<Uuid>,
    about_name: Option<String>,
    title: Option<String>,
    told_at: DateTime<Utc>,
    due_at: Option<DateTime<Utc>>,
    due_on: Option<NaiveDate>,
    figures: Value,
    read_at: Option<DateTime<Utc>>,
    snoozed_until: Option<DateTime<Utc>>,
    withdrawn_at: Option<DateTime<Utc>>,
    version: i64,
}

#[derive(FromQueryResult)]
struct SettingsRow {
    digest: String,
    weekday: i16,
    muted: Vec<String>,
    version: i64,
}

fn domain(row: Row) -> Result<NoticeRow, StoreError> {
    let about = row.about_id.zip(row.about_name);
    Ok(NoticeRow {
        id: row.id.into(),
        employee: row.employee_id.into(),
        kind: known(NoticeKind::parse(&row.kind), "notices.kind")?,
        subject: known(Resource::parse(&row.subject), "notices.subject")?,
        subject_id: row.subject_id,
        about: about.map(|(id, called)| (EmployeeId::from(id), name(called))),
        title: row.title.map(name),
        told_at: row.told_at,
        due_at: row.due_at,
        due_on: row.due_on,
        figures: known(serde_json::from_value(row.figures).ok(), "notices.figures")?,
        marks: NoticeMarks {
            read_at: row.read_at,
            snoozed_until: row.snoozed_until,
            withdrawn_at: row.withdrawn_at,
        },
        version: Version::new(row.version),
    })
}

fn texts<T: Copy>(values: &[T], text: fn(T) -> &'static str) -> Vec<String> {
    values.iter().map(|value| text(*value).to_owned()).collect()
}

impl Reader<'_> {
    /// Notices to the people named one by one in the scope, the last told first: a scope of oneself has one's own inbox.
    ///
    /// # Errors
    /// The database's.
    pub async fn notices(
        &self,
        filter: &NoticeFilter,
        now: DateTime<Utc>,
        page: &PageRequest,
    ) -> Result<Page<NoticeRow>, StoreError> {
        let NoticeFilter { states, kinds, without, told } = filter;
        let mut sentence = self.notices_sentence();
        if !states.is_empty() {
            sentence.push(
                " AND CASE WHEN n.withdrawn_at IS NOT NULL THEN 'WITHDRAWN' WHEN n.snoozed_until > {} THEN 'SNOOZED'
                           WHEN n.read_at IS NOT NULL THEN 'READ' ELSE 'UNREAD' END = ANY ({})",
                [now.into(), texts(states, NoticeState::as_str).into()],
            );
        }
        if !kinds.is_empty() {
            sentence.push(" AND n.kind = ANY ({})", [texts(kinds, NoticeKind::as_str).into()]);
        }
        if !without.is_empty() {
            sentence.push(" AND n.kind <> ALL ({})", [texts(without, NoticeKind::as_str).into()]);
        }
        if let Some((from, before)) = told {
            sentence.push(" AND n.told_at >= {} AND n.told_at < {}", [(*from).into(), (*before).into()]);
        }
        if let (Some(at), Some(id)) = (page.key(0), page.id(1)) {
            let at: Option<DateTime<Utc>> = at.parse().ok();
            sentence.push(" AND (n.told_at, n.id) < ({}, {})", [at.into(), id.into()]);
        }
        sentence.push(" ORDER BY n.told_at DESC, n.id DESC LIMIT {}", [page.probe().into()]);
        let rows = Row::find_by_statement(sentence.finish()).all(&self.db).await?;
        let rows = rows.into_iter().map(domain).collect::<Result<_, _>>()?;
        Ok(Page::cut(rows, page.limit, |row: &NoticeRow| vec![row.told_at.to_rfc3339(), row.id.to_string()]))
    }

    /// One of them.
    ///
    /// # Errors
    /// The database's.
    pub async fn notice(&self, id: NoticeId) -> Result<Option<NoticeRow>, StoreError> {
        let mut sentence = self.notices_sentence();
        sentence.push(" AND n.id = {}", [id.uuid().into()]);
        Row::find_by_statement(sentence.finish()).one(&self.db).await?.map(domain).transpose()
    }

    fn notices_sentence(&self) -> Sentence {
        let PeopleFilter { own, .. } = self.people();
        Sentence::new(
            "SELECT n.id, n.employee_id, n.kind, n.subject, n.subject_id, n.about_id, e.name AS about_name, n.title, n.told_at,
                    n.due_at, n.due_on, n.figures, n.read_at, n.snoozed_until, n.withdrawn_at, n.version
             FROM notices n
             LEFT JOIN employees e ON e.agency_id = n.agency_id AND e.id = n.about_id
             WHERE n.agency_id = $1 AND n.employee_id = ANY ($2)",
            [self.agency().into(), own.into()],
        )
    }

    /// What a user wants to be told, with its version; none while they have not said.
    ///
    /// # Errors
    /// The database's.
    pub async fn inbox_settings(&self, user: UserId) -> Result<Option<(InboxSettings, Version)>, StoreError> {
        let (agency, user) = (self.agency(), user.uuid());
        let statement = raw_sql!(
            Postgres,
            "SELECT digest, weekday, muted, version FROM inbox_settings WHERE agency_id = {agency} AND user_id = {user}"
        );
        let Some(row) = SettingsRow::find_by_statement(statement).one(&self.db).await? else {
            return Ok(None);
        };
        let weekday = u8::try_from(row.weekday - 1).ok().and_then(|day| Weekday::try_from(day).ok());
        let muted = row.muted.iter().map(|kind| known(NoticeKind::parse(kind), "inbox_settings.muted"));
        let settings = InboxSettings {
            digest: known(DigestFrequency::parse(&row.digest), "inbox_settings.digest")?,
            weekday: known(weekday, "inbox_settings.weekday")?,
            muted: muted.collect::<Result<_, _>>()?,
        };
        Ok(Some((settings, Version::new(row.version))))
    }
}

impl Tx<'_> {
    /// Writes what a reader did with a notice; `version` is the version that was read.
    ///
    /// # Errors
    /// [`StoreError::Stale`].
    pub async fn notice_mark(
        &self,
        pass: &Pass,
        (id, version): (NoticeId, Version),
        marks: &NoticeMarks,
    ) -> Result<(), StoreError> {
        let (agency, id) = (pass.agency().uuid(), id.uuid());
        let (read, next) = (version.get(), version.next().get());
        let (read_at, snoozed_until) = (marks.read_at, marks.snoozed_until);
        let statement = raw_sql!(
            Postgres,
            "UPDATE notices SET read_at = {read_at}, snoozed_until = {snoozed_until}, version = {next}
             WHERE agency_id = {agency} AND id = {id} AND version = {read}"
        );
        let written = self.db.execute_raw(statement).await?;
        if written.rows_affected() == 0 { Err(StoreError::Stale) } else { Ok(()) }
    }

    /// Marks every notice to these people that was told by an instant as read; how many.
    ///
    /// # Errors
    /// The database's.
    pub async fn notices_read(
        &self,
        pass: &Pass,
        people: &[EmployeeId],
        until: DateTime<Utc>,
    ) -> Result<u64, StoreError> {
        let people: Vec<Uuid> = people.iter().map(|id| id.uuid()).collect();
        let sentence = Sentence::new(
            "UPDATE notices SET read_at = $3, version = version + 1
             WHERE agency_id = $1 AND employee_id = ANY ($2) AND read_at IS NULL AND withdrawn_at IS NULL
               AND told_at <= $4",
            [pass.agency().uuid().into(), people.into(), self.now().into(), until.into()],
        );
        Ok(self.db.execute_raw(sentence.finish()).await?.rows_affected())
    }

    /// Writes what a user wants to be told; `before` is the version that was read, none where there was nothing.
    ///
    /// # Errors
    /// [`StoreError::Stale`].
    pub async fn inbox_settings_put(
        &self,
        pass: &Pass,
        user: UserId,
        settings: &InboxSettings,
        before: Option<Version>,
    ) -> Result<(), StoreError> {
        let InboxSettings { digest, weekday, muted } = settings;
        let weekday = i16::try_from(weekday.number_from_monday()).unwrap_or(1);
        let sentence = Sentence::new(
            "INSERT INTO inbox_settings AS s (agency_id, user_id, digest, weekday, muted, version, updated_at)
             VALUES ($1, $2, $3, $4, $5, 1, $6)
             ON CONFLICT ON CONSTRAINT pk_inbox_settings DO UPDATE
             SET digest = excluded.digest, weekday = excluded.weekday, muted = excluded.muted, version = s.version + 1,
                 updated_at = excluded.updated_at
             WHERE s.version = $7",
            [
                pass.agency().uuid().into(),
                user.uuid().into(),
                digest.as_str().into(),
                weekday.into(),
                texts(muted, NoticeKind::as_str).into(),
                self.now().into(),
                before.map(Version::get).into(),
            ],
        );
        let written = self.db.execute_raw(sentence.finish()).await?;
        if written.rows_affected() == 0 { Err(StoreError::Stale) } else { Ok(()) }
    }
}

/// Subjects of one kind: which of them events touch, and what their notices are. In `touched`, `$1` is the agency, `$2` the day,
/// `events` what happened, `moved` the people whose superiors may be others now, `$5` whether anybody's may be. In `wanted`,
/// `$3` are the subjects.
struct Subjects {
    touched: &'static str,
    wanted: &'static str,
    kinds: &'static [NoticeKind],
}

const EVENTS: &str = "
    WITH events AS (SELECT * FROM unnest($3::uuid[], $4::text[]) AS e(id, type)),
    moved AS (SELECT unnest($6::uuid[]) AS id)";

/// People whose superiors may be others: those somebody was moved of, those below them, and those about whom they were told.
/// `$3` are the people moved.
const MOVED: &str = "
    SELECT people_within($1, $2, $3::uuid[], $3::uuid[], '{}') AS id
    UNION SELECT n.about_id FROM notices n
    WHERE n.agency_id = $1 AND n.employee_id = ANY ($3) AND n.withdrawn_at IS NULL AND n.about_id IS NOT NULL";

const ENROLMENTS: Subjects = Subjects {
    touched: "
        SELECT id, type FROM events WHERE type LIKE 'enrolment.%'
        UNION ALL
        SELECT n.id, e.type FROM events e JOIN enrolments n ON n.agency_id = $1 AND n.class_id = e.id
        WHERE e.type IN ('class.cancelled', 'class.completed', 'class.replaced', 'class.starting')
        UNION ALL
        SELECT n.id, '' FROM enrolments n
        WHERE n.agency_id = $1 AND n.state = 'REQUESTED' AND ($5 OR n.employee_id IN (SELECT id FROM moved))
        UNION ALL
        SELECT n.subject_id, '' FROM notices n
        WHERE $5 AND n.agency_id = $1 AND n.withdrawn_at IS NULL AND n.kind IN ('CONSENT_AWAITED', 'CLASS_STARTING')",
    wanted: "enrolment_notices($1, $3, $2, $4)",
    kinds: &[
        NoticeKind::EnrolmentNominated,
        NoticeKind::EnrolmentConsented,
        NoticeKind::EnrolmentRefused,
        NoticeKind::SeatGained,
        NoticeKind::ClassCancelled,
        NoticeKind::ClassResult,
        NoticeKind::ClassStarting,
        NoticeKind::ConsentAwaited,
    ],
};

const PLANS: Subjects = Subjects {
    touched: "
        SELECT id, type FROM events WHERE type LIKE 'plan.%'
        UNION ALL
        SELECT n.id, '' FROM plans n
        WHERE n.agency_id = $1 AND n.state IN ('SUBMITTED', 'IN_REVIEW')
          AND ($5 OR n.employee_id IN (SELECT id FROM moved))
        UNION ALL
        SELECT p.plan_id, '' FROM events e JOIN plan_work p ON p.agency_id = $1 AND p.operation_id = e.id
        WHERE e.type = 'operation.part_written'
          AND EXISTS (SELECT FROM notices n WHERE n.agency_id = $1 AND n.subject_id = p.plan_id AND n.withdrawn_at IS NULL)
        UNION ALL
        SELECT p.revises_id, '' FROM events e JOIN plans p ON p.agency_id = $1 AND p.id = e.id
        WHERE e.type = 'plan.activated' AND p.revises_id IS NOT NULL",
    wanted: "plan_notices($1, $3, $2)",
    kinds: &[
        NoticeKind::PlanReturned,
        NoticeKind::PlanApproved,
        NoticeKind::PlanItemDue,
        NoticeKind::PlanReviewAwaited,
    ],
};

const CERTIFICATES: Subjects = Subjects {
    touched: "
        SELECT id, type FROM events WHERE type LIKE 'certificate.%'
        UNION ALL
        SELECT c.id, '' FROM events e
        JOIN certificates i ON i.agency_id = $1 AND (i.class_id = e.id OR i.id = e.id)
        JOIN certificates c ON c.agency_id = $1 AND c.employee_id = i.employee_id AND c.programme_id = i.programme_id
        WHERE e.type IN ('class.completed', 'certificate.revoked')",
    wanted: "certificate_notices($1, $3, $2)",
    kinds: &[NoticeKind::CertificateExpiring, NoticeKind::CertificateRevoked],
};

const OWN_LEARNINGS: Subjects = Subjects {
    touched: "SELECT id, type FROM events WHERE type LIKE 'own_learning.%'",
    wanted: "own_learning_notices($1, $3)",
    kinds: &[NoticeKind::OwnLearningVerified, NoticeKind::OwnLearningRefused],
};

const EVALUATIONS: Subjects = Subjects {
    touched: "
        SELECT id, type FROM events WHERE type LIKE 'evaluation_task.%'
        UNION ALL
        SELECT t.id, '' FROM evaluation_tasks t
        WHERE t.agency_id = $1 AND t.void IS NULL AND t.answered_at IS NULL AND t.opened_at IS NOT NULL
          AND t.instrument = 'BEHAVIOUR_SUPERIOR' AND ($5 OR t.employee_id IN (SELECT id FROM moved))
        UNION ALL
        SELECT t.id, '' FROM events e JOIN evaluation_tasks t ON t.agency_id = $1 AND t.class_id = e.id
        WHERE e.type LIKE 'class.%' AND t.opened_at IS NOT NULL
        UNION ALL
        SELECT t.id, '' FROM events e JOIN evaluation_tasks t ON t.agency_id = $1 AND t.enrolment_id = e.id
        WHERE e.type LIKE 'enrolment.%' AND t.opened_at IS NOT NULL
        UNION ALL
        SELECT n.subject_id, '' FROM notices n
        WHERE $5 AND n.agency_id = $1 AND n.withdrawn_at IS NULL AND n.kind = 'EVALUATION_DUE'",
    wanted: "evaluation_notices($1, $3, $2)",
    kinds: &[NoticeKind::EvaluationDue],
};

const NEEDS: Subjects = Subjects {
    touched: "
        SELECT id, type FROM events WHERE type LIKE 'needs_analysis.%'
        UNION ALL
        SELECT n.id, '' FROM needs_analyses n
        WHERE n.agency_id = $1 AND n.state IN ('COLLECTING', 'RETURNED')
          AND ($5 OR EXISTS (SELECT FROM moved) OR EXISTS (SELECT FROM events WHERE type = 'agency.needs_deadlines_set'))",
    wanted: "needs_notices($1, $3, $2)",
    kinds: &[NoticeKind::NeedsAwaited, NoticeKind::NeedsReturned],
};

const PEOPLE: Subjects = Subjects {
    touched: "
        SELECT id, type FROM events WHERE type LIKE 'employee.%'
        UNION ALL
        SELECT n.employee_id, '' FROM events e JOIN placements n ON n.agency_id = $1 AND n.id = e.id
        WHERE e.type LIKE 'placement.%'
        UNION ALL
        SELECT n.employee_id, '' FROM events e JOIN plans n ON n.agency_id = $1 AND n.id = e.id WHERE e.type LIKE 'plan.%'
        UNION ALL
        SELECT n.employee_id, '' FROM events e JOIN enrolments n ON n.agency_id = $1 AND n.class_id = e.id
        WHERE e.type = 'class.completed'
        UNION ALL
        SELECT n.employee_id, '' FROM events e JOIN certificates n ON n.agency_id = $1 AND n.id = e.id
        WHERE e.type LIKE 'certificate.%'
        UNION ALL
        SELECT n.employee_id, '' FROM events e JOIN own_learnings n ON n.agency_id = $1 AND n.id = e.id
        WHERE e.type LIKE 'own_learning.%'
        UNION ALL
        SELECT n.employee_id, '' FROM events e JOIN activities n ON n.agency_id = $1 AND n.id = e.id
        WHERE e.type LIKE 'activity.%'
        UNION ALL
        SELECT n.employee_id, '' FROM events e JOIN jp_entries n ON n.agency_id = $1 AND n.id = e.id
        WHERE e.type LIKE 'jp_entry.%'
        UNION ALL
        SELECT n.subject_id, '' FROM notices n
        WHERE $5 AND n.agency_id = $1 AND n.withdrawn_at IS NULL AND n.kind IN ('JP_SHORT', 'PLAN_DUE')",
    wanted: "person_notices($1, $3, $2)",
    kinds: &[NoticeKind::PlanDue, NoticeKind::JpShort],
};

/// Events after which anybody's superior may be another, or anything may hold no more.
const FAR_REACHING: [&str; 8] = [
    "agency.day_began",
    "operation.imported",
    "unit.replaced",
    "unit.deleted",
    "position.replaced",
    "position.abolished",
    "policy.created",
    "agency.replaced",
];

impl Tx<'_> {
    /// Brings the inboxes of an agency in line with what happened: who has reason to be told is told, and what has lost its
    /// reason is withdrawn. What it writes follows from how things stand now, so events that came together are told once.
    ///
    /// # Errors
    /// The database's.
    pub async fn notices_follow(
        &self,
        pass: &Pass,
        today: NaiveDate,
        hours: Option<&JpTargetRubric>,
        events: &[OutboxEvent],
    ) -> Result<(), StoreError> {
        let all = events.iter().any(|event| FAR_REACHING.contains(&event.r#type.as_str()));
        let moved = self.moved_people(pass, today, events).await?;
        for subjects in [&ENROLMENTS, &PLANS, &CERTIFICATES, &OWN_LEARNINGS, &EVALUATIONS, &NEEDS, &PEOPLE] {
            let touched = self.touched(pass, today, subjects, (events, &moved, all)).await?;
            let ids: Vec<Uuid> = touched.keys().copied().collect();
            for part in ids.chunks(PART) {
                let mut wanted = self.wanted(pass, today, subjects, part).await?;
                if let (Some(hours), true) = (hours, subjects.kinds.contains(&NoticeKind::JpShort)) {
                    wanted.extend(self.jp_short_notices(pass, today, hours, part).await?);
                }
                self.settle_notices(pass, subjects.kinds, part, &wanted, &touched).await?;
            }
        }
        Ok(())
    }

    async fn moved_people(
        &self,
        pass: &Pass,
        today: NaiveDate,
        events: &[OutboxEvent],
    ) -> Result<Vec<Uuid>, StoreError> {
        let of = |prefix: &str| -> Vec<Uuid> {
            let these = events.iter().filter(|event| event.r#type.starts_with(prefix));
            these.map(|event| event.resource_id).collect()
        };
        // Reminders name people too, and move nobody.
        let moving =
            |event: &&OutboxEvent| matches!(event.r#type.as_str(), "employee.replaced" | "employee.created");
        let mut people: Vec<Uuid> = events.iter().filter(moving).map(|event| event.resource_id).collect();
        let placements = of("placement.");
        if !placements.is_empty() {
            let sentence = Sentence::new(
                "SELECT employee_id AS id FROM placements WHERE agency_id = $1 AND id = ANY ($2)",
                [pass.agency().uuid().into(), placements.into()],
            );
            people.extend(self.ids(sentence).await?);
        }
        if people.is_empty() {
            return Ok(people);
        }
        let agency = pass.agency().uuid();
        let below = Sentence::new(MOVED, [agency.into(), today.into(), people.into()]);
        self.ids(below).await
    }

    async fn ids(&self, sentence: Sentence) -> Result<Vec<Uuid>, StoreError> {
        let rows = self.db.query_all_raw(sentence.finish()).await?;
        Ok(rows.iter().map(|row| row.try_get("", "id")).collect::<Result<_, _>>()?)
    }

    /// Which of these subjects are touched, each with the events that name it.
    async fn touched(
        &self,
        pass: &Pass,
        today: NaiveDate,
        subjects: &Subjects,
        (events, moved, all): (&[OutboxEvent], &[Uuid], bool),
    ) -> Result<BTreeMap<Uuid, BTreeSet<String>>, StoreError> {
        let ids: Vec<Uuid> = events.iter().map(|event| event.resource_id).collect();
        let types: Vec<String> = events.iter().map(|event| event.r#type.clone()).collect();
        let sentence = Sentence::new(
            &format!(
                "{EVENTS}
                 SELECT t.id, t.type FROM ({}) t(id, type)
                 WHERE $1::uuid IS NOT NULL AND $2::date IS NOT NULL AND $5::boolean IS NOT NULL",
                subjects.touched
            ),
            [
                pass.agency().uuid().into(),
                today.into(),
                ids.into(),
                types.into(),
                all.into(),
                moved.to_vec().into(),
            ],
        );
        let mut touched: BTreeMap<Uuid, BTreeSet<String>> = BTreeMap::new();
        for row in self.db.query_all_raw(sentence.finish()).await? {
            touched.entry(row.try_get("", "id")?).or_default().insert(row.try_get("", "type")?);
        }
        Ok(touched)
    }

    async fn wanted(
        &self,
        pass: &Pass,
        today: NaiveDate,
        subjects: &Subjects,
        ids: &[Uuid],
    ) -> Result<Vec<NoticeDraft>, StoreError> {
        let sentence = Sentence::new(
            &format!(
                "SELECT employee_id, kind, subject, subject_id, about_id, title, due_at, due_on, figures, moments
                 FROM {} WHERE $2::date IS NOT NULL AND $4::timestamptz IS NOT NULL",
                subjects.wanted
            ),
            [pass.agency().uuid().into(), today.into(), ids.to_vec().into(), self.now().into()],
        );
        Ok(NoticeDraft::find_by_statement(sentence.finish()).all(&self.db).await?)
    }

    async fn jp_short_notices(
        &self,
        pass: &Pass,
        today: NaiveDate,
        hours: &JpTargetRubric,
        people: &[Uuid],
    ) -> Result<Vec<NoticeDraft>, StoreError> {
        let short = self.jp_short_reminded(pass, today, hours, people).await?;
        let draft = |(employee, due_on, short): (Uuid, NaiveDate, i64)| {
            let figures = NoticeFigures {
                year: Some(chrono::Datelike::year(&due_on)),
                short: Some(short),
                ..NoticeFigures::default()
            };
            NoticeDraft {
                employee_id: employee,
                kind: NoticeKind::JpShort.to_string(),
                subject: Resource::Employee.to_string(),
                subject_id: employee,
                about_id: None,
                title: None,
                due_at: None,
                due_on: Some(due_on),
                figures: json!(figures),
                moments: None,
            }
        };
        Ok(short.into_iter().map(draft).collect())
    }

    /// Makes the notices of these subjects what they should be.
    async fn settle_notices(
        &self,
        pass: &Pass,
        kinds: &[NoticeKind],
        subjects: &[Uuid],
        wanted: &[NoticeDraft],
        touched: &BTreeMap<Uuid, BTreeSet<String>>,
    ) -> Result<(), StoreError> {
        let (agency, now) = (pass.agency().uuid(), self.now());
        // An occasion that comes again is told again, in the place of what was told before.
        let occasion = |draft: &&NoticeDraft| {
            let happened = touched.get(&draft.subject_id);
            draft.moments.as_ref().is_some_and(|moments| {
                moments.iter().any(|moment| happened.is_some_and(|types| types.contains(moment)))
            })
        };
        let keys = |drafts: Vec<&NoticeDraft>| {
            let key = |one: &NoticeDraft| json!([one.employee_id, one.kind, one.subject_id]);
            json!(drafts.into_iter().map(key).collect::<Vec<_>>())
        };
        let again = keys(wanted.iter().filter(occasion).collect());
        let holds = keys(wanted.iter().collect());
        let withdraw = Sentence::new(
            "WITH holds AS (
                SELECT (k.v ->> 0)::uuid AS employee_id, k.v ->> 1 AS kind, (k.v ->> 2)::uuid AS subject_id
                FROM jsonb_array_elements($4::jsonb) k(v)),
             again AS (
                SELECT (k.v ->> 0)::uuid AS employee_id, k.v ->> 1 AS kind, (k.v ->> 2)::uuid AS subject_id
                FROM jsonb_array_elements($5::jsonb) k(v))
             UPDATE notices n SET withdrawn_at = $6, version = n.version + 1
             WHERE n.agency_id = $1 AND n.withdrawn_at IS NULL AND n.kind = ANY ($2) AND n.subject_id = ANY ($3)
               AND ((n.employee_id, n.kind, n.subject_id) NOT IN (SELECT employee_id, kind, subject_id FROM holds)
                    OR (n.employee_id, n.kind, n.subject_id) IN (SELECT employee_id, kind, subject_id FROM again))",
            [
                agency.into(),
                texts(kinds, NoticeKind::as_str).into(),
                subjects.to_vec().into(),
                holds.into(),
                again.into(),
                now.into(),
            ],
        );
        self.db.execute_raw(withdraw.finish()).await?;
        // What was told before stays told, and stays true.
        let standing: Vec<&NoticeDraft> =
            wanted.iter().filter(|draft| draft.moments.is_some() && !occasion(draft)).collect();
        if !standing.is_empty() {
            let correct = Sentence::new(
                "UPDATE notices n SET title = w.title, due_at = w.due_at, figures = w.figures, version = n.version + 1
                 FROM jsonb_to_recordset($2::jsonb) AS w(employee_id uuid, kind text, subject_id uuid, title text,
                    due_at timestamptz, figures jsonb)
                 WHERE n.agency_id = $1 AND n.withdrawn_at IS NULL AND n.employee_id = w.employee_id AND n.kind = w.kind
                   AND n.subject_id = w.subject_id
                   AND (n.title, n.due_at, n.figures) IS DISTINCT FROM (w.title, w.due_at, w.figures)",
                [agency.into(), json!(standing).into()],
            );
            self.db.execute_raw(correct.finish()).await?;
        }
        let told: Vec<Value> = wanted
            .iter()
            .filter(|draft| draft.moments.is_none() || occasion(draft))
            .map(|draft| {
                let mut row = json!(draft);
                if let Some(row) = row.as_object_mut() {
                    row.insert("id".to_owned(), json!(NoticeId::new()));
                }
                row
            })
            .collect();
        if told.is_empty() {
            return Ok(());
        }
        let insert = Sentence::new(
            "INSERT INTO notices AS n (agency_id, id, employee_id, kind, subject, subject_id, about_id, title, told_at, due_at,
                due_on, figures)
             SELECT $1, w.id, w.employee_id, w.kind, w.subject, w.subject_id, w.about_id, w.title, $2, w.due_at, w.due_on,
                    w.figures
             FROM jsonb_to_recordset($3::jsonb) AS w(id uuid, employee_id uuid, kind text, subject text, subject_id uuid,
                about_id uuid, title text, due_at timestamptz, due_on date, figures jsonb)
             ON CONFLICT (agency_id, employee_id, kind, subject_id) WHERE withdrawn_at IS NULL DO UPDATE
             SET about_id = excluded.about_id, title = excluded.title, due_at = excluded.due_at, due_on = excluded.due_on,
                 figures = excluded.figures, version = n.version + 1,
                 told_at = CASE WHEN (n.due_at, n.due_on) IS DISTINCT FROM (excluded.due_at, excluded.due_on)
                    THEN excluded.told_at ELSE n.told_at END,
                 read_at = CASE WHEN (n.due_at, n.due_on) IS DISTINCT FROM (excluded.due_at, excluded.due_on)
                    THEN NULL ELSE n.read_at END,
                 snoozed_until = CASE WHEN (n.due_at, n.due_on) IS DISTINCT FROM (excluded.due_at, excluded.due_on)
                    THEN NULL ELSE n.snoozed_until END
             WHERE (n.about_id, n.title, n.due_at, n.due_on, n.figures)
                IS DISTINCT FROM (excluded.about_id, excluded.title, excluded.due_at, excluded.due_on, excluded.figures)",
            [agency.into(), now.into(), Value::from(told).into()],
        );
        self.db.execute_raw(insert.finish()).await?;
        Ok(())
    }
}
