//! How people stand against floors and ceilings of learning hours, in sums: kept by position, and made out where they are not.

use chrono::NaiveDate;
use development::{JpSum, JpTargetRubric};
use kernel::{AgencyId, Code, Name, UnitId};
use sea_orm::{ConnectionTrait as _, FromQueryResult};
use uuid::Uuid;
use workforce::EmployeeStatus;

use crate::jp_standings::{DUE, JUDGED, JpStandingFilter, judge};
use crate::rows::{code, known, name};
use crate::{Reader, Store, StoreError};

/// Positions whose sums are made in one statement.
const FOLD: i64 = 100;

/// How many people stand how: of a unit with everything under it, of the unit itself, or of all.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JpComplianceRow {
    /// The unit below the one asked about; none for people who serve in that one itself.
    pub unit: Option<(UnitId, Code, Name)>,
    /// The standing.
    pub status: EmployeeStatus,
    /// People who serve on the day.
    pub people: i64,
    /// Those to whom a floor applies.
    pub with_floor: i64,
    /// Of them, those who have reached it.
    pub met: i64,
    /// What is missing to the others, in all.
    pub short: JpSum,
    /// Of those who are short, how many miss more than half of the floor.
    pub short_by_half: i64,
    /// Of them, how many have no hours at all.
    pub nothing_yet: i64,
    /// Those to whom a ceiling applies.
    pub with_ceiling: i64,
    /// Of them, those who have passed it.
    pub over: i64,
    /// What lies above it, in all.
    pub over_by: JpSum,
}

#[derive(FromQueryResult)]
struct ComplianceRecord {
    unit_id: Option<Uuid>,
    unit_code: Option<String>,
    unit_name: Option<String>,
    status: String,
    people: i64,
    with_floor: i64,
    met: i64,
    short: i64,
    short_by_half: i64,
    nothing_yet: i64,
    with_ceiling: i64,
    over: i64,
    over_by: i64,
}

/// The figures of a group of people `s` who were judged.
const FIGURES: &str = "
    count(*) AS people, count(s.floor) AS with_floor, count(*) FILTER (WHERE s.to_floor >= s.floor) AS met,
    coalesce(sum(s.floor - s.to_floor) FILTER (WHERE s.to_floor < s.floor), 0)::bigint AS short,
    count(*) FILTER (WHERE s.to_floor * 2 < s.floor) AS short_by_half,
    count(*) FILTER (WHERE s.to_floor < s.floor AND s.to_floor <= 0) AS nothing_yet,
    count(s.ceiling) AS with_ceiling, count(*) FILTER (WHERE s.to_ceiling > s.ceiling) AS over,
    coalesce(sum(s.to_ceiling - s.ceiling) FILTER (WHERE s.to_ceiling > s.ceiling), 0)::bigint AS over_by";

/// Positions with their sums where these hold, and the other positions.
const SOUND: &str = ",
    sound AS MATERIALIZED (
        SELECT q.id, q.unit_id, h.statuses, h.people, h.with_floor, h.met, h.short, h.short_by_half, h.nothing_yet,
               h.with_ceiling, h.over, h.over_by
        FROM jp_sums h
        JOIN positions q ON q.agency_id = $1 AND q.id = h.position_id AND q.job_class = h.job_class
        WHERE h.agency_id = $1 AND h.rubric = md5($3::jsonb::text) AND h.holds_from <= $2 AND h.holds_until > $2
          AND h.position_id NOT IN (SELECT m.position_id FROM jp_sum_marks m WHERE m.agency_id = $1)),
    loose AS MATERIALIZED (
        SELECT q.id FROM positions q WHERE q.agency_id = $1 AND q.id NOT IN (SELECT id FROM sound))";

/// The rows that hold of people in positions whose sums do not. Position by position: they are few, or none.
const LOOSE: &str = "(
    SELECT h.* FROM loose l
    CROSS JOIN LATERAL (
        SELECT * FROM jp_standings k WHERE k.agency_id = $1 AND k.position_id = l.id OFFSET 0) h
    WHERE h.holds_until > $2 AND h.holds_from <= $2)";

/// The sums that hold.
const SUMS: &str = "
    SELECT s.unit_id, f.status, f.people, f.with_floor, f.met, f.short, f.short_by_half, f.nothing_yet, f.with_ceiling, f.over,
           f.over_by
    FROM sound s
    CROSS JOIN LATERAL unnest(s.statuses, s.people, s.with_floor, s.met, s.short, s.short_by_half, s.nothing_yet,
        s.with_ceiling, s.over, s.over_by)
        AS f(status, people, with_floor, met, short, short_by_half, nothing_yet, with_ceiling, over, over_by)
    WHERE true";

