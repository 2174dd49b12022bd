//! How groups of people stand in what their positions require: sums, never a person.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use competency::{Categories, Category, MeanGap, Percent, Purpose, SMALLEST_GROUP, Standings};
use kernel::{CompetencyId, NATIONAL};
use serde::{Deserialize, Serialize};
use serde_json::json;
use store::{ExpirySum, SummedCompetency, SummedUnit};
use utoipa::openapi::schema::{
    Array, ArrayBuilder, KnownFormat, ObjectBuilder, SchemaFormat, SchemaType, Type,
};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;
use workforce::Unit;

use crate::app::aggregates::{
    ExpiryForecast, GapSummary, GapTrend, GroupFigures, HeatMap, HeatRow, Shown, TrendPoint, UnitPart, Whole,
};
use crate::dto::enums::{Wire, wire};
use crate::dto::values::PolicyRefView;

/// Which heat map is asked for.
#[derive(Clone, Debug, Deserialize, Serialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct GapHeatMapQuery {
    /// The day; today in the agency when absent. From 2014-01-01 to ten years ahead. Who sees groups only asks about the last
    /// day of a month that is over, and about the latest of them when it is absent.
    pub as_of: Option<NaiveDate>,
    /// Only competencies of this family.
    #[param(example = "MANAJERIAL", max_length = 64)]
    pub family: Option<String>,
    /// What the job person match is graded for; `FILLING` when absent.
    pub purpose: Option<wire::Purpose>,
}

/// Which summary is asked for.
#[derive(Clone, Debug, Deserialize, Serialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct GapSummaryQuery {
    /// The unit, with every unit under it; the agency when absent.
    pub unit_id: Option<Uuid>,
    /// The day; today in the agency when absent. From 2014-01-01 to ten years ahead. Who sees groups only asks about the last
    /// day of a month that is over, and about the latest of them when it is absent.
    pub as_of: Option<NaiveDate>,
    /// What the job person match is graded for; `FILLING` when absent.
    pub purpose: Option<wire::Purpose>,
}

/// Which trend is asked for.
#[derive(Clone, Debug, Deserialize, Serialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct GapTrendQuery {
    /// The unit, with every unit under it; the agency when absent.
    pub unit_id: Option<Uuid>,
    /// The last point; today in the agency when absent. The points before it are the last days of the months before. Who sees
    /// groups only asks about the last day of a month that is over.
    pub as_of: Option<NaiveDate>,
    /// How many points.
    #[param(example = 12, minimum = 1, maximum = 36, default = 12)]
    pub months: Option<u32>,
    /// Only this competency; all of them when absent.
    pub competency_id: Option<Uuid>,
    /// What the job person match is graded for; `FILLING` when absent.
    pub purpose: Option<wire::Purpose>,
}

/// Which forecast is asked for.
#[derive(Clone, Debug, Deserialize, Serialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ExpiryForecastQuery {
    /// The unit, with every unit under it; the agency when absent.
    pub unit_id: Option<Uuid>,
    /// The day from which one looks ahead; today in the agency when absent. From 2014-01-01 to ten years ahead.
    pub as_of: Option<NaiveDate>,
    /// How many months, that of the day included.
    #[param(example = 12, minimum = 1, maximum = 36, default = 12)]
    pub months: Option<u32>,
}

/// What sums are about.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({"unit": {"id": "01931d5e-7c1f-7d7a-9a7e-3f1f3f0e4a11", "code": "DINKES",
    "name": "Dinas Kesehatan"}, "as_of": "2026-06-30", "smallest_group": null}))]
pub struct SummedView {
    /// The unit, with every unit under it; null for the whole agency.
    pub unit: Option<SummedUnitView>,
    /// The day.
    pub as_of: NaiveDate,
    /// The fewest people of a group that is shown, where small groups are left out; null where all are shown. Groups that
    /// would give a small one away by subtraction are left out too. Counts are then told to the nearest five.
    #[schema(example = 5, minimum = 5, maximum = 5)]
    pub smallest_group: Option<u64>,
}

