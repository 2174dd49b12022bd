//! The gaps plans were made from, and those at their completion.

use access::Pass;
use development::GapSnapshot;
use entities::plan_snapshots;
use kernel::{PlanId, wire_enum};
use sea_orm::ActiveValue::{NotSet, Set};
use sea_orm::sea_query::OnConflict;
use sea_orm::{ColumnTrait as _, EntityTrait as _, QueryFilter as _, QueryOrder as _};

use crate::rows::known;
use crate::{Reader, StoreError, Tx};

wire_enum! {
    /// When the gaps of a snapshot were looked at.
    pub enum SnapshotMoment {
        /// When the plan was made.
        Made = "MADE",
        /// When it was completed.
        Completed = "COMPLETED",
    }
}

wire_enum! {
    /// Against what the gaps of a snapshot were measured.
    pub enum SnapshotAgainst {
        /// The position held then.
        Held = "HELD",
        /// The position aimed at.
        Target = "TARGET",
    }
}

/// The gaps at a moment of a plan's life.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlanSnapshotRow {
    /// When.
    pub moment: SnapshotMoment,
    /// Against what.
    pub against: SnapshotAgainst,
    /// The gaps.
    pub snapshot: GapSnapshot,
}

impl Reader<'_> {
    /// The gaps a plan was made from, and those at its completion. The caller has found the plan within the scope.
    ///
    /// # Errors
    /// The database's.
    pub async fn plan_snapshots(&self, id: PlanId) -> Result<Vec<PlanSnapshotRow>, StoreError> {
        let rows = plan_snapshots::Entity::find()
            .filter(plan_snapshots::Column::AgencyId.eq(self.agency()))
            .filter(plan_snapshots::Column::PlanId.eq(id.uuid()))
            .order_by_desc(plan_snapshots::Column::Moment)
            .order_by_asc(plan_snapshots::Column::Against)
            .all(&self.db)
            .await?;
        let row = |row: plan_snapshots::Model| {
            Ok(PlanSnapshotRow {
                moment: known(SnapshotMoment::parse(&row.moment), "plan_snapshots.moment")?,
                against: known(SnapshotAgainst::parse(&row.against), "plan_snapshots.against")?,
                snapshot: known(serde_json::from_value(row.snapshot).ok(), "plan_snapshots.snapshot")?,
            })
        };
        rows.into_iter().map(row).collect()
    }
}

impl Tx<'_> {
    /// Keeps gaps with plans. What was seen of the same position before stays as it was seen.
    ///
    /// # Errors
    /// The database's.
    pub async fn plan_snapshots_insert(
        &self,
        pass: &Pass,
        moment: SnapshotMoment,
        all: &[(PlanId, SnapshotAgainst, GapSnapshot)],
    ) -> Result<(), StoreError> {
        let mut rows = Vec::with_capacity(all.len());
        for (plan, against, snapshot) in all {
            rows.push(plan_snapshots::ActiveModel {
                agency_id: Set(pass.agency().uuid()),
                plan_id: Set(plan.uuid()),
                moment: Set(moment.as_str().to_owned()),
                against: Set(against.as_str().to_owned()),
                snapshot: Set(known(serde_json::to_value(snapshot).ok(), "plan_snapshots.snapshot")?),
                position_id: NotSet,
            });
        }
        if !rows.is_empty() {
            use plan_snapshots::Column as C;
            let key = [C::AgencyId, C::PlanId, C::Moment, C::Against, C::PositionId];
            let there = OnConflict::columns(key).do_nothing().to_owned();
            plan_snapshots::Entity::insert_many(rows)
                .on_conflict(there)
                .exec_without_returning(&self.db)
                .await?;
        }
        Ok(())
    }
}
