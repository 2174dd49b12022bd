//! The 25 forms as shipped.

use competency::Confidence::{self, Disputed, Found};
use competency::reference::ReferencePolicy;
use kernel::{Code, Hundredths, LongText, Name};

use crate::form::ConversionUnit::{self, Activity, Day, Session};
use crate::form::Setting::{self, Klasikal, Nonklasikal};
use crate::form::Share::{self, Seventy, Ten, Twenty};
use crate::form::{Cap, CapPeriod, Conversion, Form, FormsRubric};

/// The name of the policy of forms.
pub const FORMS_POLICY: &str = "FORMS";

const LIST: &str =
    "Peraturan LAN 10/2018; codes and share as regional systems have them; SIASN jenisDiklat by name";
const HOURS: &str = "In use by a regional agency, agreeing with a second one; the unit is partly inferred";
const CAPPED: &str = "Hours in use by two regional agencies; the cap by one of them";

/// What a unit is worth: unit, hours, cap.
type Worth = Option<(ConversionUnit, u32, Option<(u32, CapPeriod)>)>;

type Row = (&'static str, &'static str, &'static str, Setting, Share, u8, Confidence, &'static str, Worth);

const fn day(jp: u32) -> Worth {
    Some((Day, jp, None))
}

const fn activity(jp: u32) -> Worth {
    Some((Activity, jp, None))
}

const FORMS: [Row; 25] = [
    (
        "KL01",
        "Pelatihan struktural kepemimpinan",
        "Structural leadership training",
        Klasikal,
        Ten,
        1,
        Found,
        LIST,
        None,
    ),
    ("KL02", "Pelatihan manajerial", "Managerial training", Klasikal, Ten, 5, Found, LIST, None),
    ("KL03", "Pelatihan teknis", "Technical training", Klasikal, Ten, 3, Found, LIST, day(4)),
    ("KL04", "Pelatihan fungsional", "Functional training", Klasikal, Ten, 2, Found, LIST, day(4)),
    ("KL05", "Pelatihan sosial kultural", "Socio-cultural training", Klasikal, Ten, 6, Found, LIST, day(4)),
    ("KL06", "Seminar/konferensi/sarasehan", "Seminar or conference", Klasikal, Ten, 9, Found, LIST, day(4)),
    ("KL07", "Workshop/lokakarya", "Workshop", Klasikal, Ten, 4, Found, LIST, day(5)),
    ("KL08", "Kursus", "Course", Klasikal, Ten, 11, Found, LIST, day(4)),
    ("KL09", "Penataran", "Upgrading course", Klasikal, Ten, 12, Found, LIST, day(4)),
    ("KL10", "Bimbingan teknis", "Technical guidance", Klasikal, Ten, 8, Found, LIST, day(4)),
    (
        "KL11",
        "Sosialisasi",
        "Briefing",
        Klasikal,
        Ten,
        7,
        Disputed,
        "Peraturan LAN 10/2018 as one regional system reads it; another files it as nonklasikal",
        day(4),
    ),
    (
        "KL12",
        "Jalur pelatihan klasikal lainnya",
        "Other classroom training",
        Klasikal,
        Ten,
        13,
        Found,
        LIST,
        None,
    ),
    (
        "NKL01",
        "Coaching",
        "Coaching",
        Nonklasikal,
        Twenty,
        14,
        Found,
        LIST,
        Some((Session, 2, Some((4, CapPeriod::Month)))),
    ),
    (
        "NKL02",
        "Mentoring",
        "Mentoring",
        Nonklasikal,
        Twenty,
        15,
        Found,
        LIST,
        Some((Session, 2, Some((4, CapPeriod::Month)))),
    ),
    ("NKL03", "E-learning", "E-learning", Nonklasikal, Ten, 16, Found, LIST, day(3)),
    ("NKL04", "Pelatihan jarak jauh", "Distance training", Nonklasikal, Ten, 17, Found, LIST, day(4)),
    ("NKL05", "Detasering", "Secondment", Nonklasikal, Seventy, 18, Found, LIST, activity(20)),
    ("NKL06", "Pembelajaran alam terbuka", "Outdoor learning", Nonklasikal, Seventy, 19, Found, LIST, day(4)),
    ("NKL07", "Patok banding", "Benchmarking", Nonklasikal, Seventy, 20, Found, LIST, activity(10)),
    (
        "NKL08",
        "Pertukaran PNS dengan pegawai swasta/BUMN/BUMD",
        "Exchange with private or state-owned enterprises",
        Nonklasikal,
        Seventy,
        21,
        Disputed,
        "Peraturan LAN 10/2018; no source gives its share, taken as that of secondment",
        activity(20),
    ),
    (
        "NKL09",
        "Belajar mandiri",
        "Self-study",
        Nonklasikal,
        Ten,
        22,
        Disputed,
        "Peraturan LAN 10/2018; no source gives its share, taken as that of e-learning",
        Some((Activity, 2, Some((2, CapPeriod::Day)))),
    ),
    (
        "NKL10",
        "Komunitas belajar",
        "Community of practice",
        Nonklasikal,
        Twenty,
        23,
        Found,
        LIST,
        Some((Activity, 2, Some((2, CapPeriod::Day)))),
    ),
    (
        "NKL11",
        "Bimbingan di tempat kerja",
        "Guidance at work",
        Nonklasikal,
        Seventy,
        24,
        Disputed,
        "Peraturan LAN 10/2018; the same regional system files training in the office under 20",
        None,
    ),
    ("NKL12", "Magang/praktik kerja", "Internship", Nonklasikal, Seventy, 10, Found, LIST, activity(20)),
    (
        "NKL13",
        "Jalur pelatihan nonklasikal lainnya",
        "Other training outside class",
        Nonklasikal,
        Seventy,
        25,
        Disputed,
        "Peraturan LAN 10/2018; no source gives its share",
        None,
    ),
];

