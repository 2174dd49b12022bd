//! The two languages of pictures.

use chrono::{DateTime, Datelike as _, NaiveDate, Utc};

/// A language to write in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lang {
    /// Indonesian.
    Id,
    /// English.
    En,
}

const BULAN: [&str; 12] = [
    "Januari",
    "Februari",
    "Maret",
    "April",
    "Mei",
    "Juni",
    "Juli",
    "Agustus",
    "September",
    "Oktober",
    "November",
    "Desember",
];
const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];

impl Lang {
    /// The language tag.
    #[must_use]
    pub const fn tag(self) -> &'static str {
        match self {
            Self::Id => "id",
            Self::En => "en",
        }
    }

    /// The one of two texts that is in this language.
    #[must_use]
    pub const fn of<'a>(self, id: &'a str, en: &'a str) -> &'a str {
        match self {
            Self::Id => id,
            Self::En => en,
        }
    }

    fn month(self, day: NaiveDate) -> &'static str {
        let names = self.months();
        usize::try_from(day.month0()).ok().and_then(|at| names.get(at)).copied().unwrap_or_default()
    }

    const fn months(self) -> &'static [&'static str; 12] {
        match self {
            Self::Id => &BULAN,
            Self::En => &MONTHS,
        }
    }

    /// `1 Juli 2026`.
    #[must_use]
    pub fn day(self, day: NaiveDate) -> String {
        format!("{} {} {}", day.day(), self.month(day), day.year())
    }

    /// `1 Jul 2026`.
    pub(crate) fn short_day(self, day: NaiveDate) -> String {
        format!("{} {} {}", day.day(), self.short_month(day), day.year())
    }

    /// `Jul`.
    pub(crate) fn short_month(self, day: NaiveDate) -> &'static str {
        self.month(day).get(..3).unwrap_or_default()
    }

    /// `1 Juli 2026 08.00 UTC`.
    #[must_use]
    pub fn instant(self, at: DateTime<Utc>) -> String {
        let clock = at.format(self.of("%H.%M.%S", "%H:%M:%S"));
        format!("{} {clock} UTC", self.day(at.date_naive()))
    }

    /// A decimal number with the language's sign: `88,89`.
    #[must_use]
    pub fn decimal(self, number: &str) -> String {
        match self {
            Self::Id => number.replace('.', ","),
            Self::En => number.to_owned(),
        }
    }

    /// How far from what is required: `−1`, `0`, `+1`.
    pub(crate) fn signed(gap: i8) -> String {
        match gap {
            ..0 => format!("−{}", gap.unsigned_abs()),
            0 => "0".to_owned(),
            1.. => format!("+{gap}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_and_figures_are_written_as_people_write_them() {
        let at: DateTime<Utc> = "2026-08-17T03:05:09Z".parse().unwrap();
        assert_eq!(Lang::Id.day(at.date_naive()), "17 Agustus 2026");
        assert_eq!(Lang::En.instant(at), "17 August 2026 03:05:09 UTC");
        assert_eq!(Lang::Id.instant(at), "17 Agustus 2026 03.05.09 UTC");
        assert_eq!(
            (Lang::Id.short_day(at.date_naive()).as_str(), Lang::En.decimal("88.89")),
            ("17 Agu 2026", "88.89".to_owned())
        );
        assert_eq!([-2, 0, 3].map(Lang::signed), ["−2", "0", "+3"]);
    }
}
