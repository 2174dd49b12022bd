//! Who serves where, and since when. Entries are recorded and retracted, never changed.

use access::Action;
use chrono::{DateTime, NaiveDate, Utc};
use kernel::{EmployeeId, Event, Page, PlacementId, Resource, Version, Violation, ViolationCode};
use serde_json::{Value, json};
use store::{PageRequest, PlacementRow, Reader, Tx, Written};
use workforce::{Placement, history};

use crate::app::{AppError, Ctx};
use crate::dto::placements::{PlacementCreate, PlacementView};
use crate::dto::{created, replaced};
use crate::problems::Problem;

/// An entry with the day it ends on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stay {
    /// The entry, and the position it names.
    pub row: PlacementRow,
    /// The last day; none while it lasts, and for an entry that no longer counts.
    pub ends_on: Option<NaiveDate>,
}

/// A person's history, earliest first, as it was known at `known_at` or, without it, as it is known now.
///
/// # Errors
/// `FORBIDDEN`, `NOT_FOUND`, `KNOWN_AT_IN_FUTURE`.
pub async fn list(
    ctx: &Ctx,
    employee: EmployeeId,
    known_at: Option<DateTime<Utc>>,
    page: &PageRequest,
) -> Result<Page<Stay>, AppError> {
    let scope = ctx.scope(Action::EmployeeRead)?;
    let reader = ctx.read(&scope);
    reader.employee(employee).await?.ok_or(Problem::NotFound)?;
    if let Some(known_at) = known_at {
        ctx.settle(&scope, known_at).await?;
    }
    let stays = stays(&reader.placements(employee, known_at).await?, known_at);
    ctx.note_access(&scope, [employee]).await?;
    let after = page.after.as_ref().and_then(|key| key.first());
    let rest = stays.into_iter().filter(|stay| after.is_none_or(|after| key(stay) > *after));
    Ok(Page::cut(rest.collect(), page.limit, |stay| vec![key(stay)]))
}

/// A history never has two entries with one start.
fn key(stay: &Stay) -> String {
    stay.row.placement.starts_on.to_string()
}

/// The entries that count at `known_at`, each with its end, and without what was found out later.
fn stays(rows: &[PlacementRow], known_at: Option<DateTime<Utc>>) -> Vec<Stay> {
    let placements: Vec<Placement> = rows.iter().map(|row| row.placement.clone()).collect();
    // Stamps are the database's; without an instant to look back from, everything that has been stamped counts.
    let known_at = known_at.unwrap_or(DateTime::<Utc>::MAX_UTC);
    let with_row = |stay: workforce::Stay<'_>| {
        let mut row = rows.iter().find(|row| row.placement.id == stay.placement.id)?.clone();
        row.placement.retracted_at = row.placement.retracted_at.filter(|at| *at <= known_at);
        Some(Stay { row, ends_on: stay.period.last })
    };
    history(&placements, known_at).into_iter().filter_map(with_row).collect()
}

/// One entry, retracted ones included.
///
/// # Errors
/// `FORBIDDEN`, `NOT_FOUND`.
pub async fn get(ctx: &Ctx, employee: EmployeeId, id: PlacementId) -> Result<Stay, AppError> {
    let scope = ctx.scope(Action::EmployeeRead)?;
    let stay = find(&ctx.read(&scope), employee, id).await?;
    ctx.note_access(&scope, [employee]).await?;
    Ok(stay)
}

async fn find(reader: &Reader<'_>, employee: EmployeeId, id: PlacementId) -> Result<Stay, AppError> {
    let rows = reader.placements(employee, None).await?;
    let row = rows.iter().find(|row| row.placement.id == id).ok_or(Problem::NotFound)?;
    let counting = stays(&rows, None).into_iter().find(|stay| stay.row.placement.id == id);
    Ok(counting.unwrap_or_else(|| Stay { row: row.clone(), ends_on: None }))
}

/// An entry is written twice at most: when it is recorded and when it is declared wrong.
#[must_use]
pub fn version(placement: &Placement) -> Version {
    if placement.retracted_at.is_none() { Version::FIRST } else { Version::FIRST.next() }
}

