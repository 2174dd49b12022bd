//! Templates of development plans, and the work that draws many plans up.

use access::Pass;
use chrono::{DateTime, Utc};
use development::{PlanRubric, PlanTemplate, TemplateFor, TemplateItem};
use entities::plan_templates::{self, Column};
use kernel::{
    AgencyId, EmployeeId, OperationId, OperationPhase, OperationState, Page, PlanId, PlanTemplateId,
    PositionId, UnitId, Version, WorkerId,
};
use sea_orm::ActiveValue::Set;
use sea_orm::sea_query::LockType;
use sea_orm::{
    ColumnTrait as _, ConnectionTrait as _, EntityTrait as _, QueryFilter as _, QueryOrder as _,
    QuerySelect as _, raw_sql,
};
use serde_json::{Value, json};
use uuid::Uuid;
use workforce::JobClass;

use crate::rows::{known, name};
use crate::sentence::Sentence;
use crate::{PageRequest, Reader, Store, StoreError, Tx};

/// Whose plans are drawn up; everything that is given must hold today.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PlanPopulation {
    /// Serving in this unit or in one under it.
    pub within: Option<UnitId>,
    /// Holding a position of this class.
    pub job_class: Option<JobClass>,
    /// Holding this position.
    pub position: Option<PositionId>,
    /// Without a plan for this year that was not given up.
    pub without_plan_for: Option<i32>,
}

fn domain(row: plan_templates::Model) -> Result<PlanTemplate, StoreError> {
    let class = row.job_class.map(|class| known(JobClass::parse(&class), "plan_templates.job_class"));
    let whom = match (class.transpose()?, row.position_id) {
        (Some(class), _) => TemplateFor::Class(class),
        (None, position) => TemplateFor::Position(known(position, "plan_templates.position_id")?.into()),
    };
    let items: Option<Vec<TemplateItem>> = serde_json::from_value(row.items).ok();
    Ok(PlanTemplate {
        id: row.id.into(),
        name: name(row.name),
        whom,
        items: known(items, "plan_templates.items")?,
        retired: row.retired_at.is_some(),
        version: Version::new(row.version),
    })
}

