//! Sums over people on a day: of the present from the gap model, of other days from sums that are made when somebody asks
//! and kept until the past they tell of is written anew.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use access::Scope;
use chrono::{Datelike as _, Days, NaiveDate};
use competency::{Categories, Grade, JpmRubric, PolicyVersion, Purpose, Standings};
use entities::units;
use kernel::{AgencyId, Code, CompetencyId, NATIONAL, Name, UnitId};
use sea_orm::{ConnectionTrait as _, DbBackend, DbErr, FromQueryResult, Statement, Value, raw_sql};
use uuid::Uuid;
use workforce::{JobClass, Unit};

use crate::gap_ask::{Ask, Counts, Source, Tally, counted, places, sums};
use crate::read::PeopleFilter;
use crate::rows::{code, known, name};
use crate::sentence::Sentence;
use crate::units::domain as unit_domain;
use crate::{Reader, Store, StoreError};

/// Positions whose sums are made by one statement.
const PART: usize = 50;

/// How often sums are made anew while others keep writing the past they tell of.
const ATTEMPTS: usize = 6;

/// A competency as a sum names it: as the latest version that is not a draft calls it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SummedCompetency {
    /// Its id.
    pub id: CompetencyId,
    /// Whose dictionary it is in.
    pub agency: AgencyId,
    /// Its code.
    pub code: Code,
    /// Its name.
    pub name: Name,
    /// Its family.
    pub family: Code,
}

/// A unit beside others in a sum.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SummedUnit {
    /// The unit.
    pub id: UnitId,
    /// Its code.
    pub code: Code,
    /// Its name.
    pub name: Name,
}

/// Matches by purpose: everybody is graded for both.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Grades {
    /// For filling positions.
    pub filling: Categories,
    /// For mapping talent.
    pub mapping: Categories,
}

impl Grades {
    /// Those of one purpose.
    #[must_use]
    pub const fn of(&self, purpose: Purpose) -> &Categories {
        match purpose {
            Purpose::Filling => &self.filling,
            Purpose::Mapping => &self.mapping,
        }
    }

    pub(crate) fn add(&mut self, filling: Grade, mapping: Grade, people: u64) {
        self.filling.add(filling, people);
        self.mapping.add(mapping, people);
    }
}

/// Sums by the units directly under a unit or under nothing; the people directly in the unit stand under `None`.
pub type ByUnit<T> = BTreeMap<Option<UnitId>, T>;

/// How the people of a unit stand in each competency, by the units directly under it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct HeatSums {
    /// The units directly under it, by code.
    pub units: Vec<SummedUnit>,
    /// The people in each.
    pub people: ByUnit<Grades>,
    /// What is required of anybody there, by family and code.
    pub competencies: Vec<SummedCompetency>,
    /// How they stand.
    pub cells: BTreeMap<CompetencyId, ByUnit<Standings>>,
}

/// How the people of a unit or of the agency stand, by what one may ask.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SummarySums {
    /// The units directly under it, by code.
    pub units: Vec<SummedUnit>,
    /// By those units.
    pub by_unit: ByUnit<(Grades, Standings)>,
    /// By the class of the position held.
    pub by_class: BTreeMap<JobClass, (Grades, Standings)>,
    /// What is required of anybody, by family and code, with how they stand.
    pub by_competency: Vec<(SummedCompetency, Standings)>,
}

/// How the people of a unit or of the agency stood on one day.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TrendSums {
    /// Their matches.
    pub people: Grades,
    /// How they stood in what was required of them.
    pub standings: Standings,
}

/// Evidence that lapses in a month, in one competency.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ExpirySum {
    /// The competency.
    pub competency: CompetencyId,
    /// The first day of the month.
    pub month: NaiveDate,
    /// Results in use whose last valid day is in it.
    pub lapsing: u64,
    /// People who have no valid result left when it is over.
    pub reopening: u64,
}

/// The groups of an agency on a day, down to the people directly in a unit: what a decision rests on which of them may be
/// shown.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Groups {
    /// Every unit with the one above it.
    pub parents: BTreeMap<UnitId, Option<UnitId>>,
    /// People directly in each unit.
    pub people: BTreeMap<UnitId, u64>,
    /// People of each job class.
    pub classes: BTreeMap<JobClass, u64>,
    /// People directly in each unit of whom a competency is required.
    pub required: BTreeMap<CompetencyId, BTreeMap<UnitId, u64>>,
}

