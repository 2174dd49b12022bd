//! What became of agency plans: planned and realised by item, and in sum for every agency.
//!
//! Both are made by one statement from the same text, so that what agencies report and what the nation adds up is the same.

use access::Pass;
use chrono::{DateTime, Utc};
use development::{PlanOutturn, Realisation, SpendingBasis};
use kernel::{AgencyId, AgencyPlanId, AgencyPlanItemId, AuditEventId, Code, Name, Rupiah, UserId};
use sea_orm::{ConnectionTrait as _, QueryResult, raw_sql};
use uuid::Uuid;

use crate::rows::{code, known, name};
use crate::sentence::Sentence;
use crate::{Reader, StoreError, Tx};

/// What became of an item.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ItemOutturnRow {
    /// The item.
    pub item: AgencyPlanItemId,
    /// What is to be done.
    pub title: Option<Name>,
    /// Planned and realised.
    pub outturn: PlanOutturn,
    /// Where what was committed and spent is known from.
    pub basis: SpendingBasis,
    /// Where that is on record, as told.
    pub document: Option<Name>,
    /// When it was told last.
    pub told_at: Option<DateTime<Utc>>,
}

/// What became of the plans in force of an agency.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AgencyOutturnRow {
    /// The agency.
    pub agency: AgencyId,
    /// Its code.
    pub code: Code,
    /// Its name.
    pub name: Name,
    /// Plans in force: its own and those of its units.
    pub plans: i64,
    /// Their items.
    pub items: i64,
    /// People who have a place in any.
    pub people: i64,
    /// People of whom a step was assessed after completion.
    pub assessed: i64,
    /// Their budgets, in rupiah.
    pub budget: i64,
    /// Planned and realised.
    pub outturn: PlanOutturn,
}

/// The figures a row tells, under their own names.
fn outturn(row: &QueryResult) -> Result<PlanOutturn, StoreError> {
    let of = |figure: &str| row.try_get("", figure);
    Ok(PlanOutturn {
        places: of("places")?,
        nominated: of("nominated")?,
        attended: of("attended")?,
        completed: of("completed")?,
        jp_planned: of("jp_planned")?,
        jp_unknown: of("jp_unknown")?,
        jp_realised: of("jp_realised")?,
        planned: of("planned")?,
        cost_unknown: of("cost_unknown")?,
        committed: of("committed")?,
        realised: of("realised")?,
        steps_planned: of("steps_planned")?,
        steps_assessed: of("steps_assessed")?,
        steps_reached: of("steps_reached")?,
        levels_planned: of("levels_planned")?,
        levels_gained: of("levels_gained")?,
    })
}

/// The plans a statement is about; a condition follows. Nobody is held against levels found after their plan was set.
const CHOSEN: &str = "
    SELECT p.agency_id, p.id, p.year, z.zone, coalesce(day_in(z.zone, p.set_at), 'infinity') AS set_on
    FROM agency_plans p JOIN agencies z ON z.id = p.agency_id";

