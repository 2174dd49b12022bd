//! Scenarios of agency plans: asked for, compared, taken over into the plan's draft.

use std::collections::{BTreeMap, BTreeSet};

use access::Action;
use development::{
    AgencyPlan, AgencyPlanAction, AgencyPlanItem, AgencyPlanItemDraft, AgencyPlanOrigin, BudgetLine, Fund,
    PlanOffer, PlanTarget, Price, ScenarioFigures, ScenarioPoint, ScenarioUnit,
};
use kernel::{
    AgencyPlanId, AgencyPlanItemId, BudgetLineId, ClassId, EmployeeId, Event, OperationId, OperationKind,
    Page, ProgrammeId, Resource, Rupiah, ScenarioId, UnitId, Violation, ViolationCode, Violations, WorkerId,
};
use serde_json::{json, to_value};
use store::{
    OperationRow, PageRequest, Reader, Reply, ScenarioDraft, ScenarioEnrolment, ScenarioEnrolmentRow,
    ScenarioRow, ScenarioUnreachedRow, ScenarioUnservedRow, StoreError, Tx, Written,
};

use crate::app::agency_plans::{edited, find, found, pass};
use crate::app::scenario_money::{Above, Purse};
use crate::app::scenario_work::{Order, is_draft, stays};
use crate::app::{AppError, Ctx, imports};
use crate::dto::scenario_asks::{ScenarioCreate, ScenarioPairView};
use crate::dto::scenarios::{ScenarioAdoptionView, ScenarioUnservedQuery, ScenarioWorkView};
use crate::dto::{gone, replaced};
use crate::problems::Problem;

/// The most scenarios of a plan.
const MOST: i64 = 200;

/// The most that are compared at once.
const MOST_COMPARED: usize = 10;

/// Scenarios of a plan.
///
/// # Errors
/// `FORBIDDEN`, `NOT_FOUND`.
pub async fn list(ctx: &Ctx, plan: AgencyPlanId, page: &PageRequest) -> Result<Page<ScenarioRow>, AppError> {
    let scope = ctx.scope(Action::AgencyPlanRead)?;
    let reader = ctx.read(&scope);
    find(&reader, plan).await?;
    Ok(reader.scenarios(plan, page).await?)
}

/// One scenario of a plan.
///
/// # Errors
/// `FORBIDDEN`, `NOT_FOUND`.
pub async fn get(ctx: &Ctx, (plan, id): (AgencyPlanId, ScenarioId)) -> Result<ScenarioRow, AppError> {
    let scope = ctx.scope(Action::AgencyPlanRead)?;
    of_plan(&ctx.read(&scope), (plan, id)).await
}

/// A scenario that is solved, with the year of its plan.
///
/// # Errors
/// `FORBIDDEN`, `NOT_FOUND`, `SCENARIO_UNSOLVED`.
pub async fn to_draw(
    ctx: &Ctx,
    (plan, id): (AgencyPlanId, ScenarioId),
) -> Result<(ScenarioRow, ScenarioFigures, i32), AppError> {
    let scope = ctx.scope(Action::AgencyPlanRead)?;
    let reader = ctx.read(&scope);
    let year = find(&reader, plan).await?.plan.year;
    let row = of_plan(&reader, (plan, id)).await?;
    let figures = reader.scenario_figures(id).await?.ok_or(Problem::ScenarioUnsolved)?;
    Ok((row, figures, year))
}

async fn of_plan(
    reader: &Reader<'_>,
    (plan, id): (AgencyPlanId, ScenarioId),
) -> Result<ScenarioRow, AppError> {
    find(reader, plan).await?;
    let row = reader.scenario(id).await?.filter(|row| row.plan == plan);
    Ok(row.ok_or(Problem::NotFound)?)
}

