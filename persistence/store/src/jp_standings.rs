//! How people stand against floors and ceilings of learning hours: one by one, and in sums.

use std::collections::{BTreeMap, BTreeSet};

use access::Pass;
use chrono::{DateTime, Datelike as _, NaiveDate, Utc};
use development::{JpBound, JpPartYear, JpSpan, JpSum, JpTargetRubric, ScenarioHours, calendar_year};
use kernel::{AgencyId, Code, EmployeeId, Hundredths, NATIONAL, Name, Nip, Page, UnitId, wire_enum};
use sea_orm::{ConnectionTrait as _, FromQueryResult, raw_sql};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use uuid::Uuid;
use workforce::{EmployeeStatus, JobClass};

use crate::rows::{code, known, name};
use crate::sentence::Sentence;
use crate::{PageRequest, Reader, Store, StoreError, Tx};

wire_enum! {
    /// How somebody stands against the floor and the ceiling that apply to them.
    pub enum JpStandingState {
        /// The floor is not reached.
        Short = "SHORT",
        /// The floor is reached.
        Met = "MET",
        /// There is a ceiling alone, and it is not passed.
        Within = "WITHIN",
        /// The ceiling is passed.
        Over = "OVER",
        /// Neither applies.
        None = "NONE",
    }
}

/// Which people a list or a sum is about; everything that is given must hold.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct JpStandingFilter {
    /// Serving in this unit or in one under it.
    pub within: Option<UnitId>,
    /// Of this standing.
    pub status: Option<EmployeeStatus>,
    /// In one of these states; any when empty.
    pub states: Vec<JpStandingState>,
}

/// How one person stands on a day.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JpStanding {
    /// Who.
    pub employee: EmployeeId,
    /// Their identity number.
    pub nip: Nip,
    /// Their name.
    pub name: Name,
    /// Their unit.
    pub unit: UnitId,
    /// The unit's code.
    pub unit_code: Code,
    /// The unit's name.
    pub unit_name: Name,
    /// Their standing.
    pub status: EmployeeStatus,
    /// How it is.
    pub state: JpStandingState,
    /// Hours of the calendar year that count.
    pub counted: JpSum,
    /// The floor, if one applies.
    pub floor: Option<Hundredths>,
    /// What is missing to it.
    pub short: Hundredths,
    /// The ceiling, if one applies.
    pub ceiling: Option<Hundredths>,
    /// Hours that count towards it.
    pub counted_to_ceiling: JpSum,
    /// What lies above it.
    pub over: Hundredths,
}

#[derive(FromQueryResult)]
struct StandingRecord {
    id: Uuid,
    nip: String,
    name: String,
    unit_id: Uuid,
    unit_code: String,
    unit_name: String,
    status: String,
    state: String,
    counted: i64,
    floor: Option<i64>,
    ceiling: Option<i64>,
    to_ceiling: i64,
}

/// A rule as the statement takes it.
#[derive(Serialize, Deserialize)]
struct RuleParameter {
    status: EmployeeStatus,
    bound: JpBound,
    contract: bool,
    hundredths: u32,
    pro_rata: bool,
    exempt: Vec<JobClass>,
}

/// One row for each standing a rule is about.
fn parameter(rubric: &JpTargetRubric) -> Value {
    let rows = rubric.rules.iter().flat_map(|rule| {
        rule.statuses.iter().map(|status| RuleParameter {
            status: *status,
            bound: rule.bound,
            contract: rule.span == JpSpan::ContractYear,
            hundredths: rule.jp.count(),
            pro_rata: rule.part_year == JpPartYear::ProRata,
            exempt: rule.exempt.clone(),
        })
    });
    json!(rows.collect::<Vec<_>>())
}

