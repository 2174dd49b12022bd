//! Holds answers against the contract: the status must be declared, the body must fit its schema.

use std::collections::HashMap;
use std::sync::{Arc, LazyLock, Mutex};

use jsonschema::{Draft, Registry, Validator};
use serde_json::{Value, json};

use crate::Answer;

/// One operation of the contract.
#[derive(Clone, Debug)]
pub struct Operation {
    /// `unit_get`.
    pub id: String,
    /// `GET`.
    pub method: String,
    /// `/v1/units/{unit_id}`.
    pub path: String,
    /// The operation as the contract has it, nothing left to look up but schemas.
    pub spec: Value,
}

/// Every operation of the contract, shared parameters and responses in place.
pub fn operations() -> Vec<Operation> {
    let contract = openapi::inlined(&api::http::document().value);
    let paths = contract["paths"].as_object().cloned().unwrap_or_default();
    let mut found = Vec::new();
    for (path, item) in paths {
        for (method, spec) in item.as_object().cloned().unwrap_or_default() {
            if let Some(id) = spec["operationId"].as_str() {
                found.push(Operation {
                    id: id.to_owned(),
                    method: method.to_uppercase(),
                    path: path.clone(),
                    spec: spec.clone(),
                });
            }
        }
    }
    found
}

/// The operation a request is for.
pub(crate) fn operation(method: &str, path: &str) -> Option<&'static Operation> {
    static ALL: LazyLock<Vec<Operation>> = LazyLock::new(operations);
    let path = path.split('?').next().unwrap_or_default();
    let parts: Vec<_> = path.split('/').collect();
    let fits = |operation: &&Operation| {
        let pattern: Vec<_> = operation.path.split('/').collect();
        operation.method == method
            && pattern.len() == parts.len()
            && pattern.iter().zip(&parts).all(|(want, have)| want.starts_with('{') || want == have)
    };
    let literal =
        |operation: &&Operation| operation.path.split('/').filter(|part| !part.starts_with('{')).count();
    ALL.iter().filter(fits).max_by_key(literal)
}

/// Panics unless `answer` is one the contract declares.
#[track_caller]
pub fn check_answer(method: &str, path: &str, answer: &Answer) {
    if method == "HEAD" {
        assert!(answer.text.is_empty(), "{}: a body", answer.request);
        return;
    }
    let Some(operation) = operation(method, path) else {
        assert!(
            matches!(answer.status, 404 | 405),
            "{} is not in the contract, yet: {}",
            answer.request,
            answer.text
        );
        return;
    };
    let status = answer.status.to_string();
    let response = &operation.spec["responses"][&status];
    assert!(!response.is_null(), "{}: {status} is not declared; body {}", answer.request, answer.text);
    let Some(content) = response["content"].as_object() else {
        assert!(answer.text.is_empty(), "{}: a body where none is declared: {}", answer.request, answer.text);
        return;
    };
    let sent = answer.header("content-type").split(';').next().unwrap_or_default().trim().to_owned();
    let declared = content.get(&sent);
    let declared = declared.unwrap_or_else(|| panic!("{}: {status} came as {sent:?}", answer.request));
    if sent.ends_with("json") {
        let validator = validator(&format!("{} {status} {sent}", operation.id), &declared["schema"]);
        let errors: Vec<_> = validator
            .iter_errors(&answer.json)
            .map(|error| format!("{}: {error}", error.instance_path()))
            .collect();
        assert!(
            errors.is_empty(),
            "{} {status} does not fit its schema: {errors:#?}\n{}",
            answer.request,
            answer.text
        );
    }
}

/// The components that schemas refer to, read once for all of them.
static COMPONENTS: LazyLock<Registry<'static>> = LazyLock::new(|| {
    let components = json!({"components": api::http::document().value["components"]});
    let registry = Registry::new().draft(Draft::Draft202012).add("urn:contract", components);
    registry.unwrap().prepare().unwrap()
});

fn validator(key: &str, schema: &Value) -> Arc<Validator> {
    static KNOWN: LazyLock<Mutex<HashMap<String, Arc<Validator>>>> = LazyLock::new(Mutex::default);
    let mut known = KNOWN.lock().unwrap();
    let make = || {
        let schema = schema.to_string().replace("\"#/components/", "\"urn:contract#/components/");
        let schema: Value = schema.parse().unwrap();
        let options = jsonschema::options().with_draft(Draft::Draft202012).with_registry(&COMPONENTS);
        Arc::new(options.build(&schema).unwrap())
    };
    known.entry(key.to_owned()).or_insert_with(make).clone()
}
