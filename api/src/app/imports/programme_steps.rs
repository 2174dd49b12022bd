//! What programmes of the catalogue teach.

use std::collections::BTreeMap;

use access::Pass;
use development::{Programme, ProgrammeError, Step};
use kernel::{Code, Violation, ViolationCode};
use store::{DictionaryInUse, ProgrammeRow as OnRecord, StoreError, Tx};

use crate::app::imports::drafts::codes;
use crate::app::imports::plan::{Against, Kind, Plan, in_parts};
use crate::app::imports::programmes::by_code;
use crate::app::imports::progress::Progress;
use crate::app::imports::references::competency;
use crate::app::imports::run::Failure;
use crate::messages::Advice;
use crate::sheets::{ProgrammeStepRow, Reading, cell_pointer};

/// What steps are compared with.
#[derive(Debug)]
struct Stored {
    programmes: BTreeMap<Code, OnRecord>,
    dictionaries: BTreeMap<Code, DictionaryInUse>,
}

impl Kind for ProgrammeStepRow {
    const AT_ONCE: usize = usize::MAX;

    type Ground = ();

    type Writes = Vec<Programme>;

    async fn lock(tx: &Tx<'_>, pass: &Pass, rows: &[(u32, Self)]) -> Result<(), StoreError> {
        tx.programmes_lock(pass, &codes(rows.iter().map(|(_, row)| &row.programme_code))).await
    }

    async fn ground(_against: &Against<'_>) -> Result<(), StoreError> {
        Ok(())
    }

    async fn plan(
        against: &Against<'_>,
        _ground: &mut (),
        reading: &Reading<Self>,
    ) -> Result<Plan<Vec<Programme>>, StoreError> {
        let named = codes(reading.rows.iter().map(|(_, row)| &row.programme_code));
        let programmes = by_code(against.reader.programmes_by_code(&named).await?);
        let named = codes(reading.rows.iter().map(|(_, row)| &row.dictionary));
        let dictionaries = against.reader.dictionaries_in_use(&named).await?;
        Ok(plan(&Stored { programmes, dictionaries }, reading))
    }

    async fn write(
        tx: &Tx<'_>,
        pass: &Pass,
        _against: &Against<'_>,
        writes: &Vec<Programme>,
        progress: &Progress,
    ) -> Result<(), Failure> {
        in_parts(writes, progress, async |some| tx.programmes_update(pass, some).await).await
    }
}

/// A programme that rows change.
struct Change<'a> {
    before: &'a Programme,
    steps: Vec<Step>,
    /// The row each step was said in, as far as it was.
    said: BTreeMap<usize, u32>,
    created: usize,
    updated: usize,
}

/// Each row is a step of its programme, known by its competency; what a file leaves out stays. A step refers to the version of
/// the dictionary that is in use when it is written, and to that for as long as its levels stand.
fn plan(stored: &Stored, reading: &Reading<ProgrammeStepRow>) -> Plan<Vec<Programme>> {
    let mut plan = Plan::<Vec<Programme>>::default();
    let mut changes: BTreeMap<&Code, Change<'_>> = BTreeMap::new();
    for (number, row) in &reading.rows {
        let number = *number;
        let code = &row.programme_code;
        let programme = stored.programmes.get(code).map(|row| &row.programme);
        if programme.is_none() {
            plan.refuse(number, "programme_code", ViolationCode::NotFound, code);
        }
        let found =
            competency(&mut plan, &stored.dictionaries, number, &row.dictionary, &row.competency_code);
        let (Some(programme), Some(found)) = (programme, found) else { continue };
        let change = changes.entry(code).or_insert_with(|| Change {
            before: programme,
            steps: programme.content.steps.clone(),
            said: BTreeMap::new(),
            created: 0,
            updated: 0,
        });
        let at = change
            .steps
            .iter()
            .position(|step| (step.competency_agency, step.competency) == (found.agency, found.id));
        let levels = (row.level_from, row.level_to);
        let known = at.and_then(|at| change.steps.get(at));
        if plan.stands(known.is_some_and(|step| (step.from, step.to) == levels), 1) {
            continue;
        }
        let Some(version) = found.described(&mut plan, number, &row.dictionary, &row.competency_code) else {
            continue;
        };
        let step = Step {
            competency: found.id,
            competency_agency: found.agency,
            dictionary_version: version,
            from: row.level_from,
            to: row.level_to,
        };
        match at.and_then(|at| Some((at, change.steps.get_mut(at)?))) {
            Some((at, old)) => {
                *old = step;
                change.said.insert(at, number);
                change.updated += 1;
            }
            None => {
                change.said.insert(change.steps.len(), number);
                change.steps.push(step);
                change.created += 1;
            }
        }
    }
    for (code, change) in changes.into_iter().filter(|(_, change)| !change.said.is_empty()) {
        change.close(&mut plan, code);
    }
    plan
}

