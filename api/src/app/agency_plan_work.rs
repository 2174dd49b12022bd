//! Publication of an agency's plan: as an operation, in parts that each commit, so that whoever takes it over goes on where the
//! last part ended.
//!
//! Nothing is made twice: a part holds the people it is about, looks at what was made of their places before, over all versions
//! of the plan, and leaves alone what is settled.

use std::collections::{BTreeMap, BTreeSet};

use access::{Action, Pass, Scope};
use chrono::NaiveDate;
use development::{
    AgencyPlan, AgencyPlanAction, AgencyPlanItem, AgencyPlanState, Enrolment, EnrolmentOrigin,
    EnrolmentState, EntryOutcome, ItemProgress, NominationOutcome, OfferStep, PlanAction, PlanItem,
    PlanItemDraft, PlanOrigin, PlanRubric, PlanStepTaken, calendar_year, new_line,
};
use kernel::{
    AgencyPlanId, AgencyPlanItemId, ClassId, EmployeeId, EnrolmentId, Event, Hundredths, Name, OperationId,
    OperationKind, Page, PlanId, PlanItemId, RequestId, Resource, Version, WorkerId,
};
use serde::{Deserialize, Serialize};
use serde_json::{json, to_value};
use store::{
    ClaimedOperation, OperationProgress, OperationRow, PageRequest, PlaceOutcome, PlaceRow, PlanStepDraft,
    Reader, Reply, Tx, WriteContext, Written,
};

use crate::app::agency_plans::{find, found, step};
use crate::app::enrolments::admitted;
use crate::app::plan_work::{Stopped, ended};
use crate::app::{AppError, Ctx, Services, imports};
use crate::dto::agency_plan_reports::PlaceQuery;
use crate::dto::plan_templates::PlanWorkView;
use crate::problems::Problem;

/// People of one part: each part is a transaction about one item, and a sign of life.
const PART: i64 = 100;

/// What the work was asked to do, as it is kept.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Order {
    plan: AgencyPlanId,
    request: RequestId,
}

/// Begins to publish a plan in force. Two works on one plan would take each other's places: whoever asks while one is under way
/// gets that one.
///
/// # Errors
/// `NOT_FOUND`, `FORBIDDEN`, `AGENCY_PLAN_STATE`.
pub async fn publish(ctx: &Ctx, id: AgencyPlanId) -> Result<Written, AppError> {
    let scope = ctx.scope(Action::AgencyPlanRead)?;
    let written = ctx
        .write(async |tx| {
            let (plan, caller, pass) = found(ctx, tx, &scope, (id, AgencyPlanAction::Publish), false).await?;
            let running = ctx.read_in(tx, &scope).agency_plan_publication(id).await?;
            let operation = running.unwrap_or_else(OperationId::new);
            if running.is_none() {
                let order = to_value(Order { plan: id, request: ctx.request }).unwrap_or_default();
                let (kind, user) = (OperationKind::AgencyPlanPublication, ctx.actor.user);
                let begun = OperationRow::begun(operation, kind, order, user, WorkerId::new(), ctx.now);
                // Whoever asks next for work gets it: this server does so at once.
                let waiting = OperationRow { worker: None, attempts: 0, ..begun };
                tx.operation_insert(&pass, &waiting).await?;
                step(tx, (&pass, &caller), (&plan, &plan), (AgencyPlanAction::Publish, None)).await?;
            }
            let event = Event::new(Resource::AgencyPlan, id, "PUBLISHED");
            let reply = Reply {
                status: 202,
                etag: None,
                location: Some(format!("/v1/operations/{operation}")),
                body: to_value(PlanWorkView { operation_id: operation.uuid() }).ok(),
            };
            Ok(tx.record(&pass, &event, Some(json!({"operation_id": operation}))).with(reply))
        })
        .await?;
    if let Err(error) = imports::resume(&ctx.services).await {
        // It stands; the next round of the worker takes it up.
        log::warn!(request_id:% = ctx.request; "work could not be begun with at once: {:?}", error.problem);
    }
    Ok(written)
}

/// Places of a plan, and what publication made of them.
///
/// # Errors
/// `FORBIDDEN`, `NOT_FOUND`.
pub async fn places(
    ctx: &Ctx,
    id: AgencyPlanId,
    query: PlaceQuery,
    page: &PageRequest,
) -> Result<Page<PlaceRow>, AppError> {
    let scope = ctx.scope(Action::AgencyPlanRead)?;
    let reader = ctx.read(&scope);
    find(&reader, id).await?;
    let item = query.item_id.map(AgencyPlanItemId::from);
    let rows = reader.agency_plan_places(id, item, page).await?;
    ctx.note_access(&scope, rows.items.iter().map(|row| row.employee)).await?;
    Ok(rows)
}

