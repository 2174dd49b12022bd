//! Civil servants.
//!
//! The audit trail outlives a person's record, so it names that a name or an identity number changed and not to what.

use access::Action;
use chrono::NaiveDate;
use kernel::{EmployeeId, Event, Nip, Page, Resource, Version};
use serde_json::{Value, json};
use store::{EmployeeFilter, EmployeeRow, PageRequest, SuperiorChain, Written};
use workforce::Employee;

use crate::app::{AppError, Ctx};
use crate::dto::employees::{EmployeePut, EmployeeView};
use crate::dto::{created, gone, replaced};
use crate::problems::Problem;

/// People the caller may see.
///
/// # Errors
/// `FORBIDDEN`.
pub async fn list(
    ctx: &Ctx,
    filter: &EmployeeFilter,
    page: &PageRequest,
) -> Result<Page<EmployeeRow>, AppError> {
    let scope = ctx.scope(Action::EmployeeRead)?;
    let people = ctx.read(&scope).employees(filter, page).await?;
    ctx.note_access(&scope, people.items.iter().map(|row| row.employee.id)).await?;
    Ok(people)
}

/// One person.
///
/// # Errors
/// `FORBIDDEN`, `NOT_FOUND`.
pub async fn get(ctx: &Ctx, id: EmployeeId) -> Result<EmployeeRow, AppError> {
    let scope = ctx.scope(Action::EmployeeRead)?;
    let row = ctx.read(&scope).employee(id).await?.ok_or(Problem::NotFound)?;
    ctx.note_access(&scope, [id]).await?;
    Ok(row)
}

/// The person with an identity number, as people write it.
///
/// # Errors
/// `FORBIDDEN`, `INVALID` naming the part of the number that makes no sense, `NOT_FOUND`.
pub async fn get_by_nip(ctx: &Ctx, nip: &str) -> Result<EmployeeRow, AppError> {
    let scope = ctx.scope(Action::EmployeeRead)?;
    let nip = Nip::parse(nip, ctx.today()).map_err(|violation| violation.under("/path/nip"))?;
    let row = ctx.read(&scope).employee_by_nip(&nip).await?.ok_or(Problem::NotFound)?;
    ctx.note_access(&scope, [row.employee.id]).await?;
    Ok(row)
}

/// Who leads a person on `day`, and why.
///
/// # Errors
/// `FORBIDDEN`, `NOT_FOUND`.
pub async fn superior(ctx: &Ctx, id: EmployeeId, day: NaiveDate) -> Result<SuperiorChain, AppError> {
    let scope = ctx.scope(Action::EmployeeRead)?;
    let chain = ctx.read(&scope).superior_chain(id, day).await?.ok_or(Problem::NotFound)?;
    let shown = chain.superior.as_ref().map(|superior| superior.employee);
    ctx.note_access(&scope, [id].into_iter().chain(shown)).await?;
    Ok(chain)
}

/// Adds a person.
///
/// # Errors
/// `FORBIDDEN`, `INVALID`, `ALREADY_EXISTS`.
pub async fn create(ctx: &Ctx, input: EmployeePut) -> Result<Written, AppError> {
    let pass = ctx.actor.allow(Action::EmployeeWrite)?;
    let scope = ctx.scope(Action::EmployeeRead)?;
    let employee = input.into_domain(EmployeeId::new(), Version::FIRST, ctx.today())?;
    ctx.write(async |tx| {
        tx.employee_insert(&pass, &employee).await?;
        ctx.note_access_in(tx, &scope, [employee.id]);
        let event = Event::new(Resource::Employee, employee.id, "CREATED");
        let changes = json!({"after": standing(&employee)});
        let location = format!("/v1/employees/{}", employee.id);
        let row = EmployeeRow { employee: employee.clone(), held: None };
        let reply = created(&EmployeeView::from(row), employee.version, location);
        Ok(tx.record(&pass, &event, Some(changes)).with(reply))
    })
    .await
}

