//! `/v1/assessment-events` and `/v1/assessment-results`.

use access::Role;
use serde_json::{Value, json};
use support::TestApp;

use crate::given;

#[tokio::test]
async fn results_are_entered_signed_off_and_corrected_by_another() {
    let app = TestApp::start().await;
    let agency = app.agency("KOTA").await;
    let (admin, assessor) = (agency.admin().await, agency.role(Role::Assessor).await);
    let person = given::person(&admin, 1).await;
    let competencies = given::national(&admin).await;
    let competency = &competencies[0].1;
    let event = given::event(&assessor, "ASSESSMENT_CENTER", "2026-05-15").await;
    let path = format!("/v1/assessment-events/{event}");
    let sign_off = format!("{path}/sign-off");
    assessor.transition(&sign_off, "*").await.expect(409).expect_problem("ASSESSMENT_EMPTY");
    let ids = given::results(&assessor, &event, &[(&person, competency, 2)]).await;
    let again = given::results(&assessor, &event, &[(&person, competency, 3)]).await;
    assert_eq!(ids, again, "the same person and competency is the same result");
    let result = format!("/v1/assessment-results/{}", ids[0]);
    let draft = assessor.get(&result).await.expect(200);
    assert_eq!((&draft.json["level"], &draft.json["state"]), (&json!(3), &json!("DRAFT")));
    assert_eq!(draft.json["valid_until"], "2029-05-15", "three years by the nation's policy");
    assert_eq!(draft.json["allowed_actions"], json!(["EDIT", "DELETE"]));
    let correction = json!({"level": 4, "reason": "Salah ketik"});
    let supersession = format!("{result}/supersession");
    assessor
        .put(&supersession, &draft.etag(), correction.clone())
        .await
        .expect(409)
        .expect_problem("ASSESSMENT_RESULT_STATE");

    let read = assessor.get(&path).await.expect(200);
    assert_eq!(read.json["allowed_actions"], json!(["EDIT", "SIGN_OFF", "CANCEL"]));
    let signed = assessor.transition(&sign_off, &read.etag()).await.expect(200);
    assert_eq!((&signed.json["state"], &signed.json["allowed_actions"]), (&json!("SIGNED_OFF"), &json!([])));
    assessor.transition(&sign_off, &signed.etag()).await.expect(409).expect_problem("ASSESSMENT_STATE");
    let items = json!({"items": [{"employee_id": person, "competency_id": competency, "level": 1}]});
    assessor.put(&format!("{path}/results"), "*", items).await.expect(409).expect_problem("ASSESSMENT_STATE");
    let last = assessor.get(&result).await.expect(200);
    assert_ne!(last.etag(), draft.etag());
    assessor.delete(&result, &last.etag()).await.expect(409).expect_problem("ASSESSMENT_RESULT_STATE");

    assessor.put(&supersession, &draft.etag(), correction.clone()).await.expect(412);
    let too_long = json!({"level": 4, "reason": "x", "valid_until": "2029-05-16"});
    assessor.put(&supersession, "*", too_long).await.expect(400).expect_error("/valid_until", "OUT_OF_RANGE");
    let right = assessor.put(&supersession, &last.etag(), correction.clone()).await.expect(200);
    assert_eq!(right.header("location"), format!("/v1/assessment-results/{}", right.id()));
    assert_eq!((&right.json["level"], &right.json["supersedes_id"]), (&json!(4), &json!(ids[0])));
    let wrong = assessor.get(&result).await.expect(200);
    assert_eq!((&wrong.json["state"], &wrong.json["level"]), (&json!("SUPERSEDED"), &json!(3)));
    assessor.put(&supersession, &wrong.etag(), correction).await.expect(409);
    let live =
        assessor.get(&format!("/v1/assessment-results?event_id={event}&final_only=true")).await.expect(200);
    assert_eq!(live.items().iter().map(|one| one["id"].clone()).collect::<Vec<_>>(), [json!(right.id())]);
}

