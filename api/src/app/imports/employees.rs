//! People, and where they serve.

use std::collections::BTreeMap;

use access::Pass;
use chrono::NaiveDate;
use kernel::{Code, EmployeeId, Nip, NipWarning, PlacementId, PositionId, UnitId, Version, ViolationCode};
use store::{PersonOnRecord, StoreError, Tx};
use workforce::{Education, Employee, EmployeeStatus, Placement, Position, Unit};

use crate::app::imports::plan::{Against, Kind, Plan, ROWS_AT_ONCE, Warning, beside, in_parts};
use crate::app::imports::progress::Progress;
use crate::app::imports::run::Failure;
use crate::messages::Advice;
use crate::sheets::{EmployeeRow, Reading};

#[derive(Debug, Default)]
pub(super) struct Writes {
    new: Vec<Employee>,
    changed: Vec<Employee>,
    placements: Vec<Placement>,
    /// Placements that began today and are corrected by another one that does.
    retracted: Vec<PlacementId>,
}

/// What people are compared with.
#[derive(Debug, Default)]
pub(super) struct Stored {
    /// Those of the part that is looked at.
    people: BTreeMap<Nip, PersonOnRecord>,
    positions: BTreeMap<Code, Position>,
    unit_of: BTreeMap<PositionId, UnitId>,
    units: BTreeMap<Code, Unit>,
}

impl Stored {
    fn of(positions: BTreeMap<Code, Position>, units: BTreeMap<Code, Unit>) -> Self {
        let unit_of = positions.values().map(|position| (position.id, position.unit)).collect();
        Self { people: BTreeMap::new(), positions, unit_of, units }
    }
}

impl Kind for EmployeeRow {
    const AT_ONCE: usize = ROWS_AT_ONCE;

    type Ground = Stored;

    type Writes = Writes;

    async fn lock(tx: &Tx<'_>, pass: &Pass, rows: &[(u32, Self)]) -> Result<(), StoreError> {
        let nips: Vec<&Nip> = rows.iter().map(|(_, row)| &row.nip).collect();
        tx.employees_lock(pass, &nips).await
    }

    async fn ground(against: &Against<'_>) -> Result<Stored, StoreError> {
        Ok(Stored::of(against.reader.positions_by_code().await?, against.reader.units_by_code().await?))
    }

    async fn plan(
        against: &Against<'_>,
        stored: &mut Stored,
        reading: &Reading<Self>,
    ) -> Result<Plan<Writes>, StoreError> {
        let nips: Vec<&Nip> = reading.rows.iter().map(|(_, row)| &row.nip).collect();
        stored.people = against.reader.people_on_record(&nips).await?;
        Ok(plan(stored, reading, against.today))
    }

    async fn write(
        tx: &Tx<'_>,
        pass: &Pass,
        _against: &Against<'_>,
        writes: &Writes,
        progress: &Progress,
    ) -> Result<(), Failure> {
        in_parts(&writes.new, progress, async |some| tx.employees_insert(pass, some).await).await?;
        in_parts(&writes.changed, progress, async |some| tx.employees_update(pass, some).await).await?;
        if !writes.retracted.is_empty() {
            tx.placements_retract(pass, &writes.retracted).await?;
        }
        beside(&writes.placements, progress, async |some| tx.placements_insert(pass, some).await).await
    }
}

