//! `/v1/imports` where it is pushed to its bounds: files that say what stands, senders that drip, servers that stop.

use std::sync::Arc;
use std::time::Duration;

use access::Role;
use api::app::import_mappings::MappingChoice;
use api::app::imports::{self, ImportFile, Progress};
use api::sheets::ImportKind;
use kernel::OperationPhase;
use serde_json::json;
use support::{Agency, Caller, TestApp};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use crate::given;
use crate::imports::{
    CSV, SAMPLES, another, counts, ended, hold, import, nothing_is_left, people, post, release,
    with_positions,
};

/// A file that says what every kind has on record, exported by somebody and sent back by them.
async fn stands(caller: &Caller<'_>, kind: &str) {
    let file = caller.get(&format!("/v1/exports/{kind}?format=csv")).await.expect(200);
    let lines = u64::try_from(crate::meta::tables::csv_rows(&file.text).len()).unwrap() - 1;
    assert!(lines > 0, "{kind}: too little was tried");
    let taken = import(caller, kind, file.bytes.to_vec()).await.expect(200);
    assert_eq!(counts(&taken), [lines, 0, 0, lines], "{kind}: {}", taken.text);
}

#[tokio::test]
async fn what_stands_is_said_again_whatever_was_decided_since() {
    let app = TestApp::start().await;
    let agency = app.agency("KOTA").await;
    let (admin, assessor) = (agency.admin().await, agency.role(Role::Assessor).await);
    let unit = given::unit(&admin, "DINAS", None).await;
    let position = given::position(&admin, "STAF", &unit).await;
    let person = given::person_in(&admin, 1, &position).await;
    let (dictionary, ids) = given::dictionary(&admin, "TEKNIS", &["T.1", "T.2"]).await;
    let both = json!([
        {"competency_id": ids[0], "level": 3, "weight": 1.0, "importance": "MUTLAK"},
        {"competency_id": ids[1], "level": 2, "weight": 1.0, "importance": "PERLU"},
    ]);
    given::standard(&agency, &position, "2026-01-01", both.clone()).await;
    given::standard(&agency, &position, "2026-06-30", both).await;
    given::assessed(&assessor, "2026-05-15", &[(&person, &ids[0], 3), (&person, &ids[1], 2)]).await;

    // The position goes while somebody holds it, the dictionary drops a competency and says very much of the other, and
    // results last less long from now on, those of days past too.
    let gone = json!({"abolished_on": "2026-06-15"});
    admin.put(&format!("/v1/positions/{position}/abolition"), "*", gone).await.expect(200);
    let versions = format!("/v1/dictionaries/{dictionary}/versions");
    admin.post(&versions, json!(null)).await.expect(201);
    admin.delete(&format!("{versions}/2/competencies/T.2"), "*").await.expect(204);
    let mut content = given::content("T.1", "TEKNIS");
    content["levels"][0]["indicators"] = json!(vec!["|".repeat(4_000); 50]);
    admin.put(&format!("{versions}/2/competencies/T.1"), "*", content).await.expect(200);
    admin.transition(&format!("{versions}/2/publication"), "*").await.expect(200);
    let validity = json!({"name": "VALIDITY", "valid_from": "2026-01-01", "source": "Keputusan",
        "validity": {"years": 1}});
    admin.post("/v1/policies", validity).await.expect(201);

    // Somebody whose own results are among them.
    let herself = agency.employee(Role::AgencyAdmin, &person).await;
    for kind in ["units", "employees", "competencies", "levels", "standards", "assessments"] {
        stands(&herself, kind).await;
    }

    // Whatever is new is held against today's rules.
    let header = "nip,kamus,kode_kompetensi,level,tujuan,metode,penyelenggara,tanggal,berlaku_sampai\n";
    let row = |rest: &str| format!("{header}{},TEKNIS,{rest}\n", given::nip(1));
    let refused = import(&herself, "assessments", row("T.1,3,MAPPING,AC,UPT,2026-05-16,")).await.expect(400);
    refused.expect_error("/rows/2/nip", "CONFLICT_OF_INTEREST");
    let refused = import(&admin, "assessments", row("T.2,3,MAPPING,AC,UPT,2026-05-16,2029-05-16")).await;
    refused.expect(400).expect_error("/rows/2/competency_code", "NOT_FOUND");
    let standard = "kode_jabatan,kamus,kode_kompetensi,level,berlaku_sejak\nSTAF,TEKNIS,T.1,3,2026-06-20\n";
    let refused = import(&admin, "standards", standard).await.expect(400);
    refused.expect_error("/rows/2/position_code", "INCONSISTENT");

    // What she says of herself comes later, hides nothing, and is hers to bring.
    import(&herself, "assessments", row("T.1,5,MAPPING,SELF,Sendiri,2026-05-15,")).await.expect(200);
    let file = admin.get("/v1/exports/assessments?format=csv").await.expect(200);
    assert!(file.text.contains("ASSESSMENT_CENTER") && !file.text.contains("SELF"), "{}", file.text);
}