#[tokio::test]
async fn many_results_are_written_together_or_as_far_as_they_can_stand() {
    let app = TestApp::start().await;
    let agency = app.agency("KOTA").await;
    let (admin, assessor) = (agency.admin().await, agency.role(Role::Assessor).await);
    given::person(&admin, 1).await;
    given::person(&admin, 2).await;
    let event = given::event(&assessor, "CACT", "2026-05-15").await;
    let path = format!("/v1/assessment-events/{event}/results");
    let item = |serial: u16, code: &str, level: i64| json!({"nip": given::nip(serial), "dictionary": "NASIONAL-38-2017", "competency_code": code, "level": level});
    let mut early = item(2, "M.1", 3);
    early["valid_until"] = json!("2026-05-14");
    let items = json!({"items": [
        item(1, "M.1", 3), item(3, "M.1", 3), item(1, "M.1", 2), item(1, "M.9999", 9), early, item(2, "M.2", 4)]});
    let errors = [
        ("/items/1/nip", "NOT_FOUND"),
        ("/items/2", "DUPLICATE"),
        ("/items/3/level", "OUT_OF_RANGE"),
        ("/items/4/valid_until", "OUT_OF_RANGE"),
    ];
    for query in ["", "?atomic=true", "?dry_run=true"] {
        let refused = assessor.put(&format!("{path}{query}"), "*", items.clone()).await.expect(400);
        assert_eq!(refused.json["errors"].as_array().unwrap().len(), 4, "{}", refused.text);
        let _ = errors.iter().fold(refused, |refused, (at, code)| refused.expect_error(at, code));
    }
    let report = |answer: &support::Answer| {
        let items = answer.json["items"].as_array().unwrap().iter();
        items.map(|one| (one["accepted"] == true, one["result_id"].is_string())).collect::<Vec<_>>()
    };
    let checked =
        assessor.put(&format!("{path}?dry_run=true&atomic=false"), "*", items.clone()).await.expect(200);
    assert_eq!(checked.json["written"], false);
    assert_eq!(report(&checked).iter().filter(|one| **one == (true, false)).count(), 2);
    assert_eq!(app.count("SELECT count(*) FROM assessment_results").await, 0);

    let written = assessor.put(&format!("{path}?atomic=false"), "*", items).await.expect(200);
    let (yes, no) = ((true, true), (false, false));
    assert_eq!(report(&written), [yes, no, no, no, no, yes]);
    assert_eq!(written.json["items"][1]["errors"], json!([{"pointer": "/items/1/nip", "code": "NOT_FOUND"}]));
    assert_eq!(app.count("SELECT count(*) FROM assessment_results").await, 2);
    let none = json!({"items": [item(3, "M.1", 3)]});
    assessor
        .put(&format!("{path}?atomic=false"), "*", none)
        .await
        .expect(400)
        .expect_error("/items/0/nip", "NOT_FOUND");
    let many: Vec<_> = (0..1001).map(|_| item(1, "M.1", 1)).collect();
    assessor.put(&path, "*", json!({"items": many})).await.expect(400).expect_error("/items", "TOO_MANY");
    assessor.put(&path, "\"9\"", json!({"items": [item(1, "M.1", 1)]})).await.expect(412);

    // A thousand at once, a person being no problem of their own.
    let thousand: Vec<_> = (0..1000)
        .map(|n| json!({"nip": given::nip(1 + n % 2), "dictionary": "KOTA", "competency_code": format!("T.{}", n / 2), "level": 1}))
        .collect();
    let codes: Vec<_> = (0..500).map(|n| format!("T.{n}")).collect();
    app.sql(&format!(
        "WITH d AS (INSERT INTO dictionaries (agency_id, id, code, name, created_at, updated_at)
             SELECT '{agency}', gen_random_uuid(), 'KOTA', 'x', now(), now() RETURNING id),
         v AS (INSERT INTO dictionary_versions
                 (agency_id, id, dictionary_id, number, state, published_at, created_at, updated_at)
             SELECT '{agency}', gen_random_uuid(), d.id, 1, 'PUBLISHED', now(), now(), now() FROM d RETURNING id),
         c AS (INSERT INTO competencies (agency_id, id, dictionary_id, code)
             SELECT '{agency}', gen_random_uuid(), d.id, c FROM d, unnest('{{{codes}}}'::text[]) c RETURNING id, code)
         INSERT INTO competency_contents (agency_id, dictionary_version_id, competency_id, name, family, definition)
         SELECT '{agency}', v.id, c.id, c.code, 'TEKNIS', 'x' FROM v, c",
        agency = agency.id,
        codes = codes.join(",")
    ))
    .await;
    let written = assessor.put(&path, "*", json!({"items": thousand})).await.expect(200);
    assert!(report(&written).iter().all(|one| *one == yes));
    assert_eq!(app.count("SELECT count(*) FROM assessment_results").await, 1002);
}

