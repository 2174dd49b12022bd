//! `placements`.

use sea_orm::entity::prelude::*;

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "placements")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub agency_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub employee_id: Uuid,
    pub position_id: Option<Uuid>,
    pub starts_on: Date,
    #[sea_orm(column_type = "Text", nullable)]
    pub decree: Option<String>,
    pub recorded_at: DateTimeUtc,
    pub retracted_at: Option<DateTimeUtc>,
}

impl ActiveModelBehavior for ActiveModel {}
