//! The generator alone: no database, no clock.

use std::collections::{BTreeMap, BTreeSet};

use access::Role;
use chrono::TimeDelta;
use competency::{
    Content, DictionaryState, DictionaryVersion, EventState, GapFacts, GapProfile, GapState, JpmStatus,
    Method, NamedRequirement, PolicyVersion, Purpose, Requirement, Standard, StandardBasis, StandardState,
    default_requirements, gap_profile, reference, standard_on,
};
use kernel::{
    CompetencyId, DictionaryId, DictionaryVersionId, EmployeeId, Nip, PolicyId, PositionId, UnitId, Version,
};
use workforce::{ChainLink, EmployeeStatus, JobClass, UnitTree, placement_on, superior_of};

use super::*;

const NOW: &str = "2026-07-01T02:00:00Z";

fn national() -> Written {
    let version = DictionaryVersion {
        id: DictionaryVersionId::new(),
        agency: NATIONAL,
        dictionary: DictionaryId::new(),
        number: 1,
        state: DictionaryState::Published,
        published_at: Some(DateTime::UNIX_EPOCH),
        retired_at: None,
        version: Version::FIRST,
    };
    (version, reference::COMPETENCIES.iter().map(|one| one.content(CompetencyId::new())).collect())
}

fn policy<T>(name: &str, rubric: T) -> PolicyVersion<T> {
    PolicyVersion {
        id: PolicyId::new(),
        agency: NATIONAL,
        name: code(name).unwrap(),
        number: 1,
        valid_from: reference::policies_valid_from(),
        recorded_at: DateTime::UNIX_EPOCH,
        source: long_text("x").unwrap(),
        rubric,
    }
}

struct Made {
    founding: Founding,
    national: Written,
    today: NaiveDate,
    now: DateTime<Utc>,
}

fn made(region: Region, people: u32, now: &str) -> Made {
    let (national, now): (Written, DateTime<Utc>) = (national(), now.parse().unwrap());
    let validity = [policy(reference::VALIDITY_POLICY, reference::validity_policy().rubric)];
    let ground = Ground { national: &national, validity: &validity, issuer: "demo", now };
    let founding = founding(region, region.share(people), &ground).unwrap();
    Made { founding, national, today: region.zone().day(now), now }
}

fn demo() -> Vec<Made> {
    Region::ALL.map(|region| made(region, PEOPLE, NOW)).into()
}

impl Made {
    fn contents(&self) -> BTreeMap<CompetencyId, &Content> {
        let own = self.founding.dictionaries.iter().flat_map(|one| &one.versions);
        let own = own.flat_map(|(_, contents)| contents);
        self.national.1.iter().chain(own).map(|content| (content.competency, content)).collect()
    }

    fn named(&self, requirements: &[Requirement]) -> Vec<NamedRequirement> {
        let contents = self.contents();
        let named = |requirement: &Requirement| {
            let content = contents[&requirement.competency];
            NamedRequirement {
                requirement: requirement.clone(),
                code: content.code.clone(),
                name: content.name.clone(),
                family: content.family.clone(),
            }
        };
        requirements.iter().map(named).collect()
    }

    /// Profiles of everybody who holds a position, against it.
    fn profiles(&self, day: NaiveDate) -> BTreeMap<EmployeeId, GapProfile> {
        let positions: BTreeMap<PositionId, JobClass> =
            self.founding.positions.iter().map(|one| (one.id, one.job_class)).collect();
        let standards = group(self.founding.standards.iter().map(|one| (one.position, one.clone())));
        let placements = group(self.founding.placements.iter().map(|one| (one.employee, one.clone())));
        let results = self.founding.assessments.iter().flat_map(|one| &one.results);
        let results = group(results.map(|one| (one.employee, one.clone())));
        let rubric = reference::default_levels_policy().rubric;
        let [jpm, _] = reference::jpm_policies();
        let mut profiles = BTreeMap::new();
        for employee in &self.founding.employees {
            let held = placement_on(&placements[&employee.id], day, self.now).and_then(|one| one.position);
            let Some(position) = held else { continue };
            let empty: &[Standard] = &[];
            let own = standards.get(&position).map_or(empty, Vec::as_slice);
            let (basis, requirements) = match standard_on(own, day, self.now) {
                Some(standard) => (StandardBasis::of(standard), self.named(&standard.requirements)),
                None => (
                    StandardBasis::DefaultLevels {
                        policy: policy("DEFAULT_LEVELS", ()).cite(),
                        job_class: positions[&position],
                    },
                    default_requirements(positions[&position], &rubric, &self.national.0, &self.national.1),
                ),
            };
            let facts = GapFacts {
                employee: employee.id,
                position,
                as_of: day,
                known_at: self.now,
                purpose: Purpose::Mapping,
                basis,
                requirements,
                results: results.get(&employee.id).cloned().unwrap_or_default(),
                policy: policy(jpm.name, jpm.rubric.clone()),
            };
            profiles.insert(employee.id, gap_profile(facts).unwrap());
        }
        profiles
    }

