//! Programmes of development.

use development::{Audience, Prerequisite, Price, Programme, ProgrammeAction, ProgrammeContent, Step};
use kernel::{Level, NATIONAL, Name, PartnerId, ProgrammeId, Rupiah, Violation, ViolationCode, Violations};
use serde::{Deserialize, Serialize};
use store::{NamedCompetency, NamedPrerequisite, ProgrammeRow};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;
use validator::Validate;

use crate::dto::enums::{Wire, wire};
use crate::dto::values::{
    CompetencyName, Decimal, code, competency_name, level, long_text, name, optional_name, optional_rupiah,
};

/// A programme of development (program pengembangan kompetensi).
#[derive(Debug, Serialize, ToSchema)]
pub struct ProgrammeView {
    /// Identifier.
    pub id: Uuid,
    /// Where it stands.
    pub state: wire::ProgrammeState,
    /// Code, unique in the agency.
    #[schema(example = "PT-LAYANAN-01", max_length = 64)]
    pub code: String,
    /// Name.
    #[schema(example = "Pelatihan Teknis Pelayanan Publik", max_length = 200)]
    pub name: String,
    /// What participants can do afterwards.
    #[schema(example = "Peserta mampu menyusun standar pelayanan dan mengukurnya.", max_length = 4000)]
    pub objectives: String,
    /// Code of its form of development (bentuk), from the policy of forms.
    #[schema(example = "KL03", max_length = 64)]
    pub form: String,
    /// The partner that provides it.
    pub partner_id: Uuid,
    /// The partner's name.
    #[schema(example = "BPSDM Contoh", max_length = 200)]
    pub partner_name: String,
    /// Who owns the curriculum (instansi pembina), where that is somebody else.
    pub curriculum_owner_id: Option<Uuid>,
    /// The curriculum owner's name.
    #[schema(example = "Lembaga Contoh", max_length = 200)]
    pub curriculum_owner_name: Option<String>,
    /// How it reaches its participants.
    pub mode: wire::DeliveryMode,
    /// Learning hours (JP) its certificates state; null where they follow from the form.
    #[schema(value_type = Option<f64>, example = 24, minimum = 0.01, maximum = 10000)]
    pub jp: Option<Decimal>,
    /// Price for each participant in rupiah; 0 is free, null is not known.
    #[schema(example = 1500000, minimum = 0, maximum = 9007199254740991_i64)]
    pub price_per_participant: Option<i64>,
    /// Price of each class in rupiah, however many come; 0 is free, null is not known.
    #[schema(example = 20000000, minimum = 0, maximum = 9007199254740991_i64)]
    pub price_per_class: Option<i64>,
    /// By whom it is accredited, with what grade.
    #[schema(example = "LAN, A", max_length = 200)]
    pub accreditation: Option<String>,
    /// How long its certificates count, in months; null when for ever.
    #[schema(example = 36, minimum = 1, maximum = 600)]
    pub certificate_months: Option<u16>,
    /// What it teaches, in order.
    #[schema(max_items = 50)]
    pub steps: Vec<StepView>,
    /// What it builds on, in order.
    #[schema(max_items = 50)]
    pub prerequisites: Vec<PrerequisiteView>,
    /// Whom it is for.
    pub audience: AudienceView,
    /// What the caller may do with it now.
    #[schema(max_items = 10)]
    pub allowed_actions: Vec<wire::ProgrammeAction>,
}

/// What a programme teaches: a step from one level of a competency to another.
#[derive(Debug, Serialize, ToSchema)]
pub struct StepView {
    /// The competency.
    pub competency_id: Uuid,
    /// Code of its dictionary.
    #[schema(example = "NASIONAL-38-2017", max_length = 64)]
    pub dictionary: String,
    /// Whether that dictionary is shared by all agencies.
    #[schema(example = true)]
    pub national: bool,
    /// The version of the dictionary whose levels are meant.
    pub dictionary_version_id: Uuid,
    /// Its code.
    #[schema(example = "M.7", max_length = 64)]
    pub competency_code: String,
    /// Its name.
    #[schema(example = "Pelayanan Publik", max_length = 200)]
    pub competency_name: String,
    /// Code of its family.
    #[schema(example = "MANAJERIAL", max_length = 64)]
    pub family: String,
    /// The level it starts from; null for somebody without any.
    #[schema(example = 2, minimum = 1, maximum = 4)]
    pub level_from: Option<u8>,
    /// The level it leads to.
    #[schema(example = 3, minimum = 1, maximum = 5)]
    pub level_to: u8,
}

