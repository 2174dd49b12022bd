//! The CASE packages that versions of dictionaries came from, and what taking one in writes.

use std::collections::BTreeMap;

use access::Pass;
use chrono::{DateTime, Utc};
use competency::{CaseIdentity, Content, DictionaryVersion};
use entities::{dictionaries, dictionary_versions};
use kernel::{Code, CompetencyId, DictionaryId, DictionaryVersionId, NATIONAL};
use sea_orm::{ConnectionTrait as _, FromQueryResult, raw_sql};
use uuid::Uuid;

use crate::dictionaries::version_domain;
use crate::rows::code;
use crate::{Reader, StoreError, Tx};

/// How many competencies one statement writes.
const AT_ONCE: usize = 5_000;

/// A package that was taken in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CasePackageRow {
    /// The number of the version it was taken in as.
    pub number: i32,
    /// The family of the competencies in it that name none.
    pub family: Code,
    /// The package, as JSON text.
    pub package: String,
}

#[derive(FromQueryResult)]
struct PackageRow {
    number: i32,
    family: String,
    package: String,
}

#[derive(FromQueryResult)]
struct IdentityRow {
    dictionary_version_id: Uuid,
    document_id: Uuid,
    document_version: String,
}

#[derive(FromQueryResult)]
struct CompetencyCodeRow {
    id: Uuid,
    code: String,
}

impl Reader<'_> {
    /// The agency's own dictionary that holds an adoption of the framework with this document.
    ///
    /// # Errors
    /// The database's.
    pub async fn case_dictionary(&self, document: Uuid) -> Result<Option<DictionaryId>, StoreError> {
        let agency = self.agency();
        let statement = raw_sql!(
            Postgres,
            "SELECT d.* FROM dictionaries d
             WHERE d.agency_id = {agency} AND d.id = (
                SELECT dictionary_id FROM case_packages
                WHERE agency_id = {agency} AND document_id = {document} ORDER BY imported_at LIMIT 1)"
        );
        let row = dictionaries::Model::find_by_statement(statement).one(&self.db).await?;
        Ok(row.map(|row| row.id.into()))
    }

    /// The ids of the agency's own dictionaries.
    ///
    /// # Errors
    /// The database's.
    pub async fn dictionary_ids(&self) -> Result<Vec<DictionaryId>, StoreError> {
        let agency = self.agency();
        let statement =
            raw_sql!(Postgres, "SELECT * FROM dictionaries WHERE agency_id = {agency} ORDER BY id");
        let rows = dictionaries::Model::find_by_statement(statement).all(&self.db).await?;
        Ok(rows.into_iter().map(|row| row.id.into()).collect())
    }

    /// Every version of one of the agency's own dictionaries by number, with the identity of the package it came from.
    ///
    /// # Errors
    /// The database's.
    pub async fn case_versions(
        &self,
        dictionary: DictionaryId,
    ) -> Result<Vec<(DictionaryVersion, Option<CaseIdentity>)>, StoreError> {
        let (agency, dictionary) = (self.agency(), dictionary.uuid());
        let versions = raw_sql!(
            Postgres,
            "SELECT * FROM dictionary_versions
             WHERE agency_id = {agency} AND dictionary_id = {dictionary} ORDER BY number"
        );
        let versions = dictionary_versions::Model::find_by_statement(versions).all(&self.db).await?;
        let packages = raw_sql!(
            Postgres,
            "SELECT dictionary_version_id, document_id, document_version FROM case_packages
             WHERE agency_id = {agency} AND dictionary_id = {dictionary}"
        );
        let packages = IdentityRow::find_by_statement(packages).all(&self.db).await?;
        let identity = |version: Uuid| {
            let row = packages.iter().find(|row| row.dictionary_version_id == version)?;
            Some(CaseIdentity { document: row.document_id, version: row.document_version.clone() })
        };
        let with_identity = |row: dictionary_versions::Model| {
            let identity = identity(row.id);
            Ok((version_domain(row)?, identity))
        };
        versions.into_iter().map(with_identity).collect()
    }

    /// The package a version came from, or the one that the latest version before it came from.
    ///
    /// # Errors
    /// The database's.
    pub async fn case_package(
        &self,
        version: &DictionaryVersion,
    ) -> Result<Option<CasePackageRow>, StoreError> {
        let (own, national) = (self.agency(), NATIONAL.uuid());
        let (dictionary, number) = (version.dictionary.uuid(), version.number);
        let statement = raw_sql!(
            Postgres,
            "SELECT v.number, p.family, p.package
             FROM case_packages p
             JOIN dictionary_versions v ON v.agency_id = p.agency_id AND v.id = p.dictionary_version_id
             WHERE (p.agency_id = {own} OR p.agency_id = {national} AND v.state <> 'DRAFT')
               AND p.dictionary_id = {dictionary} AND v.number <= {number}
             ORDER BY v.number DESC
             LIMIT 1"
        );
        let row = PackageRow::find_by_statement(statement).one(&self.db).await?;
        let domain =
            |PackageRow { number, family, package }| CasePackageRow { number, family: code(family), package };
        Ok(row.map(domain))
    }

    /// When a version was written last.
    ///
    /// # Errors
    /// The database's.
    pub async fn dictionary_version_changed_at(
        &self,
        version: DictionaryVersionId,
    ) -> Result<Option<DateTime<Utc>>, StoreError> {
        let (own, national, version) = (self.agency(), NATIONAL.uuid(), version.uuid());
        let statement = raw_sql!(
            Postgres,
            "SELECT * FROM dictionary_versions WHERE agency_id IN ({own}, {national}) AND id = {version}"
        );
        let row = dictionary_versions::Model::find_by_statement(statement).one(&self.db).await?;
        Ok(row.map(|row| row.updated_at))
    }

    /// Every competency a dictionary ever had, by code.
    ///
    /// # Errors
    /// The database's.
    pub async fn competency_codes(
        &self,
        dictionary: DictionaryId,
    ) -> Result<BTreeMap<Code, CompetencyId>, StoreError> {
        let (agency, dictionary) = (self.agency(), dictionary.uuid());
        let statement = raw_sql!(
            Postgres,
            "SELECT id, code FROM competencies WHERE agency_id = {agency} AND dictionary_id = {dictionary}"
        );
        let rows = CompetencyCodeRow::find_by_statement(statement).all(&self.db).await?;
        Ok(rows.into_iter().map(|row| (code(row.code), row.id.into())).collect())
    }
}

