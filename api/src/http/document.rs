//! The contract as the server knows it: generated from the handlers, then completed with what holds for every
//! operation, so that no handler has to repeat it.

use std::collections::HashMap;
use std::sync::OnceLock;

use actix_web::HttpRequest;
use serde_json::{Map, Value, json};
use utoipa::OpenApi;

use crate::http::problem::{ProblemDetails, ProblemValue};
use crate::http::routes;
use crate::problems::Problem;

/// What the contract says of itself.
#[derive(OpenApi)]
#[openapi(
    info(
        title = "Bangkom",
        description = "Competency gaps and development plans of Indonesian civil servants (ASN).\n\n\
            An agency's people, what their positions require (standar kompetensi), what they were found able to do \
            (penilaian kompetensi), and what lies between, on any day, explained.\n\n\
            Every failure is `application/problem+json` with a stable `code`; see `/docs/problems`.",
        license(name = "MIT OR Apache-2.0", identifier = "MIT OR Apache-2.0"),
        contact(name = "Bangkom", url = "https://bangkom.example")
    ),
    servers((url = "/", description = "This server")),
    components(schemas(ProblemDetails, ProblemValue)),
    tags(
        (name = "Caller", description = "Who is calling, and who looked at them."),
        (name = "Agencies", description = "Agencies and the roles people have in them."),
        (name = "Workforce", description = "Units, positions, people and where they serve."),
        (name = "Dictionaries", description = "Competencies and their five levels, in versions (kamus kompetensi)."),
        (name = "Standards", description = "What a position requires (standar kompetensi jabatan)."),
        (name = "Assessments", description = "What people were found able to do (penilaian kompetensi)."),
        (name = "Gaps", description = "What is missing, and the job person match (JPM)."),
        (name = "Policies", description = "Versioned rubrics: cut-offs, validity, default levels."),
        (name = "Imports", description = "An agency's own spreadsheets."),
        (name = "Audit", description = "What was done, by whom."),
        (name = "System", description = "Health, figures and keys; open to everybody."),
    )
)]
pub(crate) struct Contract;

/// The finished contract, and what is looked up in it.
#[derive(Debug)]
pub struct Document {
    /// The document, keys sorted.
    pub value: Value,
    /// The same as text, ending in a line feed.
    pub text: String,
    operations: HashMap<(String, String), &'static str>,
    methods: Vec<(Vec<String>, String)>,
}

/// The contract of this program.
pub fn document() -> &'static Document {
    static DOCUMENT: OnceLock<Document> = OnceLock::new();
    DOCUMENT.get_or_init(|| Document::new(routes::generated()))
}

impl Document {
    fn new(generated: utoipa::openapi::OpenApi) -> Self {
        let mut value = serde_json::to_value(generated).unwrap_or_default();
        complete(&mut value);
        let value = sorted(value);
        let mut text = serde_json::to_string_pretty(&value).unwrap_or_default();
        text.push('\n');
        let mut operations = HashMap::new();
        let mut methods = Vec::new();
        for (path, item) in value.pointer("/paths").and_then(Value::as_object).into_iter().flatten() {
            let item = item.as_object().into_iter().flatten();
            let mut allow = Vec::new();
            for (method, operation) in item {
                let Some(id) = operation.get("operationId").and_then(Value::as_str) else { continue };
                let method = method.to_ascii_uppercase();
                // Once per process: the document is made once.
                let id: &'static str = Box::leak(id.to_owned().into_boxed_str());
                operations.insert((method.clone(), path.clone()), id);
                allow.push(method);
            }
            if allow.iter().any(|method| method == "GET") {
                allow.push("HEAD".to_owned());
            }
            allow.sort();
            methods.push((path.split('/').map(ToOwned::to_owned).collect(), allow.join(", ")));
        }
        Self { value, text, operations, methods }
    }

    /// The operation a routed request is for.
    pub(crate) fn operation_of(&self, request: &HttpRequest) -> Option<&'static str> {
        let method = request.method().as_str();
        let pattern = request.match_pattern()?;
        self.operations.get(&(method.to_owned(), pattern)).copied()
    }

    /// The methods of a path, for `Allow`; `None` when no such path exists.
    pub(crate) fn allow(&self, path: &str) -> Option<&str> {
        let parts: Vec<&str> = path.split('/').collect();
        let fits = |pattern: &[String]| {
            pattern.len() == parts.len()
                && pattern
                    .iter()
                    .zip(&parts)
                    .all(|(want, have)| if want.starts_with('{') { !have.is_empty() } else { want == have })
        };
        // A literal path comes before one with parameters: `/employees/by-nip/..` before `/employees/{id}/..`.
        let literal = |pattern: &[String]| pattern.iter().filter(|part| !part.starts_with('{')).count();
        let best = self.methods.iter().filter(|(pattern, _)| fits(pattern));
        best.max_by_key(|(pattern, _)| literal(pattern)).map(|(_, allow)| allow.as_str())
    }
}