/// What somebody needs before they take part: a certificate of another programme that still counts, or a level of a
/// competency, assessed and still valid. What does not belong to it is null.
#[derive(Debug, Serialize, ToSchema)]
pub struct PrerequisiteView {
    /// The other programme.
    pub programme_id: Option<Uuid>,
    /// Its code.
    #[schema(example = "PT-LAYANAN-00", max_length = 64)]
    pub programme_code: Option<String>,
    /// Its name.
    #[schema(example = "Dasar Pelayanan Publik", max_length = 200)]
    pub programme_name: Option<String>,
    /// The competency.
    pub competency_id: Option<Uuid>,
    /// Code of its dictionary.
    #[schema(example = "NASIONAL-38-2017", max_length = 64)]
    pub dictionary: Option<String>,
    /// Its code.
    #[schema(example = "M.7", max_length = 64)]
    pub competency_code: Option<String>,
    /// Its name.
    #[schema(example = "Pelayanan Publik", max_length = 200)]
    pub competency_name: Option<String>,
    /// The level, or a higher one.
    #[schema(example = 2, minimum = 1, maximum = 5)]
    pub level: Option<u8>,
}

/// Whom a programme is for: anybody of these classes or families, and everybody when both are empty.
#[derive(Clone, Debug, Default, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AudienceView {
    /// Job classes.
    #[serde(default)]
    #[schema(example = json!(["PENGAWAS"]), max_items = 14)]
    pub job_classes: Vec<wire::JobClass>,
    /// Families of job classes.
    #[serde(default)]
    #[schema(example = json!(["JF_KEAHLIAN"]), max_items = 4)]
    pub job_families: Vec<wire::JobFamily>,
}

impl StepView {
    fn new(step: Step, named: NamedCompetency) -> Self {
        let Step { competency, competency_agency, dictionary_version, from, to } = step;
        let NamedCompetency { dictionary, code, name, family } = named;
        Self {
            competency_id: competency.uuid(),
            dictionary: dictionary.into_string(),
            national: competency_agency == NATIONAL,
            dictionary_version_id: dictionary_version.uuid(),
            competency_code: code.into_string(),
            competency_name: name.into_string(),
            family: family.into_string(),
            level_from: from.map(Level::get),
            level_to: to.get(),
        }
    }
}

impl PrerequisiteView {
    pub(crate) fn new(prerequisite: Prerequisite, named: NamedPrerequisite) -> Self {
        let mut view = Self {
            programme_id: None,
            programme_code: None,
            programme_name: None,
            competency_id: None,
            dictionary: None,
            competency_code: None,
            competency_name: None,
            level: None,
        };
        match prerequisite {
            Prerequisite::Programme(other) => view.programme_id = Some(other.uuid()),
            Prerequisite::Competency { competency, competency_agency: _, dictionary_version: _, level } => {
                view.competency_id = Some(competency.uuid());
                view.level = Some(level.get());
            }
        }
        match named {
            NamedPrerequisite::Programme { code, name } => {
                view.programme_code = Some(code.into_string());
                view.programme_name = Some(name.into_string());
            }
            NamedPrerequisite::Competency(NamedCompetency { dictionary, code, name, family: _ }) => {
                view.dictionary = Some(dictionary.into_string());
                view.competency_code = Some(code.into_string());
                view.competency_name = Some(name.into_string());
            }
        }
        view
    }
}

impl ProgrammeView {
    /// The programme, of which the caller may do `allowed`.
    #[must_use]
    pub fn new(row: ProgrammeRow, allowed: Vec<ProgrammeAction>) -> Self {
        let ProgrammeRow {
            programme,
            partner_name,
            curriculum_owner_name,
            steps: names,
            prerequisites: called,
        } = row;
        let Programme { id, content, state, version: _ } = programme;
        let ProgrammeContent {
            code,
            name,
            objectives,
            form,
            partner,
            curriculum_owner,
            mode,
            jp,
            price: Price { per_participant, per_class },
            accreditation,
            certificate_months,
            steps,
            prerequisites,
            audience: Audience { job_classes, job_families },
        } = content;
        Self {
            id: id.uuid(),
            state: Wire(state),
            code: code.into_string(),
            name: name.into_string(),
            objectives: objectives.into_string(),
            form: form.into_string(),
            partner_id: partner.uuid(),
            partner_name: partner_name.into_string(),
            curriculum_owner_id: curriculum_owner.map(PartnerId::uuid),
            curriculum_owner_name: curriculum_owner_name.map(Name::into_string),
            mode: Wire(mode),
            jp: jp.map(Decimal),
            price_per_participant: per_participant.map(Rupiah::amount),
            price_per_class: per_class.map(Rupiah::amount),
            accreditation: accreditation.map(Name::into_string),
            certificate_months,
            steps: steps.into_iter().zip(names).map(|(step, named)| StepView::new(step, named)).collect(),
            prerequisites: prerequisites
                .into_iter()
                .zip(called)
                .map(|(prerequisite, named)| PrerequisiteView::new(prerequisite, named))
                .collect(),
            audience: AudienceView {
                job_classes: job_classes.into_iter().map(Wire).collect(),
                job_families: job_families.into_iter().map(Wire).collect(),
            },
            allowed_actions: allowed.into_iter().map(Wire).collect(),
        }
    }
}

