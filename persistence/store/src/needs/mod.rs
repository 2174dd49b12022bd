//! Needs analyses: what people of a unit need to learn in a year, and who stands behind it.

mod coverage;
mod gathering;
mod rows;
mod transitions;

pub use coverage::{NeedsCoverageLine, NeedsGroup};
pub use gathering::{KnownNeed, NeedDraft, NeedGround, NeedsPerson, ValidatedNeed};
pub use rows::{NeedDecision, NeedOriginRow, NeedRow};
pub use transitions::{NeedsStepDraft, NeedsTransitionRow};

use access::Pass;
use chrono::{DateTime, NaiveDate, Utc};
use competency::Importance;
use development::{NeedOrigin, NeedsAnalysis, NeedsDeadlines, NeedsState};
use kernel::{
    Code, CompetencyId, EmployeeId, Hundredths, Level, Name, NeedsAnalysisId, Page, PolicyId, UnitId, UserId,
    Version,
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

/// How far a caller's right to write reaches into a unit.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct NeedsReach {
    /// To the unit as a whole.
    pub unit: bool,
    /// To somebody who serves in it or in one under it.
    pub somebody: bool,
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
                " AND (a.unit_id IN (SELECT units_within($1, $2, {}, {})) OR a.unit_id IN (
                    SELECT x.ancestor_id
                    FROM placements_on($1, $2, 'infinity') p
                    JOIN positions q ON q.agency_id = $1 AND q.id = p.position_id
                    JOIN unit_ancestors x ON x.agency_id = $1 AND x.unit_id = q.unit_id
                    WHERE p.employee_id IN (SELECT people_within($1, $2, {}, {}, {}))))",
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

    async fn guarded(&self, sentence: Sentence) -> Result<(), StoreError> {
        let written = self.db.execute_raw(sentence.finish()).await?.rows_affected();
        if written == 0 { Err(StoreError::Stale) } else { Ok(()) }
    }
}
