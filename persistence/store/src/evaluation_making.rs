//! The making of the tasks of evaluation, from how a class stands.

use std::collections::BTreeMap;

use access::Pass;
use chrono::{DateTime, Utc};
use development::{
    ClassState, EvaluatedClass, EvaluationChange, EvaluationVoid, Participation, StandingTask,
};
use entities::{evaluation_tasks, evaluations};
use kernel::{AgencyId, AgencyZone, ClassId, EvaluationTaskId, PolicyId, Version};
use sea_orm::ActiveValue::Set;
use sea_orm::sea_query::OnConflict;
use sea_orm::{ConnectionTrait as _, EntityTrait as _, QueryResult, raw_sql};
use uuid::Uuid;

use crate::evaluation_tasks::{instrument, void};
use crate::rows::known;
use crate::{Store, StoreError, Tx};

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
}