impl Tx<'_> {
    /// Keeps others from taking packages into the agency until this transaction ends: of two who bring the same one, the
    /// second finds it there.
    ///
    /// # Errors
    /// The database's.
    pub async fn case_lock(&self, pass: &Pass) -> Result<(), StoreError> {
        let agency = pass.agency().uuid();
        let statement =
            raw_sql!(Postgres, "SELECT pg_advisory_xact_lock(hashtextextended({agency}::uuid::text, 6))");
        self.db.execute_raw(statement).await?;
        Ok(())
    }

    /// Notes the package a version came from, in place of an earlier one.
    ///
    /// # Errors
    /// `Taken("/CFDocument/identifier")`, `Missing("/query/family")`.
    pub async fn case_package_put(
        &self,
        pass: &Pass,
        version: &DictionaryVersion,
        identity: &CaseIdentity,
        family: &Code,
        package: &str,
    ) -> Result<(), StoreError> {
        let (agency, id, dictionary) = (pass.agency().uuid(), version.id.uuid(), version.dictionary.uuid());
        let (document, document_version) = (identity.document, identity.version.as_str());
        let (family, now) = (family.as_str(), self.now());
        let statement = raw_sql!(
            Postgres,
            "INSERT INTO case_packages
                (agency_id, dictionary_version_id, dictionary_id, document_id, document_version, family, package,
                 imported_at)
             VALUES ({agency}, {id}, {dictionary}, {document}, {document_version}, {family}, {package}, {now})
             ON CONFLICT ON CONSTRAINT pk_case_packages DO UPDATE
             SET document_id = excluded.document_id, document_version = excluded.document_version,
                 family = excluded.family, package = excluded.package, imported_at = excluded.imported_at"
        );
        self.db.execute_raw(statement).await?;
        Ok(())
    }

    /// Brings what a draft says to `written`, levels included, and takes `gone` out of it; what it says of others stays.
    /// Competencies are made with the ids given. The caller holds the [lock](Tx::dictionary_version_lock) of the
    /// version and has found it to be a draft.
    ///
    /// # Errors
    /// [`StoreError::Stale`], `Missing("/family")`.
    pub async fn case_contents_write(
        &self,
        pass: &Pass,
        draft: &DictionaryVersion,
        written: &[Content],
        gone: &[CompetencyId],
    ) -> Result<(), StoreError> {
        self.draft_next(pass, draft.id).await?;
        let (agency, version) = (pass.agency().uuid(), draft.id.uuid());
        let ids: Vec<Uuid> = gone.iter().map(|id| id.uuid()).collect();
        let statement = raw_sql!(
            Postgres,
            "DELETE FROM competency_contents
             WHERE agency_id = {agency} AND dictionary_version_id = {version} AND competency_id = ANY ({ids}::uuid[])"
        );
        self.db.execute_raw(statement).await?;
        for some in written.chunks(AT_ONCE) {
            let ids: Vec<Uuid> = some.iter().map(|content| content.competency.uuid()).collect();
            let statement = raw_sql!(
                Postgres,
                "DELETE FROM competency_levels
                 WHERE agency_id = {agency} AND dictionary_version_id = {version}
                   AND competency_id = ANY ({ids}::uuid[])"
            );
            self.db.execute_raw(statement).await?;
            self.contents_write(pass, draft.dictionary, draft.id, some).await?;
            let levels: Vec<_> = some
                .iter()
                .flat_map(|content| content.levels.iter().map(|level| (content.competency, level.clone())))
                .collect();
            self.levels_write(pass, draft.id, &levels).await?;
        }
        Ok(())
    }
}
