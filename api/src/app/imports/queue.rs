//! Where imports wait their turn.

use std::sync::Arc;

use tokio::runtime::Handle;
use tokio::sync::{AcquireError, OwnedSemaphorePermit, Semaphore};

use crate::app::AppError;
use crate::problems::Problem;

/// Files read and written at once: each holds a thread, a connection and the rows of a file.
const AT_ONCE: usize = 2;

/// Files held in memory until their turn comes.
const WAITING: usize = 16;

/// Lets a few files in at once and keeps a bounded number waiting; the work outlives the request that brought it.
#[derive(Clone, Debug)]
pub struct ImportQueue {
    turns: Arc<Semaphore>,
    places: Arc<Semaphore>,
    runtime: Handle,
}

/// A place in the queue, free again when this is dropped.
#[derive(Debug)]
pub(super) struct Place(#[expect(dead_code, reason = "held, not read")] OwnedSemaphorePermit);

impl ImportQueue {
    /// A queue whose work is done by the runtime this is called in, whatever becomes of the one a request is served by.
    #[must_use]
    pub(in crate::app) fn new() -> Self {
        Self {
            turns: Arc::new(Semaphore::new(AT_ONCE)),
            places: Arc::new(Semaphore::new(AT_ONCE + WAITING)),
            runtime: Handle::current(),
        }
    }

    /// A place, if one is free.
    pub(super) fn place(&self) -> Result<Place, AppError> {
        let full = |_full| AppError::from(Problem::Unavailable);
        self.places.clone().try_acquire_owned().map(Place).map_err(full)
    }

    /// Waits until it is this file's turn.
    pub(super) async fn turn(&self) -> Result<OwnedSemaphorePermit, AppError> {
        let closed = |_closed: AcquireError| AppError::from(Problem::Unavailable);
        self.turns.clone().acquire_owned().await.map_err(closed)
    }

    /// The runtime that does the work.
    pub(super) const fn runtime(&self) -> &Handle {
        &self.runtime
    }

    /// Waits until nothing is under way any more.
    pub async fn idle(&self) {
        let all = u32::try_from(AT_ONCE + WAITING).unwrap_or(u32::MAX);
        // Never closed, so this ends when the last place is free.
        let _ = self.places.acquire_many(all).await;
    }
}
