//! Families of competencies.

use competency::Family;
use kernel::{Violation, ViolationCode, Violations};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use validator::Validate;

use crate::dto::values::{code, name};

/// A family of competencies (jenis kompetensi), the same for every agency.
#[derive(Debug, Serialize, ToSchema)]
pub struct FamilyView {
    /// Code.
    #[schema(example = "MANAJERIAL", max_length = 64)]
    pub code: String,
    /// Indonesian name.
    #[schema(example = "Manajerial", max_length = 200)]
    pub name: String,
    /// English name.
    #[schema(example = "Managerial", max_length = 200)]
    pub name_en: String,
    /// Place in lists.
    #[schema(example = 1, minimum = 1, maximum = 1000)]
    pub ordinal: i32,
}

impl From<Family> for FamilyView {
    fn from(family: Family) -> Self {
        let Family { code, name, name_en, ordinal } = family;
        Self { code: code.into_string(), name: name.into_string(), name_en: name_en.into_string(), ordinal }
    }
}

/// A family to add.
#[derive(Clone, Debug, Deserialize, Serialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"code": "DIGITAL", "name": "Digital", "name_en": "Digital", "ordinal": 4}))]
pub struct FamilyCreate {
    /// Code; case counts, and it never changes.
    #[schema(example = "DIGITAL", min_length = 1, max_length = 64)]
    pub code: String,
    /// Indonesian name.
    #[schema(example = "Digital", min_length = 1, max_length = 200)]
    pub name: String,
    /// English name.
    #[schema(example = "Digital", min_length = 1, max_length = 200)]
    pub name_en: String,
    /// Place in lists; no two families share one.
    #[schema(example = 4, minimum = 1, maximum = 1000)]
    pub ordinal: i32,
}

/// What a family says of itself.
#[derive(Clone, Debug, Deserialize, Serialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"name": "Digital", "name_en": "Digital", "ordinal": 4}))]
pub struct FamilyPut {
    /// Indonesian name.
    #[schema(example = "Digital", min_length = 1, max_length = 200)]
    pub name: String,
    /// English name.
    #[schema(example = "Digital", min_length = 1, max_length = 200)]
    pub name_en: String,
    /// Place in lists; no two families share one.
    #[schema(example = 4, minimum = 1, maximum = 1000)]
    pub ordinal: i32,
}

impl FamilyCreate {
    /// The family these values describe.
    ///
    /// # Errors
    /// Every value that cannot stand.
    pub fn into_domain(self) -> Result<Family, Vec<Violation>> {
        let Self { code, name, name_en, ordinal } = self;
        FamilyPut { name, name_en, ordinal }.into_domain(&code)
    }
}

impl FamilyPut {
    /// The family called `text` with these values.
    ///
    /// # Errors
    /// Every value that cannot stand.
    pub fn into_domain(self, text: &str) -> Result<Family, Vec<Violation>> {
        let Self { name: name_id, name_en, ordinal } = self;
        let mut found = Violations::new();
        let code = code(&mut found, "/code", text);
        let name_id = name(&mut found, "/name", &name_id);
        let name_en = name(&mut found, "/name_en", &name_en);
        found.check(!(1..=1000).contains(&ordinal), || {
            Violation::new("/ordinal", ViolationCode::OutOfRange).with("min", 1).with("max", 1000)
        });
        match (code, name_id, name_en) {
            (Some(code), Some(name), Some(name_en)) if found.is_empty() => {
                Ok(Family { code, name, name_en, ordinal })
            }
            _ => Err(found.into_sorted()),
        }
    }
}
