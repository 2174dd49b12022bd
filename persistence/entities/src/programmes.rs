//! `programmes`.

use sea_orm::entity::prelude::*;

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "programmes")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub agency_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    #[sea_orm(column_type = "Text")]
    pub code: String,
    #[sea_orm(column_type = "Text")]
    pub name: String,
    #[sea_orm(column_type = "Text")]
    pub objectives: String,
    #[sea_orm(column_type = "Text")]
    pub form: String,
    pub partner_id: Uuid,
    pub curriculum_owner_id: Option<Uuid>,
    #[sea_orm(column_type = "Text")]
    pub mode: String,
    pub jp: Option<i32>,
    pub price_per_participant: Option<i64>,
    pub price_per_class: Option<i64>,
    #[sea_orm(column_type = "Text", nullable)]
    pub accreditation: Option<String>,
    pub certificate_months: Option<i16>,
    pub job_classes: Vec<String>,
    pub job_families: Vec<String>,
    #[sea_orm(column_type = "Text")]
    pub state: String,
    pub version: i64,
    pub created_at: DateTimeUtc,
    pub updated_at: DateTimeUtc,
}

impl ActiveModelBehavior for ActiveModel {}