impl From<Whole> for SummedView {
    fn from(whole: Whole) -> Self {
        let Whole { unit, as_of, groups_only } = whole;
        Self {
            unit: unit.map(SummedUnitView::from),
            as_of,
            smallest_group: groups_only.then_some(SMALLEST_GROUP),
        }
    }
}

/// A unit in a sum.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({"id": "01931d5e-7c1f-7d7a-9a7e-3f1f3f0e4a11", "code": "DINKES", "name": "Dinas Kesehatan"}))]
pub struct SummedUnitView {
    /// Identifier.
    pub id: Uuid,
    /// Code.
    #[schema(example = "DINKES", max_length = 64)]
    pub code: String,
    /// Name.
    #[schema(example = "Dinas Kesehatan", max_length = 200)]
    pub name: String,
}

impl From<SummedUnit> for SummedUnitView {
    fn from(unit: SummedUnit) -> Self {
        let SummedUnit { id, code, name } = unit;
        Self { id: id.uuid(), code: code.into_string(), name: name.into_string() }
    }
}

impl From<Unit> for SummedUnitView {
    fn from(unit: Unit) -> Self {
        let Unit { id, code, name, kind: _, parent: _, version: _ } = unit;
        Self { id: id.uuid(), code: code.into_string(), name: name.into_string() }
    }
}

/// A competency in a sum, as the latest version of its dictionary calls it.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({"id": "01931d5e-7c1f-7d7a-9a7e-3f1f3f0e4a12", "code": "M.1", "name": "Integritas",
    "family": "MANAJERIAL", "national": true}))]
pub struct SummedCompetencyView {
    /// Identifier.
    pub id: Uuid,
    /// Code.
    #[schema(example = "M.1", max_length = 64)]
    pub code: String,
    /// Name.
    #[schema(example = "Integritas", max_length = 200)]
    pub name: String,
    /// Code of its family.
    #[schema(example = "MANAJERIAL", max_length = 64)]
    pub family: String,
    /// Whether it belongs to a national dictionary.
    #[schema(example = true)]
    pub national: bool,
}

impl From<SummedCompetency> for SummedCompetencyView {
    fn from(competency: SummedCompetency) -> Self {
        let SummedCompetency { id, agency, code, name, family } = competency;
        Self {
            id: id.uuid(),
            code: code.into_string(),
            name: name.into_string(),
            family: family.into_string(),
            national: agency == NATIONAL,
        }
    }
}

/// How a group stands: pairs of a person and a competency their position requires. Where the group is suppressed every figure
/// is null. Expired and missing evidence is counted as such; it is in no mean and never a gap of nothing.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({"suppressed": false, "required": 16, "assessed": 8, "met": 4, "below": 3, "exceeds": 1, "expired": 3,
    "missing": 5, "coverage_percent": 50, "mean_gap": -0.38, "distribution": [0, 0, 1, 2, 4, 1, 0, 0, 0]}))]
pub struct StandingsView {
    /// Whether the figures are left out because they would tell people apart.
    #[schema(example = false)]
    pub suppressed: bool,
    /// Of how many something is required.
    #[schema(example = 16, minimum = 0, maximum = 1000000000)]
    pub required: Option<u64>,
    /// With valid evidence.
    #[schema(example = 8, minimum = 0, maximum = 1000000000)]
    pub assessed: Option<u64>,
    /// Exactly at the required level.
    #[schema(example = 4, minimum = 0, maximum = 1000000000)]
    pub met: Option<u64>,
    /// Below it.
    #[schema(example = 3, minimum = 0, maximum = 1000000000)]
    pub below: Option<u64>,
    /// Above it.
    #[schema(example = 1, minimum = 0, maximum = 1000000000)]
    pub exceeds: Option<u64>,
    /// With evidence that has expired.
    #[schema(example = 3, minimum = 0, maximum = 1000000000)]
    pub expired: Option<u64>,
    /// Without evidence.
    #[schema(example = 5, minimum = 0, maximum = 1000000000)]
    pub missing: Option<u64>,
    /// Assessed of required, in percent.
    #[schema(example = 50, minimum = 0, maximum = 100)]
    pub coverage_percent: Option<f64>,
    /// Mean of achieved less required of those assessed, in levels; negative is short.
    #[schema(example = -0.38, minimum = -4, maximum = 4)]
    pub mean_gap: Option<f64>,
    /// How many of those assessed are four, three, two, one level short, exactly at the level, and one to four above it.
    #[schema(schema_with = distribution)]
    pub distribution: Option<[u64; 9]>,
}