/// From the plans in `chosen` to a row for each item. A place is nominated by an enrolment in the item's class, or in a class of
/// its programme that begins in the plan's year; without a programme by the item of the person's plan. What was told of an item
/// goes before what follows from seats and presence. Amounts beyond what a number holds are not known.
///
/// One seat may stand for places on several items, of the agency's plan and of a unit's: it counts for the first of them, and so
/// does what a class costs as a whole. A place without steps of its own is for what the programme teaches above the level found
/// before the plan was set.
const OUTTURN: &str = "
    items AS (
        SELECT i.agency_id, i.plan_id, i.id, i.ordinal, c.year, c.zone, c.set_on, i.programme_id, i.class_id,
               coalesce(i.title, f.offer ->> 'name') AS title, coalesce(i.jp, (f.offer ->> 'jp')::integer) AS jp,
               coalesce(i.price_per_participant, (f.offer ->> 'each')::bigint)::numeric AS each,
               coalesce(i.price_per_class, (f.offer ->> 'whole')::bigint)::numeric AS whole, f.offer -> 'steps' AS steps
        FROM chosen c
        JOIN agency_plan_items i ON i.agency_id = c.agency_id AND i.plan_id = c.id
        CROSS JOIN LATERAL (SELECT agency_plan_offer(i) AS offer OFFSET 0) f),
    found AS (
        SELECT i.agency_id, i.plan_id, i.id AS item_id, i.ordinal, t.employee_id, n.id AS enrolment_id, n.class_id,
               CASE WHEN i.programme_id IS NULL THEN p.id IS NOT NULL ELSE n.id IS NOT NULL END AS nominated,
               n.state IN ('ENROLLED', 'PASSED', 'FAILED') AS seated, n.held,
               CASE WHEN i.programme_id IS NULL THEN coalesce(p.state IN ('STARTED', 'DONE'), false)
                    ELSE coalesce(n.state = 'PASSED' OR n.present, false) END AS attended,
               CASE WHEN i.programme_id IS NULL THEN coalesce(p.state = 'DONE', false)
                    ELSE coalesce(n.state = 'PASSED', false) END AS completed,
               CASE WHEN i.programme_id IS NULL THEN p.done_on ELSE n.ended_on END AS completed_on,
               CASE WHEN i.programme_id IS NULL THEN p.jp_earned ELSE n.jp END AS jp,
               p.committed, p.realised
        FROM items i
        JOIN agency_plan_targets t ON t.agency_id = i.agency_id AND t.plan_id = i.plan_id AND t.item_id = i.id
        LEFT JOIN LATERAL (
            SELECT n.id, n.class_id, n.state, k.state = 'COMPLETED' AS held,
                   day_in(i.zone, k.ends_at - interval '1 microsecond') AS ended_on, c.jp,
                   EXISTS (SELECT FROM attendances a
                           WHERE a.agency_id = n.agency_id AND a.enrolment_id = n.id AND a.presence = 'PRESENT') AS present
            FROM enrolments n
            JOIN classes k ON k.agency_id = n.agency_id AND k.id = n.class_id AND k.programme_id = i.programme_id
                AND (k.id = i.class_id OR i.class_id IS NULL AND extract(year FROM day_in(i.zone, k.starts_at)) = i.year)
            LEFT JOIN certificates c ON c.agency_id = n.agency_id AND c.enrolment_id = n.id AND c.revoked_at IS NULL
            WHERE n.agency_id = t.agency_id AND n.employee_id = t.employee_id
              AND n.state NOT IN ('REQUESTED', 'REFUSED', 'CANCELLED')
            ORDER BY n.state <> 'PASSED', n.state <> 'ENROLLED', n.state <> 'FAILED', n.id
            LIMIT 1) n ON true
        LEFT JOIN LATERAL (
            SELECT p.id, p.state, p.jp_earned, p.committed, p.realised,
                   (SELECT day_in(i.zone, min(r.at)) FROM plan_progress r
                    WHERE r.agency_id = p.agency_id AND r.item_id = p.id AND r.state = 'DONE') AS done_on
            FROM agency_plan_outcomes o
            JOIN plan_items b ON b.agency_id = o.agency_id AND b.id = o.plan_item_id
            -- Later versions of the person's plan have the same line.
            JOIN plans q ON q.agency_id = b.agency_id AND q.id = b.plan_id
            JOIN plan_items p ON p.agency_id = b.agency_id AND p.line_id = b.line_id
            JOIN plans v ON v.agency_id = p.agency_id AND v.id = p.plan_id AND v.employee_id = q.employee_id
            WHERE i.programme_id IS NULL AND o.agency_id = t.agency_id AND o.item_id = t.item_id
              AND o.employee_id = t.employee_id
            ORDER BY v.number DESC LIMIT 1) p ON true),
    places AS (
        SELECT f.*,
               f.enrolment_id IS NULL OR row_number() OVER (
                    PARTITION BY f.agency_id, f.enrolment_id ORDER BY f.plan_id, f.ordinal, f.employee_id) = 1 AS counts,
               coalesce(f.seated, false) AND row_number() OVER (
                    PARTITION BY f.agency_id, f.class_id, f.seated ORDER BY f.plan_id, f.ordinal, f.employee_id) = 1 AS opens,
               coalesce(f.held, false) AND row_number() OVER (
                    PARTITION BY f.agency_id, f.class_id, f.held ORDER BY f.plan_id, f.ordinal, f.employee_id) = 1 AS held_first
        FROM found f),
    wanted AS (
        SELECT w.agency_id, w.employee_id, w.plan_id, w.item_id, w.completed AND w.counts AS completed, w.completed_on,
               s.competency_agency_id, s.competency_id, s.level_from, s.level_to
        FROM places w
        JOIN agency_plan_steps s ON s.agency_id = w.agency_id AND s.plan_id = w.plan_id AND s.item_id = w.item_id
            AND s.employee_id = w.employee_id
        UNION ALL
        SELECT w.agency_id, w.employee_id, w.plan_id, w.item_id, w.completed AND w.counts, w.completed_on, t.competency_agency,
               t.competency, b.level, t.level_to
        FROM places w
        JOIN items i ON i.agency_id = w.agency_id AND i.plan_id = w.plan_id AND i.id = w.item_id
        CROSS JOIN LATERAL (
            SELECT (s.step ->> 'competency_agency')::uuid AS competency_agency, (s.step ->> 'competency')::uuid AS competency,
                   (s.step ->> 'to')::smallint AS level_to
            FROM jsonb_array_elements(i.steps) AS s(step)) t
        LEFT JOIN LATERAL (
            SELECT r.level FROM assessment_results r
            WHERE r.agency_id = w.agency_id AND r.employee_id = w.employee_id
              AND r.competency_agency_id = t.competency_agency AND r.competency_id = t.competency
              AND r.counts AND r.recorded_at IS NOT NULL AND r.superseded_at IS NULL AND r.assessed_on <= i.set_on
            ORDER BY r.assessed_on DESC, r.id DESC LIMIT 1) b ON true
        WHERE coalesce(b.level < t.level_to, true) AND NOT EXISTS (
            SELECT FROM agency_plan_steps s
            WHERE s.agency_id = w.agency_id AND s.plan_id = w.plan_id AND s.item_id = w.item_id
              AND s.employee_id = w.employee_id)),
    steps AS (
        SELECT s.agency_id, s.plan_id, s.item_id, s.employee_id, s.level_from, s.level_to, r.level
        FROM wanted s
        LEFT JOIN LATERAL (
            SELECT r.level FROM assessment_results r
            WHERE s.completed AND r.agency_id = s.agency_id AND r.employee_id = s.employee_id
              AND r.competency_agency_id = s.competency_agency_id AND r.competency_id = s.competency_id
              AND r.counts AND r.recorded_at IS NOT NULL AND r.superseded_at IS NULL AND r.assessed_on > s.completed_on
            ORDER BY r.assessed_on DESC, r.id DESC LIMIT 1) r ON true),
    gained AS (
        SELECT agency_id, plan_id, item_id, count(*) AS steps_planned, count(level) AS steps_assessed,
               count(*) FILTER (WHERE level >= level_to) AS steps_reached,
               coalesce(sum(level_to - level_from), 0) AS levels_planned,
               coalesce(sum(greatest(least(level, level_to) - level_from, 0)) FILTER (WHERE level IS NOT NULL), 0)
                   AS levels_gained
        FROM steps GROUP BY agency_id, plan_id, item_id),
    counted AS (
        SELECT agency_id, plan_id, item_id, count(*) AS places, count(*) FILTER (WHERE nominated AND counts) AS nominated,
               count(*) FILTER (WHERE seated AND counts) AS seated, count(*) FILTER (WHERE attended AND counts) AS attended,
               count(*) FILTER (WHERE completed AND counts) AS completed,
               count(*) FILTER (WHERE held AND attended AND counts) AS came, count(*) FILTER (WHERE opens) AS classes,
               count(*) FILTER (WHERE held_first) AS classes_held, coalesce(sum(jp) FILTER (WHERE counts), 0) AS jp,
               sum(committed) AS committed, sum(realised) AS realised
        FROM places GROUP BY agency_id, plan_id, item_id),
    priced AS (
        SELECT i.*, coalesce(c.places, 0) AS places, coalesce(c.nominated, 0) AS nominated,
               coalesce(c.attended, 0) AS attended, coalesce(c.completed, 0) AS completed, coalesce(c.jp, 0) AS jp_realised,
               CASE WHEN num_nonnulls(i.each, i.whole) > 0
                    THEN coalesce(i.each, 0) * coalesce(c.places, 0) + coalesce(i.whole, 0) END AS cost,
               CASE WHEN i.programme_id IS NULL THEN coalesce(c.committed, 0)
                    ELSE coalesce(i.each, 0) * coalesce(c.seated, 0) + coalesce(i.whole, 0) * coalesce(c.classes, 0)
                    END AS committed,
               CASE WHEN i.programme_id IS NULL THEN coalesce(c.realised, 0)
                    ELSE coalesce(i.each, 0) * coalesce(c.came, 0) + coalesce(i.whole, 0) * coalesce(c.classes_held, 0)
                    END AS realised
        FROM items i
        LEFT JOIN counted c ON c.agency_id = i.agency_id AND c.plan_id = i.plan_id AND c.item_id = i.id),
    outturn AS (
        SELECT i.agency_id, i.plan_id, i.id AS item_id, i.ordinal, i.title, i.places, i.nominated, i.attended, i.completed,
               (coalesce(i.jp, 0)::bigint * i.places) AS jp_planned,
               CASE WHEN i.jp IS NULL THEN i.places ELSE 0 END AS jp_unknown, i.jp_realised::bigint AS jp_realised,
               CASE WHEN i.cost <= 9007199254740991 THEN i.cost ELSE 0 END::bigint AS planned,
               CASE WHEN i.cost <= 9007199254740991 THEN 0 ELSE 1 END::bigint AS cost_unknown,
               coalesce(r.committed, least(i.committed, 9007199254740991))::bigint AS committed,
               coalesce(r.realised, least(i.realised, 9007199254740991))::bigint AS realised,
               coalesce(g.steps_planned, 0) AS steps_planned, coalesce(g.steps_assessed, 0) AS steps_assessed,
               coalesce(g.steps_reached, 0) AS steps_reached, coalesce(g.levels_planned, 0)::bigint AS levels_planned,
               coalesce(g.levels_gained, 0)::bigint AS levels_gained,
               CASE WHEN r.at IS NOT NULL THEN 'TOLD' WHEN i.programme_id IS NULL THEN 'PEOPLE' ELSE 'DERIVED' END AS basis,
               r.document, r.at AS told_at
        FROM priced i
        LEFT JOIN gained g ON g.agency_id = i.agency_id AND g.plan_id = i.plan_id AND g.item_id = i.id
        LEFT JOIN LATERAL (
            SELECT r.committed, r.realised, r.document, r.at FROM agency_plan_realisations r
            WHERE r.agency_id = i.agency_id AND r.item_id = i.id ORDER BY r.id DESC LIMIT 1) r ON true)";

