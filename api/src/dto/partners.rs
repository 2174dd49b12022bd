//! Partners, their agreements, and the people who teach for them.

use chrono::NaiveDate;
use development::{Agreement, Partner, Trainer, TrainerIdentity};
use kernel::{
    EmployeeId, LongText, Name, PartnerId, Period, TrainerId, Version, Violation, ViolationCode, Violations,
};
use serde::{Deserialize, Serialize};
use store::TrainerRow;
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;
use validator::Validate;

use crate::dto::day;
use crate::dto::enums::{Wire, wire};
use crate::dto::values::{CodeText, code, long_text, name, optional_long_text};

/// A partner that provides development (mitra penyelenggara).
#[derive(Debug, Serialize, ToSchema)]
pub struct PartnerView {
    /// Identifier.
    pub id: Uuid,
    /// Code, unique in the agency.
    #[schema(example = "UNPAD", max_length = 64)]
    pub code: String,
    /// Name.
    #[schema(example = "Universitas Contoh", max_length = 200)]
    pub name: String,
    /// What it is.
    pub kind: wire::PartnerKind,
    /// How it is reached.
    #[schema(example = "Jl. Contoh 1; kerjasama@contoh.ac.id", max_length = 4000)]
    pub contact: Option<String>,
    /// Agreements, in the order written.
    #[schema(max_items = 100)]
    pub agreements: Vec<AgreementView>,
    /// Whether what it provides today stands on an agreement, whatever its form.
    pub standing: wire::AgreementStanding,
}

/// An agreement with a partner (perjanjian kerja sama).
#[derive(Debug, Serialize, ToSchema)]
pub struct AgreementView {
    /// Number, once per partner.
    #[schema(example = "415/12/PKS/2026", max_length = 200)]
    pub number: String,
    /// What it is about.
    #[schema(example = "Pelatihan teknis bagi pegawai pemerintah kota", max_length = 4000)]
    pub subject: String,
    /// Codes of the forms of development it covers; every form when empty.
    #[schema(example = json!(["KL03"]), max_items = 100)]
    pub forms: Vec<CodeText>,
    /// First day it is in force.
    pub valid_from: NaiveDate,
    /// Last day it is in force; null when it has none.
    pub valid_until: Option<NaiveDate>,
    /// Whether it is in force today.
    #[schema(example = true)]
    pub in_force: bool,
}

impl PartnerView {
    /// The partner as it stands on `today`.
    #[must_use]
    pub fn new(partner: Partner, today: NaiveDate) -> Self {
        let standing = partner.standing(None, today);
        let Partner { id, code, name, kind, contact, agreements, version: _ } = partner;
        Self {
            id: id.uuid(),
            code: code.into_string(),
            name: name.into_string(),
            kind: Wire(kind),
            contact: contact.map(LongText::into_string),
            agreements: agreements.into_iter().map(|one| AgreementView::new(one, today)).collect(),
            standing: Wire(standing),
        }
    }
}

impl AgreementView {
    fn new(agreement: Agreement, today: NaiveDate) -> Self {
        let in_force = agreement.covers(None, today);
        let Agreement { number, subject, forms, period: Period { from, last } } = agreement;
        Self {
            number: number.into_string(),
            subject: subject.into_string(),
            forms: forms.into_iter().map(CodeText::from).collect(),
            valid_from: from,
            valid_until: last,
            in_force,
        }
    }
}

/// What a caller says of a partner, to make or to replace one.
#[derive(Clone, Debug, Deserialize, Serialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"code": "UNI-CONTOH", "name": "Universitas Contoh", "kind": "UNIVERSITY",
    "agreements": [{"number": "415/12/PKS/2026", "subject": "Pelatihan teknis", "forms": ["KL03"],
        "valid_from": "2026-01-01", "valid_until": "2028-12-31"}]}))]
pub struct PartnerPut {
    /// Code, unique in the agency; case counts.
    #[schema(example = "UNI-CONTOH", min_length = 1, max_length = 64)]
    pub code: String,
    /// Name.
    #[schema(example = "Universitas Contoh", min_length = 1, max_length = 200)]
    pub name: String,
    /// What it is.
    pub kind: wire::PartnerKind,
    /// How it is reached.
    #[schema(example = "Jl. Contoh 1; kerjasama@contoh.ac.id", max_length = 4000)]
    pub contact: Option<String>,
    /// Agreements; those that are left out are gone.
    #[serde(default)]
    #[schema(max_items = 100)]
    pub agreements: Vec<AgreementPut>,
}

