//! What a check of an installation asks the database.

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use kernel::{AgencyId, EmployeeId, OperationState};
use sea_orm::{ConnectionTrait as _, FromQueryResult, raw_sql};
use uuid::Uuid;

use crate::sentence::Sentence;
use crate::{Store, StoreError};

/// People whose rows are compared by one statement.
const PART: i64 = 1000;

/// How many people with a wrong row are named.
const NAMED: usize = 10;

/// Past days of which kept sums are compared, and positions on each: a sample, another one every day.
const SAMPLE: (i64, i64) = (6, 20);

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
    /// Sums kept of past days that are not what the facts say, among those looked at.
    pub kept: u64,
}

impl ModelCheck {
    /// Whether nothing is wrong.
    #[must_use]
    pub const fn is_well(&self) -> bool {
        self.wrong == 0 && self.sums == 0 && self.kept == 0
    }
}

#[derive(FromQueryResult)]
struct ComparedRow {
    id: Uuid,
    due: bool,
    wrong: bool,
}

#[derive(FromQueryResult)]
struct DayRow {
    day: NaiveDate,
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
                             f.competency_ids, f.standings, f.evidence, f.valid_until, f.lasts_until, f.filling, f.mapping)
                            IS DISTINCT FROM
                            (g.holds_until, g.position_id, g.standard_id, g.policy_id, g.competency_agency_ids,
                             g.competency_ids, g.standings, g.evidence, g.valid_until, g.lasts_until, g.filling, g.mapping) END AS wrong
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
        check.kept = self.gap_kept_wrong(agency, today).await?;
        Ok(check)
    }

    /// How many sums are not those of the rows, due ones included: a sum holds what the row says until that is made anew.
    async fn gap_sums_wrong(&self, agency: Uuid) -> Result<u64, StoreError> {
        let mut sentence = Sentence::new(
            "WITH rows AS (SELECT * FROM gap_profiles WHERE agency_id = $1 AND position_id IS NOT NULL)",
            [agency.into()],
        );
        sentence.push(&differing("gap_sums WHERE agency_id = $1"), []);
        self.wrong(sentence).await
    }

    /// How many of some sums kept of past days are not what the facts say, where they count as holding.
    async fn gap_kept_wrong(&self, agency: Uuid, today: NaiveDate) -> Result<u64, StoreError> {
        let (days, positions) = SAMPLE;
        let statement = raw_sql!(
            Postgres,
            "SELECT d.day
             FROM (SELECT DISTINCT day FROM gap_kept WHERE agency_id = {agency}) d
             ORDER BY md5(d.day::text || {today}::date::text) LIMIT {days}"
        );
        let mut wrong = 0;
        for row in DayRow::find_by_statement(statement).all(&self.db).await? {
            let mut sentence = Sentence::new(
                "WITH kept AS MATERIALIZED (
                    SELECT k.*
                    FROM gap_kept k
                    WHERE k.agency_id = $1 AND k.day = $2 AND NOT EXISTS (
                        SELECT FROM gap_marks m
                        WHERE m.agency_id = $1 AND (m.position_id = k.position_id OR m.position_id IS NULL)
                          AND m.since <= $2 AND NOT pg_visible_in_snapshot(m.xid, k.seen))
                    ORDER BY md5(k.position_id::text || $3::date::text) LIMIT $4),
                 rows AS MATERIALIZED (
                    SELECT g.*
                    FROM gap_profiles_on($1, ARRAY(
                        SELECT p.employee_id FROM placements_on($1, $2, 'infinity') p
                        WHERE p.position_id IN (SELECT position_id FROM kept)), $2, 'infinity') g)",
                [agency.into(), row.day.into(), today.into(), positions.into()],
            );
            sentence.push(&differing("kept"), []);
            wrong += self.wrong(sentence).await?;
        }
        Ok(wrong)
    }

    async fn wrong(&self, sentence: Sentence) -> Result<u64, StoreError> {
        let row = self.db.query_one_raw(sentence.finish()).await?.ok_or(StoreError::Corrupt("gap sums"))?;
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

/// Counts the figures in which the sums of a source differ from those of `rows`.
fn differing(source: &str) -> String {
    format!(
        ", sums AS MATERIALIZED (SELECT * FROM {source})
         SELECT count(*) AS wrong FROM (
            SELECT 1
            FROM (SELECT k.position_id, c.agency, c.id, c.standing, c.people
                  FROM sums k, unnest(k.count_competency_agency_ids, k.count_competency_ids, k.count_standings,
                    k.count_people) AS c(agency, id, standing, people)
                  UNION ALL
                  SELECT r.position_id, c.agency, c.id, c.standing, -1
                  FROM rows r, unnest(r.competency_agency_ids, r.competency_ids, r.standings) AS c(agency, id, standing)) x
            GROUP BY position_id, agency, id, standing HAVING sum(people) <> 0
            UNION ALL
            SELECT 1
            FROM (SELECT k.position_id, c.filling, c.mapping, c.people
                  FROM sums k, unnest(k.people_filling, k.people_mapping, k.people_people) AS c(filling, mapping, people)
                  UNION ALL
                  SELECT r.position_id, r.filling, r.mapping, -1 FROM rows r) x
            GROUP BY position_id, filling, mapping HAVING sum(people) <> 0
            UNION ALL
            SELECT 1
            FROM (SELECT k.position_id, c.agency, c.id, c.month, c.lapsing, c.reopening
                  FROM sums k, unnest(k.expiry_competency_agency_ids, k.expiry_competency_ids, k.expiry_months,
                    k.expiry_lapsing, k.expiry_reopening) AS c(agency, id, month, lapsing, reopening)
                  UNION ALL
                  SELECT r.position_id, e.agency, e.id, e.month, -e.lapsing, -e.reopening
                  FROM rows r,
                    gap_expiries_of(r.competency_agency_ids, r.competency_ids, r.valid_until, r.lasts_until) e) x
            GROUP BY position_id, agency, id, month
            HAVING sum(lapsing) <> 0 OR sum(reopening) <> 0) d"
    )
}
