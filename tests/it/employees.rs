//! `/v1/employees`.

use access::Role;
use sea_orm::{ConnectionTrait as _, TransactionTrait as _};
use serde_json::{Value, json};
use support::TestApp;

use crate::given::{self, nip, person_body};

#[tokio::test]
async fn a_record_is_made_read_replaced_and_removed() {
    let app = TestApp::start().await;
    let agency = app.agency("KOTA").await;
    let admin = agency.admin().await;
    let body = json!({
        "nip": "19900101 201503 1 001", "name": " Pegawai Contoh ", "status": "PPPK", "education": "S1",
        "appointed_on": "2015-03-01"
    });
    let made = admin.post("/v1/employees", body.clone()).await.expect(201);
    let path = format!("/v1/employees/{}", made.id());
    assert_eq!(made.header("location"), path);
    assert_eq!((&made.json["nip"], &made.json["name"]), (&json!(nip(1)), &json!("Pegawai Contoh")));
    assert_eq!(made.json["nip_reading"]["born_on"], "1990-01-01");
    assert_eq!(made.json["warnings"], json!(["STATUS_DIFFERS"]));

    let by_nip = admin.get("/v1/employees/by-nip/19900101%20201503%201%20001").await.expect(200);
    let read = admin.get(&path).await.expect(200);
    assert_eq!((by_nip.etag(), &by_nip.json), (read.etag(), &read.json));
    admin.with("if-none-match", &read.etag()).get(&path).await.expect(304);

    let replaced = admin.put(&path, &read.etag(), person_body(1)).await.expect(200);
    assert_eq!((&replaced.json["warnings"], &replaced.json["education"]), (&json!([]), &Value::Null));
    admin.put(&path, &read.etag(), person_body(1)).await.expect(412).expect_problem("STALE");
    admin.send("PUT", &path, Some(("application/json", body.to_string().into()))).await.expect(428);

    // It was looked at meanwhile: that must not keep a mistake from being undone.
    agency.role(Role::Auditor).await.get(&path).await.expect(200);
    admin.delete(&path, &replaced.etag()).await.expect(204);
    admin.get(&path).await.expect(404);
}

#[tokio::test]
async fn a_person_serving_somewhere_stays_on_record() {
    let app = TestApp::start().await;
    let admin = app.agency("KOTA").await.admin().await;
    let unit = given::unit(&admin, "A", None).await;
    let position = given::position(&admin, "STAF", &unit).await;
    let path = format!("/v1/employees/{}", given::person_in(&admin, 1, &position).await);
    admin.get(&path).await.expect(200);
    let looks = "SELECT count(*) FROM access_records";
    let before = app.count(looks).await;
    admin.delete(&path, "\"1\"").await.expect(409).expect_problem("STILL_REFERENCED");
    assert_eq!(app.count(looks).await, before, "who looked is forgotten with the person alone");
}

#[tokio::test]
async fn a_number_that_cannot_be_one_is_told_which_part() {
    let app = TestApp::start().await;
    let admin = app.agency("KOTA").await.admin().await;
    for (number, code) in [
        ("1990010120150310", "NIP_LENGTH"),
        ("1.99001E+17", "NIP_SCIENTIFIC"),
        ("199002302015031001", "NIP_BIRTH_DATE"),
        ("209001012115031001", "NIP_BIRTH_DATE"),
        ("199001012015003001", "NIP_APPOINTMENT"),
        ("199001012015033001", "NIP_SEX"),
        ("199001012015031000", "NIP_SERIAL"),
    ] {
        let encoded = number.replace('+', "%2B");
        admin
            .get(&format!("/v1/employees/by-nip/{encoded}"))
            .await
            .expect(400)
            .expect_error("/path/nip", code);
        admin.get(&format!("/v1/employees?nip={encoded}")).await.expect(400).expect_error("/query/nip", code);
        let body = json!({"nip": number, "name": "x", "status": "PNS"});
        admin.post("/v1/employees", body).await.expect(400).expect_error("/nip", code);
    }
    admin.get(&format!("/v1/employees/by-nip/{}", nip(1))).await.expect(404);
    let number = json!({"nip": 199_001_012_015_031_001_u64, "name": "x", "status": "PNS"});
    admin.post("/v1/employees", number).await.expect(400).expect_error("/nip", "INVALID_FORMAT");
}

