//! Who held which position when, and what was known about it when.

use chrono::{DateTime, NaiveDate, Utc};
use kernel::{EmployeeId, Name, Period, PlacementId, PositionId, wire_enum};

/// One entry of an employee's position history (riwayat jabatan). It lasts until the next one begins, so two can
/// never overlap. It is never edited: a wrong one is retracted and a right one recorded, and both stay on file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Placement {
    /// Its identifier.
    pub id: PlacementId,
    /// Whose it is.
    pub employee: EmployeeId,
    /// The position held; none means released from any position.
    pub position: Option<PositionId>,
    /// The first day (TMT jabatan).
    pub starts_on: NaiveDate,
    /// The decree (SK) it rests on.
    pub decree: Option<Name>,
    /// When it was recorded.
    pub recorded_at: DateTime<Utc>,
    /// When it was declared wrong.
    pub retracted_at: Option<DateTime<Utc>>,
}

wire_enum! {
    /// What can be done with a placement.
    pub enum PlacementAction {
        /// Declare it wrong.
        Retract = "RETRACT",
    }
}

/// A placement with the days it covers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stay<'a> {
    /// The entry.
    pub placement: &'a Placement,
    /// From its start to the day before the next one starts.
    pub period: Period,
}

/// Why a change of a placement is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PlacementError {
    /// It was retracted before.
    #[error("the placement was retracted at {0}")]
    Retracted(DateTime<Utc>),
}

impl PlacementError {
    /// The code clients see.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Retracted(_) => "PLACEMENT_RETRACTED",
        }
    }
}

impl Placement {
    /// Whether it was on record, and not yet declared wrong, at `known_at`.
    #[must_use]
    pub fn live_at(&self, known_at: DateTime<Utc>) -> bool {
        self.recorded_at <= known_at && self.retracted_at.is_none_or(|retracted| known_at < retracted)
    }

    /// What may be done with it as things stand.
    #[must_use]
    pub fn allowed_actions(&self) -> &'static [PlacementAction] {
        if self.retracted_at.is_none() { &PlacementAction::ALL } else { &[] }
    }

    /// The same placement, declared wrong.
    ///
    /// # Errors
    /// [`PlacementError::Retracted`] when it was already.
    pub fn retract(self, now: DateTime<Utc>) -> Result<Self, PlacementError> {
        match self.retracted_at {
            Some(at) => Err(PlacementError::Retracted(at)),
            None => Ok(Self { retracted_at: Some(now), ..self }),
        }
    }

    /// What decides among placements that have begun: the later start, and of two with one start the one recorded
    /// later (the identifier settles two recorded at one instant).
    fn rank(&self) -> (NaiveDate, DateTime<Utc>, PlacementId) {
        (self.starts_on, self.recorded_at, self.id)
    }
}

/// The placement in force on `day` as it was known at `known_at`, among those of one employee.
#[must_use]
pub fn placement_on(placements: &[Placement], day: NaiveDate, known_at: DateTime<Utc>) -> Option<&Placement> {
    placements
        .iter()
        .filter(|placement| placement.live_at(known_at) && placement.starts_on <= day)
        .max_by_key(|placement| placement.rank())
}

