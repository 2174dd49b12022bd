//! Assessment events and their results.
//!
//! Whoever assesses may do so for anybody in the agency but themself and whoever leads them. A civil servant may assess
//! themself; such results are kept and never count.

use std::collections::{BTreeMap, BTreeSet};

use access::{Action, Pass, People, Scope};
use chrono::{DateTime, NaiveDate, Utc};
use competency::{
    AssessmentEvent, AssessmentResult, EventAction, Method, ResultAction, ValidityRubric, policy_on,
    reference,
};
use kernel::{
    AssessmentEventId, AssessmentResultId, CompetencyId, EmployeeId, Event, Page, Resource, UserId, Version,
    Violation, ViolationCode, Violations,
};
use serde_json::{Value, json};
use store::{EventFilter, PageRequest, Reader, Reply, ResultFilter, ResultRow, StoreError, Tx, Written};

use crate::app::competencies::{Lookup, unknown_competency};
use crate::app::{AppError, Ctx};
use crate::dto::assessments::{
    AssessmentEventPut, AssessmentEventQuery, AssessmentEventView, AssessmentResultQuery,
    AssessmentResultView, AssessmentResultsPut, AssessmentResultsQuery, AssessmentResultsView, EmployeeName,
    ResultAsk, ResultErrorView, ResultOutcomeView, ResultSupersession, result_version,
};
use crate::dto::enums::Wire;
use crate::dto::{created, day, gone, replaced};
use crate::problems::Problem;

/// Whoever assesses does this.
const fn needs(action: EventAction) -> Action {
    match action {
        EventAction::Edit | EventAction::Cancel => Action::AssessmentWrite,
        EventAction::SignOff => Action::AssessmentSignOff,
    }
}

/// Whoever assesses does this with a result.
const fn needs_for_result(action: ResultAction) -> Action {
    match action {
        ResultAction::Edit | ResultAction::Delete => Action::AssessmentWrite,
        ResultAction::Supersede => Action::AssessmentSignOff,
    }
}

/// Everything of the agency, for a rule that holds whatever the caller may see.
fn whole(ctx: &Ctx, reason: &'static str) -> Scope {
    Scope::system(ctx.actor.agency, reason)
}

/// Leave to assess oneself, given once in an agency to whoever may.
fn leave_for_oneself(ctx: &Ctx) -> Result<(Pass, Scope), AppError> {
    let own = ctx.scope(Action::SelfAssess)?;
    let People::Some { own: people, .. } = own.people() else { return Err(Problem::Forbidden.into()) };
    let employee = people.first().copied().ok_or(Problem::Forbidden)?;
    Ok((ctx.actor.allow_own(Action::SelfAssess, employee)?, own))
}

/// Reads inside the transaction when there is one.
fn reader_of<'a>(ctx: &'a Ctx, tx: Option<&'a Tx<'_>>, scope: &'a Scope) -> Reader<'a> {
    match tx {
        Some(tx) => ctx.read_in(tx, scope),
        None => ctx.read(scope),
    }
}

/// Those of `events` that are self-assessments of the caller and of nobody else, where that gives leave.
async fn own_events(
    ctx: &Ctx,
    tx: Option<&Tx<'_>>,
    events: impl IntoIterator<Item = &AssessmentEvent>,
) -> Result<BTreeSet<AssessmentEventId>, AppError> {
    let Ok((_, own)) = leave_for_oneself(ctx) else { return Ok(BTreeSet::new()) };
    let silent = events.into_iter().filter(|event| !event.method.counts());
    let ids: Vec<AssessmentEventId> = silent.map(|event| event.id).collect();
    if ids.is_empty() {
        return Ok(BTreeSet::new());
    }
    Ok(reader_of(ctx, tx, &own).self_assessments(&ids).await?)
}

/// Leave to do something with an event: for those who assess with any; for a civil servant with a self-assessment that
/// is among their own.
fn leave(
    ctx: &Ctx,
    event: &AssessmentEvent,
    action: EventAction,
    own: &BTreeSet<AssessmentEventId>,
) -> Result<Pass, AppError> {
    match ctx.actor.allow(needs(action)) {
        Err(_) if own.contains(&event.id) => Ok(leave_for_oneself(ctx)?.0),
        allowed => Ok(allowed?),
    }
}