/// Does work that was claimed, to its end.
pub(crate) async fn work(services: &Services, claimed: ClaimedOperation, worker: WorkerId) {
    let outcome = all_parts(services, &claimed, worker).await;
    ended(services, &claimed, worker, outcome).await;
}

async fn all_parts(services: &Services, claimed: &ClaimedOperation, worker: WorkerId) -> Result<(), Stopped> {
    let (agency, id) = (claimed.agency, claimed.operation.id);
    let internal = |_: serde_json::Error| AppError::from(Problem::Internal);
    let order: Order = serde_json::from_value(claimed.operation.input.clone()).map_err(internal)?;
    let scope = Scope::system(agency, "whose places are published was decided when the plan was set");
    let zone = services.store.agency(agency).await.map_err(AppError::from)?.map(|agency| agency.zone);
    let Some(zone) = zone else { return Err(AppError::from(Problem::Internal).into()) };
    let today = zone.day(services.clock.now());
    let job = Job { services, scope: &scope, today, claimed, worker, order };
    let reader = || services.store.read(&scope, today);
    let total = find(&reader(), job.order.plan).await?.places;
    let (done, phase) = (0, Some(kernel::OperationPhase::Writing));
    let progress = OperationProgress { phase, done, total: Some(total) };
    services
        .store
        .operation_progress(agency, id, worker, progress, services.clock.now())
        .await
        .map_err(AppError::from)?;
    loop {
        if services.imports.is_closing() {
            // Whoever asks next for work goes on where this part ended.
            let handed = services.store.operation_hand_over(agency, id, worker).await;
            return Ok(handed.map_err(AppError::from)?);
        }
        let pending = reader().agency_plan_pending(job.order.plan, id, PART).await.map_err(AppError::from)?;
        let (Some(item), people, open) = pending else { break };
        let left = open - i64::try_from(people.len()).unwrap_or_default();
        job.part(item, &people, total - left).await?;
    }
    let result = services.store.agency_plan_publication_result(agency, id).await.map_err(AppError::from)?;
    let now = services.clock.now();
    services.store.operation_done(agency, id, worker, result, now).await.map_err(AppError::from)?;
    Ok(())
}

/// What every part of the work needs.
struct Job<'a> {
    services: &'a Services,
    scope: &'a Scope,
    today: NaiveDate,
    claimed: &'a ClaimedOperation,
    worker: WorkerId,
    order: Order,
}

/// What a part is about.
struct Part<'a> {
    tx: &'a Tx<'a>,
    reader: Reader<'a>,
    plan: AgencyPlan,
    item: AgencyPlanItem,
    /// What an item of a person's plan says of where the money comes from.
    budget: Option<Name>,
}

impl Job<'_> {
    /// One part: what it writes commits together with how far the work has come.
    async fn part(&self, item: AgencyPlanItemId, people: &[EmployeeId], done: i64) -> Result<(), AppError> {
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
        let pass = Pass::system(agency, Action::EnrolmentNominate, "the authority set the plan");
        self.services
            .store
            .write(&context, async |tx| {
                tx.operation_part(&pass, operation.id, self.worker, (done, now)).await?;
                let reader = tx.read(self.scope, self.today);
                // Held, so that no other version is set while this part writes.
                tx.agency_plan_lock(&pass, self.order.plan).await?;
                let plan = find(&reader, self.order.plan).await?.plan;
                // Another version may have been set meanwhile: it has its own publication.
                if plan.state != AgencyPlanState::Set {
                    return Err(Problem::AgencyPlanState.into());
                }
                let row = reader.agency_plan_item(plan.id, item).await?.ok_or(Problem::NotFound)?;
                // People before their class, as whoever enrols somebody does.
                tx.plans_lock_many(&pass, people).await?;
                if let Some(class) = row.item.said.class {
                    tx.class_lock(&pass, class).await?;
                }
                let budget = budget(&reader, &plan, &row.item).await?;
                let part = Part { tx, reader: tx.read(self.scope, self.today), plan, item: row.item, budget };
                let outcomes = part.outcomes(&pass, people, operation.requested_by).await?;
                let key = (part.plan.id, item, operation.id);
                tx.agency_plan_outcomes_put(&pass, key, &outcomes).await?;
                let event = Event::new(Resource::Operation, operation.id, "PART_WRITTEN");
                let made = json!({"item_id": item, "places": outcomes.len()});
                Ok::<_, AppError>(tx.record(&pass, &event, Some(made)))
            })
            .await
    }
}