impl Reader<'_> {
    /// One template.
    ///
    /// # Errors
    /// The database's.
    pub async fn plan_template(&self, id: PlanTemplateId) -> Result<Option<PlanTemplate>, StoreError> {
        let row = plan_templates::Entity::find_by_id((self.agency(), id.uuid())).one(&self.db).await?;
        row.map(domain).transpose()
    }

    /// The agency's templates by name.
    ///
    /// # Errors
    /// The database's.
    pub async fn plan_templates(&self, page: &PageRequest) -> Result<Page<PlanTemplate>, StoreError> {
        let mut query = plan_templates::Entity::find()
            .filter(Column::AgencyId.eq(self.agency()))
            .order_by_asc(Column::Name)
            .limit(page.limit.probe());
        if let Some(after) = page.key(0) {
            query = query.filter(Column::Name.gt(after));
        }
        let rows = query.all(&self.db).await?.into_iter().map(domain).collect::<Result<_, _>>()?;
        Ok(Page::cut(rows, page.limit, |row: &PlanTemplate| vec![row.name.to_string()]))
    }

    /// Whether the scope reaches everybody of a unit: the whole agency, or a unit above it.
    ///
    /// # Errors
    /// The database's.
    pub async fn reaches_unit(&self, unit: UnitId) -> Result<bool, StoreError> {
        let people = self.people();
        if people.all {
            return Ok(true);
        }
        let (agency, unit, roots) = (self.agency(), unit.uuid(), people.units);
        let statement = raw_sql!(
            Postgres,
            "SELECT count(*) AS above FROM unit_ancestors
             WHERE agency_id = {agency} AND unit_id = {unit} AND ancestor_id = ANY ({roots})"
        );
        let row = self.db.query_one_raw(statement).await?.ok_or(StoreError::Corrupt("unit_ancestors"))?;
        Ok(row.try_get::<i64>("", "above")? > 0)
    }

    /// People whose plans are drawn up, by id after `after`, at most so many.
    ///
    /// # Errors
    /// The database's.
    pub async fn plan_population(
        &self,
        of: &PlanPopulation,
        after: Option<EmployeeId>,
        most: i64,
    ) -> Result<Vec<EmployeeId>, StoreError> {
        let mut sentence = self.population_sentence("SELECT DISTINCT s.employee_id AS id", of);
        sentence.maybe(" AND s.employee_id > {}", after.map(EmployeeId::uuid));
        sentence.push(" ORDER BY s.employee_id LIMIT {}", [most.into()]);
        let rows = self.db.query_all_raw(sentence.finish()).await?;
        rows.iter().map(|row| Ok(EmployeeId::from(row.try_get::<Uuid>("", "id")?))).collect()
    }

    /// How many people that are.
    ///
    /// # Errors
    /// The database's.
    pub async fn plan_population_count(&self, of: &PlanPopulation) -> Result<i64, StoreError> {
        let sentence = self.population_sentence("SELECT count(DISTINCT s.employee_id) AS people", of);
        let row = self.db.query_one_raw(sentence.finish()).await?.ok_or(StoreError::Corrupt("placements"))?;
        Ok(row.try_get("", "people")?)
    }

    fn population_sentence(&self, select: &str, of: &PlanPopulation) -> Sentence {
        let PlanPopulation { within, job_class, position, without_plan_for } = *of;
        let mut sentence = Sentence::new(
            &format!(
                "{select}
                 FROM placements_on($1, $2, 'infinity') s
                 JOIN positions q ON q.agency_id = $1 AND q.id = s.position_id
                 WHERE true"
            ),
            [self.agency().into(), self.today.into()],
        );
        sentence.maybe(
            " AND q.unit_id = ANY (ARRAY(
                SELECT a.unit_id FROM unit_ancestors a WHERE a.agency_id = $1 AND a.ancestor_id = {}))",
            within.map(UnitId::uuid),
        );
        sentence.maybe(" AND q.job_class = {}", job_class.map(JobClass::as_str));
        sentence.maybe(" AND q.id = {}", position.map(PositionId::uuid));
        sentence.maybe(
            " AND NOT EXISTS (
                SELECT FROM plans p
                WHERE p.agency_id = $1 AND p.employee_id = s.employee_id AND p.year = {} AND p.state <> 'CANCELLED')",
            without_plan_for,
        );
        sentence.within("s.employee_id", self.people());
        sentence
    }

    /// The latest number of each of these people's plans for a year, and the plan that may still be changed, if there is one;
    /// `true` where there is a plan that may not.
    ///
    /// # Errors
    /// The database's.
    pub async fn plans_of(
        &self,
        people: &[EmployeeId],
        year: i32,
    ) -> Result<Vec<(EmployeeId, i32, Option<PlanId>, bool)>, StoreError> {
        let (agency, ids): (_, Vec<Uuid>) = (self.agency(), people.iter().map(|id| id.uuid()).collect());
        let statement = raw_sql!(
            Postgres,
            "SELECT employee_id, max(number) AS number,
                    (array_agg(id) FILTER (WHERE state IN ('DRAFT', 'RETURNED') AND revises_id IS NULL))[1] AS draft,
                    bool_or(state NOT IN ('DRAFT', 'RETURNED', 'CANCELLED')) AS settled
             FROM plans WHERE agency_id = {agency} AND year = {year} AND employee_id = ANY ({ids})
             GROUP BY employee_id"
        );
        let rows = self.db.query_all_raw(statement).await?;
        let row = |row: &sea_orm::QueryResult| -> Result<_, StoreError> {
            Ok((
                EmployeeId::from(row.try_get::<Uuid>("", "employee_id")?),
                row.try_get("", "number")?,
                row.try_get::<Option<Uuid>>("", "draft")?.map(PlanId::from),
                row.try_get("", "settled")?,
            ))
        };
        rows.iter().map(row).collect()
    }
}

