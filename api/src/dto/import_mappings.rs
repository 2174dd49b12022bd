//! What agencies' own spreadsheets call our columns.

use kernel::Violation;
use serde::{Deserialize, Serialize};
use store::ImportMappingRow;
use utoipa::{IntoParams, ToSchema};
use validator::Validate;

use crate::app::AppError;
use crate::app::import_mappings::mapping_of;
use crate::dto::enums::{Wire, wire};
use crate::problems::Problem;
use crate::sheets::{ImportKind, MappedColumn, MappedValue, Mapping};

/// A mapping.
#[derive(Debug, Serialize, ToSchema)]
pub struct ImportMappingView {
    /// What the rows of the spreadsheets are.
    pub kind: wire::ImportKind,
    /// Name, unique in the agency and kind; `DEFAULT` is applied to imports that name none.
    #[schema(example = "DEFAULT", max_length = 64)]
    pub name: String,
    /// Our columns, as far as the spreadsheets call them otherwise or hold other values.
    #[schema(max_items = 200)]
    pub columns: Vec<MappedColumnView>,
    /// Headers of columns that are not taken in.
    #[schema(example = json!(["Keterangan"]), max_items = 200)]
    pub ignored: Vec<HeaderText>,
}

/// One of our columns in the agency's spreadsheets.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct MappedColumnView {
    /// Its name in the contract, as forms have it.
    #[schema(example = "nip", min_length = 1, max_length = 64)]
    pub column: String,
    /// What it is called there, in any case and punctuation.
    #[schema(example = "No. Induk", min_length = 1, max_length = 200)]
    pub header: Option<String>,
    /// What is written there for our values; any other stays as it is.
    #[serde(default)]
    #[schema(max_items = 200)]
    pub values: Vec<MappedValueView>,
    /// What a blank cell means, also where the spreadsheet has no such column.
    #[schema(example = "PNS", min_length = 1, max_length = 200)]
    pub default: Option<String>,
}

/// A value as the agency writes it and as it is read.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct MappedValueView {
    /// As it is written there; case, spaces and punctuation do not count.
    #[schema(example = "Tetap", min_length = 1, max_length = 200)]
    pub from: String,
    /// As it is read.
    #[schema(example = "PNS", min_length = 1, max_length = 200)]
    pub to: String,
}

/// A header.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(transparent)]
#[schema(example = "Keterangan", min_length = 1, max_length = 200)]
pub struct HeaderText(pub String);

/// What a mapping is to say.
#[derive(Clone, Debug, Deserialize, Serialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"columns": [{"column": "nip", "header": "No. Induk"},
    {"column": "status", "header": "Jenis Pegawai", "values": [{"from": "Tetap", "to": "PNS"}]}], "ignored": ["Keterangan"]}))]
pub struct ImportMappingPut {
    /// Our columns, as far as the spreadsheets call them otherwise or hold other values.
    #[schema(max_items = 200)]
    pub columns: Vec<MappedColumnView>,
    /// Headers of columns that are not taken in.
    #[serde(default)]
    #[schema(example = json!(["Keterangan"]), max_items = 200)]
    pub ignored: Vec<HeaderText>,
}

impl ImportMappingPut {
    /// The mapping these values describe.
    ///
    /// # Errors
    /// Every value that cannot stand.
    pub fn into_mapping(self, kind: ImportKind) -> Result<Mapping, Vec<Violation>> {
        let Self { columns, ignored } = self;
        let value = |MappedValueView { from, to }| MappedValue { from, to };
        let column = |MappedColumnView { column, header, values, default }| MappedColumn {
            column,
            header,
            values: values.into_iter().map(value).collect(),
            default,
        };
        let mapping = Mapping {
            columns: columns.into_iter().map(column).collect(),
            ignored: ignored.into_iter().map(|HeaderText(header)| header).collect(),
        };
        let found = mapping.check(kind);
        if found.is_empty() { Ok(mapping) } else { Err(found) }
    }
}

impl ImportMappingView {
    /// A kept mapping.
    ///
    /// # Errors
    /// It is none, which would be a defect.
    pub fn of(row: &ImportMappingRow) -> Result<Self, AppError> {
        let Mapping { columns, ignored } = mapping_of(row)?;
        let value = |MappedValue { from, to }| MappedValueView { from, to };
        let column = |MappedColumn { column, header, values, default }| MappedColumnView {
            column,
            header,
            values: values.into_iter().map(value).collect(),
            default,
        };
        Ok(Self {
            kind: Wire(ImportKind::parse(&row.kind).ok_or(Problem::Internal)?),
            name: row.name.to_string(),
            columns: columns.into_iter().map(column).collect(),
            ignored: ignored.into_iter().map(HeaderText).collect(),
        })
    }
}

/// Which mappings a list holds.
#[derive(Clone, Debug, Deserialize, Serialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ImportMappingQuery {
    /// For spreadsheets of this kind.
    pub kind: Option<wire::ImportKind>,
    /// Where to continue: `next` of the page before.
    #[param(max_length = 2000)]
    pub cursor: Option<String>,
    /// Most items of a page.
    #[param(minimum = 1, maximum = 200, default = 50)]
    pub limit: Option<u16>,
}
