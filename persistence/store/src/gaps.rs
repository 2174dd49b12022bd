//! What the gap profile of a person is computed from, and the gaps of the people of a unit.

use std::sync::Arc;

use chrono::{DateTime, NaiveDate, Utc};
use competency::{
    AssessmentResult, CompetencyGap, Content, DefaultLevelsRubric, Evidence, GapState, Importance, JpmRubric,
    NamedRequirement, PolicyVersion, Requirement, Severity, StandardBasis, default_requirements, policy_on,
    reference,
};
use entities::dictionary_versions;
use kernel::{
    AgencyId, Code, CompetencyId, DictionaryVersionId, EmployeeId, Hundredths, Level, NATIONAL, Name, Nip,
    Page, PositionId, StandardId, UnitId,
};
use sea_orm::{FromQueryResult, raw_sql};
use serde_json::{Value, json};
use uuid::Uuid;
use workforce::JobClass;

use crate::assessments::ResultRecord;
use crate::dictionaries::version_domain;
use crate::evidence;
use crate::gap_model::MISSING;
use crate::memory::Required;
use crate::read::PeopleFilter;
use crate::rows::{code, known, long_text, name};
use crate::sentence::Sentence;
use crate::{PageRequest, Reader, StoreError};

/// The person a gap is of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GapPerson {
    /// Their id.
    pub id: EmployeeId,
    /// Their NIP.
    pub nip: Nip,
    /// Their name.
    pub name: Name,
}

/// The position a gap is measured against.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GapPosition {
    /// Its id.
    pub id: PositionId,
    /// Its code.
    pub code: Code,
    /// Its name.
    pub name: Name,
    /// Its unit.
    pub unit: UnitId,
    /// Its job class.
    pub job_class: JobClass,
}

/// What a gap profile is computed from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProfileFacts {
    /// Whose profile.
    pub person: GapPerson,
    /// The position held on the day, or the target; none when nothing was held, or there is no such target.
    pub position: Option<GapPosition>,
    /// The instant by which all of this was known: the one asked about, or the moment of reading.
    pub known_at: DateTime<Utc>,
    /// What the requirements rest on; none when neither a standard nor a rubric of default levels applies.
    pub basis: Option<StandardBasis>,
    /// What the position requires, in order.
    pub requirements: Vec<NamedRequirement>,
    /// The person's results in these competencies that count on the day, expired ones included.
    pub results: Vec<AssessmentResult>,
    /// The rubrics a job person match may be graded by.
    pub policies: Arc<[PolicyVersion<JpmRubric>]>,
}

/// Which gaps a list holds; everything that is given must hold. An empty list leaves nothing out.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct GapFilter {
    /// In one of these states.
    pub states: Vec<GapState>,
    /// In this competency.
    pub competency: Option<CompetencyId>,
    /// Of one of these severities.
    pub severities: Vec<Severity>,
    /// Of one of these importances.
    pub importances: Vec<Importance>,
    /// At least this many levels short. What is unknown is not short.
    pub min_shortfall: Option<u8>,
}

/// A person's stand in one competency their position requires.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnitGapRow {
    /// The person.
    pub person: GapPerson,
    /// The position they hold on the day.
    pub position: GapPosition,
    /// The position's standard; none where default levels stand in.
    pub standard: Option<StandardId>,
    /// What is required.
    pub required: NamedRequirement,
    /// The result that counts on the day, or the latest expired one.
    pub result: Option<AssessmentResult>,
}

impl UnitGapRow {
    /// The gap, as the person's profile has it; `day` is the day the list was asked for.
    #[must_use]
    pub fn gap(&self, day: NaiveDate) -> CompetencyGap {
        let evidence = match &self.result {
            Some(result) if result.valid_until >= day => Evidence::Valid(result),
            Some(result) => Evidence::Expired(result),
            None => Evidence::Missing,
        };
        CompetencyGap::new(self.required.clone(), evidence, day)
    }
}

