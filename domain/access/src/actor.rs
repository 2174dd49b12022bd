//! The caller, and the proofs the policy hands out.

use kernel::{AgencyId, EmployeeId, GrantId, UnitId, UserId, Violation, ViolationCode, Violations};

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

kernel::wire_enum! {
    /// What can be done with a grant.
    pub enum GrantAction {
        /// Take it back.
        Revoke = "REVOKE",
    }
}

/// Why a role cannot be given or taken back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum GrantError {
    /// The giver is the receiver.
    #[error("nobody gives a role to themselves")]
    ToSelf,
    /// It was taken back before.
    #[error("the role was taken back before")]
    Revoked,
    /// Nobody would be left who can give roles.
    #[error("an agency keeps an administrator")]
    LastAdmin,
}

impl GrantError {
    /// The code clients see.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::ToSelf => "GRANT_TO_SELF",
            Self::Revoked => "GRANT_REVOKED",
            Self::LastAdmin => "GRANT_LAST_ADMIN",
        }
    }
}

impl Grant {
    /// Whether the grant names what its role is about, and nothing its role is not about. A machine is no person, so
    /// only people's roles may name an employee.
    ///
    /// # Errors
    /// `/employee_id`, `/unit_id` and `/scopes`: missing, out of place, or scopes no machine can have.
    pub fn check(&self) -> Result<(), Vec<Violation>> {
        let mut found = Violations::new();
        let machine = self.role == Role::Integration;
        found.check(self.role.needs_employee() && self.employee.is_none(), || {
            Violation::new("/employee_id", ViolationCode::Required)
        });
        found.check(machine && self.employee.is_some(), || {
            Violation::new("/employee_id", ViolationCode::Inconsistent)
        });
        found.check(self.role.needs_unit() && self.unit.is_none(), || {
            Violation::new("/unit_id", ViolationCode::Required)
        });
        found.check(!self.role.needs_unit() && self.unit.is_some(), || {
            Violation::new("/unit_id", ViolationCode::Inconsistent)
        });
        found.check(machine && self.scopes.is_empty(), || {
            Violation::new("/scopes", ViolationCode::TooFew).with("min", 1)
        });
        found.check(!machine && !self.scopes.is_empty(), || {
            Violation::new("/scopes", ViolationCode::Inconsistent)
        });
        for (index, scope) in self.scopes.iter().enumerate().filter(|_| machine) {
            let at = || format!("/scopes/{index}");
            let known = || Action::ALL.into_iter().filter_map(Action::scope_name);
            found.check(!known().any(|name| name == scope), || {
                Violation::new(at(), ViolationCode::NotAllowedValue)
                    .with("allowed", known().collect::<Vec<_>>().join(", "))
            });
            found.check(self.scopes.iter().take(index).any(|earlier| earlier == scope), || {
                Violation::new(at(), ViolationCode::Duplicate)
            });
        }
        found.finish()
    }

    /// Whether the grant may be taken back, when `admins` are all live grants of [`Role::AgencyAdmin`]: somebody must
    /// be left to give roles, or the agency is locked out.
    ///
    /// # Errors
    /// [`GrantError::LastAdmin`].
    pub fn check_revocable(&self, admins: &[GrantId]) -> Result<(), GrantError> {
        let last = self.role == Role::AgencyAdmin && admins.iter().all(|admin| *admin == self.id);
        if last { Err(GrantError::LastAdmin) } else { Ok(()) }
    }
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
    groups: bool,
    guided: Vec<EmployeeId>,
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

    /// Whether groups of the whole agency may be seen beyond these people, as long as nobody is told apart.
    #[must_use]
    pub const fn groups(&self) -> bool {
        self.groups
    }

    /// The coaches and mentors the caller is: what they guide may be seen beyond these people.
    #[must_use]
    pub fn guided(&self) -> &[EmployeeId] {
        &self.guided
    }

    /// Everything in `agency`, for work no user asked for: start-up, commands, checks. `reason` is for the reader of
    /// the code that needs it.
    #[must_use]
    pub const fn system(agency: AgencyId, reason: &'static str) -> Self {
        let _ = reason;
        Self { agency, people: People::All, groups: true, guided: Vec::new() }
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
        let (mut own, mut below, mut units, mut groups) = (Vec::new(), Vec::new(), Vec::new(), false);
        let mut guided = Vec::new();
        for grant in &self.grants {
            match self.reach(grant, action) {
                Reach::Nothing | Reach::Scoped => {}
                Reach::Groups => groups = true,
                Reach::Guided => guided.extend(grant.employee),
                Reach::Own => own.extend(grant.employee),
                Reach::Below => {
                    own.extend(grant.employee);
                    below.extend(grant.employee);
                }
                Reach::Subtree => units.extend(grant.unit),
                Reach::Agency => {
                    return Ok(Scope { agency: self.agency, people: People::All, groups: true, guided });
                }
            }
        }
        if own.is_empty() && below.is_empty() && units.is_empty() && guided.is_empty() && !groups {
            return Err(Denied(action));
        }
        Ok(Scope { agency: self.agency, people: People::Some { own, below, units }, groups, guided })
    }

