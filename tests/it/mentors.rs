//! `/v1/employees/{id}/mentors`.

use access::Role;
use serde_json::{Value, json};
use support::{Agency, Answer, Caller, TestApp};

use crate::given;

/// A city: its mayor, a health office with its head and a section in it, and schools elsewhere.
struct City<'a> {
    agency: Agency<'a>,
    admin: Caller<'a>,
    assessor: Caller<'a>,
    health: String,
    staff: String,
    teacher: String,
    mayor: String,
    chief: String,
    principal: String,
    /// Works in the health office, at level 2.
    me: String,
    competency: String,
}

impl<'a> City<'a> {
    async fn new(app: &'a TestApp) -> Self {
        let agency = app.agency("KOTA").await;
        let (admin, assessor) = (agency.admin().await, agency.role(Role::Assessor).await);
        let root = given::unit(&admin, "PEMKOT", None).await;
        let health = given::unit(&admin, "DINKES", Some(&root)).await;
        let schools = given::unit(&admin, "DIKBUD", Some(&root)).await;
        let mut heads = Vec::new();
        for (serial, code, unit) in
            [(900, "WALI", &root), (901, "KADIS", &health), (902, "KADISDIK", &schools)]
        {
            let head = given::head(&admin, code, unit).await;
            heads.push(given::person_in(&admin, serial, &head).await);
        }
        let staff = given::position(&admin, "STAF", &health).await;
        let teacher = given::position(&admin, "GURU", &schools).await;
        let me = given::person_in(&admin, 1, &staff).await;
        let competency = given::competency(&admin, "M.1").await;
        given::assessed(&assessor, "2026-05-15", &[(&me, &competency, 2)]).await;
        let [mayor, chief, principal] = heads.try_into().unwrap();
        Self { agency, admin, assessor, health, staff, teacher, mayor, chief, principal, me, competency }
    }

    /// A teacher at this level.
    async fn ahead(&self, serial: u16, level: i64) -> String {
        let person = given::person_in(&self.admin, serial, &self.teacher).await;
        given::assessed(&self.assessor, "2026-05-15", &[(&person, &self.competency, level)]).await;
        person
    }

    async fn asked(&self, caller: &Caller<'_>, person: &str, more: &str) -> Answer {
        let path = format!("/v1/employees/{person}/mentors?competency_id={}{more}", self.competency);
        caller.get(&path).await
    }

    /// What the personnel agency is told of somebody.
    async fn told(&self, person: &str) -> Value {
        self.asked(&self.admin, person, "").await.expect(200).json
    }

    /// Registers somebody; the trainer's id.
    async fn registered(&self, person: &str, roles: Value, max_mentees: Option<u8>) -> String {
        let trainer = json!({"employee_id": person, "roles": roles, "max_mentees": max_mentees});
        self.admin.post("/v1/trainers", trainer).await.expect(201).id()
    }

    /// Sets somebody's superior on record.
    async fn under(&self, serial: u16, person: &str, superior: &str) {
        let mut body = given::person_body(serial);
        body["superior_id"] = json!(superior);
        self.admin.put(&format!("/v1/employees/{person}"), "*", body).await.expect(200);
    }

    /// Has a trainer guide somebody; the activity's path.
    async fn guided(&self, person: &str, details: Value) -> String {
        let body = json!({"employee_id": person, "goal": "x", "starts_on": "2026-06-01", "ends_on": "2026-09-30",
            "details": details});
        format!("/v1/activities/{}", self.admin.post("/v1/activities", body).await.expect(201).id())
    }

    /// A draft of somebody's plan that names a mentor; its id.
    async fn planned(&self, person: &str, mentor: &str) -> String {
        let own = self.agency.employee(Role::Employee, person).await;
        let plan = json!({"employee_id": person, "year": 2026, "items": [naming(mentor)]});
        own.post("/v1/development-plans", plan).await.expect(201).id()
    }
}

fn naming(mentor: &str) -> Value {
    json!({"form": "NKL02", "title": "Mentoring", "origin": "OWN_WISH", "mentor_id": mentor})
}

