//! `/v1/imports`.

use std::time::Duration;

use access::Role;
use api::app::Services;
use api::sheets::{ImportKind, template_csv, template_xlsx};
use sea_orm::{ConnectionTrait, Statement};
use serde_json::json;
use support::{Agency, Answer, Caller, TestApp};

pub(crate) const CSV: &str = "text/csv";
const XLSX: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";

/// Sends a file.
pub(crate) async fn post(caller: &Caller<'_>, query: &str, sheet: impl Into<Vec<u8>>) -> Answer {
    caller.send("POST", &format!("/v1/imports?kind={query}"), Some((CSV, sheet.into()))).await
}

/// Sends a file and waits for what it comes to, should the machine be too busy to say so at once.
pub(crate) async fn import(caller: &Caller<'_>, query: &str, sheet: impl Into<Vec<u8>>) -> Answer {
    let answer = post(caller, query, sheet).await;
    if answer.status != 202 {
        return answer;
    }
    let done = ended(caller, answer.header("location")).await;
    let failed = done.json["error"]["status"].as_u64().and_then(|status| u16::try_from(status).ok());
    let json = match failed {
        Some(_) => done.json["error"].clone(),
        None => json!({"state": done.json["state"], "report": done.json["result"]}),
    };
    Answer { status: failed.unwrap_or(200), json, ..answer }
}

/// Rows, created, updated, unchanged.
pub(crate) fn counts(answer: &Answer) -> [u64; 4] {
    ["rows", "created", "updated", "unchanged"]
        .map(|name| answer.json["report"][name].as_u64().unwrap_or_else(|| panic!("{name}: {}", answer.text)))
}

/// What another process must not see change: every table with its rows counted, but for the given ones.
async fn rows(app: &TestApp, except: &[&str]) -> Vec<(String, i64)> {
    let sql = "SELECT tablename::text FROM pg_tables WHERE schemaname = 'public' ORDER BY 1";
    let tables = Statement::from_string(app.db.get_database_backend(), sql);
    let mut found = Vec::new();
    for row in app.db.query_all_raw(tables).await.unwrap() {
        let table: String = row.try_get_by_index(0).unwrap();
        if !except.contains(&table.as_str()) {
            let count = app.count(&format!("SELECT count(*) FROM {table}")).await;
            found.push((table, count));
        }
    }
    found
}

/// Publishes the first version of a dictionary.
async fn publish(caller: &Caller<'_>, code: &str) {
    let found = caller.get(&format!("/v1/dictionaries?code={code}")).await.expect(200);
    let id = found.items()[0]["id"].as_str().unwrap();
    caller.transition(&format!("/v1/dictionaries/{id}/versions/1/publication"), "*").await.expect(200);
}

/// A workbook that says one of its parts unpacks to 300 MiB.
fn bomb() -> Vec<u8> {
    let mut bytes = template_xlsx(ImportKind::Units).unwrap();
    let entry = bytes.windows(4).rposition(|window| window == b"PK\x01\x02").unwrap();
    bytes[entry + 24..entry + 28].copy_from_slice(&(300_u32 << 20).to_le_bytes());
    bytes
}

/// Keeps imports into an agency waiting until [`release`].
pub(crate) async fn hold(agency: &Agency<'_>) {
    agency.app.sql(&format!("SELECT pg_advisory_lock(hashtextextended('{}', 4))", agency.id)).await;
}

pub(crate) async fn release(agency: &Agency<'_>) {
    agency.app.sql(&format!("SELECT pg_advisory_unlock(hashtextextended('{}', 4))", agency.id)).await;
}

/// Asks for an operation until it has ended.
pub(crate) async fn ended(caller: &Caller<'_>, location: &str) -> Answer {
    let patient = caller.with("prefer", "wait=30");
    let ask = async {
        loop {
            let answer = patient.get(location).await.expect(200);
            if answer.json["state"] != "RUNNING" {
                return answer;
            }
        }
    };
    tokio::time::timeout(Duration::from_secs(120), ask).await.expect("the operation ends")
}

