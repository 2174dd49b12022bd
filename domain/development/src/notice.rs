//! What people are told: kinds of notice, where one stands for its reader, digests, and how long ahead people are reminded.
//!
//! A notice has a reason. There is one for each person, kind and subject; when its reason is gone it is withdrawn.

use chrono::{DateTime, Datelike, Days, NaiveDate, Utc, Weekday};
use competency::reference::ReferencePolicy;
use competency::{PolicyKind, Rubric};
use kernel::{Violation, ViolationCode, Violations, wire_enum};
use serde::{Deserialize, Serialize};

/// The name of the policy of reminders.
pub const REMINDERS_POLICY: &str = "REMINDERS";

wire_enum! {
    /// What a notice is about.
    pub enum NoticeKind {
        /// Learning hours are missing to the floor of the year.
        JpShort = "JP_SHORT",
        /// The plan of the year has not been submitted.
        PlanDue = "PLAN_DUE",
        /// Something in one's plan should be done soon.
        PlanItemDue = "PLAN_ITEM_DUE",
        /// Somebody's plan waits for the superior.
        PlanReviewAwaited = "PLAN_REVIEW_AWAITED",
        /// One's plan was sent back.
        PlanReturned = "PLAN_RETURNED",
        /// One's plan was approved.
        PlanApproved = "PLAN_APPROVED",
        /// Somebody's wish for a class waits for the superior's consent.
        ConsentAwaited = "CONSENT_AWAITED",
        /// One was nominated for a class.
        EnrolmentNominated = "ENROLMENT_NOMINATED",
        /// The superior consented to one's wish.
        EnrolmentConsented = "ENROLMENT_CONSENTED",
        /// The superior refused one's wish.
        EnrolmentRefused = "ENROLMENT_REFUSED",
        /// Whoever waited in line has a seat now.
        SeatGained = "SEAT_GAINED",
        /// A class begins soon.
        ClassStarting = "CLASS_STARTING",
        /// A class was called off.
        ClassCancelled = "CLASS_CANCELLED",
        /// The result of a class is final.
        ClassResult = "CLASS_RESULT",
        /// A certificate expires soon.
        CertificateExpiring = "CERTIFICATE_EXPIRING",
        /// A certificate was taken back.
        CertificateRevoked = "CERTIFICATE_REVOKED",
        /// Own learning was verified.
        OwnLearningVerified = "OWN_LEARNING_VERIFIED",
        /// Own learning was refused.
        OwnLearningRefused = "OWN_LEARNING_REFUSED",
        /// Something is asked about a class.
        EvaluationDue = "EVALUATION_DUE",
        /// The needs analysis of one's unit waits to be verified.
        NeedsAwaited = "NEEDS_AWAITED",
        /// The needs analysis of one's unit was sent back.
        NeedsReturned = "NEEDS_RETURNED",
    }
}

wire_enum! {
    /// Where a notice stands for its reader.
    pub enum NoticeState {
        /// It has not been read.
        Unread = "UNREAD",
        /// It has been read.
        Read = "READ",
        /// Its reader wants to see it later.
        Snoozed = "SNOOZED",
        /// Its reason is gone.
        Withdrawn = "WITHDRAWN",
    }
}

wire_enum! {
    /// How often somebody wants their notices together.
    pub enum DigestFrequency {
        /// Every day.
        Daily = "DAILY",
        /// Once a week.
        Weekly = "WEEKLY",
        /// Never.
        None = "NONE",
    }
}

/// What was done with a notice.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct NoticeMarks {
    /// When it was read.
    pub read_at: Option<DateTime<Utc>>,
    /// Until when its reader does not want to see it.
    pub snoozed_until: Option<DateTime<Utc>>,
    /// When its reason was found to be gone.
    pub withdrawn_at: Option<DateTime<Utc>>,
}

impl NoticeMarks {
    /// Where the notice stands.
    #[must_use]
    pub fn state(&self, now: DateTime<Utc>) -> NoticeState {
        if self.withdrawn_at.is_some() {
            NoticeState::Withdrawn
        } else if self.snoozed_until.is_some_and(|until| until > now) {
            NoticeState::Snoozed
        } else if self.read_at.is_some() {
            NoticeState::Read
        } else {
            NoticeState::Unread
        }
    }
}

