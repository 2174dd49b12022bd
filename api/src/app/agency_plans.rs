//! Agency plans: drawn up by who keeps them, prepared by the planner, set by the authority.

use std::collections::{BTreeMap, BTreeSet};

use access::{Action, Pass, Role, Scope};
use chrono::{DateTime, Utc};
use competency::policy_on;
use development::reference::FORMS_POLICY;
use development::{
    AgencyPlan, AgencyPlanAction, AgencyPlanCaller, AgencyPlanError, AgencyPlanItem, AgencyPlanOrigin,
    AgencyPlanParty, AgencyPlanState, Completeness, FormsRubric, Plan, PlanGround, PlanOffer, PlanStepTaken,
    PlanTarget, Setting, completeness as missing_of,
};
use kernel::{
    AgencyPlanId, AgencyPlanItemId, Code, Event, LongText, Page, Resource, Version, Violation, ViolationCode,
    Violations,
};
use serde_json::{Value, json};
use store::{
    AgencyPlanItemRow, AgencyPlanRow, AgencyPlanStepDraft, AgencyPlanTransitionRow, BudgetLineRow,
    PageRequest, Reader, Tx, Written,
};

use crate::app::competencies::{Lookup, unknown_competency};
use crate::app::{AppError, Ctx};
use crate::dto::agency_plan_budget::{BudgetLineView, BudgetLinesPut, BudgetLinesView};
use crate::dto::agency_plan_items::{AgencyPlanItemAsk, AgencyPlanItemPut, AgencyPlanItemView, targets_view};
use crate::dto::agency_plans::{AgencyPlanCreate, AgencyPlanPut, AgencyPlanQuery, AgencyPlanView};
use crate::dto::plans::PlanReason;
use crate::dto::{created, replaced};
use crate::problems::Problem;

/// A plan, what the caller is to it and may do with it.
pub type Shown = (AgencyPlanRow, Vec<AgencyPlanParty>, Vec<AgencyPlanAction>);

/// Where each form takes place, by the agency's policy of today.
pub type Settings = BTreeMap<Code, Setting>;

/// What the caller is to plans of the agency, and whether they wrote in this one.
async fn caller(ctx: &Ctx, reader: &Reader<'_>, plan: AgencyPlanId) -> Result<AgencyPlanCaller, AppError> {
    let actor = &ctx.actor;
    let held = [
        (AgencyPlanParty::Keeper, Action::AgencyPlanWrite),
        (AgencyPlanParty::Planner, Action::AgencyPlanSubmit),
        (AgencyPlanParty::Authority, Action::AgencyPlanEnact),
    ];
    let parties: BTreeSet<_> =
        held.into_iter().filter(|(_, action)| actor.can(*action)).map(|(party, _)| party).collect();
    let machine = actor.grants.iter().all(|grant| grant.role == Role::Integration);
    // Only who may set it is asked whether they had a hand in it.
    let wrote = parties.contains(&AgencyPlanParty::Authority)
        && reader.agency_plan_wrote(plan, &reader.same_person(actor.user).await?).await?;
    Ok(AgencyPlanCaller { user: actor.user, machine, wrote, parties })
}

fn parties(caller: &AgencyPlanCaller) -> Vec<AgencyPlanParty> {
    caller.parties.iter().copied().collect()
}

/// The right an action is done by, for the proof that it was allowed.
pub(crate) fn pass(ctx: &Ctx, action: AgencyPlanAction) -> Result<Pass, AppError> {
    use AgencyPlanAction as A;
    let right = match action {
        A::Submit | A::Withdraw => Action::AgencyPlanSubmit,
        A::Return | A::Enact => Action::AgencyPlanEnact,
        A::Edit | A::Cancel | A::Publish | A::Realise | A::Revise | A::CarryOver => Action::AgencyPlanWrite,
    };
    Ok(ctx.actor.allow(right)?)
}

/// The agency's plans.
///
/// # Errors
/// `FORBIDDEN`, `INVALID`.
pub async fn list(
    ctx: &Ctx,
    query: AgencyPlanQuery,
    page: &PageRequest,
) -> Result<Page<AgencyPlanRow>, AppError> {
    let scope = ctx.scope(Action::AgencyPlanRead)?;
    Ok(ctx.read(&scope).agency_plans(&query.into_filter()?, page).await?)
}

