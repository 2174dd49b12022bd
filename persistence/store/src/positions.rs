//! Positions.

use std::collections::BTreeMap;

use access::Pass;
use entities::positions::{self, Column};
use kernel::{Code, Page, PositionId, UnitId, Version};
use sea_orm::ActiveValue::Set;
use sea_orm::{
    ColumnTrait as _, ConnectionTrait as _, EntityTrait as _, FromQueryResult as _, QueryFilter as _,
    QuerySelect as _, raw_sql,
};
use workforce::{JobClass, Position};

use crate::rows::{code, known, name};
use crate::{PageRequest, Reader, StoreError, Tx};

/// Which positions a list holds; everything that is given must hold.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PositionFilter {
    /// With this code.
    pub code: Option<String>,
    /// Of this unit.
    pub unit: Option<UnitId>,
    /// Of this unit or one under it at any depth.
    pub within: Option<UnitId>,
    /// Of this job class.
    pub job_class: Option<JobClass>,
    /// Heading their unit, or not.
    pub is_head: Option<bool>,
    /// With this in their name, in any case.
    pub search: Option<String>,
    /// Existing today without anybody who holds them; or, when false, held by somebody today.
    pub vacant: Option<bool>,
}

fn domain(row: positions::Model) -> Result<Position, StoreError> {
    Ok(Position {
        id: PositionId::from(row.id),
        code: code(row.code),
        name: name(row.name),
        unit: UnitId::from(row.unit_id),
        job_class: known(JobClass::parse(&row.job_class), "positions.job_class")?,
        is_head: row.is_head,
        abolished_on: row.abolished_on,
        version: Version::new(row.version),
    })
}

impl Reader<'_> {
    /// One position of the agency.
    ///
    /// # Errors
    /// The database's.
    pub async fn position(&self, id: PositionId) -> Result<Option<Position>, StoreError> {
        let row = positions::Entity::find_by_id((self.agency(), id.uuid())).one(&self.db).await?;
        row.map(domain).transpose()
    }

    /// Positions by code.
    ///
    /// # Errors
    /// The database's.
    pub async fn positions(
        &self,
        filter: &PositionFilter,
        page: &PageRequest,
    ) -> Result<Page<Position>, StoreError> {
        let (agency, today, after, limit) = (self.agency(), self.today, page.key(0), page.probe());
        let PositionFilter { code, unit, within, job_class, is_head, search, vacant } = filter.clone();
        let (unit, within) = (unit.map(UnitId::uuid), within.map(UnitId::uuid));
        let job_class = job_class.map(JobClass::as_str);
        let statement = raw_sql!(
            Postgres,
            "SELECT p.* FROM positions p
             WHERE p.agency_id = {agency}
               AND ({code}::text IS NULL OR p.code = {code})
               AND ({unit}::uuid IS NULL OR p.unit_id = {unit})
               AND ({within}::uuid IS NULL OR p.unit_id IN (
                    SELECT a.unit_id FROM unit_ancestors a
                    WHERE a.agency_id = {agency} AND a.ancestor_id = {within}))
               AND ({job_class}::text IS NULL OR p.job_class = {job_class})
               AND ({is_head}::boolean IS NULL OR p.is_head = {is_head})
               AND ({search}::text IS NULL OR strpos(lower(p.name), lower({search})) > 0)
               AND ({vacant}::boolean IS NULL
                    OR (p.id NOT IN (
                            SELECT s.position_id FROM placements_on({agency}, {today}, 'infinity') s
                            WHERE s.position_id IS NOT NULL)) = {vacant})
               AND ({vacant} IS NOT TRUE OR p.abolished_on IS NULL OR p.abolished_on > {today})
               AND ({after}::text IS NULL OR p.code > {after})
             ORDER BY p.code
             LIMIT {limit}"
        );
        let rows = positions::Model::find_by_statement(statement).all(&self.db).await?;
        let rows = rows.into_iter().map(domain).collect::<Result<_, _>>()?;
        Ok(Page::cut(rows, page.limit, |position: &Position| vec![position.code.to_string()]))
    }

    /// Every position of the agency, for an import to compare with.
    ///
    /// # Errors
    /// The database's.
    pub async fn positions_by_code(&self) -> Result<BTreeMap<Code, Position>, StoreError> {
        let rows = positions::Entity::find().filter(Column::AgencyId.eq(self.agency())).all(&self.db).await?;
        let pairs = rows.into_iter().map(|row| domain(row).map(|position| (position.code.clone(), position)));
        pairs.collect()
    }

    /// Whether a placement or a standard was ever made for the position: its job class may then not change. A writer
    /// calls [`Tx::position_lock`] first, which keeps new ones out.
    ///
    /// # Errors
    /// The database's.
    pub async fn position_is_used(&self, id: PositionId) -> Result<bool, StoreError> {
        let (agency, id) = (self.agency(), id.uuid());
        let statement = raw_sql!(
            Postgres,
            "SELECT 1
             WHERE EXISTS (SELECT 1 FROM placements WHERE agency_id = {agency} AND position_id = {id})
                OR EXISTS (SELECT 1 FROM standards WHERE agency_id = {agency} AND position_id = {id})"
        );
        Ok(self.db.query_one_raw(statement).await?.is_some())
    }
}

