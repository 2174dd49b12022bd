//! What an import reads and writes: everything of a kind at once, no statement per row.
//!
//! Rows travel as one JSON text per statement, which takes a fraction of the time that a parameter per value would. The
//! caller holds [`Tx::import_lock`], so that two imports into one agency never compare with the same state; other
//! writers are held off by versions and by the constraints.

use std::collections::{BTreeMap, BTreeSet};

use access::Pass;
use chrono::{DateTime, NaiveDate, Utc};
use competency::{
    AssessmentEvent, AssessmentResult, Content, Dictionary, DictionaryVersion, Importance, LevelText, Method,
    Purpose, Requirement, Standard,
};
use entities::{dictionaries, dictionary_versions, idempotency_keys, operations, placements};
use kernel::{
    AgencyId, Code, CompetencyId, DictionaryId, DictionaryVersionId, EmployeeId, Hundredths, Level, NATIONAL,
    Nip, OperationId, OperationState, PlacementId, PositionId, UserId,
};
use sea_orm::{ConnectionTrait as _, EntityTrait as _, FromQueryResult, QuerySelect as _, raw_sql};
use serde::Deserialize;
use serde_json::{Value, json};
use uuid::Uuid;
use workforce::{Employee, Placement, Position, Unit};

use crate::dictionaries::{dictionary_domain, version_domain};
use crate::rows::{code, known};
use crate::{OperationRow, Reader, Reply, Store, StoreError, Tx, WriteContext, Written};

/// How noting that work begins ended.
#[derive(Clone, Debug, PartialEq)]
pub enum Begun {
    /// It begins now.
    Now,
    /// The same request began it before; this is how far that has come.
    Before(OperationRow),
    /// The key was used before for something else.
    KeyReused,
}

/// A dictionary and the version that is in use now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DictionaryInUse {
    /// Whose it is.
    pub agency: AgencyId,
    /// The version; none while nothing of it is published.
    pub version: Option<DictionaryVersionId>,
    /// What that version describes, by code.
    pub competencies: BTreeMap<Code, CompetencyId>,
}

/// A result that is final and was not corrected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FinalResult {
    /// Whose it is.
    pub employee: EmployeeId,
    /// In which competency.
    pub competency: CompetencyId,
    /// Its day.
    pub assessed_on: NaiveDate,
    /// What the assessment was for.
    pub purpose: Purpose,
    /// How it was done.
    pub method: Method,
    /// The level found.
    pub level: Level,
}

#[derive(FromQueryResult)]
struct InUseRow {
    dictionary_code: String,
    agency_id: Uuid,
    version_id: Option<Uuid>,
    competency_id: Option<Uuid>,
    competency_code: Option<String>,
}

#[derive(FromQueryResult)]
struct RequirementsRow {
    position_id: Uuid,
    valid_from: NaiveDate,
    requirements: Value,
}

#[derive(Deserialize)]
struct RequirementJson {
    competency: CompetencyId,
    competency_agency: AgencyId,
    dictionary_version: DictionaryVersionId,
    level: Level,
    weight: Hundredths,
    importance: Importance,
}

#[derive(FromQueryResult)]
struct FinalRow {
    employee_id: Uuid,
    competency_id: Uuid,
    assessed_on: NaiveDate,
    purpose: String,
    method: String,
    level: i16,
}

#[derive(FromQueryResult)]
struct IdRow {
    id: Uuid,
}

#[derive(FromQueryResult)]
struct PersonRow {
    id: Uuid,
    nip: String,
}

fn uuids<T: Copy + Into<Uuid>>(ids: &[T]) -> Vec<Uuid> {
    ids.iter().map(|id| (*id).into()).collect()
}

/// Rows as one parameter.
fn text(rows: impl Iterator<Item = Value>) -> String {
    Value::Array(rows.collect()).to_string()
}

impl Store {
    /// Notes that work begins, together with the reply a repetition of the request gets. A repetition finds the work
    /// begun then, unless that came to nothing: then this begins anew.
    ///
    /// The note is no change of the agency's data, so it stands in no trail; the work's own transaction records what
    /// it did.
    ///
    /// # Errors
    /// The database's.
    pub async fn operation_begin(
        &self,
        context: &WriteContext,
        pass: &Pass,
        operation: &OperationRow,
        reply: &Reply,
    ) -> Result<Begun, StoreError> {
        self.transact(context, async |tx| {
            match tx.claim_key().await? {
                Some(Written::KeyReused) => return Ok(Begun::KeyReused),
                Some(Written::Done(_) | Written::Replayed(_)) => {
                    if let Some(earlier) = tx.operation_of_key().await? {
                        return Ok(Begun::Before(earlier));
                    }
                }
                None => {}
            }
            tx.operation_insert(pass, operation).await?;
            tx.keep_reply(reply).await?;
            Ok(Begun::Now)
        })
        .await
    }

