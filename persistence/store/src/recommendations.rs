//! Programmes on offer that teach certain competencies, with what decides between them.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use chrono::{DateTime, NaiveDate, Utc};
use development::{Audience, NextClass, OfferedStep, Prerequisite, Price, ProgrammeOffer, UnderWay};
use kernel::{
    AgencyId, ClassId, CompetencyId, DictionaryVersionId, EmployeeId, Hundredths, Level, ProgrammeId, Rupiah,
};
use sea_orm::{DbBackend, FromQueryResult, Statement, raw_sql};
use serde::Deserialize;
use serde_json::Value;
use uuid::Uuid;

use crate::programmes::{classes_of, families_of};
use crate::rows::{code, known};
use crate::{Reader, StoreError};

#[derive(FromQueryResult)]
struct Row {
    id: Uuid,
    code: String,
    jp: Option<i32>,
    price_per_participant: Option<i64>,
    price_per_class: Option<i64>,
    job_classes: Vec<String>,
    job_families: Vec<String>,
    agencies: Vec<Uuid>,
    competencies: Vec<Uuid>,
    starts: Vec<i16>,
    ends: Vec<i16>,
    prerequisites: Option<Value>,
    /// As [`PRINT`] has it.
    print: i64,
}

#[derive(FromQueryResult)]
struct PrintRow {
    print: i64,
}

/// The next class of a programme.
#[derive(FromQueryResult)]
struct ClassRow {
    programme_id: Uuid,
    id: Uuid,
    starts_at: DateTime<Utc>,
    starts_on: NaiveDate,
    seats_left: i64,
}

#[derive(FromQueryResult)]
struct UnderWayRow {
    programme_id: Uuid,
    planned: bool,
}

/// What the published programmes of an agency are. A programme is only ever changed with its version, steps and prerequisites
/// included, so that no two catalogues have the same print, but for one chance in 2^64.
const PRINT: &str = "SELECT coalesce(bit_xor(uuid_hash_extended(id, version)), 0) AS print FROM programmes
    WHERE agency_id = $1 AND state = 'PUBLISHED'";

/// The published programmes of an agency, without their classes.
#[derive(Debug)]
pub(crate) struct Catalogue {
    print: i64,
    offers: Vec<ProgrammeOffer>,
    /// The places of those that teach a competency.
    teaching: HashMap<CompetencyId, Vec<usize>>,
}

impl Catalogue {
    fn new(rows: Vec<Row>) -> Result<Self, StoreError> {
        let print = rows.first().map_or(0, |row| row.print);
        let offers = rows.into_iter().map(Row::domain).collect::<Result<Vec<_>, _>>()?;
        let mut teaching: HashMap<CompetencyId, Vec<usize>> = HashMap::new();
        for (place, offer) in offers.iter().enumerate() {
            for step in &offer.steps {
                teaching.entry(step.competency).or_default().push(place);
            }
        }
        Ok(Self { print, offers, teaching })
    }

    /// The programmes that teach one of the competencies that are `lacked`, each with its steps in all that are `required`.
    fn teaching(
        &self,
        lacked: impl IntoIterator<Item = CompetencyId>,
        required: &BTreeSet<CompetencyId>,
    ) -> Vec<ProgrammeOffer> {
        let places: BTreeSet<usize> =
            lacked.into_iter().filter_map(|id| self.teaching.get(&id)).flatten().copied().collect();
        let offers = places.into_iter().filter_map(|place| self.offers.get(place));
        let taught = |offer: &ProgrammeOffer| ProgrammeOffer {
            steps: offer.steps.iter().filter(|step| required.contains(&step.competency)).copied().collect(),
            ..offer.clone()
        };
        offers.map(taught).collect()
    }
}

#[derive(Deserialize)]
struct PrerequisiteJson {
    programme: Option<ProgrammeId>,
    competency: Option<CompetencyId>,
    competency_agency: Option<AgencyId>,
    dictionary_version: Option<DictionaryVersionId>,
    level: Option<Level>,
}

impl PrerequisiteJson {
    fn domain(self) -> Option<Prerequisite> {
        match self.programme {
            Some(programme) => Some(Prerequisite::Programme(programme)),
            None => Some(Prerequisite::Competency {
                competency: self.competency?,
                competency_agency: self.competency_agency?,
                dictionary_version: self.dictionary_version?,
                level: self.level?,
            }),
        }
    }
}

