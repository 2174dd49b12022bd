//! What a check of an installation asks the database.

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use kernel::{AgencyId, EmployeeId, OperationState};
use sea_orm::{ConnectionTrait as _, FromQueryResult, raw_sql};
use uuid::Uuid;

use crate::{Store, StoreError};

/// People whose rows are compared by one statement.
const PART: i64 = 1000;

/// How many people with a wrong row are named.
const NAMED: usize = 10;

/// How the gap model of an agency compares with the facts.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ModelCheck {
    /// People looked at.
    pub people: u64,
    /// Those whose row is due: it is not read, and nothing can be wrong with it.
    pub due: u64,
    /// Those whose row is not what the facts say.
    pub wrong: u64,
    /// Some of these.
    pub named: Vec<EmployeeId>,
    /// Sums that are not those of the rows.
    pub sums: u64,
}

impl ModelCheck {
    /// Whether nothing is wrong.
    #[must_use]
    pub const fn is_well(&self) -> bool {
        self.wrong == 0 && self.sums == 0
    }
}

#[derive(FromQueryResult)]
struct ComparedRow {
    id: Uuid,
    due: bool,
    wrong: bool,
}

impl Store {
    /// Computes the gap model of an agency from the facts once more, and compares. Others may write meanwhile.
    ///
    /// # Errors
    /// The database's.
    pub async fn gap_model_check(
        &self,
        agency: AgencyId,
        today: NaiveDate,
    ) -> Result<ModelCheck, StoreError> {
        let (agency, mut check, mut after) = (agency.uuid(), ModelCheck::default(), Uuid::nil());
        loop {
            let part = raw_sql!(
                Postgres,
                "WITH people AS MATERIALIZED (
                    SELECT id FROM employees WHERE agency_id = {agency} AND id > {after} ORDER BY id LIMIT {PART})
                 SELECT f.employee_id AS id,
                        m.built < m.changes OR (g.holds_until <= {today} OR g.computed_on > {today}) IS TRUE AS due,
                        CASE WHEN g.employee_id IS NULL THEN f.position_id IS NOT NULL ELSE
                            (f.holds_until, f.position_id, f.standard_id, f.policy_id, f.competency_agency_ids,
                             f.competency_ids, f.standings, f.result_ids, f.event_ids, f.levels, f.methods, f.purposes,
                             f.assessed_on, f.valid_until, f.recorded_at, f.lasts_until, f.filling, f.mapping)
                            IS DISTINCT FROM
                            (g.holds_until, g.position_id, g.standard_id, g.policy_id, g.competency_agency_ids,
                             g.competency_ids, g.standings, g.result_ids, g.event_ids, g.levels, g.methods, g.purposes,
                             g.assessed_on, g.valid_until, g.recorded_at, g.lasts_until, g.filling, g.mapping) END AS wrong
                 FROM gap_profiles_on({agency}, ARRAY(SELECT id FROM people), {today}, 'infinity') f
                 JOIN gap_models m ON m.agency_id = {agency}
                 LEFT JOIN gap_profiles g ON g.agency_id = {agency} AND g.employee_id = f.employee_id
                 ORDER BY id"
            );
            let rows = ComparedRow::find_by_statement(part).all(&self.db).await?;
            let Some(last) = rows.last() else { break };
            after = last.id;
            for row in rows {
                check.people += 1;
                check.due += u64::from(row.due);
                if row.wrong && !row.due {
                    check.wrong += 1;
                    if check.named.len() < NAMED {
                        check.named.push(row.id.into());
                    }
                }
            }
        }
        check.sums = self.gap_sums_wrong(agency).await?;
        Ok(check)
    }

    /// How many sums are not those of the rows, due ones included: a sum holds what the row says until that is made anew.
    async fn gap_sums_wrong(&self, agency: Uuid) -> Result<u64, StoreError> {
        let statement = raw_sql!(
            Postgres,
            "WITH rows AS (SELECT * FROM gap_profiles WHERE agency_id = {agency} AND position_id IS NOT NULL)
             SELECT count(*) AS wrong FROM (
                SELECT 1
                FROM (SELECT position_id, competency_agency_id, competency_id, standing, people
                      FROM gap_counts WHERE agency_id = {agency}
                      UNION ALL
                      SELECT r.position_id, c.agency, c.id, c.standing, -1
                      FROM rows r, unnest(r.competency_agency_ids, r.competency_ids, r.standings) AS c(agency, id, standing)) x
                GROUP BY position_id, competency_agency_id, competency_id, standing HAVING sum(people) <> 0
                UNION ALL
                SELECT 1
                FROM (SELECT position_id, filling, mapping, people FROM gap_people WHERE agency_id = {agency}
                      UNION ALL
                      SELECT r.position_id, r.filling, r.mapping, -1 FROM rows r) x
                GROUP BY position_id, filling, mapping HAVING sum(people) <> 0
                UNION ALL
                SELECT 1
                FROM (SELECT position_id, competency_agency_id, competency_id, month, lapsing, reopening
                      FROM gap_expiries WHERE agency_id = {agency}
                      UNION ALL
                      SELECT r.position_id, e.agency, e.id, e.month, -e.lapsing, -e.reopening
                      FROM rows r,
                        gap_expiries_of(r.competency_agency_ids, r.competency_ids, r.valid_until, r.lasts_until) e) x
                GROUP BY position_id, competency_agency_id, competency_id, month
                HAVING sum(lapsing) <> 0 OR sum(reopening) <> 0) d"
        );
        let row = self.db.query_one_raw(statement).await?.ok_or(StoreError::Corrupt("gap sums"))?;
        let wrong: i64 = row.try_get("", "wrong")?;
        Ok(u64::try_from(wrong).unwrap_or_default())
    }

    /// Constraints and unique indexes of the database that this program does not know by name: breaking one would be
    /// told as a defect instead of as what it is.
    ///
    /// # Errors
    /// The database's.
    pub async fn constraints_unknown(&self) -> Result<Vec<String>, StoreError> {
        let known = StoreError::known_constraints();
        let statement = raw_sql!(
            Postgres,
            "SELECT x.name
             FROM (SELECT conname::text AS name, conrelid AS relation FROM pg_constraint
                   WHERE contype IN ('p', 'u', 'f', 'c', 'x')
                   UNION
                   SELECT i.relname::text, u.indrelid
                   FROM pg_index u JOIN pg_class i ON i.oid = u.indexrelid
                   WHERE u.indisunique) x
             JOIN pg_class r ON r.oid = x.relation
             WHERE r.relnamespace = current_schema()::regnamespace AND r.relname <> 'seaql_migrations'
             ORDER BY x.name"
        );
        let rows = self.db.query_all_raw(statement).await?;
        let names =
            rows.iter().map(|row| row.try_get::<String>("", "name")).collect::<Result<Vec<_>, _>>()?;
        Ok(names.into_iter().filter(|name| !known.contains(&name.as_str())).collect())
    }

    /// How much work counts as running although its worker has given no sign for `stale_after`.
    ///
    /// # Errors
    /// The database's.
    pub async fn operations_stale(
        &self,
        now: DateTime<Utc>,
        stale_after: TimeDelta,
    ) -> Result<i64, StoreError> {
        let (running, last_sign) = (OperationState::Running.as_str(), now - stale_after);
        let statement = raw_sql!(
            Postgres,
            "SELECT count(*) AS stale FROM operations WHERE state = {running} AND heartbeat_at < {last_sign}"
        );
        let row = self.db.query_one_raw(statement).await?.ok_or(StoreError::Corrupt("operations"))?;
        Ok(row.try_get("", "stale")?)
    }
}
