//! Steps of lives, of agency plans and of needs analyses: each has a table of its own, alike but for whose steps it keeps.

use access::Pass;
use chrono::{DateTime, Utc};
use kernel::{AuditEventId, LongText, UserId};
use sea_orm::{ConnectionTrait as _, FromQueryResult};
use uuid::Uuid;

use crate::sentence::Sentence;
use crate::{PageRequest, Reader, StoreError, Tx};

/// A table of steps: its name, and the column that says whose step a row is.
pub(crate) struct StepsTable {
    pub(crate) name: &'static str,
    pub(crate) of: &'static str,
}

/// A step as its table has it.
#[derive(FromQueryResult)]
pub(crate) struct StepRecord {
    pub(crate) id: Uuid,
    pub(crate) at: DateTime<Utc>,
    pub(crate) user_id: Option<Uuid>,
    pub(crate) action: String,
    pub(crate) from_state: Option<String>,
    pub(crate) to_state: String,
    pub(crate) parties: Vec<String>,
    pub(crate) reason: Option<String>,
}

/// A step as it is to be kept.
pub(crate) struct StepSaid<'s> {
    pub(crate) action: &'static str,
    pub(crate) from: Option<&'static str>,
    pub(crate) to: &'static str,
    pub(crate) parties: Vec<String>,
    pub(crate) reason: Option<&'s LongText>,
}

impl Reader<'_> {
    /// The steps of one life, oldest first.
    pub(crate) async fn step_records(
        &self,
        StepsTable { name, of }: StepsTable,
        whose: Uuid,
        page: &PageRequest,
    ) -> Result<Vec<StepRecord>, StoreError> {
        let mut sentence = Sentence::new(
            &format!(
                "SELECT id, at, user_id, action, from_state, to_state, parties, reason
                 FROM {name} WHERE agency_id = $1 AND {of} = $2"
            ),
            [self.agency().into(), whose.into()],
        );
        sentence.maybe(" AND id > {}", page.id(0));
        sentence.push(" ORDER BY id LIMIT {}", [page.probe().into()]);
        Ok(StepRecord::find_by_statement(sentence.finish()).all(&self.db).await?)
    }
}

impl Tx<'_> {
    /// Keeps a step of a life.
    pub(crate) async fn step_insert(
        &self,
        pass: &Pass,
        StepsTable { name, of }: StepsTable,
        whose: Uuid,
        step: StepSaid<'_>,
    ) -> Result<(), StoreError> {
        let StepSaid { action, from, to, parties, reason } = step;
        let sentence = Sentence::new(
            &format!(
                "INSERT INTO {name} (agency_id, id, {of}, at, user_id, action, from_state, to_state, parties, reason)
                 VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)"
            ),
            [
                pass.agency().uuid().into(),
                AuditEventId::new().uuid().into(),
                whose.into(),
                self.now().into(),
                pass.user().map(UserId::uuid).into(),
                action.into(),
                from.into(),
                to.into(),
                parties.into(),
                reason.map(ToString::to_string).into(),
            ],
        );
        self.db.execute_raw(sentence.finish()).await?;
        Ok(())
    }
}
