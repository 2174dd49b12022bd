//! Calculations for anybody: nothing is read but policies, nothing is written.

use access::{Action, Scope};
use chrono::{DateTime, NaiveDate, Utc};
use competency::{JpmOutcome, JpmRubric, PolicyRef, PolicyVersion, job_person_match, policy_on};
use kernel::{Code, ViolationCode};
use store::Reader;

use crate::app::{AppError, Ctx};
use crate::dto::calculators::{JobPersonMatchAsk, JobPersonMatchRequest};

/// The version of the policy called `name` for the job person match that applies on `day`, by what was known at
/// `known_at`.
///
/// # Errors
/// `INVALID` at `pointer` when there is none.
pub(crate) async fn jpm_policy(
    reader: &Reader<'_>,
    scope: &Scope,
    name: &Code,
    pointer: &str,
    day: NaiveDate,
    known_at: DateTime<Utc>,
) -> Result<PolicyVersion<JpmRubric>, AppError> {
    let versions = reader.policies_for::<JpmRubric>().await?;
    jpm_policy_among(&versions, scope, name, pointer, day, known_at)
}

/// The same among versions that have been read.
///
/// # Errors
/// `INVALID` at `pointer` when there is none.
pub(crate) fn jpm_policy_among(
    versions: &[PolicyVersion<JpmRubric>],
    scope: &Scope,
    name: &Code,
    pointer: &str,
    day: NaiveDate,
    known_at: DateTime<Utc>,
) -> Result<PolicyVersion<JpmRubric>, AppError> {
    let policy = policy_on(versions, name.as_str(), scope.agency(), day, known_at).cloned();
    policy.ok_or_else(|| AppError::invalid(pointer, ViolationCode::NotFound))
}

/// A job person match of what the caller says.
///
/// # Errors
/// `INVALID`: a value that cannot stand, or no such policy on that day.
pub async fn job_person_match_of(
    ctx: &Ctx,
    input: JobPersonMatchRequest,
) -> Result<(JpmOutcome, PolicyRef), AppError> {
    let scope = ctx.scope(Action::CatalogueRead)?;
    let JobPersonMatchAsk { policy, purpose, as_of, items } = input.into_domain()?;
    let day = as_of.unwrap_or_else(|| ctx.today());
    let reader = ctx.read(&scope);
    let policy = jpm_policy(&reader, &scope, &policy, "/policy", day, DateTime::<Utc>::MAX_UTC).await?;
    let outcome = job_person_match(&policy.rubric, purpose, &items)?;
    Ok((outcome, policy.cite()))
}
