//! Needs analyses: what people of a unit need to learn in a year, and who stands behind it.

use std::collections::BTreeMap;

use access::Pass;
use chrono::{DateTime, NaiveDate, Utc};
use competency::Importance;
use development::{
    Need, NeedClaim, NeedFacts, NeedKey, NeedOrigin, NeedWord, NeedsAction, NeedsAnalysis, NeedsCoverage,
    NeedsDeadlines, NeedsParty, NeedsState,
};
use kernel::{
    AgencyId, AuditEventId, Code, CompetencyId, EmployeeId, Hundredths, Level, LongText, Name, NeedId,
    NeedsAnalysisId, Nip, Page, PolicyId, UnitId, UserId, Version,
};
use sea_orm::{ConnectionTrait as _, FromQueryResult};
use uuid::Uuid;
use workforce::JobClass;

use crate::read::PeopleFilter;
use crate::rows::{code, known, long_text, name};
use crate::sentence::Sentence;
use crate::{PageRequest, Reader, StoreError, Tx};

/// Which analyses a list holds; everything that is given must hold.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct NeedsAnalysisFilter {
    /// For this year.
    pub year: Option<i32>,
    /// Of this unit or of one under it.
    pub within: Option<UnitId>,
    /// In this state.
    pub state: Option<NeedsState>,
}

/// Which needs a list holds; everything that is given must hold.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct NeedFilter {
    /// Of this person.
    pub employee: Option<EmployeeId>,
    /// Of this competency.
    pub competency: Option<CompetencyId>,
    /// From this side, others besides it or not.
    pub origin: Option<NeedOrigin>,
    /// Whether they are dropped.
    pub dropped: Option<bool>,
}

/// An analysis with what a reader needs beside it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NeedsAnalysisRow {
    /// The analysis.
    pub analysis: NeedsAnalysis,
    /// The unit's code.
    pub unit_code: Code,
    /// The unit's name.
    pub unit_name: Name,
    /// Needs of the people within the scope that are not dropped.
    pub needs: u64,
    /// Those that are.
    pub dropped: u64,
    /// The year's deadlines.
    pub deadlines: Option<NeedsDeadlines>,
}

/// A side of a need, as it is on record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NeedOriginRow {
    /// Which.
    pub origin: NeedOrigin,
    /// What it asks for.
    pub word: NeedWord,
    /// Who brought it.
    pub user: Option<UserId>,
    /// When it was brought or gathered.
    pub at: DateTime<Utc>,
}

/// Something a person decided on a need.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NeedDecision {
    /// Why.
    pub reason: LongText,
    /// Who.
    pub by: Option<UserId>,
    /// When.
    pub at: DateTime<Utc>,
}

/// A need with what a reader needs beside it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NeedRow {
    /// The identifier.
    pub id: NeedId,
    /// The analysis it stands in.
    pub analysis: NeedsAnalysisId,
    /// The need.
    pub need: Need,
    /// What its priority is computed from beside it.
    pub facts: NeedFacts,
    /// The person's identity number.
    pub nip: Nip,
    /// The person's name.
    pub employee_name: Name,
    /// Whether the person serves in the analysis's unit, or in one under it, today.
    pub serves: bool,
    /// The competency's code.
    pub competency_code: Code,
    /// The competency's name.
    pub competency_name: Name,
    /// The sides it comes from.
    pub origins: Vec<NeedOriginRow>,
    /// The priority the policy gives it.
    pub priority: Hundredths,
    /// The priority somebody gave it.
    pub set: Option<(Hundredths, NeedDecision)>,
    /// That somebody left it out.
    pub dropped: Option<NeedDecision>,
    /// How often the record has been written.
    pub version: Version,
}

/// Somebody who serves in a unit or in one under it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NeedsPerson {
    /// The class of the position held.
    pub job_class: JobClass,
    /// Whether they lead its unit.
    pub is_head: bool,
}

/// A need of the year that is on record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KnownNeed {
    /// The identifier.
    pub id: NeedId,
    /// The analysis it stands in.
    pub analysis: NeedsAnalysisId,
    /// Whether that is verified or validated, so that nothing moves it.
    pub fixed: bool,
    /// What its priority was computed from.
    pub facts: NeedFacts,
    /// What its sides say, by the evidence of today.
    pub claims: Vec<NeedClaim>,
}

/// A need about to be written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NeedDraft {
    /// The identifier; that of the need on record where there is one.
    pub id: NeedId,
    /// The need.
    pub need: Need,
    /// What its priority is computed from beside it.
    pub facts: NeedFacts,
    /// The priority the policy gives it.
    pub priority: Hundredths,
}

/// How far a caller's right to write reaches into a unit.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct NeedsReach {
    /// To the unit as a whole.
    pub unit: bool,
    /// To somebody who serves in it or in one under it.
    pub somebody: bool,
}

/// A step of an analysis's life.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NeedsTransitionRow {
    /// The identifier.
    pub id: Uuid,
    /// The analysis.
    pub analysis: NeedsAnalysisId,
    /// When.
    pub at: DateTime<Utc>,
    /// Who; none for the system's own work.
    pub user: Option<UserId>,
    /// What was done: an action's name, or `BEGIN`.
    pub action: String,
    /// From which state.
    pub from: Option<NeedsState>,
    /// To which state.
    pub to: NeedsState,
    /// What they were to the analysis.
    pub parties: Vec<NeedsParty>,
    /// Why it was done.
    pub reason: Option<LongText>,
}

/// A step to keep.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NeedsStepDraft {
    /// What was done; none for the beginning.
    pub action: Option<NeedsAction>,
    /// From which state.
    pub from: Option<NeedsState>,
    /// To which state.
    pub to: NeedsState,
    /// What the user was to the analysis.
    pub parties: Vec<NeedsParty>,
    /// Why it was done.
    pub reason: Option<LongText>,
}

/// How much of a part of the agency is covered: of a unit that has begun, or of one in which nobody has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NeedsCoverageLine {
    /// The unit; with every unit under it unless `directly`.
    pub unit: UnitId,
    /// Its code.
    pub code: Code,
    /// Its name.
    pub name: Name,
    /// Whether only the people directly in it are meant: some unit under it has begun.
    pub directly: bool,
    /// The analysis, where it has begun.
    pub analysis: Option<(NeedsAnalysisId, NeedsState)>,
    /// Its figures.
    pub figures: NeedsCoverage,
}

/// A need an agency stands behind, for its plan.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ValidatedNeed {
    /// The need.
    pub id: NeedId,
    /// Whose.
    pub employee: EmployeeId,
    /// The unit of the position they hold today.
    pub unit: UnitId,
    /// The unit whose analysis it stands in.
    pub analysed_unit: UnitId,
    /// Whose dictionary the competency comes from.
    pub competency_agency: AgencyId,
    /// The competency.
    pub competency: CompetencyId,
    /// The level found by valid evidence; none where it is not known.
    pub from: Option<Level>,
    /// The level that is needed.
    pub to: Level,
    /// The priority that counts: the one somebody gave it, or the computed one.
    pub priority: Hundredths,
}

#[derive(FromQueryResult)]
struct AnalysisRecord {
    id: Uuid,
    unit_id: Uuid,
    year: i32,
    state: String,
    policy_id: Uuid,
    gathered_at: DateTime<Utc>,
    verified_by: Option<Uuid>,
    verified_at: Option<DateTime<Utc>>,
    validated_by: Option<Uuid>,
    validated_at: Option<DateTime<Utc>>,
    returned_for: Option<String>,
    version: i64,
    unit_code: String,
    unit_name: String,
    needs: i64,
    dropped: i64,
    collect_by: Option<NaiveDate>,
    verify_by: Option<NaiveDate>,
    validate_by: Option<NaiveDate>,
}

#[derive(FromQueryResult)]
struct NeedRecord {
    id: Uuid,
    analysis_id: Uuid,
    employee_id: Uuid,
    competency_agency_id: Uuid,
    competency_id: Uuid,
    level_from: Option<i16>,
    level_to: i16,
    weight: Option<i64>,
    importance: Option<String>,
    job_class: Option<String>,
    is_head: bool,
    jp_overdue: bool,
    priority: i64,
    set_priority: Option<i64>,
    set_for: Option<String>,
    set_by: Option<Uuid>,
    set_at: Option<DateTime<Utc>>,
    dropped_for: Option<String>,
    dropped_by: Option<Uuid>,
    dropped_at: Option<DateTime<Utc>>,
    rank: i64,
    version: i64,
    nip: String,
    employee_name: String,
    serves: bool,
    competency_code: String,
    competency_name: Option<String>,
}

