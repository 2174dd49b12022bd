//! Competency standards of positions, with what they require.

use access::Pass;
use chrono::NaiveDate;
use competency::{Importance, NamedRequirement, Requirement, Standard, StandardState};
use entities::standards::{self, Column};
use entities::{positions, standard_requirements};
use kernel::{
    AgencyId, Code, CompetencyId, DictionaryVersionId, Hundredths, Level, Name, Page, PositionId, StandardId,
    UserId, Version,
};
use sea_orm::ActiveValue::Set;
use sea_orm::sea_query::LockType;
use sea_orm::{
    ColumnTrait as _, EntityTrait as _, FromQueryResult, QueryFilter as _, QuerySelect as _, raw_sql,
};
use serde::Deserialize;
use serde_json::Value;

use crate::rows::{code, known, name};
use crate::{PageRequest, Reader, StoreError, Tx};

/// Which standards a list holds; everything that is given must hold.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct StandardFilter {
    /// Of this position.
    pub position: Option<PositionId>,
    /// In this state.
    pub state: Option<StandardState>,
    /// In force on this day by what is known now.
    pub in_force_on: Option<NaiveDate>,
    /// Requiring this competency.
    pub competency: Option<CompetencyId>,
}

/// A standard with the names a reader needs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StandardRow {
    /// The standard.
    pub standard: Standard,
    /// The position's code.
    pub position_code: Code,
    /// The position's name.
    pub position_name: Name,
    /// The standard's requirements with their names, in the same order.
    pub requirements: Vec<RequirementRow>,
}

/// A requirement with the names a reader needs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RequirementRow {
    /// What is required, and of what name.
    pub named: NamedRequirement,
    /// The code of the competency's dictionary.
    pub dictionary_code: Code,
}

/// A standard with its requirements in one column.
#[derive(FromQueryResult)]
struct Row {
    #[sea_orm(nested)]
    standard: standards::Model,
    position_code: String,
    position_name: String,
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
    code: Code,
    name: Name,
    family: Code,
    dictionary: Code,
}

impl From<RequirementJson> for RequirementRow {
    fn from(json: RequirementJson) -> Self {
        Self {
            named: NamedRequirement {
                requirement: Requirement {
                    competency: json.competency,
                    competency_agency: json.competency_agency,
                    dictionary_version: json.dictionary_version,
                    level: json.level,
                    weight: json.weight,
                    importance: json.importance,
                },
                code: json.code,
                name: json.name,
                family: json.family,
            },
            dictionary_code: json.dictionary,
        }
    }
}

fn domain(row: standards::Model, requirements: Vec<Requirement>) -> Result<Standard, StoreError> {
    Ok(Standard {
        id: StandardId::from(row.id),
        position: PositionId::from(row.position_id),
        number: row.number,
        state: known(StandardState::parse(&row.state), "standards.state")?,
        valid_from: row.valid_from,
        decree: row.decree.map(name),
        requirements,
        verified_by: row.verified_by.map(UserId::from),
        verified_at: row.verified_at,
        enacted_by: row.enacted_by.map(UserId::from),
        enacted_at: row.enacted_at,
        revoked_on: row.revoked_on,
        revoked_at: row.revoked_at,
        version: Version::new(row.version),
    })
}

fn standard_row(row: Row) -> Result<StandardRow, StoreError> {
    let requirements: Option<Vec<RequirementJson>> = serde_json::from_value(row.requirements).ok();
    let requirements: Vec<RequirementRow> =
        known(requirements, "standard_requirements")?.into_iter().map(RequirementRow::from).collect();
    let plain = requirements.iter().map(|row| row.named.requirement.clone()).collect();
    Ok(StandardRow {
        standard: domain(row.standard, plain)?,
        position_code: code(row.position_code),
        position_name: name(row.position_name),
        requirements,
    })
}

