//! Which groups may be shown to somebody who may see no person.
//!
//! A group of fewer than [`SMALLEST_GROUP`] people is not shown, and neither is what would give it away by subtraction: the
//! groups that are shown are nodes of one tree, in which what is hidden beneath a shown node is nothing or again at least
//! that many people.
//!
//! That is about one moment and one way to take people apart. Another month, a corrected past, job classes that cut across
//! the units and categories beside competencies all differ by few people, too: against those, every figure of such a caller
//! is told [coarsely](crate::Coarse).

use std::collections::{BTreeMap, BTreeSet};
use std::hash::Hash;

/// The fewest people of a group that is shown.
pub const SMALLEST_GROUP: u64 = 5;

/// Which parts of a shown whole may be shown beside it; `parts` are all of it, in an order that never changes.
///
/// A part without anybody may be shown: it is nobody's. Where the hidden parts hold fewer than [`SMALLEST_GROUP`] people
/// together, the whole less the shown parts would tell of them, so the next smallest part is hidden with them.
#[must_use]
pub fn shown(parts: &[u64]) -> Vec<bool> {
    let mut shown: Vec<bool> = parts.iter().map(|people| *people == 0 || *people >= SMALLEST_GROUP).collect();
    loop {
        let hidden: u64 =
            parts.iter().zip(&shown).filter(|(_, shown)| !**shown).map(|(people, _)| people).sum();
        if hidden == 0 || hidden >= SMALLEST_GROUP {
            return shown;
        }
        let candidates = parts.iter().zip(shown.iter_mut()).filter(|(people, shown)| **shown && **people > 0);
        match candidates.min_by_key(|(people, _)| **people) {
            Some((_, shown)) => *shown = false,
            None => return shown,
        }
    }
}

/// The nodes of a forest that may be shown, when each holds the people directly in it and those of the nodes under it.
///
/// `parents` names every node with the one above it; `people` counts those directly in a node. The whole forest is one
/// group; beneath each shown group its parts are the nodes under it and the people directly in it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Disclosure<N: Ord> {
    /// Whether everybody together may be shown.
    pub whole: bool,
    /// Nodes that may be shown with everybody under them.
    pub nodes: BTreeSet<N>,
    /// Nodes whose direct people may be shown as a group.
    pub direct: BTreeSet<N>,
}

impl<N: Ord + Copy + Hash> Disclosure<N> {
    /// See the type.
    #[must_use]
    pub fn of(parents: &BTreeMap<N, Option<N>>, people: &BTreeMap<N, u64>) -> Self {
        let mut under: BTreeMap<Option<N>, Vec<N>> = BTreeMap::new();
        for (node, parent) in parents {
            under.entry(*parent).or_default().push(*node);
        }
        // Every node with its people and those under it, the lowest first.
        let mut order: Vec<N> = under.get(&None).cloned().unwrap_or_default();
        let mut next = 0;
        while let Some(node) = order.get(next).copied() {
            order.extend(under.get(&Some(node)).into_iter().flatten().copied());
            next += 1;
        }
        let mut totals: BTreeMap<N, u64> = BTreeMap::new();
        for node in order.iter().rev() {
            let below: u64 =
                under.get(&Some(*node)).into_iter().flatten().filter_map(|of| totals.get(of)).sum();
            totals.insert(*node, below + people.get(node).copied().unwrap_or_default());
        }
        let roots = under.get(&None).map_or(&[][..], Vec::as_slice);
        let everybody: u64 = roots.iter().filter_map(|root| totals.get(root)).sum();
        let mut disclosure = Self {
            whole: everybody == 0 || everybody >= SMALLEST_GROUP,
            nodes: BTreeSet::new(),
            direct: BTreeSet::new(),
        };
        if disclosure.whole {
            disclosure.open(roots, None, &totals, people);
            for node in order {
                if disclosure.nodes.contains(&node) {
                    let below = under.get(&Some(node)).map_or(&[][..], Vec::as_slice);
                    disclosure.open(below, Some(node), &totals, people);
                }
            }
        }
        disclosure
    }