/// Another server on the same database.
pub(crate) async fn another(app: &TestApp) -> Services {
    let config = (*app.services.config).clone();
    let url = config.database_url.clone().unwrap();
    Services::open(config, &url, app.services.clock.clone()).await.unwrap()
}

/// So many people, of whom the first has this name.
pub(crate) fn people(count: u32, first: &str) -> String {
    let header = "nip,nama,status,kode_jabatan,tmt\n".to_owned();
    let person = |n: u32| {
        let (year, serial) = (1970 + n / 36_000, n % 999 + 1);
        let (month, day) = (n / 999 % 12 + 1, n / 11_988 % 28 + 1);
        let name = if n == 0 { first } else { "Pegawai Contoh" };
        format!("{year}{month:02}{day:02}2010011{serial:03},{name},PNS,DC-OPERATOR,2010-01-01\n")
    };
    header + &(0..count).map(person).collect::<String>()
}

/// An agency with units and positions.
pub(crate) async fn with_positions(admin: &Caller<'_>) {
    for (kind, sheet) in &SAMPLES[..2] {
        import(admin, kind, *sheet).await.expect(200);
    }
}

/// Nothing of a file is kept any more.
pub(crate) async fn nothing_is_left(app: &TestApp) {
    let files = "SELECT (SELECT count(*) FROM import_files) + (SELECT count(*) FROM import_chunks)";
    assert_eq!(app.count(files).await, 0);
}

pub(crate) const SAMPLES: [(&str, &str); 7] = [
    ("units", include_str!("../samples/units.csv")),
    ("positions", include_str!("../samples/positions.csv")),
    ("employees", include_str!("../samples/employees.csv")),
    ("competencies", include_str!("../samples/competencies.csv")),
    ("levels", include_str!("../samples/levels.csv")),
    ("standards", include_str!("../samples/standards.csv")),
    ("assessments", include_str!("../samples/assessments.csv")),
];

#[tokio::test]
async fn seven_sheets_come_in_and_a_second_time_change_nothing() {
    let app = TestApp::start().await;
    let agency = app.agency("KOTA").await;
    let admin = agency.admin().await;
    for (kind, sheet) in SAMPLES {
        if kind == "standards" {
            publish(&admin, "TEKNIS-DUKCAPIL").await;
        }
        let lines = u64::try_from(sheet.trim().lines().count()).unwrap() - 1;
        let before = rows(&app, &[]).await;
        let tried = import(&admin, &format!("{kind}&dry_run=true"), sheet).await.expect(200);
        assert_eq!(
            (counts(&tried), tried.json["report"]["errors_total"].clone()),
            ([lines, lines, 0, 0], json!(0))
        );
        assert_eq!(rows(&app, &[]).await, before, "{kind}: a dry run wrote something");

        let taken = import(&admin, kind, sheet).await.expect(200);
        assert_eq!(counts(&taken), [lines, lines, 0, 0], "{kind}");
        assert_eq!(taken.json["state"], "SUCCEEDED");
        let operation = admin.get(taken.header("location")).await.expect(200);
        assert_eq!(operation.json["result"], taken.json["report"]);

        let once = rows(&app, &["operations", "audit_events", "outbox"]).await;
        let again = import(&admin, kind, sheet).await.expect(200);
        assert_eq!(counts(&again), [lines, 0, 0, lines], "{kind} again");
        assert_eq!(rows(&app, &["operations", "audit_events", "outbox"]).await, once, "{kind} again");
    }
    let audited = "SELECT count(*) FROM audit_events WHERE resource = 'OPERATION' AND what = 'IMPORTED'";
    assert_eq!(app.count(audited).await, 14);
    let told = format!(
        "{audited} AND changes ?& ARRAY['kind', 'sha256', 'rows', 'created', 'updated', 'unchanged']"
    );
    assert_eq!(app.count(&told).await, 14);

    // The tree, the places people serve at and the instants are those of the real thing.
    assert_eq!(app.count("SELECT count(*) FROM unit_ancestors").await, 7);
    let root = admin.get("/v1/units?code=DISDUKCAPIL").await.items()[0]["id"].as_str().unwrap().to_owned();
    assert_eq!(admin.get(&format!("/v1/units?within={root}")).await.items().len(), 4);
    let person = admin.get("/v1/employees/by-nip/199305172019031005").await.expect(200);
    let placements = admin.get(&format!("/v1/employees/{}/placements", person.id())).await.expect(200);
    assert_eq!(placements.items()[0]["starts_on"], "2019-03-01");
    assert_eq!(
        app.count("SELECT count(*) FROM standards WHERE state = 'IN_FORCE' AND enacted_by IS NOT NULL").await,
        2
    );
    assert_eq!(app.count("SELECT count(*) FROM assessment_events WHERE state = 'SIGNED_OFF'").await, 3);
    assert_eq!(
        app.count("SELECT count(*) FROM assessment_results WHERE recorded_at IS NOT NULL AND counts").await,
        7
    );
}

