//! Events of this machine.
//!
//! In: what to record and whose. Out: first what is there already ([`Live::snapshot`]), then events as
//! they happen ([`Live::drain`]), in the same forms as those of a capture.
//!
//! The probe is attached before the snapshot is taken: what changes meanwhile is in its rings, and the state takes an
//! event that says what it knows already without harm.

pub mod interest;
mod procfs;
mod sockets;

pub use procfs::Procfs;

use super::capture::{Captured, Item};
use crate::engine::Engine;
use crate::engine::drops::LossCounters;
use crate::event::build::width_of;
use crate::event::view::{EventView, MalformedEvent, u16_at};
use peregrine_compiler::schema::EventCode;
use peregrine_probe::{Interest, Ledger, Options, Probe, ProbeError};
use std::time::Duration;

/// Events of this machine, as they happen.
pub struct Live {
    probe: Probe,
    procfs: Procfs,
    /// Events that could not be read.
    skipped: u64,
    /// Lost events after which the state was read anew, and when that was.
    repaired: (u64, u64),
}

/// The state is read anew once in so much time, however much is lost: reading it takes time in which more is lost.
const REPAIR_EVERY_NS: u64 = 10_000_000_000;

/// Kinds of events whose loss the configuration's messages tell apart, by event type; the order is that of
/// [`BUFFER_GROUPS`](crate::engine::drops::BUFFER_GROUPS).
fn group(code: u16) -> usize {
    match code {
        223 | 225 | 227 | 335 => 0,
        293 | 331 => 1,
        23 => 2,
        3 | 59 | 307 | 327 | 337 => 3,
        95 | 97 | 277 | 279 | 301 | 303 | 305 | 175 | 177 | 319 | 309 | 311 | 179 | 181 => 4,
        5 => 6,
        186 => 7,
        _ => 5,
    }
}

impl Live {
    /// Begins to record.
    ///
    /// # Errors
    /// See [`ProbeError`].
    pub fn start(options: &Options) -> Result<Self, ProbeError> {
        let mut probe = Probe::start(options)?;
        // what was recorded before this moment is told by /proc
        let _ = probe.drain(|_, _| {})?;
        Ok(Self { probe, procfs: Procfs::new(), skipped: 0, repaired: (0, 0) })
    }

    /// Prefers this thread, which is going to read the events, to others; where that is not allowed more can be
    /// lost, which is counted.
    pub fn prefer_this_thread() {
        let _ = peregrine_probe::prefer_this_thread();
    }

    /// What is there already; from /proc alone where the kernel has no iterators, see [`Live::without_iterators`].
    pub fn snapshot(&mut self) -> Vec<Item<'static>> {
        let seen = self.probe.tasks().and_then(|tasks| Ok((tasks, self.probe.files()?)));
        let (tasks, files) = seen.unwrap_or_default();
        self.procfs.snapshot(tasks, files)
    }

    /// Why snapshots are from /proc alone, if they are.
    pub fn without_iterators(&self) -> Option<&str> {
        self.probe.without_iterators()
    }

    /// What cannot be seen on this machine, for the user.
    pub fn notices(&self) -> Vec<String> {
        let start = self
            .without_iterators()
            .map(|why| format!("what is there already is read from /proc alone: {why}"));
        let uring = self.probe.without_uring();
        let uring = uring.map(|why| format!("what is done through io_uring is not seen: {why}"));
        start.into_iter().chain(uring).collect()
    }

    /// Gives the engine what is there already, and a way to ask for more.
    pub fn introduce(&mut self, engine: &mut Engine, mut also: impl FnMut(&Item<'static>)) {
        for item in self.snapshot() {
            also(&item);
            engine.learn(item);
        }
        let procfs = Procfs::new();
        engine.state.look_up_with(move |tid| {
            let thread = procfs.thread(tid);
            let main = thread.as_ref().filter(|t| t.pid != tid).and_then(|t| procfs.thread(t.pid));
            main.into_iter().chain(thread).collect()
        });
    }

    /// Hands on what has happened so far; tells how many events.
    ///
    /// # Errors
    /// See [`ProbeError`].
    pub fn drain(&mut self, mut take: impl FnMut(&Captured<'_>)) -> Result<usize, ProbeError> {
        let Self { probe, skipped, .. } = self;
        probe.drain(|mark, bytes| match parse(bytes) {
            Ok(mut event) => {
                event.io_uring = mark.io_uring;
                take(&Captured { cpu: mark.cpu, state_only: false, event });
            }
            Err(_) => *skipped += 1,
        })
    }

    /// Reads what is there anew if events were lost since the last time; tells how many then.
    ///
    /// # Errors
    /// See [`ProbeError`].
    pub fn repair(&mut self, engine: &mut Engine) -> Result<Option<u64>, ProbeError> {
        let (lost, now_ns) = (self.losses()?.drops, self.now_ns()?);
        let (repaired, last_ns) = self.repaired;
        if lost == repaired || now_ns < last_ns + REPAIR_EVERY_NS {
            return Ok(None);
        }
        self.repaired = (lost, now_ns);
        self.introduce(engine, |_| {});
        Ok(Some(lost - repaired))
    }

    /// Changes what is recorded.
    ///
    /// # Errors
    /// See [`ProbeError`].
    pub fn set_interest(&mut self, interest: &Interest) -> Result<(), ProbeError> {
        self.probe.set_interest(interest)
    }

    /// How long to wait before the next [`Live::drain`].
    pub fn pause(&self) -> Duration {
        self.probe.pause()
    }

    /// Nanoseconds since 1970 by the clock of the events.
    ///
    /// # Errors
    /// See [`ProbeError`].
    pub fn now_ns(&self) -> Result<u64, ProbeError> {
        self.probe.now_ns()
    }

    /// Events that could not be read.
    pub fn skipped(&self) -> u64 {
        self.skipped
    }

    /// What became of all events, by type and processor.
    ///
    /// # Errors
    /// See [`ProbeError`].
    pub fn ledger(&self) -> Result<Ledger, ProbeError> {
        self.probe.ledger()
    }

    /// Events and losses so far.
    ///
    /// # Errors
    /// See [`ProbeError`].
    pub fn losses(&self) -> Result<LossCounters, ProbeError> {
        use peregrine_probe::Loss;
        let ledger = self.ledger()?;
        let mut all = LossCounters::default();
        for (&(code, _), losses) in &ledger.by_type {
            let full = losses.of(Loss::RingFull);
            all.events += losses.sent + losses.missing();
            all.drops += losses.missing();
            all.buffer += full;
            if let Some(of_group) = all.buffer_by_group.get_mut(group(code)) {
                *of_group += full;
            }
            all.scratch_map += losses.of(Loss::Nested);
        }
        Ok(all)
    }
}

fn parse(bytes: &[u8]) -> Result<EventView<'_>, MalformedEvent> {
    EventView::parse(bytes, width_of(EventCode(u16_at(bytes, 20))))
}
