//! Scenarios solved: as an operation whose instance is loaded once and kept, so that whoever takes the work over solves the same.
//!
//! Work that is called off keeps the best plan so far.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use std::time::{Duration, Instant};

use access::{Action, Pass, Scope};
use chrono::{DateTime, Datelike as _, NaiveDate, Utc};
use competency::policy_on;
use development::{
    AgencyPlan, AgencyPlanItem, AgencyPlanOriginKind, AgencyPlanState, JP_TARGET_POLICY, JpTargetRubric,
    NEED_PRIORITY_POLICY, Need, NeedFacts, Prerequisite, Priority, PriorityRubric, ScenarioAsk, ScenarioNeed,
    ScenarioNeeds, ScenarioPoint, merged,
};
use futures_util::future::try_join;
use kernel::{
    AgencyId, AgencyPlanItemId, EmployeeId, Event, OperationPhase, OperationState, RequestId, Resource,
    ScenarioId, WorkerId,
};
use optimiser::draft::Draft;
use optimiser::{Budget, HoursPlan, Instance, NoPlan, Options, Solution, reach_hours, solve};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use store::{ClaimedOperation, OperationProgress, Reader, StoreError, WriteContext};

use crate::app::agency_plans::find;
use crate::app::plan_work::{Stopped, ended};
use crate::app::scenario_found::{Found, point};
use crate::app::scenario_instance::{Frozen, Ground};
use crate::app::scenario_money::{Above, NoBest, best};
use crate::app::{AppError, Services};
use crate::dto::plan_instances::conflict;
use crate::problems::Problem;

/// How often work that goes on says so.
const HEARTBEAT: Duration = Duration::from_secs(1);

/// Budgets a curve has.
const POINTS: i64 = 10;

/// Threads of one search.
const THREADS: usize = 2;

/// What the work was asked to do, as it is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Order {
    /// The scenario.
    pub scenario: ScenarioId,
    /// The request that asked.
    pub request: RequestId,
}

/// Does work that was claimed, to its end.
pub async fn work(services: &Services, claimed: ClaimedOperation, worker: WorkerId) {
    let outcome = solved(services, &claimed, worker).await;
    ended(services, &claimed, worker, outcome).await;
    if let Err(error) = released(services, &claimed).await {
        log::warn!(operation:% = claimed.operation.id; "an instance nobody needs is kept: {:?}", error.problem);
    }
}

/// Lets go of the instance, if the work is over: where there is a plan it is gone already.
async fn released(services: &Services, claimed: &ClaimedOperation) -> Result<(), AppError> {
    let internal = |_: serde_json::Error| AppError::from(Problem::Internal);
    let order: Order = serde_json::from_value(claimed.operation.input.clone()).map_err(internal)?;
    let (agency, operation) = (claimed.agency, &claimed.operation);
    let scope = Scope::system(agency, "whether the work is over is asked on behalf of whoever asked for it");
    let now = services.clock.now();
    let row = services.store.read(&scope, now.date_naive()).operation(operation.id).await?;
    if row.is_none_or(|row| matches!(row.state, OperationState::Running | OperationState::Succeeded)) {
        return Ok(());
    }
    let pass = Pass::system(agency, Action::AgencyPlanWrite, "what is let go of is of no use to anybody");
    let context = WriteContext {
        user: Some(operation.requested_by),
        agency,
        request: order.request,
        operation: operation.kind.as_str(),
        now,
        idempotency: None,
    };
    services
        .store
        .write(&context, async |tx| {
            tx.scenario_release(&pass, order.scenario).await?;
            let event = Event::new(Resource::Operation, operation.id, "INSTANCE_RELEASED");
            Ok::<_, AppError>(tx.record(&pass, &event, Some(json!({"scenario_id": order.scenario}))))
        })
        .await
}

/// What the parts of the work need.
struct Job<'a> {
    services: &'a Services,
    scope: Scope,
    today: NaiveDate,
    claimed: &'a ClaimedOperation,
    worker: WorkerId,
    order: Order,
}

