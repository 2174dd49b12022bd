//! Records of training with the hours they are credited with, very many at once.

use std::collections::BTreeSet;

use access::Pass;
use chrono::NaiveDate;
use development::{
    JpEntry, JpSource, JpSum, TrainingRecord, TrainingRecordDraft, UsedCertificate, certificate_key,
};
use entities::training_records;
use kernel::{EmployeeId, Hundredths, UserId};
use sea_orm::{ConnectionTrait as _, FromQueryResult, raw_sql};
use serde_json::{Value, json};
use uuid::Uuid;
use workforce::EmployeeStatus;

use super::{all_of, text, uuids};
use crate::rows::{code, known, name};
use crate::{Reader, StoreError, Tx};

/// A certificate of somebody that something uses.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CertificateInUse {
    /// Whose.
    pub employee: EmployeeId,
    /// Its number without what people write differently.
    pub key: String,
    /// The day on it.
    pub issued_on: NaiveDate,
    /// What uses it.
    pub source: JpSource,
    /// Which one.
    pub source_id: Uuid,
    /// The hours that are in the ledger for it; none while they wait to be verified.
    pub credited: JpSum,
}

#[derive(FromQueryResult)]
struct UseRow {
    employee_id: Uuid,
    key: String,
    issued_on: NaiveDate,
    source: String,
    source_id: Uuid,
    credited: i64,
}

#[derive(FromQueryResult)]
struct PersonRow {
    id: Uuid,
}

fn domain(row: training_records::Model) -> Result<TrainingRecord, StoreError> {
    let certificate = match (row.certificate_number, row.certificate_on) {
        (Some(number), Some(issued_on)) => {
            Some(UsedCertificate { number: name(number), issued_on, valid_until: row.valid_until })
        }
        _ => None,
    };
    let hours = |count: i64| known(u32::try_from(count).ok(), "training_records.jp");
    Ok(TrainingRecord {
        id: row.id.into(),
        employee: row.employee_id.into(),
        said: TrainingRecordDraft {
            title: name(row.title),
            provider: row.provider.map(name),
            form: code(row.form),
            started_on: row.started_on,
            ended_on: row.ended_on,
            jp: row.jp.map(hours).transpose()?.map(Hundredths::from_count),
            certificate,
            document: row.document.map(name),
        },
    })
}

impl Reader<'_> {
    /// The records of training of these people.
    ///
    /// # Errors
    /// The database's.
    pub async fn training_records_of(
        &self,
        people: &[EmployeeId],
    ) -> Result<Vec<TrainingRecord>, StoreError> {
        let (agency, people) = (self.agency(), uuids(people));
        let statement = raw_sql!(
            Postgres,
            "SELECT r.* FROM unnest({people}::uuid[]) AS q(id)
             CROSS JOIN LATERAL (
                SELECT * FROM training_records t WHERE t.agency_id = {agency} AND t.employee_id = q.id OFFSET 0) r"
        );
        let rows = training_records::Model::find_by_statement(statement).all(&self.db).await?;
        rows.into_iter().map(domain).collect()
    }

    /// What uses certificates of these numbers, each of its person, whatever their days.
    ///
    /// # Errors
    /// The database's.
    pub async fn certificates_in_use(
        &self,
        wanted: &[(EmployeeId, String)],
    ) -> Result<Vec<CertificateInUse>, StoreError> {
        let agency = self.agency();
        let people: Vec<Uuid> = wanted.iter().map(|(employee, _)| employee.uuid()).collect();
        let keys: Vec<String> = wanted.iter().map(|(_, key)| key.clone()).collect();
        let statement = raw_sql!(
            Postgres,
            "SELECT c.employee_id, c.key, c.issued_on, c.source, c.source_id,
                    coalesce(j.hundredths, 0)::bigint AS credited
             FROM unnest({people}::uuid[], {keys}::text[]) AS q(employee_id, key)
             CROSS JOIN LATERAL (
                SELECT * FROM jp_certificates x
                WHERE x.agency_id = {agency} AND x.employee_id = q.employee_id AND x.key = q.key OFFSET 0) c
             LEFT JOIN LATERAL (
                SELECT sum(e.hundredths) AS hundredths FROM jp_entries e
                WHERE e.agency_id = {agency} AND e.employee_id = c.employee_id AND e.source = c.source
                  AND e.source_id = c.source_id) j ON true"
        );
        let rows = UseRow::find_by_statement(statement).all(&self.db).await?;
        rows.into_iter()
            .map(|row| {
                Ok(CertificateInUse {
                    employee: row.employee_id.into(),
                    key: row.key,
                    issued_on: row.issued_on,
                    source: known(JpSource::parse(&row.source), "jp_certificates.source")?,
                    source_id: row.source_id,
                    credited: JpSum::from_count(row.credited),
                })
            })
            .collect()
    }

    /// Those of `people` who have or had one of these standings.
    ///
    /// # Errors
    /// The database's.
    pub async fn people_ever(
        &self,
        people: &[EmployeeId],
        standings: &[EmployeeStatus],
    ) -> Result<BTreeSet<EmployeeId>, StoreError> {
        let (agency, people) = (self.agency(), uuids(people));
        let standings: Vec<String> = standings.iter().map(ToString::to_string).collect();
        let statement = raw_sql!(
            Postgres,
            "SELECT e.id FROM employees e
             WHERE e.agency_id = {agency} AND e.id = ANY ({people}::uuid[]) AND (e.status = ANY ({standings}::text[])
                OR EXISTS (
                    SELECT FROM former_standings f
                    WHERE f.agency_id = e.agency_id AND f.employee_id = e.id AND f.status = ANY ({standings})))"
        );
        let rows = PersonRow::find_by_statement(statement).all(&self.db).await?;
        Ok(rows.into_iter().map(|row| row.id.into()).collect())
    }
}

