//! Classes of programmes, their sessions, series of them, and attendance.

use chrono::{DateTime, NaiveDate, NaiveTime, Utc};
use development::{
    ClassAction, ClassContent, ClassPhase, ClassSeries, Presence, SeriesSession, Session, TrainingClass,
};
use kernel::{
    Code, EmployeeId, EnrolmentId, LongText, Name, TrainerId, Violation, ViolationCode, Violations,
};
use serde::{Deserialize, Serialize};
use store::{AttendanceRow, ClassRow, NamedTrainer, ScheduledSession};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;
use validator::Validate;

use crate::dto::enums::{Wire, wire};
use crate::dto::values::{code, optional_long_text, optional_name};
use crate::dto::{day, instant};

/// A class of a programme (kelas).
#[derive(Debug, Serialize, ToSchema)]
pub struct ClassView {
    /// Identifier.
    pub id: Uuid,
    /// The programme.
    pub programme_id: Uuid,
    /// The programme's code.
    #[schema(example = "PT-LAYANAN-01", max_length = 64)]
    pub programme_code: String,
    /// The programme's name.
    #[schema(example = "Pelatihan Teknis Pelayanan Publik", max_length = 200)]
    pub programme_name: String,
    /// Code, unique in the agency.
    #[schema(example = "PT-LAYANAN-01/2026-1", max_length = 64)]
    pub code: String,
    /// Where it stands by decision.
    pub state: wire::ClassState,
    /// Where it stands by decision and by the clock.
    pub phase: wire::ClassPhase,
    /// How many may take part.
    #[schema(example = 30, minimum = 1, maximum = 2000)]
    pub seats: u16,
    /// The fewest participants it is held for; null where one is enough.
    #[schema(example = 10, minimum = 1, maximum = 2000)]
    pub min_participants: Option<u16>,
    /// How many may wait for a seat; null without a limit.
    #[schema(example = 10, minimum = 0, maximum = 65535)]
    pub waitlist: Option<u16>,
    /// How many take part.
    #[schema(example = 28, minimum = 0, maximum = 2000)]
    pub taken: u32,
    /// How many wait for a seat.
    #[schema(example = 0, minimum = 0, maximum = 1000000)]
    pub waiting: u32,
    /// From when on one may register.
    pub registration_opens_at: DateTime<Utc>,
    /// Until when one may register, itself excluded.
    pub registration_closes_at: DateTime<Utc>,
    /// When the first session begins; null while there is none.
    pub starts_at: Option<DateTime<Utc>>,
    /// When the last session ends; null while there is none.
    pub ends_at: Option<DateTime<Utc>>,
    /// The sessions, in order.
    #[schema(max_items = 200)]
    pub sessions: Vec<SessionView>,
    /// What participants should know.
    #[schema(example = "Bawa laptop.", max_length = 4000)]
    pub note: Option<String>,
    /// Why it was called off.
    #[schema(example = "Pengajar berhalangan.", max_length = 4000)]
    pub cancelled_for: Option<String>,
    /// When it was decided.
    pub completed_at: Option<DateTime<Utc>>,
    /// What the caller may do with it now.
    #[schema(max_items = 10)]
    pub allowed_actions: Vec<wire::ClassAction>,
}

/// One meeting of a class.
#[derive(Debug, Serialize, ToSchema)]
pub struct SessionView {
    /// Number in the class, from 1.
    #[schema(example = 1, minimum = 1, maximum = 200)]
    pub number: i32,
    /// When it begins.
    pub starts_at: DateTime<Utc>,
    /// When it ends.
    pub ends_at: DateTime<Utc>,
    /// Where; null when it is nowhere in particular.
    #[schema(example = "Aula BPSDM", max_length = 200)]
    pub place: Option<String>,
    /// The address at which it is joined online.
    #[schema(example = "https://rapat.example.go.id/kelas-1", max_length = 200)]
    pub url: Option<String>,
    /// What it is about.
    #[schema(example = "Standar pelayanan", max_length = 200)]
    pub topic: Option<String>,
    /// Who teaches.
    #[schema(max_items = 50)]
    pub trainers: Vec<SessionTrainerView>,
}

