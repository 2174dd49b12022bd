//! `/v1/imports` of the catalogue and of what people learned.

use access::Role;
use chrono::NaiveDate;
use serde_json::{Value, json};
use support::{Agency, Answer, Caller, TestApp};

use crate::given;
use crate::imports::{SAMPLES, counts, import};
use crate::meta::tables::{csv_rows, xlsx_rows};

const LEARNING: [(&str, &str); 5] = [
    ("programmes", include_str!("../samples/programmes.csv")),
    ("programme-steps", include_str!("../samples/programme-steps.csv")),
    ("classes", include_str!("../samples/classes.csv")),
    ("own-learnings", include_str!("../samples/own-learnings.csv")),
    ("training-records", include_str!("../samples/training-records.csv")),
];

/// Tables a file of these kinds may write to, each with its rows counted.
async fn rows(app: &TestApp) -> Vec<i64> {
    let tables = [
        "programmes",
        "programme_steps",
        "programme_prerequisites",
        "classes",
        "class_sessions",
        "own_learnings",
        "training_records",
        "jp_entries",
        "jp_certificates",
        "jp_years",
    ];
    let mut found = Vec::new();
    for table in tables {
        found.push(app.count(&format!("SELECT count(*) FROM {table}")).await);
    }
    found
}

/// What `bangkom doctor` looks at: sums that are not those of the entries, and kept standings that are not the facts'.
async fn ledgers_are_right(agency: &Agency<'_>) {
    let store = &agency.app.services.store;
    assert_eq!(store.jp_sums_check(agency.id).await.unwrap(), 0);
    assert_eq!(store.jp_standings_check(agency.id, today(agency.app).await).await.unwrap(), 0);
}

/// The day in the agency.
async fn today(app: &TestApp) -> NaiveDate {
    let now = app.now().to_rfc3339();
    let days = format!(
        "SELECT (day_in(zone, '{now}') - '2000-01-01'::date)::bigint FROM agencies WHERE code = 'KOTA'"
    );
    NaiveDate::from_ymd_opt(2000, 1, 1).unwrap()
        + chrono::Days::new(u64::try_from(app.count(&days).await).unwrap())
}

async fn ledger(caller: &Caller<'_>, employee: &str, year: i32) -> Value {
    caller.get(&format!("/v1/employees/{employee}/jp-ledger?year={year}")).await.expect(200).json
}

async fn publish(caller: &Caller<'_>, code: &str) {
    let found = caller.get(&format!("/v1/dictionaries?code={code}")).await.expect(200);
    let id = found.items()[0]["id"].as_str().unwrap();
    caller.transition(&format!("/v1/dictionaries/{id}/versions/1/publication"), "*").await.expect(200);
}

/// People with the numbers 1 to `count`, each with an id.
async fn people(admin: &Caller<'_>, count: u16) -> Vec<String> {
    let mut all = Vec::new();
    for serial in 1..=count {
        all.push(given::person(admin, serial).await);
    }
    all
}

/// A file of records of training: nip, title, form, first day, last day, hours, certificate.
fn trainings(rows: &[[&str; 7]]) -> String {
    let header = "nip;nama_pelatihan;bentuk;tanggal_mulai;tanggal_selesai;jp;nomor_sertifikat\n";
    rows.iter().fold(header.to_owned(), |sheet, row| sheet + &row.join(";") + "\n")
}

