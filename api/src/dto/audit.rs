//! The audit trail.

use chrono::{DateTime, Utc};
use kernel::{UserId, Violation, ViolationCode};
use serde::{Deserialize, Serialize};
use store::{AuditFilter, AuditRow};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use crate::dto::enums::{Wire, wire};
use crate::dto::instant;

/// An entry of the audit trail: one for every successful write. It never changes.
#[derive(Debug, Serialize, ToSchema)]
pub struct AuditEventView {
    /// Identifier.
    pub id: Uuid,
    /// When.
    pub at: DateTime<Utc>,
    /// Who; null for the system's own work.
    pub user_id: Option<Uuid>,
    /// In which request.
    pub request_id: Uuid,
    /// By which operation of this contract, or which command.
    #[schema(example = "unit_replace", max_length = 100)]
    pub operation: String,
    /// What kind of thing was changed.
    #[schema(example = "UNIT", max_length = 40)]
    pub resource: String,
    /// Which one.
    pub resource_id: Uuid,
    /// What was done to it, in the past tense.
    #[schema(example = "REPLACED", max_length = 40)]
    pub what: String,
    /// The figures, as far as they help to understand the change. Names and identity numbers of people are not kept here.
    #[schema(value_type = Option<Object>, example = json!({"code": "DINKES.01"}))]
    pub changes: Option<serde_json::Value>,
}

impl From<AuditRow> for AuditEventView {
    fn from(row: AuditRow) -> Self {
        let AuditRow { id, at, user, request, operation, resource, resource_id, what, changes } = row;
        Self {
            id: id.uuid(),
            at,
            user_id: user.map(UserId::uuid),
            request_id: request.uuid(),
            operation,
            resource,
            resource_id,
            what,
            changes,
        }
    }
}

/// Which entries a list holds.
#[derive(Clone, Debug, Default, Deserialize, Serialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct AuditQuery {
    /// About this kind of thing.
    #[param(inline)]
    pub resource: Option<wire::Resource>,
    /// About this very thing.
    pub resource_id: Option<Uuid>,
    /// By this user.
    pub user_id: Option<Uuid>,
    /// At or after this instant.
    pub since: Option<DateTime<Utc>>,
    /// Before this instant.
    pub until: Option<DateTime<Utc>>,
    /// Where to continue: `next` of the page before.
    #[param(max_length = 2000)]
    pub cursor: Option<String>,
    /// Most items of a page.
    #[param(minimum = 1, maximum = 200, default = 50)]
    pub limit: Option<u16>,
}

impl AuditQuery {
    /// The filter these parameters describe.
    ///
    /// # Errors
    /// An instant outside the contract's days, an end before the beginning.
    pub fn into_filter(self) -> Result<AuditFilter, Violation> {
        let Self { resource, resource_id, user_id, since, until, cursor: _, limit: _ } = self;
        let since = since.map(|at| instant("/query/since", at)).transpose()?;
        let until = until.map(|at| instant("/query/until", at)).transpose()?;
        if matches!((since, until), (Some(since), Some(until)) if until < since) {
            return Err(Violation::new("/query/until", ViolationCode::PeriodReversed));
        }
        Ok(AuditFilter {
            resource_id,
            resource: resource.map(|Wire(resource)| resource.as_str().to_owned()),
            user: user_id.map(UserId::from),
            since,
            until,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_end_before_its_beginning_is_refused() {
        let at = |text: &str| Some(text.parse().unwrap());
        let of = |since, until| AuditQuery { since, until, ..AuditQuery::default() };
        let (early, late) = ("2026-07-01T00:00:00Z", "2026-07-01T00:00:00.000001Z");
        let refused = of(at(late), at(early)).into_filter().unwrap_err();
        assert_eq!((refused.pointer.as_str(), refused.code), ("/query/until", ViolationCode::PeriodReversed));
        assert!(
            of(at(early), at(early)).into_filter().is_ok() && of(at(early), at(late)).into_filter().is_ok()
        );
    }
}
