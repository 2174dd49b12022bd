//! What the instance of a scenario is made from: people, offers, and what people have learned.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, NaiveDate, Utc};
use development::{JpTargetRubric, Prerequisite, Price, ScenarioOffer, ScenarioPerson, ScenarioStep};
use futures_util::future::try_join;
use kernel::{
    ClassId, CompetencyId, EmployeeId, Hundredths, Level, NATIONAL, Nip, ProgrammeId, Rupiah, UnitId,
};
use sea_orm::{ConnectionTrait as _, FromQueryResult, raw_sql};
use serde::Deserialize;
use serde_json::Value;
use uuid::Uuid;
use workforce::{EmployeeStatus, JobClass};

use crate::agency_plans::read;
use crate::programmes::{classes_of, families_of};
use crate::rows::{code, known, name};
use crate::sentence::Sentence;
use crate::{Reader, StoreError};

/// What people have learned, and what they are bound to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ScenarioTaken {
    /// Programmes they have a certificate of that counts.
    pub learned: BTreeSet<(EmployeeId, ProgrammeId)>,
    /// Classes they are in, or in line for.
    pub seats: Vec<ScenarioSeat>,
    /// The days of classes.
    pub days: BTreeMap<ClassId, Vec<NaiveDate>>,
}

/// Somebody in a class, or in line for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ScenarioSeat {
    /// Who.
    pub employee: EmployeeId,
    /// The class.
    pub class: ClassId,
    /// Its programme.
    pub programme: ProgrammeId,
    /// Learning hours of the programme.
    pub jp: Option<Hundredths>,
    /// Whether what it brings is still to come: it is not over, or passed without a certificate yet.
    pub is_coming: bool,
    /// Whether the class is held in the year, as far as it is known when.
    pub in_year: bool,
}

/// What can be planned: published programmes with the classes of the year one can still register for, and as they are where
/// the year has no class of them that was not called off.
const OFFERS: &str = "
    WITH held AS (
        SELECT k.id, k.programme_id, k.code, k.seats, k.min_participants, k.state, k.registration_closes_at, k.starts_at
        FROM classes k
        JOIN agencies a ON a.id = k.agency_id
        WHERE k.agency_id = $1 AND k.state <> 'CANCELLED'
          AND (k.starts_at IS NULL OR extract(year FROM day_in(a.zone, k.starts_at))::integer = $2))
    SELECT g.id AS programme_id, k.id AS class_id, g.code, g.name, g.price_per_participant, g.price_per_class, g.jp,
           g.job_classes, g.job_families,
           CASE WHEN k.id IS NOT NULL THEN greatest(k.seats - n.people, 0) END AS seats,
           greatest(k.min_participants - n.people, 0) AS lacking,
           ARRAY(
               SELECT DISTINCT d::date
               FROM class_sessions x
               JOIN agencies a ON a.id = x.agency_id
               CROSS JOIN LATERAL generate_series(day_in(a.zone, x.starts_at),
                   day_in(a.zone, x.ends_at - interval '1 microsecond'), interval '1 day') d
               WHERE x.agency_id = $1 AND x.class_id = k.id ORDER BY 1) AS dates,
           (SELECT coalesce(jsonb_agg(jsonb_build_array(t.competency_id, t.level_from, t.level_to) ORDER BY t.ordinal), '[]')
            FROM programme_steps t WHERE t.agency_id = $1 AND t.programme_id = g.id) AS steps,
           (SELECT coalesce(jsonb_agg(jsonb_build_object('programme', p.required_programme_id, 'competency', p.competency_id,
                       'agency', p.competency_agency_id, 'dictionary', p.dictionary_version_id, 'level', p.level)
                       ORDER BY p.ordinal), '[]')
            FROM programme_prerequisites p WHERE p.agency_id = $1 AND p.programme_id = g.id) AS prerequisites
    FROM programmes g
    LEFT JOIN held k ON k.programme_id = g.id
    CROSS JOIN LATERAL (
        SELECT count(*) AS people FROM enrolments e
        WHERE e.agency_id = $1 AND e.class_id = k.id AND e.state IN ('ENROLLED', 'PASSED', 'FAILED', 'WAITLISTED')) n
    WHERE g.agency_id = $1 AND g.state = 'PUBLISHED'
      AND (k.id IS NULL OR (k.state IN ('PLANNED', 'OPEN') AND k.registration_closes_at > $3
                            AND (k.starts_at IS NULL OR k.starts_at > $3)))
      AND (($4 AND g.jp > 0) OR EXISTS (SELECT FROM programme_steps t WHERE t.agency_id = $1 AND t.programme_id = g.id))
    ORDER BY g.code, k.starts_at, k.id";