/// One plan.
///
/// # Errors
/// `FORBIDDEN`, `NOT_FOUND`.
pub async fn get(ctx: &Ctx, id: AgencyPlanId) -> Result<Shown, AppError> {
    let scope = ctx.scope(Action::AgencyPlanRead)?;
    let reader = ctx.read(&scope);
    let row = find(&reader, id).await?;
    let caller = caller(ctx, &reader, id).await?;
    let allowed = row.plan.allowed_actions(&caller);
    Ok((row, parties(&caller), allowed))
}

pub(crate) async fn find(reader: &Reader<'_>, id: AgencyPlanId) -> Result<AgencyPlanRow, AppError> {
    Ok(reader.agency_plan(id).await?.ok_or(Problem::NotFound)?)
}

/// A plan's budget, with the version of the plan.
///
/// # Errors
/// `FORBIDDEN`, `NOT_FOUND`.
pub async fn lines(ctx: &Ctx, id: AgencyPlanId) -> Result<(Version, Vec<BudgetLineRow>), AppError> {
    let scope = ctx.scope(Action::AgencyPlanRead)?;
    let reader = ctx.read(&scope);
    let row = find(&reader, id).await?;
    Ok((row.plan.version, reader.agency_plan_lines(id).await?))
}

/// Where forms take place today.
pub(crate) async fn settings(ctx: &Ctx, reader: &Reader<'_>) -> Result<Settings, AppError> {
    let forms = reader.policies_for::<FormsRubric>().await?;
    let forms = policy_on(&forms, FORMS_POLICY, ctx.actor.agency, ctx.today(), DateTime::<Utc>::MAX_UTC);
    let forms = forms.map(|forms| forms.rubric.forms.as_slice()).unwrap_or_default();
    Ok(forms.iter().map(|form| (form.code.clone(), form.setting)).collect())
}

/// Items of a plan, with where their forms take place.
///
/// # Errors
/// `FORBIDDEN`, `NOT_FOUND`.
pub async fn items(
    ctx: &Ctx,
    id: AgencyPlanId,
    page: &PageRequest,
) -> Result<Page<(AgencyPlanItemRow, Settings)>, AppError> {
    let scope = ctx.scope(Action::AgencyPlanRead)?;
    let reader = ctx.read(&scope);
    find(&reader, id).await?;
    let settings = settings(ctx, &reader).await?;
    let rows = reader.agency_plan_items(id, page).await?;
    Ok(rows.map(|row| {
        // Each takes along what it needs of them.
        let form = row.item.form();
        let own = form.and_then(|form| Some((form.clone(), *settings.get(form)?)));
        (row, own.into_iter().collect())
    }))
}

/// One item of a plan, with the version of the plan.
///
/// # Errors
/// `FORBIDDEN`, `NOT_FOUND`.
pub async fn item(
    ctx: &Ctx,
    plan: AgencyPlanId,
    id: AgencyPlanItemId,
) -> Result<(Version, AgencyPlanItemView), AppError> {
    let scope = ctx.scope(Action::AgencyPlanRead)?;
    let reader = ctx.read(&scope);
    let row = find(&reader, plan).await?;
    let (view, people) = item_shown(ctx, &reader, plan, id).await?;
    ctx.note_access(&scope, people).await?;
    Ok((row.plan.version, view))
}

/// An item as it is shown, and the people it shows.
async fn item_shown(
    ctx: &Ctx,
    reader: &Reader<'_>,
    plan: AgencyPlanId,
    id: AgencyPlanItemId,
) -> Result<(AgencyPlanItemView, Vec<kernel::EmployeeId>), AppError> {
    let row = reader.agency_plan_item(plan, id).await?.ok_or(Problem::NotFound)?;
    let people: Vec<_> = row.item.said.targets.iter().map(|target| target.employee).collect();
    let names = reader.plan_target_names(&people).await?;
    let targets = targets_view(&row.item.said.targets, &names);
    Ok((AgencyPlanItemView::new(row, &settings(ctx, reader).await?, targets), people))
}

/// The steps of a plan's life.
///
/// # Errors
/// `FORBIDDEN`, `NOT_FOUND`.
pub async fn transitions(
    ctx: &Ctx,
    id: AgencyPlanId,
    page: &PageRequest,
) -> Result<Page<AgencyPlanTransitionRow>, AppError> {
    let scope = ctx.scope(Action::AgencyPlanRead)?;
    let reader = ctx.read(&scope);
    find(&reader, id).await?;
    Ok(reader.agency_plan_transitions(id, page).await?)
}

