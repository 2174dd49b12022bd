use chrono::{DateTime, TimeZone, Utc};
use kernel::{DictionaryId, Level, Version, Violation, ViolationCode};
use proptest::prelude::*;

use super::*;

impl CasePackage {
    fn into_value(self) -> Value {
        Value::Object(self.root)
    }
}
use crate::{Dictionary, Family};

fn at(n: i64) -> DateTime<Utc> {
    Utc.timestamp_opt(1_800_000_000 + n, 0).unwrap()
}

fn families() -> Vec<Family> {
    crate::reference::families()
}

fn fallback() -> Code {
    Code::parse("TEKNIS").unwrap()
}

fn id(n: u128) -> Uuid {
    Uuid::from_u128(0x1111_2222_3333_4444_8555_0000_0000_0000 + n)
}

fn link(n: u128) -> Value {
    json!({"identifier": id(n), "uri": format!("https://case.example/{n}"), "title": ""})
}

fn document(more: Value) -> Value {
    let mut document = json!({
        "identifier": id(9_000_000), "uri": "https://case.example/d", "creator": "Badan Contoh", "title": "Kerangka Contoh",
        "lastChangeDateTime": "2026-01-02T03:04:05+00:00",
    });
    merge(&mut document, more);
    document
}

fn merge(into: &mut Value, more: Value) {
    into.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
}

fn item(n: u128, statement: &str, more: Value) -> Value {
    let mut item = json!({
        "identifier": id(n), "uri": format!("https://case.example/{n}"), "fullStatement": statement,
        "lastChangeDateTime": "2026-01-02T03:04:05Z",
    });
    merge(&mut item, more);
    item
}

fn association(n: u128, kind: &str, from: u128, to: u128, sequence: Option<i64>) -> Value {
    let mut association = json!({
        "identifier": id(10_000_000 + n), "uri": format!("https://case.example/a{n}"), "associationType": kind,
        "originNodeURI": link(from), "destinationNodeURI": link(to), "lastChangeDateTime": "2026-01-02T03:04:05Z",
    });
    if let Some(sequence) = sequence {
        merge(&mut association, json!({"sequenceNumber": sequence}));
    }
    association
}

fn package(items: Vec<Value>, associations: Vec<Value>) -> Value {
    json!({"CFDocument": document(json!({})), "CFItems": items, "CFAssociations": associations})
}

fn checked(value: Value) -> CasePackage {
    CasePackage::check(value).unwrap_or_else(|found| panic!("{found:?}"))
}

fn refused(value: Value) -> Vec<String> {
    let found = CasePackage::check(value).unwrap_err();
    found.iter().map(|Violation { pointer, code, .. }| format!("{pointer} {code:?}")).collect()
}

fn entries(package: &CasePackage) -> Vec<CaseEntry> {
    let reading = package.read(&families(), &fallback()).unwrap();
    reading.entries.into_values().map(|(_, entry)| entry).collect()
}

fn contents(entries: &[CaseEntry]) -> Vec<Content> {
    let ids = (1_u128..).map(|n| CompetencyId::from(Uuid::from_u128(n)));
    entries.iter().cloned().zip(ids).map(|(entry, id)| entry.into_content(id)).collect()
}

fn dictionary() -> Dictionary {
    Dictionary {
        id: DictionaryId::from(Uuid::from_u128(7)),
        agency: kernel::NATIONAL,
        code: Code::parse("KAMUS").unwrap(),
        name: Name::parse("Kamus").unwrap(),
        version: Version::FIRST,
    }
}

fn made_of(contents: &[Content]) -> CasePackage {
    let dictionary = dictionary();
    let source = CaseSource {
        dictionary: &dictionary,
        creator: "Pemerintah Kota Contoh",
        number: 1,
        state: DictionaryState::Draft,
        changed_at: at(1),
        published_on: None,
        retired_on: None,
    };
    CasePackage::of(&source, contents, &families())
}

