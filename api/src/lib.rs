//! TODO

pub mod sheets;
