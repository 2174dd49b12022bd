//! Dictionaries and their drafts, many rows at once.

use std::collections::BTreeMap;

use access::Pass;
use competency::{Content, Dictionary, DictionaryVersion, LevelText};
use entities::{dictionaries, dictionary_versions};
use kernel::{AgencyId, Code, CompetencyId, DictionaryId, DictionaryVersionId, NATIONAL};
use sea_orm::{ConnectionTrait as _, FromQueryResult, raw_sql};
use serde_json::json;
use uuid::Uuid;

use super::text;
use crate::dictionaries::{dictionary_domain, version_domain};
use crate::rows::code;
use crate::{Reader, StoreError, Tx};

/// A dictionary and the version that is in use now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DictionaryInUse {
    /// Whose it is.
    pub agency: AgencyId,
    /// The version; none while nothing of it is published.
    pub version: Option<DictionaryVersionId>,
    /// Every competency it ever had, by code: what is on record names those that are no longer described, too.
    pub competencies: BTreeMap<Code, KnownCompetency>,
}

/// A competency of a dictionary.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KnownCompetency {
    /// Its id.
    pub id: CompetencyId,
    /// Whether the version in use describes it.
    pub is_in_use: bool,
}

#[derive(FromQueryResult)]
struct InUseRow {
    dictionary_code: String,
    agency_id: Uuid,
    version_id: Option<Uuid>,
    competency_id: Option<Uuid>,
    competency_code: Option<String>,
    is_in_use: bool,
}

impl Reader<'_> {
    /// The agency's own dictionaries among `codes`, each with its latest version; a dictionary whose only draft was
    /// thrown away has none.
    ///
    /// # Errors
    /// The database's.
    pub async fn dictionaries_latest(
        &self,
        codes: &[&Code],
    ) -> Result<BTreeMap<Code, (Dictionary, Option<DictionaryVersion>)>, StoreError> {
        let agency = self.agency();
        let codes: Vec<String> = codes.iter().map(ToString::to_string).collect();
        let own = raw_sql!(
            Postgres,
            "SELECT * FROM dictionaries WHERE agency_id = {agency} AND code = ANY ({codes}::text[])"
        );
        let own = dictionaries::Model::find_by_statement(own).all(&self.db).await?;
        let latest = raw_sql!(
            Postgres,
            "SELECT DISTINCT ON (v.dictionary_id) v.*
             FROM dictionary_versions v
             JOIN dictionaries d ON d.agency_id = v.agency_id AND d.id = v.dictionary_id
             WHERE v.agency_id = {agency} AND d.code = ANY ({codes}::text[])
             ORDER BY v.dictionary_id, v.number DESC"
        );
        let latest = dictionary_versions::Model::find_by_statement(latest).all(&self.db).await?;
        let mut versions = latest
            .into_iter()
            .map(|row| version_domain(row).map(|version| (version.dictionary, version)))
            .collect::<Result<BTreeMap<_, _>, _>>()?;
        let with_version = |row| {
            let dictionary = dictionary_domain(row);
            let version = versions.remove(&dictionary.id);
            (dictionary.code.clone(), (dictionary, version))
        };
        Ok(own.into_iter().map(with_version).collect())
    }

    /// The dictionaries among `codes`, with their competencies and which of them are published; the agency's own go
    /// before the nation's.
    ///
    /// # Errors
    /// The database's.
    pub async fn dictionaries_in_use(
        &self,
        codes: &[&Code],
    ) -> Result<BTreeMap<Code, DictionaryInUse>, StoreError> {
        let (own, national) = (self.agency(), NATIONAL.uuid());
        let codes: Vec<String> = codes.iter().map(ToString::to_string).collect();
        let statement = raw_sql!(
            Postgres,
            "SELECT d.code AS dictionary_code, d.agency_id, v.id AS version_id, c.id AS competency_id,
                    c.code AS competency_code, n.competency_id IS NOT NULL AS is_in_use
             FROM dictionaries d
             LEFT JOIN LATERAL (
                SELECT v.id FROM dictionary_versions v
                WHERE v.agency_id = d.agency_id AND v.dictionary_id = d.id AND v.state = 'PUBLISHED'
                ORDER BY v.number DESC LIMIT 1) v ON true
             LEFT JOIN competencies c ON c.agency_id = d.agency_id AND c.dictionary_id = d.id
             LEFT JOIN competency_contents n
                ON n.agency_id = c.agency_id AND n.dictionary_version_id = v.id AND n.competency_id = c.id
             WHERE d.code = ANY ({codes}::text[])
               AND (d.agency_id = {own} OR (d.agency_id = {national} AND NOT EXISTS (
                    SELECT 1 FROM dictionaries o WHERE o.agency_id = {own} AND o.code = d.code)))"
        );
        let rows = InUseRow::find_by_statement(statement).all(&self.db).await?;
        let mut found: BTreeMap<Code, DictionaryInUse> = BTreeMap::new();
        for row in rows {
            let dictionary = found.entry(code(row.dictionary_code)).or_insert_with(|| DictionaryInUse {
                agency: row.agency_id.into(),
                version: row.version_id.map(DictionaryVersionId::from),
                competencies: BTreeMap::new(),
            });
            if let (Some(competency), Some(text)) = (row.competency_id, row.competency_code) {
                let known = KnownCompetency { id: competency.into(), is_in_use: row.is_in_use };
                dictionary.competencies.insert(code(text), known);
            }
        }
        Ok(found)
    }
}