/// An event as this caller sees it, when `own` are their self-assessments.
fn event_seen(ctx: &Ctx, event: AssessmentEvent, own: &BTreeSet<AssessmentEventId>) -> AssessmentEventView {
    let mut allowed = event.allowed_actions().to_vec();
    allowed.retain(|action| leave(ctx, &event, *action, own).is_ok());
    AssessmentEventView::new(event, allowed)
}

/// An event as this caller sees it.
///
/// # Errors
/// The store's.
pub async fn event_view(
    ctx: &Ctx,
    tx: Option<&Tx<'_>>,
    event: AssessmentEvent,
) -> Result<AssessmentEventView, AppError> {
    let own = own_events(ctx, tx, [&event]).await?;
    Ok(event_seen(ctx, event, &own))
}

/// Leave to do something with a result.
fn leave_for_result(ctx: &Ctx, result: &AssessmentResult, action: ResultAction) -> Result<Pass, AppError> {
    let refused = match ctx.actor.allow(needs_for_result(action)) {
        Ok(pass) => return Ok(pass),
        Err(denied) => denied,
    };
    if result.method.counts() {
        return Err(refused.into());
    }
    Ok(ctx.actor.allow_own(Action::SelfAssess, result.employee)?)
}

/// A result as this caller sees it.
#[must_use]
pub fn result_view(ctx: &Ctx, row: ResultRow) -> AssessmentResultView {
    let result = &row.result;
    let own = ctx.actor.employees().any(|employee| employee == result.employee);
    let mut allowed = result.allowed_actions(row.event_state).to_vec();
    allowed
        .retain(|action| leave_for_result(ctx, result, *action).is_ok() && !(own && result.method.counts()));
    AssessmentResultView::new(row, allowed)
}

/// The people a user may not assess: whoever the user is or ever was in the agency, and the direct superiors of these.
pub(crate) async fn off_limits(
    reader: &Reader<'_>,
    user: UserId,
    today: NaiveDate,
) -> Result<BTreeSet<EmployeeId>, StoreError> {
    let mut people = BTreeSet::new();
    for employee in reader.employees_of_user(user).await? {
        people.insert(employee);
        let chain = reader.superior_chain(employee, today).await?;
        people.extend(chain.and_then(|chain| chain.superior).map(|superior| superior.employee));
    }
    Ok(people)
}

/// That nobody among `people` is the caller or the caller's direct superior, for results that count. Whoever the caller
/// ever was here, they are: nobody sheds the rule with a role of theirs.
async fn check_interest(
    ctx: &Ctx,
    tx: Option<&Tx<'_>>,
    method: Method,
    people: impl IntoIterator<Item = (EmployeeId, String)>,
) -> Result<(), AppError> {
    if !method.counts() {
        return Ok(());
    }
    let whole = whole(ctx, "whom a caller may not assess does not depend on whom they see");
    let reader = reader_of(ctx, tx, &whole);
    let off_limits = off_limits(&reader, ctx.actor.user, ctx.today()).await?;
    let mut found = Violations::new();
    for (employee, at) in people {
        found.check(off_limits.contains(&employee), || Violation::new(at, ViolationCode::ConflictOfInterest));
    }
    found.finish().map_err(|found| AppError::about(Problem::ConflictOfInterest, found))
}

/// How long results of a day are valid.
async fn validity(
    ctx: &Ctx,
    reader: &Reader<'_>,
    assessed_on: NaiveDate,
) -> Result<ValidityRubric, AppError> {
    let policies = reader.policies_for::<ValidityRubric>().await?;
    let policy = policy_on(
        &policies,
        reference::VALIDITY_POLICY,
        ctx.actor.agency,
        assessed_on,
        DateTime::<Utc>::MAX_UTC,
    );
    policy.map(|policy| policy.rubric).ok_or_else(|| {
        let first = policies.iter().map(|policy| policy.valid_from).min().unwrap_or(NaiveDate::MAX);
        let violation = Violation::new("/assessed_on", ViolationCode::OutOfRange);
        violation.with("min", first).with("max", NaiveDate::MAX).into()
    })
}

