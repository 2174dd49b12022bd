//! Programmes: what is taught, in which form, by whom, to whom, and what it costs.

use std::collections::BTreeSet;

use chrono::NaiveDate;
use kernel::{
    AgencyId, Code, CompetencyId, DictionaryVersionId, Hundredths, Level, LongText, Name, PartnerId,
    ProgrammeId, Rupiah, Version, Violation, ViolationCode, Violations, wire_enum,
};
use workforce::{JobClass, squeeze};

use crate::partner::once;

wire_enum! {
    /// How a programme reaches its participants.
    pub enum DeliveryMode {
        /// Over the network.
        Online = "ONLINE",
        /// At a place.
        Offline = "OFFLINE",
        /// Both.
        Blended = "BLENDED",
    }
}

impl DeliveryMode {
    /// Reads what a spreadsheet may hold: the name or the Indonesian words, in any case and punctuation.
    #[must_use]
    pub fn read(text: &str) -> Option<Self> {
        let text = squeeze(text);
        match text.as_str() {
            "daring" => Some(Self::Online),
            "luring" | "tatapmuka" => Some(Self::Offline),
            "campuran" | "bauran" | "hybrid" | "hibrida" => Some(Self::Blended),
            _ => Self::ALL.into_iter().find(|mode| squeeze(mode.as_str()) == text),
        }
    }
}

wire_enum! {
    /// Job classes that belong together (rumpun jabatan).
    pub enum JobFamily {
        /// Leadership positions (JPT).
        Leadership = "JPT",
        /// Administrative positions.
        Administrative = "ADMINISTRASI",
        /// Functional positions of skill (JF keterampilan).
        Skill = "JF_KETERAMPILAN",
        /// Functional positions of expertise (JF keahlian).
        Expertise = "JF_KEAHLIAN",
    }
}

impl JobFamily {
    /// Reads what a spreadsheet may hold: the name or the Indonesian words, in any case and punctuation.
    #[must_use]
    pub fn read(text: &str) -> Option<Self> {
        let text = squeeze(text);
        match text.as_str() {
            "jabatanpimpinantinggi" | "pimpinantinggi" => Some(Self::Leadership),
            "jabatanadministrasi" => Some(Self::Administrative),
            "keterampilan" | "fungsionalketerampilan" => Some(Self::Skill),
            "keahlian" | "fungsionalkeahlian" => Some(Self::Expertise),
            _ => Self::ALL.into_iter().find(|family| squeeze(family.as_str()) == text),
        }
    }

    /// The family of a job class.
    #[must_use]
    pub const fn of(class: JobClass) -> Self {
        match class {
            JobClass::JptUtama | JobClass::JptMadya | JobClass::JptPratama => Self::Leadership,
            JobClass::Administrator | JobClass::Pengawas | JobClass::Pelaksana => Self::Administrative,
            JobClass::JfPemula | JobClass::JfTerampil | JobClass::JfMahir | JobClass::JfPenyelia => {
                Self::Skill
            }
            JobClass::JfAhliPertama
            | JobClass::JfAhliMuda
            | JobClass::JfAhliMadya
            | JobClass::JfAhliUtama => Self::Expertise,
        }
    }
}

/// A step a programme teaches: from one level of a competency to another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// The competency.
    pub competency: CompetencyId,
    /// Whose dictionary it comes from: the agency's own or [`kernel::NATIONAL`].
    pub competency_agency: AgencyId,
    /// The version of the dictionary whose levels are meant.
    pub dictionary_version: DictionaryVersionId,
    /// The level it starts from; none for somebody without any.
    pub from: Option<Level>,
    /// The level it leads to.
    pub to: Level,
}

/// What somebody needs before they take part. Each names one thing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Prerequisite {
    /// A certificate of another programme that still counts.
    Programme(ProgrammeId),
    /// A level of a competency, assessed and still valid.
    Competency {
        /// The competency.
        competency: CompetencyId,
        /// Whose dictionary it comes from.
        competency_agency: AgencyId,
        /// The version of the dictionary whose levels are meant.
        dictionary_version: DictionaryVersionId,
        /// The level or a higher one.
        level: Level,
    },
}