fn distribution() -> Array {
    let count = ObjectBuilder::new()
        .schema_type(Type::Integer)
        .format(Some(SchemaFormat::KnownFormat(KnownFormat::Int64)))
        .minimum(Some(0))
        .maximum(Some(1_000_000_000));
    ArrayBuilder::new()
        .schema_type(SchemaType::from_iter([Type::Array, Type::Null]))
        .description(Some(
            "How many of those assessed are four, three, two, one level short, exactly at the level, and one to four above it.",
        ))
        .items(count)
        .min_items(Some(9))
        .max_items(Some(9))
        .examples([json!([0, 0, 1, 2, 4, 1, 0, 0, 0])])
        .build()
}

impl From<&Shown<Standings>> for StandingsView {
    fn from(shown: &Shown<Standings>) -> Self {
        let figures = shown.figure();
        let figure = |of: fn(&Standings) -> u64| figures.map(of);
        Self {
            suppressed: figures.is_none(),
            required: figure(Standings::required),
            assessed: figure(Standings::assessed),
            met: figure(Standings::met),
            below: figure(Standings::below),
            exceeds: figure(Standings::exceeding),
            expired: figure(Standings::expired),
            missing: figure(Standings::missing),
            coverage_percent: figures.and_then(Standings::coverage).map(Percent::to_f64),
            mean_gap: figures.and_then(Standings::mean_gap).map(MeanGap::to_f64),
            distribution: figures.map(Standings::distribution),
        }
    }
}

/// How many people match their position how well. Where the group is suppressed every figure is null.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({"suppressed": false, "people": 40, "measured": 38, "unmeasured": 2, "complete": 30, "incomplete": 8,
    "coverage_percent": 78.95, "categories": [{"category": "MS", "people": 21}, {"category": "MMS", "people": 6},
        {"category": "KMS", "people": 3}]}))]
pub struct MatchesView {
    /// Whether the figures are left out because they would tell people apart.
    #[schema(example = false)]
    pub suppressed: bool,
    /// Everybody who holds a position there on the day.
    #[schema(example = 40, minimum = 0, maximum = 10000000)]
    pub people: Option<u64>,
    /// Those of whom something is required.
    #[schema(example = 38, minimum = 0, maximum = 10000000)]
    pub measured: Option<u64>,
    /// Those of whom nothing is required: neither a standard nor default levels apply. On a day before there was a rubric to
    /// grade by, those with evidence for everything, too.
    #[schema(example = 2, minimum = 0, maximum = 10000000)]
    pub unmeasured: Option<u64>,
    /// Those with valid evidence for all that is required.
    #[schema(example = 30, minimum = 0, maximum = 10000000)]
    pub complete: Option<u64>,
    /// Those lacking some of it: they have no category.
    #[schema(example = 8, minimum = 0, maximum = 10000000)]
    pub incomplete: Option<u64>,
    /// Complete of measured, in percent.
    #[schema(example = 78.95, minimum = 0, maximum = 100)]
    pub coverage_percent: Option<f64>,
    /// Those complete by category of the job person match (JPM), best first.
    #[schema(max_items = 3)]
    pub categories: Option<Vec<CategoryCountView>>,
}

/// How many people have a category.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({"category": "MS", "people": 21}))]
pub struct CategoryCountView {
    /// The category.
    pub category: wire::JobPersonMatchCategory,
    /// How many.
    #[schema(example = 21, minimum = 0, maximum = 10000000)]
    pub people: u64,
}

