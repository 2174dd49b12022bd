//! What every operation and every property must say: what the external linters ask for, without the network, and more.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

/// Everything the contract leaves unsaid, by place.
#[must_use]
pub fn lint(document: &Value) -> Vec<String> {
    let mut findings = Vec::new();
    let mut ids = BTreeSet::new();
    lint_references(document, document, &mut findings);
    lint_components(document, &mut findings);
    findings.extend(crate::examples::misfits(document));
    let document = &crate::inlined(document);
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
                lint_bodies(id, operation, document, &mut findings);
            } else {
                findings.push(format!("{method} {path}: no operation id"));
            }
        }
    }
    let paths: Vec<_> = object(document, "/paths").map(|(path, _)| path.as_str()).collect();
    for (index, one) in paths.iter().enumerate() {
        for other in paths.iter().skip(index + 1).filter(|other| ambiguous(one, other)) {
            findings.push(format!("{one} and {other}: a request may mean either"));
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
    for tag in document.pointer("/tags").and_then(Value::as_array).into_iter().flatten() {
        if text(tag, "description").is_empty() {
            findings.push(format!("tag {}: no description", text(tag, "name")));
        }
    }
    for (name, schema) in object(document, "/components/schemas") {
        lint_schema(&format!("schema {name}"), schema, document, &mut findings);
    }
    findings
}

/// Whether some request fits both paths and neither is the more exact.
fn ambiguous(one: &str, other: &str) -> bool {
    let (one, other): (Vec<_>, Vec<_>) = (one.split('/').collect(), other.split('/').collect());
    let variable = |part: &str| part.starts_with('{');
    // An identifier is a UUID and never `by-nip`.
    let overlap =
        |a: &str, b: &str| a == b || ((variable(a) || variable(b)) && a != "by-nip" && b != "by-nip");
    let pairs = || one.iter().zip(&other);
    let more = pairs().any(|(a, b)| !variable(a) && variable(b));
    let less = pairs().any(|(a, b)| variable(a) && !variable(b));
    one.len() == other.len() && pairs().all(|(a, b)| overlap(a, b)) && more == less
}

fn object<'a>(value: &'a Value, pointer: &str) -> impl Iterator<Item = (&'a String, &'a Value)> {
    value.pointer(pointer).and_then(Value::as_object).into_iter().flatten()
}

fn text<'a>(value: &'a Value, key: &str) -> &'a str {
    value.get(key).and_then(Value::as_str).unwrap_or_default()
}

/// References that lead nowhere.
fn lint_references(value: &Value, document: &Value, findings: &mut Vec<String>) {
    let target = value.get("$ref").and_then(Value::as_str);
    if let Some(target) = target.filter(|target| document.pointer(target.trim_start_matches('#')).is_none()) {
        findings.push(format!("{target}: referred to and not there"));
    }
    match value {
        Value::Object(object) => object.values().for_each(|inner| lint_references(inner, document, findings)),
        Value::Array(items) => items.iter().for_each(|inner| lint_references(inner, document, findings)),
        _ => {}
    }
}

/// Names that read well in generated clients, and nothing that is left over.
fn lint_components(document: &Value, findings: &mut Vec<String>) {
    let text = document.to_string();
    for (kind, parts) in object(document, "/components").filter(|(kind, _)| *kind != "securitySchemes") {
        for name in parts.as_object().into_iter().flat_map(Map::keys) {
            if !name.chars().all(|c| c.is_ascii_alphanumeric()) {
                findings.push(format!("{kind} {name}: the name is not CamelCase"));
            }
            if !text.contains(&format!("\"#/components/{kind}/{name}\"")) {
                findings.push(format!("{kind} {name}: nothing refers to it"));
            }
        }
    }
}

/// Bodies: bounded, shown, and closed on the way in.
fn lint_bodies(id: &str, operation: &Value, document: &Value, findings: &mut Vec<String>) {
    for (kind, media) in object(operation, "/requestBody/content") {
        lint_body(&format!("{id}: the request"), kind, media, findings);
        if kind.ends_with("json") && !closed(media.get("schema").unwrap_or_default(), document) {
            findings.push(format!("{id}: the request lets unknown properties pass"));
        }
    }
    for (status, response) in object(operation, "/responses") {
        for (kind, media) in object(response, "/content") {
            lint_body(&format!("{id}: {status}"), kind, media, findings);
        }
    }
}