/// Whom a programme is for: anybody of these classes or families; everybody when both are empty.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Audience {
    /// Job classes.
    pub job_classes: Vec<JobClass>,
    /// Families of job classes.
    pub job_families: Vec<JobFamily>,
}

impl Audience {
    /// Whether somebody in a position of this class is meant. Whoever holds no position belongs to no class, and is none of
    /// those a programme is kept for.
    #[must_use]
    pub fn includes(&self, class: Option<JobClass>) -> bool {
        (self.job_classes.is_empty() && self.job_families.is_empty())
            || class.is_some_and(|class| {
                self.job_classes.contains(&class) || self.job_families.contains(&JobFamily::of(class))
            })
    }
}

/// What a programme costs. Absent is not known; 0 is free.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Price {
    /// For each participant.
    pub per_participant: Option<Rupiah>,
    /// For each class, however many come.
    pub per_class: Option<Rupiah>,
}

impl Price {
    /// What a class with so many participants costs; not known when neither price is, or the sum is beyond counting.
    #[must_use]
    pub fn of_class(self, participants: u32) -> Option<Rupiah> {
        let each = match self.per_participant {
            Some(each) => Some(each.times(participants)?),
            None => None,
        };
        match (each, self.per_class) {
            (None, None) => None,
            (each, whole) => each.unwrap_or(Rupiah::ZERO).plus(whole.unwrap_or(Rupiah::ZERO)),
        }
    }
}

wire_enum! {
    /// Where a programme stands.
    pub enum ProgrammeState {
        /// Being written; nobody is offered it.
        Draft = "DRAFT",
        /// On offer: classes are held of it.
        Published = "PUBLISHED",
        /// No longer on offer; classes under way go on.
        Retired = "RETIRED",
    }
}

wire_enum! {
    /// What can be done with a programme.
    pub enum ProgrammeAction {
        /// Change what it says.
        Edit = "EDIT",
        /// Throw it away.
        Delete = "DELETE",
        /// Put it on offer.
        Publish = "PUBLISH",
        /// Take it off offer.
        Retire = "RETIRE",
        /// Plan a class of it.
        PlanClass = "PLAN_CLASS",
    }
}

impl ProgrammeState {
    /// Reads what a spreadsheet may hold: the name or the Indonesian words, in any case and punctuation.
    #[must_use]
    pub fn read(text: &str) -> Option<Self> {
        let text = squeeze(text);
        match text.as_str() {
            "draf" | "konsep" => Some(Self::Draft),
            "terbit" | "aktif" | "ditawarkan" => Some(Self::Published),
            "ditarik" | "tidakaktif" | "nonaktif" => Some(Self::Retired),
            _ => Self::ALL.into_iter().find(|state| squeeze(state.as_str()) == text),
        }
    }

    /// What a programme in this state allows.
    #[must_use]
    pub const fn allowed_actions(self) -> &'static [ProgrammeAction] {
        match self {
            Self::Draft => &[ProgrammeAction::Edit, ProgrammeAction::Delete, ProgrammeAction::Publish],
            Self::Published => &[ProgrammeAction::Edit, ProgrammeAction::Retire, ProgrammeAction::PlanClass],
            Self::Retired => &[ProgrammeAction::Publish],
        }
    }
}

/// What a programme says of itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProgrammeContent {
    /// Its code in the agency.
    pub code: Code,
    /// Its name.
    pub name: Name,
    /// What participants can do afterwards.
    pub objectives: LongText,
    /// The code of its form of development.
    pub form: Code,
    /// Who provides it.
    pub partner: PartnerId,
    /// Who owns the curriculum (instansi pembina), where that is somebody else.
    pub curriculum_owner: Option<PartnerId>,
    /// How it reaches its participants.
    pub mode: DeliveryMode,
    /// Learning hours a certificate of it states; without them they follow from the form.
    pub jp: Option<Hundredths>,
    /// What it costs.
    pub price: Price,
    /// By whom it is accredited, with what grade.
    pub accreditation: Option<Name>,
    /// How long a certificate of it counts, in months; for ever without.
    pub certificate_months: Option<u16>,
    /// What it teaches.
    pub steps: Vec<Step>,
    /// What it builds on.
    pub prerequisites: Vec<Prerequisite>,
    /// Whom it is for.
    pub audience: Audience,
}

