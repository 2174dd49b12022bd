//! The audit trail.

use access::Action;
use kernel::{EmployeeId, Page, Resource};
use serde_json::Value;
use store::{AuditFilter, AuditRow, PageRequest};

use crate::app::{AppError, Ctx};

/// What was done in the caller's agency, newest first.
///
/// # Errors
/// `FORBIDDEN`.
pub async fn list(ctx: &Ctx, filter: &AuditFilter, page: &PageRequest) -> Result<Page<AuditRow>, AppError> {
    let scope = ctx.scope(Action::AuditRead)?;
    let entries = ctx.read(&scope).audit_events(filter, page).await?;
    ctx.note_access(&scope, entries.items.iter().flat_map(people)).await?;
    Ok(entries)
}

/// The people an entry tells something of.
fn people(entry: &AuditRow) -> Vec<EmployeeId> {
    let mut found = Vec::new();
    if entry.resource == Resource::Employee.as_str() {
        found.push(EmployeeId::from(entry.resource_id));
    }
    entry.changes.iter().for_each(|changes| named(changes, &mut found));
    found
}

/// Every `employee_id`, however deep.
fn named(changes: &Value, found: &mut Vec<EmployeeId>) {
    match changes {
        Value::Object(fields) => {
            let id = fields.get("employee_id").and_then(Value::as_str);
            found.extend(id.and_then(|id| id.parse::<EmployeeId>().ok()));
            fields.values().for_each(|value| named(value, found));
        }
        Value::Array(items) => items.iter().for_each(|item| named(item, found)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}
