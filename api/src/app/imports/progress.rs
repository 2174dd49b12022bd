//! How far an import has come.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

/// Rows done and in all, for whoever waits; and a way to call the work off.
#[derive(Debug, Default)]
pub struct Progress {
    done: AtomicU64,
    total: AtomicU64,
    stopped: AtomicBool,
}

/// The work was called off.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Stopped;

impl Progress {
    /// Rows written.
    #[must_use]
    pub fn done(&self) -> u64 {
        self.done.load(Ordering::Relaxed)
    }

    /// Rows to write; none until the file was read and compared.
    #[must_use]
    pub fn total(&self) -> Option<u64> {
        Some(self.total.load(Ordering::Relaxed)).filter(|total| *total > 0)
    }

    /// Calls the work off: it ends before its next step and leaves nothing.
    pub fn stop(&self) {
        self.stopped.store(true, Ordering::Relaxed);
    }

    /// Whether it was called off.
    pub(super) fn is_stopped(&self) -> bool {
        self.stopped.load(Ordering::Relaxed)
    }

    /// From here on there are `total` rows to write.
    pub(super) fn begin(&self, total: usize) {
        self.done.store(0, Ordering::Relaxed);
        self.total.store(count(total), Ordering::Relaxed);
    }

    /// Counts rows that were written.
    pub(super) fn step(&self, rows: usize) -> Result<(), Stopped> {
        self.done.fetch_add(count(rows), Ordering::Relaxed);
        if self.is_stopped() { Err(Stopped) } else { Ok(()) }
    }
}

fn count(rows: usize) -> u64 {
    u64::try_from(rows).unwrap_or(u64::MAX)
}