impl GapFilter {
    /// Every pair of importance and gap that passes, as the statement writes it; nothing when all do. The rule of
    /// severity stays in the domain this way.
    fn pairs(&self) -> Option<Vec<String>> {
        if self.severities.is_empty() && self.importances.is_empty() && self.min_shortfall.is_none() {
            return None;
        }
        let most = 4;
        let gaps = (-most..=most).map(Some).chain([None]);
        let pairs = gaps.flat_map(|gap: Option<i8>| Importance::ALL.map(|importance| (importance, gap)));
        let passes = |(importance, gap): &(Importance, Option<i8>)| {
            (self.severities.is_empty() || self.severities.contains(&Severity::of(*importance, *gap)))
                && (self.importances.is_empty() || self.importances.contains(importance))
                && self
                    .min_shortfall
                    .is_none_or(|least| gap.is_some_and(|gap| i16::from(gap) <= -i16::from(least)))
        };
        let written = |(importance, gap): (Importance, Option<i8>)| match gap {
            Some(gap) => format!("{importance} {gap}"),
            None => importance.to_string(),
        };
        Some(pairs.filter(passes).map(written).collect())
    }
}

#[derive(FromQueryResult)]
struct PersonRecord {
    person_id: Uuid,
    person_nip: String,
    person_name: String,
}

#[derive(FromQueryResult)]
pub(crate) struct PositionRecord {
    position_id: Uuid,
    position_code: String,
    position_name: String,
    position_unit_id: Uuid,
    position_job_class: String,
}

#[derive(FromQueryResult)]
struct RequiredRecord {
    required_id: Uuid,
    required_agency_id: Uuid,
    required_version_id: Uuid,
    required_level: i16,
    required_weight: i32,
    required_importance: String,
    required_code: String,
    required_name: String,
    required_family: String,
}

#[derive(FromQueryResult)]
struct HolderRow {
    #[sea_orm(nested)]
    person: PersonRecord,
    #[sea_orm(nested)]
    position: Option<PositionRecord>,
    asked_at: DateTime<Utc>,
}

#[derive(FromQueryResult)]
struct StandardRow {
    standard_id: Uuid,
    standard_number: i32,
    standard_valid_from: NaiveDate,
    #[sea_orm(nested)]
    required: RequiredRecord,
}

/// Whether the gap model answers.
enum Modelled {
    /// It does; nothing when the scope does not reach the person.
    Answer(Option<Box<ProfileFacts>>),
    /// It holds nothing for that day.
    Nothing,
}

#[derive(FromQueryResult)]
struct ModelRow {
    #[sea_orm(nested)]
    person: PersonRecord,
    #[sea_orm(nested)]
    position: Option<PositionRecord>,
    asked_at: DateTime<Utc>,
    rules: i64,
    holds: bool,
    standard_id: Option<Uuid>,
    competencies: Option<Vec<Uuid>>,
    standings: Option<Vec<i16>>,
    evidence: Option<Vec<u8>>,
}

#[derive(FromQueryResult)]
struct DefaultRow {
    #[sea_orm(nested)]
    version: dictionary_versions::Model,
    competency_id: Uuid,
    competency_code: String,
    competency_name: String,
    family: String,
    definition: String,
}

#[derive(FromQueryResult)]
struct Row {
    #[sea_orm(nested)]
    person: PersonRecord,
    #[sea_orm(nested)]
    position: PositionRecord,
    standard_id: Option<Uuid>,
    #[sea_orm(nested)]
    required: RequiredRecord,
    #[sea_orm(nested)]
    result: Option<ResultRecord>,
}

impl From<PersonRecord> for GapPerson {
    fn from(row: PersonRecord) -> Self {
        Self { id: row.person_id.into(), nip: Nip::stored(row.person_nip), name: name(row.person_name) }
    }
}