/// An agreement to keep with a partner.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AgreementPut {
    /// Number, once per partner.
    #[schema(example = "415/12/PKS/2026", min_length = 1, max_length = 200)]
    pub number: String,
    /// What it is about.
    #[schema(example = "Pelatihan teknis bagi pegawai pemerintah kota", min_length = 1, max_length = 4000)]
    pub subject: String,
    /// Codes of the forms of development it covers; every form when empty or absent.
    #[serde(default)]
    #[schema(example = json!(["KL03"]), max_items = 100)]
    pub forms: Vec<CodeText>,
    /// First day it is in force.
    pub valid_from: NaiveDate,
    /// Last day it is in force; absent when it has none.
    pub valid_until: Option<NaiveDate>,
}

impl PartnerPut {
    /// The partner these values describe.
    ///
    /// # Errors
    /// Every value that cannot stand.
    pub fn into_domain(self, id: PartnerId, version: Version) -> Result<Partner, Vec<Violation>> {
        let Self { code: text, name: called, kind: Wire(kind), contact, agreements } = self;
        let mut found = Violations::new();
        if agreements.len() > Partner::MAX_AGREEMENTS {
            let violation = Violation::new("/agreements", ViolationCode::TooMany);
            return Err(vec![violation.with("max", Partner::MAX_AGREEMENTS)]);
        }
        let code = code(&mut found, "/code", &text);
        let name = name(&mut found, "/name", &called);
        let contact = optional_long_text(&mut found, "/contact", contact.as_deref());
        let wanted = agreements.len();
        let agreements: Vec<_> = agreements
            .into_iter()
            .enumerate()
            .filter_map(|(index, one)| one.into_domain(&format!("/agreements/{index}"), &mut found))
            .collect();
        match (code, name, contact) {
            (Some(code), Some(name), Some(contact)) if agreements.len() == wanted => {
                let partner = Partner { id, code, name, kind, contact, agreements, version };
                partner.check()?;
                Ok(partner)
            }
            _ => Err(found.into_sorted()),
        }
    }
}

impl AgreementPut {
    fn into_domain(self, at: &str, found: &mut Violations) -> Option<Agreement> {
        let Self { number, subject, forms, valid_from, valid_until } = self;
        found.check(forms.len() > 100, || {
            Violation::new(format!("{at}/forms"), ViolationCode::TooMany).with("max", 100)
        });
        let number = name(found, &format!("{at}/number"), &number);
        let subject = long_text(found, &format!("{at}/subject"), &subject);
        let forms: Option<Vec<_>> = forms
            .iter()
            .enumerate()
            .take(100)
            .map(|(index, CodeText(form))| code(found, &format!("{at}/forms/{index}"), form))
            .collect();
        let from = found.take(day(&format!("{at}/valid_from"), valid_from));
        let last = match valid_until {
            Some(last) => found.take(day(&format!("{at}/valid_until"), last)).map(Some),
            None => Some(None),
        };
        Some(Agreement {
            number: number?,
            subject: subject?,
            forms: forms?,
            period: Period { from: from?, last: last? },
        })
    }
}

/// Which partners a list holds.
#[derive(Clone, Debug, Deserialize, Serialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct PartnerQuery {
    /// Of this kind.
    pub kind: Option<wire::PartnerKind>,
    /// With an agreement in force on this day.
    pub agreement_on: Option<NaiveDate>,
    /// With this in their name, in any case.
    #[param(example = "universitas", max_length = 100)]
    pub search: Option<String>,
    /// Where to continue: `next` of the page before.
    #[param(max_length = 2000)]
    pub cursor: Option<String>,
    /// Most items of a page.
    #[param(minimum = 1, maximum = 200, default = 50)]
    pub limit: Option<u16>,
}

/// An instructor or mentor. Not everybody who teaches is a civil servant with a NIP.
#[derive(Debug, Serialize, ToSchema)]
pub struct TrainerView {
    /// Identifier.
    pub id: Uuid,
    /// Name: that of the civil servant's record, where they are one.
    #[schema(example = "Dr. Ratri Wulandari", max_length = 200)]
    pub name: String,
    /// The civil servant of the agency they are; null for anybody else.
    pub employee_id: Option<Uuid>,
    /// What they do.
    #[schema(min_items = 1, max_items = 3)]
    pub roles: Vec<wire::TrainerRole>,
    /// The partner they come from.
    pub partner_id: Option<Uuid>,
    /// The partner's name.
    #[schema(example = "Universitas Contoh", max_length = 200)]
    pub partner_name: Option<String>,
    /// What they know.
    #[schema(example = "Analisis kebijakan; pelayanan publik", max_length = 4000)]
    pub expertise: Option<String>,
    /// How many people they guide at once at most; null when nobody set a limit: then as many as the policy `RECOMMENDATION` says.
    #[schema(example = 3, minimum = 1, maximum = 50)]
    pub max_mentees: Option<u8>,
}

