//! Programmes of development.

use access::Action;
use chrono::{DateTime, NaiveDate, Utc};
use competency::policy_on;
use development::reference::FORMS_POLICY;
use development::{FormsRubric, Prerequisite, Programme, ProgrammeAction, ProgrammeContent, Step};
use kernel::{AgencyId, Event, Page, PartnerId, ProgrammeId, Resource, Violation, ViolationCode, Violations};
use serde_json::json;
use store::{PageRequest, ProgrammeFilter, ProgrammeRow, Reader, Tx, Written};

use crate::app::competencies::{Lookup, unknown_competency};
use crate::app::{AppError, Ctx};
use crate::dto::enums::Wire;
use crate::dto::programmes::{PrerequisiteAsk, ProgrammeAsk, ProgrammePut, ProgrammeQuery, ProgrammeView};
use crate::dto::{created, gone, replaced};
use crate::problems::Problem;

/// Who may do something with a programme.
const fn needs(action: ProgrammeAction) -> Action {
    match action {
        ProgrammeAction::Edit
        | ProgrammeAction::Delete
        | ProgrammeAction::Publish
        | ProgrammeAction::Retire
        | ProgrammeAction::PlanClass => Action::ProgrammeWrite,
    }
}

/// A programme as this caller sees it.
#[must_use]
pub fn view(ctx: &Ctx, row: ProgrammeRow) -> ProgrammeView {
    let actions = row.programme.state.allowed_actions().iter().copied();
    let allowed = actions.filter(|action| ctx.actor.can(needs(*action))).collect();
    ProgrammeView::new(row, allowed)
}

/// Programmes of the caller's agency.
///
/// # Errors
/// `INVALID` for a level that is none.
pub async fn list(
    ctx: &Ctx,
    query: ProgrammeQuery,
    page: &PageRequest,
) -> Result<Page<ProgrammeRow>, AppError> {
    let scope = ctx.scope(Action::CatalogueRead)?;
    let ProgrammeQuery {
        state,
        competency_id,
        level_to,
        form,
        partner_id,
        mode,
        job_class,
        search,
        cursor: _,
        limit: _,
    } = query;
    let mut found = Violations::new();
    let level = level_to.map(|level| crate::dto::values::level(&mut found, "/query/level_to", level));
    found.finish()?;
    let filter = ProgrammeFilter {
        state: state.map(|Wire(state)| state),
        competency: competency_id.map(Into::into),
        level: level.flatten(),
        form,
        partner: partner_id.map(PartnerId::from),
        mode: mode.map(|Wire(mode)| mode),
        job_class: job_class.map(|Wire(class)| class),
        search,
    };
    Ok(ctx.read(&scope).programmes(&filter, page).await?)
}

/// One programme.
///
/// # Errors
/// `NOT_FOUND`.
pub async fn get(ctx: &Ctx, id: ProgrammeId) -> Result<ProgrammeRow, AppError> {
    let scope = ctx.scope(Action::CatalogueRead)?;
    Ok(ctx.read(&scope).programme(id).await?.ok_or(Problem::NotFound)?)
}

/// The forms of development that apply in an agency on a day, as they are known now; none before there were any.
pub(crate) async fn forms_on(
    reader: &Reader<'_>,
    agency: AgencyId,
    day: NaiveDate,
) -> Result<FormsRubric, AppError> {
    let versions = reader.policies_for::<FormsRubric>().await?;
    let policy = policy_on(&versions, FORMS_POLICY, agency, day, DateTime::<Utc>::MAX_UTC);
    Ok(policy.map_or_else(FormsRubric::default, |policy| policy.rubric.clone()))
}

/// What an input describes, its form and competencies found as they are today.
async fn content(ctx: &Ctx, reader: &Reader<'_>, input: ProgrammePut) -> Result<ProgrammeContent, AppError> {
    let mut found = Violations::new();
    let Some(ProgrammeAsk { mut content, steps, prerequisites }) = input.into_domain(&mut found) else {
        return Err(found.into_sorted().into());
    };
    let forms = forms_on(reader, ctx.actor.agency, ctx.today()).await?;
    if forms.form(content.form.as_str()).is_none() {
        found.push(Violation::new("/form", ViolationCode::NotFound));
    }
    let mut lookup = Lookup::new(reader);
    for (index, ask) in steps.into_iter().enumerate() {
        match lookup.in_use(&ask.competency).await? {
            Some((competency, version)) => content.steps.push(Step {
                competency: competency.id,
                competency_agency: competency.agency,
                dictionary_version: version.id,
                from: ask.from,
                to: ask.to,
            }),
            None => found.push(unknown_competency(&format!("/steps/{index}"), &ask.competency)),
        }
    }
    for (index, ask) in prerequisites.into_iter().enumerate() {
        let at = format!("/prerequisites/{index}");
        match ask {
            PrerequisiteAsk::Programme(other) => {
                found.check(reader.programme(other).await?.is_none(), || {
                    Violation::new(format!("{at}/programme_id"), ViolationCode::NotFound)
                });
                content.prerequisites.push(Prerequisite::Programme(other));
            }
            PrerequisiteAsk::Competency(name, level) => match lookup.in_use(&name).await? {
                Some((competency, version)) => content.prerequisites.push(Prerequisite::Competency {
                    competency: competency.id,
                    competency_agency: competency.agency,
                    dictionary_version: version.id,
                    level,
                }),
                None => found.push(unknown_competency(&at, &name)),
            },
        }
    }
    found.finish()?;
    Ok(content)
}