/// A programme (program pengembangan kompetensi).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Programme {
    /// Its identifier.
    pub id: ProgrammeId,
    /// What it says.
    pub content: ProgrammeContent,
    /// Where it stands.
    pub state: ProgrammeState,
    /// How often it has been written.
    pub version: Version,
}

/// Why a change of a programme is refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ProgrammeError {
    /// The programme's state does not allow it.
    #[error("{action} is not possible for a programme in state {state}")]
    WrongState {
        /// What was asked for.
        action: ProgrammeAction,
        /// Where the programme stands.
        state: ProgrammeState,
    },
    /// Values that cannot stand, with pointers into the content.
    #[error("{} values are invalid", .0.len())]
    Invalid(Vec<Violation>),
}

impl ProgrammeError {
    /// The code clients see.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::WrongState { .. } => "PROGRAMME_STATE",
            Self::Invalid(_) => "PROGRAMME_INVALID",
        }
    }
}

impl ProgrammeContent {
    /// The most steps, and the most prerequisites, of one programme.
    pub const MAX_PARTS: usize = 50;

    /// The most learning hours of one programme.
    pub const MAX_JP: Hundredths = Hundredths::from_count(1_000_000);

    /// The longest a certificate may be said to count: 50 years.
    pub const MAX_MONTHS: u16 = 600;

    /// Whether these values can stand for the programme `id`.
    ///
    /// # Errors
    /// `/jp`, `/certificate_months` out of range; `/steps/N/competency_id` named twice, `/steps/N/level_from` not below the
    /// level it leads to; `/prerequisites/N` named twice or the programme itself; `/audience/..` named twice.
    pub fn check(&self, id: ProgrammeId) -> Result<(), Vec<Violation>> {
        let mut found = Violations::new();
        found.check(self.jp.is_some_and(|jp| jp.count() == 0 || jp > Self::MAX_JP), || {
            Violation::new("/jp", ViolationCode::OutOfRange)
                .with("min", Hundredths::from_count(1))
                .with("max", Self::MAX_JP)
        });
        found.check(
            self.certificate_months.is_some_and(|months| !(1..=Self::MAX_MONTHS).contains(&months)),
            || {
                Violation::new("/certificate_months", ViolationCode::OutOfRange)
                    .with("min", 1)
                    .with("max", Self::MAX_MONTHS)
            },
        );
        for (at, count) in [("/steps", self.steps.len()), ("/prerequisites", self.prerequisites.len())] {
            found.check(count > Self::MAX_PARTS, || {
                Violation::new(at, ViolationCode::TooMany).with("max", Self::MAX_PARTS)
            });
        }
        let mut seen = BTreeSet::new();
        for (index, step) in self.steps.iter().enumerate() {
            found.check(!seen.insert((step.competency_agency, step.competency)), || {
                Violation::new(format!("/steps/{index}/competency_id"), ViolationCode::Duplicate)
            });
            found.check(step.from.is_some_and(|from| from >= step.to), || {
                Violation::new(format!("/steps/{index}/level_from"), ViolationCode::Inconsistent)
            });
        }
        let (mut programmes, mut competencies) = (BTreeSet::new(), BTreeSet::new());
        for (index, prerequisite) in self.prerequisites.iter().enumerate() {
            let (property, fresh, own) = match prerequisite {
                Prerequisite::Programme(other) => ("programme_id", programmes.insert(*other), *other == id),
                Prerequisite::Competency { competency, competency_agency, .. } => {
                    ("competency_id", competencies.insert((*competency_agency, *competency)), false)
                }
            };
            let at = || format!("/prerequisites/{index}/{property}");
            found.check(!fresh, || Violation::new(at(), ViolationCode::Duplicate));
            found.check(own, || Violation::new(at(), ViolationCode::Cycle));
        }
        once(&mut found, "/audience/job_classes", &self.audience.job_classes);
        once(&mut found, "/audience/job_families", &self.audience.job_families);
        found.finish()
    }

