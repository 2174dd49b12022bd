//! `/v1/case-packages`, and versions of dictionaries as packages.

use access::Role;
use api::config::Config;
use futures_util::future::join_all;
use serde_json::{Value, json};
use support::{Answer, Caller, TestApp};

use crate::given::{self, content, put_new};

const DOCUMENT: &str = "0e3a8b54-6a2c-4d38-9a52-5f2a0d5a7c11";

fn id(n: u32) -> String {
    format!("7a0c3b9e-2f57-4c0e-8a5e-{n:012x}")
}

fn item(n: u32, kind: &str, statement: &str, more: Value) -> Value {
    let mut item = json!({
        "identifier": id(n), "uri": format!("https://case.example/CFItems/{n}"), "CFItemType": kind,
        "fullStatement": statement, "lastChangeDateTime": "2026-05-04T03:00:00+07:00",
    });
    item.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    item
}

fn child(n: u32, parent: &str, sequence: u32) -> Value {
    let link =
        |id: &str| json!({"identifier": id, "uri": format!("https://case.example/{id}"), "title": "x"});
    json!({
        "identifier": id(n + 1_000_000), "uri": format!("https://case.example/a/{n}"), "associationType": "isChildOf",
        "originNodeURI": link(&id(n)), "destinationNodeURI": link(parent), "sequenceNumber": sequence,
        "lastChangeDateTime": "2026-05-04T03:00:00+07:00",
    })
}

/// Somebody else's framework: a heading, two competencies with levels and indicators, an association abroad, a licence, a
/// rubric about something else, and properties nobody has heard of.
fn framework(status: &str, version: &str) -> Value {
    let (mut items, mut associations) =
        (vec![item(1, "Strand", "Kompetensi Teknis", json!({}))], vec![child(1, DOCUMENT, 1)]);
    for (n, code) in [(100, "D.1"), (200, "D.2")] {
        let more = json!({"humanCodingScheme": code, "abbreviatedStatement": format!("Literasi {code}"),
            "notes": "catatan", "vendor_score": 1.5, "educationLevel": ["13"]});
        items.push(item(n, "Competency", "Kemampuan <b>membaca</b> data & menafsirkannya.", more));
        associations.push(child(n, &id(1), n));
        for level in 1..=5 {
            let at = n + level * 10;
            items.push(item(
                at,
                "Level",
                &format!("Level {level}"),
                json!({"listEnumeration": level.to_string()}),
            ));
            associations.push(child(at, &id(n), level));
            items.push(item(at + 1, "Indicator", &format!("Tampak {level}"), json!({})));
            associations.push(child(at + 1, &id(at), 1));
        }
    }
    let mut abroad = child(9_000, "6b1f0000-0000-4000-8000-000000000001", 1);
    abroad["associationType"] = json!("exactMatchOf");
    abroad["extensions"] = json!({"asing": {"n": 12}});
    associations.push(abroad);
    json!({
        "CFDocument": {
            "identifier": DOCUMENT, "uri": "https://case.example/CFDocuments/1", "title": "Kerangka Literasi Data",
            "creator": "Badan Contoh", "adoptionStatus": status, "version": version, "publisher": null,
            "lastChangeDateTime": "2026-05-04T03:00:00+07:00", "statusStartDate": "2026-05-04",
        },
        "CFItems": items,
        "CFAssociations": associations,
        "CFDefinitions": {"CFLicenses": [{
            "identifier": id(8_000), "uri": "https://case.example/l", "title": "CC BY", "licenseText": "…",
            "lastChangeDateTime": "2026-05-04T03:00:00Z"}]},
        "CFRubrics": [{"identifier": id(8_001), "uri": "https://case.example/r", "title": "Rubrik",
            "lastChangeDateTime": "2026-05-04T03:00:00Z", "CFRubricCriteria": []}],
        "extensions": {"asing": [1, {"dua": null}]},
    })
}

async fn import(caller: &Caller<'_>, query: &str, package: &Value) -> Answer {
    caller.post(&format!("/v1/case-packages{query}"), package.clone()).await
}

async fn export(caller: &Caller<'_>, version: &str) -> Value {
    caller.get(&format!("{version}/case-package")).await.expect(200).json
}

