//! The caller.

use access::{Action, Actor, Grant};
use chrono::{DateTime, NaiveDate, Utc};
use kernel::{EmployeeId, UnitId};
use serde::Serialize;
use store::AccessRecord;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::app::me::Me;
use crate::dto::agencies::AgencyView;
use crate::dto::employees::EmployeeView;
use crate::dto::enums::{Wire, wire};
use crate::dto::grants::{ScopeName, UserView};

/// Who is calling, for which agency, and what they may do there: what a client draws its menu from.
#[derive(Debug, Serialize, ToSchema)]
pub struct MeView {
    /// The user.
    pub user: UserView,
    /// The agency this call is about.
    pub agency: AgencyView,
    /// The calendar day in the agency.
    pub today: NaiveDate,
    /// The employee the user is, as the agency has them on record: one as a rule, none for those who work from outside.
    #[schema(max_items = 100)]
    pub employees: Vec<EmployeeView>,
    /// The user's roles in the agency.
    #[schema(max_items = 200)]
    pub roles: Vec<MeRoleView>,
    /// What these roles permit together, and how far. What is not listed is refused.
    #[schema(max_items = 100)]
    pub permissions: Vec<PermissionView>,
}

/// One of the caller's roles.
#[derive(Debug, Serialize, ToSchema)]
pub struct MeRoleView {
    /// The grant that gives it.
    pub grant_id: Uuid,
    /// The role.
    pub role: wire::Role,
    /// The employee it is about.
    pub employee_id: Option<Uuid>,
    /// The unit at the top of the subtree, for `UNIT_ADMIN`.
    pub unit_id: Option<Uuid>,
    /// What a machine may do, for `INTEGRATION`.
    #[schema(example = json!([]), max_items = 100)]
    pub scopes: Vec<ScopeName>,
}

/// One thing the caller may do.
#[derive(Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct PermissionView {
    /// What.
    pub action: wire::Action,
    /// How far: the union of these.
    #[schema(max_items = 4)]
    pub reach: Vec<wire::Reach>,
}

impl MeView {
    /// The caller, as they are told of themselves.
    #[must_use]
    pub fn of(actor: &Actor, me: Me) -> Self {
        let Me { user, agency, today, employees } = me;
        Self {
            user: user.into(),
            agency: agency.into(),
            today,
            employees: employees.into_iter().map(EmployeeView::from).collect(),
            roles: actor.grants.iter().map(MeRoleView::from).collect(),
            permissions: permissions(actor),
        }
    }
}

impl From<&Grant> for MeRoleView {
    fn from(grant: &Grant) -> Self {
        let Grant { id, role, employee, unit, scopes } = grant;
        Self {
            grant_id: id.uuid(),
            role: Wire(*role),
            employee_id: employee.map(EmployeeId::uuid),
            unit_id: unit.map(UnitId::uuid),
            scopes: scopes.iter().cloned().map(ScopeName).collect(),
        }
    }
}

fn permissions(actor: &Actor) -> Vec<PermissionView> {
    let of = |action| PermissionView {
        action: Wire(action),
        reach: actor.reaches(action).into_iter().map(Wire).collect(),
    };
    Action::ALL.into_iter().map(of).filter(|permission| !permission.reach.is_empty()).collect()
}

/// Somebody looked at the caller's data (UU 27/2022).
#[derive(Debug, Serialize, ToSchema)]
pub struct AccessRecordView {
    /// Identifier.
    pub id: Uuid,
    /// When.
    pub at: DateTime<Utc>,
    /// Whose data it was: the employee the caller is.
    pub employee_id: Uuid,
    /// Who looked.
    pub user_id: Uuid,
    /// Their name.
    #[schema(example = "Admin BKPSDM Contoh", max_length = 200)]
    pub user_name: String,
    /// What they asked for: an operation of this contract.
    #[schema(example = "employee_get", max_length = 100)]
    pub operation: String,
    /// In which request.
    pub request_id: Uuid,
}

impl From<AccessRecord> for AccessRecordView {
    fn from(record: AccessRecord) -> Self {
        let AccessRecord { id, at, employee_id, user_id, user_name, operation, request_id } = record;
        Self { id, at, employee_id, user_id, user_name, operation, request_id }
    }
}
#[cfg(test)]
mod tests {
    use super::*;
    use crate::dto::enums::Documented;
    use access::{Reach, Role};
    use kernel::{AgencyId, GrantId, UserId};

    #[test]
    fn what_is_permitted_is_listed_and_nothing_else() {
        let me = EmployeeId::new();
        let grant = |role| Grant { id: GrantId::new(), role, employee: Some(me), unit: None, scopes: vec![] };
        let grants = vec![grant(Role::Employee), grant(Role::Supervisor)];
        let actor = Actor { user: UserId::new(), agency: AgencyId::new(), grants };
        let listed = permissions(&actor);
        for action in Action::ALL {
            let permission = listed.iter().find(|permission| permission.action == Wire(action));
            assert_eq!(permission.is_some(), actor.scope(action).is_ok(), "{action}");
        }
        let gaps = listed.iter().find(|permission| permission.action == Wire(Action::GapRead)).unwrap();
        assert_eq!(gaps.reach, [Wire(Reach::Own), Wire(Reach::Below)]);
    }

    #[test]
    fn every_reach_that_is_sent_is_documented() {
        for role in Role::ALL {
            let grant = Grant {
                id: GrantId::new(),
                role,
                employee: Some(EmployeeId::new()),
                unit: Some(UnitId::new()),
                scopes: Action::ALL.into_iter().filter_map(Action::scope_name).map(str::to_owned).collect(),
            };
            let actor = Actor { user: UserId::new(), agency: AgencyId::new(), grants: vec![grant] };
            for reach in Action::ALL.into_iter().flat_map(|action| actor.reaches(action)) {
                assert!(Reach::values().contains(&reach.as_str()), "{role:?} {reach}");
            }
        }
    }
}
