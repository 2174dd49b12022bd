//! The caller, and the proofs the policy hands out.

use kernel::{AgencyId, EmployeeId, GrantId, UnitId, UserId};

use crate::{Action, Reach, Role, reach};

/// A role given to a user in an agency.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Grant {
    /// Its id.
    pub id: GrantId,
    /// The role.
    pub role: Role,
    /// The employee the user is, where the role is about one.
    pub employee: Option<EmployeeId>,
    /// The unit at the top of the subtree, for unit admins.
    pub unit: Option<UnitId>,
    /// Scopes of a machine client.
    pub scopes: Vec<String>,
}

/// Who is calling, and which roles they have in the agency they call for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Actor {
    /// The user.
    pub user: UserId,
    /// The agency this call is about.
    pub agency: AgencyId,
    /// The user's live grants in that agency.
    pub grants: Vec<Grant>,
}

/// The policy said no.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not permitted: {0:?}")]
pub struct Denied(pub Action);

/// Which people a caller may see.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum People {
    /// Everyone in the agency.
    All,
    /// The union of these; nobody when all are empty.
    Some {
        /// These employees: the caller.
        own: Vec<EmployeeId>,
        /// The people below these employees.
        below: Vec<EmployeeId>,
        /// The people of these units and of every unit under them.
        units: Vec<UnitId>,
    },
}

/// What a caller may see, for one action. Only [`Actor::scope`] makes one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Scope {
    agency: AgencyId,
    people: People,
}

impl Scope {
    /// The agency everything is read from.
    #[must_use]
    pub const fn agency(&self) -> AgencyId {
        self.agency
    }

    /// The people within it.
    #[must_use]
    pub const fn people(&self) -> &People {
        &self.people
    }

    /// Everything in `agency`, for work no user asked for: start-up, commands, checks. `reason` is for the reader of
    /// the code that needs it.
    #[must_use]
    pub const fn system(agency: AgencyId, reason: &'static str) -> Self {
        let _ = reason;
        Self { agency, people: People::All }
    }
}

/// That somebody was allowed to do `action` in an agency. Only the policy makes one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pass {
    agency: AgencyId,
    user: Option<UserId>,
    action: Action,
}

impl Pass {
    /// The agency the work is done in.
    #[must_use]
    pub const fn agency(&self) -> AgencyId {
        self.agency
    }

    /// Who does it; nobody for the system's own work.
    #[must_use]
    pub const fn user(&self) -> Option<UserId> {
        self.user
    }

    /// What was allowed.
    #[must_use]
    pub const fn action(&self) -> Action {
        self.action
    }

    /// For work no user asked for; `reason` is for the reader of the code that needs it.
    #[must_use]
    pub const fn system(agency: AgencyId, action: Action, reason: &'static str) -> Self {
        let _ = reason;
        Self { agency, user: None, action }
    }
}

impl Actor {
    /// What the caller may see for `action`.
    ///
    /// # Errors
    /// [`Denied`] when no role of theirs reaches anything.
    pub fn scope(&self, action: Action) -> Result<Scope, Denied> {
        let (mut own, mut below, mut units) = (Vec::new(), Vec::new(), Vec::new());
        for grant in &self.grants {
            match self.reach(grant, action) {
                Reach::Nothing | Reach::Scoped => {}
                Reach::Own => own.extend(grant.employee),
                Reach::Below => {
                    own.extend(grant.employee);
                    below.extend(grant.employee);
                }
                Reach::Subtree => units.extend(grant.unit),
                Reach::Agency => return Ok(Scope { agency: self.agency, people: People::All }),
            }
        }
        if own.is_empty() && below.is_empty() && units.is_empty() {
            return Err(Denied(action));
        }
        Ok(Scope { agency: self.agency, people: People::Some { own, below, units } })
    }

    /// Leave to do `action` anywhere in the agency.
    ///
    /// # Errors
    /// [`Denied`] unless a role reaches the whole agency.
    pub fn allow(&self, action: Action) -> Result<Pass, Denied> {
        self.can(action).then(|| self.pass(action)).ok_or(Denied(action))
    }