impl Tx<'_> {
    /// Adds a template.
    ///
    /// # Errors
    /// `Taken("/name")`, `Missing("/position_id")`.
    pub async fn plan_template_insert(&self, pass: &Pass, template: &PlanTemplate) -> Result<(), StoreError> {
        let row = plan_templates::ActiveModel {
            agency_id: Set(pass.agency().uuid()),
            id: Set(template.id.uuid()),
            version: Set(template.version.get()),
            created_at: Set(self.now()),
            ..self.template_active(template)?
        };
        plan_templates::Entity::insert(row).exec_without_returning(&self.db).await?;
        Ok(())
    }

    fn template_active(&self, template: &PlanTemplate) -> Result<plan_templates::ActiveModel, StoreError> {
        let (class, position) = match template.whom {
            TemplateFor::Class(class) => (Some(class.as_str().to_owned()), None),
            TemplateFor::Position(position) => (None, Some(position.uuid())),
        };
        Ok(plan_templates::ActiveModel {
            name: Set(template.name.to_string()),
            job_class: Set(class),
            position_id: Set(position),
            items: Set(known(serde_json::to_value(&template.items).ok(), "plan_templates.items")?),
            retired_at: Set(template.retired.then(|| self.now())),
            updated_at: Set(self.now()),
            ..Default::default()
        })
    }

    /// Replaces what a template says; `template.version` is the version that was read.
    ///
    /// # Errors
    /// [`StoreError::Stale`], `Taken("/name")`, `Missing("/position_id")`.
    pub async fn plan_template_update(
        &self,
        pass: &Pass,
        template: &PlanTemplate,
    ) -> Result<Version, StoreError> {
        let next = template.version.next();
        let row = plan_templates::ActiveModel { version: Set(next.get()), ..self.template_active(template)? };
        let updated = plan_templates::Entity::update_many()
            .set(row)
            .filter(Column::AgencyId.eq(pass.agency().uuid()))
            .filter(Column::Id.eq(template.id.uuid()))
            .filter(Column::Version.eq(template.version.get()))
            .exec(&self.db)
            .await?;
        if updated.rows_affected == 0 { Err(StoreError::Stale) } else { Ok(next) }
    }

    /// Brings a change of a template into every draft that has items of it, and into no plan that anybody has agreed to or
    /// waits for somebody to, nor into a new version of such a plan: what the template says otherwise than before is changed, what
    /// is gone is taken out, what is new is added as far as there is room. What people filled in beside it stays, and what was
    /// told of stays as an item of their own. Returns how many drafts that were. Drafts are held from here on: one that is being submitted is met before or after.
    ///
    /// # Errors
    /// The database's.
    pub async fn plan_template_spread(
        &self,
        pass: &Pass,
        before: &PlanTemplate,
        after: &PlanTemplate,
    ) -> Result<u64, StoreError> {
        let (agency, now) = (pass.agency().uuid(), self.now());
        let most = i64::from(PlanRubric::MOST_ITEMS);
        let old: Vec<Uuid> = before.items.iter().map(|item| item.id).collect();
        let held = raw_sql!(
            Postgres,
            "SELECT p.id, p.year FROM plans p
             WHERE p.agency_id = {agency} AND p.state IN ('DRAFT', 'RETURNED') AND p.revises_id IS NULL AND EXISTS (
                SELECT FROM plan_items i
                WHERE i.agency_id = {agency} AND i.plan_id = p.id AND i.template_item_id = ANY ({old}))
             ORDER BY p.id FOR NO KEY UPDATE OF p"
        );
        let rows = self.db.query_all_raw(held).await?;
        let mut drafts = Vec::with_capacity(rows.len());
        let mut years = std::collections::BTreeSet::new();
        for row in &rows {
            drafts.push(row.try_get::<Uuid>("", "id")?);
            years.insert(row.try_get::<i32>("", "year")?);
        }
        let new: Vec<Uuid> = after.items.iter().map(|item| item.id).collect();
        let gone = raw_sql!(
            Postgres,
            "DELETE FROM plan_items i
             WHERE i.agency_id = {agency} AND i.plan_id = ANY ({drafts}) AND i.template_item_id = ANY ({old})
               AND NOT i.template_item_id = ANY ({new})
               AND NOT EXISTS (
                SELECT FROM plan_progress t WHERE t.agency_id = i.agency_id AND t.item_id = i.id)
               AND NOT EXISTS (
                SELECT FROM plan_items c WHERE c.agency_id = i.agency_id AND c.carried_from_id = i.id)"
        );
        self.db.execute_raw(gone).await?;
        let left = raw_sql!(
            Postgres,
            "UPDATE plan_items SET template_item_id = NULL
             WHERE agency_id = {agency} AND plan_id = ANY ({drafts}) AND template_item_id = ANY ({old})
               AND NOT template_item_id = ANY ({new})"
        );
        self.db.execute_raw(left).await?;
        for year in years {
            let items = items_for(before, after, year);
            let changed = raw_sql!(
                Postgres,
                "UPDATE plan_items i
                 SET competency_agency_id = CASE WHEN t.step THEN t.competency_agency_id ELSE i.competency_agency_id END,
                     competency_id = CASE WHEN t.step THEN t.competency_id ELSE i.competency_id END,
                     level_from = CASE WHEN t.step AND (i.competency_id IS DISTINCT FROM t.competency_id
                            OR i.level_from >= t.level_to) THEN NULL ELSE i.level_from END,
                     level_to = CASE WHEN t.step THEN t.level_to ELSE i.level_to END,
                     programme_id = CASE WHEN 'PROGRAMME' = ANY (t.changed) THEN t.programme_id ELSE i.programme_id END,
                     class_id = CASE WHEN 'PROGRAMME' = ANY (t.changed)
                        AND i.programme_id IS DISTINCT FROM t.programme_id THEN NULL ELSE i.class_id END,
                     form = CASE WHEN 'FORM' = ANY (t.changed) THEN t.form ELSE i.form END,
                     title = CASE WHEN 'TITLE' = ANY (t.changed) THEN t.title ELSE i.title END,
                     jp = CASE WHEN 'JP' = ANY (t.changed) THEN t.jp ELSE i.jp END,
                     cost = CASE WHEN 'COST' = ANY (t.changed) THEN t.cost ELSE i.cost END,
                     budget = CASE WHEN 'BUDGET' = ANY (t.changed) THEN t.budget ELSE i.budget END,
                     starts_on = CASE WHEN 'DUE' = ANY (t.changed) AND i.starts_on > t.due_on THEN NULL ELSE i.starts_on END,
                     due_on = CASE WHEN 'DUE' = ANY (t.changed) THEN t.due_on ELSE i.due_on END,
                     evidence = CASE WHEN 'EVIDENCE' = ANY (t.changed) THEN t.evidence ELSE i.evidence END,
                     origin = CASE WHEN 'ORIGIN' = ANY (t.changed) THEN t.origin ELSE i.origin END
                 FROM (
                    SELECT t.*, 'STEP' = ANY (t.changed) AS step
                    FROM jsonb_to_recordset({items}::jsonb) AS t(id uuid, changed text[], competency_agency_id uuid,
                        competency_id uuid, level_to smallint, programme_id uuid, form text, title text, jp bigint,
                        cost bigint, budget text, due_on date, evidence text, origin text)
                    WHERE cardinality(t.changed) > 0) t, plans p
                 WHERE i.agency_id = {agency} AND i.template_item_id = t.id AND p.agency_id = {agency}
                   AND p.id = i.plan_id AND p.id = ANY ({drafts}) AND p.year = {year}"
            );
            self.db.execute_raw(changed).await?;
            let added = raw_sql!(
                Postgres,
                "INSERT INTO plan_items (agency_id, id, plan_id, line_id, ordinal, competency_agency_id, competency_id,
                    level_to, programme_id, form, title, jp, cost, budget, due_on, evidence, origin, template_item_id, state,
                    percent, jp_earned, committed, realised)
                 SELECT {agency}, gen_random_uuid(), t.plan_id, gen_random_uuid(), m.last + t.nth, t.competency_agency_id,
                        t.competency_id, t.level_to, t.programme_id, t.form, t.title, t.jp, t.cost, t.budget, t.due_on,
                        t.evidence, t.origin, t.id, 'PLANNED', 0, 0, 0, 0
                 FROM (
                    SELECT p.id AS plan_id, t.*, row_number() OVER (PARTITION BY p.id ORDER BY t.ordinal) AS nth
                    FROM plans p
                    CROSS JOIN jsonb_to_recordset({items}::jsonb) AS t(id uuid, ordinal integer, competency_agency_id uuid,
                            competency_id uuid, level_to smallint, programme_id uuid, form text, title text, jp bigint,
                            cost bigint, budget text, due_on date, evidence text, origin text)
                    WHERE p.agency_id = {agency} AND p.id = ANY ({drafts}) AND p.year = {year}
                      AND NOT EXISTS (
                        SELECT FROM plan_items i
                        WHERE i.agency_id = {agency} AND i.plan_id = p.id AND i.template_item_id = t.id)) t
                 CROSS JOIN LATERAL (
                    SELECT coalesce(max(i.ordinal), 0) AS last, count(*) AS items FROM plan_items i
                    WHERE i.agency_id = {agency} AND i.plan_id = t.plan_id) m
                 WHERE m.items + t.nth <= {most}"
            );
            self.db.execute_raw(added).await?;
        }
        let counted = raw_sql!(
            Postgres,
            "UPDATE plans SET version = version + 1, updated_at = {now}
             WHERE agency_id = {agency} AND id = ANY ({drafts})"
        );
        Ok(self.db.execute_raw(counted).await?.rows_affected())
    }

    /// Holds work that goes on in parts for the length of one part: what the part writes commits only if the work is still
    /// this worker's and was not called off.
    ///
    /// # Errors
    /// [`StoreError::Stale`].
    pub async fn operation_part(
        &self,
        pass: &Pass,
        id: OperationId,
        worker: WorkerId,
        (done, at): (i64, DateTime<Utc>),
    ) -> Result<(), StoreError> {
        let (agency, id, worker) = (pass.agency().uuid(), id.uuid(), worker.uuid());
        let (running, phase) = (OperationState::Running.as_str(), OperationPhase::Writing.as_str());
        let statement = raw_sql!(
            Postgres,
            "UPDATE operations SET phase = {phase}, done = {done}, heartbeat_at = {at}, version = version + 1
             WHERE agency_id = {agency} AND id = {id} AND state = {running} AND worker = {worker}"
        );
        if self.db.execute_raw(statement).await?.rows_affected() == 0 {
            Err(StoreError::Stale)
        } else {
            Ok(())
        }
    }

    /// Keeps these people's plans from being made by others until this transaction ends, in the order of their ids.
    ///
    /// # Errors
    /// The database's.
    pub async fn plans_lock_many(&self, pass: &Pass, people: &[EmployeeId]) -> Result<(), StoreError> {
        let (agency, ids): (_, Vec<Uuid>) =
            (pass.agency().uuid(), people.iter().map(|id| id.uuid()).collect());
        let statement = raw_sql!(
            Postgres,
            "SELECT id FROM employees WHERE agency_id = {agency} AND id = ANY ({ids}) ORDER BY id FOR NO KEY UPDATE"
        );
        self.db.query_all_raw(statement).await?;
        let drafts = raw_sql!(
            Postgres,
            "SELECT id FROM plans
             WHERE agency_id = {agency} AND employee_id = ANY ({ids}) AND state IN ('DRAFT', 'RETURNED')
             ORDER BY id FOR NO KEY UPDATE"
        );
        self.db.query_all_raw(drafts).await?;
        Ok(())
    }

    /// Keeps a template as it is until the transaction ends.
    ///
    /// # Errors
    /// The database's.
    pub async fn plan_template_hold(&self, pass: &Pass, id: PlanTemplateId) -> Result<(), StoreError> {
        let key = (pass.agency().uuid(), id.uuid());
        plan_templates::Entity::find_by_id(key).lock(LockType::Share).one(&self.db).await?;
        Ok(())
    }

    /// Notes by which work these plans were made or changed.
    ///
    /// # Errors
    /// The database's.
    pub async fn plans_worked_on(
        &self,
        pass: &Pass,
        operation: OperationId,
        plans: &[PlanId],
    ) -> Result<(), StoreError> {
        let (agency, operation) = (pass.agency().uuid(), operation.uuid());
        let ids: Vec<Uuid> = plans.iter().map(|id| id.uuid()).collect();
        let statement = raw_sql!(
            Postgres,
            "INSERT INTO plan_work (agency_id, operation_id, plan_id)
             SELECT {agency}, {operation}, id FROM unnest({ids}) AS w(id) ON CONFLICT DO NOTHING"
        );
        self.db.execute_raw(statement).await?;
        Ok(())
    }
}

