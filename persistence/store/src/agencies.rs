//! Agencies.

use access::Pass;
use entities::agencies::{self, Column};
use kernel::{AgencyId, AgencyZone, Code, NATIONAL, Name, Version};
use sea_orm::ActiveValue::Set;
use sea_orm::{ColumnTrait as _, EntityTrait as _, QueryFilter as _, QueryOrder as _, QuerySelect as _};
use workforce::Agency;

use crate::rows::{code, known, name};
use crate::{PageRequest, Reader, Store, StoreError, Tx};
use kernel::Page;

fn domain(row: agencies::Model) -> Result<Agency, StoreError> {
    Ok(Agency {
        id: AgencyId::from(row.id),
        code: code(row.code),
        name: name(row.name),
        zone: known(AgencyZone::parse(&row.zone), "agencies.zone")?,
        version: Version::new(row.version),
    })
}

impl Store {
    /// The agency with this code: how a command or a token names one. What it may be used for is decided later.
    ///
    /// # Errors
    /// The database's.
    pub async fn agency_by_code(&self, code: &Code) -> Result<Option<Agency>, StoreError> {
        let row = agencies::Entity::find().filter(Column::Code.eq(code.as_str())).one(&self.db).await?;
        row.map(domain).transpose()
    }

    /// The agency with this id, for the same purpose.
    ///
    /// # Errors
    /// The database's.
    pub async fn agency(&self, id: AgencyId) -> Result<Option<Agency>, StoreError> {
        agencies::Entity::find_by_id(id.uuid()).one(&self.db).await?.map(domain).transpose()
    }
}

impl Reader<'_> {
    /// The scope's own agency.
    ///
    /// # Errors
    /// The database's.
    pub async fn own_agency(&self) -> Result<Agency, StoreError> {
        let row = agencies::Entity::find_by_id(self.agency()).one(&self.db).await?;
        domain(row.ok_or(StoreError::Corrupt("agencies"))?)
    }

    /// Agencies by code: the scope's own, or every one when the scope is the nation's.
    ///
    /// # Errors
    /// The database's.
    pub async fn agencies(&self, page: &PageRequest) -> Result<Page<Agency>, StoreError> {
        let mut query = agencies::Entity::find().order_by_asc(Column::Code).limit(page.limit.probe());
        if self.scope.agency() != NATIONAL {
            query = query.filter(Column::Id.eq(self.agency()));
        }
        if let Some(after) = page.key(0) {
            query = query.filter(Column::Code.gt(after));
        }
        let rows = query.all(&self.db).await?;
        let rows = rows.into_iter().map(domain).collect::<Result<_, _>>()?;
        Ok(Page::cut(rows, page.limit, |agency: &Agency| vec![agency.code.to_string()]))
    }
}

impl Tx<'_> {
    /// Adds an agency. It is made by a command, not by a caller, so it takes no pass of an agency.
    ///
    /// # Errors
    /// `Taken("/code")`.
    pub async fn agency_insert(&self, agency: &Agency) -> Result<(), StoreError> {
        self.directory_changes();
        agencies::Entity::insert(agencies::ActiveModel {
            id: Set(agency.id.uuid()),
            code: Set(agency.code.to_string()),
            name: Set(agency.name.to_string()),
            zone: Set(agency.zone.as_str().to_owned()),
            version: Set(agency.version.get()),
            created_at: Set(self.now()),
            updated_at: Set(self.now()),
        })
        .exec_without_returning(&self.db)
        .await?;
        Ok(())
    }

    /// Changes the agency's name and time zone; `agency.version` is the version that was read.
    ///
    /// # Errors
    /// [`StoreError::Stale`].
    pub async fn agency_update(
        &self,
        pass: &Pass,
        expected: Version,
        name: &Name,
        zone: AgencyZone,
    ) -> Result<Agency, StoreError> {
        self.directory_changes();
        let row = agencies::Entity::update_many()
            .set(agencies::ActiveModel {
                name: Set(name.to_string()),
                zone: Set(zone.as_str().to_owned()),
                version: Set(expected.next().get()),
                updated_at: Set(self.now()),
                ..Default::default()
            })
            .filter(Column::Id.eq(pass.agency().uuid()))
            .filter(Column::Version.eq(expected.get()))
            .exec_with_returning(&self.db)
            .await?
            .pop();
        domain(row.ok_or(StoreError::Stale)?)
    }
}
