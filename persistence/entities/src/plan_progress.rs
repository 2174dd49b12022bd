//! `plan_progress`.

use sea_orm::entity::prelude::*;

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "plan_progress")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub agency_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub plan_id: Uuid,
    pub item_id: Uuid,
    pub at: DateTimeUtc,
    pub user_id: Option<Uuid>,
    #[sea_orm(column_type = "Text")]
    pub state: String,
    pub percent: i16,
    pub jp_earned: i64,
    pub committed: i64,
    pub realised: i64,
    #[sea_orm(column_type = "Text", nullable)]
    pub evidence: Option<String>,
    #[sea_orm(column_type = "Text", nullable)]
    pub note: Option<String>,
}

impl ActiveModelBehavior for ActiveModel {}
