//! What a server does beside answering: small, regular, safe to be done by several servers at once.

use std::time::Duration;

use access::Scope;
use chrono::TimeDelta;
use kernel::{AgencyId, NATIONAL};
use store::StoreError;
use tokio::time::{MissedTickBehavior, interval};

use crate::app::imports::{self, MOST_ATTEMPTS};
use crate::app::{Services, evaluation, jp_standings};
use crate::http::AppState;

pub use crate::app::imports::STALE_AFTER;
pub use crate::app::outbox::{hand_on, remind};
pub use crate::app::webhooks::deliver;

/// How long the reply to a write is kept for repetitions of its request.
pub const REPLIES_KEPT: TimeDelta = TimeDelta::hours(24);

/// How long rows that an import refused can be downloaded.
pub const REJECTED_ROWS_KEPT: TimeDelta = TimeDelta::days(7);

/// How long notices stay that have lost their reason.
pub const WITHDRAWN_KEPT: TimeDelta = TimeDelta::days(90);

/// How long notices stay, and what was said to be due.
pub const NOTICES_KEPT: TimeDelta = TimeDelta::days(730);

/// How long what was sent to endpoints of others stays in their log.
pub const DELIVERIES_KEPT: TimeDelta = TimeDelta::days(30);

/// How long a file may take to arrive.
pub const ARRIVING: TimeDelta = TimeDelta::hours(6);

/// How often somebody asks for work that nobody does.
const RESUMING: Duration = Duration::from_secs(5);

/// How soon what is asked about a class follows its beginning, its end and what is recorded of it.
const EVALUATING: Duration = Duration::from_secs(20);

const TIDYING: Duration = Duration::from_secs(60);

/// How soon what happened is made known.
const HANDING_ON: Duration = Duration::from_secs(1);

/// How soon what is due to endpoints of others is sent.
const DELIVERING: Duration = Duration::from_secs(1);

/// How often somebody looks for what has become due.
const REMINDING: Duration = Duration::from_secs(60);

/// How soon rows of the gap model that lapse at midnight, or were left for later, are made anew. Until then answers come
/// from the facts.
const TENDING: Duration = Duration::from_secs(2);

/// Figures are gathered up this often, or their memory would grow until somebody asks for them.
const UPKEEP: Duration = Duration::from_secs(5);

/// Months whose sums are made before somebody asks: what a trend shows unless it is asked for more.
const MONTHS_KEPT: u32 = 12;

/// What a round of tidying found.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tidied {
    /// Abandoned work that was failed.
    pub operations: u64,
    /// Kept replies that were forgotten.
    pub replies: u64,
    /// Sums of past days, and marks on them, that were forgotten.
    pub sums: u64,
    /// Files of nobody's and refused rows of long ago that were forgotten.
    pub leftovers: u64,
    /// Deliveries of long ago that were forgotten.
    pub deliveries: u64,
    /// Notices and reminders of long ago that were forgotten.
    pub notices: u64,
}

/// One round: fails work that nobody will do any more, forgets old replies, refused rows and what arrived in part.
///
/// # Errors
/// The store's.
pub async fn tidy(services: &Services) -> Result<Tidied, StoreError> {
    let now = services.clock.now();
    Ok(Tidied {
        operations: services.store.operations_reap(now, STALE_AFTER, MOST_ATTEMPTS).await?,
        replies: services.store.idempotency_sweep(now - REPLIES_KEPT).await?,
        sums: services.store.gap_kept_sweep(now).await?,
        leftovers: services.store.import_files_sweep(now - ARRIVING).await?
            + services.store.rejected_rows_sweep(now - REJECTED_ROWS_KEPT).await?,
        deliveries: services.store.webhook_deliveries_sweep(now - DELIVERIES_KEPT).await?,
        notices: services.store.notices_sweep(now - WITHDRAWN_KEPT, now - NOTICES_KEPT).await?
            + services.store.reminders_sweep((now - NOTICES_KEPT).date_naive()).await?,
    })
}

/// Makes what is due in the gap model of every agency anew, and the rows of its sums one; returns for how many people.
///
/// # Errors
/// The store's.
pub async fn tend(services: &Services) -> Result<usize, StoreError> {
    let mut people = 0;
    // An import that is at it tends its own agency, and the next round the others.
    let Ok(_alone) = services.imports.tending().try_lock() else { return Ok(people) };
    for due in services.store.gap_models_due(None, services.clock.now()).await? {
        services.store.gap_model_catch_up(due, |count| people += count).await?;
    }
    services.store.gap_sums_fold().await?;
    Ok(people)
}

