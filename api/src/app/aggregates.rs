//! How groups of people stand in what their positions require: sums, never a person.

use std::collections::BTreeMap;
use std::sync::Arc;

use access::{Action, Scope};
use chrono::{DateTime, Datelike as _, Days, Months, NaiveDate, Utc};
use competency::{
    Categories, Coarse, Disclosure, JpmMethod, JpmRubric, PolicyRef, PolicyVersion, Purpose, Standings, shown,
};
use kernel::{Code, CompetencyId, UnitId, Violation, ViolationCode, Violations};
use store::{ByUnit, ExpirySum, Groups, SumGround, SummedCompetency, SummedUnit};
use workforce::{JobClass, Unit};

use crate::app::calculators::jpm_policy_among;
use crate::app::{AppError, Ctx};
use crate::dto::aggregates::{ExpiryForecastQuery, GapHeatMapQuery, GapSummaryQuery, GapTrendQuery};
use crate::dto::enums::Wire;
use crate::problems::Problem;

/// The most months of a trend or a forecast.
pub const MOST_MONTHS: u32 = 36;

const MONTHS: u32 = 12;

/// A figure of a group.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Shown<T> {
    /// It is this.
    Figure(T),
    /// It would tell people apart.
    Hidden,
}

impl<T> Shown<T> {
    /// The figure, where it may be seen.
    pub const fn figure(&self) -> Option<&T> {
        match self {
            Self::Figure(figure) => Some(figure),
            Self::Hidden => None,
        }
    }
}

/// What sums are about: a unit with those under it, or the agency.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Whole {
    /// The unit; none for the agency.
    pub unit: Option<Unit>,
    /// The day.
    pub as_of: NaiveDate,
    /// Whether groups that would tell people apart are left out.
    pub groups_only: bool,
}

/// A part of a whole.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnitPart<T> {
    /// The unit directly under the whole's, with those under it; none for the people directly in the whole's unit.
    pub unit: Option<SummedUnit>,
    /// Its figure.
    pub figure: T,
}

/// One competency of a heat map.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HeatRow {
    /// The competency.
    pub competency: SummedCompetency,
    /// How everybody of whom it is required stands.
    pub total: Shown<Standings>,
    /// The same by column; without anybody of whom it is required, nothing is counted.
    pub cells: Vec<Shown<Standings>>,
}

/// Competencies by the units directly under one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HeatMap {
    /// What it is about.
    pub whole: Whole,
    /// The rubric its people are graded by.
    pub policy: PolicyRef,
    /// The people in it.
    pub people: Shown<Categories>,
    /// The units directly under it by code, then the people directly in it where there are any.
    pub columns: Vec<UnitPart<Shown<Categories>>>,
    /// The competencies required of anybody there, by family and code.
    pub rows: Vec<HeatRow>,
}

/// How people stand, and how well they match.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GroupFigures {
    /// Their matches.
    pub people: Shown<Categories>,
    /// How they stand in all that is required of them.
    pub standings: Shown<Standings>,
}

/// How the people of a unit or of the agency stand.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GapSummary {
    /// What it is about.
    pub whole: Whole,
    /// What matches are graded for.
    pub purpose: Purpose,
    /// By which rubric.
    pub policy: PolicyRef,
    /// Everybody.
    pub total: GroupFigures,
    /// By the units directly under it, then the people directly in it where there are any.
    pub units: Vec<UnitPart<GroupFigures>>,
    /// By the class of the position held.
    pub job_classes: Vec<(JobClass, GroupFigures)>,
    /// Every competency required of anybody, by family and code.
    pub competencies: Vec<(SummedCompetency, Shown<Standings>)>,
}

/// How people stood on one day.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TrendPoint {
    /// The day.
    pub as_of: NaiveDate,
    /// How they stood.
    pub figures: GroupFigures,
}

/// How people stood, month by month.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GapTrend {
    /// What it is about; its day is that of the last point.
    pub whole: Whole,
    /// What matches are graded for.
    pub purpose: Purpose,
    /// The rubric those of the last point are graded by.
    pub policy: PolicyRef,
    /// The one competency it is about, if it is about one.
    pub competency: Option<CompetencyId>,
    /// The points, earliest first.
    pub points: Vec<TrendPoint>,
}

