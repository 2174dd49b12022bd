//! Classes of programmes: planned, announced, filled, held.

use access::{Action, Pass};
use chrono::{Days, NaiveDate, NaiveTime};
use development::{CancelCause, ClassAction, ProgrammeAction, TrainingClass};
use kernel::{
    ClassId, EmployeeId, Event, LongText, Page, ProgrammeId, Resource, Version, Violation, ViolationCode,
    Violations,
};
use serde_json::{Value, json};
use store::{AttendanceRow, ClassFilter, ClassRow, PageRequest, Reader, ScheduledSession, Tx, Written};

use crate::app::enrolments::promote;
use crate::app::{AppError, Ctx};
use crate::dto::classes::{
    AttendancePut, AttendanceView, ClassCreate, ClassPut, ClassQuery, ClassSeriesCreate, ClassSeriesView,
    ClassView, ParticipantView, ReasonPut, ScheduleQuery,
};
use crate::dto::enums::Wire;
use crate::dto::{created, day, gone, replaced};
use crate::problems::Problem;

/// Who may do something with a class.
const fn needs(action: ClassAction) -> Action {
    match action {
        ClassAction::Enrol => Action::EnrolmentNominate,
        ClassAction::Complete => Action::CertificateIssue,
        ClassAction::Edit
        | ClassAction::Delete
        | ClassAction::Open
        | ClassAction::Cancel
        | ClassAction::RecordAttendance
        | ClassAction::EnterResults => Action::ClassWrite,
    }
}

/// A class as this caller sees it. Whoever may enrol somebody, be it themself, is offered to.
#[must_use]
pub fn view(ctx: &Ctx, row: ClassRow) -> ClassView {
    let (phase, mut allowed) = (row.class.phase(ctx.now), row.class.allowed_actions(ctx.now));
    allowed.retain(|action| match action {
        ClassAction::Enrol => {
            let any = |action| !ctx.actor.reaches(action).is_empty();
            any(Action::EnrolmentNominate) || any(Action::EnrolmentRequest)
        }
        other => ctx.actor.can(needs(*other)),
    });
    ClassView::new(row, phase, allowed)
}

/// The civil servants who teach in some classes.
fn teaching<'a>(rows: impl IntoIterator<Item = &'a ClassRow>) -> Vec<EmployeeId> {
    rows.into_iter().flat_map(|row| row.trainers.iter().filter_map(|trainer| trainer.employee)).collect()
}

/// Classes of the caller's agency.
///
/// # Errors
/// `INVALID` for a day out of reason.
pub async fn list(ctx: &Ctx, query: ClassQuery, page: &PageRequest) -> Result<Page<ClassRow>, AppError> {
    let scope = ctx.scope(Action::CatalogueRead)?;
    let ClassQuery { programme_id, state, starts_from, starts_until, registers, free, cursor: _, limit: _ } =
        query;
    let midnight = |at: &str, on: Option<NaiveDate>, later: u64| -> Result<_, AppError> {
        let Some(on) = on else { return Ok(None) };
        let on = day(at, on)?;
        let on = on.checked_add_days(Days::new(later)).unwrap_or(on);
        Ok(Some(ctx.zone.instant(on, NaiveTime::MIN)))
    };
    let filter = ClassFilter {
        programme: programme_id.map(ProgrammeId::from),
        state: state.map(|Wire(state)| state),
        starts_from: midnight("/query/starts_from", starts_from, 0)?,
        starts_before: midnight("/query/starts_until", starts_until, 1)?,
        registers: registers.map(|registers| (ctx.now, registers)),
        free,
    };
    let rows = ctx.read(&scope).classes(&filter, page).await?;
    ctx.note_access(&scope, teaching(&rows.items)).await?;
    Ok(rows)
}

/// One class.
///
/// # Errors
/// `NOT_FOUND`.
pub async fn get(ctx: &Ctx, id: ClassId) -> Result<ClassRow, AppError> {
    let scope = ctx.scope(Action::CatalogueRead)?;
    let row = class(&ctx.read(&scope), id).await?;
    ctx.note_access(&scope, teaching([&row])).await?;
    Ok(row)
}

/// The class, if there is one.
pub(crate) async fn class(reader: &Reader<'_>, id: ClassId) -> Result<ClassRow, AppError> {
    Ok(reader.class(id).await?.ok_or(Problem::NotFound)?)
}