#[tokio::test]
async fn the_forms_themselves_can_be_sent_back() {
    let app = TestApp::start().await;
    let agency = app.agency("KOTA").await;
    let admin = agency.admin().await;
    import(&admin, "units", "code,name\nDINKES,Dinas Kesehatan\n").await.expect(200);
    crate::given::partner(&admin, "BPSDM").await;
    for kind in ImportKind::ALL {
        if kind == ImportKind::Levels {
            import(&admin, "levels", template_csv(kind).unwrap()).await.expect(200);
            let others = (2..=5).map(|level| format!("KAMUS-TEKNIS,T.1,{level},Uraian,Indikator\n"));
            let header = "dictionary,code,level,description,indicators\n".to_owned();
            import(&admin, "levels", header + &others.collect::<String>()).await.expect(200);
            publish(&admin, "KAMUS-TEKNIS").await;
            continue;
        }
        let path = format!("/v1/imports?kind={kind}&filename=isian.xlsx");
        let body = Some(("application/octet-stream", template_xlsx(kind).unwrap()));
        admin.send("POST", &path, body).await;
        app.services.imports.idle().await;
        let done = admin.get("/v1/operations?limit=1").await.expect(200).items()[0].clone();
        assert_eq!((&done["state"], &done["result"]["created"]), (&json!("SUCCEEDED"), &json!(1)), "{kind}");
    }
    for (format, media_type) in [("", CSV), ("?format=csv", CSV), ("?format=xlsx", XLSX)] {
        let form = admin.get(&format!("/v1/import-templates/employees{format}")).await.expect(200);
        assert!(form.header("content-type").starts_with(media_type));
        assert!(form.header("content-disposition").starts_with("attachment; filename=\"employees."));
        let seen = admin.with("if-none-match", &form.etag());
        seen.get(&format!("/v1/import-templates/employees{format}")).await.expect(304);
    }
    admin.get("/v1/import-templates/horses").await.expect(404);
    let units = "/v1/import-templates/units";
    for (accept, query, kind) in [
        (XLSX, "", XLSX),
        ("application/json, */*;q=0.1", "", CSV),
        ("application/json", "?format=xlsx", XLSX),
        (XLSX, "?format=csv", CSV),
    ] {
        let form = admin.with("accept", accept).get(&format!("{units}{query}")).await.expect(200);
        assert!(form.header("content-type").starts_with(kind), "{accept} {query}");
        let varies = form.headers.get_all("vary").iter().any(|value| value == "Accept, Accept-Language");
        assert!(varies, "{:?}", form.headers);
    }
    let refused = admin.with("accept", "application/json").with("accept-language", "en");
    let refused = refused.get(units).await.expect(406).expect_problem("NOT_ACCEPTABLE");
    assert_eq!(refused.json["detail"], "Available as csv, xlsx; name one in Accept or ?format=.");
    for (query, at, code) in [
        ("?format=pdf", "/query/format", "NOT_ALLOWED_VALUE"),
        ("?format=csv&format=csv", "/query/format", "DUPLICATE"),
        ("?format=csv&size=2", "/query/size", "UNKNOWN"),
    ] {
        admin.get(&format!("{units}{query}")).await.expect(400).expect_error(at, code);
    }
}

