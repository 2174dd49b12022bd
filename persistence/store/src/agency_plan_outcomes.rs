//! What publication makes of an agency plan's places: nominations, and items of people's plans.

use std::collections::{BTreeMap, BTreeSet};

use access::Pass;
use chrono::{DateTime, Utc};
use development::{EnrolmentState, EntryOutcome, NominationOutcome};
use kernel::{
    AgencyId, AgencyPlanId, AgencyPlanItemId, ClassId, EmployeeId, EnrolmentId, Name, Nip, OperationId,
    OperationKind, OperationState, Page, PlanItemId, ProgrammeId,
};
use sea_orm::{ConnectionTrait as _, FromQueryResult, raw_sql};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::rows::{known, name};
use crate::sentence::Sentence;
use crate::{PageRequest, Reader, Store, StoreError, Tx};

/// What became of a place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PlaceOutcome {
    /// Whose.
    pub employee: EmployeeId,
    /// Of the nomination.
    pub nomination: NominationOutcome,
    /// The enrolment it is.
    pub enrolment: Option<EnrolmentId>,
    /// Of the item of their plan.
    pub entry: EntryOutcome,
    /// That item, while it is there.
    pub plan_item: Option<PlanItemId>,
}

/// What publication made of a place before, and what it was made for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PlaceBefore {
    /// What was made.
    pub outcome: PlaceOutcome,
    /// The class of the enrolment, as long as that stands. What publication made and somebody gave up stands as well: that was
    /// decided.
    pub class: Option<ClassId>,
    /// The programme the item had.
    pub programme: Option<ProgrammeId>,
}

/// A place of a plan, and what publication made of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlaceRow {
    /// The item.
    pub item: AgencyPlanItemId,
    /// What is to be done.
    pub title: Option<Name>,
    /// Whose.
    pub employee: EmployeeId,
    /// Identity number.
    pub nip: Nip,
    /// Name.
    pub name: Name,
    /// Whether this version has it: a version before it may have made a nomination that no version has any more.
    pub planned: bool,
    /// What publication made of it; none before it did.
    pub outcome: Option<(PlaceOutcome, DateTime<Utc>)>,
    /// Where the enrolment stands now.
    pub enrolment_state: Option<EnrolmentState>,
}

#[derive(FromQueryResult)]
struct OutcomeRow {
    employee_id: Uuid,
    nomination: String,
    enrolment_id: Option<Uuid>,
    entry: String,
    plan_item_id: Option<Uuid>,
}

#[derive(FromQueryResult)]
struct BeforeRow {
    #[sea_orm(nested)]
    outcome: OutcomeRow,
    class_id: Option<Uuid>,
    programme_id: Option<Uuid>,
}

#[derive(FromQueryResult)]
struct Row {
    item_id: Uuid,
    title: Option<String>,
    employee_id: Uuid,
    nip: String,
    name: String,
    planned: bool,
    nomination: Option<String>,
    enrolment_id: Option<Uuid>,
    entry: Option<String>,
    plan_item_id: Option<Uuid>,
    at: Option<DateTime<Utc>>,
    enrolment_state: Option<String>,
}

fn outcome(row: OutcomeRow) -> Result<PlaceOutcome, StoreError> {
    Ok(PlaceOutcome {
        employee: row.employee_id.into(),
        nomination: known(NominationOutcome::parse(&row.nomination), "agency_plan_outcomes.nomination")?,
        enrolment: row.enrolment_id.map(EnrolmentId::from),
        entry: known(EntryOutcome::parse(&row.entry), "agency_plan_outcomes.entry")?,
        plan_item: row.plan_item_id.map(PlanItemId::from),
    })
}

fn place(row: Row) -> Result<PlaceRow, StoreError> {
    let Row {
        item_id,
        title,
        employee_id,
        nip,
        name: called,
        planned,
        nomination,
        enrolment_id,
        entry,
        plan_item_id,
        at,
        enrolment_state,
    } = row;
    let made = match (nomination, entry, at) {
        (Some(nomination), Some(entry), Some(at)) => {
            let row = OutcomeRow { employee_id, nomination, enrolment_id, entry, plan_item_id };
            Some((outcome(row)?, at))
        }
        _ => None,
    };
    let state = enrolment_state.map(|text| known(EnrolmentState::parse(&text), "enrolments.state"));
    Ok(PlaceRow {
        item: item_id.into(),
        title: title.map(name),
        employee: employee_id.into(),
        nip: Nip::stored(nip),
        name: name(called),
        planned,
        outcome: made,
        enrolment_state: state.transpose()?,
    })
}

