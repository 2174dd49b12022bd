//! `/v1/employees/{id}/jp-ledger`, `/v1/own-learnings`, `/v1/jp-entries`, `/v1/jp-standings` and `/v1/jp-compliance`.

use access::Role;
use serde_json::{Value, json};
use support::{Answer, Caller, TestApp};

use crate::given;

/// What somebody logs: a certificate of so many hours.
pub(crate) fn certified(employee: &str, number: &str, ended_on: &str, jp: f64) -> Value {
    json!({"employee_id": employee, "title": "Pelatihan", "form": "NKL03", "started_on": ended_on, "ended_on": ended_on,
        "certificate_jp": jp, "certificate": {"number": number, "issued_on": ended_on}, "document": "berkas/1"})
}

async fn logged(caller: &Caller<'_>, own: Value) -> String {
    format!("/v1/own-learnings/{}", caller.post("/v1/own-learnings", own).await.expect(201).id())
}

pub(crate) async fn verified(caller: &Caller<'_>, own: Value) -> String {
    let path = logged(caller, own).await;
    caller.transition(&format!("{path}/verification"), "*").await.expect(200);
    path
}

async fn ledger(caller: &Caller<'_>, employee: &str, year: i32) -> Answer {
    caller.get(&format!("/v1/employees/{employee}/jp-ledger?year={year}")).await.expect(200)
}

pub(crate) fn target(enforcement: &str) -> Value {
    json!({"name": "JP_TARGET", "valid_from": "2020-01-01", "source": "Keputusan", "jp_target": {"rules": [
        {"statuses": ["PNS"], "bound": "AT_LEAST", "jp": 20, "span": "CALENDAR_YEAR", "enforcement": "WARN",
            "part_year": "FULL", "exempt": [], "source": "PP 11/2017", "confidence": "FOUND"},
        {"statuses": ["PPPK"], "bound": "AT_MOST", "jp": 24, "span": "CONTRACT_YEAR", "enforcement": enforcement,
            "part_year": "FULL", "exempt": [], "source": "PP 49/2018", "confidence": "FOUND"}]}})
}

#[tokio::test]
async fn own_learning_counts_once_somebody_else_verified_it() {
    let app = TestApp::start().await;
    let agency = app.agency("KOTA").await;
    let admin = agency.admin().await;
    let person = given::person(&admin, 1).await;
    let me = agency.employee(Role::Employee, &person).await;
    let path = logged(&me, certified(&person, "B/1", "2026-03-01", 12.5)).await;
    let read = me.get(&path).await.expect(200);
    assert_eq!(
        (&read.json["state"], &read.json["allowed_actions"]),
        (&json!("SUBMITTED"), &json!(["EDIT", "WITHDRAW"]))
    );
    assert_eq!(ledger(&me, &person, 2026).await.json["counted"], 0);
    me.transition(&format!("{path}/verification"), &read.etag()).await.expect(403);

    let seen = admin.get(&path).await.expect(200);
    assert_eq!(seen.json["allowed_actions"], json!(["EDIT", "WITHDRAW", "VERIFY", "REFUSE"]));
    let refusal = format!("{path}/refusal");
    admin
        .put(&refusal, &seen.etag(), json!({"reason": " "}))
        .await
        .expect(400)
        .expect_error("/reason", "REQUIRED");
    let refused = admin.put(&refusal, &seen.etag(), json!({"reason": "Tidak terbaca"})).await.expect(200);
    assert_eq!(refused.json["reason"], "Tidak terbaca");
    let mut mended = certified(&person, "B/1", "2026-03-01", 12.5);
    mended.as_object_mut().unwrap().remove("employee_id");
    let again = me.put(&path, &refused.etag(), mended).await.expect(200);
    assert_eq!((&again.json["state"], &again.json["reason"]), (&json!("SUBMITTED"), &Value::Null));
    admin.transition(&format!("{path}/verification"), &seen.etag()).await.expect(412);
    admin.transition(&format!("{path}/verification"), &again.etag()).await.expect(200);
    let after = ledger(&me, &person, 2026).await;
    assert_eq!(
        (&after.json["counted"], &after.json["entries"][0]["basis"]),
        (&json!(12.5), &json!("CERTIFICATE"))
    );
    let term = &after.json["terms"][0];
    assert_eq!(
        (&term["short"], &term["days_left"], &term["rule"]["jp"]),
        (&json!(7.5), &json!(184), &json!(20))
    );
    assert_eq!(after.json["policy"]["national"], true);
    let last = admin.get(&path).await.expect(200);
    assert_eq!(last.json["allowed_actions"], json!([]));
    admin
        .transition(&format!("{path}/withdrawal"), &last.etag())
        .await
        .expect(409)
        .expect_problem("OWN_LEARNING_STATE");
    let csv = me.get(&format!("/v1/employees/{person}/jp-ledger?year=2026&format=csv")).await.expect(200);
    assert!(csv.text.contains(";12.5;") || csv.text.contains(";12,5;"), "{}", csv.text);
}

