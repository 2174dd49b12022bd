//! Results of assessments that were held and signed elsewhere.

use std::collections::{BTreeMap, BTreeSet};

use access::Pass;
use chrono::{DateTime, NaiveDate, Utc};
use competency::{
    AssessmentEvent, AssessmentResult, EventState, Method, PolicyVersion, Purpose, ValidityRubric, policy_on,
    reference,
};
use kernel::{
    AgencyId, AssessmentEventId, AssessmentResultId, Code, CompetencyId, EmployeeId, Level, Name, Nip,
    UserId, Version, ViolationCode,
};
use store::{DictionaryInUse, StoreError, Tx};

use crate::app::assessments::off_limits;
use crate::app::imports::drafts::codes;
use crate::app::imports::plan::{Against, Kind, Plan, ROWS_AT_ONCE, beside, in_parts, refused};
use crate::app::imports::progress::Progress;
use crate::app::imports::references::competency;
use crate::app::imports::run::Failure;
use crate::messages::Advice;
use crate::sheets::{AssessmentRow, Reading};

#[derive(Debug, Default)]
pub(super) struct Writes {
    events: Vec<AssessmentEvent>,
    results: Vec<AssessmentResult>,
}

/// What tells one final result of somebody from another.
type Finding = (EmployeeId, CompetencyId, NaiveDate, Purpose, Method);

/// What tells one assessment event from another.
type Occasion = (Purpose, Method, Name, NaiveDate, Option<Name>);

/// What results are compared with.
#[derive(Debug)]
pub(super) struct Stored {
    /// Those of the part that is looked at.
    people: BTreeMap<Nip, EmployeeId>,
    /// Whom the importer may not assess.
    off_limits: BTreeSet<EmployeeId>,
    dictionaries: BTreeMap<Code, DictionaryInUse>,
    /// Codes of dictionaries that were looked for, found or not.
    asked: BTreeSet<Code>,
    /// Those of the part that is looked at.
    results: BTreeMap<Finding, BTreeSet<Level>>,
    /// The events that the parts so far made.
    events: BTreeMap<Occasion, AssessmentEventId>,
    validity: Vec<PolicyVersion<ValidityRubric>>,
    agency: AgencyId,
    /// Who signs off.
    user: Option<UserId>,
    today: NaiveDate,
    now: DateTime<Utc>,
}

impl Kind for AssessmentRow {
    const AT_ONCE: usize = ROWS_AT_ONCE;

    type Ground = Stored;

    type Writes = Writes;

    async fn lock(_tx: &Tx<'_>, _pass: &Pass, _rows: &[(u32, Self)]) -> Result<(), StoreError> {
        // Other imports wait already, and what is signed off stays.
        Ok(())
    }

