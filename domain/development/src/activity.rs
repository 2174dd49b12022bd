//! Development outside a class: internships, secondments, exchanges, benchmarking, coaching, mentoring, communities, self-study
//! and further study, each with what it cannot be understood without.

use chrono::{DateTime, Months, NaiveDate, Utc};
use kernel::{
    ActivityId, Code, EmployeeId, LongText, Name, Period, TrainerId, UserId, Version, Violation,
    ViolationCode, Violations, wire_enum,
};
use serde::{Deserialize, Serialize};
use workforce::Education;

use crate::form::{ConversionUnit, Form, FormUse};
use crate::partner::TrainerRole;

wire_enum! {
    /// What somebody does to develop, outside a class.
    pub enum ActivityKind {
        /// To work elsewhere to learn (magang, praktik kerja).
        Internship = "INTERNSHIP",
        /// To be lent to another place (detasering).
        Secondment = "SECONDMENT",
        /// To change places with somebody of a company (pertukaran).
        Exchange = "EXCHANGE",
        /// To look at how others do it (patok banding).
        Benchmarking = "BENCHMARKING",
        /// To be coached.
        Coaching = "COACHING",
        /// To be mentored.
        Mentoring = "MENTORING",
        /// To learn with others of the field (komunitas belajar).
        Community = "COMMUNITY",
        /// To learn by oneself (belajar mandiri).
        SelfStudy = "SELF_STUDY",
        /// To study at a university (tugas belajar).
        FurtherStudy = "FURTHER_STUDY",
    }
}

wire_enum! {
    /// Who pays for further study.
    pub enum StudyFunding {
        /// The state budget (APBN).
        Apbn = "APBN",
        /// The regional budget (APBD).
        Apbd = "APBD",
        /// A scholarship.
        Scholarship = "SCHOLARSHIP",
        /// The person (biaya mandiri).
        Own = "OWN",
    }
}

/// What an activity cannot be understood without, by its kind.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "SCREAMING_SNAKE_CASE", deny_unknown_fields)]
pub enum ActivityDetails {
    /// Where, and who looks after them there.
    Internship {
        /// The place.
        host: Name,
        /// Who looks after them (pembimbing).
        supervisor: Name,
    },
    /// Where, who looks after them, and as what.
    Secondment {
        /// The place.
        host: Name,
        /// Who they answer to.
        supervisor: Name,
        /// What they do there.
        assignment: Name,
    },
    /// With whom, and who looks after them.
    Exchange {
        /// The company or state-owned enterprise.
        host: Name,
        /// Who they answer to.
        supervisor: Name,
        /// Who comes in their place.
        counterpart: Name,
    },
    /// Where, and for what.
    Benchmarking {
        /// The place.
        host: Name,
        /// What is looked at.
        topic: Name,
    },
    /// By whom.
    Coaching {
        /// The coach.
        coach: TrainerId,
    },
    /// By whom.
    Mentoring {
        /// The mentor.
        mentor: TrainerId,
    },
    /// With whom.
    Community {
        /// What it is called.
        community: Name,
        /// Who leads it.
        facilitator: Name,
    },
    /// From what.
    SelfStudy {
        /// Books, courses, documents.
        material: LongText,
    },
    /// Where, to which degree, at whose cost, and what it binds to.
    FurtherStudy {
        /// The university.
        institution: Name,
        /// The course of study.
        study: Name,
        /// The degree it leads to.
        degree: Education,
        /// Who pays.
        funding: StudyFunding,
        /// How long it takes, in months.
        months: u16,
        /// How long they are bound to serve afterwards (ikatan dinas), in months.
        bond_months: u16,
        /// Whether they are released from their post meanwhile.
        released: bool,
    },
}

impl ActivityKind {
    /// The code of the form it has by the list that ships. Further study is education (pendidikan), which is none of the
    /// forms of training, and earns no learning hours by conversion.
    #[must_use]
    pub const fn usual_form(self) -> Option<&'static str> {
        match self {
            Self::Internship => Some("NKL12"),
            Self::Secondment => Some("NKL05"),
            Self::Exchange => Some("NKL08"),
            Self::Benchmarking => Some("NKL07"),
            Self::Coaching => Some("NKL01"),
            Self::Mentoring => Some("NKL02"),
            Self::Community => Some("NKL10"),
            Self::SelfStudy => Some("NKL09"),
            Self::FurtherStudy => None,
        }
    }
}

