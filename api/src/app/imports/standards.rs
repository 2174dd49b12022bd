//! Standards that were decreed before they came in here.

use std::collections::BTreeMap;

use access::Pass;
use chrono::NaiveDate;
use competency::{Importance, Requirement, Standard, StandardDraft, StandardState};
use kernel::{Code, CompetencyId, Hundredths, Level, Name, PositionId, StandardId, UserId, ViolationCode};
use store::{DictionaryInUse, StoreError, Tx};
use workforce::Position;

use crate::app::imports::drafts::codes;
use crate::app::imports::plan::{Against, Kind, Plan, in_parts, refused};
use crate::app::imports::progress::Progress;
use crate::app::imports::references::{Found, competency};
use crate::app::imports::run::Failure;
use crate::messages::Advice;
use crate::sheets::{Reading, StandardRow};

/// What stands where a decree's number would: the file brought none.
const DECREE: &str = "Impor";

/// How important a requirement is that does not say.
const IMPORTANCE: Importance = Importance::Penting;

/// What standards are compared with.
#[derive(Debug)]
struct Stored {
    positions: BTreeMap<Code, Position>,
    dictionaries: BTreeMap<Code, DictionaryInUse>,
    in_force: BTreeMap<(PositionId, NaiveDate), Vec<Requirement>>,
}

impl Kind for StandardRow {
    const AT_ONCE: usize = usize::MAX;

    type Ground = ();

    type Writes = Vec<Standard>;

    async fn lock(tx: &Tx<'_>, pass: &Pass, rows: &[(u32, Self)]) -> Result<(), StoreError> {
        tx.positions_hold(pass, &codes(rows.iter().map(|(_, row)| &row.position_code))).await
    }

    async fn ground(_against: &Against<'_>) -> Result<(), StoreError> {
        Ok(())
    }

    async fn plan(
        against: &Against<'_>,
        _ground: &mut (),
        reading: &Reading<Self>,
    ) -> Result<Plan<Vec<Standard>>, StoreError> {
        let positions = against.reader.positions_by_code().await?;
        let named = codes(reading.rows.iter().map(|(_, row)| &row.position_code));
        let ids: Vec<_> = named.iter().filter_map(|code| positions.get(code)).map(|one| one.id).collect();
        let in_force = against.reader.requirements_in_force(&ids).await?;
        let named = codes(reading.rows.iter().map(|(_, row)| &row.dictionary));
        let dictionaries = against.reader.dictionaries_in_use(&named).await?;
        Ok(plan(&Stored { positions, dictionaries, in_force }, reading, against.user))
    }

    async fn write(
        tx: &Tx<'_>,
        pass: &Pass,
        _against: &Against<'_>,
        writes: &Vec<Standard>,
        progress: &Progress,
    ) -> Result<(), Failure> {
        in_parts(writes, progress, async |some| tx.standards_insert(pass, some).await).await
    }
}

/// The rows of one position and first day are one standard. It was verified and decreed outside, so it comes in force at
/// once, under the name of whoever imports it; that two officers stand behind it is for the decree to show. A standard
/// in force stays as it is: the same one again changes nothing, another one of the same day is refused.
fn plan(stored: &Stored, reading: &Reading<StandardRow>, user: Option<UserId>) -> Plan<Vec<Standard>> {
    let mut plan = Plan::<Vec<Standard>>::default();
    let mut groups: BTreeMap<(PositionId, NaiveDate), Group<'_>> = BTreeMap::new();
    for (number, row) in &reading.rows {
        let (number, code) = (*number, &row.position_code);
        let position = stored.positions.get(code);
        if position.is_none() {
            plan.refuse(number, "position_code", ViolationCode::NotFound, code);
        }
        let found =
            competency(&mut plan, &stored.dictionaries, number, &row.dictionary, &row.competency_code);
        let importance = match &row.importance {
            Some(text) => {
                let names = Importance::ALL.map(Importance::as_str);
                plan.named(number, "importance", text, Importance::read, names)
            }
            None => Some(IMPORTANCE),
        };
        let Some(position) = position else { continue };
        let group = groups.entry((position.id, row.valid_from)).or_insert_with(|| Group::of(position));
        match (found, importance) {
            (Some(found), Some(importance)) => {
                let weight = row.weight.unwrap_or(Hundredths::ONE);
                group.rows.push(Said { number, row, found, weight, importance });
            }
            _ => group.is_whole = false,
        }
    }
    for ((_, valid_from), group) in groups {
        let before = stored.in_force.get(&(group.position.id, valid_from));
        let is_on_record =
            before.is_some_and(|before| group.is_whole && sameness(before) == group.sameness());
        if plan.stands(is_on_record, group.rows.len()) {
            continue;
        }
        match before {
            None => group.enact(&mut plan, valid_from, user),
            // What could not be made out was told, and may be all that differs.
            Some(_) if !group.is_whole => {}
            Some(_) => {
                let first = group.rows.first().map(|said| said.number).unwrap_or_default();
                let advice = Advice::StandardStands;
                plan.refuse_with(first, "valid_from", ViolationCode::Immutable, valid_from, advice);
            }
        }
    }
    plan
}

