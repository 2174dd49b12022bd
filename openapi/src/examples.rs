//! Whether what the contract shows fits what it says.

use serde_json::{Value, json};

/// Every example that its own schema would refuse, by place.
pub(crate) fn misfits(document: &Value) -> Vec<String> {
    let mut findings = Vec::new();
    visit("", document, document, &mut findings);
    findings
}

fn visit(at: &str, value: &Value, document: &Value, findings: &mut Vec<String>) {
    match value {
        Value::Object(object) => {
            // A body, a parameter or a header has its schema beside the example; otherwise this is the schema.
            let schema = object.get("schema").unwrap_or(value);
            let several = object.get("examples").and_then(Value::as_array).into_iter().flatten();
            for example in object.get("example").into_iter().chain(several) {
                check(at, schema, example, document, findings);
            }
            for (key, inner) in object {
                let at = format!("{at}/{key}");
                match key.as_str() {
                    // Data, whatever its keys look like.
                    "example" | "examples" | "enum" | "const" | "default" => {}
                    // Names of the API's own, which may well be `type` or `example`.
                    "properties" => {
                        for (name, property) in inner.as_object().into_iter().flatten() {
                            visit(&format!("{at}/{name}"), property, document, findings);
                        }
                    }
                    _ => visit(&at, inner, document, findings),
                }
            }
        }
        Value::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                visit(&format!("{at}/{index}"), item, document, findings);
            }
        }
        _ => {}
    }
}

fn check(at: &str, schema: &Value, example: &Value, document: &Value, findings: &mut Vec<String>) {
    // Most schemas are a property's and name no other; taking all others along takes the time here.
    let named = schema.to_string().contains("\"$ref\"");
    let others = document.pointer("/components/schemas").filter(|_| named);
    let root = json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "allOf": [schema],
        "components": {"schemas": others.unwrap_or(&json!({}))},
    });
    match jsonschema::options().should_validate_formats(true).build(&root) {
        Ok(validator) => {
            findings.extend(validator.iter_errors(example).map(|error| {
                format!("{at}: the example does not fit at `{}`: {error}", error.instance_path())
            }))
        }
        Err(error) => findings.push(format!("{at}: no schema: {error}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_example_its_schema_refuses_is_found_wherever_it_stands() {
        let document = json!({
            "paths": {"/things": {"get": {
                "parameters": [{"name": "limit", "schema": {"type": "integer", "maximum": 5}, "example": 6}],
                "responses": {"200": {"content": {"application/json": {
                    "schema": {"$ref": "#/components/schemas/Thing"},
                    "example": {"type": "CAR", "id": "no uuid"}
                }}}}
            }}},
            "components": {"schemas": {"Thing": {"type": "object", "properties": {
                "type": {"type": "string", "maxLength": 2, "examples": ["CAR"]},
                "id": {"type": "string", "format": "uuid", "example": "01931d5e-7c1f-7d7a-9a7e-3f1f3f0e4a11"},
            }}}}
        });
        let findings = misfits(&document);
        for expected in
            ["/parameters/0", "`/type`", "`/id`", "/components/schemas/Thing/properties/type: the example"]
        {
            assert!(findings.iter().any(|one| one.contains(expected)), "{expected} in {findings:#?}");
        }
        assert_eq!(findings.len(), 4, "{findings:#?}");
    }
}
