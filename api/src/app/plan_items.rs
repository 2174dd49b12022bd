//! What a development plan says: its items, with the competencies, programmes, classes and mentors they name.

use std::collections::BTreeSet;

use access::{Action, Pass};
use development::{
    ActivityKind, ClassState, ItemProgress, PlanDraft, PlanItem, PlanOrigin, PlanStepTaken, TrainerRole,
    new_line,
};
use kernel::{
    ClassId, EmployeeId, Hundredths, PlanItemId, ProgrammeId, Violation, ViolationCode, Violations,
};
use store::{Guide, Reader, Tx};
use uuid::Uuid;

use crate::app::competencies::{Lookup, unknown_competency};
use crate::app::programmes::forms_on;
use crate::app::recommendations::ranking_on;
use crate::app::{AppError, Ctx};
use crate::dto::plan_items::PlanItemAsk;
use crate::dto::plans::PlanAsk;

/// What a plan says, its competencies, programmes and forms found. Items that are named keep their line and origin in
/// `before`.
pub(crate) async fn said(
    ctx: &Ctx,
    reader: &Reader<'_>,
    ask: PlanAsk,
    before: &[PlanItem],
) -> Result<PlanDraft, AppError> {
    let PlanAsk { target, goal, items: asked, attachments } = ask;
    let mut found = Violations::new();
    let mut lookup = Lookup::new(reader);
    let forms = forms_on(reader, ctx.actor.agency, ctx.today()).await?;
    let mut items = Vec::with_capacity(asked.len());
    let mut named = BTreeSet::new();
    for (index, ask) in asked.into_iter().enumerate() {
        let at = format!("/items/{index}");
        let PlanItemAsk { id, step, form, title, jp, cost, .. } = ask.clone();
        let step = match step {
            Some((name, from, to)) => match lookup.published(&name).await? {
                Some(competency) => Some(PlanStepTaken {
                    competency_agency: competency.agency,
                    competency: competency.id,
                    from,
                    to,
                }),
                None => {
                    found.push(unknown_competency(&at, &name));
                    continue;
                }
            },
            None => None,
        };
        let programme = match ask.put.programme_id {
            Some(programme) => match reader.programme(ProgrammeId::from(programme)).await? {
                Some(row) => Some(row.programme.content),
                None => {
                    found.push(Violation::new(format!("{at}/programme_id"), ViolationCode::NotFound));
                    continue;
                }
            },
            None => None,
        };
        let old = id.map(|id| before.iter().find(|item| item.id == id));
        if matches!(old, Some(None)) || id.is_some_and(|id| !named.insert(id)) {
            found.push(Violation::new(format!("{at}/id"), ViolationCode::NotFound));
            continue;
        }
        let kept = old.flatten().and_then(|old| old.said.class);
        if let Some(class) = ask.put.class_id
            && let Some(refused) = class_refused(reader, class, (ask.put.programme_id, kept)).await?
        {
            found.push(Violation::new(format!("{at}/class_id"), refused));
            continue;
        }
        let form = form.or_else(|| programme.as_ref().map(|programme| programme.form.clone()));
        let title = title.or_else(|| programme.as_ref().map(|programme| programme.name.clone()));
        let (Some(form), Some(title)) = (form, title) else { continue };
        found.check(forms.form(form.as_str()).is_none(), || {
            Violation::new(format!("{at}/form"), ViolationCode::NotFound)
        });
        let jp = jp.or_else(|| programme.as_ref().and_then(|programme| programme.jp));
        let price = programme.as_ref().and_then(|programme| programme.price.per_participant);
        let figures = (
            jp.unwrap_or(Hundredths::from_count(0)),
            cost.or_else(|| price.map(|price| price.amount())).unwrap_or(0),
        );
        let said = ask.found(step, (form, title), figures);
        // Only publication says that the agency's plan names somebody.
        let claims = said.origin == PlanOrigin::AgencyPlan
            && old.flatten().is_none_or(|old| old.said.origin != PlanOrigin::AgencyPlan);
        found.check(claims, || {
            let own = PlanOrigin::ALL.into_iter().filter(|origin| *origin != PlanOrigin::AgencyPlan);
            let own: Vec<_> = own.map(PlanOrigin::as_str).collect();
            Violation::new(format!("{at}/origin"), ViolationCode::NotAllowedValue)
                .with("allowed", own.join(", "))
        });
        items.push(match old.flatten() {
            Some(old) => PlanItem { said, ..old.clone() },
            None => PlanItem {
                id: PlanItemId::new(),
                line: new_line(),
                said,
                carried_from: None,
                template_item: None,
                progress: ItemProgress::NONE,
            },
        });
    }
    found.finish()?;
    Ok(PlanDraft { target, goal, items, attachments })
}

