//! When facts that were computed earlier still hold.
//!
//! What a rule asks about a process (its name, its user, its ancestors) is the same for most of its events, and
//! so is what it asks about a descriptor. Who keeps such answers keeps the stamps with them:
//!
//! * **process facts**, the fields of the scopes `Process` and `Container` except those that look up the leader
//!   of a session or process group: equal while [`State::facts_generation`] and [`Thread::version`] of the thread
//!   at the same [`ThreadId`](super::ThreadId) are equal;
//! * **descriptor facts**, the fields of the scope `Fd`, for events that are about a descriptor that is known:
//!   equal while [`State::facts_generation`] and [`State::fd_version`] are equal, whatever the thread and the
//!   number. Copies that a child inherits have the version of their originals.
//!
//! All stamps come from one counter that never goes back, so a thread in a place that was another's, or after the
//! beginning of another capture, has a stamp that none had before. 0 is no stamp.
//!
//! How it is kept: threads are entered, tied and removed by the thread table alone, which stamps; actions that
//! change facts of threads say so by their [type](super::update); descriptors are changed through
//! `FdTable::change` and `insert` only. `tests/facts.rs` compares values with equal stamps.

use super::thread::Thread;
use super::{Current, State};
use std::sync::atomic::{AtomicU64, Ordering};

/// The counter.
#[derive(Copy, Clone, Debug)]
pub(super) struct Stamps {
    last: u64,
    generation: u64,
}

impl Default for Stamps {
    /// Begins where no other state of this program has stamps: one ruleset may see several captures.
    fn default() -> Self {
        static STATES: AtomicU64 = AtomicU64::new(0);
        let last = STATES.fetch_add(1, Ordering::Relaxed) << STAMP_BITS;
        Self { last, generation: last }
    }
}

/// Stamps of one state: at a million a second they last for 12 days, at the most that is likely for years.
const STAMP_BITS: u32 = 40;

impl Stamps {
    /// A stamp that nobody has.
    pub(super) fn next(&mut self) -> u64 {
        self.last += 1;
        self.last
    }

    /// As many stamps; gives the first one.
    pub(super) fn reserve(&mut self, count: usize) -> u64 {
        let first = self.last + 1;
        self.last += count as u64;
        first
    }

    /// Makes all stamps count for nothing.
    pub(super) fn new_generation(&mut self) {
        self.generation = self.next();
    }

    pub(super) fn generation(self) -> u64 {
        self.generation
    }
}

/// What an action changed of the facts about the event's thread.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub(super) enum Changed {
    Nothing,
    /// Facts of the thread, which those behind it see too.
    Thread,
    /// Facts that the first thread of the process keeps for all.
    Process,
    /// Facts of the thread, and the container, which belongs to what is seen of its descriptors.
    Container,
}

impl State {
    /// Changes when facts about many threads or descriptors may have changed at once: another capture begins,
    /// something of a snapshot arrives, users, groups or interfaces change. Ordinary events leave it alone.
    pub fn facts_generation(&self) -> u64 {
        self.threads.generation()
    }

    /// Stamp of what is seen of the event's descriptor. `None` if it is not known, and for a thread that is not
    /// in the same container as the one that owns the descriptor, because some facts name the container.
    pub fn fd_version(&self, current: &Current) -> Option<u64> {
        let thread = self.thread(current)?;
        let fd = self.fd(current)?;
        let owner = self.threads.fd_owner(thread)?;
        let alike = owner == thread.tid || self.threads.get(owner)?.container == thread.container;
        alike.then(|| fd.version())
    }

    /// Changes a thread, if it is known, for sources that know more of it than events and snapshots tell. Ids of
    /// threads and its descriptors are not to be changed here: ties would not follow.
    pub fn change_thread(&mut self, tid: i64, change: impl FnOnce(&mut Thread)) {
        if let Some(thread) = self.threads.get_mut(tid) {
            change(thread);
            self.threads.touch(tid);
            self.restamp_fds(tid);
        }
    }

    /// Stamps what an action changed.
    pub(super) fn stamp(&mut self, current: &Current, changed: Changed) {
        let Some(thread) = self.thread(current) else { return };
        let tid = thread.tid;
        match changed {
            Changed::Nothing => {}
            Changed::Thread => self.threads.touch(tid),
            Changed::Process => {
                let main = self.threads.main_of(thread).map_or(tid, |t| t.tid);
                self.threads.touch(main);
            }
            Changed::Container => {
                self.threads.touch(tid);
                self.restamp_fds(tid);
            }
        }
    }

    /// A thread is in another container than before, or than the one it has its descriptors from.
    pub(super) fn restamp_fds(&mut self, tid: i64) {
        let count = self.threads.get(tid).map_or(0, |t| t.fds.len());
        let first = self.threads.stamps(count);
        if let Some(thread) = self.threads.get_mut(tid) {
            thread.fds.restamp(first);
        }
    }
}

impl Changed {
    /// Of a value that is set anew.
    pub(super) fn thread_if(changed: bool) -> Self {
        if changed { Self::Thread } else { Self::Nothing }
    }
}

/// Puts a value; tells whether it is another one.
pub(super) fn put<T: PartialEq>(slot: &mut T, value: T) -> bool {
    let other = *slot != value;
    *slot = value;
    other
}
