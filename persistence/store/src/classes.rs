//! Classes with their sessions, and how they are filled.

use std::collections::BTreeSet;

use access::Pass;
use chrono::{DateTime, Utc};
use development::{ClassContent, ClassState, Seats, Session, TrainingClass};
use entities::classes::{self, Column};
use entities::{class_session_trainers, class_sessions};
use kernel::{ClassId, Code, EmployeeId, Name, Page, ProgrammeId, TrainerId, Version};
use sea_orm::ActiveValue::Set;
use sea_orm::sea_query::OnConflict;
use sea_orm::{
    ColumnTrait as _, ConnectionTrait as _, EntityTrait as _, FromQueryResult, QueryFilter as _, raw_sql,
};
use serde::Deserialize;
use serde_json::Value;
use uuid::Uuid;

use crate::rows::{code, known, long_text, name};
use crate::sentence::Sentence;
use crate::{PageRequest, Reader, StoreError, Tx};

/// Rows of one statement, each value a parameter.
const MOST_AT_ONCE: usize = 1_000;

/// Which classes a list holds; everything that is given must hold.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ClassFilter {
    /// Of this programme.
    pub programme: Option<ProgrammeId>,
    /// In this state.
    pub state: Option<ClassState>,
    /// Beginning at this instant or later.
    pub starts_from: Option<DateTime<Utc>>,
    /// Beginning before this instant.
    pub starts_before: Option<DateTime<Utc>>,
    /// For which one may register at this instant, or may not.
    pub registers: Option<(DateTime<Utc>, bool)>,
    /// With at least one seat that nobody has or waits for.
    pub free: Option<bool>,
}

/// A class with the names a reader needs, and how it is filled.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClassRow {
    /// The class.
    pub class: TrainingClass,
    /// The programme's code.
    pub programme_code: Code,
    /// The programme's name.
    pub programme_name: Name,
    /// How it is filled.
    pub seats: Seats,
    /// Everybody who teaches in it.
    pub trainers: Vec<NamedTrainer>,
    /// When it was written last.
    pub updated_at: DateTime<Utc>,
}

/// Somebody who teaches.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct NamedTrainer {
    /// Who.
    pub id: TrainerId,
    /// What they are called.
    pub name: Name,
    /// The civil servant they are.
    pub employee: Option<EmployeeId>,
}

#[derive(FromQueryResult)]
struct Row {
    #[sea_orm(nested)]
    class: classes::Model,
    programme_code: String,
    programme_name: String,
    taken: i64,
    waiting: i64,
    sessions: Value,
    teaching: Value,
}

#[derive(Deserialize)]
struct SessionJson {
    starts_at: DateTime<Utc>,
    ends_at: DateTime<Utc>,
    place: Option<Name>,
    url: Option<Name>,
    topic: Option<Name>,
    trainers: Vec<TrainerId>,
}

fn small(number: Option<i32>, column: &'static str) -> Result<Option<u16>, StoreError> {
    number.map(|number| known(u16::try_from(number).ok(), column)).transpose()
}

fn domain(row: Row) -> Result<ClassRow, StoreError> {
    let Row { class: row, programme_code, programme_name, taken, waiting, sessions, teaching } = row;
    let sessions: Option<Vec<SessionJson>> = serde_json::from_value(sessions).ok();
    let sessions = known(sessions, "class_sessions")?.into_iter().map(|json| {
        let SessionJson { starts_at, ends_at, place, url, topic, trainers } = json;
        Session { starts_at, ends_at, place, url, topic, trainers }
    });
    let content = ClassContent {
        code: code(row.code),
        seats: known(u16::try_from(row.seats).ok(), "classes.seats")?,
        min_participants: small(row.min_participants, "classes.min_participants")?,
        waitlist: small(row.waitlist, "classes.waitlist")?,
        registration_opens_at: row.registration_opens_at,
        registration_closes_at: row.registration_closes_at,
        sessions: sessions.collect(),
        note: row.note.map(long_text),
    };
    let updated_at = row.updated_at;
    let count = |count: i64| known(u32::try_from(count).ok(), "enrolments");
    Ok(ClassRow {
        class: TrainingClass {
            id: ClassId::from(row.id),
            programme: ProgrammeId::from(row.programme_id),
            content,
            state: known(ClassState::parse(&row.state), "classes.state")?,
            cancelled_for: row.cancelled_for.map(long_text),
            completed_at: row.completed_at,
            version: Version::new(row.version),
        },
        programme_code: code(programme_code),
        programme_name: name(programme_name),
        seats: Seats { taken: count(taken)?, waiting: count(waiting)? },
        trainers: known(serde_json::from_value(teaching).ok(), "class_session_trainers")?,
        updated_at,
    })
}

