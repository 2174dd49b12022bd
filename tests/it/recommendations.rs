//! `/v1/employees/{id}/recommendations`.

use access::Role;
use serde_json::{Value, json};
use support::{Agency, Answer, Caller, TestApp};

use crate::given;

/// A person at level 2 of M.1 and 3 of M.2 in a position that requires 4 and 3, and one they want that requires 5 and 5.
struct Placed {
    person: String,
    target: String,
    first: String,
    second: String,
}

async fn placed(agency: &Agency<'_>, admin: &Caller<'_>) -> Placed {
    let unit = given::unit(admin, "DINKES", None).await;
    let (first, second) = (given::competency(admin, "M.1").await, given::competency(admin, "M.2").await);
    let mut positions = Vec::new();
    for (code, levels) in [("STAF", [4, 3]), ("KABID", [5, 5])] {
        let position = given::position(admin, code, &unit).await;
        let required = [&first, &second].into_iter().zip(levels);
        let required = required.map(|(id, level)| json!({"competency_id": id, "level": level})).collect();
        given::standard(agency, &position, "2026-01-01", required).await;
        positions.push(position);
    }
    let person = given::person_in(admin, 1, &positions[0]).await;
    let assessor = agency.role(Role::Assessor).await;
    given::assessed(&assessor, "2026-05-15", &[(&person, &first, 2), (&person, &second, 3)]).await;
    Placed { person, target: positions.remove(1), first, second }
}

/// A published programme that teaches one step.
async fn offer(
    admin: &Caller<'_>,
    partner: &str,
    code: &str,
    step: (&str, Option<u8>, u8),
    more: Value,
) -> String {
    let mut body = given::programme_body(code, partner, more);
    body["steps"] = json!([{"competency_id": step.0, "level_from": step.1, "level_to": step.2}]);
    let id = admin.post("/v1/programmes", body).await.expect(201).id();
    admin.transition(&format!("/v1/programmes/{id}/publication"), "*").await.expect(200);
    id
}

async fn asked(caller: &Caller<'_>, person: &str, query: &str) -> Answer {
    caller.get(&format!("/v1/employees/{person}/recommendations{query}")).await
}