prop_compose! {
    fn level_texts()(described in prop::collection::btree_map(1_i64..=5, ("[a-c]{1,3}( [a-c]{1,2})?", prop::collection::vec("[d-f]{1,3}", 0..4)), 0..5)) -> Vec<LevelText> {
        let level = |(level, (description, indicators)): (i64, (String, Vec<String>))| LevelText {
            level: Level::new(level).unwrap(),
            description: LongText::parse(&description).unwrap(),
            indicators: indicators.iter().map(|text| LongText::parse(text).unwrap()).collect(),
        };
        described.into_iter().map(level).collect()
    }
}

prop_compose! {
    fn entry()(
        name in "[A-C][a-c]{0,3}(  ?[a-c]{1,3})?",
        family in prop::sample::select(vec!["MANAJERIAL", "SOSIAL_KULTURAL", "TEKNIS"]),
        definition in "[a-z<>&]{1,5}(\n?[a-z]{1,5})?",
        levels in level_texts(),
    ) -> CaseEntry {
        CaseEntry {
            code: fallback(),
            name: Name::parse(&name).unwrap(),
            family: Code::parse(family).unwrap(),
            definition: LongText::parse(&definition).unwrap(),
            levels,
        }
    }
}

/// What a version of a dictionary says, of competencies whose codes also occur in frameworks below.
fn some_entries() -> impl Strategy<Value = Vec<CaseEntry>> {
    prop::collection::btree_map("[XY]|[A-D]|T\\.[1-3]", entry(), 0..6).prop_map(|entries| {
        let coded =
            |(code, entry): (String, CaseEntry)| CaseEntry { code: Code::parse(&code).unwrap(), ..entry };
        entries.into_iter().map(coded).collect()
    })
}

