//! `/v1/enrolments`: seats, the line for them, consent.

use access::Role;
use serde_json::{Value, json};
use support::{Agency, Answer, Caller, TestApp};

use crate::given;

/// A unit with a head and some people in it, and a programme on offer.
struct Office<'a> {
    admin: Caller<'a>,
    boss: String,
    people: Vec<String>,
    programme: String,
}

async fn office<'a>(agency: &Agency<'a>, people: u16) -> Office<'a> {
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
    Office { admin, boss, people: all, programme }
}

async fn enrol(caller: &Caller<'_>, class: &str, employee: &str) -> Answer {
    caller.post(&format!("/v1/classes/{class}/enrolments"), json!({"employee_id": employee})).await
}

async fn give_up(caller: &Caller<'_>, enrolment: &str) -> Answer {
    caller
        .put(&format!("/v1/enrolments/{enrolment}/cancellation"), "*", json!({"reason": "Tugas lain"}))
        .await
}

#[tokio::test]
async fn seats_go_to_those_who_waited_longest_and_nobody_overtakes() {
    let app = TestApp::start().await;
    let agency = app.agency("KOTA").await;
    let Office { admin, people, programme, .. } = office(&agency, 5).await;
    let class = given::open_class(&admin, "K1", &programme, json!({"seats": 2, "waitlist": 2})).await;
    let mut ids = Vec::new();
    for (person, state) in people.iter().zip(["ENROLLED", "ENROLLED", "WAITLISTED", "WAITLISTED"]) {
        let made = enrol(&admin, &class, person).await.expect(201);
        assert_eq!(made.json["state"], state);
        ids.push(made.id());
    }
    enrol(&admin, &class, &people[4]).await.expect(409).expect_problem("CLASS_FULL");
    enrol(&admin, &class, &people[0]).await.expect(409).expect_error("/employee_id", "TAKEN");
    let of = async |n: usize| admin.get(&format!("/v1/enrolments/{}", ids[n])).await.expect(200).json;
    assert_eq!((&of(3).await["ahead"], &of(3).await["ticket"]), (&json!(1), &json!(4)));
    let gone = give_up(&admin, &ids[1]).await.expect(200);
    assert_eq!((&gone.json["state"], &gone.json["cause"]), (&json!("CANCELLED"), &json!("WITHDRAWN")));
    assert_eq!([&of(2).await["state"], &of(3).await["state"]], [&json!("ENROLLED"), &json!("WAITLISTED")]);
    // Who gave up may come back, and stands at the end of the line.
    let back = enrol(&admin, &class, &people[1]).await.expect(201);
    assert_eq!((&back.json["state"], &back.json["ahead"]), (&json!("WAITLISTED"), &json!(1)));
    // More seats: the line moves up in its order.
    let mut body = given::class_body("K1", &programme, json!({"seats": 4}));
    body.as_object_mut().unwrap().remove("programme_id");
    let class_path = format!("/v1/classes/{class}");
    let more = admin.put(&class_path, "*", body.clone()).await.expect(200);
    assert_eq!((&more.json["taken"], &more.json["waiting"]), (&json!(4), &json!(0)));
    body["seats"] = json!(3);
    admin.put(&class_path, "*", body).await.expect(409).expect_problem("CLASS_SEATS_TAKEN");
    // Once it has begun, a seat that becomes free stays free.
    enrol(&admin, &class, &people[4]).await.expect(201);
    app.set_now("2026-07-20T01:00:00Z");
    let admin = agency.admin().await;
    give_up(&admin, &ids[0]).await.expect(200);
    let waiting = admin.get(&format!("/v1/enrolments?class_id={class}&state=WAITLISTED")).await.expect(200);
    assert_eq!(waiting.items().len(), 1);
}

