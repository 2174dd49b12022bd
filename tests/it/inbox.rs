//! `/v1/me/inbox`: who is told what, once, and what becomes of it; and how events are handed on.

use access::Role;
use api::app::evaluation::tend;
use api::worker::{hand_on, remind};
use serde_json::{Value, json};
use support::{Agency, Answer, Caller, TestApp};

use crate::given;

const INBOX: &str = "/v1/me/inbox";

/// A unit with a head and some people in it, and a programme on offer.
struct Office<'a> {
    agency: Agency<'a>,
    admin: Caller<'a>,
    boss: String,
    people: Vec<String>,
    programme: String,
}

impl<'a> Office<'a> {
    async fn new(app: &'a TestApp, people: u16) -> Self {
        let agency = app.agency("KOTA").await;
        let admin = agency.admin().await;
        let unit = given::unit(&admin, "DINAS", None).await;
        let (head, staff) =
            (given::head(&admin, "KADIS", &unit).await, given::position(&admin, "STAF", &unit).await);
        let boss = given::person_in(&admin, 900, &head).await;
        let mut all = Vec::new();
        for serial in 1..=people {
            all.push(given::person_in(&admin, serial, &staff).await);
        }
        let programme = given::programme(&admin, "P1").await;
        Self { agency, admin, boss, people: all, programme }
    }

    async fn person(&self, index: usize) -> Caller<'a> {
        self.agency.employee(Role::Employee, &self.people[index]).await
    }

    async fn superior(&self) -> Caller<'a> {
        self.agency.employee(Role::Supervisor, &self.boss).await
    }
}

/// Everything that waits is made known.
async fn settle(app: &TestApp) {
    remind(&app.services).await.unwrap();
    hand_on(&app.services).await.unwrap();
    assert_eq!(app.count("SELECT count(*) FROM outbox WHERE position IS NULL").await, 0);
}

async fn inbox(caller: &Caller<'_>, query: &str) -> Vec<Value> {
    caller.get(&format!("{INBOX}{query}")).await.expect(200).items().clone()
}

async fn kinds(caller: &Caller<'_>, query: &str) -> Vec<String> {
    let kind = |one: &Value| one["kind"].as_str().unwrap().to_owned();
    inbox(caller, query).await.iter().map(kind).collect()
}

async fn enrol(caller: &Caller<'_>, class: &str, employee: &str) -> Answer {
    caller
        .post(&format!("/v1/classes/{class}/enrolments"), json!({"employee_id": employee}))
        .await
        .expect(201)
}

async fn reasoned(caller: &Caller<'_>, path: &str) -> Answer {
    caller.put(path, "*", json!({"reason": "Alasan"})).await.expect(200)
}

#[tokio::test]
async fn a_wish_waits_in_the_superiors_inbox_until_it_is_decided() {
    let app = TestApp::start().await;
    let office = Office::new(&app, 2).await;
    let class = given::open_class(&office.admin, "K1", &office.programme, json!({})).await;
    let (me, other, chief) = (office.person(0).await, office.person(1).await, office.superior().await);
    let wish = enrol(&me, &class, &office.people[0]).await.id();
    settle(&app).await;
    assert!(inbox(&me, "").await.is_empty() && inbox(&other, "").await.is_empty());
    let waiting = inbox(&chief, "").await;
    assert_eq!(waiting.len(), 1);
    let one = &waiting[0];
    assert_eq!(
        [&one["kind"], &one["state"], &one["subject_type"], &one["subject_id"], &one["link"]],
        [
            &json!("CONSENT_AWAITED"),
            &json!("UNREAD"),
            &json!("ENROLMENT"),
            &json!(wish),
            &json!(format!("/v1/enrolments/{wish}"))
        ]
    );
    assert_eq!(
        (&one["about_employee_id"], &one["due_at"]),
        (&json!(office.people[0]), &json!("2026-07-20T01:00:00Z"))
    );
    assert_eq!(one["text"], "Pegawai 001 ingin mengikuti Program P1.");
    let path = format!("{INBOX}/{}", one["id"].as_str().unwrap());
    let english = chief.with("accept-language", "en").get(&path).await.expect(200);
    assert_eq!(english.json["text"], "Pegawai 001 wants to take part in Program P1.");
    // It is nobody else's, and the person sees that their name was shown.
    for stranger in [&me, &other, &office.admin] {
        stranger.get(&path).await.expect(404);
        stranger.put(&path, "*", json!({"read": true})).await.expect(404);
    }
    let looks = me.get("/v1/me/access-records").await.expect(200);
    let looked = |operation: &str| looks.items().iter().any(|look| look["operation"] == operation);
    assert!(looked("notice_list") && looked("notice_get"));

    chief.transition(&format!("/v1/enrolments/{wish}/consent"), "*").await.expect(200);
    settle(&app).await;
    assert!(inbox(&chief, "").await.is_empty(), "nobody waits any more");
    assert_eq!(kinds(&chief, "?state=WITHDRAWN").await, ["CONSENT_AWAITED"]);
    let told = inbox(&me, "").await;
    assert_eq!(
        (&told[0]["kind"], &told[0]["text"]),
        (&json!("ENROLMENT_CONSENTED"), &json!("Program P1: ada kursi untuk Anda."))
    );
    // The same things once more tell nobody anything.
    app.sql("UPDATE outbox SET position = NULL").await;
    app.sql("UPDATE outbox_positions SET last = 1000").await;
    settle(&app).await;
    assert_eq!((inbox(&me, "").await.len(), inbox(&chief, "").await.len()), (1, 0));
}

