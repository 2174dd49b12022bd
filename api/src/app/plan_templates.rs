//! Templates of development plans.

use access::Action;
use development::{PlanTemplate, TemplateItem, new_line};
use kernel::{
    Event, Hundredths, Page, PlanTemplateId, ProgrammeId, Resource, Version, Violation, ViolationCode,
    Violations,
};
use serde_json::json;
use store::{PageRequest, Reader, Written};

use crate::app::competencies::{Lookup, unknown_competency};
use crate::app::programmes::forms_on;
use crate::app::{AppError, Ctx};
use crate::dto::plan_templates::{PlanTemplatePut, PlanTemplateView, TemplateAsk};
use crate::dto::{created, replaced};
use crate::problems::Problem;

/// The agency's templates.
///
/// # Errors
/// `FORBIDDEN`.
pub async fn list(ctx: &Ctx, page: &PageRequest) -> Result<Page<PlanTemplate>, AppError> {
    let scope = ctx.scope(Action::CatalogueRead)?;
    Ok(ctx.read(&scope).plan_templates(page).await?)
}

/// One template.
///
/// # Errors
/// `FORBIDDEN`, `NOT_FOUND`.
pub async fn get(ctx: &Ctx, id: PlanTemplateId) -> Result<PlanTemplate, AppError> {
    let scope = ctx.scope(Action::CatalogueRead)?;
    Ok(ctx.read(&scope).plan_template(id).await?.ok_or(Problem::NotFound)?)
}

/// The template an input describes, its competencies, programmes and forms found. Items that are named keep their identity
/// in `before`.
async fn described(
    ctx: &Ctx,
    reader: &Reader<'_>,
    (id, version): (PlanTemplateId, Version),
    input: PlanTemplatePut,
    before: &[TemplateItem],
) -> Result<PlanTemplate, AppError> {
    let TemplateAsk { name, whom, items: asked } = input.ask()?;
    let mut found = Violations::new();
    let mut lookup = Lookup::new(reader);
    let forms = forms_on(reader, ctx.actor.agency, ctx.today()).await?;
    let mut items = Vec::with_capacity(asked.len());
    for (index, ask) in asked.into_iter().enumerate() {
        let at = format!("/items/{index}");
        let competency = match &ask.competency {
            Some(name) => match lookup.published(name).await? {
                Some(row) => Some((row.agency, row.id)),
                None => {
                    found.push(unknown_competency(&at, name));
                    continue;
                }
            },
            None => None,
        };
        let programme = match ask.programme {
            Some(programme) => match reader.programme(ProgrammeId::from(programme)).await? {
                Some(row) => Some(row.programme.content),
                None => {
                    found.push(Violation::new(format!("{at}/programme_id"), ViolationCode::NotFound));
                    continue;
                }
            },
            None => None,
        };
        let form = ask.form.or_else(|| programme.as_ref().map(|programme| programme.form.clone()));
        let title = ask.title.or_else(|| programme.as_ref().map(|programme| programme.name.clone()));
        let (Some(form), Some(title)) = (form, title) else { continue };
        found.check(forms.form(form.as_str()).is_none(), || {
            Violation::new(format!("{at}/form"), ViolationCode::NotFound)
        });
        let known = ask.id.is_none_or(|id| before.iter().any(|item| item.id == id));
        found.check(!known, || Violation::new(format!("{at}/id"), ViolationCode::NotFound));
        let price = programme.as_ref().and_then(|programme| programme.price.per_participant);
        items.push(TemplateItem {
            id: ask.id.unwrap_or_else(new_line),
            competency,
            level_to: ask.level_to,
            programme: ask.programme,
            form,
            title,
            jp: ask
                .jp
                .or_else(|| programme.as_ref().and_then(|programme| programme.jp))
                .unwrap_or(Hundredths::from_count(0)),
            cost: ask.cost.or_else(|| price.map(|price| price.amount())).unwrap_or(0),
            budget: ask.budget,
            due: ask.due,
            evidence: ask.evidence,
            origin: ask.origin,
        });
    }
    found.finish()?;
    let template = PlanTemplate { id, name, whom, items, retired: false, version };
    template.check()?;
    Ok(template)
}

