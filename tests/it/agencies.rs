//! `/v1/agencies`.

use access::Role;
use kernel::NATIONAL;
use serde_json::json;
use support::{Agency, TestApp};

#[tokio::test]
async fn an_agency_sees_itself_alone() {
    let app = TestApp::start().await;
    let (here, there) = (app.agency("KOTA").await, app.agency("KABUPATEN").await);
    let auditor = here.role(Role::Auditor).await;
    let list = auditor.get("/v1/agencies").await.expect(200);
    assert_eq!((list.items().len(), &list.items()[0]["code"]), (1, &json!("KOTA")));
    auditor.get(&format!("/v1/agencies/{}", here.id)).await.expect(200);

    let theirs = format!("/v1/agencies/{}", there.id);
    let admin = here.admin().await;
    admin.get(&theirs).await.expect(404);
    admin.put(&theirs, "*", json!({"name": "Milik kami", "time_zone": "WIT"})).await.expect(404);
}

#[tokio::test]
async fn the_nation_sees_every_agency_and_changes_none_of_them() {
    let app = TestApp::start().await;
    let agency = app.agency("KOTA").await;
    let nation = Agency { app: &app, id: NATIONAL };
    let observer = nation.role(Role::Observer).await;
    let list = observer.get("/v1/agencies?limit=1").await.expect(200);
    let next = list.json["next"].as_str().unwrap();
    let rest = observer.get(&format!("/v1/agencies?limit=1&cursor={next}")).await.expect(200);
    assert_eq!((list.items().len(), rest.items().len(), rest.json["next"].is_null()), (1, 1, true));

    let path = format!("/v1/agencies/{}", agency.id);
    let seen = observer.get(&path).await.expect(200);
    assert_eq!(seen.json["code"], "KOTA");
    let admin = nation.admin().await;
    admin.put(&path, &seen.etag(), json!({"name": "x", "time_zone": "WIB"})).await.expect(403);
}

#[tokio::test]
async fn the_time_zone_decides_which_day_it_is() {
    let app = TestApp::start().await;
    let agency = app.agency("KOTA").await;
    app.set_now("2026-07-01T15:30:00Z");
    let admin = agency.admin().await;
    assert_eq!(admin.get("/v1/me").await.json["today"], "2026-07-01");
    let path = format!("/v1/agencies/{}", agency.id);
    let put = json!({"name": "Pemerintah Kota Contoh", "time_zone": "WIT"});
    let put_by = async |etag: &str| admin.put(&path, etag, put.clone()).await;
    let replaced = put_by("\"1\"").await.expect(200);
    assert_eq!((&replaced.json["code"], &replaced.json["time_zone"]), (&json!("KOTA"), &json!("WIT")));
    assert_eq!(admin.get("/v1/me").await.json["today"], "2026-07-02");

    put_by("\"1\"").await.expect(412);
    let nameless = json!({"name": " ", "time_zone": "WIB"});
    admin.put(&path, &replaced.etag(), nameless).await.expect(400).expect_error("/name", "REQUIRED");
    let elsewhere = json!({"name": "x", "time_zone": "GMT"});
    admin
        .put(&path, &replaced.etag(), elsewhere)
        .await
        .expect(400)
        .expect_error("/time_zone", "NOT_ALLOWED_VALUE");
    let planner = agency.role(Role::Planner).await;
    planner.put(&path, &replaced.etag(), put.clone()).await.expect(403);
}