impl ActivityDetails {
    /// What kind of activity it is.
    #[must_use]
    pub const fn kind(&self) -> ActivityKind {
        match self {
            Self::Internship { .. } => ActivityKind::Internship,
            Self::Secondment { .. } => ActivityKind::Secondment,
            Self::Exchange { .. } => ActivityKind::Exchange,
            Self::Benchmarking { .. } => ActivityKind::Benchmarking,
            Self::Coaching { .. } => ActivityKind::Coaching,
            Self::Mentoring { .. } => ActivityKind::Mentoring,
            Self::Community { .. } => ActivityKind::Community,
            Self::SelfStudy { .. } => ActivityKind::SelfStudy,
            Self::FurtherStudy { .. } => ActivityKind::FurtherStudy,
        }
    }

    /// The code of the form it has by the list that ships. Further study is education (pendidikan), which is none of the
    /// forms of training, and earns no learning hours by conversion.
    #[must_use]
    pub const fn usual_form(&self) -> Option<&'static str> {
        self.kind().usual_form()
    }

    /// What a guide of it has to be.
    #[must_use]
    pub const fn guide_role(&self) -> Option<TrainerRole> {
        match self {
            Self::Coaching { .. } => Some(TrainerRole::Coach),
            Self::Mentoring { .. } => Some(TrainerRole::Mentor),
            _ => None,
        }
    }

    /// What it is called in a ledger: its Indonesian term, and where or with what.
    #[must_use]
    pub fn title(&self) -> Name {
        let (term, more) = match self {
            Self::Internship { host, .. } => ("Magang", host.as_str()),
            Self::Secondment { host, .. } => ("Detasering", host.as_str()),
            Self::Exchange { host, .. } => ("Pertukaran", host.as_str()),
            Self::Benchmarking { topic, .. } => ("Patok banding", topic.as_str()),
            Self::Coaching { .. } => ("Coaching", ""),
            Self::Mentoring { .. } => ("Mentoring", ""),
            Self::Community { community, .. } => ("Komunitas belajar", community.as_str()),
            Self::SelfStudy { material } => ("Belajar mandiri", material.as_str()),
            Self::FurtherStudy { study, .. } => ("Tugas belajar", study.as_str()),
        };
        let line = more.lines().next().unwrap_or_default();
        let whole = if line.is_empty() { term.to_owned() } else { format!("{term}: {line}") };
        Name::stored(whole.chars().take(Name::MAX).collect())
    }

    /// Who guides it, where that is somebody the agency knows: whose load it adds to.
    #[must_use]
    pub const fn guide(&self) -> Option<TrainerId> {
        match self {
            Self::Coaching { coach } => Some(*coach),
            Self::Mentoring { mentor } => Some(*mentor),
            _ => None,
        }
    }
}

wire_enum! {
    /// Where an activity stands.
    pub enum ActivityState {
        /// Planned, or under way.
        Active = "ACTIVE",
        /// Done, and the superior has seen what came of it.
        Completed = "COMPLETED",
        /// Given up.
        Cancelled = "CANCELLED",
    }
}

wire_enum! {
    /// What can be done with an activity.
    pub enum ActivityAction {
        /// Change what it says.
        Edit = "EDIT",
        /// Add to its log.
        Log = "LOG",
        /// Say, as the superior, that it is done.
        Complete = "COMPLETE",
        /// Give it up.
        Cancel = "CANCEL",
    }
}

/// What somebody did for an activity on one day.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LogEntry {
    /// When.
    pub on: NaiveDate,
    /// What they did, and what they take from it.
    pub note: LongText,
}

/// What an activity says of itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ActivityContent {
    /// What it is, by its kind.
    pub details: ActivityDetails,
    /// What they want to be able to do afterwards.
    pub goal: LongText,
    /// The code of its form; none for further study.
    pub form: Option<Code>,
    /// The days it is planned for.
    pub period: Period,
}

