//! Learning that people log themselves.

use chrono::{DateTime, NaiveDate, Utc};
use development::{OwnLearning, OwnLearningAction, OwnLearningDraft};
use kernel::{EmployeeId, LongText, Name, UnitId, UserId, Violation, Violations};
use serde::{Deserialize, Serialize};
use store::{OwnLearningFilter, OwnLearningRow};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;
use validator::Validate;

use crate::dto::enums::{Wire, wire};
use crate::dto::jp_ledger::UsedCertificateView;
use crate::dto::values::{Decimal, code, name, optional_long_text, optional_name, reason};
use crate::dto::{day, jp_ledger};

/// Learning that somebody logged themselves, with where its document is.
#[derive(Debug, Serialize, ToSchema)]
pub struct OwnLearningView {
    /// Identifier.
    pub id: Uuid,
    /// Whose.
    pub employee_id: Uuid,
    /// Identity number.
    #[schema(example = "198609262015051001", min_length = 18, max_length = 18)]
    pub nip: String,
    /// Name.
    #[schema(example = "Contoh Pegawai", max_length = 200)]
    pub employee_name: String,
    /// Where it stands.
    pub state: wire::OwnLearningState,
    /// What was learned.
    #[schema(example = "Analisis Data dengan Spreadsheet", max_length = 200)]
    pub title: String,
    /// Who gave it, or where it was found.
    #[schema(example = "Universitas Terbuka", max_length = 200)]
    pub provider: Option<String>,
    /// Code of the form of development, of the policy `FORMS`.
    #[schema(example = "NKL03", max_length = 64)]
    pub form: String,
    /// First day.
    pub started_on: NaiveDate,
    /// Last day; the hours stand in this day's year.
    pub ended_on: NaiveDate,
    /// Day of every session or activity.
    #[schema(max_items = 366)]
    pub units: Vec<NaiveDate>,
    /// Whether it was an international event.
    #[schema(example = false)]
    pub international: bool,
    /// Learning hours the certificate states.
    #[schema(value_type = Option<f64>, example = 12, minimum = 0.01, maximum = 2000)]
    pub certificate_jp: Option<Decimal>,
    /// The certificate.
    pub certificate: Option<UsedCertificateView>,
    /// How many other people have used a certificate of this number and day: worth a look before verifying.
    #[schema(example = 0, minimum = 0, maximum = 9007199254740991_i64)]
    pub same_certificate: i64,
    /// Where the document is: a file's reference or an address.
    #[schema(example = "https://arsip.example.go.id/dokumen/123", max_length = 200)]
    pub document: String,
    /// More on it.
    #[schema(example = "Belajar mandiri di luar jam kerja", max_length = 4000)]
    pub note: Option<String>,
    /// When it was submitted last.
    pub submitted_at: DateTime<Utc>,
    /// Who verified or refused it: the user's id.
    pub decided_by: Option<Uuid>,
    /// When.
    pub decided_at: Option<DateTime<Utc>>,
    /// Why it was refused.
    #[schema(example = "Dokumen tidak terbaca", max_length = 4000)]
    pub reason: Option<String>,
    /// What the caller may do with it now.
    #[schema(max_items = 10)]
    pub allowed_actions: Vec<wire::OwnLearningAction>,
}

impl OwnLearningView {
    /// The record, of which the caller may do `allowed`.
    #[must_use]
    pub fn new(row: OwnLearningRow, allowed: Vec<OwnLearningAction>) -> Self {
        let OwnLearningRow { own, nip, employee_name, same_certificate } = row;
        let OwnLearning {
            id,
            employee,
            said,
            state,
            submitted_at,
            decided_by,
            decided_at,
            reason,
            version: _,
        } = own;
        let OwnLearningDraft {
            title,
            provider,
            form,
            started_on,
            ended_on,
            units,
            international,
            certificate_jp,
            certificate,
            document,
            note,
        } = said;
        Self {
            id: id.uuid(),
            employee_id: employee.uuid(),
            nip: nip.as_str().to_owned(),
            employee_name: employee_name.into_string(),
            state: Wire(state),
            title: title.into_string(),
            provider: provider.map(Name::into_string),
            form: form.into_string(),
            started_on,
            ended_on,
            units,
            international,
            certificate_jp: certificate_jp.map(Decimal),
            certificate: certificate.map(UsedCertificateView::from),
            same_certificate,
            document: document.into_string(),
            note: note.map(LongText::into_string),
            submitted_at,
            decided_by: decided_by.map(UserId::uuid),
            decided_at,
            reason: reason.map(LongText::into_string),
            allowed_actions: allowed.into_iter().map(Wire).collect(),
        }
    }
}

