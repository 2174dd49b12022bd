//! `/v1/policies`.

use access::Role;
use serde_json::{Value, json};
use support::{Answer, Caller, TestApp};

fn validity(valid_from: &str, years: i64) -> Value {
    json!({"name": "VALIDITY", "valid_from": valid_from, "source": "Keputusan", "validity": {"years": years}})
}

fn names(answer: &Answer) -> Vec<(String, i64, bool)> {
    let name = |one: &Value| {
        (one["name"].as_str().unwrap().to_owned(), one["number"].as_i64().unwrap(), one["national"] == true)
    };
    answer.items().iter().map(name).collect()
}

#[tokio::test]
async fn the_nations_policies_are_there_and_say_where_they_come_from() {
    let app = TestApp::start().await;
    let reader = app.agency("KOTA").await.role(Role::Employee).await;
    let all = reader.get("/v1/policies").await.expect(200);
    let national = |(name, number): (&str, i64)| (name.to_owned(), number, true);
    let expected = [
        ("DEFAULT_LEVELS", 1),
        ("DEVELOPMENT_PLAN", 1),
        ("ELIGIBILITY", 1),
        ("EVALUATION", 1),
        ("FORMS", 1),
        ("CAPPED_MEAN", 1),
        ("RATIO_OF_SUMS", 1),
        ("JP_TARGET", 1),
        ("NEED_PRIORITY", 1),
        ("RECOMMENDATION", 1),
        ("REMINDERS", 1),
        ("REMINDERS", 2),
        ("VALIDITY", 1),
    ]
    .map(national);
    assert_eq!(names(&all), expected);
    let kind = reader.get("/v1/policies?kind=VALIDITY").await.expect(200);
    assert_eq!(kind.items()[0]["validity"], json!({"years": 3}));
    assert_eq!(kind.items()[0]["jpm"], Value::Null);
    let path = format!("/v1/policies/{}", kind.items()[0]["id"].as_str().unwrap());
    let one = reader.get(&path).await.expect(200);
    assert_eq!(one.json, kind.items()[0]);
    reader.with("if-none-match", &one.etag()).get(&path).await.expect(304);
    reader.get("/v1/policies?as_of=2016-12-31").await.expect(200);
    assert!(reader.get("/v1/policies?as_of=2016-12-31").await.items().is_empty(), "none applied before 2017");
}

#[tokio::test]
async fn an_agencys_versions_count_up_and_the_one_that_applies_is_found() {
    let app = TestApp::start().await;
    let (here, there) = (app.agency("KOTA").await.admin().await, app.agency("KABUPATEN").await.admin().await);
    let first = here.post("/v1/policies", validity("2026-01-01", 2)).await.expect(201);
    assert_eq!((&first.json["number"], &first.json["kind"]), (&json!(1), &json!("VALIDITY")));
    let second = here.post("/v1/policies", validity("2026-06-01", 4)).await.expect(201);
    assert_eq!(second.json["number"], 2);
    there.get(second.header("location")).await.expect(404);
    let years = async |caller: &Caller<'_>, day: &str| {
        let list = caller.get(&format!("/v1/policies?kind=VALIDITY&as_of={day}")).await.expect(200);
        assert_eq!(list.items().len(), 1);
        list.items()[0]["validity"]["years"].as_i64().unwrap()
    };
    assert_eq!(years(&here, "2025-12-31").await, 3);
    assert_eq!(years(&here, "2026-01-01").await, 2);
    assert_eq!(years(&here, "2026-06-01").await, 4);
    assert_eq!(years(&there, "2026-06-01").await, 3);
    // Of two from one day the one recorded last applies.
    here.post("/v1/policies", validity("2026-06-01", 5)).await.expect(201);
    assert_eq!(years(&here, "2026-06-01").await, 5);

    let mut seen = Vec::new();
    let mut path = "/v1/policies?as_of=2026-07-01&limit=1".to_owned();
    loop {
        let page = here.get(&path).await.expect(200);
        seen.extend(names(&page));
        let Some(next) = page.json["next"].as_str() else { break };
        path = format!("/v1/policies?as_of=2026-07-01&limit=1&cursor={next}");
    }
    let seen: Vec<_> = seen.iter().map(|(name, number, _)| (name.as_str(), *number)).collect();
    let expected = [
        ("DEFAULT_LEVELS", 1),
        ("DEVELOPMENT_PLAN", 1),
        ("ELIGIBILITY", 1),
        ("EVALUATION", 1),
        ("FORMS", 1),
        ("CAPPED_MEAN", 1),
        ("RATIO_OF_SUMS", 1),
        ("JP_TARGET", 1),
        ("NEED_PRIORITY", 1),
        ("RECOMMENDATION", 1),
        ("REMINDERS", 1),
        ("VALIDITY", 3),
    ];
    assert_eq!(seen, expected);
}

#[tokio::test]
async fn versions_recorded_at_once_get_numbers_of_their_own() {
    let app = TestApp::start().await;
    let admin = app.agency("KOTA").await.admin().await;
    let tries = (0..8).map(|_| admin.post("/v1/policies", validity("2026-01-01", 2)));
    let answers = futures_util::future::join_all(tries).await;
    let mut numbers: Vec<_> = answers.iter().map(|answer| answer.json["number"].as_i64().unwrap()).collect();
    numbers.sort_unstable();
    assert_eq!(numbers, [1, 2, 3, 4, 5, 6, 7, 8]);
}

#[tokio::test]
async fn what_makes_no_sense_is_refused_at_its_place() {
    let app = TestApp::start().await;
    let agency = app.agency("KOTA").await;
    let admin = agency.admin().await;
    let post = async |policy: Value| admin.post("/v1/policies", policy).await.expect(400);
    post(validity("2026-01-01", 11)).await.expect_error("/validity/years", "OUT_OF_RANGE");
    post(validity("3000-01-01", 3)).await.expect_error("/valid_from", "OUT_OF_RANGE");
    let of = |rubric: Value| {
        let mut policy = json!({"name": "DEFAULT_LEVELS", "valid_from": "2026-01-01", "source": "x"});
        policy["default_levels"] = rubric;
        policy
    };
    let refused = post(of(json!({"levels": {"PELAKSANA": 1, "RAJA": 5}, "families": ["TEKNIS"]}))).await;
    refused.expect_error("/default_levels/levels/RAJA", "UNKNOWN");
    let refused = post(of(json!({"levels": {"PELAKSANA": 1}, "families": ["TEKNIS"]}))).await;
    refused.expect_error("/default_levels/levels/ADMINISTRATOR", "REQUIRED");
    let shipped = admin.get("/v1/policies?kind=DEFAULT_LEVELS").await.expect(200);
    let mut rubric = shipped.items()[0]["default_levels"].clone();
    admin.post("/v1/policies", of(rubric.clone())).await.expect(201);
    rubric["families"] = json!(["TEKNIS", "GAIB"]);
    post(of(rubric)).await.expect_error("/default_levels/families/1", "NOT_FOUND");
    let falling = json!({"name": "KOTA", "valid_from": "2026-01-01", "source": "x", "jpm": {
        "method": "CAPPED_MEAN", "cutoffs": {
            "filling": [{"at_least": 50, "category": "MS"}, {"at_least": 60, "category": "KMS"}],
            "mapping": [{"at_least": 0, "category": "OPTIMAL"}]}}});
    post(falling).await.expect_error("/jpm/cutoffs/filling/1/at_least", "INCONSISTENT");
    agency.role(Role::Planner).await.post("/v1/policies", validity("2026-01-01", 3)).await.expect(403);
}
