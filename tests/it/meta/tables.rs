//! Every list of the contract is a table, too: the whole of it, with a column for each property.

use std::collections::BTreeSet;
use std::io::Cursor;

use access::Role;
use calamine::{Reader as _, Xlsx, open_workbook_from_rs};
use serde_json::Value;
use support::{Caller, operations};

use super::coverage::entries;
use super::world::World;

/// Properties that are no columns: what the caller may do, parts of a number that is there as a whole, and what a table of
/// this list says in another way.
const LEFT_OUT: [&str; 21] = [
    "*.allowed_actions",
    "employee_list.nip_display",
    "employee_list.nip_reading_kind",
    "employee_list.nip_reading_serial",
    "employee_list.nip_reading_appointment_year",
    "employee_list.nip_reading_appointment_month",
    "employee_list.nip_reading_agreement_code",
    "placement_list.position_placement_id",
    "placement_list.position_since",
    "operation_list.result",
    "operation_list.error_errors",
    "operation_list.error_type",
    "operation_list.error_instance",
    "candidate_list.job_person_match_cutoff_at_least",
    "candidate_list.job_person_match_cutoff_category",
    "candidate_list.job_person_match_terms",
    "candidate_list.job_person_match_purpose",
    "candidate_list.job_person_match_policy_id",
    "candidate_list.job_person_match_policy_national",
    "candidate_list.job_person_match_policy_source",
    "candidate_list.job_person_match_policy_valid_from",
];

fn resolved<'a>(contract: &'a Value, schema: &'a Value) -> &'a Value {
    let named = schema["$ref"].as_str().map(|at| contract.pointer(at.trim_start_matches('#')).unwrap());
    let schema = named.unwrap_or(schema);
    match schema["oneOf"].as_array() {
        Some(all) => {
            let one = all.iter().find(|one| one["type"] != "null").unwrap();
            resolved(contract, one)
        }
        None => schema,
    }
}

/// The properties of a shape, by path; a list or a map is one.
fn leaves(contract: &Value, schema: &Value, path: &str, found: &mut BTreeSet<String>) {
    let schema = resolved(contract, schema);
    match schema["properties"].as_object() {
        Some(properties) => {
            for (name, inner) in properties {
                let path = if path.is_empty() { name.clone() } else { format!("{path}_{name}") };
                leaves(contract, inner, &path, found);
            }
        }
        None => {
            found.insert(path.to_owned());
        }
    }
}

/// A CSV file as rows of cells, the header first.
pub(crate) fn csv_rows(text: &str) -> Vec<Vec<String>> {
    let text = text.strip_prefix('\u{feff}').expect("Excel needs the mark");
    let mut reader =
        csv::ReaderBuilder::new().delimiter(b';').has_headers(false).from_reader(text.as_bytes());
    reader.records().map(|row| row.unwrap().iter().map(ToOwned::to_owned).collect()).collect()
}

/// A workbook's only sheet, the same way.
pub(crate) fn xlsx_rows(bytes: &[u8]) -> Vec<Vec<String>> {
    let mut book: Xlsx<_> = open_workbook_from_rs(Cursor::new(bytes)).unwrap();
    let names = book.sheet_names();
    assert_eq!(names.len(), 1);
    let range = book.worksheet_range(&names[0]).unwrap();
    range.rows().map(|row| row.iter().map(ToString::to_string).collect()).collect()
}

/// What begins one more parameter.
fn mark(path: &str) -> char {
    if path.contains('?') { '&' } else { '?' }
}

/// Items of the list at `path`, walked page by page.
async fn walked(caller: &Caller<'_>, path: &str, pages: bool) -> usize {
    let (mut count, mut cursor) = (0, String::new());
    loop {
        let query = if pages { format!("{}limit=2{cursor}", mark(path)) } else { String::new() };
        let page = caller.get(&format!("{path}{query}")).await.expect(200);
        count += page.items().len();
        match page.json["next"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => return count,
        }
    }
}

#[tokio::test]
async fn every_list_is_a_table_of_all_its_rows_with_a_column_for_each_property() {
    let world = World::new().await;
    let (app, contract) = (world.app().await, &api::http::document().value);
    let operations = operations();
    let (mut lists, mut problems) = (0, Vec::new());
    for entry in entries(&world) {
        let operation = operations.iter().find(|one| one.id == entry.id && one.method == "GET");
        let Some(operation) = operation.map(|one| &one.spec) else { continue };
        let content = &operation["responses"]["200"]["content"];
        let item =
            &resolved(contract, &content["application/json"]["schema"])["properties"]["items"]["items"];
        if content["text/csv"].is_null() || item.is_null() {
            continue;
        }
        lists += 1;
        // An auditor reads most lists; the rest belong to the personnel agency.
        let caller = world.caller(&app, world.agency, Role::AgencyAdmin);
        let pages = operation["parameters"].to_string().contains("\"limit\"");
        let expected = walked(&caller, &entry.path, pages).await;
        let sheet = caller.with("accept", "text/csv").get(&entry.path).await.expect(200);
        assert_eq!(sheet.header("content-type"), "text/csv; charset=utf-8");
        assert!(sheet.header("content-disposition").starts_with("attachment; filename=\""));
        assert!(sheet.header("content-disposition").ends_with(".csv\""));
        let rows = csv_rows(&sheet.text);
        let book = caller.get(&format!("{}{}format=xlsx", entry.path, mark(&entry.path))).await.expect(200);
        assert!(book.header("content-disposition").ends_with(".xlsx\""));
        let book = xlsx_rows(&book.bytes);
        // Looks and trails grow by being looked at.
        let grows = ["access_record_list", "audit_event_list"].contains(&entry.id);
        if rows.len() != expected + 1 && !grows {
            problems.push(format!("{}: {} rows for {expected} items", entry.id, rows.len() - 1));
        }
        if book.first() != rows.first() || (book.len() != rows.len() && !grows) {
            problems.push(format!("{}: the workbook differs", entry.id));
        }
        let mut wanted = BTreeSet::new();
        leaves(contract, item, "", &mut wanted);
        wanted.retain(|name| {
            ![format!("{}.{name}", entry.id), format!("*.{name}")]
                .iter()
                .any(|one| LEFT_OUT.contains(&one.as_str()))
        });
        let header: BTreeSet<String> = rows[0].iter().cloned().collect();
        if header != wanted {
            let missing: Vec<_> = wanted.difference(&header).collect();
            let odd: Vec<_> = header.difference(&wanted).collect();
            problems.push(format!("{}: no column for {missing:?}, no property for {odd:?}", entry.id));
        }
        // A part of a list in a file would look like the list.
        if pages {
            let refused = caller
                .get(&format!("{}{}format=csv&limit=2", entry.path, mark(&entry.path)))
                .await
                .expect(400);
            refused.expect_error("/query/limit", "INCONSISTENT");
        }
    }
    assert_eq!(problems, Vec::<String>::new());
    assert!(lists >= 20, "only {lists} lists were tried");
}
