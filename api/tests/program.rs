//! The program as an operator meets it: a directory, a terminal, a private PostgreSQL.

#![expect(clippy::unwrap_used, reason = "the helpers of tests are tests too")]

use std::io::{BufRead as _, BufReader, Read as _};
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};

use serde_json::Value;
use tempfile::TempDir;

/// The setting without which nobody could sign in elsewhere.
const ISSUERS: &str = r#"[{"issuer":"https://sso.example","audiences":["bangkom"]}]"#;

/// A directory of its own, and commands in it that see no settings but these.
struct Place(TempDir);

impl Place {
    fn new() -> Self {
        Self(TempDir::new().unwrap())
    }

    fn command(&self, words: &str) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_bangkom"));
        let path = std::env::vars_os().filter(|(name, _)| name == "PATH");
        command.current_dir(self.0.path()).env_clear().envs(path).env("BANGKOM_OIDC_ISSUERS", ISSUERS);
        command.args(words.split_whitespace());
        command
    }

    fn run(&self, words: &str) -> Output {
        self.command(words).output().unwrap()
    }

    /// What a command that succeeds prints.
    fn prints(&self, words: &str) -> String {
        let output = self.run(words);
        assert!(output.status.success(), "{words}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap().trim().to_owned()
    }

    /// What a command that fails complains of.
    fn refuses(&self, words: &str) -> String {
        let output = self.run(words);
        assert!(!output.status.success(), "{words}");
        assert!(output.stdout.is_empty(), "{words}: {}", String::from_utf8_lossy(&output.stdout));
        String::from_utf8(output.stderr).unwrap()
    }

    /// A server, once it has said where it listens.
    fn serve(&self) -> Server {
        let mut command = self.command("serve --listen 127.0.0.1:0");
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let mut output = BufReader::new(child.stdout.take().unwrap());
        let mut line = String::new();
        output.read_line(&mut line).unwrap();
        let Some((_, base)) = line.trim().split_once(" listens on ") else {
            let mut log = String::new();
            child.stderr.take().unwrap().read_to_string(&mut log).unwrap();
            panic!("{line}{log}");
        };
        Server { base: base.to_owned(), child, _output: output }
    }
}

struct Server {
    base: String,
    child: Child,
    /// Kept open, or the next line would be written to nobody.
    _output: BufReader<std::process::ChildStdout>,
}

impl Server {
    /// Sends a signal, waits for the end, and tells the exit code and the log.
    fn end(mut self, signal: &str) -> (Option<i32>, String) {
        let kill = format!("kill -{signal} {}", self.child.id());
        assert!(Command::new("sh").args(["-c", &kill]).status().unwrap().success());
        let mut log = String::new();
        self.child.stderr.take().unwrap().read_to_string(&mut log).unwrap();
        (self.child.wait().unwrap().code(), log)
    }
}

/// Whether a PostgreSQL has said that it runs in the place's data directory, and not yet that it has ended.
fn database_runs(place: &Path) -> bool {
    place.join(".bangkom/postgres/data/postmaster.pid").exists()
}

async fn get(base: &str, path: &str, token: &str) -> (u16, Value) {
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let answer = client.get(format!("{base}{path}")).bearer_auth(token).send().await.unwrap();
    (answer.status().as_u16(), serde_json::from_str(&answer.text().await.unwrap()).unwrap())
}

#[tokio::test]
async fn from_an_empty_directory_to_an_answer_and_through_a_kill() {
    let place = Place::new();
    assert!(place.prints("doctor").contains("Nothing is wrong."));
    assert!(!place.0.path().join(".bangkom").exists(), "looking leaves no trace");

    // An agency of one's own: no demo will be added to it.
    place.prints("agency create --code KOTA-X --name Pemkot --zone wita");
    assert!(place.refuses("agency create --code KOTA-X --name Pemkot --zone WITA").contains("/code"));
    assert!(!database_runs(place.0.path()), "a command takes its cluster along");

    let server = place.serve();
    let token = place.prints("token --agency KOTA-X --role AUDITOR");
    assert_eq!(token.matches('.').count(), 2, "the token alone: {token}");
    assert_eq!(get(&server.base, "/v1/units", &token).await.0, 200);
    assert_eq!(place.prints("agency list").lines().count(), 2, "the agency and the nation");
    let second = place.refuses("serve --listen 127.0.0.1:0");
    assert!(second.contains(&format!("in use by process {}", server.child.id())), "{second}");
    assert!(place.prints("doctor").contains("Nothing is wrong."));

    let (code, log) = server.end("KILL");
    assert_eq!(code, None);
    assert!(!log.contains(&token), "{log}");
    let server = place.serve();
    assert_eq!(get(&server.base, "/v1/units", &token).await.0, 200, "data and keys are still there");
    assert_eq!(server.end("TERM").0, Some(0));
    assert!(!database_runs(place.0.path()), "stopped cleanly");
}

