//! Classes of a programme: when and where, for how many, until when one may register, and how they end.

use std::collections::BTreeSet;

use chrono::{DateTime, Days, Months, NaiveDate, NaiveTime, TimeDelta, Utc};
use kernel::{
    AgencyZone, ClassId, Code, LongText, Name, ProgrammeId, TrainerId, Version, Violation, ViolationCode,
    Violations, wire_enum,
};
use workforce::squeeze;

use crate::partner::once;

/// One meeting of a class.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Session {
    /// When it begins.
    pub starts_at: DateTime<Utc>,
    /// When it ends.
    pub ends_at: DateTime<Utc>,
    /// Where; nowhere in particular when it is online alone.
    pub place: Option<Name>,
    /// The address at which it is joined online.
    pub url: Option<Name>,
    /// What it is about.
    pub topic: Option<Name>,
    /// Who teaches.
    pub trainers: Vec<TrainerId>,
}

/// What a class says of itself. Sessions are numbered from 1 in the order they are held.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClassContent {
    /// Its code in the agency.
    pub code: Code,
    /// How many may take part.
    pub seats: u16,
    /// The fewest participants it is held for; one is enough without.
    pub min_participants: Option<u16>,
    /// How many may wait for a seat; as many as come without a limit.
    pub waitlist: Option<u16>,
    /// From when on one may register.
    pub registration_opens_at: DateTime<Utc>,
    /// Until when one may register, itself excluded.
    pub registration_closes_at: DateTime<Utc>,
    /// Its sessions, in order.
    pub sessions: Vec<Session>,
    /// What participants should know.
    pub note: Option<LongText>,
}

wire_enum! {
    /// Where a class stands by decision.
    pub enum ClassState {
        /// Being planned; nobody registers.
        Planned = "PLANNED",
        /// Announced.
        Open = "OPEN",
        /// Held and decided: results are final, certificates issued.
        Completed = "COMPLETED",
        /// Called off.
        Cancelled = "CANCELLED",
    }
}

impl ClassState {
    /// Reads what a spreadsheet may hold: the name or the Indonesian words, in any case and punctuation.
    #[must_use]
    pub fn read(text: &str) -> Option<Self> {
        let text = squeeze(text);
        match text.as_str() {
            "direncanakan" | "rencana" => Some(Self::Planned),
            "dibuka" | "diumumkan" => Some(Self::Open),
            "selesai" => Some(Self::Completed),
            "dibatalkan" | "batal" => Some(Self::Cancelled),
            _ => Self::ALL.into_iter().find(|state| squeeze(state.as_str()) == text),
        }
    }
}

wire_enum! {
    /// Where a class stands by decision and by the clock.
    pub enum ClassPhase {
        /// Being planned.
        Planned = "PLANNED",
        /// Announced; one cannot register yet.
        Announced = "ANNOUNCED",
        /// One may register.
        Registration = "REGISTRATION",
        /// One can register no longer, and it has not begun.
        Ready = "READY",
        /// Between the beginning of the first session and the end of the last.
        Running = "RUNNING",
        /// Held, and not decided yet.
        Ended = "ENDED",
        /// Held and decided.
        Completed = "COMPLETED",
        /// Called off.
        Cancelled = "CANCELLED",
    }
}

wire_enum! {
    /// What can be done with a class.
    pub enum ClassAction {
        /// Change what it says.
        Edit = "EDIT",
        /// Throw it away.
        Delete = "DELETE",
        /// Announce it.
        Open = "OPEN",
        /// Call it off.
        Cancel = "CANCEL",
        /// Register somebody.
        Enrol = "ENROL",
        /// Record who was there.
        RecordAttendance = "RECORD_ATTENDANCE",
        /// Enter who passed.
        EnterResults = "ENTER_RESULTS",
        /// Decide: results become final and certificates are issued.
        Complete = "COMPLETE",
    }
}