/// What a caller says of a programme, to draft or to replace one.
#[derive(Clone, Debug, Deserialize, Serialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"code": "PT-LAYANAN-01", "name": "Pelatihan Teknis Pelayanan Publik",
    "objectives": "Peserta mampu menyusun standar pelayanan.", "form": "KL03",
    "partner_id": "01931d5e-7c1f-7d7a-9a7e-3f1f3f0e4a11", "mode": "OFFLINE", "jp": 24,
    "price_per_participant": 1500000, "certificate_months": 36,
    "steps": [{"dictionary": "NASIONAL-38-2017", "competency_code": "M.7", "level_from": 2, "level_to": 3}],
    "audience": {"job_classes": ["PELAKSANA"]}}))]
pub struct ProgrammePut {
    /// Code, unique in the agency; case counts.
    #[schema(example = "PT-LAYANAN-01", min_length = 1, max_length = 64)]
    pub code: String,
    /// Name.
    #[schema(example = "Pelatihan Teknis Pelayanan Publik", min_length = 1, max_length = 200)]
    pub name: String,
    /// What participants can do afterwards.
    #[schema(example = "Peserta mampu menyusun standar pelayanan.", min_length = 1, max_length = 4000)]
    pub objectives: String,
    /// Code of its form of development; one the policy of forms has today.
    #[schema(example = "KL03", min_length = 1, max_length = 64)]
    pub form: String,
    /// The partner that provides it.
    pub partner_id: Uuid,
    /// Who owns the curriculum (instansi pembina), where that is somebody else.
    pub curriculum_owner_id: Option<Uuid>,
    /// How it reaches its participants.
    pub mode: wire::DeliveryMode,
    /// Learning hours (JP) its certificates state; absent where they follow from the form.
    #[schema(value_type = Option<f64>, example = 24, minimum = 0.01, maximum = 10000)]
    pub jp: Option<Decimal>,
    /// Price for each participant in rupiah; 0 is free, absent is not known.
    #[schema(example = 1500000, minimum = 0, maximum = 9007199254740991_i64)]
    pub price_per_participant: Option<i64>,
    /// Price of each class in rupiah, however many come; 0 is free, absent is not known.
    #[schema(example = 20000000, minimum = 0, maximum = 9007199254740991_i64)]
    pub price_per_class: Option<i64>,
    /// By whom it is accredited, with what grade.
    #[schema(example = "LAN, A", max_length = 200)]
    pub accreditation: Option<String>,
    /// How long its certificates count, in months; absent when for ever.
    #[schema(example = 36, minimum = 1, maximum = 600)]
    pub certificate_months: Option<u16>,
    /// What it teaches, in order; each competency once.
    #[serde(default)]
    #[schema(max_items = 50)]
    pub steps: Vec<StepPut>,
    /// What it builds on, in order.
    #[serde(default)]
    #[schema(max_items = 50)]
    pub prerequisites: Vec<PrerequisitePut>,
    /// Whom it is for; everybody when absent.
    #[serde(default)]
    pub audience: AudienceView,
}

/// A step to teach. The competency is named by id, or by the code of its dictionary and its own; the dictionary's version
/// in use is the one whose levels are meant.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct StepPut {
    /// The competency, when it is named by id.
    pub competency_id: Option<Uuid>,
    /// Code of the competency's dictionary, when it is named by code.
    #[schema(example = "NASIONAL-38-2017", min_length = 1, max_length = 64)]
    pub dictionary: Option<String>,
    /// The competency's code, when it is named by code.
    #[schema(example = "M.7", min_length = 1, max_length = 64)]
    pub competency_code: Option<String>,
    /// The level it starts from; absent for somebody without any.
    #[schema(example = 2, minimum = 1, maximum = 4)]
    pub level_from: Option<i64>,
    /// The level it leads to; above the one it starts from.
    #[schema(example = 3, minimum = 1, maximum = 5)]
    pub level_to: i64,
}

