//! Who is calling: tokens, the keys that sign them, and the issuers that are trusted.
//!
//! [`Verifier::verify`] turns a bearer token into a [`Verified`] identity and nothing more: what that identity may do
//! comes from the database at every request, so that taking a role away works at once. Two kinds of issuer exist, and
//! both are chosen by the exact text of the `iss` claim: the built-in one ([`KeyRing`], ES256) and any number of
//! OpenID Connect issuers ([`IssuerSettings`]), whose keys are fetched, kept and renewed.
//!
//! What is checked follows RFC 8725 (best practice for JSON Web Tokens) and RFC 9068 (access tokens): the algorithms
//! are fixed per issuer, keys are looked up only among those of the token's own issuer, nothing in a header is
//! fetched or trusted, and every claim that is used is required to have its proper form. Time comes from the caller.

mod believed;
mod issuers;
mod jwks;
mod keys;
#[cfg(test)]
mod testing;
mod token;
mod verify;

pub use issuers::{IssuerProblem, IssuerSettings, SigningAlgorithm};
pub(crate) use keys::KEY_FILE;
pub use keys::{KeyError, KeyRing, TokenIdentity, TokenRequest};
pub use verify::{Verified, Verifier};

/// Why a caller is not believed. The messages never quote the token.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AuthError {
    /// No `Authorization: Bearer ..` header.
    #[error("no bearer token was sent")]
    Missing,
    /// Not a token in the form this API reads.
    #[error("the token cannot be read: {0}")]
    Malformed(&'static str),
    /// A token made for another use: an ID token, a refresh token, one bound to a key.
    #[error("the token is not a bearer access token")]
    Type,
    /// An issuer that is not trusted here.
    #[error("the token's issuer is not trusted")]
    Issuer,
    /// Not signed with a current key of its issuer and an algorithm allowed for it.
    #[error("the token's signature is not valid")]
    Signature,
    /// Made for somebody else.
    #[error("the token was issued for another audience")]
    Audience,
    /// Past its `exp`.
    #[error("the token has expired")]
    Expired,
    /// `nbf` or `iat` lies in the future.
    #[error("the token is not valid yet")]
    NotYetValid,
    /// The issuer's keys are needed and cannot be had; the same token may be good later.
    #[error("the keys of the token's issuer cannot be fetched at the moment")]
    IssuerUnavailable,
}

impl AuthError {
    /// The stable code clients may rely on.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Missing => "TOKEN_MISSING",
            Self::Malformed(_) => "TOKEN_MALFORMED",
            Self::Type => "TOKEN_TYPE",
            Self::Issuer => "TOKEN_ISSUER",
            Self::Signature => "TOKEN_SIGNATURE",
            Self::Audience => "TOKEN_AUDIENCE",
            Self::Expired => "TOKEN_EXPIRED",
            Self::NotYetValid => "TOKEN_NOT_YET_VALID",
            Self::IssuerUnavailable => "ISSUER_UNAVAILABLE",
        }
    }
}

/// The token in the value of an `Authorization` header (RFC 6750, section 2.1).
///
/// # Errors
/// `Missing` without a header or with another scheme, `Malformed` when what follows `Bearer` is no token.
pub fn bearer(authorization: Option<&[u8]>) -> Result<&str, AuthError> {
    let value = authorization.ok_or(AuthError::Missing)?;
    let Ok(value) = std::str::from_utf8(value) else {
        return Err(AuthError::Malformed("the header is not text"));
    };
    let (scheme, token) = value.split_once(' ').ok_or(AuthError::Missing)?;
    if !scheme.eq_ignore_ascii_case("bearer") {
        return Err(AuthError::Missing);
    }
    let token = token.trim_matches(' ');
    if token.is_empty() {
        return Err(AuthError::Missing);
    }
    if !token.bytes().all(|b| b.is_ascii_alphanumeric() || b"-._~+/=".contains(&b)) {
        return Err(AuthError::Malformed("a character no token has"));
    }
    Ok(token)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_scheme_is_read_in_any_case_and_the_token_as_it_is() {
        assert_eq!(bearer(Some(b"Bearer a.b.c")), Ok("a.b.c"));
        assert_eq!(bearer(Some(b"bEARER  a.b.c ")), Ok("a.b.c"));
    }

    #[test]
    fn what_is_no_bearer_header_counts_as_none() {
        for value in
            [None, Some(&b""[..]), Some(b"Bearer"), Some(b"Bearer "), Some(b"Basic dTpw"), Some(b"a.b.c")]
        {
            assert_eq!(bearer(value), Err(AuthError::Missing));
        }
        for value in [&b"Bearer a b"[..], b"Bearer a\0b", b"Bearer \xff", b"Bearer a,b"] {
            assert!(matches!(bearer(Some(value)), Err(AuthError::Malformed(_))));
        }
    }
}