#[tokio::test]
async fn a_number_is_taken_once_and_a_superior_is_somebody_else() {
    let app = TestApp::start().await;
    let (here, there) = (app.agency("KOTA").await.admin().await, app.agency("KABUPATEN").await.admin().await);
    let me = given::person(&here, 1).await;
    here.post("/v1/employees", person_body(1)).await.expect(409).expect_error("/nip", "TAKEN");
    let theirs = given::person(&there, 1).await;

    let path = format!("/v1/employees/{me}");
    let under = async |superior: &str| {
        let mut body = person_body(1);
        body["superior_id"] = json!(superior);
        here.put(&path, "\"1\"", body).await.expect(400)
    };
    under(&me).await.expect_error("/superior_id", "INCONSISTENT");
    under(&theirs).await.expect_error("/superior_id", "NOT_FOUND");
    let mut early = person_body(2);
    early["appointed_on"] = json!("2004-12-31");
    here.post("/v1/employees", early).await.expect(400).expect_error("/appointed_on", "INCONSISTENT");

    there.get(&path).await.expect(404);
    there.put(&path, "*", person_body(3)).await.expect(404);
    there.delete(&path, "*").await.expect(404);
    there.get(&format!("{path}/superior")).await.expect(404);
}

/// Two units, one under the other, each with a head and somebody on the staff.
struct Office {
    director: String,
    clerk: String,
    chief: String,
    officer: String,
    below: String,
}

async fn office(admin: &support::Caller<'_>) -> Office {
    let top = given::unit(admin, "A", None).await;
    let below = given::unit(admin, "B", Some(&top)).await;
    let (head, staff) = (given::head(admin, "KA", &top).await, given::position(admin, "SA", &top).await);
    let (chief, clerks) =
        (given::head(admin, "KB", &below).await, given::position(admin, "SB", &below).await);
    Office {
        director: given::person_in(admin, 1, &head).await,
        clerk: given::person_in(admin, 2, &staff).await,
        chief: given::person_in(admin, 3, &chief).await,
        officer: given::person_in(admin, 4, &clerks).await,
        below,
    }
}

/// Who a list shows, by the ends of their numbers.
async fn serials(caller: support::Caller<'_>) -> String {
    let list = caller.get("/v1/employees").await.expect(200);
    list.items().iter().map(|one| one["nip"].as_str().unwrap()[17..].to_owned()).collect()
}

#[tokio::test]
async fn each_role_sees_its_people_and_nobody_else() {
    let app = TestApp::start().await;
    let agency = app.agency("KOTA").await;
    let admin = agency.admin().await;
    let office = office(&admin).await;
    given::person(&admin, 5).await;
    assert_eq!(serials(agency.role(Role::Auditor).await).await, "12345");
    assert_eq!(serials(agency.employee(Role::Employee, &office.chief).await).await, "3");
    assert_eq!(serials(agency.employee(Role::Supervisor, &office.chief).await).await, "34");
    assert_eq!(serials(agency.employee(Role::Supervisor, &office.director).await).await, "1234");
    assert_eq!(serials(agency.unit_admin(&office.below).await).await, "34");
    assert_eq!(serials(agency.machine(&["employees:read"]).await).await, "12345");

    let supervisor = agency.employee(Role::Supervisor, &office.chief).await;
    let path = format!("/v1/employees/{}", office.clerk);
    supervisor.get(&path).await.expect(404);
    supervisor.get(&format!("{path}/placements")).await.expect(404);
    supervisor.get(&format!("{path}/superior")).await.expect(404);
    supervisor.get(&format!("/v1/employees/by-nip/{}", nip(2))).await.expect(404);
    supervisor.put(&path, "*", person_body(2)).await.expect(404);
    let own_people = format!("/v1/employees/{}", office.officer);
    supervisor.get(&own_people).await.expect(200);
    supervisor.put(&own_people, "*", person_body(4)).await.expect(403);
    for stranger in [agency.role(Role::Observer).await, agency.machine(&["gaps:read"]).await] {
        stranger.get("/v1/employees").await.expect(403);
        stranger.get(&path).await.expect(403);
    }
}