/// The rules by post and standing: a table so small that a person's row is joined to it once. `$1` is the agency, `$2` the
/// day, `$3` the rules, `$4` every standing. Nothing is materialised: then the scan of people may be shared among processes.
const POSTS: &str = "
    WITH days AS NOT MATERIALIZED (
        SELECT date_trunc('year', $2::date)::date AS first, (date_trunc('year', $2::date) + interval '1 year')::date AS next),
    rules AS NOT MATERIALIZED (
        SELECT r.* FROM jsonb_to_recordset($3::jsonb) AS r(
            status text, bound text, contract boolean, hundredths bigint, pro_rata boolean, exempt jsonb)),
    posts AS NOT MATERIALIZED (
        SELECT q.id, q.unit_id, s.status, fl.hundredths AS floor, coalesce(fl.contract, false) AS floor_contract,
               coalesce(fl.pro_rata AND NOT fl.contract, false) AS floor_share, ce.hundredths AS ceiling,
               coalesce(ce.contract, false) AS ceiling_contract,
               coalesce(ce.pro_rata AND NOT ce.contract, false) AS ceiling_share
        FROM positions q
        CROSS JOIN unnest($4::text[]) AS s(status)
        LEFT JOIN rules fl ON fl.bound = 'AT_LEAST' AND fl.status = s.status AND NOT fl.exempt ? q.job_class
        LEFT JOIN rules ce ON ce.bound = 'AT_MOST' AND ce.status = s.status AND NOT ce.exempt ? q.job_class
        WHERE q.agency_id = $1)";

/// A statement that begins with the rules by post and standing.
pub(crate) fn judge(agency: AgencyId, rubric: &JpTargetRubric, day: NaiveDate) -> Sentence {
    let statuses: Vec<String> = EmployeeStatus::ALL.iter().map(ToString::to_string).collect();
    Sentence::new(POSTS, [agency.uuid().into(), day.into(), parameter(rubric).into(), statuses.into()])
}

/// How people stand, by the rows of `{people}`; conditions follow.
pub(crate) const JUDGED: &str = "
    SELECT k.employee_id AS id, k.position_id, p.unit_id, k.status, k.counted,
           CASE WHEN p.floor_share THEN jp_share(p.floor, k.appointed_on, k.before_on, k.ended_on, d.first, d.next)
                ELSE p.floor END AS floor,
           CASE WHEN p.ceiling_share THEN jp_share(p.ceiling, k.appointed_on, k.before_on, k.ended_on, d.first, d.next)
                ELSE p.ceiling END AS ceiling,
           CASE WHEN p.floor_contract THEN k.of_contract ELSE k.counted END AS to_floor,
           CASE WHEN p.ceiling_contract THEN k.of_contract ELSE k.counted END AS to_ceiling
    FROM {people} k
    CROSS JOIN days d
    JOIN posts p ON p.id = k.position_id AND p.status = k.status
    WHERE k.agency_id = $1";

/// The rows that hold on the day.
const KEPT: &str =
    "(SELECT * FROM jp_standings h WHERE h.agency_id = $1 AND h.holds_until > $2 AND h.holds_from <= $2)";

/// The rows of those whose kept ones do not, from the facts.
pub(crate) const DUE: &str = "jp_standings_on($1, ARRAY(
    SELECT h.employee_id FROM jp_standings h
    WHERE h.agency_id = $1 AND (h.holds_until <= $2 OR h.holds_from > $2)), $2)";