/// What an item of a person's plan says of where the money comes from: the first line that pays.
async fn budget(
    reader: &Reader<'_>,
    plan: &AgencyPlan,
    item: &AgencyPlanItem,
) -> Result<Option<Name>, AppError> {
    let Some(fund) = item.said.funds.first() else { return Ok(None) };
    let lines = reader.agency_plan_lines(plan.id).await?;
    let line = lines.into_iter().map(|row| row.line).find(|line| line.id == fund.line);
    // A code and a name may be longer together than a name may be.
    let said = |line: development::BudgetLine| {
        Name::parse(&format!("{} {}", line.code, line.name)).unwrap_or(line.name)
    };
    Ok(line.map(said))
}

impl Part<'_> {
    /// What becomes of each place now. What is settled stays as it is.
    async fn outcomes(
        &self,
        pass: &Pass,
        people: &[EmployeeId],
        by: kernel::UserId,
    ) -> Result<Vec<PlaceOutcome>, AppError> {
        let before = self.reader.agency_plan_outcomes(self.item.id, people).await?;
        let serving = self.reader.serving_units(&people.iter().copied().collect::<BTreeSet<_>>()).await?;
        let plans = self.reader.plans_of(people, self.plan.year).await?;
        let planned = match self.item.said.programme {
            Some(programme) => self.reader.planned_already(people, self.plan.year, programme).await?,
            None => BTreeMap::new(),
        };
        let mut all = Vec::with_capacity(people.len());
        for employee in people.iter().copied() {
            // What a version before this one made counts for the class and the programme the item has now.
            let old = before.get(&employee);
            let (class, programme) = (self.item.said.class, self.item.said.programme);
            let nominated = old.filter(|old| class.is_some() && old.class == class);
            let nominated = nominated.map(|old| old.outcome).filter(|old| old.nomination.is_settled());
            let entered = old.filter(|old| old.programme == programme);
            let entered = entered.map(|old| old.outcome).filter(|old| old.entry.is_settled());
            let serves = serving.contains_key(&employee);
            let (nomination, enrolment) = match nominated {
                Some(old) => (old.nomination, old.enrolment),
                None => self.nominated(pass, employee, serves, by).await?,
            };
            let (entry, plan_item) = match entered {
                Some(old) => (old.entry, old.plan_item),
                None => match planned.get(&employee) {
                    Some(item) => (EntryOutcome::Already, Some(*item)),
                    None => {
                        let of = plans.iter().find(|(one, ..)| *one == employee);
                        let of = of.map(|(_, _, draft, settled)| (*draft, *settled));
                        self.entered(pass, employee, serves, of).await?
                    }
                },
            };
            all.push(PlaceOutcome { employee, nomination, enrolment, entry, plan_item });
        }
        Ok(all)
    }

    /// Nominates somebody for the item's class, by the rules everybody is enrolled by.
    async fn nominated(
        &self,
        pass: &Pass,
        employee: EmployeeId,
        serves: bool,
        by: kernel::UserId,
    ) -> Result<(NominationOutcome, Option<EnrolmentId>), AppError> {
        let Some(class) = self.item.said.class else { return Ok((NominationOutcome::NoClass, None)) };
        if let Some(there) = self.reader.enrolment_of(employee, class).await? {
            return Ok((NominationOutcome::Already, Some(there)));
        }
        if !serves {
            return Ok((NominationOutcome::Left, None));
        }
        let now = self.tx.now();
        let state = match admitted(&self.reader, class, employee, None, now).await {
            Ok(state) => state,
            Err(error) => {
                let why = match error.problem {
                    Problem::ClassRegistrationClosed => NominationOutcome::ClassClosed,
                    Problem::ClassFull => NominationOutcome::ClassFull,
                    Problem::EnrolmentUnmet => NominationOutcome::Unmet,
                    Problem::EnrolmentBusy => NominationOutcome::Busy,
                    Problem::EnrolmentNotServing => NominationOutcome::Left,
                    _ => return Err(error),
                };
                return Ok((why, None));
            }
        };
        let enrolment = nomination(class, employee, state, (by, now));
        self.tx.enrolment_insert(pass, &enrolment).await?;
        let kept = json!({"class_id": class, "employee_id": employee, "state": state, "origin": enrolment.origin,
            "agency_plan_id": self.plan.id, "item_id": self.item.id});
        let _ = self.tx.record(pass, &Event::new(Resource::Enrolment, enrolment.id, "CREATED"), Some(kept));
        let told = match state {
            EnrolmentState::Enrolled => NominationOutcome::Nominated,
            _ => NominationOutcome::Waitlisted,
        };
        Ok((told, Some(enrolment.id)))
    }

    /// Adds the item to somebody's draft for the year.
    async fn entered(
        &self,
        pass: &Pass,
        employee: EmployeeId,
        serves: bool,
        of: Option<(Option<PlanId>, bool)>,
    ) -> Result<(EntryOutcome, Option<PlanItemId>), AppError> {
        let draft = match of {
            _ if !serves => return Ok((EntryOutcome::Left, None)),
            Some((Some(draft), _)) => draft,
            Some((None, true)) => return Ok((EntryOutcome::PlanBeyondDraft, None)),
            Some((None, false)) | None => return Ok((EntryOutcome::NoPlan, None)),
        };
        let plan = self.reader.plan(draft).await?.ok_or(Problem::NotFound)?.plan;
        if plan.said.items.len() >= usize::from(PlanRubric::MOST_ITEMS) {
            return Ok((EntryOutcome::PlanFull, None));
        }
        let item = self.plan_item(employee)?;
        let id = item.id;
        let mut after = plan.clone();
        after.said.items.push(item);
        after.said.check()?;
        self.tx.plan_update(pass, &after, true).await?;
        let states = (plan.state, plan.state);
        let step = PlanStepDraft::done(plan.id, PlanAction::Edit, states, (vec![], None), None);
        self.tx.plan_steps(pass, &[step]).await?;
        let kept = json!({"employee_id": employee, "year": plan.year, "item_id": id, "agency_plan_id": self.plan.id});
        let _ = self.tx.record(pass, &Event::new(Resource::Plan, plan.id, "REPLACED"), Some(kept));
        Ok((EntryOutcome::Added, Some(id)))
    }

    /// The step a place is for that names none: the first the programme teaches.
    fn taught(&self) -> Option<PlanStepTaken> {
        let OfferStep { competency_agency, competency, from: _, to } = *self.item.offer.steps.first()?;
        Some(PlanStepTaken { competency_agency, competency, from: None, to })
    }

    /// What a person's plan says of their place.
    fn plan_item(&self, employee: EmployeeId) -> Result<PlanItem, AppError> {
        let target = self.item.said.targets.iter().find(|target| target.employee == employee);
        let days = self.item.days();
        // A class may end in the year after; a person's plan ends with its own.
        let last = calendar_year(self.plan.year).last;
        // Without a form and a title nothing is set.
        let (form, title) = self.item.form().zip(self.item.title()).ok_or(Problem::Internal)?;
        Ok(PlanItem {
            id: PlanItemId::new(),
            line: new_line(),
            said: PlanItemDraft {
                step: target.and_then(|target| target.steps.first().copied()).or_else(|| self.taught()),
                programme: self.item.said.programme.map(kernel::ProgrammeId::uuid),
                class: self.item.said.class.map(ClassId::uuid),
                form: form.clone(),
                title: title.clone(),
                jp: self.item.jp().unwrap_or(Hundredths::from_count(0)),
                cost: self.item.price().per_participant.map_or(0, |each| each.amount()),
                budget: self.budget.clone(),
                starts_on: days.map(|(first, _)| first),
                due_on: days.map(|(_, ends)| last.map_or(ends, |last| ends.min(last))),
                mentor: None,
                evidence: None,
                origin: PlanOrigin::AgencyPlan,
            },
            carried_from: None,
            template_item: None,
            progress: ItemProgress::NONE,
        })
    }
}

/// A nomination as it begins.
fn nomination(
    class: ClassId,
    employee: EmployeeId,
    state: EnrolmentState,
    (by, at): (kernel::UserId, chrono::DateTime<chrono::Utc>),
) -> Enrolment {
    Enrolment {
        id: EnrolmentId::new(),
        class,
        employee,
        origin: EnrolmentOrigin::Nominated,
        state,
        ticket: 0,
        requested_at: at,
        decided_by: Some(by),
        decided_at: Some(at),
        reason: None,
        cause: None,
        exception: None,
        outcome: None,
        version: Version::FIRST,
    }
}
