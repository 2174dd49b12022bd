//! Competency assessments (penilaian kompetensi): events, the results found there, and their correction.

use std::collections::BTreeSet;

use chrono::{DateTime, NaiveDate, Utc};
use kernel::{
    AgencyId, AssessmentEventId, AssessmentResultId, CompetencyId, EmployeeId, Level, LongText, Name, UserId,
    Version, Violation, ViolationCode, Violations, wire_enum,
};

use workforce::squeeze;

use crate::policy::ValidityRubric;

wire_enum! {
    /// What an assessment is for (Peraturan BKN 26/2019 Pasal 26(2)).
    pub enum Purpose {
        /// Filling a position (pengisian jabatan): promotion or transfer.
        Filling = "FILLING",
        /// Mapping competencies (pemetaan).
        Mapping = "MAPPING",
    }
}

impl Purpose {
    /// Reads what a spreadsheet may hold: the name or the Indonesian words, in any case and punctuation.
    #[must_use]
    pub fn read(text: &str) -> Option<Self> {
        let text = squeeze(text);
        match text.as_str() {
            "pengisian" | "pengisianjabatan" | "seleksi" | "promosi" | "mutasi" => Some(Self::Filling),
            "pemetaan" | "pemetaankompetensi" | "pemetaanpegawai" => Some(Self::Mapping),
            _ => Self::ALL.into_iter().find(|purpose| squeeze(purpose.as_str()) == text),
        }
    }
}

wire_enum! {
    /// How an assessment is done.
    pub enum Method {
        /// Assessment center: several simulations, several assessors.
        AssessmentCenter = "ASSESSMENT_CENTER",
        /// Computer-assisted competency test of BKN (Peraturan BKN 4/2024).
        Cact = "CACT",
        /// Simple method (metode sederhana).
        Simple = "SIMPLE",
        /// Moderate method (metode sedang).
        Moderate = "MODERATE",
        /// Complex method (metode kompleks).
        Complex = "COMPLEX",
        /// Competency-based interview (wawancara kompetensi).
        Interview = "INTERVIEW",
        /// Competency test of a functional position (uji kompetensi).
        Test = "TEST",
        /// Self-assessment: kept, and never counted.
        SelfAssessment = "SELF",
    }
}

impl Method {
    /// Reads what a spreadsheet may hold: the name, an abbreviation or the Indonesian words, in any case and punctuation.
    #[must_use]
    pub fn read(text: &str) -> Option<Self> {
        let text = squeeze(text);
        let text = text.strip_prefix("metode").unwrap_or(&text);
        match text {
            "ac" | "assessmentcentre" => Some(Self::AssessmentCenter),
            "sederhana" => Some(Self::Simple),
            "sedang" => Some(Self::Moderate),
            "kompleks" => Some(Self::Complex),
            "wawancara" | "wawancarakompetensi" => Some(Self::Interview),
            "ujikompetensi" | "ukom" | "tes" => Some(Self::Test),
            "selfassessment" | "penilaiandiri" | "penilaianmandiri" | "mandiri" => Some(Self::SelfAssessment),
            _ => Self::ALL.into_iter().find(|method| squeeze(method.as_str()) == text),
        }
    }

    /// Whether a result found this way counts as evidence.
    #[must_use]
    pub const fn counts(self) -> bool {
        !matches!(self, Self::SelfAssessment)
    }
}

wire_enum! {
    /// Where an assessment event stands.
    pub enum EventState {
        /// Results are being entered; none of them counts yet.
        Draft = "DRAFT",
        /// Its results are final.
        SignedOff = "SIGNED_OFF",
        /// Called off; its results never count.
        Cancelled = "CANCELLED",
    }
}

wire_enum! {
    /// What can be done with an assessment event.
    pub enum EventAction {
        /// Change the event or its results.
        Edit = "EDIT",
        /// Make its results final.
        SignOff = "SIGN_OFF",
        /// Call it off.
        Cancel = "CANCEL",
    }
}

