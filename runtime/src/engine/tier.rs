//! When states of the rules become native code.
//!
//! Rules protect from the first event on, by interpretation. What many events walk is compiled: at once
//! ([`Jit::Eager`]), or on a thread beside ([`Jit::Tiered`]), and put in between two events. Where memory cannot
//! be made executable that is said once, and interpretation goes on.

use peregrine_compiler::codegen::Compiler;
use peregrine_compiler::staged::{Compiled, Job, Staged};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread::{self, JoinHandle};

/// Events between two looks at what the thread has done.
const POLL_EVERY: u32 = 128;

/// Whether and when native code is made.
#[derive(Copy, Clone, PartialEq, Eq, Debug, Default)]
pub enum Jit {
    /// Never.
    Off,
    /// Where few events have been, before the next one.
    Eager,
    /// Where many events have been, on a thread of its own.
    #[default]
    Tiered,
}

impl Jit {
    /// Events after which a state is to be native code.
    pub(super) fn after(self) -> Option<u32> {
        match self {
            Self::Off => None,
            Self::Eager => Some(16),
            Self::Tiered => Some(512),
        }
    }
}

/// Makes native code.
#[derive(Debug)]
pub(super) struct Tier {
    how: How,
    /// Jobs that have been given to the thread and are not back.
    pending: usize,
    /// Events until the next look.
    until_poll: u32,
}

#[derive(Debug)]
enum How {
    Nothing,
    AtOnce(Box<Compiler>),
    Beside(Worker),
}

#[derive(Debug)]
struct Worker {
    jobs: Option<Sender<Job>>,
    /// Nobody waits for what is still to do.
    stop: Arc<AtomicBool>,
    done: Receiver<Compiled>,
    thread: Option<JoinHandle<()>>,
}

impl Drop for Worker {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
        self.jobs = None;
        if let Some(thread) = self.thread.take() {
            // it ends when it finds no further job; it cannot have panicked with something to tell
            let _ = thread.join();
        }
    }
}

impl Worker {
    fn start(compiler: Compiler) -> Option<Self> {
        let (jobs, to_do) = channel::<Job>();
        let (finished, done) = channel();
        let stop = Arc::new(AtomicBool::new(false));
        let stopped = Arc::clone(&stop);
        let work = move || {
            while let Ok(job) = to_do.recv() {
                if stopped.load(Ordering::Relaxed) || finished.send(job.compile(&compiler)).is_err() {
                    return;
                }
            }
        };
        let thread = thread::Builder::new().name("peregrine-jit".to_owned()).spawn(work).ok()?;
        Some(Self { jobs: Some(jobs), stop, done, thread: Some(thread) })
    }
}

impl Tier {
    /// For a mode; also why there is no native code although it is wanted.
    pub(super) fn new(jit: Jit) -> (Self, Option<String>) {
        let (how, why_not) = match (jit, (jit != Jit::Off).then(Compiler::new)) {
            (_, None) | (Jit::Off, _) => (How::Nothing, None),
            (_, Some(Err(error))) => (How::Nothing, Some(error.to_string())),
            (Jit::Eager, Some(Ok(compiler))) => (How::AtOnce(Box::new(compiler)), None),
            (Jit::Tiered, Some(Ok(compiler))) => match Worker::start(compiler) {
                Some(worker) => (How::Beside(worker), None),
                None => (How::Nothing, Some("no thread can be started for it".to_owned())),
            },
        };
        (Self { how, pending: 0, until_poll: 0 }, why_not)
    }

    /// Whether native code can be made.
    pub(super) fn is_on(&self) -> bool {
        !matches!(self.how, How::Nothing)
    }

    /// Takes new jobs, puts in what is done. For between two events.
    #[inline]
    pub(super) fn between_events(&mut self, staged: &mut Staged) {
        if staged.has_jobs() {
            self.take(staged);
        }
        if self.pending > 0 {
            self.until_poll = self.until_poll.wrapping_sub(1);
            if self.until_poll > POLL_EVERY {
                self.until_poll = POLL_EVERY;
                self.poll(staged);
            }
        }
    }

    #[cold]
    fn take(&mut self, staged: &mut Staged) {
        for job in staged.take_jobs() {
            match &self.how {
                How::Nothing => {}
                How::AtOnce(compiler) => staged.install(job.compile(compiler)),
                How::Beside(worker) => {
                    if worker.jobs.as_ref().is_some_and(|jobs| jobs.send(job).is_ok()) {
                        self.pending += 1;
                    }
                }
            }
        }
    }

    #[cold]
    fn poll(&mut self, staged: &mut Staged) {
        let How::Beside(worker) = &self.how else { return };
        while let Ok(compiled) = worker.done.try_recv() {
            self.pending -= 1;
            staged.install(compiled);
        }
    }
}
