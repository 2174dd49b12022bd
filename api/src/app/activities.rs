//! Development outside a class: planned, logged, done.

use access::{Action, Pass};
use chrono::NaiveDate;
use development::{
    Activity, ActivityAction, ActivityContent, Form, JpEntryBasis, JpSource, TrainerIdentity, TrainerRole,
};
use kernel::{
    ActivityId, EmployeeId, Event, Hundredths, LongText, Page, Resource, TrainerId, Version, Violation,
    ViolationCode,
};
use serde_json::{Value, json};
use store::{ActivityFilter, ActivityRow, Guide, JpCreditDraft, PageRequest, Reader, Tx, Written};

use crate::app::enrolments::is_oneself;
use crate::app::jp_ledger::{admits, form_uses};
use crate::app::programmes::forms_on;
use crate::app::recommendations::ranking_on;
use crate::app::{AppError, Ctx};
use crate::dto::activities::{
    ActivityCompletion, ActivityCreate, ActivityPut, ActivityQuery, ActivityView, LogEntryPost,
};
use crate::dto::classes::ReasonPut;
use crate::dto::enums::Wire;
use crate::dto::{created, day, replaced};
use crate::problems::Problem;

/// An activity as this caller sees it. What a role permits for some people only is offered where it may be.
#[must_use]
pub fn view(ctx: &Ctx, row: ActivityRow) -> ActivityView {
    let own = is_oneself(ctx, row.activity.employee);
    let any = |action| !ctx.actor.reaches(action).is_empty();
    let mut allowed = row.activity.allowed_actions().to_vec();
    allowed.retain(|action| match action {
        ActivityAction::Complete => !own && any(Action::EnrolmentConsent),
        _ if own => any(Action::EnrolmentRequest),
        ActivityAction::Log => any(Action::EnrolmentNominate) || any(Action::ActivityGuide),
        _ => any(Action::EnrolmentNominate),
    });
    ActivityView::new(row, allowed)
}

/// What may stand in the trail for good: what it is and where it stands, and nothing of what people wrote of themselves.
fn trail(activity: &Activity) -> Value {
    let Activity { employee, content, state, log, decided_by, .. } = activity;
    json!({"employee_id": employee, "kind": content.details.kind(), "form": content.form, "period": content.period,
        "state": state, "entries": log.len(), "decided_by": decided_by})
}

/// Activities of people the caller may see, and those they guide.
///
/// # Errors
/// `FORBIDDEN`, `INVALID` for a day out of reason.
pub async fn list(
    ctx: &Ctx,
    query: ActivityQuery,
    page: &PageRequest,
) -> Result<Page<ActivityRow>, AppError> {
    let scope = ctx.scope(Action::ActivityRead)?;
    let ActivityQuery { employee_id, kind, state, trainer_id, on, cursor: _, limit: _ } = query;
    let filter = ActivityFilter {
        employee: employee_id.map(EmployeeId::from),
        kind: kind.map(|Wire(kind)| kind),
        state: state.map(|Wire(state)| state),
        trainer: trainer_id.map(TrainerId::from),
        on: on.map(|on| day("/query/on", on)).transpose()?,
    };
    let rows = ctx.read(&scope).activities(&filter, page).await?;
    ctx.note_access(&scope, rows.items.iter().map(|row| row.activity.employee)).await?;
    Ok(rows)
}

/// One activity.
///
/// # Errors
/// `FORBIDDEN`, `NOT_FOUND`.
pub async fn get(ctx: &Ctx, id: ActivityId) -> Result<ActivityRow, AppError> {
    let scope = ctx.scope(Action::ActivityRead)?;
    let row = find(&ctx.read(&scope), id).await?;
    ctx.note_access(&scope, [row.activity.employee]).await?;
    Ok(row)
}

async fn find(reader: &Reader<'_>, id: ActivityId) -> Result<ActivityRow, AppError> {
    Ok(reader.activity(id).await?.ok_or(Problem::NotFound)?)
}

