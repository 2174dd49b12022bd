//! Issuers of others that are trusted here, and what has to hold for their tokens.

use std::net::IpAddr;

use jsonwebtoken::Algorithm;
use reqwest::Url;
use serde::Deserialize;

/// A signature algorithm that may be allowed for an issuer. Symmetric ones are missing on purpose: with one of them,
/// whoever knows the public key could sign.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
pub enum SigningAlgorithm {
    /// RSASSA-PKCS1-v1_5 with SHA-256; what Keycloak does unless told otherwise.
    #[serde(rename = "RS256")]
    Rs256,
    /// RSASSA-PSS with SHA-256.
    #[serde(rename = "PS256")]
    Ps256,
    /// ECDSA on P-256 with SHA-256.
    #[serde(rename = "ES256")]
    Es256,
    /// ECDSA on P-384 with SHA-384.
    #[serde(rename = "ES384")]
    Es384,
    /// Ed25519.
    #[serde(rename = "EdDSA")]
    EdDsa,
}

impl SigningAlgorithm {
    /// The name in a token's header (RFC 7518).
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Rs256 => "RS256",
            Self::Ps256 => "PS256",
            Self::Es256 => "ES256",
            Self::Es384 => "ES384",
            Self::EdDsa => "EdDSA",
        }
    }

    pub(super) const fn algorithm(self) -> Algorithm {
        match self {
            Self::Rs256 => Algorithm::RS256,
            Self::Ps256 => Algorithm::PS256,
            Self::Es256 => Algorithm::ES256,
            Self::Es384 => Algorithm::ES384,
            Self::EdDsa => Algorithm::EdDSA,
        }
    }

    fn usual() -> Vec<Self> {
        vec![Self::Rs256]
    }
}

/// An OpenID Connect issuer, as an operator configures it.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct IssuerSettings {
    /// The exact `iss` of its tokens: an `https` address (plain `http` only on a loopback address). Keycloak's is
    /// `https://HOST/realms/REALM`, with `/auth` before `/realms` in older installations.
    pub issuer: String,
    /// Where its keys are; by default what `{issuer}/.well-known/openid-configuration` says.
    #[serde(default)]
    pub jwks_url: Option<String>,
    /// The token's `aud` must name one of these.
    pub audiences: Vec<String>,
    /// If any: the client the token was issued to (`azp`, else `client_id`) must be one of these. Needed where
    /// Keycloak's `aud` is only `account`, which every token of the realm carries.
    #[serde(default)]
    pub authorized_parties: Vec<String>,
    /// The algorithms its tokens may be signed with; by default RS256 alone.
    #[serde(default = "SigningAlgorithm::usual")]
    pub algorithms: Vec<SigningAlgorithm>,
    /// The claim that names the caller's agency, if its tokens have one.
    #[serde(default)]
    pub agency_claim: Option<String>,
}

/// Why an issuer's settings cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum IssuerProblem {
    /// The issuer is no address keys may be fetched from.
    #[error(
        "issuer {0:?}: must be an https address without query or fragment (http only on a loopback address)"
    )]
    Address(String),
    /// The address of the keys may not be fetched from.
    #[error(
        "issuer {0:?}: `jwks_url` must be an https address (http only beside an issuer on a loopback address)"
    )]
    KeysAddress(String),
    /// Any audience would do.
    #[error("issuer {0:?}: `audiences` must name at least one audience")]
    NoAudience(String),
    /// Keycloak puts `account` into every token of a realm, so it says nothing about whom a token is for.
    #[error("issuer {0:?}: the audience \"account\" needs `authorized_parties` beside it")]
    OpenAudience(String),
    /// No algorithm is allowed.
    #[error("issuer {0:?}: `algorithms` must name at least one algorithm")]
    NoAlgorithm(String),
    /// Two issuers of one name, or one named like the built-in issuer.
    #[error("issuer {0:?}: configured twice, or named like the built-in issuer")]
    Twice(String),
    /// The HTTP client cannot be made, for want of certificate authorities for instance.
    #[error("issuer {issuer:?}: no HTTPS client can be made; are the system's CA certificates installed?")]
    Client {
        /// Which issuer.
        issuer: String,
        /// What the client said.
        source: reqwest::Error,
    },
}