    /// Leave to do `action` on what belongs to `employee`: for one's own data.
    ///
    /// # Errors
    /// [`Denied`] unless a role reaches that person as the caller themself, or the whole agency.
    pub fn allow_own(&self, action: Action, employee: EmployeeId) -> Result<Pass, Denied> {
        let own = self.grants.iter().any(|grant| {
            grant.employee == Some(employee) && matches!(self.reach(grant, action), Reach::Own | Reach::Below)
        });
        (own || self.can(action)).then(|| self.pass(action)).ok_or(Denied(action))
    }

    /// Whether `action` is allowed anywhere in the agency: what a client may be offered.
    #[must_use]
    pub fn can(&self, action: Action) -> bool {
        self.grants.iter().any(|grant| self.reach(grant, action) == Reach::Agency)
    }

    /// The employees the caller is, for rules such as "not one's own".
    pub fn employees(&self) -> impl Iterator<Item = EmployeeId> + '_ {
        self.grants.iter().filter_map(|grant| grant.employee)
    }

    /// The policy's answer for one grant, with a machine's scopes resolved.
    fn reach(&self, grant: &Grant, action: Action) -> Reach {
        match reach(grant.role, action) {
            Reach::Scoped => {
                let held = action.scope_name().is_some_and(|name| grant.scopes.iter().any(|s| s == name));
                if held { Reach::Agency } else { Reach::Nothing }
            }
            other => other,
        }
    }

    fn pass(&self, action: Action) -> Pass {
        Pass { agency: self.agency, user: Some(self.user), action }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use kernel::GrantId;

    type Held<'a> = (Role, Option<EmployeeId>, Option<UnitId>, &'a [&'a str]);

    fn actor(grants: &[Held<'_>]) -> Actor {
        let grants = grants.iter().map(|(role, employee, unit, scopes)| Grant {
            id: GrantId::new(),
            role: *role,
            employee: *employee,
            unit: *unit,
            scopes: scopes.iter().map(|s| (*s).to_owned()).collect(),
        });
        Actor { user: UserId::new(), agency: AgencyId::new(), grants: grants.collect() }
    }

    #[test]
    fn no_role_sees_nothing() {
        let nobody = actor(&[]);
        for action in Action::ALL {
            assert!(nobody.scope(action).is_err() && nobody.allow(action).is_err());
        }
    }

    #[test]
    fn roles_add_up() {
        let (me, unit) = (EmployeeId::new(), UnitId::new());
        let both =
            actor(&[(Role::Supervisor, Some(me), None, &[]), (Role::UnitAdmin, None, Some(unit), &[])]);
        let scope = both.scope(Action::GapRead).unwrap();
        assert_eq!(*scope.people(), People::Some { own: vec![me], below: vec![me], units: vec![unit] });
        assert!(both.allow(Action::GapRead).is_err(), "a subtree is not the agency");
    }

    #[test]
    fn a_machine_does_what_its_scopes_say_and_never_decides() {
        let machine = actor(&[(Role::Integration, None, None, &["employees:read", "audit:read"])]);
        assert!(machine.can(Action::EmployeeRead));
        assert!(!machine.can(Action::EmployeeWrite));
        for action in
            [Action::StandardEnact, Action::AssessmentSignOff, Action::GrantWrite, Action::AuditRead]
        {
            assert!(!machine.can(action));
        }
    }

    #[test]
    fn ones_own_is_ones_own() {
        let (me, other) = (EmployeeId::new(), EmployeeId::new());
        let employee = actor(&[(Role::Employee, Some(me), None, &[])]);
        assert!(employee.allow_own(Action::SelfAssess, me).is_ok());
        assert!(employee.allow_own(Action::SelfAssess, other).is_err());
        assert!(employee.allow_own(Action::EmployeeWrite, me).is_err());
    }
}
