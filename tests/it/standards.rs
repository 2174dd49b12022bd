//! `/v1/standards`.

use access::Role;
use serde_json::{Value, json};
use support::TestApp;

use crate::given;

#[tokio::test]
async fn a_standard_is_drafted_verified_enacted_and_revoked() {
    let app = TestApp::start().await;
    let agency = app.agency("KOTA").await;
    let (admin, planner, authority) =
        (agency.admin().await, agency.role(Role::Planner).await, agency.role(Role::Authority).await);
    let unit = given::unit(&admin, "DINKES", None).await;
    let position = given::position(&admin, "STAF", &unit).await;
    let draft = planner
        .post(
            "/v1/standards",
            json!({"position_id": position, "valid_from": "2026-01-01", "requirements": []}),
        )
        .await
        .expect(201);
    assert_eq!((&draft.json["number"], &draft.json["state"]), (&json!(1), &json!("DRAFT")));
    assert_eq!(draft.json["allowed_actions"], json!(["EDIT", "DELETE", "VERIFY"]));
    let path = format!("/v1/standards/{}", draft.id());
    let verification = format!("{path}/verification");
    planner.transition(&verification, &draft.etag()).await.expect(409).expect_problem("STANDARD_EMPTY");

    let put = json!({"valid_from": "2026-02-01", "decree": "SK 1/2026", "requirements": [
        {"dictionary": "NASIONAL-38-2017", "competency_code": "M.1", "level": 3, "weight": 0.25, "importance": "MUTLAK"}]});
    let edited = planner.put(&path, &draft.etag(), put.clone()).await.expect(200);
    let requirement = &edited.json["requirements"][0];
    assert_eq!((&requirement["competency_code"], &requirement["national"]), (&json!("M.1"), &json!(true)));
    assert_eq!(
        (&requirement["weight"], &requirement["dictionary"]),
        (&json!(0.25), &json!("NASIONAL-38-2017"))
    );

    let verified = planner.transition(&verification, &edited.etag()).await.expect(200);
    assert_eq!(verified.json["allowed_actions"], json!(["RETURN_TO_DRAFT"]));
    planner.put(&path, &verified.etag(), put).await.expect(409).expect_problem("STANDARD_STATE");
    planner.delete(&path, &verified.etag()).await.expect(409).expect_problem("STANDARD_STATE");
    let returned = planner.transition(&format!("{path}/return"), &verified.etag()).await.expect(200);
    assert_eq!((&returned.json["state"], &returned.json["verified_at"]), (&json!("DRAFT"), &Value::Null));
    let verified = admin.transition(&verification, &returned.etag()).await.expect(200);

    let enactment = format!("{path}/enactment");
    assert_eq!(verified.json["allowed_actions"], json!(["RETURN_TO_DRAFT"]), "not one's own verification");
    admin.transition(&enactment, &verified.etag()).await.expect(409).expect_problem("STANDARD_SAME_OFFICER");
    planner.transition(&enactment, &verified.etag()).await.expect(403);
    assert_eq!(authority.get(&path).await.expect(200).json["allowed_actions"], json!(["ENACT"]));
    let enacted = authority.transition(&enactment, &verified.etag()).await.expect(200);
    assert_eq!(
        (&enacted.json["state"], &enacted.json["allowed_actions"]),
        (&json!("IN_FORCE"), &json!(["REVOKE"]))
    );

    let revocation = format!("{path}/revocation");
    let early = authority.put(&revocation, &enacted.etag(), json!({"revoked_on": "2026-01-31"})).await;
    early.expect(409).expect_problem("STANDARD_REVOKED_BEFORE_VALID");
    let revoked =
        authority.put(&revocation, &enacted.etag(), json!({"revoked_on": "2026-05-01"})).await.expect(200);
    assert_eq!((&revoked.json["state"], &revoked.json["allowed_actions"]), (&json!("REVOKED"), &json!([])));
    let in_force = async |day: &str| {
        admin.get(&format!("/v1/standards?in_force_on={day}")).await.expect(200).items().len()
    };
    let days = ["2026-01-31", "2026-02-01", "2026-04-30", "2026-05-01"];
    let mut found = Vec::new();
    for day in days {
        found.push(in_force(day).await);
    }
    assert_eq!(found, [0, 1, 1, 0]);
}