#[tokio::test]
async fn whoever_becomes_the_superior_is_told_and_the_one_before_no_longer() {
    let app = TestApp::start().await;
    let office = Office::new(&app, 3).await;
    let class = given::open_class(&office.admin, "K1", &office.programme, json!({})).await;
    let (chief, named) =
        (office.superior().await, office.agency.employee(Role::Supervisor, &office.people[1]).await);
    enrol(&office.person(0).await, &class, &office.people[0]).await;
    settle(&app).await;
    assert_eq!(kinds(&chief, "").await, ["CONSENT_AWAITED"]);
    let mut body = given::person_body(1);
    body["superior_id"] = json!(office.people[1]);
    let path = format!("/v1/employees/{}", office.people[0]);
    office.admin.put(&path, "*", body).await.expect(200);
    settle(&app).await;
    assert_eq!((kinds(&chief, "").await.len(), kinds(&named, "").await.len()), (0, 1));
    office.admin.put(&path, "*", given::person_body(1)).await.expect(200);
    settle(&app).await;
    assert_eq!((kinds(&chief, "").await.len(), kinds(&named, "").await.len()), (1, 0));
    // A head who is placed elsewhere leads nobody.
    let staff = office.admin.get(&format!("/v1/employees/{}", office.people[2])).await.expect(200);
    let staff = staff.json["held"]["position_id"].as_str().unwrap().to_owned();
    given::place(&office.admin, &office.boss, Some(&staff), "2026-06-30").await.expect(201);
    settle(&app).await;
    assert_eq!(kinds(&chief, "").await.len(), 0);
}

#[tokio::test]
async fn the_superior_in_sql_is_the_superior_of_the_rule() {
    let app = TestApp::start().await;
    let agency = app.agency("KOTA").await;
    let admin = agency.admin().await;
    let top = given::unit(&admin, "DINAS", None).await;
    let below = given::unit(&admin, "BIDANG", Some(&top)).await;
    let vacant = given::unit(&admin, "SEKSI", Some(&below)).await;
    let (head, chief) =
        (given::head(&admin, "KADIS", &top).await, given::head(&admin, "KABID", &below).await);
    given::head(&admin, "KASI", &vacant).await;
    let staff = given::position(&admin, "STAF", &vacant).await;
    let boss = given::person_in(&admin, 1, &head).await;
    let middle = given::person_in(&admin, 2, &chief).await;
    let worker = given::person_in(&admin, 3, &staff).await;
    let free = given::person(&admin, 4).await;
    // Whom the record names goes before, while they hold a position.
    let mut named = Vec::new();
    for (serial, superior) in [(5, &free), (6, &boss)] {
        let person = given::person_in(&admin, serial, &staff).await;
        let mut body = given::person_body(serial);
        body["superior_id"] = json!(superior);
        admin.put(&format!("/v1/employees/{person}"), "*", body).await.expect(200);
        named.push(person);
    }
    let superiors = [
        (&boss, None),
        (&middle, Some(&boss)),
        (&worker, Some(&middle)),
        (&free, None),
        (&named[0], Some(&middle)),
        (&named[1], Some(&boss)),
    ];
    for (person, superior) in superiors {
        let path = format!("/v1/employees/{person}/superior");
        let rule = admin.get(&path).await.expect(200).json["superior"]["employee_id"].clone();
        assert_eq!(rule.as_str(), superior.map(String::as_str), "{person}");
        let sql = format!(
            "SELECT count(*) FROM (SELECT direct_superior_on(agency_id, id, '2026-07-01')::text AS found FROM employees
             WHERE id = '{person}') s WHERE coalesce(found, '') = '{}'",
            rule.as_str().unwrap_or_default()
        );
        assert_eq!(app.count(&sql).await, 1, "{person}: {rule}");
    }
}