fn counts(answer: &Answer) -> [u64; 4] {
    ["created", "updated", "unchanged", "removed"].map(|name| answer.json[name].as_u64().unwrap())
}

/// How many rows there are of everything a package could leave.
async fn rows(app: &TestApp) -> Vec<i64> {
    let mut found = Vec::new();
    for table in [
        "dictionaries",
        "dictionary_versions",
        "competencies",
        "competency_contents",
        "competency_levels",
        "case_packages",
    ] {
        found.push(app.count(&format!("SELECT count(*) FROM {table}")).await);
    }
    found
}

#[tokio::test]
async fn an_adopted_framework_is_published_and_goes_out_as_it_came() {
    let app = TestApp::start().await;
    let admin = app.agency("KOTA").await.admin().await;
    let package = framework("Adopted", "2026");
    let before = rows(&app).await;
    let tried = import(&admin, "?dry_run=true", &package).await.expect(200);
    assert_eq!((rows(&app).await, &tried.json["dictionary_id"]), (before, &json!(null)));
    let made = import(&admin, "", &package).await.expect(201);
    assert_eq!(
        (&made.json["outcome"], &made.json["state"], &made.json["dictionary"], counts(&made)),
        (&json!("CREATED"), &json!("PUBLISHED"), &json!("KERANGKA-LITERASI-DATA"), [2, 0, 0, 0])
    );
    assert_eq!((&made.json["other_items"], &made.json["incomplete_total"]), (&json!(1), &json!(0)));
    let version = made.header("location").to_owned();
    assert_eq!(export(&admin, &version).await, package, "everything is there, down to what we do not know");
    let read = admin.get(&format!("{version}/competencies/D.1")).await.expect(200);
    assert_eq!(
        (&read.json["name"], &read.json["family"], &read.json["levels"][4]["indicators"]),
        (&json!("Literasi D.1"), &json!("TEKNIS"), &json!(["Tampak 5"]))
    );
    assert_eq!(read.json["definition"], "Kemampuan <b>membaca</b> data & menafsirkannya.", "text is text");

    let before = rows(&app).await;
    let mut turned = package.clone();
    turned["CFItems"].as_array_mut().unwrap().reverse();
    for same in [&package, &turned] {
        let again = import(&admin, "", same).await.expect(200);
        assert_eq!((&again.json["outcome"], counts(&again)), (&json!("UNCHANGED"), [0, 0, 2, 0]));
    }
    assert_eq!(rows(&app).await, before, "a second time adds nothing");
    let tag = admin.get(&format!("{version}/case-package")).await.expect(200).etag();
    admin.with("if-none-match", &tag).get(&format!("{version}/case-package")).await.expect(304);
}

