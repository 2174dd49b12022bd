//! Requests and responses: shapes, examples and bounds. No behaviour beyond turning into and out of domain values.

pub mod activities;
pub mod agencies;
pub mod agency_plan_budget;
pub mod agency_plan_completeness;
pub mod agency_plan_items;
pub mod agency_plan_reports;
pub mod agency_plans;
pub mod aggregates;
pub mod assessments;
pub mod audit;
pub mod calculators;
pub mod candidates;
pub mod case_packages;
pub mod certificates;
pub mod classes;
pub mod dictionaries;
pub mod eligibility;
pub mod employees;
pub mod enrolments;
pub mod enums;
pub mod evaluation;
pub mod evaluation_rubric;
pub mod evaluation_tasks;
pub mod families;
pub mod forms;
pub mod gaps;
pub mod grants;
pub mod import_mappings;
pub mod imports;
pub mod inbox;
pub mod jp_ledger;
pub mod me;
pub mod mentors;
pub mod need_priority;
pub mod needs;
pub mod needs_analyses;
pub mod needs_coverage;
pub mod operations;
pub mod own_learnings;
pub mod partners;
pub mod placements;
pub mod plan_instances;
pub mod plan_items;
pub mod plan_snapshots;
pub mod plan_templates;
pub mod plans;
pub mod policies;
pub mod positions;
pub mod programmes;
pub mod recommendations;
pub mod scenario_asks;
pub mod scenarios;
pub mod standards;
pub mod tables;
pub mod units;
pub mod values;
pub mod webhooks;

use aws_lc_rs::digest;
use chrono::{DateTime, NaiveDate, Utc};
use kernel::{Version, Violation};
use serde::{Deserialize, Serialize};
use store::Reply;
use utoipa::{IntoParams, ToSchema};
use uuid::{Builder, Uuid};

/// One page of a list. Items come in the list's order; there is no total.
#[derive(Debug, Serialize, ToSchema)]
pub struct PageView<T> {
    /// The items.
    #[schema(max_items = 200)]
    pub items: Vec<T>,
    /// Cursor of the next page, to be sent back as `cursor`; null on the last page.
    #[schema(example = json!(null), max_length = 2000)]
    pub next: Option<String>,
}

/// Which page of a list that is asked for nothing else.
#[derive(Clone, Debug, Deserialize, Serialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct PageQuery {
    /// Where to continue: `next` of the page before.
    #[param(max_length = 2000)]
    pub cursor: Option<String>,
    /// Most items of a page.
    #[param(minimum = 1, maximum = 200, default = 50)]
    pub limit: Option<u16>,
}