#[tokio::test]
async fn seats_and_classes_are_told_of_as_they_come_and_go() {
    let app = TestApp::start().await;
    let office = Office::new(&app, 3).await;
    let admin = &office.admin;
    let class = given::open_class(admin, "K1", &office.programme, json!({"seats": 1})).await;
    let first = enrol(admin, &class, &office.people[0]).await.id();
    enrol(admin, &class, &office.people[1]).await;
    let (one, two) = (office.person(0).await, office.person(1).await);
    settle(&app).await;
    let told = inbox(&two, "").await;
    assert_eq!(
        (&told[0]["kind"], &told[0]["text"]),
        (&json!("ENROLMENT_NOMINATED"), &json!("Program P1: Anda menunggu giliran."))
    );
    reasoned(admin, &format!("/v1/enrolments/{first}/cancellation")).await;
    settle(&app).await;
    assert!(inbox(&one, "").await.is_empty(), "who gave up needs no notice of it");
    assert_eq!(kinds(&two, "?kind=SEAT_GAINED").await, ["SEAT_GAINED"]);
    let nominated = &inbox(&two, "?kind=ENROLMENT_NOMINATED").await[0];
    assert_eq!(nominated["text"], "Program P1: ada kursi untuk Anda.", "what was told stays true");
    reasoned(admin, &format!("/v1/classes/{class}/cancellation")).await;
    settle(&app).await;
    assert_eq!(kinds(&two, "").await, ["CLASS_CANCELLED"], "the seat is gone, and so is what told of it");
    assert!(inbox(&one, "").await.is_empty(), "who had left before is not told");
    // In one batch, only what holds at its end is told.
    let second = given::open_class(admin, "K2", &office.programme, json!({"seats": 1})).await;
    let third = office.person(2).await;
    enrol(admin, &second, &office.people[2]).await;
    reasoned(admin, &format!("/v1/classes/{second}/cancellation")).await;
    settle(&app).await;
    assert_eq!(kinds(&third, "").await, ["CLASS_CANCELLED"]);
    assert!(inbox(&third, "?state=WITHDRAWN").await.is_empty());
}

#[tokio::test]
async fn a_class_is_told_to_begin_once_for_each_day_by_the_agencys_clock() {
    let app = TestApp::start().await;
    let office = Office::new(&app, 2).await;
    let class = given::open_class(&office.admin, "K1", &office.programme, json!({})).await;
    enrol(&office.admin, &class, &office.people[0]).await;
    let reminders = "SELECT count(*) FROM outbox WHERE type = 'class.starting'";
    // It begins on the 20th; three days before is the 17th, which begins at 17:00 UTC of the day before.
    app.set_now("2026-07-16T16:59:59Z");
    settle(&app).await;
    assert_eq!(app.count(reminders).await, 0);
    app.set_now("2026-07-16T17:00:00Z");
    let all = futures_util::future::join_all((0..4).map(|_| remind(&app.services))).await;
    assert_eq!(all.into_iter().map(Result::unwrap).sum::<usize>(), 1, "four workers say it once");
    settle(&app).await;
    let me = office.person(0).await;
    let starting = inbox(&me, "?kind=CLASS_STARTING").await;
    assert_eq!(
        (starting.len(), &starting[0]["due_at"], &starting[0]["state"]),
        (1, &json!("2026-07-20T01:00:00Z"), &json!("UNREAD"))
    );
    // Who gets a seat now is told too.
    let admin = office.agency.admin().await;
    enrol(&admin, &class, &office.people[1]).await;
    settle(&app).await;
    assert_eq!(kinds(&office.person(1).await, "?kind=CLASS_STARTING").await.len(), 1);
    let path = format!("{INBOX}/{}", starting[0]["id"].as_str().unwrap());
    me.put(&path, "*", json!({"read": true})).await.expect(200);
    app.set_now("2026-07-17T10:00:00Z");
    let (me, admin) = (office.person(0).await, office.agency.admin().await);
    settle(&app).await;
    assert_eq!(inbox(&me, "?kind=CLASS_STARTING").await[0]["state"], "READ", "nobody is nagged");
    // The class moves to another day: that is news, in the place of the old.
    let mut body = given::class_body("K1", &office.programme, json!({}));
    body.as_object_mut().unwrap().remove("programme_id");
    body["sessions"] =
        json!([{"starts_at": "2026-07-19T01:00:00Z", "ends_at": "2026-07-19T09:00:00Z", "place": "Aula"}]);
    body["registration_closes_at"] = json!("2026-07-18T00:00:00Z");
    admin.put(&format!("/v1/classes/{class}"), "*", body).await.expect(200);
    settle(&app).await;
    let starting = inbox(&me, "?kind=CLASS_STARTING").await;
    assert_eq!(
        (starting.len(), &starting[0]["due_at"], &starting[0]["state"]),
        (1, &json!("2026-07-19T01:00:00Z"), &json!("UNREAD"))
    );
    assert_eq!(app.count(reminders).await, 2);
    // Once it has begun there is nothing to be told.
    app.set_now("2026-07-20T10:00:00Z");
    settle(&app).await;
    assert!(inbox(&office.person(0).await, "?kind=CLASS_STARTING").await.is_empty());
}