/// Begins to send a file and leaves the rest of it to come.
async fn drip(app: &TestApp, caller: &Caller<'_>, length: usize, first: &[u8]) -> TcpStream {
    let mut socket = TcpStream::connect(app.base.trim_start_matches("http://")).await.unwrap();
    let head = format!(
        "POST /v1/imports?kind=units HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {}\r\nContent-Type: {CSV}\r\n\
         Prefer: wait=0\r\nConnection: close\r\nContent-Length: {length}\r\n\r\n",
        caller.token()
    );
    socket.write_all(head.as_bytes()).await.unwrap();
    socket.write_all(first).await.unwrap();
    socket
}

/// Waits until so many files have begun to arrive.
async fn arrived(app: &TestApp, files: i64) {
    let arriving = async {
        while app.count("SELECT count(*) FROM import_files").await < files {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(Duration::from_secs(60), arriving).await.expect("they arrive");
}

/// So much that a part of it is in the database as soon as it has arrived.
fn much(text: &str) -> Vec<u8> {
    let mut file = text.as_bytes().to_vec();
    file.resize((1 << 20) + 1_000, b'\n');
    file
}

#[tokio::test]
async fn senders_that_drip_keep_nobody_out() {
    let app = TestApp::start().await;
    let agency = app.agency("KOTA").await;
    let mut sockets = Vec::new();
    for user in 0..5 {
        let sender = agency.admin().await;
        for _ in 0..4 {
            sockets.push(drip(&app, &sender, 2 << 20, &much("code,name\n")).await);
        }
        arrived(&app, (user + 1) * 4).await;
        if user == 0 {
            // A user has a share and no more.
            post(&sender, "units", SAMPLES[0].1).await.expect(503);
        }
    }
    let admin = agency.admin().await;
    assert_eq!(counts(&import(&admin, "units", SAMPLES[0].1).await.expect(200)), [4, 4, 0, 0]);
    // Nor do they keep this server from work that others left.
    hold(&agency).await;
    let accepted = post(&admin.with("prefer", "wait=0"), "units", SAMPLES[0].1).await.expect(202);
    let other = another(&app).await;
    app.set_now("2026-07-01T02:01:00Z");
    assert_eq!(imports::resume(&other).await.unwrap(), 1);
    release(&agency).await;
    ended(&admin, accepted.header("location")).await;
    drop(sockets);
}

#[tokio::test]
async fn a_file_may_take_longer_to_arrive_than_a_worker_may_be_silent() {
    let app = TestApp::start().await;
    let agency = app.agency("KOTA").await;
    let admin = agency.admin().await;
    let file = much("code,name\nA,Satu\n");
    let (first, rest) = file.split_at(file.len() - 10);
    let mut socket = drip(&app, &admin, file.len(), first).await;
    arrived(&app, 1).await;
    app.set_now("2026-07-01T02:01:00Z");
    socket.write_all(rest).await.unwrap();
    let mut answer = String::new();
    socket.read_to_string(&mut answer).await.unwrap();
    assert!(answer.starts_with("HTTP/1.1 202"), "{answer}");
    app.services.imports.idle().await;
    // As of now, and not as of the request: it was never without a sign of life.
    assert_eq!(
        app.count("SELECT count(*) FROM operations WHERE created_at = '2026-07-01T02:01:00Z'").await,
        1
    );
}

#[tokio::test]
async fn two_attempts_of_one_process_are_told_apart() {
    let app = TestApp::start().await;
    let agency = app.agency("KOTA").await;
    let admin = agency.admin().await;
    let lock = format!(
        "FROM pg_locks WHERE locktype = 'advisory' AND database = (SELECT oid FROM pg_database WHERE datname =
         current_database()) AND (classid::bigint << 32 | objid::bigint) = hashtextextended('{}', 4)",
        agency.id
    );
    let until = async |sql: &str, count: i64| {
        let comes = async {
            while app.count(sql).await != count {
                tokio::task::yield_now().await;
            }
        };
        tokio::time::timeout(Duration::from_secs(60), comes).await.expect("it comes to that");
    };
    // Whoever commits first is kept from ending the work before the other is done.
    let tending = app.services.imports.tending().lock().await;
    hold(&agency).await;
    let accepted = post(&admin.with("prefer", "wait=0"), "units", SAMPLES[0].1).await.expect(202);
    let waiting = format!("{lock} AND NOT granted");
    until(&format!("SELECT count(*) {waiting}"), 1).await;
    let first = app.count(&format!("SELECT pid::bigint {waiting}")).await;
    // It was silent for a while, and the process takes over from itself.
    app.set_now("2026-07-01T02:01:00Z");
    assert_eq!(imports::resume(&app.services).await.unwrap(), 1);
    until(&format!("SELECT count(*) {waiting} AND pid <> {first}"), 1).await;
    release(&agency).await;
    until(&format!("SELECT count(*) {lock}"), 0).await;
    drop(tending);
    app.services.imports.idle().await;
    let done = ended(&admin, accepted.header("location")).await;
    assert_eq!((&done.json["state"], &done.json["result"]["created"]), (&json!("SUCCEEDED"), &json!(4)));
    assert_eq!(app.count("SELECT count(*) FROM audit_events WHERE what = 'IMPORTED'").await, 1);
    nothing_is_left(&app).await;
}

/// The agency as commands know it, and a file of theirs.
async fn local(
    agency: &Agency<'_>,
    kind: ImportKind,
    content: &str,
) -> (workforce::Agency, tempfile::TempDir, std::path::PathBuf) {
    let found = agency.app.services.store.agency(agency.id).await.unwrap().unwrap();
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join(format!("{kind}.csv"));
    std::fs::write(&path, content).unwrap();
    (found, directory, path)
}

/// Waits until a statement waits for a lock on a table.
async fn blocked(app: &TestApp, table: &str) {
    let waiting = format!(
        "SELECT count(*) FROM pg_locks WHERE database = (SELECT oid FROM pg_database WHERE datname = current_database())
           AND relation = '{table}'::regclass AND NOT granted"
    );
    let waits = async {
        while app.count(&waiting).await == 0 {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(Duration::from_secs(60), waits).await.expect("it waits");
}

#[tokio::test]
async fn a_server_that_stops_calls_a_dry_run_off() {
    let app = TestApp::start().await;
    let agency = app.agency("KOTA").await;
    let (found, _kept, path) = local(&agency, ImportKind::Units, SAMPLES[0].1).await;
    let file = ImportFile::local(&path, ImportKind::Units, MappingChoice::Usual).unwrap();
    app.sql("BEGIN; LOCK TABLE units").await;
    let (services, progress) = (app.services.clone(), Arc::new(Progress::default()));
    let rehearsal =
        tokio::spawn(async move { imports::run_file(&services, &found, file, true, progress, None).await });
    blocked(&app, "units").await;
    app.services.imports.hand_over().await;
    app.sql("COMMIT").await;
    let error = rehearsal.await.unwrap().unwrap_err();
    assert_eq!(error.problem.spec().code, "UNAVAILABLE");
    app.services.imports.idle().await;
}

#[tokio::test]
async fn a_local_file_that_changes_while_it_is_read_loses_no_row_silently() {
    let app = TestApp::start().await;
    let agency = app.agency("KOTA").await;
    with_positions(&agency.admin().await).await;
    let sheet = people(30_000, "Galih");
    let (found, _kept, path) = local(&agency, ImportKind::Employees, &sheet).await;
    let file = ImportFile::local(&path, ImportKind::Employees, MappingChoice::Usual).unwrap();
    // All of it was checked and the first part is about to be written; the end has not been read again.
    app.sql("BEGIN; LOCK TABLE employees IN SHARE MODE").await;
    let (services, progress) = (app.services.clone(), Arc::new(Progress::default()));
    let seen = progress.clone();
    let taking =
        tokio::spawn(async move { imports::run_file(&services, &found, file, false, progress, None).await });
    blocked(&app, "employees").await;
    assert_eq!(seen.phase(), Some(OperationPhase::Writing));
    let last = sheet.trim_end().rfind('\n').unwrap() + 1;
    let changed = format!("{}X{}", &sheet[..last], &sheet[last + 1..]);
    std::fs::write(&path, changed).unwrap();
    app.sql("COMMIT").await;
    let error = taking.await.unwrap().unwrap_err();
    assert_eq!(error.problem.spec().code, "INVALID");
    assert_eq!(error.violations[0].pointer, "/rows/30001/nip");
    assert_eq!(app.count("SELECT count(*) FROM employees").await, 0);
}
