//! `/v1/positions`.

use access::Role;
use serde_json::{Value, json};
use support::TestApp;

use crate::given::{self, position_body};

#[tokio::test]
async fn a_position_is_made_replaced_and_removed() {
    let app = TestApp::start().await;
    let agency = app.agency("KOTA").await;
    let admin = agency.admin().await;
    let unit = given::unit(&admin, "DINKES", None).await;
    let body = position_body("KADIS", &unit, "JPT_PRATAMA", true);
    let made = admin.post("/v1/positions", body.clone()).await.expect(201);
    assert_eq!((&made.json["siasn_code"], &made.json["abolished_on"]), (&json!("03"), &Value::Null));
    assert_eq!(made.json["allowed_actions"], json!(["EDIT", "ABOLISH"]));
    let path = format!("/v1/positions/{}", made.id());
    assert_eq!(made.header("location"), path);

    let read = admin.get(&path).await.expect(200);
    admin.with("if-none-match", &read.etag()).get(&path).await.expect(304);
    // Nobody served in it yet: its class may still change.
    let put = position_body("KADIS", &unit, "ADMINISTRATOR", true);
    let replaced = admin.put(&path, &read.etag(), put.clone()).await.expect(200);
    assert_eq!(replaced.json["siasn_code"], "04");
    admin.put(&path, &made.etag(), put.clone()).await.expect(412);
    admin.send("PUT", &path, Some(("application/json", put.to_string().into()))).await.expect(428);

    let auditor = agency.role(Role::Auditor).await;
    assert_eq!(auditor.get(&path).await.expect(200).json["allowed_actions"], json!([]));
    auditor.put(&path, &replaced.etag(), put).await.expect(403);
    auditor.post("/v1/positions", body).await.expect(403);
    auditor.delete(&path, &replaced.etag()).await.expect(403);

    admin.delete(&path, &replaced.etag()).await.expect(204);
    admin.get(&path).await.expect(404);
}

#[tokio::test]
async fn what_a_position_refers_to_exists_and_a_unit_has_one_head() {
    let app = TestApp::start().await;
    let (here, there) = (app.agency("KOTA").await.admin().await, app.agency("KABUPATEN").await.admin().await);
    let (unit, theirs) = (given::unit(&here, "A", None).await, given::unit(&there, "A", None).await);
    let post = async |body| here.post("/v1/positions", body).await;
    post(position_body("X", &theirs, "PELAKSANA", false))
        .await
        .expect(400)
        .expect_error("/unit_id", "NOT_FOUND");
    post(position_body("X", &unit, "BOSS", false))
        .await
        .expect(400)
        .expect_error("/job_class", "NOT_ALLOWED_VALUE");
    let head = post(position_body("KA", &unit, "PENGAWAS", true)).await.expect(201);
    post(position_body("KB", &unit, "PENGAWAS", true)).await.expect(409).expect_error("/is_head", "TAKEN");
    post(position_body("KA", &unit, "PENGAWAS", false)).await.expect(409).expect_error("/code", "TAKEN");
    // The head's place is free again once it is abolished.
    let abolition = format!("/v1/positions/{}/abolition", head.id());
    here.put(&abolition, &head.etag(), json!({"abolished_on": "2026-07-01"})).await.expect(200);
    post(position_body("KB", &unit, "PENGAWAS", true)).await.expect(201);
    there.get(&format!("/v1/positions/{}", head.id())).await.expect(404);
    there.put(&abolition, "*", json!({"abolished_on": "2026-07-01"})).await.expect(404);
}

#[tokio::test]
async fn a_position_somebody_served_in_keeps_its_class_and_stays() {
    let app = TestApp::start().await;
    let admin = app.agency("KOTA").await.admin().await;
    let unit = given::unit(&admin, "A", None).await;
    let position = given::position(&admin, "STAF", &unit).await;
    given::person_in(&admin, 1, &position).await;
    let path = format!("/v1/positions/{position}");
    let other_class = position_body("STAF", &unit, "PENGAWAS", false);
    admin.put(&path, "\"1\"", other_class).await.expect(409).expect_problem("POSITION_JOB_CLASS_IN_USE");
    admin.delete(&path, "\"1\"").await.expect(409).expect_problem("STILL_REFERENCED");
    admin.put(&path, "\"1\"", position_body("STAF2", &unit, "PELAKSANA", false)).await.expect(200);
}

