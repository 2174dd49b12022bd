//! Forms of development and what they are worth in learning hours.

use development::{Cap, Conversion, Form, FormsRubric};
use kernel::{Violation, ViolationCode, Violations};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::dto::enums::{Wire, wire};
use crate::dto::values::{Decimal, code, long_text, name};

/// Forms of development and what they are worth in learning hours.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct FormsRubricView {
    /// The forms, in the order they are shown; each code once.
    #[schema(min_items = 1, max_items = 100)]
    pub forms: Vec<FormView>,
}

/// A form of development (bentuk pengembangan kompetensi).
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"code": "KL07", "name": "Workshop/lokakarya", "name_en": "Workshop", "setting": "KLASIKAL",
    "share": "10", "siasn_type": 4, "confidence": "FOUND", "source": "Peraturan LAN 10/2018",
    "conversion": {"unit": "DAY", "jp": 5, "jp_international": null, "cap": null, "confidence": "DISPUTED",
        "source": "In use by a regional agency"}}))]
pub struct FormView {
    /// Code.
    #[schema(example = "KL07", min_length = 1, max_length = 64)]
    pub code: String,
    /// Indonesian name.
    #[schema(example = "Workshop/lokakarya", min_length = 1, max_length = 200)]
    pub name: String,
    /// English gloss.
    #[schema(example = "Workshop", min_length = 1, max_length = 200)]
    pub name_en: String,
    /// In class or not (bentuk).
    pub setting: wire::FormSetting,
    /// Part of 70:20:10 (porsi).
    pub share: wire::FormShare,
    /// SIASN's `jenisDiklat`; null where SIASN has none for it. Type 1 is reported to `rw-diklat`, the others to `rw-kursus`.
    #[schema(example = 4, minimum = 1, maximum = 25)]
    pub siasn_type: Option<u8>,
    /// How sure the setting, the share and SIASN's type are.
    pub confidence: wire::Confidence,
    /// Where they come from.
    #[schema(example = "Peraturan LAN 10/2018", min_length = 1, max_length = 4000)]
    pub source: String,
    /// What a unit of it is worth where a certificate is silent; null where the curriculum alone says so.
    pub conversion: Option<ConversionView>,
}

/// How units of a form become learning hours (JP). What a certificate states wins over it.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ConversionView {
    /// What the hours are given for.
    pub unit: wire::ConversionUnit,
    /// Learning hours per unit.
    #[schema(value_type = f64, example = 5, minimum = 0.01, maximum = 1000)]
    pub jp: Decimal,
    /// Learning hours per unit of an international event; null where that is not known to differ.
    #[schema(value_type = Option<f64>, example = 6, minimum = 0.01, maximum = 1000)]
    pub jp_international: Option<Decimal>,
    /// The most that counts; null where nothing limits it.
    pub cap: Option<CapView>,
    /// How sure it is.
    pub confidence: wire::Confidence,
    /// Where it comes from.
    #[schema(example = "In use by a regional agency", min_length = 1, max_length = 4000)]
    pub source: String,
}

/// The most learning hours a form credits within a time.
#[derive(Clone, Copy, Debug, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CapView {
    /// Learning hours; at least those of one unit.
    #[schema(value_type = f64, example = 4, minimum = 0.01, maximum = 1000)]
    pub jp: Decimal,
    /// Within which time.
    pub per: wire::CapPeriod,
}

impl From<FormsRubric> for FormsRubricView {
    fn from(rubric: FormsRubric) -> Self {
        let FormsRubric { forms } = rubric;
        Self { forms: forms.into_iter().map(FormView::from).collect() }
    }
}

impl From<Form> for FormView {
    fn from(form: Form) -> Self {
        let Form { code, name, name_en, setting, share, siasn_type, confidence, source, conversion } = form;
        Self {
            code: code.into_string(),
            name: name.into_string(),
            name_en: name_en.into_string(),
            setting: Wire(setting),
            share: Wire(share),
            siasn_type,
            confidence: Wire(confidence),
            source: source.into_string(),
            conversion: conversion.map(ConversionView::from),
        }
    }
}

impl From<Conversion> for ConversionView {
    fn from(conversion: Conversion) -> Self {
        let Conversion { unit, jp, jp_international, cap, confidence, source } = conversion;
        Self {
            unit: Wire(unit),
            jp: Decimal(jp),
            jp_international: jp_international.map(Decimal),
            cap: cap.map(|Cap { jp, per }| CapView { jp: Decimal(jp), per: Wire(per) }),
            confidence: Wire(confidence),
            source: source.into_string(),
        }
    }
}

impl FormsRubricView {
    /// The rubric these values describe; nothing when a part cannot stand.
    pub(crate) fn into_domain(self, at: &str, found: &mut Violations) -> Option<FormsRubric> {
        let Self { forms } = self;
        let asked = forms.len();
        // Before anything is said of single forms: a list without end would be answered without end.
        if asked > FormsRubric::MAX {
            found.push(
                Violation::new(format!("{at}/forms"), ViolationCode::TooMany).with("max", FormsRubric::MAX),
            );
            return None;
        }
        let read = |(index, form): (usize, FormView)| form.into_domain(&format!("{at}/forms/{index}"), found);
        let forms: Vec<_> = forms.into_iter().enumerate().filter_map(read).collect();
        // With a part left out, the check of the whole would find fault with what was not written.
        (forms.len() == asked).then_some(FormsRubric { forms })
    }
}

impl FormView {
    fn into_domain(self, at: &str, found: &mut Violations) -> Option<Form> {
        let Self {
            code: form_code,
            name: own_name,
            name_en,
            setting: Wire(setting),
            share: Wire(share),
            siasn_type,
            confidence: Wire(confidence),
            source,
            conversion,
        } = self;
        let form_code = code(found, &format!("{at}/code"), &form_code);
        let own_name = name(found, &format!("{at}/name"), &own_name);
        let name_en = name(found, &format!("{at}/name_en"), &name_en);
        let source = long_text(found, &format!("{at}/source"), &source);
        let conversion = match conversion {
            Some(conversion) => conversion.into_domain(&format!("{at}/conversion"), found).map(Some),
            None => Some(None),
        };
        Some(Form {
            code: form_code?,
            name: own_name?,
            name_en: name_en?,
            setting,
            share,
            siasn_type,
            confidence,
            source: source?,
            conversion: conversion?,
        })
    }
}

impl ConversionView {
    fn into_domain(self, at: &str, found: &mut Violations) -> Option<Conversion> {
        let Self { unit: Wire(unit), jp, jp_international, cap, confidence: Wire(confidence), source } = self;
        let source = long_text(found, &format!("{at}/source"), &source)?;
        Some(Conversion {
            unit,
            jp: jp.0,
            jp_international: jp_international.map(|Decimal(jp)| jp),
            cap: cap.map(|CapView { jp: Decimal(jp), per: Wire(per) }| Cap { jp, per }),
            confidence,
            source,
        })
    }
}
