//! Learning that people log themselves.

use std::collections::BTreeMap;

use access::Pass;
use chrono::{DateTime, NaiveDate, Utc};
use development::{LearnedKey, OwnLearning, OwnLearningAction, OwnLearningDraft, OwnLearningState};
use kernel::{EmployeeId, Nip, OwnLearningId, ViolationCode};
use store::{StoreError, Tx};

use crate::app::imports::forms::Forms;
use crate::app::imports::learned::{Learners, refuse_all};
use crate::app::imports::plan::{Against, Kind, Plan, ROWS_AT_ONCE, in_parts};
use crate::app::imports::progress::Progress;
use crate::app::imports::run::Failure;
use crate::messages::Advice;
use crate::sheets::{OwnLearningRow, Reading};

#[derive(Debug, Default)]
pub(super) struct Writes {
    submitted: Vec<OwnLearning>,
    edited: Vec<OwnLearning>,
}

/// What rows are compared with.
#[derive(Debug)]
pub(super) struct Stored {
    learners: Learners,
    /// What the people of the part that is looked at logged, in whatever state.
    logged: BTreeMap<(EmployeeId, LearnedKey), Vec<OwnLearning>>,
    forms: Forms,
    today: NaiveDate,
    now: DateTime<Utc>,
}

impl Kind for OwnLearningRow {
    const AT_ONCE: usize = ROWS_AT_ONCE;

    type Ground = Stored;

    type Writes = Writes;

    async fn lock(tx: &Tx<'_>, pass: &Pass, rows: &[(u32, Self)]) -> Result<(), StoreError> {
        let mut nips: Vec<&Nip> = rows.iter().map(|(_, row)| &row.nip).collect();
        nips.sort_unstable();
        nips.dedup();
        tx.employees_lock(pass, &nips).await
    }

    async fn ground(against: &Against<'_>) -> Result<Stored, StoreError> {
        Ok(Stored {
            learners: Learners::default(),
            logged: BTreeMap::new(),
            forms: Forms::read(against).await?,
            today: against.today,
            now: against.now,
        })
    }

    async fn plan(
        against: &Against<'_>,
        stored: &mut Stored,
        reading: &Reading<Self>,
    ) -> Result<Plan<Writes>, StoreError> {
        let named = reading.rows.iter().map(|(_, row)| (&row.nip, row.certificate.as_ref()));
        let people = stored.learners.look_up(against.reader, named).await?;
        stored.logged.clear();
        for own in against.reader.own_learnings_of(&people).await? {
            stored.logged.entry((own.employee, own.said.key())).or_default().push(own);
        }
        Ok(plan(stored, reading))
    }

    async fn write(
        tx: &Tx<'_>,
        pass: &Pass,
        _against: &Against<'_>,
        writes: &Writes,
        progress: &Progress,
    ) -> Result<(), Failure> {
        // What is said anew first: it may let go of a certificate.
        let edit = async |some: &[OwnLearning]| {
            for own in some {
                tx.own_learning_update(pass, own).await?;
            }
            Ok(())
        };
        in_parts(&writes.edited, progress, edit).await?;
        in_parts(&writes.submitted, progress, async |some| tx.own_learnings_insert(pass, some).await).await
    }
}

/// Each row is a record of its own, known by its certificate, or where it names none by what was learned when. It waits to be
/// verified like one that was logged one by one; what was verified stands.
fn plan(stored: &mut Stored, reading: &Reading<OwnLearningRow>) -> Plan<Writes> {
    let mut plan = Plan::<Writes>::default();
    for (number, row) in &reading.rows {
        plan_one(stored, &mut plan, *number, row);
    }
    plan
}

fn plan_one(stored: &mut Stored, plan: &mut Plan<Writes>, number: u32, row: &OwnLearningRow) {
    let employee = stored.learners.person(plan, number, &row.nip);
    let certificate = employee.zip(row.certificate.as_ref());
    let certificate =
        certificate.and_then(|(one, cells)| stored.learners.certificate(one, cells, row.ended_on));
    let key = LearnedKey::of(certificate.as_ref(), &row.title, (row.started_on, row.ended_on));
    let before = employee.and_then(|one| stored.logged.get(&(one, key)));
    let before: Vec<OwnLearning> = before.cloned().unwrap_or_default();
    let known = before.first().map(|own| &own.said.form);
    let form = stored.forms.named(plan, number, &row.form, row.ended_on, known);
    let (Some(employee), Some(form)) = (employee, form) else { return };
    let said = OwnLearningDraft {
        title: row.title.clone(),
        provider: row.provider.clone(),
        form,
        started_on: row.started_on,
        ended_on: row.ended_on,
        units: row.units.clone().unwrap_or_default(),
        international: row.international.unwrap_or(false),
        certificate_jp: row.certificate_jp,
        certificate,
        document: row.document.clone(),
        note: row.note.clone(),
    };
    let on_record = before.iter().any(|own| filled(said.clone(), row, &own.said) == own.said);
    if plan.stands(on_record, 1) {
        return;
    }
    let live = before.into_iter().find(|own| own.state != OwnLearningState::Withdrawn);
    let said = match &live {
        Some(own) => filled(said, row, &own.said),
        None => said,
    };
    if let Some(own) = &live
        && own.require(OwnLearningAction::Edit).is_err()
    {
        let column = differs(&own.said, &said);
        plan.refuse_with(number, column, ViolationCode::Immutable, &said.title, Advice::LedgerStands);
        return;
    }
    if let Some(certificate) = &said.certificate {
        let used = stored.learners.in_use(employee, certificate);
        let itself = live.as_ref().map(|own| own.id.uuid());
        if used.is_some_and(|other| Some(other.source_id) != itself) {
            Learners::refuse_used(plan, number, &certificate.number);
            return;
        }
    }
    if !stored.learners.claim(plan, number, employee, said.key(), &said.title) {
        return;
    }
    if let Err(found) = said.check(stored.today) {
        refuse_all(plan, number, found);
        return;
    }
    match live {
        Some(own) => {
            plan.updated += 1;
            plan.writes.edited.push(own.edit(said, stored.now));
        }
        None => {
            let own = OwnLearning::submit(OwnLearningId::new(), employee, said, stored.today, stored.now);
            match own {
                Ok(own) => {
                    plan.created += 1;
                    plan.writes.submitted.push(own);
                }
                Err(found) => refuse_all(plan, number, found),
            }
        }
    }
}

