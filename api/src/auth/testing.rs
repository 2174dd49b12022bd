//! What the tests of this module share: a clock, a directory, keys, and an issuer that answers as it is told.

use std::collections::HashMap;
use std::io::{BufRead, BufReader, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex};

use aws_lc_rs::encoding::AsDer;
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::KeySize;
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED_SIGNING, ECDSA_P384_SHA384_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair, KeyPair,
    RsaKeyPair,
};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{DateTime, TimeDelta, TimeZone, Utc};
use jsonwebtoken::jwk::{Jwk, PublicKeyUse};
use jsonwebtoken::{Algorithm, EncodingKey};
use serde_json::{Value, json};

use super::keys::to_pem;
use super::{IssuerSettings, SigningAlgorithm};

/// An instant, in seconds after the one the tests call the beginning.
pub(super) fn at(seconds: i64) -> DateTime<Utc> {
    Utc.with_ymd_and_hms(2026, 7, 1, 0, 0, 0).unwrap() + TimeDelta::seconds(seconds)
}

/// A directory that goes when it is dropped.
pub(super) struct Directory(PathBuf);

impl Directory {
    pub(super) fn new() -> Self {
        let path = std::env::temp_dir().join(format!("bangkom-auth-{:016x}", fastrand::u64(..)));
        std::fs::create_dir(&path).unwrap();
        Self(path)
    }

    pub(super) fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for Directory {
    fn drop(&mut self) {
        // A test that failed half-way must not panic a second time here.
        drop(std::fs::remove_dir_all(&self.0));
    }
}

pub(super) fn encode(part: impl AsRef<[u8]>) -> String {
    URL_SAFE_NO_PAD.encode(part)
}

/// A token with these very parts.
pub(super) fn compact(header: &Value, claims: &str, key: &EncodingKey, algorithm: Algorithm) -> String {
    let message = format!("{}.{}", encode(header.to_string()), encode(claims));
    let signature = jsonwebtoken::crypto::sign(message.as_bytes(), key, algorithm).unwrap();
    format!("{message}.{signature}")
}

/// A key pair of another issuer.
pub(super) struct Signer {
    key_id: String,
    pub(super) algorithm: SigningAlgorithm,
    pub(super) key: EncodingKey,
    /// The public key as bytes.
    pub(super) public: Vec<u8>,
    pub(super) jwk: Value,
}

impl Signer {
    fn new(key_id: &str, algorithm: SigningAlgorithm, key: EncodingKey, public: &[u8]) -> Self {
        let mut jwk = Jwk::from_encoding_key(&key, algorithm.algorithm()).unwrap();
        jwk.common.key_id = Some(key_id.to_owned());
        jwk.common.public_key_use = Some(PublicKeyUse::Signature);
        let jwk = serde_json::to_value(jwk).unwrap();
        Self { key_id: key_id.to_owned(), algorithm, key, public: public.to_vec(), jwk }
    }

    /// The same key for another algorithm.
    pub(super) fn using(mut self, algorithm: SigningAlgorithm) -> Self {
        self.algorithm = algorithm;
        self.jwk["alg"] = algorithm.as_str().into();
        self
    }

    pub(super) fn token(&self, media_type: &str, claims: &Value) -> String {
        let header = json!({"alg": self.algorithm.as_str(), "typ": media_type, "kid": self.key_id});
        compact(&header, &claims.to_string(), &self.key, self.algorithm.algorithm())
    }
}

pub(super) fn rsa(key_id: &str) -> Signer {
    let pair = RsaKeyPair::generate(KeySize::Rsa2048).unwrap();
    let key = EncodingKey::from_rsa_pem(to_pem(pair.as_der().unwrap().as_ref()).as_bytes()).unwrap();
    Signer::new(key_id, SigningAlgorithm::Rs256, key, pair.public_key().as_ref())
}

pub(super) fn p256(key_id: &str) -> Signer {
    let pair = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).unwrap();
    let key = EncodingKey::from_ec_der(pair.to_pkcs8v1().unwrap().as_ref());
    Signer::new(key_id, SigningAlgorithm::Es256, key, pair.public_key().as_ref())
}

pub(super) fn p384(key_id: &str) -> Signer {
    let pair = EcdsaKeyPair::generate(&ECDSA_P384_SHA384_FIXED_SIGNING).unwrap();
    let key = EncodingKey::from_ec_der(pair.to_pkcs8v1().unwrap().as_ref());
    Signer::new(key_id, SigningAlgorithm::Es384, key, pair.public_key().as_ref())
}

pub(super) fn ed25519(key_id: &str) -> Signer {
    let pkcs8 = Ed25519KeyPair::generate_pkcs8v1(&SystemRandom::new()).unwrap();
    let pair = Ed25519KeyPair::from_pkcs8(pkcs8.as_ref()).unwrap();
    let key = EncodingKey::from_ed_der(pkcs8.as_ref());
    Signer::new(key_id, SigningAlgorithm::EdDsa, key, pair.public_key().as_ref())
}