#[tokio::test]
async fn the_catalogue_and_what_people_learned_come_in_and_a_second_time_change_nothing() {
    let app = TestApp::start().await;
    let agency = app.agency("KOTA").await;
    let admin = agency.admin().await;
    for (kind, sheet) in &SAMPLES[..5] {
        import(&admin, kind, *sheet).await.expect(200);
    }
    publish(&admin, "TEKNIS-DUKCAPIL").await;
    given::partner(&admin, "BPSDM-CONTOH").await;
    for (kind, sheet) in LEARNING {
        let lines = u64::try_from(sheet.trim().lines().count()).unwrap() - 1;
        let before = rows(&app).await;
        let tried = import(&admin, &format!("{kind}&dry_run=true"), sheet).await.expect(200);
        assert_eq!(
            (counts(&tried), tried.json["report"]["errors_total"].clone()),
            ([lines, lines, 0, 0], json!(0)),
            "{kind}: {}",
            tried.text
        );
        assert_eq!(rows(&app).await, before, "{kind}: a dry run wrote something");
        assert_eq!(counts(&import(&admin, kind, sheet).await.expect(200)), [lines, lines, 0, 0], "{kind}");
        let once = rows(&app).await;
        let again = import(&admin, kind, sheet).await.expect(200);
        assert_eq!(counts(&again), [lines, 0, 0, lines], "{kind} again");
        assert_eq!(rows(&app).await, once, "{kind} again");
    }

    let programmes = admin.get("/v1/programmes").await.expect(200);
    let told = |of: &Value| {
        (of["code"].clone(), of["state"].clone(), of["form"].clone(), of["steps"].as_array().unwrap().len())
    };
    let told: Vec<_> = programmes.items().iter().map(told).collect();
    assert_eq!(
        told,
        [
            (json!("DC-AMAN"), json!("DRAFT"), json!("KL10"), 1),
            (json!("DC-DATA-1"), json!("PUBLISHED"), json!("KL03"), 1),
            (json!("DC-DATA-2"), json!("PUBLISHED"), json!("KL03"), 2),
        ]
    );
    let second = &programmes.items()[2];
    assert_eq!(second["prerequisites"][0]["programme_code"], "DC-DATA-1", "{second}");
    let classes = admin.get("/v1/classes").await.expect(200);
    let first = &classes.items()[0];
    assert_eq!((&first["code"], &first["state"]), (&json!("DC-DATA-1-2026A"), &json!("OPEN")));
    let local = "SELECT count(*) FROM classes k JOIN agencies a ON a.id = k.agency_id
        WHERE k.code = 'DC-DATA-1-2026A' AND clock_in(a.zone, k.registration_opens_at) = '2026-07-01 00:00'
          AND clock_in(a.zone, k.registration_closes_at) = '2026-08-01 00:00'
          AND clock_in(a.zone, k.starts_at) = '2026-08-03 08:00' AND clock_in(a.zone, k.ends_at) = '2026-08-04 16:00'";
    assert_eq!(app.count(local).await, 1, "hours are those of the agency's clock");

    let own = admin.get("/v1/own-learnings").await.expect(200);
    assert!(own.items().iter().all(|one| one["state"] == "SUBMITTED"));
    let person = admin.get("/v1/employees/by-nip/199305172019031005").await.expect(200).id();
    assert_eq!(ledger(&admin, &person, 2026).await["counted"], 0, "what was logged waits");
    let year = ledger(&admin, &person, 2025).await;
    assert_eq!(year["counted"], 4);
    let entry = &year["entries"][0];
    assert_eq!(
        (&entry["source"], &entry["basis"], &entry["form"], &entry["earned_on"]),
        (&json!("TRAINING_RECORD"), &json!("RECORD"), &json!("KL06"), &json!("2025-12-31"))
    );
    let year = ledger(&admin, &person, 2023).await;
    assert_eq!(
        (&year["counted"], &year["entries"][0]["certificate"]["issued_on"]),
        (&json!(40), &json!("2023-02-10"))
    );
    ledgers_are_right(&agency).await;
    // Everybody's standing is kept anew before the operation ends.
    assert_eq!(app.count("SELECT count(*) FROM jp_standings WHERE holds_until = '-infinity'").await, 0);
    let tells = "SELECT count(*) FROM audit_events WHERE what = 'IMPORTED' AND changes ->> 'kind' = 'training-records'";
    assert_eq!(app.count(tells).await, 2);
}

/// Names that spreadsheets and programs trip over.
const HOSTILE: [&str; 12] = [
    "=1+1",
    "+62 812",
    "-5",
    "@SUM(A1:A9)",
    "'=kutip",
    "''petik",
    "Ha;ri, \"Jum'at\" | malam",
    "007",
    "1-2",
    "1E5",
    "TRUE",
    "Ŋ 你好 🙂 _x000D_",
];