/// Somebody who teaches a session.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct SessionTrainerView {
    /// The trainer.
    pub trainer_id: Uuid,
    /// Their name.
    #[schema(example = "Dr. Ratri Wulandari", max_length = 200)]
    pub name: String,
}

impl SessionView {
    fn new(number: i32, session: Session, known: &[NamedTrainer]) -> Self {
        let Session { starts_at, ends_at, place, url, topic, trainers } = session;
        let named = |id: TrainerId| {
            let trainer = known.iter().find(|trainer| trainer.id == id)?;
            Some(SessionTrainerView { trainer_id: id.uuid(), name: trainer.name.to_string() })
        };
        Self {
            number,
            starts_at,
            ends_at,
            place: place.map(Name::into_string),
            url: url.map(Name::into_string),
            topic: topic.map(Name::into_string),
            trainers: trainers.into_iter().filter_map(named).collect(),
        }
    }
}

impl ClassView {
    /// The class in this phase, of which the caller may do `allowed`.
    #[must_use]
    pub fn new(row: ClassRow, phase: ClassPhase, allowed: Vec<ClassAction>) -> Self {
        let ClassRow { class, programme_code, programme_name, seats: filled, trainers, updated_at: _ } = row;
        let (starts_at, ends_at) = (class.content.starts_at(), class.content.ends_at());
        let TrainingClass { id, programme, content, state, cancelled_for, completed_at, version: _ } = class;
        let ClassContent {
            code,
            seats,
            min_participants,
            waitlist,
            registration_opens_at,
            registration_closes_at,
            sessions,
            note,
        } = content;
        Self {
            id: id.uuid(),
            programme_id: programme.uuid(),
            programme_code: programme_code.into_string(),
            programme_name: programme_name.into_string(),
            code: code.into_string(),
            state: Wire(state),
            phase: Wire(phase),
            seats,
            min_participants,
            waitlist,
            taken: filled.taken,
            waiting: filled.waiting,
            registration_opens_at,
            registration_closes_at,
            starts_at,
            ends_at,
            sessions: (1..)
                .zip(sessions)
                .map(|(number, session)| SessionView::new(number, session, &trainers))
                .collect(),
            note: note.map(LongText::into_string),
            cancelled_for: cancelled_for.map(LongText::into_string),
            completed_at,
            allowed_actions: allowed.into_iter().map(Wire).collect(),
        }
    }
}

/// A class to plan.
#[derive(Clone, Debug, Deserialize, Serialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"programme_id": "01931d5e-7c1f-7d7a-9a7e-3f1f3f0e4a11", "code": "PT-LAYANAN-01/2026-1",
    "seats": 30, "waitlist": 10, "registration_opens_at": "2026-07-01T00:00:00Z",
    "registration_closes_at": "2026-07-20T10:00:00Z", "sessions": [{"starts_at": "2026-07-27T01:00:00Z",
        "ends_at": "2026-07-27T09:00:00Z", "place": "Aula BPSDM"}]}))]
pub struct ClassCreate {
    /// The programme; a published one.
    pub programme_id: Uuid,
    /// Code, unique in the agency; case counts.
    #[schema(example = "PT-LAYANAN-01/2026-1", min_length = 1, max_length = 64)]
    pub code: String,
    /// How many may take part.
    #[schema(example = 30, minimum = 1, maximum = 2000)]
    pub seats: u16,
    /// The fewest participants it is held for, not more than there are seats; absent where one is enough. A scenario plans no class for
    /// fewer, those who have a seat counted.
    #[schema(example = 10, minimum = 1, maximum = 2000)]
    pub min_participants: Option<u16>,
    /// How many may wait for a seat; absent without a limit.
    #[schema(example = 10, minimum = 0, maximum = 65535)]
    pub waitlist: Option<u16>,
    /// From when on one may register.
    pub registration_opens_at: DateTime<Utc>,
    /// Until when one may register, itself excluded; not after the last session.
    pub registration_closes_at: DateTime<Utc>,
    /// The sessions, in order, none beginning before the one before has ended.
    #[serde(default)]
    #[schema(max_items = 200)]
    pub sessions: Vec<SessionPut>,
    /// What participants should know.
    #[schema(example = "Bawa laptop.", max_length = 4000)]
    pub note: Option<String>,
}

