//! What sums are asked for: from where, within what, and how they are added up.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use competency::{Category, GapOutcome, Grade, Standings};
use kernel::{CompetencyId, UnitId};
use sea_orm::{FromQueryResult, Value, raw_sql};
use uuid::Uuid;
use workforce::JobClass;

use crate::gap_model::{EXPIRED, MISSING};
use crate::gap_sums::{Grades, Groups, UnitRow};
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

/// The sums of a position on a day, or, where they are taken off again, one person who was in them.
#[derive(FromQueryResult)]
pub(crate) struct SumRow {
    pub(crate) day: Option<NaiveDate>,
    /// The unit directly under the one asked about, or at the top of the agency, that the position belongs to.
    pub(crate) unit_id: Option<Uuid>,
    own_id: Uuid,
    job_class: String,
    competency_ids: Vec<Uuid>,
    standings: Vec<i16>,
    counts: Vec<i32>,
    filling: Vec<String>,
    mapping: Vec<String>,
    people: Vec<i32>,
}

impl SumRow {
    pub(crate) fn class(&self) -> Result<JobClass, StoreError> {
        known(JobClass::parse(&self.job_class), "positions.job_class")
    }

    /// How people stand in each competency. One may come more than once.
    pub(crate) fn by_competency(&self) -> Result<Vec<(CompetencyId, Counts)>, StoreError> {
        let mut all: Vec<(CompetencyId, Counts)> = Vec::new();
        for ((id, standing), people) in self.competency_ids.iter().zip(&self.standings).zip(&self.counts) {
            let id = CompetencyId::from(*id);
            if all.last().is_none_or(|(last, _)| *last != id) {
                all.push((id, Counts::default()));
            }
            if let Some((_, counts)) = all.last_mut() {
                counts.add(*standing, i64::from(*people))?;
            }
        }
        Ok(all)
    }

    fn matches(&self) -> impl Iterator<Item = (&str, &str, i64)> {
        let graded = self.filling.iter().zip(&self.mapping).zip(&self.people);
        graded.map(|((filling, mapping), people)| (filling.as_str(), mapping.as_str(), i64::from(*people)))
    }
}

/// The least gap, and the place of every other standing after it.
const LEAST: i16 = -4;

/// People by how they stand, while some may still be taken off.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Counts([i64; 14]);

impl Counts {
    fn add(&mut self, standing: i16, people: i64) -> Result<(), StoreError> {
        let place = usize::try_from(standing - LEAST).ok().and_then(|place| self.0.get_mut(place));
        *known(place, "gap_sums.count_standings")? += people;
        Ok(())
    }

    pub(crate) fn merge(&mut self, other: &Self) {
        for (sum, people) in self.0.iter_mut().zip(other.0) {
            *sum += people;
        }
    }

    /// What they come to; none where nobody is left.
    pub(crate) fn sum(self) -> Result<Option<Standings>, StoreError> {
        let mut sum = None;
        for (written, people) in (LEAST..).zip(self.0).filter(|(_, people)| *people != 0) {
            sum.get_or_insert_with(Standings::default).add(standing(written)?, counted(people)?);
        }
        Ok(sum)
    }
}

/// People by how they match and how they stand, while some may still be taken off.
#[derive(Debug, Default)]
pub(crate) struct Tally {
    matches: BTreeMap<(String, String), i64>,
    pub(crate) counts: Counts,
}

impl Tally {
    /// Counts the matches of a row.
    pub(crate) fn add(&mut self, row: &SumRow) {
        for (filling, mapping, people) in row.matches() {
            *self.matches.entry((filling.to_owned(), mapping.to_owned())).or_default() += people;
        }
    }

    /// What it comes to; none where nobody is left.
    pub(crate) fn sum(self) -> Result<Option<(Grades, Standings)>, StoreError> {
        let mut grades = None;
        for ((filling, mapping), people) in self.matches.into_iter().filter(|(_, people)| *people != 0) {
            grades.get_or_insert_with(Grades::default).add(
                grade(&filling)?,
                grade(&mapping)?,
                counted(people)?,
            );
        }
        let standings = self.counts.sum()?;
        Ok(match (grades, standings) {
            (None, None) => None,
            (grades, standings) => Some((grades.unwrap_or_default(), standings.unwrap_or_default())),
        })
    }
}

