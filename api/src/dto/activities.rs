//! Development outside a class.

use chrono::{DateTime, NaiveDate, Utc};
use development::{Activity, ActivityAction, ActivityContent, ActivityDetails, ActivityKind, LogEntry};
use kernel::{LongText, Name, Period, TrainerId, UserId, Violation, ViolationCode, Violations};
use serde::{Deserialize, Serialize};
use store::ActivityRow;
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;
use validator::Validate;

use crate::dto::day;
use crate::dto::enums::{Wire, wire};
use crate::dto::values::{Decimal, code, long_text, name};

/// Something one person does to develop, outside a class.
#[derive(Debug, Serialize, ToSchema)]
pub struct ActivityView {
    /// Identifier.
    pub id: Uuid,
    /// Where it stands.
    pub state: wire::ActivityState,
    /// Who.
    pub employee_id: Uuid,
    /// Identity number.
    #[schema(example = "199001012015031001", max_length = 18)]
    pub nip: String,
    /// Name.
    #[schema(example = "Wening Puspitarini", max_length = 200)]
    pub employee_name: String,
    /// What they want to be able to do afterwards.
    #[schema(example = "Menyusun survei kepuasan secara mandiri.", max_length = 4000)]
    pub goal: String,
    /// Code of its form of development; null for further study, which is education.
    #[schema(example = "NKL12", max_length = 64)]
    pub form: Option<String>,
    /// First day it is planned for.
    pub starts_on: NaiveDate,
    /// Last day it is planned for.
    pub ends_on: Option<NaiveDate>,
    /// What it cannot be understood without, by its kind.
    pub details: ActivityDetailsView,
    /// What its coach or mentor is called.
    #[schema(example = "Dr. Ratri Wulandari", max_length = 200)]
    pub trainer_name: Option<String>,
    /// What was done, by day.
    #[schema(max_items = 500)]
    pub log: Vec<LogEntryView>,
    /// What came of it.
    #[schema(example = "Menyusun survei bersama unit layanan.", max_length = 4000)]
    pub outcome: Option<String>,
    /// Why it was given up.
    #[schema(example = "Bertepatan dengan tugas dinas.", max_length = 4000)]
    pub reason: Option<String>,
    /// Learning hours (JP) it was worth when it was completed; null before, and where its form says nothing.
    #[schema(value_type = Option<f64>, example = 20, minimum = 0, maximum = 999999.99)]
    pub jp: Option<Decimal>,
    /// Who saw what came of it: the user's id.
    pub decided_by: Option<Uuid>,
    /// When.
    pub decided_at: Option<DateTime<Utc>>,
    /// What the caller may do with it now.
    #[schema(max_items = 10)]
    pub allowed_actions: Vec<wire::ActivityAction>,
}

/// What an activity cannot be understood without. Which properties it has follows from `kind`, all of them required; the others
/// are absent. `INTERNSHIP`: `host`, `supervisor`; `SECONDMENT`: those and `assignment`; `EXCHANGE`: those two and
/// `counterpart`; `BENCHMARKING`: `host`, `topic`; `COACHING`, `MENTORING`: `trainer_id`; `COMMUNITY`: `community`,
/// `facilitator`; `SELF_STUDY`: `material`; `FURTHER_STUDY`: `institution`, `study`, `degree`, `funding`, `months`,
/// `bond_months`, `released`.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"kind": "INTERNSHIP", "host": "Kantor Contoh", "supervisor": "Ratri Wulandari"}))]
pub struct ActivityDetailsView {
    /// What it is.
    pub kind: wire::ActivityKind,
    /// The place.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(example = "Kantor Contoh", max_length = 200)]
    pub host: Option<String>,
    /// Who looks after them there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(example = "Ratri Wulandari", max_length = 200)]
    pub supervisor: Option<String>,
    /// What they do there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(example = "Analis layanan", max_length = 200)]
    pub assignment: Option<String>,
    /// Who comes in their place.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(example = "Galih Nurcahya", max_length = 200)]
    pub counterpart: Option<String>,
    /// What is looked at.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(example = "Layanan satu pintu", max_length = 200)]
    pub topic: Option<String>,
    /// The coach or mentor.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trainer_id: Option<Uuid>,
    /// What the community is called.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(example = "Komunitas Analis Data", max_length = 200)]
    pub community: Option<String>,
    /// Who leads it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(example = "Bagas Wirayuda", max_length = 200)]
    pub facilitator: Option<String>,
    /// Books, courses, documents.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(example = "Modul survei kepuasan masyarakat", max_length = 4000)]
    pub material: Option<String>,
    /// The university.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(example = "Universitas Contoh", max_length = 200)]
    pub institution: Option<String>,
    /// The course of study.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(example = "Magister Kebijakan Publik", max_length = 200)]
    pub study: Option<String>,
    /// The degree it leads to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub degree: Option<wire::Education>,
    /// Who pays.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub funding: Option<wire::StudyFunding>,
    /// How long it takes, in months.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(example = 24, minimum = 1, maximum = 360)]
    pub months: Option<u16>,
    /// How long they are bound to serve afterwards (ikatan dinas), in months.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(example = 48, minimum = 0, maximum = 360)]
    pub bond_months: Option<u16>,
    /// Whether they are released from their post meanwhile.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(example = true)]
    pub released: Option<bool>,
}

