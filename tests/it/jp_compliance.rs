//! The sums behind `/v1/jp-compliance`: kept by position, and never believed when they are behind.

use futures_util::future::{join, join_all};
use kernel::AgencyZone;
use serde_json::{Value, json};
use support::{Caller, TestApp};

use crate::given;
use crate::jp_ledger::{certified, target, verified};

/// What is answered with the kept sums, having shown that it is answered alike without them.
async fn compliance(app: &TestApp, admin: &Caller<'_>, query: &str) -> Value {
    let path = format!("/v1/jp-compliance{query}");
    let kept = admin.get(&path).await.expect(200).json;
    app.sql("CREATE TABLE kept_aside AS SELECT * FROM jp_sums").await;
    app.sql("DELETE FROM jp_sums").await;
    assert_eq!(admin.get(&path).await.expect(200).json, kept, "{path}");
    app.sql("INSERT INTO jp_sums SELECT * FROM kept_aside; DROP TABLE kept_aside").await;
    kept
}

async fn tend(app: &TestApp, agency: kernel::AgencyId) {
    api::worker::tend_learning_hours(&app.services, agency).await.unwrap();
}

#[tokio::test]
async fn whatever_changes_sums_say_what_rows_say() {
    let app = TestApp::start().await;
    let agency = app.agency("KOTA").await;
    let admin = agency.admin().await;
    let top = given::unit(&admin, "DINAS", None).await;
    let below = given::unit(&admin, "BIDANG", Some(&top)).await;
    let posts =
        [given::position(&admin, "STAF-1", &top).await, given::position(&admin, "STAF-2", &below).await];
    let mut people = Vec::new();
    for serial in 1..=6_u16 {
        let status = if serial % 3 == 0 { "PPPK" } else { "PNS" };
        let body = json!({"nip": given::nip(serial), "name": format!("Pegawai {serial:03}"), "status": status,
            "appointed_on": format!("202{}-0{serial}-15", serial % 2 + 4)});
        let id = admin.post("/v1/employees", body).await.expect(201).id();
        given::place(&admin, &id, Some(&posts[usize::from(serial % 2)]), "2024-01-01").await.expect(201);
        verified(&admin, certified(&id, "1", "2026-06-20", f64::from(serial) * 6.0)).await;
        people.push(id);
    }
    tend(&app, agency.id).await;
    let sums = app.count("SELECT count(*) FROM jp_sums").await;
    assert_eq!((sums, app.count("SELECT count(*) FROM jp_sum_marks").await), (2, 0));
    let within = format!("?unit_id={below}");
    let total = compliance(&app, &admin, "").await["total"].clone();
    assert_eq!(
        (&total["people"], &total["with_floor"], &total["met"], &total["over"]),
        (&json!(6), &json!(4), &json!(2), &json!(1))
    );
    assert_eq!(compliance(&app, &admin, &within).await["total"]["people"], 3);

    // Each change is seen at once, before anybody tends the sums, and is in them afterwards.
    let after = async |admin: &Caller<'_>, what: &str, people: i64, met: i64| {
        for tended in [false, true] {
            if tended {
                tend(&app, agency.id).await;
                assert_eq!(app.count("SELECT count(*) FROM jp_sum_marks").await, 0, "{what}");
            }
            let total = compliance(&app, admin, "").await["total"].clone();
            assert_eq!((&total["people"], &total["met"]), (&json!(people), &json!(met)), "{what}, {tended}");
            compliance(&app, admin, &within).await;
        }
        let day = AgencyZone::Wib.day(app.services.clock.now());
        let wrong = api::app::jp_standings::differences(&app.services, agency.id, day).await.unwrap();
        assert_eq!(wrong, 0, "{what}");
    };
    verified(&admin, certified(&people[0], "2", "2026-04-01", 14.0)).await;
    after(&admin, "hours", 6, 3).await;
    given::place(&admin, &people[3], Some(&posts[1]), "2026-06-01").await.expect(201);
    after(&admin, "a move", 6, 3).await;
    given::place(&admin, &people[4], None, "2026-06-01").await.expect(201);
    after(&admin, "somebody leaves", 5, 2).await;
    admin.post("/v1/policies", target("WARN")).await.expect(201);
    after(&admin, "other rules", 5, 2).await;
    app.set_now("2026-12-31T18:00:00Z");
    after(&agency.admin().await, "the next year, in the agency", 5, 0).await;
    app.set_now("2026-07-01T03:00:00Z");
    after(&admin, "the clock set back", 5, 2).await;
}

#[tokio::test]
async fn sums_that_are_made_while_people_learn_lose_nothing() {
    let app = TestApp::start().await;
    let agency = app.agency("KOTA").await;
    let admin = agency.admin().await;
    let unit = given::unit(&admin, "DINAS", None).await;
    let position = given::position(&admin, "STAF", &unit).await;
    let mut people = Vec::new();
    for serial in 1..=12 {
        people.push(given::person_in(&admin, serial, &position).await);
    }
    let learning = join_all(people.iter().enumerate().map(async |(index, person)| {
        for number in 0..2 {
            verified(&admin, certified(person, &format!("{index}/{number}"), "2026-03-01", 10.0)).await;
        }
    }));
    let tending = async {
        for _ in 0..20 {
            tend(&app, agency.id).await;
        }
    };
    join(learning, tending).await;
    tend(&app, agency.id).await;
    assert_eq!(app.count("SELECT count(*) FROM jp_sum_marks").await, 0);
    assert_eq!(compliance(&app, &admin, "").await["total"]["met"], 12);
}

#[tokio::test]
async fn sums_are_what_is_answered_from() {
    let app = TestApp::start().await;
    let agency = app.agency("KOTA").await;
    let admin = agency.admin().await;
    let unit = given::unit(&admin, "DINAS", None).await;
    let position = given::position(&admin, "STAF", &unit).await;
    let person = given::person_in(&admin, 1, &position).await;
    tend(&app, agency.id).await;
    app.sql("UPDATE jp_sums SET people = '{7}'").await;
    let people = async || admin.get("/v1/jp-compliance").await.expect(200).json["total"]["people"].clone();
    assert_eq!(people().await, 7);
    // A sum that is wrong is noticed, and one that is behind is not believed.
    let day = AgencyZone::Wib.day(app.services.clock.now());
    assert_eq!(api::app::jp_standings::differences(&app.services, agency.id, day).await.unwrap(), 1);
    verified(&admin, certified(&person, "1", "2026-03-01", 1.0)).await;
    assert_eq!(people().await, 1);
    tend(&app, agency.id).await;
    assert_eq!(people().await, 1);
    assert_eq!(api::app::jp_standings::differences(&app.services, agency.id, day).await.unwrap(), 0);
}
