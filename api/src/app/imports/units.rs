//! Units: the tree as the file draws it.

use std::collections::{BTreeMap, BTreeSet};

use access::Pass;
use kernel::{Code, UnitId, Version, ViolationCode};
use store::{StoreError, Tx};
use workforce::{Unit, UnitTree};

use crate::app::imports::plan::{Against, Kind, Plan, in_parts};
use crate::app::imports::progress::Progress;
use crate::app::imports::run::Failure;
use crate::sheets::{Reading, UnitRow};

#[derive(Debug, Default)]
pub(super) struct Writes {
    /// Each after its parent.
    new: Vec<Unit>,
    changed: Vec<Unit>,
    /// Whether somebody hangs elsewhere than before.
    moved: bool,
}

impl Kind for UnitRow {
    const AT_ONCE: usize = usize::MAX;

    type Ground = ();

    type Writes = Writes;

    async fn lock(tx: &Tx<'_>, pass: &Pass, _rows: &[(u32, Self)]) -> Result<(), StoreError> {
        tx.unit_tree_lock(pass).await
    }

    async fn ground(_against: &Against<'_>) -> Result<(), StoreError> {
        Ok(())
    }

    async fn plan(
        against: &Against<'_>,
        _ground: &mut (),
        reading: &Reading<Self>,
    ) -> Result<Plan<Writes>, StoreError> {
        Ok(plan(&against.reader.units_by_code().await?, reading))
    }

    async fn write(
        tx: &Tx<'_>,
        pass: &Pass,
        _against: &Against<'_>,
        writes: &Writes,
        progress: &Progress,
    ) -> Result<(), Failure> {
        in_parts(&writes.new, progress, async |some| tx.units_insert(pass, some).await).await?;
        in_parts(&writes.changed, progress, async |some| tx.units_update(pass, some).await).await?;
        if writes.moved {
            tx.unit_ancestors_rebuild(pass).await?;
        }
        Ok(())
    }
}

/// The file says where each of its units hangs; a unit above may come later in the file, or be stored already. A blank
/// `parent_code` is the top of the tree; a file without that column leaves the tree as it is.
fn plan(stored: &BTreeMap<Code, Unit>, reading: &Reading<UnitRow>) -> Plan<Writes> {
    let mut plan = Plan::<Writes>::default();
    let mut ids: BTreeMap<&Code, UnitId> = stored.iter().map(|(code, unit)| (code, unit.id)).collect();
    for (_, row) in &reading.rows {
        ids.entry(&row.code).or_insert_with(UnitId::new);
    }
    let mut units: Vec<(u32, Unit)> = Vec::with_capacity(reading.rows.len());
    for (number, row) in &reading.rows {
        let before = stored.get(&row.code);
        let parent = match &row.parent_code {
            Some(parent) => ids.get(parent).copied(),
            None if reading.has("parent_code") => None,
            None => before.and_then(|before| before.parent),
        };
        // A parent may be in a row that could not be read; then that row is what is told.
        if let Some(code) =
            row.parent_code.as_ref().filter(|_| parent.is_none() && reading.findings.is_empty())
        {
            plan.refuse(*number, "parent_code", ViolationCode::NotFound, code);
        }
        let Some(id) = ids.get(&row.code).copied() else { continue };
        let unit = Unit {
            id,
            code: row.code.clone(),
            name: row.name.clone(),
            kind: row.kind.clone().or_else(|| before.and_then(|before| before.kind.clone())),
            parent,
            version: before.map_or(Version::FIRST, |before| before.version),
        };
        units.push((*number, unit));
    }
    let edges = stored.values().chain(units.iter().map(|(_, unit)| unit)).map(|unit| (unit.id, unit.parent));
    let tree = UnitTree::new(edges);
    let rings: BTreeSet<UnitId> = tree.cycles().into_iter().collect();
    for ((number, unit), (_, row)) in units.iter().zip(&reading.rows) {
        if let Some(parent) = row.parent_code.as_ref().filter(|_| rings.contains(&unit.id)) {
            plan.refuse(*number, "parent_code", ViolationCode::Cycle, parent);
        }
    }
    let mut new = BTreeMap::new();
    for (_, unit) in units {
        match stored.get(&unit.code) {
            None => {
                plan.created += 1;
                new.insert(unit.id, unit);
            }
            Some(before) if *before == unit => plan.unchanged += 1,
            Some(before) => {
                plan.updated += 1;
                plan.writes.moved |= before.parent != unit.parent;
                plan.writes.changed.push(unit);
            }
        }
    }
    plan.writes.moved |= !new.is_empty();
    // With a ring nothing is written anyway.
    let order = tree.parents_first().unwrap_or_default();
    plan.writes.new = order.iter().filter_map(|id| new.remove(id)).collect();
    plan
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::imports::testing::{found, read};

    fn stored(units: &[(&str, Option<&str>)]) -> BTreeMap<Code, Unit> {
        let rows = units
            .iter()
            .map(|(code, parent)| format!("{code};{code};{}\n", parent.unwrap_or_default()))
            .collect::<String>();
        let plan = plan(&BTreeMap::new(), &read(&format!("code;name;parent_code\n{rows}")));
        plan.writes.new.into_iter().map(|unit| (unit.code.clone(), unit)).collect()
    }

    #[test]
    fn parents_may_come_later_and_are_written_first() {
        let plan = plan(&BTreeMap::new(), &read("code;name;parent_code\nC;c;B\nB;b;A\nA;a;\n"));
        let codes: Vec<_> = plan.writes.new.iter().map(|unit| unit.code.as_str()).collect();
        assert_eq!((codes, plan.created, plan.writes.moved), (vec!["A", "B", "C"], 3, true));
    }

    #[test]
    fn the_same_file_again_changes_nothing() {
        let stored = stored(&[("A", None), ("B", Some("A"))]);
        let plan = plan(&stored, &read("code;name;parent_code\nB;B;A\nA;A;\n"));
        assert_eq!((plan.created, plan.updated, plan.unchanged), (0, 0, 2));
        assert!(plan.writes.new.is_empty() && plan.writes.changed.is_empty() && !plan.writes.moved);
    }

    #[test]
    fn a_blank_parent_moves_to_the_top_and_a_missing_column_moves_nobody() {
        let stored = stored(&[("A", None), ("B", Some("A"))]);
        let blank = plan(&stored, &read("code;name;parent_code\nB;B;\n"));
        assert_eq!((blank.updated, blank.writes.moved), (1, true));
        assert_eq!(plan(&stored, &read("code;name\nB;B\n")).unchanged, 1);
    }

    #[test]
    fn a_ring_and_an_unknown_parent_are_named_by_row() {
        let stored = stored(&[("A", None), ("B", Some("A"))]);
        let ring = plan(&stored, &read("code;name;parent_code\nA;A;B\nC;C;C\nD;D;X\n"));
        assert_eq!(
            found(&ring.findings),
            ["/rows/4/parent_code NOT_FOUND", "/rows/2/parent_code CYCLE", "/rows/3/parent_code CYCLE"]
        );
    }

    #[test]
    fn a_parent_whose_row_could_not_be_read_is_not_missed() {
        let reading = read("code;name;parent_code\nA;;\nB;B;A\n");
        assert!(!reading.findings.is_empty());
        assert!(plan(&BTreeMap::new(), &reading).findings.is_empty());
    }
}