/// Something one person does to develop, outside a class.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Activity {
    /// Its identifier.
    pub id: ActivityId,
    /// Who.
    pub employee: EmployeeId,
    /// What it says.
    pub content: ActivityContent,
    /// Where it stands.
    pub state: ActivityState,
    /// What was done, by day.
    pub log: Vec<LogEntry>,
    /// What came of it.
    pub outcome: Option<LongText>,
    /// Why it was given up.
    pub reason: Option<LongText>,
    /// Who saw what came of it.
    pub decided_by: Option<UserId>,
    /// When.
    pub decided_at: Option<DateTime<Utc>>,
    /// How often it has been written.
    pub version: Version,
}

/// Why a change of an activity is refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ActivityError {
    /// Its state does not allow it.
    #[error("{action} is not possible for an activity in state {state}")]
    WrongState {
        /// What was asked for.
        action: ActivityAction,
        /// Where it stands.
        state: ActivityState,
    },
    /// Values that cannot stand, with pointers into the content.
    #[error("{} values are invalid", .0.len())]
    Invalid(Vec<Violation>),
    /// Nothing was done yet.
    #[error("an activity without a log is not done")]
    Empty,
}

impl ActivityError {
    /// The code clients see.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::WrongState { .. } => "ACTIVITY_STATE",
            Self::Invalid(_) => "ACTIVITY_INVALID",
            Self::Empty => "ACTIVITY_EMPTY",
        }
    }
}

impl ActivityContent {
    /// The longest further study, and the longest bond, in months.
    pub const MAX_MONTHS: u16 = 360;

    /// Whether its values can stand.
    ///
    /// # Errors
    /// `/ends_on` before the first day or absent; `/form` absent, or given for further study; `/details/months` out of range,
    /// or another length than that of its days.
    pub fn check(&self) -> Result<(), Vec<Violation>> {
        let mut found = Violations::new();
        match self.period.last {
            None => found.push(Violation::new("/ends_on", ViolationCode::Required)),
            Some(last) => found
                .check(last < self.period.from, || Violation::new("/ends_on", ViolationCode::PeriodReversed)),
        }
        let study = self.details.kind() == ActivityKind::FurtherStudy;
        found.check(study && self.form.is_some(), || Violation::new("/form", ViolationCode::Inconsistent));
        found.check(!study && self.form.is_none(), || Violation::new("/form", ViolationCode::Required));
        if let ActivityDetails::FurtherStudy { months, bond_months, .. } = &self.details {
            for (at, value, least) in
                [("/details/months", *months, 1), ("/details/bond_months", *bond_months, 0)]
            {
                found.check(!(least..=Self::MAX_MONTHS).contains(&value), || {
                    Violation::new(at, ViolationCode::OutOfRange)
                        .with("min", least)
                        .with("max", Self::MAX_MONTHS)
                });
            }
            found.check(self.lasts().is_some_and(|lasts| lasts.abs_diff(*months) > 1), || {
                Violation::new("/details/months", ViolationCode::Inconsistent)
            });
        }
        found.finish()
    }

    /// How many months its days touch upon, a part of one for a whole one; nothing while the last day is not known. Terms
    /// begin and end within months, so that a study may be said to take one more or one less.
    fn lasts(&self) -> Option<u16> {
        let next = self.period.last.filter(|last| *last >= self.period.from)?.succ_opt()?;
        let whole = next.years_since(self.period.from).map(|years| years * 12)?;
        let months = (whole..).find(|months| {
            self.period.from.checked_add_months(Months::new(*months)).is_none_or(|after| after >= next)
        });
        u16::try_from(months?).ok()
    }
}

impl Activity {
    /// The most entries of one log.
    pub const MAX_LOG: usize = 500;

    /// A new activity.
    ///
    /// # Errors
    /// [`ActivityError::Invalid`].
    pub fn plan(
        id: ActivityId,
        employee: EmployeeId,
        content: ActivityContent,
    ) -> Result<Self, ActivityError> {
        content.check().map_err(ActivityError::Invalid)?;
        Ok(Self {
            id,
            employee,
            content,
            state: ActivityState::Active,
            log: Vec::new(),
            outcome: None,
            reason: None,
            decided_by: None,
            decided_at: None,
            version: Version::FIRST,
        })
    }