/// What the sums of some positions should be: of all whose people's rows hold.
const FRESH: &str = "
    SELECT n.id AS position_id, n.job_class, n.holds_from, n.holds_until,
           coalesce(array_agg(f.status ORDER BY f.status) FILTER (WHERE f.status IS NOT NULL), ARRAY[]::text[]) AS statuses,
           {arrays}
    FROM (
        SELECT c.id, c.job_class, coalesce(max(k.holds_from), '-infinity') AS holds_from,
               coalesce(min(k.holds_until), 'infinity') AS holds_until
        FROM chosen c
        LEFT JOIN jp_standings k ON k.agency_id = $1 AND k.position_id = c.id
        GROUP BY c.id, c.job_class) n
    LEFT JOIN (
        SELECT s.position_id, s.status, {figures} FROM ({judged}) s GROUP BY s.position_id, s.status) f
        ON f.position_id = n.id
    GROUP BY n.id, n.job_class, n.holds_from, n.holds_until";

/// The rows of people in positions that were chosen.
const CHOSEN: &str = "(
    SELECT h.* FROM chosen c
    CROSS JOIN LATERAL (
        SELECT * FROM jp_standings k WHERE k.agency_id = $1 AND k.position_id = c.id OFFSET 0) h)";

/// The columns of a row of sums that hold figures.
const COLUMNS: [&str; 9] = [
    "people",
    "with_floor",
    "met",
    "short",
    "short_by_half",
    "nothing_yet",
    "with_ceiling",
    "over",
    "over_by",
];

/// [`FRESH`] in full.
fn fresh() -> String {
    let array = |column: &str| {
        format!(
            "coalesce(array_agg(f.{column} ORDER BY f.status) FILTER (WHERE f.status IS NOT NULL), ARRAY[]::bigint[]) AS {column}"
        )
    };
    FRESH
        .replace("{arrays}", &COLUMNS.map(array).join(", "))
        .replace("{figures}", FIGURES)
        .replace("{judged}", &JUDGED.replace("{people}", CHOSEN))
}

impl Reader<'_> {
    /// How the people the scope reaches stand on `day` by `rubric`, in sums by standing and by unit directly below
    /// `filter.within`, or at the top without it.
    ///
    /// # Errors
    /// The database's.
    pub async fn jp_compliance(
        &self,
        rubric: &JpTargetRubric,
        day: NaiveDate,
        filter: &JpStandingFilter,
    ) -> Result<Vec<JpComplianceRow>, StoreError> {
        let mut sentence = self.posts_sentence(rubric, day);
        let kept = day == self.today && self.people().all;
        if kept {
            sentence.push(SOUND, []);
        }
        sentence.push(", summed AS (", []);
        let rows = if kept { vec![LOOSE, DUE] } else { self.rows_on(day) };
        for (index, people) in rows.into_iter().enumerate() {
            sentence.push(if index > 0 { " UNION ALL " } else { "" }, []);
            sentence.push(&format!("SELECT s.unit_id, s.status, {FIGURES} FROM ("), []);
            self.judged_push(&mut sentence, people, filter);
            sentence.push(") s GROUP BY s.unit_id, s.status", []);
        }
        if kept {
            sentence.push(" UNION ALL ", []);
            sentence.push(SUMS, []);
            sentence.maybe(
                " AND s.unit_id = ANY (ARRAY(
                    SELECT a.unit_id FROM unit_ancestors a WHERE a.agency_id = $1 AND a.ancestor_id = {}))",
                filter.within.map(UnitId::uuid),
            );
            sentence.maybe(" AND f.status = {}", filter.status.map(EmployeeStatus::as_str));
        }
        let sums = COLUMNS.map(|column| format!("sum(s.{column})::bigint AS {column}")).join(", ");
        let text = "), of_units AS (
                SELECT s.unit_id, s.status, {sums} FROM summed s GROUP BY s.unit_id, s.status)
             SELECT u.id AS unit_id, u.code AS unit_code, u.name AS unit_name, s.status, {sums}
             FROM of_units s
             LEFT JOIN LATERAL (
                SELECT t.id, t.code, t.name FROM unit_ancestors a JOIN units t ON t.agency_id = $1 AND t.id = a.ancestor_id
                WHERE a.agency_id = $1 AND a.unit_id = s.unit_id AND t.parent_id IS NOT DISTINCT FROM {}) u ON true
             GROUP BY u.id, u.code, u.name, s.status
             ORDER BY u.code NULLS FIRST, s.status";
        sentence.push(&text.replace("{sums}", &sums), [filter.within.map(UnitId::uuid).into()]);
        let rows = ComplianceRecord::find_by_statement(sentence.finish()).all(&self.db).await?;
        rows.into_iter().map(ComplianceRecord::domain).collect()
    }
}

