//! Work that can outlast a request.

use access::{Action, Actor};
use chrono::{DateTime, Utc};
use serde::Serialize;
use store::OperationRow;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::dto::enums::{Wire, wire};
use crate::http::ProblemDetails;

/// A piece of work, an import for instance.
#[derive(Debug, Serialize, ToSchema)]
pub struct OperationView {
    /// Identifier.
    pub id: Uuid,
    /// What it does.
    pub kind: wire::OperationKind,
    /// Whether it goes on, and how it ended.
    pub state: wire::OperationState,
    /// The part of it that is under way, or was when it ended; null before anybody begins with it.
    pub phase: Option<wire::OperationPhase>,
    /// Items of that part done: rows of a file, or people.
    #[schema(example = 400, minimum = 0, maximum = 9007199254740991_u64)]
    pub done: i64,
    /// Items of that part in all, once that is known.
    #[schema(example = 2000, minimum = 0, maximum = 9007199254740991_u64)]
    pub total: Option<i64>,
    /// What it came to, once its rows are written.
    #[schema(value_type = Option<Object>, example = json!({"created": 12}))]
    pub result: Option<serde_json::Value>,
    /// Why it failed.
    pub error: Option<ProblemDetails>,
    /// Who asked for it.
    pub requested_by: Uuid,
    /// When.
    pub created_at: DateTime<Utc>,
    /// When it ended.
    pub finished_at: Option<DateTime<Utc>>,
    /// What this caller may do with it now.
    #[schema(max_items = 1)]
    pub allowed_actions: Vec<wire::OperationAction>,
}

impl OperationView {
    /// The work, as `actor` sees it; `error` is what `row` keeps of a failure, in the caller's language.
    #[must_use]
    pub fn seen_by(actor: &Actor, row: OperationRow, error: Option<ProblemDetails>) -> Self {
        // What was asked for stands in the request that asked.
        let OperationRow {
            id,
            kind,
            state,
            phase,
            done,
            total,
            input: _,
            result,
            error: _,
            requested_by,
            created_at,
            finished_at,
            version: _,
            worker: _,
            attempts: _,
        } = row;
        let may = actor.can(Action::Import) || requested_by == actor.user;
        let actions = if may { state.allowed_actions() } else { Default::default() };
        Self {
            id: id.uuid(),
            kind: Wire(kind),
            state: Wire(state),
            phase: phase.map(Wire),
            done,
            total,
            result,
            error,
            requested_by: requested_by.uuid(),
            created_at,
            finished_at,
            allowed_actions: actions.iter().copied().map(Wire).collect(),
        }
    }
}