#[tokio::test]
async fn nobody_decides_on_their_own_hours_and_strangers_see_none() {
    let app = TestApp::start().await;
    let agency = app.agency("KOTA").await;
    let admin = agency.admin().await;
    let (person, colleague) = (given::person(&admin, 1).await, given::person(&admin, 2).await);
    let planner = agency.employee(Role::Planner, &person).await;
    let path = logged(&admin, certified(&person, "B/1", "2026-03-01", 4.0)).await;
    let read = planner.get(&path).await.expect(200);
    assert_eq!(read.json["allowed_actions"], json!([]));
    planner
        .transition(&format!("{path}/verification"), &read.etag())
        .await
        .expect(409)
        .expect_problem("JP_OWN_HOURS");
    admin.transition(&format!("{path}/verification"), "*").await.expect(200);
    let entry = ledger(&admin, &person, 2026).await.json["entries"][0]["id"].as_str().unwrap().to_owned();
    let wrong = json!({"jp": 99, "reason": "Mau lebih"});
    planner
        .put(&format!("/v1/jp-entries/{entry}/correction"), "*", wrong)
        .await
        .expect(409)
        .expect_problem("JP_OWN_HOURS");
    let other = agency.employee(Role::Employee, &colleague).await;
    other.get(&path).await.expect(404);
    other.get(&format!("/v1/employees/{person}/jp-ledger")).await.expect(404);
    other.get(&format!("/v1/jp-entries/{entry}")).await.expect(404);
    let foreign = certified(&person, "B/2", "2026-03-01", 4.0);
    other.post("/v1/own-learnings", foreign).await.expect(400).expect_error("/employee_id", "NOT_FOUND");
    assert!(other.get("/v1/own-learnings").await.expect(200).items().is_empty());
}

#[tokio::test]
async fn one_certificate_is_used_once_however_it_is_written() {
    let app = TestApp::start().await;
    let agency = app.agency("KOTA").await;
    let admin = agency.admin().await;
    let (person, other) = (given::person(&admin, 1).await, given::person(&admin, 2).await);
    let path = logged(&admin, certified(&person, "B/12.3-2026", "2026-03-01", 4.0)).await;
    let same = certified(&person, "b 12 3 2026", "2026-03-01", 9.0);
    admin
        .post("/v1/own-learnings", same.clone())
        .await
        .expect(409)
        .expect_problem("ALREADY_EXISTS")
        .expect_error("/certificate/number", "TAKEN");
    let elsewhere = logged(&admin, certified(&other, "B/12.3-2026", "2026-03-01", 4.0)).await;
    assert_eq!(admin.get(&elsewhere).await.json["same_certificate"], 1, "worth a look, and not refused");
    logged(&admin, certified(&person, "B/12.3-2026", "2026-03-02", 4.0)).await;
    // Whoever takes theirs back sets the certificate free.
    admin.transition(&format!("{path}/withdrawal"), "*").await.expect(200);
    logged(&admin, same).await;
}

