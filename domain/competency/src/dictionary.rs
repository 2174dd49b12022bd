//! Competency dictionaries (kamus kompetensi) and their versions.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use kernel::{
    AgencyId, Code, CompetencyId, DictionaryId, DictionaryVersionId, Level, LongText, Name, Version,
    wire_enum,
};
use workforce::squeeze;

/// A family of competencies (jenis kompetensi). Reference data, so that a fourth family needs no new schema.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Family {
    /// Its code: `MANAJERIAL`, `SOSIAL_KULTURAL`, `TEKNIS`.
    pub code: Code,
    /// Its Indonesian name.
    pub name: Name,
    /// Its English name.
    pub name_en: Name,
    /// Its place in lists, from 1.
    pub ordinal: i32,
}

impl Family {
    /// The family of `families` that a spreadsheet means: by code or by either name, with or without "kompetensi"
    /// before it, in any case and punctuation.
    #[must_use]
    pub fn read<'a>(families: &'a [Self], text: &str) -> Option<&'a Self> {
        let squeezed = squeeze(text);
        let text = match squeezed.strip_prefix("kompetensi").unwrap_or(&squeezed) {
            "sosiokultural" => "sosialkultural",
            text => text,
        };
        families.iter().find(|family| {
            [family.code.as_str(), family.name.as_str(), family.name_en.as_str()]
                .iter()
                .any(|name| squeeze(name) == text)
        })
    }
}

/// A dictionary: the national one, or an agency's own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dictionary {
    /// Its identifier.
    pub id: DictionaryId,
    /// Whose it is; [`kernel::NATIONAL`] shares it with every agency.
    pub agency: AgencyId,
    /// Its code, unique in the agency.
    pub code: Code,
    /// Its name.
    pub name: Name,
    /// How often it has been written.
    pub version: Version,
}

wire_enum! {
    /// Where a version of a dictionary stands.
    pub enum DictionaryState {
        /// Being written.
        Draft = "DRAFT",
        /// In use; its content never changes again.
        Published = "PUBLISHED",
        /// No longer offered for new standards; what was built on it stays valid.
        Retired = "RETIRED",
    }
}

wire_enum! {
    /// What can be done with a version of a dictionary.
    pub enum DictionaryAction {
        /// Change its content.
        Edit = "EDIT",
        /// Put it to use.
        Publish = "PUBLISH",
        /// Take it out of use.
        Retire = "RETIRE",
        /// Throw it away.
        Delete = "DELETE",
    }
}

impl DictionaryState {
    /// What a version in this state allows.
    #[must_use]
    pub const fn allowed_actions(self) -> &'static [DictionaryAction] {
        match self {
            Self::Draft => &[DictionaryAction::Edit, DictionaryAction::Publish, DictionaryAction::Delete],
            Self::Published => &[DictionaryAction::Retire],
            Self::Retired => &[],
        }
    }
}

/// One version of a dictionary.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DictionaryVersion {
    /// Its identifier.
    pub id: DictionaryVersionId,
    /// Whose it is.
    pub agency: AgencyId,
    /// The dictionary it is a version of.
    pub dictionary: DictionaryId,
    /// Its number within the dictionary, from 1.
    pub number: i32,
    /// Where it stands.
    pub state: DictionaryState,
    /// When it was published.
    pub published_at: Option<DateTime<Utc>>,
    /// When it was retired.
    pub retired_at: Option<DateTime<Utc>>,
    /// How often it has been written.
    pub version: Version,
}

/// What a version of a dictionary says of one competency. The competency itself (dictionary and code) is the same
/// in every version; its content belongs to one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Content {
    /// The competency.
    pub competency: CompetencyId,
    /// Its code, unique in the dictionary.
    pub code: Code,
    /// Its name.
    pub name: Name,
    /// Its family.
    pub family: Code,
    /// What it means (definisi).
    pub definition: LongText,
    /// What each level asks for.
    pub levels: Vec<LevelText>,
}

/// What one level of a competency asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LevelText {
    /// The level.
    pub level: Level,
    /// What somebody at this level does (deskripsi).
    pub description: LongText,
    /// By what one recognises it, in order (indikator perilaku).
    pub indicators: Vec<LongText>,
}

impl LevelText {
    /// The most indicators of one level.
    pub const MAX_INDICATORS: usize = 50;
}

/// What keeps a competency from being published.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Incomplete {
    /// The competency's code.
    pub code: Code,
    /// Levels without a description.
    pub undescribed: Vec<Level>,
    /// Levels described, but without an indicator.
    pub unindicated: Vec<Level>,
}