fn codes(answer: &Answer) -> Vec<&str> {
    answer.items().iter().map(|one| one["programme"]["code"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn programmes_are_ranked_with_what_each_closes_and_changes() {
    let app = TestApp::start().await;
    let agency = app.agency("KOTA").await;
    let admin = agency.admin().await;
    let Placed { person, target, first, second } = placed(&agency, &admin).await;
    let partner = given::partner(&admin, "BPSDM").await;
    offer(&admin, &partner, "SMALL", (&first, Some(2), 3), json!({"jp": 30, "price_per_participant": 5}))
        .await;
    let large = offer(&admin, &partner, "LARGE", (&first, None, 4), json!({"jp": 8})).await;
    offer(&admin, &partner, "HIGH", (&first, Some(3), 4), json!({})).await;
    offer(&admin, &partner, "OTHERS", (&first, None, 4), json!({"audience": {"job_families": ["JPT"]}}))
        .await;
    offer(&admin, &partner, "ENOUGH", (&second, None, 4), json!({})).await;
    let built = json!({"prerequisites": [{"programme_id": large}]});
    offer(&admin, &partner, "BUILT", (&first, None, 5), built).await;
    let draft = json!({"steps": [{"competency_id": first, "level_to": 5}]});
    admin.post("/v1/programmes", given::programme_body("DRAFT", &partner, draft)).await.expect(201);

    let found = asked(&admin, &person, "").await.expect(200);
    assert_eq!(codes(&found), ["LARGE", "SMALL", "BUILT"]);
    let one = &found.items()[0];
    assert_eq!(one["steps"][0]["closes"], 2);
    assert_eq!((&one["effect"]["before"], &one["effect"]["after"]), (&json!(71.43), &json!(100.0)));
    assert_eq!((&one["effect_held"], &one["jp_towards_floor"]), (&Value::Null, &json!(8)));
    assert_eq!(found.items()[1]["jp_towards_floor"], 20);
    assert_eq!(found.items()[2]["prerequisites"][0]["met"], false);
    assert_eq!(found.items()[2]["prerequisites"][0]["prerequisite"]["programme_code"], "LARGE");
    assert_eq!(
        found.json["excluded"]
            .as_array()
            .unwrap()
            .iter()
            .map(|one| (&one["code"], &one["reasons"]))
            .collect::<Vec<_>>(),
        [(&json!("HIGH"), &json!(["BEGINS_ABOVE"])), (&json!("OTHERS"), &json!(["AUDIENCE"]))]
    );
    assert_eq!(
        (&found.json["jp_short"], &found.json["ranking"]["name"]),
        (&json!(20), &json!("RECOMMENDATION"))
    );
    assert_eq!(
        (&found.json["gaps"][0]["code"], &found.json["gaps"][0]["recommended"]),
        (&json!("M.1"), &json!(3))
    );
    // Outside classes: two missing levels of one gap take every kind that is proposed.
    let kinds: Vec<_> = found.json["activities"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| one["kind"].as_str().unwrap())
        .collect();
    assert_eq!(kinds, ["COACHING", "MENTORING", "SELF_STUDY", "COMMUNITY", "INTERNSHIP", "SECONDMENT"]);
    let coaching = &found.json["activities"][0];
    assert_eq!(
        (&coaching["form"], &coaching["share"], &coaching["step"]["to"], &coaching["effect"]["after"]),
        (&json!("NKL01"), &json!("20"), &json!(3), &json!(85.71))
    );
    assert_eq!(found.etag(), asked(&admin, &person, "").await.expect(200).etag());

    let wanted = asked(&admin, &person, &format!("?goal={target}")).await.expect(200);
    assert_eq!(codes(&wanted), ["LARGE", "SMALL", "ENOUGH", "BUILT"]);
    let effect = |answer: &Answer, which: &str| answer.items()[0][which]["after"].clone();
    assert_eq!((effect(&wanted, "effect"), effect(&wanted, "effect_held")), (json!(70.0), json!(100.0)));
    let some = asked(&admin, &person, &format!("?goal={target}&limit=1")).await.expect(200);
    assert_eq!((some.items().len(), &some.json["items_total"]), (1, &json!(4)));
    for limit in [0, 201] {
        let refused = asked(&admin, &person, &format!("?limit={limit}")).await;
        refused.expect(400).expect_error("/query/limit", "OUT_OF_RANGE");
    }
}

#[tokio::test]
async fn a_gap_without_an_answer_says_why() {
    let app = TestApp::start().await;
    let agency = app.agency("KOTA").await;
    let admin = agency.admin().await;
    let unit = given::unit(&admin, "DINKES", None).await;
    let position = given::position(&admin, "STAF", &unit).await;
    let mut required = Vec::new();
    for code in ["M.1", "M.2", "M.3"] {
        required.push(given::competency(&admin, code).await);
    }
    let requirements = required.iter().map(|id| json!({"competency_id": id, "level": 4})).collect();
    given::standard(&agency, &position, "2020-01-01", requirements).await;
    let person = given::person_in(&admin, 1, &position).await;
    let assessor = agency.role(Role::Assessor).await;
    given::assessed(&assessor, "2026-05-15", &[(&person, &required[0], 2)]).await;
    given::assessed(&assessor, "2021-05-15", &[(&person, &required[1], 2)]).await;
    let partner = given::partner(&admin, "BPSDM").await;
    offer(&admin, &partner, "P", (&required[1], None, 4), json!({})).await;
    let found = asked(&admin, &person, "").await.expect(200);
    let why: Vec<_> = found.json["gaps"].as_array().unwrap().iter().map(|gap| &gap["unanswered"]).collect();
    assert_eq!(why, ["NO_PROGRAMME", "ASSESSMENT_EXPIRED", "NEVER_ASSESSED"]);
    assert_eq!(found.json["excluded"][0]["reasons"], json!(["LEVEL_UNKNOWN"]));
    let nobody = given::person(&admin, 2).await;
    asked(&admin, &nobody, "").await.expect(409).expect_problem("GAP_NO_POSITION");
}

#[tokio::test]
async fn an_agencys_own_policy_decides_from_its_first_day_on() {
    let app = TestApp::start().await;
    let agency = app.agency("KOTA").await;
    let admin = agency.admin().await;
    let Placed { person, first, .. } = placed(&agency, &admin).await;
    let partner = given::partner(&admin, "BPSDM").await;
    offer(&admin, &partner, "DEAR", (&first, None, 4), json!({"price_per_participant": 9})).await;
    offer(&admin, &partner, "CHEAP", (&first, None, 3), json!({"price_per_participant": 1})).await;
    assert_eq!(codes(&asked(&admin, &person, "").await.expect(200)), ["DEAR", "CHEAP"]);
    let rubric = |order: Value| {
        json!({"name": "RECOMMENDATION", "valid_from": "2026-01-01", "source": "SK 1/2026",
        "recommendation": {"order": order}})
    };
    let twice = admin.post("/v1/policies", rubric(json!(["PRICE", "PRICE"]))).await;
    twice.expect(400).expect_error("/recommendation/order/1", "DUPLICATE");
    admin.post("/v1/policies", rubric(json!(["PRICE"]))).await.expect(201);
    let found = asked(&admin, &person, "").await.expect(200);
    assert_eq!(codes(&found), ["CHEAP", "DEAR"]);
    assert_eq!(
        (&found.json["ranking"]["national"], &found.json["order"]),
        (&json!(false), &json!(["PRICE"]))
    );
}

#[tokio::test]
async fn a_class_with_a_free_seat_is_told_and_a_certificate_ends_it() {
    let app = TestApp::start().await;
    let agency = app.agency("KOTA").await;
    let admin = agency.admin().await;
    let Placed { person, first, .. } = placed(&agency, &admin).await;
    let partner = given::partner(&admin, "BPSDM").await;
    let programme = offer(&admin, &partner, "P", (&first, None, 4), json!({"jp": 16})).await;
    let full = given::open_class(&admin, "K1", &programme, json!({"seats": 1})).await;
    let later =
        json!([{"starts_at": "2026-07-23T20:00:00Z", "ends_at": "2026-07-23T22:00:00Z", "place": "Aula"}]);
    let free = given::open_class(&admin, "K2", &programme, json!({"seats": 4, "sessions": later})).await;
    let next = async || asked(&admin, &person, "").await.expect(200).items()[0]["next_class"].clone();
    assert_eq!(next().await["id"], json!(full));
    let path = format!("/v1/classes/{full}/enrolments");
    let enrol = async |person: &str| admin.post(&path, json!({"employee_id": person})).await.expect(201).id();
    let position = given::position(&admin, "LAIN", &given::unit(&admin, "LAIN", None).await).await;
    let first = enrol(&given::person_in(&admin, 2, &position).await).await;
    let class = next().await;
    assert_eq!((&class["id"], &class["seats_left"]), (&json!(free), &json!(4)));
    // 20:00 in UTC is the next day in Jakarta.
    assert_eq!(class["starts_on"], "2026-07-24");
    // A seat that somebody waits for is not told as free.
    let waits = |state: &str| format!("UPDATE enrolments SET state = '{state}' WHERE id = '{first}'");
    app.sql(&waits("WAITLISTED")).await;
    assert_eq!(next().await["id"], json!(free));
    app.sql(&waits("ENROLLED")).await;
    let reason = json!({"reason": "Tugas"});
    admin.put(&format!("/v1/enrolments/{first}/cancellation"), "*", reason).await.expect(200);
    let enrolment = enrol(&person).await;

    app.set_now("2026-07-22T02:00:00Z");
    let provider = agency.role(Role::Provider).await;
    for number in 1..=2 {
        let present = json!({"items": [{"enrolment_id": enrolment, "presence": "PRESENT"}]});
        let path = format!("/v1/classes/{full}/sessions/{number}/attendance");
        provider.put(&path, "*", present).await.expect(200);
    }
    let passed = json!({"items": [{"enrolment_id": enrolment, "passed": true}]});
    provider.put(&format!("/v1/classes/{full}/results"), "*", passed).await.expect(200);
    provider.transition(&format!("/v1/classes/{full}/completion"), "*").await.expect(200);
    let found = asked(&agency.admin().await, &person, "").await.expect(200);
    assert_eq!(codes(&found), Vec::<&str>::new());
    assert_eq!(found.json["excluded"][0]["reasons"], json!(["CERTIFIED"]));
    // The level is what an assessment found, and nothing else.
    assert_eq!(found.json["gaps"][0]["achieved"], 2);
}

#[tokio::test]
async fn people_see_their_own_and_agencies_nothing_of_each_other() {
    let app = TestApp::start().await;
    let agency = app.agency("KOTA").await;
    let admin = agency.admin().await;
    let Placed { person, .. } = placed(&agency, &admin).await;
    let other = given::person(&admin, 2).await;
    let myself = agency.employee(Role::Employee, &person).await;
    asked(&myself, &person, "").await.expect(200);
    asked(&myself, &other, "").await.expect(404);
    let elsewhere = app.agency("KABUPATEN").await.admin().await;
    asked(&elsewhere, &person, "").await.expect(404);
    let target = given::unit(&elsewhere, "DINAS", None).await;
    let target = given::position(&elsewhere, "LAIN", &target).await;
    asked(&admin, &person, &format!("?goal={target}")).await.expect(400);
}

#[tokio::test]
async fn what_is_under_way_or_passes_a_ceiling_is_told_and_not_recommended() {
    let app = TestApp::start().await;
    let agency = app.agency("KOTA").await;
    let admin = agency.admin().await;
    let Placed { person, first, .. } = placed(&agency, &admin).await;
    let partner = given::partner(&admin, "BPSDM").await;
    let taught = offer(&admin, &partner, "A", (&first, None, 4), json!({"jp": 16})).await;
    let wished = offer(&admin, &partner, "B", (&first, None, 4), json!({"jp": 16})).await;
    offer(&admin, &partner, "C", (&first, None, 4), json!({"jp": 30})).await;
    let class = given::open_class(&admin, "K1", &taught, json!({})).await;
    let enrolment = json!({"employee_id": person});
    let enrolment = admin.post(&format!("/v1/classes/{class}/enrolments"), enrolment).await.expect(201).id();
    let own = agency.employee(Role::Employee, &person).await;
    let items = json!([{"programme_id": wished, "origin": "OWN_WISH"}]);
    let plan = json!({"employee_id": person, "year": 2026, "items": items});
    let plan = own.post("/v1/development-plans", plan).await.expect(201).id();
    let why = async || {
        let found = asked(&own, &person, "").await.expect(200);
        let excluded = found.json["excluded"].as_array().unwrap().iter();
        let excluded = excluded.map(|one| format!("{} {}", one["code"].as_str().unwrap(), one["reasons"]));
        (codes(&found).join(" "), excluded.collect::<Vec<_>>())
    };
    let listed = |reasons: &[&str]| reasons.iter().map(|one| (*one).to_owned()).collect::<Vec<_>>();
    let both = listed(&["A [\"ENROLLED\"]", "B [\"PLANNED\"]"]);
    assert_eq!(why().await, ("C".to_owned(), both.clone()));

    // On a contract thirty hours are six too many: told by a ceiling that warns, left out by one that stops.
    app.sql(&format!(
        "UPDATE employees SET status = 'PPPK', appointed_on = '2024-04-01' WHERE id = '{person}'"
    ))
    .await;
    let found = asked(&own, &person, "").await.expect(200);
    assert_eq!(found.items()[0]["jp_over_ceiling"], 6);
    let policy = json!({"name": "JP_TARGET", "valid_from": "2020-01-01", "source": "Keputusan", "jp_target": {"rules": [
        {"statuses": ["PPPK"], "bound": "AT_MOST", "jp": 24, "span": "CONTRACT_YEAR", "enforcement": "STOP",
            "part_year": "FULL", "exempt": [], "source": "PP 49/2018", "confidence": "FOUND"}]}});
    admin.post("/v1/policies", policy).await.expect(201);
    let mut all = both;
    all.push("C [\"BEYOND_CEILING\"]".to_owned());
    assert_eq!(why().await, (String::new(), all));
    // What was given up is open again.
    let reason = json!({"reason": "Tugas"});
    admin.put(&format!("/v1/enrolments/{enrolment}/cancellation"), "*", reason.clone()).await.expect(200);
    own.put(&format!("/v1/development-plans/{plan}/cancellation"), "*", reason).await.expect(200);
    assert_eq!(why().await, ("A B".to_owned(), listed(&["C [\"BEYOND_CEILING\"]"])));
}