impl ComplianceRecord {
    fn domain(self) -> Result<JpComplianceRow, StoreError> {
        let unit = match (self.unit_id, self.unit_code, self.unit_name) {
            (Some(id), Some(of), Some(called)) => Some((UnitId::from(id), code(of), name(called))),
            _ => None,
        };
        Ok(JpComplianceRow {
            unit,
            status: known(EmployeeStatus::parse(&self.status), "employees.status")?,
            people: self.people,
            with_floor: self.with_floor,
            met: self.met,
            short: JpSum::from_count(self.short),
            short_by_half: self.short_by_half,
            nothing_yet: self.nothing_yet,
            with_ceiling: self.with_ceiling,
            over: self.over,
            over_by: JpSum::from_count(self.over_by),
        })
    }
}

impl Store {
    /// Makes the sums of positions that do not hold for `rubric` on `today` anew, as far as the rows of their people hold;
    /// returns of how many positions.
    ///
    /// # Errors
    /// The database's.
    pub async fn jp_sums_fold(
        &self,
        agency: AgencyId,
        today: NaiveDate,
        rubric: &JpTargetRubric,
    ) -> Result<u64, StoreError> {
        let mut all = 0;
        loop {
            let made = self.jp_sums_fold_some(agency, today, rubric).await?;
            all += made;
            if i64::try_from(made).unwrap_or(i64::MAX) < FOLD {
                return Ok(all);
            }
        }
    }

    /// Marks and rows are seen by one statement: a row that changes after it is marked after it, too. Under the lock, so
    /// that nobody writes what they saw before another one's sums.
    async fn jp_sums_fold_some(
        &self,
        agency: AgencyId,
        today: NaiveDate,
        rubric: &JpTargetRubric,
    ) -> Result<u64, StoreError> {
        let mut sentence = judge(agency, rubric, today);
        sentence.push(SOUND, []);
        sentence.push(
            ", chosen AS MATERIALIZED (
                SELECT q.id, q.job_class
                FROM loose l JOIN positions q ON q.agency_id = $1 AND q.id = l.id
                WHERE NOT EXISTS (
                    SELECT FROM jp_standings k
                    WHERE k.agency_id = $1 AND k.position_id = q.id AND (k.holds_until <= $2 OR k.holds_from > $2))
                ORDER BY q.id LIMIT {}),
             unmarked AS (
                DELETE FROM jp_sum_marks m USING chosen c WHERE m.agency_id = $1 AND m.position_id = c.id)
             INSERT INTO jp_sums (agency_id, rubric, position_id, job_class, holds_from, holds_until, statuses, ",
            [FOLD.into()],
        );
        let set = COLUMNS.map(|column| format!("{column} = excluded.{column}")).join(", ");
        let text = format!(
            "{}) SELECT $1, md5($3::jsonb::text), n.* FROM ({}) n
             ON CONFLICT ON CONSTRAINT pk_jp_sums DO UPDATE
             SET rubric = excluded.rubric, job_class = excluded.job_class, holds_from = excluded.holds_from,
                 holds_until = excluded.holds_until, statuses = excluded.statuses, {set}",
            COLUMNS.join(", "),
            fresh()
        );
        sentence.push(&text, []);
        self.upkeep("jp_sums_fold", sentence.finish()).await
    }

    /// How many positions' sums that hold for `rubric` on `today` are not those of the rows of their people.
    ///
    /// # Errors
    /// The database's.
    pub async fn jp_sums_compare(
        &self,
        agency: AgencyId,
        today: NaiveDate,
        rubric: &JpTargetRubric,
    ) -> Result<u64, StoreError> {
        let mut sentence = judge(agency, rubric, today);
        sentence.push(SOUND, []);
        sentence.push(
            ", chosen AS MATERIALIZED (
                SELECT q.id, q.job_class FROM sound s JOIN positions q ON q.agency_id = $1 AND q.id = s.id)",
            [],
        );
        let columns = |of: &str| COLUMNS.map(|column| format!("{of}.{column}")).join(", ");
        let text = format!(
            " SELECT count(*) AS wrong
              FROM ({}) f JOIN jp_sums h ON h.agency_id = $1 AND h.position_id = f.position_id
              WHERE (f.holds_until, f.statuses, {}) IS DISTINCT FROM (h.holds_until, h.statuses, {})",
            fresh(),
            columns("f"),
            columns("h")
        );
        sentence.push(&text, []);
        let row = self.db.query_one_raw(sentence.finish()).await?;
        let row = row.ok_or(StoreError::Corrupt("jp_sums"))?;
        Ok(u64::try_from(row.try_get::<i64>("", "wrong")?).unwrap_or_default())
    }
}
