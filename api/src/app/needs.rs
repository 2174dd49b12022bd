//! Needs analyses: gathered from assessments and proposals, verified by the unit, validated by the agency.

use std::collections::{BTreeMap, BTreeSet};

use access::{Action, Pass, People, Role, Scope};
use chrono::{DateTime, Datelike as _, NaiveDate, Utc};
use competency::{PolicyRef, PolicyVersion, policy_on, shown};
use development::{
    JP_TARGET_POLICY, JpTargetRubric, NEED_PRIORITY_POLICY, Need, NeedAction, NeedClaim, NeedFacts, NeedKey,
    NeedOrigin, NeedSpeaker, NeedsAction, NeedsAnalysis, NeedsCaller, NeedsCoverage, NeedsDeadlines,
    NeedsError, NeedsParty, Plan, Priority, PriorityRubric, merged,
};
use kernel::{
    EmployeeId, Event, LongText, NeedId, NeedsAnalysisId, Page, PolicyId, Resource, UnitId, Version,
    Violation, ViolationCode, Violations,
};
use serde_json::{Value, json};
use store::{
    KnownNeed, NeedDraft, NeedGround, NeedRow, NeedsAnalysisRow, NeedsCoverageLine, NeedsGroup, NeedsPerson,
    NeedsStepDraft, NeedsTransitionRow, PageRequest, Reader, Recorded, Reply, Tx, Written,
};

use crate::app::competencies::{Lookup, unknown_competency};
use crate::app::{AppError, Ctx};
use crate::dto::needs::{NeedPriorityPut, NeedQuery, NeedView, NeedsPropose, NeedsView, ProposalAsk};
use crate::dto::needs_analyses::{
    NeedsAnalysisCreate, NeedsAnalysisQuery, NeedsAnalysisView, NeedsDeadlinesPut, NeedsDeadlinesView,
    NeedsReason,
};
use crate::dto::needs_coverage::NeedsCoverageQuery;
use crate::dto::{created, jp_ledger, replaced};
use crate::problems::Problem;

/// An analysis with what the caller is to it.
#[derive(Clone, Debug)]
pub struct Analysed {
    /// The analysis.
    pub row: NeedsAnalysisRow,
    /// The version of the rubric its priorities are computed by.
    pub policy: PolicyRef,
    /// Whom it covers; none for whoever may not see the whole unit.
    pub coverage: Option<NeedsCoverage>,
    /// What the caller is to it.
    pub parties: Vec<NeedsParty>,
    /// What the caller may do with it now.
    pub allowed: Vec<NeedsAction>,
}

/// A need with what its priority is made of, and what the caller may do with it.
#[derive(Clone, Debug)]
pub struct ShownNeed {
    /// The need.
    pub row: NeedRow,
    /// The computed priority.
    pub priority: Priority,
    /// What the caller may do with it now.
    pub allowed: Vec<NeedAction>,
}

/// Whom the analyses of a year cover.
#[derive(Clone, Debug)]
pub struct CoverageFound {
    /// The year.
    pub year: i32,
    /// The unit it is about; none for the agency.
    pub unit: Option<UnitId>,
    /// The day people are counted on.
    pub as_of: NaiveDate,
    /// Whether single people must not be told apart.
    pub rounded: bool,
    /// The year's deadlines.
    pub deadlines: Option<NeedsDeadlines>,
    /// Everybody, where that may be shown.
    pub total: Option<NeedsCoverage>,
    /// The parts, each with whether its figures may be shown.
    pub lines: Vec<(NeedsCoverageLine, bool)>,
}

/// The rubric an analysis is computed by.
type Rubric = PolicyVersion<PriorityRubric>;

fn reader<'a>(ctx: &'a Ctx, tx: Option<&'a Tx<'_>>, scope: &'a Scope) -> Reader<'a> {
    tx.map_or_else(|| ctx.read(scope), |tx| ctx.read_in(tx, scope))
}

/// What the caller is to the analysis of a unit, for a year with these deadlines.
async fn standing(
    ctx: &Ctx,
    tx: Option<&Tx<'_>>,
    (unit, deadlines): (UnitId, Option<NeedsDeadlines>),
) -> Result<NeedsCaller, AppError> {
    let actor = &ctx.actor;
    let mut parties = BTreeSet::new();
    if let Ok(scope) = actor.scope(Action::NeedsWrite) {
        let reach = reader(ctx, tx, &scope).needs_reach(unit).await?;
        parties.extend(reach.somebody.then_some(NeedsParty::Proposer));
        parties.extend(reach.unit.then_some(NeedsParty::Unit));
    }
    if actor.can(Action::NeedsValidate) {
        parties.insert(NeedsParty::Agency);
    }
    let machine = actor.grants.iter().all(|grant| grant.role == Role::Integration);
    // Only who may validate is asked for other accounts.
    let accounts = if parties.contains(&NeedsParty::Agency) {
        reader(ctx, tx, &actor.oneself()).same_person(actor.user).await?.into_iter().collect()
    } else {
        BTreeSet::new()
    };
    let late = deadlines.is_some_and(|days| ctx.today() > days.collect_by);
    Ok(NeedsCaller { user: actor.user, accounts, late, parties, machine })
}