/// What a class says of itself.
#[derive(Clone, Debug, Deserialize, Serialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"code": "PT-LAYANAN-01/2026-1", "seats": 30,
    "registration_opens_at": "2026-07-01T00:00:00Z", "registration_closes_at": "2026-07-20T10:00:00Z",
    "sessions": [{"starts_at": "2026-07-27T01:00:00Z", "ends_at": "2026-07-27T09:00:00Z", "place": "Aula BPSDM"}]}))]
pub struct ClassPut {
    /// Code, unique in the agency; case counts.
    #[schema(example = "PT-LAYANAN-01/2026-1", min_length = 1, max_length = 64)]
    pub code: String,
    /// How many may take part; not fewer than do. Who waits longest gets what becomes free.
    #[schema(example = 30, minimum = 1, maximum = 2000)]
    pub seats: u16,
    /// The fewest participants it is held for, not more than there are seats; absent where one is enough. A scenario plans no class for
    /// fewer, those who have a seat counted.
    #[schema(example = 10, minimum = 1, maximum = 2000)]
    pub min_participants: Option<u16>,
    /// How many may wait for a seat; absent without a limit.
    #[schema(example = 10, minimum = 0, maximum = 65535)]
    pub waitlist: Option<u16>,
    /// From when on one may register.
    pub registration_opens_at: DateTime<Utc>,
    /// Until when one may register, itself excluded; not after the last session.
    pub registration_closes_at: DateTime<Utc>,
    /// The sessions, in order. One whose attendance is on record keeps its number and its hours.
    #[serde(default)]
    #[schema(max_items = 200)]
    pub sessions: Vec<SessionPut>,
    /// What participants should know.
    #[schema(example = "Bawa laptop.", max_length = 4000)]
    pub note: Option<String>,
}

/// A meeting to hold.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SessionPut {
    /// When it begins.
    pub starts_at: DateTime<Utc>,
    /// When it ends; at most a day later.
    pub ends_at: DateTime<Utc>,
    /// Where.
    #[schema(example = "Aula BPSDM", max_length = 200)]
    pub place: Option<String>,
    /// The address at which it is joined online: `https://..`.
    #[schema(example = "https://rapat.example.go.id/kelas-1", max_length = 200)]
    pub url: Option<String>,
    /// What it is about.
    #[schema(example = "Standar pelayanan", max_length = 200)]
    pub topic: Option<String>,
    /// Who teaches; each once.
    #[serde(default)]
    #[schema(max_items = 50)]
    pub trainers: Vec<Uuid>,
}

/// Whether a text is an address of the web.
pub(crate) fn is_address(url: &Name) -> bool {
    let url = url.as_str();
    (url.starts_with("https://") || url.starts_with("http://")) && !url.contains(char::is_whitespace)
}

/// Reads an address of the web at `at` that may be absent.
fn address(found: &mut Violations, at: &str, text: Option<&str>) -> Option<Option<Name>> {
    let read = optional_name(found, at, text)?;
    let odd = read.as_ref().is_some_and(|url| !is_address(url));
    found.check(odd, || Violation::new(at, ViolationCode::InvalidFormat));
    (!odd).then_some(read)
}

/// Who teaches, bounded.
fn trainers(found: &mut Violations, at: &str, ids: Vec<Uuid>) -> Vec<TrainerId> {
    found.check(ids.len() > 50, || Violation::new(at, ViolationCode::TooMany).with("max", 50));
    ids.into_iter().map(TrainerId::from).collect()
}