impl Reader<'_> {
    /// One class.
    ///
    /// # Errors
    /// The database's.
    pub async fn class(&self, id: ClassId) -> Result<Option<ClassRow>, StoreError> {
        let mut sentence = self.class_sentence();
        sentence.push(" AND k.id = {}", [id.uuid().into()]);
        Row::find_by_statement(sentence.finish()).one(&self.db).await?.map(domain).transpose()
    }

    /// The classes of these codes, in no order.
    ///
    /// # Errors
    /// The database's.
    pub async fn classes_by_code(&self, codes: &[&Code]) -> Result<Vec<ClassRow>, StoreError> {
        let codes: Vec<String> = codes.iter().map(ToString::to_string).collect();
        let mut sentence = self.class_sentence();
        sentence.push(" AND k.code = ANY ({})", [codes.into()]);
        Row::find_by_statement(sentence.finish()).all(&self.db).await?.into_iter().map(domain).collect()
    }

    /// Classes by their beginning, those without a session last.
    ///
    /// # Errors
    /// The database's.
    pub async fn classes(
        &self,
        filter: &ClassFilter,
        page: &PageRequest,
    ) -> Result<Page<ClassRow>, StoreError> {
        let ClassFilter { programme, state, starts_from, starts_before, registers, free } = filter.clone();
        let mut sentence = self.class_sentence();
        sentence.maybe(" AND k.programme_id = {}", programme.map(ProgrammeId::uuid));
        sentence.maybe(" AND k.state = {}", state.map(ClassState::as_str));
        sentence.maybe(" AND k.starts_at >= {}", starts_from);
        sentence.maybe(" AND k.starts_at < {}", starts_before);
        if let Some((at, registers)) = registers {
            sentence.push(
                " AND (k.state = 'OPEN' AND k.registration_opens_at <= {} AND k.registration_closes_at > {}) = {}",
                [at.into(), at.into(), registers.into()],
            );
        }
        if let Some(free) = free {
            sentence.push(" AND (f.taken + f.waiting < k.seats) = {}", [free.into()]);
        }
        if let Some(after) = page.key(0) {
            let after: Option<DateTime<Utc>> = after.parse().ok();
            match after {
                Some(at) => sentence.push(
                    " AND (k.starts_at IS NULL OR (k.starts_at, k.id) > ({}, {}))",
                    [at.into(), page.id(1).into()],
                ),
                None => sentence.push(" AND k.starts_at IS NULL AND k.id > {}", [page.id(1).into()]),
            }
        }
        sentence.push(" ORDER BY k.starts_at NULLS LAST, k.id LIMIT {}", [page.probe().into()]);
        let rows = Row::find_by_statement(sentence.finish()).all(&self.db).await?;
        let rows = rows.into_iter().map(domain).collect::<Result<_, _>>()?;
        Ok(Page::cut(rows, page.limit, |row: &ClassRow| {
            let start = row.class.content.starts_at().map(|at| at.to_rfc3339());
            vec![start.unwrap_or_default(), row.class.id.to_string()]
        }))
    }

    fn class_sentence(&self) -> Sentence {
        Sentence::new(
            "SELECT k.*, p.code AS programme_code, p.name AS programme_name, f.taken, f.waiting,
                    coalesce(s.sessions, '[]') AS sessions, coalesce(t.teaching, '[]') AS teaching
             FROM classes k
             JOIN programmes p ON p.agency_id = k.agency_id AND p.id = k.programme_id
             CROSS JOIN LATERAL (
                SELECT count(*) FILTER (WHERE e.state IN ('ENROLLED', 'PASSED', 'FAILED')) AS taken,
                       count(*) FILTER (WHERE e.state = 'WAITLISTED') AS waiting
                FROM enrolments e WHERE e.agency_id = k.agency_id AND e.class_id = k.id) f
             CROSS JOIN LATERAL (
                SELECT jsonb_agg(jsonb_build_object('starts_at', x.starts_at, 'ends_at', x.ends_at, 'place', x.place,
                        'url', x.url, 'topic', x.topic, 'trainers', coalesce((
                            SELECT jsonb_agg(r.trainer_id ORDER BY r.ordinal) FROM class_session_trainers r
                            WHERE r.agency_id = x.agency_id AND r.class_id = x.class_id AND r.number = x.number), '[]'))
                        ORDER BY x.number) AS sessions
                FROM class_sessions x WHERE x.agency_id = k.agency_id AND x.class_id = k.id) s
             CROSS JOIN LATERAL (
                SELECT jsonb_agg(jsonb_build_object('id', d.id, 'name', d.name, 'employee', d.employee_id)
                        ORDER BY d.name, d.id) AS teaching
                FROM (SELECT DISTINCT u.id, coalesce(w.name, u.name) AS name, u.employee_id
                    FROM class_session_trainers r
                    JOIN trainers u ON u.agency_id = r.agency_id AND u.id = r.trainer_id
                    LEFT JOIN employees w ON w.agency_id = u.agency_id AND w.id = u.employee_id
                    WHERE r.agency_id = k.agency_id AND r.class_id = k.id) d) t
             WHERE k.agency_id = $1",
            [self.agency().into()],
        )
    }

    /// The sessions of a class whose attendance is on record.
    ///
    /// # Errors
    /// The database's.
    pub async fn sessions_attended(&self, class: ClassId) -> Result<BTreeSet<i32>, StoreError> {
        let (agency, class) = (self.agency(), class.uuid());
        let statement = raw_sql!(
            Postgres,
            "SELECT DISTINCT number FROM attendances WHERE agency_id = {agency} AND class_id = {class}"
        );
        let rows = self.db.query_all_raw(statement).await?;
        rows.iter().map(|row| Ok(row.try_get("", "number")?)).collect()
    }
}

