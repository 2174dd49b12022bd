//! The agency's own spreadsheets, taken in whole or not at all.
//!
//! A file is read into typed rows, the rows are compared with everything of their kind that the agency has, and what
//! differs is written: reading, comparing and writing in one transaction that holds back other imports into the agency,
//! so that a file either stands completely or has left nothing, and the same file again changes nothing. One row in the
//! audit trail tells of it. [`try_out`] stops before the writing.
//!
//! What rows may say beyond what the API lets callers do one by one: a standard comes in force, and results are final, at
//! once. They were decreed and signed outside; the importing user stands for both officers.

mod assessments;
mod competencies;
mod drafts;
mod employees;
mod levels;
mod plan;
mod positions;
mod progress;
mod queue;
mod references;
mod run;
mod standards;
#[cfg(test)]
mod testing;
mod units;

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use access::Action;
use kernel::{AgencyId, OperationId, OperationKind, OperationState};
use serde_json::to_value;
use store::{Begun, OperationRow, Reply, Written};
use tokio::task::JoinHandle;
use workforce::Agency;

pub use plan::Warning;
pub use progress::Progress;
pub use queue::ImportQueue;
pub use run::{ImportFile, Summary};

use crate::app::operations::Failure as KeptFailure;
use crate::app::{AppError, Ctx, Services};
use crate::dto::imports::ImportView;
use crate::problems::Problem;
use crate::sheets::{Format, ImportKind, template_csv, template_xlsx};
use queue::Place;
use run::{Failure, Importer, Mode};

/// How long a caller waits for the end before being told where to ask for it.
const PATIENCE: Duration = Duration::from_secs(2);

/// How often work that goes on says so.
const HEARTBEAT: Duration = Duration::from_secs(1);

/// How an import ended.
#[derive(Debug)]
enum Ended {
    Done(Summary),
    Failed(AppError),
    Stopped,
}

/// Everything but writing: what would be made, changed and left, and all that is wrong.
///
/// # Errors
/// `FORBIDDEN`, `UNAVAILABLE`; a file that is no table.
pub async fn try_out(ctx: &Ctx, file: ImportFile) -> Result<Summary, AppError> {
    let importer = Importer::of(ctx, file.kind)?;
    let place = ctx.services.imports.place()?;
    rehearse(importer, file, place).await
}

/// Takes a file in. A caller who sends the same request again gets the operation begun then.
///
/// Most files are done in a moment, and the reply is what they came to; otherwise it names the operation, which goes on
/// whether or not the caller stays.
///
/// # Errors
/// `FORBIDDEN`, `UNAVAILABLE`, `IDEMPOTENCY_KEY_REUSED`; a file that is no table; `INVALID` with every value that cannot
/// stand. In all of them nothing was written; the operation keeps the last two.
pub async fn begin(ctx: &Ctx, file: ImportFile) -> Result<Written, AppError> {
    let importer = Importer::of(ctx, file.kind)?;
    let place = ctx.services.imports.place()?;
    let operation = OperationRow::begun(OperationKind::Import, file.identity(), ctx.actor.user, ctx.now);
    let (id, accepted) = (operation.id, reply(&operation));
    let store = &ctx.services.store;
    match store.operation_begin(&importer.context, &importer.pass, &operation, &accepted).await? {
        Begun::KeyReused => return Err(Problem::IdempotencyKeyReused.into()),
        Begun::Before(earlier) => return Ok(Written::Replayed(reply(&earlier))),
        Begun::Now => {}
    }
    match tokio::time::timeout(PATIENCE, start(importer, id, file, place)).await {
        Err(_still_at_it) => Ok(Written::Done(accepted)),
        Ok(Ok(Ended::Failed(error))) => Err(error),
        Ok(Ok(Ended::Done(_) | Ended::Stopped)) => {
            let ended = ctx.read(&ctx.scope(Action::Import)?).operation(id).await?;
            Ok(Written::Done(reply(&ended.ok_or(Problem::Internal)?)))
        }
        Ok(Err(_panic)) => Err(Problem::Internal.into()),
    }
}

/// Takes a file in, or tries it out, for a command on this machine. `progress` tells others how far it has come and
/// lets them call it off.
///
/// # Errors
/// A file that is no table; `INVALID` with every value that cannot stand. In all of them nothing was written.
pub async fn run_file(
    services: &Services,
    agency: &Agency,
    file: ImportFile,
    dry_run: bool,
    progress: Arc<Progress>,
) -> Result<Summary, AppError> {
    let importer = Importer::command(services, agency);
    let place = services.imports.place()?;
    if dry_run {
        return rehearse(importer, file, place).await;
    }
    match work(importer, None, file, place, progress).await {
        Ended::Done(summary) => Ok(summary),
        Ended::Failed(error) => Err(error),
        Ended::Stopped => Err(Problem::Unavailable.into()),
    }
}