/// Leave to plan or write for somebody: oneself, or somebody the caller may nominate.
async fn writing(ctx: &Ctx, tx: &Tx<'_>, employee: EmployeeId) -> Result<Pass, AppError> {
    if is_oneself(ctx, employee) {
        return Ok(ctx.actor.allow_own(Action::EnrolmentRequest, employee)?);
    }
    let scope = ctx.scope(Action::EnrolmentNominate)?;
    let reached = ctx.read_in(tx, &scope).employee(employee).await?.is_some();
    Ok(ctx.actor.allow_reached(Action::EnrolmentNominate, reached)?)
}

/// Leave to add to the log: whoever may write for the person, and whoever guides them in it.
async fn logging(ctx: &Ctx, tx: &Tx<'_>, activity: &Activity) -> Result<Pass, AppError> {
    let refused = match writing(ctx, tx, activity.employee).await {
        Err(error) if error.problem == Problem::Forbidden => error,
        decided => return decided,
    };
    let Ok(scope) = ctx.scope(Action::ActivityGuide) else { return Err(refused) };
    let reached = ctx.read_in(tx, &scope).activity(activity.id).await?.is_some();
    Ok(ctx.actor.allow_reached(Action::ActivityGuide, reached)?)
}

/// Leave to say, as the superior, what came of it. Nobody says so of their own.
async fn deciding(ctx: &Ctx, tx: &Tx<'_>, employee: EmployeeId) -> Result<Pass, AppError> {
    let scope = ctx.scope(Action::EnrolmentConsent)?;
    if is_oneself(ctx, employee) {
        return Err(Problem::ActivityOwnCompletion.into());
    }
    let reached = ctx.read_in(tx, &scope).employee(employee).await?.is_some();
    Ok(ctx.actor.allow_reached(Action::EnrolmentConsent, reached)?)
}

/// The form with this code that applies on the activity's last day.
async fn form(ctx: &Ctx, reader: &Reader<'_>, content: &ActivityContent) -> Result<Option<Form>, AppError> {
    let Some(code) = &content.form else { return Ok(None) };
    let on = content.period.last.unwrap_or(content.period.from);
    Ok(forms_on(reader, ctx.actor.agency, on).await?.form(code.as_str()).cloned())
}

/// What an input describes: its form is there, and whoever guides it guides people. Who begins to has room for one more, and
/// may guide this person; whoever guided it `before` goes on as what they were.
async fn content(
    ctx: &Ctx,
    tx: &Tx<'_>,
    pass: &Pass,
    employee: EmployeeId,
    before: Option<(TrainerId, TrainerRole)>,
    input: ActivityPut,
) -> Result<ActivityContent, AppError> {
    let catalogue = ctx.scope(Action::CatalogueRead)?;
    let reader = ctx.read_in(tx, &catalogue);
    let content = input.into_domain()?;
    content.check()?;
    if content.form.is_some() && form(ctx, &reader, &content).await?.is_none() {
        return Err(AppError::invalid("/form", ViolationCode::NotFound));
    }
    let Some(guide) = content.details.guide() else { return Ok(content) };
    tx.trainer_lock(pass, guide).await?;
    let missing = || Violation::new("/details/trainer_id", ViolationCode::NotFound);
    let row = reader.trainer(guide).await?.ok_or_else(missing)?;
    let wanted = content.details.guide_role().unwrap_or(TrainerRole::Mentor);
    if !row.trainer.roles.contains(&wanted) {
        return Err(AppError::invalid("/details/trainer_id", ViolationCode::Inconsistent));
    }
    if before == Some((guide, wanted)) {
        return Ok(content);
    }
    let who = match row.trainer.identity {
        TrainerIdentity::Employee(employee) => Some(employee),
        TrainerIdentity::Named(_) => None,
    };
    let standing = reader.guide_standing(Guide { employee: who, trainer: Some(guide) }, employee).await?;
    let rule = ranking_on(&reader, &catalogue, ctx.today()).await?.map(|ranking| ranking.rubric.mentors);
    rule.unwrap_or_default().guides(wanted, standing, row.trainer.max_mentees)?;
    Ok(content)
}

