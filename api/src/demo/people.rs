//! People, the numbers they carry and the positions they held.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{Datelike as _, Days, Months, NaiveDate};
use kernel::{EmployeeId, Nip, PlacementId, PositionId, Sex, UnitId, Version};
use workforce::{Education, Employee, EmployeeStatus, JobClass, Placement};

use super::dice::Dice;
use super::structure::{Post, Region, Structure, abolished_on};
use super::{Calendar, day, name, names};
use crate::app::AppError;

/// The year in which everybody holds the position they have.
const YEAR: i32 = 2025;

/// Serials of identity numbers begin apart, so that no two agencies give the same number.
const SERIALS_PER_AGENCY: u32 = 300;

/// Streams of chance.
const PERSON: u64 = 1;
const SEAT: u64 = 2;
const VACANCY: u64 = 3;

/// Somebody who works here.
#[derive(Clone, Debug)]
pub(super) struct Person {
    pub(super) employee: Employee,
    /// Index of the position held.
    pub(super) post: usize,
    /// The year of the first appointment.
    pub(super) since: i32,
    /// Whether they were released from that position.
    pub(super) released: bool,
    pub(super) placements: Vec<Placement>,
}

/// The people of an agency.
pub(super) fn people(
    region: Region,
    structure: &Structure,
    count: u32,
    calendar: &Calendar,
) -> Result<Vec<Person>, AppError> {
    let posts = assign(region, structure, count);
    let entries = Entries::of(structure);
    let mut serials = BTreeMap::new();
    let mut people = Vec::with_capacity(posts.len());
    for (number, post) in (0..).zip(posts) {
        let Some(held) = structure.posts.get(post) else { continue };
        let mut dice = Dice::at(&[region.number().into(), PERSON, number]);
        let (employee, since) = employee(region, held, &mut dice, &mut serials, calendar)?;
        let mut person = Person { employee, post, since, released: false, placements: Vec::new() };
        history(structure, &entries, &mut person, &mut dice, calendar)?;
        people.push(person);
    }
    rotations(structure, &mut people, calendar)?;
    name_superiors(structure, &mut people);
    Ok(people)
}

/// Which position each person holds: heads first, then one person for every job class, then where seats are.
fn assign(region: Region, structure: &Structure, count: u32) -> Vec<usize> {
    let region = u64::from(region.number());
    let mut vacancy = Dice::at(&[region, VACANCY]);
    // The top and the departments always have a head; of the rest every twentieth is vacant.
    let led = |post: &Post| post.position.job_class <= JobClass::JptPratama;
    let heads = structure.posts.iter().enumerate().filter(|(_, post)| post.position.is_head);
    let mut seats: Vec<usize> =
        heads.filter(|(_, post)| led(post) || !vacancy.chance(50)).map(|(index, _)| index).collect();
    let mut classes = BTreeSet::new();
    let staffed: Vec<(usize, &Post)> =
        structure.posts.iter().enumerate().filter(|(_, post)| post.seats > 0).collect();
    seats.extend(
        staffed.iter().filter(|(_, post)| classes.insert(post.position.job_class)).map(|(index, _)| *index),
    );
    let mut total = 0;
    let bounds: Vec<(u32, usize)> = staffed
        .iter()
        .map(|(index, post)| {
            total += post.seats;
            (total, *index)
        })
        .collect();
    let count = usize::try_from(count).unwrap_or_default();
    let mut dice = Dice::at(&[region, SEAT]);
    while seats.len() < count {
        let throw = dice.below(total);
        let place = bounds.partition_point(|(bound, _)| *bound <= throw);
        let Some((_, index)) = bounds.get(place) else { break };
        seats.push(*index);
    }
    seats.truncate(count);
    seats
}

