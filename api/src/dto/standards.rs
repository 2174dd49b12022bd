//! Competency standards of positions.

use chrono::{DateTime, NaiveDate, Utc};
use competency::{Importance, NamedRequirement, Requirement, Standard, StandardAction};
use kernel::{Hundredths, Level, NATIONAL, Name, UserId, Violations};
use serde::{Deserialize, Serialize};
use store::{RequirementRow, StandardRow};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;
use validator::Validate;

use crate::dto::day;
use crate::dto::enums::{Wire, wire};
use crate::dto::values::{CompetencyName, Decimal, competency_name, level, optional_name};

/// A version of the competency standard of a position (standar kompetensi jabatan).
#[derive(Debug, Serialize, ToSchema)]
pub struct StandardView {
    /// Identifier.
    pub id: Uuid,
    /// The position.
    pub position_id: Uuid,
    /// The position's code.
    #[schema(example = "KADIS-KES", max_length = 64)]
    pub position_code: String,
    /// The position's name.
    #[schema(example = "Kepala Dinas Kesehatan", max_length = 200)]
    pub position_name: String,
    /// Number among the position's standards, from 1.
    #[schema(example = 1, minimum = 1, maximum = 2147483647)]
    pub number: i32,
    /// Where it stands.
    pub state: wire::StandardState,
    /// First day it applies to.
    pub valid_from: NaiveDate,
    /// The decree (SK) that sets it.
    #[schema(example = "SK Wali Kota 800/12/2026", max_length = 200)]
    pub decree: Option<String>,
    /// What it requires, in order.
    #[schema(max_items = 200)]
    pub requirements: Vec<RequirementView>,
    /// Who verified it: the user's id.
    pub verified_by: Option<Uuid>,
    /// When it was verified.
    pub verified_at: Option<DateTime<Utc>>,
    /// Who enacted it: the user's id.
    pub enacted_by: Option<Uuid>,
    /// When it was enacted; answers for an earlier `known_at` do not use it.
    pub enacted_at: Option<DateTime<Utc>>,
    /// First day it no longer applies to.
    pub revoked_on: Option<NaiveDate>,
    /// When the revocation was recorded.
    pub revoked_at: Option<DateTime<Utc>>,
    /// What the caller may do with it now.
    #[schema(max_items = 10)]
    pub allowed_actions: Vec<wire::StandardAction>,
}

/// One competency a position requires.
#[derive(Debug, Serialize, ToSchema)]
pub struct RequirementView {
    /// The competency.
    pub competency_id: Uuid,
    /// Code of the competency's dictionary.
    #[schema(example = "NASIONAL-38-2017", max_length = 64)]
    pub dictionary: String,
    /// Whether that dictionary is shared by all agencies.
    #[schema(example = true)]
    pub national: bool,
    /// The version of the dictionary whose levels are meant.
    pub dictionary_version_id: Uuid,
    /// The competency's code.
    #[schema(example = "M.1", max_length = 64)]
    pub competency_code: String,
    /// The competency's name.
    #[schema(example = "Integritas", max_length = 200)]
    pub competency_name: String,
    /// Code of the competency's family.
    #[schema(example = "MANAJERIAL", max_length = 64)]
    pub family: String,
    /// Required level.
    #[schema(example = 3, minimum = 1, maximum = 5)]
    pub level: u8,
    /// Weight in the job person match.
    #[schema(value_type = f64, example = 1, minimum = 0.01, maximum = 999999.99)]
    pub weight: Decimal,
    /// How much the position depends on it.
    pub importance: wire::Importance,
}

impl From<RequirementRow> for RequirementView {
    fn from(row: RequirementRow) -> Self {
        let RequirementRow { named: NamedRequirement { requirement, code, name, family }, dictionary_code } =
            row;
        let Requirement { competency, competency_agency, dictionary_version, level, weight, importance } =
            requirement;
        Self {
            competency_id: competency.uuid(),
            dictionary: dictionary_code.into_string(),
            national: competency_agency == NATIONAL,
            dictionary_version_id: dictionary_version.uuid(),
            competency_code: code.into_string(),
            competency_name: name.into_string(),
            family: family.into_string(),
            level: level.get(),
            weight: Decimal(weight),
            importance: Wire(importance),
        }
    }
}

