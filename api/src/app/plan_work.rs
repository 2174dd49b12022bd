//! Many plans drawn up at once: as an operation, in parts that each commit, so that whoever takes it over goes on where the
//! last part ended.
//!
//! Nobody's plan is drawn up twice: a part holds the people it is about, and looks at what they have then.

use access::{Action, Pass, Scope};
use chrono::NaiveDate;
use competency::policy_on;
use development::{
    DEVELOPMENT_PLAN_POLICY, Offer, ParticipantFacts, Plan, PlanDraft, PlanRubric, PlanTemplate, TemplateFor,
};
use futures_util::StreamExt as _;
use futures_util::stream;
use kernel::{
    AgencyId, EmployeeId, Event, OperationId, OperationKind, PlanId, PlanTemplateId, RequestId, Resource,
    UnitId, ViolationCode, WorkerId,
};
use serde::{Deserialize, Serialize};
use serde_json::{json, to_value};
use store::{
    ClaimedOperation, OperationRow, PlanPopulation, PlanStepDraft, Reader, Reply, SnapshotMoment, StoreError,
    Tx, WriteContext, Written,
};

use crate::app::imports::{self, MOST_ATTEMPTS};
use crate::app::jp_ledger::rooms;
use crate::app::operations::Failure;
use crate::app::plan_snapshots::{Looked, drawn_up, gaps, left_out};
use crate::app::{AppError, Ctx, Services};
use crate::dto::plan_templates::{PlanWorkCreate, PlanWorkView};
use crate::problems::Problem;

/// People of one part: each part is a transaction, and a sign of life.
const PART: i64 = 200;

/// People whose gaps are looked at at once.
const AT_ONCE: usize = 4;

/// What the work was asked to do, as it is kept.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Order {
    year: i32,
    unit: Option<UnitId>,
    template: Option<PlanTemplateId>,
    request: RequestId,
}

/// Begins to draw plans up for everybody of a unit or the agency who has none for the year.
///
/// # Errors
/// `FORBIDDEN`, `NOT_FOUND`, `INVALID`.
pub async fn generate(ctx: &Ctx, input: PlanWorkCreate) -> Result<Written, AppError> {
    begin(ctx, OperationKind::PlanGeneration, input, None).await
}

/// Begins to apply a template to everybody it is for.
///
/// # Errors
/// `FORBIDDEN`, `NOT_FOUND`, `INVALID`, `PLAN_TEMPLATE_RETIRED`.
pub async fn apply(ctx: &Ctx, template: PlanTemplateId, input: PlanWorkCreate) -> Result<Written, AppError> {
    let scope = ctx.scope(Action::CatalogueRead)?;
    let found = ctx.read(&scope).plan_template(template).await?.ok_or(Problem::NotFound)?;
    if found.retired {
        return Err(Problem::PlanTemplateRetired.into());
    }
    begin(ctx, OperationKind::PlanTemplate, input, Some(template)).await
}

async fn begin(
    ctx: &Ctx,
    kind: OperationKind,
    input: PlanWorkCreate,
    template: Option<PlanTemplateId>,
) -> Result<Written, AppError> {
    let scope = ctx.scope(Action::PlanKeep)?;
    let unit = input.unit_id.map(UnitId::from);
    let written = ctx
        .write(async |tx| {
            input.check(ctx.today())?;
            let reader = ctx.read_in(tx, &scope);
            let reached = match unit {
                Some(unit) => {
                    if reader.unit(unit).await?.is_none() {
                        return Err(AppError::invalid("/unit_id", ViolationCode::NotFound));
                    }
                    reader.reaches_unit(unit).await?
                }
                None => ctx.actor.can(Action::PlanKeep),
            };
            let pass = ctx.actor.allow_reached(Action::PlanKeep, reached)?;
            let order = Order { year: input.year, unit, template, request: ctx.request };
            let (id, user) = (OperationId::new(), ctx.actor.user);
            let order = to_value(&order).unwrap_or_default();
            let begun = OperationRow::begun(id, kind, order, user, WorkerId::new(), ctx.now);
            // Whoever asks next for work gets it: this server does so at once.
            let waiting = OperationRow { worker: None, attempts: 0, ..begun };
            tx.operation_insert(&pass, &waiting).await?;
            let event = Event::new(Resource::Operation, id, "BEGUN");
            let reply = Reply {
                status: 202,
                etag: None,
                location: Some(format!("/v1/operations/{id}")),
                body: to_value(PlanWorkView { operation_id: id.uuid() }).ok(),
            };
            Ok(tx.record(&pass, &event, Some(json!({"kind": kind, "year": input.year}))).with(reply))
        })
        .await?;
    if let Err(error) = imports::resume(&ctx.services).await {
        // It stands; the next round of the worker takes it up.
        log::warn!(request_id:% = ctx.request; "work could not be begun with at once: {:?}", error.problem);
    }
    Ok(written)
}

