//! The steps of an analysis's life.

use access::Pass;
use chrono::{DateTime, Utc};
use development::{NeedsAction, NeedsParty, NeedsState};
use kernel::{AuditEventId, LongText, NeedsAnalysisId, Page, UserId};
use sea_orm::{ConnectionTrait as _, FromQueryResult};
use uuid::Uuid;

use super::state;
use crate::rows::{known, long_text};
use crate::sentence::Sentence;
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

#[derive(FromQueryResult)]
struct TransitionRecord {
    id: Uuid,
    analysis_id: Uuid,
    at: DateTime<Utc>,
    user_id: Option<Uuid>,
    action: String,
    from_state: Option<String>,
    to_state: String,
    parties: Vec<String>,
    reason: Option<String>,
}

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
        let mut sentence = Sentence::new(
            "SELECT t.id, t.analysis_id, t.at, t.user_id, t.action, t.from_state, t.to_state, t.parties, t.reason
             FROM needs_transitions t WHERE t.agency_id = $1 AND t.analysis_id = $2",
            [self.agency().into(), id.uuid().into()],
        );
        sentence.maybe(" AND t.id > {}", page.id(0));
        sentence.push(" ORDER BY t.id LIMIT {}", [page.probe().into()]);
        let row = |row: TransitionRecord| {
            let parties = row.parties.iter();
            let parties = parties.map(|party| known(NeedsParty::parse(party), "needs_transitions.parties"));
            Ok(NeedsTransitionRow {
                id: row.id,
                analysis: row.analysis_id.into(),
                at: row.at,
                user: row.user_id.map(UserId::from),
                action: row.action,
                from: row.from_state.as_deref().map(state).transpose()?,
                to: state(&row.to_state)?,
                parties: parties.collect::<Result<_, StoreError>>()?,
                reason: row.reason.map(long_text),
            })
        };
        let rows = TransitionRecord::find_by_statement(sentence.finish()).all(&self.db).await?;
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
        let parties: Vec<String> = parties.iter().map(ToString::to_string).collect();
        let sentence = Sentence::new(
            "INSERT INTO needs_transitions (agency_id, id, analysis_id, at, user_id, action, from_state, to_state, parties, reason)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
            [
                pass.agency().uuid().into(),
                AuditEventId::new().uuid().into(),
                analysis.uuid().into(),
                self.now().into(),
                pass.user().map(UserId::uuid).into(),
                action.map_or("BEGIN", NeedsAction::as_str).into(),
                from.map(NeedsState::as_str).into(),
                to.as_str().into(),
                parties.into(),
                reason.as_ref().map(ToString::to_string).into(),
            ],
        );
        self.db.execute_raw(sentence.finish()).await?;
        Ok(())
    }
}
