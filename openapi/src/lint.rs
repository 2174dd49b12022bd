//! What every operation and every property must say.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

/// Everything the contract leaves unsaid, by place.
#[must_use]
pub fn lint(document: &Value) -> Vec<String> {
    let mut findings = Vec::new();
    let mut ids = BTreeSet::new();
    for (path, item) in object(document, "/paths") {
        let literal = path.split('/').filter(|part| !part.starts_with('{') && !part.starts_with('.'));
        for part in literal {
            if part.chars().any(|c| !(c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '-' | '.')))
            {
                findings.push(format!("{path}: `{part}` is not kebab-case"));
            }
        }
        for (method, operation) in item.as_object().into_iter().flatten() {
            if let Some(id) = operation.get("operationId").and_then(Value::as_str) {
                if !ids.insert(id.to_owned()) {
                    findings.push(format!("{id}: the operation id occurs twice"));
                }
                lint_operation(path, method, id, operation, &mut findings);
            } else {
                findings.push(format!("{method} {path}: no operation id"));
            }
        }
    }
    let tags: BTreeSet<_> = document
        .pointer("/tags")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
        .filter_map(|tag| tag.get("name").and_then(Value::as_str))
        .collect();
    for (path, item) in object(document, "/paths") {
        for operation in item.as_object().into_iter().flat_map(Map::values) {
            for tag in operation.get("tags").and_then(Value::as_array).into_iter().flatten() {
                if !tag.as_str().is_some_and(|tag| tags.contains(tag)) {
                    findings.push(format!("{path}: tag {tag} is not described"));
                }
            }
        }
    }
    for (name, schema) in object(document, "/components/schemas") {
        lint_schema(&format!("schema {name}"), schema, document, &mut findings);
    }
    findings
}

fn object<'a>(value: &'a Value, pointer: &str) -> impl Iterator<Item = (&'a String, &'a Value)> {
    value.pointer(pointer).and_then(Value::as_object).into_iter().flatten()
}

fn text<'a>(value: &'a Value, key: &str) -> &'a str {
    value.get(key).and_then(Value::as_str).unwrap_or_default()
}

fn lint_operation(path: &str, method: &str, id: &str, operation: &Value, findings: &mut Vec<String>) {
    let mut want = |good: bool, what: &str| {
        if !good {
            findings.push(format!("{id}: {what}"));
        }
    };
    want(!text(operation, "summary").is_empty(), "no summary");
    want(!text(operation, "description").is_empty(), "no description");
    want(operation.get("tags").and_then(Value::as_array).is_some_and(|tags| tags.len() == 1), "not one tag");
    want(id.chars().all(|c| c.is_ascii_lowercase() || c == '_'), "the operation id is not snake_case");
    let responses = operation.get("responses").and_then(Value::as_object).cloned().unwrap_or_default();
    want(responses.keys().any(|status| status.starts_with('2')), "no success");
    if path.starts_with("/v1/") {
        for status in ["401", "403", "500", "503"] {
            want(responses.contains_key(status), &format!("{status} is not declared"));
        }
        if matches!(method, "put" | "delete") && !path.contains("/calculators/") {
            for status in ["404", "409", "412", "428"] {
                want(responses.contains_key(status), &format!("{status} is not declared"));
            }
        }
    }
    for (status, response) in &responses {
        want(!text(response, "description").is_empty(), &format!("{status} has no description"));
        let problems = response.pointer("/content/application~1problem+json").is_some();
        want(status.starts_with('2') != problems, &format!("{status} is of the wrong kind"));
    }
    for parameter in operation.get("parameters").and_then(Value::as_array).into_iter().flatten() {
        let name = text(parameter, "name");
        want(!text(parameter, "description").is_empty(), &format!("parameter {name} has no description"));
        let schema = parameter.get("schema").cloned().unwrap_or_default();
        want(bounded(&schema), &format!("parameter {name} has no bounds"));
        let example = ["example", "examples"].iter().any(|key| {
            parameter.get(*key).is_some() || schema.get(*key).is_some() || schema.get("$ref").is_some()
        });
        want(
            example || schema.get("enum").is_some() || is(&schema, "boolean") || is(&schema, "integer"),
            &format!("parameter {name} has no example"),
        );
    }
}