#[tokio::test]
async fn sixty_four_at_once_never_take_more_seats_than_there_are() {
    let app = TestApp::start().await;
    let agency = app.agency("KOTA").await;
    let Office { admin, people, programme, .. } = office(&agency, 64).await;
    let class = given::open_class(&admin, "K1", &programme, json!({"seats": 10, "waitlist": 20})).await;
    let tries = people.iter().map(|person| enrol(&admin, &class, person));
    let mut statuses: Vec<_> = Vec::new();
    for (person, answer) in people.iter().zip(futures_util::future::join_all(tries).await) {
        // Whom a crowd makes wait too long is told to come back, and does.
        let answer = if answer.status == 503 { enrol(&admin, &class, person).await } else { answer };
        statuses.push(answer.status);
    }
    assert_eq!(statuses.iter().filter(|status| **status == 201).count(), 30, "{statuses:?}");
    assert_eq!(statuses.iter().filter(|status| **status == 409).count(), 34);
    let seen = admin.get(&format!("/v1/classes/{class}")).await.expect(200);
    assert_eq!((&seen.json["taken"], &seen.json["waiting"]), (&json!(10), &json!(20)));
    let list = admin.get(&format!("/v1/enrolments?class_id={class}&limit=200")).await.expect(200);
    let line: Vec<_> = list
        .items()
        .iter()
        .map(|one| (one["ticket"].as_i64().unwrap(), one["state"].as_str().unwrap().to_owned()))
        .collect();
    let expected: Vec<_> = (1..=30)
        .map(|ticket| (ticket, if ticket <= 10 { "ENROLLED" } else { "WAITLISTED" }.to_owned()))
        .collect();
    assert_eq!(line, expected, "tickets have no holes and seats go to the first");
    // Everybody with a seat leaves at once: the ten who waited longest have one each, and nobody two.
    let seats: Vec<_> =
        list.items().iter().take(10).map(|one| one["id"].as_str().unwrap().to_owned()).collect();
    let leaving = seats.iter().map(|id| give_up(&admin, id));
    for (id, answer) in seats.iter().zip(futures_util::future::join_all(leaving).await) {
        let answer = if answer.status == 503 { give_up(&admin, id).await } else { answer };
        answer.expect(200);
    }
    let list = admin.get(&format!("/v1/enrolments?class_id={class}&state=ENROLLED")).await.expect(200);
    let tickets: Vec<_> = list.items().iter().map(|one| one["ticket"].as_i64().unwrap()).collect();
    assert_eq!(tickets, (11..=20).collect::<Vec<_>>());
}

#[tokio::test]
async fn an_own_wish_waits_for_the_superiors_consent() {
    let app = TestApp::start().await;
    let agency = app.agency("KOTA").await;
    let Office { admin, boss, people, programme } = office(&agency, 3).await;
    let class = given::open_class(&admin, "K1", &programme, json!({"seats": 1})).await;
    let own = agency.employee(Role::Employee, &people[0]).await;
    let wish = enrol(&own, &class, &people[0]).await.expect(201);
    assert_eq!((&wish.json["state"], &wish.json["origin"]), (&json!("REQUESTED"), &json!("OWN")));
    assert_eq!(wish.json["allowed_actions"], json!(["CANCEL"]));
    enrol(&own, &class, &people[1]).await.expect(403);
    let path = format!("/v1/enrolments/{}", wish.id());
    own.transition(&format!("{path}/consent"), "*").await.expect(403);
    // A wish holds no seat; who was nominated meanwhile has it, and the wish keeps its place in line.
    enrol(&admin, &class, &people[1]).await.expect(201);
    enrol(&admin, &class, &people[2]).await.expect(201);
    let chief = agency.employee(Role::Supervisor, &boss).await;
    let agreed = chief.transition(&format!("{path}/consent"), &wish.etag()).await.expect(200);
    assert_eq!((&agreed.json["state"], &agreed.json["ahead"]), (&json!("WAITLISTED"), &json!(0)));
    chief.transition(&format!("{path}/consent"), "*").await.expect(409).expect_problem("ENROLMENT_STATE");
    // The superior's own wish is not theirs to consent to, nor may they nominate themself.
    let both = agency.employee(Role::Employee, &boss).await;
    enrol(&chief, &class, &boss).await.expect(403);
    let theirs = enrol(&both, &class, &boss).await.expect(201);
    let theirs = format!("/v1/enrolments/{}", theirs.id());
    chief
        .transition(&format!("{theirs}/consent"), "*")
        .await
        .expect(409)
        .expect_problem("ENROLMENT_OWN_CONSENT");
    let refused = json!({"reason": "Dibutuhkan di kantor"});
    let refused = admin.put(&format!("{theirs}/refusal"), "*", refused).await.expect(200);
    assert_eq!(
        (&refused.json["state"], &refused.json["reason"]),
        (&json!("REFUSED"), &json!("Dibutuhkan di kantor"))
    );
    // A superior elsewhere sees nothing of it.
    let unit = given::unit(&admin, "LAIN", None).await;
    let head = given::head(&admin, "KALAIN", &unit).await;
    let other = given::person_in(&admin, 901, &head).await;
    let other = agency.employee(Role::Supervisor, &other).await;
    other.get(&path).await.expect(404);
    other.transition(&format!("{path}/consent"), "*").await.expect(404);
    enrol(&other, &class, &people[2]).await.expect(400).expect_error("/employee_id", "NOT_FOUND");
}

