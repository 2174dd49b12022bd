//! Who could fill a position: everybody within the scope found and ranked in one sweep, and the facts of those who are shown.

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDate, Utc};
use competency::{AssessmentResult, Category, NamedRequirement, Opening, PersonFacts, Spell, StandardBasis};
use entities::placements;
use kernel::{EmployeeId, Nip, Page, PositionId, UnitId};
use sea_orm::{FromQueryResult, raw_sql};
use serde_json::{Value, json};
use uuid::Uuid;
use workforce::{Education, EmployeeStatus, JobClass, Placement, history};

use crate::gaps::PositionRecord;
use crate::placements::domain as placement_domain;
use crate::read::PeopleFilter;
use crate::rows::{known, name};
use crate::sentence::Sentence;
use crate::{GapPerson, GapPosition, PageRequest, Reader, StoreError};

/// A position and what it requires on a day.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OpeningFacts {
    /// The position.
    pub position: GapPosition,
    /// The first day it no longer exists.
    pub abolished_on: Option<NaiveDate>,
    /// The instant by which all of this was known: the one asked about, or the moment of reading.
    pub known_at: DateTime<Utc>,
    /// What the requirements rest on; none when neither a standard nor a rubric of default levels applies.
    pub basis: Option<StandardBasis>,
    /// What the position requires, in order.
    pub requirements: Vec<NamedRequirement>,
}

/// Which candidates a list holds; everything that is given must hold.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct CandidateFilter {
    /// Only those who may be appointed.
    pub eligible_only: bool,
    /// With a complete match of this category.
    pub category: Option<Category>,
    /// Serving in this unit or under it on the day.
    pub unit: Option<UnitId>,
}

/// A candidate's place in the list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CandidateRow {
    /// Who.
    pub employee: EmployeeId,
    /// Their rank among those of the list, from 1; those nothing but their name tells apart share one.
    pub rank: i64,
}

/// A person as a candidate is measured from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CandidatePerson {
    /// The person.
    pub person: GapPerson,
    /// What the rules look at.
    pub facts: PersonFacts,
    /// The position they hold on the day, and since when.
    pub held: Option<(GapPosition, NaiveDate)>,
    /// Their results in the required competencies that count on the day, expired ones included.
    pub results: Vec<AssessmentResult>,
}

#[derive(FromQueryResult)]
struct OpeningRow {
    #[sea_orm(nested)]
    position: PositionRecord,
    abolished_on: Option<NaiveDate>,
    asked_at: DateTime<Utc>,
}

#[derive(FromQueryResult)]
struct Ranked {
    id: Uuid,
    name: String,
    standing: i32,
    barred: bool,
    unknown: i64,
    loss: i64,
    essential: i64,
    rank: i64,
}

#[derive(FromQueryResult)]
struct PersonRow {
    id: Uuid,
    nip: String,
    name: String,
    status: String,
    education: Option<String>,
    appointed_on: Option<NaiveDate>,
}

#[derive(FromQueryResult)]
struct StayRow {
    #[sea_orm(nested)]
    placement: placements::Model,
    #[sea_orm(nested)]
    position: Option<PositionRecord>,
}

/// What everybody is measured by, as statement parameters.
struct Measures {
    statuses: Option<Vec<String>>,
    education: Option<Vec<String>>,
    paths: Value,
    terms: Value,
}

impl Measures {
    fn of(opening: &Opening) -> Self {
        let sieve = opening.sieve();
        let statuses = sieve.statuses.map(|all| all.iter().map(ToString::to_string).collect());
        let education = sieve.education.map(|all| all.iter().map(ToString::to_string).collect());
        let paths = sieve.paths.iter().enumerate().flat_map(|(way, path)| {
            let days = path.days();
            path.job_classes.iter().map(move |class| json!({"way": way, "job_class": class, "days": days}))
        });
        let terms = sieve.terms.iter().map(|term| {
            json!({"competency_id": term.competency, "agency_id": term.competency_agency,
                "required": term.required, "essential": term.essential, "points": term.points})
        });
        Self { statuses, education, paths: paths.collect(), terms: terms.collect() }
    }
}