impl PositionRecord {
    pub(crate) fn domain(self) -> Result<GapPosition, StoreError> {
        Ok(GapPosition {
            id: PositionId::from(self.position_id),
            code: code(self.position_code),
            name: name(self.position_name),
            unit: UnitId::from(self.position_unit_id),
            job_class: known(JobClass::parse(&self.position_job_class), "positions.job_class")?,
        })
    }
}

impl RequiredRecord {
    fn domain(self) -> Result<NamedRequirement, StoreError> {
        let weight = known(u32::try_from(self.required_weight).ok(), "standard_requirements.weight")?;
        let importance = Importance::parse(&self.required_importance);
        Ok(NamedRequirement {
            requirement: Requirement {
                competency: CompetencyId::from(self.required_id),
                competency_agency: AgencyId::from(self.required_agency_id),
                dictionary_version: DictionaryVersionId::from(self.required_version_id),
                level: known(Level::new(i64::from(self.required_level)), "standard_requirements.level")?,
                weight: Hundredths::from_count(weight),
                importance: known(importance, "standard_requirements.importance")?,
            },
            code: code(self.required_code),
            name: name(self.required_name),
            family: code(self.required_family),
        })
    }
}

impl Row {
    fn domain(self) -> Result<UnitGapRow, StoreError> {
        Ok(UnitGapRow {
            person: self.person.into(),
            position: self.position.domain()?,
            standard: self.standard_id.map(StandardId::from),
            required: self.required.domain()?,
            result: self.result.map(ResultRecord::domain).transpose()?,
        })
    }
}

/// What positions without a standard require.
struct Defaults {
    policy: PolicyVersion<DefaultLevelsRubric>,
    rows: Vec<DefaultRow>,
}

impl Defaults {
    /// What a job class requires.
    fn requirements(&self, job_class: JobClass) -> Result<Vec<NamedRequirement>, StoreError> {
        let mut requirements = Vec::new();
        for rows in self.rows.chunk_by(|one, other| one.version.id == other.version.id) {
            let Some(first) = rows.first() else { continue };
            let version = version_domain(first.version.clone())?;
            let contents: Vec<Content> = rows.iter().map(DefaultRow::content).collect();
            requirements.extend(default_requirements(job_class, &self.policy.rubric, &version, &contents));
        }
        Ok(requirements)
    }

    /// The requirements of every job class as one statement parameter.
    fn parameter(&self) -> Result<Value, StoreError> {
        let row = |NamedRequirement { requirement, .. }: NamedRequirement| {
            json!({
                "competency_id": requirement.competency,
                "competency_agency_id": requirement.competency_agency,
                "dictionary_version_id": requirement.dictionary_version,
                "level": requirement.level,
                "weight": requirement.weight,
                "importance": requirement.importance,
            })
        };
        let mut classes = serde_json::Map::new();
        for class in JobClass::ALL {
            classes.insert(class.to_string(), self.requirements(class)?.into_iter().map(row).collect());
        }
        Ok(Value::Object(classes))
    }
}

impl DefaultRow {
    /// The content without its levels, which no requirement asks for.
    fn content(&self) -> Content {
        Content {
            competency: CompetencyId::from(self.competency_id),
            code: code(self.competency_code.clone()),
            name: name(self.competency_name.clone()),
            family: code(self.family.clone()),
            definition: long_text(self.definition.clone()),
            levels: Vec::new(),
        }
    }
}

/// Asks for the requirements of a standard of `source`, which is called `s`.
fn standard_sentence<const N: usize>(source: &str, values: [sea_orm::Value; N]) -> Sentence {
    let text = format!(
        "SELECT s.id AS standard_id, s.number AS standard_number, s.valid_from AS standard_valid_from,
                q.competency_id AS required_id, q.competency_agency_id AS required_agency_id,
                q.dictionary_version_id AS required_version_id, q.level AS required_level,
                q.weight AS required_weight, q.importance AS required_importance,
                c.code AS required_code, n.name AS required_name, n.family AS required_family
         FROM {source}
         JOIN standard_requirements q ON q.agency_id = s.agency_id AND q.standard_id = s.id
         JOIN competency_contents n ON n.agency_id = q.competency_agency_id
            AND n.dictionary_version_id = q.dictionary_version_id AND n.competency_id = q.competency_id
         JOIN competencies c ON c.agency_id = n.agency_id AND c.id = n.competency_id"
    );
    Sentence::new(&text, values)
}