#[tokio::test]
async fn nobody_assesses_themself_or_their_superior() {
    let app = TestApp::start().await;
    let agency = app.agency("KOTA").await;
    let admin = agency.admin().await;
    let unit = given::unit(&admin, "DINKES", None).await;
    let (head, staff) =
        (given::head(&admin, "KADIS", &unit).await, given::position(&admin, "STAF", &unit).await);
    let boss = given::person_in(&admin, 1, &head).await;
    let (me, colleague) =
        (given::person_in(&admin, 2, &staff).await, given::person_in(&admin, 3, &staff).await);
    let assessor = agency.employee(Role::Assessor, &me).await;
    let other = agency.role(Role::Assessor).await;
    let competency = given::national(&admin).await.remove(0).1;
    let event = given::event(&assessor, "INTERVIEW", "2026-05-15").await;
    let path = format!("/v1/assessment-events/{event}");
    let put = async |person: &str| {
        let items = json!({"items": [{"employee_id": person, "competency_id": competency, "level": 5}]});
        assessor.put(&format!("{path}/results"), "*", items).await
    };
    for person in [&me, &boss] {
        let refused = put(person).await.expect(409).expect_problem("CONFLICT_OF_INTEREST");
        refused.expect_error("/items/0", "CONFLICT_OF_INTEREST");
    }
    put(&colleague).await.expect(200);
    let ids = given::results(&other, &event, &[(&boss, &competency, 3)]).await;
    let sign_off = format!("{path}/sign-off");
    assessor.transition(&sign_off, "*").await.expect(409).expect_problem("CONFLICT_OF_INTEREST");
    other.transition(&sign_off, "*").await.expect(200);
    let supersession = format!("/v1/assessment-results/{}/supersession", ids[0]);
    let correction = json!({"level": 5, "reason": "x"});
    let refused = assessor.put(&supersession, "*", correction.clone()).await.expect(409);
    refused.expect_problem("CONFLICT_OF_INTEREST");
    other.put(&supersession, "*", correction).await.expect(200);
}

