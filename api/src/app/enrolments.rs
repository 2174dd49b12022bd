//! Enrolments: nominated, asked for, consented to, given up; and the line for seats.

use access::{Action, Pass, Scope};
use development::{
    Enrolment, EnrolmentAction, EnrolmentError, EnrolmentOrigin, EnrolmentState, ParticipantFacts,
};
use kernel::{
    ClassId, EmployeeId, EnrolmentId, Event, LongText, Page, Resource, Version, Violation, ViolationCode,
};
use serde_json::{Value, json};
use store::{ClassRow, EnrolmentFilter, EnrolmentRow, PageRequest, Reader, StoreError, Tx, Written};

use crate::app::classes::class;
use crate::app::{AppError, Ctx};
use crate::dto::classes::ReasonPut;
use crate::dto::enrolments::{EnrolmentCreate, EnrolmentQuery, EnrolmentView};
use crate::dto::enums::Wire;
use crate::dto::{created, replaced};
use crate::problems::Problem;

/// Whether the caller is this person.
pub(crate) fn is_oneself(ctx: &Ctx, employee: EmployeeId) -> bool {
    ctx.actor.employees().any(|own| own == employee)
}

/// An enrolment as this caller sees it. What a role permits for some people only is offered where it may be; the attempt
/// tells.
#[must_use]
pub fn view(ctx: &Ctx, row: EnrolmentRow) -> EnrolmentView {
    let own = is_oneself(ctx, row.enrolment.employee);
    let any = |action| !ctx.actor.reaches(action).is_empty();
    let mut allowed = row.enrolment.allowed_actions(row.hours, ctx.now);
    allowed.retain(|action| match action {
        EnrolmentAction::Consent | EnrolmentAction::Refuse => !own && any(Action::EnrolmentConsent),
        EnrolmentAction::Cancel if own => any(Action::EnrolmentRequest),
        EnrolmentAction::Cancel => any(Action::EnrolmentNominate),
    });
    EnrolmentView::new(row, allowed)
}

/// What may stand in the trail for good.
fn trail(enrolment: &Enrolment) -> Value {
    let Enrolment {
        id: _, class, employee, origin, state, ticket, decided_by, reason, cause, exception, ..
    } = enrolment;
    json!({"class_id": class, "employee_id": employee, "origin": origin, "state": state, "ticket": ticket,
        "decided_by": decided_by, "reason": reason, "cause": cause, "exception": exception})
}

/// Enrolments of people the caller may see.
///
/// # Errors
/// `FORBIDDEN`.
pub async fn list(
    ctx: &Ctx,
    query: EnrolmentQuery,
    page: &PageRequest,
) -> Result<Page<EnrolmentRow>, AppError> {
    let scope = ctx.scope(Action::LearningRead)?;
    let EnrolmentQuery { class_id, employee_id, state, cursor: _, limit: _ } = query;
    let filter = EnrolmentFilter {
        class: class_id.map(ClassId::from),
        employee: employee_id.map(EmployeeId::from),
        states: state.into_iter().map(|Wire(state)| state).collect(),
    };
    let rows = ctx.read(&scope).enrolments(&filter, page).await?;
    ctx.note_access(&scope, rows.items.iter().map(|row| row.enrolment.employee)).await?;
    Ok(rows)
}

/// One enrolment.
///
/// # Errors
/// `FORBIDDEN`, `NOT_FOUND`.
pub async fn get(ctx: &Ctx, id: EnrolmentId) -> Result<EnrolmentRow, AppError> {
    let scope = ctx.scope(Action::LearningRead)?;
    let row = find(&ctx.read(&scope), id).await?;
    ctx.note_access(&scope, [row.enrolment.employee]).await?;
    Ok(row)
}

pub(crate) async fn find(reader: &Reader<'_>, id: EnrolmentId) -> Result<EnrolmentRow, AppError> {
    Ok(reader.enrolment(id).await?.ok_or(Problem::NotFound)?)
}

