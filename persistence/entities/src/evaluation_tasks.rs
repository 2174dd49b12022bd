//! `evaluation_tasks`.

use sea_orm::entity::prelude::*;

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "evaluation_tasks")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub agency_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub class_id: Uuid,
    pub enrolment_id: Uuid,
    pub employee_id: Uuid,
    #[sea_orm(column_type = "Text")]
    pub instrument: String,
    pub opens_at: DateTimeUtc,
    pub due_at: DateTimeUtc,
    pub opened_at: Option<DateTimeUtc>,
    pub overdue_at: Option<DateTimeUtc>,
    #[sea_orm(column_type = "Text", nullable)]
    pub void: Option<String>,
    pub answered_at: Option<DateTimeUtc>,
    pub answered_by: Option<Uuid>,
    pub score: Option<i32>,
    #[sea_orm(column_type = "Text", nullable)]
    pub comment: Option<String>,
    pub version: i64,
    pub created_at: DateTimeUtc,
    pub updated_at: DateTimeUtc,
}

impl ActiveModelBehavior for ActiveModel {}
