//! Values that more than one resource reads or writes.

use std::fmt;

use chrono::NaiveDate;
use competency::PolicyRef;
use kernel::{
    Code, CompetencyId, Hundredths, Level, LongText, NATIONAL, Name, Rupiah, Violation, ViolationCode,
    Violations,
};
use serde::de::{DeserializeOwned, Error, IntoDeserializer as _, Unexpected, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use utoipa::ToSchema;
use uuid::Uuid;

/// A JSON number with at most two decimals, exact: `1`, `0.75`, `88.89`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Decimal(pub Hundredths);

impl Decimal {
    /// One.
    pub const ONE: Self = Self(Hundredths::ONE);
}

impl Serialize for Decimal {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match (self.0.count() / 100, self.0.count() % 100) {
            (whole, 0) => serializer.serialize_u32(whole),
            _ => serializer.serialize_f64(self.0.to_f64()),
        }
    }
}

impl<'de> Deserialize<'de> for Decimal {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Number;

        impl Visitor<'_> for Number {
            type Value = Decimal;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a number from 0 to 999999.99 with at most two decimals")
            }

            fn visit_u64<E: Error>(self, value: u64) -> Result<Decimal, E> {
                let read = Hundredths::parse(&value.to_string());
                read.map(Decimal).ok_or_else(|| E::invalid_value(Unexpected::Unsigned(value), &self))
            }

            fn visit_i64<E: Error>(self, value: i64) -> Result<Decimal, E> {
                let read = Hundredths::parse(&value.to_string());
                read.map(Decimal).ok_or_else(|| E::invalid_value(Unexpected::Signed(value), &self))
            }

            /// The shortest decimal that means this double is what was written: with six digits before the point and
            /// two behind, no two numbers share one.
            fn visit_f64<E: Error>(self, value: f64) -> Result<Decimal, E> {
                let read = Hundredths::parse(&value.to_string());
                read.map(Decimal).ok_or_else(|| E::invalid_value(Unexpected::Float(value), &self))
            }
        }

        deserializer.deserialize_any(Number)
    }
}

/// A code: of a competency, a family.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(transparent)]
#[schema(example = "M.1", max_length = 64)]
pub struct CodeText(pub String);

impl From<Code> for CodeText {
    fn from(code: Code) -> Self {
        Self(code.into_string())
    }
}

/// Reads a comma-separated list of values, as queries write it.
pub(crate) fn several<'de, D, T>(deserializer: D) -> Result<Vec<T>, D::Error>
where
    D: Deserializer<'de>,
    T: DeserializeOwned,
{
    let text = String::deserialize(deserializer)?;
    text.split(',').map(|part| T::deserialize(part.into_deserializer())).collect()
}

/// Reads a code at `at`.
pub(crate) fn code(found: &mut Violations, at: &str, text: &str) -> Option<Code> {
    found.take(Code::parse(text).map_err(|violation| violation.under(at)))
}

/// Reads a code at `at` that may be absent.
pub(crate) fn optional_code(found: &mut Violations, at: &str, text: Option<&str>) -> Option<Option<Code>> {
    text.map_or(Some(None), |text| code(found, at, text).map(Some))
}

/// Reads a name at `at`.
pub(crate) fn name(found: &mut Violations, at: &str, text: &str) -> Option<Name> {
    found.take(Name::parse(text).map_err(|violation| violation.under(at)))
}

/// Reads a name at `at` that may be absent.
pub(crate) fn optional_name(found: &mut Violations, at: &str, text: Option<&str>) -> Option<Option<Name>> {
    text.map_or(Some(None), |text| name(found, at, text).map(Some))
}

/// Reads a longer text at `at`.
pub(crate) fn long_text(found: &mut Violations, at: &str, text: &str) -> Option<LongText> {
    found.take(LongText::parse(text).map_err(|violation| violation.under(at)))
}

/// Reads a longer text at `at` that may be absent.
pub(crate) fn optional_long_text(
    found: &mut Violations,
    at: &str,
    text: Option<&str>,
) -> Option<Option<LongText>> {
    text.map_or(Some(None), |text| long_text(found, at, text).map(Some))
}

/// Reads a level at `at`.
pub(crate) fn level(found: &mut Violations, at: &str, value: i64) -> Option<Level> {
    let refused =
        || Violation::new(at, ViolationCode::OutOfRange).with("min", Level::MIN).with("max", Level::MAX);
    found.take(Level::new(value).ok_or_else(refused))
}

/// Reads a level at `at` that may be absent.
pub(crate) fn optional_level(found: &mut Violations, at: &str, value: Option<i64>) -> Option<Option<Level>> {
    value.map_or(Some(None), |value| level(found, at, value).map(Some))
}

/// Reads an amount of rupiah at `at`.
pub(crate) fn rupiah(found: &mut Violations, at: &str, amount: i64) -> Option<Rupiah> {
    let refused = || Violation::new(at, ViolationCode::OutOfRange).with("min", 0).with("max", Rupiah::MAX);
    found.take(Rupiah::new(amount).ok_or_else(refused))
}

