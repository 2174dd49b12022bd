//! Schemas, as they are generated and as people read them: short names, one definition per shape, bounds everywhere.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

/// How the generator names a page of something.
const PAGE: &str = "PageView_";
const PREFIX: &str = "#/components/schemas/";

/// Puts the schemas of `document` in order.
pub(super) fn complete(document: &mut Value) {
    rename(document);
    share(document);
    bound(document);
}

/// `PageView_UnitView` is a name for machines; people and generated clients get `UnitPage`.
fn rename(document: &mut Value) {
    let Some(schemas) = document.pointer_mut("/components/schemas").and_then(Value::as_object_mut) else {
        return;
    };
    let renamed = |name: &str| {
        let of = name.strip_prefix(PAGE)?;
        Some(format!("{}Page", of.strip_suffix("View").unwrap_or(of)))
    };
    let entries = std::mem::take(schemas).into_iter();
    schemas.extend(entries.map(|(name, schema)| (renamed(&name).unwrap_or(name), schema)));
    refer_anew(document, &|target| {
        target.strip_prefix(PREFIX).and_then(renamed).map(|name| format!("{PREFIX}{name}"))
    });
}

fn refer_anew(value: &mut Value, renamed: &impl Fn(&str) -> Option<String>) {
    match value {
        Value::Object(object) => {
            for (key, inner) in object {
                match inner.as_str().filter(|_| key == "$ref").and_then(renamed) {
                    Some(target) => *inner = Value::String(target),
                    None => refer_anew(inner, renamed),
                }
            }
        }
        Value::Array(items) => items.iter_mut().for_each(|item| refer_anew(item, renamed)),
        _ => {}
    }
}

/// Generic types arrive with their parameter written out. Where that is a shape that has a name, the name stands in its
/// place, so a client gets one type for it.
fn share(document: &mut Value) {
    let schemas = document.pointer("/components/schemas").and_then(Value::as_object);
    let named: Map<String, Value> = schemas.cloned().unwrap_or_default();
    let named: Vec<(String, Value)> = named.into_iter().filter(|(_, schema)| is_shape(schema)).collect();
    if let Some(schemas) = document.pointer_mut("/components/schemas").and_then(Value::as_object_mut) {
        // A component itself stays; only what it holds is replaced.
        for parts in schemas.values_mut().filter_map(Value::as_object_mut) {
            parts.values_mut().for_each(|part| name_shapes(part, &named));
        }
    }
    if let Some(paths) = document.get_mut("paths") {
        name_shapes(paths, &named);
    }
}

fn is_shape(schema: &Value) -> bool {
    schema.get("properties").is_some() || schema.get("enum").is_some()
}

fn name_shapes(value: &mut Value, named: &[(String, Value)]) {
    if is_shape(value)
        && let Some((name, _)) = named.iter().find(|(_, schema)| schema == value)
    {
        *value = json!({"$ref": format!("{PREFIX}{name}")});
        return;
    }
    match value {
        Value::Object(object) => object.values_mut().for_each(|inner| name_shapes(inner, named)),
        Value::Array(items) => items.iter_mut().for_each(|inner| name_shapes(inner, named)),
        _ => {}
    }
}

/// Bounds and examples that a format implies, wherever a schema stands.
fn bound(value: &mut Value) {
    match value {
        Value::Object(object) => {
            let implied: BTreeMap<_, _> = [
                ("uuid", (36, "01931d5e-7c1f-7d7a-9a7e-3f1f3f0e4a11")),
                ("date", (10, "2026-07-01")),
                ("date-time", (35, "2026-07-01T08:00:00Z")),
            ]
            .into();
            let format = object.get("format").and_then(Value::as_str).unwrap_or_default();
            if let Some((max, example)) = implied.get(format) {
                object.entry("maxLength").or_insert_with(|| json!(max));
                if !object.contains_key("examples") {
                    object.entry("example").or_insert_with(|| json!(example));
                }
            }
            // How wide an integer is: what the generator does not know is a count, which is 64 bits wide here.
            if object.get("type").is_some_and(is_integer) {
                object.entry("format").or_insert_with(|| json!("int64"));
            }
            // What is inside an example is data, whatever its keys look like.
            let inside = object.iter_mut().filter(|(key, _)| !matches!(key.as_str(), "example" | "examples"));
            inside.for_each(|(_, inner)| bound(inner));
        }
        Value::Array(items) => items.iter_mut().for_each(bound),
        _ => {}
    }
}

fn is_integer(kind: &Value) -> bool {
    kind == "integer" || kind.as_array().is_some_and(|several| several.iter().any(|one| one == "integer"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shape_written_out_gets_its_name_back() {
        let unit = json!({"type": "object", "properties": {"id": {"type": "string", "format": "uuid"}}});
        let mut document = json!({
            "paths": {"/units": {"get": {"schema": {"$ref": "#/components/schemas/PageView_UnitView"}}}},
            "components": {"schemas": {
                "UnitView": unit,
                "PageView_UnitView": {"properties": {"items": {"type": "array", "items": unit}}},
            }}
        });
        complete(&mut document);
        let page = &document["components"]["schemas"]["UnitPage"];
        assert_eq!(page["properties"]["items"]["items"], json!({"$ref": "#/components/schemas/UnitView"}));
        assert_eq!(document["paths"]["/units"]["get"]["schema"]["$ref"], "#/components/schemas/UnitPage");
        assert_eq!(document["components"]["schemas"]["UnitView"]["properties"]["id"]["maxLength"], 36);
    }

    #[test]
    fn data_in_an_example_is_left_alone() {
        let mut document = json!({"example": {"format": "date"}});
        complete(&mut document);
        assert_eq!(document, json!({"example": {"format": "date"}}));
    }
}
