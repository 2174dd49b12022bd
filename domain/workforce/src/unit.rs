//! Organisational units and the tree they form.

use std::collections::{BTreeMap, BTreeSet};

use kernel::{Code, Name, UnitId, Version};

/// An organisational unit (unit organisasi; perangkat daerah at the top).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unit {
    /// Its identifier.
    pub id: UnitId,
    /// Its code, unique in the agency.
    pub code: Code,
    /// Its name.
    pub name: Name,
    /// What the agency calls this kind of unit: Dinas, Bidang, Seksi.
    pub kind: Option<Name>,
    /// The unit above; none at the top.
    pub parent: Option<UnitId>,
    /// How often it has been written.
    pub version: Version,
}

/// The parent of every unit at hand. The key is whatever names a unit: its id, or its code while a spreadsheet is
/// being read and no id exists yet.
///
/// A parent that is not itself listed (a unit stored earlier, say) ends the way up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnitTree<K = UnitId> {
    parents: BTreeMap<K, Option<K>>,
    children: BTreeMap<K, Vec<K>>,
}

impl<K: Ord + Copy> UnitTree<K> {
    /// A tree of `(unit, parent)` edges; the last edge of a unit counts.
    #[must_use]
    pub fn new(edges: impl IntoIterator<Item = (K, Option<K>)>) -> Self {
        let parents: BTreeMap<K, Option<K>> = edges.into_iter().collect();
        let mut children: BTreeMap<K, Vec<K>> = BTreeMap::new();
        for (unit, parent) in &parents {
            if let Some(parent) = parent {
                children.entry(*parent).or_default().push(*unit);
            }
        }
        Self { parents, children }
    }

    /// The units that are their own ancestor, in order; empty for a proper tree. Units that merely hang below such
    /// a ring are not listed: they are fine once the ring is cut.
    #[must_use]
    pub fn cycles(&self) -> Vec<K> {
        let mut settled = BTreeSet::new();
        let mut rings = BTreeSet::new();
        for start in self.parents.keys() {
            let mut path = Vec::new();
            let mut on_path = BTreeSet::new();
            let mut at = Some(*start);
            while let Some(unit) = at.filter(|unit| !settled.contains(unit)) {
                if !on_path.insert(unit) {
                    rings.extend(path.iter().copied().skip_while(|passed| *passed != unit));
                    break;
                }
                path.push(unit);
                at = self.parent(unit);
            }
            settled.extend(path);
        }
        rings.into_iter().collect()
    }

    /// Every listed unit, each after its parent, so that rows can be inserted in this order.
    ///
    /// # Errors
    /// The [`cycles`](Self::cycles), when there are any.
    pub fn parents_first(&self) -> Result<Vec<K>, Vec<K>> {
        let rings = self.cycles();
        if !rings.is_empty() {
            return Err(rings);
        }
        let is_root = |parent: &Option<K>| parent.is_none_or(|parent| !self.parents.contains_key(&parent));
        let roots = self.parents.iter().filter(|(_, parent)| is_root(parent)).map(|(unit, _)| *unit);
        Ok(self.breadth_first(roots.collect()))
    }

    /// `root` and everything below it, nearest first.
    #[must_use]
    pub fn subtree(&self, root: K) -> Vec<K> {
        self.breadth_first(vec![root])
    }

    /// `unit` and the units above it, nearest first. A ring is walked once.
    #[must_use]
    pub fn chain(&self, unit: K) -> Vec<K> {
        let mut chain = Vec::new();
        let mut seen = BTreeSet::new();
        let mut at = Some(unit);
        while let Some(unit) = at.filter(|unit| seen.insert(*unit)) {
            chain.push(unit);
            at = self.parent(unit);
        }
        chain
    }

    fn parent(&self, unit: K) -> Option<K> {
        self.parents.get(&unit).copied().flatten()
    }

    fn breadth_first(&self, mut found: Vec<K>) -> Vec<K> {
        let mut seen: BTreeSet<K> = found.iter().copied().collect();
        let mut next = 0;
        while let Some(unit) = found.get(next).copied() {
            let below = self.children.get(&unit).into_iter().flatten();
            found.extend(below.filter(|unit| seen.insert(**unit)));
            next += 1;
        }
        found
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn tree(edges: &[(&'static str, Option<&'static str>)]) -> UnitTree<&'static str> {
        UnitTree::new(edges.iter().copied())
    }

    #[test]
    fn a_spreadsheet_in_any_order_is_put_parents_first() {
        let tree = tree(&[("seksi", Some("bidang")), ("bidang", Some("dinas")), ("dinas", None)]);
        assert_eq!(tree.parents_first(), Ok(vec!["dinas", "bidang", "seksi"]));
        assert_eq!(tree.subtree("bidang"), ["bidang", "seksi"]);
        assert_eq!(tree.chain("seksi"), ["seksi", "bidang", "dinas"]);
    }

    #[test]
    fn a_parent_stored_earlier_ends_the_way_up() {
        let tree = tree(&[("bidang", Some("dinas"))]);
        assert_eq!(tree.parents_first(), Ok(vec!["bidang"]));
        assert_eq!(tree.chain("bidang"), ["bidang", "dinas"]);
    }

    #[test]
    fn a_ring_names_its_members_and_not_what_hangs_below_it() {
        let tree = tree(&[
            ("a", Some("b")),
            ("b", Some("c")),
            ("c", Some("a")),
            ("below", Some("a")),
            ("self", Some("self")),
            ("fine", None),
        ]);
        assert_eq!(tree.cycles(), ["a", "b", "c", "self"]);
        assert_eq!(tree.parents_first(), Err(vec!["a", "b", "c", "self"]));
        assert_eq!(tree.chain("below"), ["below", "a", "b", "c"]);
        assert_eq!(tree.subtree("self"), ["self"]);
    }

    proptest! {
        #[test]
        fn either_every_parent_comes_first_or_a_ring_is_named(
            edges in prop::collection::vec((0_u8..12, prop::option::of(0_u8..12)), 0..24),
        ) {
            let tree = UnitTree::new(edges);
            match tree.parents_first() {
                Ok(order) => {
                    prop_assert_eq!(order.len(), tree.parents.len());
                    for (place, unit) in order.iter().enumerate() {
                        let parent = tree.parent(*unit);
                        let listed = |p: &u8| tree.parents.contains_key(p);
                        prop_assert!(parent.is_none_or(|p| !listed(&p) || order[..place].contains(&p)));
                    }
                }
                Err(rings) => for unit in rings {
                    prop_assert!(tree.parent(unit).is_some_and(|parent| tree.chain(parent).contains(&unit)));
                },
            }
        }
    }
}
