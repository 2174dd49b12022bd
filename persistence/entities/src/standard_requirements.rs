//! `standard_requirements`.

use sea_orm::entity::prelude::*;

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "standard_requirements")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub agency_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    pub standard_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    pub competency_id: Uuid,
    pub competency_agency_id: Uuid,
    pub dictionary_version_id: Uuid,
    pub ordinal: i32,
    pub level: i16,
    pub weight: i32,
    #[sea_orm(column_type = "Text")]
    pub importance: String,
}

impl ActiveModelBehavior for ActiveModel {}