    /// What may be done with it.
    #[must_use]
    pub const fn allowed_actions(&self) -> &'static [ActivityAction] {
        match self.state {
            ActivityState::Active => &ActivityAction::ALL,
            ActivityState::Completed | ActivityState::Cancelled => &[],
        }
    }

    fn require(&self, action: ActivityAction) -> Result<(), ActivityError> {
        if self.allowed_actions().contains(&action) {
            Ok(())
        } else {
            Err(ActivityError::WrongState { action, state: self.state })
        }
    }

    /// The activity with new content. Days that are in the log stay within it.
    ///
    /// # Errors
    /// [`ActivityError`].
    pub fn edit(self, content: ActivityContent) -> Result<Self, ActivityError> {
        self.require(ActivityAction::Edit)?;
        content.check().map_err(ActivityError::Invalid)?;
        if self.log.iter().any(|entry| !content.period.contains(entry.on)) {
            return Err(ActivityError::Invalid(vec![Violation::new(
                "/ends_on",
                ViolationCode::Inconsistent,
            )]));
        }
        Ok(Self { content, ..self })
    }

    /// The activity with what was done on a day up to `today`.
    ///
    /// # Errors
    /// [`ActivityError`]: `/on` in the future or outside the activity.
    pub fn log(self, entry: LogEntry, today: NaiveDate) -> Result<Self, ActivityError> {
        self.require(ActivityAction::Log)?;
        let refused = |code| ActivityError::Invalid(vec![Violation::new("/on", code)]);
        if entry.on > today {
            return Err(refused(ViolationCode::InFuture));
        }
        if !self.content.period.contains(entry.on) {
            return Err(refused(ViolationCode::Inconsistent));
        }
        if self.log.len() >= Self::MAX_LOG {
            let violation = Violation::new("/log", ViolationCode::TooMany).with("max", Self::MAX_LOG);
            return Err(ActivityError::Invalid(vec![violation]));
        }
        let mut log = self.log;
        log.push(entry);
        log.sort_by_key(|entry| entry.on);
        Ok(Self { log, ..self })
    }

    /// The activity, done, with what came of it.
    ///
    /// # Errors
    /// [`ActivityError::WrongState`], [`ActivityError::Empty`].
    pub fn complete(self, outcome: LongText, by: UserId, now: DateTime<Utc>) -> Result<Self, ActivityError> {
        self.require(ActivityAction::Complete)?;
        if self.log.is_empty() {
            return Err(ActivityError::Empty);
        }
        Ok(Self {
            state: ActivityState::Completed,
            outcome: Some(outcome),
            decided_by: Some(by),
            decided_at: Some(now),
            ..self
        })
    }

    /// The activity, given up.
    ///
    /// # Errors
    /// [`ActivityError::WrongState`].
    pub fn cancel(self, reason: LongText) -> Result<Self, ActivityError> {
        self.require(ActivityAction::Cancel)?;
        Ok(Self { state: ActivityState::Cancelled, reason: Some(reason), ..self })
    }

    /// The days that count in a form: each day of coaching, mentoring, a community or self-study, and of anything else the last
    /// one. A form that counts activities, and caps none of their days, counts each of them once.
    #[must_use]
    pub fn form_use(&self, form: &Form) -> FormUse {
        let days: Vec<NaiveDate> = self.log.iter().map(|entry| entry.on).collect();
        let repeated = matches!(
            self.content.details.kind(),
            ActivityKind::Coaching
                | ActivityKind::Mentoring
                | ActivityKind::Community
                | ActivityKind::SelfStudy
        );
        let counted = form.conversion.as_ref();
        let once = counted.is_some_and(|by| by.unit == ConversionUnit::Activity && by.cap.is_none());
        let units = if repeated && !once { days } else { days.last().copied().into_iter().collect() };
        FormUse { units, international: false }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::reference;
    use kernel::Hundredths;

    fn day(month: u32, day: u32) -> NaiveDate {
        NaiveDate::from_ymd_opt(2026, month, day).unwrap()
    }

    fn name(text: &str) -> Name {
        Name::parse(text).unwrap()
    }

    fn text(text: &str) -> LongText {
        LongText::parse(text).unwrap()
    }

    fn study(months: u16) -> ActivityDetails {
        ActivityDetails::FurtherStudy {
            institution: name("Universitas"),
            study: name("Kebijakan Publik"),
            degree: Education::S2,
            funding: StudyFunding::Scholarship,
            months,
            bond_months: 48,
            released: true,
        }
    }

    fn content(details: ActivityDetails) -> ActivityContent {
        let form = details.usual_form().map(|form| Code::parse(form).unwrap());
        let period = Period { from: day(7, 1), last: Some(day(9, 30)) };
        ActivityContent { details, goal: text("Mampu"), form, period }
    }

    fn activity(details: ActivityDetails) -> Activity {
        Activity::plan(ActivityId::new(), EmployeeId::new(), content(details)).unwrap()
    }

    fn logged(details: ActivityDetails, days: &[NaiveDate]) -> Activity {
        let entry = |on: &NaiveDate| LogEntry { on: *on, note: text("Sesi") };
        days.iter().fold(activity(details), |one, on| one.log(entry(on), day(9, 30)).unwrap())
    }

    fn all() -> [ActivityDetails; 9] {
        let (host, supervisor) = (name("Kantor"), name("Pembimbing"));
        [
            ActivityDetails::Internship { host: host.clone(), supervisor: supervisor.clone() },
            ActivityDetails::Secondment {
                host: host.clone(),
                supervisor: supervisor.clone(),
                assignment: name("Analis"),
            },
            ActivityDetails::Exchange {
                host: host.clone(),
                supervisor: supervisor.clone(),
                counterpart: name("Rekan"),
            },
            ActivityDetails::Benchmarking { host, topic: name("Layanan") },
            ActivityDetails::Coaching { coach: TrainerId::new() },
            ActivityDetails::Mentoring { mentor: TrainerId::new() },
            ActivityDetails::Community { community: name("Komunitas"), facilitator: supervisor },
            ActivityDetails::SelfStudy { material: text("Buku") },
            study(3),
        ]
    }

    #[test]
    fn every_kind_has_its_own_fields_and_is_read_back_from_them() {
        let forms = reference::forms_policy().rubric;
        for (details, kind) in all().into_iter().zip(ActivityKind::ALL) {
            assert_eq!(details.kind(), kind);
            assert!(details.usual_form().is_none_or(|form| forms.form(form).is_some()), "{kind}");
            let document = serde_json::to_value(&details).unwrap();
            assert_eq!(document["kind"], kind.as_str());
            assert_eq!(serde_json::from_value::<ActivityDetails>(document.clone()).unwrap(), details);
            // Nothing of it may be left out.
            for property in document.as_object().unwrap().keys() {
                let mut less = document.clone();
                less.as_object_mut().unwrap().remove(property);
                assert!(
                    serde_json::from_value::<ActivityDetails>(less).is_err(),
                    "{kind} without {property}"
                );
            }
        }
    }

    #[test]
    fn further_study_is_education_and_no_form_of_training() {
        let mut wrong = content(study(0));
        wrong.form = Some(Code::parse("NKL12").unwrap());
        wrong.period.last = None;
        let found = wrong.check().unwrap_err();
        let found: Vec<_> = found.iter().map(|one| (one.pointer.as_str(), one.code)).collect();
        assert_eq!(
            found,
            [
                ("/details/months", ViolationCode::OutOfRange),
                ("/ends_on", ViolationCode::Required),
                ("/form", ViolationCode::Inconsistent),
            ]
        );
        // Three months are planned: one more or one less may be said of them, and no other number.
        for (months, stands) in [(1, false), (2, true), (3, true), (4, true), (5, false), (24, false)] {
            let checked = content(study(months)).check();
            let told = checked.err().map(|found| (found[0].pointer.clone(), found[0].code));
            let refused = ("/details/months".to_owned(), ViolationCode::Inconsistent);
            assert_eq!(told, (!stands).then_some(refused), "{months}");
        }
        let mut whole = content(study(24));
        whole.period.last = NaiveDate::from_ymd_opt(2028, 6, 30);
        assert_eq!(whole.check(), Ok(()));
        let mut formless = content(ActivityDetails::SelfStudy { material: text("Buku") });
        formless.form = None;
        assert_eq!(formless.check().unwrap_err()[0].pointer, "/form");
    }

    #[test]
    fn a_log_holds_what_was_done_within_the_activity_and_not_what_is_to_come() {
        let one = logged(study(3), &[day(8, 2), day(8, 1)]);
        assert_eq!(one.log.iter().map(|entry| entry.on).collect::<Vec<_>>(), [day(8, 1), day(8, 2)]);
        let entry = |on| LogEntry { on, note: text("Sesi") };
        let code = |result: Result<Activity, ActivityError>| match result.unwrap_err() {
            ActivityError::Invalid(found) => found[0].code,
            other => panic!("{other}"),
        };
        assert_eq!(code(one.clone().log(entry(day(8, 3)), day(8, 2))), ViolationCode::InFuture);
        assert_eq!(code(one.clone().log(entry(day(6, 30)), day(8, 2))), ViolationCode::Inconsistent);
        let mut shorter = content(study(3));
        shorter.period.last = Some(day(8, 1));
        assert_eq!(code(one.edit(shorter)), ViolationCode::Inconsistent);
    }

    #[test]
    fn what_is_over_does_not_change() {
        let (user, now) = (UserId::new(), DateTime::UNIX_EPOCH);
        assert_eq!(activity(study(3)).complete(text("Lulus"), user, now), Err(ActivityError::Empty));
        let done = logged(study(3), &[day(8, 1)]).complete(text("Lulus"), user, now).unwrap();
        let gone = activity(study(3)).cancel(text("Sakit")).unwrap();
        for over in [done, gone] {
            assert!(over.allowed_actions().is_empty());
            let entry = LogEntry { on: day(8, 1), note: text("Sesi") };
            let refused = [
                over.clone().edit(content(study(3))).unwrap_err(),
                over.clone().log(entry, day(9, 1)).unwrap_err(),
                over.clone().complete(text("Lulus"), user, now).unwrap_err(),
                over.clone().cancel(text("Sakit")).unwrap_err(),
            ];
            assert!(refused.iter().all(|error| error.code() == "ACTIVITY_STATE"));
        }
    }

    #[test]
    fn sessions_count_each_and_an_internship_once() {
        let forms = reference::forms_policy().rubric;
        let days = [day(7, 1), day(7, 8), day(7, 15), day(8, 1)];
        let jp = |details: ActivityDetails| {
            let form = forms.form(details.usual_form().unwrap()).unwrap();
            form.adds(&logged(details, &days).form_use(form), &[]).map(Hundredths::count)
        };
        // Coaching: two hours a session, four a month.
        assert_eq!(jp(ActivityDetails::Coaching { coach: TrainerId::new() }), Some(600));
        let internship = ActivityDetails::Internship { host: name("Kantor"), supervisor: name("Pembimbing") };
        assert_eq!(jp(internship), Some(2000));
        assert_eq!(jp(ActivityDetails::SelfStudy { material: text("Buku") }), Some(800));
        // Whatever was coached before in July has used its cap.
        let coaching = || ActivityDetails::Coaching { coach: TrainerId::new() };
        let form = forms.form("NKL01").unwrap();
        let (first, second) = (logged(coaching(), &[day(7, 2)]), logged(coaching(), &days));
        let after = |done: &Activity, before: &[Activity]| {
            let before: Vec<_> = before.iter().map(|one| one.form_use(form)).collect();
            form.adds(&done.form_use(form), &before).map(Hundredths::count)
        };
        assert_eq!(
            (after(&first, &[]), after(&second, std::slice::from_ref(&first))),
            (Some(200), Some(400))
        );
        assert_eq!((after(&second, &[]), after(&first, std::slice::from_ref(&second))), (Some(600), Some(0)));
    }

    #[test]
    fn a_ledger_tells_what_it_was() {
        let titles: Vec<_> = all().iter().map(|details| details.title().into_string()).collect();
        assert_eq!((titles[0].as_str(), titles[4].as_str()), ("Magang: Kantor", "Coaching"));
        let long = ActivityDetails::SelfStudy { material: text(&"b".repeat(4_000)) };
        assert_eq!(Name::parse(long.title().as_str()), Ok(long.title()));
    }
}
