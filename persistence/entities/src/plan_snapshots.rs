//! `plan_snapshots`.

use sea_orm::entity::prelude::*;

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "plan_snapshots")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub agency_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    pub plan_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false, column_type = "Text")]
    pub moment: String,
    #[sea_orm(primary_key, auto_increment = false, column_type = "Text")]
    pub against: String,
    #[sea_orm(column_type = "JsonBinary")]
    pub snapshot: Json,
    /// Generated of the snapshot.
    #[sea_orm(primary_key, auto_increment = false)]
    pub position_id: Uuid,
}

impl ActiveModelBehavior for ActiveModel {}