/// The evidence that lapses in the months to come.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExpiryForecast {
    /// What it is about.
    pub whole: Whole,
    /// The first days of its months.
    pub months: Vec<NaiveDate>,
    /// Every competency some evidence of which lapses, by family and code.
    pub competencies: Vec<SummedCompetency>,
    /// How much of it lapses when.
    pub lapses: Vec<ExpirySum>,
}

/// Which groups a caller is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Sight {
    All,
    Groups,
}

/// A question, checked: who asks, about whom, and what they may see.
struct Question {
    scope: Scope,
    whole: Whole,
    sight: Sight,
    policies: Arc<[PolicyVersion<JpmRubric>]>,
}

impl Question {
    async fn of(ctx: &Ctx, unit: Option<UnitId>, as_of: Option<NaiveDate>) -> Result<Self, AppError> {
        let scope = ctx.scope(Action::GapSummaryRead)?;
        let ground = ctx.read(&scope).sum_ground(unit).await?.ok_or(Problem::NotFound)?;
        let SumGround { unit, covered, policies } = ground;
        let sight = match (covered, scope.groups()) {
            (true, _) => Sight::All,
            (false, true) => Sight::Groups,
            (false, false) => return Err(Problem::Forbidden.into()),
        };
        let as_of = day(ctx, sight, as_of)?;
        let whole = Whole { unit, as_of, groups_only: sight == Sight::Groups };
        Ok(Self { scope, whole, sight, policies })
    }

    fn unit(&self) -> Option<UnitId> {
        self.whole.unit.as_ref().map(|unit| unit.id)
    }

    /// The rubric sums are graded by.
    fn graded_by(&self) -> Result<PolicyRef, AppError> {
        let name = Code::parse(JpmMethod::RatioOfSums.as_str())?;
        let (day, known_at) = (self.whole.as_of, DateTime::<Utc>::MAX_UTC);
        let policy = jpm_policy_among(&self.policies, &self.scope, &name, "/query/as_of", day, known_at)?;
        Ok(policy.cite())
    }

    /// Whether the groups decide what may be shown.
    fn groups(&self) -> bool {
        self.sight == Sight::Groups
    }
}

/// What may be shown.
enum Disclosed {
    Everything,
    Groups {
        groups: Groups,
        people: Disclosure<UnitId>,
        competencies: BTreeMap<CompetencyId, Disclosure<UnitId>>,
    },
}

/// A unit with those under it, the people directly in a unit, or the agency.
#[derive(Clone, Copy)]
enum Group {
    Agency,
    Under(UnitId),
    Directly(UnitId),
}

impl Group {
    fn whole(unit: Option<UnitId>) -> Self {
        unit.map_or(Self::Agency, Self::Under)
    }

    /// The part of `whole` that is a unit directly under it, or the people directly in it.
    fn part(whole: Option<UnitId>, unit: Option<UnitId>) -> Self {
        match (unit, whole) {
            (Some(unit), _) => Self::Under(unit),
            (None, Some(whole)) => Self::Directly(whole),
            (None, None) => Self::Agency,
        }
    }

    fn is_in(self, disclosure: &Disclosure<UnitId>) -> bool {
        match self {
            Self::Agency => disclosure.whole,
            Self::Under(unit) => disclosure.nodes.contains(&unit),
            Self::Directly(unit) => disclosure.direct.contains(&unit),
        }
    }
}

impl Disclosed {
    /// What may be shown on a day, where these are the groups of the days asked about, if groups decide.
    fn on(day: NaiveDate, groups: &mut BTreeMap<NaiveDate, Groups>) -> Self {
        let Some(groups) = groups.remove(&day) else { return Self::Everything };
        let people = Disclosure::of(&groups.parents, &groups.people);
        let competencies = groups
            .required
            .iter()
            .map(|(competency, required)| (*competency, Disclosure::of(&groups.parents, required)));
        Self::Groups { people, competencies: competencies.collect(), groups }
    }

