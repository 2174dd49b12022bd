//! The unit tree.

use std::collections::{BTreeMap, BTreeSet};

use access::Pass;
use entities::units::{self, Column};
use kernel::{Code, EmployeeId, Name, Page, UnitId, Version};
use sea_orm::ActiveValue::Set;
use sea_orm::{
    ColumnTrait as _, ConnectionTrait as _, EntityTrait as _, FromQueryResult as _, QueryFilter as _, raw_sql,
};
use uuid::Uuid;
use workforce::Unit;

use crate::rows::{code, name};
use crate::{PageRequest, Reader, StoreError, Tx};

/// Which units a list holds; everything that is given must hold.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct UnitFilter {
    /// With this code.
    pub code: Option<String>,
    /// Directly under this unit.
    pub parent: Option<UnitId>,
    /// Under this unit at any depth, itself included.
    pub within: Option<UnitId>,
    /// With this in their name, in any case.
    pub search: Option<String>,
}

pub(crate) fn domain(row: units::Model) -> Unit {
    Unit {
        id: UnitId::from(row.id),
        code: code(row.code),
        name: name(row.name),
        kind: row.kind.map(name),
        parent: row.parent_id.map(UnitId::from),
        version: Version::new(row.version),
    }
}

impl Reader<'_> {
    /// One unit of the agency.
    ///
    /// # Errors
    /// The database's.
    pub async fn unit(&self, id: UnitId) -> Result<Option<Unit>, StoreError> {
        let row = units::Entity::find_by_id((self.agency(), id.uuid())).one(&self.db).await?;
        Ok(row.map(domain))
    }

    /// Units by code.
    ///
    /// # Errors
    /// The database's.
    pub async fn units(&self, filter: &UnitFilter, page: &PageRequest) -> Result<Page<Unit>, StoreError> {
        let (agency, after, limit) = (self.agency(), page.key(0), page.probe());
        let UnitFilter { code, parent, within, search } = filter.clone();
        let (parent, within) = (parent.map(UnitId::uuid), within.map(UnitId::uuid));
        let statement = raw_sql!(
            Postgres,
            "SELECT u.* FROM units u
             WHERE u.agency_id = {agency}
               AND ({code}::text IS NULL OR u.code = {code})
               AND ({parent}::uuid IS NULL OR u.parent_id = {parent})
               AND ({within}::uuid IS NULL OR u.id IN (
                    SELECT a.unit_id FROM unit_ancestors a
                    WHERE a.agency_id = {agency} AND a.ancestor_id = {within}))
               AND ({search}::text IS NULL OR strpos(lower(u.name), lower({search})) > 0)
               AND ({after}::text IS NULL OR u.code > {after})
             ORDER BY u.code
             LIMIT {limit}"
        );
        let rows = units::Model::find_by_statement(statement).all(&self.db).await?;
        let rows = rows.into_iter().map(domain).collect();
        Ok(Page::cut(rows, page.limit, |unit: &Unit| vec![unit.code.to_string()]))
    }

    /// Every unit of the agency, for an import to compare with.
    ///
    /// # Errors
    /// The database's.
    pub async fn units_by_code(&self) -> Result<BTreeMap<Code, Unit>, StoreError> {
        let rows = units::Entity::find().filter(Column::AgencyId.eq(self.agency())).all(&self.db).await?;
        Ok(rows.into_iter().map(domain).map(|unit| (unit.code.clone(), unit)).collect())
    }

    /// What every unit of the agency is called.
    ///
    /// # Errors
    /// The database's.
    pub async fn unit_labels(&self) -> Result<BTreeMap<UnitId, (Code, Name)>, StoreError> {
        let units = self.units_by_code().await?;
        Ok(units.into_iter().map(|(code, unit)| (unit.id, (code, unit.name))).collect())
    }

    /// Whether `unit` lies under `ancestor`, or is it.
    ///
    /// # Errors
    /// The database's.
    pub async fn unit_is_within(&self, unit: UnitId, ancestor: UnitId) -> Result<bool, StoreError> {
        let (agency, unit, ancestor) = (self.agency(), unit.uuid(), ancestor.uuid());
        let statement = raw_sql!(
            Postgres,
            "SELECT 1 FROM unit_ancestors
             WHERE agency_id = {agency} AND ancestor_id = {ancestor} AND unit_id = {unit}"
        );
        Ok(self.db.query_one_raw(statement).await?.is_some())
    }

    /// The unit each of these people serves in today; who serves nowhere is left out.
    ///
    /// # Errors
    /// The database's.
    pub async fn serving_units(
        &self,
        people: &BTreeSet<EmployeeId>,
    ) -> Result<BTreeMap<EmployeeId, UnitId>, StoreError> {
        let (agency, today) = (self.agency(), self.today);
        let ids: Vec<Uuid> = people.iter().map(|id| id.uuid()).collect();
        let statement = raw_sql!(
            Postgres,
            "SELECT s.employee_id, q.unit_id
             FROM placements_on({agency}, {today}, 'infinity') s
             JOIN positions q ON q.agency_id = s.agency_id AND q.id = s.position_id
             WHERE s.employee_id = ANY ({ids})"
        );
        let rows = self.db.query_all_raw(statement).await?;
        let row = |row: &sea_orm::QueryResult| -> Result<_, StoreError> {
            let (employee, unit): (Uuid, Uuid) =
                (row.try_get("", "employee_id")?, row.try_get("", "unit_id")?);
            Ok((employee.into(), unit.into()))
        };
        rows.iter().map(row).collect()
    }

    /// Each unit of the agency with itself and those above it.
    ///
    /// # Errors
    /// The database's.
    pub async fn units_above(&self) -> Result<BTreeMap<UnitId, BTreeSet<UnitId>>, StoreError> {
        let agency = self.agency();
        let statement = raw_sql!(
            Postgres,
            "SELECT unit_id, ancestor_id FROM unit_ancestors WHERE agency_id = {agency}
             UNION SELECT id, id FROM units WHERE agency_id = {agency}"
        );
        let mut above: BTreeMap<UnitId, BTreeSet<UnitId>> = BTreeMap::new();
        for row in self.db.query_all_raw(statement).await? {
            let (unit, ancestor): (Uuid, Uuid) =
                (row.try_get("", "unit_id")?, row.try_get("", "ancestor_id")?);
            above.entry(unit.into()).or_default().insert(ancestor.into());
        }
        Ok(above)
    }
}