#[tokio::test]
async fn who_leads_a_unit_sees_it_and_is_the_superior_there() {
    let app = TestApp::start().await;
    let agency = app.agency("KOTA").await;
    let admin = agency.admin().await;
    let office = office(&admin).await;
    let supervisor = async |who: &str| serials(agency.employee(Role::Supervisor, who).await).await;
    let held = async |who: &str| {
        let held = admin.get(&format!("/v1/employees/{who}")).await.expect(200).json["held"].clone();
        held["position_id"].as_str().unwrap().to_owned()
    };
    let abolish = async |position: String, day: &str| {
        let path = format!("/v1/positions/{position}/abolition");
        admin.put(&path, "\"1\"", json!({"abolished_on": day})).await.expect(200);
    };
    let superior = async |employee: &str| {
        let answer = admin.get(&format!("/v1/employees/{employee}/superior")).await.expect(200);
        answer.json["superior"]["employee_id"].as_str().unwrap().to_owned()
    };

    // The position is gone today, and with it what its last holder was shown as head.
    abolish(held(&office.chief).await, "2026-07-01").await;
    assert_eq!(
        (supervisor(&office.chief).await, superior(&office.officer).await),
        ("3".into(), office.director.clone())
    );

    // The old position lasts until the end of the year, but somebody took over in a new one already.
    let top = admin.get(&format!("/v1/employees/{}", office.director)).await.json["held"]["unit_id"].clone();
    abolish(held(&office.director).await, "2027-01-01").await;
    assert_eq!(
        (supervisor(&office.director).await, superior(&office.clerk).await),
        ("1234".into(), office.director.clone())
    );
    let head = given::head(&admin, "KA2", top.as_str().unwrap()).await;
    let successor = given::person(&admin, 5).await;
    given::place(&admin, &successor, Some(&head), "2026-06-01").await.expect(201);
    assert_eq!(superior(&office.clerk).await, successor);
    assert_eq!(
        (supervisor(&successor).await, supervisor(&office.director).await),
        ("12345".into(), "1".into())
    );
}

#[tokio::test]
async fn lists_are_narrowed_by_everything_that_is_given() {
    let app = TestApp::start().await;
    let admin = app.agency("KOTA").await.admin().await;
    let office = office(&admin).await;
    let mut contract = person_body(5);
    contract["status"] = json!("PPPK");
    admin.post("/v1/employees", contract).await.expect(201);
    let serials = async |query: &str| {
        let list = admin.get(&format!("/v1/employees?{query}")).await.expect(200);
        list.items().iter().map(|one| one["nip"].as_str().unwrap()[17..].to_owned()).collect::<String>()
    };
    let below = &office.below;
    let held = admin.get(&format!("/v1/employees/{}", office.clerk)).await.json["held"].clone();
    for (query, expected) in [
        (format!("unit_id={below}"), "34"),
        (format!("within={}", held["unit_id"].as_str().unwrap()), "1234"),
        (format!("position_id={}", held["position_id"].as_str().unwrap()), "2"),
        ("status=PPPK".to_owned(), "5"),
        ("job_class=PENGAWAS".to_owned(), "13"),
        (format!("nip={}", nip(4)), "4"),
        ("search=pegawai%20002".to_owned(), "2"),
        (format!("unit_id={below}&job_class=PELAKSANA"), "4"),
        (format!("unit_id={below}&status=PPPK"), ""),
    ] {
        assert_eq!(serials(&query).await, expected, "{query}");
    }
}