#[tokio::test]
async fn many_at_once_with_one_certificate_leave_one() {
    let app = TestApp::start().await;
    let admin = app.agency("KOTA").await.admin().await;
    let person = given::person(&admin, 1).await;
    let own = |n: usize| {
        let number = if n.is_multiple_of(2) { "B/7" } else { "b-7" };
        admin.post("/v1/own-learnings", certified(&person, number, "2026-03-01", 4.0))
    };
    let statuses: Vec<_> =
        futures_util::future::join_all((0..12).map(own)).await.iter().map(|answer| answer.status).collect();
    assert_eq!(statuses.iter().filter(|status| **status == 201).count(), 1, "{statuses:?}");
    assert!(statuses.iter().all(|status| matches!(status, 201 | 409)), "{statuses:?}");
    assert_eq!(app.count("SELECT count(*) FROM own_learnings").await, 1);
    let path = format!(
        "/v1/own-learnings/{}",
        admin.get("/v1/own-learnings").await.items()[0]["id"].as_str().unwrap()
    );
    let verification = format!("{path}/verification");
    let tries = (0..8).map(|_| admin.transition(&verification, "\"1\""));
    let statuses: Vec<_> =
        futures_util::future::join_all(tries).await.iter().map(|answer| answer.status).collect();
    assert_eq!(statuses.iter().filter(|status| **status == 200).count(), 1, "{statuses:?}");
    assert_eq!(ledger(&admin, &person, 2026).await.json["counted"], 4);
    assert_eq!(app.count("SELECT count(*) FROM jp_entries").await, 1);
}

#[tokio::test]
async fn a_completion_is_credited_once_and_never_beside_the_same_certificate() {
    use development::{JpEntryBasis, JpSource, UsedCertificate};
    use kernel::{Event, Hundredths, Name, RequestId, Resource};
    use store::{JpCreditDraft, JpCredited, StoreError, WriteContext};

    let app = TestApp::start().await;
    let agency = app.agency("KOTA").await;
    let admin = agency.admin().await;
    let person = given::person(&admin, 1).await;
    let certificate = |number: &str| UsedCertificate {
        number: Name::parse(number).unwrap(),
        issued_on: "2026-03-01".parse().unwrap(),
        valid_until: None,
    };
    let credit = |number: &str, completion: uuid::Uuid| JpCreditDraft {
        employee: person.parse().unwrap(),
        source: JpSource::Completion,
        source_id: completion,
        earned_on: "2026-03-01".parse().unwrap(),
        jp: Hundredths::from_count(800),
        basis: JpEntryBasis::Certificate,
        title: Name::parse("Kelas").unwrap(),
        form: None,
        certificate: Some(certificate(number)),
    };
    let pass = access::Pass::system(agency.id, access::Action::JpVerify, "a completion in a test");
    let context = WriteContext {
        user: None,
        agency: agency.id,
        request: RequestId::new(),
        operation: "test",
        now: app.now(),
        idempotency: None,
    };
    let done = async |credit: JpCreditDraft| {
        let written = app.services.store.write(&context, async |tx| {
            let credited = tx.jp_credit(&pass, &credit).await?;
            let event = Event::new(Resource::Employee, credit.employee, "COMPLETED");
            Ok::<_, StoreError>(tx.record(&pass, &event, None).with(credited))
        });
        written.await.unwrap()
    };
    let completion = uuid::Uuid::new_v4();
    let all = futures_util::future::join_all((0..6).map(|_| done(credit("S-1", completion)))).await;
    assert_eq!(all.iter().filter(|one| matches!(one, JpCredited::Now(_))).count(), 1, "{all:?}");
    assert!(all.iter().all(|one| matches!(one, JpCredited::Now(_) | JpCredited::Before)));
    let same = done(credit("s 1", uuid::Uuid::new_v4())).await;
    assert_eq!(same, JpCredited::SameCertificate { source: JpSource::Completion, source_id: completion });
    let own = certified(&person, "S/1", "2026-03-01", 8.0);
    admin
        .post("/v1/own-learnings", own.clone())
        .await
        .expect(409)
        .expect_error("/certificate/number", "TAKEN");
    assert_eq!(ledger(&admin, &person, 2026).await.json["counted"], 8);

    // A certificate that is revoked takes its hours along, once, and may be logged anew.
    let reason = kernel::LongText::parse("Sertifikat dicabut").unwrap();
    let revoke = async || {
        let written = app.services.store.write(&context, async |tx| {
            let back = tx.jp_take_back(&pass, JpSource::Completion, completion, &reason).await?;
            let event = Event::new(Resource::Employee, credit("S-1", completion).employee, "REVOKED");
            Ok::<_, StoreError>(tx.record(&pass, &event, None).with(back))
        });
        written.await.unwrap()
    };
    assert_eq!(revoke().await.iter().map(|entry| entry.jp.count()).collect::<Vec<_>>(), [-800]);
    assert!(revoke().await.is_empty());
    assert_eq!(ledger(&admin, &person, 2026).await.json["counted"], 0);
    logged(&admin, own).await;
    assert_eq!(app.services.store.jp_sums_check(agency.id).await.unwrap(), 0);
}