#[tokio::test]
async fn two_consents_at_once_take_the_last_seat_once() {
    let app = TestApp::start().await;
    let agency = app.agency("KOTA").await;
    let Office { admin, people, programme, .. } = office(&agency, 6).await;
    let class = given::open_class(&admin, "K1", &programme, json!({"seats": 1, "waitlist": 0})).await;
    let mut wishes = Vec::new();
    for person in &people {
        // A token of its own for each.
        let own = agency.employee(Role::Employee, person).await;
        wishes.push(enrol(&own, &class, person).await.expect(201).id());
    }
    let consents = wishes.iter().map(|id| {
        let (admin, path) = (&admin, format!("/v1/enrolments/{id}/consent"));
        async move { admin.transition(&path, "*").await }
    });
    let mut statuses: Vec<_> =
        futures_util::future::join_all(consents).await.iter().map(|answer| answer.status).collect();
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 409, 409, 409, 409, 409]);
}

#[tokio::test]
async fn registration_opens_and_closes_by_the_clock() {
    let app = TestApp::start().await;
    let agency = app.agency("KOTA").await;
    let Office { admin, people, programme, .. } = office(&agency, 2).await;
    let window = json!({"registration_opens_at": "2026-07-01T02:30:00Z", "registration_closes_at": "2026-07-01T02:40:00Z"});
    let class = given::open_class(&admin, "K1", &programme, window).await;
    let closed = "CLASS_REGISTRATION_CLOSED";
    enrol(&admin, &class, &people[0]).await.expect(409).expect_problem(closed);
    app.set_now("2026-07-01T02:30:00Z");
    enrol(&admin, &class, &people[0]).await.expect(201);
    let listed = async |registers: bool| {
        admin.get(&format!("/v1/classes?registers={registers}")).await.expect(200).items().len()
    };
    assert_eq!((listed(true).await, listed(false).await), (1, 0));
    app.set_now("2026-07-01T02:40:00Z");
    enrol(&admin, &class, &people[1]).await.expect(409).expect_problem(closed);
    assert_eq!((listed(true).await, listed(false).await), (0, 1));
}

