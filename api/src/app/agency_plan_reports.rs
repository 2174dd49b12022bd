//! What became of agency plans: reports, what they cost as told, what is carried over, and the sums of all agencies.

use std::collections::{BTreeMap, BTreeSet};

use access::{Action, People};
use competency::SMALLEST_GROUP;
use development::{
    AgencyPlan, AgencyPlanAction, AgencyPlanDraft, AgencyPlanItem, AgencyPlanItemDraft, AgencyPlanOrigin,
    Plan, PlanOffer, PlanOutturn,
};
use kernel::{
    AgencyPlanId, AgencyPlanItemId, EmployeeId, Event, NATIONAL, Resource, Rupiah, Violation, ViolationCode,
};
use serde_json::json;
use store::{AgencyOutturnRow, AgencyPlanItemRow, AgencyPlanRow, ItemOutturnRow, Written};

use crate::app::agency_plans::{edited, find, found, made, next_number, step};
use crate::app::{AppError, Ctx};
use crate::dto::agency_plan_reports::{
    AgencyPlanSumView, AgencyPlanSumsView, AgencySumView, ItemOutturnView, PlanSums, RealisationPut,
};
use crate::dto::agency_plans::AgencyPlanView;
use crate::dto::{jp_ledger, replaced};
use crate::problems::Problem;

/// A plan with what became of its items.
pub type Report = (AgencyPlanRow, PlanOutturn, Vec<ItemOutturnRow>);

/// A plan against its realisation.
///
/// # Errors
/// `FORBIDDEN`, `NOT_FOUND`.
pub async fn report(ctx: &Ctx, id: AgencyPlanId) -> Result<Report, AppError> {
    let scope = ctx.scope(Action::AgencyPlanRead)?;
    let reader = ctx.read(&scope);
    let row = find(&reader, id).await?;
    let items = reader.agency_plan_outturn(id).await?;
    let total = items.iter().map(|item| item.outturn).try_fold(PlanOutturn::default(), PlanOutturn::plus);
    Ok((row, total.ok_or(Problem::Internal)?, items))
}

/// Tells what an item cost. What was told before stays on record.
///
/// # Errors
/// `NOT_FOUND`, `FORBIDDEN`, `STALE`, `INVALID`, `AGENCY_PLAN_STATE`.
pub async fn realise(
    ctx: &Ctx,
    id: AgencyPlanId,
    item: AgencyPlanItemId,
    input: RealisationPut,
) -> Result<Written, AppError> {
    let scope = ctx.scope(Action::AgencyPlanRead)?;
    ctx.write(async |tx| {
        let reader = ctx.read_in(tx, &scope);
        reader.agency_plan_item(id, item).await?.ok_or(Problem::NotFound)?;
        let (plan, caller, pass) = found(ctx, tx, &scope, (id, AgencyPlanAction::Realise), true).await?;
        let told = input.clone().into_domain()?;
        tx.agency_plan_realisation_insert(&pass, (id, item), &told).await?;
        let version = tx.agency_plan_update(&pass, &plan, false).await?;
        step(tx, (&pass, &caller), (&plan, &plan), (AgencyPlanAction::Realise, None)).await?;
        let rows = reader.agency_plan_outturn(id).await?;
        let row = rows.into_iter().find(|row| row.item == item).ok_or(Problem::NotFound)?;
        let event = Event::new(Resource::AgencyPlan, id, "REALISED");
        let kept = json!({"item_id": item, "committed": told.committed, "realised": told.realised});
        Ok(tx.record(&pass, &event, Some(kept)).with(replaced(&ItemOutturnView::from(row), version)))
    })
    .await
}

