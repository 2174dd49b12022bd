//! The same answers as pictures.

use std::io::Write as _;
use std::process::Command;

use access::Role;
use serde_json::json;
use support::{Agency, Answer, Caller, TestApp};

use crate::given;

const SVG: &str = "image/svg+xml";

/// Somebody whose name means something to a browser, short of one level in a competency and not assessed in another.
async fn person(agency: &Agency<'_>, admin: &Caller<'_>) -> String {
    let assessor = agency.role(Role::Assessor).await;
    let unit = given::unit(admin, "DINKES", None).await;
    let position = given::position(admin, "STAF", &unit).await;
    let (_, own) = given::dictionary(admin, "KOTA", &["A", "B", "C"]).await;
    let requirements = own.iter().map(|id| json!({"competency_id": id, "level": 3}));
    given::standard(agency, &position, "2026-01-01", requirements.collect()).await;
    let mut body = given::person_body(1);
    body["name"] = json!("Siti <script>alert('&')</script>");
    let person = admin.post("/v1/employees", body).await.expect(201).id();
    given::place(admin, &person, Some(&position), "2020-01-01").await.expect(201);
    let found = [(&own[0], 3), (&own[1], 2)].map(|(id, level)| (person.as_str(), id.as_str(), level));
    given::assessed(&assessor, "2026-05-15", &found).await;
    person
}

fn varies(answer: &Answer) -> String {
    let all = answer.headers.get_all("vary").iter().map(|value| value.to_str().unwrap().to_lowercase());
    all.collect::<Vec<_>>().join(", ")
}

#[tokio::test]
async fn a_profile_is_drawn_in_the_callers_language_and_can_do_nothing() {
    let app = TestApp::start().await;
    let agency = app.agency("KOTA").await;
    let admin = agency.admin().await;
    let person = person(&agency, &admin).await;
    let path = format!("/v1/employees/{person}/gap-profile?as_of=2026-07-01");
    let drawn = admin.with("accept", SVG).get(&path).await.expect(200);
    let named = admin.with("accept", "application/json").get(&format!("{path}&format=svg")).await.expect(200);
    assert_eq!((&drawn.text, drawn.etag()), (&named.text, named.etag()));
    let english = admin.with("accept", SVG).with("accept-language", "en").get(&path).await.expect(200);
    for (answer, lang, words) in [
        (
            &drawn,
            "id",
            [
                "Profil Kesenjangan Kompetensi",
                "1 Juli 2026",
                "belum dinilai",
                "untuk pengisian jabatan",
                "Cara membaca",
            ],
        ),
        (
            &english,
            "en",
            ["Competency Gap Profile", "1 July 2026", "not assessed", "for filling positions", "How to read"],
        ),
    ] {
        assert_eq!(answer.header("content-type"), "image/svg+xml; charset=utf-8");
        assert_eq!(answer.header("content-language"), lang);
        assert_eq!(answer.header("x-content-type-options"), "nosniff");
        let policy = answer.header("content-security-policy");
        assert!(policy.contains("default-src 'none'") && policy.contains("sandbox"), "{policy}");
        let varies = varies(answer);
        assert!(
            ["accept", "accept-language", "authorization"].iter().all(|one| varies.contains(one)),
            "{varies}"
        );
        for word in words.iter().chain(&["RATIO_OF_SUMS v1", "&lt;script&gt;"]) {
            assert!(answer.text.contains(word), "{lang}: no {word} in {}", answer.text);
        }
        assert!(!answer.text.contains("<script"));
    }
    let json = admin.get(&path).await.expect(200);
    assert_eq!(json.header("content-type"), "application/json");
    let tags = [json.etag(), drawn.etag(), english.etag()];
    assert!(tags[0] != tags[1] && tags[1] != tags[2] && tags[0] != tags[2], "{tags:?}");
    let cached = admin.with("accept", SVG).with("if-none-match", &drawn.etag());
    let same = cached.get(&path).await.expect(304);
    assert!(same.bytes.is_empty() && varies(&same).contains("accept"));
    cached.with("accept-language", "en").get(&path).await.expect(200);

    for (accept, format) in
        [("text/html, application/xml", ""), ("image/png", ""), ("application/json;q=0, text/html", "")]
    {
        let refused = admin.with("accept", accept).get(&format!("{path}{format}")).await;
        refused.expect(406).expect_problem("NOT_ACCEPTABLE");
    }
    let unknown = admin.get(&format!("{path}&format=png")).await.expect(400);
    unknown.expect_error("/query/format", "NOT_ALLOWED_VALUE");
    admin.get(&format!("{path}&form=svg")).await.expect(400).expect_error("/query/form", "UNKNOWN");
    // Who may not see the figures may not see the picture, and a problem is a problem in every form.
    let assessor = agency.role(Role::Assessor).await.with("accept", SVG);
    let denied = assessor.get(&path).await.expect(403);
    assert_eq!(denied.header("content-type"), "application/problem+json");
    let looks = "SELECT count(*) FROM access_records WHERE operation = 'gap_profile_get'";
    let seen = app.count(looks).await;
    admin.with("accept", SVG).get(&path).await.expect(200);
    assert_eq!(app.count(looks).await, seen + 1, "a look at a picture is a look");
}