#[tokio::test]
async fn one_bad_row_keeps_every_good_one_out_and_all_that_is_wrong_is_told() {
    let app = TestApp::start().await;
    let admin = app.agency("KOTA").await.admin().await;
    let sheet = "code;name;parent_code\nA;Satu;\nB;;A\nC;Tiga;X\nA;Empat;\nD;Lima;D\n";
    let before = rows(&app, &["operations", "rejected_rows"]).await;
    let tried = import(&admin, "units&dry_run=true", sheet).await.expect(200);
    let told: Vec<_> = tried.json["report"]["errors"].as_array().unwrap().clone();
    let told: Vec<_> =
        told.iter().map(|one| (one["pointer"].as_str().unwrap(), one["code"].as_str().unwrap())).collect();
    // A parent in a row that could not be read is not missed, so X is only told once B can be read.
    let all = [("/rows/3/name", "REQUIRED"), ("/rows/5/code", "DUPLICATE"), ("/rows/6/parent_code", "CYCLE")];
    assert_eq!(told, all);
    assert_eq!(counts(&tried)[0], 5);

    let refused = import(&admin, "units", sheet).await.expect(400).expect_problem("INVALID");
    for (pointer, code) in all {
        refused.clone().expect_error(pointer, code);
    }
    assert_eq!(refused.json["errors"][1]["value"], "A");
    assert_eq!(rows(&app, &["operations", "rejected_rows"]).await, before);
    let failed = admin.get("/v1/operations").await.expect(200).items()[0].clone();
    assert_eq!((&failed["state"], &failed["error"]["code"]), (&json!("FAILED"), &json!("INVALID")));
    assert_eq!(failed["error"]["errors"], refused.json["errors"]);
}

#[tokio::test]
async fn of_very_many_errors_the_first_are_listed_and_all_are_counted() {
    let app = TestApp::start().await;
    let admin = app.agency("KOTA").await.admin().await;
    let rows: String = (0..1500).map(|n| format!("U{n},Unit,NOWHERE\n")).collect();
    let sheet = format!("code,name,parent_code\n{rows}");
    let tried = import(&admin, "units&dry_run=true", sheet.clone()).await.expect(200);
    assert_eq!(tried.json["report"]["errors_total"], 1500);
    assert_eq!(tried.json["report"]["errors"].as_array().unwrap().len(), 1000);
    let refused = import(&admin.with("accept-language", "en"), "units", sheet).await.expect(400);
    assert_eq!(refused.json["detail"], "1500 values were refused; the first 1000 are listed.");
}

#[tokio::test]
async fn a_number_a_spreadsheet_spoilt_is_refused_with_the_way_out() {
    let app = TestApp::start().await;
    let admin = app.agency("KOTA").await.admin().await;
    // A byte order mark and semicolons, as Excel writes them here.
    let sheet = "\u{feff}NIP;Nama Lengkap;Status Kepegawaian\r\n1,98E+17;Pegawai Contoh;PNS\r\n";
    let refused = import(&admin.with("accept-language", "en"), "employees", sheet).await.expect(400);
    let error = &refused.clone().expect_error("/rows/2/nip", "NIP_SCIENTIFIC").json["errors"][0];
    assert_eq!(error["value"], "1,98E+17");
    assert!(error["detail"].as_str().unwrap().contains("Format the column as text"));
    let good = sheet.replace("1,98E+17", "'198609262015051001");
    import(&admin, "employees", good).await.expect(200);
}

