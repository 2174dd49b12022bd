//! Who was shown whose data, noted in batches: a note per request would cost more than most requests.
//!
//! A look is put in line before the answer goes out, and the line is written every second, sooner when it is long, and when
//! the server stops. A crash loses what was put in line within the last second. While the database is away looks wait; when
//! the line is full, room is made before anything is answered, so none is ever dropped: no note, no answer.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use store::{Look, Store, StoreError};
use tokio::sync::Notify;
use tokio::time::sleep;

/// How long a look waits at most while the database answers.
const WAIT: Duration = Duration::from_secs(1);
/// How many looks are written at once; when as many wait, they wait no longer.
const BATCH: usize = 2_000;
/// How often somebody who finds no room makes some before their looks are written by themselves.
const ATTEMPTS: u32 = 3;
/// How many looks may wait: a page of 200 people is 200 looks.
pub(crate) const PLACES: usize = 50_000;

/// The line.
#[derive(Clone)]
pub struct Looks(Arc<Line>);

struct Line {
    store: Store,
    places: usize,
    waiting: Mutex<VecDeque<Look>>,
    /// Held while writing: looks leave the line in the order they came, and only once they are written.
    writing: tokio::sync::Mutex<()>,
    /// Somebody is in line, or there will never be anybody again.
    arrived: Arc<Notify>,
    /// The line is long.
    crowded: Arc<Notify>,
}

impl Drop for Line {
    fn drop(&mut self) {
        self.arrived.notify_one();
        self.crowded.notify_one();
    }
}

impl Looks {
    /// A line with room for so many, which the runtime this is called in writes to `store`.
    #[must_use]
    pub fn start(store: Store, places: usize) -> Self {
        let (arrived, crowded) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
        let line = Arc::new(Line {
            store,
            places,
            waiting: Mutex::default(),
            writing: tokio::sync::Mutex::default(),
            arrived: arrived.clone(),
            crowded: crowded.clone(),
        });
        let seen = Arc::downgrade(&line);
        tokio::spawn(async move {
            let mut failed = false;
            loop {
                arrived.notified().await;
                // A full line is no reason to try a database that just failed again and again.
                tokio::select! {
                    () = sleep(WAIT) => {}
                    () = crowded.notified(), if !failed => {}
                }
                let Some(line) = seen.upgrade() else { return };
                let written = line.write().await;
                if let Err(error) = &written {
                    arrived.notify_one();
                    if !failed {
                        log::warn!("who was shown whose data cannot be noted, and waits: {error}");
                    }
                }
                failed = written.is_err();
            }
        });
        Self(line)
    }

    /// Puts looks in line; where there is no room, room is made first.
    ///
    /// # Errors
    /// The store's, where there is no room: then the data must not be shown.
    pub async fn note(&self, looks: &[Look]) -> Result<(), StoreError> {
        if looks.is_empty() {
            return Ok(());
        }
        // A batch costs little more than a look by itself, so whoever finds no room writes a batch, or waits for the one that
        // is being written.
        for _ in 0..ATTEMPTS {
            if self.0.enter(looks) {
                return Ok(());
            }
            self.0.make_room(looks.len()).await?;
        }
        self.0.store.looks_write(looks).await
    }

    /// Writes everything that is in line by now.
    ///
    /// # Errors
    /// The store's; what was not written stays in line.
    pub async fn flush(&self) -> Result<(), StoreError> {
        self.0.write().await
    }

    /// How many wait.
    #[must_use]
    pub fn waiting(&self) -> usize {
        self.0.waiting().len()
    }
}

impl std::fmt::Debug for Looks {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Looks").field("waiting", &self.waiting()).finish_non_exhaustive()
    }
}

impl Line {
    // A panic elsewhere leaves the line whole.
    fn waiting(&self) -> MutexGuard<'_, VecDeque<Look>> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Puts looks in line, if there is room.
    fn enter(&self, looks: &[Look]) -> bool {
        let length = {
            let mut waiting = self.waiting();
            if waiting.len() + looks.len() > self.places {
                return false;
            }
            waiting.extend(looks);
            waiting.len()
        };
        // Also where others wait already: those may be on their way to the database, and this one is not.
        self.arrived.notify_one();
        if length >= BATCH {
            self.crowded.notify_one();
        }
        true
    }

    /// Writes a batch, unless there is room for so many by the time it is this caller's turn.
    async fn make_room(&self, places: usize) -> Result<(), StoreError> {
        let _turn = self.writing.lock().await;
        let waiting = self.waiting().len();
        if waiting > 0 && waiting + places > self.places {
            self.write_batch(BATCH).await.map(drop)
        } else {
            Ok(())
        }
    }

    /// A caller that goes away half way loses nothing: looks are in line until they are written, and written once even when
    /// they were written before.
    async fn write(&self) -> Result<(), StoreError> {
        let _turn = self.writing.lock().await;
        let mut left = self.waiting().len();
        while left > 0 {
            left -= self.write_batch(left).await?.min(left);
        }
        Ok(())
    }

    /// Writes the first of the line, at most so many; returns how many. Only whoever has the turn may.
    async fn write_batch(&self, most: usize) -> Result<usize, StoreError> {
        let batch: Vec<Look> = self.waiting().iter().take(most.min(BATCH)).copied().collect();
        self.store.looks_write(&batch).await?;
        let mut waiting = self.waiting();
        waiting.drain(..batch.len());
        if waiting.is_empty() {
            // A crowd's memory is not kept for quiet times.
            waiting.shrink_to(BATCH);
        }
        Ok(batch.len())
    }
}
