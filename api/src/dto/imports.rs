//! Imports of spreadsheets.

use kernel::{OperationState, Violation};
use serde::{Deserialize, Serialize};
use store::OperationRow;
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use crate::app::imports::{Summary, Warning};
use crate::dto::enums::{Wire, wire};
use crate::dto::import_mappings::HeaderText;
use crate::dto::values::CodeText;
use crate::messages::{self, Lang};
use crate::sheets::{RecognisedColumn, Recognition, UnknownHeader};

/// What came of sending a file.
#[derive(Debug, Serialize, ToSchema)]
pub struct ImportView {
    /// The operation, also in `Location`; null for a dry run, which leaves none.
    pub operation_id: Option<Uuid>,
    /// How far it has come; null for a dry run.
    pub state: Option<wire::OperationState>,
    /// What the file came to, or would come to; null while that is not known.
    pub report: Option<ImportReport>,
}

impl ImportView {
    /// The answer to a dry run.
    #[must_use]
    pub fn tried(summary: &Summary, lang: Lang) -> Self {
        Self { operation_id: None, state: None, report: Some(ImportReport::of(summary, true, lang)) }
    }

    /// What there is to say of an operation.
    #[must_use]
    pub fn of(operation: &OperationRow) -> Self {
        let report = operation.result.clone().and_then(|result| serde_json::from_value(result).ok());
        Self {
            operation_id: Some(operation.id.uuid()),
            state: Some(Wire(operation.state)),
            report: report.filter(|_| operation.state == OperationState::Succeeded),
        }
    }
}

/// What a file came to, or would come to, counted in rows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ImportReport {
    /// What its rows are.
    pub kind: wire::ImportKind,
    /// Whether this was a dry run.
    pub dry_run: bool,
    /// Rows below the header that are not blank.
    #[schema(example = 2000, minimum = 0, maximum = 3_000_000)]
    pub rows: usize,
    /// Rows that say something new.
    #[schema(example = 12, minimum = 0, maximum = 3_000_000)]
    pub created: usize,
    /// Rows that change what is on record.
    #[schema(example = 3, minimum = 0, maximum = 3_000_000)]
    pub updated: usize,
    /// Rows that say what is on record.
    #[schema(example = 1985, minimum = 0, maximum = 3_000_000)]
    pub unchanged: usize,
    /// What cannot stand, in the order of the file. With any of these nothing is written.
    #[schema(max_items = 1000)]
    pub errors: Vec<ImportError>,
    /// How many there are, listed or not.
    #[schema(example = 0, minimum = 0, maximum = 60_000_000)]
    pub errors_total: usize,
    /// What is odd and is taken in nevertheless.
    #[schema(max_items = 1000)]
    pub warnings: Vec<ImportWarning>,
    /// How many there are, listed or not.
    #[schema(example = 0, minimum = 0, maximum = 60_000_000)]
    pub warnings_total: usize,
    /// Which columns were recognised, and how.
    #[serde(default)]
    pub recognition: RecognitionView,
}

/// Which columns of a file were recognised, and how.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct RecognitionView {
    /// The list of SIASN the file was recognised as; null for any other file.
    pub siasn: Option<wire::SiasnList>,
    /// The edition of SIASN's code lists its codes were read by; null for any other file.
    #[schema(example = "2026-11", max_length = 20)]
    pub code_lists: Option<String>,
    /// Our columns the file has, or something in their place.
    #[schema(max_items = 256)]
    pub columns: Vec<RecognisedColumnView>,
    /// Headers of columns that are not taken in, and need not be.
    #[schema(example = json!(["Keterangan"]), max_items = 256)]
    pub ignored: Vec<HeaderText>,
    /// Headers nobody knows. Name them in a mapping, or there as ignored.
    #[schema(max_items = 256)]
    pub unknown: Vec<UnknownHeaderView>,
}

/// One of our columns in a file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct RecognisedColumnView {
    /// Its name in the contract.
    #[schema(example = "nip", max_length = 64)]
    pub column: String,
    /// What the file calls it; null where it is made of several, or by the mapping.
    #[schema(example = "No. Induk", max_length = 32767)]
    pub header: Option<String>,
    /// By what it was recognised.
    pub by: wire::RecognisedBy,
}

