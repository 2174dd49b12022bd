//! The built-in issuer: its keys, and the tokens it signs with them.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use chrono::{DateTime, TimeDelta, Utc};
use jsonwebtoken::jwk::{Jwk, JwkSet, PublicKeyUse, ThumbprintHash};
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header};
use kernel::{AgencyId, UserId};
use serde::Serialize;
use serde_json::Value;
use uuid::Uuid;

use super::AuthError;

/// The header type of an access token (RFC 9068), so that no other kind of token passes for one.
pub(super) const ACCESS_TOKEN: &str = "at+jwt";
/// The claim of our own tokens that names the agency.
pub(super) const AGENCY_CLAIM: &str = "agency";

/// Where the key is kept in its directory.
pub(crate) const KEY_FILE: &str = "signing-key.pem";

/// Why a key cannot be had or used.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    /// A file that cannot be read or written.
    #[error("the key file {path} cannot be {verb}")]
    File {
        /// The file.
        path: PathBuf,
        /// What was tried: `read`, `written`.
        verb: &'static str,
        /// What the operating system said.
        source: io::Error,
    },
    /// Something else than a private key for ES256.
    #[error(
        "{origin} holds no EC P-256 private key in PKCS #8 PEM form; `openssl genpkey -algorithm EC -pkeyopt \
         ec_paramgen_curve:P-256` makes one, `openssl pkcs8 -topk8 -nocrypt` converts one"
    )]
    NotEs256 {
        /// Where the text came from; never the text.
        origin: String,
        /// What the reader said.
        source: jsonwebtoken::errors::Error,
    },
    /// The random source or the cryptographic library failed.
    #[error("no key or token identifier could be generated")]
    Generate(#[from] aws_lc_rs::error::Unspecified),
    /// Signing failed.
    #[error("the token could not be signed")]
    Sign(#[source] jsonwebtoken::errors::Error),
    /// A lifetime that ends after the last instant there is.
    #[error("the token's lifetime is too long")]
    Lifetime,
    /// A token just made was not believed.
    #[error("a freshly signed token failed verification")]
    SelfTest(#[source] AuthError),
}

/// What the built-in issuer calls itself, and whom its tokens are for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TokenIdentity {
    /// The `iss` claim.
    pub issuer: String,
    /// The `aud` claim.
    pub audience: String,
}

impl Default for TokenIdentity {
    fn default() -> Self {
        Self { issuer: "urn:bangkom".to_owned(), audience: "bangkom".to_owned() }
    }
}

/// Whose token, for which agency, for how long.
#[derive(Clone, Copy, Debug)]
pub struct TokenRequest {
    /// Who will call.
    pub subject: UserId,
    /// The agency they call for.
    pub agency: AgencyId,
    /// How long the token is good.
    pub lifetime: TimeDelta,
}

#[derive(Serialize)]
struct OwnClaims<'a> {
    iss: &'a str,
    sub: UserId,
    aud: &'a str,
    iat: i64,
    exp: i64,
    jti: Uuid,
    agency: AgencyId,
}

/// The built-in issuer's keys: one that signs, and earlier ones whose tokens are still good.
///
/// A key is named by its RFC 7638 thumbprint, so the same key has the same `kid` wherever it is loaded. To rotate,
/// rename `signing-key.pem` to `signing-key.NAME.pem` and restart: a new key is made, the old one keeps verifying. To
/// end every token of an old key, delete its file.
pub struct KeyRing {
    identity: TokenIdentity,
    pub(super) signing: EncodingKey,
    pub(super) key_id: String,
    keys: Vec<(String, DecodingKey)>,
    jwks: Value,
}

