//! Agencies.

use kernel::{AgencyId, AgencyZone, Code, Name, Version};

/// A government agency (instansi): the owner of everything below it. Agencies do not see each other.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Agency {
    /// Its identifier, part of every key below it.
    pub id: AgencyId,
    /// The code its people know it by.
    pub code: Code,
    /// Its name.
    pub name: Name,
    /// The time zone that decides which calendar day it is there.
    pub zone: AgencyZone,
    /// How often it has been written.
    pub version: Version,
}