/// One employee's history as it was known at `known_at`, earliest first. Of several entries with one start only the
/// last recorded shows.
#[must_use]
pub fn history(placements: &[Placement], known_at: DateTime<Utc>) -> Vec<Stay<'_>> {
    let mut live: Vec<&Placement> =
        placements.iter().filter(|placement| placement.live_at(known_at)).collect();
    live.sort_by_key(|placement| std::cmp::Reverse(placement.rank()));
    live.dedup_by_key(|placement| placement.starts_on);
    let mut next_start: Option<NaiveDate> = None;
    let mut stays: Vec<Stay<'_>> = live
        .into_iter()
        .map(|placement| {
            let last = next_start.replace(placement.starts_on).and_then(|start| start.pred_opt());
            Stay { placement, period: Period { from: placement.starts_on, last } }
        })
        .collect();
    stays.reverse();
    stays
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::{Days, TimeZone};
    use proptest::prelude::*;

    fn day(n: u64) -> NaiveDate {
        NaiveDate::from_ymd_opt(2026, 1, 1).unwrap() + Days::new(n)
    }

    fn at(n: i64) -> DateTime<Utc> {
        Utc.timestamp_opt(1_800_000_000 + n, 0).unwrap()
    }

    fn placed(starts: u64, recorded: i64, retracted: Option<i64>) -> Placement {
        Placement {
            id: PlacementId::new(),
            employee: EmployeeId::new(),
            position: Some(PositionId::new()),
            starts_on: day(starts),
            decree: None,
            recorded_at: at(recorded),
            retracted_at: retracted.map(at),
        }
    }

    #[test]
    fn a_placement_lasts_until_the_next_begins() {
        let all = [placed(10, 0, None), placed(0, 0, None)];
        assert_eq!(placement_on(&all, day(9), at(0)), Some(&all[1]));
        assert_eq!(placement_on(&all, day(10), at(0)), Some(&all[0]));
        let periods: Vec<Period> = history(&all, at(0)).iter().map(|stay| stay.period).collect();
        assert_eq!(
            periods,
            [Period { from: day(0), last: Some(day(9)) }, Period { from: day(10), last: None }]
        );
    }

    #[test]
    fn of_two_with_one_start_the_one_recorded_later_counts() {
        let all = [placed(0, 5, None), placed(0, 3, None)];
        assert_eq!(placement_on(&all, day(0), at(9)), Some(&all[0]));
        assert_eq!(placement_on(&all, day(0), at(4)), Some(&all[1]));
        assert_eq!(history(&all, at(9)).len(), 1);
    }

    #[test]
    fn a_retraction_counts_from_its_instant_on() {
        let all = [placed(0, 0, Some(5))];
        assert!(placement_on(&all, day(0), at(4)).is_some());
        assert!(placement_on(&all, day(0), at(5)).is_none());
        let refused = all[0].clone().retract(at(9)).unwrap_err();
        assert_eq!((refused, refused.code()), (PlacementError::Retracted(at(5)), "PLACEMENT_RETRACTED"));
        assert_eq!(placed(0, 0, None).retract(at(7)).unwrap().retracted_at, Some(at(7)));
        assert_eq!(placed(0, 0, None).allowed_actions(), PlacementAction::ALL);
        assert_eq!(all[0].allowed_actions(), []);
    }

    fn some_placements() -> impl Strategy<Value = Vec<Placement>> {
        prop::collection::vec((0_u64..20, 0_i64..20, prop::option::of(1_i64..20)), 0..12).prop_map(|rows| {
            rows.into_iter()
                .map(|(starts, recorded, kept)| placed(starts, recorded, kept.map(|kept| recorded + kept)))
                .collect()
        })
    }

    proptest! {
        #[test]
        fn history_and_the_question_for_one_day_agree(all in some_placements(), asked in 0_u64..22, known in 0_i64..42) {
            let (asked, known) = (day(asked), at(known));
            let stays = history(&all, known);
            let covering: Vec<_> = stays.iter().filter(|stay| stay.period.contains(asked)).collect();
            prop_assert!(covering.len() <= 1);
            prop_assert_eq!(covering.first().map(|stay| stay.placement), placement_on(&all, asked, known));
        }

        #[test]
        fn what_is_recorded_later_never_changes_an_earlier_answer(
            all in some_placements(), asked in 0_u64..22, known in 0_i64..20,
        ) {
            let by_then: Vec<Placement> = all
                .iter()
                .filter(|placement| placement.recorded_at <= at(known))
                .cloned()
                .map(|placement| Placement {
                    retracted_at: placement.retracted_at.filter(|retracted| *retracted <= at(known)),
                    ..placement
                })
                .collect();
            let now = placement_on(&all, day(asked), at(known)).map(|placement| placement.id);
            let then = placement_on(&by_then, day(asked), at(known)).map(|placement| placement.id);
            prop_assert_eq!(now, then);
        }
    }
}