/// Everybody's rows on another day, from the facts: all at once, not one after the other.
const FACTS: &str = "(
    SELECT p.agency_id, p.employee_id, p.position_id, w.status, w.appointed_on, b.ended_on AS before_on, w.ended_on,
           coalesce(y.hundredths, 0) - coalesce(l.of_year, 0) AS counted,
           coalesce(c.hundredths, 0) - coalesce(l.of_contract, 0) AS of_contract
    FROM placements_on($1, $2, 'infinity') p
    JOIN (
        SELECT e.id, coalesce(f.status, e.status) AS status, f.ended_on,
               CASE WHEN f.employee_id IS NULL THEN e.appointed_on ELSE f.appointed_on END AS appointed_on
        FROM employees e
        LEFT JOIN (
            SELECT DISTINCT ON (x.employee_id) x.* FROM former_standings x
            WHERE x.agency_id = $1 AND x.ended_on >= $2 ORDER BY x.employee_id, x.ended_on) f ON f.employee_id = e.id
        WHERE e.agency_id = $1) w ON w.id = p.employee_id
    LEFT JOIN (
        SELECT x.employee_id, max(x.ended_on) AS ended_on FROM former_standings x
        WHERE x.agency_id = $1 AND x.ended_on < $2 GROUP BY x.employee_id) b ON b.employee_id = p.employee_id
    LEFT JOIN jp_years y ON y.agency_id = $1 AND y.year = extract(year FROM $2::date)::integer
        AND y.employee_id = p.employee_id
    LEFT JOIN jp_contract_years c ON c.agency_id = $1 AND c.employee_id = p.employee_id AND c.status = w.status
        AND c.starts_on = contract_year_start(coalesce(w.appointed_on, date_trunc('year', $2::date)::date), $2)
    LEFT JOIN (
        SELECT j.employee_id, sum(j.hundredths) FILTER (WHERE j.earned_on >= date_trunc('year', $2::date)
                   AND j.earned_on < date_trunc('year', $2::date) + interval '1 year') AS of_year,
               sum(j.hundredths) FILTER (WHERE j.earned_on >= t.starts_on
                   AND j.earned_on < t.starts_on + interval '1 year') AS of_contract
        FROM jp_entries j
        LEFT JOIN LATERAL jp_contract_year_on($1, j.employee_id, $2) t ON true
        WHERE j.agency_id = $1 AND j.lapses AND j.valid_until < $2 AND j.earned_on > $2::date - 367
        GROUP BY j.employee_id) l ON l.employee_id = p.employee_id
    WHERE p.position_id IS NOT NULL)";