/// What was not realised of items, for next year's plan: without class, days and lines, which are of this year.
fn carried(
    plan: AgencyPlanId,
    items: Vec<AgencyPlanItem>,
    unrealised: &BTreeMap<AgencyPlanItemId, BTreeSet<EmployeeId>>,
) -> Vec<AgencyPlanItem> {
    let carry = |item: AgencyPlanItem| {
        let people = unrealised.get(&item.id)?;
        let AgencyPlanItemDraft { targets, .. } = item.said;
        let left = targets.into_iter().filter(|target| people.contains(&target.employee)).collect();
        Some(AgencyPlanItem {
            id: AgencyPlanItemId::new(),
            said: AgencyPlanItemDraft { class: None, days: None, funds: vec![], targets: left, ..item.said },
            offer: PlanOffer::default(),
            origin: AgencyPlanOrigin::CarriedOver { plan, item: item.id },
        })
    };
    items.into_iter().filter_map(carry).collect()
}

/// The places of an item that were not carried over before. What the class costs went with those that were.
fn beyond(
    mut item: AgencyPlanItem,
    there: &BTreeMap<AgencyPlanItemId, BTreeSet<EmployeeId>>,
) -> Option<AgencyPlanItem> {
    let AgencyPlanOrigin::CarriedOver { item: from, .. } = item.origin else { return Some(item) };
    let Some(people) = there.get(&from) else { return Some(item) };
    item.said.targets.retain(|target| !people.contains(&target.employee));
    item.said.price.per_class = Some(Rupiah::ZERO);
    (!item.said.targets.is_empty()).then_some(item)
}

/// Takes what was not realised into next year's plan: into the one that is drawn up, each place once, or into a new one.
///
/// # Errors
/// `NOT_FOUND`, `FORBIDDEN`, `AGENCY_PLAN_STATE`; `PLAN_EMPTY` when everything was realised; `ALREADY_EXISTS` when next year's
/// plan is past drawing up; `INVALID` when next year is not open yet.
pub async fn carry_over(ctx: &Ctx, id: AgencyPlanId) -> Result<Written, AppError> {
    let scope = ctx.scope(Action::AgencyPlanRead)?;
    ctx.write(async |tx| {
        let (plan, caller, pass) = found(ctx, tx, &scope, (id, AgencyPlanAction::CarryOver), false).await?;
        let year = plan.year + 1;
        if !Plan::year_is_open(year, ctx.today()) {
            return Err(Problem::AgencyPlanState.into());
        }
        tx.agency_plans_lock(&pass, year).await?;
        let reader = ctx.read_in(tx, &scope);
        let mut unrealised: BTreeMap<_, BTreeSet<_>> = BTreeMap::new();
        for (item, employee) in reader.agency_plan_unrealised(id).await? {
            unrealised.entry(item).or_default().insert(employee);
        }
        let items = reader.agency_plan_items_all(id).await?.into_iter().map(|row| row.item).collect();
        let items = carried(id, items, &unrealised);
        if items.is_empty() {
            return Err(Problem::PlanEmpty.into());
        }
        let versions = reader.agency_plan_versions(year, plan.unit).await?;
        step(tx, (&pass, &caller), (&plan, &plan), (AgencyPlanAction::CarryOver, None)).await?;
        let Some((open, ..)) = versions.iter().find(|(_, _, state)| state.is_draft()) else {
            let number = next_number(&versions, None)?;
            let said = AgencyPlanDraft { ceilings: vec![], ..plan.said.clone() };
            let next = AgencyPlan::draft(AgencyPlanId::new(), (year, plan.unit), number, said)?;
            tx.agency_plan_insert(&pass, &next).await?;
            tx.agency_plan_items_put(&pass, next.id, &items).await?;
            return made(ctx, tx, (&pass, &scope), &next, None).await;
        };
        tx.agency_plan_lock(&pass, *open).await?;
        let AgencyPlanRow { plan: draft, items: held, .. } = find(&reader, *open).await?;
        // It may have been submitted before it was held.
        if !draft.state.is_draft() {
            return Err(Problem::AgencyPlanState.into());
        }
        // An item is the same in every version of a plan, and each of its places is carried over once.
        let mut there: BTreeMap<AgencyPlanItemId, BTreeSet<EmployeeId>> = BTreeMap::new();
        for AgencyPlanItemRow { item, .. } in reader.agency_plan_items_all(*open).await? {
            if let AgencyPlanOrigin::CarriedOver { item: from, .. } = item.origin {
                let people = item.said.targets.iter().map(|target| target.employee);
                there.entry(from).or_default().extend(people);
            }
        }
        let more: Vec<_> = items.into_iter().filter_map(|item| beyond(item, &there)).collect();
        if usize::try_from(held).unwrap_or(usize::MAX).saturating_add(more.len()) > AgencyPlan::MOST_ITEMS {
            let violation = Violation::new("/items", ViolationCode::TooMany);
            return Err(violation.with("max", AgencyPlan::MOST_ITEMS).into());
        }
        tx.agency_plan_items_put(&pass, draft.id, &more).await?;
        let version = edited(tx, (&pass, &caller), &draft).await?;
        let row = find(&reader, draft.id).await?;
        let view = AgencyPlanView::new(
            row,
            caller.parties.iter().copied().collect(),
            draft.allowed_actions(&caller),
        );
        let event = Event::new(Resource::AgencyPlan, draft.id, "CARRIED_OVER");
        let kept = json!({"from": id, "items": more.len()});
        Ok(tx.record(&pass, &event, Some(kept)).with(replaced(&view, version)))
    })
    .await
}

