//! Roles given to users.

use access::{Action, Actor, Grant, GrantAction};
use chrono::{DateTime, Utc};
use kernel::{EmployeeId, GrantId, Name, UnitId, Violation, ViolationCode, Violations};
use serde::{Deserialize, Serialize};
use store::{GrantRow, UserRow};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;
use validator::Validate;

use crate::dto::enums::{Wire, wire};

/// Someone or something that can sign in.
#[derive(Debug, Serialize, ToSchema)]
pub struct UserView {
    /// Identifier.
    pub id: Uuid,
    /// The issuer of its tokens (`iss`).
    #[schema(example = "https://sso.example.go.id/realms/asn", max_length = 255)]
    pub issuer: String,
    /// The subject its tokens name (`sub`).
    #[schema(example = "7d0ccd2e-93a4-4d3b-b1f3-2f0f5c7f2a10", max_length = 255)]
    pub subject: String,
    /// A name for people to read.
    #[schema(example = "Admin BKPSDM Contoh", max_length = 200)]
    pub name: String,
}

impl From<UserRow> for UserView {
    fn from(user: UserRow) -> Self {
        let UserRow { id, issuer, subject, name } = user;
        Self { id: id.uuid(), issuer, subject, name: name.into_string() }
    }
}

/// Something a machine client may do, such as `employees:read`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(transparent)]
#[schema(example = "employees:read", max_length = 40)]
pub struct ScopeName(pub String);

/// A role given to a user in the agency. It does not change; it is given, and taken back once.
#[derive(Debug, Serialize, ToSchema)]
pub struct GrantView {
    /// Identifier.
    pub id: Uuid,
    /// Whose it is.
    pub user: UserView,
    /// The role.
    pub role: wire::Role,
    /// The employee the user is.
    pub employee_id: Option<Uuid>,
    /// The unit at the top of the subtree, for `UNIT_ADMIN`.
    pub unit_id: Option<Uuid>,
    /// What a machine may do, for `INTEGRATION`.
    #[schema(example = json!([]), max_items = 100)]
    pub scopes: Vec<ScopeName>,
    /// Since when.
    pub granted_at: DateTime<Utc>,
    /// Until when, where it was taken back.
    pub revoked_at: Option<DateTime<Utc>>,
    /// What this caller may do with it now.
    #[schema(max_items = 1)]
    pub allowed_actions: Vec<wire::GrantAction>,
}

impl GrantView {
    /// The grant, as `actor` sees it.
    #[must_use]
    pub fn seen_by(actor: &Actor, row: GrantRow) -> Self {
        let GrantRow { grant, user, granted_at, revoked_at } = row;
        let Grant { id, role, employee, unit, scopes } = grant;
        let open = revoked_at.is_none() && actor.can(Action::GrantWrite);
        Self {
            id: id.uuid(),
            user: user.into(),
            role: Wire(role),
            employee_id: employee.map(EmployeeId::uuid),
            unit_id: unit.map(UnitId::uuid),
            scopes: scopes.into_iter().map(ScopeName).collect(),
            granted_at,
            revoked_at,
            allowed_actions: if open { vec![Wire(GrantAction::Revoke)] } else { Vec::new() },
        }
    }
}

/// A role to give, and to whom.
#[derive(Clone, Debug, Deserialize, Serialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "issuer": "https://sso.example.go.id/realms/asn", "subject": "7d0ccd2e-93a4-4d3b-b1f3-2f0f5c7f2a10",
    "name": "Admin BKPSDM Contoh", "role": "AGENCY_ADMIN"
}))]
pub struct GrantCreate {
    /// The issuer of the user's tokens (`iss`), exactly as configured; absent for the built-in one.
    #[schema(example = "https://sso.example.go.id/realms/asn", min_length = 1, max_length = 255)]
    #[validate(length(min = 1, max = 255))]
    pub issuer: Option<String>,
    /// The subject of the user's tokens (`sub`), exactly. For the built-in issuer it is the id of a user this agency has
    /// given a role before; absent, a new user is made.
    #[schema(example = "7d0ccd2e-93a4-4d3b-b1f3-2f0f5c7f2a10", min_length = 1, max_length = 255)]
    #[validate(length(min = 1, max = 255))]
    pub subject: Option<String>,
    /// A name for people to read, shown with this role.
    #[schema(example = "Admin BKPSDM Contoh", min_length = 1, max_length = 200)]
    pub name: String,
    /// The role.
    pub role: wire::Role,
    /// The employee the user is: needed for `EMPLOYEE` and `SUPERVISOR`, never for `INTEGRATION`.
    pub employee_id: Option<Uuid>,
    /// The unit at the top of the subtree: needed for `UNIT_ADMIN`, and for it alone.
    pub unit_id: Option<Uuid>,
    /// What the machine may do: needed for `INTEGRATION`, and for it alone.
    #[schema(example = json!([]), max_items = 100)]
    #[validate(length(max = 18))]
    pub scopes: Option<Vec<ScopeName>>,
}

