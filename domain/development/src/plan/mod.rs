//! The individual development plan (rencana pengembangan individu, IDP): what somebody does in a year to close gaps, drawn
//! up with their superior and approved by the agency.

use std::collections::BTreeSet;

use chrono::{DateTime, Datelike, NaiveDate, Utc};
use kernel::{
    EmployeeId, Hundredths, LongText, Name, PlanId, PlanItemId, PositionId, UserId, Version, Violation,
    ViolationCode, Violations,
};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::jp_ledger::JpRooms;

mod generate;
mod item;
mod machine;
mod policy;
mod snapshot;
mod template;

pub use generate::{Offer, Proposal, propose};
pub use item::{
    EarnedBy, ItemProgress, ItemState, MOST_RUPIAH, PlanItem, PlanItemDraft, PlanOrigin, PlanStepTaken,
};
pub use machine::{PLAN_TABLE, PlanAction, PlanParty, PlanRule, PlanState, PlanStep, plan_rule};
pub use policy::{DEVELOPMENT_PLAN_POLICY, PlanRubric, development_plan_policy};
pub use snapshot::{GapSnapshot, SnapshotLine, UnplannedReason};
pub use template::{PlanTemplate, TemplateFor, TemplateItem, TemplatePart};

/// A document a plan refers to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlanAttachment {
    /// What it is.
    pub title: Name,
    /// Where it is: a file's reference or an address.
    pub reference: Name,
}

/// What a plan says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlanDraft {
    /// The position aimed at.
    pub target: Option<PositionId>,
    /// The career goal, in words.
    pub goal: Option<LongText>,
    /// What is to be done, in order.
    pub items: Vec<PlanItem>,
    /// Documents it refers to.
    pub attachments: Vec<PlanAttachment>,
}

/// One version of somebody's plan for a year.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Plan {
    /// The identifier.
    pub id: PlanId,
    /// Whose.
    pub employee: EmployeeId,
    /// The year.
    pub year: i32,
    /// Its number among the person's plans of the year, from 1.
    pub number: i32,
    /// Where it stands.
    pub state: PlanState,
    /// The active version it is to take the place of.
    pub revises: Option<PlanId>,
    /// What it says.
    pub said: PlanDraft,
    /// Who endorsed this version.
    pub endorsed_by: Option<UserId>,
    /// Who approved it for the agency.
    pub confirmed_by: Option<UserId>,
    /// When the last approval it needs was given.
    pub approved_at: Option<DateTime<Utc>>,
    /// When it was begun with.
    pub activated_at: Option<DateTime<Utc>>,
    /// When it was completed.
    pub completed_at: Option<DateTime<Utc>>,
    /// How often the record has been written.
    pub version: Version,
}

/// Who wants something of a plan, and what they are to it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlanCaller {
    /// The user.
    pub user: UserId,
    /// Whether they are the person.
    pub oneself: bool,
    /// Whether they are a machine: it prepares and never decides.
    pub machine: bool,
    /// Whether they are the authority in the place of a superior, whom the person does not have.
    pub stands_in: bool,
    /// What they are to the plan.
    pub parties: BTreeSet<PlanParty>,
}

/// Why something cannot be done with a plan.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PlanError {
    /// Its state does not allow it.
    #[error("{action} is not possible in state {state}")]
    WrongState {
        /// Where it stands.
        state: PlanState,
        /// What was wanted.
        action: PlanAction,
    },
    /// The caller is nothing to the plan that may do this.
    #[error("the caller may not do this")]
    NotParty,
    /// The caller is the person.
    #[error("nobody decides on their own plan")]
    Oneself,
    /// The caller agreed to it at an earlier step.
    #[error("every step needs another officer")]
    SameOfficer,
    /// Nothing is planned.
    #[error("the plan has no items")]
    Empty,
    /// Values that cannot stand.
    #[error("values cannot stand")]
    Invalid(Vec<Violation>),
}

impl PlanError {
    /// The code clients see.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::WrongState { .. } => "PLAN_STATE",
            Self::NotParty => "FORBIDDEN",
            Self::Oneself => "PLAN_OWN",
            Self::SameOfficer => "PLAN_SAME_OFFICER",
            Self::Empty => "PLAN_EMPTY",
            Self::Invalid(_) => "INVALID",
        }
    }
}

