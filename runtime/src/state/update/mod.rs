//! What each event changes.
//!
//! [`State::update`] finds the event's thread and descriptor and then runs the action of its type, if it
//! has one. Actions are one function each, by topic: processes, files, sockets, ids. The kind of an action
//! ([`Action`]) says what it may change of the facts that others keep (`state/facts.rs`).

mod files;
mod ids;
mod meta;
mod process;
mod sockets;

pub(crate) use files::UNKNOWN_DIR;
pub(super) use files::{directory, file_flags};
pub(super) use sockets::{end_text, tuple_text};

use super::facts::Changed;
use super::fd::{Fd, Stored};
use super::thread::{Pending, Thread};
use super::threads::ThreadId;
use super::{Current, State};
use crate::event::view::EventView;
use crate::event::{EVENTS, EventFlags};
use peregrine_compiler::schema::{EventCode, Type};
use std::mem;

/// What is done for an event, by what it may change.
#[derive(Copy, Clone, Debug)]
enum Action {
    /// Descriptors, through [`FdTable`](super::FdTable), and what is pending.
    Fds(fn(&mut State, &EventView<'_>, &mut Current)),
    /// Threads come or go, through [`ThreadTable`](super::ThreadTable).
    Threads(fn(&mut State, &EventView<'_>, &mut Current)),
    /// Facts about the event's thread or process, as it says.
    Facts(fn(&mut State, &EventView<'_>, &mut Current) -> Changed),
    /// What fields of the scope `Event` show, and who takes orphans.
    Counts(fn(&mut State, &EventView<'_>, &mut Current)),
    /// Facts about many threads.
    World(fn(&mut State, &EventView<'_>)),
}

/// What is done for an event type.
#[derive(Copy, Clone, Debug)]
struct Entry {
    /// Parameter with the descriptor that the event works on.
    fd: Option<u8>,
    /// An unknown thread is not entered into the table.
    lookup_only: bool,
    action: Option<Action>,
}

/// [`Entry`] of every event type, by code.
#[derive(Debug)]
pub(super) struct Dispatch(Vec<Entry>);

impl Dispatch {
    pub(super) fn new() -> Self {
        Self(EVENTS.iter().map(entry).collect())
    }
}

fn entry(info: &crate::event::EventInfo) -> Entry {
    let is_fd = |ty: Type| matches!(ty, Type::Fd);
    let first_is_result = info.params.first().is_some_and(|p| p.name == "res");
    let uses_fd = info.flags.contains(EventFlags::USES_FD) && !info.is_syscall_enter();
    let fd = info
        .params
        .iter()
        .enumerate()
        .find(|(i, p)| is_fd(p.ty) && !(*i == 0 && first_is_result))
        .map(|(i, _)| i as u8)
        .filter(|_| uses_fd);
    Entry {
        fd,
        lookup_only: info.flags.contains(EventFlags::SKIPS_PARSE_RESET)
            || matches!(info.name, "clone" | "fork" | "vfork" | "clone3" | "switch"),
        action: action(info.code.0),
    }
}

/// The action of an event type, by code of the current schema.
fn action(code: u16) -> Option<Action> {
    use Action::{Counts, Facts, Fds, Threads, World};
    Some(match code {
        3 | 307 | 327 | 59 | 337 => Fds(files::open),
        2 | 58 | 306 | 326 => Fds(files::open_enter),
        5 => Fds(files::close),
        451 => Fds(files::close_range),
        363 | 365 | 367 => Fds(files::dup),
        151 => Fds(files::fcntl),
        61 | 393 => Fds(files::pipe),
        63 | 397 => Fds(files::eventfd),
        127 | 399 => Fds(files::signalfd),
        137 => Fds(files::timerfd),
        139 | 395 => Fds(files::inotify),
        375 | 377 => Fds(files::epoll),
        369 => Fds(files::bpf),
        321 => Fds(files::userfaultfd),
        339 => Fds(files::io_uring),
        405 => Fds(files::memfd),
        409 => Fds(files::pidfd_open),
        407 => Fds(files::pidfd_getfd),
        95 => Facts(files::chdir),
        97 => Facts(files::fchdir),
        93 => Facts(files::getcwd),
        267 => Facts(files::chroot),
        19 => Fds(sockets::socket),
        43 => Fds(sockets::socketpair),
        21 => Fds(sockets::bind),
        22 => Fds(sockets::connect_enter),
        23 => Fds(sockets::connect),
        247 | 389 => Fds(sockets::accept),
        29 | 31 | 49 | 51 => Fds(sockets::send),
        33 | 35 | 53 | 55 => Fds(sockets::receive),
        223 | 225 | 227 | 335 => Threads(process::clone),
        293 | 331 => Facts(process::exec),
        292 | 330 => Fds(process::exec_enter),
        186 => Threads(process::exit),
        199 => Facts(ids::setuid),
        201 => Facts(ids::setgid),
        193 | 427 => Facts(ids::seteuid),
        195 | 429 => Facts(ids::setegid),
        275 => Facts(ids::setsid),
        353 => Facts(ids::capset),
        241 | 285 => Facts(ids::namespaces),
        401 => Counts(ids::prctl),
        141 | 143 => Counts(ids::rlimit),
        145 => Counts(ids::prlimit),
        159 | 161 | 163 | 165 => Counts(ids::memory),
        354 => World(meta::user_added),
        356 => World(meta::user_deleted),
        358 => World(meta::group_added),
        360 => World(meta::group_deleted),
        _ => return None,
    })
}

/// Whether an event may change the state, beside making its thread known.
pub(crate) fn changes_state(event: &EventView<'_>) -> bool {
    match event.code.0 {
        // opening and closing that failed
        3 | 5 | 59 | 307 | 327 | 337 if event.int(0).is_some_and(|res| res < 0) => false,
        code => action(code).is_some(),
    }
}

impl State {
    /// Applies an event and tells what it is about. What the event before it closed or ended goes first.
    pub fn update(&mut self, event: &EventView<'_>) -> Current {
        if self.loading {
            self.end_of_snapshot();
        }
        if self.closed.is_some() || self.ended.is_some() {
            self.settle();
        }
        let mut current = Current::NONE;
        let Some(&entry) = self.dispatch.0.get(usize::from(event.code.0)) else { return current };
        current.thread = match self.threads.find(event.tid) {
            None if !entry.lookup_only => self.unknown_thread(event.tid),
            found => found,
        };
        if let Some(param) = entry.fd {
            current.fd = event.int(usize::from(param)).unwrap_or(-1);
        }
        if self.pending {
            self.forget_pending(event.code, &current);
        }
        if let Some(action) = entry.action {
            self.act(action, event, &mut current);
        }
        current
    }

    fn act(&mut self, action: Action, event: &EventView<'_>, current: &mut Current) {
        match action {
            Action::Fds(act) | Action::Threads(act) | Action::Counts(act) => act(self, event, current),
            Action::Facts(act) => {
                let changed = act(self, event, current);
                self.stamp(current, changed);
            }
            Action::World(act) => {
                act(self, event);
                self.threads.touch_all();
            }
        }
    }

    /// A thread has one system call at a time: when another one ends, the end of the pending one was lost.
    fn forget_pending(&mut self, code: EventCode, current: &Current) {
        let is_exit = !code.0.is_multiple_of(2);
        if let Some(thread) = self.current_thread(current).filter(|_| is_exit)
            && thread.pending.as_deref().is_some_and(|p| !p.is_ended_by(code.0))
        {
            thread.pending = None;
        }
    }

    /// Removes what was kept for the rules' sake.
    fn settle(&mut self) {
        if let Some((owner, fd)) = self.closed.take()
            && let Some(thread) = self.threads.at_mut(owner)
        {
            thread.fds.remove(fd);
        }
        if let Some(tid) = self.ended.take() {
            self.threads.remove(tid);
        }
    }

    /// Enters a thread of which only the number is known.
    fn unknown_thread(&mut self, tid: i64) -> Option<ThreadId> {
        if self.threads.len() >= self.limits.threads {
            self.counters.threads_refused += 1;
            return None;
        }
        if let Some(found) = self.look_up(tid) {
            return Some(found);
        }
        self.counters.threads_unknown += 1;
        Some(self.threads.insert(Thread::unknown(tid)))
    }

    /// Looks for a thread that no event told of where the machine itself can be asked.
    fn look_up(&mut self, tid: i64) -> Option<ThreadId> {
        let mut lookup = self.lookup.take()?;
        let found = (lookup.0)(tid);
        self.lookup = Some(lookup);
        for process in &found {
            if self.threads.find(process.tid).is_none() {
                self.add_process(process);
            }
        }
        self.threads.tie_all();
        let id = self.threads.find(tid)?;
        self.counters.threads_looked_up += 1;
        Some(id)
    }

    fn current_thread(&mut self, current: &Current) -> Option<&mut Thread> {
        self.threads.at_mut(current.thread?)
    }

    /// The thread that owns the descriptors of the event's thread.
    fn fd_owner(&self, current: &Current) -> Option<ThreadId> {
        self.threads.fd_owner_at(current.thread?)
    }

    /// Stores a descriptor that the event made; the event is about it from then on.
    fn store(&mut self, current: &mut Current, number: i64, fd: Fd) {
        let Some(owner) = self.fd_owner(current) else { return };
        let (limit, named) = (self.limits.fds, !fd.name.is_empty());
        let version = self.threads.stamp();
        let Some(thread) = self.threads.at_mut(owner) else { return };
        if thread.fds.insert(number, fd, version, limit) == Stored::Refused {
            self.counters.fds_refused += 1;
            return;
        }
        current.fd = number;
        current.name_changed = named;
        // a descriptor opened anew in place of the one that waits for its end
        if self.closed == Some((owner, number)) {
            self.closed = None;
        }
    }

    /// Changes the event's descriptor and notes if its name changed; counts one that is not known.
    fn change(&mut self, current: &mut Current, change: impl FnOnce(&mut Fd)) {
        let version = self.threads.stamp();
        let owner = self.fd_owner(current).and_then(|owner| self.threads.at_mut(owner));
        match owner.and_then(|thread| thread.fds.change(current.fd, version, change)) {
            Some(name_changed) => current.name_changed = name_changed,
            None => self.counters.fds_unknown += 1,
        }
    }

    fn set_pending(&mut self, current: &Current, pending: Pending) {
        if let Some(thread) = self.current_thread(current) {
            thread.pending = Some(Box::new(pending));
            self.pending = true;
        }
    }

    fn take_pending(&mut self, current: &Current) -> Option<Box<Pending>> {
        if !self.pending {
            return None;
        }
        mem::take(&mut self.current_thread(current)?.pending)
    }
}
