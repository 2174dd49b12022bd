//! An agency to act in: built through the store, the way commands build one.

use access::{Action, Grant, Pass, Role};
use kernel::{
    AgencyId, AgencyZone, Code, EmployeeId, Event, GrantId, Name, RequestId, Resource, UnitId, UserId,
    Version,
};
use store::WriteContext;

use crate::{Caller, TestApp};

/// An agency of a test.
#[derive(Clone, Copy, Debug)]
pub struct Agency<'a> {
    /// The server it lives on.
    pub app: &'a TestApp,
    /// Its id.
    pub id: AgencyId,
}

impl TestApp {
    /// A new agency in Jakarta's time zone.
    pub async fn agency(&self, code: &str) -> Agency<'_> {
        let agency = workforce::Agency {
            id: AgencyId::new(),
            code: Code::parse(code).unwrap(),
            name: Name::parse(&format!("Pemerintah {code}")).unwrap(),
            zone: AgencyZone::Wib,
            version: Version::FIRST,
        };
        let pass = Pass::system(agency.id, Action::AgencyWrite, "a test needs an agency");
        let written: Result<(), store::StoreError> = self
            .services
            .store
            .write(&self.write_context(agency.id), async |tx| {
                tx.agency_insert(&agency).await?;
                Ok(tx.record(&pass, &Event::new(Resource::Agency, agency.id, "CREATED"), None))
            })
            .await;
        written.unwrap();
        Agency { app: self, id: agency.id }
    }

    /// Who writes when a test prepares something.
    pub fn write_context(&self, agency: AgencyId) -> WriteContext {
        WriteContext {
            user: None,
            agency,
            request: RequestId::new(),
            operation: "test",
            now: self.now(),
            idempotency: None,
        }
    }
}

impl<'a> Agency<'a> {
    /// A new user with one role.
    pub async fn role(&self, role: Role) -> Caller<'a> {
        self.grant(role, None, None, &[]).await
    }

    /// A new user who is this employee, with one role.
    pub async fn employee(&self, role: Role, employee: &str) -> Caller<'a> {
        self.grant(role, Some(employee.parse().unwrap()), None, &[]).await
    }

    /// The personnel officer of a unit.
    pub async fn unit_admin(&self, unit: &str) -> Caller<'a> {
        self.grant(Role::UnitAdmin, None, Some(unit.parse().unwrap()), &[]).await
    }

    /// A machine client with these scopes.
    pub async fn machine(&self, scopes: &[&str]) -> Caller<'a> {
        self.grant(Role::Integration, None, None, scopes).await
    }

    /// The personnel agency, who may do nearly everything.
    pub async fn admin(&self) -> Caller<'a> {
        self.role(Role::AgencyAdmin).await
    }

    async fn grant(
        &self,
        role: Role,
        employee: Option<EmployeeId>,
        unit: Option<UnitId>,
        scopes: &[&str],
    ) -> Caller<'a> {
        self.app.caller(self.user(role, employee, unit, scopes).await, self.id)
    }

    /// A new user of the built-in issuer with one role; see [`TestApp::caller`].
    pub async fn user(
        &self,
        role: Role,
        employee: Option<EmployeeId>,
        unit: Option<UnitId>,
        scopes: &[&str],
    ) -> UserId {
        let pass = Pass::system(self.id, Action::GrantWrite, "a test needs a caller");
        let grant = Grant {
            id: GrantId::new(),
            role,
            employee,
            unit,
            scopes: scopes.iter().map(|scope| (*scope).to_owned()).collect(),
        };
        let issuer = self.app.services.keys.identity().issuer.clone();
        let name = Name::parse(role.as_str()).unwrap();
        let user: Result<UserId, store::StoreError> = self
            .app
            .services
            .store
            .write(&self.app.write_context(self.id), async |tx| {
                let user = tx.user_ensure(&issuer, None, &name).await?;
                tx.grant_insert(&pass, &user, &grant).await?;
                let event = Event::new(Resource::Grant, grant.id, "CREATED");
                Ok(tx.record(&pass, &event, None).with(user.id))
            })
            .await;
        user.unwrap()
    }
}