/// The proof that the caller may do `action`, which they were found to be a party to.
fn pass(ctx: &Ctx, caller: &NeedsCaller, action: NeedsAction) -> Result<Pass, AppError> {
    let agency = matches!(action, NeedsAction::Return | NeedsAction::Validate | NeedsAction::Reopen);
    let unit = [NeedsParty::Unit, NeedsParty::Proposer].iter().any(|party| caller.parties.contains(party));
    if unit && !agency {
        return Ok(ctx.actor.allow_reached(Action::NeedsWrite, true)?);
    }
    Ok(ctx.actor.allow(Action::NeedsValidate)?)
}

/// The rubric that applies today.
async fn rubric_today(ctx: &Ctx, reader: &Reader<'_>) -> Result<Rubric, AppError> {
    let versions = reader.policies_for::<PriorityRubric>().await?;
    let (agency, known_at) = (ctx.actor.agency, DateTime::<Utc>::MAX_UTC);
    let policy = policy_on(&versions, NEED_PRIORITY_POLICY, agency, ctx.today(), known_at);
    Ok(policy.cloned().ok_or(Problem::Internal)?)
}

/// The version of the rubric an analysis is computed by.
async fn rubric_of(reader: &Reader<'_>, id: PolicyId) -> Result<Rubric, AppError> {
    let versions = reader.policies_for::<PriorityRubric>().await?;
    Ok(versions.into_iter().find(|version| version.id == id).ok_or(Problem::Internal)?)
}

/// Analyses of the units and people the caller may see.
///
/// # Errors
/// `FORBIDDEN`, `INVALID`.
pub async fn list(
    ctx: &Ctx,
    query: NeedsAnalysisQuery,
    page: &PageRequest,
) -> Result<Page<NeedsAnalysisRow>, AppError> {
    let scope = ctx.scope(Action::NeedsRead)?;
    let filter = query.into_filter()?;
    Ok(ctx.read(&scope).needs_analyses(&filter, page).await?)
}

/// One analysis.
///
/// # Errors
/// `FORBIDDEN`, `NOT_FOUND`.
pub async fn get(ctx: &Ctx, id: NeedsAnalysisId) -> Result<Analysed, AppError> {
    let scope = ctx.scope(Action::NeedsRead)?;
    analysed(ctx, None, &scope, id).await
}

async fn analysed(
    ctx: &Ctx,
    tx: Option<&Tx<'_>>,
    scope: &Scope,
    id: NeedsAnalysisId,
) -> Result<Analysed, AppError> {
    let reader = reader(ctx, tx, scope);
    let row = reader.needs_analysis(id).await?.ok_or(Problem::NotFound)?;
    let caller = standing(ctx, tx, (row.analysis.unit, row.deadlines)).await?;
    let coverage = if reader.needs_reach(row.analysis.unit).await?.unit {
        Some(reader.needs_coverage_of(row.analysis.unit, row.analysis.year).await?)
    } else {
        None
    };
    let policy = rubric_of(&reader, row.analysis.policy).await?.cite();
    let allowed = row.analysis.allowed_actions(&caller);
    Ok(Analysed { row, policy, coverage, parties: caller.parties.into_iter().collect(), allowed })
}

/// The steps of an analysis's life.
///
/// # Errors
/// `FORBIDDEN`, `NOT_FOUND`.
pub async fn transitions(
    ctx: &Ctx,
    id: NeedsAnalysisId,
    page: &PageRequest,
) -> Result<Page<NeedsTransitionRow>, AppError> {
    let scope = ctx.scope(Action::NeedsRead)?;
    let reader = ctx.read(&scope);
    reader.needs_analysis(id).await?.ok_or(Problem::NotFound)?;
    Ok(reader.needs_transitions(id, page).await?)
}

