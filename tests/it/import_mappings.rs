//! `/v1/import-mappings`, and files whose columns are named by others: by the agency's own systems and by SIASN.

use access::Role;
use serde_json::{Value, json};
use support::{Answer, Caller, TestApp};

use crate::given::put_new;

const MAPPING: &str = "/v1/import-mappings/employees/DEFAULT";

fn simpeg() -> Value {
    json!({
        "columns": [
            {"column": "nip", "header": "No. Induk"},
            {"column": "status", "header": "Jenis", "values": [{"from": "Tetap", "to": "PNS"}], "default": "CPNS"},
        ],
        "ignored": ["Keterangan"],
    })
}

async fn send(caller: &Caller<'_>, query: &str, sheet: &str) -> Answer {
    caller
        .send("POST", &format!("/v1/imports?kind={query}"), Some(("text/csv", sheet.as_bytes().to_vec())))
        .await
}

/// Sends a file and waits for what it comes to, should the machine be too busy to say so at once.
async fn import(caller: &Caller<'_>, query: &str, sheet: &str) -> Answer {
    let answer = send(caller, query, sheet).await;
    if answer.status != 202 {
        return answer;
    }
    let location = answer.header("location").to_owned();
    loop {
        let operation = caller.get(&location).await.expect(200);
        if operation.json["state"] != "RUNNING" {
            let json = json!({"report": operation.json["result"]});
            return Answer { status: 200, json, ..operation };
        }
    }
}

fn counts(answer: &Answer) -> [u64; 4] {
    ["rows", "created", "updated", "unchanged"]
        .map(|name| answer.json["report"][name].as_u64().unwrap_or_else(|| panic!("{name}: {}", answer.text)))
}

#[tokio::test]
async fn a_mapping_is_written_once_and_replaced_with_its_tag() {
    let app = TestApp::start().await;
    let agency = app.agency("KOTA").await;
    let admin = agency.admin().await;
    let made = put_new(&admin, MAPPING, &simpeg()).await.expect(201);
    assert_eq!((made.header("location"), &made.json["kind"]), (MAPPING, &json!("employees")));
    let read = admin.get(MAPPING).await.expect(200);
    assert_eq!((&read.json, read.etag()), (&made.json, made.etag()));
    put_new(&admin, MAPPING, &simpeg()).await.expect(428);
    let changed = json!({"columns": [{"column": "nip", "header": "Nomor"}]});
    let replaced = admin.put(MAPPING, &read.etag(), changed.clone()).await.expect(200);
    assert_eq!(
        (&replaced.json["columns"][0]["header"], &replaced.json["ignored"]),
        (&json!("Nomor"), &json!([]))
    );
    admin.put(MAPPING, &read.etag(), changed.clone()).await.expect(412);
    admin.put("/v1/import-mappings/employees/BARU", "*", changed.clone()).await.expect(412);
    put_new(&admin, "/v1/import-mappings/employees/NONE", &changed)
        .await
        .expect(400)
        .expect_error("/path/name", "TAKEN");
    put_new(&admin, "/v1/import-mappings/units/DEFAULT", &changed)
        .await
        .expect(400)
        .expect_error("/columns/0/column", "NOT_ALLOWED_VALUE");
    put_new(
        &admin,
        "/v1/import-mappings/units/SIMPEG",
        &json!({"columns": [{"column": "code", "header": "Sandi"}]}),
    )
    .await
    .expect(201);
    let kinds = |answer: Answer| -> Vec<String> {
        answer.items().iter().map(|one| format!("{}/{}", one["kind"], one["name"]).replace('"', "")).collect()
    };
    assert_eq!(
        kinds(admin.get("/v1/import-mappings").await.expect(200)),
        ["employees/DEFAULT", "units/SIMPEG"]
    );
    assert_eq!(kinds(admin.get("/v1/import-mappings?kind=units").await.expect(200)), ["units/SIMPEG"]);
    let first = admin.get("/v1/import-mappings?limit=1").await.expect(200);
    let next = format!("/v1/import-mappings?limit=1&cursor={}", first.json["next"].as_str().unwrap());
    assert_eq!(kinds(admin.get(&next).await.expect(200)), ["units/SIMPEG"]);
    agency.role(Role::Planner).await.get(MAPPING).await.expect(403);
    let other = app.agency("KABUPATEN").await.admin().await;
    other.get(MAPPING).await.expect(404);
    admin.delete(MAPPING, "*").await.expect(204);
    admin.get(MAPPING).await.expect(404);
    let trail = admin.get("/v1/audit-events?resource=IMPORT_MAPPING").await.expect(200);
    let whats: Vec<_> = trail.items().iter().map(|one| one["what"].as_str().unwrap().to_owned()).collect();
    assert_eq!(whats.len(), 4);
    assert!(whats.contains(&"DELETED".to_owned()) && whats.contains(&"REPLACED".to_owned()));
}