impl Tx<'_> {
    /// Adds a position to its unit.
    ///
    /// # Errors
    /// `Taken("/code")`, `Taken("/is_head")`, `Missing("/unit_id")`.
    pub async fn position_insert(&self, pass: &Pass, position: &Position) -> Result<(), StoreError> {
        positions::Entity::insert(positions::ActiveModel {
            agency_id: Set(pass.agency().uuid()),
            id: Set(position.id.uuid()),
            code: Set(position.code.to_string()),
            name: Set(position.name.to_string()),
            unit_id: Set(position.unit.uuid()),
            job_class: Set(position.job_class.as_str().to_owned()),
            is_head: Set(position.is_head),
            abolished_on: Set(position.abolished_on),
            version: Set(position.version.get()),
            created_at: Set(self.now()),
            updated_at: Set(self.now()),
        })
        .exec_without_returning(&self.db)
        .await?;
        Ok(())
    }

    /// Replaces what a position says of itself; `position.version` is the version that was read.
    ///
    /// # Errors
    /// [`StoreError::Stale`], `Taken("/code")`, `Taken("/is_head")`, `Missing("/unit_id")`.
    pub async fn position_update(&self, pass: &Pass, position: &Position) -> Result<Position, StoreError> {
        let row = positions::Entity::update_many()
            .set(positions::ActiveModel {
                code: Set(position.code.to_string()),
                name: Set(position.name.to_string()),
                unit_id: Set(position.unit.uuid()),
                job_class: Set(position.job_class.as_str().to_owned()),
                is_head: Set(position.is_head),
                abolished_on: Set(position.abolished_on),
                version: Set(position.version.next().get()),
                updated_at: Set(self.now()),
                ..Default::default()
            })
            .filter(Column::AgencyId.eq(pass.agency().uuid()))
            .filter(Column::Id.eq(position.id.uuid()))
            .filter(Column::Version.eq(position.version.get()))
            .exec_with_returning(&self.db)
            .await?
            .pop();
        domain(row.ok_or(StoreError::Stale)?)
    }

    /// Removes a position that nothing refers to.
    ///
    /// # Errors
    /// [`StoreError::Stale`], `StillReferenced`.
    pub async fn position_delete(
        &self,
        pass: &Pass,
        id: PositionId,
        expected: Version,
    ) -> Result<(), StoreError> {
        let gone = positions::Entity::delete_many()
            .filter(Column::AgencyId.eq(pass.agency().uuid()))
            .filter(Column::Id.eq(id.uuid()))
            .filter(Column::Version.eq(expected.get()))
            .exec(&self.db)
            .await
            .map_err(StoreError::removing)?;
        if gone.rows_affected == 0 { Err(StoreError::Stale) } else { Ok(()) }
    }

    /// The position, kept from change until this transaction ends. New placements and standards for it wait too: their
    /// foreign keys need the row.
    ///
    /// # Errors
    /// The database's.
    pub async fn position_lock(&self, pass: &Pass, id: PositionId) -> Result<Option<Position>, StoreError> {
        let key = (pass.agency().uuid(), id.uuid());
        let row = positions::Entity::find_by_id(key).lock_exclusive().one(&self.db).await?;
        row.map(domain).transpose()
    }
}