impl Reader<'_> {
    /// What the profile of `employee` on `day` is computed from, by what was known at `known_at` or, without it, is
    /// known now: against the position held on that day, or against another one. `None` when the person is not within
    /// the scope.
    ///
    /// # Errors
    /// The database's.
    pub async fn gap_facts(
        &self,
        employee: EmployeeId,
        against: Option<PositionId>,
        day: NaiveDate,
        known_at: Option<DateTime<Utc>>,
    ) -> Result<Option<ProfileFacts>, StoreError> {
        if against.is_none()
            && known_at.is_none()
            && let Modelled::Answer(facts) = self.gap_modelled(employee, day).await?
        {
            return Ok(facts.map(|facts| *facts));
        }
        let Some(holder) = self.gap_holder(employee, against, day, known_at).await? else { return Ok(None) };
        let known_at = known_at.unwrap_or(holder.asked_at);
        let mut facts = ProfileFacts {
            person: holder.person.into(),
            position: holder.position.map(PositionRecord::domain).transpose()?,
            known_at,
            basis: None,
            requirements: Vec::new(),
            results: Vec::new(),
            policies: self.policies_for().await?.into(),
        };
        if let Some(position) = &facts.position {
            (facts.basis, facts.requirements) = self.required_of(position, day, known_at).await?;
        }
        if !facts.requirements.is_empty() {
            facts.results = self.gap_results(&[employee], &facts.requirements, day, known_at).await?;
        }
        Ok(Some(facts))
    }

    /// What the gap model says of a person on a day, if it says anything: one statement, and the rest from memory.
    async fn gap_modelled(&self, employee: EmployeeId, day: NaiveDate) -> Result<Modelled, StoreError> {
        let mut sentence = Sentence::new(
            "SELECT e.id AS person_id, e.nip AS person_nip, e.name AS person_name,
                    h.id AS position_id, h.code AS position_code, h.name AS position_name,
                    h.unit_id AS position_unit_id, h.job_class AS position_job_class,
                    clock_timestamp() AS asked_at, m.rules,
                    (m.built = m.changes AND g.computed_on <= $3 AND g.holds_until > $3) IS TRUE AS holds,
                    g.standard_id, g.competency_ids AS competencies, g.standings, g.evidence
             FROM employees e
             JOIN gap_models m ON m.agency_id = e.agency_id
             LEFT JOIN gap_profiles g ON g.agency_id = e.agency_id AND g.employee_id = e.id
             LEFT JOIN positions h ON h.agency_id = g.agency_id AND h.id = g.position_id
             WHERE e.agency_id = $1 AND e.id = $4 AND $2::date IS NOT NULL",
            [self.agency().into(), self.today.into(), day.into(), employee.uuid().into()],
        );
        sentence.within("e.id", self.people());
        let statement = sentence.finish();
        let Some(row) = ModelRow::find_by_statement(statement).one(&self.db).await? else {
            return Ok(Modelled::Answer(None));
        };
        if !row.holds {
            return Ok(Modelled::Nothing);
        }
        let position = row.position.map(PositionRecord::domain).transpose()?;
        let required = match (&position, row.standard_id) {
            (Some(_), Some(standard)) => self.standard_remembered(standard.into()).await?,
            (Some(position), None) => self.defaults_remembered(position.job_class, row.rules, day).await?,
            (None, _) => Arc::default(),
        };
        let (basis, requirements) = required.as_ref();
        let competencies = row.competencies.unwrap_or_default();
        if !requirements.iter().map(|one| one.requirement.competency.uuid()).eq(competencies) {
            // The rules changed between the two statements.
            return Ok(Modelled::Nothing);
        }
        let standings = row.standings.unwrap_or_default();
        let found = requirements.iter().zip(standings).filter(|(_, standing)| *standing != MISSING);
        let found = found.map(|(one, _)| (one.requirement.competency, one.requirement.competency_agency));
        let person = GapPerson::from(row.person);
        let facts = ProfileFacts {
            known_at: row.asked_at,
            results: evidence::results(&row.evidence.unwrap_or_default(), person.id, found)?,
            basis: basis.clone(),
            requirements: requirements.clone(),
            policies: self.jpm_remembered(row.rules).await?,
            person,
            position,
        };
        Ok(Modelled::Answer(Some(Box::new(facts))))
    }

    /// A standard of a row of the model, with what it requires.
    async fn standard_remembered(&self, id: StandardId) -> Result<Arc<Required>, StoreError> {
        let key = (self.scope.agency(), id);
        if let Some(remembered) = self.memory.standards.get(&key) {
            return Ok(remembered);
        }
        let (agency, id) = (self.agency(), id.uuid());
        let mut sentence = standard_sentence("standards s", [agency.into()]);
        sentence.push(" WHERE s.agency_id = $1 AND s.id = {} ORDER BY q.ordinal", [id.into()]);
        let read = Arc::new(self.standard_read(sentence).await?.unwrap_or_default());
        self.memory.standards.put(key, read.clone());
        Ok(read)
    }

    async fn defaults_remembered(
        &self,
        job_class: JobClass,
        rules: i64,
        day: NaiveDate,
    ) -> Result<Arc<Required>, StoreError> {
        let key = (self.scope.agency(), rules, job_class, day);
        if let Some(remembered) = self.memory.defaults.get(&key) {
            return Ok(remembered);
        }
        let read = Arc::new(self.default_basis(job_class, day, DateTime::<Utc>::MAX_UTC).await?);
        self.memory.defaults.put(key, read.clone());
        Ok(read)
    }

    /// The rubrics of the job person match as of how often rules have changed.
    pub(crate) async fn jpm_remembered(
        &self,
        rules: i64,
    ) -> Result<Arc<[PolicyVersion<JpmRubric>]>, StoreError> {
        let key = (self.scope.agency(), rules);
        if let Some(remembered) = self.memory.jpm.get(&key) {
            return Ok(remembered);
        }
        let read: Arc<[PolicyVersion<JpmRubric>]> = self.policies_for().await?.into();
        self.memory.jpm.put(key, read.clone());
        Ok(read)
    }

    async fn gap_holder(
        &self,
        employee: EmployeeId,
        against: Option<PositionId>,
        day: NaiveDate,
        known_at: Option<DateTime<Utc>>,
    ) -> Result<Option<HolderRow>, StoreError> {
        let (agency, today, employee) = (self.agency(), self.today, employee.uuid());
        let against = against.map(PositionId::uuid);
        let PeopleFilter { all, own, below, units } = self.people();
        // clock_timestamp() is read after the snapshot was taken: nothing the snapshot holds was recorded later.
        let statement = raw_sql!(
            Postgres,
            "SELECT e.id AS person_id, e.nip AS person_nip, e.name AS person_name,
                    h.id AS position_id, h.code AS position_code, h.name AS position_name,
                    h.unit_id AS position_unit_id, h.job_class AS position_job_class,
                    clock_timestamp() AS asked_at
             FROM employees e
             LEFT JOIN placements_on({agency}, {day}, coalesce({known_at}::timestamptz, 'infinity')) p
                ON p.employee_id = {employee}
             LEFT JOIN positions h ON h.agency_id = {agency} AND h.id = coalesce({against}::uuid, p.position_id)
             WHERE e.agency_id = {agency} AND e.id = {employee}
               AND ({all} OR e.id IN (SELECT people_within({agency}, {today}, {own}, {below}, {units})))"
        );
        Ok(HolderRow::find_by_statement(statement).one(&self.db).await?)
    }

    /// What is required of a position on `day`, and what that rests on: its standard in force, or the default levels of its
    /// class; nothing before there was either.
    pub(crate) async fn required_of(
        &self,
        position: &GapPosition,
        day: NaiveDate,
        known_at: DateTime<Utc>,
    ) -> Result<Required, StoreError> {
        match self.standard_basis(position.id, day, known_at).await? {
            Some(required) => Ok(required),
            None => self.default_basis(position.job_class, day, known_at).await,
        }
    }

    /// The standard of a position in force on `day`, and what it requires.
    async fn standard_basis(
        &self,
        position: PositionId,
        day: NaiveDate,
        known_at: DateTime<Utc>,
    ) -> Result<Option<Required>, StoreError> {
        let (agency, position) = (self.agency(), position.uuid());
        let values = [agency.into(), day.into(), known_at.into()];
        let mut sentence = standard_sentence("standards_on($1, $2, $3) s", values);
        sentence.push(" WHERE s.position_id = {} ORDER BY q.ordinal", [position.into()]);
        self.standard_read(sentence).await
    }

    async fn standard_read(&self, sentence: Sentence) -> Result<Option<Required>, StoreError> {
        let rows = StandardRow::find_by_statement(sentence.finish()).all(&self.db).await?;
        let basis = rows.first().map(|row| StandardBasis::Standard {
            id: row.standard_id.into(),
            number: row.standard_number,
            valid_from: row.standard_valid_from,
        });
        let Some(basis) = basis else { return Ok(None) };
        let requirements = rows.into_iter().map(|row| row.required.domain()).collect::<Result<_, _>>()?;
        Ok(Some((Some(basis), requirements)))
    }

    async fn default_basis(
        &self,
        job_class: JobClass,
        day: NaiveDate,
        known_at: DateTime<Utc>,
    ) -> Result<Required, StoreError> {
        let Some(defaults) = self.defaults(day, Some(known_at)).await? else { return Ok((None, Vec::new())) };
        let basis = StandardBasis::DefaultLevels { policy: defaults.policy.cite(), job_class };
        Ok((Some(basis), defaults.requirements(job_class)?))
    }

    /// The rubric of default levels that applies, and the national competencies of its families: of each national
    /// dictionary the version in use.
    async fn defaults(
        &self,
        day: NaiveDate,
        known_at: Option<DateTime<Utc>>,
    ) -> Result<Option<Defaults>, StoreError> {
        let policies = self.policies_for::<DefaultLevelsRubric>().await?;
        let latest = known_at.unwrap_or(DateTime::<Utc>::MAX_UTC);
        let policy = policy_on(&policies, reference::DEFAULT_LEVELS_POLICY, self.scope.agency(), day, latest);
        let Some(policy) = policy.cloned() else { return Ok(None) };
        let national = NATIONAL.uuid();
        let families: Vec<String> = policy.rubric.families.iter().map(ToString::to_string).collect();
        let statement = raw_sql!(
            Postgres,
            "SELECT v.*, c.id AS competency_id, c.code AS competency_code, n.name AS competency_name,
                    n.family, n.definition
             FROM dictionary_versions v
             JOIN dictionaries d ON d.agency_id = v.agency_id AND d.id = v.dictionary_id
             JOIN competency_contents n ON n.agency_id = v.agency_id AND n.dictionary_version_id = v.id
             JOIN competencies c ON c.agency_id = n.agency_id AND c.id = n.competency_id
             WHERE v.agency_id = {national} AND n.family = ANY ({families})
               AND v.id IN (
                    SELECT DISTINCT ON (u.dictionary_id) u.id
                    FROM dictionary_versions u
                    WHERE u.agency_id = {national}
                      AND u.published_at <= coalesce({known_at}::timestamptz, 'infinity')
                      AND (u.retired_at IS NULL OR u.retired_at > {known_at})
                    ORDER BY u.dictionary_id, u.number DESC)
             ORDER BY d.code, c.code"
        );
        let rows = DefaultRow::find_by_statement(statement).all(&self.db).await?;
        Ok(Some(Defaults { policy, rows }))
    }

    /// These people's results in the required competencies that count on `day`, expired ones included.
    pub(crate) async fn gap_results(
        &self,
        employees: &[EmployeeId],
        requirements: &[NamedRequirement],
        day: NaiveDate,
        known_at: DateTime<Utc>,
    ) -> Result<Vec<AssessmentResult>, StoreError> {
        let agency = self.agency();
        let employees: Vec<Uuid> = employees.iter().map(|employee| employee.uuid()).collect();
        let competencies: Vec<Uuid> =
            requirements.iter().map(|required| required.requirement.competency.uuid()).collect();
        let statement = raw_sql!(
            Postgres,
            "SELECT r.*, t.method, t.purpose
             FROM assessment_results r
             JOIN assessment_events t ON t.agency_id = r.agency_id AND t.id = r.event_id
             WHERE r.agency_id = {agency} AND r.employee_id = ANY ({employees})
               AND r.competency_id = ANY ({competencies})
               AND r.counts AND r.assessed_on <= {day} AND r.recorded_at <= {known_at}
               AND (r.superseded_at IS NULL OR r.superseded_at > {known_at})
             ORDER BY r.assessed_on, r.id"
        );
        let rows = ResultRecord::find_by_statement(statement).all(&self.db).await?;
        rows.into_iter().map(ResultRecord::domain).collect()
    }

    /// How the people within the scope who serve in `unit` or under it on `day` stand in each competency their position
    /// requires, by name and competency code; by what was known at `known_at` or, without it, is known now.
    ///
    /// # Errors
    /// The database's.
    pub async fn unit_gaps(
        &self,
        unit: UnitId,
        filter: &GapFilter,
        day: NaiveDate,
        known_at: Option<DateTime<Utc>>,
        page: &PageRequest,
    ) -> Result<Page<UnitGapRow>, StoreError> {
        let defaults = self.defaults(day, known_at).await?;
        let defaults = defaults.map_or_else(|| Ok(json!({})), |defaults| defaults.parameter())?;
        let (agency, today, unit, limit) = (self.agency(), self.today, unit.uuid(), page.probe());
        let PeopleFilter { all, own, below, units } = self.people();
        let (competency, pairs) = (filter.competency.map(CompetencyId::uuid), filter.pairs());
        let states: Vec<String> = filter.states.iter().map(ToString::to_string).collect();
        let (after_name, after_person) = (page.key(0), page.id(1));
        let (after_code, after_competency) = (page.key(2), page.id(3));
        // The people come first, in the order of the page, and each brings their own rows (OFFSET 0 keeps that apart): the
        // statement ends when the page is full, and costs what its people cost, not what the agency's results do. The
        // state and the gap are those of the domain's `CompetencyGap`; which severities a gap has is worked out there,
        // too, and comes as pairs.
        let statement = raw_sql!(
            Postgres,
            "SELECT e.*, x.*
             FROM (
                SELECT e.id AS person_id, e.nip AS person_nip, e.name AS person_name,
                       h.id AS position_id, h.code AS position_code, h.name AS position_name,
                       h.unit_id AS position_unit_id, h.job_class AS position_job_class
                FROM unit_ancestors a
                JOIN positions h ON h.agency_id = {agency} AND h.unit_id = a.unit_id
                JOIN placements_on({agency}, {day}, coalesce({known_at}::timestamptz, 'infinity')) p
                   ON p.position_id = h.id
                JOIN employees e ON e.agency_id = {agency} AND e.id = p.employee_id
                WHERE a.agency_id = {agency} AND a.ancestor_id = {unit}
                  AND ({all} OR e.id IN (SELECT people_within({agency}, {today}, {own}, {below}, {units})))
                  AND ({after_name}::text IS NULL OR (e.name, e.id) >= ({after_name}, {after_person}::uuid))
                ORDER BY e.name, e.id
             ) e
             CROSS JOIN LATERAL (
                SELECT s.id AS standard_id, q.competency_id AS required_id,
                       q.competency_agency_id AS required_agency_id, q.dictionary_version_id AS required_version_id,
                       q.level AS required_level, q.weight AS required_weight, q.importance AS required_importance,
                       c.code AS required_code, n.name AS required_name, n.family AS required_family,
                       r.*, t.method, t.purpose
                FROM (
                   SELECT (
                      SELECT o.id
                      FROM standards_on({agency}, {day}, coalesce({known_at}::timestamptz, 'infinity')) o
                      WHERE o.position_id = e.position_id) AS id
                   OFFSET 0
                ) s
                CROSS JOIN LATERAL (
                   SELECT q.competency_id, q.competency_agency_id, q.dictionary_version_id, q.level, q.weight,
                          q.importance
                   FROM standard_requirements q
                   WHERE q.agency_id = {agency} AND q.standard_id = s.id
                   UNION ALL
                   SELECT d.competency_id, d.competency_agency_id, d.dictionary_version_id, d.level, d.weight,
                          d.importance
                   FROM jsonb_to_recordset({defaults}::jsonb -> e.position_job_class) AS d (
                       competency_id uuid, competency_agency_id uuid, dictionary_version_id uuid, level smallint,
                       weight integer, importance text)
                   WHERE s.id IS NULL
                ) q
                JOIN competency_contents n ON n.agency_id = q.competency_agency_id
                   AND n.dictionary_version_id = q.dictionary_version_id AND n.competency_id = q.competency_id
                JOIN competencies c ON c.agency_id = n.agency_id AND c.id = n.competency_id
                LEFT JOIN evidence_on({agency}, {day}, coalesce({known_at}::timestamptz, 'infinity')) r
                   ON r.employee_id = e.person_id AND r.competency_id = q.competency_id
                      AND r.competency_agency_id = q.competency_agency_id
                LEFT JOIN assessment_events t ON t.agency_id = r.agency_id AND t.id = r.event_id
                CROSS JOIN LATERAL (
                   SELECT CASE WHEN r.valid_until >= {day} THEN r.level - q.level END AS gap
                ) g
                CROSS JOIN LATERAL (
                   SELECT CASE WHEN r.id IS NULL THEN 'MISSING' WHEN g.gap IS NULL THEN 'EXPIRED'
                               WHEN g.gap < 0 THEN 'GAP' WHEN g.gap = 0 THEN 'MET' ELSE 'EXCEEDS' END AS state
                ) w
                WHERE ({competency}::uuid IS NULL OR q.competency_id = {competency})
                  AND (cardinality({states}::text[]) = 0 OR w.state = ANY ({states}))
                  AND ({pairs}::text[] IS NULL OR concat_ws(' ', q.importance, g.gap) = ANY ({pairs}))
                OFFSET 0
             ) x
             WHERE {after_name}::text IS NULL OR (e.person_name, e.person_id, x.required_code, x.required_id)
                    > ({after_name}, {after_person}::uuid, {after_code}::text, {after_competency}::uuid)
             ORDER BY e.person_name, e.person_id, x.required_code, x.required_id
             LIMIT {limit}"
        );
        let rows = Row::find_by_statement(statement).all(&self.db).await?;
        let rows = rows.into_iter().map(Row::domain).collect::<Result<_, _>>()?;
        Ok(Page::cut(rows, page.limit, |row: &UnitGapRow| {
            let UnitGapRow { person, required, .. } = row;
            let competency = required.requirement.competency.to_string();
            vec![person.name.to_string(), person.id.to_string(), required.code.to_string(), competency]
        }))
    }
}