/// What may stand in the trail for good: names of those who teach are told by the class.
fn trail(view: &ClassView) -> Value {
    let mut told = json!(view);
    if let Some(sessions) = told.get_mut("sessions").and_then(Value::as_array_mut) {
        for trainer in sessions.iter_mut().filter_map(|one| one.get_mut("trainers")?.as_array_mut()).flatten()
        {
            trainer.as_object_mut().and_then(|one| one.remove("name"));
        }
    }
    told
}

/// A programme of which classes may be planned, kept so until the transaction ends.
async fn plannable(
    tx: &Tx<'_>,
    reader: &Reader<'_>,
    pass: &Pass,
    programme: ProgrammeId,
) -> Result<(), AppError> {
    tx.programme_hold(pass, programme).await?;
    let row = reader.programme(programme).await?;
    let row = row.ok_or_else(|| Violation::new("/programme_id", ViolationCode::NotFound))?;
    Ok(row.programme.require(ProgrammeAction::PlanClass)?)
}

/// Plans a class.
///
/// # Errors
/// `FORBIDDEN`, `INVALID`, `ALREADY_EXISTS`, `PROGRAMME_STATE`.
pub async fn create(ctx: &Ctx, input: ClassCreate) -> Result<Written, AppError> {
    let scope = ctx.scope(Action::CatalogueRead)?;
    let pass = ctx.actor.allow(Action::ClassWrite)?;
    let programme = ProgrammeId::from(input.programme_id);
    let content = ClassPut::from(input).into_domain()?;
    let planned = TrainingClass::plan(ClassId::new(), programme, content)?;
    ctx.write(async |tx| {
        let reader = ctx.read_in(tx, &scope);
        plannable(tx, &reader, &pass, programme).await?;
        tx.class_insert(&pass, &planned).await?;
        let row = class(&reader, planned.id).await?;
        ctx.note_access_in(tx, &scope, teaching([&row]));
        let view = view(ctx, row);
        let event = Event::new(Resource::Class, planned.id, "CREATED");
        let reply = created(&view, planned.version, format!("/v1/classes/{}", planned.id));
        Ok(tx.record(&pass, &event, Some(trail(&view))).with(reply))
    })
    .await
}

/// Plans the classes of a programme that is held again and again, all or none.
///
/// # Errors
/// `NOT_FOUND`, `FORBIDDEN`, `INVALID`, `ALREADY_EXISTS`, `PROGRAMME_STATE`.
pub async fn create_series(
    ctx: &Ctx,
    programme: ProgrammeId,
    input: ClassSeriesCreate,
) -> Result<Written, AppError> {
    let scope = ctx.scope(Action::CatalogueRead)?;
    ctx.read(&scope).programme(programme).await?.ok_or(Problem::NotFound)?;
    let pass = ctx.actor.allow(Action::ClassWrite)?;
    let contents = input.into_domain()?.contents(ctx.zone)?;
    let classes: Vec<TrainingClass> = contents
        .into_iter()
        .map(|content| TrainingClass::plan(ClassId::new(), programme, content))
        .collect::<Result<_, _>>()?;
    ctx.write(async |tx| {
        let reader = ctx.read_in(tx, &scope);
        plannable(tx, &reader, &pass, programme).await?;
        let mut items = Vec::with_capacity(classes.len());
        for planned in &classes {
            tx.class_insert(&pass, planned).await?;
            let row = class(&reader, planned.id).await?;
            ctx.note_access_in(tx, &scope, teaching([&row]));
            items.push(view(ctx, row));
        }
        let ids: Vec<_> = items.iter().map(|view| json!({"id": view.id, "code": view.code})).collect();
        let event = Event::new(Resource::Programme, programme, "SERIES_PLANNED");
        let location = format!("/v1/classes?programme_id={programme}");
        let reply = created(&ClassSeriesView { items }, Version::FIRST, location);
        Ok(tx.record(&pass, &event, Some(json!({"classes": ids}))).with(reply))
    })
    .await
}

/// Replaces what a class says. Where seats become more, those who wait longest get them.
///
/// # Errors
/// `NOT_FOUND`, `FORBIDDEN`, `STALE`, `INVALID`, `ALREADY_EXISTS`, `CLASS_STATE`, `CLASS_SEATS_TAKEN`, `CLASS_EMPTY`.
pub async fn replace(ctx: &Ctx, id: ClassId, input: ClassPut) -> Result<Written, AppError> {
    change(ctx, id, ClassAction::Edit, "REPLACED", async |_, reader, row| {
        row.class.require(ClassAction::Edit, ctx.now)?;
        let content = input.clone().into_domain()?;
        let attended = reader.sessions_attended(id).await?;
        Ok(row.class.clone().edit(content, ctx.now, row.seats.taken, &attended)?)
    })
    .await
}