impl MatchesView {
    fn of(shown: &Shown<Categories>, purpose: Purpose) -> Self {
        let figures = shown.figure();
        let figure = |of: fn(&Categories) -> u64| figures.map(of);
        let graded = Category::ALL.into_iter().filter(|category| category.purpose() == purpose);
        let categories = figures.map(|figures| {
            graded
                .map(|category| CategoryCountView { category: Wire(category), people: figures.of(category) })
                .collect()
        });
        Self {
            suppressed: figures.is_none(),
            people: figure(Categories::people),
            measured: figure(Categories::measured),
            unmeasured: figure(Categories::unmeasured),
            complete: figure(Categories::complete),
            incomplete: figure(Categories::incomplete),
            coverage_percent: figures.and_then(Categories::coverage).map(Percent::to_f64),
            categories,
        }
    }
}

/// A heat map of competency gaps: competencies by the units directly under a unit.
#[derive(Debug, Serialize, ToSchema)]
pub struct GapHeatMapView {
    /// What it is about.
    pub of: SummedView,
    /// What matches are graded for.
    pub purpose: wire::Purpose,
    /// The rubric they are graded by.
    pub policy: PolicyRefView,
    /// The people in it.
    pub people: MatchesView,
    /// The units directly under it by code, each with every unit under it; last the people directly in it, where there are
    /// any.
    #[schema(max_items = 2000)]
    pub columns: Vec<UnitMatchesView>,
    /// The competencies required of anybody there, by family and code.
    #[schema(max_items = 5000)]
    pub rows: Vec<HeatRowView>,
}

/// People of a part of a unit.
#[derive(Debug, Serialize, ToSchema)]
pub struct UnitMatchesView {
    /// The unit; null for the people directly in the unit asked about.
    pub unit: Option<SummedUnitView>,
    /// Its people.
    pub people: MatchesView,
}

/// One competency of a heat map.
#[derive(Debug, Serialize, ToSchema)]
pub struct HeatRowView {
    /// The competency.
    pub competency: SummedCompetencyView,
    /// How everybody of whom it is required stands.
    pub total: StandingsView,
    /// The same by column, in the order of the columns; null where it is required of nobody.
    #[schema(max_items = 2000)]
    pub cells: Vec<Option<StandingsView>>,
}

impl From<HeatRow> for HeatRowView {
    fn from(row: HeatRow) -> Self {
        let HeatRow { competency, total, cells } = row;
        let nobody = |cell: &Shown<Standings>| cell.figure().is_some_and(|figures| figures.required() == 0);
        Self {
            competency: competency.into(),
            total: (&total).into(),
            cells: cells.iter().map(|cell| (!nobody(cell)).then(|| cell.into())).collect(),
        }
    }
}

impl GapHeatMapView {
    /// The map, graded for `purpose`.
    #[must_use]
    pub fn new(map: HeatMap, purpose: Purpose) -> Self {
        let HeatMap { whole, policy, people, columns, rows } = map;
        let column = |UnitPart { unit, figure }| UnitMatchesView {
            unit: unit.map(SummedUnitView::from),
            people: MatchesView::of(&figure, purpose),
        };
        Self {
            of: whole.into(),
            purpose: Wire(purpose),
            policy: policy.into(),
            people: MatchesView::of(&people, purpose),
            columns: columns.into_iter().map(column).collect(),
            rows: rows.into_iter().map(HeatRowView::from).collect(),
        }
    }
}

/// How a group stands and matches.
#[derive(Debug, Serialize, ToSchema)]
pub struct GroupFiguresView {
    /// How well people match their positions.
    pub people: MatchesView,
    /// How they stand in what is required of them. Suppressed for who sees groups only: with the figures of single
    /// competencies it would give small groups away.
    pub standings: StandingsView,
}

impl GroupFiguresView {
    fn of(figures: &GroupFigures, purpose: Purpose) -> Self {
        let GroupFigures { people, standings } = figures;
        Self { people: MatchesView::of(people, purpose), standings: standings.into() }
    }
}

