//! `competency_levels`.

use sea_orm::entity::prelude::*;

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "competency_levels")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub agency_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    pub dictionary_version_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    pub competency_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    pub level: i16,
    #[sea_orm(column_type = "Text")]
    pub description: String,
    pub indicators: Vec<String>,
}

impl ActiveModelBehavior for ActiveModel {}