fn mentors(told: &Value) -> Vec<&str> {
    let items = told["items"].as_array().unwrap().iter();
    items.map(|one| one["mentor"]["employee_id"].as_str().unwrap()).collect()
}

/// Who was left out for the reporting line, in the order of their identifiers.
fn in_line(told: &Value) -> Vec<&str> {
    let excluded = told["excluded"].as_array().unwrap().iter();
    let in_line =
        excluded.filter(|one| one["reasons"].as_array().unwrap().contains(&json!("REPORTING_LINE")));
    let mut ids: Vec<_> = in_line.map(|one| one["mentor"]["employee_id"].as_str().unwrap()).collect();
    ids.sort_unstable();
    ids
}

fn sorted<const N: usize>(mut ids: [&str; N]) -> Vec<&str> {
    ids.sort_unstable();
    ids.to_vec()
}

/// How many somebody guides, and how many they may; whether they are a mentor or left out.
fn load(told: &Value, person: &str) -> (u64, u64, bool) {
    let of = |list: &str| {
        let all = told[list].as_array().unwrap().iter();
        all.map(|one| &one["mentor"]).find(|one| one["employee_id"] == person).cloned()
    };
    let (free, full) = (of("items"), of("excluded"));
    let (is_mentor, found) = (free.is_some(), free.or(full).unwrap());
    (found["guided"].as_u64().unwrap(), found["most"].as_u64().unwrap(), is_mentor)
}

#[tokio::test]
async fn whoever_is_ahead_is_ranked_by_the_rule() {
    let app = TestApp::start().await;
    let city = City::new(&app).await;
    let early = city.ahead(2, 3).await;
    let registered = city.ahead(3, 3).await;
    let trainer = city.registered(&registered, json!(["MENTOR"]), None).await;
    let high = city.ahead(4, 5).await;
    city.ahead(5, 2).await;
    let late = given::person_in(&city.admin, 6, &city.teacher).await;
    given::assessed(&city.assessor, "2026-06-15", &[(&late, &city.competency, 3)]).await;
    let other = given::competency(&city.admin, "M.2").await;
    given::assessed(&city.assessor, "2026-06-15", &[(&city.me, &other, 4)]).await;

    let told = city.told(&city.me).await;
    assert_eq!(mentors(&told), [&registered, &high, &late, &early]);
    let first = &told["items"][0];
    assert_eq!((&first["place"], &first["mentor"]["trainer_id"]), (&json!(1), &json!(trainer)));
    let second = &told["items"][1]["mentor"];
    assert_eq!(
        (&second["level"], &second["ahead"], &second["assessed_on"], &second["trainer_id"]),
        (&json!(5), &json!(3), &json!("2026-05-15"), &Value::Null)
    );
    assert_eq!(
        (&second["nip"], &second["position"]["code"], &second["position"]["unit_name"]),
        (&json!(given::nip(4)), &json!("GURU"), &json!("Unit DIKBUD"))
    );
    assert_eq!(
        (&told["level"], &told["as_of"], &told["person"]["id"]),
        (&json!(2), &json!("2026-07-01"), &json!(city.me))
    );
    assert_eq!(
        (&told["competency"]["code"], &told["competency"]["name"], &told["competency"]["dictionary"]),
        (&json!("M.1"), &json!("Integritas"), &json!("NASIONAL-38-2017"))
    );
    assert_eq!((&told["ranking"]["name"], &told["rule"]["ahead"]), (&json!("RECOMMENDATION"), &json!(1)));
    assert_eq!((&told["items_total"], &told["excluded_total"]), (&json!(4), &json!(0)));

    let some = city.asked(&city.admin, &city.me, "&limit=1").await.expect(200);
    assert_eq!((mentors(&some.json), &some.json["items_total"]), (vec![registered.as_str()], &json!(4)));
    for limit in [0, 201] {
        let refused = city.asked(&city.admin, &city.me, &format!("&limit={limit}")).await;
        refused.expect(400).expect_error("/query/limit", "OUT_OF_RANGE");
    }
    // Who was never assessed stands at the beginning; nobody is ahead of the highest level.
    let told = city.told(&city.chief).await;
    assert_eq!((&told["level"], told["items"][1]["mentor"]["ahead"].clone()), (&Value::Null, json!(5)));
    assert_eq!(city.told(&high).await["items_total"], 0);
    // Whoever was shown can see who looked.
    let looks = format!(
        "SELECT count(DISTINCT employee_id) FROM access_records WHERE operation = 'mentor_get' AND employee_id IN ('{}', '{}')",
        city.me, early
    );
    assert_eq!(app.count(&looks).await, 2);
}