/// How the people of a unit or of the agency stand in what their positions require.
#[derive(Debug, Serialize, ToSchema)]
pub struct GroupSummaryView {
    /// What it is about.
    pub of: SummedView,
    /// What matches are graded for.
    pub purpose: wire::Purpose,
    /// The rubric they are graded by.
    pub policy: PolicyRefView,
    /// Everybody.
    pub total: GroupFiguresView,
    /// By the families of the competencies. Where small groups are left out, of the competencies that are shown.
    #[schema(max_items = 100)]
    pub families: Vec<FamilyStandingsView>,
    /// By competency, in the order of families and codes.
    #[schema(max_items = 5000)]
    pub competencies: Vec<CompetencyStandingsView>,
    /// By the units directly under it, by code, each with every unit under it; last the people directly in it, where there are
    /// any.
    #[schema(max_items = 2000)]
    pub units: Vec<UnitFiguresView>,
    /// By the class of the position held. Who sees groups only sees them for the whole agency.
    #[schema(max_items = 100)]
    pub job_classes: Vec<ClassFiguresView>,
}

/// How people stand in the competencies of a family.
#[derive(Debug, Serialize, ToSchema)]
pub struct FamilyStandingsView {
    /// Code of the family.
    #[schema(example = "MANAJERIAL", max_length = 64)]
    pub family: String,
    /// How they stand.
    pub standings: StandingsView,
}

/// How people stand in a competency.
#[derive(Debug, Serialize, ToSchema)]
pub struct CompetencyStandingsView {
    /// The competency.
    pub competency: SummedCompetencyView,
    /// How they stand.
    pub standings: StandingsView,
}

/// How the people of a part of a unit stand.
#[derive(Debug, Serialize, ToSchema)]
pub struct UnitFiguresView {
    /// The unit; null for the people directly in the unit asked about.
    pub unit: Option<SummedUnitView>,
    /// How they stand and match.
    pub figures: GroupFiguresView,
}

/// How the people of a job class stand.
#[derive(Debug, Serialize, ToSchema)]
pub struct ClassFiguresView {
    /// The job class.
    pub job_class: wire::JobClass,
    /// How they stand and match.
    pub figures: GroupFiguresView,
}

impl From<GapSummary> for GroupSummaryView {
    fn from(summary: GapSummary) -> Self {
        let GapSummary { whole, purpose, policy, total, units, job_classes, competencies } = summary;
        let figures = |figures: &GroupFigures| GroupFiguresView::of(figures, purpose);
        Self {
            of: whole.into(),
            purpose: Wire(purpose),
            policy: policy.into(),
            total: figures(&total),
            families: families(&competencies),
            competencies: competencies
                .into_iter()
                .map(|(competency, standings)| CompetencyStandingsView {
                    competency: competency.into(),
                    standings: (&standings).into(),
                })
                .collect(),
            units: units
                .into_iter()
                .map(|UnitPart { unit, figure }| UnitFiguresView {
                    unit: unit.map(SummedUnitView::from),
                    figures: figures(&figure),
                })
                .collect(),
            job_classes: job_classes
                .into_iter()
                .map(|(class, of)| ClassFiguresView { job_class: Wire(class), figures: figures(&of) })
                .collect(),
        }
    }
}

/// The competencies shown, by family, in their order.
fn families(competencies: &[(SummedCompetency, Shown<Standings>)]) -> Vec<FamilyStandingsView> {
    competencies
        .chunk_by(|(one, _), (other, _)| one.family == other.family)
        .filter_map(|family| {
            let (first, _) = family.first()?;
            let shown: Vec<&Standings> =
                family.iter().filter_map(|(_, standings)| standings.figure()).collect();
            let all = shown.iter().fold(Standings::default(), |mut all, one| {
                all.merge(one);
                all
            });
            let standings = if shown.is_empty() { Shown::Hidden } else { Shown::Figure(all) };
            Some(FamilyStandingsView { family: first.family.to_string(), standings: (&standings).into() })
        })
        .collect()
}

/// How the people of a unit or of the agency stood, month by month.
#[derive(Debug, Serialize, ToSchema)]
pub struct GapTrendView {
    /// What it is about; its day is that of the last point.
    pub of: SummedView,
    /// What matches are graded for.
    pub purpose: wire::Purpose,
    /// The rubric those of the last point are graded by; each earlier one's is that of its own day.
    pub policy: PolicyRefView,
    /// The one competency whose standings are given; null for all.
    pub competency_id: Option<Uuid>,
    /// The points, earliest first: the last days of months, then the day asked about. Each by what is known now.
    #[schema(max_items = 36)]
    pub points: Vec<TrendPointView>,
}

