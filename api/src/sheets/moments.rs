//! Cells that hold a day with its hour.

use chrono::{DateTime, Datelike as _, NaiveDate, NaiveTime, Timelike as _, Utc};
use kernel::{AgencyZone, Violation, ViolationCode, micros};

use super::cells::{Cell, YEARS, date, day};

/// What a cell says of when something is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Moment {
    /// A day without an hour.
    Day(NaiveDate),
    /// A day and an hour by the agency's clock.
    Clock(NaiveDate, NaiveTime),
    /// An hour of a day that stands elsewhere.
    Hour(NaiveTime),
    /// An instant, with the zone it is told in.
    Instant(DateTime<Utc>),
}

impl Moment {
    /// The instant in an agency's zone: `at` is the hour of a day that comes without one, `on` the day of an hour alone.
    #[must_use]
    pub fn instant(
        self,
        zone: AgencyZone,
        at: Option<NaiveTime>,
        on: Option<NaiveDate>,
    ) -> Option<DateTime<Utc>> {
        let instant = match self {
            Self::Day(day) => zone.instant(day, at?),
            Self::Clock(day, time) => zone.instant(day, time),
            Self::Hour(time) => zone.instant(on?, time),
            Self::Instant(instant) => instant,
        };
        Some(micros(instant))
    }

    /// Its day in an agency's zone, where it has one.
    #[must_use]
    pub fn day(self, zone: AgencyZone) -> Option<NaiveDate> {
        match self {
            Self::Day(day) | Self::Clock(day, _) => Some(day),
            Self::Instant(instant) => Some(zone.day(instant)),
            Self::Hour(_) => None,
        }
    }
}

/// Reads `2026-08-03 08:00`, `03-08-2026 08.00`, an instant with its zone (`2026-08-03T08:00:00+07:00`), a day or an hour.
pub(super) fn moment(cell: &Cell) -> Result<Moment, Violation> {
    let found = match cell {
        Cell::Date(_) => date(cell).ok().map(Moment::Day),
        other => read(&other.shown()),
    };
    found.ok_or_else(|| Violation::new("", ViolationCode::InvalidFormat))
}

fn read(text: &str) -> Option<Moment> {
    let text = text.trim();
    if let Ok(instant) = DateTime::parse_from_rfc3339(text) {
        return Some(instant.to_utc()).filter(|at| YEARS.contains(&at.year())).map(Moment::Instant);
    }
    // A day alone is one, also with the midnight some programs write behind it.
    let parts = text.split_once(['T', ' ']);
    match parts {
        Some((date, time)) => Some(Moment::Clock(day(date)?, hour(time.trim())?)),
        None => day(text).map(Moment::Day).or_else(|| hour(text).map(Moment::Hour)),
    }
}

/// An hour: `16:00`, `16.00` as people here write it, with seconds, or the part of a day a spreadsheet keeps.
fn hour(text: &str) -> Option<NaiveTime> {
    for form in ["%H:%M", "%H:%M:%S%.f"] {
        if let Ok(time) = NaiveTime::parse_from_str(text, form) {
            // A leap second is nobody's appointment.
            return Some(time).filter(|time| time.nanosecond() < 1_000_000_000);
        }
    }
    let (whole, rest) = text.split_once('.')?;
    let digits = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
    if !digits(whole) || !digits(rest) {
        return None;
    }
    // What a spreadsheet keeps begins with a single 0, which nobody writes for an hour of the day.
    if whole == "0" {
        return part_of_day(text);
    }
    let minutes = rest.len() == 2 && whole.len() <= 2;
    minutes.then(|| NaiveTime::from_hms_opt(whole.parse().ok()?, rest.parse().ok()?, 0))?
}

fn part_of_day(text: &str) -> Option<NaiveTime> {
    let part: f64 = text.parse().ok()?;
    let seconds = format!("{:.0}", part * 86_400.0).parse().ok()?;
    NaiveTime::from_num_seconds_from_midnight_opt(seconds, 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn on(day: u32) -> NaiveDate {
        NaiveDate::from_ymd_opt(2026, 8, day).unwrap()
    }

    fn at(hour: u32, minute: u32) -> NaiveTime {
        NaiveTime::from_hms_opt(hour, minute, 0).unwrap()
    }

    #[test]
    fn a_day_and_its_hour_are_read_however_they_are_written() {
        for text in [
            "2026-08-03 08:30",
            "03-08-2026 08.30",
            "3/8/2026 8:30",
            "2026-08-03T08:30:00",
            "2026-08-03  8.30",
        ] {
            assert_eq!(read(text), Some(Moment::Clock(on(3), at(8, 30))), "{text}");
        }
        assert_eq!(read("03-08-2026"), Some(Moment::Day(on(3))));
        for text in ["16:00", "16.00", "16:00:00", "0.666666666666667"] {
            assert_eq!(read(text), Some(Moment::Hour(at(16, 0))), "{text}");
        }
        assert_eq!(read("0.25"), Some(Moment::Hour(at(6, 0))));
        for text in [
            "",
            "besok",
            "2026-08-03 25:00",
            "2026-08-32 08:00",
            "08/13/2026 08:00",
            "16.0",
            "16.000",
            "24:00",
            "46027.5",
            "-1",
            "2026-08-03 23:59:60",
        ] {
            assert_eq!(read(text), None, "{text}");
        }
    }

    #[test]
    fn the_same_hour_is_another_instant_in_each_zone() {
        let clock = Moment::Clock(on(3), at(8, 0));
        let hours = AgencyZone::ALL.map(|zone| clock.instant(zone, None, None).unwrap().hour());
        assert_eq!(hours, [1, 0, 23]);
        let told = read("2026-08-03T08:00:00+07:00").unwrap();
        for zone in AgencyZone::ALL {
            assert_eq!(told.instant(zone, None, None), clock.instant(AgencyZone::Wib, None, None));
        }
        assert_eq!(read("2026-08-02T23:00:00Z").unwrap().day(AgencyZone::Wit), Some(on(3)));
    }

    #[test]
    fn half_of_a_moment_takes_the_other_half_from_elsewhere() {
        let zone = AgencyZone::Wib;
        let (day, hour) = (Moment::Day(on(3)), Moment::Hour(at(16, 0)));
        assert_eq!(day.instant(zone, None, Some(on(1))), None);
        assert_eq!(day.instant(zone, Some(NaiveTime::MIN), None), Some(zone.instant(on(3), NaiveTime::MIN)));
        assert_eq!(hour.instant(zone, Some(NaiveTime::MIN), None), None);
        assert_eq!(hour.instant(zone, None, day.day(zone)), Some(zone.instant(on(3), at(16, 0))));
        assert_eq!(hour.day(zone), None);
    }
}
