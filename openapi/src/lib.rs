//! The contract as a file that people review: `openapi.json` and `problems.md`, generated from the server's own code.

mod diff;
mod lint;

pub use diff::breaking_changes;
pub use lint::lint;

/// The files this crate keeps: name and content as the code has it now.
#[must_use]
pub fn generated() -> [(&'static str, String); 2] {
    [("openapi.json", api::http::document().text.clone()), ("problems.md", api::http::problems_page())]
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
