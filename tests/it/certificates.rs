//! Results, completion, certificates, their verification, and the evidence that completions propose.

use access::Role;
use serde_json::{Value, json};
use support::{Agency, Caller, TestApp};

use crate::given;

/// A class of three that was held, of a programme that teaches a competency.
struct Held {
    class: String,
    people: Vec<String>,
    enrolments: Vec<String>,
    competency: String,
    position: String,
}

/// Enrols three people and holds the class; afterwards it is the day after, 09:00 in Jakarta.
async fn held(app: &TestApp, agency: &Agency<'_>, more: Value) -> Held {
    let admin = agency.admin().await;
    let unit = given::unit(&admin, "DINAS", None).await;
    let position = given::position(&admin, "STAF", &unit).await;
    let competency = given::competency(&admin, "M.1").await;
    let partner = given::partner(&admin, "BPSDM").await;
    let mut body = given::programme_body("P1", &partner, more);
    body["steps"] = json!([{"competency_id": competency, "level_from": 1, "level_to": 3}]);
    let programme = admin.post("/v1/programmes", body).await.expect(201).id();
    admin.transition(&format!("/v1/programmes/{programme}/publication"), "*").await.expect(200);
    let class = given::open_class(&admin, "K1", &programme, json!({})).await;
    let (mut people, mut enrolments) = (Vec::new(), Vec::new());
    for serial in 1..=3 {
        let person = given::person_in(&admin, serial, &position).await;
        let enrolled = json!({"employee_id": person});
        let path = format!("/v1/classes/{class}/enrolments");
        enrolments.push(admin.post(&path, enrolled).await.expect(201).id());
        people.push(person);
    }
    app.set_now("2026-07-22T02:00:00Z");
    let provider = agency.role(Role::Provider).await;
    for number in 1..=2 {
        // The third was never there; the second missed a day.
        let presence = |n: usize| match (n, number) {
            (2, _) | (1, 2) => "ABSENT",
            _ => "PRESENT",
        };
        let items: Vec<_> =
            (0..3).map(|n| json!({"enrolment_id": enrolments[n], "presence": presence(n)})).collect();
        let path = format!("/v1/classes/{class}/sessions/{number}/attendance");
        provider.put(&path, "*", json!({"items": items})).await.expect(200);
    }
    Held { class, people, enrolments, competency, position }
}

/// Enters that the first two passed and the third did not, and completes the class.
async fn complete(provider: &Caller<'_>, held: &Held) {
    let results = json!({"items": [
        {"enrolment_id": held.enrolments[0], "passed": true, "score": 87.5},
        {"enrolment_id": held.enrolments[1], "passed": true},
        {"enrolment_id": held.enrolments[2], "passed": false}]});
    provider.put(&format!("/v1/classes/{}/results", held.class), "*", results).await.expect(200);
    provider.transition(&format!("/v1/classes/{}/completion", held.class), "*").await.expect(200);
}

#[tokio::test]
async fn a_class_ends_with_results_for_everybody_and_certificates_for_who_passed() {
    let app = TestApp::start().await;
    let agency = app.agency("KOTA").await;
    let held = held(&app, &agency, json!({"certificate_months": 12})).await;
    let provider = agency.role(Role::Provider).await;
    let (results, completion) =
        (format!("/v1/classes/{}/results", held.class), format!("/v1/classes/{}/completion", held.class));
    let absent = json!({"items": [{"enrolment_id": held.enrolments[2], "passed": true}]});
    provider.put(&results, "*", absent).await.expect(400).expect_error("/items/0/passed", "INCONSISTENT");
    let best = json!({"items": [{"enrolment_id": held.enrolments[0], "passed": true, "score": 100.5}]});
    provider.put(&results, "*", best).await.expect(400).expect_error("/items/0/score", "OUT_OF_RANGE");
    let pointer = format!("/enrolments/{}", held.enrolments[1]);
    let missing = provider.transition(&completion, "*").await.expect(409);
    missing.expect_problem("CLASS_RESULTS_MISSING").expect_error(&pointer, "REQUIRED");
    complete(&provider, &held).await;
    provider.transition(&completion, "*").await.expect(409).expect_problem("CLASS_STATE");

    let list = provider.get(&format!("/v1/enrolments?class_id={}", held.class)).await.expect(200);
    let told: Vec<_> = list.items().iter().map(|one| (one["state"].clone(), one["score"].clone())).collect();
    let of = |state: &str, score: Value| (json!(state), score);
    assert_eq!(told, [of("PASSED", json!(87.5)), of("PASSED", Value::Null), of("FAILED", Value::Null)]);
    let list = provider.get(&format!("/v1/certificates?class_id={}", held.class)).await.expect(200);
    let numbers: Vec<_> = list.items().iter().map(|one| one["number"].as_str().unwrap().to_owned()).collect();
    assert_eq!(numbers, ["P1/K1/001", "P1/K1/002"]);
    let first = &list.items()[0];
    for (property, value) in [
        ("status", json!("VALID")),
        ("holder", json!("Pegawai 001")),
        ("held_from", json!("2026-07-20")),
        ("held_until", json!("2026-07-21")),
        ("issued_on", json!("2026-07-22")),
        ("valid_until", json!("2027-07-22")),
        // Technical training is worth four hours a day.
        ("jp", json!(8)),
        ("jp_basis", json!("CONVERTED")),
    ] {
        assert_eq!(first[property], value, "{property}");
    }
    assert_eq!(list.items()[1]["jp"], 4, "one day of two");
    // The hours stand in the ledgers of those who passed, from the day the class ended.
    let entries = "SELECT count(*) FROM jp_entries WHERE source = 'COMPLETION' AND earned_on = '2026-07-21'";
    assert_eq!(app.count(entries).await, 2);
    assert_eq!(app.count("SELECT sum(hundredths)::bigint FROM jp_entries").await, 1200);
}

