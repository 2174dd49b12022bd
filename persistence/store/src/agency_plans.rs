//! Agency plans: versions for a year and scope, and the ceilings of units.

use access::Pass;
use chrono::{DateTime, Utc};
use development::{AgencyPlan, AgencyPlanDraft, AgencyPlanState, UnitCeiling};
use kernel::{AgencyPlanId, Code, Name, Page, Rupiah, UnitId, UserId, Version};
use sea_orm::{ConnectionTrait as _, FromQueryResult, raw_sql};
use serde::Deserialize;
use serde_json::Value;
use uuid::Uuid;

use crate::rows::{code, known, long_text, name};
use crate::sentence::Sentence;
use crate::{PageRequest, Reader, StoreError, Tx};

/// Which agency plans a list holds; everything that is given must hold.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct AgencyPlanFilter {
    /// For this year.
    pub year: Option<i32>,
    /// In this state.
    pub state: Option<AgencyPlanState>,
    /// For this unit.
    pub unit: Option<UnitId>,
}

/// An agency plan with what a reader needs to know of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AgencyPlanRow {
    /// The plan.
    pub plan: AgencyPlan,
    /// Code and name of the unit it is for.
    pub unit: Option<(Code, Name)>,
    /// Lines of its budget.
    pub lines: i64,
    /// What they come to.
    pub budget: Rupiah,
    /// Its items.
    pub items: i64,
    /// Places in them.
    pub places: i64,
    /// People who have one or more.
    pub people: i64,
}

#[derive(FromQueryResult)]
struct Row {
    id: Uuid,
    year: i32,
    unit_id: Option<Uuid>,
    number: i32,
    revises_id: Option<Uuid>,
    name: String,
    objective: Option<String>,
    state: String,
    prepared_by: Option<Uuid>,
    prepared_at: Option<DateTime<Utc>>,
    set_by: Option<Uuid>,
    set_at: Option<DateTime<Utc>>,
    version: i64,
    unit_code: Option<String>,
    unit_name: Option<String>,
    ceilings: Value,
    lines: i64,
    budget: i64,
    items: i64,
    places: i64,
    people: i64,
}

#[derive(Deserialize)]
struct CeilingJson {
    unit: UnitId,
    amount: Rupiah,
}

pub(crate) fn read<T: for<'a> Deserialize<'a>>(value: Value, column: &'static str) -> Result<T, StoreError> {
    known(serde_json::from_value(value).ok(), column)
}

pub(crate) fn pair(code_text: Option<String>, name_text: Option<String>) -> Option<(Code, Name)> {
    Some((code(code_text?), name(name_text?)))
}

pub(crate) fn state(text: &str) -> Result<AgencyPlanState, StoreError> {
    known(AgencyPlanState::parse(text), "agency_plans.state")
}

fn plan_row(row: Row) -> Result<AgencyPlanRow, StoreError> {
    let ceilings: Vec<CeilingJson> = read(row.ceilings, "agency_plan_ceilings")?;
    let ceiling = |CeilingJson { unit, amount }: CeilingJson| UnitCeiling { unit, amount };
    Ok(AgencyPlanRow {
        plan: AgencyPlan {
            id: row.id.into(),
            year: row.year,
            unit: row.unit_id.map(UnitId::from),
            number: row.number,
            revises: row.revises_id.map(AgencyPlanId::from),
            state: state(&row.state)?,
            said: AgencyPlanDraft {
                name: name(row.name),
                objective: row.objective.map(long_text),
                ceilings: ceilings.into_iter().map(ceiling).collect(),
            },
            prepared: row.prepared_by.map(UserId::from).zip(row.prepared_at),
            set: row.set_by.map(UserId::from).zip(row.set_at),
            version: Version::new(row.version),
        },
        unit: pair(row.unit_code, row.unit_name),
        lines: row.lines,
        budget: Rupiah::stored(row.budget),
        items: row.items,
        places: row.places,
        people: row.people,
    })
}

