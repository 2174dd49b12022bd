//! What the server does, tried through HTTP against a real database: a file per resource, and `meta` for the tests made
//! from the contract.

#![cfg(test)]

mod access;
mod activities;
mod agencies;
mod agency_plans;
mod aggregates;
mod assessments;
mod audit;
mod calculators;
mod candidates;
mod case_packages;
mod certificates;
mod classes;
mod commands;
mod demo;
mod dictionaries;
mod directory;
mod employees;
mod enrolments;
mod evaluation;
mod exports;
mod families;
mod gap_model;
mod gaps;
mod given;
mod grants;
mod import_edges;
mod import_mappings;
mod imports;
mod in_force;
mod inbox;
mod integrity;
mod jp_compliance;
mod jp_ledger;
mod learning_imports;
mod me;
mod mentors;
mod meta;
mod needs;
mod operations;
mod partners;
mod pictures;
mod placements;
mod plan_work;
mod plans;
mod policies;
mod positions;
mod programmes;
mod recommendations;
mod reference;
mod scenarios;
mod standards;
mod units;
mod webhooks;