#[derive(FromQueryResult)]
struct OriginRecord {
    need_id: Uuid,
    origin: String,
    level_to: i16,
    weight: Option<i64>,
    importance: Option<String>,
    reason: Option<String>,
    user_id: Option<Uuid>,
    at: DateTime<Utc>,
}

#[derive(FromQueryResult)]
struct ClaimRecord {
    employee_id: Uuid,
    competency_agency_id: Uuid,
    competency_id: Uuid,
    origin: String,
    level_from: Option<i16>,
    level_to: i16,
    weight: Option<i64>,
    importance: Option<String>,
    reason: Option<String>,
}

#[derive(FromQueryResult)]
struct KnownRecord {
    id: Uuid,
    analysis_id: Uuid,
    fixed: bool,
    job_class: Option<String>,
    is_head: bool,
    jp_overdue: bool,
    employee_id: Uuid,
    competency_agency_id: Uuid,
    competency_id: Uuid,
    origin: Option<String>,
    level_from: Option<i16>,
    level_to: Option<i16>,
    weight: Option<i64>,
    importance: Option<String>,
    reason: Option<String>,
}

#[derive(FromQueryResult)]
struct PersonRecord {
    id: Uuid,
    job_class: String,
    is_head: bool,
}

#[derive(FromQueryResult)]
struct TransitionRecord {
    id: Uuid,
    analysis_id: Uuid,
    at: DateTime<Utc>,
    user_id: Option<Uuid>,
    action: String,
    from_state: Option<String>,
    to_state: String,
    parties: Vec<String>,
    reason: Option<String>,
}

#[derive(FromQueryResult)]
struct LineRecord {
    unit_id: Uuid,
    code: String,
    name: String,
    directly: bool,
    analysis_id: Option<Uuid>,
    state: Option<String>,
    people: i64,
    required: i64,
    assessed: i64,
    needing: i64,
}

#[derive(FromQueryResult)]
struct ValidatedRecord {
    id: Uuid,
    employee_id: Uuid,
    unit_id: Uuid,
    analysed_unit_id: Uuid,
    competency_agency_id: Uuid,
    competency_id: Uuid,
    level_from: Option<i16>,
    level_to: i16,
    rank: i64,
}

fn hundredths(count: i64) -> Result<Hundredths, StoreError> {
    known(u32::try_from(count).ok().map(Hundredths::from_count), "needs.priority")
}

fn level(value: i16) -> Result<Level, StoreError> {
    known(Level::new(i64::from(value)), "needs.level")
}

fn state(text: &str) -> Result<NeedsState, StoreError> {
    known(NeedsState::parse(text), "needs_analyses.state")
}

fn importance(text: Option<String>) -> Result<Option<Importance>, StoreError> {
    text.map(|text| known(Importance::parse(&text), "needs.importance")).transpose()
}

fn class(text: Option<String>) -> Result<Option<JobClass>, StoreError> {
    text.map(|text| known(JobClass::parse(&text), "needs.job_class")).transpose()
}

fn counted(count: i64) -> Result<u64, StoreError> {
    known(u64::try_from(count).ok(), "needs")
}

fn deadlines(days: [Option<NaiveDate>; 3]) -> Option<NeedsDeadlines> {
    let [collect_by, verify_by, validate_by] = days;
    Some(NeedsDeadlines { collect_by: collect_by?, verify_by: verify_by?, validate_by: validate_by? })
}

impl AnalysisRecord {
    fn domain(self) -> Result<NeedsAnalysisRow, StoreError> {
        let officer = |by: Option<Uuid>, at| by.map(UserId::from).zip(at);
        Ok(NeedsAnalysisRow {
            analysis: NeedsAnalysis {
                id: self.id.into(),
                unit: self.unit_id.into(),
                year: self.year,
                state: state(&self.state)?,
                policy: PolicyId::from(self.policy_id),
                gathered_at: self.gathered_at,
                verified: officer(self.verified_by, self.verified_at),
                validated: officer(self.validated_by, self.validated_at),
                returned_for: self.returned_for.map(long_text),
                version: Version::new(self.version),
            },
            unit_code: code(self.unit_code),
            unit_name: name(self.unit_name),
            needs: counted(self.needs)?,
            dropped: counted(self.dropped)?,
            deadlines: deadlines([self.collect_by, self.verify_by, self.validate_by]),
        })
    }
}

impl OriginRecord {
    fn domain(self) -> Result<NeedOriginRow, StoreError> {
        Ok(NeedOriginRow {
            origin: known(NeedOrigin::parse(&self.origin), "need_origins.origin")?,
            word: NeedWord {
                to: level(self.level_to)?,
                weight: self.weight.map(hundredths).transpose()?,
                importance: importance(self.importance)?,
                reason: self.reason.map(long_text),
            },
            user: self.user_id.map(UserId::from),
            at: self.at,
        })
    }
}

fn decision(reason: Option<String>, by: Option<Uuid>, at: Option<DateTime<Utc>>) -> Option<NeedDecision> {
    Some(NeedDecision { reason: long_text(reason?), by: by.map(UserId::from), at: at? })
}

impl NeedRecord {
    fn domain(self, origins: Vec<NeedOriginRow>) -> Result<NeedRow, StoreError> {
        let set = decision(self.set_for, self.set_by, self.set_at);
        let words = origins.iter().map(|row| (row.origin, row.word.clone()));
        Ok(NeedRow {
            id: self.id.into(),
            analysis: self.analysis_id.into(),
            need: Need {
                key: NeedKey {
                    employee: self.employee_id.into(),
                    competency_agency: self.competency_agency_id.into(),
                    competency: self.competency_id.into(),
                },
                from: self.level_from.map(level).transpose()?,
                to: level(self.level_to)?,
                weight: self.weight.map(hundredths).transpose()?,
                importance: importance(self.importance)?,
                origins: words.collect(),
            },
            facts: NeedFacts {
                job_class: class(self.job_class)?,
                is_head: self.is_head,
                jp_overdue: self.jp_overdue,
            },
            nip: Nip::stored(self.nip),
            employee_name: name(self.employee_name),
            serves: self.serves,
            competency_name: name(self.competency_name.unwrap_or_else(|| self.competency_code.clone())),
            competency_code: code(self.competency_code),
            origins,
            priority: hundredths(self.priority)?,
            set: self.set_priority.map(hundredths).transpose()?.zip(set),
            dropped: decision(self.dropped_for, self.dropped_by, self.dropped_at),
            version: Version::new(self.version),
        })
    }
}

impl ClaimRecord {
    fn domain(self) -> Result<NeedClaim, StoreError> {
        Ok(NeedClaim {
            key: NeedKey {
                employee: self.employee_id.into(),
                competency_agency: self.competency_agency_id.into(),
                competency: self.competency_id.into(),
            },
            origin: known(NeedOrigin::parse(&self.origin), "need_origins.origin")?,
            from: self.level_from.map(level).transpose()?,
            to: level(self.level_to)?,
            weight: self.weight.map(hundredths).transpose()?,
            importance: importance(self.importance)?,
            reason: self.reason.map(long_text),
        })
    }
}

impl KnownRecord {
    fn claim(self) -> Result<Option<NeedClaim>, StoreError> {
        let (Some(origin), Some(level_to)) = (self.origin, self.level_to) else { return Ok(None) };
        let claim = ClaimRecord {
            employee_id: self.employee_id,
            competency_agency_id: self.competency_agency_id,
            competency_id: self.competency_id,
            origin,
            level_from: self.level_from,
            level_to,
            weight: self.weight,
            importance: self.importance,
            reason: self.reason,
        };
        claim.domain().map(Some)
    }
}

/// Who serves where. `$1` is the agency, `$2` the day; conditions follow.
const SERVING: &str = "
    SELECT p.employee_id AS id, q.id AS position_id, q.unit_id, q.job_class,
           CASE WHEN q.is_head THEN p.id = head_on($1, q.unit_id, $2) ELSE false END AS is_head
    FROM positions q
    JOIN placements_on($1, $2, 'infinity') p ON p.position_id = q.id
    WHERE q.agency_id = $1";