/// Years of service a job class takes: the fewest, and how many more there may be.
const fn service(class: JobClass) -> (u32, u32) {
    match class {
        JobClass::JptUtama | JobClass::JptMadya | JobClass::JfAhliUtama => (25, 8),
        JobClass::JptPratama => (20, 11),
        JobClass::Administrator | JobClass::JfPenyelia | JobClass::JfAhliMadya => (14, 15),
        JobClass::Pengawas | JobClass::JfMahir | JobClass::JfAhliMuda => (8, 16),
        JobClass::Pelaksana | JobClass::JfPemula | JobClass::JfTerampil | JobClass::JfAhliPertama => (1, 18),
    }
}

/// Standings by how common they are in a job class.
const fn standings(class: JobClass, is_head: bool) -> &'static [(u32, Option<EmployeeStatus>)] {
    use EmployeeStatus::{Cpns, Pns, Pppk, PppkParuhWaktu};
    match class {
        JobClass::Pelaksana => {
            &[(48, Some(Pns)), (8, Some(Cpns)), (24, Some(Pppk)), (20, Some(PppkParuhWaktu))]
        }
        JobClass::JfPemula | JobClass::JfTerampil | JobClass::JfAhliPertama => {
            &[(50, Some(Pns)), (10, Some(Cpns)), (40, Some(Pppk))]
        }
        JobClass::JfMahir | JobClass::JfAhliMuda if !is_head => &[(88, Some(Pns)), (12, Some(Pppk))],
        _ => &[(1, Some(Pns))],
    }
}

const fn educations(class: JobClass) -> &'static [(u32, Option<Education>)] {
    use Education::{D3, D4, Profesi, S1, S2, S3, Slta, SltaKejuruan, Sltp};
    match class {
        JobClass::JptUtama | JobClass::JptMadya | JobClass::JptPratama | JobClass::JfAhliUtama => {
            &[(80, Some(S2)), (20, Some(S3))]
        }
        JobClass::Administrator | JobClass::JfAhliMadya => &[(30, Some(S1)), (65, Some(S2)), (5, Some(S3))],
        JobClass::Pengawas | JobClass::JfAhliMuda | JobClass::JfAhliPertama => {
            &[(8, Some(D4)), (62, Some(S1)), (10, Some(Profesi)), (20, Some(S2))]
        }
        JobClass::JfPemula => &[(1, Some(SltaKejuruan))],
        JobClass::JfTerampil | JobClass::JfMahir | JobClass::JfPenyelia => {
            &[(85, Some(D3)), (15, Some(SltaKejuruan))]
        }
        JobClass::Pelaksana => &[
            (4, None),
            (3, Some(Sltp)),
            (33, Some(Slta)),
            (15, Some(SltaKejuruan)),
            (15, Some(D3)),
            (30, Some(S1)),
        ],
    }
}

/// A person fit for `post`, and the year of their first appointment.
fn employee(
    region: Region,
    post: &Post,
    dice: &mut Dice,
    serials: &mut BTreeMap<String, u32>,
    calendar: &Calendar,
) -> Result<(Employee, i32), AppError> {
    let class = post.position.job_class;
    let status = dice.weighted(standings(class, post.position.is_head)).unwrap_or(EmployeeStatus::Pns);
    let (fewest, more) = service(class);
    let years = match status {
        EmployeeStatus::Pns => dice.between(fewest.max(2), fewest + more),
        EmployeeStatus::Cpns => dice.below(2),
        EmployeeStatus::Pppk => dice.below(5),
        EmployeeStatus::PppkParuhWaktu => 0,
    };
    let since = YEAR - i32::try_from(years).unwrap_or_default();
    let month = match status {
        EmployeeStatus::PppkParuhWaktu => 10,
        _ => dice.pick(&[1, 2, 3, 4, 5, 6, 8, 9]),
    };
    let appointed_on = day(since, month, 1);
    // Nobody is older than 57 in the year of reference.
    let oldest = 57_u32.saturating_sub(years).min(if status == EmployeeStatus::Pns { 30 } else { 38 });
    let age = i32::try_from(dice.between(22.min(oldest), oldest)).unwrap_or_default();
    let born = day(since - age, dice.between(1, 12), dice.between(1, 28));
    let sex = if dice.chance(520) { Sex::Female } else { Sex::Male };
    let fifth = match status {
        EmployeeStatus::Pns | EmployeeStatus::Cpns => format!("{month:02}"),
        EmployeeStatus::Pppk => "21".to_owned(),
        EmployeeStatus::PppkParuhWaktu => "24".to_owned(),
    };
    let digit = if sex == Sex::Male { 1 } else { 2 };
    let prefix = format!("{}{since}{fifth}{digit}", born.format("%Y%m%d"));
    let serial = serials.entry(prefix.clone()).or_insert(region.number() * SERIALS_PER_AGENCY);
    *serial += 1;
    let employee = Employee {
        id: EmployeeId::new(),
        nip: Nip::parse(&format!("{prefix}{serial:03}"), calendar.today)?,
        name: name(&names::person(dice, sex))?,
        status,
        education: dice.weighted(educations(class)),
        appointed_on: Some(appointed_on),
        superior: None,
        version: Version::FIRST,
    };
    employee.check()?;
    Ok((employee, since))
}