/// Who would be enrolled where.
///
/// # Errors
/// `FORBIDDEN`, `NOT_FOUND`.
pub async fn enrolments(
    ctx: &Ctx,
    of: (AgencyPlanId, ScenarioId),
    page: &PageRequest,
) -> Result<Page<ScenarioEnrolmentRow>, AppError> {
    let scope = ctx.scope(Action::AgencyPlanRead)?;
    let reader = ctx.read(&scope);
    of_plan(&reader, of).await?;
    let rows = reader.scenario_enrolments(of.1, page).await?;
    ctx.note_access(&scope, rows.items.iter().map(|row| row.enrolment.employee)).await?;
    Ok(rows)
}

/// How units fare, by code.
///
/// # Errors
/// `FORBIDDEN`, `NOT_FOUND`.
pub async fn units(
    ctx: &Ctx,
    of: (AgencyPlanId, ScenarioId),
    page: &PageRequest,
) -> Result<Page<ScenarioUnit>, AppError> {
    let scope = ctx.scope(Action::AgencyPlanRead)?;
    let reader = ctx.read(&scope);
    of_plan(&reader, of).await?;
    Ok(reader.scenario_units(of.1, page).await?)
}

/// A scenario, and what budgets buy in it.
///
/// # Errors
/// `FORBIDDEN`, `NOT_FOUND`.
pub async fn curve(
    ctx: &Ctx,
    of: (AgencyPlanId, ScenarioId),
) -> Result<(ScenarioRow, Vec<ScenarioPoint>), AppError> {
    let scope = ctx.scope(Action::AgencyPlanRead)?;
    let reader = ctx.read(&scope);
    let row = of_plan(&reader, of).await?;
    Ok((row, reader.scenario_curve(of.1).await?))
}

/// What stays open, and why: what people lack, so whoever asks may read needs, too.
///
/// # Errors
/// `FORBIDDEN`, `NOT_FOUND`.
pub async fn unserved(
    ctx: &Ctx,
    of: (AgencyPlanId, ScenarioId),
    query: ScenarioUnservedQuery,
    page: &PageRequest,
) -> Result<Page<ScenarioUnservedRow>, AppError> {
    let scope = ctx.scope(Action::AgencyPlanRead)?;
    ctx.actor.allow(Action::NeedsRead)?;
    let reader = ctx.read(&scope);
    of_plan(&reader, of).await?;
    let rows = reader.scenario_unserved(of.1, query.word(), page).await?;
    ctx.note_access(&scope, rows.items.iter().map(|row| row.unserved.employee)).await?;
    Ok(rows)
}

/// Who still lacks learning hours, and why: how their hours stand, so whoever asks may read the ledger, too.
///
/// # Errors
/// `FORBIDDEN`, `NOT_FOUND`.
pub async fn unreached(
    ctx: &Ctx,
    of: (AgencyPlanId, ScenarioId),
    query: ScenarioUnservedQuery,
    page: &PageRequest,
) -> Result<Page<ScenarioUnreachedRow>, AppError> {
    let scope = ctx.scope(Action::AgencyPlanRead)?;
    ctx.actor.allow(Action::JpRead)?;
    let reader = ctx.read(&scope);
    of_plan(&reader, of).await?;
    let rows = reader.scenario_unreached(of.1, query.word(), page).await?;
    ctx.note_access(&scope, rows.items.iter().map(|row| row.unreached.employee)).await?;
    Ok(rows)
}

/// Scenarios of a plan side by side, in the order they are named.
///
/// # Errors
/// `FORBIDDEN`, `NOT_FOUND`, `INVALID`.
pub async fn comparison(
    ctx: &Ctx,
    plan: AgencyPlanId,
    ids: &[ScenarioId],
) -> Result<Vec<ScenarioRow>, AppError> {
    let scope = ctx.scope(Action::AgencyPlanRead)?;
    let reader = ctx.read(&scope);
    find(&reader, plan).await?;
    if ids.is_empty() || ids.len() > MOST_COMPARED {
        let code = if ids.is_empty() { ViolationCode::Required } else { ViolationCode::TooMany };
        return Err(Violation::new("/query/ids", code).with("max", MOST_COMPARED).into());
    }
    let rows = reader.scenarios_named(plan, ids).await?;
    let found: BTreeMap<ScenarioId, ScenarioRow> = rows.into_iter().map(|row| (row.id, row)).collect();
    let one = |id: &ScenarioId| found.get(id).cloned().ok_or_else(|| AppError::from(Problem::NotFound));
    ids.iter().map(one).collect()
}

