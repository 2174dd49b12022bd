//! The contract as a file that people review: `openapi.json` and `problems.md`, generated from the server's own code.

mod diff;
mod examples;
mod lint;

use serde_json::Value;

pub use diff::breaking_changes;
pub use lint::lint;

/// The files this crate keeps: name and content as the code has it now.
#[must_use]
pub fn generated() -> [(&'static str, String); 2] {
    [("openapi.json", api::http::document().text.clone()), ("problems.md", api::http::problems_page())]
}

/// The contract with every shared parameter, header and response standing where it is referred to. Schemas keep their names.
#[must_use]
pub fn inlined(document: &Value) -> Value {
    inline(document, document)
}

fn inline(value: &Value, document: &Value) -> Value {
    let shared = ["parameters", "headers", "responses"].map(|kind| format!("#/components/{kind}/"));
    let target = value.get("$ref").and_then(Value::as_str);
    let target = target.filter(|target| shared.iter().any(|kind| target.starts_with(kind)));
    if let Some(found) = target.and_then(|target| document.pointer(target.trim_start_matches('#'))) {
        return inline(found, document);
    }
    match value {
        Value::Object(object) => {
            object.iter().map(|(key, inner)| (key.clone(), inline(inner, document))).collect()
        }
        Value::Array(items) => items.iter().map(|item| inline(item, document)).collect(),
        other => other.clone(),
    }
}

/// Names of committed files in `directory` that differ from the code.
///
/// # Errors
/// A file that cannot be read.
pub fn drift(directory: &std::path::Path) -> std::io::Result<Vec<&'static str>> {
    let mut stale = Vec::new();
    for (name, text) in generated() {
        if std::fs::read_to_string(directory.join(name))? != text {
            stale.push(name);
        }
    }
    Ok(stale)
}