/// What is needed first, or the answer.
enum Attempt<T> {
    Done(T),
    /// On each of these days these positions have no sums that hold.
    Lacking(Vec<(NaiveDate, Vec<Uuid>)>),
}

/// What a question about sums rests on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SumGround {
    /// The unit asked about.
    pub unit: Option<Unit>,
    /// Whether the scope reaches everybody in it and under it, or in the agency where no unit is asked about.
    pub covered: bool,
    /// The rubrics people may be graded by.
    pub policies: Arc<[PolicyVersion<JpmRubric>]>,
}

#[derive(FromQueryResult)]
struct GroundRow {
    #[sea_orm(nested)]
    unit: Option<units::Model>,
    rules: i64,
    covered: bool,
}

#[derive(FromQueryResult)]
struct IdRow {
    id: Uuid,
}

#[derive(FromQueryResult)]
pub(crate) struct UnitRow {
    pub(crate) id: Uuid,
    code: String,
    name: String,
    pub(crate) parent_id: Option<Uuid>,
}

#[derive(FromQueryResult)]
struct CompetencyRow {
    id: Uuid,
    agency_id: Uuid,
    code: String,
    name: Option<String>,
    family: Option<String>,
}

/// Sums, and the groups of each of their days where somebody asked who sees groups only.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Summed<T> {
    /// The sums.
    pub sums: T,
    /// The groups of the agency by day, of the same moment.
    pub groups: BTreeMap<NaiveDate, Groups>,
}

impl Store {
    /// How the people of a unit and of those under it stand on `day` in what their positions require; with `groups`, the
    /// groups of the agency, too.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`] when the past that was asked about keeps changing.
    pub async fn gap_heat_sums(
        &self,
        scope: &Scope,
        today: NaiveDate,
        unit: UnitId,
        day: NaiveDate,
        groups: bool,
    ) -> Result<Summed<HeatSums>, StoreError> {
        self.summed(scope, today, Some(unit), &[day], groups, async |reader, ask| {
            let mut sums = HeatSums { units: reader.units_under(Some(unit)).await?, ..HeatSums::default() };
            let mut people: ByUnit<Tally> = BTreeMap::new();
            let mut cells: BTreeMap<CompetencyId, ByUnit<Counts>> = BTreeMap::new();
            for row in ask.sums(reader).await? {
                let unit = row.unit_id.map(UnitId::from);
                people.entry(unit).or_default().add(&row);
                for (competency, counts) in row.by_competency()? {
                    cells.entry(competency).or_default().entry(unit).or_default().merge(&counts);
                }
            }
            sums.people = self::sums(people)?.into_iter().map(|(unit, (grades, _))| (unit, grades)).collect();
            for (competency, by_unit) in cells {
                for (unit, counts) in by_unit {
                    if let Some(standings) = counts.sum()? {
                        sums.cells.entry(competency).or_default().insert(unit, standings);
                    }
                }
            }
            sums.competencies = reader.competencies_summed(sums.cells.keys()).await?;
            Ok(sums)
        })
        .await
    }

    /// How the people of a unit or of the agency stand on `day`; `groups` as in [`Store::gap_heat_sums`].
    ///
    /// # Errors
    /// As [`Store::gap_heat_sums`].
    pub async fn gap_summary_sums(
        &self,
        scope: &Scope,
        today: NaiveDate,
        within: Option<UnitId>,
        day: NaiveDate,
        groups: bool,
    ) -> Result<Summed<SummarySums>, StoreError> {
        self.summed(scope, today, within, &[day], groups, async |reader, ask| {
            let mut sums = SummarySums { units: reader.units_under(within).await?, ..SummarySums::default() };
            let mut by_unit: ByUnit<Tally> = BTreeMap::new();
            let mut by_class: BTreeMap<JobClass, Tally> = BTreeMap::new();
            let mut counts_by_competency: BTreeMap<CompetencyId, Counts> = BTreeMap::new();
            for row in ask.sums(reader).await? {
                let by_competency = row.by_competency()?;
                for tally in [
                    by_unit.entry(row.unit_id.map(UnitId::from)).or_default(),
                    by_class.entry(row.class()?).or_default(),
                ] {
                    tally.add(&row);
                    by_competency.iter().for_each(|(_, counts)| tally.counts.merge(counts));
                }
                for (competency, counts) in by_competency {
                    counts_by_competency.entry(competency).or_default().merge(&counts);
                }
            }
            (sums.by_unit, sums.by_class) = (self::sums(by_unit)?, self::sums(by_class)?);
            let mut by_competency = BTreeMap::new();
            for (competency, counts) in counts_by_competency {
                by_competency.extend(counts.sum()?.map(|standings| (competency, standings)));
            }
            for competency in reader.competencies_summed(by_competency.keys()).await? {
                let standings = by_competency.remove(&competency.id).unwrap_or_default();
                sums.by_competency.push((competency, standings));
            }
            Ok(sums)
        })
        .await
    }

