//! `plans`.

use sea_orm::entity::prelude::*;

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "plans")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub agency_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub employee_id: Uuid,
    pub year: i32,
    pub number: i32,
    #[sea_orm(column_type = "Text")]
    pub state: String,
    pub revises_id: Option<Uuid>,
    pub target_id: Option<Uuid>,
    #[sea_orm(column_type = "Text", nullable)]
    pub goal: Option<String>,
    #[sea_orm(column_type = "JsonBinary")]
    pub attachments: Json,
    pub endorsed_by: Option<Uuid>,
    pub confirmed_by: Option<Uuid>,
    pub approved_at: Option<DateTimeUtc>,
    pub activated_at: Option<DateTimeUtc>,
    pub completed_at: Option<DateTimeUtc>,
    pub version: i64,
    pub created_at: DateTimeUtc,
    pub updated_at: DateTimeUtc,
}

impl ActiveModelBehavior for ActiveModel {}