    /// Ends work that came to nothing. False when it had ended already.
    ///
    /// # Errors
    /// The database's.
    pub async fn operation_fail(
        &self,
        agency: AgencyId,
        id: OperationId,
        error: Value,
        now: DateTime<Utc>,
    ) -> Result<bool, StoreError> {
        let (agency, id) = (agency.uuid(), id.uuid());
        let (failed, running) = (OperationState::Failed.as_str(), OperationState::Running.as_str());
        let statement = raw_sql!(
            Postgres,
            "UPDATE operations
             SET state = {failed}, error = {error}, finished_at = {now}, heartbeat_at = {now}, version = version + 1
             WHERE agency_id = {agency} AND id = {id} AND state = {running}"
        );
        Ok(self.db.execute_raw(statement).await?.rows_affected() > 0)
    }
}

impl Reader<'_> {
    /// Placements that begin on `day` or later and were not declared wrong, earliest first.
    ///
    /// # Errors
    /// The database's.
    pub async fn placements_from(&self, day: NaiveDate) -> Result<Vec<Placement>, StoreError> {
        let agency = self.agency();
        let statement = raw_sql!(
            Postgres,
            "SELECT * FROM placements
             WHERE agency_id = {agency} AND starts_on >= {day} AND retracted_at IS NULL
             ORDER BY starts_on, id"
        );
        let rows = placements::Model::find_by_statement(statement).all(&self.db).await?;
        Ok(rows.into_iter().map(crate::placements::domain).collect())
    }

    /// Which of `positions` a placement or a standard was ever made for.
    ///
    /// # Errors
    /// The database's.
    pub async fn positions_used(&self, positions: &[PositionId]) -> Result<BTreeSet<PositionId>, StoreError> {
        let (agency, ids) = (self.agency(), uuids(positions));
        let statement = raw_sql!(
            Postgres,
            "SELECT q.id FROM unnest({ids}::uuid[]) AS q(id)
             WHERE EXISTS (SELECT 1 FROM placements WHERE agency_id = {agency} AND position_id = q.id)
                OR EXISTS (SELECT 1 FROM standards WHERE agency_id = {agency} AND position_id = q.id)"
        );
        let rows = IdRow::find_by_statement(statement).all(&self.db).await?;
        Ok(rows.into_iter().map(|row| row.id.into()).collect())
    }

    /// The people of the agency among `nips`.
    ///
    /// # Errors
    /// The database's.
    pub async fn employee_ids(&self, nips: &[&Nip]) -> Result<BTreeMap<Nip, EmployeeId>, StoreError> {
        let agency = self.agency();
        let nips: Vec<String> = nips.iter().map(|nip| nip.as_str().to_owned()).collect();
        let statement = raw_sql!(
            Postgres,
            "SELECT id, nip FROM employees WHERE agency_id = {agency} AND nip = ANY ({nips}::text[])"
        );
        let rows = PersonRow::find_by_statement(statement).all(&self.db).await?;
        Ok(rows.into_iter().map(|row| (Nip::stored(row.nip), row.id.into())).collect())
    }

    /// The agency's own dictionaries among `codes`, each with its latest version; a dictionary whose only draft was
    /// thrown away has none.
    ///
    /// # Errors
    /// The database's.
    pub async fn dictionaries_latest(
        &self,
        codes: &[&Code],
    ) -> Result<BTreeMap<Code, (Dictionary, Option<DictionaryVersion>)>, StoreError> {
        let agency = self.agency();
        let codes: Vec<String> = codes.iter().map(ToString::to_string).collect();
        let own = raw_sql!(
            Postgres,
            "SELECT * FROM dictionaries WHERE agency_id = {agency} AND code = ANY ({codes}::text[])"
        );
        let own = dictionaries::Model::find_by_statement(own).all(&self.db).await?;
        let latest = raw_sql!(
            Postgres,
            "SELECT DISTINCT ON (v.dictionary_id) v.*
             FROM dictionary_versions v
             JOIN dictionaries d ON d.agency_id = v.agency_id AND d.id = v.dictionary_id
             WHERE v.agency_id = {agency} AND d.code = ANY ({codes}::text[])
             ORDER BY v.dictionary_id, v.number DESC"
        );
        let latest = dictionary_versions::Model::find_by_statement(latest).all(&self.db).await?;
        let mut versions = latest
            .into_iter()
            .map(|row| version_domain(row).map(|version| (version.dictionary, version)))
            .collect::<Result<BTreeMap<_, _>, _>>()?;
        let with_version = |row| {
            let dictionary = dictionary_domain(row);
            let version = versions.remove(&dictionary.id);
            (dictionary.code.clone(), (dictionary, version))
        };
        Ok(own.into_iter().map(with_version).collect())
    }

    /// The dictionaries among `codes`, with what is published of them; the agency's own go before the nation's.
    ///
    /// # Errors
    /// The database's.
    pub async fn dictionaries_in_use(
        &self,
        codes: &[&Code],
    ) -> Result<BTreeMap<Code, DictionaryInUse>, StoreError> {
        let (own, national) = (self.agency(), NATIONAL.uuid());
        let codes: Vec<String> = codes.iter().map(ToString::to_string).collect();
        let statement = raw_sql!(
            Postgres,
            "SELECT d.code AS dictionary_code, d.agency_id, v.id AS version_id, c.id AS competency_id,
                    c.code AS competency_code
             FROM dictionaries d
             LEFT JOIN LATERAL (
                SELECT v.id FROM dictionary_versions v
                WHERE v.agency_id = d.agency_id AND v.dictionary_id = d.id AND v.state = 'PUBLISHED'
                ORDER BY v.number DESC LIMIT 1) v ON true
             LEFT JOIN competency_contents n ON n.agency_id = d.agency_id AND n.dictionary_version_id = v.id
             LEFT JOIN competencies c ON c.agency_id = n.agency_id AND c.id = n.competency_id
             WHERE d.code = ANY ({codes}::text[])
               AND (d.agency_id = {own} OR (d.agency_id = {national} AND NOT EXISTS (
                    SELECT 1 FROM dictionaries o WHERE o.agency_id = {own} AND o.code = d.code)))"
        );
        let rows = InUseRow::find_by_statement(statement).all(&self.db).await?;
        let mut found: BTreeMap<Code, DictionaryInUse> = BTreeMap::new();
        for row in rows {
            let dictionary = found.entry(code(row.dictionary_code)).or_insert_with(|| DictionaryInUse {
                agency: row.agency_id.into(),
                version: row.version_id.map(DictionaryVersionId::from),
                competencies: BTreeMap::new(),
            });
            if let (Some(competency), Some(text)) = (row.competency_id, row.competency_code) {
                dictionary.competencies.insert(code(text), competency.into());
            }
        }
        Ok(found)
    }

    /// What the standards in force for `positions` require, by position and first day.
    ///
    /// # Errors
    /// The database's.
    pub async fn requirements_in_force(
        &self,
        positions: &[PositionId],
    ) -> Result<BTreeMap<(PositionId, NaiveDate), Vec<Requirement>>, StoreError> {
        let (agency, ids) = (self.agency(), uuids(positions));
        let statement = raw_sql!(
            Postgres,
            "SELECT s.position_id, s.valid_from, coalesce(jsonb_agg(jsonb_build_object(
                        'competency', q.competency_id, 'competency_agency', q.competency_agency_id,
                        'dictionary_version', q.dictionary_version_id, 'level', q.level, 'weight', q.weight,
                        'importance', q.importance) ORDER BY q.ordinal)
                    FILTER (WHERE q.standard_id IS NOT NULL), '[]') AS requirements
             FROM standards s
             LEFT JOIN standard_requirements q ON q.agency_id = s.agency_id AND q.standard_id = s.id
             WHERE s.agency_id = {agency} AND s.state = 'IN_FORCE' AND s.position_id = ANY ({ids}::uuid[])
             GROUP BY s.position_id, s.valid_from"
        );
        let rows = RequirementsRow::find_by_statement(statement).all(&self.db).await?;
        rows.into_iter()
            .map(|row| {
                let read: Option<Vec<RequirementJson>> = serde_json::from_value(row.requirements).ok();
                let requirements =
                    known(read, "standard_requirements")?.into_iter().map(|json| Requirement {
                        competency: json.competency,
                        competency_agency: json.competency_agency,
                        dictionary_version: json.dictionary_version,
                        level: json.level,
                        weight: json.weight,
                        importance: json.importance,
                    });
                Ok(((row.position_id.into(), row.valid_from), requirements.collect()))
            })
            .collect()
    }

    /// The final results of `people` found on one of `days`, self-assessments included.
    ///
    /// # Errors
    /// The database's.
    pub async fn final_results(
        &self,
        people: &[EmployeeId],
        days: &[NaiveDate],
    ) -> Result<Vec<FinalResult>, StoreError> {
        let (agency, people, days) = (self.agency(), uuids(people), days.to_vec());
        let statement = raw_sql!(
            Postgres,
            "SELECT r.employee_id, r.competency_id, r.assessed_on, t.purpose, t.method, r.level
             FROM assessment_results r
             JOIN assessment_events t ON t.agency_id = r.agency_id AND t.id = r.event_id
             WHERE r.agency_id = {agency} AND r.employee_id = ANY ({people}::uuid[])
               AND r.assessed_on = ANY ({days}::date[])
               AND r.recorded_at IS NOT NULL AND r.superseded_at IS NULL"
        );
        let rows = FinalRow::find_by_statement(statement).all(&self.db).await?;
        rows.into_iter()
            .map(|row| {
                Ok(FinalResult {
                    employee: row.employee_id.into(),
                    competency: row.competency_id.into(),
                    assessed_on: row.assessed_on,
                    purpose: known(Purpose::parse(&row.purpose), "assessment_events.purpose")?,
                    method: known(Method::parse(&row.method), "assessment_events.method")?,
                    level: known(Level::new(i64::from(row.level)), "assessment_results.level")?,
                })
            })
            .collect()
    }
}

