//! Competencies as rows name them: by the code of a dictionary and their own.

use std::collections::BTreeMap;

use kernel::{AgencyId, Code, CompetencyId, DictionaryVersionId, ViolationCode};
use store::DictionaryInUse;

use crate::app::imports::plan::Plan;

/// A competency of a dictionary in use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Found {
    /// Whose it is.
    pub(super) agency: AgencyId,
    /// The version of its dictionary that is in use.
    pub(super) version: DictionaryVersionId,
    /// The competency.
    pub(super) id: CompetencyId,
}

/// The competency a row names; noted when there is none that is published.
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
    let Some(version) = found.version else {
        plan.refuse(row, "dictionary", ViolationCode::NotPublished, dictionary);
        return None;
    };
    let Some(id) = found.competencies.get(code) else {
        plan.refuse(row, "competency_code", ViolationCode::NotFound, code);
        return None;
    };
    Some(Found { agency: found.agency, version, id: *id })
}
