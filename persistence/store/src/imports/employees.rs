//! People and where they serve, many at once.

use std::collections::BTreeMap;

use access::Pass;
use entities::{employees, placements};
use kernel::{EmployeeId, Nip, PlacementId, PositionId};
use sea_orm::{ConnectionTrait as _, FromQueryResult, raw_sql};
use serde_json::{Value, json};
use uuid::Uuid;
use workforce::{Employee, Placement};

use super::{all_of, text, uuids};
use crate::{Reader, StoreError, Tx};

/// Somebody on record, as far as a file can change them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PersonOnRecord {
    /// The person.
    pub employee: Employee,
    /// The position held today, or, where none is, the one to be held next.
    pub position: Option<PositionId>,
    /// The placement that begins today.
    pub begins_today: Option<PlacementId>,
}

#[derive(FromQueryResult)]
struct PlacedRow {
    id: Uuid,
    held: Option<Uuid>,
    next: Option<Uuid>,
    begins_today: Option<Uuid>,
}

#[derive(FromQueryResult)]
struct PersonRow {
    id: Uuid,
    nip: String,
}

impl Reader<'_> {
    /// The people of the agency among `nips`, with where they serve.
    ///
    /// # Errors
    /// The database's.
    pub async fn people_on_record(&self, nips: &[&Nip]) -> Result<BTreeMap<Nip, PersonOnRecord>, StoreError> {
        let (agency, today) = (self.agency(), self.today);
        let nips: Vec<String> = nips.iter().map(|nip| nip.as_str().to_owned()).collect();
        let people = raw_sql!(
            Postgres,
            "SELECT * FROM employees WHERE agency_id = {agency} AND nip = ANY ({nips}::text[])"
        );
        let people = employees::Model::find_by_statement(people).all(&self.db).await?;
        let ids: Vec<Uuid> = people.iter().map(|row| row.id).collect();
        // Histories are looked up person by person: as a join, the planner might read everybody's.
        let placed = raw_sql!(
            Postgres,
            "SELECT q.id, h.position_id AS held, n.position_id AS next, b.id AS begins_today
             FROM unnest({ids}::uuid[]) AS q(id)
             LEFT JOIN LATERAL (
                SELECT position_id FROM placements
                WHERE agency_id = {agency} AND employee_id = q.id AND starts_on <= {today} AND retracted_at IS NULL
                ORDER BY starts_on DESC LIMIT 1) h ON true
             LEFT JOIN LATERAL (
                SELECT position_id FROM placements
                WHERE agency_id = {agency} AND employee_id = q.id AND starts_on > {today} AND retracted_at IS NULL
                  AND position_id IS NOT NULL
                ORDER BY starts_on LIMIT 1) n ON true
             LEFT JOIN LATERAL (
                SELECT id FROM placements
                WHERE agency_id = {agency} AND employee_id = q.id AND starts_on = {today} AND retracted_at IS NULL
                LIMIT 1) b ON true"
        );
        let placed = PlacedRow::find_by_statement(placed).all(&self.db).await?;
        let placed: BTreeMap<Uuid, PlacedRow> = placed.into_iter().map(|row| (row.id, row)).collect();
        let with_placement = |row: employees::Model| {
            let employee = crate::employees::domain(row)?;
            let of = placed.get(&employee.id.uuid());
            let position = of.and_then(|of| of.held.or(of.next)).map(PositionId::from);
            let begins_today = of.and_then(|of| of.begins_today).map(PlacementId::from);
            Ok((employee.nip.clone(), PersonOnRecord { employee, position, begins_today }))
        };
        people.into_iter().map(with_placement).collect()
    }

    /// The people of the agency among `nips`.
    ///
    /// # Errors
    /// The database's.
    pub async fn employee_ids(&self, nips: &[&Nip]) -> Result<BTreeMap<Nip, EmployeeId>, StoreError> {
        let agency = self.agency();
        let nips: Vec<String> = nips.iter().map(|nip| nip.as_str().to_owned()).collect();
        let statement = raw_sql!(
            Postgres,
            "SELECT id, nip FROM employees WHERE agency_id = {agency} AND nip = ANY ({nips}::text[])"
        );
        let rows = PersonRow::find_by_statement(statement).all(&self.db).await?;
        Ok(rows.into_iter().map(|row| (Nip::stored(row.nip), row.id.into())).collect())
    }
}