async fn solved(services: &Services, claimed: &ClaimedOperation, worker: WorkerId) -> Result<(), Stopped> {
    let agency = claimed.agency;
    let internal = |_: serde_json::Error| AppError::from(Problem::Internal);
    let order: Order = serde_json::from_value(claimed.operation.input.clone()).map_err(internal)?;
    let scope =
        Scope::system(agency, "whose needs are planned for was decided when the scenario was asked for");
    let zone = services.store.agency(agency).await.map_err(AppError::from)?.map(|agency| agency.zone);
    let Some(zone) = zone else { return Err(AppError::from(Problem::Internal).into()) };
    let today = zone.day(services.clock.now());
    let job = Job { services, scope, today, claimed, worker, order };
    job.run().await
}

impl Job<'_> {
    fn reader(&self) -> Reader<'_> {
        self.services.store.read(&self.scope, self.today)
    }

    async fn run(&self) -> Result<(), Stopped> {
        let row = self.reader().scenario(self.order.scenario).await.map_err(AppError::from)?;
        let row = row.ok_or_else(|| AppError::from(Problem::NotFound))?;
        if row.solved.is_some() {
            // Whoever had it before died between the plan and the end.
            return self.done().await;
        }
        self.tell(OperationPhase::Loading, 0, None).await?;
        let frozen = self.frozen(&row.ask).await?;
        let frozen = Arc::new(frozen);
        let (found, called_off) = match self.search(&row.ask, &frozen).await? {
            Ending::Found(found, called_off) => (found, called_off),
            Ending::HandOver => {
                let (agency, id) = (self.claimed.agency, self.claimed.operation.id);
                let handed = self.services.store.operation_hand_over(agency, id, self.worker).await;
                return Ok(handed.map_err(AppError::from)?);
            }
        };
        // Nobody takes it over meanwhile: what is written holds the operation.
        match self.keep(&found, !called_off).await {
            Ok(()) if called_off => Ok(()),
            Ok(()) => self.done().await,
            // It was called off in the last moment: the plan is there, and is kept.
            Err(error) if matches!(error.cause, Some(StoreError::Stale)) && self.is_called_off().await? => {
                let mut found = found;
                found.figures.stopped = true;
                Ok(self.keep(&found, false).await?)
            }
            Err(error) => Err(error.into()),
        }
    }

    async fn tell(&self, phase: OperationPhase, done: i64, total: Option<i64>) -> Result<bool, AppError> {
        let progress = OperationProgress { phase: Some(phase), done, total };
        let (agency, id) = (self.claimed.agency, self.claimed.operation.id);
        let now = self.services.clock.now();
        Ok(self.services.store.operation_progress(agency, id, self.worker, progress, now).await?)
    }

    /// Does a part of the work, and says meanwhile that it goes on.
    async fn while_alive<T>(
        &self,
        phase: OperationPhase,
        part: impl Future<Output = Result<T, AppError>>,
    ) -> Result<T, AppError> {
        let signs = async {
            loop {
                tokio::time::sleep(HEARTBEAT).await;
                // Whether the work is still ours is asked when it is written.
                if let Err(error) = self.tell(phase, 0, None).await {
                    log::warn!(operation:% = self.claimed.operation.id; "a sign of life is lost: {:?}", error.problem);
                }
            }
        };
        tokio::select! {
            done = part => done,
            never = signs => never,
        }
    }

    async fn is_called_off(&self) -> Result<bool, AppError> {
        let operation = self.reader().operation(self.claimed.operation.id).await?;
        Ok(operation.is_some_and(|operation| operation.state == OperationState::Cancelled))
    }

    async fn done(&self) -> Result<(), Stopped> {
        let (agency, id, now) = (self.claimed.agency, self.claimed.operation.id, self.services.clock.now());
        let row = self.reader().scenario(self.order.scenario).await.map_err(AppError::from)?;
        let figures = row.and_then(|row| row.solved).map(|(figures, _)| figures);
        let result = figures.map_or(Value::Null, |figures| {
            json!({"scenario_id": self.order.scenario, "objective": figures.objective,
                "upper_bound": figures.upper_bound, "enrolments": figures.enrolments, "cost": figures.cost})
        });
        let done = self.services.store.operation_done(agency, id, self.worker, result, now).await;
        done.map_err(AppError::from)?;
        Ok(())
    }

    /// The instance: the one that is kept, or what is found now, which is kept from then on.
    async fn frozen(&self, ask: &ScenarioAsk) -> Result<Frozen, AppError> {
        let internal = |_: serde_json::Error| AppError::from(Problem::Internal);
        if let Some(kept) = self.reader().scenario_instance(self.order.scenario).await? {
            return serde_json::from_slice(&kept).map_err(internal);
        }
        let row = self.reader().scenario(self.order.scenario).await?.ok_or(Problem::NotFound)?;
        let plan = find(&self.reader(), row.plan).await?.plan;
        let now = self.services.clock.now();
        let reader = self.reader();
        let hours = ask.goal.is_some();
        let ground = ground(&reader, self.claimed.agency, &plan, (self.today, now), hours);
        let ground = self.while_alive(OperationPhase::Loading, ground).await?;
        let frozen = ground.frozen(ask)?;
        let bytes = serde_json::to_vec(&frozen).map_err(internal)?;
        self.write("INSTANCE_LOADED", true, async |tx, pass| {
            Ok(tx.scenario_freeze(pass, self.order.scenario, bytes.clone()).await?)
        })
        .await?;
        Ok(frozen)
    }

    async fn keep(&self, found: &Found, ours: bool) -> Result<(), AppError> {
        self.write("SCENARIO_SOLVED", ours, async |tx, pass| {
            let parts = (found.enrolments.as_slice(), found.unserved.as_slice(), found.unreached.as_slice());
            Ok(tx.scenario_solved(pass, self.order.scenario, &found.figures, parts).await?)
        })
        .await
    }

    /// Writes on behalf of the work; only as long as it is this worker's, where that is asked.
    async fn write(
        &self,
        what: &'static str,
        ours: bool,
        change: impl AsyncFn(&store::Tx<'_>, &Pass) -> Result<(), AppError>,
    ) -> Result<(), AppError> {
        let (agency, operation) = (self.claimed.agency, &self.claimed.operation);
        let now = self.services.clock.now();
        let context = WriteContext {
            user: Some(operation.requested_by),
            agency,
            request: self.order.request,
            operation: operation.kind.as_str(),
            now,
            idempotency: None,
        };
        let pass =
            Pass::system(agency, Action::AgencyPlanWrite, "whoever asked for the scenario was allowed to");
        self.services
            .store
            .write(&context, async |tx| {
                if ours {
                    tx.operation_part(&pass, operation.id, self.worker, (0, now)).await?;
                }
                change(tx, &pass).await?;
                let event = Event::new(Resource::Operation, operation.id, what);
                Ok::<_, AppError>(tx.record(&pass, &event, Some(json!({"scenario_id": self.order.scenario}))))
            })
            .await
    }

    /// Solves on a thread of its own, and says once a second that it goes on.
    async fn search(&self, ask: &ScenarioAsk, frozen: &Arc<Frozen>) -> Result<Ending, Stopped> {
        let total = searches(ask);
        let stop = Stop::default();
        let step = Arc::new(AtomicI64::new(0));
        let search =
            Search { ask: ask.clone(), frozen: frozen.clone(), stop: stop.0.clone(), step: step.clone() };
        // Asked before the search begins: work that was called off by then is content with its first plan.
        let mut called_off = !self.tell(OperationPhase::Solving, 0, Some(total)).await?;
        stop.0.store(called_off, Ordering::Relaxed);
        let mut thread = tokio::task::spawn_blocking(move || search.run());
        let outcome = loop {
            tokio::select! {
                outcome = &mut thread => break outcome,
                () = tokio::time::sleep(HEARTBEAT) => {
                    if !called_off {
                        let done = step.load(Ordering::Relaxed);
                        match self.tell(OperationPhase::Solving, done, Some(total)).await {
                            Ok(ours) => called_off = !ours,
                            // The next sign may arrive; what is found is written only if the work is still ours.
                            Err(error) => log::warn!(
                                operation:% = self.claimed.operation.id; "a sign of life is lost: {:?}", error.problem
                            ),
                        }
                    }
                    if called_off || self.services.imports.is_closing() {
                        stop.0.store(true, Ordering::Relaxed);
                    }
                }
            }
        };
        let answer = match outcome {
            Ok(Ok(found)) => found,
            Ok(Err(no_plan)) => return Err(no_plan.into()),
            Err(_panic) => return Err(AppError::from(Problem::Internal).into()),
        };
        if called_off && !self.is_called_off().await? {
            // Somebody else does it.
            return Err(Stopped::NotOurs);
        }
        if !called_off && stop.0.load(Ordering::Relaxed) {
            return Ok(Ending::HandOver);
        }
        let found = match answer {
            Answer::Needs(solution, curve) => frozen.found(ask, &solution, called_off, curve),
            Answer::Hours(plan) => frozen.found_hours(&plan, called_off),
        };
        let found = found.ok_or_else(|| AppError::from(Problem::Internal))?;
        Ok(Ending::Found(Box::new(found), called_off))
    }
}

