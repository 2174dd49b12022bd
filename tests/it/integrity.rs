//! What holds between requests: nobody signs for what they have not seen, decides about themself, or sees too early.

use access::{Role, Scope};
use api::app::AppError;
use api::problems::Problem;
use kernel::{Limit, NATIONAL};
use serde_json::{Value, json};
use store::{EventFilter, PageRequest, StoreError};
use support::{Agency, Answer, Caller, TestApp};

use crate::given;

fn event_body(method: &str) -> Value {
    json!({"purpose": "MAPPING", "method": method, "provider": "UPT", "assessed_on": "2026-05-15"})
}

/// A draft event.
async fn begin(caller: &Caller<'_>, method: &str) -> Answer {
    caller.post("/v1/assessment-events", event_body(method)).await.expect(201)
}

fn path(event: &Answer) -> String {
    format!("/v1/assessment-events/{}", event.id())
}

/// Tries to enter one result.
async fn enter(
    caller: &Caller<'_>,
    event: &Answer,
    etag: &str,
    employee: &str,
    competency: &str,
    level: u8,
) -> Answer {
    let items = json!({"items": [{"employee_id": employee, "competency_id": competency, "level": level,
        "evidence": "Bukti rahasia"}]});
    caller.put(&format!("{}/results", path(event)), etag, items).await
}

/// The path of the one result an answer tells of.
fn entered(put: &Answer) -> String {
    format!("/v1/assessment-results/{}", put.json["items"][0]["result_id"].as_str().unwrap())
}

/// The versions of a new dictionary, the first one a draft with one competency; and the competency's id.
async fn dictionary(writer: &Caller<'_>, code: &str) -> (String, String) {
    let body = json!({"code": code, "name": code});
    let id = writer.post("/v1/dictionaries", body).await.expect(201).id();
    let versions = format!("/v1/dictionaries/{id}/versions");
    writer.post(&versions, json!(null)).await.expect(201);
    let put =
        given::put_new(writer, &format!("{versions}/1/competencies/T.1"), &given::content("Satu", "TEKNIS"))
            .await
            .expect(201);
    (versions, put.json["competency_id"].as_str().unwrap().to_owned())
}

#[tokio::test]
async fn a_look_under_way_goes_with_whoever_is_removed() {
    let app = TestApp::start().await;
    let admin = app.agency("KOTA").await.admin().await;
    let person = given::person(&admin, 1).await;
    let noted = format!("SELECT count(*) FROM access_records WHERE employee_id = '{person}'");
    assert_eq!(app.count(&noted).await, 1);
    let look = "INSERT INTO access_records
                SELECT agency_id, gen_random_uuid(), at, user_id, employee_id, operation, request_id FROM access_records";
    given::while_changing(&app, look, admin.delete(&format!("/v1/employees/{person}"), "\"1\""))
        .await
        .expect(204);
    assert_eq!(app.count(&noted).await, 0);
}

#[tokio::test]
async fn results_and_their_event_are_seen_as_one() {
    let app = TestApp::start().await;
    let agency = app.agency("KOTA").await;
    let admin = agency.admin().await;
    let (one, two) = (agency.role(Role::Assessor).await, agency.role(Role::Assessor).await);
    let person = given::person(&admin, 1).await;
    let competency = given::national(&admin).await.remove(0).1;
    let event = begin(&one, "ASSESSMENT_CENTER").await;
    let sign_off = format!("{}/sign-off", path(&event));

    let first = enter(&one, &event, &event.etag(), &person, &competency, 2).await.expect(200);
    assert_ne!(first.etag(), event.etag());
    enter(&two, &event, &event.etag(), &person, &competency, 5).await.expect(412).expect_problem("STALE");
    let second = enter(&two, &event, &first.etag(), &person, &competency, 3).await.expect(200);
    one.transition(&sign_off, &first.etag()).await.expect(412).expect_problem("STALE");

    let result = one.get(&entered(&second)).await.expect(200);
    one.delete(&entered(&second), &result.etag()).await.expect(204);
    one.transition(&sign_off, &second.etag()).await.expect(412);
    let now = one.get(&path(&event)).await.expect(200).etag();
    let third = enter(&one, &event, &now, &person, &competency, 4).await.expect(200);
    one.transition(&sign_off, &third.etag()).await.expect(200);
    let final_result = one.get(&entered(&third)).await.expect(200);
    assert_eq!((&final_result.json["level"], &final_result.json["state"]), (&json!(4), &json!("FINAL")));
}