fn lint_body(at: &str, kind: &str, media: &Value, findings: &mut Vec<String>) {
    if !media.get("schema").is_some_and(bounded) {
        findings.push(format!("{at} has no bounds as {kind}"));
    }
    if kind.ends_with("json") && ["example", "examples"].iter().all(|key| media.get(*key).is_none()) {
        findings.push(format!("{at} has no example as {kind}"));
    }
}

/// Whether every object in a request refuses properties it does not know.
fn closed(schema: &Value, document: &Value) -> bool {
    if let Some(target) = schema.get("$ref").and_then(Value::as_str) {
        return document
            .pointer(target.trim_start_matches('#'))
            .is_some_and(|schema| closed(schema, document));
    }
    let parts =
        ["/allOf", "/oneOf", "/anyOf"].iter().filter_map(|part| schema.pointer(part)?.as_array()).flatten();
    let inner =
        object(schema, "/properties").map(|(_, property)| property).chain(schema.get("items")).chain(parts);
    let itself =
        schema.get("properties").is_none() || schema.get("additionalProperties") == Some(&Value::Bool(false));
    itself && inner.into_iter().all(|inner| closed(inner, document))
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
    for status in ["400", "500"] {
        want(responses.contains_key(status), &format!("{status} is not declared"));
    }
    if path.starts_with("/v1/") {
        for status in ["401", "403", "503"] {
            want(responses.contains_key(status), &format!("{status} is not declared"));
        }
        if matches!(method, "put" | "delete") && !path.contains("/calculators/") {
            // What has no parameter is always there.
            let found = path.contains('{').then_some("404");
            for status in found.into_iter().chain(["409", "412", "428"]) {
                want(responses.contains_key(status), &format!("{status} is not declared"));
            }
        }
    }
    for (status, response) in &responses {
        want(!text(response, "description").is_empty(), &format!("{status} has no description"));
        let problems = response.pointer("/content/application~1problem+json").is_some();
        want(status.starts_with(['4', '5']) == problems, &format!("{status} is of the wrong kind"));
        for (name, header) in object(response, "/headers") {
            want(
                !text(header, "description").is_empty(),
                &format!("{status}: header {name} has no description"),
            );
            want(
                header.get("schema").is_some_and(bounded),
                &format!("{status}: header {name} has no bounds"),
            );
        }
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
        return ["minimum", "maximum", "format"].iter().all(|key| schema.get(*key).is_some());
    }
    // A map from names to values is bounded when both are.
    let parts = ["propertyNames", "additionalProperties"].iter().filter_map(|key| schema.get(*key));
    parts.filter(|part| part.is_object()).all(bounded)
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
    fn a_path_is_ambiguous_unless_another_is_more_exact() {
        assert!(ambiguous("/a/{x}", "/a/{y}"));
        assert!(ambiguous("/a/{x}/c", "/a/b/{y}"));
        assert!(!ambiguous("/a/{x}", "/a/b"));
        assert!(!ambiguous("/a/{x}/c", "/a/by-nip/{y}"));
        assert!(!ambiguous("/a/{x}", "/b/{x}"));
    }

    #[test]
    fn requests_that_let_anything_pass_and_leftovers_are_found() {
        let document = json!({
            "paths": {"/v1/things": {"post": {"operationId": "a", "requestBody": {"content": {"application/json": {
                "schema": {"$ref": "#/components/schemas/Thing"}}}}, "responses": {"201": {"content": {
                    "text/plain": {"schema": {"type": "string"}},
                    "text/csv": {"schema": {"$ref": "#/components/schemas/Nowhere"}}}}}}}},
            "components": {"schemas": {
                "Thing": {"properties": {"part": {"type": "object", "properties": {}}}, "additionalProperties": false},
                "Left_Over": {"type": "string"},
            }}
        });
        let findings = lint(&document).join("\n");
        for expected in [
            "lets unknown properties pass",
            "the request has no example",
            "201 has no bounds as text/plain",
            "schemas Left_Over: nothing refers to it",
            "#/components/schemas/Nowhere: referred to and not there",
            "schemas Left_Over: the name is not CamelCase",
        ] {
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