    /// A figure, where it may be shown.
    fn show<T: Coarse>(&self, visible: bool, figure: T) -> Shown<T> {
        match (visible, self) {
            (false, _) => Shown::Hidden,
            (true, Self::Everything) => Shown::Figure(figure),
            (true, Self::Groups { .. }) => Shown::Figure(figure.coarse()),
        }
    }

    fn people(&self, group: Group) -> bool {
        match self {
            Self::Everything => true,
            Self::Groups { people, .. } => group.is_in(people),
        }
    }

    fn competency(&self, competency: CompetencyId, group: Group) -> bool {
        match self {
            Self::Everything => true,
            Self::Groups { competencies, .. } => {
                competencies.get(&competency).is_none_or(|disclosure| group.is_in(disclosure))
            }
        }
    }

    /// Sums over several competencies: with the figures of the single ones beside them, they would give the hidden ones
    /// away.
    const fn mixed(&self) -> bool {
        matches!(self, Self::Everything)
    }

    /// The job classes that may be shown; they cut across the units, so only for the whole agency.
    fn classes(&self, unit: Option<UnitId>) -> BTreeMap<JobClass, bool> {
        match self {
            Self::Everything => JobClass::ALL.into_iter().map(|class| (class, true)).collect(),
            Self::Groups { groups, people, .. } if unit.is_none() && people.whole => {
                let sizes: Vec<u64> = groups.classes.values().copied().collect();
                groups.classes.keys().copied().zip(shown(&sizes)).collect()
            }
            Self::Groups { .. } => BTreeMap::new(),
        }
    }
}

/// The day asked about. Who sees groups only asks about the last days of months that are over: from one day to the next a
/// group differs by single people.
fn day(ctx: &Ctx, sight: Sight, as_of: Option<NaiveDate>) -> Result<NaiveDate, AppError> {
    let today = ctx.today();
    let (first, last) = (first_day(), today + Months::new(12 * 10));
    let day = match (as_of, sight) {
        (Some(day), _) => day,
        (None, Sight::All) => return Ok(today),
        (None, Sight::Groups) => return Ok(month_before(today)),
    };
    let mut found = Violations::new();
    found.check(day < first || day > last, || {
        Violation::new("/query/as_of", ViolationCode::OutOfRange).with("min", first).with("max", last)
    });
    found.check(sight == Sight::Groups && (day != month_end(day) || day >= today), || {
        Violation::new("/query/as_of", ViolationCode::NotAllowedValue)
            .with("allowed", "the last day of a month that is over")
    });
    found.finish()?;
    Ok(day)
}

/// Nobody's competencies were assessed under the law of 2014 before there was one.
fn first_day() -> NaiveDate {
    NaiveDate::from_ymd_opt(2014, 1, 1).unwrap_or_default()
}

fn month_start(day: NaiveDate) -> NaiveDate {
    day.with_day(1).unwrap_or(day)
}

fn month_end(day: NaiveDate) -> NaiveDate {
    month_start(day) + Months::new(1) - Days::new(1)
}

fn month_before(day: NaiveDate) -> NaiveDate {
    month_start(day) - Days::new(1)
}

fn months(found: &mut Violations, asked: Option<u32>) -> u32 {
    let months = asked.unwrap_or(MONTHS);
    found.check(!(1..=MOST_MONTHS).contains(&months), || {
        Violation::new("/query/months", ViolationCode::OutOfRange).with("min", 1).with("max", MOST_MONTHS)
    });
    months
}

fn all_standings<'a>(parts: impl Iterator<Item = &'a Standings>) -> Standings {
    parts.fold(Standings::default(), |mut all, part| {
        all.merge(part);
        all
    })
}

fn all_matches<'a>(parts: impl Iterator<Item = &'a Categories>) -> Categories {
    parts.fold(Categories::default(), |mut all, part| {
        all.merge(part);
        all
    })
}