#[tokio::test]
async fn learning_hours_are_asked_for_in_autumn_and_no_longer_once_they_are_there() {
    let app = TestApp::start().await;
    let office = Office::new(&app, 1).await;
    let verified = async |number: &str, jp: f64| {
        let admin = office.agency.admin().await;
        let own = json!({"employee_id": office.people[0], "title": "Pelatihan", "form": "NKL03",
            "started_on": "2026-03-01", "ended_on": "2026-03-01", "certificate_jp": jp, "document": "berkas/1",
            "certificate": {"number": number, "issued_on": "2026-03-01"}});
        let id = admin.post("/v1/own-learnings", own).await.expect(201).id();
        admin.transition(&format!("/v1/own-learnings/{id}/verification"), "*").await.expect(200);
    };
    // 90 days before the end of the year.
    app.set_now("2026-10-01T10:00:00Z");
    settle(&app).await;
    assert!(inbox(&office.person(0).await, "").await.is_empty());
    app.set_now("2026-10-02T10:00:00Z");
    settle(&app).await;
    let me = office.person(0).await;
    let short = inbox(&me, "").await;
    assert_eq!(
        [&short[0]["kind"], &short[0]["short"], &short[0]["due_on"], &short[0]["year"]],
        [&json!("JP_SHORT"), &json!(20.0), &json!("2026-12-31"), &json!(2026)]
    );
    let path = format!("{INBOX}/{}", short[0]["id"].as_str().unwrap());
    assert_eq!(short[0]["link"], format!("/v1/employees/{}/jp-ledger?year=2026", office.people[0]));
    me.get(short[0]["link"].as_str().unwrap()).await.expect(200);
    me.put(&path, "*", json!({"read": true})).await.expect(200);
    verified("B/1", 12.5).await;
    settle(&app).await;
    let less = me.get(&path).await.expect(200);
    assert_eq!((&less.json["short"], &less.json["state"]), (&json!(7.5), &json!("READ")));
    verified("B/2", 10.0).await;
    settle(&app).await;
    assert_eq!(me.get(&path).await.expect(200).json["state"], "WITHDRAWN");
    assert_eq!(kinds(&me, "").await, ["OWN_LEARNING_VERIFIED", "OWN_LEARNING_VERIFIED"]);
    // The day after nobody is reminded again.
    app.set_now("2026-10-03T10:00:00Z");
    settle(&app).await;
    assert!(inbox(&office.person(0).await, "?kind=JP_SHORT").await.is_empty());
    assert_eq!(
        app.count("SELECT count(*) FROM outbox WHERE type = 'employee.jp_short'").await,
        2,
        "the head too"
    );
}

