//! Positions.

use std::collections::{BTreeMap, BTreeSet};

use access::Pass;
use kernel::{Code, PositionId, UnitId, Version, ViolationCode};
use store::{StoreError, Tx};
use workforce::{JobClass, Position, Unit};

use crate::app::imports::plan::{Against, Kind, Plan, in_parts};
use crate::app::imports::progress::Progress;
use crate::app::imports::run::Failure;
use crate::messages::Advice;
use crate::sheets::{PositionRow, Reading};

#[derive(Debug, Default)]
pub(super) struct Writes {
    new: Vec<Position>,
    changed: Vec<Position>,
    /// Those of them that head a unit now: two may trade places.
    heads: Vec<PositionId>,
    /// Those that change their job class, which they may as long as nobody used them.
    reclassified: Vec<PositionId>,
}

/// What positions are compared with.
#[derive(Debug)]
struct Stored {
    positions: BTreeMap<Code, Position>,
    units: BTreeMap<Code, Unit>,
    /// Of those that are to change their job class the ones somebody used.
    used: BTreeSet<PositionId>,
}

impl Kind for PositionRow {
    const AT_ONCE: usize = usize::MAX;

    type Ground = ();

    type Writes = Writes;

    async fn lock(_tx: &Tx<'_>, _pass: &Pass, _rows: &[(u32, Self)]) -> Result<(), StoreError> {
        // Versions and constraints hold other writers off; what needs more is locked before it is written.
        Ok(())
    }

    async fn ground(_against: &Against<'_>) -> Result<(), StoreError> {
        Ok(())
    }

    async fn plan(
        against: &Against<'_>,
        _ground: &mut (),
        reading: &Reading<Self>,
    ) -> Result<Plan<Writes>, StoreError> {
        let positions = against.reader.positions_by_code().await?;
        let reclassified = |row: &PositionRow| {
            let before = positions.get(&row.code)?;
            let job_class = JobClass::read(row.job_class.as_str())?;
            (job_class != before.job_class).then_some(before.id)
        };
        let ids: Vec<_> = reading.rows.iter().filter_map(|(_, row)| reclassified(row)).collect();
        let used = if ids.is_empty() { BTreeSet::new() } else { against.reader.positions_used(&ids).await? };
        let units = against.reader.units_by_code().await?;
        Ok(plan(&Stored { positions, units, used }, reading))
    }

    async fn write(
        tx: &Tx<'_>,
        pass: &Pass,
        against: &Against<'_>,
        writes: &Writes,
        progress: &Progress,
    ) -> Result<(), Failure> {
        if !writes.reclassified.is_empty() {
            tx.positions_lock(pass, &writes.reclassified).await?;
            if !against.reader.positions_used(&writes.reclassified).await?.is_empty() {
                return Err(StoreError::Stale.into());
            }
        }
        if !writes.heads.is_empty() {
            tx.positions_unhead(pass, &writes.heads).await?;
        }
        in_parts(&writes.changed, progress, async |some| tx.positions_update(pass, some).await).await?;
        in_parts(&writes.new, progress, async |some| tx.positions_insert(pass, some).await).await
    }
}

