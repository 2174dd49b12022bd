//! Reading what one cell holds.

use std::borrow::Cow;

use calamine::{DataRef, ExcelDateTime};
use chrono::{Datelike as _, NaiveDate};
use kernel::{Level, Violation, ViolationCode};

/// The years of days within reason, which are those of the contract.
pub(super) const YEARS: std::ops::RangeInclusive<i32> = 1900..=2199;

/// What a cell holds, as far as an import cares.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Cell {
    /// Nothing, or blanks.
    Empty,
    /// Text, trimmed; numbers as people read them.
    Text(String),
    /// A day the spreadsheet itself knows as one.
    Date(NaiveDate),
    /// A formula that failed, `#N/A` and its kin.
    Error(String),
}

/// From here on a double no longer holds every whole number, and a spreadsheet has dropped digits.
const INEXACT: f64 = 1e15;

impl Cell {
    /// A cell of text: trimmed, and without the apostrophe [`neutralise`] put in front.
    pub(super) fn text(text: &str) -> Self {
        let text = restore(text.trim());
        if text.is_empty() { Self::Empty } else { Self::Text(text.to_owned()) }
    }

    /// A workbook's cell; of a formula, its value.
    pub(super) fn value(value: &DataRef<'_>) -> Self {
        match value {
            DataRef::Empty => Self::Empty,
            DataRef::String(text) => Self::text(text),
            DataRef::SharedString(text) => Self::text(text),
            DataRef::Bool(true) => Self::Text("TRUE".to_owned()),
            DataRef::Bool(false) => Self::Text("FALSE".to_owned()),
            // No spreadsheet number is exact where these differ, and the rest reads the same.
            DataRef::Int(number) => match number.to_string() {
                digits if digits.len() < 16 => Self::Text(digits),
                digits => digits.parse().map_or(Self::Text(digits), |number| Self::Text(plain(number))),
            },
            DataRef::Float(number) => Self::Text(plain(*number)),
            DataRef::DateTime(moment) => Self::moment(moment),
            DataRef::DateTimeIso(text) => day(text).map_or_else(|| Self::text(text), Self::Date),
            DataRef::DurationIso(text) => Self::text(text),
            DataRef::Error(error) => Self::Error(error.to_string()),
        }
    }

    /// A serial number that is shown as a date. With a time of day it is no date, and shows as what it is.
    fn moment(moment: &ExcelDateTime) -> Self {
        let serial = moment.as_f64();
        // 2,958,466 is the day after 31 December 9999, beyond which a spreadsheet has no dates.
        if moment.is_duration() || !(1.0..2_958_466.0).contains(&serial) {
            return Self::Text(plain(serial));
        }
        let (year, month, day, hour, minute, second, _) = moment.to_ymd_hms_milli();
        match NaiveDate::from_ymd_opt(i32::from(year), u32::from(month), u32::from(day)) {
            Some(day) if (hour, minute, second) == (0, 0, 0) => Self::Date(day),
            Some(day) => Self::Text(format!("{day}T{hour:02}:{minute:02}:{second:02}")),
            None => Self::Text(plain(serial)),
        }
    }

    /// What a person sees in the cell.
    pub(super) fn shown(&self) -> Cow<'_, str> {
        match self {
            Self::Empty => Cow::Borrowed(""),
            Self::Text(text) | Self::Error(text) => Cow::Borrowed(text),
            Self::Date(day) => Cow::Owned(day.to_string()),
        }
    }
}

/// A number as people read it: no `.0`, and the 15 digits a spreadsheet itself shows, so that `0.1+0.2` is `0.3`.
/// Beyond those 15 it stays scientific, for whoever reads it to see that digits are lost.
fn plain(number: f64) -> String {
    if !number.is_finite() {
        return number.to_string();
    }
    if number.abs() >= INEXACT {
        return format!("{number:E}").replace('E', "E+");
    }
    let rounded: f64 = format!("{number:.14e}").parse().unwrap_or(number);
    if rounded == 0.0 { "0".to_owned() } else { rounded.to_string() }
}