#[tokio::test]
async fn an_event_that_changes_is_waited_for_before_its_results_are_judged() {
    let app = TestApp::start().await;
    let agency = app.agency("KOTA").await;
    let admin = agency.admin().await;
    let assessor = agency.role(Role::Assessor).await;
    let person = given::person(&admin, 1).await;
    let civil_servant = agency.employee(Role::Employee, &person).await;
    let competency = given::national(&admin).await.remove(0).1;

    // What was a self-assessment when the request came counts when its turn comes.
    let own = begin(&civil_servant, "SELF").await;
    let method = format!("UPDATE assessment_events SET method = 'INTERVIEW' WHERE id = '{}'", own.id());
    let put = enter(&civil_servant, &own, "*", &person, &competency, 5);
    given::while_changing(&app, &method, put).await.expect(403);
    assert_eq!(app.count("SELECT count(*) FROM assessment_results").await, 0);

    // A result that arrives during a sign-off is not signed unseen.
    let event = begin(&assessor, "INTERVIEW").await;
    let put = enter(&assessor, &event, "*", &person, &competency, 2).await.expect(200);
    let level = format!(
        "WITH next AS (UPDATE assessment_events SET version = version + 1 WHERE id = '{}')
         UPDATE assessment_results SET level = 5",
        event.id()
    );
    let (sign_off, seen) = (format!("{}/sign-off", path(&event)), put.etag());
    let signing = assessor.transition(&sign_off, &seen);
    given::while_changing(&app, &level, signing).await.expect(412);
    assert_eq!(assessor.get(&path(&event)).await.json["state"], "DRAFT");

    // Nor does an event change its method once there is a result, however late that came.
    let again = begin(&assessor, "SELF").await;
    let insert = format!(
        "WITH held AS (SELECT id FROM assessment_events WHERE id = '{event}' FOR UPDATE)
         INSERT INTO assessment_results (agency_id, id, event_id, employee_id, competency_id, competency_agency_id, level,
             assessed_on, valid_until, counts)
         SELECT agency_id, gen_random_uuid(), held.id, employee_id, competency_id, competency_agency_id, 5, assessed_on,
                valid_until, false
         FROM assessment_results, held",
        event = again.id()
    );
    let again = path(&again);
    let changing = assessor.put(&again, "*", event_body("INTERVIEW"));
    given::while_changing(&app, &insert, changing).await.expect(400).expect_error("/method", "IMMUTABLE");
}

#[tokio::test]
async fn what_is_written_into_a_draft_is_seen_by_whoever_publishes_it() {
    let app = TestApp::start().await;
    let admin = app.agency("KOTA").await.admin().await;
    let (versions, _) = dictionary(&admin, "KOTA").await;
    let draft = format!("{versions}/1");
    let seen = admin.get(&draft).await.expect(200).etag();
    let one = format!("{draft}/competencies/T.1");
    let content_seen = admin.get(&one).await.expect(200).etag();
    given::put_new(&admin, &format!("{draft}/competencies/T.2"), &given::content("Dua", "TEKNIS"))
        .await
        .expect(201);
    admin.transition(&format!("{draft}/publication"), &seen).await.expect(412).expect_problem("STALE");
    admin.delete(&draft, &seen).await.expect(412);

    let seen = admin.get(&draft).await.expect(200).etag();
    // A content's own tag is not touched by its neighbours.
    admin.delete(&one, &content_seen).await.expect(204);
    admin.transition(&format!("{draft}/publication"), &seen).await.expect(412);
    let seen = admin.get(&draft).await.expect(200).etag();
    admin.transition(&format!("{draft}/publication"), &seen).await.expect(200);
}