/// Why a change of a class is refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ClassError {
    /// Neither its state nor the hour allows it.
    #[error("{action} is not possible for a class in phase {phase}")]
    WrongPhase {
        /// What was asked for.
        action: ClassAction,
        /// Where the class stands.
        phase: ClassPhase,
    },
    /// Values that cannot stand, with pointers into the content.
    #[error("{} values are invalid", .0.len())]
    Invalid(Vec<Violation>),
    /// More people take part than would have a seat.
    #[error("{taken} seats are taken")]
    SeatsTaken {
        /// How many.
        taken: u32,
    },
    /// There is no session to announce.
    #[error("a class without sessions cannot be announced")]
    Empty,
}

impl ClassError {
    /// The code clients see.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::WrongPhase { .. } => "CLASS_STATE",
            Self::Invalid(_) => "CLASS_INVALID",
            Self::SeatsTaken { .. } => "CLASS_SEATS_TAKEN",
            Self::Empty => "CLASS_EMPTY",
        }
    }
}

/// A class (kelas, penyelenggaraan).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TrainingClass {
    /// Its identifier.
    pub id: ClassId,
    /// The programme.
    pub programme: ProgrammeId,
    /// What it says.
    pub content: ClassContent,
    /// Where it stands.
    pub state: ClassState,
    /// Why it was called off.
    pub cancelled_for: Option<LongText>,
    /// When it was decided.
    pub completed_at: Option<DateTime<Utc>>,
    /// How often it has been written.
    pub version: Version,
}

/// The last day of what ends at an instant, by the agency's clock: midnight belongs to the day before.
#[must_use]
pub fn last_day(ends_at: DateTime<Utc>, zone: AgencyZone) -> NaiveDate {
    zone.day(ends_at - TimeDelta::microseconds(1))
}

/// When a class begins and ends; not known while it has no session.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ClassHours {
    /// When the first session begins.
    pub starts_at: Option<DateTime<Utc>>,
    /// When the last session ends.
    pub ends_at: Option<DateTime<Utc>>,
}

impl ClassContent {
    /// The most seats of one class.
    pub const MAX_SEATS: u16 = 2_000;

    /// The most sessions of one class.
    pub const MAX_SESSIONS: usize = 200;

    /// Whether these values can stand.
    ///
    /// # Errors
    /// `/seats` out of range; `/min_participants` zero, or more than there are seats; `/registration_closes_at` not after the
    /// opening, or after the last session; `/sessions/N/ends_at` not after the beginning or more than a day later;
    /// `/sessions/N/starts_at` before the end of the session before; `/sessions/N/trainers/M` named twice.
    pub fn check(&self) -> Result<(), Vec<Violation>> {
        let mut found = Violations::new();
        found.check(!(1..=Self::MAX_SEATS).contains(&self.seats), || {
            Violation::new("/seats", ViolationCode::OutOfRange).with("min", 1).with("max", Self::MAX_SEATS)
        });
        found.check(self.min_participants.is_some_and(|fewest| !(1..=self.seats).contains(&fewest)), || {
            Violation::new("/min_participants", ViolationCode::OutOfRange)
                .with("min", 1)
                .with("max", self.seats)
        });
        let closes = self.registration_closes_at;
        found.check(closes <= self.registration_opens_at, || {
            Violation::new("/registration_closes_at", ViolationCode::PeriodReversed)
        });
        found.check(self.ends_at().is_some_and(|end| closes > end), || {
            Violation::new("/registration_closes_at", ViolationCode::Inconsistent)
        });
        found.check(self.sessions.len() > Self::MAX_SESSIONS, || {
            Violation::new("/sessions", ViolationCode::TooMany).with("max", Self::MAX_SESSIONS)
        });
        let mut before: Option<DateTime<Utc>> = None;
        for (index, session) in self.sessions.iter().enumerate() {
            let at = |property: &str| format!("/sessions/{index}/{property}");
            let length = session.ends_at - session.starts_at;
            found.check(length <= TimeDelta::zero(), || {
                Violation::new(at("ends_at"), ViolationCode::PeriodReversed)
            });
            found.check(length > TimeDelta::days(1), || {
                Violation::new(at("ends_at"), ViolationCode::Inconsistent)
            });
            found.check(before.is_some_and(|before| session.starts_at < before), || {
                Violation::new(at("starts_at"), ViolationCode::Inconsistent)
            });
            once(&mut found, &at("trainers"), &session.trainers);
            before = Some(session.ends_at);
        }
        found.finish()
    }