/// What is missing of a plan.
///
/// # Errors
/// `FORBIDDEN`, `NOT_FOUND`.
pub async fn completeness(ctx: &Ctx, id: AgencyPlanId) -> Result<Completeness, AppError> {
    let scope = ctx.scope(Action::AgencyPlanRead)?;
    let reader = ctx.read(&scope);
    let row = find(&reader, id).await?;
    let found = missing(ctx, &reader, &row.plan).await?;
    ctx.note_access(&scope, found.lacks.iter().flat_map(|lack| &lack.people).copied()).await?;
    Ok(found)
}

/// The same of a plan that was read.
pub(crate) async fn missing(
    ctx: &Ctx,
    reader: &Reader<'_>,
    plan: &AgencyPlan,
) -> Result<Completeness, AppError> {
    let items: Vec<_> =
        reader.agency_plan_items_all(plan.id).await?.into_iter().map(|row| row.item).collect();
    let lines: Vec<_> = reader.agency_plan_lines(plan.id).await?.into_iter().map(|row| row.line).collect();
    let people: BTreeSet<_> =
        items.iter().flat_map(|item| &item.said.targets).map(|target| target.employee).collect();
    let ground = PlanGround {
        year: plan.year,
        scope: plan.unit,
        forms: settings(ctx, reader).await?.into_keys().collect(),
        serves: reader.serving_units(&people).await?,
        above: reader.units_above().await?,
    };
    Ok(missing_of(&items, &lines, &plan.said.ceilings, &ground))
}

/// What the trail keeps: neither names nor reasons.
fn changes(plan: &AgencyPlan, before: Option<AgencyPlanState>) -> Value {
    json!({"year": plan.year, "unit_id": plan.unit, "number": plan.number, "before": before, "state": plan.state})
}

/// What happened, in the past tense.
const fn what(action: AgencyPlanAction) -> &'static str {
    match action {
        AgencyPlanAction::Edit => "REPLACED",
        AgencyPlanAction::Submit => "SUBMITTED",
        AgencyPlanAction::Withdraw => "WITHDRAWN",
        AgencyPlanAction::Return => "RETURNED",
        AgencyPlanAction::Enact => "ENACTED",
        AgencyPlanAction::Cancel => "CANCELLED",
        AgencyPlanAction::Publish => "PUBLISHED",
        AgencyPlanAction::Realise => "REALISED",
        AgencyPlanAction::Revise => "REVISED",
        AgencyPlanAction::CarryOver => "CARRIED_OVER",
    }
}

/// What a reply says of a plan after it was written.
async fn shown(ctx: &Ctx, tx: &Tx<'_>, scope: &Scope, id: AgencyPlanId) -> Result<AgencyPlanView, AppError> {
    let reader = ctx.read_in(tx, scope);
    let row = find(&reader, id).await?;
    let caller = caller(ctx, &reader, id).await?;
    let allowed = row.plan.allowed_actions(&caller);
    Ok(AgencyPlanView::new(row, parties(&caller), allowed))
}

/// The number of the next version for a year and scope, unless one is drawn up or in force.
pub(crate) fn next_number(
    versions: &[(AgencyPlanId, i32, AgencyPlanState)],
    besides: Option<AgencyPlanId>,
) -> Result<i32, AppError> {
    let taken = |(id, _, state): &(AgencyPlanId, i32, AgencyPlanState)| {
        Some(*id) != besides && (state.is_open() || *state == AgencyPlanState::Set)
    };
    if versions.iter().any(taken) {
        let violation = Violation::new("/year", ViolationCode::Taken);
        return Err(AppError::about(Problem::AlreadyExists, vec![violation]));
    }
    Ok(versions.first().map_or(1, |(_, number, _)| number + 1))
}

