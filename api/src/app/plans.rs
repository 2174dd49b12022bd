//! Development plans: drawn up by the person and their superior, approved by the agency, carried out and frozen.

use std::collections::BTreeSet;

use access::{Action, Pass, Role, Scope};
use chrono::{DateTime, Utc};
use competency::policy_on;
use development::{
    DEVELOPMENT_PLAN_POLICY, JpRooms, Plan, PlanAction, PlanCaller, PlanDraft, PlanError, PlanItem,
    PlanParty, PlanRubric, PlanState,
};
use kernel::{
    EmployeeId, Event, LongText, Page, PlanCommentId, PlanId, PlanItemId, Resource, Version, Violation,
    ViolationCode,
};
use serde_json::{Value, json};
use store::{
    PageRequest, PlanCommentRow, PlanRow, PlanSnapshotRow, PlanStepDraft, PlanTransitionRow, Reader,
    SnapshotAgainst, SnapshotMoment, Tx, Written,
};

use crate::app::jp_ledger::rooms;
use crate::app::plan_items::{helped, said};
use crate::app::plan_snapshots::{Looked, drawn_up, gaps, left_out, looked};
use crate::app::{AppError, Ctx};
use crate::dto::plan_items::PlanProgressPut;
use crate::dto::plans::{
    PlanCommentCreate, PlanCommentView, PlanCreate, PlanPut, PlanQuery, PlanReason, PlanView,
};
use crate::dto::{created, replaced};
use crate::problems::Problem;

/// Who the caller is to a plan, and why they are the superior.
#[derive(Clone, Debug)]
pub struct Standing {
    caller: PlanCaller,
    basis: Option<String>,
    serves: bool,
}

impl Standing {
    fn parties(&self) -> Vec<PlanParty> {
        self.caller.parties.iter().copied().collect()
    }
}

/// A plan, what the caller is to it and may do with it.
pub type Shown = (PlanRow, Vec<PlanParty>, Vec<PlanAction>);

/// What the caller is to somebody's plans. The direct superior is the one of today: a head whose post is empty is passed
/// over, the record's own goes before, and where nobody is above the authority stands in.
async fn standing(ctx: &Ctx, tx: Option<&Tx<'_>>, employee: EmployeeId) -> Result<Standing, AppError> {
    let actor = &ctx.actor;
    let oneself = actor.employees().any(|own| own == employee);
    let mut parties = BTreeSet::new();
    if oneself && actor.allow_own(Action::PlanWrite, employee).is_ok() {
        parties.insert(PlanParty::Owner);
    }
    if let Ok(scope) = actor.scope(Action::PlanKeep) {
        let reader = tx.map_or_else(|| ctx.read(&scope), |tx| ctx.read_in(tx, &scope));
        if reader.reached(&BTreeSet::from([employee])).await?.contains(&employee) {
            parties.insert(PlanParty::Keeper);
        }
    }
    if actor.can(Action::PlanApprove) {
        parties.insert(PlanParty::Planner);
    }
    if actor.can(Action::PlanEnact) {
        parties.insert(PlanParty::Authority);
    }
    let scope = ctx.scope(Action::PlanRead)?;
    let reader = tx.map_or_else(|| ctx.read(&scope), |tx| ctx.read_in(tx, &scope));
    let chain = reader.superior_chain(employee, ctx.today()).await?;
    let serves = chain.as_ref().is_some_and(|chain| !chain.links.is_empty() || chain.superior.is_some());
    let (mut basis, mut stands_in) = (None, false);
    match chain.and_then(|chain| chain.superior) {
        Some(superior) if actor.allow_own(Action::PlanReview, superior.employee).is_ok() => {
            parties.insert(PlanParty::Superior);
            basis = Some(superior.basis.as_str().to_owned());
        }
        None if serves && actor.can(Action::PlanEnact) => {
            parties.insert(PlanParty::Superior);
            basis = Some("AUTHORITY_STANDS_IN".to_owned());
            stands_in = true;
        }
        _ => {}
    }
    let machine = actor.grants.iter().all(|grant| grant.role == Role::Integration);
    let caller = PlanCaller { user: actor.user, oneself, machine, stands_in, parties };
    Ok(Standing { caller, basis, serves })
}