/// A class somebody completed, and what their ledger has for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CreditedClass {
    /// The programme.
    pub programme: Uuid,
    /// The class.
    pub class: Uuid,
    /// The hours; none where they were taken back.
    pub jp: Hundredths,
}

impl PlanDraft {
    /// Takes up of `rooms` what is still to come of its items, on the days that is due.
    pub fn plan_into(&self, rooms: &mut JpRooms) {
        for item in &self.items {
            rooms.take(item.said.due_on, item.jp_to_come());
        }
    }

    /// The most documents a plan may refer to.
    pub const MOST_ATTACHMENTS: usize = 20;

    /// Whether it agrees with itself.
    ///
    /// # Errors
    /// Every value that cannot stand.
    pub fn check(&self) -> Result<(), Vec<Violation>> {
        let mut found = Violations::new();
        let (items, most) = (self.items.len(), usize::from(PlanRubric::MOST_ITEMS));
        found.check(items > most, || Violation::new("/items", ViolationCode::TooMany).with("max", most));
        let most = Self::MOST_ATTACHMENTS;
        found.check(self.attachments.len() > most, || {
            Violation::new("/attachments", ViolationCode::TooMany).with("max", most)
        });
        for (index, item) in self.items.iter().enumerate() {
            item.said.check(&format!("/items/{index}"), &mut found);
        }
        found.finish()
    }
}

impl Plan {
    /// A draft.
    ///
    /// # Errors
    /// Those of [`PlanDraft::check`].
    pub fn draft(
        id: PlanId,
        employee: EmployeeId,
        year: i32,
        number: i32,
        said: PlanDraft,
    ) -> Result<Self, PlanError> {
        said.check().map_err(PlanError::Invalid)?;
        Ok(Self {
            id,
            employee,
            year,
            number,
            state: PlanState::Draft,
            revises: None,
            said,
            endorsed_by: None,
            confirmed_by: None,
            approved_at: None,
            activated_at: None,
            completed_at: None,
            version: Version::FIRST,
        })
    }

