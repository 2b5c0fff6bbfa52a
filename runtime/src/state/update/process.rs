//! Creation, execution and end of processes.
//!
//! Both sides of a clone tell of the child, in any order. The first one makes it; the other one finds it.
//! What only the child can know (it lives in another pid namespace) is left to its own event.

use super::super::facts::Changed;
use super::super::fd::{FdFlags, FdTable};
use super::super::path;
use super::super::text::{Text, set};
use super::super::thread::{NO_ID, Pending, Thread, ThreadFlags};
use super::super::{Current, State, container};
use super::directory;
use crate::event::view::EventView;

/// An entry older than this is of an earlier thread with the same number.
const STALE_NS: u64 = 2_000_000_000;

/// Positions of parameters that clone and exec events share.
mod at {
    pub(super) const EXE: usize = 1;
    pub(super) const ARGS: usize = 2;
    pub(super) const PID: usize = 4;
    pub(super) const PTID: usize = 5;
    pub(super) const CWD: usize = 6;
    pub(super) const FDLIMIT: usize = 7;
    pub(super) const FAULTS: [usize; 2] = [8, 9];
    pub(super) const MEMORY: [usize; 3] = [10, 11, 12];
    pub(super) const COMM: usize = 13;
    pub(super) const CGROUPS: usize = 14;
}

/// The parameters that clone and exec events share.
fn take_common(thread: &mut Thread, event: &EventView<'_>) {
    if let Some(exe) = event.text(at::EXE) {
        set(&mut thread.exe, exe);
    }
    if let Some(comm) = event.text(at::COMM) {
        set(&mut thread.comm, comm);
    } else if event.param(at::COMM).is_some_and(<[u8]>::is_empty) {
        // old captures have no name: the program's
        let exe = thread.exe.clone();
        let name = exe.rsplit(|&b| b == b'/').next().unwrap_or_default();
        set(&mut thread.comm, name);
    }
    set(&mut thread.args, event.param(at::ARGS).unwrap_or_default());
    thread.set_cmdline();
    if let Some(limit) = event.int(at::FDLIMIT) {
        thread.fdlimit = limit;
    }
    for (slot, param) in thread.faults.iter_mut().zip(at::FAULTS) {
        *slot = event.uint(param).unwrap_or(*slot);
    }
    for (slot, param) in thread.memory_kb.iter_mut().zip(at::MEMORY) {
        *slot = event.uint32(param).unwrap_or(*slot);
    }
    let cgroups = event.param(at::CGROUPS).unwrap_or_default();
    if !cgroups.is_empty() && *thread.cgroups != *cgroups {
        thread.cgroups = Text::from(cgroups);
        thread.container = container::id_of(cgroups);
    }
}

/// clone, clone3, fork, vfork
pub(super) fn clone(state: &mut State, event: &EventView<'_>, current: &mut Current) {
    match event.int(0) {
        Some(0) => clone_child(state, event, current),
        Some(child) if child > 0 => clone_caller(state, event, current, child),
        _ => clone_failed(state, event, current),
    }
}

fn clone_failed(state: &mut State, event: &EventView<'_>, current: &mut Current) {
    if current.thread.is_none() {
        current.thread = state.unknown_thread(event.tid);
    }
}

fn clone_flags(event: &EventView<'_>) -> u32 {
    event.uint32(15).unwrap_or(0)
}

