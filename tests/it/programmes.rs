//! `/v1/programmes`.

use access::Role;
use serde_json::{Value, json};
use support::{Answer, Caller, TestApp};

use crate::given;

fn codes(answer: &Answer) -> Vec<&str> {
    answer.items().iter().map(|one| one["code"].as_str().unwrap()).collect()
}

async fn draft(admin: &Caller<'_>, code: &str, partner: &str, more: Value) -> Answer {
    admin.post("/v1/programmes", given::programme_body(code, partner, more)).await
}

#[tokio::test]
async fn a_programme_is_drafted_published_changed_retired_and_offered_again() {
    let app = TestApp::start().await;
    let agency = app.agency("KOTA").await;
    let admin = agency.admin().await;
    let partner = given::partner(&admin, "BPSDM").await;
    let step =
        json!([{"dictionary": "NASIONAL-38-2017", "competency_code": "M.1", "level_from": 2, "level_to": 3}]);
    let more = json!({"steps": step, "jp": 24.5, "price_per_participant": 0, "certificate_months": 36});
    let made = draft(&admin, "P1", &partner, more.clone()).await.expect(201);
    let path = format!("/v1/programmes/{}", made.id());
    assert_eq!(made.json["state"], "DRAFT");
    assert_eq!(made.json["allowed_actions"], json!(["EDIT", "DELETE", "PUBLISH"]));
    assert_eq!(
        (&made.json["price_per_participant"], &made.json["price_per_class"]),
        (&json!(0), &Value::Null)
    );
    assert_eq!(made.json["steps"][0]["competency_name"], "Integritas");
    assert_eq!(made.json["jp"], 24.5);

    let published = admin.transition(&format!("{path}/publication"), &made.etag()).await.expect(200);
    assert_eq!(published.json["allowed_actions"], json!(["EDIT", "RETIRE", "PLAN_CLASS"]));
    admin.delete(&path, "*").await.expect(409).expect_problem("PROGRAMME_STATE");
    let changed = given::programme_body("P1", &partner, json!({"jp": 30}));
    admin.put(&path, &made.etag(), changed.clone()).await.expect(412);
    let changed = admin.put(&path, &published.etag(), changed).await.expect(200);
    assert_eq!((&changed.json["jp"], &changed.json["steps"]), (&json!(30), &json!([])));

    let retired = admin.transition(&format!("{path}/retirement"), "*").await.expect(200);
    assert_eq!(retired.json["allowed_actions"], json!(["PUBLISH"]));
    let body = given::programme_body("P1", &partner, json!({}));
    admin.put(&path, "*", body).await.expect(409).expect_problem("PROGRAMME_STATE");
    admin.transition(&format!("{path}/publication"), "*").await.expect(200);
    let seen = agency.role(Role::Employee).await.get(&path).await.expect(200);
    assert_eq!(seen.json["allowed_actions"], json!([]));
}

#[tokio::test]
async fn what_a_programme_names_has_to_be_there() {
    let app = TestApp::start().await;
    let admin = app.agency("KOTA").await.admin().await;
    let partner = given::partner(&admin, "BPSDM").await;
    draft(
        &admin,
        "P1",
        &partner,
        json!({"form": "KL99", "steps": [
        {"dictionary": "NASIONAL-38-2017", "competency_code": "M.99", "level_to": 3}],
        "prerequisites": [{"programme_id": partner}]}),
    )
    .await
    .expect(400)
    .expect_error("/form", "NOT_FOUND")
    .expect_error("/steps/0/competency_code", "NOT_FOUND")
    .expect_error("/prerequisites/0/programme_id", "NOT_FOUND");
    let step = |from: i64| json!({"dictionary": "NASIONAL-38-2017", "competency_code": "M.1", "level_from": from, "level_to": 3});
    draft(&admin, "P1", &partner, json!({"steps": [step(3), step(1)]}))
        .await
        .expect(400)
        .expect_error("/steps/0/level_from", "INCONSISTENT")
        .expect_error("/steps/1/competency_id", "DUPLICATE");
    let elsewhere = app.agency("KABUPATEN").await.admin().await;
    let other = given::partner(&elsewhere, "BPSDM").await;
    draft(&admin, "P1", &other, json!({})).await.expect(400).expect_error("/partner_id", "NOT_FOUND");
}