/// Positions of no rank, where careers begin.
struct Entries {
    all: Vec<usize>,
    offices: Vec<Vec<usize>>,
    /// The position of each department that was given up.
    gone: Vec<Option<usize>>,
}

impl Entries {
    fn of(structure: &Structure) -> Self {
        let mut entries =
            Self { all: Vec::new(), offices: vec![Vec::new(); structure.offices.len()], gone: Vec::new() };
        entries.gone.resize(structure.offices.len(), None);
        for (index, post) in structure.posts.iter().enumerate() {
            let (Some(office), Some(gone)) =
                (entries.offices.get_mut(post.office), entries.gone.get_mut(post.office))
            else {
                continue;
            };
            if post.position.abolished_on.is_some() {
                *gone = Some(index);
            } else if !post.position.is_head && post.position.job_class == JobClass::Pelaksana {
                entries.all.push(index);
                office.push(index);
            }
        }
        entries
    }

    /// One of the same department or, one time in four, of any.
    fn pick(&self, office: usize, dice: &mut Dice) -> Option<usize> {
        let near = self.offices.get(office).filter(|near| !near.is_empty() && !dice.chance(250));
        let from = near.unwrap_or(&self.all);
        (!from.is_empty()).then(|| dice.pick(from))
    }
}

/// The positions somebody held before, the one they hold, and now and then how it went wrong or ended.
fn history(
    structure: &Structure,
    entries: &Entries,
    person: &mut Person,
    dice: &mut Dice,
    calendar: &Calendar,
) -> Result<(), AppError> {
    let Some(post) = structure.posts.get(person.post) else { return Ok(()) };
    let appointed_on = person.employee.appointed_on.unwrap_or_default();
    let months = months_between(appointed_on, day(YEAR, 11, 1));
    let count = (1 + dice.below(4)).min(1 + months / 24);
    let stride = months / count;
    let mut starts = vec![appointed_on];
    for stay in 1..count {
        starts.push(appointed_on + Months::new(stride * stay + dice.below(stride / 2)));
    }
    let gone = entries.gone.get(post.office).copied().flatten();
    for (starts_on, ends_on) in starts.iter().zip(starts.iter().skip(1)) {
        let before = if *ends_on <= abolished_on() && dice.chance(200) { gone } else { None };
        let before = before.or_else(|| entries.pick(post.office, dice)).unwrap_or(person.post);
        person.place(structure, before, *starts_on, calendar)?;
    }
    let starts_on = starts.last().copied().unwrap_or(appointed_on);
    if starts_on >= day(2021, 6, 1) && dice.chance(30) {
        let wrong = entries.pick(post.office, dice).unwrap_or(person.post);
        person.place(structure, wrong, starts_on, calendar)?;
        person.retract_last(calendar)?;
    }
    person.place(structure, person.post, starts_on, calendar)?;
    if !post.position.is_head && dice.chance(8) {
        person.released = true;
        person.record(None, day(YEAR, 12, 1), "Keputusan pembebasan dari jabatan", calendar)?;
    }
    Ok(())
}

