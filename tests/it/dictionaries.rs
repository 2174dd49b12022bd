//! `/v1/dictionaries`, their versions and competencies, and `/v1/competencies`.

use access::Role;
use serde_json::{Value, json};
use support::{Answer, TestApp};

use crate::given::{self, content, put_new};

fn codes(answer: &Answer) -> Vec<String> {
    answer.items().iter().map(|one| one["code"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn a_version_is_drafted_published_and_retired_and_the_next_begins_with_what_it_says() {
    let app = TestApp::start().await;
    let admin = app.agency("KOTA").await.admin().await;
    let dictionary =
        admin.post("/v1/dictionaries", json!({"code": "KOTA", "name": "Kamus"})).await.expect(201);
    let versions = format!("{}/versions", dictionary.header("location"));
    let draft = admin.post(&versions, json!(null)).await.expect(201);
    assert_eq!(draft.header("location"), format!("{versions}/1"));
    assert_eq!(draft.json["allowed_actions"], json!(["EDIT", "PUBLISH", "DELETE"]));
    admin.post(&versions, json!(null)).await.expect(409).expect_error("/state", "TAKEN");
    let publication = format!("{versions}/1/publication");
    admin.transition(&publication, &draft.etag()).await.expect(409).expect_problem("DICTIONARY_EMPTY");

    let mut silent = content("Diam", "TEKNIS");
    silent["levels"].as_array_mut().unwrap().pop();
    silent["levels"][0]["indicators"] = json!([]);
    put_new(&admin, &format!("{versions}/1/competencies/T.2"), &silent).await.expect(201);
    let refused = admin.transition(&publication, "*").await.expect(409);
    refused
        .expect_problem("DICTIONARY_INCOMPLETE")
        .expect_error("/competencies/T.2/levels/1/indicators", "REQUIRED")
        .expect_error("/competencies/T.2/levels/5/description", "REQUIRED");
    admin.delete(&format!("{versions}/1/competencies/T.2"), "*").await.expect(204);

    put_new(&admin, &format!("{versions}/1/competencies/T.1"), &content("Satu", "TEKNIS")).await.expect(201);
    let written = admin.get(&format!("{versions}/1")).await.expect(200);
    let published = admin.transition(&publication, &written.etag()).await.expect(200);
    assert_eq!(
        (&published.json["state"], &published.json["allowed_actions"]),
        (&json!("PUBLISHED"), &json!(["RETIRE"]))
    );
    let path = format!("{versions}/1/competencies/T.1");
    let read = admin.get(&path).await.expect(200);
    admin
        .put(&path, &read.etag(), content("Lain", "TEKNIS"))
        .await
        .expect(409)
        .expect_problem("DICTIONARY_STATE");
    admin.delete(&path, &read.etag()).await.expect(409).expect_problem("DICTIONARY_STATE");
    admin.delete(&format!("{versions}/1"), "*").await.expect(409).expect_problem("DICTIONARY_STATE");

    let next = admin.post(&versions, json!(null)).await.expect(201);
    assert_eq!(next.json["number"], 2);
    let copied = admin.get(&format!("{versions}/2/competencies/T.1")).await.expect(200);
    assert_eq!(copied.json, read.json, "the competency and its content are carried over");
    let changed = content("Satu yang baru", "TEKNIS");
    admin.put(&format!("{versions}/2/competencies/T.1"), &copied.etag(), changed).await.expect(200);
    assert_eq!(admin.get(&path).await.expect(200).json["name"], "Satu", "a published version never changes");
    admin.transition(&format!("{versions}/2/publication"), "*").await.expect(200);

    let retired = admin.transition(&format!("{versions}/2/retirement"), "*").await.expect(200);
    assert_eq!((&retired.json["state"], &retired.json["allowed_actions"]), (&json!("RETIRED"), &json!([])));
    let in_use = admin.get("/v1/competencies?dictionary=KOTA").await.expect(200);
    assert_eq!(
        (&in_use.items()[0]["name"], &in_use.items()[0]["version_number"]),
        (&json!("Satu"), &json!(1))
    );
    let states = admin.get(&format!("{versions}?state=PUBLISHED")).await.expect(200);
    assert_eq!(states.items().iter().map(|one| one["number"].as_i64().unwrap()).collect::<Vec<_>>(), [1]);
}

#[tokio::test]
async fn a_competency_is_added_without_and_replaced_only_with_its_tag() {
    let app = TestApp::start().await;
    let admin = app.agency("KOTA").await.admin().await;
    let id = admin.post("/v1/dictionaries", json!({"code": "KOTA", "name": "Kamus"})).await.expect(201).id();
    admin.post(&format!("/v1/dictionaries/{id}/versions"), json!(null)).await.expect(201);
    // Codes of some national dictionaries hold slashes.
    let path = format!("/v1/dictionaries/{id}/versions/1/competencies/K-STANKOM%2FKOMINFO%2F01");
    let body = content("Satu", "TEKNIS");
    admin.put(&path, "\"1\"", body.clone()).await.expect(412).expect_problem("STALE");
    let made = put_new(&admin, &path, &body).await.expect(201);
    assert_eq!(
        (made.header("location"), &made.json["code"]),
        (path.as_str(), &json!("K-STANKOM/KOMINFO/01"))
    );
    put_new(&admin, &path, &body).await.expect(428).expect_problem("IF_MATCH_REQUIRED");
    let read = admin.get(&path).await.expect(200);
    assert_eq!((read.etag(), &read.json), (made.etag(), &made.json));
    let replaced = admin.put(&path, &made.etag(), content("Dua", "MANAJERIAL")).await.expect(200);
    assert_eq!(replaced.json["competency_id"], made.json["competency_id"]);
    admin.put(&path, &made.etag(), body.clone()).await.expect(412);
    put_new(&admin, &format!("/v1/dictionaries/{id}/versions/1/competencies/X"), &content("X", "NONE"))
        .await
        .expect(400)
        .expect_error("/family", "NOT_FOUND");
    admin.delete(&path, &made.etag()).await.expect(412);
    admin.delete(&path, &replaced.etag()).await.expect(204);
    admin.get(&path).await.expect(404);
    // The competency stays what it was: taken up again, it is the same one.
    let again = put_new(&admin, &path, &body).await.expect(201);
    assert_eq!(again.json["competency_id"], made.json["competency_id"]);
}

#[tokio::test]
async fn of_two_who_add_one_code_the_second_finds_it_there() {
    let app = TestApp::start().await;
    let admin = app.agency("KOTA").await.admin().await;
    let id = admin.post("/v1/dictionaries", json!({"code": "KOTA", "name": "Kamus"})).await.expect(201).id();
    let versions = format!("/v1/dictionaries/{id}/versions");
    let drafts = futures_util::future::join_all((0..4).map(|_| admin.post(&versions, json!(null)))).await;
    let mut statuses: Vec<_> = drafts.iter().map(|answer| answer.status).collect();
    statuses.sort_unstable();
    assert_eq!(statuses, [201, 409, 409, 409], "a dictionary has one draft");
    let path = format!("{versions}/1/competencies/T.1");
    let body = content("Satu", "TEKNIS");
    let tries = futures_util::future::join_all((0..4).map(|_| put_new(&admin, &path, &body))).await;
    let mut statuses: Vec<_> = tries.iter().map(|answer| answer.status).collect();
    statuses.sort_unstable();
    assert_eq!(statuses, [201, 428, 428, 428]);
    // Nothing is written into what is being published.
    let publication = format!("{versions}/1/publication");
    let late = format!("{versions}/1/competencies/T.2");
    let incomplete = json!({"name": "x", "family": "TEKNIS", "definition": "x", "levels": []});
    let (published, written) =
        tokio::join!(admin.transition(&publication, "*"), put_new(&admin, &late, &incomplete));
    assert!(
        matches!((published.status, written.status), (200, 409) | (409, 201)),
        "{} and {}",
        published.status,
        written.status
    );
}

#[tokio::test]
async fn an_agency_reads_the_nations_dictionary_and_writes_its_own() {
    let app = TestApp::start().await;
    let (here, there) = (app.agency("KOTA").await, app.agency("KABUPATEN").await);
    let (admin, reader, stranger) =
        (here.admin().await, here.role(Role::Employee).await, there.admin().await);
    let list = reader.get("/v1/dictionaries?national=true").await.expect(200);
    assert_eq!(codes(&list), ["NASIONAL-38-2017"]);
    let national = format!("/v1/dictionaries/{}", list.items()[0]["id"].as_str().unwrap());
    let version = admin.get(&format!("{national}/versions/1")).await.expect(200);
    assert_eq!(version.json["allowed_actions"], json!([]), "an agency does not change the nation's");
    admin.put(&national, "*", json!({"code": "X", "name": "X"})).await.expect(403);
    admin.post(&format!("{national}/versions"), json!(null)).await.expect(403);
    admin.transition(&format!("{national}/versions/1/retirement"), "*").await.expect(403);
    let path = format!("{national}/versions/1/competencies/M.1");
    admin.put(&path, "*", content("x", "TEKNIS")).await.expect(403);

    let (own, _) = given::dictionary(&admin, "KOTA", &["T.1"]).await;
    let own = format!("/v1/dictionaries/{own}");
    assert_eq!(codes(&reader.get("/v1/dictionaries?national=false").await.expect(200)), ["KOTA"]);
    for path in [own.clone(), format!("{own}/versions/1"), format!("{own}/versions/1/competencies/T.1")] {
        reader.get(&path).await.expect(200);
        stranger.get(&path).await.expect(404);
    }
    for path in [format!("{own}/versions"), format!("{own}/versions/1/competencies")] {
        stranger.get(&path).await.expect(404);
    }
    stranger.put(&own, "*", json!({"code": "X", "name": "X"})).await.expect(404);
    stranger.post(&format!("{own}/versions"), json!(null)).await.expect(404);
    stranger.transition(&format!("{own}/versions/1/retirement"), "*").await.expect(404);
    reader.put(&own, "*", json!({"code": "X", "name": "X"})).await.expect(403);
    assert!(stranger.get("/v1/competencies?dictionary=KOTA").await.expect(200).items().is_empty());
    reader.get(&format!("{own}/versions/2")).await.expect(404);
    reader.get(&format!("{own}/versions/0")).await.expect(404);
    reader.get(&format!("{own}/versions/-1")).await.expect(404);
    reader.get(&format!("{own}/versions/x")).await.expect(404);
}

#[tokio::test]
async fn a_competency_is_reached_by_dictionary_and_code() {
    let app = TestApp::start().await;
    let agency = app.agency("KOTA").await;
    let (admin, reader) = (agency.admin().await, agency.role(Role::Employee).await);
    given::dictionary(&admin, "KOTA", &["A/1", "B", "C"]).await;
    let one = reader.get("/v1/competencies?dictionary=KOTA&code=A%2F1").await.expect(200);
    assert_eq!(codes(&one), ["A/1"]);
    let item: &Value = &one.items()[0];
    let by_id = reader.get(&format!("/v1/competencies/{}", item["id"].as_str().unwrap())).await.expect(200);
    assert_eq!(&by_id.json, item);
    reader
        .with("if-none-match", &by_id.etag())
        .get(&format!("/v1/competencies/{}", by_id.id()))
        .await
        .expect(304);
    assert_eq!(reader.get("/v1/competencies?dictionary=NASIONAL-38-2017").await.expect(200).items().len(), 9);
    let social =
        reader.get("/v1/competencies?dictionary=NASIONAL-38-2017&family=SOSIAL_KULTURAL").await.expect(200);
    assert_eq!(social.items().len(), 1);
    for nothing in
        ["dictionary=NONE", "dictionary=KOTA&code=NONE", "dictionary=KOTA&code=B&family=MANAJERIAL"]
    {
        assert!(
            reader.get(&format!("/v1/competencies?{nothing}")).await.expect(200).items().is_empty(),
            "{nothing}"
        );
    }
    reader.get("/v1/competencies").await.expect(400).expect_error("/query/dictionary", "REQUIRED");

    let mut seen = Vec::new();
    let mut path = "/v1/competencies?dictionary=NASIONAL-38-2017&limit=2".to_owned();
    loop {
        let page = reader.get(&path).await.expect(200);
        seen.extend(codes(&page));
        let Some(next) = page.json["next"].as_str() else { break };
        path = format!("/v1/competencies?dictionary=NASIONAL-38-2017&limit=2&cursor={next}");
    }
    assert_eq!(seen.len(), 9);
    assert!(seen.is_sorted());
    // The agency's own dictionary goes before the nation's of the same code.
    given::dictionary(&admin, "SENDIRI", &["X"]).await;
    app.sql("UPDATE dictionaries SET code = 'SENDIRI' WHERE code = 'NASIONAL-38-2017'").await;
    assert_eq!(codes(&reader.get("/v1/competencies?dictionary=SENDIRI").await.expect(200)), ["X"]);
}

#[tokio::test]
async fn no_dictionary_takes_the_place_of_one_of_the_nations() {
    let app = TestApp::start().await;
    let agency = app.agency("KOTA").await;
    let admin = agency.admin().await;
    let national = "NASIONAL-38-2017";
    let body = |code: &str, name: &str| json!({"code": code, "name": name});
    let refused = admin.post("/v1/dictionaries", body(national, "Kami")).await.expect(409);
    refused.expect_problem("ALREADY_EXISTS").expect_error("/code", "TAKEN");
    let own = admin.post("/v1/dictionaries", body("KOTA", "Kami")).await.expect(201);
    let path = format!("/v1/dictionaries/{}", own.id());
    admin.put(&path, "*", body(national, "Kami")).await.expect(409).expect_error("/code", "TAKEN");
    assert_eq!(given::national(&admin).await.len(), 9, "the nation's is still meant by its code");

    // What the nation takes later stays the agency's within it, until the agency gives it up.
    app.sql("UPDATE dictionaries SET code = 'KOTA' WHERE agency_id = '00000000-0000-7000-8000-000000000001'")
        .await;
    let renamed = admin.put(&path, "*", body("KOTA", "Nama baru")).await.expect(200);
    assert_eq!(renamed.json["name"], "Nama baru");
    assert!(admin.get("/v1/competencies?dictionary=KOTA").await.expect(200).items().is_empty());
    admin.put(&path, "*", body("KOTA-2", "Nama baru")).await.expect(200);
    assert_eq!(admin.get("/v1/competencies?dictionary=KOTA").await.expect(200).items().len(), 9);
    admin.put(&path, "*", body("KOTA", "Kembali")).await.expect(409).expect_error("/code", "TAKEN");
}
