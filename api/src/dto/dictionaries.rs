//! Dictionaries of competencies, their versions, and what a version says of each competency.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use competency::{Content, Dictionary, DictionaryAction, DictionaryVersion, LevelText};
use kernel::{
    CompetencyId, DictionaryId, Level, LongText, NATIONAL, Version, Violation, ViolationCode, Violations,
};
use serde::{Deserialize, Serialize};
use store::ContentRow;
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;
use validator::Validate;

use crate::dto::enums::{Wire, wire};
use crate::dto::values::{code, level, long_text, name};

/// A dictionary of competencies (kamus kompetensi): the national one, or an agency's own.
#[derive(Debug, Serialize, ToSchema)]
pub struct DictionaryView {
    /// Identifier.
    pub id: Uuid,
    /// Whether it is shared by all agencies; otherwise it is the agency's own.
    #[schema(example = true)]
    pub national: bool,
    /// Code, unique among the agency's own and among the national ones.
    #[schema(example = "NASIONAL-38-2017", max_length = 64)]
    pub code: String,
    /// Name.
    #[schema(example = "Kamus Kompetensi Manajerial dan Sosial Kultural", max_length = 200)]
    pub name: String,
}

impl From<Dictionary> for DictionaryView {
    fn from(dictionary: Dictionary) -> Self {
        let Dictionary { id, agency, code, name, version: _ } = dictionary;
        Self {
            id: id.uuid(),
            national: agency == NATIONAL,
            code: code.into_string(),
            name: name.into_string(),
        }
    }
}

/// What a caller says of a dictionary, to make or to replace one.
#[derive(Clone, Debug, Deserialize, Serialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"code": "KOTA-TEKNIS", "name": "Kamus Kompetensi Teknis Kota"}))]
pub struct DictionaryPut {
    /// Code; case counts. One that a national dictionary has, too, hides that one where a dictionary is named by code.
    #[schema(example = "KOTA-TEKNIS", min_length = 1, max_length = 64)]
    pub code: String,
    /// Name.
    #[schema(example = "Kamus Kompetensi Teknis Kota", min_length = 1, max_length = 200)]
    pub name: String,
}

impl DictionaryPut {
    /// The dictionary these values describe.
    ///
    /// # Errors
    /// Every value that cannot stand.
    pub fn into_domain(
        self,
        id: DictionaryId,
        agency: kernel::AgencyId,
        version: Version,
    ) -> Result<Dictionary, Vec<Violation>> {
        let Self { code: text, name: title } = self;
        let mut found = Violations::new();
        match (code(&mut found, "/code", &text), name(&mut found, "/name", &title)) {
            (Some(code), Some(name)) => Ok(Dictionary { id, agency, code, name, version }),
            _ => Err(found.into_sorted()),
        }
    }
}

/// Which dictionaries a list holds.
#[derive(Clone, Debug, Deserialize, Serialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct DictionaryQuery {
    /// With exactly this code.
    #[param(example = "NASIONAL-38-2017", max_length = 64)]
    pub code: Option<String>,
    /// Only national ones, or only the agency's own.
    #[param(example = true)]
    pub national: Option<bool>,
    /// With this in their name, in any case.
    #[param(example = "teknis", max_length = 100)]
    pub search: Option<String>,
    /// Where to continue: `next` of the page before.
    #[param(max_length = 2000)]
    pub cursor: Option<String>,
    /// Most items of a page.
    #[param(minimum = 1, maximum = 200, default = 50)]
    pub limit: Option<u16>,
}

