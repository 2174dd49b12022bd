//! Learning that people log themselves, and that somebody else verifies.

use std::collections::BTreeSet;

use access::{Action, Pass};
use chrono::Datelike as _;
use development::{
    Form, JpEntryBasis, JpSource, OwnLearning, OwnLearningAction, OwnLearningDraft, OwnLearningState,
};
use kernel::{EmployeeId, Event, Hundredths, OwnLearningId, Page, Resource, Violation, ViolationCode};
use serde_json::json;
use store::{JpCreditDraft, JpCredited, OwnLearningRow, PageRequest, Reader, Tx, Written};

use crate::app::jp_ledger::{facts, form_uses, not_oneself, used_certificate, with_facts};
use crate::app::programmes::forms_on;
use crate::app::{AppError, Ctx};
use crate::dto::own_learnings::{
    OwnLearningCreate, OwnLearningPut, OwnLearningQuery, OwnLearningRefusal, OwnLearningView,
};
use crate::dto::{created, replaced};
use crate::problems::Problem;

/// A record, and what the caller may do with it.
pub type Shown = (OwnLearningRow, Vec<OwnLearningAction>);

/// Own learning of the people the caller may see, oldest first.
///
/// # Errors
/// `FORBIDDEN`, `INVALID`.
pub async fn list(ctx: &Ctx, query: OwnLearningQuery, page: &PageRequest) -> Result<Page<Shown>, AppError> {
    let scope = ctx.scope(Action::JpRead)?;
    let filter = query.into_filter()?;
    let rows = ctx.read(&scope).own_learnings(&filter, page).await?;
    let people: BTreeSet<_> = rows.items.iter().map(|row| row.own.employee).collect();
    ctx.note_access(&scope, people.iter().copied()).await?;
    let writable = writable(ctx, None, &people).await?;
    Ok(rows.map(|row| {
        let allowed = allowed(ctx, &row.own, &writable);
        (row, allowed)
    }))
}

/// One record.
///
/// # Errors
/// `FORBIDDEN`, `NOT_FOUND`.
pub async fn get(ctx: &Ctx, id: OwnLearningId) -> Result<Shown, AppError> {
    let scope = ctx.scope(Action::JpRead)?;
    let row = ctx.read(&scope).own_learning(id).await?.ok_or(Problem::NotFound)?;
    ctx.note_access(&scope, [row.own.employee]).await?;
    let writable = writable(ctx, None, &BTreeSet::from([row.own.employee])).await?;
    let allowed = allowed(ctx, &row.own, &writable);
    Ok((row, allowed))
}

/// Those of `people` for whom the caller may log.
async fn writable(
    ctx: &Ctx,
    tx: Option<&Tx<'_>>,
    people: &BTreeSet<EmployeeId>,
) -> Result<BTreeSet<EmployeeId>, AppError> {
    let Ok(scope) = ctx.actor.scope(Action::OwnLearningWrite) else { return Ok(BTreeSet::new()) };
    let reader = tx.map_or_else(|| ctx.read(&scope), |tx| ctx.read_in(tx, &scope));
    Ok(reader.reached(people).await?)
}

/// What the caller may do with a record now.
fn allowed(ctx: &Ctx, own: &OwnLearning, writable: &BTreeSet<EmployeeId>) -> Vec<OwnLearningAction> {
    let mut actions = own.state.allowed_actions().to_vec();
    actions.retain(|action| match action {
        OwnLearningAction::Edit | OwnLearningAction::Withdraw => writable.contains(&own.employee),
        OwnLearningAction::Verify | OwnLearningAction::Refuse => {
            ctx.actor.can(Action::JpVerify) && not_oneself(ctx, own.employee).is_ok()
        }
    });
    actions
}

/// Logs own learning.
///
/// # Errors
/// `FORBIDDEN`, `INVALID`; `ALREADY_EXISTS` when the certificate is used already.
pub async fn create(ctx: &Ctx, input: OwnLearningCreate) -> Result<Written, AppError> {
    let scope = ctx.scope(Action::JpRead)?;
    ctx.scope(Action::OwnLearningWrite)?;
    ctx.write(async |tx| {
        let (employee, put) = input.clone().parts();
        let reader = ctx.read_in(tx, &scope);
        if reader.employee(employee).await?.is_none() {
            return Err(AppError::invalid("/employee_id", ViolationCode::NotFound));
        }
        let pass = pass(ctx, tx, employee).await?;
        let said = checked(ctx, &reader, put).await?;
        let own = OwnLearning::submit(OwnLearningId::new(), employee, said, ctx.today(), ctx.now)?;
        tx.own_learning_insert(&pass, &own).await?;
        let view = shown(ctx, tx, &reader, own.id).await?;
        ctx.note_access_in(tx, &scope, [employee]);
        let event = Event::new(Resource::OwnLearning, own.id, "SUBMITTED");
        let reply = created(&view, own.version, format!("/v1/own-learnings/{}", own.id));
        Ok(tx.record(&pass, &event, Some(changes(&own, None))).with(reply))
    })
    .await
}