#[tokio::test]
async fn a_plan_is_followed_from_its_deadline_to_its_items() {
    let app = TestApp::start().await;
    let office = Office::new(&app, 1).await;
    let policy = json!({"name": "REMINDERS", "valid_from": "2026-01-01", "source": "Keputusan", "reminders": {
        "class_starting": null, "certificate_expiring": null, "jp_short": null, "plan_item_due": 10,
        "plan_due": {"month": 7, "day": 15, "days": 14}}});
    office.admin.post("/v1/policies", policy).await.expect(201);
    let (me, chief) = (office.person(0).await, office.superior().await);
    settle(&app).await;
    let due = inbox(&me, "").await;
    assert_eq!(
        [&due[0]["kind"], &due[0]["due_on"], &due[0]["subject_id"]],
        [&json!("PLAN_DUE"), &json!("2026-07-15"), &json!(office.people[0])]
    );
    assert_eq!(kinds(&chief, "").await, ["PLAN_DUE"], "the superior has no plan either");
    let plan = json!({"employee_id": office.people[0], "year": 2026, "items": [
        {"form": "NKL01", "title": "Coaching", "jp": 4, "due_on": "2026-07-09", "origin": "OWN_WISH"},
        {"form": "NKL01", "title": "Magang", "jp": 4, "due_on": "2026-09-30", "origin": "OWN_WISH"}]});
    let made = me.post("/v1/development-plans", plan).await.expect(201);
    let path = format!("/v1/development-plans/{}", made.id());
    let step = async |caller: &Caller<'_>, what: &str| {
        caller.transition(&format!("{path}/{what}"), "*").await.expect(200);
        settle(&app).await;
    };
    settle(&app).await;
    assert_eq!(kinds(&me, "").await, ["PLAN_DUE"], "a draft is not submitted");
    step(&me, "submission").await;
    assert!(kinds(&me, "").await.is_empty());
    let review = inbox(&chief, "?kind=PLAN_REVIEW_AWAITED").await;
    assert_eq!(
        (&review[0]["about_employee_id"], &review[0]["year"]),
        (&json!(office.people[0]), &json!(2026))
    );
    step(&chief, "review").await;
    assert_eq!(kinds(&chief, "?kind=PLAN_REVIEW_AWAITED").await.len(), 1);
    reasoned(&chief, &format!("{path}/return")).await;
    settle(&app).await;
    assert!(kinds(&chief, "?kind=PLAN_REVIEW_AWAITED").await.is_empty());
    let mut told = kinds(&me, "").await;
    told.sort_unstable();
    assert_eq!(told, ["PLAN_DUE", "PLAN_RETURNED"], "it has to be submitted again");
    // Returned, submitted and returned again before anybody looks: told once, anew.
    let before = inbox(&me, "?kind=PLAN_RETURNED").await[0]["id"].clone();
    me.transition(&format!("{path}/submission"), "*").await.expect(200);
    chief.transition(&format!("{path}/review"), "*").await.expect(200);
    reasoned(&chief, &format!("{path}/return")).await;
    settle(&app).await;
    let returned = inbox(&me, "?kind=PLAN_RETURNED").await;
    assert!(returned.len() == 1 && returned[0]["id"] != before);
    step(&me, "submission").await;
    step(&chief, "review").await;
    step(&chief, "endorsement").await;
    let planner = office.agency.role(Role::Planner).await;
    step(&planner, "approval").await;
    assert_eq!(kinds(&me, "").await, ["PLAN_APPROVED"]);
    step(&me, "activation").await;
    let item = inbox(&me, "?kind=PLAN_ITEM_DUE").await;
    assert_eq!(
        [&item[0]["subject_title"], &item[0]["due_on"], &item[0]["subject_id"]],
        [&json!("Coaching"), &json!("2026-07-09"), &json!(made.id())]
    );
    let read = me.get(&path).await.expect(200);
    let line = read.json["items"][0]["id"].as_str().unwrap();
    let done = json!({"state": "DONE", "percent": 100, "jp": 4, "committed": 0, "realised": 0, "evidence": "berkas/1"});
    me.put(&format!("{path}/items/{line}/progress"), "*", done).await.expect(200);
    settle(&app).await;
    assert!(inbox(&me, "?kind=PLAN_ITEM_DUE").await.is_empty(), "what is done is not due");
}