impl Change<'_> {
    /// Holds it against the rules of today.
    fn close(self, plan: &mut Plan<Vec<Programme>>, code: &Code) {
        let Self { before, steps, said, created, updated } = self;
        let first = said.values().min().copied().unwrap_or_default();
        let content = development::ProgrammeContent { steps, ..before.content.clone() };
        match before.clone().edit(content) {
            Ok(programme) => {
                plan.created += created;
                plan.updated += updated;
                plan.writes.push(programme);
            }
            Err(ProgrammeError::WrongState { .. }) => {
                let (refused, advice) = (ViolationCode::Immutable, Advice::ProgrammeRetired);
                plan.refuse_with(first, "programme_code", refused, code, advice);
            }
            Err(ProgrammeError::Invalid(found)) => {
                for Violation { pointer, code, args } in found {
                    // `/steps/N/level_from`
                    let mut parts = pointer.split('/').skip(2);
                    let index = parts.next().and_then(|index| index.parse::<usize>().ok());
                    let number = index.and_then(|index| said.get(&index)).copied().unwrap_or(first);
                    let column = match parts.next() {
                        Some("level_from") => "level_from",
                        Some(_) => "competency_code",
                        None => "programme_code",
                    };
                    plan.findings.push(Violation { pointer: cell_pointer(number, column), code, args });
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use development::{Audience, DeliveryMode, Price, ProgrammeContent};
    use kernel::{
        CompetencyId, DictionaryVersionId, Level, LongText, NATIONAL, Name, PartnerId, ProgrammeId,
    };
    use store::KnownCompetency;

    use super::*;
    use crate::app::imports::testing::{found, read};

    fn code(text: &str) -> Code {
        Code::parse(text).unwrap()
    }

    fn stored() -> Stored {
        let competencies = ["M.1", "M.2", "M.0"]
            .map(|text| (code(text), KnownCompetency { id: CompetencyId::new(), is_in_use: text != "M.0" }));
        let dictionary = DictionaryInUse {
            agency: NATIONAL,
            version: Some(DictionaryVersionId::new()),
            competencies: competencies.into(),
        };
        let content = ProgrammeContent {
            code: code("P"),
            name: Name::parse("P").unwrap(),
            objectives: LongText::parse("P").unwrap(),
            form: code("KL03"),
            partner: PartnerId::new(),
            curriculum_owner: None,
            mode: DeliveryMode::Online,
            jp: None,
            price: Price::default(),
            accreditation: None,
            certificate_months: None,
            steps: Vec::new(),
            prerequisites: Vec::new(),
            audience: Audience::default(),
        };
        let programme = Programme::draft(ProgrammeId::new(), content).unwrap();
        let row = OnRecord {
            programme,
            partner_name: Name::parse("x").unwrap(),
            curriculum_owner_name: None,
            steps: Vec::new(),
            prerequisites: Vec::new(),
        };
        Stored {
            programmes: [(code("P"), row)].into(),
            dictionaries: [(code("NASIONAL"), dictionary)].into(),
        }
    }

    fn planned(stored: &Stored, rows: &str) -> Plan<Vec<Programme>> {
        let header = "programme_code;dictionary;competency_code;level_from;level_to\n";
        plan(stored, &read(&format!("{header}{rows}")))
    }

    /// The same with what `rows` wrote.
    fn after(rows: &str) -> Stored {
        let mut stored = stored();
        let programme = planned(&stored, rows).writes.remove(0);
        stored.programmes.get_mut(&code("P")).unwrap().programme = programme;
        stored
    }

    const TWO: &str = "P;NASIONAL;M.1;1;2\nP;NASIONAL;M.2;;3\n";

    #[test]
    fn steps_come_to_their_programme_and_what_a_file_leaves_out_stays() {
        let plan = planned(&stored(), TWO);
        assert_eq!((plan.created, plan.writes.len(), found(&plan.findings)), (2, 1, vec![]));
        let again = planned(&after(TWO), TWO);
        assert_eq!((again.unchanged, again.writes.len()), (2, 0));
        let other = planned(&after(TWO), "P;NASIONAL;M.2;2;4\n");
        assert_eq!((other.updated, other.created), (1, 0));
        let steps: Vec<_> = other.writes[0]
            .content
            .steps
            .iter()
            .map(|one| (one.from.map(Level::get), one.to.get()))
            .collect();
        assert_eq!(steps, [(Some(1), 2), (Some(2), 4)]);
    }

    #[test]
    fn what_cannot_stand_is_told_at_its_place() {
        for (rows, expected) in [
            ("X;NASIONAL;M.1;1;2\n", "/rows/2/programme_code NOT_FOUND"),
            ("P;LAIN;M.1;1;2\n", "/rows/2/dictionary NOT_FOUND"),
            ("P;NASIONAL;M.9;1;2\n", "/rows/2/competency_code NOT_FOUND"),
            ("P;NASIONAL;M.0;1;2\n", "/rows/2/competency_code NOT_FOUND"),
            ("P;NASIONAL;M.1;1;2\nP;NASIONAL;M.2;2;2\n", "/rows/3/level_from INCONSISTENT"),
        ] {
            let plan = planned(&stored(), rows);
            assert_eq!((found(&plan.findings), plan.writes.len()), (vec![expected.to_owned()], 0), "{rows}");
        }
        let mut retired = after(TWO);
        let row = retired.programmes.get_mut(&code("P")).unwrap();
        row.programme = row.programme.clone().publish().unwrap().retire().unwrap();
        assert_eq!(planned(&retired, TWO).unchanged, 2);
        let plan = planned(&retired, "P;NASIONAL;M.1;1;3\n");
        assert_eq!(found(&plan.findings), ["/rows/2/programme_code IMMUTABLE"]);
    }
}
