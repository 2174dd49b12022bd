//! The life of a development plan, as one table. What is possible, who may do it and what the caller is offered all follow
//! from it.

use kernel::wire_enum;

wire_enum! {
    /// Where a plan stands.
    pub enum PlanState {
        /// It is being drawn up.
        Draft = "DRAFT",
        /// The person submitted it (diajukan).
        Submitted = "SUBMITTED",
        /// The superior looks at it.
        InReview = "IN_REVIEW",
        /// It was sent back, with the reasons (perlu revisi).
        Returned = "RETURNED",
        /// The superior agrees (disetujui atasan).
        Endorsed = "ENDORSED",
        /// The planner agrees, and the authority has yet to.
        Confirmed = "CONFIRMED",
        /// Everybody agrees whom the agency's policy asks (ditetapkan).
        Approved = "APPROVED",
        /// It is carried out.
        Active = "ACTIVE",
        /// It is over, and frozen.
        Completed = "COMPLETED",
        /// It was given up.
        Cancelled = "CANCELLED",
        /// A later version took its place.
        Superseded = "SUPERSEDED",
    }
}

wire_enum! {
    /// What can be done with a plan.
    pub enum PlanAction {
        /// Change what it says.
        Edit = "EDIT",
        /// Submit it to the superior.
        Submit = "SUBMIT",
        /// Take it back to the draft.
        Withdraw = "WITHDRAW",
        /// Take it up for review.
        Review = "REVIEW",
        /// Send it back with the reasons.
        Return = "RETURN",
        /// Agree as the superior.
        Endorse = "ENDORSE",
        /// Agree for the agency, as the planner (PyB).
        Approve = "APPROVE",
        /// Agree as the authority (PPK), where the agency's policy asks for it.
        Enact = "ENACT",
        /// Begin with it.
        Activate = "ACTIVATE",
        /// Tell how far an item has come.
        Progress = "PROGRESS",
        /// End it; from then on it is frozen.
        Complete = "COMPLETE",
        /// Give it up.
        Cancel = "CANCEL",
        /// Take a plan that was given up up again.
        Reopen = "REOPEN",
        /// Begin a new version of it, which takes its place once approved and begun.
        Revise = "REVISE",
        /// Take what is unfinished into next year's plan.
        CarryOver = "CARRY_OVER",
        /// Say something about it.
        Comment = "COMMENT",
    }
}

wire_enum! {
    /// What somebody is to a plan.
    pub enum PlanParty {
        /// Whose plan it is.
        Owner = "OWNER",
        /// Their direct superior on the day, or who stands in where they have none.
        Superior = "SUPERIOR",
        /// Who keeps plans for the unit or the agency.
        Keeper = "KEEPER",
        /// The planner (PyB).
        Planner = "PLANNER",
        /// The authority (PPK).
        Authority = "AUTHORITY",
    }
}

/// Where an action leads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PlanStep {
    /// Nowhere: the state stays.
    Stay,
    /// To this state.
    To(PlanState),
    /// To the first where the agency's policy asks for the authority, else to the second.
    ByPolicy(PlanState, PlanState),
}

/// One row of the table.
#[derive(Clone, Copy, Debug)]
pub struct PlanRule {
    /// What is done.
    pub action: PlanAction,
    /// In which states.
    pub from: &'static [PlanState],
    /// Where it leads.
    pub step: PlanStep,
    /// Who may.
    pub parties: &'static [PlanParty],
    /// Whether a reason has to be given.
    pub reason: bool,
    /// Whether it decides on the plan: then it is never the person's own.
    pub decides: bool,
}

const fn rule(
    action: PlanAction,
    from: &'static [PlanState],
    step: PlanStep,
    parties: &'static [PlanParty],
) -> PlanRule {
    PlanRule { action, from, step, parties, reason: false, decides: false }
}

impl PlanRule {
    const fn with_reason(self) -> Self {
        Self { reason: true, ..self }
    }

    const fn deciding(self) -> Self {
        Self { decides: true, ..self }
    }
}

use PlanAction as A;
use PlanParty as P;
use PlanState as S;
use PlanStep::{ByPolicy, Stay, To};