/// A file.
#[derive(Debug, ToSchema)]
#[schema(value_type = String, format = Binary, max_length = 1_073_741_824)]
pub struct FileBody(#[expect(dead_code, reason = "only its schema is used")] Vec<u8>);

/// 201 with what was made.
pub(crate) fn created(body: &impl Serialize, version: Version, location: String) -> Reply {
    Reply { status: 201, etag: Some(version.get().to_string()), location: Some(location), body: json(body) }
}

/// 200 with what stands now.
pub(crate) fn replaced(body: &impl Serialize, version: Version) -> Reply {
    Reply { status: 200, etag: Some(version.get().to_string()), location: None, body: json(body) }
}

/// 204.
pub(crate) const fn gone() -> Reply {
    Reply { status: 204, etag: None, location: None, body: None }
}

/// The days the contract takes, so that a slip of the keyboard is told as one; far beyond them the database has none.
fn days() -> std::ops::RangeInclusive<NaiveDate> {
    let of = |year, month, day| NaiveDate::from_ymd_opt(year, month, day).unwrap_or_default();
    of(1900, 1, 1)..=of(2199, 12, 31)
}

/// A day within reason.
///
/// # Errors
/// `OutOfRange` at `pointer`.
pub(crate) fn day(pointer: &str, day: NaiveDate) -> Result<NaiveDate, Violation> {
    let days = days();
    if days.contains(&day) {
        return Ok(day);
    }
    let violation = Violation::new(pointer, kernel::ViolationCode::OutOfRange);
    Err(violation.with("min", days.start()).with("max", days.end()))
}

/// An instant within reason, with the precision the database keeps.
///
/// # Errors
/// `OutOfRange` at `pointer`.
pub(crate) fn instant(pointer: &str, at: DateTime<Utc>) -> Result<DateTime<Utc>, Violation> {
    day(pointer, at.date_naive()).map(|_| kernel::micros(at))
}

/// The version of something that has none of its own: a digest of what is written of it, so that a changed one is another.
pub(crate) fn fingerprint(value: &impl Serialize) -> Version {
    let digest = u128::from_be_bytes(digest_of(&serde_json::to_vec(value).unwrap_or_default()));
    Version::new(i64::try_from(digest >> 65).unwrap_or_default())
}

/// The identifier of something that is told by its code alone, the same for the same code.
pub(crate) fn fingerprint_id(code: &str) -> Uuid {
    Builder::from_custom_bytes(digest_of(code.as_bytes())).into_uuid()
}

/// The first sixteen bytes of a digest.
fn digest_of(bytes: &[u8]) -> [u8; 16] {
    let all = digest::digest(&digest::SHA256, bytes);
    all.as_ref().first_chunk().copied().unwrap_or_default()
}

/// A text as one segment of a path: everything but unreserved characters percent-encoded.
pub(crate) fn segment(text: &str) -> String {
    let encode = |byte: u8| match byte {
        b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => char::from(byte).to_string(),
        _ => format!("%{byte:02X}"),
    };
    text.bytes().map(encode).collect()
}

/// Views hold strings, numbers and lists only, so turning one into JSON cannot fail.
fn json(body: &impl Serialize) -> Option<serde_json::Value> {
    serde_json::to_value(body).ok()
}

/// Turns `validator`'s findings into violations: JSON names equal field names, so a path is a pointer.
pub(crate) fn check(input: &impl validator::Validate) -> Vec<Violation> {
    let mut found = kernel::Violations::new();
    if let Err(errors) = input.validate() {
        flatten("", &errors, &mut found);
    }
    found.into_sorted()
}

fn flatten(prefix: &str, errors: &validator::ValidationErrors, found: &mut kernel::Violations) {
    use kernel::ViolationCode;
    use validator::ValidationErrorsKind;
    for (field, kind) in errors.errors() {
        let at = format!("{prefix}/{field}");
        match kind {
            ValidationErrorsKind::Struct(inner) => flatten(&at, inner, found),
            ValidationErrorsKind::List(items) => {
                for (index, inner) in items {
                    flatten(&format!("{at}/{index}"), inner, found);
                }
            }
            ValidationErrorsKind::Field(errors) => {
                for error in errors {
                    let figure = |name: &'static str| {
                        error.params.get(name).map(|value| value.to_string()).unwrap_or_default()
                    };
                    let violation = |code| Violation::new(&at, code);
                    found.push(match error.code.as_ref() {
                        "length" if error.params.contains_key("max") && is_longer(error) => {
                            violation(ViolationCode::TooLong).with("max", figure("max"))
                        }
                        "length" => violation(ViolationCode::TooFew).with("min", figure("min")),
                        "range" => violation(ViolationCode::OutOfRange)
                            .with("min", figure("min"))
                            .with("max", figure("max")),
                        _ => violation(ViolationCode::InvalidFormat),
                    });
                }
            }
        }
    }
}

/// Whether a length failed at its upper end.
fn is_longer(error: &validator::ValidationError) -> bool {
    let max = error.params.get("max").and_then(serde_json::Value::as_u64).unwrap_or(u64::MAX);
    let length = |value: &serde_json::Value| match value {
        serde_json::Value::String(text) => text.chars().count(),
        serde_json::Value::Array(items) => items.len(),
        _ => 0,
    };
    error.params.get("value").is_some_and(|value| u64::try_from(length(value)).is_ok_and(|len| len > max))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_far_from_any_career_are_refused_at_their_place() {
        let of = |text: &str| text.parse::<NaiveDate>().unwrap();
        for fine in ["1900-01-01", "2026-07-01", "2199-12-31"] {
            assert_eq!(day("/starts_on", of(fine)), Ok(of(fine)));
        }
        for (wrong, year) in [("1899-12-31", 1899), ("2200-01-01", 2200), ("+262142-12-31", 262_142)] {
            let refused = day("/starts_on", of(wrong)).unwrap_err();
            assert_eq!(
                (refused.pointer.as_str(), refused.code),
                ("/starts_on", kernel::ViolationCode::OutOfRange),
                "{year}"
            );
        }
    }

    #[test]
    fn a_code_becomes_one_segment_of_a_path() {
        assert_eq!(segment("K-STANKOM/KOMINFO/01"), "K-STANKOM%2FKOMINFO%2F01");
        assert_eq!(segment("M.1 é%"), "M.1%20%C3%A9%25");
    }

    #[test]
    fn what_is_written_is_told_apart() {
        assert_eq!(fingerprint(&("a", 1)), fingerprint(&("a", 1)));
        assert_ne!(fingerprint(&("a", 1)), fingerprint(&("a", 2)));
        assert!(fingerprint(&"x").get() >= 0);
        assert_eq!(fingerprint_id("TEKNIS"), fingerprint_id("TEKNIS"));
        assert_ne!(fingerprint_id("TEKNIS"), fingerprint_id("SOSIAL"));
    }

    #[test]
    fn instants_are_cut_to_what_the_database_keeps() {
        let of = |text: &str| text.parse::<DateTime<Utc>>().unwrap();
        let fine = instant("/query/known_at", of("2026-07-01T08:00:00.123456789Z")).unwrap();
        assert_eq!(fine, of("2026-07-01T08:00:00.123456Z"));
        assert!(instant("/query/known_at", DateTime::<Utc>::MIN_UTC).is_err());
    }
}