/// The right an action is done by, for the proof that it was allowed.
fn pass(ctx: &Ctx, standing: &Standing) -> Result<Pass, AppError> {
    let by = [
        (PlanParty::Owner, Action::PlanWrite),
        (PlanParty::Superior, Action::PlanReview),
        (PlanParty::Keeper, Action::PlanKeep),
        (PlanParty::Planner, Action::PlanApprove),
        (PlanParty::Authority, Action::PlanEnact),
    ];
    let held = by.into_iter().filter(|(party, _)| standing.caller.parties.contains(party));
    // Where the authority stands in for the superior, its own right carries.
    let mut passes = held.filter_map(|(_, action)| ctx.actor.allow_reached(action, true).ok());
    Ok(passes.next().ok_or(Problem::Forbidden)?)
}

/// Plans of the people the caller may see.
///
/// # Errors
/// `FORBIDDEN`, `INVALID`.
pub async fn list(ctx: &Ctx, query: PlanQuery, page: &PageRequest) -> Result<Page<PlanRow>, AppError> {
    let scope = ctx.scope(Action::PlanRead)?;
    let filter = query.into_filter()?;
    let rows = ctx.read(&scope).plans(&filter, page).await?;
    ctx.note_access(&scope, rows.items.iter().map(|row| row.plan.employee)).await?;
    Ok(rows)
}

/// One plan.
///
/// # Errors
/// `FORBIDDEN`, `NOT_FOUND`.
pub async fn get(ctx: &Ctx, id: PlanId) -> Result<Shown, AppError> {
    let scope = ctx.scope(Action::PlanRead)?;
    let row = ctx.read(&scope).plan(id).await?.ok_or(Problem::NotFound)?;
    ctx.note_access(&scope, [row.plan.employee]).await?;
    let standing = standing(ctx, None, row.plan.employee).await?;
    let allowed = row.plan.allowed_actions(&standing.caller);
    Ok((row, standing.parties(), allowed))
}

/// The steps of a plan's life.
///
/// # Errors
/// `FORBIDDEN`, `NOT_FOUND`.
pub async fn transitions(
    ctx: &Ctx,
    id: PlanId,
    page: &PageRequest,
) -> Result<Page<PlanTransitionRow>, AppError> {
    let scope = ctx.scope(Action::PlanRead)?;
    let reader = ctx.read(&scope);
    let row = reader.plan(id).await?.ok_or(Problem::NotFound)?;
    ctx.note_access(&scope, [row.plan.employee]).await?;
    Ok(reader.plan_transitions(id, page).await?)
}

/// Comments on a plan.
///
/// # Errors
/// `FORBIDDEN`, `NOT_FOUND`.
pub async fn comments(ctx: &Ctx, id: PlanId, page: &PageRequest) -> Result<Page<PlanCommentRow>, AppError> {
    let scope = ctx.scope(Action::PlanRead)?;
    let reader = ctx.read(&scope);
    let row = reader.plan(id).await?.ok_or(Problem::NotFound)?;
    ctx.note_access(&scope, [row.plan.employee]).await?;
    Ok(reader.plan_comments(id, page).await?)
}

/// The gaps a plan was made from, and those at its completion.
///
/// # Errors
/// `FORBIDDEN`, `NOT_FOUND`.
pub async fn snapshots(ctx: &Ctx, id: PlanId) -> Result<Vec<PlanSnapshotRow>, AppError> {
    let scope = ctx.scope(Action::PlanRead)?;
    let reader = ctx.read(&scope);
    let row = reader.plan(id).await?.ok_or(Problem::NotFound)?;
    ctx.note_access(&scope, [row.plan.employee]).await?;
    let mut all = reader.plan_snapshots(id).await?;
    // What a draft aimed at before is on record, and not what the plan is about.
    let target = row.plan.said.target;
    all.retain(|one| one.against == SnapshotAgainst::Held || Some(one.snapshot.position) == target);
    Ok(all)
}

/// How plans are drawn up and approved in the agency today.
pub(crate) async fn rubric(
    reader: &Reader<'_>,
    scope: &Scope,
    ctx_day: chrono::NaiveDate,
) -> Result<PlanRubric, AppError> {
    let versions = reader.policies_for::<PlanRubric>().await?;
    let known_at = DateTime::<Utc>::MAX_UTC;
    let policy = policy_on(&versions, DEVELOPMENT_PLAN_POLICY, scope.agency(), ctx_day, known_at);
    Ok(policy.map(|policy| policy.rubric).ok_or(Problem::Internal)?)
}

