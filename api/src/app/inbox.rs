//! The caller's inbox: what they are told, what they did with it, and how often they want to be told.

use access::{Action, Pass};
use chrono::{Days, NaiveDate, NaiveTime};
use development::{DigestFrequency, InboxSettings, NoticeMarks, NoticeState};
use kernel::{EmployeeId, Event, Limit, NoticeId, Page, Resource, Version, ViolationCode};
use serde_json::json;
use store::{NoticeFilter, NoticeRow, PageRequest, Reply, Written};

use crate::app::{AppError, Ctx};
use crate::dto::inbox::{
    InboxReading, InboxReadingView, InboxSettingsPut, InboxSettingsView, NoticePut, NoticeQuery, NoticeView,
};
use crate::dto::{day, replaced};
use crate::messages::Lang;
use crate::problems::Problem;

/// What a digest tells.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Digest {
    /// How often it is made.
    pub frequency: DigestFrequency,
    /// The days it is about, both ends included; none without digests.
    pub days: Option<(NaiveDate, NaiveDate)>,
    /// What was told in these days and has neither been read nor put off nor withdrawn since.
    pub notices: Vec<NoticeRow>,
    /// Whether there is more than a digest holds.
    pub more: bool,
}

/// Leave of the caller to change what is theirs.
fn own(ctx: &Ctx, employee: EmployeeId) -> Result<Pass, AppError> {
    Ok(ctx.actor.allow_own(Action::InboxWrite, employee)?)
}

async fn settings_of(ctx: &Ctx) -> Result<(InboxSettings, Option<Version>), AppError> {
    let scope = ctx.actor.oneself();
    let found = ctx.read(&scope).inbox_settings(ctx.actor.user).await?;
    Ok(found
        .map_or_else(|| (InboxSettings::default(), None), |(settings, version)| (settings, Some(version))))
}

/// Notes that the caller was shown the people notices are about.
async fn shown(ctx: &Ctx, rows: &[NoticeRow]) -> Result<(), AppError> {
    let people = rows.iter().filter_map(|row| row.about.as_ref().map(|(id, _)| *id));
    ctx.note_access(&ctx.actor.oneself(), people).await
}

/// The caller's notices, the last told first. Without states those that were neither put off nor withdrawn; without kinds
/// those that are not muted.
///
/// # Errors
/// The store's.
pub async fn list(ctx: &Ctx, query: NoticeQuery, page: &PageRequest) -> Result<Page<NoticeRow>, AppError> {
    let NoticeQuery { state, kind, cursor: _, limit: _ } = query;
    let (settings, _) = settings_of(ctx).await?;
    let filter = NoticeFilter {
        states: state.map_or_else(|| vec![NoticeState::Unread, NoticeState::Read], |state| vec![state.0]),
        kinds: kind.into_iter().map(|kind| kind.0).collect(),
        without: if kind.is_none() { settings.muted } else { Vec::new() },
        told: None,
    };
    let scope = ctx.actor.oneself();
    let rows = ctx.read(&scope).notices(&filter, ctx.now, page).await?;
    shown(ctx, &rows.items).await?;
    Ok(rows)
}

/// One of them.
///
/// # Errors
/// `NOT_FOUND`.
pub async fn get(ctx: &Ctx, id: NoticeId) -> Result<NoticeRow, AppError> {
    let scope = ctx.actor.oneself();
    let row = ctx.read(&scope).notice(id).await?.ok_or(Problem::NotFound)?;
    shown(ctx, std::slice::from_ref(&row)).await?;
    Ok(row)
}

/// Writes what the caller did with a notice.
///
/// # Errors
/// `NOT_FOUND`, `STALE`, `INVALID`.
pub async fn mark(ctx: &Ctx, id: NoticeId, input: NoticePut, lang: Lang) -> Result<Written, AppError> {
    let scope = ctx.actor.oneself();
    ctx.write(async |tx| {
        let reader = ctx.read_in(tx, &scope);
        let row = reader.notice(id).await?.ok_or(Problem::NotFound)?;
        let pass = own(ctx, row.employee)?;
        let version = ctx.expect_version(row.version)?;
        let snoozed_until = input.snoozed_until(ctx.now)?;
        let read_at = input.read.then(|| row.marks.read_at.unwrap_or(ctx.now));
        tx.notice_mark(&pass, (id, version), &NoticeMarks { read_at, snoozed_until, ..row.marks }).await?;
        let after = reader.notice(id).await?.ok_or(Problem::NotFound)?;
        ctx.note_access_in(tx, &scope, after.about.as_ref().map(|(id, _)| *id));
        let version = after.version;
        let changes = json!({"read_at": read_at, "snoozed_until": snoozed_until});
        let event = Event::new(Resource::Notice, id, "MARKED");
        let reply = replaced(&NoticeView::new(after, ctx.now, lang), version);
        Ok(tx.record(&pass, &event, Some(changes)).with(reply))
    })
    .await
}