#[tokio::test]
async fn what_was_adopted_never_changes_and_another_adoption_is_the_next_version() {
    let app = TestApp::start().await;
    let admin = app.agency("KOTA").await.admin().await;
    let first = framework("Adopted", "2026");
    let version = import(&admin, "", &first).await.expect(201).header("location").to_owned();
    let mut changed = first.clone();
    changed["CFItems"][1]["fullStatement"] = json!("Lain");
    let before = rows(&app).await;
    for query in ["", "?dry_run=true"] {
        import(&admin, query, &changed)
            .await
            .expect(409)
            .expect_problem("CASE_PACKAGE_IMMUTABLE")
            .expect_error("/CFDocument/identifier", "IMMUTABLE");
    }
    assert_eq!((rows(&app).await, export(&admin, &version).await), (before, first.clone()));

    changed["CFDocument"]["version"] = json!("2027");
    let next = import(&admin, "", &changed).await.expect(201);
    assert_eq!(
        (&next.json["number"], &next.json["state"], counts(&next)),
        (&json!(2), &json!("PUBLISHED"), [0, 1, 1, 0])
    );
    assert_eq!(export(&admin, next.header("location")).await, changed);
    assert_eq!(export(&admin, &version).await, first);
    let id = |path: &str| format!("{path}/competencies/D.1");
    let ids = [
        admin.get(&id(&version)).await.expect(200).json["competency_id"].clone(),
        admin.get(&id(next.header("location"))).await.expect(200).json["competency_id"].clone(),
    ];
    assert_eq!(ids[0], ids[1], "the competency stays the same over adoptions");

    let mut withdrawn = first.clone();
    withdrawn["CFDocument"]["adoptionStatus"] = json!("Deprecated");
    withdrawn["CFDocument"]["statusEndDate"] = json!("2027-01-01");
    let retired = import(&admin, "", &withdrawn).await.expect(200);
    assert_eq!((&retired.json["outcome"], &retired.json["state"]), (&json!("RETIRED"), &json!("RETIRED")));
    assert_eq!(export(&admin, &version).await, withdrawn);
    assert_eq!(admin.get(&version).await.expect(200).json["state"], "RETIRED");
    assert_eq!(import(&admin, "", &withdrawn).await.expect(200).json["outcome"], "UNCHANGED");
    import(&admin, "", &first).await.expect(409).expect_problem("CASE_PACKAGE_IMMUTABLE");

    // A framework's new document says which dictionary it goes on with only by our asking.
    let mut renamed = framework("Draft", "3");
    let document = json!("1e3a8b54-6a2c-4d38-9a52-5f2a0d5a7c11");
    renamed["CFDocument"]["identifier"] = document.clone();
    for one in renamed["CFAssociations"].as_array_mut().unwrap() {
        if one["destinationNodeURI"]["identifier"] == json!(DOCUMENT) {
            one["destinationNodeURI"]["identifier"] = document.clone();
        }
    }
    import(&admin, "", &renamed).await.expect(409).expect_error("/query/dictionary", "TAKEN");
    let third = import(&admin, "?dictionary=KERANGKA-LITERASI-DATA", &renamed).await.expect(201);
    assert_eq!((&third.json["number"], &third.json["state"]), (&json!(3), &json!("DRAFT")));
    import(&admin, "?dictionary=LAIN", &first)
        .await
        .expect(400)
        .expect_error("/query/dictionary", "INCONSISTENT");
    changed["CFDocument"]["version"] = json!("2028");
    import(&admin, "", &changed).await.expect(409).expect_error("/state", "TAKEN");
}

#[tokio::test]
async fn a_draft_follows_its_package_and_carries_what_is_written_here() {
    let app = TestApp::start().await;
    let admin = app.agency("KOTA").await.admin().await;
    let package = framework("Draft", "");
    let made = import(&admin, "?dictionary=DATA", &package).await.expect(201);
    let version = made.header("location").to_owned();
    assert_eq!((&made.json["state"], &made.json["dictionary"]), (&json!("DRAFT"), &json!("DATA")));
    let mut changed = package.clone();
    changed["CFItems"][1]["abbreviatedStatement"] = json!("Literasi Baru");
    let updated = import(&admin, "", &changed).await.expect(200);
    assert_eq!((&updated.json["outcome"], counts(&updated)), (&json!("UPDATED"), [0, 1, 1, 0]));
    assert_eq!(export(&admin, &version).await, changed);

    // Written here: a competency changes, one goes, one comes.
    let path = format!("{version}/competencies/D.1");
    let read = admin.get(&path).await.expect(200);
    let mut said = content("Literasi Kota", "TEKNIS");
    said["levels"] = read.json["levels"].clone();
    admin.put(&path, &read.etag(), said).await.expect(200);
    admin.delete(&format!("{version}/competencies/D.2"), "*").await.expect(204);
    put_new(&admin, &format!("{version}/competencies/D.3"), &content("Tambahan", "MANAJERIAL"))
        .await
        .expect(201);
    let out = export(&admin, &version).await;
    let coded = |package: &Value, code: &str| -> Option<Value> {
        package["CFItems"].as_array().unwrap().iter().find(|one| one["humanCodingScheme"] == code).cloned()
    };
    let kept = coded(&out, "D.1").unwrap();
    assert_eq!(
        (&kept["identifier"], &kept["abbreviatedStatement"], &kept["vendor_score"]),
        (&json!(id(100)), &json!("Literasi Kota"), &json!(1.5))
    );
    assert_eq!((coded(&out, "D.2"), out["CFDefinitions"].clone()), (None, package["CFDefinitions"].clone()));
    assert!(coded(&out, "D.3").is_some());
    assert_eq!(
        import(&admin, "", &changed).await.expect(200).json["outcome"],
        "UNCHANGED",
        "what is written here stays"
    );
    // Another agency takes it as it is now, and finds the same in it.
    let other = app.agency("KABUPATEN").await;
    let other = other.admin().await;
    let taken = import(&other, "", &out).await.expect(201);
    let there = other.get(&format!("{}/competencies", taken.header("location"))).await.expect(200);
    let here = admin.get(&format!("{version}/competencies")).await.expect(200);
    let said = |answer: &Answer| -> Vec<Value> {
        let mut items = answer.items().to_vec();
        items.iter_mut().for_each(|one| drop(one.as_object_mut().unwrap().remove("competency_id")));
        items
    };
    assert_eq!(said(&there), said(&here));
    assert_eq!(export(&other, taken.header("location")).await, out);

    admin.transition(&format!("{version}/publication"), "*").await.expect(200);
    let out = export(&admin, &version).await;
    assert_eq!(out["CFDocument"]["adoptionStatus"], "Adopted");
    assert_eq!(import(&admin, "", &out).await.expect(200).json["outcome"], "UNCHANGED");
}