/// A catalogue whose every text is hostile, and somebody with hostile learning.
async fn hostile(agency: &Agency<'_>) {
    let admin = agency.admin().await;
    let dictionary = given::dictionary(&admin, "=KAMUS", &["T.1"]).await;
    let competency = dictionary.1[0].clone();
    let person = given::person(&admin, 1).await;
    let mut before: Option<String> = None;
    for (index, name) in HOSTILE.iter().enumerate() {
        let partner = json!({"code": name, "name": name, "kind": "OWN"});
        let partner = admin.post("/v1/partners", partner).await.expect(201).id();
        let more = json!({"name": name, "objectives": format!("{name}\nbaris kedua; \"dan\" ketiga"), "accreditation": name,
            "curriculum_owner_id": partner, "jp": 12.25, "price_per_participant": 0, "certificate_months": 6,
            "steps": [{"competency_id": competency, "level_from": 1, "level_to": 2}],
            "audience": {"job_classes": ["PENGAWAS", "JF_AHLI_MUDA"], "job_families": ["JPT"]},
            "prerequisites": before.iter().map(|id| json!({"programme_id": id})).collect::<Vec<_>>()});
        let programme =
            admin.post("/v1/programmes", given::programme_body(name, &partner, more)).await.expect(201).id();
        admin.transition(&format!("/v1/programmes/{programme}/publication"), "*").await.expect(200);
        let session = |day: u32| {
            json!({"starts_at": format!("2026-07-{day}T01:00:00Z"),
            "ends_at": format!("2026-07-{day}T09:30:15.5Z"), "place": name, "url": format!("https://rapat.example.go.id/{index}"), "topic": name})
        };
        let more = json!({"note": name, "waitlist": 5, "min_participants": 2, "registration_opens_at": "2026-07-01T00:00:00.000001Z",
            "sessions": [session(20), session(21)]});
        let class =
            admin.post("/v1/classes", given::class_body(name, &programme, more)).await.expect(201).id();
        if index % 2 == 0 {
            admin.transition(&format!("/v1/classes/{class}/opening"), "*").await.expect(200);
        }
        let day = format!("2026-03-{:02}", index + 1);
        let own = json!({"employee_id": person, "title": name, "provider": name, "form": "NKL03", "started_on": day,
            "ended_on": day, "units": [day], "certificate_jp": 1.5, "document": name, "note": format!("{name}\n{name}"),
            "certificate": {"number": format!("{name}/{index}"), "issued_on": day}});
        let own = admin.post("/v1/own-learnings", own).await.expect(201).id();
        if index % 3 == 0 {
            admin.transition(&format!("/v1/own-learnings/{own}/verification"), "*").await.expect(200);
        }
        before = Some(programme);
    }
    let quoted = |text: &str| format!("\"{}\"", text.replace('"', "\"\""));
    let record = |(index, name): (usize, &&str)| {
        let day = format!("2019-03-{:02}", index + 1);
        // An apostrophe in front is how such a text is written.
        let name = api::sheets::neutralise(name);
        let name = quoted(&name);
        format!(
            "{};{name};{name};KL08;{day};{day};1,5;{};{name}\n",
            given::nip(1),
            quoted(&format!("No {index} {}", "x"))
        )
    };
    let sheet: String = HOSTILE.iter().enumerate().map(record).collect();
    let header = "nip;title;provider;form;started_on;ended_on;jp;certificate_number;document\n";
    import(&admin, "training-records", format!("{header}{sheet}")).await.expect(200);
}

