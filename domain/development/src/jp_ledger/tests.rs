//! The rules of the ledger.

use super::*;
use competency::policy_on;
use kernel::{AgencyId, NATIONAL, PolicyId};
use proptest::prelude::*;

fn day(y: i32, m: u32, d: u32) -> NaiveDate {
    NaiveDate::from_ymd_opt(y, m, d).unwrap()
}

fn policy(change: impl FnOnce(&mut JpTargetRubric)) -> PolicyVersion<JpTargetRubric> {
    let shipped = jp_target_policy();
    let mut rubric = shipped.rubric;
    change(&mut rubric);
    PolicyVersion {
        id: PolicyId::new(),
        agency: NATIONAL,
        name: Code::parse(shipped.name).unwrap(),
        number: 1,
        valid_from: day(2017, 1, 1),
        recorded_at: DateTime::UNIX_EPOCH,
        source: LongText::parse(shipped.source).unwrap(),
        rubric,
    }
}

fn entry(on: NaiveDate, jp: u32, valid_until: Option<NaiveDate>) -> JpEntry {
    JpEntry {
        id: JpEntryId::new(),
        employee: EmployeeId::new(),
        kind: JpEntryKind::Credit,
        source: JpSource::OwnLearning,
        source_id: Uuid::nil(),
        earned_on: on,
        jp: Hundredths::from_count(jp * 100).into(),
        basis: JpEntryBasis::Certificate,
        title: Name::parse("Pelatihan").unwrap(),
        form: None,
        certificate: valid_until.map(|last| UsedCertificate {
            number: Name::parse("1").unwrap(),
            issued_on: on,
            valid_until: Some(last),
        }),
        corrects: None,
        reason: None,
        recorded_at: DateTime::UNIX_EPOCH,
        recorded_by: None,
    }
}

fn spell(status: EmployeeStatus, appointed_on: Option<NaiveDate>, last: Option<NaiveDate>) -> ServiceSpell {
    ServiceSpell { status, appointed_on, last }
}

fn ledger(year: i32, today: NaiveDate, spells: &[ServiceSpell], entries: &[JpEntry]) -> JpLedger {
    let policy = policy(|_| {});
    LedgerFacts { year, today, spells, job_class: None, entries, policy: &policy }.ledger()
}

fn figures(term: &JpTerm) -> (JpBound, i64, i64, i64, i64) {
    let JpTerm { counted, short, over, days_left, rule, .. } = term;
    (
        rule.bound,
        counted.count() / 100,
        i64::from(short.count() / 100),
        i64::from(over.count() / 100),
        *days_left,
    )
}

#[test]
fn a_floor_says_how_much_is_short_and_how_long_there_is() {
    let pns = [spell(EmployeeStatus::Pns, None, None)];
    let entries = [entry(day(2026, 3, 1), 12, None), entry(day(2025, 12, 31), 9, None)];
    let of = |today| ledger(2026, today, &pns, &entries);
    assert_eq!(
        of(day(2026, 12, 31)).terms.iter().map(figures).collect::<Vec<_>>(),
        [(JpBound::AtLeast, 12, 8, 0, 1)]
    );
    assert_eq!(figures(&of(day(2026, 12, 1)).terms[0]).4, 31);
    // After the year nothing can be earned in it any more, and before it nothing is lost yet.
    assert_eq!(figures(&of(day(2027, 1, 1)).terms[0]).4, 0);
    assert_eq!(figures(&of(day(2025, 12, 31)).terms[0]).4, 365);
    assert_eq!(of(day(2027, 1, 1)).as_of, day(2026, 12, 31));
}

#[test]
fn a_ceiling_counts_the_contract_year_and_not_the_calendars() {
    let pppk = [spell(EmployeeStatus::Pppk, Some(day(2024, 3, 1)), None)];
    let entries = [
        entry(day(2026, 2, 28), 20, None),
        entry(day(2026, 3, 1), 20, None),
        entry(day(2026, 11, 1), 7, None),
        entry(day(2027, 2, 28), 1, None),
        entry(day(2027, 3, 1), 9, None),
    ];
    let found = ledger(2026, day(2026, 12, 1), &pppk, &entries);
    let periods: Vec<_> =
        found.terms.iter().map(|term| (term.period.from, term.period.last.unwrap())).collect();
    assert_eq!(periods, [(day(2025, 3, 1), day(2026, 2, 28)), (day(2026, 3, 1), day(2027, 2, 28))]);
    assert_eq!(
        found.terms.iter().map(figures).collect::<Vec<_>>(),
        [(JpBound::AtMost, 20, 0, 0, 0), (JpBound::AtMost, 28, 0, 4, 90)]
    );
    assert_eq!(found.counted.count(), 4700, "the ledger itself is the calendar year's");
}