/// The caller's side.
fn clone_caller(state: &mut State, event: &EventView<'_>, current: &mut Current, child_tid: i64) {
    if current.thread.is_none() {
        current.thread = state.unknown_thread(event.tid);
    }
    let Some(caller) = state.current_thread(current) else { return };
    if caller.is_invalid() {
        // nothing was known of it; the event tells
        caller.pid = event.int(at::PID).unwrap_or(-1);
        caller.ptid = event.int(at::PTID).unwrap_or(-1);
        (caller.vtid, caller.vpid) =
            (event.int(18).unwrap_or(caller.tid), event.int(19).unwrap_or(caller.pid));
        caller.uid = event.uint32(16).unwrap_or(NO_ID);
        caller.gid = event.uint32(17).unwrap_or(NO_ID);
        take_common(caller, event);
        let tid = caller.tid;
        state.threads.tie(tid);
        state.stamp(current, Changed::Container);
    }
    let Some(caller) = state.thread(current) else { return };
    let flags = clone_flags(event);
    let foreign = ThreadFlags::CLONE_NEWPID | ThreadFlags::CHILD_IN_PIDNS | ThreadFlags::CLONE_PARENT;
    let vfork = event.code.0 == 227;
    if flags & foreign != 0 || caller.tid != caller.vtid || vfork {
        return;
    }
    let caller_tid = caller.tid;
    if let Some(child) = state.threads.get_mut(child_tid) {
        if child.flags.has(ThreadFlags::INVERTED) && event.ts_ns.saturating_sub(child.clone_ns) < STALE_NS {
            child.flags.0 &= !ThreadFlags::INVERTED;
            return;
        }
        state.threads.remove(child_tid);
    }
    let Some(caller) = state.threads.get(caller_tid) else { return };
    let mut child = descend(caller, child_tid, flags);
    if flags & ThreadFlags::CLONE_THREAD != 0 {
        (child.pid, child.ptid, child.vpid) = (caller.pid, caller.ptid, caller.vpid);
    } else {
        (child.pid, child.ptid, child.vpid) = (child_tid, caller_tid, child_tid);
    }
    child.vtid = child_tid;
    take_common(&mut child, event);
    child.uid = event.uint32(16).unwrap_or(child.uid);
    child.gid = event.uint32(17).unwrap_or(child.gid);
    child.clone_ns = event.ts_ns;
    state.enter_child(child, caller_tid, flags);
}

/// The child's side, which knows everything.
fn clone_child(state: &mut State, event: &EventView<'_>, current: &mut Current) {
    let tid = event.tid;
    if let Some(child) = state.threads.get(tid) {
        if !child.is_invalid() && event.ts_ns.saturating_sub(child.clone_ns) < STALE_NS {
            return;
        }
        state.threads.remove(tid);
    }
    let flags = clone_flags(event);
    let pid = event.int(at::PID).unwrap_or(tid);
    let ptid = event.int(at::PTID).unwrap_or(0);
    // a thread takes after its process, a process after its parent
    let model_tid = if flags & ThreadFlags::CLONE_THREAD != 0 { pid } else { ptid };
    let unknown = Thread::unknown(model_tid);
    let model = state.threads.get(model_tid).unwrap_or(&unknown);
    let known = !model.is_invalid();
    let mut child = descend(model, tid, flags | ThreadFlags::INVERTED);
    (child.pid, child.ptid) = (pid, ptid);
    child.vtid = event.int(18).unwrap_or(tid);
    child.vpid = event.int(19).unwrap_or(pid);
    take_common(&mut child, event);
    child.uid = event.uint32(16).unwrap_or(NO_ID);
    child.gid = event.uint32(17).unwrap_or(NO_ID);
    if child.vtid != tid {
        child.pidns_init_start_ns = event.uint(20).unwrap_or(0);
    }
    child.clone_ns = event.ts_ns;
    if !known {
        child.cwd = directory(event.text(at::CWD).unwrap_or_default());
    }
    current.thread = state.enter_child(child, model_tid, flags);
}

