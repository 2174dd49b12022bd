//! Needs analysis (analisis kebutuhan pengembangan kompetensi, AKPK; PP 11/2017 Pasal 205-206): what the people of a unit need
//! to learn in a year. Claims come from several sides and are merged per person and competency; a versioned policy says which
//! need goes before which, with every term visible; the unit verifies, the agency validates.

mod deadlines;
mod machine;
mod priority;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use competency::Importance;
use kernel::{
    AgencyId, CompetencyId, EmployeeId, Hundredths, Level, LongText, NeedsAnalysisId, PolicyId, UnitId,
    UserId, Version, Violation, ViolationCode, Violations, wire_enum,
};

pub use deadlines::{NeedsDeadlines, NeedsStage};
pub use machine::{
    NEEDS_TABLE, NeedAction, NeedsAction, NeedsCaller, NeedsError, NeedsParty, NeedsRule, NeedsState,
    needs_rule,
};
pub use priority::{
    NEED_PRIORITY_POLICY, NeedFacts, Priority, PriorityRubric, PriorityTerm, need_priority_policy,
};

wire_enum! {
    /// Where a need comes from.
    pub enum NeedOrigin {
        /// A gap against the position held (Pasal 206: kesenjangan kompetensi).
        HeldGap = "HELD_GAP",
        /// A gap against the position aimed at.
        TargetGap = "TARGET_GAP",
        /// Results behind what was agreed (Pasal 206: kesenjangan kinerja).
        Performance = "PERFORMANCE",
        /// What citizens said of a service.
        ServiceSignal = "SERVICE_SIGNAL",
        /// A priority of the agency or the nation.
        PolicyPriority = "POLICY_PRIORITY",
        /// The person's or the unit's own proposal.
        OwnProposal = "OWN_PROPOSAL",
    }
}

impl NeedOrigin {
    /// Whether it follows from assessments, and is gathered by itself; the others are brought by people, who say why.
    #[must_use]
    pub const fn is_gathered(self) -> bool {
        matches!(self, Self::HeldGap | Self::TargetGap)
    }
}

wire_enum! {
    /// Who says that somebody needs to learn something.
    pub enum NeedSpeaker {
        /// Nobody: assessments do.
        Assessment = "ASSESSMENT",
        /// The person.
        Person = "PERSON",
        /// Somebody above them.
        Superior = "SUPERIOR",
        /// Whoever keeps the analysis for the unit.
        Unit = "UNIT",
        /// Whoever validates it for the agency.
        Agency = "AGENCY",
    }
}

impl NeedSpeaker {
    /// The sides they speak for. Nobody says of themself how they perform or what citizens say, and what the agency puts first the
    /// agency says.
    #[must_use]
    pub const fn origins(self) -> &'static [NeedOrigin] {
        use NeedOrigin as O;
        match self {
            Self::Assessment => &[O::HeldGap, O::TargetGap],
            Self::Person => &[O::OwnProposal],
            Self::Superior | Self::Unit => &[O::Performance, O::ServiceSignal, O::OwnProposal],
            Self::Agency => &[O::Performance, O::ServiceSignal, O::PolicyPriority, O::OwnProposal],
        }
    }
}

/// Whose need, and of what: within a year there is one need of each.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct NeedKey {
    /// The person.
    pub employee: EmployeeId,
    /// Whose dictionary the competency comes from.
    pub competency_agency: AgencyId,
    /// The competency.
    pub competency: CompetencyId,
}

/// One side's word that somebody needs to learn something.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NeedClaim {
    /// Whose need, and of what.
    pub key: NeedKey,
    /// Where it comes from.
    pub origin: NeedOrigin,
    /// Who says so.
    pub speaker: NeedSpeaker,
    /// The level found by valid evidence; none where there is no such evidence.
    pub from: Option<Level>,
    /// The level that is needed.
    pub to: Level,
    /// The weight of the requirement; none where no requirement stands behind it.
    pub weight: Option<Hundredths>,
    /// How much the competency matters in the position; none where no requirement stands behind it.
    pub importance: Option<Importance>,
    /// Why; given by whoever brings what does not follow from assessments.
    pub reason: Option<LongText>,
}