    /// When the first session begins.
    #[must_use]
    pub fn starts_at(&self) -> Option<DateTime<Utc>> {
        self.sessions.first().map(|session| session.starts_at)
    }

    /// When the last session ends.
    #[must_use]
    pub fn ends_at(&self) -> Option<DateTime<Utc>> {
        self.sessions.last().map(|session| session.ends_at)
    }

    /// When it begins and ends.
    #[must_use]
    pub fn hours(&self) -> ClassHours {
        ClassHours { starts_at: self.starts_at(), ends_at: self.ends_at() }
    }

    /// The session of this number.
    #[must_use]
    pub fn session(&self, number: i32) -> Option<&Session> {
        self.sessions.get(usize::try_from(number.checked_sub(1)?).ok()?)
    }
}

impl TrainingClass {
    /// A new class, not announced yet.
    ///
    /// # Errors
    /// [`ClassError::Invalid`].
    pub fn plan(id: ClassId, programme: ProgrammeId, content: ClassContent) -> Result<Self, ClassError> {
        content.check().map_err(ClassError::Invalid)?;
        Ok(Self {
            id,
            programme,
            content,
            state: ClassState::Planned,
            cancelled_for: None,
            completed_at: None,
            version: Version::FIRST,
        })
    }

    /// Where it stands at `now`.
    #[must_use]
    pub fn phase(&self, now: DateTime<Utc>) -> ClassPhase {
        match self.state {
            ClassState::Planned => ClassPhase::Planned,
            ClassState::Completed => ClassPhase::Completed,
            ClassState::Cancelled => ClassPhase::Cancelled,
            ClassState::Open if self.content.ends_at().is_some_and(|end| end <= now) => ClassPhase::Ended,
            ClassState::Open if self.content.starts_at().is_some_and(|start| start <= now) => {
                ClassPhase::Running
            }
            ClassState::Open if now < self.content.registration_opens_at => ClassPhase::Announced,
            ClassState::Open if now < self.content.registration_closes_at => ClassPhase::Registration,
            ClassState::Open => ClassPhase::Ready,
        }
    }

    /// What may be done with it at `now`. Registration may go on while a class runs.
    #[must_use]
    pub fn allowed_actions(&self, now: DateTime<Utc>) -> Vec<ClassAction> {
        use ClassAction as A;
        let mut actions = match self.phase(now) {
            ClassPhase::Planned => vec![A::Edit, A::Delete, A::Open, A::Cancel],
            ClassPhase::Announced | ClassPhase::Registration | ClassPhase::Ready => vec![A::Edit, A::Cancel],
            ClassPhase::Running => vec![A::Edit, A::Cancel, A::RecordAttendance, A::EnterResults],
            ClassPhase::Ended => vec![A::Cancel, A::RecordAttendance, A::EnterResults, A::Complete],
            ClassPhase::Completed | ClassPhase::Cancelled => Vec::new(),
        };
        if self.registers(now) {
            actions.push(A::Enrol);
        }
        actions
    }

    /// Whether one may register at `now`.
    #[must_use]
    pub fn registers(&self, now: DateTime<Utc>) -> bool {
        let window = self.content.registration_opens_at..self.content.registration_closes_at;
        self.state == ClassState::Open && window.contains(&now)
    }

    /// Whether somebody who waits gets a seat that becomes free at `now`: until the class begins.
    #[must_use]
    pub fn promotes(&self, now: DateTime<Utc>) -> bool {
        self.state == ClassState::Open && self.content.starts_at().is_some_and(|start| now < start)
    }

    /// Whether `action` is possible at `now`.
    ///
    /// # Errors
    /// [`ClassError::WrongPhase`].
    pub fn require(&self, action: ClassAction, now: DateTime<Utc>) -> Result<(), ClassError> {
        if self.allowed_actions(now).contains(&action) {
            Ok(())
        } else {
            Err(ClassError::WrongPhase { action, phase: self.phase(now) })
        }
    }

