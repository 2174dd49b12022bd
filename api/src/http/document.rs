//! The contract as the server knows it: generated from the handlers, then completed with what holds for every
//! operation, so that no handler has to repeat it.

mod examples;
mod schemas;

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::OnceLock;

use actix_web::http::StatusCode;
use actix_web::{HttpMessage as _, HttpRequest};
use kernel::ViolationCode;
use serde_json::{Map, Value, json};
use utoipa::OpenApi;

use crate::dto::eligibility::ClassRulesView;
use crate::dto::plan_instances::{PlanHours, PlanInstance, PlanSolution};
use crate::http::negotiate::{Format, PARAMETER};
use crate::http::problem::{ProblemDetails, ProblemValue};
use crate::http::routes;
use crate::messages;
use crate::problems::Problem;

/// The most characters of a body that is no JSON: no file is taken in or given out beyond it.
const FILE_MAX: u32 = 256 * 1024 * 1024;

/// The most characters of a table: the contract bounds every text, and a list has no other end.
const TABLE_MAX: u64 = 1 << 40;

/// What the contract says of itself.
#[derive(OpenApi)]
#[openapi(
    info(
        title = "Bangkom",
        description = "Competency gaps and development plans of Indonesian civil servants (ASN).\n\n\
            An agency's people, what their positions require (standar kompetensi), what they were found able to do \
            (penilaian kompetensi), and what lies between, on any day, explained.\n\n\
            Every failure is `application/problem+json` with a stable `code`; see [/docs/problems](/docs/problems).",
        license(name = "MIT OR Apache-2.0", identifier = "MIT OR Apache-2.0"),
        contact(name = "Bangkom")
    ),
    servers((url = "/", description = "This server: local, staging or production.")),
    // Met in problems, as the values of a map, or in files of commands: where the generator does not look.
    components(schemas(ClassRulesView, PlanHours, PlanInstance, PlanSolution, ProblemDetails, ProblemValue)),
    tags(
        (name = "Caller", description = "Who is calling, and who looked at them."),
        (name = "Inbox", description = "What the caller is told, and how often (kotak masuk)."),
        (name = "Agencies", description = "Agencies and the roles people have in them."),
        (name = "Workforce", description = "Units, positions, people and where they serve."),
        (name = "Dictionaries", description = "Competencies and their five levels, in versions (kamus kompetensi)."),
        (name = "Catalogue", description = "Who provides development, who teaches, and what (mitra, pengajar, program)."),
        (name = "Classes", description = "When and where, who takes part, and what comes of it (kelas, pendaftaran, kehadiran)."),
        (name = "Activities", description = "Development outside classes: magang, detasering, pertukaran, patok banding, coaching, mentoring, komunitas, belajar mandiri, tugas belajar."),
        (name = "Certificates", description = "What comes of a class: results, certificates anybody verifies, proposed evidence."),
        (name = "Evaluation", description = "What participants and their superiors say of classes, and what tests and later assessments show (evaluasi, level 1-4)."),
        (name = "Standards", description = "What a position requires (standar kompetensi jabatan)."),
        (name = "Assessments", description = "What people were found able to do (penilaian kompetensi)."),
        (name = "Gaps", description = "What is missing, and the job person match (JPM)."),
        (name = "Recommendations", description = "What takes a person further, ranked and explained."),
        (name = "Learning hours", description = "Ledgers of learning hours (jam pelajaran, JP), and what people log themselves."),
        (name = "Needs analyses", description = "What people of a unit need to learn in a year (analisis kebutuhan pengembangan kompetensi, AKPK)."),
        (name = "Development plans", description = "What people do in a year to close gaps (rencana pengembangan individu)."),
        (name = "Agency plans", description = "What an agency does in a year to close gaps, and what it costs (rencana pengembangan kompetensi, HCDP)."),
        (name = "Policies", description = "Versioned rubrics: cut-offs, validity, default levels."),
        (name = "Imports", description = "An agency's own spreadsheets."),
        (name = "Webhooks", description = "Endpoints of others that are told what happens (Standard Webhooks)."),
        (name = "Audit", description = "What was done, by whom."),
        (name = "System", description = "Health, figures and keys; open to everybody."),
    )
)]
pub(crate) struct Contract;