/// The rows of one position and first day.
struct Group<'a> {
    position: &'a Position,
    rows: Vec<Said<'a>>,
    /// Whether each of its rows could be made out.
    is_whole: bool,
}

/// What one of them says.
struct Said<'a> {
    number: u32,
    row: &'a StandardRow,
    found: Found,
    weight: Hundredths,
    importance: Importance,
}

impl<'a> Group<'a> {
    const fn of(position: &'a Position) -> Self {
        Self { position, rows: Vec::new(), is_whole: true }
    }

    fn sameness(&self) -> Sameness {
        let said = |one: &Said<'_>| (one.found.id, (one.row.required_level, one.weight, one.importance));
        self.rows.iter().map(said).collect()
    }

    /// Holds it against the rules of today, and brings it in force.
    fn enact(self, plan: &mut Plan<Vec<Standard>>, valid_from: NaiveDate, user: Option<UserId>) {
        let (mut numbers, mut requirements) = (Vec::new(), Vec::new());
        let mut is_whole = self.is_whole;
        for Said { number, row, found, weight, importance } in self.rows {
            if !self.position.exists_on(valid_from) {
                let (code, advice) = (ViolationCode::Inconsistent, Advice::PositionAbolished);
                plan.refuse_with(number, "position_code", code, &row.position_code, advice);
                is_whole = false;
            }
            let Some(version) = found.described(plan, number, &row.dictionary, &row.competency_code) else {
                is_whole = false;
                continue;
            };
            numbers.push(number);
            requirements.push(Requirement {
                competency: found.id,
                competency_agency: found.agency,
                dictionary_version: version,
                level: row.required_level,
                weight,
                importance,
            });
        }
        if requirements.is_empty() {
            return;
        }
        let decree = Some(Name::stored(DECREE.to_owned()));
        let draft = StandardDraft { valid_from, decree, requirements };
        if let Err(violations) = draft.check() {
            for violation in violations {
                // `/requirements/N/weight`: N counts the rows of this standard.
                let mut parts = violation.pointer.split('/').skip(2);
                let index = parts.next().and_then(|index| index.parse::<usize>().ok()).unwrap_or(0);
                let number = numbers.get(index).copied().unwrap_or_default();
                let column = match parts.next() {
                    Some("weight") => "weight",
                    Some(_) => "competency_code",
                    None => "position_code",
                };
                let mut refused = refused(number, column, violation.code, "");
                refused.args.extend(violation.args);
                plan.findings.push(refused);
            }
        } else if is_whole {
            plan.created += numbers.len();
            plan.writes.push(in_force(self.position.id, draft, user));
        }
    }
}

/// A standard that comes in force with the transaction that records it.
fn in_force(position: PositionId, draft: StandardDraft, user: Option<UserId>) -> Standard {
    let StandardDraft { valid_from, decree, requirements } = draft;
    Standard {
        id: StandardId::new(),
        position,
        // Number and instants are the recording transaction's to say.
        number: 0,
        state: StandardState::InForce,
        valid_from,
        decree,
        requirements,
        verified_by: user,
        verified_at: None,
        enacted_by: user,
        enacted_at: None,
        revoked_on: None,
        revoked_at: None,
        version: kernel::Version::FIRST,
    }
}

/// What two sets of requirements are compared by: not their order, nor the version of the dictionary that was in use
/// when they were written.
type Sameness = BTreeMap<CompetencyId, (Level, Hundredths, Importance)>;

fn sameness(requirements: &[Requirement]) -> Sameness {
    let said = |one: &Requirement| (one.competency, (one.level, one.weight, one.importance));
    requirements.iter().map(said).collect()
}

#[cfg(test)]
mod tests {
    use kernel::{DictionaryVersionId, NATIONAL, UnitId, Version};
    use store::KnownCompetency;
    use workforce::JobClass;

    use super::*;
    use crate::app::imports::testing::{found, read};

    fn code(text: &str) -> Code {
        Code::parse(text).unwrap()
    }

