//! Work that can outlast a request.

use std::time::Duration;

use access::{Action, Scope};
use kernel::{Event, OperationId, OperationKind, OperationState, Page, Resource, Violation};
use serde::{Deserialize, Serialize};
use serde_json::json;
use store::{OperationRow, PageRequest, StoreError, Written};

use crate::app::{AppError, Ctx, Detail};
use crate::dto::operations::OperationView;
use crate::dto::replaced;
use crate::messages::{self, Lang};
use crate::problems::Problem;

/// How often somebody who waits for the end has a look.
const GLANCE: Duration = Duration::from_millis(200);

/// Why work failed, as it is kept: whoever asks later may read another language than whoever began it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Failure {
    /// Code of the problem.
    pub code: String,
    /// More on this occurrence.
    #[serde(default)]
    pub detail: Option<Box<Detail>>,
    /// Every value that was refused.
    #[serde(default)]
    pub errors: Vec<FailedValue>,
}

/// A refused value, as it is kept.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FailedValue {
    /// Where.
    pub pointer: String,
    /// Which rule.
    pub code: String,
    /// What is wrong, in Indonesian.
    pub id: String,
    /// What is wrong, in English.
    pub en: String,
    /// The value that was seen.
    #[serde(default)]
    pub value: Option<String>,
}

impl From<&Violation> for FailedValue {
    fn from(violation: &Violation) -> Self {
        Self {
            pointer: violation.pointer.clone(),
            code: messages::name(violation.code).to_owned(),
            id: messages::detail(violation, Lang::Id),
            en: messages::detail(violation, Lang::En),
            value: messages::seen(violation),
        }
    }
}

impl From<&AppError> for Failure {
    fn from(error: &AppError) -> Self {
        Self {
            code: error.problem.spec().code.to_owned(),
            detail: error.detail.clone(),
            errors: error.violations.iter().map(FailedValue::from).collect(),
        }
    }
}

/// The agency's work, newest first.
///
/// # Errors
/// `FORBIDDEN`.
pub async fn list(ctx: &Ctx, page: &PageRequest) -> Result<Page<OperationRow>, AppError> {
    let scope = ctx.scope(Action::Import)?;
    Ok(ctx.read(&scope).operations(page).await?)
}

/// One piece of work.
///
/// # Errors
/// `FORBIDDEN`, `NOT_FOUND`.
pub async fn get(ctx: &Ctx, id: OperationId) -> Result<OperationRow, AppError> {
    let (scope, all) = sight(ctx)?;
    let found = ctx.read(&scope).operation(id).await?;
    Ok(found.filter(|operation| all || concerns(ctx, operation)).ok_or(Problem::NotFound)?)
}

/// Whether work is the caller's own, or publishes a plan they keep: of several who publish one, all follow the same work.
fn concerns(ctx: &Ctx, operation: &OperationRow) -> bool {
    operation.requested_by == ctx.actor.user
        || (operation.kind == OperationKind::AgencyPlanPublication && ctx.actor.can(Action::AgencyPlanWrite))
}

/// Whoever may follow the agency's work sees all of it; others who may begin work see their own.
fn sight(ctx: &Ctx) -> Result<(Scope, bool), AppError> {
    match ctx.actor.scope(Action::Import) {
        Ok(scope) => Ok((scope, true)),
        Err(denied) if begins(ctx).is_some() => {
            let _ = denied;
            Ok((ctx.actor.oneself(), false))
        }
        Err(denied) => Err(denied.into()),
    }
}

/// The right by which somebody who may not follow all work begins some of their own.
fn begins(ctx: &Ctx) -> Option<Action> {
    [Action::PlanKeep, Action::AgencyPlanWrite].into_iter().find(|action| ctx.actor.scope(*action).is_ok())
}

/// One piece of work as soon as it has ended, or as it stands once patience has.
///
/// # Errors
/// `FORBIDDEN`, `NOT_FOUND`.
pub async fn await_end(ctx: &Ctx, id: OperationId, patience: Duration) -> Result<OperationRow, AppError> {
    let ended = async {
        loop {
            let operation = get(ctx, id).await?;
            if operation.state != OperationState::Running {
                return Ok(operation);
            }
            tokio::time::sleep(GLANCE).await;
        }
    };
    match tokio::time::timeout(patience, ended).await {
        Ok(outcome) => outcome,
        Err(_still_at_it) => get(ctx, id).await,
    }
}

/// Calls work off. It stops where it is. What becomes of what it did, its kind says.
///
/// # Errors
/// `FORBIDDEN`, `NOT_FOUND`, `STALE`, `OPERATION_FINISHED`.
pub async fn cancel(ctx: &Ctx, id: OperationId) -> Result<Written, AppError> {
    let (scope, all) = sight(ctx)?;
    let written = ctx.write(async |tx| {
        let before = ctx.read_in(tx, &scope).operation(id).await?;
        let before = before.filter(|operation| all || concerns(ctx, operation)).ok_or(Problem::NotFound)?;
        let pass = match ctx.actor.allow(Action::Import) {
            Ok(pass) => pass,
            Err(_) => ctx.actor.allow_reached(begins(ctx).unwrap_or(Action::PlanKeep), !all)?,
        };
        ctx.expect_version(before.version)?;
        // Progress counts the version up between the reading and this; only an end refuses.
        let after = tx.operation_cancel(&pass, id).await.map_err(|error| match error {
            StoreError::Stale => AppError::from(Problem::OperationFinished),
            other => other.into(),
        })?;
        let version = after.version;
        let changes = json!({"done": after.done, "total": after.total});
        let reply = replaced(&OperationView::seen_by(&ctx.actor, after, None), version);
        let event = Event::new(Resource::Operation, id, "CANCELLED");
        Ok(tx.record(&pass, &event, Some(changes)).with(reply))
    });
    let written = written.await?;
    // Whoever else does the work hears of it with the next sign of life.
    ctx.services.imports.stop(id);
    Ok(written)
}

#[cfg(test)]
mod tests {
    use super::*;
    use kernel::ViolationCode;

    #[test]
    fn a_failure_keeps_both_languages() {
        let violation = Violation::new("/rows/2/name", ViolationCode::TooLong).with("max", 200);
        let kept = Failure::from(&AppError::about(Problem::Invalid, vec![violation]));
        assert_eq!(kept.code, "INVALID");
        let value = &kept.errors[0];
        assert_eq!((value.pointer.as_str(), value.code.as_str()), ("/rows/2/name", "TOO_LONG"));
        assert_eq!(
            (value.id.as_str(), value.en.as_str()),
            ("Paling banyak 200 karakter.", "At most 200 characters.")
        );
    }

    #[test]
    fn what_the_reaper_leaves_is_a_problem_of_the_table() {
        let kept: Failure = serde_json::from_value(json!({"code": "INTERRUPTED"})).unwrap();
        assert_eq!(Problem::by_code(&kept.code), Some(Problem::Interrupted));
    }
}
