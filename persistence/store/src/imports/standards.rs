//! Standards in force, many at once.

use std::collections::BTreeMap;

use access::Pass;
use chrono::NaiveDate;
use competency::{Importance, Requirement, Standard};
use kernel::{AgencyId, Code, CompetencyId, DictionaryVersionId, Hundredths, Level, PositionId};
use sea_orm::{ConnectionTrait as _, FromQueryResult, raw_sql};
use serde::Deserialize;
use serde_json::{Value, json};
use uuid::Uuid;

use super::{text, uuids};
use crate::rows::known;
use crate::{Reader, StoreError, Tx};

#[derive(FromQueryResult)]
struct RequirementsRow {
    position_id: Uuid,
    valid_from: NaiveDate,
    requirements: Value,
}

#[derive(Deserialize)]
struct RequirementJson {
    competency: CompetencyId,
    competency_agency: AgencyId,
    dictionary_version: DictionaryVersionId,
    level: Level,
    weight: Hundredths,
    importance: Importance,
}

impl Reader<'_> {
    /// What the standards in force for `positions` require, by position and first day.
    ///
    /// # Errors
    /// The database's.
    pub async fn requirements_in_force(
        &self,
        positions: &[PositionId],
    ) -> Result<BTreeMap<(PositionId, NaiveDate), Vec<Requirement>>, StoreError> {
        let (agency, ids) = (self.agency(), uuids(positions));
        let statement = raw_sql!(
            Postgres,
            "SELECT s.position_id, s.valid_from, coalesce(jsonb_agg(jsonb_build_object(
                        'competency', q.competency_id, 'competency_agency', q.competency_agency_id,
                        'dictionary_version', q.dictionary_version_id, 'level', q.level, 'weight', q.weight,
                        'importance', q.importance) ORDER BY q.ordinal)
                    FILTER (WHERE q.standard_id IS NOT NULL), '[]') AS requirements
             FROM standards s
             LEFT JOIN standard_requirements q ON q.agency_id = s.agency_id AND q.standard_id = s.id
             WHERE s.agency_id = {agency} AND s.state = 'IN_FORCE' AND s.position_id = ANY ({ids}::uuid[])
             GROUP BY s.position_id, s.valid_from"
        );
        let rows = RequirementsRow::find_by_statement(statement).all(&self.db).await?;
        rows.into_iter()
            .map(|row| {
                let read: Option<Vec<RequirementJson>> = serde_json::from_value(row.requirements).ok();
                let requirements =
                    known(read, "standard_requirements")?.into_iter().map(|json| Requirement {
                        competency: json.competency,
                        competency_agency: json.competency_agency,
                        dictionary_version: json.dictionary_version,
                        level: json.level,
                        weight: json.weight,
                        importance: json.importance,
                    });
                Ok(((row.position_id.into(), row.valid_from), requirements.collect()))
            })
            .collect()
    }
}

impl Tx<'_> {
    /// Keeps the numbering of standards of `positions` until this transaction ends.
    ///
    /// # Errors
    /// The database's.
    pub async fn positions_hold(&self, pass: &Pass, positions: &[&Code]) -> Result<(), StoreError> {
        let agency = pass.agency().uuid();
        let codes: Vec<String> = positions.iter().map(ToString::to_string).collect();
        let statement = raw_sql!(
            Postgres,
            "SELECT id FROM positions WHERE agency_id = {agency} AND code = ANY ({codes}::text[])
             ORDER BY id FOR NO KEY UPDATE"
        );
        self.db.query_all_raw(statement).await?;
        Ok(())
    }

    /// Adds standards that are in force, known from this transaction's stamp on, each with the next number of its
    /// position; `number` is not looked at. The caller holds [`Tx::positions_hold`].
    ///
    /// # Errors
    /// `Taken("/valid_from")`, `Missing("/position_id")`, `Missing("/requirements")`, `Taken("/requirements")`.
    pub async fn standards_insert(&self, pass: &Pass, standards: &[Standard]) -> Result<(), StoreError> {
        self.rules_lock().await?;
        let (agency, now, stamp) = (pass.agency().uuid(), self.now(), self.stamp().await?);
        for standard in standards {
            self.position_moved(standard.position, standard.valid_from);
        }
        let rows = text(standards.iter().map(|standard| {
            json!({
                "id": standard.id, "position_id": standard.position, "state": standard.state,
                "valid_from": standard.valid_from, "decree": standard.decree, "verified_by": standard.verified_by,
                "enacted_by": standard.enacted_by,
            })
        }));
        let statement = raw_sql!(
            Postgres,
            "INSERT INTO standards (agency_id, id, position_id, number, state, valid_from, decree, verified_by,
                verified_at, enacted_by, enacted_at, created_at, updated_at)
             SELECT {agency}::uuid, r.id, r.position_id,
                    coalesce((SELECT max(s.number) FROM standards s
                              WHERE s.agency_id = {agency} AND s.position_id = r.position_id), 0)
                        + row_number() OVER (PARTITION BY r.position_id ORDER BY r.valid_from, r.id),
                    r.state, r.valid_from, r.decree, r.verified_by, {stamp}::timestamptz, r.enacted_by, {stamp},
                    {now}::timestamptz, {now}
             FROM json_to_recordset({rows}::json) AS r(id uuid, position_id uuid, state text, valid_from date,
                decree text, verified_by uuid, enacted_by uuid)"
        );
        self.db.execute_raw(statement).await?;
        let rows = text(standards.iter().flat_map(|standard| {
            (1..).zip(&standard.requirements).map(|(ordinal, requirement): (i32, _)| {
                json!({
                    "standard_id": standard.id, "competency_id": requirement.competency,
                    "competency_agency_id": requirement.competency_agency,
                    "dictionary_version_id": requirement.dictionary_version, "ordinal": ordinal,
                    "level": requirement.level, "weight": requirement.weight, "importance": requirement.importance,
                })
            })
        }));
        let requirements = raw_sql!(
            Postgres,
            "INSERT INTO standard_requirements (agency_id, standard_id, competency_id, competency_agency_id,
                dictionary_version_id, ordinal, level, weight, importance)
             SELECT {agency}::uuid, r.standard_id, r.competency_id, r.competency_agency_id, r.dictionary_version_id,
                    r.ordinal, r.level, r.weight, r.importance
             FROM json_to_recordset({rows}::json) AS r(standard_id uuid, competency_id uuid,
                competency_agency_id uuid, dictionary_version_id uuid, ordinal integer, level smallint,
                weight integer, importance text)"
        );
        self.db.execute_raw(requirements).await?;
        Ok(())
    }
}