/// Why work that goes on in parts stops.
pub(crate) enum Stopped {
    /// It was called off, or somebody else does it.
    NotOurs,
    /// It met trouble.
    Failed(AppError),
}

impl From<AppError> for Stopped {
    fn from(error: AppError) -> Self {
        match error.cause {
            Some(StoreError::Stale) => Self::NotOurs,
            _ => Self::Failed(error),
        }
    }
}

/// Does work that was claimed, to its end.
pub(crate) async fn work(services: &Services, claimed: ClaimedOperation, worker: WorkerId) {
    let outcome = all_parts(services, &claimed, worker).await;
    ended(services, &claimed, worker, outcome).await;
}

/// Keeps how work ended that went on in parts: trouble that passes leaves it to whoever asks next for work.
pub(crate) async fn ended(
    services: &Services,
    claimed: &ClaimedOperation,
    worker: WorkerId,
    outcome: Result<(), Stopped>,
) {
    let (agency, id) = (claimed.agency, claimed.operation.id);
    let store = &services.store;
    match outcome {
        Ok(()) => {}
        Err(Stopped::NotOurs) => log::info!(operation:% = id; "work in parts was called off"),
        Err(Stopped::Failed(error)) => {
            let passes = matches!(error.problem, Problem::Unavailable);
            let later = passes
                && store.operation_put_off(agency, id, worker, MOST_ATTEMPTS).await.unwrap_or_default();
            if later {
                return;
            }
            let kept = to_value(Failure::from(&error)).unwrap_or_default();
            if let Err(cause) = store.operation_fail(agency, id, worker, kept, services.clock.now()).await {
                log::warn!(operation:% = id; "the end of the work could not be told: {cause}");
            }
        }
    }
}

async fn all_parts(services: &Services, claimed: &ClaimedOperation, worker: WorkerId) -> Result<(), Stopped> {
    let (agency, id) = (claimed.agency, claimed.operation.id);
    let internal = |_: serde_json::Error| AppError::from(Problem::Internal);
    let order: Order = serde_json::from_value(claimed.operation.input.clone()).map_err(internal)?;
    let scope = Scope::system(agency, "whose plans are drawn up was decided when the work was asked for");
    let zone = services.store.agency(agency).await.map_err(AppError::from)?.map(|agency| agency.zone);
    let Some(zone) = zone else { return Err(AppError::from(Problem::Internal).into()) };
    let today = zone.day(services.clock.now());
    let job = Job::new(services, &scope, today, claimed, worker, order).await?;
    let (mut after, mut done) = (None, 0_i64);
    loop {
        if services.imports.is_closing() {
            // Whoever asks next for work goes on where this part ended.
            let handed = services.store.operation_hand_over(agency, id, worker).await;
            return Ok(handed.map_err(AppError::from)?);
        }
        let people = {
            let reader = services.store.read(&scope, today);
            reader.plan_population(&job.population, after, PART).await.map_err(AppError::from)?
        };
        let Some(last) = people.last().copied() else { break };
        done += i64::try_from(people.len()).unwrap_or_default();
        job.part(&people, done).await?;
        after = Some(last);
    }
    let result = services.store.plan_work_result(agency, id).await.map_err(AppError::from)?;
    let now = services.clock.now();
    services.store.operation_done(agency, id, worker, result, now).await.map_err(AppError::from)?;
    Ok(())
}

/// The gaps of somebody to the position they hold.
async fn held(
    reader: &Reader<'_>,
    scope: &Scope,
    employee: EmployeeId,
    today: NaiveDate,
) -> Result<Looked, AppError> {
    let found = gaps(reader, scope, employee, None, today).await?;
    Ok(found.map(|snapshot| (store::SnapshotAgainst::Held, snapshot)).into_iter().collect())
}

/// The latest plan of the year of each person who has one: its number, the draft it is, and whether it is settled.
type There = [(EmployeeId, i32, Option<PlanId>, bool)];

/// What every part of the work needs.
struct Job<'a> {
    services: &'a Services,
    scope: &'a Scope,
    today: NaiveDate,
    agency: AgencyId,
    operation: &'a OperationRow,
    worker: WorkerId,
    year: i32,
    request: RequestId,
    population: PlanPopulation,
    template: Option<PlanTemplate>,
    rubric: PlanRubric,
    offers: Vec<Offer>,
}