impl Reader<'_> {
    /// One standard.
    ///
    /// # Errors
    /// The database's.
    pub async fn standard(&self, id: StandardId) -> Result<Option<StandardRow>, StoreError> {
        let rows = self.standard_rows(Some(id), &StandardFilter::default(), None, None).await?;
        Ok(rows.into_iter().next())
    }

    /// Standards by position code and number.
    ///
    /// # Errors
    /// The database's.
    pub async fn standards(
        &self,
        filter: &StandardFilter,
        page: &PageRequest,
    ) -> Result<Page<StandardRow>, StoreError> {
        let after =
            page.key(0).map(|code| (code.to_owned(), page.key(1).and_then(|number| number.parse().ok())));
        let rows = self.standard_rows(None, filter, after, Some(page.probe())).await?;
        Ok(Page::cut(rows, page.limit, |row: &StandardRow| {
            vec![row.position_code.to_string(), row.standard.number.to_string()]
        }))
    }

    async fn standard_rows(
        &self,
        id: Option<StandardId>,
        filter: &StandardFilter,
        after: Option<(String, Option<i32>)>,
        limit: Option<i64>,
    ) -> Result<Vec<StandardRow>, StoreError> {
        let (agency, id) = (self.agency(), id.map(StandardId::uuid));
        let StandardFilter { position, state, in_force_on, competency } = filter.clone();
        let (position, state) = (position.map(PositionId::uuid), state.map(StandardState::as_str));
        let competency = competency.map(CompetencyId::uuid);
        let (after_code, after_number) = after.map_or((None, None), |(code, number)| (Some(code), number));
        let statement = raw_sql!(
            Postgres,
            "SELECT s.*, p.code AS position_code, p.name AS position_name,
                    coalesce(r.requirements, '[]') AS requirements
             FROM standards s
             JOIN positions p ON p.agency_id = s.agency_id AND p.id = s.position_id
             CROSS JOIN LATERAL (
                SELECT jsonb_agg(jsonb_build_object(
                        'competency', q.competency_id, 'competency_agency', q.competency_agency_id,
                        'dictionary_version', q.dictionary_version_id, 'level', q.level, 'weight', q.weight,
                        'importance', q.importance, 'code', c.code, 'name', n.name, 'family', n.family,
                        'dictionary', d.code) ORDER BY q.ordinal) AS requirements
                FROM standard_requirements q
                JOIN competency_contents n ON n.agency_id = q.competency_agency_id
                    AND n.dictionary_version_id = q.dictionary_version_id AND n.competency_id = q.competency_id
                JOIN competencies c ON c.agency_id = n.agency_id AND c.id = n.competency_id
                JOIN dictionaries d ON d.agency_id = c.agency_id AND d.id = c.dictionary_id
                WHERE q.agency_id = s.agency_id AND q.standard_id = s.id) r
             WHERE s.agency_id = {agency}
               AND ({id}::uuid IS NULL OR s.id = {id})
               AND ({position}::uuid IS NULL OR s.position_id = {position})
               AND ({state}::text IS NULL OR s.state = {state})
               AND ({in_force_on}::date IS NULL OR s.id IN (
                    SELECT o.id FROM standards_on({agency}, {in_force_on}, 'infinity') o))
               AND ({competency}::uuid IS NULL OR EXISTS (
                    SELECT 1 FROM standard_requirements q
                    WHERE q.agency_id = s.agency_id AND q.standard_id = s.id AND q.competency_id = {competency}))
               AND ({after_code}::text IS NULL OR (p.code, s.number) > ({after_code}, {after_number}::integer))
             ORDER BY p.code, s.number
             LIMIT {limit}"
        );
        let rows = Row::find_by_statement(statement).all(&self.db).await?;
        rows.into_iter().map(standard_row).collect()
    }
}