/// What ceilings that stop leave to plan in a year.
async fn room(
    ctx: &Ctx,
    reader: &Reader<'_>,
    scope: &Scope,
    employee: EmployeeId,
    year: i32,
) -> Result<JpRooms, AppError> {
    let mut all = rooms(reader, scope, (year, ctx.today()), &[employee]).await?;
    Ok(all.remove(&employee).unwrap_or_default())
}

/// Draws a plan up.
///
/// # Errors
/// `FORBIDDEN`, `INVALID`, `TRAINER_IN_LINE`, `TRAINER_FULL`; `ALREADY_EXISTS` when the person has a plan for the year.
pub async fn create(ctx: &Ctx, input: PlanCreate) -> Result<Written, AppError> {
    let scope = ctx.scope(Action::PlanRead)?;
    ctx.write(async |tx| {
        let (employee, year, generate, put) = input.clone().parts();
        let reader = ctx.read_in(tx, &scope);
        if reader.employee(employee).await?.is_none() {
            return Err(AppError::invalid("/employee_id", ViolationCode::NotFound));
        }
        let standing = standing(ctx, Some(tx), employee).await?;
        let drafts = [PlanParty::Owner, PlanParty::Superior, PlanParty::Keeper];
        if !drafts.iter().any(|party| standing.caller.parties.contains(party)) {
            return Err(Problem::Forbidden.into());
        }
        let pass = pass(ctx, &standing)?;
        if !Plan::year_is_open(year, ctx.today()) {
            use chrono::Datelike as _;
            let this = ctx.today().year();
            let violation = Violation::new("/year", ViolationCode::OutOfRange);
            return Err(violation.with("min", this).with("max", this + 1).into());
        }
        let mut draft = said(ctx, &reader, put.ask()?, &[]).await?;
        helped(ctx, tx, &pass, (employee, &draft), &[]).await?;
        tx.plans_lock(&pass, employee).await?;
        let number = next_number(&reader, employee, year).await?;
        let looked = looked(&reader, &scope, employee, draft.target, ctx.today()).await?;
        let snapshots = if generate {
            let rubric = rubric(&reader, &scope, ctx.today()).await?;
            let offers = reader.plan_offers().await?;
            let learner = reader.participant_facts(&[employee]).await?.remove(&employee).unwrap_or_default();
            let rooms = room(ctx, &reader, &scope, employee, year).await?;
            drawn_up(&mut draft, looked, (&offers, &learner), rubric, rooms)
        } else {
            left_out(&draft, looked)
        };
        let plan = Plan::draft(PlanId::new(), employee, year, number, draft)?;
        made(ctx, tx, (&pass, &scope), (&plan, &standing, None), snapshots).await
    })
    .await
}

/// The number of somebody's next plan for a year, unless one is there that is drawn up, carried out or completed.
async fn next_number(reader: &Reader<'_>, employee: EmployeeId, year: i32) -> Result<i32, AppError> {
    let states = reader.plan_states(employee, year).await?;
    let taken =
        |state: PlanState| state.is_open() || matches!(state, PlanState::Active | PlanState::Completed);
    if states.iter().any(|(_, _, state)| taken(*state)) {
        let violation = Violation::new("/year", ViolationCode::Taken);
        return Err(AppError::about(Problem::AlreadyExists, vec![violation]));
    }
    Ok(states.first().map_or(1, |(_, number, _)| number + 1))
}

/// Writes a plan that was made, with its first step and its snapshots.
async fn made(
    ctx: &Ctx,
    tx: &Tx<'_>,
    (pass, scope): (&Pass, &Scope),
    (plan, standing, reason): (&Plan, &Standing, Option<LongText>),
    snapshots: Looked,
) -> Result<store::Recorded<store::Reply>, AppError> {
    tx.plans_insert(pass, std::slice::from_ref(plan)).await?;
    tx.plan_steps(pass, &[PlanStepDraft::made(plan, standing.parties(), reason)]).await?;
    let snapshots: Vec<_> =
        snapshots.into_iter().map(|(against, snapshot)| (plan.id, against, snapshot)).collect();
    tx.plan_snapshots_insert(pass, SnapshotMoment::Made, &snapshots).await?;
    let view = shown(ctx, tx, scope, plan.id).await?;
    ctx.note_access_in(tx, scope, [plan.employee]);
    let event = Event::new(Resource::Plan, plan.id, "CREATED");
    let reply = created(&view, plan.version, format!("/v1/development-plans/{}", plan.id));
    Ok(tx.record(pass, &event, Some(changes(plan, None))).with(reply))
}