/// Replaces what a person's record says. Where they serve is told by placements.
///
/// # Errors
/// `NOT_FOUND`, `FORBIDDEN`, `STALE`, `INVALID`, `ALREADY_EXISTS`.
pub async fn replace(ctx: &Ctx, id: EmployeeId, input: EmployeePut) -> Result<Written, AppError> {
    let scope = ctx.scope(Action::EmployeeRead)?;
    ctx.write(async |tx| {
        let before = ctx.read_in(tx, &scope).employee(id).await?.ok_or(Problem::NotFound)?;
        let pass = ctx.actor.allow(Action::EmployeeWrite)?;
        let expected = ctx.expect_version(before.employee.version)?;
        let employee = input.clone().into_domain(id, expected, ctx.today())?;
        let after = tx.employee_update(&pass, &employee).await?;
        ctx.note_access_in(tx, &scope, [id]);
        let (changes, version) = (differences(&before.employee, &after), after.version);
        let view = EmployeeView::from(EmployeeRow { employee: after, held: before.held });
        let event = Event::new(Resource::Employee, id, "REPLACED");
        Ok(tx.record(&pass, &event, Some(changes)).with(replaced(&view, version)))
    })
    .await
}

/// Removes a person nothing refers to: somebody entered by mistake a moment ago.
///
/// # Errors
/// `NOT_FOUND`, `FORBIDDEN`, `STALE`, `STILL_REFERENCED`.
pub async fn delete(ctx: &Ctx, id: EmployeeId) -> Result<Written, AppError> {
    let scope = ctx.scope(Action::EmployeeRead)?;
    ctx.write(async |tx| {
        let row = ctx.read_in(tx, &scope).employee(id).await?.ok_or(Problem::NotFound)?;
        let pass = ctx.actor.allow(Action::EmployeeWrite)?;
        tx.employee_delete(&pass, id, ctx.expect_version(row.employee.version)?).await?;
        let event = Event::new(Resource::Employee, id, "DELETED");
        let changes = json!({"before": standing(&row.employee)});
        Ok(tx.record(&pass, &event, Some(changes)).with(gone()))
    })
    .await
}

/// What of a record may stay in the trail for good.
fn standing(employee: &Employee) -> Value {
    let Employee { id: _, nip: _, name: _, status, education, appointed_on, superior, version: _ } = employee;
    json!({"status": status, "education": education, "appointed_on": appointed_on, "superior_id": superior})
}

fn differences(before: &Employee, after: &Employee) -> Value {
    let changed = [("nip", before.nip != after.nip), ("name", before.name != after.name)];
    let identity: Vec<_> =
        changed.into_iter().filter_map(|(what, changed)| changed.then_some(what)).collect();
    json!({"before": standing(before), "after": standing(after), "identity_changed": identity})
}

#[cfg(test)]
mod tests {
    use super::*;
    use kernel::Name;
    use workforce::EmployeeStatus;

    #[test]
    fn the_trail_says_that_a_name_changed_and_not_to_what() {
        let today = NaiveDate::from_ymd_opt(2026, 7, 1).unwrap();
        let before = Employee {
            id: EmployeeId::new(),
            nip: Nip::parse("198609262015051001", today).unwrap(),
            name: Name::parse("Contoh Lama").unwrap(),
            status: EmployeeStatus::Cpns,
            education: None,
            appointed_on: None,
            superior: None,
            version: Version::FIRST,
        };
        let name = Name::parse("Contoh Baru").unwrap();
        let after = Employee { name, status: EmployeeStatus::Pns, ..before.clone() };
        let kept = differences(&before, &after);
        assert_eq!(kept["identity_changed"], json!(["name"]));
        assert_eq!((&kept["before"]["status"], &kept["after"]["status"]), (&json!("CPNS"), &json!("PNS")));
        let text = kept.to_string();
        for secret in ["Contoh", "198609262015051001"] {
            assert!(!text.contains(secret), "{text}");
        }
    }
}
