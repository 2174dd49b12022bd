//! Tokens that were checked a moment ago: checking a signature costs more than everything else a short request needs.
//!
//! A token is known by its SHA-256, so no token stays in memory. Only tokens that were found good are kept: whoever sends
//! made-up ones drives out nobody's. What can change after a token was found good is checked at every use: the time, and
//! whether the keys of its issuer are still those it was checked with.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use aws_lc_rs::digest;
use store::Recent;

use super::token::Lifetime;
use super::verify::Verified;

/// Half of how many tokens are kept.
const HALF: usize = 4_096;

/// SHA-256 of a token.
type Digest = [u8; digest::SHA256_OUTPUT_LEN];

/// What is known of a token.
#[derive(Clone)]
pub(super) struct Entry {
    pub(super) verified: Arc<Verified>,
    pub(super) lifetime: Lifetime,
    /// Which of the issuer's key sets its key is from; nothing for the built-in issuer, whose keys last as long as the
    /// process.
    pub(super) keys: Option<u64>,
}

/// The tokens.
pub(super) struct Believed(Mutex<Recent<Digest, Entry>>);

impl Believed {
    pub(super) fn new() -> Self {
        Self(Mutex::new(Recent::new(HALF)))
    }

    pub(super) fn get(&self, token: &Digest) -> Option<Entry> {
        self.tokens().get(token).cloned()
    }

    pub(super) fn keep(&self, token: Digest, entry: Entry) {
        self.tokens().insert(token, entry);
    }

    pub(super) fn forget(&self, token: &Digest) {
        self.tokens().remove(token);
    }

    // A panic elsewhere leaves the map whole: at worst an entry is missing.
    fn tokens(&self) -> MutexGuard<'_, Recent<Digest, Entry>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What a token is known by.
pub(super) fn digest_of(token: &str) -> Digest {
    let mut known = Digest::default();
    known.copy_from_slice(digest::digest(&digest::SHA256, token.as_bytes()).as_ref());
    known
}
