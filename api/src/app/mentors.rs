//! Who could guide somebody in a competency.

use std::collections::BTreeSet;

use access::Action;
use development::{MentorMatch, match_mentors};
use kernel::{CompetencyId, EmployeeId, ViolationCode};
use store::Mentee;

use crate::app::recommendations::{limit_of, ranking_on, told};
use crate::app::{AppError, Ctx};
use crate::dto::mentors::{MentorQuery, Mentored};
use crate::problems::Problem;

/// The mentors of a person for a competency: people whose gaps the caller may read, and whoever is registered as a mentor.
///
/// # Errors
/// `FORBIDDEN`, `NOT_FOUND`, `INVALID` (no such competency, limit out of range).
pub async fn of_employee(ctx: &Ctx, employee: EmployeeId, query: MentorQuery) -> Result<Mentored, AppError> {
    let scope = ctx.scope(Action::GapRead)?;
    let MentorQuery { competency_id, limit } = query;
    let limit = limit_of(limit)?;
    let (reader, as_of) = (ctx.read(&scope), ctx.today());
    let found = reader.mentee(employee, CompetencyId::from(competency_id)).await?;
    let Mentee { person, competency, level } = found.ok_or(Problem::NotFound)?;
    let missing = || AppError::invalid("/query/competency_id", ViolationCode::NotFound);
    let competency = competency.ok_or_else(missing)?;
    let ranking = ranking_on(&reader, &scope, as_of).await?.ok_or_else(missing)?;
    let rule = &ranking.rubric.mentors;
    let candidates = match rule.least(level) {
        Some(least) => reader.mentor_candidates(employee, competency.id, least).await?,
        None => Vec::new(),
    };
    let beyond: BTreeSet<EmployeeId> =
        candidates.iter().filter(|one| !one.reached).map(|one| one.facts.employee).collect();
    let facts = candidates.into_iter().map(|one| one.facts);
    let MentorMatch { mentors, mut excluded } = match_mentors(level, facts, rule);
    // Why somebody is no mentor says of whom they guide and whom they lead: for those who may know.
    excluded.retain(|(mentor, _)| !beyond.contains(&mentor.facts.employee));
    let (mentors, excluded) = (told(mentors, limit), told(excluded, limit));
    let shown = mentors.0.iter().chain(excluded.0.iter().map(|(mentor, _)| mentor));
    let people = reader.mentor_people(shown.map(|mentor| mentor.facts.employee)).await?;
    ctx.note_access(&scope, people.keys().copied().chain([employee])).await?;
    Ok(Mentored {
        person,
        competency,
        level,
        as_of,
        ranking: (ranking.cite(), ranking.rubric.mentors),
        mentors,
        excluded,
        people,
    })
}
