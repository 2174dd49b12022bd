//! Texts that people type: trimmed, bounded, free of control characters.

use serde::{Deserialize, Serialize};

use crate::{Violation, ViolationCode};

/// Trims `text` and checks it; `lines` lets line breaks and tabs pass.
fn clean(text: &str, max: usize, lines: bool) -> Result<String, Violation> {
    let text = text.trim();
    if text.is_empty() {
        return Err(Violation::new("", ViolationCode::Required));
    }
    if text.chars().count() > max {
        return Err(Violation::new("", ViolationCode::TooLong).with("max", max));
    }
    let refused = |c: char| c.is_control() && !(lines && matches!(c, '\n' | '\r' | '\t'));
    // U+202E and its kin reverse what a reader sees after them, so that one name passes for another.
    let reorders = |c: char| matches!(c, '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}');
    if text.chars().any(|c| refused(c) || reorders(c)) {
        return Err(Violation::new("", ViolationCode::ControlCharacter));
    }
    Ok(text.to_owned())
}

macro_rules! texts {
    ($($(#[$doc:meta])* $name:ident, $max:literal, $lines:literal;)+) => {$(
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(String);

        impl $name {
            /// The most characters it may have.
            pub const MAX: usize = $max;

            /// Reads what somebody typed.
            ///
            /// # Errors
            /// `Required`, `TooLong` or `ControlCharacter`, with an empty pointer.
            pub fn parse(text: &str) -> Result<Self, Violation> {
                clean(text, Self::MAX, $lines).map(Self)
            }

            /// A text that was checked before it was stored.
            #[must_use]
            pub fn stored(text: String) -> Self {
                Self(text)
            }

            /// The text.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }

            /// The text itself.
            #[must_use]
            pub fn into_string(self) -> String {
                self.0
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(&self.0)
            }
        }
    )+};
}

texts! {
    /// A short code people quote: a unit's, a position's, a competency's. Case counts.
    Code, 64, false;
    /// A name or title of one line.
    Name, 200, false;
    /// A text of several lines: a definition, a description, evidence.
    LongText, 4000, true;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_person_types_is_trimmed_and_kept() {
        assert_eq!(Name::parse("  Dinas Kesehatan ").unwrap().as_str(), "Dinas Kesehatan");
        assert_eq!(LongText::parse("a\nb").unwrap().as_str(), "a\nb");
        assert_eq!(Code::parse("K-STANKOM/KOMINFO/DJAPTIKA/KONKUREN/2020/01").unwrap().as_str().len(), 43);
    }

    #[test]
    fn hostile_text_is_refused_with_its_reason() {
        for (text, code) in [
            ("", ViolationCode::Required),
            (" \u{a0} ", ViolationCode::Required),
            ("a\0b", ViolationCode::ControlCharacter),
            ("a\nb", ViolationCode::ControlCharacter),
            ("pdf\u{202E}exe", ViolationCode::ControlCharacter),
            (&"x".repeat(201), ViolationCode::TooLong),
        ] {
            assert_eq!(Name::parse(text).unwrap_err().code, code, "{text:?}");
        }
    }
}
