//! Forms of development as rows name them.

use chrono::{DateTime, NaiveDate, Utc};
use competency::{PolicyVersion, policy_on};
use development::FormsRubric;
use development::reference::FORMS_POLICY;
use kernel::{AgencyId, Code, Name, ViolationCode};
use store::{Reader, StoreError};

use crate::app::imports::plan::{Against, Plan};

/// The rubrics of forms an agency goes by.
#[derive(Debug)]
pub(super) struct Forms {
    agency: AgencyId,
    versions: Vec<PolicyVersion<FormsRubric>>,
}

impl Forms {
    /// Reads them.
    pub(super) async fn read(against: &Against<'_>) -> Result<Self, StoreError> {
        let reader: &Reader<'_> = against.reader;
        Ok(Self { agency: against.agency, versions: reader.policies_for::<FormsRubric>().await? })
    }

    /// The code of the form that `text` names on a day; `before` is what is on record, which stands whatever forms there are
    /// by now. Noted when there is none.
    pub(super) fn named<W>(
        &self,
        plan: &mut Plan<W>,
        row: u32,
        text: &Name,
        day: NaiveDate,
        before: Option<&Code>,
    ) -> Option<Code> {
        let policy = policy_on(&self.versions, FORMS_POLICY, self.agency, day, DateTime::<Utc>::MAX_UTC);
        let found = policy.and_then(|policy| policy.rubric.read(text.as_str())).map(|form| form.code.clone());
        let found = found.or_else(|| before.filter(|code| code.as_str() == text.as_str()).cloned());
        if found.is_none() {
            plan.refuse(row, "form", ViolationCode::NotFound, text);
        }
        found
    }
}

#[cfg(test)]
impl Forms {
    /// Those every installation begins with.
    pub(super) fn shipped(agency: AgencyId) -> Self {
        let policy = development::reference::forms_policy();
        let version = PolicyVersion {
            id: kernel::PolicyId::new(),
            agency: kernel::NATIONAL,
            name: Code::stored(policy.name.to_owned()),
            number: 1,
            valid_from: competency::reference::policies_valid_from(),
            recorded_at: DateTime::UNIX_EPOCH,
            source: kernel::LongText::stored(policy.source.to_owned()),
            rubric: policy.rubric,
        };
        Self { agency, versions: vec![version] }
    }
}
