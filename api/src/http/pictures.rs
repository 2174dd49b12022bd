//! What use cases found, as what pictures are drawn of.

use competency::{
    Category, CompetencyGap, EvidenceUsed, GapState, PolicyRef, Purpose, Severity, StandardBasis,
};
use development::{ScenarioFigures, ScenarioPoint};
use optimiser::Reason;
use pictures::{
    Basis, Caption, Cell, Certificate, Counting, Curve, Distribution, Gaps, Group, GroupFigures, HeatMap,
    HeatRow, Match, PlanSummary, Printed, Profile, Row, Series, Share, Standing, SummaryHours, SummaryUnit,
    Trend,
};
use store::ScenarioRow;

use crate::app::gaps::Surroundings;
use crate::app::{AppError, Ctx};
use crate::dto::aggregates::{
    CategoryCountView, GapHeatMapView, GapTrendView, GroupSummaryView, MatchesView, StandingsView,
    SummedUnitView, SummedView,
};
use crate::dto::certificates::CertificateView;
use crate::dto::enums::Wire;
use crate::dto::gaps::{Against, Profiled};
use crate::dto::values::PolicyRefView;
use crate::messages::Lang;
use crate::problems::Problem;

impl From<Lang> for pictures::Lang {
    fn from(lang: Lang) -> Self {
        match lang {
            Lang::Id => Self::Id,
            Lang::En => Self::En,
        }
    }
}

/// A gap profile, to be printed.
///
/// # Errors
/// `INTERNAL`: the writer found its own page wanting.
pub(crate) fn page(profile: &Profile, ctx: &Ctx, lang: Lang) -> Result<Vec<u8>, AppError> {
    let printed = Printed { at: ctx.now, request: ctx.request.to_string() };
    pictures::page(profile, &printed, lang.into()).map_err(|error| {
        log::error!(request_id:% = ctx.request; "a page could not be written: {error}");
        Problem::Internal.into()
    })
}

/// A certificate, to be printed.
pub(crate) fn certificate(view: CertificateView, agency: String) -> Certificate {
    let counting = match view.status.0 {
        development::CertificateStatus::Valid => Counting::Valid,
        development::CertificateStatus::Expired => Counting::Expired,
        development::CertificateStatus::Revoked => Counting::Revoked,
    };
    Certificate {
        agency,
        number: view.number,
        holder: view.holder,
        title: view.title,
        provider: view.provider,
        jp: view.jp.map(|jp| jp.0.to_string()),
        held_from: view.held_from,
        held_until: view.held_until,
        issued_on: view.issued_on,
        valid_until: view.valid_until,
        counting,
        verify_url: view.verify_url,
        code: view.code,
    }
}

/// A certificate on a page.
///
/// # Errors
/// `INTERNAL`: the writer found its own page wanting.
pub(crate) fn certificate_page(
    certificate: &Certificate,
    ctx: &Ctx,
    lang: Lang,
) -> Result<Vec<u8>, AppError> {
    let printed = Printed { at: ctx.now, request: ctx.request.to_string() };
    pictures::certificate(certificate, &printed, lang.into()).map_err(|error| {
        log::error!(request_id:% = ctx.request; "a certificate could not be written: {error}");
        Problem::Internal.into()
    })
}

/// A rubric, as pictures name it.
pub(crate) fn policy(policy: &PolicyRef) -> String {
    format!("{} v{}", policy.name, policy.number)
}

/// A person's gap profile.
pub(crate) fn profile(profiled: Profiled, surroundings: Surroundings) -> Profile {
    let Profiled { person, position, against, known_at, profile } = profiled;
    let Surroundings { unit, decree } = surroundings;
    Profile {
        person: person.name.into_string(),
        nip: person.nip.as_str().to_owned(),
        position: position.name.into_string(),
        unit: unit.map(kernel::Name::into_string),
        target: matches!(against, Against::Position(_)),
        as_of: profile.as_of,
        known_at,
        basis: match profile.basis {
            StandardBasis::Standard { id: _, number, valid_from } => {
                Basis::Standard { number, decree: decree.map(kernel::Name::into_string), valid_from }
            }
            StandardBasis::DefaultLevels { policy: levels, job_class } => Basis::DefaultLevels {
                job_class: job_class.as_str().replace('_', " "),
                policy: policy(&levels),
            },
        },
        job_person_match: Match {
            percent: profile.jpm.jpm.map(|percent| percent.to_string()),
            category: profile.jpm.category.map(competency::Category::as_str),
            policy: policy(&profile.policy),
            mapping: mapping(profile.jpm.purpose),
        },
        rows: profile.gaps.into_iter().map(row).collect(),
    }
}