#[tokio::test]
async fn what_is_on_record_changes_by_what_the_file_says() {
    let app = TestApp::start().await;
    let agency = app.agency("KOTA").await;
    let admin = agency.admin().await;
    for (kind, sheet) in &SAMPLES[..3] {
        import(&admin, kind, *sheet).await.expect(200);
    }
    // Heads trade places, a subtree moves, somebody takes another position.
    let trade = "kode;nama;kode_unit;kelompok_jabatan;pimpinan\n\
                 DC-PRAKOM;Pranata Komputer;DISDUKCAPIL.03;JF_AHLI_PERTAMA;ya\n\
                 DC-KABID-03;Kepala Bidang;DISDUKCAPIL.03;ADMINISTRATOR;tidak\n";
    assert_eq!(counts(&import(&admin, "positions", trade).await.expect(200)), [2, 0, 2, 0]);
    let moved = "code,name,parent_code\nDISDUKCAPIL.03,Bidang Informasi,DISDUKCAPIL.02\n";
    assert_eq!(counts(&import(&admin, "units", moved).await.expect(200)), [1, 0, 1, 0]);
    assert_eq!(app.count("SELECT max(depth)::bigint FROM unit_ancestors").await, 2);
    let serves = "nip,nama,status,kode_jabatan\n199608092022032006,Wening Puspitarini,PNS,DC-PRAKOM\n";
    let warned = import(&admin, "employees", serves).await.expect(200);
    assert_eq!(counts(&warned), [1, 0, 1, 0]);
    assert_eq!(counts(&import(&admin, "employees", serves).await.expect(200)), [1, 0, 0, 1]);
    let on = "SELECT count(*) FROM placements WHERE starts_on = '2026-07-01' AND retracted_at IS NULL";
    assert_eq!(app.count(on).await, 1);
    // The same day again: the first one was a slip.
    let slip = serves.replace("DC-PRAKOM", "DC-OPERATOR");
    assert_eq!(counts(&import(&admin, "employees", slip).await.expect(200)), [1, 0, 1, 0]);
    assert_eq!(app.count(on).await, 1);

    let reclassified = "code,name,unit_code,job_class\nDC-OPERATOR,Operator,DISDUKCAPIL.02,Pengawas\n";
    let refused = import(&admin, "positions", reclassified).await.expect(400);
    refused.expect_error("/rows/2/job_class", "IMMUTABLE");
}

#[tokio::test]
async fn a_published_dictionary_changes_through_a_draft_and_what_is_final_stays() {
    let app = TestApp::start().await;
    let agency = app.agency("KOTA").await;
    let admin = agency.admin().await;
    for (kind, sheet) in SAMPLES {
        if kind == "standards" {
            publish(&admin, "TEKNIS-DUKCAPIL").await;
        }
        import(&admin, kind, sheet).await.expect(200);
    }
    let versions = "SELECT count(*) FROM dictionary_versions v JOIN dictionaries d ON d.id = v.dictionary_id
                    WHERE d.code = 'TEKNIS-DUKCAPIL'";
    let changed =
        "dictionary,code,level,description,indicators\nTEKNIS-DUKCAPIL,T.1,1,Uraian baru,Indikator\n";
    assert_eq!(counts(&import(&admin, "levels", changed).await.expect(200)), [1, 0, 1, 0]);
    assert_eq!(app.count(versions).await, 2);
    assert_eq!(
        app.count("SELECT count(*) FROM competency_levels WHERE description = 'Uraian baru'").await,
        1
    );
    assert_eq!(counts(&import(&admin, "levels", changed).await.expect(200)), [1, 0, 0, 1]);
    assert_eq!(app.count(versions).await, 2);

    let drafted = "dictionary,code,name,family,definition\nBARU,B.1,Baru,TEKNIS,Uraian\n";
    import(&admin, "competencies", drafted).await.expect(200);
    let standard = "position_code,dictionary,competency_code,required_level,valid_from\nDC-KADIS,BARU,B.1,2,2026-01-01\n";
    let refused = import(&admin, "standards", standard).await.expect(400);
    refused.expect_error("/rows/2/dictionary", "NOT_PUBLISHED");
    let national = drafted.replace("BARU", "NASIONAL-38-2017");
    import(&admin, "competencies", national)
        .await
        .expect(400)
        .expect_error("/rows/2/dictionary", "IMMUTABLE");

    let harder =
        SAMPLES[5].1.replace("DC-OPERATOR;NASIONAL-38-2017;M.1;1", "DC-OPERATOR;NASIONAL-38-2017;M.1;3");
    import(&admin, "standards", harder).await.expect(400).expect_error("/rows/6/valid_from", "IMMUTABLE");
    let better = SAMPLES[6].1.replace("NASIONAL-38-2017;M.1;2", "NASIONAL-38-2017;M.1;3");
    let refused = import(&admin.with("accept-language", "en"), "assessments", better).await.expect(400);
    let refused =
        refused.expect_error("/rows/2/level", "IMMUTABLE").expect_error("/rows/6/level", "IMMUTABLE");
    assert!(refused.json["errors"][0]["detail"].as_str().unwrap().contains("superseding"));
}