impl IssuerSettings {
    /// Everything that is wrong with the settings.
    #[must_use]
    pub fn problems(&self) -> Vec<IssuerProblem> {
        let mut problems = Vec::new();
        let name = || self.issuer.clone();
        let address = Url::parse(&self.issuer).ok();
        let bare = |url: &Url| url.query().is_none() && url.fragment().is_none();
        if !address.is_some_and(|url| bare(&url) && fetchable(&url, true)) {
            problems.push(IssuerProblem::Address(name()));
        }
        let keys = self.jwks_url.as_ref().map(|url| Url::parse(url));
        if keys.is_some_and(|url| !url.is_ok_and(|url| fetchable(&url, self.is_local()))) {
            problems.push(IssuerProblem::KeysAddress(name()));
        }
        if self.audiences.is_empty() {
            problems.push(IssuerProblem::NoAudience(name()));
        }
        if self.audiences.iter().any(|audience| audience == "account") && self.authorized_parties.is_empty() {
            problems.push(IssuerProblem::OpenAudience(name()));
        }
        if self.algorithms.is_empty() {
            problems.push(IssuerProblem::NoAlgorithm(name()));
        }
        problems
    }

    /// Whether the issuer runs on a loopback address, as in development and tests.
    pub(super) fn is_local(&self) -> bool {
        Url::parse(&self.issuer).is_ok_and(|url| is_loopback(&url))
    }

    /// Whom its tokens must be for.
    pub(super) fn admits(&self, audiences: &[String], client: Option<&str>) -> bool {
        audiences.iter().any(|audience| self.audiences.contains(audience))
            && (self.authorized_parties.is_empty()
                || client.is_some_and(|client| self.authorized_parties.iter().any(|party| party == client)))
    }
}

/// Whether keys may be fetched from `url`: over TLS, or from this very machine if the issuer is `local`.
pub(super) fn fetchable(url: &Url, local: bool) -> bool {
    url.has_host()
        && url.username().is_empty()
        && url.password().is_none()
        && (url.scheme() == "https" || (url.scheme() == "http" && local && is_loopback(url)))
}

fn is_loopback(url: &Url) -> bool {
    url.host_str().is_some_and(|host| {
        let address = host.trim_start_matches('[').trim_end_matches(']').parse::<IpAddr>();
        host == "localhost" || address.is_ok_and(|address| address.is_loopback())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keycloak() -> IssuerSettings {
        serde_json::from_str(
            r#"{"issuer":"https://sso.example/auth/realms/asn","audiences":["account"],
                "authorized_parties":["portal"]}"#,
        )
        .unwrap()
    }

    fn problems(change: impl FnOnce(&mut IssuerSettings)) -> String {
        let mut settings = keycloak();
        change(&mut settings);
        settings.problems().iter().map(ToString::to_string).collect::<Vec<_>>().join("; ")
    }

    #[test]
    fn a_realm_of_keycloak_needs_four_lines() {
        let settings = keycloak();
        assert!(settings.problems().is_empty());
        assert_eq!(settings.algorithms, [SigningAlgorithm::Rs256]);
    }

    #[test]
    fn addresses_are_https_or_of_this_machine() {
        for good in ["https://a.example/x", "http://127.0.0.1:1/x", "http://[::1]:1", "http://localhost/x"] {
            assert_eq!(problems(|s| s.issuer = good.to_owned()), "", "{good}");
        }
        for bad in [
            "",
            "urn:x",
            "http://a.example",
            "https://a.example/?x=1",
            "https://a.example/#x",
            "https://u:p@a.example",
            "http://127.0.0.1.a.example",
            "file:///etc/passwd",
        ] {
            assert!(problems(|s| s.issuer = bad.to_owned()).contains("https address without"), "{bad}");
        }
        let inward = |url: &str| problems(|s| s.jwks_url = Some(url.to_owned()));
        assert!(inward("http://127.0.0.1/keys").contains("jwks_url"), "only a local issuer has local keys");
        assert_eq!(inward("https://keys.example/jwks?v=1"), "");
    }

    #[test]
    fn settings_that_would_let_anybody_in_are_refused_all_at_once() {
        let text = problems(|s| {
            s.audiences.clear();
            s.algorithms.clear();
        });
        assert!(text.contains("`audiences`") && text.contains("`algorithms`"));
        assert!(problems(|s| s.authorized_parties.clear()).contains("\"account\""));
        for algorithm in ["HS256", "none", "RS1"] {
            assert!(serde_json::from_value::<SigningAlgorithm>(algorithm.into()).is_err(), "{algorithm}");
        }
    }
}
