//! The agency's own spreadsheets, taken in whole or not at all.
//!
//! A file of any size is read as typed rows, a part at a time; the rows are compared with what the agency has, and what
//! differs is written: all of it in one transaction that holds back other imports into the agency, so that a file either
//! stands completely or has left nothing, and the same file again changes nothing. One row in the audit trail tells of
//! it. [`try_out`] stops before the writing.
//!
//! The file is in the database before anybody is told that it will be taken in. Whoever dies over it leaves it to the
//! next server that asks for work ([`resume`]); only one at a time does it, and only one can end it.
//!
//! What rows may say beyond what the API lets callers do one by one: a standard comes in force, results are final, and hours
//! of earlier training are in the ledger at once. They were decreed, signed and verified outside; the importing user stands
//! for those who did.

mod assessments;
mod ceilings;
mod classes;
mod competencies;
mod drafts;
mod employees;
mod file;
mod forms;
mod learned;
mod levels;
mod own_learnings;
mod parts;
mod plan;
mod positions;
mod programme_steps;
mod programmes;
mod progress;
mod queue;
mod references;
mod rejected;
mod run;
mod standards;
#[cfg(test)]
mod testing;
mod training_records;
mod units;
mod upload;
mod work;

use std::sync::Arc;
use std::time::Duration;

use access::Action;
use kernel::{OperationKind, OperationState};
use serde_json::to_value;
use store::{Begun, OperationRow, Reply, Written};
use tokio::sync::mpsc::Sender;
use workforce::Agency;

pub use file::ImportFile;
pub use plan::Warning;
pub use progress::Progress;
pub use queue::ImportQueue;
pub use rejected::{Rejected, rejected_rows};
pub use run::Summary;
pub use upload::{Described, Upload, receive};
pub use work::{MOST_ATTEMPTS, STALE_AFTER, resume};

use crate::app::{AppError, Ctx, Services};
use crate::dto::imports::ImportView;
use crate::problems::Problem;
use crate::sheets::{Format, ImportKind, template_csv, template_xlsx};
use queue::Attempt;
use rejected::Rejects;
use run::Importer;
use work::{Ended, Order, rehearse, start, work};

/// How long a caller who says nothing of it waits for the end before being told where to ask for it.
pub const PATIENCE: Duration = Duration::from_secs(2);

/// Everything but writing: what would be made, changed and left, and all that is wrong.
///
/// # Errors
/// `UNAVAILABLE`; a file that is no table.
pub async fn try_out(upload: Upload) -> Result<Summary, AppError> {
    let Upload { importer, place, file, stored: _held } = upload;
    rehearse(Order { importer, file, rejects: Rejects::nowhere() }, place, Arc::default()).await
}

/// Takes a file in. A caller who sends the same request again gets the operation begun then.
///
/// Most files are done in a moment, and the reply is what they came to; for longer than `patience` nobody is kept
/// waiting: then it names the operation, which goes on whether or not the caller stays.
///
/// # Errors
/// `UNAVAILABLE`, `IDEMPOTENCY_KEY_REUSED`; a file that is no table; `INVALID` with every value that cannot stand. In all
/// of them nothing was written; the operation keeps the last two.
pub async fn begin(ctx: &Ctx, mut upload: Upload, patience: Duration) -> Result<Written, AppError> {
    let (id, input) = (upload.stored.id, upload.file.kept(ctx.request));
    let attempt = Attempt::at(id);
    // The request began before its body had arrived, and a worker that was silent for so long would count as gone.
    let (user, now) = (ctx.actor.user, ctx.services.clock.now());
    let operation = OperationRow::begun(id, OperationKind::Import, input, user, attempt.worker, now);
    let accepted = reply(&operation);
    // Only now is the body's digest known, which tells repetitions from other requests.
    let (context, pass, file) = (ctx.write_context(), upload.importer.pass.clone(), upload.to_keep());
    match ctx.services.store.operation_begin(&context, &pass, &operation, &file, &accepted).await? {
        Begun::KeyReused => return Err(Problem::IdempotencyKeyReused.into()),
        Begun::Before(earlier) => return Ok(Written::Replayed(reply(&earlier))),
        Begun::Now => upload.stored.given_away(),
    }
    drop(file);
    let Upload { importer, place, file, stored: _ } = upload;
    let order = Order { importer, file, rejects: Rejects::beside(pass.agency(), id) };
    match tokio::time::timeout(patience, start(attempt, order, place, None)).await {
        // It goes on: here, or wherever it is tried again.
        Err(_) | Ok(Ok(Ended::PutOff)) => Ok(Written::Done(accepted)),
        Ok(Ok(Ended::Failed(error))) => Err(error),
        Ok(Ok(Ended::Done(_) | Ended::Stopped)) => {
            let ended = ctx.read(&ctx.scope(Action::Import)?).operation(id).await?;
            Ok(Written::Done(reply(&ended.ok_or(Problem::Internal)?)))
        }
        Ok(Err(_panic)) => Err(Problem::Internal.into()),
    }
}

/// Takes a file in, or tries it out, for a command on this machine. `progress` tells others how far it has come and
/// lets them call it off; `rejected` is told of every row that is refused.
///
/// # Errors
/// A file that is no table; `INVALID` with every value that cannot stand. In all of them nothing was written.
pub async fn run_file(
    services: &Services,
    agency: &Agency,
    file: ImportFile,
    dry_run: bool,
    progress: Arc<Progress>,
    rejected: Option<Sender<Rejected>>,
) -> Result<Summary, AppError> {
    let importer = Importer::command(services, agency);
    let place = services.imports.place()?;
    let rejects = rejected.map_or(Rejects::nowhere(), Rejects::told_to);
    let order = Order { importer, file, rejects };
    if dry_run {
        return rehearse(order, place, progress).await;
    }
    match work(order, None, None, progress.clone()).await {
        Ended::Done(summary) => {
            work::aggregate(services, agency.id, None, &progress).await;
            Ok(summary)
        }
        Ended::Failed(error) => Err(error),
        Ended::Stopped | Ended::PutOff => Err(Problem::Unavailable.into()),
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