/// How people stood on a day.
#[derive(Debug, Serialize, ToSchema)]
pub struct TrendPointView {
    /// The day.
    pub as_of: NaiveDate,
    /// How they stood and matched.
    pub figures: GroupFiguresView,
}

impl From<GapTrend> for GapTrendView {
    fn from(trend: GapTrend) -> Self {
        let GapTrend { whole, purpose, policy, competency, points } = trend;
        let point = |TrendPoint { as_of, figures }| TrendPointView {
            as_of,
            figures: GroupFiguresView::of(&figures, purpose),
        };
        Self {
            of: whole.into(),
            purpose: Wire(purpose),
            policy: policy.into(),
            competency_id: competency.map(CompetencyId::uuid),
            points: points.into_iter().map(point).collect(),
        }
    }
}

/// The evidence that lapses in the months to come, and the gaps that reopen with it.
#[derive(Debug, Serialize, ToSchema)]
pub struct ExpiryForecastView {
    /// What it is about; its day is the one from which one looks ahead.
    pub of: SummedView,
    /// Every month, earliest first, all competencies together.
    #[schema(max_items = 36)]
    pub months: Vec<MonthLapsesView>,
    /// The competencies any evidence of which lapses, by family and code.
    #[schema(max_items = 5000)]
    pub competencies: Vec<CompetencyLapsesView>,
}

/// The evidence that lapses in a month.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({"first_day": "2026-09-01", "lapsing": 14, "reopening": 12}))]
pub struct MonthLapsesView {
    /// The month's first day.
    pub first_day: NaiveDate,
    /// Results in use whose last valid day is in the month.
    #[schema(example = 14, minimum = 0, maximum = 1000000000)]
    pub lapsing: u64,
    /// Pairs of a person and a required competency for which no valid result is left once the month is over: whatever the gap
    /// was, nobody knows it any more. Fewer than those lapsing where another, longer valid result stands in.
    #[schema(example = 12, minimum = 0, maximum = 1000000000)]
    pub reopening: u64,
}

/// When the evidence of a competency lapses.
#[derive(Debug, Serialize, ToSchema)]
pub struct CompetencyLapsesView {
    /// The competency.
    pub competency: SummedCompetencyView,
    /// Results in use that lapse in all these months.
    #[schema(example = 14, minimum = 0, maximum = 1000000000)]
    pub lapsing: u64,
    /// Gaps that reopen in all these months.
    #[schema(example = 12, minimum = 0, maximum = 1000000000)]
    pub reopening: u64,
    /// Every month, earliest first.
    #[schema(max_items = 36)]
    pub months: Vec<MonthLapsesView>,
}

impl From<ExpiryForecast> for ExpiryForecastView {
    fn from(forecast: ExpiryForecast) -> Self {
        let ExpiryForecast { whole, months, competencies, lapses } = forecast;
        let mut totals: BTreeMap<NaiveDate, (u64, u64)> = BTreeMap::new();
        let mut single: BTreeMap<(CompetencyId, NaiveDate), (u64, u64)> = BTreeMap::new();
        for ExpirySum { competency, month, lapsing, reopening } in lapses {
            let total = totals.entry(month).or_default();
            *total = (total.0 + lapsing, total.1 + reopening);
            single.insert((competency, month), (lapsing, reopening));
        }
        let view = |first_day: NaiveDate, (lapsing, reopening): (u64, u64)| MonthLapsesView {
            first_day,
            lapsing,
            reopening,
        };
        let of_competency = |competency: SummedCompetency| {
            let months: Vec<MonthLapsesView> = months
                .iter()
                .map(|month| view(*month, single.get(&(competency.id, *month)).copied().unwrap_or_default()))
                .collect();
            CompetencyLapsesView {
                competency: competency.into(),
                lapsing: months.iter().map(|month| month.lapsing).sum(),
                reopening: months.iter().map(|month| month.reopening).sum(),
                months,
            }
        };
        Self {
            of: whole.into(),
            competencies: competencies.into_iter().map(of_competency).collect(),
            months: months
                .iter()
                .map(|month| view(*month, totals.get(month).copied().unwrap_or_default()))
                .collect(),
        }
    }
}