#[tokio::test]
async fn nobody_guides_whom_they_direct_or_are_directed_by() {
    let app = TestApp::start().await;
    let city = City::new(&app).await;
    let (admin, found) = (&city.admin, &city.competency);
    let section = given::unit(admin, "SEKSI", Some(&city.health)).await;
    let (lead, desk) =
        (given::head(admin, "KASI", &section).await, given::position(admin, "PETUGAS", &section).await);
    let leader = given::person_in(admin, 10, &lead).await;
    let clerk = given::person_in(admin, 11, &desk).await;
    let colleague = given::person_in(admin, 12, &desk).await;
    let teacher = given::person_in(admin, 13, &city.teacher).await;
    let everybody = [&city.mayor, &city.chief, &city.principal, &leader, &clerk, &colleague, &teacher];
    let levels: Vec<_> = everybody.iter().map(|one| (one.as_str(), found.as_str(), 4)).collect();
    given::assessed(&city.assessor, "2026-05-15", &levels).await;

    // Upwards: the heads of all units above.
    let me = given::person_in(admin, 14, &desk).await;
    let told = city.told(&me).await;
    assert_eq!(in_line(&told), sorted([&leader, &city.chief, &city.mayor]));
    let mut free = mentors(&told);
    free.sort_unstable();
    assert_eq!(free, sorted([&clerk, &colleague, &teacher, &city.principal, &city.me]));
    // The superior on record, and whoever directs them; the unit's heads still.
    city.under(14, &me, &teacher).await;
    assert_eq!(
        in_line(&city.told(&me).await),
        sorted([&leader, &city.chief, &city.mayor, &teacher, &city.principal])
    );
    // Two who are each other's superior on record go round in no circle.
    city.under(13, &teacher, &me).await;
    assert!(in_line(&city.told(&me).await).contains(&teacher.as_str()));
    city.under(13, &teacher, &city.principal).await;

    // Downwards: everybody in the units one heads, and whoever is on record under one, over others too.
    let guest = given::person(admin, 15).await;
    given::place(admin, &guest, Some(&city.teacher), "2020-01-01").await.expect(201);
    given::assessed(&city.assessor, "2026-05-15", &[(&guest, found, 4)]).await;
    let told = city.told(&leader).await;
    assert_eq!(mentors(&told).len(), 0, "the leader is at level 4");
    given::assessed(&city.assessor, "2026-06-15", &[(&leader, found, 3), (&city.chief, found, 3)]).await;
    assert_eq!(in_line(&city.told(&leader).await), sorted([&city.mayor, &clerk, &colleague]));
    city.under(15, &guest, &clerk).await;
    assert_eq!(in_line(&city.told(&leader).await), sorted([&city.mayor, &clerk, &colleague, &guest]));
    // Whom they lead in units of their own is under them as well.
    assert_eq!(in_line(&city.told(&city.chief).await), sorted([&city.mayor, &clerk, &colleague, &guest]));
    city.under(902, &city.principal, &clerk).await;
    assert_eq!(
        in_line(&city.told(&leader).await),
        sorted([&city.mayor, &clerk, &colleague, &guest, &city.principal, &teacher])
    );
}

