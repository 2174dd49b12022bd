//! `plan_items`.

use sea_orm::entity::prelude::*;

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "plan_items")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub agency_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub plan_id: Uuid,
    pub line_id: Uuid,
    pub ordinal: i32,
    pub competency_agency_id: Option<Uuid>,
    pub competency_id: Option<Uuid>,
    pub level_from: Option<i16>,
    pub level_to: Option<i16>,
    pub programme_id: Option<Uuid>,
    pub class_id: Option<Uuid>,
    #[sea_orm(column_type = "Text")]
    pub form: String,
    #[sea_orm(column_type = "Text")]
    pub title: String,
    pub jp: i64,
    pub cost: i64,
    #[sea_orm(column_type = "Text", nullable)]
    pub budget: Option<String>,
    pub starts_on: Option<Date>,
    pub due_on: Option<Date>,
    pub mentor_id: Option<Uuid>,
    #[sea_orm(column_type = "Text", nullable)]
    pub evidence: Option<String>,
    #[sea_orm(column_type = "Text")]
    pub origin: String,
    pub carried_from_id: Option<Uuid>,
    pub template_item_id: Option<Uuid>,
    #[sea_orm(column_type = "Text")]
    pub state: String,
    pub percent: i16,
    pub jp_earned: i64,
    pub jp_credited: Option<i64>,
    pub committed: i64,
    pub realised: i64,
    #[sea_orm(column_type = "Text", nullable)]
    pub progress_evidence: Option<String>,
    #[sea_orm(column_type = "Text", nullable)]
    pub progress_note: Option<String>,
}

impl ActiveModelBehavior for ActiveModel {}