fn row(gap: CompetencyGap) -> Row {
    let level = |evidence: &EvidenceUsed| evidence.level.get();
    Row {
        code: gap.required.code.into_string(),
        name: gap.required.name.into_string(),
        required: gap.required.requirement.level.get(),
        standing: match (gap.state, gap.achieved, &gap.evidence) {
            (GapState::Expired, _, Some(evidence)) => Standing::Expired(level(evidence)),
            (_, Some(found), _) => Standing::Found(found.get()),
            _ => Standing::Missing,
        },
        severity: match gap.severity {
            Severity::None => 0,
            Severity::Low => 1,
            Severity::Medium => 2,
            Severity::High => 3,
            Severity::Critical => 4,
        },
        valid_until: gap.evidence.map(|evidence| evidence.valid_until),
    }
}

/// What a sum is about, over its picture.
fn caption(title: &str, of: &SummedView, people: Option<&MatchesView>, lang: pictures::Lang) -> Caption {
    let whole = of.unit.as_ref().map_or(lang.of("seluruh instansi", "the whole agency"), |unit| &unit.name);
    let population = match people.map(|all| (all.people, all.measured, all.complete)) {
        Some((Some(people), Some(measured), Some(complete))) => match lang {
            pictures::Lang::Id => format!(
                "{people} pegawai, {measured} di antaranya dengan syarat kompetensi, {complete} dengan semua hasil berlaku"
            ),
            pictures::Lang::En => format!(
                "{people} people, {measured} of whom something is required, {complete} with valid results for all of it"
            ),
        },
        _ => lang.of("jumlah pegawai disembunyikan", "the number of people is suppressed").to_owned(),
    };
    let day = format!("{} {}", lang.of("Keadaan per", "As of"), lang.day(of.as_of));
    Caption { title: format!("{title}: {whole}"), lines: vec![day, population], notes: Vec::new() }
}

/// By which rubric people are graded, and what for.
fn graded_by(policy: &PolicyRefView, purpose: Purpose, lang: pictures::Lang) -> String {
    let PolicyRefView { name, number, .. } = policy;
    format!(
        "{} {name} v{number}, {}",
        lang.of("Kebijakan JPM", "JPM policy"),
        pictures::purpose(mapping(purpose), lang)
    )
}

const fn mapping(purpose: Purpose) -> bool {
    match purpose {
        Purpose::Filling => false,
        Purpose::Mapping => true,
    }
}

fn part(unit: Option<&SummedUnitView>, lang: pictures::Lang) -> String {
    unit.map_or_else(
        || lang.of("langsung di unit ini", "directly in the unit").to_owned(),
        |unit| unit.name.clone(),
    )
}

/// A heat map of gaps.
pub(crate) fn heat_map(map: &GapHeatMapView, lang: Lang) -> String {
    let lang = pictures::Lang::from(lang);
    let title = lang.of("Peta Kesenjangan Kompetensi", "Heat Map of Competency Gaps");
    let Wire(purpose) = map.purpose;
    let mut caption = caption(title, &map.of, Some(&map.people), lang);
    caption.lines.push(graded_by(&map.policy, purpose, lang));
    let drawn = HeatMap {
        caption,
        columns: map.columns.iter().map(|column| part(column.unit.as_ref(), lang)).collect(),
        rows: map
            .rows
            .iter()
            .map(|row| HeatRow {
                label: format!("{} {}", row.competency.code, row.competency.name),
                total: cell(Some(&row.total)),
                cells: row.cells.iter().map(|one| cell(one.as_ref())).collect(),
            })
            .collect(),
        smallest_group: map.of.smallest_group,
    };
    drawn.draw(lang)
}

fn cell(standings: Option<&StandingsView>) -> Cell {
    let Some(standings) = standings else { return Cell::Nobody };
    match (standings.required, standings.assessed, standings.below) {
        (Some(0), ..) => Cell::Nobody,
        (Some(required), Some(assessed), Some(below)) => Cell::Figures { required, assessed, below },
        _ => Cell::Suppressed,
    }
}

