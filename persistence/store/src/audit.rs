//! The audit trail, and who looked at whom.

use chrono::{DateTime, Utc};
use entities::audit_events;
use kernel::{AgencyId, AuditEventId, EmployeeId, Page, RequestId, UserId};
use sea_orm::{ConnectionTrait as _, FromQueryResult};
use serde_json::Value;
use uuid::Uuid;

use crate::read::PeopleFilter;
use crate::sentence::Sentence;
use crate::{PageRequest, Reader, Store, StoreError};

/// An entry of the audit trail.
#[derive(Clone, Debug, PartialEq)]
pub struct AuditRow {
    /// Its id.
    pub id: AuditEventId,
    /// When.
    pub at: DateTime<Utc>,
    /// Who; nobody for the system's own work.
    pub user: Option<UserId>,
    /// In which request.
    pub request: RequestId,
    /// By which operation.
    pub operation: String,
    /// What kind of thing was changed.
    pub resource: String,
    /// Which one.
    pub resource_id: Uuid,
    /// What was done to it.
    pub what: String,
    /// The figures.
    pub changes: Option<Value>,
}

/// Which entries a list holds; everything that is given must hold.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AuditFilter {
    /// About this resource.
    pub resource_id: Option<Uuid>,
    /// About this kind of resource.
    pub resource: Option<String>,
    /// By this user.
    pub user: Option<UserId>,
    /// At or after this instant.
    pub since: Option<DateTime<Utc>>,
    /// Before this instant.
    pub until: Option<DateTime<Utc>>,
}

/// Who looked at somebody's data.
#[derive(Clone, Debug, PartialEq, Eq, FromQueryResult)]
pub struct AccessRecord {
    /// Its id.
    pub id: Uuid,
    /// When.
    pub at: DateTime<Utc>,
    /// Whose data was looked at.
    pub employee_id: Uuid,
    /// Who looked.
    pub user_id: Uuid,
    /// What the agency calls them, by the last role it gave them.
    pub user_name: String,
    /// By which operation.
    pub operation: String,
    /// In which request.
    pub request_id: Uuid,
}

/// A look at somebody's data, about to be noted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Look {
    /// The id its note will have: written twice, it is there once.
    pub id: AuditEventId,
    /// The agency whose data it is.
    pub agency: AgencyId,
    /// When.
    pub at: DateTime<Utc>,
    /// Who looked.
    pub user: UserId,
    /// Whose data was looked at.
    pub employee: EmployeeId,
    /// By which operation.
    pub operation: &'static str,
    /// In which request.
    pub request: RequestId,
}

impl Store {
    /// Notes looks, except at people whose record is gone meanwhile. What was noted before under the same id stays.
    ///
    /// # Errors
    /// The database's; then none of them is noted.
    pub async fn looks_write(&self, looks: &[Look]) -> Result<(), StoreError> {
        if looks.is_empty() {
            return Ok(());
        }
        let mut sentence = Sentence::new("", []);
        looks_insert(&mut sentence, looks);
        self.db.execute_raw(sentence.finish()).await?;
        Ok(())
    }
}

/// Adds the statement that notes looks.
pub(crate) fn looks_insert(sentence: &mut Sentence, looks: &[Look]) {
    let column = |value: fn(&Look) -> Uuid| looks.iter().map(value).collect::<Vec<_>>();
    let instants: Vec<DateTime<Utc>> = looks.iter().map(|look| look.at).collect();
    let operations: Vec<String> = looks.iter().map(|look| look.operation.to_owned()).collect();
    sentence.push(
        "INSERT INTO access_records (agency_id, id, at, user_id, employee_id, operation, request_id)
         SELECT n.agency_id, n.id, n.at, n.user_id, n.employee_id, n.operation, n.request_id
         FROM unnest({}::uuid[], {}::uuid[], {}::timestamptz[], {}::uuid[], {}::uuid[], {}::text[], {}::uuid[])
            AS n (agency_id, id, at, user_id, employee_id, operation, request_id)
         WHERE EXISTS (SELECT FROM employees e WHERE e.agency_id = n.agency_id AND e.id = n.employee_id)
           AND EXISTS (SELECT FROM users u WHERE u.id = n.user_id)
         ON CONFLICT ON CONSTRAINT pk_access_records DO NOTHING",
        [
            column(|look| look.agency.uuid()).into(),
            column(|look| look.id.uuid()).into(),
            instants.into(),
            column(|look| look.user.uuid()).into(),
            column(|look| look.employee.uuid()).into(),
            operations.into(),
            column(|look| look.request.uuid()).into(),
        ],
    );
}

impl From<audit_events::Model> for AuditRow {
    fn from(row: audit_events::Model) -> Self {
        Self {
            id: row.id.into(),
            at: row.at,
            user: row.user_id.map(UserId::from),
            request: row.request_id.into(),
            operation: row.operation,
            resource: row.resource,
            resource_id: row.resource_id,
            what: row.what,
            changes: row.changes,
        }
    }
}

impl Reader<'_> {
    /// The trail, newest first.
    ///
    /// # Errors
    /// The database's.
    pub async fn audit_events(
        &self,
        filter: &AuditFilter,
        page: &PageRequest,
    ) -> Result<Page<AuditRow>, StoreError> {
        let AuditFilter { resource_id, resource, user, since, until } = filter.clone();
        let mut sentence =
            Sentence::new("SELECT * FROM audit_events WHERE agency_id = $1", [self.agency().into()]);
        sentence.maybe(" AND resource_id = {}", resource_id);
        sentence.maybe(" AND resource = {}", resource);
        sentence.maybe(" AND user_id = {}", user.map(UserId::uuid));
        sentence.maybe(" AND at >= {}", since);
        sentence.maybe(" AND at < {}", until);
        sentence.maybe(" AND id < {}", page.id(0));
        sentence.push(" ORDER BY id DESC LIMIT {}", [page.probe().into()]);
        let rows = audit_events::Model::find_by_statement(sentence.finish()).all(&self.db).await?;
        let rows = rows.into_iter().map(AuditRow::from).collect();
        Ok(Page::cut(rows, page.limit, |row: &AuditRow| vec![row.id.to_string()]))
    }

    /// Who looked at the people named one by one in the scope, newest first: a scope of oneself asks who looked at
    /// oneself.
    ///
    /// # Errors
    /// The database's.
    pub async fn access_records(&self, page: &PageRequest) -> Result<Page<AccessRecord>, StoreError> {
        let PeopleFilter { own, .. } = self.people();
        let mut sentence = Sentence::new(
            "SELECT r.id, r.at, r.employee_id, r.user_id, coalesce(g.name, u.subject) AS user_name, r.operation,
                    r.request_id
             FROM access_records r
             JOIN users u ON u.id = r.user_id
             LEFT JOIN LATERAL (
                SELECT name FROM grants
                WHERE agency_id = $1 AND user_id = r.user_id
                ORDER BY id DESC LIMIT 1) g ON true
             WHERE r.agency_id = $1 AND r.employee_id = ANY ($2)",
            [self.agency().into(), own.into()],
        );
        sentence.maybe(" AND r.id < {}", page.id(0));
        sentence.push(" ORDER BY r.id DESC LIMIT {}", [page.probe().into()]);
        let rows = AccessRecord::find_by_statement(sentence.finish()).all(&self.db).await?;
        Ok(Page::cut(rows, page.limit, |row: &AccessRecord| vec![row.id.to_string()]))
    }
}
