//! Fictional agencies to try the program with: a city, a regency and a province, the same at every run.
//!
//! Everything is made by chance from a fixed seed and through the rules of the domain, so nothing is here that the API
//! could not have made. Days of careers and standards are fixed; days of assessments are counted back from the day of
//! the installation, so that what is valid, and what has expired, is the same whenever it is made.

mod agency;
mod assessments;
mod dice;
mod dictionary;
mod names;
mod people;
mod stage;
mod standards;
mod story;
mod structure;
#[cfg(test)]
mod tests;

use access::{Action, Pass, Role, Scope};
use chrono::{DateTime, Days, NaiveDate, NaiveTime, Utc};
use competency::ValidityRubric;
use kernel::{
    AgencyZone, Code, EmployeeId, Event, Limit, LongText, NATIONAL, NATIONAL_DICTIONARY, Name, Resource,
};
use serde_json::json;
use store::{Founding, PageRequest, Reader};

use crate::app::{AppError, Services};
use crate::cli::{RoleArgs, write_context};
use crate::problems::Problem;

use agency::{Ground, founding};
use dictionary::Written;
use structure::Region;

/// How many people the demo has unless one says otherwise.
pub const PEOPLE: u32 = 2000;

/// The fewest people among whom every state occurs in every agency.
pub const FEWEST_PEOPLE: u32 = 600;

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

/// Adds the agencies that are not there yet, with [`PEOPLE`] people in all three.
///
/// # Errors
/// The store's.
pub async fn install(services: &Services) -> Result<Installed, AppError> {
    install_people(services, PEOPLE).await
}

/// Adds the agencies that are not there yet, of a size as if the three had `people` people, at least
/// [`FEWEST_PEOPLE`]. Each is there wholly or not at all; what its people learn follows act by act, and goes on at the next
/// run where it was cut short.
///
/// # Errors
/// The store's.
pub async fn install_people(services: &Services, people: u32) -> Result<Installed, AppError> {
    let mut installed = Installed::default();
    let people = people.max(FEWEST_PEOPLE);
    for region in Region::ALL {
        let code = code(region.code())?;
        if let Some(agency) = services.store.agency_by_code(&code).await? {
            story::tell(services, agency, region).await?;
            continue;
        }
        let count = install_region(services, region, region.share(people)).await;
        match count {
            Ok(count) => {
                installed.agencies.push(code);
                installed.people += count;
            }
            // Another process was at it at the same time.
            Err(error) if error.problem == Problem::AlreadyExists => {}
            Err(error) => return Err(error),
        }
    }
    Ok(installed)
}

async fn install_region(services: &Services, region: Region, people: u32) -> Result<usize, AppError> {
    let founding = prepare(services, region, people).await?;
    let agency = &founding.agency;
    let pass = Pass::system(agency.id, Action::AgencyWrite, "the demo brings its own agencies");
    let count = founding.employees.len();
    let installed: Result<_, AppError> = services
        .store
        .write(&write_context(services, agency.id, "demo"), async |tx| {
            tx.agency_found(&pass, &founding).await?;
            let event = Event::new(Resource::Agency, agency.id, "CREATED");
            let changes =
                json!({"code": agency.code, "name": agency.name, "zone": agency.zone, "people": count});
            Ok(tx.record(&pass, &event, Some(changes)).with(count))
        })
        .await;
    let count = installed?;
    for due in services.store.gap_models_due(Some(agency.id), services.clock.now()).await? {
        services.store.gap_model_catch_up(due, |_people| {}).await?;
    }
    story::tell(services, agency.clone(), region).await?;
    Ok(count)
}

async fn prepare(services: &Services, region: Region, people: u32) -> Result<Founding, AppError> {
    let now = services.clock.now();
    services.store.reference_install(now).await?;
    let scope = Scope::system(NATIONAL, "the demo's standards and assessments name national competencies");
    let reader = services.store.read(&scope, region.zone().day(now));
    let version = reader.dictionary_version_at(NATIONAL_DICTIONARY, None).await?.ok_or(Problem::NotFound)?;
    let contents = reader.contents_all(version.id).await?;
    let national: Written = (version, contents);
    let validity = reader.policies_for::<ValidityRubric>().await?;
    let issuer = &services.keys.identity().issuer;
    founding(region, people, &Ground { national: &national, validity: &validity, issuer, now })
}

/// Somebody in the first demo agency whose profile is complete and has a bit of everything; `None` where the demo is not
/// installed.
///
/// # Errors
/// The store's.
pub async fn showcase(services: &Services) -> Result<Option<Showcase>, AppError> {
    let code = code(Region::Kota.code())?;
    let Some(agency) = services.store.agency_by_code(&code).await? else { return Ok(None) };
    let scope = Scope::system(agency.id, "the demo shows one of its own people");
    let reader = services.store.read(&scope, agency.zone.day(services.clock.now()));
    Ok(example(&reader).await?.map(|employee| {
        let role =
            RoleArgs { agency: code, role: Role::AgencyAdmin, nip: None, unit: None, scopes: Vec::new() };
        Showcase { employee, role }
    }))
}

/// The person an agency of the demo is shown by. They have the oldest grant of their role, and the list begins with the
/// newest.
async fn example(reader: &Reader<'_>) -> Result<Option<EmployeeId>, AppError> {
    let mut page = PageRequest::first(Limit::DEFAULT);
    let mut found = None;
    loop {
        let part = reader.grants(false, &page).await?;
        let employees = part.items.iter().filter(|row| row.grant.role == Role::Employee);
        found = employees.filter_map(|row| row.grant.employee).next_back().or(found);
        match part.next {
            Some(after) => page.after = Some(after),
            None => break,
        }
    }
    Ok(found)
}

/// Whether an agency with this code is one of the demo's.
#[must_use]
pub fn is_demo(code: &Code) -> bool {
    Region::ALL.iter().any(|region| region.code() == code.as_str())
}

/// The present, and the instants of the past at which things were recorded.
#[derive(Clone, Copy, Debug)]
struct Calendar {
    /// The day of the installation.
    today: NaiveDate,
    /// Its instant.
    now: DateTime<Utc>,
    /// Since when the agencies keep their records here.
    since: DateTime<Utc>,
}

impl Calendar {
    fn new(now: DateTime<Utc>, zone: AgencyZone) -> Self {
        let since = day(2021, 1, 4).and_time(OFFICE_OPENS).and_utc();
        Self { today: zone.day(now), now, since: since.min(now) }
    }

    /// In office hours of `on`; what lies before the first records or in the future is moved there.
    fn instant(&self, on: NaiveDate) -> DateTime<Utc> {
        on.and_time(OFFICE_OPENS).and_utc().clamp(self.since, self.now)
    }

    /// In office hours, so many days ago.
    fn ago(&self, days: u64) -> DateTime<Utc> {
        self.instant(self.today - Days::new(days))
    }
}

/// 09:00 in Jakarta, 11:00 in Jayapura.
const OFFICE_OPENS: NaiveTime = NaiveTime::MIN.overflowing_add_signed(chrono::TimeDelta::hours(2)).0;

/// A day written down here, which is therefore one.
fn day(year: i32, month: u32, on: u32) -> NaiveDate {
    NaiveDate::from_ymd_opt(year, month, on).unwrap_or_default()
}

fn code(text: &str) -> Result<Code, AppError> {
    Ok(Code::parse(text)?)
}

fn name(text: &str) -> Result<Name, AppError> {
    Ok(Name::parse(text)?)
}

fn long_text(text: &str) -> Result<LongText, AppError> {
    Ok(LongText::parse(text)?)
}
