//! Scenarios of agency plans, and what was found for them.

use access::Pass;
use chrono::{DateTime, Utc};
use development::{ScenarioAsk, ScenarioFigures, ScenarioPoint, ScenarioState, ScenarioUnit};
use kernel::{
    AgencyId, AgencyPlanId, ClassId, Code, CompetencyId, EmployeeId, Hundredths, Name, Nip, OperationId,
    OperationState, Page, ProgrammeId, ScenarioId, UnitId, UserId, Version,
};
use sea_orm::{ConnectionTrait as _, FromQueryResult, raw_sql};
use serde_json::{Value, to_value};
use uuid::Uuid;

use crate::agency_plans::read;
use crate::rows::{code, known, name};
use crate::sentence::Sentence;
use crate::{PageRequest, Reader, StoreError, Tx};

/// A scenario as it stands.
#[derive(Clone, Debug, PartialEq)]
pub struct ScenarioRow {
    /// The identifier.
    pub id: ScenarioId,
    /// The plan it is for.
    pub plan: AgencyPlanId,
    /// The work that solves it.
    pub operation: OperationId,
    /// The scenario it was made from.
    pub based_on: Option<ScenarioId>,
    /// What it is called.
    pub name: Name,
    /// What was asked.
    pub ask: ScenarioAsk,
    /// How far it has come.
    pub state: ScenarioState,
    /// When its instance was loaded.
    pub loaded_at: Option<DateTime<Utc>>,
    /// What the plan that was found comes to, and when that was.
    pub solved: Option<(ScenarioFigures, DateTime<Utc>)>,
    /// When it was taken over into the plan's draft last.
    pub adopted_at: Option<DateTime<Utc>>,
    /// Who asked for it.
    pub created_by: UserId,
    /// When.
    pub created_at: DateTime<Utc>,
    /// How often the record has been written.
    pub version: Version,
}

/// A scenario about to be written.
#[derive(Clone, Debug, PartialEq)]
pub struct ScenarioDraft {
    /// The identifier.
    pub id: ScenarioId,
    /// The plan it is for.
    pub plan: AgencyPlanId,
    /// The work that solves it.
    pub operation: OperationId,
    /// The scenario it is made from.
    pub based_on: Option<ScenarioId>,
    /// What it is called.
    pub name: Name,
    /// What is asked.
    pub ask: ScenarioAsk,
    /// Who asks.
    pub created_by: UserId,
}

/// Somebody in a class, or in a programme without one in the year.
#[derive(Clone, Debug, PartialEq)]
pub struct ScenarioEnrolment {
    /// Who.
    pub employee: EmployeeId,
    /// Their unit when the instance was loaded.
    pub unit: UnitId,
    /// The programme.
    pub programme: ProgrammeId,
    /// The class.
    pub class: Option<ClassId>,
    /// What it earns.
    pub value: f64,
    /// Rupiah per head.
    pub price: i64,
}

/// An enrolment with what a reader needs beside it.
#[derive(Clone, Debug, PartialEq)]
pub struct ScenarioEnrolmentRow {
    /// Its place in the plan, from 1.
    pub ordinal: i32,
    /// The enrolment.
    pub enrolment: ScenarioEnrolment,
    /// Identity number.
    pub nip: Nip,
    /// Name.
    pub name: Name,
    /// The unit's code.
    pub unit_code: Code,
    /// The programme's code.
    pub programme_code: Code,
    /// The programme's name.
    pub programme_name: Name,
    /// The class's code.
    pub class_code: Option<Code>,
}

/// A need that stays open.
#[derive(Clone, Debug, PartialEq)]
pub struct ScenarioUnserved {
    /// Who.
    pub employee: EmployeeId,
    /// Their unit when the instance was loaded.
    pub unit: UnitId,
    /// Whose dictionary the competency comes from.
    pub competency_agency: AgencyId,
    /// The competency.
    pub competency: CompetencyId,
    /// The level it begins at.
    pub from: u8,
    /// The level it leads to.
    pub to: u8,
    /// What it is worth.
    pub value: f64,
    /// The limit without which it would be served.
    pub reason: String,
}