/// What agencies planned for a year and what came of it: all of them for who acts for the nation, else the caller's own.
///
/// Of an agency in which fewer than five people have a place nothing is told to anybody else, and what assessments found of
/// fewer than five is not told either; neither is in the sum, so that nothing is to be had by subtraction. What assessments
/// found of others is told to the nearest five, agency by agency: the sum is the sum of what is told.
///
/// # Errors
/// `FORBIDDEN`, `INVALID`.
pub async fn sums(ctx: &Ctx, year: Option<i32>) -> Result<AgencyPlanSumsView, AppError> {
    let scope = ctx.scope(Action::AgencyPlanSummaryRead)?;
    let year = jp_ledger::year(year, ctx.today())?;
    let own = *scope.people() == People::All;
    let rows = ctx.read(&scope).agency_plan_outturns(year, scope.agency() == NATIONAL).await?;
    let tells =
        |people: i64| u64::try_from(people).is_ok_and(|people| people == 0 || people >= SMALLEST_GROUP);
    let mut total = PlanSums {
        plans: 0,
        items: 0,
        people: 0,
        budget: 0,
        outturn: PlanOutturn::default(),
        assessed: true,
    };
    let (mut agencies, mut left_out) = (Vec::with_capacity(rows.len()), 0);
    for row in rows {
        let AgencyOutturnRow { agency, code, name, plans, items, people, assessed, budget, outturn } = row;
        let all = own && agency == scope.agency();
        let outturn = if all { outturn } else { outturn.coarse() };
        let sums = PlanSums { plans, items, people, budget, outturn, assessed: all || tells(assessed) };
        let told = (all || tells(people)).then_some(sums);
        match told {
            Some(sums) => total = added(total, sums).ok_or(Problem::Internal)?,
            None => left_out += 1,
        }
        agencies.push(AgencySumView {
            agency_id: agency.uuid(),
            agency_code: code.into_string(),
            agency_name: name.into_string(),
            figures: told.map(AgencyPlanSumView::from),
        });
    }
    Ok(AgencyPlanSumsView { year, left_out, total: total.into(), agencies })
}

/// The sum; none beyond counting. What assessments found counts where it is told.
fn added(total: PlanSums, one: PlanSums) -> Option<PlanSums> {
    let told = match one.assessed {
        true => one.outturn,
        false => PlanOutturn { steps_assessed: 0, steps_reached: 0, levels_gained: 0, ..one.outturn },
    };
    Some(PlanSums {
        plans: total.plans.checked_add(one.plans)?,
        items: total.items.checked_add(one.items)?,
        people: total.people.checked_add(one.people)?,
        budget: total.budget.saturating_add(one.budget).min(Rupiah::MAX.amount()),
        outturn: total.outturn.plus(told)?,
        assessed: true,
    })
}