#[tokio::test]
async fn certificates_are_told_to_expire_unless_a_newer_one_is_there() {
    let app = TestApp::start().await;
    let office = Office::new(&app, 2).await;
    let class = given::open_class(&office.admin, "K1", &office.programme, json!({})).await;
    let mut ids = Vec::new();
    for person in &office.people {
        let enrolment = enrol(&office.admin, &class, person).await.id();
        let id = kernel::CertificateId::new().to_string();
        app.sql(&format!(
            "INSERT INTO certificates (agency_id, id, enrolment_id, class_id, programme_id, employee_id, holder, number, code,
                title, provider, form, jp_basis, held_from, held_until, issued_on, valid_until, created_at, updated_at)
             VALUES ('{}', '{id}', '{enrolment}', '{class}', '{}', '{person}', 'x', '{id}', '{}', 'Sertifikat', 'x', 'KL03',
                'UNKNOWN', '2024-01-01', '2024-01-02', '2024-01-02', '2026-09-30', now(), now())",
            office.agency.id,
            office.programme,
            ids.len()
        ))
        .await;
        ids.push(id);
    }
    // The second person's is replaced by a newer one, of another class.
    let second = given::open_class(
        &office.admin,
        "K2",
        &office.programme,
        json!({"sessions": [{"starts_at": "2026-08-20T01:00:00Z", "ends_at": "2026-08-20T09:00:00Z"}]}),
    )
    .await;
    let newer = enrol(&office.admin, &second, &office.people[1]).await.id();
    let newer_id = kernel::CertificateId::new().to_string();
    app.sql(&format!(
        "INSERT INTO certificates SELECT agency_id, '{newer_id}', '{newer}', '{second}', programme_id, employee_id, holder,
            'N', 'N', title, provider, form, jp, jp_basis, held_from, held_until, issued_on, '2029-01-01', revoked_at,
            revoked_for, version, created_at, updated_at FROM certificates WHERE id = '{}'",
        ids[1]
    ))
    .await;
    settle(&app).await;
    let soon = inbox(&office.person(0).await, "?kind=CERTIFICATE_EXPIRING").await;
    assert!(soon.is_empty(), "in 90 days, and not before");
    app.set_now("2026-07-01T17:00:00Z");
    settle(&app).await;
    let (me, other, admin) = (office.person(0).await, office.person(1).await, office.agency.admin().await);
    let expiring = inbox(&me, "?kind=CERTIFICATE_EXPIRING").await;
    assert_eq!(
        [&expiring[0]["due_on"], &expiring[0]["subject_id"], &expiring[0]["text"]],
        [&json!("2026-09-30"), &json!(ids[0]), &json!("Sertifikat berlaku sampai 30-09-2026.")]
    );
    assert!(inbox(&other, "?kind=CERTIFICATE_EXPIRING").await.is_empty());
    reasoned(&admin, &format!("/v1/certificates/{}/revocation", ids[0])).await;
    settle(&app).await;
    assert!(inbox(&me, "?kind=CERTIFICATE_EXPIRING").await.is_empty());
    assert_eq!(kinds(&me, "?kind=CERTIFICATE_REVOKED").await.len(), 1);
    // The newer one is gone: then the older one expires after all, once that is found.
    reasoned(&admin, &format!("/v1/certificates/{newer_id}/revocation")).await;
    settle(&app).await;
    assert_eq!(inbox(&other, "?kind=CERTIFICATE_EXPIRING").await[0]["subject_id"], json!(ids[1]));
}