/// Assessment events the caller may see: those of people within their reach, and their own.
///
/// # Errors
/// The store's.
pub async fn list(
    ctx: &Ctx,
    query: AssessmentEventQuery,
    page: &PageRequest,
) -> Result<Page<AssessmentEventView>, AppError> {
    let scope = ctx.scope(Action::AssessmentRead)?;
    let AssessmentEventQuery { state, purpose, method, from, until, reference, cursor: _, limit: _ } = query;
    let mut found = Violations::new();
    let from = found.take(from.map(|on| day("/query/from", on)).transpose()).flatten();
    let until = found.take(until.map(|on| day("/query/until", on)).transpose()).flatten();
    found.finish()?;
    let filter = EventFilter {
        state: state.map(|Wire(state)| state),
        purpose: purpose.map(|Wire(purpose)| purpose),
        method: method.map(|Wire(method)| method),
        from,
        until,
        reference,
    };
    let Page { items, next } = ctx.read(&scope).assessment_events(&filter, page).await?;
    let own = own_events(ctx, None, &items).await?;
    Ok(Page { items: items.into_iter().map(|event| event_seen(ctx, event, &own)).collect(), next })
}

/// One assessment event.
///
/// # Errors
/// `NOT_FOUND`.
pub async fn get(ctx: &Ctx, id: AssessmentEventId) -> Result<(Version, AssessmentEventView), AppError> {
    let scope = ctx.scope(Action::AssessmentRead)?;
    let event = ctx.read(&scope).assessment_event(id).await?.ok_or(Problem::NotFound)?;
    Ok((event.version, event_view(ctx, None, event).await?))
}

/// Adds an assessment event, to enter results into.
///
/// # Errors
/// `FORBIDDEN`, `INVALID`.
pub async fn create(ctx: &Ctx, input: AssessmentEventPut) -> Result<Written, AppError> {
    let pass = match ctx.actor.allow(Action::AssessmentWrite) {
        Err(_) if input.method.0 == Method::SelfAssessment => leave_for_oneself(ctx)?.0,
        allowed => allowed?,
    };
    let event = input.into_domain(AssessmentEventId::new(), Version::FIRST)?;
    ctx.write(async |tx| {
        tx.assessment_event_insert(&pass, &event).await?;
        let view = event_view(ctx, Some(tx), event.clone()).await?;
        let done = Event::new(Resource::AssessmentEvent, event.id, "CREATED");
        let location = format!("/v1/assessment-events/{}", event.id);
        let reply = created(&view, event.version, location);
        Ok(tx.record(&pass, &done, Some(json!(view))).with(reply))
    })
    .await
}

/// The event as it stands. Within a transaction it and its results are held from here on: nothing changes between what is
/// checked and what is written.
async fn held(
    ctx: &Ctx,
    tx: Option<&Tx<'_>>,
    scope: &Scope,
    id: AssessmentEventId,
) -> Result<AssessmentEvent, AppError> {
    let seen = reader_of(ctx, tx, scope).assessment_event(id).await?.ok_or(Problem::NotFound)?;
    match tx {
        Some(tx) => Ok(tx.assessment_event_lock(scope, id).await?.ok_or(Problem::NotFound)?),
        None => Ok(seen),
    }
}

/// The event to do `action` with, once the caller may and has seen it as it stands.
async fn found(
    ctx: &Ctx,
    tx: Option<&Tx<'_>>,
    scope: &Scope,
    id: AssessmentEventId,
    action: EventAction,
) -> Result<(Pass, AssessmentEvent), AppError> {
    let event = held(ctx, tx, scope, id).await?;
    let pass = leave(ctx, &event, action, &own_events(ctx, tx, [&event]).await?)?;
    ctx.expect_version(event.version)?;
    event.require(action)?;
    Ok((pass, event))
}

/// Replaces what a draft says of itself.
///
/// # Errors
/// `NOT_FOUND`, `FORBIDDEN`, `STALE`, `INVALID`, `ASSESSMENT_STATE`.
pub async fn replace(
    ctx: &Ctx,
    id: AssessmentEventId,
    input: AssessmentEventPut,
) -> Result<Written, AppError> {
    let scope = ctx.scope(Action::AssessmentRead)?;
    let whole = whole(ctx, "whether an event has results does not depend on whom the caller sees");
    ctx.write(async |tx| {
        let (pass, before) = found(ctx, Some(tx), &scope, id, EventAction::Edit).await?;
        let event = input.clone().into_domain(id, before.version)?;
        if before.method.counts() != event.method.counts() {
            // What counts is not recorded by the person it is about, nor made to count afterwards.
            let empty = ctx.read_in(tx, &whole).assessment_results_of(id).await?.is_empty();
            if !(empty && ctx.actor.can(Action::AssessmentWrite)) {
                return Err(AppError::invalid("/method", ViolationCode::Immutable));
            }
        }
        let after = tx.assessment_event_update(&pass, &event).await?;
        let version = after.version;
        let before = event_view(ctx, Some(tx), before).await?;
        let view = event_view(ctx, Some(tx), after).await?;
        let done = Event::new(Resource::AssessmentEvent, id, "REPLACED");
        let changes = json!({"before": before, "after": view});
        Ok(tx.record(&pass, &done, Some(changes)).with(replaced(&view, version)))
    })
    .await
}