#[test]
fn roles_are_given_listed_and_taken_back() {
    let place = Place::new();
    place.prints("agency create --code KOTA-X --name Pemkot --zone WIB");
    // The commands join its cluster.
    let server = place.serve();
    let grant = "user grant --agency KOTA-X --role AUDITOR --issuer https://sso.example --subject 42";
    assert!(place.refuses(grant).contains("user create"));
    let create = "user create --issuer https://sso.example --subject 42 --name Sari";
    let elsewhere = "user create --issuer https://other.example --subject 42 --name Sari";
    assert!(place.refuses(elsewhere).contains("BANGKOM_OIDC_ISSUERS"));
    place.prints(create);
    assert!(place.refuses(create).contains("already"));
    let id = place.prints(grant);
    assert!(place.refuses(grant).contains("/role"));
    let listed = place.prints("user list --agency KOTA-X");
    assert!(listed.starts_with(&format!("{id}\tAUDITOR\tSari\thttps://sso.example\t42\t")), "{listed}");
    let revoke = format!("user revoke --agency KOTA-X --grant {id}");
    place.prints(&revoke);
    assert!(place.refuses(&revoke).contains("already"));
    assert_eq!(place.prints("user list --agency KOTA-X"), "");
    assert_eq!(place.prints("user list --agency KOTA-X --all").lines().count(), 1);
    assert_eq!(server.end("INT").0, Some(0));
}

#[tokio::test]
async fn who_was_shown_whose_data_just_before_the_stop_is_on_record() {
    let place = Place::new();
    place.prints("agency create --code KOTA-X --name Pemkot --zone WIB");
    let samples = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/samples");
    for kind in ["units", "positions", "employees"] {
        place.prints(&format!("import {kind} {}/{kind}.csv --agency KOTA-X", samples.display()));
    }
    let server = place.serve();
    let auditor = place.prints("token --agency KOTA-X --role AUDITOR");
    let person = place.prints("token --agency KOTA-X --role EMPLOYEE --nip 199305172019031005");
    let (status, shown) = get(&server.base, "/v1/employees/by-nip/199305172019031005", &auditor).await;
    assert_eq!((status, server.end("TERM").0), (200, Some(0)));

    let server = place.serve();
    let (_, records) = get(&server.base, "/v1/me/access-records", &person).await;
    let latest = &records["items"][0];
    assert_eq!((&latest["operation"], &latest["employee_id"]), (&"employee_get_by_nip".into(), &shown["id"]));
    assert_eq!(server.end("TERM").0, Some(0));
}

#[test]
fn the_schema_goes_down_and_up() {
    let place = Place::new();
    let steps = place.prints("migrate up").lines().count();
    let pending = |text: &str| text.lines().filter(|line| line.starts_with("pending")).count();
    assert_eq!(pending(&place.prints("migrate down")), 1);
    let doctor = place.run("doctor");
    let said = String::from_utf8(doctor.stdout).unwrap();
    assert!(!doctor.status.success() && said.contains("bangkom migrate up"), "{said}");
    assert_eq!(pending(&place.prints(&format!("migrate down --steps {}", steps - 1))), steps);
    assert_eq!(pending(&place.prints("migrate status")), steps);
    assert_eq!(pending(&place.prints("migrate up")), 0);
    assert!(place.prints("doctor").contains("Nothing is wrong."));
}

#[test]
fn what_needs_no_database_starts_none() {
    let place = Place::new();
    let contract: Value = serde_json::from_str(&place.prints("openapi")).unwrap();
    assert_eq!(contract["openapi"], "3.1.0");
    assert!(place.prints("--help").contains("DATABASE_URL"));
    let refused =
        place.command("serve").env("BANGKOM_LISTEN", "x").env("BANGKOM_LOG", "loud").output().unwrap();
    let text = String::from_utf8(refused.stderr).unwrap();
    assert!(text.contains("BANGKOM_LISTEN: ") && text.contains("BANGKOM_LOG: "), "{text}");
    assert!(!place.0.path().join(".bangkom").exists());
}

/// So many people with numbers of their own.
fn people(count: u32) -> String {
    let person = |n: u32| {
        let (serial, rest) = (n % 999 + 1, n / 999);
        format!(
            "{}{:02}{:02}2010011{serial:03},Pegawai Contoh,PNS\n",
            1970 + rest / 336,
            rest / 28 % 12 + 1,
            rest % 28 + 1
        )
    };
    "nip,nama,status\n".to_owned() + &(0..count).map(person).collect::<String>()
}