#[tokio::test]
async fn hostile_files_are_refused_and_leave_nothing() {
    let app = TestApp::start_with(|mut config| {
        config.upload_limit = 256 * 1024;
        config
    })
    .await;
    let admin = app.agency("KOTA").await.admin().await;
    let before = rows(&app, &["operations", "rejected_rows"]).await;
    import(&admin, "units", "code,name\nA,\u{0}\n").await.expect(400).expect_problem("SHEET_NUL");
    import(&admin, "units", "code,name\n\"A,B\n").await.expect(400).expect_problem("SHEET_UNCLOSED_QUOTE");
    import(&admin, "units", "").await.expect(400).expect_problem("SHEET_EMPTY");
    import(&admin, "units", "kuda,sapi\n1,2\n").await.expect(400).expect_problem("SHEET_NO_HEADER");
    import(&admin, "units", b"code,name\nA,\xe9\n".to_vec())
        .await
        .expect(400)
        .expect_problem("SHEET_NOT_UTF8");
    import(&admin, "units", b"PK\x03\x04nonsense".to_vec()).await.expect(400).expect_problem("SHEET_FORMAT");
    let reversed = import(&admin, "units", "code,name\nA,gnp.\u{202e}exe\n").await.expect(400);
    reversed.expect_error("/rows/2/name", "CONTROL_CHARACTER");
    let workbook = |bytes: &[u8]| Some((XLSX, bytes.to_vec()));
    let path = "/v1/imports?kind=units";
    admin
        .send("POST", path, workbook(b"PK\x03\x04nonsense"))
        .await
        .expect(400)
        .expect_problem("SHEET_FORMAT");
    let encrypted = [&[0xD0, 0xCF, 0x11, 0xE0][..], &[0; 512]].concat();
    admin.send("POST", path, workbook(&encrypted)).await.expect(400).expect_problem("SHEET_ENCRYPTED");
    admin.send("POST", path, workbook(&bomb())).await.expect(413).expect_problem("SHEET_TOO_LARGE");

    let large = format!("code,name\n{}", "A,B\n".repeat(100_000));
    import(&admin, "units", large).await.expect(413).expect_problem("TOO_LARGE");
    admin.send("POST", path, Some(("application/json", b"{}".to_vec()))).await.expect(415);
    admin.send("POST", path, None).await.expect(415);
    import(&admin, "horses", "code,name\n").await.expect(400);
    admin
        .send("POST", "/v1/imports", Some((CSV, b"x".to_vec())))
        .await
        .expect(400)
        .expect_error("/query/kind", "REQUIRED");
    import(&admin, "units&filename=%20", "code,name\n")
        .await
        .expect(400)
        .expect_error("/query/filename", "REQUIRED");
    import(&admin, "units&filename=a.xlsx&colour=red", "code,name\n").await.expect(400);
    assert_eq!(rows(&app, &["operations", "rejected_rows"]).await, before);
    assert_eq!(app.count("SELECT count(*) FROM operations WHERE state <> 'FAILED'").await, 0);
}