    /// The last day a certificate issued on `day` counts; none when it does so for ever.
    #[must_use]
    pub fn certificate_last_day(&self, day: NaiveDate) -> Option<NaiveDate> {
        let months = self.certificate_months?;
        Some(day.checked_add_months(chrono::Months::new(u32::from(months))).unwrap_or(NaiveDate::MAX))
    }
}

impl Programme {
    /// A new draft.
    ///
    /// # Errors
    /// [`ProgrammeError::Invalid`].
    pub fn draft(id: ProgrammeId, content: ProgrammeContent) -> Result<Self, ProgrammeError> {
        content.check(id).map_err(ProgrammeError::Invalid)?;
        Ok(Self { id, content, state: ProgrammeState::Draft, version: Version::FIRST })
    }

    /// Whether `action` is possible as it stands.
    ///
    /// # Errors
    /// [`ProgrammeError::WrongState`].
    pub fn require(&self, action: ProgrammeAction) -> Result<(), ProgrammeError> {
        if self.state.allowed_actions().contains(&action) {
            Ok(())
        } else {
            Err(ProgrammeError::WrongState { action, state: self.state })
        }
    }

    /// The programme with new content.
    ///
    /// # Errors
    /// [`ProgrammeError::WrongState`] once retired, [`ProgrammeError::Invalid`].
    pub fn edit(self, content: ProgrammeContent) -> Result<Self, ProgrammeError> {
        self.require(ProgrammeAction::Edit)?;
        content.check(self.id).map_err(ProgrammeError::Invalid)?;
        Ok(Self { content, ..self })
    }

    /// The programme, on offer.
    ///
    /// # Errors
    /// [`ProgrammeError::WrongState`].
    pub fn publish(self) -> Result<Self, ProgrammeError> {
        self.require(ProgrammeAction::Publish)?;
        Ok(Self { state: ProgrammeState::Published, ..self })
    }

