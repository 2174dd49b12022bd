//! Which programmes take a person further.

use access::{Action, Scope};
use chrono::{DateTime, Datelike as _, NaiveDate, Utc};
use competency::{GapProfile, PolicyVersion, policy_on};
use development::{
    JpBound, JpEnforcement, JpLedger, JpRooms, RECOMMENDATION_POLICY, RankingRubric, RecommendationFacts,
    UnderWay, recommend,
};
use futures_util::future::try_join;
use kernel::{CompetencyId, EmployeeId, Hundredths, Violation, ViolationCode};
use store::Reader;

use crate::app::calculators::jpm_policy;
use crate::app::gaps;
use crate::app::programmes::forms_on;
use crate::app::{AppError, Ctx, jp_ledger};
use crate::dto::enums::Wire;
use crate::dto::gaps::{Against, GapProfileQuery, Profiled};
use crate::dto::recommendations::{RecommendationQuery, Recommended};
use crate::problems::Problem;

/// How many are told unless more are asked for.
const TOLD: u16 = 20;

/// The most that are told.
const MOST_TOLD: u16 = 200;

/// What is recommended to a person for a goal.
///
/// # Errors
/// `FORBIDDEN`, `NOT_FOUND`, `INVALID`, `GAP_NO_POSITION`, `GAP_NO_REQUIREMENTS`.
pub async fn of_employee(
    ctx: &Ctx,
    employee: EmployeeId,
    query: RecommendationQuery,
) -> Result<Recommended, AppError> {
    let scope = ctx.scope(Action::GapRead)?;
    let RecommendationQuery { goal, policy, purpose, limit } = query;
    let limit = limit_of(limit)?;
    let ask =
        |against| GapProfileQuery { against, as_of: None, known_at: None, policy: policy.clone(), purpose };
    let Profiled { person, position, profile, .. } = gaps::find(ctx, &scope, employee, ask(goal)).await?;
    let held = match goal {
        Against::Held => None,
        Against::Position(_) => held(gaps::find(ctx, &scope, employee, ask(Against::Held)).await)?,
    };
    let (reader, today) = (ctx.read(&scope), ctx.today());
    let rubric =
        jpm_policy(&reader, &scope, &profile.policy.name, "/query/policy", today, profile.known_at).await?;
    let ranking = ranking_on(&reader, &scope, today).await?;
    let ranking = ranking.ok_or_else(|| AppError::invalid("/query/goal", ViolationCode::NotFound))?;
    let forms = forms_on(&reader, scope.agency(), today).await?;
    let people = [employee];
    let (mut participants, under_way) =
        try_join(async { Ok(reader.participant_facts(&people).await?) }, under_way(ctx, &reader, employee))
            .await?;
    let participant = participants.remove(&employee).ok_or(Problem::NotFound)?;
    let Hours { short: jp_short, stops, warns } = hours(ctx, employee).await?;
    let required = required(&profile, held.as_ref());
    let offers = reader.programme_offers(lacked(&profile), required).await?;
    let mut found = recommend(
        &RecommendationFacts {
            goal: &profile,
            held: held.as_ref(),
            rubric: &rubric.rubric,
            purpose: purpose.map_or(competency::Purpose::Filling, |Wire(purpose)| purpose),
            job_class: participant.job_class,
            jp_short: jp_short.unwrap_or(Hundredths::from_count(0)),
            certified: &participant.certified.into_iter().collect(),
            under_way: &under_way,
            stops: &stops,
            warns: &warns,
            levels: &participant.levels.into_iter().collect(),
            forms: &forms,
        },
        offers,
        &ranking.rubric,
    );
    // Most of a catalogue is behind the first ones whenever its classes begin.
    let contenders = found.contenders(&ranking.rubric, limit.into());
    found.settle(&ranking.rubric, reader.next_classes(contenders, ctx.now).await?);
    let (recommended, excluded) = (told(found.recommended, limit), told(found.excluded, limit));
    let activities = told(found.activities, limit);
    let programmes = named(&reader, recommended.0.iter().map(|one| one.offer.programme)).await?;
    ctx.note_access(&scope, [employee]).await?;
    Ok(Recommended {
        person,
        position,
        goal,
        as_of: today,
        ranking: (ranking.cite(), ranking.rubric),
        policy: profile.policy,
        jp_short,
        recommended,
        excluded,
        activities,
        gaps: found.gaps,
        programmes,
    })
}

