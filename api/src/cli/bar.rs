//! How far work has come, for somebody who waits at a terminal, or for a log.

use std::convert::Infallible;
use std::io::{IsTerminal as _, Write as _};
use std::time::{Duration, Instant};

use kernel::OperationPhase;

use crate::app::imports::Progress;

/// How often a terminal shows it anew, and how often a log has a line.
const DRAWING: Duration = Duration::from_millis(200);
const LOGGING: Duration = Duration::from_secs(5);

/// Characters of the bar.
const WIDTH: u64 = 24;

/// Work of which a part is done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Stand {
    phase: OperationPhase,
    done: u64,
    /// How much of `out_of` is done, by which the time left is told.
    part: u64,
    out_of: u64,
    since: Duration,
}

/// Tells how far the work has come until it is dropped; the file has `size` bytes.
pub(super) async fn tell(progress: &Progress, size: u64) -> Infallible {
    let drawn = Line { on_terminal: std::io::stderr().is_terminal() };
    let mut ticks = tokio::time::interval(if drawn.on_terminal { DRAWING } else { LOGGING });
    let (mut phase, mut since) = (None, Instant::now());
    loop {
        ticks.tick().await;
        if progress.phase() != phase {
            (phase, since) = (progress.phase(), Instant::now());
        }
        let Some(phase) = phase else { continue };
        // How many rows there are is known only when the file has been read; until then its bytes tell.
        let (part, out_of) = match progress.total() {
            Some(total) => (progress.done(), total),
            None => (progress.bytes(), size),
        };
        drawn.show(&Stand { phase, done: progress.done(), part, out_of, since: since.elapsed() });
    }
}

/// The line of a terminal that is written over again and again, and gone with this.
struct Line {
    on_terminal: bool,
}

impl Line {
    fn show(&self, stand: &Stand) {
        if self.on_terminal {
            // Where nothing can be shown the work goes on all the same.
            let _ = write!(std::io::stderr(), "\r\u{1b}[2K{} {}", bar(stand), words(stand));
            let _ = std::io::stderr().flush();
        } else {
            log::info!("{}", words(stand));
        }
    }
}

impl Drop for Line {
    fn drop(&mut self) {
        if self.on_terminal {
            let _ = write!(std::io::stderr(), "\r\u{1b}[2K");
        }
    }
}

/// `[########                ]`
fn bar(stand: &Stand) -> String {
    let filled = (stand.part.min(stand.out_of) * WIDTH).checked_div(stand.out_of).unwrap_or(0);
    (0..WIDTH).fold("[".to_owned(), |bar, at| bar + if at < filled { "#" } else { " " }) + "]"
}

/// `writing: 400000 done, 31%, 25000 a second, 0:35 left`
fn words(stand: &Stand) -> String {
    let Stand { phase, done, part, out_of, since } = *stand;
    let name = match phase {
        OperationPhase::Reading => "reading",
        OperationPhase::Checking => "checking",
        OperationPhase::Writing => "writing",
        OperationPhase::Aggregating => "aggregating",
        OperationPhase::Loading => "loading",
        OperationPhase::Solving => "solving",
    };
    let millis = u64::try_from(since.as_millis()).unwrap_or(u64::MAX);
    let mut text = format!("{name}: {done} done");
    if let Some(percent) = (part.min(out_of) * 100).checked_div(out_of) {
        text.push_str(&format!(", {percent}%"));
    }
    if let Some(rate) = (done * 1000).checked_div(millis).filter(|rate| *rate > 0) {
        text.push_str(&format!(", {rate} a second"));
    }
    if let Some(left) = (millis * out_of.saturating_sub(part)).checked_div(part) {
        let seconds = left / 1000;
        text.push_str(&format!(", {}:{:02} left", seconds / 60, seconds % 60));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stand(done: u64, part: u64, out_of: u64, seconds: u64) -> Stand {
        Stand { phase: OperationPhase::Writing, done, part, out_of, since: Duration::from_secs(seconds) }
    }

    #[test]
    fn rate_and_time_left_follow_from_what_is_done() {
        let half = stand(500_000, 500_000, 1_000_000, 20);
        assert_eq!(words(&half), "writing: 500000 done, 50%, 25000 a second, 0:20 left");
        assert_eq!(bar(&half), "[############            ]");
        assert_eq!(words(&stand(100, 10, 1000, 1)), "writing: 100 done, 1%, 100 a second, 1:39 left");
    }

    #[test]
    fn nothing_is_made_up_where_nothing_is_known() {
        assert_eq!(words(&stand(0, 0, 0, 0)), "writing: 0 done");
        assert_eq!(words(&stand(0, 0, 10, 3)), "writing: 0 done, 0%");
        assert_eq!(bar(&stand(7, 12, 10, 3)), "[########################]");
        assert_eq!(bar(&stand(0, 0, 0, 0)), "[                        ]");
    }
}
