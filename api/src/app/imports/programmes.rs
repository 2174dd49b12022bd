//! Programmes of the catalogue.

use std::collections::BTreeMap;

use access::Pass;
use chrono::NaiveDate;
use development::{
    Audience, DeliveryMode, JobFamily, Prerequisite, Price, Programme, ProgrammeContent, ProgrammeError,
    ProgrammeState,
};
use kernel::{Code, Name, PartnerId, ProgrammeId, Violation, ViolationCode};
use store::{ProgrammeRow as OnRecord, StoreError, Tx};
use workforce::JobClass;

use crate::app::imports::drafts::codes;
use crate::app::imports::forms::Forms;
use crate::app::imports::plan::{Against, Kind, Plan, beside, in_parts};
use crate::app::imports::progress::Progress;
use crate::app::imports::run::Failure;
use crate::messages::Advice;
use crate::sheets::{ProgrammeRow, Reading, cell_pointer};

#[derive(Debug, Default)]
pub(super) struct Writes {
    added: Vec<Programme>,
    changed: Vec<Programme>,
}

/// What programmes are compared with.
#[derive(Debug)]
struct Stored {
    /// Those that rows name, be it as what another builds on.
    programmes: BTreeMap<Code, OnRecord>,
    partners: BTreeMap<Code, PartnerId>,
    forms: Forms,
    today: NaiveDate,
}

impl Kind for ProgrammeRow {
    const AT_ONCE: usize = usize::MAX;

    type Ground = ();

    type Writes = Writes;

    async fn lock(tx: &Tx<'_>, pass: &Pass, rows: &[(u32, Self)]) -> Result<(), StoreError> {
        tx.programmes_lock(pass, &named(rows)).await
    }

    async fn ground(_against: &Against<'_>) -> Result<(), StoreError> {
        Ok(())
    }

    async fn plan(
        against: &Against<'_>,
        _ground: &mut (),
        reading: &Reading<Self>,
    ) -> Result<Plan<Writes>, StoreError> {
        let programmes = against.reader.programmes_by_code(&named(&reading.rows)).await?;
        let partners = reading.rows.iter().flat_map(|(_, row)| {
            std::iter::once(&row.partner_code).chain(row.curriculum_owner_code.as_ref())
        });
        let stored = Stored {
            programmes: by_code(programmes),
            partners: against.reader.partner_ids(&codes(partners)).await?,
            forms: Forms::read(against).await?,
            today: against.today,
        };
        Ok(plan(&stored, reading))
    }

    async fn write(
        tx: &Tx<'_>,
        pass: &Pass,
        _against: &Against<'_>,
        writes: &Writes,
        progress: &Progress,
    ) -> Result<(), Failure> {
        // They may build on each other, so all of them are there before anything is said of that.
        in_parts(&writes.added, progress, async |some| tx.programmes_insert(pass, some).await).await?;
        beside(&writes.added, progress, async |some| tx.programme_parts_insert(pass, some).await).await?;
        in_parts(&writes.changed, progress, async |some| tx.programmes_update(pass, some).await).await
    }
}

/// The programmes that rows are about or build on.
fn named(rows: &[(u32, ProgrammeRow)]) -> Vec<&Code> {
    codes(
        rows.iter().flat_map(|(_, row)| std::iter::once(&row.code).chain(row.prerequisites.iter().flatten())),
    )
}

/// Programmes by their codes.
pub(super) fn by_code(rows: Vec<OnRecord>) -> BTreeMap<Code, OnRecord> {
    rows.into_iter().map(|row| (row.programme.content.code.clone(), row)).collect()
}