/// What an issuer answers at one path.
#[derive(Clone)]
pub(super) struct Reply {
    status: u16,
    location: Option<String>,
    body: String,
}

impl Reply {
    pub(super) fn ok(body: &str) -> Self {
        Self { status: 200, location: None, body: body.to_owned() }
    }

    pub(super) fn status(status: u16) -> Self {
        Self { status, location: None, body: String::new() }
    }

    pub(super) fn redirect(location: &str) -> Self {
        Self { status: 302, location: Some(location.to_owned()), body: String::new() }
    }
}

/// An OpenID Connect issuer on a port of this machine, answering one request after the other.
pub(super) struct Idp {
    issuer: String,
    address: SocketAddr,
    site: Arc<Site>,
}

#[derive(Default)]
struct Site {
    replies: Mutex<HashMap<String, Reply>>,
    hits: Mutex<Vec<String>>,
    gate: Mutex<Option<Receiver<()>>>,
    down: AtomicBool,
}

impl Idp {
    /// Starts one that discovers to `/realm/keys` and publishes the keys of `signers` there.
    pub(super) fn start(signers: &[&Signer]) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let idp = Self { issuer: format!("http://{address}/realm"), address, site: Arc::default() };
        let discovery = json!({"issuer": idp.issuer, "jwks_uri": idp.address("/realm/keys")});
        let discovery = Reply::ok(&discovery.to_string());
        let discovered = "/realm/.well-known/openid-configuration".to_owned();
        idp.site.replies.lock().unwrap().insert(discovered, discovery);
        idp.publish(signers);
        let site = Arc::clone(&idp.site);
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                // A caller that lost patience is no concern of the next one's.
                drop(site.serve(stream.unwrap()));
            }
        });
        idp
    }

    pub(super) fn issuer(&self) -> &str {
        &self.issuer
    }

    pub(super) fn address(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    pub(super) fn settings(&self, algorithms: &[SigningAlgorithm]) -> IssuerSettings {
        IssuerSettings {
            issuer: self.issuer.clone(),
            jwks_url: None,
            audiences: vec!["bangkom".to_owned()],
            authorized_parties: vec![],
            algorithms: algorithms.to_vec(),
            agency_claim: None,
        }
    }

    /// Replaces the published keys.
    pub(super) fn publish(&self, signers: &[&Signer]) {
        let keys: Vec<_> = signers.iter().map(|signer| &signer.jwk).collect();
        let reply = Reply::ok(&json!({"keys": keys}).to_string());
        self.site.replies.lock().unwrap().insert("/realm/keys".to_owned(), reply);
    }

    /// Replaces the answer at `path`; returns the one before.
    pub(super) fn answer(&self, path: &str, reply: Reply) -> Reply {
        self.site.replies.lock().unwrap().insert(path.to_owned(), reply).unwrap()
    }

    /// From now on hangs up on every caller, or no longer does.
    pub(super) fn set_down(&self, down: bool) {
        self.site.down.store(down, Ordering::SeqCst);
    }

    /// Holds the next answer back until something is sent, or the sender is dropped.
    pub(super) fn hold_next(&self) -> Sender<()> {
        let (open, gate) = channel();
        *self.site.gate.lock().unwrap() = Some(gate);
        open
    }

    /// The paths that were asked for so far.
    pub(super) fn hits(&self) -> Vec<String> {
        self.site.hits.lock().unwrap().clone()
    }
}

impl Site {
    fn serve(&self, mut stream: TcpStream) -> std::io::Result<()> {
        let mut lines = BufReader::new(stream.try_clone()?).lines();
        let request = lines.next().unwrap_or_else(|| Ok(String::new()))?;
        while lines.next().transpose()?.is_some_and(|line| !line.is_empty()) {}
        let path = request.split(' ').nth(1).unwrap_or_default().to_owned();
        self.hits.lock().unwrap().push(path.clone());
        let gate = self.gate.lock().unwrap().take();
        if let Some(gate) = gate {
            // Sent or dropped: either opens it.
            let _opened = gate.recv();
        }
        if self.down.load(Ordering::SeqCst) {
            return Ok(());
        }
        let reply = self.replies.lock().unwrap().get(&path).cloned().unwrap_or_else(|| Reply::status(404));
        let location = reply.location.map(|to| format!("Location: {to}\r\n")).unwrap_or_default();
        let length = reply.body.len();
        let head =
            format!("HTTP/1.1 {} -\r\nConnection: close\r\nContent-Length: {length}\r\n", reply.status);
        stream.write_all(format!("{head}{location}\r\n{}", reply.body).as_bytes())
    }
}