/// What somebody wants to be told, and how often.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InboxSettings {
    /// How often notices come together.
    pub digest: DigestFrequency,
    /// The day of the week on which a weekly digest is made.
    pub weekday: Weekday,
    /// Kinds they do not want to hear of.
    pub muted: Vec<NoticeKind>,
}

impl Default for InboxSettings {
    fn default() -> Self {
        Self { digest: DigestFrequency::Weekly, weekday: Weekday::Mon, muted: Vec::new() }
    }
}

impl InboxSettings {
    /// The days the digest of `day` is about, both ends included: the day before, or the seven days before the last day of
    /// the week on which one is made. None without digests.
    #[must_use]
    pub fn digest_days(&self, day: NaiveDate) -> Option<(NaiveDate, NaiveDate)> {
        let before = |day: NaiveDate, days| day.checked_sub_days(Days::new(days)).unwrap_or(NaiveDate::MIN);
        match self.digest {
            DigestFrequency::None => None,
            DigestFrequency::Daily => Some((before(day, 1), before(day, 1))),
            DigestFrequency::Weekly => {
                let since = u64::from(day.weekday().days_since(self.weekday));
                let made = before(day, since);
                Some((before(made, 7), before(made, 1)))
            }
        }
    }
}

/// By which day of a year its plans are to be submitted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PlanDeadline {
    /// The month, 1 to 12.
    pub month: u8,
    /// The day of the month, 1 to 28: one that every month has.
    pub day: u8,
    /// How many days before it people are reminded.
    pub days: u16,
}

impl PlanDeadline {
    /// The deadline of a year.
    #[must_use]
    pub fn of(self, year: i32) -> Option<NaiveDate> {
        NaiveDate::from_ymd_opt(year, u32::from(self.month), u32::from(self.day))
    }
}

/// How many days before something is due people are reminded of it; null where they are not.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RemindersRubric {
    /// Before a class begins.
    pub class_starting: Option<u16>,
    /// Before the last valid day of a certificate.
    pub certificate_expiring: Option<u16>,
    /// Before the end of the year, who has not reached the floor of learning hours.
    pub jp_short: Option<u16>,
    /// Before the day by which something in a plan is to be done.
    pub plan_item_due: Option<u16>,
    /// Before the day by which the plan of the year is to be submitted.
    pub plan_due: Option<PlanDeadline>,
}

impl RemindersRubric {
    /// The longest lead.
    pub const MOST_DAYS: u16 = 366;
}

impl Rubric for RemindersRubric {
    const KIND: PolicyKind = PolicyKind::Reminders;

    fn check(&self) -> Result<(), Vec<Violation>> {
        let mut found = Violations::new();
        let mut within = |at: &str, value: u16, min: u16, max: u16| {
            found.check(!(min..=max).contains(&value), || {
                Violation::new(at, ViolationCode::OutOfRange).with("min", min).with("max", max)
            });
        };
        for (at, days) in [
            ("/class_starting", self.class_starting),
            ("/certificate_expiring", self.certificate_expiring),
            ("/jp_short", self.jp_short),
            ("/plan_item_due", self.plan_item_due),
            ("/plan_due/days", self.plan_due.map(|due| due.days)),
        ] {
            if let Some(days) = days {
                within(at, days, 0, Self::MOST_DAYS);
            }
        }
        if let Some(due) = self.plan_due {
            within("/plan_due/month", u16::from(due.month), 1, 12);
            within("/plan_due/day", u16::from(due.day), 1, 28);
        }
        found.finish()
    }
}

/// The national rubric of reminders, as it was first.
#[must_use]
pub const fn reminders_policy() -> ReferencePolicy<RemindersRubric> {
    ReferencePolicy {
        name: REMINDERS_POLICY,
        rubric: RemindersRubric {
            class_starting: Some(3),
            certificate_expiring: Some(90),
            jp_short: Some(90),
            plan_item_due: Some(14),
            plan_due: None,
        },
        source: "No regulation sets lead times: these are customary. Nor does one set the day by which plans of single people \
                 are submitted: an agency that has one says so in a version of its own, and people are reminded from then on",
    }
}