/// How people match, by job class, and how far they are from what is required.
pub(crate) fn distribution(summary: &GroupSummaryView, lang: Lang) -> String {
    let lang = pictures::Lang::from(lang);
    let Wire(purpose) = summary.purpose;
    let title = lang.of("Sebaran Kesenjangan Kompetensi", "Distribution of Competency Gaps");
    let mut caption = caption(title, &summary.of, Some(&summary.total.people), lang);
    caption.lines.push(graded_by(&summary.policy, purpose, lang));
    let all = (lang.of("Semua", "All").to_owned(), &summary.total.people);
    let classes = summary.job_classes.iter().map(|class| {
        let Wire(job_class) = class.job_class;
        (job_class.as_str().replace('_', " "), &class.figures.people)
    });
    let standings = &summary.total.standings;
    let drawn = Distribution {
        caption,
        categories: Category::ALL
            .iter()
            .filter(|category| category.purpose() == purpose)
            .map(|category| category.as_str())
            .collect(),
        groups: std::iter::once(all)
            .chain(classes)
            .map(|(label, people)| Group {
                label,
                figures: people.categories.as_ref().zip(people.incomplete).map(|(categories, incomplete)| {
                    GroupFigures { categories: categories.iter().map(|one| one.people).collect(), incomplete }
                }),
            })
            .collect(),
        gaps: standings
            .distribution
            .zip(standings.expired)
            .zip(standings.missing)
            .map(|((levels, expired), missing)| Gaps { levels, expired, missing }),
        smallest_group: summary.of.smallest_group,
    };
    drawn.draw(lang)
}

/// How shares went, month by month.
pub(crate) fn trend(trend: &GapTrendView, lang: Lang) -> String {
    let lang = pictures::Lang::from(lang);
    let title = lang.of("Tren Kesenjangan Kompetensi", "Trend of Competency Gaps");
    let last = trend.points.last().map(|point| &point.figures.people);
    let standings = |of: fn(&StandingsView) -> (Option<u64>, Option<u64>)| -> Vec<Share> {
        trend.points.iter().map(|point| share(of(&point.figures.standings))).collect()
    };
    let code = last.and_then(best).map(|best| best.category.0.as_str());
    let Wire(purpose) = trend.purpose;
    let mut caption = caption(title, &trend.of, last, lang);
    caption.lines.push(graded_by(&trend.policy, purpose, lang));
    let drawn = Trend {
        caption,
        days: trend.points.iter().map(|point| point.as_of).collect(),
        series: vec![
            Series {
                label: lang.of("Dengan hasil berlaku, %", "With valid results, %").to_owned(),
                points: standings(|one| (one.assessed, one.required)),
            },
            Series {
                label: lang
                    .of("Di bawah syarat, % dari yang dinilai", "Below requirement, % of assessed")
                    .to_owned(),
                points: standings(|one| (one.below, one.assessed)),
            },
            Series {
                label: format!(
                    "JPM {}, {}",
                    code.unwrap_or("–"),
                    lang.of("% dari yang lengkap", "% of complete")
                ),
                points: trend
                    .points
                    .iter()
                    .map(|point| {
                        let people = &point.figures.people;
                        share((best(people).map(|best| best.people), people.complete))
                    })
                    .collect(),
            },
        ],
        smallest_group: trend.of.smallest_group,
    };
    drawn.draw(lang)
}

/// What tenths of a scenario's budget buy.
pub(crate) fn budget_curve(row: &ScenarioRow, figures: &ScenarioFigures, year: i32, lang: Lang) -> String {
    let lang = pictures::Lang::from(lang);
    let title = lang.of("Kurva Anggaran", "Budget Curve");
    let population = match lang {
        pictures::Lang::Id => format!("Rencana {year} · {} orang dengan kebutuhan", figures.people),
        pictures::Lang::En => format!("Plan of {year} · {} people with needs", figures.people),
    };
    let points = curve(figures);
    let drawn = Curve {
        caption: Caption {
            title: format!("{title}: {}", row.name),
            lines: vec![population],
            notes: Vec::new(),
        },
        budgets: points.iter().map(|(budget, ..)| *budget).collect(),
        series: vec![
            Series {
                label: lang.of("Nilai kebutuhan yang tertutup, %", "Value of needs closed, %").to_owned(),
                points: points.iter().map(|(_, value, _)| *value).collect(),
            },
            Series {
                label: lang.of("Orang yang terlayani, %", "People served, %").to_owned(),
                points: points.iter().map(|(.., people)| *people).collect(),
            },
        ],
    };
    drawn.draw(lang)
}

fn curve(figures: &ScenarioFigures) -> Vec<(i64, Share, Share)> {
    let point = |point: &ScenarioPoint| {
        let people = share((Some(point.served), Some(figures.people)));
        (point.budget, of_worth(point.objective, figures), people)
    };
    figures.curve.iter().map(point).collect()
}

/// The share of what all needs are worth.
fn of_worth(value: f64, figures: &ScenarioFigures) -> Share {
    if figures.worth <= 0.0 {
        return Share::Unknown;
    }
    Share::Percent(narrow(value / figures.worth * 100.0))
}

/// What is drawn needs no more digits than this has.
#[expect(
    clippy::as_conversions,
    clippy::cast_possible_truncation,
    reason = "a percentage to be printed with two decimals"
)]
fn narrow(number: f64) -> f32 {
    number as f32
}