#[tokio::test]
async fn what_was_exported_imports_without_changing_anything() {
    let app = TestApp::start().await;
    let agency = app.agency("KOTA").await;
    hostile(&agency).await;
    let admin = agency.admin().await;
    for (kind, _) in LEARNING {
        for format in ["csv", "xlsx"] {
            let file = admin.get(&format!("/v1/exports/{kind}?format={format}")).await.expect(200);
            let rows = if format == "csv" { csv_rows(&file.text) } else { xlsx_rows(&file.bytes) };
            let form = admin.get(&format!("/v1/import-templates/{kind}?format={format}")).await.expect(200);
            let form = if format == "csv" { csv_rows(&form.text) } else { xlsx_rows(&form.bytes) };
            assert_eq!(rows[0], form[0], "the columns are those of the form");
            let live = |cell: &&String| cell.starts_with(['=', '+', '-', '@', '\t', '\r']);
            assert_eq!(rows.iter().flatten().find(live), None, "{kind}.{format} has a formula");
            let path = format!("{kind}&filename={kind}.{format}");
            let report = sent(&admin, &path, file.bytes).await;
            let all = u64::try_from(rows.len() - 1).unwrap();
            assert_eq!(counts(&report), [all, 0, 0, all], "{kind}.{format}: {}", report.text);
            assert!(all >= 12, "{kind}: too little was tried");
        }
    }
    // What nobody takes in as it is stays out.
    app.sql("UPDATE classes SET state = 'CANCELLED', cancelled_for = 'x' WHERE code = '-5'").await;
    assert!(!admin.get("/v1/exports/classes?format=csv").await.expect(200).text.contains("'-5"));
    let me = agency.employee(Role::Employee, &given::person(&admin, 2).await).await;
    for kind in ["own-learnings", "training-records"] {
        let rows = csv_rows(&me.get(&format!("/v1/exports/{kind}?format=csv")).await.expect(200).text);
        assert_eq!(rows.len(), 1, "{kind}: nobody sees what others learned");
        agency.role(Role::Provider).await.get(&format!("/v1/exports/{kind}")).await.expect(403);
    }
}

/// Sends a file of any format and waits for what it comes to.
async fn sent(admin: &Caller<'_>, query: &str, file: Vec<u8>) -> Answer {
    let path = format!("/v1/imports?kind={query}");
    let answer =
        admin.with("prefer", "wait=30").send("POST", &path, Some(("application/octet-stream", file))).await;
    answer.expect(200)
}

#[tokio::test]
async fn histories_of_siasn_become_records_and_stand_in_the_ledger() {
    let app = TestApp::start().await;
    let agency = app.agency("KOTA").await;
    let admin = agency.admin().await;
    let all = people(&admin, 1).await;
    let nip = given::nip(1);
    let courses = format!(
        "id;idPns;nipBaru;jenisKursusNama;jumlahJam;namaKursus;noSertipikat;tahunKursus;tanggalKursus;\
         tanggalSelesaiKursus;jenisDiklatId;institusiPenyelenggara;path\n\
         a1;p;{nip};Teknis;20;Kursus Bendahara;K/1;2025;29-12-2025;31-12-2025;3;BPSDM;null\n\
         a2;p;{nip};Teknis;7,5;Kursus Pajak;K/2;2026;29-12-2025;01-01-2026;11;BPSDM;{{\"881\":{{}}}}\n"
    );
    let done = import(&admin, "training-records", courses.clone()).await.expect(200);
    let recognition = &done.json["report"]["recognition"];
    assert_eq!((counts(&done), &recognition["siasn"]), ([2, 2, 0, 0], &json!("rw-kursus")));
    let leadership = format!(
        "id;nipBaru;latihanStrukturalId;latihanStrukturalNama;nomor;tanggal;tanggalSelesai;tahun;jumlahJam;\
         institusiPenyelenggara\nb1;{nip};2;;S/9;01-03-2017;30-06-2017;2017;360;LAN\n"
    );
    let done = import(&admin, "training-records", leadership.clone()).await.expect(200);
    assert_eq!(
        (counts(&done), &done.json["report"]["recognition"]["siasn"]),
        ([1, 1, 0, 0], &json!("rw-diklat"))
    );
    for (sheet, lines) in [(&courses, 2), (&leadership, 1)] {
        assert_eq!(
            counts(&import(&admin, "training-records", sheet.clone()).await.expect(200)),
            [lines, 0, 0, lines]
        );
    }
    // The year is that of the last day.
    for (year, hours, form, title) in [
        (2025, json!(20), "KL03", "Kursus Bendahara"),
        (2026, json!(7.5), "KL08", "Kursus Pajak"),
        (2017, json!(360), "KL01", "SEPALA/ADUM/PIM IV"),
    ] {
        let found = ledger(&admin, &all[0], year).await;
        let entries: Vec<_> = found["entries"]
            .as_array()
            .unwrap()
            .iter()
            .filter(|one| one["earned_on"].as_str().unwrap().starts_with(&year.to_string()))
            .collect();
        assert_eq!((&found["counted"], entries.len()), (&hours, 1), "{year}");
        assert_eq!((&entries[0]["form"], &entries[0]["title"]), (&json!(form), &json!(title)));
    }
    let exported = admin.get("/v1/exports/training-records?format=csv").await.expect(200).text;
    assert!(exported.contains("rw-kursus/a2") && exported.contains("rw-diklat/b1"), "{exported}");
    let wrong = courses.replace(";11;BPSDM", ";26;BPSDM").replace("K/2", "K/3");
    import(&admin, "training-records", wrong).await.expect(400).expect_error("/rows/3/form", "NOT_FOUND");
    ledgers_are_right(&agency).await;
}