/// An empty form. It holds nobody's data, so everybody in an agency may have it.
///
/// # Errors
/// `FORBIDDEN`.
pub fn template(ctx: &Ctx, kind: ImportKind, format: Format) -> Result<Vec<u8>, AppError> {
    ctx.scope(Action::CatalogueRead)?;
    let form = match format {
        Format::Csv => template_csv(kind),
        Format::Xlsx => template_xlsx(kind),
    };
    form.map_err(|error| {
        log::error!(request_id:% = ctx.request; "a form could not be written: {error}");
        Problem::Internal.into()
    })
}

/// What a caller is told of an operation: where it is, and once it succeeded what it came to.
fn reply(operation: &OperationRow) -> Reply {
    let running = operation.state == OperationState::Running;
    Reply {
        status: if running { 202 } else { 200 },
        etag: None,
        location: Some(format!("/v1/operations/{}", operation.id)),
        body: to_value(ImportView::of(operation)).ok(),
    }
}

async fn rehearse(importer: Importer, file: ImportFile, place: Place) -> Result<Summary, AppError> {
    let queue = importer.services.imports.clone();
    let turn = queue.turn().await?;
    let runtime = queue.runtime().clone();
    let rehearsal = move || {
        let _held = (place, turn);
        runtime.block_on(importer.take(&file, Mode::DryRun))
    };
    match queue.runtime().spawn_blocking(rehearsal).await {
        Ok(Ok(summary)) => Ok(summary),
        Ok(Err(failure)) => Err(failure.into()),
        Err(_panic) => Err(Problem::Internal.into()),
    }
}

/// Does the work in a task of its own, and keeps in the operation why it came to nothing.
fn start(importer: Importer, id: OperationId, file: ImportFile, place: Place) -> JoinHandle<Ended> {
    let runtime = importer.services.imports.runtime().clone();
    runtime.spawn(async move {
        let progress = Arc::new(Progress::default());
        let (services, agency) = (importer.services.clone(), importer.pass.agency());
        let ended = tokio::select! {
            ended = work(importer, Some(id), file, place, progress.clone()) => ended,
            never = heartbeat(&services, agency, id, &progress) => match never {},
        };
        if let Ended::Failed(error) = &ended {
            let kept = to_value(KeptFailure::from(error)).unwrap_or_default();
            let now = services.clock.now();
            if let Err(cause) = services.store.operation_fail(agency, id, kept, now).await {
                log::warn!(operation:% = id; "the failure of an import could not be kept: {cause}");
            }
        }
        ended
    })
}

/// Does the work on a thread of its own, when its turn has come.
async fn work(
    importer: Importer,
    operation: Option<OperationId>,
    file: ImportFile,
    place: Place,
    progress: Arc<Progress>,
) -> Ended {
    let queue = importer.services.imports.clone();
    let turn = match queue.turn().await {
        Ok(turn) => turn,
        Err(error) => return Ended::Failed(error),
    };
    let runtime = queue.runtime().clone();
    let job = move || {
        let _held = (place, turn);
        runtime.block_on(importer.take(&file, Mode::Commit(operation, &progress)))
    };
    match queue.runtime().spawn_blocking(job).await {
        Ok(Ok(summary)) => Ended::Done(summary),
        Ok(Err(Failure::Stopped)) => Ended::Stopped,
        Ok(Err(failure)) => Ended::Failed(failure.into()),
        Err(_panic) => Ended::Failed(Problem::Internal.into()),
    }
}

/// Says now and then how far the work has come, and calls it off when nobody wants it any more.
async fn heartbeat(
    services: &Services,
    agency: AgencyId,
    id: OperationId,
    progress: &Progress,
) -> Infallible {
    let mut ticks = tokio::time::interval(HEARTBEAT);
    loop {
        ticks.tick().await;
        let done = i64::try_from(progress.done()).unwrap_or(i64::MAX);
        let total = progress.total().and_then(|total| i64::try_from(total).ok());
        let now = services.clock.now();
        match services.store.operation_progress(agency, id, done, total, now).await {
            Ok(true) => {}
            Ok(false) => progress.stop(),
            // The work itself meets the same trouble, and tells of it.
            Err(cause) => log::debug!(operation:% = id; "progress could not be told: {cause}"),
        }
    }
}

impl From<Failure> for AppError {
    fn from(failure: Failure) -> Self {
        match failure {
            Failure::Refused(summary) => summary.into(),
            Failure::App(error) => error,
            Failure::Stopped => Problem::Unavailable.into(),
        }
    }
}