#[tokio::test]
async fn what_the_programme_states_wins_over_conversion() {
    let app = TestApp::start().await;
    let agency = app.agency("KOTA").await;
    let held = held(&app, &agency, json!({"jp": 24.5})).await;
    complete(&agency.role(Role::Provider).await, &held).await;
    let admin = agency.admin().await;
    let list = admin.get("/v1/certificates").await.expect(200);
    for one in list.items() {
        assert_eq!((&one["jp"], &one["jp_basis"]), (&json!(24.5), &json!("STATED")));
        assert_eq!(one["valid_until"], Value::Null);
    }
}

#[tokio::test]
async fn completions_at_once_issue_each_certificate_once() {
    let app = TestApp::start().await;
    let agency = app.agency("KOTA").await;
    let held = held(&app, &agency, json!({})).await;
    let provider = agency.role(Role::Provider).await;
    let results: Vec<_> = held
        .enrolments
        .iter()
        .map(|id| json!({"enrolment_id": id, "passed": *id != held.enrolments[2]}))
        .collect();
    let path = format!("/v1/classes/{}", held.class);
    provider.put(&format!("{path}/results"), "*", json!({"items": results})).await.expect(200);
    let completion = format!("{path}/completion");
    let tries = (0..6).map(|_| provider.transition(&completion, "*"));
    let mut statuses: Vec<_> =
        futures_util::future::join_all(tries).await.iter().map(|answer| answer.status).collect();
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 409, 409, 409, 409, 409]);
    assert_eq!(app.count("SELECT count(*) FROM certificates").await, 2);
}

#[tokio::test]
async fn anybody_verifies_a_certificate_and_learns_nothing_more() {
    let app = TestApp::start().await;
    let agency = app.agency("KOTA").await;
    let held = held(&app, &agency, json!({"certificate_months": 1})).await;
    complete(&agency.role(Role::Provider).await, &held).await;
    let admin = agency.admin().await;
    let one = admin.get("/v1/certificates").await.expect(200).items()[0].clone();
    let path = format!("/verify/{}", one["code"].as_str().unwrap());
    assert!(one["verify_url"].as_str().unwrap().ends_with(&path.replace('-', "")));
    let told = app.anonymous().get(&path).await.expect(200);
    let mut names: Vec<_> = told.json.as_object().unwrap().keys().map(String::as_str).collect();
    names.sort_unstable();
    assert_eq!(
        names,
        [
            "agency",
            "held_from",
            "held_until",
            "holder",
            "issued_on",
            "jp",
            "number",
            "provider",
            "status",
            "title",
            "valid_until"
        ]
    );
    assert_eq!((&told.json["holder"], &told.json["status"]), (&json!("Pegawai 001"), &json!("VALID")));
    assert!(!told.text.contains(&given::nip(1)));
    app.anonymous().get(&path.to_lowercase()).await.expect(200);
    for wrong in ["00000-00000-00000-00000-000000", "x", "%00", "..%2F..%2Fv1"] {
        app.anonymous().get(&format!("/verify/{wrong}")).await.expect(404);
    }
    // A browser is shown a page that says the same, and runs nothing.
    let browser = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8";
    let page = app.anonymous().with("accept", browser).get(&path).await.expect(200);
    assert_eq!(page.header("content-type"), "text/html; charset=utf-8");
    assert!(page.header("content-security-policy").starts_with("default-src 'none'; style-src"));
    assert_eq!((page.header("content-language"), page.header("cache-control")), ("id", "no-store"));
    for told in ["Pegawai 001", "P1/K1/001", "Sertifikat ini berlaku.", "21 Juli 2026"] {
        assert!(page.text.contains(told), "{told}: {}", page.text);
    }
    assert!(!page.text.contains(&given::nip(1)) && !page.text.contains("<script"));
    let english =
        app.anonymous().with("accept-language", "en").get(&format!("{path}?format=html")).await.expect(200);
    assert!(
        english.text.contains("This certificate is valid.") && english.text.contains("<html lang=\"en\">")
    );
    app.anonymous().with("accept", "image/png").get(&path).await.expect(406);
    // It counts on its last day in Jakarta, and no longer when the next one begins there.
    let status = async || app.anonymous().get(&path).await.expect(200).json["status"].clone();
    app.set_now("2026-08-22T16:59:59Z");
    assert_eq!(status().await, "VALID");
    app.set_now("2026-08-22T17:00:00Z");
    assert_eq!(status().await, "EXPIRED");
    let admin = agency.admin().await;
    assert_eq!(admin.get("/v1/certificates?status=EXPIRED").await.expect(200).items().len(), 2);
    assert_eq!(admin.get("/v1/certificates?status=VALID").await.expect(200).items().len(), 0);
}