#[tokio::test]
async fn readers_mark_put_off_and_mute_and_get_a_digest() {
    let app = TestApp::start().await;
    let office = Office::new(&app, 1).await;
    let class = given::open_class(&office.admin, "K1", &office.programme, json!({"seats": 5})).await;
    enrol(&office.admin, &class, &office.people[0]).await;
    settle(&app).await;
    let user = office.agency.user(Role::Employee, office.people[0].parse().ok(), None, &[]).await;
    let me = app.caller(user, office.agency.id);
    let first = inbox(&me, "").await[0].clone();
    let path = format!("{INBOX}/{}", first["id"].as_str().unwrap());
    let etag = me.get(&path).await.expect(200).etag();
    me.send("PUT", &path, Some(("application/json", b"{\"read\":true}".to_vec()))).await.expect(428);
    let over = json!({"read": false, "snoozed_until": "2026-07-01T02:00:00Z"});
    me.put(&path, &etag, over).await.expect(400).expect_error("/snoozed_until", "OUT_OF_RANGE");
    let later = json!({"read": false, "snoozed_until": "2026-07-01T02:30:00Z"});
    let snoozed = me.put(&path, &etag, later).await.expect(200);
    assert_eq!(snoozed.json["state"], "SNOOZED");
    me.put(&path, &etag, json!({"read": true})).await.expect(412);
    assert!(inbox(&me, "").await.is_empty());
    assert_eq!(kinds(&me, "?state=SNOOZED").await.len(), 1);
    app.set_now("2026-07-01T02:30:00Z");
    let me = app.caller(user, office.agency.id);
    assert_eq!(inbox(&me, "").await[0]["state"], "UNREAD", "its time has come");
    me.put(&path, "*", json!({"read": true})).await.expect(200);
    assert!(kinds(&me, "?state=UNREAD").await.is_empty());
    me.put(&path, "*", json!({"read": false})).await.expect(200);
    // The first digest is made the day after; on its day it has what was told in whole days before.
    let digest = async |caller: &Caller<'_>, query: &str| {
        caller.get(&format!("/v1/me/inbox-digest{query}")).await.expect(200).json
    };
    let weekly = digest(&me, "").await;
    assert_eq!(
        [&weekly["digest"], &weekly["first_on"], &weekly["last_on"], &weekly["count"]],
        [&json!("WEEKLY"), &json!("2026-06-22"), &json!("2026-06-28"), &json!(0)]
    );
    let settings = me.get("/v1/me/inbox-settings").await.expect(200);
    assert_eq!((settings.etag().as_str(), &settings.json["digest"]), ("\"0\"", &json!("WEEKLY")));
    let wrong = json!({"digest": "DAILY", "weekday": 8, "muted": ["JP_SHORT", "JP_SHORT"]});
    let refused = me.put("/v1/me/inbox-settings", "\"0\"", wrong).await.expect(400);
    refused.expect_error("/weekday", "OUT_OF_RANGE").expect_error("/muted/1", "DUPLICATE");
    let daily = json!({"digest": "DAILY", "weekday": 1, "muted": []});
    let put = me.put("/v1/me/inbox-settings", "\"0\"", daily.clone()).await.expect(200);
    assert_eq!(put.etag(), "\"1\"");
    me.put("/v1/me/inbox-settings", "\"0\"", daily).await.expect(412);
    app.set_now("2026-07-02T02:00:00Z");
    let me = app.caller(user, office.agency.id);
    let today = digest(&me, "").await;
    assert_eq!(
        [&today["first_on"], &today["last_on"], &today["count"], &today["items"][0]["kind"]],
        [&json!("2026-07-01"), &json!("2026-07-01"), &json!(1), &json!("ENROLMENT_NOMINATED")]
    );
    assert_eq!(digest(&me, "?on=2026-07-01").await["count"], 0);
    me.get("/v1/me/inbox-digest?on=2026-07-03").await.expect(400).expect_error("/query/on", "IN_FUTURE");
    let mute = json!({"digest": "DAILY", "weekday": 1, "muted": ["ENROLMENT_NOMINATED"]});
    me.put("/v1/me/inbox-settings", "\"1\"", mute).await.expect(200);
    assert_eq!(digest(&me, "").await["count"], 0);
    assert!(inbox(&me, "").await.is_empty());
    assert_eq!(kinds(&me, "?kind=ENROLMENT_NOMINATED").await.len(), 1);
    let none = json!({"digest": "NONE", "weekday": 1, "muted": []});
    me.put("/v1/me/inbox-settings", "\"2\"", none).await.expect(200);
    let never = digest(&me, "").await;
    assert_eq!(
        (&never["digest"], &never["first_on"], &never["count"]),
        (&json!("NONE"), &Value::Null, &json!(0))
    );
    // Everything that was seen is read at once; what came later is not.
    let until = json!({"until": first["told_at"]});
    assert_eq!(me.post("/v1/me/inbox-readings", until.clone()).await.expect(200).json["read"], 1);
    assert_eq!(me.post("/v1/me/inbox-readings", until).await.expect(200).json["read"], 0);
    assert!(kinds(&me, "?state=UNREAD").await.is_empty());
    // Whoever is no employee has an empty inbox and nothing to set.
    let planner = office.agency.role(Role::Planner).await;
    assert!(inbox(&planner, "").await.is_empty());
    let none = json!({"digest": "NONE", "weekday": 1, "muted": []});
    planner.put("/v1/me/inbox-settings", "*", none).await.expect(403);
}

