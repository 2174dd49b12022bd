//! Results, certificates, their verification, and the evidence that completions propose.

use chrono::{DateTime, NaiveDate, Utc};
use development::{
    CertificateAction, CertificateStatus, EvidenceProposal, IssuedCertificate, Outcome, ProposalAction,
};
use kernel::{AssessmentResultId, EnrolmentId, LongText, Violation, ViolationCode, Violations};
use serde::{Deserialize, Serialize};
use store::ProposalRow;
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;
use validator::Validate;

use crate::dto::enums::{Wire, wire};
use crate::dto::values::Decimal;

/// What people achieved in a class.
#[derive(Clone, Debug, Deserialize, Serialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"items": [{"enrolment_id": "01931d5e-7c1f-7d7a-9a7e-3f1f3f0e4a11", "passed": true, "score": 87.5}]}))]
pub struct OutcomesPut {
    /// One entry per participant; whoever is left out keeps what was entered before.
    #[schema(max_items = 2000)]
    pub items: Vec<OutcomePut>,
}

/// What one participant achieved.
#[derive(Clone, Copy, Debug, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct OutcomePut {
    /// The enrolment.
    pub enrolment_id: Uuid,
    /// Whether they passed; only who was at a session can.
    #[schema(example = true)]
    pub passed: bool,
    /// Score of 100, where there is one; at most two decimals.
    #[schema(value_type = Option<f64>, example = 87.5, minimum = 0, maximum = 100)]
    pub score: Option<Decimal>,
}

impl OutcomesPut {
    /// What people achieved.
    ///
    /// # Errors
    /// Too many, one named twice, a score beyond 100.
    pub fn into_domain(self) -> Result<Vec<(EnrolmentId, Outcome)>, Vec<Violation>> {
        let Self { items } = self;
        if items.len() > 2_000 {
            return Err(vec![Violation::new("/items", ViolationCode::TooMany).with("max", 2_000)]);
        }
        let mut found = Violations::new();
        let mut seen = std::collections::BTreeSet::new();
        for (index, item) in items.iter().enumerate() {
            found.check(!seen.insert(item.enrolment_id), || {
                Violation::new(format!("/items/{index}/enrolment_id"), ViolationCode::Duplicate)
            });
            found.check(item.score.is_some_and(|Decimal(score)| score > Outcome::BEST), || {
                let at = format!("/items/{index}/score");
                Violation::new(at, ViolationCode::OutOfRange).with("min", 0).with("max", Outcome::BEST)
            });
        }
        found.finish()?;
        let read = |OutcomePut { enrolment_id, passed, score }: OutcomePut| {
            let outcome = Outcome { passed, score: score.map(|Decimal(score)| score) };
            (EnrolmentId::from(enrolment_id), outcome)
        };
        Ok(items.into_iter().map(read).collect())
    }
}

/// A certificate, as it was issued (sertifikat).
#[derive(Debug, Serialize, ToSchema)]
pub struct CertificateView {
    /// Identifier.
    pub id: Uuid,
    /// Whether it counts today: up to and including its last day, unless it was taken back.
    pub status: wire::CertificateStatus,
    /// Number, once in the agency.
    #[schema(example = "PT-LAYANAN-01/2026-1/007", max_length = 200)]
    pub number: String,
    /// Code by which anybody verifies it, in groups.
    #[schema(example = "0ABCD-EFGH1-23456-789JK-MNPQRS", max_length = 31)]
    pub code: String,
    /// Address at which anybody verifies it.
    #[schema(example = "https://bangkom.example.go.id/verify/0ABCDEFGH123456789JKMNPQRS", max_length = 2000)]
    pub verify_url: String,
    /// Who.
    pub employee_id: Uuid,
    /// Their name when it was issued.
    #[schema(example = "Wening Puspitarini", max_length = 200)]
    pub holder: String,
    /// The enrolment it crowns.
    pub enrolment_id: Uuid,
    /// The class.
    pub class_id: Uuid,
    /// The programme.
    pub programme_id: Uuid,
    /// The programme's name when it was issued.
    #[schema(example = "Pelatihan Teknis Pelayanan Publik", max_length = 200)]
    pub title: String,
    /// The provider's name when it was issued.
    #[schema(example = "BPSDM Contoh", max_length = 200)]
    pub provider: String,
    /// Code of the form of development.
    #[schema(example = "KL03", max_length = 64)]
    pub form: String,
    /// Learning hours (JP); null where neither the programme nor its form says how many.
    #[schema(value_type = Option<f64>, example = 24, minimum = 0, maximum = 999999.99)]
    pub jp: Option<Decimal>,
    /// Where they come from.
    pub jp_basis: wire::JpBasis,
    /// First day of the class.
    pub held_from: NaiveDate,
    /// Last day of the class.
    pub held_until: NaiveDate,
    /// When it was issued.
    pub issued_on: NaiveDate,
    /// Last day it counts; null when it does so for ever.
    pub valid_until: Option<NaiveDate>,
    /// When it was taken back.
    pub revoked_at: Option<DateTime<Utc>>,
    /// Why it was taken back.
    #[schema(example = "Nilai keliru.", max_length = 4000)]
    pub revoked_for: Option<String>,
    /// What the caller may do with it now.
    #[schema(max_items = 10)]
    pub allowed_actions: Vec<wire::CertificateAction>,
}