/// Whom a role is given to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Holder {
    /// The issuer; none for the built-in one.
    pub issuer: Option<String>,
    /// The subject; none for a new user of the built-in issuer.
    pub subject: Option<String>,
    /// The name to show with the role.
    pub name: Name,
}

impl GrantCreate {
    /// The grant these values describe, and whom it is for.
    ///
    /// # Errors
    /// Every value that cannot stand.
    pub fn into_domain(self, id: GrantId) -> Result<(Holder, Grant), Vec<Violation>> {
        let Self { issuer, subject, name, role: Wire(role), employee_id, unit_id, scopes } = self;
        let mut found = Violations::new();
        // Compared byte by byte with what a token says, so it is kept as it came.
        found.check(subject.iter().flat_map(|subject| subject.chars()).any(char::is_control), || {
            Violation::new("/subject", ViolationCode::ControlCharacter)
        });
        found.check(issuer.is_some() && subject.is_none(), || {
            Violation::new("/subject", ViolationCode::Required)
        });
        let name = found.take(Name::parse(&name).map_err(|violation| violation.under("/name")));
        let grant = Grant {
            id,
            role,
            employee: employee_id.map(EmployeeId::from),
            unit: unit_id.map(UnitId::from),
            scopes: scopes.into_iter().flatten().map(|ScopeName(scope)| scope).collect(),
        };
        for violation in grant.check().err().into_iter().flatten() {
            found.push(violation);
        }
        match name {
            Some(name) if found.is_empty() => Ok((Holder { issuer, subject, name }, grant)),
            _ => Err(found.into_sorted()),
        }
    }
}

/// Which grants a list holds.
#[derive(Clone, Debug, Deserialize, Serialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct GrantQuery {
    /// `true` leaves out those that were taken back.
    #[param(default = false)]
    pub live: Option<bool>,
    /// Where to continue: `next` of the page before.
    #[param(max_length = 2000)]
    pub cursor: Option<String>,
    /// Most items of a page.
    #[param(minimum = 1, maximum = 200, default = 50)]
    pub limit: Option<u16>,
}

#[cfg(test)]
mod tests {
    use super::*;
    use access::Role;

    fn input() -> GrantCreate {
        GrantCreate {
            issuer: None,
            subject: None,
            name: "Contoh".to_owned(),
            role: Wire(Role::Auditor),
            employee_id: None,
            unit_id: None,
            scopes: None,
        }
    }

    #[test]
    fn everything_wrong_is_told_at_once() {
        let wrong = GrantCreate {
            subject: Some("a\u{0}b".to_owned()),
            name: " ".to_owned(),
            role: Wire(Role::Employee),
            ..input()
        };
        let found = wrong.into_domain(GrantId::new()).unwrap_err();
        let places: Vec<_> = found.iter().map(|violation| violation.pointer.as_str()).collect();
        assert_eq!(places, ["/employee_id", "/name", "/subject"]);
        let unnamed = GrantCreate { issuer: Some("https://sso.example.go.id".to_owned()), ..input() };
        assert_eq!(unnamed.into_domain(GrantId::new()).unwrap_err()[0].pointer, "/subject");
        assert!(input().into_domain(GrantId::new()).is_ok());
    }
}