#[tokio::test]
async fn nothing_is_changed_only_taken_back_and_replaced() {
    let app = TestApp::start().await;
    let agency = app.agency("KOTA").await;
    let admin = agency.admin().await;
    let person = given::person(&admin, 1).await;
    verified(&admin, certified(&person, "B/1", "2026-03-01", 80.0)).await;
    let entry = ledger(&admin, &person, 2026).await.json["entries"][0].clone();
    let path = format!("/v1/jp-entries/{}", entry["id"].as_str().unwrap());
    let (read, correction) = (admin.get(&path).await.expect(200), format!("{path}/correction"));
    let right = json!({"jp": 8, "reason": "Salah ketik"});
    admin
        .put(&correction, "*", json!({"jp": 80, "reason": "x"}))
        .await
        .expect(409)
        .expect_problem("JP_ENTRY_UNCHANGED");
    let tries = (0..6).map(|_| admin.put(&correction, "*", right.clone()));
    let answers = futures_util::future::join_all(tries).await;
    let done: Vec<_> = answers.iter().filter(|answer| answer.status == 200).collect();
    assert_eq!(done.len(), 1);
    assert!(answers.iter().all(|answer| answer.status == 200 || answer.json["code"] == "JP_ENTRY_REVERSED"));
    admin.put(&correction, &read.etag(), right).await.expect(412);
    let added = done[0].json["entries"].as_array().unwrap();
    let kinds: Vec<_> = added.iter().map(|one| (one["kind"].as_str().unwrap(), one["jp"].clone())).collect();
    assert_eq!(kinds, [("REVERSAL", json!(-80)), ("REPLACEMENT", json!(8))]);
    let after = ledger(&admin, &person, 2026).await;
    assert_eq!((&after.json["counted"], after.json["entries"].as_array().unwrap().len()), (&json!(8), 3));
    assert_eq!(after.json["entries"][0]["jp"], 80, "what was said stays said");
    assert_eq!(after.json["entries"][0]["reversed"], true);
    let counter = format!("/v1/jp-entries/{}/correction", added[0]["id"].as_str().unwrap());
    admin
        .put(&counter, "*", json!({"jp": 8, "reason": "x"}))
        .await
        .expect(409)
        .expect_problem("JP_ENTRY_COUNTER");
    // The certificate stays used as long as something of it stands.
    let own = certified(&person, "B/1", "2026-03-01", 8.0);
    admin.post("/v1/own-learnings", own.clone()).await.expect(409);
    let replaced = format!("/v1/jp-entries/{}/correction", added[1]["id"].as_str().unwrap());
    admin.put(&replaced, "*", json!({"jp": 0, "reason": "Bukan miliknya"})).await.expect(200);
    admin.post("/v1/own-learnings", own).await.expect(201);
    assert_eq!(ledger(&admin, &person, 2026).await.json["counted"], 0);
    assert_eq!(app.services.store.jp_sums_check(agency.id).await.unwrap(), 0);
    let refused =
        sea_orm::ConnectionTrait::execute_unprepared(&app.db, "UPDATE jp_entries SET hundredths = 1").await;
    assert!(refused.is_err(), "the table itself is append-only");
}