/// Object keys in order, at every depth: what is generated does not depend on how maps are kept.
fn sorted(value: Value) -> Value {
    match value {
        Value::Object(object) => {
            let mut entries: Vec<_> = object.into_iter().map(|(key, value)| (key, sorted(value))).collect();
            entries.sort_by(|a, b| a.0.cmp(&b.0));
            Value::Object(entries.into_iter().collect())
        }
        Value::Array(items) => Value::Array(items.into_iter().map(sorted).collect()),
        other => other,
    }
}

/// Adds what holds for every operation: security, the problems it can answer, the headers it takes and gives; and for
/// every schema the bounds its format implies.
fn complete(document: &mut Value) {
    set(
        document,
        "/components",
        "securitySchemes",
        json!({"bearer": {
            "type": "http", "scheme": "bearer", "bearerFormat": "JWT",
            "description": "An access token of the built-in issuer (`bangkom token`) or of a configured OpenID Connect issuer."
        }}),
    );
    set(document, "", "security", json!([{"bearer": []}]));
    let paths = document.pointer_mut("/paths").and_then(Value::as_object_mut);
    for (path, item) in paths.into_iter().flatten() {
        for (method, operation) in item.as_object_mut().into_iter().flatten() {
            if operation.get("operationId").is_some() {
                complete_operation(path, method, operation);
            }
        }
    }
    complete_schemas(document);
}

fn set(document: &mut Value, pointer: &str, key: &str, value: Value) {
    if let Some(object) = document.pointer_mut(pointer).and_then(Value::as_object_mut) {
        object.insert(key.to_owned(), value);
    }
}

fn complete_operation(path: &str, method: &str, operation: &mut Value) {
    let extra = problems_of(operation);
    if !path.starts_with("/v1/") {
        set(operation, "", "security", json!([]));
        declare(operation, &extra);
        return;
    }
    let writes = method != "get";
    let calculates = path.starts_with("/v1/calculators/");
    let has_body = operation.get("requestBody").is_some();
    let has_query = operation
        .get("parameters")
        .and_then(Value::as_array)
        .is_some_and(|all| all.iter().any(|one| one.get("in").and_then(Value::as_str) == Some("query")));
    let conditional = matches!(method, "put" | "delete");

    let mut parameters = vec![
        header_parameter("Accept-Language", "Language of messages: `id` (default) or `en`.", "id", 100),
        header_parameter(
            "Bangkom-Agency",
            "Code of the agency this is about, for callers with roles in several.",
            "DEMO-KOTA",
            64,
        ),
    ];
    if conditional {
        parameters.push(header_parameter("If-Match", "The `ETag` that was read last.", "\"3\"", 200));
    }
    if writes && !calculates {
        parameters.push(header_parameter(
            "Idempotency-Key",
            "Any text of your own, new for each intended change: a repetition with the same key gets the first reply and changes nothing. Kept for 24 hours.",
            "01931d5e-7c1f-7d7a-9a7e-3f1f3f0e4a11",
            255,
        ));
    }
    if let Some(all) = operation.as_object_mut() {
        let known = all.entry("parameters").or_insert_with(|| json!([]));
        if let Some(known) = known.as_array_mut() {
            for parameter in known.iter_mut().filter(|one| one.get("name") == Some(&json!("cursor"))) {
                set(parameter, "", "example", json!("eyJmIjoiWVdKaiIsImsiOlsiRElOS0VTIl19"));
            }
            known.extend(parameters);
        }
    }

    let mut statuses = vec![401, 403, 500, 503];
    if has_body || has_query || writes || path.contains('{') {
        statuses.push(400);
    }
    if path.contains('{') {
        statuses.push(404);
    }
    if has_body {
        statuses.extend([413, 415]);
    }
    if writes && !calculates {
        statuses.push(409);
    }
    if conditional {
        statuses.extend([412, 428]);
    }
    statuses.extend(extra);
    if let Some(responses) = operation.get_mut("responses").and_then(Value::as_object_mut) {
        for (status, response) in responses.iter_mut() {
            complete_success(method, status, response, path, calculates);
        }
    }
    declare(operation, &statuses);
}