/// Somebody's framework: any nesting, any types or none, codes that repeat, numbers that are missing or too high, rubrics.
fn framework() -> impl Strategy<Value = Value> {
    let types = vec![
        "",
        "",
        "Competency",
        "Level",
        "Level",
        "Indicator",
        "Strand",
        "Kompetensi",
        "Rumpun Kompetensi",
    ];
    let one = (
        prop::sample::select(types),
        prop::option::of("[A-D]"),
        prop::option::of("[a-z]{1,4}( [a-z]{1,3})?"),
        prop::option::of(0_i64..8),
        prop::option::of(0_i64..8),
        prop::sample::select(vec!["a  b", "Kompetensi Manajerial", "teknis", "<b>tebal</b>", "baris\nkedua"]),
        any::<prop::sample::Index>(),
        0_u8..4,
    );
    let rubric = (any::<prop::sample::Index>(), prop::collection::vec((0_i64..7, "[r-t]{1,4}"), 0..4));
    let typed = any::<bool>();
    (prop::collection::vec(one, 0..14), prop::option::of(rubric), typed).prop_map(|(all, rubric, typed)| {
        let (mut items, mut associations) = (Vec::new(), Vec::new());
        for (n, (kind, code, short, listed, sequence, statement, above, roots)) in (1_u128..).zip(&all) {
            let mut more = json!({"vendor": {"n": n.to_string()}});
            if !kind.is_empty() && (typed || !matches!(*kind, "Competency" | "Kompetensi")) {
                merge(&mut more, json!({"CFItemType": kind}));
            }
            if let Some(code) = code {
                merge(&mut more, json!({"humanCodingScheme": code}));
            }
            if let Some(short) = short {
                merge(&mut more, json!({"abbreviatedStatement": short}));
            }
            if let Some(listed) = listed {
                merge(&mut more, json!({"listEnumeration": listed.to_string()}));
            }
            items.push(item(n, statement, more));
            let earlier = usize::try_from(n).unwrap() - 1;
            let parent = if earlier > 0 && *roots > 0 {
                u128::try_from(above.index(earlier)).unwrap() + 1
            } else {
                9_000_000
            };
            associations.push(association(n, "isChildOf", n, parent, *sequence));
        }
        associations.push(association(5_000, "exactMatchOf", 77_777, 88_888, None));
        let mut value = package(items, associations);
        if let (Some((about, levels)), false) = (rubric, all.is_empty()) {
            let about = u128::try_from(about.index(all.len())).unwrap() + 1;
            let level = |(n, (score, text)): (u128, &(i64, String))| {
                json!({"identifier": id(20_000 + n), "uri": "u", "lastChangeDateTime": "2026-01-02T03:04:05Z",
                    "score": score, "description": text})
            };
            let levels: Vec<Value> = (1..).zip(&levels).map(level).collect();
            let criterion = json!({"identifier": id(19_000), "uri": "u", "lastChangeDateTime": "2026-01-02T03:04:05Z",
                "CFItemURI": link(about), "CFRubricCriterionLevels": levels});
            let rubric = json!({"identifier": id(18_000), "uri": "u", "lastChangeDateTime": "2026-01-02T03:04:05Z",
                "CFRubricCriteria": [criterion]});
            merge(&mut value, json!({"CFRubrics": [rubric]}));
        }
        value
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_000))]

    #[test]
    fn a_dictionary_made_a_package_is_read_back_whole(entries_in in some_entries()) {
        let made = made_of(&contents(&entries_in));
        let package = checked(made.clone().into_value());
        prop_assert_eq!(&package, &made);
        prop_assert_eq!(entries(&package), entries_in);
    }

    #[test]
    fn writing_what_was_read_changes_nothing(value in framework()) {
        let package = checked(value.clone());
        let read = entries(&package);
        let written = package.write(&contents(&read), &families(), &fallback(), at(5)).unwrap();
        prop_assert_eq!(written.into_value(), value);
    }

    #[test]
    fn what_was_written_is_read_back_and_stays_a_package(value in framework(), new in some_entries(), kept in any::<u16>()) {
        let package = checked(value);
        // Some of what is there stays as it is, some is changed, some goes, some comes.
        let mut wanted: std::collections::BTreeMap<Code, CaseEntry> = entries(&package)
            .into_iter()
            .enumerate()
            .filter(|(index, _)| kept >> (index % 16) & 1 == 1)
            .map(|(_, entry)| (entry.code.clone(), entry))
            .collect();
        wanted.extend(new.into_iter().map(|entry| (entry.code.clone(), entry)));
        let wanted: Vec<CaseEntry> = wanted.into_values().collect();
        let written = package.write(&contents(&wanted), &families(), &fallback(), at(5)).unwrap();
        prop_assert_eq!(entries(&written), wanted.clone());
        let again = checked(written.clone().into_value());
        prop_assert_eq!(again.write(&contents(&wanted), &families(), &fallback(), at(6)).unwrap(), written);
    }

    #[test]
    fn the_order_of_lists_and_what_is_null_say_nothing(value in framework(), swap in any::<prop::sample::Index>()) {
        let package = checked(value.clone());
        let mut other = value;
        let items = other["CFItems"].as_array_mut().unwrap();
        if !items.is_empty() {
            let n = swap.index(items.len());
            items.rotate_left(n);
            items[0]["notes"] = Value::Null;
        }
        let other = checked(other);
        prop_assert_eq!(other.canonical(), package.canonical());
        let mut changed = other.into_value();
        changed["CFDocument"]["title"] = json!("Lain");
        prop_assert_ne!(checked(changed).canonical(), package.canonical());
    }
}

