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
    AgencyPlan, AgencyPlanOriginKind, JP_TARGET_POLICY, JpBound, JpTargetRubric, NEED_PRIORITY_POLICY, Need,
    NeedFacts, Prerequisite, Priority, PriorityRubric, ScenarioAsk, ScenarioNeed, ScenarioNeeds,
    ScenarioPoint, merged,
};
use kernel::{
    AgencyId, EmployeeId, Event, OperationPhase, OperationState, RequestId, Resource, ScenarioId, WorkerId,
};
use optimiser::{Budget, Instance, NoPlan, Options, Solution, solve};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use store::{ClaimedOperation, OperationProgress, Reader, StoreError, WriteContext};

use crate::app::agency_plans::find;
use crate::app::plan_work::{Stopped, ended};
use crate::app::scenario_instance::{Found, Frozen, Ground, point};
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
        let instance = Instance::new(frozen.draft.clone()).map_err(AppError::from)?;
        let (found, called_off) = match self.search(&row.ask, &frozen, instance).await? {
            Ending::Found(found, called_off) => (found, called_off),
            Ending::HandOver => {
                let (agency, id) = (self.claimed.agency, self.claimed.operation.id);
                let handed = self.services.store.operation_hand_over(agency, id, self.worker).await;
                return Ok(handed.map_err(AppError::from)?);
            }
        };
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
        let ground = ground(&self.reader(), self.claimed.agency, &plan, (self.today, now)).await?;
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
            let parts = (found.enrolments.as_slice(), found.unserved.as_slice());
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
    async fn search(
        &self,
        ask: &ScenarioAsk,
        frozen: &Frozen,
        instance: Instance,
    ) -> Result<Ending, Stopped> {
        let total = if ask.curve { POINTS + 1 } else { 1 };
        let stop = Arc::new(AtomicBool::new(false));
        let step = Arc::new(AtomicI64::new(0));
        let search =
            Search { ask: ask.clone(), draft: frozen.draft.clone(), stop: stop.clone(), step: step.clone() };
        // Asked before the search begins: work that was called off by then is content with its first plan.
        let mut called_off = !self.tell(OperationPhase::Solving, 0, Some(total)).await?;
        stop.store(called_off, Ordering::Relaxed);
        let mut thread = tokio::task::spawn_blocking(move || search.run(&instance));
        let outcome = loop {
            tokio::select! {
                outcome = &mut thread => break outcome,
                () = tokio::time::sleep(HEARTBEAT) => {
                    if !called_off {
                        called_off = !self.tell(OperationPhase::Solving, step.load(Ordering::Relaxed), Some(total)).await?;
                    }
                    if called_off || self.services.imports.is_closing() {
                        stop.store(true, Ordering::Relaxed);
                    }
                }
            }
        };
        let (solution, curve) = match outcome {
            Ok(Ok(found)) => found,
            Ok(Err(no_plan)) => return Err(no_plan.into()),
            Err(_panic) => return Err(AppError::from(Problem::Internal).into()),
        };
        if called_off && !self.is_called_off().await? {
            // Somebody else does it.
            return Err(Stopped::NotOurs);
        }
        if !called_off && stop.load(Ordering::Relaxed) {
            return Ok(Ending::HandOver);
        }
        let found = frozen.found(ask, &solution, called_off, curve);
        let found = found.ok_or_else(|| AppError::from(Problem::Internal))?;
        Ok(Ending::Found(Box::new(found), called_off))
    }
}

/// How a search ended.
enum Ending {
    /// With a plan; whether it was called off.
    Found(Box<Found>, bool),
    /// The server stops: somebody else begins again.
    HandOver,
}

/// A search, and what it tells of itself meanwhile.
struct Search {
    ask: ScenarioAsk,
    draft: optimiser::draft::Draft,
    stop: Arc<AtomicBool>,
    step: Arc<AtomicI64>,
}

impl Search {
    fn run(self, instance: &Instance) -> Result<(Solution, Vec<ScenarioPoint>), AppError> {
        let seconds = f64::from(self.ask.seconds);
        let best = self.solve(instance, seconds).map_err(|no_plan| explain(&no_plan))?;
        let mut curve = Vec::new();
        if self.ask.curve {
            self.curve(&best, seconds, &mut curve)?;
        }
        Ok((best, curve))
    }

    fn solve(&self, instance: &Instance, seconds: f64) -> Result<Solution, NoPlan> {
        let start = Instant::now();
        let used = || {
            if self.stop.load(Ordering::Relaxed) { 1.0 } else { start.elapsed().as_secs_f64() / seconds }
        };
        let options = Options { seed: self.ask.seed, threads: THREADS };
        let solution = solve(instance, options, &Budget { used: &used });
        self.step.fetch_add(1, Ordering::Relaxed);
        solution
    }