/// Marks everything that was told by an instant as read.
///
/// # Errors
/// `FORBIDDEN` for a caller who is no employee, `INVALID`.
pub async fn read(ctx: &Ctx, input: InboxReading) -> Result<Written, AppError> {
    let people: Vec<EmployeeId> = ctx.actor.employees().collect();
    let first = people.first().copied().ok_or(Problem::Forbidden)?;
    let pass = own(ctx, first)?;
    let until = input.until()?;
    ctx.write(async |tx| {
        let count = tx.notices_read(&pass, &people, until).await?;
        let event = Event::new(Resource::InboxSettings, ctx.actor.user, "READ");
        let body = serde_json::to_value(InboxReadingView { read: count }).ok();
        let reply = Reply { status: 200, etag: None, location: None, body };
        Ok(tx.record(&pass, &event, Some(json!({"until": until, "read": count}))).with(reply))
    })
    .await
}

/// What the caller wants to be told, and how often.
///
/// # Errors
/// The store's.
pub async fn settings(ctx: &Ctx) -> Result<(InboxSettings, Version), AppError> {
    let (settings, version) = settings_of(ctx).await?;
    Ok((settings, version.unwrap_or(Version::new(0))))
}

/// Replaces it.
///
/// # Errors
/// `FORBIDDEN` for a caller who is no employee, `STALE`, `INVALID`.
pub async fn settings_put(ctx: &Ctx, input: InboxSettingsPut) -> Result<Written, AppError> {
    let first = ctx.actor.employees().next().ok_or(Problem::Forbidden)?;
    let pass = own(ctx, first)?;
    let wanted = input.into_domain()?;
    let user = ctx.actor.user;
    let scope = ctx.actor.oneself();
    ctx.write(async |tx| {
        let before = ctx.read_in(tx, &scope).inbox_settings(user).await?.map(|(_, version)| version);
        ctx.expect_version(before.unwrap_or(Version::new(0)))?;
        tx.inbox_settings_put(&pass, user, &wanted, before).await?;
        let version = before.map_or(Version::FIRST, Version::next);
        let view = InboxSettingsView::from(wanted.clone());
        let event = Event::new(Resource::InboxSettings, user, "REPLACED");
        Ok(tx.record(&pass, &event, Some(json!(view))).with(replaced(&view, version)))
    })
    .await
}

/// The digest that is made on a day, today's without one.
///
/// # Errors
/// `INVALID` for a day that has not come.
pub async fn digest(ctx: &Ctx, on: Option<NaiveDate>) -> Result<Digest, AppError> {
    let on = day("/query/on", on.unwrap_or_else(|| ctx.today()))?;
    if on > ctx.today() {
        return Err(AppError::invalid("/query/on", ViolationCode::InFuture));
    }
    let (settings, _) = settings_of(ctx).await?;
    let (frequency, days) = (settings.digest, settings.digest_days(on));
    let Some((first, last)) = days else {
        return Ok(Digest { frequency, days, notices: Vec::new(), more: false });
    };
    let midnight = |day: NaiveDate| ctx.zone.instant(day, NaiveTime::MIN);
    let after = last.checked_add_days(Days::new(1)).unwrap_or(last);
    let filter = NoticeFilter {
        states: vec![NoticeState::Unread],
        kinds: Vec::new(),
        without: settings.muted,
        told: Some((midnight(first), midnight(after))),
    };
    let scope = ctx.actor.oneself();
    let limit = Limit::new(Limit::MAX).unwrap_or(Limit::DEFAULT);
    let page = ctx.read(&scope).notices(&filter, ctx.now, &PageRequest::first(limit)).await?;
    shown(ctx, &page.items).await?;
    Ok(Digest { frequency, days, notices: page.items, more: page.next.is_some() })
}