impl KeyRing {
    /// Loads the keys: `given` is the signing key, as PEM text or as the path of a PEM file; without it, the key in
    /// `directory` is used, and made if there is none. Earlier keys are read from `directory/signing-key.*.pem`.
    ///
    /// Reads and writes files without yielding: meant for the start of the process.
    ///
    /// # Errors
    /// A file that cannot be read or written, or that holds something else than an ES256 key.
    pub fn open(given: Option<&str>, directory: &Path, identity: TokenIdentity) -> Result<Self, KeyError> {
        let signing = match given {
            Some(text) if text.trim_start().starts_with("-----BEGIN") => {
                Loaded::parse(text.as_bytes(), "the signing key given as text".to_owned())?
            }
            Some(path) => Loaded::read(Path::new(path))?,
            None => Loaded::find_or_make(directory)?,
        };

        let mut public = vec![signing.jwk.clone()];
        let mut keys = vec![(signing.key_id.clone(), signing.verifying)];
        for path in earlier_keys(directory)? {
            let earlier = Loaded::read(&path)?;
            if keys.iter().all(|(key_id, _)| *key_id != earlier.key_id) {
                keys.push((earlier.key_id, earlier.verifying));
                public.push(earlier.jwk);
            }
        }
        let jwks =
            serde_json::to_value(JwkSet { keys: public }).map_err(|source| KeyError::Sign(source.into()))?;
        Ok(Self { identity, signing: signing.signing, key_id: signing.key_id, keys, jwks })
    }

    /// The public keys, as published at `/.well-known/jwks.json`.
    #[must_use]
    pub fn jwks(&self) -> &Value {
        &self.jwks
    }

    /// What the issuer calls itself.
    #[must_use]
    pub fn identity(&self) -> &TokenIdentity {
        &self.identity
    }

    /// Signs an access token.
    ///
    /// # Errors
    /// `Lifetime` for a lifetime beyond the calendar; `Generate` or `Sign` when the cryptographic library fails.
    pub fn issue(&self, request: &TokenRequest, now: DateTime<Utc>) -> Result<String, KeyError> {
        let expires_at = now.checked_add_signed(request.lifetime).ok_or(KeyError::Lifetime)?;
        let mut random = [0; 16];
        aws_lc_rs::rand::fill(&mut random)?;

        let mut header = Header::new(Algorithm::ES256);
        header.typ = Some(ACCESS_TOKEN.to_owned());
        header.kid = Some(self.key_id.clone());
        let claims = OwnClaims {
            iss: &self.identity.issuer,
            sub: request.subject,
            aud: &self.identity.audience,
            iat: now.timestamp(),
            exp: expires_at.timestamp(),
            jti: uuid::Builder::from_random_bytes(random).into_uuid(),
            agency: request.agency,
        };
        jsonwebtoken::encode(&header, &claims, &self.signing).map_err(KeyError::Sign)
    }

    /// The key of that name, if it is one of ours.
    pub(super) fn key(&self, key_id: &str) -> Option<&DecodingKey> {
        self.keys.iter().find(|(known, _)| known == key_id).map(|(_, key)| key)
    }
}

/// Prints names, never keys.
impl std::fmt::Debug for KeyRing {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("KeyRing")
            .field("identity", &self.identity)
            .field("key_id", &self.key_id)
            .field("keys", &self.keys.len())
            .finish()
    }
}

/// A key as it comes out of its file.
struct Loaded {
    key_id: String,
    signing: EncodingKey,
    verifying: DecodingKey,
    jwk: Jwk,
}

impl Loaded {
    fn parse(pem: &[u8], origin: String) -> Result<Self, KeyError> {
        let read = || {
            let signing = EncodingKey::from_ec_pem(pem)?;
            let mut jwk = Jwk::from_encoding_key(&signing, Algorithm::ES256)?;
            let key_id = jwk.thumbprint(ThumbprintHash::SHA256)?;
            jwk.common.key_id = Some(key_id.clone());
            jwk.common.public_key_use = Some(PublicKeyUse::Signature);
            Ok(Self { verifying: DecodingKey::from_jwk(&jwk)?, key_id, signing, jwk })
        };
        read().map_err(|source| KeyError::NotEs256 { origin, source })
    }

    fn read(path: &Path) -> Result<Self, KeyError> {
        let pem = fs::read(path).map_err(unreadable(path))?;
        Self::parse(&pem, path.display().to_string())
    }

    fn find_or_make(directory: &Path) -> Result<Self, KeyError> {
        let path = directory.join(KEY_FILE);
        if !path.try_exists().map_err(unreadable(&path))? {
            let pkcs8 = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &SystemRandom::new())?;
            publish(directory, &path, &to_pem(pkcs8.as_ref())).map_err(unwritable(&path))?;
        }
        let mode = fs::metadata(&path).map_err(unreadable(&path))?.permissions().mode();
        if mode & 0o077 != 0 {
            log::warn!(path:% = path.display(); "other accounts may read the signing key; chmod 600 it");
        }
        // What is on the disk counts, also right after making a key: another process may have been first.
        Self::read(&path)
    }
}