    /// How the people of a unit or of the agency stood on each of some days; `competency` leaves out the others, `groups` as
    /// in [`Store::gap_heat_sums`].
    ///
    /// # Errors
    /// As [`Store::gap_heat_sums`].
    pub async fn gap_trend_sums(
        &self,
        scope: &Scope,
        today: NaiveDate,
        within: Option<UnitId>,
        days: &[NaiveDate],
        competency: Option<CompetencyId>,
        groups: bool,
    ) -> Result<Summed<BTreeMap<NaiveDate, TrendSums>>, StoreError> {
        let mut all = Summed {
            sums: days.iter().map(|day| (*day, TrendSums::default())).collect::<BTreeMap<_, _>>(),
            groups: BTreeMap::new(),
        };
        let (present, past): (Vec<_>, Vec<_>) = days.iter().partition(|day| **day == today);
        for days in [past, present] {
            if days.is_empty() {
                continue;
            }
            let found = self
                .summed(scope, today, within, &days, groups, async |reader, ask| {
                    let mut by_day: BTreeMap<NaiveDate, Tally> = BTreeMap::new();
                    // Of one day at a time: of some years they are more than one likes to hold.
                    for day in &days {
                        for row in ask.on(day).sums(reader).await? {
                            let tally = by_day.entry(row.day.unwrap_or(today)).or_default();
                            tally.add(&row);
                            let counts = row.by_competency()?;
                            let of = |id: CompetencyId| competency.is_none_or(|asked| asked == id);
                            counts
                                .iter()
                                .filter(|(id, _)| of(*id))
                                .for_each(|(_, counts)| tally.counts.merge(counts));
                        }
                    }
                    self::sums(by_day)
                })
                .await?;
            for (day, (people, standings)) in found.sums {
                all.sums.insert(day, TrendSums { people, standings });
            }
            all.groups.extend(found.groups);
        }
        Ok(all)
    }

    /// The evidence in use on `day` that lapses in the months from `from` up to and including `until`, both given by their
    /// first days, with the competencies it is of.
    ///
    /// # Errors
    /// As [`Store::gap_heat_sums`].
    pub async fn gap_expiry_sums(
        &self,
        scope: &Scope,
        today: NaiveDate,
        within: Option<UnitId>,
        day: NaiveDate,
        months: (NaiveDate, NaiveDate),
    ) -> Result<(Vec<SummedCompetency>, Vec<ExpirySum>), StoreError> {
        let days = [day];
        let found = self.summed(scope, today, within, &days, false, async |reader, ask| {
            let sums = ask
                .expiries(reader, months)
                .await?
                .into_iter()
                .map(|row| {
                    Ok(ExpirySum {
                        competency: row.competency_id.into(),
                        month: row.month,
                        lapsing: counted(row.lapsing)?,
                        reopening: counted(row.reopening)?,
                    })
                })
                .collect::<Result<Vec<_>, StoreError>>()?;
            let named: BTreeSet<CompetencyId> = sums.iter().map(|sum| sum.competency).collect();
            Ok((reader.competencies_summed(named.iter()).await?, sums))
        });
        Ok(found.await?.sums)
    }