/// A blank cell says nothing and leaves what is on record: nobody is released from a position, and no fact forgotten,
/// because a sheet was not filled in. A new person serves from the day of appointment, or from today without one; one on
/// record who holds another position now serves there from today. Who holds an abolished one goes on holding it.
fn plan(stored: &Stored, reading: &Reading<EmployeeRow>, today: NaiveDate) -> Plan<Writes> {
    let mut plan = Plan::<Writes>::default();
    for (number, row) in &reading.rows {
        let (number, before) = (*number, stored.people.get(&row.nip));
        let statuses = EmployeeStatus::ALL.map(EmployeeStatus::as_str);
        let status = plan.named(number, "status", &row.status, EmployeeStatus::read, statuses);
        let education = match &row.education {
            Some(text) => {
                let levels = Education::ALL.map(Education::label);
                plan.named(number, "education", text, Education::read, levels).map(Some)
            }
            None => Some(before.and_then(|before| before.employee.education)),
        };
        let held = before.and_then(|before| before.position);
        let position = position(&mut plan, stored, number, row, held, today);
        check_unit(
            &mut plan,
            stored,
            number,
            row,
            position.flatten().or(held).and_then(|id| stored.unit_of.get(&id)),
        );
        let (Some(status), Some(education), Some(position)) = (status, education, position) else { continue };
        let employee = Employee {
            id: before.map_or_else(EmployeeId::new, |before| before.employee.id),
            nip: row.nip.clone(),
            name: row.name.clone(),
            status,
            education,
            appointed_on: row.appointed_on.or_else(|| before.and_then(|before| before.employee.appointed_on)),
            superior: before.and_then(|before| before.employee.superior),
            version: before.map_or(Version::FIRST, |before| before.employee.version),
        };
        let is_on_record = before.is_some_and(|before| before.employee == employee);
        if let Err(violations) = if is_on_record { Ok(()) } else { employee.check() } {
            let appointed_on = employee.appointed_on.map(|day| day.to_string()).unwrap_or_default();
            for violation in violations {
                let violation = violation.under(&format!("/rows/{number}"));
                plan.findings.push(violation.with("value", &appointed_on));
            }
            continue;
        }
        for code in employee.warnings() {
            let appointed = code == NipWarning::AppointmentDiffers;
            let column = if appointed { "appointed_on" } else { "nip" };
            plan.warnings.push(Warning { row: number, column, code });
        }
        let moves_to = position.filter(|position| held != Some(*position));
        if plan.stands(is_on_record && moves_to.is_none(), 1) {
            continue;
        }
        if let Some(position) = moves_to {
            let starts_on = if before.is_none() { employee.appointed_on.unwrap_or(today) } else { today };
            plan.writes.retracted.extend(before.and_then(|before| before.begins_today));
            plan.writes.placements.push(Placement {
                id: PlacementId::new(),
                employee: employee.id,
                position: Some(position),
                starts_on,
                decree: None,
                // Both are the recording transaction's to say.
                recorded_at: chrono::DateTime::UNIX_EPOCH,
                retracted_at: None,
            });
        }
        match before {
            None => {
                plan.created += 1;
                plan.writes.new.push(employee);
            }
            Some(_) => {
                plan.updated += 1;
                plan.writes.changed.extend((!is_on_record).then_some(employee));
            }
        }
    }
    plan
}

/// The position a row names, if it names one; none at all when it cannot stand.
fn position(
    plan: &mut Plan<Writes>,
    stored: &Stored,
    number: u32,
    row: &EmployeeRow,
    held: Option<PositionId>,
    today: NaiveDate,
) -> Option<Option<PositionId>> {
    let Some(code) = &row.position_code else { return Some(None) };
    match stored.positions.get(code) {
        None => {
            plan.refuse(number, "position_code", ViolationCode::NotFound, code);
            None
        }
        Some(position) if held != Some(position.id) && !position.exists_on(today) => {
            let advice = Advice::PositionAbolished;
            plan.refuse_with(number, "position_code", ViolationCode::Inconsistent, code, advice);
            None
        }
        Some(position) => Some(Some(position.id)),
    }
}

