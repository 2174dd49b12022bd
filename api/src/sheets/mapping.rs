//! What an agency's own sheets of a kind call our columns, and what they write for our values.

use std::collections::BTreeSet;

use kernel::{Violation, ViolationCode, Violations};
use serde::{Deserialize, Serialize};

use super::columns::fold;
use super::{ImportKind, columns};

/// The most columns, ignored headers and values of one column a mapping names.
const MAX_NAMED: usize = 200;

/// The most characters of a header or value.
const MAX_TEXT: usize = 200;

/// A mapping, as it is kept.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mapping {
    /// Our columns, as far as they are called otherwise or hold other values there.
    pub columns: Vec<MappedColumn>,
    /// Headers of columns that are not taken in.
    pub ignored: Vec<String>,
}

/// One of our columns in an agency's own sheets.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MappedColumn {
    /// Its name in the contract.
    pub column: String,
    /// What it is called there.
    pub header: Option<String>,
    /// What is written there for our values; any other stays as it is.
    pub values: Vec<MappedValue>,
    /// What a blank cell means, also where the sheet has no such column.
    pub default: Option<String>,
}

/// A value as it is written there and as we read it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MappedValue {
    /// As it is written there; case, spaces and punctuation do not count.
    pub from: String,
    /// As we read it.
    pub to: String,
}

impl Mapping {
    /// What is wrong with it as a mapping of `kind`.
    #[must_use]
    pub fn check(&self, kind: ImportKind) -> Vec<Violation> {
        let mut found = Violations::new();
        let too_many = |at: String| Violation::new(at, ViolationCode::TooMany).with("max", MAX_NAMED);
        found.check(self.columns.len() > MAX_NAMED, || too_many("/columns".to_owned()));
        found.check(self.ignored.len() > MAX_NAMED, || too_many("/ignored".to_owned()));
        let (mut named, mut headers) = (BTreeSet::new(), BTreeSet::new());
        for (index, one) in self.columns.iter().enumerate().take(MAX_NAMED) {
            let at = |property: &str| format!("/columns/{index}/{property}");
            let known = columns(kind);
            if !known.iter().any(|column| column.name == one.column) {
                let allowed: Vec<_> = known.iter().map(|column| column.name).collect();
                let violation = Violation::new(at("column"), ViolationCode::NotAllowedValue);
                found.push(violation.with("allowed", allowed.join(", ")));
            }
            let again = || Violation::new(at("column"), ViolationCode::Duplicate);
            found.check(!named.insert(one.column.as_str()), again);
            if let Some(header) = &one.header {
                text(&mut found, at("header"), header);
                let again = || Violation::new(at("header"), ViolationCode::Duplicate);
                found.check(!headers.insert(fold(header)), again);
            }
            if let Some(default) = &one.default {
                text(&mut found, at("default"), default);
            }
            let says_nothing = one.header.is_none() && one.default.is_none() && one.values.is_empty();
            found.check(says_nothing, || Violation::new(at("header"), ViolationCode::Required));
            found.check(one.values.len() > MAX_NAMED, || too_many(at("values")));
            let mut from = BTreeSet::new();
            for (n, value) in one.values.iter().enumerate().take(MAX_NAMED) {
                text(&mut found, at(&format!("values/{n}/from")), &value.from);
                text(&mut found, at(&format!("values/{n}/to")), &value.to);
                let again = || Violation::new(at(&format!("values/{n}/from")), ViolationCode::Duplicate);
                found.check(!from.insert(value_key(&value.from)), again);
            }
        }
        for (index, header) in self.ignored.iter().enumerate().take(MAX_NAMED) {
            let at = format!("/ignored/{index}");
            text(&mut found, at.clone(), header);
            found.check(!headers.insert(fold(header)), || Violation::new(at, ViolationCode::Duplicate));
        }
        found.into_sorted()
    }

    /// What the mapping says of one of our columns.
    pub(super) fn column(&self, name: &str) -> Option<&MappedColumn> {
        self.columns.iter().find(|one| one.column == name)
    }

    /// Whether a header is one of those that are not taken in.
    pub(super) fn ignores(&self, header: &str) -> bool {
        let header = fold(header);
        self.ignored.iter().any(|ignored| fold(ignored) == header)
    }
}

impl MappedColumn {
    /// What we read for what is written in a cell.
    pub(super) fn value(&self, written: &str) -> Option<&str> {
        let key = value_key(written);
        self.values.iter().find(|value| value_key(&value.from) == key).map(|value| value.to.as_str())
    }
}

/// What counts of a value: letters and digits in lower case, or all of it where it has none.
fn value_key(text: &str) -> String {
    let folded = fold(text);
    if folded.is_empty() { text.trim().to_owned() } else { folded }
}

fn text(found: &mut Violations, at: String, text: &str) {
    if text.trim().is_empty() {
        found.push(Violation::new(at, ViolationCode::Required));
    } else if text.chars().count() > MAX_TEXT {
        found.push(Violation::new(at, ViolationCode::TooLong).with("max", MAX_TEXT));
    } else if text.chars().any(char::is_control) {
        found.push(Violation::new(at, ViolationCode::ControlCharacter));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn column(name: &str, header: Option<&str>, values: &[(&str, &str)]) -> MappedColumn {
        let value =
            |(from, to): &(&str, &str)| MappedValue { from: (*from).to_owned(), to: (*to).to_owned() };
        MappedColumn {
            column: name.to_owned(),
            header: header.map(ToOwned::to_owned),
            values: values.iter().map(value).collect(),
            default: None,
        }
    }

    #[test]
    fn a_mapping_names_our_columns_once_and_theirs_once() {
        let mapping = Mapping {
            columns: vec![
                column("nip", Some("No. Induk"), &[]),
                column("nip", Some("NO INDUK"), &[]),
                column("gaji", Some("Gaji"), &[]),
                column("status", None, &[]),
                column("education", None, &[("S-1", "S1"), ("s1", "S1"), ("", "x")]),
            ],
            ignored: vec!["no_induk".to_owned(), " ".to_owned(), "x".repeat(201)],
        };
        let found: Vec<_> = mapping
            .check(ImportKind::Employees)
            .iter()
            .map(|one| format!("{} {:?}", one.pointer, one.code))
            .collect();
        assert_eq!(
            found,
            [
                "/columns/1/column Duplicate",
                "/columns/1/header Duplicate",
                "/columns/2/column NotAllowedValue",
                "/columns/3/header Required",
                "/columns/4/values/1/from Duplicate",
                "/columns/4/values/2/from Required",
                "/ignored/0 Duplicate",
                "/ignored/1 Required",
                "/ignored/2 TooLong",
            ]
        );
    }

    #[test]
    fn a_value_goes_by_its_letters_and_digits() {
        let status = column("status", None, &[("Tetap", "PNS"), ("-", "PPPK")]);
        assert_eq!(status.value(" TETAP. "), Some("PNS"));
        assert_eq!((status.value("-"), status.value("+"), status.value("PNS")), (Some("PPPK"), None, None));
    }
}