#[tokio::test]
async fn hours_follow_from_the_form_where_no_certificate_states_them_and_caps_hold_over_records() {
    let app = TestApp::start().await;
    let admin = app.agency("KOTA").await.admin().await;
    let person = given::person(&admin, 1).await;
    let coached = |units: Value| {
        json!({"employee_id": person, "title": "Coaching", "form": "NKL01", "started_on": "2026-03-01",
            "ended_on": "2026-03-31", "units": units, "document": "berkas/1"})
    };
    // Two hours a session, at most two sessions a month (domain.md 4.4).
    verified(&admin, coached(json!(["2026-03-02"]))).await;
    assert_eq!(ledger(&admin, &person, 2026).await.json["entries"][0]["basis"], "CONVERSION");
    verified(&admin, coached(json!(["2026-03-09", "2026-03-16", "2026-03-23"]))).await;
    assert_eq!(ledger(&admin, &person, 2026).await.json["counted"], 4);
    let more = logged(&admin, coached(json!(["2026-03-30"]))).await;
    admin
        .transition(&format!("{more}/verification"), "*")
        .await
        .expect(409)
        .expect_problem("OWN_LEARNING_NO_HOURS");
    let unknown = json!({"employee_id": person, "title": "x", "form": "GAIB", "started_on": "2026-03-01",
        "ended_on": "2026-03-01", "units": ["2026-03-01"], "document": "berkas/1"});
    admin.post("/v1/own-learnings", unknown).await.expect(400).expect_error("/form", "NOT_FOUND");
    let future = certified(&person, "B/1", "2026-07-02", 4.0);
    admin.post("/v1/own-learnings", future).await.expect(400).expect_error("/ended_on", "IN_FUTURE");
}

#[tokio::test]
async fn a_ceiling_that_stops_refuses_the_verification_and_one_that_warns_shows_it() {
    let app = TestApp::start().await;
    let admin = app.agency("KOTA").await.admin().await;
    let contract = json!({"nip": given::nip(9), "name": "Pegawai Kontrak", "status": "PPPK", "appointed_on": "2024-04-01"});
    let person = admin.post("/v1/employees", contract).await.expect(201).id();
    verified(&admin, certified(&person, "B/1", "2026-05-01", 20.0)).await;
    // Before the first of April another contract year ran.
    verified(&admin, certified(&person, "B/2", "2026-03-31", 20.0)).await;
    let third = logged(&admin, certified(&person, "B/3", "2026-06-01", 4.5)).await;
    admin.post("/v1/policies", target("STOP")).await.expect(201);
    let refused = admin.with("accept-language", "en").transition(&format!("{third}/verification"), "*").await;
    refused.expect(409).expect_problem("JP_CEILING");
    // A correction is a decision, too.
    let entry = ledger(&admin, &person, 2026).await.json["entries"]
        .as_array()
        .unwrap()
        .iter()
        .find(|entry| entry["earned_on"] == "2026-05-01")
        .unwrap()["id"]
        .as_str()
        .unwrap()
        .to_owned();
    let correction = format!("/v1/jp-entries/{entry}/correction");
    let more = json!({"jp": 24.5, "reason": "Salah baca"});
    admin.put(&correction, "*", more).await.expect(409).expect_problem("JP_CEILING");
    // Whatever brought the hours.
    app.sql(&format!(
        "INSERT INTO jp_entries (agency_id, id, employee_id, kind, source, source_id, earned_on, hundredths, basis, title,
            recorded_at)
         SELECT agency_id, gen_random_uuid(), id, 'CREDIT', 'COMPLETION', gen_random_uuid(), '2026-06-10', 400, 'CONVERSION',
            'Kelas', now() FROM employees WHERE id = '{person}'"
    ))
    .await;
    let entries = ledger(&admin, &person, 2026).await.json["entries"].clone();
    let class =
        entries.as_array().unwrap().iter().find(|entry| entry["source"] == "COMPLETION").unwrap()["id"]
            .clone();
    let correction = format!("/v1/jp-entries/{}/correction", class.as_str().unwrap());
    let more = json!({"jp": 4.5, "reason": "Salah hitung"});
    admin.put(&correction, "*", more).await.expect(409).expect_problem("JP_CEILING");
    admin.put(&correction, "*", json!({"jp": 3.5, "reason": "Salah hitung"})).await.expect(200);
    admin
        .put(&format!("/v1/jp-entries/{entry}/correction"), "*", json!({"jp": 16.5, "reason": "x"}))
        .await
        .expect(200);
    admin.post("/v1/policies", target("WARN")).await.expect(201);
    admin.transition(&format!("{third}/verification"), "*").await.expect(200);
    let terms = ledger(&admin, &person, 2026).await.json["terms"].clone();
    let figures: Vec<_> = terms
        .as_array()
        .unwrap()
        .iter()
        .map(|term| (term["from"].clone(), term["counted"].clone(), term["over"].clone()))
        .collect();
    assert_eq!(
        figures,
        [(json!("2025-04-01"), json!(20), json!(0)), (json!("2026-04-01"), json!(24.5), json!(0.5))]
    );
}

