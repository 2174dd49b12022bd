//! Who was assessed when, and what was found: current, expired, partial, corrected, by oneself, and not at all.

use std::collections::BTreeMap;

use chrono::{Days, NaiveDate};
use competency::{
    AssessmentEvent, AssessmentResult, Correction, EventState, Method, PolicyVersion, Purpose, Requirement,
    Standard, ValidityRubric, default_requirements, policy_on, reference, standard_on,
};
use kernel::{
    AgencyId, AssessmentEventId, AssessmentResultId, EmployeeId, Level, Name, Sex, UserId, Version,
};
use store::FoundingAssessment;

use super::dice::Dice;
use super::dictionary::Catalogue;
use super::people::Person;
use super::standards::step;
use super::structure::{Region, Structure};
use super::{Calendar, long_text, name, names};
use crate::app::AppError;

/// Streams of chance.
const COURSE: u64 = 6;
const ASSESSORS: u64 = 7;
const CORRECTION: u64 = 8;
const SELF: u64 = 9;

/// People per event.
const WAVE: u32 = 120;

/// A round of assessments through the whole agency.
struct Campaign {
    /// How many days before the installation.
    days_ago: u64,
    purpose: Purpose,
    methods: [Method; 3],
    /// Whoever was appointed later cannot have taken part.
    latest: i32,
}

/// The first has expired by any rubric, the second and third will have in a year, the last goes on.
const CAMPAIGNS: [Campaign; 4] = [
    Campaign { days_ago: 1550, purpose: Purpose::Mapping, methods: [Method::Simple; 3], latest: 2021 },
    Campaign {
        days_ago: 790,
        purpose: Purpose::Filling,
        methods: [Method::AssessmentCenter; 3],
        latest: 2023,
    },
    Campaign { days_ago: 420, purpose: Purpose::Mapping, methods: [Method::Cact; 3], latest: 2024 },
    Campaign {
        days_ago: 95,
        purpose: Purpose::Mapping,
        methods: [Method::Moderate, Method::Complex, Method::Interview],
        latest: 2025,
    },
];

/// The last of [`CAMPAIGNS`].
const LATEST: usize = 3;

/// How the assessments of one person went.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Course {
    /// Nobody ever assessed them.
    #[default]
    Never,
    /// Everything, in this campaign.
    Full(usize),
    /// Everything, long ago and again of late.
    Again,
    /// Of late, but not everything.
    Partial,
    /// Everything long ago, half of it again.
    Half,
}

const COURSES: [(u32, Course); 8] = [
    (8, Course::Never),
    (10, Course::Full(0)),
    (12, Course::Full(1)),
    (20, Course::Full(2)),
    (26, Course::Full(LATEST)),
    (13, Course::Again),
    (7, Course::Partial),
    (4, Course::Half),
];

/// What was found of somebody in one competency.
#[derive(Clone, Debug)]
struct Finding {
    campaign: usize,
    requirement: Requirement,
    level: Level,
}

/// What is to be found of everybody.
#[derive(Clone, Debug)]
pub(super) struct Plan {
    /// What each person's position requires on the day of the installation.
    needs: Vec<Vec<Requirement>>,
    courses: Vec<Course>,
    findings: Vec<Vec<Finding>>,
    /// Somebody whose profile has a bit of everything, and is complete.
    pub(super) example: Option<usize>,
}

/// What the assessments are made of.
pub(super) struct Assessing<'a> {
    pub(super) region: Region,
    pub(super) agency: AgencyId,
    pub(super) structure: &'a Structure,
    pub(super) catalogue: &'a Catalogue,
    /// Standards by the number of their position.
    pub(super) standards: &'a [Vec<Standard>],
    pub(super) people: &'a [Person],
    pub(super) validity: &'a [PolicyVersion<ValidityRubric>],
    pub(super) calendar: &'a Calendar,
}