#[test]
fn every_property_has_its_form_and_every_fault_its_place() {
    let value = json!({
        "CFDocument": document(json!({"caseVersion": "2.0", "subject": "bukan daftar", "statusStartDate": "kemarin"})),
        "CFItems": [
            item(1, "satu", json!({"identifier": "bukan-uuid"})),
            item(2, "  ", json!({"lastChangeDateTime": "2026", "licenseURI": {"title": "x"}})),
            "bukan objek",
            item(3, "tiga", json!({"notes": null, "milik_orang": [1, 2]})),
            item(3, "tiga lagi", json!({})),
        ],
        "CFRubrics": [{"identifier": id(50), "uri": "u", "lastChangeDateTime": "2026-01-02T03:04:05Z",
            "CFRubricCriteria": [{"identifier": id(51), "uri": "u", "lastChangeDateTime": "2026-01-02T03:04:05Z", "weight": "berat"}]}],
    });
    assert_eq!(
        refused(value),
        [
            "/CFDocument/subject InvalidFormat",
            "/CFDocument/statusStartDate InvalidDate",
            "/CFItems/0/identifier InvalidId",
            "/CFItems/1/fullStatement Required",
            "/CFItems/1/lastChangeDateTime InvalidDate",
            "/CFItems/1/licenseURI/identifier Required",
            "/CFItems/1/licenseURI/uri Required",
            "/CFItems/2 InvalidFormat",
            "/CFItems/4/identifier Duplicate",
            "/CFRubrics/0/CFRubricCriteria/0/weight InvalidFormat",
            "/CFDocument/caseVersion NotAllowedValue",
        ]
    );
    assert_eq!(refused(json!({})), ["/CFDocument Required"]);
    assert_eq!(refused(json!([])), [" InvalidFormat"]);
    let many = vec![json!({}); CASE_MAX_ITEMS + 1];
    assert_eq!(refused(json!({"CFDocument": {}, "CFItems": many})), ["/CFItems TooMany"]);
}

#[test]
fn a_circle_and_a_loose_end_are_refused_and_a_reference_abroad_is_not() {
    let items = || (1..=4).map(|n| item(n, "x", json!({}))).collect::<Vec<_>>();
    let child = |n, from, to| association(n, "isChildOf", from, to, None);
    assert_eq!(
        refused(package(
            items(),
            vec![child(1, 1, 2), child(2, 2, 3), child(3, 3, 2), child(4, 4, 9_000_000)]
        )),
        ["/CFAssociations/1/destinationNodeURI/identifier Cycle"]
    );
    assert_eq!(
        refused(package(items(), vec![child(1, 1, 1)])),
        ["/CFAssociations/0/destinationNodeURI/identifier Cycle"]
    );
    assert_eq!(
        refused(package(items(), vec![child(1, 1, 70), child(2, 71, 2)])),
        [
            "/CFAssociations/0/destinationNodeURI/identifier NotFound",
            "/CFAssociations/1/originNodeURI/identifier NotFound"
        ]
    );
    checked(package(
        items(),
        vec![association(1, "exactMatchOf", 1, 70, None), child(2, 1, 2), child(3, 1, 3)],
    ));
}

#[test]
fn a_chain_as_long_as_a_package_may_be_needs_no_stack() {
    let count = 50_000;
    let items = (1..=count).map(|n| item(n, "x", json!({}))).collect();
    let chain = (1..count).map(|n| association(n, "isChildOf", n, n + 1, None)).collect();
    let package = checked(package(items, chain));
    assert_eq!(entries(&package).len(), 1);
    let circle = (1..=count).map(|n| association(n, "isChildOf", n, n % count + 1, None)).collect();
    let items = (1..=count).map(|n| item(n, "x", json!({}))).collect();
    assert_eq!(refused(super::tests::package(items, circle)).len(), 1);
}

#[test]
fn a_nested_framework_without_levels_is_its_lowest_statements() {
    let items = vec![
        item(1, "Kompetensi Sosial Kultural", json!({})),
        item(2, "Bagian", json!({"humanCodingScheme": "S"})),
        item(
            3,
            "Menghargai perbedaan di tempat kerja",
            json!({"humanCodingScheme": "S.1", "educationLevel": ["09"]}),
        ),
        item(4, "Tanpa kode", json!({"subject": ["Teknis"]})),
        item(5, "Sendirian", json!({"humanCodingScheme": "S.9"})),
    ];
    let associations = vec![
        association(1, "isChildOf", 1, 9_000_000, Some(1)),
        association(2, "isChildOf", 2, 1, None),
        association(3, "isChildOf", 3, 2, None),
        association(4, "isChildOf", 4, 9_000_000, None),
    ];
    let package = checked(package(items, associations));
    let reading = package.read(&families(), &fallback()).unwrap();
    let said: Vec<_> =
        reading.entries.values().map(|(_, one)| (one.code.as_str(), one.family.as_str())).collect();
    let uncoded = id(4).to_string();
    assert_eq!(said, [(uncoded.as_str(), "TEKNIS"), ("S.1", "SOSIAL_KULTURAL"), ("S.9", "TEKNIS")]);
    assert_eq!((reading.others, reading.unplaced), (2, 0));
    let long = "panjang ".repeat(600);
    let package = checked(super::tests::package(vec![item(1, &long, json!({}))], vec![]));
    let found = package.read(&families(), &fallback()).unwrap_err();
    assert_eq!(
        (found[0].pointer.as_str(), found[0].code),
        ("/CFItems/0/fullStatement", ViolationCode::TooLong)
    );
}

