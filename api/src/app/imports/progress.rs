//! How far an import has come.

use std::sync::atomic::{AtomicBool, AtomicU8, AtomicU64, Ordering};

use kernel::OperationPhase;
use store::{OperationProgress, Store};
use tokio::sync::Mutex;

/// Where the work stands, for whoever waits; and ways to call it off.
#[derive(Debug, Default)]
pub struct Progress {
    /// One more than the place of the phase among all; 0 before the first.
    phase: AtomicU8,
    done: AtomicU64,
    total: AtomicU64,
    bytes: AtomicU64,
    stopped: AtomicBool,
    handed_over: AtomicBool,
    /// The connection whose transaction holds what was done so far.
    backend: Mutex<Option<i32>>,
}

/// The work was called off.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Stopped;

impl Progress {
    /// The part of the work that is under way.
    #[must_use]
    pub fn phase(&self) -> Option<OperationPhase> {
        let place = usize::from(self.phase.load(Ordering::Relaxed));
        OperationPhase::ALL.get(place.checked_sub(1)?).copied()
    }

    /// Items of that part done.
    #[must_use]
    pub fn done(&self) -> u64 {
        self.done.load(Ordering::Relaxed)
    }

    /// Items of it in all, once that is known.
    #[must_use]
    pub fn total(&self) -> Option<u64> {
        Some(self.total.load(Ordering::Relaxed)).filter(|total| *total > 0)
    }

    /// Bytes of the file read so far in this part of the work.
    #[must_use]
    pub fn bytes(&self) -> u64 {
        self.bytes.load(Ordering::Relaxed)
    }

    /// All of it, as an operation keeps it.
    pub(super) fn told(&self) -> OperationProgress {
        let whole = |number| i64::try_from(number).unwrap_or(i64::MAX);
        OperationProgress { phase: self.phase(), done: whole(self.done()), total: self.total().map(whole) }
    }

    /// Calls the work off: it ends before its next step and leaves nothing.
    pub fn stop(&self) {
        self.stopped.store(true, Ordering::Relaxed);
    }

    /// The same, for somebody else to begin it anew.
    pub(super) fn hand_over(&self) {
        self.handed_over.store(true, Ordering::Relaxed);
        self.stop();
    }

    /// Whether somebody else is to begin it anew.
    pub(super) fn is_handed_over(&self) -> bool {
        self.handed_over.load(Ordering::Relaxed)
    }

    /// Set when it is called off.
    pub(super) const fn stop_sign(&self) -> &AtomicBool {
        &self.stopped
    }

    /// Whether it was called off.
    pub(super) fn is_stopped(&self) -> bool {
        self.stopped.load(Ordering::Relaxed)
    }

    /// Ends the statement a called off transaction is at. While this asks for that, the transaction cannot end and leave
    /// its connection to others.
    pub(super) async fn interrupt(&self, store: &Store) {
        let backend = self.backend.lock().await;
        if let Some(backend) = *backend
            && let Err(cause) = store.backend_interrupt(backend).await
        {
            log::debug!("a statement goes on to its end: {cause}");
        }
    }

    /// The transaction has begun on this connection, or is about to end.
    pub(super) async fn on_backend(&self, backend: Option<i32>) {
        *self.backend.lock().await = backend;
    }

    /// From here on this part of the work is under way, with so many items where that is known.
    pub(super) fn begin(&self, phase: OperationPhase, total: usize) {
        let place = OperationPhase::ALL.iter().position(|known| *known == phase).unwrap_or_default();
        self.done.store(0, Ordering::Relaxed);
        self.bytes.store(0, Ordering::Relaxed);
        self.total.store(count(total), Ordering::Relaxed);
        self.phase.store(u8::try_from(place + 1).unwrap_or_default(), Ordering::Relaxed);
    }

    /// Counts items that were done.
    pub(super) fn step(&self, items: usize) -> Result<(), Stopped> {
        self.done.fetch_add(count(items), Ordering::Relaxed);
        if self.is_stopped() { Err(Stopped) } else { Ok(()) }
    }

    /// Counts bytes that were read.
    pub(super) fn read(&self, bytes: usize) {
        self.bytes.fetch_add(count(bytes), Ordering::Relaxed);
    }
}

fn count(items: usize) -> u64 {
    u64::try_from(items).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_part_of_the_work_counts_anew() {
        let progress = Progress::default();
        assert_eq!(progress.told(), OperationProgress::default());
        for phase in OperationPhase::ALL {
            progress.begin(phase, 7);
            assert_eq!((progress.phase(), progress.done(), progress.total()), (Some(phase), 0, Some(7)));
            assert_eq!(progress.step(3), Ok(()));
        }
        progress.begin(OperationPhase::Checking, 0);
        assert_eq!(progress.total(), None);
        progress.stop();
        assert_eq!(progress.step(1), Err(Stopped));
    }
}
