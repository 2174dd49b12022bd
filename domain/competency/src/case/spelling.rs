//! Numbers as they are spelled. `1e2`, `0.10` and a number of thirty digits say more than a number of ours holds, and a package
//! goes out as it came.
//!
//! A number that would come out of [`Value`] in another spelling stands in it as an object of one property, named by
//! [`MARK`] alone, with its spelling as text. A property somebody else named so gets one mark more, which is taken off
//! again when it is written, so nobody can send what looks like ours.

use std::borrow::Cow;

use serde::ser::{Error as _, SerializeMap as _};
use serde::{Serialize, Serializer};
use serde_json::value::RawValue;
use serde_json::{Number, Value, json};

use super::Object;

/// A character for private use: it means something here only.
const MARK: char = '\u{F8FF}';

/// JSON text as a value in which no number loses its spelling; `None` when it is no JSON.
#[must_use]
pub fn case_json(text: &str) -> Option<Value> {
    serde_json::from_str(&marked(text)).ok()
}

/// The spelling of a number that stands for itself.
pub(super) fn spelled(value: &Value) -> Option<&str> {
    let object = value.as_object().filter(|object| object.len() == 1)?;
    let (name, spelling) = object.iter().next()?;
    if name.chars().eq([MARK]) { spelling.as_str() } else { None }
}

/// A number, however it is spelled.
pub(super) fn number(value: &Value) -> Option<f64> {
    value.as_f64().or_else(|| spelled(value)?.parse().ok())
}

/// The text with every number that would be spelled anew as an object of ours.
fn marked(text: &str) -> Cow<'_, str> {
    let bytes = text.as_bytes();
    let (mut made, mut copied, mut at) = (String::new(), 0, 0);
    let part = |from: usize, to: usize| text.get(from..to).unwrap_or_default();
    while let Some(byte) = bytes.get(at) {
        let end = match byte {
            b'"' => {
                let end = string_end(bytes, at + 1);
                let is_name =
                    || bytes.iter().skip(end + 1).find(|byte| !byte.is_ascii_whitespace()) == Some(&b':');
                if is_marks(part(at + 1, end)) && is_name() {
                    made.push_str(part(copied, at + 1));
                    made.push(MARK);
                    copied = at + 1;
                }
                end + 1
            }
            b'-' | b'0'..=b'9' => {
                let rest = bytes.iter().skip(at);
                let end = at
                    + rest
                        .take_while(|byte| matches!(byte, b'0'..=b'9' | b'+' | b'-' | b'.' | b'e' | b'E'))
                        .count();
                let spelling = part(at, end);
                if is_number(spelling) && !is_kept(spelling) {
                    made.push_str(part(copied, at));
                    made.push_str(&format!("{{\"{MARK}\":\"{spelling}\"}}"));
                    copied = end;
                }
                end
            }
            _ => at + 1,
        };
        at = end;
    }
    if copied == 0 {
        return Cow::Borrowed(text);
    }
    made.push_str(part(copied, text.len()));
    Cow::Owned(made)
}

/// Where the string that begins at `from` has its closing quote.
fn string_end(bytes: &[u8], from: usize) -> usize {
    let mut escaped = false;
    let closes = |byte: &u8| {
        let closes = *byte == b'"' && !escaped;
        escaped = *byte == b'\\' && !escaped;
        closes
    };
    bytes.iter().skip(from).position(closes).map_or(bytes.len(), |length| from + length)
}

/// Whether a string in JSON, without its quotes, is nothing but marks, however they are written.
fn is_marks(mut text: &str) -> bool {
    let some = !text.is_empty();
    while !text.is_empty() {
        let escape = text.get(..6).is_some_and(|start| start.eq_ignore_ascii_case("\\uf8ff"));
        let rest = if escape { text.get(6..) } else { text.strip_prefix(MARK) };
        let Some(rest) = rest else { return false };
        text = rest;
    }
    some
}

/// Whether JSON has numbers like this.
fn is_number(text: &str) -> bool {
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let text = text.strip_prefix('-').unwrap_or(text);
    let (mantissa, exponent) =
        text.split_once(['e', 'E']).map_or((text, None), |(before, after)| (before, Some(after)));
    let (whole, decimals) =
        mantissa.split_once('.').map_or((mantissa, None), |(before, after)| (before, Some(after)));
    digits(whole)
        && (whole == "0" || !whole.starts_with('0'))
        && decimals.is_none_or(digits)
        && exponent.is_none_or(|text| digits(text.strip_prefix(['+', '-']).unwrap_or(text)))
}

/// Whether a number comes out of a value as it went in.
fn is_kept(text: &str) -> bool {
    serde_json::from_str::<Number>(text).is_ok_and(|number| number.to_string() == text)
}

/// The same for every spelling of one number: its digits without the zeros around them, and the power of ten they are of.
pub(super) fn canonical_number(spelling: &str) -> Value {
    let (sign, text) = spelling.strip_prefix('-').map_or(("", spelling), |rest| ("-", rest));
    let (mantissa, exponent) = text.split_once(['e', 'E']).unwrap_or((text, "0"));
    let (whole, decimals) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let all = format!("{whole}{decimals}");
    let digits = all.trim_start_matches('0').trim_end_matches('0');
    if digits.is_empty() {
        return json!({MARK.to_string(): "0"});
    }
    let zeros = all.len() - all.trim_end_matches('0').len();
    let power = exponent.parse::<i128>().ok().and_then(|exponent| {
        exponent.checked_add(i128::try_from(zeros).ok()?)?.checked_sub(i128::try_from(decimals.len()).ok()?)
    });
    // A power beyond all reason is compared as it is spelled.
    let same = power.map_or_else(|| spelling.to_owned(), |power| format!("{sign}{digits}e{power}"));
    json!({MARK.to_string(): same})
}

/// A value that is written as it was read.
struct Spelled<'a>(&'a Value);

impl Serialize for Spelled<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if let Some(spelling) = spelled(self.0) {
            let raw = RawValue::from_string(spelling.to_owned()).map_err(S::Error::custom)?;
            return raw.serialize(serializer);
        }
        match self.0 {
            Value::Object(object) => write_object(object, serializer),
            Value::Array(list) => serializer.collect_seq(list.iter().map(Spelled)),
            other => other.serialize(serializer),
        }
    }
}

/// Writes an object as it was read.
pub(super) fn write_object<S: Serializer>(object: &Object, serializer: S) -> Result<S::Ok, S::Error> {
    let mut map = serializer.serialize_map(Some(object.len()))?;
    for (name, value) in object {
        let own = name.strip_prefix(MARK).filter(|rest| !rest.is_empty() && rest.chars().all(|c| c == MARK));
        map.serialize_entry(own.unwrap_or(name), &Spelled(value))?;
    }
    map.end()
}