/// Leave to enrol somebody, whom a caller asks for themself or nominates, and the scope within which they are seen.
async fn enrolling(ctx: &Ctx, employee: EmployeeId) -> Result<(Pass, Scope, EnrolmentOrigin), AppError> {
    if is_oneself(ctx, employee) {
        // Also for who may nominate others: nobody is their own superior.
        let pass = ctx.actor.allow_own(Action::EnrolmentRequest, employee)?;
        return Ok((pass, ctx.actor.oneself(), EnrolmentOrigin::Own));
    }
    let scope = ctx.scope(Action::EnrolmentNominate)?;
    let reached = ctx.read(&scope).employee(employee).await?.is_some();
    if !reached {
        return Err(AppError::invalid("/employee_id", ViolationCode::NotFound));
    }
    let pass = ctx.actor.allow_reached(Action::EnrolmentNominate, reached)?;
    Ok((pass, scope, EnrolmentOrigin::Nominated))
}

/// Whether somebody is whom the programme is for, has what it builds on, serves, and is free at the time.
async fn fits(
    reader: &Reader<'_>,
    row: &ClassRow,
    employee: EmployeeId,
    exception: Option<&LongText>,
) -> Result<(), AppError> {
    let programme = reader.programme(row.class.programme).await?.ok_or(Problem::NotFound)?;
    let facts = reader.participant_facts(&[employee]).await?.remove(&employee);
    let facts: ParticipantFacts = facts.ok_or(Problem::NotFound)?;
    let unmet = facts.unmet(&programme.programme.content);
    if !unmet.is_empty() && exception.is_none() {
        return Err(EnrolmentError::Unmet(unmet).into());
    }
    free(reader, employee, row.class.id).await
}

/// Whether somebody is there when a class is held, and free.
async fn free(reader: &Reader<'_>, employee: EmployeeId, class: ClassId) -> Result<(), AppError> {
    if !reader.serves_in(employee, class).await? {
        return Err(EnrolmentError::NotServing.into());
    }
    if reader.is_busy(employee, class).await? {
        return Err(EnrolmentError::Busy.into());
    }
    Ok(())
}

/// How many of those who wait for a seat could take one.
async fn ready(reader: &Reader<'_>, row: &ClassRow) -> Result<u32, AppError> {
    if row.seats.waiting == 0 { Ok(0) } else { Ok(reader.line_ready(row.class.id).await?) }
}

/// Gives the free seats of these classes, which the caller holds with those who wait ([`Tx::lines_hold`]), to those who have
/// waited longest and can take them; who got one.
///
/// # Errors
/// The store's.
pub(crate) async fn promote(
    tx: &Tx<'_>,
    reader: &Reader<'_>,
    pass: &Pass,
    classes: &[ClassId],
    now: chrono::DateTime<chrono::Utc>,
) -> Result<Vec<EnrolmentId>, StoreError> {
    let mut promoted = Vec::new();
    for id in classes {
        let Some(row) = reader.class(*id).await? else { continue };
        promoted.extend(tx.enrolments_promote(pass, *id, row.seats.promotable(&row.class, now)).await?);
    }
    for one in &promoted {
        tx.tell(pass, Event::new(Resource::Enrolment, *one, "PROMOTED"));
    }
    Ok(promoted)
}

/// Where somebody would stand who is enrolled now: with a seat or in line. The caller holds the class.
///
/// # Errors
/// `CLASS_REGISTRATION_CLOSED`, `ALREADY_EXISTS`, `ENROLMENT_UNMET`, `ENROLMENT_NOT_SERVING`, `ENROLMENT_BUSY`, `CLASS_FULL`,
/// in this order.
pub(crate) async fn admitted(
    reader: &Reader<'_>,
    id: ClassId,
    employee: EmployeeId,
    exception: Option<&LongText>,
    now: chrono::DateTime<chrono::Utc>,
) -> Result<EnrolmentState, AppError> {
    let row = class(reader, id).await?;
    if !row.class.registers(now) {
        return Err(EnrolmentError::Closed.into());
    }
    // Told before that the class is full: they have what they ask for.
    if reader.is_enrolled(employee, id).await? {
        let taken = Violation::new("/employee_id", ViolationCode::Taken);
        return Err(AppError::about(Problem::AlreadyExists, vec![taken]));
    }
    fits(reader, &row, employee, exception).await?;
    Ok(row.seats.next(&row.class, ready(reader, &row).await?)?)
}