    /// Everything by its natural key, in order: what must be the same at every run.
    fn natural(&self) -> Vec<String> {
        let founding = &self.founding;
        let units: BTreeMap<UnitId, _> = founding.units.iter().map(|one| (one.id, &one.code)).collect();
        let positions: BTreeMap<PositionId, _> =
            founding.positions.iter().map(|one| (one.id, &one.code)).collect();
        let people: BTreeMap<EmployeeId, &Nip> =
            founding.employees.iter().map(|one| (one.id, &one.nip)).collect();
        let contents = self.contents();
        let competency = |id| contents[&id].code.as_str();
        let mut lines = Vec::new();
        for unit in &founding.units {
            let parent = unit.parent.map(|parent| units[&parent].as_str());
            lines.push(format!("{} {} {parent:?}", unit.code, unit.name));
        }
        for position in &founding.positions {
            let unit = units[&position.unit];
            lines.push(format!("{} {} {} {unit}", position.code, position.name, position.job_class));
        }
        for person in &founding.employees {
            let superior = person.superior.map(|superior| people[&superior].as_str());
            let (nip, on) = (person.nip.as_str(), person.appointed_on);
            lines.push(format!("{nip} {} {} {on:?} {superior:?}", person.name, person.status));
        }
        for placement in &founding.placements {
            let (nip, on) = (people[&placement.employee].as_str(), placement.starts_on);
            let position = placement.position.map(|position| positions[&position].as_str());
            lines.push(format!("{nip} {on} {position:?} {}", placement.retracted_at.is_some()));
        }
        for standard in &founding.standards {
            let position = positions[&standard.position];
            lines.push(format!("{position} {} {}", standard.number, standard.state));
            for one in &standard.requirements {
                let Requirement { competency: id, level, weight, importance, .. } = one;
                lines.push(format!("{} {level} {weight} {importance}", competency(*id)));
            }
        }
        for assessment in &founding.assessments {
            let event = &assessment.event;
            let ago = (self.today - event.assessed_on).num_days();
            lines.push(format!("{ago} {} {} {:?}", event.method, event.state, event.reference));
            for one in &assessment.results {
                let (nip, corrected) = (people[&one.employee].as_str(), one.superseded_at.is_some());
                lines.push(format!("{nip} {} {} {corrected}", competency(one.competency), one.level));
            }
        }
        lines
    }
}

fn group<K: Ord, V>(pairs: impl Iterator<Item = (K, V)>) -> BTreeMap<K, Vec<V>> {
    let mut groups: BTreeMap<K, Vec<V>> = BTreeMap::new();
    for (key, value) in pairs {
        groups.entry(key).or_default().push(value);
    }
    groups
}

/// FNV-1a.
fn digest(lines: &[String]) -> u64 {
    let bytes = lines.iter().flat_map(|line| line.bytes().chain([b'\n']));
    bytes.fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
}

#[test]
fn the_same_people_at_every_run_on_every_machine_on_every_day() {
    let digests = |now: &str| Region::ALL.map(|region| digest(&made(region, PEOPLE, now).natural()));
    let first = digests(NOW);
    assert_eq!(first, digests(NOW));
    assert_eq!(
        first,
        digests("2027-03-15T20:00:00Z"),
        "nothing but days depends on the day of the installation"
    );
    // A change of these figures is a change of the demo: what others wrote down of it no longer holds.
    assert_eq!(first, [6_155_185_582_569_780_449, 16_848_783_008_122_450_951, 5_396_435_157_857_925_697]);
}

#[test]
fn there_are_as_many_people_as_asked_for_and_every_number_is_one_of_a_kind() {
    for people in [FEWEST_PEOPLE, PEOPLE, 6001] {
        let mut nips = BTreeSet::new();
        for region in Region::ALL {
            for person in &made(region, people, NOW).founding.employees {
                assert_eq!(person.warnings(), [], "{}", person.nip.as_str());
                assert_eq!(person.check(), Ok(()));
                assert!(nips.insert(person.nip.clone()), "{} twice", person.nip.as_str());
            }
        }
        assert_eq!(nips.len(), usize::try_from(people).unwrap());
    }
}