    /// The class with new content, when `taken` seats are taken and attendance was recorded for the sessions `attended`.
    ///
    /// # Errors
    /// [`ClassError::WrongPhase`], [`ClassError::Invalid`]: besides what [`ClassContent::check`] finds, `/sessions/N` whose
    /// attendance is on record does not move; [`ClassError::SeatsTaken`], [`ClassError::Empty`] once announced.
    pub fn edit(
        self,
        content: ClassContent,
        now: DateTime<Utc>,
        taken: u32,
        attended: &BTreeSet<i32>,
    ) -> Result<Self, ClassError> {
        self.require(ClassAction::Edit, now)?;
        let mut found = Violations::new();
        for violation in content.check().err().unwrap_or_default() {
            found.push(violation);
        }
        for number in attended {
            let times = |content: &ClassContent| {
                content.session(*number).map(|session| (session.starts_at, session.ends_at))
            };
            found.check(times(&content) != times(&self.content), || {
                let index = number.saturating_sub(1);
                Violation::new(format!("/sessions/{index}"), ViolationCode::Immutable)
            });
        }
        found.finish().map_err(ClassError::Invalid)?;
        if u32::from(content.seats) < taken {
            return Err(ClassError::SeatsTaken { taken });
        }
        if self.state == ClassState::Open && content.sessions.is_empty() {
            return Err(ClassError::Empty);
        }
        Ok(Self { content, ..self })
    }

    /// The class, announced.
    ///
    /// # Errors
    /// [`ClassError::WrongPhase`], [`ClassError::Empty`].
    pub fn open(self, now: DateTime<Utc>) -> Result<Self, ClassError> {
        self.require(ClassAction::Open, now)?;
        if self.content.sessions.is_empty() {
            return Err(ClassError::Empty);
        }
        Ok(Self { state: ClassState::Open, ..self })
    }

    /// The class, called off. What was recorded of it stays.
    ///
    /// # Errors
    /// [`ClassError::WrongPhase`].
    pub fn cancel(self, reason: LongText, now: DateTime<Utc>) -> Result<Self, ClassError> {
        self.require(ClassAction::Cancel, now)?;
        Ok(Self { state: ClassState::Cancelled, cancelled_for: Some(reason), ..self })
    }

    /// The class, held and decided.
    ///
    /// # Errors
    /// [`ClassError::WrongPhase`].
    pub fn complete(self, now: DateTime<Utc>) -> Result<Self, ClassError> {
        self.require(ClassAction::Complete, now)?;
        Ok(Self { state: ClassState::Completed, completed_at: Some(now), ..self })
    }
}

wire_enum! {
    /// How often a recurring programme is held.
    pub enum Recurrence {
        /// Every so many weeks.
        Weekly = "WEEKLY",
        /// Every so many months, on the same day of the month or the last one there is.
        Monthly = "MONTHLY",
        /// Every so many years.
        Yearly = "YEARLY",
    }
}

/// A session of every class of a series, by the clock of the agency.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SeriesSession {
    /// On which day of the class: 0 is the first.
    pub day: u16,
    /// When it begins.
    pub starts: NaiveTime,
    /// When it ends; past midnight when that is earlier than the beginning.
    pub ends: NaiveTime,
    /// Where.
    pub place: Option<Name>,
    /// The address at which it is joined online.
    pub url: Option<Name>,
    /// What it is about.
    pub topic: Option<Name>,
    /// Who teaches.
    pub trainers: Vec<TrainerId>,
}