/// Reads an amount of rupiah at `at` that may be absent.
pub(crate) fn optional_rupiah(
    found: &mut Violations,
    at: &str,
    amount: Option<i64>,
) -> Option<Option<Rupiah>> {
    amount.map_or(Some(None), |amount| rupiah(found, at, amount).map(Some))
}

/// Reads why something is done, where nothing else is said.
pub(crate) fn reason(text: &str) -> Result<LongText, Vec<Violation>> {
    LongText::parse(text).map_err(|violation| vec![violation.under("/reason")])
}

/// A competency as a caller names it: by id, or by the code of its dictionary and its own.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum CompetencyName {
    /// By id.
    Id(CompetencyId),
    /// By dictionary and code.
    Code {
        /// The dictionary's code.
        dictionary: Code,
        /// The competency's code.
        code: Code,
    },
}

/// Reads how a caller names a competency at `at`: by id, or by the code of its dictionary and its own.
pub(crate) fn competency_name(
    found: &mut Violations,
    at: &str,
    id: Option<Uuid>,
    dictionary: Option<&str>,
    text: Option<&str>,
) -> Option<CompetencyName> {
    let refused = |property: &str, code| Violation::new(format!("{at}/{property}"), code);
    match (id, dictionary, text) {
        (Some(id), None, None) => Some(CompetencyName::Id(id.into())),
        (None, Some(dictionary), Some(text)) => {
            let dictionary = code(found, &format!("{at}/dictionary"), dictionary);
            let code = code(found, &format!("{at}/competency_code"), text);
            Some(CompetencyName::Code { dictionary: dictionary?, code: code? })
        }
        (Some(_), ..) => {
            found.push(refused("competency_id", ViolationCode::Inconsistent));
            None
        }
        (None, dictionary, text) => {
            let missing = match (dictionary, text) {
                (Some(_), _) => "competency_code",
                (None, Some(_)) => "dictionary",
                (None, None) => "competency_id",
            };
            found.push(refused(missing, ViolationCode::Required));
            None
        }
    }
}

/// The version of a rubric a number was computed with.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct PolicyRefView {
    /// Identifier.
    pub id: Uuid,
    /// Whether it is the national one; otherwise it is the agency's own.
    #[schema(example = true)]
    pub national: bool,
    /// Name.
    #[schema(example = "RATIO_OF_SUMS", max_length = 64)]
    pub name: String,
    /// Number among the versions of that name and owner, from 1.
    #[schema(example = 1, minimum = 1, maximum = 2147483647)]
    pub number: i32,
    /// First day it applies to.
    pub valid_from: NaiveDate,
    /// Where its numbers come from: the regulation, the agency's decree.
    #[schema(example = "Peraturan BRIN 3/2023 Pasal 33 (90/78)", max_length = 4000)]
    pub source: String,
}

impl From<PolicyRef> for PolicyRefView {
    fn from(policy: PolicyRef) -> Self {
        let PolicyRef { id, agency, name, number, valid_from, source } = policy;
        Self {
            id: id.uuid(),
            national: agency == NATIONAL,
            name: name.into_string(),
            number,
            valid_from,
            source: source.into_string(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn read(json: &str) -> Result<Decimal, serde_json::Error> {
        serde_json::from_str(json)
    }

    #[test]
    fn a_decimal_is_read_exactly_or_not_at_all() {
        for (json, count) in
            [("0", 0), ("1", 100), ("0.1", 10), ("1.10", 110), ("1e0", 100), ("999999.99", 99_999_999)]
        {
            assert_eq!(read(json).unwrap().0.count(), count, "{json}");
        }
        for json in
            ["-1", "-0.5", "0.001", "1.999", "1000000", "1e300", "\"1\"", "null", "18446744073709551615"]
        {
            assert!(read(json).is_err(), "{json}");
        }
    }

    #[test]
    fn a_decimal_is_written_as_people_write_it() {
        let written = |count| serde_json::to_string(&Decimal(Hundredths::from_count(count))).unwrap();
        assert_eq!([100, 8889, 50, 0, 12010].map(written), ["1", "88.89", "0.5", "0", "120.1"]);
    }

    proptest! {
        #[test]
        fn what_is_written_reads_back(count in 0_u32..100_000_000) {
            let decimal = Decimal(Hundredths::from_count(count));
            prop_assert_eq!(read(&serde_json::to_string(&decimal).unwrap()).unwrap(), decimal);
        }
    }

    #[derive(Debug, Deserialize)]
    struct Asked {
        #[serde(default, deserialize_with = "several")]
        states: Vec<competency::GapState>,
    }

    #[test]
    fn a_list_in_a_query_is_separated_by_commas() {
        use competency::GapState::{Expired, Gap};
        let read = |query| serde_urlencoded::from_str::<Asked>(query).map(|asked| asked.states);
        assert_eq!(read("states=GAP,EXPIRED").unwrap(), [Gap, Expired]);
        assert_eq!(read("states=GAP%2CEXPIRED").unwrap(), [Gap, Expired]);
        assert!(read("").unwrap().is_empty());
        assert!(read("states=").is_err() && read("states=GAP,").is_err() && read("states=gap").is_err());
    }
}
