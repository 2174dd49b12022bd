//! Families of competencies: one table for all agencies.

use access::Pass;
use competency::Family;
use entities::competency_families::{self, Column};
use kernel::Code;
use sea_orm::ActiveValue::Set;
use sea_orm::{ColumnTrait as _, EntityTrait as _, QueryFilter as _, QueryOrder as _};

use crate::rows::{code, name};
use crate::{Reader, StoreError, Tx};

fn domain(row: competency_families::Model) -> Family {
    Family { code: code(row.code), name: name(row.name), name_en: name(row.name_en), ordinal: row.ordinal }
}

pub(crate) fn active(family: &Family) -> competency_families::ActiveModel {
    competency_families::ActiveModel {
        code: Set(family.code.to_string()),
        name: Set(family.name.to_string()),
        name_en: Set(family.name_en.to_string()),
        ordinal: Set(family.ordinal),
    }
}

impl Reader<'_> {
    /// Every family, in order: there are a handful.
    ///
    /// # Errors
    /// The database's.
    pub async fn families(&self) -> Result<Vec<Family>, StoreError> {
        let rows = competency_families::Entity::find().order_by_asc(Column::Ordinal).all(&self.db).await?;
        Ok(rows.into_iter().map(domain).collect())
    }

    /// One family.
    ///
    /// # Errors
    /// The database's.
    pub async fn family(&self, code: &Code) -> Result<Option<Family>, StoreError> {
        let row = competency_families::Entity::find_by_id(code.to_string()).one(&self.db).await?;
        Ok(row.map(domain))
    }
}

impl Tx<'_> {
    /// Adds a family. The table has no owner: who may is the policy's to say.
    ///
    /// # Errors
    /// `Taken("/code")`, `Taken("/ordinal")`.
    pub async fn family_insert(&self, _pass: &Pass, family: &Family) -> Result<(), StoreError> {
        competency_families::Entity::insert(active(family)).exec_without_returning(&self.db).await?;
        Ok(())
    }

    /// Replaces `before` by `after`, which keeps its code. A family has no row version; what was read stands for it.
    ///
    /// # Errors
    /// [`StoreError::Stale`] when `before` is not what is stored, `Taken("/ordinal")`.
    pub async fn family_update(
        &self,
        _pass: &Pass,
        before: &Family,
        after: &Family,
    ) -> Result<Family, StoreError> {
        let row = competency_families::Entity::update_many()
            .set(competency_families::ActiveModel {
                name: Set(after.name.to_string()),
                name_en: Set(after.name_en.to_string()),
                ordinal: Set(after.ordinal),
                ..Default::default()
            })
            .filter(Column::Code.eq(before.code.as_str()))
            .filter(Column::Name.eq(before.name.as_str()))
            .filter(Column::NameEn.eq(before.name_en.as_str()))
            .filter(Column::Ordinal.eq(before.ordinal))
            .exec_with_returning(&self.db)
            .await?
            .pop();
        row.map(domain).ok_or(StoreError::Stale)
    }
}