impl CertificateView {
    /// The certificate, standing so today, verified at this address; the caller may do `allowed`.
    #[must_use]
    pub fn new(
        certificate: IssuedCertificate,
        status: CertificateStatus,
        verify_url: String,
        allowed: Vec<CertificateAction>,
    ) -> Self {
        let IssuedCertificate {
            id,
            enrolment,
            class,
            programme,
            employee,
            holder,
            number,
            code,
            title,
            provider,
            form,
            jp,
            jp_basis,
            held_from,
            held_until,
            issued_on,
            valid_until,
            revoked,
            version: _,
        } = certificate;
        Self {
            id: id.uuid(),
            status: Wire(status),
            number: number.into_string(),
            code: code.grouped(),
            verify_url,
            employee_id: employee.uuid(),
            holder: holder.into_string(),
            enrolment_id: enrolment.uuid(),
            class_id: class.uuid(),
            programme_id: programme.uuid(),
            title: title.into_string(),
            provider: provider.into_string(),
            form: form.into_string(),
            jp: jp.map(Decimal),
            jp_basis: Wire(jp_basis),
            held_from,
            held_until,
            issued_on,
            valid_until,
            revoked_at: revoked.as_ref().map(|one| one.at),
            revoked_for: revoked.map(|one| one.reason.into_string()),
            allowed_actions: allowed.into_iter().map(Wire).collect(),
        }
    }
}

/// What anybody who knows its code is told of a certificate: who, what, when and whether it counts.
#[derive(Debug, Serialize, ToSchema)]
pub struct VerificationView {
    /// Whether it counts today.
    pub status: wire::CertificateStatus,
    /// Number.
    #[schema(example = "PT-LAYANAN-01/2026-1/007", max_length = 200)]
    pub number: String,
    /// Who.
    #[schema(example = "Wening Puspitarini", max_length = 200)]
    pub holder: String,
    /// What they completed.
    #[schema(example = "Pelatihan Teknis Pelayanan Publik", max_length = 200)]
    pub title: String,
    /// Who provided it.
    #[schema(example = "BPSDM Contoh", max_length = 200)]
    pub provider: String,
    /// The agency that issued it.
    #[schema(example = "Pemerintah Kota Contoh", max_length = 200)]
    pub agency: String,
    /// Learning hours (JP); null where nobody says how many.
    #[schema(value_type = Option<f64>, example = 24, minimum = 0, maximum = 999999.99)]
    pub jp: Option<Decimal>,
    /// First day of the class.
    pub held_from: NaiveDate,
    /// Last day of the class.
    pub held_until: NaiveDate,
    /// When it was issued.
    pub issued_on: NaiveDate,
    /// Last day it counts; null when it does so for ever.
    pub valid_until: Option<NaiveDate>,
}

impl VerificationView {
    /// What is told of a certificate of this agency, standing so today.
    #[must_use]
    pub fn new(certificate: IssuedCertificate, status: CertificateStatus, agency: String) -> Self {
        let IssuedCertificate {
            holder,
            number,
            title,
            provider,
            jp,
            held_from,
            held_until,
            issued_on,
            valid_until,
            ..
        } = certificate;
        Self {
            status: Wire(status),
            number: number.into_string(),
            holder: holder.into_string(),
            title: title.into_string(),
            provider: provider.into_string(),
            agency,
            jp: jp.map(Decimal),
            held_from,
            held_until,
            issued_on,
            valid_until,
        }
    }
}