/// What the trail keeps: neither titles nor reasons.
fn changes(plan: &Plan, before: Option<PlanState>) -> Value {
    json!({"employee_id": plan.employee, "year": plan.year, "number": plan.number, "before": before, "state": plan.state,
        "items": plan.said.items.len()})
}

/// What a reply says of a plan after it was written.
async fn shown(ctx: &Ctx, tx: &Tx<'_>, scope: &Scope, id: PlanId) -> Result<PlanView, AppError> {
    let row = ctx.read_in(tx, scope).plan(id).await?.ok_or(Problem::NotFound)?;
    let standing = standing(ctx, Some(tx), row.plan.employee).await?;
    let allowed = row.plan.allowed_actions(&standing.caller);
    Ok(PlanView::new(row, standing.parties(), allowed))
}

/// Replaces what a draft says.
///
/// # Errors
/// `NOT_FOUND`, `FORBIDDEN`, `STALE`, `INVALID`, `PLAN_STATE`, `TRAINER_IN_LINE`, `TRAINER_FULL`.
pub async fn replace(ctx: &Ctx, id: PlanId, input: PlanPut) -> Result<Written, AppError> {
    let scope = ctx.scope(Action::PlanRead)?;
    ctx.write(async |tx| {
        let (plan, standing, pass) = found(ctx, tx, &scope, id, PlanAction::Edit).await?;
        let reader = ctx.read_in(tx, &scope);
        let draft = said(ctx, &reader, input.clone().ask()?, &plan.said.items).await?;
        draft.check()?;
        helped(ctx, tx, &pass, (plan.employee, &draft), &plan.said.items).await?;
        let after = Plan { said: draft, ..plan.clone() };
        let version = tx.plan_update(&pass, &after, true).await?;
        aimed(ctx, tx, (&pass, &scope), (&plan, &after)).await?;
        written(ctx, tx, (&pass, &scope, &standing), (&plan, &after, version), (PlanAction::Edit, None)).await
    })
    .await
}

/// Keeps the gaps to the position a draft has come to aim at, as they are when it does.
async fn aimed(
    ctx: &Ctx,
    tx: &Tx<'_>,
    (pass, scope): (&Pass, &Scope),
    (before, after): (&Plan, &Plan),
) -> Result<(), AppError> {
    let Some(target) = after.said.target.filter(|target| before.said.target != Some(*target)) else {
        return Ok(());
    };
    let reader = ctx.read_in(tx, scope);
    let Some(found) = gaps(&reader, scope, after.employee, Some(target), ctx.today()).await? else {
        return Ok(());
    };
    let looked = left_out(&after.said, vec![(SnapshotAgainst::Target, found)]);
    let snapshots: Vec<_> =
        looked.into_iter().map(|(against, snapshot)| (after.id, against, snapshot)).collect();
    Ok(tx.plan_snapshots_insert(pass, SnapshotMoment::Made, &snapshots).await?)
}

/// The plan to do `action` with, once the caller has seen it as it stands, and may.
async fn found(
    ctx: &Ctx,
    tx: &Tx<'_>,
    scope: &Scope,
    id: PlanId,
    action: PlanAction,
) -> Result<(Plan, Standing, Pass), AppError> {
    let row = ctx.read_in(tx, scope).plan(id).await?.ok_or(Problem::NotFound)?;
    let standing = standing(ctx, Some(tx), row.plan.employee).await?;
    // Who may never do this is told so before anything else.
    if let Err(PlanError::NotParty) = row.plan.permit(action, &standing.caller) {
        return Err(PlanError::NotParty.into());
    }
    let pass = pass(ctx, &standing)?;
    ctx.expect_version(row.plan.version)?;
    row.plan.permit(action, &standing.caller)?;
    Ok((row.plan, standing, pass))
}

/// Keeps the step, records it and replies with the plan as it stands now.
async fn written(
    ctx: &Ctx,
    tx: &Tx<'_>,
    (pass, scope, standing): (&Pass, &Scope, &Standing),
    (before, after, version): (&Plan, &Plan, Version),
    (action, reason): (PlanAction, Option<LongText>),
) -> Result<store::Recorded<store::Reply>, AppError> {
    let states = (before.state, after.state);
    let by = (standing.parties(), standing.basis.clone());
    tx.plan_steps(pass, &[PlanStepDraft::done(after.id, action, states, by, reason)]).await?;
    let view = shown(ctx, tx, scope, after.id).await?;
    ctx.note_access_in(tx, scope, [after.employee]);
    let event = Event::new(Resource::Plan, after.id, what(action));
    Ok(tx.record(pass, &event, Some(changes(after, Some(before.state)))).with(replaced(&view, version)))
}

