//! Enrolments in classes.

use chrono::{DateTime, Utc};
use development::{ClassHours, Enrolment, EnrolmentAction, Outcome};
use kernel::{LongText, UserId, Violation, Violations};
use serde::{Deserialize, Serialize};
use store::EnrolmentRow;
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;
use validator::Validate;

use crate::dto::enums::{Wire, wire};
use crate::dto::values::{Decimal, optional_long_text, several};

/// Somebody's enrolment in a class.
#[derive(Debug, Serialize, ToSchema)]
pub struct EnrolmentView {
    /// Identifier.
    pub id: Uuid,
    /// Where it stands.
    pub state: wire::EnrolmentState,
    /// The class.
    pub class_id: Uuid,
    /// The class's code.
    #[schema(example = "PT-LAYANAN-01/2026-1", max_length = 64)]
    pub class_code: String,
    /// The programme.
    pub programme_id: Uuid,
    /// The programme's name.
    #[schema(example = "Pelatihan Teknis Pelayanan Publik", max_length = 200)]
    pub programme_name: String,
    /// When the class begins; null while it has no session.
    pub starts_at: Option<DateTime<Utc>>,
    /// When the class ends; null while it has no session.
    pub ends_at: Option<DateTime<Utc>>,
    /// Who.
    pub employee_id: Uuid,
    /// Identity number.
    #[schema(example = "199001012015031001", max_length = 18)]
    pub nip: String,
    /// Name.
    #[schema(example = "Wening Puspitarini", max_length = 200)]
    pub employee_name: String,
    /// How it came about.
    pub origin: wire::EnrolmentOrigin,
    /// Place in the order in which people registered for the class, from 1; who waits is promoted in this order.
    #[schema(example = 12, minimum = 1, maximum = 9007199254740991_i64)]
    pub ticket: i64,
    /// How many wait before it; null unless it waits.
    #[schema(example = 2, minimum = 0, maximum = 1000000)]
    pub ahead: Option<i64>,
    /// When it was asked for.
    pub requested_at: DateTime<Utc>,
    /// Who consented or refused: the user's id.
    pub decided_by: Option<Uuid>,
    /// When.
    pub decided_at: Option<DateTime<Utc>>,
    /// Why it was refused or given up.
    #[schema(example = "Bertepatan dengan tugas dinas.", max_length = 4000)]
    pub reason: Option<String>,
    /// Why it ended without a result; null unless it did.
    pub cause: Option<wire::CancelCause>,
    /// Why a requirement of the programme was waived; null unless it was.
    #[schema(example = "Setara dengan pengalaman kerja.", max_length = 4000)]
    pub exception: Option<String>,
    /// Sessions they were at.
    #[schema(example = 2, minimum = 0, maximum = 200)]
    pub present: i64,
    /// Whether they passed; null until entered, final once the class is completed.
    #[schema(example = true)]
    pub passed: Option<bool>,
    /// Score of 100; null where there is none.
    #[schema(value_type = Option<f64>, example = 87.5, minimum = 0, maximum = 100)]
    pub score: Option<Decimal>,
    /// What the caller may do with it now.
    #[schema(max_items = 10)]
    pub allowed_actions: Vec<wire::EnrolmentAction>,
}

impl EnrolmentView {
    /// The enrolment, of which the caller may do `allowed`.
    #[must_use]
    pub fn new(row: EnrolmentRow, allowed: Vec<EnrolmentAction>) -> Self {
        let EnrolmentRow {
            enrolment,
            nip,
            name,
            class_code,
            hours: ClassHours { starts_at, ends_at },
            class_state: _,
            programme,
            programme_name,
            ahead,
            present,
        } = row;
        let Enrolment {
            id,
            class,
            employee,
            origin,
            state,
            ticket,
            requested_at,
            decided_by,
            decided_at,
            reason,
            cause,
            exception,
            outcome,
            version: _,
        } = enrolment;
        Self {
            id: id.uuid(),
            state: Wire(state),
            class_id: class.uuid(),
            class_code: class_code.into_string(),
            programme_id: programme.uuid(),
            programme_name: programme_name.into_string(),
            starts_at,
            ends_at,
            employee_id: employee.uuid(),
            nip: nip.as_str().to_owned(),
            employee_name: name.into_string(),
            origin: Wire(origin),
            ticket,
            ahead,
            requested_at,
            decided_by: decided_by.map(UserId::uuid),
            decided_at,
            reason: reason.map(LongText::into_string),
            cause: cause.map(Wire),
            exception: exception.map(LongText::into_string),
            present,
            passed: outcome.map(|Outcome { passed, score: _ }| passed),
            score: outcome.and_then(|outcome| outcome.score).map(Decimal),
            allowed_actions: allowed.into_iter().map(Wire).collect(),
        }
    }
}

/// Whom to enrol.
#[derive(Clone, Debug, Deserialize, Serialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"employee_id": "01931d5e-7c1f-7d7a-9a7e-3f1f3f0e4a11"}))]
pub struct EnrolmentCreate {
    /// Who is to take part: the caller themself, or somebody they may nominate.
    pub employee_id: Uuid,
    /// Why a requirement of the programme is waived; only who runs classes may do so.
    #[schema(example = "Setara dengan pengalaman kerja.", max_length = 4000)]
    pub exception: Option<String>,
}

impl EnrolmentCreate {
    /// Why a requirement is waived.
    ///
    /// # Errors
    /// At `/exception`.
    pub fn exception(&self) -> Result<Option<LongText>, Vec<Violation>> {
        let mut found = Violations::new();
        let read = optional_long_text(&mut found, "/exception", self.exception.as_deref());
        found.finish()?;
        Ok(read.flatten())
    }
}

/// Which enrolments a list holds.
#[derive(Clone, Debug, Deserialize, Serialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct EnrolmentQuery {
    /// In this class.
    pub class_id: Option<Uuid>,
    /// Of this person.
    pub employee_id: Option<Uuid>,
    /// In one of these states, separated by commas.
    #[serde(default, deserialize_with = "several")]
    #[param(value_type = Option<Vec<wire::EnrolmentState>>, example = json!(["ENROLLED", "WAITLISTED"]), max_items = 7)]
    pub state: Vec<wire::EnrolmentState>,
    /// Where to continue: `next` of the page before.
    #[param(max_length = 2000)]
    pub cursor: Option<String>,
    /// Most items of a page.
    #[param(minimum = 1, maximum = 200, default = 50)]
    pub limit: Option<u16>,
}