impl Reader<'_> {
    /// A position and what it requires on `day`, by what was known at `known_at` or, without it, is known now.
    ///
    /// # Errors
    /// The database's.
    pub async fn opening(
        &self,
        position: PositionId,
        day: NaiveDate,
        known_at: Option<DateTime<Utc>>,
    ) -> Result<Option<OpeningFacts>, StoreError> {
        let (agency, position) = (self.agency(), position.uuid());
        let statement = raw_sql!(
            Postgres,
            "SELECT h.id AS position_id, h.code AS position_code, h.name AS position_name,
                    h.unit_id AS position_unit_id, h.job_class AS position_job_class, h.abolished_on,
                    clock_timestamp() AS asked_at
             FROM positions h
             WHERE h.agency_id = {agency} AND h.id = {position}"
        );
        let Some(row) = OpeningRow::find_by_statement(statement).one(&self.db).await? else {
            return Ok(None);
        };
        let (position, known_at) = (row.position.domain()?, known_at.unwrap_or(row.asked_at));
        let (basis, requirements) = self.required_of(&position, day, known_at).await?;
        Ok(Some(OpeningFacts { position, abolished_on: row.abolished_on, known_at, basis, requirements }))
    }

    /// The people within the scope as candidates for `opening`, best first: the order is that of
    /// [`competency::CandidateRank`].
    ///
    /// # Errors
    /// The database's.
    pub async fn candidates(
        &self,
        opening: &Opening,
        filter: &CandidateFilter,
        page: &PageRequest,
    ) -> Result<Page<CandidateRow>, StoreError> {
        let PeopleFilter { all, own, below, units } = self.people();
        let (day, known_at) = (opening.as_of, opening.known_at);
        let sieve = opening.sieve();
        let Measures { statuses, education, paths, terms } = Measures::of(opening);
        let competencies: Vec<Uuid> = sieve.terms.iter().map(|term| term.competency.uuid()).collect();
        let (service, tenure, match_from) = (sieve.service, sieve.tenure_days, sieve.match_from);
        let born_from = sieve.born_from.map(|day| day.format("%Y%m%d").to_string());
        let (careers, required) =
            (!sieve.paths.is_empty(), i64::try_from(sieve.terms.len()).unwrap_or(i64::MAX));
        let (least, below_points) = filter.category.map(|category| opening.points_within(category)).unzip();
        let number = |index: usize| page.key(index).and_then(|text| text.parse::<i64>().ok());
        let (after_standing, after_unknown, after_loss) = (number(0), number(2), number(3));
        let (after_barred, after_essential) = (page.key(1).map(|text| text == "true"), number(4));
        // People first, by what the rules see in them; then the evidence, and only of those whose match decides anything:
        // whoever is barred is compared by name alone. What a level earns is worked out by the domain and comes as data.
        // The stays are those of `placements_on`, each up to the next; the evidence is that of `evidence_on`, of which what
        // has lapsed earns nothing, person by person (OFFSET 0 keeps that apart): one range of the index each.
        //
        // Careers are read of those alone who can be in the list: of a few people as cheaply in a large agency as in a small one.
        let when = |wanted: bool, text: &'static str| if wanted { text } else { "" };
        let (some, within) = (!all, filter.unit.is_some());
        let reached = when(
            some,
            "reached AS MATERIALIZED (SELECT people_within({agency}, {today}, {own}, {below}, {units}) AS id),",
        );
        let passed = when(
            within,
            "passed AS MATERIALIZED (
                SELECT DISTINCT p.employee_id AS id
                FROM unit_ancestors a
                JOIN positions h ON h.agency_id = {agency} AND h.unit_id = a.unit_id
                JOIN placements p ON p.agency_id = {agency} AND p.position_id = h.id
                WHERE a.agency_id = {agency} AND a.ancestor_id = {unit}),",
        );
        let stays_reached = when(some, "AND p.employee_id IN (SELECT id FROM reached)");
        let stays_passed = when(within, "AND p.employee_id IN (SELECT id FROM passed)");
        let people_reached = when(some, "AND e.id IN (SELECT id FROM reached)");
        let people_within = when(
            within,
            "AND p.position_id IN (
                SELECT h.id
                FROM unit_ancestors a
                JOIN positions h ON h.agency_id = {agency} AND h.unit_id = a.unit_id
                WHERE a.agency_id = {agency} AND a.ancestor_id = {unit})",
        );
        let graded = filter.category.is_some();
        let compared = when(!graded, "WHERE NOT j.barred");
        let eligible = when(filter.eligible_only, "AND w.standing = 0");
        let in_category =
            when(graded, "AND v.unknown = 0 AND v.points >= {least} AND v.points < {below_points}");
        let onwards = when(
            page.after.is_some(),
            "WHERE (r.standing::bigint, r.barred, r.unknown, r.loss, r.essential, r.name, r.id)
                   > ({after_standing}::bigint, {after_barred}::boolean, {after_unknown}::bigint, {after_loss}::bigint,
                      {after_essential}::bigint, {after_name}::text, {after_id}::uuid)",
        );
        let text = [
            "WITH ", reached, passed,
            "terms AS MATERIALIZED (
                SELECT * FROM jsonb_to_recordset({terms}::jsonb) AS t (
                    competency_id uuid, agency_id uuid, required smallint, essential boolean, points bigint[])
             ), paths AS MATERIALIZED (
                SELECT DISTINCT w.* FROM jsonb_to_recordset({paths}::jsonb) AS w (way integer, job_class text, days bigint)
             ), stays AS MATERIALIZED (
                SELECT p.employee_id, p.position_id, p.starts_on,
                       lag(p.starts_on) OVER later IS NULL AS present,
                       coalesce(lag(p.starts_on) OVER later, {day}::date + 1) - p.starts_on AS days,
                       min(p.starts_on) OVER (PARTITION BY p.employee_id) AS first_on
                FROM placements p
                WHERE p.agency_id = {agency} AND p.starts_on <= {day} AND p.recorded_at <= {known_at}
                  AND (p.retracted_at IS NULL OR p.retracted_at > {known_at}) ",
            stays_reached, stays_passed,
            " WINDOW later AS (
                    PARTITION BY p.employee_id ORDER BY p.starts_on DESC, p.recorded_at DESC, p.id DESC)
             ), served AS (
                SELECT w.employee_id, max(w.days - w.asked) AS margin
                FROM (
                    SELECT s.employee_id, w.way, w.days AS asked, sum(s.days) AS days
                    FROM paths w
                    JOIN positions h ON h.agency_id = {agency} AND h.job_class = w.job_class
                    JOIN stays s ON s.position_id = h.id
                    GROUP BY s.employee_id, w.way, w.days
                ) w
                GROUP BY w.employee_id
             ), judged AS MATERIALIZED (
                SELECT e.id, e.name,
                       coalesce(NOT e.status = ANY ({statuses}::text[]), false)
                       OR coalesce(NOT e.education = ANY ({education}::text[]), false)
                       OR coalesce(left(e.nip, 8) < {born_from}::text, false)
                       OR ({service} AND p.first_on IS NOT NULL AND p.position_id IS NULL)
                       OR coalesce(p.position_id IS NOT NULL AND p.days < {tenure}::bigint, false)
                       OR ({careers} AND m.margin < 0 AND NOT m.hidden) AS barred,
                       ({education}::text[] IS NOT NULL AND e.education IS NULL)
                       OR ({service} AND p.first_on IS NULL)
                       OR ({tenure}::bigint IS NOT NULL AND p.position_id IS NULL)
                       OR ({careers} AND m.margin < 0 AND m.hidden) AS open
                FROM employees e
                LEFT JOIN stays p ON p.employee_id = e.id AND p.present
                LEFT JOIN served s ON s.employee_id = e.id
                CROSS JOIN LATERAL (
                    SELECT m.margin, e.appointed_on IS NULL
                           OR m.margin + greatest(coalesce(p.first_on, {day}::date + 1) - e.appointed_on, 0) >= 0 AS hidden
                    FROM (SELECT greatest(s.margin, -(SELECT min(w.days) FROM paths w)) AS margin) m
                ) m
                WHERE e.agency_id = {agency} ",
            people_reached, people_within,
            "), evidence AS (
                SELECT j.id AS employee_id, v.*
                FROM (SELECT j.id FROM judged j ", compared, ") j
                CROSS JOIN LATERAL (
                    SELECT count(*) AS known, sum(t.points[r.level])::bigint AS points,
                           count(*) FILTER (WHERE t.essential AND r.level < t.required) AS essential
                    FROM (
                        SELECT DISTINCT ON (r.competency_id) r.competency_id, r.competency_agency_id, r.level
                        FROM assessment_results r
                        WHERE r.agency_id = {agency} AND r.employee_id = j.id
                          AND r.competency_id = ANY ({competencies}::uuid[]) AND r.counts AND r.assessed_on <= {day}
                          AND r.valid_until >= {day} AND r.recorded_at <= {known_at}
                          AND (r.superseded_at IS NULL OR r.superseded_at > {known_at})
                        ORDER BY r.competency_id, r.assessed_on DESC, r.recorded_at DESC, r.id DESC
                    ) r
                    JOIN terms t ON t.competency_id = r.competency_id AND t.agency_id = r.competency_agency_id
                    OFFSET 0
                ) v
             ), ranked AS (
                SELECT k.*, rank() OVER (ORDER BY k.standing, k.barred, k.unknown, k.loss, k.essential) AS rank
                FROM (
                    SELECT j.id, j.name, j.barred, w.standing,
                           CASE WHEN j.barred THEN 0 ELSE v.unknown END AS unknown,
                           CASE WHEN j.barred OR v.unknown > 0 THEN 0 ELSE -v.points END AS loss,
                           CASE WHEN j.barred THEN 0 ELSE v.essential END AS essential
                    FROM judged j
                    LEFT JOIN evidence e ON e.employee_id = j.id
                    CROSS JOIN LATERAL (
                        SELECT {required}::bigint - coalesce(e.known, 0) AS unknown, coalesce(e.points, 0) AS points,
                               coalesce(e.essential, 0) AS essential
                    ) v
                    CROSS JOIN LATERAL (
                        SELECT CASE WHEN j.barred OR (v.unknown = 0 AND coalesce(v.points < {match_from}::bigint, false))
                                    THEN 2
                                    WHEN j.open OR (v.unknown > 0 AND {match_from}::bigint IS NOT NULL) THEN 1
                                    ELSE 0 END AS standing
                    ) w
                    WHERE true ",
            eligible, in_category,
            ") k
             )
             SELECT r.id, r.name, r.standing, r.barred, r.unknown, r.loss, r.essential, r.rank
             FROM ranked r
             ",
            onwards,
            " ORDER BY r.standing, r.barred, r.unknown, r.loss, r.essential, r.name, r.id
             LIMIT {limit}",
        ]
        .concat();
        let statement = Sentence::named(
            &text,
            [
                ("agency", self.agency().into()),
                ("today", self.today.into()),
                ("own", own.into()),
                ("below", below.into()),
                ("units", units.into()),
                ("unit", filter.unit.map(UnitId::uuid).into()),
                ("day", day.into()),
                ("known_at", known_at.into()),
                ("terms", terms.into()),
                ("paths", paths.into()),
                ("statuses", statuses.into()),
                ("education", education.into()),
                ("born_from", born_from.into()),
                ("service", service.into()),
                ("tenure", tenure.into()),
                ("careers", careers.into()),
                ("match_from", match_from.into()),
                ("competencies", competencies.into()),
                ("required", required.into()),
                ("least", least.into()),
                ("below_points", below_points.into()),
                ("after_standing", after_standing.into()),
                ("after_barred", after_barred.into()),
                ("after_unknown", after_unknown.into()),
                ("after_loss", after_loss.into()),
                ("after_essential", after_essential.into()),
                ("after_name", page.key(5).into()),
                ("after_id", page.id(6).into()),
                ("limit", page.probe().into()),
            ],
        );
        let rows = Ranked::find_by_statement(statement).all(&self.db).await?;
        let page = Page::cut(rows, page.limit, |row: &Ranked| {
            let Ranked { id, name, standing, barred, unknown, loss, essential, rank: _ } = row;
            vec![
                standing.to_string(),
                barred.to_string(),
                unknown.to_string(),
                loss.to_string(),
                essential.to_string(),
                name.clone(),
                id.to_string(),
            ]
        });
        Ok(page.map(|row| CandidateRow { employee: EmployeeId::from(row.id), rank: row.rank }))
    }

    /// What these people are measured from, in that order. Those the scope does not reach are left out.
    ///
    /// # Errors
    /// The database's.
    pub async fn candidate_people(
        &self,
        opening: &Opening,
        employees: &[EmployeeId],
    ) -> Result<Vec<CandidatePerson>, StoreError> {
        let mut rows: BTreeMap<Uuid, PersonRow> =
            self.candidate_rows(employees).await?.into_iter().map(|row| (row.id, row)).collect();
        let mut stays: BTreeMap<Uuid, Vec<StayRow>> = BTreeMap::new();
        for stay in self.candidate_stays(opening, employees).await? {
            stays.entry(stay.placement.employee_id).or_default().push(stay);
        }
        let (day, known_at) = (opening.as_of, opening.known_at);
        let mut results: BTreeMap<EmployeeId, Vec<AssessmentResult>> = BTreeMap::new();
        for result in self.gap_results(employees, &opening.requirements, day, known_at).await? {
            results.entry(result.employee).or_default().push(result);
        }
        let mut people = Vec::new();
        for employee in employees {
            let Some(row) = rows.remove(&employee.uuid()) else { continue };
            let stays = stays.remove(&employee.uuid()).unwrap_or_default();
            people.push(row.person(stays, results.remove(employee).unwrap_or_default(), day, known_at)?);
        }
        Ok(people)
    }

    async fn candidate_rows(&self, employees: &[EmployeeId]) -> Result<Vec<PersonRow>, StoreError> {
        let employees: Vec<Uuid> = employees.iter().map(|employee| employee.uuid()).collect();
        let mut sentence = Sentence::new(
            "SELECT e.id, e.nip, e.name, e.status, e.education, e.appointed_on
             FROM employees e
             WHERE e.agency_id = $1 AND e.id = ANY ($3)",
            [self.agency().into(), self.today.into(), employees.into()],
        );
        sentence.within("e.id", self.people());
        Ok(PersonRow::find_by_statement(sentence.finish()).all(&self.db).await?)
    }

    async fn candidate_stays(
        &self,
        opening: &Opening,
        employees: &[EmployeeId],
    ) -> Result<Vec<StayRow>, StoreError> {
        let (agency, day, known_at) = (self.agency(), opening.as_of, opening.known_at);
        let employees: Vec<Uuid> = employees.iter().map(|employee| employee.uuid()).collect();
        let statement = raw_sql!(
            Postgres,
            "SELECT p.*, h.id AS position_id, h.code AS position_code, h.name AS position_name,
                    h.unit_id AS position_unit_id, h.job_class AS position_job_class
             FROM placements p
             LEFT JOIN positions h ON h.agency_id = p.agency_id AND h.id = p.position_id
             WHERE p.agency_id = {agency} AND p.employee_id = ANY ({employees}) AND p.starts_on <= {day}
               AND p.recorded_at <= {known_at} AND (p.retracted_at IS NULL OR p.retracted_at > {known_at})"
        );
        Ok(StayRow::find_by_statement(statement).all(&self.db).await?)
    }
}

