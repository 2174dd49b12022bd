//! Bangkom: a JSON REST API that models the competency gaps and development plans of civil servants.
//!
//! `http` is the face, `app` holds the use cases, `dto` the shapes of the contract, `auth` the tokens, `sheets` the
//! spreadsheets of imports, `cli` the commands, `webhooks` how others are told what happens,
//! `worker` what a server does beside answering, `demo` fictional agencies.

pub mod app;
pub mod auth;
mod calendar;
pub mod cli;
pub mod config;
pub mod demo;
pub mod dto;
pub mod http;
pub mod messages;
pub mod problems;
pub mod server;
pub mod sheets;
pub mod webhooks;
pub mod worker;