#[tokio::test]
async fn what_never_was_a_package_goes_out_and_comes_back() {
    let app = TestApp::start().await;
    let agency = app.agency("KOTA").await;
    let admin = agency.admin().await;
    let national = admin.get("/v1/dictionaries?national=true").await.expect(200).items()[0].clone();
    let version = format!("/v1/dictionaries/{}/versions/1", national["id"].as_str().unwrap());
    let out = export(&admin, &version).await;
    let types = |kind: &str| {
        out["CFItems"].as_array().unwrap().iter().filter(|one| one["CFItemType"] == kind).count()
    };
    assert_eq!((types("Competency"), types("Level"), types("Competency Family")), (9, 45, 2));
    assert_eq!(
        (&out["CFDocument"]["adoptionStatus"], &out["CFDocument"]["caseVersion"]),
        (&json!("Adopted"), &json!("1.1"))
    );
    // The nation's own code would be hidden by an agency's of the same; under another it may come in.
    import(&admin, "", &out).await.expect(409).expect_error("/query/dictionary", "TAKEN");
    let taken = import(&admin, "?dictionary=SALINAN", &out).await.expect(201);
    assert_eq!((&taken.json["state"], counts(&taken)), (&json!("PUBLISHED"), [9, 0, 0, 0]));
    assert_eq!(export(&admin, taken.header("location")).await, out);

    let (id, _) = given::dictionary(&admin, "SENDIRI", &["S.1"]).await;
    let version = format!("/v1/dictionaries/{id}/versions/1");
    let out = export(&admin, &version).await;
    assert_eq!(import(&admin, "", &out).await.expect(200).json["outcome"], "UNCHANGED");
    let mut changed = out.clone();
    changed["CFItems"][1]["fullStatement"] = json!("Lain");
    import(&admin, "", &changed).await.expect(409).expect_problem("CASE_PACKAGE_IMMUTABLE");
}

#[tokio::test]
async fn a_framework_without_levels_waits_as_a_draft() {
    let app = TestApp::start().await;
    let agency = app.agency("KOTA").await;
    let admin = agency.admin().await;
    let mut package = framework("Adopted", "1");
    let keep = |one: &Value| one["CFItemType"] == "Strand" || one["CFItemType"] == "Competency";
    package["CFItems"].as_array_mut().unwrap().retain(keep);
    package["CFAssociations"] = json!([child(1, DOCUMENT, 1), child(100, &id(1), 1), child(200, &id(1), 2)]);
    let mut untyped = package.clone();
    for one in untyped["CFItems"].as_array_mut().unwrap() {
        one.as_object_mut().unwrap().remove("CFItemType");
    }
    let machine = agency.machine(&["catalogue:read", "dictionaries:write"]).await;
    let made = import(&machine, "", &untyped).await.expect(201);
    assert_eq!(
        (&made.json["state"], &made.json["incomplete"], counts(&made)),
        (&json!("DRAFT"), &json!(["D.1", "D.2"]), [2, 0, 0, 0])
    );
    assert_eq!(export(&admin, made.header("location")).await, untyped, "it is still what was adopted");
    untyped["CFItems"][1]["fullStatement"] = json!("Lain");
    import(&admin, "", &untyped).await.expect(409).expect_problem("CASE_PACKAGE_IMMUTABLE");
}

