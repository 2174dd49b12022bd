//! The steps of an agency plan's life.

use access::Pass;
use chrono::{DateTime, Utc};
use development::{AgencyPlan, AgencyPlanAction, AgencyPlanParty, AgencyPlanState};
use kernel::{AgencyPlanId, LongText, Page, UserId};
use sea_orm::{ConnectionTrait as _, raw_sql};
use uuid::Uuid;

use crate::agency_plans::state;
use crate::rows::{known, long_text};
use crate::transitions::{StepRecord, StepSaid, StepsTable};
use crate::{PageRequest, Reader, StoreError, Tx};

/// A step of an agency plan's life.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AgencyPlanTransitionRow {
    /// The identifier.
    pub id: Uuid,
    /// The plan.
    pub plan: AgencyPlanId,
    /// When.
    pub at: DateTime<Utc>,
    /// Who.
    pub user: Option<UserId>,
    /// What was done: an action's name, `CREATE`, or `SUPERSEDE` when another version took its place.
    pub action: String,
    /// From which state.
    pub from: Option<AgencyPlanState>,
    /// To which state.
    pub to: AgencyPlanState,
    /// What they were to the plan.
    pub parties: Vec<AgencyPlanParty>,
    /// Why it was done.
    pub reason: Option<LongText>,
}

/// A step to keep.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AgencyPlanStepDraft {
    /// The plan.
    pub plan: AgencyPlanId,
    /// What was done.
    pub action: &'static str,
    /// From which state.
    pub from: Option<AgencyPlanState>,
    /// To which state.
    pub to: AgencyPlanState,
    /// What the user was to the plan.
    pub parties: Vec<AgencyPlanParty>,
    /// Why it was done.
    pub reason: Option<LongText>,
}

impl AgencyPlanStepDraft {
    /// The making of a plan.
    #[must_use]
    pub const fn made(plan: &AgencyPlan, parties: Vec<AgencyPlanParty>, reason: Option<LongText>) -> Self {
        Self { plan: plan.id, action: "CREATE", from: None, to: plan.state, parties, reason }
    }

    /// What an action did to a plan.
    #[must_use]
    pub const fn done(
        plan: AgencyPlanId,
        action: AgencyPlanAction,
        (from, to): (AgencyPlanState, AgencyPlanState),
        parties: Vec<AgencyPlanParty>,
        reason: Option<LongText>,
    ) -> Self {
        Self { plan, action: action.as_str(), from: Some(from), to, parties, reason }
    }
}

const STEPS: StepsTable = StepsTable { name: "agency_plan_transitions", of: "plan_id" };

impl Reader<'_> {
    /// Whether one of these users made this version, wrote in it or submitted it, or did so with one it comes from: a version
    /// begins with everything the one before it says.
    ///
    /// # Errors
    /// The database's.
    pub async fn agency_plan_wrote(&self, id: AgencyPlanId, users: &[UserId]) -> Result<bool, StoreError> {
        let (agency, id) = (self.agency(), id.uuid());
        let users: Vec<Uuid> = users.iter().map(|user| user.uuid()).collect();
        let statement = raw_sql!(
            Postgres,
            "WITH RECURSIVE versions AS (
                SELECT p.id, p.revises_id FROM agency_plans p WHERE p.agency_id = {agency} AND p.id = {id}
                UNION
                SELECT p.id, p.revises_id FROM versions v
                JOIN agency_plans p ON p.agency_id = {agency} AND p.id = v.revises_id)
             SELECT 1 FROM agency_plan_transitions t
             WHERE t.agency_id = {agency} AND t.plan_id IN (SELECT id FROM versions) AND t.user_id = ANY ({users})
               AND t.action IN ('CREATE', 'EDIT', 'SUBMIT')
             LIMIT 1"
        );
        Ok(self.db.query_one_raw(statement).await?.is_some())
    }

    /// The steps of a plan's life, oldest first. The caller has found the plan.
    ///
    /// # Errors
    /// The database's.
    pub async fn agency_plan_transitions(
        &self,
        id: AgencyPlanId,
        page: &PageRequest,
    ) -> Result<Page<AgencyPlanTransitionRow>, StoreError> {
        let row = |row: StepRecord| {
            let party =
                |text: &String| known(AgencyPlanParty::parse(text), "agency_plan_transitions.parties");
            Ok(AgencyPlanTransitionRow {
                id: row.id,
                plan: id,
                at: row.at,
                user: row.user_id.map(UserId::from),
                action: row.action,
                from: row.from_state.as_deref().map(state).transpose()?,
                to: state(&row.to_state)?,
                parties: row.parties.iter().map(party).collect::<Result<_, _>>()?,
                reason: row.reason.map(long_text),
            })
        };
        let rows = self.step_records(STEPS, id.uuid(), page).await?;
        let rows = rows.into_iter().map(row).collect::<Result<_, StoreError>>()?;
        Ok(Page::cut(rows, page.limit, |row: &AgencyPlanTransitionRow| vec![row.id.to_string()]))
    }
}

impl Tx<'_> {
    /// Keeps a step of a plan's life.
    ///
    /// # Errors
    /// The database's.
    pub async fn agency_plan_step(&self, pass: &Pass, step: AgencyPlanStepDraft) -> Result<(), StoreError> {
        let AgencyPlanStepDraft { plan, action, from, to, parties, reason } = step;
        let said = StepSaid {
            action,
            from: from.map(AgencyPlanState::as_str),
            to: to.as_str(),
            parties: parties.iter().map(ToString::to_string).collect(),
            reason: reason.as_ref(),
        };
        self.step_insert(pass, STEPS, plan.uuid(), said).await
    }
}