/// Makes the results of an event final.
///
/// # Errors
/// `NOT_FOUND`, `FORBIDDEN`, `STALE`, `ASSESSMENT_STATE`, `ASSESSMENT_EMPTY`, `CONFLICT_OF_INTEREST`, `INVALID`.
pub async fn sign_off(ctx: &Ctx, id: AssessmentEventId) -> Result<Written, AppError> {
    let scope = ctx.scope(Action::AssessmentRead)?;
    let whole = whole(ctx, "an event is signed off with all its results");
    ctx.write(async |tx| {
        let (pass, event) = found(ctx, Some(tx), &scope, id, EventAction::SignOff).await?;
        let reader = ctx.read_in(tx, &whole);
        let results = reader.assessment_results_of(id).await?;
        check_interest(ctx, Some(tx), event.method, people_of(&results)).await?;
        let ids: Vec<AssessmentResultId> = results.iter().map(|result| result.id).collect();
        let validity = validity(ctx, &reader, event.assessed_on).await?;
        let signed = event.sign_off(ctx.actor.user, results, validity, ctx.today(), tx.now());
        let (event, results) = signed.map_err(|error| named_by_id(error.into(), &ids))?;
        let event = tx.assessment_event_sign_off(&pass, &event, &results).await?;
        let version = event.version;
        let view = event_view(ctx, Some(tx), event).await?;
        let done = Event::new(Resource::AssessmentEvent, id, "SIGNED_OFF");
        let changes = json!({"event": view, "results": ids});
        Ok(tx.record(&pass, &done, Some(changes)).with(replaced(&view, version)))
    })
    .await
}

/// Whose results these are, each at its place.
fn people_of(results: &[AssessmentResult]) -> impl Iterator<Item = (EmployeeId, String)> {
    results.iter().map(|result| (result.employee, format!("/results/{}", result.id)))
}

/// The same error with results named by id where their place in an order the caller does not know stands.
fn named_by_id(mut error: AppError, ids: &[AssessmentResultId]) -> AppError {
    for violation in &mut error.violations {
        let place = violation.pointer.strip_prefix("/results/").and_then(|rest| rest.split_once('/'));
        let named = place.and_then(|(index, rest)| {
            let id = ids.get(index.parse::<usize>().ok()?)?;
            Some(format!("/results/{id}/{rest}"))
        });
        if let Some(named) = named {
            violation.pointer = named;
        }
    }
    error
}

/// Calls an event off; its results never count.
///
/// # Errors
/// `NOT_FOUND`, `FORBIDDEN`, `STALE`, `ASSESSMENT_STATE`, `CONFLICT_OF_INTEREST`.
pub async fn cancel(ctx: &Ctx, id: AssessmentEventId) -> Result<Written, AppError> {
    let scope = ctx.scope(Action::AssessmentRead)?;
    let whole = whole(ctx, "an event is called off with all its results");
    ctx.write(async |tx| {
        let (pass, event) = found(ctx, Some(tx), &scope, id, EventAction::Cancel).await?;
        let results = ctx.read_in(tx, &whole).assessment_results_of(id).await?;
        check_interest(ctx, Some(tx), event.method, people_of(&results)).await?;
        let event = tx.assessment_event_update(&pass, &event.cancel()?).await?;
        let version = event.version;
        let view = event_view(ctx, Some(tx), event).await?;
        let done = Event::new(Resource::AssessmentEvent, id, "CANCELLED");
        Ok(tx.record(&pass, &done, Some(json!(view))).with(replaced(&view, version)))
    })
    .await
}

