//! Dictionaries, their versions, and what a version says of each competency.
//!
//! An agency sees its own and what the nation has published; it writes its own.

use std::collections::BTreeSet;

use access::Pass;
use chrono::{DateTime, Utc};
use competency::{Content, Dictionary, DictionaryState, DictionaryVersion, LevelText};
use entities::{competencies, competency_contents, competency_levels, dictionaries, dictionary_versions};
use kernel::{
    AgencyId, Code, CompetencyId, DictionaryId, DictionaryVersionId, Level, LongText, NATIONAL, Page, Version,
};
use sea_orm::ActiveValue::Set;
use sea_orm::sea_query::OnConflict;
use sea_orm::{
    ColumnTrait as _, ConnectionTrait as _, EntityTrait as _, FromQueryResult, QueryFilter as _,
    QuerySelect as _, raw_sql,
};
use serde::Deserialize;
use serde_json::Value;
use uuid::Uuid;

use crate::gap_model::BEGINNING;
use crate::rows::{code, known, long_text, name};
use crate::{Broken, PageRequest, Reader, StoreError, Tx};

/// Which dictionaries a list holds; everything that is given must hold.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DictionaryFilter {
    /// With this code.
    pub code: Option<String>,
    /// Of this owner: the agency itself or [`kernel::NATIONAL`].
    pub agency: Option<AgencyId>,
    /// With this in their name, in any case.
    pub search: Option<String>,
}

/// Which contents a list holds; everything that is given must hold.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ContentFilter {
    /// Of this family.
    pub family: Option<String>,
    /// With this in their name, in any case.
    pub search: Option<String>,
}

/// A competency: what stays the same over the versions of its dictionary.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CompetencyRow {
    /// Its id.
    pub id: CompetencyId,
    /// Whose dictionary it belongs to.
    pub agency: AgencyId,
    /// Its dictionary.
    pub dictionary: DictionaryId,
    /// Its code.
    pub code: Code,
}

/// What a version of a dictionary says of a competency, and how often that was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ContentRow {
    /// What it says.
    pub content: Content,
    /// How often it has been written.
    pub version: Version,
}

/// A content with its levels in one column.
#[derive(FromQueryResult)]
struct Row {
    competency_id: Uuid,
    code: String,
    name: String,
    family: String,
    definition: String,
    version: i64,
    levels: Value,
}

#[derive(Deserialize)]
struct LevelRow {
    level: Level,
    description: LongText,
    indicators: Vec<LongText>,
}

pub(crate) fn dictionary_domain(row: dictionaries::Model) -> Dictionary {
    Dictionary {
        id: DictionaryId::from(row.id),
        agency: AgencyId::from(row.agency_id),
        code: code(row.code),
        name: name(row.name),
        version: Version::new(row.version),
    }
}

pub(crate) fn version_domain(row: dictionary_versions::Model) -> Result<DictionaryVersion, StoreError> {
    Ok(DictionaryVersion {
        id: DictionaryVersionId::from(row.id),
        agency: AgencyId::from(row.agency_id),
        dictionary: DictionaryId::from(row.dictionary_id),
        number: row.number,
        state: known(DictionaryState::parse(&row.state), "dictionary_versions.state")?,
        published_at: row.published_at,
        retired_at: row.retired_at,
        version: Version::new(row.version),
    })
}

fn competency_domain(row: competencies::Model) -> CompetencyRow {
    CompetencyRow {
        id: CompetencyId::from(row.id),
        agency: AgencyId::from(row.agency_id),
        dictionary: DictionaryId::from(row.dictionary_id),
        code: code(row.code),
    }
}

fn content_domain(row: Row) -> Result<ContentRow, StoreError> {
    let levels: Vec<LevelRow> = known(serde_json::from_value(row.levels).ok(), "competency_levels")?;
    let level = |row: LevelRow| LevelText {
        level: row.level,
        description: row.description,
        indicators: row.indicators,
    };
    Ok(ContentRow {
        content: Content {
            competency: CompetencyId::from(row.competency_id),
            code: code(row.code),
            name: name(row.name),
            family: code(row.family),
            definition: long_text(row.definition),
            levels: levels.into_iter().map(level).collect(),
        },
        version: Version::new(row.version),
    })
}