/// Needs of an analysis, of the people the caller may see, the most urgent first.
///
/// # Errors
/// `FORBIDDEN`, `NOT_FOUND`.
pub async fn needs(
    ctx: &Ctx,
    id: NeedsAnalysisId,
    query: NeedQuery,
    page: &PageRequest,
) -> Result<Page<ShownNeed>, AppError> {
    let scope = ctx.scope(Action::NeedsRead)?;
    let reader = ctx.read(&scope);
    let row = reader.needs_analysis(id).await?.ok_or(Problem::NotFound)?;
    let caller = standing(ctx, None, (row.analysis.unit, row.deadlines)).await?;
    let rubric = rubric_of(&reader, row.analysis.policy).await?;
    let found = reader.needs(id, &query.into_filter(), page).await?;
    ctx.note_access(&scope, found.items.iter().map(|row| row.need.key.employee)).await?;
    Ok(found.map(|need| shown_need(&row.analysis, &caller, &rubric, need)))
}

/// One need.
///
/// # Errors
/// `FORBIDDEN`, `NOT_FOUND`.
pub async fn need(ctx: &Ctx, id: NeedsAnalysisId, need: NeedId) -> Result<ShownNeed, AppError> {
    let scope = ctx.scope(Action::NeedsRead)?;
    let reader = ctx.read(&scope);
    let row = reader.needs_analysis(id).await?.ok_or(Problem::NotFound)?;
    let found = reader.needs_named(id, &[need]).await?.pop().ok_or(Problem::NotFound)?;
    let caller = standing(ctx, None, (row.analysis.unit, row.deadlines)).await?;
    let rubric = rubric_of(&reader, row.analysis.policy).await?;
    ctx.note_access(&scope, [found.need.key.employee]).await?;
    Ok(shown_need(&row.analysis, &caller, &rubric, found))
}

fn shown_need(analysis: &NeedsAnalysis, caller: &NeedsCaller, rubric: &Rubric, row: NeedRow) -> ShownNeed {
    let priority = Priority::of(&row.need, &row.facts, &rubric.rubric);
    let allowed = analysis.need_actions(caller, row.dropped.is_some());
    ShownNeed { row, priority, allowed }
}

/// Begins a unit's analysis, and gathers it.
///
/// # Errors
/// `FORBIDDEN`, `INVALID`; `ALREADY_EXISTS` when the unit, one above or one under it has begun.
pub async fn create(ctx: &Ctx, input: NeedsAnalysisCreate) -> Result<Written, AppError> {
    let scope = ctx.scope(Action::NeedsRead)?;
    let NeedsAnalysisCreate { unit_id, year } = input;
    let unit = UnitId::from(unit_id);
    ctx.write(async |tx| {
        let reader = ctx.read_in(tx, &scope);
        if reader.unit(unit).await?.is_none() {
            return Err(AppError::invalid("/unit_id", ViolationCode::NotFound));
        }
        let caller = standing(ctx, Some(tx), (unit, None)).await?;
        if !caller.parties.contains(&NeedsParty::Unit) && !caller.parties.contains(&NeedsParty::Agency) {
            return Err(Problem::Forbidden.into());
        }
        let pass = pass(ctx, &caller, NeedsAction::Gather)?;
        let today = ctx.today();
        if !Plan::year_is_open(year, today) {
            let violation = Violation::new("/year", ViolationCode::OutOfRange);
            return Err(violation.with("min", today.year()).with("max", today.year() + 1).into());
        }
        tx.needs_begin_lock(&pass).await?;
        if reader.needs_begun(unit, year).await? {
            let violation = Violation::new("/unit_id", ViolationCode::Taken);
            return Err(AppError::about(Problem::AlreadyExists, vec![violation]));
        }
        let rubric = rubric_today(ctx, &reader).await?;
        let analysis = NeedsAnalysis::begin(NeedsAnalysisId::new(), (unit, year), rubric.id, ctx.now);
        tx.needs_analysis_insert(&pass, &analysis).await?;
        let found = gathered(ctx, tx, &pass, &analysis, &rubric).await?;
        let parties = caller.parties.into_iter().collect();
        let step = NeedsStepDraft { action: None, from: None, to: analysis.state, parties, reason: None };
        tx.needs_step(&pass, analysis.id, &step).await?;
        let view = NeedsAnalysisView::new(analysed(ctx, Some(tx), &scope, analysis.id).await?, today);
        let event = Event::new(Resource::NeedsAnalysis, analysis.id, "CREATED");
        let reply = created(&view, analysis.version, format!("/v1/needs-analyses/{}", analysis.id));
        let changes = json!({"unit_id": unit, "year": year, "state": analysis.state, "needs": found});
        Ok(tx.record(&pass, &event, Some(changes)).with(reply))
    })
    .await
}

/// Everybody whom the caller sees or not serves in the unit: an analysis is of all of them.
fn everybody(ctx: &Ctx) -> Scope {
    Scope::system(ctx.actor.agency, "an analysis gathers the needs of everybody in its unit")
}