#[tokio::test]
async fn who_guides_as_many_as_they_may_is_left_out() {
    let app = TestApp::start().await;
    let city = City::new(&app).await;
    let mut people = Vec::new();
    for serial in 10..14 {
        people.push(given::person_in(&city.admin, serial, &city.staff).await);
    }
    let own_limit = city.ahead(2, 4).await;
    let trainer = city.registered(&own_limit, json!(["MENTOR"]), Some(3)).await;
    let coach = city.ahead(3, 4).await;
    let coaching = city.registered(&coach, json!(["COACH"]), None).await;
    let unregistered = city.ahead(4, 4).await;
    let mentoring = json!({"kind": "MENTORING", "trainer_id": trainer});

    // An activity and a plan that name the same mentor are one person guided; and one's own place is not others'.
    let first = city.guided(&people[0], mentoring.clone()).await;
    city.planned(&people[0], &own_limit).await;
    city.planned(&city.me, &own_limit).await;
    assert_eq!(load(&city.told(&city.me).await, &own_limit), (1, 3, true));
    city.guided(&people[1], mentoring).await;
    app.sql("UPDATE trainers SET max_mentees = 2 WHERE max_mentees = 3").await;
    assert_eq!(load(&city.told(&city.me).await, &own_limit), (2, 2, false));
    let told = city.told(&city.me).await;
    assert_eq!(told["excluded"][0]["reasons"], json!(["FULL"]));
    assert_eq!(told["excluded_total"], 1);
    // To the second one guided their own place is not another's, and the plan of the third is.
    assert_eq!(load(&city.told(&people[1]).await, &own_limit), (2, 2, false));
    city.admin.put(&format!("{first}/cancellation"), "*", json!({"reason": "Mutasi"})).await.expect(200);
    assert_eq!(load(&city.told(&city.me).await, &own_limit), (2, 2, false), "the plan still names them");

    // Who is not registered guides as many as the policy says; who coaches is taken up by that.
    city.guided(&people[0], json!({"kind": "COACHING", "trainer_id": coaching})).await;
    let told = city.told(&city.me).await;
    assert_eq!(load(&told, &coach), (1, 3, true));
    let of_coach = told["items"].as_array().unwrap().iter().find(|one| one["mentor"]["employee_id"] == coach);
    assert_eq!(of_coach.unwrap()["mentor"]["trainer_id"], Value::Null);
    let mut plans = Vec::new();
    for person in &people[1..] {
        plans.push(city.planned(person, &unregistered).await);
    }
    assert_eq!(load(&city.told(&city.me).await, &unregistered), (3, 3, false));

    // What is done, cancelled, or a version not in use yet takes nobody's place.
    app.sql(&format!("UPDATE plan_items SET state = 'DONE' WHERE plan_id = '{}'", plans[0])).await;
    assert_eq!(load(&city.told(&city.me).await, &unregistered), (2, 3, true));
    let reason = json!({"reason": "Alasan"});
    let owner = city.agency.employee(Role::Employee, &people[2]).await;
    let path = format!("/v1/development-plans/{}", plans[1]);
    owner.put(&format!("{path}/cancellation"), "*", reason.clone()).await.expect(200);
    assert_eq!(load(&city.told(&city.me).await, &unregistered), (1, 3, true));
    let active = format!(
        "UPDATE plans SET state = 'ACTIVE', approved_at = created_at, activated_at = created_at WHERE id = '{}'",
        plans[2]
    );
    app.sql(&active).await;
    let owner = city.agency.employee(Role::Employee, &people[3]).await;
    let revised = owner.post(&format!("/v1/development-plans/{}/revisions", plans[2]), reason).await;
    let revision = format!("/v1/development-plans/{}", revised.expect(201).id());
    let before = load(&city.told(&city.me).await, &coach);
    owner.put(&revision, "*", json!({"items": [naming(&coach)]})).await.expect(200);
    let told = city.told(&city.me).await;
    assert_eq!((load(&told, &unregistered), load(&told, &coach)), ((1, 3, true), before));
}