impl From<TrainerRow> for TrainerView {
    fn from(row: TrainerRow) -> Self {
        let TrainerRow { trainer, name, partner_name } = row;
        let Trainer { id, identity, roles, partner, expertise, max_mentees, version: _ } = trainer;
        let employee = match identity {
            TrainerIdentity::Employee(employee) => Some(employee.uuid()),
            TrainerIdentity::Named(_) => None,
        };
        Self {
            id: id.uuid(),
            name: name.into_string(),
            employee_id: employee,
            roles: roles.into_iter().map(Wire).collect(),
            partner_id: partner.map(PartnerId::uuid),
            partner_name: partner_name.map(Name::into_string),
            expertise: expertise.map(LongText::into_string),
            max_mentees,
        }
    }
}

/// What a caller says of an instructor or mentor, to make or to replace one: `employee_id` or `name`, never both.
#[derive(Clone, Debug, Deserialize, Serialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"name": "Dr. Ratri Wulandari", "roles": ["INSTRUCTOR", "MENTOR"],
    "expertise": "Analisis kebijakan", "max_mentees": 3}))]
pub struct TrainerPut {
    /// The civil servant of the agency they are.
    pub employee_id: Option<Uuid>,
    /// Name of anybody else.
    #[schema(example = "Dr. Ratri Wulandari", max_length = 200)]
    pub name: Option<String>,
    /// What they do; each once.
    #[schema(min_items = 1, max_items = 3)]
    pub roles: Vec<wire::TrainerRole>,
    /// The partner they come from.
    pub partner_id: Option<Uuid>,
    /// What they know.
    #[schema(example = "Analisis kebijakan; pelayanan publik", max_length = 4000)]
    pub expertise: Option<String>,
    /// How many people they guide at once at most; for mentors and coaches only.
    #[schema(example = 3, minimum = 1, maximum = 50)]
    pub max_mentees: Option<u8>,
}

impl TrainerPut {
    /// The trainer these values describe.
    ///
    /// # Errors
    /// Every value that cannot stand.
    pub fn into_domain(self, id: TrainerId, version: Version) -> Result<Trainer, Vec<Violation>> {
        let Self { employee_id, name: called, roles, partner_id, expertise, max_mentees } = self;
        let mut found = Violations::new();
        let identity = match (employee_id, called) {
            (Some(employee), None) => Some(TrainerIdentity::Employee(EmployeeId::from(employee))),
            (None, Some(called)) => name(&mut found, "/name", &called).map(TrainerIdentity::Named),
            (Some(_), Some(_)) => {
                found.push(Violation::new("/name", ViolationCode::Inconsistent));
                None
            }
            (None, None) => {
                found.push(Violation::new("/name", ViolationCode::Required));
                None
            }
        };
        let expertise = optional_long_text(&mut found, "/expertise", expertise.as_deref());
        match (identity, expertise) {
            (Some(identity), Some(expertise)) => {
                let roles = roles.into_iter().map(|Wire(role)| role).collect();
                let partner = partner_id.map(PartnerId::from);
                let trainer = Trainer { id, identity, roles, partner, expertise, max_mentees, version };
                trainer.check()?;
                Ok(trainer)
            }
            _ => Err(found.into_sorted()),
        }
    }
}

/// Which instructors and mentors a list holds.
#[derive(Clone, Debug, Deserialize, Serialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct TrainerQuery {
    /// Doing this.
    pub role: Option<wire::TrainerRole>,
    /// From this partner.
    pub partner_id: Option<Uuid>,
    /// Being this civil servant.
    pub employee_id: Option<Uuid>,
    /// With this in their name or in what they know, in any case.
    #[param(example = "kebijakan", max_length = 100)]
    pub search: Option<String>,
    /// Where to continue: `next` of the page before.
    #[param(max_length = 2000)]
    pub cursor: Option<String>,
    /// Most items of a page.
    #[param(minimum = 1, maximum = 200, default = 50)]
    pub limit: Option<u16>,
}
