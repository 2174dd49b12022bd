//! Money in whole rupiah.

use serde::{Deserialize, Serialize};

/// An amount of rupiah that is not negative. Sen have not been in use for decades, and budgets have none.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Rupiah(i64);

impl Rupiah {
    /// Nothing.
    pub const ZERO: Self = Self(0);

    /// The most: what a JSON number holds exactly (2^53 - 1), some thousand times the state budget.
    pub const MAX: Self = Self(9_007_199_254_740_991);

    /// An amount; none when negative or beyond [`Rupiah::MAX`].
    #[must_use]
    pub const fn new(amount: i64) -> Option<Self> {
        if 0 <= amount && amount <= Self::MAX.0 { Some(Self(amount)) } else { None }
    }

    /// An amount that was checked before it was stored.
    #[must_use]
    pub const fn stored(amount: i64) -> Self {
        Self(amount)
    }

    /// The number of rupiah.
    #[must_use]
    pub const fn amount(self) -> i64 {
        self.0
    }

    /// The sum; none beyond [`Rupiah::MAX`].
    #[must_use]
    pub fn plus(self, other: Self) -> Option<Self> {
        self.0.checked_add(other.0).and_then(Self::new)
    }

    /// So many times it; none beyond [`Rupiah::MAX`].
    #[must_use]
    pub fn times(self, count: u32) -> Option<Self> {
        self.0.checked_mul(i64::from(count)).and_then(Self::new)
    }
}

impl std::fmt::Display for Rupiah {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cannot_be_told_exactly_is_no_amount() {
        assert_eq!(Rupiah::new(-1), None);
        assert_eq!(Rupiah::new(Rupiah::MAX.amount() + 1), None);
        assert_eq!(Rupiah::MAX.plus(Rupiah::new(1).unwrap()), None);
        assert_eq!(Rupiah::MAX.times(2), None);
        assert_eq!(Rupiah::new(1_500_000).unwrap().times(3), Rupiah::new(4_500_000));
        assert_eq!(Rupiah::MAX.times(u32::MAX), None);
    }
}