#[tokio::test]
async fn who_left_or_whose_evidence_lapsed_guides_nobody() {
    let app = TestApp::start().await;
    let city = City::new(&app).await;
    let here = city.ahead(2, 4).await;
    let left = city.ahead(3, 4).await;
    given::place(&city.admin, &left, None, "2026-06-30").await.expect(201);
    let leaving = city.ahead(4, 4).await;
    given::place(&city.admin, &leaving, None, "2026-07-02").await.expect(201);
    let lapsed = given::person_in(&city.admin, 5, &city.teacher).await;
    given::assessed(&city.assessor, "2023-06-30", &[(&lapsed, &city.competency, 5)]).await;
    let last_day = given::person_in(&city.admin, 6, &city.teacher).await;
    given::assessed(&city.assessor, "2023-07-01", &[(&last_day, &city.competency, 5)]).await;
    let worse = given::person_in(&city.admin, 7, &city.teacher).await;
    given::assessed(&city.assessor, "2026-01-10", &[(&worse, &city.competency, 5)]).await;
    given::assessed(&city.assessor, "2026-05-10", &[(&worse, &city.competency, 2)]).await;
    let nowhere = given::person(&city.admin, 8).await;
    given::assessed(&city.assessor, "2026-05-10", &[(&nowhere, &city.competency, 5)]).await;
    let told = city.told(&city.me).await;
    let (mut found, mut expected) =
        (mentors(&told), vec![here.as_str(), leaving.as_str(), last_day.as_str()]);
    found.sort_unstable();
    expected.sort_unstable();
    assert_eq!((found, &told["excluded_total"]), (expected, &json!(0)));
}

#[tokio::test]
async fn of_people_out_of_reach_registered_mentors_are_named_and_no_more() {
    let app = TestApp::start().await;
    let city = City::new(&app).await;
    let registered = city.ahead(2, 4).await;
    let trainer = city.registered(&registered, json!(["MENTOR"]), Some(5)).await;
    let unregistered = city.ahead(3, 5).await;
    let coach = city.ahead(4, 5).await;
    city.registered(&coach, json!(["COACH", "INSTRUCTOR"]), None).await;
    let level = city.ahead(5, 2).await;
    city.registered(&level, json!(["MENTOR"]), None).await;
    let peer = given::person_in(&city.admin, 6, &city.staff).await;
    let heads = [(&*city.chief, &*city.competency, 4), (&*peer, &*city.competency, 3)];
    given::assessed(&city.assessor, "2026-05-15", &heads).await;
    city.registered(&city.chief, json!(["MENTOR"]), None).await;

    let own = city.agency.employee(Role::Employee, &city.me).await;
    let told = city.asked(&own, &city.me, "").await.expect(200).json;
    assert_eq!(
        told["items"],
        json!([{"place": 1, "mentor": {"employee_id": registered, "nip": null, "name": "Pegawai 002", "position": null,
            "trainer_id": trainer, "level": null, "ahead": 1, "assessed_on": null, "guided": 0, "most": 5}}])
    );
    assert_eq!((&told["items_total"], &told["excluded"]), (&json!(1), &json!([])));
    assert_eq!(told["excluded_total"], 0, "that the chief is in line is no news, and no count either");

    // A superior sees their people besides, themself among them.
    let chief = city.agency.employee(Role::Supervisor, &city.chief).await;
    let told = city.asked(&chief, &city.me, "").await.expect(200).json;
    assert_eq!(mentors(&told), [&registered, &peer]);
    assert_eq!(
        (&told["items"][0]["mentor"]["level"], &told["items"][1]["mentor"]["level"]),
        (&Value::Null, &json!(3))
    );
    assert_eq!(in_line(&told), [&city.chief]);
    let officer = city.agency.unit_admin(&city.health).await;
    let told = city.asked(&officer, &city.me, "").await.expect(200).json;
    assert_eq!((mentors(&told), in_line(&told)), (vec![&*registered, &*peer], vec![&*city.chief]));
    let told = city.told(&city.me).await;
    assert_eq!(mentors(&told), [&registered, &unregistered, &coach, &peer]);
}