#[derive(FromQueryResult)]
struct OfferRecord {
    programme_id: Uuid,
    class_id: Option<Uuid>,
    code: String,
    name: String,
    price_per_participant: Option<i64>,
    price_per_class: Option<i64>,
    jp: Option<i32>,
    job_classes: Vec<String>,
    job_families: Vec<String>,
    seats: Option<i64>,
    lacking: Option<i64>,
    dates: Vec<NaiveDate>,
    steps: Value,
    prerequisites: Value,
}

#[derive(Deserialize)]
struct PrerequisiteJson {
    programme: Option<Uuid>,
    competency: Option<Uuid>,
    agency: Option<Uuid>,
    dictionary: Option<Uuid>,
    level: Option<Level>,
}

impl PrerequisiteJson {
    fn domain(self) -> Option<Prerequisite> {
        if let Some(programme) = self.programme {
            return Some(Prerequisite::Programme(programme.into()));
        }
        Some(Prerequisite::Competency {
            competency: self.competency?.into(),
            competency_agency: self.agency?.into(),
            dictionary_version: self.dictionary?.into(),
            level: self.level?,
        })
    }
}

fn offer(row: OfferRecord) -> Result<ScenarioOffer, StoreError> {
    let rupiah =
        |amount: Option<i64>| amount.map(|amount| known(Rupiah::new(amount), "programmes.price")).transpose();
    let jp = row.jp.map(|jp| known(u32::try_from(jp).ok(), "programmes.jp")).transpose()?;
    let steps: Vec<(CompetencyId, Option<Level>, Level)> = read(row.steps, "programme_steps")?;
    let prerequisites: Vec<PrerequisiteJson> = read(row.prerequisites, "programme_prerequisites")?;
    let prerequisites = prerequisites.into_iter().map(PrerequisiteJson::domain).collect::<Option<_>>();
    Ok(ScenarioOffer {
        programme: row.programme_id.into(),
        class: row.class_id.map(ClassId::from),
        code: code(row.code),
        name: name(row.name),
        price: Price {
            per_participant: rupiah(row.price_per_participant)?,
            per_class: rupiah(row.price_per_class)?,
        },
        seats: row.seats.map(|seats| known(u32::try_from(seats).ok(), "classes.seats")).transpose()?,
        lacking: known(u32::try_from(row.lacking.unwrap_or_default()).ok(), "classes.min_participants")?,
        jp: jp.map(Hundredths::from_count),
        dates: row.dates,
        steps: steps
            .into_iter()
            .map(|(competency, from, to)| ScenarioStep { competency, from, to })
            .collect(),
        audience: development::Audience {
            job_classes: classes_of(&row.job_classes)?,
            job_families: families_of(&row.job_families)?,
        },
        prerequisites: known(prerequisites, "programme_prerequisites")?,
    })
}

/// Who is in a class or in line for it: what is still to come whatever it is, and what is over of these classes, as nobody joins a
/// class twice.
const SEATS: &str = "
    SELECT n.employee_id, n.class_id, k.programme_id, g.jp,
           (n.state IN ('REQUESTED', 'WAITLISTED', 'ENROLLED') OR (n.state = 'PASSED' AND c.id IS NULL)) AS is_coming,
           (k.starts_at IS NULL OR extract(year FROM day_in(a.zone, k.starts_at))::integer = $2) AS in_year
    FROM enrolments n
    JOIN classes k ON k.agency_id = n.agency_id AND k.id = n.class_id
    JOIN programmes g ON g.agency_id = k.agency_id AND g.id = k.programme_id
    JOIN agencies a ON a.id = n.agency_id
    LEFT JOIN certificates c ON c.agency_id = n.agency_id AND c.enrolment_id = n.id
    WHERE n.agency_id = $1
      AND (n.state IN ('REQUESTED', 'WAITLISTED', 'ENROLLED')
           OR (n.state IN ('PASSED', 'FAILED') AND n.class_id = ANY ($3))
           OR (n.state = 'PASSED' AND c.id IS NULL AND k.programme_id = ANY ($4)))";

#[derive(FromQueryResult)]
struct SeatRecord {
    employee_id: Uuid,
    class_id: Uuid,
    programme_id: Uuid,
    jp: Option<i32>,
    is_coming: bool,
    in_year: bool,
}

fn seat(row: SeatRecord) -> Result<ScenarioSeat, StoreError> {
    let jp = row.jp.map(|jp| known(u32::try_from(jp).ok(), "programmes.jp")).transpose()?;
    Ok(ScenarioSeat {
        employee: row.employee_id.into(),
        class: row.class_id.into(),
        programme: row.programme_id.into(),
        jp: jp.map(Hundredths::from_count),
        is_coming: row.is_coming,
        in_year: row.in_year,
    })
}

#[derive(FromQueryResult)]
struct PersonRecord {
    employee_id: Uuid,
    unit_id: Uuid,
    job_class: String,
    status: String,
    nip: String,
}