/// Gathers what follows from assessments into an analysis, with what people brought before; how many needs that makes. What
/// was dropped stays so; what stands in an analysis that is verified stays there.
async fn gathered(
    ctx: &Ctx,
    tx: &Tx<'_>,
    pass: &Pass,
    analysis: &NeedsAnalysis,
    rubric: &Rubric,
) -> Result<usize, AppError> {
    let scope = everybody(ctx);
    let reader = ctx.read_in(tx, &scope);
    let people = reader.needs_people(group(analysis), None).await?;
    let ids: Vec<EmployeeId> = people.keys().copied().collect();
    tx.needs_lock(pass.agency(), analysis.id, &ids).await?;
    let of = (analysis.id, analysis.year);
    let known = reader.needs_known(of, &ids, None).await?;
    let elsewhere =
        |key: &NeedKey| known.get(key).is_some_and(|known| known.fixed && known.analysis != analysis.id);
    let brought = known.values().flat_map(|known| &known.claims);
    let brought: Vec<NeedClaim> = brought.filter(|claim| !claim.origin.is_gathered()).cloned().collect();
    let claims = reader.needs_gathered(group(analysis), analysis.year).await?;
    let claims = claims.into_iter().chain(brought).filter(|claim| !elsewhere(&claim.key));
    let overdue = overdue(ctx, &reader, &ids).await?;
    let drafts = drafts(merged(claims), rubric, &known, |key, before| match people.get(&key.employee) {
        Some(person) => facts(person, overdue.contains(&key.employee)),
        // Who has moved away keeps what others brought for them, as it stood.
        None => before.map(|known| known.facts).unwrap_or_default(),
    });
    tx.needs_put(pass, of, &drafts).await?;
    tx.needs_prune(pass, analysis.id, &drafts).await?;
    tx.needs_touch(pass, &left(analysis.id, &known, &drafts)).await?;
    Ok(drafts.len())
}

/// Whom an analysis is of.
const fn group(analysis: &NeedsAnalysis) -> NeedsGroup {
    NeedsGroup::Analysed(analysis.unit, analysis.year)
}

fn facts(person: &NeedsPerson, jp_overdue: bool) -> NeedFacts {
    let NeedsPerson { job_class, is_head } = *person;
    NeedFacts { job_class: Some(job_class), is_head, jp_overdue }
}

/// The needs as they are written: under the identifiers they have, with the priority the rubric gives them.
fn drafts(
    needs: Vec<Need>,
    rubric: &Rubric,
    known: &BTreeMap<NeedKey, KnownNeed>,
    facts: impl Fn(&NeedKey, Option<&KnownNeed>) -> NeedFacts,
) -> Vec<NeedDraft> {
    let draft = |need: Need| {
        let before = known.get(&need.key);
        let facts = facts(&need.key, before);
        let priority = Priority::of(&need, &facts, &rubric.rubric).value();
        NeedDraft { id: before.map_or_else(NeedId::new, |known| known.id), need, facts, priority }
    };
    needs.into_iter().map(draft).collect()
}

/// The other analyses these needs stood in: their people have moved.
fn left(
    analysis: NeedsAnalysisId,
    known: &BTreeMap<NeedKey, KnownNeed>,
    drafts: &[NeedDraft],
) -> Vec<NeedsAnalysisId> {
    let before = drafts.iter().filter_map(|draft| known.get(&draft.need.key)).map(|known| known.analysis);
    let others: BTreeSet<_> = before.filter(|other| *other != analysis).collect();
    others.into_iter().collect()
}

/// Those of these people who fell short of the floor of learning hours in the last year that is over.
async fn overdue(
    ctx: &Ctx,
    reader: &Reader<'_>,
    people: &[EmployeeId],
) -> Result<BTreeSet<EmployeeId>, AppError> {
    let Some(day) = NaiveDate::from_ymd_opt(ctx.today().year() - 1, 12, 31) else {
        return Ok(BTreeSet::new());
    };
    let versions = reader.policies_for::<JpTargetRubric>().await?;
    let policy = policy_on(&versions, JP_TARGET_POLICY, ctx.actor.agency, day, DateTime::<Utc>::MAX_UTC);
    match policy {
        Some(policy) => Ok(reader.jp_short_on(&policy.rubric, day, people).await?),
        None => Ok(BTreeSet::new()),
    }
}

/// An analysis to do `action` with, locked, once the caller has been found to be somebody who ever may.
async fn found(
    ctx: &Ctx,
    tx: &Tx<'_>,
    scope: &Scope,
    (id, people): (NeedsAnalysisId, &[EmployeeId]),
    action: NeedsAction,
) -> Result<(NeedsAnalysis, NeedsCaller, Pass), AppError> {
    tx.needs_lock(scope.agency(), id, people).await?;
    let row = ctx.read_in(tx, scope).needs_analysis(id).await?.ok_or(Problem::NotFound)?;
    let caller = standing(ctx, Some(tx), (row.analysis.unit, row.deadlines)).await?;
    if let Err(NeedsError::NotParty) = row.analysis.permit(action, &caller) {
        return Err(NeedsError::NotParty.into());
    }
    let pass = pass(ctx, &caller, action)?;
    Ok((row.analysis, caller, pass))
}