    /// What the caller may see for `one` and for `other`: whatever shows something of both needs both.
    ///
    /// # Errors
    /// [`Denied`] for the one they lack; for `other` when the two have nobody in common.
    pub fn scope_of_both(&self, one: Action, other: Action) -> Result<Scope, Denied> {
        let (first, second) = (self.scope(one)?, self.scope(other)?);
        let groups = first.groups && second.groups;
        let guided: Vec<_> = first.guided.into_iter().filter(|one| second.guided.contains(one)).collect();
        let people = match (first.people, second.people) {
            (People::All, people) | (people, People::All) => people,
            (
                People::Some { own, below, units },
                People::Some { own: own_too, below: below_too, units: units_too },
            ) => {
                // Whom only different reaches have in common is left out: no role has those.
                let own: Vec<_> = own.into_iter().filter(|one| own_too.contains(one)).collect();
                let below: Vec<_> = below.into_iter().filter(|one| below_too.contains(one)).collect();
                let units: Vec<_> = units.into_iter().filter(|one| units_too.contains(one)).collect();
                if own.is_empty() && below.is_empty() && units.is_empty() && guided.is_empty() && !groups {
                    return Err(Denied(other));
                }
                People::Some { own, below, units }
            }
        };
        Ok(Scope { agency: self.agency, people, groups, guided })
    }

    /// What every caller may see, whatever their roles: the data of the person they are.
    #[must_use]
    pub fn oneself(&self) -> Scope {
        let own = self.employees().collect();
        Scope {
            agency: self.agency,
            people: People::Some { own, below: Vec::new(), units: Vec::new() },
            groups: false,
            guided: Vec::new(),
        }
    }

