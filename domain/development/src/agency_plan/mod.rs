//! The agency's plan of development (rencana pengembangan kompetensi, human capital development plan, HCDP): who is to learn
//! what in a year, by which means and from which line of the budget. Prepared by the planner (PyB), set by the authority (PPK)
//! (PP 11/2017 articles 205 to 207).

use chrono::{DateTime, Utc};
use kernel::{AgencyPlanId, LongText, Name, UnitId, UserId, Version, Violation, ViolationCode, Violations};
use std::collections::BTreeSet;

mod completeness;
mod item;
mod machine;
mod report;

pub use completeness::{Completeness, Lack, LackReason, Overdrawn, PlanContent, PlanGround, completeness};
pub use item::{
    AgencyPlanItem, AgencyPlanItemDraft, AgencyPlanOrigin, AgencyPlanOriginKind, BudgetLine, Fund,
    FundSource, OfferStep, PlanOffer, PlanTarget, UnitCeiling, sum,
};
pub use machine::{
    AGENCY_PLAN_TABLE, AgencyPlanAction, AgencyPlanParty, AgencyPlanRule, AgencyPlanState, agency_plan_rule,
};
pub use report::{EntryOutcome, NominationOutcome, PlanOutturn, Realisation, SpendingBasis};

/// What a plan says of itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AgencyPlanDraft {
    /// What it is called.
    pub name: Name,
    /// What it is to achieve.
    pub objective: Option<LongText>,
    /// The most that is spent on the people of units.
    pub ceilings: Vec<UnitCeiling>,
}

/// One version of an agency's plan for a year.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AgencyPlan {
    /// The identifier.
    pub id: AgencyPlanId,
    /// The year.
    pub year: i32,
    /// The unit it is for, with those under it; the whole agency without.
    pub unit: Option<UnitId>,
    /// Its number among the versions of the year and scope, from 1.
    pub number: i32,
    /// The version in force whose place it is to take.
    pub revises: Option<AgencyPlanId>,
    /// Where it stands.
    pub state: AgencyPlanState,
    /// What it says of itself.
    pub said: AgencyPlanDraft,
    /// Who submitted it, and when.
    pub prepared: Option<(UserId, DateTime<Utc>)>,
    /// Who set it, and when.
    pub set: Option<(UserId, DateTime<Utc>)>,
    /// How often the record has been written: the plan, its lines or its items.
    pub version: Version,
}

/// Who wants something of a plan, and what they are to it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AgencyPlanCaller {
    /// The user.
    pub user: UserId,
    /// Whether they are a machine: it drafts and never decides.
    pub machine: bool,
    /// Whether they wrote in this version or in one it comes from, under this account or another of theirs.
    pub wrote: bool,
    /// What they are to plans of the agency.
    pub parties: BTreeSet<AgencyPlanParty>,
}

/// Why something cannot be done with a plan.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AgencyPlanError {
    /// Its state does not allow it.
    #[error("{action} is not possible in state {state}")]
    WrongState {
        /// Where it stands.
        state: AgencyPlanState,
        /// What was wanted.
        action: AgencyPlanAction,
    },
    /// The caller is nothing to the plan that may do this.
    #[error("the caller may not do this")]
    NotParty,
    /// The caller prepared it.
    #[error("whoever prepared a plan does not set it")]
    SameOfficer,
    /// Something is missing.
    #[error("the plan is not complete")]
    Incomplete(Vec<Violation>),
    /// Values that cannot stand.
    #[error("values cannot stand")]
    Invalid(Vec<Violation>),
}

impl AgencyPlanError {
    /// The code clients see.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::WrongState { .. } => "AGENCY_PLAN_STATE",
            Self::NotParty => "FORBIDDEN",
            Self::SameOfficer => "AGENCY_PLAN_SAME_OFFICER",
            Self::Incomplete(_) => "AGENCY_PLAN_INCOMPLETE",
            Self::Invalid(_) => "INVALID",
        }
    }
}

impl AgencyPlanDraft {
    /// The most units with a ceiling of their own.
    pub const MOST_CEILINGS: usize = 1_000;

    /// Whether it agrees with itself.
    ///
    /// # Errors
    /// Every value that cannot stand.
    pub fn check(&self) -> Result<(), Vec<Violation>> {
        let mut found = Violations::new();
        let most = Self::MOST_CEILINGS;
        found.check(self.ceilings.len() > most, || {
            Violation::new("/ceilings", ViolationCode::TooMany).with("max", most)
        });
        let mut units = BTreeSet::new();
        for (index, ceiling) in self.ceilings.iter().enumerate() {
            found.check(!units.insert(ceiling.unit), || {
                Violation::new(format!("/ceilings/{index}/unit_id"), ViolationCode::Duplicate)
            });
        }
        found.finish()
    }
}