/// Leave to log for somebody.
async fn pass(ctx: &Ctx, tx: &Tx<'_>, employee: EmployeeId) -> Result<Pass, AppError> {
    let reached = writable(ctx, Some(tx), &BTreeSet::from([employee])).await?.contains(&employee);
    Ok(ctx.actor.allow_reached(Action::OwnLearningWrite, reached)?)
}

/// The form with this code on a day.
async fn form(reader: &Reader<'_>, said: &OwnLearningDraft, ctx: &Ctx) -> Result<Option<Form>, AppError> {
    Ok(forms_on(reader, ctx.actor.agency, said.ended_on).await?.form(said.form.as_str()).cloned())
}

/// What somebody says, its form found.
async fn checked(ctx: &Ctx, reader: &Reader<'_>, put: OwnLearningPut) -> Result<OwnLearningDraft, AppError> {
    let said = put.into_domain()?;
    let mut found = said.check(ctx.today()).err().unwrap_or_default();
    if form(reader, &said, ctx).await?.is_none() {
        found.push(Violation::new("/form", ViolationCode::NotFound));
        found.sort();
    }
    if found.is_empty() { Ok(said) } else { Err(found.into()) }
}

/// What a reply says of a record after it was written.
async fn shown(
    ctx: &Ctx,
    tx: &Tx<'_>,
    reader: &Reader<'_>,
    id: OwnLearningId,
) -> Result<OwnLearningView, AppError> {
    let row = reader.own_learning(id).await?.ok_or(Problem::NotFound)?;
    let writable = writable(ctx, Some(tx), &BTreeSet::from([row.own.employee])).await?;
    let allowed = allowed(ctx, &row.own, &writable);
    Ok(OwnLearningView::new(row, allowed))
}

/// What the trail keeps: neither names nor numbers of certificates.
fn changes(own: &OwnLearning, before: Option<OwnLearningState>) -> serde_json::Value {
    json!({"employee_id": own.employee, "before": before, "state": own.state, "form": own.said.form, "ended_on": own.said.ended_on})
}

/// Mends what was said; what was refused is submitted anew by that.
///
/// # Errors
/// `NOT_FOUND`, `FORBIDDEN`, `STALE`, `INVALID`, `OWN_LEARNING_STATE`, `ALREADY_EXISTS`.
pub async fn replace(ctx: &Ctx, id: OwnLearningId, input: OwnLearningPut) -> Result<Written, AppError> {
    let change = async |tx: &Tx<'_>, reader: &Reader<'_>, pass: &Pass, own: OwnLearning| {
        own.require(OwnLearningAction::Edit)?;
        let said = checked(ctx, reader, input.clone()).await?;
        Ok(tx.own_learning_update(pass, &own.edit(said, ctx.now)).await?)
    };
    transition(ctx, id, OwnLearningAction::Edit, "SUBMITTED", change).await
}

/// Takes a record back; its certificate may be used again.
///
/// # Errors
/// `NOT_FOUND`, `FORBIDDEN`, `STALE`, `OWN_LEARNING_STATE`.
pub async fn withdraw(ctx: &Ctx, id: OwnLearningId) -> Result<Written, AppError> {
    let change = async |tx: &Tx<'_>, _: &Reader<'_>, pass: &Pass, own: OwnLearning| {
        Ok(tx.own_learning_update(pass, &own.withdraw()?).await?)
    };
    transition(ctx, id, OwnLearningAction::Withdraw, "WITHDRAWN", change).await
}