impl Reader<'_> {
    /// Everybody who serves in a unit or under it, or in the agency, and how their learning hours stand by the rubric on `day`.
    ///
    /// # Errors
    /// The database's.
    pub async fn scenario_people(
        &self,
        unit: Option<UnitId>,
        rubric: &JpTargetRubric,
        day: NaiveDate,
    ) -> Result<Vec<ScenarioPerson>, StoreError> {
        let mut sentence = Sentence::new(
            "SELECT p.employee_id, q.unit_id, q.job_class, e.status, e.nip
             FROM positions q
             JOIN placements_on($1, $2, 'infinity') p ON p.position_id = q.id
             JOIN employees e ON e.agency_id = $1 AND e.id = p.employee_id
             WHERE q.agency_id = $1",
            [self.agency().into(), self.today.into()],
        );
        sentence.maybe(
            " AND q.unit_id IN (
                SELECT x.unit_id FROM unit_ancestors x WHERE x.agency_id = $1 AND x.ancestor_id = {})",
            unit.map(UnitId::uuid),
        );
        sentence.within("p.employee_id", self.people());
        sentence.push(" ORDER BY p.employee_id", []);
        let people = PersonRecord::find_by_statement(sentence.finish());
        let people = async { Ok::<_, StoreError>(people.all(&self.db).await?) };
        let (rows, hours) = try_join(people, self.jp_hours(rubric, day, unit)).await?;
        let person = |row: PersonRecord| {
            let employee = EmployeeId::from(row.employee_id);
            Ok(ScenarioPerson {
                employee,
                unit: row.unit_id.into(),
                job_class: known(JobClass::parse(&row.job_class), "positions.job_class")?,
                status: known(EmployeeStatus::parse(&row.status), "employees.status")?,
                nip: Nip::stored(row.nip),
                hours: hours.get(&employee).copied().unwrap_or_default(),
            })
        };
        rows.into_iter().map(person).collect()
    }

    /// What can be planned for a year, of what one can still register for at `now`: what teaches a competency, or for learning
    /// `hours` whatever has some.
    ///
    /// # Errors
    /// The database's.
    pub async fn scenario_offers(
        &self,
        (year, now): (i32, DateTime<Utc>),
        hours: bool,
    ) -> Result<Vec<ScenarioOffer>, StoreError> {
        let sentence = Sentence::new(OFFERS, [self.agency().into(), year.into(), now.into(), hours.into()]);
        let rows = OfferRecord::find_by_statement(sentence.finish()).all(&self.db).await?;
        // A programme whose classes of the year are all over or closed is not offered without one.
        rows.into_iter().map(offer).collect()
    }

    /// Which of these are programmes of the agency, or classes of them.
    ///
    /// # Errors
    /// The database's.
    pub async fn scenario_offers_known(&self, offers: &BTreeSet<Uuid>) -> Result<BTreeSet<Uuid>, StoreError> {
        let (agency, ids) = (self.agency(), offers.iter().copied().collect::<Vec<Uuid>>());
        let statement = raw_sql!(
            Postgres,
            "SELECT id FROM programmes WHERE agency_id = {agency} AND id = ANY ({ids})
             UNION ALL
             SELECT id FROM classes WHERE agency_id = {agency} AND id = ANY ({ids})"
        );
        let rows = self.db.query_all_raw(statement).await?;
        rows.iter().map(|row| Ok(row.try_get("", "id")?)).collect()
    }

    /// Which of these competencies are in a dictionary of the agency or of the nation.
    ///
    /// # Errors
    /// The database's.
    pub async fn competencies_known(
        &self,
        competencies: &BTreeSet<CompetencyId>,
    ) -> Result<BTreeSet<CompetencyId>, StoreError> {
        let (own, national) = (self.agency(), NATIONAL.uuid());
        let ids: Vec<Uuid> = competencies.iter().map(|id| id.uuid()).collect();
        let statement = raw_sql!(
            Postgres,
            "SELECT id FROM competencies WHERE agency_id IN ({own}, {national}) AND id = ANY ({ids})"
        );
        let rows = self.db.query_all_raw(statement).await?;
        rows.iter().map(|row| Ok(CompetencyId::from(row.try_get::<Uuid>("", "id")?))).collect()
    }

    /// What these programmes cost.
    ///
    /// # Errors
    /// The database's.
    pub async fn scenario_prices(
        &self,
        programmes: &BTreeSet<ProgrammeId>,
    ) -> Result<BTreeMap<ProgrammeId, Price>, StoreError> {
        let (agency, ids) = (self.agency(), programmes.iter().map(|id| id.uuid()).collect::<Vec<Uuid>>());
        let statement = raw_sql!(
            Postgres,
            "SELECT id, price_per_participant, price_per_class FROM programmes WHERE agency_id = {agency} AND id = ANY ({ids})"
        );
        let rupiah = |amount: Option<i64>| amount.and_then(Rupiah::new);
        let price = |row: &sea_orm::QueryResult| -> Result<_, StoreError> {
            let price = Price {
                per_participant: rupiah(row.try_get("", "price_per_participant")?),
                per_class: rupiah(row.try_get("", "price_per_class")?),
            };
            Ok((ProgrammeId::from(row.try_get::<Uuid>("", "id")?), price))
        };
        self.db.query_all_raw(statement).await?.iter().map(price).collect()
    }

    /// What people have learned of the programmes of these offers, which of their classes they are in, and all that they are in
    /// or in line for, with the days of those classes and of `others`.
    ///
    /// # Errors
    /// The database's.
    pub async fn scenario_taken(
        &self,
        offers: &[ScenarioOffer],
        others: &BTreeSet<ClassId>,
        year: i32,
    ) -> Result<ScenarioTaken, StoreError> {
        let (agency, today) = (self.agency(), self.today);
        let classes: Vec<Uuid> = offers.iter().filter_map(|offer| offer.class.map(ClassId::uuid)).collect();
        let required = offers.iter().flat_map(|offer| &offer.prerequisites).filter_map(|one| match one {
            Prerequisite::Programme(programme) => Some(programme.uuid()),
            Prerequisite::Competency { .. } => None,
        });
        let programmes: BTreeSet<Uuid> =
            offers.iter().map(|offer| offer.programme.uuid()).chain(required).collect();
        let programmes: Vec<Uuid> = programmes.into_iter().collect();
        let learned = raw_sql!(
            Postgres,
            "SELECT DISTINCT employee_id, programme_id FROM certificates
             WHERE agency_id = {agency} AND revoked_at IS NULL AND (valid_until IS NULL OR valid_until >= {today}::date)
               AND programme_id = ANY ({programmes})"
        );
        let mut taken = ScenarioTaken::default();
        for row in self.db.query_all_raw(learned).await? {
            let (employee, programme): (Uuid, Uuid) =
                (row.try_get("", "employee_id")?, row.try_get("", "programme_id")?);
            taken.learned.insert((employee.into(), programme.into()));
        }
        let sentence = Sentence::new(SEATS, [agency.into(), year.into(), classes.into(), programmes.into()]);
        let rows = SeatRecord::find_by_statement(sentence.finish()).all(&self.db).await?;
        taken.seats = rows.into_iter().map(seat).collect::<Result<_, _>>()?;
        let coming = taken.seats.iter().filter(|seat| seat.is_coming).map(|seat| seat.class);
        let dated: BTreeSet<ClassId> = coming.chain(others.iter().copied()).collect();
        let dated: Vec<Uuid> = dated.into_iter().map(ClassId::uuid).collect();
        let days = raw_sql!(
            Postgres,
            "SELECT DISTINCT x.class_id, d::date AS day
             FROM class_sessions x
             JOIN agencies a ON a.id = x.agency_id
             CROSS JOIN LATERAL generate_series(day_in(a.zone, x.starts_at),
                 day_in(a.zone, x.ends_at - interval '1 microsecond'), interval '1 day') d
             WHERE x.agency_id = {agency} AND x.class_id = ANY ({dated})"
        );
        for row in self.db.query_all_raw(days).await? {
            let class: Uuid = row.try_get("", "class_id")?;
            taken.days.entry(class.into()).or_default().push(row.try_get("", "day")?);
        }
        Ok(taken)
    }

    /// The levels valid evidence finds in these competencies.
    ///
    /// # Errors
    /// The database's.
    pub async fn scenario_levels(
        &self,
        competencies: &BTreeSet<CompetencyId>,
    ) -> Result<BTreeMap<EmployeeId, Vec<(CompetencyId, u8)>>, StoreError> {
        if competencies.is_empty() {
            return Ok(BTreeMap::new());
        }
        let (agency, today) = (self.agency(), self.today);
        let ids: Vec<Uuid> = competencies.iter().map(|id| id.uuid()).collect();
        let statement = raw_sql!(
            Postgres,
            "SELECT r.employee_id, r.competency_id, r.level FROM evidence_on({agency}, {today}, 'infinity') r
             WHERE r.competency_id = ANY ({ids}) AND r.valid_until >= {today}"
        );
        let mut levels: BTreeMap<EmployeeId, Vec<(CompetencyId, u8)>> = BTreeMap::new();
        for row in self.db.query_all_raw(statement).await? {
            let (employee, competency): (Uuid, Uuid) =
                (row.try_get("", "employee_id")?, row.try_get("", "competency_id")?);
            let level = u8::try_from(row.try_get::<i16>("", "level")?).ok();
            let level = known(level, "assessment_results.level")?;
            levels.entry(employee.into()).or_default().push((competency.into(), level));
        }
        Ok(levels)
    }
}
