//! What became of an agency's plan: planned and realised, item by item and in sum.

use competency::coarse_count;
use kernel::{Rupiah, wire_enum};

wire_enum! {
    /// How a place became a nomination, or why not.
    pub enum NominationOutcome {
        /// The person was nominated and has a seat.
        Nominated = "NOMINATED",
        /// They were nominated and wait for a seat.
        Waitlisted = "WAITLISTED",
        /// They were enrolled already.
        Already = "ALREADY",
        /// The item names no class.
        NoClass = "NO_CLASS",
        /// They serve nowhere.
        Left = "LEFT",
        /// They are not whom the programme is for, or lack what it builds on.
        Unmet = "UNMET",
        /// They have a seat in another class at the same time.
        Busy = "BUSY",
        /// Every seat and every place in line is taken.
        ClassFull = "CLASS_FULL",
        /// One cannot register for the class now.
        ClassClosed = "CLASS_CLOSED",
    }
}

wire_enum! {
    /// How a place became an item of the person's plan, or why not.
    pub enum EntryOutcome {
        /// It was added to their draft.
        Added = "ADDED",
        /// Their plan holds the programme already.
        Already = "ALREADY",
        /// They serve nowhere.
        Left = "LEFT",
        /// They have no plan for the year.
        NoPlan = "NO_PLAN",
        /// Their plan is no draft any more: it is waited for, approved, or carried out.
        PlanBeyondDraft = "PLAN_BEYOND_DRAFT",
        /// Their plan has room for no more.
        PlanFull = "PLAN_FULL",
    }
}

impl NominationOutcome {
    /// Whether nothing is left to do: another publication leaves it as it is.
    #[must_use]
    pub const fn is_settled(self) -> bool {
        matches!(self, Self::Nominated | Self::Waitlisted | Self::Already)
    }
}

impl EntryOutcome {
    /// Whether nothing is left to do: another publication leaves it as it is.
    #[must_use]
    pub const fn is_settled(self) -> bool {
        matches!(self, Self::Added | Self::Already)
    }
}

wire_enum! {
    /// Where what was committed and spent is known from.
    pub enum SpendingBasis {
        /// Somebody told it.
        Told = "TOLD",
        /// It follows from seats, presence and prices.
        Derived = "DERIVED",
        /// It is what people told of the items of their plans.
        People = "PEOPLE",
    }
}

/// Planned and realised. Counts of places: somebody who has two places counts twice, a seat that stands for both once. Rupiah
/// beyond counting are told as the greatest amount there is, [`Rupiah::MAX`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PlanOutturn {
    /// Places planned.
    pub places: i64,
    /// Of them, nominated: with a seat or in line for one.
    pub nominated: i64,
    /// Of them, were there.
    pub attended: i64,
    /// Of them, completed it.
    pub completed: i64,
    /// Learning hours planned, in hundredths; places without known hours count none, and are in `jp_unknown`.
    pub jp_planned: i64,
    /// Places whose hours are not known.
    pub jp_unknown: i64,
    /// Learning hours certified, in hundredths.
    pub jp_realised: i64,
    /// Rupiah planned; what is not known counts none, and is in `cost_unknown`.
    pub planned: i64,
    /// Items whose cost is not known.
    pub cost_unknown: i64,
    /// Rupiah committed.
    pub committed: i64,
    /// Rupiah spent.
    pub realised: i64,
    /// Steps the places are for.
    pub steps_planned: i64,
    /// Of them, assessed after completion.
    pub steps_assessed: i64,
    /// Of them, found at the level aimed at or above.
    pub steps_reached: i64,
    /// Levels the steps are to gain, where the level before is known.
    pub levels_planned: i64,
    /// Of them, gained by assessments after completion.
    pub levels_gained: i64,
}

impl PlanOutturn {
    /// The same for somebody who may see no person: what single assessments move is told to the nearest five, so that looking
    /// before and after one of them tells nothing of it.
    #[must_use]
    pub fn coarse(self) -> Self {
        let told = |count: i64| {
            let count = coarse_count(u64::try_from(count).unwrap_or_default());
            i64::try_from(count).unwrap_or(i64::MAX)
        };
        Self {
            steps_assessed: told(self.steps_assessed),
            steps_reached: told(self.steps_reached),
            levels_gained: told(self.levels_gained),
            ..self
        }
    }

    /// The sum; none beyond counting.
    #[must_use]
    pub fn plus(self, other: Self) -> Option<Self> {
        let rupiah = |one: i64, other: i64| one.saturating_add(other).min(Rupiah::MAX.amount());
        Some(Self {
            places: self.places.checked_add(other.places)?,
            nominated: self.nominated.checked_add(other.nominated)?,
            attended: self.attended.checked_add(other.attended)?,
            completed: self.completed.checked_add(other.completed)?,
            jp_planned: self.jp_planned.checked_add(other.jp_planned)?,
            jp_unknown: self.jp_unknown.checked_add(other.jp_unknown)?,
            jp_realised: self.jp_realised.checked_add(other.jp_realised)?,
            planned: rupiah(self.planned, other.planned),
            cost_unknown: self.cost_unknown.checked_add(other.cost_unknown)?,
            committed: rupiah(self.committed, other.committed),
            realised: rupiah(self.realised, other.realised),
            steps_planned: self.steps_planned.checked_add(other.steps_planned)?,
            steps_assessed: self.steps_assessed.checked_add(other.steps_assessed)?,
            steps_reached: self.steps_reached.checked_add(other.steps_reached)?,
            levels_planned: self.levels_planned.checked_add(other.levels_planned)?,
            levels_gained: self.levels_gained.checked_add(other.levels_gained)?,
        })
    }
}

/// What somebody told an item to have cost.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Realisation {
    /// What was committed.
    pub committed: Rupiah,
    /// What was spent.
    pub realised: Rupiah,
    /// Where that is on record.
    pub document: Option<kernel::Name>,
}