/// Follows `people`, of which it says how they stand: the rows of the gap model that hold on the day, and those of everybody
/// else from the facts.
const HELD: &str = ",
    kept AS MATERIALIZED (
        SELECT g.employee_id, g.standard_id, g.competency_agency_ids, g.competency_ids, g.standings
        FROM people w
        JOIN gap_models m ON m.agency_id = $1 AND m.built = m.changes
        JOIN gap_profiles g ON g.agency_id = $1 AND g.employee_id = w.id AND g.position_id = w.position_id
        WHERE g.computed_on <= $2 AND g.holds_until > $2),
    held AS MATERIALIZED (
        SELECT * FROM kept
        UNION ALL
        SELECT g.employee_id, g.standard_id, g.competency_agency_ids, g.competency_ids, g.standings
        FROM gap_profiles_on($1, ARRAY(
            SELECT w.id FROM people w WHERE NOT EXISTS (SELECT FROM kept k WHERE k.employee_id = w.id)), $2, 'infinity') g)";

/// Figures of the `people` of a group who stand as `held` says; `{year}` follows as a value.
const FIGURES: &str = "
    count(*) AS people,
    count(*) FILTER (WHERE cardinality(h.standings) > 0) AS required,
    count(*) FILTER (WHERE cardinality(h.standings) > 0 AND NOT h.standings && ARRAY[8, 9]::smallint[]) AS assessed,
    count(*) FILTER (WHERE EXISTS (
        SELECT FROM needs n
        WHERE n.agency_id = $1 AND n.year = {} AND n.employee_id = w.id AND n.dropped_at IS NULL)) AS needing";

/// The level of somebody (`{person}`) in a competency by evidence that is valid on the day `$2`.
fn evidence(person: &str, agency: &str, competency: &str) -> String {
    // Without the OFFSET the evidence of the whole agency would be sorted out first.
    format!(
        "SELECT e.level
         FROM evidence_on($1, $2, 'infinity') e
         WHERE e.employee_id = {person} AND e.competency_id = {competency} AND e.competency_agency_id = {agency}
           AND e.valid_until >= $2
         OFFSET 0"
    )
}

