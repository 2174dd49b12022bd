//! The rows of the catalogue and of what people learned.

use chrono::NaiveDate;
use development::certificate_key;
use kernel::{Code, Hundredths, Level, LongText, Name, Nip, Rupiah};

use super::moments::{Moment, moment};
use super::rows::{hundredths, text};
use super::{FromRow, ImportKind, RowReader, cells};

/// A programme.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProgrammeRow {
    /// Its code, unique in the agency.
    pub code: Code,
    /// Its name.
    pub name: Name,
    /// What participants can do afterwards.
    pub objectives: LongText,
    /// Its form, as written.
    pub form: Name,
    /// The code of who provides it.
    pub partner_code: Code,
    /// The code of who owns the curriculum.
    pub curriculum_owner_code: Option<Code>,
    /// How it reaches its participants, as written.
    pub mode: Name,
    /// The hours it states.
    pub jp: Option<Hundredths>,
    /// What it costs for each participant.
    pub price_per_participant: Option<Rupiah>,
    /// What it costs for each class.
    pub price_per_class: Option<Rupiah>,
    /// By whom it is accredited.
    pub accreditation: Option<Name>,
    /// How many months a certificate of it counts.
    pub certificate_months: Option<u16>,
    /// The job classes it is for, as written.
    pub job_classes: Option<Vec<Name>>,
    /// The families it is for, as written.
    pub job_families: Option<Vec<Name>>,
    /// Where it stands, as written.
    pub state: Option<Name>,
    /// The codes of programmes it builds on.
    pub prerequisites: Option<Vec<Code>>,
}

impl FromRow for ProgrammeRow {
    const KIND: ImportKind = ImportKind::Programmes;
    const KEY: &'static [&'static str] = &["code"];

    fn from_row(row: &mut RowReader<'_>) -> Option<Self> {
        let code = row.required("code", text(Code::parse));
        let name = row.required("name", text(Name::parse));
        let objectives = row.required("objectives", text(LongText::parse));
        let form = row.required("form", text(Name::parse));
        let partner_code = row.required("partner_code", text(Code::parse));
        let curriculum_owner_code = row.optional("curriculum_owner_code", text(Code::parse));
        let mode = row.required("mode", text(Name::parse));
        let jp = row.optional("jp", text(hundredths));
        let price_per_participant = row.optional("price_per_participant", text(rupiah));
        let price_per_class = row.optional("price_per_class", text(rupiah));
        let accreditation = row.optional("accreditation", text(Name::parse));
        let certificate_months = row.optional("certificate_months", text(small));
        let job_classes = row.optional("audience_job_classes", text(cells::list(Name::parse)));
        let job_families = row.optional("audience_job_families", text(cells::list(Name::parse)));
        let state = row.optional("state", text(Name::parse));
        let prerequisites = row.optional("prerequisite_programmes", text(cells::list(Code::parse)));
        Some(Self {
            code: code?,
            name: name?,
            objectives: objectives?,
            form: form?,
            partner_code: partner_code?,
            curriculum_owner_code: curriculum_owner_code?,
            mode: mode?,
            jp: jp?,
            price_per_participant: price_per_participant?,
            price_per_class: price_per_class?,
            accreditation: accreditation?,
            certificate_months: certificate_months?,
            job_classes: job_classes?,
            job_families: job_families?,
            state: state?,
            prerequisites: prerequisites?,
        })
    }

    fn key(&self) -> Vec<String> {
        vec![self.code.to_string()]
    }
}

fn rupiah(text: &str) -> Result<Rupiah, kernel::Violation> {
    let most = Rupiah::MAX.amount();
    let amount = cells::count(u64::try_from(most).unwrap_or(u64::MAX))(text)?;
    Ok(Rupiah::stored(i64::try_from(amount).unwrap_or(most)))
}