#[test]
fn every_state_occurs_in_every_agency_even_the_smallest() {
    for made in
        Region::ALL.iter().flat_map(|region| [PEOPLE, FEWEST_PEOPLE].map(|size| made(*region, size, NOW)))
    {
        let Founding {
            agency,
            users,
            positions,
            employees,
            placements,
            dictionaries,
            standards,
            assessments,
            ..
        } = &made.founding;
        let at = format!("{} of {}", agency.code, employees.len());
        let has = |what: &str, all: &[&str], found: BTreeSet<&str>| {
            assert!(all.iter().all(|one| found.contains(one)), "{at}: {what} {found:?}");
        };
        let statuses = employees.iter().map(|one| one.status.as_str()).collect();
        has("statuses", &EmployeeStatus::ALL.map(EmployeeStatus::as_str), statuses);
        let classes = positions.iter().map(|one| one.job_class.as_str()).collect();
        has("job classes", &JobClass::ALL.map(JobClass::as_str), classes);
        has(
            "standards",
            &StandardState::ALL.map(StandardState::as_str),
            standards.iter().map(|one| one.state.as_str()).collect(),
        );
        let versions = dictionaries.iter().flat_map(|one| &one.versions);
        has(
            "versions",
            &DictionaryState::ALL.map(DictionaryState::as_str),
            versions.map(|(one, _)| one.state.as_str()).collect(),
        );
        let events = || assessments.iter().map(|one| &one.event);
        has(
            "events",
            &EventState::ALL.map(EventState::as_str),
            events().map(|one| one.state.as_str()).collect(),
        );
        has("methods", &Method::ALL.map(Method::as_str), events().map(|one| one.method.as_str()).collect());
        has(
            "purposes",
            &Purpose::ALL.map(Purpose::as_str),
            events().map(|one| one.purpose.as_str()).collect(),
        );
        let roles = users.iter().flat_map(|(_, grants)| grants).map(|one| one.role.as_str()).collect();
        let given: Vec<_> =
            Role::ALL.iter().filter(|role| **role != Role::Observer).map(|role| role.as_str()).collect();
        has("roles", &given, roles);
        for day in [made.today, made.today + TimeDelta::days(365)] {
            let profiles = made.profiles(day);
            let states = profiles.values().flat_map(|one| &one.gaps).map(|gap| gap.state.as_str()).collect();
            has(&format!("gaps on {day}"), &GapState::ALL.map(GapState::as_str), states);
            let bases = profiles.values().map(|one| one.basis.as_str()).collect();
            has("bases", &["STANDARD", "DEFAULT_LEVELS"], bases);
        }
        let results = || assessments.iter().flat_map(|one| &one.results);
        assert!(results().any(|one| one.superseded_at.is_some()), "{at}: corrected results");
        assert!(results().all(|one| one.superseded_at.is_none_or(|at| Some(at) > one.recorded_at)));
        assert!(employees.iter().any(|one| one.superior.is_some()), "{at}: named superiors");
        assert!(positions.iter().any(|one| one.abolished_on.is_some()), "{at}: positions given up");
        assert!(placements.iter().any(|one| one.position.is_none()), "{at}: people released");
        assert!(placements.iter().any(|one| one.retracted_at.is_some()), "{at}: placements declared wrong");
        assert!(
            group(placements.iter().map(|one| (one.employee, ()))).values().any(|one| one.len() > 3),
            "{at}: careers"
        );
        let twice = standards.iter().filter(|one| one.number == 2 && one.state == StandardState::InForce);
        assert!(twice.count() > 0, "{at}: standards that took over");
    }
}

#[test]
fn somebody_is_everybodys_superior_and_nobody_their_own() {
    for made in demo() {
        let founding = &made.founding;
        let tree = UnitTree::new(founding.units.iter().map(|unit| (unit.id, unit.parent)));
        assert_eq!(tree.cycles(), []);
        let placements = group(founding.placements.iter().map(|one| (one.employee, one.clone())));
        let held: BTreeMap<EmployeeId, PositionId> = placements
            .iter()
            .filter_map(|(id, all)| Some((*id, placement_on(all, made.today, made.now)?.position?)))
            .collect();
        let positions: BTreeMap<PositionId, _> = founding.positions.iter().map(|one| (one.id, one)).collect();
        let mut heads: BTreeMap<UnitId, EmployeeId> = BTreeMap::new();
        for (person, position) in held.iter().filter(|(_, position)| positions[*position].is_head) {
            assert_eq!(heads.insert(positions[position].unit, *person), None, "two heads of a unit");
        }
        let superior = |id: EmployeeId| {
            let recorded = founding.employees.iter().find(|one| one.id == id).and_then(|one| one.superior);
            let chain: Vec<ChainLink> = tree
                .chain(positions[held.get(&id)?].unit)
                .into_iter()
                .map(|unit| ChainLink { unit, head: heads.get(&unit).copied() })
                .collect();
            superior_of(id, recorded, &chain).map(|found| found.employee)
        };
        let mut tops = 0;
        for person in held.keys() {
            let mut seen = BTreeSet::from([*person]);
            let mut at = *person;
            while let Some(above) = superior(at) {
                assert!(seen.insert(above), "{} goes round", founding.agency.code);
                at = above;
            }
            tops += i32::from(seen.len() == 1);
        }
        assert_eq!(tops, 1, "{}: one person has nobody above", founding.agency.code);
    }
}

