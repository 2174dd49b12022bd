//! The audit trail.

use access::Action;
use kernel::Page;
use store::{AuditFilter, AuditRow, PageRequest};

use crate::app::{AppError, Ctx};

/// What was done in the caller's agency, newest first.
///
/// # Errors
/// `FORBIDDEN`.
pub async fn list(ctx: &Ctx, filter: &AuditFilter, page: &PageRequest) -> Result<Page<AuditRow>, AppError> {
    let scope = ctx.scope(Action::AuditRead)?;
    Ok(ctx.read(&scope).audit_events(filter, page).await?)
}
