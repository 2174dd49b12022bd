//! Where imports arrive, and wait their turn.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use kernel::{OperationId, UserId, WorkerId};
use store::Store;
use tokio::runtime::Handle;
use tokio::sync::{AcquireError, OwnedSemaphorePermit, Semaphore};

use crate::app::AppError;
use crate::app::imports::progress::Progress;
use crate::problems::Problem;

/// Files read and written at once: each holds two threads, a connection and some rows of a file.
const AT_ONCE: usize = 2;

/// Searches at once: each keeps all cores busy, for as long as an hour, and must not keep files and publications waiting.
const SEARCHES: usize = 1;

/// Files that wait until their turn comes.
const WAITING: usize = 16;

/// Files that arrive at once. What a sender is slow with keeps nobody else from a place.
const ARRIVING: usize = 64;

/// Files that one user may have arrive at once.
const SHARE: usize = 4;

/// Lets a few files in at once and keeps a bounded number waiting; the work outlives the request that brought it.
#[derive(Clone, Debug)]
pub struct ImportQueue {
    turns: Arc<Semaphore>,
    places: Arc<Semaphore>,
    searches: Arc<Semaphore>,
    /// How many files of each user arrive.
    arriving: Arc<Mutex<HashMap<UserId, usize>>>,
    under_way: Arc<Mutex<HashMap<Attempt, Arc<Progress>>>>,
    closed: Arc<AtomicBool>,
    tending: Arc<tokio::sync::Mutex<()>>,
    store: Store,
    runtime: Handle,
}

/// A place in the queue, free again when this is dropped.
#[derive(Debug)]
pub(super) struct Place(#[expect(dead_code, reason = "held, not read")] OwnedSemaphorePermit);

/// Leave to go on at once, for the next when this is dropped.
#[derive(Debug)]
pub(super) struct Turn(#[expect(dead_code, reason = "held, not read")] OwnedSemaphorePermit);

/// A file that arrives, as long as this lives.
#[derive(Debug)]
pub(super) struct Arriving {
    queue: ImportQueue,
    user: UserId,
}

/// One of those who begin with the same work. Each says it is done by another worker, so that what one does is told apart
/// from what another does, in one process too.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Attempt {
    pub(super) operation: OperationId,
    pub(super) worker: WorkerId,
}

impl Attempt {
    pub(super) fn at(operation: OperationId) -> Self {
        Self { operation, worker: WorkerId::new() }
    }
}

/// Work that can be called off as long as this lives.
#[derive(Debug)]
pub(super) struct UnderWay {
    queue: ImportQueue,
    attempt: Attempt,
}

impl ImportQueue {
    /// A queue whose work is done by the runtime this is called in, whatever becomes of the one a request is served by.
    #[must_use]
    pub(in crate::app) fn new(store: Store) -> Self {
        Self {
            turns: Arc::new(Semaphore::new(AT_ONCE)),
            places: Arc::new(Semaphore::new(AT_ONCE + WAITING)),
            searches: Arc::new(Semaphore::new(SEARCHES)),
            arriving: Arc::default(),
            under_way: Arc::default(),
            closed: Arc::default(),
            tending: Arc::default(),
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

    /// Lets a user's file arrive, if not too many do, and there is a place it could have.
    pub(super) fn arrive(&self, user: UserId) -> Result<Arriving, AppError> {
        if self.closed.load(Ordering::Relaxed) || self.places.available_permits() == 0 {
            return Err(Problem::Unavailable.into());
        }
        let mut arriving = self.arriving();
        let (all, own) = (arriving.values().sum::<usize>(), arriving.get(&user).copied().unwrap_or_default());
        if all >= ARRIVING || own >= SHARE {
            return Err(Problem::Unavailable.into());
        }
        arriving.insert(user, own + 1);
        Ok(Arriving { queue: self.clone(), user })
    }

    /// A place and a turn for work that others could do as well: only where it need not wait.
    pub(super) fn turn_at_once(&self) -> Option<(Place, Turn)> {
        let turn = self.turns.clone().try_acquire_owned().ok()?;
        Some((self.place().ok()?, Turn(turn)))
    }

    /// A turn for a search, where it need not wait.
    pub(super) fn search_at_once(&self) -> Option<Turn> {
        let turn = self.searches.clone().try_acquire_owned().ok()?;
        (!self.closed.load(Ordering::Relaxed)).then_some(Turn(turn))
    }

    /// Waits until it is this file's turn.
    pub(super) async fn turn(&self) -> Result<Turn, AppError> {
        let closed = |_closed: AcquireError| AppError::from(Problem::Unavailable);
        self.turns.clone().acquire_owned().await.map(Turn).map_err(closed)
    }

    /// The runtime that does the work.
    pub(super) const fn runtime(&self) -> &Handle {
        &self.runtime
    }

    /// Held by whoever in this process brings gap models up to date: two at it would do each part twice.
    #[must_use]
    pub fn tending(&self) -> &tokio::sync::Mutex<()> {
        &self.tending
    }

    /// From here on the work can be called off.
    pub(super) fn enter(&self, attempt: Attempt, progress: &Arc<Progress>) -> UnderWay {
        self.all().insert(attempt, progress.clone());
        UnderWay { queue: self.clone(), attempt }
    }

    /// Calls work off, if it is done here: even the statement it is at ends.
    pub(in crate::app) fn stop(&self, id: OperationId) {
        let all = self.all();
        let attempts = all.iter().filter(|(attempt, _)| attempt.operation == id);
        let attempts: Vec<_> = attempts.map(|(_, progress)| progress.clone()).collect();
        drop(all);
        for progress in attempts {
            progress.stop();
            let store = self.store.clone();
            self.runtime.spawn(async move { progress.interrupt(&store).await });
        }
    }

    /// Whether nothing is taken in any more: the server stops.
    #[must_use]
    pub fn is_closing(&self) -> bool {
        self.closed.load(Ordering::Relaxed)
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
        let searches = u32::try_from(SEARCHES).unwrap_or(u32::MAX);
        // Never closed, so these end when the last place is free.
        let _ = self.places.acquire_many(all).await;
        let _ = self.searches.acquire_many(searches).await;
    }

    fn all(&self) -> MutexGuard<'_, HashMap<Attempt, Arc<Progress>>> {
        self.under_way.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn arriving(&self) -> MutexGuard<'_, HashMap<UserId, usize>> {
        self.arriving.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Arriving {
    fn drop(&mut self) {
        let mut arriving = self.queue.arriving();
        match arriving.get_mut(&self.user) {
            Some(own) if *own > 1 => *own -= 1,
            _ => drop(arriving.remove(&self.user)),
        }
    }
}

impl Drop for UnderWay {
    fn drop(&mut self) {
        self.queue.all().remove(&self.attempt);
    }
}