#[tokio::test]
async fn an_agencys_own_forms_are_those_its_programmes_may_have() {
    let app = TestApp::start().await;
    let admin = app.agency("KOTA").await.admin().await;
    let partner = given::partner(&admin, "BPSDM").await;
    let shipped = admin.get("/v1/policies?kind=FORMS").await.expect(200);
    let mut forms = shipped.items()[0]["forms"].clone();
    assert_eq!(forms["forms"].as_array().unwrap().len(), 25);
    forms["forms"][0]["code"] = json!("SENDIRI");
    let own = |forms: &Value, from: &str| json!({"name": "FORMS", "valid_from": from, "source": "Peraturan Wali Kota", "forms": forms});
    admin.post("/v1/policies", own(&forms, "2026-08-01")).await.expect(201);
    draft(&admin, "P1", &partner, json!({"form": "SENDIRI"}))
        .await
        .expect(400)
        .expect_error("/form", "NOT_FOUND");
    admin.post("/v1/policies", own(&forms, "2026-07-01")).await.expect(201);
    draft(&admin, "P1", &partner, json!({"form": "SENDIRI"})).await.expect(201);
    forms["forms"][1]["siasn_type"] = json!(26);
    forms["forms"][2]["conversion"]["jp"] = json!(0);
    admin
        .post("/v1/policies", own(&forms, "2026-07-01"))
        .await
        .expect(400)
        .expect_error("/forms/forms/1/siasn_type", "OUT_OF_RANGE")
        .expect_error("/forms/forms/2/conversion/jp", "OUT_OF_RANGE");
}

#[tokio::test]
async fn programmes_are_found_by_what_they_teach_and_for_whom() {
    let app = TestApp::start().await;
    let agency = app.agency("KOTA").await;
    let admin = agency.admin().await;
    let (one, two) = (given::partner(&admin, "SATU").await, given::partner(&admin, "DUA").await);
    let competency = given::competency(&admin, "M.1").await;
    let step = |to: i64| json!([{"competency_id": competency, "level_to": to}]);
    let made = draft(&admin, "A", &one, json!({"steps": step(2), "audience": {"job_classes": ["PENGAWAS"]}}))
        .await
        .expect(201);
    draft(&admin, "B", &one, json!({"steps": step(3), "audience": {"job_families": ["ADMINISTRASI"]}}))
        .await
        .expect(201);
    draft(&admin, "C", &two, json!({"mode": "ONLINE", "form": "NKL03", "name": "Analisis Data"}))
        .await
        .expect(201);
    let built =
        json!({"prerequisites": [{"programme_id": made.id()}, {"competency_id": competency, "level": 2}]});
    let built = draft(&admin, "D", &two, built).await.expect(201);
    assert_eq!(built.json["prerequisites"][0]["programme_code"], "A");
    assert_eq!(built.json["prerequisites"][1]["competency_code"], "M.1");
    let reader = agency.role(Role::Employee).await;
    let found = async |query: &str| {
        let list = reader.get(&format!("/v1/programmes?{query}")).await.expect(200);
        codes(&list).join("")
    };
    assert_eq!(found("").await, "ABCD");
    assert_eq!(found(&format!("competency_id={competency}")).await, "AB");
    assert_eq!(found(&format!("competency_id={competency}&level_to=3")).await, "B");
    assert_eq!(found("level_to=2").await, "A");
    assert_eq!(found("job_class=PENGAWAS").await, "ABCD");
    assert_eq!(found("job_class=PELAKSANA").await, "BCD");
    assert_eq!(found("job_class=JPT_MADYA").await, "CD");
    assert_eq!(found("form=NKL03").await, "C");
    assert_eq!(found("mode=ONLINE").await, "C");
    assert_eq!(found(&format!("partner_id={two}")).await, "CD");
    assert_eq!(found("search=analisis").await, "C");
    assert_eq!(found("state=PUBLISHED").await, "");
    reader.get("/v1/programmes?level_to=6").await.expect(400).expect_error("/query/level_to", "OUT_OF_RANGE");
    // What another builds on stays.
    let path = format!("/v1/programmes/{}", made.id());
    admin.delete(&path, "*").await.expect(409).expect_problem("STILL_REFERENCED");
    let mut itself = given::programme_body("D", &two, json!({}));
    itself["prerequisites"] = json!([{"programme_id": built.id()}]);
    let path = format!("/v1/programmes/{}", built.id());
    admin.put(&path, "*", itself).await.expect(400).expect_error("/prerequisites/0/programme_id", "CYCLE");
}

#[tokio::test]
async fn of_writers_at_once_one_wins() {
    let app = TestApp::start().await;
    let admin = app.agency("KOTA").await.admin().await;
    let partner = given::partner(&admin, "BPSDM").await;
    let made = draft(&admin, "P1", &partner, json!({})).await.expect(201);
    let path = format!("/v1/programmes/{}", made.id());
    let tries = (1..=8).map(|jp| {
        let body = given::programme_body("P1", &partner, json!({"jp": jp}));
        let (admin, path, etag) = (&admin, &path, made.etag());
        async move { admin.put(path, &etag, body).await.status }
    });
    let mut statuses = futures_util::future::join_all(tries).await;
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 412, 412, 412, 412, 412, 412, 412]);
}