impl ActivityDetailsView {
    const fn empty(kind: ActivityKind) -> Self {
        Self {
            kind: Wire(kind),
            host: None,
            supervisor: None,
            assignment: None,
            counterpart: None,
            topic: None,
            trainer_id: None,
            community: None,
            facilitator: None,
            material: None,
            institution: None,
            study: None,
            degree: None,
            funding: None,
            months: None,
            bond_months: None,
            released: None,
        }
    }
}

impl From<ActivityDetails> for ActivityDetailsView {
    fn from(details: ActivityDetails) -> Self {
        let mut view = Self::empty(details.kind());
        let text = |text: Name| Some(text.into_string());
        match details {
            ActivityDetails::Internship { host, supervisor } => {
                (view.host, view.supervisor) = (text(host), text(supervisor));
            }
            ActivityDetails::Secondment { host, supervisor, assignment } => {
                (view.host, view.supervisor) = (text(host), text(supervisor));
                view.assignment = text(assignment);
            }
            ActivityDetails::Exchange { host, supervisor, counterpart } => {
                (view.host, view.supervisor) = (text(host), text(supervisor));
                view.counterpart = text(counterpart);
            }
            ActivityDetails::Benchmarking { host, topic } => {
                (view.host, view.topic) = (text(host), text(topic));
            }
            ActivityDetails::Coaching { coach: trainer } | ActivityDetails::Mentoring { mentor: trainer } => {
                view.trainer_id = Some(trainer.uuid());
            }
            ActivityDetails::Community { community, facilitator } => {
                (view.community, view.facilitator) = (text(community), text(facilitator));
            }
            ActivityDetails::SelfStudy { material } => view.material = Some(material.into_string()),
            ActivityDetails::FurtherStudy {
                institution,
                study,
                degree,
                funding,
                months,
                bond_months,
                released,
            } => {
                (view.institution, view.study) = (text(institution), text(study));
                (view.degree, view.funding) = (Some(Wire(degree)), Some(Wire(funding)));
                (view.months, view.bond_months, view.released) =
                    (Some(months), Some(bond_months), Some(released));
            }
        }
        view
    }
}

/// Reads what a kind requires, noting what is missing and what is out of place.
struct Details<'a> {
    found: &'a mut Violations,
    used: Vec<&'static str>,
}

impl Details<'_> {
    fn need<T>(&mut self, property: &'static str, value: Option<T>) -> Option<T> {
        self.used.push(property);
        let missing = || Violation::new(format!("/details/{property}"), ViolationCode::Required);
        self.found.take(value.ok_or_else(missing))
    }

    fn name(&mut self, property: &'static str, value: Option<&String>) -> Option<Name> {
        let text = self.need(property, value)?;
        name(self.found, &format!("/details/{property}"), text)
    }
}

