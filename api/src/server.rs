//! The HTTP server around the routes.

use std::net::TcpListener;
use std::time::Duration;

use actix_web::dev::Server;
use actix_web::middleware::{Compress, NormalizePath, TrailingSlash, from_fn};
use actix_web::{App, HttpServer};

use crate::http::{AppState, configure, envelope};

/// Starts serving on `listener`. The returned server runs when it is awaited, and stops when its handle says so: what is
/// under way gets 25 seconds to finish. Beside it the server follows changes of roles, until the store is closed.
///
/// # Errors
/// The listener cannot be used.
pub fn start(listener: TcpListener, state: AppState) -> std::io::Result<Server> {
    let workers = state.services.config.workers;
    let store = state.services.store.clone();
    tokio::spawn(async move { store.follow_directory().await });
    let server = HttpServer::new(move || {
        App::new()
            .wrap(Compress::default())
            .wrap(from_fn(envelope))
            // `/v1/units/` is not `/v1/units`: one address for one thing.
            .wrap(NormalizePath::new(TrailingSlash::MergeOnly))
            .configure(configure(&state))
    });
    Ok(server
        .workers(workers)
        .client_request_timeout(Duration::from_secs(10))
        .shutdown_timeout(25)
        .disable_signals()
        .listen(listener)?
        .run())
}