/// The units directly under a whole with their figures, then the people directly in it where there are any.
fn parts<T, F>(
    units: Vec<SummedUnit>,
    mut by_unit: ByUnit<T>,
    figure: impl Fn(Option<UnitId>, T) -> F,
) -> Vec<UnitPart<F>>
where
    T: Default,
{
    let direct = by_unit.remove(&None);
    let mut parts: Vec<UnitPart<F>> = units
        .into_iter()
        .map(|unit| {
            let sum = by_unit.remove(&Some(unit.id)).unwrap_or_default();
            UnitPart { figure: figure(Some(unit.id), sum), unit: Some(unit) }
        })
        .collect();
    parts.extend(direct.map(|sum| UnitPart { unit: None, figure: figure(None, sum) }));
    parts
}

/// How the people of a unit stand in each competency, by the units directly under it.
///
/// # Errors
/// `NOT_FOUND`, `FORBIDDEN`, `INVALID`.
pub async fn heat_map(ctx: &Ctx, unit: UnitId, query: GapHeatMapQuery) -> Result<HeatMap, AppError> {
    let GapHeatMapQuery { as_of, family, purpose } = query;
    let question = Question::of(ctx, Some(unit), as_of).await?;
    let (store, today) = (&ctx.services.store, ctx.today());
    let as_of = question.whole.as_of;
    let policy = question.graded_by()?;
    let found = store.gap_heat_sums(&question.scope, today, unit, as_of, question.groups()).await?;
    let (mut sums, mut groups) = (found.sums, found.groups);
    let disclosed = Disclosed::on(as_of, &mut groups);
    let purpose = purpose.map_or(Purpose::Filling, |Wire(purpose)| purpose);
    let everyone = all_matches(sums.people.values().map(|grades| grades.of(purpose)));
    let columns = parts(sums.units, sums.people, |part, grades| {
        disclosed.show(disclosed.people(Group::part(Some(unit), part)), grades.of(purpose).clone())
    });
    let families = sums
        .competencies
        .into_iter()
        .filter(|competency| family.as_ref().is_none_or(|family| competency.family.as_str() == family));
    let rows = families.map(|competency| {
        let mut cells = sums.cells.remove(&competency.id).unwrap_or_default();
        let total = all_standings(cells.values());
        let cell = |part: Option<UnitId>, standings: Standings| {
            let visible = disclosed.competency(competency.id, Group::part(Some(unit), part));
            disclosed.show(visible, standings)
        };
        let cells = columns
            .iter()
            .map(|column| column.unit.as_ref().map(|unit| unit.id))
            .map(|part| cell(part, cells.remove(&part).unwrap_or_default()))
            .collect();
        let visible = disclosed.competency(competency.id, Group::Under(unit));
        HeatRow { total: disclosed.show(visible, total), cells, competency }
    });
    Ok(HeatMap {
        policy,
        rows: rows.collect(),
        people: disclosed.show(disclosed.people(Group::Under(unit)), everyone),
        columns,
        whole: question.whole,
    })
}

/// How the people of a unit or of the agency stand, by family, unit and job class.
///
/// # Errors
/// `NOT_FOUND`, `FORBIDDEN`, `INVALID`.
pub async fn summary(ctx: &Ctx, query: GapSummaryQuery) -> Result<GapSummary, AppError> {
    let GapSummaryQuery { unit_id, as_of, purpose } = query;
    let question = Question::of(ctx, unit_id.map(UnitId::from), as_of).await?;
    let (unit, as_of) = (question.unit(), question.whole.as_of);
    let purpose = purpose.map_or(Purpose::Filling, |Wire(purpose)| purpose);
    let policy = question.graded_by()?;
    let (store, today, groups) = (&ctx.services.store, ctx.today(), question.groups());
    let found = store.gap_summary_sums(&question.scope, today, unit, as_of, groups).await?;
    let (sums, mut groups) = (found.sums, found.groups);
    let disclosed = Disclosed::on(as_of, &mut groups);
    let figures = |visible: bool, (grades, standings): (store::Grades, Standings)| GroupFigures {
        people: disclosed.show(visible, grades.of(purpose).clone()),
        standings: disclosed.show(visible && disclosed.mixed(), standings),
    };
    let everyone = all_matches(sums.by_unit.values().map(|(grades, _)| grades.of(purpose)));
    let standings = all_standings(sums.by_unit.values().map(|(_, standings)| standings));
    let visible = disclosed.people(Group::whole(unit));
    let classes = disclosed.classes(unit);
    Ok(GapSummary {
        purpose,
        policy,
        total: GroupFigures {
            people: disclosed.show(visible, everyone),
            standings: disclosed.show(visible && disclosed.mixed(), standings),
        },
        units: parts(sums.units, sums.by_unit, |part, sums| {
            figures(disclosed.people(Group::part(unit, part)), sums)
        }),
        job_classes: sums
            .by_class
            .into_iter()
            .map(|(class, sums)| (class, figures(classes.get(&class).copied().unwrap_or_default(), sums)))
            .collect(),
        competencies: sums
            .by_competency
            .into_iter()
            .map(|(competency, standings)| {
                let visible = disclosed.competency(competency.id, Group::whole(unit));
                (competency, disclosed.show(visible, standings))
            })
            .collect(),
        whole: question.whole,
    })
}

