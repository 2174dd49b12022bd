//! Who is calling: tokens, roles taken back, several agencies, and what a stranger learns.

use std::io::{Read as _, Write as _};

use access::Role;
use api::auth::{KeyRing, TokenIdentity, TokenRequest};
use chrono::TimeDelta;
use kernel::UserId;
use serde_json::json;
use support::TestApp;

#[tokio::test]
async fn a_stranger_learns_only_that_a_token_is_needed() {
    let app = TestApp::start().await;
    for path in ["/v1/units", "/v1/units/01931d5e-7c1f-7d7a-9a7e-3f1f3f0e4a11"] {
        let answer = app.anonymous().get(path).await.expect(401).expect_problem("TOKEN_MISSING");
        assert_eq!(answer.header("www-authenticate"), "Bearer");
    }
    // Before any body is read: not even a malformed one gets another answer.
    let body = Some(("application/json", b"{".to_vec()));
    app.anonymous().send("POST", "/v1/units", body).await.expect(401);
    app.anonymous()
        .with("authorization", "Basic eDp5")
        .get("/v1/units")
        .await
        .expect_problem("TOKEN_MISSING");
    for token in ["x", "a.b.c", "eyJhbGciOiJub25lIn0.e30.", &"x".repeat(20_000)] {
        let answer = app.bearer(token).get("/v1/units").await;
        assert!(matches!(answer.status, 401 | 431), "{}", answer.status);
    }
}

#[tokio::test]
async fn a_token_counts_until_it_expires_and_for_this_audience() {
    let app = TestApp::start().await;
    let agency = app.agency("KOTA").await;
    let caller = agency.admin().await;
    caller.get("/v1/units").await.expect(200);
    app.set_now("2026-07-01T03:00:31Z");
    caller.get("/v1/units").await.expect(401).expect_problem("TOKEN_EXPIRED");

    let identity = TokenIdentity { issuer: "urn:bangkom".to_owned(), audience: "another".to_owned() };
    let elsewhere = KeyRing::open(None, &app.services.config.data_dir, identity).unwrap();
    let request = TokenRequest { subject: UserId::new(), agency: agency.id, lifetime: TimeDelta::hours(1) };
    let token = elsewhere.issue(&request, app.now()).unwrap();
    app.bearer(&token).get("/v1/units").await.expect(401).expect_problem("TOKEN_INVALID");
}

#[tokio::test]
async fn a_role_taken_back_is_gone_at_the_next_request() {
    let app = TestApp::start().await;
    let caller = app.agency("KOTA").await.admin().await;
    caller.get("/v1/units").await.expect(200);
    app.sql("UPDATE grants SET revoked_at = now()").await;
    caller.get("/v1/units").await.expect(403).expect_problem("NO_ROLE");
}

#[tokio::test]
async fn a_token_for_one_agency_opens_no_other() {
    let app = TestApp::start().await;
    let (here, there) = (app.agency("KOTA").await, app.agency("KABUPATEN").await);
    let caller = here.admin().await;
    caller.with("bangkom-agency", "KOTA").get("/v1/units").await.expect(200);
    let foreign = caller.with("bangkom-agency", "KABUPATEN").get("/v1/units").await.expect(403);
    let unknown = caller.with("bangkom-agency", "NOWHERE").get("/v1/units").await.expect(403);
    assert_eq!(
        (foreign.json["code"].clone(), unknown.json["code"].clone()),
        (json!("NO_ROLE"), json!("NO_ROLE"))
    );
    // A token that names the other agency is signed by us and still opens nothing: roles are rows.
    let user = app.services.verifier.verify(caller.token(), app.now()).await.unwrap().subject.clone();
    app.caller(user.parse().unwrap(), there.id).get("/v1/units").await.expect(403).expect_problem("NO_ROLE");
}