impl Reader<'_> {
    /// Dictionaries by code.
    ///
    /// # Errors
    /// The database's.
    pub async fn dictionaries(
        &self,
        filter: &DictionaryFilter,
        page: &PageRequest,
    ) -> Result<Page<Dictionary>, StoreError> {
        let (own, national, limit) = (self.agency(), NATIONAL.uuid(), page.probe());
        let (after, after_id) = (page.key(0), page.id(1));
        let DictionaryFilter { code, agency, search } = filter.clone();
        let agency = agency.map(AgencyId::uuid);
        let statement = raw_sql!(
            Postgres,
            "SELECT d.* FROM dictionaries d
             WHERE d.agency_id IN ({own}, {national})
               AND ({code}::text IS NULL OR d.code = {code})
               AND ({agency}::uuid IS NULL OR d.agency_id = {agency})
               AND ({search}::text IS NULL OR strpos(lower(d.name), lower({search})) > 0)
               AND ({after}::text IS NULL OR (d.code, d.id) > ({after}, {after_id}::uuid))
             ORDER BY d.code, d.id
             LIMIT {limit}"
        );
        let rows = dictionaries::Model::find_by_statement(statement).all(&self.db).await?;
        let rows = rows.into_iter().map(dictionary_domain).collect();
        Ok(Page::cut(rows, page.limit, |dictionary: &Dictionary| {
            vec![dictionary.code.to_string(), dictionary.id.to_string()]
        }))
    }

    /// One dictionary.
    ///
    /// # Errors
    /// The database's.
    pub async fn dictionary(&self, id: DictionaryId) -> Result<Option<Dictionary>, StoreError> {
        let row = dictionaries::Entity::find()
            .filter(dictionaries::Column::AgencyId.is_in([self.agency(), NATIONAL.uuid()]))
            .filter(dictionaries::Column::Id.eq(id.uuid()))
            .one(&self.db)
            .await?;
        Ok(row.map(dictionary_domain))
    }

    /// The dictionary with this code: the agency's own goes before the nation's.
    ///
    /// # Errors
    /// The database's.
    pub async fn dictionary_by_code(&self, code: &Code) -> Result<Option<Dictionary>, StoreError> {
        let (own, national, code) = (self.agency(), NATIONAL.uuid(), code.as_str());
        let statement = raw_sql!(
            Postgres,
            "SELECT * FROM dictionaries
             WHERE agency_id IN ({own}, {national}) AND code = {code}
             ORDER BY agency_id = {own} DESC
             LIMIT 1"
        );
        let row = dictionaries::Model::find_by_statement(statement).one(&self.db).await?;
        Ok(row.map(dictionary_domain))
    }

    /// The versions of a dictionary by number; `state` leaves out the others.
    ///
    /// # Errors
    /// The database's.
    pub async fn dictionary_versions(
        &self,
        dictionary: DictionaryId,
        state: Option<DictionaryState>,
        page: &PageRequest,
    ) -> Result<Page<DictionaryVersion>, StoreError> {
        let (own, national, limit) = (self.agency(), NATIONAL.uuid(), page.probe());
        let (dictionary, state) = (dictionary.uuid(), state.map(DictionaryState::as_str));
        let after: Option<i32> = page.key(0).and_then(|number| number.parse().ok());
        let statement = raw_sql!(
            Postgres,
            "SELECT * FROM dictionary_versions
             WHERE (agency_id = {own} OR agency_id = {national} AND state <> 'DRAFT') AND dictionary_id = {dictionary}
               AND ({state}::text IS NULL OR state = {state})
               AND ({after}::integer IS NULL OR number > {after})
             ORDER BY number
             LIMIT {limit}"
        );
        let rows = dictionary_versions::Model::find_by_statement(statement).all(&self.db).await?;
        let rows = rows.into_iter().map(version_domain).collect::<Result<_, _>>()?;
        Ok(Page::cut(rows, page.limit, |version: &DictionaryVersion| vec![version.number.to_string()]))
    }

    /// The version of a dictionary in use at `known_at`, as [`competency::version_at`] chooses it; without an instant
    /// the one in use now.
    ///
    /// # Errors
    /// The database's.
    pub async fn dictionary_version_at(
        &self,
        dictionary: DictionaryId,
        known_at: Option<DateTime<Utc>>,
    ) -> Result<Option<DictionaryVersion>, StoreError> {
        let (own, national, dictionary) = (self.agency(), NATIONAL.uuid(), dictionary.uuid());
        let statement = raw_sql!(
            Postgres,
            "SELECT * FROM dictionary_versions
             WHERE agency_id IN ({own}, {national}) AND dictionary_id = {dictionary}
               AND published_at <= coalesce({known_at}, 'infinity')
               AND (retired_at IS NULL OR retired_at > {known_at})
             ORDER BY number DESC
             LIMIT 1"
        );
        let row = dictionary_versions::Model::find_by_statement(statement).one(&self.db).await?;
        row.map(version_domain).transpose()
    }

    /// A competency.
    ///
    /// # Errors
    /// The database's.
    pub async fn competency(&self, id: CompetencyId) -> Result<Option<CompetencyRow>, StoreError> {
        let row = competencies::Entity::find()
            .filter(competencies::Column::AgencyId.is_in([self.agency(), NATIONAL.uuid()]))
            .filter(competencies::Column::Id.eq(id.uuid()))
            .one(&self.db)
            .await?;
        Ok(row.map(competency_domain))
    }

    /// The competency with this code in a dictionary.
    ///
    /// # Errors
    /// The database's.
    pub async fn competency_by_code(
        &self,
        dictionary: DictionaryId,
        code: &Code,
    ) -> Result<Option<CompetencyRow>, StoreError> {
        let row = competencies::Entity::find()
            .filter(competencies::Column::AgencyId.is_in([self.agency(), NATIONAL.uuid()]))
            .filter(competencies::Column::DictionaryId.eq(dictionary.uuid()))
            .filter(competencies::Column::Code.eq(code.as_str()))
            .one(&self.db)
            .await?;
        Ok(row.map(competency_domain))
    }

    /// The competencies of a dictionary that a version says something of which is published or was.
    ///
    /// # Errors
    /// The database's.
    pub async fn competencies_published(
        &self,
        dictionary: DictionaryId,
    ) -> Result<BTreeSet<CompetencyId>, StoreError> {
        let (own, national, dictionary) = (self.agency(), NATIONAL.uuid(), dictionary.uuid());
        let statement = raw_sql!(
            Postgres,
            "SELECT c.* FROM competencies c
             WHERE c.agency_id IN ({own}, {national}) AND c.dictionary_id = {dictionary}
               AND EXISTS (
                    SELECT 1 FROM competency_contents n
                    JOIN dictionary_versions v ON v.agency_id = n.agency_id AND v.id = n.dictionary_version_id
                    WHERE n.agency_id = c.agency_id AND n.competency_id = c.id AND v.state <> 'DRAFT')"
        );
        let rows = competencies::Model::find_by_statement(statement).all(&self.db).await?;
        Ok(rows.into_iter().map(|row| CompetencyId::from(row.id)).collect())
    }

    /// What a version says of its competencies, by code.
    ///
    /// # Errors
    /// The database's.
    pub async fn contents(
        &self,
        version: DictionaryVersionId,
        filter: &ContentFilter,
        page: &PageRequest,
    ) -> Result<Page<ContentRow>, StoreError> {
        let (after, limit) = (page.key(0).map(ToOwned::to_owned), page.probe());
        let rows = self.content_rows(version, None, filter, after, Some(limit)).await?;
        Ok(Page::cut(rows, page.limit, |row: &ContentRow| vec![row.content.code.to_string()]))
    }

    /// All a version says, by code: what publishing checks.
    ///
    /// # Errors
    /// The database's.
    pub async fn contents_all(&self, version: DictionaryVersionId) -> Result<Vec<Content>, StoreError> {
        let rows = self.content_rows(version, None, &ContentFilter::default(), None, None).await?;
        Ok(rows.into_iter().map(|row| row.content).collect())
    }

    /// What a version says of one competency.
    ///
    /// # Errors
    /// The database's.
    pub async fn content(
        &self,
        version: DictionaryVersionId,
        competency: CompetencyId,
    ) -> Result<Option<ContentRow>, StoreError> {
        let one = Some(competency.uuid());
        Ok(self.content_rows(version, one, &ContentFilter::default(), None, None).await?.pop())
    }

    async fn content_rows(
        &self,
        version: DictionaryVersionId,
        competency: Option<Uuid>,
        filter: &ContentFilter,
        after: Option<String>,
        limit: Option<i64>,
    ) -> Result<Vec<ContentRow>, StoreError> {
        let (own, national, version) = (self.agency(), NATIONAL.uuid(), version.uuid());
        let ContentFilter { family, search } = filter.clone();
        let statement = raw_sql!(
            Postgres,
            "SELECT n.competency_id, c.code, n.name, n.family, n.definition, n.version,
                    coalesce(l.levels, '[]') AS levels
             FROM competency_contents n
             JOIN dictionary_versions v ON v.agency_id = n.agency_id AND v.id = n.dictionary_version_id
             JOIN competencies c ON c.agency_id = n.agency_id AND c.id = n.competency_id
             CROSS JOIN LATERAL (
                SELECT jsonb_agg(jsonb_build_object('level', l.level, 'description', l.description,
                                                    'indicators', l.indicators) ORDER BY l.level) AS levels
                FROM competency_levels l
                WHERE l.agency_id = n.agency_id AND l.dictionary_version_id = n.dictionary_version_id
                  AND l.competency_id = n.competency_id) l
             WHERE (n.agency_id = {own} OR n.agency_id = {national} AND v.state <> 'DRAFT')
               AND n.dictionary_version_id = {version}
               AND ({competency}::uuid IS NULL OR n.competency_id = {competency})
               AND ({family}::text IS NULL OR n.family = {family})
               AND ({search}::text IS NULL OR strpos(lower(n.name), lower({search})) > 0)
               AND ({after}::text IS NULL OR c.code > {after})
             ORDER BY c.code
             LIMIT {limit}"
        );
        let rows = Row::find_by_statement(statement).all(&self.db).await?;
        rows.into_iter().map(content_domain).collect()
    }
}