/// What a row says, where it is blank with what is on record.
fn filled(said: OwnLearningDraft, row: &OwnLearningRow, before: &OwnLearningDraft) -> OwnLearningDraft {
    let certificate = said.certificate.map(|mut now| {
        if let Some(before) = &before.certificate {
            now.valid_until = now.valid_until.or(before.valid_until);
            // One number may be written in several ways.
            if now.key() == before.key() {
                now.number = before.number.clone();
            }
        }
        now
    });
    let title_stands = said.title.as_str().to_lowercase() == before.title.as_str().to_lowercase();
    OwnLearningDraft {
        title: if title_stands { before.title.clone() } else { said.title },
        provider: said.provider.or_else(|| before.provider.clone()),
        units: row.units.clone().unwrap_or_else(|| before.units.clone()),
        international: row.international.unwrap_or(before.international),
        certificate_jp: said.certificate_jp.or(before.certificate_jp),
        note: said.note.or_else(|| before.note.clone()),
        certificate,
        ..said
    }
}

/// The first column in which what is said now is not what is on record.
fn differs(before: &OwnLearningDraft, now: &OwnLearningDraft) -> &'static str {
    let columns = [
        ("title", before.title != now.title),
        ("provider", before.provider != now.provider),
        ("form", before.form != now.form),
        ("started_on", before.started_on != now.started_on),
        ("ended_on", before.ended_on != now.ended_on),
        ("units", before.units != now.units),
        ("international", before.international != now.international),
        ("certificate_jp", before.certificate_jp != now.certificate_jp),
        ("certificate_valid_until", before.certificate != now.certificate),
        ("document", before.document != now.document),
    ];
    columns.into_iter().find(|(_, differs)| *differs).map_or("note", |(column, _)| column)
}

#[cfg(test)]
mod tests {
    use development::JpSource;
    use development::JpSum;
    use kernel::{AgencyId, UserId};
    use store::CertificateInUse;

    use super::*;
    use crate::app::imports::testing::{found, read, today};

    const NIP: &str = "199305172019031005";
    const HEADER: &str = "nip;title;form;started_on;ended_on;units;certificate_jp;certificate_number;\
        certificate_issued_on;document;note\n";
    const COURSE: &str = "Analisis Data;NKL03;2026-03-02;2026-03-06;;12;B/1;2026-03-06;berkas/1;";
    const BARE: &str = "Coaching;NKL01;2026-03-02;2026-03-06;2026-03-02|2026-03-06;;;;berkas/2;Catatan";

    fn stored() -> (Stored, EmployeeId) {
        let (agency, employee) = (AgencyId::new(), EmployeeId::new());
        let stored = Stored {
            learners: Learners::of(NIP, employee, Vec::new()),
            logged: BTreeMap::new(),
            forms: Forms::shipped(agency),
            today: today(),
            now: DateTime::UNIX_EPOCH,
        };
        (stored, employee)
    }

    fn planned(stored: &mut Stored, rows: &[&str]) -> Plan<Writes> {
        let rows: String = rows.iter().map(|row| format!("{NIP};{row}\n")).collect();
        let reading = read(&format!("{HEADER}{rows}"));
        let mut plan = plan(stored, &reading);
        plan.findings = reading.findings.join(plan.findings);
        plan
    }

    /// The same with what `row` logged, once `decide` was done with it.
    fn after(row: &str, decide: fn(OwnLearning) -> OwnLearning) -> Stored {
        let (mut stored, employee) = stored();
        let own = decide(planned(&mut stored, &[row]).writes.submitted.remove(0));
        let uses = matches!(own.state, OwnLearningState::Submitted | OwnLearningState::Verified);
        let certificate = own.said.certificate.as_ref().filter(|_| uses).map(|one| CertificateInUse {
            employee,
            key: one.key().unwrap(),
            issued_on: one.issued_on,
            source: JpSource::OwnLearning,
            source_id: own.id.uuid(),
            credited: JpSum::ZERO,
        });
        let learners = Learners::of(NIP, employee, certificate.into_iter().collect());
        let logged = [((employee, own.said.key()), vec![own])].into();
        Stored { learners, logged, ..stored }
    }