/// A child as its creator was, without descriptors and ties.
fn descend(model: &Thread, tid: i64, flags: u32) -> Thread {
    let mut child = Thread::unknown(tid);
    child.flags = ThreadFlags(flags);
    child.exepath = model.exepath.clone();
    child.env = model.env.clone();
    child.cwd = model.cwd.clone();
    child.root = model.root.clone();
    child.cgroups = model.cgroups.clone();
    child.container = model.container.clone();
    (child.comm, child.exe, child.args) = (model.comm.clone(), model.exe.clone(), model.args.clone());
    child.cmdline = model.cmdline.clone();
    (child.sid, child.pgid, child.vpgid) = (model.sid, model.pgid, model.vpgid);
    (child.tty, child.loginuid) = (model.tty, model.loginuid);
    (child.uid, child.gid) = (model.uid, model.gid);
    (child.caps, child.exe_ino) = (model.caps, model.exe_ino);
    child.exe_writable = model.exe_writable;
    child.exe_upper_layer = model.exe_upper_layer;
    child.exe_lower_layer = model.exe_lower_layer;
    child.exe_from_memfd = model.exe_from_memfd;
    (child.fdlimit, child.exec_ns) = (model.fdlimit, model.exec_ns);
    child.pidns_init_start_ns = model.pidns_init_start_ns;
    child
}

impl State {
    /// Enters a child with its creator's descriptors and working directory, unless it shares them.
    fn enter_child(&mut self, mut child: Thread, model: i64, flags: u32) -> Option<super::ThreadId> {
        if self.threads.len() >= self.limits.threads {
            self.counters.threads_refused += 1;
            return None;
        }
        let mut moved = false;
        if let Some(model) = self.threads.get(model) {
            let owner = self.threads.fd_owner(model).and_then(|t| self.threads.get(t));
            moved = owner.is_some_and(|t| t.container != child.container);
            if let Some(main) = self.threads.main_of(model) {
                child.cwd = main.cwd.clone();
            }
            if flags & ThreadFlags::CLONE_THREAD == 0 || flags & ThreadFlags::CLONE_FILES == 0 {
                child.fds = self.threads.fds_of(model).map(FdTable::copy).unwrap_or_default();
            }
        }
        let tid = child.tid;
        let id = self.threads.insert(child);
        self.threads.tie(tid);
        if moved {
            self.restamp_fds(tid);
        }
        Some(id)
    }
}

/// The path as the caller gave it, for kernels that do not tell the resolved one.
pub(super) fn exec_enter(state: &mut State, event: &EventView<'_>, current: &mut Current) {
    let pending = if event.code.0 == 330 {
        Pending {
            code: 330,
            fd: event.int(0).unwrap_or(-1),
            flags: event.uint32(2).unwrap_or(0),
            bytes: event.text(1).unwrap_or_default().to_vec(),
        }
    } else {
        Pending { code: 292, fd: -1, flags: 0, bytes: event.text(0).unwrap_or_default().to_vec() }
    };
    state.set_pending(current, pending);
}

/// execve, execveat
pub(super) fn exec(state: &mut State, event: &EventView<'_>, current: &mut Current) -> Changed {
    let pending = state.take_pending(current);
    if event.int(0).is_none_or(|res| res < 0) {
        return Changed::Nothing;
    }
    leave_group(state, event, current);
    let exepath = exec_path(state, event, current, pending.as_deref());
    let Some(thread) = state.current_thread(current) else { return Changed::Nothing };
    if thread.is_invalid() {
        thread.pid = event.int(at::PID).unwrap_or(thread.tid);
        thread.ptid = event.int(at::PTID).unwrap_or(-1);
        (thread.vtid, thread.vpid) = (thread.tid, thread.pid);
        let tid = thread.tid;
        state.threads.tie(tid);
    }
    let Some(thread) = state.current_thread(current) else { return Changed::Nothing };
    let container = thread.container.clone();
    take_common(thread, event);
    set(&mut thread.env, event.param(15).unwrap_or_default());
    set(&mut thread.exepath, &exepath);
    thread.exec_ns = event.ts_ns;
    take_ids(thread, event);
    thread.fds.remove_where(|_, fd| fd.flags.has(FdFlags::CLOEXEC));
    if thread.container == container { Changed::Thread } else { Changed::Container }
}

