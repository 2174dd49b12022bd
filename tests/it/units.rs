//! `/v1/units`.

use access::Role;
use serde_json::json;
use support::TestApp;

#[tokio::test]
async fn a_unit_is_made_read_replaced_and_removed() {
    let app = TestApp::start().await;
    let admin = app.agency("KOTA").await.admin().await;
    let made =
        admin.post("/v1/units", json!({"code": "SETDA", "name": " Sekretariat Daerah "})).await.expect(201);
    let path = format!("/v1/units/{}", made.id());
    assert_eq!(made.header("location"), path);
    assert_eq!(made.json["name"], "Sekretariat Daerah");

    let read = admin.get(&path).await.expect(200);
    assert_eq!((read.etag(), read.json), (made.etag(), made.json.clone()));
    admin.with("if-none-match", &made.etag()).get(&path).await.expect(304);

    let put = json!({"code": "SETDA", "name": "Setda", "kind": "SEKRETARIAT"});
    let replaced = admin.put(&path, &made.etag(), put.clone()).await.expect(200);
    assert_ne!(replaced.etag(), made.etag());
    admin.put(&path, &made.etag(), put.clone()).await.expect(412).expect_problem("STALE");
    admin.send("PUT", &path, Some(("application/json", put.to_string().into()))).await.expect(428);

    admin.delete(&path, &replaced.etag()).await.expect(204);
    admin.get(&path).await.expect(404);
}

#[tokio::test]
async fn a_code_is_taken_once_in_an_agency_and_free_in_another() {
    let app = TestApp::start().await;
    let (here, there) = (app.agency("KOTA").await.admin().await, app.agency("KABUPATEN").await.admin().await);
    let unit = json!({"code": "DINKES", "name": "Dinas Kesehatan"});
    here.post("/v1/units", unit.clone()).await.expect(201);
    there.post("/v1/units", unit.clone()).await.expect(201);
    let refused = here.post("/v1/units", unit).await.expect(409);
    refused.expect_problem("ALREADY_EXISTS").expect_error("/code", "TAKEN");
}

#[tokio::test]
async fn another_agencys_unit_looks_like_no_unit_at_all() {
    let app = TestApp::start().await;
    let (here, there) = (app.agency("KOTA").await.admin().await, app.agency("KABUPATEN").await.admin().await);
    let theirs = there.post("/v1/units", json!({"code": "A", "name": "A"})).await.expect(201);
    let path = format!("/v1/units/{}", theirs.id());
    let nothing = here.get("/v1/units/01931d5e-7c1f-7d7a-9a7e-3f1f3f0e4a11").await.expect(404);
    let answer = here.get(&path).await.expect(404);
    let without_id = |answer: &support::Answer| {
        let mut json = answer.json.clone();
        json["instance"] = json!(null);
        json
    };
    assert_eq!(without_id(&answer), without_id(&nothing));
    let put = json!({"code": "A", "name": "Milik kami"});
    here.put(&path, &theirs.etag(), put).await.expect(404);
    here.delete(&path, &theirs.etag()).await.expect(404);
    let child = json!({"code": "B", "name": "B", "parent_id": theirs.id()});
    here.post("/v1/units", child).await.expect(400).expect_error("/parent_id", "NOT_FOUND");
}

#[tokio::test]
async fn a_subtree_moves_whole_and_never_under_itself() {
    let app = TestApp::start().await;
    let admin = app.agency("KOTA").await.admin().await;
    let mut ids = Vec::new();
    for (code, parent) in [("A", None), ("B", Some(0)), ("C", Some(1)), ("D", None)] {
        let parent: Option<&String> = parent.and_then(|index: usize| ids.get(index));
        let made = admin
            .post("/v1/units", json!({"code": code, "name": code, "parent_id": parent}))
            .await
            .expect(201);
        ids.push(made.id());
    }
    let codes = async |root: &str| {
        let list = admin.get(&format!("/v1/units?within={root}")).await.expect(200);
        list.items().iter().map(|unit| unit["code"].as_str().unwrap().to_owned()).collect::<Vec<_>>().join("")
    };
    assert_eq!(codes(&ids[0]).await, "ABC");

    let under_itself = json!({"code": "A", "name": "A", "parent_id": ids[2]});
    let path = format!("/v1/units/{}", ids[0]);
    admin.put(&path, "\"1\"", under_itself).await.expect(400).expect_error("/parent_id", "CYCLE");

    let moved = json!({"code": "B", "name": "B", "parent_id": ids[3]});
    admin.put(&format!("/v1/units/{}", ids[1]), "\"1\"", moved).await.expect(200);
    assert_eq!((codes(&ids[0]).await, codes(&ids[3]).await), ("A".to_owned(), "BCD".to_owned()));
    admin.delete(&format!("/v1/units/{}", ids[3]), "*").await.expect(409).expect_problem("STILL_REFERENCED");
}

