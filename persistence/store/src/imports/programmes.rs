//! Programmes, many at once.

use access::Pass;
use development::Programme;
use kernel::Code;
use sea_orm::{ConnectionTrait as _, raw_sql};

use crate::{StoreError, Tx};

impl Tx<'_> {
    /// Keeps the programmes of these codes from change until this transaction ends: whoever plans classes of them waits.
    ///
    /// # Errors
    /// The database's.
    pub async fn programmes_lock(&self, pass: &Pass, codes: &[&Code]) -> Result<(), StoreError> {
        let agency = pass.agency().uuid();
        let codes: Vec<String> = codes.iter().map(ToString::to_string).collect();
        let statement = raw_sql!(
            Postgres,
            "SELECT id FROM programmes WHERE agency_id = {agency} AND code = ANY ({codes}::text[])
             ORDER BY id FOR NO KEY UPDATE"
        );
        self.db.query_all_raw(statement).await?;
        Ok(())
    }

    /// Replaces programmes; each has the version that was read.
    ///
    /// # Errors
    /// [`StoreError::Stale`], and those of adding one.
    pub async fn programmes_update(&self, pass: &Pass, programmes: &[Programme]) -> Result<(), StoreError> {
        for programme in programmes {
            self.programme_update(pass, programme).await?;
        }
        Ok(())
    }
}
