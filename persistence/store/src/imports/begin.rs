//! How work begins: once for one request, and only with its file.

use access::Pass;
use entities::{idempotency_keys, operations};
use kernel::{OperationId, OperationState};
use sea_orm::{EntityTrait as _, QuerySelect as _};

use crate::rows::known;
use crate::{OperationRow, Reply, Store, StoreError, Tx, UploadedFile, WriteContext, Written};

/// How noting that work begins ended.
#[derive(Clone, Debug, PartialEq)]
pub enum Begun {
    /// It begins now.
    Now,
    /// The same request began it before; this is how far that has come.
    Before(Box<OperationRow>),
    /// The key was used before for something else.
    KeyReused,
}

impl Store {
    /// Notes that work begins and keeps its file, together with the reply a repetition of the request gets. A repetition
    /// finds the work begun then, unless that came to nothing: then this begins anew.
    ///
    /// The note is no change of the agency's data, so it stands in no trail; the work's own transaction records what
    /// it did.
    ///
    /// # Errors
    /// The database's.
    pub async fn operation_begin(
        &self,
        context: &WriteContext,
        pass: &Pass,
        operation: &OperationRow,
        file: &UploadedFile,
        reply: &Reply,
    ) -> Result<Begun, StoreError> {
        self.transact(context, async |tx| {
            match tx.claim_key().await? {
                Some(Written::KeyReused) => return Ok(Begun::KeyReused),
                Some(Written::Done(_) | Written::Replayed(_)) => {
                    if let Some(earlier) = tx.operation_of_key().await? {
                        return Ok(Begun::Before(Box::new(earlier)));
                    }
                }
                None => {}
            }
            tx.operation_insert(pass, operation).await?;
            tx.import_file_keep(pass, operation.id, file).await?;
            tx.keep_reply(reply).await?;
            Ok(Begun::Now)
        })
        .await
    }
}

impl Tx<'_> {
    /// The work that the request's key stands for, unless that failed or was called off: a key is kept for what
    /// happened. Who else repeats the request waits until this transaction ends.
    async fn operation_of_key(&self) -> Result<Option<OperationRow>, StoreError> {
        let (Some(idempotency), Some(user)) = (&self.context.idempotency, self.context.user) else {
            return Ok(None);
        };
        let key = (self.context.agency.uuid(), user.uuid(), idempotency.key.clone());
        let kept = idempotency_keys::Entity::find_by_id(key).lock_exclusive().one(&self.db).await?;
        let location = kept.and_then(|kept| kept.location).unwrap_or_default();
        let id: Option<OperationId> = location.rsplit('/').next().and_then(|id| id.parse().ok());
        let id = known(id, "idempotency_keys.location")?;
        let row =
            operations::Entity::find_by_id((self.context.agency.uuid(), id.uuid())).one(&self.db).await?;
        let earlier = row.map(crate::operations::domain).transpose()?;
        Ok(earlier
            .filter(|earlier| matches!(earlier.state, OperationState::Running | OperationState::Succeeded)))
    }
}