/// Statuses an operation names beyond those its shape implies, in the extension `x-problems`, which is taken off.
fn problems_of(operation: &mut Value) -> Vec<u16> {
    let named = operation.as_object_mut().and_then(|operation| operation.remove("x-problems"));
    let named = named.as_ref().and_then(Value::as_array).into_iter().flatten();
    named.filter_map(Value::as_u64).filter_map(|status| u16::try_from(status).ok()).collect()
}

fn declare(operation: &mut Value, statuses: &[u16]) {
    if let Some(responses) = operation.get_mut("responses").and_then(Value::as_object_mut) {
        for status in statuses {
            responses.entry(status.to_string()).or_insert_with(|| problem_response(*status));
        }
    }
}

fn header_parameter(name: &str, description: &str, example: &str, max: u32) -> Value {
    json!({"name": name, "in": "header", "required": false, "description": description,
        "schema": {"type": "string", "maxLength": max}, "example": example})
}

fn response_header(description: &str, example: &str) -> Value {
    json!({"description": description, "schema": {"type": "string", "maxLength": 2500}, "example": example})
}

fn complete_success(method: &str, status: &str, response: &mut Value, path: &str, calculates: bool) {
    let mut headers = Map::new();
    headers.insert(
        "X-Request-Id".to_owned(),
        response_header("Id of the request, for questions about it.", "01931d5e-7c1f-7d7a-9a7e-3f1f3f0e4a11"),
    );
    let body = response.get("content").is_some();
    let lists = response
        .pointer("/content/application~1json/schema/$ref")
        .and_then(Value::as_str)
        .is_some_and(|name| name.contains("PageView"));
    if lists {
        headers.insert(
            "Link".to_owned(),
            response_header("`rel=\"next\"`: the next page.", "</v1/units?cursor=x>; rel=\"next\""),
        );
    } else if body && !calculates {
        headers.insert("ETag".to_owned(), response_header("Strong entity tag.", "\"1\""));
    }
    if method == "post" && status == "201" {
        headers.insert("Location".to_owned(), response_header("Path of the new resource.", path));
    }
    if method != "get" && !calculates {
        headers.insert(
            "Idempotency-Replayed".to_owned(),
            response_header("`true` when the reply is a kept one.", "true"),
        );
    }
    set(response, "", "headers", Value::Object(headers));
}

/// The response of a problem status, with every code that has it.
fn problem_response(status: u16) -> Value {
    let specs: Vec<_> =
        Problem::ALL.iter().map(|one| one.spec()).filter(|spec| spec.status == status).collect();
    let described: Vec<_> = specs.iter().map(|spec| format!("`{}`: {}", spec.code, spec.when)).collect();
    let first = specs.first();
    let example = json!({
        "type": format!("/docs/problems#{}", first.map_or("", |spec| spec.code)),
        "title": first.map_or("", |spec| spec.id),
        "status": status,
        "code": first.map_or("", |spec| spec.code),
        "detail": null,
        "instance": "01931d5e-7c1f-7d7a-9a7e-3f1f3f0e4a11",
        "errors": []
    });
    json!({
        "description": described.join("\n\n"),
        "content": {"application/problem+json": {
            "schema": {"$ref": "#/components/schemas/ProblemDetails"},
            "example": example
        }}
    })
}

/// Bounds and examples that a format implies, wherever a schema stands.
fn complete_schemas(value: &mut Value) {
    match value {
        Value::Object(object) => {
            let format = object.get("format").and_then(Value::as_str).unwrap_or_default();
            let implied = match format {
                "uuid" => Some((36, "01931d5e-7c1f-7d7a-9a7e-3f1f3f0e4a11")),
                "date" => Some((10, "2026-07-01")),
                "date-time" => Some((35, "2026-07-01T08:00:00Z")),
                _ => None,
            };
            if let Some((max, example)) = implied {
                object.entry("maxLength").or_insert_with(|| json!(max));
                if !object.contains_key("examples") {
                    object.entry("example").or_insert_with(|| json!(example));
                }
            }
            for inner in object.values_mut() {
                complete_schemas(inner);
            }
        }
        Value::Array(items) => items.iter_mut().for_each(complete_schemas),
        _ => {}
    }
}
