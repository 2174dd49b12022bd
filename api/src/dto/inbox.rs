//! Inboxes: notices, digests, settings.

use chrono::{DateTime, NaiveDate, Utc, Weekday};
use development::{InboxSettings, NoticeKind};
use kernel::{Resource, Violation, ViolationCode, Violations};
use serde::{Deserialize, Serialize};
use store::{NoticeFigures, NoticeRow};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;
use validator::Validate;

use crate::app::inbox::Digest;
use crate::dto::enums::{Wire, wire};
use crate::dto::instant;
use crate::messages::{self, Lang, Told};

/// A notice (pemberitahuan).
#[derive(Debug, Serialize, ToSchema)]
pub struct NoticeView {
    /// Identifier.
    pub id: Uuid,
    /// What it is about.
    pub kind: wire::NoticeKind,
    /// Where it stands for its reader.
    pub state: wire::NoticeState,
    /// What it says, in a line.
    #[schema(example = "Kelas Anda segera dimulai", max_length = 200)]
    pub title: String,
    /// What it says, in a sentence or two.
    #[schema(example = "Pelatihan Analisis Data dimulai pada 20-07-2026.", max_length = 1000)]
    pub text: String,
    /// The kind of thing it is about.
    pub subject_type: wire::Resource,
    /// Which one.
    pub subject_id: Uuid,
    /// What it is called; a programme, a certificate, an item of a plan.
    #[schema(example = "Pelatihan Analisis Data", max_length = 200)]
    pub subject_title: Option<String>,
    /// Where it can be read.
    #[schema(example = "/v1/enrolments/0192d3a0-0000-7000-8000-000000000001", max_length = 200)]
    pub link: String,
    /// Somebody else it is about: whose plan or wish waits for the reader.
    pub about_employee_id: Option<Uuid>,
    /// Their name.
    #[schema(example = "Rina Kusumawardhani", max_length = 200)]
    pub about_employee_name: Option<String>,
    /// When the reader was told.
    pub told_at: DateTime<Utc>,
    /// The instant it is about: when the class begins.
    pub due_at: Option<DateTime<Utc>>,
    /// The day it is about: by when something is to be done, until when something is valid.
    pub due_on: Option<NaiveDate>,
    /// The year it is about.
    #[schema(example = 2026, minimum = 1900, maximum = 2199)]
    pub year: Option<i32>,
    /// Learning hours that are missing.
    #[schema(example = 7.5, minimum = 0, maximum = 100000)]
    pub short: Option<f64>,
    /// When it was read.
    pub read_at: Option<DateTime<Utc>>,
    /// Until when its reader does not want to see it.
    pub snoozed_until: Option<DateTime<Utc>>,
    /// When its reason was found to be gone.
    pub withdrawn_at: Option<DateTime<Utc>>,
}

/// Where what a notice is about can be read.
fn link(kind: NoticeKind, subject: Resource, id: Uuid, year: Option<i32>) -> String {
    let year = year.unwrap_or_default();
    let list = match (kind, subject) {
        (NoticeKind::JpShort, _) => return format!("/v1/employees/{id}/jp-ledger?year={year}"),
        (NoticeKind::PlanDue, _) => return format!("/v1/development-plans?employee_id={id}&year={year}"),
        (_, subject) => list_of(subject),
    };
    format!("/v1/{list}/{id}")
}

/// The list a subject is in.
const fn list_of(subject: Resource) -> &'static str {
    match subject {
        Resource::Plan => "development-plans",
        Resource::Certificate => "certificates",
        Resource::OwnLearning => "own-learnings",
        Resource::Enrolment => "enrolments",
        Resource::EvaluationTask => "evaluation-tasks",
        Resource::Class => "classes",
        Resource::NeedsAnalysis => "needs-analyses",
        _ => "employees",
    }
}

/// Hundredths as a number; far below where a double loses any.
fn hours(hundredths: i64) -> f64 {
    i32::try_from(hundredths).map_or(f64::from(i32::MAX), f64::from) / 100.0
}