impl Reader<'_> {
    /// How the people the scope reaches stand on `day` by `rubric`, by name.
    ///
    /// # Errors
    /// The database's.
    pub async fn jp_standings(
        &self,
        rubric: &JpTargetRubric,
        day: NaiveDate,
        filter: &JpStandingFilter,
        page: &PageRequest,
    ) -> Result<Page<JpStanding>, StoreError> {
        let mut sentence = self.posts_sentence(rubric, day);
        sentence.push(", judged AS (", []);
        for (index, people) in self.rows_on(day).into_iter().enumerate() {
            if index > 0 {
                sentence.push(" UNION ALL ", []);
            }
            self.judged_push(&mut sentence, people, filter);
        }
        sentence.push(
            "), standing AS (
                SELECT j.*, CASE WHEN j.to_ceiling > j.ceiling THEN 'OVER'
                                 WHEN j.to_floor < j.floor THEN 'SHORT'
                                 WHEN j.floor IS NOT NULL THEN 'MET'
                                 WHEN j.ceiling IS NOT NULL THEN 'WITHIN'
                                 ELSE 'NONE' END AS state
                FROM judged j)
              SELECT s.id, e.nip, e.name, s.unit_id, u.code AS unit_code, u.name AS unit_name, s.status, s.state,
                     s.counted::bigint AS counted, s.floor, s.ceiling, s.to_ceiling::bigint AS to_ceiling
              FROM standing s
              JOIN employees e ON e.agency_id = $1 AND e.id = s.id
              JOIN units u ON u.agency_id = $1 AND u.id = s.unit_id
              WHERE true",
            [],
        );
        if !filter.states.is_empty() {
            let states: Vec<_> = filter.states.iter().map(|state| state.as_str().to_owned()).collect();
            sentence.push(" AND s.state = ANY ({})", [states.into()]);
        }
        if let Some(name) = page.key(0) {
            sentence.push(" AND (e.name, e.id) > ({}, {})", [name.into(), page.id(1).into()]);
        }
        sentence.push(" ORDER BY e.name, e.id LIMIT {}", [page.probe().into()]);
        let rows = StandingRecord::find_by_statement(sentence.finish()).all(&self.db).await?;
        let rows = rows.into_iter().map(StandingRecord::domain).collect::<Result<_, _>>()?;
        Ok(Page::cut(rows, page.limit, |row: &JpStanding| {
            vec![row.name.to_string(), row.employee.to_string()]
        }))
    }

    /// Those of `people` who had not reached the floor of learning hours on `day`.
    ///
    /// # Errors
    /// The database's.
    pub async fn jp_short_on(
        &self,
        rubric: &JpTargetRubric,
        day: NaiveDate,
        people: &[EmployeeId],
    ) -> Result<BTreeSet<EmployeeId>, StoreError> {
        let people: Vec<Uuid> = people.iter().map(|id| id.uuid()).collect();
        let mut sentence = self.posts_sentence(rubric, day);
        for (index, rows) in self.rows_on(day).into_iter().enumerate() {
            sentence
                .push(if index > 0 { " UNION ALL SELECT s.id FROM (" } else { " SELECT s.id FROM (" }, []);
            self.judged_push(&mut sentence, rows, &JpStandingFilter::default());
            sentence
                .push(" AND k.employee_id = ANY ({})) s WHERE s.to_floor < s.floor", [people.clone().into()]);
        }
        let rows = self.db.query_all_raw(sentence.finish()).await?;
        rows.iter().map(|row| Ok(EmployeeId::from(row.try_get::<Uuid>("", "id")?))).collect()
    }

    /// How the hours stand on `day` of everybody in a unit or under it, or in the agency.
    ///
    /// # Errors
    /// The database's.
    pub(crate) async fn jp_hours(
        &self,
        rubric: &JpTargetRubric,
        day: NaiveDate,
        within: Option<UnitId>,
    ) -> Result<BTreeMap<EmployeeId, ScenarioHours>, StoreError> {
        let filter = JpStandingFilter { within, ..JpStandingFilter::default() };
        let mut sentence = self.posts_sentence(rubric, day);
        for (index, rows) in self.rows_on(day).into_iter().enumerate() {
            sentence.push(if index > 0 { " UNION ALL " } else { "" }, []);
            sentence.push(
                " SELECT s.id, s.to_floor::bigint AS counted, s.floor::bigint AS floor,
                         s.to_ceiling::bigint AS counted_to_ceiling, s.ceiling::bigint AS ceiling FROM (",
                [],
            );
            self.judged_push(&mut sentence, rows, &filter);
            sentence.push(") s", []);
        }
        let rows = self.db.query_all_raw(sentence.finish()).await?;
        let hours = |row: &sea_orm::QueryResult| -> Result<_, StoreError> {
            let hours = ScenarioHours {
                counted: row.try_get("", "counted")?,
                floor: row.try_get("", "floor")?,
                counted_to_ceiling: row.try_get("", "counted_to_ceiling")?,
                ceiling: row.try_get("", "ceiling")?,
            };
            Ok((EmployeeId::from(row.try_get::<Uuid>("", "id")?), hours))
        };
        rows.iter().map(hours).collect()
    }

    /// Where the rows of a day are: on the present one they are kept, and made out for those whose are not.
    pub(crate) fn rows_on(&self, day: NaiveDate) -> Vec<&'static str> {
        if day == self.today { vec![KEPT, DUE] } else { vec![FACTS] }
    }

    pub(crate) fn posts_sentence(&self, rubric: &JpTargetRubric, day: NaiveDate) -> Sentence {
        judge(self.agency().into(), rubric, day)
    }

    /// Adds how these people stand.
    pub(crate) fn judged_push(&self, sentence: &mut Sentence, people: &str, filter: &JpStandingFilter) {
        sentence.push(&JUDGED.replace("{people}", people), []);
        sentence.maybe(
            " AND p.unit_id = ANY (ARRAY(
                SELECT a.unit_id FROM unit_ancestors a WHERE a.agency_id = $1 AND a.ancestor_id = {}))",
            filter.within.map(UnitId::uuid),
        );
        sentence.maybe(" AND k.status = {}", filter.status.map(EmployeeStatus::as_str));
        let scope = self.people();
        if !scope.all {
            // Who may be seen follows from today's posts, whatever day is asked about.
            sentence.push(
                " AND k.employee_id IN (SELECT people_within($1, {}, {}, {}, {}))",
                [self.today.into(), scope.own.into(), scope.below.into(), scope.units.into()],
            );
        }
    }
}