/// Puts `pem` at `path`, whole or not at all, unless something is there already.
fn publish(directory: &Path, path: &Path, pem: &str) -> io::Result<()> {
    fs::create_dir_all(directory)?;
    let draft = directory.join(format!(".signing-key-{:016x}.tmp", fastrand::u64(..)));
    let written = OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(&draft)
        .and_then(|mut file| file.write_all(pem.as_bytes()).and_then(|()| file.sync_all()))
        // Unlike a rename, a link does not replace a key that another process has put there meanwhile.
        .and_then(|()| match fs::hard_link(&draft, path) {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
            linked => linked,
        });
    let removed = fs::remove_file(&draft);
    written.and(removed)?;
    File::open(directory)?.sync_all()
}

/// Files `signing-key.NAME.pem`, by name.
fn earlier_keys(directory: &Path) -> Result<Vec<PathBuf>, KeyError> {
    let entries = match fs::read_dir(directory) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(unreadable(directory)(error)),
    };
    let mut paths = Vec::new();
    for entry in entries {
        let entry = entry.map_err(unreadable(directory))?;
        let name = entry.file_name();
        let middle = name.to_str().and_then(|name| name.strip_prefix("signing-key.")?.strip_suffix(".pem"));
        if middle.is_some_and(|middle| !middle.is_empty()) {
            paths.push(entry.path());
        }
    }
    paths.sort();
    Ok(paths)
}

fn unreadable(path: &Path) -> impl FnOnce(io::Error) -> KeyError + '_ {
    |source| KeyError::File { path: path.to_owned(), verb: "read", source }
}

fn unwritable(path: &Path) -> impl FnOnce(io::Error) -> KeyError + '_ {
    |source| KeyError::File { path: path.to_owned(), verb: "written", source }
}

