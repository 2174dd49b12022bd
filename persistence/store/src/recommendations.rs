//! Programmes on offer that teach certain competencies, with what decides between them.

use chrono::{DateTime, NaiveDate, Utc};
use development::{Audience, NextClass, OfferedStep, Prerequisite, Price, ProgrammeOffer};
use kernel::{AgencyId, ClassId, CompetencyId, DictionaryVersionId, Hundredths, Level, ProgrammeId, Rupiah};
use sea_orm::{FromQueryResult, raw_sql};
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
    class_id: Option<Uuid>,
    starts_at: Option<DateTime<Utc>>,
    starts_on: Option<NaiveDate>,
    seats_left: Option<i64>,
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
        let next_class = match (self.class_id, self.starts_at, self.starts_on, self.seats_left) {
            (Some(id), Some(starts_at), Some(starts_on), Some(seats)) => Some(NextClass {
                id: ClassId::from(id),
                starts_at,
                starts_on,
                seats_left: known(u32::try_from(seats).ok(), "classes.seats")?,
            }),
            _ => None,
        };
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
            next_class,
        })
    }
}

impl Reader<'_> {
    /// The published programmes that teach one of the competencies that are `lacked`, each with its steps in all that are
    /// `required` and the next class that takes registrations at `now` and has a free seat; in no order.
    ///
    /// # Errors
    /// The database's.
    pub async fn programme_offers(
        &self,
        lacked: impl IntoIterator<Item = CompetencyId>,
        required: impl IntoIterator<Item = CompetencyId>,
        now: DateTime<Utc>,
    ) -> Result<Vec<ProgrammeOffer>, StoreError> {
        let agency = self.agency();
        let lacked: Vec<Uuid> = lacked.into_iter().map(CompetencyId::uuid).collect();
        let required: Vec<Uuid> = required.into_iter().map(CompetencyId::uuid).collect();
        let statement = raw_sql!(
            Postgres,
            "WITH taught AS MATERIALIZED (
                SELECT q.programme_id AS id FROM programme_steps q
                WHERE q.agency_id = {agency} AND q.competency_id = ANY ({lacked})
                GROUP BY q.programme_id),
             registering AS MATERIALIZED (
                SELECT c.id, c.programme_id, c.starts_at, c.seats
                FROM taught t
                JOIN classes c ON c.agency_id = {agency} AND c.programme_id = t.id
                WHERE c.state = 'OPEN' AND c.registration_opens_at <= {now} AND c.registration_closes_at > {now}),
             taken AS MATERIALIZED (
                SELECT e.class_id, count(*) AS seats
                FROM registering c
                JOIN enrolments e ON e.agency_id = {agency} AND e.class_id = c.id
                WHERE e.state IN ('ENROLLED', 'PASSED', 'FAILED')
                GROUP BY e.class_id)
             SELECT p.id, p.code, p.jp, p.price_per_participant, p.price_per_class, p.job_classes, p.job_families,
                    s.agencies, s.competencies, s.starts, s.ends, r.prerequisites,
                    n.id AS class_id, n.starts_at, day_in(a.zone, n.starts_at) AS starts_on, n.seats_left
             FROM taught t
             JOIN agencies a ON a.id = {agency}
             JOIN programmes p ON p.agency_id = {agency} AND p.id = t.id AND p.state = 'PUBLISHED'
             JOIN (
                SELECT q.programme_id, array_agg(q.competency_agency_id ORDER BY q.ordinal) AS agencies,
                       array_agg(q.competency_id ORDER BY q.ordinal) AS competencies,
                       array_agg(coalesce(q.level_from, 0::smallint) ORDER BY q.ordinal) AS starts,
                       array_agg(q.level_to ORDER BY q.ordinal) AS ends
                FROM taught t
                JOIN programme_steps q ON q.agency_id = {agency} AND q.programme_id = t.id
                WHERE q.competency_id = ANY ({required})
                GROUP BY q.programme_id) s ON s.programme_id = p.id
             LEFT JOIN (
                SELECT q.programme_id, jsonb_agg(jsonb_build_object('programme', q.required_programme_id,
                        'competency', q.competency_id, 'competency_agency', q.competency_agency_id,
                        'dictionary_version', q.dictionary_version_id, 'level', q.level) ORDER BY q.ordinal) AS prerequisites
                FROM taught t
                JOIN programme_prerequisites q ON q.agency_id = {agency} AND q.programme_id = t.id
                GROUP BY q.programme_id) r ON r.programme_id = p.id
             LEFT JOIN (
                SELECT DISTINCT ON (c.programme_id) c.programme_id, c.id, c.starts_at,
                       c.seats - coalesce(x.seats, 0) AS seats_left
                FROM registering c
                LEFT JOIN taken x ON x.class_id = c.id
                WHERE c.seats > coalesce(x.seats, 0)
                ORDER BY c.programme_id, c.starts_at, c.id) n ON n.programme_id = p.id"
        );
        let rows = Row::find_by_statement(statement).all(&self.db).await?;
        rows.into_iter().map(Row::domain).collect()
    }
}
