//! A real server with a database of its own, and callers.

use std::net::TcpListener;
use std::sync::{Arc, Mutex};

use api::app::{Clock, Services};
use api::auth::TokenRequest;
use api::config::Config;
use api::http::AppState;
use chrono::{DateTime, TimeDelta, Utc};
use kernel::{AgencyId, UserId};
use sea_orm::{ConnectionTrait, DatabaseConnection, Statement};
use serde_json::Value;

use crate::{Answer, NOW, TestDatabase, check_answer};

/// A server on a port of its own.
#[derive(Debug)]
pub struct TestApp {
    /// `http://127.0.0.1:PORT`.
    pub base: String,
    /// What the server runs on.
    pub services: Services,
    /// Gone with the server, unless it is handed over first.
    database: Option<TestDatabase>,
    /// A connection behind the server's back.
    pub db: DatabaseConnection,
    now: Arc<Mutex<DateTime<Utc>>>,
    http: reqwest::Client,
    server: actix_web::dev::ServerHandle,
    directory: std::path::PathBuf,
}

impl TestApp {
    /// A server with an empty, migrated database; the clock stands at [`NOW`].
    pub async fn start() -> Self {
        Self::start_with(|config| config).await
    }

    /// The same with other settings.
    pub async fn start_with(change: impl FnOnce(Config) -> Config) -> Self {
        Self::start_on(TestDatabase::new().await, change).await
    }

    /// A server on a database that is there already.
    pub async fn start_on(database: TestDatabase, change: impl FnOnce(Config) -> Config) -> Self {
        let now = Arc::new(Mutex::new(NOW.parse().unwrap()));
        let ticking = now.clone();
        let clock = Clock::of(move || *ticking.lock().unwrap());
        let directory = std::env::temp_dir().join(format!("bangkom-test-{}", uuid::Uuid::new_v4()));
        std::fs::create_dir_all(&directory).unwrap();
        let mut config = Config::defaults();
        config.data_dir = directory.clone();
        config.database_url = Some(database.url.clone());
        config.database_connections = 8;
        config.workers = 2;
        let config = change(config);
        let services = Services::open(config, &database.url, clock).await.unwrap();
        let state = AppState::new(services.clone());
        state.ready.store(true, std::sync::atomic::Ordering::SeqCst);
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let base = format!("http://{}", listener.local_addr().unwrap());
        let server = api::server::start(listener, state).unwrap();
        let handle = server.handle();
        tokio::spawn(server);
        let db = database.connect().await;
        let http = reqwest::Client::builder().no_proxy().build().unwrap();
        Self { base, services, database: Some(database), db, now, http, server: handle, directory }
    }

    /// Stops the server, closes every connection and hands over the database, to be copied.
    pub async fn into_database(mut self) -> TestDatabase {
        self.server.stop(true).await;
        self.services.close().await;
        self.db.clone().close().await.unwrap();
        self.database.take().unwrap()
    }

    /// Whether the server's database lets new connections in; those that are open stay.
    pub async fn admit(&self, admit: bool) {
        self.database.as_ref().unwrap().admit(admit).await;
    }

    /// The server's present.
    pub fn now(&self) -> DateTime<Utc> {
        *self.now.lock().unwrap()
    }

    /// Sets the server's present.
    pub fn set_now(&self, now: &str) {
        *self.now.lock().unwrap() = now.parse().unwrap();
    }

    /// Somebody without a token.
    pub fn anonymous(&self) -> Caller<'_> {
        Caller { app: self, token: None, headers: Vec::new() }
    }

    /// Somebody with this token, whatever it is worth.
    pub fn bearer(&self, token: &str) -> Caller<'_> {
        Caller { app: self, token: Some(token.to_owned()), headers: Vec::new() }
    }

    /// A caller for a user of the built-in issuer.
    pub fn caller(&self, user: UserId, agency: AgencyId) -> Caller<'_> {
        self.bearer(&self.token(user, agency, TimeDelta::hours(1)))
    }

    /// A token of the built-in issuer.
    pub fn token(&self, user: UserId, agency: AgencyId, lifetime: TimeDelta) -> String {
        // Tokens outlive changes of the test's clock.
        let request = TokenRequest { subject: user, agency, lifetime };
        self.services.keys.issue(&request, self.now()).unwrap()
    }

    /// How many rows `sql`, a `SELECT count(*)`, counts, looks that wait to be noted included.
    pub async fn count(&self, sql: &str) -> i64 {
        // While the database is away there is nothing to be counted either.
        let _ = self.services.looks.flush().await;
        self.count_as_it_is(sql).await
    }

    /// The same without the looks that wait.
    pub async fn count_as_it_is(&self, sql: &str) -> i64 {
        let statement = Statement::from_string(self.db.get_database_backend(), sql);
        let row = self.db.query_one_raw(statement).await.unwrap().unwrap();
        row.try_get_by_index(0).unwrap()
    }

    /// Runs a statement behind the server's back, and waits until the server has heard of it.
    pub async fn sql(&self, sql: &str) {
        self.db.execute_unprepared(sql).await.unwrap_or_else(|error| panic!("{sql}: {error}"));
        self.services.store.directory_settled().await;
    }
}