#[tokio::test]
async fn a_revoked_certificate_counts_no_longer_and_proposes_nothing() {
    let app = TestApp::start().await;
    let agency = app.agency("KOTA").await;
    let held = held(&app, &agency, json!({})).await;
    let provider = agency.role(Role::Provider).await;
    complete(&provider, &held).await;
    let list = provider.get(&format!("/v1/certificates?employee_id={}", held.people[0])).await.expect(200);
    let one = list.items()[0].clone();
    let path = format!("/v1/certificates/{}", one["id"].as_str().unwrap());
    let own = agency.employee(Role::Employee, &held.people[0]).await;
    let seen = own.get(&path).await.expect(200);
    assert_eq!(seen.json["allowed_actions"], json!([]));
    own.put(&format!("{path}/revocation"), "*", json!({"reason": "x"})).await.expect(403);
    agency.employee(Role::Employee, &held.people[1]).await.get(&path).await.expect(404);
    let reason = json!({"reason": "Nilai keliru"});
    let gone = provider.put(&format!("{path}/revocation"), &seen.etag(), reason.clone()).await.expect(200);
    assert_eq!(
        (&gone.json["status"], &gone.json["revoked_for"]),
        (&json!("REVOKED"), &json!("Nilai keliru"))
    );
    provider
        .put(&format!("{path}/revocation"), "*", reason)
        .await
        .expect(409)
        .expect_problem("CERTIFICATE_REVOKED");
    let told = app.anonymous().get(&format!("/verify/{}", one["code"].as_str().unwrap())).await.expect(200);
    assert_eq!(told.json["status"], "REVOKED");
    let left =
        format!("SELECT sum(hundredths)::bigint FROM jp_entries WHERE employee_id = '{}'", held.people[0]);
    assert_eq!(app.count(&left).await, 0, "its hours are taken back");
    let proposals = provider.get("/v1/evidence-proposals?state=VOID").await.expect(200);
    assert_eq!(proposals.items().len(), 1);
    // What builds on the programme is no longer met.
    let programme = seen.json["programme_id"].as_str().unwrap();
    let admin = agency.admin().await;
    let partner =
        admin.get(&format!("/v1/programmes/{programme}")).await.expect(200).json["partner_id"].clone();
    let more = json!({"prerequisites": [{"programme_id": programme}]});
    let body = given::programme_body("P2", partner.as_str().unwrap(), more);
    let second = admin.post("/v1/programmes", body).await.expect(201).id();
    admin.transition(&format!("/v1/programmes/{second}/publication"), "*").await.expect(200);
    let later = json!({"registration_closes_at": "2026-08-02T00:00:00Z", "sessions": [
        {"starts_at": "2026-08-03T01:00:00Z", "ends_at": "2026-08-03T09:00:00Z"}]});
    let class = given::open_class(&admin, "K2", &second, later).await;
    let enrol = async |person: &str| {
        admin.post(&format!("/v1/classes/{class}/enrolments"), json!({"employee_id": person})).await
    };
    enrol(&held.people[0]).await.expect(409).expect_error("/prerequisites/0", "REQUIRED");
    enrol(&held.people[1]).await.expect(201);
}

