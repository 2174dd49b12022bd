//! `trainers`.

use sea_orm::entity::prelude::*;

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "trainers")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub agency_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub employee_id: Option<Uuid>,
    #[sea_orm(column_type = "Text", nullable)]
    pub name: Option<String>,
    pub roles: Vec<String>,
    pub partner_id: Option<Uuid>,
    #[sea_orm(column_type = "Text", nullable)]
    pub expertise: Option<String>,
    pub max_mentees: Option<i16>,
    pub version: i64,
    pub created_at: DateTimeUtc,
    pub updated_at: DateTimeUtc,
}

impl ActiveModelBehavior for ActiveModel {}