/// What happened, in the past tense.
const fn what(action: NeedsAction) -> &'static str {
    match action {
        NeedsAction::Gather => "GATHERED",
        NeedsAction::Propose => "PROPOSED",
        NeedsAction::Edit => "EDITED",
        NeedsAction::Verify => "VERIFIED",
        NeedsAction::Withdraw => "WITHDRAWN",
        NeedsAction::Return => "RETURNED",
        NeedsAction::Validate => "VALIDATED",
        NeedsAction::Reopen => "REOPENED",
    }
}

/// Takes an analysis from one state to the next, or gathers it anew.
///
/// # Errors
/// `NOT_FOUND`, `FORBIDDEN`, `STALE`, `INVALID`, `NEEDS_STATE`, `NEEDS_SAME_OFFICER`.
pub async fn transition(
    ctx: &Ctx,
    id: NeedsAnalysisId,
    action: NeedsAction,
    reason: Option<NeedsReason>,
) -> Result<Written, AppError> {
    let scope = ctx.scope(Action::NeedsRead)?;
    ctx.write(async |tx| {
        let people = locked_with(ctx, tx, &scope, id, action).await?;
        let (before, caller, pass) = found(ctx, tx, &scope, (id, &people), action).await?;
        ctx.expect_version(before.version)?;
        let reason = reason.clone().map(NeedsReason::into_domain).transpose()?;
        let mut after = before.after(action, &caller, reason.as_ref(), ctx.now)?;
        if action == NeedsAction::Gather {
            let rubric = rubric_today(ctx, &ctx.read_in(tx, &scope)).await?;
            after.policy = rubric.id;
            gathered(ctx, tx, &pass, &after, &rubric).await?;
        }
        let version = tx.needs_analysis_update(&pass, &after).await?;
        let parties = caller.parties.into_iter().collect();
        let (from, to) = (Some(before.state), after.state);
        tx.needs_step(&pass, id, &NeedsStepDraft { action: Some(action), from, to, parties, reason }).await?;
        let view = NeedsAnalysisView::new(analysed(ctx, Some(tx), &scope, id).await?, ctx.today());
        let changes =
            json!({"unit_id": after.unit, "year": after.year, "before": before.state, "state": after.state});
        let event = Event::new(Resource::NeedsAnalysis, id, what(action));
        Ok(tx.record(&pass, &event, Some(changes)).with(replaced(&view, version)))
    })
    .await
}

/// Whose needs elsewhere are held still while an analysis is gathered.
async fn locked_with(
    ctx: &Ctx,
    tx: &Tx<'_>,
    scope: &Scope,
    id: NeedsAnalysisId,
    action: NeedsAction,
) -> Result<Vec<EmployeeId>, AppError> {
    if action != NeedsAction::Gather {
        return Ok(Vec::new());
    }
    let row = ctx.read_in(tx, scope).needs_analysis(id).await?.ok_or(Problem::NotFound)?;
    let everybody = everybody(ctx);
    let people = ctx.read_in(tx, &everybody).needs_people(group(&row.analysis), None).await?;
    Ok(people.into_keys().collect())
}

/// Brings needs that assessments do not tell.
///
/// # Errors
/// `NOT_FOUND`, `FORBIDDEN`, `INVALID`, `NEEDS_STATE`, `NEEDS_COLLECTED`.
pub async fn propose(ctx: &Ctx, id: NeedsAnalysisId, input: NeedsPropose) -> Result<Written, AppError> {
    let scope = ctx.scope(Action::NeedsRead)?;
    let ask = input.into_domain()?;
    ctx.write(async |tx| {
        let (analysis, caller, pass) =
            found(ctx, tx, &scope, (id, &ask.people), NeedsAction::Propose).await?;
        analysis.permit(NeedsAction::Propose, &caller)?;
        let reader = ctx.read_in(tx, &scope);
        let rubric = rubric_of(&reader, analysis.policy).await?;
        let serving = proposed_for(ctx, tx, &analysis, &caller, &ask.people).await?;
        let (drafts, left) =
            proposed(ctx, tx, &reader, (&analysis, &rubric, &caller), &ask, &serving).await?;
        tx.needs_put(&pass, (id, analysis.year), &drafts).await?;
        let touched: Vec<_> = left.into_iter().chain([id]).collect();
        tx.needs_touch(&pass, &touched).await?;
        let ids: Vec<NeedId> = drafts.iter().map(|draft| draft.id).collect();
        let rows = reader.needs_named(id, &ids).await?;
        ctx.note_access_in(tx, &scope, ask.people.iter().copied());
        let items = rows.into_iter().map(|row| shown_need(&analysis, &caller, &rubric, row));
        let view = NeedsView { items: items.map(NeedView::from).collect() };
        let event = Event::new(Resource::NeedsAnalysis, id, what(NeedsAction::Propose));
        let changes = json!({"needs": ids, "origin": ask.origin, "level_to": ask.to});
        let location = format!("/v1/needs-analyses/{id}/needs");
        let reply = created(&view, analysis.version.next(), location);
        Ok(tx.record(&pass, &event, Some(changes)).with(reply))
    })
    .await
}

