//! The reference data every installation begins with: the families, the national dictionary and the national
//! rubrics. All of it is data an agency can replace; nothing computes from it directly.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use kernel::{Code, CompetencyId, Hundredths, Level, LongText, Name};
use workforce::JobClass;

use crate::assessment::Purpose;
use crate::dictionary::{Content, Family, LevelText};
use crate::eligibility::Confidence;
use crate::jpm::Category;
use crate::policy::{Cutoff, DefaultLevelsRubric, JpmMethod, JpmRubric, ValidityRubric};

mod appointment;
mod generic;

pub use appointment::eligibility_policy;
pub use generic::COMPETENCIES;

/// The code of the national dictionary.
pub const DICTIONARY_CODE: &str = "NASIONAL-38-2017";

/// The name of the national dictionary.
pub const DICTIONARY_NAME: &str = "Kamus Kompetensi Manajerial dan Sosial Kultural";

/// The name of the default policy for the job person match.
pub const JPM_POLICY: &str = JpmMethod::RatioOfSums.as_str();

/// The name of the policy of validity.
pub const VALIDITY_POLICY: &str = "VALIDITY";

/// The name of the policy of default levels.
pub const DEFAULT_LEVELS_POLICY: &str = "DEFAULT_LEVELS";

/// The name of the default policy of eligibility.
pub const ELIGIBILITY_POLICY: &str = "ELIGIBILITY";

/// A family as shipped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ReferenceFamily {
    /// Its code.
    pub code: &'static str,
    /// Its Indonesian name.
    pub name: &'static str,
    /// Its English name.
    pub name_en: &'static str,
}

/// The three families of PermenPANRB 38/2017, in its order.
pub const FAMILIES: [ReferenceFamily; 3] = [
    ReferenceFamily { code: "MANAJERIAL", name: "Manajerial", name_en: "Managerial" },
    ReferenceFamily { code: "SOSIAL_KULTURAL", name: "Sosial Kultural", name_en: "Socio-cultural" },
    ReferenceFamily { code: "TEKNIS", name: "Teknis", name_en: "Technical" },
];

/// A competency as shipped. The codes are a convention of regional systems; the regulation has none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ReferenceCompetency {
    /// Its code.
    pub code: &'static str,
    /// Its Indonesian name, as the regulation has it.
    pub name: &'static str,
    /// An English gloss.
    pub name_en: &'static str,
    /// The code of its family.
    pub family: &'static str,
    /// What it means.
    pub definition: &'static str,
    /// Levels 1 to 5.
    pub levels: [ReferenceLevel; 5],
}

/// One level of a competency as shipped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ReferenceLevel {
    /// What somebody at this level does.
    pub description: &'static str,
    /// By what one recognises it.
    pub indicators: [&'static str; 3],
}

/// The default level of a job class as shipped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DefaultLevel {
    /// The class.
    pub job_class: JobClass,
    /// The level of every managerial and socio-cultural competency.
    pub level: u8,
    /// How sure it is.
    pub confidence: Confidence,
    /// What speaks for or against it.
    pub note: &'static str,
}

const fn found(job_class: JobClass, level: u8) -> DefaultLevel {
    DefaultLevel { job_class, level, confidence: Confidence::Found, note: "in use by a regional agency" }
}

const fn skill(job_class: JobClass, level: u8) -> DefaultLevel {
    let note = "one regional agency only; skill rungs are set per functional position elsewhere";
    DefaultLevel { job_class, level, confidence: Confidence::Disputed, note }
}

/// The default levels of managerial and socio-cultural competencies by job class.
pub const DEFAULT_LEVELS: [DefaultLevel; 14] = [
    found(JobClass::JptUtama, 5),
    DefaultLevel {
        job_class: JobClass::JptMadya,
        level: 4,
        confidence: Confidence::Disputed,
        note: "4 in use by a regional agency; the regulation may say 5",
    },
    found(JobClass::JptPratama, 4),
    found(JobClass::Administrator, 3),
    found(JobClass::Pengawas, 2),
    found(JobClass::Pelaksana, 1),
    skill(JobClass::JfPemula, 1),
    skill(JobClass::JfTerampil, 2),
    skill(JobClass::JfMahir, 3),
    skill(JobClass::JfPenyelia, 4),
    found(JobClass::JfAhliPertama, 2),
    found(JobClass::JfAhliMuda, 3),
    found(JobClass::JfAhliMadya, 4),
    found(JobClass::JfAhliUtama, 5),
];

/// A national rubric as shipped: its name, its document and where its numbers come from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReferencePolicy<T> {
    /// Its name.
    pub name: &'static str,
    /// The document.
    pub rubric: T,
    /// Where its numbers come from.
    pub source: &'static str,
}

/// The first day the national rubrics apply to: the year of the regulation that set the scale. Earlier days have
/// no standard to grade against.
#[must_use]
pub fn policies_valid_from() -> NaiveDate {
    NaiveDate::from_ymd_opt(2017, 1, 1).unwrap_or_default()
}

/// The families as the domain knows them.
#[must_use]
pub fn families() -> Vec<Family> {
    (1..)
        .zip(FAMILIES)
        .map(|(ordinal, family)| Family {
            code: Code::stored(family.code.to_owned()),
            name: Name::stored(family.name.to_owned()),
            name_en: Name::stored(family.name_en.to_owned()),
            ordinal,
        })
        .collect()
}