impl Tx<'_> {
    /// Keeps a class from every other change until this transaction ends: whoever takes a seat, gives one up or changes how
    /// many there are holds it. What is read of it afterwards stays so.
    ///
    /// # Errors
    /// The database's.
    pub async fn class_lock(&self, pass: &Pass, id: ClassId) -> Result<bool, StoreError> {
        let (agency, id) = (pass.agency().uuid(), id.uuid());
        let statement = raw_sql!(
            Postgres,
            "SELECT 1 FROM classes WHERE agency_id = {agency} AND id = {id} FOR NO KEY UPDATE"
        );
        Ok(self.db.query_one_raw(statement).await?.is_some())
    }

    /// Keeps a programme as it is until this transaction ends: no class is planned of one that is being retired.
    ///
    /// # Errors
    /// The database's.
    pub async fn programme_hold(&self, pass: &Pass, id: ProgrammeId) -> Result<(), StoreError> {
        let (agency, id) = (pass.agency().uuid(), id.uuid());
        let statement =
            raw_sql!(Postgres, "SELECT 1 FROM programmes WHERE agency_id = {agency} AND id = {id} FOR SHARE");
        self.db.query_one_raw(statement).await?;
        Ok(())
    }

    /// Adds a class with its sessions.
    ///
    /// # Errors
    /// `Taken("/code")`, `Missing("/sessions")` for a trainer who is not there.
    pub async fn class_insert(&self, pass: &Pass, class: &TrainingClass) -> Result<(), StoreError> {
        self.classes_insert(pass, std::slice::from_ref(class)).await
    }

    /// Adds classes with their sessions.
    ///
    /// # Errors
    /// `Taken("/code")`, `Missing("/sessions")` for a trainer who is not there.
    pub async fn classes_insert(&self, pass: &Pass, all: &[TrainingClass]) -> Result<(), StoreError> {
        let agency = pass.agency().uuid();
        for some in all.chunks(MOST_AT_ONCE) {
            let rows = some.iter().map(|class| classes::ActiveModel {
                agency_id: Set(agency),
                id: Set(class.id.uuid()),
                programme_id: Set(class.programme.uuid()),
                next_ticket: Set(1),
                version: Set(class.version.get()),
                created_at: Set(self.now()),
                ..self.class_active(class)
            });
            classes::Entity::insert_many(rows).exec_without_returning(&self.db).await?;
        }
        self.sessions_write(all.iter().flat_map(|class| sessions_of(agency, class)).collect()).await?;
        self.trainers_write(all.iter().flat_map(|class| trainers_of(agency, class)).collect()).await
    }

    /// Replaces what a class says, its sessions included; `class.version` is the version that was read.
    ///
    /// # Errors
    /// [`StoreError::Stale`], and those of adding one.
    pub async fn class_update(&self, pass: &Pass, class: &TrainingClass) -> Result<(), StoreError> {
        let row =
            classes::ActiveModel { version: Set(class.version.next().get()), ..self.class_active(class) };
        let written = classes::Entity::update_many()
            .set(row)
            .filter(Column::AgencyId.eq(pass.agency().uuid()))
            .filter(Column::Id.eq(class.id.uuid()))
            .filter(Column::Version.eq(class.version.get()))
            .exec(&self.db)
            .await?;
        if written.rows_affected == 0 {
            return Err(StoreError::Stale);
        }
        self.sessions_put(pass, class).await
    }

    /// Counts up the version of a class of which something else was written than what it says.
    ///
    /// # Errors
    /// [`StoreError::Stale`].
    pub async fn class_touch(&self, pass: &Pass, id: ClassId, read: Version) -> Result<(), StoreError> {
        let (agency, id, now) = (pass.agency().uuid(), id.uuid(), self.now());
        let (read, next) = (read.get(), read.next().get());
        let statement = raw_sql!(
            Postgres,
            "UPDATE classes SET version = {next}, updated_at = {now}
             WHERE agency_id = {agency} AND id = {id} AND version = {read}"
        );
        if self.db.execute_raw(statement).await?.rows_affected() == 0 {
            Err(StoreError::Stale)
        } else {
            Ok(())
        }
    }

    /// Removes a class that was never announced.
    ///
    /// # Errors
    /// [`StoreError::Stale`] when it was changed or announced, `StillReferenced`.
    pub async fn class_delete(&self, pass: &Pass, id: ClassId, expected: Version) -> Result<(), StoreError> {
        let gone = classes::Entity::delete_many()
            .filter(Column::AgencyId.eq(pass.agency().uuid()))
            .filter(Column::Id.eq(id.uuid()))
            .filter(Column::Version.eq(expected.get()))
            .filter(Column::State.eq(ClassState::Planned.as_str()))
            .exec(&self.db)
            .await
            .map_err(StoreError::removing)?;
        if gone.rows_affected == 0 { Err(StoreError::Stale) } else { Ok(()) }
    }

    fn class_active(&self, class: &TrainingClass) -> classes::ActiveModel {
        let content = &class.content;
        classes::ActiveModel {
            code: Set(content.code.to_string()),
            seats: Set(i32::from(content.seats)),
            min_participants: Set(content.min_participants.map(i32::from)),
            waitlist: Set(content.waitlist.map(i32::from)),
            registration_opens_at: Set(content.registration_opens_at),
            registration_closes_at: Set(content.registration_closes_at),
            note: Set(content.note.as_ref().map(ToString::to_string)),
            state: Set(class.state.as_str().to_owned()),
            cancelled_for: Set(class.cancelled_for.as_ref().map(ToString::to_string)),
            completed_at: Set(class.completed_at),
            starts_at: Set(content.starts_at()),
            ends_at: Set(content.ends_at()),
            updated_at: Set(self.now()),
            ..Default::default()
        }
    }

    /// Writes the sessions by their numbers, so that attendance keeps referring to the ones it is about.
    async fn sessions_put(&self, pass: &Pass, class: &TrainingClass) -> Result<(), StoreError> {
        let (agency, id) = (pass.agency().uuid(), class.id.uuid());
        let sessions = &class.content.sessions;
        let last = i32::try_from(sessions.len()).unwrap_or(i32::MAX);
        class_session_trainers::Entity::delete_many()
            .filter(class_session_trainers::Column::AgencyId.eq(agency))
            .filter(class_session_trainers::Column::ClassId.eq(id))
            .exec(&self.db)
            .await?;
        class_sessions::Entity::delete_many()
            .filter(class_sessions::Column::AgencyId.eq(agency))
            .filter(class_sessions::Column::ClassId.eq(id))
            .filter(class_sessions::Column::Number.gt(last))
            .exec(&self.db)
            .await?;
        self.sessions_write(sessions_of(agency, class)).await?;
        self.trainers_write(trainers_of(agency, class)).await
    }

    /// Writes sessions by their numbers.
    async fn sessions_write(&self, rows: Vec<class_sessions::ActiveModel>) -> Result<(), StoreError> {
        use class_sessions::Column as C;
        let again = OnConflict::columns([C::AgencyId, C::ClassId, C::Number])
            .update_columns([C::StartsAt, C::EndsAt, C::Place, C::Url, C::Topic])
            .to_owned();
        for some in rows.chunks(MOST_AT_ONCE) {
            let insert = class_sessions::Entity::insert_many(some.iter().cloned()).on_conflict(again.clone());
            insert.exec_without_returning(&self.db).await?;
        }
        Ok(())
    }

    async fn trainers_write(&self, rows: Vec<class_session_trainers::ActiveModel>) -> Result<(), StoreError> {
        for some in rows.chunks(MOST_AT_ONCE) {
            let insert = class_session_trainers::Entity::insert_many(some.iter().cloned());
            insert.exec_without_returning(&self.db).await?;
        }
        Ok(())
    }
}

