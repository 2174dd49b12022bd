//! Entity tags: strong, the resource's version in quotes.

use actix_web::HttpRequest;
use actix_web::http::header;
use kernel::{Version, ViolationCode};

use crate::app::{AppError, IfMatch};

/// `If-Match`, read. A tag that was never ours matches nothing.
pub(crate) fn if_match(request: &HttpRequest) -> Result<Option<IfMatch>, AppError> {
    let Some(value) = request.headers().get(header::IF_MATCH) else { return Ok(None) };
    let bad = || AppError::invalid("/headers/if-match", ViolationCode::InvalidFormat);
    let text = value.to_str().map_err(|_not_ascii| bad())?.trim();
    if text == "*" {
        return Ok(Some(IfMatch::Any));
    }
    let mut versions = Vec::new();
    for tag in text.split(',').map(str::trim) {
        let opaque = tag.strip_prefix('"').and_then(|tag| tag.strip_suffix('"'));
        // A weak tag never matches in a strong comparison (RFC 9110 section 13.1.1).
        if opaque.is_none() && !tag.starts_with("W/\"") {
            return Err(bad());
        }
        versions.extend(opaque.and_then(|tag| tag.parse().ok()).map(Version::new));
    }
    Ok(Some(IfMatch::Versions(versions)))
}

/// Whether `If-None-Match` names `tag`, so that 304 is the answer.
pub(crate) fn none_match(request: &HttpRequest, tag: &str) -> bool {
    let value = request.headers().get(header::IF_NONE_MATCH).and_then(|value| value.to_str().ok());
    value.is_some_and(|value| {
        value
            .split(',')
            .map(str::trim)
            .any(|one| one == "*" || one.trim_start_matches("W/").trim_matches('"') == tag)
    })
}