/// Finds the people and competencies results name, and checks how long the results are valid.
struct Drafting<'a> {
    event: &'a AssessmentEvent,
    validity: ValidityRubric,
    people: &'a Reader<'a>,
    competencies: Lookup<'a>,
    known: BTreeMap<EmployeeName, Option<EmployeeId>>,
    seen: BTreeSet<(EmployeeId, CompetencyId)>,
}

impl Drafting<'_> {
    async fn employee(&mut self, name: &EmployeeName) -> Result<Option<EmployeeId>, AppError> {
        if let Some(known) = self.known.get(name) {
            return Ok(*known);
        }
        let row = match name {
            EmployeeName::Id(id) => self.people.employee(*id).await?,
            EmployeeName::Nip(nip) => self.people.employee_by_nip(nip).await?,
        };
        let found = row.map(|row| row.employee.id);
        self.known.insert(name.clone(), found);
        Ok(found)
    }

    /// The result `ask` describes, or every value of it that cannot stand.
    async fn result(
        &mut self,
        at: &str,
        ask: ResultAsk,
    ) -> Result<Result<AssessmentResult, Vec<Violation>>, AppError> {
        let ResultAsk { employee: who, competency: what, level, evidence, assessor, valid_until } = ask;
        let mut found = Violations::new();
        let employee = self.employee(&who).await?;
        found.check(employee.is_none(), || {
            let property = if matches!(who, EmployeeName::Id(_)) { "employee_id" } else { "nip" };
            Violation::new(format!("{at}/{property}"), ViolationCode::NotFound)
        });
        let competency = self.competencies.published(&what).await?;
        found.check(competency.is_none(), || unknown_competency(at, &what));
        let assessed_on = self.event.assessed_on;
        let last = self.validity.last_day(assessed_on);
        let valid_until = valid_until.unwrap_or(last);
        found.check(!(assessed_on..=last).contains(&valid_until), || {
            let violation = Violation::new(format!("{at}/valid_until"), ViolationCode::OutOfRange);
            violation.with("min", assessed_on).with("max", last)
        });
        if let (Some(employee), Some(competency)) = (employee, &competency) {
            found.check(!self.seen.insert((employee, competency.id)), || {
                Violation::new(at, ViolationCode::Duplicate)
            });
        }
        match (employee, competency) {
            (Some(employee), Some(competency)) if found.is_empty() => Ok(Ok(AssessmentResult {
                id: AssessmentResultId::new(),
                event: self.event.id,
                employee,
                competency: competency.id,
                competency_agency: competency.agency,
                level,
                evidence,
                assessor,
                assessed_on,
                valid_until,
                recorded_at: None,
                superseded_at: None,
                supersedes: None,
                reason: None,
                method: self.event.method,
                purpose: self.event.purpose,
            })),
            _ => Ok(Err(found.into_sorted())),
        }
    }
}

/// Every result of a request, checked by itself.
async fn draft_results(
    ctx: &Ctx,
    tx: Option<&Tx<'_>>,
    event: &AssessmentEvent,
    asks: Vec<Result<ResultAsk, Vec<Violation>>>,
) -> Result<Vec<Result<AssessmentResult, Vec<Violation>>>, AppError> {
    // Whoever assesses may name anybody in the agency; a civil servant only themself.
    let scope = if ctx.actor.can(Action::AssessmentWrite) {
        whole(ctx, "whoever assesses does so for anybody in the agency")
    } else {
        ctx.scope(Action::SelfAssess)?
    };
    let people = reader_of(ctx, tx, &scope);
    let mut drafting = Drafting {
        event,
        validity: validity(ctx, &people, event.assessed_on).await?,
        people: &people,
        competencies: Lookup::new(&people),
        known: BTreeMap::new(),
        seen: BTreeSet::new(),
    };
    let mut drafted = Vec::with_capacity(asks.len());
    for (index, ask) in asks.into_iter().enumerate() {
        drafted.push(match ask {
            Ok(ask) => drafting.result(&format!("/items/{index}"), ask).await?,
            Err(found) => Err(found),
        });
    }
    Ok(drafted)
}

/// What the audit trail keeps of a result: ids, the level and days. It cannot be rewritten, so no name, identity number
/// or remark goes in.
fn trail(result: &AssessmentResult) -> Value {
    json!({
        "id": result.id,
        "event_id": result.event,
        "employee_id": result.employee,
        "competency_id": result.competency,
        "level": result.level,
        "assessed_on": result.assessed_on,
        "valid_until": result.valid_until,
    })
}