    /// Shows what may be shown beneath a shown group.
    fn open(&mut self, nodes: &[N], direct: Option<N>, totals: &BTreeMap<N, u64>, people: &BTreeMap<N, u64>) {
        let size = |of: &BTreeMap<N, u64>, node: &N| of.get(node).copied().unwrap_or_default();
        let mut parts: Vec<u64> = nodes.iter().map(|node| size(totals, node)).collect();
        parts.extend(direct.as_ref().map(|node| size(people, node)));
        let shown = shown(&parts);
        self.nodes.extend(nodes.iter().zip(&shown).filter(|(_, shown)| **shown).map(|(node, _)| *node));
        self.direct.extend(direct.filter(|_| shown.last().is_some_and(|shown| *shown)));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_small_group_takes_the_next_smallest_with_it() {
        for (parts, expected) in [
            (vec![], vec![]),
            (vec![5, 6], vec![true, true]),
            (vec![0, 6], vec![true, true]),
            (vec![4, 9, 6], vec![false, true, false]),
            (vec![3, 4, 9], vec![false, false, true]),
            (vec![1, 2, 9, 8], vec![false, false, true, false]),
            (vec![4, 0], vec![false, true]),
            (vec![5, 4, 5], vec![false, false, true]),
        ] {
            assert_eq!(shown(&parts), expected, "{parts:?}");
        }
    }

    #[test]
    fn what_is_under_a_hidden_unit_is_hidden() {
        let parents = BTreeMap::from([(1, None), (2, Some(1)), (3, Some(1)), (4, Some(2)), (5, Some(3))]);
        let people = BTreeMap::from([(1, 20), (2, 1), (3, 6), (4, 3), (5, 7)]);
        let disclosure = Disclosure::of(&parents, &people);
        // Unit 2 has four people in all; 3, the smallest beside it, hides with it, and 5 though it has seven.
        assert_eq!(disclosure.nodes, BTreeSet::from([1]));
        assert_eq!(disclosure.direct, BTreeSet::from([1]));
    }

    #[test]
    fn nobody_is_not_a_secret_and_four_people_are() {
        let parents = BTreeMap::from([(1, None)]);
        assert!(Disclosure::of(&parents, &BTreeMap::new()).whole);
        assert_eq!(Disclosure::of(&parents, &BTreeMap::from([(1, 4)])), Disclosure::default());
    }

    fn forest() -> impl Strategy<Value = (BTreeMap<usize, Option<usize>>, BTreeMap<usize, u64>)> {
        prop::collection::vec((any::<prop::sample::Index>(), any::<bool>(), 0_u64..9), 1..14).prop_map(
            |rows| {
                let mut parents = BTreeMap::new();
                let mut people = BTreeMap::new();
                for (node, (above, root, count)) in rows.into_iter().enumerate() {
                    parents.insert(node, (node > 0 && !root).then(|| above.index(node)));
                    people.insert(node, count);
                }
                (parents, people)
            },
        )
    }

    proptest! {
        /// Whoever knows every shown total cannot subtract their way to fewer than five people.
        #[test]
        fn no_difference_of_shown_groups_is_small((parents, people) in forest()) {
            let disclosure = Disclosure::of(&parents, &people);
            let total = |top: usize| -> u64 {
                parents
                    .keys()
                    .filter(|node| {
                        let mut above = Some(**node);
                        while let Some(at) = above {
                            if at == top { return true; }
                            above = parents[&at];
                        }
                        false
                    })
                    .map(|node| people[node])
                    .sum()
            };
            let hidden_beneath = |whole: u64, parent: Option<usize>| -> u64 {
                let below = parents.iter().filter(|(_, above)| **above == parent).map(|(node, _)| *node);
                let shown: u64 = below.filter(|node| disclosure.nodes.contains(node)).map(total).sum();
                let direct = parent.filter(|node| disclosure.direct.contains(node)).map_or(0, |node| people[&node]);
                whole - shown - direct
            };
            let everybody: u64 = people.values().sum();
            prop_assert_eq!(disclosure.whole, everybody == 0 || everybody >= SMALLEST_GROUP);
            let mut wholes: Vec<(u64, Option<usize>)> = disclosure.nodes.iter().map(|node| (total(*node), Some(*node))).collect();
            if disclosure.whole {
                wholes.push((everybody, None));
            }
            for (whole, parent) in wholes {
                prop_assert!(whole == 0 || whole >= SMALLEST_GROUP);
                let hidden = hidden_beneath(whole, parent);
                prop_assert!(hidden == 0 || hidden >= SMALLEST_GROUP, "{} beneath {:?}", hidden, parent);
            }
            for node in &disclosure.direct {
                prop_assert!(people[node] == 0 || people[node] >= SMALLEST_GROUP);
            }
        }
    }
}
