//! Changes that break a client. Additions never do: operations, optional parameters, response properties, enum values of
//! responses.

use serde_json::{Map, Value};

/// What a client of `old` would trip over in `new`.
#[must_use]
pub fn breaking_changes(old: &Value, new: &Value) -> Vec<String> {
    let (old, new) = (&crate::inlined(old), &crate::inlined(new));
    let mut findings = Vec::new();
    for (path, item) in entries(old, "/paths") {
        for (method, before) in item.as_object().into_iter().flatten() {
            let Some(id) = before.get("operationId").and_then(Value::as_str) else { continue };
            let after =
                new.pointer("/paths").and_then(|paths| paths.get(path)).and_then(|item| item.get(method));
            match after {
                None => findings.push(format!("{id}: {method} {path} is gone")),
                Some(after) => operation(id, before, after, old, new, &mut findings),
            }
        }
    }
    findings
}

fn entries<'a>(value: &'a Value, pointer: &str) -> impl Iterator<Item = (&'a String, &'a Value)> {
    value.pointer(pointer).and_then(Value::as_object).into_iter().flatten()
}

fn operation(id: &str, before: &Value, after: &Value, old: &Value, new: &Value, findings: &mut Vec<String>) {
    if before.get("operationId") != after.get("operationId") {
        findings.push(format!("{id}: the operation id changed"));
    }
    let required = |operation: &Value| -> Vec<String> {
        let all = operation.get("parameters").and_then(Value::as_array).into_iter().flatten();
        let names = all.filter(|one| one.get("required") == Some(&Value::Bool(true)));
        names.filter_map(|one| one.get("name").and_then(Value::as_str)).map(ToOwned::to_owned).collect()
    };
    let known = required(before);
    for name in required(after).into_iter().filter(|name| !known.contains(name)) {
        findings.push(format!("{id}: parameter {name} became required"));
    }
    let body = "/requestBody/content/application~1json/schema";
    if let (Some(before), Some(after)) = (before.pointer(body), after.pointer(body)) {
        request(id, resolve(before, old), resolve(after, new), findings);
    }
    for (status, response) in entries(before, "/responses").filter(|(status, _)| status.starts_with('2')) {
        let schema = "/content/application~1json/schema";
        let Some(then) = response.pointer(schema) else { continue };
        let now =
            after.pointer("/responses").and_then(|all| all.get(status)).and_then(|one| one.pointer(schema));
        match now {
            None => findings.push(format!("{id}: {status} lost its body")),
            Some(now) => reply(&format!("{id} {status}"), then, now, (old, new), 0, findings),
        }
    }
}

fn resolve<'a>(schema: &'a Value, document: &'a Value) -> &'a Value {
    let target = schema.get("$ref").and_then(Value::as_str);
    target.and_then(|target| document.pointer(target.trim_start_matches('#'))).unwrap_or(schema)
}

fn properties(schema: &Value) -> Map<String, Value> {
    schema.get("properties").and_then(Value::as_object).cloned().unwrap_or_default()
}

fn request(id: &str, before: &Value, after: &Value, findings: &mut Vec<String>) {
    let required = |schema: &Value| -> Vec<Value> {
        schema.get("required").and_then(Value::as_array).cloned().unwrap_or_default()
    };
    let known = required(before);
    for name in required(after).iter().filter(|name| !known.contains(name)) {
        findings.push(format!("{id}: request property {name} became required"));
    }
    let after = properties(after);
    for name in properties(before).keys().filter(|name| !after.contains_key(*name)) {
        findings.push(format!("{id}: request property {name} is gone"));
    }
}

/// Properties a response no longer has. Schemas nest a few levels; a recursive one is followed so far and no further.
fn reply(
    at: &str,
    before: &Value,
    after: &Value,
    documents: (&Value, &Value),
    depth: u8,
    findings: &mut Vec<String>,
) {
    let (before, after) = (resolve(before, documents.0), resolve(after, documents.1));
    if depth > 6 {
        return;
    }
    if before.get("type") != after.get("type") {
        findings.push(format!("{at}: the type changed"));
    }
    let now = properties(after);
    for (name, then) in properties(before) {
        match now.get(&name) {
            None => findings.push(format!("{at}.{name} is gone")),
            Some(now) => reply(&format!("{at}.{name}"), &then, now, documents, depth + 1, findings),
        }
    }
    if let (Some(before), Some(after)) = (before.get("items"), after.get("items")) {
        reply(&format!("{at}[]"), before, after, documents, depth + 1, findings);
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn contract(properties: Value, required: Value) -> Value {
        json!({
            "paths": {"/v1/things": {"post": {
                "operationId": "thing_create",
                "requestBody": {"content": {"application/json": {"schema":
                    {"type": "object", "properties": properties, "required": required}}}},
                "responses": {"201": {"content": {"application/json": {"schema":
                    {"$ref": "#/components/schemas/Thing"}}}}}
            }}},
            "components": {"schemas": {"Thing": {"type": "object", "properties": properties}}}
        })
    }

    #[test]
    fn additions_break_nobody() {
        let old = contract(json!({"a": {"type": "string"}}), json!(["a"]));
        let new = contract(json!({"a": {"type": "string"}, "b": {"type": "string"}}), json!(["a"]));
        assert_eq!(breaking_changes(&old, &new), [""; 0]);
    }

    #[test]
    fn what_is_taken_away_or_newly_demanded_breaks() {
        let old = contract(json!({"a": {"type": "string"}, "b": {"type": "string"}}), json!(["a"]));
        let new = contract(json!({"a": {"type": "integer"}}), json!(["a", "c"]));
        let findings = breaking_changes(&old, &new).join("\n");
        for expected in ["became required", "request property b is gone", "201.b is gone", "the type changed"]
        {
            assert!(findings.contains(expected), "{expected} in\n{findings}");
        }
        assert_eq!(breaking_changes(&old, &json!({"paths": {}})), ["thing_create: post /v1/things is gone"]);
    }
}
