//! Competency standards of positions (standar kompetensi jabatan, SKJ).

use std::collections::BTreeSet;

use chrono::{DateTime, NaiveDate, Utc};
use kernel::{
    AgencyId, CompetencyId, DictionaryVersionId, Hundredths, Level, Name, PositionId, StandardId, UserId,
    Version, Violation, ViolationCode, Violations, wire_enum,
};
use workforce::squeeze;

wire_enum! {
    /// How much a position depends on a requirement (PermenPANRB 38/2017).
    pub enum Importance {
        /// Indispensable.
        Mutlak = "MUTLAK",
        /// Important.
        Penting = "PENTING",
        /// Needed.
        Perlu = "PERLU",
    }
}

impl Importance {
    /// Reads what a spreadsheet may hold, in any case and punctuation.
    #[must_use]
    pub fn read(text: &str) -> Option<Self> {
        let text = squeeze(text);
        match text.as_str() {
            "wajib" => Some(Self::Mutlak),
            "diperlukan" => Some(Self::Perlu),
            _ => Self::ALL.into_iter().find(|importance| squeeze(importance.as_str()) == text),
        }
    }
}

/// One competency a position requires.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Requirement {
    /// The competency.
    pub competency: CompetencyId,
    /// Whose dictionary it comes from: the agency's own or [`kernel::NATIONAL`].
    pub competency_agency: AgencyId,
    /// The version of the dictionary whose levels are meant.
    pub dictionary_version: DictionaryVersionId,
    /// The required level.
    pub level: Level,
    /// Its weight in the job person match.
    pub weight: Hundredths,
    /// How much the position depends on it.
    pub importance: Importance,
}

wire_enum! {
    /// Where a standard stands.
    pub enum StandardState {
        /// Being written.
        Draft = "DRAFT",
        /// Checked (diverifikasi); waits to be enacted.
        Verified = "VERIFIED",
        /// Enacted (ditetapkan); never changes again.
        InForce = "IN_FORCE",
        /// Revoked (dicabut) from a day on.
        Revoked = "REVOKED",
    }
}

wire_enum! {
    /// What can be done with a standard.
    pub enum StandardAction {
        /// Change its requirements, dates or decree.
        Edit = "EDIT",
        /// Throw it away.
        Delete = "DELETE",
        /// Confirm that it is right.
        Verify = "VERIFY",
        /// Send it back to be changed.
        ReturnToDraft = "RETURN_TO_DRAFT",
        /// Put it in force.
        Enact = "ENACT",
        /// End it.
        Revoke = "REVOKE",
    }
}

impl StandardState {
    /// What a standard in this state allows.
    #[must_use]
    pub const fn allowed_actions(self) -> &'static [StandardAction] {
        match self {
            Self::Draft => &[StandardAction::Edit, StandardAction::Delete, StandardAction::Verify],
            Self::Verified => &[StandardAction::ReturnToDraft, StandardAction::Enact],
            Self::InForce => &[StandardAction::Revoke],
            Self::Revoked => &[],
        }
    }
}

/// One version of a position's competency standard.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Standard {
    /// Its identifier.
    pub id: StandardId,
    /// The position.
    pub position: PositionId,
    /// Its number among the position's standards, from 1.
    pub number: i32,
    /// Where it stands.
    pub state: StandardState,
    /// The first day it applies to.
    pub valid_from: NaiveDate,
    /// The decree (SK) that sets it.
    pub decree: Option<Name>,
    /// What it requires, in order.
    pub requirements: Vec<Requirement>,
    /// Who verified it.
    pub verified_by: Option<UserId>,
    /// When it was verified.
    pub verified_at: Option<DateTime<Utc>>,
    /// Who enacted it.
    pub enacted_by: Option<UserId>,
    /// When it was enacted; from this instant on it is known.
    pub enacted_at: Option<DateTime<Utc>>,
    /// The first day it no longer applies to.
    pub revoked_on: Option<NaiveDate>,
    /// When the revocation was recorded; from this instant on it is known.
    pub revoked_at: Option<DateTime<Utc>>,
    /// How often it has been written.
    pub version: Version,
}