impl Tx<'_> {
    /// Keeps the agency's own dictionaries among `codes`, and what their versions say, from change until this
    /// transaction ends.
    ///
    /// # Errors
    /// The database's.
    pub async fn dictionaries_lock(&self, pass: &Pass, codes: &[&Code]) -> Result<(), StoreError> {
        let agency = pass.agency().uuid();
        let codes: Vec<String> = codes.iter().map(ToString::to_string).collect();
        let dictionaries = raw_sql!(
            Postgres,
            "SELECT id FROM dictionaries WHERE agency_id = {agency} AND code = ANY ({codes}::text[])
             ORDER BY id FOR UPDATE"
        );
        self.db.query_all_raw(dictionaries).await?;
        let drafts = raw_sql!(
            Postgres,
            "SELECT v.id
             FROM dictionary_versions v JOIN dictionaries d ON d.agency_id = v.agency_id AND d.id = v.dictionary_id
             WHERE v.agency_id = {agency} AND d.code = ANY ({codes}::text[]) AND v.state = 'DRAFT'
             ORDER BY v.id FOR UPDATE OF v"
        );
        self.db.query_all_raw(drafts).await?;
        Ok(())
    }

    /// Writes what a draft says of competencies, but not of their levels. Competencies are made with the ids given where
    /// the dictionary has none of their codes. The draft goes to its next version. The caller holds
    /// [`Tx::dictionaries_lock`].
    ///
    /// # Errors
    /// [`StoreError::Stale`] when it is no draft, `Missing("/family")`.
    pub async fn contents_write(
        &self,
        pass: &Pass,
        dictionary: DictionaryId,
        draft: DictionaryVersionId,
        contents: &[Content],
    ) -> Result<(), StoreError> {
        self.draft_next(pass, draft).await?;
        let (agency, dictionary, draft) = (pass.agency().uuid(), dictionary.uuid(), draft.uuid());
        let rows = text(contents.iter().map(|content| {
            json!({
                "id": content.competency, "code": content.code, "name": content.name, "family": content.family,
                "definition": content.definition,
            })
        }));
        let competencies = raw_sql!(
            Postgres,
            "INSERT INTO competencies (agency_id, id, dictionary_id, code)
             SELECT {agency}::uuid, r.id, {dictionary}::uuid, r.code
             FROM json_to_recordset({rows}::json) AS r(id uuid, code text)
             ON CONFLICT ON CONSTRAINT uq_competencies_code DO NOTHING"
        );
        self.db.execute_raw(competencies).await?;
        let statement = raw_sql!(
            Postgres,
            "INSERT INTO competency_contents AS n
                (agency_id, dictionary_version_id, competency_id, name, family, definition)
             SELECT {agency}::uuid, {draft}::uuid, c.id, r.name, r.family, r.definition
             FROM json_to_recordset({rows}::json) AS r(code text, name text, family text, definition text)
             JOIN competencies c ON c.agency_id = {agency} AND c.dictionary_id = {dictionary} AND c.code = r.code
             ON CONFLICT ON CONSTRAINT pk_competency_contents DO UPDATE
             SET name = excluded.name, family = excluded.family, definition = excluded.definition,
                 version = n.version + 1"
        );
        self.db.execute_raw(statement).await?;
        Ok(())
    }

    /// Writes what a draft says of levels of competencies it has. The draft goes to its next version. The caller holds
    /// [`Tx::dictionaries_lock`].
    ///
    /// # Errors
    /// [`StoreError::Stale`] when it is no draft.
    pub async fn levels_write(
        &self,
        pass: &Pass,
        draft: DictionaryVersionId,
        levels: &[(CompetencyId, LevelText)],
    ) -> Result<(), StoreError> {
        self.draft_next(pass, draft).await?;
        let (agency, draft) = (pass.agency().uuid(), draft.uuid());
        let rows = text(levels.iter().map(|(competency, level)| {
            json!({
                "competency_id": competency, "level": level.level, "description": level.description,
                "indicators": level.indicators,
            })
        }));
        let statement = raw_sql!(
            Postgres,
            "INSERT INTO competency_levels
                (agency_id, dictionary_version_id, competency_id, level, description, indicators)
             SELECT {agency}::uuid, {draft}::uuid, r.competency_id, r.level, r.description, r.indicators
             FROM json_to_recordset({rows}::json)
                AS r(competency_id uuid, level smallint, description text, indicators text[])
             ON CONFLICT ON CONSTRAINT pk_competency_levels DO UPDATE
             SET description = excluded.description, indicators = excluded.indicators"
        );
        self.db.execute_raw(statement).await?;
        // A content is written as a whole elsewhere, so its version tells of its levels too.
        let ids: Vec<Uuid> = levels.iter().map(|(competency, _)| competency.uuid()).collect();
        let versions = raw_sql!(
            Postgres,
            "UPDATE competency_contents SET version = version + 1
             WHERE agency_id = {agency} AND dictionary_version_id = {draft} AND competency_id = ANY ({ids}::uuid[])"
        );
        self.db.execute_raw(versions).await?;
        Ok(())
    }
}