impl NeedClaim {
    /// Whether the claim can stand.
    ///
    /// # Errors
    /// `/level_to` not above the level found; `/reason` missing; `/origin` of what is gathered by itself, or of a side the speaker
    /// does not speak for.
    pub fn check_brought(&self) -> Result<(), Vec<Violation>> {
        let mut found = Violations::new();
        found.check(self.from.is_some_and(|from| self.to <= from), || {
            let least = self.from.map_or(Level::MIN, |from| from.get() + 1);
            Violation::new("/level_to", ViolationCode::OutOfRange).with("min", least).with("max", Level::MAX)
        });
        let own = self.speaker.origins();
        found.check(self.origin.is_gathered() || !own.contains(&self.origin), || {
            let brought = own.iter().filter(|origin| !origin.is_gathered());
            let brought: Vec<_> = brought.map(|origin| origin.as_str()).collect();
            Violation::new("/origin", ViolationCode::NotAllowedValue).with("allowed", brought.join(", "))
        });
        found.check(self.reason.is_none(), || Violation::new("/reason", ViolationCode::Required));
        found.finish()
    }
}

/// What one side asks for.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct NeedWord {
    /// The level that is needed.
    pub to: Level,
    /// The weight of the requirement behind it.
    pub weight: Option<Hundredths>,
    /// How much the competency matters in the position.
    pub importance: Option<Importance>,
    /// Why.
    pub reason: Option<LongText>,
}

/// What somebody needs to learn, from whichever sides.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Need {
    /// Whose, and of what.
    pub key: NeedKey,
    /// The highest level found by valid evidence; none where it is not known.
    pub from: Option<Level>,
    /// The highest level a side asks for.
    pub to: Level,
    /// The heaviest weight of a requirement behind it; none without one.
    pub weight: Option<Hundredths>,
    /// The gravest importance of a requirement behind it.
    pub importance: Option<Importance>,
    /// The sides it comes from and who speaks for each, with what they ask for.
    pub origins: BTreeMap<(NeedOrigin, NeedSpeaker), NeedWord>,
}

impl Need {
    fn new(claim: NeedClaim) -> Self {
        let NeedClaim { key, origin, speaker, from, to, weight, importance, reason } = claim;
        let origins = BTreeMap::from([((origin, speaker), NeedWord { to, weight, importance, reason })]);
        Self { key, from, to, weight, importance, origins }
    }

    /// Takes another side's word in. Of two words of one side by one speaker the one that asks for more counts.
    fn merge(&mut self, claim: NeedClaim) {
        let NeedClaim { key: _, origin, speaker, from, to, weight, importance, reason } = claim;
        let word = NeedWord { to, weight, importance, reason };
        let told = self.origins.entry((origin, speaker)).or_insert_with(|| word.clone());
        if *told < word {
            *told = word;
        }
        self.from = self.from.max(from);
        self.to = self.to.max(to);
        self.weight = self.weight.max(weight);
        // Importance is declared from the gravest to the lightest.
        self.importance = [self.importance, importance].into_iter().flatten().min();
    }

    /// Levels missing; none where the level is not known: an assessment may come first, and then says.
    #[must_use]
    pub fn missing(&self) -> Option<u8> {
        self.from.map(|from| self.to.get().saturating_sub(from.get()))
    }

    /// Whether there is still something to learn.
    #[must_use]
    pub fn is_open(&self) -> bool {
        self.missing() != Some(0)
    }
}

/// What the claims come to: one need for each person and competency of which there is still something to learn, by who and
/// what. The order of the claims changes nothing.
#[must_use]
pub fn merged(claims: impl IntoIterator<Item = NeedClaim>) -> Vec<Need> {
    let mut needs: BTreeMap<NeedKey, Need> = BTreeMap::new();
    for claim in claims {
        match needs.get_mut(&claim.key) {
            Some(need) => need.merge(claim),
            None => {
                needs.insert(claim.key, Need::new(claim));
            }
        }
    }
    needs.into_values().filter(Need::is_open).collect()
}