fn small(text: &str) -> Result<u16, kernel::Violation> {
    let number = cells::count(u64::from(u16::MAX))(text)?;
    Ok(u16::try_from(number).unwrap_or(u16::MAX))
}

/// What a programme teaches.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProgrammeStepRow {
    /// The code of the programme.
    pub programme_code: Code,
    /// The code of the dictionary.
    pub dictionary: Code,
    /// The code of the competency.
    pub competency_code: Code,
    /// The level it starts from; none for somebody without any.
    pub level_from: Option<Level>,
    /// The level it leads to.
    pub level_to: Level,
}

impl FromRow for ProgrammeStepRow {
    const KIND: ImportKind = ImportKind::ProgrammeSteps;
    const KEY: &'static [&'static str] = &["competency_code", "dictionary", "programme_code"];

    fn from_row(row: &mut RowReader<'_>) -> Option<Self> {
        let programme_code = row.required("programme_code", text(Code::parse));
        let dictionary = row.required("dictionary", text(Code::parse));
        let competency_code = row.required("competency_code", text(Code::parse));
        let level_from = row.optional("level_from", text(cells::level));
        let level_to = row.required("level_to", text(cells::level));
        Some(Self {
            programme_code: programme_code?,
            dictionary: dictionary?,
            competency_code: competency_code?,
            level_from: level_from?,
            level_to: level_to?,
        })
    }

    fn key(&self) -> Vec<String> {
        vec![self.competency_code.to_string(), self.dictionary.to_string(), self.programme_code.to_string()]
    }
}

/// A class with one of its sessions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClassRow {
    /// The code of the class.
    pub code: Code,
    /// The code of the programme.
    pub programme_code: Code,
    /// How many may take part.
    pub seats: u16,
    /// The fewest participants it is held for.
    pub min_participants: Option<u16>,
    /// How many may wait.
    pub waitlist: Option<u16>,
    /// When registration opens.
    pub registration_opens_at: Moment,
    /// When it closes.
    pub registration_closes_at: Moment,
    /// The session; none for a class without any.
    pub session: Option<SessionCells>,
    /// What participants should know.
    pub note: Option<LongText>,
    /// Where the class stands, as written.
    pub state: Option<Name>,
}

/// A session of a class.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SessionCells {
    /// When it begins.
    pub starts_at: Moment,
    /// When it ends.
    pub ends_at: Moment,
    /// Where.
    pub place: Option<Name>,
    /// The address at which it is joined.
    pub url: Option<Name>,
    /// What it is about.
    pub topic: Option<Name>,
}

impl FromRow for ClassRow {
    const KIND: ImportKind = ImportKind::Classes;
    const KEY: &'static [&'static str] = &["session_starts_at", "code"];

    fn from_row(row: &mut RowReader<'_>) -> Option<Self> {
        let code = row.required("code", text(Code::parse));
        let programme_code = row.required("programme_code", text(Code::parse));
        let seats = row.required("seats", text(small));
        let min_participants = row.optional("min_participants", text(small));
        let waitlist = row.optional("waitlist", text(small));
        let registration_opens_at = row.required("registration_opens_at", moment);
        let registration_closes_at = row.required("registration_closes_at", moment);
        let session = session(row);
        let note = row.optional("note", text(LongText::parse));
        let state = row.optional("state", text(Name::parse));
        Some(Self {
            code: code?,
            programme_code: programme_code?,
            seats: seats?,
            min_participants: min_participants?,
            waitlist: waitlist?,
            registration_opens_at: registration_opens_at?,
            registration_closes_at: registration_closes_at?,
            session: session?,
            note: note?,
            state: state?,
        })
    }

    fn key(&self) -> Vec<String> {
        let starts = self.session.as_ref().map(|session| format!("{:?}", session.starts_at));
        vec![starts.unwrap_or_default(), self.code.to_string()]
    }
}