/// Which operation a request is for, once that was found out.
#[derive(Clone, Copy, Debug)]
struct Operation(&'static str);

/// The finished contract, and what is looked up in it.
#[derive(Debug)]
pub struct Document {
    /// The document, keys sorted.
    pub value: Value,
    /// The same as text, ending in a line feed.
    pub text: String,
    /// By path, then by method.
    operations: HashMap<String, Vec<(String, &'static str)>>,
    querying: HashSet<&'static str>,
    offers: HashMap<&'static str, Vec<Format>>,
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
        let mut operations: HashMap<String, Vec<(String, &'static str)>> = HashMap::new();
        let mut querying = HashSet::new();
        let mut offers = HashMap::new();
        let mut methods = Vec::new();
        for (path, item) in value.pointer("/paths").and_then(Value::as_object).into_iter().flatten() {
            let item = item.as_object().into_iter().flatten();
            let mut allow = Vec::new();
            for (method, operation) in item {
                let Some(id) = operation.get("operationId").and_then(Value::as_str) else { continue };
                let method = method.to_ascii_uppercase();
                // Once per process: the document is made once.
                let id: &'static str = Box::leak(id.to_owned().into_boxed_str());
                operations.entry(path.clone()).or_default().push((method.clone(), id));
                let parameters = operation.get("parameters").and_then(Value::as_array).into_iter().flatten();
                let own = |one: &Value| one.get("in") == Some(&json!("query")) && !is_format(one);
                if parameters.into_iter().any(own) {
                    querying.insert(id);
                }
                offers.insert(id, offered(operation));
                allow.push(method);
            }
            if allow.iter().any(|method| method == "GET") {
                allow.push("HEAD".to_owned());
            }
            allow.sort();
            methods.push((path.split('/').map(ToOwned::to_owned).collect(), allow.join(", ")));
        }
        Self { value, text, operations, querying, offers, methods }
    }

    /// The operation a routed request is for. Finding out which route it took is as dear as routing it, so that is done once.
    pub(crate) fn operation_of(&self, request: &HttpRequest) -> Option<&'static str> {
        let known = request.extensions().get::<Operation>().map(|Operation(id)| *id);
        known.or_else(|| {
            let of_path = self.operations.get(&request.match_pattern()?)?;
            let id =
                of_path.iter().find(|(method, _)| method == request.method().as_str()).map(|(_, id)| *id)?;
            request.extensions_mut().insert(Operation(id));
            Some(id)
        })
    }

    /// The formats an operation can answer in, the one for callers who do not care first.
    pub(crate) fn offers(&self, operation: &str) -> &[Format] {
        self.offers.get(operation).map(Vec::as_slice).unwrap_or_default()
    }

    /// Whether an operation knows any query parameter but `format`.
    pub(crate) fn takes_query(&self, operation: &str) -> bool {
        self.querying.contains(operation)
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

/// Adds what holds for every operation: security, the problems it can answer, the headers it takes and gives, examples;
/// and for every schema its name and bounds.
fn complete(document: &mut Value) {
    set(document, "", "security", json!([{"bearer": []}]));
    set(document, "/servers/0", "x-internal", json!(false));
    // What commands read and write has its schemas here, too.
    let schema = |name: &str| json!({"$ref": format!("#/components/schemas/{name}")});
    set(
        document,
        "",
        "x-commands",
        json!({"bangkom plan solve": {
            "description": "Reads an instance from a file and writes the best plan found to standard output.",
            "reads": schema("PlanInstance"), "writes": schema("PlanSolution"),
        }, "bangkom plan solve --aim learning-hours": {
            "description": "Reads an instance from a file and writes the cheapest enrolments that bring the most people to the \
                learning hours they should have (`jp_min`) to standard output.",
            "reads": schema("PlanInstance"), "writes": schema("PlanHours"),
        }}),
    );
    let mut shared = Shared::default();
    let paths = document.pointer_mut("/paths").and_then(Value::as_object_mut);
    for (path, item) in paths.into_iter().flatten() {
        for (method, operation) in item.as_object_mut().into_iter().flatten() {
            if operation.get("operationId").is_some() {
                complete_operation(path, method, operation, &mut shared);
            }
        }
    }
    for (kind, parts) in shared.0 {
        set(document, "/components", kind, Value::Object(parts));
    }
    set(
        document,
        "/components",
        "securitySchemes",
        json!({"bearer": {
            "type": "http", "scheme": "bearer", "bearerFormat": "JWT",
            "description": "An access token of the built-in issuer (`bangkom token`) or of a configured OpenID Connect \
                issuer, checked as RFC8725 asks: algorithm, signature, issuer, audience, type and lifetime."
        }}),
    );
    schemas::complete(document);
    examples::complete(document);
}

fn set(document: &mut Value, pointer: &str, key: &str, value: Value) {
    if let Some(object) = document.pointer_mut(pointer).and_then(Value::as_object_mut) {
        object.insert(key.to_owned(), value);
    }
}

/// Parts that many operations have in common. Each stands once under `/components`, and only if something refers to it.
#[derive(Default)]
struct Shared(BTreeMap<&'static str, Map<String, Value>>);

impl Shared {
    fn refer(&mut self, kind: &'static str, name: &str, make: impl FnOnce() -> Value) -> Value {
        let parts = self.0.entry(kind).or_default();
        if !parts.contains_key(name) {
            parts.insert(name.to_owned(), make());
        }
        json!({"$ref": format!("#/components/{kind}/{name}")})
    }

    fn parameter(&mut self, parameter: &HeaderParameter) -> Value {
        let HeaderParameter { name, description, example, max, required } = parameter;
        self.refer("parameters", &name.replace('-', ""), || {
            json!({"name": name, "in": "header", "required": required, "description": description,
                "schema": {"type": "string", "maxLength": max}, "example": example})
        })
    }

    /// Adds a response header to `headers`.
    fn header(&mut self, headers: &mut Map<String, Value>, header: &ResponseHeader) {
        let part = self.refer("headers", &header.name.replace('-', ""), || header.part());
        headers.insert(header.name.to_owned(), part);
    }

    fn problem(&mut self, status: u16) -> Value {
        let mut headers = Map::new();
        self.header(&mut headers, &REQUEST_ID);
        self.header(&mut headers, &CONTENT_LANGUAGE);
        match status {
            401 => self.header(&mut headers, &WWW_AUTHENTICATE),
            503 => self.header(&mut headers, &RETRY_AFTER),
            _ => {}
        }
        let reason = StatusCode::from_u16(status).ok().and_then(|status| status.canonical_reason());
        let name = reason.unwrap_or_default().replace(' ', "");
        self.refer("responses", &name, || problem_response(status, headers))
    }
}

struct HeaderParameter {
    name: &'static str,
    description: &'static str,
    example: &'static str,
    max: u16,
    required: bool,
}

const ACCEPT_LANGUAGE: HeaderParameter = HeaderParameter {
    name: "Accept-Language",
    description: "Language of messages: `id` (default) or `en`.",
    example: "id",
    max: 100,
    required: false,
};
const AGENCY: HeaderParameter = HeaderParameter {
    name: "Bangkom-Agency",
    description: "Code of the agency this is about, for callers with roles in several.",
    example: "DEMO-KOTA",
    max: 64,
    required: false,
};
const IF_MATCH: HeaderParameter = HeaderParameter {
    name: "If-Match",
    description: "The `ETag` that was read last.",
    example: "\"3\"",
    max: 200,
    required: true,
};
const IF_NONE_MATCH: HeaderParameter = HeaderParameter {
    name: "If-None-Match",
    description: "The `ETag` of what the caller has; 304 when it is still current.",
    example: "\"3\"",
    max: 200,
    required: false,
};
const IDEMPOTENCY_KEY: HeaderParameter = HeaderParameter {
    name: "Idempotency-Key",
    description: "Any text of your own, new for each intended change: a repetition with the same key gets the first reply \
        and changes nothing. Kept for 24 hours.",
    example: "01931d5e-7c1f-7d7a-9a7e-3f1f3f0e4a11",
    max: 255,
    required: false,
};

const PREFER: HeaderParameter = HeaderParameter {
    name: "Prefer",
    description: "`wait=N` (RFC 7240): how many seconds to wait for the work to end, at most 30. The answer comes as soon as \
        it has.",
    example: "wait=10",
    max: 200,
    required: false,
};

struct ResponseHeader {
    name: &'static str,
    description: &'static str,
    example: &'static str,
}

impl ResponseHeader {
    fn part(&self) -> Value {
        json!({
            "description": self.description, "schema": {"type": "string", "maxLength": 2500}, "example": self.example,
        })
    }
}

const REQUEST_ID: ResponseHeader = ResponseHeader {
    name: "X-Request-Id",
    description: "Id of the request, for questions about it.",
    example: "01931d5e-7c1f-7d7a-9a7e-3f1f3f0e4a11",
};
const CONTENT_LANGUAGE: ResponseHeader = ResponseHeader {
    name: "Content-Language",
    description: "Language of what was written for people.",
    example: "id",
};
const WWW_AUTHENTICATE: ResponseHeader = ResponseHeader {
    name: "WWW-Authenticate",
    description: "What kind of token is asked for.",
    example: "Bearer error=\"invalid_token\"",
};
const RETRY_AFTER: ResponseHeader =
    ResponseHeader { name: "Retry-After", description: "Seconds to wait before the next try.", example: "1" };
const LINK: ResponseHeader = ResponseHeader {
    name: "Link",
    description: "`rel=\"next\"`: the next page.",
    example: "</v1/units?cursor=x>; rel=\"next\"",
};
const ETAG: ResponseHeader =
    ResponseHeader { name: "ETag", description: "Strong entity tag.", example: "\"1\"" };
const LOCATION: ResponseHeader = ResponseHeader {
    name: "Location",
    description: "Path of what was made.",
    example: "/v1/units/01931d5e-7c1f-7d7a-9a7e-3f1f3f0e4a11",
};
const OPERATION: ResponseHeader = ResponseHeader {
    name: "Location",
    description: "Path of the operation; absent for a dry run, which leaves none.",
    example: "/v1/operations/01931d5e-7c1f-7d7a-9a7e-3f1f3f0e4a11",
};
const DISPOSITION: ResponseHeader = ResponseHeader {
    name: "Content-Disposition",
    description: "Name to keep a file by.",
    example: "attachment; filename=\"units.csv\"",
};
const VARY: ResponseHeader = ResponseHeader {
    name: "Vary",
    description: "The request headers the answer depends on.",
    example: "Authorization, Accept, Accept-Language",
};
const PREFERENCE_APPLIED: ResponseHeader = ResponseHeader {
    name: "Preference-Applied",
    description: "The preference that was followed.",
    example: "wait=10",
};
const REPLAYED: ResponseHeader = ResponseHeader {
    name: "Idempotency-Replayed",
    description: "`true` when the reply is a kept one.",
    example: "true",
};

fn complete_operation(path: &str, method: &str, operation: &mut Value, shared: &mut Shared) {
    let extra = problems_of(operation);
    let waits = operation.as_object_mut().and_then(|operation| operation.remove("x-waits")).is_some();
    offer_tables(operation);
    bound_files(operation);
    // Unknown query parameters are refused everywhere, and nothing is safe from a defect.
    let mut statuses = vec![400, 500];
    statuses.extend(extra);
    let offers = offered(operation);
    let chooses = offers.len() > 1;
    if chooses {
        statuses.push(406);
    }
    if !path.starts_with("/v1/") {
        set(operation, "", "security", json!([]));
        if chooses {
            let language = shared.parameter(&ACCEPT_LANGUAGE);
            add_parameters(operation, [format_parameter(&offers), language]);
        }
        declare(operation, &statuses, shared);
        return;
    }
    let call = Call {
        writes: method != "get",
        calculates: path.starts_with("/v1/calculators/"),
        conditional: matches!(method, "put" | "delete"),
        begins_work: operation.pointer("/responses/202").is_some(),
        chooses,
        waits,
    };
    let reads_one = !call.writes
        && operation
            .pointer("/responses/200")
            .is_some_and(|response| matches!(Body::of(response), Body::One | Body::File));

    let mut parameters = vec![shared.parameter(&ACCEPT_LANGUAGE), shared.parameter(&AGENCY)];
    if call.conditional {
        parameters.push(shared.parameter(&IF_MATCH));
    }
    if reads_one {
        parameters.push(shared.parameter(&IF_NONE_MATCH));
    }
    if call.writes && !call.calculates {
        parameters.push(shared.parameter(&IDEMPOTENCY_KEY));
    }
    if call.waits {
        parameters.push(shared.parameter(&PREFER));
    }
    if let Some(all) = operation.as_object_mut() {
        let known = all.entry("parameters").or_insert_with(|| json!([]));
        if let Some(known) = known.as_array_mut() {
            for parameter in known.iter_mut().filter(|one| one.get("name") == Some(&json!("cursor"))) {
                set(parameter, "", "example", json!("eyJmIjoiWVdKaiIsImsiOlsiRElOS0VTIl19"));
            }
            // A list in a query is one value, separated by commas.
            for parameter in known.iter_mut().filter(|one| is_list(one)) {
                set(parameter, "", "style", json!("form"));
                set(parameter, "", "explode", json!(false));
            }
            known.extend(chooses.then(|| format_parameter(&offers)));
            known.extend(parameters);
        }
    }

    statuses.extend([401, 403, 503]);
    if path.contains('{') {
        statuses.push(404);
    }
    if operation.get("requestBody").is_some() {
        statuses.extend([413, 415]);
    }
    if call.writes && !call.calculates {
        statuses.push(409);
    }
    if call.conditional {
        statuses.extend([412, 428]);
    }
    if let Some(responses) = operation.get_mut("responses").and_then(Value::as_object_mut) {
        for (status, response) in responses.iter_mut() {
            complete_success(&call, status, response, shared);
        }
        if reads_one {
            let mut headers = Map::new();
            shared.header(&mut headers, &REQUEST_ID);
            shared.header(&mut headers, &ETAG);
            let same = json!({"description": "What the caller has is still current.", "headers": headers});
            responses.insert("304".to_owned(), shared.refer("responses", "NotModified", || same));
        }
    }
    declare(operation, &statuses, shared);
}

fn add_parameters(operation: &mut Value, more: impl IntoIterator<Item = Value>) {
    let known = operation.as_object_mut().map(|all| all.entry("parameters").or_insert_with(|| json!([])));
    if let Some(known) = known.and_then(Value::as_array_mut) {
        known.extend(more);
    }
}

/// What a request does, as far as its headers depend on it.
struct Call {
    writes: bool,
    calculates: bool,
    conditional: bool,
    begins_work: bool,
    /// Whether it can be answered in several formats.
    chooses: bool,
    /// Whether it waits for work to end as long as the caller likes; the extension `x-waits`, which is taken off.
    waits: bool,
}

/// The formats an operation declares for its success.
fn offered(operation: &Value) -> Vec<Format> {
    let content = operation.pointer("/responses/200/content").and_then(Value::as_object);
    let declared = |format: &Format| content.is_some_and(|all| all.contains_key(format.media_type()));
    Format::ALL.into_iter().filter(declared).collect()
}

/// The parameter that names one of `offers`; [`crate::http::negotiate`] reads it.
fn format_parameter(offers: &[Format]) -> Value {
    let names: Vec<_> = offers.iter().map(|offer| offer.name()).collect();
    let kinds: Vec<_> =
        offers.iter().map(|offer| format!("`{}` is {}", offer.name(), offer.media_type())).collect();
    json!({
        "name": PARAMETER, "in": "query", "required": false,
        "description": format!("How the answer is written, whatever `Accept` says: {}.", kinds.join(", ")),
        "schema": {"type": "string", "enum": names, "default": names.first(), "example": names.last()},
    })
}

fn is_format(parameter: &Value) -> bool {
    parameter.get("name") == Some(&json!(PARAMETER))
}

/// What a response holds.
#[derive(PartialEq, Eq)]
enum Body {
    Page,
    One,
    File,
    Nothing,
}

impl Body {
    fn of(response: &Value) -> Self {
        match response.pointer("/content/application~1json/schema/$ref").and_then(Value::as_str) {
            Some(name) if name.contains("PageView") => Self::Page,
            Some(_) => Self::One,
            None if response.get("content").is_some() => Self::File,
            None => Self::Nothing,
        }
    }
}

/// Statuses an operation names beyond those its shape implies, in the extension `x-problems`, which is taken off.
fn problems_of(operation: &mut Value) -> Vec<u16> {
    let named = operation.as_object_mut().and_then(|operation| operation.remove("x-problems"));
    let named = named.as_ref().and_then(Value::as_array).into_iter().flatten();
    named.filter_map(Value::as_u64).filter_map(|status| u16::try_from(status).ok()).collect()
}

/// Every list is a table, too, and so is what says so in the extension `x-table`, which is taken off.
fn offer_tables(operation: &mut Value) {
    let named = operation.as_object_mut().and_then(|operation| operation.remove("x-table")).is_some();
    let Some(success) = operation.pointer_mut("/responses/200") else { return };
    if !named && !matches!(Body::of(success), Body::Page) {
        return;
    }
    let Some(content) = success.get_mut("content").and_then(Value::as_object_mut) else { return };
    for format in [Format::Csv, Format::Xlsx] {
        // As long as the list is; the bound is that of a file that fits a disk.
        let schema = json!({"type": "string", "contentMediaType": format.media_type(), "maxLength": TABLE_MAX,
            "description": "The whole list as a table with one row per item: a header, then rows of text.",
            "example": "id;code;name"});
        content.entry(format.media_type()).or_insert_with(|| json!({"schema": schema}));
    }
}

/// Bodies that are no JSON are bounded as a whole.
fn bound_files(operation: &mut Value) {
    for (key, part) in operation.as_object_mut().into_iter().flatten() {
        match key.as_str() {
            "requestBody" => bound_file(part),
            "responses" => part.as_object_mut().into_iter().flat_map(Map::values_mut).for_each(bound_file),
            _ => {}
        }
    }
}

fn bound_file(body: &mut Value) {
    let content = body.get_mut("content").and_then(Value::as_object_mut);
    for (_, media) in content.into_iter().flatten().filter(|(kind, _)| !kind.ends_with("json")) {
        let schema = media.get_mut("schema").and_then(Value::as_object_mut);
        if let Some(text) = schema.filter(|schema| schema.get("type") == Some(&json!("string"))) {
            text.entry("maxLength").or_insert_with(|| json!(FILE_MAX));
        }
    }
}

fn is_list(parameter: &Value) -> bool {
    let kind = parameter.pointer("/schema/type");
    kind.is_some_and(|kind| {
        kind == "array" || kind.as_array().is_some_and(|all| all.contains(&json!("array")))
    })
}

fn declare(operation: &mut Value, statuses: &[u16], shared: &mut Shared) {
    if let Some(responses) = operation.get_mut("responses").and_then(Value::as_object_mut) {
        for status in statuses {
            responses.entry(status.to_string()).or_insert_with(|| shared.problem(*status));
        }
    }
}

fn complete_success(call: &Call, status: &str, response: &mut Value, shared: &mut Shared) {
    let mut headers = Map::new();
    shared.header(&mut headers, &REQUEST_ID);
    match Body::of(response) {
        Body::Page => shared.header(&mut headers, &LINK),
        Body::One if call.begins_work => {
            headers.insert(OPERATION.name.to_owned(), OPERATION.part());
        }
        Body::One if !call.calculates => shared.header(&mut headers, &ETAG),
        Body::File => {
            shared.header(&mut headers, &ETAG);
            shared.header(&mut headers, &DISPOSITION);
        }
        Body::One | Body::Nothing => {}
    }
    if call.chooses {
        shared.header(&mut headers, &VARY);
        shared.header(&mut headers, &CONTENT_LANGUAGE);
        shared.header(&mut headers, &DISPOSITION);
    }
    if call.waits {
        shared.header(&mut headers, &PREFERENCE_APPLIED);
    }
    if status == "201" {
        shared.header(&mut headers, &LOCATION);
    }
    if call.writes && !call.calculates {
        shared.header(&mut headers, &REPLAYED);
    }
    set(response, "", "headers", Value::Object(headers));
}

/// The response of a problem status, with every code that has it.
fn problem_response(status: u16, headers: Map<String, Value>) -> Value {
    let specs: Vec<_> =
        Problem::ALL.iter().map(|one| one.spec()).filter(|spec| spec.status == status).collect();
    // Beyond a handful the meanings are read in one place rather than under every operation.
    let description = if specs.len() > 8 {
        let codes: Vec<_> = specs.iter().map(|spec| format!("`{}`", spec.code)).collect();
        format!("One of {}; `/docs/problems` says when.", codes.join(", "))
    } else {
        let codes: Vec<_> = specs.iter().map(|spec| format!("`{}`: {}", spec.code, spec.when)).collect();
        codes.join("\n\n")
    };
    let first = specs.first();
    let errors = if first.is_some_and(|spec| spec.code == Problem::Invalid.spec().code) {
        let (code, detail, _) = messages::text(ViolationCode::Required);
        json!([{"pointer": "/name", "code": code, "detail": detail}])
    } else {
        json!([])
    };
    let example = json!({
        "type": format!("/docs/problems#{}", first.map_or("", |spec| spec.code)),
        "title": first.map_or("", |spec| spec.id),
        "status": status,
        "code": first.map_or("", |spec| spec.code),
        "detail": null,
        "instance": "01931d5e-7c1f-7d7a-9a7e-3f1f3f0e4a11",
        "errors": errors
    });
    json!({
        "description": description,
        "headers": headers,
        "content": {"application/problem+json": {
            "schema": {"$ref": "#/components/schemas/ProblemDetails"},
            "example": example
        }}
    })
}