/// A unit's analysis for a year: of the people of the unit and of every unit under it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NeedsAnalysis {
    /// The identifier.
    pub id: NeedsAnalysisId,
    /// Of which unit.
    pub unit: UnitId,
    /// The year.
    pub year: i32,
    /// Where it stands.
    pub state: NeedsState,
    /// The version of the rubric its priorities are computed by.
    pub policy: PolicyId,
    /// When it was gathered last.
    pub gathered_at: DateTime<Utc>,
    /// Who stands behind it for the unit, and since when.
    pub verified: Option<(UserId, DateTime<Utc>)>,
    /// Who stands behind it for the agency, and since when.
    pub validated: Option<(UserId, DateTime<Utc>)>,
    /// Why it was sent back the last time.
    pub returned_for: Option<LongText>,
    /// How often the record has been written.
    pub version: Version,
}

impl NeedsAnalysis {
    /// One that begins.
    #[must_use]
    pub const fn begin(
        id: NeedsAnalysisId,
        (unit, year): (UnitId, i32),
        policy: PolicyId,
        at: DateTime<Utc>,
    ) -> Self {
        Self {
            id,
            unit,
            year,
            state: NeedsState::Collecting,
            policy,
            gathered_at: at,
            verified: None,
            validated: None,
            returned_for: None,
            version: Version::FIRST,
        }
    }

    /// Whether `caller` may do `action` now.
    ///
    /// # Errors
    /// Those of [`NeedsState::permit`].
    pub fn permit(&self, action: NeedsAction, caller: &NeedsCaller) -> Result<(), NeedsError> {
        self.state.permit(action, caller, self.verified.map(|(user, _)| user)).map(drop)
    }

    /// What `caller` may do now.
    #[must_use]
    pub fn allowed_actions(&self, caller: &NeedsCaller) -> Vec<NeedsAction> {
        self.state.allowed_actions(caller, self.verified.map(|(user, _)| user))
    }

    /// The same after `action`. Whoever stood behind what is sent back or taken back has to say so again.
    ///
    /// # Errors
    /// Those of [`NeedsState::after`].
    pub fn after(
        &self,
        action: NeedsAction,
        caller: &NeedsCaller,
        reason: Option<&LongText>,
        at: DateTime<Utc>,
    ) -> Result<Self, NeedsError> {
        let verified_by = self.verified.map(|(user, _)| user);
        let state = self.state.after(action, caller, verified_by, reason)?;
        let mut after = Self { state, ..self.clone() };
        match action {
            NeedsAction::Verify => after.verified = Some((caller.user, at)),
            NeedsAction::Validate => after.validated = Some((caller.user, at)),
            NeedsAction::Withdraw => after.verified = None,
            NeedsAction::Return | NeedsAction::Reopen => {
                (after.verified, after.validated) = (None, None);
                after.returned_for = reason.cloned();
            }
            NeedsAction::Gather => after.gathered_at = at,
            NeedsAction::Propose | NeedsAction::Edit => {}
        }
        Ok(after)
    }

    /// What may be done with one of its needs, where the caller may change them.
    #[must_use]
    pub fn need_actions(&self, caller: &NeedsCaller, dropped: bool) -> Vec<NeedAction> {
        match (self.permit(NeedsAction::Edit, caller), dropped) {
            (Err(_), _) => Vec::new(),
            (Ok(()), true) => vec![NeedAction::Restore],
            (Ok(()), false) => vec![NeedAction::Prioritise, NeedAction::Drop],
        }
    }
}

/// How much of a group an analysis covers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct NeedsCoverage {
    /// People who serve in the group.
    pub people: u64,
    /// Of them those whose position requires anything.
    pub required: u64,
    /// Of these those with a valid level in everything required.
    pub assessed: u64,
    /// People with at least one need that was not dropped.
    pub needing: u64,
}

impl NeedsCoverage {
    /// This and another group.
    #[must_use]
    pub const fn and(self, other: Self) -> Self {
        Self {
            people: self.people + other.people,
            required: self.required + other.required,
            assessed: self.assessed + other.assessed,
            needing: self.needing + other.needing,
        }
    }
}