#[tokio::test]
async fn one_certificate_is_credited_once_whatever_brings_it() {
    let app = TestApp::start().await;
    let agency = app.agency("KOTA").await;
    let admin = agency.admin().await;
    let all = people(&admin, 2).await;
    let (nip, other) = (given::nip(1), given::nip(2));
    let own = json!({"employee_id": all[0], "title": "Pelatihan", "form": "NKL03", "started_on": "2026-03-01",
        "ended_on": "2026-03-01", "certificate_jp": 12, "document": "berkas/1",
        "certificate": {"number": "B/12-A", "issued_on": "2026-03-02"}});
    let own = admin.post("/v1/own-learnings", own).await.expect(201).id();
    let same = trainings(&[[&nip, "Pelatihan", "16", "2026-03-01", "2026-03-01", "12", "b 12a"]]);
    import(&admin, "training-records", same.clone())
        .await
        .expect(400)
        .expect_error("/rows/2/certificate_number", "TAKEN");
    admin.transition(&format!("/v1/own-learnings/{own}/verification"), "*").await.expect(200);
    // SIASN has back what it was told: it is on record.
    assert_eq!(counts(&import(&admin, "training-records", same.clone()).await.expect(200)), [1, 0, 0, 1]);
    let more = same.replace(";12;", ";13;");
    import(&admin, "training-records", more)
        .await
        .expect(400)
        .expect_error("/rows/2/certificate_number", "TAKEN");
    assert_eq!(ledger(&admin, &all[0], 2026).await["counted"], 12);
    // The same certificate of somebody else is theirs.
    assert_eq!(
        counts(&import(&admin, "training-records", same.replace(&nip, &other)).await.expect(200)),
        [1, 1, 0, 0]
    );
    let logged = format!(
        "nip;judul;bentuk;tanggal_mulai;tanggal_selesai;jp;nomor_sertifikat;tanggal_sertifikat;dokumen\n\
         {other};Pelatihan;NKL03;2026-03-01;2026-03-01;12;B.12.A;2026-03-01;berkas/2\n"
    );
    import(&admin, "own-learnings", logged)
        .await
        .expect(400)
        .expect_error("/rows/2/certificate_number", "TAKEN");
    assert_eq!(app.count("SELECT count(*) FROM jp_entries").await, 2);
    // Who takes hours back lets go of the certificate; the record stays, and its file changes nothing.
    let entry = ledger(&admin, &all[1], 2026).await["entries"][0]["id"].as_str().unwrap().to_owned();
    let correction = json!({"jp": 0, "reason": "Bukan miliknya"});
    admin.put(&format!("/v1/jp-entries/{entry}/correction"), "*", correction).await.expect(200);
    assert_eq!(
        counts(&import(&admin, "training-records", same.replace(&nip, &other)).await.expect(200)),
        [1, 0, 0, 1]
    );
    assert_eq!(ledger(&admin, &all[1], 2026).await["counted"], 0);
    ledgers_are_right(&agency).await;
}

