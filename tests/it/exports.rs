//! `/v1/exports/{kind}`, and lists as spreadsheets.

use access::Role;
use sea_orm::{ConnectionTrait as _, TransactionTrait as _};
use serde_json::{Value, json};
use support::{Agency, Caller, TestApp};

use crate::given;
use crate::meta::tables::{csv_rows, xlsx_rows};

const CSV: &str = "text/csv";
const XLSX: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";

const KINDS: [&str; 7] =
    ["units", "positions", "employees", "competencies", "levels", "standards", "assessments"];

/// Names that spreadsheets and programs trip over.
const HOSTILE: [&str; 12] = [
    "=1+1",
    "+62 812",
    "-5",
    "@SUM(A1:A9)",
    "'=kutip",
    "''petik",
    "Ha;ri, \"Jum'at\"",
    "007",
    "1-2",
    "1E5",
    "TRUE",
    "Ŋ 你好 🙂 _x000D_",
];

/// An agency whose every text is hostile, with something of every kind.
async fn hostile(agency: &Agency<'_>) {
    let (admin, assessor) = (agency.admin().await, agency.role(Role::Assessor).await);
    let mut root: Option<String> = None;
    let mut positions = Vec::new();
    for (index, name) in HOSTILE.iter().enumerate() {
        let unit = json!({"code": name, "name": name, "kind": name, "parent_id": root});
        let unit = admin.post("/v1/units", unit).await.expect(201).id();
        let class = ["PELAKSANA", "PENGAWAS", "JF_AHLI_MUDA"][index % 3];
        let body = json!({"code": name, "name": name, "unit_id": unit, "job_class": class, "is_head": index % 2 == 0});
        positions.push(admin.post("/v1/positions", body).await.expect(201).id());
        root = Some(unit);
    }
    let gone = given::position_body("GONE", &root.unwrap(), "PELAKSANA", false);
    let gone = admin.post("/v1/positions", gone).await.expect(201).id();
    admin
        .put(&format!("/v1/positions/{gone}/abolition"), "*", json!({"abolished_on": "2026-02-01"}))
        .await
        .expect(200);
    let dictionary =
        admin.post("/v1/dictionaries", json!({"code": "=KAMUS", "name": "-"})).await.expect(201).id();
    let versions = format!("/v1/dictionaries/{dictionary}/versions");
    admin.post(&versions, json!(null)).await.expect(201);
    let mut competencies = Vec::new();
    for (index, name) in HOSTILE.iter().enumerate() {
        let text = format!("{name}\nbaris kedua\tdan ketiga;\r\n\"selesai\" {name}");
        let level = |level: i64| json!({"level": level, "description": text, "indicators": [name, "a|b", "garis miring \\", text]});
        let body = json!({"name": name, "family": "TEKNIS", "definition": text,
            "levels": (1..=5).map(level).collect::<Vec<_>>()});
        let path = format!("{versions}/1/competencies/T.{index}");
        let written = given::put_new(&admin, &path, &body).await.expect(201);
        competencies.push(written.json["competency_id"].as_str().unwrap().to_owned());
    }
    admin.transition(&format!("{versions}/1/publication"), "*").await.expect(200);
    let event = json!({"purpose": "MAPPING", "method": "INTERVIEW", "provider": "=1+1", "assessed_on": "2026-05-15",
        "reference": "+LHP/01"});
    let event = assessor.post("/v1/assessment-events", event).await.expect(201).id();
    let mut results = Vec::new();
    for (serial, (name, position)) in (1..).zip(HOSTILE.iter().zip(&positions)) {
        let requirement = |(index, id): (usize, &String)| {
            let weight = [0.5, 1.0, 12.25][index % 3];
            json!({"competency_id": id, "level": 1 + index % 5, "weight": weight, "importance": "MUTLAK"})
        };
        let all = competencies.iter().enumerate().map(requirement).collect();
        given::standard(agency, position, "2026-01-01", all).await;
        let mut body = given::person_body(serial);
        body["name"] = json!(name);
        body["education"] = [json!("S1"), json!(null)][usize::from(serial % 2)].clone();
        let person = admin.post("/v1/employees", body).await.expect(201).id();
        given::place(&admin, &person, Some(position), "2020-01-01").await.expect(201);
        results.push((person, competencies[usize::from(serial) % competencies.len()].clone()));
    }
    let found: Vec<_> = results.iter().map(|(person, id)| (person.as_str(), id.as_str(), 3)).collect();
    given::results(&assessor, &event, &found).await;
    assessor.transition(&format!("/v1/assessment-events/{event}/sign-off"), "*").await.expect(200);
}