impl EventState {
    /// What an event in this state allows.
    #[must_use]
    pub const fn allowed_actions(self) -> &'static [EventAction] {
        match self {
            Self::Draft => &EventAction::ALL,
            Self::SignedOff | Self::Cancelled => &[],
        }
    }
}

/// An assessment event (kegiatan penilaian kompetensi).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AssessmentEvent {
    /// Its identifier.
    pub id: AssessmentEventId,
    /// What it is for.
    pub purpose: Purpose,
    /// How it is done.
    pub method: Method,
    /// Who does it.
    pub provider: Name,
    /// The provider's accreditation by BKN.
    pub accreditation: Option<Name>,
    /// The day its results are dated.
    pub assessed_on: NaiveDate,
    /// The number of the report or letter.
    pub reference: Option<Name>,
    /// Where it stands.
    pub state: EventState,
    /// Who made its results final.
    pub signed_off_by: Option<UserId>,
    /// When its results became final.
    pub signed_off_at: Option<DateTime<Utc>>,
    /// How often it has been written.
    pub version: Version,
}

wire_enum! {
    /// Where a result stands.
    pub enum ResultState {
        /// Its event is not signed off: it does not count.
        Draft = "DRAFT",
        /// Final.
        Final = "FINAL",
        /// Corrected by another result.
        Superseded = "SUPERSEDED",
    }
}

wire_enum! {
    /// What can be done with a result.
    pub enum ResultAction {
        /// Change it.
        Edit = "EDIT",
        /// Throw it away.
        Delete = "DELETE",
        /// Correct it by another result.
        Supersede = "SUPERSEDE",
    }
}

impl ResultState {
    /// What a result in this state allows.
    #[must_use]
    pub const fn allowed_actions(self) -> &'static [ResultAction] {
        match self {
            Self::Draft => &[ResultAction::Edit, ResultAction::Delete],
            Self::Final => &[ResultAction::Supersede],
            Self::Superseded => &[],
        }
    }
}

/// The level found for one person and competency at one event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AssessmentResult {
    /// Its identifier.
    pub id: AssessmentResultId,
    /// The event it was found at.
    pub event: AssessmentEventId,
    /// Whose it is.
    pub employee: EmployeeId,
    /// The competency.
    pub competency: CompetencyId,
    /// Whose dictionary the competency comes from.
    pub competency_agency: AgencyId,
    /// The level found.
    pub level: Level,
    /// What was observed (bukti perilaku).
    pub evidence: Option<LongText>,
    /// Who assessed.
    pub assessor: Option<Name>,
    /// The event's day.
    pub assessed_on: NaiveDate,
    /// The last day it is valid, itself included.
    pub valid_until: NaiveDate,
    /// Since when it is final; none while its event is a draft.
    pub recorded_at: Option<DateTime<Utc>>,
    /// Since when another result stands in its place.
    pub superseded_at: Option<DateTime<Utc>>,
    /// The result it corrects.
    pub supersedes: Option<AssessmentResultId>,
    /// Why it corrects another.
    pub reason: Option<LongText>,
    /// The event's method.
    pub method: Method,
    /// The event's purpose.
    pub purpose: Purpose,
}

/// What a corrected result says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Correction {
    /// The identifier of the result that takes the place.
    pub id: AssessmentResultId,
    /// The right level.
    pub level: Level,
    /// What was observed.
    pub evidence: Option<LongText>,
    /// Who assessed.
    pub assessor: Option<Name>,
    /// The last valid day where that was wrong too.
    pub valid_until: Option<NaiveDate>,
    /// Why the correction.
    pub reason: LongText,
}

/// Why a change of an assessment is refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AssessmentError {
    /// The event's state does not allow it.
    #[error("{action} is not possible for an assessment event in state {state}")]
    WrongState {
        /// What was asked for.
        action: EventAction,
        /// Where the event stands.
        state: EventState,
    },
    /// The result's state does not allow it.
    #[error("{action} is not possible for an assessment result in state {state}")]
    WrongResultState {
        /// What was asked for.
        action: ResultAction,
        /// Where the result stands.
        state: ResultState,
    },
    /// Values that cannot stand, with pointers.
    #[error("{} values are invalid", .0.len())]
    Invalid(Vec<Violation>),
    /// There is no result to sign off.
    #[error("an assessment event without results cannot be signed off")]
    Empty,
}