impl ActivityDetailsView {
    fn into_domain(self, found: &mut Violations) -> Option<ActivityDetails> {
        let given = serde_json::to_value(&self).unwrap_or_default();
        let mut read = Details { found, used: vec!["kind"] };
        let this = &self;
        let details = match this.kind.0 {
            ActivityKind::Internship => {
                let host = read.name("host", this.host.as_ref());
                let supervisor = read.name("supervisor", this.supervisor.as_ref());
                host.zip(supervisor)
                    .map(|(host, supervisor)| ActivityDetails::Internship { host, supervisor })
            }
            ActivityKind::Secondment => {
                let host = read.name("host", this.host.as_ref());
                let supervisor = read.name("supervisor", this.supervisor.as_ref());
                let assignment = read.name("assignment", this.assignment.as_ref());
                host.zip(supervisor).zip(assignment).map(|((host, supervisor), assignment)| {
                    ActivityDetails::Secondment { host, supervisor, assignment }
                })
            }
            ActivityKind::Exchange => {
                let host = read.name("host", this.host.as_ref());
                let supervisor = read.name("supervisor", this.supervisor.as_ref());
                let counterpart = read.name("counterpart", this.counterpart.as_ref());
                host.zip(supervisor).zip(counterpart).map(|((host, supervisor), counterpart)| {
                    ActivityDetails::Exchange { host, supervisor, counterpart }
                })
            }
            ActivityKind::Benchmarking => {
                let host = read.name("host", this.host.as_ref());
                let topic = read.name("topic", this.topic.as_ref());
                host.zip(topic).map(|(host, topic)| ActivityDetails::Benchmarking { host, topic })
            }
            ActivityKind::Coaching => {
                let coach = read.need("trainer_id", this.trainer_id).map(TrainerId::from);
                coach.map(|coach| ActivityDetails::Coaching { coach })
            }
            ActivityKind::Mentoring => {
                let mentor = read.need("trainer_id", this.trainer_id).map(TrainerId::from);
                mentor.map(|mentor| ActivityDetails::Mentoring { mentor })
            }
            ActivityKind::Community => {
                let community = read.name("community", this.community.as_ref());
                let facilitator = read.name("facilitator", this.facilitator.as_ref());
                community
                    .zip(facilitator)
                    .map(|(community, facilitator)| ActivityDetails::Community { community, facilitator })
            }
            ActivityKind::SelfStudy => {
                let material = read.need("material", this.material.as_ref());
                let material = material.and_then(|text| long_text(read.found, "/details/material", text));
                material.map(|material| ActivityDetails::SelfStudy { material })
            }
            ActivityKind::FurtherStudy => further_study(&mut read, this),
        };
        let used = read.used;
        let strays: Vec<_> = given
            .as_object()
            .into_iter()
            .flat_map(|all| all.keys())
            .filter(|one| !used.contains(&one.as_str()))
            .collect();
        for stray in &strays {
            found.push(Violation::new(format!("/details/{stray}"), ViolationCode::Inconsistent));
        }
        details.filter(|_| strays.is_empty())
    }
}

fn further_study(read: &mut Details<'_>, view: &ActivityDetailsView) -> Option<ActivityDetails> {
    let institution = read.name("institution", view.institution.as_ref());
    let study = read.name("study", view.study.as_ref());
    let degree = read.need("degree", view.degree);
    let funding = read.need("funding", view.funding);
    let months = read.need("months", view.months);
    let bond_months = read.need("bond_months", view.bond_months);
    let released = read.need("released", view.released);
    Some(ActivityDetails::FurtherStudy {
        institution: institution?,
        study: study?,
        degree: degree?.0,
        funding: funding?.0,
        months: months?,
        bond_months: bond_months?,
        released: released?,
    })
}

/// What was done on one day.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct LogEntryView {
    /// When.
    pub on: NaiveDate,
    /// What they did, and what they take from it.
    #[schema(example = "Menyusun kuesioner bersama pembimbing.", max_length = 4000)]
    pub note: String,
}

impl ActivityView {
    /// The activity, of which the caller may do `allowed`.
    #[must_use]
    pub fn new(row: ActivityRow, allowed: Vec<ActivityAction>) -> Self {
        let ActivityRow { activity, jp, nip, name, trainer_name } = row;
        let Activity {
            id,
            employee,
            content: ActivityContent { details, goal, form, period: Period { from, last } },
            state,
            log,
            outcome,
            reason,
            decided_by,
            decided_at,
            version: _,
        } = activity;
        Self {
            id: id.uuid(),
            state: Wire(state),
            employee_id: employee.uuid(),
            nip: nip.as_str().to_owned(),
            employee_name: name.into_string(),
            goal: goal.into_string(),
            form: form.map(kernel::Code::into_string),
            starts_on: from,
            ends_on: last,
            details: details.into(),
            trainer_name: trainer_name.map(Name::into_string),
            log: log
                .into_iter()
                .map(|LogEntry { on, note }| LogEntryView { on, note: note.into_string() })
                .collect(),
            outcome: outcome.map(LongText::into_string),
            reason: reason.map(LongText::into_string),
            jp: jp.map(Decimal),
            decided_by: decided_by.map(UserId::uuid),
            decided_at,
            allowed_actions: allowed.into_iter().map(Wire).collect(),
        }
    }
}

/// An activity to plan.
#[derive(Clone, Debug, Deserialize, Serialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"employee_id": "01931d5e-7c1f-7d7a-9a7e-3f1f3f0e4a11", "goal": "Menyusun survei kepuasan.",
    "starts_on": "2026-08-03", "ends_on": "2026-09-30",
    "details": {"kind": "INTERNSHIP", "host": "Kantor Contoh", "supervisor": "Ratri Wulandari"}}))]