/// What a tool for PDF files says of `bytes`; `None` where it is not installed.
pub(crate) fn told_by(tool: &str, arguments: &[&str], bytes: &[u8]) -> Option<String> {
    let mut file = tempfile::NamedTempFile::new().unwrap();
    file.write_all(bytes).unwrap();
    let output = Command::new(tool).arg(file.path()).args(arguments).output().ok()?;
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    Some(String::from_utf8(output.stdout).unwrap())
}

#[tokio::test]
async fn a_profile_is_one_page_that_can_be_read_searched_and_filed() {
    let app = TestApp::start().await;
    let agency = app.agency("KOTA").await;
    let admin = agency.admin().await;
    let person = person(&agency, &admin).await;
    let path = format!("/v1/employees/{person}/gap-profile?as_of=2026-07-01");
    for (lang, words) in [
        (
            "id",
            [
                "Profil Kesenjangan Kompetensi",
                "Keadaan per 1 Juli 2026",
                "belum dinilai",
                "Jabatan: Jabatan STAF",
                "pengisian",
            ],
        ),
        (
            "en",
            [
                "Competency Gap Profile",
                "As of 1 July 2026",
                "not assessed",
                "Position: Jabatan STAF",
                "filling",
            ],
        ),
    ] {
        let caller = admin.with("accept", "application/pdf").with("accept-language", lang);
        let page = caller.get(&path).await.expect(200);
        assert_eq!((page.header("content-type"), page.header("content-language")), ("application/pdf", lang));
        let named = format!("inline; filename=\"gap-profile-{}-2026-07-01.pdf\"", given::nip(1));
        assert_eq!(page.header("content-disposition"), named);
        assert!(page.bytes.starts_with(b"%PDF-") && page.bytes.len() < 300_000, "{}", page.bytes.len());
        let request = page.header("x-request-id").to_owned();
        if let Some(text) = told_by("pdftotext", &["-layout", "-"], &page.bytes) {
            let said = [
                "Siti <script>alert('&')</script>",
                &given::nip(1),
                "Unit DINKES",
                "RATIO_OF_SUMS v1",
                &request,
            ];
            for word in words.iter().chain(&said) {
                assert!(text.contains(word), "no {word} in {text}");
            }
        }
        if let Some(fonts) = told_by("pdffonts", &[], &page.bytes) {
            let fonts: Vec<Vec<&str>> =
                fonts.lines().skip(2).map(|line| line.split_whitespace().collect()).collect();
            // From the right: object, generation, unicode, subset, embedded.
            let embedded =
                fonts.iter().all(|font| font.iter().rev().skip(2).take(3).all(|flag| *flag == "yes"));
            assert!(fonts.len() == 2 && embedded, "{fonts:?}");
        }
        if let Some(facts) = told_by("pdfinfo", &[], &page.bytes) {
            let facts: String = facts.split_whitespace().collect::<Vec<_>>().join(" ");
            assert!(
                facts.contains("Tagged: yes") && facts.contains("Pages: 1 ") && facts.contains("(A4)"),
                "{facts}"
            );
        }
        // Another page says another time, and nothing else that is new.
        caller.with("if-none-match", &page.etag()).get(&path).await.expect(304);
        assert!(page.etag().starts_with("W/"));
        let before = format!("/v1/employees/{person}/gap-profile?as_of=2026-06-30");
        caller.with("if-none-match", &page.etag()).get(&before).await.expect(200);
    }
    let looks = "SELECT count(*) FROM access_records WHERE operation = 'gap_profile_get'";
    assert_eq!(app.count(looks).await, 6);
}