/// The versions that followed, each with its first day: from 2027 on people are reminded of the plan of the year.
#[must_use]
pub fn reminders_amendments() -> [(NaiveDate, ReferencePolicy<RemindersRubric>); 1] {
    let first = NaiveDate::from_ymd_opt(2027, 1, 1).unwrap_or(NaiveDate::MAX);
    let ReferencePolicy { name, rubric, .. } = reminders_policy();
    let plan_due = Some(PlanDeadline { month: 2, day: 28, days: 30 });
    let amended = ReferencePolicy {
        name,
        rubric: RemindersRubric { plan_due, ..rubric },
        source: "No regulation sets lead times, nor a day by which plans of single people are submitted: these are customary. \
                 Performance targets (SKP) are set in January (PP 30/2019), and the plan follows from them",
    };
    [(first, amended)]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    #[test]
    fn what_is_gone_goes_before_what_is_put_off_and_that_before_what_was_read() {
        let now = at("2026-07-01T00:00:00Z");
        let (before, after) = (Some(at("2026-06-30T00:00:00Z")), Some(at("2026-07-02T00:00:00Z")));
        let state = |read_at, snoozed_until, withdrawn_at| {
            NoticeMarks { read_at, snoozed_until, withdrawn_at }.state(now)
        };
        assert_eq!(state(None, None, None), NoticeState::Unread);
        assert_eq!(state(before, None, None), NoticeState::Read);
        assert_eq!(state(before, after, None), NoticeState::Snoozed);
        assert_eq!(state(None, before, None), NoticeState::Unread, "its time has come again");
        assert_eq!(state(None, Some(now), None), NoticeState::Unread);
        assert_eq!(state(before, after, before), NoticeState::Withdrawn);
    }

    #[test]
    fn digests_hold_whole_days_that_are_over() {
        let of = |digest, on: &str| {
            InboxSettings { digest, weekday: Weekday::Mon, muted: vec![] }.digest_days(day(on))
        };
        assert_eq!(of(DigestFrequency::None, "2026-07-01"), None);
        let daily = of(DigestFrequency::Daily, "2026-07-01");
        assert_eq!(daily, Some((day("2026-06-30"), day("2026-06-30"))));
        // The first of July 2026 is a Wednesday: the digest was made on Monday the 29th.
        let week = Some((day("2026-06-22"), day("2026-06-28")));
        assert_eq!(of(DigestFrequency::Weekly, "2026-07-01"), week);
        assert_eq!(of(DigestFrequency::Weekly, "2026-06-29"), week);
        assert_eq!(of(DigestFrequency::Weekly, "2026-06-28").unwrap().1, day("2026-06-21"));
    }

    #[test]
    fn the_shipped_rubric_makes_sense_and_leads_have_bounds() {
        let shipped = reminders_policy().rubric;
        assert_eq!(shipped.check(), Ok(()));
        let mut since = day("2017-01-01");
        for (first, amended) in reminders_amendments() {
            assert!(first > since, "an amendment is later than what it amends");
            assert_eq!((amended.name, amended.rubric.check()), (REMINDERS_POLICY, Ok(())));
            since = first;
        }
        let never = RemindersRubric {
            class_starting: None,
            certificate_expiring: None,
            jp_short: None,
            plan_item_due: None,
            plan_due: None,
        };
        assert_eq!(never.check(), Ok(()));
        let wrong = RemindersRubric {
            class_starting: Some(367),
            plan_due: Some(PlanDeadline { month: 13, day: 29, days: 0 }),
            ..shipped
        };
        let found = wrong.check().unwrap_err();
        let places: Vec<_> = found.iter().map(|one| one.pointer.as_str()).collect();
        assert_eq!(places, ["/class_starting", "/plan_due/day", "/plan_due/month"]);
    }

    #[test]
    fn a_deadline_is_a_day_every_year_has() {
        let due = PlanDeadline { month: 2, day: 28, days: 30 };
        assert_eq!(due.of(2026), Some(day("2026-02-28")));
        assert_eq!(due.of(2028), Some(day("2028-02-28")));
    }
}