impl<'a> Job<'a> {
    async fn new(
        services: &'a Services,
        scope: &'a Scope,
        today: NaiveDate,
        claimed: &'a ClaimedOperation,
        worker: WorkerId,
        order: Order,
    ) -> Result<Self, AppError> {
        let reader = services.store.read(scope, today);
        let template = match order.template {
            Some(id) => Some(reader.plan_template(id).await?.ok_or(Problem::NotFound)?),
            None => None,
        };
        let of = template.as_ref().map(|template| template.whom);
        let population = PlanPopulation {
            within: order.unit,
            job_class: match of {
                Some(TemplateFor::Class(class)) => Some(class),
                _ => None,
            },
            position: match of {
                Some(TemplateFor::Position(position)) => Some(position),
                _ => None,
            },
            // Whoever has a plan by now needs none: that is how work that was taken over goes on.
            without_plan_for: template.is_none().then_some(order.year),
        };
        let versions = reader.policies_for::<PlanRubric>().await?;
        let known_at = chrono::DateTime::<chrono::Utc>::MAX_UTC;
        let rubric = policy_on(&versions, DEVELOPMENT_PLAN_POLICY, claimed.agency, today, known_at);
        let total = reader.plan_population_count(&population).await?;
        let offers = if template.is_none() { reader.plan_offers().await? } else { Vec::new() };
        let progress = store::OperationProgress {
            phase: Some(kernel::OperationPhase::Writing),
            done: 0,
            total: Some(total),
        };
        let (id, now) = (claimed.operation.id, services.clock.now());
        services.store.operation_progress(claimed.agency, id, worker, progress, now).await?;
        Ok(Self {
            services,
            scope,
            today,
            agency: claimed.agency,
            operation: &claimed.operation,
            worker,
            year: order.year,
            request: order.request,
            population,
            template,
            rubric: rubric.map(|policy| policy.rubric).ok_or(Problem::Internal)?,
            offers,
        })
    }

    /// One part: what it writes commits together with how far the work has come.
    async fn part(&self, people: &[EmployeeId], done: i64) -> Result<(), AppError> {
        // Gaps are looked at before, several at once; who got a plan meanwhile is left out below.
        let looked = self.looked(&self.without_plan(people).await?).await?;
        let context = WriteContext {
            user: Some(self.operation.requested_by),
            agency: self.agency,
            request: self.request,
            operation: self.operation.kind.as_str(),
            now: self.services.clock.now(),
            idempotency: None,
        };
        let pass = Pass::system(self.agency, Action::PlanKeep, "whoever asked for the work was allowed to");
        self.services
            .store
            .write(&context, async |tx| {
                let at = (done, self.services.clock.now());
                tx.operation_part(&pass, self.operation.id, self.worker, at).await?;
                let reader = tx.read(self.scope, self.today);
                // Of a template that changes meanwhile every part takes what it says by then; before the drafts, as a
                // change of the template does.
                let template = match &self.template {
                    Some(template) => {
                        tx.plan_template_hold(&pass, template.id).await?;
                        let template = reader.plan_template(template.id).await?.ok_or(Problem::NotFound)?;
                        if template.retired {
                            return Err(Problem::PlanTemplateRetired.into());
                        }
                        Some(template)
                    }
                    None => None,
                };
                tx.plans_lock_many(&pass, people).await?;
                let there = reader.plans_of(people, self.year).await?;
                let touched = match &template {
                    Some(template) => {
                        self.applied(tx, &pass, &reader, (template, people), (&looked, &there)).await?
                    }
                    None => self.generated(tx, &pass, &reader, &looked, &there).await?,
                };
                tx.plans_worked_on(&pass, self.operation.id, &touched).await?;
                let event = Event::new(Resource::Operation, self.operation.id, "PART_WRITTEN");
                Ok::<_, AppError>(tx.record(&pass, &event, Some(json!({"plans": touched.len()}))))
            })
            .await
    }

    /// Who of these people gets a new plan as things are now.
    async fn without_plan(&self, people: &[EmployeeId]) -> Result<Vec<EmployeeId>, AppError> {
        let reader = self.services.store.read(self.scope, self.today);
        let there = reader.plans_of(people, self.year).await?;
        let has = |person: &EmployeeId| {
            there.iter().any(|(one, _, draft, settled)| one == person && (draft.is_some() || *settled))
        };
        Ok(people.iter().copied().filter(|person| !has(person)).collect())
    }