/// Draws a plan up.
///
/// # Errors
/// `FORBIDDEN`, `INVALID`; `ALREADY_EXISTS` when there is one for the year and scope.
pub async fn create(ctx: &Ctx, input: AgencyPlanCreate) -> Result<Written, AppError> {
    let scope = ctx.scope(Action::AgencyPlanRead)?;
    let pass = pass(ctx, AgencyPlanAction::Edit)?;
    let (year, unit, put) = input.parts();
    let said = put.into_domain()?;
    if !Plan::year_is_open(year, ctx.today()) {
        use chrono::Datelike as _;
        let this = ctx.today().year();
        let violation = Violation::new("/year", ViolationCode::OutOfRange);
        return Err(violation.with("min", this).with("max", this + 1).into());
    }
    ctx.write(async |tx| {
        let reader = ctx.read_in(tx, &scope);
        tx.agency_plans_lock(&pass, year).await?;
        let number = next_number(&reader.agency_plan_versions(year, unit).await?, None)?;
        let plan = AgencyPlan::draft(AgencyPlanId::new(), (year, unit), number, said.clone())?;
        tx.agency_plan_insert(&pass, &plan).await?;
        made(ctx, tx, (&pass, &scope), &plan, None).await
    })
    .await
}

/// Keeps the first step of a plan that was made, records it and replies.
pub(crate) async fn made(
    ctx: &Ctx,
    tx: &Tx<'_>,
    (pass, scope): (&Pass, &Scope),
    plan: &AgencyPlan,
    reason: Option<LongText>,
) -> Result<store::Recorded<store::Reply>, AppError> {
    let caller = caller(ctx, &ctx.read_in(tx, scope), plan.id).await?;
    tx.agency_plan_step(pass, AgencyPlanStepDraft::made(plan, parties(&caller), reason)).await?;
    let view = shown(ctx, tx, scope, plan.id).await?;
    let event = Event::new(Resource::AgencyPlan, plan.id, "CREATED");
    let reply = created(&view, plan.version, format!("/v1/agency-plans/{}", plan.id));
    Ok(tx.record(pass, &event, Some(changes(plan, None))).with(reply))
}

/// The plan to do `action` with, held from every other change, once the caller has seen it as it stands, and may.
/// `seen` is whether the caller has to name the version they saw.
pub(crate) async fn found(
    ctx: &Ctx,
    tx: &Tx<'_>,
    scope: &Scope,
    (id, action): (AgencyPlanId, AgencyPlanAction),
    seen: bool,
) -> Result<(AgencyPlan, AgencyPlanCaller, Pass), AppError> {
    let reader = ctx.read_in(tx, scope);
    find(&reader, id).await?;
    let caller = caller(ctx, &reader, id).await?;
    let pass = pass(ctx, action)?;
    tx.agency_plan_lock(&pass, id).await?;
    let plan = find(&reader, id).await?.plan;
    // Who may never do this is told so before anything else.
    if let Err(AgencyPlanError::NotParty) = plan.permit(action, &caller) {
        return Err(AgencyPlanError::NotParty.into());
    }
    if seen {
        ctx.expect_version(plan.version)?;
    }
    plan.permit(action, &caller)?;
    Ok((plan, caller, pass))
}

/// Keeps the step, records it and replies with the plan as it stands now.
async fn written(
    ctx: &Ctx,
    tx: &Tx<'_>,
    (pass, scope, caller): (&Pass, &Scope, &AgencyPlanCaller),
    (before, after, version): (&AgencyPlan, &AgencyPlan, Version),
    (action, reason): (AgencyPlanAction, Option<LongText>),
) -> Result<store::Recorded<store::Reply>, AppError> {
    step(tx, (pass, caller), (before, after), (action, reason)).await?;
    let view = shown(ctx, tx, scope, after.id).await?;
    let event = Event::new(Resource::AgencyPlan, after.id, what(action));
    Ok(tx.record(pass, &event, Some(changes(after, Some(before.state)))).with(replaced(&view, version)))
}

/// Keeps a step of a plan's life.
pub(crate) async fn step(
    tx: &Tx<'_>,
    (pass, caller): (&Pass, &AgencyPlanCaller),
    (before, after): (&AgencyPlan, &AgencyPlan),
    (action, reason): (AgencyPlanAction, Option<LongText>),
) -> Result<(), AppError> {
    let states = (before.state, after.state);
    let step = AgencyPlanStepDraft::done(after.id, action, states, parties(caller), reason);
    Ok(tx.agency_plan_step(pass, step).await?)
}

