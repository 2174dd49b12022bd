//! Users, and the roles they were given.

use access::{Grant, Pass, Role};
use chrono::{DateTime, Utc};
use entities::{grants, users};
use kernel::{AgencyId, EmployeeId, GrantId, Name, Page, UnitId, UserId};
use sea_orm::ActiveValue::Set;
use sea_orm::sea_query::OnConflict;
use sea_orm::{
    ColumnTrait as _, ConnectionTrait as _, EntityTrait as _, FromQueryResult, QueryFilter as _,
    QueryOrder as _, QuerySelect as _, raw_sql,
};
use uuid::Uuid;

use crate::rows::{known, name};
use crate::{PageRequest, Reader, Store, StoreError, Tx};

/// Someone or something that can sign in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UserRow {
    /// Its id.
    pub id: UserId,
    /// The issuer of its tokens.
    pub issuer: String,
    /// The subject its tokens name.
    pub subject: String,
    /// A name for people to read: beside a grant the one it was given under, else the one the user was made with.
    pub name: Name,
}

/// A grant with whom it is for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GrantRow {
    /// The grant.
    pub grant: Grant,
    /// The user.
    pub user: UserRow,
    /// Since when.
    pub granted_at: DateTime<Utc>,
    /// Until when, where it was taken back.
    pub revoked_at: Option<DateTime<Utc>>,
}

/// A user beside one of their grants, if they have any.
#[derive(FromQueryResult)]
struct Row {
    user_id: Uuid,
    issuer: String,
    subject: String,
    name: String,
    agency_id: Option<Uuid>,
    id: Option<Uuid>,
    role: Option<String>,
    employee_id: Option<Uuid>,
    unit_id: Option<Uuid>,
    scopes: Option<Vec<String>>,
    granted_at: Option<DateTime<Utc>>,
    revoked_at: Option<DateTime<Utc>>,
}

impl Row {
    fn user(&self) -> UserRow {
        UserRow {
            id: self.user_id.into(),
            issuer: self.issuer.clone(),
            subject: self.subject.clone(),
            name: name(self.name.clone()),
        }
    }

    fn grant(&self) -> Result<Option<(AgencyId, Grant)>, StoreError> {
        let (Some(agency), Some(id), Some(role)) = (self.agency_id, self.id, &self.role) else {
            return Ok(None);
        };
        let grant = Grant {
            id: GrantId::from(id),
            role: known(Role::parse(role), "grants.role")?,
            employee: self.employee_id.map(EmployeeId::from),
            unit: self.unit_id.map(UnitId::from),
            scopes: self.scopes.clone().unwrap_or_default(),
        };
        Ok(Some((agency.into(), grant)))
    }
}

impl Store {
    /// The user a token names, and their live grants in every agency, as the database has them now.
    ///
    /// # Errors
    /// The database's.
    pub async fn user_with_grants(
        &self,
        issuer: &str,
        subject: &str,
    ) -> Result<Option<(UserRow, Vec<(AgencyId, Grant)>)>, StoreError> {
        let statement = raw_sql!(
            Postgres,
            "SELECT u.id AS user_id, u.issuer, u.subject, u.name, g.agency_id, g.id, g.role, g.employee_id, g.unit_id,
                    g.scopes, g.granted_at, g.revoked_at
             FROM users u LEFT JOIN grants g ON g.user_id = u.id AND g.revoked_at IS NULL
             WHERE u.issuer = {issuer} AND u.subject = {subject}"
        );
        let rows = Row::find_by_statement(statement).all(&self.db).await?;
        let grants = rows.iter().filter_map(|row| row.grant().transpose()).collect::<Result<_, _>>()?;
        Ok(rows.first().map(|row| (row.user(), grants)))
    }

    /// A user's live grants in an agency: what somebody may do for whom work goes on.
    ///
    /// # Errors
    /// The database's.
    pub async fn grants_live(&self, user: UserId, agency: AgencyId) -> Result<Vec<Grant>, StoreError> {
        let (user, agency) = (user.uuid(), agency.uuid());
        let statement = raw_sql!(
            Postgres,
            "SELECT u.id AS user_id, u.issuer, u.subject, u.name, g.agency_id, g.id, g.role, g.employee_id, g.unit_id,
                    g.scopes, g.granted_at, g.revoked_at
             FROM users u JOIN grants g ON g.user_id = u.id
             WHERE u.id = {user} AND g.agency_id = {agency} AND g.revoked_at IS NULL"
        );
        let rows = Row::find_by_statement(statement).all(&self.db).await?;
        let grants = rows.iter().filter_map(|row| row.grant().transpose());
        grants.map(|grant| grant.map(|(_, grant)| grant)).collect()
    }
}

