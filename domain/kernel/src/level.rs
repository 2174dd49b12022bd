//! Competency levels.

use serde::{Deserialize, Serialize};

/// A level of mastery, 1 to 5 (PermenPANRB 38/2017).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "u8", into = "u8")]
pub struct Level(u8);

impl Level {
    /// The lowest level.
    pub const MIN: u8 = 1;
    /// The highest level.
    pub const MAX: u8 = 5;

    /// Every level, lowest first.
    pub const ALL: [Self; 5] = [Self(1), Self(2), Self(3), Self(4), Self(5)];

    /// The level `value` names, or `None` outside 1 to 5.
    #[must_use]
    pub const fn new(value: i64) -> Option<Self> {
        match value {
            1 => Some(Self(1)),
            2 => Some(Self(2)),
            3 => Some(Self(3)),
            4 => Some(Self(4)),
            5 => Some(Self(5)),
            _ => None,
        }
    }

    /// The number.
    #[must_use]
    pub const fn get(self) -> u8 {
        self.0
    }

    /// How far `achieved` lies above (positive) or below (negative) this required level.
    #[must_use]
    pub fn gap_to(self, achieved: Self) -> i8 {
        // Both lie in 1..=5, so the difference always fits.
        i8::try_from(i16::from(achieved.0) - i16::from(self.0)).unwrap_or(0)
    }
}

impl TryFrom<u8> for Level {
    type Error = &'static str;

    fn try_from(value: u8) -> Result<Self, Self::Error> {
        Self::new(i64::from(value)).ok_or("a level lies between 1 and 5")
    }
}

impl From<Level> for u8 {
    fn from(level: Level) -> Self {
        level.0
    }
}

impl std::fmt::Display for Level {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}
