//! Training that was held and recorded elsewhere.

use std::collections::{BTreeMap, BTreeSet};

use access::Pass;
use chrono::{DateTime, NaiveDate, Utc};
use development::{JpEntry, JpSource, JpSum, LearnedKey, TrainingRecord, TrainingRecordDraft};
use kernel::{EmployeeId, Name, Nip, TrainingRecordId, UserId, Violation, ViolationCode};
use store::{StoreError, Tx};

use crate::app::imports::ceilings::Ceilings;
use crate::app::imports::forms::Forms;
use crate::app::imports::learned::{Learners, refuse_all};
use crate::app::imports::plan::{Against, Kind, Plan, ROWS_AT_ONCE, beside, in_parts, refused};
use crate::app::imports::progress::Progress;
use crate::app::imports::run::Failure;
use crate::messages::Advice;
use crate::sheets::{Reading, TrainingRecordRow};

#[derive(Debug, Default)]
pub(super) struct Writes {
    records: Vec<TrainingRecord>,
    /// Records that get what was missing in them.
    completed: Vec<TrainingRecord>,
    credits: Vec<JpEntry>,
}

/// What records are compared with.
#[derive(Debug)]
pub(super) struct Stored {
    learners: Learners,
    /// Those of the people of the part that is looked at.
    records: BTreeMap<(EmployeeId, LearnedKey), TrainingRecord>,
    forms: Forms,
    ceilings: Ceilings,
    /// Who the importer is.
    oneself: BTreeSet<EmployeeId>,
    user: Option<UserId>,
    today: NaiveDate,
    now: DateTime<Utc>,
}

impl Kind for TrainingRecordRow {
    const AT_ONCE: usize = ROWS_AT_ONCE;

    type Ground = Stored;

    type Writes = Writes;

    async fn lock(tx: &Tx<'_>, pass: &Pass, rows: &[(u32, Self)]) -> Result<(), StoreError> {
        // Who holds somebody holds their ledger.
        let mut nips: Vec<&Nip> = rows.iter().map(|(_, row)| &row.nip).collect();
        nips.sort_unstable();
        nips.dedup();
        tx.employees_lock(pass, &nips).await
    }