/// Makes what is kept of how people stand in learning hours and no longer holds anew, where something is known to be due and
/// in the agency whose turn it is: rules change without anybody's row changing. Returns for how many people.
///
/// # Errors
/// The store's.
pub async fn tend_learning_hours(services: &Services, turn: AgencyId) -> Result<i64, StoreError> {
    let mut people = 0;
    for (agency, today) in services.store.jp_standings_due(turn, services.clock.now()).await? {
        people += jp_standings::tend(services, agency, today).await?;
    }
    Ok(people)
}

/// Makes sums of past months that somebody is likely to ask for, of one agency after the other: those after `turn`; the
/// agency it was the turn of.
///
/// # Errors
/// The store's.
pub async fn recollect(services: &Services, turn: AgencyId) -> Result<AgencyId, StoreError> {
    let now = services.clock.now();
    let Some((agency, today)) = services.store.agency_after(turn, now).await? else { return Ok(NATIONAL) };
    let scope = Scope::system(agency, "sums of past months are made before somebody asks");
    services.store.gap_months_keep(&scope, today, MONTHS_KEPT).await?;
    Ok(agency)
}

/// Works until it is dropped.
pub async fn run(state: &AppState) {
    let tending = async {
        let mut ticks = interval(TENDING);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut turn = NATIONAL;
        loop {
            ticks.tick().await;
            match recollect(&state.services, turn).await {
                Ok(agency) => turn = agency,
                Err(error) => log::debug!("sums of past months could not be made: {error}"),
            }
            if let Err(error) = tend_learning_hours(&state.services, turn).await {
                log::warn!("learning hours could not be tended, the next round tries again: {error}");
            }
            match tend(&state.services).await {
                Ok(0) => {}
                Ok(people) => log::info!(people; "made rows of the gap model anew"),
                Err(error) => {
                    log::warn!("the gap model could not be tended, the next round tries again: {error}")
                }
            }
        }
    };
    tokio::join!(tending, making_known(state), delivering(state), chores(state));
}

/// What happened and what becomes due is made known.
async fn making_known(state: &AppState) {
    let (mut handing_on, mut reminding) = (interval(HANDING_ON), interval(REMINDING));
    handing_on.set_missed_tick_behavior(MissedTickBehavior::Delay);
    reminding.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            _ = handing_on.tick() => if let Err(error) = hand_on(&state.services).await {
                log::warn!("what happened could not be made known, the next round tries again: {error}");
            },
            _ = reminding.tick() => if let Err(error) = remind(&state.services).await {
                log::warn!("reminders could not be made, the next round tries again: {error}");
            },
        }
    }
}

/// Endpoints of others are told what happens, however long they take to answer.
async fn delivering(state: &AppState) {
    let mut ticks = interval(DELIVERING);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        ticks.tick().await;
        if let Err(error) = deliver(&state.services).await {
            log::warn!("webhooks could not be sent, the next round tries again: {error}");
        }
    }
}

/// What takes a moment.
async fn chores(state: &AppState) {
    let (mut tidying, mut upkeep, mut resuming) = (interval(TIDYING), interval(UPKEEP), interval(RESUMING));
    let mut evaluating = interval(EVALUATING);
    evaluating.set_missed_tick_behavior(MissedTickBehavior::Delay);
    resuming.set_missed_tick_behavior(MissedTickBehavior::Delay);
    tidying.set_missed_tick_behavior(MissedTickBehavior::Delay);
    upkeep.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            _ = tidying.tick() => match tidy(&state.services).await {
                Ok(Tidied { operations: 0, replies: 0, sums: _, leftovers: 0, deliveries: 0, notices: 0 }) => {}
                Ok(Tidied { operations, replies, sums: _, leftovers, deliveries, notices }) => {
                    log::info!(operations, replies, leftovers, deliveries, notices; "tidied up");
                }
                Err(error) => log::warn!("tidying up failed, the next round tries again: {error}"),
            },
            _ = resuming.tick() => {
                if let Err(error) = imports::resume(&state.services).await {
                    log::warn!("work of others could not be taken over, the next round tries again: {:?}", error.problem);
                }
            }
            _ = evaluating.tick() => match evaluation::tend(&state.services).await {
                Ok(evaluation::Tended { classes: 0, opened: 0, overdue: 0 }) => {}
                Ok(evaluation::Tended { classes, opened, overdue }) => {
                    log::info!(classes, opened, overdue; "evaluations were tended");
                }
                Err(error) => log::warn!("evaluations could not be tended, the next round tries again: {error}"),
            },
            _ = upkeep.tick() => state.metrics.run_upkeep(),
        }
    }
}