fn ceiling(enforcement: &str) -> Value {
    json!({"name": "JP_TARGET", "valid_from": "2020-01-01", "source": "Keputusan", "jp_target": {"rules": [
        {"statuses": ["PPPK"], "bound": "AT_MOST", "jp": 24, "span": "CONTRACT_YEAR", "enforcement": enforcement,
            "part_year": "FULL", "exempt": [], "source": "PP 49/2018", "confidence": "FOUND"}]}})
}

#[tokio::test]
async fn a_ceiling_that_stops_refuses_what_would_pass_it_and_one_that_warns_shows_it() {
    let app = TestApp::start().await;
    let agency = app.agency("KOTA").await;
    let admin = agency.admin().await;
    let contract = json!({"nip": given::nip(9), "name": "Pegawai Kontrak", "status": "PPPK", "appointed_on": "2024-04-01"});
    let person = admin.post("/v1/employees", contract).await.expect(201).id();
    given::person(&admin, 1).await;
    let nip = given::nip(9);
    admin.post("/v1/policies", ceiling("STOP")).await.expect(201);
    let pns = given::nip(1);
    let rows = [
        [nip.as_str(), "A", "KL08", "2025-12-30", "2025-12-30", "20", ""],
        // The same contract year, and the next calendar year.
        [nip.as_str(), "B", "KL08", "2026-03-31", "2026-03-31", "4", ""],
        [nip.as_str(), "C", "KL08", "2026-04-01", "2026-04-01", "24", ""],
        [pns.as_str(), "D", "KL08", "2026-04-01", "2026-04-01", "400", ""],
    ];
    let last = trainings(&[[&nip, "E", "KL08", "2026-01-01", "2026-01-01", "0,5", ""]]);
    assert_eq!(counts(&import(&admin, "training-records", trainings(&rows)).await.expect(200)), [4, 4, 0, 0]);
    let refused =
        import(&admin.with("accept-language", "en"), "training-records", last.clone()).await.expect(400);
    let error = &refused.expect_error("/rows/2/jp", "OUT_OF_RANGE").json["errors"][0];
    assert!(error["detail"].as_str().unwrap().contains("ceiling"), "{error}");
    // What is on record stands, whatever the ceiling says by now.
    assert_eq!(counts(&import(&admin, "training-records", trainings(&rows)).await.expect(200)), [4, 0, 0, 4]);
    admin.post("/v1/policies", ceiling("WARN")).await.expect(201);
    assert_eq!(counts(&import(&admin, "training-records", last).await.expect(200)), [1, 1, 0, 0]);
    let terms = ledger(&admin, &person, 2026).await["terms"].clone();
    let over: Vec<_> =
        terms.as_array().unwrap().iter().map(|term| (&term["counted"], &term["over"])).collect();
    assert_eq!(over, [(&json!(24.5), &json!(0.5)), (&json!(24), &json!(0))]);
    ledgers_are_right(&agency).await;
}