/// Enrols somebody: a nomination gets a seat or a place in line at once, an own wish waits for the superior's consent.
///
/// # Errors
/// `NOT_FOUND`, `FORBIDDEN`, `INVALID`, `ALREADY_EXISTS` when they are enrolled already, `CLASS_REGISTRATION_CLOSED`,
/// `CLASS_FULL`, `ENROLMENT_UNMET`, `ENROLMENT_NOT_SERVING`, `ENROLMENT_BUSY`.
pub async fn create(ctx: &Ctx, id: ClassId, input: EnrolmentCreate) -> Result<Written, AppError> {
    let catalogue = ctx.scope(Action::CatalogueRead)?;
    class(&ctx.read(&catalogue), id).await?;
    let employee = EmployeeId::from(input.employee_id);
    let (pass, scope, origin) = enrolling(ctx, employee).await?;
    let exception = input.exception()?;
    if exception.is_some() {
        ctx.actor.allow(Action::ClassWrite)?;
    }
    ctx.write(async |tx| {
        let reader = ctx.read_in(tx, &catalogue);
        // A seat that nobody in line could take when it became free may be theirs by now.
        let seen = class(&reader, id).await?;
        let line: &[ClassId] = if seen.seats.promotable(&seen.class, ctx.now) > 0 { &[id] } else { &[] };
        // The person before the class: whoever enrols one in two classes at once waits for themself.
        tx.lines_hold(&pass, &[employee], line).await?;
        tx.class_lock(&pass, id).await?;
        promote(tx, &reader, &pass, line, ctx.now).await?;
        let next = admitted(&reader, id, employee, exception.as_ref(), ctx.now).await?;
        let nominated = origin == EnrolmentOrigin::Nominated;
        let enrolment = Enrolment {
            id: EnrolmentId::new(),
            class: id,
            employee,
            origin,
            state: if nominated { next } else { EnrolmentState::Requested },
            ticket: 0,
            requested_at: ctx.now,
            decided_by: nominated.then_some(ctx.actor.user),
            decided_at: nominated.then_some(ctx.now),
            reason: None,
            cause: None,
            exception: exception.clone(),
            outcome: None,
            version: Version::FIRST,
        };
        tx.enrolment_insert(&pass, &enrolment).await?;
        let row = find(&ctx.read_in(tx, &scope), enrolment.id).await?;
        ctx.note_access_in(tx, &scope, [employee]);
        let event = Event::new(Resource::Enrolment, enrolment.id, "CREATED");
        let changes = trail(&row.enrolment);
        let reply = created(&view(ctx, row), Version::FIRST, format!("/v1/enrolments/{}", enrolment.id));
        Ok(tx.record(&pass, &event, Some(changes)).with(reply))
    })
    .await
}

/// Leave for the superior of somebody to decide about their wish.
async fn deciding(ctx: &Ctx, tx: &Tx<'_>, employee: EmployeeId) -> Result<Pass, AppError> {
    let scope = ctx.scope(Action::EnrolmentConsent)?;
    if is_oneself(ctx, employee) {
        return Err(EnrolmentError::OwnConsent.into());
    }
    let reached = ctx.read_in(tx, &scope).employee(employee).await?.is_some();
    Ok(ctx.actor.allow_reached(Action::EnrolmentConsent, reached)?)
}

/// Leave to give up an enrolment: one's own, or one of somebody the caller may nominate.
async fn giving_up(ctx: &Ctx, tx: &Tx<'_>, employee: EmployeeId) -> Result<Pass, AppError> {
    if is_oneself(ctx, employee) {
        return Ok(ctx.actor.allow_own(Action::EnrolmentRequest, employee)?);
    }
    let scope = ctx.scope(Action::EnrolmentNominate)?;
    let reached = ctx.read_in(tx, &scope).employee(employee).await?.is_some();
    Ok(ctx.actor.allow_reached(Action::EnrolmentNominate, reached)?)
}

