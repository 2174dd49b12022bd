//! What the server does, tried through HTTP against a real database: a file per resource, and `meta` for the tests made
//! from the contract.

#![cfg(test)]

mod access;
mod agencies;
mod audit;
mod commands;
mod demo;
mod employees;
mod given;
mod grants;
mod imports;
mod me;
mod meta;
mod operations;
mod placements;
mod positions;
mod units;