/// A version of a dictionary.
#[derive(Debug, Serialize, ToSchema)]
pub struct DictionaryVersionView {
    /// Identifier.
    pub id: Uuid,
    /// The dictionary.
    pub dictionary_id: Uuid,
    /// Number within the dictionary, from 1.
    #[schema(example = 1, minimum = 1, maximum = 2147483647)]
    pub number: i32,
    /// Where it stands.
    pub state: wire::DictionaryState,
    /// When it was published.
    pub published_at: Option<DateTime<Utc>>,
    /// When it was retired.
    pub retired_at: Option<DateTime<Utc>>,
    /// What the caller may do with it now.
    #[schema(max_items = 10)]
    pub allowed_actions: Vec<wire::DictionaryAction>,
}

impl DictionaryVersionView {
    /// The version, of which the caller may do `allowed`.
    #[must_use]
    pub fn new(version: DictionaryVersion, allowed: Vec<DictionaryAction>) -> Self {
        let DictionaryVersion {
            id,
            agency: _,
            dictionary,
            number,
            state,
            published_at,
            retired_at,
            version: _,
        } = version;
        Self {
            id: id.uuid(),
            dictionary_id: dictionary.uuid(),
            number,
            state: Wire(state),
            published_at,
            retired_at,
            allowed_actions: allowed.into_iter().map(Wire).collect(),
        }
    }
}

/// Which versions of a dictionary a list holds.
#[derive(Clone, Debug, Deserialize, Serialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct DictionaryVersionQuery {
    /// In this state.
    pub state: Option<wire::DictionaryState>,
    /// Where to continue: `next` of the page before.
    #[param(max_length = 2000)]
    pub cursor: Option<String>,
    /// Most items of a page.
    #[param(minimum = 1, maximum = 200, default = 50)]
    pub limit: Option<u16>,
}

/// What a version of a dictionary says of a competency.
#[derive(Debug, Serialize, ToSchema)]
pub struct ContentView {
    /// The competency: the same in every version of its dictionary.
    pub competency_id: Uuid,
    /// Code, unique in the dictionary.
    #[schema(example = "M.1", max_length = 64)]
    pub code: String,
    /// Name.
    #[schema(example = "Integritas", max_length = 200)]
    pub name: String,
    /// Code of its family.
    #[schema(example = "MANAJERIAL", max_length = 64)]
    pub family: String,
    /// What it means (definisi).
    #[schema(example = "Konsisten berperilaku selaras dengan nilai organisasi.", max_length = 4000)]
    pub definition: String,
    /// What each level asks for, lowest first. A draft may lack some.
    #[schema(max_items = 5)]
    pub levels: Vec<LevelView>,
}

/// What one level of a competency asks for.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct LevelView {
    /// The level.
    #[schema(example = 1, minimum = 1, maximum = 5)]
    pub level: i64,
    /// What somebody at this level does (deskripsi).
    #[schema(example = "Mampu bertindak sesuai nilai.", min_length = 1, max_length = 4000)]
    pub description: String,
    /// By what one recognises it, in order (indikator perilaku).
    #[schema(example = json!(["Bertingkah laku sesuai dengan perkataan."]), max_items = 50)]
    pub indicators: Vec<IndicatorText>,
}

/// By what one recognises a level (indikator perilaku).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(transparent)]
#[schema(example = "Bertingkah laku sesuai dengan perkataan.", min_length = 1, max_length = 4000)]
pub struct IndicatorText(pub String);

impl From<LevelText> for LevelView {
    fn from(text: LevelText) -> Self {
        let LevelText { level, description, indicators } = text;
        Self {
            level: level.get().into(),
            description: description.into_string(),
            indicators: indicators.into_iter().map(|text| IndicatorText(text.into_string())).collect(),
        }
    }
}

impl From<Content> for ContentView {
    fn from(content: Content) -> Self {
        let Content { competency, code, name, family, definition, levels } = content;
        Self {
            competency_id: competency.uuid(),
            code: code.into_string(),
            name: name.into_string(),
            family: family.into_string(),
            definition: definition.into_string(),
            levels: levels.into_iter().map(LevelView::from).collect(),
        }
    }
}

impl From<ContentRow> for ContentView {
    fn from(row: ContentRow) -> Self {
        row.content.into()
    }
}