#[test]
fn who_turns_from_contract_to_permanent_has_the_floor_from_then_on_and_keeps_the_hours() {
    let turned = [
        spell(EmployeeStatus::Pppk, Some(day(2024, 3, 1)), Some(day(2026, 6, 30))),
        spell(EmployeeStatus::Pns, Some(day(2026, 7, 1)), None),
    ];
    let entries = [entry(day(2026, 4, 1), 15, None), entry(day(2026, 9, 1), 12, None)];
    let before = ledger(2026, day(2026, 6, 30), &turned, &entries);
    assert!(before.terms.iter().all(|term| term.rule.bound == JpBound::AtMost));
    let after = ledger(2026, day(2026, 10, 1), &turned, &entries);
    let floor = after.terms.iter().find(|term| term.rule.bound == JpBound::AtLeast).unwrap();
    assert_eq!(
        (floor.counted.count(), floor.short.count()),
        (2700, 0),
        "all of the year counts for the floor"
    );
    let ceilings: Vec<_> = after.terms.iter().filter(|term| term.rule.bound == JpBound::AtMost).collect();
    assert_eq!(ceilings.len(), 2);
    assert_eq!(
        (ceilings[1].period.last, ceilings[1].counted.count()),
        (Some(day(2026, 6, 30)), 1500),
        "the last contract year ends with the contract"
    );
}

#[test]
fn a_part_of_the_year_asks_for_its_share_where_the_rule_says_so() {
    let half = [spell(EmployeeStatus::Cpns, Some(day(2026, 7, 2)), None)];
    let found = ledger(2026, day(2026, 12, 31), &half, &[]);
    assert_eq!(found.terms[0].jp.count(), 1003, "183 of 365 days, rounded up");
    let whole = [spell(EmployeeStatus::Pns, Some(day(2026, 7, 2)), None)];
    assert_eq!(ledger(2026, day(2026, 12, 31), &whole, &[]).terms[0].jp.count(), 2000);
}

#[test]
fn an_expired_certificate_stops_counting_the_day_after_its_last() {
    let pns = [spell(EmployeeStatus::Pns, None, None)];
    let entries = [entry(day(2026, 3, 1), 20, Some(day(2026, 6, 30)))];
    let short = |today| {
        let found = ledger(2026, today, &pns, &entries);
        (found.terms[0].short.count(), found.counted.count(), found.expired.count())
    };
    assert_eq!(short(day(2026, 6, 30)), (0, 2000, 0));
    assert_eq!(short(day(2026, 7, 1)), (2000, 0, 2000));
    // One that outlived its year counts in that year for ever.
    let lasting = [entry(day(2026, 3, 1), 20, Some(day(2027, 1, 5)))];
    assert_eq!(ledger(2026, day(2030, 1, 1), &pns, &lasting).terms[0].short.count(), 0);
}

#[test]
fn who_is_exempt_has_no_ceiling_and_who_is_on_contract_no_floor() {
    let pppk = [spell(EmployeeStatus::Pppk, Some(day(2024, 1, 1)), None)];
    let policy = policy(|_| {});
    let of = |job_class| {
        let facts = LedgerFacts {
            year: 2026,
            today: day(2026, 5, 1),
            spells: &pppk,
            job_class,
            entries: &[],
            policy: &policy,
        };
        facts.ledger().terms.len()
    };
    assert_eq!(of(Some(JobClass::JptMadya)), 0);
    assert_eq!(of(Some(JobClass::Pelaksana)), 1);
    assert_eq!(of(None), 1);
}

