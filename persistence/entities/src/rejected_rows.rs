//! `rejected_rows`.

use sea_orm::entity::prelude::*;

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "rejected_rows")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub agency_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    pub operation_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    pub row_number: i64,
    pub is_heading: bool,
    #[sea_orm(column_type = "JsonBinary")]
    pub cells: Json,
    #[sea_orm(column_type = "JsonBinary")]
    pub reasons: Json,
}

impl ActiveModelBehavior for ActiveModel {}
