//! Work that goes on without its request: begun here, taken over from a server that died, or handed over to another.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use access::Actor;
use chrono::TimeDelta;
use kernel::{AgencyId, OperationId, OperationKind, OperationPhase, WorkerId};
use serde_json::to_value;
use store::{ClaimedOperation, StoreError};
use tokio::task::JoinHandle;

use crate::app::imports::file::{ImportFile, Kept};
use crate::app::imports::progress::Progress;
use crate::app::imports::queue::{Attempt, ImportQueue, Place, Turn};
use crate::app::imports::rejected::Rejects;
use crate::app::imports::run::{Failure, Importer, Mode, Summary};
use crate::app::operations::Failure as KeptFailure;
use crate::app::{AppError, Services, agency_plan_work, jp_standings, plan_work, scenario_work};
use crate::problems::Problem;

/// How often work that goes on says so.
const HEARTBEAT: Duration = Duration::from_secs(1);

/// Work whose worker has given no sign for this long counts as abandoned.
pub const STALE_AFTER: TimeDelta = TimeDelta::seconds(30);

/// How many may begin with the same work: a file that ends every process that reads it ends only so many.
pub const MOST_ATTEMPTS: i32 = 3;

/// How an import ended.
#[derive(Debug)]
pub(super) enum Ended {
    Done(Summary),
    Failed(AppError),
    Stopped,
    /// It met trouble that passes, and somebody tries again.
    PutOff,
}

/// A file, on whose behalf it is taken in, and where its refused rows go.
pub(super) struct Order {
    pub(super) importer: Importer,
    pub(super) file: ImportFile,
    pub(super) rejects: Rejects,
}

/// Takes over work that nobody does, as much as can begin at once, and returns how much that was. It goes on by itself.
///
/// # Errors
/// The store's.
pub async fn resume(services: &Services) -> Result<usize, AppError> {
    let queue = &services.imports;
    let mut taken = 0;
    while let Some((place, turn)) = queue.turn_at_once() {
        let (worker, now) = (WorkerId::new(), services.clock.now());
        let others: Vec<_> =
            OperationKind::ALL.into_iter().filter(|kind| *kind != OperationKind::Scenario).collect();
        let claimed =
            services.store.operation_claim(worker, &others, now, STALE_AFTER, MOST_ATTEMPTS).await?;
        let Some(claimed) = claimed else { break };
        let (agency, id) = (claimed.agency, claimed.operation.id);
        let attempt = Attempt { operation: id, worker };
        log::info!(operation:% = id, attempt = claimed.operation.attempts; "work nobody did is taken over");
        if claimed.operation.result.is_some() {
            drop(finish(services, agency, attempt, (place, turn)));
            taken += 1;
            continue;
        }
        if claimed.operation.kind != OperationKind::Import {
            let (services, runtime) = (services.clone(), queue.runtime().clone());
            // A thread of its own, as a transaction stays with the one it began on.
            drop(queue.runtime().spawn_blocking(move || {
                // Held to the end: so much work goes on at once, and a server that stops waits for it.
                let _held = (place, turn);
                match claimed.operation.kind {
                    OperationKind::AgencyPlanPublication => {
                        runtime.block_on(agency_plan_work::work(&services, claimed, worker));
                    }
                    _ => runtime.block_on(plan_work::work(&services, claimed, worker)),
                }
            }));
            taken += 1;
            continue;
        }
        match anew(services, claimed).await {
            Ok((importer, file)) => {
                let rejects = Rejects::beside(agency, id);
                drop(start(attempt, Order { importer, file, rejects }, place, Some(turn)));
            }
            Err(error) => drop(give_up(services, agency, attempt, error).await),
        }
        taken += 1;
    }
    Ok(taken + search(services).await?)
}

/// Takes over searches that nobody does: they have turns of their own, as they take long.
async fn search(services: &Services) -> Result<usize, AppError> {
    let queue = &services.imports;
    let mut taken = 0;
    while let Some(turn) = queue.search_at_once() {
        let (worker, now, kinds) = (WorkerId::new(), services.clock.now(), [OperationKind::Scenario]);
        let claimed = services.store.operation_claim(worker, &kinds, now, STALE_AFTER, MOST_ATTEMPTS).await?;
        let Some(claimed) = claimed else { break };
        log::info!(operation:% = claimed.operation.id, attempt = claimed.operation.attempts; "a scenario is begun with");
        let (services, runtime) = (services.clone(), queue.runtime().clone());
        drop(queue.runtime().spawn_blocking(move || {
            // Held to the end, as above.
            let _held = turn;
            runtime.block_on(scenario_work::work(&services, claimed, worker));
        }));
        taken += 1;
    }
    Ok(taken)
}