/// Why a change of a dictionary is refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DictionaryError {
    /// The version's state does not allow it.
    #[error("{action} is not possible for a dictionary version in state {state}")]
    WrongState {
        /// What was asked for.
        action: DictionaryAction,
        /// Where the version stands.
        state: DictionaryState,
    },
    /// There is nothing to publish.
    #[error("a dictionary version without competencies cannot be published")]
    Empty,
    /// Levels lack their description or indicators; every competency concerned, in the order of the contents.
    #[error("{} competencies are incomplete", .0.len())]
    Incomplete(Vec<Incomplete>),
    /// A code stands for two competencies, or a level is described twice.
    #[error("the code {0} or one of its levels occurs more than once")]
    Duplicate(Code),
}

impl DictionaryError {
    /// The code clients see.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::WrongState { .. } => "DICTIONARY_STATE",
            Self::Empty => "DICTIONARY_EMPTY",
            Self::Incomplete(_) => "DICTIONARY_INCOMPLETE",
            Self::Duplicate(_) => "DICTIONARY_DUPLICATE_CODE",
        }
    }
}

impl Content {
    /// What is missing before this can be published; none when it is complete.
    #[must_use]
    pub fn incomplete(&self) -> Option<Incomplete> {
        let at = |level: Level| self.levels.iter().find(|text| text.level == level);
        let undescribed: Vec<Level> = Level::ALL.into_iter().filter(|level| at(*level).is_none()).collect();
        let unindicated: Vec<Level> = Level::ALL
            .into_iter()
            .filter(|level| at(*level).is_some_and(|text| text.indicators.is_empty()))
            .collect();
        let complete = undescribed.is_empty() && unindicated.is_empty();
        (!complete).then(|| Incomplete { code: self.code.clone(), undescribed, unindicated })
    }

    fn repeats_a_level(&self) -> bool {
        let levels: BTreeSet<Level> = self.levels.iter().map(|text| text.level).collect();
        levels.len() != self.levels.len()
    }
}

impl DictionaryVersion {
    /// Whether its content may change.
    #[must_use]
    pub const fn editable(&self) -> bool {
        matches!(self.state, DictionaryState::Draft)
    }

    /// What may be done with it as it stands.
    #[must_use]
    pub const fn allowed_actions(&self) -> &'static [DictionaryAction] {
        self.state.allowed_actions()
    }

    /// Whether `action` is possible as it stands.
    ///
    /// # Errors
    /// [`DictionaryError::WrongState`].
    pub fn require(&self, action: DictionaryAction) -> Result<(), DictionaryError> {
        if self.allowed_actions().contains(&action) {
            Ok(())
        } else {
            Err(DictionaryError::WrongState { action, state: self.state })
        }
    }

    /// The version, published with `contents`: every competency has all five levels, each described and with at
    /// least one behavioural indicator.
    ///
    /// # Errors
    /// [`DictionaryError`], for `Incomplete` with every competency concerned.
    pub fn publish(self, contents: &[Content], now: DateTime<Utc>) -> Result<Self, DictionaryError> {
        self.require(DictionaryAction::Publish)?;
        if contents.is_empty() {
            return Err(DictionaryError::Empty);
        }
        let mut codes = BTreeSet::new();
        let mut competencies = BTreeSet::new();
        let repeated = contents.iter().find(|content| {
            let again = !codes.insert(&content.code) | !competencies.insert(content.competency);
            again || content.repeats_a_level()
        });
        if let Some(content) = repeated {
            return Err(DictionaryError::Duplicate(content.code.clone()));
        }
        let incomplete: Vec<Incomplete> = contents.iter().filter_map(Content::incomplete).collect();
        if !incomplete.is_empty() {
            return Err(DictionaryError::Incomplete(incomplete));
        }
        Ok(Self { state: DictionaryState::Published, published_at: Some(now), ..self })
    }

    /// The version, taken out of use.
    ///
    /// # Errors
    /// [`DictionaryError::WrongState`].
    pub fn retire(self, now: DateTime<Utc>) -> Result<Self, DictionaryError> {
        self.require(DictionaryAction::Retire)?;
        Ok(Self { state: DictionaryState::Retired, retired_at: Some(now), ..self })
    }

    /// Whether it was in use at `known_at`.
    #[must_use]
    pub fn in_use_at(&self, known_at: DateTime<Utc>) -> bool {
        self.published_at.is_some_and(|published| published <= known_at)
            && self.retired_at.is_none_or(|retired| known_at < retired)
    }
}