impl ReferenceCompetency {
    /// What the national dictionary says of it, as the competency `id`.
    #[must_use]
    pub fn content(&self, id: CompetencyId) -> Content {
        let text = |text: &str| LongText::stored(text.to_owned());
        let levels = Level::ALL.into_iter().zip(&self.levels);
        Content {
            competency: id,
            code: Code::stored(self.code.to_owned()),
            name: Name::stored(self.name.to_owned()),
            family: Code::stored(self.family.to_owned()),
            definition: text(self.definition),
            levels: levels
                .map(|(level, written)| LevelText {
                    level,
                    description: text(written.description),
                    indicators: written.indicators.into_iter().map(text).collect(),
                })
                .collect(),
        }
    }
}

/// The national rubrics of the job person match: one per method, with the same cut-offs.
#[must_use]
pub fn jpm_policies() -> [ReferencePolicy<JpmRubric>; 2] {
    let cutoff =
        |percent: u32, category| Cutoff { at_least: Hundredths::from_count(percent * 100), category };
    let cutoffs = BTreeMap::from([
        (
            Purpose::Filling,
            vec![cutoff(80, Category::Ms), cutoff(68, Category::Mms), cutoff(0, Category::Kms)],
        ),
        (
            Purpose::Mapping,
            vec![
                cutoff(90, Category::Optimal),
                cutoff(78, Category::CukupOptimal),
                cutoff(0, Category::KurangOptimal),
            ],
        ),
    ]);
    [
        (JpmMethod::RatioOfSums, "Peraturan BRIN 3/2023 Pasal 33 (90/78); Berita Negara 35/2020 (80/68)"),
        (JpmMethod::CappedMean, "Formula of this product; cut-offs of RATIO_OF_SUMS"),
    ]
    .map(|(method, source)| ReferencePolicy {
        name: method.as_str(),
        rubric: JpmRubric { method, cutoffs: cutoffs.clone() },
        source,
    })
}

/// The national rubric of validity.
#[must_use]
pub const fn validity_policy() -> ReferencePolicy<ValidityRubric> {
    ReferencePolicy {
        name: VALIDITY_POLICY,
        rubric: ValidityRubric { years: 3 },
        source: "Peraturan BKN 26/2019 Pasal 29(4)",
    }
}

/// The national rubric of default levels.
#[must_use]
pub fn default_levels_policy() -> ReferencePolicy<DefaultLevelsRubric> {
    let levels = DEFAULT_LEVELS.into_iter();
    ReferencePolicy {
        name: DEFAULT_LEVELS_POLICY,
        rubric: DefaultLevelsRubric {
            levels: levels
                .filter_map(|default| Some((default.job_class, Level::new(i64::from(default.level))?)))
                .collect(),
            families: ["MANAJERIAL", "SOSIAL_KULTURAL"].map(|code| Code::stored(code.to_owned())).to_vec(),
        },
        source: "In use by a regional agency under PermenPANRB 38/2017; JPT Madya, JF keterampilan disputed",
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::policy::Rubric;

    fn contents() -> Vec<Content> {
        COMPETENCIES.iter().map(|competency| competency.content(CompetencyId::new())).collect()
    }

    #[test]
    fn every_text_passes_the_checks_made_on_what_people_type() {
        let parsed = |text: &str| LongText::parse(text).unwrap().into_string();
        for content in contents() {
            assert_eq!(content.incomplete(), None, "{}", content.code);
            assert_eq!(Code::parse(content.code.as_str()).unwrap(), content.code);
            assert_eq!(Name::parse(content.name.as_str()).unwrap(), content.name);
            assert_eq!(parsed(content.definition.as_str()), content.definition.as_str());
            for level in &content.levels {
                for text in level.indicators.iter().chain([&level.description]) {
                    assert_eq!(parsed(text.as_str()), text.as_str());
                    assert!(text.as_str().ends_with('.') && !text.as_str().contains("  "), "{text}");
                }
            }
        }
    }

    #[test]
    fn nine_competencies_of_two_families_and_no_sentence_twice() {
        let families = |code| COMPETENCIES.iter().filter(|competency| competency.family == code).count();
        assert_eq!([families("MANAJERIAL"), families("SOSIAL_KULTURAL"), families("TEKNIS")], [8, 1, 0]);
        let sentences: Vec<&str> = COMPETENCIES
            .iter()
            .flat_map(|competency| competency.levels)
            .flat_map(|level| level.indicators.into_iter().chain([level.description]))
            .collect();
        assert_eq!(sentences.len(), 9 * 5 * 4);
        assert_eq!(sentences.iter().collect::<BTreeSet<_>>().len(), sentences.len());
        assert_eq!(super::families().iter().map(|family| family.ordinal).collect::<Vec<_>>(), [1, 2, 3]);
    }

    #[test]
    fn the_shipped_rubrics_pass_their_own_checks() {
        for policy in jpm_policies() {
            assert_eq!(policy.rubric.check(), Ok(()));
            assert_eq!(policy.name, policy.rubric.method.as_str());
        }
        assert_eq!(jpm_policies()[0].name, JPM_POLICY);
        assert_eq!(validity_policy().rubric.check(), Ok(()));
        let defaults = default_levels_policy().rubric;
        assert_eq!(defaults.check(), Ok(()));
        assert_eq!(defaults.levels[&JobClass::JptMadya], Level::new(4).unwrap());
        assert_eq!(eligibility_policy().rubric.check(), Ok(()));
    }
}