    /// The programme, no longer on offer.
    ///
    /// # Errors
    /// [`ProgrammeError::WrongState`].
    pub fn retire(self) -> Result<Self, ProgrammeError> {
        self.require(ProgrammeAction::Retire)?;
        Ok(Self { state: ProgrammeState::Retired, ..self })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use kernel::NATIONAL;

    fn level(value: i64) -> Level {
        Level::new(value).unwrap()
    }

    fn step(competency: CompetencyId, from: Option<i64>, to: i64) -> Step {
        Step {
            competency,
            competency_agency: NATIONAL,
            dictionary_version: DictionaryVersionId::new(),
            from: from.map(level),
            to: level(to),
        }
    }

    fn content() -> ProgrammeContent {
        ProgrammeContent {
            code: Code::parse("P1").unwrap(),
            name: Name::parse("Pelatihan").unwrap(),
            objectives: LongText::parse("Peserta mampu").unwrap(),
            form: Code::parse("KL03").unwrap(),
            partner: PartnerId::new(),
            curriculum_owner: None,
            mode: DeliveryMode::Offline,
            jp: None,
            price: Price::default(),
            accreditation: None,
            certificate_months: None,
            steps: vec![step(CompetencyId::new(), Some(2), 3)],
            prerequisites: Vec::new(),
            audience: Audience::default(),
        }
    }

    fn refused(content: &ProgrammeContent, id: ProgrammeId) -> Vec<(String, ViolationCode)> {
        let found = content.check(id).unwrap_err();
        found.into_iter().map(|one| (one.pointer, one.code)).collect()
    }

    #[test]
    fn a_step_leads_up_and_each_competency_is_taught_once() {
        let one = CompetencyId::new();
        let mut wrong = content();
        wrong.steps = vec![step(one, None, 1), step(one, Some(3), 3)];
        assert_eq!(
            refused(&wrong, ProgrammeId::new()),
            [
                ("/steps/1/competency_id".to_owned(), ViolationCode::Duplicate),
                ("/steps/1/level_from".to_owned(), ViolationCode::Inconsistent),
            ]
        );
    }

    #[test]
    fn what_people_write_is_read() {
        assert_eq!(DeliveryMode::read("Tatap Muka"), Some(DeliveryMode::Offline));
        assert_eq!(DeliveryMode::read("blended"), Some(DeliveryMode::Blended));
        assert_eq!(JobFamily::read("JF keahlian"), Some(JobFamily::Expertise));
        assert_eq!(JobFamily::read("Jabatan Pimpinan Tinggi"), Some(JobFamily::Leadership));
        assert_eq!(ProgrammeState::read("Terbit"), Some(ProgrammeState::Published));
        assert_eq!(ProgrammeState::read("retired"), Some(ProgrammeState::Retired));
        assert_eq!(
            (DeliveryMode::read(""), JobFamily::read("JF"), ProgrammeState::read("?")),
            (None, None, None)
        );
    }

    #[test]
    fn nothing_builds_on_itself_or_twice_on_the_same() {
        let (id, other) = (ProgrammeId::new(), ProgrammeId::new());
        let mut wrong = content();
        wrong.prerequisites = [other, id, other].map(Prerequisite::Programme).to_vec();
        assert_eq!(
            refused(&wrong, id),
            [
                ("/prerequisites/1/programme_id".to_owned(), ViolationCode::Cycle),
                ("/prerequisites/2/programme_id".to_owned(), ViolationCode::Duplicate),
            ]
        );
    }

    #[test]
    fn an_audience_is_anybody_it_names_and_everybody_when_it_names_nobody() {
        let some =
            Audience { job_classes: vec![JobClass::Pelaksana], job_families: vec![JobFamily::Leadership] };
        assert!(some.includes(Some(JobClass::Pelaksana)) && some.includes(Some(JobClass::JptMadya)));
        assert!(!some.includes(Some(JobClass::Pengawas)));
        assert!(!some.includes(None) && Audience::default().includes(None));
        assert!(JobClass::ALL.into_iter().all(|class| Audience::default().includes(Some(class))));
    }

    #[test]
    fn what_is_not_known_to_cost_anything_does_not_cost_nothing() {
        let rupiah = |amount| Rupiah::new(amount).unwrap();
        let price = |each: Option<i64>, whole: Option<i64>| Price {
            per_participant: each.map(rupiah),
            per_class: whole.map(rupiah),
        };
        assert_eq!(price(None, None).of_class(10), None);
        assert_eq!(price(Some(0), None).of_class(10), Some(Rupiah::ZERO));
        assert_eq!(price(Some(2), Some(5)).of_class(10), Some(rupiah(25)));
        assert_eq!(price(None, Some(5)).of_class(0), Some(rupiah(5)));
        assert_eq!(price(Some(Rupiah::MAX.amount()), None).of_class(2), None, "beyond counting");
    }

    #[test]
    fn every_state_allows_what_it_allows_and_nothing_else() {
        for state in ProgrammeState::ALL {
            let at = || Programme { state, ..Programme::draft(ProgrammeId::new(), content()).unwrap() };
            let after = [
                (ProgrammeAction::Edit, at().edit(content()).map(|one| one.state)),
                (ProgrammeAction::Publish, at().publish().map(|one| one.state)),
                (ProgrammeAction::Retire, at().retire().map(|one| one.state)),
            ];
            for (action, result) in after {
                let allowed = state.allowed_actions().contains(&action);
                assert_eq!(result.is_ok(), allowed, "{state} {action}");
                if !allowed {
                    assert_eq!(result.unwrap_err().code(), "PROGRAMME_STATE");
                }
            }
        }
    }

    #[test]
    fn a_certificate_counts_to_the_same_day_some_months_on() {
        let day = |month, day| NaiveDate::from_ymd_opt(2026, month, day).unwrap();
        let mut some = content();
        assert_eq!(some.certificate_last_day(day(1, 31)), None);
        some.certificate_months = Some(1);
        assert_eq!(some.certificate_last_day(day(1, 31)), Some(day(2, 28)));
    }
}