    /// The row of the table that lets `caller` do `action` now.
    ///
    /// # Errors
    /// What stands against it: first that they are nothing to the plan, then its state, then who they are.
    pub fn permit(&self, action: PlanAction, caller: &PlanCaller) -> Result<&'static PlanRule, PlanError> {
        let ever = PLAN_TABLE
            .iter()
            .filter(|rule| rule.action == action)
            .any(|rule| rule.parties.iter().any(|party| caller.parties.contains(party)));
        if !ever {
            return Err(PlanError::NotParty);
        }
        let state = self.state;
        let rule = plan_rule(state, action).ok_or(PlanError::WrongState { state, action })?;
        if rule.decides && caller.oneself {
            return Err(PlanError::Oneself);
        }
        if rule.decides && caller.machine {
            return Err(PlanError::NotParty);
        }
        if !rule.parties.iter().any(|party| caller.parties.contains(party)) {
            return Err(PlanError::NotParty);
        }
        let before: &[Option<UserId>] = match action {
            // Where nobody is above, the authority is both: an agency has one, and the planner agrees in between.
            PlanAction::Enact if caller.stands_in => &[self.confirmed_by],
            PlanAction::Approve | PlanAction::Enact => &[self.endorsed_by, self.confirmed_by],
            _ => &[],
        };
        if before.contains(&Some(caller.user)) {
            return Err(PlanError::SameOfficer);
        }
        Ok(rule)
    }

    /// What `caller` may do now.
    #[must_use]
    pub fn allowed_actions(&self, caller: &PlanCaller) -> Vec<PlanAction> {
        PlanAction::ALL.into_iter().filter(|action| self.permit(*action, caller).is_ok()).collect()
    }

    /// The same after `action`: the one way from state to state. `authority` is whether the agency's policy asks for the
    /// authority's word.
    ///
    /// # Errors
    /// Those of [`Plan::permit`]; a reason or dates that are missing; nothing planned.
    pub fn after(
        &self,
        action: PlanAction,
        caller: &PlanCaller,
        authority: bool,
        reason: Option<&LongText>,
        (at, today): (DateTime<Utc>, NaiveDate),
    ) -> Result<Self, PlanError> {
        let rule = self.permit(action, caller)?;
        if rule.reason && reason.is_none() {
            return Err(PlanError::Invalid(vec![Violation::new("/reason", ViolationCode::Required)]));
        }
        let mut plan = Self { state: rule.step.from(self.state, authority), ..self.clone() };
        match action {
            PlanAction::Submit => self.check_whole()?,
            PlanAction::Endorse => plan.endorsed_by = Some(caller.user),
            PlanAction::Approve => plan.confirmed_by = Some(caller.user),
            PlanAction::Activate => {
                self.check_days(today)?;
                plan.activated_at = Some(at);
            }
            PlanAction::Complete => plan.completed_at = Some(at),
            // Whoever agreed has to agree again.
            PlanAction::Withdraw | PlanAction::Return | PlanAction::Reopen => {
                (plan.endorsed_by, plan.confirmed_by, plan.approved_at) = (None, None, None);
            }
            _ => {}
        }
        if plan.state == PlanState::Approved && self.state != PlanState::Approved {
            plan.approved_at = Some(at);
        }
        Ok(plan)
    }

    /// Whether something is planned, and everything that costs money says where that comes from.
    fn check_whole(&self) -> Result<(), PlanError> {
        if self.said.items.is_empty() {
            return Err(PlanError::Empty);
        }
        let mut found = Violations::new();
        for (index, item) in self.said.items.iter().enumerate() {
            found.check(item.said.cost > 0 && item.said.budget.is_none(), || {
                Violation::new(format!("/items/{index}/budget"), ViolationCode::Required)
            });
        }
        found.finish().map_err(PlanError::Invalid)
    }

    /// Whether every item that is still to be done has a day that lies ahead and in the year.
    ///
    /// # Errors
    /// Places of the items.
    pub fn check_days(&self, today: NaiveDate) -> Result<(), PlanError> {
        let mut found = Violations::new();
        for (index, item) in
            self.said.items.iter().enumerate().filter(|(_, item)| !item.progress.is_settled())
        {
            let at = format!("/items/{index}/due_on");
            match item.said.due_on {
                None => found.push(Violation::new(at, ViolationCode::Required)),
                Some(due) => {
                    let last = NaiveDate::from_ymd_opt(self.year, 12, 31).unwrap_or(NaiveDate::MAX);
                    let first = today.succ_opt().unwrap_or(today);
                    found.check(due < first || due > last, || {
                        Violation::new(at, ViolationCode::OutOfRange).with("min", first).with("max", last)
                    });
                }
            }
        }
        found.finish().map_err(PlanError::Invalid)
    }

    /// A new version of this active plan, to be drawn up: the same items, each with how far it has come.
    ///
    /// # Errors
    /// Those of [`Plan::permit`]; a reason that is missing.
    pub fn revise(
        &self,
        caller: &PlanCaller,
        reason: Option<&LongText>,
        id: PlanId,
        number: i32,
    ) -> Result<Self, PlanError> {
        let rule = self.permit(PlanAction::Revise, caller)?;
        if rule.reason && reason.is_none() {
            return Err(PlanError::Invalid(vec![Violation::new("/reason", ViolationCode::Required)]));
        }
        let items = self.said.items.iter().map(|item| PlanItem { id: PlanItemId::new(), ..item.clone() });
        let said = PlanDraft { items: items.collect(), ..self.said.clone() };
        Ok(Self { revises: Some(self.id), ..Self::draft(id, self.employee, self.year, number, said)? })
    }

    /// The same with how far the version it revises has come: told there while this one was drawn up.
    #[must_use]
    pub fn caught_up(self, old: &Self) -> Self {
        let of_line = |line| old.said.items.iter().find(|item| item.line == line);
        let items = self.said.items.into_iter().map(|item| match of_line(item.line) {
            Some(before) => PlanItem { progress: before.progress.clone(), ..item },
            None => item,
        });
        Self { said: PlanDraft { items: items.collect(), ..self.said }, ..self }
    }

    /// What is unfinished, as items of next year's plan. Their days stay as they were: they lie in the past, and have to be
    /// set anew before that plan begins.
    ///
    /// # Errors
    /// Those of [`Plan::permit`]; [`PlanError::Empty`] when everything is done.
    pub fn carry_over(&self, caller: &PlanCaller) -> Result<Vec<PlanItem>, PlanError> {
        self.permit(PlanAction::CarryOver, caller)?;
        let open = self.said.items.iter().filter(|item| !item.progress.is_settled());
        let items: Vec<_> = open
            .map(|item| PlanItem {
                id: PlanItemId::new(),
                line: PlanItemId::new().uuid(),
                said: PlanItemDraft { origin: PlanOrigin::CarriedOver, ..item.said.clone() },
                carried_from: Some(item.id),
                template_item: None,
                progress: ItemProgress::NONE,
            })
            .collect();
        if items.is_empty() { Err(PlanError::Empty) } else { Ok(items) }
    }

    /// The same with an item's progress told.
    ///
    /// # Errors
    /// Those of [`Plan::permit`] and [`ItemProgress::check`]; none for an item that is not there.
    pub fn tell(
        &self,
        item: PlanItemId,
        progress: ItemProgress,
        caller: &PlanCaller,
    ) -> Result<Option<Self>, PlanError> {
        self.permit(PlanAction::Progress, caller)?;
        progress.check().map_err(PlanError::Invalid)?;
        let mut plan = self.clone();
        let Some(found) = plan.said.items.iter_mut().find(|one| one.id == item) else { return Ok(None) };
        found.progress = progress;
        Ok(Some(plan))
    }

    /// How far it passes ceilings that leave `rooms`, with what is still to come of it on the days that is due.
    #[must_use]
    pub fn beyond(&self, mut rooms: JpRooms) -> Hundredths {
        self.said.plan_into(&mut rooms);
        rooms.passed()
    }

    /// The same with what the ledger has of the classes that were `completed` in its year, in the order they were held. Each
    /// completion counts once: for the item that names the class, else for the first that names the programme and no class.
    #[must_use]
    pub fn with_ledger(mut self, completed: &[CreditedClass]) -> Self {
        let items = &mut self.said.items;
        for item in items.iter_mut() {
            item.progress.credited = None;
        }
        for one in completed {
            let named = items.iter().position(|item| item.said.class == Some(one.class));
            let place = named.or_else(|| {
                let of =
                    |item: &PlanItem| item.said.class.is_none() && item.said.programme == Some(one.programme);
                items.iter().position(of)
            });
            let Some(item) = place.and_then(|place| items.get_mut(place)) else { continue };
            let before = item.progress.credited.map_or(0, Hundredths::count);
            item.progress.credited = Some(Hundredths::from_count(before.saturating_add(one.jp.count())));
        }
        self
    }

    /// How far the plan has come.
    #[must_use]
    pub fn figures(&self) -> PlanFigures {
        let items = &self.said.items;
        let live = || items.iter().filter(|item| item.progress.state != ItemState::Dropped);
        let count = |all: usize| u32::try_from(all).unwrap_or(u32::MAX);
        let percent: u32 = live().map(|item| u32::from(item.progress.percent)).sum();
        let hours = |of: fn(&PlanItem) -> Hundredths| {
            Hundredths::from_count(items.iter().map(|item| of(item).count()).fold(0, u32::saturating_add))
        };
        let money = |of: fn(&PlanItem) -> i64| items.iter().map(of).fold(0, i64::saturating_add);
        PlanFigures {
            items: count(items.len()),
            done: count(items.iter().filter(|item| item.progress.state == ItemState::Done).count()),
            dropped: count(items.len()) - count(live().count()),
            percent: percent.checked_div(count(live().count())),
            jp_planned: hours(|item| item.said.jp),
            jp_earned: hours(|item| item.progress.earned().0),
            planned: money(|item| item.said.cost),
            committed: money(|item| item.progress.committed),
            realised: money(|item| item.progress.realised),
        }
    }

    /// Whether it is a plan of the year that is running or to come.
    #[must_use]
    pub fn year_is_open(year: i32, today: NaiveDate) -> bool {
        (today.year()..=today.year() + 1).contains(&year)
    }
}

/// How far a plan has come, what it brought and what it cost.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PlanFigures {
    /// Items.
    pub items: u32,
    /// Of them, done.
    pub done: u32,
    /// Of them, given up.
    pub dropped: u32,
    /// Mean percent of those that were not given up, rounded down; none where there are none.
    pub percent: Option<u32>,
    /// Learning hours expected.
    pub jp_planned: Hundredths,
    /// Learning hours earned.
    pub jp_earned: Hundredths,
    /// Rupiah expected.
    pub planned: i64,
    /// Rupiah committed.
    pub committed: i64,
    /// Rupiah spent.
    pub realised: i64,
}

/// The identifier of an item that is the same over all versions, made with the item.
#[must_use]
pub fn new_line() -> Uuid {
    PlanItemId::new().uuid()
}

#[cfg(test)]
mod tests;
