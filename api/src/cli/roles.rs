//! Which role, for whom, in which agency: what `token` and `user grant` are told.

use access::{Action, Grant, Role, Scope};
use clap::Args;
use clap::builder::{PossibleValuesParser, TypedValueParser as _};
use kernel::{Code, EmployeeId, GrantId, Limit, Name, Nip, UnitId, Violation};
use store::{PageRequest, UnitFilter};
use workforce::Agency;

use crate::app::Services;
use crate::cli::{CliError, agency};
use crate::messages::{self, Lang};

/// A role in an agency.
#[derive(Clone, Debug, PartialEq, Eq, Args)]
pub struct RoleArgs {
    /// Code of the agency
    #[arg(long, value_parser = code)]
    pub agency: Code,
    /// The role
    #[arg(long, ignore_case = true, value_parser = roles())]
    pub role: Role,
    /// NIP of the person the role is given to; needed for EMPLOYEE and SUPERVISOR
    #[arg(long)]
    pub nip: Option<String>,
    /// Code of the unit; needed for UNIT_ADMIN
    #[arg(long, value_parser = code)]
    pub unit: Option<Code>,
    /// What a machine client may do; needed for INTEGRATION, may be repeated
    #[arg(long = "scope", value_name = "SCOPE", value_parser = PossibleValuesParser::new(scopes()))]
    pub scopes: Vec<String>,
}

fn roles() -> impl clap::builder::TypedValueParser<Value = Role> {
    PossibleValuesParser::new(Role::ALL.map(Role::as_str))
        .try_map(|text| Role::parse(&text.to_uppercase()).ok_or("not a role"))
}

fn scopes() -> Vec<&'static str> {
    Action::ALL.into_iter().filter_map(Action::scope_name).collect()
}

/// Reads a code.
pub(super) fn code(text: &str) -> Result<Code, String> {
    Code::parse(text).map_err(refusal)
}

/// Reads a name.
pub(super) fn name(text: &str) -> Result<Name, String> {
    Name::parse(text).map_err(refusal)
}

fn refusal(violation: Violation) -> String {
    messages::detail(&violation, Lang::En)
}

/// A role with what it refers to found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Wanted {
    /// The agency.
    pub(crate) agency: Agency,
    /// The role.
    pub(crate) role: Role,
    /// The person, with their name.
    pub(crate) employee: Option<(EmployeeId, Name)>,
    /// The unit, with its code.
    pub(crate) unit: Option<(UnitId, Code)>,
    /// Scopes, sorted.
    pub(crate) scopes: Vec<String>,
}

impl RoleArgs {
    /// Says what does not go together.
    fn check(&self) -> Result<(), CliError> {
        let role = self.role.as_str();
        let machine = self.role == Role::Integration;
        let refusal = if self.role.needs_employee() && self.nip.is_none() {
            format!("{role} is somebody's role: name the person with --nip")
        } else if self.role.needs_unit() && self.unit.is_none() {
            format!("{role} is a role in a unit: name it with --unit")
        } else if self.unit.is_some() && !self.role.needs_unit() {
            format!("--unit means nothing for {role}")
        } else if machine && self.scopes.is_empty() {
            format!("{role} may do nothing without --scope; there are {}", scopes().join(", "))
        } else if !machine && !self.scopes.is_empty() {
            format!("--scope is for INTEGRATION; what {role} may do is fixed")
        } else {
            return Ok(());
        };
        Err(CliError::Refused(refusal))
    }

    /// Finds what the arguments name.
    pub(super) async fn find(&self, services: &Services) -> Result<Wanted, CliError> {
        self.check()?;
        let agency = agency::find(services, &self.agency).await?;
        let scope = Scope::system(agency.id, "an operator gives roles by command");
        let today = agency.zone.day(services.clock.now());
        let reader = services.store.read(&scope, today);
        let employee = match &self.nip {
            None => None,
            Some(text) => {
                let nip =
                    Nip::parse(text, today).map_err(|violation| CliError::Refused(refusal(violation)))?;
                let found = reader.employee_by_nip(&nip).await?;
                let missing =
                    || CliError::Refused(format!("{} has nobody with the NIP {}", agency.code, nip.as_str()));
                let person = found.ok_or_else(missing)?.employee;
                Some((person.id, person.name))
            }
        };
        let unit = match &self.unit {
            None => None,
            Some(code) => {
                let filter = UnitFilter { code: Some(code.to_string()), ..UnitFilter::default() };
                let found = reader.units(&filter, &PageRequest::first(Limit::DEFAULT)).await?.items.pop();
                let missing = || CliError::Refused(format!("{} has no unit {code}", agency.code));
                Some((found.ok_or_else(missing)?.id, code.clone()))
            }
        };
        let mut scopes = self.scopes.clone();
        scopes.sort();
        scopes.dedup();
        Ok(Wanted { agency, role: self.role, employee, unit, scopes })
    }
}

impl Wanted {
    /// The grant, new.
    pub(super) fn grant(&self) -> Grant {
        Grant {
            id: GrantId::new(),
            role: self.role,
            employee: self.employee.as_ref().map(|(id, _)| *id),
            unit: self.unit.as_ref().map(|(id, _)| *id),
            scopes: self.scopes.clone(),
        }
    }

    /// Whether `grant` is already what is wanted.
    pub(super) fn is(&self, grant: &Grant) -> bool {
        *grant == Grant { id: grant.id, ..self.grant() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn args(role: Role, nip: Option<&str>, unit: Option<&str>, scopes: &[&str]) -> RoleArgs {
        RoleArgs {
            agency: code("DEMO-KOTA").unwrap(),
            role,
            nip: nip.map(ToOwned::to_owned),
            unit: unit.map(|unit| code(unit).unwrap()),
            scopes: scopes.iter().map(|scope| (*scope).to_owned()).collect(),
        }
    }

    #[test]
    fn a_role_gets_what_it_is_about_and_nothing_else() {
        let nip = Some("198609262015051001");
        for good in [
            args(Role::Employee, nip, None, &[]),
            args(Role::UnitAdmin, None, Some("DINKES"), &[]),
            args(Role::UnitAdmin, nip, Some("DINKES"), &[]),
            args(Role::Integration, None, None, &["gaps:read"]),
            args(Role::Auditor, nip, None, &[]),
        ] {
            assert!(good.check().is_ok(), "{good:?}");
        }
        for bad in [
            args(Role::Employee, None, None, &[]),
            args(Role::Supervisor, None, None, &[]),
            args(Role::UnitAdmin, None, None, &[]),
            args(Role::Auditor, None, Some("DINKES"), &[]),
            args(Role::Integration, None, None, &[]),
            args(Role::Auditor, None, None, &["gaps:read"]),
        ] {
            assert!(bad.check().is_err(), "{bad:?}");
        }
    }
}