#[tokio::test]
async fn a_completion_proposes_evidence_and_changes_no_level() {
    let app = TestApp::start().await;
    let agency = app.agency("KOTA").await;
    let held = held(&app, &agency, json!({})).await;
    let requirements = json!([{"competency_id": held.competency, "level": 3}]);
    given::standard(&agency, &held.position, "2026-01-01", requirements).await;
    let admin = agency.admin().await;
    let profile = format!("/v1/employees/{}/gap-profile?as_of=2026-07-22", held.people[0]);
    let before = admin.get(&profile).await.expect(200).json["competencies"].clone();
    complete(&agency.role(Role::Provider).await, &held).await;
    assert_eq!(admin.get(&profile).await.expect(200).json["competencies"], before);
    assert_eq!(app.count("SELECT count(*) FROM assessment_results").await, 0);

    let assessor = agency.role(Role::Assessor).await;
    let list =
        assessor.get(&format!("/v1/evidence-proposals?competency_id={}", held.competency)).await.expect(200);
    assert_eq!(list.items().len(), 2, "one for each who passed");
    let one = list.items().iter().find(|one| one["employee_id"] == held.people[0].as_str()).unwrap();
    assert_eq!((&one["level"], &one["state"]), (&json!(3), &json!("PROPOSED")));
    assert_eq!(one["allowed_actions"], json!(["TAKE_UP", "DISMISS"]));
    let path = format!("/v1/evidence-proposals/{}", one["id"].as_str().unwrap());
    let other = given::assessed(&assessor, "2026-07-22", &[(&held.people[1], &held.competency, 2)]).await;
    let uptake = |result: &str| json!({"result_id": result});
    let refused = assessor.put(&format!("{path}/uptake"), "*", uptake(&other[0])).await.expect(409);
    refused.expect_problem("EVIDENCE_PROPOSAL_OTHER_RESULT");
    assessor
        .put(&format!("{path}/uptake"), "*", uptake(&held.class))
        .await
        .expect(400)
        .expect_error("/result_id", "NOT_FOUND");
    // What was found before the training was over says nothing of it.
    let before = given::assessed(&assessor, "2026-07-19", &[(&held.people[0], &held.competency, 2)]).await;
    let refused = assessor.put(&format!("{path}/uptake"), "*", uptake(&before[0])).await.expect(409);
    refused.expect_problem("EVIDENCE_PROPOSAL_OTHER_RESULT");
    let result = given::assessed(&assessor, "2026-07-22", &[(&held.people[0], &held.competency, 2)]).await;
    let taken = assessor.put(&format!("{path}/uptake"), "*", uptake(&result[0])).await.expect(200);
    assert_eq!((&taken.json["state"], &taken.json["result_id"]), (&json!("TAKEN_UP"), &json!(result[0])));
    let reason = json!({"reason": "Tidak diuji"});
    assessor
        .put(&format!("{path}/dismissal"), "*", reason.clone())
        .await
        .expect(409)
        .expect_problem("EVIDENCE_PROPOSAL_STATE");
    let second = list.items().iter().find(|one| one["employee_id"] == held.people[1].as_str()).unwrap();
    let path = format!("/v1/evidence-proposals/{}/dismissal", second["id"].as_str().unwrap());
    agency.employee(Role::Employee, &held.people[1]).await.put(&path, "*", reason.clone()).await.expect(403);
    assert_eq!(assessor.put(&path, "*", reason).await.expect(200).json["state"], "DISMISSED");
}

#[tokio::test]
async fn a_certificate_is_a_page_to_print_too() {
    let app = TestApp::start().await;
    let agency = app.agency("KOTA").await;
    let held = held(&app, &agency, json!({})).await;
    complete(&agency.role(Role::Provider).await, &held).await;
    let admin = agency.admin().await;
    let id = admin.get("/v1/certificates").await.expect(200).items()[0]["id"].as_str().unwrap().to_owned();
    let path = format!("/v1/certificates/{id}?format=pdf");
    let page = admin.get(&path).await.expect(200);
    assert_eq!(page.header("content-type"), "application/pdf");
    assert!(page.bytes.starts_with(b"%PDF-"));
    assert_eq!(page.header("content-language"), "id");
    let english = admin.with("accept-language", "en").get(&path).await.expect(200);
    assert_eq!(english.header("content-language"), "en");
    assert_ne!(page.bytes, english.bytes);
    let looks = format!(
        "SELECT count(*) FROM access_records WHERE employee_id = '{}' AND operation = 'certificate_get'",
        held.people[0]
    );
    assert_eq!(app.count(&looks).await, 2);
}

