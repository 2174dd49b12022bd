//! Every operation of the contract, tried by everybody: without a token, with bad ones, by each role, from another agency,
//! with a wrong method. An operation without an entry fails.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use access::Role;
use api::auth::{KeyRing, TokenIdentity, TokenRequest};
use chrono::TimeDelta;
use serde_json::{Value, json};
use support::{Answer, Caller, TestApp, operations};

use super::world::World;

/// How one operation is tried.
struct Entry {
    id: &'static str,
    path: String,
    body: Option<Value>,
    /// A body that is no JSON: its media type and text.
    file: Option<(&'static str, &'static str)>,
}

fn entry(id: &'static str, path: impl Into<String>) -> Entry {
    Entry { id, path: path.into(), body: None, file: None }
}

impl Entry {
    fn with(self, body: Value) -> Self {
        Self { body: Some(body), ..self }
    }

    async fn send(&self, caller: &Caller<'_>, method: &str) -> Answer {
        let body = match (&self.body, self.file) {
            (Some(body), _) => Some(("application/json", body.to_string().into_bytes())),
            (None, Some((kind, text))) => Some((kind, text.as_bytes().to_vec())),
            (None, None) => None,
        };
        // Whatever the version is: who may do it is the question here.
        let caller =
            if matches!(method, "PUT" | "DELETE") { caller.with("if-match", "*") } else { caller.clone() };
        caller.send(method, &self.path, body).await
    }
}

fn entries(world: &World) -> Vec<Entry> {
    let id = |name: &str| world.things[name].as_str();
    let at = |path: &str, name: &str| format!("/v1/{path}/{}", id(name));
    let unit = json!({"code": "BARU", "name": "Baru"});
    let position = json!({
        "code": "BARU", "name": "Baru", "unit_id": id("unit"), "job_class": "PELAKSANA", "is_head": false
    });
    let employee = json!({"nip": "198106222006041003", "name": "Damar Prasetyanto", "status": "PNS"});
    let placements = format!("/v1/employees/{}/placements", id("employee"));
    let placement = format!("{placements}/{}", id("placement"));
    vec![
        entry("livez", "/livez"),
        entry("readyz", "/readyz"),
        entry("metrics", "/metrics"),
        entry("jwks", "/.well-known/jwks.json"),
        entry("me_get", "/v1/me"),
        entry("access_record_list", "/v1/me/access-records"),
        entry("agency_list", "/v1/agencies"),
        entry("agency_get", format!("/v1/agencies/{}", world.agency)),
        entry("agency_replace", format!("/v1/agencies/{}", world.agency))
            .with(json!({"name": "Pemerintah Kota", "time_zone": "WITA"})),
        entry("grant_list", "/v1/grants"),
        entry("grant_get", at("grants", "grant")),
        entry("grant_create", "/v1/grants").with(json!({
            "name": "Orang Baru", "role": "AUDITOR"
        })),
        entry("grant_revoke", at("grants", "grant") + "/revocation"),
        entry("unit_list", "/v1/units"),
        entry("unit_get", at("units", "unit")),
        entry("unit_create", "/v1/units").with(unit.clone()),
        entry("unit_replace", at("units", "unit")).with(unit),
        entry("unit_delete", at("units", "spare_unit")),
        entry("position_list", "/v1/positions"),
        entry("position_get", at("positions", "position")),
        entry("position_create", "/v1/positions").with(position.clone()),
        entry("position_replace", at("positions", "position")).with(position),
        entry("position_abolish", at("positions", "spare_position") + "/abolition")
            .with(json!({"abolished_on": "2026-08-01"})),
        entry("position_delete", at("positions", "spare_position")),
        entry("employee_list", "/v1/employees"),
        entry("employee_get", at("employees", "employee")),
        entry("employee_get_by_nip", "/v1/employees/by-nip/199608092022032006"),
        entry("employee_superior_get", at("employees", "employee") + "/superior"),
        entry("employee_create", "/v1/employees").with(employee.clone()),
        entry("employee_replace", at("employees", "employee")).with(employee),
        entry("employee_delete", at("employees", "spare_employee")),
        entry("placement_list", placements.clone()),
        entry("placement_get", placement.clone()),
        entry("placement_create", placements).with(json!({"position_id": null, "starts_on": "2026-06-01"})),
        entry("placement_retract", placement + "/retraction"),
        entry("audit_event_list", "/v1/audit-events"),
        entry("operation_list", "/v1/operations"),
        entry("operation_get", at("operations", "operation")),
        entry("operation_cancel", at("operations", "running_operation") + "/cancellation"),
    ]
}

/// Every operation with its entry.
fn tried(world: &World) -> Vec<(Entry, String)> {
    let mut methods: BTreeMap<_, _> = operations().into_iter().map(|one| (one.id, one.method)).collect();
    let entries = entries(world);
    let known: BTreeSet<_> = entries.iter().map(|entry| entry.id.to_owned()).collect();
    assert_eq!(known.len(), entries.len(), "an operation has two entries");
    let missing: Vec<_> = methods.keys().filter(|id| !known.contains(*id)).collect();
    assert!(missing.is_empty(), "operations without an entry: {missing:?}");
    entries
        .into_iter()
        .map(|entry| {
            let method = methods.remove(entry.id).unwrap_or_else(|| panic!("{} is no operation", entry.id));
            (entry, method)
        })
        .collect()
}