impl NoticeView {
    /// A notice as its reader sees it now, in their language.
    #[must_use]
    pub fn new(row: NoticeRow, now: DateTime<Utc>, lang: Lang) -> Self {
        let NoticeRow {
            id,
            employee: _,
            kind,
            subject,
            subject_id,
            about,
            title,
            told_at,
            due_at,
            due_on,
            figures,
            marks,
            version: _,
        } = row;
        let NoticeFigures { year, short, seat, passed } = figures;
        let (about_id, about_name) = about.map(|(id, name)| (id.uuid(), name.into_string())).unzip();
        let subject_title = title.map(kernel::Name::into_string);
        let told = Told {
            kind,
            title: subject_title.as_deref().unwrap_or_default(),
            about: about_name.as_deref().unwrap_or_default(),
            due_on,
            year,
            short: short.map(hours),
            seat,
            passed,
        };
        let (title, text) = messages::notice(&told, lang);
        Self {
            id: id.uuid(),
            kind: Wire(kind),
            state: Wire(marks.state(now)),
            title,
            text,
            subject_type: Wire(subject),
            subject_id,
            subject_title,
            link: link(kind, subject, subject_id, year),
            about_employee_id: about_id,
            about_employee_name: about_name,
            told_at,
            due_at,
            due_on,
            year,
            short: short.map(hours),
            read_at: marks.read_at,
            snoozed_until: marks.snoozed_until,
            withdrawn_at: marks.withdrawn_at,
        }
    }
}

/// Which notices a list holds.
#[derive(Clone, Debug, Deserialize, Serialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct NoticeQuery {
    /// In this state; without it, unread and read.
    pub state: Option<wire::NoticeState>,
    /// Of this kind; without it, those that are not muted.
    pub kind: Option<wire::NoticeKind>,
    /// Where to continue: `next` of the page before.
    #[param(max_length = 2000)]
    pub cursor: Option<String>,
    /// Most items of a page.
    #[param(minimum = 1, maximum = 200, default = 50)]
    pub limit: Option<u16>,
}

/// What a reader does with a notice.
#[derive(Clone, Copy, Debug, Deserialize, Serialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"read": true, "snoozed_until": null}))]
pub struct NoticePut {
    /// Whether it has been read.
    #[schema(example = true)]
    pub read: bool,
    /// Until when it is put off, in the future; null when it is not.
    pub snoozed_until: Option<DateTime<Utc>>,
}

impl NoticePut {
    /// Until when the notice is put off.
    ///
    /// # Errors
    /// `OUT_OF_RANGE` for an instant that is over or more than a year ahead.
    pub fn snoozed_until(&self, now: DateTime<Utc>) -> Result<Option<DateTime<Utc>>, Violation> {
        let Some(until) = self.snoozed_until else { return Ok(None) };
        let until = instant("/snoozed_until", until)?;
        let last = now + chrono::TimeDelta::days(366);
        if until > now && until <= last {
            return Ok(Some(until));
        }
        let violation = Violation::new("/snoozed_until", ViolationCode::OutOfRange);
        Err(violation.with("min", now.to_rfc3339()).with("max", last.to_rfc3339()))
    }
}

/// Up to where an inbox has been read.
#[derive(Clone, Copy, Debug, Deserialize, Serialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"until": "2026-07-01T02:00:00Z"}))]
pub struct InboxReading {
    /// Everything told by this instant: `told_at` of the newest notice the reader has seen.
    pub until: DateTime<Utc>,
}

impl InboxReading {
    /// The instant.
    ///
    /// # Errors
    /// One out of reason.
    pub fn until(&self) -> Result<DateTime<Utc>, Violation> {
        instant("/until", self.until)
    }
}

/// What marking all as read came to.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
pub struct InboxReadingView {
    /// How many notices were unread.
    #[schema(example = 3, minimum = 0, maximum = 1_000_000)]
    pub read: u64,
}