#[tokio::test]
async fn a_file_comes_in_by_those_who_may_and_into_their_agency_alone() {
    let app = TestApp::start().await;
    let (here, there) = (app.agency("KOTA").await, app.agency("KABUPATEN").await);
    let units = "code,name\nA,Dinas\n";
    for role in [Role::Auditor, Role::Assessor, Role::Planner, Role::Observer] {
        import(&here.role(role).await, "units", units).await.expect(403);
        import(&here.role(role).await, "units&dry_run=true", units).await.expect(403);
    }
    let machine = here.machine(&["imports:write", "standards:write", "assessments:write"]).await;
    import(&machine, "units", units).await.expect(200);
    // What comes in force or becomes final by being imported is decided by people.
    for kind in ["standards", "assessments", "standards&dry_run=true"] {
        import(&machine, kind, "nip\n1\n").await.expect(403).expect_problem("FORBIDDEN");
    }
    let positions = "code,name,unit_code,job_class\nP,Jabatan,A,06\n";
    let theirs = import(&there.admin().await, "positions", positions).await.expect(400);
    theirs.expect_error("/rows/2/unit_code", "NOT_FOUND");
    assert_eq!(counts(&import(&there.admin().await, "units", units).await.expect(200)), [1, 1, 0, 0]);
    assert_eq!(app.count("SELECT count(*) FROM units").await, 2);
}

#[tokio::test]
async fn of_two_identical_files_at_once_one_set_of_rows_remains() {
    let app = TestApp::start().await;
    let admin = app.agency("KOTA").await.admin().await;
    for (kind, sheet) in &SAMPLES[..4] {
        let (one, two) = tokio::join!(import(&admin, kind, *sheet), import(&admin, kind, *sheet));
        let (one, two) = (one.expect(200), two.expect(200));
        let lines = counts(&one)[0];
        let mut created = [counts(&one)[1], counts(&two)[1]];
        created.sort_unstable();
        assert_eq!(created, [0, lines], "{kind}");
    }
    assert_eq!(app.count("SELECT count(*) FROM employees").await, 7);
    assert_eq!(app.count("SELECT count(*) FROM placements").await, 7);
}

#[tokio::test]
async fn a_file_of_many_parts_stands_wholly_or_not_at_all() {
    let app = TestApp::start().await;
    let admin = app.agency("KOTA").await.admin().await;
    with_positions(&admin).await;
    // More than a piece on its way in, and more than two parts on its way to the tables.
    let sheet = people(20_000, "Galih");
    assert!(sheet.len() > 1 << 20);
    let before = rows(&app, &["operations", "rejected_rows"]).await;
    let bad = format!("{sheet}198001012010011001,Penutup,PNS,TIDAK-ADA,2010-01-01\n");
    let refused = import(&admin, "employees", bad.clone()).await.expect(400);
    refused.expect_error("/rows/20002/position_code", "NOT_FOUND");
    import(&admin, "employees&dry_run=true", bad).await.expect(200);
    let twice = format!("{sheet}{}", sheet.lines().nth(1).unwrap());
    let refused = import(&admin, "employees", twice).await.expect(400);
    refused.expect_error("/rows/20002/nip", "DUPLICATE");
    assert_eq!(rows(&app, &["operations", "rejected_rows"]).await, before);

    let taken = import(&admin, "employees", sheet.clone()).await.expect(200);
    assert_eq!(counts(&taken), [20_000, 20_000, 0, 0]);
    assert_eq!(app.count("SELECT count(*) FROM employees").await, 20_000);
    assert_eq!(app.count("SELECT count(*) FROM placements").await, 20_000);
    let done = admin.get("/v1/operations?limit=1").await.expect(200).items()[0].clone();
    assert_eq!(
        (&done["phase"], &done["done"], &done["total"]),
        (&json!("AGGREGATING"), &json!(20_000), &json!(20_000))
    );
    let changed = people(20_000, "Galih Baru");
    assert_eq!(counts(&import(&admin, "employees", changed).await.expect(200)), [20_000, 0, 1, 19_999]);
    nothing_is_left(&app).await;
}

