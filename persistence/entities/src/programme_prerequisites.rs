//! `programme_prerequisites`.

use sea_orm::entity::prelude::*;

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "programme_prerequisites")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub agency_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    pub programme_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    pub ordinal: i32,
    pub required_programme_id: Option<Uuid>,
    pub competency_id: Option<Uuid>,
    pub competency_agency_id: Option<Uuid>,
    pub dictionary_version_id: Option<Uuid>,
    pub level: Option<i16>,
}

impl ActiveModelBehavior for ActiveModel {}