impl Tx<'_> {
    /// Adds a draft with the next number of its position; `standard.number` is not looked at.
    ///
    /// # Errors
    /// `Missing("/position_id")`, `Missing("/requirements")`, `Taken("/requirements")`.
    pub async fn standard_insert(&self, pass: &Pass, standard: &Standard) -> Result<Standard, StoreError> {
        let (agency, position) = (pass.agency().uuid(), standard.position.uuid());
        // Two standards at once would take the same number. A position that is not there fails in the insert.
        positions::Entity::find_by_id((agency, position)).lock(LockType::NoKeyUpdate).one(&self.db).await?;
        let (id, state, now) = (standard.id.uuid(), standard.state.as_str(), self.now());
        let (valid_from, decree) = (standard.valid_from, standard.decree.as_ref().map(ToString::to_string));
        let statement = raw_sql!(
            Postgres,
            "INSERT INTO standards (agency_id, id, position_id, number, state, valid_from, decree, created_at, updated_at)
             SELECT {agency}::uuid, {id}::uuid, {position}::uuid, coalesce(max(number), 0) + 1, {state}::text,
                    {valid_from}::date, {decree}::text, {now}::timestamptz, {now}
             FROM standards WHERE agency_id = {agency} AND position_id = {position}
             RETURNING *"
        );
        let row = standards::Model::find_by_statement(statement).one(&self.db).await?;
        self.requirements_insert(pass, standard).await?;
        domain(known(row, "standards")?, standard.requirements.clone())
    }

    /// Replaces what a standard says of itself, of a draft its requirements too; `standard.version` is the version that
    /// was read. What is enacted or revoked counts as such from this transaction's [stamp](Tx::stamp) on.
    ///
    /// # Errors
    /// [`StoreError::Stale`], `Taken("/valid_from")`, `Missing("/requirements")`, `Taken("/requirements")`.
    pub async fn standard_update(&self, pass: &Pass, standard: &Standard) -> Result<Standard, StoreError> {
        let (agency, id, now) = (pass.agency().uuid(), standard.id.uuid(), self.now());
        if standard.enacted_at.is_some() {
            self.rules_lock().await?;
            let revoked_on = standard.revoked_on.unwrap_or(standard.valid_from);
            self.position_moved(standard.position, revoked_on.min(standard.valid_from));
        }
        let stamp = self.stamp().await?;
        let (read, next) = (standard.version.get(), standard.version.next().get());
        let (state, valid_from, revoked_on) =
            (standard.state.as_str(), standard.valid_from, standard.revoked_on);
        let decree = standard.decree.as_ref().map(ToString::to_string);
        let (verified_by, verified_at) = (standard.verified_by.map(UserId::uuid), standard.verified_at);
        let enacted_by = standard.enacted_by.map(UserId::uuid);
        let (enacted, revoked) = (standard.enacted_at.is_some(), standard.revoked_at.is_some());
        let statement = raw_sql!(
            Postgres,
            "UPDATE standards
             SET state = {state}, valid_from = {valid_from}, decree = {decree}, verified_by = {verified_by},
                 verified_at = {verified_at}, enacted_by = {enacted_by}, revoked_on = {revoked_on},
                 enacted_at = CASE WHEN {enacted} THEN coalesce(enacted_at, {stamp}) END,
                 revoked_at = CASE WHEN {revoked} THEN coalesce(revoked_at, {stamp}) END,
                 version = {next}, updated_at = {now}
             WHERE agency_id = {agency} AND id = {id} AND version = {read}
             RETURNING *"
        );
        let row = standards::Model::find_by_statement(statement).one(&self.db).await?;
        let row = row.ok_or(StoreError::Stale)?;
        if standard.state == StandardState::Draft {
            standard_requirements::Entity::delete_many()
                .filter(standard_requirements::Column::AgencyId.eq(agency))
                .filter(standard_requirements::Column::StandardId.eq(id))
                .exec(&self.db)
                .await?;
            self.requirements_insert(pass, standard).await?;
        }
        domain(row, standard.requirements.clone())
    }

    /// Removes a draft.
    ///
    /// # Errors
    /// [`StoreError::Stale`] when it was changed or is no draft.
    pub async fn standard_delete(
        &self,
        pass: &Pass,
        id: StandardId,
        expected: Version,
    ) -> Result<(), StoreError> {
        let gone = standards::Entity::delete_many()
            .filter(Column::AgencyId.eq(pass.agency().uuid()))
            .filter(Column::Id.eq(id.uuid()))
            .filter(Column::Version.eq(expected.get()))
            .filter(Column::State.eq(StandardState::Draft.as_str()))
            .exec(&self.db)
            .await?;
        if gone.rows_affected == 0 { Err(StoreError::Stale) } else { Ok(()) }
    }

    async fn requirements_insert(&self, pass: &Pass, standard: &Standard) -> Result<(), StoreError> {
        if standard.requirements.is_empty() {
            return Ok(());
        }
        let agency = pass.agency().uuid();
        let row = |(ordinal, requirement): (i32, &Requirement)| {
            Ok(standard_requirements::ActiveModel {
                agency_id: Set(agency),
                standard_id: Set(standard.id.uuid()),
                competency_id: Set(requirement.competency.uuid()),
                competency_agency_id: Set(requirement.competency_agency.uuid()),
                dictionary_version_id: Set(requirement.dictionary_version.uuid()),
                ordinal: Set(ordinal),
                level: Set(i16::from(requirement.level.get())),
                weight: Set(known(
                    i32::try_from(requirement.weight.count()).ok(),
                    "standard_requirements.weight",
                )?),
                importance: Set(requirement.importance.as_str().to_owned()),
            })
        };
        let rows: Vec<_> = (1..).zip(&standard.requirements).map(row).collect::<Result<_, StoreError>>()?;
        standard_requirements::Entity::insert_many(rows).exec_without_returning(&self.db).await?;
        Ok(())
    }
}