#[tokio::test]
async fn who_lacks_what_the_programme_asks_for_comes_with_a_reason_or_not_at_all() {
    let app = TestApp::start().await;
    let agency = app.agency("KOTA").await;
    let Office { admin, boss, people, programme } = office(&agency, 1).await;
    let competency = given::competency(&admin, "M.1").await;
    let partner =
        admin.get(&format!("/v1/programmes/{programme}")).await.expect(200).json["partner_id"].clone();
    let more = json!({"prerequisites": [{"programme_id": programme}, {"competency_id": competency, "level": 2}],
        "audience": {"job_classes": ["JPT_MADYA"]}});
    let body = given::programme_body("P2", partner.as_str().unwrap(), more);
    let second = admin.post("/v1/programmes", body).await.expect(201).id();
    admin.transition(&format!("/v1/programmes/{second}/publication"), "*").await.expect(200);
    let class = given::open_class(&admin, "K2", &second, json!({})).await;
    enrol(&admin, &class, &people[0])
        .await
        .expect(409)
        .expect_problem("ENROLMENT_UNMET")
        .expect_error("/audience", "REQUIRED")
        .expect_error("/prerequisites/0", "REQUIRED")
        .expect_error("/prerequisites/1", "REQUIRED");
    // Evidence meets the level, and the day it lapses it does not.
    let assessor = agency.role(Role::Assessor).await;
    given::assessed(&assessor, "2026-05-01", &[(&people[0], &competency, 3)]).await;
    let answer = enrol(&admin, &class, &people[0]).await.expect(409);
    assert_eq!(answer.json["errors"].as_array().unwrap().len(), 2, "{}", answer.text);
    let path = format!("/v1/classes/{class}/enrolments");
    let waived = json!({"employee_id": people[0], "exception": "Setara pengalaman kerja"});
    let chief = agency.employee(Role::Supervisor, &boss).await;
    chief.post(&path, waived.clone()).await.expect(403);
    let made = admin.post(&path, waived).await.expect(201);
    assert_eq!(made.json["exception"], "Setara pengalaman kerja");
}

#[tokio::test]
async fn nobody_is_in_two_classes_at_once() {
    let app = TestApp::start().await;
    let agency = app.agency("KOTA").await;
    let Office { admin, people, programme, .. } = office(&agency, 1).await;
    let classes = [
        given::open_class(&admin, "K1", &programme, json!({})).await,
        given::open_class(&admin, "K2", &programme, json!({})).await,
    ];
    // Asked for at the same moment, too.
    let tries = classes.iter().map(|class| enrol(&admin, class, &people[0]));
    let answers = futures_util::future::join_all(tries).await;
    let mut statuses: Vec<_> = answers.iter().map(|answer| answer.status).collect();
    statuses.sort_unstable();
    assert_eq!(statuses, [201, 409]);
    let refused = answers.iter().find(|answer| answer.status == 409).unwrap();
    assert_eq!(refused.json["code"], "ENROLMENT_BUSY");
    let later: Value = json!([{"starts_at": "2026-07-21T09:00:00Z", "ends_at": "2026-07-21T10:00:00Z"}]);
    let third = given::open_class(&admin, "K3", &programme, json!({"sessions": later})).await;
    enrol(&admin, &third, &people[0]).await.expect(201);
}

#[tokio::test]
async fn participants_are_seen_by_those_who_may_and_can_tell() {
    let app = TestApp::start().await;
    let agency = app.agency("KOTA").await;
    let Office { admin, boss, people, programme } = office(&agency, 2).await;
    let class = given::open_class(&admin, "K1", &programme, json!({})).await;
    for person in &people {
        enrol(&admin, &class, person).await.expect(201);
    }
    let count = async |caller: &Caller<'_>| {
        caller.get(&format!("/v1/enrolments?class_id={class}")).await.expect(200).items().len()
    };
    assert_eq!(count(&agency.employee(Role::Employee, &people[0]).await).await, 1);
    assert_eq!(count(&agency.employee(Role::Supervisor, &boss).await).await, 2);
    assert_eq!(count(&agency.role(Role::Provider).await).await, 2);
    agency.role(Role::Observer).await.get("/v1/enrolments").await.expect(403);
    let looks = format!(
        "SELECT count(*) FROM access_records WHERE operation = 'enrolment_list' AND employee_id = '{}'",
        people[1]
    );
    assert_eq!(app.count(&looks).await, 2, "the superior's look and the provider's");
}