/// Asks for a scenario. Its instance is loaded when work on it begins.
///
/// # Errors
/// `FORBIDDEN`, `NOT_FOUND`, `INVALID`, `AGENCY_PLAN_STATE`.
pub async fn create(ctx: &Ctx, plan: AgencyPlanId, input: ScenarioCreate) -> Result<Written, AppError> {
    let scope = ctx.scope(Action::AgencyPlanRead)?;
    let written = ctx
        .write(async |tx| {
            let reader = ctx.read_in(tx, &scope);
            let row = find(&reader, plan).await?;
            let pass = pass(ctx, AgencyPlanAction::Edit)?;
            if !is_draft(&row.plan) {
                // What it finds could not be taken over.
                return Err(Problem::AgencyPlanState.into());
            }
            let basis = match input.based_on_id.map(ScenarioId::from) {
                Some(id) => {
                    let basis = reader.scenario(id).await?.filter(|row| row.plan == plan);
                    Some(basis.ok_or_else(|| AppError::invalid("/based_on_id", ViolationCode::NotFound))?)
                }
                None => None,
            };
            let (name, ask) = input.clone().into_domain(basis.as_ref().map(|row| &row.ask))?;
            ask.check()?;
            known(&reader, &input, &ask).await?;
            if reader.scenario_count(plan).await? >= MOST {
                return Err(Violation::new("/name", ViolationCode::TooMany).with("max", MOST).into());
            }
            let (id, operation, user) = (ScenarioId::new(), OperationId::new(), ctx.actor.user);
            let order = to_value(Order { scenario: id, request: ctx.request }).unwrap_or_default();
            let kind = OperationKind::Scenario;
            let begun = OperationRow::begun(operation, kind, order, user, WorkerId::new(), ctx.now);
            // Whoever asks next for work gets it: this server does so at once.
            let waiting = OperationRow { worker: None, attempts: 0, ..begun };
            tx.operation_insert(&pass, &waiting).await?;
            let based_on = basis.map(|row| row.id);
            let draft = ScenarioDraft { id, plan, operation, based_on, name, ask, created_by: user };
            tx.scenario_insert(&pass, &draft).await?;
            let event = Event::new(Resource::AgencyPlan, plan, "SCENARIO_CREATED");
            let view = ScenarioWorkView { id: id.uuid(), operation_id: operation.uuid() };
            let reply = Reply {
                status: 202,
                etag: None,
                location: Some(format!("/v1/operations/{operation}")),
                body: to_value(view).ok(),
            };
            let kept = json!({"scenario_id": id, "operation_id": operation});
            Ok(tx.record(&pass, &event, Some(kept)).with(reply))
        })
        .await?;
    if let Err(error) = imports::resume(&ctx.services).await {
        // It stands; the next round of the worker takes it up.
        log::warn!(request_id:% = ctx.request; "work could not be begun with at once: {:?}", error.problem);
    }
    Ok(written)
}