/// An assessor who is one of two people of a unit, and the person who leads it.
async fn assessor_in_a_unit<'a>(agency: &Agency<'a>, admin: &Caller<'_>) -> (Caller<'a>, String, String) {
    let unit = given::unit(admin, "DINKES", None).await;
    let (head, staff) =
        (given::head(admin, "KADIS", &unit).await, given::position(admin, "STAF", &unit).await);
    let boss = given::person_in(admin, 1, &head).await;
    let me = given::person_in(admin, 2, &staff).await;
    (agency.employee(Role::Assessor, &me).await, me, boss)
}

#[tokio::test]
async fn nobody_sheds_who_they_are_with_a_role() {
    let app = TestApp::start().await;
    let agency = app.agency("KOTA").await;
    let admin = agency.admin().await;
    let (assessor, me, boss) = assessor_in_a_unit(&agency, &admin).await;
    let competency = given::national(&admin).await.remove(0).1;
    let event = begin(&assessor, "INTERVIEW").await;
    // The role in which they are that person is taken back; another one, without a person, stays.
    app.sql(&format!(
        "WITH gone AS (UPDATE grants SET revoked_at = now() WHERE employee_id = '{me}' RETURNING *)
         INSERT INTO grants (agency_id, id, user_id, name, role, granted_at)
         SELECT agency_id, gen_random_uuid(), user_id, name, role, granted_at FROM gone"
    ))
    .await;
    for person in [&me, &boss] {
        let refused = enter(&assessor, &event, "*", person, &competency, 5).await.expect(409);
        refused.expect_problem("CONFLICT_OF_INTEREST").expect_error("/items/0", "CONFLICT_OF_INTEREST");
    }
}

#[tokio::test]
async fn nobody_throws_away_what_was_found_of_themself_or_their_superior() {
    let app = TestApp::start().await;
    let agency = app.agency("KOTA").await;
    let admin = agency.admin().await;
    let (assessor, me, boss) = assessor_in_a_unit(&agency, &admin).await;
    let other = agency.role(Role::Assessor).await;
    let competency = given::national(&admin).await.remove(0).1;
    for person in [&me, &boss] {
        let event = begin(&other, "INTERVIEW").await;
        let result = entered(&enter(&other, &event, "*", person, &competency, 1).await.expect(200));
        let refused = assessor.delete(&result, "*").await.expect(409);
        refused.expect_problem("CONFLICT_OF_INTEREST").expect_error("/employee_id", "CONFLICT_OF_INTEREST");
        let cancellation = format!("{}/cancellation", path(&event));
        assessor.transition(&cancellation, "*").await.expect(409).expect_problem("CONFLICT_OF_INTEREST");
        other.get(&result).await.expect(200);
        other.transition(&cancellation, "*").await.expect(200);
    }
    // What does not count is everybody's own to take back.
    let civil_servant = agency.employee(Role::Employee, &me).await;
    let own = begin(&civil_servant, "SELF").await;
    let put = enter(&civil_servant, &own, "*", &me, &competency, 5).await.expect(200);
    civil_servant.delete(&entered(&put), "*").await.expect(204);
    civil_servant.transition(&format!("{}/cancellation", path(&own)), "*").await.expect(200);
}

#[tokio::test]
async fn a_machine_drafts_and_decides_nothing() {
    let app = TestApp::start().await;
    let agency = app.agency("KOTA").await;
    let admin = agency.admin().await;
    let machine = agency.machine(&["catalogue:read", "standards:write", "dictionaries:write"]).await;
    let (versions, competency) = dictionary(&machine, "KOTA").await;
    let draft = format!("{versions}/1");
    let allowed = machine.get(&draft).await.expect(200).json["allowed_actions"].clone();
    assert_eq!(allowed, json!(["EDIT", "DELETE"]));
    machine.transition(&format!("{draft}/publication"), "*").await.expect(403);
    admin.transition(&format!("{draft}/publication"), "*").await.expect(200);
    machine.transition(&format!("{draft}/retirement"), "*").await.expect(403);

    let unit = given::unit(&admin, "DINKES", None).await;
    let position = given::position(&admin, "STAF", &unit).await;
    let body = json!({"position_id": position, "valid_from": "2026-01-01",
        "requirements": [{"competency_id": competency, "level": 3}]});
    let standard = machine.post("/v1/standards", body).await.expect(201);
    assert_eq!(standard.json["allowed_actions"], json!(["EDIT", "DELETE"]));
    let verification = format!("/v1/standards/{}/verification", standard.id());
    machine.transition(&verification, "*").await.expect(403);
    admin.transition(&verification, "*").await.expect(200);
    machine.transition(&format!("/v1/standards/{}/return", standard.id()), "*").await.expect(403);
}

