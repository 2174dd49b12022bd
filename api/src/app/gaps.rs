//! What people cannot do yet that their position requires.

use access::{Action, Scope};
use chrono::NaiveDate;
use competency::{GapError, GapFacts, Purpose, StandardBasis, gap_profile};
use kernel::{CompetencyId, EmployeeId, Name, Page, UnitId, Violation, ViolationCode, Violations};
use store::{GapFilter, PageRequest, ProfileFacts, UnitGapRow};

use crate::app::calculators::jpm_policy_among;
use crate::app::{AppError, Ctx};
use crate::dto::calculators::policy_name;
use crate::dto::enums::Wire;
use crate::dto::gaps::{Against, GapProfileQuery, Profiled, UnitGapQuery};
use crate::dto::{day, instant};
use crate::problems::Problem;

/// The profile of a person against the position they hold, or a target position.
///
/// # Errors
/// `NOT_FOUND`, `KNOWN_AT_IN_FUTURE`, `INVALID` (no such position or policy), `GAP_NO_POSITION`, `GAP_NO_REQUIREMENTS`.
pub async fn profile(ctx: &Ctx, employee: EmployeeId, query: GapProfileQuery) -> Result<Profiled, AppError> {
    let scope = ctx.scope(Action::GapRead)?;
    let profiled = find(ctx, &scope, employee, query).await?;
    ctx.note_access(&scope, [employee]).await?;
    Ok(profiled)
}

/// The same to be drawn or printed, with the names that a picture shows. It leaves the house as a file, so the look is on
/// record first.
///
/// # Errors
/// Those of [`profile`].
pub async fn profile_to_draw(
    ctx: &Ctx,
    employee: EmployeeId,
    query: GapProfileQuery,
) -> Result<(Profiled, Surroundings), AppError> {
    let scope = ctx.scope(Action::GapRead)?;
    let profiled = find(ctx, &scope, employee, query).await?;
    let reader = ctx.read(&scope);
    let unit = reader.unit(profiled.position.unit).await?.map(|unit| unit.name);
    let decree = match profiled.profile.basis {
        StandardBasis::Standard { id, .. } => reader.standard(id).await?.and_then(|row| row.standard.decree),
        StandardBasis::DefaultLevels { .. } => None,
    };
    ctx.note_access_now(&scope, [employee]).await?;
    Ok((profiled, Surroundings { unit, decree }))
}

/// The profile, of which no look is noted.
pub(crate) async fn find(
    ctx: &Ctx,
    scope: &Scope,
    employee: EmployeeId,
    query: GapProfileQuery,
) -> Result<Profiled, AppError> {
    let GapProfileQuery { against, as_of, known_at, policy, purpose } = query;
    let mut found = Violations::new();
    let as_of = found.take(as_of.map_or(Ok(ctx.today()), |as_of| day("/query/as_of", as_of)));
    let known_at = found.take(known_at.map(|at| instant("/query/known_at", at)).transpose());
    let policy = policy_name(&mut found, "/query/policy", policy.as_deref());
    let (Some(as_of), Some(known_at), Some(policy)) = (as_of, known_at, policy) else {
        return Err(found.into_sorted().into());
    };
    let reader = ctx.read(scope);
    if let Some(known_at) = known_at {
        ctx.settle(scope, known_at).await?;
    }
    let facts =
        reader.gap_facts(employee, against.position(), as_of, known_at).await?.ok_or(Problem::NotFound)?;
    let ProfileFacts { person, position, known_at: known_by, basis, requirements, results, policies } = facts;
    let position = position.ok_or_else(|| match against {
        Against::Held => Problem::GapNoPosition.into(),
        Against::Position(_) => AppError::invalid("/query/against", ViolationCode::NotFound),
    })?;
    let basis = basis.ok_or(GapError::NoRequirements)?;
    let policy = jpm_policy_among(&policies, scope, &policy, "/query/policy", as_of, known_by)?;
    let profile = gap_profile(GapFacts {
        employee,
        position: position.id,
        as_of,
        known_at: known_by,
        purpose: purpose.map_or(Purpose::Filling, |Wire(purpose)| purpose),
        basis,
        requirements,
        results,
        policy,
    })?;
    Ok(Profiled { person, position, against, known_at, profile })
}

/// What a profile's picture names and its figures do not need: the unit and the decree, as they are today.
#[derive(Clone, Debug, Default)]
pub struct Surroundings {
    /// The unit of the position.
    pub unit: Option<Name>,
    /// The decree (SK) of the standard.
    pub decree: Option<Name>,
}

/// How the people of a unit and of every unit under it stand in what their positions require, and the day that is so.
///
/// # Errors
/// `NOT_FOUND`, `KNOWN_AT_IN_FUTURE`, `INVALID`.
pub async fn of_unit(
    ctx: &Ctx,
    unit: UnitId,
    query: UnitGapQuery,
    page: &PageRequest,
) -> Result<(Page<UnitGapRow>, NaiveDate), AppError> {
    let scope = ctx.scope(Action::GapRead)?;
    let UnitGapQuery {
        state,
        competency_id,
        severity,
        importance,
        min_shortfall,
        as_of,
        known_at,
        cursor: _,
        limit: _,
    } = query;
    let mut found = Violations::new();
    let as_of = found.take(as_of.map_or(Ok(ctx.today()), |as_of| day("/query/as_of", as_of)));
    let known_at = found.take(known_at.map(|at| instant("/query/known_at", at)).transpose());
    found.check(min_shortfall.is_some_and(|least| !(1..=4).contains(&least)), || {
        Violation::new("/query/min_shortfall", ViolationCode::OutOfRange).with("min", 1).with("max", 4)
    });
    let (Some(as_of), Some(known_at), true) = (as_of, known_at, found.is_empty()) else {
        return Err(found.into_sorted().into());
    };
    let reader = ctx.read(&scope);
    reader.unit(unit).await?.ok_or(Problem::NotFound)?;
    if let Some(known_at) = known_at {
        ctx.settle(&scope, known_at).await?;
    }
    let filter = GapFilter {
        states: state.into_iter().map(|Wire(state)| state).collect(),
        competency: competency_id.map(CompetencyId::from),
        severities: severity.into_iter().map(|Wire(severity)| severity).collect(),
        importances: importance.into_iter().map(|Wire(importance)| importance).collect(),
        min_shortfall,
    };
    let rows = reader.unit_gaps(unit, &filter, as_of, known_at, page).await?;
    ctx.note_access(&scope, rows.items.iter().map(|row| row.person.id)).await?;
    Ok((rows, as_of))
}
