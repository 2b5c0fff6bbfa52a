//! What the engine knows of the machine: threads, descriptors, users, interfaces.
//!
//! In: events in order, and the snapshot that a capture or a live start begins with. Out: for each event the
//! thread and descriptor that it is about ([`Current`]), with the state as it is after the event; rules look
//! at that. What must go only after the rules have seen it (a closed descriptor, an ended thread) goes when
//! the next event arrives.
//!
//! Everything is bounded by [`Limits`]; what is refused, evicted or unknown is counted in [`Counters`].
//! Missing predecessors are normal (drops, a start in the middle): an event of an unknown thread makes an
//! entry with nothing but its number.

mod container;
mod facts;
pub mod fd;
mod network;
mod order;
mod path;
mod snapshot;
mod text;
mod thread;
mod threads;
mod update;
mod users;

pub use fd::{End, Fd, FdFlags, FdKind, FdTable, L4, Tuple};
pub use network::Interfaces;
pub(crate) use path::{is_plain as is_plain_path, resolve_in as resolve_path_in};
pub use text::Text;
pub(crate) use text::items as text_items;
pub use thread::{Thread, ThreadFlags};
pub use threads::{ThreadId, ThreadTable};
pub(crate) use update::{UNKNOWN_DIR, changes_state};
pub use users::{User, Users};

use crate::source::capture::{Machine, Process};
use update::Dispatch;

/// Bounds of the state.
#[derive(Clone, Debug)]
pub struct Limits {
    /// Threads.
    pub threads: usize,
    /// Descriptors of a process.
    pub fds: usize,
    /// Users and groups.
    pub users: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { threads: 262_144, fds: 4096, users: 65_536 }
    }
}

/// What did not go as it should.
#[derive(Copy, Clone, PartialEq, Eq, Debug, Default)]
pub struct Counters {
    /// Threads that a full table refused.
    pub threads_refused: u64,
    /// Threads made from nothing but their number.
    pub threads_unknown: u64,
    /// Descriptors that a full table refused.
    pub fds_refused: u64,
    /// Events on descriptors that are not known.
    pub fds_unknown: u64,
    /// Users and groups that a full table refused.
    pub users_refused: u64,
    /// Unknown threads that were found in /proc.
    pub threads_looked_up: u64,
}

/// What an event is about.
#[derive(Copy, Clone, Debug)]
pub struct Current {
    /// Its thread; `None` for events that have none, and when the table is full.
    pub thread: Option<ThreadId>,
    /// The descriptor; -1 none.
    pub fd: i64,
    /// The event changed the descriptor's name.
    pub name_changed: bool,
}

impl Current {
    const NONE: Self = Self { thread: None, fd: -1, name_changed: false };
}

/// Finds threads that no event told of.
struct Lookup(Box<dyn FnMut(i64) -> Vec<Process> + Send>);

impl std::fmt::Debug for Lookup {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Lookup")
    }
}

/// The state of a machine.
#[derive(Debug)]
pub struct State {
    /// Threads.
    pub threads: ThreadTable,
    /// Users and groups.
    pub users: Users,
    /// Network interfaces.
    pub interfaces: Interfaces,
    /// The machine.
    pub machine: Machine,
    limits: Limits,
    counters: Counters,
    dispatch: Dispatch,
    /// Descriptor to remove when the next event arrives: its owner and number.
    closed: Option<(ThreadId, i64)>,
    /// Thread to remove when the next event arrives.
    ended: Option<i64>,
    /// The snapshot's threads are being read and have no ties yet.
    loading: bool,
    /// Where threads are looked for that no event told of.
    lookup: Option<Lookup>,
    /// Some enter event has left something for its exit: new captures have none.
    pending: bool,
}

impl State {
    /// Nothing known.
    pub fn new(limits: Limits) -> Self {
        Self {
            threads: ThreadTable::default(),
            users: Users::default(),
            interfaces: Interfaces::default(),
            machine: Machine::default(),
            limits,
            counters: Counters::default(),
            dispatch: Dispatch::new(),
            closed: None,
            ended: None,
            loading: false,
            lookup: None,
            pending: false,
        }
    }

    /// Looks for threads of which no event has told with `find`, which gives a thread and, before it, its process:
    /// for events of this machine.
    pub fn look_up_with(&mut self, find: impl FnMut(i64) -> Vec<Process> + Send + 'static) {
        self.lookup = Some(Lookup(Box::new(find)));
    }

    /// What did not go as it should so far.
    pub fn counters(&self) -> Counters {
        self.counters
    }

    /// The thread of an event.
    pub fn thread(&self, current: &Current) -> Option<&Thread> {
        self.threads.at(current.thread?)
    }

    /// The descriptor of an event.
    pub fn fd(&self, current: &Current) -> Option<&Fd> {
        if current.fd < 0 {
            return None;
        }
        self.threads.fds_of(self.thread(current)?)?.get(current.fd)
    }
}
