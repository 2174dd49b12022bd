//! Fictional agencies to try the program with.

use kernel::{AgencyId, AgencyZone, Code, EmployeeId, Limit, Name, Version};
use store::{PageRequest, ResultFilter};
use workforce::Agency;

use access::{Role, Scope};

use crate::app::{AppError, Services};
use crate::cli::{RoleArgs, agency_create};

/// Code, name and time zone of each.
const AGENCIES: [(&str, &str, AgencyZone); 3] = [
    ("DEMO-KOTA", "Pemerintah Kota Demo", AgencyZone::Wib),
    ("DEMO-KABUPATEN", "Pemerintah Kabupaten Demo", AgencyZone::Wita),
    ("DEMO-PROVINSI", "Pemerintah Provinsi Demo", AgencyZone::Wit),
];

/// What was added.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Installed {
    /// Agencies that were not there before.
    pub agencies: Vec<Code>,
    /// People in them.
    pub people: usize,
}

/// Somebody whose gap profile shows what the program is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Showcase {
    /// Who.
    pub employee: EmployeeId,
    /// A role that may look at them.
    pub role: RoleArgs,
}

/// Adds the agencies that are not there yet.
///
/// # Errors
/// The store's.
pub async fn install(services: &Services) -> Result<Installed, AppError> {
    let mut installed = Installed::default();
    for (code, name, zone) in AGENCIES {
        let code = Code::stored(code.to_owned());
        if services.store.agency_by_code(&code).await?.is_some() {
            continue;
        }
        let name = Name::stored(name.to_owned());
        let agency = Agency { id: AgencyId::new(), code, name, zone, version: Version::FIRST };
        agency_create(services, &agency).await?;
        installed.agencies.push(agency.code);
    }
    Ok(installed)
}

/// Somebody in the first demo agency who holds a position and was assessed; `None` where the demo is not installed.
///
/// # Errors
/// The store's.
pub async fn showcase(services: &Services) -> Result<Option<Showcase>, AppError> {
    let [(code, ..), ..] = AGENCIES;
    let code = Code::stored(code.to_owned());
    let Some(agency) = services.store.agency_by_code(&code).await? else { return Ok(None) };
    let today = agency.zone.day(services.clock.now());
    let scope = Scope::system(agency.id, "the demo shows one of its own people");
    let reader = services.store.read(&scope, today);
    let counting = ResultFilter { counting_on: Some(today), ..ResultFilter::default() };
    for row in reader.assessment_results(&counting, &PageRequest::first(Limit::DEFAULT)).await?.items {
        let person = reader.employee(row.result.employee).await?;
        if person.is_some_and(|person| person.held.is_some()) {
            let role =
                RoleArgs { agency: code, role: Role::AgencyAdmin, nip: None, unit: None, scopes: Vec::new() };
            return Ok(Some(Showcase { employee: row.result.employee, role }));
        }
    }
    Ok(None)
}