impl SessionPut {
    fn into_domain(self, at: &str, found: &mut Violations) -> Option<Session> {
        let Self { starts_at, ends_at, place, url, topic, trainers: ids } = self;
        let starts_at = found.take(instant(&format!("{at}/starts_at"), starts_at));
        let ends_at = found.take(instant(&format!("{at}/ends_at"), ends_at));
        let place = optional_name(found, &format!("{at}/place"), place.as_deref());
        let url = address(found, &format!("{at}/url"), url.as_deref());
        let topic = optional_name(found, &format!("{at}/topic"), topic.as_deref());
        let trainers = trainers(found, &format!("{at}/trainers"), ids);
        Some(Session {
            starts_at: starts_at?,
            ends_at: ends_at?,
            place: place?,
            url: url?,
            topic: topic?,
            trainers,
        })
    }
}

impl From<ClassCreate> for ClassPut {
    fn from(create: ClassCreate) -> Self {
        let ClassCreate {
            programme_id: _,
            code,
            seats,
            min_participants,
            waitlist,
            registration_opens_at,
            registration_closes_at,
            sessions,
            note,
        } = create;
        Self {
            code,
            seats,
            min_participants,
            waitlist,
            registration_opens_at,
            registration_closes_at,
            sessions,
            note,
        }
    }
}

impl ClassPut {
    /// The content these values describe.
    ///
    /// # Errors
    /// Every value that cannot stand by itself.
    pub fn into_domain(self) -> Result<ClassContent, Vec<Violation>> {
        let Self {
            code: text,
            seats,
            min_participants,
            waitlist,
            registration_opens_at,
            registration_closes_at,
            sessions,
            note,
        } = self;
        let mut found = Violations::new();
        let wanted = sessions.len();
        if wanted > ClassContent::MAX_SESSIONS {
            let violation = Violation::new("/sessions", ViolationCode::TooMany);
            return Err(vec![violation.with("max", ClassContent::MAX_SESSIONS)]);
        }
        let code = code(&mut found, "/code", &text);
        let opens = found.take(instant("/registration_opens_at", registration_opens_at));
        let closes = found.take(instant("/registration_closes_at", registration_closes_at));
        let note = optional_long_text(&mut found, "/note", note.as_deref());
        let sessions: Vec<_> = sessions
            .into_iter()
            .enumerate()
            .filter_map(|(index, one)| one.into_domain(&format!("/sessions/{index}"), &mut found))
            .collect();
        found.finish()?;
        match (code, opens, closes, note) {
            (Some(code), Some(registration_opens_at), Some(registration_closes_at), Some(note)) => {
                Ok(ClassContent {
                    code,
                    seats,
                    min_participants,
                    waitlist,
                    registration_opens_at,
                    registration_closes_at,
                    sessions,
                    note,
                })
            }
            _ => Err(Vec::new()),
        }
    }
}

/// Classes of a programme that is held again and again, to plan at once. Hours are those of the agency's clocks.
#[derive(Clone, Debug, Deserialize, Serialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"code": "PT-LAYANAN-01/2026", "first_on": "2026-08-03", "every": "MONTHLY", "interval": 1,
    "count": 3, "seats": 30, "registration_days": 30, "closing_days": 7,
    "sessions": [{"day": 0, "starts": "08:00", "ends": "16:00", "place": "Aula BPSDM"}]}))]
pub struct ClassSeriesCreate {
    /// What their codes begin with; `-01`, `-02` and so on follow.
    #[schema(example = "PT-LAYANAN-01/2026", min_length = 1, max_length = 61)]
    pub code: String,
    /// First day of the first class.
    pub first_on: NaiveDate,
    /// How often.
    pub every: wire::Recurrence,
    /// So many weeks, months or years apart.
    #[schema(example = 1, minimum = 1, maximum = 60)]
    pub interval: u16,
    /// How many classes.
    #[schema(example = 3, minimum = 1, maximum = 100)]
    pub count: u16,
    /// How many may take part in each.
    #[schema(example = 30, minimum = 1, maximum = 2000)]
    pub seats: u16,
    /// The fewest participants each is held for; absent where one is enough.
    #[schema(example = 10, minimum = 1, maximum = 2000)]
    pub min_participants: Option<u16>,
    /// How many may wait for a seat in each; absent without a limit.
    #[schema(example = 10, minimum = 0, maximum = 65535)]
    pub waitlist: Option<u16>,
    /// How many days before its first day one may register for a class.
    #[schema(example = 30, minimum = 1, maximum = 1000)]
    pub registration_days: u16,
    /// How many days before its first day registration closes.
    #[schema(example = 7, minimum = 0, maximum = 999)]
    pub closing_days: u16,
    /// The sessions of each, in order.
    #[schema(min_items = 1, max_items = 200)]
    pub sessions: Vec<SeriesSessionPut>,
}

