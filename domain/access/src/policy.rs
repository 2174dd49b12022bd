//! The one policy: how far each role reaches for each action.

use crate::Role;

/// What a caller can want to do. Each operation of the API asks for exactly one of these.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Action {
    /// See what everyone in an agency may see: the agency, its units, positions, standards, dictionaries, policies.
    CatalogueRead,
    /// Change the agency's own settings.
    AgencyWrite,
    /// Change units and positions.
    StructureWrite,
    /// See employees and where they serve.
    EmployeeRead,
    /// Change employees, placements and superiors.
    EmployeeWrite,
    /// Change and publish the agency's dictionaries.
    DictionaryWrite,
    /// Draft and verify position standards.
    StandardWrite,
    /// Bring a standard into force or revoke it.
    StandardEnact,
    /// See assessments and results.
    AssessmentRead,
    /// Record assessments.
    AssessmentWrite,
    /// Sign an assessment off, or supersede a final result.
    AssessmentSignOff,
    /// Record an assessment of oneself, which never counts.
    SelfAssess,
    /// See gap profiles.
    GapRead,
    /// Publish versions of rubrics.
    PolicyWrite,
    /// Import spreadsheets, and follow the work.
    Import,
    /// Read the audit trail.
    AuditRead,
    /// See who has which role.
    GrantRead,
    /// Give and take back roles.
    GrantWrite,
}

impl Action {
    /// Every action.
    pub const ALL: [Self; 18] = [
        Self::CatalogueRead,
        Self::AgencyWrite,
        Self::StructureWrite,
        Self::EmployeeRead,
        Self::EmployeeWrite,
        Self::DictionaryWrite,
        Self::StandardWrite,
        Self::StandardEnact,
        Self::AssessmentRead,
        Self::AssessmentWrite,
        Self::AssessmentSignOff,
        Self::SelfAssess,
        Self::GapRead,
        Self::PolicyWrite,
        Self::Import,
        Self::AuditRead,
        Self::GrantRead,
        Self::GrantWrite,
    ];

    /// The scope a machine client's grant must hold for this action; `None` for what machines never do.
    #[must_use]
    pub const fn scope_name(self) -> Option<&'static str> {
        match self {
            Self::CatalogueRead => Some("catalogue:read"),
            Self::StructureWrite => Some("structure:write"),
            Self::EmployeeRead => Some("employees:read"),
            Self::EmployeeWrite => Some("employees:write"),
            Self::DictionaryWrite => Some("dictionaries:write"),
            Self::StandardWrite => Some("standards:write"),
            Self::AssessmentRead => Some("assessments:read"),
            Self::AssessmentWrite => Some("assessments:write"),
            Self::GapRead => Some("gaps:read"),
            Self::Import => Some("imports:write"),
            // Decisions, rights and the trail are for people.
            Self::AgencyWrite
            | Self::StandardEnact
            | Self::AssessmentSignOff
            | Self::SelfAssess
            | Self::PolicyWrite
            | Self::AuditRead
            | Self::GrantRead
            | Self::GrantWrite => None,
        }
    }
}

/// How far a role's permission goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Reach {
    /// Not at all.
    Nothing,
    /// The holder's own data.
    Own,
    /// The holder's own data and that of the people below them.
    Below,
    /// The people of the grant's unit and of every unit under it.
    Subtree,
    /// The whole agency.
    Agency,
    /// The whole agency, when the grant's scopes hold the action's.
    Scoped,
}

/// The policy (roles: `domain.md` 13.1).
#[must_use]
pub const fn reach(role: Role, action: Action) -> Reach {
    use Action as A;
    match (role, action) {
        (Role::Integration, _) => Reach::Scoped,
        (_, A::CatalogueRead) => Reach::Agency,

        (Role::AgencyAdmin, A::SelfAssess) => Reach::Nothing,
        (Role::AgencyAdmin, _) => Reach::Agency,

        (Role::Employee, A::EmployeeRead | A::AssessmentRead | A::GapRead | A::SelfAssess) => Reach::Own,
        (Role::Supervisor, A::EmployeeRead | A::AssessmentRead | A::GapRead) => Reach::Below,
        (Role::UnitAdmin, A::EmployeeRead | A::AssessmentRead | A::GapRead) => Reach::Subtree,

        (Role::Assessor, A::EmployeeRead | A::AssessmentRead | A::AssessmentWrite | A::AssessmentSignOff) => {
            Reach::Agency
        }
        (Role::Planner, A::EmployeeRead | A::GapRead | A::StandardWrite) => Reach::Agency,
        (Role::Authority, A::EmployeeRead | A::GapRead | A::StandardEnact | A::GrantRead) => Reach::Agency,
        (Role::Auditor, A::EmployeeRead | A::AssessmentRead | A::GapRead | A::AuditRead | A::GrantRead) => {
            Reach::Agency
        }

        (
            Role::Employee
            | Role::Supervisor
            | Role::UnitAdmin
            | Role::Assessor
            | Role::Provider
            | Role::Mentor
            | Role::Planner
            | Role::Authority
            | Role::Auditor
            | Role::Observer,
            _,
        ) => Reach::Nothing,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_auditor_and_the_observer_change_nothing() {
        let writes = Action::ALL.into_iter().filter(|action| {
            !matches!(
                action,
                Action::CatalogueRead
                    | Action::EmployeeRead
                    | Action::AssessmentRead
                    | Action::GapRead
                    | Action::AuditRead
                    | Action::GrantRead
            )
        });
        for action in writes {
            assert_eq!(reach(Role::Auditor, action), Reach::Nothing, "{action:?}");
            assert_eq!(reach(Role::Observer, action), Reach::Nothing, "{action:?}");
        }
    }

    #[test]
    fn the_observer_sees_no_person() {
        for action in [Action::EmployeeRead, Action::AssessmentRead, Action::GapRead, Action::AuditRead] {
            assert_eq!(reach(Role::Observer, action), Reach::Nothing);
        }
    }

    #[test]
    fn every_scope_name_is_its_own() {
        let mut names: Vec<_> = Action::ALL.into_iter().filter_map(Action::scope_name).collect();
        let count = names.len();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), count);
    }
}