/// What an edit sets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StandardDraft {
    /// The first day it is to apply to.
    pub valid_from: NaiveDate,
    /// The decree (SK) that sets it.
    pub decree: Option<Name>,
    /// What it requires, in order.
    pub requirements: Vec<Requirement>,
}

/// Why a change of a standard is refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum StandardError {
    /// The standard's state does not allow it.
    #[error("{action} is not possible for a standard in state {state}")]
    WrongState {
        /// What was asked for.
        action: StandardAction,
        /// Where the standard stands.
        state: StandardState,
    },
    /// Values that cannot stand, with pointers into the draft.
    #[error("{} values are invalid", .0.len())]
    Invalid(Vec<Violation>),
    /// There is no requirement to verify.
    #[error("a standard without requirements cannot be verified")]
    Empty,
    /// Whoever verified a standard may not enact it as well.
    #[error("a standard is enacted by somebody other than its verifier")]
    SameOfficer,
    /// The revocation would reach back before the standard's first day.
    #[error("a standard valid from {valid_from} cannot be revoked from an earlier day")]
    RevokedBeforeValid {
        /// The first day it applies to.
        valid_from: NaiveDate,
    },
}

impl StandardError {
    /// The code clients see.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::WrongState { .. } => "STANDARD_STATE",
            Self::Invalid(_) => "STANDARD_INVALID",
            Self::Empty => "STANDARD_EMPTY",
            Self::SameOfficer => "STANDARD_SAME_OFFICER",
            Self::RevokedBeforeValid { .. } => "STANDARD_REVOKED_BEFORE_VALID",
        }
    }
}

impl StandardDraft {
    /// The most requirements of one standard.
    pub const MAX_REQUIREMENTS: usize = crate::jpm::MAX_ITEMS;

    /// Whether its values can stand. A draft may be empty; a verified standard may not.
    ///
    /// # Errors
    /// `/requirements` too many, `/requirements/N/competency_id` named twice, `/requirements/N/weight` zero.
    pub fn check(&self) -> Result<(), Vec<Violation>> {
        let mut violations = Violations::new();
        violations.check(self.requirements.len() > Self::MAX_REQUIREMENTS, || {
            Violation::new("/requirements", ViolationCode::TooMany).with("max", Self::MAX_REQUIREMENTS)
        });
        let mut seen = BTreeSet::new();
        for (index, requirement) in self.requirements.iter().enumerate() {
            violations.check(!seen.insert((requirement.competency_agency, requirement.competency)), || {
                Violation::new(format!("/requirements/{index}/competency_id"), ViolationCode::Duplicate)
            });
            violations.check(requirement.weight.count() == 0, || {
                crate::jpm::weight_out_of_range(format!("/requirements/{index}/weight"))
            });
        }
        violations.finish()
    }
}

impl Standard {
    /// A new draft.
    ///
    /// # Errors
    /// [`StandardError::Invalid`].
    pub fn draft(
        id: StandardId,
        position: PositionId,
        number: i32,
        draft: StandardDraft,
    ) -> Result<Self, StandardError> {
        draft.check().map_err(StandardError::Invalid)?;
        Ok(Self {
            id,
            position,
            number,
            state: StandardState::Draft,
            valid_from: draft.valid_from,
            decree: draft.decree,
            requirements: draft.requirements,
            verified_by: None,
            verified_at: None,
            enacted_by: None,
            enacted_at: None,
            revoked_on: None,
            revoked_at: None,
            version: Version::FIRST,
        })
    }