/// A level of a step; none is written as nothing.
fn step_level(level: i16) -> Option<Level> {
    Level::new(i64::from(level))
}

impl Row {
    fn domain(self) -> Result<ProgrammeOffer, StoreError> {
        let competencies = self.agencies.into_iter().zip(self.competencies);
        let steps = competencies.zip(self.starts.into_iter().zip(self.ends)).map(|(named, (from, to))| {
            Ok(OfferedStep {
                competency_agency: named.0.into(),
                competency: named.1.into(),
                from: step_level(from),
                to: known(step_level(to), "programme_steps.level_to")?,
            })
        });
        let steps = steps.collect::<Result<_, StoreError>>()?;
        let prerequisites: Option<Vec<PrerequisiteJson>> = match self.prerequisites {
            Some(all) => serde_json::from_value(all).ok(),
            None => Some(Vec::new()),
        };
        let prerequisites: Option<Vec<Prerequisite>> =
            prerequisites.and_then(|all| all.into_iter().map(PrerequisiteJson::domain).collect());
        let jp = self.jp.map(|jp| known(u32::try_from(jp).ok(), "programmes.jp")).transpose()?;
        Ok(ProgrammeOffer {
            programme: ProgrammeId::from(self.id),
            code: code(self.code),
            jp: jp.map(Hundredths::from_count),
            price: Price {
                per_participant: self.price_per_participant.map(Rupiah::stored),
                per_class: self.price_per_class.map(Rupiah::stored),
            },
            audience: Audience {
                job_classes: classes_of(&self.job_classes)?,
                job_families: families_of(&self.job_families)?,
            },
            steps,
            prerequisites: known(prerequisites, "programme_prerequisites")?,
            next_class: None,
        })
    }
}

