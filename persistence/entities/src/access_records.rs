//! `access_records`.

use sea_orm::entity::prelude::*;

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "access_records")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub agency_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub at: DateTimeUtc,
    pub user_id: Uuid,
    pub employee_id: Uuid,
    #[sea_orm(column_type = "Text")]
    pub operation: String,
    pub request_id: Uuid,
}

impl ActiveModelBehavior for ActiveModel {}