/// A meeting of every class of a series.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SeriesSessionPut {
    /// On which day of the class: 0 is the first.
    #[schema(example = 0, minimum = 0, maximum = 1000)]
    pub day: u16,
    /// When it begins, `HH:MM` by the agency's clocks.
    #[schema(example = "08:00", min_length = 5, max_length = 5)]
    pub starts: String,
    /// When it ends; on the next day when that is not later than the beginning.
    #[schema(example = "16:00", min_length = 5, max_length = 5)]
    pub ends: String,
    /// Where.
    #[schema(example = "Aula BPSDM", max_length = 200)]
    pub place: Option<String>,
    /// The address at which it is joined online: `https://..`.
    #[schema(example = "https://rapat.example.go.id/kelas-1", max_length = 200)]
    pub url: Option<String>,
    /// What it is about.
    #[schema(example = "Standar pelayanan", max_length = 200)]
    pub topic: Option<String>,
    /// Who teaches; each once.
    #[serde(default)]
    #[schema(max_items = 50)]
    pub trainers: Vec<Uuid>,
}

/// Reads a time of the clock at `at`.
fn clock(found: &mut Violations, at: &str, text: &str) -> Option<NaiveTime> {
    let refused = |_odd| Violation::new(at, ViolationCode::InvalidFormat);
    found.take(NaiveTime::parse_from_str(text, "%H:%M").map_err(refused))
}

impl SeriesSessionPut {
    fn into_domain(self, at: &str, found: &mut Violations) -> Option<SeriesSession> {
        let Self { day, starts, ends, place, url, topic, trainers: ids } = self;
        found.check(day > 1_000, || {
            Violation::new(format!("{at}/day"), ViolationCode::OutOfRange).with("min", 0).with("max", 1_000)
        });
        let starts = clock(found, &format!("{at}/starts"), &starts);
        let ends = clock(found, &format!("{at}/ends"), &ends);
        let place = optional_name(found, &format!("{at}/place"), place.as_deref());
        let url = address(found, &format!("{at}/url"), url.as_deref());
        let topic = optional_name(found, &format!("{at}/topic"), topic.as_deref());
        let trainers = trainers(found, &format!("{at}/trainers"), ids);
        let (starts, ends) = (starts?, ends?);
        Some(SeriesSession { day, starts, ends, place: place?, url: url?, topic: topic?, trainers })
    }
}

impl ClassSeriesCreate {
    /// The series these values describe.
    ///
    /// # Errors
    /// Every value that cannot stand by itself.
    pub fn into_domain(self) -> Result<ClassSeries, Vec<Violation>> {
        let Self {
            code: text,
            first_on,
            every: Wire(every),
            interval,
            count,
            seats,
            min_participants,
            waitlist,
            registration_days,
            closing_days,
            sessions,
        } = self;
        let mut found = Violations::new();
        let most = ClassContent::MAX_SESSIONS;
        if sessions.is_empty() {
            return Err(vec![Violation::new("/sessions", ViolationCode::TooFew).with("min", 1)]);
        }
        if sessions.len() > most {
            return Err(vec![Violation::new("/sessions", ViolationCode::TooMany).with("max", most)]);
        }
        let code = code(&mut found, "/code", &text);
        found.check(text.trim().chars().count() > Code::MAX - 3, || {
            Violation::new("/code", ViolationCode::TooLong).with("max", Code::MAX - 3)
        });
        let first_on = found.take(day("/first_on", first_on));
        found.check(!(1..=1_000).contains(&registration_days), || {
            Violation::new("/registration_days", ViolationCode::OutOfRange).with("min", 1).with("max", 1_000)
        });
        let sessions: Vec<_> = sessions
            .into_iter()
            .enumerate()
            .filter_map(|(index, one)| one.into_domain(&format!("/sessions/{index}"), &mut found))
            .collect();
        found.finish()?;
        match (code, first_on) {
            (Some(code), Some(first_on)) => Ok(ClassSeries {
                code,
                first_on,
                every,
                interval,
                count,
                seats,
                min_participants,
                waitlist,
                registration_days,
                closing_days,
                sessions,
            }),
            _ => Err(Vec::new()),
        }
    }
}