fn text(text: &str) -> LongText {
    LongText::stored(text.to_owned())
}

fn hours(jp: u32) -> Hundredths {
    Hundredths::from_count(jp.saturating_mul(100))
}

fn conversion((unit, jp, cap): (ConversionUnit, u32, Option<(u32, CapPeriod)>)) -> Conversion {
    Conversion {
        unit,
        jp: hours(jp),
        // The appendix tells national from international events; what the latter are worth was not to be found.
        jp_international: None,
        cap: cap.map(|(jp, per)| Cap { jp: hours(jp), per }),
        confidence: Disputed,
        source: text(if cap.is_some() { CAPPED } else { HOURS }),
    }
}

/// The national rubric of forms.
#[must_use]
pub fn forms_policy() -> ReferencePolicy<FormsRubric> {
    let form = |(code, name, name_en, setting, share, siasn, confidence, source, worth): Row| Form {
        code: Code::stored(code.to_owned()),
        name: Name::stored(name.to_owned()),
        name_en: Name::stored(name_en.to_owned()),
        setting,
        share,
        siasn_type: Some(siasn),
        confidence,
        source: text(source),
        conversion: worth.map(conversion),
    };
    ReferencePolicy {
        name: FORMS_POLICY,
        rubric: FormsRubric { forms: FORMS.into_iter().map(form).collect() },
        source: "Peraturan LAN 10/2018; share, hours and SIASN types each name their own",
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use competency::Rubric as _;

    #[test]
    fn twelve_in_class_thirteen_outside_and_each_type_of_siasn_once() {
        let rubric = forms_policy().rubric;
        assert_eq!(rubric.check(), Ok(()));
        let of = |setting| rubric.forms.iter().filter(|form| form.setting == setting).count();
        assert_eq!([of(Klasikal), of(Nonklasikal)], [12, 13]);
        let types: BTreeSet<_> = rubric.forms.iter().filter_map(|form| form.siasn_type).collect();
        assert_eq!(types, (1..=25).collect());
        for form in &rubric.forms {
            assert_eq!(Code::parse(form.code.as_str()).unwrap(), form.code);
            assert_eq!(Name::parse(form.name.as_str()).unwrap(), form.name);
            assert_eq!(Name::parse(form.name_en.as_str()).unwrap(), form.name_en);
            assert!(LongText::parse(form.source.as_str()).is_ok());
        }
    }

    #[test]
    fn no_hour_is_claimed_to_be_certain() {
        let rubric = forms_policy().rubric;
        assert!(
            rubric
                .forms
                .iter()
                .filter_map(|form| form.conversion.as_ref())
                .all(|one| one.confidence == Disputed)
        );
    }
}
