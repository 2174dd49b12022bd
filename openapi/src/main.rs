//! `cargo run -p openapi -- generate | check | lint | diff OLD`.

use std::path::Path;
use std::process::ExitCode;

fn main() -> ExitCode {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR"));
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let done = match arguments.as_slice() {
        ["generate"] => generate(directory),
        ["check"] => check(directory),
        ["lint"] => report(openapi::lint(&api::http::document().value)),
        ["diff", old] => diff(Path::new(old)),
        _ => Err("usage: openapi generate | check | lint | diff OLD".to_owned()),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            eprintln!("{message}");
            ExitCode::FAILURE
        }
    }
}

fn generate(directory: &Path) -> Result<(), String> {
    for (name, text) in openapi::generated() {
        std::fs::write(directory.join(name), text).map_err(|error| format!("{name}: {error}"))?;
    }
    Ok(())
}

fn check(directory: &Path) -> Result<(), String> {
    match openapi::drift(directory).map_err(|error| error.to_string())?.as_slice() {
        [] => report(openapi::lint(&api::http::document().value)),
        stale => {
            Err(format!("{} differ from the code: run `cargo run -p openapi -- generate`", stale.join(", ")))
        }
    }
}

fn diff(old: &Path) -> Result<(), String> {
    let text = std::fs::read_to_string(old).map_err(|error| format!("{}: {error}", old.display()))?;
    let old = serde_json::from_str(&text).map_err(|error| error.to_string())?;
    report(openapi::breaking_changes(&old, &api::http::document().value))
}

fn report(findings: Vec<String>) -> Result<(), String> {
    if findings.is_empty() { Ok(()) } else { Err(findings.join("\n")) }
}