impl StandardView {
    /// The standard, of which the caller may do `allowed`.
    #[must_use]
    pub fn new(row: StandardRow, allowed: Vec<StandardAction>) -> Self {
        let StandardRow { standard, position_code, position_name, requirements } = row;
        let Standard {
            id,
            position,
            number,
            state,
            valid_from,
            decree,
            requirements: _,
            verified_by,
            verified_at,
            enacted_by,
            enacted_at,
            revoked_on,
            revoked_at,
            version: _,
        } = standard;
        Self {
            id: id.uuid(),
            position_id: position.uuid(),
            position_code: position_code.into_string(),
            position_name: position_name.into_string(),
            number,
            state: Wire(state),
            valid_from,
            decree: decree.map(Name::into_string),
            requirements: requirements.into_iter().map(RequirementView::from).collect(),
            verified_by: verified_by.map(UserId::uuid),
            verified_at,
            enacted_by: enacted_by.map(UserId::uuid),
            enacted_at,
            revoked_on,
            revoked_at,
            allowed_actions: allowed.into_iter().map(Wire).collect(),
        }
    }
}

/// A standard to draft.
#[derive(Clone, Debug, Deserialize, Serialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"position_id": "01931d5e-7c1f-7d7a-9a7e-3f1f3f0e4a11", "valid_from": "2026-07-01",
    "requirements": [{"dictionary": "NASIONAL-38-2017", "competency_code": "M.1", "level": 3, "importance": "MUTLAK"}]}))]
pub struct StandardCreate {
    /// The position.
    pub position_id: Uuid,
    /// First day it is to apply to.
    pub valid_from: NaiveDate,
    /// The decree (SK) that sets it.
    #[schema(example = "SK Wali Kota 800/12/2026", max_length = 200)]
    pub decree: Option<String>,
    /// What it requires, in order; each competency once. A draft may require nothing yet.
    #[schema(max_items = 200)]
    pub requirements: Vec<RequirementPut>,
}

/// What a draft says of itself.
#[derive(Clone, Debug, Deserialize, Serialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"valid_from": "2026-07-01", "decree": "SK Wali Kota 800/12/2026",
    "requirements": [{"dictionary": "NASIONAL-38-2017", "competency_code": "M.1", "level": 3, "importance": "MUTLAK"}]}))]
pub struct StandardPut {
    /// First day it is to apply to.
    pub valid_from: NaiveDate,
    /// The decree (SK) that sets it.
    #[schema(example = "SK Wali Kota 800/12/2026", max_length = 200)]
    pub decree: Option<String>,
    /// What it requires, in order; each competency once. A draft may require nothing yet.
    #[schema(max_items = 200)]
    pub requirements: Vec<RequirementPut>,
}

/// One competency to require, named by id, or by the code of its dictionary and its own. The dictionary's version in use
/// has to say something of it, and is the one whose levels are meant.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RequirementPut {
    /// The competency, when it is named by id.
    pub competency_id: Option<Uuid>,
    /// Code of the competency's dictionary, when it is named by code.
    #[schema(example = "NASIONAL-38-2017", min_length = 1, max_length = 64)]
    pub dictionary: Option<String>,
    /// The competency's code, when it is named by code.
    #[schema(example = "M.1", min_length = 1, max_length = 64)]
    pub competency_code: Option<String>,
    /// Required level.
    #[schema(example = 3, minimum = 1, maximum = 5)]
    pub level: i64,
    /// Weight in the job person match, at most two decimals, read exactly; 1 when absent.
    #[schema(value_type = Option<f64>, example = 1, minimum = 0.01, maximum = 999999.99)]
    pub weight: Option<Decimal>,
    /// How much the position depends on it; `PENTING` when absent.
    pub importance: Option<wire::Importance>,
}

/// A draft whose competencies have yet to be found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StandardAsk {
    /// First day it is to apply to.
    pub valid_from: NaiveDate,
    /// The decree.
    pub decree: Option<Name>,
    /// What it requires.
    pub requirements: Vec<RequirementAsk>,
}

/// A requirement whose competency has yet to be found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RequirementAsk {
    /// The competency as the caller names it.
    pub competency: CompetencyName,
    /// Required level.
    pub level: Level,
    /// Weight.
    pub weight: Hundredths,
    /// How much the position depends on it.
    pub importance: Importance,
}

