//! Who could fill a position.

use access::{Action, Scope};
use chrono::{DateTime, NaiveDate, Utc};
use competency::{
    Category, EligibilityRubric, GapError, Opening, PolicyVersion, Purpose, candidate, policy_on, reference,
};
use kernel::{Code, Page, PositionId, UnitId, Violation, ViolationCode, Violations};
use store::{CandidateFilter, OpeningFacts, PageRequest, Reader};

use crate::app::calculators::jpm_policy;
use crate::app::{AppError, Ctx};
use crate::dto::calculators::policy_name;
use crate::dto::candidates::{CandidateQuery, Measured, Ranked};
use crate::dto::enums::Wire;
use crate::dto::values::code;
use crate::dto::{day, instant};
use crate::problems::Problem;

/// What is asked for, read.
struct Asked {
    as_of: NaiveDate,
    known_at: Option<DateTime<Utc>>,
    policy: Code,
    eligibility: Code,
    filter: CandidateFilter,
}

impl Asked {
    fn read(ctx: &Ctx, query: CandidateQuery) -> Result<Self, AppError> {
        let CandidateQuery {
            as_of,
            known_at,
            policy,
            eligibility,
            eligible_only,
            category,
            unit_id,
            cursor: _,
            limit: _,
        } = query;
        let mut found = Violations::new();
        let as_of = found.take(as_of.map_or(Ok(ctx.today()), |as_of| day("/query/as_of", as_of)));
        let known_at = found.take(known_at.map(|at| instant("/query/known_at", at)).transpose());
        let policy = policy_name(&mut found, "/query/policy", policy.as_deref());
        let eligibility = eligibility.as_deref().unwrap_or(reference::ELIGIBILITY_POLICY);
        let eligibility = code(&mut found, "/query/eligibility", eligibility);
        let category: Option<Category> = category.map(|Wire(category)| category);
        found.check(category.is_some_and(|category| category.purpose() != Purpose::Filling), || {
            Violation::new("/query/category", ViolationCode::NotAllowedValue).with("allowed", "MS, MMS, KMS")
        });
        let filter = CandidateFilter { eligible_only, category, unit: unit_id.map(UnitId::from) };
        match (as_of, known_at, policy, eligibility, found.is_empty()) {
            (Some(as_of), Some(known_at), Some(policy), Some(eligibility), true) => {
                Ok(Self { as_of, known_at, policy, eligibility, filter })
            }
            _ => Err(found.into_sorted().into()),
        }
    }
}

/// The people within the caller's reach as candidates for a position, best first, and what they are measured by.
///
/// # Errors
/// `FORBIDDEN`, `NOT_FOUND`, `POSITION_ABOLISHED`, `GAP_NO_REQUIREMENTS`, `KNOWN_AT_IN_FUTURE`, `INVALID` (no such policy or unit).
pub async fn list(
    ctx: &Ctx,
    position: PositionId,
    query: CandidateQuery,
    page: &PageRequest,
) -> Result<(Page<Ranked>, Measured), AppError> {
    // A candidate is shown with standing, education, age and career, not with their gaps alone.
    let scope = ctx.actor.scope_of_both(Action::GapRead, Action::EmployeeRead)?;
    let asked = Asked::read(ctx, query)?;
    let reader = ctx.read(&scope);
    if let Some(known_at) = asked.known_at {
        ctx.settle(&scope, known_at).await?;
    }
    if let Some(unit) = asked.filter.unit {
        let there = reader.unit(unit).await?;
        there.ok_or_else(|| AppError::invalid("/query/unit_id", ViolationCode::NotFound))?;
    }
    let (opening, measured) = opening(&reader, &scope, position, &asked).await?;
    let Page { items, next } = reader.candidates(&opening, &asked.filter, page).await?;
    let employees: Vec<_> = items.iter().map(|row| row.employee).collect();
    let people = reader.candidate_people(&opening, &employees).await?;
    let ranked: Result<Vec<Ranked>, GapError> = people
        .into_iter()
        .map(|person| {
            let rank = items.iter().find(|row| row.employee == person.person.id).map_or(1, |row| row.rank);
            let candidate = candidate(&opening, person.facts, person.results)?;
            Ok(Ranked { rank, person: person.person, held: person.held, candidate })
        })
        .collect();
    let ranked = ranked?;
    ctx.note_access(&scope, ranked.iter().map(|ranked| ranked.person.id)).await?;
    Ok((Page { items: ranked, next }, measured))
}

/// What everybody is measured by.
async fn opening(
    reader: &Reader<'_>,
    scope: &Scope,
    position: PositionId,
    asked: &Asked,
) -> Result<(Opening, Measured), AppError> {
    let facts = reader.opening(position, asked.as_of, asked.known_at).await?.ok_or(Problem::NotFound)?;
    let OpeningFacts { position, abolished_on, known_at, basis, requirements } = facts;
    if abolished_on.is_some_and(|abolished| abolished <= asked.as_of) {
        return Err(Problem::PositionAbolished.into());
    }
    let basis = basis.filter(|_| !requirements.is_empty()).ok_or(GapError::NoRequirements)?;
    let (as_of, at) = (asked.as_of, "/query/policy");
    let policy = jpm_policy(reader, scope, &asked.policy, at, as_of, known_at).await?;
    let eligibility = eligibility_policy(reader, scope, &asked.eligibility, as_of, known_at).await?;
    let rules = eligibility.rubric.rules_for(position.job_class);
    let measured = Measured {
        position,
        as_of,
        known_at: asked.known_at,
        basis,
        policy: policy.cite(),
        eligibility: eligibility.cite(),
        rules,
    };
    let opening = Opening {
        position: measured.position.id,
        as_of,
        known_at,
        basis: measured.basis.clone(),
        requirements,
        policy,
        rules: measured.rules.clone(),
    };
    Ok((opening, measured))
}

/// The version of the policy of eligibility called `name` that applies on a day, by what was known at an instant.
async fn eligibility_policy(
    reader: &Reader<'_>,
    scope: &Scope,
    name: &Code,
    day: NaiveDate,
    known_at: DateTime<Utc>,
) -> Result<PolicyVersion<EligibilityRubric>, AppError> {
    let versions = reader.policies_for::<EligibilityRubric>().await?;
    let policy = policy_on(&versions, name.as_str(), scope.agency(), day, known_at).cloned();
    policy.ok_or_else(|| AppError::invalid("/query/eligibility", ViolationCode::NotFound))
}