impl Person {
    fn place(
        &mut self,
        structure: &Structure,
        post: usize,
        starts_on: NaiveDate,
        calendar: &Calendar,
    ) -> Result<(), AppError> {
        let position = structure.posts.get(post).map(|post| post.position.id);
        self.record(position, starts_on, "Keputusan pengangkatan dalam jabatan", calendar)
    }

    fn record(
        &mut self,
        position: Option<PositionId>,
        starts_on: NaiveDate,
        decree: &str,
        calendar: &Calendar,
    ) -> Result<(), AppError> {
        // What follows a retraction is recorded with it.
        let retracted = self.placements.last().and_then(|last| last.retracted_at);
        self.placements.push(Placement {
            id: PlacementId::new(),
            employee: self.employee.id,
            position,
            starts_on,
            decree: Some(name(&format!("{decree} {}/{}", starts_on.format("%m"), starts_on.year()))?),
            recorded_at: retracted.unwrap_or_else(|| calendar.instant(starts_on + Days::new(5))),
            retracted_at: None,
        });
        Ok(())
    }

    /// Ten days after it was recorded somebody saw that the last placement names the wrong position.
    fn retract_last(&mut self, calendar: &Calendar) -> Result<(), AppError> {
        if let Some(last) = self.placements.pop() {
            let seen_at = calendar.instant(last.starts_on + Days::new(15));
            self.placements.push(last.retract(seen_at)?);
        }
        Ok(())
    }
}

fn months_between(from: NaiveDate, to: NaiveDate) -> u32 {
    let months = |day: NaiveDate| day.year() * 12 + i32::try_from(day.month0()).unwrap_or_default();
    u32::try_from(months(to) - months(from)).unwrap_or_default()
}

/// Heads of departments who changed places in 2023: who led what depends on the day asked about.
fn rotations(structure: &Structure, people: &mut [Person], calendar: &Calendar) -> Result<(), AppError> {
    let department = |person: &&mut Person| {
        structure.posts.get(person.post).is_some_and(|post| {
            let Post { position, office, .. } = post;
            *office > 0
                && position.is_head
                && position.job_class == JobClass::JptPratama
                && structure.offices.get(*office) == Some(&position.unit)
        })
    };
    let mut heads: Vec<&mut Person> = people.iter_mut().filter(department).collect();
    for pair in heads.chunks_exact_mut(2).take(2) {
        let [one, other] = pair else { continue };
        let held = [one.post, other.post];
        for (person, before) in [one, other].into_iter().zip(held.into_iter().rev()) {
            let (came, went) = (day(2021, 8, 2), day(2023, 6, 5));
            person.placements.retain(|placement| placement.starts_on < came);
            person.place(structure, before, came, calendar)?;
            person.place(structure, person.post, went, calendar)?;
        }
    }
    Ok(())
}

/// Leaders of teams: here and there somebody senior in the same unit is recorded as the superior.
fn name_superiors(structure: &Structure, people: &mut [Person]) {
    let post = |person: &Person| structure.posts.get(person.post).map(|post| &post.position);
    let mut seniors: BTreeMap<UnitId, EmployeeId> = BTreeMap::new();
    for person in people.iter().filter(|person| !person.released) {
        let Some(position) = post(person) else { continue };
        if !position.is_head && position.job_class == JobClass::JfAhliMadya {
            seniors.entry(position.unit).or_insert(person.employee.id);
        }
    }
    let mut seen = 0_u32;
    for person in people.iter_mut().filter(|person| !person.released) {
        let Some(position) = post(person) else { continue };
        let junior = !position.is_head && position.job_class != JobClass::JfAhliMadya;
        let Some(senior) = seniors.get(&position.unit).filter(|_| junior) else { continue };
        // Every twelfth of those who have one, the first among them.
        if seen.is_multiple_of(12) {
            person.employee.superior = Some(*senior);
            person.employee.version = person.employee.version.next();
        }
        seen += 1;
    }
}