    /// Makes some of the sums that are lacking on the last days of the `months` months before today, the latest first;
    /// returns whether there were any. For when nobody is waiting: the first question about a month finds them then.
    ///
    /// # Errors
    /// The database's.
    pub async fn gap_months_keep(
        &self,
        scope: &Scope,
        today: NaiveDate,
        months: u32,
    ) -> Result<bool, StoreError> {
        let mut day = today;
        for _ in 0..months {
            day = day.with_day(1).unwrap_or(day) - Days::new(1);
            let mut lacking = self.read(scope, today).positions_lacking(None, day).await?;
            if !lacking.is_empty() {
                lacking.truncate(PART);
                self.gap_sums_keep(scope, lacking, day).await?;
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Runs `read` in one snapshot in which the sums of every day hold, after making those that are lacking; with `groups`,
    /// the groups of the agency come from the same snapshot.
    async fn summed<T>(
        &self,
        scope: &Scope,
        today: NaiveDate,
        within: Option<UnitId>,
        days: &[NaiveDate],
        groups: bool,
        read: impl AsyncFn(&Reader<'_>, &Ask<'_>) -> Result<T, StoreError>,
    ) -> Result<Summed<T>, StoreError> {
        let mut turn = None;
        for _ in 0..ATTEMPTS {
            let attempt = self
                .snapshot(scope, today, async |reader| {
                    let source = if days == [today] && reader.model_holds().await? {
                        Source::Present
                    } else {
                        let of = if groups { None } else { within };
                        let lacking = reader.lacking(of, days).await?;
                        if !lacking.is_empty() {
                            return Ok(Attempt::Lacking(lacking));
                        }
                        Source::Kept
                    };
                    let sums = read(reader, &Ask::new(reader, source, within, days, groups)).await?;
                    let mut by_day = BTreeMap::new();
                    for day in days.iter().filter(|_| groups) {
                        let ask = Ask::new(reader, source, None, std::slice::from_ref(day), true);
                        by_day.insert(*day, ask.groups(reader).await?);
                    }
                    Ok(Attempt::Done(Summed { sums, groups: by_day }))
                })
                .await?;
            match attempt {
                Attempt::Done(done) => return Ok(done),
                // Whoever else asked may be making them: once is enough.
                Attempt::Lacking(_) if turn.is_none() => {
                    turn = Some(self.memory.making.turn(&scope.agency()).await);
                }
                Attempt::Lacking(lacking) => {
                    for (day, positions) in lacking {
                        self.gap_sums_keep(scope, positions, day).await?;
                    }
                }
            }
        }
        Err(StoreError::Unavailable(DbErr::Custom("the past that was asked about keeps changing".to_owned())))
    }

    /// Makes the sums of positions on a day and keeps them.
    async fn gap_sums_keep(
        &self,
        scope: &Scope,
        positions: Vec<Uuid>,
        day: NaiveDate,
    ) -> Result<(), StoreError> {
        let agency = scope.agency().uuid();
        for part in positions.chunks(PART) {
            let part = part.to_vec();
            let statement = raw_sql!(Postgres, "SELECT gaps_keep({agency}, {part}, {day})");
            self.db.query_one_raw(statement).await?;
        }
        Ok(())
    }
}

impl Reader<'_> {
    /// What a question about sums rests on; none when there is no such unit.
    ///
    /// # Errors
    /// The database's.
    pub async fn sum_ground(&self, unit: Option<UnitId>) -> Result<Option<SumGround>, StoreError> {
        let mut sentence = Sentence::new(
            "SELECT u.*, m.rules",
            [self.agency().into(), self.today.into(), unit.map(UnitId::uuid).into()],
        );
        match self.people() {
            PeopleFilter { all: true, .. } => sentence.push(", true AS covered", []),
            PeopleFilter { all: false, own: _, below, units } => sentence.push(
                ", EXISTS (
                    SELECT FROM unit_ancestors a
                    WHERE a.agency_id = $1 AND a.unit_id = $3 AND (a.ancestor_id = ANY ({}) OR EXISTS (
                        SELECT FROM placements_on($1, $2, 'infinity') l
                        WHERE l.employee_id = ANY ({}) AND l.id = head_on($1, a.ancestor_id, $2)))) AS covered",
                [units.into(), below.into()],
            ),
        }
        sentence.push(
            " FROM gap_models m
             LEFT JOIN units u ON u.agency_id = m.agency_id AND u.id = $3
             WHERE m.agency_id = $1 AND $2::date IS NOT NULL",
            [],
        );
        let row = GroundRow::find_by_statement(sentence.finish()).one(&self.db).await?;
        let row = known(row, "gap_models")?;
        if unit.is_some() && row.unit.is_none() {
            return Ok(None);
        }
        Ok(Some(SumGround {
            unit: row.unit.map(unit_domain),
            covered: row.covered,
            policies: self.jpm_remembered(row.rules).await?,
        }))
    }

    /// Whether every row of the gap model stands for today.
    async fn model_holds(&self) -> Result<bool, StoreError> {
        let (agency, today) = (self.agency(), self.today);
        let statement = raw_sql!(
            Postgres,
            "SELECT m.agency_id AS id FROM gap_models m
             WHERE m.agency_id = {agency} AND m.built = m.changes AND m.latest_on <= {today} AND NOT EXISTS (
                SELECT FROM gap_profiles p WHERE p.agency_id = {agency} AND p.holds_until <= {today})"
        );
        Ok(IdRow::find_by_statement(statement).one(&self.db).await?.is_some())
    }

    /// On which of these days which positions within a unit or the agency have no sums that hold.
    async fn lacking(
        &self,
        within: Option<UnitId>,
        days: &[NaiveDate],
    ) -> Result<Vec<(NaiveDate, Vec<Uuid>)>, StoreError> {
        let mut lacking = Vec::new();
        for day in days {
            let positions = self.positions_lacking(within, *day).await?;
            if !positions.is_empty() {
                lacking.push((*day, positions));
            }
        }
        Ok(lacking)
    }

    /// The positions within a unit or the agency of which no sums of `day` are kept that hold.
    async fn positions_lacking(
        &self,
        within: Option<UnitId>,
        day: NaiveDate,
    ) -> Result<Vec<Uuid>, StoreError> {
        let places = places(within);
        let sql = format!(
            "SELECT w.id
             FROM ({places}) w
             WHERE NOT EXISTS (
                SELECT FROM gap_kept k
                WHERE k.agency_id = $1 AND k.day = $3 AND k.position_id = w.id
                  AND NOT EXISTS (
                    SELECT FROM gap_marks m
                    WHERE m.agency_id = $1 AND m.position_id = w.id AND m.since <= $3
                      AND NOT pg_visible_in_snapshot(m.xid, k.seen))
                  AND NOT EXISTS (
                    SELECT FROM gap_marks m
                    WHERE m.agency_id = $1 AND m.position_id IS NULL AND m.since <= $3
                      AND NOT pg_visible_in_snapshot(m.xid, k.seen)))
             ORDER BY w.id"
        );
        let values: [Value; 3] = [self.agency().into(), within.map(UnitId::uuid).into(), day.into()];
        let statement = Statement::from_sql_and_values(DbBackend::Postgres, sql, values);
        Ok(IdRow::find_by_statement(statement).all(&self.db).await?.into_iter().map(|row| row.id).collect())
    }

    /// The units directly under a unit, or those under nothing, by code.
    async fn units_under(&self, unit: Option<UnitId>) -> Result<Vec<SummedUnit>, StoreError> {
        let (agency, unit) = (self.agency(), unit.map(UnitId::uuid));
        let statement = raw_sql!(
            Postgres,
            "SELECT id, code, name, parent_id FROM units
             WHERE agency_id = {agency} AND parent_id IS NOT DISTINCT FROM {unit}::uuid
             ORDER BY code, id"
        );
        let rows = UnitRow::find_by_statement(statement).all(&self.db).await?;
        let named =
            |row: UnitRow| SummedUnit { id: row.id.into(), code: code(row.code), name: name(row.name) };
        Ok(rows.into_iter().map(named).collect())
    }

    /// Competencies by family and code, as they are called now.
    async fn competencies_summed<'k>(
        &self,
        ids: impl Iterator<Item = &'k CompetencyId>,
    ) -> Result<Vec<SummedCompetency>, StoreError> {
        let (own, national) = (self.agency(), NATIONAL.uuid());
        let ids: Vec<Uuid> = ids.map(|id| id.uuid()).collect();
        let statement = raw_sql!(
            Postgres,
            "SELECT c.id, c.agency_id, c.code, n.name, n.family
             FROM competencies c
             LEFT JOIN LATERAL (
                SELECT n.name, n.family, f.ordinal
                FROM competency_contents n
                JOIN dictionary_versions v ON v.agency_id = n.agency_id AND v.id = n.dictionary_version_id
                JOIN competency_families f ON f.code = n.family
                WHERE n.agency_id = c.agency_id AND n.competency_id = c.id AND v.state <> 'DRAFT'
                ORDER BY v.number DESC LIMIT 1) n ON true
             WHERE c.agency_id IN ({own}, {national}) AND c.id = ANY ({ids})
             ORDER BY n.ordinal, c.code, c.id"
        );
        let rows = CompetencyRow::find_by_statement(statement).all(&self.db).await?;
        rows.into_iter()
            .map(|row| {
                Ok(SummedCompetency {
                    id: row.id.into(),
                    agency: row.agency_id.into(),
                    // What a standard in force names has been published.
                    name: name(known(row.name, "competency_contents")?),
                    family: code(known(row.family, "competency_contents")?),
                    code: code(row.code),
                })
            })
            .collect()
    }
}
