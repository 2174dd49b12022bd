//! A number with at most two decimals, kept exactly.

use serde::{Deserialize, Serialize};

/// A non-negative number with at most two decimals (weights, learning hours), counted in hundredths.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Hundredths(u32);

impl Hundredths {
    /// One.
    pub const ONE: Self = Self(100);

    /// From a count of hundredths.
    #[must_use]
    pub const fn from_count(count: u32) -> Self {
        Self(count)
    }

    /// The count of hundredths.
    #[must_use]
    pub const fn count(self) -> u32 {
        self.0
    }

    /// Reads a plain decimal such as `1`, `0.75` or `1,5` (a decimal comma is what Indonesian spreadsheets
    /// write). `None` for a sign, an exponent, more than two decimals, or more than six digits before them.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (whole, fraction) = text.split_once(['.', ',']).unwrap_or((text, "0"));
        let digits = |part: &str, most: usize| {
            (1..=most).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_digit())
        };
        if !digits(whole, 6) || !digits(fraction, 2) {
            return None;
        }
        let hundredths: u32 = format!("{fraction:0<2}").parse().ok()?;
        Some(Self(whole.parse::<u32>().ok()? * 100 + hundredths))
    }

    /// The number for a JSON reply.
    #[must_use]
    pub fn to_f64(self) -> f64 {
        f64::from(self.0) / 100.0
    }
}

impl std::fmt::Display for Hundredths {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match (self.0 / 100, self.0 % 100) {
            (whole, 0) => write!(f, "{whole}"),
            (whole, rest) if rest % 10 == 0 => write!(f, "{whole}.{}", rest / 10),
            (whole, rest) => write!(f, "{whole}.{rest:02}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_it_prints_and_refuses_the_rest() {
        for (text, count) in [("1", 100), ("0.75", 75), ("1,5", 150), ("0.05", 5), ("999999.99", 99_999_999)]
        {
            let number = Hundredths::parse(text).unwrap();
            assert_eq!(number.count(), count);
            assert_eq!(Hundredths::parse(&number.to_string()), Some(number));
        }
        for text in ["", ".", "1.", ".5", "-1", "1e2", "0.001", "1000000", "1.2.3", " 1", "\u{0661}"] {
            assert_eq!(Hundredths::parse(text), None, "{text:?}");
        }
    }
}
