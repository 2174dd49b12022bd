//! Ledgers of learning hours: entries, which are never changed, and how people stand against floors and ceilings.

use std::collections::{BTreeMap, BTreeSet};

use access::Pass;
use chrono::{DateTime, Datelike as _, NaiveDate, Utc};
use development::{
    JpBound, JpEntry, JpEntryBasis, JpEntryKind, JpPartYear, JpSource, JpSpan, JpSum, JpTargetRubric,
    ServiceSpell, UsedCertificate, calendar_year, certificate_key,
};
use entities::jp_entries;
use kernel::{
    AgencyId, Code, EmployeeId, Hundredths, JpEntryId, LongText, Name, Nip, Page, UnitId, UserId, wire_enum,
};
use sea_orm::ActiveValue::Set;
use sea_orm::sea_query::LockType;
use sea_orm::{
    ColumnTrait as _, ConnectionTrait as _, EntityTrait as _, FromQueryResult, QueryFilter as _,
    QuerySelect as _, raw_sql,
};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use uuid::Uuid;
use workforce::{EmployeeStatus, JobClass};

use crate::rows::{code, known, long_text, name};
use crate::sentence::Sentence;
use crate::{PageRequest, Reader, Store, StoreError, Tx};

/// Hours to credit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JpCreditDraft {
    /// To whom.
    pub employee: EmployeeId,
    /// Where they come from.
    pub source: JpSource,
    /// The completion or the own learning.
    pub source_id: Uuid,
    /// The day the learning ended, in the agency.
    pub earned_on: NaiveDate,
    /// The hours.
    pub jp: Hundredths,
    /// By what they were counted.
    pub basis: JpEntryBasis,
    /// What was learned.
    pub title: Name,
    /// Code of the form.
    pub form: Option<Code>,
    /// The certificate.
    pub certificate: Option<UsedCertificate>,
}

/// What crediting came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum JpCredited {
    /// The entry stands now.
    Now(Box<JpEntry>),
    /// It stood before: the same was told again.
    Before,
    /// Another source has brought the same certificate; nothing was credited.
    SameCertificate {
        /// What brought it.
        source: JpSource,
        /// Which one.
        source_id: Uuid,
    },
}

/// An entry, and whether another one has taken it back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JpEntryRow {
    /// The entry.
    pub entry: JpEntry,
    /// Whether a counter-entry takes it back.
    pub reversed: bool,
}

/// What a ledger is made from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JpLedgerRows {
    /// The person's standings, earliest first.
    pub spells: Vec<ServiceSpell>,
    /// The class of the position held on the day asked about.
    pub job_class: Option<JobClass>,
    /// The entries of the year, and those of contract years that reach into it.
    pub entries: Vec<JpEntryRow>,
}

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

pub(crate) fn entry(row: jp_entries::Model) -> Result<JpEntry, StoreError> {
    let certificate = match (row.certificate_number, row.certificate_on) {
        (Some(number), Some(issued_on)) => {
            Some(UsedCertificate { number: name(number), issued_on, valid_until: row.valid_until })
        }
        _ => None,
    };
    Ok(JpEntry {
        id: row.id.into(),
        employee: row.employee_id.into(),
        kind: known(JpEntryKind::parse(&row.kind), "jp_entries.kind")?,
        source: known(JpSource::parse(&row.source), "jp_entries.source")?,
        source_id: row.source_id,
        earned_on: row.earned_on,
        jp: JpSum::from_count(row.hundredths),
        basis: known(JpEntryBasis::parse(&row.basis), "jp_entries.basis")?,
        title: name(row.title),
        form: row.form.map(code),
        certificate,
        corrects: row.corrects_id.map(JpEntryId::from),
        reason: row.reason.map(long_text),
        recorded_at: row.recorded_at,
        recorded_by: row.recorded_by.map(UserId::from),
    })
}

#[derive(FromQueryResult)]
struct EntryRecord {
    #[sea_orm(nested)]
    entry: jp_entries::Model,
    reversed: bool,
}

impl EntryRecord {
    fn domain(self) -> Result<JpEntryRow, StoreError> {
        Ok(JpEntryRow { entry: entry(self.entry)?, reversed: self.reversed })
    }
}

#[derive(FromQueryResult)]
struct SpellRecord {
    status: String,
    appointed_on: Option<NaiveDate>,
    ended_on: Option<NaiveDate>,
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

#[derive(FromQueryResult)]
struct ClaimRecord {
    source: String,
    source_id: Uuid,
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

/// How people stand, by the rows of `{people}`; conditions follow.
const JUDGED: &str = "
    SELECT k.employee_id AS id, p.unit_id, k.status, k.counted,
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
const DUE: &str = "jp_standings_on($1, ARRAY(
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