#[tokio::test]
async fn a_civil_servant_assesses_themself_and_it_never_counts() {
    let app = TestApp::start().await;
    let agency = app.agency("KOTA").await;
    let (admin, assessor) = (agency.admin().await, agency.role(Role::Assessor).await);
    let unit = given::unit(&admin, "DINKES", None).await;
    let staff = given::position(&admin, "STAF", &unit).await;
    let (me, other) = (given::person_in(&admin, 1, &staff).await, given::person_in(&admin, 2, &staff).await);
    let (own, stranger) =
        (agency.employee(Role::Employee, &me).await, agency.employee(Role::Employee, &other).await);
    let competency = given::national(&admin).await.remove(0).1;
    let body = |method: &str| json!({"purpose": "MAPPING", "method": method, "provider": "Mandiri", "assessed_on": "2026-05-15"});
    own.post("/v1/assessment-events", body("INTERVIEW")).await.expect(403);
    let event = own.post("/v1/assessment-events", body("SELF")).await.expect(201);
    assert_eq!(event.json["allowed_actions"], json!(["EDIT", "SIGN_OFF", "CANCEL"]));
    assert_eq!(event.json["counts"], false);
    let path = format!("/v1/assessment-events/{}", event.id());
    stranger.get(&path).await.expect(404);
    let item =
        |person: &str| json!({"items": [{"employee_id": person, "competency_id": competency, "level": 5}]});
    let results = format!("{path}/results");
    own.put(&results, "*", item(&other)).await.expect(400).expect_error("/items/0/employee_id", "NOT_FOUND");
    let put = own.put(&results, &event.etag(), item(&me)).await.expect(200);
    own.put(&path, "*", body("INTERVIEW")).await.expect(400).expect_error("/method", "IMMUTABLE");
    assessor.put(&path, "*", body("INTERVIEW")).await.expect(400).expect_error("/method", "IMMUTABLE");
    let mut renamed = body("SELF");
    renamed["provider"] = json!("Saya sendiri");
    own.put(&path, &put.etag(), renamed).await.expect(200);
    own.transition(&format!("{path}/sign-off"), "*").await.expect(200);
    let list = own.get("/v1/assessment-results").await.expect(200);
    assert_eq!((&list.items()[0]["state"], &list.items()[0]["counts"]), (&json!("FINAL"), &json!(false)));
    assert!(own.get("/v1/assessment-results?counting_on=2026-06-01").await.expect(200).items().is_empty());
    let profile = own.get(&format!("/v1/employees/{me}/gap-profile?as_of=2026-06-01")).await.expect(200);
    assert_eq!(
        profile.json["summary"],
        json!({"met": 0, "gap": 0, "exceeds": 0, "missing": 9, "expired": 0})
    );

    // An event others have a part in is not theirs to change, though they see it.
    let shared = given::event(&assessor, "SELF", "2026-05-15").await;
    given::results(&assessor, &shared, &[(&me, &competency, 1), (&other, &competency, 1)]).await;
    let seen = own.get(&format!("/v1/assessment-events/{shared}")).await.expect(200);
    assert_eq!(seen.json["allowed_actions"], json!([]));
    own.transition(&format!("/v1/assessment-events/{shared}/cancellation"), "*").await.expect(403);
    own.put(&format!("/v1/assessment-events/{shared}/results"), "*", item(&me)).await.expect(403);
}

#[tokio::test]
async fn people_see_the_assessments_within_their_reach() {
    let app = TestApp::start().await;
    let (here, there) = (app.agency("KOTA").await, app.agency("KABUPATEN").await);
    let (admin, assessor) = (here.admin().await, here.role(Role::Assessor).await);
    let (dinkes, dikbud) =
        (given::unit(&admin, "DINKES", None).await, given::unit(&admin, "DIKBUD", None).await);
    let head = given::head(&admin, "KADIS", &dinkes).await;
    let boss = given::person_in(&admin, 1, &head).await;
    let staff = given::position(&admin, "STAF", &dinkes).await;
    let below = given::person_in(&admin, 2, &staff).await;
    let far = given::position(&admin, "GURU", &dikbud).await;
    let away = given::person_in(&admin, 3, &far).await;
    let competency = given::national(&admin).await.remove(0).1;
    let near = given::assessed(&assessor, "2026-05-15", &[(&below, &competency, 2)]).await;
    let other = given::assessed(&assessor, "2026-05-16", &[(&away, &competency, 2)]).await;
    let empty = given::event(&assessor, "CACT", "2026-05-17").await;
    for (caller, results, events) in [
        (here.role(Role::Auditor).await, vec![&other[0], &near[0]], 3),
        (here.employee(Role::Supervisor, &boss).await, vec![&near[0]], 1),
        (here.employee(Role::Employee, &below).await, vec![&near[0]], 1),
        (here.unit_admin(&dikbud).await, vec![&other[0]], 1),
        (there.admin().await, vec![], 0),
    ] {
        let list = caller.get("/v1/assessment-results").await.expect(200);
        let ids: Vec<_> = list.items().iter().map(|one| one["id"].as_str().unwrap()).collect();
        assert_eq!(ids, results);
        assert_eq!(caller.get("/v1/assessment-events").await.expect(200).items().len(), events);
        for id in [&near[0], &other[0]] {
            let status = if results.contains(&id) { 200 } else { 404 };
            caller.get(&format!("/v1/assessment-results/{id}")).await.expect(status);
        }
    }
    let stranger = there.admin().await;
    let path = format!("/v1/assessment-events/{empty}");
    stranger.get(&path).await.expect(404);
    stranger.transition(&format!("{path}/cancellation"), "*").await.expect(404);
    let correction = json!({"level": 5, "reason": "x"});
    stranger
        .put(&format!("/v1/assessment-results/{}/supersession", near[0]), "*", correction)
        .await
        .expect(404);
    here.role(Role::Planner).await.get("/v1/assessment-results").await.expect(403);
    // Each person can see who looked: the assessor, the auditor twice (list and one), the superior twice, never themself.
    let looks = "SELECT count(*) FROM access_records WHERE operation LIKE 'assessment_result%'";
    assert_eq!(app.count(&format!("{looks} AND employee_id = '{below}'")).await, 5);
}

