//! The public keys of another issuer: fetched when needed, kept while they are good, and kept a little longer while
//! the issuer cannot be reached.

use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use jsonwebtoken::DecodingKey;
use jsonwebtoken::jwk::{AlgorithmParameters, EllipticCurve, Jwk, KeyAlgorithm, KeyOperations, PublicKeyUse};
use reqwest::{Client, StatusCode, Url, redirect};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use tokio::sync::{Mutex, OwnedMutexGuard};

use super::AuthError;
use super::issuers::{IssuerProblem, IssuerSettings, SigningAlgorithm, fetchable};

/// How long fetched keys are taken for current.
const TTL: TimeDelta = TimeDelta::minutes(10);
/// How long fetched keys serve while newer ones cannot be had.
const STALE: TimeDelta = TimeDelta::hours(24);
/// The least time between two attempts for the same reason.
const PAUSE: TimeDelta = TimeDelta::seconds(30);
/// How long an attempt may take in all.
pub(super) const PATIENCE: Duration = Duration::from_secs(5);
/// The largest document that is read, in bytes.
const MAX_BODY: usize = 256 * 1024;

/// Another issuer's keys.
pub(super) struct RemoteKeys {
    settings: IssuerSettings,
    client: Client,
    patience: Duration,
    state: RwLock<State>,
    /// Held while fetching, so that one caller fetches and the others wait for what it finds.
    flight: Arc<Mutex<()>>,
}

#[derive(Default)]
struct State {
    keys: HashMap<String, Vec<PublicKey>>,
    /// Which set this is: each one fetched has the next number.
    set: u64,
    /// When the keys were fetched.
    fetched_at: Option<DateTime<Utc>>,
    /// When it was last tried, for whatever reason.
    tried_at: Option<DateTime<Utc>>,
    /// When it was last tried although the keys were current, for the sake of a `kid` they do not have.
    sought_at: Option<DateTime<Utc>>,
    /// Whether the last attempt failed.
    failed: bool,
}

#[derive(Clone)]
struct PublicKey {
    algorithms: Vec<SigningAlgorithm>,
    key: DecodingKey,
}

/// What is known of a key without asking the issuer.
enum Found {
    /// The keys are current and this is one of them.
    Current(DecodingKey),
    /// The keys are past their time, and so is the last attempt to renew them.
    Stale(DecodingKey),
    /// The keys are past their time, and the issuer is known to be unreachable.
    Excused(DecodingKey),
    /// No such key.
    Absent,
}