#[tokio::test]
async fn two_moves_at_once_never_make_a_ring() {
    let app = TestApp::start().await;
    let admin = app.agency("KOTA").await.admin().await;
    let a = admin.post("/v1/units", json!({"code": "A", "name": "A"})).await.id();
    let b = admin.post("/v1/units", json!({"code": "B", "name": "B"})).await.id();
    let (under_b, under_a) = (
        json!({"code": "A", "name": "A", "parent_id": b}),
        json!({"code": "B", "name": "B", "parent_id": a}),
    );
    let (path_a, path_b) = (format!("/v1/units/{a}"), format!("/v1/units/{b}"));
    let (one, two) = tokio::join!(admin.put(&path_a, "\"1\"", under_b), admin.put(&path_b, "\"1\"", under_a));
    let mut statuses = [one.status, two.status];
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 400]);
}

#[tokio::test]
async fn of_many_writers_with_one_tag_one_wins() {
    let app = TestApp::start().await;
    let admin = app.agency("KOTA").await.admin().await;
    let made = admin.post("/v1/units", json!({"code": "A", "name": "A"})).await;
    let path = format!("/v1/units/{}", made.id());
    let tries = (0..12).map(|n| {
        let (admin, path) = (&admin, &path);
        async move { admin.put(path, "\"1\"", json!({"code": "A", "name": format!("A{n}")})).await.status }
    });
    let mut statuses = futures_util::future::join_all(tries).await;
    statuses.sort_unstable();
    assert_eq!(statuses.iter().filter(|status| **status == 200).count(), 1, "{statuses:?}");
    assert!(statuses.iter().all(|status| matches!(status, 200 | 412)), "{statuses:?}");
}

#[tokio::test]
async fn a_repeated_request_is_answered_and_not_repeated() {
    let app = TestApp::start().await;
    let admin = app.agency("KOTA").await.admin().await;
    let keyed = admin.with("idempotency-key", "01-unit");
    let unit = json!({"code": "A", "name": "A"});
    let tries = (0..8).map(|_| keyed.post("/v1/units", unit.clone()));
    let answers = futures_util::future::join_all(tries).await;
    let first = &answers[0];
    for answer in &answers {
        assert_eq!((answer.status, &answer.json, answer.etag()), (201, &first.json, first.etag()));
    }
    let replayed = answers.iter().filter(|answer| answer.header("idempotency-replayed") == "true").count();
    assert_eq!(replayed, 7);
    assert_eq!(app.count("SELECT count(*) FROM units").await, 1);
    assert_eq!(app.count("SELECT count(*) FROM outbox WHERE type = 'unit.created'").await, 1);

    let other = keyed.post("/v1/units", json!({"code": "B", "name": "B"})).await.expect(409);
    other.expect_problem("IDEMPOTENCY_KEY_REUSED");
    // What failed is not kept: the same key may be tried again with better luck.
    let keyed = admin.with("idempotency-key", "02-unit");
    keyed.post("/v1/units", unit.clone()).await.expect(409);
    app.sql("DELETE FROM unit_ancestors; DELETE FROM units").await;
    keyed.post("/v1/units", unit).await.expect(201);
}