/// PKCS #8 as PEM (RFC 7468).
pub(super) fn to_pem(pkcs8: &[u8]) -> String {
    let mut pem = String::from("-----BEGIN PRIVATE KEY-----\n");
    for line in STANDARD.encode(pkcs8).as_bytes().chunks(64) {
        pem.push_str(&String::from_utf8_lossy(line));
        pem.push('\n');
    }
    pem.push_str("-----END PRIVATE KEY-----\n");
    pem
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Barrier};

    use aws_lc_rs::digest;
    use aws_lc_rs::signature::ECDSA_P384_SHA384_FIXED_SIGNING;
    use base64::engine::general_purpose::URL_SAFE_NO_PAD;

    use super::*;
    use crate::auth::testing::{Directory, at};

    fn open(directory: &Directory) -> KeyRing {
        KeyRing::open(None, directory.path(), TokenIdentity::default()).unwrap()
    }

    fn fresh_pem() -> String {
        let rng = SystemRandom::new();
        to_pem(EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &rng).unwrap().as_ref())
    }

    #[test]
    fn the_first_start_makes_a_key_and_the_next_one_finds_it() {
        let directory = Directory::new();
        let first = open(&directory);
        assert_eq!(open(&directory).jwks(), first.jwks());
        let file = directory.path().join(KEY_FILE);
        assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
        assert_eq!(fs::read_dir(directory.path()).unwrap().count(), 1, "only the key stays");
    }

    #[test]
    fn processes_that_start_at_once_end_with_one_key() {
        let directory = Arc::new(Directory::new());
        let start = Arc::new(Barrier::new(8));
        let threads: Vec<_> = (0..8)
            .map(|_| {
                let (directory, start) = (Arc::clone(&directory), Arc::clone(&start));
                std::thread::spawn(move || {
                    start.wait();
                    open(&directory).key_id
                })
            })
            .collect();
        let found: Vec<_> = threads.into_iter().map(|thread| thread.join().unwrap()).collect();
        let on_disk = open(&directory).key_id;
        assert!(found.iter().all(|key_id| *key_id == on_disk));
        assert_eq!(fs::read_dir(directory.path()).unwrap().count(), 1);
    }

    #[test]
    fn publishing_never_replaces_a_key() {
        let directory = Directory::new();
        let kept = open(&directory).key_id;
        publish(directory.path(), &directory.path().join(KEY_FILE), &fresh_pem()).unwrap();
        assert_eq!(open(&directory).key_id, kept);
    }

    #[test]
    fn what_is_published_is_public_and_named_by_its_thumbprint() {
        let ring = open(&Directory::new());
        let key = ring.jwks()["keys"][0].as_object().unwrap();
        let names: Vec<&str> = key.keys().map(String::as_str).collect();
        assert_eq!(names, ["alg", "crv", "kid", "kty", "use", "x", "y"]);
        assert_eq!((&key["alg"], &key["use"]), (&Value::from("ES256"), &Value::from("sig")));
        let canonical = format!(r#"{{"crv":"P-256","kty":"EC","x":{},"y":{}}}"#, key["x"], key["y"]);
        let thumbprint = URL_SAFE_NO_PAD.encode(digest::digest(&digest::SHA256, canonical.as_bytes()));
        assert_eq!(key["kid"], thumbprint);
        assert_eq!(ring.key_id, thumbprint);
    }

    #[test]
    fn a_key_that_was_renamed_still_verifies_and_no_longer_signs() {
        let directory = Directory::new();
        let old = open(&directory).key_id;
        fs::rename(directory.path().join(KEY_FILE), directory.path().join("signing-key.2026.pem")).unwrap();
        let ring = open(&directory);
        assert_ne!(ring.key_id, old);
        assert!(ring.key(&old).is_some() && ring.key(&ring.key_id).is_some());
        assert_eq!(ring.jwks()["keys"].as_array().unwrap().len(), 2);
    }

    #[test]
    fn a_given_key_is_read_from_text_and_from_a_file() {
        let (directory, elsewhere) = (Directory::new(), Directory::new());
        let pem = fresh_pem();
        let file = elsewhere.path().join("key.pem");
        fs::write(&file, &pem).unwrap();
        let by_text = KeyRing::open(Some(&pem), directory.path(), TokenIdentity::default()).unwrap();
        let by_path =
            KeyRing::open(Some(file.to_str().unwrap()), directory.path(), TokenIdentity::default()).unwrap();
        assert_eq!(by_text.key_id, by_path.key_id);
        assert!(!directory.path().join(KEY_FILE).exists(), "nothing is made beside a given key");
    }

    #[test]
    fn another_kind_of_key_is_refused_without_being_quoted() {
        let rng = SystemRandom::new();
        let p384 = EcdsaKeyPair::generate_pkcs8(&ECDSA_P384_SHA384_FIXED_SIGNING, &rng).unwrap();
        let sec1 = fresh_pem().replace("PRIVATE KEY", "EC PRIVATE KEY");
        for pem in [to_pem(p384.as_ref()), sec1, "-----BEGIN nonsense".to_owned()] {
            let error =
                KeyRing::open(Some(&pem), Directory::new().path(), TokenIdentity::default()).unwrap_err();
            assert!(matches!(error, KeyError::NotEs256 { .. }), "{error}");
            assert!(!format!("{error:?}").contains("MIG"));
        }
    }

    #[test]
    fn a_ring_prints_no_key() {
        let directory = Directory::new();
        let ring = open(&directory);
        let pem = fs::read_to_string(directory.path().join(KEY_FILE)).unwrap();
        let secret = pem.lines().nth(1).unwrap();
        assert!(!format!("{ring:?}").contains(secret));
    }

    #[test]
    fn no_two_tokens_share_an_identifier_and_no_lifetime_overflows() {
        let ring = open(&Directory::new());
        let mut request = TokenRequest {
            subject: UserId::new(),
            agency: AgencyId::new(),
            lifetime: TimeDelta::minutes(15),
        };
        assert_ne!(ring.issue(&request, at(0)).unwrap(), ring.issue(&request, at(0)).unwrap());
        request.lifetime = TimeDelta::MAX;
        assert!(matches!(ring.issue(&request, at(0)), Err(KeyError::Lifetime)));
    }
}
