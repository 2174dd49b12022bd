//! Where imports wait their turn.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use kernel::{OperationId, WorkerId};
use store::Store;
use tokio::runtime::Handle;
use tokio::sync::{AcquireError, OwnedSemaphorePermit, Semaphore};

use crate::app::AppError;
use crate::app::imports::progress::Progress;
use crate::problems::Problem;

/// Files read and written at once: each holds two threads, a connection and some rows of a file.
const AT_ONCE: usize = 2;

/// Files that wait until their turn comes.
const WAITING: usize = 16;

/// Lets a few files in at once and keeps a bounded number waiting; the work outlives the request that brought it.
#[derive(Clone, Debug)]
pub struct ImportQueue {
    turns: Arc<Semaphore>,
    places: Arc<Semaphore>,
    under_way: Arc<Mutex<HashMap<OperationId, Arc<Progress>>>>,
    closed: Arc<AtomicBool>,
    tending: Arc<tokio::sync::Mutex<()>>,
    worker: WorkerId,
    store: Store,
    runtime: Handle,
}

/// A place in the queue, free again when this is dropped.
#[derive(Debug)]
pub(super) struct Place(#[expect(dead_code, reason = "held, not read")] OwnedSemaphorePermit);

/// Work that can be called off as long as this lives.
#[derive(Debug)]
pub(super) struct UnderWay {
    queue: ImportQueue,
    id: OperationId,
}

impl ImportQueue {
    /// A queue whose work is done by the runtime this is called in, whatever becomes of the one a request is served by.
    #[must_use]
    pub(in crate::app) fn new(store: Store) -> Self {
        Self {
            turns: Arc::new(Semaphore::new(AT_ONCE)),
            places: Arc::new(Semaphore::new(AT_ONCE + WAITING)),
            under_way: Arc::default(),
            closed: Arc::default(),
            tending: Arc::default(),
            worker: WorkerId::new(),
            store,
            runtime: Handle::current(),
        }
    }

    /// A place, if one is free.
    pub(super) fn place(&self) -> Result<Place, AppError> {
        let full = |_full| AppError::from(Problem::Unavailable);
        if self.closed.load(Ordering::Relaxed) {
            return Err(Problem::Unavailable.into());
        }
        self.places.clone().try_acquire_owned().map(Place).map_err(full)
    }

    /// A place for work that others could do as well: only where it need not wait.
    pub(super) fn place_at_once(&self) -> Option<Place> {
        let free = self.turns.available_permits() > 0 && self.places.available_permits() > WAITING;
        if free { self.place().ok() } else { None }
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

    /// What this process is known by where work says who does it.
    #[must_use]
    pub const fn worker(&self) -> WorkerId {
        self.worker
    }

    /// Held by whoever in this process brings gap models up to date: two at it would do each part twice.
    #[must_use]
    pub fn tending(&self) -> &tokio::sync::Mutex<()> {
        &self.tending
    }

    /// From here on the work can be called off.
    pub(super) fn enter(&self, id: OperationId, progress: &Arc<Progress>) -> UnderWay {
        self.all().insert(id, progress.clone());
        UnderWay { queue: self.clone(), id }
    }

    /// Calls work off, if it is done here: even the statement it is at ends.
    pub(in crate::app) fn stop(&self, id: OperationId) {
        let progress = self.all().get(&id).cloned();
        if let Some(progress) = progress {
            progress.stop();
            let store = self.store.clone();
            self.runtime.spawn(async move { progress.interrupt(&store).await });
        }
    }

    /// Takes nothing in any more.
    pub fn close(&self) {
        self.closed.store(true, Ordering::Relaxed);
    }

    /// Gives what is under way, or waits, to whoever asks for work next.
    pub async fn hand_over(&self) {
        self.close();
        let all: Vec<_> = self.all().values().cloned().collect();
        for progress in all {
            progress.hand_over();
            progress.interrupt(&self.store).await;
        }
    }

    /// Waits until nothing is under way any more.
    pub async fn idle(&self) {
        let all = u32::try_from(AT_ONCE + WAITING).unwrap_or(u32::MAX);
        // Never closed, so this ends when the last place is free.
        let _ = self.places.acquire_many(all).await;
    }

    fn all(&self) -> std::sync::MutexGuard<'_, HashMap<OperationId, Arc<Progress>>> {
        self.under_way.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for UnderWay {
    fn drop(&mut self) {
        self.queue.all().remove(&self.id);
    }
}