    /// The same as sums, by standing and by unit directly below `filter.within`, or at the top without it.
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
        sentence.push(", summed AS (", []);
        for (index, people) in self.rows_on(day).into_iter().enumerate() {
            if index > 0 {
                sentence.push(" UNION ALL ", []);
            }
            sentence.push(
                "SELECT s.unit_id, s.status, count(*) AS people, count(s.floor) AS with_floor,
                        count(*) FILTER (WHERE s.to_floor >= s.floor) AS met,
                        coalesce(sum(s.floor - s.to_floor) FILTER (WHERE s.to_floor < s.floor), 0)::bigint AS short,
                        count(*) FILTER (WHERE s.to_floor * 2 < s.floor) AS short_by_half,
                        count(*) FILTER (WHERE s.to_floor < s.floor AND s.to_floor <= 0) AS nothing_yet,
                        count(s.ceiling) AS with_ceiling, count(*) FILTER (WHERE s.to_ceiling > s.ceiling) AS over,
                        coalesce(sum(s.to_ceiling - s.ceiling) FILTER (WHERE s.to_ceiling > s.ceiling), 0)::bigint AS over_by
                 FROM (",
                [],
            );
            self.judged_push(&mut sentence, people, filter);
            sentence.push(") s GROUP BY s.unit_id, s.status", []);
        }
        sentence.push(
            ")
             SELECT u.id AS unit_id, u.code AS unit_code, u.name AS unit_name, s.status, sum(s.people)::bigint AS people,
                    sum(s.with_floor)::bigint AS with_floor, sum(s.met)::bigint AS met, sum(s.short)::bigint AS short,
                    sum(s.short_by_half)::bigint AS short_by_half, sum(s.nothing_yet)::bigint AS nothing_yet,
                    sum(s.with_ceiling)::bigint AS with_ceiling, sum(s.over)::bigint AS over,
                    sum(s.over_by)::bigint AS over_by
             FROM summed s
             LEFT JOIN LATERAL (
                SELECT t.id, t.code, t.name FROM unit_ancestors a JOIN units t ON t.agency_id = $1 AND t.id = a.ancestor_id
                WHERE a.agency_id = $1 AND a.unit_id = s.unit_id AND t.parent_id IS NOT DISTINCT FROM {}) u ON true
             GROUP BY u.id, u.code, u.name, s.status
             ORDER BY u.code NULLS FIRST, s.status",
            [filter.within.map(UnitId::uuid).into()],
        );
        let rows = ComplianceRecord::find_by_statement(sentence.finish()).all(&self.db).await?;
        rows.into_iter().map(ComplianceRecord::domain).collect()
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

    /// The hours that count for a ceiling, and the ceiling, in hundredths, of everybody in a unit or under it, or in the
    /// agency, whom one applies to on `day`.
    ///
    /// # Errors
    /// The database's.
    pub(crate) async fn jp_rooms(
        &self,
        rubric: &JpTargetRubric,
        day: NaiveDate,
        within: Option<UnitId>,
    ) -> Result<BTreeMap<EmployeeId, (i64, i64)>, StoreError> {
        let filter = JpStandingFilter { within, ..JpStandingFilter::default() };
        let mut sentence = self.posts_sentence(rubric, day);
        for (index, rows) in self.rows_on(day).into_iter().enumerate() {
            sentence.push(if index > 0 { " UNION ALL " } else { "" }, []);
            sentence.push(
                " SELECT s.id, s.to_ceiling::bigint AS counted, s.ceiling::bigint AS ceiling FROM (",
                [],
            );
            self.judged_push(&mut sentence, rows, &filter);
            sentence.push(") s WHERE s.ceiling IS NOT NULL", []);
        }
        let rows = self.db.query_all_raw(sentence.finish()).await?;
        let room = |row: &sea_orm::QueryResult| -> Result<_, StoreError> {
            let hours = (row.try_get("", "counted")?, row.try_get("", "ceiling")?);
            Ok((EmployeeId::from(row.try_get::<Uuid>("", "id")?), hours))
        };
        rows.iter().map(room).collect()
    }

    /// Where the rows of a day are: on the present one they are kept, and made out for those whose are not.
    fn rows_on(&self, day: NaiveDate) -> Vec<&'static str> {
        if day == self.today { vec![KEPT, DUE] } else { vec![FACTS] }
    }