#[tokio::test]
async fn a_client_that_hangs_up_leaves_nothing_behind() {
    let app = TestApp::start().await;
    let caller = app.agency("KOTA").await.admin().await;
    let mut socket = std::net::TcpStream::connect(app.base.trim_start_matches("http://")).unwrap();
    let head = format!(
        "POST /v1/units HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {}\r\ncontent-type: application/json\r\ncontent-length: 60\r\n\r\n{{\"code\": \"A\"",
        caller.token()
    );
    socket.write_all(head.as_bytes()).unwrap();
    drop(socket);
    caller.get("/v1/units").await.expect(200);
    assert_eq!(app.count("SELECT count(*) FROM units").await, 0);
}

#[tokio::test]
async fn what_is_no_http_is_refused_and_the_server_goes_on() {
    let app = TestApp::start().await;
    let mut socket = std::net::TcpStream::connect(app.base.trim_start_matches("http://")).unwrap();
    socket.write_all(b"\0\x01\x02 nonsense\r\n\r\n").unwrap();
    let mut answer = String::new();
    let _ = socket.read_to_string(&mut answer);
    assert!(answer.is_empty() || answer.starts_with("HTTP/1.1 400"), "{answer}");
    app.anonymous().get("/livez").await.expect(200);
}

#[tokio::test]
async fn a_panic_ends_one_request_and_is_told_as_a_problem() {
    use actix_web::middleware::from_fn;
    use actix_web::{App, HttpResponse, HttpServer, web};

    async fn broken() -> HttpResponse {
        panic!("planted")
    }
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let base = format!("http://{}", listener.local_addr().unwrap());
    let server = HttpServer::new(|| {
        App::new()
            .wrap(from_fn(api::http::envelope))
            .route("/broken", web::get().to(broken))
            .route("/fine", web::get().to(HttpResponse::Ok))
    });
    let server = server.workers(1).disable_signals().listen(listener).unwrap().run();
    let handle = server.handle();
    tokio::spawn(server);
    for _ in 0..3 {
        let answer = reqwest::get(format!("{base}/broken")).await.unwrap();
        assert_eq!(answer.status().as_u16(), 500);
        assert_eq!(answer.headers()["content-type"], "application/problem+json");
        assert!(answer.headers().contains_key("x-request-id"));
        let text = answer.text().await.unwrap();
        assert!(text.contains("INTERNAL") && !text.contains("planted"), "{text}");
    }
    assert_eq!(reqwest::get(format!("{base}/fine")).await.unwrap().status().as_u16(), 200);
    handle.stop(false).await;
}

#[tokio::test]
async fn unknown_paths_and_wrong_methods_are_told_apart() {
    let app = TestApp::start().await;
    let agency = app.agency("KOTA").await;
    let caller = agency.role(Role::Auditor).await;
    caller.get("/v1/nothing").await.expect(404).expect_problem("NOT_FOUND");
    app.anonymous().get("/nothing").await.expect(404).expect_problem("NOT_FOUND");
    let wrong =
        caller.send("PATCH", "/v1/units", None).await.expect(405).expect_problem("METHOD_NOT_ALLOWED");
    assert_eq!(wrong.header("allow"), "GET, HEAD, POST");
    caller.send("HEAD", "/v1/units", None).await.expect(200);
}

#[tokio::test]
async fn what_lies_outside_v1_is_open_to_everybody() {
    let app = TestApp::start().await;
    let nobody = app.anonymous();
    for path in ["/livez", "/readyz", "/metrics", "/.well-known/jwks.json"] {
        nobody.get(path).await.expect(200);
    }
    let keys = nobody.get("/.well-known/jwks.json").await;
    assert!(!keys.text.contains("\"d\""), "a private key is shown");
    for path in ["/openapi.json", "/docs/", "/docs/problems"] {
        let answer = reqwest::get(format!("{}{path}", app.base)).await.unwrap();
        assert_eq!(answer.status().as_u16(), 200, "{path}");
    }
}