#[tokio::test]
async fn one_bad_row_keeps_all_out_and_says_where_and_why() {
    let app = TestApp::start().await;
    let agency = app.agency("KOTA").await;
    let admin = agency.admin().await;
    people(&admin, 1).await;
    given::programme(&admin, "P").await;
    let before = rows(&app).await;
    let nip = given::nip(1);
    let records = trainings(&[
        [&nip, "A", "KL08", "2020-01-01", "2020-01-03", "20", "1"],
        [&given::nip(2), "A", "KL08", "2020-01-01", "2020-01-03", "20", "1"],
        [&nip, "B", "KL08", "2026-07-03", "", "20", ""],
    ]);
    let refused = import(&admin, "training-records", records).await.expect(400);
    let refused =
        refused.expect_error("/rows/3/nip", "NOT_FOUND").expect_error("/rows/4/ended_on", "IN_FUTURE");
    let operation =
        admin.get("/v1/operations?limit=1").await.expect(200).items()[0]["id"].as_str().unwrap().to_owned();
    let back = admin.get(&format!("/v1/operations/{operation}/rejected-rows?format=csv")).await.expect(200);
    assert_eq!(back.text.lines().count(), 3, "{}", refused.text);
    for (kind, sheet, place, code) in [
        (
            "programmes",
            "code,name,objectives,form,partner_code,mode\nA,A,A,KL03,MITRA-P,ONLINE\nB,B,B,KL03,LAIN,ONLINE\n",
            "/rows/3/partner_code",
            "NOT_FOUND",
        ),
        (
            "programme-steps",
            "programme_code,dictionary,competency_code,level_from,level_to\n\
            P,NASIONAL-38-2017,M.1,1,2\nP,NASIONAL-38-2017,M.2,3,3\n",
            "/rows/3/level_from",
            "INCONSISTENT",
        ),
        (
            "classes",
            "code,programme_code,seats,registration_opens_at,registration_closes_at\n\
            K,P,30,2026-07-01,2026-07-31\nL,P,30,2026-07-31,2026-07-01\n",
            "/rows/3/registration_closes_at",
            "PERIOD_REVERSED",
        ),
    ] {
        import(&admin, kind, sheet).await.expect(400).expect_error(place, code);
    }
    let own = format!(
        "nip;title;form;started_on;ended_on;certificate_jp;certificate_number;certificate_issued_on;document\n\
         {nip};A;NKL03;2026-03-01;2026-03-01;12;1;2026-03-01;x\n{nip};B;NKL03;2026-03-02;2026-03-01;12;2;2026-03-02;x\n"
    );
    import(&admin, "own-learnings", own)
        .await
        .expect(400)
        .expect_error("/rows/3/ended_on", "PERIOD_REVERSED");
    assert_eq!(rows(&app).await, before);
}

#[tokio::test]
async fn hours_are_verified_by_people_who_may_and_by_nobody_for_themself() {
    let app = TestApp::start().await;
    let agency = app.agency("KOTA").await;
    let admin = agency.admin().await;
    let all = people(&admin, 2).await;
    let sheet = trainings(&[[&given::nip(1), "A", "KL08", "2020-01-01", "2020-01-01", "20", ""]]);
    let machine =
        agency.machine(&["imports:write", "own-learnings:write", "programmes:write", "classes:write"]).await;
    for caller in [&machine, &agency.role(Role::Planner).await, &agency.role(Role::Provider).await] {
        import(caller, "training-records", sheet.clone()).await.expect(403).expect_problem("FORBIDDEN");
    }
    let own = format!(
        "nip;title;form;started_on;ended_on;units;document\n{};A;NKL01;2026-03-01;2026-03-01;2026-03-01;x\n",
        given::nip(1)
    );
    assert_eq!(counts(&import(&machine, "own-learnings", own.clone()).await.expect(200)), [1, 1, 0, 0]);
    let bare = agency.machine(&["imports:write"]).await;
    for (kind, sheet) in LEARNING {
        import(&bare, kind, sheet).await.expect(403);
    }
    let officer = agency.employee(Role::AgencyAdmin, &all[0]).await;
    let refused = import(&officer, "training-records", sheet.clone()).await.expect(400);
    refused.expect_error("/rows/2/nip", "CONFLICT_OF_INTEREST");
    let others = sheet.replace(&given::nip(1), &given::nip(2));
    assert_eq!(counts(&import(&officer, "training-records", others).await.expect(200)), [1, 1, 0, 0]);
    assert_eq!(counts(&import(&admin, "training-records", sheet.clone()).await.expect(200)), [1, 1, 0, 0]);
    // What is on record they may say again.
    assert_eq!(counts(&import(&officer, "training-records", sheet).await.expect(200)), [1, 0, 0, 1]);
}