    /// Tenths of the budget; of what the best plan costs, where there is no limit. A plan for less money is one for more, too, so
    /// where a search found less with more, the plan before it stands.
    fn curve(&self, best: &Solution, seconds: f64, curve: &mut Vec<ScenarioPoint>) -> Result<(), AppError> {
        let whole = self.draft.budget.unwrap_or(best.cost);
        let mut before: Option<ScenarioPoint> = None;
        for tenth in 1..POINTS {
            if self.stop.load(Ordering::Relaxed) {
                return Ok(());
            }
            let budget =
                i64::try_from(i128::from(whole) * i128::from(tenth) / i128::from(POINTS)).unwrap_or(whole);
            let draft = optimiser::draft::Draft { budget: Some(budget), ..self.draft.clone() };
            let instance = Instance::new(draft)?;
            // Required enrolments may cost more than that: then there is no plan for it.
            let Ok(solution) = self.solve(&instance, seconds / 10.0) else { continue };
            let mut found = point(budget, &solution);
            if let Some(before) = before.filter(|before| before.objective > found.objective) {
                found =
                    ScenarioPoint { budget, upper_bound: found.upper_bound.max(before.objective), ..before };
            }
            found.objective = found.objective.min(best.upper_bound);
            before = Some(found.clone());
            curve.push(found);
        }
        curve.push(point(whole, best));
        Ok(())
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

/// What there is to plan with for a plan.
///
/// # Errors
/// The store's.
pub(crate) async fn ground(
    reader: &Reader<'_>,
    agency: AgencyId,
    plan: &AgencyPlan,
    (today, now): (NaiveDate, DateTime<Utc>),
) -> Result<Ground, AppError> {
    let day = within(plan.year, today);
    let rubric = ceilings(reader, agency, day).await?;
    let people = reader.scenario_people(plan.unit, rubric.as_ref(), day).await?;
    let (needs, source) = needs(reader, agency, plan, today, &people).await?;
    let offers = reader.scenario_offers(plan.year, now).await?;
    let required = offers.iter().flat_map(|offer| &offer.prerequisites).filter_map(|one| match one {
        Prerequisite::Competency { competency, .. } => Some(*competency),
        Prerequisite::Programme(_) => None,
    });
    let items = reader.agency_plan_items_all(plan.id).await?.into_iter().map(|row| row.item);
    Ok(Ground {
        people,
        needs,
        source,
        taken: reader.scenario_taken(&offers).await?,
        levels: reader.scenario_levels(&required.collect()).await?,
        offers,
        lines: reader.agency_plan_lines(plan.id).await?.into_iter().map(|row| row.line).collect(),
        ceilings: plan.said.ceilings.clone(),
        items: items.filter(|item| item.origin.kind() != AgencyPlanOriginKind::Scenario).collect(),
        above: reader.units_above().await?,
        units: reader.unit_labels().await?,
    })
}

/// The day of a year that hours are counted on: today, or the nearest to it.
fn within(year: i32, today: NaiveDate) -> NaiveDate {
    let of = |month, day| NaiveDate::from_ymd_opt(year, month, day).unwrap_or(today);
    today.clamp(of(1, 1), of(12, 31))
}

/// The ceilings of learning hours, those that warn among them: a plan is not made against them.
async fn ceilings(
    reader: &Reader<'_>,
    agency: AgencyId,
    day: NaiveDate,
) -> Result<Option<JpTargetRubric>, AppError> {
    let versions = reader.policies_for::<JpTargetRubric>().await?;
    let policy = policy_on(&versions, JP_TARGET_POLICY, agency, day, DateTime::<Utc>::MAX_UTC);
    let rubric = policy.map(|policy| policy.rubric.clone());
    Ok(rubric.filter(|rubric| rubric.rules.iter().any(|rule| rule.bound == JpBound::AtMost)))
}

/// Validated needs of the year; where there are none, the open gaps of today, valued as an analysis would.
async fn needs(
    reader: &Reader<'_>,
    agency: AgencyId,
    plan: &AgencyPlan,
    today: NaiveDate,
    people: &[development::ScenarioPerson],
) -> Result<(Vec<ScenarioNeed>, ScenarioNeeds), AppError> {
    let serving: BTreeSet<EmployeeId> = people.iter().map(|person| person.employee).collect();
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
    if !validated.is_empty() {
        return Ok((validated, ScenarioNeeds::Validated));
    }
    let versions = reader.policies_for::<PriorityRubric>().await?;
    let policy = policy_on(&versions, NEED_PRIORITY_POLICY, agency, today, DateTime::<Utc>::MAX_UTC);
    let rubric = policy.map(|policy| policy.rubric.clone()).ok_or(Problem::Internal)?;
    let posts = reader.needs_people(plan.unit, None).await?;
    let claims = reader.needs_gathered(plan.unit, plan.year).await?;
    let everybody: Vec<EmployeeId> = serving.into_iter().collect();
    let overdue = overdue(reader, agency, today, &everybody).await?;
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
    Ok((merged(claims).into_iter().map(need).collect(), ScenarioNeeds::Gaps))
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