/// What a draft is to say of a competency.
#[derive(Clone, Debug, Deserialize, Serialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"name": "Integritas", "family": "MANAJERIAL", "definition": "Konsisten berperilaku.",
    "levels": [{"level": 1, "description": "Mampu bertindak.", "indicators": ["Bertingkah laku."]}]}))]
pub struct ContentPut {
    /// Name.
    #[schema(example = "Integritas", min_length = 1, max_length = 200)]
    pub name: String,
    /// Code of its family.
    #[schema(example = "MANAJERIAL", min_length = 1, max_length = 64)]
    pub family: String,
    /// What it means (definisi).
    #[schema(example = "Konsisten berperilaku.", min_length = 1, max_length = 4000)]
    pub definition: String,
    /// What each level asks for. A draft may lack some; to be published it may not.
    #[schema(max_items = 5)]
    pub levels: Vec<LevelView>,
}

impl ContentPut {
    /// What these values say of the competency `id` with the code `text`.
    ///
    /// # Errors
    /// Every value that cannot stand.
    pub fn into_domain(self, id: CompetencyId, text: &str) -> Result<Content, Vec<Violation>> {
        let Self { name: title, family, definition, levels } = self;
        let mut found = Violations::new();
        let own_code = code(&mut found, "/path/code", text);
        let name = name(&mut found, "/name", &title);
        let family = code(&mut found, "/family", &family);
        let definition = long_text(&mut found, "/definition", &definition);
        let mut seen = BTreeSet::new();
        let mut levels: Vec<LevelText> = levels
            .into_iter()
            .enumerate()
            .filter_map(|(index, text)| {
                let at = format!("/levels/{index}");
                let text = text.into_domain(&at, &mut found)?;
                found.check(!seen.insert(text.level), || {
                    Violation::new(format!("{at}/level"), ViolationCode::Duplicate)
                });
                Some(text)
            })
            .collect();
        levels.sort_by_key(|text| text.level);
        found.finish()?;
        match (own_code, name, family, definition) {
            (Some(code), Some(name), Some(family), Some(definition)) => {
                Ok(Content { competency: id, code, name, family, definition, levels })
            }
            _ => Err(Vec::new()),
        }
    }
}

impl LevelView {
    fn into_domain(self, at: &str, found: &mut Violations) -> Option<LevelText> {
        let Self { level: value, description, indicators } = self;
        let level: Option<Level> = level(found, &format!("{at}/level"), value);
        let description = long_text(found, &format!("{at}/description"), &description);
        found.check(indicators.len() > LevelText::MAX_INDICATORS, || {
            Violation::new(format!("{at}/indicators"), ViolationCode::TooMany)
                .with("max", LevelText::MAX_INDICATORS)
        });
        let indicators: Vec<LongText> = indicators
            .iter()
            .enumerate()
            .filter_map(|(index, IndicatorText(text))| {
                long_text(found, &format!("{at}/indicators/{index}"), text)
            })
            .collect();
        Some(LevelText { level: level?, description: description?, indicators })
    }
}

/// Which competencies of a version a list holds.
#[derive(Clone, Debug, Deserialize, Serialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ContentQuery {
    /// Of this family.
    #[param(example = "MANAJERIAL", max_length = 64)]
    pub family: Option<String>,
    /// With this in their name, in any case.
    #[param(example = "integritas", max_length = 100)]
    pub search: Option<String>,
    /// Where to continue: `next` of the page before.
    #[param(max_length = 2000)]
    pub cursor: Option<String>,
    /// Most items of a page.
    #[param(minimum = 1, maximum = 200, default = 50)]
    pub limit: Option<u16>,
}