/// Refuses a record; its certificate may be used again.
///
/// # Errors
/// `NOT_FOUND`, `FORBIDDEN`, `STALE`, `INVALID`, `JP_OWN_HOURS`, `OWN_LEARNING_STATE`.
pub async fn refuse(ctx: &Ctx, id: OwnLearningId, input: OwnLearningRefusal) -> Result<Written, AppError> {
    let reason = input.into_domain()?;
    let change = async |tx: &Tx<'_>, _: &Reader<'_>, pass: &Pass, own: OwnLearning| {
        let refused = own.refuse(reason.clone(), ctx.actor.user, ctx.now)?;
        Ok(tx.own_learning_update(pass, &refused).await?)
    };
    transition(ctx, id, OwnLearningAction::Refuse, "REFUSED", change).await
}

/// Verifies a record: its hours are in the ledger with the commit.
///
/// # Errors
/// `NOT_FOUND`, `FORBIDDEN`, `STALE`, `JP_OWN_HOURS`, `OWN_LEARNING_STATE`, `OWN_LEARNING_NO_HOURS`, `JP_CEILING`.
pub async fn verify(ctx: &Ctx, id: OwnLearningId) -> Result<Written, AppError> {
    let change = async |tx: &Tx<'_>, reader: &Reader<'_>, pass: &Pass, own: OwnLearning| {
        let verified = own.verify(ctx.actor.user, ctx.now)?;
        tx.jp_ledger_lock(pass, verified.employee).await?;
        let (jp, basis) = hours(ctx, reader, &verified).await?;
        let verified = tx.own_learning_update(pass, &verified).await?;
        let OwnLearningDraft { title, form, ended_on, certificate, .. } = verified.said.clone();
        let credit = JpCreditDraft {
            employee: verified.employee,
            source: JpSource::OwnLearning,
            source_id: verified.id.uuid(),
            earned_on: ended_on,
            jp,
            basis,
            title,
            form: Some(form),
            certificate,
        };
        match tx.jp_credit(pass, &credit).await? {
            JpCredited::Now(_) => Ok(verified),
            JpCredited::Before => Err(Problem::OwnLearningState.into()),
            JpCredited::SameCertificate { .. } => Err(used_certificate()),
        }
    };
    transition(ctx, id, OwnLearningAction::Verify, "VERIFIED", change).await
}

/// The hours a record is worth, which no ceiling stops. The caller holds the ledger.
async fn hours(
    ctx: &Ctx,
    reader: &Reader<'_>,
    own: &OwnLearning,
) -> Result<(Hundredths, JpEntryBasis), AppError> {
    let (said, year) = (&own.said, own.said.ended_on.year());
    let scope = ctx.scope(Action::JpRead)?;
    let (rows, policy) = facts(ctx, reader, &scope, own.employee, year).await?;
    let converted = match (form(reader, said, ctx).await?, said.form_use()) {
        (Some(form), Some(new)) => form.adds(&new, &form_uses(reader, own.employee, &form).await?),
        _ => None,
    };
    let (jp, basis) = own.hours(converted)?;
    with_facts(ctx, year, &rows, &policy, |facts| facts.admits(said.ended_on, jp))?;
    Ok((jp, basis))
}

/// Takes a record from one state to the next.
async fn transition(
    ctx: &Ctx,
    id: OwnLearningId,
    action: OwnLearningAction,
    what: &'static str,
    change: impl AsyncFn(&Tx<'_>, &Reader<'_>, &Pass, OwnLearning) -> Result<OwnLearning, AppError>,
) -> Result<Written, AppError> {
    let scope = ctx.scope(Action::JpRead)?;
    ctx.write(async |tx: &Tx<'_>| {
        let reader = ctx.read_in(tx, &scope);
        let row = reader.own_learning(id).await?.ok_or(Problem::NotFound)?;
        let employee = row.own.employee;
        let pass = match action {
            OwnLearningAction::Edit | OwnLearningAction::Withdraw => pass(ctx, tx, employee).await?,
            OwnLearningAction::Verify | OwnLearningAction::Refuse => {
                let pass = ctx.actor.allow(Action::JpVerify)?;
                not_oneself(ctx, employee)?;
                pass
            }
        };
        ctx.expect_version(row.own.version)?;
        let before = row.own.state;
        let after = change(tx, &reader, &pass, row.own).await?;
        let view = shown(ctx, tx, &reader, id).await?;
        ctx.note_access_in(tx, &scope, [employee]);
        let event = Event::new(Resource::OwnLearning, id, what);
        Ok(tx.record(&pass, &event, Some(changes(&after, Some(before)))).with(replaced(&view, after.version)))
    })
    .await
}
