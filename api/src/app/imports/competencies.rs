//! Competencies of the agency's own dictionaries.

use std::collections::BTreeMap;

use access::Pass;
use competency::{Content, Family};
use kernel::{AgencyId, Code, CompetencyId};
use store::{StoreError, Tx};

use crate::app::imports::drafts::{Target, Targets, codes};
use crate::app::imports::plan::{Against, Kind, Plan, in_parts};
use crate::app::imports::progress::Progress;
use crate::app::imports::run::Failure;
use crate::sheets::{CompetencyRow, Reading};

#[derive(Debug, Default)]
pub(super) struct Writes {
    targets: Targets,
    /// By the dictionary's code.
    contents: BTreeMap<Code, Vec<Content>>,
}

impl Kind for CompetencyRow {
    const AT_ONCE: usize = usize::MAX;

    type Ground = ();

    type Writes = Writes;

    async fn lock(tx: &Tx<'_>, pass: &Pass, rows: &[(u32, Self)]) -> Result<(), StoreError> {
        tx.dictionaries_lock(pass, &codes(rows.iter().map(|(_, row)| &row.dictionary))).await
    }

    async fn ground(_against: &Against<'_>) -> Result<(), StoreError> {
        Ok(())
    }

    async fn plan(
        against: &Against<'_>,
        _ground: &mut (),
        reading: &Reading<Self>,
    ) -> Result<Plan<Writes>, StoreError> {
        let named = codes(reading.rows.iter().map(|(_, row)| &row.dictionary));
        let targets = Targets::read(against.reader, &named).await?;
        Ok(plan(against.agency, targets, &against.reader.families().await?, reading))
    }

    async fn write(
        tx: &Tx<'_>,
        pass: &Pass,
        _against: &Against<'_>,
        writes: &Writes,
        progress: &Progress,
    ) -> Result<(), Failure> {
        for (code, contents) in &writes.contents {
            let Some(target) = writes.targets.own.get(code) else { continue };
            let (draft, dictionary) = (target.draft(tx, pass).await?, target.dictionary.id);
            let write = async |some: &[Content]| tx.contents_write(pass, dictionary, draft, some).await;
            in_parts(contents, progress, write).await?;
        }
        Ok(())
    }
}

/// Rows that say what the latest version says change nothing, published or not; only a difference needs a draft.
fn plan(
    agency: AgencyId,
    targets: Targets,
    families: &[Family],
    reading: &Reading<CompetencyRow>,
) -> Plan<Writes> {
    let mut plan = Plan { writes: Writes { targets, contents: BTreeMap::new() }, ..Plan::default() };
    let known: Vec<&str> = families.iter().map(|family| family.code.as_str()).collect();
    for (number, row) in &reading.rows {
        let targets = std::mem::take(&mut plan.writes.targets);
        let allowed = targets.allows(&mut plan, *number, &row.dictionary);
        plan.writes.targets = targets;
        let family =
            plan.named(*number, "family", &row.family, |text| Family::read(families, text).cloned(), &known);
        let Some(family) = family.filter(|_| allowed) else { continue };
        let own = &mut plan.writes.targets.own;
        let target =
            own.entry(row.dictionary.clone()).or_insert_with(|| Target::new(agency, &row.dictionary));
        let before = target.contents.get(&row.code);
        let content = Content {
            competency: before.map_or_else(CompetencyId::new, |before| before.competency),
            code: row.code.clone(),
            name: row.name.clone(),
            family: family.code,
            definition: row.definition.clone(),
            levels: before.map(|before| before.levels.clone()).unwrap_or_default(),
        };
        let (is_new, is_on_record) = (before.is_none(), before == Some(&content));
        if plan.stands(is_on_record, 1) {
            continue;
        }
        plan.created += usize::from(is_new);
        plan.updated += usize::from(!is_new);
        plan.writes.contents.entry(row.dictionary.clone()).or_default().push(content);
    }
    plan
}

#[cfg(test)]
mod tests {
    use competency::reference;

    use super::*;
    use crate::app::imports::testing::{found, read};

    const HEADER: &str = "dictionary;code;name;family;definition\n";

    fn planned(targets: Targets, rows: &str) -> Plan<Writes> {
        plan(AgencyId::new(), targets, &reference::families(), &read(&format!("{HEADER}{rows}")))
    }

    #[test]
    fn a_dictionary_that_is_not_there_is_made() {
        let plan =
            planned(Targets::default(), "TEKNIS;T.1;Satu;teknis;Uraian\nTEKNIS;T.2;Dua;Teknis;Uraian\n");
        let target = plan.writes.targets.own.values().next().unwrap();
        assert_eq!((plan.created, target.is_new, target.dictionary.name.as_str()), (2, true, "TEKNIS"));
    }

    #[test]
    fn what_the_latest_version_says_changes_nothing() {
        let first = planned(Targets::default(), "TEKNIS;T.1;Satu;TEKNIS;Uraian\n");
        let contents: Vec<_> = first.writes.contents.into_values().flatten().collect();
        let targets = || Targets::of(AgencyId::new(), "TEKNIS", contents.clone());
        let again = planned(targets(), "TEKNIS;T.1;Satu;Kompetensi Teknis;Uraian\n");
        assert_eq!((again.unchanged, again.writes.contents.len()), (1, 0));
        let other = planned(targets(), "TEKNIS;T.1;Satu;TEKNIS;Uraian baru\n");
        assert_eq!((other.updated, other.writes.contents.len()), (1, 1));
    }

    #[test]
    fn a_national_dictionary_and_an_unknown_family_are_refused() {
        let targets = Targets::of(AgencyId::new(), "TEKNIS", Vec::new());
        let plan = planned(targets, "NASIONAL;M.1;Satu;MANAJERIAL;Uraian\nTEKNIS;T.1;Satu;Gaib;Uraian\n");
        assert_eq!(
            found(&plan.findings),
            ["/rows/2/dictionary IMMUTABLE", "/rows/3/family NOT_ALLOWED_VALUE"]
        );
    }
}