/// What somebody learned. Hours come from the certificate, or else from the form's conversion of `units`.
#[derive(Clone, Debug, Deserialize, Serialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"employee_id": "01931d5e-7c1f-7d7a-9a7e-3f1f3f0e4a11", "title": "Analisis Data",
    "form": "NKL03", "started_on": "2026-03-01", "ended_on": "2026-03-04", "certificate_jp": 12,
    "certificate": {"number": "893/0123/BPSDM/2026", "issued_on": "2026-03-05"},
    "document": "https://arsip.example.go.id/dokumen/123"}))]
pub struct OwnLearningCreate {
    /// Whose.
    pub employee_id: Uuid,
    /// What was learned.
    #[schema(example = "Analisis Data", min_length = 1, max_length = 200)]
    pub title: String,
    /// Who gave it, or where it was found.
    #[schema(example = "Universitas Terbuka", min_length = 1, max_length = 200)]
    pub provider: Option<String>,
    /// Code of the form of development, of the policy `FORMS` on the last day.
    #[schema(example = "NKL03", min_length = 1, max_length = 64)]
    pub form: String,
    /// First day.
    pub started_on: NaiveDate,
    /// Last day, not in the future.
    pub ended_on: NaiveDate,
    /// Day of every session or activity; needed where no certificate states the hours.
    #[serde(default)]
    #[schema(max_items = 366)]
    pub units: Vec<NaiveDate>,
    /// Whether it was an international event; false when absent.
    #[serde(default)]
    #[schema(example = false)]
    pub international: bool,
    /// Learning hours the certificate states; they win over conversion.
    #[schema(value_type = Option<f64>, example = 12, minimum = 0.01, maximum = 2000)]
    pub certificate_jp: Option<Decimal>,
    /// The certificate; a person uses each once, from whatever source.
    pub certificate: Option<UsedCertificateView>,
    /// Where the document is: a file's reference or an address.
    #[schema(example = "https://arsip.example.go.id/dokumen/123", min_length = 1, max_length = 200)]
    pub document: String,
    /// More on it.
    #[schema(example = "Belajar mandiri di luar jam kerja", min_length = 1, max_length = 4000)]
    pub note: Option<String>,
}

/// What somebody learned, mended.
#[derive(Clone, Debug, Deserialize, Serialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"title": "Analisis Data", "form": "NKL09", "started_on": "2026-03-01", "ended_on": "2026-03-04",
    "units": ["2026-03-01", "2026-03-04"], "document": "https://arsip.example.go.id/dokumen/123"}))]
pub struct OwnLearningPut {
    /// What was learned.
    #[schema(example = "Analisis Data", min_length = 1, max_length = 200)]
    pub title: String,
    /// Who gave it, or where it was found.
    #[schema(example = "Universitas Terbuka", min_length = 1, max_length = 200)]
    pub provider: Option<String>,
    /// Code of the form of development, of the policy `FORMS` on the last day.
    #[schema(example = "NKL03", min_length = 1, max_length = 64)]
    pub form: String,
    /// First day.
    pub started_on: NaiveDate,
    /// Last day, not in the future.
    pub ended_on: NaiveDate,
    /// Day of every session or activity; needed where no certificate states the hours.
    #[serde(default)]
    #[schema(max_items = 366)]
    pub units: Vec<NaiveDate>,
    /// Whether it was an international event; false when absent.
    #[serde(default)]
    #[schema(example = false)]
    pub international: bool,
    /// Learning hours the certificate states; they win over conversion.
    #[schema(value_type = Option<f64>, example = 12, minimum = 0.01, maximum = 2000)]
    pub certificate_jp: Option<Decimal>,
    /// The certificate; a person uses each once, from whatever source.
    pub certificate: Option<UsedCertificateView>,
    /// Where the document is: a file's reference or an address.
    #[schema(example = "https://arsip.example.go.id/dokumen/123", min_length = 1, max_length = 200)]
    pub document: String,
    /// More on it.
    #[schema(example = "Belajar mandiri di luar jam kerja", min_length = 1, max_length = 4000)]
    pub note: Option<String>,
}

