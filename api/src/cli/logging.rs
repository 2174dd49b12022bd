//! The log: to standard error, for people and machines, without anything about persons.

use std::panic::PanicHookInfo;

use log::LevelFilter;

/// Starts logging what `filter` lets through, and makes panics part of it.
pub(super) fn start(filter: &str) {
    let started = env_logger::Builder::new()
        // They tell at every start what no operator asked.
        .filter_module("actix_server", LevelFilter::Warn)
        .filter_module("sqlx", LevelFilter::Warn)
        .parse_filters(filter)
        .try_init();
    if started.is_ok() {
        std::panic::set_hook(Box::new(note_panic));
    }
}

/// A panic's message may hold a value that must not be logged, unless it was written in the program as it is.
fn note_panic(panic: &PanicHookInfo<'_>) {
    let place = panic.location().map_or_else(|| "?".to_owned(), ToString::to_string);
    let message = panic.payload().downcast_ref::<&'static str>().copied().unwrap_or("(message withheld)");
    log::error!(place = place.as_str(); "a panic: {message}");
}
