//! Classes, many at once.

use std::collections::{BTreeMap, BTreeSet};

use access::Pass;
use kernel::{ClassId, Code};
use sea_orm::{ConnectionTrait as _, FromQueryResult, raw_sql};
use uuid::Uuid;

use super::uuids;
use crate::{Reader, StoreError, Tx};

#[derive(FromQueryResult)]
struct AttendedRow {
    class_id: Uuid,
    number: i32,
}

impl Reader<'_> {
    /// The sessions of these classes whose attendance is on record.
    ///
    /// # Errors
    /// The database's.
    pub async fn sessions_attended_of(
        &self,
        classes: &[ClassId],
    ) -> Result<BTreeMap<ClassId, BTreeSet<i32>>, StoreError> {
        let (agency, classes) = (self.agency(), uuids(classes));
        let statement = raw_sql!(
            Postgres,
            "SELECT DISTINCT class_id, number FROM attendances
             WHERE agency_id = {agency} AND class_id = ANY ({classes}::uuid[])"
        );
        let mut attended: BTreeMap<ClassId, BTreeSet<i32>> = BTreeMap::new();
        for row in AttendedRow::find_by_statement(statement).all(&self.db).await? {
            attended.entry(row.class_id.into()).or_default().insert(row.number);
        }
        Ok(attended)
    }
}

impl Tx<'_> {
    /// Keeps classes of these codes, and whoever waits for a seat in them, from every other change until this transaction
    /// ends, and the programmes of these as they are: no class is planned of one that is being retired.
    ///
    /// # Errors
    /// The database's.
    pub async fn classes_lock(
        &self,
        pass: &Pass,
        classes: &[&Code],
        programmes: &[&Code],
    ) -> Result<(), StoreError> {
        let agency = pass.agency().uuid();
        let codes = |of: &[&Code]| of.iter().map(ToString::to_string).collect::<Vec<String>>();
        let (classes, programmes) = (codes(classes), codes(programmes));
        let held = raw_sql!(
            Postgres,
            "SELECT id FROM programmes WHERE agency_id = {agency} AND code = ANY ({programmes}::text[])
             ORDER BY id FOR SHARE"
        );
        self.db.query_all_raw(held).await?;
        // People before classes, as everywhere: they may get a seat.
        let line = raw_sql!(
            Postgres,
            "SELECT e.id FROM employees e
             WHERE e.agency_id = {agency} AND e.id IN (
                SELECT w.employee_id FROM classes k
                JOIN enrolments w ON w.agency_id = k.agency_id AND w.class_id = k.id AND w.state = 'WAITLISTED'
                WHERE k.agency_id = {agency} AND k.code = ANY ({classes}::text[]))
             ORDER BY e.id FOR NO KEY UPDATE"
        );
        self.db.query_all_raw(line).await?;
        let locked = raw_sql!(
            Postgres,
            "SELECT id FROM classes WHERE agency_id = {agency} AND code = ANY ({classes}::text[])
             ORDER BY id FOR NO KEY UPDATE"
        );
        self.db.query_all_raw(locked).await?;
        Ok(())
    }
}