/// What an import of a file says it came to.
async fn imported(admin: &Caller<'_>, kind: &str, media_type: &str, file: Vec<u8>) -> Value {
    let path = format!("/v1/imports?kind={kind}");
    let mut answer = admin.send("POST", &path, Some((media_type, file))).await;
    if answer.status == 202 {
        let location = answer.header("location").to_owned();
        loop {
            answer = admin.with("prefer", "wait=10").get(&location).await.expect(200);
            if answer.json["state"] != "RUNNING" {
                return answer.json["result"].clone();
            }
        }
    }
    answer.expect(200).json["report"].clone()
}

#[tokio::test]
async fn what_was_exported_imports_without_changing_anything() {
    let app = TestApp::start().await;
    let agency = app.agency("KOTA").await;
    hostile(&agency).await;
    let admin = agency.admin().await;
    for kind in KINDS {
        for (format, media_type) in [("csv", CSV), ("xlsx", XLSX)] {
            let file = admin.get(&format!("/v1/exports/{kind}?format={format}")).await.expect(200);
            let name = format!("attachment; filename=\"{kind}.{format}\"");
            assert_eq!(file.header("content-disposition"), name);
            let rows = if format == "csv" { csv_rows(&file.text) } else { xlsx_rows(&file.bytes) };
            let template =
                admin.get(&format!("/v1/import-templates/{kind}?format={format}")).await.expect(200);
            let form = if format == "csv" { csv_rows(&template.text) } else { xlsx_rows(&template.bytes) };
            assert_eq!(rows[0], form[0], "the columns are those of the form");
            let live = |cell: &&String| cell.starts_with(['=', '+', '-', '@', '\t', '\r']);
            assert_eq!(rows.iter().flatten().find(live), None, "{kind}.{format} has a formula");
            let report = imported(&admin, kind, media_type, file.bytes).await;
            let counts = ["created", "updated", "unchanged"].map(|name| report[name].as_u64());
            assert_eq!(
                counts,
                [Some(0), Some(0), u64::try_from(rows.len() - 1).ok()],
                "{kind}.{format}: {report}"
            );
            assert!(rows.len() > 10, "{kind}: too little was tried");
        }
    }
    assert!(!admin.get("/v1/exports/positions").await.expect(200).text.contains("GONE"));
}

#[tokio::test]
async fn an_export_shows_whom_the_caller_may_see_and_they_see_who_looked() {
    let app = TestApp::start().await;
    let agency = app.agency("KOTA").await;
    let admin = agency.admin().await;
    let root = given::unit(&admin, "PEMKOT", None).await;
    let other = given::unit(&admin, "DIKBUD", Some(&root)).await;
    let (staff, teacher) =
        (given::position(&admin, "STAF", &root).await, given::position(&admin, "GURU", &other).await);
    let here = given::person_in(&admin, 1, &staff).await;
    let there = given::person_in(&admin, 2, &teacher).await;
    let officer = agency.unit_admin(&other).await;
    for path in ["/v1/exports/employees?format=csv", "/v1/employees?format=csv"] {
        let rows = csv_rows(&officer.get(path).await.expect(200).text);
        assert_eq!(rows.len(), 2);
        assert!(rows[1].contains(&given::nip(2)));
    }
    // On record when the file is there, without waiting for anything.
    let looks = async |person: &str| {
        app.count(&format!("SELECT count(*) FROM access_records WHERE employee_id = '{person}'")).await
    };
    let before = looks(&here).await;
    assert_eq!(looks(&there).await - looks(&here).await, 2);
    admin.get("/v1/employees?format=xlsx").await.expect(200);
    assert_eq!(looks(&here).await, before + 1);
    agency.role(Role::Provider).await.get("/v1/exports/employees").await.expect(403);
    agency.role(Role::Observer).await.get("/v1/exports/units").await.expect(200);
    admin.get("/v1/exports/unknown").await.expect(404);
    admin.get("/v1/exports/units?format=json").await.expect(400);
    admin.with("accept", "application/json").get("/v1/exports/units").await.expect(406);
}

/// More people than one part of a file holds.
async fn many(app: &TestApp, agency: &Agency<'_>, people: u32) {
    app.sql(&format!(
        "INSERT INTO employees (agency_id, id, nip, name, status, created_at, updated_at)
         SELECT '{}', gen_random_uuid(), '19' || (60 + n / 999) || '01012015031' || lpad((1 + n % 999)::text, 3, '0'),
                'Pegawai ' || n, 'PNS', now(), now()
         FROM generate_series(0, {people} - 1) n",
        agency.id
    ))
    .await;
}