#[test]
fn placements_never_clash_and_positions_exist_while_held() {
    for made in demo() {
        let positions: BTreeMap<PositionId, _> =
            made.founding.positions.iter().map(|one| (one.id, one)).collect();
        let people: BTreeMap<EmployeeId, _> =
            made.founding.employees.iter().map(|one| (one.id, one)).collect();
        for (person, all) in group(made.founding.placements.iter().map(|one| (one.employee, one.clone()))) {
            let live: Vec<_> = all.iter().filter(|one| one.retracted_at.is_none()).collect();
            let starts: BTreeSet<_> = live.iter().map(|one| one.starts_on).collect();
            assert_eq!(starts.len(), live.len(), "two placements from one day");
            assert_eq!(starts.first().copied(), people[&person].appointed_on);
            for stay in workforce::history(&all, made.now) {
                let Some(position) = stay.placement.position.map(|id| positions[&id]) else { continue };
                let last = stay.period.last.unwrap_or(made.today);
                assert!(position.exists_on(last), "{} outlived", position.code);
            }
            assert!(all.iter().all(|one| one.retracted_at.is_none_or(|at| at > one.recorded_at)));
        }
    }
}

#[test]
fn nothing_was_known_before_it_was_recorded_nor_after_the_present() {
    for made in demo() {
        let Founding { standards, assessments, placements, since, .. } = &made.founding;
        let known = standards
            .iter()
            .flat_map(|one| [one.verified_at, one.enacted_at, one.revoked_at])
            .chain(assessments.iter().flat_map(|one| &one.results).map(|one| one.recorded_at))
            .chain(placements.iter().map(|one| Some(one.recorded_at)))
            .flatten();
        assert!({ known }.all(|at| (*since..=made.now).contains(&at)));
        for standard in standards {
            assert!(standard.verified_at <= standard.enacted_at || standard.enacted_at.is_none());
            assert!(standard.enacted_by.is_none() || standard.enacted_by != standard.verified_by);
        }
    }
}

#[test]
fn the_employee_of_each_agency_has_a_complete_profile_with_a_bit_of_everything() {
    for made in demo() {
        let grants = || made.founding.users.iter().flat_map(|(_, grants)| grants);
        let employee =
            |role| grants().find(|grant| grant.role == role).and_then(|grant| grant.employee).unwrap();
        let shown = employee(Role::Employee);
        let profile = &made.profiles(made.today)[&shown];
        assert_eq!(profile.jpm.status, JpmStatus::Complete);
        assert_eq!(profile.basis.as_str(), "STANDARD");
        for state in [GapState::Met, GapState::Gap, GapState::Exceeds] {
            assert!(profile.gaps.iter().any(|gap| gap.state == state), "{state}");
        }
        let results = || {
            let all = made.founding.assessments.iter().flat_map(|one| &one.results);
            all.filter(move |one| one.employee == shown)
        };
        assert!(results().any(|one| one.superseded_at.is_some()));
        assert!(results().any(|one| one.method == Method::SelfAssessment));
        assert_ne!(employee(Role::Supervisor), shown);
    }
}

#[test]
fn people_are_shared_out_without_loss() {
    for people in [600, 601, 2000, 99_999, 100_000] {
        assert_eq!(Region::ALL.iter().map(|region| region.share(people)).sum::<u32>(), people);
    }
    assert!(is_demo(&code("DEMO-KOTA").unwrap()) && !is_demo(&code("KOTA").unwrap()));
}

#[test]
fn a_clock_that_is_years_off_still_gets_a_demo() {
    for now in ["2020-01-01T00:00:00Z", "2031-12-31T23:59:59Z"] {
        let made = made(Region::Kabupaten, FEWEST_PEOPLE, now);
        assert!(made.founding.since <= made.now);
        let results = made.founding.assessments.iter().flat_map(|one| &one.results);
        assert!({ results }.all(|one| one.recorded_at.is_none_or(|at| at <= made.now)));
    }
}