impl Reader<'_> {
    /// The published programmes that teach one of the competencies that are `lacked`, each with its steps in all that are
    /// `required`, and without its classes; in no order.
    ///
    /// # Errors
    /// The database's.
    pub async fn programme_offers(
        &self,
        lacked: impl IntoIterator<Item = CompetencyId>,
        required: impl IntoIterator<Item = CompetencyId>,
    ) -> Result<Vec<ProgrammeOffer>, StoreError> {
        let required: BTreeSet<CompetencyId> = required.into_iter().collect();
        Ok(self.catalogue().await?.teaching(lacked, &required))
    }

    /// What somebody is about to learn already, by enrolments and by their plan of a year. The caller has found the person within
    /// the scope.
    ///
    /// # Errors
    /// The database's.
    pub async fn under_way(&self, employee: EmployeeId, year: i32) -> Result<UnderWay, StoreError> {
        let (agency, employee) = (self.agency(), employee.uuid());
        let statement = raw_sql!(
            Postgres,
            "SELECT k.programme_id, false AS planned
             FROM enrolments n
             JOIN classes k ON k.agency_id = n.agency_id AND k.id = n.class_id
             WHERE n.agency_id = {agency} AND n.employee_id = {employee}
               AND n.state IN ('REQUESTED', 'WAITLISTED', 'ENROLLED')
             UNION
             SELECT i.programme_id, true
             FROM plans p
             JOIN plan_items i ON i.agency_id = p.agency_id AND i.plan_id = p.id
             WHERE p.agency_id = {agency} AND p.employee_id = {employee} AND p.year = {year}
               AND p.state NOT IN ('COMPLETED', 'CANCELLED', 'SUPERSEDED')
               AND i.programme_id IS NOT NULL AND i.state IN ('PLANNED', 'STARTED')"
        );
        let mut found = UnderWay::default();
        for UnderWayRow { programme_id, planned } in
            UnderWayRow::find_by_statement(statement).all(&self.db).await?
        {
            let all = if planned { &mut found.planned } else { &mut found.enrolled };
            all.insert(programme_id.into());
        }
        Ok(found)
    }

    /// The published programmes, from memory where they are what they were.
    async fn catalogue(&self) -> Result<Arc<Catalogue>, StoreError> {
        let (agency, kept) = (self.agency(), &self.memory.catalogues);
        let print = Statement::from_sql_and_values(DbBackend::Postgres, PRINT, [agency.into()]);
        let print = known(PrintRow::find_by_statement(print).one(&self.db).await?, "programmes")?.print;
        if let Some(catalogue) = kept.get(&agency.into()).filter(|kept| kept.print == print) {
            return Ok(catalogue);
        }
        let whole = format!(
            "SELECT p.id, p.code, p.jp, p.price_per_participant, p.price_per_class, p.job_classes, p.job_families,
                    s.agencies, s.competencies, s.starts, s.ends, r.prerequisites, n.print
             FROM programmes p
             CROSS JOIN ({PRINT}) n
             JOIN (
                SELECT programme_id, array_agg(competency_agency_id ORDER BY ordinal) AS agencies,
                       array_agg(competency_id ORDER BY ordinal) AS competencies,
                       array_agg(coalesce(level_from, 0::smallint) ORDER BY ordinal) AS starts,
                       array_agg(level_to ORDER BY ordinal) AS ends
                FROM programme_steps
                WHERE agency_id = $1
                GROUP BY programme_id) s ON s.programme_id = p.id
             LEFT JOIN (
                SELECT programme_id, jsonb_agg(jsonb_build_object('programme', required_programme_id,
                        'competency', competency_id, 'competency_agency', competency_agency_id,
                        'dictionary_version', dictionary_version_id, 'level', level) ORDER BY ordinal) AS prerequisites
                FROM programme_prerequisites
                WHERE agency_id = $1
                GROUP BY programme_id) r ON r.programme_id = p.id
             WHERE p.agency_id = $1 AND p.state = 'PUBLISHED'"
        );
        let whole = Statement::from_sql_and_values(DbBackend::Postgres, whole, [agency.into()]);
        let catalogue = Arc::new(Catalogue::new(Row::find_by_statement(whole).all(&self.db).await?)?);
        kept.put(agency.into(), Arc::clone(&catalogue));
        Ok(catalogue)
    }

    /// Of each of these programmes the next class that takes registrations at `now` and has a seat nobody has or waits for.
    ///
    /// # Errors
    /// The database's.
    pub async fn next_classes(
        &self,
        programmes: impl IntoIterator<Item = ProgrammeId>,
        now: DateTime<Utc>,
    ) -> Result<BTreeMap<ProgrammeId, NextClass>, StoreError> {
        let (agency, programmes) =
            (self.agency(), programmes.into_iter().map(ProgrammeId::uuid).collect::<Vec<_>>());
        let statement = raw_sql!(
            Postgres,
            "WITH registering AS MATERIALIZED (
                SELECT c.id, c.programme_id, c.starts_at, c.seats
                FROM classes c
                WHERE c.agency_id = {agency} AND c.programme_id = ANY ({programmes}) AND c.state = 'OPEN'
                  AND c.registration_opens_at <= {now} AND c.registration_closes_at > {now}),
             taken AS (
                SELECT e.class_id, count(*) AS seats
                FROM registering c
                JOIN enrolments e ON e.agency_id = {agency} AND e.class_id = c.id
                WHERE e.state IN ('WAITLISTED', 'ENROLLED', 'PASSED', 'FAILED')
                GROUP BY e.class_id)
             SELECT DISTINCT ON (c.programme_id) c.programme_id, c.id, c.starts_at,
                    day_in(a.zone, c.starts_at) AS starts_on, c.seats - coalesce(x.seats, 0) AS seats_left
             FROM registering c
             JOIN agencies a ON a.id = {agency}
             LEFT JOIN taken x ON x.class_id = c.id
             WHERE c.seats > coalesce(x.seats, 0)
             ORDER BY c.programme_id, c.starts_at, c.id"
        );
        let rows = ClassRow::find_by_statement(statement).all(&self.db).await?;
        let class = |row: ClassRow| {
            let ClassRow { programme_id, id, starts_at, starts_on, seats_left } = row;
            let seats_left = known(u32::try_from(seats_left).ok(), "classes.seats")?;
            Ok((programme_id.into(), NextClass { id: ClassId::from(id), starts_at, starts_on, seats_left }))
        };
        rows.into_iter().map(class).collect()
    }
}