#[test]
fn a_ceiling_that_stops_refuses_what_would_pass_it_and_one_that_warns_does_not() {
    let pppk = [spell(EmployeeStatus::Pppk, Some(day(2024, 3, 1)), None)];
    let entries = [entry(day(2026, 4, 1), 20, None)];
    let admits = |enforcement, on, jp| {
        let policy = policy(|rubric| {
            rubric
                .rules
                .iter_mut()
                .filter(|rule| rule.bound == JpBound::AtMost)
                .for_each(|rule| rule.enforcement = enforcement);
        });
        let facts = LedgerFacts {
            year: 2026,
            today: day(2026, 12, 1),
            spells: &pppk,
            job_class: None,
            entries: &entries,
            policy: &policy,
        };
        facts.admits(on, Hundredths::from_count(jp))
    };
    assert_eq!(admits(JpEnforcement::Stop, day(2026, 5, 1), 400), Ok(()));
    assert_eq!(
        admits(JpEnforcement::Stop, day(2026, 5, 1), 401),
        Err(JpLedgerError::Ceiling { over: Hundredths::from_count(1) })
    );
    assert_eq!(admits(JpEnforcement::Stop, day(2026, 2, 1), 401), Ok(()), "another contract year");
    assert_eq!(admits(JpEnforcement::Warn, day(2026, 5, 1), 9000), Ok(()));
}

#[test]
fn a_correction_takes_back_and_replaces_and_only_once() {
    let wrong = entry(day(2026, 3, 1), 20, None);
    let (reason, by, at) = (LongText::parse("Salah ketik").unwrap(), UserId::new(), DateTime::UNIX_EPOCH);
    let correct = |reversed, jp| wrong.correct(reversed, Hundredths::from_count(jp), &reason, by, at);
    let both = correct(false, 200).unwrap();
    let sum: JpSum = both.iter().map(|entry| entry.jp).sum();
    assert_eq!(sum + wrong.jp, JpSum::from_count(200));
    assert_eq!(
        both.iter().map(|entry| entry.kind).collect::<Vec<_>>(),
        [JpEntryKind::Reversal, JpEntryKind::Replacement]
    );
    assert!(both.iter().all(|entry| entry.corrects == Some(wrong.id) && entry.earned_on == wrong.earned_on));
    assert_eq!(correct(false, 0).unwrap().len(), 1, "nothing is left");
    assert_eq!(correct(true, 200), Err(JpLedgerError::Reversed));
    assert_eq!(correct(false, 2000), Err(JpLedgerError::Unchanged));
    assert_eq!(both[0].correct(false, Hundredths::ONE, &reason, by, at), Err(JpLedgerError::CounterEntry));
}

#[test]
fn a_certificate_is_known_by_what_people_cannot_write_differently() {
    let key = |number: &str| certificate_key(&Name::parse(number).unwrap());
    assert_eq!(key("B/12.3-2026"), key("b 12 3 2026"));
    assert_ne!(key("B/12.3-2026"), key("B/12.4-2026"));
    assert!(key("-- / --").is_err());
}

#[test]
fn contract_years_follow_each_other_without_gap_over_leap_days() {
    let began = day(2024, 2, 29);
    assert_eq!(contract_year(began, day(2024, 2, 28)), None);
    assert_eq!(contract_year(began, began), Some(Period { from: began, last: Some(day(2025, 2, 27)) }));
    let third = Period { from: day(2027, 2, 28), last: Some(day(2028, 2, 28)) };
    assert_eq!(contract_year(began, day(2028, 2, 28)), Some(third));
    assert_eq!(contract_year(began, day(2028, 2, 29)).map(|year| year.from), Some(day(2028, 2, 29)));
}

#[test]
fn the_shipped_rubric_makes_sense_and_says_where_it_comes_from() {
    let shipped = jp_target_policy().rubric;
    assert_eq!(shipped.check(), Ok(()));
    let floor = shipped.rule(JpBound::AtLeast, EmployeeStatus::Pns, None).unwrap();
    assert_eq!((floor.jp.count(), floor.span), (2000, JpSpan::CalendarYear));
    let ceiling = shipped.rule(JpBound::AtMost, EmployeeStatus::Pppk, None).unwrap();
    assert_eq!((ceiling.jp.count(), ceiling.span), (2400, JpSpan::ContractYear));
    let all = [policy(|_| {})];
    assert!(
        policy_on(&all, JP_TARGET_POLICY, AgencyId::new(), day(2026, 1, 1), DateTime::UNIX_EPOCH).is_some()
    );
    let codes = |change: fn(&mut JpTargetRubric)| {
        let mut rubric = jp_target_policy().rubric;
        change(&mut rubric);
        let found = rubric.check().unwrap_err().into_iter();
        found.map(|one| (one.pointer, one.code)).collect::<Vec<_>>()
    };
    let at = |pointer: &str, code| vec![(pointer.to_owned(), code)];
    assert_eq!(codes(|rubric| rubric.rules.clear()), at("/rules", ViolationCode::TooFew));
    let stops = codes(|rubric| rubric.rules[0].enforcement = JpEnforcement::Stop);
    assert_eq!(stops, at("/rules/0/enforcement", ViolationCode::Inconsistent));
    let twice = codes(|rubric| rubric.rules[1].statuses = vec![EmployeeStatus::Pns]);
    assert_eq!(twice, at("/rules/1/statuses/0", ViolationCode::Duplicate));
    let nothing = codes(|rubric| rubric.rules[2].jp = Hundredths::from_count(0));
    assert_eq!(nothing, at("/rules/2/jp", ViolationCode::OutOfRange));
}