/// A template's items as a statement takes them, for plans of a year, with what they say otherwise than `before`.
fn items_for(before: &PlanTemplate, after: &PlanTemplate, year: i32) -> Value {
    let row = |(ordinal, item): (i32, &TemplateItem)| {
        let said = item.said(year);
        let old = before.items.iter().find(|old| old.id == item.id);
        let changed = old.map(|old| item.changed_since(old)).unwrap_or_default();
        json!({
            "id": item.id, "ordinal": ordinal, "changed": changed,
            "competency_agency_id": said.step.map(|step| step.competency_agency),
            "competency_id": said.step.map(|step| step.competency),
            "level_to": said.step.map(|step| step.to.get()),
            "programme_id": said.programme, "form": said.form, "title": said.title, "jp": said.jp.count(),
            "cost": said.cost, "budget": said.budget, "due_on": said.due_on, "evidence": said.evidence,
            "origin": said.origin,
        })
    };
    (1..).zip(&after.items).map(row).collect()
}

impl Store {
    /// Ends work that went on in parts. False when it had ended already, or was taken over.
    ///
    /// # Errors
    /// The database's.
    pub async fn operation_done(
        &self,
        agency: AgencyId,
        id: OperationId,
        worker: WorkerId,
        result: Value,
        now: DateTime<Utc>,
    ) -> Result<bool, StoreError> {
        let (agency, id, worker) = (agency.uuid(), id.uuid(), worker.uuid());
        let (succeeded, running) = (OperationState::Succeeded.as_str(), OperationState::Running.as_str());
        let statement = raw_sql!(
            Postgres,
            "UPDATE operations
             SET state = {succeeded}, result = {result}, finished_at = {now}, heartbeat_at = {now}, total = done,
                 version = version + 1
             WHERE agency_id = {agency} AND id = {id} AND state = {running} AND worker = {worker}"
        );
        Ok(self.db.execute_raw(statement).await?.rows_affected() > 0)
    }