#[tokio::test]
async fn mentors_of_people_out_of_reach_are_nobodys_business() {
    let app = TestApp::start().await;
    let city = City::new(&app).await;
    let colleague = city.ahead(2, 4).await;
    let own = city.agency.employee(Role::Employee, &city.me).await;
    city.asked(&own, &city.me, "").await.expect(200);
    city.asked(&own, &colleague, "").await.expect(404);
    for role in [Role::Assessor, Role::Provider, Role::Observer, Role::Mentor] {
        city.asked(&city.agency.role(role).await, &city.me, "").await.expect(403);
    }
    city.asked(&city.agency.machine(&["employees:read"]).await, &city.me, "").await.expect(403);
    city.asked(&city.agency.machine(&["gaps:read"]).await, &city.me, "").await.expect(200);
    let elsewhere = app.agency("KABUPATEN").await.admin().await;
    city.asked(&elsewhere, &city.me, "").await.expect(404);
}

#[tokio::test]
async fn an_agencys_own_rule_is_applied_and_cited() {
    let app = TestApp::start().await;
    let city = City::new(&app).await;
    let near = city.ahead(2, 3).await;
    let registered = city.ahead(3, 4).await;
    city.registered(&registered, json!(["MENTOR"]), None).await;
    let high = city.ahead(4, 5).await;
    let helped = given::person_in(&city.admin, 5, &city.staff).await;
    assert_eq!(mentors(&city.told(&city.me).await), [&registered, &high, &near]);
    let rubric = |ahead: u8| {
        json!({"name": "RECOMMENDATION", "valid_from": "2026-01-01", "source": "SK 1/2026",
            "recommendation": {"order": ["PRICE"], "mentors": {"ahead": ahead, "max_mentees": 1, "order": ["LEVEL"]}}})
    };
    let refused = city.admin.post("/v1/policies", rubric(5)).await.expect(400);
    refused.expect_error("/recommendation/mentors/ahead", "OUT_OF_RANGE");
    city.admin.post("/v1/policies", rubric(2)).await.expect(201);
    let told = city.told(&city.me).await;
    assert_eq!(mentors(&told), [&high, &registered]);
    assert_eq!(
        (&told["ranking"]["national"], &told["ranking"]["source"]),
        (&json!(false), &json!("SK 1/2026"))
    );
    assert_eq!(told["rule"], json!({"ahead": 2, "max_mentees": 1, "order": ["LEVEL"]}));
    city.planned(&helped, &high).await;
    assert_eq!(load(&city.told(&city.me).await, &high), (1, 1, false));
    // Whoever is not within reach is known to be two levels ahead at least.
    let own = city.agency.employee(Role::Employee, &city.me).await;
    let told = city.asked(&own, &city.me, "").await.expect(200).json;
    assert_eq!((mentors(&told), &told["items"][0]["mentor"]["ahead"]), (vec![&*registered], &json!(2)));
}

#[tokio::test]
async fn a_competency_is_the_agencys_own_or_the_nations() {
    let app = TestApp::start().await;
    let city = City::new(&app).await;
    let there = app.agency("KABUPATEN").await.admin().await;
    let (_, theirs) = given::dictionary(&there, "TEKNIS", &["T.1"]).await;
    let (_, ours) = given::dictionary(&city.admin, "TEKNIS", &["T.1"]).await;
    let path = |competency: &str| format!("/v1/employees/{}/mentors?competency_id={competency}", city.me);
    for unknown in [&theirs[0], &city.me] {
        let refused = city.admin.get(&path(unknown)).await.expect(400);
        refused.expect_error("/query/competency_id", "NOT_FOUND");
    }
    let expert = given::person_in(&city.admin, 2, &city.teacher).await;
    given::assessed(&city.assessor, "2026-05-15", &[(&expert, &ours[0], 1)]).await;
    let told = city.admin.get(&path(&ours[0])).await.expect(200).json;
    assert_eq!((mentors(&told), &told["competency"]["dictionary"]), (vec![&*expert], &json!("TEKNIS")));
    assert_eq!((&told["level"], &told["items"][0]["mentor"]["ahead"]), (&Value::Null, &json!(1)));
    let own = format!("/v1/employees/{}/mentors", city.me);
    city.admin.get(&own).await.expect(400);
}