impl Tx<'_> {
    /// Adds records of training. The caller holds the people.
    ///
    /// # Errors
    /// `Missing("/employee_id")`.
    pub async fn training_records_insert(
        &self,
        pass: &Pass,
        records: &[TrainingRecord],
    ) -> Result<(), StoreError> {
        let (agency, now, recorder) = (pass.agency().uuid(), self.now(), pass.user().map(UserId::uuid));
        let rows = text(records.iter().map(record_json));
        let statement = raw_sql!(
            Postgres,
            "INSERT INTO training_records (agency_id, id, employee_id, title, provider, form, started_on, ended_on, jp,
                certificate_number, certificate_on, valid_until, document, recorded_by, created_at, updated_at)
             SELECT {agency}::uuid, r.id, r.employee_id, r.title, r.provider, r.form, r.started_on, r.ended_on, r.jp,
                    r.certificate_number, r.certificate_on, r.valid_until, r.document, {recorder}::uuid,
                    {now}::timestamptz, {now}
             FROM json_to_recordset({rows}::json) AS r(id uuid, employee_id uuid, title text, provider text, form text,
                started_on date, ended_on date, jp bigint, certificate_number text, certificate_on date,
                valid_until date, document text)"
        );
        self.db.execute_raw(statement).await?;
        Ok(())
    }

    /// Says of records who held the training, where it is found, and how many hours it had where that was not known. The
    /// caller holds the people.
    ///
    /// # Errors
    /// [`StoreError::Stale`] when hours were known meanwhile.
    pub async fn training_records_complete(
        &self,
        pass: &Pass,
        records: &[TrainingRecord],
    ) -> Result<(), StoreError> {
        let (agency, now, rows) = (pass.agency().uuid(), self.now(), text(records.iter().map(record_json)));
        let statement = raw_sql!(
            Postgres,
            "UPDATE training_records t
             SET provider = r.provider, document = r.document, jp = r.jp, updated_at = {now}::timestamptz
             FROM json_to_recordset({rows}::json) AS r(id uuid, provider text, document text, jp bigint)
             WHERE t.agency_id = {agency} AND t.id = r.id AND coalesce(t.jp, r.jp) IS NOT DISTINCT FROM r.jp"
        );
        all_of(records.len(), self.db.execute_raw(statement).await?.rows_affected())
    }

    /// Credits the hours of sources that were never credited before, and uses their certificates. The caller holds the
    /// people's ledgers.
    ///
    /// # Errors
    /// `Taken("/certificate/number")` when a certificate is used already, `Taken("/source_id")`, `Missing("/employee_id")`.
    pub async fn jp_credits_insert(&self, pass: &Pass, credits: &[JpEntry]) -> Result<(), StoreError> {
        let agency = pass.agency().uuid();
        let rows = text(credits.iter().map(entry_json));
        let statement = raw_sql!(
            Postgres,
            "INSERT INTO jp_entries (agency_id, id, employee_id, kind, source, source_id, earned_on, hundredths, basis,
                title, form, certificate_number, certificate_on, valid_until, recorded_at, recorded_by)
             SELECT {agency}::uuid, r.id, r.employee_id, r.kind, r.source, r.source_id, r.earned_on, r.hundredths, r.basis,
                    r.title, r.form, r.certificate_number, r.certificate_on, r.valid_until, r.recorded_at, r.recorded_by
             FROM json_to_recordset({rows}::json) AS r(id uuid, employee_id uuid, kind text, source text, source_id uuid,
                earned_on date, hundredths bigint, basis text, title text, form text, certificate_number text,
                certificate_on date, valid_until date, recorded_at timestamptz, recorded_by uuid)"
        );
        self.db.execute_raw(statement).await?;
        Ok(())
    }

    /// Uses certificates for sources that use none yet.
    ///
    /// # Errors
    /// `Taken("/certificate/number")` when one is used already.
    pub(crate) async fn certificates_use<'a>(
        &self,
        pass: &Pass,
        source: JpSource,
        uses: impl Iterator<Item = (EmployeeId, Uuid, &'a UsedCertificate)>,
    ) -> Result<(), StoreError> {
        let (agency, source) = (pass.agency().uuid(), source.as_str());
        let row = |(employee, source_id, certificate): (EmployeeId, Uuid, &UsedCertificate)| {
            // A number without letters and digits tells nothing apart.
            let key = certificate_key(&certificate.number).ok()?;
            Some(json!({
                "employee_id": employee, "key": key, "issued_on": certificate.issued_on, "source_id": source_id,
            }))
        };
        let rows = text(uses.filter_map(row));
        let statement = raw_sql!(
            Postgres,
            "INSERT INTO jp_certificates (agency_id, employee_id, key, issued_on, source, source_id)
             SELECT {agency}::uuid, r.employee_id, r.key, r.issued_on, {source}::text, r.source_id
             FROM json_to_recordset({rows}::json) AS r(employee_id uuid, key text, issued_on date, source_id uuid)"
        );
        self.db.execute_raw(statement).await?;
        Ok(())
    }

    /// Uses the certificates of new records of training.
    ///
    /// # Errors
    /// `Taken("/certificate/number")` when one is used already.
    pub async fn training_certificates_use(
        &self,
        pass: &Pass,
        records: &[TrainingRecord],
    ) -> Result<(), StoreError> {
        let uses = records.iter().filter_map(|record| {
            let certificate = record.said.certificate.as_ref()?;
            Some((record.employee, record.id.uuid(), certificate))
        });
        self.certificates_use(pass, JpSource::TrainingRecord, uses).await
    }
}

