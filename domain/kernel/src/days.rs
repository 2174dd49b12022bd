//! Days and instants. A day is a calendar day in the agency's time zone; an instant is UTC.

use chrono::{DateTime, Datelike, Duration, NaiveDate, NaiveTime, SubsecRound, Utc};
use serde::{Deserialize, Serialize};

/// An instant with the precision the database keeps (microseconds), so that what is compared is what is stored.
#[must_use]
pub fn micros(at: DateTime<Utc>) -> DateTime<Utc> {
    at.trunc_subsecs(6)
}

/// The same day `years` later; 29 February becomes 28 February where there is none.
#[must_use]
pub fn add_years(day: NaiveDate, years: u8) -> NaiveDate {
    let year = day.year() + i32::from(years);
    day.with_year(year).or_else(|| NaiveDate::from_ymd_opt(year, 2, 28)).unwrap_or(NaiveDate::MAX)
}

crate::wire_enum! {
    /// Indonesia's three time zones, west to east; none has daylight saving.
    pub enum AgencyZone {
        /// Western Indonesia time (Waktu Indonesia Barat), UTC+7.
        Wib = "WIB",
        /// Central Indonesia time (Waktu Indonesia Tengah), UTC+8.
        Wita = "WITA",
        /// Eastern Indonesia time (Waktu Indonesia Timur), UTC+9.
        Wit = "WIT",
    }
}

impl AgencyZone {
    /// The calendar day it is in this zone at `at`.
    #[must_use]
    pub fn day(self, at: DateTime<Utc>) -> NaiveDate {
        (at + self.ahead()).date_naive()
    }

    /// The instant at which clocks in this zone show `time` on `day`.
    #[must_use]
    pub fn instant(self, day: NaiveDate, time: NaiveTime) -> DateTime<Utc> {
        let shown = day.and_time(time).and_utc();
        // Before the beginning of the calendar nothing is ever planned.
        shown.checked_sub_signed(self.ahead()).unwrap_or(DateTime::<Utc>::MIN_UTC)
    }

    /// How far its clocks are ahead of UTC.
    const fn ahead(self) -> Duration {
        Duration::hours(match self {
            Self::Wib => 7,
            Self::Wita => 8,
            Self::Wit => 9,
        })
    }
}

/// Days from `from` up to and including `last`; open-ended without `last`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Period {
    /// The first day.
    pub from: NaiveDate,
    /// The last day, itself included.
    pub last: Option<NaiveDate>,
}

impl Period {
    /// Whether `day` lies in the period.
    #[must_use]
    pub fn contains(&self, day: NaiveDate) -> bool {
        self.from <= day && self.last.is_none_or(|last| day <= last)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::TimeZone;

    fn day(y: i32, m: u32, d: u32) -> NaiveDate {
        NaiveDate::from_ymd_opt(y, m, d).unwrap()
    }

    #[test]
    fn a_leap_day_three_years_on_is_the_last_of_february() {
        assert_eq!(add_years(day(2024, 2, 29), 3), day(2027, 2, 28));
        assert_eq!(add_years(day(2024, 3, 1), 3), day(2027, 3, 1));
    }

    #[test]
    fn midnight_comes_first_in_the_east() {
        let at = Utc.with_ymd_and_hms(2026, 6, 30, 15, 0, 0).unwrap();
        assert_eq!(AgencyZone::Wit.day(at), day(2026, 7, 1));
        assert_eq!(AgencyZone::Wita.day(at), day(2026, 6, 30));
        assert_eq!(AgencyZone::Wib.day(at), day(2026, 6, 30));
    }

    #[test]
    fn a_time_of_the_clock_is_an_instant_of_its_zone() {
        for zone in AgencyZone::ALL {
            let midnight = zone.instant(day(2026, 7, 1), NaiveTime::MIN);
            assert_eq!(zone.day(midnight), day(2026, 7, 1));
            assert_eq!(zone.day(midnight - Duration::microseconds(1)), day(2026, 6, 30));
        }
        assert_eq!(AgencyZone::Wit.instant(NaiveDate::MIN, NaiveTime::MIN), DateTime::<Utc>::MIN_UTC);
    }

    #[test]
    fn both_ends_of_a_period_belong_to_it() {
        let period = Period { from: day(2026, 1, 1), last: Some(day(2026, 1, 31)) };
        assert!(period.contains(day(2026, 1, 1)) && period.contains(day(2026, 1, 31)));
        assert!(!period.contains(day(2025, 12, 31)) && !period.contains(day(2026, 2, 1)));
    }
}
