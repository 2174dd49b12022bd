//! What a development plan consists of.

use chrono::NaiveDate;
use kernel::{
    AgencyId, Code, CompetencyId, EmployeeId, Hundredths, Level, LongText, Name, PlanItemId, Violation,
    ViolationCode, Violations, wire_enum,
};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::jp_ledger::MOST_JP;

/// The most rupiah an item may cost: beyond it a JSON number is no longer exact.
pub const MOST_RUPIAH: i64 = 9_007_199_254_740_991;

wire_enum! {
    /// Why an item is in a plan.
    pub enum PlanOrigin {
        /// A gap to the position held.
        HeldGap = "HELD_GAP",
        /// A gap to the position aimed at.
        TargetGap = "TARGET_GAP",
        /// A result that fell short of the target (kesenjangan kinerja).
        Performance = "PERFORMANCE",
        /// A service citizens found weak.
        ServiceSignal = "SERVICE_SIGNAL",
        /// The person wishes it.
        OwnWish = "OWN_WISH",
        /// The agency's plan names the person.
        AgencyPlan = "AGENCY_PLAN",
        /// It was not finished last year.
        CarriedOver = "CARRIED_OVER",
    }
}

wire_enum! {
    /// How far an item has come.
    pub enum ItemState {
        /// Nothing was done yet.
        Planned = "PLANNED",
        /// It was begun.
        Started = "STARTED",
        /// It was done.
        Done = "DONE",
        /// It will not be done.
        Dropped = "DROPPED",
    }
}

wire_enum! {
    /// Who says how many hours an item brought.
    pub enum EarnedBy {
        /// Whoever told how far it has come.
        Told = "TOLD",
        /// The ledger: what it names was completed, and credited.
        Ledger = "LEDGER",
    }
}

/// The competency an item is to raise, and the step.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlanStepTaken {
    /// Whose competency it is.
    pub competency_agency: AgencyId,
    /// The competency.
    pub competency: CompetencyId,
    /// The level now; none where nothing valid is known.
    pub from: Option<Level>,
    /// The level aimed at.
    pub to: Level,
}

/// What an item says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlanItemDraft {
    /// The competency it is to raise; none for what serves no single one.
    pub step: Option<PlanStepTaken>,
    /// The programme of the catalogue; none for a free activity.
    pub programme: Option<Uuid>,
    /// The class of that programme.
    pub class: Option<Uuid>,
    /// Code of the form (bentuk pengembangan).
    pub form: Code,
    /// What is to be done.
    pub title: Name,
    /// Learning hours expected.
    pub jp: Hundredths,
    /// What it is expected to cost, in rupiah.
    pub cost: i64,
    /// Where the money comes from (sumber anggaran).
    pub budget: Option<Name>,
    /// The first day.
    pub starts_on: Option<NaiveDate>,
    /// The day by which it is to be done.
    pub due_on: Option<NaiveDate>,
    /// Who helps.
    pub mentor: Option<EmployeeId>,
    /// By what one will see that it was done.
    pub evidence: Option<LongText>,
    /// Why it is in the plan.
    pub origin: PlanOrigin,
}

/// How far an item has come, as told last.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ItemProgress {
    /// In a word.
    pub state: ItemState,
    /// In percent.
    pub percent: u8,
    /// Learning hours told to be earned with it.
    pub jp: Hundredths,
    /// Learning hours the ledger has for it, where it names what was completed: they count, and not what was told.
    pub credited: Option<Hundredths>,
    /// What was committed, in rupiah.
    pub committed: i64,
    /// What was spent, in rupiah.
    pub realised: i64,
    /// Where the evidence is.
    pub evidence: Option<Name>,
    /// More on it; why, when it will not be done.
    pub note: Option<LongText>,
}

impl ItemProgress {
    /// Nothing yet.
    pub const NONE: Self = Self {
        state: ItemState::Planned,
        percent: 0,
        jp: Hundredths::from_count(0),
        credited: None,
        committed: 0,
        realised: 0,
        evidence: None,
        note: None,
    };