/// The profile against the position held; none where there is no position, or nothing is required of it.
fn held(found: Result<Profiled, AppError>) -> Result<Option<GapProfile>, AppError> {
    match found {
        Ok(profiled) => Ok(Some(profiled.profile)),
        Err(error) if matches!(error.problem, Problem::GapNoPosition | Problem::GapNoRequirements) => {
            Ok(None)
        }
        Err(error) => Err(error),
    }
}

/// What the goal asks for and the person is not known to have.
fn lacked(goal: &GapProfile) -> impl Iterator<Item = CompetencyId> {
    let open = goal.gaps.iter().filter(|gap| gap.state.is_open());
    open.map(|gap| gap.required.requirement.competency)
}

/// What the goal and the position held require.
fn required(goal: &GapProfile, held: Option<&GapProfile>) -> Vec<CompetencyId> {
    let gaps = goal.gaps.iter().chain(held.iter().flat_map(|held| &held.gaps));
    let mut all: Vec<CompetencyId> = gaps.map(|gap| gap.required.requirement.competency).collect();
    all.sort_unstable();
    all.dedup();
    all
}

/// How many are told of a list that is cut.
///
/// # Errors
/// `INVALID` for none, or more than may be told.
pub(crate) fn limit_of(asked: Option<u16>) -> Result<u16, AppError> {
    let limit = asked.unwrap_or(TOLD);
    if (1..=MOST_TOLD).contains(&limit) {
        return Ok(limit);
    }
    let range = Violation::new("/query/limit", ViolationCode::OutOfRange);
    Err(vec![range.with("min", 1).with("max", MOST_TOLD)].into())
}

/// The policy that ranks what is recommended on a day.
pub(crate) async fn ranking_on(
    reader: &Reader<'_>,
    scope: &Scope,
    day: NaiveDate,
) -> Result<Option<PolicyVersion<RankingRubric>>, AppError> {
    let rankings = reader.policies_for::<RankingRubric>().await?;
    let ranking = policy_on(&rankings, RECOMMENDATION_POLICY, scope.agency(), day, DateTime::<Utc>::MAX_UTC);
    Ok(ranking.cloned())
}

/// The first ones, and how many there are.
pub(crate) fn told<T>(mut all: Vec<T>, limit: u16) -> (Vec<T>, usize) {
    let count = all.len();
    all.truncate(limit.into());
    (all, count)
}

/// What the person is about to learn already, as far as the caller may see that.
async fn under_way(ctx: &Ctx, reader: &Reader<'_>, employee: EmployeeId) -> Result<UnderWay, AppError> {
    let may = |action| ctx.scope(action).is_ok();
    let (enrolments, plans) = (may(Action::LearningRead), may(Action::PlanRead));
    if !enrolments && !plans {
        return Ok(UnderWay::default());
    }
    let UnderWay { mut enrolled, mut planned } = reader.under_way(employee, ctx.today().year()).await?;
    enrolled.retain(|_| enrolments);
    planned.retain(|_| plans);
    Ok(UnderWay { enrolled, planned })
}

/// How the person stands against this year's floors and ceilings; nothing when the caller may not see the ledger.
#[derive(Default)]
struct Hours {
    /// Hours short of the floor.
    short: Option<Hundredths>,
    /// What ceilings that stop leave.
    stops: JpRooms,
    /// What ceilings that warn leave.
    warns: JpRooms,
}

async fn hours(ctx: &Ctx, employee: EmployeeId) -> Result<Hours, AppError> {
    let Ok(scope): Result<Scope, AppError> = ctx.scope(Action::JpRead) else { return Ok(Hours::default()) };
    let (reader, year) = (ctx.read(&scope), ctx.today().year());
    let (rows, policy) = match jp_ledger::facts(ctx, &reader, &scope, employee, year).await {
        Err(error) if error.problem == Problem::NotFound => return Ok(Hours::default()),
        found => found?,
    };
    Ok(jp_ledger::with_facts(ctx, year, &rows, &policy, |facts| {
        let JpLedger { terms, .. } = facts.ledger();
        let floors = terms.iter().filter(|term| term.rule.bound == JpBound::AtLeast);
        Hours {
            short: Some(floors.map(|term| term.short).max().unwrap_or(Hundredths::from_count(0))),
            stops: facts.rooms(JpEnforcement::Stop),
            warns: facts.rooms(JpEnforcement::Warn),
        }
    }))
}

async fn named(
    reader: &Reader<'_>,
    programmes: impl Iterator<Item = kernel::ProgrammeId>,
) -> Result<std::collections::BTreeMap<kernel::ProgrammeId, store::ProgrammeRow>, AppError> {
    let rows = reader.programmes_of(programmes).await?;
    Ok(rows.into_iter().map(|row| (row.programme.id, row)).collect())
}
