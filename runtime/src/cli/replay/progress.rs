//! The bar that shows how far a long file is read.

use super::input::Opened;
use super::summary::{grouped, per_second};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

/// Files that are done before this have no bar.
const SHOW_AFTER: Duration = Duration::from_millis(500);
const REFRESH: Duration = Duration::from_millis(100);
/// Events between two looks at the clock.
const CLOCK_EVERY: u64 = 1024;

/// A bar on stderr, or nothing.
pub(in crate::cli) struct Progress {
    bar: ProgressBar,
    read: Arc<AtomicU64>,
    /// Whether there may be a bar at all.
    wanted: bool,
    /// Whether lines on stdout and the bar are on one terminal.
    shares_terminal: bool,
    started: Instant,
    next: Instant,
    visible: bool,
}

impl Progress {
    /// None, for what has no end.
    pub(in crate::cli) fn none() -> Self {
        let (now, bar) = (Instant::now(), ProgressBar::hidden());
        let read = Arc::default();
        Self { bar, read, wanted: false, shares_terminal: true, started: now, next: now, visible: false }
    }

    pub(in crate::cli) fn new(opened: &Opened, wanted: bool, shares_terminal: bool) -> Self {
        let bar = ProgressBar::with_draw_target(opened.len, ProgressDrawTarget::hidden());
        let template = match opened.len {
            Some(_) => "{percent:>3} % of {total_bytes} [{bar:30}] {msg}",
            None => "{bytes} read, {msg}",
        };
        if let Ok(style) = ProgressStyle::with_template(template) {
            bar.set_style(style.progress_chars("=> "));
        }
        let (started, read) = (Instant::now(), Arc::clone(&opened.read));
        Self { bar, read, wanted, shares_terminal, started, next: started + SHOW_AFTER, visible: false }
    }

    /// Draws the bar anew when it is time.
    pub(in crate::cli) fn tick(&mut self, events: u64, hits: u64) {
        if !self.wanted || !events.is_multiple_of(CLOCK_EVERY) || Instant::now() < self.next {
            return;
        }
        if !self.visible {
            self.visible = true;
            self.bar.set_draw_target(ProgressDrawTarget::stderr());
        }
        self.next = Instant::now() + REFRESH;
        let rate = per_second(events, self.started.elapsed());
        self.bar.set_position(self.read.load(Ordering::Relaxed));
        self.bar.set_message(format!("{} events/s, {} hits", grouped(rate), grouped(hits)));
        self.bar.tick();
    }

    /// Runs what writes to stdout, without the bar being in its way.
    pub(in crate::cli) fn suspend<R>(&self, write: impl FnOnce() -> R) -> R {
        if self.visible && self.shares_terminal { self.bar.suspend(write) } else { write() }
    }

    /// Whether each line is to be seen at once.
    pub(in crate::cli) fn shares_terminal(&self) -> bool {
        self.shares_terminal
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.bar.finish_and_clear();
    }
}