    /// Whether it agrees with itself.
    ///
    /// # Errors
    /// `/percent` above 100 or not that of the state; `/evidence` missing of what was done; `/note` missing of what will not be;
    /// amounts out of range.
    pub fn check(&self) -> Result<(), Vec<Violation>> {
        let mut found = Violations::new();
        let fits = match self.state {
            ItemState::Planned => self.percent == 0,
            ItemState::Started => self.percent < 100,
            ItemState::Done => self.percent == 100,
            ItemState::Dropped => self.percent <= 100,
        };
        found.check(!fits, || Violation::new("/percent", ViolationCode::Inconsistent));
        found.check(self.state == ItemState::Done && self.evidence.is_none(), || {
            Violation::new("/evidence", ViolationCode::Required)
        });
        found.check(self.state == ItemState::Dropped && self.note.is_none(), || {
            Violation::new("/note", ViolationCode::Required)
        });
        hours(&mut found, "/jp", self.jp);
        rupiah(&mut found, "/committed", self.committed);
        rupiah(&mut found, "/realised", self.realised);
        found.finish()
    }

    /// Learning hours earned with it, and who says so.
    #[must_use]
    pub fn earned(&self) -> (Hundredths, EarnedBy) {
        self.credited.map_or((self.jp, EarnedBy::Told), |jp| (jp, EarnedBy::Ledger))
    }

    /// Whether nothing more is to come.
    #[must_use]
    pub const fn is_settled(&self) -> bool {
        matches!(self.state, ItemState::Done | ItemState::Dropped)
    }
}

/// An item of a plan.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlanItem {
    /// The identifier, another one in each version of the plan.
    pub id: PlanItemId,
    /// The same over all versions of a plan.
    pub line: Uuid,
    /// What it says.
    pub said: PlanItemDraft,
    /// The item of last year's plan it continues.
    pub carried_from: Option<PlanItemId>,
    /// The item of a template it comes from.
    pub template_item: Option<Uuid>,
    /// How far it has come.
    pub progress: ItemProgress,
}

impl PlanItem {
    /// Learning hours that are still to come of it.
    #[must_use]
    pub fn jp_to_come(&self) -> Hundredths {
        let earned = self.progress.earned().0;
        let expected = if self.progress.is_settled() { 0 } else { self.said.jp.count() };
        Hundredths::from_count(expected.saturating_sub(earned.count()))
    }
}

fn hours(found: &mut Violations, at: &str, jp: Hundredths) {
    found.check(jp > MOST_JP, || {
        Violation::new(at, ViolationCode::OutOfRange).with("min", 0).with("max", MOST_JP)
    });
}

fn rupiah(found: &mut Violations, at: &str, amount: i64) {
    found.check(!(0..=MOST_RUPIAH).contains(&amount), || {
        Violation::new(at, ViolationCode::OutOfRange).with("min", 0).with("max", MOST_RUPIAH)
    });
}

impl PlanItemDraft {
    /// Whether it agrees with itself. Days may lie in the past: that is looked at when the plan begins.
    ///
    /// # Errors
    /// Places below `at`.
    pub fn check(&self, at: &str, found: &mut Violations) {
        if let Some(step) = self.step {
            found.check(step.from.is_some_and(|from| from >= step.to), || {
                Violation::new(format!("{at}/level_to"), ViolationCode::Inconsistent)
            });
        }
        let needs_step = matches!(self.origin, PlanOrigin::HeldGap | PlanOrigin::TargetGap);
        found.check(needs_step && self.step.is_none(), || {
            Violation::new(format!("{at}/competency_id"), ViolationCode::Required)
        });
        found.check(self.class.is_some() && self.programme.is_none(), || {
            Violation::new(format!("{at}/programme_id"), ViolationCode::Required)
        });
        found.check(matches!((self.starts_on, self.due_on), (Some(start), Some(due)) if due < start), || {
            Violation::new(format!("{at}/due_on"), ViolationCode::PeriodReversed)
        });
        hours(found, &format!("{at}/jp"), self.jp);
        rupiah(found, &format!("{at}/cost"), self.cost);
    }
}