fn is(schema: &Value, kind: &str) -> bool {
    match schema.get("type") {
        Some(Value::String(one)) => one == kind,
        Some(Value::Array(several)) => several.iter().any(|one| one == kind),
        _ => false,
    }
}

/// Whether a schema says how large its values get.
fn bounded(schema: &Value) -> bool {
    if ["$ref", "enum", "const", "oneOf", "anyOf", "allOf"].iter().any(|key| schema.get(*key).is_some()) {
        return true;
    }
    if is(schema, "string") {
        return schema.get("maxLength").is_some();
    }
    if is(schema, "array") {
        return schema.get("maxItems").is_some() && schema.get("items").is_none_or(bounded);
    }
    if is(schema, "integer") {
        return schema.get("minimum").is_some() && schema.get("maximum").is_some();
    }
    true
}

fn lint_schema(at: &str, schema: &Value, document: &Value, findings: &mut Vec<String>) {
    if schema.get("properties").is_none()
        && text(schema, "description").is_empty()
        && schema.get("oneOf").is_none()
    {
        findings.push(format!("{at}: no description"));
    }
    for (name, property) in object(schema, "/properties") {
        let at = format!("{at}.{name}");
        if name.chars().any(|c| !(c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_')) {
            findings.push(format!("{at}: not snake_case"));
        }
        let described =
            !text(property, "description").is_empty() || refers(property, document, "description");
        if !described {
            findings.push(format!("{at}: no description"));
        }
        if !bounded(property) {
            findings.push(format!("{at}: no bounds"));
        }
        let shown = ["example", "examples", "$ref", "oneOf", "anyOf", "allOf", "enum", "const"];
        let shown = shown.iter().any(|key| property.get(*key).is_some());
        if !shown && !is(property, "boolean") && !is(property, "array") && !is(property, "object") {
            findings.push(format!("{at}: no example"));
        }
        if is(property, "object") && property.get("properties").is_some() {
            lint_schema(&at, property, document, findings);
        }
    }
    for part in ["/allOf", "/oneOf", "/anyOf"] {
        for inner in schema.pointer(part).and_then(Value::as_array).into_iter().flatten() {
            if inner.get("properties").is_some() {
                lint_schema(at, inner, document, findings);
            }
        }
    }
}

/// Whether what `$ref` names has `key`.
fn refers(property: &Value, document: &Value, key: &str) -> bool {
    let direct = property.get("$ref").and_then(Value::as_str);
    let nested = property.pointer("/oneOf").and_then(Value::as_array).into_iter().flatten();
    let nested = nested.filter_map(|one| one.get("$ref").and_then(Value::as_str));
    direct.into_iter().chain(nested).any(|target| {
        document.pointer(target.trim_start_matches('#')).is_some_and(|schema| schema.get(key).is_some())
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_is_unsaid_is_found() {
        let document = json!({
            "paths": {"/v1/Some_Things": {"get": {"operationId": "a", "responses": {"200": {}}}}},
            "components": {"schemas": {"Thing": {"properties": {"Name": {"type": "string"}}}}}
        });
        let findings = lint(&document).join("\n");
        for expected in
            ["kebab-case", "no summary", "401 is not declared", "snake_case", "no bounds", "no example"]
        {
            assert!(findings.contains(expected), "{expected} in\n{findings}");
        }
    }

    #[test]
    fn the_contract_says_everything() {
        assert_eq!(lint(&api::http::document().value), [""; 0]);
    }

    #[test]
    fn what_is_committed_is_what_the_code_says() {
        let stale = crate::drift(std::path::Path::new(env!("CARGO_MANIFEST_DIR"))).unwrap();
        assert_eq!(stale, [""; 0], "run `cargo run -p openapi -- generate` and review the difference");
    }
}