impl Tx<'_> {
    /// Adds a dictionary.
    ///
    /// # Errors
    /// `Taken("/code")`.
    pub async fn dictionary_insert(&self, pass: &Pass, dictionary: &Dictionary) -> Result<(), StoreError> {
        self.dictionary_code_free(pass, dictionary).await?;
        dictionaries::Entity::insert(dictionaries::ActiveModel {
            agency_id: Set(pass.agency().uuid()),
            id: Set(dictionary.id.uuid()),
            code: Set(dictionary.code.to_string()),
            name: Set(dictionary.name.to_string()),
            version: Set(dictionary.version.get()),
            created_at: Set(self.now()),
            updated_at: Set(self.now()),
        })
        .exec_without_returning(&self.db)
        .await?;
        Ok(())
    }

    /// Replaces what a dictionary says of itself; `dictionary.version` is the version that was read.
    ///
    /// # Errors
    /// [`StoreError::Stale`], `Taken("/code")`.
    pub async fn dictionary_update(
        &self,
        pass: &Pass,
        dictionary: &Dictionary,
    ) -> Result<Dictionary, StoreError> {
        self.dictionary_code_free(pass, dictionary).await?;
        let row = dictionaries::Entity::update_many()
            .set(dictionaries::ActiveModel {
                code: Set(dictionary.code.to_string()),
                name: Set(dictionary.name.to_string()),
                version: Set(dictionary.version.next().get()),
                updated_at: Set(self.now()),
                ..Default::default()
            })
            .filter(dictionaries::Column::AgencyId.eq(pass.agency().uuid()))
            .filter(dictionaries::Column::Id.eq(dictionary.id.uuid()))
            .filter(dictionaries::Column::Version.eq(dictionary.version.get()))
            .exec_with_returning(&self.db)
            .await?
            .pop();
        row.map(dictionary_domain).ok_or(StoreError::Stale)
    }

    /// Within an agency a code means its own dictionary before the nation's, so one that is given a code of the nation's would
    /// silently take its place wherever that code is named. One that had the code before the nation did keeps it.
    async fn dictionary_code_free(&self, pass: &Pass, dictionary: &Dictionary) -> Result<(), StoreError> {
        let (own, national) = (pass.agency().uuid(), NATIONAL.uuid());
        let (code, id) = (dictionary.code.as_str(), dictionary.id.uuid());
        let statement = raw_sql!(
            Postgres,
            "SELECT n.* FROM dictionaries n
             WHERE n.agency_id = {national} AND n.agency_id <> {own} AND n.code = {code}
               AND NOT EXISTS (
                    SELECT FROM dictionaries d WHERE d.agency_id = {own} AND d.id = {id} AND d.code = n.code)"
        );
        match dictionaries::Model::find_by_statement(statement).one(&self.db).await? {
            Some(_) => Err(StoreError::Broken {
                constraint: "uq_dictionaries_code".to_owned(),
                meaning: Broken::Taken("/code"),
            }),
            None => Ok(()),
        }
    }

    /// Begins the next version of a dictionary: a draft with everything the latest one says.
    ///
    /// # Errors
    /// `Taken("/state")` when there is a draft already; [`StoreError::Stale`] when the dictionary is not the agency's.
    pub async fn dictionary_version_insert(
        &self,
        pass: &Pass,
        id: DictionaryVersionId,
        dictionary: DictionaryId,
    ) -> Result<DictionaryVersion, StoreError> {
        let agency = pass.agency().uuid();
        // Two drafts at once would take the same number; the lock lets the second one hear that there is a draft.
        dictionaries::Entity::find_by_id((agency, dictionary.uuid()))
            .lock_exclusive()
            .one(&self.db)
            .await?
            .ok_or(StoreError::Stale)?;
        let (id, dictionary, now) = (id.uuid(), dictionary.uuid(), self.now());
        let insert = raw_sql!(
            Postgres,
            "INSERT INTO dictionary_versions (agency_id, id, dictionary_id, number, state, created_at, updated_at)
             SELECT {agency}::uuid, {id}::uuid, {dictionary}::uuid, coalesce(max(number), 0) + 1, 'DRAFT', {now}, {now}
             FROM dictionary_versions WHERE agency_id = {agency} AND dictionary_id = {dictionary}
             RETURNING *"
        );
        let row = dictionary_versions::Model::find_by_statement(insert).one(&self.db).await?;
        let draft = version_domain(known(row, "dictionary_versions")?)?;
        let number = draft.number - 1;
        let contents = raw_sql!(
            Postgres,
            "INSERT INTO competency_contents (agency_id, dictionary_version_id, competency_id, name, family, definition)
             SELECT n.agency_id, {id}, n.competency_id, n.name, n.family, n.definition
             FROM dictionary_versions v
             JOIN competency_contents n ON n.agency_id = v.agency_id AND n.dictionary_version_id = v.id
             WHERE v.agency_id = {agency} AND v.dictionary_id = {dictionary} AND v.number = {number}"
        );
        self.db.execute_raw(contents).await?;
        let levels = raw_sql!(
            Postgres,
            "INSERT INTO competency_levels
                (agency_id, dictionary_version_id, competency_id, level, description, indicators)
             SELECT l.agency_id, {id}, l.competency_id, l.level, l.description, l.indicators
             FROM dictionary_versions v
             JOIN competency_levels l ON l.agency_id = v.agency_id AND l.dictionary_version_id = v.id
             WHERE v.agency_id = {agency} AND v.dictionary_id = {dictionary} AND v.number = {number}"
        );
        self.db.execute_raw(levels).await?;
        Ok(draft)
    }

    /// A version of one of the agency's own dictionaries, which nobody else changes until this transaction ends.
    ///
    /// # Errors
    /// The database's.
    pub async fn dictionary_version_lock(
        &self,
        pass: &Pass,
        id: DictionaryVersionId,
    ) -> Result<Option<DictionaryVersion>, StoreError> {
        let row = dictionary_versions::Entity::find_by_id((pass.agency().uuid(), id.uuid()))
            .lock_exclusive()
            .one(&self.db)
            .await?;
        row.map(version_domain).transpose()
    }

    /// Moves a version to the state it has; `version.version` is the version that was read. What is published or
    /// retired counts as such from this transaction's [stamp](Tx::stamp) on.
    ///
    /// # Errors
    /// [`StoreError::Stale`].
    pub async fn dictionary_version_update(
        &self,
        pass: &Pass,
        version: &DictionaryVersion,
    ) -> Result<DictionaryVersion, StoreError> {
        let (agency, id, now, stamp) =
            (pass.agency().uuid(), version.id.uuid(), self.now(), self.stamp().await?);
        let (read, next, state) =
            (version.version.get(), version.version.next().get(), version.state.as_str());
        let (published, retired) = (version.published_at.is_some(), version.retired_at.is_some());
        let statement = raw_sql!(
            Postgres,
            "UPDATE dictionary_versions
             SET state = {state}, version = {next}, updated_at = {now},
                 published_at = CASE WHEN {published} THEN coalesce(published_at, {stamp}) END,
                 retired_at = CASE WHEN {retired} THEN coalesce(retired_at, {stamp}) END
             WHERE agency_id = {agency} AND id = {id} AND version = {read}
             RETURNING *"
        );
        let row = dictionary_versions::Model::find_by_statement(statement).one(&self.db).await?;
        if pass.agency() == NATIONAL && (published || retired) {
            // Default levels are those of the version in use, whatever day is asked about.
            self.rules_moved(NATIONAL, Some(BEGINNING));
        }
        version_domain(row.ok_or(StoreError::Stale)?)
    }

    /// Removes a draft with all it says. Competencies stay: a later draft may take them up again.
    ///
    /// # Errors
    /// [`StoreError::Stale`] when it was changed or is no draft, `StillReferenced`.
    pub async fn dictionary_version_delete(
        &self,
        pass: &Pass,
        id: DictionaryVersionId,
        expected: Version,
    ) -> Result<(), StoreError> {
        let gone = dictionary_versions::Entity::delete_many()
            .filter(dictionary_versions::Column::AgencyId.eq(pass.agency().uuid()))
            .filter(dictionary_versions::Column::Id.eq(id.uuid()))
            .filter(dictionary_versions::Column::Version.eq(expected.get()))
            .filter(dictionary_versions::Column::State.eq(DictionaryState::Draft.as_str()))
            .exec(&self.db)
            .await
            .map_err(StoreError::removing)?;
        if gone.rows_affected == 0 { Err(StoreError::Stale) } else { Ok(()) }
    }

    /// Writes what a draft says of the competency with `content.code`: all of it, levels included. The competency is
    /// made with the id given when its dictionary has none of that code; otherwise it keeps the id it has. With
    /// `expected`, only a content of that version is replaced; without, whatever stands there.
    ///
    /// The caller holds the [lock](Tx::dictionary_version_lock) of the version and has found it to be a draft; it goes
    /// to its next version, as with everything written into it.
    ///
    /// # Errors
    /// [`StoreError::Stale`], `Missing("/family")`.
    pub async fn content_put(
        &self,
        pass: &Pass,
        draft: &DictionaryVersion,
        content: &Content,
        expected: Option<Version>,
    ) -> Result<ContentRow, StoreError> {
        self.draft_next(pass, draft.id).await?;
        let competency = self.competency_ensure(pass, draft.dictionary, content).await?;
        let (agency, version, competency) = (pass.agency().uuid(), draft.id.uuid(), competency.uuid());
        let (name, family) = (content.name.as_str(), content.family.as_str());
        let (definition, expected) = (content.definition.as_str(), expected.map(Version::get));
        let statement = raw_sql!(
            Postgres,
            "INSERT INTO competency_contents AS n
                (agency_id, dictionary_version_id, competency_id, name, family, definition)
             SELECT {agency}::uuid, {version}::uuid, {competency}::uuid, {name}, {family}, {definition}
             WHERE {expected}::bigint IS NULL OR EXISTS (
                SELECT 1 FROM competency_contents
                WHERE agency_id = {agency} AND dictionary_version_id = {version} AND competency_id = {competency})
             ON CONFLICT ON CONSTRAINT pk_competency_contents DO UPDATE
             SET name = excluded.name, family = excluded.family, definition = excluded.definition,
                 version = n.version + 1
             WHERE {expected}::bigint IS NULL OR n.version = {expected}
             RETURNING *"
        );
        let row = competency_contents::Model::find_by_statement(statement).one(&self.db).await?;
        let row = row.ok_or(StoreError::Stale)?;
        competency_levels::Entity::delete_many()
            .filter(competency_levels::Column::AgencyId.eq(agency))
            .filter(competency_levels::Column::DictionaryVersionId.eq(version))
            .filter(competency_levels::Column::CompetencyId.eq(competency))
            .exec(&self.db)
            .await?;
        self.levels_insert(pass, draft.id, competency.into(), &content.levels).await?;
        Ok(ContentRow {
            content: Content { competency: competency.into(), ..content.clone() },
            version: Version::new(row.version),
        })
    }

    /// Takes a competency out of a draft, which goes to its next version.
    ///
    /// # Errors
    /// [`StoreError::Stale`], `StillReferenced`.
    pub async fn content_delete(
        &self,
        pass: &Pass,
        draft: DictionaryVersionId,
        competency: CompetencyId,
        expected: Version,
    ) -> Result<(), StoreError> {
        self.draft_next(pass, draft).await?;
        let gone = competency_contents::Entity::delete_many()
            .filter(competency_contents::Column::AgencyId.eq(pass.agency().uuid()))
            .filter(competency_contents::Column::DictionaryVersionId.eq(draft.uuid()))
            .filter(competency_contents::Column::CompetencyId.eq(competency.uuid()))
            .filter(competency_contents::Column::Version.eq(expected.get()))
            .exec(&self.db)
            .await
            .map_err(StoreError::removing)?;
        if gone.rows_affected == 0 { Err(StoreError::Stale) } else { Ok(()) }
    }

    /// Moves a draft to its next version: whoever publishes it or throws it away has seen what was written last.
    pub(crate) async fn draft_next(&self, pass: &Pass, id: DictionaryVersionId) -> Result<(), StoreError> {
        let (agency, id, now) = (pass.agency().uuid(), id.uuid(), self.now());
        let statement = raw_sql!(
            Postgres,
            "UPDATE dictionary_versions SET version = version + 1, updated_at = {now}
             WHERE agency_id = {agency} AND id = {id} AND state = 'DRAFT'"
        );
        let done = self.db.execute_raw(statement).await?;
        if done.rows_affected() == 0 { Err(StoreError::Stale) } else { Ok(()) }
    }

    /// The competency of a dictionary with the content's code; made when there is none.
    pub(crate) async fn competency_ensure(
        &self,
        pass: &Pass,
        dictionary: DictionaryId,
        content: &Content,
    ) -> Result<CompetencyId, StoreError> {
        let (agency, code) = (pass.agency().uuid(), content.code.as_str());
        competencies::Entity::insert(competencies::ActiveModel {
            agency_id: Set(agency),
            id: Set(content.competency.uuid()),
            dictionary_id: Set(dictionary.uuid()),
            code: Set(code.to_owned()),
        })
        .on_conflict(
            OnConflict::columns([
                competencies::Column::AgencyId,
                competencies::Column::DictionaryId,
                competencies::Column::Code,
            ])
            .do_nothing()
            .to_owned(),
        )
        .exec_without_returning(&self.db)
        .await?;
        let row = competencies::Entity::find()
            .filter(competencies::Column::AgencyId.eq(agency))
            .filter(competencies::Column::DictionaryId.eq(dictionary.uuid()))
            .filter(competencies::Column::Code.eq(code))
            .one(&self.db)
            .await?;
        Ok(CompetencyId::from(known(row, "competencies")?.id))
    }

    pub(crate) async fn levels_insert(
        &self,
        pass: &Pass,
        version: DictionaryVersionId,
        competency: CompetencyId,
        levels: &[LevelText],
    ) -> Result<(), StoreError> {
        if levels.is_empty() {
            return Ok(());
        }
        let rows = levels.iter().map(|text| competency_levels::ActiveModel {
            agency_id: Set(pass.agency().uuid()),
            dictionary_version_id: Set(version.uuid()),
            competency_id: Set(competency.uuid()),
            level: Set(i16::from(text.level.get())),
            description: Set(text.description.to_string()),
            indicators: Set(text.indicators.iter().map(ToString::to_string).collect()),
        });
        competency_levels::Entity::insert_many(rows).exec_without_returning(&self.db).await?;
        Ok(())
    }
}
