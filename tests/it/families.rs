//! `/v1/competency-families`.

use access::Role;
use kernel::NATIONAL;
use serde_json::json;
use support::{Agency, TestApp};

#[tokio::test]
async fn families_come_in_order_and_only_the_nation_changes_them() {
    let app = TestApp::start().await;
    let nation = Agency { app: &app, id: NATIONAL }.admin().await;
    let agency = app.agency("KOTA").await;
    let (admin, reader) = (agency.admin().await, agency.role(Role::Mentor).await);
    let family = json!({"code": "DIGITAL/AI", "name": "Digital", "name_en": "Digital", "ordinal": 4});
    admin.post("/v1/competency-families", family.clone()).await.expect(403).expect_problem("FORBIDDEN");
    let made = nation.post("/v1/competency-families", family).await.expect(201);
    assert_eq!(made.header("location"), "/v1/competency-families/DIGITAL%2FAI");

    let codes = reader.get("/v1/competency-families").await.expect(200);
    let codes: Vec<_> = codes.items().iter().map(|one| one["code"].as_str().unwrap()).collect();
    assert_eq!(codes, ["MANAJERIAL", "SOSIAL_KULTURAL", "TEKNIS", "DIGITAL/AI"]);

    let read = reader.get("/v1/competency-families/DIGITAL%2FAI").await.expect(200);
    assert_eq!((read.etag(), &read.json), (made.etag(), &made.json));
    let put = json!({"name": "Digital", "name_en": "Digital", "ordinal": 5});
    let path = "/v1/competency-families/DIGITAL%2FAI";
    admin.put(path, &made.etag(), put.clone()).await.expect(403);
    let replaced = nation.put(path, &made.etag(), put.clone()).await.expect(200);
    assert_eq!(replaced.json["ordinal"], 5);
    nation.put(path, &made.etag(), put.clone()).await.expect(412).expect_problem("STALE");
    nation.put("/v1/competency-families/NONE", "*", put).await.expect(404);
    reader.get("/v1/competency-families/NONE").await.expect(404);
}

#[tokio::test]
async fn a_code_and_a_place_are_taken_once() {
    let app = TestApp::start().await;
    let nation = Agency { app: &app, id: NATIONAL }.admin().await;
    let post = async |code: &str, ordinal: i64| {
        let family = json!({"code": code, "name": "x", "name_en": "x", "ordinal": ordinal});
        nation.post("/v1/competency-families", family).await
    };
    post("TEKNIS", 9).await.expect(409).expect_error("/code", "TAKEN");
    post("BARU", 3).await.expect(409).expect_error("/ordinal", "TAKEN");
    post("BARU", 0).await.expect(400).expect_error("/ordinal", "OUT_OF_RANGE");
    let taken = json!({"name": "Teknis", "name_en": "Technical", "ordinal": 1});
    nation
        .put("/v1/competency-families/TEKNIS", "*", taken)
        .await
        .expect(409)
        .expect_error("/ordinal", "TAKEN");
}

#[tokio::test]
async fn of_many_writers_with_one_tag_one_wins() {
    let app = TestApp::start().await;
    let nation = Agency { app: &app, id: NATIONAL }.admin().await;
    let path = "/v1/competency-families/TEKNIS";
    let etag = nation.get(path).await.expect(200).etag();
    let tries = (0..8).map(|n| {
        let (nation, etag) = (&nation, &etag);
        let put = json!({"name": format!("Teknis {n}"), "name_en": "Technical", "ordinal": 3});
        async move { nation.put(path, etag, put).await.status }
    });
    let mut statuses = futures_util::future::join_all(tries).await;
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 412, 412, 412, 412, 412, 412, 412]);
}