#[tokio::test]
async fn who_turns_from_contract_to_permanent_has_a_floor_from_then_on() {
    let app = TestApp::start().await;
    let agency = app.agency("KOTA").await;
    let admin = agency.admin().await;
    let unit = given::unit(&admin, "DINKES", None).await;
    let position = given::position(&admin, "STAF", &unit).await;
    let contract =
        json!({"nip": given::nip(9), "name": "Pegawai", "status": "PPPK", "appointed_on": "2024-04-01"});
    let person = admin.post("/v1/employees", contract).await.expect(201).id();
    given::place(&admin, &person, Some(&position), "2024-04-01").await.expect(201);
    verified(&admin, certified(&person, "B/1", "2026-05-01", 15.0)).await;
    let state = async || admin.get("/v1/jp-standings").await.expect(200).items()[0].clone();
    assert_eq!(
        (state().await["state"].clone(), state().await["floor"].clone()),
        (json!("WITHIN"), Value::Null)
    );
    let path = format!("/v1/employees/{person}");
    let permanent =
        json!({"nip": given::nip(9), "name": "Pegawai", "status": "PNS", "appointed_on": "2026-06-01"});
    admin.put(&path, "*", permanent).await.expect(200);
    let after = ledger(&admin, &person, 2026).await;
    let terms: Vec<_> = after.json["terms"]
        .as_array()
        .unwrap()
        .iter()
        .map(|term| {
            (
                term["status"].clone(),
                term["rule"]["bound"].clone(),
                term["until"].clone(),
                term["counted"].clone(),
            )
        })
        .collect();
    assert_eq!(
        terms,
        [
            (json!("PNS"), json!("AT_LEAST"), json!("2026-12-31"), json!(15)),
            (json!("PPPK"), json!("AT_MOST"), json!("2026-03-31"), json!(0)),
            (json!("PPPK"), json!("AT_MOST"), json!("2026-05-31"), json!(15)),
        ]
    );
    assert_eq!((state().await["state"].clone(), state().await["short"].clone()), (json!("SHORT"), json!(5)));
    assert_eq!(app.services.store.jp_sums_check(agency.id).await.unwrap(), 0);
    // A day of appointment that was wrong moves the contract years along.
    let corrected =
        json!({"nip": given::nip(9), "name": "Pegawai", "status": "PNS", "appointed_on": "2026-04-15"});
    admin.put(&path, "*", corrected).await.expect(200);
    assert_eq!(app.services.store.jp_sums_check(agency.id).await.unwrap(), 0);
}

#[tokio::test]
async fn the_year_ends_at_midnight_in_the_agency_and_expired_certificates_stop_counting() {
    let app = TestApp::start().await;
    let agency = app.agency("KOTA").await;
    let admin = agency.admin().await;
    let person = given::person(&admin, 1).await;
    let mut lapsing = certified(&person, "B/1", "2026-03-01", 20.0);
    lapsing["certificate"]["valid_until"] = json!("2026-07-01");
    verified(&admin, lapsing).await;
    assert_eq!(ledger(&admin, &person, 2026).await.json["counted"], 20);
    let zone = app.count("SELECT (CASE zone WHEN 'WIB' THEN 7 WHEN 'WITA' THEN 8 ELSE 9 END)::bigint FROM agencies WHERE code = 'KOTA'").await;
    // Valid through the first of July in the agency.
    let midnight = |day: &str, before: bool| {
        let utc: chrono::DateTime<chrono::Utc> = format!("{day}T00:00:00Z").parse().unwrap();
        let at = utc - chrono::TimeDelta::hours(zone) - chrono::TimeDelta::seconds(i64::from(before));
        at.to_rfc3339_opts(chrono::SecondsFormat::Secs, true)
    };
    let figures = async |at: &str| {
        app.set_now(at);
        let admin = agency.admin().await;
        let found = admin.get(&format!("/v1/employees/{person}/jp-ledger")).await.expect(200).json;
        (
            found["year"].clone(),
            found["counted"].clone(),
            found["expired"].clone(),
            found["terms"][0]["days_left"].clone(),
        )
    };
    assert_eq!(figures(&midnight("2026-07-02", true)).await, (json!(2026), json!(20), json!(0), json!(184)));
    assert_eq!(figures(&midnight("2026-07-02", false)).await, (json!(2026), json!(0), json!(20), json!(183)));
    assert_eq!(figures(&midnight("2027-01-01", true)).await, (json!(2026), json!(0), json!(20), json!(1)));
    assert_eq!(figures(&midnight("2027-01-01", false)).await, (json!(2027), json!(0), json!(0), json!(365)));
}

