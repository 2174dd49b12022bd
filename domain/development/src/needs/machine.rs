//! The life of a unit's needs analysis, as one table: gathered, verified by the unit, validated by the agency, sent back with
//! reasons as often as it takes.

use std::collections::BTreeSet;

use kernel::{LongText, UserId, Violation, ViolationCode, wire_enum};

wire_enum! {
    /// Where a unit's analysis stands.
    pub enum NeedsState {
        /// Needs are gathered and proposed.
        Collecting = "COLLECTING",
        /// The unit stands behind it.
        Verified = "VERIFIED",
        /// The agency sent it back, with the reasons.
        Returned = "RETURNED",
        /// The agency stands behind it.
        Validated = "VALIDATED",
    }
}

impl NeedsState {
    /// Whether needs are still gathered and changed.
    #[must_use]
    pub const fn is_open(self) -> bool {
        matches!(self, Self::Collecting | Self::Returned)
    }
}

wire_enum! {
    /// What can be done with a unit's analysis.
    pub enum NeedsAction {
        /// Gather anew what follows from assessments.
        Gather = "GATHER",
        /// Propose needs, each with the reason.
        Propose = "PROPOSE",
        /// Drop a need, take it up again, or give it another priority, with the reason.
        Edit = "EDIT",
        /// Say, for the unit, that it is complete.
        Verify = "VERIFY",
        /// Take the unit's word back.
        Withdraw = "WITHDRAW",
        /// Send it back with the reasons.
        Return = "RETURN",
        /// Say, for the agency, that it holds.
        Validate = "VALIDATE",
        /// Take the agency's word back, with the reason.
        Reopen = "REOPEN",
    }
}

wire_enum! {
    /// What somebody is to a unit's analysis.
    pub enum NeedsParty {
        /// Who may propose for single people of the unit: themselves, or those below them.
        Proposer = "PROPOSER",
        /// Who keeps it for the unit.
        Unit = "UNIT",
        /// Who validates it for the agency.
        Agency = "AGENCY",
    }
}

wire_enum! {
    /// What can be done with one need.
    pub enum NeedAction {
        /// Give it another priority than the computed one.
        Prioritise = "PRIORITISE",
        /// Leave it out.
        Drop = "DROP",
        /// Take it up again.
        Restore = "RESTORE",
    }
}

/// One row of the table.
#[derive(Clone, Copy, Debug)]
pub struct NeedsRule {
    /// What is done.
    pub action: NeedsAction,
    /// In which states.
    pub from: &'static [NeedsState],
    /// The state it leads to; none where the state stays.
    pub to: Option<NeedsState>,
    /// Who may.
    pub parties: &'static [NeedsParty],
    /// Whether it is a decision, which no machine makes.
    pub decides: bool,
    /// Whether a reason has to be given.
    pub reason: bool,
}

use NeedsAction as A;
use NeedsParty as P;
use NeedsState as S;

const fn change(action: NeedsAction, parties: &'static [NeedsParty]) -> NeedsRule {
    NeedsRule {
        action,
        from: &[S::Collecting, S::Returned],
        to: None,
        parties,
        decides: false,
        reason: false,
    }
}

const fn step(
    action: NeedsAction,
    from: &'static [NeedsState],
    to: NeedsState,
    parties: &'static [NeedsParty],
    reason: bool,
) -> NeedsRule {
    NeedsRule { action, from, to: Some(to), parties, decides: true, reason }
}

/// The life of an analysis. A pair of state and action has one row at most.
pub const NEEDS_TABLE: &[NeedsRule] = &[
    change(A::Gather, &[P::Unit, P::Agency]),
    change(A::Propose, &[P::Proposer, P::Unit, P::Agency]),
    change(A::Edit, &[P::Unit, P::Agency]),
    step(A::Verify, &[S::Collecting, S::Returned], S::Verified, &[P::Unit], false),
    step(A::Withdraw, &[S::Verified], S::Collecting, &[P::Unit], false),
    step(A::Return, &[S::Verified], S::Returned, &[P::Agency], true),
    step(A::Validate, &[S::Verified], S::Validated, &[P::Agency], false),
    step(A::Reopen, &[S::Validated], S::Returned, &[P::Agency], true),
];