#[tokio::test]
async fn a_day_the_database_cannot_hold_is_the_callers_mistake() {
    let app = TestApp::start().await;
    let agency = app.agency("KOTA").await;
    let admin = agency.admin().await;
    for (path, name) in [
        ("assessment-events", "from"),
        ("assessment-events", "until"),
        ("assessment-results", "counting_on"),
        ("standards", "in_force_on"),
    ] {
        let refused = admin.get(&format!("/v1/{path}?{name}=-5000-01-01")).await.expect(400);
        refused.expect_error(&format!("/query/{name}"), "OUT_OF_RANGE");
    }
    // A page's key comes back from the caller as well.
    let scope = Scope::system(agency.id, "a test asks for a page nobody was given");
    let key = vec!["-5000-01-01".to_owned(), agency.id.to_string()];
    let page = PageRequest { after: Some(key), ..PageRequest::first(Limit::DEFAULT) };
    let reader = app.services.store.read(&scope, app.now().date_naive());
    let refused = reader.assessment_events(&EventFilter::default(), &page).await.unwrap_err();
    assert!(matches!(refused, StoreError::Unstorable), "{refused:?}");
    assert_eq!(AppError::from(refused).problem, Problem::Invalid);
}

#[tokio::test]
async fn the_trail_of_results_names_nobody_and_who_was_shown_them_is_noted() {
    let app = TestApp::start().await;
    let agency = app.agency("KOTA").await;
    let (admin, assessor) = (agency.admin().await, agency.role(Role::Assessor).await);
    let person = given::person(&admin, 1).await;
    let competency = given::national(&admin).await.remove(0).1;
    let event = begin(&assessor, "INTERVIEW").await;
    let thrown_away = enter(&assessor, &event, "*", &person, &competency, 1).await.expect(200);
    assessor.delete(&entered(&thrown_away), "*").await.expect(204);
    let put = enter(&assessor, &event, "*", &person, &competency, 2).await.expect(200);
    assessor.transition(&format!("{}/sign-off", path(&event)), "*").await.expect(200);
    let correction = json!({"level": 3, "evidence": "Bukti rahasia", "reason": "Alasan rahasia"});
    assessor.put(&format!("{}/supersession", entered(&put)), "*", correction).await.expect(200);

    let rows = "FROM audit_events WHERE what IN ('RESULTS_ENTERED', 'DELETED', 'SUPERSEDED')";
    assert_eq!(app.count(&format!("SELECT count(*) {rows} AND changes::text LIKE '%{person}%'")).await, 4);
    for told in ["rahasia", "Pegawai", &given::nip(1)] {
        let telling = format!("SELECT count(*) {rows} AND changes::text LIKE '%{told}%'");
        assert_eq!(app.count(&telling).await, 0, "{told}");
    }
    let looks = agency.employee(Role::Employee, &person).await.get("/v1/me/access-records").await.expect(200);
    let operations: Vec<_> = looks.items().iter().map(|look| look["operation"].as_str().unwrap()).collect();
    assert_eq!(
        operations,
        [
            "assessment_result_supersede",
            "assessment_results_put",
            "assessment_results_put",
            "employee_create"
        ]
    );
}