#[tokio::test]
async fn an_event_is_handed_on_once_by_any_number_of_workers_and_after_one_was_killed() {
    let app = TestApp::start().await;
    let office = Office::new(&app, 12).await;
    let class = given::open_class(&office.admin, "K1", &office.programme, json!({})).await;
    settle(&app).await;
    for person in &office.people {
        enrol(&office.admin, &class, person).await;
    }
    let nominated = "SELECT count(*) FROM notices WHERE kind = 'ENROLMENT_NOMINATED'";
    // A worker that is killed in the middle has handed on nothing.
    app.sql("BEGIN; LOCK TABLE notices IN ACCESS EXCLUSIVE MODE").await;
    let here = "relation = 'notices'::regclass AND NOT granted
                AND database = (SELECT oid FROM pg_database WHERE datname = current_database())";
    let (handed, killed) = tokio::join!(hand_on(&app.services), async {
        while app.count(&format!("SELECT count(*) FROM pg_locks WHERE {here}")).await == 0 {}
        app.count(&format!("SELECT count(pg_terminate_backend(pid)) FROM pg_locks WHERE {here}")).await
    });
    assert_eq!((handed.unwrap(), killed), (0, 1));
    app.sql("ROLLBACK").await;
    assert_eq!(app.count("SELECT count(*) FROM outbox WHERE position IS NULL").await, 12);
    assert_eq!(app.count(nominated).await, 0);
    let workers = (0..4).map(|_| hand_on(&app.services));
    let handed: usize = futures_util::future::join_all(workers).await.into_iter().map(Result::unwrap).sum();
    assert_eq!((handed, app.count(nominated).await), (12, 12));
    // Positions have no holes and follow the order in which things were recorded.
    let holes = "SELECT count(*) FROM (SELECT agency_id, position,
                    row_number() OVER (PARTITION BY agency_id ORDER BY seq) AS expected FROM outbox) o
                 WHERE position IS DISTINCT FROM expected";
    assert_eq!(app.count(holes).await, 0);
    let last = "SELECT count(*) FROM outbox_positions p
                WHERE last = (SELECT max(position) FROM outbox o WHERE o.agency_id = p.agency_id)";
    assert_eq!(app.count(last).await, app.count("SELECT count(*) FROM outbox_positions").await);
}

#[tokio::test]
async fn what_commits_late_is_handed_on_late_and_not_lost() {
    let app = TestApp::start().await;
    let office = Office::new(&app, 2).await;
    let class = given::open_class(&office.admin, "K1", &office.programme, json!({})).await;
    enrol(&office.admin, &class, &office.people[0]).await;
    settle(&app).await;
    // An event that took its number before others and commits after them.
    app.sql(&format!(
        "BEGIN; INSERT INTO outbox (agency_id, id, at, type, resource_id)
         VALUES ('{}', gen_random_uuid(), now(), 'agency.day_began', '{0}')",
        office.agency.id
    ))
    .await;
    enrol(&office.admin, &class, &office.people[1]).await;
    assert_eq!(hand_on(&app.services).await.unwrap(), 1);
    app.sql("COMMIT").await;
    assert_eq!(hand_on(&app.services).await.unwrap(), 1);
    assert_eq!(hand_on(&app.services).await.unwrap(), 0);
}

#[tokio::test]
async fn nobody_is_told_of_scores_that_others_enter() {
    let app = TestApp::start().await;
    let office = Office::new(&app, 1).await;
    let class = given::open_class(&office.admin, "K1", &office.programme, json!({})).await;
    let enrolment = enrol(&office.admin, &class, &office.people[0]).await.id();
    app.set_now("2026-07-20T01:00:00Z");
    tend(&app.services).await.unwrap();
    settle(&app).await;
    let admin = office.agency.admin().await;
    let open = admin.get("/v1/evaluation-tasks?instrument=PRE_TEST&state=OPEN").await.expect(200);
    assert_eq!(open.items().len(), 1);
    assert!(
        kinds(&office.person(0).await, "?kind=EVALUATION_DUE").await.is_empty(),
        "whoever runs the class enters it"
    );
    app.set_now("2026-07-22T02:00:00Z");
    let provider = office.agency.role(Role::Provider).await;
    let present = json!({"items": [{"enrolment_id": enrolment, "presence": "PRESENT"}]});
    provider.put(&format!("/v1/classes/{class}/sessions/1/attendance"), "*", present).await.expect(200);
    tend(&app.services).await.unwrap();
    settle(&app).await;
    let me = office.person(0).await;
    let due = inbox(&me, "?kind=EVALUATION_DUE").await;
    let asked: Vec<_> = me.get("/v1/me/evaluation-tasks").await.expect(200).items().clone();
    assert_eq!((due.len(), asked.len(), &asked[0]["instrument"]), (1, 1, &json!("REACTION")));
    assert_eq!(due[0]["subject_id"], asked[0]["id"]);
}

#[tokio::test]
async fn without_a_rule_of_its_own_an_agency_reminds_of_the_plan_of_the_year() {
    let app = TestApp::start().await;
    let office = Office::new(&app, 1).await;
    app.set_now("2027-01-28T02:00:00Z");
    settle(&app).await;
    assert!(inbox(&office.person(0).await, "?kind=PLAN_DUE").await.is_empty());
    app.set_now("2027-01-29T02:00:00Z");
    settle(&app).await;
    let due = inbox(&office.person(0).await, "?kind=PLAN_DUE").await;
    assert_eq!((due.len(), &due[0]["due_on"], &due[0]["year"]), (1, &json!("2027-02-28"), &json!(2027)));
}