/// What happened, in the past tense.
const fn what(action: PlanAction) -> &'static str {
    match action {
        PlanAction::Edit => "REPLACED",
        PlanAction::Submit => "SUBMITTED",
        PlanAction::Withdraw => "WITHDRAWN",
        PlanAction::Review => "TAKEN_UP",
        PlanAction::Return => "RETURNED",
        PlanAction::Endorse => "ENDORSED",
        PlanAction::Approve => "APPROVED",
        PlanAction::Enact => "ENACTED",
        PlanAction::Activate => "ACTIVATED",
        PlanAction::Progress => "PROGRESSED",
        PlanAction::Complete => "COMPLETED",
        PlanAction::Cancel => "CANCELLED",
        PlanAction::Reopen => "REOPENED",
        PlanAction::Revise => "REVISED",
        PlanAction::CarryOver => "CARRIED_OVER",
        PlanAction::Comment => "COMMENTED",
    }
}

/// Takes a plan from one state to the next.
///
/// # Errors
/// `NOT_FOUND`, `FORBIDDEN`, `STALE`, `INVALID`, `PLAN_STATE`, `PLAN_OWN`, `PLAN_SAME_OFFICER`, `PLAN_EMPTY`,
/// `PLAN_NOT_SERVING`, `PLAN_REVISION_OPEN`, `ALREADY_EXISTS`, `JP_CEILING`.
pub async fn transition(
    ctx: &Ctx,
    id: PlanId,
    action: PlanAction,
    reason: Option<PlanReason>,
) -> Result<Written, AppError> {
    let scope = ctx.scope(Action::PlanRead)?;
    ctx.write(async |tx| {
        let (mut plan, standing, pass) = found(ctx, tx, &scope, id, action).await?;
        let reason = reason.clone().map(PlanReason::into_domain).transpose()?;
        let reader = ctx.read_in(tx, &scope);
        // Whoever makes, begins or ends plans of one person does so one after the other.
        tx.plans_lock(&pass, plan.employee).await?;
        let begins = plan.revises.filter(|_| action == PlanAction::Activate);
        if let Some(old) = begins {
            plan = plan.caught_up(&superseded(tx, &pass, &reader, old).await?);
        }
        let rubric = rubric(&reader, &scope, ctx.today()).await?;
        let now = (ctx.now, ctx.today());
        let after = plan.after(action, &standing.caller, rubric.authority, reason.as_ref(), now)?;
        match action {
            PlanAction::Submit if !standing.serves => return Err(Problem::PlanNotServing.into()),
            PlanAction::Activate => admitted(ctx, &reader, &scope, &after).await?,
            PlanAction::Complete => {
                completed(ctx, tx, (&pass, &scope), &after).await?;
            }
            // A version that is drawn up would have nothing to take the place of.
            PlanAction::Cancel if plan.state == PlanState::Active => {
                let states = reader.plan_states(plan.employee, plan.year).await?;
                if states.iter().any(|(_, _, state)| state.is_open()) {
                    return Err(Problem::PlanRevisionOpen.into());
                }
            }
            PlanAction::Reopen => {
                let states = reader.plan_states(plan.employee, plan.year).await?;
                let active =
                    |old| states.iter().any(|(id, _, state)| *id == old && *state == PlanState::Active);
                if plan.revises.is_some_and(|old| !active(old)) {
                    return Err(Problem::PlanState.into());
                }
                // Beside one that is carried out, only a version of that one is drawn up.
                let stands = |other: PlanId, state: PlanState| {
                    state == PlanState::Completed || state == PlanState::Active && plan.revises != Some(other)
                };
                if states.iter().any(|(other, _, state)| *other != id && stands(*other, *state)) {
                    let violation = Violation::new("/year", ViolationCode::Taken);
                    return Err(AppError::about(Problem::AlreadyExists, vec![violation]));
                }
            }
            _ => {}
        }
        let version = tx.plan_update(&pass, &after, begins.is_some()).await?;
        written(ctx, tx, (&pass, &scope, &standing), (&plan, &after, version), (action, reason)).await
    })
    .await
}

