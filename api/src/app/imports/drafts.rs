//! The draft of a dictionary into which competencies and levels go.

use std::collections::BTreeMap;

use access::Pass;
use competency::{Content, Dictionary, DictionaryVersion};
use kernel::{Code, DictionaryId, DictionaryVersionId, Name, Version, ViolationCode};
use store::{Reader, StoreError, Tx};

use crate::app::imports::plan::Plan;
use crate::messages::Advice;

/// A dictionary that rows name.
#[derive(Debug)]
pub(super) struct Target {
    /// The dictionary; one that is yet to be made has no version.
    pub(super) dictionary: Dictionary,
    /// Whether it is yet to be made.
    pub(super) is_new: bool,
    /// Its latest version.
    latest: Option<DictionaryVersion>,
    /// What that says.
    pub(super) contents: BTreeMap<Code, Content>,
}

/// The dictionaries that rows name, as far as they are the agency's own or nobody's.
#[derive(Debug, Default)]
pub(super) struct Targets {
    pub(super) own: BTreeMap<Code, Target>,
    /// Codes the nation's dictionaries have.
    national: Vec<Code>,
}

impl Targets {
    /// Reads them.
    pub(super) async fn read(reader: &Reader<'_>, codes: &[&Code]) -> Result<Self, StoreError> {
        let mut targets = Self::default();
        for (code, (dictionary, latest)) in reader.dictionaries_latest(codes).await? {
            let contents = match &latest {
                Some(version) => reader.contents_all(version.id).await?,
                None => Vec::new(),
            };
            let contents = contents.into_iter().map(|content| (content.code.clone(), content)).collect();
            targets.own.insert(code, Target { dictionary, is_new: false, latest, contents });
        }
        let others: Vec<&Code> =
            codes.iter().filter(|code| !targets.own.contains_key(**code)).copied().collect();
        targets.national = reader.dictionaries_in_use(&others).await?.into_keys().collect();
        Ok(targets)
    }

    /// Whether a row's dictionary is an agency's to write. The nation's are not, and an own one of that code would hide
    /// it.
    pub(super) fn allows<W>(&self, plan: &mut Plan<W>, row: u32, code: &Code) -> bool {
        let national = self.national.contains(code);
        if national {
            let advice = Advice::NationalDictionary;
            plan.refuse_with(row, "dictionary", ViolationCode::Immutable, code, advice);
        }
        !national
    }
}

impl Target {
    /// A dictionary that is made by the import. Its name is its code until somebody gives it a better one.
    pub(super) fn new(agency: kernel::AgencyId, code: &Code) -> Self {
        let dictionary = Dictionary {
            id: DictionaryId::new(),
            agency,
            code: code.clone(),
            name: Name::stored(code.to_string()),
            version: Version::FIRST,
        };
        Self { dictionary, is_new: true, latest: None, contents: BTreeMap::new() }
    }

    /// The draft to write into: the open one, or a new one that says what the latest version does.
    pub(super) async fn draft(&self, tx: &Tx<'_>, pass: &Pass) -> Result<DictionaryVersionId, StoreError> {
        if self.is_new {
            tx.dictionary_insert(pass, &self.dictionary).await?;
        }
        match &self.latest {
            Some(latest) if latest.editable() => Ok(latest.id),
            _ => {
                let id = DictionaryVersionId::new();
                Ok(tx.dictionary_version_insert(pass, id, self.dictionary.id).await?.id)
            }
        }
    }
}

/// The codes of the dictionaries that rows name, each once.
pub(super) fn codes<'a>(named: impl Iterator<Item = &'a Code>) -> Vec<&'a Code> {
    let mut codes: Vec<_> = named.collect();
    codes.sort_unstable();
    codes.dedup();
    codes
}

#[cfg(test)]
impl Targets {
    /// What a published dictionary or a draft looks like to a plan.
    pub(super) fn of(agency: kernel::AgencyId, code: &str, contents: Vec<Content>) -> Self {
        let code = Code::parse(code).unwrap();
        let contents = contents.into_iter().map(|content| (content.code.clone(), content)).collect();
        let target = Target { is_new: false, contents, ..Target::new(agency, &code) };
        let national = vec![Code::parse("NASIONAL").unwrap()];
        Self { own: [(code, target)].into(), national }
    }
}