impl Reader<'_> {
    /// One analysis within the scope: of a unit it reaches, or in which it reaches somebody.
    ///
    /// # Errors
    /// The database's.
    pub async fn needs_analysis(&self, id: NeedsAnalysisId) -> Result<Option<NeedsAnalysisRow>, StoreError> {
        let mut sentence = self.needs_sentence();
        sentence.push(" AND a.id = {}", [id.uuid().into()]);
        let row = AnalysisRecord::find_by_statement(sentence.finish()).one(&self.db).await?;
        row.map(AnalysisRecord::domain).transpose()
    }

    /// Analyses within the scope, oldest first.
    ///
    /// # Errors
    /// The database's.
    pub async fn needs_analyses(
        &self,
        filter: &NeedsAnalysisFilter,
        page: &PageRequest,
    ) -> Result<Page<NeedsAnalysisRow>, StoreError> {
        let NeedsAnalysisFilter { year, within, state } = *filter;
        let mut sentence = self.needs_sentence();
        sentence.maybe(" AND a.year = {}", year);
        sentence.maybe(" AND a.state = {}", state.map(NeedsState::as_str));
        sentence.maybe(
            " AND a.unit_id IN (
                SELECT x.unit_id FROM unit_ancestors x WHERE x.agency_id = $1 AND x.ancestor_id = {})",
            within.map(UnitId::uuid),
        );
        sentence.maybe(" AND a.id > {}", page.id(0));
        sentence.push(" ORDER BY a.id LIMIT {}", [page.probe().into()]);
        let rows = AnalysisRecord::find_by_statement(sentence.finish()).all(&self.db).await?;
        let rows = rows.into_iter().map(AnalysisRecord::domain).collect::<Result<_, _>>()?;
        Ok(Page::cut(rows, page.limit, |row: &NeedsAnalysisRow| vec![row.analysis.id.to_string()]))
    }

    fn needs_sentence(&self) -> Sentence {
        let mut sentence = Sentence::new(
            "SELECT a.*, u.code AS unit_code, u.name AS unit_name, c.needs, c.dropped, d.collect_by, d.verify_by, d.validate_by
             FROM needs_analyses a
             JOIN units u ON u.agency_id = a.agency_id AND u.id = a.unit_id
             LEFT JOIN needs_deadlines d ON d.agency_id = a.agency_id AND d.year = a.year
             CROSS JOIN LATERAL (
                SELECT count(*) FILTER (WHERE n.dropped_at IS NULL) AS needs, count(n.dropped_at) AS dropped
                FROM needs n
                WHERE n.agency_id = $1 AND n.analysis_id = a.id",
            [self.agency().into(), self.today.into()],
        );
        sentence.within("n.employee_id", self.people());
        sentence.push(") c WHERE a.agency_id = $1 AND $2::date IS NOT NULL", []);
        let PeopleFilter { all, own, below, units } = self.people();
        if !all {
            sentence.push(
                " AND (a.unit_id IN (SELECT units_within($1, $2, {}, {})) OR EXISTS (
                    SELECT FROM unit_ancestors x
                    JOIN positions q ON q.agency_id = $1 AND q.unit_id = x.unit_id
                    JOIN placements_on($1, $2, 'infinity') p ON p.position_id = q.id
                    WHERE x.agency_id = $1 AND x.ancestor_id = a.unit_id
                      AND p.employee_id IN (SELECT people_within($1, $2, {}, {}, {}))))",
                [below.clone().into(), units.clone().into(), own.into(), below.into(), units.into()],
            );
        }
        sentence
    }

    /// How far the scope reaches into a unit and those under it.
    ///
    /// # Errors
    /// The database's.
    pub async fn needs_reach(&self, unit: UnitId) -> Result<NeedsReach, StoreError> {
        let PeopleFilter { all, own, below, units } = self.people();
        if all {
            return Ok(NeedsReach { unit: true, somebody: true });
        }
        let sentence = Sentence::new(
            "SELECT $3 IN (SELECT units_within($1, $2, $5, $6)) AS unit,
                    EXISTS (
                        SELECT FROM unit_ancestors x
                        JOIN positions q ON q.agency_id = $1 AND q.unit_id = x.unit_id
                        JOIN placements_on($1, $2, 'infinity') p ON p.position_id = q.id
                        WHERE x.agency_id = $1 AND x.ancestor_id = $3
                          AND p.employee_id IN (SELECT people_within($1, $2, $4, $5, $6))) AS somebody",
            [
                self.agency().into(),
                self.today.into(),
                unit.uuid().into(),
                own.into(),
                below.into(),
                units.into(),
            ],
        );
        let row = self.db.query_one_raw(sentence.finish()).await?.ok_or(StoreError::Corrupt("units"))?;
        Ok(NeedsReach { unit: row.try_get("", "unit")?, somebody: row.try_get("", "somebody")? })
    }

    /// Whether a unit above or under this one, or itself, has an analysis of the year.
    ///
    /// # Errors
    /// The database's.
    pub async fn needs_begun(&self, unit: UnitId, year: i32) -> Result<bool, StoreError> {
        let sentence = Sentence::new(
            "SELECT 1 FROM needs_analyses a
             WHERE a.agency_id = $1 AND a.year = $3 AND EXISTS (
                SELECT FROM unit_ancestors x
                WHERE x.agency_id = $1 AND (
                    (x.ancestor_id = a.unit_id AND x.unit_id = $2) OR (x.unit_id = a.unit_id AND x.ancestor_id = $2)))",
            [self.agency().into(), unit.uuid().into(), year.into()],
        );
        Ok(self.db.query_one_raw(sentence.finish()).await?.is_some())
    }

    /// Needs of an analysis, of the people within the scope, the most urgent first.
    ///
    /// # Errors
    /// The database's.
    pub async fn needs(
        &self,
        analysis: NeedsAnalysisId,
        filter: &NeedFilter,
        page: &PageRequest,
    ) -> Result<Page<NeedRow>, StoreError> {
        let NeedFilter { employee, competency, origin, dropped } = *filter;
        let mut sentence = self.need_sentence();
        sentence.push(" AND n.analysis_id = {}", [analysis.uuid().into()]);
        sentence.maybe(" AND n.employee_id = {}", employee.map(EmployeeId::uuid));
        sentence.maybe(" AND n.competency_id = {}", competency.map(CompetencyId::uuid));
        sentence.maybe(
            " AND EXISTS (
                SELECT FROM need_origins o WHERE o.agency_id = $1 AND o.need_id = n.id AND o.origin = {})",
            origin.map(NeedOrigin::as_str),
        );
        sentence.maybe(" AND (n.dropped_at IS NOT NULL) = {}", dropped);
        let rank: Option<i64> = page.key(0).and_then(|rank| rank.parse().ok());
        if let Some(rank) = rank {
            sentence.push(" AND (-n.rank, n.id) > (-{}::bigint, {}::uuid)", [rank.into(), page.id(1).into()]);
        }
        sentence.push(" ORDER BY -n.rank, n.id LIMIT {}", [page.probe().into()]);
        let rows = NeedRecord::find_by_statement(sentence.finish()).all(&self.db).await?;
        let page =
            Page::cut(rows, page.limit, |row: &NeedRecord| vec![row.rank.to_string(), row.id.to_string()]);
        Ok(Page { items: self.with_origins(page.items).await?, next: page.next })
    }

    /// These needs of an analysis, of the people within the scope, the most urgent first.
    ///
    /// # Errors
    /// The database's.
    pub async fn needs_named(
        &self,
        analysis: NeedsAnalysisId,
        ids: &[NeedId],
    ) -> Result<Vec<NeedRow>, StoreError> {
        let ids: Vec<Uuid> = ids.iter().map(|id| id.uuid()).collect();
        let mut sentence = self.need_sentence();
        sentence.push(" AND n.analysis_id = {} AND n.id = ANY ({})", [analysis.uuid().into(), ids.into()]);
        sentence.push(" ORDER BY -n.rank, n.id", []);
        let rows = NeedRecord::find_by_statement(sentence.finish()).all(&self.db).await?;
        self.with_origins(rows).await
    }

    fn need_sentence(&self) -> Sentence {
        let mut sentence = Sentence::new(
            "SELECT n.*, e.nip, e.name AS employee_name, c.code AS competency_code, t.name AS competency_name,
                    EXISTS (
                        SELECT FROM placements_on($1, $2, 'infinity') p
                        JOIN positions q ON q.agency_id = $1 AND q.id = p.position_id
                        JOIN unit_ancestors x ON x.agency_id = $1 AND x.unit_id = q.unit_id AND x.ancestor_id = a.unit_id
                        WHERE p.employee_id = n.employee_id) AS serves
             FROM needs n
             JOIN needs_analyses a ON a.agency_id = n.agency_id AND a.id = n.analysis_id
             JOIN employees e ON e.agency_id = n.agency_id AND e.id = n.employee_id
             JOIN competencies c ON c.agency_id = n.competency_agency_id AND c.id = n.competency_id
             LEFT JOIN LATERAL (
                SELECT x.name FROM competency_contents x
                JOIN dictionary_versions v ON v.agency_id = x.agency_id AND v.id = x.dictionary_version_id
                WHERE x.agency_id = c.agency_id AND x.competency_id = c.id
                ORDER BY v.published_at IS NULL, v.number DESC LIMIT 1) t ON true
             WHERE n.agency_id = $1 AND $2::date IS NOT NULL",
            [self.agency().into(), self.today.into()],
        );
        sentence.within("n.employee_id", self.people());
        sentence
    }

    /// The same needs with their sides: one statement for all of them.
    async fn with_origins(&self, rows: Vec<NeedRecord>) -> Result<Vec<NeedRow>, StoreError> {
        let ids: Vec<Uuid> = rows.iter().map(|row| row.id).collect();
        let mut of_need: BTreeMap<Uuid, Vec<NeedOriginRow>> = BTreeMap::new();
        if !ids.is_empty() {
            let sentence = Sentence::new(
                "SELECT o.need_id, o.origin, o.level_to, o.weight, o.importance, o.reason, o.user_id, o.at
                 FROM need_origins o WHERE o.agency_id = $1 AND o.need_id = ANY ($2)",
                [self.agency().into(), ids.into()],
            );
            for row in OriginRecord::find_by_statement(sentence.finish()).all(&self.db).await? {
                of_need.entry(row.need_id).or_default().push(row.domain()?);
            }
        }
        let with = |row: NeedRecord| {
            let mut origins = of_need.remove(&row.id).unwrap_or_default();
            origins.sort_by_key(|one| one.origin);
            row.domain(origins)
        };
        rows.into_iter().map(with).collect()
    }

    /// The steps of an analysis's life, oldest first. The caller has found it within the scope.
    ///
    /// # Errors
    /// The database's.
    pub async fn needs_transitions(
        &self,
        id: NeedsAnalysisId,
        page: &PageRequest,
    ) -> Result<Page<NeedsTransitionRow>, StoreError> {
        let mut sentence = Sentence::new(
            "SELECT t.id, t.analysis_id, t.at, t.user_id, t.action, t.from_state, t.to_state, t.parties, t.reason
             FROM needs_transitions t WHERE t.agency_id = $1 AND t.analysis_id = $2",
            [self.agency().into(), id.uuid().into()],
        );
        sentence.maybe(" AND t.id > {}", page.id(0));
        sentence.push(" ORDER BY t.id LIMIT {}", [page.probe().into()]);
        let row = |row: TransitionRecord| {
            let parties = row.parties.iter();
            let parties = parties.map(|party| known(NeedsParty::parse(party), "needs_transitions.parties"));
            Ok(NeedsTransitionRow {
                id: row.id,
                analysis: row.analysis_id.into(),
                at: row.at,
                user: row.user_id.map(UserId::from),
                action: row.action,
                from: row.from_state.as_deref().map(state).transpose()?,
                to: state(&row.to_state)?,
                parties: parties.collect::<Result<_, StoreError>>()?,
                reason: row.reason.map(long_text),
            })
        };
        let rows = TransitionRecord::find_by_statement(sentence.finish()).all(&self.db).await?;
        let rows = rows.into_iter().map(row).collect::<Result<_, StoreError>>()?;
        Ok(Page::cut(rows, page.limit, |row: &NeedsTransitionRow| vec![row.id.to_string()]))
    }

    /// The deadlines of a year, with their version.
    ///
    /// # Errors
    /// The database's.
    pub async fn needs_deadlines(&self, year: i32) -> Result<Option<(NeedsDeadlines, Version)>, StoreError> {
        let sentence = Sentence::new(
            "SELECT collect_by, verify_by, validate_by, version FROM needs_deadlines WHERE agency_id = $1 AND year = $2",
            [self.agency().into(), year.into()],
        );
        let Some(row) = self.db.query_one_raw(sentence.finish()).await? else { return Ok(None) };
        let days = NeedsDeadlines {
            collect_by: row.try_get("", "collect_by")?,
            verify_by: row.try_get("", "verify_by")?,
            validate_by: row.try_get("", "validate_by")?,
        };
        Ok(Some((days, Version::new(row.try_get("", "version")?))))
    }

    /// Who serves in a unit or in one under it today, or in the agency, within the scope; `only` these of them.
    ///
    /// # Errors
    /// The database's.
    pub async fn needs_people(
        &self,
        unit: Option<UnitId>,
        only: Option<&[EmployeeId]>,
    ) -> Result<BTreeMap<EmployeeId, NeedsPerson>, StoreError> {
        let mut sentence = self.serving(unit);
        let only: Option<Vec<Uuid>> = only.map(|people| people.iter().map(|id| id.uuid()).collect());
        sentence.maybe(" AND p.employee_id = ANY ({})", only);
        let rows = PersonRecord::find_by_statement(sentence.finish()).all(&self.db).await?;
        let person = |row: PersonRecord| {
            let job_class = known(JobClass::parse(&row.job_class), "positions.job_class")?;
            Ok((row.id.into(), NeedsPerson { job_class, is_head: row.is_head }))
        };
        rows.into_iter().map(person).collect()
    }

    /// Who serves in a unit or in one under it, or in the agency, within the scope.
    fn serving(&self, unit: Option<UnitId>) -> Sentence {
        let mut sentence = Sentence::new("", [self.agency().into(), self.today.into()]);
        self.serving_push(&mut sentence, unit, self.people());
        sentence
    }

    fn serving_push(&self, sentence: &mut Sentence, unit: Option<UnitId>, people: PeopleFilter) {
        sentence.push(SERVING, []);
        sentence.maybe(
            " AND q.unit_id IN (
                SELECT x.unit_id FROM unit_ancestors x WHERE x.agency_id = $1 AND x.ancestor_id = {})",
            unit.map(UnitId::uuid),
        );
        sentence.within("p.employee_id", people);
    }

    /// What the assessments of everybody who serves in a unit or under it, or in the agency, say they lack today: against the position they hold,
    /// and against the one their plan of the year, or of the year before, aims at. One statement, whoever they are; somebody
    /// whom no valid evidence tells anything of lacks nothing here.
    ///
    /// # Errors
    /// The database's.
    pub async fn needs_gathered(
        &self,
        unit: Option<UnitId>,
        year: i32,
    ) -> Result<Vec<NeedClaim>, StoreError> {
        let mut sentence =
            Sentence::new("WITH people AS MATERIALIZED (", [self.agency().into(), self.today.into()]);
        self.serving_push(&mut sentence, unit, self.people());
        sentence.push(")", []);
        sentence.push(HELD, []);
        sentence.push(
            ",
             short AS MATERIALIZED (
                SELECT h.employee_id, h.standard_id, w.job_class, c.agency, c.id, c.standing
                FROM held h
                JOIN people w ON w.id = h.employee_id,
                    unnest(h.competency_agency_ids, h.competency_ids, h.standings) AS c(agency, id, standing)
                WHERE c.standing BETWEEN -4 AND -1),
             defaults AS MATERIALIZED (
                SELECT k.job_class, d.competency_agency_id, d.competency_id, d.level
                FROM (SELECT DISTINCT job_class FROM short WHERE standard_id IS NULL) k
                CROSS JOIN LATERAL default_requirements_on($1, k.job_class, $2, 'infinity') d),
             aims AS MATERIALIZED (
                SELECT w.id AS employee_id, t.target_id
                FROM people w
                CROSS JOIN LATERAL (
                    SELECT n.target_id FROM plans n
                    WHERE n.agency_id = $1 AND n.employee_id = w.id AND n.state NOT IN ('CANCELLED', 'SUPERSEDED')
                      AND n.year BETWEEN {}::integer - 1 AND {}::integer
                    ORDER BY n.year DESC, n.number DESC LIMIT 1) t
                WHERE t.target_id <> w.position_id),
             wants AS MATERIALIZED (
                SELECT h.id AS position_id, q.competency_agency_id, q.competency_id, q.level, q.weight, q.importance
                FROM (SELECT DISTINCT target_id FROM aims) t
                JOIN positions h ON h.agency_id = $1 AND h.id = t.target_id
                CROSS JOIN LATERAL requirements_on($1, h.id, h.job_class, $2, 'infinity') q)
             SELECT s.employee_id, s.agency AS competency_agency_id, s.id AS competency_id, 'HELD_GAP' AS origin,
                    (q.level + s.standing)::smallint AS level_from, q.level AS level_to, q.weight::bigint AS weight, q.importance,
                    NULL::text AS reason
             FROM short s
             JOIN standard_requirements q ON q.agency_id = $1 AND q.standard_id = s.standard_id
                AND q.competency_agency_id = s.agency AND q.competency_id = s.id
             UNION ALL
             SELECT s.employee_id, s.agency, s.id, 'HELD_GAP', (d.level + s.standing)::smallint, d.level, 100, 'PENTING', NULL
             FROM short s
             JOIN defaults d ON d.job_class = s.job_class AND d.competency_agency_id = s.agency AND d.competency_id = s.id
             WHERE s.standard_id IS NULL
             UNION ALL
             SELECT m.employee_id, t.competency_agency_id, t.competency_id, 'TARGET_GAP', r.level, t.level, t.weight::bigint,
                    t.importance, NULL
             FROM aims m
             JOIN wants t ON t.position_id = m.target_id
             CROSS JOIN LATERAL (",
            [year.into(), year.into()],
        );
        sentence.push(&evidence("m.employee_id", "t.competency_agency_id", "t.competency_id"), []);
        sentence.push(") r WHERE r.level < t.level", []);
        let rows = ClaimRecord::find_by_statement(sentence.finish()).all(&self.db).await?;
        rows.into_iter().map(ClaimRecord::domain).collect()
    }

    /// The needs of a year that stand in an analysis, or are of one of these people, with what their sides say; levels found
    /// are those of today. `competency` leaves the others out.
    ///
    /// # Errors
    /// The database's.
    pub async fn needs_known(
        &self,
        (analysis, year): (NeedsAnalysisId, i32),
        people: &[EmployeeId],
        competency: Option<CompetencyId>,
    ) -> Result<BTreeMap<NeedKey, KnownNeed>, StoreError> {
        let people: Vec<Uuid> = people.iter().map(|id| id.uuid()).collect();
        let found = evidence("n.employee_id", "n.competency_agency_id", "n.competency_id");
        let mut sentence = Sentence::new(
            &format!(
                "SELECT n.id, n.analysis_id, a.state NOT IN ('COLLECTING', 'RETURNED') AS fixed, n.job_class, n.is_head,
                        n.jp_overdue, n.employee_id, n.competency_agency_id, n.competency_id, o.origin, r.level AS level_from,
                        o.level_to, o.weight, o.importance, o.reason
                 FROM needs n
                 JOIN needs_analyses a ON a.agency_id = n.agency_id AND a.id = n.analysis_id
                 LEFT JOIN need_origins o ON o.agency_id = n.agency_id AND o.need_id = n.id
                 LEFT JOIN LATERAL ({found}) r ON true
                 WHERE n.agency_id = $1 AND n.year = $3 AND (n.analysis_id = $4 OR n.employee_id = ANY ($5))"
            ),
            [
                self.agency().into(),
                self.today.into(),
                year.into(),
                analysis.uuid().into(),
                people.into(),
            ],
        );
        sentence.maybe(" AND n.competency_id = {}", competency.map(CompetencyId::uuid));
        let mut all: BTreeMap<NeedKey, KnownNeed> = BTreeMap::new();
        for row in KnownRecord::find_by_statement(sentence.finish()).all(&self.db).await? {
            let key = NeedKey {
                employee: row.employee_id.into(),
                competency_agency: row.competency_agency_id.into(),
                competency: row.competency_id.into(),
            };
            let known = KnownNeed {
                id: row.id.into(),
                analysis: row.analysis_id.into(),
                fixed: row.fixed,
                facts: NeedFacts {
                    job_class: class(row.job_class.clone())?,
                    is_head: row.is_head,
                    jp_overdue: row.jp_overdue,
                },
                claims: Vec::new(),
            };
            all.entry(key).or_insert(known).claims.extend(row.claim()?);
        }
        Ok(all)
    }

    /// For each of these people the level valid evidence finds in a competency, with the weight and the importance it has in
    /// the position they hold, where that requires it.
    ///
    /// # Errors
    /// The database's.
    pub async fn needs_grounds(
        &self,
        people: &[EmployeeId],
        (competency_agency, competency): (AgencyId, CompetencyId),
    ) -> Result<BTreeMap<EmployeeId, NeedGround>, StoreError> {
        let people: Vec<Uuid> = people.iter().map(|id| id.uuid()).collect();
        let found = evidence("w.id", "$4", "$5");
        let sentence = Sentence::new(
            &format!(
                "SELECT w.id, r.level, q.weight::bigint AS weight, q.importance
                 FROM unnest($3::uuid[]) AS w(id)
                 LEFT JOIN placements_on($1, $2, 'infinity') p ON p.employee_id = w.id
                 LEFT JOIN positions h ON h.agency_id = $1 AND h.id = p.position_id
                 LEFT JOIN LATERAL requirements_on($1, h.id, h.job_class, $2, 'infinity') q
                    ON q.competency_agency_id = $4 AND q.competency_id = $5
                 LEFT JOIN LATERAL ({found}) r ON true"
            ),
            [
                self.agency().into(),
                self.today.into(),
                people.into(),
                competency_agency.uuid().into(),
                competency.uuid().into(),
            ],
        );
        let rows = self.db.query_all_raw(sentence.finish()).await?;
        let ground = |row: &sea_orm::QueryResult| -> Result<_, StoreError> {
            let (found, weight): (Option<i16>, Option<i64>) =
                (row.try_get("", "level")?, row.try_get("", "weight")?);
            let ground = NeedGround {
                level: found.map(level).transpose()?,
                weight: weight.map(hundredths).transpose()?,
                importance: importance(row.try_get("", "importance")?)?,
            };
            Ok((EmployeeId::from(row.try_get::<Uuid>("", "id")?), ground))
        };
        rows.iter().map(ground).collect()
    }

    /// How much of a unit with those under it is covered, of the people within the scope.
    ///
    /// # Errors
    /// The database's.
    pub async fn needs_coverage_of(&self, unit: UnitId, year: i32) -> Result<NeedsCoverage, StoreError> {
        let mut sentence =
            Sentence::new("WITH people AS MATERIALIZED (", [self.agency().into(), self.today.into()]);
        self.serving_push(&mut sentence, Some(unit), self.people());
        sentence.push(")", []);
        sentence.push(HELD, []);
        sentence.push(
            &format!(" SELECT {FIGURES} FROM people w LEFT JOIN held h ON h.employee_id = w.id"),
            [year.into()],
        );
        let row = self.db.query_one_raw(sentence.finish()).await?.ok_or(StoreError::Corrupt("needs"))?;
        let figure = |name: &str| counted(row.try_get("", name)?);
        Ok(NeedsCoverage {
            people: figure("people")?,
            required: figure("required")?,
            assessed: figure("assessed")?,
            needing: figure("needing")?,
        })
    }

    /// How much of the agency, or of a unit with those under it, is covered: a line for each analysis, and one for each unit
    /// that has not begun, as high up the tree as nobody has. `everybody`, or the people within the scope.
    ///
    /// # Errors
    /// The database's.
    pub async fn needs_coverage(
        &self,
        year: i32,
        within: Option<UnitId>,
        everybody: bool,
    ) -> Result<Vec<NeedsCoverageLine>, StoreError> {
        let all = PeopleFilter { all: true, own: vec![], below: vec![], units: vec![] };
        let mut sentence =
            Sentence::new("WITH people AS MATERIALIZED (", [self.agency().into(), self.today.into()]);
        self.serving_push(&mut sentence, within, if everybody { all } else { self.people() });
        sentence.push(")", []);
        sentence.push(HELD, []);
        sentence.push(
            ",
             begun AS MATERIALIZED (
                SELECT a.id, a.unit_id, a.state FROM needs_analyses a WHERE a.agency_id = $1 AND a.year = {}),
             touched AS MATERIALIZED (
                SELECT DISTINCT x.ancestor_id AS id
                FROM begun b JOIN unit_ancestors x ON x.agency_id = $1 AND x.unit_id = b.unit_id),
             lines AS MATERIALIZED (
                SELECT u.id, b.id AS analysis_id, b.state, coalesce(b.unit_id, t.id, u.id) AS unit_id,
                       b.id IS NULL AND t.id IS NULL AS directly
                FROM (SELECT DISTINCT unit_id AS id FROM people) u
                LEFT JOIN LATERAL (
                    SELECT b.* FROM unit_ancestors x JOIN begun b ON b.unit_id = x.ancestor_id
                    WHERE x.agency_id = $1 AND x.unit_id = u.id ORDER BY x.depth LIMIT 1) b ON true
                LEFT JOIN LATERAL (
                    SELECT x.ancestor_id AS id FROM unit_ancestors x
                    WHERE x.agency_id = $1 AND x.unit_id = u.id AND x.ancestor_id NOT IN (SELECT id FROM touched)
                    ORDER BY x.depth DESC LIMIT 1) t ON b.id IS NULL)",
            [year.into()],
        );
        sentence.push(
            &format!(
                " SELECT v.id AS unit_id, v.code, v.name, l.directly, l.analysis_id, l.state, {FIGURES}
                  FROM people w
                  JOIN lines l ON l.id = w.unit_id
                  JOIN units v ON v.agency_id = $1 AND v.id = l.unit_id
                  LEFT JOIN held h ON h.employee_id = w.id
                  GROUP BY v.id, v.code, v.name, l.directly, l.analysis_id, l.state
                  ORDER BY v.code, l.directly"
            ),
            [year.into()],
        );
        let line = |row: LineRecord| {
            let state = row.state.as_deref().map(state).transpose()?;
            Ok(NeedsCoverageLine {
                unit: row.unit_id.into(),
                code: code(row.code),
                name: name(row.name),
                directly: row.directly,
                analysis: row.analysis_id.map(NeedsAnalysisId::from).zip(state),
                figures: NeedsCoverage {
                    people: counted(row.people)?,
                    required: counted(row.required)?,
                    assessed: counted(row.assessed)?,
                    needing: counted(row.needing)?,
                },
            })
        };
        let rows = LineRecord::find_by_statement(sentence.finish()).all(&self.db).await?;
        rows.into_iter().map(line).collect()
    }

    /// Every need of the year in an analysis the agency has validated, dropped ones left out, of people who serve today: what
    /// the agency's plan is made from. By person and competency.
    ///
    /// # Errors
    /// The database's.
    pub async fn needs_validated(&self, year: i32) -> Result<Vec<ValidatedNeed>, StoreError> {
        let mut sentence = Sentence::new(
            "SELECT n.id, n.employee_id, q.unit_id, a.unit_id AS analysed_unit_id, n.competency_agency_id, n.competency_id,
                    n.level_from, n.level_to, n.rank
             FROM needs_analyses a
             JOIN needs n ON n.agency_id = $1 AND n.analysis_id = a.id
             JOIN placements_on($1, $2, 'infinity') p ON p.employee_id = n.employee_id
             JOIN positions q ON q.agency_id = $1 AND q.id = p.position_id
             WHERE a.agency_id = $1 AND a.year = $3 AND a.state = 'VALIDATED' AND n.dropped_at IS NULL",
            [self.agency().into(), self.today.into(), year.into()],
        );
        sentence.within("n.employee_id", self.people());
        sentence.push(" ORDER BY n.employee_id, n.competency_agency_id, n.competency_id", []);
        let need = |row: ValidatedRecord| {
            Ok(ValidatedNeed {
                id: row.id.into(),
                employee: row.employee_id.into(),
                unit: row.unit_id.into(),
                analysed_unit: row.analysed_unit_id.into(),
                competency_agency: row.competency_agency_id.into(),
                competency: row.competency_id.into(),
                from: row.level_from.map(level).transpose()?,
                to: level(row.level_to)?,
                priority: hundredths(row.rank)?,
            })
        };
        let rows = ValidatedRecord::find_by_statement(sentence.finish()).all(&self.db).await?;
        rows.into_iter().map(need).collect()
    }
}