#[tokio::test]
async fn what_the_nation_drafts_is_the_nations_until_it_is_published() {
    let app = TestApp::start().await;
    let (nation, agency) = (Agency { app: &app, id: NATIONAL }, app.agency("KOTA").await);
    let (drafter, admin) = (nation.admin().await, agency.admin().await);
    let (versions, competency) = dictionary(&drafter, "NASIONAL-BARU").await;
    let draft = format!("{versions}/1");
    let content = format!("{draft}/competencies/T.1");
    drafter.get(&content).await.expect(200);
    assert!(admin.get(&versions).await.expect(200).items().is_empty());
    for path in [draft.clone(), format!("{draft}/competencies"), content.clone()] {
        admin.get(&path).await.expect(404);
    }
    let person = given::person(&admin, 1).await;
    let event = begin(&admin, "INTERVIEW").await;
    let refused = enter(&admin, &event, "*", &person, &competency, 2).await.expect(400);
    refused.expect_error("/items/0/competency_id", "NOT_FOUND");

    drafter.transition(&format!("{draft}/publication"), "*").await.expect(200);
    admin.get(&content).await.expect(200);
    let put = enter(&admin, &event, "*", &person, &competency, 2).await.expect(200);
    // The next draft gives it another name, which nobody else reads yet.
    drafter.post(&versions, json!(null)).await.expect(201);
    let renamed = given::content("Nama Lain", "TEKNIS");
    drafter.put(&format!("{versions}/2/competencies/T.1"), "*", renamed).await.expect(200);
    assert_eq!(admin.get(&entered(&put)).await.expect(200).json["competency_name"], "Satu");
}

#[tokio::test]
async fn what_is_not_signed_off_is_seen_by_those_who_assess() {
    let app = TestApp::start().await;
    let agency = app.agency("KOTA").await;
    let admin = agency.admin().await;
    let unit = given::unit(&admin, "DINKES", None).await;
    let (head, staff) =
        (given::head(&admin, "KADIS", &unit).await, given::position(&admin, "STAF", &unit).await);
    let boss = given::person_in(&admin, 1, &head).await;
    let person = given::person_in(&admin, 2, &staff).await;
    let competency = given::national(&admin).await.remove(0).1;
    let assessor = agency.role(Role::Assessor).await;
    let civil_servant = agency.employee(Role::Employee, &person).await;
    let around = [
        agency.employee(Role::Supervisor, &boss).await,
        agency.unit_admin(&unit).await,
        civil_servant.clone(),
    ];
    let event = begin(&assessor, "INTERVIEW").await;
    let result = entered(&enter(&assessor, &event, "*", &person, &competency, 2).await.expect(200));
    let own = begin(&civil_servant, "SELF").await;
    let own_result = entered(&enter(&civil_servant, &own, "*", &person, &competency, 4).await.expect(200));
    for (status, count) in [(404, 1), (200, 2)] {
        for caller in &around {
            caller.get(&result).await.expect(status);
            caller.get(&path(&event)).await.expect(status);
            caller.get(&own_result).await.expect(200);
            for list in ["/v1/assessment-results", "/v1/assessment-events"] {
                assert_eq!(caller.get(list).await.expect(200).items().len(), count, "{list}");
            }
        }
        if status == 404 {
            assessor.get(&result).await.expect(200);
            assessor.transition(&format!("{}/sign-off", path(&event)), "*").await.expect(200);
        }
    }
}

#[tokio::test]
async fn a_result_called_off_with_its_event_offers_nothing() {
    let app = TestApp::start().await;
    let agency = app.agency("KOTA").await;
    let (admin, assessor) = (agency.admin().await, agency.role(Role::Assessor).await);
    let person = given::person(&admin, 1).await;
    let competency = given::national(&admin).await.remove(0).1;
    let event = begin(&assessor, "INTERVIEW").await;
    let result = entered(&enter(&assessor, &event, "*", &person, &competency, 2).await.expect(200));
    assert_eq!(assessor.get(&result).await.json["allowed_actions"], json!(["EDIT", "DELETE"]));
    assessor.transition(&format!("{}/cancellation", path(&event)), "*").await.expect(200);
    assert_eq!(assessor.get(&result).await.json["allowed_actions"], json!([]));
    assessor.delete(&result, "*").await.expect(409).expect_problem("ASSESSMENT_RESULT_STATE");
}