fn sessions_of(agency: Uuid, class: &TrainingClass) -> Vec<class_sessions::ActiveModel> {
    let row = |(number, session): (i32, &Session)| class_sessions::ActiveModel {
        agency_id: Set(agency),
        class_id: Set(class.id.uuid()),
        number: Set(number),
        starts_at: Set(session.starts_at),
        ends_at: Set(session.ends_at),
        place: Set(session.place.as_ref().map(ToString::to_string)),
        url: Set(session.url.as_ref().map(ToString::to_string)),
        topic: Set(session.topic.as_ref().map(ToString::to_string)),
    };
    (1..).zip(&class.content.sessions).map(row).collect()
}

fn trainers_of(agency: Uuid, class: &TrainingClass) -> Vec<class_session_trainers::ActiveModel> {
    let of_session = |(number, session): (i32, &Session)| {
        let row = |(ordinal, trainer): (i32, &TrainerId)| class_session_trainers::ActiveModel {
            agency_id: Set(agency),
            class_id: Set(class.id.uuid()),
            number: Set(number),
            trainer_id: Set(trainer.uuid()),
            ordinal: Set(ordinal),
        };
        (1..).zip(&session.trainers).map(row).collect::<Vec<_>>()
    };
    (1..).zip(&class.content.sessions).flat_map(of_session).collect()
}