    fn verified(own: OwnLearning) -> OwnLearning {
        own.verify(UserId::new(), DateTime::UNIX_EPOCH).unwrap()
    }

    fn refused(own: OwnLearning) -> OwnLearning {
        let reason = kernel::LongText::parse("Tidak terbaca").unwrap();
        own.refuse(reason, UserId::new(), DateTime::UNIX_EPOCH).unwrap()
    }

    fn withdrawn(own: OwnLearning) -> OwnLearning {
        own.withdraw().unwrap()
    }

    #[test]
    fn what_is_logged_waits_and_a_second_time_changes_nothing_in_any_state() {
        let plan = planned(&mut stored().0, &[COURSE, BARE]);
        assert_eq!((plan.created, found(&plan.findings)), (2, vec![]));
        assert!(plan.writes.submitted.iter().all(|own| own.state == OwnLearningState::Submitted));
        assert_eq!(plan.writes.submitted[1].said.units.len(), 2);
        for decide in [|own| own, verified, refused, withdrawn] {
            for row in [COURSE, BARE] {
                for again in [row.to_owned(), row.replace("B/1", "b 1"), row.replace("Catatan", "")] {
                    let plan = planned(&mut after(row, decide), &[&again]);
                    let told = (plan.unchanged, plan.created, found(&plan.findings));
                    assert_eq!(told, (1, 0, vec![]), "{again}");
                }
            }
        }
    }

    #[test]
    fn what_waits_or_was_refused_is_mended_and_what_was_verified_stands() {
        let other = COURSE.replace(";12;", ";14;");
        for decide in [|own| own, refused] {
            let plan = planned(&mut after(COURSE, decide), &[&other]);
            assert_eq!((plan.updated, found(&plan.findings)), (1, vec![]));
            assert_eq!(plan.writes.edited[0].state, OwnLearningState::Submitted);
        }
        let plan = planned(&mut after(COURSE, verified), &[&other]);
        assert_eq!(
            (plan.updated, found(&plan.findings)),
            (0, vec!["/rows/2/certificate_jp IMMUTABLE".to_owned()])
        );
        let plan = planned(&mut after(COURSE, withdrawn), &[&other]);
        assert_eq!((plan.created, found(&plan.findings)), (1, vec![]));
    }

    #[test]
    fn a_certificate_is_used_once_across_sources_and_within_a_file() {
        let (mut stored, employee) = stored();
        let other = CertificateInUse {
            employee,
            key: "B1".to_owned(),
            issued_on: NaiveDate::from_ymd_opt(2026, 3, 6).unwrap(),
            source: JpSource::TrainingRecord,
            source_id: uuid::Uuid::nil(),
            credited: JpSum::from_count(1_200),
        };
        stored.learners = Learners::of(NIP, employee, vec![other]);
        let plan = planned(&mut stored, &[COURSE]);
        assert_eq!(
            (plan.created, found(&plan.findings)),
            (0, vec!["/rows/2/certificate_number TAKEN".to_owned()])
        );
        let plan = planned(&mut self::stored().0, &[COURSE, &COURSE.replace("B/1", "b-1"), BARE, BARE]);
        assert_eq!(found(&plan.findings), ["/rows/3/nip DUPLICATE", "/rows/5/nip DUPLICATE"]);
    }

    #[test]
    fn what_cannot_stand_is_told_at_its_place() {
        for (row, expected) in [
            (COURSE.replace("NKL03", "NKL99"), "/rows/2/form NOT_FOUND"),
            (COURSE.replace("2026-03-06;;12", "2026-03-01;;12"), "/rows/2/ended_on PERIOD_REVERSED"),
            (COURSE.replace("2026-03-06;;12", "2026-07-02;;12"), "/rows/2/ended_on IN_FUTURE"),
            (COURSE.replace(";B/1;2026-03-06;", ";B/1;;"), "/rows/2/certificate_issued_on REQUIRED"),
            (COURSE.replace(";B/1;2026-03-06;", ";;;"), "/rows/2/certificate_number REQUIRED"),
            (COURSE.replace(";12;", ";;"), "/rows/2/units REQUIRED"),
            (COURSE.replace("B/1", "-"), "/rows/2/certificate_number INVALID_FORMAT"),
            (BARE.replace("|2026-03-06", "|2026-03-07"), "/rows/2/units INCONSISTENT"),
            (BARE.replace("|2026-03-06", "|besok"), "/rows/2/units INVALID_DATE"),
            (BARE.replace("berkas/2", ""), "/rows/2/document REQUIRED"),
        ] {
            let plan = planned(&mut stored().0, &[&row]);
            assert_eq!((found(&plan.findings), plan.created), (vec![expected.to_owned()], 0), "{row}");
        }
    }
}