fn record_json(record: &TrainingRecord) -> Value {
    let TrainingRecord { id, employee, said } = record;
    let TrainingRecordDraft { title, provider, form, started_on, ended_on, jp, certificate, document } = said;
    let certificate = certificate.as_ref();
    json!({
        "id": id, "employee_id": employee, "title": title, "provider": provider, "form": form,
        "started_on": started_on, "ended_on": ended_on, "jp": jp.map(Hundredths::count),
        "certificate_number": certificate.map(|one| &one.number),
        "certificate_on": certificate.map(|one| one.issued_on),
        "valid_until": certificate.and_then(|one| one.valid_until), "document": document,
    })
}

fn entry_json(entry: &JpEntry) -> Value {
    let certificate = entry.certificate.as_ref();
    json!({
        "id": entry.id, "employee_id": entry.employee, "kind": entry.kind, "source": entry.source,
        "source_id": entry.source_id, "earned_on": entry.earned_on, "hundredths": entry.jp.count(),
        "basis": entry.basis, "title": entry.title, "form": entry.form,
        "certificate_number": certificate.map(|one| &one.number),
        "certificate_on": certificate.map(|one| one.issued_on),
        "valid_until": certificate.and_then(|one| one.valid_until), "recorded_at": entry.recorded_at,
        "recorded_by": entry.recorded_by,
    })
}
