//! Agencies.

use kernel::{AgencyZone, Name, Violation};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;
use validator::Validate;
use workforce::Agency;

use crate::dto::enums::{Wire, wire};

/// A government agency (instansi).
#[derive(Debug, Serialize, ToSchema)]
pub struct AgencyView {
    /// Identifier.
    pub id: Uuid,
    /// Code; what `Bangkom-Agency` names. It never changes.
    #[schema(example = "DEMO-KOTA", max_length = 64)]
    pub code: String,
    /// Name.
    #[schema(example = "Pemerintah Kota Contoh", max_length = 200)]
    pub name: String,
    /// Time zone: it decides which calendar day it is in the agency.
    pub time_zone: wire::TimeZone,
}

impl From<Agency> for AgencyView {
    fn from(agency: Agency) -> Self {
        let Agency { id, code, name, zone, version: _ } = agency;
        Self { id: id.uuid(), code: code.into_string(), name: name.into_string(), time_zone: Wire(zone) }
    }
}

/// What an agency says of itself.
#[derive(Clone, Debug, Deserialize, Serialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"name": "Pemerintah Kota Contoh", "time_zone": "WIB"}))]
pub struct AgencyPut {
    /// Name.
    #[schema(example = "Pemerintah Kota Contoh", min_length = 1, max_length = 200)]
    pub name: String,
    /// Time zone. A day that has begun keeps what was recorded for it.
    pub time_zone: wire::TimeZone,
}

impl AgencyPut {
    /// Name and time zone.
    ///
    /// # Errors
    /// A name that cannot stand.
    pub fn into_domain(self) -> Result<(Name, AgencyZone), Violation> {
        let Self { name, time_zone: Wire(zone) } = self;
        let name = Name::parse(&name).map_err(|violation| violation.under("/name"))?;
        Ok((name, zone))
    }
}