/// What a reply and the audit trail say of a programme after it was written.
async fn written_row(reader: &Reader<'_>, id: ProgrammeId) -> Result<ProgrammeRow, AppError> {
    Ok(reader.programme(id).await?.ok_or(Problem::NotFound)?)
}

/// Drafts a programme.
///
/// # Errors
/// `FORBIDDEN`, `INVALID`, `ALREADY_EXISTS`.
pub async fn create(ctx: &Ctx, input: ProgrammePut) -> Result<Written, AppError> {
    let scope = ctx.scope(Action::CatalogueRead)?;
    let pass = ctx.actor.allow(Action::ProgrammeWrite)?;
    ctx.write(async |tx| {
        let reader = ctx.read_in(tx, &scope);
        let content = content(ctx, &reader, input.clone()).await?;
        let programme = Programme::draft(ProgrammeId::new(), content)?;
        tx.programme_insert(&pass, &programme).await?;
        let view = view(ctx, written_row(&reader, programme.id).await?);
        let event = Event::new(Resource::Programme, programme.id, "CREATED");
        let reply = created(&view, programme.version, format!("/v1/programmes/{}", programme.id));
        Ok(tx.record(&pass, &event, Some(json!(view))).with(reply))
    })
    .await
}

/// Replaces what a programme says. Classes under way keep what they were planned with.
///
/// # Errors
/// `NOT_FOUND`, `FORBIDDEN`, `STALE`, `INVALID`, `ALREADY_EXISTS`, `PROGRAMME_STATE`.
pub async fn replace(ctx: &Ctx, id: ProgrammeId, input: ProgrammePut) -> Result<Written, AppError> {
    let change = async |reader: &Reader<'_>, programme: Programme| {
        // A state that allows no change is told before anything is looked up.
        programme.require(ProgrammeAction::Edit)?;
        Ok(programme.edit(content(ctx, reader, input.clone()).await?)?)
    };
    transition(ctx, id, ProgrammeAction::Edit, "REPLACED", change).await
}

/// Puts a programme on offer.
///
/// # Errors
/// `NOT_FOUND`, `FORBIDDEN`, `STALE`, `PROGRAMME_STATE`.
pub async fn publish(ctx: &Ctx, id: ProgrammeId) -> Result<Written, AppError> {
    let change = async |_: &Reader<'_>, programme: Programme| Ok(programme.publish()?);
    transition(ctx, id, ProgrammeAction::Publish, "PUBLISHED", change).await
}

/// Takes a programme off offer.
///
/// # Errors
/// `NOT_FOUND`, `FORBIDDEN`, `STALE`, `PROGRAMME_STATE`.
pub async fn retire(ctx: &Ctx, id: ProgrammeId) -> Result<Written, AppError> {
    let change = async |_: &Reader<'_>, programme: Programme| Ok(programme.retire()?);
    transition(ctx, id, ProgrammeAction::Retire, "RETIRED", change).await
}

/// Throws a draft away.
///
/// # Errors
/// `NOT_FOUND`, `FORBIDDEN`, `STALE`, `PROGRAMME_STATE`, `STILL_REFERENCED` when another builds on it.
pub async fn delete(ctx: &Ctx, id: ProgrammeId) -> Result<Written, AppError> {
    let scope = ctx.scope(Action::CatalogueRead)?;
    ctx.write(async |tx| {
        let row = written_row(&ctx.read_in(tx, &scope), id).await?;
        let pass = ctx.actor.allow(needs(ProgrammeAction::Delete))?;
        let expected = ctx.expect_version(row.programme.version)?;
        row.programme.require(ProgrammeAction::Delete)?;
        tx.programme_delete(&pass, id, expected).await?;
        let event = Event::new(Resource::Programme, id, "DELETED");
        Ok(tx.record(&pass, &event, Some(json!(view(ctx, row)))).with(gone()))
    })
    .await
}

/// Takes a programme from one state to the next.
async fn transition(
    ctx: &Ctx,
    id: ProgrammeId,
    action: ProgrammeAction,
    what: &'static str,
    change: impl AsyncFn(&Reader<'_>, Programme) -> Result<Programme, AppError>,
) -> Result<Written, AppError> {
    let scope = ctx.scope(Action::CatalogueRead)?;
    ctx.write(async |tx: &Tx<'_>| {
        let reader = ctx.read_in(tx, &scope);
        let row = written_row(&reader, id).await?;
        let pass = ctx.actor.allow(needs(action))?;
        ctx.expect_version(row.programme.version)?;
        let after = change(&reader, row.programme.clone()).await?;
        tx.programme_update(&pass, &after).await?;
        let after = written_row(&reader, id).await?;
        let version = after.programme.version;
        let (before, view) = (view(ctx, row), view(ctx, after));
        let event = Event::new(Resource::Programme, id, what);
        let changes = json!({"before": before, "after": view});
        Ok(tx.record(&pass, &event, Some(changes)).with(replaced(&view, version)))
    })
    .await
}