/// The same with what a reader needs beside it.
#[derive(Clone, Debug, PartialEq)]
pub struct ScenarioUnservedRow {
    /// Its place in the list, from 1.
    pub ordinal: i32,
    /// The need.
    pub unserved: ScenarioUnserved,
    /// Identity number.
    pub nip: Nip,
    /// Name.
    pub name: Name,
    /// The unit's code.
    pub unit_code: Code,
    /// The competency's code.
    pub competency_code: Code,
    /// The competency's name.
    pub competency_name: Name,
}

/// Somebody who still lacks learning hours.
#[derive(Clone, Debug, PartialEq)]
pub struct ScenarioUnreached {
    /// Who.
    pub employee: EmployeeId,
    /// Their unit when the instance was loaded.
    pub unit: UnitId,
    /// Hours still lacking.
    pub jp: Hundredths,
    /// The limit without which they would not lack them.
    pub reason: String,
}

/// The same with what a reader needs beside it.
#[derive(Clone, Debug, PartialEq)]
pub struct ScenarioUnreachedRow {
    /// Its place in the list, from 1.
    pub ordinal: i32,
    /// What is said of them.
    pub unreached: ScenarioUnreached,
    /// Identity number.
    pub nip: Nip,
    /// Name.
    pub name: Name,
    /// The unit's code.
    pub unit_code: Code,
}

#[derive(FromQueryResult)]
struct Record {
    id: Uuid,
    plan_id: Uuid,
    operation_id: Uuid,
    based_on_id: Option<Uuid>,
    name: String,
    ask: Value,
    state: String,
    loaded_at: Option<DateTime<Utc>>,
    figures: Option<Value>,
    solved_at: Option<DateTime<Utc>>,
    adopted_at: Option<DateTime<Utc>>,
    created_by: Uuid,
    created_at: DateTime<Utc>,
    version: i64,
}

fn domain(row: Record) -> Result<ScenarioRow, StoreError> {
    let figures: Option<ScenarioFigures> =
        row.figures.map(|figures| read(figures, "scenarios.figures")).transpose()?;
    let operation = known(OperationState::parse(&row.state), "operations.state")?;
    let state = match (&figures, operation) {
        (Some(figures), _) if figures.stopped => ScenarioState::Stopped,
        (Some(_), _) => ScenarioState::Solved,
        (None, OperationState::Running | OperationState::Succeeded) => ScenarioState::Solving,
        (None, OperationState::Failed) => ScenarioState::Failed,
        (None, OperationState::Cancelled) => ScenarioState::Cancelled,
    };
    Ok(ScenarioRow {
        id: row.id.into(),
        plan: row.plan_id.into(),
        operation: row.operation_id.into(),
        based_on: row.based_on_id.map(ScenarioId::from),
        name: name(row.name),
        ask: read(row.ask, "scenarios.ask")?,
        state,
        loaded_at: row.loaded_at,
        solved: figures.zip(row.solved_at),
        adopted_at: row.adopted_at,
        created_by: row.created_by.into(),
        created_at: row.created_at,
        version: Version::new(row.version),
    })
}

/// Scenarios with how far their work has come; the instance stays where it is, and so does what figures say of each unit and
/// of other budgets.
const SCENARIOS: &str = "
    SELECT s.id, s.plan_id, s.operation_id, s.based_on_id, s.name, s.ask, o.state, s.loaded_at,
           s.figures - 'units' - 'curve' AS figures, s.solved_at,
           s.adopted_at, s.created_by, s.created_at, s.version
    FROM scenarios s
    JOIN operations o ON o.agency_id = s.agency_id AND o.id = s.operation_id
    WHERE s.agency_id = $1";

#[derive(FromQueryResult)]
struct EnrolmentRecord {
    ordinal: i32,
    employee_id: Uuid,
    unit_id: Uuid,
    programme_id: Uuid,
    class_id: Option<Uuid>,
    value: f64,
    price: i64,
    nip: String,
    name: String,
    unit_code: String,
    programme_code: String,
    programme_name: String,
    class_code: Option<String>,
}

#[derive(FromQueryResult)]
struct UnservedRecord {
    ordinal: i32,
    employee_id: Uuid,
    unit_id: Uuid,
    competency_agency_id: Uuid,
    competency_id: Uuid,
    level_from: i16,
    level_to: i16,
    value: f64,
    reason: String,
    nip: String,
    name: String,
    unit_code: String,
    competency_code: String,
    competency_name: String,
}

