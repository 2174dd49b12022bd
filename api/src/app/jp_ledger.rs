//! Ledgers of learning hours.

use std::collections::BTreeMap;

use access::{Action, Scope};
use chrono::{DateTime, Datelike as _, NaiveDate, Utc};
use competency::{PolicyVersion, policy_on};
use development::{
    Form, FormUse, JP_TARGET_POLICY, JpBound, JpEnforcement, JpEntryKind, JpLedger, JpLedgerError, JpRooms,
    JpRule, JpTargetRubric, LedgerFacts, counted_as_of,
};
use kernel::{EmployeeId, Event, Hundredths, JpEntryId, Resource, Version, ViolationCode};
use serde_json::json;
use store::{JpEntryRow, JpLedgerRows, Reader, Reply, StoreError, Tx, Written};
use workforce::EmployeeStatus;

use crate::app::{AppError, Ctx};
use crate::dto::jp_ledger::{
    JpCorrection, JpCorrectionView, JpEntryView, JpLedgerQuery, entries, reach_of, year,
};
use crate::dto::replaced;
use crate::problems::Problem;

/// A year of somebody's ledger, with the entries it shows.
///
/// # Errors
/// `FORBIDDEN`, `NOT_FOUND`, `INVALID`.
pub async fn get(
    ctx: &Ctx,
    employee: EmployeeId,
    query: JpLedgerQuery,
) -> Result<(JpLedger, Vec<JpEntryRow>), AppError> {
    let scope = ctx.scope(Action::JpRead)?;
    let year = year(query.year, ctx.today())?;
    let reader = ctx.read(&scope);
    let (rows, policy) = facts(ctx, &reader, &scope, employee, year).await?;
    let ledger = with_facts(ctx, year, &rows, &policy, |facts| facts.ledger());
    ctx.note_access(&scope, [employee]).await?;
    Ok((ledger, rows.entries))
}

/// What the ledger of a year is made from.
pub(crate) async fn facts(
    ctx: &Ctx,
    reader: &Reader<'_>,
    scope: &Scope,
    employee: EmployeeId,
    year: i32,
) -> Result<(JpLedgerRows, PolicyVersion<JpTargetRubric>), AppError> {
    let as_of = counted_as_of(year, ctx.today());
    let rows = reader.jp_ledger_rows(employee, as_of, reach_of(year)).await?.ok_or(Problem::NotFound)?;
    Ok((rows, target(reader, scope, as_of).await?))
}