#[tokio::test]
async fn hostile_packages_are_refused_with_their_places_and_leave_nothing() {
    let app = TestApp::start().await;
    let agency = app.agency("KOTA").await;
    let admin = agency.admin().await;
    let before = rows(&app).await;
    let mut twice = framework("Adopted", "1");
    twice["CFItems"][3]["identifier"] = json!(id(100));
    import(&admin, "", &twice).await.expect(400).expect_error("/CFItems/3/identifier", "DUPLICATE");
    let mut circle = framework("Adopted", "1");
    let mut above = child(1, &id(110), 1);
    above["identifier"] = json!(id(5_000_000));
    circle["CFAssociations"].as_array_mut().unwrap().push(above);
    let refused = import(&admin, "", &circle).await.expect(400);
    assert!(refused.text.contains("CYCLE") && refused.text.contains("/CFAssociations/"), "{}", refused.text);
    let mut loose = framework("Adopted", "1");
    loose["CFAssociations"][2]["destinationNodeURI"]["identifier"] = json!(id(77));
    import(&admin, "", &loose)
        .await
        .expect(400)
        .expect_error("/CFAssociations/2/destinationNodeURI/identifier", "NOT_FOUND");
    let mut long = framework("Adopted", "1");
    long["CFItems"][1]["fullStatement"] = json!("x".repeat(4_001));
    import(&admin, "", &long).await.expect(400).expect_error("/CFItems/1/fullStatement", "TOO_LONG");
    let mut nul = framework("Adopted", "1");
    nul["CFItems"][2]["fullStatement"] = json!("a\u{0}b");
    import(&admin, "", &nul).await.expect(400).expect_error("/CFItems/2/fullStatement", "CONTROL_CHARACTER");
    let deep = format!("{{\"CFDocument\":{}1{}}}", "[".repeat(100_000), "]".repeat(100_000));
    let json = "application/json";
    admin
        .send("POST", "/v1/case-packages", Some((json, deep.into_bytes())))
        .await
        .expect(400)
        .expect_problem("MALFORMED");
    admin.send("POST", "/v1/case-packages", Some(("text/csv", b"a,b".to_vec()))).await.expect(415);
    import(&admin, "?family=TARI", &framework("Draft", "1"))
        .await
        .expect(400)
        .expect_error("/query/family", "NOT_ALLOWED_VALUE");
    assert_eq!(rows(&app).await, before);

    // A NUL where we read nothing is kept: it is somebody's.
    let mut odd = framework("Draft", "1");
    odd["CFItems"][1]["notes"] = json!("a\u{0}b");
    let made = import(&admin, "", &odd).await.expect(201);
    assert_eq!(export(&admin, made.header("location")).await, odd);
}

#[tokio::test]
async fn who_writes_dictionaries_may_bring_drafts_and_who_publishes_brings_what_is_adopted() {
    let app = TestApp::start().await;
    let agency = app.agency("KOTA").await;
    let machine = agency.machine(&["catalogue:read", "dictionaries:write"]).await;
    import(&machine, "?dry_run=true", &framework("Adopted", "1")).await.expect(403);
    import(&machine, "", &framework("Adopted", "1")).await.expect(403);
    import(&agency.role(Role::Planner).await, "", &framework("Draft", "1")).await.expect(403);
    let made = import(&machine, "", &framework("Draft", "1")).await.expect(201);
    // The same framework in two agencies: neither knows of the other's.
    let other = app.agency("KABUPATEN").await.admin().await;
    let there = import(&other, "", &framework("Adopted", "1")).await.expect(201);
    other.get(&format!("{}/case-package", made.header("location"))).await.expect(404);
    assert_eq!(export(&other, there.header("location")).await["CFDocument"]["adoptionStatus"], "Adopted");
    let trail = agency.admin().await.get("/v1/audit-events?resource=DICTIONARY_VERSION").await.expect(200);
    assert_eq!(trail.items()[0]["what"], "CASE_IMPORTED");
}