#[tokio::test]
async fn who_took_a_seat_elsewhere_is_passed_over_and_keeps_the_place_in_line() {
    let app = TestApp::start().await;
    let agency = app.agency("KOTA").await;
    let Office { admin, people, programme, .. } = office(&agency, 3).await;
    let class = given::open_class(&admin, "K1", &programme, json!({"seats": 1, "waitlist": 5})).await;
    let other = given::open_class(&admin, "K2", &programme, json!({"seats": 5})).await;
    let seated = enrol(&admin, &class, &people[0]).await.expect(201).id();
    let first = enrol(&admin, &class, &people[1]).await.expect(201).id();
    let second = enrol(&admin, &class, &people[2]).await.expect(201).id();
    // The same hours.
    let elsewhere = enrol(&admin, &other, &people[1]).await.expect(201);
    assert_eq!(elsewhere.json["state"], "ENROLLED");
    give_up(&admin, &seated).await.expect(200);
    let state = async |id: &str| {
        admin.get(&format!("/v1/enrolments/{id}")).await.expect(200).json["state"]
            .as_str()
            .unwrap()
            .to_owned()
    };
    assert_eq!([state(&first).await, state(&second).await], ["WAITLISTED", "ENROLLED"]);
    give_up(&admin, &elsewhere.id()).await.expect(200);
    give_up(&admin, &second).await.expect(200);
    assert_eq!(state(&first).await, "ENROLLED");
}

#[tokio::test]
async fn a_seat_that_nobody_in_line_can_take_is_free_for_whoever_comes() {
    let app = TestApp::start().await;
    let agency = app.agency("KOTA").await;
    let Office { admin, people, programme, .. } = office(&agency, 3).await;
    let class = given::open_class(&admin, "K1", &programme, json!({"seats": 1, "waitlist": 1})).await;
    // The same hours.
    let other = given::open_class(&admin, "K2", &programme, json!({"seats": 5})).await;
    let state = async |id: &str| {
        let read = admin.get(&format!("/v1/enrolments/{id}")).await.expect(200);
        read.json["state"].as_str().unwrap().to_owned()
    };
    let seated = enrol(&admin, &class, &people[0]).await.expect(201).id();
    let waits = enrol(&admin, &class, &people[1]).await.expect(201).id();
    let elsewhere = enrol(&admin, &other, &people[1]).await.expect(201).id();
    give_up(&admin, &seated).await.expect(200);
    assert_eq!(state(&waits).await, "WAITLISTED");
    let came = enrol(&admin, &class, &people[2]).await.expect(201);
    assert_eq!(came.json["state"], "ENROLLED");
    // Who is free again gets what was free all the time.
    give_up(&admin, &came.id()).await.expect(200);
    assert_eq!(state(&waits).await, "WAITLISTED");
    give_up(&admin, &elsewhere).await.expect(200);
    assert_eq!(state(&waits).await, "ENROLLED");
    // Also when the other class is called off.
    let third = enrol(&admin, &class, &people[2]).await.expect(201);
    assert_eq!(third.json["state"], "WAITLISTED");
    enrol(&admin, &other, &people[2]).await.expect(201);
    give_up(&admin, &waits).await.expect(200);
    assert_eq!(state(&third.id()).await, "WAITLISTED");
    let off = json!({"reason": "Pengajar sakit"});
    admin.put(&format!("/v1/classes/{other}/cancellation"), "*", off).await.expect(200);
    assert_eq!(state(&third.id()).await, "ENROLLED");
    let told = format!(
        "SELECT count(*) FROM outbox WHERE type = 'enrolment.promoted' AND resource_id = '{}'",
        third.id()
    );
    assert_eq!(app.count(&told).await, 1);
}