/// Those of these people who serve in the analysis's unit and for whom the caller may propose: all of them, or the request is
/// refused.
async fn proposed_for(
    ctx: &Ctx,
    tx: &Tx<'_>,
    analysis: &NeedsAnalysis,
    caller: &NeedsCaller,
    people: &[EmployeeId],
) -> Result<BTreeMap<EmployeeId, NeedsPerson>, AppError> {
    let everybody = everybody(ctx);
    let serving = ctx.read_in(tx, &everybody).needs_people(group(analysis), Some(people)).await?;
    let mut reached: BTreeSet<EmployeeId> = serving.keys().copied().collect();
    if !caller.parties.contains(&NeedsParty::Unit) && !caller.parties.contains(&NeedsParty::Agency) {
        let scope = ctx.scope(Action::NeedsWrite)?;
        reached = ctx.read_in(tx, &scope).reached(&reached).await?;
    }
    let mut refused = Violations::new();
    for (index, employee) in people.iter().enumerate() {
        refused.check(!reached.contains(employee), || {
            Violation::new(format!("/employee_ids/{index}"), ViolationCode::NotFound)
        });
    }
    refused.finish()?;
    Ok(serving)
}

/// The needs a proposal makes, merged with what other sides say, and the analyses they stood in before.
async fn proposed(
    ctx: &Ctx,
    tx: &Tx<'_>,
    visible: &Reader<'_>,
    (analysis, rubric, caller): (&NeedsAnalysis, &Rubric, &NeedsCaller),
    ask: &ProposalAsk,
    serving: &BTreeMap<EmployeeId, NeedsPerson>,
) -> Result<(Vec<NeedDraft>, Vec<NeedsAnalysisId>), AppError> {
    let mut lookup = Lookup::new(visible);
    let competency = lookup.published(&ask.competency).await?;
    let competency = competency.ok_or_else(|| AppError::from(unknown_competency("", &ask.competency)))?;
    let scope = everybody(ctx);
    let reader = ctx.read_in(tx, &scope);
    let of = (competency.agency, competency.id);
    let grounds = reader.needs_grounds(&ask.people, of).await?;
    let known = reader.needs_known((analysis.id, analysis.year), &ask.people, Some(competency.id)).await?;
    let (mut claims, mut refused) = (Vec::new(), Violations::new());
    let mut unheard = BTreeSet::new();
    for (index, employee) in ask.people.iter().enumerate() {
        let key = NeedKey { employee: *employee, competency_agency: of.0, competency: of.1 };
        let at = |code| Violation::new(format!("/employee_ids/{index}"), code);
        let before = known.get(&key);
        // It stands in an analysis of the unit they served in before, which stands behind it.
        refused.check(before.is_some_and(|known| known.fixed && known.analysis != analysis.id), || {
            at(ViolationCode::Taken)
        });
        let NeedGround { level, weight, importance } = grounds.get(employee).copied().unwrap_or(NO_GROUND);
        let (reason, origin) = (Some(ask.reason.clone()), ask.origin);
        let speaker = speaker(ctx, caller, *employee, origin);
        let claim = NeedClaim { key, origin, speaker, from: level, to: ask.to, weight, importance, reason };
        for violation in claim.check_brought().err().unwrap_or_default() {
            match violation.pointer == "/level_to" {
                true => refused.push(at(ViolationCode::Inconsistent)),
                // The same of everybody is told once.
                false => drop(unheard.insert(violation)),
            }
        }
        let others = before.into_iter().flat_map(|known| known.claims.iter().cloned());
        let side = (origin, speaker);
        claims.extend(others.filter(|other| (other.origin, other.speaker) != side).chain([claim]));
    }
    unheard.into_iter().for_each(|violation| refused.push(violation));
    refused.finish()?;
    let overdue = overdue(ctx, &reader, &ask.people).await?;
    let drafts = drafts(merged(claims), rubric, &known, |key, _| {
        let person = serving.get(&key.employee);
        person.map(|person| facts(person, overdue.contains(&key.employee))).unwrap_or_default()
    });
    let left = left(analysis.id, &known, &drafts);
    Ok((drafts, left))
}

