//! `assessment_results`.

use sea_orm::entity::prelude::*;

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "assessment_results")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub agency_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub event_id: Uuid,
    pub employee_id: Uuid,
    pub competency_id: Uuid,
    pub competency_agency_id: Uuid,
    pub level: i16,
    #[sea_orm(column_type = "Text", nullable)]
    pub evidence: Option<String>,
    #[sea_orm(column_type = "Text", nullable)]
    pub assessor: Option<String>,
    pub assessed_on: Date,
    pub valid_until: Date,
    pub counts: bool,
    pub recorded_at: Option<DateTimeUtc>,
    pub supersedes_id: Option<Uuid>,
    pub superseded_at: Option<DateTimeUtc>,
    #[sea_orm(column_type = "Text", nullable)]
    pub reason: Option<String>,
}

impl ActiveModelBehavior for ActiveModel {}