/// Classes that were planned at once.
#[derive(Debug, Serialize, ToSchema)]
pub struct ClassSeriesView {
    /// The classes, in order.
    #[schema(max_items = 100)]
    pub items: Vec<ClassView>,
}

/// Why something is called off, refused or given up.
#[derive(Clone, Debug, Deserialize, Serialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"reason": "Bertepatan dengan tugas dinas."}))]
pub struct ReasonPut {
    /// Why.
    #[schema(example = "Bertepatan dengan tugas dinas.", min_length = 1, max_length = 4000)]
    pub reason: String,
}

impl ReasonPut {
    /// The reason.
    ///
    /// # Errors
    /// At `/reason`.
    pub fn into_domain(self) -> Result<LongText, Violation> {
        LongText::parse(&self.reason).map_err(|violation| violation.under("/reason"))
    }
}

/// Which classes a list holds.
#[derive(Clone, Debug, Deserialize, Serialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ClassQuery {
    /// Of this programme.
    pub programme_id: Option<Uuid>,
    /// In this state.
    pub state: Option<wire::ClassState>,
    /// Beginning on this day of the agency or later.
    pub starts_from: Option<NaiveDate>,
    /// Beginning on this day of the agency or earlier.
    pub starts_until: Option<NaiveDate>,
    /// For which one may register now, or not.
    pub registers: Option<bool>,
    /// With at least one seat that nobody has or waits for, or without.
    pub free: Option<bool>,
    /// Where to continue: `next` of the page before.
    #[param(max_length = 2000)]
    pub cursor: Option<String>,
    /// Most items of a page.
    #[param(minimum = 1, maximum = 200, default = 50)]
    pub limit: Option<u16>,
}

/// Who was at a session.
#[derive(Debug, Serialize, ToSchema)]
pub struct AttendanceView {
    /// The class.
    pub class_id: Uuid,
    /// The session's number.
    #[schema(example = 1, minimum = 1, maximum = 200)]
    pub number: i32,
    /// Everybody with a seat whom the caller may see, by name.
    #[schema(max_items = 2000)]
    pub participants: Vec<ParticipantView>,
}

/// Whether somebody was at a session.
#[derive(Debug, Serialize, ToSchema)]
pub struct ParticipantView {
    /// Their enrolment.
    pub enrolment_id: Uuid,
    /// Who.
    pub employee_id: Uuid,
    /// Identity number.
    #[schema(example = "199001012015031001", max_length = 18)]
    pub nip: String,
    /// Name.
    #[schema(example = "Wening Puspitarini", max_length = 200)]
    pub name: String,
    /// Whether they were there; null while nobody recorded it.
    pub presence: Option<wire::Presence>,
}

impl From<AttendanceRow> for ParticipantView {
    fn from(row: AttendanceRow) -> Self {
        let AttendanceRow { enrolment, employee, nip, name, presence } = row;
        Self {
            enrolment_id: enrolment.uuid(),
            employee_id: EmployeeId::uuid(employee),
            nip: nip.as_str().to_owned(),
            name: name.into_string(),
            presence: presence.map(Wire),
        }
    }
}

/// Who was at a session; whoever is left out is not recorded.
#[derive(Clone, Debug, Deserialize, Serialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"items": [{"enrolment_id": "01931d5e-7c1f-7d7a-9a7e-3f1f3f0e4a11", "presence": "PRESENT"}]}))]
pub struct AttendancePut {
    /// One entry per participant.
    #[schema(max_items = 2000)]
    pub items: Vec<PresencePut>,
}