/// Whether the people, units, competencies and offers that are named are there.
async fn known(
    reader: &Reader<'_>,
    input: &ScenarioCreate,
    ask: &development::ScenarioAsk,
) -> Result<(), AppError> {
    let pairs: Vec<(String, &ScenarioPairView)> =
        [("required", &input.required), ("forbidden", &input.forbidden)]
            .into_iter()
            .flat_map(|(name, pairs)| {
                let pairs = pairs.iter().flatten().enumerate();
                pairs.map(move |(index, pair)| (format!("/{name}/{index}"), pair))
            })
            .collect();
    let people: Vec<EmployeeId> = pairs.iter().map(|(_, pair)| pair.employee_id.into()).collect();
    let names = reader.plan_target_names(&people).await?;
    let excluded = input.excluded_offers.iter().flatten().enumerate();
    let excluded = excluded.map(|(index, offer)| (format!("/excluded_offers/{index}"), *offer));
    let offers = pairs.iter().map(|(at, pair)| (format!("{at}/offer_id"), pair.offer_id));
    let offers: Vec<_> = offers.chain(excluded).collect();
    let there = reader.scenario_offers_known(&offers.iter().map(|(_, offer)| *offer).collect()).await?;
    let weights =
        || ask.weights.iter().enumerate().map(|(index, one)| (format!("/weights/{index}"), &one.whose));
    let competencies = weights().filter_map(|(_, whose)| whose.competency).collect();
    let competencies = reader.competencies_known(&competencies).await?;
    let units = reader.unit_labels().await?;
    let mut found = Violations::new();
    let mut missing = |at: String, is: bool| {
        found.check(is, || Violation::new(at, ViolationCode::NotFound));
    };
    for (at, pair) in &pairs {
        missing(format!("{at}/employee_id"), !names.contains_key(&pair.employee_id.into()));
    }
    for (at, offer) in offers {
        missing(at, !there.contains(&offer));
    }
    for (at, whose) in weights() {
        missing(
            format!("{at}/competency_id"),
            whose.competency.is_some_and(|one| !competencies.contains(&one)),
        );
    }
    let weights = weights().map(|(at, whose)| (format!("{at}/unit_id"), whose.unit));
    let floors = ask.floors.iter().enumerate();
    let floors = floors.map(|(index, one)| (format!("/equity_floors/{index}/unit_id"), one.whose.unit));
    let budgets = ask.unit_budgets.iter().enumerate();
    let budgets = budgets.map(|(index, (unit, _))| (format!("/unit_budgets/{index}/unit_id"), Some(*unit)));
    let goal = ("/learning_hours/unit_id".to_owned(), ask.goal.and_then(|goal| goal.unit));
    for (at, unit) in weights.chain(floors).chain(budgets).chain([goal]) {
        missing(at, unit.is_some_and(|unit| !units.contains_key(&unit)));
    }
    found.finish()?;
    Ok(())
}

/// Deletes a scenario; work on it that goes on is called off.
///
/// # Errors
/// `FORBIDDEN`, `NOT_FOUND`, `STALE`, `STILL_REFERENCED` while an item of the plan or of another version came from it.
pub async fn delete(ctx: &Ctx, (plan, id): (AgencyPlanId, ScenarioId)) -> Result<Written, AppError> {
    let scope = ctx.scope(Action::AgencyPlanRead)?;
    ctx.write(async |tx| {
        let reader = ctx.read_in(tx, &scope);
        of_plan(&reader, (plan, id)).await?;
        let pass = pass(ctx, AgencyPlanAction::Edit)?;
        // Nobody takes it over meanwhile.
        tx.agency_plan_lock(&pass, plan).await?;
        let row = of_plan(&reader, (plan, id)).await?;
        ctx.expect_version(row.version)?;
        if reader.scenario_items(id).await? > 0 {
            return Err(Problem::StillReferenced.into());
        }
        match tx.operation_cancel(&pass, row.operation).await {
            Ok(_) | Err(StoreError::Stale) => {}
            Err(error) => return Err(error.into()),
        }
        tx.scenario_delete(&pass, id).await?;
        let event = Event::new(Resource::AgencyPlan, plan, "SCENARIO_DELETED");
        let kept = json!({"scenario_id": id, "name": row.name});
        Ok(tx.record(&pass, &event, Some(kept)).with(gone()))
    })
    .await
}