    fn posts_sentence(&self, rubric: &JpTargetRubric, day: NaiveDate) -> Sentence {
        let statuses: Vec<String> = EmployeeStatus::ALL.iter().map(ToString::to_string).collect();
        Sentence::new(POSTS, [self.agency().into(), day.into(), parameter(rubric).into(), statuses.into()])
    }

    /// Adds how these people stand.
    fn judged_push(&self, sentence: &mut Sentence, people: &str, filter: &JpStandingFilter) {
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

    /// What the ledger of `employee` for a year is made from: entries earned from `first` to `last`, and the class of the
    /// position held on `day`. None for a person the scope does not reach.
    ///
    /// # Errors
    /// The database's.
    pub async fn jp_ledger_rows(
        &self,
        employee: EmployeeId,
        day: NaiveDate,
        (first, last): (NaiveDate, NaiveDate),
    ) -> Result<Option<JpLedgerRows>, StoreError> {
        let Some(spells) = self.service_spells(employee).await? else { return Ok(None) };
        let held = self.placement_on(employee, day, None).await?.and_then(|row| row.held);
        let entries = self.jp_entry_rows(Some(employee), None, Some((first, last))).await?;
        Ok(Some(JpLedgerRows { spells, job_class: held.map(|held| held.job_class), entries }))
    }

    /// The standings somebody has had, earliest first, the present one last. None for a person the scope does not reach.
    ///
    /// # Errors
    /// The database's.
    pub async fn service_spells(
        &self,
        employee: EmployeeId,
    ) -> Result<Option<Vec<ServiceSpell>>, StoreError> {
        let mut sentence = Sentence::new(
            "SELECT x.status, x.appointed_on, x.ended_on
             FROM employees e
             CROSS JOIN LATERAL (
                SELECT f.status, f.appointed_on, f.ended_on FROM former_standings f
                WHERE f.agency_id = e.agency_id AND f.employee_id = e.id
                UNION ALL SELECT e.status, e.appointed_on, NULL) x
             WHERE e.agency_id = $1 AND ($2::date IS NOT NULL)",
            [self.agency().into(), self.today.into()],
        );
        sentence.push(" AND e.id = {}", [employee.uuid().into()]);
        sentence.within("e.id", self.people());
        sentence.push(" ORDER BY x.ended_on NULLS LAST", []);
        let rows = SpellRecord::find_by_statement(sentence.finish()).all(&self.db).await?;
        if rows.is_empty() {
            return Ok(None);
        }
        let spell = |row: SpellRecord| {
            Ok(ServiceSpell {
                status: known(EmployeeStatus::parse(&row.status), "former_standings.status")?,
                appointed_on: row.appointed_on,
                last: row.ended_on,
            })
        };
        rows.into_iter().map(spell).collect::<Result<_, _>>().map(Some)
    }

    /// One entry of the ledger of somebody the scope reaches.
    ///
    /// # Errors
    /// The database's.
    pub async fn jp_entry(&self, id: JpEntryId) -> Result<Option<JpEntryRow>, StoreError> {
        Ok(self.jp_entry_rows(None, Some(id), None).await?.pop())
    }

    async fn jp_entry_rows(
        &self,
        employee: Option<EmployeeId>,
        id: Option<JpEntryId>,
        days: Option<(NaiveDate, NaiveDate)>,
    ) -> Result<Vec<JpEntryRow>, StoreError> {
        let mut sentence = Sentence::new(
            "SELECT j.agency_id, j.id, j.employee_id, j.kind, j.source, j.source_id, j.earned_on, j.hundredths, j.basis,
                    j.title, j.form, j.certificate_number, j.certificate_on, j.valid_until, j.corrects_id, j.reason,
                    j.recorded_at, j.recorded_by, r.id IS NOT NULL AS reversed
             FROM jp_entries j
             LEFT JOIN jp_entries r ON r.agency_id = j.agency_id AND r.corrects_id = j.id AND r.kind = 'REVERSAL'
             WHERE j.agency_id = $1 AND ($2::date IS NOT NULL)",
            [self.agency().into(), self.today.into()],
        );
        sentence.maybe(" AND j.employee_id = {}", employee.map(EmployeeId::uuid));
        sentence.maybe(" AND j.id = {}", id.map(JpEntryId::uuid));
        if let Some((first, last)) = days {
            sentence.push(" AND j.earned_on BETWEEN {} AND {}", [first.into(), last.into()]);
        }
        sentence.within("j.employee_id", self.people());
        sentence.push(" ORDER BY j.earned_on, j.recorded_at, j.id", []);
        let rows = EntryRecord::find_by_statement(sentence.finish()).all(&self.db).await?;
        rows.into_iter().map(EntryRecord::domain).collect()
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

impl Tx<'_> {
    /// Keeps a person's ledger from being written by others until this transaction ends. Whoever credits several people
    /// takes them in the order of their ids.
    ///
    /// # Errors
    /// The database's.
    pub async fn jp_ledger_lock(&self, pass: &Pass, employee: EmployeeId) -> Result<(), StoreError> {
        let key = (pass.agency().uuid(), employee.uuid());
        entities::employees::Entity::find_by_id(key).lock(LockType::NoKeyUpdate).one(&self.db).await?;
        Ok(())
    }

    /// Credits hours, once for each source and once for each certificate. The caller records what happened: this is a
    /// part of a completion, or of a verification.
    ///
    /// # Errors
    /// `Missing("/employee_id")`.
    pub async fn jp_credit(&self, pass: &Pass, credit: &JpCreditDraft) -> Result<JpCredited, StoreError> {
        self.jp_ledger_lock(pass, credit.employee).await?;
        let before = jp_entries::Entity::find()
            .filter(jp_entries::Column::AgencyId.eq(pass.agency().uuid()))
            .filter(jp_entries::Column::Source.eq(credit.source.as_str()))
            .filter(jp_entries::Column::SourceId.eq(credit.source_id))
            .filter(jp_entries::Column::Kind.eq(JpEntryKind::Credit.as_str()))
            .one(&self.db)
            .await?;
        if before.is_some() {
            return Ok(JpCredited::Before);
        }
        if let Some(certificate) = &credit.certificate {
            let other = self.certificate_claim(pass, credit, certificate).await?;
            if let Some((source, source_id)) = other {
                return Ok(JpCredited::SameCertificate { source, source_id });
            }
        }
        let JpCreditDraft { employee, source, source_id, earned_on, jp, basis, title, form, certificate } =
            credit.clone();
        let entry = JpEntry {
            id: JpEntryId::new(),
            employee,
            kind: JpEntryKind::Credit,
            source,
            source_id,
            earned_on,
            jp: jp.into(),
            basis,
            title,
            form,
            certificate,
            corrects: None,
            reason: None,
            recorded_at: self.now(),
            recorded_by: pass.user(),
        };
        self.jp_entries_insert(pass, std::slice::from_ref(&entry)).await?;
        Ok(JpCredited::Now(Box::new(entry)))
    }

    /// Adds entries and keeps the sums; the caller holds [`Tx::jp_ledger_lock`].
    ///
    /// # Errors
    /// `Taken("/corrects_id")` when another one took the same entry back.
    pub async fn jp_entries_insert(&self, pass: &Pass, entries: &[JpEntry]) -> Result<(), StoreError> {
        let agency = pass.agency().uuid();
        let row = |entry: &JpEntry| {
            let certificate = entry.certificate.as_ref();
            jp_entries::ActiveModel {
                agency_id: Set(agency),
                id: Set(entry.id.uuid()),
                employee_id: Set(entry.employee.uuid()),
                kind: Set(entry.kind.as_str().to_owned()),
                source: Set(entry.source.as_str().to_owned()),
                source_id: Set(entry.source_id),
                earned_on: Set(entry.earned_on),
                hundredths: Set(entry.jp.count()),
                basis: Set(entry.basis.as_str().to_owned()),
                title: Set(entry.title.to_string()),
                form: Set(entry.form.as_ref().map(ToString::to_string)),
                certificate_number: Set(certificate.map(|one| one.number.to_string())),
                certificate_on: Set(certificate.map(|one| one.issued_on)),
                valid_until: Set(certificate.and_then(|one| one.valid_until)),
                corrects_id: Set(entry.corrects.map(JpEntryId::uuid)),
                reason: Set(entry.reason.as_ref().map(ToString::to_string)),
                recorded_at: Set(entry.recorded_at),
                recorded_by: Set(entry.recorded_by.map(UserId::uuid)),
            }
        };
        jp_entries::Entity::insert_many(entries.iter().map(row)).exec_without_returning(&self.db).await?;
        Ok(())
    }

    /// Takes back what a source was credited with, when its certificate is revoked for instance; the certificate may be
    /// used again. Nothing when nothing is left of it. The caller records it.
    ///
    /// # Errors
    /// The database's.
    pub async fn jp_take_back(
        &self,
        pass: &Pass,
        source: JpSource,
        source_id: Uuid,
        reason: &LongText,
    ) -> Result<Option<JpEntry>, StoreError> {
        let (agency, from) = (pass.agency().uuid(), source.as_str());
        let statement = raw_sql!(
            Postgres,
            "SELECT j.agency_id, j.id, j.employee_id, j.kind, j.source, j.source_id, j.earned_on, j.hundredths, j.basis,
                    j.title, j.form, j.certificate_number, j.certificate_on, j.valid_until, j.corrects_id, j.reason,
                    j.recorded_at, j.recorded_by
             FROM jp_entries j
             WHERE j.agency_id = {agency} AND j.source = {from} AND j.source_id = {source_id} AND j.kind <> 'REVERSAL'
               AND NOT EXISTS (
                SELECT FROM jp_entries r
                WHERE r.agency_id = j.agency_id AND r.corrects_id = j.id AND r.kind = 'REVERSAL')"
        );
        let Some(live) = jp_entries::Model::find_by_statement(statement).one(&self.db).await? else {
            return Ok(None);
        };
        let live = entry(live)?;
        self.jp_ledger_lock(pass, live.employee).await?;
        let back = JpEntry {
            id: JpEntryId::new(),
            kind: JpEntryKind::Reversal,
            jp: live.jp.taken_back(),
            corrects: Some(live.id),
            reason: Some(reason.clone()),
            recorded_at: self.now(),
            recorded_by: pass.user(),
            ..live
        };
        self.jp_entries_insert(pass, std::slice::from_ref(&back)).await?;
        self.certificate_release(pass, source, source_id).await?;
        Ok(Some(back))
    }

    /// Makes the sums of an agency anew from its entries; whoever writes entries meanwhile waits.
    ///
    /// # Errors
    /// The database's.
    pub async fn jp_sums_rebuild(&self, pass: &Pass) -> Result<(), StoreError> {
        let agency = pass.agency().uuid();
        self.db.execute_unprepared("LOCK TABLE jp_entries IN SHARE ROW EXCLUSIVE MODE").await?;
        for statement in [
            raw_sql!(Postgres, "DELETE FROM jp_years WHERE agency_id = {agency}"),
            raw_sql!(Postgres, "DELETE FROM jp_contract_years WHERE agency_id = {agency}"),
            raw_sql!(
                Postgres,
                "UPDATE jp_standings SET holds_until = '-infinity' WHERE agency_id = {agency}"
            ),
            raw_sql!(
                Postgres,
                "INSERT INTO jp_years (agency_id, year, employee_id, hundredths)
                 SELECT {agency}, extract(year FROM earned_on)::integer, employee_id, sum(hundredths)::bigint
                 FROM jp_entries WHERE agency_id = {agency} GROUP BY 2, 3"
            ),
            raw_sql!(
                Postgres,
                "INSERT INTO jp_contract_years (agency_id, status, starts_on, employee_id, hundredths)
                 SELECT {agency}, c.status, c.starts_on, j.employee_id, sum(j.hundredths)::bigint
                 FROM jp_entries j, jp_contract_year_on({agency}, j.employee_id, j.earned_on) c
                 WHERE j.agency_id = {agency} GROUP BY 2, 3, 4"
            ),
        ] {
            self.db.execute_raw(statement).await?;
        }
        Ok(())
    }

    /// Uses a certificate for a source; whoever used it before is returned, and a transaction that is about to is waited for.
    async fn certificate_claim(
        &self,
        pass: &Pass,
        credit: &JpCreditDraft,
        certificate: &UsedCertificate,
    ) -> Result<Option<(JpSource, Uuid)>, StoreError> {
        // A number without letters and digits tells nothing apart.
        let Ok(key) = certificate_key(&certificate.number) else { return Ok(None) };
        let (agency, employee, issued_on) =
            (pass.agency().uuid(), credit.employee.uuid(), certificate.issued_on);
        let (source, source_id) = (credit.source.as_str(), credit.source_id);
        let claim = raw_sql!(
            Postgres,
            "INSERT INTO jp_certificates (agency_id, employee_id, key, issued_on, source, source_id)
             VALUES ({agency}, {employee}, {key}, {issued_on}, {source}, {source_id})
             ON CONFLICT ON CONSTRAINT pk_jp_certificates DO NOTHING"
        );
        if self.db.execute_raw(claim).await?.rows_affected() == 1 {
            return Ok(None);
        }
        let holder = raw_sql!(
            Postgres,
            "SELECT source, source_id FROM jp_certificates
             WHERE agency_id = {agency} AND employee_id = {employee} AND key = {key} AND issued_on = {issued_on}"
        );
        let Some(row) = ClaimRecord::find_by_statement(holder).one(&self.db).await? else { return Ok(None) };
        let held_by = known(JpSource::parse(&row.source), "jp_certificates.source")?;
        let other = (held_by, row.source_id) != (credit.source, credit.source_id);
        Ok(other.then_some((held_by, row.source_id)))
    }

    /// Uses a certificate for own learning that waits to be verified.
    ///
    /// # Errors
    /// `Taken("/certificate/number")` when it is used already.
    pub(crate) async fn certificate_use(
        &self,
        pass: &Pass,
        (employee, source, source_id): (EmployeeId, JpSource, Uuid),
        certificate: &UsedCertificate,
    ) -> Result<(), StoreError> {
        let Ok(key) = certificate_key(&certificate.number) else { return Ok(()) };
        let (agency, employee, issued_on) = (pass.agency().uuid(), employee.uuid(), certificate.issued_on);
        let source = source.as_str();
        let claim = raw_sql!(
            Postgres,
            "INSERT INTO jp_certificates (agency_id, employee_id, key, issued_on, source, source_id)
             VALUES ({agency}, {employee}, {key}, {issued_on}, {source}, {source_id})"
        );
        self.db.execute_raw(claim).await?;
        Ok(())
    }

    /// Lets the certificate of a source be used again.
    ///
    /// # Errors
    /// The database's.
    pub async fn certificate_release(
        &self,
        pass: &Pass,
        source: JpSource,
        source_id: Uuid,
    ) -> Result<(), StoreError> {
        let (agency, source) = (pass.agency().uuid(), source.as_str());
        let gone = raw_sql!(
            Postgres,
            "DELETE FROM jp_certificates
             WHERE agency_id = {agency} AND source = {source} AND source_id = {source_id}"
        );
        self.db.execute_raw(gone).await?;
        Ok(())
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
        let statuses: Vec<String> = EmployeeStatus::ALL.iter().map(ToString::to_string).collect();
        let mut sentence = Sentence::new(
            POSTS,
            [
                pass.agency().uuid().into(),
                today.into(),
                parameter(rubric).into(),
                statuses.into(),
                last.into(),
            ],
        );
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
    /// Agencies with kept rows that no longer hold, each with its day.
    ///
    /// # Errors
    /// The database's.
    pub async fn jp_standings_due(
        &self,
        now: DateTime<Utc>,
    ) -> Result<Vec<(AgencyId, NaiveDate)>, StoreError> {
        let statement = raw_sql!(
            Postgres,
            "SELECT a.id, day_in(a.zone, {now}) AS today FROM agencies a
             WHERE EXISTS (
                SELECT FROM jp_standings k WHERE k.agency_id = a.id AND k.holds_until <= day_in(a.zone, {now}))"
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

    /// How many kept sums of an agency are not those of its entries. One statement, so that others may write meanwhile.
    ///
    /// # Errors
    /// The database's.
    pub async fn jp_sums_check(&self, agency: AgencyId) -> Result<u64, StoreError> {
        let agency = agency.uuid();
        let statement = raw_sql!(
            Postgres,
            "SELECT count(*) AS wrong FROM (
                SELECT 1 FROM (
                    SELECT year, employee_id, hundredths FROM jp_years WHERE agency_id = {agency}
                    UNION ALL
                    SELECT extract(year FROM earned_on)::integer, employee_id, -hundredths
                    FROM jp_entries WHERE agency_id = {agency}) y
                GROUP BY year, employee_id HAVING sum(hundredths) <> 0
                UNION ALL
                SELECT 1 FROM (
                    SELECT status, starts_on, employee_id, hundredths FROM jp_contract_years WHERE agency_id = {agency}
                    UNION ALL
                    SELECT c.status, c.starts_on, j.employee_id, -j.hundredths
                    FROM jp_entries j, jp_contract_year_on({agency}, j.employee_id, j.earned_on) c
                    WHERE j.agency_id = {agency}) y
                GROUP BY status, starts_on, employee_id HAVING sum(hundredths) <> 0) d"
        );
        let row = self.db.query_one_raw(statement).await?.ok_or(StoreError::Corrupt("jp sums"))?;
        Ok(u64::try_from(row.try_get::<i64>("", "wrong")?).unwrap_or_default())
    }
}