/// Classes of a programme that is held again and again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClassSeries {
    /// What their codes begin with; a number follows.
    pub code: Code,
    /// The first day of the first class.
    pub first_on: NaiveDate,
    /// How often.
    pub every: Recurrence,
    /// So many weeks, months or years apart.
    pub interval: u16,
    /// How many classes.
    pub count: u16,
    /// How many may take part in each.
    pub seats: u16,
    /// The fewest participants each is held for.
    pub min_participants: Option<u16>,
    /// How many may wait for a seat in each.
    pub waitlist: Option<u16>,
    /// How many days before its first day one may register for a class.
    pub registration_days: u16,
    /// How many days before its first day registration closes.
    pub closing_days: u16,
    /// The sessions of each, in order.
    pub sessions: Vec<SeriesSession>,
}

impl ClassSeries {
    /// The most classes made at once.
    pub const MAX_COUNT: u16 = 100;

    /// The first day of each class. Days are counted from the first class, so that a short month moves one class and none
    /// after it.
    ///
    /// # Errors
    /// `/count`, `/interval` out of range.
    pub fn days(&self) -> Result<Vec<NaiveDate>, Vec<Violation>> {
        let mut found = Violations::new();
        for (at, value, max) in [("/count", self.count, Self::MAX_COUNT), ("/interval", self.interval, 60)] {
            found.check(!(1..=max).contains(&value), || {
                Violation::new(at, ViolationCode::OutOfRange).with("min", 1).with("max", max)
            });
        }
        found.check(self.closing_days >= self.registration_days, || {
            Violation::new("/closing_days", ViolationCode::Inconsistent)
        });
        found.finish()?;
        let step = |index: u16| {
            let ahead = u32::from(index) * u32::from(self.interval);
            match self.every {
                Recurrence::Weekly => self.first_on.checked_add_days(Days::new(7 * u64::from(ahead))),
                Recurrence::Monthly => self.first_on.checked_add_months(Months::new(ahead)),
                Recurrence::Yearly => self.first_on.checked_add_months(Months::new(12 * ahead)),
            }
        };
        let days: Option<Vec<_>> = (0..self.count).map(step).collect();
        days.ok_or_else(|| vec![Violation::new("/count", ViolationCode::OutOfRange)])
    }

    /// What each class says, by the clock of `zone`.
    ///
    /// # Errors
    /// Those of [`ClassSeries::days`] and of [`ClassContent::check`], of the first class that cannot stand.
    pub fn contents(&self, zone: AgencyZone) -> Result<Vec<ClassContent>, Vec<Violation>> {
        let days = self.days()?;
        let mut contents = Vec::with_capacity(days.len());
        let mut end_before: Option<DateTime<Utc>> = None;
        for (number, first) in (1..).zip(days) {
            let content = self.content(number, first, zone)?;
            content.check()?;
            // Two classes of one series at once are a slip of the interval.
            if end_before > content.starts_at() {
                return Err(vec![Violation::new("/interval", ViolationCode::Inconsistent)]);
            }
            end_before = content.ends_at();
            contents.push(content);
        }
        Ok(contents)
    }