/// Announces a class.
///
/// # Errors
/// `NOT_FOUND`, `FORBIDDEN`, `STALE`, `CLASS_STATE`, `CLASS_EMPTY`.
pub async fn open(ctx: &Ctx, id: ClassId) -> Result<Written, AppError> {
    change(ctx, id, ClassAction::Open, "OPENED", async |_, _, row| Ok(row.class.clone().open(ctx.now)?)).await
}

/// Calls a class off, and everybody's enrolment with it. Attendance that is on record stays.
///
/// # Errors
/// `NOT_FOUND`, `FORBIDDEN`, `STALE`, `INVALID`, `CLASS_STATE`.
pub async fn cancel(ctx: &Ctx, id: ClassId, input: ReasonPut) -> Result<Written, AppError> {
    let reason: LongText = input.into_domain()?;
    change(ctx, id, ClassAction::Cancel, "CANCELLED", async |tx: &Tx<'_>, _, row| {
        let cancelled = row.class.clone().cancel(reason.clone(), ctx.now)?;
        let pass = ctx.actor.allow(Action::ClassWrite)?;
        tx.enrolments_close(&pass, id, CancelCause::ClassCancelled).await?;
        Ok(cancelled)
    })
    .await
}

/// Throws a class away that was never announced.
///
/// # Errors
/// `NOT_FOUND`, `FORBIDDEN`, `STALE`, `CLASS_STATE`.
pub async fn delete(ctx: &Ctx, id: ClassId) -> Result<Written, AppError> {
    let scope = ctx.scope(Action::CatalogueRead)?;
    ctx.write(async |tx| {
        let row = class(&ctx.read_in(tx, &scope), id).await?;
        let pass = ctx.actor.allow(needs(ClassAction::Delete))?;
        let expected = ctx.expect_version(row.class.version)?;
        row.class.require(ClassAction::Delete, ctx.now)?;
        tx.class_delete(&pass, id, expected).await?;
        let event = Event::new(Resource::Class, id, "DELETED");
        Ok(tx.record(&pass, &event, Some(trail(&view(ctx, row)))).with(gone()))
    })
    .await
}

/// Changes a class, held from every other change, and gives the seats that can be taken now to those who wait.
async fn change(
    ctx: &Ctx,
    id: ClassId,
    action: ClassAction,
    what: &'static str,
    work: impl AsyncFn(&Tx<'_>, &Reader<'_>, &ClassRow) -> Result<TrainingClass, AppError>,
) -> Result<Written, AppError> {
    let scope = ctx.scope(Action::CatalogueRead)?;
    ctx.write(async |tx: &Tx<'_>| {
        let reader = ctx.read_in(tx, &scope);
        class(&reader, id).await?;
        let pass = ctx.actor.allow(needs(action))?;
        // Who has a seat may be free for another class once this one is called off or meets at other hours.
        let lines = reader.lines_behind(&[id], None).await?;
        tx.lines_hold(&pass, &[], &lines).await?;
        let row = class(&reader, id).await?;
        ctx.expect_version(row.class.version)?;
        let after = work(tx, &reader, &row).await?;
        tx.class_update(&pass, &after).await?;
        let promoted = promote(tx, &reader, &pass, &lines, ctx.now).await?;
        let after = class(&reader, id).await?;
        ctx.note_access_in(tx, &scope, teaching([&after]));
        let version = after.class.version;
        let (before, view) = (view(ctx, row), view(ctx, after));
        let event = Event::new(Resource::Class, id, what);
        let changes = json!({"before": trail(&before), "after": trail(&view), "promoted": promoted});
        Ok(tx.record(&pass, &event, Some(changes)).with(replaced(&view, version)))
    })
    .await
}

/// Who was at a session, of people the caller may see.
///
/// # Errors
/// `NOT_FOUND`, `FORBIDDEN`.
pub async fn attendance(ctx: &Ctx, id: ClassId, number: i32) -> Result<(Version, AttendanceView), AppError> {
    let catalogue = ctx.scope(Action::CatalogueRead)?;
    let scope = ctx.scope(Action::LearningRead)?;
    let row = class(&ctx.read(&catalogue), id).await?;
    row.class.content.session(number).ok_or(Problem::NotFound)?;
    let participants = ctx.read(&scope).attendance(id, number).await?;
    ctx.note_access(&scope, participants.iter().map(|one| one.employee)).await?;
    Ok((row.class.version, attended(id, number, participants)))
}

