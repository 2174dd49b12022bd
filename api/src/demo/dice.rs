//! Chance that falls the same way on every machine.

/// The seed of everything the demo throws dice for.
const SEED: u64 = 0x0062_616e_676b_6f6d;

/// A stream of numbers (SplitMix64). Written out here, because a library's may change with its version.
#[derive(Clone, Debug)]
pub(super) struct Dice(u64);

impl Dice {
    /// The stream at this place. Every person, every position has one of its own, so that a throw more for one changes
    /// nothing for the others.
    pub(super) fn at(place: &[u64]) -> Self {
        let mut dice = Self(SEED);
        for step in place {
            dice.0 = dice.throw() ^ step.wrapping_mul(0xd6e8_feb8_6659_fd93);
        }
        dice
    }

    fn throw(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number below `sides`; 0 when there are none.
    pub(super) fn below(&mut self, sides: u32) -> u32 {
        let scaled = (u128::from(self.throw()) * u128::from(sides)) >> 64;
        u32::try_from(scaled).unwrap_or_default()
    }

    /// A number from `low` to `high`, both included; `low` when there is nothing between.
    pub(super) fn between(&mut self, low: u32, high: u32) -> u32 {
        low + self.below((high + 1).saturating_sub(low))
    }

    /// Whether something happens that does so in `per_mille` of a thousand cases.
    pub(super) fn chance(&mut self, per_mille: u32) -> bool {
        self.below(1000) < per_mille
    }

    /// One of these.
    pub(super) fn pick<T: Copy + Default>(&mut self, from: &[T]) -> T {
        let index = self.below(u32::try_from(from.len()).unwrap_or(u32::MAX));
        usize::try_from(index).ok().and_then(|index| from.get(index)).copied().unwrap_or_default()
    }

    /// One of these, each as often as its weight says.
    pub(super) fn weighted<T: Copy + Default>(&mut self, from: &[(u32, T)]) -> T {
        let mut left = self.below(from.iter().map(|(weight, _)| weight).sum());
        for (weight, value) in from {
            match left.checked_sub(*weight) {
                Some(rest) => left = rest,
                None => return *value,
            }
        }
        T::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_place_throws_the_same_and_another_place_does_not() {
        let throws = |place: &[u64]| {
            let mut dice = Dice::at(place);
            [(); 8].map(|()| dice.below(1000))
        };
        assert_eq!(throws(&[1, 2]), throws(&[1, 2]));
        assert_ne!(throws(&[1, 2]), throws(&[2, 1]));
        assert_eq!(throws(&[1, 2]), [327, 22, 736, 352, 231, 90, 149, 224]);
    }

    #[test]
    fn every_side_comes_up_and_none_beyond() {
        let mut dice = Dice::at(&[7]);
        let mut seen = [0; 6];
        for _ in 0..6000 {
            seen[usize::try_from(dice.below(6)).unwrap()] += 1;
        }
        assert!(seen.iter().all(|count| (800..1200).contains(count)), "{seen:?}");
        assert_eq!((dice.below(0), dice.between(3, 3), dice.pick::<u32>(&[])), (0, 3, 0));
        let weights = [(0, 1), (5, 2), (0, 3)];
        assert!((0..100).all(|_| dice.weighted(&weights) == 2));
    }
}