/// As whom the caller speaks of somebody. What somebody proposes for themself is their own word, whatever else they are.
fn speaker(ctx: &Ctx, caller: &NeedsCaller, employee: EmployeeId, origin: NeedOrigin) -> NeedSpeaker {
    let oneself = ctx.actor.grants.iter().any(|grant| grant.employee == Some(employee));
    if oneself && origin == NeedOrigin::OwnProposal {
        NeedSpeaker::Person
    } else if caller.parties.contains(&NeedsParty::Agency) {
        NeedSpeaker::Agency
    } else if caller.parties.contains(&NeedsParty::Unit) {
        NeedSpeaker::Unit
    } else if oneself {
        NeedSpeaker::Person
    } else {
        NeedSpeaker::Superior
    }
}

/// What stands behind a proposal about somebody of whom nothing is known.
const NO_GROUND: NeedGround = NeedGround { level: None, weight: None, importance: None };

/// Gives a need another priority than the computed one, or takes that back.
///
/// # Errors
/// `NOT_FOUND`, `FORBIDDEN`, `STALE`, `INVALID`, `NEEDS_STATE`.
pub async fn prioritise(
    ctx: &Ctx,
    (id, need): (NeedsAnalysisId, NeedId),
    input: NeedPriorityPut,
) -> Result<Written, AppError> {
    edited(ctx, (id, need), NeedAction::Prioritise, async |tx, pass, row| {
        let (priority, reason) = input.clone().into_domain()?;
        tx.need_prioritise(pass, (need, row.version), priority, &reason).await?;
        let before = row.set.as_ref().map(|(priority, _)| priority.to_f64());
        let changes = json!({"need_id": need, "computed": row.priority.to_f64(), "before": before,
            "priority": priority.map(kernel::Hundredths::to_f64), "reason": reason});
        Ok(("PRIORITISED", changes))
    })
    .await
}

/// Leaves a need out.
///
/// # Errors
/// `NOT_FOUND`, `FORBIDDEN`, `STALE`, `INVALID`, `NEEDS_STATE`.
pub async fn drop_need(
    ctx: &Ctx,
    (id, need): (NeedsAnalysisId, NeedId),
    input: NeedsReason,
) -> Result<Written, AppError> {
    edited(ctx, (id, need), NeedAction::Drop, async |tx, pass, row| {
        let reason: LongText = input.clone().into_domain()?;
        tx.need_drop(pass, (need, row.version), Some(&reason)).await?;
        Ok(("DROPPED", json!({"need_id": need})))
    })
    .await
}

/// Takes a need up again that was left out.
///
/// # Errors
/// `NOT_FOUND`, `FORBIDDEN`, `STALE`, `NEEDS_STATE`.
pub async fn restore_need(ctx: &Ctx, (id, need): (NeedsAnalysisId, NeedId)) -> Result<Written, AppError> {
    edited(ctx, (id, need), NeedAction::Restore, async |tx, pass, row| {
        let why = row.dropped.as_ref().map(|decision| decision.reason.clone());
        tx.need_drop(pass, (need, row.version), None).await?;
        Ok(("RESTORED", json!({"need_id": need, "dropped_for": why})))
    })
    .await
}

/// Changes one need of an analysis that is still gathered.
async fn edited(
    ctx: &Ctx,
    (id, need): (NeedsAnalysisId, NeedId),
    action: NeedAction,
    change: impl AsyncFn(&Tx<'_>, &Pass, &NeedRow) -> Result<(&'static str, Value), AppError>,
) -> Result<Written, AppError> {
    let scope = ctx.scope(Action::NeedsRead)?;
    ctx.write(async |tx| {
        let (analysis, caller, pass) = found(ctx, tx, &scope, (id, &[]), NeedsAction::Edit).await?;
        let reader = ctx.read_in(tx, &scope);
        let row = reader.needs_named(id, &[need]).await?.pop().ok_or(Problem::NotFound)?;
        ctx.expect_version(row.version)?;
        if !analysis.need_actions(&caller, row.dropped.is_some()).contains(&action) {
            return Err(Problem::NeedsState.into());
        }
        let (what, changes) = change(tx, &pass, &row).await?;
        tx.needs_touch(&pass, &[id]).await?;
        changed(ctx, tx, (&pass, &scope), (&analysis, &caller), (need, what, changes)).await
    })
    .await
}