/// Which digest.
#[derive(Clone, Copy, Debug, Deserialize, Serialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct DigestQuery {
    /// The day it is made on, in the agency; today without it.
    pub on: Option<NaiveDate>,
}

/// A digest.
#[derive(Debug, Serialize, ToSchema)]
pub struct InboxDigestView {
    /// How often it is made; with `NONE` it is empty.
    pub digest: wire::DigestFrequency,
    /// The first day it is about.
    pub first_on: Option<NaiveDate>,
    /// The last day it is about.
    pub last_on: Option<NaiveDate>,
    /// How many notices it holds.
    #[schema(example = 1, minimum = 0, maximum = 200)]
    pub count: usize,
    /// Whether there are more, which the inbox has.
    #[schema(example = false)]
    pub more: bool,
    /// What was told in these days and has neither been read nor put off, the last told first.
    #[schema(max_items = 200)]
    pub items: Vec<NoticeView>,
}

impl InboxDigestView {
    /// A digest in its reader's language.
    #[must_use]
    pub fn new(digest: Digest, now: DateTime<Utc>, lang: Lang) -> Self {
        let Digest { frequency, days, notices, more } = digest;
        let (first_on, last_on) = days.unzip();
        let items: Vec<_> = notices.into_iter().map(|row| NoticeView::new(row, now, lang)).collect();
        Self { digest: Wire(frequency), first_on, last_on, count: items.len(), more, items }
    }
}

/// What somebody wants to be told, and how often.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct InboxSettingsView {
    /// How often notices come together.
    pub digest: wire::DigestFrequency,
    /// The day of the week on which a weekly digest is made, 1 for Monday to 7 for Sunday.
    #[schema(example = 1, minimum = 1, maximum = 7)]
    pub weekday: u8,
    /// Kinds that are left out of the inbox and its digests.
    #[schema(example = json!(["PLAN_ITEM_DUE"]), max_items = 50)]
    pub muted: Vec<wire::NoticeKind>,
}

impl From<InboxSettings> for InboxSettingsView {
    fn from(settings: InboxSettings) -> Self {
        let InboxSettings { digest, weekday, muted } = settings;
        Self {
            digest: Wire(digest),
            weekday: u8::try_from(weekday.number_from_monday()).unwrap_or(1),
            muted: muted.into_iter().map(Wire).collect(),
        }
    }
}

/// What somebody wants to be told, and how often.
#[derive(Clone, Debug, Deserialize, Serialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"digest": "WEEKLY", "weekday": 1, "muted": ["PLAN_ITEM_DUE"]}))]
pub struct InboxSettingsPut {
    /// How often notices come together.
    pub digest: wire::DigestFrequency,
    /// The day of the week on which a weekly digest is made, 1 for Monday to 7 for Sunday.
    #[schema(example = 1, minimum = 1, maximum = 7)]
    pub weekday: u8,
    /// Kinds that are left out of the inbox and its digests.
    #[schema(example = json!(["PLAN_ITEM_DUE"]), max_items = 50)]
    pub muted: Vec<wire::NoticeKind>,
}

impl InboxSettingsPut {
    /// The settings.
    ///
    /// # Errors
    /// Every value that cannot stand.
    pub fn into_domain(self) -> Result<InboxSettings, Vec<Violation>> {
        let Self { digest: Wire(digest), weekday, muted } = self;
        let mut found = Violations::new();
        let day = weekday.checked_sub(1).and_then(|day| Weekday::try_from(day).ok());
        found.check(day.is_none(), || {
            Violation::new("/weekday", ViolationCode::OutOfRange).with("min", 1).with("max", 7)
        });
        let muted: Vec<_> = muted.into_iter().map(|Wire(kind)| kind).collect();
        for (index, kind) in muted.iter().enumerate() {
            found.check(muted.iter().take(index).any(|one| one == kind), || {
                Violation::new(format!("/muted/{index}"), ViolationCode::Duplicate)
            });
        }
        found.finish()?;
        Ok(InboxSettings { digest, weekday: day.unwrap_or(Weekday::Mon), muted })
    }
}
