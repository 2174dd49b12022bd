//! `programme_steps`.

use sea_orm::entity::prelude::*;

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "programme_steps")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub agency_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    pub programme_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    pub competency_id: Uuid,
    pub competency_agency_id: Uuid,
    pub dictionary_version_id: Uuid,
    pub ordinal: i32,
    pub level_from: Option<i16>,
    pub level_to: i16,
}

impl ActiveModelBehavior for ActiveModel {}
