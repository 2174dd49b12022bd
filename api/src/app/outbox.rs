//! What happens after the fact: events are handed on to inboxes, and what becomes due is said.

use access::{Action, Pass, Scope};
use development::{JP_TARGET_POLICY, JpTargetRubric, REMINDERS_POLICY, RemindersRubric};
use kernel::{AgencyId, AgencyZone, NATIONAL, RequestId};
use store::{StoreError, WriteContext};

use crate::app::Services;
use crate::app::policies::rubric;

/// Why the work below reads and writes everything in an agency.
const REASON: &str = "what happened is made known, whoever did it";

fn context(services: &Services, agency: AgencyId, operation: &'static str) -> WriteContext {
    WriteContext {
        user: None,
        agency,
        request: RequestId::new(),
        operation,
        now: services.clock.now(),
        idempotency: None,
    }
}

/// Hands on every event that waits, agency by agency; how many. An agency that fails is tried again with the next round,
/// and holds up no other.
///
/// # Errors
/// The store's, when it cannot be asked what waits.
pub async fn hand_on(services: &Services) -> Result<usize, StoreError> {
    let mut all = 0;
    for agency in services.store.outbox_waiting().await? {
        match hand_on_one(services, agency).await {
            Ok(count) => all += count,
            Err(error) => {
                log::warn!(agency_id:% = agency; "events could not be handed on, the next round tries again: {error}");
            }
        }
    }
    Ok(all)
}

async fn hand_on_one(services: &Services, agency: AgencyId) -> Result<usize, StoreError> {
    let scope = Scope::system(agency, REASON);
    let pass = Pass::system(agency, Action::InboxWrite, REASON);
    let zone = services.store.agency(agency).await?.map_or(AgencyZone::Wib, |agency| agency.zone);
    let mut all = 0;
    loop {
        let context = context(services, agency, "outbox");
        let today = zone.day(context.now);
        let count = services
            .store
            .outbox_hand_on(&context, async |tx, events| {
                // The nation employs nobody.
                if agency == NATIONAL {
                    return Ok(());
                }
                let reader = tx.read(&scope, today);
                let hours: Option<JpTargetRubric> =
                    rubric(&reader, (JP_TARGET_POLICY, agency, today)).await?;
                tx.notices_follow(&pass, today, hours.as_ref(), events).await?;
                tx.webhook_deliveries_note(&pass, events).await
            })
            .await?;
        all += count;
        if count == 0 {
            return Ok(all);
        }
    }
}

/// Says what has become due in every agency, by its own clock and policy; how much it was. What takes longer to find is looked
/// for once a day.
///
/// # Errors
/// The store's, when it cannot be asked for the agencies.
pub async fn remind(services: &Services) -> Result<usize, StoreError> {
    let mut all = 0;
    for (agency, zone) in services.store.agencies_served().await? {
        match remind_one(services, agency, zone).await {
            Ok(count) => all += count,
            Err(error) => {
                log::warn!(agency_id:% = agency; "reminders could not be made, the next round tries again: {error}");
            }
        }
    }
    Ok(all)
}

async fn remind_one(services: &Services, agency: AgencyId, zone: AgencyZone) -> Result<usize, StoreError> {
    let context = context(services, agency, "reminders");
    let today = zone.day(context.now);
    let scope = Scope::system(agency, REASON);
    let pass = Pass::system(agency, Action::InboxWrite, REASON);
    let reader = services.store.read(&scope, today);
    let reminders: Option<RemindersRubric> = rubric(&reader, (REMINDERS_POLICY, agency, today)).await?;
    let Some(reminders) = reminders else { return Ok(0) };
    let hours: Option<JpTargetRubric> = rubric(&reader, (JP_TARGET_POLICY, agency, today)).await?;
    let once_a_day = !services.store.reminder_round_done(agency, today).await?;
    if once_a_day {
        // Who is short is looked up in what is kept of everybody.
        services.store.jp_standings_tend(agency, today).await?;
    }
    let hours = once_a_day.then_some(hours.as_ref());
    services.store.reminders_tell(&context, &pass, today, &reminders, hours).await
}
