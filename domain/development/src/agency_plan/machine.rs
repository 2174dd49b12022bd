//! The life of an agency's plan, as one table. What is possible, who may do it and what the caller is offered all follow from
//! it.

use kernel::wire_enum;

wire_enum! {
    /// Where an agency's plan stands.
    pub enum AgencyPlanState {
        /// It is being drawn up.
        Draft = "DRAFT",
        /// The planner submitted it to the authority (diajukan).
        Submitted = "SUBMITTED",
        /// It was sent back, with the reasons.
        Returned = "RETURNED",
        /// The authority set it (ditetapkan): it is in force.
        Set = "SET",
        /// A later version took its place.
        Superseded = "SUPERSEDED",
        /// It was given up.
        Cancelled = "CANCELLED",
    }
}

wire_enum! {
    /// What can be done with an agency's plan.
    pub enum AgencyPlanAction {
        /// Change what it says, its budget and its items.
        Edit = "EDIT",
        /// Submit it to the authority, once nothing is missing.
        Submit = "SUBMIT",
        /// Take it back to the draft.
        Withdraw = "WITHDRAW",
        /// Send it back with the reasons.
        Return = "RETURN",
        /// Set it (menetapkan): it comes into force in place of the version before.
        Enact = "ENACT",
        /// Give it up.
        Cancel = "CANCEL",
        /// Turn it into nominations and items of people's plans.
        Publish = "PUBLISH",
        /// Tell what an item cost.
        Realise = "REALISE",
        /// Begin a new version, which takes its place once set.
        Revise = "REVISE",
        /// Take what was not realised into next year's plan.
        CarryOver = "CARRY_OVER",
    }
}

wire_enum! {
    /// What somebody is to an agency's plan.
    pub enum AgencyPlanParty {
        /// Who draws plans up: the personnel agency, the planner, a machine.
        Keeper = "KEEPER",
        /// The planner (PyB), who prepares plans (PP 11/2017 article 207).
        Planner = "PLANNER",
        /// The authority (PPK), who sets them.
        Authority = "AUTHORITY",
    }
}

/// One row of the table.
#[derive(Clone, Copy, Debug)]
pub struct AgencyPlanRule {
    /// What is done.
    pub action: AgencyPlanAction,
    /// In which states.
    pub from: &'static [AgencyPlanState],
    /// Where it leads; nowhere where the state stays.
    pub to: Option<AgencyPlanState>,
    /// Who may.
    pub parties: &'static [AgencyPlanParty],
    /// Whether a reason has to be given.
    pub reason: bool,
}

const fn rule(
    action: AgencyPlanAction,
    from: &'static [AgencyPlanState],
    to: Option<AgencyPlanState>,
    parties: &'static [AgencyPlanParty],
) -> AgencyPlanRule {
    AgencyPlanRule { action, from, to, parties, reason: false }
}

impl AgencyPlanRule {
    const fn with_reason(self) -> Self {
        Self { reason: true, ..self }
    }
}

use AgencyPlanAction as A;
use AgencyPlanParty as P;
use AgencyPlanState as S;

/// The life of an agency's plan. A pair of state and action has one row at most.
pub const AGENCY_PLAN_TABLE: &[AgencyPlanRule] = &[
    rule(A::Edit, &[S::Draft, S::Returned], None, &[P::Keeper]),
    rule(A::Submit, &[S::Draft, S::Returned], Some(S::Submitted), &[P::Planner]),
    rule(A::Withdraw, &[S::Submitted], Some(S::Draft), &[P::Planner]),
    rule(A::Return, &[S::Submitted], Some(S::Returned), &[P::Authority]).with_reason(),
    rule(A::Enact, &[S::Submitted], Some(S::Set), &[P::Authority]),
    rule(A::Cancel, &[S::Draft, S::Returned], Some(S::Cancelled), &[P::Keeper]).with_reason(),
    rule(A::Publish, &[S::Set], None, &[P::Keeper]),
    rule(A::Realise, &[S::Set], None, &[P::Keeper]),
    rule(A::Revise, &[S::Set], None, &[P::Keeper]).with_reason(),
    rule(A::CarryOver, &[S::Set], None, &[P::Keeper]),
];

/// The row for an action in a state.
#[must_use]
pub fn agency_plan_rule(state: AgencyPlanState, action: AgencyPlanAction) -> Option<&'static AgencyPlanRule> {
    AGENCY_PLAN_TABLE.iter().find(|rule| rule.action == action && rule.from.contains(&state))
}

impl AgencyPlanState {
    /// Whether it is drawn up or waits for the authority: a year and scope has one such version.
    #[must_use]
    pub const fn is_open(self) -> bool {
        matches!(self, S::Draft | S::Submitted | S::Returned)
    }

    /// Whether it may be changed.
    #[must_use]
    pub const fn is_draft(self) -> bool {
        matches!(self, S::Draft | S::Returned)
    }
}