impl Assessing<'_> {
    fn dice(&self, stream: u64, number: u64) -> Dice {
        Dice::at(&[self.region.number().into(), stream, number])
    }

    /// Decides what is to be found of whom.
    pub(super) fn plan(&self) -> Plan {
        let rubric = reference::default_levels_policy().rubric;
        let (version, contents) = &self.catalogue.national;
        let by_post: Vec<Vec<Requirement>> = self
            .structure
            .posts
            .iter()
            .zip(self.standards)
            .map(|(post, standards)| match standard_on(standards, self.calendar.today, self.calendar.now) {
                Some(standard) => standard.requirements.clone(),
                None => default_requirements(post.position.job_class, &rubric, version, contents)
                    .into_iter()
                    .map(|named| named.requirement)
                    .collect(),
            })
            .collect();
        let mut plan = Plan { needs: Vec::new(), courses: Vec::new(), findings: Vec::new(), example: None };
        for (number, person) in (0..).zip(self.people) {
            let mut dice = self.dice(COURSE, number);
            let needs = by_post.get(person.post).cloned().unwrap_or_default();
            let course = course(person.since, &mut dice);
            let findings = findings(&needs, course, &mut dice);
            if plan.example.is_none() && self.is_example(person, course, &findings) {
                plan.example = Some(plan.needs.len());
            }
            plan.needs.push(needs);
            plan.courses.push(course);
            plan.findings.push(findings);
        }
        plan
    }

    /// Whether somebody's profile is complete, has gaps and strengths, generic and technical ones, and a superior who
    /// would look at it.
    fn is_example(&self, person: &Person, course: Course, findings: &[Finding]) -> bool {
        let Some(post) = self.structure.posts.get(person.post) else { return false };
        let count = |is: fn(i8) -> bool| {
            let gap = |found: &&Finding| is(found.requirement.level.gap_to(found.level));
            findings.iter().filter(gap).count()
        };
        let technical =
            findings.iter().filter(|found| found.requirement.competency_agency == self.agency).count();
        course == Course::Full(LATEST)
            && !person.released
            && post.office > 0
            && !post.position.is_head
            && technical == 2
            && count(|gap| gap < 0) >= 3
            && count(|gap| gap == 0) >= 3
            && count(|gap| gap > 0) >= 2
    }

    /// The events at which it is found.
    pub(super) fn events(
        &self,
        plan: &Plan,
        assessor: UserId,
        example_user: UserId,
    ) -> Result<Vec<FoundingAssessment>, AppError> {
        let mut dice = self.dice(ASSESSORS, 0);
        let assessors = [(); 6]
            .map(|()| {
                let sex = if dice.chance(500) { Sex::Male } else { Sex::Female };
                name(&names::person(&mut dice, sex))
            })
            .into_iter()
            .collect::<Result<Vec<Name>, _>>()?;
        let mut events = self.campaigns(plan, assessor, &assessors)?;
        events.extend(self.selves(plan, assessor, example_user)?);
        events.extend(self.unfinished(plan, assessor, &assessors)?);
        Ok(events)
    }

    /// Every campaign, an event per department and family of competencies, and more where many take part.
    fn campaigns(
        &self,
        plan: &Plan,
        assessor: UserId,
        assessors: &[Name],
    ) -> Result<Vec<FoundingAssessment>, AppError> {
        let mut groups: BTreeMap<_, Vec<(usize, &Finding)>> = BTreeMap::new();
        let mut sizes: BTreeMap<(usize, usize), u32> = BTreeMap::new();
        for (index, (person, findings)) in self.people.iter().zip(&plan.findings).enumerate() {
            let Some(post) = self.structure.posts.get(person.post) else { continue };
            let mut waves = BTreeMap::new();
            for finding in findings {
                let wave = *waves.entry(finding.campaign).or_insert_with(|| {
                    let size = sizes.entry((finding.campaign, post.office)).or_default();
                    *size += 1;
                    (*size - 1) / WAVE
                });
                let technical = finding.requirement.competency_agency == self.agency;
                let key = (finding.campaign, post.office, technical, wave);
                groups.entry(key).or_default().push((index, finding));
            }
        }
        let mut events = Vec::with_capacity(groups.len());
        for (number, ((campaign, office, technical, wave), found)) in (0_u64..).zip(groups) {
            let Some(Campaign { days_ago, purpose, methods, .. }) = CAMPAIGNS.get(campaign) else { continue };
            let shift = u64::try_from(office % 10).unwrap_or_default();
            let assessed_on =
                self.calendar.today - Days::new(days_ago + shift + if technical { 0 } else { 2 });
            let method = methods.get(office % 3).copied().filter(|_| !technical).unwrap_or(Method::Test);
            let reference = format!("{}/{}/{}/{}", campaign + 1, office, u8::from(technical), wave + 1);
            let event = AssessmentEvent {
                provider: name("Pusat Penilaian Kompetensi Demo")?,
                accreditation: Some(name("A (contoh)")?),
                ..self.event(method, *purpose, assessed_on, &format!("LHPK/{reference}"))?
            };
            let mut dice = self.dice(CORRECTION, number);
            let assessor_name = assessors.get(usize::try_from(dice.below(6)).unwrap_or_default()).cloned();
            let validity = self.validity(assessed_on);
            let mut results = Vec::with_capacity(found.len());
            let mut corrections = BTreeMap::new();
            for (index, finding) in found {
                let Some(person) = self.people.get(index) else { continue };
                // The first result of the example is one of those that were corrected.
                let first = plan.needs.get(index).and_then(|needs| needs.first());
                let shown = plan.example == Some(index)
                    && first.is_some_and(|first| first.competency == finding.requirement.competency);
                let corrected = dice.chance(12) || shown;
                let entered = if corrected { other_than(finding.level) } else { finding.level };
                let mut result = self.result(&event, person.employee.id, finding, entered, validity)?;
                result.assessor = assessor_name.clone();
                if dice.chance(150) {
                    let evidence =
                        format!("Perilaku pada level {entered} tampak dalam simulasi dan wawancara.");
                    result.evidence = Some(long_text(&evidence)?);
                }
                // A certificate of one year where the provider says so.
                if campaign == LATEST && plan.example != Some(index) && dice.chance(20) {
                    result.valid_until = kernel::add_years(assessed_on, 1);
                }
                if corrected {
                    corrections.insert(result.id, finding.level);
                }
                results.push(result);
            }
            events.push(self.sign_off(event, results, corrections, assessor, validity)?);
        }
        Ok(events)
    }

    /// Final results, and the corrections that came after.
    fn sign_off(
        &self,
        event: AssessmentEvent,
        results: Vec<AssessmentResult>,
        corrections: BTreeMap<AssessmentResultId, Level>,
        assessor: UserId,
        validity: ValidityRubric,
    ) -> Result<FoundingAssessment, AppError> {
        let signed_at = self.calendar.instant(event.assessed_on + Days::new(14));
        let corrected_at = self.calendar.instant(event.assessed_on + Days::new(35));
        let (event, signed) = event.sign_off(assessor, results, validity, self.calendar.today, signed_at)?;
        let mut results = Vec::with_capacity(signed.len() + corrections.len());
        for result in signed {
            let Some(level) = corrections.get(&result.id).copied() else {
                results.push(result);
                continue;
            };
            let correction = Correction {
                id: AssessmentResultId::new(),
                level,
                evidence: Some(long_text("Catatan asesor dibaca ulang dan disepakati oleh tim asesor.")?),
                assessor: result.assessor.clone(),
                valid_until: None,
                reason: long_text("Level tertukar saat rekapitulasi hasil simulasi.")?,
            };
            let (wrong, right) = result.supersede(correction, validity, corrected_at)?;
            results.extend([wrong, right]);
        }
        let event = AssessmentEvent { version: event.version.next(), ..event };
        Ok(FoundingAssessment { event, created_by: Some(assessor), results })
    }

    /// What people think of themselves: the example, the first who was never assessed, and one in sixty.
    fn selves(
        &self,
        plan: &Plan,
        assessor: UserId,
        example_user: UserId,
    ) -> Result<Vec<FoundingAssessment>, AppError> {
        let never = plan.courses.iter().position(|course| *course == Course::Never);
        let mut events = Vec::new();
        for (number, (index, person)) in (0_u64..).zip(self.people.iter().enumerate()) {
            let mut dice = self.dice(SELF, number);
            let (is_example, is_never) = (plan.example == Some(index), never == Some(index));
            if !(dice.chance(16) || is_example || is_never) {
                continue;
            }
            let assessed_on = self.calendar.today - Days::new(30);
            let event = AssessmentEvent {
                provider: name("Penilaian mandiri")?,
                ..self.event(
                    Method::SelfAssessment,
                    Purpose::Mapping,
                    assessed_on,
                    &format!("MANDIRI/{number}"),
                )?
            };
            let validity = self.validity(assessed_on);
            let mut results = Vec::new();
            for requirement in plan.needs.get(index).into_iter().flatten() {
                let level = step(requirement.level, i64::from(dice.below(3)));
                let finding = Finding { campaign: LATEST, requirement: requirement.clone(), level };
                results.push(self.result(&event, person.employee.id, &finding, level, validity)?);
            }
            let signed = self.sign_off(event, results, BTreeMap::new(), assessor, validity)?;
            events.push(FoundingAssessment { created_by: is_example.then_some(example_user), ..signed });
        }
        Ok(events)
    }

    /// An event that is still being entered, and one that was called off, both of people nobody else assessed.
    fn unfinished(
        &self,
        plan: &Plan,
        assessor: UserId,
        assessors: &[Name],
    ) -> Result<Vec<FoundingAssessment>, AppError> {
        let waiting: Vec<usize> = (0..self.people.len())
            .filter(|index| plan.courses.get(*index) == Some(&Course::Never))
            .take(12)
            .collect();
        let (entering, called_off) = waiting.split_at(waiting.len().div_ceil(2));
        let mut events = Vec::new();
        for (days_ago, reference, cancelled, people) in
            [(7, "LHPK/BERJALAN", false, entering), (200, "LHPK/BATAL", true, called_off)]
        {
            let assessed_on = self.calendar.today - Days::new(days_ago);
            let mut event = self.event(Method::AssessmentCenter, Purpose::Filling, assessed_on, reference)?;
            let validity = self.validity(assessed_on);
            let mut results = Vec::new();
            for index in people {
                let (Some(person), Some(needs)) = (self.people.get(*index), plan.needs.get(*index)) else {
                    continue;
                };
                for requirement in needs {
                    let level = requirement.level;
                    let finding = Finding { campaign: LATEST, requirement: requirement.clone(), level };
                    let result = self.result(&event, person.employee.id, &finding, level, validity)?;
                    results.push(AssessmentResult { assessor: assessors.first().cloned(), ..result });
                }
            }
            if cancelled {
                event = AssessmentEvent { version: event.version.next(), ..event.cancel()? };
            }
            events.push(FoundingAssessment { event, created_by: Some(assessor), results });
        }
        Ok(events)
    }

    fn event(
        &self,
        method: Method,
        purpose: Purpose,
        assessed_on: NaiveDate,
        reference: &str,
    ) -> Result<AssessmentEvent, AppError> {
        Ok(AssessmentEvent {
            id: AssessmentEventId::new(),
            purpose,
            method,
            provider: name("Tim Penilai Internal Demo")?,
            accreditation: None,
            assessed_on,
            reference: Some(name(reference)?),
            state: EventState::Draft,
            signed_off_by: None,
            signed_off_at: None,
            version: Version::FIRST,
        })
    }

    fn result(
        &self,
        event: &AssessmentEvent,
        employee: EmployeeId,
        finding: &Finding,
        level: Level,
        validity: ValidityRubric,
    ) -> Result<AssessmentResult, AppError> {
        Ok(AssessmentResult {
            id: AssessmentResultId::new(),
            event: event.id,
            employee,
            competency: finding.requirement.competency,
            competency_agency: finding.requirement.competency_agency,
            level,
            evidence: None,
            assessor: None,
            assessed_on: event.assessed_on,
            valid_until: validity.last_day(event.assessed_on),
            recorded_at: None,
            superseded_at: None,
            supersedes: None,
            reason: None,
            method: event.method,
            purpose: event.purpose,
        })
    }

    /// The rubric of validity for results of that day.
    fn validity(&self, on: NaiveDate) -> ValidityRubric {
        policy_on(self.validity, reference::VALIDITY_POLICY, self.agency, on, self.calendar.now)
            .map_or(reference::validity_policy().rubric, |version| version.rubric)
    }
}