#[tokio::test]
async fn compliance_says_who_is_short_by_how_much_and_of_whom() {
    let app = TestApp::start().await;
    let agency = app.agency("KOTA").await;
    let admin = agency.admin().await;
    let top = given::unit(&admin, "DINAS", None).await;
    let [one, two] = [
        given::unit(&admin, "BIDANG-1", Some(&top)).await,
        given::unit(&admin, "BIDANG-2", Some(&top)).await,
    ];
    let head = given::head(&admin, "KEPALA", &top).await;
    let [first, second] =
        [given::position(&admin, "STAF-1", &one).await, given::position(&admin, "STAF-2", &two).await];
    let boss = given::person_in(&admin, 1, &head).await;
    let met = given::person_in(&admin, 2, &first).await;
    let short = given::person_in(&admin, 3, &first).await;
    given::person_in(&admin, 4, &second).await;
    given::person(&admin, 5).await;
    for (person, jp) in [(&boss, 9.5), (&met, 20.0), (&short, 12.0)] {
        verified(&admin, certified(person, "B/1", "2026-03-01", jp)).await;
    }
    let mut lapsing = certified(&met, "B/2", "2026-03-01", 5.0);
    lapsing["certificate"]["valid_until"] = json!("2026-04-01");
    verified(&admin, lapsing).await;
    let found = admin.get("/v1/jp-compliance").await.expect(200).json;
    assert_eq!((&found["as_of"], &found["days_left"]), (&json!("2026-07-01"), &json!(184)));
    let total = &found["total"];
    let figures = ["people", "with_floor", "met", "short", "short_by_half", "nothing_yet", "short_jp"]
        .map(|name| total[name].clone());
    assert_eq!(
        figures.to_vec(),
        json!([4, 4, 1, 3, 2, 1, 38.5]).as_array().unwrap().clone(),
        "whoever serves nowhere is not in it"
    );
    let within = admin.get(&format!("/v1/jp-compliance?unit_id={top}")).await.expect(200).json;
    let units: Vec<_> = within["units"]
        .as_array()
        .unwrap()
        .iter()
        .map(|unit| {
            (unit["unit_code"].clone(), unit["figures"]["people"].clone(), unit["figures"]["short"].clone())
        })
        .collect();
    assert_eq!(
        units,
        [
            (Value::Null, json!(1), json!(1)),
            (json!("BIDANG-1"), json!(2), json!(1)),
            (json!("BIDANG-2"), json!(1), json!(1))
        ]
    );
    let names = async |caller: &Caller<'_>, query: &str| {
        let list = caller.get(&format!("/v1/jp-standings{query}")).await.expect(200);
        list.items()
            .iter()
            .map(|one| {
                format!(
                    "{} {} {}",
                    one["employee_name"].as_str().unwrap(),
                    one["state"].as_str().unwrap(),
                    one["short"]
                )
            })
            .collect::<Vec<_>>()
    };
    assert_eq!(
        names(&admin, "").await,
        ["Pegawai 001 SHORT 10.5", "Pegawai 002 MET 0", "Pegawai 003 SHORT 8", "Pegawai 004 SHORT 20"]
    );
    assert_eq!(names(&admin, &format!("?state=SHORT,OVER&unit_id={one}")).await, ["Pegawai 003 SHORT 8"]);
    let supervisor = agency.employee(Role::Supervisor, &boss).await;
    assert_eq!(names(&supervisor, "?state=MET").await, ["Pegawai 002 MET 0"]);
    let me = agency.employee(Role::Employee, &short).await;
    assert_eq!(names(&me, "").await, ["Pegawai 003 SHORT 8"]);
    assert_eq!(me.get("/v1/jp-compliance").await.expect(200).json["total"]["people"], 1);
    let csv = admin.get("/v1/jp-compliance?format=csv").await.expect(200);
    assert_eq!(csv.text.lines().count(), 4, "total, one standing, one unit: {}", csv.text);
    agency.role(Role::Provider).await.get("/v1/jp-compliance").await.expect(403);
    admin.get("/v1/jp-standings?year=1899").await.expect(400).expect_error("/query/year", "OUT_OF_RANGE");
}