#[tokio::test]
async fn a_class_that_grows_by_a_file_gives_its_seats_to_those_who_waited() {
    let app = TestApp::start().await;
    let agency = app.agency("KOTA").await;
    let admin = agency.admin().await;
    let unit = given::unit(&admin, "DINAS", None).await;
    let post = given::position(&admin, "STAF", &unit).await;
    let programme = given::programme(&admin, "P").await;
    let class = given::open_class(&admin, "K", &programme, json!({"seats": 1})).await;
    let mut states = Vec::new();
    for serial in 1..=3 {
        let person = given::person_in(&admin, serial, &post).await;
        let path = format!("/v1/classes/{class}/enrolments");
        let made = admin.post(&path, json!({"employee_id": person})).await.expect(201);
        states.push((made.id(), made.json["state"].clone()));
    }
    assert_eq!(
        [&states[0].1, &states[1].1, &states[2].1],
        [&json!("ENROLLED"), &json!("WAITLISTED"), &json!("WAITLISTED")]
    );
    let file = admin.get("/v1/exports/classes?format=csv").await.expect(200).text;
    let grown = file.replace(";1;", ";2;").replace(",1,", ",2,");
    assert_eq!(counts(&import(&admin, "classes", grown.clone()).await.expect(200)), [2, 0, 2, 0]);
    let of = async |n: usize| {
        admin.get(&format!("/v1/enrolments/{}", states[n].0)).await.expect(200).json["state"].clone()
    };
    assert_eq!([of(1).await, of(2).await], [json!("ENROLLED"), json!("WAITLISTED")]);
    let told = format!(
        "SELECT count(*) FROM outbox WHERE type = 'enrolment.promoted' AND resource_id = '{}'",
        states[1].0
    );
    assert_eq!(app.count(&told).await, 1);
    let shrunk = grown.replace(";2;", ";1;").replace(",2,", ",1,");
    import(&admin, "classes", shrunk).await.expect(400).expect_error("/rows/2/seats", "OUT_OF_RANGE");
    admin
        .put(&format!("/v1/classes/{class}/cancellation"), "*", json!({"reason": "Tidak ada dana"}))
        .await
        .expect(200);
    assert_eq!(
        counts(&import(&admin, "classes", grown.clone()).await.expect(200)),
        [2, 0, 0, 2],
        "it says what was"
    );
    let other = grown.replace("Aula", "Lapangan");
    import(&admin, "classes", other).await.expect(400).expect_error("/rows/2/code", "IMMUTABLE");
}

/// So many records of the people with the numbers 1 to 9.
fn many(count: u32) -> String {
    let header = "nip,title,form,started_on,jp,certificate_number\n".to_owned();
    let row = |n: u32| {
        let nip = given::nip(u16::try_from(1 + n % 9).unwrap());
        let day = NaiveDate::from_ymd_opt(2018, 1, 1).unwrap() + chrono::Days::new(u64::from(n % 3_000));
        format!("{nip},Kursus {n},KL08,{day},{},No {n}\n", 1 + n % 8)
    };
    header + &(0..count).map(row).collect::<String>()
}

#[tokio::test]
async fn a_history_of_many_parts_stands_wholly_or_not_at_all() {
    let app = TestApp::start().await;
    let agency = app.agency("KOTA").await;
    let admin = agency.admin().await;
    people(&admin, 9).await;
    let sheet = many(10_500);
    let before = rows(&app).await;
    let bad = format!("{sheet}{},Penutup,KL99,2020-01-01,1,\n", given::nip(1));
    import(&admin, "training-records", bad).await.expect(400).expect_error("/rows/10502/form", "NOT_FOUND");
    // The certificate of a row far above, without its day and written otherwise.
    let twice = format!("{sheet}{},Penutup,KL08,2020-01-01,1,NO-0\n", given::nip(1));
    import(&admin, "training-records", twice)
        .await
        .expect(400)
        .expect_error("/rows/10502/certificate_number", "DUPLICATE");
    assert_eq!(rows(&app).await, before);
    // Two senders at once: one set of rows.
    let (one, other) = tokio::join!(
        import(&admin, "training-records", sheet.clone()),
        import(&admin, "training-records", sheet.clone()),
    );
    let mut both = [counts(&one.expect(200)), counts(&other.expect(200))];
    both.sort_unstable();
    assert_eq!(both, [[10_500, 0, 0, 10_500], [10_500, 10_500, 0, 0]]);
    assert_eq!(app.count("SELECT count(*) FROM jp_entries").await, 10_500);
    assert_eq!(app.count("SELECT count(*) FROM jp_certificates").await, 10_500);
    assert_eq!(counts(&import(&admin, "training-records", sheet).await.expect(200)), [10_500, 0, 0, 10_500]);
    ledgers_are_right(&agency).await;
}