impl StandardPut {
    /// The draft these values describe, with every fault noted in `found`.
    pub(crate) fn into_domain(self, found: &mut Violations) -> Option<StandardAsk> {
        let Self { valid_from, decree, requirements } = self;
        let valid_from = found.take(day("/valid_from", valid_from));
        let decree = optional_name(found, "/decree", decree.as_deref());
        let wanted = requirements.len();
        let requirements: Vec<_> = requirements
            .into_iter()
            .enumerate()
            .filter_map(|(index, one)| one.into_domain(&format!("/requirements/{index}"), found))
            .collect();
        let whole = requirements.len() == wanted;
        whole.then_some(StandardAsk { valid_from: valid_from?, decree: decree?, requirements })
    }
}

impl From<StandardCreate> for StandardPut {
    fn from(create: StandardCreate) -> Self {
        let StandardCreate { position_id: _, valid_from, decree, requirements } = create;
        Self { valid_from, decree, requirements }
    }
}

impl RequirementPut {
    fn into_domain(self, at: &str, found: &mut Violations) -> Option<RequirementAsk> {
        let Self { competency_id, dictionary, competency_code, level: value, weight, importance } = self;
        let competency =
            competency_name(found, at, competency_id, dictionary.as_deref(), competency_code.as_deref());
        let level = level(found, &format!("{at}/level"), value);
        Some(RequirementAsk {
            competency: competency?,
            level: level?,
            weight: weight.unwrap_or(Decimal::ONE).0,
            importance: importance.map_or(Importance::Penting, |Wire(importance)| importance),
        })
    }
}

/// From which day on a standard no longer applies.
#[derive(Clone, Copy, Debug, Deserialize, Serialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"revoked_on": "2027-01-01"}))]
pub struct StandardRevocation {
    /// First day it no longer applies to; not before its first day.
    pub revoked_on: NaiveDate,
}

/// Which standards a list holds.
#[derive(Clone, Debug, Deserialize, Serialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct StandardQuery {
    /// Of this position.
    pub position_id: Option<Uuid>,
    /// In this state.
    pub state: Option<wire::StandardState>,
    /// In force on this day: of each position the one that applies.
    pub in_force_on: Option<NaiveDate>,
    /// Requiring this competency.
    pub competency_id: Option<Uuid>,
    /// Where to continue: `next` of the page before.
    #[param(max_length = 2000)]
    pub cursor: Option<String>,
    /// Most items of a page.
    #[param(minimum = 1, maximum = 200, default = 50)]
    pub limit: Option<u16>,
}

#[cfg(test)]
mod tests {
    use super::*;
    use kernel::ViolationCode;
    use serde_json::json;

    #[test]
    fn a_requirement_names_its_competency_one_way() {
        let id = "01931d5e-7c1f-7d7a-9a7e-3f1f3f0e4a11";
        let input: StandardPut = serde_json::from_value(json!({"valid_from": "2026-07-01", "requirements": [
            {"competency_id": id, "level": 3},
            {"dictionary": "D", "competency_code": "M.1", "level": 3, "weight": 0.25, "importance": "MUTLAK"},
            {"competency_id": id, "dictionary": "D", "level": 3},
            {"dictionary": "D", "level": 0},
            {"level": 3}]}))
        .unwrap();
        let mut found = Violations::new();
        assert_eq!(input.clone().into_domain(&mut found), None);
        let found = found.into_sorted();
        let found: Vec<_> = found.iter().map(|one| (one.pointer.as_str(), one.code)).collect();
        assert_eq!(
            found,
            [
                ("/requirements/2/competency_id", ViolationCode::Inconsistent),
                ("/requirements/3/competency_code", ViolationCode::Required),
                ("/requirements/3/level", ViolationCode::OutOfRange),
                ("/requirements/4/competency_id", ViolationCode::Required),
            ]
        );
        let right = StandardPut { requirements: input.requirements[..2].to_vec(), ..input };
        let ask = right.into_domain(&mut Violations::new()).unwrap();
        let figures: Vec<_> =
            ask.requirements.iter().map(|one| (one.weight.count(), one.importance)).collect();
        assert_eq!(figures, [(100, Importance::Penting), (25, Importance::Mutlak)]);
    }
}