#[tokio::test]
async fn the_list_of_who_is_short_and_the_ledgers_say_the_same() {
    let app = TestApp::start().await;
    let agency = app.agency("KOTA").await;
    let admin = agency.admin().await;
    let unit = given::unit(&admin, "DINAS", None).await;
    let position = given::position(&admin, "STAF", &unit).await;
    // Appointments around the present day, on every standing, with hours on both sides of each boundary.
    let statuses = ["PNS", "CPNS", "PPPK", "PPPK_PARUH_WAKTU"];
    let appointed = ["2024-02-29", "2025-07-01", "2025-07-02", "2026-01-01", "2026-06-30"];
    let mut serial = 0;
    for status in statuses {
        for day in appointed {
            serial += 1;
            let person = json!({"nip": given::nip(serial), "name": format!("Pegawai {serial:03}"), "status": status, "appointed_on": day});
            let id = admin.post("/v1/employees", person).await.expect(201).id();
            given::place(&admin, &id, Some(&position), "2020-01-01").await.expect(201);
            for (number, on, jp, until) in [
                ("1", "2025-12-31", 7.0, None),
                ("2", "2026-01-01", 3.25, Some("2026-06-30")),
                ("3", "2026-06-30", 11.0, None),
                ("4", "2025-07-01", 9.0, Some("2026-05-01")),
            ] {
                let mut own = certified(&id, number, on, jp);
                own["certificate"]["valid_until"] = json!(until);
                verified(&admin, own).await;
            }
        }
    }
    let standings = admin.get("/v1/jp-standings?limit=200").await.expect(200);
    assert_eq!(standings.items().len(), 20);
    // From the facts before, from kept rows after, and from the facts again of whoever changed since: no difference.
    let sums = admin.get("/v1/jp-compliance").await.expect(200);
    assert_eq!(api::worker::tend_learning_hours(&app.services, agency.id).await.unwrap(), 20);
    assert_eq!(api::worker::tend_learning_hours(&app.services, agency.id).await.unwrap(), 0);
    assert_eq!(admin.get("/v1/jp-standings?limit=200").await.expect(200).json, standings.json);
    assert_eq!(admin.get("/v1/jp-compliance").await.expect(200).json, sums.json);
    let first = standings.items()[0]["employee_id"].as_str().unwrap();
    verified(&admin, certified(first, "lagi", "2026-06-30", 1.5)).await;
    let changed = admin.get("/v1/jp-standings?limit=200").await.expect(200);
    let hours = |list: &Answer| list.items().iter().map(|one| one["counted"].as_f64().unwrap()).sum::<f64>();
    assert!((hours(&changed) - hours(&standings) - 1.5).abs() < 0.001);
    let today = "2026-07-01".parse().unwrap();
    assert_eq!(app.services.store.jp_standings_check(agency.id, today).await.unwrap(), 0);
    let standings = changed;
    for one in standings.items() {
        let of = one["employee_id"].as_str().unwrap();
        let found = ledger(&admin, of, 2026).await.json;
        assert_eq!(one["counted"], found["counted"], "{one}");
        let now: Vec<_> = found["terms"]
            .as_array()
            .unwrap()
            .iter()
            .filter(|term| {
                term["from"].as_str().unwrap() <= "2026-07-01"
                    && term["until"].as_str().unwrap() >= "2026-07-01"
            })
            .collect();
        let of_bound = |bound: &str, what: &str| {
            let term = now.iter().find(|term| term["rule"]["bound"] == bound);
            term.map_or(Value::Null, |term| term[what].clone())
        };
        assert_eq!(one["floor"], of_bound("AT_LEAST", "jp"), "{one} {found}");
        assert_eq!(one["ceiling"], of_bound("AT_MOST", "jp"), "{one} {found}");
        if !one["ceiling"].is_null() {
            assert_eq!(one["counted_to_ceiling"], of_bound("AT_MOST", "counted"), "{one} {found}");
        }
    }
    assert_eq!(app.services.store.jp_sums_check(agency.id).await.unwrap(), 0);
}