/// Whether whoever an item comes to name as a mentor may guide the person, by the rules activities go by, and has room for one
/// more: a superior is the natural coach, and no mentor.
pub(crate) async fn helped(
    ctx: &Ctx,
    tx: &Tx<'_>,
    pass: &Pass,
    (employee, draft): (EmployeeId, &PlanDraft),
    before: &[PlanItem],
) -> Result<(), AppError> {
    let named = |item: &PlanItem| {
        let old = before.iter().find(|old| old.id == item.id).and_then(|old| old.said.mentor);
        item.said.mentor.filter(|mentor| old != Some(*mentor))
    };
    let items = draft.items.iter().enumerate();
    let new: Vec<_> = items.filter_map(|(index, item)| Some((index, item, named(item)?))).collect();
    if new.is_empty() {
        return Ok(());
    }
    // Two who name the same person at once would both find room.
    let mut people: BTreeSet<_> = new.iter().map(|(_, _, mentor)| *mentor).collect();
    people.insert(employee);
    tx.employees_hold(pass, &people.into_iter().collect::<Vec<_>>()).await?;
    let catalogue = ctx.scope(Action::CatalogueRead)?;
    let reader = ctx.read_in(tx, &catalogue);
    let rule = ranking_on(&reader, &catalogue, ctx.today()).await?.map(|ranking| ranking.rubric.mentors);
    let rule = rule.unwrap_or_default();
    for (index, item, mentor) in new {
        let registered = reader.trainer_of(mentor).await?.map(|row| row.trainer);
        let trainer = registered.as_ref().map(|trainer| trainer.id);
        if let Some(trainer) = trainer {
            tx.trainer_lock(pass, trainer).await?;
        }
        let guide = Guide { employee: Some(mentor), trainer };
        let standing = reader.guide_standing(guide, employee).await?;
        let coaches = ActivityKind::Coaching.usual_form() == Some(item.said.form.as_str());
        let role = if coaches { TrainerRole::Coach } else { TrainerRole::Mentor };
        if let Err(error) = rule.guides(role, standing, registered.and_then(|one| one.max_mentees)) {
            let at = Violation::new(format!("/items/{index}/mentor_id"), ViolationCode::Inconsistent);
            return Err(AppError { violations: vec![at], ..error.into() });
        }
    }
    Ok(())
}

/// Why an item may not name a class: it is not there, it is of another programme, or it was called off. One that was called
/// off after the item named it stays until somebody puts another one in its place.
async fn class_refused(
    reader: &Reader<'_>,
    class: Uuid,
    (programme, kept): (Option<Uuid>, Option<Uuid>),
) -> Result<Option<ViolationCode>, AppError> {
    let Some(row) = reader.class(ClassId::from(class)).await? else {
        return Ok(Some(ViolationCode::NotFound));
    };
    // Without a programme that is what is said to be missing.
    let other = programme.is_some_and(|programme| row.class.programme.uuid() != programme);
    let called_off = row.class.state == ClassState::Cancelled && kept != Some(class);
    Ok((other || called_off).then_some(ViolationCode::Inconsistent))
}
