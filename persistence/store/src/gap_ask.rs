//! The statements that add sums up: from where, within what, taken apart by what.

use chrono::NaiveDate;
use competency::{Category, GapOutcome, Grade};
use kernel::{CompetencyId, UnitId};
use sea_orm::{FromQueryResult, Value, raw_sql};
use uuid::Uuid;
use workforce::JobClass;

use crate::gap_model::{EXPIRED, MISSING};
use crate::gap_sums::{Groups, UnitRow};
use crate::read::PeopleFilter;
use crate::rows::known;
use crate::sentence::Sentence;
use crate::{Reader, StoreError};

/// Where sums of a day come from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Source {
    Present,
    Kept,
}

#[derive(FromQueryResult)]
pub(crate) struct CountRow {
    pub(crate) day: Option<NaiveDate>,
    pub(crate) unit_id: Option<Uuid>,
    pub(crate) job_class: Option<String>,
    pub(crate) competency_id: Option<Uuid>,
    pub(crate) standing: i16,
    pub(crate) people: i64,
}

#[derive(FromQueryResult)]
pub(crate) struct PeopleRow {
    pub(crate) day: Option<NaiveDate>,
    pub(crate) unit_id: Option<Uuid>,
    pub(crate) job_class: Option<String>,
    pub(crate) filling: String,
    pub(crate) mapping: String,
    pub(crate) people: i64,
}

#[derive(FromQueryResult)]
pub(crate) struct ExpiryRow {
    pub(crate) competency_id: Uuid,
    pub(crate) month: NaiveDate,
    pub(crate) lapsing: i64,
    pub(crate) reopening: i64,
}

pub(crate) fn counted(people: i64) -> Result<u64, StoreError> {
    known(u64::try_from(people).ok(), "gap sums")
}

pub(crate) fn standing(written: i16) -> Result<GapOutcome, StoreError> {
    match written {
        MISSING => Ok(GapOutcome::Missing),
        EXPIRED => Ok(GapOutcome::Expired),
        gap => known(i8::try_from(gap).ok().map(GapOutcome::Gap), "gap_counts.standing"),
    }
}

pub(crate) fn grade(written: &str) -> Result<Grade, StoreError> {
    match written {
        "UNMEASURED" => Ok(Grade::Unmeasured),
        "INCOMPLETE" => Ok(Grade::Incomplete),
        category => known(Category::parse(category).map(Grade::Graded), "gap_people"),
    }
}

pub(crate) fn class(written: Option<&str>) -> Result<JobClass, StoreError> {
    known(written.and_then(JobClass::parse), "positions.job_class")
}

/// The positions of a unit ($2) and of every unit under it, or of the agency ($1), each with the unit directly under the
/// unit, or at the top of the agency, that it belongs to.
pub(crate) fn places(within: Option<UnitId>) -> &'static str {
    match within {
        Some(_) => {
            "SELECT h.id, h.unit_id AS own_id, h.job_class, b.ancestor_id AS unit_id
             FROM unit_ancestors a
             JOIN positions h ON h.agency_id = $1 AND h.unit_id = a.unit_id
             LEFT JOIN unit_ancestors b ON b.agency_id = $1 AND b.unit_id = a.unit_id AND b.depth = a.depth - 1
             WHERE a.agency_id = $1 AND a.ancestor_id = $2"
        }
        None => {
            "SELECT h.id, h.unit_id AS own_id, h.job_class, r.id AS unit_id
             FROM units r
             JOIN unit_ancestors b ON b.agency_id = $1 AND b.ancestor_id = r.id
             JOIN positions h ON h.agency_id = $1 AND h.unit_id = b.unit_id
             WHERE r.agency_id = $1 AND r.parent_id IS NULL AND $2::uuid IS NULL"
        }
    }
}

