//! Page cursors: where to continue, bound to what the list was filtered by.

use actix_web::HttpRequest;
use aws_lc_rs::digest;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use kernel::{Limit, Violation, ViolationCode};
use serde::{Deserialize, Serialize};
use store::PageRequest;

use crate::app::AppError;
use crate::http::negotiate::PARAMETER;
use crate::problems::Problem;

#[derive(Serialize, Deserialize)]
struct Cursor {
    /// What the list was: path and filters.
    f: String,
    /// Sort key of the last item.
    k: Vec<String>,
}

/// Digest of the list a request asks for: its path and every parameter but the page's own and how it is written.
fn list_of(request: &HttpRequest) -> String {
    let mut pairs: Vec<(String, String)> = form_urlencoded::parse(request.query_string().as_bytes())
        .filter(|(name, _)| !["cursor", "limit", PARAMETER].contains(&name.as_ref()))
        .map(|(name, value)| (name.into_owned(), value.into_owned()))
        .collect();
    pairs.sort();
    let text = format!("{}\n{pairs:?}", request.path());
    let all = digest::digest(&digest::SHA256, text.as_bytes());
    URL_SAFE_NO_PAD.encode(all.as_ref().get(..12).unwrap_or_default())
}

/// The part of the list a request asks for.
pub(crate) fn page_request(
    request: &HttpRequest,
    cursor: Option<&str>,
    limit: Option<u16>,
) -> Result<PageRequest, AppError> {
    let limit = match limit {
        None => Limit::DEFAULT,
        Some(limit) => Limit::new(limit).ok_or_else(|| {
            Violation::new("/query/limit", ViolationCode::OutOfRange).with("min", 1).with("max", Limit::MAX)
        })?,
    };
    let after = match cursor {
        None => None,
        Some(cursor) => {
            let read = URL_SAFE_NO_PAD.decode(cursor).ok();
            let read = read.and_then(|bytes| serde_json::from_slice::<Cursor>(&bytes).ok());
            let cursor = read.ok_or(Problem::CursorInvalid)?;
            if cursor.k.iter().any(|part| part.contains('\0')) || cursor.k.len() > 8 {
                return Err(Problem::CursorInvalid.into());
            }
            if cursor.f != list_of(request) {
                return Err(Problem::CursorMismatch.into());
            }
            Some(cursor.k)
        }
    };
    Ok(PageRequest { limit, after })
}

/// The cursor that continues after `key`.
pub(crate) fn next(request: &HttpRequest, key: Vec<String>) -> String {
    let cursor = Cursor { f: list_of(request), k: key };
    URL_SAFE_NO_PAD.encode(serde_json::to_vec(&cursor).unwrap_or_default())
}
