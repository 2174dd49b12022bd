//! From a token to an identity.

use std::collections::HashMap;
use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use jsonwebtoken::{Algorithm, DecodingKey};
use kernel::{AgencyId, UserId};
use uuid::Uuid;

use super::AuthError;
use super::believed::{Believed, Entry, digest_of};
use super::issuers::{IssuerProblem, IssuerSettings, SigningAlgorithm};
use super::jwks::{PATIENCE, RemoteKeys};
use super::keys::{ACCESS_TOKEN, AGENCY_CLAIM, KeyError, KeyRing, TokenRequest};
use super::token::{Claims, Lifetime, Token};

/// How far the clocks of an issuer and of this machine may differ.
const LEEWAY: TimeDelta = TimeDelta::seconds(30);

/// Who a token says is calling, after everything about it was checked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verified {
    /// The issuer that vouches for the rest. A subject means something only together with its issuer.
    pub issuer: String,
    /// Whether that is the built-in issuer; the subject is then a user's identifier.
    pub built_in: bool,
    /// The caller, by the issuer's name for them.
    pub subject: String,
    /// The agency the token is for, as the issuer wrote it. The built-in issuer always writes its identifier.
    pub agency: Option<String>,
    /// The client software the token was issued to, if the issuer says.
    pub client: Option<String>,
    /// The token's own identifier (`jti`), if it has one.
    pub token_id: Option<String>,
    /// When it was issued, if the issuer says.
    pub issued_at: Option<DateTime<Utc>>,
    /// When it ends.
    pub expires_at: DateTime<Utc>,
}

/// Decides which tokens are believed. One for the whole process.
pub struct Verifier {
    ring: Arc<KeyRing>,
    issuers: HashMap<String, Arc<RemoteKeys>>,
    believed: Believed,
}

impl Verifier {
    /// A verifier for tokens of `ring` and of `issuers`. Asks no issuer anything yet: the server starts without them.
    ///
    /// # Errors
    /// Everything that is wrong with the settings.
    pub fn new(ring: Arc<KeyRing>, issuers: Vec<IssuerSettings>) -> Result<Self, Vec<IssuerProblem>> {
        let mut trusted = HashMap::new();
        let mut problems = Vec::new();
        for settings in issuers {
            let issuer = settings.issuer.clone();
            problems.extend(settings.problems());
            if issuer == ring.identity().issuer || trusted.contains_key(&issuer) {
                problems.push(IssuerProblem::Twice(issuer));
                continue;
            }
            match RemoteKeys::new(settings, PATIENCE) {
                Ok(keys) => {
                    trusted.insert(issuer, Arc::new(keys));
                }
                Err(problem) => problems.push(problem),
            }
        }
        if problems.is_empty() {
            Ok(Self { ring, issuers: trusted, believed: Believed::new() })
        } else {
            Err(problems)
        }
    }

    /// The built-in issuer's keys.
    #[must_use]
    pub fn ring(&self) -> &KeyRing {
        &self.ring
    }

    /// Signs one token and verifies it. `jsonwebtoken` panics at its first use when it was built with none or two
    /// cryptographic backends: better when the server starts than when the first caller comes.
    ///
    /// # Errors
    /// What went wrong.
    pub fn self_test(&self, now: DateTime<Utc>) -> Result<(), KeyError> {
        let request = TokenRequest {
            subject: UserId::from(Uuid::nil()),
            agency: AgencyId::from(Uuid::nil()),
            lifetime: TimeDelta::minutes(1),
        };
        let token = self.ring.issue(&request, now)?;
        let token = Token::parse(&token).map_err(KeyError::SelfTest)?;
        self.verify_built_in(token, now).map(drop).map_err(KeyError::SelfTest)
    }