/// The row for an action in a state.
#[must_use]
pub fn needs_rule(state: NeedsState, action: NeedsAction) -> Option<&'static NeedsRule> {
    NEEDS_TABLE.iter().find(|rule| rule.action == action && rule.from.contains(&state))
}

/// Who asks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NeedsCaller {
    /// The user.
    pub user: UserId,
    /// The accounts of the same person, this one among them.
    pub accounts: BTreeSet<UserId>,
    /// Whether the last day to collect is over.
    pub late: bool,
    /// What they are to the analysis.
    pub parties: BTreeSet<NeedsParty>,
    /// Whether it is a machine: it prepares and never decides.
    pub machine: bool,
}

/// Why a change of an analysis is refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NeedsError {
    /// Its state does not allow it.
    #[error("{action} is not possible in state {state}")]
    WrongState {
        /// What was asked for.
        action: NeedsAction,
        /// Where it stands.
        state: NeedsState,
    },
    /// The caller is nothing to the analysis that may do this.
    #[error("the caller may not do this")]
    NotParty,
    /// The last day to collect is over: only the unit and the agency add to it.
    #[error("the last day to collect is over")]
    Late,
    /// Who verified it for the unit does not validate it for the agency.
    #[error("whoever verified an analysis does not validate it")]
    SameOfficer,
    /// Values that cannot stand.
    #[error("values cannot stand")]
    Invalid(Vec<Violation>),
}

impl NeedsError {
    /// The code clients see.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::WrongState { .. } => "NEEDS_STATE",
            Self::NotParty => "FORBIDDEN",
            Self::Late => "NEEDS_COLLECTED",
            Self::SameOfficer => "NEEDS_SAME_OFFICER",
            Self::Invalid(_) => "INVALID",
        }
    }
}

impl NeedsState {
    /// The row of the table that lets `caller` do `action` now. `verified_by` is who stands behind it for the unit.
    ///
    /// # Errors
    /// What stands against it: first that they are nothing to it that ever may, then its state, then who they are.
    pub fn permit(
        self,
        action: NeedsAction,
        caller: &NeedsCaller,
        verified_by: Option<UserId>,
    ) -> Result<&'static NeedsRule, NeedsError> {
        let ever = NEEDS_TABLE.iter().filter(|rule| rule.action == action).any(|rule| {
            let party = rule.parties.iter().any(|party| caller.parties.contains(party));
            party && !(rule.decides && caller.machine)
        });
        if !ever {
            return Err(NeedsError::NotParty);
        }
        let rule = needs_rule(self, action).ok_or(NeedsError::WrongState { action, state: self })?;
        let keeps = [P::Unit, P::Agency].iter().any(|party| caller.parties.contains(party));
        if action == A::Propose && caller.late && !keeps {
            return Err(NeedsError::Late);
        }
        let own = |by: UserId| by == caller.user || caller.accounts.contains(&by);
        if action == A::Validate && verified_by.is_some_and(own) {
            return Err(NeedsError::SameOfficer);
        }
        Ok(rule)
    }

    /// The state after `action`: the one way from state to state.
    ///
    /// # Errors
    /// Those of [`NeedsState::permit`]; a reason that is missing.
    pub fn after(
        self,
        action: NeedsAction,
        caller: &NeedsCaller,
        verified_by: Option<UserId>,
        reason: Option<&LongText>,
    ) -> Result<Self, NeedsError> {
        let rule = self.permit(action, caller, verified_by)?;
        if rule.reason && reason.is_none() {
            return Err(NeedsError::Invalid(vec![Violation::new("/reason", ViolationCode::Required)]));
        }
        Ok(rule.to.unwrap_or(self))
    }

    /// What `caller` may do in this state.
    #[must_use]
    pub fn allowed_actions(self, caller: &NeedsCaller, verified_by: Option<UserId>) -> Vec<NeedsAction> {
        let may = |action: &NeedsAction| self.permit(*action, caller, verified_by).is_ok();
        NeedsAction::ALL.into_iter().filter(may).collect()
    }
}