/// Of one dictionary's versions the highest-numbered one in use at `known_at`.
#[must_use]
pub fn version_at(versions: &[DictionaryVersion], known_at: DateTime<Utc>) -> Option<&DictionaryVersion> {
    versions.iter().filter(|version| version.in_use_at(known_at)).max_by_key(|version| version.number)
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::TimeZone;

    fn at(n: i64) -> DateTime<Utc> {
        Utc.timestamp_opt(1_800_000_000 + n, 0).unwrap()
    }

    fn draft() -> DictionaryVersion {
        DictionaryVersion {
            id: DictionaryVersionId::new(),
            agency: kernel::NATIONAL,
            dictionary: DictionaryId::new(),
            number: 1,
            state: DictionaryState::Draft,
            published_at: None,
            retired_at: None,
            version: Version::FIRST,
        }
    }

    fn content(code: &str) -> Content {
        let text = |text: &str| LongText::parse(text).unwrap();
        Content {
            competency: CompetencyId::new(),
            code: Code::parse(code).unwrap(),
            name: Name::parse("Integritas").unwrap(),
            family: Code::parse("MANAJERIAL").unwrap(),
            definition: text("definisi"),
            levels: Level::ALL
                .map(|level| LevelText {
                    level,
                    description: text("deskripsi"),
                    indicators: vec![text("indikator")],
                })
                .to_vec(),
        }
    }

    #[test]
    fn a_family_is_read_as_people_write_it() {
        let families = crate::reference::families();
        for (text, code) in [
            ("MANAJERIAL", Some("MANAJERIAL")),
            ("Kompetensi Manajerial", Some("MANAJERIAL")),
            ("sosial-kultural", Some("SOSIAL_KULTURAL")),
            ("Sosio Kultural", Some("SOSIAL_KULTURAL")),
            ("Socio-cultural", Some("SOSIAL_KULTURAL")),
            ("technical", Some("TEKNIS")),
            ("kompetensi", None),
            ("lainnya", None),
        ] {
            assert_eq!(Family::read(&families, text).map(|family| family.code.as_str()), code, "{text:?}");
        }
    }

    #[test]
    fn every_state_allows_its_actions_and_refuses_the_rest() {
        use DictionaryAction::{Delete, Edit, Publish, Retire};
        let states = [
            (draft(), vec![Edit, Publish, Delete]),
            (draft().publish(&[content("M.1")], at(1)).unwrap(), vec![Retire]),
            (draft().publish(&[content("M.1")], at(1)).unwrap().retire(at(2)).unwrap(), vec![]),
        ];
        for (version, allowed) in states {
            for action in DictionaryAction::ALL {
                let expected = allowed.contains(&action);
                assert_eq!(version.require(action).is_ok(), expected, "{action} in {}", version.state);
                let done = match action {
                    Edit | Delete => version.editable(),
                    Publish => version.clone().publish(&[content("M.1")], at(3)).is_ok(),
                    Retire => version.clone().retire(at(3)).is_ok(),
                };
                assert_eq!(done, expected, "{action} in {}", version.state);
            }
        }
    }

    #[test]
    fn publishing_names_every_incomplete_competency_and_level() {
        let mut silent = content("M.2");
        silent.levels.remove(4);
        silent.levels[0].indicators.clear();
        let refused = draft().publish(&[content("M.1"), silent], at(1)).unwrap_err();
        let [first, .., last] = Level::ALL;
        let code = Code::parse("M.2").unwrap();
        let incomplete = Incomplete { code, undescribed: vec![last], unindicated: vec![first] };
        assert_eq!(refused, DictionaryError::Incomplete(vec![incomplete]));
        assert_eq!(draft().publish(&[], at(1)), Err(DictionaryError::Empty));
    }

    #[test]
    fn a_code_a_competency_and_a_level_stand_once() {
        let duplicate = |contents: &[Content]| draft().publish(contents, at(1)).unwrap_err().code();
        assert_eq!(duplicate(&[content("M.1"), content("M.1")]), "DICTIONARY_DUPLICATE_CODE");
        let first = content("M.1");
        let same = Content { competency: first.competency, ..content("M.2") };
        assert_eq!(duplicate(&[first, same]), "DICTIONARY_DUPLICATE_CODE");
        let mut twice = content("M.1");
        twice.levels.push(twice.levels[0].clone());
        assert_eq!(duplicate(&[twice]), "DICTIONARY_DUPLICATE_CODE");
    }

    #[test]
    fn the_version_in_use_is_the_newest_published_and_not_yet_retired() {
        let first = draft().publish(&[content("M.1")], at(1)).unwrap().retire(at(5)).unwrap();
        let second = DictionaryVersion { number: 2, ..draft() }.publish(&[content("M.1")], at(3)).unwrap();
        let all = [first, second, DictionaryVersion { number: 3, ..draft() }];
        let number = |n| version_at(&all, at(n)).map(|version| version.number);
        assert_eq!([number(0), number(1), number(3), number(9)], [None, Some(1), Some(2), Some(2)]);
        let only = &all[..1];
        assert_eq!(version_at(only, at(5)), None);
    }
}