impl OwnLearningCreate {
    /// Whose it is, and what it says.
    #[must_use]
    pub fn parts(self) -> (EmployeeId, OwnLearningPut) {
        let Self {
            employee_id,
            title,
            provider,
            form,
            started_on,
            ended_on,
            units,
            international,
            certificate_jp,
            certificate,
            document,
            note,
        } = self;
        let put = OwnLearningPut {
            title,
            provider,
            form,
            started_on,
            ended_on,
            units,
            international,
            certificate_jp,
            certificate,
            document,
            note,
        };
        (employee_id.into(), put)
    }
}

impl OwnLearningPut {
    /// What these values say.
    ///
    /// # Errors
    /// Every value that cannot stand.
    pub fn into_domain(self) -> Result<OwnLearningDraft, Vec<Violation>> {
        let Self {
            title,
            provider,
            form,
            started_on,
            ended_on,
            units,
            international,
            certificate_jp,
            certificate,
            document,
            note,
        } = self;
        let mut found = Violations::new();
        let title = name(&mut found, "/title", &title);
        let provider = optional_name(&mut found, "/provider", provider.as_deref());
        let form = code(&mut found, "/form", &form);
        let started_on = found.take(day("/started_on", started_on));
        let ended_on = found.take(day("/ended_on", ended_on));
        let certificate = match certificate {
            Some(certificate) => certificate.into_domain("/certificate", &mut found).map(Some),
            None => Some(None),
        };
        let document = name(&mut found, "/document", &document);
        let note = optional_long_text(&mut found, "/note", note.as_deref());
        found.finish()?;
        match (title, provider, form, started_on, ended_on, certificate, document, note) {
            (
                Some(title),
                Some(provider),
                Some(form),
                Some(started_on),
                Some(ended_on),
                Some(certificate),
                Some(document),
                Some(note),
            ) => Ok(OwnLearningDraft {
                title,
                provider,
                form,
                started_on,
                ended_on,
                units,
                international,
                certificate_jp: certificate_jp.map(|Decimal(jp)| jp),
                certificate,
                document,
                note,
            }),
            _ => Err(Vec::new()),
        }
    }
}

/// Why own learning is refused.
#[derive(Clone, Debug, Deserialize, Serialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"reason": "Dokumen tidak terbaca"}))]
pub struct OwnLearningRefusal {
    /// Why; the person reads it.
    #[schema(example = "Dokumen tidak terbaca", min_length = 1, max_length = 4000)]
    pub reason: String,
}

impl OwnLearningRefusal {
    /// The reason.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn into_domain(self) -> Result<LongText, Vec<Violation>> {
        reason(&self.reason)
    }
}

/// Which own learning a list holds.
#[derive(Clone, Debug, Deserialize, Serialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct OwnLearningQuery {
    /// Of this person.
    pub employee_id: Option<Uuid>,
    /// In this state.
    pub state: Option<wire::OwnLearningState>,
    /// That ended in this year.
    #[param(example = 2026, minimum = 1900, maximum = 2199)]
    pub year: Option<i32>,
    /// Of people who serve in this unit or in one under it today.
    pub unit_id: Option<Uuid>,
    /// Where to continue: `next` of the page before.
    #[param(max_length = 2000)]
    pub cursor: Option<String>,
    /// Most items of a page.
    #[param(minimum = 1, maximum = 200, default = 50)]
    pub limit: Option<u16>,
}

impl OwnLearningQuery {
    /// The filter these values describe.
    ///
    /// # Errors
    /// A year beyond reason.
    pub fn into_filter(self) -> Result<OwnLearningFilter, Violation> {
        let Self { employee_id, state, year, unit_id, cursor: _, limit: _ } = self;
        let year = year.map(|asked| jp_ledger::year(Some(asked), NaiveDate::MIN)).transpose()?;
        Ok(OwnLearningFilter {
            employee: employee_id.map(EmployeeId::from),
            state: state.map(|Wire(state)| state),
            year,
            within: unit_id.map(UnitId::from),
        })
    }
}
