//! The same work on several threads, with the same result on any number of them.

use std::sync::atomic::{AtomicUsize, Ordering};

/// Does `work` on the parts `0..parts`, each thread with a state of its own, and gives the results in the order of the parts:
/// what is summed from them does not depend on who was faster.
pub(crate) fn in_parts<S: Send, T: Send>(
    states: &mut [S],
    parts: usize,
    work: impl Fn(&mut S, usize) -> T + Sync,
) -> Vec<T> {
    let next = AtomicUsize::new(0);
    let run = |state: &mut S| {
        let mut done = Vec::new();
        loop {
            let part = next.fetch_add(1, Ordering::Relaxed);
            if part >= parts {
                return done;
            }
            done.push((part, work(state, part)));
        }
    };
    let Some((first, others)) = states.split_first_mut() else { return Vec::new() };
    let mut all = std::thread::scope(|scope| {
        let others = if parts < 2 { &mut [] } else { others };
        let handles: Vec<_> = others.iter_mut().map(|state| scope.spawn(|| run(state))).collect();
        let mut all = run(first);
        for handle in handles {
            match handle.join() {
                Ok(done) => all.extend(done),
                Err(panic) => std::panic::resume_unwind(panic),
            }
        }
        all
    });
    all.sort_unstable_by_key(|(part, _)| *part);
    all.into_iter().map(|(_, done)| done).collect()
}
