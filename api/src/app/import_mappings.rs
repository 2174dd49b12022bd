//! What the agency's own spreadsheets call our columns.

use access::Action;
use kernel::{Code, Event, Page, Resource, Version, Violation, ViolationCode};
use serde::{Deserialize, Serialize};
use serde_json::json;
use store::{ImportMappingRow, PageRequest, Reader, Written};

use crate::app::{AppError, Ctx};
use crate::dto::import_mappings::{ImportMappingPut, ImportMappingView};
use crate::dto::{created, fingerprint_id, gone, replaced, segment};
use crate::problems::Problem;
use crate::sheets::{ImportKind, Mapping};

/// The mapping that imports go by which name none.
pub const USUAL: &str = "DEFAULT";

/// What asks for no mapping.
pub const NO_MAPPING: &str = "NONE";

/// By which mapping an import goes.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum MappingChoice {
    /// By the usual one, if the agency has one.
    #[default]
    Usual,
    /// By the one of this name.
    Named(Code),
    /// By none.
    None,
}

impl MappingChoice {
    /// What a caller names.
    ///
    /// # Errors
    /// It is no name.
    pub fn of(name: Option<&str>) -> Result<Self, Violation> {
        match name {
            None => Ok(Self::Usual),
            Some(NO_MAPPING) => Ok(Self::None),
            Some(name) => {
                Code::parse(name).map(Self::Named).map_err(|violation| violation.under("/query/mapping"))
            }
        }
    }

    /// The mapping, if the import goes by one.
    ///
    /// # Errors
    /// `INVALID` when there is none of that name.
    pub async fn read(&self, reader: &Reader<'_>, kind: ImportKind) -> Result<Option<Mapping>, AppError> {
        let (name, must) = match self {
            Self::None => return Ok(None),
            Self::Usual => (Code::stored(USUAL.to_owned()), false),
            Self::Named(name) => (name.clone(), true),
        };
        match reader.import_mapping(kind.as_str(), &name).await? {
            Some(row) => Ok(Some(mapping_of(&row)?)),
            None if must => {
                let violation = Violation::new("/query/mapping", ViolationCode::NotFound);
                Err(violation.with("value", name).into())
            }
            None => Ok(None),
        }
    }
}

/// The agency's mappings.
///
/// # Errors
/// `FORBIDDEN`.
pub async fn list(
    ctx: &Ctx,
    kind: Option<ImportKind>,
    page: &PageRequest,
) -> Result<Page<ImportMappingRow>, AppError> {
    let scope = ctx.scope(Action::Import)?;
    Ok(ctx.read(&scope).import_mappings(kind.map(ImportKind::as_str), page).await?)
}

/// One mapping.
///
/// # Errors
/// `FORBIDDEN`, `NOT_FOUND`.
pub async fn get(ctx: &Ctx, kind: ImportKind, name: &str) -> Result<ImportMappingRow, AppError> {
    let scope = ctx.scope(Action::Import)?;
    let name = Code::parse(name).map_err(|_no_code| Problem::NotFound)?;
    Ok(ctx.read(&scope).import_mapping(kind.as_str(), &name).await?.ok_or(Problem::NotFound)?)
}

/// What a kept mapping says.
///
/// # Errors
/// It is none, which would be a defect.
pub fn mapping_of(row: &ImportMappingRow) -> Result<Mapping, AppError> {
    serde_json::from_value(row.columns.clone()).map_err(|_other| Problem::Internal.into())
}

fn event(row: &ImportMappingRow, what: &'static str) -> Event {
    let id = fingerprint_id(&format!("{}/{}", row.kind, row.name));
    Event::new(Resource::ImportMapping, id, what)
}

/// Writes a mapping. One that is there is replaced only for a caller who names its entity tag.
///
/// # Errors
/// `FORBIDDEN`, `IF_MATCH_REQUIRED` (there is one already), `STALE`, `INVALID`.
pub async fn put(
    ctx: &Ctx,
    kind: ImportKind,
    name: &str,
    input: ImportMappingPut,
) -> Result<Written, AppError> {
    let (pass, scope) = (ctx.actor.allow(Action::Import)?, ctx.scope(Action::Import)?);
    let name = Code::parse(name).map_err(|violation| violation.under("/path/name"))?;
    if name.as_str() == NO_MAPPING {
        return Err(AppError::invalid("/path/name", ViolationCode::Taken));
    }
    let columns = json!(input.into_mapping(kind)?);
    ctx.write(async |tx| {
        let before = ctx.read_in(tx, &scope).import_mapping(kind.as_str(), &name).await?;
        let row = |version| ImportMappingRow {
            kind: kind.as_str().to_owned(),
            name: name.clone(),
            columns: columns.clone(),
            version,
        };
        let Some(before) = before else {
            if ctx.if_match.is_some() {
                return Err(Problem::Stale.into());
            }
            let row = row(Version::FIRST);
            tx.import_mapping_insert(&pass, &row).await?;
            let location = format!("/v1/import-mappings/{kind}/{}", segment(name.as_str()));
            let reply = created(&ImportMappingView::of(&row)?, row.version, location);
            let changes = json!({"kind": kind, "name": name, "after": row.columns});
            return Ok(tx.record(&pass, &event(&row, "CREATED"), Some(changes)).with(reply));
        };
        let version = ctx.expect_version(before.version)?;
        let after = tx.import_mapping_update(&pass, &row(version)).await?;
        let reply = replaced(&ImportMappingView::of(&after)?, after.version);
        let changes = json!({"kind": kind, "name": name, "before": before.columns, "after": after.columns});
        Ok(tx.record(&pass, &event(&after, "REPLACED"), Some(changes)).with(reply))
    })
    .await
}

/// Removes a mapping.
///
/// # Errors
/// `FORBIDDEN`, `NOT_FOUND`, `STALE`.
pub async fn delete(ctx: &Ctx, kind: ImportKind, name: &str) -> Result<Written, AppError> {
    let (pass, scope) = (ctx.actor.allow(Action::Import)?, ctx.scope(Action::Import)?);
    let name = Code::parse(name).map_err(|_no_code| Problem::NotFound)?;
    ctx.write(async |tx| {
        let found = ctx.read_in(tx, &scope).import_mapping(kind.as_str(), &name).await?;
        let row = found.ok_or(Problem::NotFound)?;
        ctx.expect_version(row.version)?;
        tx.import_mapping_delete(&pass, &row).await?;
        let changes = json!({"kind": kind, "name": name, "before": row.columns});
        Ok(tx.record(&pass, &event(&row, "DELETED"), Some(changes)).with(gone()))
    })
    .await
}