/// Takes a scenario over into its plan's draft: an item for each class, paid from the lines as far as they reach. Items of other
/// scenarios go, all else stays. What was taken over already stays as it is.
///
/// # Errors
/// `FORBIDDEN`, `NOT_FOUND`, `AGENCY_PLAN_STATE`, `SCENARIO_UNSOLVED`, `INVALID`.
pub async fn adopt(ctx: &Ctx, (plan, id): (AgencyPlanId, ScenarioId)) -> Result<Written, AppError> {
    let scope = ctx.scope(Action::AgencyPlanRead)?;
    ctx.write(async |tx| {
        let by = found(ctx, tx, &scope, (plan, AgencyPlanAction::Edit), false).await?;
        let reader = ctx.read_in(tx, &scope);
        let row = of_plan(&reader, (plan, id)).await?;
        if row.solved.is_none() {
            return Err(Problem::ScenarioUnsolved.into());
        }
        let before: Vec<AgencyPlanItem> =
            reader.agency_plan_items_all(plan).await?.into_iter().map(|row| row.item).collect();
        let begun = reader.agency_plan_items_begun(plan).await?;
        let chosen = |item: &AgencyPlanItem| !stays(&by.0, item, &begun);
        let mine = |item: &AgencyPlanItem| item.origin == AgencyPlanOrigin::Scenario(id.uuid());
        let (own, others): (Vec<_>, Vec<_>) = before.into_iter().partition(chosen);
        let there = row.adopted_at.is_some() && !own.is_empty() && own.iter().all(mine);
        let (items, version) = if there {
            (own.len(), by.0.version)
        } else {
            adopted(ctx, tx, (&reader, id), &by, others).await?
        };
        let view = ScenarioAdoptionView { scenario_id: id.uuid(), plan_id: plan.uuid(), items: count(items) };
        let event = Event::new(Resource::AgencyPlan, plan, "SCENARIO_ADOPTED");
        let kept = json!({"scenario_id": id, "items": items, "again": there});
        Ok(tx.record(&by.2, &event, Some(kept)).with(replaced(&view, version)))
    })
    .await
}

fn count(number: usize) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

type By = (AgencyPlan, development::AgencyPlanCaller, access::Pass);

/// Writes a scenario's items beside those that stay; how many of its own, and the plan's version.
async fn adopted(
    ctx: &Ctx,
    tx: &Tx<'_>,
    (reader, id): (&Reader<'_>, ScenarioId),
    (plan, caller, pass): &By,
    others: Vec<AgencyPlanItem>,
) -> Result<(usize, kernel::Version), AppError> {
    let enrolments = reader.scenario_enrolments_all(id).await?;
    let programmes: BTreeSet<ProgrammeId> = enrolments.iter().map(|one| one.programme).collect();
    let prices = reader.scenario_prices(&programmes).await?;
    let lines: Vec<BudgetLine> =
        reader.agency_plan_lines(plan.id).await?.into_iter().map(|row| row.line).collect();
    let above = reader.units_above().await?;
    let people = others.iter().flat_map(|item| &item.said.targets).map(|target| target.employee).collect();
    let serves = reader.serving_units(&people).await?;
    let mut payer = Payer { purse: Purse::new(&lines, others.iter(), &serves, &above), above: &above };
    let (groups, mut own) = (grouped(&enrolments), Vec::new());
    for ((programme, class), all) in &groups {
        let price = prices.get(programme).copied().unwrap_or_default();
        for (number, people) in all.chunks(AgencyPlanItemDraft::MOST_TARGETS).enumerate() {
            own.push(payer.heads((*programme, *class), (price, number > 0), people));
        }
    }
    // What classes cost comes last: others than the people of a unit cannot be paid from its lines.
    own.iter_mut().for_each(|bought| payer.class(bought));
    let own: Vec<AgencyPlanItem> = own.into_iter().map(|bought| bought.item(id)).collect();
    if own.len() + others.len() > AgencyPlan::MOST_ITEMS {
        return Err(Violation::new("/items", ViolationCode::TooMany)
            .with("max", AgencyPlan::MOST_ITEMS)
            .into());
    }
    let count = own.len();
    let all: Vec<AgencyPlanItem> = others.into_iter().chain(own).collect();
    tx.agency_plan_items_replace(pass, plan.id, &all).await?;
    tx.scenario_adopted(pass, id, ctx.actor.user).await?;
    Ok((count, edited(tx, (pass, caller), plan).await?))
}

type Offered = (ProgrammeId, Option<ClassId>);

/// Enrolments by what they are in.
fn grouped(enrolments: &[ScenarioEnrolment]) -> BTreeMap<Offered, Vec<&ScenarioEnrolment>> {
    let mut all: BTreeMap<Offered, Vec<&ScenarioEnrolment>> = BTreeMap::new();
    for one in enrolments {
        all.entry((one.programme, one.class)).or_default().push(one);
    }
    all
}

/// People of a class, and from which lines they are paid.
struct Bought<'a> {
    offered: Offered,
    price: Price,
    /// Of a class that takes several items only the first pays what the class itself costs.
    further: bool,
    people: &'a [&'a ScenarioEnrolment],
    units: BTreeSet<UnitId>,
    funds: BTreeMap<BudgetLineId, i64>,
}