impl Source {
    /// Rows of (day, position, competency, standing, people) of the days $3.
    pub(crate) const fn counts(self) -> &'static str {
        match self {
            Self::Present => {
                "SELECT NULL::date AS day, position_id, competency_id, standing, people
                 FROM gap_counts WHERE agency_id = $1 AND $3::date[] IS NOT NULL"
            }
            Self::Kept => {
                "SELECT k.day, k.position_id, c.competency_id, c.standing, c.people
                 FROM gap_kept k, unnest(k.count_competency_ids, k.count_standings, k.count_people)
                    AS c(competency_id, standing, people)
                 WHERE k.agency_id = $1 AND k.day = ANY ($3)"
            }
        }
    }

    /// Rows of (day, position, filling, mapping, people).
    pub(crate) const fn people(self) -> &'static str {
        match self {
            Self::Present => {
                "SELECT NULL::date AS day, position_id, filling, mapping, people
                 FROM gap_people WHERE agency_id = $1 AND $3::date[] IS NOT NULL"
            }
            Self::Kept => {
                "SELECT k.day, k.position_id, c.filling, c.mapping, c.people
                 FROM gap_kept k, unnest(k.people_filling, k.people_mapping, k.people_people)
                    AS c(filling, mapping, people)
                 WHERE k.agency_id = $1 AND k.day = ANY ($3)"
            }
        }
    }

    /// Rows of (position, competency, month, lapsing, reopening).
    pub(crate) const fn expiries(self) -> &'static str {
        match self {
            Self::Present => {
                "SELECT position_id, competency_id, month, lapsing, reopening
                 FROM gap_expiries WHERE agency_id = $1 AND $3::date[] IS NOT NULL"
            }
            Self::Kept => {
                "SELECT k.position_id, c.competency_id, c.month, c.lapsing, c.reopening
                 FROM gap_kept k,
                    unnest(k.expiry_competency_ids, k.expiry_months, k.expiry_lapsing, k.expiry_reopening)
                    AS c(competency_id, month, lapsing, reopening)
                 WHERE k.agency_id = $1 AND k.day = ANY ($3)"
            }
        }
    }
}

/// What a sum is taken apart by: what stands for it in the answer, and in the grouping.
pub(crate) struct Shape {
    pub(crate) columns: &'static str,
    pub(crate) by: &'static str,
}

/// By unit and competency.
pub(crate) const HEAT: Shape = Shape {
    columns: "w.unit_id, NULL::text AS job_class, g.competency_id",
    by: "w.unit_id, g.competency_id",
};

/// Everybody together.
pub(crate) const WHOLE: Shape = Shape {
    columns: "NULL::uuid AS unit_id, NULL::text AS job_class, NULL::uuid AS competency_id",
    by: "()",
};

/// Matches by unit.
pub(crate) const PEOPLE_BY_UNIT: Shape =
    Shape { columns: "w.unit_id, NULL::text AS job_class", by: "w.unit_id" };

/// Matches by unit and class.
pub(crate) const PEOPLE_SUMMARY: Shape =
    Shape { columns: "w.unit_id, w.job_class", by: "w.unit_id, w.job_class" };

/// Matches of everybody together.
pub(crate) const PEOPLE_WHOLE: Shape =
    Shape { columns: "NULL::uuid AS unit_id, NULL::text AS job_class", by: "()" };

/// Whose sums, within which unit and on which days.
pub(crate) struct Ask<'a> {
    pub(crate) agency: Uuid,
    pub(crate) within: Option<UnitId>,
    pub(crate) source: Source,
    pub(crate) days: &'a [NaiveDate],
    /// Whom they are for, and that person's day, when somebody who is left out may be in them.
    pub(crate) sight: Option<(PeopleFilter, NaiveDate)>,
}

impl<'a> Ask<'a> {
    /// Those of a question about groups leave nobody out.
    pub(crate) fn new(
        reader: &Reader<'_>,
        source: Source,
        within: Option<UnitId>,
        days: &'a [NaiveDate],
        groups: bool,
    ) -> Self {
        let people = reader.people();
        let partial = !people.all && !groups && source == Source::Kept;
        Self {
            agency: reader.agency(),
            within,
            source,
            days,
            sight: partial.then_some((people, reader.today)),
        }
    }