/// The life of a plan. A pair of state and action has one row at most.
pub const PLAN_TABLE: &[PlanRule] = &[
    rule(A::Edit, &[S::Draft, S::Returned], Stay, &[P::Owner, P::Superior, P::Keeper]),
    rule(A::Submit, &[S::Draft, S::Returned], To(S::Submitted), &[P::Owner, P::Keeper]),
    rule(
        A::Withdraw,
        &[S::Submitted, S::InReview, S::Endorsed, S::Confirmed],
        To(S::Draft),
        &[P::Owner, P::Keeper],
    ),
    rule(A::Review, &[S::Submitted], To(S::InReview), &[P::Superior]).deciding(),
    rule(A::Return, &[S::InReview], To(S::Returned), &[P::Superior]).with_reason().deciding(),
    rule(A::Return, &[S::Endorsed], To(S::Returned), &[P::Planner]).with_reason().deciding(),
    rule(A::Return, &[S::Confirmed], To(S::Returned), &[P::Authority]).with_reason().deciding(),
    rule(A::Endorse, &[S::InReview], To(S::Endorsed), &[P::Superior]).deciding(),
    rule(A::Approve, &[S::Endorsed], ByPolicy(S::Confirmed, S::Approved), &[P::Planner]).deciding(),
    rule(A::Enact, &[S::Confirmed], To(S::Approved), &[P::Authority]).deciding(),
    rule(A::Activate, &[S::Approved], To(S::Active), &[P::Owner, P::Superior, P::Keeper, P::Planner]),
    rule(A::Progress, &[S::Active], Stay, &[P::Owner, P::Superior, P::Keeper]),
    rule(A::Complete, &[S::Active], To(S::Completed), &[P::Superior, P::Keeper, P::Planner]).deciding(),
    rule(
        A::Cancel,
        &[S::Draft, S::Submitted, S::InReview, S::Returned, S::Endorsed, S::Confirmed],
        To(S::Cancelled),
        &[P::Owner, P::Keeper],
    )
    .with_reason(),
    rule(A::Cancel, &[S::Approved, S::Active], To(S::Cancelled), &[P::Keeper, P::Planner])
        .with_reason()
        .deciding(),
    rule(A::Reopen, &[S::Cancelled], To(S::Draft), &[P::Owner, P::Keeper]).with_reason(),
    rule(A::Revise, &[S::Active], Stay, &[P::Owner, P::Superior, P::Keeper]).with_reason(),
    rule(A::CarryOver, &[S::Active, S::Completed], Stay, &[P::Owner, P::Superior, P::Keeper]),
    rule(
        A::Comment,
        &[
            S::Draft,
            S::Submitted,
            S::InReview,
            S::Returned,
            S::Endorsed,
            S::Confirmed,
            S::Approved,
            S::Active,
        ],
        Stay,
        &[P::Owner, P::Superior, P::Keeper, P::Planner, P::Authority],
    ),
];

/// The row for an action in a state.
#[must_use]
pub fn plan_rule(state: PlanState, action: PlanAction) -> Option<&'static PlanRule> {
    PLAN_TABLE.iter().find(|rule| rule.action == action && rule.from.contains(&state))
}

impl PlanState {
    /// Whether it waits for approval or to be begun: a person has one such plan for a year.
    #[must_use]
    pub const fn is_open(self) -> bool {
        matches!(
            self,
            S::Draft | S::Submitted | S::InReview | S::Returned | S::Endorsed | S::Confirmed | S::Approved
        )
    }

    /// Whether templates reach it: a draft, before anybody has agreed to it.
    #[must_use]
    pub const fn is_draft(self) -> bool {
        matches!(self, S::Draft | S::Returned)
    }
}

impl PlanStep {
    /// Where it leads from `state`.
    #[must_use]
    pub const fn from(self, state: PlanState, authority: bool) -> PlanState {
        match self {
            Stay => state,
            To(next) => next,
            ByPolicy(with, without) => {
                if authority {
                    with
                } else {
                    without
                }
            }
        }
    }
}
