//! Who serves where, how much of the agency its analyses cover, and the deadlines of a year.

use access::Pass;
use development::{NeedsCoverage, NeedsDeadlines, NeedsState};
use kernel::{Code, Name, NeedsAnalysisId, UnitId, Version};
use sea_orm::{ConnectionTrait as _, FromQueryResult};
use uuid::Uuid;

use super::{counted, state};
use crate::read::PeopleFilter;
use crate::rows::{code, name};
use crate::sentence::Sentence;
use crate::{Reader, StoreError, Tx};

/// Whose people are meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NeedsGroup {
    /// The agency's.
    Agency,
    /// Those of a unit and of every unit under it.
    Unit(UnitId),
    /// Those of them who stand in the unit's analysis of a year, and not in one of a unit between.
    Analysed(UnitId, i32),
}

impl From<Option<UnitId>> for NeedsGroup {
    fn from(unit: Option<UnitId>) -> Self {
        unit.map_or(Self::Agency, Self::Unit)
    }
}

impl NeedsGroup {
    const fn unit(self) -> Option<UnitId> {
        match self {
            Self::Agency => None,
            Self::Unit(unit) | Self::Analysed(unit, _) => Some(unit),
        }
    }
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

/// Who serves where. `$1` is the agency, `$2` the day; conditions follow.
const SERVING: &str = "
    SELECT p.employee_id AS id, q.id AS position_id, q.unit_id, q.job_class,
           CASE WHEN q.is_head THEN p.id = head_on($1, q.unit_id, $2) ELSE false END AS is_head
    FROM positions q
    JOIN placements_on($1, $2, 'infinity') p ON p.position_id = q.id
    WHERE q.agency_id = $1";

/// Follows `people`, of which it says how they stand: the rows of the gap model that hold on the day, and those of everybody
/// else from the facts.
pub(super) const HELD: &str = ",
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

impl Reader<'_> {
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

    /// Who serves in a group, within the scope.
    pub(super) fn serving(&self, group: NeedsGroup) -> Sentence {
        let mut sentence = Sentence::new("", [self.agency().into(), self.today.into()]);
        self.serving_push(&mut sentence, group, self.people());
        sentence
    }

    pub(super) fn serving_push(&self, sentence: &mut Sentence, group: NeedsGroup, people: PeopleFilter) {
        sentence.push(SERVING, []);
        sentence.maybe(
            " AND q.unit_id IN (
                SELECT x.unit_id FROM unit_ancestors x WHERE x.agency_id = $1 AND x.ancestor_id = {})",
            group.unit().map(UnitId::uuid),
        );
        if let NeedsGroup::Analysed(unit, year) = group {
            // A unit that was moved brings its analysis along: each of its people stands in the one nearest above them.
            sentence.push(
                " AND NOT EXISTS (
                    SELECT FROM unit_ancestors x
                    JOIN unit_ancestors y ON y.agency_id = $1 AND y.unit_id = x.unit_id AND y.depth < x.depth
                    JOIN needs_analyses a ON a.agency_id = $1 AND a.unit_id = y.ancestor_id AND a.year = {}
                    WHERE x.agency_id = $1 AND x.unit_id = q.unit_id AND x.ancestor_id = {})",
                [year.into(), unit.uuid().into()],
            );
        }
        sentence.within("p.employee_id", people);
    }

    /// How much of a unit with those under it is covered, of the people within the scope.
    ///
    /// # Errors
    /// The database's.
    pub async fn needs_coverage_of(&self, unit: UnitId, year: i32) -> Result<NeedsCoverage, StoreError> {
        let mut sentence =
            Sentence::new("WITH people AS MATERIALIZED (", [self.agency().into(), self.today.into()]);
        self.serving_push(&mut sentence, NeedsGroup::Analysed(unit, year), self.people());
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
        self.serving_push(&mut sentence, within.into(), if everybody { all } else { self.people() });
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
                  GROUP BY v.id, v.code, v.name, l.directly, l.analysis_id, l.state"
            ),
            [year.into()],
        );
        // Analyses of units in which nobody serves, as far as the scope reaches.
        sentence.push(
            " UNION ALL
              SELECT v.id, v.code, v.name, false, b.id, b.state, 0, 0, 0, 0
              FROM begun b
              JOIN units v ON v.agency_id = $1 AND v.id = b.unit_id
              WHERE NOT EXISTS (SELECT FROM lines l WHERE l.analysis_id = b.id)",
            [],
        );
        sentence.maybe(
            " AND b.unit_id IN (
                SELECT x.unit_id FROM unit_ancestors x WHERE x.agency_id = $1 AND x.ancestor_id = {})",
            within.map(UnitId::uuid),
        );
        let PeopleFilter { all: reaches_all, own: _, below, units } = self.people();
        if !everybody && !reaches_all {
            let of = [below.into(), units.into()];
            sentence.push(" AND b.unit_id IN (SELECT units_within($1, $2, {}, {}))", of);
        }
        sentence.push(" ORDER BY code, directly", []);
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
}

impl Tx<'_> {
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
