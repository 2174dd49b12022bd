//! The schema, in steps that go up and down. The SQL stands in `sql/`; this crate only runs it, one process at a time.

mod run;

use sea_orm_migration::prelude::*;

pub use run::{MigrationError, Runner, SchemaState, StepState};

/// All steps, oldest first.
struct Migrator;

impl MigratorTrait for Migrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        STEPS.iter().map(|step| -> Box<dyn MigrationTrait> { Box::new(*step) }).collect()
    }
}

/// One step: its name and the SQL of both directions.
#[derive(Clone, Copy)]
struct Step {
    name: &'static str,
    up: &'static str,
    down: &'static str,
}

macro_rules! steps {
    ($($name:literal,)+) => {
        &[$(Step {
            name: $name,
            up: include_str!(concat!("../sql/", $name, ".up.sql")),
            down: include_str!(concat!("../sql/", $name, ".down.sql")),
        },)+]
    };
}

const STEPS: &[Step] = steps![
    "0001_foundation",
    "0002_workforce",
    "0003_competency",
    "0004_gap_model",
    "0005_imports",
    "0006_exchange",
    "0007_directory",
    "0008_eligibility",
    "0009_access_records",
    "0010_gap_locks",
    "0011_catalogue",
    "0012_classes",
    "0013_jp_ledger",
    "0014_plans",
    "0015_gap_evidence",
    "0016_recommendations",
    "0017_evaluation",
    "0018_inbox",
    "0019_webhooks",
    "0020_learning_imports",
    "0021_needs_analyses",
    "0022_agency_plans",
    "0024_gap_sums",
    "0025_mentors",
    "0026_scenarios",
    "0027_jp_sums",
    "0028_seats",
    "0029_plan_records",
    "0030_scenario_life",
    "0031_agency_plan_offers",
    "0032_need_speakers",
    "0033_scenario_hours",
    "0034_min_participants",
];

impl MigrationName for Step {
    fn name(&self) -> &str {
        self.name
    }
}

#[expect(elided_lifetimes_in_paths, reason = "the trait's own signature elides them, and they must match")]
#[async_trait::async_trait]
impl MigrationTrait for Step {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.get_connection().execute_unprepared(self.up).await.map(drop)
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.get_connection().execute_unprepared(self.down).await.map(drop)
    }
}

/// A number that changes with any step: what a kept template of the schema is named after.
#[must_use]
pub fn fingerprint() -> u64 {
    use std::hash::{DefaultHasher, Hash as _, Hasher as _};
    let mut hasher = DefaultHasher::new();
    for step in STEPS {
        (step.name, step.up).hash(&mut hasher);
    }
    hasher.finish()
}