/// Which certificates a list holds.
#[derive(Clone, Debug, Deserialize, Serialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct CertificateQuery {
    /// Of this person.
    pub employee_id: Option<Uuid>,
    /// Of this programme.
    pub programme_id: Option<Uuid>,
    /// Of this class.
    pub class_id: Option<Uuid>,
    /// Standing so today.
    pub status: Option<wire::CertificateStatus>,
    /// Whose last day is this one or an earlier one.
    pub valid_until: Option<NaiveDate>,
    /// Where to continue: `next` of the page before.
    #[param(max_length = 2000)]
    pub cursor: Option<String>,
    /// Most items of a page.
    #[param(minimum = 1, maximum = 200, default = 50)]
    pub limit: Option<u16>,
}

/// Evidence that a completion proposes for a competency. It is no evidence and raises no level: an assessment may take it up.
#[derive(Debug, Serialize, ToSchema)]
pub struct EvidenceProposalView {
    /// Identifier.
    pub id: Uuid,
    /// What became of it.
    pub state: wire::EvidenceProposalState,
    /// Whose.
    pub employee_id: Uuid,
    /// Identity number.
    #[schema(example = "199001012015031001", max_length = 18)]
    pub nip: String,
    /// Name.
    #[schema(example = "Wening Puspitarini", max_length = 200)]
    pub employee_name: String,
    /// The competency.
    pub competency_id: Uuid,
    /// Code of its dictionary.
    #[schema(example = "NASIONAL-38-2017", max_length = 64)]
    pub dictionary: String,
    /// Its code.
    #[schema(example = "M.7", max_length = 64)]
    pub competency_code: String,
    /// The level the programme leads to.
    #[schema(example = 3, minimum = 1, maximum = 5)]
    pub level: u8,
    /// What it rests on.
    pub certificate_id: Uuid,
    /// The certificate's number.
    #[schema(example = "PT-LAYANAN-01/2026-1/007", max_length = 200)]
    pub certificate_number: String,
    /// What was completed.
    #[schema(example = "Pelatihan Teknis Pelayanan Publik", max_length = 200)]
    pub title: String,
    /// When it was proposed.
    pub proposed_at: DateTime<Utc>,
    /// The assessment result that took it up.
    pub result_id: Option<Uuid>,
    /// Why it was dismissed.
    #[schema(example = "Pelatihan tidak diuji.", max_length = 4000)]
    pub reason: Option<String>,
    /// What the caller may do with it now.
    #[schema(max_items = 10)]
    pub allowed_actions: Vec<wire::EvidenceProposalAction>,
}

impl EvidenceProposalView {
    /// The proposal, of which the caller may do `allowed`.
    #[must_use]
    pub fn new(row: ProposalRow, allowed: Vec<ProposalAction>) -> Self {
        let ProposalRow { proposal, nip, name, dictionary, competency_code, certificate_number, title } = row;
        let EvidenceProposal {
            id,
            employee,
            competency,
            competency_agency: _,
            level,
            certificate,
            proposed_at,
            state,
            result,
            reason,
            version: _,
        } = proposal;
        Self {
            id: id.uuid(),
            state: Wire(state),
            employee_id: employee.uuid(),
            nip: nip.as_str().to_owned(),
            employee_name: name.into_string(),
            competency_id: competency.uuid(),
            dictionary: dictionary.into_string(),
            competency_code: competency_code.into_string(),
            level: level.get(),
            certificate_id: certificate.uuid(),
            certificate_number: certificate_number.into_string(),
            title: title.into_string(),
            proposed_at,
            result_id: result.map(AssessmentResultId::uuid),
            reason: reason.map(LongText::into_string),
            allowed_actions: allowed.into_iter().map(Wire).collect(),
        }
    }
}

/// Which assessment took a proposal up.
#[derive(Clone, Copy, Debug, Deserialize, Serialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"result_id": "01931d5e-7c1f-7d7a-9a7e-3f1f3f0e4a11"}))]
pub struct EvidenceUptake {
    /// The assessment result, of the same person in the same competency.
    pub result_id: Uuid,
}

/// Which proposals a list holds.
#[derive(Clone, Debug, Deserialize, Serialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct EvidenceProposalQuery {
    /// For this person.
    pub employee_id: Option<Uuid>,
    /// For this competency.
    pub competency_id: Option<Uuid>,
    /// In this state.
    pub state: Option<wire::EvidenceProposalState>,
    /// Where to continue: `next` of the page before.
    #[param(max_length = 2000)]
    pub cursor: Option<String>,
    /// Most items of a page.
    #[param(minimum = 1, maximum = 200, default = 50)]
    pub limit: Option<u16>,
}