/// Records what was done to a need and replies with it as it stands now.
async fn changed(
    ctx: &Ctx,
    tx: &Tx<'_>,
    (pass, scope): (&Pass, &Scope),
    (analysis, caller): (&NeedsAnalysis, &NeedsCaller),
    (need, what, changes): (NeedId, &'static str, Value),
) -> Result<Recorded<Reply>, AppError> {
    let reader = ctx.read_in(tx, scope);
    let row = reader.needs_named(analysis.id, &[need]).await?.pop().ok_or(Problem::NotFound)?;
    let rubric = rubric_of(&reader, analysis.policy).await?;
    let (employee, version) = (row.need.key.employee, row.version);
    ctx.note_access_in(tx, scope, [employee]);
    let view = NeedView::from(shown_need(analysis, caller, &rubric, row));
    let event = Event::new(Resource::NeedsAnalysis, analysis.id, what);
    Ok(tx.record(pass, &event, Some(changes)).with(replaced(&view, version)))
}

/// The deadlines of a year.
///
/// # Errors
/// `FORBIDDEN`, `NOT_FOUND`.
pub async fn deadlines(ctx: &Ctx, year: i32) -> Result<(NeedsDeadlines, Version), AppError> {
    let scope = ctx.scope(Action::CatalogueRead)?;
    Ok(ctx.read(&scope).needs_deadlines(year).await?.ok_or(Problem::NotFound)?)
}

/// Sets the deadlines of a year. Those that are set are replaced only for a caller who names their entity tag.
///
/// # Errors
/// `FORBIDDEN`, `IF_MATCH_REQUIRED` (there are some already), `STALE`, `INVALID`.
pub async fn set_deadlines(ctx: &Ctx, year: i32, input: NeedsDeadlinesPut) -> Result<Written, AppError> {
    let (pass, scope) = (ctx.actor.allow(Action::NeedsValidate)?, ctx.scope(Action::CatalogueRead)?);
    if !(1900..=2199).contains(&year) {
        let violation = Violation::new("/path/year", ViolationCode::OutOfRange);
        return Err(violation.with("min", 1900).with("max", 2199).into());
    }
    let days = input.into_domain()?;
    ctx.write(async |tx| {
        let before = ctx.read_in(tx, &scope).needs_deadlines(year).await?;
        let seen = match &before {
            Some((_, version)) => Some(ctx.expect_version(*version)?),
            None if ctx.if_match.is_some() => return Err(Problem::Stale.into()),
            None => None,
        };
        let version = tx.needs_deadlines_put(&pass, year, &days, seen).await?;
        let view = NeedsDeadlinesView::new(year, days);
        let event = Event::new(Resource::Agency, pass.agency(), "NEEDS_DEADLINES_SET");
        let reply = match seen {
            Some(_) => replaced(&view, version),
            None => created(&view, version, format!("/v1/needs-deadlines/{year}")),
        };
        let before = before.map(|(days, _)| json!(NeedsDeadlinesView::new(year, days)));
        Ok(tx.record(&pass, &event, Some(json!({"before": before, "after": view}))).with(reply))
    })
    .await
}

/// Whom the analyses of a year cover, and which units have not begun.
///
/// # Errors
/// `FORBIDDEN`, `INVALID`.
pub async fn coverage(ctx: &Ctx, query: NeedsCoverageQuery) -> Result<CoverageFound, AppError> {
    let scope = ctx.scope(Action::NeedsSummaryRead)?;
    let NeedsCoverageQuery { year, unit_id } = query;
    let year = jp_ledger::year(year, ctx.today())?;
    let unit = unit_id.map(UnitId::from);
    let groups = scope.groups() && *scope.people() != People::All;
    let reader = ctx.read(&scope);
    if let Some(unit) = unit {
        // Units of several questions would tell people apart by subtraction.
        let code = if groups { ViolationCode::Inconsistent } else { ViolationCode::NotFound };
        if groups || reader.unit(unit).await?.is_none() {
            return Err(AppError::invalid("/query/unit_id", code));
        }
    }
    let lines = reader.needs_coverage(year, unit, groups).await?;
    let deadlines = reader.needs_deadlines(year).await?.map(|(days, _)| days);
    let total = lines.iter().fold(NeedsCoverage::default(), |total, line| {
        // Whoever has not begun has gathered nothing.
        let needing = if line.analysis.is_some() { line.figures.needing } else { 0 };
        total.and(NeedsCoverage { needing, ..line.figures })
    });
    let sizes: Vec<u64> = lines.iter().map(|line| line.figures.people).collect();
    let visible = if groups { shown(&sizes) } else { vec![true; sizes.len()] };
    let whole = !groups || shown(&[total.people]).iter().all(|shown| *shown);
    Ok(CoverageFound {
        year,
        unit,
        as_of: ctx.today(),
        rounded: groups,
        deadlines,
        total: whole.then_some(total),
        lines: lines.into_iter().zip(visible).collect(),
    })
}
