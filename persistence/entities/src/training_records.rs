//! `training_records`.

use sea_orm::entity::prelude::*;

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "training_records")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub agency_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub employee_id: Uuid,
    #[sea_orm(column_type = "Text")]
    pub title: String,
    #[sea_orm(column_type = "Text", nullable)]
    pub provider: Option<String>,
    #[sea_orm(column_type = "Text")]
    pub form: String,
    pub started_on: Date,
    pub ended_on: Date,
    pub jp: Option<i64>,
    #[sea_orm(column_type = "Text", nullable)]
    pub certificate_number: Option<String>,
    pub certificate_on: Option<Date>,
    pub valid_until: Option<Date>,
    #[sea_orm(column_type = "Text", nullable)]
    pub document: Option<String>,
    pub recorded_by: Option<Uuid>,
    pub created_at: DateTimeUtc,
    pub updated_at: DateTimeUtc,
}

impl ActiveModelBehavior for ActiveModel {}