/// A scenario's plan, to be printed.
pub(crate) fn plan_summary(
    row: &ScenarioRow,
    figures: ScenarioFigures,
    (agency, year): (String, i32),
    lang: Lang,
) -> PlanSummary {
    let lang = pictures::Lang::from(lang);
    let curve = curve(&figures);
    let mut units = figures.units.clone();
    units.sort_by(|one, other| other.worth.total_cmp(&one.worth).then_with(|| one.code.cmp(&other.code)));
    let open = figures.hours.as_ref().map_or(&figures.unserved, |hours| &hours.unreached);
    let mut reasons = open.clone();
    reasons.sort_by(|one, other| other.1.cmp(&one.1).then_with(|| one.0.cmp(&other.0)));
    let reason = |(code, needs): (String, u64)| {
        let known = Reason::ALL.iter().find(|reason| reason.code() == code);
        (known.map_or(code.clone(), |reason| words(*reason, lang).to_owned()), needs)
    };
    PlanSummary {
        agency,
        year,
        scenario: row.name.to_string(),
        budget: figures.budget,
        cost: figures.cost,
        value: of_worth(figures.objective, &figures),
        gap_percent: narrow(figures.gap_percent),
        people: figures.people,
        served: figures.served,
        needs: figures.needs,
        needs_served: figures.needs_served,
        enrolments: figures.enrolments,
        opened: figures.opened,
        hours: figures.hours.map(|hours| SummaryHours {
            short: hours.short,
            reached: hours.reached,
            least_cost: hours.least_cost,
            gap_percent: narrow(hours.gap_percent),
        }),
        curve,
        reasons: reasons.into_iter().map(reason).collect(),
        units: units
            .into_iter()
            .map(|unit| SummaryUnit {
                code: unit.code,
                name: unit.name,
                people: unit.people,
                served: unit.served,
                needs: unit.needs,
                needs_served: unit.needs_served,
                cost: unit.cost,
                hours: unit.hours,
            })
            .collect(),
    }
}

/// A scenario's plan on a page.
///
/// # Errors
/// `INTERNAL`: the writer found its own page wanting.
pub(crate) fn plan_summary_page(summary: &PlanSummary, ctx: &Ctx, lang: Lang) -> Result<Vec<u8>, AppError> {
    let printed = Printed { at: ctx.now, request: ctx.request.to_string() };
    pictures::plan_summary(summary, &printed, lang.into()).map_err(|error| {
        log::error!(request_id:% = ctx.request; "a summary could not be written: {error}");
        Problem::Internal.into()
    })
}

const fn words(reason: Reason, lang: pictures::Lang) -> &'static str {
    match reason {
        Reason::NoOffer => lang.of("Tidak ada kelas atau program", "No class or programme"),
        Reason::NoValue => lang.of("Tidak bernilai", "Worth nothing"),
        Reason::Forbidden => lang.of("Dilarang atau sudah diikuti", "Forbidden, or taken already"),
        Reason::Audience => lang.of("Di luar sasaran peserta", "Meant for others"),
        Reason::Prerequisite => lang.of("Prasyarat belum dipenuhi", "Prerequisite not held"),
        Reason::JpCeiling => lang.of("Batas JP tercapai", "Ceiling of learning hours"),
        Reason::ActivityLimit => lang.of("Batas kegiatan per orang", "Limit of activities"),
        Reason::Dates => lang.of("Tanggal bentrok", "Dates clash"),
        Reason::SameStep => lang.of("Jenjang yang sama dua kali", "The same step twice"),
        Reason::Seats => lang.of("Kursi habis", "No seat left"),
        Reason::MinSeats => lang.of("Peserta kelas kurang", "Too few for the class"),
        Reason::UnitBudget => lang.of("Anggaran unit habis", "Budget of the unit spent"),
        Reason::SourceBudget => lang.of("Anggaran sumber habis", "Budget of the source spent"),
        Reason::Budget => lang.of("Anggaran habis", "Budget spent"),
        Reason::TimeLimit => lang.of("Waktu pencarian habis", "Search ran out of time"),
    }
}

fn best(people: &MatchesView) -> Option<&CategoryCountView> {
    people.categories.as_ref().and_then(|all| all.first())
}

/// A share in tenths of a percent.
fn share((part, whole): (Option<u64>, Option<u64>)) -> Share {
    let (Some(part), Some(whole)) = (part, whole) else { return Share::Suppressed };
    let tenths = part.saturating_mul(2_000).saturating_add(whole).checked_div(whole.saturating_mul(2));
    match tenths.map(u16::try_from) {
        Some(Ok(tenths)) => Share::Percent(f32::from(tenths) / 10.0),
        _ => Share::Unknown,
    }
}