#[tokio::test]
async fn files_are_read_by_the_usual_mapping_by_another_or_by_none() {
    let app = TestApp::start().await;
    let admin = app.agency("KOTA").await.admin().await;
    let sheet =
        "NO INDUK;Nama;JENIS;keterangan\n199305172019031005;Sari;tetap;x\n199305172019032006;Budi;;y\n";
    let unknown = import(&admin, "employees&dry_run=true", sheet).await.expect(200);
    let recognition = &unknown.json["report"]["recognition"];
    assert_eq!(recognition["unknown"][0], json!({"header": "NO INDUK", "suggestions": ["nip"]}));
    assert_eq!(recognition["columns"], json!([{"column": "name", "header": "Nama", "by": "NAME"}]));
    import(&admin, "employees", sheet).await.expect(400).expect_error("/rows/1/nip", "REQUIRED");

    put_new(&admin, MAPPING, &simpeg()).await.expect(201);
    let tried = import(&admin, "employees&dry_run=true", sheet).await.expect(200);
    assert_eq!(
        (counts(&tried), &tried.json["report"]["recognition"]["ignored"]),
        ([2, 2, 0, 0], &json!(["keterangan"]))
    );
    import(&admin, "employees&mapping=NONE", sheet)
        .await
        .expect(400)
        .expect_error("/rows/1/NO INDUK", "UNKNOWN");
    import(&admin, "employees&mapping=LAIN&dry_run=true", sheet)
        .await
        .expect(400)
        .expect_error("/query/mapping", "NOT_FOUND");
    let done = import(&admin, "employees", sheet).await.expect(200);
    assert_eq!(counts(&done), [2, 2, 0, 0]);
    let sari = admin.get("/v1/employees/by-nip/199305172019031005").await.expect(200);
    let budi = admin.get("/v1/employees/by-nip/199305172019032006").await.expect(200);
    assert_eq!((&sari.json["status"], &budi.json["status"]), (&json!("PNS"), &json!("CPNS")));
    assert_eq!(counts(&import(&admin, "employees", sheet).await.expect(200)), [2, 0, 0, 2]);

    let other =
        json!({"columns": [{"column": "nip", "header": "Sandi"}, {"column": "status", "default": "PNS"}]});
    put_new(&admin, "/v1/import-mappings/employees/LAIN", &other).await.expect(201);
    let sheet = "Sandi;nama\n199305172019032006;Budi\n";
    assert_eq!(counts(&import(&admin, "employees&mapping=LAIN", sheet).await.expect(200)), [1, 0, 1, 0]);
    // What stands in the file is named at its row by our column.
    let wrong = import(&admin, "employees", "no induk;nama\n12;Budi\n").await.expect(400);
    wrong.expect_error("/rows/2/nip", "NIP_LENGTH");
}

const REF_UNOR: &str = "Id;InstansiId;DiatasanId;EselonId;NamaUnor;NamaJabatan;CepatKode;IndukUnorId\n\
    8ae1;A5EB;;22;Dinas Contoh;Kepala Dinas;01;\n\
    8ae2;A5EB;8ae1;31;Bidang Satu;Kepala Bidang Satu;0101;8ae1\n\
    8ae3;A5EB;8ae2;;Kelompok Kerja;;010101;8ae1\n";

const DATA_UTAMA: &str = "id;nipBaru;nama;gelarDepan;gelarBelakang;tkPendidikanTerakhirId;tmtCpns;unorId;jabatanNama;\
    jenisJabatanId;jabatanFungsionalId;jabatanFungsionalUmumId;eselonId;tmtJabatan;statusPegawai;kedudukanPnsId\n\
    p1;199305172019031005;SARI;Dr.;M.M.;45;01-03-2019;8ae1;Kepala Dinas;1;;;22;01-02-2024;PNS;01\n\
    p2;199305172019032006;BUDI;;S.Kom.;40;2019-03-01;8ae2;Pranata Komputer Ahli Muda;2;jf9;;;2024-02-01;PNS;01\n\
    p3;199305172019032007;TONO;;;40;01-03-2019;8ae2;Pranata Komputer Ahli Muda;2;jf9;;;01-02-2024;PNS;01\n\
    p4;199305172019032008;RINI;;;15;01-03-2019;8ae3;Pengadministrasi;4;;jfu3;;01-02-2024;CPNS;01\n";