#[tokio::test]
async fn of_many_who_bring_the_same_one_makes_it() {
    let app = TestApp::start().await;
    let agency = app.agency("KOTA").await;
    let admin = agency.admin().await;
    let package = framework("Adopted", "1");
    let all = join_all((0..6).map(|_| import(&admin, "", &package))).await;
    let mut outcomes: Vec<_> =
        all.iter().map(|answer| answer.json["outcome"].as_str().unwrap_or(&answer.text)).collect();
    outcomes.sort_unstable();
    assert_eq!(outcomes, ["CREATED", "UNCHANGED", "UNCHANGED", "UNCHANGED", "UNCHANGED", "UNCHANGED"]);
    let key = admin.with("idempotency-key", "satu");
    let mut next = framework("Adopted", "2");
    next["CFDocument"]["title"] = json!("Kerangka Literasi Data 2");
    let made = import(&key, "", &next).await.expect(201);
    let again = import(&key, "", &next).await.expect(201);
    assert_eq!((again.header("idempotency-replayed"), &again.json), ("true", &made.json));
}

#[tokio::test]
async fn twenty_thousand_items_come_in_at_once() {
    let app = TestApp::start_with(|config| Config { upload_limit: 64 << 20, ..config }).await;
    let admin = app.agency("KOTA").await.admin().await;
    let mut package = framework("Draft", "1");
    let count = 20_000;
    package["CFDefinitions"] = json!({});
    package["CFRubrics"] = json!([]);
    package["CFItems"] = (1..=count)
        .map(|n| item(n, "Standard", "Menafsirkan", json!({"humanCodingScheme": format!("B.{n}")})))
        .collect();
    package["CFAssociations"] = (1..=count).map(|n| child(n, DOCUMENT, n)).collect();
    let made = import(&admin, "", &package).await.expect(201);
    assert_eq!(counts(&made), [u64::from(count), 0, 0, 0]);
    assert!(export(&admin, made.header("location")).await == package);
}

#[tokio::test]
async fn a_package_does_not_take_the_place_of_a_dictionary_of_the_nations() {
    let app = TestApp::start().await;
    let admin = app.agency("KOTA").await.admin().await;
    let before = rows(&app).await;
    for query in ["?dictionary=NASIONAL-38-2017", "?dictionary=NASIONAL-38-2017&dry_run=true"] {
        import(&admin, query, &framework("Draft", "1"))
            .await
            .expect(409)
            .expect_problem("ALREADY_EXISTS")
            .expect_error("/query/dictionary", "TAKEN");
    }
    assert_eq!(rows(&app).await, before);
}

#[tokio::test]
async fn whoever_may_not_import_is_told_nothing_of_what_they_sent() {
    let app = TestApp::start().await;
    let agency = app.agency("KOTA").await;
    for role in [Role::Provider, Role::Auditor] {
        let caller = agency.role(role).await;
        for query in ["", "?dry_run=true", "?family=TIDAK%20ADA"] {
            import(&caller, query, &json!({"CFDocument": {}})).await.expect(403);
        }
    }
}

#[tokio::test]
async fn what_a_package_says_beyond_what_can_be_kept_is_refused_at_its_place() {
    let app = TestApp::start().await;
    let admin = app.agency("KOTA").await.admin().await;
    let mut noted = framework("Draft", "1");
    noted["CFItems"][1]["extensions"] = json!({"bangkom": {"family": "TIDAK-ADA"}});
    // Long and of many letters: an index over it would not hold it.
    let version: String = (0..9_000).map(|n| char::from(b'a' + u8::try_from(n * n % 23).unwrap())).collect();
    for (package, at, code) in [
        (&framework("Draft", &version), "/CFDocument/version", "TOO_LONG"),
        (&noted, "/CFItems/1/extensions/bangkom/family", "NOT_ALLOWED_VALUE"),
    ] {
        for query in ["?dry_run=true", ""] {
            import(&admin, query, package).await.expect(400).expect_error(at, code);
        }
    }
}

#[tokio::test]
async fn a_package_goes_out_with_its_numbers_as_they_were_spelled() {
    let app = TestApp::start().await;
    let admin = app.agency("KOTA").await.admin().await;
    let numbers = r#"{"a":1e2,"b":12345678901234567890123,"c":0.10}"#;
    let text = framework("Adopted", "2026").to_string().replace(r#"{"n":12}"#, numbers);
    let sent = ("application/json", text.into_bytes());
    let made = admin.send("POST", "/v1/case-packages", Some(sent)).await.expect(201);
    let out = admin.get(&format!("{}/case-package", made.header("location"))).await.expect(200);
    assert!(out.text.contains(numbers), "{}", out.text);
}