proptest! {
    /// Whatever is corrected however often, the sum is what the last correction says.
    #[test]
    fn corrections_add_up(first in 1_u32..100_000, next in proptest::collection::vec(0_u32..100_000, 1..8)) {
        let mut all = vec![JpEntry { jp: JpSum::from_count(i64::from(first)), ..entry(day(2026, 3, 1), 1, None) }];
        let mut live = all[0].clone();
        let mut said = first;
        for jp in next {
            let reason = LongText::parse("x").unwrap();
            match live.correct(false, Hundredths::from_count(jp), &reason, UserId::new(), DateTime::UNIX_EPOCH) {
                Ok(more) => {
                    said = jp;
                    let last = more.last().unwrap().clone();
                    all.extend(more);
                    if last.kind == JpEntryKind::Reversal { break }
                    live = last;
                }
                Err(error) => prop_assert_eq!(error, JpLedgerError::Unchanged),
            }
        }
        let sum: JpSum = all.iter().map(|entry| entry.jp).sum();
        prop_assert_eq!(sum, JpSum::from_count(i64::from(said)));
    }

    /// Every day of a contract lies in exactly one of its years.
    #[test]
    fn a_day_has_one_contract_year(began in 0_i64..20_000, after in 0_i64..15_000) {
        let began = day(1970, 1, 1) + chrono::Duration::days(began);
        let at = began + chrono::Duration::days(after);
        let year = contract_year(began, at).unwrap();
        prop_assert!(year.contains(at));
        let next = year.last.unwrap().succ_opt().unwrap();
        prop_assert_eq!(contract_year(began, next).unwrap().from, next);
    }
}

#[test]
fn ceilings_leave_each_contract_year_its_own_hours() {
    let pppk = [spell(EmployeeStatus::Pppk, Some(day(2024, 7, 1)), None)];
    let entries = [entry(day(2026, 3, 1), 24, None), entry(day(2026, 7, 1), 4, None)];
    let policy = policy(|_| {});
    let of = |today, enforcement| {
        LedgerFacts { year: 2026, today, spells: &pppk, job_class: None, entries: &entries, policy: &policy }
            .rooms(enforcement)
    };
    let hours = |jp: u32| Hundredths::from_count(jp * 100);
    assert!(of(day(2026, 6, 1), JpEnforcement::Stop).is_unbounded());
    let mut rooms = of(day(2026, 6, 1), JpEnforcement::Warn);
    assert_eq!(rooms.over(Some(day(2026, 6, 30)), hours(1)), hours(1));
    assert_eq!(rooms.over(Some(day(2026, 7, 1)), hours(20)), hours(0));
    // Without a day there is time from July on, until that is taken up too.
    assert_eq!(rooms.over(None, hours(20)), hours(0));
    rooms.take(None, hours(15));
    rooms.take(Some(day(2026, 12, 31)), hours(3));
    assert_eq!((rooms.over(None, hours(3)), rooms.passed()), (hours(1), hours(0)));
    rooms.take(Some(day(2026, 9, 1)), hours(5));
    assert_eq!(rooms.passed(), hours(3));
    // Hours that passed a ceiling before anything was planned are not held against what is planned of none.
    let over = [entry(day(2026, 3, 1), 30, None)];
    let facts = LedgerFacts {
        year: 2026,
        today: day(2026, 5, 1),
        spells: &pppk,
        job_class: None,
        entries: &over,
        policy: &policy,
    };
    let mut rooms = facts.rooms(JpEnforcement::Warn);
    rooms.take(Some(day(2026, 6, 1)), hours(0));
    assert_eq!(rooms.passed(), hours(0));
}