/// The session of a row: nothing, or all that a session cannot be without.
fn session(row: &mut RowReader<'_>) -> Option<Option<SessionCells>> {
    let starts_at = row.optional("session_starts_at", moment);
    let ends_at = row.optional("session_ends_at", moment);
    let place = row.optional("session_place", text(Name::parse));
    let url = row.optional("session_url", text(Name::parse));
    let topic = row.optional("session_topic", text(Name::parse));
    let (starts_at, ends_at, place, url, topic) = (starts_at?, ends_at?, place?, url?, topic?);
    let says_something = place.is_some() || url.is_some() || topic.is_some();
    match (starts_at, ends_at) {
        (Some(starts_at), Some(ends_at)) => {
            Some(Some(SessionCells { starts_at, ends_at, place, url, topic }))
        }
        (None, None) if !says_something => Some(None),
        (starts_at, ends_at) => {
            if starts_at.is_none() {
                row.missing("session_starts_at");
            }
            if ends_at.is_none() {
                row.missing("session_ends_at");
            }
            None
        }
    }
}

/// A certificate as cells tell it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CertificateCells {
    /// Its number.
    pub number: Name,
    /// Its day.
    pub issued_on: Option<NaiveDate>,
    /// The last day it is valid.
    pub valid_until: Option<NaiveDate>,
}

/// The certificate of a row. One that has a day has a number; `number` says what is one.
fn certificate(
    row: &mut RowReader<'_>,
    number: fn(&str) -> Result<Name, kernel::Violation>,
) -> Option<Option<CertificateCells>> {
    let number = row.optional("certificate_number", text(number));
    let issued_on = row.optional("certificate_issued_on", cells::date);
    let valid_until = row.optional("certificate_valid_until", cells::date);
    let (number, issued_on, valid_until) = (number?, issued_on?, valid_until?);
    match number {
        Some(number) => Some(Some(CertificateCells { number, issued_on, valid_until })),
        None if issued_on.is_none() && valid_until.is_none() => Some(None),
        None => {
            row.missing("certificate_number");
            None
        }
    }
}

/// A number that tells one certificate from another.
fn telling(text: &str) -> Result<Name, kernel::Violation> {
    let number = Name::parse(text)?;
    certificate_key(&number).map(|_key| number)
}

/// The columns that tell something learned from what else the same person learned: the certificate, or else what and when.
const LEARNED: &[&str] =
    &["nip", "certificate_number", "certificate_issued_on", "title", "started_on", "ended_on"];

/// Tells something learned from what else the same person learned.
fn learned(
    nip: &Nip,
    certificate: Option<&CertificateCells>,
    title: &Name,
    (started_on, ended_on): (NaiveDate, NaiveDate),
) -> Vec<String> {
    let nip = nip.as_str().to_owned();
    let number = certificate.and_then(|one| Some((certificate_key(&one.number).ok()?, one.issued_on)));
    match number {
        Some((key, issued_on)) => vec![nip, key, issued_on.unwrap_or(ended_on).to_string()],
        None => {
            let days = format!("{started_on} {ended_on}");
            vec![nip, title.as_str().to_lowercase(), days, String::new()]
        }
    }
}

/// Learning that somebody logs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OwnLearningRow {
    /// Whose.
    pub nip: Nip,
    /// What.
    pub title: Name,
    /// Who gave it.
    pub provider: Option<Name>,
    /// Its form, as written.
    pub form: Name,
    /// The first day.
    pub started_on: NaiveDate,
    /// The last day.
    pub ended_on: NaiveDate,
    /// The day of every session or activity.
    pub units: Option<Vec<NaiveDate>>,
    /// Whether it was an international event.
    pub international: Option<bool>,
    /// The hours the certificate states.
    pub certificate_jp: Option<Hundredths>,
    /// The certificate.
    pub certificate: Option<CertificateCells>,
    /// Where the document is.
    pub document: Name,
    /// More on it.
    pub note: Option<LongText>,
}

