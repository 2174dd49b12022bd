//! What the tests of every kind begin and end with.

use chrono::NaiveDate;

use crate::messages;
use crate::sheets::{self, Findings, FromRow, Reading};

/// The rows of a sheet that is written out, on 1 July 2026.
pub(super) fn read<R: FromRow>(sheet: &str) -> Reading<R> {
    sheets::read(sheet.as_bytes(), None, today(), None).unwrap()
}

/// 1 July 2026.
pub(super) fn today() -> NaiveDate {
    NaiveDate::from_ymd_opt(2026, 7, 1).unwrap()
}

/// What was refused, as `POINTER CODE`.
pub(super) fn found(findings: &Findings) -> Vec<String> {
    let line =
        |violation: kernel::Violation| format!("{} {}", violation.pointer, messages::name(violation.code));
    findings.kept().map(line).collect()
}