/// Asks something of what a ledger is made from.
pub(crate) fn with_facts<T>(
    ctx: &Ctx,
    year: i32,
    rows: &JpLedgerRows,
    policy: &PolicyVersion<JpTargetRubric>,
    ask: impl FnOnce(&LedgerFacts<'_>) -> T,
) -> T {
    let entries = entries(&rows.entries);
    let (spells, job_class) = (rows.spells.as_slice(), rows.job_class);
    ask(&LedgerFacts { year, today: ctx.today(), spells, job_class, entries: &entries, policy })
}

/// What somebody did in a form and has hours of: activities and classes that were completed, and own learning that was
/// verified.
pub(crate) async fn form_uses(
    reader: &Reader<'_>,
    employee: EmployeeId,
    form: &Form,
) -> Result<Vec<FormUse>, StoreError> {
    let activities = reader.activities_completed(employee, form.code.as_str()).await?;
    let own = reader.own_learnings_verified(employee, form.code.as_str()).await?;
    let classes = reader.classes_converted(employee, form.code.as_str()).await?;
    let activities = activities.iter().map(|one| one.form_use(form));
    let classes = classes.into_iter().map(|units| FormUse { units, international: false });
    Ok(activities.chain(classes).chain(own.iter().filter_map(|one| one.said.form_use())).collect())
}

/// Whether `jp` more hours earned on a day pass no ceiling that stops. The caller holds the ledger.
pub(crate) async fn admits(
    ctx: &Ctx,
    tx: &Tx<'_>,
    employee: EmployeeId,
    (day, jp): (NaiveDate, Hundredths),
) -> Result<(), AppError> {
    let scope = ctx.scope(Action::JpRead)?;
    let (rows, policy) = facts(ctx, &ctx.read_in(tx, &scope), &scope, employee, day.year()).await?;
    Ok(with_facts(ctx, day.year(), &rows, &policy, |facts| facts.admits(day, jp))?)
}

/// What ceilings that stop leave these people of a year; who is bound by none is not among them, and no ledger of theirs is
/// read.
pub(crate) async fn rooms(
    reader: &Reader<'_>,
    scope: &Scope,
    (year, today): (i32, NaiveDate),
    people: &[EmployeeId],
) -> Result<BTreeMap<EmployeeId, JpRooms>, AppError> {
    let as_of = counted_as_of(year, today);
    let policy = target(reader, scope, as_of).await?;
    let stops = |rule: &JpRule| rule.bound == JpBound::AtMost && rule.enforcement == JpEnforcement::Stop;
    let rules = policy.rubric.rules.iter().filter(|rule| stops(rule));
    let standings: Vec<EmployeeStatus> = rules.flat_map(|rule| rule.statuses.iter().copied()).collect();
    let mut rooms = BTreeMap::new();
    if standings.is_empty() {
        return Ok(rooms);
    }
    for employee in reader.people_ever(people, &standings).await? {
        let Some(rows) = reader.jp_ledger_rows(employee, as_of, reach_of(year)).await? else { continue };
        let entries = entries(&rows.entries);
        let (spells, job_class) = (rows.spells.as_slice(), rows.job_class);
        let facts = LedgerFacts { year, today, spells, job_class, entries: &entries, policy: &policy };
        let left = facts.rooms(JpEnforcement::Stop);
        if !left.is_unbounded() {
            rooms.insert(employee, left);
        }
    }
    Ok(rooms)
}

/// The floors and ceilings that apply on a day.
pub(crate) async fn target(
    reader: &Reader<'_>,
    scope: &Scope,
    day: NaiveDate,
) -> Result<PolicyVersion<JpTargetRubric>, AppError> {
    let versions = reader.policies_for::<JpTargetRubric>().await?;
    let policy = policy_on(&versions, JP_TARGET_POLICY, scope.agency(), day, DateTime::<Utc>::MAX_UTC);
    policy.cloned().ok_or_else(|| AppError::invalid("/query/year", ViolationCode::NotFound))
}

/// One entry, as it counts today.
///
/// # Errors
/// `FORBIDDEN`, `NOT_FOUND`.
pub async fn entry(ctx: &Ctx, id: JpEntryId) -> Result<JpEntryRow, AppError> {
    let scope = ctx.scope(Action::JpRead)?;
    let row = ctx.read(&scope).jp_entry(id).await?.ok_or(Problem::NotFound)?;
    ctx.note_access(&scope, [row.entry.employee]).await?;
    Ok(row)
}

/// An entry is written once, and taken back once.
#[must_use]
pub fn version(row: &JpEntryRow) -> Version {
    if row.reversed { Version::FIRST.next() } else { Version::FIRST }
}

/// Takes an entry back, and says what it should have said. Of two at once, the second finds it taken back.
///
/// # Errors
/// `NOT_FOUND`, `FORBIDDEN`, `STALE`, `INVALID`, `JP_OWN_HOURS`, `JP_ENTRY_REVERSED`, `JP_ENTRY_COUNTER`,
/// `JP_ENTRY_UNCHANGED`, `JP_CEILING`.
pub async fn correct(ctx: &Ctx, id: JpEntryId, input: JpCorrection) -> Result<Written, AppError> {
    let scope = ctx.scope(Action::JpRead)?;
    ctx.write(async |tx| {
        let reader = ctx.read_in(tx, &scope);
        let wrong = reader.jp_entry(id).await?.ok_or(Problem::NotFound)?;
        let pass = ctx.actor.allow(Action::JpVerify)?;
        let (jp, reason) = input.clone().into_domain()?;
        let employee = wrong.entry.employee;
        not_oneself(ctx, employee)?;
        tx.jp_ledger_lock(&pass, employee).await?;
        // Read again under the lock: another one may have taken it back meanwhile.
        let wrong = reader.jp_entry(id).await?.ok_or(Problem::NotFound)?;
        ctx.expect_version(version(&wrong))?;
        let entries = wrong.entry.correct(wrong.reversed, jp, &reason, ctx.actor.user, ctx.now)?;
        // More than was told is decided here, and no ceiling that stops lets that by.
        let told = u32::try_from(wrong.entry.jp.count()).unwrap_or_default();
        if jp.count() > told {
            let (day, more) = (wrong.entry.earned_on, Hundredths::from_count(jp.count() - told));
            admits(ctx, tx, employee, (day, more)).await?;
        }
        tx.jp_entries_insert(&pass, &entries).await?;
        if entries.iter().all(|entry| entry.kind == JpEntryKind::Reversal) {
            tx.certificate_release(&pass, wrong.entry.source, wrong.entry.source_id).await?;
        }
        ctx.note_access_in(tx, &scope, [employee]);
        let changes = json!({"employee_id": employee, "before": wrong.entry.jp, "after": jp.count()});
        let shown = entries.into_iter().map(|entry| JpEntryRow { entry, reversed: false });
        let entries = shown.map(|row| JpEntryView::new(row, ctx.today())).collect();
        let reply: Reply = replaced(&JpCorrectionView { entries }, Version::FIRST.next());
        let event = Event::new(Resource::JpEntry, id, "CORRECTED");
        Ok(tx.record(&pass, &event, Some(changes)).with(reply))
    })
    .await
}

/// Nobody decides on their own hours.
pub(crate) fn not_oneself(ctx: &Ctx, employee: EmployeeId) -> Result<(), JpLedgerError> {
    if ctx.actor.employees().any(|own| own == employee) { Err(JpLedgerError::Oneself) } else { Ok(()) }
}

/// A certificate that is used already, told as what it is.
pub(crate) fn used_certificate() -> AppError {
    StoreError::Broken {
        constraint: "pk_jp_certificates".to_owned(),
        meaning: store::Broken::Taken("/certificate/number"),
    }
    .into()
}