/// Puts the version out of use that another takes the place of, and returns how far it had come: nothing is told of it any
/// more.
async fn superseded(tx: &Tx<'_>, pass: &Pass, reader: &Reader<'_>, old: PlanId) -> Result<Plan, AppError> {
    tx.plan_hold(pass, old).await?;
    let plan = reader.plan(old).await?.ok_or(Problem::NotFound)?.plan;
    tx.plan_credits_keep(pass, &plan).await?;
    tx.plan_supersede(pass, old).await?;
    let step = PlanStepDraft {
        plan: old,
        action: "SUPERSEDE",
        from: Some(PlanState::Active),
        to: PlanState::Superseded,
        parties: vec![],
        basis: None,
        reason: None,
    };
    tx.plan_steps(pass, &[step]).await?;
    Ok(plan)
}

/// Whether no ceiling that stops is passed by a plan that begins.
async fn admitted(ctx: &Ctx, reader: &Reader<'_>, scope: &Scope, plan: &Plan) -> Result<(), AppError> {
    let over = plan.beyond(room(ctx, reader, scope, plan.employee, plan.year).await?);
    if over.count() > 0 { Err(development::JpLedgerError::Ceiling { over }.into()) } else { Ok(()) }
}

/// Ends a plan, with the gaps as they stand now. A version of it that is still drawn up has to be settled before.
async fn completed(
    ctx: &Ctx,
    tx: &Tx<'_>,
    (pass, scope): (&Pass, &Scope),
    plan: &Plan,
) -> Result<(), AppError> {
    let reader = ctx.read_in(tx, scope);
    let states = reader.plan_states(plan.employee, plan.year).await?;
    if states.iter().any(|(_, _, state)| state.is_open()) {
        return Err(Problem::PlanRevisionOpen.into());
    }
    tx.plan_credits_keep(pass, plan).await?;
    let looked = looked(&reader, scope, plan.employee, plan.said.target, ctx.today()).await?;
    let snapshots: Vec<_> =
        looked.into_iter().map(|(against, snapshot)| (plan.id, against, snapshot)).collect();
    Ok(tx.plan_snapshots_insert(pass, SnapshotMoment::Completed, &snapshots).await?)
}

/// Begins a new version of an active plan.
///
/// # Errors
/// `NOT_FOUND`, `FORBIDDEN`, `INVALID`, `PLAN_STATE`; `ALREADY_EXISTS` when one is drawn up already.
pub async fn revise(ctx: &Ctx, id: PlanId, input: PlanReason) -> Result<Written, AppError> {
    let scope = ctx.scope(Action::PlanRead)?;
    let reason = input.into_domain()?;
    ctx.write(async |tx| {
        let (plan, standing, pass) = seen(ctx, tx, &scope, id, PlanAction::Revise).await?;
        tx.plans_lock(&pass, plan.employee).await?;
        let reader = ctx.read_in(tx, &scope);
        let states = reader.plan_states(plan.employee, plan.year).await?;
        let number = states.first().map_or(1, |(_, number, _)| number + 1);
        let next = plan.revise(&standing.caller, Some(&reason), PlanId::new(), number)?;
        let looked = looked(&reader, &scope, plan.employee, plan.said.target, ctx.today()).await?;
        let looked = left_out(&next.said, looked);
        made(ctx, tx, (&pass, &scope), (&next, &standing, Some(reason.clone())), looked).await
    })
    .await
}

/// The same as [`found`] where nothing of the plan itself is changed: its version is not asked for.
async fn seen(
    ctx: &Ctx,
    tx: &Tx<'_>,
    scope: &Scope,
    id: PlanId,
    action: PlanAction,
) -> Result<(Plan, Standing, Pass), AppError> {
    let row = ctx.read_in(tx, scope).plan(id).await?.ok_or(Problem::NotFound)?;
    let standing = standing(ctx, Some(tx), row.plan.employee).await?;
    row.plan.permit(action, &standing.caller)?;
    let pass = pass(ctx, &standing)?;
    Ok((row.plan, standing, pass))
}