/// Whether a spreadsheet would take a cell that begins so for a formula (CWE-1236).
fn is_live(text: &str) -> bool {
    text.starts_with(['=', '+', '-', '@', '\t', '\r'])
}

/// A text that no spreadsheet runs as a formula when it opens the file it is written to: an apostrophe goes in
/// front. Reading a file takes it off again, so that what was exported imports unchanged.
#[must_use]
pub fn neutralise(text: &str) -> Cow<'_, str> {
    // A text that already has apostrophes there gets one more, or reading would take off its own.
    if is_live(text.trim_start_matches('\'')) { Cow::Owned(format!("'{text}")) } else { Cow::Borrowed(text) }
}

/// Takes off what [`neutralise`] put on.
fn restore(text: &str) -> &str {
    match text.strip_prefix('\'') {
        Some(rest) if is_live(rest.trim_start_matches('\'')) => rest,
        _ => text,
    }
}

/// A day written `YYYY-MM-DD`, or the Indonesian way, day first: `DD-MM-YYYY`, `DD/MM/YYYY`. Never month first. A time
/// of day is let pass when it is midnight, which is how some programs write a date.
pub(super) fn day(text: &str) -> Option<NaiveDate> {
    let midnight = [
        "T00:00:00.000Z",
        "T00:00:00.000",
        "T00:00:00Z",
        "T00:00:00",
        " 00:00:00",
        " 0:00:00",
        " 00:00",
        " 0:00",
    ];
    let text = midnight.into_iter().find_map(|time| text.strip_suffix(time)).unwrap_or(text);
    let separator = if text.contains('/') { '/' } else { '-' };
    let mut parts = text.split(separator);
    let (Some(first), Some(month), Some(last), None) =
        (parts.next(), parts.next(), parts.next(), parts.next())
    else {
        return None;
    };
    let (year, day) = if first.len() == 4 { (first, last) } else { (last, first) };
    let number = |part: &str, digits: std::ops::RangeInclusive<usize>| {
        let plain = digits.contains(&part.len()) && part.bytes().all(|b| b.is_ascii_digit());
        plain.then(|| part.parse::<u32>().ok()).flatten()
    };
    let year = i32::try_from(number(year, 4..=4)?).ok().filter(|year| YEARS.contains(year))?;
    NaiveDate::from_ymd_opt(year, number(month, 1..=2)?, number(day, 1..=2)?)
}

/// A date cell, or a text that is one.
pub(super) fn date(cell: &Cell) -> Result<NaiveDate, Violation> {
    let found = match cell {
        Cell::Date(day) => Some(*day).filter(|day| YEARS.contains(&day.year())),
        other => day(&other.shown()),
    };
    found.ok_or_else(|| Violation::new("", ViolationCode::InvalidDate))
}

/// Whether a cell says yes.
pub(super) fn flag(text: &str) -> Result<bool, Violation> {
    match text.to_lowercase().as_str() {
        "ya" | "y" | "yes" | "true" | "1" | "x" | "v" | "✓" => Ok(true),
        "tidak" | "n" | "no" | "false" | "0" | "-" => Ok(false),
        _ => Err(Violation::new("", ViolationCode::NotAllowedValue).with("allowed", "ya, tidak")),
    }
}

/// A level, 1 to 5.
pub(super) fn level(text: &str) -> Result<Level, Violation> {
    let number: i64 = text.parse().map_err(|_no_number| Violation::new("", ViolationCode::InvalidFormat))?;
    Level::new(number).ok_or_else(|| {
        Violation::new("", ViolationCode::OutOfRange).with("min", Level::MIN).with("max", Level::MAX)
    })
}

/// The parts of a list written with `|` between them, in order; blank ones are dropped. A part that has a `|` of its own
/// is written with `\|`, and a backslash before a `|` with two.
pub(super) fn list<T>(
    parse: impl Fn(&str) -> Result<T, Violation>,
) -> impl FnOnce(&str) -> Result<Vec<T>, Violation> {
    move |text| {
        let parts = split_list(text);
        let parts = parts.iter().map(|part| part.trim()).filter(|part| !part.is_empty());
        parts.map(parse).collect()
    }
}