/// What somebody needs first: `programme_id`, or a competency named like a step's and `level`.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"dictionary": "NASIONAL-38-2017", "competency_code": "M.7", "level": 2}))]
pub struct PrerequisitePut {
    /// The other programme.
    pub programme_id: Option<Uuid>,
    /// The competency, when it is named by id.
    pub competency_id: Option<Uuid>,
    /// Code of the competency's dictionary, when it is named by code.
    #[schema(example = "NASIONAL-38-2017", min_length = 1, max_length = 64)]
    pub dictionary: Option<String>,
    /// The competency's code, when it is named by code.
    #[schema(example = "M.7", min_length = 1, max_length = 64)]
    pub competency_code: Option<String>,
    /// The level, or a higher one.
    #[schema(example = 2, minimum = 1, maximum = 5)]
    pub level: Option<i64>,
}

/// A programme whose competencies have yet to be found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProgrammeAsk {
    /// Everything else; without steps and prerequisites.
    pub content: ProgrammeContent,
    /// What it teaches.
    pub steps: Vec<StepAsk>,
    /// What it builds on.
    pub prerequisites: Vec<PrerequisiteAsk>,
}

/// A step whose competency has yet to be found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StepAsk {
    /// The competency as the caller names it.
    pub competency: CompetencyName,
    /// The level it starts from.
    pub from: Option<Level>,
    /// The level it leads to.
    pub to: Level,
}

/// A prerequisite whose competency has yet to be found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PrerequisiteAsk {
    /// Another programme.
    Programme(ProgrammeId),
    /// A level of a competency as the caller names it.
    Competency(CompetencyName, Level),
}

impl ProgrammePut {
    /// The programme these values describe, with every fault noted in `found`.
    pub(crate) fn into_domain(self, found: &mut Violations) -> Option<ProgrammeAsk> {
        let Self {
            code: text,
            name: called,
            objectives,
            form,
            partner_id,
            curriculum_owner_id,
            mode: Wire(mode),
            jp,
            price_per_participant,
            price_per_class,
            accreditation,
            certificate_months,
            steps,
            prerequisites,
            audience,
        } = self;
        for (at, count) in [("/steps", steps.len()), ("/prerequisites", prerequisites.len())] {
            if count > ProgrammeContent::MAX_PARTS {
                let violation = Violation::new(at, ViolationCode::TooMany);
                found.push(violation.with("max", ProgrammeContent::MAX_PARTS));
                return None;
            }
        }
        let steps: Vec<_> = (0..)
            .zip(steps)
            .map(|(index, step): (usize, _)| step.into_domain(&format!("/steps/{index}"), found))
            .collect();
        let prerequisites: Vec<_> = (0..)
            .zip(prerequisites)
            .map(|(index, one): (usize, _)| one.into_domain(&format!("/prerequisites/{index}"), found))
            .collect();
        let code_read = code(found, "/code", &text);
        let name_read = name(found, "/name", &called);
        let objectives = long_text(found, "/objectives", &objectives);
        let form = code(found, "/form", &form);
        let accreditation = optional_name(found, "/accreditation", accreditation.as_deref());
        let per_participant = optional_rupiah(found, "/price_per_participant", price_per_participant);
        let per_class = optional_rupiah(found, "/price_per_class", price_per_class);
        let AudienceView { job_classes, job_families } = audience;
        let content = ProgrammeContent {
            code: code_read?,
            name: name_read?,
            objectives: objectives?,
            form: form?,
            partner: PartnerId::from(partner_id),
            curriculum_owner: curriculum_owner_id.map(PartnerId::from),
            mode,
            jp: jp.map(|Decimal(jp)| jp),
            price: Price { per_participant: per_participant?, per_class: per_class? },
            accreditation: accreditation?,
            certificate_months,
            steps: Vec::new(),
            prerequisites: Vec::new(),
            audience: Audience {
                job_classes: job_classes.into_iter().map(|Wire(class)| class).collect(),
                job_families: job_families.into_iter().map(|Wire(family)| family).collect(),
            },
        };
        Some(ProgrammeAsk {
            content,
            steps: steps.into_iter().collect::<Option<_>>()?,
            prerequisites: prerequisites.into_iter().collect::<Option<_>>()?,
        })
    }
}

impl StepPut {
    fn into_domain(self, at: &str, found: &mut Violations) -> Option<StepAsk> {
        let Self { competency_id, dictionary, competency_code, level_from, level_to } = self;
        let competency =
            competency_name(found, at, competency_id, dictionary.as_deref(), competency_code.as_deref());
        let from = match level_from {
            Some(from) => level(found, &format!("{at}/level_from"), from).map(Some),
            None => Some(None),
        };
        let to = level(found, &format!("{at}/level_to"), level_to);
        Some(StepAsk { competency: competency?, from: from?, to: to? })
    }
}