/// Replaces what a draft says of itself.
///
/// # Errors
/// `NOT_FOUND`, `FORBIDDEN`, `STALE`, `INVALID`, `AGENCY_PLAN_STATE`.
pub async fn replace(ctx: &Ctx, id: AgencyPlanId, input: AgencyPlanPut) -> Result<Written, AppError> {
    let scope = ctx.scope(Action::AgencyPlanRead)?;
    ctx.write(async |tx| {
        let (plan, caller, pass) = found(ctx, tx, &scope, (id, AgencyPlanAction::Edit), true).await?;
        let after = AgencyPlan { said: input.clone().into_domain()?, ..plan.clone() };
        let version = tx.agency_plan_update(&pass, &after, true).await?;
        let by = (&pass, &scope, &caller);
        written(ctx, tx, by, (&plan, &after, version), (AgencyPlanAction::Edit, None)).await
    })
    .await
}

/// Replaces a draft's budget.
///
/// # Errors
/// `NOT_FOUND`, `FORBIDDEN`, `STALE`, `INVALID`, `AGENCY_PLAN_STATE`; `STILL_REFERENCED` when an item takes from a line that is
/// gone.
pub async fn lines_replace(ctx: &Ctx, id: AgencyPlanId, input: BudgetLinesPut) -> Result<Written, AppError> {
    let scope = ctx.scope(Action::AgencyPlanRead)?;
    ctx.write(async |tx| {
        let (plan, caller, pass) = found(ctx, tx, &scope, (id, AgencyPlanAction::Edit), true).await?;
        let reader = ctx.read_in(tx, &scope);
        let before = reader.agency_plan_lines(id).await?;
        let lines = input.clone().into_domain(&before)?;
        tx.agency_plan_lines_replace(&pass, id, &lines).await?;
        let version = edited(tx, (&pass, &caller), &plan).await?;
        let rows = reader.agency_plan_lines(id).await?;
        let items: Vec<_> = rows.into_iter().map(BudgetLineView::from).collect();
        let event = Event::new(Resource::AgencyPlan, id, "BUDGET_REPLACED");
        let kept = json!({"lines": items.iter().map(|line| json!({"id": line.id, "code": line.code,
            "amount": line.amount, "unit_id": line.unit_id})).collect::<Vec<_>>()});
        Ok(tx.record(&pass, &event, Some(kept)).with(replaced(&BudgetLinesView { items }, version)))
    })
    .await
}

/// Counts up the version of a draft whose parts were changed, and keeps that as a step.
pub(crate) async fn edited(
    tx: &Tx<'_>,
    (pass, caller): (&Pass, &AgencyPlanCaller),
    plan: &AgencyPlan,
) -> Result<Version, AppError> {
    let version = tx.agency_plan_update(pass, plan, false).await?;
    step(tx, (pass, caller), (plan, plan), (AgencyPlanAction::Edit, None)).await?;
    Ok(version)
}

/// The item a caller asks for, its competencies found, and what it refers to looked at.
async fn described(
    ctx: &Ctx,
    reader: &Reader<'_>,
    plan: AgencyPlanId,
    input: AgencyPlanItemPut,
) -> Result<development::AgencyPlanItemDraft, AppError> {
    let AgencyPlanItemAsk { mut said, targets } = input.ask()?;
    let mut found = Violations::new();
    let mut lookup = Lookup::new(reader);
    for (index, (employee, asked)) in targets.into_iter().enumerate() {
        let mut steps = Vec::with_capacity(asked.len());
        for (number, (name, from, to)) in asked.into_iter().enumerate() {
            match lookup.published(&name).await? {
                Some(row) => {
                    steps.push(PlanStepTaken { competency_agency: row.agency, competency: row.id, from, to })
                }
                None => found.push(unknown_competency(&format!("/targets/{index}/steps/{number}"), &name)),
            }
        }
        said.targets.push(PlanTarget { employee, steps });
    }
    let people: Vec<_> = said.targets.iter().map(|target| target.employee).collect();
    let known = reader.plan_target_names(&people).await?;
    for (index, employee) in people.iter().enumerate() {
        found.check(!known.contains_key(employee), || {
            Violation::new(format!("/targets/{index}/employee_id"), ViolationCode::NotFound)
        });
    }
    let lines = reader.agency_plan_lines(plan).await?;
    for (index, fund) in said.funds.iter().enumerate() {
        found.check(!lines.iter().any(|row| row.line.id == fund.line), || {
            Violation::new(format!("/funds/{index}/budget_line_id"), ViolationCode::NotFound)
        });
    }
    if let Some(class) = said.class {
        match reader.class(class).await? {
            None => found.push(Violation::new("/class_id", ViolationCode::NotFound)),
            Some(row) => found.check(Some(row.class.programme) != said.programme, || {
                Violation::new("/class_id", ViolationCode::Inconsistent)
            }),
        }
    }
    if let Some(form) = &said.form {
        found.check(!settings(ctx, reader).await?.contains_key(form), || {
            Violation::new("/form", ViolationCode::NotFound)
        });
    }
    found.finish()?;
    said.check()?;
    Ok(said)
}