impl Reader<'_> {
    /// One agency plan.
    ///
    /// # Errors
    /// The database's.
    pub async fn agency_plan(&self, id: AgencyPlanId) -> Result<Option<AgencyPlanRow>, StoreError> {
        let mut sentence = self.agency_plan_sentence();
        sentence.push(" AND p.id = {}", [id.uuid().into()]);
        Row::find_by_statement(sentence.finish()).one(&self.db).await?.map(plan_row).transpose()
    }

    /// The agency's plans, oldest first.
    ///
    /// # Errors
    /// The database's.
    pub async fn agency_plans(
        &self,
        filter: &AgencyPlanFilter,
        page: &PageRequest,
    ) -> Result<Page<AgencyPlanRow>, StoreError> {
        let AgencyPlanFilter { year, state, unit } = *filter;
        let mut sentence = self.agency_plan_sentence();
        sentence.maybe(" AND p.year = {}", year);
        sentence.maybe(" AND p.state = {}", state.map(AgencyPlanState::as_str));
        sentence.maybe(" AND p.unit_id = {}", unit.map(UnitId::uuid));
        sentence.maybe(" AND p.id > {}", page.id(0));
        sentence.push(" ORDER BY p.id LIMIT {}", [page.probe().into()]);
        let rows = Row::find_by_statement(sentence.finish()).all(&self.db).await?;
        let rows = rows.into_iter().map(plan_row).collect::<Result<_, _>>()?;
        Ok(Page::cut(rows, page.limit, |row: &AgencyPlanRow| vec![row.plan.id.to_string()]))
    }

    fn agency_plan_sentence(&self) -> Sentence {
        Sentence::new(
            "SELECT p.*, u.code AS unit_code, u.name AS unit_name,
                    (SELECT coalesce(jsonb_agg(jsonb_build_object('unit', c.unit_id, 'amount', c.amount) ORDER BY c.unit_id),
                            '[]')
                     FROM agency_plan_ceilings c WHERE c.agency_id = p.agency_id AND c.plan_id = p.id) AS ceilings,
                    l.lines, l.budget, t.items, t.places, t.people
             FROM agency_plans p
             LEFT JOIN units u ON u.agency_id = p.agency_id AND u.id = p.unit_id
             CROSS JOIN LATERAL (
                SELECT count(*) AS lines, coalesce(sum(l.amount), 0)::bigint AS budget
                FROM agency_plan_budget_lines l WHERE l.agency_id = p.agency_id AND l.plan_id = p.id) l
             CROSS JOIN LATERAL (
                SELECT (SELECT count(*) FROM agency_plan_items i WHERE i.agency_id = p.agency_id AND i.plan_id = p.id) AS items,
                       count(*) AS places, count(DISTINCT t.employee_id) AS people
                FROM agency_plan_targets t WHERE t.agency_id = p.agency_id AND t.plan_id = p.id) t
             WHERE p.agency_id = $1",
            [self.agency().into()],
        )
    }

    /// The versions of the plan for a year and scope, latest first.
    ///
    /// # Errors
    /// The database's.
    pub async fn agency_plan_versions(
        &self,
        year: i32,
        unit: Option<UnitId>,
    ) -> Result<Vec<(AgencyPlanId, i32, AgencyPlanState)>, StoreError> {
        let (agency, unit) = (self.agency(), unit.map(UnitId::uuid));
        let statement = raw_sql!(
            Postgres,
            "SELECT id, number, state FROM agency_plans
             WHERE agency_id = {agency} AND year = {year} AND unit_id IS NOT DISTINCT FROM {unit}
             ORDER BY number DESC"
        );
        let rows = self.db.query_all_raw(statement).await?;
        let row = |row: &sea_orm::QueryResult| -> Result<_, StoreError> {
            let text: String = row.try_get("", "state")?;
            let id: Uuid = row.try_get("", "id")?;
            Ok((id.into(), row.try_get("", "number")?, state(&text)?))
        };
        rows.iter().map(row).collect()
    }
}