/// Whether one participant was at a session.
#[derive(Clone, Copy, Debug, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PresencePut {
    /// The enrolment.
    pub enrolment_id: Uuid,
    /// Whether they were there.
    pub presence: wire::Presence,
}

impl AttendancePut {
    /// Who was there.
    ///
    /// # Errors
    /// Too many, or one named twice.
    pub fn into_domain(self) -> Result<Vec<(EnrolmentId, Presence)>, Vec<Violation>> {
        let Self { items } = self;
        let most = usize::from(ClassContent::MAX_SEATS);
        if items.len() > most {
            return Err(vec![Violation::new("/items", ViolationCode::TooMany).with("max", most)]);
        }
        let mut found = Violations::new();
        let mut seen = std::collections::BTreeSet::new();
        for (index, item) in items.iter().enumerate() {
            found.check(!seen.insert(item.enrolment_id), || {
                Violation::new(format!("/items/{index}/enrolment_id"), ViolationCode::Duplicate)
            });
        }
        found.finish()?;
        let read = |PresencePut { enrolment_id, presence: Wire(presence) }: PresencePut| {
            (EnrolmentId::from(enrolment_id), presence)
        };
        Ok(items.into_iter().map(read).collect())
    }
}

/// What somebody takes part in or teaches.
#[derive(Debug, Serialize, ToSchema)]
pub struct ScheduleView {
    /// Whose.
    pub employee_id: Uuid,
    /// From this day of the agency.
    pub from: NaiveDate,
    /// Up to and including this day.
    pub until: NaiveDate,
    /// The sessions, by their beginning.
    #[schema(max_items = 10000)]
    pub sessions: Vec<ScheduledSessionView>,
}

/// A session of a schedule.
#[derive(Debug, Serialize, ToSchema)]
pub struct ScheduledSessionView {
    /// The class.
    pub class_id: Uuid,
    /// The class's code.
    #[schema(example = "PT-LAYANAN-01/2026-1", max_length = 64)]
    pub class_code: String,
    /// The programme's name.
    #[schema(example = "Pelatihan Teknis Pelayanan Publik", max_length = 200)]
    pub programme_name: String,
    /// The session's number.
    #[schema(example = 1, minimum = 1, maximum = 200)]
    pub number: i32,
    /// When it begins.
    pub starts_at: DateTime<Utc>,
    /// When it ends.
    pub ends_at: DateTime<Utc>,
    /// Where.
    #[schema(example = "Aula BPSDM", max_length = 200)]
    pub place: Option<String>,
    /// The address at which it is joined online.
    #[schema(example = "https://rapat.example.go.id/kelas-1", max_length = 200)]
    pub url: Option<String>,
    /// What it is about.
    #[schema(example = "Standar pelayanan", max_length = 200)]
    pub topic: Option<String>,
    /// Whether they teach it; otherwise they take part.
    #[schema(example = false)]
    pub teaches: bool,
}

impl From<&ScheduledSession> for ScheduledSessionView {
    fn from(session: &ScheduledSession) -> Self {
        let ScheduledSession {
            class,
            class_code,
            programme_name,
            number,
            starts_at,
            ends_at,
            place,
            url,
            topic,
            teaches,
            class_version: _,
            updated_at: _,
        } = session.clone();
        Self {
            class_id: class.uuid(),
            class_code: class_code.into_string(),
            programme_name: programme_name.into_string(),
            number,
            starts_at,
            ends_at,
            place: place.map(Name::into_string),
            url: url.map(Name::into_string),
            topic: topic.map(Name::into_string),
            teaches,
        }
    }
}

/// Which part of a schedule is asked for.
#[derive(Clone, Copy, Debug, Deserialize, Serialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ScheduleQuery {
    /// From this day of the agency; today when absent.
    pub from: Option<NaiveDate>,
    /// Up to and including this day, at most 366 days later; a year after the first when absent.
    pub until: Option<NaiveDate>,
}