impl Bought<'_> {
    fn of_class(&self) -> i64 {
        if self.further { 0 } else { self.price.per_class.map_or(0, Rupiah::amount) }
    }

    fn item(self, id: ScenarioId) -> AgencyPlanItem {
        let (programme, class) = self.offered;
        let fund = |(line, amount): (BudgetLineId, i64)| Fund { line, amount: Rupiah::new(amount) };
        let targets = self.people.iter().map(|one| PlanTarget { employee: one.employee, steps: vec![] });
        AgencyPlanItem {
            id: AgencyPlanItemId::new(),
            said: AgencyPlanItemDraft {
                programme: Some(programme),
                class,
                title: None,
                form: None,
                provider: None,
                days: None,
                curriculum_owner: None,
                curriculum: None,
                jp: None,
                price: Price { per_participant: None, per_class: self.further.then_some(Rupiah::ZERO) },
                targets: targets.collect(),
                funds: self.funds.into_iter().map(fund).collect(),
                note: None,
            },
            offer: PlanOffer::default(),
            origin: AgencyPlanOrigin::Scenario(id.uuid()),
        }
    }
}

/// Pays from the lines of a plan, those nearest to whom it is for first. Where they hold less, the rest stays open, and the plan
/// says so.
struct Payer<'a> {
    purse: Purse,
    above: &'a Above,
}

impl Payer<'_> {
    /// What people cost, each from the lines of their unit.
    fn heads<'b>(
        &mut self,
        offered: Offered,
        (price, further): (Price, bool),
        people: &'b [&'b ScenarioEnrolment],
    ) -> Bought<'b> {
        let each = price.per_participant.map_or(0, Rupiah::amount);
        let mut heads: BTreeMap<UnitId, i64> = BTreeMap::new();
        for one in people {
            *heads.entry(one.unit).or_default() += each;
        }
        let units = heads.keys().copied().collect();
        let mut bought = Bought { offered, price, further, people, units, funds: BTreeMap::new() };
        for (unit, cost) in heads {
            let (paid, _) = self.purse.pay(cost, &BTreeSet::from([unit]), self.above);
            for (line, amount) in paid {
                *bought.funds.entry(line).or_default() += amount;
            }
        }
        bought
    }

    /// What the class costs, and that nobody is without a line of theirs.
    fn class(&mut self, bought: &mut Bought<'_>) {
        let (paid, _) = self.purse.pay(bought.of_class(), &bought.units, self.above);
        for (line, amount) in paid {
            *bought.funds.entry(line).or_default() += amount;
        }
        // What is free is paid from somewhere, too.
        for unit in &bought.units {
            if !self.purse.pays(bought.funds.keys(), *unit, self.above) {
                bought.funds.extend(self.purse.nearest(*unit, self.above).map(|line| (line, 0)));
            }
        }
    }
}