#[tokio::test]
async fn an_import_killed_half_way_is_finished_by_the_next_server_and_once() {
    const COUNT: u32 = 60_000;
    let place = Place::new();
    place.prints("agency create --code KOTA-X --name Pemkot --zone WIB");
    let server = place.serve();
    let token = place.prints("token --agency KOTA-X --role AGENCY_ADMIN");
    let post = async |base: &str, query: &str| {
        let client = reqwest::Client::builder().no_proxy().build().unwrap();
        let request = client.post(format!("{base}/v1/imports?kind=employees{query}")).bearer_auth(&token);
        let request = request.header("content-type", "text/csv").header("prefer", "wait=0");
        let answer = request.body(people(COUNT)).send().await.unwrap();
        let status = answer.status().as_u16();
        (status, serde_json::from_str::<Value>(&answer.text().await.unwrap()).unwrap())
    };
    let (status, accepted) = post(&server.base, "").await;
    assert_eq!(status, 202, "{accepted}");
    let operation = format!("/v1/operations/{}", accepted["operation_id"].as_str().unwrap());
    loop {
        let (_, now) = get(&server.base, &operation, &token).await;
        assert_eq!(now["state"], "RUNNING", "{now}");
        if now["phase"] == "WRITING" && now["done"].as_u64().unwrap() > 0 {
            break;
        }
    }
    server.end("KILL");

    let server = place.serve();
    // Asked for rarely: every question is a line in the log, which nobody reads here before the end.
    let done = loop {
        let client = reqwest::Client::builder().no_proxy().build().unwrap();
        let asked = client.get(format!("{}{operation}", server.base)).bearer_auth(&token);
        let answer = asked.header("prefer", "wait=10").send().await.unwrap();
        let now: Value = serde_json::from_str(&answer.text().await.unwrap()).unwrap();
        if now["state"] != "RUNNING" {
            break now;
        }
    };
    assert_eq!((&done["state"], &done["result"]["created"]), (&"SUCCEEDED".into(), &COUNT.into()), "{done}");
    // All of them are there, and each once: a number is one person's.
    let (_, again) = post(&server.base, "&dry_run=true").await;
    let (code, log) = server.end("TERM");
    assert_eq!(again["report"]["unchanged"], COUNT, "{again}\n{log}");
    assert_eq!(code, Some(0));
}

/// What a server that was started with nothing configured prints, up to the end of the `curl`.
fn announcement(child: &mut Child) -> String {
    let mut output = BufReader::new(child.stdout.take().unwrap());
    let mut text = String::new();
    while !text.contains("gap-profile") {
        assert!(output.read_line(&mut text).unwrap() > 0, "{text}");
    }
    // The pipe stays open for as long as the server runs.
    std::thread::spawn(move || output.read_to_end(&mut Vec::new()));
    text
}

#[tokio::test]
async fn what_start_up_prints_is_true_and_the_log_holds_nobody() {
    let place = Place::new();
    let mut command = place.command("serve --listen 127.0.0.1:0");
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let text = announcement(&mut child);
    let token = text.split("Bearer ").nth(1).unwrap().split('\'').next().unwrap().to_owned();
    let (base, path) = text.rsplit_once("'http://").unwrap().1.split_once("/v1/").unwrap();
    let (base, path) = (format!("http://{base}"), format!("/v1/{}", path.split('\'').next().unwrap()));
    let (status, profile) = get(&base, &path, &token).await;
    assert_eq!(status, 200, "{profile}");
    assert!(profile["competencies"].as_array().is_some_and(|all| !all.is_empty()), "{profile}");

    let admin = place.prints("token --agency DEMO-KOTA --role AGENCY_ADMIN");
    let (_, people) = get(&base, "/v1/employees?limit=1", &admin).await;
    let (nip, name) =
        (people["items"][0]["nip"].as_str().unwrap(), people["items"][0]["name"].as_str().unwrap());
    assert_eq!(get(&base, &format!("/v1/employees/by-nip/{nip}"), &admin).await.0, 200);
    let stderr = child.stderr.take().unwrap();
    child.kill().unwrap();
    child.wait().unwrap();
    let log = std::io::read_to_string(stderr).unwrap();
    assert!(log.contains("employee_get_by_nip") && log.contains("request_id"), "{log}");
    for secret in [nip, name, &admin, &token] {
        assert!(!log.contains(secret), "the log holds personal data or a token: {log}");
    }
}

#[test]
fn an_agencys_spreadsheets_come_in_from_the_command_line() {
    let place = Place::new();
    place.prints("agency create --code KOTA-X --name Pemkot --zone WIB");
    let samples = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/samples");
    let import = |kind: &str, more: &str| {
        format!("import {kind} {}/{kind}.csv --agency KOTA-X {more}", samples.display())
    };
    place.prints(&import("units", "--dry-run"));
    for kind in ["units", "positions", "employees", "competencies", "levels"] {
        place.prints(&import(kind, ""));
        place.prints(&import(kind, ""));
    }
    // The dictionary is a draft, so nothing is built on it yet.
    assert!(place.refuses(&import("standards", "")).contains("published"));
    place.prints("token --agency KOTA-X --role EMPLOYEE --nip 199305172019031005");
}