impl PersonRow {
    fn person(
        self,
        stays: Vec<StayRow>,
        results: Vec<AssessmentResult>,
        day: NaiveDate,
        known_at: DateTime<Utc>,
    ) -> Result<CandidatePerson, StoreError> {
        let mut positions = BTreeMap::new();
        let mut placements: Vec<Placement> = Vec::new();
        for stay in stays {
            if let Some(position) = stay.position.map(PositionRecord::domain).transpose()? {
                positions.insert(position.id, position);
            }
            placements.push(placement_domain(stay.placement));
        }
        let after = day.succ_opt().unwrap_or(day);
        let class =
            |position: Option<PositionId>| -> Option<JobClass> { Some(positions.get(&position?)?.job_class) };
        let career: Vec<Spell> = history(&placements, known_at)
            .into_iter()
            .map(|stay| Spell {
                position: stay.placement.position,
                job_class: class(stay.placement.position),
                from: stay.period.from,
                until: stay.period.last.and_then(|last| last.succ_opt()).unwrap_or(after),
            })
            .collect();
        let held = career.last().and_then(|spell| Some((positions.remove(&spell.position?)?, spell.from)));
        let (id, nip) = (EmployeeId::from(self.id), Nip::stored(self.nip));
        let education = self.education.map(|text| known(Education::parse(&text), "employees.education"));
        let person = GapPerson { id, nip, name: name(self.name) };
        let facts = PersonFacts {
            employee: id,
            name: person.name.clone(),
            status: known(EmployeeStatus::parse(&self.status), "employees.status")?,
            education: education.transpose()?,
            born_on: person.nip.reading().ok().map(|reading| reading.born_on),
            appointed_on: self.appointed_on,
            career,
        };
        Ok(CandidatePerson { person, facts, held, results })
    }
}