#[tokio::test]
async fn an_export_is_the_whole_list_however_long() {
    let app = TestApp::start().await;
    let agency = app.agency("KOTA").await;
    many(&app, &agency, 1998).await;
    let admin = agency.admin().await;
    let rows = csv_rows(&admin.get("/v1/employees?format=csv").await.expect(200).text);
    let mut nips: Vec<&String> = rows[1..].iter().map(|row| &row[1]).collect();
    nips.sort();
    nips.dedup();
    assert_eq!(nips.len(), 1998);
    let book = xlsx_rows(&admin.get("/v1/exports/employees?format=xlsx").await.expect(200).bytes);
    assert_eq!(book.len(), 1999);
    let searched =
        csv_rows(&admin.get("/v1/employees?format=csv&search=Pegawai%20199").await.expect(200).text);
    assert_eq!(searched.len(), 1 + 1 + 8);
}

#[tokio::test]
async fn an_export_that_fails_in_between_breaks_off() {
    let app = TestApp::start().await;
    let agency = app.agency("KOTA").await;
    many(&app, &agency, 1998).await;
    let admin = agency.admin().await;
    // The second part cannot be noted as looked at, so it is not sent.
    app.sql(
        "CREATE FUNCTION refuse_second() RETURNS trigger LANGUAGE plpgsql AS $$
         BEGIN
            IF (SELECT count(*) FROM access_records) > 1000 THEN RAISE EXCEPTION 'no more'; END IF;
            RETURN NULL;
         END $$;
         CREATE TRIGGER tr_refuse AFTER INSERT ON access_records FOR EACH STATEMENT EXECUTE FUNCTION refuse_second()",
    )
    .await;
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let ask = |format: &str| {
        client.get(format!("{}/v1/employees?format={format}", app.base)).bearer_auth(admin.token()).send()
    };
    let begun = ask("csv").await.unwrap();
    assert_eq!(begun.status(), 200);
    assert!(begun.bytes().await.is_err(), "a file that is not whole must not look whole");
    // A workbook is made before it is sent: nothing of it arrives.
    assert_eq!(ask("xlsx").await.unwrap().status(), 500);
}

#[tokio::test]
#[expect(clippy::disallowed_methods, reason = "the test holds up the second part of the file")]
async fn nothing_goes_on_once_the_client_hangs_up() {
    let app = TestApp::start().await;
    let agency = app.agency("KOTA").await;
    many(&app, &agency, 9990).await;
    let admin = agency.admin().await;
    app.sql(
        "CREATE FUNCTION wait_second() RETURNS trigger LANGUAGE plpgsql AS $$
         BEGIN
            IF (SELECT count(*) FROM access_records) > 1000 THEN PERFORM pg_advisory_xact_lock_shared(4242); END IF;
            RETURN NULL;
         END $$;
         CREATE TRIGGER tr_wait AFTER INSERT ON access_records FOR EACH STATEMENT EXECUTE FUNCTION wait_second()",
    )
    .await;
    let url = app.services.config.database_url.clone().unwrap();
    let holder = sea_orm::Database::connect(url).await.unwrap().begin().await.unwrap();
    holder.execute_unprepared("SELECT pg_advisory_xact_lock(4242)").await.unwrap();
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let mut begun = client
        .get(format!("{}/v1/employees?format=csv", app.base))
        .bearer_auth(admin.token())
        .send()
        .await
        .unwrap();
    assert!(begun.chunk().await.unwrap().is_some());
    let held = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted
                AND database = (SELECT oid FROM pg_database WHERE datname = current_database())";
    while app.count_as_it_is(held).await == 0 {}
    drop(begun);
    drop(client);
    // Others are served meanwhile, and the hung-up connection is closed before the second part goes on.
    admin.get("/v1/units").await.expect(200);
    holder.rollback().await.unwrap();
    // A server that stops waits for what is under way: once it has, whoever went on would have come to the end.
    let database = app.into_database().await;
    let statement =
        sea_orm::Statement::from_string(sea_orm::DbBackend::Postgres, "SELECT count(*) FROM access_records");
    let row = database.connect().await.query_one_raw(statement).await.unwrap().unwrap();
    let looked: i64 = row.try_get_by_index(0).unwrap();
    assert!((1_000..=3_000).contains(&looked), "{looked} were read for nobody");
}