/// A file without the column `is_head` leaves who heads what as it is; a blank cell says no.
fn plan(stored: &Stored, reading: &Reading<PositionRow>) -> Plan<Writes> {
    let mut plan = Plan::<Writes>::default();
    let in_file: BTreeSet<&Code> = reading.rows.iter().map(|(_, row)| &row.code).collect();
    let heads = stored.positions.values().filter(|one| one.is_head && one.abolished_on.is_none());
    let mut heads: BTreeMap<UnitId, ViolationCode> = heads
        .filter(|position| !in_file.contains(&position.code))
        .map(|position| (position.unit, ViolationCode::Taken))
        .collect();
    for (number, row) in &reading.rows {
        let before = stored.positions.get(&row.code);
        let classes = JobClass::ALL.map(JobClass::label);
        let job_class = plan.named(*number, "job_class", &row.job_class, JobClass::read, classes);
        let unit = stored.units.get(&row.unit_code).map(|unit| unit.id);
        if unit.is_none() {
            plan.refuse(*number, "unit_code", ViolationCode::NotFound, &row.unit_code);
        }
        let (Some(job_class), Some(unit)) = (job_class, unit) else { continue };
        let is_head =
            if reading.has("is_head") { row.is_head } else { before.is_some_and(|before| before.is_head) };
        let position = Position {
            id: before.map_or_else(PositionId::new, |before| before.id),
            code: row.code.clone(),
            name: row.name.clone(),
            unit,
            job_class,
            is_head,
            abolished_on: before.and_then(|before| before.abolished_on),
            version: before.map_or(Version::FIRST, |before| before.version),
        };
        let is_on_record = before == Some(&position);
        if position.abolished_on.is_some() && plan.stands(is_on_record, 1) {
            continue;
        }
        if position.abolished_on.is_some() {
            let advice = Advice::PositionAbolished;
            plan.refuse_with(*number, "code", ViolationCode::Immutable, &row.code, advice);
            continue;
        }
        // Two heads in one file are a slip of the file, one beside a stored head is a slot that is taken.
        if is_head && let Some(code) = heads.insert(unit, ViolationCode::Duplicate) {
            plan.refuse(*number, "is_head", code, &row.unit_code);
        }
        match before {
            None => {
                plan.created += 1;
                plan.writes.new.push(position);
            }
            Some(before) if *before == position => plan.unchanged += 1,
            Some(before) => {
                plan.updated += 1;
                if before.job_class != job_class {
                    if stored.used.contains(&before.id) {
                        let (code, advice) = (ViolationCode::Immutable, Advice::JobClassStands);
                        plan.refuse_with(*number, "job_class", code, &row.job_class, advice);
                    }
                    plan.writes.reclassified.push(before.id);
                }
                if before.is_head {
                    plan.writes.heads.push(before.id);
                }
                plan.writes.changed.push(position);
            }
        }
    }
    plan
}

#[cfg(test)]
mod tests {
    use kernel::Name;

    use super::*;
    use crate::app::imports::testing::{found, read};

    fn stored(sheet: &str) -> Stored {
        let unit = |code: &str| Unit {
            id: UnitId::new(),
            code: Code::parse(code).unwrap(),
            name: Name::parse(code).unwrap(),
            kind: None,
            parent: None,
            version: Version::FIRST,
        };
        let units = ["A", "B"].map(unit).map(|unit| (unit.code.clone(), unit)).into();
        let mut stored = Stored { positions: BTreeMap::new(), units, used: BTreeSet::new() };
        let plan = plan(&stored, &read(sheet));
        assert!(plan.findings.is_empty());
        stored.positions = plan.writes.new.into_iter().map(|one| (one.code.clone(), one)).collect();
        stored
    }

    const TWO: &str =
        "code;name;unit_code;job_class;is_head\nP1;p;A;Administrator;ya\nP2;p;A;Pelaksana;tidak\n";

    #[test]
    fn the_same_file_again_changes_nothing() {
        let plan = plan(&stored(TWO), &read(TWO));
        assert_eq!((plan.created, plan.updated, plan.unchanged), (0, 0, 2));
    }

    #[test]
    fn a_unit_has_one_head_whoever_it_was_before() {
        let stored = stored(TWO);
        let header = "code;name;unit_code;job_class;is_head\n";
        let trade = read(&format!("{header}P2;p;A;06;ya\nP1;p;A;04;\n"));
        let trade = plan(&stored, &trade);
        assert!(trade.findings.is_empty());
        assert_eq!((trade.updated, trade.writes.heads.len()), (2, 1));

        let beside = plan(&stored, &read(&format!("{header}P3;p;A;06;ya\n")));
        assert_eq!(found(&beside.findings), ["/rows/2/is_head TAKEN"]);
        let twice = plan(&stored, &read(&format!("{header}P3;p;B;06;ya\nP4;p;B;06;ya\n")));
        assert_eq!(found(&twice.findings), ["/rows/3/is_head DUPLICATE"]);
    }

    #[test]
    fn unknown_units_and_classes_are_told_together() {
        let plan = plan(&stored(TWO), &read("code;name;unit_code;job_class\nP3;p;X;Raja\n"));
        assert_eq!(
            found(&plan.findings),
            ["/rows/2/job_class NOT_ALLOWED_VALUE", "/rows/2/unit_code NOT_FOUND"]
        );
    }

    #[test]
    fn the_job_class_of_a_used_position_stays() {
        let mut stored = stored(TWO);
        let sheet = "code;name;unit_code;job_class\nP2;p;A;Pengawas\n";
        let free = plan(&stored, &read(sheet));
        assert_eq!((found(&free.findings).len(), free.writes.reclassified.len()), (0, 1));
        stored.used = stored.positions.values().map(|position| position.id).collect();
        assert_eq!(found(&plan(&stored, &read(sheet)).findings), ["/rows/2/job_class IMMUTABLE"]);
    }
}