/// The course of somebody appointed in the year `since`: one they can have taken.
fn course(since: i32, dice: &mut Dice) -> Course {
    let possible = |course: Course| match course {
        Course::Never | Course::Partial => true,
        Course::Full(campaign) => CAMPAIGNS.get(campaign).is_some_and(|campaign| since <= campaign.latest),
        Course::Again | Course::Half => CAMPAIGNS.first().is_some_and(|campaign| since <= campaign.latest),
    };
    let chosen = dice.weighted(&COURSES);
    if possible(chosen) { chosen } else { Course::Full(LATEST) }
}

/// What is found of somebody along their course.
fn findings(needs: &[Requirement], course: Course, dice: &mut Dice) -> Vec<Finding> {
    let mut findings = Vec::new();
    for requirement in needs {
        let level = step(requirement.level, dice.weighted(&[(4, -2), (22, -1), (50, 0), (19, 1), (5, 2)]));
        let mut found = |campaign, level| {
            findings.push(Finding { campaign, requirement: requirement.clone(), level });
        };
        let taken = dice.chance(600);
        match course {
            Course::Never => {}
            Course::Full(campaign) => found(campaign, level),
            Course::Again => {
                found(0, step(level, -1));
                found(LATEST, level);
            }
            Course::Partial if taken => found(LATEST, level),
            Course::Partial => {}
            Course::Half => {
                found(0, level);
                if taken {
                    found(LATEST, level);
                }
            }
        }
    }
    findings
}

/// A level next to this one.
fn other_than(level: Level) -> Level {
    if level.get() == Level::MAX { step(level, -1) } else { step(level, 1) }
}
