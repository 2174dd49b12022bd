//! What ceilings leave to earn. A ceiling counts its own days, and those of a contract do not end with the year: hours that are
//! still to come go by the day they will be earned on.

use chrono::NaiveDate;
use kernel::{Hundredths, Period};

use super::{JpBound, JpEnforcement, LedgerFacts, calendar_year, counted_as_of};

/// The hours ceilings leave somebody, each over the days it counts; without end where there are none.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct JpRooms {
    /// The days a ceiling counts, and the hours it leaves; below zero once more was taken.
    left: Vec<(Period, i64)>,
    /// Days of the year that lie ahead, one for each ceiling or set of them: what has no day yet may be done on any.
    days: Vec<NaiveDate>,
}

impl JpRooms {
    /// Whether nothing bounds the hours.
    #[must_use]
    pub const fn is_unbounded(&self) -> bool {
        self.left.is_empty()
    }

    /// How far `jp` more hours earned on `day` would pass a ceiling. What has no day is taken to be earned on the one ahead that
    /// leaves most.
    #[must_use]
    pub fn over(&self, day: Option<NaiveDate>, jp: Hundredths) -> Hundredths {
        let jp = i64::from(jp.count());
        above(self.day(day, jp).map_or(0, |day| self.over_on(day, jp)))
    }

    /// Takes `jp` hours up that will be earned on `day`, as [`JpRooms::over`] has it.
    pub fn take(&mut self, day: Option<NaiveDate>, jp: Hundredths) {
        let jp = i64::from(jp.count());
        let Some(day) = self.day(day, jp) else { return };
        for (_, left) in self.left.iter_mut().filter(|(period, _)| period.contains(day)) {
            *left = left.saturating_sub(jp);
        }
    }

    /// How far what was taken up passes a ceiling.
    #[must_use]
    pub fn passed(&self) -> Hundredths {
        above(self.left.iter().map(|(_, left)| left.saturating_neg()).max().unwrap_or(0))
    }

    fn day(&self, day: Option<NaiveDate>, jp: i64) -> Option<NaiveDate> {
        day.or_else(|| self.days.iter().copied().min_by_key(|day| self.over_on(*day, jp)))
    }

    fn over_on(&self, day: NaiveDate, jp: i64) -> i64 {
        let bounds = self.left.iter().filter(|(period, _)| period.contains(day));
        bounds.map(|(_, left)| jp.saturating_sub(*left)).max().unwrap_or(0).max(0)
    }
}

fn above(count: i64) -> Hundredths {
    Hundredths::from_count(u32::try_from(count.max(0)).unwrap_or(u32::MAX))
}

#[cfg(test)]
impl JpRooms {
    /// One that leaves so many hours of each of these days, the first of which lies ahead.
    pub(crate) fn of(left: &[(Period, u32)]) -> Self {
        Self {
            left: left.iter().map(|(period, jp)| (*period, i64::from(jp * 100))).collect(),
            days: left.iter().map(|(period, _)| period.from).collect(),
        }
    }
}

impl LedgerFacts<'_> {
    /// What the ceilings of one enforcement leave of the year.
    #[must_use]
    pub fn rooms(&self, enforcement: JpEnforcement) -> JpRooms {
        let bounds = |rule: &super::JpRule| rule.bound == JpBound::AtMost && rule.enforcement == enforcement;
        let terms = self.terms(counted_as_of(self.year, self.today));
        let left: Vec<_> = terms
            .iter()
            .filter(|term| bounds(&term.rule))
            .map(|term| (term.period, i64::from(term.counted.short_of(term.jp).count())))
            .collect();
        let year = calendar_year(self.year);
        let ahead = self.today.succ_opt().unwrap_or(self.today);
        let first = ahead.clamp(year.from, year.last.unwrap_or(ahead).max(year.from));
        // From one day on which a ceiling begins, or after its last one, to the next nothing changes.
        let turns = left.iter().flat_map(|(period, _)| {
            [Some(period.from), period.last.and_then(|last| last.succ_opt())].into_iter().flatten()
        });
        let mut days: Vec<_> = turns.filter(|day| *day > first && year.contains(*day)).collect();
        days.push(first);
        days.sort_unstable();
        days.dedup();
        JpRooms { left, days }
    }
}
