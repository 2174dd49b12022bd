//! What the database finds for a day and an instant is what the domain chooses: the rule stands twice, in SQL where rows
//! are many and in Rust where it is read, and the two may not part.

use access::Scope;
use chrono::{DateTime, Days, NaiveDate, Utc};
use competency::standard_on;
use kernel::Limit;
use serde_json::json;
use store::{PageRequest, StandardFilter};
use support::{Agency, TestApp};
use workforce::{Placement, placement_on};

use crate::given;

/// Days and instants around everything that is in the past of these tests.
fn questions() -> impl Iterator<Item = (NaiveDate, DateTime<Utc>)> {
    let first: NaiveDate = "2023-12-20".parse().unwrap();
    (0..24).flat_map(move |day| {
        let day = first + Days::new(day * 37);
        (0..9).map(move |instant| {
            (day, (first + Days::new(instant * 101)).and_hms_opt(0, 0, 0).unwrap().and_utc())
        })
    })
}

fn everything(agency: &Agency<'_>) -> Scope {
    Scope::system(agency.id, "a test compares all there is")
}

#[tokio::test]
async fn the_standard_in_force_is_the_one_the_domain_chooses() {
    let app = TestApp::start().await;
    let agency = app.agency("KOTA").await;
    let admin = agency.admin().await;
    let unit = given::unit(&admin, "DINKES", None).await;
    let position = given::position(&admin, "STAF", &unit).await;
    let employee = given::person_in(&admin, 1, &position).await;
    for _ in 0..12 {
        let requirements = json!([{
            "dictionary": "NASIONAL-38-2017", "competency_code": "M.1", "level": 3, "importance": "MUTLAK"}]);
        let body = json!({"position_id": position, "valid_from": "2024-01-01", "requirements": requirements});
        admin.post("/v1/standards", body).await.expect(201);
    }
    // Histories nobody could make in a moment: enacted before and long after their first day, revoked ahead and afterwards.
    app.sql(
        "UPDATE standards SET valid_from = date '2024-01-01' + number * 79 % 500,
                verified_at = timestamptz '2024-01-01' + number * 61 % 700 * interval '1 day',
                enacted_at = timestamptz '2024-01-01' + number * 61 % 700 * interval '1 day', state = 'IN_FORCE';
         UPDATE standards SET revoked_on = valid_from + number * 41 % 200, state = 'REVOKED',
                revoked_at = enacted_at + number * 23 % 150 * interval '1 day' WHERE number % 3 <> 0",
    )
    .await;

    let scope = everything(&agency);
    let reader = app.services.store.read(&scope, "2026-07-01".parse().unwrap());
    let filter = StandardFilter { position: Some(position.parse().unwrap()), ..StandardFilter::default() };
    let rows = reader.standards(&filter, &PageRequest::first(Limit::new(200).unwrap())).await.unwrap();
    let standards: Vec<_> = rows.items.into_iter().map(|row| row.standard).collect();
    assert_eq!(standards.len(), 12);
    let (mut found, mut none) = (0, 0);
    for (day, known_at) in questions() {
        let known = known_at.format("%Y-%m-%dT%H:%M:%SZ");
        let path =
            format!("/v1/employees/{employee}/gap-profile?against={position}&as_of={day}&known_at={known}");
        let profile = admin.get(&path).await.expect(200);
        let chosen = standard_on(&standards, day, known_at).map(|standard| standard.id.to_string());
        let answered = profile.json["basis"]["standard"]["id"].as_str().map(ToOwned::to_owned);
        assert_eq!(answered, chosen, "on {day} as known at {known}");
        if chosen.is_some() { found += 1 } else { none += 1 }
    }
    assert!(found > 50 && none > 50, "the questions tell too little: {found} and {none}");
}

#[tokio::test]
async fn the_placement_on_a_day_is_the_one_the_domain_chooses() {
    let app = TestApp::start().await;
    let agency = app.agency("KOTA").await;
    let admin = agency.admin().await;
    let unit = given::unit(&admin, "DINKES", None).await;
    let position = given::position(&admin, "STAF", &unit).await;
    let employee = given::person(&admin, 1).await;
    // Several entries with one start, all but one of them retracted in time.
    app.sql(&format!(
        "INSERT INTO placements (agency_id, id, employee_id, position_id, starts_on, recorded_at, retracted_at)
         SELECT '{}', gen_random_uuid(), '{employee}', CASE WHEN n % 4 = 0 THEN NULL ELSE '{position}'::uuid END,
                date '2024-01-01' + n % 9 * 80, timestamptz '2024-01-01' + n * 53 % 700 * interval '1 day',
                CASE WHEN n >= 9 THEN timestamptz '2024-01-01' + (n * 53 % 700 + n * 17 % 200) * interval '1 day' END
         FROM generate_series(0, 40) n",
        agency.id
    ))
    .await;

    let scope = everything(&agency);
    let reader = app.services.store.read(&scope, "2026-07-01".parse().unwrap());
    let employee = employee.parse().unwrap();
    let rows = reader.placements(employee, None).await.unwrap();
    let placements: Vec<Placement> = rows.into_iter().map(|row| row.placement).collect();
    assert_eq!(placements.len(), 41);
    let (mut found, mut none) = (0, 0);
    for (day, known_at) in questions() {
        let chosen = placement_on(&placements, day, known_at).map(|placement| placement.id);
        let row = reader.placement_on(employee, day, Some(known_at)).await.unwrap();
        assert_eq!(row.map(|row| row.placement.id), chosen, "on {day} as known at {known_at}");
        if chosen.is_some() { found += 1 } else { none += 1 }
    }
    assert!(found > 50 && none > 10, "the questions tell too little: {found} and {none}");
}