    /// What work came to: how many plans it made or changed, their items, and the open gaps without one by reason.
    ///
    /// # Errors
    /// The database's.
    pub async fn plan_work_result(&self, agency: AgencyId, id: OperationId) -> Result<Value, StoreError> {
        let (agency, id) = (agency.uuid(), id.uuid());
        let statement = raw_sql!(
            Postgres,
            "SELECT jsonb_build_object(
                'plans', (SELECT count(*) FROM plan_work w WHERE w.agency_id = {agency} AND w.operation_id = {id}),
                'items', (SELECT count(*) FROM plan_work w
                          JOIN plan_items i ON i.agency_id = w.agency_id AND i.plan_id = w.plan_id
                          WHERE w.agency_id = {agency} AND w.operation_id = {id}),
                'unplanned', (SELECT coalesce(jsonb_object_agg(r.reason, r.gaps), jsonb_build_object()) FROM (
                    SELECT l ->> 'unplanned' AS reason, count(*) AS gaps
                    FROM plan_work w
                    JOIN plan_snapshots s ON s.agency_id = w.agency_id AND s.plan_id = w.plan_id AND s.moment = 'MADE'
                    CROSS JOIN jsonb_array_elements(s.snapshot -> 'lines') l
                    WHERE w.agency_id = {agency} AND w.operation_id = {id} AND l ->> 'unplanned' IS NOT NULL
                    GROUP BY 1) r)) AS result"
        );
        let row = self.db.query_one_raw(statement).await?.ok_or(StoreError::Corrupt("plan_work"))?;
        Ok(row.try_get("", "result")?)
    }
}