impl Tx<'_> {
    /// Keeps other imports into the agency waiting until this transaction ends: each compares with what the one before
    /// it left. That may take longer than a statement may elsewhere.
    ///
    /// # Errors
    /// The database's.
    pub async fn import_lock(&self, pass: &Pass) -> Result<(), StoreError> {
        let agency = pass.agency().uuid();
        self.db.execute_unprepared("SET LOCAL statement_timeout = '10min'").await?;
        let statement =
            raw_sql!(Postgres, "SELECT pg_advisory_xact_lock(hashtextextended({agency}::uuid::text, 4))");
        self.db.query_one_raw(statement).await?;
        Ok(())
    }

    /// The work that the request's key stands for, unless that failed or was called off: a key is kept for what
    /// happened. Who else repeats the request waits until this transaction ends.
    async fn operation_of_key(&self) -> Result<Option<OperationRow>, StoreError> {
        let (Some(idempotency), Some(user)) = (&self.context.idempotency, self.context.user) else {
            return Ok(None);
        };
        let key = (self.context.agency.uuid(), user.uuid(), idempotency.key.clone());
        let kept = idempotency_keys::Entity::find_by_id(key).lock_exclusive().one(&self.db).await?;
        let location = kept.and_then(|kept| kept.location).unwrap_or_default();
        let id: Option<OperationId> = location.rsplit('/').next().and_then(|id| id.parse().ok());
        let id = known(id, "idempotency_keys.location")?;
        let row =
            operations::Entity::find_by_id((self.context.agency.uuid(), id.uuid())).one(&self.db).await?;
        let earlier = row.map(crate::operations::domain).transpose()?;
        Ok(earlier
            .filter(|earlier| matches!(earlier.state, OperationState::Running | OperationState::Succeeded)))
    }

    /// Adds units. Their parents are among them, or stored before. [`Tx::unit_ancestors_rebuild`] follows.
    ///
    /// # Errors
    /// `Taken("/code")`, `Missing("/parent_id")`.
    pub async fn units_insert(&self, pass: &Pass, units: &[Unit]) -> Result<(), StoreError> {
        let (agency, now, rows) = (pass.agency().uuid(), self.now(), text(units.iter().map(unit_json)));
        let statement = raw_sql!(
            Postgres,
            "INSERT INTO units (agency_id, id, code, name, kind, parent_id, created_at, updated_at)
             SELECT {agency}::uuid, r.id, r.code, r.name, r.kind, r.parent_id, {now}::timestamptz, {now}
             FROM json_to_recordset({rows}::json) AS r(id uuid, code text, name text, kind text, parent_id uuid)"
        );
        self.db.execute_raw(statement).await?;
        Ok(())
    }

    /// Replaces what units say of themselves but their codes; each has the version that was read.
    /// [`Tx::unit_ancestors_rebuild`] follows where a parent changed.
    ///
    /// # Errors
    /// [`StoreError::Stale`], `Missing("/parent_id")`.
    pub async fn units_update(&self, pass: &Pass, units: &[Unit]) -> Result<(), StoreError> {
        let (agency, now, rows) = (pass.agency().uuid(), self.now(), text(units.iter().map(unit_json)));
        let statement = raw_sql!(
            Postgres,
            "UPDATE units u
             SET name = r.name, kind = r.kind, parent_id = r.parent_id, version = u.version + 1, updated_at = {now}
             FROM json_to_recordset({rows}::json) AS r(id uuid, name text, kind text, parent_id uuid, version bigint)
             WHERE u.agency_id = {agency} AND u.id = r.id AND u.version = r.version"
        );
        all_of(units.len(), self.db.execute_raw(statement).await?.rows_affected())
    }

    /// Writes down anew who stands above whom, after many parents changed at once.
    ///
    /// # Errors
    /// The database's.
    pub async fn unit_ancestors_rebuild(&self, pass: &Pass) -> Result<(), StoreError> {
        let agency = pass.agency().uuid();
        let forget = raw_sql!(Postgres, "DELETE FROM unit_ancestors WHERE agency_id = {agency}");
        self.db.execute_raw(forget).await?;
        let statement = raw_sql!(
            Postgres,
            "INSERT INTO unit_ancestors (agency_id, ancestor_id, unit_id, depth)
             WITH RECURSIVE up AS (
                SELECT id AS unit_id, id AS ancestor_id, parent_id, 0 AS depth FROM units WHERE agency_id = {agency}
                UNION ALL
                SELECT up.unit_id, u.id, u.parent_id, up.depth + 1
                FROM up JOIN units u ON u.agency_id = {agency} AND u.id = up.parent_id)
             SELECT {agency}::uuid, ancestor_id, unit_id, depth FROM up"
        );
        self.db.execute_raw(statement).await?;
        Ok(())
    }

    /// Keeps positions from change, and new placements and standards for them waiting, until this transaction ends.
    ///
    /// # Errors
    /// The database's.
    pub async fn positions_lock(&self, pass: &Pass, positions: &[PositionId]) -> Result<(), StoreError> {
        let (agency, ids) = (pass.agency().uuid(), uuids(positions));
        let statement = raw_sql!(
            Postgres,
            "SELECT id FROM positions WHERE agency_id = {agency} AND id = ANY ({ids}::uuid[]) ORDER BY id FOR UPDATE"
        );
        self.db.query_all_raw(statement).await?;
        Ok(())
    }

    /// Takes the head flag off positions whose update follows: two positions can trade it only when neither has it in
    /// between.
    ///
    /// # Errors
    /// The database's.
    pub async fn positions_unhead(&self, pass: &Pass, positions: &[PositionId]) -> Result<(), StoreError> {
        let (agency, ids) = (pass.agency().uuid(), uuids(positions));
        let statement = raw_sql!(
            Postgres,
            "UPDATE positions SET is_head = false WHERE agency_id = {agency} AND id = ANY ({ids}::uuid[]) AND is_head"
        );
        self.db.execute_raw(statement).await?;
        Ok(())
    }

    /// Adds positions to their units.
    ///
    /// # Errors
    /// `Taken("/code")`, `Taken("/is_head")`, `Missing("/unit_id")`.
    pub async fn positions_insert(&self, pass: &Pass, positions: &[Position]) -> Result<(), StoreError> {
        let (agency, now) = (pass.agency().uuid(), self.now());
        let rows = text(positions.iter().map(position_json));
        let statement = raw_sql!(
            Postgres,
            "INSERT INTO positions (agency_id, id, code, name, unit_id, job_class, is_head, created_at, updated_at)
             SELECT {agency}::uuid, r.id, r.code, r.name, r.unit_id, r.job_class, r.is_head, {now}::timestamptz, {now}
             FROM json_to_recordset({rows}::json)
                AS r(id uuid, code text, name text, unit_id uuid, job_class text, is_head boolean)"
        );
        self.db.execute_raw(statement).await?;
        Ok(())
    }

    /// Replaces what positions say of themselves but their codes; each has the version that was read.
    ///
    /// # Errors
    /// [`StoreError::Stale`], `Taken("/is_head")`, `Missing("/unit_id")`.
    pub async fn positions_update(&self, pass: &Pass, positions: &[Position]) -> Result<(), StoreError> {
        let (agency, now) = (pass.agency().uuid(), self.now());
        let rows = text(positions.iter().map(position_json));
        let statement = raw_sql!(
            Postgres,
            "UPDATE positions p
             SET name = r.name, unit_id = r.unit_id, job_class = r.job_class, is_head = r.is_head,
                 version = p.version + 1, updated_at = {now}
             FROM json_to_recordset({rows}::json)
                AS r(id uuid, name text, unit_id uuid, job_class text, is_head boolean, version bigint)
             WHERE p.agency_id = {agency} AND p.id = r.id AND p.version = r.version"
        );
        all_of(positions.len(), self.db.execute_raw(statement).await?.rows_affected())
    }

    /// Keeps the people of the agency among `nips` from change until this transaction ends: writers of one history wait
    /// for each other. Taken before the first [`Tx::stamp`], so that stamps follow the order of the writers.
    ///
    /// # Errors
    /// The database's.
    pub async fn employees_lock(&self, pass: &Pass, nips: &[&Nip]) -> Result<(), StoreError> {
        let agency = pass.agency().uuid();
        let nips: Vec<String> = nips.iter().map(|nip| nip.as_str().to_owned()).collect();
        let statement = raw_sql!(
            Postgres,
            "SELECT id FROM employees WHERE agency_id = {agency} AND nip = ANY ({nips}::text[])
             ORDER BY id FOR NO KEY UPDATE"
        );
        self.db.query_all_raw(statement).await?;
        Ok(())
    }

    /// Adds people.
    ///
    /// # Errors
    /// `Taken("/nip")`, `Missing("/superior_id")`.
    pub async fn employees_insert(&self, pass: &Pass, people: &[Employee]) -> Result<(), StoreError> {
        let (agency, now, rows) = (pass.agency().uuid(), self.now(), text(people.iter().map(employee_json)));
        let statement = raw_sql!(
            Postgres,
            "INSERT INTO employees
                (agency_id, id, nip, name, status, education, appointed_on, superior_id, created_at, updated_at)
             SELECT {agency}::uuid, r.id, r.nip, r.name, r.status, r.education, r.appointed_on, r.superior_id,
                    {now}::timestamptz, {now}
             FROM json_to_recordset({rows}::json)
                AS r(id uuid, nip text, name text, status text, education text, appointed_on date, superior_id uuid)"
        );
        self.db.execute_raw(statement).await?;
        Ok(())
    }

    /// Replaces what people's records say but their identity numbers; each has the version that was read.
    ///
    /// # Errors
    /// [`StoreError::Stale`], `Missing("/superior_id")`.
    pub async fn employees_update(&self, pass: &Pass, people: &[Employee]) -> Result<(), StoreError> {
        let (agency, now, rows) = (pass.agency().uuid(), self.now(), text(people.iter().map(employee_json)));
        let statement = raw_sql!(
            Postgres,
            "UPDATE employees e
             SET name = r.name, status = r.status, education = r.education, appointed_on = r.appointed_on,
                 superior_id = r.superior_id, version = e.version + 1, updated_at = {now}
             FROM json_to_recordset({rows}::json) AS r(id uuid, name text, status text, education text,
                appointed_on date, superior_id uuid, version bigint)
             WHERE e.agency_id = {agency} AND e.id = r.id AND e.version = r.version"
        );
        all_of(people.len(), self.db.execute_raw(statement).await?.rows_affected())
    }

    /// Records placements as of this transaction's stamp; what they say of the recording is not used. The caller holds
    /// [`Tx::employees_lock`].
    ///
    /// # Errors
    /// `Taken("/starts_on")`, `Missing("/employee_id")`, `Missing("/position_id")`.
    pub async fn placements_insert(&self, pass: &Pass, all: &[Placement]) -> Result<(), StoreError> {
        let (agency, stamp) = (pass.agency().uuid(), self.stamp().await?);
        let rows = text(all.iter().map(|placement| {
            json!({
                "id": placement.id, "employee_id": placement.employee, "position_id": placement.position,
                "starts_on": placement.starts_on, "decree": placement.decree,
            })
        }));
        let statement = raw_sql!(
            Postgres,
            "INSERT INTO placements (agency_id, id, employee_id, position_id, starts_on, decree, recorded_at)
             SELECT {agency}::uuid, r.id, r.employee_id, r.position_id, r.starts_on, r.decree, {stamp}::timestamptz
             FROM json_to_recordset({rows}::json)
                AS r(id uuid, employee_id uuid, position_id uuid, starts_on date, decree text)"
        );
        self.db.execute_raw(statement).await?;
        for placement in all {
            self.moved([placement.employee], placement.starts_on);
        }
        Ok(())
    }

    /// Declares placements wrong as of this transaction's stamp. The caller holds [`Tx::employees_lock`].
    ///
    /// # Errors
    /// [`StoreError::Stale`] when one had been declared wrong already.
    pub async fn placements_retract(&self, pass: &Pass, all: &[PlacementId]) -> Result<(), StoreError> {
        let (agency, stamp, ids) = (pass.agency().uuid(), self.stamp().await?, uuids(all));
        let statement = raw_sql!(
            Postgres,
            "UPDATE placements SET retracted_at = {stamp}
             WHERE agency_id = {agency} AND id = ANY ({ids}::uuid[]) AND retracted_at IS NULL
             RETURNING *"
        );
        let retracted = placements::Model::find_by_statement(statement).all(&self.db).await?;
        for placement in &retracted {
            self.moved([placement.employee_id.into()], placement.starts_on);
        }
        if retracted.len() == all.len() { Ok(()) } else { Err(StoreError::Stale) }
    }

    /// Keeps the agency's own dictionaries among `codes`, and what their versions say, from change until this
    /// transaction ends.
    ///
    /// # Errors
    /// The database's.
    pub async fn dictionaries_lock(&self, pass: &Pass, codes: &[&Code]) -> Result<(), StoreError> {
        let agency = pass.agency().uuid();
        let codes: Vec<String> = codes.iter().map(ToString::to_string).collect();
        let dictionaries = raw_sql!(
            Postgres,
            "SELECT id FROM dictionaries WHERE agency_id = {agency} AND code = ANY ({codes}::text[])
             ORDER BY id FOR UPDATE"
        );
        self.db.query_all_raw(dictionaries).await?;
        let drafts = raw_sql!(
            Postgres,
            "SELECT v.id
             FROM dictionary_versions v JOIN dictionaries d ON d.agency_id = v.agency_id AND d.id = v.dictionary_id
             WHERE v.agency_id = {agency} AND d.code = ANY ({codes}::text[]) AND v.state = 'DRAFT'
             ORDER BY v.id FOR UPDATE OF v"
        );
        self.db.query_all_raw(drafts).await?;
        Ok(())
    }

    /// Writes what a draft says of competencies, but not of their levels. Competencies are made with the ids given where
    /// the dictionary has none of their codes. The draft goes to its next version. The caller holds
    /// [`Tx::dictionaries_lock`].
    ///
    /// # Errors
    /// [`StoreError::Stale`] when it is no draft, `Missing("/family")`.
    pub async fn contents_write(
        &self,
        pass: &Pass,
        dictionary: DictionaryId,
        draft: DictionaryVersionId,
        contents: &[Content],
    ) -> Result<(), StoreError> {
        self.draft_next(pass, draft).await?;
        let (agency, dictionary, draft) = (pass.agency().uuid(), dictionary.uuid(), draft.uuid());
        let rows = text(contents.iter().map(|content| {
            json!({
                "id": content.competency, "code": content.code, "name": content.name, "family": content.family,
                "definition": content.definition,
            })
        }));
        let competencies = raw_sql!(
            Postgres,
            "INSERT INTO competencies (agency_id, id, dictionary_id, code)
             SELECT {agency}::uuid, r.id, {dictionary}::uuid, r.code
             FROM json_to_recordset({rows}::json) AS r(id uuid, code text)
             ON CONFLICT ON CONSTRAINT uq_competencies_code DO NOTHING"
        );
        self.db.execute_raw(competencies).await?;
        let statement = raw_sql!(
            Postgres,
            "INSERT INTO competency_contents AS n
                (agency_id, dictionary_version_id, competency_id, name, family, definition)
             SELECT {agency}::uuid, {draft}::uuid, c.id, r.name, r.family, r.definition
             FROM json_to_recordset({rows}::json) AS r(code text, name text, family text, definition text)
             JOIN competencies c ON c.agency_id = {agency} AND c.dictionary_id = {dictionary} AND c.code = r.code
             ON CONFLICT ON CONSTRAINT pk_competency_contents DO UPDATE
             SET name = excluded.name, family = excluded.family, definition = excluded.definition,
                 version = n.version + 1"
        );
        self.db.execute_raw(statement).await?;
        Ok(())
    }

    /// Writes what a draft says of levels of competencies it has. The draft goes to its next version. The caller holds
    /// [`Tx::dictionaries_lock`].
    ///
    /// # Errors
    /// [`StoreError::Stale`] when it is no draft.
    pub async fn levels_write(
        &self,
        pass: &Pass,
        draft: DictionaryVersionId,
        levels: &[(CompetencyId, LevelText)],
    ) -> Result<(), StoreError> {
        self.draft_next(pass, draft).await?;
        let (agency, draft) = (pass.agency().uuid(), draft.uuid());
        let rows = text(levels.iter().map(|(competency, level)| {
            json!({
                "competency_id": competency, "level": level.level, "description": level.description,
                "indicators": level.indicators,
            })
        }));
        let statement = raw_sql!(
            Postgres,
            "INSERT INTO competency_levels
                (agency_id, dictionary_version_id, competency_id, level, description, indicators)
             SELECT {agency}::uuid, {draft}::uuid, r.competency_id, r.level, r.description, r.indicators
             FROM json_to_recordset({rows}::json)
                AS r(competency_id uuid, level smallint, description text, indicators text[])
             ON CONFLICT ON CONSTRAINT pk_competency_levels DO UPDATE
             SET description = excluded.description, indicators = excluded.indicators"
        );
        self.db.execute_raw(statement).await?;
        // A content is written as a whole elsewhere, so its version tells of its levels too.
        let ids: Vec<Uuid> = levels.iter().map(|(competency, _)| competency.uuid()).collect();
        let versions = raw_sql!(
            Postgres,
            "UPDATE competency_contents SET version = version + 1
             WHERE agency_id = {agency} AND dictionary_version_id = {draft} AND competency_id = ANY ({ids}::uuid[])"
        );
        self.db.execute_raw(versions).await?;
        Ok(())
    }

    /// Keeps the numbering of standards of `positions` until this transaction ends.
    ///
    /// # Errors
    /// The database's.
    pub async fn positions_hold(&self, pass: &Pass, positions: &[&Code]) -> Result<(), StoreError> {
        let agency = pass.agency().uuid();
        let codes: Vec<String> = positions.iter().map(ToString::to_string).collect();
        let statement = raw_sql!(
            Postgres,
            "SELECT id FROM positions WHERE agency_id = {agency} AND code = ANY ({codes}::text[])
             ORDER BY id FOR NO KEY UPDATE"
        );
        self.db.query_all_raw(statement).await?;
        Ok(())
    }

    /// Adds standards that are in force, known from this transaction's stamp on, each with the next number of its
    /// position; `number` is not looked at. The caller holds [`Tx::positions_hold`].
    ///
    /// # Errors
    /// `Taken("/valid_from")`, `Missing("/position_id")`, `Missing("/requirements")`, `Taken("/requirements")`.
    pub async fn standards_insert(&self, pass: &Pass, standards: &[Standard]) -> Result<(), StoreError> {
        self.rules_lock().await?;
        let (agency, now, stamp) = (pass.agency().uuid(), self.now(), self.stamp().await?);
        for standard in standards {
            self.position_moved(standard.position, standard.valid_from);
        }
        let rows = text(standards.iter().map(|standard| {
            json!({
                "id": standard.id, "position_id": standard.position, "state": standard.state,
                "valid_from": standard.valid_from, "decree": standard.decree, "verified_by": standard.verified_by,
                "enacted_by": standard.enacted_by,
            })
        }));
        let statement = raw_sql!(
            Postgres,
            "INSERT INTO standards (agency_id, id, position_id, number, state, valid_from, decree, verified_by,
                verified_at, enacted_by, enacted_at, created_at, updated_at)
             SELECT {agency}::uuid, r.id, r.position_id,
                    coalesce((SELECT max(s.number) FROM standards s
                              WHERE s.agency_id = {agency} AND s.position_id = r.position_id), 0)
                        + row_number() OVER (PARTITION BY r.position_id ORDER BY r.valid_from, r.id),
                    r.state, r.valid_from, r.decree, r.verified_by, {stamp}::timestamptz, r.enacted_by, {stamp},
                    {now}::timestamptz, {now}
             FROM json_to_recordset({rows}::json) AS r(id uuid, position_id uuid, state text, valid_from date,
                decree text, verified_by uuid, enacted_by uuid)"
        );
        self.db.execute_raw(statement).await?;
        let rows = text(standards.iter().flat_map(|standard| {
            (1..).zip(&standard.requirements).map(|(ordinal, requirement): (i32, _)| {
                json!({
                    "standard_id": standard.id, "competency_id": requirement.competency,
                    "competency_agency_id": requirement.competency_agency,
                    "dictionary_version_id": requirement.dictionary_version, "ordinal": ordinal,
                    "level": requirement.level, "weight": requirement.weight, "importance": requirement.importance,
                })
            })
        }));
        let requirements = raw_sql!(
            Postgres,
            "INSERT INTO standard_requirements (agency_id, standard_id, competency_id, competency_agency_id,
                dictionary_version_id, ordinal, level, weight, importance)
             SELECT {agency}::uuid, r.standard_id, r.competency_id, r.competency_agency_id, r.dictionary_version_id,
                    r.ordinal, r.level, r.weight, r.importance
             FROM json_to_recordset({rows}::json) AS r(standard_id uuid, competency_id uuid,
                competency_agency_id uuid, dictionary_version_id uuid, ordinal integer, level smallint,
                weight integer, importance text)"
        );
        self.db.execute_raw(requirements).await?;
        Ok(())
    }

    /// Adds assessment events that are signed off as of this transaction's stamp.
    ///
    /// # Errors
    /// The database's.
    pub async fn assessment_events_insert(
        &self,
        pass: &Pass,
        events: &[AssessmentEvent],
    ) -> Result<(), StoreError> {
        let (agency, now, stamp) = (pass.agency().uuid(), self.now(), self.stamp().await?);
        let creator = pass.user().map(UserId::uuid);
        let rows = text(events.iter().map(|event| {
            json!({
                "id": event.id, "purpose": event.purpose, "method": event.method, "provider": event.provider,
                "accreditation": event.accreditation, "assessed_on": event.assessed_on,
                "reference": event.reference, "state": event.state, "signed_off_by": event.signed_off_by,
            })
        }));
        let statement = raw_sql!(
            Postgres,
            "INSERT INTO assessment_events (agency_id, id, purpose, method, provider, accreditation, assessed_on,
                reference, state, created_by, signed_off_by, signed_off_at, created_at, updated_at)
             SELECT {agency}::uuid, r.id, r.purpose, r.method, r.provider, r.accreditation, r.assessed_on, r.reference,
                    r.state, {creator}::uuid, r.signed_off_by, {stamp}::timestamptz, {now}::timestamptz, {now}
             FROM json_to_recordset({rows}::json) AS r(id uuid, purpose text, method text, provider text,
                accreditation text, assessed_on date, reference text, state text, signed_off_by uuid)"
        );
        self.db.execute_raw(statement).await?;
        Ok(())
    }

    /// Adds results of such events: final as of this transaction's stamp.
    ///
    /// # Errors
    /// `Missing("/employee_id")`, `Missing("/competency_id")`.
    pub async fn assessment_results_insert(
        &self,
        pass: &Pass,
        results: &[AssessmentResult],
    ) -> Result<(), StoreError> {
        let (agency, stamp) = (pass.agency().uuid(), self.stamp().await?);
        let rows = text(results.iter().map(|result| {
            json!({
                "id": result.id, "event_id": result.event, "employee_id": result.employee,
                "competency_id": result.competency, "competency_agency_id": result.competency_agency,
                "level": result.level, "evidence": result.evidence, "assessor": result.assessor,
                "assessed_on": result.assessed_on, "valid_until": result.valid_until,
                "counts": result.method.counts(),
            })
        }));
        let statement = raw_sql!(
            Postgres,
            "INSERT INTO assessment_results (agency_id, id, event_id, employee_id, competency_id, competency_agency_id,
                level, evidence, assessor, assessed_on, valid_until, counts, recorded_at)
             SELECT {agency}::uuid, r.id, r.event_id, r.employee_id, r.competency_id, r.competency_agency_id, r.level,
                    r.evidence, r.assessor, r.assessed_on, r.valid_until, r.counts, {stamp}::timestamptz
             FROM json_to_recordset({rows}::json) AS r(id uuid, event_id uuid, employee_id uuid, competency_id uuid,
                competency_agency_id uuid, level smallint, evidence text, assessor text, assessed_on date,
                valid_until date, counts boolean)"
        );
        self.db.execute_raw(statement).await?;
        for result in results.iter().filter(|result| result.method.counts()) {
            self.moved([result.employee], result.assessed_on);
        }
        Ok(())
    }
}

fn unit_json(unit: &Unit) -> Value {
    let Unit { id, code, name, kind, parent, version } = unit;
    json!({"id": id, "code": code, "name": name, "kind": kind, "parent_id": parent, "version": version})
}

fn position_json(position: &Position) -> Value {
    let Position { id, code, name, unit, job_class, is_head, abolished_on: _, version } = position;
    json!({
        "id": id, "code": code, "name": name, "unit_id": unit, "job_class": job_class, "is_head": is_head,
        "version": version,
    })
}

fn employee_json(employee: &Employee) -> Value {
    let Employee { id, nip, name, status, education, appointed_on, superior, version } = employee;
    json!({
        "id": id, "nip": nip, "name": name, "status": status, "education": education,
        "appointed_on": appointed_on, "superior_id": superior, "version": version,
    })
}

/// Fails unless every one of `wanted` rows was written: the others were changed meanwhile.
fn all_of(wanted: usize, done: u64) -> Result<(), StoreError> {
    if u64::try_from(wanted) == Ok(done) { Ok(()) } else { Err(StoreError::Stale) }
}
