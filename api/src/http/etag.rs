//! Entity tags: strong, the resource's version in quotes, with a digest after a dot where the resource shows more than
//! its own row.

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
        versions.extend(opaque.and_then(version_of));
    }
    Ok(Some(IfMatch::Versions(versions)))
}

/// The version a tag names. A change is guarded by the version alone: what the digest covers is not what is replaced.
fn version_of(tag: &str) -> Option<Version> {
    let (version, _) = tag.split_once('.').unwrap_or((tag, ""));
    version.parse().ok().map(Version::new)
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

#[cfg(test)]
mod tests {
    use super::*;
    use actix_web::test::TestRequest;

    fn read(header: &str) -> Result<Option<IfMatch>, AppError> {
        if_match(&TestRequest::default().insert_header((header::IF_MATCH, header)).to_http_request())
    }

    #[test]
    fn a_tag_names_its_version_with_or_without_a_digest() {
        let versions = |numbers: &[i64]| numbers.iter().copied().map(Version::new).collect();
        for (header, seen) in [
            ("\"3\"", versions(&[3])),
            ("\"3.9f2c\"", versions(&[3])),
            ("\"1\", \"2.00\"", versions(&[1, 2])),
            ("W/\"3\"", versions(&[])),
            ("\"9f2c\"", versions(&[])),
        ] {
            assert_eq!(read(header).unwrap(), Some(IfMatch::Versions(seen)), "{header}");
        }
        assert_eq!(read("*").unwrap(), Some(IfMatch::Any));
        assert!(read("3").is_err());
    }

    #[test]
    fn another_digest_is_no_304() {
        let request =
            TestRequest::default().insert_header((header::IF_NONE_MATCH, "\"3.aa\"")).to_http_request();
        assert!(none_match(&request, "3.aa"));
        assert!(!none_match(&request, "3.bb") && !none_match(&request, "3"));
    }
}