/// The work again, for whoever asked for it, if they still may.
async fn anew(services: &Services, claimed: ClaimedOperation) -> Result<(Importer, ImportFile), AppError> {
    let ClaimedOperation { agency, operation } = claimed;
    let kept: Kept = serde_json::from_value(operation.input)
        .map_err(|_old| AppError::from(StoreError::Corrupt("operations.input")))?;
    let request = kept.request;
    let agency = services.store.agency(agency).await?.ok_or(Problem::NotFound)?;
    let user = operation.requested_by;
    let actor = Actor { user, agency: agency.id, grants: services.store.grants_live(user, agency.id).await? };
    let file = ImportFile::of(operation.id, kept);
    Ok((Importer::anew(services, &actor, &agency, file.kind, request)?, file))
}

/// Does the work in a task of its own, and keeps in the operation why it came to nothing.
pub(super) fn start(attempt: Attempt, order: Order, place: Place, turn: Option<Turn>) -> JoinHandle<Ended> {
    let (services, agency) = (order.importer.services.clone(), order.importer.pass.agency());
    let progress = Arc::new(Progress::default());
    let under_way = services.imports.enter(attempt, &progress);
    let runtime = services.imports.runtime().clone();
    runtime.spawn(async move {
        let ended = tokio::select! {
            ended = async {
                let ended = work(order, Some(attempt), turn, progress.clone()).await;
                if let Ended::Done(_) = ended {
                    aggregate(&services, agency, Some(attempt), &progress).await;
                }
                ended
            } => ended,
            never = heartbeat(&services, agency, attempt, &progress) => match never {},
        };
        drop(under_way);
        let Attempt { operation, worker } = attempt;
        let ended = match ended {
            Ended::Failed(error) => give_up(&services, agency, attempt, error).await,
            other => other,
        };
        if matches!(ended, Ended::Stopped) && progress.is_handed_over() {
            let handed = services.store.operation_hand_over(agency, operation, worker);
            if let Err(cause) = handed.await {
                log::warn!(operation:%; "work is left for others to find: {cause}");
            }
        }
        // Whoever waits until nothing is under way also waits for what is told of the end.
        drop(place);
        ended
    })
}

/// Ends work whose rows are written, and whose worker was lost after that.
fn finish(services: &Services, agency: AgencyId, attempt: Attempt, held: (Place, Turn)) -> JoinHandle<()> {
    let (services, progress) = (services.clone(), Arc::new(Progress::default()));
    let runtime = services.imports.runtime().clone();
    runtime.spawn(async move {
        tokio::select! {
            () = aggregate(&services, agency, Some(attempt), &progress) => {}
            never = heartbeat(&services, agency, attempt, &progress) => match never {},
        }
        drop(held);
    })
}

/// Brings what is kept of the people concerned up to date, and ends the work. What cannot be done now is done by whoever
/// tends the gap model: until then answers come from the facts.
pub(super) async fn aggregate(
    services: &Services,
    agency: AgencyId,
    attempt: Option<Attempt>,
    progress: &Progress,
) {
    progress.begin(OperationPhase::Aggregating, 0);
    let (store, now) = (&services.store, services.clock.now());
    let _alone = services.imports.tending().lock().await;
    let caught_up = async {
        for (one, today) in store.jp_standings_due(agency, now).await? {
            if one == agency {
                jp_standings::tend(services, one, today).await?;
            }
        }
        for due in store.gap_models_due(Some(agency), now).await? {
            // Rows are in; there is nothing left to call off.
            let told = |people| {
                let _ = progress.step(people);
            };
            store.gap_model_catch_up(due, told).await?;
        }
        store.gap_sums_fold().await?;
        Ok::<_, StoreError>(())
    };
    if let Err(cause) = caught_up.await {
        log::warn!(agency:% = agency; "what is kept of people lags behind an import: {cause}");
    }
    let Some(Attempt { operation, worker }) = attempt else { return };
    let (people, now) = (progress.told().done, services.clock.now());
    if let Err(cause) = store.operation_succeed(agency, operation, worker, people, now).await {
        log::warn!(operation:%; "the end of an import could not be told: {cause}");
    }
}