/// Takes what is unfinished into a plan for the next year: into the one that is drawn up, or into a new one.
///
/// # Errors
/// `NOT_FOUND`, `FORBIDDEN`, `PLAN_STATE`, `PLAN_EMPTY` when everything is done; `ALREADY_EXISTS` when the next year's plan
/// is past drawing up.
pub async fn carry_over(ctx: &Ctx, id: PlanId) -> Result<Written, AppError> {
    let scope = ctx.scope(Action::PlanRead)?;
    ctx.write(async |tx| {
        let (plan, standing, pass) = seen(ctx, tx, &scope, id, PlanAction::CarryOver).await?;
        tx.plans_lock(&pass, plan.employee).await?;
        let items = plan.carry_over(&standing.caller)?;
        let reader = ctx.read_in(tx, &scope);
        let year = plan.year + 1;
        if !Plan::year_is_open(year, ctx.today()) {
            return Err(Problem::PlanState.into());
        }
        let states = reader.plan_states(plan.employee, year).await?;
        let open = states.iter().find(|(_, _, state)| state.is_draft()).map(|(id, _, _)| *id);
        let Some(open) = open else {
            let number = next_number(&reader, plan.employee, year).await?;
            let said = PlanDraft { items, attachments: vec![], ..plan.said.clone() };
            let next = Plan::draft(PlanId::new(), plan.employee, year, number, said)?;
            let looked = looked(&reader, &scope, plan.employee, next.said.target, ctx.today()).await?;
            let looked = left_out(&next.said, looked);
            return made(ctx, tx, (&pass, &scope), (&next, &standing, None), looked).await;
        };
        let draft = reader.plan(open).await?.ok_or(Problem::NotFound)?.plan;
        // Every version of a plan has items of its own, and what continues through them is the line.
        let carried = items.iter().chain(&draft.said.items).filter_map(|item| item.carried_from);
        let lines = reader.plan_lines(carried).await?;
        let line = |item: &PlanItem| lines.get(&item.carried_from?).copied();
        let there: BTreeSet<_> = draft.said.items.iter().filter_map(line).collect();
        let more = items.into_iter().filter(|item| line(item).is_none_or(|line| !there.contains(&line)));
        let mut after = draft.clone();
        after.said.items.extend(more);
        after.said.check()?;
        let version = tx.plan_update(&pass, &after, true).await?;
        let by = (&pass, &scope, &standing);
        written(ctx, tx, by, (&draft, &after, version), (PlanAction::CarryOver, None)).await
    })
    .await
}

/// Tells how far an item has come.
///
/// # Errors
/// `NOT_FOUND`, `FORBIDDEN`, `STALE`, `INVALID`, `PLAN_STATE`.
pub async fn progress(
    ctx: &Ctx,
    id: PlanId,
    item: PlanItemId,
    input: PlanProgressPut,
) -> Result<Written, AppError> {
    let scope = ctx.scope(Action::PlanRead)?;
    ctx.write(async |tx| {
        let (plan, standing, pass) = found(ctx, tx, &scope, id, PlanAction::Progress).await?;
        let told = input.clone().into_domain()?;
        let after = plan.tell(item, told.clone(), &standing.caller)?.ok_or(Problem::NotFound)?;
        let version = tx.plan_update(&pass, &after, false).await?;
        tx.plan_progress_put(&pass, id, item, &told).await?;
        let by = (&pass, &scope, &standing);
        written(ctx, tx, by, (&plan, &after, version), (PlanAction::Progress, None)).await
    })
    .await
}

/// Says something about a plan.
///
/// # Errors
/// `NOT_FOUND`, `FORBIDDEN`, `INVALID`, `PLAN_STATE`.
pub async fn comment(ctx: &Ctx, id: PlanId, input: PlanCommentCreate) -> Result<Written, AppError> {
    let scope = ctx.scope(Action::PlanRead)?;
    let text = LongText::parse(&input.text).map_err(|violation| violation.under("/text"))?;
    ctx.write(async |tx| {
        let (plan, _, pass) = seen(ctx, tx, &scope, id, PlanAction::Comment).await?;
        let comment = PlanCommentId::new();
        tx.plan_comment_insert(&pass, (id, comment), &text).await?;
        ctx.note_access_in(tx, &scope, [plan.employee]);
        let event = Event::new(Resource::Plan, id, "COMMENTED");
        let user = ctx.actor.user;
        let row =
            PlanCommentRow { id: comment, plan: id, at: ctx.now, user, user_name: None, text: text.clone() };
        let view = PlanCommentView::from(row);
        let reply = created(&view, Version::FIRST, format!("/v1/development-plans/{id}/comments"));
        Ok(tx.record(&pass, &event, Some(json!({"comment_id": comment}))).with(reply))
    })
    .await
}