impl Reader<'_> {
    /// What became of a plan's items, in order. The caller has found the plan.
    ///
    /// # Errors
    /// The database's.
    pub async fn agency_plan_outturn(&self, id: AgencyPlanId) -> Result<Vec<ItemOutturnRow>, StoreError> {
        let text = format!(
            "WITH chosen AS ({CHOSEN} WHERE p.agency_id = $1 AND p.id = $2), {OUTTURN}
             SELECT * FROM outturn ORDER BY ordinal"
        );
        let sentence = Sentence::new(&text, [self.agency().into(), id.uuid().into()]);
        let read = |row: &QueryResult| {
            let basis: String = row.try_get("", "basis")?;
            Ok(ItemOutturnRow {
                item: row.try_get::<Uuid>("", "item_id")?.into(),
                title: row.try_get::<Option<String>>("", "title")?.map(name),
                outturn: outturn(row)?,
                basis: known(SpendingBasis::parse(&basis), "agency_plan_items.basis")?,
                document: row.try_get::<Option<String>>("", "document")?.map(name),
                told_at: row.try_get("", "told_at")?,
            })
        };
        self.db.query_all_raw(sentence.finish()).await?.iter().map(read).collect()
    }

    /// What became of the plans in force for a year, of every agency by code, those without a plan among them; or of the
    /// reader's own agency alone. The nation itself is none.
    ///
    /// # Errors
    /// The database's.
    pub async fn agency_plan_outturns(
        &self,
        year: i32,
        everybody: bool,
    ) -> Result<Vec<AgencyOutturnRow>, StoreError> {
        let text = format!(
            "WITH chosen AS ({CHOSEN} WHERE p.year = $2 AND p.state = 'SET' AND ($3 OR p.agency_id = $1)), {OUTTURN},
             sums AS (
                SELECT agency_id, count(*) AS items, sum(places)::bigint AS places, sum(nominated)::bigint AS nominated,
                       sum(attended)::bigint AS attended, sum(completed)::bigint AS completed,
                       sum(jp_planned)::bigint AS jp_planned, sum(jp_unknown)::bigint AS jp_unknown,
                       sum(jp_realised)::bigint AS jp_realised, least(sum(planned), 9007199254740991)::bigint AS planned,
                       sum(cost_unknown)::bigint AS cost_unknown,
                       least(sum(committed), 9007199254740991)::bigint AS committed,
                       least(sum(realised), 9007199254740991)::bigint AS realised, sum(steps_planned)::bigint AS steps_planned,
                       sum(steps_assessed)::bigint AS steps_assessed, sum(steps_reached)::bigint AS steps_reached,
                       sum(levels_planned)::bigint AS levels_planned, sum(levels_gained)::bigint AS levels_gained
                FROM outturn GROUP BY agency_id)
             SELECT z.id, z.code, z.name,
                    (SELECT count(*) FROM chosen c WHERE c.agency_id = z.id) AS plans, coalesce(s.items, 0) AS items,
                    (SELECT count(DISTINCT w.employee_id) FROM places w WHERE w.agency_id = z.id) AS people,
                    (SELECT count(DISTINCT t.employee_id) FROM steps t
                     WHERE t.agency_id = z.id AND t.level IS NOT NULL) AS assessed,
                    (SELECT least(coalesce(sum(l.amount), 0), 9007199254740991)::bigint FROM chosen c
                     JOIN agency_plan_budget_lines l ON l.agency_id = c.agency_id AND l.plan_id = c.id
                     WHERE c.agency_id = z.id) AS budget,
                    coalesce(s.places, 0) AS places, coalesce(s.nominated, 0) AS nominated,
                    coalesce(s.attended, 0) AS attended, coalesce(s.completed, 0) AS completed,
                    coalesce(s.jp_planned, 0) AS jp_planned, coalesce(s.jp_unknown, 0) AS jp_unknown,
                    coalesce(s.jp_realised, 0) AS jp_realised, coalesce(s.planned, 0) AS planned,
                    coalesce(s.cost_unknown, 0) AS cost_unknown, coalesce(s.committed, 0) AS committed,
                    coalesce(s.realised, 0) AS realised, coalesce(s.steps_planned, 0) AS steps_planned,
                    coalesce(s.steps_assessed, 0) AS steps_assessed, coalesce(s.steps_reached, 0) AS steps_reached,
                    coalesce(s.levels_planned, 0) AS levels_planned, coalesce(s.levels_gained, 0) AS levels_gained
             FROM agencies z
             LEFT JOIN sums s ON s.agency_id = z.id
             WHERE ($3 OR z.id = $1) AND z.id <> '00000000-0000-7000-8000-000000000001'
             ORDER BY z.code, z.id"
        );
        let sentence = Sentence::new(&text, [self.agency().into(), year.into(), everybody.into()]);
        let read = |row: &QueryResult| {
            Ok(AgencyOutturnRow {
                agency: row.try_get::<Uuid>("", "id")?.into(),
                code: code(row.try_get("", "code")?),
                name: name(row.try_get("", "name")?),
                plans: row.try_get("", "plans")?,
                items: row.try_get("", "items")?,
                people: row.try_get("", "people")?,
                assessed: row.try_get("", "assessed")?,
                budget: row.try_get("", "budget")?,
                outturn: outturn(row)?,
            })
        };
        self.db.query_all_raw(sentence.finish()).await?.iter().map(read).collect()
    }

    /// The people of a plan's items who have not completed them, by item; who has a seat in a class that is not over is left
    /// out. The caller has found the plan.
    ///
    /// # Errors
    /// The database's.
    pub async fn agency_plan_unrealised(
        &self,
        id: AgencyPlanId,
    ) -> Result<Vec<(AgencyPlanItemId, kernel::EmployeeId)>, StoreError> {
        let text = format!(
            "WITH chosen AS ({CHOSEN} WHERE p.agency_id = $1 AND p.id = $2), {OUTTURN}
             SELECT item_id, employee_id FROM places
             WHERE NOT completed AND NOT coalesce(seated AND NOT held, false) ORDER BY item_id, employee_id"
        );
        let sentence = Sentence::new(&text, [self.agency().into(), id.uuid().into()]);
        let rows = self.db.query_all_raw(sentence.finish()).await?;
        let row = |row: &QueryResult| -> Result<_, StoreError> {
            let (item, employee): (Uuid, Uuid) =
                (row.try_get("", "item_id")?, row.try_get("", "employee_id")?);
            Ok((item.into(), employee.into()))
        };
        rows.iter().map(row).collect()
    }

    /// Whether an item was told to have cost something, in any version of its plan.
    ///
    /// # Errors
    /// The database's.
    pub async fn agency_plan_item_has_realisation(&self, item: AgencyPlanItemId) -> Result<bool, StoreError> {
        let (agency, item) = (self.agency(), item.uuid());
        let statement = raw_sql!(
            Postgres,
            "SELECT FROM agency_plan_realisations WHERE agency_id = {agency} AND item_id = {item} LIMIT 1"
        );
        Ok(self.db.query_one_raw(statement).await?.is_some())
    }
}

impl Tx<'_> {
    /// Keeps what an item was told to have cost.
    ///
    /// # Errors
    /// The database's.
    pub async fn agency_plan_realisation_insert(
        &self,
        pass: &Pass,
        (plan, item): (AgencyPlanId, AgencyPlanItemId),
        told: &Realisation,
    ) -> Result<(), StoreError> {
        let (agency, id, now) = (pass.agency().uuid(), AuditEventId::new().uuid(), self.now());
        let (plan, item, user) = (plan.uuid(), item.uuid(), pass.user().map(UserId::uuid));
        let (committed, realised) = (Rupiah::amount(told.committed), Rupiah::amount(told.realised));
        let document = told.document.as_ref().map(ToString::to_string);
        let statement = raw_sql!(
            Postgres,
            "INSERT INTO agency_plan_realisations (agency_id, id, plan_id, item_id, at, user_id, committed, realised, document)
             VALUES ({agency}, {id}, {plan}, {item}, {now}, {user}, {committed}, {realised}, {document})"
        );
        self.db.execute_raw(statement).await?;
        Ok(())
    }
}