    fn content(
        &self,
        number: u32,
        first: NaiveDate,
        zone: AgencyZone,
    ) -> Result<ClassContent, Vec<Violation>> {
        let far = |at: &str| vec![Violation::new(at, ViolationCode::OutOfRange)];
        let midnight = |back: u16, at: &str| {
            let day = first.checked_sub_days(Days::new(u64::from(back))).ok_or_else(|| far(at))?;
            Ok::<_, Vec<Violation>>(zone.instant(day, NaiveTime::MIN))
        };
        let sessions = self.sessions.iter().enumerate().map(|(index, session)| {
            let at = format!("/sessions/{index}/day");
            let day = first.checked_add_days(Days::new(u64::from(session.day))).ok_or_else(|| far(&at))?;
            let last = if session.ends > session.starts { Some(day) } else { day.succ_opt() };
            Ok(Session {
                starts_at: zone.instant(day, session.starts),
                ends_at: zone.instant(last.ok_or_else(|| far(&at))?, session.ends),
                place: session.place.clone(),
                url: session.url.clone(),
                topic: session.topic.clone(),
                trainers: session.trainers.clone(),
            })
        });
        let code = Code::parse(&format!("{}-{number:02}", self.code))
            .map_err(|violation| vec![violation.under("/code")])?;
        Ok(ClassContent {
            code,
            seats: self.seats,
            min_participants: self.min_participants,
            waitlist: self.waitlist,
            registration_opens_at: midnight(self.registration_days, "/registration_days")?,
            registration_closes_at: midnight(self.closing_days, "/closing_days")?,
            sessions: sessions.collect::<Result<_, Vec<Violation>>>()?,
            note: None,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    fn session(starts_at: &str, ends_at: &str) -> Session {
        Session {
            starts_at: at(starts_at),
            ends_at: at(ends_at),
            place: None,
            url: None,
            topic: None,
            trainers: Vec::new(),
        }
    }

    fn content() -> ClassContent {
        ClassContent {
            code: Code::parse("K-1").unwrap(),
            seats: 30,
            min_participants: None,
            waitlist: None,
            registration_opens_at: at("2026-07-01T00:00:00Z"),
            registration_closes_at: at("2026-07-10T00:00:00Z"),
            sessions: vec![
                session("2026-07-13T01:00:00Z", "2026-07-13T09:00:00Z"),
                session("2026-07-14T01:00:00Z", "2026-07-14T09:00:00Z"),
            ],
            note: None,
        }
    }

    fn planned() -> TrainingClass {
        TrainingClass::plan(ClassId::new(), ProgrammeId::new(), content()).unwrap()
    }

    fn open() -> TrainingClass {
        planned().open(at("2026-06-01T00:00:00Z")).unwrap()
    }

    #[test]
    fn where_a_class_stands_follows_the_clock_once_it_is_announced() {
        use ClassPhase as P;
        for (now, phase) in [
            ("2026-06-30T23:59:59Z", P::Announced),
            ("2026-07-01T00:00:00Z", P::Registration),
            ("2026-07-09T23:59:59Z", P::Registration),
            ("2026-07-10T00:00:00Z", P::Ready),
            ("2026-07-13T01:00:00Z", P::Running),
            ("2026-07-14T08:59:59Z", P::Running),
            ("2026-07-14T09:00:00Z", P::Ended),
        ] {
            assert_eq!(open().phase(at(now)), phase, "{now}");
            assert_eq!(planned().phase(at(now)), P::Planned);
            assert_eq!(open().registers(at(now)), phase == P::Registration);
            assert_eq!(open().promotes(at(now)), !matches!(phase, P::Running | P::Ended));
        }
    }

    #[test]
    fn every_phase_allows_what_it_allows_and_nothing_else() {
        let hours = ["2026-06-01", "2026-07-05", "2026-07-11", "2026-07-14", "2026-07-20"];
        let reason = || LongText::parse("Banjir").unwrap();
        let ended = at("2026-07-20T00:00:00Z");
        let classes =
            [planned(), open(), open().complete(ended).unwrap(), open().cancel(reason(), ended).unwrap()];
        for class in classes {
            for now in hours.map(|day| at(&format!("{day}T02:00:00Z"))) {
                let results = [
                    (ClassAction::Edit, class.clone().edit(content(), now, 0, &BTreeSet::new()).is_ok()),
                    (ClassAction::Open, class.clone().open(now).is_ok()),
                    (ClassAction::Cancel, class.clone().cancel(reason(), now).is_ok()),
                    (ClassAction::Complete, class.clone().complete(now).is_ok()),
                    (ClassAction::Enrol, class.registers(now)),
                ];
                let allowed = class.allowed_actions(now);
                for (action, done) in results {
                    assert_eq!(done, allowed.contains(&action), "{action} in {} at {now}", class.phase(now));
                }
                assert_eq!(
                    allowed.contains(&ClassAction::RecordAttendance),
                    matches!(class.phase(now), ClassPhase::Running | ClassPhase::Ended)
                );
            }
        }
    }

    #[test]
    fn sessions_follow_each_other_and_registration_ends_before_they_do() {
        let mut wrong = content();
        wrong.seats = 0;
        wrong.min_participants = Some(1);
        wrong.sessions[1] = session("2026-07-13T08:00:00Z", "2026-07-15T09:00:00Z");
        wrong.sessions.push(session("2026-07-16T08:00:00Z", "2026-07-16T08:00:00Z"));
        wrong.registration_closes_at = at("2026-07-17T00:00:00Z");
        let found = wrong.check().unwrap_err();
        let found: Vec<_> = found.iter().map(|one| (one.pointer.as_str(), one.code)).collect();
        assert_eq!(
            found,
            [
                ("/min_participants", ViolationCode::OutOfRange),
                ("/registration_closes_at", ViolationCode::Inconsistent),
                ("/seats", ViolationCode::OutOfRange),
                ("/sessions/1/ends_at", ViolationCode::Inconsistent),
                ("/sessions/1/starts_at", ViolationCode::Inconsistent),
                ("/sessions/2/ends_at", ViolationCode::PeriodReversed),
            ]
        );
    }

    #[test]
    fn nobody_loses_their_seat_and_no_attended_session_moves() {
        let now = at("2026-07-13T12:00:00Z");
        let fewer = ClassContent { seats: 9, ..content() };
        let refused = open().edit(fewer.clone(), now, 10, &BTreeSet::new()).unwrap_err();
        assert_eq!(refused, ClassError::SeatsTaken { taken: 10 });
        assert!(open().edit(fewer, now, 9, &BTreeSet::new()).is_ok());
        let mut moved = content();
        moved.sessions[1] = session("2026-07-15T01:00:00Z", "2026-07-15T09:00:00Z");
        assert!(open().edit(moved.clone(), now, 0, &[1].into()).is_ok());
        let ClassError::Invalid(found) = open().edit(moved, now, 0, &[1, 2].into()).unwrap_err() else {
            panic!("the second session was attended");
        };
        assert_eq!((found[0].pointer.as_str(), found[0].code), ("/sessions/1", ViolationCode::Immutable));
    }

    fn series() -> ClassSeries {
        ClassSeries {
            code: Code::parse("K").unwrap(),
            first_on: NaiveDate::from_ymd_opt(2026, 1, 31).unwrap(),
            every: Recurrence::Monthly,
            interval: 1,
            count: 3,
            seats: 30,
            min_participants: None,
            waitlist: None,
            registration_days: 14,
            closing_days: 3,
            sessions: vec![SeriesSession {
                day: 0,
                starts: NaiveTime::from_hms_opt(8, 0, 0).unwrap(),
                ends: NaiveTime::from_hms_opt(16, 0, 0).unwrap(),
                place: None,
                url: None,
                topic: None,
                trainers: Vec::new(),
            }],
        }
    }

    #[test]
    fn a_series_keeps_its_day_where_a_month_is_short_and_its_hour_in_the_east() {
        let contents = series().contents(AgencyZone::Wit).unwrap();
        let starts: Vec<_> = contents.iter().filter_map(ClassContent::starts_at).collect();
        // Eight in the morning in Jayapura is eleven in the evening before in Greenwich.
        let expected = ["2026-01-30T23:00:00Z", "2026-02-27T23:00:00Z", "2026-03-30T23:00:00Z"];
        assert_eq!(starts, expected.map(at));
        assert_eq!(contents[0].code.as_str(), "K-01");
        assert_eq!(contents[0].registration_closes_at, at("2026-01-27T15:00:00Z"));
    }

    #[test]
    fn classes_of_a_series_do_not_run_into_each_other() {
        let mut wrong = ClassSeries { every: Recurrence::Weekly, ..series() };
        let mut late = wrong.sessions[0].clone();
        late.day = 8;
        wrong.sessions.push(late);
        assert_eq!(wrong.contents(AgencyZone::Wib).unwrap_err()[0].pointer, "/interval");
        assert!(ClassSeries { interval: 2, ..wrong }.contents(AgencyZone::Wib).is_ok());
        assert_eq!(ClassSeries { count: 101, ..series() }.days().unwrap_err()[0].pointer, "/count");
        let closing = ClassSeries { closing_days: 14, ..series() };
        assert_eq!(closing.days().unwrap_err()[0].pointer, "/closing_days");
    }
}