    /// Checks a token and says who is calling. A signature found good is not checked again while its key counts.
    ///
    /// # Errors
    /// The first thing that is wrong with it; `IssuerUnavailable` when that cannot be known at the moment.
    pub async fn verify(&self, token: &str, now: DateTime<Utc>) -> Result<Arc<Verified>, AuthError> {
        let digest = digest_of(token);
        if let Some(entry) = self.believed.get(&digest)
            && self.keys_count(&entry, now)
        {
            let checked = check_time(entry.lifetime, now);
            if checked == Err(AuthError::Expired) {
                self.believed.forget(&digest);
            }
            return checked.map(|()| entry.verified);
        }
        let token = Token::parse(token)?;
        let lifetime = token.claims.lifetime;
        if token.claims.issuer == self.ring.identity().issuer {
            let verified = Arc::new(self.verify_built_in(token, now)?);
            self.believed.keep(digest, Entry { verified: verified.clone(), lifetime, keys: None });
            return Ok(verified);
        }
        // Taken before the key is: a set that comes in between makes the token be checked once more, and no key of an earlier
        // set counts for a later one.
        let keys = self.issuers.get(&token.claims.issuer).and_then(|keys| keys.current(now));
        let verified = Arc::new(self.verify_remote(token, now).await?);
        if keys.is_some() {
            self.believed.keep(digest, Entry { verified: verified.clone(), lifetime, keys });
        }
        Ok(verified)
    }

    /// Whether the keys a token was checked with are still those of its issuer.
    fn keys_count(&self, entry: &Entry, now: DateTime<Utc>) -> bool {
        let current = || self.issuers.get(&entry.verified.issuer).and_then(|keys| keys.current(now));
        entry.verified.built_in || entry.keys.is_some_and(|keys| current() == Some(keys))
    }

    async fn verify_remote(&self, token: Token<'_>, now: DateTime<Utc>) -> Result<Verified, AuthError> {
        let keys = self.issuers.get(&token.claims.issuer).ok_or(AuthError::Issuer)?;
        let settings = keys.settings();

        if !matches!(token.media_type.as_str(), ACCESS_TOKEN | "jwt") {
            return Err(AuthError::Type);
        }
        // The header only picks among the algorithms the operator allowed, and then only a key made for it.
        let named = |allowed: &&SigningAlgorithm| allowed.as_str() == token.algorithm;
        let algorithm = *settings.algorithms.iter().find(named).ok_or(AuthError::Signature)?;
        let key = keys.key(&token.key_id, algorithm, now).await?;
        check_signature(&token, &key, algorithm.algorithm())?;
        check_claims(&token.claims, now)?;
        if !settings.admits(&token.claims.audiences, token.claims.client.as_deref()) {
            return Err(AuthError::Audience);
        }
        let agency = match &settings.agency_claim {
            Some(name) => token.claims.text(name)?,
            None => None,
        };
        Ok(Verified::new(token.claims, agency, false))
    }

    fn verify_built_in(&self, token: Token<'_>, now: DateTime<Utc>) -> Result<Verified, AuthError> {
        if token.media_type != ACCESS_TOKEN {
            return Err(AuthError::Type);
        }
        if token.algorithm != "ES256" {
            return Err(AuthError::Signature);
        }
        let key = self.ring.key(&token.key_id).ok_or(AuthError::Signature)?;
        check_signature(&token, key, Algorithm::ES256)?;
        check_claims(&token.claims, now)?;
        if !token.claims.audiences.contains(&self.ring.identity().audience) {
            return Err(AuthError::Audience);
        }
        let agency = token.claims.text(AGENCY_CLAIM)?;
        Ok(Verified::new(token.claims, agency, true))
    }
}

/// Prints whom it trusts.
impl std::fmt::Debug for Verifier {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Verifier")
            .field("ring", &self.ring)
            .field("issuers", &self.issuers.keys())
            .finish_non_exhaustive()
    }
}

impl Verified {
    fn new(claims: Claims, agency: Option<String>, built_in: bool) -> Self {
        Self {
            issuer: claims.issuer,
            built_in,
            subject: claims.subject,
            agency,
            client: claims.client,
            token_id: claims.token_id,
            issued_at: claims.lifetime.issued_at,
            expires_at: claims.lifetime.expires_at,
        }
    }
}

fn check_signature(token: &Token<'_>, key: &DecodingKey, algorithm: Algorithm) -> Result<(), AuthError> {
    match jsonwebtoken::crypto::verify(token.signature, token.message.as_bytes(), key, algorithm) {
        Ok(true) => Ok(()),
        Ok(false) | Err(_) => Err(AuthError::Signature),
    }
}

/// What has to hold for every issuer's tokens. `jsonwebtoken` would ask the system's clock; here `now` decides.
fn check_claims(claims: &Claims, now: DateTime<Utc>) -> Result<(), AuthError> {
    if !claims.is_access {
        return Err(AuthError::Type);
    }
    check_time(claims.lifetime, now)
}

