//! `/v1/calculators`.

use access::Role;
use serde_json::{Value, json};
use support::TestApp;

const PATH: &str = "/v1/calculators/job-person-match";

/// Nine competencies required at level 3, and the levels found.
fn nine(achieved: [i64; 9]) -> Value {
    let item = |(n, level)| json!({"code": format!("K.{n}"), "required": 3, "achieved": level, "weight": 1});
    (1..).zip(achieved).map(item).collect()
}

#[tokio::test]
async fn the_four_published_vectors() {
    let app = TestApp::start().await;
    let caller = app.agency("KOTA").await.role(Role::Provider).await;
    for (achieved, jpm, share, filling, mapping) in [
        ([3, 3, 3, 2, 3, 3, 2, 2, 3], json!(88.89), "8/9", "MS", "CUKUP_OPTIMAL"),
        ([3, 3, 3, 3, 3, 3, 3, 3, 3], json!(100), "1", "MS", "OPTIMAL"),
        ([2, 2, 2, 2, 2, 2, 2, 2, 3], json!(70.37), "19/27", "MMS", "KURANG_OPTIMAL"),
        ([2, 2, 2, 2, 2, 2, 2, 2, 2], json!(66.67), "2/3", "KMS", "KURANG_OPTIMAL"),
    ] {
        for (purpose, category) in [("FILLING", filling), ("MAPPING", mapping)] {
            let ask = json!({"policy": "RATIO_OF_SUMS", "purpose": purpose, "items": nine(achieved)});
            let found = caller.post(PATH, ask).await.expect(200).json;
            assert_eq!((&found["jpm"], &found["share"]), (&jpm, &json!(share)));
            assert_eq!((&found["status"], &found["category"]), (&json!("COMPLETE"), &json!(category)));
            assert_eq!(found["policy"]["name"], "RATIO_OF_SUMS");
            assert_eq!((&found["policy"]["national"], &found["policy"]["number"]), (&json!(true), &json!(1)));
        }
    }
    assert_eq!(app.count("SELECT count(*) FROM idempotency_keys").await, 0);
}

#[tokio::test]
async fn what_is_missing_is_named_and_never_counted_as_nothing() {
    let app = TestApp::start().await;
    let caller = app.agency("KOTA").await.role(Role::Employee).await;
    let items = json!([
        {"code": "K.1", "required": 3, "achieved": 4, "weight": 0.1},
        {"code": "K.2", "required": 3, "achieved": null},
        {"code": "K.3", "required": 2}]);
    let found = caller.post(PATH, json!({"policy": "CAPPED_MEAN", "items": items})).await.expect(200).json;
    assert_eq!((&found["status"], &found["missing"]), (&json!("INCOMPLETE"), &json!(["K.2", "K.3"])));
    assert_eq!((&found["jpm"], &found["category"]), (&Value::Null, &Value::Null));
    assert_eq!((&found["earned"], &found["full"]), (&json!("1/10"), &json!("21/10")));
    assert_eq!((&found["terms"][0]["gap"], &found["terms"][0]["weight"]), (&json!(1), &json!(0.1)));
}

#[tokio::test]
async fn every_wrong_value_is_named() {
    let app = TestApp::start().await;
    let caller = app.agency("KOTA").await.role(Role::Employee).await;
    let post = async |ask: Value| caller.post(PATH, ask).await.expect(400);
    let item = json!({"code": "K.1", "required": 3, "achieved": 3});
    post(json!({"items": []})).await.expect_error("/items", "TOO_FEW");
    post(json!({"items": [item, item]})).await.expect_error("/items/1/code", "DUPLICATE");
    let many: Vec<_> = (0..201).map(|n| json!({"code": n.to_string(), "required": 1})).collect();
    post(json!({"items": many})).await.expect_error("/items", "TOO_MANY");
    post(json!({"items": [{"code": "K.1", "required": 6, "achieved": 0}]}))
        .await
        .expect_error("/items/0/required", "OUT_OF_RANGE")
        .expect_error("/items/0/achieved", "OUT_OF_RANGE");
    post(json!({"items": [{"code": "K.1", "required": 3, "weight": 0}]}))
        .await
        .expect_error("/items/0/weight", "OUT_OF_RANGE");
    for weight in [json!(0.001), json!(-1), json!("1"), json!(1e9)] {
        post(json!({"items": [{"code": "K.1", "required": 3, "weight": weight}]}))
            .await
            .expect_error("/items/0/weight", "INVALID_FORMAT");
    }
    post(json!({"policy": "NONE", "items": [item]})).await.expect_error("/policy", "NOT_FOUND");
    post(json!({"purpose": "OTHER", "items": [item]})).await.expect_error("/purpose", "NOT_ALLOWED_VALUE");
    post(json!({"as_of": "2016-12-31", "items": [item]})).await.expect_error("/policy", "NOT_FOUND");
    post(json!({"as_of": "0001-01-01", "items": [item]})).await.expect_error("/as_of", "OUT_OF_RANGE");
}

#[tokio::test]
async fn an_agencys_own_policy_goes_before_the_nations_from_its_first_day_on() {
    let app = TestApp::start().await;
    let (here, there) = (app.agency("KOTA").await, app.agency("KABUPATEN").await);
    let own = json!({
        "name": "RATIO_OF_SUMS", "valid_from": "2026-06-01", "source": "Keputusan Wali Kota",
        "jpm": {"method": "RATIO_OF_SUMS", "cutoffs": {
            "filling": [{"at_least": 66.67, "category": "MS"}, {"at_least": 0, "category": "KMS"}],
            "mapping": [{"at_least": 0, "category": "OPTIMAL"}]}}});
    here.admin().await.post("/v1/policies", own).await.expect(201);
    let category = async |agency: support::Agency<'_>, as_of: &str, achieved: i64, required: i64| {
        let item = json!({"code": "K.1", "required": required, "achieved": achieved});
        let caller = agency.role(Role::Observer).await;
        let found = caller.post(PATH, json!({"as_of": as_of, "items": [item]})).await.expect(200).json;
        (found["category"].clone(), found["policy"]["national"].clone(), found["jpm"].clone())
    };
    // 2/3 shows as 66.67 and is less.
    assert_eq!(category(here, "2026-06-01", 2, 3).await, (json!("KMS"), json!(false), json!(66.67)));
    assert_eq!(category(here, "2026-06-01", 3, 4).await, (json!("MS"), json!(false), json!(75)));
    assert_eq!(category(here, "2026-05-31", 3, 4).await, (json!("MMS"), json!(true), json!(75)));
    assert_eq!(category(there, "2026-06-01", 3, 4).await, (json!("MMS"), json!(true), json!(75)));
}