/// How many searches there are.
const fn searches(ask: &ScenarioAsk) -> i64 {
    if ask.curve { POINTS } else { 1 }
}

/// Tells a search to end: when it is called off, and when nobody waits for it any more.
#[derive(Default)]
struct Stop(Arc<AtomicBool>);

impl Drop for Stop {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

/// How a search ended.
enum Ending {
    /// With a plan; whether it was called off.
    Found(Box<Found>, bool),
    /// The server stops: somebody else begins again.
    HandOver,
}

/// What a search came to.
enum Answer {
    /// The best plan for the budget, and what other budgets buy.
    Needs(Solution, Vec<ScenarioPoint>),
    /// The cheapest plan that brings people to their learning hours.
    Hours(HoursPlan),
}

/// A search, and what it tells of itself meanwhile.
struct Search {
    ask: ScenarioAsk,
    frozen: Arc<Frozen>,
    stop: Arc<AtomicBool>,
    step: Arc<AtomicI64>,
}

impl Search {
    fn run(self) -> Result<Answer, AppError> {
        let seconds = f64::from(self.ask.seconds);
        if self.ask.goal.is_some() {
            return Ok(Answer::Hours(self.hours(seconds)?));
        }
        let whole = self.frozen.draft.budget;
        let best = self.best(whole, seconds)?;
        if !self.ask.curve {
            return Ok(Answer::Needs(best, Vec::new()));
        }
        let (best, points) = curve(whole.unwrap_or(best.cost), best, |budget| {
            if self.stop.load(Ordering::Relaxed) {
                return Ok(None);
            }
            match self.best(Some(budget), seconds / 10.0) {
                Ok(found) => Ok(Some(found)),
                // Required enrolments may cost more than that: then there is no plan for it.
                Err(NoBest::NoPlan(_)) => Ok(None),
                Err(refused) => Err(AppError::from(refused)),
            }
        })?;
        Ok(Answer::Needs(best, points))
    }

