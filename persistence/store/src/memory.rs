//! What the process remembers of the database because it never changes, or because it would be told.

use std::hash::{DefaultHasher, Hash, Hasher as _};
use std::sync::{Arc, Mutex, PoisonError};

use chrono::NaiveDate;
use competency::{JpmRubric, NamedRequirement, PolicyVersion, StandardBasis};
use kernel::{AgencyId, StandardId};
use workforce::JobClass;

use crate::recent::Recent;
use crate::recommendations::Catalogue;

/// What rests on rubrics and national dictionaries is remembered with how often those had changed (`gap_models.rules`).
#[derive(Debug)]
pub(crate) struct Memory {
    /// A standard and what it requires: fixed from the day it comes in force on.
    pub(crate) standards: Remembered<(AgencyId, StandardId), Arc<Required>>,
    /// What a job class requires on a day where there is no standard.
    pub(crate) defaults: Remembered<(AgencyId, i64, JobClass, NaiveDate), Arc<Required>>,
    /// The rubrics of the job person match.
    pub(crate) jpm: Remembered<(AgencyId, i64), Arc<[PolicyVersion<JpmRubric>]>>,
    /// The published programmes of an agency.
    pub(crate) catalogues: Remembered<AgencyId, Arc<Catalogue>>,
    /// Who makes sums of an agency's past.
    pub(crate) making: Turns,
}

/// What is required, and by which standard or rubric.
pub(crate) type Required = (Option<StandardBasis>, Vec<NamedRequirement>);

impl Default for Memory {
    fn default() -> Self {
        Self {
            standards: Remembered::new(2000),
            defaults: Remembered::new(500),
            jpm: Remembered::new(500),
            catalogues: Remembered::new(32),
            making: Turns::default(),
        }
    }
}

/// Values by key that several requests use at once.
#[derive(Debug)]
pub(crate) struct Remembered<K, V>(Mutex<Recent<K, V>>);

impl<K: Eq + Hash, V: Clone> Remembered<K, V> {
    fn new(half: usize) -> Self {
        Self(Mutex::new(Recent::new(half)))
    }

    pub(crate) fn get(&self, key: &K) -> Option<V> {
        // A panic elsewhere leaves the values whole: every change of them is one call.
        self.0.lock().unwrap_or_else(PoisonError::into_inner).get(key).cloned()
    }

    pub(crate) fn put(&self, key: K, value: V) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(key, value);
    }
}

/// Turns at work that several ask for at once and that is done for all of them when the first is done.
#[derive(Debug, Default)]
pub(crate) struct Turns([tokio::sync::Mutex<()>; 16]);

impl Turns {
    /// Waits for the turn at work for `key`; others whose key falls in the same place wait, too.
    pub(crate) async fn turn(&self, key: &impl Hash) -> tokio::sync::MutexGuard<'_, ()> {
        let mut hasher = DefaultHasher::new();
        key.hash(&mut hasher);
        let [first, rest @ ..] = &self.0;
        let at = usize::try_from(hasher.finish() % 16).unwrap_or_default();
        rest.get(at).unwrap_or(first).lock().await
    }
}