impl Reader<'_> {
    /// The user and whoever else has or had a role in the agency as the same employee: a second account is no second pair of
    /// eyes.
    ///
    /// # Errors
    /// The database's.
    pub async fn same_person(&self, user: UserId) -> Result<Vec<UserId>, StoreError> {
        let (agency, user) = (self.agency(), user.uuid());
        let statement = raw_sql!(
            Postgres,
            "SELECT {user}::uuid AS id
             UNION
             SELECT o.user_id FROM grants g
             JOIN grants o ON o.agency_id = g.agency_id AND o.employee_id = g.employee_id
             WHERE g.agency_id = {agency} AND g.user_id = {user}"
        );
        let rows = self.db.query_all_raw(statement).await?;
        rows.iter().map(|row| Ok(UserId::from(row.try_get::<Uuid>("", "id")?))).collect()
    }

    /// Grants of the agency, newest first; `live` leaves out those taken back.
    ///
    /// # Errors
    /// The database's.
    pub async fn grants(&self, live: bool, page: &PageRequest) -> Result<Page<GrantRow>, StoreError> {
        let (agency, before, limit) = (self.agency(), page.id(0), page.probe());
        let statement = raw_sql!(
            Postgres,
            "SELECT u.id AS user_id, u.issuer, u.subject, g.name, g.agency_id, g.id, g.role, g.employee_id, g.unit_id,
                    g.scopes, g.granted_at, g.revoked_at
             FROM grants g JOIN users u ON u.id = g.user_id
             WHERE g.agency_id = {agency}
               AND (NOT {live} OR g.revoked_at IS NULL)
               AND ({before}::uuid IS NULL OR g.id < {before})
             ORDER BY g.id DESC
             LIMIT {limit}"
        );
        let rows = Row::find_by_statement(statement).all(&self.db).await?;
        let rows = rows.iter().map(grant_row).collect::<Result<_, _>>()?;
        Ok(Page::cut(rows, page.limit, |row: &GrantRow| vec![row.grant.id.to_string()]))
    }

    /// One grant of the agency.
    ///
    /// # Errors
    /// The database's.
    pub async fn grant(&self, id: GrantId) -> Result<Option<GrantRow>, StoreError> {
        let (agency, id) = (self.agency(), id.uuid());
        let statement = raw_sql!(
            Postgres,
            "SELECT u.id AS user_id, u.issuer, u.subject, g.name, g.agency_id, g.id, g.role, g.employee_id, g.unit_id,
                    g.scopes, g.granted_at, g.revoked_at
             FROM grants g JOIN users u ON u.id = g.user_id
             WHERE g.agency_id = {agency} AND g.id = {id}"
        );
        Row::find_by_statement(statement).one(&self.db).await?.as_ref().map(grant_row).transpose()
    }

    /// The employees a user is or was in the agency: those of every grant they ever had, taken back or not.
    ///
    /// # Errors
    /// The database's.
    pub async fn employees_of_user(&self, user: UserId) -> Result<Vec<EmployeeId>, StoreError> {
        let ids: Vec<Uuid> = grants::Entity::find()
            .select_only()
            .column(grants::Column::EmployeeId)
            .distinct()
            .filter(grants::Column::AgencyId.eq(self.agency()))
            .filter(grants::Column::UserId.eq(user.uuid()))
            .filter(grants::Column::EmployeeId.is_not_null())
            .into_tuple()
            .all(&self.db)
            .await?;
        Ok(ids.into_iter().map(EmployeeId::from).collect())
    }
}

fn grant_row(row: &Row) -> Result<GrantRow, StoreError> {
    let (_, grant) = known(row.grant()?, "grants")?;
    Ok(GrantRow {
        grant,
        user: row.user(),
        granted_at: known(row.granted_at, "grants.granted_at")?,
        revoked_at: row.revoked_at,
    })
}

