//! A file's rows, read and typed on a thread of their own while those before them are compared and written.

use std::sync::Arc;

use tokio::sync::mpsc::{Receiver, channel};
use tokio::task::JoinHandle;

use crate::app::AppError;
use crate::app::imports::file::ImportFile;
use crate::app::imports::plan::Kind;
use crate::app::imports::progress::Progress;
use crate::app::imports::run::{Failure, Importer};
use crate::problems::Problem;
use crate::sheets::{self, Halt, Mapping, Reading, Wants};

/// Parts that wait to be looked at, beside the one that is and the one that is being read.
const WAITING: usize = 1;

/// Parts of a file as they come.
pub(super) struct Parts<R> {
    parts: Receiver<Reading<R>>,
    reader: Option<JoinHandle<Result<(), Halt>>>,
}

impl<R: Kind> Parts<R> {
    /// Begins to read. `again` is for a file of which all can stand.
    pub(super) fn of(
        importer: &Importer,
        file: &Arc<ImportFile>,
        mapping: Option<&Arc<Mapping>>,
        progress: &Arc<Progress>,
        again: bool,
    ) -> Self {
        let (sender, parts) = channel(WAITING);
        let (file, mapping, progress) = (file.clone(), mapping.cloned(), progress.clone());
        let (store, agency, today) =
            (importer.services.store.clone(), importer.pass.agency(), importer.today());
        let runtime = importer.services.imports.runtime().clone();
        let handle = runtime.clone();
        let read = move || {
            let mapping = mapping.as_deref();
            let stop = Some(progress.stop_sign());
            let wants = Wants { today, rows_at_once: R::AT_ONCE, again, mapping, stop };
            let mut bytes = file.open(&store, agency, &handle, &progress)?;
            sheets::read_parts::<R>(&mut bytes, file.promised, wants, &mut |part| {
                sender.blocking_send(part).map_err(|_nobody_listens| Halt::Unwanted)
            })
        };
        Self { parts, reader: Some(runtime.spawn_blocking(read)) }
    }

    /// The next part; none after the last.
    pub(super) async fn next(&mut self) -> Result<Option<Reading<R>>, Failure> {
        if let Some(part) = self.parts.recv().await {
            return Ok(Some(part));
        }
        match self.reader.take() {
            None => Ok(None),
            Some(reader) => match reader.await {
                Ok(Ok(())) => Ok(None),
                Ok(Err(halt)) => Err(halt.into()),
                Err(_panic) => Err(AppError::from(Problem::Internal).into()),
            },
        }
    }
}

impl From<Halt> for Failure {
    fn from(halt: Halt) -> Self {
        match halt {
            Halt::Sheet(error) => AppError::from(error).into(),
            // Only whoever no longer listens is told so.
            Halt::Unwanted => Self::Stopped,
            Halt::Source(error) => match error.downcast::<store::StoreError>() {
                Ok(error) => error.into(),
                Err(error) => {
                    log::error!("a file could not be read to its end: {error}");
                    AppError::from(Problem::Unavailable).into()
                }
            },
        }
    }
}