impl Tx<'_> {
    /// Keeps the people of the agency among `nips` from change until this transaction ends: writers of one history wait
    /// for each other. Taken before the first [`Tx::stamp`], so that stamps follow the order of the writers.
    ///
    /// # Errors
    /// The database's.
    pub async fn employees_lock(&self, pass: &Pass, nips: &[&Nip]) -> Result<(), StoreError> {
        let agency = pass.agency().uuid();
        let nips: Vec<String> = nips.iter().map(|nip| nip.as_str().to_owned()).collect();
        let statement = raw_sql!(
            Postgres,
            "SELECT id FROM employees WHERE agency_id = {agency} AND nip = ANY ({nips}::text[])
             ORDER BY id FOR NO KEY UPDATE"
        );
        self.db.query_all_raw(statement).await?;
        Ok(())
    }

    /// Adds people.
    ///
    /// # Errors
    /// `Taken("/nip")`, `Missing("/superior_id")`.
    pub async fn employees_insert(&self, pass: &Pass, people: &[Employee]) -> Result<(), StoreError> {
        let (agency, now, rows) = (pass.agency().uuid(), self.now(), text(people.iter().map(employee_json)));
        let statement = raw_sql!(
            Postgres,
            "INSERT INTO employees
                (agency_id, id, nip, name, status, education, appointed_on, superior_id, created_at, updated_at)
             SELECT {agency}::uuid, r.id, r.nip, r.name, r.status, r.education, r.appointed_on, r.superior_id,
                    {now}::timestamptz, {now}
             FROM json_to_recordset({rows}::json)
                AS r(id uuid, nip text, name text, status text, education text, appointed_on date, superior_id uuid)"
        );
        self.db.execute_raw(statement).await?;
        Ok(())
    }

    /// Replaces what people's records say but their identity numbers; each has the version that was read.
    ///
    /// # Errors
    /// [`StoreError::Stale`], `Missing("/superior_id")`.
    pub async fn employees_update(&self, pass: &Pass, people: &[Employee]) -> Result<(), StoreError> {
        let (agency, now, rows) = (pass.agency().uuid(), self.now(), text(people.iter().map(employee_json)));
        let statement = raw_sql!(
            Postgres,
            "UPDATE employees e
             SET name = r.name, status = r.status, education = r.education, appointed_on = r.appointed_on,
                 superior_id = r.superior_id, version = e.version + 1, updated_at = {now}
             FROM json_to_recordset({rows}::json) AS r(id uuid, name text, status text, education text,
                appointed_on date, superior_id uuid, version bigint)
             WHERE e.agency_id = {agency} AND e.id = r.id AND e.version = r.version"
        );
        all_of(people.len(), self.db.execute_raw(statement).await?.rows_affected())
    }

    /// Records placements as of this transaction's stamp; what they say of the recording is not used. The caller holds
    /// [`Tx::employees_lock`].
    ///
    /// # Errors
    /// `Taken("/starts_on")`, `Missing("/employee_id")`, `Missing("/position_id")`.
    pub async fn placements_insert(&self, pass: &Pass, all: &[Placement]) -> Result<(), StoreError> {
        let (agency, stamp) = (pass.agency().uuid(), self.stamp().await?);
        let rows = text(all.iter().map(|placement| {
            json!({
                "id": placement.id, "employee_id": placement.employee, "position_id": placement.position,
                "starts_on": placement.starts_on, "decree": placement.decree,
            })
        }));
        let statement = raw_sql!(
            Postgres,
            "INSERT INTO placements (agency_id, id, employee_id, position_id, starts_on, decree, recorded_at)
             SELECT {agency}::uuid, r.id, r.employee_id, r.position_id, r.starts_on, r.decree, {stamp}::timestamptz
             FROM json_to_recordset({rows}::json)
                AS r(id uuid, employee_id uuid, position_id uuid, starts_on date, decree text)"
        );
        self.db.execute_raw(statement).await?;
        for placement in all {
            self.moved([placement.employee], placement.starts_on);
        }
        Ok(())
    }

    /// Declares placements wrong as of this transaction's stamp. The caller holds [`Tx::employees_lock`].
    ///
    /// # Errors
    /// [`StoreError::Stale`] when one had been declared wrong already.
    pub async fn placements_retract(&self, pass: &Pass, all: &[PlacementId]) -> Result<(), StoreError> {
        let (agency, stamp, ids) = (pass.agency().uuid(), self.stamp().await?, uuids(all));
        let statement = raw_sql!(
            Postgres,
            "UPDATE placements SET retracted_at = {stamp}
             WHERE agency_id = {agency} AND id = ANY ({ids}::uuid[]) AND retracted_at IS NULL
             RETURNING *"
        );
        let retracted = placements::Model::find_by_statement(statement).all(&self.db).await?;
        for placement in &retracted {
            self.moved([placement.employee_id.into()], placement.starts_on);
        }
        if retracted.len() == all.len() { Ok(()) } else { Err(StoreError::Stale) }
    }
}

fn employee_json(employee: &Employee) -> Value {
    let Employee { id, nip, name, status, education, appointed_on, superior, version } = employee;
    json!({
        "id": id, "nip": nip, "name": name, "status": status, "education": education,
        "appointed_on": appointed_on, "superior_id": superior, "version": version,
    })
}
