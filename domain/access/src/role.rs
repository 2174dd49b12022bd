//! Roles people and machines have in an agency.

use serde::{Deserialize, Serialize};

/// A role. Each is given by a grant, in one agency, and taken back by revoking the grant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Role {
    /// Civil servant (pegawai): their own data.
    Employee,
    /// Direct superior (atasan langsung): the people below.
    Supervisor,
    /// Personnel officer of a unit (admin perangkat daerah): the subtree.
    UnitAdmin,
    /// Personnel agency (BKPSDM): the whole agency.
    AgencyAdmin,
    /// Assessor (asesor SDM aparatur): assessments.
    Assessor,
    /// Training provider (penyelenggara).
    Provider,
    /// Mentor or coach.
    Mentor,
    /// Authorised official (pejabat yang berwenang, PyB): prepares the agency's plan.
    Planner,
    /// Appointing authority (pejabat pembina kepegawaian, PPK): sets standards and plans.
    Authority,
    /// Auditor (inspektorat): reads everything, with the trail.
    Auditor,
    /// Machine client, limited to the scopes of its grant.
    Integration,
    /// National observer (BKN, LAN): aggregates of all agencies, no personal data.
    Observer,
}

impl Role {
    /// Every role.
    pub const ALL: [Self; 12] = [
        Self::Employee,
        Self::Supervisor,
        Self::UnitAdmin,
        Self::AgencyAdmin,
        Self::Assessor,
        Self::Provider,
        Self::Mentor,
        Self::Planner,
        Self::Authority,
        Self::Auditor,
        Self::Integration,
        Self::Observer,
    ];

    /// The name as stored and sent.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Employee => "EMPLOYEE",
            Self::Supervisor => "SUPERVISOR",
            Self::UnitAdmin => "UNIT_ADMIN",
            Self::AgencyAdmin => "AGENCY_ADMIN",
            Self::Assessor => "ASSESSOR",
            Self::Provider => "PROVIDER",
            Self::Mentor => "MENTOR",
            Self::Planner => "PLANNER",
            Self::Authority => "AUTHORITY",
            Self::Auditor => "AUDITOR",
            Self::Integration => "INTEGRATION",
            Self::Observer => "OBSERVER",
        }
    }

    /// Reads a name.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.as_str() == text)
    }

    /// Whether a grant of this role must name the employee it is for.
    #[must_use]
    pub const fn needs_employee(self) -> bool {
        matches!(self, Self::Employee | Self::Supervisor)
    }

    /// Whether a grant of this role must name a unit.
    #[must_use]
    pub const fn needs_unit(self) -> bool {
        matches!(self, Self::UnitAdmin)
    }
}