impl Reader<'_> {
    /// Places of a plan and what publication made of them, by item and person; with those that a version before it had and
    /// something was made of. The caller has found the plan.
    ///
    /// # Errors
    /// The database's.
    pub async fn agency_plan_places(
        &self,
        plan: AgencyPlanId,
        item: Option<AgencyPlanItemId>,
        page: &PageRequest,
    ) -> Result<Page<PlaceRow>, StoreError> {
        let mut sentence = Sentence::new(
            "SELECT w.*, e.nip, e.name, n.state AS enrolment_state
             FROM (
                SELECT t.item_id, coalesce(i.title, agency_plan_offer(i) ->> 'name') AS title, t.employee_id, true AS planned, o.nomination,
                       o.enrolment_id, o.entry, o.plan_item_id, o.at
                FROM agency_plan_targets t
                JOIN agency_plan_items i ON i.agency_id = t.agency_id AND i.plan_id = t.plan_id AND i.id = t.item_id
                LEFT JOIN agency_plan_outcomes o ON o.agency_id = t.agency_id AND o.item_id = t.item_id
                    AND o.employee_id = t.employee_id
                WHERE t.agency_id = $1 AND t.plan_id = $2
                UNION ALL
                SELECT o.item_id, coalesce(i.title, agency_plan_offer(i) ->> 'name'), o.employee_id, false, o.nomination, o.enrolment_id, o.entry,
                       o.plan_item_id, o.at
                FROM agency_plans p
                JOIN agency_plans b ON b.agency_id = p.agency_id AND b.year = p.year
                    AND b.unit_id IS NOT DISTINCT FROM p.unit_id AND b.number < p.number
                JOIN agency_plan_outcomes o ON o.agency_id = b.agency_id AND o.plan_id = b.id
                JOIN agency_plan_items i ON i.agency_id = o.agency_id AND i.plan_id = o.plan_id AND i.id = o.item_id
                WHERE p.agency_id = $1 AND p.id = $2 AND (o.enrolment_id IS NOT NULL OR o.plan_item_id IS NOT NULL)
                  AND NOT EXISTS (
                    SELECT FROM agency_plan_targets t WHERE t.agency_id = o.agency_id AND t.plan_id = p.id
                        AND t.item_id = o.item_id AND t.employee_id = o.employee_id)) w
             JOIN employees e ON e.agency_id = $1 AND e.id = w.employee_id
             LEFT JOIN enrolments n ON n.agency_id = $1 AND n.id = w.enrolment_id
             WHERE true",
            [self.agency().into(), plan.uuid().into()],
        );
        sentence.maybe(" AND w.item_id = {}", item.map(AgencyPlanItemId::uuid));
        if let (Some(item), Some(employee)) = (page.id(0), page.id(1)) {
            sentence.push(" AND (w.item_id, w.employee_id) > ({}, {})", [item.into(), employee.into()]);
        }
        sentence.push(" ORDER BY w.item_id, w.employee_id LIMIT {}", [page.probe().into()]);
        let rows = Row::find_by_statement(sentence.finish()).all(&self.db).await?;
        let rows = rows.into_iter().map(place).collect::<Result<_, _>>()?;
        Ok(Page::cut(rows, page.limit, |row: &PlaceRow| vec![row.item.to_string(), row.employee.to_string()]))
    }

    /// The work that publishes a plan now, if any does. Asked under the plan's lock, which whoever begins such work holds.
    ///
    /// # Errors
    /// The database's.
    pub async fn agency_plan_publication(
        &self,
        plan: AgencyPlanId,
    ) -> Result<Option<OperationId>, StoreError> {
        let (agency, plan) = (self.agency(), plan.to_string());
        let (kind, running) =
            (OperationKind::AgencyPlanPublication.as_str(), OperationState::Running.as_str());
        let statement = raw_sql!(
            Postgres,
            "SELECT id FROM operations
             WHERE agency_id = {agency} AND kind = {kind} AND state = {running} AND input ->> 'plan' = {plan}
             ORDER BY id LIMIT 1"
        );
        let row = self.db.query_one_raw(statement).await?;
        row.map(|row| Ok(OperationId::from(row.try_get::<Uuid>("", "id")?))).transpose()
    }

    /// The next people of one item of a plan that neither this work nor any begun after it has come to yet, at most so many; and
    /// how many places are left in all.
    ///
    /// # Errors
    /// The database's.
    pub async fn agency_plan_pending(
        &self,
        plan: AgencyPlanId,
        operation: OperationId,
        most: i64,
    ) -> Result<(Option<AgencyPlanItemId>, Vec<EmployeeId>, i64), StoreError> {
        let (agency, plan, operation) = (self.agency(), plan.uuid(), operation.uuid());
        let statement = raw_sql!(
            Postgres,
            "WITH pending AS (
                SELECT i.ordinal, t.item_id, t.employee_id
                FROM agency_plan_targets t
                JOIN agency_plan_items i ON i.agency_id = t.agency_id AND i.plan_id = t.plan_id AND i.id = t.item_id
                WHERE t.agency_id = {agency} AND t.plan_id = {plan} AND NOT EXISTS (
                    SELECT FROM agency_plan_outcomes o WHERE o.agency_id = t.agency_id AND o.item_id = t.item_id
                        AND o.employee_id = t.employee_id AND o.operation_id >= {operation})),
             next AS (SELECT item_id FROM pending ORDER BY ordinal LIMIT 1)
             SELECT (SELECT count(*) FROM pending) AS open, p.item_id, p.employee_id
             FROM pending p JOIN next ON next.item_id = p.item_id
             ORDER BY p.employee_id LIMIT {most}"
        );
        let rows = self.db.query_all_raw(statement).await?;
        let (mut item, mut people, mut open) = (None, Vec::with_capacity(rows.len()), 0);
        for row in &rows {
            item = Some(AgencyPlanItemId::from(row.try_get::<Uuid>("", "item_id")?));
            people.push(EmployeeId::from(row.try_get::<Uuid>("", "employee_id")?));
            open = row.try_get("", "open")?;
        }
        Ok((item, people, open))
    }

    /// What publication made of these people's places on an item before, over all versions of the plan.
    ///
    /// # Errors
    /// The database's.
    pub async fn agency_plan_outcomes(
        &self,
        item: AgencyPlanItemId,
        people: &[EmployeeId],
    ) -> Result<BTreeMap<EmployeeId, PlaceBefore>, StoreError> {
        let (agency, item) = (self.agency(), item.uuid());
        let ids: Vec<Uuid> = people.iter().map(|id| id.uuid()).collect();
        let statement = raw_sql!(
            Postgres,
            "SELECT o.employee_id, o.nomination, o.enrolment_id, o.entry, o.plan_item_id, n.class_id, i.programme_id
             FROM agency_plan_outcomes o
             JOIN agency_plan_items i ON i.agency_id = o.agency_id AND i.plan_id = o.plan_id AND i.id = o.item_id
             LEFT JOIN enrolments n ON n.agency_id = o.agency_id AND n.id = o.enrolment_id
                AND (n.state NOT IN ('REFUSED', 'CANCELLED') OR (n.cause = 'WITHDRAWN' AND o.nomination <> 'ALREADY'))
             WHERE o.agency_id = {agency} AND o.item_id = {item} AND o.employee_id = ANY ({ids})"
        );
        let rows = BeforeRow::find_by_statement(statement).all(&self.db).await?;
        let before = |BeforeRow { outcome: row, class_id, programme_id }: BeforeRow| {
            let (class, programme) = (class_id.map(ClassId::from), programme_id.map(ProgrammeId::from));
            Ok((row.employee_id.into(), PlaceBefore { outcome: outcome(row)?, class, programme }))
        };
        rows.into_iter().map(before).collect()
    }

    /// The item of each of these people's plans for a year that has the programme, whatever the plan's state, unless it was
    /// given up.
    ///
    /// # Errors
    /// The database's.
    pub async fn planned_already(
        &self,
        people: &[EmployeeId],
        year: i32,
        programme: ProgrammeId,
    ) -> Result<BTreeMap<EmployeeId, PlanItemId>, StoreError> {
        let (agency, programme) = (self.agency(), programme.uuid());
        let ids: Vec<Uuid> = people.iter().map(|id| id.uuid()).collect();
        let statement = raw_sql!(
            Postgres,
            "SELECT DISTINCT ON (p.employee_id) p.employee_id, i.id
             FROM plans p
             JOIN plan_items i ON i.agency_id = p.agency_id AND i.plan_id = p.id
             WHERE p.agency_id = {agency} AND p.year = {year} AND p.employee_id = ANY ({ids})
               AND p.state NOT IN ('CANCELLED', 'SUPERSEDED') AND i.programme_id = {programme} AND i.state <> 'DROPPED'
             ORDER BY p.employee_id, p.number DESC, i.ordinal"
        );
        let rows = self.db.query_all_raw(statement).await?;
        let row = |row: &sea_orm::QueryResult| -> Result<_, StoreError> {
            let (employee, item): (Uuid, Uuid) = (row.try_get("", "employee_id")?, row.try_get("", "id")?);
            Ok((employee.into(), item.into()))
        };
        rows.iter().map(row).collect()
    }

    /// Somebody's live enrolment in a class, or the one they ended it with.
    ///
    /// # Errors
    /// The database's.
    pub async fn enrolment_of(
        &self,
        employee: EmployeeId,
        class: ClassId,
    ) -> Result<Option<EnrolmentId>, StoreError> {
        let (agency, employee, class) = (self.agency(), employee.uuid(), class.uuid());
        let statement = raw_sql!(
            Postgres,
            "SELECT id FROM enrolments
             WHERE agency_id = {agency} AND class_id = {class} AND employee_id = {employee}
               AND state NOT IN ('REFUSED', 'CANCELLED')"
        );
        let row = self.db.query_one_raw(statement).await?;
        row.map(|row| Ok(EnrolmentId::from(row.try_get::<Uuid>("", "id")?))).transpose()
    }

    /// Items of a plan that were begun with, in this version of it or one before: somebody was nominated, or money was spent.
    ///
    /// # Errors
    /// The database's.
    pub async fn agency_plan_items_begun(
        &self,
        plan: AgencyPlanId,
    ) -> Result<BTreeSet<AgencyPlanItemId>, StoreError> {
        let (agency, plan) = (self.agency(), plan.uuid());
        let statement = raw_sql!(
            Postgres,
            "SELECT i.id FROM agency_plan_items i
             WHERE i.agency_id = {agency} AND i.plan_id = {plan}
               AND (EXISTS (SELECT FROM agency_plan_outcomes o WHERE o.agency_id = i.agency_id AND o.item_id = i.id)
                    OR EXISTS (SELECT FROM agency_plan_realisations r
                               WHERE r.agency_id = i.agency_id AND r.item_id = i.id))"
        );
        let rows = self.db.query_all_raw(statement).await?;
        rows.iter().map(|row| Ok(AgencyPlanItemId::from(row.try_get::<Uuid>("", "id")?))).collect()
    }
}