/// A competency as the version of its dictionary in use has it.
#[derive(Debug, Serialize, ToSchema)]
pub struct CompetencyView {
    /// Identifier: the same in every version of the dictionary.
    pub id: Uuid,
    /// The dictionary.
    pub dictionary_id: Uuid,
    /// The dictionary's code.
    #[schema(example = "NASIONAL-38-2017", max_length = 64)]
    pub dictionary: String,
    /// Whether the dictionary is shared by all agencies.
    #[schema(example = true)]
    pub national: bool,
    /// Number of the version in use.
    #[schema(example = 1, minimum = 1, maximum = 2147483647)]
    pub version_number: i32,
    /// Code, unique in the dictionary.
    #[schema(example = "M.1", max_length = 64)]
    pub code: String,
    /// Name.
    #[schema(example = "Integritas", max_length = 200)]
    pub name: String,
    /// Code of its family.
    #[schema(example = "MANAJERIAL", max_length = 64)]
    pub family: String,
    /// What it means (definisi).
    #[schema(example = "Konsisten berperilaku selaras dengan nilai organisasi.", max_length = 4000)]
    pub definition: String,
    /// What each level asks for, lowest first.
    #[schema(max_items = 5)]
    pub levels: Vec<LevelView>,
}

impl CompetencyView {
    /// What `version` of `dictionary` says in `content`.
    #[must_use]
    pub fn new(dictionary: &Dictionary, version: &DictionaryVersion, content: Content) -> Self {
        let Content { competency, code, name, family, definition, levels } = content;
        Self {
            id: competency.uuid(),
            dictionary_id: dictionary.id.uuid(),
            dictionary: dictionary.code.to_string(),
            national: dictionary.agency == NATIONAL,
            version_number: version.number,
            code: code.into_string(),
            name: name.into_string(),
            family: family.into_string(),
            definition: definition.into_string(),
            levels: levels.into_iter().map(LevelView::from).collect(),
        }
    }
}

/// Which competencies a list holds.
#[derive(Clone, Debug, Deserialize, Serialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct CompetencyQuery {
    /// Code of the dictionary; the agency's own goes before a national one of the same code.
    #[param(example = "NASIONAL-38-2017", max_length = 64)]
    pub dictionary: String,
    /// With exactly this code.
    #[param(example = "M.1", max_length = 64)]
    pub code: Option<String>,
    /// Of this family.
    #[param(example = "MANAJERIAL", max_length = 64)]
    pub family: Option<String>,
    /// With this in their name, in any case.
    #[param(example = "integritas", max_length = 100)]
    pub search: Option<String>,
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

    fn put(levels: serde_json::Value) -> Result<Content, Vec<Violation>> {
        let input = serde_json::json!({
            "name": "Integritas", "family": "MANAJERIAL", "definition": "definisi", "levels": levels});
        let input: ContentPut = serde_json::from_value(input).unwrap();
        input.into_domain(CompetencyId::new(), "K-STANKOM/KOMINFO/01")
    }

    #[test]
    fn levels_come_in_any_order_and_are_kept_lowest_first() {
        let level = |level: i64| serde_json::json!({"level": level, "description": "d", "indicators": ["i"]});
        let content = put(serde_json::json!([level(3), level(1)])).unwrap();
        assert_eq!(content.levels.iter().map(|text| text.level.get()).collect::<Vec<_>>(), [1, 3]);
        assert_eq!(content.code.as_str(), "K-STANKOM/KOMINFO/01");
    }

    #[test]
    fn what_cannot_stand_in_a_level_is_named_at_its_place() {
        let level = |level: i64, description: &str, indicator: &str| serde_json::json!({"level": level, "description": description, "indicators": [indicator]});
        let found =
            put(serde_json::json!([level(1, "d", ""), level(1, "d", "i"), level(6, "", "i")])).unwrap_err();
        let places: Vec<&str> = found.iter().map(|violation| violation.pointer.as_str()).collect();
        assert_eq!(
            places,
            ["/levels/0/indicators/0", "/levels/1/level", "/levels/2/description", "/levels/2/level"]
        );
    }
}
