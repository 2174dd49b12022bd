//! One agency of the demo, put together.

use access::{Grant, Role};
use chrono::{DateTime, Days, Utc};
use competency::{PolicyVersion, ValidityRubric, reference};
use kernel::{AgencyId, GrantId, PolicyId, UnitId, UserId, Version};
use store::{Founding, RubricDocument, UserRow};
use workforce::{Agency, ChainLink, JobClass, UnitTree, superior_of};

use super::assessments::Assessing;
use super::dictionary::{Catalogue, Written};
use super::people::{Person, people};
use super::standards::{Officers, standards};
use super::structure::{Region, Structure, structure};
use super::{Calendar, code, day, long_text, name};
use crate::app::AppError;

/// What every agency of the demo shares.
pub(super) struct Ground<'a> {
    /// The national dictionary.
    pub(super) national: &'a Written,
    /// The national rubrics of validity.
    pub(super) validity: &'a [PolicyVersion<ValidityRubric>],
    /// The built-in issuer of tokens.
    pub(super) issuer: &'a str,
    pub(super) now: DateTime<Utc>,
}

/// What a machine client of the demo may do.
const SCOPES: [&str; 4] = ["catalogue:read", "employees:read", "assessments:read", "gaps:read"];

/// An agency of `count` people.
pub(super) fn founding(region: Region, count: u32, ground: &Ground<'_>) -> Result<Founding, AppError> {
    let agency = Agency {
        id: AgencyId::new(),
        code: code(region.code())?,
        name: name(region.name())?,
        zone: region.zone(),
        version: Version::FIRST,
    };
    let calendar = Calendar::new(ground.now, region.zone());
    let structure = structure(region, count)?;
    let people = people(region, &structure, count, &calendar)?;
    let catalogue = Catalogue::new(agency.id, ground.national.clone(), &calendar)?;
    let users = Role::ALL.map(|role| (role, UserId::new()));
    let user = |wanted: Role| {
        users.iter().find(|(role, _)| *role == wanted).map_or_else(UserId::new, |(_, user)| *user)
    };
    let officers = Officers { verifier: user(Role::Planner), authority: user(Role::Authority) };
    let standards = (0..)
        .zip(&structure.posts)
        .map(|(number, post)| standards(region, number, post, &catalogue, officers, &calendar))
        .collect::<Result<Vec<_>, _>>()?;
    let own = own_policies(region, agency.id, &calendar)?;
    let validity: Vec<_> = ground.validity.iter().chain(&own).cloned().collect();
    let assessing = Assessing {
        region,
        agency: agency.id,
        structure: &structure,
        catalogue: &catalogue,
        standards: &standards,
        people: &people,
        validity: &validity,
        calendar: &calendar,
    };
    let plan = assessing.plan();
    let assessments = assessing.events(&plan, user(Role::Assessor), user(Role::Employee))?;
    let example = plan.example.and_then(|index| people.get(index));
    let users = grants(&users, &structure, &people, example, ground.issuer)?;
    Ok(Founding {
        agency,
        since: calendar.since,
        users,
        policies: own
            .into_iter()
            .map(|policy| policy.try_map(|rubric| Ok(RubricDocument::Validity(rubric))))
            .collect::<Result<_, AppError>>()?,
        units: structure.units,
        positions: structure.posts.into_iter().map(|post| post.position).collect(),
        placements: people.iter().flat_map(|person| person.placements.clone()).collect(),
        employees: people.into_iter().map(|person| person.employee).collect(),
        dictionaries: vec![catalogue.own],
        standards: standards.into_iter().flatten().collect(),
        assessments,
    })
}

/// The regency holds results valid for two years only.
fn own_policies(
    region: Region,
    agency: AgencyId,
    calendar: &Calendar,
) -> Result<Vec<PolicyVersion<ValidityRubric>>, AppError> {
    if region != Region::Kabupaten {
        return Ok(Vec::new());
    }
    let valid_from = day(2022, 1, 1);
    Ok(vec![PolicyVersion {
        id: PolicyId::new(),
        agency,
        name: code(reference::VALIDITY_POLICY)?,
        number: 1,
        valid_from,
        recorded_at: calendar.instant(valid_from - Days::new(14)),
        source: long_text("Peraturan Bupati Demo tentang masa berlaku hasil penilaian kompetensi (contoh)")?,
        rubric: ValidityRubric { years: 2 },
    }])
}

