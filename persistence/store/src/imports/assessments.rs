//! Final results, very many at once.

use access::Pass;
use chrono::NaiveDate;
use competency::{AssessmentEvent, AssessmentResult, Method, Purpose};
use kernel::{CompetencyId, EmployeeId, Level, UserId};
use sea_orm::{ConnectionTrait as _, FromQueryResult, raw_sql};
use serde_json::json;
use uuid::Uuid;

use super::text;
use crate::rows::known;
use crate::{Reader, StoreError, Tx};

/// Somebody, a competency and a day: what a result is looked for by.
pub type ResultKey = (EmployeeId, CompetencyId, NaiveDate);

/// A result that is final and was not corrected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FinalResult {
    /// Whose it is.
    pub employee: EmployeeId,
    /// In which competency.
    pub competency: CompetencyId,
    /// Its day.
    pub assessed_on: NaiveDate,
    /// What the assessment was for.
    pub purpose: Purpose,
    /// How it was done.
    pub method: Method,
    /// The level found.
    pub level: Level,
}

#[derive(FromQueryResult)]
struct FinalRow {
    employee_id: Uuid,
    competency_id: Uuid,
    assessed_on: NaiveDate,
    purpose: String,
    method: String,
    level: i16,
}

impl Reader<'_> {
    /// The final results of these people in these competencies found on these days, self-assessments included.
    ///
    /// # Errors
    /// The database's.
    pub async fn final_results(&self, keys: &[ResultKey]) -> Result<Vec<FinalResult>, StoreError> {
        let agency = self.agency();
        let people: Vec<Uuid> = keys.iter().map(|(employee, ..)| employee.uuid()).collect();
        let competencies: Vec<Uuid> = keys.iter().map(|(_, competency, _)| competency.uuid()).collect();
        let days: Vec<NaiveDate> = keys.iter().map(|(.., day)| *day).collect();
        // One look into the index for each key, whatever the planner believes of the table's size: a join by hash
        // would read all results for every part of a file.
        // Each pair brings its own results, and each of them its event (OFFSET 0 keeps that apart); everything else is looked at
        // outside. Planned while there are hardly any results, the statement would go by an index that serves it ever worse.
        let statement = raw_sql!(
            Postgres,
            "SELECT f.employee_id, f.competency_id, f.assessed_on, t.purpose, t.method, f.level
             FROM unnest({people}::uuid[], {competencies}::uuid[], {days}::date[])
                AS q(employee_id, competency_id, assessed_on)
             CROSS JOIN LATERAL (
                SELECT r.*
                FROM assessment_results r
                WHERE r.agency_id = {agency} AND r.employee_id = q.employee_id AND r.competency_id = q.competency_id
                OFFSET 0) f
             CROSS JOIN LATERAL (
                SELECT t.purpose, t.method
                FROM assessment_events t
                WHERE t.agency_id = {agency} AND t.id = f.event_id
                OFFSET 0) t
             WHERE f.assessed_on = q.assessed_on AND f.recorded_at IS NOT NULL AND f.superseded_at IS NULL"
        );
        let rows = FinalRow::find_by_statement(statement).all(&self.db).await?;
        rows.into_iter()
            .map(|row| {
                Ok(FinalResult {
                    employee: row.employee_id.into(),
                    competency: row.competency_id.into(),
                    assessed_on: row.assessed_on,
                    purpose: known(Purpose::parse(&row.purpose), "assessment_events.purpose")?,
                    method: known(Method::parse(&row.method), "assessment_events.method")?,
                    level: known(Level::new(i64::from(row.level)), "assessment_results.level")?,
                })
            })
            .collect()
    }
}

impl Tx<'_> {
    /// Adds assessment events that are signed off as of this transaction's stamp.
    ///
    /// # Errors
    /// The database's.
    pub async fn assessment_events_insert(
        &self,
        pass: &Pass,
        events: &[AssessmentEvent],
    ) -> Result<(), StoreError> {
        let (agency, now, stamp) = (pass.agency().uuid(), self.now(), self.stamp().await?);
        let creator = pass.user().map(UserId::uuid);
        let rows = text(events.iter().map(|event| {
            json!({
                "id": event.id, "purpose": event.purpose, "method": event.method, "provider": event.provider,
                "accreditation": event.accreditation, "assessed_on": event.assessed_on,
                "reference": event.reference, "state": event.state, "signed_off_by": event.signed_off_by,
            })
        }));
        let statement = raw_sql!(
            Postgres,
            "INSERT INTO assessment_events (agency_id, id, purpose, method, provider, accreditation, assessed_on,
                reference, state, created_by, signed_off_by, signed_off_at, created_at, updated_at)
             SELECT {agency}::uuid, r.id, r.purpose, r.method, r.provider, r.accreditation, r.assessed_on, r.reference,
                    r.state, {creator}::uuid, r.signed_off_by, {stamp}::timestamptz, {now}::timestamptz, {now}
             FROM json_to_recordset({rows}::json) AS r(id uuid, purpose text, method text, provider text,
                accreditation text, assessed_on date, reference text, state text, signed_off_by uuid)"
        );
        self.db.execute_raw(statement).await?;
        Ok(())
    }

    /// Adds results of such events: final as of this transaction's stamp. Evidence and assessors, which no spreadsheet
    /// tells of, are not looked at.
    ///
    /// As arrays of values, a column each, they take half the time of a text of JSON; the way `COPY` takes is no
    /// shorter, because it is the keys that are checked.
    ///
    /// # Errors
    /// `Missing("/employee_id")`, `Missing("/competency_id")`.
    pub async fn assessment_results_insert(
        &self,
        pass: &Pass,
        results: &[AssessmentResult],
    ) -> Result<(), StoreError> {
        let (agency, stamp) = (pass.agency().uuid(), self.stamp().await?);
        let column = |of: fn(&AssessmentResult) -> Uuid| results.iter().map(of).collect::<Vec<_>>();
        let ids = column(|one| one.id.uuid());
        let events = column(|one| one.event.uuid());
        let people = column(|one| one.employee.uuid());
        let competencies = column(|one| one.competency.uuid());
        let owners = column(|one| one.competency_agency.uuid());
        let levels: Vec<i16> = results.iter().map(|one| i16::from(one.level.get())).collect();
        let days: Vec<NaiveDate> = results.iter().map(|one| one.assessed_on).collect();
        let until: Vec<NaiveDate> = results.iter().map(|one| one.valid_until).collect();
        let counts: Vec<bool> = results.iter().map(|one| one.method.counts()).collect();
        let statement = raw_sql!(
            Postgres,
            "INSERT INTO assessment_results (agency_id, id, event_id, employee_id, competency_id, competency_agency_id,
                level, assessed_on, valid_until, counts, recorded_at)
             SELECT {agency}::uuid, r.*, {stamp}::timestamptz
             FROM unnest({ids}::uuid[], {events}::uuid[], {people}::uuid[], {competencies}::uuid[], {owners}::uuid[],
                {levels}::smallint[], {days}::date[], {until}::date[], {counts}::boolean[]) AS r"
        );
        self.db.execute_raw(statement).await?;
        for result in results.iter().filter(|result| result.method.counts()) {
            self.moved([result.employee], result.assessed_on);
        }
        Ok(())
    }
}