#[tokio::test]
async fn the_superior_follows_from_the_tree_unless_one_is_on_record() {
    let app = TestApp::start().await;
    let agency = app.agency("KOTA").await;
    let admin = agency.admin().await;
    let office = office(&admin).await;
    let superior = async |employee: &str, query: &str| {
        let answer = admin.get(&format!("/v1/employees/{employee}/superior{query}")).await.expect(200).json;
        assert_eq!(answer["employee_id"], employee);
        answer["superior"].clone()
    };
    let of_officer = superior(&office.officer, "").await;
    assert_eq!(
        (&of_officer["employee_id"], &of_officer["basis"]),
        (&json!(office.chief), &json!("UNIT_HEAD"))
    );
    assert_eq!(of_officer["unit_id"], office.below);
    let of_chief = superior(&office.chief, "").await;
    assert_eq!(
        (&of_chief["employee_id"], &of_chief["basis"]),
        (&json!(office.director), &json!("ANCESTOR_HEAD"))
    );
    assert_eq!(superior(&office.director, "").await, Value::Null);
    // Nobody served anywhere yet on that day.
    assert_eq!(superior(&office.officer, "?as_of=2019-12-31").await, Value::Null);
    admin
        .get(&format!("/v1/employees/{}/superior?as_of=0001-01-01", office.officer))
        .await
        .expect(400)
        .expect_error("/query/as_of", "OUT_OF_RANGE");

    let path = format!("/v1/employees/{}", office.officer);
    let mut body = person_body(4);
    body["superior_id"] = json!(office.clerk);
    admin.put(&path, "\"1\"", body).await.expect(200);
    let named = superior(&office.officer, "").await;
    assert_eq!((&named["employee_id"], &named["basis"]), (&json!(office.clerk), &json!("OVERRIDE")));
    assert_eq!(named["unit_id"], Value::Null);
    let clerk = agency.employee(Role::Supervisor, &office.clerk).await;
    clerk.get(&path).await.expect(200);
    // Who left is nobody's superior any more, whatever the record says.
    given::place(&admin, &office.clerk, None, "2026-06-30").await.expect(201);
    assert_eq!(superior(&office.officer, "").await["employee_id"], office.chief);
}

#[tokio::test]
async fn a_new_position_is_never_taken_for_the_one_read_before() {
    let app = TestApp::start().await;
    let admin = app.agency("KOTA").await.admin().await;
    let unit = given::unit(&admin, "A", None).await;
    let (one, two) = (given::position(&admin, "S1", &unit).await, given::position(&admin, "S2", &unit).await);
    let employee = given::person_in(&admin, 1, &one).await;
    let path = format!("/v1/employees/{employee}");
    let before = admin.get(&path).await.expect(200);
    given::place(&admin, &employee, Some(&two), "2026-07-01").await.expect(201);
    let after = admin.with("if-none-match", &before.etag()).get(&path).await.expect(200);
    assert_eq!(after.json["held"]["position_code"], "S2");
    // The record itself did not change: what was read still permits to replace it.
    admin.put(&path, &before.etag(), person_body(1)).await.expect(200);
}

#[tokio::test]
async fn of_many_writers_with_one_tag_one_wins() {
    let app = TestApp::start().await;
    let admin = app.agency("KOTA").await.admin().await;
    let path = format!("/v1/employees/{}", given::person(&admin, 1).await);
    let tries = (0..8).map(|n| {
        let mut body = person_body(1);
        body["name"] = json!(format!("Pegawai {n}"));
        let (admin, path) = (&admin, &path);
        async move { admin.put(path, "\"1\"", body).await.status }
    });
    let mut statuses = futures_util::future::join_all(tries).await;
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 412, 412, 412, 412, 412, 412, 412]);
}

#[tokio::test]
#[expect(clippy::disallowed_methods, reason = "the test holds a transaction open in the server's way")]
async fn a_removal_does_not_hold_up_the_notes_of_others_for_long() {
    let app = TestApp::start().await;
    let agency = app.agency("KOTA").await;
    let admin = agency.admin().await;
    let employee = given::person(&admin, 1).await;
    let path = format!("/v1/employees/{employee}");
    let url = app.services.config.database_url.clone().unwrap();
    let writer = sea_orm::Database::connect(url).await.unwrap().begin().await.unwrap();
    writer.execute_unprepared("LOCK TABLE access_records IN ROW EXCLUSIVE MODE").await.unwrap();
    // Whoever notes a look and does not end is not waited for: this can be tried again.
    let removal = admin.delete(&path, "*").await.expect(503).expect_problem("UNAVAILABLE");
    assert!(!removal.header("retry-after").is_empty());
    admin.get(&path).await.expect(200);
    writer.rollback().await.unwrap();
    admin.delete(&path, "*").await.expect(204);
}