#[test]
fn levels_are_read_from_items_or_from_a_rubric() {
    let items = vec![
        item(1, "Definisi", json!({"CFItemType": "Competency", "humanCodingScheme": "T.1"})),
        item(2, "Dasar", json!({"CFItemType": "Level", "listEnumeration": "2"})),
        item(3, "Menyebutkan", json!({"CFItemType": "Indikator Perilaku"})),
        item(4, "Menjelaskan", json!({"CFItemType": "Indicator"})),
        item(5, "Keenam", json!({"CFItemType": "Level", "listEnumeration": "6"})),
    ];
    let associations = vec![
        association(1, "isChildOf", 2, 1, Some(9)),
        association(2, "isChildOf", 3, 2, Some(2)),
        association(3, "isChildOf", 4, 2, Some(1)),
        association(4, "isChildOf", 5, 1, None),
    ];
    let mut value = package(items, associations);
    let level = |n: u128, more: Value| {
        let mut level =
            json!({"identifier": id(n), "uri": "u", "lastChangeDateTime": "2026-01-02T03:04:05Z"});
        merge(&mut level, more);
        level
    };
    let criterion = level(
        40,
        json!({"CFItemURI": link(1), "CFRubricCriterionLevels": [
            level(41, json!({"score": 2.0, "description": "tidak dipakai: ada butirnya"})),
            level(42, json!({"position": 3, "quality": "Menengah"})),
            level(43, json!({"score": 2.5, "description": "bukan level"})),
        ]}),
    );
    merge(&mut value, json!({"CFRubrics": [level(39, json!({"CFRubricCriteria": [criterion]}))]}));
    let package = checked(value);
    let reading = package.read(&families(), &fallback()).unwrap();
    let (_, entry) = reading.entries.values().next().unwrap();
    let said: Vec<_> = entry
        .levels
        .iter()
        .map(|text| {
            (
                text.level.get(),
                text.description.as_str(),
                text.indicators.iter().map(LongText::as_str).collect::<Vec<_>>(),
            )
        })
        .collect();
    assert_eq!(said, [(2, "Dasar", vec!["Menjelaskan", "Menyebutkan"]), (3, "Menengah", vec![])]);
    assert_eq!((reading.others, reading.unplaced), (0, 1));
}

#[test]
fn a_change_keeps_every_identifier_and_everything_else() {
    let before = made_of(&contents(&[entry_of("T.1", "Satu"), entry_of("T.2", "Dua")]));
    let mut wanted = entries(&before);
    wanted[0].levels[0].indicators = vec![LongText::parse("Baru").unwrap()];
    wanted[1].family = Code::parse("MANAJERIAL").unwrap();
    let after = before.write(&contents(&wanted), &families(), &fallback(), at(9)).unwrap();
    let ids =
        |package: &CasePackage| -> Vec<Uuid> { package.list("CFItems").filter_map(identifier).collect() };
    assert_eq!(ids(&before), ids(&after));
    let changed: Vec<_> = (0..before.items())
        .filter(|n| before.values("CFItems")[*n] != after.values("CFItems")[*n])
        .map(|n| after.values("CFItems")[n]["CFItemType"].as_str().unwrap().to_owned())
        .collect();
    assert_eq!(changed, ["Indicator", "Competency"]);
    assert_eq!(before.values("CFAssociations"), after.values("CFAssociations"));
}