impl FromRow for OwnLearningRow {
    const KIND: ImportKind = ImportKind::OwnLearnings;
    const KEY: &'static [&'static str] = LEARNED;

    fn from_row(row: &mut RowReader<'_>) -> Option<Self> {
        let nip = row.nip();
        let title = row.required("title", text(Name::parse));
        let provider = row.optional("provider", text(Name::parse));
        let form = row.required("form", text(Name::parse));
        let started_on = row.required("started_on", cells::date);
        let ended_on = row.required("ended_on", cells::date);
        let units = row.optional("units", days);
        let international = row.optional("international", text(cells::flag));
        let certificate_jp = row.optional("certificate_jp", text(hundredths));
        let certificate = certificate(row, telling);
        let document = row.required("document", text(Name::parse));
        let note = row.optional("note", text(LongText::parse));
        // A certificate is known by its number and its day; nothing says the day where it is blank.
        let dated = certificate
            .as_ref()
            .is_none_or(|one| one.as_ref().is_none_or(|certificate| certificate.issued_on.is_some()));
        if !dated {
            row.missing("certificate_issued_on");
        }
        Some(Self {
            nip: nip?,
            title: title?,
            provider: provider?,
            form: form?,
            started_on: started_on?,
            ended_on: ended_on?,
            units: units?,
            international: international?,
            certificate_jp: certificate_jp?,
            certificate: certificate.filter(|_| dated)?,
            document: document?,
            note: note?,
        })
    }

    fn key(&self) -> Vec<String> {
        learned(&self.nip, self.certificate.as_ref(), &self.title, (self.started_on, self.ended_on))
    }
}

/// Days with `|` between them; a spreadsheet may have made a date of a single one.
fn days(cell: &cells::Cell) -> Result<Vec<NaiveDate>, kernel::Violation> {
    let day = |text: &str| cells::date(&cells::Cell::text(text));
    match cell {
        cells::Cell::Date(day) => Ok(vec![*day]),
        other => cells::list(day)(&other.shown()),
    }
}

/// Training that was held and recorded elsewhere.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TrainingRecordRow {
    /// Whose.
    pub nip: Nip,
    /// What was learned.
    pub title: Name,
    /// Who held it.
    pub provider: Option<Name>,
    /// Its form, as written.
    pub form: Name,
    /// The first day.
    pub started_on: NaiveDate,
    /// The last day.
    pub ended_on: NaiveDate,
    /// The hours, where any are said.
    pub jp: Option<Hundredths>,
    /// The certificate.
    pub certificate: Option<CertificateCells>,
    /// Where it is found.
    pub document: Option<Name>,
}

impl FromRow for TrainingRecordRow {
    const KIND: ImportKind = ImportKind::TrainingRecords;
    const KEY: &'static [&'static str] = LEARNED;

    fn from_row(row: &mut RowReader<'_>) -> Option<Self> {
        let nip = row.nip();
        let title = row.required("title", text(Name::parse));
        let provider = row.optional("provider", text(Name::parse));
        let form = row.required("form", text(Name::parse));
        let started_on = row.required("started_on", cells::date);
        let ended_on = row.optional("ended_on", cells::date);
        let jp = row.optional("jp", text(hundredths));
        let certificate = certificate(row, Name::parse);
        let document = row.optional("document", text(Name::parse));
        let started_on = started_on?;
        Some(Self {
            nip: nip?,
            title: title?,
            provider: provider?,
            form: form?,
            started_on,
            ended_on: ended_on?.unwrap_or(started_on),
            jp: jp?.filter(|jp| jp.count() > 0),
            // Histories are full of dashes where there is no number.
            certificate: certificate?.filter(|one| certificate_key(&one.number).is_ok()),
            document: document?,
        })
    }

    fn key(&self) -> Vec<String> {
        learned(&self.nip, self.certificate.as_ref(), &self.title, (self.started_on, self.ended_on))
    }
}