impl Drop for TestApp {
    fn drop(&mut self) {
        drop(self.server.stop(false));
        let _ = std::fs::remove_dir_all(&self.directory);
    }
}

/// Somebody who sends requests. Every answer is checked against the contract, and every change against the audit trail:
/// one row for a change that succeeded, none for one that failed.
#[derive(Clone, Debug)]
pub struct Caller<'a> {
    app: &'a TestApp,
    token: Option<String>,
    headers: Vec<(String, String)>,
}

impl Caller<'_> {
    /// The same caller, sending one more header.
    pub fn with(&self, name: &str, value: &str) -> Self {
        let mut caller = self.clone();
        caller.headers.push((name.to_owned(), value.to_owned()));
        caller
    }

    /// The caller's token.
    pub fn token(&self) -> &str {
        self.token.as_deref().unwrap_or_default()
    }

    /// GET.
    pub async fn get(&self, path: &str) -> Answer {
        self.send("GET", path, None).await
    }

    /// POST with a JSON body.
    pub async fn post(&self, path: &str, body: Value) -> Answer {
        self.send("POST", path, Some(("application/json", body.to_string().into_bytes()))).await
    }

    /// PUT with a JSON body and `If-Match`.
    pub async fn put(&self, path: &str, etag: &str, body: Value) -> Answer {
        let body = Some(("application/json", body.to_string().into_bytes()));
        self.with("if-match", etag).send("PUT", path, body).await
    }

    /// PUT of a transition without a body.
    pub async fn transition(&self, path: &str, etag: &str) -> Answer {
        self.with("if-match", etag).send("PUT", path, None).await
    }

    /// DELETE with `If-Match`.
    pub async fn delete(&self, path: &str, etag: &str) -> Answer {
        self.with("if-match", etag).send("DELETE", path, None).await
    }

    /// Any request.
    pub async fn send(&self, method: &str, path: &str, body: Option<(&str, Vec<u8>)>) -> Answer {
        let url = format!("{}{path}", self.app.base);
        let mut request = self.app.http.request(method.parse().unwrap(), url);
        if let Some(token) = &self.token {
            request = request.bearer_auth(token);
        }
        for (name, value) in &self.headers {
            request = request.header(name, value);
        }
        if let Some((kind, body)) = body {
            request = request.header("content-type", kind).body(body);
        }
        let response = request.send().await.unwrap();
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        let bytes = response.bytes().await.unwrap().to_vec();
        let text = String::from_utf8_lossy(&bytes).into_owned();
        let json = serde_json::from_str(&text).unwrap_or(Value::Null);
        let answer = Answer { request: format!("{method} {path}"), status, headers, bytes, text, json };
        check_answer(method, path, &answer);
        self.check_trail(method, path, &answer).await;
        answer
    }

    async fn check_trail(&self, method: &str, path: &str, answer: &Answer) {
        let id = answer.header("x-request-id");
        assert!(!id.is_empty(), "{} has no X-Request-Id", answer.request);
        let rows = self
            .app
            .count_as_it_is(&format!("SELECT count(*) FROM audit_events WHERE request_id = '{id}'"))
            .await;
        let changes = !matches!(method, "GET" | "HEAD")
            && (200..300).contains(&answer.status)
            && !path.starts_with("/v1/calculators/")
            && !path.contains("dry_run=true")
            && answer.header("idempotency-replayed").is_empty();
        // An import that goes on after its reply records when it is done.
        if answer.status != 202 {
            assert_eq!(
                rows,
                i64::from(changes),
                "{} {}: rows in the audit trail",
                answer.request,
                answer.status
            );
        }
    }
}