    async fn ground(against: &Against<'_>) -> Result<Stored, StoreError> {
        Ok(Stored {
            learners: Learners::default(),
            records: BTreeMap::new(),
            forms: Forms::read(against).await?,
            ceilings: Ceilings::read(against).await?,
            oneself: against.oneself.iter().copied().collect(),
            user: against.user,
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
        let records = against.reader.training_records_of(&people).await?;
        stored.records =
            records.into_iter().map(|record| ((record.employee, record.said.key()), record)).collect();
        let mut nobody = Plan::<()>::default();
        let earned = reading.rows.iter().filter(|(_, row)| row.jp.is_some()).filter_map(|(number, row)| {
            Some((stored.learners.person(&mut nobody, *number, &row.nip)?, row.ended_on))
        });
        let earned: Vec<_> = earned.collect();
        stored.ceilings.look_up(against, earned.into_iter()).await?;
        Ok(plan(stored, reading))
    }

    async fn write(
        tx: &Tx<'_>,
        pass: &Pass,
        _against: &Against<'_>,
        writes: &Writes,
        progress: &Progress,
    ) -> Result<(), Failure> {
        let insert = async |some: &[TrainingRecord]| {
            tx.training_records_insert(pass, some).await?;
            tx.training_certificates_use(pass, some).await
        };
        in_parts(&writes.records, progress, insert).await?;
        let complete = async |some: &[TrainingRecord]| tx.training_records_complete(pass, some).await;
        in_parts(&writes.completed, progress, complete).await?;
        beside(&writes.credits, progress, async |some| tx.jp_credits_insert(pass, some).await).await
    }
}

/// Each row is a record of its own, known by its certificate, or where it names none by what was learned when. It was
/// verified where it comes from, so its hours are in the ledger at once. What is in a ledger is never changed: the same again
/// changes nothing, and what differs is refused, but for hours that were not known and for who held it.
fn plan(stored: &mut Stored, reading: &Reading<TrainingRecordRow>) -> Plan<Writes> {
    let mut plan = Plan::<Writes>::default();
    for (number, row) in &reading.rows {
        plan_one(stored, &mut plan, *number, row);
    }
    plan
}

fn plan_one(stored: &mut Stored, plan: &mut Plan<Writes>, number: u32, row: &TrainingRecordRow) {
    let employee = stored.learners.person(plan, number, &row.nip);
    let certificate = employee.zip(row.certificate.as_ref());
    let certificate =
        certificate.and_then(|(one, cells)| stored.learners.certificate(one, cells, row.ended_on));
    let key = LearnedKey::of(certificate.as_ref(), &row.title, (row.started_on, row.ended_on));
    let before = employee.and_then(|one| stored.records.get(&(one, key.clone())));
    let known = before.map(|record| &record.said.form);
    // The hours are stated, so that only the name of the form is asked for: as it is today.
    let form = stored.forms.named(plan, number, &row.form, stored.today, known);
    let (Some(employee), Some(form)) = (employee, form) else { return };
    let said = TrainingRecordDraft {
        title: row.title.clone(),
        provider: row.provider.clone(),
        form,
        started_on: row.started_on,
        ended_on: row.ended_on,
        jp: row.jp,
        certificate,
        document: row.document.clone(),
    };
    match before.cloned() {
        Some(before) => again(stored, plan, number, before, said),
        None => add(stored, plan, number, employee, said),
    }
}

/// A record that is there.
fn again(
    stored: &mut Stored,
    plan: &mut Plan<Writes>,
    number: u32,
    before: TrainingRecord,
    said: TrainingRecordDraft,
) {
    if let Some((column, seen)) = differs(&before.said, &said) {
        plan.refuse_with(number, column, ViolationCode::Immutable, seen, Advice::LedgerStands);
        return;
    }
    let mut after = before.clone();
    after.said.provider = said.provider.or(after.said.provider);
    after.said.document = said.document.or(after.said.document);
    after.said.jp = after.said.jp.or(said.jp);
    if plan.stands(after == before, 1) {
        return;
    }
    let adds_hours = before.said.jp.is_none();
    if adds_hours && !may_credit(stored, plan, number, &after) {
        return;
    }
    plan.updated += 1;
    if adds_hours {
        credit(stored, plan, &after);
    }
    plan.writes.completed.push(after);
}

/// What of a record stands in the ledger and is said otherwise now: the column, and what is in it.
fn differs(before: &TrainingRecordDraft, now: &TrainingRecordDraft) -> Option<(&'static str, String)> {
    let valid_until = |said: &TrainingRecordDraft| said.certificate.as_ref().and_then(|one| one.valid_until);
    let hours = before.jp.zip(now.jp).filter(|(before, now)| before != now);
    let lapses = valid_until(now).filter(|last| valid_until(before) != Some(*last));
    let small = |title: &Name| title.as_str().to_lowercase();
    [
        (small(&before.title) != small(&now.title)).then(|| ("title", now.title.to_string())),
        (before.form != now.form).then(|| ("form", now.form.to_string())),
        (before.started_on != now.started_on).then(|| ("started_on", now.started_on.to_string())),
        (before.ended_on != now.ended_on).then(|| ("ended_on", now.ended_on.to_string())),
        hours.map(|(_, now)| ("jp", now.to_string())),
        lapses.map(|last| ("certificate_valid_until", last.to_string())),
    ]
    .into_iter()
    .flatten()
    .next()
}

/// A record that is new.
fn add(
    stored: &mut Stored,
    plan: &mut Plan<Writes>,
    number: u32,
    employee: EmployeeId,
    said: TrainingRecordDraft,
) {
    if let Some(certificate) = &said.certificate
        && let Some(other) = stored.learners.in_use(employee, certificate)
    {
        // What was learned here and came back from another system's history is on record.
        let credited = other.source != JpSource::TrainingRecord && other.credited > JpSum::ZERO;
        let agrees = said.jp.is_none_or(|jp| JpSum::from(jp) == other.credited);
        if !plan.stands(credited && agrees, 1) {
            Learners::refuse_used(plan, number, &certificate.number);
        }
        return;
    }
    if !stored.learners.claim(plan, number, employee, said.key(), &said.title) {
        return;
    }
    let in_conflict = stored.oneself.contains(&employee);
    if in_conflict {
        let pointer = crate::sheets::cell_pointer(number, "nip");
        plan.findings.push(Violation::new(pointer, ViolationCode::ConflictOfInterest));
    }
    if let Err(found) = said.check(stored.today) {
        refuse_all(plan, number, found);
        return;
    }
    let record = TrainingRecord { id: TrainingRecordId::new(), employee, said };
    if !may_credit(stored, plan, number, &record) || in_conflict {
        return;
    }
    plan.created += 1;
    credit(stored, plan, &record);
    plan.writes.records.push(record);
}

/// Whether no ceiling stops a record's hours; noted when one does.
fn may_credit(stored: &Stored, plan: &mut Plan<Writes>, number: u32, record: &TrainingRecord) -> bool {
    let Some(jp) = record.said.jp else { return true };
    let Err(most) = stored.ceilings.admits(record.employee, record.said.ended_on, jp) else { return true };
    let refused = refused(number, "jp", ViolationCode::OutOfRange, jp).with("min", 0).with("max", most);
    plan.findings.push(refused.with(Advice::ARGUMENT, Advice::CeilingStops));
    false
}

fn credit(stored: &mut Stored, plan: &mut Plan<Writes>, record: &TrainingRecord) {
    if let Some(entry) = record.credit(stored.user, stored.now) {
        stored.ceilings.plan(&entry);
        plan.writes.credits.push(entry);
    }
}

#[cfg(test)]
mod tests {
    use competency::PolicyVersion;
    use development::{JpEnforcement, JpEntryBasis, ServiceSpell, jp_target_policy};
    use kernel::{AgencyId, Code, LongText, NATIONAL, PolicyId};
    use store::{CertificateInUse, JpLedgerRows};
    use uuid::Uuid;
    use workforce::EmployeeStatus;

    use super::*;
    use crate::app::imports::testing::{found, read, today};

    const NIP: &str = "199305172019031005";
    const HEADER: &str =
        "nip;title;form;started_on;ended_on;jp;certificate_number;certificate_issued_on;provider\n";

    fn stored(uses: Vec<CertificateInUse>) -> (Stored, EmployeeId) {
        let (agency, employee) = (AgencyId::new(), EmployeeId::new());
        let uses = uses.into_iter().map(|one| CertificateInUse { employee, ..one }).collect();
        let stored = Stored {
            learners: Learners::of(NIP, employee, uses),
            records: BTreeMap::new(),
            forms: Forms::shipped(agency),
            ceilings: Ceilings::of(agency, today(), Vec::new()),
            oneself: BTreeSet::new(),
            user: None,
            today: today(),
            now: DateTime::UNIX_EPOCH,
        };
        (stored, employee)
    }

    fn planned(stored: &mut Stored, rows: &[&str]) -> Plan<Writes> {
        let rows: String = rows.iter().map(|row| format!("{NIP};{row}\n")).collect();
        plan(stored, &read(&format!("{HEADER}{rows}")))
    }

    /// The same with what `rows` added, as a later file finds it.
    fn after(rows: &[&str]) -> Stored {
        let (mut stored, employee) = stored(Vec::new());
        let records = planned(&mut stored, rows).writes.records;
        let uses = records.iter().filter_map(|record| {
            let certificate = record.said.certificate.as_ref()?;
            Some(CertificateInUse {
                employee,
                key: certificate.key().unwrap(),
                issued_on: certificate.issued_on,
                source: JpSource::TrainingRecord,
                source_id: record.id.uuid(),
                credited: record.said.jp.map(JpSum::from).unwrap_or_default(),
            })
        });
        let learners = Learners::of(NIP, employee, uses.collect());
        let records = records.into_iter().map(|one| ((employee, one.said.key()), one)).collect();
        Stored { learners, records, ..stored }
    }

    const COURSE: &str = "Kursus Bendahara;KL08;2021-05-03;2021-05-07;32;800/12-A;2021-05-10;BPSDM";
    const BARE: &str = "Seminar Nasional;9;2020-12-31;2020-12-31;4;;;";

    #[test]
    fn hours_are_credited_on_the_last_day_with_source_and_form() {
        let (mut stored, employee) = stored(Vec::new());
        let plan = planned(&mut stored, &[COURSE, BARE, "Tanpa Jam;Kursus;2020-01-01;;0;-;;"]);
        assert_eq!((plan.created, found(&plan.findings)), (3, vec![]));
        let told = plan.writes.credits.iter().map(|entry| {
            let form = entry.form.as_ref().unwrap().to_string();
            (entry.earned_on.to_string(), entry.jp.count(), entry.basis, form)
        });
        let told: Vec<_> = told.collect();
        assert_eq!(
            told,
            [
                ("2021-05-07".to_owned(), 3_200, JpEntryBasis::Certificate, "KL08".to_owned()),
                ("2020-12-31".to_owned(), 400, JpEntryBasis::Record, "KL06".to_owned()),
            ]
        );
        let silent = &plan.writes.records[2].said;
        assert_eq!((silent.jp, &silent.certificate, silent.ended_on), (None, &None, silent.started_on));
        assert!(plan.writes.credits.iter().all(|entry| entry.employee == employee));
    }

    #[test]
    fn the_same_again_changes_nothing_however_it_is_written() {
        let mut stored = after(&[COURSE, BARE]);
        let other = "Kursus Bendahara;Kursus;03-05-2021;07-05-2021;32,00;800 / 12 a;;";
        for rows in [[COURSE, BARE], [other, "seminar nasional;KL06;2020-12-31;;;;;"]] {
            let plan = planned(&mut stored, &rows);
            assert_eq!((plan.unchanged, plan.updated, found(&plan.findings)), (2, 0, vec![]), "{rows:?}");
        }
    }

    #[test]
    fn what_is_in_the_ledger_is_not_overwritten_and_what_was_missing_is_added() {
        let change = |from: &str, to: &str| {
            let plan = planned(&mut after(&[COURSE]), &[&COURSE.replace(from, to)]);
            (found(&plan.findings), plan.updated, plan.writes.credits.len())
        };
        for (from, to, column) in [
            (";32;", ";40;", "jp"),
            ("KL08", "KL03", "form"),
            ("2021-05-07", "2021-05-08", "ended_on"),
            ("2021-05-03", "2021-05-04", "started_on"),
            ("Bendahara", "Bendaharawan", "title"),
        ] {
            assert_eq!(change(from, to), (vec![format!("/rows/2/{column} IMMUTABLE")], 0, 0), "{to}");
        }
        assert_eq!(change("BPSDM", "LAN"), (vec![], 1, 0));
        let silent = COURSE.replace(";32;", ";;");
        let plan = planned(&mut after(&[&silent]), &[COURSE]);
        assert_eq!((plan.updated, plan.writes.credits.len(), plan.writes.completed.len()), (1, 1, 1));
        let plan = planned(&mut after(&[COURSE]), &[&silent]);
        assert_eq!((plan.unchanged, found(&plan.findings)), (1, vec![]));
    }

    fn used(source: JpSource, credited: i64) -> CertificateInUse {
        CertificateInUse {
            employee: EmployeeId::new(),
            key: "80012A".to_owned(),
            issued_on: NaiveDate::from_ymd_opt(2021, 5, 10).unwrap(),
            source,
            source_id: Uuid::nil(),
            credited: JpSum::from_count(credited),
        }
    }

    #[test]
    fn a_certificate_that_was_credited_here_is_on_record_and_one_that_waits_is_refused() {
        let told = |uses, row: &str| {
            let plan = planned(&mut stored(uses).0, &[row]);
            (plan.created, plan.unchanged, found(&plan.findings))
        };
        let taken = || vec!["/rows/2/certificate_number TAKEN".to_owned()];
        assert_eq!(told(vec![used(JpSource::Completion, 3_200)], COURSE), (0, 1, vec![]));
        // SIASN says no day of the certificate.
        let undated = COURSE.replace("2021-05-10", "");
        assert_eq!(told(vec![used(JpSource::Completion, 3_200)], &undated), (0, 1, vec![]));
        assert_eq!(told(vec![used(JpSource::Completion, 2_000)], COURSE), (0, 0, taken()));
        assert_eq!(told(vec![used(JpSource::OwnLearning, 0)], COURSE), (0, 0, taken()));
        let another_day = COURSE.replace("2021-05-10", "2021-05-11");
        assert_eq!(told(vec![used(JpSource::Completion, 3_200)], &another_day), (1, 0, vec![]));
    }

    #[test]
    fn what_cannot_stand_is_told_at_its_place() {
        for (row, expected) in [
            ("X;KL99;2021-05-03;;4;;;", vec!["/rows/2/form NOT_FOUND"]),
            ("X;KL08;2021-05-03;2021-05-02;4;;;", vec!["/rows/2/ended_on PERIOD_REVERSED"]),
            ("X;KL08;2026-07-02;;4;;;", vec!["/rows/2/ended_on IN_FUTURE"]),
            ("X;KL08;2021-05-03;;2000.01;;;", vec!["/rows/2/jp OUT_OF_RANGE"]),
            ("X;KL08;2021-05-03;;4;1;2021-05-02;", vec!["/rows/2/certificate_issued_on INCONSISTENT"]),
            ("X;KL08;2021-05-03;;4;;2021-05-02;", vec!["/rows/2/certificate_number REQUIRED"]),
        ] {
            let rows = format!("{HEADER}{NIP};{row}\n");
            let reading = read(&rows);
            let plan = plan(&mut stored(Vec::new()).0, &reading);
            let findings = reading.findings.join(plan.findings);
            assert_eq!(
                (found(&findings), plan.created),
                (expected.iter().map(ToString::to_string).collect(), 0)
            );
        }
        let stranger = format!("{HEADER}199608092022032006;X;KL08;2021-05-03;;4;;;\n");
        let plan = plan(&mut stored(Vec::new()).0, &read(&stranger));
        assert_eq!(found(&plan.findings), ["/rows/2/nip NOT_FOUND"]);
    }

    #[test]
    fn a_file_says_a_thing_once_and_nobody_decides_on_themself() {
        let undated = COURSE.replace("2021-05-10", "").replace("800/12-A", "800-12-A");
        let plan = planned(&mut stored(Vec::new()).0, &[COURSE, &undated]);
        assert_eq!(
            (plan.created, found(&plan.findings)),
            (1, vec!["/rows/3/certificate_number DUPLICATE".to_owned()])
        );
        let (mut stored, employee) = stored(Vec::new());
        stored.oneself.insert(employee);
        let plan = planned(&mut stored, &[COURSE]);
        assert_eq!(
            (plan.created, found(&plan.findings)),
            (0, vec!["/rows/2/nip CONFLICT_OF_INTEREST".to_owned()])
        );
    }

    #[test]
    fn a_ceiling_that_stops_counts_what_the_file_adds_over_a_year_boundary() {
        for (enforcement, expected) in
            [(JpEnforcement::Stop, vec!["/rows/4/jp OUT_OF_RANGE".to_owned()]), (JpEnforcement::Warn, vec![])]
        {
            let (mut stored, employee) = stored(Vec::new());
            let shipped = jp_target_policy();
            let mut rubric = shipped.rubric;
            rubric
                .rules
                .iter_mut()
                .filter(|rule| rule.bound == development::JpBound::AtMost)
                .for_each(|rule| rule.enforcement = enforcement);
            let version = PolicyVersion {
                id: PolicyId::new(),
                agency: NATIONAL,
                name: Code::stored(shipped.name.to_owned()),
                number: 1,
                valid_from: competency::reference::policies_valid_from(),
                recorded_at: DateTime::UNIX_EPOCH,
                source: LongText::stored("x".to_owned()),
                rubric,
            };
            let rows = || JpLedgerRows {
                spells: vec![ServiceSpell {
                    status: EmployeeStatus::Pppk,
                    appointed_on: NaiveDate::from_ymd_opt(2023, 7, 1),
                    last: None,
                }],
                job_class: None,
                entries: Vec::new(),
            };
            stored.ceilings = Ceilings::of(AgencyId::new(), today(), vec![version])
                .with(employee, 2023, rows())
                .with(employee, 2024, rows());
            // Twenty-four hours a contract year: July to June.
            let plan = planned(
                &mut stored,
                &[
                    "A;KL08;2023-12-31;;14;;;",
                    "B;KL08;2024-01-01;;10;;;",
                    "C;KL08;2024-06-30;;0,01;;;",
                    "D;KL08;2024-07-01;;24;;;",
                ],
            );
            assert_eq!(found(&plan.findings), expected);
            let hours: Vec<_> = plan.writes.credits.iter().map(|entry| entry.jp.count()).collect();
            let all = [1_400, 1_000, 1, 2_400];
            let some: Vec<_> = all.into_iter().filter(|jp| expected.is_empty() || *jp != 1).collect();
            assert_eq!(hours, some);
        }
    }
}