/// A unit over two: the people of the first are assessed in part, the second has two of them.
async fn office(agency: &Agency<'_>, admin: &Caller<'_>) -> String {
    let top = given::unit(admin, "DINAS", None).await;
    let national = given::national(admin).await;
    let mut found = Vec::new();
    let mut serial = 0;
    for (code, people) in [("BID-1", 12_u16), ("BID-2", 2)] {
        let unit = given::unit(admin, code, Some(&top)).await;
        let position = given::position(admin, &format!("STAF-{code}"), &unit).await;
        let required = national.iter().take(2).map(|(_, id)| json!({"competency_id": id, "level": 3}));
        given::standard(agency, &position, "2020-01-01", required.collect()).await;
        for n in 0..people {
            serial += 1;
            let person = given::person_in(admin, serial, &position).await;
            if n % 3 > 0 {
                found.push((person, national[0].1.clone(), i64::from(1 + n % 4)));
            }
        }
    }
    let found: Vec<_> =
        found.iter().map(|(person, of, level)| (person.as_str(), of.as_str(), *level)).collect();
    given::assessed(admin, "2026-01-15", &found).await;
    top
}

#[tokio::test]
async fn sums_are_drawn_as_they_are_told_and_what_is_suppressed_is_no_number() {
    let app = TestApp::start().await;
    app.set_now("2026-06-15T10:00:00Z");
    let agency = app.agency("KOTA").await;
    let (admin, observer) = (agency.admin().await, agency.role(Role::Observer).await);
    let top = office(&agency, &admin).await;
    let map = format!("/v1/units/{top}/gap-heatmap?as_of=2026-05-31");
    let paths = [
        (
            map.clone(),
            [
                "Heat Map of Competency Gaps: Unit DINAS",
                "Unit BID-2",
                "14 people",
                "JPM policy RATIO_OF_SUMS v1, for filling positions",
            ],
        ),
        (
            "/v1/gap-summary?as_of=2026-05-31".to_owned(),
            [
                "the whole agency",
                "PELAKSANA",
                "14 people",
                "JPM policy RATIO_OF_SUMS v1, for filling positions",
            ],
        ),
        (
            format!("/v1/gap-trend?unit_id={top}&months=3&as_of=2026-05-31"),
            ["Trend of Competency Gaps", "Mar", "2026", "JPM policy RATIO_OF_SUMS v1, for filling positions"],
        ),
    ];
    for (path, words) in &paths {
        let caller = admin.with("accept", SVG);
        let english = caller.with("accept-language", "en").get(path).await.expect(200);
        for word in words.iter().chain(&["As of 31 May 2026", "How to read"]) {
            assert!(english.text.contains(word), "{path}: no {word} in {}", english.text);
        }
        let indonesian = caller.get(path).await.expect(200);
        assert!(
            indonesian.text.contains("Keadaan per 31 Mei 2026") && indonesian.text.contains("Cara membaca")
        );
        caller.with("if-none-match", &indonesian.etag()).get(path).await.expect(304);
        assert_eq!(admin.get(path).await.expect(200).header("content-type"), "application/json");
        admin.with("accept", "application/pdf").get(path).await.expect(406).expect_problem("NOT_ACCEPTABLE");
    }
    for (caller, hidden) in [(&admin, false), (&observer, true)] {
        let told = caller.get(&map).await.expect(200).json;
        let drawn = caller.with("accept", SVG).get(&map).await.expect(200).text;
        let mut suppressed = 0;
        for cell in told["rows"].as_array().unwrap().iter().flat_map(|row| row["cells"].as_array().unwrap()) {
            match (cell["assessed"].as_u64(), cell["required"].as_u64()) {
                (Some(assessed), Some(required)) => {
                    assert!(
                        drawn.contains(&format!(">{assessed}/{required}<")),
                        "{assessed}/{required} in {drawn}"
                    );
                }
                _ => suppressed += 1,
            }
        }
        assert_eq!((suppressed > 0, drawn.contains("disembunyikan (&lt; 5 orang")), (hidden, hidden));
        // Of the unit with two people nothing is drawn for who sees groups only.
        assert_eq!(drawn.contains(">1/2<") || drawn.contains(">0/2<"), !hidden, "{drawn}");
    }
}