    async fn looked(&self, people: &[EmployeeId]) -> Result<Vec<(EmployeeId, Looked)>, AppError> {
        let look = |employee: EmployeeId| async move {
            let reader = self.services.store.read(self.scope, self.today);
            Ok::<_, AppError>((employee, held(&reader, self.scope, employee, self.today).await?))
        };
        let all: Vec<_> = stream::iter(people.iter().copied().map(look)).buffered(AT_ONCE).collect().await;
        all.into_iter().collect()
    }

    /// Plans for those who have none.
    async fn generated(
        &self,
        tx: &Tx<'_>,
        pass: &Pass,
        reader: &Reader<'_>,
        looked: &[(EmployeeId, Looked)],
        there: &There,
    ) -> Result<Vec<PlanId>, AppError> {
        let (mut plans, mut snapshots) = (Vec::new(), Vec::new());
        let people: Vec<_> = looked.iter().map(|(employee, _)| *employee).collect();
        let learners = reader.participant_facts(&people).await?;
        let rooms = rooms(reader, self.scope, (self.year, self.today), &people).await?;
        let nobody = ParticipantFacts::default();
        for (employee, looked) in looked {
            let before = there.iter().find(|(one, ..)| one == employee);
            if before.is_some_and(|(_, _, draft, settled)| draft.is_some() || *settled) {
                continue;
            }
            let number = before.map_or(1, |(_, number, ..)| number + 1);
            let mut draft = PlanDraft { target: None, goal: None, items: vec![], attachments: vec![] };
            let learner = learners.get(employee).unwrap_or(&nobody);
            let rooms = rooms.get(employee).cloned().unwrap_or_default();
            let kept = drawn_up(&mut draft, looked.clone(), (&self.offers, learner), self.rubric, rooms);
            let plan = Plan::draft(PlanId::new(), *employee, self.year, number, draft)?;
            snapshots.extend(kept.into_iter().map(|(against, snapshot)| (plan.id, against, snapshot)));
            plans.push(plan);
        }
        tx.plans_insert(pass, &plans).await?;
        let steps: Vec<_> = plans.iter().map(|plan| PlanStepDraft::made(plan, vec![], None)).collect();
        tx.plan_steps(pass, &steps).await?;
        tx.plan_snapshots_insert(pass, SnapshotMoment::Made, &snapshots).await?;
        Ok(plans.into_iter().map(|plan| plan.id).collect())
    }

    /// A template's items in the drafts of those who have one, and in new drafts of those who have no plan. A plan beyond a
    /// draft is left as it is.
    async fn applied(
        &self,
        tx: &Tx<'_>,
        pass: &Pass,
        reader: &Reader<'_>,
        (template, people): (&PlanTemplate, &[EmployeeId]),
        (looked, there): (&[(EmployeeId, Looked)], &There),
    ) -> Result<Vec<PlanId>, AppError> {
        let drafts: Vec<_> = there.iter().filter_map(|(_, _, draft, _)| *draft).collect();
        let drafts = reader.plans_named(&drafts).await?;
        let (mut new, mut touched, mut snapshots) = (Vec::new(), Vec::new(), Vec::new());
        for employee in people {
            let before = there.iter().find(|(one, ..)| one == employee);
            match before {
                Some((_, _, Some(draft), _)) => {
                    let Some(row) = drafts.iter().find(|row| row.plan.id == *draft) else { continue };
                    if let Some(said) = template.applied(&row.plan.said, self.year) {
                        tx.plan_update(pass, &Plan { said, ..row.plan.clone() }, true).await?;
                        touched.push(*draft);
                    }
                }
                Some((_, _, None, true)) => {}
                other => {
                    let empty = PlanDraft { target: None, goal: None, items: vec![], attachments: vec![] };
                    let said = template.applied(&empty, self.year).unwrap_or(empty);
                    let number = other.map_or(1, |(_, number, ..)| number + 1);
                    let plan = Plan::draft(PlanId::new(), *employee, self.year, number, said)?;
                    // Whose plan was given up meanwhile was not looked at before.
                    let seen = match looked.iter().find(|(one, _)| one == employee) {
                        Some((_, looked)) => looked.clone(),
                        None => held(reader, self.scope, *employee, self.today).await?,
                    };
                    let kept = left_out(&plan.said, seen).into_iter();
                    snapshots.extend(kept.map(|(against, snapshot)| (plan.id, against, snapshot)));
                    new.push(plan);
                }
            }
        }
        tx.plans_insert(pass, &new).await?;
        let steps: Vec<_> = new.iter().map(|plan| PlanStepDraft::made(plan, vec![], None)).collect();
        tx.plan_steps(pass, &steps).await?;
        tx.plan_snapshots_insert(pass, SnapshotMoment::Made, &snapshots).await?;
        touched.extend(new.into_iter().map(|plan| plan.id));
        Ok(touched)
    }
}
