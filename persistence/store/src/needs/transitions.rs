//! The steps of an analysis's life.

use access::Pass;
use chrono::{DateTime, Utc};
use development::{NeedsAction, NeedsParty, NeedsState};
use kernel::{LongText, NeedsAnalysisId, Page, UserId};
use uuid::Uuid;

use super::state;
use crate::rows::{known, long_text};
use crate::transitions::{StepRecord, StepSaid, StepsTable};
use crate::{PageRequest, Reader, StoreError, Tx};

/// A step of an analysis's life.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NeedsTransitionRow {
    /// The identifier.
    pub id: Uuid,
    /// The analysis.
    pub analysis: NeedsAnalysisId,
    /// When.
    pub at: DateTime<Utc>,
    /// Who; none for the system's own work.
    pub user: Option<UserId>,
    /// What was done: an action's name, or `BEGIN`.
    pub action: String,
    /// From which state.
    pub from: Option<NeedsState>,
    /// To which state.
    pub to: NeedsState,
    /// What they were to the analysis.
    pub parties: Vec<NeedsParty>,
    /// Why it was done.
    pub reason: Option<LongText>,
}

/// A step to keep.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NeedsStepDraft {
    /// What was done; none for the beginning.
    pub action: Option<NeedsAction>,
    /// From which state.
    pub from: Option<NeedsState>,
    /// To which state.
    pub to: NeedsState,
    /// What the user was to the analysis.
    pub parties: Vec<NeedsParty>,
    /// Why it was done.
    pub reason: Option<LongText>,
}

const STEPS: StepsTable = StepsTable { name: "needs_transitions", of: "analysis_id" };

impl Reader<'_> {
    /// The steps of an analysis's life, oldest first. The caller has found it within the scope.
    ///
    /// # Errors
    /// The database's.
    pub async fn needs_transitions(
        &self,
        id: NeedsAnalysisId,
        page: &PageRequest,
    ) -> Result<Page<NeedsTransitionRow>, StoreError> {
        let row = |row: StepRecord| {
            let parties = row.parties.iter();
            let parties = parties.map(|party| known(NeedsParty::parse(party), "needs_transitions.parties"));
            Ok(NeedsTransitionRow {
                id: row.id,
                analysis: id,
                at: row.at,
                user: row.user_id.map(UserId::from),
                action: row.action,
                from: row.from_state.as_deref().map(state).transpose()?,
                to: state(&row.to_state)?,
                parties: parties.collect::<Result<_, StoreError>>()?,
                reason: row.reason.map(long_text),
            })
        };
        let rows = self.step_records(STEPS, id.uuid(), page).await?;
        let rows = rows.into_iter().map(row).collect::<Result<_, StoreError>>()?;
        Ok(Page::cut(rows, page.limit, |row: &NeedsTransitionRow| vec![row.id.to_string()]))
    }
}

impl Tx<'_> {
    /// Keeps a step of an analysis's life.
    ///
    /// # Errors
    /// The database's.
    pub async fn needs_step(
        &self,
        pass: &Pass,
        analysis: NeedsAnalysisId,
        step: &NeedsStepDraft,
    ) -> Result<(), StoreError> {
        let NeedsStepDraft { action, from, to, parties, reason } = step;
        let said = StepSaid {
            action: action.map_or("BEGIN", NeedsAction::as_str),
            from: from.map(NeedsState::as_str),
            to: to.as_str(),
            parties: parties.iter().map(ToString::to_string).collect(),
            reason: reason.as_ref(),
        };
        self.step_insert(pass, STEPS, analysis.uuid(), said).await
    }
}