/// What some tallies come to, without those nobody is left in.
pub(crate) fn sums<K: Ord>(
    tallies: BTreeMap<K, Tally>,
) -> Result<BTreeMap<K, (Grades, Standings)>, StoreError> {
    let summed = tallies.into_iter().map(|(key, tally)| Ok(tally.sum()?.map(|sum| (key, sum))));
    summed.filter_map(Result::transpose).collect()
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

fn standing(written: i16) -> Result<GapOutcome, StoreError> {
    match written {
        MISSING => Ok(GapOutcome::Missing),
        EXPIRED => Ok(GapOutcome::Expired),
        gap => known(i8::try_from(gap).ok().map(GapOutcome::Gap), "gap_sums.count_standings"),
    }
}

fn grade(written: &str) -> Result<Grade, StoreError> {
    match written {
        "UNMEASURED" => Ok(Grade::Unmeasured),
        "INCOMPLETE" => Ok(Grade::Incomplete),
        category => known(Category::parse(category).map(Grade::Graded), "gap_sums.people_filling"),
    }
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
    /// Rows of (day, position, competencies, standings, counts, filling, mapping, people) of the days $3.
    pub(crate) const fn sums(self) -> &'static str {
        match self {
            Self::Present => {
                "SELECT NULL::date AS day, position_id, count_competency_ids AS competency_ids, count_standings AS standings,
                        count_people AS counts, people_filling AS filling, people_mapping AS mapping, people_people AS people
                 FROM gap_sums WHERE agency_id = $1 AND $3::date[] IS NOT NULL"
            }
            Self::Kept => {
                "SELECT day, position_id, count_competency_ids AS competency_ids, count_standings AS standings,
                        count_people AS counts, people_filling AS filling, people_mapping AS mapping, people_people AS people
                 FROM gap_kept WHERE agency_id = $1 AND day = ANY ($3)"
            }
        }
    }

    /// Rows of (position, competency, month, lapsing, reopening).
    pub(crate) const fn expiries(self) -> &'static str {
        match self {
            Self::Present => {
                "SELECT k.position_id, c.competency_id, c.month, c.lapsing, c.reopening
                 FROM gap_sums k,
                    unnest(k.expiry_competency_ids, k.expiry_months, k.expiry_lapsing, k.expiry_reopening)
                    AS c(competency_id, month, lapsing, reopening)
                 WHERE k.agency_id = $1 AND $3::date[] IS NOT NULL"
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

    /// The same of one day.
    pub(crate) fn on<'d>(&self, day: &'d NaiveDate) -> Ask<'d> {
        let Self { agency, within, source, days: _, ref sight } = *self;
        Ask { agency, within, source, days: std::slice::from_ref(day), sight: sight.clone() }
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
    fn rows(&self, kept: &str, hidden: &str) -> String {
        match self.sight {
            Some(_) => format!("{kept} UNION ALL {hidden}"),
            None => kept.to_owned(),
        }
    }

    /// The sums, position by position. They are added up here and not by the database: it would take them apart into a row
    /// for each figure, which takes ten times as long.
    pub(crate) async fn sums(&self, reader: &Reader<'_>) -> Result<Vec<SumRow>, StoreError> {
        let places = places(self.within);
        let sums = self.rows(
            self.source.sums(),
            "SELECT day, position_id, competency_ids, standings, array_fill(-1, ARRAY[cardinality(competency_ids)]),
                    ARRAY[filling], ARRAY[mapping], ARRAY[-1]
             FROM hidden WHERE position_id IS NOT NULL",
        );
        let mut sentence = self.sentence();
        sentence.push(
            &format!(
                "SELECT g.day, w.unit_id, w.own_id, w.job_class, g.competency_ids, g.standings, g.counts, g.filling,
                        g.mapping, g.people
                 FROM ({places}) w
                 JOIN ({sums}) g ON g.position_id = w.id"
            ),
            [],
        );
        Ok(SumRow::find_by_statement(sentence.finish()).all(&reader.db).await?)
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
        let (mut people, mut classes) = (BTreeMap::<UnitId, i64>::new(), BTreeMap::<JobClass, i64>::new());
        let mut required: BTreeMap<(CompetencyId, UnitId), Counts> = BTreeMap::new();
        for row in self.sums(reader).await? {
            let (unit, class) = (UnitId::from(row.own_id), row.class()?);
            for (_, _, some) in row.matches() {
                *people.entry(unit).or_default() += some;
                *classes.entry(class).or_default() += some;
            }
            for (competency, counts) in row.by_competency()? {
                required.entry((competency, unit)).or_default().merge(&counts);
            }
        }
        for (unit, people) in people.into_iter().filter(|(_, people)| *people != 0) {
            groups.people.insert(unit, counted(people)?);
        }
        for (class, people) in classes.into_iter().filter(|(_, people)| *people != 0) {
            groups.classes.insert(class, counted(people)?);
        }
        for ((competency, unit), counts) in required {
            if let Some(standings) = counts.sum()? {
                groups.required.entry(competency).or_default().insert(unit, standings.required());
            }
        }
        Ok(groups)
    }
}