impl Tx<'_> {
    /// Adds a unit under its parent.
    ///
    /// # Errors
    /// `Taken("/code")`, `Missing("/parent_id")`.
    pub async fn unit_insert(&self, pass: &Pass, unit: &Unit) -> Result<(), StoreError> {
        units::Entity::insert(units::ActiveModel {
            agency_id: Set(pass.agency().uuid()),
            id: Set(unit.id.uuid()),
            code: Set(unit.code.to_string()),
            name: Set(unit.name.to_string()),
            kind: Set(unit.kind.as_ref().map(ToString::to_string)),
            parent_id: Set(unit.parent.map(UnitId::uuid)),
            version: Set(unit.version.get()),
            created_at: Set(self.now()),
            updated_at: Set(self.now()),
        })
        .exec_without_returning(&self.db)
        .await?;
        self.unit_ancestors_insert(pass, unit.id, unit.parent).await
    }

    /// Replaces what a unit says of itself; `unit.version` is the version that was read. The tree follows a new parent.
    ///
    /// # Errors
    /// [`StoreError::Stale`], `Taken("/code")`, `Missing("/parent_id")`.
    pub async fn unit_update(&self, pass: &Pass, unit: &Unit) -> Result<Unit, StoreError> {
        let agency = pass.agency().uuid();
        let before = units::Entity::find_by_id((agency, unit.id.uuid())).one(&self.db).await?;
        let row = units::Entity::update_many()
            .set(units::ActiveModel {
                code: Set(unit.code.to_string()),
                name: Set(unit.name.to_string()),
                kind: Set(unit.kind.as_ref().map(ToString::to_string)),
                parent_id: Set(unit.parent.map(UnitId::uuid)),
                version: Set(unit.version.next().get()),
                updated_at: Set(self.now()),
                ..Default::default()
            })
            .filter(Column::AgencyId.eq(agency))
            .filter(Column::Id.eq(unit.id.uuid()))
            .filter(Column::Version.eq(unit.version.get()))
            .exec_with_returning(&self.db)
            .await?
            .pop();
        let updated = domain(row.ok_or(StoreError::Stale)?);
        if before.is_some_and(|before| before.parent_id != updated.parent.map(UnitId::uuid)) {
            self.unit_move(pass, updated.id, updated.parent).await?;
        }
        Ok(updated)
    }

    /// Removes a unit that nothing refers to.
    ///
    /// # Errors
    /// [`StoreError::Stale`], `StillReferenced`.
    pub async fn unit_delete(&self, pass: &Pass, id: UnitId, expected: Version) -> Result<(), StoreError> {
        let gone = units::Entity::delete_many()
            .filter(Column::AgencyId.eq(pass.agency().uuid()))
            .filter(Column::Id.eq(id.uuid()))
            .filter(Column::Version.eq(expected.get()))
            .exec(&self.db)
            .await
            .map_err(StoreError::removing)?;
        if gone.rows_affected == 0 { Err(StoreError::Stale) } else { Ok(()) }
    }

    /// Keeps every other change of the agency's tree waiting until this transaction ends. Without it, two moves at once
    /// could each be free of a cycle and make one together.
    ///
    /// # Errors
    /// The database's.
    pub async fn unit_tree_lock(&self, pass: &Pass) -> Result<(), StoreError> {
        let agency = pass.agency().uuid();
        let statement =
            raw_sql!(Postgres, "SELECT pg_advisory_xact_lock(hashtextextended({agency}::uuid::text, 2))");
        self.db.query_one_raw(statement).await?;
        Ok(())
    }

    async fn unit_ancestors_insert(
        &self,
        pass: &Pass,
        unit: UnitId,
        parent: Option<UnitId>,
    ) -> Result<(), StoreError> {
        let (agency, unit, parent) = (pass.agency().uuid(), unit.uuid(), parent.map(UnitId::uuid));
        let statement = raw_sql!(
            Postgres,
            "INSERT INTO unit_ancestors (agency_id, ancestor_id, unit_id, depth)
             SELECT {agency}::uuid, {unit}::uuid, {unit}::uuid, 0
             UNION ALL
             SELECT agency_id, ancestor_id, {unit}::uuid, depth + 1
             FROM unit_ancestors WHERE agency_id = {agency} AND unit_id = {parent}::uuid"
        );
        self.db.execute_raw(statement).await?;
        Ok(())
    }

    /// Re-hangs the subtree of `unit` under `parent`.
    async fn unit_move(&self, pass: &Pass, unit: UnitId, parent: Option<UnitId>) -> Result<(), StoreError> {
        let (agency, unit, parent) = (pass.agency().uuid(), unit.uuid(), parent.map(UnitId::uuid));
        let cut = raw_sql!(
            Postgres,
            "DELETE FROM unit_ancestors a
             USING unit_ancestors below, unit_ancestors above
             WHERE below.agency_id = {agency} AND below.ancestor_id = {unit}
               AND above.agency_id = {agency} AND above.unit_id = {unit} AND above.depth > 0
               AND a.agency_id = {agency} AND a.unit_id = below.unit_id AND a.ancestor_id = above.ancestor_id"
        );
        self.db.execute_raw(cut).await?;
        let hang = raw_sql!(
            Postgres,
            "INSERT INTO unit_ancestors (agency_id, ancestor_id, unit_id, depth)
             SELECT {agency}::uuid, above.ancestor_id, below.unit_id, above.depth + 1 + below.depth
             FROM unit_ancestors above, unit_ancestors below
             WHERE above.agency_id = {agency} AND above.unit_id = {parent}::uuid
               AND below.agency_id = {agency} AND below.ancestor_id = {unit}"
        );
        self.db.execute_raw(hang).await?;
        Ok(())
    }
}