fn attended(id: ClassId, number: i32, participants: Vec<AttendanceRow>) -> AttendanceView {
    let participants = participants.into_iter().map(ParticipantView::from).collect();
    AttendanceView { class_id: id.uuid(), number, participants }
}

/// Replaces who was at a session that has begun.
///
/// # Errors
/// `NOT_FOUND`, `FORBIDDEN`, `STALE`, `INVALID` for somebody without a seat, `CLASS_STATE`.
pub async fn attendance_put(
    ctx: &Ctx,
    id: ClassId,
    number: i32,
    input: AttendancePut,
) -> Result<Written, AppError> {
    let catalogue = ctx.scope(Action::CatalogueRead)?;
    ctx.write(async |tx| {
        let reader = ctx.read_in(tx, &catalogue);
        let session = class(&reader, id).await?.class.content.session(number).cloned();
        session.ok_or(Problem::NotFound)?;
        let pass = ctx.actor.allow(needs(ClassAction::RecordAttendance))?;
        let scope = ctx.scope(Action::LearningRead)?;
        tx.class_lock(&pass, id).await?;
        let row = class(&reader, id).await?;
        ctx.expect_version(row.class.version)?;
        row.class.require(ClassAction::RecordAttendance, ctx.now)?;
        // A session that lies ahead has been attended by nobody.
        let begun = row.class.content.session(number).is_some_and(|session| session.starts_at <= ctx.now);
        if !begun {
            return Err(Problem::ClassState.into());
        }
        let presences = input.clone().into_domain()?;
        let people = ctx.read_in(tx, &scope);
        let seated = people.attendance(id, number).await?;
        let mut found = Violations::new();
        for (index, (enrolment, _)) in presences.iter().enumerate() {
            found.check(seated.iter().all(|one| one.enrolment != *enrolment), || {
                Violation::new(format!("/items/{index}/enrolment_id"), ViolationCode::NotFound)
            });
        }
        found.finish()?;
        tx.attendance_put(&pass, id, number, &presences).await?;
        tx.class_touch(&pass, id, row.class.version).await?;
        let after = people.attendance(id, number).await?;
        ctx.note_access_in(tx, &scope, after.iter().map(|one| one.employee));
        let marks: Vec<_> = presences.iter().map(|(one, presence)| json!([one, presence])).collect();
        let event = Event::new(Resource::Class, id, "ATTENDANCE_RECORDED");
        let changes = json!({"number": number, "presences": marks});
        let reply = replaced(&attended(id, number, after), row.class.version.next());
        Ok(tx.record(&pass, &event, Some(changes)).with(reply))
    })
    .await
}

/// The longest schedule that is told at once, in days.
const LONGEST: u64 = 366;

/// What somebody takes part in or teaches in some days of the agency.
///
/// # Errors
/// `NOT_FOUND`, `FORBIDDEN`, `INVALID`.
pub async fn schedule(
    ctx: &Ctx,
    employee: EmployeeId,
    query: ScheduleQuery,
) -> Result<(NaiveDate, NaiveDate, Vec<ScheduledSession>), AppError> {
    let scope = ctx.scope(Action::LearningRead)?;
    let from = day("/query/from", query.from.unwrap_or_else(|| ctx.today()))?;
    let last = from.checked_add_days(Days::new(LONGEST)).unwrap_or(from);
    let until = query.until.unwrap_or(last);
    if until < from {
        return Err(AppError::invalid("/query/until", ViolationCode::PeriodReversed));
    }
    if until > last {
        let violation = Violation::new("/query/until", ViolationCode::OutOfRange);
        return Err(violation.with("min", from).with("max", last).into());
    }
    let reader = ctx.read(&scope);
    reader.employee(employee).await?.ok_or(Problem::NotFound)?;
    let midnight = |day: NaiveDate| ctx.zone.instant(day, NaiveTime::MIN);
    let after = until.checked_add_days(Days::new(1)).unwrap_or(until);
    let sessions = reader.schedule(employee, midnight(from), midnight(after)).await?;
    ctx.note_access(&scope, [employee]).await?;
    Ok((from, until, sessions))
}
