//! Own learning that people logged, many records at once.

use access::Pass;
use development::{JpSource, OwnLearning, OwnLearningDraft};
use entities::own_learnings;
use kernel::{EmployeeId, Hundredths};
use sea_orm::{ConnectionTrait as _, FromQueryResult as _, raw_sql};
use serde_json::{Value, json};

use super::{text, uuids};
use crate::{Reader, StoreError, Tx};

impl Reader<'_> {
    /// What these people logged, in whatever state.
    ///
    /// # Errors
    /// The database's.
    pub async fn own_learnings_of(&self, people: &[EmployeeId]) -> Result<Vec<OwnLearning>, StoreError> {
        let (agency, people) = (self.agency(), uuids(people));
        let statement = raw_sql!(
            Postgres,
            "SELECT r.* FROM unnest({people}::uuid[]) AS q(id)
             CROSS JOIN LATERAL (
                SELECT * FROM own_learnings o WHERE o.agency_id = {agency} AND o.employee_id = q.id OFFSET 0) r
             ORDER BY r.id"
        );
        let rows = own_learnings::Model::find_by_statement(statement).all(&self.db).await?;
        rows.into_iter().map(crate::own_learnings::domain).collect()
    }
}

impl Tx<'_> {
    /// Adds own learning that waits to be verified, and uses its certificates.
    ///
    /// # Errors
    /// `Missing("/employee_id")`; `Taken("/certificate/number")` when a certificate is used already.
    pub async fn own_learnings_insert(&self, pass: &Pass, all: &[OwnLearning]) -> Result<(), StoreError> {
        let uses = all.iter().filter_map(|own| {
            let certificate = own.said.certificate.as_ref()?;
            Some((own.employee, own.id.uuid(), certificate))
        });
        self.certificates_use(pass, JpSource::OwnLearning, uses).await?;
        let (agency, now, rows) = (pass.agency().uuid(), self.now(), text(all.iter().map(own_json)));
        let statement = raw_sql!(
            Postgres,
            "INSERT INTO own_learnings (agency_id, id, employee_id, title, provider, form, started_on, ended_on, units,
                international, certificate_jp, certificate_number, certificate_on, valid_until, document, note, state,
                submitted_at, version, created_at, updated_at)
             SELECT {agency}::uuid, r.id, r.employee_id, r.title, r.provider, r.form, r.started_on, r.ended_on, r.units,
                    r.international, r.certificate_jp, r.certificate_number, r.certificate_on, r.valid_until, r.document,
                    r.note, r.state, r.submitted_at, r.version, {now}::timestamptz, {now}
             FROM json_to_recordset({rows}::json) AS r(id uuid, employee_id uuid, title text, provider text, form text,
                started_on date, ended_on date, units date[], international boolean, certificate_jp bigint,
                certificate_number text, certificate_on date, valid_until date, document text, note text, state text,
                submitted_at timestamptz, version bigint)"
        );
        self.db.execute_raw(statement).await?;
        Ok(())
    }
}

fn own_json(own: &OwnLearning) -> Value {
    let OwnLearningDraft {
        title,
        provider,
        form,
        started_on,
        ended_on,
        units,
        international,
        certificate_jp,
        certificate,
        document,
        note,
    } = &own.said;
    let certificate = certificate.as_ref();
    json!({
        "id": own.id, "employee_id": own.employee, "title": title, "provider": provider, "form": form,
        "started_on": started_on, "ended_on": ended_on, "units": units, "international": international,
        "certificate_jp": certificate_jp.map(Hundredths::count),
        "certificate_number": certificate.map(|one| &one.number),
        "certificate_on": certificate.map(|one| one.issued_on),
        "valid_until": certificate.and_then(|one| one.valid_until), "document": document, "note": note,
        "state": own.state, "submitted_at": own.submitted_at, "version": own.version,
    })
}