impl StandingRecord {
    fn domain(self) -> Result<JpStanding, StoreError> {
        let hours = |count: i64| known(u32::try_from(count).ok().map(Hundredths::from_count), "jp_target");
        let (floor, ceiling) = (self.floor.map(hours).transpose()?, self.ceiling.map(hours).transpose()?);
        let state = known(JpStandingState::parse(&self.state), "jp_standing")?;
        let (counted, to_ceiling) = (JpSum::from_count(self.counted), JpSum::from_count(self.to_ceiling));
        Ok(JpStanding {
            employee: self.id.into(),
            nip: Nip::stored(self.nip),
            name: name(self.name),
            unit: self.unit_id.into(),
            unit_code: code(self.unit_code),
            unit_name: name(self.unit_name),
            status: known(EmployeeStatus::parse(&self.status), "employees.status")?,
            state,
            counted,
            floor,
            short: floor.map_or(Hundredths::from_count(0), |floor| counted.short_of(floor)),
            ceiling,
            counted_to_ceiling: to_ceiling,
            over: ceiling.map_or(Hundredths::from_count(0), |ceiling| to_ceiling.over(ceiling)),
        })
    }
}

/// Who is short, by the rows of `{people}`. `$5` is the last day of the year.
const SHORT: &str = "
    SELECT j.id, (j.floor - j.to_floor)::bigint AS short
    FROM ({judged}) j
    WHERE j.to_floor < j.floor AND {reminded} EXISTS (
        SELECT FROM reminders r
        WHERE r.agency_id = $1 AND r.kind = 'JP_SHORT' AND r.subject_id = j.id AND r.due_on = $5)";

impl Tx<'_> {
    fn short_sentence(
        &self,
        pass: &Pass,
        (today, last): (NaiveDate, NaiveDate),
        rubric: &JpTargetRubric,
        (people, reminded): (&str, bool),
    ) -> Sentence {
        let mut sentence = judge(pass.agency(), rubric, today);
        sentence.bind(last);
        let text = SHORT
            .replace("{judged}", JUDGED)
            .replace("{people}", people)
            .replace("{reminded}", if reminded { "" } else { "NOT" });
        sentence.push(&text, []);
        sentence
    }

    /// Of these people, those who were reminded of this year's floor and have not reached it: the day they were told, and
    /// how many hundredths of an hour are missing.
    pub(crate) async fn jp_short_reminded(
        &self,
        pass: &Pass,
        today: NaiveDate,
        rubric: &JpTargetRubric,
        people: &[Uuid],
    ) -> Result<Vec<(Uuid, NaiveDate, i64)>, StoreError> {
        let last = calendar_year(today.year()).last.unwrap_or(today);
        let rows = "jp_standings_on($1, $6::uuid[], $2)";
        let mut sentence = self.short_sentence(pass, (today, last), rubric, (rows, true));
        sentence.bind(people.to_vec());
        let rows = self.db.query_all_raw(sentence.finish()).await?;
        rows.iter().map(|row| Ok((row.try_get("", "id")?, last, row.try_get("", "short")?))).collect()
    }

    /// Some of the people who have not reached this year's floor and have not been reminded of it, among those whose kept rows
    /// hold.
    pub(crate) async fn jp_short_unreminded(
        &self,
        pass: &Pass,
        today: NaiveDate,
        rubric: &JpTargetRubric,
        most: i64,
    ) -> Result<Vec<Uuid>, StoreError> {
        let last = calendar_year(today.year()).last.unwrap_or(today);
        let mut sentence = self.short_sentence(pass, (today, last), rubric, (KEPT, false));
        sentence.push(" LIMIT {}", [most.into()]);
        let rows = self.db.query_all_raw(sentence.finish()).await?;
        Ok(rows.iter().map(|row| row.try_get("", "id")).collect::<Result<_, _>>()?)
    }
}