    /// The cheapest plan that brings people to their learning hours.
    fn hours(&self, seconds: f64) -> Result<HoursPlan, NoBest> {
        let instance = Instance::new(self.frozen.draft.clone()).map_err(NoBest::Refused)?;
        let start = Instant::now();
        let used = || self.used(start, seconds);
        let found = reach_hours(&instance, self.options(), &Budget { used: &used }).map_err(NoBest::NoPlan);
        self.step.fetch_add(1, Ordering::Relaxed);
        found
    }

    /// How much of so many seconds is used up; all, once it is called off.
    fn used(&self, start: Instant, seconds: f64) -> f64 {
        let used = start.elapsed().as_secs_f64() / seconds;
        if self.stop.load(Ordering::Relaxed) { 1.0 } else { used }
    }

    fn options(&self) -> Options {
        Options { seed: self.ask.seed, threads: THREADS }
    }

    /// The best plan for a budget.
    fn best(&self, budget: Option<i64>, seconds: f64) -> Result<Solution, NoBest> {
        let draft = Draft { budget, ..self.frozen.draft.clone() };
        let found = best((&draft, &self.frozen.means), self.frozen.serving(), |draft, part| {
            let instance = Instance::new(draft).map_err(NoBest::Refused)?;
            let start = Instant::now();
            let used = || self.used(start, seconds * part);
            solve(&instance, self.options(), &Budget { used: &used }).map_err(NoBest::NoPlan)
        });
        self.step.fetch_add(1, Ordering::Relaxed);
        found
    }
}

/// What tenths of a budget buy, and the best plan for all of it, `whole` being what was found for it. A plan for less money is one
/// for more, too: where a search found less with more, the plan before it stands, unless it reaches an equity floor less far.
fn curve<E>(
    budget: i64,
    whole: Solution,
    mut solve: impl FnMut(i64) -> Result<Option<Solution>, E>,
) -> Result<(Solution, Vec<ScenarioPoint>), E> {
    let mut best: Option<Solution> = None;
    let mut points = Vec::new();
    let mut add = |tenth: i64, found: Solution| {
        // No plan that reaches the floors as far as the whole is worth more than its bound.
        let bound = if found.is_as_fair_as(&whole) { whole.upper_bound } else { f64::INFINITY };
        let bound = bound.min(found.upper_bound);
        let better = match best.take() {
            Some(before) if before.objective > found.objective && before.is_as_fair_as(&found) => before,
            _ => found,
        };
        let upper_bound = bound.max(better.objective);
        let amount = i128::from(budget) * i128::from(tenth) / i128::from(POINTS);
        points.push(ScenarioPoint { upper_bound, ..point(i64::try_from(amount).unwrap_or(budget), &better) });
        best = Some(better);
    };
    for tenth in 1..POINTS {
        let amount = i128::from(budget) * i128::from(tenth) / i128::from(POINTS);
        if let Some(found) = solve(i64::try_from(amount).unwrap_or(budget))? {
            add(tenth, found);
        }
    }
    add(POINTS, whole.clone());
    let shadow_price = whole.shadow_price;
    let bound = whole.upper_bound;
    let best = best.unwrap_or(whole);
    let upper_bound = bound.max(best.objective);
    let missing = upper_bound - best.objective;
    let gap_percent = if upper_bound > 0.0 { missing / upper_bound * 100.0 } else { 0.0 };
    Ok((Solution { upper_bound, gap_percent, shadow_price, ..best }, points))
}

impl From<NoBest> for AppError {
    fn from(none: NoBest) -> Self {
        match none {
            NoBest::Refused(violations) => violations.into(),
            NoBest::NoPlan(no_plan) => explain(&no_plan),
        }
    }
}

/// Why there is no plan.
fn explain(no_plan: &NoPlan) -> AppError {
    let told = match no_plan {
        NoPlan::Conflicts(conflicts) => conflicts.iter().map(conflict).collect::<Vec<_>>().join("; "),
        NoPlan::TooFew { offers, .. } => offers.join(", "),
    };
    log::info!("a scenario has no plan: {told}");
    let violation = kernel::Violation::new("/required", kernel::ViolationCode::Inconsistent);
    AppError::about(Problem::ScenarioInfeasible, vec![violation.with("value", told)])
}

/// What there is to plan with for a plan, whose scenario is for learning `hours` or for needs.
///
/// # Errors
/// The store's.
pub(crate) async fn ground(
    reader: &Reader<'_>,
    agency: AgencyId,
    plan: &AgencyPlan,
    (today, now): (NaiveDate, DateTime<Utc>),
    hours: bool,
) -> Result<Ground, AppError> {
    let day = within(plan.year, today);
    let rubric = targets(reader, agency, day).await?;
    let people = reader.scenario_people(plan.unit, &rubric, day).await?;
    let above = reader.units_above().await?;
    let offers = async { Ok(reader.scenario_offers((plan.year, now), hours).await?) };
    let needs = needs(reader, (agency, plan, today), &people, &above);
    let ((needs, source), offers) = try_join(needs, offers).await?;
    let required = offers.iter().flat_map(|offer| &offer.prerequisites).filter_map(|one| match one {
        Prerequisite::Competency { competency, .. } => Some(*competency),
        Prerequisite::Programme(_) => None,
    });
    let begun = reader.agency_plan_items_begun(plan.id).await?;
    let items = reader.agency_plan_items_all(plan.id).await?.into_iter().map(|row| row.item);
    let items: Vec<AgencyPlanItem> = items.filter(|item| stays(plan, item, &begun)).collect();
    let classes = items.iter().filter_map(|item| item.said.class).collect();
    Ok(Ground {
        people,
        needs,
        source,
        taken: reader.scenario_taken(&offers, &classes, plan.year).await?,
        levels: reader.scenario_levels(&required.collect()).await?,
        offers,
        lines: reader.agency_plan_lines(plan.id).await?.into_iter().map(|row| row.line).collect(),
        ceilings: plan.said.ceilings.clone(),
        items,
        above,
        units: reader.unit_labels().await?,
    })
}

/// Whether an item stays whatever scenario is taken over: it was not chosen by one, or was begun with since; and all do in a plan
/// that is no draft any more.
pub(crate) fn stays(plan: &AgencyPlan, item: &AgencyPlanItem, begun: &BTreeSet<AgencyPlanItemId>) -> bool {
    item.origin.kind() != AgencyPlanOriginKind::Scenario || begun.contains(&item.id) || !is_draft(plan)
}

/// Whether a plan can take a scenario over.
pub(crate) const fn is_draft(plan: &AgencyPlan) -> bool {
    matches!(plan.state, AgencyPlanState::Draft | AgencyPlanState::Returned)
}

/// The day of a year that hours are counted on: today, or the nearest to it.
fn within(year: i32, today: NaiveDate) -> NaiveDate {
    let of = |month, day| NaiveDate::from_ymd_opt(year, month, day).unwrap_or(today);
    today.clamp(of(1, 1), of(12, 31))
}

/// The floors and ceilings of learning hours, those that warn among them: a plan is not made against them.
async fn targets(reader: &Reader<'_>, agency: AgencyId, day: NaiveDate) -> Result<JpTargetRubric, AppError> {
    let versions = reader.policies_for::<JpTargetRubric>().await?;
    let policy = policy_on(&versions, JP_TARGET_POLICY, agency, day, DateTime::<Utc>::MAX_UTC);
    Ok(policy.map_or(JpTargetRubric { rules: Vec::new() }, |policy| policy.rubric.clone()))
}

/// Validated needs of the year for the people of units with a validated analysis; for the others the open gaps of today, valued
/// as an analysis would.
async fn needs(
    reader: &Reader<'_>,
    (agency, plan, today): (AgencyId, &AgencyPlan, NaiveDate),
    people: &[development::ScenarioPerson],
    above: &Above,
) -> Result<(Vec<ScenarioNeed>, ScenarioNeeds), AppError> {
    let analysed = reader.needs_units_validated(plan.year).await?;
    let mut serving: BTreeSet<EmployeeId> = people.iter().map(|person| person.employee).collect();
    let validated = reader.needs_validated(plan.year).await?;
    let validated: Vec<ScenarioNeed> = validated
        .into_iter()
        .filter(|need| serving.contains(&need.employee))
        .map(|need| ScenarioNeed {
            employee: need.employee,
            competency_agency: need.competency_agency,
            competency: need.competency,
            from: need.from,
            to: need.to,
            priority: need.priority,
        })
        .collect();
    // Who moved away since keeps the needs an analysis found.
    let spoken_for = |person: &&development::ScenarioPerson| {
        above.get(&person.unit).is_some_and(|above| !above.is_disjoint(&analysed))
    };
    let covered: BTreeSet<EmployeeId> = people
        .iter()
        .filter(spoken_for)
        .map(|person| person.employee)
        .chain(validated.iter().map(|need| need.employee))
        .collect();
    serving.retain(|person| !covered.contains(person));
    if serving.is_empty() && !covered.is_empty() {
        return Ok((validated, ScenarioNeeds::Validated));
    }
    let versions = reader.policies_for::<PriorityRubric>().await?;
    let policy = policy_on(&versions, NEED_PRIORITY_POLICY, agency, today, DateTime::<Utc>::MAX_UTC);
    let rubric = policy.map(|policy| policy.rubric.clone()).ok_or(Problem::Internal)?;
    let others: Vec<EmployeeId> = serving.iter().copied().collect();
    // What is gathered takes as long as all the rest.
    let facts = async {
        let posts = reader.needs_people(plan.unit, None).await?;
        Ok::<_, AppError>((posts, overdue(reader, agency, today, &others).await?))
    };
    let claims = async { Ok(reader.needs_gathered(plan.unit, plan.year).await?) };
    let (claims, (posts, overdue)) = try_join(claims, facts).await?;
    let facts: BTreeMap<EmployeeId, NeedFacts> = posts
        .into_iter()
        .map(|(employee, post)| {
            let jp_overdue = overdue.contains(&employee);
            (employee, NeedFacts { job_class: Some(post.job_class), is_head: post.is_head, jp_overdue })
        })
        .collect();
    let need = |need: Need| {
        let facts = facts.get(&need.key.employee).copied().unwrap_or_default();
        ScenarioNeed {
            employee: need.key.employee,
            competency_agency: need.key.competency_agency,
            competency: need.key.competency,
            from: need.from,
            to: need.to,
            priority: Priority::of(&need, &facts, &rubric).value(),
        }
    };
    let open = merged(claims).into_iter().filter(|need| serving.contains(&need.key.employee)).map(need);
    let source = if covered.is_empty() { ScenarioNeeds::Gaps } else { ScenarioNeeds::Mixed };
    Ok((validated.into_iter().chain(open).collect(), source))
}

/// Those who had not reached the floor of learning hours in the last year that is over.
async fn overdue(
    reader: &Reader<'_>,
    agency: AgencyId,
    today: NaiveDate,
    people: &[EmployeeId],
) -> Result<BTreeSet<EmployeeId>, AppError> {
    let Some(day) = NaiveDate::from_ymd_opt(today.year() - 1, 12, 31) else { return Ok(BTreeSet::new()) };
    let versions = reader.policies_for::<JpTargetRubric>().await?;
    match policy_on(&versions, JP_TARGET_POLICY, agency, day, DateTime::<Utc>::MAX_UTC) {
        Some(policy) => Ok(reader.jp_short_on(&policy.rubric, day, people).await?),
        None => Ok(BTreeSet::new()),
    }
}

#[cfg(test)]
mod tests {
    use optimiser::FloorReached;