/// Adds a template.
///
/// # Errors
/// `FORBIDDEN`, `INVALID`, `ALREADY_EXISTS`.
pub async fn create(ctx: &Ctx, input: PlanTemplatePut) -> Result<Written, AppError> {
    let scope = ctx.scope(Action::CatalogueRead)?;
    let pass = ctx.actor.allow(Action::PlanTemplateWrite)?;
    ctx.write(async |tx| {
        let reader = ctx.read_in(tx, &scope);
        let key = (PlanTemplateId::new(), Version::FIRST);
        let template = described(ctx, &reader, key, input.clone(), &[]).await?;
        tx.plan_template_insert(&pass, &template).await?;
        let (id, version) = (template.id, template.version);
        let view = PlanTemplateView::from(template);
        let event = Event::new(Resource::PlanTemplate, id, "CREATED");
        let reply = created(&view, version, format!("/v1/plan-templates/{id}"));
        Ok(tx.record(&pass, &event, Some(json!(view))).with(reply))
    })
    .await
}

/// Replaces what a template says. With the commit every draft that has items of it says so too, and no plan beyond a draft.
///
/// # Errors
/// `NOT_FOUND`, `FORBIDDEN`, `STALE`, `INVALID`, `ALREADY_EXISTS`, `PLAN_TEMPLATE_RETIRED`.
pub async fn replace(ctx: &Ctx, id: PlanTemplateId, input: PlanTemplatePut) -> Result<Written, AppError> {
    let scope = ctx.scope(Action::CatalogueRead)?;
    ctx.write(async |tx| {
        let reader = ctx.read_in(tx, &scope);
        let before = reader.plan_template(id).await?.ok_or(Problem::NotFound)?;
        let pass = ctx.actor.allow(Action::PlanTemplateWrite)?;
        let version = ctx.expect_version(before.version)?;
        if before.retired {
            return Err(Problem::PlanTemplateRetired.into());
        }
        let template = described(ctx, &reader, (id, version), input.clone(), &before.items).await?;
        let version = tx.plan_template_update(&pass, &template).await?;
        let drafts = tx.plan_template_spread(&pass, &before, &template).await?;
        let view = PlanTemplateView::from(template);
        let event = Event::new(Resource::PlanTemplate, id, "REPLACED");
        let changes = json!({"before": PlanTemplateView::from(before), "after": view, "drafts": drafts});
        Ok(tx.record(&pass, &event, Some(changes)).with(replaced(&view, version)))
    })
    .await
}

/// Puts a template out of use; plans keep their items.
///
/// # Errors
/// `NOT_FOUND`, `FORBIDDEN`, `STALE`, `PLAN_TEMPLATE_RETIRED`.
pub async fn retire(ctx: &Ctx, id: PlanTemplateId) -> Result<Written, AppError> {
    let scope = ctx.scope(Action::CatalogueRead)?;
    ctx.write(async |tx| {
        let before = ctx.read_in(tx, &scope).plan_template(id).await?.ok_or(Problem::NotFound)?;
        let pass = ctx.actor.allow(Action::PlanTemplateWrite)?;
        let version = ctx.expect_version(before.version)?;
        if before.retired {
            return Err(Problem::PlanTemplateRetired.into());
        }
        let template = PlanTemplate { retired: true, version, ..before };
        let version = tx.plan_template_update(&pass, &template).await?;
        let event = Event::new(Resource::PlanTemplate, id, "RETIRED");
        let reply = replaced(&PlanTemplateView::from(template), version);
        Ok(tx.record(&pass, &event, None).with(reply))
    })
    .await
}