    /// What may be done with it as it stands.
    #[must_use]
    pub const fn allowed_actions(&self) -> &'static [StandardAction] {
        self.state.allowed_actions()
    }

    /// Whether `action` is possible as it stands.
    ///
    /// # Errors
    /// [`StandardError::WrongState`].
    pub fn require(&self, action: StandardAction) -> Result<(), StandardError> {
        if self.allowed_actions().contains(&action) {
            Ok(())
        } else {
            Err(StandardError::WrongState { action, state: self.state })
        }
    }

    /// The draft with new values.
    ///
    /// # Errors
    /// [`StandardError::WrongState`] outside a draft, [`StandardError::Invalid`].
    pub fn edit(self, draft: StandardDraft) -> Result<Self, StandardError> {
        self.require(StandardAction::Edit)?;
        draft.check().map_err(StandardError::Invalid)?;
        let StandardDraft { valid_from, decree, requirements } = draft;
        Ok(Self { valid_from, decree, requirements, ..self })
    }

    /// The standard, confirmed to be right.
    ///
    /// # Errors
    /// [`StandardError::WrongState`], [`StandardError::Empty`].
    pub fn verify(self, by: UserId, now: DateTime<Utc>) -> Result<Self, StandardError> {
        self.require(StandardAction::Verify)?;
        if self.requirements.is_empty() {
            return Err(StandardError::Empty);
        }
        Ok(Self { state: StandardState::Verified, verified_by: Some(by), verified_at: Some(now), ..self })
    }

    /// The standard, sent back to be changed; its verification is void.
    ///
    /// # Errors
    /// [`StandardError::WrongState`].
    pub fn return_to_draft(self) -> Result<Self, StandardError> {
        self.require(StandardAction::ReturnToDraft)?;
        Ok(Self { state: StandardState::Draft, verified_by: None, verified_at: None, ..self })
    }

    /// The standard, in force from its first day on.
    ///
    /// Two people stand behind every standard in force: the one who verified it may not enact it.
    ///
    /// # Errors
    /// [`StandardError::WrongState`], [`StandardError::SameOfficer`].
    pub fn enact(self, by: UserId, now: DateTime<Utc>) -> Result<Self, StandardError> {
        self.require(StandardAction::Enact)?;
        if self.verified_by == Some(by) {
            return Err(StandardError::SameOfficer);
        }
        Ok(Self { state: StandardState::InForce, enacted_by: Some(by), enacted_at: Some(now), ..self })
    }

    /// The standard, no longer applying from `on` on.
    ///
    /// # Errors
    /// [`StandardError::WrongState`], [`StandardError::RevokedBeforeValid`].
    pub fn revoke(self, on: NaiveDate, now: DateTime<Utc>) -> Result<Self, StandardError> {
        self.require(StandardAction::Revoke)?;
        if on < self.valid_from {
            return Err(StandardError::RevokedBeforeValid { valid_from: self.valid_from });
        }
        Ok(Self { state: StandardState::Revoked, revoked_on: Some(on), revoked_at: Some(now), ..self })
    }

    /// Whether it applies on `day` by what was known at `known_at`. Its present state does not count: a standard
    /// revoked since was in force then.
    #[must_use]
    pub fn applies(&self, day: NaiveDate, known_at: DateTime<Utc>) -> bool {
        let revoked =
            self.revoked_at.is_some_and(|at| at <= known_at) && self.revoked_on.is_some_and(|on| on <= day);
        self.enacted_at.is_some_and(|at| at <= known_at) && self.valid_from <= day && !revoked
    }
}