/// A number of things that has no sign and no fraction, at most `max`.
pub(super) fn count(max: u64) -> impl FnOnce(&str) -> Result<u64, Violation> {
    move |text| {
        let digits = text.bytes().all(|b| b.is_ascii_digit());
        let number: u64 = if digits { text.parse().ok() } else { None }
            .ok_or_else(|| Violation::new("", ViolationCode::InvalidFormat))?;
        if number <= max {
            return Ok(number);
        }
        Err(Violation::new("", ViolationCode::OutOfRange).with("min", 0).with("max", max))
    }
}

fn split_list(text: &str) -> Vec<String> {
    let (mut parts, mut part, mut slashes) = (Vec::new(), String::new(), 0_usize);
    for character in text.chars() {
        match character {
            '\\' => slashes += 1,
            '|' => {
                part.push_str(&"\\".repeat(slashes / 2));
                if slashes % 2 == 1 {
                    part.push('|');
                } else {
                    parts.push(std::mem::take(&mut part));
                }
                slashes = 0;
            }
            other => {
                part.push_str(&"\\".repeat(std::mem::take(&mut slashes)));
                part.push(other);
            }
        }
    }
    part.push_str(&"\\".repeat(slashes));
    parts.push(part);
    parts
}

/// The parts of a list in one text, which reads back as the same parts.
#[must_use]
pub fn join_list<'a>(parts: impl IntoIterator<Item = &'a str>) -> String {
    let mut joined = String::new();
    for (index, part) in parts.into_iter().enumerate() {
        if index > 0 {
            // What stands before the separator counts as escaping it.
            let slashes = joined.len() - joined.trim_end_matches('\\').len();
            joined.push_str(&"\\".repeat(slashes));
            joined.push('|');
        }
        for (index, piece) in part.split('|').enumerate() {
            if index > 0 {
                let slashes = joined.len() - joined.trim_end_matches('\\').len();
                joined.push_str(&"\\".repeat(slashes));
                joined.push_str("\\|");
            }
            joined.push_str(piece);
        }
    }
    joined
}

#[cfg(test)]
mod tests {
    use calamine::ExcelDateTimeType;
    use kernel::LongText;
    use proptest::prelude::*;

    use super::*;

    fn on(y: i32, m: u32, d: u32) -> NaiveDate {
        NaiveDate::from_ymd_opt(y, m, d).unwrap()
    }

    #[test]
    fn a_day_is_read_day_first_and_never_month_first() {
        for text in
            ["2026-01-05", "05-01-2026", "5/1/2026", "05/01/2026", "2026/01/05", "2026-01-05 00:00:00"]
        {
            assert_eq!(day(text), Some(on(2026, 1, 5)), "{text}");
        }
        for text in [
            "",
            "-",
            "01/13/2026",
            "31-02-2026",
            "05-01-26",
            "1899-12-31",
            "2200-01-01",
            "2026-01-05T10:00:00",
            "46027",
            "5 Januari 2026",
            "05-01-2026-1",
            "+5-01-2026",
            "٠٥-٠١-٢٠٢٦",
        ] {
            assert_eq!(day(text), None, "{text}");
        }
    }

    #[test]
    fn a_number_reads_as_a_person_would_write_it_until_digits_are_lost() {
        for (number, text) in [
            (3.0, "3"),
            (-0.0, "0"),
            (0.1 + 0.2, "0.3"),
            (1.25, "1.25"),
            (999_999_999_999_999.0, "999999999999999"),
            (1e15, "1E+15"),
            (198_609_262_015_051_001.0, "1.98609262015051E+17"),
        ] {
            assert_eq!(plain(number), text);
        }
        assert_eq!(Cell::value(&DataRef::Int(42)), Cell::Text("42".to_owned()));
        assert_eq!(
            Cell::value(&DataRef::Int(198_609_262_015_051_001)),
            Cell::Text("1.98609262015051E+17".to_owned())
        );
    }