/// What a proposal about somebody stands on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NeedGround {
    /// The level valid evidence finds.
    pub level: Option<Level>,
    /// The weight of the requirement of the position held.
    pub weight: Option<Hundredths>,
    /// How much the competency matters in it.
    pub importance: Option<Importance>,
}

impl Tx<'_> {
    /// Keeps others from beginning analyses of the agency until this transaction ends: two units, one above the other, must
    /// not begin at once.
    ///
    /// # Errors
    /// The database's.
    pub async fn needs_begin_lock(&self, pass: &Pass) -> Result<(), StoreError> {
        let sentence = Sentence::new(
            "SELECT pg_advisory_xact_lock(hashtextextended($1::uuid::text, 7))",
            [pass.agency().uuid().into()],
        );
        self.db.query_one_raw(sentence.finish()).await?;
        Ok(())
    }

    /// Keeps an analysis, and every other one of its year in which a need of these people stands, as they are until this
    /// transaction ends.
    ///
    /// # Errors
    /// The database's.
    pub async fn needs_lock(
        &self,
        agency: AgencyId,
        id: NeedsAnalysisId,
        people: &[EmployeeId],
    ) -> Result<(), StoreError> {
        let people: Vec<Uuid> = people.iter().map(|id| id.uuid()).collect();
        // One after the other in the order of their ids, so that nobody waits in a circle.
        let sentence = Sentence::new(
            "SELECT a.id FROM needs_analyses a
             WHERE a.agency_id = $1 AND (a.id = $2 OR a.id IN (
                SELECT n.analysis_id FROM needs n
                JOIN needs_analyses b ON b.agency_id = $1 AND b.id = $2 AND b.year = n.year
                WHERE n.agency_id = $1 AND n.employee_id = ANY ($3)))
             ORDER BY a.id
             FOR NO KEY UPDATE OF a",
            [agency.uuid().into(), id.uuid().into(), people.into()],
        );
        self.db.execute_raw(sentence.finish()).await?;
        Ok(())
    }

    /// Adds an analysis.
    ///
    /// # Errors
    /// `Missing("/unit_id")`, `Taken("/unit_id")`.
    pub async fn needs_analysis_insert(
        &self,
        pass: &Pass,
        analysis: &NeedsAnalysis,
    ) -> Result<(), StoreError> {
        let sentence = Sentence::new(
            "INSERT INTO needs_analyses (agency_id, id, unit_id, year, state, policy_id, gathered_at, version, created_at,
                updated_at)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $9)",
            [
                pass.agency().uuid().into(),
                analysis.id.uuid().into(),
                analysis.unit.uuid().into(),
                analysis.year.into(),
                analysis.state.as_str().into(),
                analysis.policy.uuid().into(),
                analysis.gathered_at.into(),
                analysis.version.get().into(),
                self.now().into(),
            ],
        );
        self.db.execute_raw(sentence.finish()).await?;
        Ok(())
    }

    /// Replaces where an analysis stands; `analysis.version` is the version that was read.
    ///
    /// # Errors
    /// [`StoreError::Stale`].
    pub async fn needs_analysis_update(
        &self,
        pass: &Pass,
        analysis: &NeedsAnalysis,
    ) -> Result<Version, StoreError> {
        let next = analysis.version.next();
        let (verified, validated) = (analysis.verified, analysis.validated);
        let sentence = Sentence::new(
            "UPDATE needs_analyses
             SET state = $4, policy_id = $5, gathered_at = $6, verified_by = $7, verified_at = $8, validated_by = $9,
                 validated_at = $10, returned_for = $11, version = $12, updated_at = $13
             WHERE agency_id = $1 AND id = $2 AND version = $3",
            [
                pass.agency().uuid().into(),
                analysis.id.uuid().into(),
                analysis.version.get().into(),
                analysis.state.as_str().into(),
                analysis.policy.uuid().into(),
                analysis.gathered_at.into(),
                verified.map(|(user, _)| user.uuid()).into(),
                verified.map(|(_, at)| at).into(),
                validated.map(|(user, _)| user.uuid()).into(),
                validated.map(|(_, at)| at).into(),
                analysis.returned_for.as_ref().map(ToString::to_string).into(),
                next.get().into(),
                self.now().into(),
            ],
        );
        let written = self.db.execute_raw(sentence.finish()).await?.rows_affected();
        if written == 0 { Err(StoreError::Stale) } else { Ok(next) }
    }

    /// Moves the version of analyses whose needs changed: whoever verifies one stands behind what they read.
    ///
    /// # Errors
    /// The database's.
    pub async fn needs_touch(&self, pass: &Pass, ids: &[NeedsAnalysisId]) -> Result<(), StoreError> {
        if ids.is_empty() {
            return Ok(());
        }
        let ids: Vec<Uuid> = ids.iter().map(|id| id.uuid()).collect();
        let sentence = Sentence::new(
            "UPDATE needs_analyses SET version = version + 1, updated_at = $3 WHERE agency_id = $1 AND id = ANY ($2)",
            [pass.agency().uuid().into(), ids.into(), self.now().into()],
        );
        self.db.execute_raw(sentence.finish()).await?;
        Ok(())
    }

    /// Writes needs into an analysis, whichever of the year they stood in before, and what each side says; what somebody
    /// decided on them stays. The caller holds [`Tx::needs_lock`].
    ///
    /// # Errors
    /// `Missing("/employee_ids")`, `Missing("/competency_id")`.
    pub async fn needs_put(
        &self,
        pass: &Pass,
        (analysis, year): (NeedsAnalysisId, i32),
        drafts: &[NeedDraft],
    ) -> Result<(), StoreError> {
        if drafts.is_empty() {
            return Ok(());
        }
        let agency = pass.agency().uuid();
        let count = |number: Option<Hundredths>| number.map_or(0_i64, |number| i64::from(number.count()));
        let short = |level: Option<Level>| level.map_or(0_i16, |level| i16::from(level.get()));
        let class = |class: Option<JobClass>| class.map_or("", JobClass::as_str).to_owned();
        let grave = |one: Option<Importance>| one.map_or("", Importance::as_str).to_owned();
        let ids = |of: fn(&NeedDraft) -> Uuid| -> Vec<Uuid> { drafts.iter().map(of).collect() };
        let texts = |of: &dyn Fn(&NeedDraft) -> String| -> Vec<String> { drafts.iter().map(of).collect() };
        let numbers = |of: &dyn Fn(&NeedDraft) -> i64| -> Vec<i64> { drafts.iter().map(of).collect() };
        let levels = |of: &dyn Fn(&NeedDraft) -> i16| -> Vec<i16> { drafts.iter().map(of).collect() };
        let flags = |of: fn(&NeedDraft) -> bool| -> Vec<bool> { drafts.iter().map(of).collect() };
        let sentence = Sentence::new(
            "INSERT INTO needs AS n (agency_id, id, analysis_id, year, employee_id, competency_agency_id, competency_id,
                level_from, level_to, weight, importance, job_class, is_head, jp_overdue, priority, created_at, updated_at)
             SELECT $1, w.id, $2, $3, w.employee_id, w.competency_agency_id, w.competency_id, nullif(w.level_from, 0),
                    w.level_to, nullif(w.weight, 0), nullif(w.importance, ''), nullif(w.job_class, ''), w.is_head, w.jp_overdue,
                    w.priority, $4, $4
             FROM unnest($5::uuid[], $6::uuid[], $7::uuid[], $8::uuid[], $9::smallint[], $10::smallint[], $11::bigint[],
                $12::text[], $13::text[], $14::boolean[], $15::boolean[], $16::bigint[]) AS w(id, employee_id,
                competency_agency_id, competency_id, level_from, level_to, weight, importance, job_class, is_head, jp_overdue,
                priority)
             ON CONFLICT ON CONSTRAINT uq_needs_person DO UPDATE
             SET analysis_id = excluded.analysis_id, level_from = excluded.level_from, level_to = excluded.level_to,
                 weight = excluded.weight, importance = excluded.importance, job_class = excluded.job_class,
                 is_head = excluded.is_head, jp_overdue = excluded.jp_overdue, priority = excluded.priority,
                 version = n.version + 1, updated_at = excluded.updated_at
             WHERE (n.analysis_id, n.level_from, n.level_to, n.weight, n.importance, n.job_class, n.is_head, n.jp_overdue,
                    n.priority)
                IS DISTINCT FROM (excluded.analysis_id, excluded.level_from, excluded.level_to, excluded.weight,
                    excluded.importance, excluded.job_class, excluded.is_head, excluded.jp_overdue, excluded.priority)",
            [
                agency.into(),
                analysis.uuid().into(),
                year.into(),
                self.now().into(),
                ids(|draft| draft.id.uuid()).into(),
                ids(|draft| draft.need.key.employee.uuid()).into(),
                ids(|draft| draft.need.key.competency_agency.uuid()).into(),
                ids(|draft| draft.need.key.competency.uuid()).into(),
                levels(&|draft| short(draft.need.from)).into(),
                levels(&|draft| short(Some(draft.need.to))).into(),
                numbers(&|draft| count(draft.need.weight)).into(),
                texts(&|draft| grave(draft.need.importance)).into(),
                texts(&|draft| class(draft.facts.job_class)).into(),
                flags(|draft| draft.facts.is_head).into(),
                flags(|draft| draft.facts.jp_overdue).into(),
                numbers(&|draft| i64::from(draft.priority.count())).into(),
            ],
        );
        self.db.execute_raw(sentence.finish()).await?;
        self.need_origins_put(pass, drafts).await
    }

    /// Writes what the sides of needs say over what they said. A word that stays keeps whose and when it was.
    async fn need_origins_put(&self, pass: &Pass, drafts: &[NeedDraft]) -> Result<(), StoreError> {
        let words: Vec<(Uuid, NeedOrigin, &NeedWord)> = drafts
            .iter()
            .flat_map(|draft| {
                draft.need.origins.iter().map(|(origin, word)| (draft.id.uuid(), *origin, word))
            })
            .collect();
        let all: Vec<Uuid> = drafts.iter().map(|draft| draft.id.uuid()).collect();
        let weight = |word: &NeedWord| word.weight.map_or(0_i64, |weight| i64::from(weight.count()));
        let grave = |word: &NeedWord| word.importance.map_or("", Importance::as_str).to_owned();
        let reason = |word: &NeedWord| word.reason.as_ref().map_or_else(String::new, ToString::to_string);
        let needs: Vec<Uuid> = words.iter().map(|(need, _, _)| *need).collect();
        let origins: Vec<String> = words.iter().map(|(_, origin, _)| origin.to_string()).collect();
        let gone = Sentence::new(
            "DELETE FROM need_origins o
             WHERE o.agency_id = $1 AND o.need_id = ANY ($2) AND NOT EXISTS (
                SELECT FROM unnest($3::uuid[], $4::text[]) AS w(need_id, origin)
                WHERE w.need_id = o.need_id AND w.origin = o.origin)",
            [pass.agency().uuid().into(), all.into(), needs.clone().into(), origins.clone().into()],
        );
        self.db.execute_raw(gone.finish()).await?;
        let told = Sentence::new(
            "INSERT INTO need_origins AS o (agency_id, need_id, origin, level_to, weight, importance, reason, user_id, at)
             SELECT $1, w.need_id, w.origin, w.level_to, nullif(w.weight, 0), nullif(w.importance, ''), nullif(w.reason, ''),
                    CASE WHEN w.reason <> '' THEN $2::uuid END, $3
             FROM unnest($4::uuid[], $5::text[], $6::smallint[], $7::bigint[], $8::text[], $9::text[])
                AS w(need_id, origin, level_to, weight, importance, reason)
             ON CONFLICT ON CONSTRAINT pk_need_origins DO UPDATE
             SET level_to = excluded.level_to, weight = excluded.weight, importance = excluded.importance,
                 reason = excluded.reason, user_id = excluded.user_id, at = excluded.at
             WHERE (o.level_to, o.weight, o.importance, o.reason)
                IS DISTINCT FROM (excluded.level_to, excluded.weight, excluded.importance, excluded.reason)",
            [
                pass.agency().uuid().into(),
                pass.user().map(UserId::uuid).into(),
                self.now().into(),
                needs.into(),
                origins.into(),
                words.iter().map(|(_, _, word)| i16::from(word.to.get())).collect::<Vec<_>>().into(),
                words.iter().map(|(_, _, word)| weight(word)).collect::<Vec<_>>().into(),
                words.iter().map(|(_, _, word)| grave(word)).collect::<Vec<_>>().into(),
                words.iter().map(|(_, _, word)| reason(word)).collect::<Vec<_>>().into(),
            ],
        );
        self.db.execute_raw(told.finish()).await?;
        Ok(())
    }

    /// Removes the needs of an analysis that are none of these any more. What was dropped stays with what people said of it, so
    /// that it is not gathered again.
    ///
    /// # Errors
    /// The database's.
    pub async fn needs_prune(
        &self,
        pass: &Pass,
        analysis: NeedsAnalysisId,
        drafts: &[NeedDraft],
    ) -> Result<(), StoreError> {
        let kept: Vec<Uuid> = drafts.iter().map(|draft| draft.id.uuid()).collect();
        let values = || [pass.agency().uuid().into(), analysis.uuid().into(), kept.clone().into()];
        let origins = Sentence::new(
            "DELETE FROM need_origins o USING needs n
             WHERE n.agency_id = $1 AND n.analysis_id = $2 AND n.dropped_at IS NOT NULL
               AND NOT EXISTS (SELECT FROM unnest($3::uuid[]) AS w(id) WHERE w.id = n.id)
               AND o.agency_id = $1 AND o.need_id = n.id AND o.origin IN ('HELD_GAP', 'TARGET_GAP')",
            values(),
        );
        self.db.execute_raw(origins.finish()).await?;
        let needs = Sentence::new(
            "DELETE FROM needs n
             WHERE n.agency_id = $1 AND n.analysis_id = $2 AND n.dropped_at IS NULL
               AND NOT EXISTS (SELECT FROM unnest($3::uuid[]) AS w(id) WHERE w.id = n.id)",
            values(),
        );
        self.db.execute_raw(needs.finish()).await?;
        Ok(())
    }

    /// Gives a need another priority, or takes that back; `version` is the version that was read.
    ///
    /// # Errors
    /// [`StoreError::Stale`].
    pub async fn need_prioritise(
        &self,
        pass: &Pass,
        (id, version): (NeedId, Version),
        priority: Option<Hundredths>,
        reason: &LongText,
    ) -> Result<(), StoreError> {
        let set = priority.is_some();
        let sentence = Sentence::new(
            "UPDATE needs
             SET set_priority = $4, set_for = $5, set_by = $6, set_at = $7, version = version + 1, updated_at = $8
             WHERE agency_id = $1 AND id = $2 AND version = $3",
            [
                pass.agency().uuid().into(),
                id.uuid().into(),
                version.get().into(),
                priority.map(|priority| i64::from(priority.count())).into(),
                set.then(|| reason.to_string()).into(),
                pass.user().filter(|_| set).map(UserId::uuid).into(),
                set.then(|| self.now()).into(),
                self.now().into(),
            ],
        );
        self.guarded(sentence).await
    }

    /// Leaves a need out with the reason, or takes it up again without one; `version` is the version that was read.
    ///
    /// # Errors
    /// [`StoreError::Stale`].
    pub async fn need_drop(
        &self,
        pass: &Pass,
        (id, version): (NeedId, Version),
        reason: Option<&LongText>,
    ) -> Result<(), StoreError> {
        let sentence = Sentence::new(
            "UPDATE needs SET dropped_for = $4, dropped_by = $5, dropped_at = $6, version = version + 1, updated_at = $7
             WHERE agency_id = $1 AND id = $2 AND version = $3",
            [
                pass.agency().uuid().into(),
                id.uuid().into(),
                version.get().into(),
                reason.map(ToString::to_string).into(),
                pass.user().filter(|_| reason.is_some()).map(UserId::uuid).into(),
                reason.map(|_| self.now()).into(),
                self.now().into(),
            ],
        );
        self.guarded(sentence).await
    }

    async fn guarded(&self, sentence: Sentence) -> Result<(), StoreError> {
        let written = self.db.execute_raw(sentence.finish()).await?.rows_affected();
        if written == 0 { Err(StoreError::Stale) } else { Ok(()) }
    }

    /// Keeps a step of an analysis's life.
    ///
    /// # Errors
    /// The database's.
    pub async fn needs_step(
        &self,
        pass: &Pass,
        analysis: NeedsAnalysisId,
        step: &NeedsStepDraft,
    ) -> Result<(), StoreError> {
        let NeedsStepDraft { action, from, to, parties, reason } = step;
        let parties: Vec<String> = parties.iter().map(ToString::to_string).collect();
        let sentence = Sentence::new(
            "INSERT INTO needs_transitions (agency_id, id, analysis_id, at, user_id, action, from_state, to_state, parties, reason)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
            [
                pass.agency().uuid().into(),
                AuditEventId::new().uuid().into(),
                analysis.uuid().into(),
                self.now().into(),
                pass.user().map(UserId::uuid).into(),
                action.map_or("BEGIN", NeedsAction::as_str).into(),
                from.map(NeedsState::as_str).into(),
                to.as_str().into(),
                parties.into(),
                reason.as_ref().map(ToString::to_string).into(),
            ],
        );
        self.db.execute_raw(sentence.finish()).await?;
        Ok(())
    }

    /// Writes the deadlines of a year; `before` is the version that was read, none where there were none.
    ///
    /// # Errors
    /// [`StoreError::Stale`].
    pub async fn needs_deadlines_put(
        &self,
        pass: &Pass,
        year: i32,
        days: &NeedsDeadlines,
        before: Option<Version>,
    ) -> Result<Version, StoreError> {
        let NeedsDeadlines { collect_by, verify_by, validate_by } = *days;
        let sentence = Sentence::new(
            "INSERT INTO needs_deadlines AS d (agency_id, year, collect_by, verify_by, validate_by, updated_at)
             VALUES ($1, $2, $3, $4, $5, $6)
             ON CONFLICT ON CONSTRAINT pk_needs_deadlines DO UPDATE
             SET collect_by = excluded.collect_by, verify_by = excluded.verify_by, validate_by = excluded.validate_by,
                 version = d.version + 1, updated_at = excluded.updated_at
             WHERE d.version = $7",
            [
                pass.agency().uuid().into(),
                year.into(),
                collect_by.into(),
                verify_by.into(),
                validate_by.into(),
                self.now().into(),
                before.map(Version::get).into(),
            ],
        );
        self.guarded(sentence).await?;
        Ok(before.map_or(Version::FIRST, Version::next))
    }
}