#[tokio::test]
async fn a_computed_answer_is_a_table_of_its_lines_and_says_what_it_holds_back() {
    let app = TestApp::start().await;
    let agency = app.agency("KOTA").await;
    let (admin, assessor) = (agency.admin().await, agency.role(Role::Assessor).await);
    let unit = given::unit(&admin, "DINKES", None).await;
    let position = given::position(&admin, "STAF", &unit).await;
    let (_, own) = given::dictionary(&admin, "KOTA", &["A", "B"]).await;
    let requirements = own.iter().map(|id| json!({"competency_id": id, "level": 3})).collect();
    given::standard(&agency, &position, "2026-01-01", requirements).await;
    let person = given::person_in(&admin, 1, &position).await;
    given::assessed(&assessor, "2026-05-15", &[(&person, &own[0], 2)]).await;
    let table = async |caller: &Caller<'_>, path: &str| {
        let sheet = caller.with("accept", CSV).get(path).await.expect(200);
        let rows = csv_rows(&sheet.text);
        let header = rows[0].clone();
        let named = |row: &Vec<String>| {
            header.iter().cloned().zip(row.iter().cloned()).collect::<std::collections::BTreeMap<_, _>>()
        };
        rows[1..].iter().map(named).collect::<Vec<_>>()
    };
    let looks = async || app.count("SELECT count(*) FROM access_records").await;
    let before = looks().await;
    let profile = table(&admin, &format!("/v1/employees/{person}/gap-profile")).await;
    assert_eq!(looks().await, before + 1, "on record when the file is there");
    let told =
        |row: usize| ["code", "required", "achieved", "gap", "state"].map(|name| profile[row][name].as_str());
    assert_eq!((told(0), told(1)), (["A", "3", "2", "-1", "GAP"], ["B", "3", "", "", "MISSING"]));
    let map = table(&admin, &format!("/v1/units/{unit}/gap-heatmap")).await;
    let total = map.iter().find(|row| row["group"] == "COMPETENCY" && row["competency_code"] == "A").unwrap();
    assert_eq!((total["standings_required"].as_str(), total["standings_below"].as_str()), ("1", "1"));
    // Of one person an observer is told nothing, and that this is so.
    let observer = agency.role(Role::Observer).await;
    let held = table(&observer, "/v1/gap-summary").await;
    assert_eq!(held[0]["group"], "TOTAL");
    assert_eq!((held[0]["people_suppressed"].as_str(), held[0]["people_people"].as_str()), ("true", ""));
    let trend = admin.get("/v1/gap-trend?months=3").await.expect(200);
    let points = trend.json["points"].as_array().unwrap();
    let days: Vec<_> =
        table(&admin, "/v1/gap-trend?months=3").await.iter().map(|row| row["as_of"].clone()).collect();
    assert_eq!(days, points.iter().map(|point| point["as_of"].as_str().unwrap()).collect::<Vec<_>>());
    let months = table(&admin, "/v1/expiry-forecast?months=3").await;
    assert!(months.iter().all(|row| row["month_lapsing"] == "0"));
}

#[tokio::test]
async fn what_is_longer_than_a_cell_is_cut_to_be_looked_at_and_never_to_be_read_again() {
    let app = TestApp::start().await;
    let agency = app.agency("KOTA").await;
    let admin = agency.admin().await;
    let dictionary =
        admin.post("/v1/dictionaries", json!({"code": "KOTA", "name": "K"})).await.expect(201).id();
    let version = format!("/v1/dictionaries/{dictionary}/versions/1");
    admin.post(&format!("/v1/dictionaries/{dictionary}/versions"), json!(null)).await.expect(201);
    let mut content = given::content("Panjang", "TEKNIS");
    content["levels"][0]["indicators"] = (0..50).map(|n| json!(format!("{n} {}", "x".repeat(800)))).collect();
    given::put_new(&admin, &format!("{version}/competencies/A"), &content).await.expect(201);
    admin.transition(&format!("{version}/publication"), "*").await.expect(200);
    // An import that fails in a thousand places, each of which is told.
    let rows: String = (0..1_200).map(|n| format!("{n},,,,,\n")).collect();
    let file = format!("nip,name,status,education,appointed_on,position_code\n{rows}").into_bytes();
    let failed =
        admin.with("prefer", "wait=10").send("POST", "/v1/imports?kind=employees", Some((CSV, file))).await;
    if failed.status == 202 {
        let operation = failed.header("location").to_owned();
        while admin.with("prefer", "wait=10").get(&operation).await.expect(200).json["state"] == "RUNNING" {}
    }
    for path in
        ["/v1/operations".to_owned(), format!("{version}/competencies"), "/v1/audit-events".to_owned()]
    {
        let rows = xlsx_rows(&admin.get(&format!("{path}?format=xlsx")).await.expect(200).bytes);
        let cut = rows.iter().flatten().filter(|cell| cell.ends_with("| cut; ask for csv]")).count();
        assert_eq!(cut, usize::from(path != "/v1/operations"), "{path}");
        let whole = csv_rows(&admin.get(&format!("{path}?format=csv")).await.expect(200).text);
        assert!(!whole.iter().flatten().any(|cell| cell.contains("ask for csv")), "{path}");
    }
    let refused = admin.get("/v1/exports/levels?format=xlsx").await.expect(406);
    assert!(refused.json["detail"].as_str().unwrap().contains("32.767"));
    let whole = csv_rows(&admin.get("/v1/exports/levels?format=csv").await.expect(200).text);
    assert!(whole.iter().flatten().any(|cell| cell.chars().count() > 40_000));
}