/// What an exec event tells of ids, capabilities and the executable.
fn take_ids(thread: &mut Thread, event: &EventView<'_>) {
    const WRITABLE: u32 = 1;
    const UPPER: u32 = 1 << 1;
    const MEMFD: u32 = 1 << 2;
    const LOWER: u32 = 1 << 3;
    thread.tty = event.uint32(16).unwrap_or(thread.tty);
    thread.vpgid = event.int(17).unwrap_or(thread.vpgid);
    thread.loginuid = event.uint32(18).unwrap_or(thread.loginuid);
    if let Some(flags) = event.uint32(19) {
        thread.exe_writable = flags & WRITABLE != 0;
        thread.exe_upper_layer = flags & UPPER != 0;
        thread.exe_from_memfd = flags & MEMFD != 0;
        thread.exe_lower_layer = flags & LOWER != 0;
    }
    for (slot, param) in thread.caps.iter_mut().zip([20, 21, 22]) {
        *slot = event.uint(param).unwrap_or(*slot);
    }
    for (slot, param) in thread.exe_ino.iter_mut().zip([23, 24, 25]) {
        *slot = event.uint(param).unwrap_or(*slot);
    }
    thread.uid = event.uint32(26).unwrap_or(thread.uid);
    thread.pgid = event.int(28).unwrap_or(thread.pgid);
    thread.gid = event.uint32(29).unwrap_or(thread.gid);
}

/// The other threads of the process are gone; one that is not the first takes over its number.
fn leave_group(state: &mut State, event: &EventView<'_>, current: &mut Current) {
    let Some(thread) = state.thread(current) else { return };
    let pid = event.int(at::PID).unwrap_or(thread.pid);
    if thread.is_invalid() || state.threads.alive_threads(thread).unwrap_or(1) <= 1 {
        return;
    }
    // the kernel has renamed the caller already: the event comes from the first thread
    let tid = thread.tid;
    state.threads.remove_others(pid, tid);
    if let Some(thread) = state.threads.get_mut(tid) {
        thread.flags.0 &= !(ThreadFlags::CLONE_THREAD | ThreadFlags::CLONE_FILES);
    }
}

/// Path of the executable: the kernel's if it told, else what can be made of the arguments.
fn exec_path(state: &State, event: &EventView<'_>, current: &Current, pending: Option<&Pending>) -> Vec<u8> {
    const EMPTY_PATH: u32 = 1;
    if let Some(trusted) = event.text(27).filter(|p| !p.is_empty()) {
        // what the kernel says of a file without a name is no part of the path
        return trusted.strip_suffix(b" (deleted)").unwrap_or(trusted).to_vec();
    }
    let unknown = || b"<NA>".to_vec();
    let (dirfd, name, flags) = match pending {
        Some(p) if p.code == 330 => (p.fd, p.bytes.as_slice(), p.flags),
        Some(p) => (-100, p.bytes.as_slice(), 0),
        None => match event.text(30) {
            Some(name) if event.code.0 == 293 => (-100, name, 0),
            _ if event.code.0 == 293 => return Vec::new(),
            _ => return unknown(),
        },
    };
    if name == b"<NA>" {
        if flags & EMPTY_PATH == 0 {
            return unknown();
        }
        let thread = state.thread(current);
        let fd = thread.and_then(|t| state.threads.fds_of(t)).and_then(|t| t.get(dirfd));
        return fd.map_or_else(unknown, |fd| fd.name.to_vec());
    }
    if name.is_empty() {
        return unknown();
    }
    let base = state.base_dir(current, dirfd, name);
    path::resolve(base, name)
}

/// procexit
pub(super) fn exit(state: &mut State, event: &EventView<'_>, current: &mut Current) {
    let reaper = event.int(4).unwrap_or(-1);
    let Some(thread) = state.current_thread(current) else { return };
    thread.reaper = reaper;
    let tid = thread.tid;
    state.threads.set_dead(tid);
    // rules still see it
    if let Some(earlier) = state.ended.replace(tid) {
        state.threads.remove(earlier);
    }
}