    fn stored() -> Stored {
        let position = Position {
            id: PositionId::new(),
            code: code("P"),
            name: Name::parse("P").unwrap(),
            unit: UnitId::new(),
            job_class: JobClass::Pelaksana,
            is_head: false,
            abolished_on: NaiveDate::from_ymd_opt(2030, 1, 1),
            version: Version::FIRST,
        };
        let dictionary = |version| DictionaryInUse {
            agency: NATIONAL,
            version,
            competencies: ["M.1", "M.2", "M.0"]
                .map(|text| {
                    (code(text), KnownCompetency { id: CompetencyId::new(), is_in_use: text != "M.0" })
                })
                .into(),
        };
        let dictionaries = [
            (code("NASIONAL"), dictionary(Some(DictionaryVersionId::new()))),
            (code("DRAF"), DictionaryInUse { competencies: BTreeMap::new(), ..dictionary(None) }),
        ];
        Stored {
            positions: [(code("P"), position)].into(),
            dictionaries: dictionaries.into(),
            in_force: BTreeMap::new(),
        }
    }

    fn planned(stored: &Stored, rows: &str) -> Plan<Vec<Standard>> {
        let header = "position_code;dictionary;competency_code;required_level;weight;importance;valid_from\n";
        plan(stored, &read(&format!("{header}{rows}")), None)
    }

    const TWO: &str = "P;NASIONAL;M.1;2;;;2025-01-01\nP;NASIONAL;M.2;3;1,5;mutlak;2025-01-01\n";

    /// The same with what `rows` brought in force.
    fn after(rows: &str) -> Stored {
        let mut stored = stored();
        let standards = planned(&stored, rows).writes;
        stored.in_force =
            standards.into_iter().map(|one| ((one.position, one.valid_from), one.requirements)).collect();
        stored
    }

    #[test]
    fn rows_of_one_position_and_day_are_one_standard() {
        let plan = planned(&stored(), &format!("{TWO}P;NASIONAL;M.1;3;;;2026-01-01\n"));
        assert_eq!((plan.created, plan.writes.len()), (3, 2));
        let first = &plan.writes[0];
        assert_eq!((first.state, first.requirements.len()), (StandardState::InForce, 2));
        assert_eq!(first.requirements[0].weight, Hundredths::ONE);
        assert_eq!(first.requirements[0].importance, Importance::Penting);
        assert_eq!(first.requirements[1].weight.count(), 150);
    }

    #[test]
    fn the_same_standard_in_another_order_changes_nothing() {
        let turned = "P;NASIONAL;M.2;3;1.5;MUTLAK;2025-01-01\nP;NASIONAL;M.1;2;1;PENTING;2025-01-01\n";
        let plan = planned(&after(TWO), turned);
        assert_eq!((plan.unchanged, plan.writes.len()), (2, 0));
    }

    #[test]
    fn a_standard_in_force_is_not_overwritten() {
        for other in ["P;NASIONAL;M.1;3;;;2025-01-01\n", "P;NASIONAL;M.1;2;;;2025-01-01\n"] {
            let plan = planned(&after(TWO), other);
            assert_eq!(found(&plan.findings), ["/rows/2/valid_from IMMUTABLE"], "{other}");
        }
    }

    #[test]
    fn what_a_requirement_names_must_be_there_and_published() {
        let plan = planned(
            &stored(),
            "X;NASIONAL;M.1;2;;;2025-01-01\nP;LAIN;M.1;2;;;2025-01-01\nP;DRAF;M.1;2;;;2025-01-01\n\
             P;NASIONAL;M.9;2;;;2025-01-01\nP;NASIONAL;M.1;2;0;kurang;2025-01-01\nP;NASIONAL;M.2;2;0;;2025-01-01\n\
             P;NASIONAL;M.2;2;;;2030-01-01\nP;NASIONAL;M.0;2;;;2025-01-01\n",
        );
        let mut told = found(&plan.findings);
        told.sort();
        assert_eq!(
            told,
            [
                "/rows/2/position_code NOT_FOUND",
                "/rows/3/dictionary NOT_FOUND",
                "/rows/4/dictionary NOT_PUBLISHED",
                "/rows/5/competency_code NOT_FOUND",
                "/rows/6/importance NOT_ALLOWED_VALUE",
                "/rows/7/weight OUT_OF_RANGE",
                "/rows/8/position_code INCONSISTENT",
                "/rows/9/competency_code NOT_FOUND",
            ]
        );
        assert!(plan.writes.is_empty());
    }

    #[test]
    fn what_is_in_force_stands_whatever_became_of_its_names() {
        let mut stored = after(TWO);
        stored.positions.get_mut(&code("P")).unwrap().abolished_on = NaiveDate::from_ymd_opt(2025, 1, 1);
        for competency in stored.dictionaries.values_mut().flat_map(|one| one.competencies.values_mut()) {
            competency.is_in_use = false;
        }
        let again = planned(&stored, TWO);
        assert_eq!((again.unchanged, found(&again.findings)), (2, vec![]));
        // One that cannot be made out is all that is told of a standard.
        let unknown = planned(&stored, &format!("{TWO}P;NASIONAL;M.9;2;;;2025-01-01\n"));
        assert_eq!(found(&unknown.findings), ["/rows/4/competency_code NOT_FOUND"]);
    }
}