impl Tx<'_> {
    /// The user with this issuer and subject, called `name`; made when there is none. Without a subject a new user is made
    /// whose subject is their own id: that is how users of the built-in issuer are known.
    ///
    /// # Errors
    /// The database's.
    pub async fn user_ensure(
        &self,
        issuer: &str,
        subject: Option<&str>,
        name: &Name,
    ) -> Result<UserRow, StoreError> {
        let id = UserId::new();
        let own = id.to_string();
        self.user_ensure_with(id, issuer, subject.unwrap_or(&own), name).await
    }

    /// The user of the built-in `issuer` with this id, called `name`; made when there is none.
    ///
    /// # Errors
    /// The database's.
    pub async fn user_ensure_own(
        &self,
        issuer: &str,
        id: UserId,
        name: &Name,
    ) -> Result<UserRow, StoreError> {
        self.user_ensure_with(id, issuer, &id.to_string(), name).await
    }

    async fn user_ensure_with(
        &self,
        id: UserId,
        issuer: &str,
        subject: &str,
        name: &Name,
    ) -> Result<UserRow, StoreError> {
        self.directory_changes();
        let row = users::ActiveModel {
            id: Set(id.uuid()),
            issuer: Set(issuer.to_owned()),
            subject: Set(subject.to_owned()),
            name: Set(name.to_string()),
            created_at: Set(self.now()),
        };
        users::Entity::insert(row)
            .on_conflict(
                OnConflict::columns([users::Column::Issuer, users::Column::Subject]).do_nothing().to_owned(),
            )
            .exec_without_returning(&self.db)
            .await?;
        let row = users::Entity::find()
            .filter(users::Column::Issuer.eq(issuer))
            .filter(users::Column::Subject.eq(subject))
            .one(&self.db)
            .await?;
        let row = known(row, "users")?;
        Ok(UserRow {
            id: row.id.into(),
            issuer: row.issuer,
            subject: row.subject,
            // Whoever made the user known may have been another agency: its name for them stays with it.
            name: name.clone(),
        })
    }

    /// Whether the agency ever gave a role to this user.
    ///
    /// # Errors
    /// The database's.
    pub async fn user_is_known(&self, pass: &Pass, user: UserId) -> Result<bool, StoreError> {
        let grant = grants::Entity::find()
            .filter(grants::Column::AgencyId.eq(pass.agency().uuid()))
            .filter(grants::Column::UserId.eq(user.uuid()))
            .one(&self.db)
            .await?;
        Ok(grant.is_some())
    }

    /// Gives a role, under the name `user` carries.
    ///
    /// # Errors
    /// `Taken("/role")`, `Missing("/employee_id")`, `Missing("/unit_id")`, `Missing("/user_id")`.
    pub async fn grant_insert(&self, pass: &Pass, user: &UserRow, grant: &Grant) -> Result<(), StoreError> {
        self.directory_changes();
        grants::Entity::insert(grants::ActiveModel {
            agency_id: Set(pass.agency().uuid()),
            id: Set(grant.id.uuid()),
            user_id: Set(user.id.uuid()),
            name: Set(user.name.to_string()),
            role: Set(grant.role.as_str().to_owned()),
            employee_id: Set(grant.employee.map(EmployeeId::uuid)),
            unit_id: Set(grant.unit.map(UnitId::uuid)),
            scopes: Set(grant.scopes.clone()),
            granted_at: Set(self.now()),
            revoked_at: Set(None),
        })
        .exec_without_returning(&self.db)
        .await?;
        Ok(())
    }

    /// The live grants of `role`, which nobody else can take back until this transaction ends: without it, the last two
    /// administrators could take back each other's role at once.
    ///
    /// # Errors
    /// The database's.
    pub async fn grants_lock(&self, pass: &Pass, role: Role) -> Result<Vec<GrantId>, StoreError> {
        let rows = grants::Entity::find()
            .filter(grants::Column::AgencyId.eq(pass.agency().uuid()))
            .filter(grants::Column::Role.eq(role.as_str()))
            .filter(grants::Column::RevokedAt.is_null())
            .order_by_asc(grants::Column::Id)
            .lock_exclusive()
            .all(&self.db)
            .await?;
        Ok(rows.into_iter().map(|row| GrantId::from(row.id)).collect())
    }

    /// Takes a role back.
    ///
    /// # Errors
    /// [`StoreError::Stale`] when it had been taken back already.
    pub async fn grant_revoke(&self, pass: &Pass, id: GrantId) -> Result<(), StoreError> {
        self.directory_changes();
        let done = grants::Entity::update_many()
            .set(grants::ActiveModel { revoked_at: Set(Some(self.now())), ..Default::default() })
            .filter(grants::Column::AgencyId.eq(pass.agency().uuid()))
            .filter(grants::Column::Id.eq(id.uuid()))
            .filter(grants::Column::RevokedAt.is_null())
            .exec(&self.db)
            .await?;
        if done.rows_affected == 0 { Err(StoreError::Stale) } else { Ok(()) }
    }
}
