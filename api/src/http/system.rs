//! What lies outside `/v1`: is it alive, is it ready, figures, keys.

use std::sync::atomic::Ordering;

use actix_web::http::header;
use actix_web::web::Data;
use actix_web::{HttpResponse, get};
use serde::Serialize;
use utoipa::ToSchema;

use crate::app::AppError;
use crate::http::extract::{NoQuery, Query};
use crate::http::reply::Answer;
use crate::http::routes::AppState;
use crate::problems::Problem;

/// That a probe succeeded.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Health {
    /// `OK`; anything else is a problem response.
    #[schema(example = "OK", max_length = 16)]
    status: String,
}

/// Public keys (RFC 7517).
#[derive(Debug, ToSchema)]
#[expect(dead_code, reason = "the shape of what the key ring publishes, for the contract")]
pub(crate) struct KeySet {
    /// The keys, the one that signs first; tokens name theirs by `kid`.
    #[schema(max_items = 100)]
    keys: Vec<PublicKey>,
}

/// A public key on the curve P-256.
#[derive(Debug, ToSchema)]
#[expect(dead_code, reason = "the shape of what the key ring publishes, for the contract")]
pub(crate) struct PublicKey {
    /// Its thumbprint (RFC 7638).
    #[schema(example = "oKIywvGUpTVTyxMQ3bwIIeQUudfr_CkLMjCE19ECD-U", max_length = 64)]
    kid: String,
    /// Kind of key.
    #[schema(example = "EC", max_length = 16)]
    kty: String,
    /// Curve.
    #[schema(example = "P-256", max_length = 16)]
    crv: String,
    /// Algorithm of the signatures.
    #[schema(example = "ES256", max_length = 16)]
    alg: String,
    /// What it is for: signatures.
    #[schema(example = "sig", max_length = 16)]
    r#use: String,
    /// One coordinate, base64url.
    #[schema(example = "MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4", max_length = 64)]
    x: String,
    /// The other coordinate, base64url.
    #[schema(example = "4Etl6SRW2YiLUrN5vfvVHuhp7x8PxltmWWlbbM4IFyM", max_length = 64)]
    y: String,
}

fn ok() -> HttpResponse {
    HttpResponse::Ok()
        .insert_header((header::CACHE_CONTROL, "no-store"))
        .json(Health { status: "OK".to_owned() })
}

/// Is it alive?
///
/// Answers as long as the process runs, whatever the database does.
#[utoipa::path(operation_id = "livez", tag = "System",
    responses((status = 200, description = "The process runs.", body = Health)))]
#[get("/livez")]
pub(crate) async fn livez(_: Query<NoQuery>) -> HttpResponse {
    ok()
}

/// Is it ready?
///
/// Ready means: the database answers, its schema is the one this program was built for, and the server is not stopping.
#[utoipa::path(operation_id = "readyz", tag = "System",
    responses((status = 200, description = "Send requests.", body = Health)), extensions(("x-problems" = json!([503]))))]
#[get("/readyz")]
pub(crate) async fn readyz(_: Query<NoQuery>, state: Data<AppState>) -> Answer {
    if state.draining.is_on() || !state.ready.load(Ordering::SeqCst) {
        return Err(AppError::from(Problem::Unavailable));
    }
    state.services.store.ping().await?;
    Ok(ok())
}

/// Figures
///
/// Counters and timings in the text format Prometheus reads.
#[utoipa::path(operation_id = "metrics", tag = "System",
    responses((status = 200, description = "Figures.", body = String, content_type = "text/plain")))]
#[get("/metrics")]
pub(crate) async fn metrics(_: Query<NoQuery>, state: Data<AppState>) -> HttpResponse {
    HttpResponse::Ok().content_type("text/plain; version=0.0.4; charset=utf-8").body(state.metrics.render())
}

/// Public keys
///
/// The keys tokens of the built-in issuer are signed with (RFC 7517).
#[utoipa::path(operation_id = "jwks", tag = "System",
    responses((status = 200, description = "A JSON Web Key Set.", body = KeySet)))]
#[get("/.well-known/jwks.json")]
pub(crate) async fn jwks(_: Query<NoQuery>, state: Data<AppState>) -> HttpResponse {
    HttpResponse::Ok()
        .insert_header((header::CACHE_CONTROL, "public, max-age=300"))
        .json(state.services.keys.jwks())
}
