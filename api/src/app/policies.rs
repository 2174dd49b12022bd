//! Versioned rubrics: the nation's, and the agency's own, which go before.

use std::collections::BTreeSet;

use access::Action;
use chrono::{DateTime, NaiveDate, Utc};
use competency::{PolicyKind, PolicyVersion, Rubric, policy_on};
use kernel::{
    AgencyId, Event, Limit, Page, PolicyId, Resource, Version, Violation, ViolationCode, Violations,
};
use serde::de::DeserializeOwned;
use serde_json::json;
use store::{PageRequest, Reader, RubricDocument, StoreError, Written};

use crate::app::{AppError, Ctx};
use crate::dto::created;
use crate::dto::enums::Wire;
use crate::dto::policies::{PolicyCreate, PolicyQuery, PolicyView};
use crate::problems::Problem;

type Policy = PolicyVersion<RubricDocument>;

/// Versions of rubrics: all, or those that apply on a day.
///
/// # Errors
/// The store's.
pub async fn list(ctx: &Ctx, query: PolicyQuery, page: &PageRequest) -> Result<Page<Policy>, AppError> {
    let scope = ctx.scope(Action::CatalogueRead)?;
    let reader = ctx.read(&scope);
    let kind = query.kind.map(|Wire(kind)| kind);
    let Some(day) = query.as_of else { return Ok(reader.policies(kind, page).await?) };
    let all = every(&reader, kind).await?;
    let key = |policy: &Policy| vec![policy.rubric.kind().to_string(), policy.name.to_string()];
    let names: BTreeSet<Vec<String>> = all.iter().map(key).collect();
    let after = page.after.as_ref();
    let applying =
        names.into_iter().filter(|name| after.is_none_or(|after| name > after)).filter_map(|name| {
            // Names are looked up within their kind: two kinds may share one.
            let versions: Vec<Policy> = all.iter().filter(|policy| key(policy) == name).cloned().collect();
            let [_, name] = name.as_slice() else { return None };
            policy_on(&versions, name, scope.agency(), day, DateTime::<Utc>::MAX_UTC).cloned()
        });
    Ok(Page::cut(applying.collect(), page.limit, key))
}

/// Every version of a kind, or of all: a few per name.
async fn every(reader: &Reader<'_>, kind: Option<PolicyKind>) -> Result<Vec<Policy>, AppError> {
    let mut page = PageRequest::first(Limit::new(Limit::MAX).unwrap_or(Limit::DEFAULT));
    let mut all = Vec::new();
    loop {
        let part = reader.policies(kind, &page).await?;
        all.extend(part.items);
        match part.next {
            Some(key) => page.after = Some(key),
            None => return Ok(all),
        }
    }
}

/// One version of a rubric.
///
/// # Errors
/// `NOT_FOUND`.
pub async fn get(ctx: &Ctx, id: PolicyId) -> Result<Policy, AppError> {
    let scope = ctx.scope(Action::CatalogueRead)?;
    Ok(ctx.read(&scope).policy(id).await?.ok_or(Problem::NotFound)?)
}

/// Records a version of a rubric for the caller's agency.
///
/// # Errors
/// `FORBIDDEN`, `INVALID`.
pub async fn create(ctx: &Ctx, input: PolicyCreate) -> Result<Written, AppError> {
    let scope = ctx.scope(Action::CatalogueRead)?;
    let pass = ctx.actor.allow(Action::PolicyWrite)?;
    let draft = input.into_domain(PolicyId::new())?;
    ctx.write(async |tx| {
        check_families(&ctx.read_in(tx, &scope), &draft.rubric).await?;
        let policy = tx.policy_insert(&pass, &draft).await?;
        let event = Event::new(Resource::Policy, policy.id, "CREATED");
        let location = format!("/v1/policies/{}", policy.id);
        let view = PolicyView::from(policy);
        let reply = created(&view, Version::FIRST, location);
        Ok(tx.record(&pass, &event, Some(json!(view))).with(reply))
    })
    .await
}

/// Whether the families a rubric names are there.
async fn check_families(reader: &Reader<'_>, rubric: &RubricDocument) -> Result<(), AppError> {
    let RubricDocument::DefaultLevels(rubric) = rubric else { return Ok(()) };
    let known = reader.families().await?;
    let mut found = Violations::new();
    for (index, family) in rubric.families.iter().enumerate() {
        found.check(known.iter().all(|one| one.code != *family), || {
            Violation::new(format!("/default_levels/families/{index}"), ViolationCode::NotFound)
        });
    }
    Ok(found.finish()?)
}

/// The rubric of a name that applies on a day, the agency's own before the nation's.
pub(crate) async fn rubric<R: Rubric + DeserializeOwned + Clone>(
    reader: &Reader<'_>,
    (name, agency, day): (&str, AgencyId, NaiveDate),
) -> Result<Option<R>, StoreError> {
    let versions: Vec<PolicyVersion<R>> = reader.policies_for().await?;
    Ok(policy_on(&versions, name, agency, day, DateTime::<Utc>::MAX_UTC)
        .map(|version| version.rubric.clone()))
}