#[derive(FromQueryResult)]
struct UnreachedRecord {
    ordinal: i32,
    employee_id: Uuid,
    unit_id: Uuid,
    jp: i32,
    reason: String,
    nip: String,
    name: String,
    unit_code: String,
}

impl Reader<'_> {
    /// One scenario of a plan. The caller has found the plan.
    ///
    /// # Errors
    /// The database's.
    pub async fn scenario(&self, id: ScenarioId) -> Result<Option<ScenarioRow>, StoreError> {
        let mut sentence = Sentence::new(SCENARIOS, [self.agency().into()]);
        sentence.push(" AND s.id = {}", [id.uuid().into()]);
        Record::find_by_statement(sentence.finish()).one(&self.db).await?.map(domain).transpose()
    }

    /// Scenarios of a plan, oldest first. The caller has found the plan.
    ///
    /// # Errors
    /// The database's.
    pub async fn scenarios(
        &self,
        plan: AgencyPlanId,
        page: &PageRequest,
    ) -> Result<Page<ScenarioRow>, StoreError> {
        let mut sentence = Sentence::new(SCENARIOS, [self.agency().into()]);
        sentence.push(" AND s.plan_id = {}", [plan.uuid().into()]);
        sentence.maybe(" AND s.id > {}", page.id(0));
        sentence.push(" ORDER BY s.id LIMIT {}", [page.probe().into()]);
        let rows = Record::find_by_statement(sentence.finish()).all(&self.db).await?;
        let rows = rows.into_iter().map(domain).collect::<Result<_, _>>()?;
        Ok(Page::cut(rows, page.limit, |row: &ScenarioRow| vec![row.id.to_string()]))
    }

    /// These scenarios of a plan, in the order of their ids. The caller has found the plan.
    ///
    /// # Errors
    /// The database's.
    pub async fn scenarios_named(
        &self,
        plan: AgencyPlanId,
        ids: &[ScenarioId],
    ) -> Result<Vec<ScenarioRow>, StoreError> {
        let ids: Vec<Uuid> = ids.iter().map(|id| id.uuid()).collect();
        let mut sentence = Sentence::new(SCENARIOS, [self.agency().into()]);
        sentence
            .push(" AND s.plan_id = {} AND s.id = ANY ({}) ORDER BY s.id", [plan.uuid().into(), ids.into()]);
        let rows = Record::find_by_statement(sentence.finish()).all(&self.db).await?;
        rows.into_iter().map(domain).collect()
    }

    /// How many scenarios a plan has.
    ///
    /// # Errors
    /// The database's.
    pub async fn scenario_count(&self, plan: AgencyPlanId) -> Result<i64, StoreError> {
        let (agency, plan) = (self.agency(), plan.uuid());
        let statement = raw_sql!(
            Postgres,
            "SELECT count(*) AS n FROM scenarios WHERE agency_id = {agency} AND plan_id = {plan}"
        );
        let row = self.db.query_one_raw(statement).await?.ok_or(StoreError::Corrupt("scenarios"))?;
        Ok(row.try_get("", "n")?)
    }

    /// The instance a scenario is solved from, once it is loaded.
    ///
    /// # Errors
    /// The database's.
    pub async fn scenario_instance(&self, id: ScenarioId) -> Result<Option<Vec<u8>>, StoreError> {
        let (agency, id) = (self.agency(), id.uuid());
        let statement =
            raw_sql!(Postgres, "SELECT instance FROM scenarios WHERE agency_id = {agency} AND id = {id}");
        let row = self.db.query_one_raw(statement).await?;
        Ok(row.map(|row| row.try_get("", "instance")).transpose()?.flatten())
    }

    /// What a scenario's plan comes to, with how every unit fares and what budgets buy; nothing before there is one.
    ///
    /// # Errors
    /// The database's.
    pub async fn scenario_figures(&self, id: ScenarioId) -> Result<Option<ScenarioFigures>, StoreError> {
        let (agency, id) = (self.agency(), id.uuid());
        let statement =
            raw_sql!(Postgres, "SELECT figures FROM scenarios WHERE agency_id = {agency} AND id = {id}");
        let row = self.db.query_one_raw(statement).await?;
        let figures: Option<Value> = row.map(|row| row.try_get("", "figures")).transpose()?.flatten();
        figures.map(|figures| read(figures, "scenarios.figures")).transpose()
    }

    /// What budgets buy, the smallest first; nothing before it is known.
    ///
    /// # Errors
    /// The database's.
    pub async fn scenario_curve(&self, id: ScenarioId) -> Result<Vec<ScenarioPoint>, StoreError> {
        let (agency, id) = (self.agency(), id.uuid());
        let statement = raw_sql!(
            Postgres,
            "SELECT figures->'curve' AS curve FROM scenarios WHERE agency_id = {agency} AND id = {id}"
        );
        let row = self.db.query_one_raw(statement).await?;
        let curve: Option<Value> = row.map(|row| row.try_get("", "curve")).transpose()?.flatten();
        Ok(curve.map(|curve| read(curve, "scenarios.figures")).transpose()?.unwrap_or_default())
    }

    /// How units fare in a scenario, by code; nothing before it is known.
    ///
    /// # Errors
    /// The database's.
    pub async fn scenario_units(
        &self,
        id: ScenarioId,
        page: &PageRequest,
    ) -> Result<Page<ScenarioUnit>, StoreError> {
        let mut sentence = Sentence::new(
            "SELECT x.ordinal, x.unit FROM scenarios s
             CROSS JOIN LATERAL jsonb_array_elements(s.figures->'units') WITH ORDINALITY AS x(unit, ordinal)
             WHERE s.agency_id = $1 AND s.id = $2",
            [self.agency().into(), id.uuid().into()],
        );
        sentence.maybe(" AND x.ordinal > {}", ordinal_after(page).map(i64::from));
        sentence.push(" ORDER BY x.ordinal LIMIT {}", [page.probe().into()]);
        let rows = self.db.query_all_raw(sentence.finish()).await?;
        let row = |row: &sea_orm::QueryResult| -> Result<(i64, ScenarioUnit), StoreError> {
            Ok((row.try_get("", "ordinal")?, read(row.try_get("", "unit")?, "scenarios.figures")?))
        };
        let rows = rows.iter().map(row).collect::<Result<Vec<_>, _>>()?;
        let page = Page::cut(rows, page.limit, |(ordinal, _): &(i64, _)| vec![ordinal.to_string()]);
        Ok(page.map(|(_, unit)| unit))
    }

    /// How many items of the plan's versions came from a scenario.
    ///
    /// # Errors
    /// The database's.
    pub async fn scenario_items(&self, id: ScenarioId) -> Result<i64, StoreError> {
        let (agency, id) = (self.agency(), id.uuid());
        let statement = raw_sql!(
            Postgres,
            "SELECT count(*) AS n FROM agency_plan_items WHERE agency_id = {agency} AND scenario_id = {id}"
        );
        let row = self.db.query_one_raw(statement).await?.ok_or(StoreError::Corrupt("agency_plan_items"))?;
        Ok(row.try_get("", "n")?)
    }

    /// Enrolments of a scenario, by person.
    ///
    /// # Errors
    /// The database's.
    pub async fn scenario_enrolments(
        &self,
        id: ScenarioId,
        page: &PageRequest,
    ) -> Result<Page<ScenarioEnrolmentRow>, StoreError> {
        let mut sentence = Sentence::new(
            "SELECT n.ordinal, n.employee_id, n.unit_id, n.programme_id, n.class_id, n.value, n.price, e.nip, e.name,
                    u.code AS unit_code, g.code AS programme_code, g.name AS programme_name, k.code AS class_code
             FROM scenario_enrolments n
             JOIN employees e ON e.agency_id = n.agency_id AND e.id = n.employee_id
             JOIN units u ON u.agency_id = n.agency_id AND u.id = n.unit_id
             JOIN programmes g ON g.agency_id = n.agency_id AND g.id = n.programme_id
             LEFT JOIN classes k ON k.agency_id = n.agency_id AND k.id = n.class_id
             WHERE n.agency_id = $1 AND n.scenario_id = $2",
            [self.agency().into(), id.uuid().into()],
        );
        sentence.maybe(" AND n.ordinal > {}", ordinal_after(page));
        sentence.push(" ORDER BY n.ordinal LIMIT {}", [page.probe().into()]);
        let rows = EnrolmentRecord::find_by_statement(sentence.finish()).all(&self.db).await?;
        let row = |row: EnrolmentRecord| {
            Ok(ScenarioEnrolmentRow {
                ordinal: row.ordinal,
                enrolment: ScenarioEnrolment {
                    employee: row.employee_id.into(),
                    unit: row.unit_id.into(),
                    programme: row.programme_id.into(),
                    class: row.class_id.map(ClassId::from),
                    value: row.value,
                    price: row.price,
                },
                nip: Nip::stored(row.nip),
                name: name(row.name),
                unit_code: code(row.unit_code),
                programme_code: code(row.programme_code),
                programme_name: name(row.programme_name),
                class_code: row.class_code.map(code),
            })
        };
        let rows = rows.into_iter().map(row).collect::<Result<_, StoreError>>()?;
        Ok(Page::cut(rows, page.limit, |row: &ScenarioEnrolmentRow| vec![row.ordinal.to_string()]))
    }

    /// All enrolments of a scenario, by person.
    ///
    /// # Errors
    /// The database's.
    pub async fn scenario_enrolments_all(
        &self,
        id: ScenarioId,
    ) -> Result<Vec<ScenarioEnrolment>, StoreError> {
        let (agency, id) = (self.agency(), id.uuid());
        let statement = raw_sql!(
            Postgres,
            "SELECT employee_id, unit_id, programme_id, class_id, value, price FROM scenario_enrolments
             WHERE agency_id = {agency} AND scenario_id = {id} ORDER BY ordinal"
        );
        let rows = self.db.query_all_raw(statement).await?;
        let enrolment = |row: &sea_orm::QueryResult| -> Result<_, StoreError> {
            let uuid = |column: &str| row.try_get::<Uuid>("", column);
            Ok(ScenarioEnrolment {
                employee: uuid("employee_id")?.into(),
                unit: uuid("unit_id")?.into(),
                programme: uuid("programme_id")?.into(),
                class: row.try_get::<Option<Uuid>>("", "class_id")?.map(ClassId::from),
                value: row.try_get("", "value")?,
                price: row.try_get("", "price")?,
            })
        };
        rows.iter().map(enrolment).collect()
    }

    /// Needs a scenario leaves open, in the order of people; `reason` leaves the others out.
    ///
    /// # Errors
    /// The database's.
    pub async fn scenario_unserved(
        &self,
        id: ScenarioId,
        reason: Option<&str>,
        page: &PageRequest,
    ) -> Result<Page<ScenarioUnservedRow>, StoreError> {
        let mut sentence = Sentence::new(
            "SELECT n.ordinal, n.employee_id, n.unit_id, n.competency_agency_id, n.competency_id, n.level_from, n.level_to,
                    n.value, n.reason, e.nip, e.name, u.code AS unit_code, c.code AS competency_code,
                    coalesce(t.name, c.code) AS competency_name
             FROM scenario_unserved n
             JOIN employees e ON e.agency_id = n.agency_id AND e.id = n.employee_id
             JOIN units u ON u.agency_id = n.agency_id AND u.id = n.unit_id
             JOIN competencies c ON c.agency_id = n.competency_agency_id AND c.id = n.competency_id
             LEFT JOIN LATERAL (
                SELECT x.name FROM competency_contents x
                JOIN dictionary_versions v ON v.agency_id = x.agency_id AND v.id = x.dictionary_version_id
                WHERE x.agency_id = c.agency_id AND x.competency_id = c.id
                ORDER BY v.published_at IS NULL, v.number DESC LIMIT 1) t ON true
             WHERE n.agency_id = $1 AND n.scenario_id = $2",
            [self.agency().into(), id.uuid().into()],
        );
        sentence.maybe(" AND n.reason = {}", reason);
        sentence.maybe(" AND n.ordinal > {}", ordinal_after(page));
        sentence.push(" ORDER BY n.ordinal LIMIT {}", [page.probe().into()]);
        let rows = UnservedRecord::find_by_statement(sentence.finish()).all(&self.db).await?;
        let level = |level: i16| known(u8::try_from(level).ok(), "scenario_unserved.level");
        let row = |row: UnservedRecord| {
            Ok(ScenarioUnservedRow {
                ordinal: row.ordinal,
                unserved: ScenarioUnserved {
                    employee: row.employee_id.into(),
                    unit: row.unit_id.into(),
                    competency_agency: row.competency_agency_id.into(),
                    competency: row.competency_id.into(),
                    from: level(row.level_from)?,
                    to: level(row.level_to)?,
                    value: row.value,
                    reason: row.reason,
                },
                nip: Nip::stored(row.nip),
                name: name(row.name),
                unit_code: code(row.unit_code),
                competency_code: code(row.competency_code),
                competency_name: name(row.competency_name),
            })
        };
        let rows = rows.into_iter().map(row).collect::<Result<_, StoreError>>()?;
        Ok(Page::cut(rows, page.limit, |row: &ScenarioUnservedRow| vec![row.ordinal.to_string()]))
    }

    /// People who still lack learning hours in a scenario that is to bring them there; `reason` leaves the others out.
    ///
    /// # Errors
    /// The database's.
    pub async fn scenario_unreached(
        &self,
        id: ScenarioId,
        reason: Option<&str>,
        page: &PageRequest,
    ) -> Result<Page<ScenarioUnreachedRow>, StoreError> {
        let mut sentence = Sentence::new(
            "SELECT n.ordinal, n.employee_id, n.unit_id, n.jp, n.reason, e.nip, e.name, u.code AS unit_code
             FROM scenario_unreached n
             JOIN employees e ON e.agency_id = n.agency_id AND e.id = n.employee_id
             JOIN units u ON u.agency_id = n.agency_id AND u.id = n.unit_id
             WHERE n.agency_id = $1 AND n.scenario_id = $2",
            [self.agency().into(), id.uuid().into()],
        );
        sentence.maybe(" AND n.reason = {}", reason);
        sentence.maybe(" AND n.ordinal > {}", ordinal_after(page));
        sentence.push(" ORDER BY n.ordinal LIMIT {}", [page.probe().into()]);
        let rows = UnreachedRecord::find_by_statement(sentence.finish()).all(&self.db).await?;
        let row = |row: UnreachedRecord| {
            Ok(ScenarioUnreachedRow {
                ordinal: row.ordinal,
                unreached: ScenarioUnreached {
                    employee: row.employee_id.into(),
                    unit: row.unit_id.into(),
                    jp: Hundredths::from_count(known(u32::try_from(row.jp).ok(), "scenario_unreached.jp")?),
                    reason: row.reason,
                },
                nip: Nip::stored(row.nip),
                name: name(row.name),
                unit_code: code(row.unit_code),
            })
        };
        let rows = rows.into_iter().map(row).collect::<Result<_, StoreError>>()?;
        Ok(Page::cut(rows, page.limit, |row: &ScenarioUnreachedRow| vec![row.ordinal.to_string()]))
    }
}