/// Each row is a programme, known by its code. What it teaches comes by rows of another kind; which competencies it asks for
/// is left as it is.
fn plan(stored: &Stored, reading: &Reading<ProgrammeRow>) -> Plan<Writes> {
    let mut plan = Plan::<Writes>::default();
    let ids: BTreeMap<&Code, ProgrammeId> = reading
        .rows
        .iter()
        .map(|(_, row)| {
            let known = stored.programmes.get(&row.code).map(|before| before.programme.id);
            (&row.code, known.unwrap_or_else(ProgrammeId::new))
        })
        .collect();
    for (number, row) in &reading.rows {
        let before = stored.programmes.get(&row.code).map(|before| &before.programme);
        let states = ProgrammeState::ALL.map(ProgrammeState::as_str);
        let state =
            row.state.as_ref().map(|text| plan.named(*number, "state", text, ProgrammeState::read, states));
        let content = content(stored, &mut plan, *number, row, &ids, before);
        let (Some(content), state) = (content, state) else { continue };
        let state = match (state, before) {
            (Some(None), _) => continue,
            (Some(Some(state)), _) => state,
            (None, before) => before.map_or(ProgrammeState::Draft, |before| before.state),
        };
        let Some(before) = before else {
            let id = ids.get(&row.code).copied().unwrap_or_else(ProgrammeId::new);
            match Programme::draft(id, content).and_then(|draft| brought_to(draft, state)) {
                Ok(programme) => {
                    plan.created += 1;
                    plan.writes.added.push(programme);
                }
                Err(error) => refuse(&mut plan, *number, row, error),
            }
            continue;
        };
        // A draft that was put on offer since has been one.
        let has_been = state == before.state || state == ProgrammeState::Draft;
        if plan.stands(content == before.content && has_been, 1) {
            continue;
        }
        let state = if has_been { before.state } else { state };
        match changed(before.clone(), content, state) {
            Ok(programme) => {
                plan.updated += 1;
                plan.writes.changed.push(programme);
            }
            Err(error) => refuse(&mut plan, *number, row, error),
        }
    }
    plan
}

/// A programme, one step after the other, in the state wanted.
fn brought_to(programme: Programme, state: ProgrammeState) -> Result<Programme, ProgrammeError> {
    match (programme.state, state) {
        (ProgrammeState::Draft | ProgrammeState::Retired, ProgrammeState::Published) => programme.publish(),
        (ProgrammeState::Draft, ProgrammeState::Retired) => programme.publish()?.retire(),
        (ProgrammeState::Published, ProgrammeState::Retired) => programme.retire(),
        _ => Ok(programme),
    }
}

/// A programme with new content in the state wanted. One that was taken off offer changes by being put on offer.
fn changed(
    before: Programme,
    content: ProgrammeContent,
    state: ProgrammeState,
) -> Result<Programme, ProgrammeError> {
    let open = match before.state {
        ProgrammeState::Retired => brought_to(before, state)?,
        ProgrammeState::Draft | ProgrammeState::Published => before,
    };
    let after = if open.content == content { open } else { open.edit(content)? };
    brought_to(after, state)
}

/// What a row says, where it is blank with what is on record.
fn content(
    stored: &Stored,
    plan: &mut Plan<Writes>,
    number: u32,
    row: &ProgrammeRow,
    ids: &BTreeMap<&Code, ProgrammeId>,
    before: Option<&Programme>,
) -> Option<ProgrammeContent> {
    let old = before.map(|before| &before.content);
    let known = old.map(|old| &old.form);
    let form = stored.forms.named(plan, number, &row.form, stored.today, known);
    let partner = partner_of(stored, plan, number, "partner_code", &row.partner_code);
    let owner = row
        .curriculum_owner_code
        .as_ref()
        .map(|code| partner_of(stored, plan, number, "curriculum_owner_code", code));
    let modes = DeliveryMode::ALL.map(DeliveryMode::as_str);
    let mode = plan.named(number, "mode", &row.mode, DeliveryMode::read, modes);
    let classes = row.job_classes.as_deref().map(|names| {
        let all = JobClass::ALL.map(JobClass::as_str);
        each(plan, number, "audience_job_classes", names, JobClass::read, &all)
    });
    let families = row.job_families.as_deref().map(|names| {
        let all = JobFamily::ALL.map(JobFamily::as_str);
        each(plan, number, "audience_job_families", names, JobFamily::read, &all)
    });
    let prerequisites = prerequisites(stored, plan, number, row, ids, old);
    let audience = old.map(|old| old.audience.clone()).unwrap_or_default();
    Some(ProgrammeContent {
        code: row.code.clone(),
        name: row.name.clone(),
        objectives: row.objectives.clone(),
        form: form?,
        partner: partner?,
        curriculum_owner: match owner {
            Some(owner) => Some(owner?),
            None => old.and_then(|old| old.curriculum_owner),
        },
        mode: mode?,
        jp: row.jp.or_else(|| old?.jp),
        price: Price {
            per_participant: row.price_per_participant.or_else(|| old?.price.per_participant),
            per_class: row.price_per_class.or_else(|| old?.price.per_class),
        },
        accreditation: row.accreditation.clone().or_else(|| old?.accreditation.clone()),
        certificate_months: row.certificate_months.or_else(|| old?.certificate_months),
        steps: old.map(|old| old.steps.clone()).unwrap_or_default(),
        prerequisites: prerequisites?,
        audience: Audience {
            job_classes: members(classes, audience.job_classes)?,
            job_families: members(families, audience.job_families)?,
        },
    })
}