/// Plans an activity.
///
/// # Errors
/// `FORBIDDEN`, `INVALID`, `TRAINER_IN_LINE`, `TRAINER_FULL`.
pub async fn create(ctx: &Ctx, input: ActivityCreate) -> Result<Written, AppError> {
    let employee = EmployeeId::from(input.employee_id);
    let scope = ctx.scope(Action::ActivityRead)?;
    ctx.write(async |tx| {
        let reader = ctx.read_in(tx, &scope);
        let known = reader.employee(employee).await?.is_some();
        if !known {
            return Err(AppError::invalid("/employee_id", ViolationCode::NotFound));
        }
        let pass = writing(ctx, tx, employee).await?;
        let id = ActivityId::new();
        let content = content(ctx, tx, &pass, employee, None, input.clone().into()).await?;
        let activity = Activity::plan(id, employee, content)?;
        tx.activity_insert(&pass, &activity).await?;
        let row = find(&reader, id).await?;
        ctx.note_access_in(tx, &scope, [employee]);
        let event = Event::new(Resource::Activity, id, "CREATED");
        let changes = trail(&activity);
        let reply = created(&view(ctx, row), Version::FIRST, format!("/v1/activities/{id}"));
        Ok(tx.record(&pass, &event, Some(changes)).with(reply))
    })
    .await
}

/// Replaces what an activity says.
///
/// # Errors
/// `NOT_FOUND`, `FORBIDDEN`, `STALE`, `INVALID`, `ACTIVITY_STATE`, `TRAINER_IN_LINE`, `TRAINER_FULL`.
pub async fn replace(ctx: &Ctx, id: ActivityId, input: ActivityPut) -> Result<Written, AppError> {
    change(ctx, id, ActivityAction::Edit, "REPLACED", async |tx: &Tx<'_>, pass, activity| {
        if activity.allowed_actions().is_empty() {
            return Err(Problem::ActivityState.into());
        }
        let details = &activity.content.details;
        let before = details.guide().zip(details.guide_role());
        let content = content(ctx, tx, pass, activity.employee, before, input.clone()).await?;
        Ok((activity.edit(content)?, None))
    })
    .await
}

/// Adds what was done on a day.
///
/// # Errors
/// `NOT_FOUND`, `FORBIDDEN`, `STALE`, `INVALID`, `ACTIVITY_STATE`.
pub async fn log(ctx: &Ctx, id: ActivityId, input: LogEntryPost) -> Result<Written, AppError> {
    let entry = input.into_domain()?;
    change(ctx, id, ActivityAction::Log, "LOGGED", async |_: &Tx<'_>, _, activity| {
        Ok((activity.log(entry.clone(), ctx.today())?, None))
    })
    .await
}

/// Gives an activity up.
///
/// # Errors
/// `NOT_FOUND`, `FORBIDDEN`, `STALE`, `INVALID`, `ACTIVITY_STATE`.
pub async fn cancel(ctx: &Ctx, id: ActivityId, input: ReasonPut) -> Result<Written, AppError> {
    let reason: LongText = input.into_domain()?;
    change(ctx, id, ActivityAction::Cancel, "CANCELLED", async |_: &Tx<'_>, _, activity| {
        Ok((activity.cancel(reason.clone())?, None))
    })
    .await
}

