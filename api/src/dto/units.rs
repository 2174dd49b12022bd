//! Units.

use kernel::{Code, Name, UnitId, Version, Violation, Violations};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;
use validator::Validate;
use workforce::Unit;

/// An organisational unit (unit organisasi, perangkat daerah).
#[derive(Debug, Serialize, ToSchema)]
pub struct UnitView {
    /// Identifier.
    pub id: Uuid,
    /// Code, unique in the agency.
    #[schema(example = "DINKES.01", max_length = 64)]
    pub code: String,
    /// Name.
    #[schema(example = "Bidang Kesehatan Masyarakat", max_length = 200)]
    pub name: String,
    /// What the agency calls this kind of unit.
    #[schema(example = "BIDANG", max_length = 200)]
    pub kind: Option<String>,
    /// The unit above; null at the top.
    pub parent_id: Option<Uuid>,
}

impl From<Unit> for UnitView {
    fn from(unit: Unit) -> Self {
        let Unit { id, code, name, kind, parent, version: _ } = unit;
        Self {
            id: id.uuid(),
            code: code.into_string(),
            name: name.into_string(),
            kind: kind.map(Name::into_string),
            parent_id: parent.map(UnitId::uuid),
        }
    }
}

/// What a caller says of a unit, to make or to replace one.
#[derive(Clone, Debug, Deserialize, Serialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"code": "DINKES.01", "name": "Bidang Kesehatan Masyarakat", "kind": "BIDANG"}))]
pub struct UnitPut {
    /// Code, unique in the agency; case counts.
    #[schema(example = "DINKES.01", min_length = 1, max_length = 64)]
    pub code: String,
    /// Name.
    #[schema(example = "Bidang Kesehatan Masyarakat", min_length = 1, max_length = 200)]
    pub name: String,
    /// What the agency calls this kind of unit.
    #[schema(example = "BIDANG", max_length = 200)]
    pub kind: Option<String>,
    /// The unit above; absent at the top.
    pub parent_id: Option<Uuid>,
}

impl UnitPut {
    /// The unit these values describe.
    ///
    /// # Errors
    /// Every value that cannot stand.
    pub fn into_domain(self, id: UnitId, version: Version) -> Result<Unit, Vec<Violation>> {
        let Self { code, name, kind, parent_id } = self;
        let mut found = Violations::new();
        let code = found.take(Code::parse(&code).map_err(|violation| violation.under("/code")));
        let name = found.take(Name::parse(&name).map_err(|violation| violation.under("/name")));
        let kind = found.take(
            kind.map(|kind| Name::parse(&kind)).transpose().map_err(|violation| violation.under("/kind")),
        );
        match (code, name, kind) {
            (Some(code), Some(name), Some(kind)) => {
                Ok(Unit { id, code, name, kind, parent: parent_id.map(UnitId::from), version })
            }
            _ => Err(found.into_sorted()),
        }
    }
}

/// Which units a list holds.
#[derive(Clone, Debug, Deserialize, Serialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct UnitQuery {
    /// With exactly this code.
    #[param(example = "DINKES.01", max_length = 64)]
    pub code: Option<String>,
    /// Directly under this unit.
    pub parent_id: Option<Uuid>,
    /// Under this unit at any depth, itself included.
    pub within: Option<Uuid>,
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
