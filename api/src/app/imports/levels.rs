//! Levels of competencies of the agency's own dictionaries.

use std::collections::BTreeMap;

use access::Pass;
use competency::LevelText;
use kernel::{Code, CompetencyId, ViolationCode};
use store::{StoreError, Tx};

use crate::app::imports::drafts::{Targets, codes};
use crate::app::imports::plan::{Against, Kind, Plan, in_parts, refused};
use crate::app::imports::progress::Progress;
use crate::app::imports::run::Failure;
use crate::sheets::{LevelRow, Reading};

#[derive(Debug, Default)]
pub(super) struct Writes {
    targets: Targets,
    /// By the dictionary's code.
    levels: BTreeMap<Code, Vec<(CompetencyId, LevelText)>>,
}

impl Kind for LevelRow {
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
        Ok(plan(Targets::read(against.reader, &named).await?, reading))
    }

    async fn write(
        tx: &Tx<'_>,
        pass: &Pass,
        _against: &Against<'_>,
        writes: &Writes,
        progress: &Progress,
    ) -> Result<(), Failure> {
        for (code, levels) in &writes.levels {
            let Some(target) = writes.targets.own.get(code) else { continue };
            let draft = target.draft(tx, pass).await?;
            in_parts(levels, progress, async |some| tx.levels_write(pass, draft, some).await).await?;
        }
        Ok(())
    }
}

/// A level is written into the competency it belongs to; levels the file does not name stay as they are.
fn plan(targets: Targets, reading: &Reading<LevelRow>) -> Plan<Writes> {
    let mut plan = Plan::<Writes>::default();
    for (number, row) in &reading.rows {
        if !targets.allows(&mut plan, *number, &row.dictionary) {
            continue;
        }
        let Some(target) = targets.own.get(&row.dictionary) else {
            plan.refuse(*number, "dictionary", ViolationCode::NotFound, &row.dictionary);
            continue;
        };
        let Some(content) = target.contents.get(&row.code) else {
            plan.refuse(*number, "code", ViolationCode::NotFound, &row.code);
            continue;
        };
        let (level, description) = (row.level, row.description.clone());
        let text = LevelText { level, description, indicators: row.indicators.clone() };
        let before = content.levels.iter().find(|before| before.level == level);
        if plan.stands(before == Some(&text), 1) {
            continue;
        }
        if text.indicators.len() > LevelText::MAX_INDICATORS {
            let refused = refused(*number, "indicators", ViolationCode::TooMany, text.indicators.len());
            plan.findings.push(refused.with("max", LevelText::MAX_INDICATORS));
            continue;
        }
        match before {
            None => plan.created += 1,
            Some(_) => plan.updated += 1,
        }
        plan.writes.levels.entry(row.dictionary.clone()).or_default().push((content.competency, text));
    }
    plan.writes.targets = targets;
    plan
}

#[cfg(test)]
mod tests {
    use competency::Content;
    use kernel::{AgencyId, LongText, Name};

    use super::*;
    use crate::app::imports::testing::{found, read};

    fn planned(levels: Vec<LevelText>, rows: &str) -> Plan<Writes> {
        let content = Content {
            competency: CompetencyId::new(),
            code: Code::parse("T.1").unwrap(),
            name: Name::parse("Satu").unwrap(),
            family: Code::parse("TEKNIS").unwrap(),
            definition: LongText::parse("Uraian").unwrap(),
            levels,
        };
        let targets = Targets::of(AgencyId::new(), "TEKNIS", vec![content]);
        plan(targets, &read(&format!("dictionary;code;level;description;indicators\n{rows}")))
    }

    #[test]
    fn a_level_is_made_changed_or_left_alone() {
        let first = planned(Vec::new(), "TEKNIS;T.1;1;Memahami;Menyebutkan|Menjelaskan\n");
        let levels: Vec<_> = first.writes.levels.values().flatten().map(|(_, level)| level.clone()).collect();
        assert_eq!((first.created, levels[0].indicators.len()), (1, 2));
        let again = planned(levels.clone(), "TEKNIS;T.1;1;Memahami; Menyebutkan | Menjelaskan \n");
        assert_eq!((again.unchanged, again.writes.levels.len()), (1, 0));
        let turned = planned(levels, "TEKNIS;T.1;1;Memahami;Menjelaskan|Menyebutkan\n");
        assert_eq!(turned.updated, 1);
    }

    #[test]
    fn a_level_has_no_more_indicators_than_elsewhere() {
        let row = |count| format!("TEKNIS;T.1;1;Memahami;{}\n", vec!["Menyebutkan"; count].join("|"));
        assert_eq!(planned(Vec::new(), &row(50)).created, 1);
        let refused = planned(Vec::new(), &row(51));
        assert_eq!(found(&refused.findings), ["/rows/2/indicators TOO_MANY"]);
        assert_eq!((refused.created, refused.writes.levels.len()), (0, 0));
    }

    #[test]
    fn what_a_level_belongs_to_must_be_there() {
        let plan = planned(Vec::new(), "LAIN;T.1;1;x;\nTEKNIS;T.9;1;x;\nNASIONAL;M.1;1;x;\n");
        assert_eq!(
            found(&plan.findings),
            ["/rows/2/dictionary NOT_FOUND", "/rows/3/code NOT_FOUND", "/rows/4/dictionary IMMUTABLE"]
        );
    }
}