#[derive(Debug, thiserror::Error)]
enum FetchError {
    #[error("no answer in time")]
    TimedOut(#[from] tokio::time::error::Elapsed),
    #[error("{0}")]
    Transport(#[from] reqwest::Error),
    #[error("the answer has status {0}")]
    Status(StatusCode),
    #[error("the answer is larger than 256 kB")]
    TooLarge,
    #[error("the answer is not the JSON it should be")]
    Json(#[from] serde_json::Error),
    #[error("the discovery document names another issuer")]
    OtherIssuer,
    #[error("the discovery document names an address that keys may not be fetched from")]
    Address,
    #[error("none of the keys can be used with an allowed algorithm")]
    NoKey,
}

#[derive(Deserialize)]
struct Discovery {
    issuer: String,
    jwks_uri: String,
}

#[derive(Deserialize)]
struct KeySet {
    keys: Vec<Value>,
}

impl RemoteKeys {
    /// The keys of the issuer `settings` describe, none of them fetched yet.
    ///
    /// # Errors
    /// `Client` when no HTTP client can be made.
    pub(super) fn new(settings: IssuerSettings, patience: Duration) -> Result<Self, IssuerProblem> {
        let builder = Client::builder()
            .redirect(redirect::Policy::none())
            // Fetches are rare and run wherever the request that needs them runs: an idle connection would outlive
            // both its use and its runtime.
            .pool_max_idle_per_host(0);
        // This machine is reached directly, and without the certificate authorities a bare container lacks.
        let builder = if settings.is_local() {
            builder.no_proxy().tls_certs_only([])
        } else {
            builder.https_only(true)
        };
        match builder.build() {
            Ok(client) => {
                Ok(Self { settings, client, patience, state: RwLock::default(), flight: Arc::default() })
            }
            Err(source) => Err(IssuerProblem::Client { issuer: settings.issuer, source }),
        }
    }

    /// The settings these keys belong to.
    pub(super) fn settings(&self) -> &IssuerSettings {
        &self.settings
    }

    /// The key named `key_id`, to check a signature made with `algorithm`.
    ///
    /// # Errors
    /// `Signature` when the issuer has no such key, `IssuerUnavailable` when that cannot be known.
    pub(super) async fn key(
        self: &Arc<Self>,
        key_id: &str,
        algorithm: SigningAlgorithm,
        now: DateTime<Utc>,
    ) -> Result<DecodingKey, AuthError> {
        match self.find(key_id, algorithm, now) {
            Found::Current(key) => return Ok(key),
            Found::Excused(key) => {
                if let Ok(flight) = Arc::clone(&self.flight).try_lock_owned()
                    && self.read().is_due(now)
                {
                    drop(self.spawn_fetch(flight, now));
                }
                return Ok(key);
            }
            Found::Stale(_) | Found::Absent => {}
        }
        let flight = Arc::clone(&self.flight).lock_owned().await;
        // Whoever held the lock before may have fetched what is needed.
        let found = self.find(key_id, algorithm, now);
        if !matches!(found, Found::Current(_)) && self.read().is_due(now) {
            // In a task of its own, so that a caller who hangs up does not end what others wait for.
            if self.spawn_fetch(flight, now).await.is_err() {
                return Err(AuthError::IssuerUnavailable);
            }
        }
        match self.find(key_id, algorithm, now) {
            Found::Current(key) | Found::Stale(key) | Found::Excused(key) => Ok(key),
            Found::Absent if self.read().failed => Err(AuthError::IssuerUnavailable),
            Found::Absent => Err(AuthError::Signature),
        }
    }

    /// The number of the set of keys, if it is current.
    pub(super) fn current(&self, now: DateTime<Utc>) -> Option<u64> {
        let state = self.read();
        within(state.fetched_at, now, TTL).then_some(state.set)
    }

    fn find(&self, key_id: &str, algorithm: SigningAlgorithm, now: DateTime<Utc>) -> Found {
        let state = self.read();
        let fits = |key: &&PublicKey| key.algorithms.contains(&algorithm);
        let key = state.keys.get(key_id).and_then(|keys| keys.iter().find(fits)).map(|key| key.key.clone());
        match key {
            Some(key) if within(state.fetched_at, now, TTL) => Found::Current(key),
            Some(key) if within(state.fetched_at, now, STALE) => {
                if state.failed && within(state.tried_at, now, TTL) {
                    Found::Excused(key)
                } else {
                    Found::Stale(key)
                }
            }
            _ => Found::Absent,
        }
    }

    fn spawn_fetch(
        self: &Arc<Self>,
        flight: OwnedMutexGuard<()>,
        now: DateTime<Utc>,
    ) -> tokio::task::JoinHandle<()> {
        let keys = Arc::clone(self);
        tokio::spawn(async move {
            keys.fetch(now).await;
            drop(flight);
        })
    }

    async fn fetch(&self, now: DateTime<Utc>) {
        self.write().note_attempt(now);
        let fetched = match tokio::time::timeout(self.patience, self.download()).await {
            Ok(fetched) => fetched,
            Err(elapsed) => Err(elapsed.into()),
        };
        let mut state = self.write();
        match fetched {
            Ok(keys) => {
                state.keys = keys;
                state.set += 1;
                state.fetched_at = Some(now);
                state.failed = false;
            }
            Err(cause) => {
                state.failed = true;
                log::warn!(issuer = self.settings.issuer.as_str(); "an issuer's keys could not be fetched: {cause}");
            }
        }
    }

    async fn download(&self) -> Result<HashMap<String, Vec<PublicKey>>, FetchError> {
        let address = match &self.settings.jwks_url {
            Some(url) => url.clone(),
            None => {
                let base = self.settings.issuer.trim_end_matches('/');
                let document: Discovery =
                    self.get(&format!("{base}/.well-known/openid-configuration")).await?;
                if document.issuer != self.settings.issuer {
                    return Err(FetchError::OtherIssuer);
                }
                document.jwks_uri
            }
        };
        if !Url::parse(&address).is_ok_and(|url| fetchable(&url, self.settings.is_local())) {
            return Err(FetchError::Address);
        }
        let set: KeySet = self.get(&address).await?;
        let mut keys: HashMap<String, Vec<PublicKey>> = HashMap::new();
        for jwk in set.keys {
            if let Some((key_id, key)) = usable(jwk, &self.settings.algorithms) {
                keys.entry(key_id).or_default().push(key);
            }
        }
        // An issuer without keys is one in trouble; what is known of it serves on for its time.
        if keys.is_empty() { Err(FetchError::NoKey) } else { Ok(keys) }
    }

    async fn get<T: DeserializeOwned>(&self, address: &str) -> Result<T, FetchError> {
        let mut response = self.client.get(address).send().await?;
        if response.status() != StatusCode::OK {
            return Err(FetchError::Status(response.status()));
        }
        let mut body = Vec::new();
        while let Some(chunk) = response.chunk().await? {
            body.extend_from_slice(&chunk);
            if body.len() > MAX_BODY {
                return Err(FetchError::TooLarge);
            }
        }
        Ok(serde_json::from_slice(&body)?)
    }

    // A panic elsewhere leaves the state whole: each change to it is a plain assignment.
    fn read(&self) -> RwLockReadGuard<'_, State> {
        self.state.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self) -> RwLockWriteGuard<'_, State> {
        self.state.write().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    /// Whether enough time has passed to ask again. With current keys the only reason to ask is an unknown `kid`,
    /// which any caller can make up: that reason has a pause of its own, so that keys which were fetched a moment
    /// ago do not keep a newly rotated one out.
    fn is_due(&self, now: DateTime<Utc>) -> bool {
        let last = if within(self.fetched_at, now, TTL) { self.sought_at } else { self.tried_at };
        !within(last, now, PAUSE)
    }

    fn note_attempt(&mut self, now: DateTime<Utc>) {
        if within(self.fetched_at, now, TTL) {
            self.sought_at = Some(now);
        }
        self.tried_at = Some(now);
    }
}

/// Whether `now` is less than `span` from `since`, on either side: a clock that was set back must not make an instant
/// last longer.
fn within(since: Option<DateTime<Utc>>, now: DateTime<Utc>, span: TimeDelta) -> bool {
    since.is_some_and(|since| (now - since).abs() < span)
}

/// The key's name and what it may verify; nothing for a key that is of no use here.
fn usable(jwk: Value, allowed: &[SigningAlgorithm]) -> Option<(String, PublicKey)> {
    let jwk: Jwk = serde_json::from_value(jwk).ok()?;
    let for_signatures = jwk.common.public_key_use.as_ref().is_none_or(|u| *u == PublicKeyUse::Signature)
        && jwk.common.key_operations.as_ref().is_none_or(|all| all.contains(&KeyOperations::Verify));
    let fits = |algorithm: SigningAlgorithm| {
        let right_kind = match (&jwk.algorithm, algorithm) {
            (AlgorithmParameters::RSA(_), SigningAlgorithm::Rs256 | SigningAlgorithm::Ps256) => true,
            (AlgorithmParameters::EllipticCurve(key), SigningAlgorithm::Es256) => {
                key.curve == EllipticCurve::P256
            }
            (AlgorithmParameters::EllipticCurve(key), SigningAlgorithm::Es384) => {
                key.curve == EllipticCurve::P384
            }
            (AlgorithmParameters::OctetKeyPair(key), SigningAlgorithm::EdDsa) => {
                key.curve == EllipticCurve::Ed25519
            }
            _ => false,
        };
        let named = jwk.common.key_algorithm;
        right_kind && named.is_none_or(|named| named == KeyAlgorithm::from(algorithm.algorithm()))
    };
    let algorithms: Vec<_> = allowed.iter().copied().filter(|algorithm| fits(*algorithm)).collect();
    if !for_signatures || algorithms.is_empty() {
        return None;
    }
    let key = DecodingKey::from_jwk(&jwk).ok()?;
    Some((jwk.common.key_id?, PublicKey { algorithms, key }))
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use tokio::task::JoinSet;

    use super::*;
    use crate::auth::testing::{Idp, Reply, at, ed25519, p256, rsa};

    const ES256: SigningAlgorithm = SigningAlgorithm::Es256;
    const DISCOVERY: &str = "/realm/.well-known/openid-configuration";
    const KEYS: &str = "/realm/keys";

    fn keys(settings: IssuerSettings) -> Arc<RemoteKeys> {
        Arc::new(RemoteKeys::new(settings, PATIENCE).unwrap())
    }

    /// The answer for `kid` at `moment`, without the key itself.
    async fn ask(keys: &Arc<RemoteKeys>, kid: &str, moment: i64) -> Result<(), AuthError> {
        keys.key(kid, ES256, at(moment)).await.map(drop)
    }

    /// Waits for a fetch that was left running.
    async fn settled(keys: &RemoteKeys) {
        drop(keys.flight.lock().await);
    }

    fn cause<T>(outcome: Result<T, FetchError>) -> String {
        outcome.err().map(|error| error.to_string()).unwrap_or_default()
    }

    #[tokio::test]
    async fn keys_are_discovered_once_and_kept_for_ten_minutes() {
        let idp = Idp::start(&[&p256("k1")]);
        let keys = keys(idp.settings(&[ES256]));
        assert_eq!(idp.hits(), [""; 0], "nothing is asked before it is needed");
        for moment in [0, 1, 599] {
            assert_eq!(ask(&keys, "k1", moment).await, Ok(()));
        }
        assert_eq!(idp.hits(), [DISCOVERY, KEYS]);
        assert_eq!(ask(&keys, "k1", 600).await, Ok(()));
        assert_eq!(idp.hits().len(), 4);
    }

    #[tokio::test]
    async fn a_configured_address_needs_no_discovery() {
        let idp = Idp::start(&[&p256("k1")]);
        let jwks_url = Some(idp.address(KEYS));
        let keys = keys(IssuerSettings { jwks_url, ..idp.settings(&[ES256]) });
        assert_eq!(ask(&keys, "k1", 0).await, Ok(()));
        assert_eq!(idp.hits(), [KEYS]);
    }

    #[tokio::test]
    async fn a_rotated_key_is_found_at_once_and_the_old_one_goes_with_its_set() {
        let idp = Idp::start(&[&p256("k1")]);
        let keys = keys(idp.settings(&[ES256]));
        assert_eq!(ask(&keys, "k1", 0).await, Ok(()));
        idp.publish(&[&p256("k2")]);
        assert_eq!(ask(&keys, "k1", 1).await, Ok(()), "still within its time");
        assert_eq!(ask(&keys, "k2", 1).await, Ok(()));
        assert_eq!(ask(&keys, "k1", 2).await, Err(AuthError::Signature));
    }

    #[tokio::test]
    async fn a_storm_of_unknown_kids_is_one_question_per_half_minute() {
        let idp = Idp::start(&[&p256("k1")]);
        let keys = keys(idp.settings(&[ES256]));
        assert_eq!(ask(&keys, "k1", 0).await, Ok(()));
        let storm = async |moment: i64| {
            let gate = idp.hold_next();
            let mut callers = JoinSet::new();
            for n in 0..50 {
                let keys = Arc::clone(&keys);
                callers.spawn(async move { ask(&keys, &format!("made-up-{n}"), moment).await });
            }
            // Runs after every caller has begun, so that all of them meet while the issuer thinks.
            callers.spawn(async move {
                gate.send(()).unwrap();
                Err(AuthError::Signature)
            });
            while let Some(answer) = callers.join_next().await {
                assert_eq!(answer.unwrap(), Err(AuthError::Signature));
            }
        };
        storm(1).await;
        assert_eq!(idp.hits().len(), 4);
        for moment in [2, 30] {
            assert_eq!(ask(&keys, "made-up", moment).await, Err(AuthError::Signature));
        }
        assert_eq!(idp.hits().len(), 4, "the pause holds");
        assert_eq!(ask(&keys, "k1", 30).await, Ok(()), "and keeps nobody out");
        storm(31).await;
        assert_eq!(idp.hits().len(), 6);
    }

    #[tokio::test]
    async fn callers_of_a_cold_start_share_one_fetch() {
        let idp = Idp::start(&[&p256("k1")]);
        let keys = keys(idp.settings(&[ES256]));
        let gate = idp.hold_next();
        let mut callers = JoinSet::new();
        for _ in 0..50 {
            let keys = Arc::clone(&keys);
            callers.spawn(async move { ask(&keys, "k1", 0).await });
        }
        callers.spawn(async move {
            gate.send(()).unwrap();
            Ok(())
        });
        while let Some(answer) = callers.join_next().await {
            assert_eq!(answer.unwrap(), Ok(()));
        }
        assert_eq!(idp.hits(), [DISCOVERY, KEYS]);
    }

    #[tokio::test]
    async fn a_caller_who_hangs_up_does_not_end_the_fetch() {
        let idp = Idp::start(&[&p256("k1")]);
        let keys = keys(idp.settings(&[ES256]));
        let gate = idp.hold_next();
        let caller = tokio::spawn({
            let keys = Arc::clone(&keys);
            async move { ask(&keys, "k1", 0).await }
        });
        while keys.read().tried_at.is_none() {
            tokio::task::yield_now().await;
        }
        caller.abort();
        assert!(caller.await.unwrap_err().is_cancelled());
        gate.send(()).unwrap();
        assert_eq!(ask(&keys, "k1", 1).await, Ok(()));
        assert_eq!(idp.hits(), [DISCOVERY, KEYS]);
    }

    #[tokio::test]
    async fn while_the_issuer_is_down_its_keys_serve_for_a_day() {
        let idp = Idp::start(&[&p256("k1")]);
        let keys = keys(idp.settings(&[ES256]));
        assert_eq!(ask(&keys, "k1", 0).await, Ok(()));
        idp.set_down(true);
        for moment in (600..86_400).step_by(300) {
            assert_eq!(ask(&keys, "k1", moment).await, Ok(()), "{moment}");
            settled(&keys).await;
        }
        assert_eq!(ask(&keys, "k2", 86_399).await, Err(AuthError::IssuerUnavailable), "perhaps a new key");
        assert_eq!(ask(&keys, "k1", 86_400).await, Err(AuthError::IssuerUnavailable));
        idp.set_down(false);
        assert_eq!(ask(&keys, "k1", 86_440).await, Ok(()));
        assert_eq!(ask(&keys, "k2", 86_441).await, Err(AuthError::Signature));
    }

    #[tokio::test]
    async fn an_issuer_that_is_down_is_asked_once_per_half_minute() {
        let idp = Idp::start(&[&p256("k1")]);
        idp.set_down(true);
        let keys = keys(idp.settings(&[ES256]));
        for moment in 0..30 {
            assert_eq!(ask(&keys, "k1", moment).await, Err(AuthError::IssuerUnavailable));
        }
        assert_eq!(idp.hits(), [DISCOVERY]);
        idp.set_down(false);
        assert_eq!(ask(&keys, "k1", 30).await, Ok(()));

        idp.set_down(true);
        assert_eq!(ask(&keys, "k1", 630).await, Ok(()), "waits for an issuer that answered last time");
        let asked = idp.hits().len();
        for moment in 631..660 {
            assert_eq!(ask(&keys, "k1", moment).await, Ok(()));
            settled(&keys).await;
        }
        assert_eq!(idp.hits().len(), asked);
        idp.set_down(false);
        idp.publish(&[&p256("k2")]);
        assert_eq!(ask(&keys, "k1", 660).await, Ok(()), "served while it is tried again behind");
        settled(&keys).await;
        assert_eq!(ask(&keys, "k1", 661).await, Err(AuthError::Signature));
    }

    #[tokio::test]
    async fn a_key_withdrawn_while_nobody_called_is_not_served_once_more() {
        let idp = Idp::start(&[&p256("k1")]);
        let keys = keys(idp.settings(&[ES256]));
        assert_eq!(ask(&keys, "k1", 0).await, Ok(()));
        idp.publish(&[&p256("k2")]);
        assert_eq!(ask(&keys, "k1", 3_600).await, Err(AuthError::Signature));
    }

    #[tokio::test]
    async fn answers_that_are_not_what_they_should_be_are_refused() {
        let idp = Idp::start(&[&p256("k1")]);
        let keys = keys(idp.settings(&[ES256]));
        assert!(keys.download().await.is_ok());
        let document = |issuer: &str, uri: &str| json!({"issuer": issuer, "jwks_uri": uri}).to_string();
        let padded = format!("{{\"keys\":[]{}}}", " ".repeat(MAX_BODY));
        for (path, reply, expected) in [
            (KEYS, Reply::ok(&padded), "larger"),
            (KEYS, Reply::redirect(&idp.address("/elsewhere")), "302"),
            (KEYS, Reply::status(500), "500"),
            (KEYS, Reply::ok("<html>"), "JSON"),
            (KEYS, Reply::ok(r#"{"keys":[]}"#), "none of the keys"),
            (DISCOVERY, Reply::redirect(&idp.address(KEYS)), "302"),
            (DISCOVERY, Reply::status(404), "404"),
            (DISCOVERY, Reply::ok("{}"), "JSON"),
            (DISCOVERY, Reply::ok(&document("https://other.example", &idp.address(KEYS))), "another issuer"),
            (DISCOVERY, Reply::ok(&document(idp.issuer(), "file:///etc/passwd")), "an address"),
            (DISCOVERY, Reply::ok(&document(idp.issuer(), "http://192.0.2.1/keys")), "an address"),
        ] {
            let before = idp.answer(path, reply);
            assert!(cause(keys.download().await).contains(expected), "{path}: {expected}");
            idp.answer(path, before);
        }
        assert!(!idp.hits().contains(&"/elsewhere".to_owned()), "no redirect was followed");
        assert!(keys.download().await.is_ok());
    }

    #[tokio::test]
    async fn patience_with_a_slow_issuer_ends() {
        let idp = Idp::start(&[&p256("k1")]);
        let gate = idp.hold_next();
        let keys = Arc::new(RemoteKeys::new(idp.settings(&[ES256]), Duration::from_millis(50)).unwrap());
        assert_eq!(ask(&keys, "k1", 0).await, Err(AuthError::IssuerUnavailable));
        drop(gate);
    }

    #[test]
    fn keys_for_another_use_or_algorithm_are_passed_over() {
        let all = [SigningAlgorithm::Rs256, SigningAlgorithm::Ps256, ES256, SigningAlgorithm::EdDsa];
        let algorithms = |jwk: &Value| usable(jwk.clone(), &all).map(|(_, key)| key.algorithms);
        let mut jwk = rsa("k").jwk;
        assert_eq!(algorithms(&jwk), Some(vec![SigningAlgorithm::Rs256]), "the key names its algorithm");
        jwk.as_object_mut().unwrap().remove("alg");
        assert_eq!(algorithms(&jwk), Some(vec![SigningAlgorithm::Rs256, SigningAlgorithm::Ps256]));
        assert_eq!(algorithms(&ed25519("k").jwk), Some(vec![SigningAlgorithm::EdDsa]));
        for (name, value) in [
            ("use", json!("enc")),
            ("key_ops", json!(["sign"])),
            ("alg", json!("RSA-OAEP")),
            ("alg", json!("HS256")),
            ("kty", json!("oct")),
            ("kid", Value::Null),
        ] {
            let mut other = jwk.clone();
            other[name] = value;
            assert_eq!(algorithms(&other), None, "{name}");
        }
        assert_eq!(algorithms(&json!({"kty": "oct", "kid": "k", "alg": "HS256", "k": "c2VjcmV0"})), None);
    }

    #[test]
    fn a_client_for_the_internet_can_be_made_beside_two_tls_backends() {
        // Another dependency brings a second rustls backend in; reqwest must not ask rustls to guess between them.
        // A machine without certificate authorities is told so.
        let settings: IssuerSettings =
            serde_json::from_value(json!({"issuer": "https://sso.example", "audiences": ["bangkom"]}))
                .unwrap();
        match RemoteKeys::new(settings, PATIENCE) {
            Ok(_) => {}
            Err(problem) => assert!(problem.to_string().contains("CA certificates")),
        }
    }
}