/// How the people of a unit or of the agency stood at the end of each month, and on the day asked about.
///
/// # Errors
/// `NOT_FOUND`, `FORBIDDEN`, `INVALID`.
pub async fn trend(ctx: &Ctx, query: GapTrendQuery) -> Result<GapTrend, AppError> {
    let GapTrendQuery { unit_id, as_of, months: asked, competency_id, purpose } = query;
    let mut found = Violations::new();
    let count = months(&mut found, asked);
    found.finish()?;
    let question = Question::of(ctx, unit_id.map(UnitId::from), as_of).await?;
    let (unit, as_of) = (question.unit(), question.whole.as_of);
    let competency = competency_id.map(CompetencyId::from);
    let purpose = purpose.map_or(Purpose::Filling, |Wire(purpose)| purpose);
    let mut days: Vec<NaiveDate> = vec![as_of];
    days.extend((0..count).scan(as_of, |day, _| {
        *day = month_before(*day);
        Some(*day)
    }));
    days.truncate(usize::try_from(count).unwrap_or_default());
    days.sort_unstable();
    let policy = question.graded_by()?;
    let (store, today) = (&ctx.services.store, ctx.today());
    let groups = question.groups();
    let found = store.gap_trend_sums(&question.scope, today, unit, &days, competency, groups).await?;
    let (sums, mut groups) = (found.sums, found.groups);
    let mut points = Vec::with_capacity(sums.len());
    for (as_of, sum) in sums {
        let disclosed = Disclosed::on(as_of, &mut groups);
        let group = Group::whole(unit);
        let standing = match competency {
            Some(competency) => disclosed.competency(competency, group),
            None => disclosed.people(group) && disclosed.mixed(),
        };
        let figures = GroupFigures {
            people: disclosed.show(disclosed.people(group), sum.people.of(purpose).clone()),
            standings: disclosed.show(standing, sum.standings),
        };
        points.push(TrendPoint { as_of, figures });
    }
    Ok(GapTrend { whole: question.whole, purpose, policy, competency, points })
}

/// The evidence that lapses in the months to come, and the gaps that reopen with it.
///
/// # Errors
/// `NOT_FOUND`, `FORBIDDEN` for who sees groups only, `INVALID`.
pub async fn expiry_forecast(ctx: &Ctx, query: ExpiryForecastQuery) -> Result<ExpiryForecast, AppError> {
    let ExpiryForecastQuery { unit_id, as_of, months: asked } = query;
    let mut found = Violations::new();
    let count = months(&mut found, asked);
    found.finish()?;
    let question = Question::of(ctx, unit_id.map(UnitId::from), as_of).await?;
    if question.sight == Sight::Groups {
        // What lapses in a month concerns few people nearly always.
        return Err(Problem::Forbidden.into());
    }
    let (unit, as_of) = (question.unit(), question.whole.as_of);
    let first = month_start(as_of);
    let months: Vec<NaiveDate> = (0..count).map(|month| first + Months::new(month)).collect();
    let last = months.last().copied().unwrap_or(first);
    let (store, today) = (&ctx.services.store, ctx.today());
    let sums = store.gap_expiry_sums(&question.scope, today, unit, as_of, (first, last)).await?;
    Ok(ExpiryForecast { whole: question.whole, months, competencies: sums.0, lapses: sums.1 })
}
