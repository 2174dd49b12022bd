//! Frameworks in 1EdTech CASE.

use competency::Incomplete;
use kernel::{Code, Violations};
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::openapi::schema::{ObjectBuilder, Type};
use utoipa::openapi::{RefOr, Schema};
use utoipa::{IntoParams, PartialSchema, ToSchema};
use uuid::Uuid;

use crate::app::AppError;
use crate::app::case_packages::CaseSummary;
use crate::dto::enums::{Wire, wire};
use crate::dto::values::{CodeText, code};

/// The most incomplete competencies a report names.
const NAMED: usize = 1_000;

/// A package: `CFDocument` with `CFItems`, `CFAssociations`, `CFDefinitions` and `CFRubrics`, as the standard has them.
#[derive(Debug)]
pub struct CasePackageBody;

impl PartialSchema for CasePackageBody {
    fn schema() -> RefOr<Schema> {
        let example = json!({
            "CFDocument": {
                "identifier": "0e3a8b54-6a2c-4d38-9a52-5f2a0d5a7c11", "title": "Kerangka Kompetensi Digital",
                "uri": "https://case.example/CFDocuments/0e3a8b54-6a2c-4d38-9a52-5f2a0d5a7c11",
                "creator": "Badan Contoh", "adoptionStatus": "Draft", "lastChangeDateTime": "2026-05-04T03:00:00Z"
            },
            "CFItems": [{
                "identifier": "7a0c3b9e-2f57-4c0e-8a5e-9d1f6a3e5b22", "CFItemType": "Competency",
                "uri": "https://case.example/CFItems/7a0c3b9e-2f57-4c0e-8a5e-9d1f6a3e5b22",
                "humanCodingScheme": "D.1", "abbreviatedStatement": "Literasi Data",
                "fullStatement": "Kemampuan membaca dan menafsirkan data.", "lastChangeDateTime": "2026-05-04T03:00:00Z"
            }],
            "CFAssociations": []
        });
        let description = "A framework in 1EdTech CASE 1.1 (or 1.0) JSON: `CFDocument` with `CFItems`, \
            `CFAssociations`, `CFDefinitions` and `CFRubrics`. The standard describes its properties; others are kept.";
        ObjectBuilder::new()
            .schema_type(Type::Object)
            .description(Some(description))
            .examples([example])
            .into()
    }
}

impl ToSchema for CasePackageBody {}

/// Where a package belongs, and what it does not say by itself.
#[derive(Clone, Debug, Deserialize, Serialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct CaseImportQuery {
    /// Code of the agency's own dictionary the package is another adoption of, or the code of the one to be made. Without
    /// it, the framework's document tells which dictionary it is, and a new one's code is made of the title.
    #[param(example = "DIGITAL", min_length = 1, max_length = 64)]
    pub dictionary: Option<String>,
    /// Family of the competencies that name none.
    #[param(example = "TEKNIS", default = "TEKNIS", min_length = 1, max_length = 64)]
    pub family: Option<String>,
    /// Say what would happen and write nothing.
    #[param(example = true, default = false)]
    pub dry_run: Option<bool>,
}

impl CaseImportQuery {
    /// The codes, read.
    ///
    /// # Errors
    /// `INVALID`.
    pub fn codes(&self) -> Result<(Option<Code>, Code), AppError> {
        let mut found = Violations::new();
        let dictionary = self.dictionary.as_deref().map(|text| code(&mut found, "/query/dictionary", text));
        let family = code(&mut found, "/query/family", self.family.as_deref().unwrap_or("TEKNIS"));
        found.finish()?;
        let family = family.ok_or_else(|| AppError::from(Vec::new()))?;
        Ok((dictionary.flatten(), family))
    }
}

/// What a package came to, or would come to.
#[derive(Debug, Serialize, ToSchema)]
pub struct CaseImportView {
    /// What becomes of it.
    pub outcome: wire::CaseOutcome,
    /// Whether this was a dry run.
    pub dry_run: bool,
    /// The dictionary; null where a dry run would make it.
    pub dictionary_id: Option<Uuid>,
    /// The dictionary's code.
    #[schema(example = "DIGITAL", max_length = 64)]
    pub dictionary: String,
    /// Number of the version.
    #[schema(example = 1, minimum = 1, maximum = 2147483647)]
    pub number: i32,
    /// Where the version stands: what was adopted is `PUBLISHED` and what was deprecated `RETIRED`, if every competency has
    /// its five levels with indicators; anything else is a `DRAFT`.
    pub state: wire::DictionaryState,
    /// Items of the package.
    #[schema(example = 120, minimum = 0, maximum = 100_000)]
    pub items: usize,
    /// Associations of the package.
    #[schema(example = 120, minimum = 0, maximum = 400_000)]
    pub associations: usize,
    /// Competencies that come.
    #[schema(example = 12, minimum = 0, maximum = 100_000)]
    pub created: usize,
    /// Competencies that change.
    #[schema(example = 0, minimum = 0, maximum = 100_000)]
    pub updated: usize,
    /// Competencies that stay.
    #[schema(example = 0, minimum = 0, maximum = 100_000)]
    pub unchanged: usize,
    /// Competencies that go.
    #[schema(example = 0, minimum = 0, maximum = 100_000)]
    pub removed: usize,
    /// Items kept in the package alone: families, headings, notes.
    #[schema(example = 3, minimum = 0, maximum = 100_000)]
    pub other_items: usize,
    /// Levels and indicators kept in the package alone: beyond the five levels, or a second text for one.
    #[schema(example = 0, minimum = 0, maximum = 100_000)]
    pub unplaced_items: usize,
    /// How many competencies lack levels or indicators, which keeps an adopted framework a draft here.
    #[schema(example = 0, minimum = 0, maximum = 100_000)]
    pub incomplete_total: usize,
    /// The codes of those, the first 1,000.
    #[schema(example = json!(["D.1"]), max_items = 1000)]
    pub incomplete: Vec<CodeText>,
}

impl CaseImportView {
    /// What there is to say.
    #[must_use]
    pub fn of(summary: &CaseSummary, dry_run: bool) -> Self {
        let CaseSummary {
            outcome,
            dictionary,
            is_new,
            number,
            state,
            items,
            associations,
            competencies: [created, updated, unchanged, removed],
            others,
            unplaced,
            incomplete,
        } = summary;
        let code = |one: &Incomplete| CodeText(one.code.to_string());
        Self {
            outcome: Wire(*outcome),
            dry_run,
            dictionary_id: (!dry_run || !is_new).then(|| dictionary.id.uuid()),
            dictionary: dictionary.code.to_string(),
            number: *number,
            state: Wire(*state),
            items: *items,
            associations: *associations,
            created: *created,
            updated: *updated,
            unchanged: *unchanged,
            removed: *removed,
            other_items: *others,
            unplaced_items: *unplaced,
            incomplete_total: incomplete.len(),
            incomplete: incomplete.iter().take(NAMED).map(code).collect(),
        }
    }
}