/// A user for each role that an agency gives, tied to the people and units that fit. Observers belong to the nation.
fn grants(
    users: &[(Role, UserId)],
    structure: &Structure,
    people: &[Person],
    example: Option<&Person>,
    issuer: &str,
) -> Result<Vec<(UserRow, Vec<Grant>)>, AppError> {
    let post = |person: &Person| structure.posts.get(person.post).filter(|_| !person.released);
    let find = |fits: &dyn Fn(&str, JobClass, bool) -> bool| {
        people.iter().find(|person| {
            post(person).is_some_and(|post| {
                let position = &post.position;
                fits(position.code.as_str(), position.job_class, position.is_head)
            })
        })
    };
    let office = example.and_then(post).and_then(|post| structure.offices.get(post.office).copied());
    let superior = example.and_then(|example| superior(structure, people, example));
    let mut given = Vec::new();
    for (role, id) in users {
        let holder = match role {
            Role::Employee => example,
            Role::Supervisor => superior,
            Role::UnitAdmin => office.and_then(|office| clerk(structure, people, office)),
            Role::AgencyAdmin => find(&|code, _, is_head| code.starts_with("BKPSDM.1") && !is_head),
            Role::Assessor => {
                find(&|code, class, _| code.starts_with("BKPSDM.2-") && class == JobClass::JfAhliMuda)
            }
            Role::Mentor => find(&|_, class, is_head| class == JobClass::JfAhliMadya && !is_head),
            Role::Planner => find(&|code, _, is_head| code.starts_with("PEMDA-") && is_head),
            Role::Auditor => {
                find(&|code, class, _| code.starts_with("INSPEKTORAT.") && class == JobClass::JfAhliMuda)
            }
            Role::Provider | Role::Authority | Role::Integration => None,
            Role::Observer => continue,
        };
        let unit = if role.needs_unit() { office } else { None };
        if (role.needs_employee() && holder.is_none()) || (role.needs_unit() && unit.is_none()) {
            continue;
        }
        let called = match (holder, role) {
            (Some(person), _) => person.employee.name.clone(),
            (None, Role::Authority) => name("Pejabat Pembina Kepegawaian (contoh)")?,
            (None, Role::Integration) => name("Klien integrasi (contoh)")?,
            (None, _) => name(&format!("Pengguna {} (contoh)", role.as_str()))?,
        };
        let scopes =
            if *role == Role::Integration { SCOPES.map(ToOwned::to_owned).to_vec() } else { Vec::new() };
        let grant = Grant {
            id: GrantId::new(),
            role: *role,
            employee: holder.map(|person| person.employee.id),
            unit,
            scopes,
        };
        let user = UserRow { id: *id, issuer: issuer.to_owned(), subject: id.to_string(), name: called };
        given.push((user, vec![grant]));
    }
    Ok(given)
}

/// Somebody of the department's own personnel section.
fn clerk<'a>(structure: &Structure, people: &'a [Person], office: UnitId) -> Option<&'a Person> {
    let tree = UnitTree::new(structure.units.iter().map(|unit| (unit.id, unit.parent)));
    let units = tree.subtree(office);
    people.iter().find(|person| {
        structure.posts.get(person.post).is_some_and(|post| {
            units.contains(&post.position.unit)
                && post.position.job_class == JobClass::Pelaksana
                && !person.released
        })
    })
}

/// The direct superior of somebody, as the tree has it.
fn superior<'a>(structure: &Structure, people: &'a [Person], of: &Person) -> Option<&'a Person> {
    let tree = UnitTree::new(structure.units.iter().map(|unit| (unit.id, unit.parent)));
    let post = structure.posts.get(of.post)?;
    let head = |unit: UnitId| {
        people.iter().find(|person| {
            structure
                .posts
                .get(person.post)
                .is_some_and(|post| post.position.is_head && post.position.unit == unit && !person.released)
        })
    };
    let chain: Vec<ChainLink> = tree
        .chain(post.position.unit)
        .into_iter()
        .map(|unit| ChainLink { unit, head: head(unit).map(|person| person.employee.id) })
        .collect();
    let found = superior_of(of.employee.id, None, &chain)?;
    people.iter().find(|person| person.employee.id == found.employee)
}
