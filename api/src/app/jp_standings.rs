//! How people stand against floors and ceilings of learning hours, one by one and in sums, and what is kept of that.

use access::{Action, Scope};
use chrono::NaiveDate;
use development::{JP_TARGET_POLICY, JpTargetRubric, calendar_year, counted_as_of};
use kernel::{AgencyId, Page, UnitId};
use store::{JpStanding, JpStandingFilter, PageRequest, StoreError};

use crate::app::jp_ledger::target;
use crate::app::policies::rubric;
use crate::app::{AppError, Ctx, Services};
use crate::dto::enums::Wire;
use crate::dto::jp_ledger::{JpCompliance, JpComplianceQuery, JpStandingQuery, year};
use crate::problems::Problem;

/// How the people the caller may see stand, by name.
///
/// # Errors
/// `FORBIDDEN`, `INVALID`.
pub async fn standings(
    ctx: &Ctx,
    query: JpStandingQuery,
    page: &PageRequest,
) -> Result<Page<JpStanding>, AppError> {
    let scope = ctx.scope(Action::JpRead)?;
    let JpStandingQuery { year: asked, unit_id, status, state, cursor: _, limit: _ } = query;
    let as_of = counted_as_of(year(asked, ctx.today())?, ctx.today());
    let reader = ctx.read(&scope);
    let policy = target(&reader, &scope, as_of).await?;
    let filter = JpStandingFilter {
        within: unit_id.map(UnitId::from),
        status: status.map(|Wire(status)| status),
        states: state.into_iter().map(|Wire(state)| state).collect(),
    };
    let rows = reader.jp_standings(&policy.rubric, as_of, &filter, page).await?;
    ctx.note_access(&scope, rows.items.iter().map(|row| row.employee)).await?;
    Ok(rows)
}

/// The same as sums.
///
/// # Errors
/// `FORBIDDEN`, `NOT_FOUND`, `INVALID`.
pub async fn compliance(ctx: &Ctx, query: JpComplianceQuery) -> Result<JpCompliance, AppError> {
    let scope = ctx.scope(Action::JpRead)?;
    let year = year(query.year, ctx.today())?;
    let as_of = counted_as_of(year, ctx.today());
    let unit = query.unit_id.map(UnitId::from);
    let reader = ctx.read(&scope);
    if let Some(unit) = unit {
        reader.unit(unit).await?.ok_or(Problem::NotFound)?;
    }
    let policy = target(&reader, &scope, as_of).await?;
    let filter = JpStandingFilter { within: unit, ..JpStandingFilter::default() };
    let rows = reader.jp_compliance(&policy.rubric, as_of, &filter).await?;
    let last = calendar_year(year).last.unwrap_or(as_of);
    let days_left = if ctx.today() > last { 0 } else { (last - as_of).num_days() + 1 };
    Ok(JpCompliance { year, as_of, days_left, unit, rows, policy: policy.cite() })
}

/// Makes what is kept of how the people of an agency stand and no longer holds anew: their rows, then the sums of their
/// positions; returns how many rows.
///
/// # Errors
/// The store's.
pub(crate) async fn tend(services: &Services, agency: AgencyId, today: NaiveDate) -> Result<i64, StoreError> {
    let people = services.store.jp_standings_tend(agency, today).await?;
    if let Some(rubric) = rules(services, agency, today).await? {
        services.store.jp_sums_fold(agency, today, &rubric).await?;
    }
    Ok(people)
}

/// How much of what is kept of an agency is not what the facts say.
///
/// # Errors
/// The store's.
pub async fn differences(services: &Services, agency: AgencyId, today: NaiveDate) -> Result<u64, StoreError> {
    let rows = services.store.jp_standings_check(agency, today).await?;
    Ok(match rules(services, agency, today).await? {
        Some(rubric) => rows + services.store.jp_sums_compare(agency, today, &rubric).await?,
        None => rows,
    })
}

async fn rules(
    services: &Services,
    agency: AgencyId,
    today: NaiveDate,
) -> Result<Option<JpTargetRubric>, StoreError> {
    let scope = Scope::system(agency, "sums of learning hours are kept for whoever asks");
    rubric(&services.store.read(&scope, today), (JP_TARGET_POLICY, agency, today)).await
}