    #[test]
    fn serial_dates_follow_the_epoch_of_their_workbook() {
        let cell = |serial, kind, is_1904| {
            Cell::value(&DataRef::DateTime(ExcelDateTime::new(serial, kind, is_1904)))
        };
        assert_eq!(cell(46_027.0, ExcelDateTimeType::DateTime, false), Cell::Date(on(2026, 1, 5)));
        assert_eq!(cell(44_565.0, ExcelDateTimeType::DateTime, true), Cell::Date(on(2026, 1, 5)));
        assert_eq!(
            cell(46_027.5, ExcelDateTimeType::DateTime, false),
            Cell::Text("2026-01-05T12:00:00".to_owned())
        );
        assert_eq!(cell(1.5, ExcelDateTimeType::TimeDelta, false), Cell::Text("1.5".to_owned()));
        for nonsense in [-5.0, 0.25, 1e9, f64::NAN] {
            assert!(matches!(cell(nonsense, ExcelDateTimeType::DateTime, false), Cell::Text(_)));
        }
    }

    #[test]
    fn yes_and_no_are_what_people_tick() {
        for yes in ["ya", "YA", "Y", "true", "1", "x", "✓"] {
            assert_eq!(flag(yes), Ok(true));
        }
        for no in ["Tidak", "n", "FALSE", "0", "-"] {
            assert_eq!(flag(no), Ok(false));
        }
        // T is "true" to one reader and "tidak" to the other.
        assert_eq!(flag("t").unwrap_err().code, ViolationCode::NotAllowedValue);
    }

    #[test]
    fn a_level_is_a_whole_number_from_one_to_five() {
        assert_eq!(level("5").unwrap().get(), 5);
        assert_eq!(level("6").unwrap_err().code, ViolationCode::OutOfRange);
        assert_eq!(level("3.5").unwrap_err().code, ViolationCode::InvalidFormat);
    }

    #[test]
    fn a_count_is_a_whole_number_up_to_its_bound() {
        assert_eq!((count(30)("30"), count(30)("0")), (Ok(30), Ok(0)));
        assert_eq!(count(30)("31").unwrap_err().code, ViolationCode::OutOfRange);
        for text in ["", "-1", "1.5", "1e3", "+1", "99999999999999999999"] {
            assert_eq!(count(30)(text).unwrap_err().code, ViolationCode::InvalidFormat, "{text}");
        }
    }

    #[test]
    fn indicators_keep_their_order_and_lose_their_blanks() {
        let indicators = list(LongText::parse)(" satu | dua||tiga |").unwrap();
        assert_eq!(indicators.iter().map(LongText::as_str).collect::<Vec<_>>(), ["satu", "dua", "tiga"]);
    }

    #[test]
    fn a_part_of_a_list_may_have_a_bar_of_its_own() {
        assert_eq!(join_list(["a|b", "c\\", "d"]), r"a\|b|c\\|d");
        let parts = list(LongText::parse)(r"a\|b|c\\|d\e").unwrap();
        assert_eq!(parts.iter().map(LongText::as_str).collect::<Vec<_>>(), ["a|b", "c\\", r"d\e"]);
    }

    #[test]
    fn a_formula_is_disarmed() {
        for (text, safe) in [
            ("=HYPERLINK(\"x\")", "'=HYPERLINK(\"x\")"),
            ("+62", "'+62"),
            ("-1", "'-1"),
            ("@SUM(A1)", "'@SUM(A1)"),
            ("\tx", "'\tx"),
            ("\rx", "'\rx"),
            ("'=x", "''=x"),
            ("Jum'at", "Jum'at"),
            ("'petik'", "'petik'"),
            ("", ""),
        ] {
            assert_eq!(neutralise(text), safe);
        }
    }

    proptest! {
        #[test]
        fn a_list_reads_back_as_it_was(parts in prop::collection::vec("[a|\\\\]{1,5}", 1..5)) {
            let joined = join_list(parts.iter().map(String::as_str));
            prop_assert_eq!(split_list(&joined), parts, "{}", joined);
        }

        #[test]
        fn what_was_disarmed_reads_as_it_was_and_is_never_live(text in "['=+@\\-\t\ra-c]{0,6}") {
            let safe = neutralise(&text);
            prop_assert!(!is_live(&safe));
            prop_assert_eq!(restore(&safe), text.as_str());
        }
    }
}