#[tokio::test]
async fn rejected_rows_come_back_to_be_mended() {
    let app = TestApp::start().await;
    let agency = app.agency("KOTA").await;
    let admin = agency.admin().await;
    let sheet = "kode;nama;kode_induk\nA;Satu;\nB;;=A1\nC;Tiga;X\nD;Empat;A\n";
    import(&admin, "units", sheet).await.expect(400);
    let operation = admin.get("/v1/operations?limit=1").await.expect(200).items()[0].clone();
    let path = format!("/v1/operations/{}/rejected-rows", operation["id"].as_str().unwrap());
    let english = admin.with("accept-language", "en");
    let text = english.get(&path).await.expect(200);
    assert_eq!(
        text.text.trim_start_matches('\u{feff}').lines().collect::<Vec<_>>(),
        ["#row;#reasons;kode;nama;kode_induk", "3;name: A value is needed.;B;;'=A1"]
    );
    assert!(admin.get(&path).await.expect(200).text.contains("#baris;#alasan;kode;nama;kode_induk"));
    assert!(text.header("content-disposition").starts_with("attachment; filename="));
    english.with("if-none-match", &text.etag()).get(&path).await.expect(304);
    let book = admin.get(&format!("{path}?format=xlsx")).await.expect(200);
    assert_eq!(book.header("content-type"), XLSX);

    // Mended, with what was fine beside it, it is taken in as it is.
    let mended =
        "#row;#reasons;kode;nama;kode_induk\n;;A;Satu;\n3;name: A value is needed.;B;Dua;A\n;;C;Tiga;\n";
    assert_eq!(counts(&import(&admin, "units", mended).await.expect(200)), [3, 3, 0, 0]);

    app.agency("KABUPATEN").await.admin().await.get(&path).await.expect(404);
    agency.role(Role::Auditor).await.get(&path).await.expect(403);
    let fine = admin.get("/v1/operations?limit=1").await.expect(200).items()[0]["id"].clone();
    let nothing = format!("/v1/operations/{}/rejected-rows", fine.as_str().unwrap());
    admin.get(&nothing).await.expect(404);
    app.set_now("2026-07-07T00:00:00Z");
    api::worker::tidy(&app.services).await.unwrap();
    agency.admin().await.get(&path).await.expect(200);
    app.set_now("2026-07-09T00:00:00Z");
    assert!(api::worker::tidy(&app.services).await.unwrap().leftovers > 0);
    agency.admin().await.get(&path).await.expect(404);
}

#[tokio::test]
async fn all_rejected_rows_are_kept_however_many() {
    let app = TestApp::start().await;
    let admin = app.agency("KOTA").await.admin().await;
    let sheet: String = (0..2_500).map(|n| format!("U{n},Unit,NOWHERE\n")).collect();
    import(&admin, "units", format!("code,name,parent_code\n{sheet}")).await.expect(400);
    let operation = admin.get("/v1/operations?limit=1").await.expect(200).items()[0].clone();
    let path = format!("/v1/operations/{}/rejected-rows", operation["id"].as_str().unwrap());
    let text = admin.get(&path).await.expect(200).text;
    assert_eq!(text.lines().count(), 2_501);
    assert!(text.lines().last().unwrap().starts_with("2501;"), "in the order of the file");
}