impl AgencyPlan {
    /// The most lines of a budget.
    pub const MOST_LINES: usize = 1_000;
    /// The most items.
    pub const MOST_ITEMS: usize = 5_000;

    /// A draft.
    ///
    /// # Errors
    /// Those of [`AgencyPlanDraft::check`].
    pub fn draft(
        id: AgencyPlanId,
        (year, unit): (i32, Option<UnitId>),
        number: i32,
        said: AgencyPlanDraft,
    ) -> Result<Self, AgencyPlanError> {
        said.check().map_err(AgencyPlanError::Invalid)?;
        Ok(Self {
            id,
            year,
            unit,
            number,
            revises: None,
            state: AgencyPlanState::Draft,
            said,
            prepared: None,
            set: None,
            version: Version::FIRST,
        })
    }

    /// The row of the table that lets `caller` do `action` now.
    ///
    /// # Errors
    /// What stands against it: first that they are nothing to the plan, then its state, then who they are.
    pub fn permit(
        &self,
        action: AgencyPlanAction,
        caller: &AgencyPlanCaller,
    ) -> Result<&'static AgencyPlanRule, AgencyPlanError> {
        let of = |rule: &&AgencyPlanRule| rule.action == action;
        let party = |rule: &AgencyPlanRule| rule.parties.iter().any(|party| caller.parties.contains(party));
        if !AGENCY_PLAN_TABLE.iter().filter(of).any(party) {
            return Err(AgencyPlanError::NotParty);
        }
        let state = self.state;
        let rule = agency_plan_rule(state, action).ok_or(AgencyPlanError::WrongState { state, action })?;
        let decides = !rule.parties.contains(&AgencyPlanParty::Keeper);
        if !party(rule) || (decides && caller.machine) {
            return Err(AgencyPlanError::NotParty);
        }
        let prepared = caller.wrote || self.prepared.is_some_and(|(by, _)| by == caller.user);
        if action == AgencyPlanAction::Enact && prepared {
            return Err(AgencyPlanError::SameOfficer);
        }
        Ok(rule)
    }

    /// What `caller` may do now.
    #[must_use]
    pub fn allowed_actions(&self, caller: &AgencyPlanCaller) -> Vec<AgencyPlanAction> {
        AgencyPlanAction::ALL.into_iter().filter(|action| self.permit(*action, caller).is_ok()).collect()
    }

    /// The same after `action`: the one way from state to state. What is missing is looked at when it is submitted, and again
    /// when it is set: people leave and classes are called off in between.
    ///
    /// # Errors
    /// Those of [`AgencyPlan::permit`]; a reason that is missing; [`AgencyPlanError::Incomplete`].
    pub fn after(
        &self,
        action: AgencyPlanAction,
        caller: &AgencyPlanCaller,
        reason: Option<&LongText>,
        missing: Option<&Completeness>,
        at: DateTime<Utc>,
    ) -> Result<Self, AgencyPlanError> {
        let rule = self.permit(action, caller)?;
        if rule.reason && reason.is_none() {
            return Err(AgencyPlanError::Invalid(vec![Violation::new("/reason", ViolationCode::Required)]));
        }
        if matches!(action, AgencyPlanAction::Submit | AgencyPlanAction::Enact)
            && let Some(missing) = missing.filter(|missing| !missing.is_whole())
        {
            return Err(AgencyPlanError::Incomplete(missing.violations()));
        }
        let mut plan = Self { state: rule.to.unwrap_or(self.state), ..self.clone() };
        match action {
            AgencyPlanAction::Submit => plan.prepared = Some((caller.user, at)),
            AgencyPlanAction::Enact => plan.set = Some((caller.user, at)),
            AgencyPlanAction::Withdraw | AgencyPlanAction::Return => plan.prepared = None,
            _ => {}
        }
        Ok(plan)
    }

    /// A new version of this plan, to be drawn up: its lines and items are copied with their identifiers.
    ///
    /// # Errors
    /// Those of [`AgencyPlan::permit`]; a reason that is missing.
    pub fn revise(
        &self,
        caller: &AgencyPlanCaller,
        reason: Option<&LongText>,
        id: AgencyPlanId,
        number: i32,
    ) -> Result<Self, AgencyPlanError> {
        self.after(AgencyPlanAction::Revise, caller, reason, None, DateTime::UNIX_EPOCH)?;
        Ok(Self {
            revises: Some(self.id),
            ..Self::draft(id, (self.year, self.unit), number, self.said.clone())?
        })
    }
}

#[cfg(test)]
mod tests;