/// Records where a person serves from a day on. Of two writers at once, the second sees the first's entry.
///
/// # Errors
/// `NOT_FOUND`, `FORBIDDEN`, `INVALID`, `POSITION_ABOLISHED`, `ALREADY_EXISTS` when an entry starts on that day.
pub async fn create(ctx: &Ctx, employee: EmployeeId, input: PlacementCreate) -> Result<Written, AppError> {
    let scope = ctx.scope(Action::EmployeeRead)?;
    ctx.write(async |tx| {
        let reader = ctx.read_in(tx, &scope);
        reader.employee(employee).await?.ok_or(Problem::NotFound)?;
        let pass = ctx.actor.allow(Action::EmployeeWrite)?;
        let placement = input.clone().into_domain(PlacementId::new(), employee, ctx.now)?;
        tx.employee_lock(&pass, employee).await?.ok_or(Problem::NotFound)?;
        position_takes_in(tx, &pass, &placement).await?;
        let placement = tx.placement_insert(&pass, &placement).await?;
        let event = Event::new(Resource::Placement, placement.id, "CREATED");
        let (changes, version) = (changes(&placement), version(&placement));
        let location = format!("/v1/employees/{employee}/placements/{}", placement.id);
        let stay = find(&reader, employee, placement.id).await?;
        ctx.note_access_in(tx, &scope, [employee]);
        let reply = created(&PlacementView::seen_by(&ctx.actor, stay), version, location);
        Ok(tx.record(&pass, &event, Some(changes)).with(reply))
    })
    .await
}

/// Whether the position of a new entry is there on its first day; it stays so until the transaction ends.
async fn position_takes_in(tx: &Tx<'_>, pass: &access::Pass, placement: &Placement) -> Result<(), AppError> {
    let Some(id) = placement.position else { return Ok(()) };
    let position = tx.position_lock(pass, id).await?;
    let position = position.ok_or_else(|| Violation::new("/position_id", ViolationCode::NotFound))?;
    if position.exists_on(placement.starts_on) { Ok(()) } else { Err(Problem::PositionAbolished.into()) }
}

/// Declares an entry wrong. What was known before stays known: it shows for an earlier `known_at`.
///
/// # Errors
/// `NOT_FOUND`, `FORBIDDEN`, `STALE`, `PLACEMENT_RETRACTED`.
pub async fn retract(ctx: &Ctx, employee: EmployeeId, id: PlacementId) -> Result<Written, AppError> {
    let scope = ctx.scope(Action::EmployeeRead)?;
    ctx.write(async |tx| {
        let reader = ctx.read_in(tx, &scope);
        find(&reader, employee, id).await?;
        let pass = ctx.actor.allow(Action::EmployeeWrite)?;
        tx.employee_lock(&pass, employee).await?.ok_or(Problem::NotFound)?;
        let Stay { row, .. } = find(&reader, employee, id).await?;
        ctx.expect_version(version(&row.placement))?;
        row.placement.retract(ctx.now)?;
        let placement = tx.placement_retract(&pass, id).await?;
        let event = Event::new(Resource::Placement, id, "RETRACTED");
        let (changes, version) = (changes(&placement), version(&placement));
        let stay = Stay { row: PlacementRow { placement, held: row.held }, ends_on: None };
        ctx.note_access_in(tx, &scope, [employee]);
        let reply = replaced(&PlacementView::seen_by(&ctx.actor, stay), version);
        Ok(tx.record(&pass, &event, Some(changes)).with(reply))
    })
    .await
}

fn changes(placement: &Placement) -> Value {
    let Placement { id: _, employee, position, starts_on, decree: _, recorded_at: _, retracted_at: _ } =
        placement;
    json!({"employee_id": employee, "position_id": position, "starts_on": starts_on})
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(month: u32) -> NaiveDate {
        NaiveDate::from_ymd_opt(2026, month, 1).unwrap()
    }

    fn row(month: u32, retracted: bool) -> PlacementRow {
        let at: DateTime<Utc> = "2026-01-01T00:00:00Z".parse().unwrap();
        let placement = Placement {
            id: PlacementId::new(),
            employee: EmployeeId::new(),
            position: None,
            starts_on: day(month),
            decree: None,
            recorded_at: at,
            retracted_at: retracted.then_some(at),
        };
        PlacementRow { placement, held: None }
    }

    #[test]
    fn ends_follow_from_the_entries_that_count() {
        let rows = [row(7, false), row(5, true), row(1, false)];
        let stays = stays(&rows, None);
        let shown: Vec<_> = stays.iter().map(|stay| (stay.row.placement.starts_on, stay.ends_on)).collect();
        assert_eq!(shown, [(day(1), day(7).pred_opt()), (day(7), None)]);
    }

    #[test]
    fn an_entry_has_two_versions() {
        assert_eq!(version(&row(1, false).placement), Version::FIRST);
        assert_eq!(version(&row(1, true).placement), Version::FIRST.next());
    }
}