impl PrerequisitePut {
    fn into_domain(self, at: &str, found: &mut Violations) -> Option<PrerequisiteAsk> {
        let Self { programme_id, competency_id, dictionary, competency_code, level: wanted } = self;
        let place = |property: &str| format!("{at}/{property}");
        if let Some(programme) = programme_id {
            let others = [
                ("competency_id", competency_id.is_some()),
                ("dictionary", dictionary.is_some()),
                ("competency_code", competency_code.is_some()),
                ("level", wanted.is_some()),
            ];
            let strays: Vec<_> = others.into_iter().filter(|(_, there)| *there).collect();
            for (property, _) in &strays {
                found.push(Violation::new(place(property), ViolationCode::Inconsistent));
            }
            return strays.is_empty().then(|| PrerequisiteAsk::Programme(programme.into()));
        }
        let competency =
            competency_name(found, at, competency_id, dictionary.as_deref(), competency_code.as_deref());
        let wanted =
            found.take(wanted.ok_or_else(|| Violation::new(place("level"), ViolationCode::Required)));
        let wanted = level(found, &place("level"), wanted?);
        Some(PrerequisiteAsk::Competency(competency?, wanted?))
    }
}

/// Which programmes a list holds.
#[derive(Clone, Debug, Deserialize, Serialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ProgrammeQuery {
    /// In this state.
    pub state: Option<wire::ProgrammeState>,
    /// Teaching this competency.
    pub competency_id: Option<Uuid>,
    /// Leading to this level of that competency, or of any.
    #[param(example = 3, minimum = 1, maximum = 5)]
    pub level_to: Option<i64>,
    /// In the form with this code.
    #[param(example = "KL03", max_length = 64)]
    pub form: Option<String>,
    /// Provided by this partner.
    pub partner_id: Option<Uuid>,
    /// Reaching its participants so.
    pub mode: Option<wire::DeliveryMode>,
    /// For people in positions of this class.
    pub job_class: Option<wire::JobClass>,
    /// With this in its code or name, in any case.
    #[param(example = "pelayanan", max_length = 100)]
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
    use serde_json::{Value, json};

    fn read(change: impl FnOnce(&mut Value)) -> Result<ProgrammeAsk, Vec<(String, ViolationCode)>> {
        let mut input = json!({"code": "P", "name": "P", "objectives": "O", "form": "KL03", "mode": "ONLINE",
            "partner_id": "01931d5e-7c1f-7d7a-9a7e-3f1f3f0e4a11"});
        change(&mut input);
        let input: ProgrammePut = serde_json::from_value(input).unwrap();
        let mut found = Violations::new();
        input.into_domain(&mut found).ok_or_else(|| {
            found.into_sorted().into_iter().map(|violation| (violation.pointer, violation.code)).collect()
        })
    }

    #[test]
    fn a_prerequisite_names_one_thing() {
        let id = "01931d5e-7c1f-7d7a-9a7e-3f1f3f0e4a11";
        let found = read(|input| {
            input["prerequisites"] = json!([{"programme_id": id}, {"programme_id": id, "level": 2},
                {"competency_id": id}, {"level": 6}]);
        });
        assert_eq!(
            found.unwrap_err(),
            [
                ("/prerequisites/1/level".to_owned(), ViolationCode::Inconsistent),
                ("/prerequisites/2/level".to_owned(), ViolationCode::Required),
                ("/prerequisites/3/competency_id".to_owned(), ViolationCode::Required),
                ("/prerequisites/3/level".to_owned(), ViolationCode::OutOfRange),
            ]
        );
        let right =
            read(|input| input["prerequisites"] = json!([{"competency_id": id, "level": 2}])).unwrap();
        assert!(matches!(right.prerequisites.as_slice(), [PrerequisiteAsk::Competency(..)]));
    }

    #[test]
    fn money_is_whole_and_not_negative() {
        let found = read(|input| {
            input["price_per_participant"] = json!(-1);
            input["price_per_class"] = json!(9_007_199_254_740_992_i64);
        });
        assert_eq!(
            found.unwrap_err(),
            [
                ("/price_per_class".to_owned(), ViolationCode::OutOfRange),
                ("/price_per_participant".to_owned(), ViolationCode::OutOfRange),
            ]
        );
        let free = read(|input| input["price_per_participant"] = json!(0)).unwrap();
        assert_eq!(free.content.price, Price { per_participant: Some(Rupiah::ZERO), per_class: None });
    }
}