/// Keeps why an attempt came to nothing. Where the database was away for a moment the work is not over: whoever asks next
/// for work tries again, as often as anybody may begin with it.
async fn give_up(services: &Services, agency: AgencyId, attempt: Attempt, error: AppError) -> Ended {
    let (store, Attempt { operation, worker }) = (&services.store, attempt);
    if error.problem == Problem::Unavailable {
        match store.operation_put_off(agency, operation, worker, MOST_ATTEMPTS).await {
            Ok(true) => {
                log::warn!(operation:%; "an import met trouble that may pass, and is tried again");
                return Ended::PutOff;
            }
            // That was the last attempt.
            Ok(false) => {}
            Err(cause) => {
                log::warn!(operation:%; "work is left for others to find: {cause}");
                return Ended::PutOff;
            }
        }
    }
    let kept = to_value(KeptFailure::from(&error)).unwrap_or_default();
    let now = services.clock.now();
    if let Err(cause) = store.operation_fail(agency, operation, worker, kept, now).await {
        log::warn!(operation:%; "the failure of an import could not be kept: {cause}");
    }
    Ended::Failed(error)
}

/// Does the work on a thread of its own, when its turn has come.
pub(super) async fn work(
    order: Order,
    attempt: Option<Attempt>,
    turn: Option<Turn>,
    progress: Arc<Progress>,
) -> Ended {
    let Order { importer, file, rejects } = order;
    let queue = importer.services.imports.clone();
    let turn = match turn {
        Some(turn) => turn,
        None => match turn_of(&queue, &progress).await {
            Ok(turn) => turn,
            Err(Failure::Stopped) => return Ended::Stopped,
            Err(failure) => return Ended::Failed(failure.into()),
        },
    };
    let runtime = queue.runtime().clone();
    let job = move || {
        let _held = turn;
        let taking = async {
            rejects.begin(&importer.services.store).await?;
            importer.take(Arc::new(file), Mode::Commit(attempt), &progress, &rejects).await
        };
        runtime.block_on(taking)
    };
    match queue.runtime().spawn_blocking(job).await {
        Ok(Ok(summary)) => Ended::Done(summary),
        Ok(Err(Failure::Stopped)) => Ended::Stopped,
        Ok(Err(failure)) => Ended::Failed(failure.into()),
        Err(_panic) => Ended::Failed(Problem::Internal.into()),
    }
}

/// Everything but writing.
pub(super) async fn rehearse(
    order: Order,
    place: Place,
    progress: Arc<Progress>,
) -> Result<Summary, AppError> {
    let Order { importer, file, rejects } = order;
    let queue = importer.services.imports.clone();
    // It is nobody's operation, and a server that stops calls it off like one.
    let under_way = queue.enter(Attempt::at(OperationId::new()), &progress);
    let _wanted = Wanted(progress.clone());
    let turn = turn_of(&queue, &progress).await?;
    let runtime = queue.runtime().clone();
    let rehearsal = move || {
        let _held = (place, turn, under_way);
        runtime.block_on(importer.take(Arc::new(file), Mode::DryRun, &progress, &rejects))
    };
    match queue.runtime().spawn_blocking(rehearsal).await {
        Ok(Ok(summary)) => Ok(summary),
        Ok(Err(failure)) => Err(failure.into()),
        Err(_panic) => Err(Problem::Internal.into()),
    }
}

/// Calls off what nobody waits for any more.
struct Wanted(Arc<Progress>);

impl Drop for Wanted {
    fn drop(&mut self) {
        self.0.stop();
    }
}

/// Waits for a turn, unless the work is called off before.
async fn turn_of(queue: &ImportQueue, progress: &Progress) -> Result<Turn, Failure> {
    tokio::select! {
        turn = queue.turn() => Ok(turn?),
        () = called_off(progress) => Err(Failure::Stopped),
    }
}

/// Waits until work that waits itself is called off.
async fn called_off(progress: &Progress) {
    let mut glances = tokio::time::interval(Duration::from_millis(100));
    while !progress.is_stopped() {
        glances.tick().await;
    }
}

/// Says now and then how far the work has come, and calls it off when nobody wants it any more.
async fn heartbeat(
    services: &Services,
    agency: AgencyId,
    attempt: Attempt,
    progress: &Progress,
) -> Infallible {
    let (store, Attempt { operation, worker }) = (&services.store, attempt);
    let mut ticks = tokio::time::interval(HEARTBEAT);
    loop {
        ticks.tick().await;
        match store.operation_progress(agency, operation, worker, progress.told(), services.clock.now()).await
        {
            Ok(true) => {}
            Ok(false) => progress.stop(),
            // The work itself meets the same trouble, and tells of it.
            Err(cause) => log::debug!(operation:%; "progress could not be told: {cause}"),
        }
        // Again and again: it may have been between two statements the last time.
        if progress.is_stopped() {
            progress.interrupt(store).await;
        }
    }
}

impl From<Failure> for AppError {
    fn from(failure: Failure) -> Self {
        match failure {
            Failure::Refused(summary) => (*summary).into(),
            Failure::App(error) => error,
            Failure::Stopped => Problem::Unavailable.into(),
        }
    }
}
