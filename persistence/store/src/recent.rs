//! A map that forgets what was not asked for lately.

use std::borrow::Borrow;
use std::collections::HashMap;
use std::hash::Hash;

/// Holds what was used last: at least `half` entries once there are as many, at most twice as many.
///
/// Two halves stand for an exact order of use: what is used moves to the newer one, and when that is full the older one is
/// forgotten as a whole. Every operation takes constant time.
#[derive(Debug)]
pub struct Recent<K, V> {
    half: usize,
    newer: HashMap<K, V>,
    older: HashMap<K, V>,
}

impl<K: Eq + Hash, V> Recent<K, V> {
    /// An empty one whose halves hold `half` entries each.
    #[must_use]
    pub fn new(half: usize) -> Self {
        Self { half, newer: HashMap::new(), older: HashMap::new() }
    }

    /// What is kept under `key`.
    pub fn get<Q: Eq + Hash + ?Sized>(&mut self, key: &Q) -> Option<&V>
    where
        K: Borrow<Q>,
    {
        if !self.newer.contains_key(key) {
            let (key, value) = self.older.remove_entry(key)?;
            self.insert(key, value);
        }
        self.newer.get(key)
    }

    /// Keeps `value`.
    pub fn insert(&mut self, key: K, value: V) {
        if self.newer.len() >= self.half && !self.newer.contains_key(&key) {
            self.older = std::mem::take(&mut self.newer);
        }
        self.newer.insert(key, value);
    }

    /// Forgets what is kept under `key`.
    pub fn remove<Q: Eq + Hash + ?Sized>(&mut self, key: &Q)
    where
        K: Borrow<Q>,
    {
        self.newer.remove(key);
        self.older.remove(key);
    }

    /// Forgets everything, and gives the memory back.
    pub fn clear(&mut self) {
        (self.newer, self.older) = (HashMap::new(), HashMap::new());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_used_stays_and_the_size_is_bounded() {
        let mut recent = Recent::new(4);
        for number in 0..100 {
            recent.insert(number, number);
            assert_eq!(recent.get(&0), Some(&0), "asked for all the time, after {number}");
            assert!(recent.newer.len() + recent.older.len() <= 8, "after {number}");
        }
        assert_eq!(recent.get(&99), Some(&99));
        assert_eq!(recent.get(&50), None);
    }

    #[test]
    fn the_last_value_counts_until_it_is_removed() {
        let mut recent = Recent::new(1);
        recent.insert("a", 1);
        recent.insert("b", 1);
        recent.insert("a", 2);
        assert_eq!(recent.get("a"), Some(&2));
        recent.remove("a");
        assert_eq!(recent.get("a"), None);
        recent.insert("a", 3);
        recent.clear();
        assert!(recent.get("a").is_none() && recent.get("b").is_none());
    }
}