fn check_time(lifetime: Lifetime, now: DateTime<Utc>) -> Result<(), AuthError> {
    // Differences, unlike sums, cannot leave the calendar.
    if now - lifetime.expires_at >= LEEWAY {
        return Err(AuthError::Expired);
    }
    if [lifetime.not_before, lifetime.issued_at].into_iter().flatten().any(|begin| begin - now > LEEWAY) {
        return Err(AuthError::NotYetValid);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use aws_lc_rs::signature::KeyPair;
    use jsonwebtoken::EncodingKey;
    use serde_json::{Value, json};

    use super::*;
    use crate::auth::TokenIdentity;
    use crate::auth::testing::{Directory, Idp, Signer, at, compact, ed25519, encode, p256, p384, rsa};

    const ISSUED: i64 = 1_000;
    const EXPIRES: i64 = 1_900;

    fn ring() -> Arc<KeyRing> {
        Arc::new(KeyRing::open(None, Directory::new().path(), TokenIdentity::default()).unwrap())
    }

    fn ours(ring: &KeyRing) -> (Value, Value) {
        let header = json!({"alg": "ES256", "typ": "at+jwt", "kid": ring.key_id});
        let claims = json!({"iss": "urn:bangkom", "sub": "u", "aud": "bangkom", "iat": at(ISSUED).timestamp(),
            "exp": at(EXPIRES).timestamp(), "jti": "1", "agency": "a"});
        (header, claims)
    }

    fn with(mut object: Value, name: &str, value: Value) -> Value {
        object[name] = value;
        object
    }

    fn without(mut object: Value, name: &str) -> Value {
        object.as_object_mut().unwrap().remove(name);
        object
    }

    fn verifier(ring: &Arc<KeyRing>, issuers: Vec<IssuerSettings>) -> Verifier {
        Verifier::new(Arc::clone(ring), issuers).unwrap()
    }

    #[tokio::test]
    async fn a_token_of_ours_names_its_bearer() {
        let verifier = verifier(&ring(), vec![]);
        verifier.self_test(at(0)).unwrap();
        let request = TokenRequest {
            subject: UserId::new(),
            agency: AgencyId::new(),
            lifetime: TimeDelta::minutes(15),
        };
        let token = verifier.ring().issue(&request, at(0)).unwrap();
        let verified = verifier.verify(&token, at(0)).await.unwrap();
        assert_eq!(verified.issuer, "urn:bangkom");
        assert!(verified.built_in && verified.token_id.is_some());
        assert_eq!(verified.subject, request.subject.to_string());
        assert_eq!(verified.agency, Some(request.agency.to_string()));
        assert_eq!((verified.issued_at, verified.expires_at), (Some(at(0)), at(900)));
    }

    #[tokio::test]
    async fn clocks_may_differ_by_less_than_half_a_minute() {
        let ring = ring();
        let verifier = verifier(&ring, vec![]);
        let (header, claims) = ours(&ring);
        let token = compact(&header, &claims.to_string(), &ring.signing, Algorithm::ES256);
        for (moment, answer) in [
            (ISSUED - 31, Err(AuthError::NotYetValid)),
            (ISSUED - 30, Ok(())),
            (EXPIRES, Ok(())),
            (EXPIRES + 29, Ok(())),
            (EXPIRES + 30, Err(AuthError::Expired)),
        ] {
            assert_eq!(verifier.verify(&token, at(moment)).await.map(drop), answer, "{moment}");
        }
    }

    /// Attacks on the built-in issuer's tokens; all but the first are told by the code that refuses them.
    #[tokio::test]
    async fn no_forged_token_of_ours_is_believed() {
        const MALFORMED: &str = "TOKEN_MALFORMED";
        const SIGNATURE: &str = "TOKEN_SIGNATURE";
        let ring = ring();
        let verifier = verifier(&ring, vec![]);
        let (header, claims) = ours(&ring);
        let sign = |header: &Value, claims: &str| compact(header, claims, &ring.signing, Algorithm::ES256);
        let good = sign(&header, &claims.to_string());
        let (message, signature) = good.rsplit_once('.').unwrap();
        let (head, payload) = message.split_once('.').unwrap();

        let stranger = p256("stranger");
        let jwk = ring.jwks()["keys"][0].clone();
        let point = ring.key(&ring.key_id).unwrap().try_get_as_bytes().unwrap().to_vec();
        let symmetric = |secret: &[u8]| {
            let header = with(header.clone(), "alg", "HS256".into());
            compact(&header, &claims.to_string(), &EncodingKey::from_secret(secret), Algorithm::HS256)
        };
        let headed = |name: &str, value: Value| sign(&with(header.clone(), name, value), &claims.to_string());
        let claiming =
            |name: &str, value: Value| sign(&header, &with(claims.clone(), name, value).to_string());
        let lacking = |name: &str| sign(&header, &without(claims.clone(), name).to_string());
        let doubled = |pair: &str| sign(&header, &claims.to_string().replacen('{', &format!("{{{pair},"), 1));
        let unsigned = |algorithm: &str, signature: &str| {
            let head = encode(with(header.clone(), "alg", algorithm.into()).to_string());
            format!("{head}.{payload}.{signature}")
        };
        let later = at(5_000).timestamp();

        let attacks: Vec<(&str, String, &str)> = vec![
            ("nothing", String::new(), MALFORMED),
            ("two parts", message.to_owned(), MALFORMED),
            ("five parts, as encrypted tokens have", format!("{good}.x.y"), MALFORMED),
            ("padding", format!("{head}=.{payload}.{signature}"), MALFORMED),
            ("no JSON", format!("{}.{payload}.{signature}", encode("x")), MALFORMED),
            ("a list for a payload", sign(&header, "[]"), MALFORMED),
            ("a lone surrogate", doubled(r#""x":"\ud800""#), MALFORMED),
            ("100 kB", claiming("x", "x".repeat(100_000).into()), MALFORMED),
            (
                "nesting without end",
                sign(&header, &format!("{}1{}", "[".repeat(2_000), "]".repeat(2_000))),
                MALFORMED,
            ),
            ("alg none", unsigned("none", ""), SIGNATURE),
            ("alg nOnE", unsigned("nOnE", signature), SIGNATURE),
            ("no alg", sign(&without(header.clone(), "alg"), &claims.to_string()), MALFORMED),
            ("empty signature", format!("{message}."), SIGNATURE),
            ("zero signature", format!("{message}.{}", encode([0; 64])), SIGNATURE),
            ("cut signature", format!("{message}.{}", &signature[..40]), SIGNATURE),
            ("another alg over our signature", unsigned("ES384", signature), SIGNATURE),
            ("HS256 with the public point", symmetric(&point), SIGNATURE),
            ("HS256 with the published key", symmetric(jwk.to_string().as_bytes()), SIGNATURE),
            ("HS256 with the key's name", symmetric(ring.key_id.as_bytes()), SIGNATURE),
            ("HS256 with nothing", symmetric(b""), SIGNATURE),
            (
                "a stranger's key under our kid",
                compact(&header, &claims.to_string(), &stranger.key, Algorithm::ES256),
                SIGNATURE,
            ),
            (
                "a stranger's key that the header brings along",
                compact(
                    &with(header.clone(), "jwk", stranger.jwk.clone()),
                    &claims.to_string(),
                    &stranger.key,
                    Algorithm::ES256,
                ),
                MALFORMED,
            ),
            ("jku", headed("jku", "https://attacker.example/jwks".into()), MALFORMED),
            ("x5u", headed("x5u", "https://attacker.example/x509".into()), MALFORMED),
            ("crit", headed("crit", json!(["b64"])), MALFORMED),
            ("no kid", sign(&without(header.clone(), "kid"), &claims.to_string()), MALFORMED),
            ("kid of another type", headed("kid", json!({"$ne": ""})), MALFORMED),
            ("kid as a path", headed("kid", "../../../dev/null".into()), SIGNATURE),
            ("kid as SQL", headed("kid", "x' UNION SELECT 'k".into()), SIGNATURE),
            ("kid as an address", headed("kid", "https://attacker.example/k".into()), SIGNATURE),
            ("typ JWT", headed("typ", "JWT".into()), "TOKEN_TYPE"),
            ("typ of a logout token", headed("typ", "logout+jwt".into()), "TOKEN_TYPE"),
            ("no typ", sign(&without(header.clone(), "typ"), &claims.to_string()), "TOKEN_TYPE"),
            ("ID token", claiming("typ", "ID".into()), "TOKEN_TYPE"),
            ("expired", claiming("exp", at(0).timestamp().into()), "TOKEN_EXPIRED"),
            ("exp before all time", claiming("exp", i64::MIN.into()), MALFORMED),
            ("exp after all time", claiming("exp", u64::MAX.into()), MALFORMED),
            ("exp as text", claiming("exp", "9999999999".into()), MALFORMED),
            ("exp as null", claiming("exp", Value::Null), MALFORMED),
            ("no exp", lacking("exp"), MALFORMED),
            ("nbf in the future", claiming("nbf", later.into()), "TOKEN_NOT_YET_VALID"),
            ("iat in the future", claiming("iat", later.into()), "TOKEN_NOT_YET_VALID"),
            ("no iss", lacking("iss"), MALFORMED),
            ("wrong iss", claiming("iss", "urn:bangkom2".into()), "TOKEN_ISSUER"),
            ("iss that almost matches", claiming("iss", "urn:bangkom/".into()), "TOKEN_ISSUER"),
            ("no aud", lacking("aud"), MALFORMED),
            ("wrong aud", claiming("aud", "bangkom2".into()), "TOKEN_AUDIENCE"),
            ("no aud in the list", claiming("aud", json!([])), "TOKEN_AUDIENCE"),
            ("aud of numbers", claiming("aud", json!(["bangkom", 1])), MALFORMED),
            ("no sub", lacking("sub"), MALFORMED),
            ("empty sub", claiming("sub", "".into()), MALFORMED),
            ("NUL in sub", claiming("sub", "u\0".into()), MALFORMED),
            ("sub twice", doubled(r#""sub":"admin""#), MALFORMED),
            ("aud twice, once escaped", doubled(r#""\u0061ud":"x""#), MALFORMED),
            ("an unused claim twice, deep down", doubled(r#""x":[{"y":1,"y":2}]"#), MALFORMED),
            (
                "alg twice",
                {
                    let head = encode(header.to_string().replacen('{', r#"{"alg":"none","#, 1));
                    format!("{head}.{payload}.{signature}")
                },
                MALFORMED,
            ),
            (
                "edited agency",
                {
                    let edited = encode(with(claims.clone(), "agency", "b".into()).to_string());
                    format!("{head}.{edited}.{signature}")
                },
                SIGNATURE,
            ),
        ];
        assert!(verifier.verify(&good, at(ISSUED)).await.is_ok(), "what the attacks start from is good");
        for (attack, token, code) in attacks {
            let error = verifier.verify(&token, at(ISSUED)).await.expect_err(attack);
            assert_eq!(error.code(), code, "{attack}: {error}");
            assert!(!signature.is_empty() && !error.to_string().contains(signature), "{attack}");
        }
    }

    fn portal(idp: &Idp, algorithms: &[SigningAlgorithm]) -> IssuerSettings {
        IssuerSettings {
            audiences: vec!["account".to_owned()],
            authorized_parties: vec!["portal".to_owned()],
            agency_claim: Some("instansi".to_owned()),
            ..idp.settings(algorithms)
        }
    }

    /// What Keycloak writes.
    fn theirs(idp: &Idp) -> Value {
        json!({"iss": idp.issuer(), "sub": "5a1c", "aud": "account", "azp": "portal", "typ": "Bearer",
            "iat": at(ISSUED).timestamp(), "exp": at(EXPIRES).timestamp(), "jti": "1", "instansi": "DEMO-KOTA"})
    }

    #[tokio::test]
    async fn every_allowed_algorithm_of_another_issuer_verifies() {
        let signers =
            [rsa("k1"), rsa("k2").using(SigningAlgorithm::Ps256), p256("k3"), p384("k4"), ed25519("k5")];
        let idp = Idp::start(&signers.each_ref());
        let algorithms: Vec<_> = signers.iter().map(|signer| signer.algorithm).collect();
        let verifier = verifier(&ring(), vec![portal(&idp, &algorithms)]);
        for signer in &signers {
            for media_type in ["JWT", "at+jwt", "application/at+jwt", "AT+JWT"] {
                let token = signer.token(media_type, &theirs(&idp));
                let verified = verifier.verify(&token, at(ISSUED)).await.unwrap();
                assert_eq!((verified.issuer.as_str(), verified.built_in), (idp.issuer(), false));
                assert_eq!(verified.agency.as_deref(), Some("DEMO-KOTA"));
                assert_eq!(verified.client.as_deref(), Some("portal"));
            }
        }
        assert_eq!(idp.hits(), ["/realm/.well-known/openid-configuration", "/realm/keys"]);
    }

    #[tokio::test]
    async fn no_wrong_token_of_another_issuer_is_believed() {
        let (signer, elliptic) = (rsa("k1"), p256("k2"));
        let idp = Idp::start(&[&signer, &elliptic]);
        let neighbour_signer = rsa("n1");
        let neighbour = Idp::start(&[&neighbour_signer]);
        let ring = ring();
        let rs256 = [SigningAlgorithm::Rs256];
        let verifier = verifier(&ring, vec![portal(&idp, &rs256), portal(&neighbour, &rs256)]);
        let claims = theirs(&idp);
        let claiming = |name: &str, value: Value| signer.token("JWT", &with(claims.clone(), name, value));
        let lacking = |name: &str| signer.token("JWT", &without(claims.clone(), name));
        let (our_header, our_claims) = ours(&ring);

        let attacks: Vec<(&str, String, &str)> = vec![
            ("ES256 where RS256 is allowed", elliptic.token("JWT", &claims), "TOKEN_SIGNATURE"),
            (
                "PS256 with the RS256 key",
                rsa("k1").using(SigningAlgorithm::Ps256).token("JWT", &claims),
                "TOKEN_SIGNATURE",
            ),
            ("another key under the same kid", rsa("k1").token("JWT", &claims), "TOKEN_SIGNATURE"),
            ("the neighbour's key", neighbour_signer.token("JWT", &claims), "TOKEN_SIGNATURE"),
            (
                "our own key",
                compact(&our_header, &claims.to_string(), &ring.signing, Algorithm::ES256),
                "TOKEN_SIGNATURE",
            ),
            ("their key over our claims", signer.token("at+jwt", &our_claims), "TOKEN_SIGNATURE"),
            (
                "HS256 with their public key",
                compact(
                    &json!({"alg": "HS256", "typ": "JWT", "kid": "k1"}),
                    &claims.to_string(),
                    &EncodingKey::from_secret(signer.public.as_slice()),
                    Algorithm::HS256,
                ),
                "TOKEN_SIGNATURE",
            ),
            ("ID token", claiming("typ", "ID".into()), "TOKEN_TYPE"),
            ("refresh token", claiming("typ", "Refresh".into()), "TOKEN_TYPE"),
            ("offline token", claiming("typ", "Offline".into()), "TOKEN_TYPE"),
            ("ID token by its hash", claiming("at_hash", "x".into()), "TOKEN_TYPE"),
            ("a token bound to a key", claiming("cnf", json!({"jkt": "x"})), "TOKEN_TYPE"),
            ("typ of a security event", signer.token("secevent+jwt", &claims), "TOKEN_TYPE"),
            ("wrong aud", claiming("aud", json!(["realm-management"])), "TOKEN_AUDIENCE"),
            ("wrong azp", claiming("azp", "game".into()), "TOKEN_AUDIENCE"),
            ("no azp", lacking("azp"), "TOKEN_AUDIENCE"),
            ("an issuer that is only a prefix", claiming("iss", "http://127.0.0.1".into()), "TOKEN_ISSUER"),
            ("an issuer with a slash", claiming("iss", format!("{}/", idp.issuer()).into()), "TOKEN_ISSUER"),
            ("an agency that is no text", claiming("instansi", json!(["a"])), "TOKEN_MALFORMED"),
            ("expired", claiming("exp", at(0).timestamp().into()), "TOKEN_EXPIRED"),
        ];
        assert!(verifier.verify(&signer.token("JWT", &claims), at(ISSUED)).await.is_ok());
        for (attack, token, code) in attacks {
            let error = verifier.verify(&token, at(ISSUED)).await.expect_err(attack);
            assert_eq!(error.code(), code, "{attack}: {error}");
        }
    }

    #[tokio::test]
    async fn a_signature_is_checked_once_and_the_time_always() {
        let ring = ring();
        let verifier = verifier(&ring, vec![]);
        let (header, claims) = ours(&ring);
        let token = compact(&header, &claims.to_string(), &ring.signing, Algorithm::ES256);
        let first = verifier.verify(&token, at(ISSUED)).await.unwrap();
        let again = verifier.verify(&token, at(EXPIRES + 29)).await.unwrap();
        assert!(Arc::ptr_eq(&first, &again), "kept");
        assert_eq!(verifier.verify(&token, at(ISSUED - 31)).await, Err(AuthError::NotYetValid));
        assert!(Arc::ptr_eq(&first, &verifier.verify(&token, at(ISSUED)).await.unwrap()));
        assert_eq!(verifier.verify(&token, at(EXPIRES + 30)).await, Err(AuthError::Expired));
        assert!(verifier.believed.get(&digest_of(&token)).is_none(), "what expired is forgotten");
    }

    #[tokio::test]
    async fn a_token_that_is_kept_vouches_for_no_other() {
        let ring = ring();
        let verifier = verifier(&ring, vec![]);
        let (header, claims) = ours(&ring);
        let good = compact(&header, &claims.to_string(), &ring.signing, Algorithm::ES256);
        let kept = verifier.verify(&good, at(ISSUED)).await.unwrap();
        let (message, signature) = good.rsplit_once('.').unwrap();
        let forged = [
            format!("{message}.{}", encode([1; 64])),
            format!("{message}."),
            format!("{}.{signature}", message.replacen('.', "A.", 1)),
        ];
        for token in &forged {
            assert!(verifier.verify(token, at(ISSUED)).await.is_err(), "{token}");
            assert!(verifier.believed.get(&digest_of(token)).is_none(), "what was refused is not kept");
        }
        assert!(Arc::ptr_eq(&kept, &verifier.verify(&good, at(ISSUED)).await.unwrap()));
    }

    #[tokio::test]
    async fn a_token_of_another_issuer_is_kept_as_long_as_its_keys() {
        let idp = Idp::start(&[&p256("k1")]);
        let signer = p256("k2");
        let verifier = verifier(&ring(), vec![portal(&idp, &[SigningAlgorithm::Es256])]);
        let token = signer.token("JWT", &theirs(&idp));
        assert_eq!(verifier.verify(&token, at(ISSUED)).await, Err(AuthError::Signature));
        idp.publish(&[&signer]);
        let first = verifier.verify(&token, at(ISSUED + 31)).await.unwrap();
        let second = verifier.verify(&token, at(ISSUED + 31)).await.unwrap();
        assert_eq!(first, second);
        let third = verifier.verify(&token, at(ISSUED + 32)).await.unwrap();
        assert!(Arc::ptr_eq(&second, &third), "kept");
        // A new set of keys without this one: found when somebody comes with a key nobody knows.
        idp.publish(&[&p256("k3")]);
        let unknown = p256("k4").token("JWT", &theirs(&idp));
        assert_eq!(verifier.verify(&unknown, at(ISSUED + 70)).await, Err(AuthError::Signature));
        assert_eq!(verifier.verify(&token, at(ISSUED + 70)).await, Err(AuthError::Signature));
    }

    #[tokio::test]
    async fn a_key_withdrawn_while_its_tokens_were_kept_is_missed_within_ten_minutes() {
        let signer = p256("k1");
        let idp = Idp::start(&[&signer]);
        let verifier = verifier(&ring(), vec![portal(&idp, &[SigningAlgorithm::Es256])]);
        let token = signer.token("JWT", &theirs(&idp));
        for moment in [0, 1, 2] {
            verifier.verify(&token, at(ISSUED + moment)).await.unwrap();
        }
        idp.publish(&[&p256("k2")]);
        verifier.verify(&token, at(ISSUED + 599)).await.unwrap();
        assert_eq!(verifier.verify(&token, at(ISSUED + 600)).await, Err(AuthError::Signature));
    }

    #[test]
    fn every_wrong_setting_is_reported_before_anything_starts() {
        let settings: IssuerSettings =
            serde_json::from_value(json!({"issuer": "http://a.example", "audiences": []})).unwrap();
        let own = IssuerSettings { issuer: "urn:bangkom".to_owned(), ..settings.clone() };
        let Err(problems) = Verifier::new(ring(), vec![settings.clone(), settings, own]) else {
            panic!("accepted");
        };
        let twice = problems.iter().filter(|problem| matches!(problem, IssuerProblem::Twice(_))).count();
        let address = problems.iter().filter(|problem| matches!(problem, IssuerProblem::Address(_))).count();
        assert_eq!((twice, address), (2, 3));
    }

    #[test]
    fn a_signers_public_half_is_what_the_attack_table_signs_with() {
        let signer: Signer = rsa("k");
        let pair = aws_lc_rs::signature::RsaKeyPair::from_der(signer.key.as_bytes()).unwrap();
        assert_eq!(pair.public_key().as_ref(), signer.public);
    }
}