/// Consents to an own wish: the person gets a seat, or a place in line.
///
/// # Errors
/// `NOT_FOUND`, `FORBIDDEN`, `STALE`, `ENROLMENT_STATE`, `ENROLMENT_OWN_CONSENT`, `CLASS_FULL`, `ENROLMENT_NOT_SERVING`,
/// `ENROLMENT_BUSY`.
pub async fn consent(ctx: &Ctx, id: EnrolmentId) -> Result<Written, AppError> {
    change(ctx, id, EnrolmentAction::Consent, "CONSENTED", async |reader, row, class| {
        let seats = (class.seats, ready(reader, class).await?);
        let enrolment = row.enrolment.consent(&class.class, seats, ctx.actor.user, ctx.now)?;
        free(reader, enrolment.employee, enrolment.class).await?;
        Ok(enrolment)
    })
    .await
}

/// Refuses an own wish.
///
/// # Errors
/// `NOT_FOUND`, `FORBIDDEN`, `STALE`, `INVALID`, `ENROLMENT_STATE`, `ENROLMENT_OWN_CONSENT`.
pub async fn refuse(ctx: &Ctx, id: EnrolmentId, input: ReasonPut) -> Result<Written, AppError> {
    let reason = input.into_domain()?;
    change(ctx, id, EnrolmentAction::Refuse, "REFUSED", async |_, row, class| {
        Ok(row.enrolment.refuse(class.class.content.hours(), reason.clone(), ctx.actor.user, ctx.now)?)
    })
    .await
}

/// Gives an enrolment up; who waits longest gets the seat, and whoever gave it up a seat they wait for at the same hours.
///
/// # Errors
/// `NOT_FOUND`, `FORBIDDEN`, `STALE`, `INVALID`, `ENROLMENT_STATE`.
pub async fn cancel(ctx: &Ctx, id: EnrolmentId, input: ReasonPut) -> Result<Written, AppError> {
    let reason = input.into_domain()?;
    change(ctx, id, EnrolmentAction::Cancel, "CANCELLED", async |_, row, class| {
        Ok(row.enrolment.cancel(class.class.content.hours(), reason.clone(), ctx.now)?)
    })
    .await
}

/// Changes an enrolment, its class held from every other change, and gives the seats that can be taken now to those who have
/// waited longest: in its class, and where the person waits for one at the same hours.
async fn change(
    ctx: &Ctx,
    id: EnrolmentId,
    action: EnrolmentAction,
    what: &'static str,
    work: impl AsyncFn(&Reader<'_>, EnrolmentRow, &ClassRow) -> Result<Enrolment, AppError>,
) -> Result<Written, AppError> {
    let scope = ctx.scope(Action::LearningRead)?;
    let catalogue = ctx.scope(Action::CatalogueRead)?;
    ctx.write(async |tx: &Tx<'_>| {
        let people = ctx.read_in(tx, &scope);
        let seen = find(&people, id).await?.enrolment;
        let pass = match action {
            EnrolmentAction::Consent | EnrolmentAction::Refuse => deciding(ctx, tx, seen.employee).await?,
            EnrolmentAction::Cancel => giving_up(ctx, tx, seen.employee).await?,
        };
        let reader = ctx.read_in(tx, &catalogue);
        let lines = reader.lines_behind(&[seen.class], Some(seen.employee)).await?;
        tx.lines_hold(&pass, &[seen.employee], &lines).await?;
        let (row, of) = (find(&people, id).await?, class(&reader, seen.class).await?);
        ctx.expect_version(row.enrolment.version)?;
        let before = row.enrolment.clone();
        let after = work(&reader, row, &of).await?;
        tx.enrolment_update(&pass, &after).await?;
        let promoted = promote(tx, &reader, &pass, &lines, ctx.now).await?;
        let row = find(&people, id).await?;
        ctx.note_access_in(tx, &scope, [seen.employee]);
        let version = row.enrolment.version;
        let event = Event::new(Resource::Enrolment, id, what);
        let changes = json!({"before": trail(&before), "after": trail(&row.enrolment), "promoted": promoted});
        Ok(tx.record(&pass, &event, Some(changes)).with(replaced(&view(ctx, row), version)))
    })
    .await
}