/// What results to write: the event, the caller's leave, and each result by itself.
struct Checked {
    pass: Pass,
    event: AssessmentEvent,
    drafted: Vec<Result<AssessmentResult, Vec<Violation>>>,
}

async fn check_results(
    ctx: &Ctx,
    tx: Option<&Tx<'_>>,
    id: AssessmentEventId,
    atomic: bool,
    input: AssessmentResultsPut,
) -> Result<Checked, AppError> {
    let scope = ctx.scope(Action::AssessmentRead)?;
    let (pass, event) = found(ctx, tx, &scope, id, EventAction::Edit).await?;
    let drafted = draft_results(ctx, tx, &event, input.into_domain(ctx.today())?).await?;
    let people = drafted.iter().enumerate().filter_map(|(index, drafted)| {
        let result = drafted.as_ref().ok()?;
        Some((result.employee, format!("/items/{index}")))
    });
    check_interest(ctx, tx, event.method, people).await?;
    let refused: Vec<Violation> =
        drafted.iter().filter_map(|one| one.as_ref().err()).flatten().cloned().collect();
    let none = drafted.iter().all(Result::is_err);
    if !refused.is_empty() && (atomic || none) {
        Err(refused.into())
    } else {
        Ok(Checked { pass, event, drafted })
    }
}

/// What became of each result; `written` are those that were, in the order sent.
fn outcome(
    event: AssessmentEventId,
    drafted: &[Result<AssessmentResult, Vec<Violation>>],
    written: Option<&[AssessmentResult]>,
) -> AssessmentResultsView {
    let mut ids = written.unwrap_or_default().iter().map(|result| result.id.uuid());
    let items = drafted.iter().map(|one| match one {
        Ok(_) => ResultOutcomeView { accepted: true, result_id: ids.next(), errors: Vec::new() },
        Err(found) => ResultOutcomeView {
            accepted: false,
            result_id: None,
            errors: found.iter().map(ResultErrorView::from).collect(),
        },
    });
    AssessmentResultsView { event_id: event.uuid(), written: written.is_some(), items: items.collect() }
}

/// Writes results into a draft event: all of them, or with `atomic=false` those that can stand. With `dry_run=true` they
/// are only checked.
///
/// # Errors
/// `NOT_FOUND`, `FORBIDDEN`, `STALE`, `ASSESSMENT_STATE`, `CONFLICT_OF_INTEREST`, `INVALID` (one cannot stand; with
/// `atomic=false`, none can).
pub async fn results_put(
    ctx: &Ctx,
    id: AssessmentEventId,
    query: AssessmentResultsQuery,
    input: AssessmentResultsPut,
) -> Result<Written, AppError> {
    let AssessmentResultsQuery { atomic, dry_run } = query;
    let atomic = atomic.unwrap_or(true);
    if dry_run.unwrap_or(false) {
        let Checked { pass: _, event, drafted } = check_results(ctx, None, id, atomic, input).await?;
        return Ok(Written::Done(replaced(&outcome(id, &drafted, None), event.version)));
    }
    let scope = ctx.scope(Action::AssessmentRead)?;
    ctx.write(async |tx| {
        let Checked { pass, event, drafted } =
            check_results(ctx, Some(tx), id, atomic, input.clone()).await?;
        let results: Vec<AssessmentResult> =
            drafted.iter().filter_map(|one| one.as_ref().ok()).cloned().collect();
        let (event, written) = tx.assessment_results_put(&pass, &event, &results).await?;
        let done = Event::new(Resource::AssessmentEvent, id, "RESULTS_ENTERED");
        let entered: Vec<Value> = written.iter().map(trail).collect();
        ctx.note_access_in(tx, &scope, written.iter().map(|one| one.employee));
        let reply = replaced(&outcome(id, &drafted, Some(&written)), event.version);
        Ok(tx.record(&pass, &done, Some(json!({"results": entered}))).with(reply))
    })
    .await
}