/// The partner of this code; noted when there is none.
fn partner_of(
    stored: &Stored,
    plan: &mut Plan<Writes>,
    number: u32,
    column: &str,
    code: &Code,
) -> Option<PartnerId> {
    let found = stored.partners.get(code).copied();
    if found.is_none() {
        plan.refuse(number, column, ViolationCode::NotFound, code);
    }
    found
}

/// What `read` makes of each name of a list; noted when it makes nothing of one.
fn each<T>(
    plan: &mut Plan<Writes>,
    number: u32,
    column: &str,
    names: &[Name],
    read: impl Fn(&str) -> Option<T>,
    allowed: &[&str],
) -> Option<Vec<T>> {
    let found: Vec<Option<T>> =
        names.iter().map(|name| plan.named(number, column, name, &read, allowed)).collect();
    found.into_iter().collect()
}

/// The members of a list as the file says them; those on record where it is blank, or where they are the same.
fn members<T: PartialEq>(said: Option<Option<Vec<T>>>, before: Vec<T>) -> Option<Vec<T>> {
    let Some(said) = said else { return Some(before) };
    let said = said?;
    let same = said.len() == before.len() && said.iter().all(|one| before.contains(one));
    Some(if same { before } else { said })
}

/// What it builds on: the programmes the file names, and the competencies on record.
fn prerequisites(
    stored: &Stored,
    plan: &mut Plan<Writes>,
    number: u32,
    row: &ProgrammeRow,
    ids: &BTreeMap<&Code, ProgrammeId>,
    old: Option<&ProgrammeContent>,
) -> Option<Vec<Prerequisite>> {
    let before = old.map(|old| old.prerequisites.clone()).unwrap_or_default();
    let Some(named) = &row.prerequisites else { return Some(before) };
    let mut found = Some(Vec::with_capacity(named.len()));
    for code in named {
        let known = || stored.programmes.get(code).map(|row| row.programme.id);
        match ids.get(code).copied().or_else(known) {
            Some(id) => found.iter_mut().for_each(|found| found.push(Prerequisite::Programme(id))),
            None => {
                plan.refuse(number, "prerequisite_programmes", ViolationCode::NotFound, code);
                found = None;
            }
        }
    }
    let (programmes, competencies): (Vec<_>, Vec<_>) =
        before.iter().cloned().partition(|one| matches!(one, Prerequisite::Programme(_)));
    let found = members(Some(found), programmes.clone())?;
    if found == programmes {
        return Some(before);
    }
    Some(found.into_iter().chain(competencies).collect())
}

