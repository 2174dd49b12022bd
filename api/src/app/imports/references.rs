//! Competencies as rows name them: by the code of a dictionary and their own.

use std::collections::BTreeMap;

use kernel::{AgencyId, Code, CompetencyId, DictionaryVersionId, ViolationCode};
use store::{DictionaryInUse, KnownCompetency};

use crate::app::imports::plan::Plan;

/// A competency of a dictionary, in use or not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Found {
    /// Whose it is.
    pub(super) agency: AgencyId,
    /// The competency.
    pub(super) id: CompetencyId,
    /// The version of its dictionary that is in use, if any is.
    version: Option<DictionaryVersionId>,
    is_in_use: bool,
}

/// The competency a row names; noted when the dictionary never had it.
pub(super) fn competency<W>(
    plan: &mut Plan<W>,
    dictionaries: &BTreeMap<Code, DictionaryInUse>,
    row: u32,
    dictionary: &Code,
    code: &Code,
) -> Option<Found> {
    let Some(found) = dictionaries.get(dictionary) else {
        plan.refuse(row, "dictionary", ViolationCode::NotFound, dictionary);
        return None;
    };
    let (agency, version) = (found.agency, found.version);
    match found.competencies.get(code) {
        Some(KnownCompetency { id, is_in_use }) => {
            Some(Found { agency, id: *id, version, is_in_use: *is_in_use })
        }
        None => {
            missing(plan, version, row, dictionary, code);
            None
        }
    }
}

impl Found {
    /// The version in use that describes it, which what is written refers to; noted when there is none.
    pub(super) fn described<W>(
        self,
        plan: &mut Plan<W>,
        row: u32,
        dictionary: &Code,
        code: &Code,
    ) -> Option<DictionaryVersionId> {
        let version = self.version.filter(|_| self.is_in_use);
        if version.is_none() {
            missing(plan, self.version, row, dictionary, code);
        }
        version
    }
}

fn missing<W>(
    plan: &mut Plan<W>,
    version: Option<DictionaryVersionId>,
    row: u32,
    dictionary: &Code,
    code: &Code,
) {
    match version {
        None => plan.refuse(row, "dictionary", ViolationCode::NotPublished, dictionary),
        Some(_) => plan.refuse(row, "competency_code", ViolationCode::NotFound, code),
    }
}