/// Results of the people the caller may see.
///
/// # Errors
/// The store's.
pub async fn results(
    ctx: &Ctx,
    query: AssessmentResultQuery,
    page: &PageRequest,
) -> Result<Page<ResultRow>, AppError> {
    let scope = ctx.scope(Action::AssessmentRead)?;
    let AssessmentResultQuery {
        employee_id,
        competency_id,
        event_id,
        final_only,
        counting_on,
        cursor: _,
        limit: _,
    } = query;
    let counting_on = counting_on.map(|on| day("/query/counting_on", on)).transpose()?;
    let filter = ResultFilter {
        employee: employee_id.map(EmployeeId::from),
        competency: competency_id.map(CompetencyId::from),
        event: event_id.map(AssessmentEventId::from),
        final_only: final_only.unwrap_or(false),
        counting_on,
    };
    let page = ctx.read(&scope).assessment_results(&filter, page).await?;
    ctx.note_access(&scope, page.items.iter().map(|row| row.result.employee)).await?;
    Ok(page)
}

/// One result.
///
/// # Errors
/// `NOT_FOUND`.
pub async fn result(ctx: &Ctx, id: AssessmentResultId) -> Result<ResultRow, AppError> {
    let scope = ctx.scope(Action::AssessmentRead)?;
    let row = ctx.read(&scope).assessment_result(id).await?.ok_or(Problem::NotFound)?;
    ctx.note_access(&scope, [row.result.employee]).await?;
    Ok(row)
}

/// Throws a result of a draft event away.
///
/// # Errors
/// `NOT_FOUND`, `FORBIDDEN`, `STALE`, `CONFLICT_OF_INTEREST`, `ASSESSMENT_RESULT_STATE`.
pub async fn result_delete(ctx: &Ctx, id: AssessmentResultId) -> Result<Written, AppError> {
    let scope = ctx.scope(Action::AssessmentRead)?;
    ctx.write(async |tx| {
        let reader = ctx.read_in(tx, &scope);
        let seen = reader.assessment_result(id).await?.ok_or(Problem::NotFound)?;
        let event = tx.assessment_event_lock(&scope, seen.result.event).await?.ok_or(Problem::NotFound)?;
        let row = reader.assessment_result(id).await?.ok_or(Problem::NotFound)?;
        let pass = leave_for_result(ctx, &row.result, ResultAction::Delete)?;
        ctx.expect_version(result_version(&row.result))?;
        let people = [(row.result.employee, "/employee_id".to_owned())];
        check_interest(ctx, Some(tx), row.result.method, people).await?;
        row.result.require(ResultAction::Delete, event.state)?;
        tx.assessment_result_delete(&pass, &event, id).await?;
        let done = Event::new(Resource::AssessmentResult, id, "DELETED");
        Ok(tx.record(&pass, &done, Some(trail(&row.result))).with(gone()))
    })
    .await
}

/// Puts a corrected result in the place of a final one.
///
/// # Errors
/// `NOT_FOUND`, `FORBIDDEN`, `STALE`, `CONFLICT_OF_INTEREST`, `ASSESSMENT_RESULT_STATE`, `INVALID`.
pub async fn result_supersede(
    ctx: &Ctx,
    id: AssessmentResultId,
    input: ResultSupersession,
) -> Result<Written, AppError> {
    let scope = ctx.scope(Action::AssessmentRead)?;
    ctx.write(async |tx| {
        let reader = ctx.read_in(tx, &scope);
        let before = reader.assessment_result(id).await?.ok_or(Problem::NotFound)?;
        let result = before.result.clone();
        let pass = leave_for_result(ctx, &result, ResultAction::Supersede)?;
        ctx.expect_version(result_version(&result))?;
        let people = [(result.employee, "/employee_id".to_owned())];
        check_interest(ctx, Some(tx), result.method, people).await?;
        let correction = input.clone().into_domain(AssessmentResultId::new())?;
        let validity = validity(ctx, &reader, result.assessed_on).await?;
        let (_, right) = result.supersede(correction, validity, tx.now())?;
        let right = tx.assessment_result_supersede(&pass, &right).await?;
        ctx.note_access_in(tx, &scope, [right.employee]);
        let changes = json!({"before": trail(&before.result), "after": trail(&right)});
        let location = Some(format!("/v1/assessment-results/{}", right.id));
        let version = result_version(&right);
        // The event, the person and the competency are those of the result that was wrong.
        let view = result_view(ctx, ResultRow { result: right, ..before });
        let done = Event::new(Resource::AssessmentResult, id, "SUPERSEDED");
        let reply = Reply { location, ..replaced(&view, version) };
        Ok(tx.record(&pass, &done, Some(changes)).with(reply))
    })
    .await
}