    async fn ground(against: &Against<'_>) -> Result<Stored, StoreError> {
        let off_limits = match against.user {
            Some(user) => off_limits(against.reader, user, against.today).await?,
            None => BTreeSet::new(),
        };
        Ok(Stored {
            people: BTreeMap::new(),
            off_limits,
            dictionaries: BTreeMap::new(),
            asked: BTreeSet::new(),
            results: BTreeMap::new(),
            events: BTreeMap::new(),
            validity: against.reader.policies_for::<ValidityRubric>().await?,
            agency: against.agency,
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
        let reader = against.reader;
        let mut nips: Vec<&Nip> = reading.rows.iter().map(|(_, row)| &row.nip).collect();
        nips.sort_unstable();
        nips.dedup();
        stored.people = reader.employee_ids(&nips).await?;
        let mut named = codes(reading.rows.iter().map(|(_, row)| &row.dictionary));
        named.retain(|code| !stored.asked.contains(*code));
        if !named.is_empty() {
            stored.dictionaries.extend(reader.dictionaries_in_use(&named).await?);
            stored.asked.extend(named.into_iter().cloned());
        }
        let key = |row: &Self| {
            let employee = stored.people.get(&row.nip)?;
            let dictionary = stored.dictionaries.get(&row.dictionary)?;
            Some((*employee, dictionary.competencies.get(&row.competency_code)?.id, row.assessed_on))
        };
        let keys: Vec<_> = reading.rows.iter().filter_map(|(_, row)| key(row)).collect();
        stored.results.clear();
        for one in reader.final_results(&keys).await? {
            // Two reports of one day may find two levels.
            let key = (one.employee, one.competency, one.assessed_on, one.purpose, one.method);
            stored.results.entry(key).or_default().insert(one.level);
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
        beside(&writes.events, progress, async |some| tx.assessment_events_insert(pass, some).await).await?;
        in_parts(&writes.results, progress, async |some| tx.assessment_results_insert(pass, some).await).await
    }
}

/// Rows of one purpose, method, provider, day and report are one event. It was held and signed outside, so it is signed
/// off at once by whoever imports it. A final result stays as it is: the same level again changes nothing, another one
/// is refused.
fn plan(stored: &mut Stored, reading: &Reading<AssessmentRow>) -> Plan<Writes> {
    let mut plan = Plan::<Writes>::default();
    let mut events = std::mem::take(&mut stored.events);
    for (number, row) in &reading.rows {
        let number = *number;
        let employee = stored.people.get(&row.nip).copied();
        if employee.is_none() {
            plan.refuse(number, "nip", ViolationCode::NotFound, row.nip.as_str());
        }
        let found =
            competency(&mut plan, &stored.dictionaries, number, &row.dictionary, &row.competency_code);
        let purposes = Purpose::ALL.map(Purpose::as_str);
        let purpose = plan.named(number, "purpose", &row.purpose, Purpose::read, purposes);
        let methods = Method::ALL.map(Method::as_str);
        let method = plan.named(number, "method", &row.method, Method::read, methods);
        let (Some(employee), Some(found), Some(purpose), Some(method)) = (employee, found, purpose, method)
        else {
            continue;
        };
        let before = stored.results.get(&(employee, found.id, row.assessed_on, purpose, method));
        if plan.stands(before.is_some_and(|levels| levels.contains(&row.level)), 1) {
            continue;
        }
        if before.is_some() {
            plan.refuse_with(number, "level", ViolationCode::Immutable, row.level, Advice::ResultStands);
            continue;
        }
        // What somebody says of themself counts for nothing, so anybody may bring it.
        let in_conflict = method.counts() && stored.off_limits.contains(&employee);
        if in_conflict {
            plan.refuse(number, "nip", ViolationCode::ConflictOfInterest, row.nip.as_str());
        }
        let described = found.described(&mut plan, number, &row.dictionary, &row.competency_code);
        let valid_until = valid_until(&mut plan, stored, number, row);
        let (false, Some(_), Some(valid_until)) = (in_conflict, described, valid_until) else { continue };
        plan.created += 1;
        let occasion = (purpose, method, row.provider.clone(), row.assessed_on, row.reference.clone());
        let event = *events.entry(occasion).or_insert_with(|| {
            let event = event(stored, row, purpose, method);
            let id = event.id;
            plan.writes.events.push(event);
            id
        });
        plan.writes.results.push(AssessmentResult {
            id: AssessmentResultId::new(),
            event,
            employee,
            competency: found.id,
            competency_agency: found.agency,
            level: row.level,
            evidence: None,
            assessor: None,
            assessed_on: row.assessed_on,
            valid_until,
            // Since when it is final is the recording transaction's to say.
            recorded_at: None,
            superseded_at: None,
            supersedes: None,
            reason: None,
            method,
            purpose,
        });
    }
    stored.events = events;
    plan
}

/// The event of a row, signed off at once.
fn event(stored: &Stored, row: &AssessmentRow, purpose: Purpose, method: Method) -> AssessmentEvent {
    AssessmentEvent {
        id: AssessmentEventId::new(),
        purpose,
        method,
        provider: row.provider.clone(),
        accreditation: None,
        assessed_on: row.assessed_on,
        reference: row.reference.clone(),
        state: EventState::SignedOff,
        signed_off_by: stored.user,
        signed_off_at: None,
        version: Version::FIRST,
    }
}

/// The last day a row's result is valid: what it says, within what the policy of its day allows, or by default all of
/// that (Peraturan BKN 26/2019 Pasal 29(4)).
fn valid_until(
    plan: &mut Plan<Writes>,
    stored: &Stored,
    number: u32,
    row: &AssessmentRow,
) -> Option<NaiveDate> {
    let assessed_on = row.assessed_on;
    if assessed_on > stored.today {
        plan.refuse(number, "assessed_on", ViolationCode::InFuture, assessed_on);
        return None;
    }
    let versions = &stored.validity;
    let policy = policy_on(versions, reference::VALIDITY_POLICY, stored.agency, assessed_on, stored.now);
    let Some(policy) = policy else {
        let earliest = versions.iter().map(|version| version.valid_from).min().unwrap_or(stored.today);
        let refused = refused(number, "assessed_on", ViolationCode::OutOfRange, assessed_on);
        plan.findings.push(refused.with("min", earliest).with("max", stored.today));
        return None;
    };
    let last = policy.rubric.last_day(assessed_on);
    let valid_until = row.valid_until.unwrap_or(last);
    if !(assessed_on..=last).contains(&valid_until) {
        let refused = refused(number, "valid_until", ViolationCode::OutOfRange, valid_until);
        plan.findings.push(refused.with("min", assessed_on).with("max", last));
        return None;
    }
    Some(valid_until)
}

#[cfg(test)]
mod tests {
    use kernel::{DictionaryVersionId, LongText, NATIONAL, PolicyId};
    use store::KnownCompetency;

    use super::*;
    use crate::app::imports::testing::{found, read, today};

    const NIP: &str = "199305172019031005";

    fn stored() -> Stored {
        let code = |text: &str| Code::parse(text).unwrap();
        let dictionary = DictionaryInUse {
            agency: NATIONAL,
            version: Some(DictionaryVersionId::new()),
            competencies: ["M.1", "M.2", "M.0"]
                .map(|text| {
                    (code(text), KnownCompetency { id: CompetencyId::new(), is_in_use: text != "M.0" })
                })
                .into(),
        };
        let policy = reference::validity_policy();
        let policy = PolicyVersion {
            id: PolicyId::new(),
            agency: NATIONAL,
            name: code(policy.name),
            number: 1,
            valid_from: reference::policies_valid_from(),
            recorded_at: DateTime::UNIX_EPOCH,
            source: LongText::parse(policy.source).unwrap(),
            rubric: policy.rubric,
        };
        Stored {
            people: [(Nip::stored(NIP.to_owned()), EmployeeId::new())].into(),
            off_limits: BTreeSet::new(),
            dictionaries: [(code("NASIONAL"), dictionary)].into(),
            asked: BTreeSet::new(),
            results: BTreeMap::new(),
            events: BTreeMap::new(),
            validity: vec![policy],
            agency: AgencyId::new(),
            user: None,
            today: today(),
            now: DateTime::UNIX_EPOCH,
        }
    }

    fn planned(stored: &mut Stored, rows: &[&str]) -> Plan<Writes> {
        let header =
            "nip;dictionary;competency_code;level;purpose;method;provider;assessed_on;valid_until;reference";
        let rows: String = rows.iter().map(|row| format!("{row}\n")).collect();
        plan(stored, &read(&format!("{header}\n{rows}")))
    }

    fn row(rest: &str) -> String {
        format!("{NIP};NASIONAL;{rest}")
    }

    /// Puts results on record.
    fn keep(stored: &mut Stored, results: &[AssessmentResult]) {
        for one in results {
            let key = (one.employee, one.competency, one.assessed_on, one.purpose, one.method);
            stored.results.entry(key).or_default().insert(one.level);
        }
    }

    #[test]
    fn nobody_imports_results_of_their_own() {
        let mut stored = stored();
        stored.off_limits = stored.people.values().copied().collect();
        let (found, _) =
            planned(&mut stored, &[&row("M.1;2;pemetaan;AC;Lembaga;2026-02-10;;")]).findings.into_parts();
        let found: Vec<_> = found.into_iter().map(|one| (one.pointer, one.code)).collect();
        assert_eq!(found, [("/rows/2/nip".to_owned(), ViolationCode::ConflictOfInterest)]);
        let own = planned(&mut stored, &[&row("M.1;2;pemetaan;SELF;Sendiri;2026-02-10;;")]);
        assert_eq!((own.created, own.findings.total()), (1, 0), "what does not count harms nobody");
    }

    #[test]
    fn what_is_on_record_stands_whatever_became_of_its_rules() {
        let mut stored = stored();
        let rows = [
            row("M.1;2;pemetaan;AC;Lembaga;2026-02-10;2029-02-10;"),
            row("M.2;2;pemetaan;AC;Lembaga;2026-02-10;2029-02-10;"),
        ];
        let rows = rows.each_ref().map(String::as_str);
        let results = planned(&mut stored, &rows).writes.results;
        keep(&mut stored, &results);
        // The importer is the person, the validity was shortened, and the dictionary no longer has the competency.
        stored.off_limits = stored.people.values().copied().collect();
        stored.validity[0].rubric.years = 1;
        for competency in stored.dictionaries.values_mut().flat_map(|one| one.competencies.values_mut()) {
            competency.is_in_use = false;
        }
        let again = planned(&mut stored, &rows);
        assert_eq!((again.unchanged, found(&again.findings)), (2, vec![]));
        let other = planned(&mut stored, &[&row("M.1;2;pemetaan;AC;Lembaga;2026-02-11;2029-02-11;")]);
        let refused = [
            "/rows/2/nip CONFLICT_OF_INTEREST",
            "/rows/2/competency_code NOT_FOUND",
            "/rows/2/valid_until OUT_OF_RANGE",
        ];
        assert_eq!(found(&other.findings), refused);
    }

    #[test]
    fn two_levels_of_one_day_are_both_on_record() {
        let mut stored = stored();
        let mut results =
            planned(&mut stored, &[&row("M.1;2;pemetaan;AC;Lembaga;2026-02-10;;LHP/1")]).writes.results;
        results.push(AssessmentResult { level: Level::new(3).unwrap(), ..results[0].clone() });
        keep(&mut stored, &results);
        for (level, standing) in [(2, (1, 0)), (3, (1, 0)), (4, (0, 1))] {
            let again =
                planned(&mut stored, &[&row(&format!("M.1;{level};pemetaan;AC;Lembaga;2026-02-10;;"))]);
            assert_eq!((again.unchanged, again.findings.total()), standing, "{level}");
        }
    }

    #[test]
    fn rows_of_one_occasion_are_one_event_and_last_as_long_as_the_policy_says() {
        let rows = [
            row("M.1;2;pemetaan;AC;Lembaga;2026-02-10;;LHP/1"),
            row("M.2;3;MAPPING;Assessment Center;Lembaga;2026-02-10;2027-02-10;LHP/1"),
            row("M.1;2;pemetaan;CACT;Lembaga;2026-02-11;;"),
        ];
        let plan = planned(&mut stored(), &rows.each_ref().map(String::as_str));
        assert_eq!((plan.created, plan.writes.events.len()), (3, 2));
        let until: Vec<_> = plan.writes.results.iter().map(|one| one.valid_until.to_string()).collect();
        assert_eq!(until, ["2029-02-10", "2027-02-10", "2029-02-11"]);
    }

    #[test]
    fn an_occasion_is_one_event_over_all_parts_of_a_file() {
        let mut stored = stored();
        let first = planned(&mut stored, &[&row("M.1;2;pemetaan;AC;Lembaga;2026-02-10;;LHP/1")]).writes;
        let second = planned(
            &mut stored,
            &[
                &row("M.2;2;pemetaan;AC;Lembaga;2026-02-10;;LHP/1"),
                &row("M.2;2;pemetaan;AC;Lain;2026-02-11;;"),
            ],
        )
        .writes;
        assert_eq!((first.events.len(), second.events.len()), (1, 1));
        assert_eq!(second.results[0].event, first.events[0].id);
        assert_eq!(second.results[1].event, second.events[0].id);
    }

    #[test]
    fn a_final_result_is_said_again_but_not_overwritten() {
        let mut stored = stored();
        let first = row("M.1;2;pemetaan;AC;Lembaga;2026-02-10;;LHP/1");
        let results = planned(&mut stored, &[&first]).writes.results;
        keep(&mut stored, &results);
        let again = planned(&mut stored, &[&first]);
        assert_eq!((again.unchanged, again.writes.events.len()), (1, 0));
        let other = planned(&mut stored, &[&row("M.1;3;pemetaan;AC;Lembaga;2026-02-10;;LHP/1")]);
        assert_eq!(found(&other.findings), ["/rows/2/level IMMUTABLE"]);
        let elsewhere = planned(&mut stored, &[&row("M.1;3;pemetaan;CACT;Lembaga;2026-02-10;;")]);
        assert_eq!(elsewhere.created, 1);
    }

    #[test]
    fn days_and_names_must_make_sense() {
        for (rest, expected) in [
            ("M.1;2;pemetaan;AC;L;2026-07-02;;", "/rows/2/assessed_on IN_FUTURE"),
            ("M.1;2;pemetaan;AC;L;2016-01-01;;", "/rows/2/assessed_on OUT_OF_RANGE"),
            ("M.1;2;pemetaan;AC;L;2026-02-10;2026-02-09;", "/rows/2/valid_until OUT_OF_RANGE"),
            ("M.1;2;pemetaan;AC;L;2026-02-10;2029-02-11;", "/rows/2/valid_until OUT_OF_RANGE"),
            ("M.1;2;pensiun;AC;L;2026-02-10;;", "/rows/2/purpose NOT_ALLOWED_VALUE"),
            ("M.1;2;pemetaan;ramalan;L;2026-02-10;;", "/rows/2/method NOT_ALLOWED_VALUE"),
            ("M.9;2;pemetaan;AC;L;2026-02-10;;", "/rows/2/competency_code NOT_FOUND"),
            ("M.0;2;pemetaan;AC;L;2026-02-10;;", "/rows/2/competency_code NOT_FOUND"),
        ] {
            assert_eq!(found(&planned(&mut stored(), &[&row(rest)]).findings), [expected], "{rest}");
        }
        let stranger = "199608092022032006;NASIONAL;M.1;2;pemetaan;AC;L;2026-02-10;;";
        assert_eq!(found(&planned(&mut stored(), &[stranger]).findings), ["/rows/2/nip NOT_FOUND"]);
    }
}