impl Tx<'_> {
    /// Keeps the plans of a year and scope from being made by others until this transaction ends.
    ///
    /// # Errors
    /// The database's.
    pub async fn agency_plans_lock(&self, pass: &Pass, year: i32) -> Result<(), StoreError> {
        let key = format!("{} agency plans {year}", pass.agency());
        let statement = raw_sql!(Postgres, "SELECT pg_advisory_xact_lock(hashtextextended({key}, 0))");
        self.db.query_all_raw(statement).await?;
        Ok(())
    }

    /// Keeps a plan from change until this transaction ends.
    ///
    /// # Errors
    /// The database's.
    pub async fn agency_plan_lock(&self, pass: &Pass, id: AgencyPlanId) -> Result<(), StoreError> {
        let (agency, id) = (pass.agency().uuid(), id.uuid());
        let statement = raw_sql!(
            Postgres,
            "SELECT 1 FROM agency_plans WHERE agency_id = {agency} AND id = {id} FOR NO KEY UPDATE"
        );
        self.db.query_all_raw(statement).await?;
        Ok(())
    }

    /// Adds a plan, without lines and items.
    ///
    /// # Errors
    /// `Missing("/unit_id")`, `Missing("/ceilings")`; `Taken("/year")` when one is drawn up already.
    pub async fn agency_plan_insert(&self, pass: &Pass, plan: &AgencyPlan) -> Result<(), StoreError> {
        let (agency, id, now) = (pass.agency().uuid(), plan.id.uuid(), self.now());
        let (year, number, version) = (plan.year, plan.number, plan.version.get());
        let (unit, revises) = (plan.unit.map(UnitId::uuid), plan.revises.map(AgencyPlanId::uuid));
        let (called, state) = (plan.said.name.as_str(), plan.state.as_str());
        let objective = plan.said.objective.as_ref().map(ToString::to_string);
        let statement = raw_sql!(
            Postgres,
            "INSERT INTO agency_plans (agency_id, id, year, unit_id, number, revises_id, name, objective, state, version,
                created_at, updated_at)
             VALUES ({agency}, {id}, {year}, {unit}, {number}, {revises}, {called}, {objective}, {state}, {version}, {now},
                {now})"
        );
        self.db.execute_raw(statement).await?;
        self.ceilings_put(pass, plan).await
    }

    async fn ceilings_put(&self, pass: &Pass, plan: &AgencyPlan) -> Result<(), StoreError> {
        let (agency, id) = (pass.agency().uuid(), plan.id.uuid());
        let gone = raw_sql!(
            Postgres,
            "DELETE FROM agency_plan_ceilings WHERE agency_id = {agency} AND plan_id = {id}"
        );
        self.db.execute_raw(gone).await?;
        let units: Vec<Uuid> = plan.said.ceilings.iter().map(|one| one.unit.uuid()).collect();
        let amounts: Vec<i64> = plan.said.ceilings.iter().map(|one| one.amount.amount()).collect();
        let sentence = Sentence::new(
            "INSERT INTO agency_plan_ceilings (agency_id, plan_id, unit_id, amount)
             SELECT $1, $2, c.unit_id, c.amount FROM unnest($3::uuid[], $4::bigint[]) c (unit_id, amount)",
            [agency.into(), id.into(), units.into(), amounts.into()],
        );
        self.db.execute_raw(sentence.finish()).await?;
        Ok(())
    }

    /// Replaces what a plan says of itself, its ceilings only where `said`; `plan.version` is the version that was read.
    ///
    /// # Errors
    /// [`StoreError::Stale`]; those of [`Tx::agency_plan_insert`].
    pub async fn agency_plan_update(
        &self,
        pass: &Pass,
        plan: &AgencyPlan,
        said: bool,
    ) -> Result<Version, StoreError> {
        let (agency, id, now) = (pass.agency().uuid(), plan.id.uuid(), self.now());
        let (seen, next) = (plan.version.get(), plan.version.next());
        let (called, state) = (plan.said.name.as_str(), plan.state.as_str());
        let objective = plan.said.objective.as_ref().map(ToString::to_string);
        let (prepared_by, prepared_at) = plan.prepared.map(|(by, at)| (by.uuid(), at)).unzip();
        let (set_by, set_at) = plan.set.map(|(by, at)| (by.uuid(), at)).unzip();
        let version = next.get();
        let statement = raw_sql!(
            Postgres,
            "UPDATE agency_plans
             SET name = {called}, objective = {objective}, state = {state}, prepared_by = {prepared_by},
                 prepared_at = {prepared_at}, set_by = {set_by}, set_at = {set_at}, version = {version},
                 updated_at = {now}
             WHERE agency_id = {agency} AND id = {id} AND version = {seen}"
        );
        if self.db.execute_raw(statement).await?.rows_affected() == 0 {
            return Err(StoreError::Stale);
        }
        if said {
            self.ceilings_put(pass, plan).await?;
        }
        Ok(next)
    }

    /// Puts the version in force out of use, before another takes its place.
    ///
    /// # Errors
    /// [`StoreError::Stale`] when it is not in force any more.
    pub async fn agency_plan_supersede(&self, pass: &Pass, old: AgencyPlanId) -> Result<(), StoreError> {
        let (agency, old, now) = (pass.agency().uuid(), old.uuid(), self.now());
        let statement = raw_sql!(
            Postgres,
            "UPDATE agency_plans SET state = 'SUPERSEDED', version = version + 1, updated_at = {now}
             WHERE agency_id = {agency} AND id = {old} AND state = 'SET'"
        );
        if self.db.execute_raw(statement).await?.rows_affected() == 0 {
            Err(StoreError::Stale)
        } else {
            Ok(())
        }
    }
}
