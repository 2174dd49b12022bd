//! What a server does beside answering: small, regular, safe to be done by several servers at once.

use std::time::Duration;

use access::Scope;
use chrono::TimeDelta;
use kernel::{AgencyId, NATIONAL};
use store::StoreError;
use tokio::time::{MissedTickBehavior, interval};

use crate::app::Services;
use crate::http::AppState;

/// Work whose worker has given no sign for this long counts as abandoned.
pub const STALE_AFTER: TimeDelta = TimeDelta::minutes(2);

/// How long the reply to a write is kept for repetitions of its request.
pub const REPLIES_KEPT: TimeDelta = TimeDelta::hours(24);

const TIDYING: Duration = Duration::from_secs(60);

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
}

/// One round: fails abandoned work, forgets old replies.
///
/// # Errors
/// The store's.
pub async fn tidy(services: &Services) -> Result<Tidied, StoreError> {
    let now = services.clock.now();
    Ok(Tidied {
        operations: services.store.operations_reap(now, STALE_AFTER).await?,
        replies: services.store.idempotency_sweep(now - REPLIES_KEPT).await?,
        sums: services.store.gap_kept_sweep(now).await?,
    })
}

/// Makes what is due in the gap model of every agency anew, and the rows of its sums one; returns for how many people.
///
/// # Errors
/// The store's.
pub async fn tend(services: &Services) -> Result<usize, StoreError> {
    let mut people = 0;
    for due in services.store.gap_models_due(None, services.clock.now()).await? {
        services.store.gap_model_catch_up(due, |count| people += count).await?;
    }
    services.store.gap_sums_fold().await?;
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
            match tend(&state.services).await {
                Ok(0) => {}
                Ok(people) => log::info!(people; "made rows of the gap model anew"),
                Err(error) => {
                    log::warn!("the gap model could not be tended, the next round tries again: {error}")
                }
            }
        }
    };
    tokio::join!(tending, chores(state));
}

/// What takes a moment.
async fn chores(state: &AppState) {
    let (mut tidying, mut upkeep) = (interval(TIDYING), interval(UPKEEP));
    tidying.set_missed_tick_behavior(MissedTickBehavior::Delay);
    upkeep.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            _ = tidying.tick() => match tidy(&state.services).await {
                Ok(Tidied { operations: 0, replies: 0, sums: _ }) => {}
                Ok(Tidied { operations, replies, sums: _ }) => {
                    log::info!(operations, replies; "tidied up");
                }
                Err(error) => log::warn!("tidying up failed, the next round tries again: {error}"),
            },
            _ = upkeep.tick() => state.metrics.run_upkeep(),
        }
    }
}
