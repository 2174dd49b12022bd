//! The files of imports, in pieces: whoever does the work, and however often it begins, finds the whole file.

use access::Pass;
use chrono::{DateTime, Utc};
use entities::{import_chunks, import_files};
use kernel::{AgencyId, OperationId};
use sea_orm::ActiveValue::Set;
use sea_orm::{ConnectionTrait as _, EntityTrait as _, raw_sql};

use crate::{Store, StoreError, Tx};

/// A file that has arrived.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum UploadedFile {
    /// In one piece, which is not stored yet.
    Whole(Vec<u8>),
    /// In pieces, which are.
    Stored,
}

impl Store {
    /// Begins to store a file that is arriving.
    ///
    /// # Errors
    /// The database's.
    pub async fn import_file_begin(
        &self,
        agency: AgencyId,
        id: OperationId,
        now: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        let row = import_files::ActiveModel {
            agency_id: Set(agency.uuid()),
            id: Set(id.uuid()),
            created_at: Set(now),
        };
        import_files::Entity::insert(row).exec_without_returning(&self.db).await?;
        Ok(())
    }

    /// Stores the piece of a file with this number, counted from 0.
    ///
    /// # Errors
    /// The database's.
    pub async fn import_chunk_add(
        &self,
        agency: AgencyId,
        id: OperationId,
        ordinal: i32,
        content: Vec<u8>,
    ) -> Result<(), StoreError> {
        import_chunks::Entity::insert(chunk(agency, id, ordinal, content))
            .exec_without_returning(&self.db)
            .await?;
        Ok(())
    }

    /// The piece of a file with this number; none beyond the last.
    ///
    /// # Errors
    /// The database's.
    pub async fn import_chunk(
        &self,
        agency: AgencyId,
        id: OperationId,
        ordinal: i32,
    ) -> Result<Option<Vec<u8>>, StoreError> {
        let key = (agency.uuid(), id.uuid(), ordinal);
        let row = import_chunks::Entity::find_by_id(key).one(&self.db).await?;
        Ok(row.map(|row| row.content))
    }

    /// Forgets a file.
    ///
    /// # Errors
    /// The database's.
    pub async fn import_file_forget(&self, agency: AgencyId, id: OperationId) -> Result<(), StoreError> {
        import_files::Entity::delete_by_id((agency.uuid(), id.uuid())).exec(&self.db).await?;
        Ok(())
    }

    /// Forgets files, of every agency, that began to arrive before `before` and that no work needs: their senders hung
    /// up. Returns how many.
    ///
    /// # Errors
    /// The database's.
    pub async fn import_files_sweep(&self, before: DateTime<Utc>) -> Result<u64, StoreError> {
        let statement = raw_sql!(
            Postgres,
            "DELETE FROM import_files f
             WHERE created_at < {before}
               AND NOT EXISTS (SELECT 1 FROM operations o
                               WHERE o.agency_id = f.agency_id AND o.id = f.id AND o.state = 'RUNNING')"
        );
        Ok(self.db.execute_raw(statement).await?.rows_affected())
    }
}

impl Tx<'_> {
    /// Forgets the file of work that needs it no more.
    pub(crate) async fn import_file_done(&self, pass: &Pass, id: OperationId) -> Result<(), StoreError> {
        import_files::Entity::delete_by_id((pass.agency().uuid(), id.uuid())).exec(&self.db).await?;
        Ok(())
    }

    /// Keeps the file of work that begins.
    pub(crate) async fn import_file_keep(
        &self,
        pass: &Pass,
        id: OperationId,
        file: &UploadedFile,
    ) -> Result<(), StoreError> {
        let UploadedFile::Whole(content) = file else { return Ok(()) };
        let row = import_files::ActiveModel {
            agency_id: Set(pass.agency().uuid()),
            id: Set(id.uuid()),
            created_at: Set(self.now()),
        };
        import_files::Entity::insert(row).exec_without_returning(&self.db).await?;
        import_chunks::Entity::insert(chunk(pass.agency(), id, 0, content.clone()))
            .exec_without_returning(&self.db)
            .await?;
        Ok(())
    }
}

fn chunk(agency: AgencyId, id: OperationId, ordinal: i32, content: Vec<u8>) -> import_chunks::ActiveModel {
    import_chunks::ActiveModel {
        agency_id: Set(agency.uuid()),
        file_id: Set(id.uuid()),
        ordinal: Set(ordinal),
        content: Set(content),
    }
}
