//! What agencies' own spreadsheets call our columns.

use access::Pass;
use entities::import_mappings::{self, Column};
use kernel::{Code, Page, Version};
use sea_orm::ActiveValue::Set;
use sea_orm::{ColumnTrait as _, EntityTrait as _, FromQueryResult as _, QueryFilter as _, raw_sql};
use serde_json::Value;

use crate::rows::code;
use crate::{PageRequest, Reader, StoreError, Tx};

/// A mapping.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ImportMappingRow {
    /// What the rows of the spreadsheets are.
    pub kind: String,
    /// Its name, unique in the agency and kind.
    pub name: Code,
    /// What it says.
    pub columns: Value,
    /// How often it has been written.
    pub version: Version,
}

fn domain(row: import_mappings::Model) -> ImportMappingRow {
    ImportMappingRow {
        kind: row.kind,
        name: code(row.name),
        columns: row.columns,
        version: Version::new(row.version),
    }
}

impl Reader<'_> {
    /// The agency's mappings by kind and name; `kind` leaves out the others.
    ///
    /// # Errors
    /// The database's.
    pub async fn import_mappings(
        &self,
        kind: Option<&str>,
        page: &PageRequest,
    ) -> Result<Page<ImportMappingRow>, StoreError> {
        let (agency, limit) = (self.agency(), page.probe());
        let (after, after_name) = (page.key(0), page.key(1));
        let statement = raw_sql!(
            Postgres,
            "SELECT * FROM import_mappings
             WHERE agency_id = {agency}
               AND ({kind}::text IS NULL OR kind = {kind})
               AND ({after}::text IS NULL OR (kind, name) > ({after}, {after_name}))
             ORDER BY kind, name
             LIMIT {limit}"
        );
        let rows = import_mappings::Model::find_by_statement(statement).all(&self.db).await?;
        let rows = rows.into_iter().map(domain).collect();
        Ok(Page::cut(rows, page.limit, |row: &ImportMappingRow| vec![row.kind.clone(), row.name.to_string()]))
    }

    /// One mapping.
    ///
    /// # Errors
    /// The database's.
    pub async fn import_mapping(
        &self,
        kind: &str,
        name: &Code,
    ) -> Result<Option<ImportMappingRow>, StoreError> {
        let key = (self.agency(), kind.to_owned(), name.to_string());
        let row = import_mappings::Entity::find_by_id(key).one(&self.db).await?;
        Ok(row.map(domain))
    }
}

impl Tx<'_> {
    /// Adds a mapping.
    ///
    /// # Errors
    /// `Taken("/name")`.
    pub async fn import_mapping_insert(&self, pass: &Pass, row: &ImportMappingRow) -> Result<(), StoreError> {
        import_mappings::Entity::insert(import_mappings::ActiveModel {
            agency_id: Set(pass.agency().uuid()),
            kind: Set(row.kind.clone()),
            name: Set(row.name.to_string()),
            columns: Set(row.columns.clone()),
            version: Set(row.version.get()),
            created_at: Set(self.now()),
            updated_at: Set(self.now()),
        })
        .exec_without_returning(&self.db)
        .await?;
        Ok(())
    }

    /// Replaces what a mapping says; `row.version` is the version that was read.
    ///
    /// # Errors
    /// [`StoreError::Stale`].
    pub async fn import_mapping_update(
        &self,
        pass: &Pass,
        row: &ImportMappingRow,
    ) -> Result<ImportMappingRow, StoreError> {
        let row = import_mappings::Entity::update_many()
            .set(import_mappings::ActiveModel {
                columns: Set(row.columns.clone()),
                version: Set(row.version.next().get()),
                updated_at: Set(self.now()),
                ..Default::default()
            })
            .filter(Column::AgencyId.eq(pass.agency().uuid()))
            .filter(Column::Kind.eq(row.kind.as_str()))
            .filter(Column::Name.eq(row.name.as_str()))
            .filter(Column::Version.eq(row.version.get()))
            .exec_with_returning(&self.db)
            .await?
            .pop();
        row.map(domain).ok_or(StoreError::Stale)
    }

    /// Removes a mapping.
    ///
    /// # Errors
    /// [`StoreError::Stale`].
    pub async fn import_mapping_delete(&self, pass: &Pass, row: &ImportMappingRow) -> Result<(), StoreError> {
        let gone = import_mappings::Entity::delete_many()
            .filter(Column::AgencyId.eq(pass.agency().uuid()))
            .filter(Column::Kind.eq(row.kind.as_str()))
            .filter(Column::Name.eq(row.name.as_str()))
            .filter(Column::Version.eq(row.version.get()))
            .exec(&self.db)
            .await?;
        if gone.rows_affected == 0 { Err(StoreError::Stale) } else { Ok(()) }
    }
}
