//! An example for every JSON body: the schema's own, or one put together from those of its properties. And examples of
//! parameters where nobody sends them by mistake.

use serde_json::{Map, Value, json};

/// Names are followed this deep: a schema may contain itself.
const DEPTH: u8 = 8;

/// Gives every JSON body of `document` an example, and puts those of parameters in their place.
pub(super) fn complete(document: &mut Value) {
    let shared = document.pointer_mut("/components/parameters").and_then(Value::as_object_mut);
    shared.into_iter().flat_map(Map::values_mut).for_each(unfill);
    let schemas = document.pointer("/components/schemas").cloned().unwrap_or_default();
    let paths = document.get_mut("paths").and_then(Value::as_object_mut);
    let items = paths.into_iter().flatten().filter_map(|(_, item)| item.as_object_mut());
    for operation in items.flat_map(Map::values_mut).filter_map(Value::as_object_mut) {
        let parameters = operation.get_mut("parameters").and_then(Value::as_array_mut);
        parameters.into_iter().flatten().for_each(unfill);
        if let Some(body) = operation.get_mut("requestBody") {
            show(body, &schemas);
        }
        let responses = operation.get_mut("responses").and_then(Value::as_object_mut);
        responses.into_iter().flat_map(Map::values_mut).for_each(|response| show(response, &schemas));
    }
}

/// The interactive documentation fills `example` in and sends it: a filter nobody asked for, or twice the same
/// `Idempotency-Key`. What may be absent has its example in the schema, as a list, which is only shown.
fn unfill(parameter: &mut Value) {
    let Some(parts) = parameter.as_object_mut() else { return };
    if parts.get("required") == Some(&Value::Bool(true)) {
        return;
    }
    let shown = parts.remove("example");
    if let Some(schema) = parts.get_mut("schema").and_then(Value::as_object_mut)
        && let Some(example) = schema.remove("example").into_iter().chain(shown).last()
    {
        schema.insert("examples".to_owned(), json!([example]));
    }
}

fn show(body: &mut Value, schemas: &Value) {
    let Some(media) = body.pointer_mut("/content/application~1json").and_then(Value::as_object_mut) else {
        return;
    };
    if media.contains_key("example") || media.contains_key("examples") {
        return;
    }
    if let Some(example) = media.get("schema").and_then(|schema| example_of(schema, schemas, DEPTH)) {
        media.insert("example".to_owned(), example);
    }
}

/// A value that fits `schema`; `None` where nothing in it says what one looks like.
fn example_of(schema: &Value, schemas: &Value, depth: u8) -> Option<Value> {
    let own = ["/example", "/examples/0", "/const", "/default", "/enum/0"];
    if let Some(own) = own.iter().find_map(|at| schema.pointer(at)) {
        return Some(own.clone());
    }
    if let Some(target) = schema.get("$ref").and_then(Value::as_str) {
        let name = target.rsplit('/').next().unwrap_or_default();
        return example_of(schemas.get(name)?, schemas, depth.checked_sub(1)?);
    }
    if let Some(parts) = schema.get("allOf").and_then(Value::as_array) {
        let mut whole = Map::new();
        for part in parts {
            if let Some(Value::Object(part)) = example_of(part, schemas, depth) {
                whole.extend(part);
            }
        }
        return Some(Value::Object(whole));
    }
    let one_of = ["oneOf", "anyOf"].iter().find_map(|key| schema.get(*key)).and_then(Value::as_array);
    if let Some(alternatives) = one_of {
        return alternatives.iter().find_map(|one| example_of(one, schemas, depth));
    }
    match kind(schema)? {
        "object" => {
            let properties = schema.get("properties").and_then(Value::as_object).into_iter().flatten();
            let shown = properties
                .filter_map(|(name, inner)| Some((name.clone(), example_of(inner, schemas, depth)?)));
            Some(Value::Object(shown.collect()))
        }
        "array" => {
            let item = schema.get("items").and_then(|item| example_of(item, schemas, depth));
            Some(Value::Array(item.into_iter().collect()))
        }
        "integer" | "number" => Some(schema.get("minimum").cloned().unwrap_or_else(|| 0.into())),
        "boolean" => Some(Value::Bool(true)),
        _ => None,
    }
}

/// The type of a schema, null aside.
fn kind(schema: &Value) -> Option<&str> {
    match schema.get("type")? {
        Value::String(one) => Some(one),
        Value::Array(several) => several.iter().filter_map(Value::as_str).find(|one| *one != "null"),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_may_be_absent_is_not_filled_in() {
        let mut optional = json!({"name": "q", "example": "a", "schema": {"type": "string"}});
        unfill(&mut optional);
        assert_eq!(optional, json!({"name": "q", "schema": {"type": "string", "examples": ["a"]}}));
        let required = json!({"name": "id", "required": true, "example": "a", "schema": {"type": "string"}});
        let mut after = required.clone();
        unfill(&mut after);
        assert_eq!(after, required);
    }

    #[test]
    fn an_example_is_put_together_from_what_the_properties_say() {
        let schemas = json!({
            "Colour": {"type": "string", "enum": ["RED", "BLUE"]},
            "Node": {"type": "object", "properties": {
                "name": {"type": "string", "example": "root"},
                "colour": {"oneOf": [{"type": "null"}, {"$ref": "#/components/schemas/Colour"}]},
                "level": {"type": ["integer", "null"], "minimum": 1},
                "next": {"type": ["string", "null"], "example": null},
            }},
        });
        let page = json!({"type": "object", "properties": {"items": {
            "type": "array", "items": {"$ref": "#/components/schemas/Node"}}}});
        assert_eq!(
            example_of(&page, &schemas, DEPTH).unwrap(),
            json!({"items": [{"name": "root", "colour": "RED", "level": 1, "next": null}]})
        );
    }

    #[test]
    fn a_schema_that_contains_itself_comes_to_an_end() {
        let schemas = json!({"Tree": {"type": "object", "properties": {
            "children": {"type": "array", "items": {"$ref": "#/components/schemas/Tree"}}}}});
        let tree = json!({"$ref": "#/components/schemas/Tree"});
        assert!(example_of(&tree, &schemas, DEPTH).unwrap()["children"].is_array());
    }
}