/// Says, as the superior, that an activity is done and what came of it; its hours are credited by its form, under the cap of
/// everything done in that form before, each year's in that year.
///
/// # Errors
/// `NOT_FOUND`, `FORBIDDEN`, `STALE`, `INVALID`, `ACTIVITY_STATE`, `ACTIVITY_EMPTY`, `ACTIVITY_OWN_COMPLETION`, `JP_CEILING`.
pub async fn complete(ctx: &Ctx, id: ActivityId, input: ActivityCompletion) -> Result<Written, AppError> {
    let outcome = LongText::parse(&input.outcome).map_err(|violation| violation.under("/outcome"))?;
    change(ctx, id, ActivityAction::Complete, "COMPLETED", async |tx: &Tx<'_>, pass, activity: Activity| {
        let done = activity.complete(outcome.clone(), ctx.actor.user, ctx.now)?;
        let scope = ctx.scope(Action::ActivityRead)?;
        let years = worth(ctx, &ctx.read_in(tx, &scope), &done).await?;
        for (earned_on, jp) in years.iter().flatten() {
            admits(ctx, tx, done.employee, (*earned_on, *jp)).await?;
            credit(tx, pass, &done, *earned_on, *jp).await?;
        }
        let sum = |years: Vec<(NaiveDate, Hundredths)>| years.iter().map(|(_, jp)| jp.count()).sum();
        let jp = years.map(|years| Hundredths::from_count(sum(years)));
        Ok((done, jp))
    })
    .await
}

/// What a completed activity is worth in each year beyond what was done in its form before.
async fn worth(
    ctx: &Ctx,
    reader: &Reader<'_>,
    done: &Activity,
) -> Result<Option<Vec<(NaiveDate, Hundredths)>>, AppError> {
    let Some(form) = form(ctx, reader, &done.content).await? else { return Ok(None) };
    let before = form_uses(reader, done.employee, &form).await?;
    Ok(form.adds_by_year(&done.form_use(&form), &before))
}

async fn credit(
    tx: &Tx<'_>,
    pass: &Pass,
    done: &Activity,
    earned_on: NaiveDate,
    jp: Hundredths,
) -> Result<(), AppError> {
    if jp.count() == 0 {
        return Ok(());
    }
    let credit = JpCreditDraft {
        employee: done.employee,
        source: JpSource::Completion,
        source_id: done.id.uuid(),
        earned_on,
        jp,
        basis: JpEntryBasis::Conversion,
        title: done.content.details.title(),
        form: done.content.form.clone(),
        certificate: None,
    };
    tx.jp_credit(pass, &credit).await?;
    Ok(())
}

async fn change(
    ctx: &Ctx,
    id: ActivityId,
    action: ActivityAction,
    what: &'static str,
    work: impl AsyncFn(&Tx<'_>, &Pass, Activity) -> Result<(Activity, Option<Hundredths>), AppError>,
) -> Result<Written, AppError> {
    let scope = ctx.scope(Action::ActivityRead)?;
    ctx.write(async |tx: &Tx<'_>| {
        let reader = ctx.read_in(tx, &scope);
        let seen = find(&reader, id).await?;
        let pass = match action {
            ActivityAction::Complete => deciding(ctx, tx, seen.activity.employee).await?,
            ActivityAction::Log => logging(ctx, tx, &seen.activity).await?,
            _ => writing(ctx, tx, seen.activity.employee).await?,
        };
        // Two that count in one form at once would both find its cap unused.
        tx.employee_lock(&pass, seen.activity.employee).await?.ok_or(Problem::NotFound)?;
        let row = find(&reader, id).await?;
        ctx.expect_version(row.activity.version)?;
        let before = trail(&row.activity);
        let (after, jp) = work(tx, &pass, row.activity).await?;
        tx.activity_update(&pass, &after, jp).await?;
        let row = find(&reader, id).await?;
        ctx.note_access_in(tx, &scope, [row.activity.employee]);
        let version = row.activity.version;
        let event = Event::new(Resource::Activity, id, what);
        let changes = json!({"before": before, "after": trail(&row.activity), "jp": jp});
        Ok(tx.record(&pass, &event, Some(changes)).with(replaced(&view(ctx, row), version)))
    })
    .await
}