/// A header nobody knows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct UnknownHeaderView {
    /// As it is written.
    #[schema(example = "No Induk", max_length = 100)]
    pub header: String,
    /// Our columns it may mean, the likeliest first.
    #[schema(example = json!(["nip"]), max_items = 3)]
    pub suggestions: Vec<CodeText>,
}

impl From<&Recognition> for RecognitionView {
    fn from(recognition: &Recognition) -> Self {
        let Recognition { siasn, columns, ignored, unknown } = recognition;
        let column = |one: &RecognisedColumn| {
            let RecognisedColumn { column, header, by } = one;
            RecognisedColumnView { column: (*column).to_owned(), header: header.clone(), by: Wire(*by) }
        };
        let stranger = |one: &UnknownHeader| UnknownHeaderView {
            header: one.header.clone(),
            suggestions: one.suggestions.iter().map(|name| CodeText((*name).to_owned())).collect(),
        };
        Self {
            siasn: siasn.map(Wire),
            code_lists: siasn.map(|_| workforce::siasn::VERSION.to_owned()),
            columns: columns.iter().map(column).collect(),
            ignored: ignored.iter().cloned().map(HeaderText).collect(),
            unknown: unknown.iter().map(stranger).collect(),
        }
    }
}

impl ImportReport {
    /// A summary told in `lang`.
    #[must_use]
    pub fn of(summary: &Summary, dry_run: bool, lang: Lang) -> Self {
        let Summary {
            kind,
            rows,
            created,
            updated,
            unchanged,
            findings,
            warnings,
            warnings_total,
            recognition,
        } = summary;
        Self {
            kind: Wire(*kind),
            dry_run,
            rows: *rows,
            created: *created,
            updated: *updated,
            unchanged: *unchanged,
            errors: findings.kept().map(|violation| ImportError::new(&violation, lang)).collect(),
            errors_total: findings.total(),
            warnings: warnings.iter().map(ImportWarning::from).collect(),
            warnings_total: *warnings_total,
            recognition: recognition.as_ref().into(),
        }
    }
}

/// A value that cannot stand.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ImportError {
    /// Its cell, `/rows/N/COLUMN`: the row as the spreadsheet numbers it, the column by its name in the contract.
    #[schema(example = "/rows/7/nip", max_length = 400)]
    pub pointer: String,
    /// Stable code; never translated.
    #[schema(example = "NIP_SCIENTIFIC", max_length = 64)]
    pub code: String,
    /// What is wrong and what to do about it, in the caller's language.
    #[schema(example = "NIP terdiri atas 18 angka.", max_length = 1000)]
    pub detail: String,
    /// The value that was seen.
    #[schema(example = "1.98E+17", max_length = 100)]
    pub value: Option<String>,
}

impl ImportError {
    fn new(violation: &Violation, lang: Lang) -> Self {
        Self {
            pointer: violation.pointer.clone(),
            code: messages::name(violation.code).to_owned(),
            detail: messages::detail(violation, lang),
            value: messages::seen(violation),
        }
    }
}

/// Something odd that does not keep a row out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ImportWarning {
    /// Its cell, `/rows/N/COLUMN`.
    #[schema(example = "/rows/7/nip", max_length = 400)]
    pub pointer: String,
    /// What is odd.
    pub code: wire::NipWarning,
}

impl From<&Warning> for ImportWarning {
    fn from(warning: &Warning) -> Self {
        Self { pointer: crate::sheets::cell_pointer(warning.row, warning.column), code: Wire(warning.code) }
    }
}

/// What a file is, and what to do with it.
#[derive(Clone, Debug, Deserialize, Serialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ImportQuery {
    /// What its rows are.
    pub kind: wire::ImportKind,
    /// Say what would happen and write nothing.
    #[param(example = true, default = false)]
    pub dry_run: Option<bool>,
    /// The agency's column mapping to go by; `DEFAULT` where there is one and none is named, and `NONE` for none.
    #[param(example = "SIMPEG", min_length = 1, max_length = 64)]
    pub mapping: Option<String>,
    /// The file's name, kept with the operation. Where the media type says nothing, its ending tells the format.
    #[param(example = "pegawai.xlsx", min_length = 1, max_length = 200)]
    pub filename: Option<String>,
}