#[tokio::test]
async fn an_abolished_position_is_closed_to_change() {
    let app = TestApp::start().await;
    let admin = app.agency("KOTA").await.admin().await;
    let unit = given::unit(&admin, "A", None).await;
    let path = format!("/v1/positions/{}", given::position(&admin, "STAF", &unit).await);
    let abolition = format!("{path}/abolition");
    let gone = json!({"abolished_on": "2026-08-01"});
    admin
        .put(&abolition, "\"1\"", json!({"abolished_on": "1026-08-01"}))
        .await
        .expect(400)
        .expect_error("/abolished_on", "OUT_OF_RANGE");
    let abolished = admin.put(&abolition, "\"1\"", gone.clone()).await.expect(200);
    assert_eq!(
        (&abolished.json["abolished_on"], &abolished.json["allowed_actions"]),
        (&json!("2026-08-01"), &json!([]))
    );
    let again = admin.put(&abolition, &abolished.etag(), gone).await.expect(409);
    again.expect_problem("POSITION_ABOLISHED");
    let body = position_body("STAF", &unit, "PELAKSANA", false);
    admin.put(&path, &abolished.etag(), body).await.expect(409).expect_problem("POSITION_ABOLISHED");
}

#[tokio::test]
async fn lists_are_narrowed_by_everything_that_is_given() {
    let app = TestApp::start().await;
    let admin = app.agency("KOTA").await.admin().await;
    let top = given::unit(&admin, "A", None).await;
    let below = given::unit(&admin, "B", Some(&top)).await;
    let head = given::head(&admin, "KA", &top).await;
    given::position(&admin, "SA", &top).await;
    given::position(&admin, "SB", &below).await;
    given::person_in(&admin, 1, &head).await;
    let codes = async |query: &str| {
        let list = admin.get(&format!("/v1/positions?{query}")).await.expect(200);
        list.items().iter().map(|one| one["code"].as_str().unwrap().to_owned()).collect::<Vec<_>>().join(" ")
    };
    for (query, expected) in [
        (String::new(), "KA SA SB"),
        (format!("unit_id={top}"), "KA SA"),
        (format!("within={top}"), "KA SA SB"),
        (format!("within={below}"), "SB"),
        ("job_class=PENGAWAS".to_owned(), "KA"),
        ("is_head=false&search=JABATAN".to_owned(), "SA SB"),
        ("vacant=true".to_owned(), "SA SB"),
        ("vacant=false".to_owned(), "KA"),
        ("code=SB".to_owned(), "SB"),
        (format!("within={top}&job_class=PELAKSANA&is_head=true"), ""),
    ] {
        assert_eq!(codes(&query).await, expected, "{query}");
    }
    admin
        .get("/v1/positions?job_class=BOSS")
        .await
        .expect(400)
        .expect_error("/query/job_class", "INVALID_FORMAT");
}

#[tokio::test]
async fn of_many_writers_with_one_tag_one_wins() {
    let app = TestApp::start().await;
    let admin = app.agency("KOTA").await.admin().await;
    let unit = given::unit(&admin, "A", None).await;
    let path = format!("/v1/positions/{}", given::position(&admin, "STAF", &unit).await);
    let tries = (0..8).map(|n| {
        let body = position_body(&format!("STAF{n}"), &unit, "PELAKSANA", false);
        let (admin, path) = (&admin, &path);
        async move { admin.put(path, "\"1\"", body).await.status }
    });
    let mut statuses = futures_util::future::join_all(tries).await;
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 412, 412, 412, 412, 412, 412, 412]);
}
