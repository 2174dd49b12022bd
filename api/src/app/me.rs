//! The caller: who they are, and who looked at them.

use chrono::NaiveDate;
use kernel::Page;
use store::{AccessRecord, EmployeeRow, PageRequest, UserRow};
use workforce::Agency;

use crate::app::{AppError, Ctx};
use crate::problems::Problem;

/// What the records say of a caller.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Me {
    /// The user.
    pub user: UserRow,
    /// The agency they call for.
    pub agency: Agency,
    /// The day it is there.
    pub today: NaiveDate,
    /// The employees they are.
    pub employees: Vec<EmployeeRow>,
}

/// The caller.
///
/// # Errors
/// `NO_ROLE` when their last role was taken back a moment ago.
pub async fn get(ctx: &Ctx) -> Result<Me, AppError> {
    let scope = ctx.actor.oneself();
    let reader = ctx.read(&scope);
    let grant = ctx.actor.grants.first().ok_or(Problem::NoRole)?.id;
    let user = reader.grant(grant).await?.ok_or(Problem::NoRole)?.user;
    let mut own: Vec<_> = ctx.actor.employees().collect();
    own.sort_unstable();
    own.dedup();
    let mut employees = Vec::with_capacity(own.len());
    for id in own {
        employees.extend(reader.employee(id).await?);
    }
    Ok(Me { user, agency: reader.own_agency().await?, today: ctx.today(), employees })
}

/// Who looked at the caller's data, up to this moment as far as this server showed it; nothing for a caller who is no employee.
///
/// # Errors
/// The store's.
pub async fn access_records(ctx: &Ctx, page: &PageRequest) -> Result<Page<AccessRecord>, AppError> {
    let scope = ctx.actor.oneself();
    ctx.services.looks.flush().await?;
    Ok(ctx.read(&scope).access_records(page).await?)
}