#[tokio::test]
async fn whoever_turns_out_never_to_have_been_there_gets_no_certificate() {
    let app = TestApp::start().await;
    let agency = app.agency("KOTA").await;
    let held = held(&app, &agency, json!({"jp": 24})).await;
    let provider = agency.role(Role::Provider).await;
    let enter = async |first: bool| {
        let of = |n: usize, passed: bool| json!({"enrolment_id": held.enrolments[n], "passed": passed});
        let results = json!({"items": [of(0, first), of(1, true), of(2, false)]});
        provider.put(&format!("/v1/classes/{}/results", held.class), "*", results).await.expect(200);
    };
    enter(true).await;
    for number in 1..=2 {
        let items: Vec<_> = (0..3)
            .map(|n| json!({"enrolment_id": held.enrolments[n], "presence": if n == 1 { "PRESENT" } else { "ABSENT" }}))
            .collect();
        let path = format!("/v1/classes/{}/sessions/{number}/attendance", held.class);
        provider.put(&path, "*", json!({"items": items})).await.expect(200);
    }
    let completion = format!("/v1/classes/{}/completion", held.class);
    let pointer = format!("/enrolments/{}", held.enrolments[0]);
    let refused = provider.transition(&completion, "*").await.expect(409);
    assert_eq!(refused.json["errors"].as_array().unwrap().len(), 1, "{}", refused.text);
    refused.expect_problem("CLASS_RESULTS_MISSING").expect_error(&pointer, "INCONSISTENT");
    enter(false).await;
    provider.transition(&completion, "*").await.expect(200);
    assert_eq!(app.count("SELECT count(*) FROM certificates").await, 1);
}

#[tokio::test]
async fn hours_of_a_class_count_under_the_cap_of_its_form_and_what_is_taken_back_frees_it() {
    let app = TestApp::start().await;
    let agency = app.agency("KOTA").await;
    // Coaching: two hours a session, four a month; the class has two sessions in July.
    let held = held(&app, &agency, json!({"form": "NKL01"})).await;
    let admin = agency.admin().await;
    let own = async |unit: &str| {
        let body = json!({"employee_id": held.people[0], "title": "Coaching", "form": "NKL01", "started_on": unit,
            "ended_on": unit, "units": [unit], "document": "berkas/1"});
        format!("/v1/own-learnings/{}", admin.post("/v1/own-learnings", body).await.expect(201).id())
    };
    let counted = async || {
        let path = format!("/v1/employees/{}/jp-ledger?year=2026", held.people[0]);
        admin.get(&path).await.expect(200).json["counted"].clone()
    };
    let first = own("2026-07-06").await;
    admin.transition(&format!("{first}/verification"), "*").await.expect(200);
    complete(&agency.role(Role::Provider).await, &held).await;
    // The certificate says what the class is worth, and the ledger what it adds.
    let path = format!("/v1/certificates?employee_id={}", held.people[0]);
    let certificate = admin.get(&path).await.expect(200).items()[0].clone();
    assert_eq!((&certificate["jp"], counted().await), (&json!(4), json!(4)));
    let second = format!("{}/verification", own("2026-07-07").await);
    let refused = admin.transition(&second, "*").await.expect(409);
    refused.expect_problem("OWN_LEARNING_NO_HOURS");
    let revoked = format!("/v1/certificates/{}/revocation", certificate["id"].as_str().unwrap());
    admin.put(&revoked, "*", json!({"reason": "Keliru"})).await.expect(200);
    assert_eq!(counted().await, 2);
    admin.transition(&second, "*").await.expect(200);
    assert_eq!(counted().await, 4);
    // So does a correction of what was logged.
    let entries = format!("/v1/employees/{}/jp-ledger?year=2026", held.people[0]);
    let entries = admin.get(&entries).await.expect(200).json["entries"].clone();
    let entry = entries.as_array().unwrap().iter().find(|one| one["earned_on"] == "2026-07-06").unwrap();
    let path = format!("/v1/jp-entries/{}/correction", entry["id"].as_str().unwrap());
    admin.put(&path, "*", json!({"jp": 0, "reason": "Tidak terjadi"})).await.expect(200);
    let third = format!("{}/verification", own("2026-07-08").await);
    admin.transition(&third, "*").await.expect(200);
    assert_eq!(counted().await, 4);
}