fn protected(entry: &Entry) -> bool {
    entry.path.starts_with("/v1/")
}

#[tokio::test]
async fn nobody_gets_in_without_a_good_token() {
    let world = World::new().await;
    let app = world.app().await;
    let admin = world.users[&(world.agency, Role::AgencyAdmin)];
    let request = TokenRequest { subject: admin, agency: world.agency, lifetime: TimeDelta::hours(1) };
    let expired = app.services.keys.issue(&request, app.now() - TimeDelta::hours(2)).unwrap();
    let identity = TokenIdentity { issuer: "urn:bangkom".to_owned(), audience: "another".to_owned() };
    let elsewhere = KeyRing::open(None, &app.services.config.data_dir, identity).unwrap();
    let misdirected = elsewhere.issue(&request, app.now()).unwrap();
    for (entry, method) in tried(&world) {
        if !protected(&entry) {
            entry.send(&app.anonymous(), &method).await.expect(200);
            continue;
        }
        entry.send(&app.anonymous(), &method).await.expect(401).expect_problem("TOKEN_MISSING");
        entry.send(&app.bearer("nonsense"), &method).await.expect(401).expect_problem("TOKEN_INVALID");
        entry.send(&app.bearer(&expired), &method).await.expect(401).expect_problem("TOKEN_EXPIRED");
        entry.send(&app.bearer(&misdirected), &method).await.expect(401).expect_problem("TOKEN_INVALID");
        let nobody = app.caller(world.nobody, world.agency);
        entry.send(&nobody, &method).await.expect(403).expect_problem("NO_ROLE");
    }
}

#[tokio::test]
async fn a_wrong_method_is_told_the_right_ones() {
    let world = World::new().await;
    let app = world.app().await;
    let admin = world.caller(&app, world.agency, Role::AgencyAdmin);
    for (entry, method) in tried(&world) {
        let answer = admin.send("PATCH", &entry.path, None).await.expect(405);
        let allow: Vec<_> = answer.header("allow").split(", ").map(ToOwned::to_owned).collect();
        assert!(allow.contains(&method), "{}: {allow:?}", entry.id);
    }
}

#[tokio::test]
async fn another_agencys_roles_reach_nothing() {
    let world = World::new().await;
    let app = world.app().await;
    let ids: Vec<_> = world.things.values().filter(|id| id.len() == 36).cloned().collect();
    let before = footprint(&app).await;
    for (entry, method) in tried(&world).iter().filter(|(entry, _)| protected(entry)) {
        for role in Role::ALL {
            let stranger = world.caller(&app, world.elsewhere, role);
            let changes = method != "GET";
            let names_one = ids.iter().any(|id| {
                entry.path.contains(id)
                    || entry.body.as_ref().is_some_and(|body| body.to_string().contains(id.as_str()))
            }) || entry.path.contains("by-nip")
                || entry.path.contains(&world.agency.to_string());
            if changes && !names_one {
                continue;
            }
            let answer = entry.send(&stranger, method).await;
            if names_one {
                assert!(
                    matches!(answer.status, 400 | 403 | 404),
                    "{} by {role:?} of another agency: {} {}",
                    entry.id,
                    answer.status,
                    answer.text
                );
            }
            let leaked = ids.iter().find(|id| {
                // What the caller sent comes back in nothing but a pointer.
                answer.text.contains(id.as_str())
            });
            assert!(leaked.is_none(), "{} shows {leaked:?} to another agency", entry.id);
        }
    }
    assert_eq!(footprint(&app).await, before, "something was written for another agency");
}

/// How much the agency's audit trail holds: what did not grow was not written to.
async fn footprint(app: &TestApp) -> i64 {
    app.count("SELECT count(*) FROM audit_events").await
}

/// The policy as it is, tried and not read: who may do what in their own agency.
#[tokio::test]
async fn the_policy_is_what_the_golden_file_says() {
    let world = World::new().await;
    let mut table = String::from(
        "# Who may do what\n\nTried, not read: each role, in its own agency, on one of everything. `·` is 403, `-` is 404.\n\n",
    );
    let names: Vec<_> = Role::ALL.iter().map(|role| role.as_str()).collect();
    writeln!(table, "| operation | {} |\n| --- |{}", names.join(" | "), " --- |".repeat(names.len()))
        .unwrap();
    let mut app = world.app().await;
    for (entry, method) in tried(&world).iter().filter(|(entry, _)| protected(entry)) {
        let mut row = format!("| `{}` |", entry.id);
        let mut anybody = false;
        for role in Role::ALL {
            let answer = entry.send(&world.caller(&app, world.agency, role), method).await;
            let cell = match answer.status {
                200..300 => "yes",
                403 => "·",
                404 => "-",
                _ => panic!("{} by {role:?}: {} {}", entry.id, answer.status, answer.text),
            };
            write!(row, " {cell} |").unwrap();
            if answer.status < 300 {
                anybody = true;
                if method != "GET" {
                    app = world.app().await;
                }
            }
        }
        assert!(anybody, "{}: nobody may do it, so it was not tried", entry.id);
        writeln!(table, "{row}").unwrap();
    }
    let golden = include_str!("policy.md");
    if table != golden {
        let fresh = concat!(env!("CARGO_MANIFEST_DIR"), "/../../target/policy.md");
        std::fs::write(fresh, &table).unwrap();
        panic!(
            "the policy changed: compare target/policy.md with tests/it/meta/policy.md, and copy it if it is right"
        );
    }
}