#[tokio::test]
async fn walking_the_pages_meets_every_unit_once_while_others_come_and_go() {
    let app = TestApp::start().await;
    let admin = app.agency("KOTA").await.admin().await;
    for n in 0..30 {
        admin.post("/v1/units", json!({"code": format!("M{n:02}"), "name": "x"})).await.expect(201);
    }
    let mut seen = Vec::new();
    let mut path = "/v1/units?limit=7".to_owned();
    for round in 0.. {
        let page = admin.get(&path).await.expect(200);
        seen.extend(page.items().iter().map(|unit| unit["code"].as_str().unwrap().to_owned()));
        // One before and one after where the reader stands.
        for code in [format!("A{round}"), format!("Z{round}")] {
            admin.post("/v1/units", json!({"code": code, "name": "x"})).await.expect(201);
        }
        let Some(next) = page.json["next"].as_str() else { break };
        assert!(page.header("link").contains(next));
        path = format!("/v1/units?limit=7&cursor={next}");
        if round == 0 {
            let other = format!("/v1/units?limit=7&search=x&cursor={next}");
            admin.get(&other).await.expect(400).expect_problem("CURSOR_MISMATCH");
        }
    }
    let mut once = seen.clone();
    once.sort();
    once.dedup();
    assert_eq!(once.len(), seen.len(), "an item came twice");
    assert_eq!(seen.iter().filter(|code| code.starts_with('M')).count(), 30, "an item was skipped");
    admin.get("/v1/units?cursor=bm9uc2Vuc2U").await.expect(400).expect_problem("CURSOR_INVALID");
}

#[tokio::test]
async fn hostile_values_are_refused_with_their_place() {
    let app = TestApp::start().await;
    let admin = app.agency("KOTA").await.admin().await;
    let post = async |body: &str| {
        admin.send("POST", "/v1/units", Some(("application/json", body.as_bytes().to_vec()))).await
    };
    post(r#"{"code": "A\u0000", "name": ""}"#)
        .await
        .expect(400)
        .expect_error("/code", "CONTROL_CHARACTER")
        .expect_error("/name", "REQUIRED");
    post(r#"{"code": "A", "name": "\ud800"}"#).await.expect(400).expect_problem("MALFORMED");
    post(r#"{"code": "A", "name": "gnp.\u202Eexe"}"#)
        .await
        .expect(400)
        .expect_error("/name", "CONTROL_CHARACTER");
    post(r#"{"code": 1, "name": "A"}"#).await.expect(400).expect_error("/code", "INVALID_FORMAT");
    post(r#"{"code": "A", "name": "A", "agency_id": "x"}"#)
        .await
        .expect(400)
        .expect_error("/agency_id", "UNKNOWN");
    post(r#"{"code": "A", "code": "B", "name": "A"}"#).await.expect(400).expect_error("/code", "DUPLICATE");
    post(r#"{"code": "A"}"#).await.expect(400).expect_error("/name", "REQUIRED");
    post("[]").await.expect(400);
    post("{").await.expect(400).expect_problem("MALFORMED");
    post(&"[".repeat(10_000)).await.expect(400);
    post(&format!(r#"{{"code": "A", "name": "{}"}}"#, "x".repeat(1_100_000))).await.expect(413);
    admin.send("POST", "/v1/units", Some(("text/plain", b"{}".to_vec()))).await.expect(415);
    admin.get("/v1/units?colour=red").await.expect(400).expect_error("/query/colour", "UNKNOWN");
    admin.get("/v1/units?limit=0").await.expect(400).expect_error("/query/limit", "OUT_OF_RANGE");
    admin.get("/v1/units?limit=1&limit=2").await.expect(400).expect_error("/query/limit", "DUPLICATE");
    admin.get("/v1/units?search=%00").await.expect(400);
    admin.get("/v1/units?parent_id=1").await.expect(400).expect_error("/query/parent_id", "INVALID_FORMAT");
    admin.get("/v1/units/not-an-id").await.expect(404);
    let english = admin.with("accept-language", "en-GB").get("/v1/units/not-an-id").await;
    assert_eq!((english.header("content-language"), &english.json["title"]), ("en", &json!("Not found")));
    assert_eq!(app.count("SELECT count(*) FROM units").await, 0);
}

#[tokio::test]
async fn a_unit_is_changed_by_the_personnel_agency_alone() {
    let app = TestApp::start().await;
    let agency = app.agency("KOTA").await;
    let made = agency.admin().await.post("/v1/units", json!({"code": "A", "name": "A"})).await.expect(201);
    let path = format!("/v1/units/{}", made.id());
    for role in [Role::Auditor, Role::Assessor, Role::Observer] {
        let caller = agency.role(role).await;
        caller.get(&path).await.expect(200);
        caller
            .post("/v1/units", json!({"code": "B", "name": "B"}))
            .await
            .expect(403)
            .expect_problem("FORBIDDEN");
        caller.put(&path, "\"1\"", json!({"code": "B", "name": "B"})).await.expect(403);
        caller.delete(&path, "\"1\"").await.expect(403);
    }
}
