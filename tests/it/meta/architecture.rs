//! The fences between the crates, over `cargo metadata`.

use std::collections::{BTreeMap, BTreeSet};
use std::process::Command;

use serde_json::Value;

/// What each crate of ours may depend on: ours first, then the bought-in ones it alone (or nearly) may name.
fn allowed() -> BTreeMap<&'static str, &'static [&'static str]> {
    BTreeMap::from([
        ("kernel", &[][..]),
        ("workforce", &["kernel"]),
        ("access", &["kernel"]),
        ("competency", &["kernel", "workforce"]),
        ("development", &["competency", "kernel", "workforce"]),
        ("optimiser", &["kernel"]),
        ("entities", &[]),
        ("store", &["access", "competency", "development", "entities", "kernel", "workforce"]),
        ("cluster", &[]),
        ("migrations", &[]),
        ("pictures", &[]),
        (
            "api",
            &[
                "access",
                "cluster",
                "competency",
                "development",
                "kernel",
                "migrations",
                "optimiser",
                "pictures",
                "store",
                "workforce",
            ],
        ),
        ("openapi", &["api"]),
    ])
}

/// Bought-in crates that only these of ours may name.
const RESERVED: &[(&str, &[&str])] = &[
    ("sea-orm", &["entities", "store"]),
    ("sea-orm-migration", &["migrations"]),
    ("sqlx", &[]),
    ("actix-web", &["api"]),
    ("utoipa", &["api"]),
    ("jsonwebtoken", &["api"]),
    ("tokio", &["api", "cluster", "store"]),
    ("postgresql_embedded", &["cluster"]),
    ("krilla", &["pictures"]),
    ("skrifa", &["pictures"]),
];

fn metadata() -> Value {
    let output = Command::new(env!("CARGO"))
        .args(["metadata", "--format-version", "1", "--no-deps", "--offline"])
        .current_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/../.."))
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

/// Normal dependencies of every member: tests may reach everywhere.
fn dependencies() -> BTreeMap<String, BTreeSet<String>> {
    let metadata = metadata();
    let packages = metadata["packages"].as_array().unwrap();
    let name = |package: &Value| package["name"].as_str().unwrap().to_owned();
    let normal = |package: &Value| {
        let all = package["dependencies"].as_array().unwrap().clone();
        all.iter().filter(|one| one["kind"].is_null()).map(name).collect::<BTreeSet<_>>()
    };
    packages.iter().map(|package| (name(package), normal(package))).collect()
}

const TESTS: [&str; 3] = ["it", "support", "bench"];

#[test]
fn every_arrow_between_our_crates_is_on_the_plan() {
    let (found, allowed) = (dependencies(), allowed());
    for (name, on) in found.iter().filter(|(name, _)| !TESTS.contains(&name.as_str())) {
        let may = allowed.get(name.as_str()).unwrap_or_else(|| panic!("{name} is not on the plan"));
        let ours: Vec<_> = on.iter().filter(|one| found.contains_key(*one)).map(String::as_str).collect();
        let strays: Vec<_> = ours.iter().filter(|one| !may.contains(one)).collect();
        assert!(strays.is_empty(), "{name} may not depend on {strays:?}");
    }
    for name in allowed.keys() {
        assert!(found.contains_key(*name), "{name} is on the plan and not in the workspace");
    }
}

#[test]
fn what_is_reserved_is_named_by_its_owners_alone() {
    for (name, on) in dependencies().iter().filter(|(name, _)| !TESTS.contains(&name.as_str())) {
        for (reserved, owners) in RESERVED {
            assert!(
                !on.contains(*reserved) || owners.contains(&name.as_str()),
                "{name} may not name {reserved}"
            );
        }
    }
}

#[test]
fn the_domain_stays_pure() {
    let pure: BTreeSet<_> = [
        "chrono",
        "serde",
        "serde_json",
        "sha1_smol",
        "thiserror",
        "uuid",
        "kernel",
        "workforce",
        "competency",
    ]
    .into();
    for (name, on) in dependencies() {
        if ["kernel", "workforce", "competency", "development", "access", "optimiser"]
            .contains(&name.as_str())
        {
            let strays: Vec<_> = on.iter().filter(|one| !pure.contains(one.as_str())).collect();
            assert!(strays.is_empty(), "{name} depends on {strays:?}");
        }
    }
}

#[test]
fn every_crate_keeps_the_workspaces_lints() {
    for package in metadata()["packages"].as_array().unwrap() {
        let manifest = std::fs::read_to_string(package["manifest_path"].as_str().unwrap()).unwrap();
        assert!(manifest.contains("[lints]\nworkspace = true"), "{}", package["name"]);
    }
}

/// Source files below a folder of the workspace.
fn sources(folder: &str) -> Vec<(String, String)> {
    fn walk(folder: &std::path::Path, found: &mut Vec<(String, String)>) {
        for entry in std::fs::read_dir(folder).unwrap().map(Result::unwrap) {
            let path = entry.path();
            if path.is_dir() && !path.ends_with("target") {
                walk(&path, found);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                found.push((path.display().to_string(), std::fs::read_to_string(&path).unwrap()));
            }
        }
    }
    let mut found = Vec::new();
    walk(&std::path::Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../..")).join(folder), &mut found);
    found
}

#[test]
fn a_lint_is_expected_with_a_reason_and_never_allowed() {
    for folder in ["api", "domain", "persistence", "migrations", "openapi", "tests"] {
        for (path, text) in sources(folder) {
            // The word itself, put together so that this file does not hold it.
            let word = concat!("[all", "ow(");
            assert!(!text.contains(&format!("#{word}")) && !text.contains(&format!("#!{word}")), "{path}");
        }
    }
}

#[test]
fn the_use_cases_know_no_http() {
    for (path, text) in sources("api/src/app") {
        assert!(!text.contains("actix_web") && !text.contains("crate::http"), "{path} knows HTTP");
    }
}

#[test]
fn handlers_are_short() {
    for (path, text) in sources("api/src/http") {
        let mut length = None;
        for line in text.lines() {
            if line.starts_with("pub(crate) async fn") {
                length = Some(0);
            } else if line == "}" {
                assert!(length.is_none_or(|length| length <= 25), "{path}: a handler of {length:?} lines");
                length = None;
            }
            length = length.map(|length| length + 1);
        }
    }
}