impl Tx<'_> {
    /// Keeps what publication made of places on an item.
    ///
    /// # Errors
    /// The database's.
    pub async fn agency_plan_outcomes_put(
        &self,
        pass: &Pass,
        (plan, item, operation): (AgencyPlanId, AgencyPlanItemId, OperationId),
        outcomes: &[PlaceOutcome],
    ) -> Result<(), StoreError> {
        let (agency, now) = (pass.agency().uuid(), self.now());
        let (plan, item, operation) = (plan.uuid(), item.uuid(), operation.uuid());
        let row = |outcome: &PlaceOutcome| {
            let PlaceOutcome { employee, nomination, enrolment, entry, plan_item } = outcome;
            json!({"employee_id": employee, "nomination": nomination, "enrolment_id": enrolment, "entry": entry,
                "plan_item_id": plan_item})
        };
        let rows: Value = outcomes.iter().map(row).collect();
        let statement = raw_sql!(
            Postgres,
            "INSERT INTO agency_plan_outcomes (agency_id, item_id, employee_id, plan_id, operation_id, nomination, enrolment_id,
                entry, plan_item_id, at)
             SELECT {agency}, {item}, o.employee_id, {plan}, {operation}, o.nomination, o.enrolment_id, o.entry,
                    o.plan_item_id, {now}
             FROM jsonb_to_recordset({rows}::jsonb) AS o(employee_id uuid, nomination text, enrolment_id uuid, entry text,
                plan_item_id uuid)
             ON CONFLICT ON CONSTRAINT pk_agency_plan_outcomes DO UPDATE
             SET plan_id = excluded.plan_id, operation_id = excluded.operation_id, nomination = excluded.nomination,
                 enrolment_id = excluded.enrolment_id, entry = excluded.entry, plan_item_id = excluded.plan_item_id,
                 at = excluded.at"
        );
        self.db.execute_raw(statement).await?;
        Ok(())
    }
}

impl Store {
    /// What publication came to: places by what became of their nominations, and of the items of people's plans.
    ///
    /// # Errors
    /// The database's.
    pub async fn agency_plan_publication_result(
        &self,
        agency: AgencyId,
        id: OperationId,
    ) -> Result<Value, StoreError> {
        let (agency, id) = (agency.uuid(), id.uuid());
        let statement = raw_sql!(
            Postgres,
            "WITH made AS (
                SELECT nomination, entry FROM agency_plan_outcomes
                WHERE agency_id = {agency} AND operation_id = {id})
             SELECT jsonb_build_object('places', (SELECT count(*) FROM made),
                'nominations', (SELECT coalesce(jsonb_object_agg(n.nomination, n.places), jsonb_build_object())
                    FROM (SELECT nomination, count(*) AS places FROM made GROUP BY 1) n),
                'entries', (SELECT coalesce(jsonb_object_agg(n.entry, n.places), jsonb_build_object())
                    FROM (SELECT entry, count(*) AS places FROM made GROUP BY 1) n)) AS result"
        );
        let row =
            self.db.query_one_raw(statement).await?.ok_or(StoreError::Corrupt("agency_plan_outcomes"))?;
        Ok(row.try_get("", "result")?)
    }
}