/// The standard in force on `day` by what was known at `known_at`, among those of one position: the greatest
/// `valid_from`, of two the one enacted later.
#[must_use]
pub fn standard_on(standards: &[Standard], day: NaiveDate, known_at: DateTime<Utc>) -> Option<&Standard> {
    standards
        .iter()
        .filter(|standard| standard.applies(day, known_at))
        .max_by_key(|standard| (standard.valid_from, standard.enacted_at, standard.id))
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::{Days, TimeZone};
    use proptest::prelude::*;

    fn day(n: u64) -> NaiveDate {
        NaiveDate::from_ymd_opt(2026, 1, 1).unwrap() + Days::new(n)
    }

    fn at(n: i64) -> DateTime<Utc> {
        Utc.timestamp_opt(1_800_000_000 + n, 0).unwrap()
    }

    fn requirement() -> Requirement {
        Requirement {
            competency: CompetencyId::new(),
            competency_agency: kernel::NATIONAL,
            dictionary_version: DictionaryVersionId::new(),
            level: Level::new(3).unwrap(),
            weight: Hundredths::ONE,
            importance: Importance::Penting,
        }
    }

    fn content(requirements: Vec<Requirement>) -> StandardDraft {
        StandardDraft { valid_from: day(10), decree: None, requirements }
    }

    fn draft() -> Standard {
        Standard::draft(StandardId::new(), PositionId::new(), 1, content(vec![requirement()])).unwrap()
    }

    fn in_force(from: u64, enacted: i64) -> Standard {
        let standard = Standard { valid_from: day(from), ..draft() };
        standard.verify(UserId::new(), at(enacted)).unwrap().enact(UserId::new(), at(enacted)).unwrap()
    }

    #[test]
    fn importance_is_read_as_people_write_it() {
        for (text, importance) in [
            ("MUTLAK", Some(Importance::Mutlak)),
            (" penting ", Some(Importance::Penting)),
            ("Wajib", Some(Importance::Mutlak)),
            ("diperlukan", Some(Importance::Perlu)),
            ("kurang penting", None),
            ("", None),
        ] {
            assert_eq!(Importance::read(text), importance, "{text:?}");
        }
    }

    #[test]
    fn every_state_allows_its_actions_and_refuses_the_rest() {
        use StandardAction::{Delete, Edit, Enact, ReturnToDraft, Revoke, Verify};
        let verified = draft().verify(UserId::new(), at(1)).unwrap();
        let states = [
            (draft(), vec![Edit, Delete, Verify]),
            (verified, vec![ReturnToDraft, Enact]),
            (in_force(10, 1), vec![Revoke]),
            (in_force(10, 1).revoke(day(20), at(2)).unwrap(), vec![]),
        ];
        for (standard, allowed) in states {
            assert_eq!(standard.allowed_actions(), allowed);
            for action in StandardAction::ALL {
                let (given, now) = (standard.clone(), at(3));
                let done = match action {
                    Edit => given.edit(content(vec![requirement()])).map(drop),
                    Delete => given.require(Delete),
                    Verify => given.verify(UserId::new(), now).map(drop),
                    ReturnToDraft => given.return_to_draft().map(drop),
                    Enact => given.enact(UserId::new(), now).map(drop),
                    Revoke => given.revoke(day(30), now).map(drop),
                };
                let refused = Err(StandardError::WrongState { action, state: standard.state });
                assert_eq!(done, if allowed.contains(&action) { Ok(()) } else { refused });
            }
        }
    }

    #[test]
    fn two_people_stand_behind_a_standard_in_force() {
        let [one, other] = [UserId::new(), UserId::new()];
        let verified = draft().verify(one, at(1)).unwrap();
        assert_eq!(verified.clone().enact(one, at(2)), Err(StandardError::SameOfficer));
        let enacted = verified.enact(other, at(2)).unwrap();
        assert_eq!((enacted.verified_by, enacted.enacted_by), (Some(one), Some(other)));
        assert_eq!((enacted.verified_at, enacted.enacted_at), (Some(at(1)), Some(at(2))));
    }

    #[test]
    fn a_standard_sent_back_must_be_verified_again() {
        let back = draft().verify(UserId::new(), at(1)).unwrap().return_to_draft().unwrap();
        assert_eq!((back.state, back.verified_by, back.verified_at), (StandardState::Draft, None, None));
    }

    #[test]
    fn an_empty_draft_may_be_kept_but_not_verified() {
        let empty = draft().edit(content(vec![])).unwrap();
        assert_eq!(empty.verify(UserId::new(), at(1)), Err(StandardError::Empty));
    }

    #[test]
    fn requirements_that_cannot_stand_are_refused_at_their_place() {
        let twice = requirement();
        let weightless = Requirement { weight: Hundredths::from_count(0), ..requirement() };
        let of_another_agency = Requirement { competency_agency: AgencyId::new(), ..twice.clone() };
        let draft = content(vec![twice.clone(), weightless, twice, of_another_agency]);
        let Err(StandardError::Invalid(violations)) =
            Standard::draft(StandardId::new(), PositionId::new(), 1, draft)
        else {
            panic!("accepted")
        };
        let places: Vec<&str> = violations.iter().map(|violation| violation.pointer.as_str()).collect();
        assert_eq!(places, ["/requirements/1/weight", "/requirements/2/competency_id"]);
        let many = (0..=StandardDraft::MAX_REQUIREMENTS).map(|_| requirement()).collect();
        assert_eq!(content(many).check().unwrap_err()[0].code, ViolationCode::TooMany);
    }

    #[test]
    fn a_revocation_reaches_back_to_the_first_day_at_most() {
        let refused = in_force(10, 1).revoke(day(9), at(2)).unwrap_err();
        assert_eq!(refused, StandardError::RevokedBeforeValid { valid_from: day(10) });
        let revoked = in_force(10, 1).revoke(day(10), at(2)).unwrap();
        assert!(!revoked.applies(day(10), at(2)) && revoked.applies(day(10), at(1)));
    }

    #[test]
    fn the_later_standard_replaces_the_earlier_until_it_is_revoked() {
        let all = [in_force(0, 1), in_force(10, 2).revoke(day(20), at(5)).unwrap(), draft()];
        let which = |on, known| {
            standard_on(&all, day(on), at(known))
                .and_then(|found| all.iter().position(|one| one.id == found.id))
        };
        assert_eq!(
            [which(9, 9), which(10, 9), which(19, 9), which(20, 9)],
            [Some(0), Some(1), Some(1), Some(0)]
        );
        // Before the revocation was recorded, and before either was enacted.
        assert_eq!([which(20, 4), which(10, 1), which(10, 0)], [Some(1), Some(0), None]);
    }

    #[test]
    fn of_two_from_one_day_the_one_enacted_later_counts() {
        let all = [in_force(0, 7), in_force(0, 3)];
        assert_eq!(standard_on(&all, day(0), at(9)), Some(&all[0]));
        assert_eq!(standard_on(&all, day(0), at(6)), Some(&all[1]));
    }

    proptest! {
        #[test]
        fn what_is_recorded_later_never_changes_an_earlier_answer(
            rows in prop::collection::vec((0_u64..20, 0_i64..20, prop::option::of((0_u64..20, 0_i64..20))), 0..10),
            asked in 0_u64..40,
            known in 0_i64..40,
        ) {
            let then = at(known);
            let all: Vec<Standard> = rows
                .into_iter()
                .map(|(from, enacted, revoked)| match revoked {
                    Some((on, late)) => in_force(from, enacted).revoke(day(from + on), at(enacted + late)).unwrap(),
                    None => in_force(from, enacted),
                })
                .collect();
            let by_then: Vec<Standard> = all
                .iter()
                .filter(|standard| standard.enacted_at <= Some(then))
                .cloned()
                .map(|standard| match standard.revoked_at {
                    Some(revoked) if revoked > then => {
                        Standard { state: StandardState::InForce, revoked_on: None, revoked_at: None, ..standard }
                    }
                    _ => standard,
                })
                .collect();
            let found = |standards| standard_on(standards, day(asked), then).map(|standard| standard.id);
            prop_assert_eq!(found(&all), found(&by_then));
        }
    }
}