    /// A statement that begins with the people who are left out: those who served there on that day and are out of the
    /// caller's sight today. Kept sums hold everybody, so they are taken off again.
    pub(crate) fn sentence(&self) -> Sentence {
        let within = self.within.map(UnitId::uuid);
        let values: [Value; 3] = [self.agency.into(), within.into(), self.days.to_vec().into()];
        let mut sentence = Sentence::new("", values);
        if let Some((people, today)) = self.sight.clone() {
            let PeopleFilter { all: _, own, below, units } = people;
            let places = places(self.within);
            let text = format!(
                "WITH hidden AS MATERIALIZED (
                    SELECT d.day, x.*
                    FROM unnest($3::date[]) AS d(day)
                    CROSS JOIN LATERAL gap_profiles_on($1, ARRAY(
                        SELECT p.employee_id
                        FROM ({places}) w
                        JOIN placements_on($1, d.day, 'infinity') p ON p.position_id = w.id
                        WHERE p.employee_id NOT IN (SELECT people_within($1, {{}}, {{}}, {{}}, {{}}))), d.day, 'infinity') x) "
            );
            sentence.push(&text, [today.into(), own.into(), below.into(), units.into()]);
        }
        sentence
    }

    /// What the source has, less those who are left out.
    pub(crate) fn rows(&self, kept: &str, hidden: &str) -> String {
        match self.sight {
            Some(_) => format!("{kept} UNION ALL {hidden}"),
            None => kept.to_owned(),
        }
    }

    /// Rows of (day, position, competency, standing, people).
    pub(crate) fn counted(&self) -> String {
        self.rows(
            self.source.counts(),
            "SELECT h.day, h.position_id, c.competency_id, c.standing, -1
             FROM hidden h, unnest(h.competency_ids, h.standings) AS c(competency_id, standing)",
        )
    }

    pub(crate) async fn counts(
        &self,
        reader: &Reader<'_>,
        shape: &Shape,
        competency: Option<CompetencyId>,
    ) -> Result<Vec<CountRow>, StoreError> {
        let (places, counts, Shape { columns, by }) = (places(self.within), self.counted(), shape);
        let mut sentence = self.sentence();
        sentence.push(
            &format!(
                "SELECT g.day, {columns}, g.standing, sum(g.people)::bigint AS people
                 FROM ({places}) w
                 JOIN ({counts}) g ON g.position_id = w.id"
            ),
            [],
        );
        sentence.maybe(" WHERE g.competency_id = {}", competency.map(CompetencyId::uuid));
        sentence.push(&format!(" GROUP BY g.day, g.standing, {by} HAVING sum(g.people) <> 0"), []);
        Ok(CountRow::find_by_statement(sentence.finish()).all(&reader.db).await?)
    }

    /// By unit and class, and, in other rows, by competency. A position has many competencies, so that they are summed up
    /// before it is looked at where the position belongs takes half the time.
    pub(crate) async fn summary_counts(&self, reader: &Reader<'_>) -> Result<Vec<CountRow>, StoreError> {
        let (places, counts) = (places(self.within), self.counted());
        let mut sentence = self.sentence();
        sentence.push(
            &format!(
                "SELECT g.day, w.unit_id, w.job_class, g.competency_id, g.standing, sum(g.people)::bigint AS people
                 FROM (SELECT g.day, g.position_id, g.competency_id, g.standing, sum(g.people)::integer AS people
                       FROM ({counts}) g
                       WHERE g.position_id IN (SELECT w.id FROM ({places}) w)
                       GROUP BY GROUPING SETS ((g.day, g.position_id, g.standing), (g.day, g.competency_id, g.standing))) g
                 LEFT JOIN ({places}) w ON w.id = g.position_id
                 GROUP BY g.day, w.unit_id, w.job_class, g.competency_id, g.standing
                 HAVING sum(g.people) <> 0"
            ),
            [],
        );
        Ok(CountRow::find_by_statement(sentence.finish()).all(&reader.db).await?)
    }

    pub(crate) async fn people(
        &self,
        reader: &Reader<'_>,
        shape: &Shape,
    ) -> Result<Vec<PeopleRow>, StoreError> {
        let (places, Shape { columns, by }) = (places(self.within), shape);
        let people = self.rows(
            self.source.people(),
            "SELECT day, position_id, filling, mapping, -1 FROM hidden WHERE position_id IS NOT NULL",
        );
        let mut sentence = self.sentence();
        sentence.push(
            &format!(
                "SELECT g.day, {columns}, g.filling, g.mapping, sum(g.people)::bigint AS people
                 FROM ({places}) w
                 JOIN ({people}) g ON g.position_id = w.id
                 GROUP BY g.day, g.filling, g.mapping, {by}
                 HAVING sum(g.people) <> 0"
            ),
            [],
        );
        Ok(PeopleRow::find_by_statement(sentence.finish()).all(&reader.db).await?)
    }

    pub(crate) async fn expiries(
        &self,
        reader: &Reader<'_>,
        months: (NaiveDate, NaiveDate),
    ) -> Result<Vec<ExpiryRow>, StoreError> {
        let places = places(self.within);
        let expiries = self.rows(
            self.source.expiries(),
            "SELECT h.position_id, e.id, e.month, -e.lapsing, -e.reopening
             FROM hidden h,
                gap_expiries_of(h.competency_agency_ids, h.competency_ids, h.valid_until, h.lasts_until) e",
        );
        let mut sentence = self.sentence();
        sentence.push(
            &format!(
                "SELECT g.competency_id, g.month, sum(g.lapsing)::bigint AS lapsing, sum(g.reopening)::bigint AS reopening
                 FROM ({places}) w
                 JOIN ({expiries}) g ON g.position_id = w.id
                 WHERE g.month BETWEEN {{}} AND {{}}
                 GROUP BY g.competency_id, g.month
                 HAVING sum(g.lapsing) <> 0 OR sum(g.reopening) <> 0
                 ORDER BY g.month, g.competency_id"
            ),
            [months.0.into(), months.1.into()],
        );
        Ok(ExpiryRow::find_by_statement(sentence.finish()).all(&reader.db).await?)
    }

    /// The groups of the agency.
    pub(crate) async fn groups(&self, reader: &Reader<'_>) -> Result<Groups, StoreError> {
        let agency = self.agency;
        let units =
            raw_sql!(Postgres, "SELECT id, code, name, parent_id FROM units WHERE agency_id = {agency}");
        let units = UnitRow::find_by_statement(units).all(&reader.db).await?;
        let parents = units.into_iter().map(|row| (row.id.into(), row.parent_id.map(UnitId::from)));
        let mut groups = Groups { parents: parents.collect(), ..Groups::default() };
        let (places, people, counts) = (places(None), self.source.people(), self.source.counts());
        let mut sentence = self.sentence();
        sentence.push(
            &format!(
                "SELECT NULL::date AS day, w.own_id AS unit_id, w.job_class, NULL::uuid AS competency_id,
                        0::smallint AS standing, sum(g.people)::bigint AS people
                 FROM ({places}) w JOIN ({people}) g ON g.position_id = w.id
                 GROUP BY GROUPING SETS ((w.own_id), (w.job_class))
                 UNION ALL
                 SELECT NULL, w.own_id, NULL, g.competency_id, 0::smallint, sum(g.people)::bigint
                 FROM ({places}) w JOIN ({counts}) g ON g.position_id = w.id
                 GROUP BY w.own_id, g.competency_id"
            ),
            [],
        );
        for row in CountRow::find_by_statement(sentence.finish()).all(&reader.db).await? {
            let people = counted(row.people)?;
            match (row.competency_id, row.unit_id) {
                (Some(competency), Some(unit)) => {
                    groups.required.entry(competency.into()).or_default().insert(unit.into(), people);
                }
                (None, Some(unit)) => {
                    groups.people.insert(unit.into(), people);
                }
                (_, None) => {
                    groups.classes.insert(class(row.job_class.as_deref())?, people);
                }
            }
        }
        Ok(groups)
    }
}
