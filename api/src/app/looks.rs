//! Who was shown whose data, noted in batches: a note per request would cost more than most requests.
//!
//! A look is put in line before the answer goes out, and the line is written every second, sooner when it is long, and when
//! the server stops. A crash loses what was put in line within the last second. While the database is away looks wait; when
//! the line is full a look is written before it is answered, so none is ever dropped: no note, no answer.

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

    /// Puts looks in line; where there is no room, they are written now.
    ///
    /// # Errors
    /// The store's, where there is no room: then the data must not be shown.
    pub async fn note(&self, looks: &[Look]) -> Result<(), StoreError> {
        if looks.is_empty() {
            return Ok(());
        }
        let length = {
            let mut waiting = self.0.waiting();
            (waiting.len() + looks.len() <= self.0.places).then(|| {
                waiting.extend(looks);
                waiting.len()
            })
        };
        let Some(length) = length else { return self.0.store.looks_write(looks).await };
        if length == looks.len() {
            self.0.arrived.notify_one();
        }
        if length >= BATCH {
            self.0.crowded.notify_one();
        }
        Ok(())
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

    /// A caller that goes away half way loses nothing: looks are in line until they are written, and written once even when
    /// they were written before.
    async fn write(&self) -> Result<(), StoreError> {
        let _turn = self.writing.lock().await;
        let mut left = self.waiting().len();
        while left > 0 {
            let batch: Vec<Look> = self.waiting().iter().take(left.min(BATCH)).copied().collect();
            self.store.looks_write(&batch).await?;
            let mut waiting = self.waiting();
            waiting.drain(..batch.len());
            if waiting.is_empty() {
                // A crowd's memory is not kept for quiet times.
                waiting.shrink_to(BATCH);
            }
            left -= batch.len();
        }
        Ok(())
    }
}