/// Adds an item to a draft.
///
/// # Errors
/// `NOT_FOUND`, `FORBIDDEN`, `INVALID`, `AGENCY_PLAN_STATE`.
pub async fn item_create(
    ctx: &Ctx,
    plan: AgencyPlanId,
    input: AgencyPlanItemPut,
) -> Result<Written, AppError> {
    let scope = ctx.scope(Action::AgencyPlanRead)?;
    ctx.write(async |tx| {
        let by = found(ctx, tx, &scope, (plan, AgencyPlanAction::Edit), false).await?;
        let reader = ctx.read_in(tx, &scope);
        if usize::try_from(find(&reader, plan).await?.items).unwrap_or(usize::MAX) >= AgencyPlan::MOST_ITEMS {
            let violation = Violation::new("/items", ViolationCode::TooMany);
            return Err(violation.with("max", AgencyPlan::MOST_ITEMS).into());
        }
        let said = described(ctx, &reader, plan, input.clone()).await?;
        let id = AgencyPlanItemId::new();
        let item = AgencyPlanItem { id, said, offer: PlanOffer::default(), origin: AgencyPlanOrigin::Manual };
        let (view, version) = item_put(ctx, tx, &scope, &by, &item).await?;
        let reply = created(&view, version, format!("/v1/agency-plans/{plan}/items/{id}"));
        let event = Event::new(Resource::AgencyPlan, plan, "ITEM_CREATED");
        Ok(tx.record(&by.2, &event, Some(trail(&item))).with(reply))
    })
    .await
}

/// Writes an item of a draft; the view of it, and the plan's version.
async fn item_put(
    ctx: &Ctx,
    tx: &Tx<'_>,
    scope: &Scope,
    (plan, caller, pass): &(AgencyPlan, AgencyPlanCaller, Pass),
    item: &AgencyPlanItem,
) -> Result<(AgencyPlanItemView, Version), AppError> {
    tx.agency_plan_items_put(pass, plan.id, std::slice::from_ref(item)).await?;
    let version = edited(tx, (pass, caller), plan).await?;
    let (view, people) = item_shown(ctx, &ctx.read_in(tx, scope), plan.id, item.id).await?;
    ctx.note_access_in(tx, scope, people);
    Ok((view, version))
}

/// What the trail keeps of an item.
fn trail(item: &AgencyPlanItem) -> Value {
    json!({"item_id": item.id, "programme_id": item.said.programme, "class_id": item.said.class,
        "places": item.places(), "origin": item.origin.kind()})
}

/// Replaces what an item of a draft says.
///
/// # Errors
/// `NOT_FOUND`, `FORBIDDEN`, `STALE`, `INVALID`, `AGENCY_PLAN_STATE`.
pub async fn item_replace(
    ctx: &Ctx,
    plan: AgencyPlanId,
    id: AgencyPlanItemId,
    input: AgencyPlanItemPut,
) -> Result<Written, AppError> {
    let scope = ctx.scope(Action::AgencyPlanRead)?;
    ctx.write(async |tx| {
        let reader = ctx.read_in(tx, &scope);
        let by = found(ctx, tx, &scope, (plan, AgencyPlanAction::Edit), true).await?;
        // Under the plan's lock: what somebody took out meanwhile does not come back.
        let before = reader.agency_plan_item(plan, id).await?.ok_or(Problem::NotFound)?.item;
        let said = described(ctx, &reader, plan, input.clone()).await?;
        let item = AgencyPlanItem { said, ..before };
        let (view, version) = item_put(ctx, tx, &scope, &by, &item).await?;
        let event = Event::new(Resource::AgencyPlan, plan, "ITEM_REPLACED");
        Ok(tx.record(&by.2, &event, Some(trail(&item))).with(replaced(&view, version)))
    })
    .await
}