    /// How far the caller's roles reach for `action`, each reach once, the shortest first; empty when they do not.
    #[must_use]
    pub fn reaches(&self, action: Action) -> Vec<Reach> {
        let mut reaches: Vec<_> = self
            .grants
            .iter()
            .map(|grant| self.reach(grant, action))
            .filter(|reach| *reach != Reach::Nothing)
            .collect();
        reaches.sort_unstable();
        reaches.dedup();
        reaches
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

    /// Leave to do `action` on what belongs to people whom some role of the caller reaches for it; `reached` is whether a
    /// read within [`scope`](Self::scope) of this very action found them.
    ///
    /// # Errors
    /// [`Denied`] when it did not, or no role reaches anybody.
    pub fn allow_reached(&self, action: Action, reached: bool) -> Result<Pass, Denied> {
        self.scope(action)?;
        if reached { Ok(self.pass(action)) } else { Err(Denied(action)) }
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
    fn what_shows_something_of_two_kinds_needs_both() {
        let both = |actor: &Actor| actor.scope_of_both(Action::GapRead, Action::EmployeeRead);
        let machine = |scopes: &[&str]| actor(&[(Role::Integration, None, None, scopes)]);
        assert_eq!(both(&machine(&["gaps:read"])), Err(Denied(Action::EmployeeRead)));
        assert_eq!(both(&machine(&["employees:read"])), Err(Denied(Action::GapRead)));
        assert_eq!(both(&machine(&["employees:read", "gaps:read"])).unwrap().people(), &People::All);
        // People reach as far for the one as for the other, each role alone and all together.
        let (person, unit) = (Some(EmployeeId::new()), Some(UnitId::new()));
        let unscoped: &[&str] = &[];
        let all: Vec<Held<'_>> = Role::ALL
            .into_iter()
            .filter(|role| *role != Role::Integration)
            .map(|role| (role, person, unit.filter(|_| role.needs_unit()), unscoped))
            .collect();
        for held in all.iter().map(std::slice::from_ref).chain([&all[..]]) {
            let (held, gaps) = (actor(held), actor(held).scope(Action::GapRead).map(|scope| scope.people));
            assert_eq!(both(&held).map(|scope| scope.people), gaps, "{held:?}");
        }
        // A machine's right to gaps does not widen what somebody sees of people.
        let mixed =
            actor(&[(Role::Integration, None, None, &["gaps:read"]), (Role::Employee, person, None, &[])]);
        let own = People::Some { own: person.into_iter().collect(), below: vec![], units: vec![] };
        assert_eq!(both(&mixed).unwrap().people(), &own);
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
    fn who_guides_sees_what_they_guide_and_nothing_else_of_anybody() {
        let me = EmployeeId::new();
        let mentor = actor(&[(Role::Mentor, Some(me), None, &[])]);
        for action in [Action::ActivityRead, Action::ActivityGuide] {
            let scope = mentor.scope(action).unwrap();
            assert_eq!(scope.guided(), [me]);
            assert_eq!(*scope.people(), People::Some { own: vec![], below: vec![], units: vec![] });
        }
        for action in [Action::EmployeeRead, Action::LearningRead, Action::EnrolmentNominate] {
            assert_eq!(mentor.scope(action), Err(Denied(action)));
        }
        // Who is no employee guides nothing that is known of.
        let guest = actor(&[(Role::Mentor, None, None, &[])]);
        assert_eq!(guest.scope(Action::ActivityRead), Err(Denied(Action::ActivityRead)));
        assert!(
            actor(&[(Role::Employee, Some(me), None, &[])])
                .scope(Action::ActivityRead)
                .unwrap()
                .guided()
                .is_empty()
        );
    }

    #[test]
    fn a_caller_is_told_every_reach_they_have_once() {
        let (me, unit) = (EmployeeId::new(), UnitId::new());
        let caller = actor(&[
            (Role::UnitAdmin, None, Some(unit), &[]),
            (Role::Employee, Some(me), None, &[]),
            (Role::UnitAdmin, None, Some(UnitId::new()), &[]),
        ]);
        assert_eq!(caller.reaches(Action::GapRead), [Reach::Own, Reach::Subtree]);
        assert_eq!(caller.reaches(Action::CatalogueRead), [Reach::Agency]);
        assert_eq!(caller.reaches(Action::GrantWrite), []);
        let machine = actor(&[(Role::Integration, None, None, &["gaps:read"])]);
        assert_eq!(machine.reaches(Action::GapRead), [Reach::Agency]);
        assert_eq!(machine.reaches(Action::EmployeeRead), []);
    }

    #[test]
    fn everybody_sees_themselves_and_nobody_else() {
        let me = EmployeeId::new();
        let provider = actor(&[(Role::Provider, Some(me), None, &[])]);
        assert!(provider.scope(Action::EmployeeRead).is_err());
        let only_me = People::Some { own: vec![me], below: vec![], units: vec![] };
        assert_eq!(*provider.oneself().people(), only_me);
    }

    fn grant(role: Role, employee: Option<EmployeeId>, unit: Option<UnitId>, scopes: &[&str]) -> Grant {
        actor(&[(role, employee, unit, scopes)]).grants.remove(0)
    }

    fn refused(grant: &Grant) -> Vec<(String, ViolationCode)> {
        let violations = grant.check().err().unwrap_or_default();
        violations.into_iter().map(|violation| (violation.pointer, violation.code)).collect()
    }

    #[test]
    fn a_grant_names_what_its_role_is_about() {
        let (person, unit) = (Some(EmployeeId::new()), Some(UnitId::new()));
        for fine in [
            grant(Role::Employee, person, None, &[]),
            grant(Role::UnitAdmin, None, unit, &[]),
            grant(Role::Assessor, person, None, &[]),
            grant(Role::Auditor, None, None, &[]),
            grant(Role::Integration, None, None, &["gaps:read", "catalogue:read"]),
        ] {
            assert_eq!(fine.check(), Ok(()), "{:?}", fine.role);
        }
        let at = |pointer: &str, code| (pointer.to_owned(), code);
        let required = |pointer| vec![at(pointer, ViolationCode::Required)];
        assert_eq!(refused(&grant(Role::Supervisor, None, None, &[])), required("/employee_id"));
        assert_eq!(refused(&grant(Role::UnitAdmin, person, None, &[])), required("/unit_id"));
        assert_eq!(
            refused(&grant(Role::Auditor, None, unit, &["gaps:read"])),
            [at("/scopes", ViolationCode::Inconsistent), at("/unit_id", ViolationCode::Inconsistent)]
        );
        assert_eq!(
            refused(&grant(Role::Integration, person, None, &[])),
            [at("/employee_id", ViolationCode::Inconsistent), at("/scopes", ViolationCode::TooFew)]
        );
        assert_eq!(
            refused(&grant(Role::Integration, None, None, &["gaps:read", "audit:read", "gaps:read"])),
            [at("/scopes/1", ViolationCode::NotAllowedValue), at("/scopes/2", ViolationCode::Duplicate)]
        );
    }

    #[test]
    fn the_last_administrator_stays() {
        let admin = grant(Role::AgencyAdmin, None, None, &[]);
        assert_eq!(admin.check_revocable(&[admin.id]), Err(GrantError::LastAdmin));
        assert_eq!(admin.check_revocable(&[admin.id, GrantId::new()]), Ok(()));
        let auditor = grant(Role::Auditor, None, None, &[]);
        assert_eq!(auditor.check_revocable(&[admin.id]), Ok(()));
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