impl AssessmentError {
    /// The code clients see.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::WrongState { .. } => "ASSESSMENT_STATE",
            Self::WrongResultState { .. } => "ASSESSMENT_RESULT_STATE",
            Self::Invalid(_) => "ASSESSMENT_INVALID",
            Self::Empty => "ASSESSMENT_EMPTY",
        }
    }
}

/// Whether `valid_until` can stand: not before the assessment, and not beyond what the policy gives. A shorter
/// validity is the provider's to say, a longer one is not.
fn check_validity(
    violations: &mut Violations,
    at: &str,
    assessed_on: NaiveDate,
    valid_until: NaiveDate,
    validity: ValidityRubric,
) {
    let last = validity.last_day(assessed_on);
    violations.check(!(assessed_on..=last).contains(&valid_until), || {
        Violation::new(format!("{at}/valid_until"), ViolationCode::OutOfRange)
            .with("min", assessed_on)
            .with("max", last)
    });
}

impl AssessmentEvent {
    /// What may be done with it as it stands.
    #[must_use]
    pub const fn allowed_actions(&self) -> &'static [EventAction] {
        self.state.allowed_actions()
    }

    /// Whether `action` is possible as it stands.
    ///
    /// # Errors
    /// [`AssessmentError::WrongState`].
    pub fn require(&self, action: EventAction) -> Result<(), AssessmentError> {
        if self.allowed_actions().contains(&action) {
            Ok(())
        } else {
            Err(AssessmentError::WrongState { action, state: self.state })
        }
    }

    /// The event with final `results`, which are all it has.
    ///
    /// Results take day, method and purpose from the event, and a validity that `validity` gave by default follows
    /// the event's day. No person has two results for one competency, none is valid longer than `validity` allows
    /// (Peraturan BKN 26/2019 Pasal 29(4)), and nothing is signed off before its day.
    ///
    /// # Errors
    /// [`AssessmentError`]; pointers are `/assessed_on` and `/results/N/..`.
    pub fn sign_off(
        self,
        by: UserId,
        results: Vec<AssessmentResult>,
        validity: ValidityRubric,
        today: NaiveDate,
        now: DateTime<Utc>,
    ) -> Result<(Self, Vec<AssessmentResult>), AssessmentError> {
        self.require(EventAction::SignOff)?;
        if results.is_empty() {
            return Err(AssessmentError::Empty);
        }
        let mut violations = Violations::new();
        violations
            .check(self.assessed_on > today, || Violation::new("/assessed_on", ViolationCode::InFuture));
        let mut seen = BTreeSet::new();
        let mut signed_off = Vec::with_capacity(results.len());
        for (index, result) in results.into_iter().enumerate() {
            let at = format!("/results/{index}");
            violations.check(result.event != self.id, || {
                Violation::new(format!("{at}/event_id"), ViolationCode::Inconsistent)
            });
            violations
                .check(!seen.insert((result.employee, result.competency_agency, result.competency)), || {
                    Violation::new(format!("{at}/competency_id"), ViolationCode::Duplicate)
                });
            let by_default = result.valid_until == validity.last_day(result.assessed_on);
            let valid_until =
                if by_default { validity.last_day(self.assessed_on) } else { result.valid_until };
            check_validity(&mut violations, &at, self.assessed_on, valid_until, validity);
            signed_off.push(AssessmentResult {
                assessed_on: self.assessed_on,
                valid_until,
                recorded_at: Some(now),
                method: self.method,
                purpose: self.purpose,
                ..result
            });
        }
        violations.finish().map_err(AssessmentError::Invalid)?;
        let event =
            Self { state: EventState::SignedOff, signed_off_by: Some(by), signed_off_at: Some(now), ..self };
        Ok((event, signed_off))
    }

    /// The event, called off.
    ///
    /// # Errors
    /// [`AssessmentError::WrongState`].
    pub fn cancel(self) -> Result<Self, AssessmentError> {
        self.require(EventAction::Cancel)?;
        Ok(Self { state: EventState::Cancelled, ..self })
    }
}