fn ordinal_after(page: &PageRequest) -> Option<i32> {
    page.key(0).and_then(|key| key.parse().ok())
}

/// Rows of one statement.
const AT_ONCE: usize = 20_000;

impl Tx<'_> {
    /// Adds a scenario; its operation is there.
    ///
    /// # Errors
    /// The database's.
    pub async fn scenario_insert(&self, pass: &Pass, draft: &ScenarioDraft) -> Result<(), StoreError> {
        let ScenarioDraft { id, plan, operation, based_on, name, ask, created_by } = draft;
        let sentence = Sentence::new(
            "INSERT INTO scenarios (agency_id, id, plan_id, operation_id, based_on_id, name, ask, created_by, created_at)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
            [
                pass.agency().uuid().into(),
                id.uuid().into(),
                plan.uuid().into(),
                operation.uuid().into(),
                based_on.map(ScenarioId::uuid).into(),
                name.to_string().into(),
                json(ask)?.into(),
                created_by.uuid().into(),
                self.now().into(),
            ],
        );
        self.db.execute_raw(sentence.finish()).await?;
        Ok(())
    }

    /// Keeps the instance a scenario is solved from; once there, it stays.
    ///
    /// # Errors
    /// [`StoreError::Stale`] when it is there already.
    pub async fn scenario_freeze(
        &self,
        pass: &Pass,
        id: ScenarioId,
        instance: Vec<u8>,
    ) -> Result<(), StoreError> {
        let sentence = Sentence::new(
            "UPDATE scenarios SET instance = $3, loaded_at = $4, version = version + 1
             WHERE agency_id = $1 AND id = $2 AND instance IS NULL",
            [pass.agency().uuid().into(), id.uuid().into(), instance.into(), self.now().into()],
        );
        self.once(sentence).await
    }

    /// Keeps the plan that was found; once there, it stays. The instance goes: nothing is solved from it any more.
    ///
    /// # Errors
    /// [`StoreError::Stale`] when there is one already.
    pub async fn scenario_solved(
        &self,
        pass: &Pass,
        id: ScenarioId,
        figures: &ScenarioFigures,
        (enrolments, unserved, unreached): (&[ScenarioEnrolment], &[ScenarioUnserved], &[ScenarioUnreached]),
    ) -> Result<(), StoreError> {
        let agency = pass.agency().uuid();
        let sentence = Sentence::new(
            "UPDATE scenarios SET figures = $3, solved_at = $4, instance = NULL, version = version + 1
             WHERE agency_id = $1 AND id = $2 AND figures IS NULL",
            [agency.into(), id.uuid().into(), json(figures)?.into(), self.now().into()],
        );
        self.once(sentence).await?;
        let of = (agency, id.uuid());
        self.scenario_enrolments_insert(of, enrolments).await?;
        self.scenario_unserved_insert(of, unserved).await?;
        self.scenario_unreached_insert(of, unreached).await
    }

    async fn scenario_enrolments_insert(
        &self,
        (agency, id): (Uuid, Uuid),
        rows: &[ScenarioEnrolment],
    ) -> Result<(), StoreError> {
        let insert = |part: &[ScenarioEnrolment], first: i32| {
            let all = |of: fn(&ScenarioEnrolment) -> Uuid| -> Vec<Uuid> { part.iter().map(of).collect() };
            Sentence::new(
                "INSERT INTO scenario_enrolments (agency_id, scenario_id, ordinal, employee_id, unit_id, programme_id,
                    class_id, value, price)
                 SELECT $1, $2, $3 - 1 + w.ordinal::integer, w.employee_id, w.unit_id, w.programme_id,
                        nullif(w.class_id, '00000000-0000-0000-0000-000000000000'), w.value, w.price
                 FROM unnest($4::uuid[], $5::uuid[], $6::uuid[], $7::uuid[], $8::double precision[], $9::bigint[])
                    WITH ORDINALITY AS w(employee_id, unit_id, programme_id, class_id, value, price, ordinal)",
                [
                    agency.into(),
                    id.into(),
                    first.into(),
                    all(|one| one.employee.uuid()).into(),
                    all(|one| one.unit.uuid()).into(),
                    all(|one| one.programme.uuid()).into(),
                    all(|one| one.class.map_or(Uuid::nil(), ClassId::uuid)).into(),
                    part.iter().map(|one| one.value).collect::<Vec<_>>().into(),
                    part.iter().map(|one| one.price).collect::<Vec<_>>().into(),
                ],
            )
        };
        self.in_parts(rows, insert).await
    }

    async fn scenario_unserved_insert(
        &self,
        (agency, id): (Uuid, Uuid),
        rows: &[ScenarioUnserved],
    ) -> Result<(), StoreError> {
        let insert = |part: &[ScenarioUnserved], first: i32| {
            let all = |of: fn(&ScenarioUnserved) -> Uuid| -> Vec<Uuid> { part.iter().map(of).collect() };
            Sentence::new(
                "INSERT INTO scenario_unserved (agency_id, scenario_id, ordinal, employee_id, unit_id, competency_agency_id,
                    competency_id, level_from, level_to, value, reason)
                 SELECT $1, $2, $3 - 1 + w.ordinal::integer, w.employee_id, w.unit_id, w.competency_agency_id,
                        w.competency_id, w.level_from, w.level_to, w.value, w.reason
                 FROM unnest($4::uuid[], $5::uuid[], $6::uuid[], $7::uuid[], $8::smallint[], $9::smallint[],
                    $10::double precision[], $11::text[])
                    WITH ORDINALITY AS w(employee_id, unit_id, competency_agency_id, competency_id, level_from, level_to, value,
                        reason, ordinal)",
                [
                    agency.into(),
                    id.into(),
                    first.into(),
                    all(|one| one.employee.uuid()).into(),
                    all(|one| one.unit.uuid()).into(),
                    all(|one| one.competency_agency.uuid()).into(),
                    all(|one| one.competency.uuid()).into(),
                    part.iter().map(|one| i16::from(one.from)).collect::<Vec<_>>().into(),
                    part.iter().map(|one| i16::from(one.to)).collect::<Vec<_>>().into(),
                    part.iter().map(|one| one.value).collect::<Vec<_>>().into(),
                    part.iter().map(|one| one.reason.clone()).collect::<Vec<_>>().into(),
                ],
            )
        };
        self.in_parts(rows, insert).await
    }

    async fn scenario_unreached_insert(
        &self,
        (agency, id): (Uuid, Uuid),
        rows: &[ScenarioUnreached],
    ) -> Result<(), StoreError> {
        let insert = |part: &[ScenarioUnreached], first: i32| {
            let all = |of: fn(&ScenarioUnreached) -> Uuid| -> Vec<Uuid> { part.iter().map(of).collect() };
            let hours = part.iter().map(|one| i32::try_from(one.jp.count()).unwrap_or(i32::MAX));
            Sentence::new(
                "INSERT INTO scenario_unreached (agency_id, scenario_id, ordinal, employee_id, unit_id, jp, reason)
                 SELECT $1, $2, $3 - 1 + w.ordinal::integer, w.employee_id, w.unit_id, w.jp, w.reason
                 FROM unnest($4::uuid[], $5::uuid[], $6::integer[], $7::text[])
                    WITH ORDINALITY AS w(employee_id, unit_id, jp, reason, ordinal)",
                [
                    agency.into(),
                    id.into(),
                    first.into(),
                    all(|one| one.employee.uuid()).into(),
                    all(|one| one.unit.uuid()).into(),
                    hours.collect::<Vec<_>>().into(),
                    part.iter().map(|one| one.reason.clone()).collect::<Vec<_>>().into(),
                ],
            )
        };
        self.in_parts(rows, insert).await
    }

    /// Adds rows part by part; `insert` is told the place of the first row of a part, from 1.
    async fn in_parts<T>(
        &self,
        rows: &[T],
        insert: impl Fn(&[T], i32) -> Sentence,
    ) -> Result<(), StoreError> {
        let mut first = 1;
        for part in rows.chunks(AT_ONCE) {
            self.db.execute_raw(insert(part, first).finish()).await?;
            first += i32::try_from(part.len()).unwrap_or(i32::MAX);
        }
        Ok(())
    }

    /// Notes that a scenario was taken over into its plan's draft.
    ///
    /// # Errors
    /// The database's.
    pub async fn scenario_adopted(&self, pass: &Pass, id: ScenarioId, by: UserId) -> Result<(), StoreError> {
        let sentence = Sentence::new(
            "UPDATE scenarios SET adopted_at = $3, adopted_by = $4, version = version + 1 WHERE agency_id = $1 AND id = $2",
            [pass.agency().uuid().into(), id.uuid().into(), self.now().into(), by.uuid().into()],
        );
        self.db.execute_raw(sentence.finish()).await?;
        Ok(())
    }

    /// Lets go of the instance of a scenario whose work is over: nobody takes it over any more.
    ///
    /// # Errors
    /// The database's.
    pub async fn scenario_release(&self, pass: &Pass, id: ScenarioId) -> Result<(), StoreError> {
        let sentence = Sentence::new(
            "UPDATE scenarios s SET instance = NULL FROM operations o
             WHERE s.agency_id = $1 AND s.id = $2 AND s.instance IS NOT NULL
               AND o.agency_id = s.agency_id AND o.id = s.operation_id AND o.state <> 'RUNNING'",
            [pass.agency().uuid().into(), id.uuid().into()],
        );
        self.db.execute_raw(sentence.finish()).await?;
        Ok(())
    }

    /// Deletes a scenario with its plan. The work stays on record.
    ///
    /// # Errors
    /// The database's.
    pub async fn scenario_delete(&self, pass: &Pass, id: ScenarioId) -> Result<(), StoreError> {
        let sentence = Sentence::new(
            "DELETE FROM scenarios WHERE agency_id = $1 AND id = $2",
            [pass.agency().uuid().into(), id.uuid().into()],
        );
        self.db.execute_raw(sentence.finish()).await?;
        Ok(())
    }

    async fn once(&self, sentence: Sentence) -> Result<(), StoreError> {
        let written = self.db.execute_raw(sentence.finish()).await?.rows_affected();
        if written == 0 { Err(StoreError::Stale) } else { Ok(()) }
    }
}

fn json(value: &impl serde::Serialize) -> Result<Value, StoreError> {
    to_value(value).map_err(|_never| StoreError::Corrupt("scenarios"))
}