#[tokio::test]
async fn siasn_lists_become_units_positions_people_and_results() {
    let app = TestApp::start().await;
    let admin = app.agency("KOTA").await.admin().await;
    let steps = [
        ("units", REF_UNOR, [3, 3, 0, 0]),
        ("positions", REF_UNOR, [2, 2, 0, 0]),
        ("positions", DATA_UTAMA, [3, 2, 0, 1]),
        ("employees", DATA_UTAMA, [4, 4, 0, 0]),
    ];
    for (kind, sheet, expected) in steps {
        let tried = import(&admin, &format!("{kind}&dry_run=true"), sheet).await.expect(200);
        let list = if sheet == REF_UNOR { "ref-unor" } else { "data-utama" };
        let recognition = &tried.json["report"]["recognition"];
        assert_eq!((&recognition["siasn"], &recognition["code_lists"]), (&json!(list), &json!("2026-11")));
        let done = import(&admin, kind, sheet).await.expect(200);
        assert_eq!(counts(&done), expected, "{kind} {list}");
        let [rows, ..] = expected;
        assert_eq!(counts(&import(&admin, kind, sheet).await.expect(200)), [rows, 0, 0, rows], "again");
    }
    let sari = admin.get("/v1/employees/by-nip/199305172019031005").await.expect(200);
    assert_eq!(
        (&sari.json["name"], &sari.json["education"], &sari.json["appointed_on"]),
        (&json!("Dr. SARI, M.M."), &json!("S2"), &json!("2019-03-01"))
    );
    let positions = admin.get("/v1/positions").await.expect(200);
    let classes: Vec<_> = positions
        .items()
        .iter()
        .map(|one| format!("{} {} {}", one["code"], one["job_class"], one["is_head"]).replace('"', ""))
        .collect();
    assert_eq!(
        classes,
        [
            "8ae1 JPT_PRATAMA true",
            "8ae2 ADMINISTRATOR true",
            "jf9@8ae2 JF_AHLI_MUDA false",
            "jfu3@8ae3 PELAKSANA false"
        ]
    );

    let nine = "pnsId;nipBaru;integritas;kerjasama;komunikasi;orientasiPadaHasil;pelayananPublik;pengembanganDiriDanOrla;\
        mengelolaPerubahan;pengambilanKeputusan;perekatBangsa\np1;199305172019031005;3;3;3;3;3;3;2;3;4\n";
    import(&admin, "assessments", nine).await.expect(400).expect_error("/rows/1/assessed_on", "REQUIRED");
    let told = json!({"columns": [
        {"column": "purpose", "default": "MAPPING"}, {"column": "method", "default": "CACT"},
        {"column": "provider", "default": "BKN"}, {"column": "assessed_on", "default": "10-02-2026"}]});
    put_new(&admin, "/v1/import-mappings/assessments/CACT-2026", &told).await.expect(201);
    let done = import(&admin, "assessments&mapping=CACT-2026", nine).await.expect(200);
    assert_eq!(
        (counts(&done), &done.json["report"]["recognition"]["siasn"]),
        ([9, 9, 0, 0], &json!("kompetensi"))
    );
    let results = format!("/v1/assessment-results?employee_id={}", sari.json["id"].as_str().unwrap());
    assert_eq!(admin.get(&results).await.expect(200).items().len(), 9);
    let wrong = nine.replace(";4\n", ";6\n");
    import(&admin, "assessments&mapping=CACT-2026", &wrong)
        .await
        .expect(400)
        .expect_error("/rows/2/level", "OUT_OF_RANGE");
}

#[tokio::test]
async fn what_a_list_of_siasn_is_no_rows_of_is_said_by_name() {
    let app = TestApp::start().await;
    let admin = app.agency("KOTA").await.admin().await;
    let english = admin.with("accept-language", "en");
    let courses = "nipBaru;namaKursus;jumlahJam;tanggalKursus\n199305172019031005;Kursus;20;01-01-2026\n";
    for kind in ["employees", "units", "assessments"] {
        let refused = send(&english, kind, courses).await.expect(400).expect_problem("SHEET_SIASN");
        let detail = refused.json["detail"].as_str().unwrap();
        assert!(detail.contains("rw-kursus") && detail.contains("training-records"), "{detail}");
    }
    let refused = send(&english, "employees", REF_UNOR).await.expect(400).expect_problem("SHEET_SIASN");
    assert!(refused.json["detail"].as_str().unwrap().contains("units, positions"), "{}", refused.text);
    let refused = send(&admin, "units", DATA_UTAMA).await.expect(400).expect_problem("SHEET_SIASN");
    assert!(refused.json["detail"].as_str().unwrap().contains("dikenali"), "{}", refused.text);
    // An echelon nobody knows is shown as it is, and a mapping may tell what it means.
    let odd = REF_UNOR.replace(";22;", ";99;");
    import(&admin, "units", REF_UNOR).await.expect(200);
    import(&admin, "positions", &odd)
        .await
        .expect(400)
        .expect_error("/rows/2/job_class", "NOT_ALLOWED_VALUE");
    let told = json!({"columns": [{"column": "job_class", "values": [{"from": "99", "to": "Pengawas"}]}]});
    put_new(&admin, "/v1/import-mappings/positions/DEFAULT", &told).await.expect(201);
    assert_eq!(counts(&import(&admin, "positions", &odd).await.expect(200)), [2, 2, 0, 0]);
}
