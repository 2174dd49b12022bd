//! One file per table, no logic. Private to `store`: no other crate may name these.
//!
//! Identifiers are raw UUIDs here and enumerations are text; `store` turns rows into domain values. What each table
//! and column means, and why, stands in `migrations/sql`.

#![expect(missing_docs, reason = "columns are documented where they are made, in migrations/sql")]
#![expect(clippy::disallowed_methods, reason = "the entity macro writes transactions that nothing calls")]

pub mod access_records;
pub mod activities;
pub mod agencies;
pub mod assessment_events;
pub mod assessment_results;
pub mod attendances;
pub mod audit_events;
pub mod case_packages;
pub mod certificates;
pub mod class_session_trainers;
pub mod class_sessions;
pub mod classes;
pub mod competencies;
pub mod competency_contents;
pub mod competency_families;
pub mod competency_levels;
pub mod dictionaries;
pub mod dictionary_versions;
pub mod employees;
pub mod enrolments;
pub mod evaluation_marks;
pub mod evaluation_tasks;
pub mod evaluations;
pub mod evidence_proposals;
pub mod grants;
pub mod idempotency_keys;
pub mod import_chunks;
pub mod import_files;
pub mod import_mappings;
pub mod jp_entries;
pub mod operations;
pub mod outbox;
pub mod own_learnings;
pub mod partner_agreements;
pub mod partners;
pub mod placements;
pub mod plan_comments;
pub mod plan_items;
pub mod plan_progress;
pub mod plan_snapshots;
pub mod plan_templates;
pub mod plan_transitions;
pub mod plans;
pub mod policies;
pub mod positions;
pub mod programme_prerequisites;
pub mod programme_steps;
pub mod programmes;
pub mod rejected_rows;
pub mod standard_requirements;
pub mod standards;
pub mod trainers;
pub mod training_records;
pub mod unit_ancestors;
pub mod units;
pub mod users;