impl Store {
    /// Agencies with kept rows that no longer hold, or with sums that rows have left behind, each with its day; `always` is
    /// among them.
    ///
    /// # Errors
    /// The database's.
    pub async fn jp_standings_due(
        &self,
        always: AgencyId,
        now: DateTime<Utc>,
    ) -> Result<Vec<(AgencyId, NaiveDate)>, StoreError> {
        let (always, nation) = (always.uuid(), NATIONAL.uuid());
        let statement = raw_sql!(
            Postgres,
            "SELECT a.id, day_in(a.zone, {now}) AS today FROM agencies a
             WHERE a.id <> {nation} AND (a.id = {always}
                OR EXISTS (SELECT FROM jp_standings k WHERE k.agency_id = a.id AND k.holds_until <= day_in(a.zone, {now}))
                OR EXISTS (SELECT FROM jp_sum_marks m WHERE m.agency_id = a.id))"
        );
        let rows = self.db.query_all_raw(statement).await?;
        let due = |row: &sea_orm::QueryResult| -> Result<_, StoreError> {
            Ok((AgencyId::from(row.try_get::<Uuid>("", "id")?), row.try_get("", "today")?))
        };
        rows.iter().map(due).collect()
    }

    /// Makes kept rows that no longer hold on `today` anew, in parts; returns how many.
    ///
    /// # Errors
    /// The database's.
    pub async fn jp_standings_tend(&self, agency: AgencyId, today: NaiveDate) -> Result<i64, StoreError> {
        let (agency, part, mut all) = (agency.uuid(), 2_000_i64, 0);
        loop {
            let statement =
                raw_sql!(Postgres, "SELECT jp_standings_refresh({agency}, {today}, {part}) AS made");
            let row = self.db.query_one_raw(statement).await?.ok_or(StoreError::Corrupt("jp_standings"))?;
            let made: i64 = row.try_get("", "made")?;
            all += made;
            if made < part {
                return Ok(all);
            }
        }
    }

    /// How many kept rows that hold on `today` are not what the facts say.
    ///
    /// # Errors
    /// The database's.
    pub async fn jp_standings_check(&self, agency: AgencyId, today: NaiveDate) -> Result<u64, StoreError> {
        let agency = agency.uuid();
        let statement = raw_sql!(
            Postgres,
            "SELECT count(*) AS wrong
             FROM jp_standings k
             JOIN jp_standings_on({agency}, ARRAY(
                SELECT employee_id FROM jp_standings WHERE agency_id = {agency}), {today}) f USING (agency_id, employee_id)
             WHERE k.agency_id = {agency} AND k.holds_from <= {today} AND k.holds_until > {today}
               AND (k.position_id, k.status, k.appointed_on, k.before_on, k.ended_on, k.counted, k.of_contract, k.holds_until)
                   IS DISTINCT FROM
                   (f.position_id, f.status, f.appointed_on, f.before_on, f.ended_on, f.counted, f.of_contract, f.holds_until)"
        );
        let row = self.db.query_one_raw(statement).await?.ok_or(StoreError::Corrupt("jp_standings"))?;
        Ok(u64::try_from(row.try_get::<i64>("", "wrong")?).unwrap_or_default())
    }
}