#[tokio::test]
async fn seats_that_become_free_at_once_give_nobody_two_at_the_same_hours() {
    let app = TestApp::start().await;
    let agency = app.agency("KOTA").await;
    let Office { admin, people, programme, .. } = office(&agency, 18).await;
    let seats = json!({"seats": 6});
    let classes = [
        given::open_class(&admin, "K1", &programme, seats.clone()).await,
        given::open_class(&admin, "K2", &programme, seats).await,
    ];
    let mut leaving = Vec::new();
    for (class, some) in classes.iter().zip(people.chunks(6)) {
        for person in some {
            leaving.push(enrol(&admin, class, person).await.expect(201).id());
        }
    }
    for person in &people[12..] {
        for class in &classes {
            assert_eq!(enrol(&admin, class, person).await.expect(201).json["state"], "WAITLISTED");
        }
    }
    // One of each class after the other, so that the same people come first in both.
    let (first, second) = leaving.split_at(6);
    let turns: Vec<_> = first.iter().zip(second).flat_map(|(one, other)| [one, other]).collect();
    let answers = futures_util::future::join_all(turns.iter().map(|id| give_up(&admin, id))).await;
    for (id, answer) in turns.iter().zip(answers) {
        let answer = if answer.status == 503 { give_up(&admin, id).await } else { answer };
        answer.expect(200);
    }
    let seated = "SELECT count(*) FROM enrolments WHERE state = 'ENROLLED'";
    assert_eq!(app.count(seated).await, 6, "everybody who waited has one seat");
    let twice = "SELECT count(*) FROM (SELECT employee_id FROM enrolments WHERE state = 'ENROLLED'
                 GROUP BY employee_id HAVING count(*) > 1) x";
    assert_eq!(app.count(twice).await, 0);
}

#[tokio::test]
async fn who_does_not_serve_when_the_class_begins_gets_no_seat() {
    let app = TestApp::start().await;
    let agency = app.agency("KOTA").await;
    let Office { admin, people, programme, .. } = office(&agency, 6).await;
    let refused = |answer: Answer| {
        answer.expect(409).expect_problem("ENROLMENT_NOT_SERVING");
    };
    let class = given::open_class(&admin, "K1", &programme, json!({"seats": 2})).await;
    let leave = async |person: &str, on: &str| {
        given::place(&admin, person, None, on).await.expect(201);
    };
    refused(enrol(&admin, &class, &given::person(&admin, 50).await).await);
    leave(&people[0], "2026-07-20").await;
    refused(enrol(&admin, &class, &people[0]).await);
    // An exception waives what the programme asks for, and not this.
    let path = format!("/v1/classes/{class}/enrolments");
    let waived = json!({"employee_id": people[0], "exception": "Diundang"});
    refused(admin.post(&path, waived).await);
    // Until the class begins one may come, and after it leave.
    let unit = given::unit(&admin, "LAIN", None).await;
    let coming = given::person(&admin, 51).await;
    let desk = given::position(&admin, "PETUGAS", &unit).await;
    given::place(&admin, &coming, Some(&desk), "2026-07-20").await.expect(201);
    enrol(&admin, &class, &coming).await.expect(201);
    leave(&people[1], "2026-07-21").await;
    let seat = enrol(&admin, &class, &people[1]).await.expect(201);
    assert_eq!(seat.json["state"], "ENROLLED");
    // Whoever left meanwhile waits in vain, keeps nobody from a seat, and is not consented to.
    let own = agency.employee(Role::Employee, &people[2]).await;
    let wish = enrol(&own, &class, &people[2]).await.expect(201).id();
    let gone = enrol(&admin, &class, &people[3]).await.expect(201);
    let next = enrol(&admin, &class, &people[4]).await.expect(201);
    assert_eq!([&gone.json["state"], &next.json["state"]], [&json!("WAITLISTED"), &json!("WAITLISTED")]);
    leave(&people[2], "2026-07-02").await;
    leave(&people[3], "2026-07-02").await;
    refused(admin.transition(&format!("/v1/enrolments/{wish}/consent"), "*").await);
    give_up(&admin, &seat.id()).await.expect(200);
    let state =
        async |id: &str| admin.get(&format!("/v1/enrolments/{id}")).await.expect(200).json["state"].clone();
    assert_eq!([state(&gone.id()).await, state(&next.id()).await], [json!("WAITLISTED"), json!("ENROLLED")]);
    give_up(&admin, &next.id()).await.expect(200);
    assert_eq!(enrol(&admin, &class, &people[5]).await.expect(201).json["state"], "ENROLLED");
}