impl AssessmentResult {
    /// Where it stands.
    #[must_use]
    pub const fn state(&self) -> ResultState {
        match (self.recorded_at, self.superseded_at) {
            (None, _) => ResultState::Draft,
            (Some(_), None) => ResultState::Final,
            (Some(_), Some(_)) => ResultState::Superseded,
        }
    }

    /// What may be done with it as it and its event stand: nothing with a draft that was called off with its event.
    #[must_use]
    pub const fn allowed_actions(&self, event: EventState) -> &'static [ResultAction] {
        match (self.state(), event) {
            (ResultState::Draft, EventState::Cancelled) => &[],
            (state, _) => state.allowed_actions(),
        }
    }

    /// Whether `action` is possible as it and its event stand.
    ///
    /// # Errors
    /// [`AssessmentError::WrongResultState`].
    pub fn require(&self, action: ResultAction, event: EventState) -> Result<(), AssessmentError> {
        if self.allowed_actions(event).contains(&action) {
            Ok(())
        } else {
            Err(AssessmentError::WrongResultState { action, state: self.state() })
        }
    }

    /// Whether it was final, and nothing stood in its place, at `known_at`.
    #[must_use]
    pub fn live_at(&self, known_at: DateTime<Utc>) -> bool {
        self.recorded_at.is_some_and(|recorded| recorded <= known_at)
            && self.superseded_at.is_none_or(|superseded| known_at < superseded)
    }

    /// The result marked as corrected, and the result that takes its place: same event, person, competency and
    /// day.
    ///
    /// # Errors
    /// [`AssessmentError::WrongResultState`] unless it is final and not corrected before;
    /// [`AssessmentError::Invalid`] with `/valid_until`.
    pub fn supersede(
        self,
        correction: Correction,
        validity: ValidityRubric,
        now: DateTime<Utc>,
    ) -> Result<(Self, Self), AssessmentError> {
        // Only an event that was signed off has final results.
        self.require(ResultAction::Supersede, EventState::SignedOff)?;
        let Correction { id, level, evidence, assessor, valid_until, reason } = correction;
        if let Some(valid_until) = valid_until {
            let mut violations = Violations::new();
            check_validity(&mut violations, "", self.assessed_on, valid_until, validity);
            violations.finish().map_err(AssessmentError::Invalid)?;
        }
        let right = Self {
            id,
            level,
            evidence,
            assessor,
            valid_until: valid_until.unwrap_or(self.valid_until),
            recorded_at: Some(now),
            superseded_at: None,
            supersedes: Some(self.id),
            reason: Some(reason),
            ..self.clone()
        };
        Ok((Self { superseded_at: Some(now), ..self }, right))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::reference;
    use chrono::TimeZone;

    fn day(y: i32, m: u32, d: u32) -> NaiveDate {
        NaiveDate::from_ymd_opt(y, m, d).unwrap()
    }

    fn at(n: i64) -> DateTime<Utc> {
        Utc.timestamp_opt(1_800_000_000 + n, 0).unwrap()
    }

    fn validity() -> ValidityRubric {
        reference::validity_policy().rubric
    }

    fn event() -> AssessmentEvent {
        AssessmentEvent {
            id: AssessmentEventId::new(),
            purpose: Purpose::Mapping,
            method: Method::AssessmentCenter,
            provider: Name::parse("UPT Penilaian Kompetensi").unwrap(),
            accreditation: None,
            assessed_on: day(2026, 3, 2),
            reference: None,
            state: EventState::Draft,
            signed_off_by: None,
            signed_off_at: None,
            version: Version::FIRST,
        }
    }

    fn result(event: &AssessmentEvent) -> AssessmentResult {
        AssessmentResult {
            id: AssessmentResultId::new(),
            event: event.id,
            employee: EmployeeId::new(),
            competency: CompetencyId::new(),
            competency_agency: kernel::NATIONAL,
            level: Level::new(2).unwrap(),
            evidence: None,
            assessor: None,
            assessed_on: event.assessed_on,
            valid_until: validity().last_day(event.assessed_on),
            recorded_at: None,
            superseded_at: None,
            supersedes: None,
            reason: None,
            method: event.method,
            purpose: event.purpose,
        }
    }

    fn sign_off(
        event: AssessmentEvent,
        results: Vec<AssessmentResult>,
    ) -> Result<(AssessmentEvent, Vec<AssessmentResult>), AssessmentError> {
        event.sign_off(UserId::new(), results, validity(), day(2026, 7, 1), at(1))
    }

    fn final_result() -> AssessmentResult {
        let event = event();
        let one = result(&event);
        sign_off(event, vec![one]).unwrap().1.remove(0)
    }

    fn correction() -> Correction {
        Correction {
            id: AssessmentResultId::new(),
            level: Level::new(4).unwrap(),
            evidence: None,
            assessor: None,
            valid_until: None,
            reason: LongText::parse("Salah ketik").unwrap(),
        }
    }

    #[test]
    fn purposes_and_methods_are_read_as_people_write_them() {
        for (text, purpose) in [
            ("FILLING", Some(Purpose::Filling)),
            ("Pengisian Jabatan", Some(Purpose::Filling)),
            ("pemetaan kompetensi", Some(Purpose::Mapping)),
            ("pensiun", None),
            ("", None),
        ] {
            assert_eq!(Purpose::read(text), purpose, "{text:?}");
        }
        for (text, method) in [
            ("assessment_center", Some(Method::AssessmentCenter)),
            ("Assessment Centre", Some(Method::AssessmentCenter)),
            ("Metode Sederhana", Some(Method::Simple)),
            ("metode sedang", Some(Method::Moderate)),
            ("Kompleks", Some(Method::Complex)),
            ("CACT", Some(Method::Cact)),
            ("Wawancara Kompetensi", Some(Method::Interview)),
            ("Uji Kompetensi", Some(Method::Test)),
            ("SELF", Some(Method::SelfAssessment)),
            ("penilaian diri", Some(Method::SelfAssessment)),
            ("metode", None),
            ("ramalan", None),
        ] {
            assert_eq!(Method::read(text), method, "{text:?}");
        }
        for method in Method::ALL {
            assert_eq!(Method::read(method.as_str()), Some(method));
        }
    }

    #[test]
    fn every_event_state_allows_its_actions_and_refuses_the_rest() {
        let draft = event();
        let one = result(&draft);
        let (signed_off, _) = sign_off(draft.clone(), vec![one.clone()]).unwrap();
        let cancelled = draft.clone().cancel().unwrap();
        for (event, allowed) in [(draft, true), (signed_off, false), (cancelled, false)] {
            for action in EventAction::ALL {
                let done = match action {
                    EventAction::Edit => event.require(action),
                    EventAction::SignOff => {
                        sign_off(event.clone(), vec![AssessmentResult { event: event.id, ..one.clone() }])
                            .map(drop)
                    }
                    EventAction::Cancel => event.clone().cancel().map(drop),
                };
                let refused = Err(AssessmentError::WrongState { action, state: event.state });
                assert_eq!(done, if allowed { Ok(()) } else { refused });
            }
        }
    }

    #[test]
    fn every_result_state_allows_its_actions_and_refuses_the_rest() {
        use ResultAction::{Delete, Edit, Supersede};
        let superseded = final_result().supersede(correction(), validity(), at(2)).unwrap().0;
        let states =
            [(result(&event()), vec![Edit, Delete]), (final_result(), vec![Supersede]), (superseded, vec![])];
        for (result, allowed) in states {
            for action in ResultAction::ALL {
                let done = match action {
                    Supersede => result.clone().supersede(correction(), validity(), at(3)).map(drop),
                    Edit | Delete => result.require(action, EventState::Draft),
                };
                let refused = Err(AssessmentError::WrongResultState { action, state: result.state() });
                assert_eq!(done, if allowed.contains(&action) { Ok(()) } else { refused });
            }
        }
    }

    #[test]
    fn a_draft_that_was_called_off_with_its_event_allows_nothing() {
        let draft = result(&event());
        assert_eq!(draft.allowed_actions(EventState::Draft), [ResultAction::Edit, ResultAction::Delete]);
        assert_eq!(draft.allowed_actions(EventState::Cancelled), []);
        let refused = draft.require(ResultAction::Delete, EventState::Cancelled).unwrap_err();
        assert_eq!(refused.code(), "ASSESSMENT_RESULT_STATE");
    }

    #[test]
    fn signing_off_makes_the_results_final_and_gives_them_the_events_facts() {
        let event = event();
        // Entered when the event still had another day and method.
        let entered = AssessmentResult {
            assessed_on: day(2024, 2, 29),
            valid_until: day(2027, 2, 28),
            method: Method::Simple,
            ..result(&event)
        };
        let shorter = AssessmentResult { valid_until: day(2027, 3, 2), ..result(&event) };
        let (event, results) = sign_off(event, vec![entered, shorter]).unwrap();
        assert_eq!((event.state, event.signed_off_at), (EventState::SignedOff, Some(at(1))));
        for result in &results {
            assert_eq!((result.assessed_on, result.method), (event.assessed_on, event.method));
            assert_eq!((result.recorded_at, result.state()), (Some(at(1)), ResultState::Final));
        }
        assert_eq!(results[0].valid_until, day(2029, 3, 2), "a validity by default follows the event's day");
        assert_eq!(results[1].valid_until, day(2027, 3, 2), "one that was given stays");
    }

    #[test]
    fn what_cannot_be_signed_off_is_refused_at_its_place() {
        assert_eq!(sign_off(event(), vec![]), Err(AssessmentError::Empty));
        let event = AssessmentEvent { assessed_on: day(2026, 7, 2), ..event() };
        let one = result(&event);
        let longer = AssessmentResult { valid_until: day(2029, 7, 3), ..result(&event) };
        let reversed = AssessmentResult { valid_until: day(2026, 7, 1), ..result(&event) };
        let elsewhere = AssessmentResult { event: AssessmentEventId::new(), ..result(&event) };
        let again = AssessmentResult { id: AssessmentResultId::new(), ..one.clone() };
        let refused = sign_off(event, vec![one, longer, reversed, elsewhere, again]).unwrap_err();
        let AssessmentError::Invalid(violations) = refused else { panic!("{refused}") };
        let found: Vec<_> = violations.iter().map(|one| (one.pointer.as_str(), one.code)).collect();
        assert_eq!(
            found,
            [
                ("/assessed_on", ViolationCode::InFuture),
                ("/results/1/valid_until", ViolationCode::OutOfRange),
                ("/results/2/valid_until", ViolationCode::OutOfRange),
                ("/results/3/event_id", ViolationCode::Inconsistent),
                ("/results/4/competency_id", ViolationCode::Duplicate),
            ]
        );
    }

    #[test]
    fn a_correction_takes_the_place_from_its_instant_on() {
        let wrong = final_result();
        let (old, new) = wrong.clone().supersede(correction(), validity(), at(5)).unwrap();
        assert_eq!((new.level.get(), new.supersedes, new.state()), (4, Some(old.id), ResultState::Final));
        assert_eq!((new.employee, new.competency, new.event), (old.employee, old.competency, old.event));
        assert_eq!((new.assessed_on, new.valid_until), (old.assessed_on, old.valid_until));
        assert!(new.reason.is_some());
        assert!(old.live_at(at(4)) && !new.live_at(at(4)));
        assert!(!old.live_at(at(5)) && new.live_at(at(5)));
        let too_long = Correction { valid_until: Some(day(2029, 3, 3)), ..correction() };
        let refused = wrong.supersede(too_long, validity(), at(5)).unwrap_err();
        assert!(matches!(refused, AssessmentError::Invalid(places) if places[0].pointer == "/valid_until"));
    }

    #[test]
    fn only_a_self_assessment_does_not_count() {
        let silent: Vec<Method> = Method::ALL.into_iter().filter(|method| !method.counts()).collect();
        assert_eq!(silent, [Method::SelfAssessment]);
        assert_eq!(Method::SelfAssessment.as_str(), "SELF");
    }
}