/// Takes an item out of a draft.
///
/// # Errors
/// `NOT_FOUND`, `FORBIDDEN`, `STALE`, `AGENCY_PLAN_STATE`; `STILL_REFERENCED` when it was told to have cost something.
pub async fn item_delete(ctx: &Ctx, plan: AgencyPlanId, id: AgencyPlanItemId) -> Result<Written, AppError> {
    let scope = ctx.scope(Action::AgencyPlanRead)?;
    ctx.write(async |tx| {
        let reader = ctx.read_in(tx, &scope);
        let (found, caller, pass) = found(ctx, tx, &scope, (plan, AgencyPlanAction::Edit), true).await?;
        let before = reader.agency_plan_item(plan, id).await?.ok_or(Problem::NotFound)?.item;
        if reader.agency_plan_item_has_realisation(id).await? {
            return Err(Problem::StillReferenced.into());
        }
        tx.agency_plan_item_delete(&pass, plan, id).await?;
        edited(tx, (&pass, &caller), &found).await?;
        let event = Event::new(Resource::AgencyPlan, plan, "ITEM_DELETED");
        Ok(tx.record(&pass, &event, Some(trail(&before))).with(crate::dto::gone()))
    })
    .await
}

/// Takes a plan from one state to the next. What is set takes the place of the version it revises.
///
/// # Errors
/// `NOT_FOUND`, `FORBIDDEN`, `STALE`, `INVALID`, `AGENCY_PLAN_STATE`, `AGENCY_PLAN_SAME_OFFICER`, `AGENCY_PLAN_INCOMPLETE`.
pub async fn transition(
    ctx: &Ctx,
    id: AgencyPlanId,
    action: AgencyPlanAction,
    reason: Option<PlanReason>,
) -> Result<Written, AppError> {
    let scope = ctx.scope(Action::AgencyPlanRead)?;
    ctx.write(async |tx| {
        let (plan, caller, pass) = found(ctx, tx, &scope, (id, action), true).await?;
        let reason = reason.clone().map(PlanReason::into_domain).transpose()?;
        let reader = ctx.read_in(tx, &scope);
        let missing = match action {
            AgencyPlanAction::Submit | AgencyPlanAction::Enact => Some(missing(ctx, &reader, &plan).await?),
            _ => None,
        };
        let after = plan.after(action, &caller, reason.as_ref(), missing.as_ref(), ctx.now)?;
        if action == AgencyPlanAction::Submit {
            tx.agency_plan_offers_keep(&pass, id).await?;
        }
        if let (AgencyPlanAction::Enact, Some(old)) = (action, plan.revises) {
            tx.agency_plan_supersede(&pass, old).await?;
            let step = AgencyPlanStepDraft {
                plan: old,
                action: "SUPERSEDE",
                from: Some(AgencyPlanState::Set),
                to: AgencyPlanState::Superseded,
                parties: vec![],
                reason: None,
            };
            tx.agency_plan_step(&pass, step).await?;
        }
        let version = tx.agency_plan_update(&pass, &after, false).await?;
        if after.state.is_draft() && !plan.state.is_draft() {
            tx.agency_plan_offers_forget(&pass, id).await?;
        }
        let by = (&pass, &scope, &caller);
        written(ctx, tx, by, (&plan, &after, version), (action, reason)).await
    })
    .await
}

/// Begins a new version of a plan in force, with its lines and items.
///
/// # Errors
/// `NOT_FOUND`, `FORBIDDEN`, `INVALID`, `AGENCY_PLAN_STATE`; `ALREADY_EXISTS` when one is drawn up already.
pub async fn revise(ctx: &Ctx, id: AgencyPlanId, input: PlanReason) -> Result<Written, AppError> {
    let scope = ctx.scope(Action::AgencyPlanRead)?;
    let reason = input.into_domain()?;
    ctx.write(async |tx| {
        let (plan, caller, pass) = found(ctx, tx, &scope, (id, AgencyPlanAction::Revise), false).await?;
        tx.agency_plans_lock(&pass, plan.year).await?;
        let reader = ctx.read_in(tx, &scope);
        let versions = reader.agency_plan_versions(plan.year, plan.unit).await?;
        let number = next_number(&versions, Some(id))?;
        let next = plan.revise(&caller, Some(&reason), AgencyPlanId::new(), number)?;
        tx.agency_plan_insert(&pass, &next).await?;
        tx.agency_plan_copy(&pass, id, next.id).await?;
        made(ctx, tx, (&pass, &scope), &next, Some(reason.clone())).await
    })
    .await
}
