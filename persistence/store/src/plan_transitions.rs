//! The steps of a development plan's life.

use access::Pass;
use chrono::{DateTime, Utc};
use development::{Plan, PlanAction, PlanParty, PlanState};
use entities::plan_transitions;
use kernel::{AuditEventId, LongText, Page, PlanId, UserId};
use sea_orm::ActiveValue::Set;
use sea_orm::{ColumnTrait as _, EntityTrait as _, QueryFilter as _, QueryOrder as _, QuerySelect as _};
use uuid::Uuid;

use crate::rows::{known, long_text};
use crate::{PageRequest, Reader, StoreError, Tx};

/// A step of a plan's life.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlanTransitionRow {
    /// The identifier.
    pub id: Uuid,
    /// The plan.
    pub plan: PlanId,
    /// When.
    pub at: DateTime<Utc>,
    /// Who; none for the system's own work.
    pub user: Option<UserId>,
    /// What was done; `None` for the making of the plan, or when another version took its place.
    pub action: String,
    /// From which state.
    pub from: Option<PlanState>,
    /// To which state.
    pub to: PlanState,
    /// What they were to the plan.
    pub parties: Vec<PlanParty>,
    /// Why they are the superior.
    pub basis: Option<String>,
    /// Why it was done.
    pub reason: Option<LongText>,
}

fn transition(row: plan_transitions::Model) -> Result<PlanTransitionRow, StoreError> {
    let from = row.from_state.map(|state| known(PlanState::parse(&state), "plan_transitions.from_state"));
    let parties = row.parties.iter().map(|party| known(PlanParty::parse(party), "plan_transitions.parties"));
    Ok(PlanTransitionRow {
        id: row.id,
        plan: row.plan_id.into(),
        at: row.at,
        user: row.user_id.map(UserId::from),
        action: row.action,
        from: from.transpose()?,
        to: known(PlanState::parse(&row.to_state), "plan_transitions.to_state")?,
        parties: parties.collect::<Result<_, _>>()?,
        basis: row.basis,
        reason: row.reason.map(long_text),
    })
}

impl Reader<'_> {
    /// The steps of a plan's life, oldest first. The caller has found the plan within the scope.
    ///
    /// # Errors
    /// The database's.
    pub async fn plan_transitions(
        &self,
        id: PlanId,
        page: &PageRequest,
    ) -> Result<Page<PlanTransitionRow>, StoreError> {
        let mut query = plan_transitions::Entity::find()
            .filter(plan_transitions::Column::AgencyId.eq(self.agency()))
            .filter(plan_transitions::Column::PlanId.eq(id.uuid()))
            .order_by_asc(plan_transitions::Column::Id)
            .limit(page.limit.probe());
        if let Some(after) = page.id(0) {
            query = query.filter(plan_transitions::Column::Id.gt(after));
        }
        let rows = query.all(&self.db).await?;
        let rows = rows.into_iter().map(transition).collect::<Result<_, _>>()?;
        Ok(Page::cut(rows, page.limit, |row: &PlanTransitionRow| vec![row.id.to_string()]))
    }
}

/// A step to keep.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlanStepDraft {
    /// The plan.
    pub plan: PlanId,
    /// What was done: an action's name, or what the system did.
    pub action: &'static str,
    /// From which state.
    pub from: Option<PlanState>,
    /// To which state.
    pub to: PlanState,
    /// What the user was to the plan.
    pub parties: Vec<PlanParty>,
    /// Why they are the superior.
    pub basis: Option<String>,
    /// Why it was done.
    pub reason: Option<LongText>,
}

impl PlanStepDraft {
    /// The making of a plan.
    #[must_use]
    pub fn made(plan: &Plan, parties: Vec<PlanParty>, reason: Option<LongText>) -> Self {
        Self { plan: plan.id, action: "CREATE", from: None, to: plan.state, parties, basis: None, reason }
    }

    /// What an action did to a plan.
    #[must_use]
    pub fn done(
        plan: PlanId,
        action: PlanAction,
        (from, to): (PlanState, PlanState),
        (parties, basis): (Vec<PlanParty>, Option<String>),
        reason: Option<LongText>,
    ) -> Self {
        Self { plan, action: action.as_str(), from: Some(from), to, parties, basis, reason }
    }
}

impl Tx<'_> {
    /// Keeps steps of plans' lives.
    ///
    /// # Errors
    /// The database's.
    pub async fn plan_steps(&self, pass: &Pass, steps: &[PlanStepDraft]) -> Result<(), StoreError> {
        let row = |step: &PlanStepDraft| plan_transitions::ActiveModel {
            agency_id: Set(pass.agency().uuid()),
            id: Set(AuditEventId::new().uuid()),
            plan_id: Set(step.plan.uuid()),
            at: Set(self.now()),
            user_id: Set(pass.user().map(UserId::uuid)),
            action: Set(step.action.to_owned()),
            from_state: Set(step.from.map(|state| state.as_str().to_owned())),
            to_state: Set(step.to.as_str().to_owned()),
            parties: Set(step.parties.iter().map(|party| party.as_str().to_owned()).collect()),
            basis: Set(step.basis.clone()),
            reason: Set(step.reason.as_ref().map(ToString::to_string)),
        };
        for part in steps.chunks(1_000) {
            plan_transitions::Entity::insert_many(part.iter().map(row))
                .exec_without_returning(&self.db)
                .await?;
        }
        Ok(())
    }
}