#[tokio::test]
async fn nothing_is_signed_off_before_its_day_or_longer_than_the_policy_allows() {
    let app = TestApp::start().await;
    let agency = app.agency("KOTA").await;
    let (admin, assessor) = (agency.admin().await, agency.role(Role::Assessor).await);
    let person = given::person(&admin, 1).await;
    let competency = given::national(&admin).await.remove(0).1;
    let event = given::event(&assessor, "CACT", "2026-07-02").await;
    let ids = given::results(&assessor, &event, &[(&person, &competency, 2)]).await;
    let path = format!("/v1/assessment-events/{event}");
    let sign_off = format!("{path}/sign-off");
    assessor.transition(&sign_off, "*").await.expect(400).expect_error("/assessed_on", "IN_FUTURE");
    let shorter =
        json!({"name": "VALIDITY", "valid_from": "2026-01-01", "source": "SK", "validity": {"years": 2}});
    let moved =
        json!({"purpose": "FILLING", "method": "CACT", "provider": "BKN", "assessed_on": "2026-07-01"});
    assessor.put(&path, "*", moved).await.expect(200);
    admin.post("/v1/policies", shorter).await.expect(201);
    let refused = assessor.transition(&sign_off, "*").await.expect(400);
    refused.expect_error(&format!("/results/{}/valid_until", ids[0]), "OUT_OF_RANGE");
    given::results(&assessor, &event, &[(&person, &competency, 2)]).await;
    assessor.transition(&sign_off, "*").await.expect(200);
    let result = assessor.get(&format!("/v1/assessment-results/{}", ids[0])).await.expect(200);
    let figures = ["assessed_on", "valid_until", "purpose", "method"].map(|name| result.json[name].clone());
    assert_eq!(figures, [json!("2026-07-01"), json!("2028-07-01"), json!("FILLING"), json!("CACT")]);
    let old = given::event(&assessor, "CACT", "2016-12-31").await;
    let items = json!({"items": [{"employee_id": person, "competency_id": competency, "level": 2}]});
    let old = format!("/v1/assessment-events/{old}/results");
    assessor.put(&old, "*", items).await.expect(400).expect_error("/assessed_on", "OUT_OF_RANGE");
}