#[tokio::test]
async fn a_requirement_names_a_competency_that_is_in_use() {
    let app = TestApp::start().await;
    let (here, there) = (app.agency("KOTA").await, app.agency("KABUPATEN").await);
    let (admin, stranger) = (here.admin().await, there.admin().await);
    let unit = given::unit(&admin, "DINKES", None).await;
    let position = given::position(&admin, "STAF", &unit).await;
    let (_, own) = given::dictionary(&admin, "KOTA", &["A/1"]).await;
    let (_, theirs) = given::dictionary(&stranger, "KABUPATEN", &["A/1"]).await;
    let draft = admin.post("/v1/dictionaries", json!({"code": "DRAF", "name": "x"})).await.expect(201).id();
    admin.post(&format!("/v1/dictionaries/{draft}/versions"), json!(null)).await.expect(201);
    let unpublished = format!("/v1/dictionaries/{draft}/versions/1/competencies/D.1");
    let unpublished = given::put_new(&admin, &unpublished, &given::content("x", "TEKNIS")).await.expect(201);
    let post = async |requirements: Value| {
        let standard =
            json!({"position_id": position, "valid_from": "2026-01-01", "requirements": requirements});
        admin.post("/v1/standards", standard).await
    };
    let refused = post(json!([
        {"competency_id": own[0], "level": 1},
        {"competency_id": theirs[0], "level": 1},
        {"competency_id": unpublished.json["competency_id"], "level": 1},
        {"dictionary": "KABUPATEN", "competency_code": "A/1", "level": 1},
        {"dictionary": "NASIONAL-38-2017", "competency_code": "M.99", "level": 1}]))
    .await
    .expect(400);
    assert_eq!(refused.json["errors"].as_array().unwrap().len(), 4, "{}", refused.text);
    refused
        .expect_error("/requirements/1/competency_id", "NOT_FOUND")
        .expect_error("/requirements/2/competency_id", "NOT_FOUND")
        .expect_error("/requirements/3/competency_code", "NOT_FOUND")
        .expect_error("/requirements/4/competency_code", "NOT_FOUND");
    post(json!([{"competency_id": own[0], "level": 1}, {"dictionary": "KOTA", "competency_code": "A/1", "level": 2}]))
        .await
        .expect(400)
        .expect_error("/requirements/1/competency_id", "DUPLICATE");
    post(json!([{"competency_id": own[0], "level": 1, "weight": 0}]))
        .await
        .expect(400)
        .expect_error("/requirements/0/weight", "OUT_OF_RANGE");
    post(json!([{"competency_id": own[0], "level": 5}])).await.expect(201);
    let nowhere = json!({"position_id": own[0], "valid_from": "2026-01-01", "requirements": []});
    admin.post("/v1/standards", nowhere).await.expect(400).expect_error("/position_id", "NOT_FOUND");
    // What a standard was built on stays.
    let list = admin.get(&format!("/v1/standards?competency_id={}", own[0])).await.expect(200);
    assert_eq!(list.items().len(), 1);
}

#[tokio::test]
async fn another_agencys_standard_looks_like_none() {
    let app = TestApp::start().await;
    let (here, there) = (app.agency("KOTA").await, app.agency("KABUPATEN").await);
    let admin = here.admin().await;
    let unit = given::unit(&admin, "DINKES", None).await;
    let position = given::position(&admin, "STAF", &unit).await;
    let requirements = json!([{"dictionary": "NASIONAL-38-2017", "competency_code": "M.1", "level": 1}]);
    let id = given::standard(&here, &position, "2026-01-01", requirements).await;
    let path = format!("/v1/standards/{id}");
    here.role(Role::Employee).await.get(&path).await.expect(200);
    let stranger = there.admin().await;
    stranger.get(&path).await.expect(404);
    stranger.put(&format!("{path}/revocation"), "*", json!({"revoked_on": "2026-05-01"})).await.expect(404);
    let theirs = json!({"position_id": position, "valid_from": "2026-01-01", "requirements": []});
    stranger.post("/v1/standards", theirs).await.expect(400).expect_error("/position_id", "NOT_FOUND");
    assert!(stranger.get("/v1/standards").await.expect(200).items().is_empty());
}

#[tokio::test]
async fn of_two_from_one_day_one_comes_into_force() {
    let app = TestApp::start().await;
    let agency = app.agency("KOTA").await;
    let (admin, authority) = (agency.admin().await, agency.role(Role::Authority).await);
    let unit = given::unit(&admin, "DINKES", None).await;
    let position = given::position(&admin, "STAF", &unit).await;
    let mut paths = Vec::new();
    let body = json!({"position_id": position, "valid_from": "2026-01-01", "requirements": [
        {"dictionary": "NASIONAL-38-2017", "competency_code": "M.1", "level": 1}]});
    let made =
        futures_util::future::join_all((0..3).map(|_| admin.post("/v1/standards", body.clone()))).await;
    let mut numbers: Vec<_> = made.iter().map(|answer| answer.json["number"].as_i64().unwrap()).collect();
    numbers.sort_unstable();
    assert_eq!(numbers, [1, 2, 3], "numbers made at once differ");
    for answer in made {
        let path = format!("/v1/standards/{}", answer.id());
        admin.transition(&format!("{path}/verification"), "*").await.expect(200);
        paths.push(format!("{path}/enactment"));
    }
    let answers =
        futures_util::future::join_all(paths.iter().map(|path| authority.transition(path, "*"))).await;
    let mut statuses: Vec<_> = answers.iter().map(|answer| answer.status).collect();
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 409, 409]);
    let refused = answers.into_iter().find(|answer| answer.status == 409).unwrap();
    refused.expect_problem("ALREADY_EXISTS").expect_error("/valid_from", "TAKEN");
}