    use super::*;

    fn worth(objective: f64, upper_bound: f64) -> Solution {
        Solution { objective, upper_bound, cost: 5, ..Solution::default() }
    }

    #[test]
    fn a_curve_never_falls_and_what_less_money_buys_better_becomes_the_plan() {
        let points = |at: i64| if at == 30 { worth(7.0, 8.0) } else { worth(2.0, 4.0) };
        let (best, curve) = curve::<()>(100, worth(6.0, 10.0), |at| Ok(Some(points(at)))).unwrap();
        let values: Vec<f64> = curve.iter().map(|point| point.objective).collect();
        assert_eq!(values, [2.0, 2.0, 7.0, 7.0, 7.0, 7.0, 7.0, 7.0, 7.0, 7.0]);
        assert!(curve.iter().all(|point| point.objective <= point.upper_bound));
        assert_eq!((best.objective, best.upper_bound, best.gap_percent), (7.0, 10.0, 30.0));
        assert_eq!(
            curve.iter().map(|point| point.budget).collect::<Vec<_>>(),
            [10, 20, 30, 40, 50, 60, 70, 80, 90, 100]
        );
    }

    #[test]
    fn a_plan_that_reaches_a_floor_less_far_is_no_plan_for_more_money() {
        let fair = |served: usize, solution: Solution| {
            let floor =
                FloorReached { unit: None, group: None, share: 1.0, required: 1, served, met: served == 1 };
            Solution { floors: vec![floor], ..solution }
        };
        // Nine can be served without whom the floor is for, who takes all of the money.
        let less = |_| Ok(Some(fair(0, worth(9.0, 9.0))));
        let (best, curve) = curve::<()>(10, fair(1, worth(1.0, 1.0)), less).unwrap();
        assert_eq!((best.objective, best.upper_bound, best.floors[0].met), (1.0, 1.0, true));
        let told: Vec<(f64, f64)> = curve.iter().map(|point| (point.objective, point.upper_bound)).collect();
        assert_eq!((told[8], told[9]), ((9.0, 9.0), (1.0, 1.0)));
    }

    #[test]
    fn a_search_nobody_waits_for_any_more_is_told_to_end() {
        let stop = Stop::default();
        let told = stop.0.clone();
        assert!(!told.load(Ordering::Relaxed));
        drop(stop);
        assert!(told.load(Ordering::Relaxed));
    }
}