fn entry_of(code: &str, name: &str) -> CaseEntry {
    CaseEntry {
        code: Code::parse(code).unwrap(),
        name: Name::parse(name).unwrap(),
        family: fallback(),
        definition: LongText::parse("Definisi").unwrap(),
        levels: Level::ALL
            .map(|level| LevelText {
                level,
                description: LongText::parse("Deskripsi").unwrap(),
                indicators: vec![LongText::parse("Indikator").unwrap()],
            })
            .to_vec(),
    }
}

#[test]
fn a_status_of_the_publishers_own_stays_where_it_fits() {
    use DictionaryState::{Draft, Published, Retired};
    let status = |status: &str, state, edited| {
        let value = json!({"CFDocument": document(json!({"adoptionStatus": status}))});
        let package = checked(value).in_state(state, edited, None, None);
        package.document_text("adoptionStatus").unwrap().to_owned()
    };
    for (given, state, edited, expected) in [
        ("Private Draft", Draft, true, "Private Draft"),
        ("Implemented", Published, false, "Implemented"),
        ("Adopted", Draft, false, "Adopted"),
        ("Adopted", Draft, true, "Draft"),
        ("Adopted", Retired, false, "Deprecated"),
        ("Draft", Published, false, "Adopted"),
        ("Retired", Retired, false, "Retired"),
    ] {
        assert_eq!(status(given, state, edited), expected, "{given} {state}");
    }
}

#[test]
fn identifiers_of_our_own_are_of_a_version_that_case_knows_and_never_change() {
    let id = case_identifier(CompetencyId::from(Uuid::from_u128(1)));
    assert_eq!((id.get_version_num(), id.get_variant()), (5, uuid::Variant::RFC4122));
    // RFC 9562's algorithm, held against another implementation of it.
    assert_eq!(id.to_string(), "44ee5d9a-3e8b-5443-a2c9-f2c1b229fb3e");
    let native = CaseIdentity::native(DictionaryId::from(Uuid::from_u128(7)), 2);
    assert_eq!(native.version, "2");
    assert_eq!(native.continued(3).version, "2+3");
}

#[test]
fn a_version_is_one_short_line() {
    let of = |version: Value| {
        CasePackage::check(json!({"CFDocument": document(json!({"version": version}))}))
            .map_err(|found| found.into_iter().map(|one| (one.pointer, one.code)).collect::<Vec<_>>())
    };
    let refused = |code| Err(vec![("/CFDocument/version".to_owned(), code)]);
    let identity = of(json!("é".repeat(200))).unwrap().identity();
    assert_eq!(identity.version.chars().count(), 200);
    assert_eq!(of(json!("é".repeat(201))), refused(ViolationCode::TooLong));
    assert_eq!(of(json!("2026\n2")), refused(ViolationCode::ControlCharacter));
    assert_eq!(of(json!(2026)), refused(ViolationCode::InvalidFormat));
    // A version that goes on from the longest one can come in again.
    let next = identity.continued(12);
    assert!(next.version.ends_with("é+12") && next.version.chars().count() == 200);
    assert!(of(json!(next.version)).is_ok());
}

#[test]
fn a_family_we_noted_must_be_one() {
    let noted = |family: &str| {
        let more = json!({"extensions": {"bangkom": {"family": family}}});
        let package = checked(package(vec![item(1, "Satu", json!({})), item(2, "Dua", more)], vec![]));
        package.read(&families(), &fallback())
    };
    let read = noted("MANAJERIAL").unwrap();
    assert!(read.entries.values().any(|(_, entry)| entry.family.as_str() == "MANAJERIAL"));
    for strange in ["TIDAK-ADA", "dua kata", ""] {
        let found = noted(strange).unwrap_err();
        assert_eq!(
            (found[0].pointer.as_str(), found[0].code),
            ("/CFItems/1/extensions/bangkom/family", ViolationCode::NotAllowedValue),
            "{strange}"
        );
    }
}