pub struct ActivityCreate {
    /// Whose: the caller's, or somebody's they may nominate.
    pub employee_id: Uuid,
    /// What they want to be able to do afterwards.
    #[schema(example = "Menyusun survei kepuasan.", min_length = 1, max_length = 4000)]
    pub goal: String,
    /// Code of its form of development; that of its kind when absent.
    #[schema(example = "NKL12", min_length = 1, max_length = 64)]
    pub form: Option<String>,
    /// First day it is planned for.
    pub starts_on: NaiveDate,
    /// Last day it is planned for.
    pub ends_on: NaiveDate,
    /// What it cannot be understood without, by its kind.
    pub details: ActivityDetailsView,
}

/// What an activity says of itself.
#[derive(Clone, Debug, Deserialize, Serialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"goal": "Menyusun survei kepuasan.", "starts_on": "2026-08-03", "ends_on": "2026-09-30",
    "details": {"kind": "SELF_STUDY", "material": "Modul survei kepuasan masyarakat"}}))]
pub struct ActivityPut {
    /// What they want to be able to do afterwards.
    #[schema(example = "Menyusun survei kepuasan.", min_length = 1, max_length = 4000)]
    pub goal: String,
    /// Code of its form of development; that of its kind when absent.
    #[schema(example = "NKL12", min_length = 1, max_length = 64)]
    pub form: Option<String>,
    /// First day it is planned for.
    pub starts_on: NaiveDate,
    /// Last day it is planned for. Days of the log stay within.
    pub ends_on: NaiveDate,
    /// What it cannot be understood without, by its kind.
    pub details: ActivityDetailsView,
}

impl From<ActivityCreate> for ActivityPut {
    fn from(create: ActivityCreate) -> Self {
        let ActivityCreate { employee_id: _, goal, form, starts_on, ends_on, details } = create;
        Self { goal, form, starts_on, ends_on, details }
    }
}

impl ActivityPut {
    /// The content these values describe.
    ///
    /// # Errors
    /// Every value that cannot stand by itself.
    pub fn into_domain(self) -> Result<ActivityContent, Vec<Violation>> {
        let Self { goal, form, starts_on, ends_on, details } = self;
        let mut found = Violations::new();
        let goal = long_text(&mut found, "/goal", &goal);
        let from = found.take(day("/starts_on", starts_on));
        let last = found.take(day("/ends_on", ends_on));
        let details = details.into_domain(&mut found);
        let form = match (form, &details) {
            (Some(form), _) => code(&mut found, "/form", &form).map(Some),
            (None, Some(details)) => {
                Some(details.usual_form().map(|form| kernel::Code::stored(form.to_owned())))
            }
            (None, None) => Some(None),
        };
        found.finish()?;
        match (goal, from, last, details, form) {
            (Some(goal), Some(from), Some(last), Some(details), Some(form)) => {
                Ok(ActivityContent { details, goal, form, period: Period { from, last: Some(last) } })
            }
            _ => Err(Vec::new()),
        }
    }
}

/// What was done on one day.
#[derive(Clone, Debug, Deserialize, Serialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"on": "2026-08-04", "note": "Menyusun kuesioner bersama pembimbing."}))]
pub struct LogEntryPost {
    /// When; up to today, within the days of the activity.
    pub on: NaiveDate,
    /// What they did, and what they take from it.
    #[schema(example = "Menyusun kuesioner bersama pembimbing.", min_length = 1, max_length = 4000)]
    pub note: String,
}

impl LogEntryPost {
    /// The entry these values are.
    ///
    /// # Errors
    /// At `/on` and `/note`.
    pub fn into_domain(self) -> Result<LogEntry, Vec<Violation>> {
        let Self { on, note } = self;
        let mut found = Violations::new();
        let on = found.take(day("/on", on));
        let note = long_text(&mut found, "/note", &note);
        found.finish()?;
        on.zip(note).map(|(on, note)| LogEntry { on, note }).ok_or_else(Vec::new)
    }
}

/// What came of an activity.
#[derive(Clone, Debug, Deserialize, Serialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"outcome": "Menyusun survei bersama unit layanan."}))]
pub struct ActivityCompletion {
    /// What came of it.
    #[schema(example = "Menyusun survei bersama unit layanan.", min_length = 1, max_length = 4000)]
    pub outcome: String,
}

/// Which activities a list holds.
#[derive(Clone, Debug, Deserialize, Serialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ActivityQuery {
    /// Of this person.
    pub employee_id: Option<Uuid>,
    /// Of this kind.
    pub kind: Option<wire::ActivityKind>,
    /// In this state.
    pub state: Option<wire::ActivityState>,
    /// Guided by this coach or mentor.
    pub trainer_id: Option<Uuid>,
    /// Under way on this day by its plan.
    pub on: Option<NaiveDate>,
    /// Where to continue: `next` of the page before.
    #[param(max_length = 2000)]
    pub cursor: Option<String>,
    /// Most items of a page.
    #[param(minimum = 1, maximum = 200, default = 50)]
    pub limit: Option<u16>,
}
