//! Sessions as a calendar (RFC 5545), to be subscribed to or taken into any other.
//!
//! Instants are written in UTC, so that no time zone has to be described. An event keeps its identifier for ever and counts up
//! its sequence with each change, by which calendars know which of two is the later.

use std::fmt::Write as _;

use chrono::{DateTime, Utc};

/// One event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Event {
    /// What it is known by, the same for ever and nowhere else.
    pub(crate) uid: String,
    /// How often what it tells of was changed.
    pub(crate) sequence: i64,
    /// When that was changed last.
    pub(crate) changed_at: DateTime<Utc>,
    /// When it begins.
    pub(crate) starts_at: DateTime<Utc>,
    /// When it ends.
    pub(crate) ends_at: DateTime<Utc>,
    /// What it is called.
    pub(crate) summary: String,
    /// More on it.
    pub(crate) description: Option<String>,
    /// Where.
    pub(crate) location: Option<String>,
    /// The address at which it is joined.
    pub(crate) url: Option<String>,
    /// Whether it was called off.
    pub(crate) cancelled: bool,
}

/// The longest line in octets, its end not counted.
const WIDTH: usize = 75;

/// A calendar called `name`.
#[must_use]
pub(crate) fn write(name: &str, events: &[Event]) -> String {
    let mut calendar = Calendar::default();
    calendar.line("BEGIN", "VCALENDAR");
    calendar.line("VERSION", "2.0");
    calendar.line("PRODID", "-//Bangkom//Bangkom//ID");
    calendar.line("CALSCALE", "GREGORIAN");
    calendar.line("METHOD", "PUBLISH");
    calendar.text("X-WR-CALNAME", name);
    for event in events {
        calendar.event(event);
    }
    calendar.line("END", "VCALENDAR");
    calendar.0
}

#[derive(Default)]
struct Calendar(String);

impl Calendar {
    fn event(&mut self, event: &Event) {
        self.line("BEGIN", "VEVENT");
        self.text("UID", &event.uid);
        self.line("DTSTAMP", &instant(event.changed_at));
        self.line("LAST-MODIFIED", &instant(event.changed_at));
        self.line("SEQUENCE", &event.sequence.to_string());
        self.line("DTSTART", &instant(event.starts_at));
        self.line("DTEND", &instant(event.ends_at));
        self.text("SUMMARY", &event.summary);
        for (property, text) in [("DESCRIPTION", &event.description), ("LOCATION", &event.location)] {
            if let Some(text) = text {
                self.text(property, text);
            }
        }
        if let Some(url) = &event.url {
            // An address is a value of its own kind, in which nothing is escaped; a line break cannot be in it.
            self.line("URL", &url.replace(['\r', '\n'], ""));
        }
        self.line("STATUS", if event.cancelled { "CANCELLED" } else { "CONFIRMED" });
        self.line("END", "VEVENT");
    }

    /// A text, in which what separates values is escaped (3.3.11).
    fn text(&mut self, property: &str, text: &str) {
        let mut escaped = String::with_capacity(text.len());
        for c in text.chars() {
            match c {
                '\\' | ';' | ',' => escaped.extend(['\\', c]),
                '\n' => escaped.push_str("\\n"),
                c if c.is_control() => {}
                c => escaped.push(c),
            }
        }
        self.line(property, &escaped);
    }

    /// A line, folded where it is too long (3.1): never within a character.
    fn line(&mut self, property: &str, value: &str) {
        let mut room = WIDTH;
        for c in property.chars().chain([':']).chain(value.chars()) {
            if c.len_utf8() > room {
                self.0.push_str("\r\n ");
                room = WIDTH - 1;
            }
            self.0.push(c);
            room -= c.len_utf8();
        }
        self.0.push_str("\r\n");
    }
}

fn instant(at: DateTime<Utc>) -> String {
    let mut text = String::new();
    // Writing to a text does not fail.
    let _ = write!(text, "{}", at.format("%Y%m%dT%H%M%SZ"));
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn event(summary: &str) -> Event {
        let at = |text: &str| text.parse().unwrap();
        Event {
            uid: "a@bangkom".to_owned(),
            sequence: 3,
            changed_at: at("2026-07-01T02:00:00Z"),
            starts_at: at("2026-07-13T01:00:00Z"),
            ends_at: at("2026-07-13T09:00:00Z"),
            summary: summary.to_owned(),
            description: None,
            location: Some("Aula, lantai 2; kiri".to_owned()),
            url: Some("https://rapat.example.go.id/a,b;c".to_owned()),
            cancelled: false,
        }
    }

    /// The lines as a reader has them: unfolded.
    fn unfolded(text: &str) -> Vec<String> {
        text.replace("\r\n ", "").split("\r\n").map(ToOwned::to_owned).collect()
    }

    #[test]
    fn what_separates_values_is_escaped_in_texts_and_left_alone_in_addresses() {
        let written = write("Jadwal", &[event("Satu\\dua\nTiga\u{7}")]);
        let lines = unfolded(&written);
        for expected in [
            "SUMMARY:Satu\\\\dua\\nTiga",
            "LOCATION:Aula\\, lantai 2\\; kiri",
            "URL:https://rapat.example.go.id/a,b;c",
            "DTSTART:20260713T010000Z",
            "SEQUENCE:3",
            "STATUS:CONFIRMED",
        ] {
            assert!(lines.iter().any(|line| line == expected), "{expected} in {lines:#?}");
        }
        assert!(written.starts_with("BEGIN:VCALENDAR\r\n") && written.ends_with("END:VCALENDAR\r\n"));
    }

    proptest! {
        /// Whatever a title holds: no line is longer than allowed, none is broken within a character, and none appears that
        /// was not written.
        #[test]
        fn lines_are_folded_and_nothing_gets_in(summary in "\\PC{0,200}|[\\r\\n:;,A-Z]{0,80}") {
            let written = write("Jadwal", &[event(&summary)]);
            for line in written.split("\r\n") {
                prop_assert!(line.len() <= WIDTH, "{line}");
                prop_assert!(!line.contains(['\r', '\n']));
            }
            let plain = unfolded(&write("Jadwal", &[event("x")]));
            prop_assert_eq!(unfolded(&written).len(), plain.len());
            let told = unfolded(&written).into_iter().find_map(|line| {
                line.strip_prefix("SUMMARY:").map(ToOwned::to_owned)
            });
            let shown = told.unwrap().replace("\\n", "\n").replace("\\;", ";").replace("\\,", ",").replace("\\\\", "\\");
            let kept: String = summary.chars().filter(|c| *c == '\n' || !c.is_control()).collect();
            if !summary.contains('\\') {
                prop_assert_eq!(shown, kept);
            }
        }
    }
}