#[tokio::test]
async fn of_a_sign_off_and_a_late_result_one_loses() {
    let app = TestApp::start().await;
    let agency = app.agency("KOTA").await;
    let (admin, assessor) = (agency.admin().await, agency.role(Role::Assessor).await);
    let (one, two) = (given::person(&admin, 1).await, given::person(&admin, 2).await);
    let competency = given::national(&admin).await.remove(0).1;
    for day in ["2026-05-15", "2026-05-16", "2026-05-17", "2026-05-18"] {
        let event = given::event(&assessor, "CACT", day).await;
        given::results(&assessor, &event, &[(&one, &competency, 2)]).await;
        let path = format!("/v1/assessment-events/{event}");
        let (results, sign_off) = (format!("{path}/results"), format!("{path}/sign-off"));
        let late = json!({"items": [{"employee_id": two, "competency_id": competency, "level": 5}]});
        let (put, signed) =
            tokio::join!(assessor.put(&results, "*", late), assessor.transition(&sign_off, "*"));
        assert!(
            matches!((put.status, signed.status), (200, 200 | 412) | (409 | 412, 200)),
            "{} and {}",
            put.status,
            signed.status
        );
        // Whatever came first: nothing of a signed-off event is left unsigned.
        if signed.status == 200 {
            let left = format!(
                "SELECT count(*) FROM assessment_results WHERE event_id = '{event}' AND recorded_at IS NULL"
            );
            assert_eq!(app.count(&left).await, 0);
        }
    }
    let event = given::event(&assessor, "CACT", "2026-06-01").await;
    let ids = given::results(&assessor, &event, &[(&one, &competency, 2)]).await;
    let path = format!("/v1/assessment-events/{event}/sign-off");
    let tries = (0..6).map(|_| assessor.transition(&path, "\"2\""));
    let mut statuses: Vec<_> =
        futures_util::future::join_all(tries).await.iter().map(|answer| answer.status).collect();
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 412, 412, 412, 412, 412]);
    let path = format!("/v1/assessment-results/{}/supersession", ids[0]);
    let tries = (1..=5).map(|level| assessor.put(&path, "*", json!({"level": level, "reason": "x"})));
    let answers = futures_util::future::join_all(tries).await;
    assert_eq!(answers.iter().filter(|answer| answer.status == 200).count(), 1, "a result is corrected once");
    assert!(answers.iter().all(|answer| matches!(answer.status, 200 | 409 | 412)));
}

#[tokio::test]
async fn a_draft_result_is_thrown_away_and_a_cancelled_event_never_counts() {
    let app = TestApp::start().await;
    let agency = app.agency("KOTA").await;
    let (admin, assessor) = (agency.admin().await, agency.role(Role::Assessor).await);
    let person = given::person(&admin, 1).await;
    let competencies = given::national(&admin).await;
    let event = given::event(&assessor, "CACT", "2026-05-15").await;
    let found: Vec<_> =
        competencies.iter().take(2).map(|(_, id)| (person.as_str(), id.as_str(), 2)).collect();
    let ids = given::results(&assessor, &event, &found).await;
    let path = format!("/v1/assessment-results/{}", ids[0]);
    let etag = assessor.get(&path).await.expect(200).etag();
    assessor.delete(&path, "\"1\"").await.expect(412);
    assessor.delete(&path, &etag).await.expect(204);
    assessor.get(&path).await.expect(404);
    let cancelled =
        assessor.transition(&format!("/v1/assessment-events/{event}/cancellation"), "*").await.expect(200);
    assert_eq!(
        (&cancelled.json["state"], &cancelled.json["allowed_actions"]),
        (&json!("CANCELLED"), &json!([]))
    );
    let left = assessor.get(&format!("/v1/assessment-results?event_id={event}")).await.expect(200);
    assert_eq!(left.items().iter().map(|one| one["state"].clone()).collect::<Vec<Value>>(), [json!("DRAFT")]);
    let list = assessor.get("/v1/assessment-events?state=CANCELLED&method=CACT").await.expect(200);
    assert_eq!(list.items().len(), 1);
    assert!(assessor.get("/v1/assessment-events?from=2026-05-16").await.expect(200).items().is_empty());
}