/// A package with an item that has this beside what an item has.
fn spelled(beside: &str) -> String {
    let text = package(vec![item(1, "Satu", json!({"x-lain": "DI SINI"}))], vec![]).to_string();
    text.replace("\"DI SINI\"", beside)
}

#[test]
fn a_number_goes_out_as_it_is_spelled() {
    for number in [
        "100",
        "1e2",
        "1E+2",
        "100.0",
        "0.10",
        "-0",
        "-0.0",
        "1e400",
        "-1e-400",
        "12345678901234567890123",
        "0.1",
        "-7",
        "18446744073709551616",
        "3.00",
    ] {
        for beside in [number.to_owned(), format!("[{number},{{\"a\":{number} }}]"), format!("\"{number}\"")]
        {
            let text = spelled(&beside);
            let package = checked(case_json(&text).unwrap());
            let again = CasePackage::stored(case_json(&package.to_text()).unwrap()).unwrap();
            for written in [package.to_text(), again.to_text()] {
                assert!(written.contains(&beside.replace(' ', "")), "{beside}: {written}");
            }
            assert_eq!(package, again);
            // It stays so when something else changes.
            let mut wanted = entries(&package);
            wanted[0].name = Name::parse("Lain").unwrap();
            let edited = package.write(&contents(&wanted), &families(), &fallback(), at(9)).unwrap();
            assert!(edited.to_text().contains(&beside.replace(' ', "")));
        }
    }
    for wrong in ["01", "1.", ".5", "1e", "+1", "-", "1e+", "--1", "1.2.3", "0x10", "NaN"] {
        assert_eq!(case_json(&spelled(wrong)), None, "{wrong}");
    }
}

#[test]
fn a_property_named_as_our_own_mark_is_somebody_elses() {
    let mark = '\u{F8FF}';
    for name in [mark.to_string(), "\\uF8FF".to_owned(), format!("{mark}\\uf8ff"), format!("{mark}x")] {
        let beside = format!("{{\"{name}\" : \"1e2\"}}");
        let package = checked(case_json(&spelled(&beside)).unwrap());
        let out: Value = serde_json::from_str(&package.to_text()).unwrap();
        let sent: Value = serde_json::from_str(&beside).unwrap();
        assert_eq!(out["CFItems"][0]["x-lain"], sent, "{name}");
    }
    // As a value it is a text like any other, and an escaped quote ends none.
    for beside in [format!("\"{mark}\""), "\"a\\\"1e2\\\\\"".to_owned()] {
        assert!(checked(case_json(&spelled(&beside)).unwrap()).to_text().contains(&beside));
    }
}

#[test]
fn a_spelled_number_is_a_number_where_one_is_asked_for_and_nothing_else() {
    let of = |number: &str| {
        let text =
            package(vec![item(1, "Satu", json!({"notes": "DI SINI", "extensions": "DI SANA"}))], vec![]);
        CasePackage::check(
            case_json(&text.to_string().replace("\"DI SINI\"", number).replace("\"DI SANA\"", number))
                .unwrap(),
        )
    };
    let found: Vec<_> = of("1e2").unwrap_err().into_iter().map(|one| (one.pointer, one.code)).collect();
    let at = ["/CFItems/0/notes", "/CFItems/0/extensions"];
    assert_eq!(found, at.map(|at| (at.to_owned(), ViolationCode::InvalidFormat)));
    let same = |one: &str, other: &str| {
        let of = |number: &str| checked(case_json(&spelled(number)).unwrap()).canonical();
        of(one) == of(other)
    };
    for (one, other) in [("1e2", "100"), ("0.10", "1e-1"), ("-0", "0.0"), ("100.0", "1E+2"), ("2.50", "2.5")]
    {
        assert!(same(one, other), "{one} {other}");
    }
    for (one, other) in [
        ("1e2", "1e3"),
        ("12345678901234567890123", "12345678901234567890124"),
        ("-1.0", "1"),
        ("1", "\"1\""),
        ("1e400", "1e401"),
    ] {
        assert!(!same(one, other), "{one} {other}");
    }
}