/// Notes why a programme cannot be as its row says.
fn refuse(plan: &mut Plan<Writes>, number: u32, row: &ProgrammeRow, error: ProgrammeError) {
    match error {
        ProgrammeError::WrongState { .. } => {
            let (code, advice) = (ViolationCode::Immutable, Advice::ProgrammeRetired);
            plan.refuse_with(number, "code", code, &row.code, advice);
        }
        ProgrammeError::Invalid(found) => {
            for Violation { pointer, code, args } in found {
                let mut parts = pointer.split('/').skip(1);
                let column = match (parts.next(), parts.next()) {
                    (Some("jp"), _) => "jp",
                    (Some("certificate_months"), _) => "certificate_months",
                    (Some("prerequisites"), _) => "prerequisite_programmes",
                    (Some("audience"), Some("job_classes")) => "audience_job_classes",
                    (Some("audience"), _) => "audience_job_families",
                    _ => "code",
                };
                plan.findings.push(Violation { pointer: cell_pointer(number, column), code, args });
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use kernel::{AgencyId, Version};

    use super::*;
    use crate::app::imports::testing::{found, read, today};

    const HEADER: &str = "code;name;objectives;form;partner_code;mode;jp;audience_job_classes;state;\
        prerequisite_programmes\n";
    const BASIC: &str = "A;Dasar;Peserta mampu;KL03;BPSDM;luring;40;Pengawas|Ahli Muda;terbit;\n";
    const NEXT: &str = "B;Lanjutan;Peserta mampu;Pelatihan teknis;BPSDM;BLENDED;;;;A\n";

    fn stored() -> Stored {
        let partners = [(Code::parse("BPSDM").unwrap(), PartnerId::new())].into();
        let forms = Forms::shipped(AgencyId::new());
        Stored { programmes: BTreeMap::new(), partners, forms, today: today() }
    }

    fn planned(stored: &Stored, rows: &str) -> Plan<Writes> {
        plan(stored, &read(&format!("{HEADER}{rows}")))
    }

    /// The same with what `rows` added.
    fn after(rows: &str, then: fn(Programme) -> Programme) -> Stored {
        let mut stored = stored();
        let name = Name::parse("x").unwrap();
        let row = |programme| OnRecord {
            programme,
            partner_name: name.clone(),
            curriculum_owner_name: None,
            steps: Vec::new(),
            prerequisites: Vec::new(),
        };
        let added = planned(&stored, rows).writes.added;
        stored.programmes = by_code(added.into_iter().map(then).map(row).collect());
        stored
    }

    #[test]
    fn programmes_of_one_file_build_on_each_other_and_again_change_nothing() {
        let plan = planned(&stored(), &format!("{NEXT}{BASIC}"));
        assert_eq!((plan.created, found(&plan.findings)), (2, vec![]));
        let [next, basic] = &plan.writes.added[..] else { panic!("two programmes") };
        assert_eq!(next.content.prerequisites, [Prerequisite::Programme(basic.id)]);
        assert_eq!((next.state, basic.state), (ProgrammeState::Draft, ProgrammeState::Published));
        assert_eq!((next.content.form.as_str(), next.version), ("KL03", Version::FIRST));
        assert_eq!(basic.content.audience.job_classes, [JobClass::Pengawas, JobClass::JfAhliMuda]);
        let both = format!("{BASIC}{NEXT}");
        for again in [
            both.clone(),
            both.replace("Pengawas|Ahli Muda", "JF_AHLI_MUDA|PENGAWAS"),
            both.replace(";40;", ";;"),
        ] {
            let plan = planned(&after(&both, |one| one), &again);
            assert_eq!((plan.unchanged, found(&plan.findings)), (2, vec![]), "{again}");
        }
        // Whoever put it on offer since, the file that drafted it still says what is on record.
        let plan = planned(
            &after(&NEXT.replace(";A\n", ";\n"), |one| one.publish().unwrap()),
            &NEXT.replace(";A\n", ";\n"),
        );
        assert_eq!((plan.unchanged, plan.updated), (1, 0));
    }

    #[test]
    fn what_differs_is_changed_and_what_was_taken_off_offer_stands() {
        let other = BASIC.replace("Dasar", "Tingkat Dasar");
        let plan = planned(&after(BASIC, |one| one), &other);
        assert_eq!((plan.updated, plan.writes.changed[0].content.name.as_str()), (1, "Tingkat Dasar"));
        let retired = |one: Programme| one.retire().unwrap();
        let plan = planned(&after(BASIC, retired), &other.replace("terbit", "ditarik"));
        assert_eq!(found(&plan.findings), ["/rows/2/code IMMUTABLE"]);
        let plan = planned(&after(BASIC, retired), &other);
        assert_eq!((plan.updated, plan.writes.changed[0].state), (1, ProgrammeState::Published));
        let plan = planned(&after(BASIC, |one| one), &other.replace("terbit", "RETIRED"));
        assert_eq!((plan.updated, plan.writes.changed[0].state), (1, ProgrammeState::Retired));
    }

    #[test]
    fn what_cannot_stand_is_told_at_its_place() {
        for (row, expected) in [
            (BASIC.replace("BPSDM", "LAIN"), "/rows/2/partner_code NOT_FOUND"),
            (BASIC.replace("KL03", "KL99"), "/rows/2/form NOT_FOUND"),
            (BASIC.replace("luring", "surat"), "/rows/2/mode NOT_ALLOWED_VALUE"),
            (BASIC.replace("Ahli Muda", "Raja"), "/rows/2/audience_job_classes NOT_ALLOWED_VALUE"),
            (BASIC.replace("|Ahli Muda", "|Pengawas"), "/rows/2/audience_job_classes DUPLICATE"),
            (BASIC.replace(";40;", ";0;"), "/rows/2/jp OUT_OF_RANGE"),
            (BASIC.replace("terbit", "hilang"), "/rows/2/state NOT_ALLOWED_VALUE"),
            (NEXT.to_owned(), "/rows/2/prerequisite_programmes NOT_FOUND"),
            (NEXT.replace(";A\n", ";B\n"), "/rows/2/prerequisite_programmes CYCLE"),
        ] {
            let plan = planned(&stored(), &row);
            assert_eq!((found(&plan.findings), plan.created), (vec![expected.to_owned()], 0), "{row}");
        }
    }
}
