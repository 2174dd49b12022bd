//! `partner_agreements`.

use sea_orm::entity::prelude::*;

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "partner_agreements")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub agency_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    pub partner_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false, column_type = "Text")]
    pub number: String,
    pub ordinal: i32,
    #[sea_orm(column_type = "Text")]
    pub subject: String,
    pub forms: Vec<String>,
    pub valid_from: Date,
    pub valid_until: Option<Date>,
}

impl ActiveModelBehavior for ActiveModel {}