/// A unit is recorded through the position, so what a row says of it can only be right or wrong.
fn check_unit(
    plan: &mut Plan<Writes>,
    stored: &Stored,
    number: u32,
    row: &EmployeeRow,
    served: Option<&UnitId>,
) {
    let Some(code) = &row.unit_code else { return };
    match (stored.units.get(code), served) {
        (None, _) => plan.refuse(number, "unit_code", ViolationCode::NotFound, code),
        (Some(unit), Some(served)) if unit.id != *served => {
            let advice = Advice::UnitOfPosition;
            plan.refuse_with(number, "unit_code", ViolationCode::Inconsistent, code, advice);
        }
        // A position that is not found was told already.
        (Some(_), None) if row.position_code.is_none() => {
            let advice = Advice::PositionMissing;
            plan.refuse_with(number, "position_code", ViolationCode::Required, "", advice);
        }
        (Some(_), _) => {}
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use kernel::Name;
    use workforce::JobClass;

    use super::*;
    use crate::app::imports::testing::{found, read, today};

    const NIP: &str = "199305172019031005";

    fn stored() -> Stored {
        let name = |text: &str| Name::parse(text).unwrap();
        let code = |text: &str| Code::parse(text).unwrap();
        let unit = |text: &str| Unit {
            id: UnitId::new(),
            code: code(text),
            name: name(text),
            kind: None,
            parent: None,
            version: Version::FIRST,
        };
        let units: BTreeMap<_, _> = ["A", "B"].map(unit).map(|unit| (unit.code.clone(), unit)).into();
        let position = |text: &str, unit: &str, abolished_on| Position {
            id: PositionId::new(),
            code: code(text),
            name: name(text),
            unit: units[&code(unit)].id,
            job_class: JobClass::Pelaksana,
            is_head: false,
            abolished_on,
            version: Version::FIRST,
        };
        let positions =
            [position("P", "A", None), position("Q", "B", None), position("OLD", "A", Some(today()))];
        let positions = positions.map(|position| (position.code.clone(), position)).into();
        Stored::of(positions, units)
    }

    /// The same with everybody of a first import on record.
    fn after(sheet: &str) -> Stored {
        let mut stored = stored();
        let plan = plan(&stored, &read(sheet), today());
        assert_eq!(found(&plan.findings), [""; 0]);
        let held: BTreeMap<_, _> = plan
            .writes
            .placements
            .iter()
            .map(|one| (one.employee, (one.id, one.position, one.starts_on)))
            .collect();
        let person = |employee: Employee| {
            let placement = held.get(&employee.id);
            let begins_today = placement.filter(|(_, _, on)| *on == today()).map(|(id, ..)| *id);
            let position = placement.and_then(|(_, position, _)| *position);
            (employee.nip.clone(), PersonOnRecord { employee, position, begins_today })
        };
        stored.people = plan.writes.new.into_iter().map(person).collect();
        stored
    }

    fn sheet(row: &str) -> String {
        format!("nip;name;status;position_code;unit_code;appointed_on;education\n{NIP};{row}\n")
    }

    #[test]
    fn a_new_person_serves_from_the_day_of_appointment() {
        let plan = plan(&stored(), &read(&sheet("Galih;PNS;P;A;2019-03-01;S-1")), today());
        assert_eq!((plan.created, plan.warnings.total), (1, 0));
        assert_eq!(plan.writes.placements[0].starts_on.to_string(), "2019-03-01");
        assert_eq!(plan.writes.new[0].education, Some(Education::S1));
    }

    #[test]
    fn the_same_row_again_changes_nothing_and_blanks_say_nothing() {
        let stored = after(&sheet("Galih;PNS;P;A;2019-03-01;S-1"));
        for row in ["Galih;PNS;P;A;2019-03-01;S-1", "Galih;pns;;;;", "Galih;PNS;;A;;"] {
            let plan = plan(&stored, &read(&sheet(row)), today());
            assert_eq!((plan.unchanged, found(&plan.findings)), (1, vec![]), "{row}");
            assert!(plan.writes.placements.is_empty());
        }
    }

    #[test]
    fn another_position_is_served_from_today_and_corrects_one_that_began_today() {
        let stored = after(&sheet("Galih;PNS;P;A;2019-03-01;"));
        let moved = plan(&stored, &read(&sheet("Galih;PNS;Q;B;;")), today());
        assert_eq!((moved.updated, moved.writes.changed.len()), (1, 0));
        assert_eq!(moved.writes.placements[0].starts_on, today());
        assert!(moved.writes.retracted.is_empty());

        let stored = after(&sheet("Galih;PNS;P;A;;"));
        let corrected = plan(&stored, &read(&sheet("Galih;PNS;Q;B;;")), today());
        assert_eq!(corrected.writes.retracted.len(), 1);
    }

    #[test]
    fn unit_and_position_must_agree() {
        for (row, expected) in [
            ("Galih;PNS;P;B;;", "/rows/2/unit_code INCONSISTENT"),
            ("Galih;PNS;P;X;;", "/rows/2/unit_code NOT_FOUND"),
            ("Galih;PNS;X;A;;", "/rows/2/position_code NOT_FOUND"),
            ("Galih;PNS;;A;;", "/rows/2/position_code REQUIRED"),
            ("Galih;PNS;OLD;;;", "/rows/2/position_code INCONSISTENT"),
            ("Galih;Honorer;P;;;", "/rows/2/status NOT_ALLOWED_VALUE"),
            ("Galih;PNS;P;;;Sihir", "/rows/2/education NOT_ALLOWED_VALUE"),
            ("Galih;PNS;P;;1999-01-01;", "/rows/2/appointed_on INCONSISTENT"),
        ] {
            assert_eq!(found(&plan(&stored(), &read(&sheet(row)), today()).findings), [expected], "{row}");
        }
    }

    #[test]
    fn who_holds_a_position_goes_on_holding_it_when_it_is_abolished() {
        let mut stored = after(&sheet("Galih;PNS;P;A;2019-03-01;S-1"));
        let abolished = stored.positions.get_mut(&Code::parse("P").unwrap()).unwrap();
        abolished.abolished_on = Some(today());
        let same = plan(&stored, &read(&sheet("Galih;PNS;P;A;2019-03-01;S-1")), today());
        assert_eq!((same.unchanged, found(&same.findings)), (1, vec![]));
        let renamed = plan(&stored, &read(&sheet("Galih Baru;PNS;P;A;;")), today());
        assert_eq!((renamed.updated, renamed.writes.placements.len()), (1, 0));
    }

    #[test]
    fn a_number_that_does_not_fit_warns_and_is_taken_in() {
        let plan = plan(&stored(), &read(&sheet("Galih;PPPK;P;A;2020-01-01;")), today());
        let codes: BTreeSet<_> = plan.warnings.kept.iter().map(|warning| warning.code).collect();
        assert_eq!(codes, BTreeSet::from([NipWarning::AppointmentDiffers, NipWarning::StatusDiffers]));
        assert_eq!((plan.created, found(&plan.findings).len()), (1, 0));
    }
}
