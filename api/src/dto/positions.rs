//! Positions.

use access::{Action, Actor};
use chrono::NaiveDate;
use kernel::{Code, Name, PositionId, UnitId, Version, Violation, Violations};
use serde::{Deserialize, Serialize};
use store::PositionFilter;
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;
use validator::Validate;
use workforce::Position;

use crate::dto::day;
use crate::dto::enums::{Wire, wire};

/// A position (jabatan) in a unit. Several people may hold one.
#[derive(Debug, Serialize, ToSchema)]
pub struct PositionView {
    /// Identifier.
    pub id: Uuid,
    /// Code, unique in the agency.
    #[schema(example = "DINKES-01", max_length = 64)]
    pub code: String,
    /// Name.
    #[schema(example = "Kepala Dinas Kesehatan", max_length = 200)]
    pub name: String,
    /// The unit it belongs to.
    pub unit_id: Uuid,
    /// Job class.
    pub job_class: wire::JobClass,
    /// The job class in SIASN's list of rungs (jenjang jabatan).
    #[schema(example = "03", max_length = 2)]
    pub siasn_code: String,
    /// Whether its holder heads the unit.
    #[schema(example = true)]
    pub is_head: bool,
    /// The first day it no longer exists.
    pub abolished_on: Option<NaiveDate>,
    /// What this caller may do with it now.
    #[schema(max_items = 2)]
    pub allowed_actions: Vec<wire::PositionAction>,
}

impl PositionView {
    /// The position, as `actor` sees it.
    #[must_use]
    pub fn seen_by(actor: &Actor, position: Position) -> Self {
        let actions =
            if actor.can(Action::StructureWrite) { position.allowed_actions() } else { Default::default() };
        let Position { id, code, name, unit, job_class, is_head, abolished_on, version: _ } = position;
        Self {
            id: id.uuid(),
            code: code.into_string(),
            name: name.into_string(),
            unit_id: unit.uuid(),
            job_class: Wire(job_class),
            siasn_code: job_class.siasn_code().to_owned(),
            is_head,
            abolished_on,
            allowed_actions: actions.iter().copied().map(Wire).collect(),
        }
    }
}

/// What a caller says of a position, to make or to replace one.
#[derive(Clone, Debug, Deserialize, Serialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "code": "DINKES-01", "name": "Kepala Dinas Kesehatan", "unit_id": "01931d5e-7c1f-7d7a-9a7e-3f1f3f0e4a11",
    "job_class": "JPT_PRATAMA", "is_head": true
}))]
pub struct PositionPut {
    /// Code, unique in the agency; case counts.
    #[schema(example = "DINKES-01", min_length = 1, max_length = 64)]
    pub code: String,
    /// Name.
    #[schema(example = "Kepala Dinas Kesehatan", min_length = 1, max_length = 200)]
    pub name: String,
    /// The unit it belongs to.
    pub unit_id: Uuid,
    /// Job class. It stays once somebody served in the position or a standard exists for it.
    pub job_class: wire::JobClass,
    /// Whether its holder heads the unit; a unit has one such position at a time.
    #[schema(example = true)]
    pub is_head: bool,
}

impl PositionPut {
    /// The position these values describe.
    ///
    /// # Errors
    /// Every value that cannot stand.
    pub fn into_domain(self, id: PositionId, version: Version) -> Result<Position, Vec<Violation>> {
        let Self { code, name, unit_id, job_class: Wire(job_class), is_head } = self;
        let mut found = Violations::new();
        let code = found.take(Code::parse(&code).map_err(|violation| violation.under("/code")));
        let name = found.take(Name::parse(&name).map_err(|violation| violation.under("/name")));
        match (code, name) {
            (Some(code), Some(name)) => {
                let unit = UnitId::from(unit_id);
                Ok(Position { id, code, name, unit, job_class, is_head, abolished_on: None, version })
            }
            _ => Err(found.into_sorted()),
        }
    }
}

/// From when on a position no longer exists.
#[derive(Clone, Debug, Deserialize, Serialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"abolished_on": "2026-07-01"}))]
pub struct PositionAbolition {
    /// The first day without it; it may lie ahead.
    pub abolished_on: NaiveDate,
}

impl PositionAbolition {
    /// The day.
    ///
    /// # Errors
    /// A day outside the contract's.
    pub fn into_domain(self) -> Result<NaiveDate, Violation> {
        day("/abolished_on", self.abolished_on)
    }
}

/// Which positions a list holds.
#[derive(Clone, Debug, Deserialize, Serialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct PositionQuery {
    /// With exactly this code.
    #[param(example = "DINKES-01", max_length = 64)]
    pub code: Option<String>,
    /// Of this unit itself.
    pub unit_id: Option<Uuid>,
    /// Of this unit or one under it at any depth.
    pub within: Option<Uuid>,
    /// Of this job class.
    #[param(inline)]
    pub job_class: Option<wire::JobClass>,
    /// Heading their unit, or not.
    pub is_head: Option<bool>,
    /// `true`: existing today, and nobody holds them. `false`: somebody holds them today.
    pub vacant: Option<bool>,
    /// With this in their name, in any case.
    #[param(example = "kesehatan", max_length = 100)]
    pub search: Option<String>,
    /// Where to continue: `next` of the page before.
    #[param(max_length = 2000)]
    pub cursor: Option<String>,
    /// Most items of a page.
    #[param(minimum = 1, maximum = 200, default = 50)]
    pub limit: Option<u16>,
}

impl From<PositionQuery> for PositionFilter {
    fn from(query: PositionQuery) -> Self {
        let PositionQuery { code, unit_id, within, job_class, is_head, vacant, search, cursor: _, limit: _ } =
            query;
        Self {
            code,
            unit: unit_id.map(UnitId::from),
            within: within.map(UnitId::from),
            job_class: job_class.map(|Wire(class)| class),
            is_head,
            search,
            vacant,
        }
    }
}
